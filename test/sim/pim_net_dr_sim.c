/* pim_net_dr_sim.c - scenarios of networks whose designated router goes
 *
 * As in net_sim.c.
 */
#include "sim/net_scenario.h"

#define G "239.1.1.1"

/* The RP is the first router of a scenario, on the first link. */
#define PIM                     \
	"module pim\n"          \
	"phyint + pim\n"        \
	"rp-address 10.0.1.1\n" \
	"rp-address fd00:0:0:1::1\n"

/* Two routers serve the listeners of a LAN, r2 first: it has the higher address. */
static struct net *two_on_a_lan(void)
{
	struct net *n = net_begin();

	net_routing(n, 1, 1, 0);
	net_router(n, "rp", "src core", PIM);
	net_router(n, "r1", "core lan", PIM);
	net_router(n, "r2", "core lan", PIM);
	net_host(n, "s", "src");
	net_host(n, "h", "lan");
	net_join(n, "h", "*", G);
	net_send(n, "s", G, 100);
	net_run(n, SEC(15));
	net_check(n, SEC(5));
	assert_true(net_forwards(n, "r2", "s", G, "core", "lan"));
	return n;
}

static void all_leave(struct net *n)
{
	net_send(n, "s", G, 0);
	net_leave(n, "h", G);
	net_run(n, SEC(300));
	net_check_idle(n);
}

/* Listeners are served by the next one when its neighbor times out, and by one when it is back. */
static void a_dr_that_dies(void **state)
{
	struct net *n = two_on_a_lan();

	(void)state;
	net_kill(n, "r2", NET_CRASH);
	net_run(n, SEC(106));
	net_check(n, SEC(5));
	net_start(n, "r2");
	net_run(n, SEC(15));
	net_check(n, SEC(5));
	all_leave(n);
	net_finish(n);
}

/* They are at once if it says so. */
static void a_dr_that_says_goodbye(void **state)
{
	struct net *n = two_on_a_lan();

	(void)state;
	net_kill(n, "r2", NET_STOP);
	net_check(n, SEC(5));
	net_start(n, "r2");
	net_run(n, SEC(15));
	net_check(n, SEC(5));
	all_leave(n);
	check_log(n, "a_dr_that_says_goodbye");
	net_finish(n);
}

/* Or if another one is preferred, and then no longer. */
static void a_dr_that_is_preferred(void **state)
{
	struct net *n = two_on_a_lan();

	(void)state;
	net_configure(n, "r1", PIM "phyint lan dr-priority 2\n");
	net_run(n, SEC(1));
	net_check(n, SEC(5));
	net_configure(n, "r1", PIM);
	net_run(n, SEC(1));
	net_check(n, SEC(5));
	all_leave(n);
	net_finish(n);
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	return p;
}

/* Or if its address is the lower one now. */
static void a_dr_with_another_address(void **state)
{
	struct net *n = two_on_a_lan();
	struct prefix before = prefix("10.0.3.2/24"), after = prefix("10.0.0.9/24");
	struct sim_kern *k = net_kern(n, "r2");
	unsigned lan = sim_link_index(k, "lan");

	(void)state;
	sim_address(k, lan, &after, true);
	sim_address(k, lan, &before, false);
	net_ask(n, "r2", "show interfaces");
	net_run(n, SEC(1));
	net_check(n, SEC(5));
	sim_address(k, lan, &before, true);
	sim_address(k, lan, &after, false);
	net_ask(n, "r2", "show interfaces");
	net_run(n, SEC(1));
	net_check(n, SEC(5));
	all_leave(n);
	net_finish(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dr_that_dies),
		cmocka_unit_test(a_dr_that_says_goodbye),
		cmocka_unit_test(a_dr_that_is_preferred),
		cmocka_unit_test(a_dr_with_another_address),
	};

	return cmocka_run_group_tests_name("pim_net_dr_sim", tests, NULL, NULL);
}
