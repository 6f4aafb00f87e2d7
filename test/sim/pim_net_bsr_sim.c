/* pim_net_bsr_sim.c - networks of PIM routers that find their RPs by bootstrap routers (RFC 5059)
 *
 *	r1 m1 r2 m2 r3 m3 r4		s is behind r2, h behind r3
 *
 * r1 is the better bootstrap router, r4 the better RP; each is also the other one's backup. As in
 * net_sim.c.
 */
#include "pim-module/bsr.h"
#include "sim/net_scenario.h"

#define R1 "module pim\nphyint + pim\nbsr-candidate m1 priority 100\nrp-candidate m1 priority 100\n"
#define R4 "module pim\nphyint + pim\nbsr-candidate m3 priority 50\nrp-candidate m3 priority 10\n"
#define OTHER "module pim\nphyint + pim\n"
#define SHARED "spt-threshold infinity\n"

static const char *const groups[] = { "239.1.1.1", "ff0e::1:1" };

/* r1 on m1, r4 on m3, by family. */
static const char *const r1[] = { "10.0.1.1", "fd00:0:0:1::1" };
static const char *const r4[] = { "10.0.4.2", "fd00:0:0:4::2" };

static struct net *line_of(const char *more)
{
	struct net *n = net_begin();
	char conf[300];

	net_routing(n, 1, 1, 0);
	snprintf(conf, sizeof(conf), R1 "%s", more);
	net_router(n, "r1", "m1", conf);
	snprintf(conf, sizeof(conf), OTHER "%s", more);
	net_router(n, "r2", "m1 m2 src", conf);
	net_router(n, "r3", "m2 m3 dst", conf);
	snprintf(conf, sizeof(conf), R4 "%s", more);
	net_router(n, "r4", "m3", conf);
	net_host(n, "s", "src");
	net_host(n, "h", "dst");
	return n;
}

/* What the router says of the member in the first row of the family; lives until the next call. */
static const char *asked(struct net *n, const char *router, const char *what, const char *row,
			 const char *member)
{
	static char text[100];
	const char *at = strstr(net_ask(n, router, what), row);

	at = at ? strstr(at, member) : NULL;
	at = at ? strstr(at, ":\"") : NULL;
	snprintf(text, sizeof(text), "%.*s", at ? (int)strcspn(at + 2, "\"") : 0, at ? at + 2 : "");
	return text;
}

static bool has_bsr(struct net *n, const char *router, const char *const *bsr)
{
	return !strcmp(bsr[V4], asked(n, router, "show pim bsr", "IPv4", "\"bsr_address\"")) &&
	       !strcmp(bsr[V6], asked(n, router, "show pim bsr", "IPv6", "\"bsr_address\""));
}

static bool is_rp_of(struct net *n, const char *router, const char *const *group,
		     const char *const *rp)
{
	for (enum af af = V4; af <= V6; af++) {
		char what[64];

		snprintf(what, sizeof(what), "show pim rp %s", group[af]);
		if (strcmp(rp[af], asked(n, router, what, "\"group\"", "\"rp_address\"")))
			return false;
	}
	return true;
}

static bool has_rp(struct net *n, const char *router, const char *const *rp)
{
	return is_rp_of(n, router, groups, rp);
}

/* Groups of a zone, whose border is on m2. */
static const char *const scoped[] = { "239.2.1.1", "ff05::1:1" };

static bool has_scoped_rp(struct net *n, const char *router, const char *const *rp)
{
	return is_rp_of(n, router, scoped, rp);
}

typedef bool condition(struct net *n, const char *router, const char *const *who);

/* Until that is so at all of these routers: how long it took; it must within @ms. */
static int64_t until(struct net *n, int64_t ms, condition *is, const char *routers,
		     const char *const *who)
{
	int64_t from = net_now(n);
	bool all = false;

	while (!all) {
		char name[3] = "";

		all = true;
		for (const char *at = routers; *at; at += at[2] ? 3 : 2) {
			memcpy(name, at, 2);
			all &= is(n, name, who);
		}
		if (all)
			break;
		if (net_now(n) - from >= ms)
			fail_msg("%s: not %s within %lld ms", routers, who[V4], (long long)ms);
		net_run(n, 100);
	}
	return net_now(n) - from;
}

#define ALL "r1 r2 r3 r4"

/* BS_Rand_Override, then BS_Min_Interval until the set is said. */
#define MOST SEC(23)
#define TIMEOUT BSR_TIMEOUT(PIM_BSR_PERIOD)

static struct net *begin(const char *more)
{
	struct net *n = line_of(more);

	until(n, MOST + SEC(5), has_bsr, ALL, r1);
	until(n, BSR_MIN_INTERVAL + SEC(1), has_rp, ALL, r4);
	return n;
}

static void stream(struct net *n)
{
	for (enum af af = V4; af <= V6; af++) {
		net_join(n, "h", "*", groups[af]);
		net_send(n, "s", groups[af], 50);
	}
}

