/* static_sim.c - configured routes over the modelled kernel: from the text to the packet
 *
 * Each test is a router with interfaces eth0 to eth3 (numbers 1 to 4) and a configuration in
 * memory; packets go in and what comes out is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mrd/mrd.h"
#include "sim/bed.h"
#include "static/static.h"

/* As the daemon has them. */
static const struct module *const modules[] = { &static_module, &mrd_module, NULL };

static struct bed *bed_new(const char *conf)
{
	struct bed *b = xcalloc(1, sizeof(*b));

	bed_begin(b, modules, conf);
	router_start(b->r);
	return b;
}

static void bed_free(struct bed *b)
{
	bed_end(b);
	free(b);
}

#define OK "{\"ok\":true}\n"

static void an_exact_route_forwards_the_first_packet(void **state)
{
	struct bed *b = bed_new("mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1 eth2\n"
				"mroute from eth0 source fd00::1 group ff0e::1 to eth3\n");

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2 3");
	assert_string_equal(bed_send(b, 1, "fd00::1", "ff0e::1"), "4");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "");
	assert_string_equal(b->said, "");
	bed_free(b);
}

static void a_group_route_learns_its_sources(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1\n"
				"mroute from eth0 group ff0e::1 to eth1\n");

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_string_equal(bed_send(b, 1, "fd00::1", "ff0e::1"), "2");
	assert_int_equal(sim_nentries(b->k, V4), 2);
	bed_advance(b, SEC(61));
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	bed_advance(b, SEC(61));
	assert_int_equal(sim_nentries(b->k, V4), 1);
	bed_advance(b, SEC(61));
	assert_int_equal(sim_nentries(b->k, V4), 0);
	bed_free(b);
}

static void ranges_are_united_whatever_their_order(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.0.0/16 to eth1\n"
				"mroute from eth0 group 239.1.1.0/24 to eth2\n"
				"mroute from eth0 source 10.0.0.0/8 group 239.0.0.0/8 to eth3\n");

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2 3 4");
	assert_string_equal(bed_send(b, 1, "11.0.0.1", "239.1.1.1"), "2 3");
	assert_string_equal(bed_send(b, 1, "11.0.0.1", "239.1.2.1"), "2");
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.2.2.1"), "4");
	assert_string_equal(bed_send(b, 2, "10.0.0.1", "239.3.2.1"), "");
	bed_free(b);
}

static void a_rule_without_outgoing_interfaces_stops_the_wider_ones(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.0.0/16 to eth1\n"
				"mroute from eth0 group 239.1.1.1\n");

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "");
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.2"), "2");
	bed_free(b);
}

static void commands_change_running_streams(void **state)
{
	struct bed *b = bed_new(NULL);

	(void)state;
	*b->said = '\0';
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "");
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.1 eth1"), OK);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.1 eth2"), OK);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2 3");
	assert_string_equal(bed_ask(b, "remove eth0 239.1.1.1 eth1"), OK);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3");
	assert_string_equal(bed_ask(b, "add eth0 10.0.0.1 239.1.1.1 eth3"), OK);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3 4");
	assert_string_equal(bed_ask(b, "remove eth0 239.1.1.1"), OK);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "4");
	assert_string_equal(bed_ask(b, "remove eth0 10.0.0.1 239.1.1.1"), OK);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "");
	assert_non_null(strstr(bed_ask(b, "remove eth0 239.1.1.1"), "there is no such route"));
	assert_string_equal(b->said, "");
	bed_free(b);
}

/* Whoever can send can make up sources. */
static void learned_streams_have_a_limit(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1\n");
	char src[16];

	(void)state;
	for (unsigned i = 0; i <= 100000; i++) {
		snprintf(src, sizeof(src), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		assert_string_equal(bed_send(b, 1, src, "239.1.1.1"), i < 100000 ? "2" : "");
	}
	assert_non_null(strstr(b->said, "(10.1.134.160,239.1.1.1): not learned: 100000 IPv4 "
					"streams are the limit"));
	assert_non_null(strstr(bed_ask(b, "show counters"), "\"learned\",\"value\":100000,"));
	assert_non_null(strstr(bed_ask(b, "show counters"), "\"learned-limit\",\"value\":1,"));
	/* those that fall silent make room */
	bed_advance(b, SEC(61));
	bed_advance(b, SEC(61));
	assert_string_equal(bed_send(b, 1, src, "239.1.1.1"), "2");
	bed_free(b);
}

static void an_unwanted_source_is_found_when_a_rule_comes(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.9.9.9 to eth1\n");

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "");
	assert_int_equal(sim_nentries(b->k, V4), 1);
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.0/24 eth2"), OK);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3");
	bed_free(b);
}

