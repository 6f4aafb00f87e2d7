/* rpf_sim.c - what engines hear of unicast routes, over the modelled kernel
 *
 * SEED=n runs that random run alone, SEEDS=n that many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/rpf_bed.h"

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* With /0 as no length at all, which prefix_parse() does not know. */
static struct prefix prefix(const char *text)
{
	struct prefix prefix;
	char addr[IP_STRLEN] = { 0 };

	memcpy(addr, text, strcspn(text, "/"));
	prefix.ip = ip(addr);
	prefix.len = atoi(strchr(text, '/') + 1);
	return prefix;
}

static void address(struct rpf_bed *b, unsigned ifindex, const char *text, bool on)
{
	struct prefix p = prefix(text);

	sim_address(b->k, ifindex, &p, on);
}

/* A route by "GATEWAY NUMBER ...", a blackhole by "". */
static void route(struct rpf_bed *b, const char *to, uint32_t metric, const char *hops)
{
	struct sim_route r = { .to = prefix(to), .metric = metric, .preference = 110 };
	char gateway[IP_STRLEN];
	int used;

	for (; sscanf(hops, " %45s %u%n", gateway, &r.hop[r.nhops].ifindex, &used) == 2;
	     hops += used)
		r.hop[r.nhops++].gateway = ip(gateway);
	assert_null(sim_route_set(b->k, &r));
}

static void watch(struct fake *f, const char *addr)
{
	fake_watch(f, ip(addr));
}

static void unwatch(struct fake *f, const char *addr)
{
	fake_unwatch(f, ip(addr));
}

/* How often it was told since the last question, all work done. */
static unsigned told(struct rpf_bed *b, struct fake *f)
{
	unsigned n;

	bed_work(&b->bed);
	n = f->told;
	f->told = 0;
	return n;
}

static const char *knows(struct fake *f, const char *addr)
{
	return fake_knows(f, ip(addr));
}

static void an_answer_comes_at_once(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];

	(void)state;
	address(b, 1, "10.0.0.1/24", true);
	route(b, "10.0.0.0/8", 0, "10.0.0.2 1");
	route(b, "10.9.0.0/16", 5, "10.0.0.9 1");
	route(b, "10.9.9.0/24", 0, "");
	route(b, "0.0.0.0/0", 9, "10.0.0.7 1");
	watch(f, "10.0.0.1");
	assert_string_equal(knows(f, "10.0.0.1"), "own eth0 /32 0 0 1500");
	watch(f, "10.0.0.2");
	assert_string_equal(knows(f, "10.0.0.2"), "connected eth0 /24 0 0 1500");
	watch(f, "10.1.1.1");
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.0.2 eth0 /8 110 0 1500");
	watch(f, "10.9.1.1");
	assert_string_equal(knows(f, "10.9.1.1"), "via 10.0.0.9 eth0 /16 110 5 1500");
	watch(f, "10.9.9.1");
	assert_string_equal(knows(f, "10.9.9.1"), "not reachable");
	watch(f, "11.1.1.1");
	assert_string_equal(knows(f, "11.1.1.1"), "via 10.0.0.7 eth0 /0 110 9 1500");
	assert_int_equal(told(b, f), 0);
	rpf_bed_free(b);
}

static void ipv6_is_the_same(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->blue[V6];

	(void)state;
	address(b, 2, "fd00::1/64", true);
	route(b, "fd09::/16", 1024, "fe80::9 2");
	watch(f, "fd00::1");
	assert_string_equal(knows(f, "fd00::1"), "own eth1 /128 0 0 1500");
	watch(f, "fd00::2");
	assert_string_equal(knows(f, "fd00::2"), "connected eth1 /64 0 256 1500");
	watch(f, "fd09::1");
	assert_string_equal(knows(f, "fd09::1"), "via fe80::9 eth1 /16 110 1024 1500");
	route(b, "fd09::/16", 1024, "fe80::8 2");
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "fd09::1"), "via fe80::8 eth1 /16 110 1024 1500");
	watch(f, "fd08::1");
	assert_string_equal(knows(f, "fd08::1"), "not reachable");
	rpf_bed_free(b);
}