static void finish(struct net *n)
{
	for (enum af af = V4; af <= V6; af++) {
		net_leave(n, "h", groups[af]);
		net_send(n, "s", groups[af], 0);
	}
	net_run(n, SEC(700));
	net_check_idle(n);
	net_finish(n);
}

/* The first words of a network. */
static void logged(void **state)
{
	struct net *n = line_of("");

	(void)state;
	net_run(n, SEC(40));
	assert_true(has_bsr(n, "r3", r1) && has_rp(n, "r2", r4));
	check_log(n, "a_bootstrap_router");
	finish(n);
}

static void a_stream(void **state)
{
	struct net *n = begin("");

	(void)state;
	stream(n);
	net_run(n, SEC(2));
	net_check(n, SEC(300));
	assert_true(has_bsr(n, "r2", r1) && has_rp(n, "r3", r4));
	finish(n);
}

/* It knows all within a second of its first neighbor. */
static void a_new_router(void **state)
{
	static const char *const all[] = { "r2", "r3", "r4" };

	(void)state;
	for (unsigned i = 0; i < NELEMS(all); i++) {
		struct net *n = begin("");

		net_kill(n, all[i], NET_CRASH);
		net_run(n, SEC(2));
		net_start(n, all[i]);
		while (!strstr(net_ask(n, all[i], "show pim neighbor"), "\"address\""))
			net_run(n, 10);
		until(n, SEC(1), has_rp, all[i], r4);
		until(n, SEC(1), has_bsr, all[i], r1);
		finish(n);
	}
}

/* Nobody has another RP meanwhile. */
static void the_bsr_dies(void **state)
{
	struct net *n = begin(SHARED);
	int64_t took;

	(void)state;
	stream(n);
	net_run(n, SEC(61));
	net_kill(n, "r1", NET_CRASH);
	net_strict(n, true);
	took = until(n, TIMEOUT + MOST + SEC(1), has_bsr, "r2 r3 r4", r4);
	assert_true(took >= TIMEOUT - PIM_BSR_PERIOD + SEC(5));
	assert_true(has_rp(n, "r2", r4) && has_rp(n, "r3", r4) && has_rp(n, "r4", r4));
	net_run(n, SEC(200));
	assert_true(has_rp(n, "r2", r4) && has_rp(n, "r3", r4) && has_rp(n, "r4", r4));
	net_check_listeners(n, SEC(10));
	net_start(n, "r1");
	until(n, MOST + SEC(6), has_bsr, ALL, r1);
	assert_true(has_rp(n, "r2", r4) && has_rp(n, "r3", r4) && has_rp(n, "r4", r4));
	until(n, BSR_MIN_INTERVAL + SEC(1), has_rp, "r1", r4);
	net_check_listeners(n, SEC(100));
	finish(n);
}

/* Its last words have the lowest priority: nobody waits until it is silent. */
static void the_bsr_stops(void **state)
{
	struct net *n = begin(SHARED);

	(void)state;
	stream(n);
	net_run(n, SEC(100));
	net_strict(n, true);
	net_kill(n, "r1", NET_STOP);
	until(n, MOST + SEC(1), has_bsr, "r2 r3 r4", r4);
	assert_true(has_rp(n, "r2", r4) && has_rp(n, "r3", r4) && has_rp(n, "r4", r4));
	net_run(n, SEC(200));
	assert_true(has_rp(n, "r2", r4) && has_rp(n, "r3", r4) && has_rp(n, "r4", r4));
	finish(n);
}

/* It is RP until its offer is over; streams have the other one at once when that is known. */
static void the_rp_dies(void **state)
{
	struct net *n = begin(SHARED);

	(void)state;
	stream(n);
	net_run(n, SEC(30));
	net_check(n, SEC(10));
	net_kill(n, "r4", NET_CRASH);
	until(n, PIM_CANDIDATE_PERIOD * 5 / 2 + BSR_MIN_INTERVAL + SEC(1), has_rp, "r1 r2 r3", r1);
	net_run(n, SEC(1));
	net_check_listeners(n, SEC(10));
	net_start(n, "r4");
	until(n, SEC(5) + BSR_BACKOFF + BSR_MIN_INTERVAL + SEC(1), has_rp, ALL, r4);
	net_run(n, SEC(1));
	net_check_listeners(n, SEC(10));
	finish(n);
}

static void the_rp_stops(void **state)
{
	struct net *n = begin(SHARED);

	(void)state;
	stream(n);
	net_run(n, SEC(30));
	net_kill(n, "r4", NET_STOP);
	until(n, BSR_MIN_INTERVAL + SEC(1), has_rp, "r1 r2 r3", r1);
	net_run(n, SEC(1));
	net_check_listeners(n, SEC(10));
	finish(n);
}

