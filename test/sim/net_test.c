/* net_test.c - the simulator of networks itself: links, routes, and that its checker sees errors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/net_plan.h"

#define G "239.1.1.1"

static struct net *net_begin(uint64_t seed)
{
	return net_new(&(struct net_options){ .seed = seed, .log = NET_LOG_ALL });
}

static void net_finish(struct net *n)
{
	net_end(n);
	assert_string_equal(net_complaints(n), "");
	net_free(n);
}

/* The complaints are to have this text among them. */
static void net_finish_wrong(struct net *n, const char *text)
{
	net_end(n);
	if (!strstr(net_complaints(n), text))
		fail_msg("'%s' is not among\n%s", text, net_complaints(n));
	net_free(n);
}

/* A source, a link and a listener, without a router. */
static struct net *pair_begin(void)
{
	struct net *n = net_begin(1);

	net_host(n, "s", "a");
	net_host(n, "h", "a");
	net_join(n, "h", "*", G);
	net_send(n, "s", G, 10);
	return n;
}

static void a_link_delivers_after_its_delay(void **state)
{
	struct net *n = pair_begin();

	(void)state;
	net_quality(n, "a", .delay = 25);
	net_run(n, 10 + 24);
	assert_int_equal(net_received(n, "h", "s", G), 0);
	net_run(n, 1);
	assert_int_equal(net_received(n, "h", "s", G), 1);
	net_quality(n, "a", .delay = 20, .jitter = 40);
	net_check(n, SEC(10));
	assert_null(strstr(net_log_text(n), "late"));
	assert_true(net_carried(n, "a", false) > 1000);
	assert_true(net_carried(n, "a", true) >= 2);
	net_finish(n);
}

static void a_link_loses_packets(void **state)
{
	struct net *n = pair_begin();

	(void)state;
	net_quality(n, "*", .loss = 250);
	net_check(n, SEC(100));
	assert_in_range(net_received(n, "h", "s", G), 7500, 8300);
	net_finish_wrong(n, "packets of (10.0.1.1,239.1.1.1)");
}

static void a_link_doubles_packets(void **state)
{
	struct net *n = pair_begin();

	(void)state;
	net_quality(n, "a", .duplicate = 500);
	net_check(n, SEC(10));
	assert_in_range(net_received(n, "h", "s", G), 2000, 2500);
	net_finish_wrong(n, "0 did not come and");
}

static void a_link_changes_the_order(void **state)
{
	struct net *n = pair_begin();

	(void)state;
	net_quality(n, "a", .delay = 30, .reorder = 100);
	net_check(n, SEC(10));
	assert_non_null(strstr(net_log_text(n), "late or twice"));
	net_finish(n);
}

static void a_link_that_is_down_carries_nothing(void **state)
{
	struct net *n = pair_begin();

	(void)state;
	net_link(n, "a", false);
	net_run(n, SEC(1));
	assert_int_equal(net_received(n, "h", "s", G), 0);
	net_check(n, SEC(1));
	net_link(n, "a", true);
	net_check(n, SEC(1));
	net_port(n, "h", "a", false);
	net_check(n, SEC(1));
	net_port(n, "h", "a", true);
	net_check(n, SEC(1));
	net_split(n, "a", "h");
	net_check(n, SEC(1));
	net_split(n, "a", "");
	net_check(n, SEC(1));
	assert_in_range(net_received(n, "h", "s", G), 1700, 1850);
	net_finish(n);
}

/* Static routes do whatever they are told: so they break all that should hold. */
static void the_checker_sees_a_circle(void **state)
{
	struct net *n = net_begin(1);

	(void)state;
	net_static(n);
	net_router(n, "r1", "a ab ca",
		   "mroute from a group 239.1.1.1 to ab\n"
		   "mroute from ca group 239.1.1.1 to ab\n");
	net_router(n, "r2", "ab bc", "mroute from ab group 239.1.1.1 to bc\n");
	net_router(n, "r3", "bc a", "mroute from bc group 239.1.1.1 to a\n");
	net_host(n, "s", "a");
	net_send(n, "s", G, 1000);
	net_run(n, 2500);
	net_finish_wrong(n, "which came in a circle");
}

