/* wild_sim.c - groups that the kernel forwards by itself, and patterns of interface names
 *
 * Each test is a router with interfaces eth0 to eth3 (numbers 1 to 4) and a configuration in
 * memory; packets go in and what comes out is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "sim/bed.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, NULL };

#define OK "{\"ok\":true}\n"

/* IPv4 and IPv6 alike: what stands for %g, %h, %s in texts. */
struct names {
	const char *s, *t, *g, *h;
};

static const struct names names[NFAMILIES] = {
	[V4] = { "10.0.0.1", "10.0.0.2", "239.1.1.1", "239.1.1.2" },
	[V6] = { "fd00::1", "fd00::2", "ff0e::1", "ff0e::2" },
};

/* Whose names the test at work uses. */
struct world {
	struct bed bed;
	enum af af;
	const struct names *n;
	char text[1024];
};

/* The text with S, T, G, H in the place of the family's sources and groups. */
static const char *fill(struct world *w, const char *text)
{
	size_t len = 0;

	for (const char *p = text; *p; p++) {
		bool alone = (p == text || strchr(" \n\"(", p[-1])) && strchr(" \n,\"/)", p[1]);
		const char *name = !alone      ? NULL
				   : *p == 'S' ? w->n->s
				   : *p == 'T' ? w->n->t
				   : *p == 'G' ? w->n->g
				   : *p == 'H' ? w->n->h
					       : NULL;
		size_t n = name ? strlen(name) : 1;

		assert_true(len + n < sizeof(w->text));
		memcpy(w->text + len, name ? name : p, n);
		len += n;
	}
	w->text[len] = '\0';
	return w->text;
}

static struct world *begin(enum af af, const char *conf)
{
	struct world *w = xcalloc(1, sizeof(*w));

	w->af = af;
	w->n = &names[af];
	bed_begin(&w->bed, modules, fill(w, conf));
	router_start(w->bed.r);
	return w;
}

static void end(struct world *w)
{
	assert_int_equal(w->bed.k->noops, 0);
	bed_end(&w->bed);
	free(w);
}

static const char *ask(struct world *w, const char *request)
{
	return bed_ask(&w->bed, fill(w, request));
}

static const char *sends(struct world *w, unsigned ifindex)
{
	return bed_send(&w->bed, ifindex, w->n->s, w->n->g);
}

/* The same packet on another interface, until the kernel has told that it is the wrong one. */
static void shows_itself(struct world *w, unsigned ifindex)
{
	sends(w, ifindex);
	bed_advance(&w->bed, 3100);
	sends(w, ifindex);
}

#define BOTH(test)                     \
	static void test(void **state) \
	{                              \
		(void)state;           \
		test##_of(V4);         \
		test##_of(V6);         \
	}

static void a_kernel_route_takes_one_entry_of_only(struct world *w)
{
	assert_int_equal(sim_nentries(w->bed.k, w->af), 1);
	assert_string_equal(sends(w, 1), "2 3");
	assert_string_equal(bed_send(&w->bed, 1, w->n->t, w->n->g), "2 3");
	assert_int_equal(sim_nentries(w->bed.k, w->af), 1);
	assert_non_null(strstr(ask(w, "show routes"), "\"kernel\":true"));
	assert_non_null(strstr(ask(w, "show routes"),
			       "\"iif\":\"eth0\",\"oifs\":[\"eth1\",\"eth2\"],"
			       "\"owner\":\"static\""));
}

static void a_kernel_route_takes_one_entry_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G kernel to eth1 eth2\n");

	assert_string_equal(w->bed.said, "");
	a_kernel_route_takes_one_entry_of_only(w);
	assert_string_equal(ask(w, "reload"), OK);
	a_kernel_route_takes_one_entry_of_only(w);
	assert_string_equal(ask(w, "remove eth0 G"), OK);
	assert_int_equal(sim_nentries(w->bed.k, af), 0);
	assert_string_equal(ask(w, "add kernel eth0 G eth1"), OK);
	assert_string_equal(sends(w, 1), "2");
	assert_string_equal(ask(w, "add eth0 G eth2"), OK);
	a_kernel_route_takes_one_entry_of_only(w);
	end(w);
}
BOTH(a_kernel_route_takes_one_entry)

