/* ctl_pattern_test.c - what may stand next, by the arguments that help names */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../smcroutectl/pattern.h"

static char said[512];

static void say(void *arg, struct text expected)
{
	size_t len = strlen(said);

	(void)arg;
	snprintf(said + len, sizeof(said) - len, "%s%.*s", len ? " " : "", (int)expected.len,
		 expected.at);
}

/* What may stand behind the words, all in one line. */
static const char *next(const char *args, const char *line)
{
	char text[256], *word[32], *rest = text, *one;
	struct pattern p;
	unsigned n = 0;

	snprintf(text, sizeof(text), "%s", line);
	while ((one = strsep(&rest, " "))) {
		if (*one)
			word[n++] = one;
	}
	pattern_read(&p, (struct text){ args, strlen(args) });
	*said = '\0';
	pattern_next(&p, word, n, say, NULL);
	return said;
}

static void routes_are_interfaces_and_addresses(void **state)
{
	static const char args[] = "[-w] [kernel] IIF [SOURCE[/LEN]] GROUP[/LEN] OIF...";

	(void)state;
	assert_string_equal(next(args, ""), "-w kernel IIF");
	assert_string_equal(next(args, "kernel"), "IIF");
	assert_string_equal(next(args, "-w kernel eth0"), "SOURCE GROUP");
	assert_string_equal(next(args, "-w"), "kernel IIF");
	assert_string_equal(next(args, "eth0 10.0.0.1"), "GROUP OIF");
	assert_string_equal(next(args, "eth0 fd00::1 ff05::1"), "OIF");
	assert_string_equal(next(args, "eth0 239.1.1.1/24 eth1 eth2"), "OIF");
	assert_string_equal(next(args, "eth0 eth1"), "");
	assert_string_equal(next("IFNAME [SRC[/LEN]] GROUP[/LEN] [IFNAME ...]", "eth0 239.1.1.1 e"),
			    "IFNAME");
	assert_string_equal(next("IIF [SOURCE[/LEN]] GROUP[/LEN]", "eth0 10.0.0.1 239.1.1.1"), "");
}

static void brackets_nest_and_repeat(void **state)
{
	(void)state;
	assert_string_equal(next("[[SOURCE[/LEN]] GROUP[/LEN]]", ""), "SOURCE GROUP");
	assert_string_equal(next("[[SOURCE[/LEN]] GROUP[/LEN]]", "10.0.0.1 239.1.1.1"), "");
	assert_string_equal(next("[AREA] LEVEL", ""), "AREA LEVEL");
	assert_string_equal(next("[AREA] LEVEL", "mfc"), "LEVEL");
	assert_string_equal(next("[KIND...]", "a b c"), "KIND");
	assert_string_equal(next("[KIND ...]", "a b c"), "KIND");
	assert_string_equal(next("[routes|groups] [detail]", ""), "routes groups detail");
	assert_string_equal(next("[routes|groups] [detail]", "groups"), "detail");
	assert_string_equal(next("", ""), "");
	assert_string_equal(next("", "a"), "");
}

static void options_with_names_come_in_any_order(void **state)
{
	static const char args[] = "GROUP [via IF] [port N] [count N]";

	(void)state;
	assert_string_equal(next(args, "239.1.1.1"), "via port count");
	assert_string_equal(next(args, "239.1.1.1 count"), "N");
	assert_string_equal(next(args, "239.1.1.1 count 5"), "via port count");
	assert_string_equal(next(args, "239.1.1.1 port 5 via"), "IF");
}

static void what_is_not_closed_or_too_long_is_cut(void **state)
{
	static const char args[] = "[[[[[[[[[[ A ]] B [C";
	char many[1024] = "";

	(void)state;
	next(args, "a b c");
	next("]]] ... [", "a");
	for (int i = 0; i < 200; i++)
		strcat(many, "[A]");
	assert_true(*next(many, "a b"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_interfaces_and_addresses),
		cmocka_unit_test(brackets_nest_and_repeat),
		cmocka_unit_test(options_with_names_come_in_any_order),
		cmocka_unit_test(what_is_not_closed_or_too_long_is_cut),
	};

	return cmocka_run_group_tests_name("smcroutectl patterns", tests, NULL, NULL);
}
