/* net_sim.c - scenarios of networks: what happens in each, and the log that it is to leave
 *
 * The log of a scenario that is kept is log/NAME.log; UPDATE=1 writes it anew. LOG=all prints the
 * whole of each log, PCAP=FOLDER writes a file for each link.
 */
#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "sim/net_scenario.h"

#define G "239.1.1.1"
#define G6 "ff0e::1"
#define SSM "232.1.1.1"

/* One router after another, with a stream of each family through all of them. */
static void a_chain_of_static_routes(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_static(n);
	net_router(n, "r1", "a b",
		   "mroute from a group 239.1.0.0/16 to b\n"
		   "mroute from a group ff0e::/16 to b\n");
	net_router(n, "r2", "b c",
		   "mroute from b group 239.1.0.0/16 to c\n"
		   "mroute from b group ff0e::/16 to c\n");
	net_router(n, "r3", "c d",
		   "mroute from c group 239.1.0.0/16 to d\n"
		   "mroute from c group ff0e::/16 to d\n");
	net_host(n, "s", "a");
	net_host(n, "h", "d");
	net_join(n, "h", "*", G);
	net_join(n, "h", "*", G6);
	net_send(n, "s", G, 100);
	net_send(n, "s", G6, 100);
	net_check(n, SEC(3));
	net_kill(n, "r2", NET_CRASH_KEPT);
	net_run(n, SEC(1));
	net_start(n, "r2");
	net_check(n, SEC(3));
	net_send(n, "s", G, 0);
	net_send(n, "s", G6, 0);
	net_run(n, SEC(200));
	net_check_idle(n);
	check_log(n, "a_chain_of_static_routes");
	net_finish(n);
}

/* One sends to many, of whom some leave and come. */
static void a_tree_of_static_routes(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_static(n);
	net_router(n, "root", "top x y", "mroute from top group 239.1.1.1 to x y\n");
	net_router(n, "left", "x a b", "mroute from x group 239.1.1.1 to a b\n");
	net_router(n, "right", "y c d", "mroute from y group 239.1.1.1 to c d\n");
	net_host(n, "s", "top");
	net_host(n, "ha", "a");
	net_host(n, "hb", "b");
	net_host(n, "hc", "c");
	net_host(n, "hd", "d");
	net_join(n, "ha", "*", G);
	net_join(n, "hb", "s", SSM);
	net_join(n, "hd", "*", G);
	net_send(n, "s", G, 200);
	net_check(n, SEC(2));
	net_join(n, "hc", "*", G);
	net_leave(n, "hd", G);
	net_check(n, SEC(2));
	net_configure(n, "right", "mroute from y group 239.1.1.1 to c\n");
	net_check(n, SEC(2));
	net_kill(n, "left", NET_CRASH);
	net_check(n, SEC(2));
	net_start(n, "left");
	net_link(n, "y", false);
	net_check(n, SEC(2));
	net_link(n, "y", true);
	net_check(n, SEC(2));
	check_log(n, "a_tree_of_static_routes");
	net_finish(n);
}

/* Both ways around a triangle, and what comes in the wrong way goes nowhere. */
static void a_triangle_of_static_routes(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_static(n);
	net_router(n, "r1", "a ab ac", "mroute from a group 239.1.1.1 to ab ac\n");
	net_router(n, "r2", "b ab bc", "mroute from ab group 239.1.1.1 to b bc\n");
	net_router(n, "r3", "c ac bc", "mroute from ac group 239.1.1.1 to c bc\n");
	net_host(n, "s", "a");
	net_host(n, "h2", "b");
	net_host(n, "h3", "c");
	net_join(n, "h2", "*", G);
	net_join(n, "h3", "*", G);
	net_send(n, "s", G, 1000);
	net_check(n, SEC(10));
	check_log(n, "a_triangle_of_static_routes");
	net_finish(n);
}

#define TIMES "phyint + igmp-query-interval 20 mld-query-interval 20\n"