static void wider_rules_add_to_a_kernel_route_of(enum af af)
{
	struct world *w = begin(af, af == V4 ? "mroute from eth0 group G kernel to eth1\n"
					       "mroute from eth0 group 239.1.0.0/16 to eth2\n"
					     : "mroute from eth0 group G kernel to eth1\n"
					       "mroute from eth0 group ff0e::/16 to eth2\n");

	assert_string_equal(sends(w, 1), "2 3");
	assert_string_equal(bed_send(&w->bed, 1, w->n->s, w->n->h), "3");
	assert_string_equal(ask(w,
				af == V4 ? "add eth0 239.0.0.0/8 eth3" : "add eth0 ff00::/8 eth3"),
			    OK);
	assert_string_equal(sends(w, 1), "2 3 4");
	/* a source and group of its own goes first, and where all the others go too */
	assert_string_equal(ask(w, "add eth0 S H eth1"), OK);
	assert_string_equal(ask(w, "add eth0 T G"), OK);
	assert_string_equal(bed_send(&w->bed, 1, w->n->t, w->n->g), "");
	assert_string_equal(sends(w, 1), "2 3 4");
	end(w);
}
BOTH(wider_rules_add_to_a_kernel_route)

/* Refused in the file whatever the order of lines, and by command. */
static void refuses(enum af af, const char *kernel, const char *other, const char *why)
{
	struct world *w = begin(af, "");
	char conf[512];

	for (unsigned i = 0; i < 2; i++) {
		snprintf(conf, sizeof(conf), "%s\n%s\n", i ? kernel : other, i ? other : kernel);
		sim_file(w->bed.k, BED_CONF, fill(w, conf));
		assert_non_null(strstr(ask(w, "reload"), why));
	}
	end(w);
}

static void what_a_kernel_route_cannot_do_is_refused_of(enum af af)
{
	static const char in[] = "a rule has the group come in where this one sends it";

	refuses(af, "mroute from eth0 group G kernel to eth1", "mroute from eth1 group G to eth2",
		in);
	refuses(af, "mroute from eth0 group G kernel to eth1",
		"mroute from eth1 group G kernel to eth0", in);
	refuses(af, "mroute from eth0 group G kernel to eth1", "mroute from eth+ group G to eth2",
		in);
	refuses(af, "mroute from eth+ group G kernel to eth+", "phyint eth0 enable", in);
	refuses(af, "mroute from eth0 group G kernel to eth1",
		"mroute from eth0 source S/31 group G to eth2",
		"a rule for some of its sources needs to see them");
	refuses(af, "mroute from eth0 group G kernel", "phyint eth0 enable",
		"is for a route that leads somewhere");
	refuses(af, "mroute from eth0 source S group G kernel to eth1", "phyint eth0 enable",
		"is for one group from every source");
	refuses(af, "mroute from eth0 group G/30 kernel to eth1", "phyint eth0 enable",
		"is for one group from every source");
}
BOTH(what_a_kernel_route_cannot_do_is_refused)

/* At the start the rest is used, and told: what cannot be is not there to be saved. */
static void at_start_a_wrong_kernel_route_is_a_plain_one_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G kernel to eth1\n"
				    "mroute from eth1 group G to eth2\n"
				    "mroute from eth0 group H kernel to eth1\n"
				    "mroute from eth1 source S/31 group H kernel to eth2\n"
				    "mroute from eth2 group H kernel to eth1\n"
				    "mroute from eth1 group H to eth2\n");

	assert_non_null(strstr(w->bed.said, w->n->g));
	assert_non_null(strstr(w->bed.said, w->n->h));
	assert_null(strstr(ask(w, "show config"), "kernel"));
	assert_string_equal(sends(w, 1), "2");
	assert_string_equal(bed_send(&w->bed, 2, w->n->t, w->n->g), "3");
	end(w);
}
BOTH(at_start_a_wrong_kernel_route_is_a_plain_one)

static void a_refused_command_changes_nothing_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth1 group G to eth2\n"
				    "mroute from eth0 group G to eth2\n");

	assert_non_null(strstr(ask(w, "add kernel eth0 G eth1"), "cannot forward"));
	assert_string_equal(sends(w, 1), "3");
	assert_non_null(strstr(ask(w, "add kernel eth3 G eth1"), "cannot forward"));
	assert_non_null(strstr(ask(w, "remove eth3 G"), "there is no such route"));
	end(w);
}
BOTH(a_refused_command_changes_nothing)