static void there_is_no_one_way_to_groups_and_within_a_link(void **state)
{
	static const char *const addrs[] = { "0.0.0.0", "169.254.1.1", "239.1.1.1" };
	struct rpf_bed *b = rpf_bed_new();

	(void)state;
	route(b, "0.0.0.0/0", 0, "10.0.0.7 1");
	route(b, "0.0.0.0/1", 0, "10.0.0.7 1");
	route(b, "::/0", 0, "fe80::9 1");
	for (unsigned i = 0; i < NELEMS(addrs); i++) {
		watch(b->red[V4], addrs[i]);
		assert_string_equal(knows(b->red[V4], addrs[i]), "not reachable");
	}
	watch(b->red[V6], "fe80::1");
	assert_string_equal(knows(b->red[V6], "fe80::1"), "not reachable");
	watch(b->red[V6], "ff0e::1");
	assert_string_equal(knows(b->red[V6], "ff0e::1"), "not reachable");
	rpf_bed_free(b);
}

static void a_change_is_told_once_and_nothing_else(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];

	(void)state;
	watch(f, "10.1.1.1");
	watch(f, "10.2.2.2");
	route(b, "10.1.0.0/16", 7, "10.0.0.2 1");
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.0.2 eth0 /16 110 7 1500");
	assert_string_equal(knows(f, "10.2.2.2"), "not reachable");
	route(b, "10.1.0.0/16", 7, "10.0.0.2 1");
	route(b, "10.3.0.0/16", 7, "10.0.0.2 1");
	assert_int_equal(told(b, f), 0);
	route(b, "10.1.0.0/16", 8, "10.0.0.3 1"); /* worse */
	assert_int_equal(told(b, f), 0);
	sim_route_del(b->k, prefix("10.1.0.0/16"), 7);
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.0.3 eth0 /16 110 8 1500");
	route(b, "10.1.1.0/24", 8, "10.0.0.3 1"); /* the same way by a longer prefix */
	assert_int_equal(told(b, f), 1);
	sim_route_del(b->k, prefix("10.1.1.0/24"), 8);
	sim_route_del(b->k, prefix("10.1.0.0/16"), 8);
	assert_int_equal(told(b, f), 1); /* both at once */
	assert_string_equal(knows(f, "10.1.1.1"), "not reachable");
	/* there and back before anybody looked */
	route(b, "10.2.0.0/16", 7, "10.0.0.2 1");
	sim_route_del(b->k, prefix("10.2.0.0/16"), 7);
	assert_int_equal(told(b, f), 0);
	rpf_bed_free(b);
}

static void who_was_told_settles_in_the_same_turn(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];

	(void)state;
	watch(f, "10.1.1.1");
	bed_work(&b->bed);
	f->settled = 0;
	router_routes_changed(b->r, V4);
	router_work(b->r);
	assert_int_equal(f->settled, 0);
	route(b, "10.1.0.0/16", 7, "10.0.0.2 1");
	router_work(b->r);
	assert_int_equal(f->told, 1);
	assert_int_equal(f->settled, 1);
	rpf_bed_free(b);
}

static void every_part_of_an_answer_counts(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];
	struct sim_route r = { .to = prefix("10.1.0.0/16"),
			       .nhops = 1,
			       .hop[0] = { ip("10.0.0.2"), 1 } };
	struct link link;

	(void)state;
	watch(f, "10.1.1.1");
	assert_null(sim_route_set(b->k, &r));
	assert_int_equal(told(b, f), 1);
	r.preference = 20;
	assert_null(sim_route_set(b->k, &r));
	assert_int_equal(told(b, f), 1);
	r.mtu = 1400;
	assert_null(sim_route_set(b->k, &r));
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.0.2 eth0 /16 20 0 1400");
	r.mtu = 0;
	r.hop[0].ifindex = 2;
	assert_null(sim_route_set(b->k, &r));
	assert_int_equal(told(b, f), 1);
	link = *sim_link_find(b->k, 2);
	link.mtu = 9000;
	sim_link(b->k, &link);
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.0.2 eth1 /16 20 0 9000");
	r.hop[0].gateway = ip_any(V4);
	assert_null(sim_route_set(b->k, &r));
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "connected eth1 /16 20 0 9000");
	rpf_bed_free(b);
}

