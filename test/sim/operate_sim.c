/* operate_sim.c - what operators turn and read: log, clear, counters */
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
	};

	return cmocka_run_group_tests_name("operators' commands", tests, NULL, NULL);
}
