/* pim_edge_sim.c - what must not outlive its reason: strays of interfaces that went, listeners of
 * shared trees that are none any more, sources that a new DR did not look at
 *
 * The router is DR of eth1 and eth2, where eth1.3 and eth2.3 are routers that join. The way to s1
 * and rp1 is over eth0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim dr-priority 9\nphyint eth2 pim dr-priority 9\n"
#define CONF IFACES "rp-address rp1\n"

static void begin(struct pim_bed *p)
{
	static const char *const neighbors[] = { "eth0.2", "eth1.3", "eth2.3" };

	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_route(p, "rp1", "eth0.2");
	for (unsigned i = 0; i < NELEMS(neighbors); i++)
		pim_bed_hear(p, neighbors[i], "Hello holdtime forever genid 1 priority 1");
	pim_bed_run(p, SEC(6));
	pim_bed_said(p);
}

static void say(struct pim_bed *p, const char *ifname, const char *what)
{
	char from[16];

	snprintf(from, sizeof(from), "%s.3", ifname);
	pim_bed_hear(p, from, "Join/Prune to %s.1 holdtime forever: %s", ifname, what);
}

/* Data came in on eth2; it is another link now, and nothing came in there. */
static void strays_go_with_their_interface(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	pim_bed_data(p, "eth0", "s1", "ssm1");
	pim_bed_data(p, "eth2", "s1", "ssm1");
	pim_bed_link(p, "eth2", false);
	pim_bed_link(p, "eth2", true);
	pim_bed_hear(p, "eth2.3", "Hello holdtime forever genid 1 priority 1");
	pim_bed_said(p);
	say(p, "eth2", "J(s1,ssm1)");
	assert_entry(p, "s1", "ssm1", "eth0 > eth1 eth2");
	assert_null(strstr(pim_bed_said(p), "Assert"));
	pim_bed_run(p, SEC(4));
	pim_bed_data(p, "eth2", "s1", "ssm1");
	assert_non_null(strstr(pim_bed_said(p), "eth2 Assert (s1,ssm1)"));
}

/* Groups become source-specific: nothing of a shared tree is left in them. */
static void groups_that_become_source_specific(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_join(p, "eth2", "s1", "g2");
	pim_bed_join(p, "eth2", "*", "g3");
	say(p, "eth1", "J(*,g1) rp rp1 J(s1,g1)");
	say(p, "eth1", "P(s2,g1,rpt)");
	pim_bed_run(p, SEC(5));
	pim_bed_said(p);
	pim_bed_reload(p, "ssm-range g1 g2\n" CONF);
	assert_null(pim_bed_find(p, "*", "g1"));
	assert_null(pim_bed_find(p, "s2", "g1"));
	assert_non_null(pim_bed_find(p, "*", "g3"));
	assert_non_null(strstr(pim_bed_said(p), "eth0 Join/Prune to eth0.2 holdtime 210: P(*,g1)"));
	pim_bed_data(p, "eth0", "s1", "g1");
	assert_entry(p, "s1", "g1", "eth0 > eth1");
	assert_entry(p, "s1", "g2", "eth0 > eth2");

	pim_bed_reload(p, CONF);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
	assert_non_null(pim_bed_find(p, "*", "g1"));
}

/* Nor where the limit has no room to ask for listeners again. */
static void one_that_becomes_source_specific(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	assert_non_null(pim_bed_find(p, "*", "g1"));
	pim_bed_reload(p, "ssm-range g1\npim-limit entries 1\n" CONF);
	assert_null(pim_bed_find(p, "*", "g1"));
}

static const struct target *target_of(struct pim_bed *p, const char *name)
{
	const struct target *t;

	TAILQ_FOREACH(t, &p->pim->target_list, link) {
		if (ip_eq(t->ip, pim_bed_ip(p, name)))
			break;
	}
	assert_non_null(t);
	return t;
}

/* One next hop that is set for several: what becomes of it concerns those that are left. */
static void several_by_one_next_hop(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth0.5", "Hello holdtime forever genid 1 priority 1");
	pim_bed_route(p, "eth0/9", "eth0.5");
	pim_bed_reload(p, CONF "rpf s1 via eth0/9\nrpf s2 via eth0/9\nrpf s3 via eth0/9\n");
	say(p, "eth1", "J(s1,g1) J(s2,g1) J(s3,g1) J(s4,g1)");
	assert_non_null(strstr(pim_bed_said(p), "eth0 Join/Prune to eth0.5 holdtime 210: J(s"));
	assert_true(target_of(p, "s1")->via == target_of(p, "s3")->via);
	assert_null(target_of(p, "s4")->via);
	say(p, "eth1", "P(s1,g1)");
	pim_bed_run(p, SEC(4));
	pim_bed_said(p);
	pim_bed_unroute(p, "eth0/9", PIM_BED_METRIC);
	pim_bed_route(p, "eth0/9", "eth0.2");
	assert_true(ip_eq(target_of(p, "s2")->neighbor, pim_bed_ip(p, "eth0.2")));
	assert_true(ip_eq(target_of(p, "s3")->neighbor, pim_bed_ip(p, "eth0.2")));
	pim_bed_reload(p, CONF "rpf s2 via eth0/9\n");
	assert_null(target_of(p, "s3")->via);
	say(p, "eth1", "P(s2,g1)");
	pim_bed_run(p, SEC(4));
	assert_int_equal(p->pim->vias.n, 0);
}

/* A source that the router kept nothing of is registered when it becomes DR. */
static void a_new_dr_looks_at_sources(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth2.3", "Hello holdtime forever genid 1 priority 20");
	assert_string_equal(pim_bed_data(p, "eth2", "eth2.100", "g1"), "");
	assert_null(pim_bed_find(p, "eth2.100", "g1"));
	pim_bed_said(p);
	pim_bed_hear(p, "eth2.3", "Hello holdtime 0");
	assert_non_null(pim_bed_find(p, "eth2.100", "g1"));
	assert_string_equal(pim_bed_data(p, "eth2", "eth2.100", "g1"), "pimreg");
	assert_non_null(strstr(pim_bed_said(p), "Register to rp1 (eth2.100,g1)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("strays go with their interface", CONF, strays_go_with_their_interface),
		PIM_TEST("groups that become source-specific", CONF,
			 groups_that_become_source_specific),
		PIM_TEST("one that becomes source-specific", "pim-limit entries 1\n" CONF,
			 one_that_becomes_source_specific),
		PIM_TEST("several by one next hop that is set", CONF, several_by_one_next_hop),
		PIM_TEST("PIM-45: a new DR looks at sources", CONF, a_new_dr_looks_at_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
