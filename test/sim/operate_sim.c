/* operate_sim.c - what operators turn and read: log, clear, counters, events */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/bed.h"
#include "static/static.h"

#define OK "{\"ok\":true}\n"

static struct bed bed;

static struct bed *begin(const char *conf)
{
	static const struct module *const modules[] = { &static_module, NULL };

	memset(&bed, 0, sizeof(bed));
	bed_begin(&bed, modules, conf);
	router_start(bed.r);
	bed_work(&bed);
	return &bed;
}

static void assert_said(const char *reply, const char *text)
{
	if (!strstr(reply, text))
		fail_msg("'%s' is not in:\n%s", text, reply);
}

static void the_log_is_turned_while_it_runs(void **state)
{
	struct bed *b = begin("");
	struct log_area *mfc = log_area(&b->log, "mfc"), *router = log_area(&b->log, "router");

	(void)state;
	assert_string_equal(bed_ask(b, "log mfc debug"), OK);
	assert_int_equal(mfc->level, LEVEL_DEBUG);
	assert_int_equal(router->level, LEVEL_NOTICE);
	assert_said(bed_ask(b, "show log"), "{\"area\":\"mfc\",\"level\":\"debug\"}\n");
	assert_string_equal(bed_ask(b, "log err"), OK);
	assert_int_equal(mfc->level, LEVEL_ERR);
	assert_int_equal(router->level, LEVEL_ERR);
	assert_int_equal(log_area(&b->log, "new")->level, LEVEL_ERR);
	assert_string_equal(bed_ask(b, "log static 7"), OK);
	assert_int_equal(log_area(&b->log, "static")->level, LEVEL_DEBUG);
	bed_end(b);
}

static void what_the_log_has_not_is_named(void **state)
{
	struct bed *b = begin("");

	(void)state;
	assert_said(bed_ask(b, "log frob debug"),
		    "\"'frob' is no area of the log, there are: router mfc static\",\"column\":5}");
	assert_said(bed_ask(b, "log mfc loud"),
		    "\"'loud' is no level, there are: none err warning notice info debug\","
		    "\"column\":9}");
	assert_said(bed_ask(b, "log loud"), "'loud' is no level");
	assert_said(bed_ask(b, "log"), "a level is missing: none err");
	assert_said(bed_ask(b, "log mfc"), "a level is missing: none err");
	assert_said(bed_ask(b, "log mfc info x"), "error");
	assert_said(bed_ask(b, "log info x"), "'info' is no area");
	assert_int_equal(log_area(&b->log, "mfc")->level, LEVEL_NOTICE);
	bed_end(b);
}

/* Whether the kernel has an entry of the source and group. */
static bool has(struct bed *b, const char *src, const char *grp)
{
	struct sg sg = bed_sg(src, grp);
	struct sim_entry entry;

	return sim_entry(b->k, ip_family(sg.grp), sg, &entry);
}

static struct bed *with_streams(void)
{
	struct bed *b = begin("mroute from eth0 group 239.1.0.0/16 to eth1\n"
			      "mroute from eth0 group ff0e::/16 to eth1\n"
			      "mroute from eth0 group 239.1.1.9 source 10.0.0.9 to eth1\n");

	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	bed_send(b, 1, "10.0.0.2", "239.1.1.1");
	bed_send(b, 1, "10.0.0.1", "239.1.2.1");
	bed_send(b, 1, "10.0.0.1", "239.9.9.9");
	bed_send(b, 1, "10.0.0.2", "239.9.9.9");
	bed_send(b, 1, "fd00::1", "ff0e::1");
	assert_int_equal(sim_nentries(b->k, V4), 6);
	assert_int_equal(sim_nentries(b->k, V6), 1);
	return b;
}

static void clear_forgets_all_that_was_learned(void **state)
{
	struct bed *b = with_streams();

	(void)state;
	assert_string_equal(bed_ask(b, "clear"), OK);
	assert_int_equal(sim_nentries(b->k, V4), 1);
	assert_int_equal(sim_nentries(b->k, V6), 0);
	assert_true(has(b, "10.0.0.9", "239.1.1.9"));
	/* and it comes anew, also where nobody wants it */
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.9.9.9"), "");
	assert_true(has(b, "10.0.0.1", "239.9.9.9"));
	bed_end(b);
}