static void the_checker_sees_what_nobody_wants(void **state)
{
	struct net *n = net_begin(1);

	(void)state;
	net_router(n, "r1", "a b c", "mroute from a group 239.1.1.1 to b c\n");
	net_router(n, "r2", "b d", "mroute from b group 239.1.1.1 to d\n");
	net_host(n, "s", "a");
	net_host(n, "h", "d");
	net_host(n, "other", "c");
	net_join(n, "h", "*", G);
	net_join(n, "other", "10.9.9.9", G);
	net_send(n, "s", G, 100);
	net_check(n, SEC(1));
	assert_null(strstr(net_complaints(n), "to b"));
	assert_null(strstr(net_complaints(n), "to d"));
	assert_null(strstr(net_complaints(n), "did not come"));
	net_finish_wrong(n, "r1: sends 10 packets of (10.0.1.2,239.1.1.1) to c");
}

static void the_checker_sees_what_comes_twice_and_what_is_left(void **state)
{
	struct net *n = net_begin(1);

	(void)state;
	net_router(n, "r1", "a b", "mroute from a group 239.1.1.1 to b\n");
	net_router(n, "r2", "a b", "mroute from a group 239.1.1.1 to b\n");
	net_host(n, "s", "a");
	net_host(n, "h", "b");
	net_join(n, "h", "*", G);
	net_send(n, "s", G, 100);
	net_check(n, SEC(1));
	net_check_idle(n);
	assert_non_null(
		strstr(net_complaints(n), "r2: has an entry of (10.0.1.3,239.1.1.1) still"));
	net_finish_wrong(n, "h: of 10 packets of (10.0.1.3,239.1.1.1) 0 did not come and 10 came "
			    "twice, first number 1");
}

static void the_checker_sees_what_does_not_come(void **state)
{
	struct net *n = net_begin(1);

	(void)state;
	net_router(n, "r1", "a b", "");
	net_host(n, "s", "a");
	net_host(n, "h", "b");
	net_filter(n, "h", G, FILTER_INCLUDE, "10.9.9.9 s");
	net_send(n, "s", G, 100);
	net_check(n, SEC(1));
	net_filter(n, "h", G, FILTER_EXCLUDE, "s");
	net_check(n, SEC(1));
	net_kill(n, "r1", NET_CRASH);
	net_join(n, "h", "*", G);
	net_check(n, SEC(1));
	assert_string_equal(net_complaints(n),
			    "6 s: h: of 10 packets of (10.0.1.2,239.1.1.1) 10 did not come and 0 "
			    "came twice, first number 1\n");
	net_end(n);
	net_free(n);
}

/* What the process is a member of, its kernel reports, and answers its own router. */
#define BOUNDS \
	(&(struct net_bounds){ .join = SEC(1), .heal = SEC(2), .relearn = SEC(10), .copies = 1 })

#define TO_A "mroute from top group 239.1.1.1 to a\n"
#define TO_BOTH "mroute from top group 239.1.1.1 to a b\n"

/* One router with two links below, a listener on each. */
static struct net *fork_begin(void)
{
	struct net *n = net_begin(1);

	net_static(n);
	net_router(n, "r1", "top a b", TO_BOTH);
	net_router(n, "r2", "b side", "");
	net_host(n, "s", "top");
	net_host(n, "ha", "a");
	net_host(n, "hb", "b");
	net_join(n, "ha", "*", G);
	net_join(n, "hb", "*", G);
	net_set_bounds(n, BOUNDS);
	net_send(n, "s", G, 100);
	net_run(n, SEC(10));
	return n;
}

static void fork_end(struct net *n, const char *wrong)
{
	net_run(n, SEC(20));
	net_set_bounds(n, NULL);
	net_run(n, SEC(10));
	if (wrong)
		net_finish_wrong(n, wrong);
	else
		net_finish(n);
}

static void what_breaks_elsewhere_is_no_excuse(void **state)
{
	struct net *n = fork_begin();

	(void)state;
	net_link(n, "b", false);
	net_run(n, SEC(10));
	net_link(n, "b", true);
	net_kill(n, "r2", NET_CRASH);
	net_run(n, SEC(5));
	net_quality(n, "side", .loss = 500);
	fork_end(n, NULL);
	/* the same, and who is on the other link is without it for a while */
	n = fork_begin();
	net_link(n, "b", false);
	net_configure(n, "r1", "");
	net_run(n, SEC(1));
	net_configure(n, "r1", TO_BOTH);
	net_link(n, "b", true);
	fork_end(n, "ha: of (10.0.1.2,239.1.1.1) 10 packets that were due did not come, 0 came");
}