static void a_kernel_route_gives_way_to_later_rules_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G kernel to eth1\n");

	assert_string_equal(sends(w, 1), "2");
	assert_string_equal(ask(w, "add eth1 G eth2"), OK);
	assert_non_null(strstr(ask(w, "show routes"), "where this one sends it"));
	assert_string_equal(sends(w, 1), "2");
	assert_string_equal(bed_send(&w->bed, 2, w->n->t, w->n->g), "3");
	assert_int_equal(sim_nentries(w->bed.k, af), 2);
	assert_string_equal(ask(w, "remove eth1 G"), OK);
	assert_string_equal(sends(w, 1), "2");
	assert_null(strstr(ask(w, "show routes"), "where this one sends it"));
	end(w);
}
BOTH(a_kernel_route_gives_way_to_later_rules)

static void one_source_on_two_interfaces_is_forwarded_from_both_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G to eth2\n"
				    "mroute from eth1 group G to eth2\n");

	assert_string_equal(sends(w, 1), "3");
	assert_int_equal(sim_nentries(w->bed.k, af), 1);
	sends(w, 2);
	/* from then on, every packet */
	for (unsigned i = 0; i < 20; i++) {
		assert_string_equal(sends(w, 1), "3");
		assert_string_equal(sends(w, 2), "3");
		bed_advance(&w->bed, 500);
	}
	assert_int_equal(sim_nentries(w->bed.k, af), 2);
	assert_string_equal(bed_send(&w->bed, 2, w->n->t, w->n->g), "3");
	assert_int_equal(sim_nentries(w->bed.k, af), 2);
	/* as long as the rules are there */
	assert_string_equal(ask(w, "remove eth1 G"), OK);
	assert_string_equal(sends(w, 1), "3");
	assert_string_equal(sends(w, 2), "");
	end(w);
}
BOTH(one_source_on_two_interfaces_is_forwarded_from_both)

static void a_pattern_serves_one_source_on_two_interfaces_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth+ group G to out\n");

	sim_link_up(w->bed.k, 9, "out");
	assert_string_equal(sends(w, 1), "9");
	sends(w, 2);
	assert_string_equal(sends(w, 1), "9");
	assert_string_equal(sends(w, 2), "9");
	assert_int_equal(sim_nentries(w->bed.k, af), 4);
	end(w);
}
BOTH(a_pattern_serves_one_source_on_two_interfaces)

static void where_it_cannot_be_a_source_is_followed_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G to eth1\n"
				    "mroute from eth1 group G to eth0\n");

	assert_string_equal(sends(w, 1), "2");
	shows_itself(w, 2);
	assert_string_equal(sends(w, 2), "1");
	shows_itself(w, 1);
	assert_string_equal(sends(w, 1), "2");
	end(w);
}
BOTH(where_it_cannot_be_a_source_is_followed)

static void twofold_outlives_a_restart_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G to eth2\n"
				    "mroute from eth1 group G to eth2\n");
	struct buf text = { 0 };

	sends(w, 1);
	sends(w, 2);
	router_handover(w->bed.r, &text);
	buf_add(&text, "", 1);
	assert_string_equal(buf_at(&text), fill(w, "twofold G\n"));
	buf_free(&text);
	assert_string_equal(ask(w, "clear"), OK);
	assert_int_equal(sim_nentries(w->bed.k, af), 0);
	assert_string_equal(ask(w, "twofold G"), OK);
	assert_int_equal(sim_nentries(w->bed.k, af), 2);
	end(w);
}
BOTH(twofold_outlives_a_restart)

/* Whether `show config` has the line. */
static bool is_configured(struct world *w, const char *line)
{
	const char *config = bed_ask(&w->bed, "show config");
	char row[sizeof(w->text) + 16];

	snprintf(row, sizeof(row), "{\"line\":\"%s\"}\n", fill(w, line));
	return strstr(config, row);
}