static void clear_takes_a_group_or_a_source_and_a_group(void **state)
{
	struct bed *b = with_streams();

	(void)state;
	assert_string_equal(bed_ask(b, "clear 10.0.0.2 239.0.0.0/8"), OK);
	assert_false(has(b, "10.0.0.2", "239.1.1.1"));
	assert_false(has(b, "10.0.0.2", "239.9.9.9"));
	assert_int_equal(sim_nentries(b->k, V4), 4);
	assert_string_equal(bed_ask(b, "clear 239.1.1.1"), OK);
	assert_false(has(b, "10.0.0.1", "239.1.1.1"));
	assert_true(has(b, "10.0.0.1", "239.1.2.1"));
	assert_string_equal(bed_ask(b, "clear 10.0.0.0/24 239.9.9.9/32"), OK);
	assert_false(has(b, "10.0.0.1", "239.9.9.9"));
	assert_true(has(b, "10.0.0.1", "239.1.2.1"));
	assert_int_equal(sim_nentries(b->k, V6), 1);
	assert_string_equal(bed_ask(b, "clear fd00::/16 ff0e::/16"), OK);
	assert_int_equal(sim_nentries(b->k, V6), 0);
	/* what is not there is no error */
	assert_string_equal(bed_ask(b, "clear 239.77.1.1"), OK);
	bed_end(b);
}

static void clear_of_nonsense_disturbs_nothing(void **state)
{
	static const char *const wrong[] = {
		"clear all",
		"clear 10.0.0.1",
		"clear 10.0.0.1 10.0.0.2",
		"clear fd00::1 239.1.1.1",
		"clear 10.0.0.1 239.1.1.1 239.1.1.2",
		"clear 239.1.1.1/33",
	};
	struct bed *b = with_streams();

	(void)state;
	for (size_t i = 0; i < NELEMS(wrong); i++)
		assert_said(bed_ask(b, wrong[i]), "{\"error\":");
	assert_int_equal(sim_nentries(b->k, V4), 6);
	bed_end(b);
}

/* The counter's value, -1 if there is none. */
static long counter(struct bed *b, const char *family, const char *area, const char *name)
{
	const char *all = bed_ask(b, "show counters"), *at;
	char begin[128];

	snprintf(begin, sizeof(begin),
		 "{\"area\":\"%s\",\"family\":%s,\"name\":\"%s\",\"value\":", area, family, name);
	at = strstr(all, begin);
	return at ? atol(at + strlen(begin)) : -1;
}

#define IPV4 "\"IPv4\""
#define IPV6 "\"IPv6\""

static void what_happens_is_counted(void **state)
{
	struct bed *b = with_streams();
	struct packet report = { .proto = PROTO_IGMP,
				 .src = bed_ip("10.0.0.1"),
				 .dst = bed_ip("224.0.0.22") };

	(void)state;
	assert_int_equal(counter(b, IPV4, "mfc", "entries"), 6);
	assert_int_equal(counter(b, IPV4, "mfc", "negative"), 2);
	assert_int_equal(counter(b, IPV4, "mfc", "upcalls"), 5);
	assert_int_equal(counter(b, IPV6, "mfc", "upcalls"), 1);
	assert_int_equal(counter(b, IPV4, "mfc", "writes"), 6);
	assert_int_equal(counter(b, IPV4, "mfc", "local"), 0);
	bed_send(b, 1, "169.254.0.1", "239.1.1.1");
	assert_int_equal(counter(b, IPV4, "mfc", "local"), 1);
	router_upcall(b->r, V4, UPCALL_NOROUTE, bed_sg("10.0.0.1", "239.1.1.1"), 31);
	assert_int_equal(counter(b, IPV4, "mfc", "no-interface"), 1);
	router_packet(b->r, 1, &report);
	assert_int_equal(counter(b, IPV4, "packet", "unwanted"), 1);
	assert_int_equal(counter(b, IPV4, "packet", "passed"), 0);
	bed_end(b);
}

static void requests_are_counted(void **state)
{
	struct bed *b = begin("");
	long requests = counter(b, "null", "control", "requests");

	(void)state;
	assert_int_equal(counter(b, "null", "control", "refused"), 0);
	bed_ask(b, "frob");
	assert_int_equal(counter(b, "null", "control", "refused"), 1);
	assert_int_equal(counter(b, "null", "control", "requests"), requests + 4);
	bed_end(b);
}

