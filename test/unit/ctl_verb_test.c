/* ctl_verb_test.c - abbreviations of commands, and what each asks the daemon */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../smcroutectl/verb.h"

static const char *found(const char *word)
{
	const struct verb *verb = verb_find((struct text){ word, strlen(word) });

	return verb ? verb->name : "-";
}

static void abbreviations_are_those_of_smcroute(void **state)
{
	static const struct {
		const char *verb, *words;
	} rows[] = {
		{ "help", "h he hel help helpme" },
		{ "version", "v ve version versions" },
		{ "flush", "f fl flush flushed" },
		{ "kill", "k ki kill killall" },
		{ "reload", "r re rel relo reload reloading" },
		{ "restart", "res rest restart restarted" },
		{ "show", "s sh sho show shows" },
		{ "add", "a ad add address" },
		{ "remove", "rem remo remove removed" },
		{ "del", "d de del delete" },
		{ "join", "j jo join joins" },
		{ "leave", "l le leave leaves" },
		{ "clear", "c cl clear" },
		{ "log", "lo log" },
		{ "check", "ch check" },
		{ "upgrade", "u up upgrade" },
		{ "monitor", "m mo monitor" },
		{ "complete", "co complete" },
		{ "send", "se sen send" },
		{ "listen", "li lis listen" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		char words[64], *word, *next = words;

		strcpy(words, rows[i].words);
		while ((word = strsep(&next, " ")))
			assert_string_equal(found(word), rows[i].verb);
	}
	assert_string_equal(found(""), "-");
	assert_string_equal(found("x"), "-");
	assert_string_equal(found("helq"), "-");
	assert_string_equal(found("upgraded"), "-");
	assert_string_equal(found("sender"), "-");
	assert_string_equal(found("listener"), "-");
}

/* What a line makes the client ask, "" for nothing; the error if it is refused. */
static const char *asked(const struct options *options, unsigned line, const char *text)
{
	static char said[512];
	struct client c = { .options = options, .fd = -1, .line = line };

	if (verb_ask(&c, text, strlen(text)))
		snprintf(said, sizeof(said), "error: %s", c.error);
	else
		snprintf(said, sizeof(said), "%.*s", (int)buf_len(&c.out), buf_at(&c.out));
	client_free(&c);
	return said;
}

static void lines_become_requests(void **state)
{
	static const struct options plain, json = { .json = true }, detail = { .detail = true };

	(void)state;
	assert_string_equal(asked(&plain, 0, "a eth0 225.1.1.1  eth1"),
			    "add eth0 225.1.1.1  eth1\n");
	assert_string_equal(asked(&plain, 1, " \tdel\teth0 225.1.1.1 # no more"),
			    "remove eth0 225.1.1.1 # no more\n");
	assert_string_equal(asked(&plain, 1, "restart\r"), "reload \n");
	assert_string_equal(asked(&plain, 1, "show"), "show routes \n");
	assert_string_equal(asked(&plain, 1, "s in"), "show interfaces \n");
	assert_string_equal(asked(&plain, 1, "s rout detail"), "show routes detail\n");
	assert_string_equal(asked(&detail, 1, "show"), "show routes detail\n");
	assert_string_equal(asked(&detail, 1, "show g"), "show groups \nshow groups detail \n");
	assert_string_equal(asked(&detail, 1, "show i"), "show interfaces \n");
	assert_string_equal(asked(&plain, 1, "show r more"), "show routes  more\n");
	assert_string_equal(asked(&plain, 1, "show neighbors x"), "show neighbors x\n");
	assert_string_equal(asked(&plain, 1, "show g"), "show groups \n");
	assert_string_equal(asked(&json, 1, "show g"), "show groups \nshow groups detail \n");
	assert_string_equal(asked(&plain, 1, "log"), "show log \n");
	assert_string_equal(asked(&plain, 1, "log # all"), "show log  # all\n");
	assert_string_equal(asked(&plain, 1, "log mfc debug"), "log mfc debug\n");
	assert_string_equal(asked(&plain, 1, "show counters"), "show counters \n");
	assert_string_equal(asked(&plain, 1, "clear 239.1.1.1"), "clear 239.1.1.1\n");
	assert_string_equal(asked(&plain, 1, "reload keep"), "reload keep\n");
	assert_string_equal(asked(&plain, 1, "check /a/b c"), "check /a/b c\n");
	assert_string_equal(asked(&plain, 1, "check "), "check \n");
	assert_int_equal(chdir("/tmp"), 0);
	assert_string_equal(asked(&plain, 1, "check  a/b # c"), "check /tmp/a/b # c\n");
	assert_string_equal(asked(&plain, 1, "show p"), "show routes \nshow groups \n");
}

static void nothing_is_asked_for_nothing(void **state)
{
	static const struct options options;

	(void)state;
	assert_string_equal(asked(&options, 1, ""), "");
	assert_string_equal(asked(&options, 1, " \t \r"), "");
	assert_string_equal(asked(&options, 1, "# add eth0"), "");
	assert_string_equal(asked(&options, 1, "   #add eth0"), "");
}

static void wrong_lines_are_named(void **state)
{
	static const struct options options;

	(void)state;
	assert_string_equal(asked(&options, 1, "frob eth0"),
			    "error: there is no command 'frob', see smcroutectl help");
	assert_string_equal(asked(&options, 1, "send 225.1.1.1"),
			    "error: send cannot stand in a batch");
	assert_string_equal(asked(&options, 1, "help"), "error: help cannot stand in a batch");
	assert_string_equal(asked(&options, 3, "m"),
			    "error: monitor never ends, it cannot stand in a batch");
	assert_string_equal(asked(&options, 0, "m"), "monitor \n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(abbreviations_are_those_of_smcroute),
		cmocka_unit_test(lines_become_requests),
		cmocka_unit_test(nothing_is_asked_for_nothing),
		cmocka_unit_test(wrong_lines_are_named),
	};

	return cmocka_run_group_tests_name("smcroutectl verbs", tests, NULL, NULL);
}
