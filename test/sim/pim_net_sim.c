/* pim_net_sim.c - scenarios of networks with PIM: what happens in each, and what log it leaves
 *
 * As in net_sim.c.
 */
#include "sim/net_scenario.h"

#define G "239.1.1.1"
#define G6 "ff0e::1"
#define SSM "232.1.1.1"
#define SSM6 "ff3e::1"

static void join_both(struct net *n, const char *host)
{
	net_join(n, host, "s", SSM);
	net_join(n, host, "s", SSM6);
}

static void send_both(struct net *n, const char *host)
{
	net_send(n, host, SSM, 100);
	net_send(n, host, SSM6, 100);
}

static void leave_both(struct net *n, const char *host)
{
	net_leave(n, host, SSM);
	net_leave(n, host, SSM6);
}

#define PIM(a, b) "module pim\nphyint " a " pim\nphyint " b " pim\n"

/* A router upstream of a LAN, and two behind it. */
static struct net *lan(void)
{
	struct net *n = net_begin();

	net_routing(n, 1, 50, 20);
	net_router(n, "up", "top lan", PIM("top", "lan"));
	net_router(n, "r1", "lan a", PIM("lan", "a"));
	net_router(n, "r2", "lan b", PIM("lan", "b"));
	net_host(n, "s", "top");
	net_host(n, "h1", "a");
	net_host(n, "h2", "b");
	send_both(n, "s");
	net_run(n, SEC(40));
	return n;
}

static void stop(struct net *n)
{
	net_send(n, "s", SSM, 0);
	net_send(n, "s", SSM6, 0);
	leave_both(n, "h1");
	leave_both(n, "h2");
	net_run(n, SEC(600));
	net_check_idle(n);
	net_finish(n);
}

/* PIM-92: one of two leaves; the other one says that it needs the stream, and loses nothing. */
static void a_prune_that_is_overridden(void **state)
{
	struct net *n = lan();

	(void)state;
	join_both(n, "h1");
	join_both(n, "h2");
	net_run(n, SEC(2));
	net_strict(n, true);
	net_check(n, SEC(20));
	leave_both(n, "h1");
	net_check_listeners(n, SEC(10));
	net_check(n, SEC(10));
	leave_both(n, "h2");
	net_run(n, SEC(10));
	net_check(n, SEC(10));
	check_log(n, "a_prune_that_is_overridden");
	stop(n);
}

/* PIM-91: who hears the Join of another one does not say his own. */
static void joins_that_are_suppressed(void **state)
{
	struct net *n = lan();
	unsigned long before, both, alone;

	(void)state;
	join_both(n, "h1");
	before = net_carried(n, "lan", true);
	net_run(n, SEC(600));
	alone = net_carried(n, "lan", true) - before;
	join_both(n, "h2");
	net_run(n, SEC(10));
	net_strict(n, true);
	before = net_carried(n, "lan", true);
	net_check(n, SEC(600));
	both = net_carried(n, "lan", true) - before;
	/* Joins of one router, of each family, now and then of the other one too */
	assert_in_range(both, alone - 8, alone + 8);
	stop(n);
}

/* Two ways from the source to the listener. */
static struct net *square(void)
{
	struct net *n = net_begin();

	net_routing(n, 1, 50, 20);
	net_router(n, "first", "top x y", PIM("top", "x") "phyint y pim\n");
	net_router(n, "left", "x u", PIM("x", "u"));
	net_router(n, "right", "y v", PIM("y", "v"));
	net_router(n, "last", "u v a", PIM("u", "v") "phyint a pim\n");
	net_cost(n, "y", 5);
	net_host(n, "s", "top");
	net_host(n, "h1", "a");
	net_host(n, "h2", "a");
	send_both(n, "s");
	net_run(n, SEC(40));
	join_both(n, "h1");
	net_run(n, SEC(2));
	return n;
}

/* PIM-94: the better way is another one, and nothing fails. */
static void a_route_that_changes(void **state)
{
	struct net *n = square();

	(void)state;
	net_check(n, SEC(10));
	net_cost(n, "x", 20);
	net_run(n, SEC(5));
	net_check(n, SEC(10));
	net_cost(n, "x", 1);
	net_run(n, SEC(5));
	net_check(n, SEC(10));
	check_log(n, "a_route_that_changes");
	stop(n);
}