static void a_refusal_of_the_kernel_is_counted(void **state)
{
	struct bed *b = begin("");

	(void)state;
	sim_refuse(b->k, SIM_MFC_SET, "no memory", 1);
	assert_said(bed_ask(b, "add eth0 10.0.0.1 239.1.1.1 eth1"), "refused by the kernel");
	assert_int_equal(counter(b, IPV4, "mfc", "refused"), 1);
	bed_end(b);
}

/* A client that monitors, and what it heard since the last look. */
static struct session *monitor(struct bed *b, const char *request)
{
	struct session *s = session_open(b->r, true);

	session_input(s, request, strlen(request));
	session_input(s, "\n", 1);
	buf_take(session_output(s), buf_len(session_output(s)));
	return s;
}

static const char *heard(struct bed *b, struct session *s)
{
	static char text[4096];
	struct buf *out = session_output(s);
	size_t len;

	bed_work(b);
	len = buf_len(out);
	assert_true(len < sizeof(text));
	memcpy(text, buf_at(out), len);
	text[len] = '\0';
	buf_take(out, len);
	return text;
}

static void a_monitor_hears_what_it_asked_for(void **state)
{
	struct bed *b = begin("mroute from eth0 group 239.1.0.0/16 to eth1\n");
	struct session *all = monitor(b, "monitor"), *streams = monitor(b, "monitor stream");
	struct session *some = monitor(b, "monitor forgotten interface");

	(void)state;
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	assert_said(heard(b, streams), "{\"event\":\"learned\",\"time\":0,"
				       "\"route\":\"(10.0.0.1,239.1.1.1)\",\"iif\":\"eth0\"}");
	assert_string_equal(heard(b, some), "");
	bed_ask(b, "clear");
	assert_said(heard(b, some), "forgotten");
	assert_said(heard(b, streams), "forgotten");
	sim_link_up(b->k, 9, "eth9");
	assert_string_equal(heard(b, streams), "");
	assert_said(heard(b, some), "eth9");
	assert_said(heard(b, all), "eth9");
	session_close(all);
	session_close(streams);
	session_close(some);
	bed_end(b);
}

static void a_monitor_of_nothing_is_told_what_there_is(void **state)
{
	struct bed *b = begin("");

	(void)state;
	assert_said(bed_ask(b, "monitor stream frob"),
		    "{\"error\":\"there is no event 'frob'; areas of events: stream interface vif "
		    "group route config\",\"column\":16}");
	assert_said(bed_ask(b, "show events"),
		    "{\"area\":\"stream\",\"kind\":\"learned\",\"help\":");
	bed_end(b);
}

static void interfaces_tell_all_their_changes(void **state)
{
	struct bed *b = begin("mroute from eth9 group 239.1.1.1 to eth1\n");
	struct session *s = monitor(b, "monitor interface vif");
	struct link link = { .ifindex = 9, .name = "eth9", .multicast = true, .mtu = 1500 };
	struct prefix address = { .ip = bed_ip("10.9.0.1"), .len = 24 };
	const char *said;

	(void)state;
	sim_link(b->k, &link);
	said = heard(b, s);
	assert_said(said, "\"name\":\"eth9\",\"state\":\"new\"}");
	assert_said(said, "\"name\":\"eth9\",\"family\":\"IPv4\",\"state\":\"made\"}");
	link.up = true;
	sim_link(b->k, &link);
	assert_said(heard(b, s), "\"name\":\"eth9\",\"state\":\"up\"}");
	sim_address(b->k, 9, &address, true);
	assert_said(heard(b, s), "\"address\":\"10.9.0.1/24\",\"state\":\"new\"}");
	sim_address(b->k, 9, &address, false);
	assert_said(heard(b, s), "\"address\":\"10.9.0.1/24\",\"state\":\"gone\"}");
	link.name = "wan";
	sim_link(b->k, &link);
	said = heard(b, s);
	assert_said(said, "\"name\":\"wan\",\"state\":\"renamed\",\"from\":\"eth9\"}");
	assert_said(said, "\"name\":\"eth9\",\"family\":\"IPv4\",\"state\":\"taken back\"}");
	sim_link_gone(b->k, 9);
	assert_said(heard(b, s), "\"name\":\"wan\",\"state\":\"gone\"}");
	sim_refuse(b->k, SIM_VIF_ADD, "no room", 1);
	bed_ask(b, "add eth2 239.1.1.1 eth3");
	assert_said(heard(b, s), "\"state\":\"refused\",\"reason\":\"no room\"}");
	session_close(s);
	bed_end(b);
}