/* The one that HACKING.md shows. */
static void a_listener_behind_two_proxies(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_router(n, "p1", "top a", "proxy upstream top downstream a\n");
	net_router(n, "p2", "a b", "proxy upstream a downstream b\n");
	net_upstream(n, "p1", "top");
	net_upstream(n, "p2", "a");
	net_host(n, "s", "top");
	net_host(n, "h", "b");
	net_send(n, "s", G, 1000);
	net_join(n, "h", "*", G);
	net_run(n, SEC(2));
	net_check(n, SEC(5));
	check_log(n, "a_listener_behind_two_proxies");
	net_finish(n);
}

/* One proxy below another, listeners and sources above, between and below. */
static void a_cascade_of_four_proxies(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_strict(n, true);
	net_router(n, "p1", "top a", "proxy upstream top downstream a\n");
	net_router(n, "p2", "a b", "proxy upstream a downstream b\n");
	net_router(n, "p3", "b c", "proxy upstream b downstream c\n");
	net_router(n, "p4", "c d e", "proxy upstream c downstream d e\n");
	net_upstream(n, "p1", "top");
	net_upstream(n, "p2", "a");
	net_upstream(n, "p3", "b");
	net_upstream(n, "p4", "c");
	net_host(n, "above", "top");
	net_host(n, "below", "e");
	net_host(n, "hb", "b");
	net_host(n, "hd", "d");
	net_run(n, SEC(10));
	net_send(n, "above", SSM, 1000);
	net_send(n, "above", G6, 1000);
	net_send(n, "below", G6, 1000);
	net_join(n, "hd", "above", SSM);
	net_join(n, "hd", "*", G6);
	net_run(n, SEC(1));
	net_check(n, SEC(5));
	net_join(n, "hb", "*", G6);
	net_filter(n, "hd", G6, FILTER_EXCLUDE, "above");
	net_run(n, SEC(10));
	net_check(n, SEC(5));
	net_leave(n, "hd", SSM);
	net_leave(n, "hd", G6);
	net_run(n, SEC(12));
	net_check(n, SEC(5));
	net_leave(n, "hb", G6);
	net_run(n, SEC(12));
	net_check(n, SEC(5));
	net_send(n, "above", SSM, 0);
	net_send(n, "above", G6, 0);
	net_send(n, "below", G6, 0);
	net_run(n, SEC(200));
	net_check_idle(n);
	check_log(n, "a_cascade_of_four_proxies");
	net_finish(n);
}

/* Each group comes by the upstream that takes it; what the first does not, by the second. */
static void a_proxy_with_several_upstreams(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_router(n, "p", "one two three d",
		   "proxy upstream one group 239.1.0.0/16 upstream two source 10.0.2.0/24 "
		   "upstream three downstream d\n");
	net_upstream(n, "p", "one two three");
	net_host(n, "s1", "one");
	net_host(n, "s2", "two");
	net_host(n, "s3", "three");
	net_host(n, "h", "d");
	net_send(n, "s1", G, 1000);
	net_send(n, "s2", SSM, 1000);
	net_send(n, "s3", SSM, 1000);
	net_filter(n, "h", SSM, FILTER_INCLUDE, "s2 s3");
	net_join(n, "h", "*", G);
	net_run(n, SEC(1));
	net_check(n, SEC(5));
	net_leave(n, "h", G);
	net_join(n, "h", "s3", SSM);
	net_run(n, SEC(4));
	net_check(n, SEC(5));
	check_log(n, "a_proxy_with_several_upstreams");
	net_finish(n);
}

/* The source can be reached by both; while the first upstream is away, the second does. */
static void an_upstream_that_flaps(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_router(n, "core", "top one two", TIMES "proxy upstream top downstream one two\n");
	net_router(n, "p", "one two d", TIMES "proxy upstream one upstream two downstream d\n");
	net_upstream(n, "core", "top");
	net_upstream(n, "p", "one two");
	net_host(n, "s", "top");
	net_host(n, "h", "d");
	net_send(n, "s", G, 500);
	net_join(n, "h", "*", G);
	net_run(n, SEC(2));
	net_check(n, SEC(2));
	for (unsigned i = 0; i < 4; i++) {
		net_link(n, "one", i % 2);
		net_run(n, SEC(1));
		net_check_listeners(n, SEC(2));
	}
	net_port(n, "p", "one", false);
	net_run(n, SEC(60));
	net_check(n, SEC(2));
	net_port(n, "p", "one", true);
	net_run(n, SEC(60));
	net_check(n, SEC(2));
	check_log(n, "an_upstream_that_flaps");
	net_finish(n);
}