/* PIM-94: the way that is used breaks; the other one is there as soon as routing knows. */
static void a_link_that_breaks(void **state)
{
	struct net *n = square();

	(void)state;
	net_link(n, "x", false);
	net_run(n, 300);
	net_check(n, SEC(10));
	net_link(n, "x", true);
	net_run(n, SEC(10));
	net_check(n, SEC(10));
	check_log(n, "a_link_that_breaks");
	stop(n);
}

/* PIM-35, PIM-93: a router that begins anew has its streams back with the next Hello. */
static void a_neighbor_that_restarts(void **state)
{
	struct net *n = lan();

	(void)state;
	join_both(n, "h1");
	join_both(n, "h2");
	net_run(n, SEC(5));
	net_check(n, SEC(10));
	net_kill(n, "up", NET_CRASH);
	net_run(n, SEC(1));
	net_start(n, "up");
	net_run(n, SEC(8));
	net_check(n, SEC(10));
	net_kill(n, "r1", NET_STOP);
	net_run(n, SEC(1));
	net_start(n, "r1");
	net_run(n, SEC(12));
	net_check(n, SEC(10));
	check_log(n, "a_neighbor_that_restarts");
	stop(n);
}

#define RP "rp-address 10.0.3.2\nrp-address fd00:0:0:3::2\n"

static void send_any(struct net *n, const char *host, int64_t every)
{
	net_send(n, host, G, every);
	net_send(n, host, G6, every);
}

static void join_any(struct net *n, const char *host)
{
	net_join(n, host, "*", G);
	net_join(n, host, "*", G6);
}

static void leave_any(struct net *n, const char *host)
{
	net_leave(n, host, G);
	net_leave(n, host, G6);
}

/*
 * PIM-99: sources and listeners at all places of a tree whose middle is the RP; they come and go in
 * any order.
 */
static void a_tree_with_its_rp(void **state)
{
	static const char *const hosts[] = { "h1", "h2", "h3", "h4" };
	struct net *n = net_begin();

	(void)state;
	net_routing(n, 1, 50, 20);
	net_router(n, "r1", "a m", PIM("a", "m") RP);
	net_router(n, "rp", "m o b", PIM("m", "o") "phyint b pim\n" RP);
	net_router(n, "r3", "o c d", PIM("o", "c") "phyint d pim\n" RP);
	net_host(n, "h1", "a");
	net_host(n, "h2", "b");
	net_host(n, "h3", "c");
	net_host(n, "h4", "d");
	net_run(n, SEC(40));
	for (unsigned i = 0; i < NELEMS(hosts); i++) {
		join_any(n, hosts[i]);
		net_run(n, SEC(1));
		send_any(n, hosts[(i + 1) % NELEMS(hosts)], 200);
		net_run(n, SEC(2));
		net_check(n, SEC(5));
	}
	net_run(n, SEC(200));
	net_check(n, SEC(10));
	for (unsigned i = 0; i < NELEMS(hosts); i++) {
		leave_any(n, hosts[i]);
		net_run(n, SEC(10));
		net_check(n, SEC(5));
	}
	for (unsigned i = 0; i < NELEMS(hosts); i++)
		send_any(n, hosts[i], 0);
	net_run(n, SEC(1000));
	net_check_idle(n);
	net_finish(n);
}

#define MANY 1000