static void an_interface_that_is_missing_is_waited_for(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1 wg0\n"
				"mroute from wg1 source 10.0.0.1 group 239.1.1.2 to eth1\n");

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	assert_non_null(strstr(bed_ask(b, "show routes"), "\"pending\":[\"wg0\"]"));
	sim_link_up(b->k, 7, "wg0");
	sim_link_up(b->k, 8, "wg1");
	bed_work(b);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2 7");
	assert_string_equal(bed_send(b, 8, "10.0.0.1", "239.1.1.2"), "2");
	assert_null(strstr(bed_ask(b, "show routes"), "pending"));
	bed_free(b);
}

static void an_interface_that_is_made_again_is_used_again(void **state)
{
	struct bed *b = bed_new("mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1 eth2\n"
				"mroute from eth1 source fd00::1 group ff0e::1 to eth0\n");

	(void)state;
	sim_link_gone(b->k, 2);
	bed_work(b);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3");
	sim_link_up(b->k, 9, "other"); /* nobody's: must not inherit the vif */
	bed_work(b);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3");
	sim_link_up(b->k, 10, "eth1");
	bed_work(b);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3 10");
	assert_string_equal(bed_send(b, 10, "fd00::1", "ff0e::1"), "1");
	bed_free(b);
}

static void a_reload_applies_the_difference_only(void **state)
{
	struct bed *b = bed_new("mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1\n"
				"mroute from eth0 source 10.0.0.1 group 239.1.1.2 to eth1 eth2\n"
				"mroute from eth0 source 10.0.0.1 group 239.1.1.3 to eth1\n");
	unsigned long writes;

	(void)state;
	assert_string_equal(bed_ask(b, "add eth0 10.0.0.9 239.9.9.9 eth1"), OK);
	writes = b->k->writes;
	assert_string_equal(bed_ask(b, "reload"), OK);
	assert_int_equal(b->k->nready, 2);
	assert_int_equal(b->k->writes, writes + 1); /* the route by command went */
	sim_file(b->k, BED_CONF,
		 "mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1\n"
		 "mroute from eth0 source 10.0.0.1 group 239.1.1.2 to eth2\n"
		 "mroute from eth0 source 10.0.0.1 group 239.1.1.4 to eth1\n");
	assert_string_equal(bed_ask(b, "reload"), OK);
	assert_int_equal(b->k->writes, writes + 4); /* one changed, one new, one gone */
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.2"), "3");
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.3"), "");
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.4"), "2");
	assert_int_equal(b->k->noops, 0);
	bed_free(b);
}

static void a_broken_file_changes_nothing(void **state)
{
	struct bed *b = bed_new("mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1\n");
	unsigned long writes = b->k->writes;
	const char *reply;

	(void)state;
	sim_file(b->k, BED_CONF, "mroute from eth0 group 10.1.1.1 to eth1\n\n  frobnicate\n");
	reply = bed_ask(b, "reload");
	assert_non_null(strstr(reply, BED_CONF ":1:24: 10.1.1.1 is no multicast group"));
	assert_non_null(strstr(reply, BED_CONF ":3:3: unknown statement 'frobnicate'"));
	assert_non_null(strstr(reply, "\"error\":\"nothing was changed: 2 errors"));
	assert_int_equal(b->k->writes, writes);
	sim_file(b->k, BED_CONF, NULL);
	assert_non_null(strstr(bed_ask(b, "reload"), "No such file"));
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	bed_free(b);
}

static void at_start_the_good_lines_are_used(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 10.1.1.1 to eth1\n"
				"mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1\n");

	(void)state;
	assert_non_null(strstr(b->said, BED_CONF ":1:24: 10.1.1.1 is no multicast group"));
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	bed_free(b);
}