static void engines_share_one_lookup(void **state)
{
	struct rpf_bed *b = rpf_bed_new();

	(void)state;
	bed_work(&b->bed);
	b->k->lookups = 0;
	watch(b->red[V4], "10.1.1.1");
	watch(b->blue[V4], "10.1.1.1");
	assert_int_equal(b->k->lookups, 1);
	route(b, "10.0.0.0/8", 0, "10.0.0.2 1");
	assert_int_equal(told(b, b->red[V4]), 1);
	assert_int_equal(told(b, b->blue[V4]), 1);
	assert_int_equal(b->k->lookups, 2);
	/* an engine that comes late to what changed is told with the others */
	unwatch(b->blue[V4], "10.1.1.1");
	route(b, "10.0.0.0/8", 0, "10.0.0.3 1");
	watch(b->blue[V4], "10.1.1.1");
	assert_int_equal(told(b, b->red[V4]), 1);
	assert_int_equal(told(b, b->blue[V4]), 1);
	assert_string_equal(knows(b->red[V4], "10.1.1.1"), "via 10.0.0.3 eth0 /8 110 0 1500");
	assert_string_equal(knows(b->blue[V4], "10.1.1.1"), "via 10.0.0.3 eth0 /8 110 0 1500");
	/* news of one family are none of the other's */
	watch(b->red[V6], "fd00::1");
	bed_work(&b->bed);
	b->k->lookups = 0;
	route(b, "fd00::/16", 0, "fe80::9 1");
	assert_int_equal(told(b, b->red[V6]), 1);
	assert_int_equal(b->k->lookups, 1);
	rpf_bed_free(b);
}

static void an_unwatch_ends_it(void **state)
{
	struct rpf_bed *b = rpf_bed_new();

	(void)state;
	watch(b->red[V4], "10.1.1.1");
	watch(b->red[V4], "10.1.1.1");
	watch(b->blue[V4], "10.1.1.1");
	unwatch(b->red[V4], "10.1.1.1");
	unwatch(b->red[V4], "10.7.7.7"); /* never watched */
	route(b, "10.0.0.0/8", 0, "10.0.0.2 1");
	assert_int_equal(told(b, b->blue[V4]), 1);
	assert_int_equal(told(b, b->red[V4]), 0);
	unwatch(b->blue[V4], "10.1.1.1");
	bed_work(&b->bed);
	b->k->lookups = 0;
	route(b, "10.0.0.0/8", 0, "10.0.0.3 1");
	assert_int_equal(told(b, b->blue[V4]), 0);
	assert_int_equal(b->k->lookups, 0);
	rpf_bed_free(b);
}

/* With news under way, it takes the mark along. */
static void an_unwatch_while_it_is_stale_leaves_nothing(void **state)
{
	struct rpf_bed *b = rpf_bed_new();

	(void)state;
	watch(b->red[V4], "10.1.1.1");
	watch(b->red[V4], "10.1.1.2");
	route(b, "10.0.0.0/8", 0, "10.0.0.2 1");
	unwatch(b->red[V4], "10.1.1.1");
	assert_int_equal(told(b, b->red[V4]), 1);
	route(b, "10.0.0.0/8", 0, "10.0.0.3 1");
	unwatch(b->red[V4], "10.1.1.2");
	assert_int_equal(told(b, b->red[V4]), 0);
	assert_false(router_work(b->r));
	rpf_bed_free(b);
}