/* PIM-105, PIM-140: many groups at once are joined over three routers within a moment. */
static void many_groups_at_once(void **state)
{
	struct net_options options = { .seed = 1 };
	struct net *n = net_new(&options);
	unsigned long before;
	char group[32];

	(void)state;
	net_routing(n, 1, 50, 20);
	net_router(n, "r1", "top x", PIM("top", "x"));
	net_router(n, "r2", "x y", PIM("x", "y"));
	net_router(n, "r3", "y a", PIM("y", "a"));
	net_host(n, "s", "top");
	net_host(n, "h1", "a");
	net_run(n, SEC(40));
	before = net_carried(n, "x", true);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(group, sizeof(group), "232.1.%u.%u", i / 250, 1 + i % 250);
		net_join(n, "h1", "s", group);
	}
	net_run(n, 500);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(group, sizeof(group), "232.1.%u.%u", i / 250, 1 + i % 250);
		assert_true(net_forwards(n, "r1", "s", group, "top", "x"));
		assert_true(net_forwards(n, "r2", "s", group, "x", "y"));
		assert_true(net_forwards(n, "r3", "s", group, "y", "a"));
	}
	assert_in_range(net_carried(n, "x", true) - before, MANY / 73, MANY / 10);
	before = net_carried(n, "x", true);
	net_run(n, SEC(600));
	/* ten refreshes, and Hellos of two routers and families */
	assert_in_range(net_carried(n, "x", true) - before, 10 * MANY / 73, 20 * MANY / 73 + 100);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(group, sizeof(group), "232.1.%u.%u", i / 250, 1 + i % 250);
		assert_true(net_forwards(n, "r1", "s", group, "top", "x"));
		net_leave(n, "h1", group);
	}
	net_run(n, SEC(10));
	net_check_idle(n);
	net_finish(n);
}

static void stop_any(struct net *n)
{
	send_any(n, "s", 0);
	leave_any(n, "h1");
	leave_any(n, "h2");
	net_run(n, SEC(1000));
	net_check_idle(n);
	net_finish(n);
}

#define RP2 "rp-address 10.0.4.1\nrp-address fd00:0:0:4::1\n"

/*
 * PIM-100, PIM-103: the last router has a way of its own to the source, and takes it; the source is
 * pruned off the shared tree, and comes by it again when it does not come by the other one.
 */
static void a_source_that_has_its_own_tree(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_routing(n, 1, 50, 20);
	net_router(n, "first", "top u d", PIM("top", "u") "phyint d pim\n" RP2);
	net_router(n, "rp", "u v b", PIM("u", "v") "phyint b pim\n" RP2);
	net_router(n, "last", "v d a", PIM("v", "d") "phyint a pim\n" RP2);
	net_host(n, "s", "top");
	net_host(n, "h1", "a");
	net_host(n, "h2", "b");
	net_run(n, SEC(40));
	join_any(n, "h1");
	net_run(n, SEC(1));
	send_any(n, "s", 100);
	net_run(n, SEC(2));
	net_check(n, SEC(70));
	join_any(n, "h2");
	net_run(n, SEC(2));
	net_check(n, SEC(10));
	net_link(n, "d", false);
	net_run(n, SEC(5));
	net_check(n, SEC(10));
	check_log(n, "a_source_that_has_its_own_tree");
	stop_any(n);
}

/*
 * PIM-101: of two routers behind the RP, one leaves the shared tree for a way of its own; the other
 * one stays there, and says so.
 */
static void a_source_that_one_prunes(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_routing(n, 1, 50, 20);
	net_router(n, "first", "top u d", PIM("top", "u") "phyint d pim\n" RP2);
	net_router(n, "rp", "u lan", PIM("u", "lan") RP2);
	net_router(n, "r1", "lan a", PIM("lan", "a") "spt-threshold infinity\n" RP2);
	net_router(n, "r2", "lan d b", PIM("lan", "d") "phyint b pim\n" RP2);
	net_host(n, "s", "top");
	net_host(n, "h1", "a");
	net_host(n, "h2", "b");
	net_run(n, SEC(40));
	join_any(n, "h1");
	join_any(n, "h2");
	net_run(n, SEC(1));
	net_strict(n, true);
	send_any(n, "s", 100);
	net_run(n, SEC(5));
	net_check(n, SEC(100));
	leave_any(n, "h1");
	net_run(n, SEC(30));
	net_check(n, SEC(10));
	check_log(n, "a_source_that_one_prunes");
	stop_any(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prune_that_is_overridden),
		cmocka_unit_test(joins_that_are_suppressed),
		cmocka_unit_test(a_route_that_changes),
		cmocka_unit_test(a_link_that_breaks),
		cmocka_unit_test(a_neighbor_that_restarts),
		cmocka_unit_test(a_tree_with_its_rp),
		cmocka_unit_test(a_source_that_has_its_own_tree),
		cmocka_unit_test(a_source_that_one_prunes),
		cmocka_unit_test(many_groups_at_once),
	};

	return cmocka_run_group_tests_name("pim_net_sim", tests, NULL, NULL);
}