static void the_vif_that_cannot_be_had_is_named(void **state)
{
	static const char *const no_vif[] = {
		"p31: no IPv4 vif: all 32 that the kernel has are in use",
		"p32: no IPv4 vif: all 32 that the kernel has are in use",
	};
	struct bed *b = bed_new(NULL);
	char request[128];

	(void)state;
	for (unsigned i = 0; i < 33; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%u", i);
		sim_link_up(b->k, 100 + i, name);
		snprintf(request, sizeof(request), "add p%u 10.0.0.1 239.1.1.%u eth0", i, i + 1);
		if (i < 31)
			assert_string_equal(bed_ask(b, request), OK);
		else
			assert_non_null(strstr(bed_ask(b, request), no_vif[i - 31]));
	}
	/* told again to who names it again, and made as soon as a vif is free */
	assert_non_null(strstr(bed_ask(b, "add eth0 239.2.2.2 p31"), no_vif[0]));
	assert_string_equal(bed_ask(b, "add eth0 239.2.2.2 p1"), OK);
	assert_string_equal(bed_ask(b, "remove eth0 239.2.2.2 p1"), OK);
	assert_string_equal(bed_ask(b, "remove p7 10.0.0.1 239.1.1.8"), OK);
	assert_string_equal(bed_ask(b, "remove p8 10.0.0.1 239.1.1.9"), OK);
	assert_string_equal(bed_send(b, 131, "10.0.0.1", "239.1.1.32"), "1");
	assert_string_equal(bed_send(b, 132, "10.0.0.1", "239.1.1.33"), "1");
	bed_free(b);
}

static void the_ttl_threshold_is_the_kernels(void **state)
{
	struct bed *b = bed_new("phyint eth1 ttl-threshold 16\n"
				"mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1 eth2\n");

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3");
	sim_file(b->k, BED_CONF,
		 "phyint eth1 ttl-threshold 4\n"
		 "mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1 eth2\n");
	assert_string_equal(bed_ask(b, "reload"), OK);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2 3");
	bed_free(b);
}

static void a_source_that_moves_is_followed(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth2\n"
				"mroute from eth1 group 239.1.1.1 to eth2\n");

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3");
	bed_send(b, 2, "10.0.0.1", "239.1.1.1");
	assert_string_equal(bed_send(b, 2, "10.0.0.1", "239.1.1.1"), "3");
	bed_free(b);
}

static void groups_are_joined_and_left(void **state)
{
	struct bed *b = bed_new("mgroup from eth0 group 239.1.1.1\n"
				"mgroup from eth0 source 10.0.0.1 group 232.1.1.1\n"
				"mgroup from wg0 group ff0e::1\n");
	struct ip grp = bed_sg("10.0.0.1", "232.1.1.1").grp;

	(void)state;
	assert_int_equal(sim_member(b->k, 1, grp)->nsources, 1);
	assert_string_equal(bed_ask(b, "join eth0 10.0.0.2 232.1.1.1"), OK);
	assert_int_equal(sim_member(b->k, 1, grp)->nsources, 2);
	assert_non_null(strstr(bed_ask(b, "show groups"), "\"iif\":\"wg0\",\"state\":\"pending\""));
	sim_link_up(b->k, 20, "wg0");
	bed_work(b);
	assert_null(strstr(bed_ask(b, "show groups"), "pending"));
	assert_string_equal(bed_ask(b, "leave eth0 232.1.1.1 10.0.0.1"),
			    "{\"error\":\"232.1.1.1 is a group, not a source\",\"column\":12}\n");
	assert_string_equal(bed_ask(b, "reload"), OK);
	assert_int_equal(sim_member(b->k, 1, grp)->nsources, 1);
	bed_free(b);
}