static void links_that_go_down_are_followed(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4], *f6 = b->red[V6];

	(void)state;
	address(b, 1, "10.0.0.1/24", true);
	address(b, 1, "fd00::1/64", true);
	address(b, 2, "10.0.1.1/24", true);
	route(b, "10.1.0.0/16", 0, "10.0.0.2 1");
	route(b, "10.2.0.0/16", 0, "10.0.0.2 1 10.0.1.2 2");
	watch(f, "10.0.0.2");
	watch(f, "10.0.0.1");
	watch(f, "10.1.1.1");
	watch(f, "10.2.2.2");
	watch(f6, "fd00::1");
	watch(f6, "fd00::2");
	rpf_bed_link_down(b, 1);
	assert_int_equal(told(b, f), 3);
	assert_string_equal(knows(f, "10.0.0.1"), "own eth0 /32 0 0 1500");
	assert_string_equal(knows(f, "10.0.0.2"), "not reachable");
	assert_string_equal(knows(f, "10.1.1.1"), "not reachable");
	assert_string_equal(knows(f, "10.2.2.2"), "via 10.0.1.2 eth1 /16 110 0 1500");
	assert_int_equal(told(b, f6), 2);
	assert_string_equal(knows(f6, "fd00::1"), "not reachable");
	rpf_bed_link_up(b, 1);
	assert_int_equal(told(b, f), 2);
	assert_string_equal(knows(f, "10.0.0.2"), "connected eth0 /24 0 0 1500");
	assert_string_equal(knows(f, "10.1.1.1"), "not reachable"); /* forgotten */
	assert_string_equal(knows(f, "10.2.2.2"), "via 10.0.0.2 eth0 10.0.1.2 eth1 /16 110 0 1500");
	assert_int_equal(told(b, f6), 2);
	sim_link_gone(b->k, 1);
	assert_int_equal(told(b, f), 3);
	assert_string_equal(knows(f, "10.0.0.1"), "not reachable");
	assert_string_equal(knows(f, "10.2.2.2"), "via 10.0.1.2 eth1 /16 110 0 1500");
	rpf_bed_free(b);
}

static void an_address_becomes_our_own(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];

	(void)state;
	route(b, "10.0.0.0/8", 0, "192.0.2.1 1");
	watch(f, "10.0.5.1");
	watch(f, "10.0.5.2");
	address(b, 3, "10.0.5.1/24", true);
	assert_int_equal(told(b, f), 2);
	assert_string_equal(knows(f, "10.0.5.1"), "own eth2 /32 0 0 1500");
	assert_string_equal(knows(f, "10.0.5.2"), "connected eth2 /24 0 0 1500");
	address(b, 3, "10.0.5.1/24", false);
	assert_int_equal(told(b, f), 2);
	assert_string_equal(knows(f, "10.0.5.1"), "via 192.0.2.1 eth0 /8 110 0 1500");
	rpf_bed_free(b);
}

static void the_order_of_next_hops_is_theirs(void **state)
{
	static const char *const orders[] = {
		"10.0.2.2 3 10.0.0.9 1 10.0.0.2 1 10.0.1.2 2",
		"10.0.1.2 2 10.0.2.2 3 10.0.0.9 1 10.0.0.2 1",
		"10.0.0.9 1 10.0.0.2 1 10.0.0.9 1 10.0.1.2 2 10.0.2.2 3",
	};
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4], *f6 = b->red[V6];

	(void)state;
	watch(f, "10.9.9.9");
	route(b, "10.9.0.0/16", 0, orders[0]);
	assert_int_equal(told(b, f), 1);
	assert_string_equal(
		knows(f, "10.9.9.9"),
		"via 10.0.0.2 eth0 10.0.0.9 eth0 10.0.1.2 eth1 10.0.2.2 eth2 /16 110 0 1500");
	for (unsigned i = 0; i < NELEMS(orders); i++) {
		route(b, "10.9.0.0/16", 0, orders[i]);
		assert_int_equal(told(b, f), 0);
	}
	/* one gateway on two links */
	watch(f6, "fd09::9");
	route(b, "fd09::/16", 0, "fe80::9 2 fe80::9 1");
	assert_int_equal(told(b, f6), 1);
	assert_string_equal(knows(f6, "fd09::9"), "via fe80::9 eth0 fe80::9 eth1 /16 110 0 1500");
	route(b, "fd09::/16", 0, "fe80::9 1 fe80::9 2");
	assert_int_equal(told(b, f6), 0);
	rpf_bed_free(b);
}

