/* pim_net_assert_sim.c - networks of PIM routers: who of two forwards to a link
 *
 * As in net_sim.c.
 */
#include "sim/net_scenario.h"

static const char *const groups[] = { "239.1.1.1", "ff0e::1:1" };
static const char *const ssm_groups[] = { "232.1.1.1", "ff3e::1:1" };

static void join(struct net *n, const char *host, const char *source, const char *const *group)
{
	for (enum af af = V4; af <= V6; af++)
		net_join(n, host, source, group[af]);
}

static void leave(struct net *n, const char *host, const char *const *group)
{
	for (enum af af = V4; af <= V6; af++)
		net_leave(n, host, group[af]);
}

static void send_every(struct net *n, const char *host, const char *const *group, int64_t ms)
{
	for (enum af af = V4; af <= V6; af++)
		net_send(n, host, group[af], ms);
}

/* They send for a while, then no more: how many packets were on the LAN twice. */
static long doubled(struct net *n, const char *const *group, int64_t ms)
{
	unsigned long before = net_carried(n, "lan", false);

	send_every(n, "s", group, 10);
	net_run(n, ms);
	send_every(n, "s", group, 0);
	net_run(n, 100);
	return (long)(net_carried(n, "lan", false) - before) - 2 * ms / 10;
}

/*
 * Two routers lead to a LAN, where each is the way to the source, and to the RP, for one of two
 * that want the stream: d2 has it by a static route.
 *
 *	s src first x a lan d1 h1
 *	            y b     d2 h2
 */
#define PIM "module pim\nphyint + pim\nrp-address 10.0.1.1\nrp-address fd00:0:0:1::1\n"

static struct net *two_forwarders(const char *more)
{
	struct net *n = net_begin();
	char conf[512], odd[1024];

	snprintf(conf, sizeof(conf), "%s%s", PIM, more);
	snprintf(odd, sizeof(odd),
		 "%srpf 10.0.1.0/24 via 10.0.4.2\nrpf fd00:0:0:1::/64 via fd00:0:0:4::2\n", conf);
	net_routing(n, 1, 1, 0);
	net_router(n, "first", "src x y", conf);
	net_router(n, "a", "x lan", conf);
	net_router(n, "b", "y lan", conf);
	net_router(n, "d1", "lan l1", conf);
	net_router(n, "d2", "lan l2", odd);
	net_host(n, "s", "src");
	net_host(n, "h1", "l1");
	net_host(n, "h2", "l2");
	net_cost(n, "y", 2);
	net_run(n, SEC(40));
	return n;
}

static void all_leave(struct net *n, const char *const *group)
{
	send_every(n, "s", group, 0);
	leave(n, "h1", group);
	leave(n, "h2", group);
	net_run(n, SEC(500));
	net_check_idle(n);
	net_finish(n);
}

/* One packet comes twice at most, then there is one forwarder, whatever flows. */
static void find_out(struct net *n, const char *const *group, const char *source)
{
	join(n, "h1", source, group);
	join(n, "h2", source, group);
	net_run(n, SEC(4));
	assert_in_range(doubled(n, group, SEC(1)), 0, 2 * 2);
	send_every(n, "s", group, 10);
	net_check(n, SEC(5));
}

static void two_forwarders_of_a_source(void **state)
{
	struct net *n = two_forwarders("");

	(void)state;
	find_out(n, ssm_groups, "s");
	check_log(n, "two_forwarders_of_a_source");
	all_leave(n, ssm_groups);
}

static void two_forwarders_of_a_group(void **state)
{
	struct net *n = two_forwarders("spt-threshold infinity\n");

	(void)state;
	find_out(n, groups, "*");
	check_log(n, "two_forwarders_of_a_group");
	all_leave(n, groups);
}

/* They find out twice: for the tree of the RP, and for that of the source. */
static void two_forwarders_of_both_trees(void **state)
{
	struct net *n = two_forwarders("");

	(void)state;
	find_out(n, groups, "*");
	all_leave(n, groups);
}

/*
 * One of them leads to the RP alone, and the other one to the source, for the one of two that
 * leaves the shared tree: it had heard of the stream before, from the link.
 */