static void what_breaks_on_the_way_is_one_for_its_time(void **state)
{
	struct net *n = fork_begin();

	(void)state;
	net_kill(n, "r1", NET_CRASH);
	net_run(n, SEC(10));
	net_start(n, "r1");
	net_configure(n, "r1", TO_A);
	net_run(n, SEC(2) - 1);
	net_configure(n, "r1", TO_BOTH);
	fork_end(n, NULL);
	n = fork_begin();
	net_kill(n, "r1", NET_CRASH);
	net_run(n, SEC(10));
	net_start(n, "r1");
	net_configure(n, "r1", TO_A);
	net_run(n, SEC(2) + 500);
	net_configure(n, "r1", TO_BOTH);
	fork_end(n, "hb: of (10.0.1.2,239.1.1.1) 5 packets that were due did not come, 0 came");
	/* what a scenario does itself it has to say */
	n = fork_begin();
	net_configure(n, "r1", TO_A);
	net_touch(n, "r1", "b", SEC(3));
	net_run(n, SEC(3) - 1);
	net_configure(n, "r1", TO_BOTH);
	fork_end(n, NULL);
}

static void who_joins_is_served_in_time(void **state)
{
	struct net *n = fork_begin();

	(void)state;
	net_leave(n, "hb", G);
	net_configure(n, "r1", TO_A);
	net_run(n, SEC(5));
	net_join(n, "hb", "*", G);
	net_run(n, SEC(1) - 1);
	net_configure(n, "r1", TO_BOTH);
	fork_end(n, NULL);
	n = fork_begin();
	net_leave(n, "hb", G);
	net_configure(n, "r1", TO_A);
	net_run(n, SEC(5));
	net_join(n, "hb", "*", G);
	net_run(n, SEC(1) + 200);
	net_configure(n, "r1", TO_BOTH);
	fork_end(n, "hb: of (10.0.1.2,239.1.1.1) 2 packets that were due did not come, 0 came");
}

/* Both ways around a square lead to the link; no side of it is an excuse for who is before it. */
static void each_of_several_ways_is_one(void **state)
{
	struct net *n = net_begin(1);

	(void)state;
	net_static(n);
	net_router(n, "r1", "top a b", TO_BOTH);
	net_router(n, "r2", "a c", "mroute from a group 239.1.1.1 to c\n");
	net_router(n, "r3", "b c", "mroute from b group 239.1.1.1 to c\n");
	net_host(n, "s", "top");
	net_host(n, "h", "c");
	net_join(n, "h", "*", G);
	net_set_bounds(n, BOUNDS);
	net_kill(n, "r3", NET_CRASH);
	net_send(n, "s", G, 100);
	/* r3 is on a way, so nothing is due while it is down */
	net_configure(n, "r2", "");
	net_run(n, SEC(10));
	net_configure(n, "r2", "mroute from a group 239.1.1.1 to c\n");
	net_run(n, SEC(10));
	net_start(n, "r3");
	net_run(n, SEC(1));
	fork_end(n, "c: carries (10.0.1.2,239.1.1.1) number 201 more than 1 times");
}

static void a_kernel_reports_memberships(void **state)
{
	struct net *n = net_begin(1);

	(void)state;
	net_router(n, "r1", "a",
		   "mgroup from a group 239.1.1.1\n"
		   "mgroup from a source fd00::1 group ff3e::1\n");
	net_run(n, SEC(2));
	assert_non_null(strstr(net_log_text(n), "r1 a > IGMPv3 report [TO_EX 239.1.1.1]"));
	assert_non_null(strstr(net_log_text(n), "r1 a > MLDv2 report [ALLOW ff3e::1 fd00::1]"));
	assert_null(strstr(net_log_text(n), "TO_IN"));
	net_kill(n, "r1", NET_CRASH);
	net_run(n, SEC(2));
	assert_non_null(strstr(net_log_text(n), "r1 a > IGMPv3 report [TO_IN 239.1.1.1]"));
	assert_non_null(strstr(net_log_text(n), "r1 a > MLDv2 report [BLOCK ff3e::1 fd00::1]"));
	net_finish(n);
}

/* "via 10.0.1.2 b 10.0.2.2 c metric 2", by the kernel of a router */
static const char *path(struct net *n, const char *router, const char *to)
{
	static char text[512];
	struct sim_kern *k = net_kern(n, router);
	struct kern_route route = { 0 };
	struct ip ip = net_ip(n, to, V4);
	size_t len;

	if (!k->kern.op->route(&k->kern, ip_family(ip), ip, &route))
		return "none";
	len = snprintf(text, sizeof(text), "%s", "via");
	for (unsigned i = 0; i < route.nhops; i++)
		len += snprintf(text + len, sizeof(text) - len, " %s %s",
				ip_str(route.hop[i].gateway),
				sim_link_find(k, route.hop[i].ifindex)->name);
	snprintf(text + len, sizeof(text) - len, " metric %u", route.metric);
	return text;
}