static void of_many_next_hops_the_lowest_are_taken(void **state)
{
	static const char up[] = "10.0.0.1 1 10.0.0.2 1 10.0.0.3 1 10.0.0.4 1 10.0.0.5 1 "
				 "10.0.0.6 1 10.0.0.7 1 10.0.0.8 1 10.0.0.9 1 10.0.0.10 1";
	static const char down[] = "10.0.0.10 1 10.0.0.9 1 10.0.0.8 1 10.0.0.7 1 10.0.0.6 1 "
				   "10.0.0.5 1 10.0.0.4 1 10.0.0.3 1 10.0.0.2 1 10.0.0.1 1";
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];

	(void)state;
	watch(f, "10.9.9.9");
	route(b, "10.9.0.0/16", 0, up);
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.9.9.9"),
			    "via 10.0.0.1 eth0 10.0.0.2 eth0 10.0.0.3 eth0 10.0.0.4 eth0 "
			    "10.0.0.5 eth0 10.0.0.6 eth0 10.0.0.7 eth0 10.0.0.8 eth0 "
			    "/16 110 0 1500");
	route(b, "10.9.0.0/16", 0, down);
	assert_int_equal(told(b, f), 0);
	rpf_bed_free(b);
}

static void slots_that_come_and_go_are_in_the_answer(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];
	unsigned slot;

	(void)state;
	route(b, "10.1.0.0/16", 0, "10.0.3.2 4");
	watch(f, "10.1.1.1");
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.3.2 - /16 110 0 1500");
	slot = f->engine.host->op->slot(f->engine.host, "eth3");
	f->named = ifset_with(f->named, slot);
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.3.2 eth3 /16 110 0 1500");
	/* the sweep of slots that nobody names comes after a vif was given back */
	f->engine.host->op->listen(&f->engine, slot, LISTEN_DATA, true);
	bed_work(&b->bed);
	f->engine.host->op->listen(&f->engine, slot, LISTEN_DATA, false);
	f->named = ifset_without(f->named, slot);
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.3.2 - /16 110 0 1500");
	/* another device of the same name */
	sim_link_gone(b->k, 4);
	sim_link_up(b->k, 9, "eth0");
	route(b, "10.1.0.0/16", 0, "10.0.3.2 9");
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.3.2 eth0 /16 110 0 1500");
	rpf_bed_free(b);
}

static void news_that_wait_are_told_late(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];

	(void)state;
	watch(f, "10.1.1.1");
	b->k->hold = true;
	route(b, "10.0.0.0/8", 0, "10.0.0.2 1");
	assert_int_equal(told(b, f), 0);
	sim_deliver(b->k);
	assert_int_equal(told(b, f), 1);
	rpf_bed_free(b);
}

static void a_lookup_that_fails_is_no_way(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];

	(void)state;
	route(b, "10.0.0.0/8", 0, "10.0.0.2 1");
	watch(f, "10.1.1.1");
	sim_refuse(b->k, SIM_ROUTE, "No buffer space available", 1);
	router_routes_changed(b->r, V4);
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "not reachable");
	router_routes_changed(b->r, V4);
	assert_int_equal(told(b, f), 1);
	assert_string_equal(knows(f, "10.1.1.1"), "via 10.0.0.2 eth0 /8 110 0 1500");
	rpf_bed_free(b);
}

/* Ends this watch and another, and begins one. */
static void turn_over(struct fake *f, struct ip addr)
{
	fake_unwatch(f, addr);
	if (fake_known(f, f->other)->watches)
		fake_unwatch(f, f->other);
	fake_watch(f, ip("10.5.5.5"));
}

/* Ends this watch and begins it anew. */
static void watch_again(struct fake *f, struct ip addr)
{
	fake_unwatch(f, addr);
	fake_watch(f, addr);
}

static void watches_may_change_when_one_is_told(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];

	(void)state;
	f->on_told = turn_over;
	f->other = ip("10.1.1.2");
	watch(f, "10.1.1.1");
	watch(f, "10.1.1.2");
	watch(b->blue[V4], "10.1.1.2");
	route(b, "10.0.0.0/8", 0, "10.0.0.2 1");
	assert_int_equal(told(b, f), 1);
	assert_int_equal(told(b, b->blue[V4]), 1);
	assert_string_equal(knows(f, "10.5.5.5"), "via 10.0.0.2 eth0 /8 110 0 1500");

	unwatch(f, "10.5.5.5");
	f->on_told = b->blue[V4]->on_told = watch_again;
	watch(f, "10.1.1.2");
	route(b, "10.0.0.0/8", 0, "10.0.0.3 1");
	assert_int_equal(told(b, f), 1);
	assert_int_equal(told(b, b->blue[V4]), 1);
	assert_false(router_work(b->r));
	rpf_bed_free(b);
}