/* Beside rules that came after it, for which it would be refused now. */
static void kernel_by_command_outlives_a_restart_of(enum af af)
{
	struct world *w = begin(af, "");

	assert_string_equal(ask(w, "add eth2 G eth0"), OK);
	assert_string_equal(ask(w, "remove eth2 G eth0"), OK);
	assert_string_equal(ask(w, "add kernel eth0 G eth1"), OK);
	assert_string_equal(ask(w, "add eth1 G eth2"), OK);
	bed_restart(&w->bed, modules);
	assert_true(is_configured(w, "mroute from eth0 group G kernel to eth1"));
	assert_string_equal(sends(w, 1), "2");
	assert_string_equal(ask(w, "remove eth1 G"), OK);
	assert_int_equal(sim_nentries(w->bed.k, af), 1);
	end(w);
}
BOTH(kernel_by_command_outlives_a_restart)

static void a_stream_elsewhere_than_its_own_rule_outlives_a_restart_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth2 source S group G to eth3\n"
				    "mroute from eth0 group G kernel to eth1\n");

	sends(w, 1);
	assert_string_equal(sends(w, 1), "2");
	bed_restart(&w->bed, modules);
	assert_int_equal(w->bed.k->writes, 0);
	assert_string_equal(sends(w, 1), "2");
	end(w);
}
BOTH(a_stream_elsewhere_than_its_own_rule_outlives_a_restart)

static void what_leads_nowhere_is_not_saved_as_the_kernels_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G kernel to eth1\n");

	assert_string_equal(ask(w, "remove eth0 G eth1"), OK);
	assert_true(is_configured(w, "mroute from eth0 group G"));
	end(w);
}
BOTH(what_leads_nowhere_is_not_saved_as_the_kernels)

static void a_flushed_kernel_route_comes_again_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G kernel to eth1\n");
	struct sg any = { ip_any(af), bed_ip(w->n->g) };

	assert_string_equal(sends(w, 1), "2");
	for (unsigned vif = 0; vif < MAXVIFS; vif++)
		sim_proxy_del(w->bed.k, af, any, vif);
	assert_int_equal(sim_nentries(w->bed.k, af), 0);
	assert_string_equal(sends(w, 1), "2");
	assert_string_equal(sends(w, 1), "2");
	assert_int_equal(sim_nentries(w->bed.k, af), 1);
	end(w);
}
BOTH(a_flushed_kernel_route_comes_again)

static void patterns_follow_interfaces_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G to tun+\n"
				    "mroute from tun+ source S group H to eth3\n"
				    "mgroup from tun* group G\n"
				    "phyint tun2 disable\n");

	assert_string_equal(sends(w, 1), "");
	assert_non_null(strstr(ask(w, "show routes"), "\"pending\":[\"tun+\"]"));
	assert_non_null(strstr(ask(w, "show groups"), "\"iif\":\"tun*\",\"state\":\"pending\""));
	sim_link_up(w->bed.k, 10, "tun0");
	sim_link_up(w->bed.k, 11, "tunnel");
	sim_link_up(w->bed.k, 12, "tun2");
	bed_work(&w->bed);
	assert_string_equal(sends(w, 1), "10 11");
	assert_string_equal(bed_send(&w->bed, 11, w->n->s, w->n->h), "4");
	assert_null(strstr(ask(w, "show routes"), "pending"));
	assert_non_null(
		strstr(ask(w, "show groups detail"), "\"iif\":\"tun0\",\"state\":\"joined\""));
	assert_non_null(strstr(ask(w, "show groups"), "\"iif\":\"tun*\",\"state\":\"joined\""));
	sim_link_gone(w->bed.k, 10);
	bed_work(&w->bed);
	assert_string_equal(sends(w, 1), "11");
	assert_null(strstr(ask(w, "show groups detail"), "tun0"));
	/* renamed, into and out of the pattern */
	sim_link_up(w->bed.k, 11, "wg0");
	bed_work(&w->bed);
	assert_string_equal(sends(w, 1), "");
	sim_link_up(w->bed.k, 11, "tun1");
	bed_work(&w->bed);
	assert_string_equal(sends(w, 1), "11");
	assert_string_equal(bed_send(&w->bed, 11, w->n->s, w->n->h), "4");
	assert_string_equal(ask(w, "remove eth0 G tun+"), OK);
	assert_string_equal(sends(w, 1), "");
	end(w);
}
BOTH(patterns_follow_interfaces)