/* r1 is above, r2 and r3 on either side, r4 below. */
static struct net *diamond_begin(void)
{
	struct net *n = net_begin(1);

	net_router(n, "r1", "top p q", "");
	net_router(n, "r2", "p x", "");
	net_router(n, "r3", "q y", "");
	net_router(n, "r4", "x y low", "");
	net_host(n, "s", "top");
	net_host(n, "h", "low");
	return n;
}

static void routes_are_the_shortest_paths(void **state)
{
	struct net *n = diamond_begin();

	(void)state;
	assert_string_equal(path(n, "r4", "s"), "none");
	net_routing(n, 2, 100, 0);
	net_run(n, 99);
	assert_string_equal(path(n, "r4", "s"), "none");
	net_run(n, 1);
	assert_string_equal(path(n, "r4", "s"), "via 10.0.4.1 x 10.0.5.1 y metric 2");
	assert_string_equal(path(n, "r4", "10.0.2.1"), "via 10.0.4.1 x metric 1");
	assert_string_equal(path(n, "r1", "h"), "via 10.0.2.2 p 10.0.3.2 q metric 2");
	assert_string_equal(path(n, "r4", "fd00:0:0:1::1"), "via fe80::1 x fe80::1 y metric 2");
	net_finish(n);
}

static void routers_learn_of_changes_one_by_one(void **state)
{
	struct net *n = diamond_begin();
	unsigned disagree = 0;

	(void)state;
	net_routing(n, 1, 100, 1000);
	net_run(n, 1100);
	assert_string_equal(path(n, "r4", "s"), "via 10.0.4.1 x metric 2");
	net_cost(n, "x", 5);
	for (unsigned i = 0; i < 1100; i++) {
		net_run(n, 1);
		disagree += !strcmp(path(n, "r4", "s"), "via 10.0.4.1 x metric 2") !=
			    !strcmp(path(n, "r1", "h"), "via 10.0.2.2 p metric 2");
	}
	assert_true(disagree);
	assert_string_equal(path(n, "r4", "s"), "via 10.0.5.1 y metric 2");
	net_link(n, "q", false);
	net_run(n, 1100);
	assert_string_equal(path(n, "r4", "s"), "via 10.0.4.1 x metric 6");
	assert_string_equal(path(n, "r3", "s"), "via 10.0.5.2 y metric 7");
	net_kill(n, "r2", NET_CRASH);
	net_run(n, 1100);
	assert_string_equal(path(n, "r4", "s"), "none");
	net_link(n, "q", true);
	net_start(n, "r2");
	net_run(n, 1100);
	assert_string_equal(path(n, "r4", "s"), "via 10.0.5.1 y metric 2");
	net_finish(n);
}

static void a_picture_shows_where_a_stream_goes(void **state)
{
	char name[] = "/tmp/net_test-XXXXXX", text[2048];
	struct net *n = net_begin(1);
	int fd = mkstemp(name);
	ssize_t len;

	(void)state;
	assert_true(fd >= 0);
	net_router(n, "r1", "a b c", "mroute from a group 239.1.1.1 to b\n");
	net_host(n, "s", "a");
	net_send(n, "s", G, 100);
	net_picture(n, SEC(1), "s", G, name);
	net_run(n, SEC(1));
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	unlink(name);
	assert_true(len > 0);
	text[len] = '\0';
	assert_non_null(strstr(text, "digraph \"(10.0.1.2,239.1.1.1) at 1000 ms\" {\n"));
	assert_non_null(strstr(text, "\"link a\" -> \"r1\" [dir=forward, color=red]\n"));
	assert_non_null(strstr(text, "\"link b\" -> \"r1\" [dir=back, color=red]\n"));
	assert_non_null(strstr(text, "\"link c\" -> \"r1\" [dir=none]\n"));
	net_finish(n);
}

/* The whole log of something that depends on chance everywhere. */
static char *chance(uint64_t seed)
{
	struct net *n = net_begin(seed);
	char *text;

	net_static(n);
	net_quality(n, "a", .loss = 100, .jitter = 20, .duplicate = 50, .reorder = 50);
	net_quality(n, "b", .loss = 100, .jitter = 20, .duplicate = 50, .reorder = 50);
	net_router(n, "r1", "a b", "mroute from a group 239.1.1.1 to b\n");
	net_routing(n, 1, 10, 1000);
	net_host(n, "s", "a");
	net_host(n, "h", "b");
	net_join(n, "h", "*", G);
	net_send(n, "s", G, 10);
	net_run(n, SEC(5));
	text = xstrdup(net_log_text(n));
	net_end(n);
	net_free(n);
	return text;
}