#define NMANY 10000

static struct ip many(unsigned i)
{
	return ip_v4(0x0a010000 + i);
}

static void many_watches_are_asked_for_in_slices(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];
	struct rpf rpf;
	unsigned slices = 0, most = 0;
	bool more;

	(void)state;
	for (unsigned i = 0; i < NMANY; i++)
		f->engine.host->op->watch(&f->engine, many(i), &rpf);
	b->k->lookups = 0;
	for (unsigned i = 0; i < 1000; i++)
		router_routes_changed(b->r, V4); /* many hints, one round */
	do {
		unsigned long before = b->k->lookups;

		more = router_work(b->r);
		slices++;
		most = b->k->lookups - before > most ? b->k->lookups - before : most;
	} while (more);
	assert_int_equal(b->k->lookups, NMANY);
	assert_in_range(most, 1, 1000);
	assert_in_range(slices, NMANY / most, NMANY);
	assert_false(router_work(b->r));
	assert_int_equal(b->k->lookups, NMANY);
	rpf_bed_free(b);
}

static unsigned heard_of[NMANY];

static void count(struct fake *f, struct ip addr, const struct rpf *rpf)
{
	unsigned i = (addr.b[13] << 16 | addr.b[14] << 8 | addr.b[15]) - 0x010000;

	(void)f;
	assert_true(rpf->reachable);
	heard_of[i]++;
}

static void hints_without_end_starve_nobody(void **state)
{
	struct rpf_bed *b = rpf_bed_new();
	struct fake *f = b->red[V4];
	struct rpf rpf;

	(void)state;
	memset(heard_of, 0, sizeof(heard_of));
	f->rpf = count;
	for (unsigned i = 0; i < NMANY; i++)
		f->engine.host->op->watch(&f->engine, many(i), &rpf);
	route(b, "10.0.0.0/8", 0, "10.0.0.2 1");
	for (unsigned i = 0; i < NMANY / 256 + 1; i++) {
		router_routes_changed(b->r, V4);
		assert_true(router_work(b->r));
	}
	for (unsigned i = 0; i < NMANY; i++)
		assert_int_equal(heard_of[i], 1);
	rpf_bed_free(b);
}

static void run_seed(uint64_t seed)
{
	rpf_random(V4, seed);
	rpf_random(V6, seed);
}

static void random_changes_are_followed(void **state)
{
	(void)state;
	bed_seeds(run_seed, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_at_once),
		cmocka_unit_test(ipv6_is_the_same),
		cmocka_unit_test(there_is_no_one_way_to_groups_and_within_a_link),
		cmocka_unit_test(a_change_is_told_once_and_nothing_else),
		cmocka_unit_test(who_was_told_settles_in_the_same_turn),
		cmocka_unit_test(every_part_of_an_answer_counts),
		cmocka_unit_test(engines_share_one_lookup),
		cmocka_unit_test(an_unwatch_ends_it),
		cmocka_unit_test(an_unwatch_while_it_is_stale_leaves_nothing),
		cmocka_unit_test(links_that_go_down_are_followed),
		cmocka_unit_test(an_address_becomes_our_own),
		cmocka_unit_test(the_order_of_next_hops_is_theirs),
		cmocka_unit_test(of_many_next_hops_the_lowest_are_taken),
		cmocka_unit_test(slots_that_come_and_go_are_in_the_answer),
		cmocka_unit_test(news_that_wait_are_told_late),
		cmocka_unit_test(a_lookup_that_fails_is_no_way),
		cmocka_unit_test(watches_may_change_when_one_is_told),
		cmocka_unit_test(many_watches_are_asked_for_in_slices),
		cmocka_unit_test(hints_without_end_starve_nobody),
		cmocka_unit_test(random_changes_are_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