static void bad_requests_are_told_and_change_nothing(void **state)
{
	struct bed *b = bed_new(NULL);
	unsigned long writes = b->k->writes;

	(void)state;
	assert_non_null(
		strstr(bed_ask(b, "add eth0 2001:db8::1 225.1.2.3 eth1"), "different families"));
	assert_non_null(strstr(bed_ask(b, "add eth0 10.0.0.1/33 225.1.2.3 eth1"), "no address"));
	assert_non_null(strstr(bed_ask(b, "add eth0 225.1.2.3/-1 eth1"), "no address"));
	assert_non_null(
		strstr(bed_ask(b, "add eth0 10.0.0.1 10.2.2.2 eth1"), "no multicast group"));
	assert_non_null(strstr(bed_ask(b, "add eth0 224.0.0.251 eth1"), "never leaves its link"));
	assert_non_null(strstr(bed_ask(b, "add eth0"), "group is missing"));
	assert_non_null(strstr(bed_ask(b, "add"), "interface is missing"));
	assert_non_null(strstr(bed_ask(b, "fly away"), "unknown command 'fly'"));
	assert_non_null(strstr(bed_ask(b, "leave eth0 225.1.2.3"), "no such membership"));
	assert_string_equal(bed_ask(b, "   # nothing"), OK);
	assert_int_equal(b->k->writes, writes);
	bed_free(b);
}

static void a_client_without_the_right_may_only_look(void **state)
{
	struct bed *b = bed_new(NULL);
	struct session *s = session_open(b->r, false);

	(void)state;
	session_input(s, "add eth0 225.1.2.3 eth1\nshow routes\n", 36);
	bed_work(b);
	assert_non_null(strstr(buf_at(session_output(s)), "only be asked by root"));
	assert_int_equal(sim_nentries(b->k, V4), 0);
	session_close(s);
	bed_free(b);
}

static unsigned count(const char *text, size_t len, const char *what)
{
	unsigned n = 0;

	for (const char *end = text + len; text < end; text++)
		n += !strncmp(text, what, strlen(what));
	return n;
}

static void requests_wait_behind_a_table_that_nobody_reads(void **state)
{
	struct bed *b = bed_new(NULL);
	struct session *s = session_open(b->r, true);
	unsigned rows = 0, versions = 0, drains = 0;
	char request[64];

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(request, sizeof(request), "add eth0 10.0.%u.%u 239.1.1.1 eth1", i / 200,
			 1 + i % 200);
		assert_string_equal(bed_ask(b, request), OK);
	}
	session_input(s, "show routes\n", 12);
	for (unsigned i = 0; i < 10000; i++)
		session_input(s, "version\n", 8);
	bed_work(b);
	assert_in_range(buf_len(session_output(s)), 60000, 90000);
	assert_true(session_is_busy(s));
	while (buf_len(session_output(s))) {
		struct buf *out = session_output(s);

		rows += count(buf_at(out), buf_len(out), "\"state\":\"forward\"");
		versions += count(buf_at(out), buf_len(out), "\"version\"");
		buf_take(out, buf_len(out));
		drains++;
		bed_work(b);
	}
	assert_int_equal(rows, 3000);
	assert_int_equal(versions, 10000);
	assert_true(drains > 5);
	assert_false(session_is_busy(s));
	session_close(s);
	bed_free(b);
}

static void what_the_kernel_refuses_is_told_and_tried_again(void **state)
{
	struct bed *b = bed_new("mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1\n");

	(void)state;
	sim_refuse(b->k, SIM_MFC_SET, "Cannot allocate memory", 2);
	assert_non_null(strstr(bed_ask(b, "add eth0 10.0.0.2 239.1.1.2 eth1"),
			       "(10.0.0.2,239.1.1.2): refused by the kernel: Cannot allocate"));
	assert_non_null(strstr(bed_ask(b, "show routes"), "\"state\":\"refused\""));
	/* what must not be sent to eth1 any more is not, even if the change is refused */
	bed_ask(b, "remove eth0 10.0.0.1 239.1.1.1 eth1");
	assert_int_equal(sim_nentries(b->k, V4), 0);
	bed_advance(b, SEC(11));
	assert_int_equal(sim_nentries(b->k, V4), 2);
	assert_null(strstr(bed_ask(b, "show routes"), "refused"));
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.2"), "2");
	bed_free(b);
}

static void a_handover_brings_back_what_was_done_by_command(void **state)
{
	struct bed *b = bed_new(NULL);

	(void)state;
	assert_string_equal(bed_ask(b, "add eth0 225.1.2.0/24 eth1 eth2"), OK);
	assert_string_equal(bed_ask(b, "add eth0 10.0.0.1 225.1.3.1 eth1"), OK);
	assert_string_equal(bed_ask(b, "join eth0 fd00::1 ff3e::1"), OK);
	bed_restart(b, modules);
	assert_string_equal(bed_send(b, 1, "10.0.0.7", "225.1.2.3"), "2 3");
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "225.1.3.1"), "2");
	assert_non_null(strstr(bed_ask(b, "show groups"), "ff3e::1"));
	bed_free(b);
}