static void two_trees_on_a_link(void **state)
{
	struct net *n = two_forwarders("");

	(void)state;
	net_configure(n, "d1", PIM "spt-threshold infinity\n");
	net_configure(n, "d2",
		      PIM "rpf 10.0.1.2 via 10.0.4.2\n"
			  "rpf fd00:0:0:1::2 via fd00:0:0:4::2\n");
	join(n, "h1", "*", groups);
	net_run(n, SEC(1));
	send_every(n, "s", groups, 10);
	net_check(n, SEC(5));
	send_every(n, "s", groups, 0);
	net_run(n, 100);
	join(n, "h2", "*", groups);
	assert_int_equal(doubled(n, groups, SEC(2)), 0);
	send_every(n, "s", groups, 10);
	net_check(n, SEC(5));
	assert_true(net_forwards(n, "b", "s", groups[V4], "y", "lan"));
	assert_true(net_forwards(n, "b", "s", groups[V6], "y", "lan"));
	all_leave(n, groups);
}

/* Nobody sends for long: what was found out is still known, and nothing comes twice. */
static void a_silent_source(void **state)
{
	struct net *n = two_forwarders("");

	(void)state;
	find_out(n, ssm_groups, "s");
	send_every(n, "s", ssm_groups, 0);
	net_run(n, SEC(1000));
	assert_int_equal(doubled(n, ssm_groups, SEC(1)), 0);
	all_leave(n, ssm_groups);
}

/* The loser takes over as soon as it is known that the winner is gone. */
static void a_winner_that_dies(void **state)
{
	struct net *n = two_forwarders("");

	(void)state;
	find_out(n, ssm_groups, "s");
	net_kill(n, "a", NET_CRASH);
	net_run(n, SEC(106));
	net_check_listeners(n, SEC(5));
	net_start(n, "a");
	net_run(n, SEC(210));
	net_check(n, SEC(5));
	all_leave(n, ssm_groups);
}

static void a_winner_that_says_goodbye(void **state)
{
	struct net *n = two_forwarders("");

	(void)state;
	find_out(n, groups, "*");
	net_kill(n, "a", NET_STOP);
	net_run(n, 100);
	net_check_listeners(n, SEC(5));
	all_leave(n, groups);
}

/* It says that its way is longer now when it says its Assert again. */
static void a_winner_that_is_worse(void **state)
{
	struct net *n = two_forwarders("");

	(void)state;
	find_out(n, ssm_groups, "s");
	send_every(n, "s", ssm_groups, 0);
	net_run(n, 100);
	net_cost(n, "x", 9);
	assert_in_range(doubled(n, ssm_groups, SEC(200)), 0, 2 * 2);
	send_every(n, "s", ssm_groups, 10);
	net_check(n, SEC(5));
	assert_true(net_forwards(n, "b", "s", ssm_groups[V4], "y", "lan"));
	all_leave(n, ssm_groups);
}

/* Asserts are lost, too, but not each. */
static void a_link_with_loss(void **state)
{
	struct net *n = two_forwarders("");

	(void)state;
	net_quality(n, "lan", .delay = 1, .loss = 500);
	join(n, "h1", "s", ssm_groups);
	join(n, "h2", "s", ssm_groups);
	send_every(n, "s", ssm_groups, 10);
	net_run(n, SEC(10));
	net_quality(n, "lan", .delay = 1);
	net_run(n, SEC(130));
	net_check(n, SEC(10));
	all_leave(n, ssm_groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_forwarders_of_a_source),
		cmocka_unit_test(two_forwarders_of_a_group),
		cmocka_unit_test(two_forwarders_of_both_trees),
		cmocka_unit_test(two_trees_on_a_link),
		cmocka_unit_test(a_silent_source),
		cmocka_unit_test(a_winner_that_dies),
		cmocka_unit_test(a_winner_that_says_goodbye),
		cmocka_unit_test(a_winner_that_is_worse),
		cmocka_unit_test(a_link_with_loss),
	};

	return cmocka_run_group_tests_name("pim_net_assert_sim", tests, NULL, NULL);
}