/* A pattern on both sides never sends back, and loopback is in none. */
static void a_pattern_may_stand_on_both_sides_of(enum af af)
{
	struct world *w = begin(af, "mroute from + group G to eth+\n");
	struct link lo = { .ifindex = 8, .name = "lo", .up = true, .loopback = true };

	router_link(w->bed.r, &lo);
	bed_work(&w->bed);
	assert_string_equal(sends(w, 1), "2 3 4");
	assert_string_equal(bed_send(&w->bed, 3, w->n->t, w->n->g), "1 2 4");
	assert_null(strstr(ask(w, "show interfaces"), "\"name\":\"lo\",\"up\":true,\"vif\":0"));
	end(w);
}
BOTH(a_pattern_may_stand_on_both_sides)

/* Patterns take as many as there are slots; those beyond are named, all others work. */
static void a_pattern_may_be_for_too_many_of(enum af af)
{
	struct world *w = begin(af, "mroute from eth0 group G to veth+\n");
	unsigned lines = 0;
	char name[16];

	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "veth%u", i);
		sim_link_up(w->bed.k, 100 + i, name);
		sim_link_up(w->bed.k, 100 + i, name);
	}
	bed_work(&w->bed);
	assert_non_null(strstr(w->bed.said, "veth62: one interface too many"));
	for (const char *p = w->bed.said; (p = strstr(p, "too many")); p++)
		lines++;
	assert_int_equal(lines, 10);
	sends(w, 1);
	assert_non_null(strstr(w->bed.said, "all 32 that the kernel has are in use"));
	/* those that go make room for as many others */
	for (unsigned i = 0; i < 62; i++)
		sim_link_gone(w->bed.k, 100 + i);
	bed_work(&w->bed);
	sends(w, 1);
	assert_non_null(strstr(ask(w, "show routes"), "\"veth62\""));
	assert_null(strstr(ask(w, "show interfaces"), "\"veth123\",\"up\":true,\"vif\":null,"
						      "\"mif\":null,\"slot\":null"));
	assert_non_null(strstr(ask(w, "show interfaces"), "\"veth124\",\"up\":true,\"vif\":null,"
							  "\"mif\":null,\"slot\":null"));
	end(w);
}
BOTH(a_pattern_may_be_for_too_many)

static void an_unknown_incoming_interface_is_an_error_of(enum af af)
{
	struct world *w = begin(af, "");

	assert_non_null(strstr(ask(w, "add wg0 G eth1"), "there is no interface wg0"));
	assert_non_null(strstr(ask(w, "join wg0 G"), "there is no interface wg0"));
	assert_non_null(strstr(ask(w, "leave wg0 G"), "there is no such membership"));
	assert_string_equal(ask(w, "add -w wg0 G eth1"), OK);
	assert_string_equal(ask(w, "join -w wg0 G"), OK);
	assert_string_equal(ask(w, "add tun+ H wg1"), OK);
	sim_link_up(w->bed.k, 9, "wg0");
	bed_work(&w->bed);
	assert_string_equal(sends(w, 9), "2");
	assert_non_null(strstr(ask(w, "show groups"), "joined"));
	end(w);
}
BOTH(an_unknown_incoming_interface_is_an_error)

static void contradicting_lines_are_refused_of(enum af af)
{
	struct world *w = begin(af, "");

	sim_file(w->bed.k, BED_CONF,
		 fill(w, "mroute from eth0 group G to eth1\n"
			 "mroute from eth0 group G to eth1\n"
			 "mroute from eth0 group G\n"));
	assert_non_null(strstr(ask(w, "reload"), BED_CONF ":3:"));
	assert_non_null(strstr(ask(w, "reload"), "this leads somewhere"));
	sim_file(w->bed.k, BED_CONF,
		 fill(w, "mroute from eth0 group G\n"
			 "mroute from eth0 group G to eth1\n"));
	assert_non_null(strstr(ask(w, "reload"), "this leads nowhere"));
	end(w);
}
BOTH(contradicting_lines_are_refused)

static void phyint_lines_add_up(void **state)
{
	struct world *w = begin(V4, "mroute from eth0 group G to eth1 eth2\n"
				    "phyint eth+ disable ttl-threshold 9\n"
				    "phyint eth0 enable\n"
				    "phyint eth1 enable\n"
				    "phyint eth1 ttl-threshold 5\n");

	(void)state;
	assert_string_equal(sends(w, 1), "2");
	sim_file(w->bed.k, BED_CONF,
		 fill(w, "mroute from eth0 group G to eth1 eth2\n"
			 "phyint eth0 enable\n"
			 "phyint eth+ ttl-threshold 8\n"));
	assert_string_equal(ask(w, "reload"), OK);
	assert_string_equal(sends(w, 1), "");
	end(w);
}