/* Rules are looked at if one is there or not, and that is all. */
static void an_address_costs_nothing(void **state)
{
	struct prefix address = { bed_ip("10.0.0.9"), 24 };
	struct buf conf = { 0 };
	struct bed *b;
	unsigned slices = 0;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		buf_printf(&conf, "mroute from eth0 source 10.1.%u.%u group 239.1.1.1 to eth1\n",
			   i >> 8, i & 255);
	buf_add(&conf, "", 1);
	b = bed_new(buf_at(&conf));
	buf_free(&conf);
	bed_work(b);
	sim_address(b->k, 1, &address, true);
	while (router_work(b->r))
		slices++;
	assert_in_range(slices, 0, 2);
	bed_free(b);
}

/* One that has a rule of its own for another interface. */
static void a_restart_leaves_a_stream_where_it_comes_in(void **state)
{
	struct bed *b = bed_new("mroute from eth1 source 10.0.0.1 group 239.1.1.1 to eth2\n"
				"mroute from eth2 source 10.0.0.2 group 239.1.1.1 to eth3\n"
				"mroute from eth0 group 239.1.1.0/24 to eth3\n");

	(void)state;
	sim_link_gone(b->k, 3);
	for (const char *src = "10.0.0.1"; src; src = src[7] == '1' ? "10.0.0.2" : NULL) {
		bed_send(b, 1, src, "239.1.1.1");
		assert_string_equal(bed_send(b, 1, src, "239.1.1.1"), "4");
	}
	bed_restart(b, modules);
	assert_int_equal(b->k->writes, 0);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "4");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "4");
	bed_free(b);
}

/* The file may be another one now, which names as many interfaces as there can be. */
static void what_a_restart_cannot_bring_back_is_told(void **state)
{
	struct bed *b = bed_new(NULL);
	struct buf conf = { 0 };

	(void)state;
	assert_string_equal(bed_ask(b, "add -w y0 239.1.1.1 y1"), OK);
	for (unsigned i = 0; i < MAXSLOTS; i++)
		buf_printf(&conf, "mroute from x%u group 239.1.1.2\n", i);
	buf_add(&conf, "", 1);
	sim_file(b->k, BED_CONF, buf_at(&conf));
	buf_free(&conf);
	bed_restart(b, modules);
	assert_string_equal(b->said, "add of the process before: y0 is one interface too many, "
				     "64 can be in use\n");
	bed_free(b);
}

static void a_restart_writes_nothing_that_is_in_the_kernel(void **state)
{
	struct bed *b = bed_new("mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1\n"
				"mroute from eth0 group 239.1.1.2 to eth1\n"
				"mroute from eth0 source fd00::1 group ff05::1 to eth1\n");

	(void)state;
	assert_string_equal(bed_ask(b, "add eth0 10.0.0.1 239.1.1.1 eth2"), OK);
	assert_string_equal(bed_ask(b, "add eth0 239.1.1.2 eth3"), OK);
	assert_string_equal(bed_ask(b, "add eth0 fd00::1 ff05::1 eth3"), OK);
	bed_send(b, 1, "10.0.0.2", "239.1.1.2");
	bed_send(b, 1, "10.0.0.2", "239.1.1.3"); /* unwanted */
	for (unsigned i = 0; i < 3; i++) {
		bed_restart(b, modules);
		assert_int_equal(b->k->writes, 0);
	}
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2 3");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.2"), "2 4");
	assert_string_equal(bed_send(b, 1, "fd00::1", "ff05::1"), "2 4");
	assert_int_equal(b->k->writes, 0);

	/* and what nobody wants any more goes */
	bed_ask(b, "remove eth0 10.0.0.1 239.1.1.1 eth2");
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	sim_file(b->k, BED_CONF, "mroute from eth0 group 239.1.1.2 to eth1\n");
	bed_restart(b, modules);
	bed_advance(b, SEC(31));
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.2"), "2 4");
	bed_free(b);
}