static void only_the_seed_decides(void **state)
{
	char *one = chance(1), *again = chance(1), *two = chance(2);

	(void)state;
	assert_string_equal(one, again);
	assert_string_not_equal(one, two);
	free(one);
	free(again);
	free(two);
}

static void act(struct plan *p, enum plan_what what, int64_t at, int64_t until, unsigned a)
{
	p->act[p->nacts++] = (struct plan_act){
		.what = what, .at = at, .until = until, .a = a, .mode = FILTER_EXCLUDE
	};
}

/* Two proxies, four hosts and much that happens, of which a link that goes down breaks a stream. */
static void a_plan_is_shrunk_to_what_fails(void **state)
{
	struct plan p = { .seed = 1, .kind = PLAN_PROXY, .strict = true, .query_interval = 20 };
	struct plan_result result;
	struct buf text = { 0 };

	(void)state;
	p.nlinks = 3;
	p.nrouters = 2;
	p.router[0] = (struct plan_router){ .up = { 0 }, .nup = 1, .down = { 1 }, .ndown = 1 };
	p.router[1] = (struct plan_router){ .up = { 1 }, .nup = 1, .down = { 2 }, .ndown = 1 };
	p.router[0].version = p.router[1].version = 3;
	p.nhosts = 4;
	for (unsigned i = 0; i < p.nhosts; i++)
		p.host[i] = (struct plan_host){ .link = i % 3, .version = { 3, 3 } };
	p.ngroups = 1;
	strcpy(p.group[0], G);
	act(&p, PLAN_SEND, 1000, CLOCK_NEVER, 0);
	act(&p, PLAN_WANT, 2000, 0, 1);
	act(&p, PLAN_WANT, 3000, 0, 2);
	act(&p, PLAN_RELOAD, 4000, 0, 0);
	act(&p, PLAN_DOWN, SEC(10), SEC(20), 2);
	act(&p, PLAN_UPGRADE, SEC(12), 0, 0);
	act(&p, PLAN_SEND, SEC(13), CLOCK_NEVER, 3);
	act(&p, PLAN_RELOAD, SEC(14), 0, 1);
	p.calm = SEC(60);
	p.idle = SEC(300);
	assert_true(plan_shrink(&p) < 100);
	plan_print(&p, &text);
	buf_add(&text, "", 1);
	assert_string_equal(buf_at(&text), "proxies, query interval 20 s, strict\n"
					   "r0 up l0 down l1\nr1 up l1 down l2\n"
					   "h0 on l0, IGMPv3 MLDv2\nh2 on l2, IGMPv3 MLDv2\n"
					   "   1.000 send h0 239.1.1.1\n"
					   "   3.000 want h2 239.1.1.1 exclude 0\n"
					   "  10.000 to 20.000 down l2\n");
	buf_free(&text);
	result = plan_play(&p, NET_LOG_NONE, NULL, NULL);
	assert_true(result.failed);
	plan_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_delivers_after_its_delay),
		cmocka_unit_test(a_link_loses_packets),
		cmocka_unit_test(a_link_doubles_packets),
		cmocka_unit_test(a_link_changes_the_order),
		cmocka_unit_test(a_link_that_is_down_carries_nothing),
		cmocka_unit_test(the_checker_sees_a_circle),
		cmocka_unit_test(the_checker_sees_what_nobody_wants),
		cmocka_unit_test(the_checker_sees_what_comes_twice_and_what_is_left),
		cmocka_unit_test(the_checker_sees_what_does_not_come),
		cmocka_unit_test(what_breaks_elsewhere_is_no_excuse),
		cmocka_unit_test(what_breaks_on_the_way_is_one_for_its_time),
		cmocka_unit_test(who_joins_is_served_in_time),
		cmocka_unit_test(each_of_several_ways_is_one),
		cmocka_unit_test(a_kernel_reports_memberships),
		cmocka_unit_test(routes_are_the_shortest_paths),
		cmocka_unit_test(routers_learn_of_changes_one_by_one),
		cmocka_unit_test(a_picture_shows_where_a_stream_goes),
		cmocka_unit_test(only_the_seed_decides),
		cmocka_unit_test(a_plan_is_shrunk_to_what_fails),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