/* The line falls in two, each with a bootstrap router and an RP, which meet again. */
static void a_partition(void **state)
{
	struct net *n = begin("");

	(void)state;
	net_link(n, "m2", false);
	until(n, SEC(1), has_rp, "r1 r2", r1);
	until(n, TIMEOUT + MOST + SEC(1), has_bsr, "r3 r4", r4);
	net_run(n, SEC(200));
	assert_true(has_bsr(n, "r1", r1) && has_bsr(n, "r2", r1) && has_bsr(n, "r3", r4));
	assert_true(has_rp(n, "r2", r1) && has_rp(n, "r3", r4) && has_rp(n, "r4", r4));
	net_link(n, "m2", true);
	until(n, PIM_BSR_PERIOD + SEC(5), has_bsr, ALL, r1);
	until(n, BSR_BACKOFF + BSR_MIN_INTERVAL + SEC(1), has_rp, ALL, r4);
	stream(n);
	net_run(n, SEC(2));
	net_check(n, SEC(10));
	finish(n);
}

#define SCOPED(ifname, more)                                     \
	"bsr-candidate " ifname " scope 239.2.0.0/16 " more "\n" \
	"bsr-candidate " ifname " scope ff05::/16 " more "\n"
#define BORDER OTHER "phyint m2 scoped 239.2.0.0/16\nphyint m2 scoped ff05::/16\n"

/* Each half of the line is a zone of its own, with a bootstrap router and an RP of its own. */
static void zones(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_routing(n, 1, 1, 0);
	net_router(n, "r1", "m1", R1 SCOPED("m1", "priority 1"));
	net_router(n, "r2", "m1 m2 src", BORDER);
	net_router(n, "r3", "m2 m3 dst", BORDER);
	net_router(n, "r4", "m3", R4 SCOPED("m3", ""));
	net_host(n, "s", "src");
	net_host(n, "h", "dst");
	until(n, MOST + SEC(5), has_bsr, ALL, r1);
	until(n, BSR_MIN_INTERVAL + SEC(1), has_rp, ALL, r4);
	until(n, MOST, has_scoped_rp, "r1 r2", r1);
	until(n, MOST, has_scoped_rp, "r3 r4", r4);
	stream(n);
	net_run(n, SEC(500));
	net_check(n, SEC(10));
	assert_true(has_scoped_rp(n, "r1", r1) && has_scoped_rp(n, "r2", r1));
	assert_true(has_scoped_rp(n, "r3", r4) && has_scoped_rp(n, "r4", r4));
	/* on one side the zone's bootstrap router goes, and later the zone */
	net_configure(n, "r4", R4);
	net_run(n, SEC(100));
	assert_true(has_scoped_rp(n, "r1", r1) && has_rp(n, "r3", r4));
	finish(n);
}

/* A candidacy comes and goes with the configuration. */
static void configured_anew(void **state)
{
	struct net *n = begin("");

	(void)state;
	net_configure(n, "r4", "module pim\nphyint + pim\nbsr-candidate m3 priority 200\n");
	until(n, MOST + SEC(1), has_bsr, ALL, r4);
	until(n, BSR_MIN_INTERVAL + SEC(1), has_rp, ALL, r1);
	net_run(n, SEC(300));
	assert_true(has_bsr(n, "r2", r4) && has_rp(n, "r2", r1));
	net_configure(n, "r4", R4);
	until(n, BSR_BACKOFF + BSR_MIN_INTERVAL + MOST, has_rp, ALL, r4);
	until(n, SEC(60), has_bsr, ALL, r1);
	finish(n);
}

/* Links that lose a tenth of all: all know, and go on to know. */
static void lossy_links(void **state)
{
	struct net *n = line_of("");

	(void)state;
	net_quality(n, "*", .delay = 5, .jitter = 5, .loss = 100, .duplicate = 20, .reorder = 20);
	until(n, SEC(300), has_bsr, ALL, r1);
	until(n, SEC(300), has_rp, ALL, r4);
	net_run(n, SEC(3000));
	until(n, SEC(300), has_rp, ALL, r4);
	until(n, SEC(1), has_bsr, ALL, r1);
	net_quality(n, "*", .delay = 1);
	finish(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-148, PIM-152, PIM-162: the first words", logged, NULL, NULL, NULL },
		{ "PIM-160: all have the same RP, and a stream flows", a_stream, NULL, NULL, NULL },
		{ "a router that is new knows soon", a_new_router, NULL, NULL, NULL },
		{ "PIM-148: the bootstrap router dies", the_bsr_dies, NULL, NULL, NULL },
		{ "PIM-161: the bootstrap router stops", the_bsr_stops, NULL, NULL, NULL },
		{ "PIM-159: the RP dies", the_rp_dies, NULL, NULL, NULL },
		{ "PIM-161: the RP stops", the_rp_stops, NULL, NULL, NULL },
		{ "PIM-148: two bootstrap routers meet", a_partition, NULL, NULL, NULL },
		{ "PIM-165: zones on both sides of a border", zones, NULL, NULL, NULL },
		{ "PIM-148, PIM-162: candidates are configured anew", configured_anew, NULL, NULL,
		  NULL },
		{ "PIM-157: links that lose messages", lossy_links, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_net_bsr_sim", tests, NULL, NULL);
}