/* The one with the lower address asks; when it is gone the other does, until it is back. */
static void two_queriers_on_a_link(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_router(n, "q1", "a", TIMES "phyint a igmp mld\n");
	net_router(n, "q2", "a", TIMES "phyint a igmp mld\n");
	net_host(n, "h", "a");
	net_join(n, "h", "*", G);
	net_join(n, "h", "*", G6);
	net_run(n, SEC(60));
	assert_non_null(strstr(net_ask(n, "q2", "show groups"), G));
	net_kill(n, "q1", NET_CRASH);
	net_run(n, SEC(100));
	net_leave(n, "h", G);
	net_run(n, SEC(10));
	assert_null(strstr(net_ask(n, "q2", "show groups"), "\"" G "\""));
	assert_non_null(strstr(net_ask(n, "q2", "show groups"), G6));
	net_start(n, "q1");
	net_run(n, SEC(30));
	check_log(n, "two_queriers_on_a_link");
	net_finish(n);
}

/* RFC 4605 3: the querier alone forwards to a link, and from it, until the other takes over. */
static void two_proxies_on_a_link(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_router(n, "p1", "top d", TIMES "proxy upstream top downstream d\n");
	net_router(n, "p2", "top d e", TIMES "proxy upstream top downstream d e\n");
	net_upstream(n, "p1", "top");
	net_upstream(n, "p2", "top");
	net_host(n, "above", "top");
	net_host(n, "below", "d");
	net_host(n, "h", "d");
	net_host(n, "he", "e");
	net_run(n, SEC(10));
	net_send(n, "above", G, 1000);
	net_send(n, "below", G, 1000);
	net_join(n, "h", "*", G);
	net_join(n, "he", "*", G);
	net_run(n, SEC(10));
	net_check(n, SEC(5));
	net_kill(n, "p1", NET_CRASH);
	net_run(n, SEC(60));
	net_check(n, SEC(5));
	net_start(n, "p1");
	net_run(n, SEC(20));
	net_check(n, SEC(5));
	check_log(n, "two_proxies_on_a_link");
	net_finish(n);
}

/* Another process goes on with the streams of the one before, before it heard of a listener. */
static void upgrade(const struct module *const *modules)
{
	struct net_options options = { .seed = 1, .modules = modules };
	struct net *n = net_new(&options);

	net_strict(n, true);
	net_router(n, "p", "top a b c", "proxy upstream top downstream a b c\n");
	net_host(n, "above", "top");
	net_host(n, "below", "a");
	net_host(n, "hb", "b");
	net_host(n, "hc", "c");
	net_send(n, "above", G, 50);
	net_send(n, "below", G, 50);
	net_join(n, "hb", "*", G);
	net_join(n, "hc", "*", G);
	net_run(n, SEC(5));
	for (unsigned i = 0; i < 3; i++) {
		net_kill(n, "p", NET_CRASH_KEPT);
		net_run(n, SEC(i));
		net_start(n, "p");
		net_check_listeners(n, SEC(40));
	}
	net_finish(n);
}

static void an_upgrade_of_a_proxy_loses_nothing(void **state)
{
	static const struct module *const alone[] = { &gm_module, &proxy_module, NULL };

	(void)state;
	upgrade(NULL);
	upgrade(alone);
}

/* Who starts takes himself for the querier, and is told at once that there is one. */
static void an_upgrade_beside_another_proxy(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_strict(n, true);
	net_router(n, "p1", "top d", "proxy upstream top downstream d\n");
	net_router(n, "p2", "top d", "proxy upstream top downstream d\n");
	net_upstream(n, "p1", "top");
	net_upstream(n, "p2", "top");
	net_host(n, "above", "top");
	net_host(n, "below", "d");
	net_host(n, "h", "d");
	net_run(n, SEC(10));
	net_send(n, "above", G, 500);
	net_send(n, "below", G, 500);
	net_join(n, "h", "*", G);
	net_run(n, SEC(10) + 250);
	net_kill(n, "p2", NET_CRASH_KEPT);
	net_start(n, "p2");
	net_check(n, SEC(40));
	net_kill(n, "p1", NET_CRASH_KEPT);
	net_start(n, "p1");
	net_check(n, SEC(40));
	net_finish(n);
}