/* Vifs are where rules are, also when nothing else follows of a reload. */
static void a_reload_moves_the_vifs(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1\n");

	(void)state;
	sim_file(b->k, BED_CONF, "mroute from eth2 group 239.1.1.1\n");
	assert_string_equal(bed_ask(b, "reload"), OK);
	assert_int_equal(sim_vif_of(b->k, V4, 1), NOVIF);
	assert_int_equal(sim_vif_of(b->k, V4, 2), NOVIF);
	assert_int_not_equal(sim_vif_of(b->k, V4, 3), NOVIF);
	bed_free(b);
}

/* A table is over only when the router works, and what is asked behind it is done there too. */
static void a_reload_behind_a_table_is_answered(void **state)
{
	static const char requests[] = "show routes\nreload\nshow routes\n"
				       "add eth0 239.1.1.1 eth3\n";
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1\n");
	struct session *s = session_open(b->r, true);
	const char *reply;

	(void)state;
	sim_file(b->k, BED_CONF, "mroute from eth0 group 239.1.1.1 to eth2\n");
	session_input(s, requests, sizeof(requests) - 1);
	bed_work(b);
	buf_add(session_output(s), "", 1);
	reply = buf_at(session_output(s));
	for (int i = 0; i < 4; i++) {
		reply = strstr(reply, OK);
		assert_non_null(reply);
		reply++;
	}
	session_close(s);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "3 4");
	bed_free(b);
}

/* Each is answered, and none is held on the stack meanwhile. */
static void a_heap_of_rubbish_is_refused_line_by_line(void **state)
{
	enum { LINES = 300000 };
	struct bed *b = bed_new("");
	struct session *s = session_open(b->r, false);
	char *rubbish = xcalloc(LINES, 2);
	unsigned answers = 0;

	(void)state;
	for (size_t i = 0; i < 2 * LINES; i++)
		rubbish[i] = i % 2 ? '\n' : 1;
	session_input(s, rubbish, 2 * LINES);
	for (size_t i = 0; i < buf_len(session_output(s)); i++)
		answers += buf_at(session_output(s))[i] == '\n';
	assert_int_equal(answers, LINES);
	session_close(s);
	free(rubbish);
	bed_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exact_route_forwards_the_first_packet),
		cmocka_unit_test(a_group_route_learns_its_sources),
		cmocka_unit_test(ranges_are_united_whatever_their_order),
		cmocka_unit_test(a_rule_without_outgoing_interfaces_stops_the_wider_ones),
		cmocka_unit_test(commands_change_running_streams),
		cmocka_unit_test(learned_streams_have_a_limit),
		cmocka_unit_test(an_unwanted_source_is_found_when_a_rule_comes),
		cmocka_unit_test(an_interface_that_is_missing_is_waited_for),
		cmocka_unit_test(an_interface_that_is_made_again_is_used_again),
		cmocka_unit_test(a_reload_applies_the_difference_only),
		cmocka_unit_test(a_broken_file_changes_nothing),
		cmocka_unit_test(at_start_the_good_lines_are_used),
		cmocka_unit_test(the_vif_that_cannot_be_had_is_named),
		cmocka_unit_test(the_ttl_threshold_is_the_kernels),
		cmocka_unit_test(a_source_that_moves_is_followed),
		cmocka_unit_test(groups_are_joined_and_left),
		cmocka_unit_test(bad_requests_are_told_and_change_nothing),
		cmocka_unit_test(a_client_without_the_right_may_only_look),
		cmocka_unit_test(requests_wait_behind_a_table_that_nobody_reads),
		cmocka_unit_test(a_reload_moves_the_vifs),
		cmocka_unit_test(a_reload_behind_a_table_is_answered),
		cmocka_unit_test(a_heap_of_rubbish_is_refused_line_by_line),
		cmocka_unit_test(what_the_kernel_refuses_is_told_and_tried_again),
		cmocka_unit_test(a_handover_brings_back_what_was_done_by_command),
		cmocka_unit_test(an_address_costs_nothing),
		cmocka_unit_test(a_restart_leaves_a_stream_where_it_comes_in),
		cmocka_unit_test(what_a_restart_cannot_bring_back_is_told),
		cmocka_unit_test(a_restart_writes_nothing_that_is_in_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