/* A second of processor time each, and more, if each rule had all of them looked at. */
#define MANY 10000
#define LITTLE (5 * CLOCKS_PER_SEC)

static void many_rules_beside_a_kernel_route_cost_little(void **state)
{
	struct bed *b = xcalloc(1, sizeof(*b));
	struct buf conf = { 0 };
	clock_t begin;

	(void)state;
	buf_puts(&conf, "mroute from eth0 group 239.1.1.1 kernel to eth1\n");
	for (unsigned i = 0; i < MANY; i++)
		buf_printf(&conf, "mroute from eth0 source 10.0.%u.%u group 239.1.1.1 to eth2\n",
			   i >> 8, i & 255);
	buf_add(&conf, "", 1);
	bed_begin(b, modules, buf_at(&conf));
	buf_free(&conf);
	router_start(b->r);
	begin = clock();
	sim_link_gone(b->k, 1);
	bed_work(b);
	assert_int_equal(sim_nentries(b->k, V4), 0);
	sim_link_up(b->k, 9, "eth0");
	bed_work(b);
	assert_int_equal(sim_nentries(b->k, V4), MANY + 1);
	assert_true(clock() - begin < LITTLE);
	bed_end(b);
	free(b);
}

/* Other upcalls wait for none of it. */
static void many_sources_give_way_to_a_kernel_route_in_slices(void **state)
{
	struct sim_packet packet = { .af = V4, .ttl = 8, .len = 100 };
	struct bed *b = xcalloc(1, sizeof(*b));
	char source[IP_STRLEN];

	(void)state;
	bed_begin(b, modules,
		  "mroute from eth0 group 239.1.1.1 to eth2\n"
		  "mroute from eth1 group 239.1.1.1 to eth2\n");
	router_start(b->r);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(source, sizeof(source), "10.0.%u.%u", i >> 8, i & 255);
		packet.sg = bed_sg(source, "239.1.1.1");
		sim_packet(b->k, 1, &packet);
	}
	bed_work(b);
	assert_int_equal(sim_nentries(b->k, V4), 2000);
	b->k->writes = 0;
	sim_packet(b->k, 2, &packet);
	assert_in_range(b->k->writes, 2, 10);
	bed_work(b);
	assert_int_equal(sim_nentries(b->k, V4), 2);
	assert_string_equal(bed_send(b, 2, "10.0.0.9", "239.1.1.1"), "3");
	bed_end(b);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_route_takes_one_entry),
		cmocka_unit_test(wider_rules_add_to_a_kernel_route),
		cmocka_unit_test(what_a_kernel_route_cannot_do_is_refused),
		cmocka_unit_test(at_start_a_wrong_kernel_route_is_a_plain_one),
		cmocka_unit_test(a_refused_command_changes_nothing),
		cmocka_unit_test(a_kernel_route_gives_way_to_later_rules),
		cmocka_unit_test(one_source_on_two_interfaces_is_forwarded_from_both),
		cmocka_unit_test(a_pattern_serves_one_source_on_two_interfaces),
		cmocka_unit_test(where_it_cannot_be_a_source_is_followed),
		cmocka_unit_test(twofold_outlives_a_restart),
		cmocka_unit_test(kernel_by_command_outlives_a_restart),
		cmocka_unit_test(a_stream_elsewhere_than_its_own_rule_outlives_a_restart),
		cmocka_unit_test(what_leads_nowhere_is_not_saved_as_the_kernels),
		cmocka_unit_test(a_flushed_kernel_route_comes_again),
		cmocka_unit_test(patterns_follow_interfaces),
		cmocka_unit_test(a_pattern_may_stand_on_both_sides),
		cmocka_unit_test(a_pattern_may_be_for_too_many),
		cmocka_unit_test(an_unknown_incoming_interface_is_an_error),
		cmocka_unit_test(contradicting_lines_are_refused),
		cmocka_unit_test(phyint_lines_add_up),
		cmocka_unit_test(many_rules_beside_a_kernel_route_cost_little),
		cmocka_unit_test(many_sources_give_way_to_a_kernel_route_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
