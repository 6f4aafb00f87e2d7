/* pim_net_auto_sim.c - networks of PIM routers that flood the groups of Auto-RP
 *
 * As in net_sim.c.
 */
#include "sim/net_scenario.h"

#define DISCOVERY "224.0.1.40"

/*
 *	s src r1 lan r3 dst h
 *	      r2     r4
 *	               stub r5 end h2
 *
 * All links but the last ones have several routers, each of which would flood them.
 */
static struct net *network(const char *conf)
{
	struct net *n = net_begin();

	net_routing(n, 1, 100, 50);
	net_router(n, "r1", "src lan", conf);
	net_router(n, "r2", "src lan", conf);
	net_router(n, "r3", "lan dst", conf);
	net_router(n, "r4", "lan dst stub", conf);
	net_router(n, "r5", "stub end", conf);
	net_host(n, "s", "src");
	net_host(n, "h", "dst");
	net_host(n, "h2", "end");
	net_run(n, SEC(40));
	return n;
}

#define CONF "module pim\nphyint + pim\nauto-rp\n"

static void end(struct net *n)
{
	net_send(n, "s", DISCOVERY, 0);
	net_leave(n, "h", DISCOVERY);
	net_leave(n, "h2", DISCOVERY);
	net_run(n, SEC(700));
	net_check_idle(n);
	net_finish(n);
}

/* One of those routers floods a link before the next packets come; nothing goes in a circle. */
static void flooded_once(void **state)
{
	struct net *n = network(CONF);

	(void)state;
	net_join(n, "h", "*", DISCOVERY);
	net_join(n, "h2", "*", DISCOVERY);
	net_run(n, SEC(1));
	net_send(n, "s", DISCOVERY, 1000);
	net_run(n, SEC(10));
	net_check_listeners(n, SEC(300));
	end(n);
}

/* The one that does so dies, or the way to the source is another one. */
static void the_flooder_dies(void **state)
{
	static const char *const routers[] = { "r1", "r2", "r3" };

	(void)state;
	for (unsigned i = 0; i < NELEMS(routers); i++) {
		struct net *n = network(CONF);

		net_join(n, "h", "*", DISCOVERY);
		net_join(n, "h2", "*", DISCOVERY);
		net_send(n, "s", DISCOVERY, 1000);
		net_run(n, SEC(20));
		net_kill(n, routers[i], NET_STOP);
		net_run(n, SEC(10));
		net_check_listeners(n, SEC(60));
		net_start(n, routers[i]);
		net_run(n, SEC(20));
		net_check_listeners(n, SEC(60));
		end(n);
	}
}

/* Behind the border nothing comes. */
static void a_border(void **state)
{
	struct net *n = network(CONF "phyint stub scoped 224.0.1.0/24\n");

	(void)state;
	net_join(n, "h", "*", DISCOVERY);
	net_join(n, "h2", "*", DISCOVERY);
	net_send(n, "s", DISCOVERY, 1000);
	net_run(n, SEC(100));
	assert_in_range(net_received(n, "h", "s", DISCOVERY), 98, 110);
	assert_int_equal(net_received(n, "h2", "s", DISCOVERY), 0);
	end(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-203: flooded once to each link", flooded_once, NULL, NULL, NULL },
		{ "PIM-203: a router that floods dies", the_flooder_dies, NULL, NULL, NULL },
		{ "PIM-203: flooded up to a border", a_border, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_net_auto_sim", tests, NULL, NULL);
}
