/* pim_net_zone_sim.c - a scope zone in a network of PIM routers: its own bootstrap router and RPs
 *
 *	s src in m1 border m2 out dst h
 *	        near                h2 is behind near
 *
 * What is left of the border is the zone. As in net_sim.c.
 */
#include "sim/net_scenario.h"

#define ZONE "239.255.0.0/16"
#define ZONE6 "ff05::/16"
#define PIM "module pim\nphyint + pim\n"

static const char *const inner[] = { "239.255.1.1", "ff05::1:1" };
static const char *const outer[] = { "239.1.1.1", "ff0e::1:1" };

/* Candidates for all: in and out, by family; of the zone alone: near. */
static const char *const in[] = { "10.0.2.1", "fd00:0:0:2::1" };
static const char *const near[] = { "10.0.2.3", "fd00:0:0:2::3" };
static const char *const out[] = { "10.0.3.2", "fd00:0:0:3::2" };
static const char *const none[] = { "", "" };

static struct net *begin(void)
{
	struct net *n = net_begin();

	net_routing(n, 1, 1, 0);
	net_router(n, "in", "src m1",
		   PIM "bsr-candidate m1 scope " ZONE " priority 1\n"
		       "bsr-candidate m1 scope " ZONE6 " priority 1\nrp-candidate m1\n");
	net_router(n, "border", "m1 m2", PIM "phyint m2 scoped " ZONE " scoped " ZONE6 "\n");
	net_router(n, "near", "m1 mine",
		   PIM "bsr-candidate m1 scope " ZONE "\nbsr-candidate m1 scope " ZONE6 "\n"
		       "rp-candidate m1 priority 10\ngroup-prefix " ZONE "\n"
		       "group-prefix " ZONE6 "\n");
	net_router(n, "out", "m2 dst", PIM "bsr-candidate m2\nrp-candidate m2 priority 100\n");
	net_host(n, "s", "src");
	net_host(n, "h", "dst");
	net_host(n, "h2", "mine");
	return n;
}

/* What a router says in the member of the record that has it, from the row on. */
static bool says(struct net *n, const char *router, const char *request, const char *row,
		 const char *member, const char *value)
{
	const char *at = strstr(net_ask(n, router, request), row);
	char text[80];

	snprintf(text, sizeof(text), *value ? "\"%s\":\"%s\"" : "\"%s\":null", member, value);
	at = at ? strstr(at, member) : NULL;
	return at ? !strncmp(at - 1, text, strlen(text)) : !*value;
}

static void assert_rp(struct net *n, const char *router, const char *const *group,
		      const char *const *rp)
{
	for (enum af af = V4; af <= V6; af++) {
		char request[64];

		snprintf(request, sizeof(request), "show pim rp %s", group[af]);
		if (!says(n, router, request, "{\"group\"", "rp_address", rp[af]))
			fail_msg("%s: the RP of %s is not %s: %s", router, group[af], rp[af],
				 net_ask(n, router, request));
	}
}

static void assert_bsr(struct net *n, const char *router, const char *const *bsr)
{
	static const char *const rows[] = { "\"zone\":\"" ZONE "\",", "\"zone\":\"" ZONE6 "\"," };

	for (enum af af = V4; af <= V6; af++) {
		if (!says(n, router, "show pim bsr", rows[af], "bsr_address", bsr[af]))
			fail_msg("%s: the bootstrap router of the zone is not %s: %s", router,
				 bsr[af], net_ask(n, router, "show pim bsr"));
	}
}

static void finish(struct net *n)
{
	for (enum af af = V4; af <= V6; af++) {
		net_send(n, "s", inner[af], 0);
		net_send(n, "s", outer[af], 0);
		for (unsigned i = 0; i < 2; i++) {
			net_leave(n, i ? "h" : "h2", inner[af]);
			net_leave(n, i ? "h" : "h2", outer[af]);
		}
	}
	net_run(n, SEC(700));
	net_check_idle(n);
	net_finish(n);
}

/* All inside know of the zone, by its messages alone; outside nobody does. */
static void the_zone_has_its_own(void **state)
{
	static const char *const inside[] = { "in", "border", "near" };
	struct net *n = begin();

	(void)state;
	net_run(n, SEC(60));
	for (unsigned i = 0; i < NELEMS(inside); i++) {
		assert_bsr(n, inside[i], near);
		assert_rp(n, inside[i], inner, near);
		assert_rp(n, inside[i], outer, out);
	}
	assert_bsr(n, "out", none);
	assert_rp(n, "out", inner, out);
	assert_rp(n, "out", outer, out);
	finish(n);
}

static void streams_stay_inside(void **state)
{
	struct net *n = begin();
	unsigned long carried;

	(void)state;
	net_run(n, SEC(60));
	for (enum af af = V4; af <= V6; af++) {
		net_join(n, "h2", "*", inner[af]);
		net_send(n, "s", inner[af], 50);
	}
	net_run(n, SEC(5));
	net_check(n, SEC(10));
	carried = net_carried(n, "m2", false);
	for (enum af af = V4; af <= V6; af++)
		net_join(n, "h", "*", inner[af]);
	net_run(n, SEC(300));
	assert_int_equal(net_carried(n, "m2", false), carried);
	for (enum af af = V4; af <= V6; af++) {
		assert_int_equal(net_received(n, "h", "s", inner[af]), 0);
		net_leave(n, "h", inner[af]);
		net_join(n, "h", "*", outer[af]);
		net_send(n, "s", outer[af], 50);
	}
	net_run(n, SEC(5));
	net_check(n, SEC(10));
	finish(n);
}

/* The zone's own one dies: the other one of the zone has it, and what is outside is as it was. */
static void its_bootstrap_router_dies(void **state)
{
	struct net *n = begin();

	(void)state;
	net_run(n, SEC(60));
	net_kill(n, "near", NET_CRASH);
	net_run(n, SEC(130 + 23 + 15));
	assert_bsr(n, "in", in);
	assert_bsr(n, "border", in);
	net_run(n, SEC(300));
	assert_rp(n, "in", inner, in);
	assert_rp(n, "border", inner, in);
	assert_rp(n, "border", outer, out);
	net_start(n, "near");
	net_run(n, SEC(80));
	assert_bsr(n, "in", near);
	assert_rp(n, "border", inner, near);
	finish(n);
}

static void logged(void **state)
{
	struct net *n = begin();

	(void)state;
	net_run(n, SEC(20));
	check_log(n, "a_zone_and_its_border");
	finish(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-165: the zone has its own", the_zone_has_its_own, NULL, NULL, NULL },
		{ "PIM-165: streams stay inside", streams_stay_inside, NULL, NULL, NULL },
		{ "PIM-165: its bootstrap router dies", its_bootstrap_router_dies, NULL, NULL,
		  NULL },
		{ "PIM-165: a zone and its border", logged, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_net_zone_sim", tests, NULL, NULL);
}