static void memberships_and_routes_tell_of_failures(void **state)
{
	struct bed *b = begin("");
	struct session *s = monitor(b, "monitor group route config");
	const char *said;

	(void)state;
	bed_ask(b, "join eth1 239.1.1.1");
	assert_said(heard(b, s), "\"group\":\"239.1.1.1\",\"iif\":\"eth1\",\"state\":\"joined\"}");
	bed_ask(b, "leave eth1 239.1.1.1");
	assert_said(heard(b, s), "\"group\":\"239.1.1.1\",\"iif\":\"eth1\",\"state\":\"left\"}");
	bed_ask(b, "join -w eth9 239.1.1.1");
	assert_said(heard(b, s), "\"state\":\"pending\",\"reason\":\"no such interface\"}");
	sim_refuse(b->k, SIM_JOIN, "too many", 1);
	bed_ask(b, "join eth1 239.1.1.2");
	assert_said(heard(b, s), "\"state\":\"failed\",\"reason\":\"too many\"}");
	sim_refuse(b->k, SIM_MFC_SET, "no memory", 1);
	bed_ask(b, "add eth0 10.0.0.1 239.1.1.1 eth1");
	said = heard(b, s);
	assert_said(said, "\"event\":\"refused\"");
	/* it is tried again with the interfaces that it needs */
	assert_said(said, "\"event\":\"accepted\"");
	router_reload(b->r);
	assert_said(heard(b, s), "\"event\":\"reload\"");
	session_close(s);
	bed_end(b);
}

/* As the kernel finds them fastest, by command and by reload. */
static void what_was_joined_last_is_left_first(void **state)
{
	struct bed *b = begin("mgroup from eth0 group 239.2.0.0/28\n");
	struct session *s = monitor(b, "monitor group");
	const char *said, *last, *first;

	(void)state;
	bed_ask(b, "join eth1 239.1.1.0/30");
	heard(b, s);
	bed_ask(b, "leave eth1 239.1.1.0/30");
	said = heard(b, s);
	last = strstr(said, "239.1.1.3");
	first = strstr(said, "239.1.1.0");
	assert_true(last && first && last < first);
	sim_file(b->k, BED_CONF, "");
	assert_true(bed_reload(b));
	said = heard(b, s);
	last = strstr(said, "239.2.0.15");
	first = strstr(said, "239.2.0.0");
	assert_true(last && first && last < first);
	session_close(s);
	bed_end(b);
}

/* More than a megabyte waits for it. */
static void who_does_not_read_is_dropped(void **state)
{
	struct bed *b = begin("mroute from eth0 group 239.1.0.0/16 to eth1\n");
	struct session *s = monitor(b, "monitor stream"), *other = monitor(b, "monitor interface");

	(void)state;
	for (int i = 0; i < 20000 && !session_is_over(s); i++) {
		bed_send(b, 1, "10.0.0.1", "239.1.1.1");
		bed_ask(b, "clear");
	}
	assert_true(session_is_over(s));
	assert_false(session_is_over(other));
	assert_int_equal(counter(b, "null", "control", "deaf"), 1);
	session_close(s);
	session_close(other);
	bed_end(b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_is_turned_while_it_runs),
		cmocka_unit_test(what_the_log_has_not_is_named),
		cmocka_unit_test(clear_forgets_all_that_was_learned),
		cmocka_unit_test(clear_takes_a_group_or_a_source_and_a_group),
		cmocka_unit_test(clear_of_nonsense_disturbs_nothing),
		cmocka_unit_test(what_happens_is_counted),
		cmocka_unit_test(requests_are_counted),
		cmocka_unit_test(a_refusal_of_the_kernel_is_counted),
		cmocka_unit_test(a_monitor_hears_what_it_asked_for),
		cmocka_unit_test(a_monitor_of_nothing_is_told_what_there_is),
		cmocka_unit_test(interfaces_tell_all_their_changes),
		cmocka_unit_test(memberships_and_routes_tell_of_failures),
		cmocka_unit_test(what_was_joined_last_is_left_first),
		cmocka_unit_test(who_does_not_read_is_dropped),
	};

	return cmocka_run_group_tests_name("operators' commands", tests, NULL, NULL);
}