/*
 * Streams come in from a link that was no downstream for a while: taken for those of upstream, they
 * are found out one after the other, however many there are.
 */
static void a_downstream_that_goes_and_comes(void **state)
{
	const char *with = TIMES "proxy upstream top downstream a b\n";
	struct net *n = net_new(&(struct net_options){ .seed = 1 });
	char group[16];

	(void)state;
	net_router(n, "p", "top a b", with);
	net_upstream(n, "p", "top");
	net_host(n, "s", "a");
	net_host(n, "h", "b");
	for (unsigned i = 1; i <= 60; i++) {
		snprintf(group, sizeof(group), "239.1.1.%u", i);
		net_join(n, "h", "*", group);
		net_send(n, "s", group, 500);
	}
	net_run(n, SEC(5));
	net_configure(n, "p", TIMES "proxy upstream top downstream b\n");
	net_run(n, SEC(10));
	net_configure(n, "p", with);
	net_run(n, SEC(15));
	net_check(n, SEC(5));
	net_finish(n);
}

/* What a module wishes for it gets; nobody else notices that it comes, nor that it goes. */
static void a_module_that_comes_and_goes(void **state)
{
	const char *without = "proxy upstream top downstream a b\n";
	const char *with = "module probe\nprobe from top source 10.0.1.2 group 239.7.7.7 to b\n"
			   "proxy upstream top downstream a b\n";
	struct net *n = net_begin();

	(void)state;
	net_strict(n, true);
	net_router(n, "p", "top a b", without);
	net_upstream(n, "p", "top");
	net_host(n, "s", "top");
	net_host(n, "h", "a");
	net_send(n, "s", G, 100);
	net_send(n, "s", "239.7.7.7", 1000);
	net_join(n, "h", "*", G);
	net_run(n, SEC(2));
	for (unsigned i = 0; i < 2; i++) {
		net_configure(n, "p", with);
		assert_true(net_forwards(n, "p", "s", "239.7.7.7", "top", "b"));
		net_check_listeners(n, SEC(5));
		net_configure(n, "p", without);
		net_check_gone(n, "p", "probe");
		assert_false(net_forwards(n, "p", "s", "239.7.7.7", "top", "b"));
		net_check(n, SEC(5));
	}
	/* another process opens it again; one that ends takes it along */
	net_configure(n, "p", with);
	net_kill(n, "p", NET_CRASH_KEPT);
	net_start(n, "p");
	net_check_listeners(n, SEC(5));
	net_strict(n, false);
	net_kill(n, "p", NET_STOP);
	net_check_idle(n);
	net_start(n, "p");
	net_configure(n, "p", without);
	net_run(n, SEC(5));
	net_check_gone(n, "p", "probe");
	check_log(n, "a_module_that_comes_and_goes");
	net_finish(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_of_static_routes),
		cmocka_unit_test(a_tree_of_static_routes),
		cmocka_unit_test(a_triangle_of_static_routes),
		cmocka_unit_test(a_listener_behind_two_proxies),
		cmocka_unit_test(a_cascade_of_four_proxies),
		cmocka_unit_test(a_proxy_with_several_upstreams),
		cmocka_unit_test(an_upstream_that_flaps),
		cmocka_unit_test(two_queriers_on_a_link),
		cmocka_unit_test(two_proxies_on_a_link),
		cmocka_unit_test(an_upgrade_of_a_proxy_loses_nothing),
		cmocka_unit_test(an_upgrade_beside_another_proxy),
		cmocka_unit_test(a_downstream_that_goes_and_comes),
		cmocka_unit_test(a_module_that_comes_and_goes),
	};

	return cmocka_run_group_tests_name("net_sim", tests, NULL, NULL);
}
