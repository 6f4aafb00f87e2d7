/* ctl_traffic_test.c - the words of send and listen */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../smcroutectl/traffic.h"

/* Reads "WORD WORD..." as the command's; what it says on stderr goes nowhere. */
static bool parses(struct traffic *t, enum traffic_verb verb, const char *line)
{
	static char copy[256];
	char *words[32], *next = copy;
	int n = 0, saved = dup(STDERR_FILENO);
	bool good;

	snprintf(copy, sizeof(copy), "%s", line);
	while (*line && (words[n] = strsep(&next, " ")))
		n++;
	words[n] = NULL;
	assert_non_null(freopen("/dev/null", "w", stderr));
	good = traffic_parse(t, verb, words);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	return good;
}

static void send_has_defaults(void **state)
{
	struct traffic t;

	(void)state;
	assert_true(parses(&t, TRAFFIC_SEND, "225.1.1.1"));
	assert_int_equal(t.port, 5001);
	assert_int_equal(t.ttl, 16);
	assert_int_equal(t.count, 0);
	assert_int_equal(t.interval, 1000000000);
	assert_true(t.size >= PROBE_SIZE);
	assert_null(t.ifname);
}

static void send_takes_all_its_words_in_any_order(void **state)
{
	struct traffic t;

	(void)state;
	assert_true(parses(&t, TRAFFIC_SEND,
			   "ff3e::1 size 1400 ttl 3 via lo interval 0.25 count 7 port 99"));
	assert_true(ip_family(t.group) == V6);
	assert_int_equal(t.size, 1400);
	assert_int_equal(t.ttl, 3);
	assert_int_equal(t.interval, 250000);
	assert_int_equal(t.count, 7);
	assert_int_equal(t.port, 99);
	assert_string_equal(t.ifname, "lo");
	assert_int_equal(t.ifindex, 1);
}

static void listen_takes_a_source_before_the_group(void **state)
{
	struct traffic t;

	(void)state;
	assert_true(parses(&t, TRAFFIC_LISTEN, "10.0.0.1 232.1.1.1 on lo for 1.5 count 3"));
	assert_true(ip_eq(t.source, ip_v4(0x0a000001)));
	assert_true(ip_eq(t.group, ip_v4(0xe8010101)));
	assert_int_equal(t.duration, 1500000000);
	assert_true(parses(&t, TRAFFIC_LISTEN, "232.1.1.1"));
	assert_true(ip_is_any(t.source));
	assert_int_equal(t.duration, 0);
}

static void nonsense_is_refused(void **state)
{
	static const char *const send[] = {
		"",
		"x",
		"10.0.0.1",
		"10.0.0.1 225.1.1.1",
		"225.1.1.1 225.1.1.2",
		"225.1.1.1 port",
		"225.1.1.1 port 0",
		"225.1.1.1 port 65536",
		"225.1.1.1 port 5x",
		"225.1.1.1 port 5.5",
		"225.1.1.1 ttl 256",
		"225.1.1.1 ttl 0",
		"225.1.1.1 size 27",
		"225.1.1.1 size 65508",
		"225.1.1.1 interval -1",
		"225.1.1.1 interval nan",
		"225.1.1.1 interval inf",
		"225.1.1.1 count 0",
		"225.1.1.1 count 1e30",
		"225.1.1.1 via",
		"225.1.1.1 via no-such-if",
		"225.1.1.1 on lo",
		"225.1.1.1 for 3",
	};
	static const char *const listen[] = {
		"",
		"10.0.0.1",
		"10.0.0.1 10.0.0.2",
		"10.0.0.1 ff3e::1",
		"225.1.1.1 via lo",
		"225.1.1.1 ttl 3",
		"225.1.1.1 for 0",
		"225.1.1.1 225.1.1.2",
	};
	struct traffic t;

	(void)state;
	for (size_t i = 0; i < NELEMS(send); i++)
		assert_false(parses(&t, TRAFFIC_SEND, send[i]));
	for (size_t i = 0; i < NELEMS(listen); i++)
		assert_false(parses(&t, TRAFFIC_LISTEN, listen[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(send_has_defaults),
		cmocka_unit_test(send_takes_all_its_words_in_any_order),
		cmocka_unit_test(listen_takes_a_source_before_the_group),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests_name("test traffic", tests, NULL, NULL);
}
