/* pim_forward_sim.c - data and what it makes of trees: RFC 7761 4.1.5 and 4.2, row by row
 *
 * The way to the source is over eth0, that to the RP over eth3. The router is DR of eth1 and eth2,
 * where eth1.3 and eth2.3 are routers that join.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define IFACES                                                                            \
	"phyint eth0 pim\nphyint eth1 pim dr-priority 9\nphyint eth2 pim dr-priority 9\n" \
	"phyint eth3 pim\n"
#define CONF IFACES "rp-address rp1\n"
#define ON_THE_WAY CONF "phyint eth3 dr-priority 9\n"

static void begin(struct pim_bed *p)
{
	static const char *const neighbors[] = { "eth0.2", "eth1.3", "eth2.3", "eth3.2" };

	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_route(p, "rp1", "eth3.2");
	for (unsigned i = 0; i < NELEMS(neighbors); i++)
		pim_bed_hear(p, neighbors[i], "Hello holdtime forever genid %u priority 1", i + 1);
	pim_bed_run(p, SEC(6));
	pim_bed_said(p);
}

static void say(struct pim_bed *p, const char *ifname, const char *what)
{
	char from[16];

	snprintf(from, sizeof(from), "%s.3", ifname);
	pim_bed_hear(p, from, "Join/Prune to %s.1 holdtime forever: %s", ifname, what);
}

#define assert_data(p, ifname, source, group, text) \
	assert_string_equal(pim_bed_data(p, ifname, source, group), text)

static bool has_said(struct pim_bed *p, const char *text)
{
	return strstr(pim_bed_said(p), text);
}

/* Packets of the source each second, until the kernel tells of strays again. */
static void flow(struct pim_bed *p, const char *ifname, unsigned seconds)
{
	while (seconds--) {
		pim_bed_data(p, ifname, "s1", "g1");
		pim_bed_run(p, SEC(1));
	}
}

/* The interface that leads to the root of the source's tree, or of the shared one. */
static unsigned rpf_slot(struct pim_bed *p, const char *source)
{
	return pim_bed_find(p, source, "g1")->target->slot;
}

static void immediate_star(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(*,g1) rp rp1");
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_reload(p, CONF "spt-threshold infinity\n");
	assert_data(p, "eth3", "s1", "g1", "eth1 eth2");
	pim_bed_hear(p, "eth1.3", "Assert (*,g1) rpt preference 0 metric 0");
	assert_data(p, "eth3", "s1", "g1", "eth2");
}

static void immediate_source(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	pim_bed_join(p, "eth2", "s1", "ssm1");
	assert_entry(p, "s1", "ssm1", "eth0 > eth1 eth2");
	pim_bed_hear(p, "eth1.3", "Assert (s1,ssm1) preference 0 metric 0");
	assert_entry(p, "s1", "ssm1", "eth0 > eth2");
}

static void inherited_rpt(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, CONF "spt-threshold infinity\n");
	say(p, "eth1", "J(*,g1) rp rp1");
	pim_bed_join(p, "eth2", "*", "g1");
	assert_data(p, "eth3", "s1", "g1", "eth1 eth2");
	say(p, "eth1", "P(s1,g1,rpt)");
	pim_bed_run(p, 1);
	assert_data(p, "eth3", "s1", "g1", "eth2");
	assert_data(p, "eth3", "rp1", "g1", "eth1 eth2");
	pim_bed_leave(p, "eth2", "*", "g1");
	pim_bed_run(p, SEC(10));
	pim_bed_exclude(p, "eth2", "s1", "g1");
	assert_data(p, "eth3", "s1", "g1", "");
	assert_data(p, "eth3", "rp1", "g1", "eth1 eth2");
}

static void inherited_source(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(*,g1) rp rp1");
	say(p, "eth2", "J(s1,g1)");
	flow(p, "eth0", 5);
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

/* The other router of eth1 is DR; it is the Assert that makes us serve listeners. */
static void winner_serves(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth1.2", "Hello holdtime forever genid 7 priority 100");
	pim_bed_join(p, "eth1", "*", "g1");
	assert_data(p, "eth3", "s1", "g1", "");
	say(p, "eth1", "J(*,g1) rp rp1");
	assert_data(p, "eth3", "s1", "g1", "eth1");
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt preference 200 metric 9");
	say(p, "eth1", "P(*,g1) rp rp1");
	pim_bed_run(p, SEC(4));
	assert_data(p, "eth3", "s1", "g1", "eth1");
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt preference 0 metric 9");
	assert_data(p, "eth3", "s1", "g1", "");
}

static void pending_rpt(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth1.4", "Hello holdtime forever genid 8 priority 1");
	say(p, "eth1", "J(*,g1) rp rp1");
	say(p, "eth1", "P(s1,g1,rpt)");
	assert_data(p, "eth3", "s1", "g1", "eth1");
	pim_bed_run(p, SEC(3) + 1);
	assert_data(p, "eth3", "s1", "g1", "");
}

static void pending_join(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth1.4", "Hello holdtime forever genid 8 priority 1");
	say(p, "eth1", "J(s1,ssm1)");
	say(p, "eth1", "P(s1,ssm1)");
	assert_entry(p, "s1", "ssm1", "eth0 > eth1");
	pim_bed_run(p, SEC(3) + 1);
	assert_entry(p, "s1", "ssm1", "none");
}

static void the_dr_dies(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth1.2", "Hello holdtime forever genid 7 priority 100");
	pim_bed_join(p, "eth1", "s1", "ssm1");
	assert_entry(p, "s1", "ssm1", "none");
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0 genid 7 priority 100");
	assert_entry(p, "s1", "ssm1", "eth0 > eth1");
	assert_true(has_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,ssm1)"));
}

static void rpf_star(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(*,g1) rp rp1");
	assert_said(p, "eth3 Join/Prune to eth3.2 holdtime 210: J(*,g1) rp rp1\n");
	pim_bed_hear(p, "eth3.3", "Hello holdtime forever genid 9 priority 1");
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt preference 0 metric 0");
	pim_bed_run(p, SEC(3));
	assert_true(has_said(p, "eth3 Join/Prune to eth3.3 holdtime 210: J(*,g1) rp rp1"));
}

static void rpf_rpt(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, CONF "spt-threshold infinity\n");
	say(p, "eth1", "J(*,g1) rp rp1");
	pim_bed_hear(p, "eth3.3", "Hello holdtime forever genid 9 priority 1");
	pim_bed_hear(p, "eth3.3", "Assert (s1,g1) preference 0 metric 0");
	pim_bed_run(p, SEC(1));
	pim_bed_said(p);
	pim_bed_run(p, SEC(61));
	assert_true(has_said(p, "eth3 Join/Prune to eth3.2 holdtime 210: J(*,g1) rp rp1 "
				"P(s1,g1,rpt)"));
}

static void rpf_source(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,ssm1)\n");
	pim_bed_hear(p, "eth0.3", "Hello holdtime forever genid 9 priority 1");
	pim_bed_hear(p, "eth0.3", "Assert (s1,ssm1) preference 0 metric 0");
	pim_bed_run(p, SEC(3));
	assert_true(has_said(p, "eth0 Join/Prune to eth0.3 holdtime 210: J(s1,ssm1)"));
}

static void by_secondary(struct pim_bed *p)
{
	begin(p);
	pim_bed_route(p, "s2", "eth0/2");
	say(p, "eth1", "J(s2,ssm1)");
	assert_said(p, "");
	pim_bed_hear(p, "eth0.2", "Hello holdtime forever genid 1 priority 1 secondary eth0/2");
	assert_true(has_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s2,ssm1)"));
}

static void membership_before_the_rp(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	assert_said(p, "");
	pim_bed_reload(p, CONF);
	assert_true(has_said(p, "eth3 Join/Prune to eth3.2 holdtime 210: J(*,g1) rp rp1"));
}

static void first_packet(struct pim_bed *p)
{
	begin(p);
	pim_bed_data(p, "eth1", "eth1.100", "g1");
	assert_true(has_said(p, "Register to rp1 (eth1.100,g1)"));
}

/* The kernel counts what nobody hears of. */
static void kept_alive_by_counters(struct pim_bed *p)
{
	begin(p);
	pim_bed_data(p, "eth2", "eth2.100", "g2");
	pim_bed_join(p, "eth1", "*", "g1");
	flow(p, "eth3", 1);
	flow(p, "eth0", 10);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_said(p);
	for (unsigned i = 0; i < 50; i++) {
		pim_bed_run(p, SEC(10));
		assert_true(entry_is_alive(pim_bed_find(p, "s1", "g1")));
		assert_true(entry_is_alive(pim_bed_find(p, "eth2.100", "g2")));
		pim_bed_data(p, "eth0", "s1", "g1");
		pim_bed_data(p, "eth2", "eth2.100", "g2");
		pim_bed_join(p, "eth1", "*", "g1");
	}
	assert_false(has_said(p, "P(s1,g1)"));
}

static void kept_alive(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	flow(p, "eth3", 1);
	for (unsigned i = 0; i < 9; i++) {
		flow(p, "eth0", 100);
		pim_bed_join(p, "eth1", "*", "g1");
	}
	assert_true(pim_bed_find(p, "s1", "g1")->is_joined);
	assert_entry(p, "s1", "g1", "eth0 > eth1");
	pim_bed_said(p);
	for (unsigned i = 0; i < 5; i++) {
		pim_bed_run(p, SEC(86));
		pim_bed_join(p, "eth1", "*", "g1");
	}
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_true(has_said(p, "P(s1,g1)"));
}

static void both_trees(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	assert_data(p, "eth3", "s1", "g1", "eth1");
	assert_entry(p, "s1", "g1", "eth3 > eth1");
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	flow(p, "eth0", 5);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_entry(p, "s1", "g1", "eth0 > eth1");
	assert_data(p, "eth3", "s1", "g1", "");
}

static void from_elsewhere(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(*,g1) rp rp1");
	say(p, "eth1", "J(s1,ssm1)");
	pim_bed_said(p);
	assert_data(p, "eth2", "s1", "g1", "");
	assert_data(p, "eth2", "s1", "ssm1", "");
	assert_said(p, "");
	pim_bed_run(p, SEC(4));
	assert_data(p, "eth1", "s1", "g1", "");
	assert_said(p, "eth1 Assert (s1,g1) rpt preference 110 metric 20\n");
	assert_data(p, "eth1", "s1", "ssm1", "");
	assert_said(p, "eth1 Assert (s1,ssm1) preference 110 metric 20\n");
}

static void not_back(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth0.3", "Hello holdtime forever genid 9 priority 1");
	say(p, "eth1", "J(s1,ssm1)");
	say(p, "eth0", "J(s1,ssm1)");
	assert_entry(p, "s1", "ssm1", "eth0 > eth1");
}

static void few_asserts(struct pim_bed *p)
{
	unsigned n = 0;

	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	pim_bed_said(p);
	for (unsigned i = 0; i < 100; i++) {
		pim_bed_data(p, "eth1", "s1", "ssm1");
		pim_bed_run(p, 10);
	}
	for (const char *at = pim_bed_said(p); (at = strstr(at, "Assert")); at++)
		n++;
	assert_int_equal(n, 1);
}

static void transit(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(*,g1) rp rp1");
	pim_bed_said(p);
	flow(p, "eth3", 100);
	assert_data(p, "eth3", "s1", "g1", "eth1");
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_false(has_said(p, "J(s1,g1)"));
}

static void thresholds(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, CONF "spt-threshold infinity\n");
	pim_bed_join(p, "eth1", "*", "g1");
	flow(p, "eth3", 150);
	assert_false(has_said(p, "J(s1,g1)"));
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_reload(p, CONF "spt-threshold packets 8 interval 10\n");
	for (unsigned i = 0; i < 20; i++) {
		pim_bed_data(p, "eth3", "s1", "g1");
		pim_bed_run(p, SEC(2));
	}
	assert_false(has_said(p, "J(s1,g1)"));
	flow(p, "eth3", 21);
	assert_true(has_said(p, "J(s1,g1)"));
}

/* A packet has 100 bytes, with the header of IPv6 or IPv4. */
static void rates(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_reload(p, CONF "spt-threshold rate 2 interval 10\n");
	flow(p, "eth3", 30);
	assert_false(has_said(p, "J(s1,g1)"));
	for (unsigned i = 0; i < 4 * 21; i++) {
		pim_bed_data(p, "eth3", "s1", "g1");
		pim_bed_run(p, 250);
	}
	assert_true(has_said(p, "J(s1,g1)"));
}

static void at_once(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_said(p);
	pim_bed_data(p, "eth3", "s1", "g1");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
}

/* Listeners where the shared tree comes in have it of that link: no tree is joined for them. */
static void not_on_the_way(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth3", "*", "g1");
	assert_said(p, "eth3 Join/Prune to eth3.2 holdtime 210: J(*,g1) rp rp1\n");
	pim_bed_data(p, "eth3", "s1", "g1");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	assert_null(pim_bed_find(p, "s1", "g1"));
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_data(p, "eth3", "s1", "g1");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
}

/* Nobody wants it of the shared tree; both trees come in by one router; the own link. */
static void sptbit(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth1.4", "Hello holdtime forever genid 9 priority 1");
	say(p, "eth1", "J(s1,g1)");
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_data(p, "eth0", "s1", "g1");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_route(p, "s2", "eth3.2");
	say(p, "eth1", "J(*,g2) rp rp1");
	say(p, "eth2", "J(s2,g2)");
	pim_bed_data(p, "eth3", "s2", "g2");
	assert_true(pim_bed_find(p, "s2", "g2")->spt);
	say(p, "eth1", "J(eth2.100,g1)");
	pim_bed_data(p, "eth2", "eth2.100", "g1");
	assert_true(pim_bed_find(p, "eth2.100", "g1")->spt);
}

/* The first packet is not waited for, unless a shared tree comes before it. */
static void sptbit_alone(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,g1)");
	say(p, "eth1", "J(s1,g2)");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_data(p, "eth0", "s1", "g1", "eth1");
	pim_bed_said(p);
	say(p, "eth2", "J(*,g1) rp rp1");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_said(p, "eth3 Join/Prune to eth3.2 holdtime 210: J(*,g1) rp rp1 P(s1,g1,rpt)\n");
	say(p, "eth2", "J(*,g2) rp rp1");
	assert_false(pim_bed_find(p, "s1", "g2")->spt);
	assert_data(p, "eth3", "s1", "g2", "eth2");
	pim_bed_data(p, "eth0", "s1", "g2");
	pim_bed_run(p, SEC(1));
	assert_true(pim_bed_find(p, "s1", "g2")->spt);
	/* what is said for sure later is not doubted again */
	say(p, "eth1", "J(s1,g3)");
	say(p, "eth2", "J(*,g3) rp rp1");
	assert_false(pim_bed_find(p, "s1", "g3")->spt);
	pim_bed_hear(p, "eth0.2", "Assert (s1,g3) preference 1 metric 1");
	assert_true(pim_bed_find(p, "s1", "g3")->spt);
	say(p, "eth2", "P(*,g3) rp rp1");
	pim_bed_run(p, SEC(4));
	assert_null(pim_bed_find(p, "*", "g3"));
	say(p, "eth2", "J(*,g3) rp rp1");
	assert_true(pim_bed_find(p, "s1", "g3")->spt);
}

/* What came by the way to the source before it was joined is no sign of its tree. */
static void sptbit_of_before(struct pim_bed *p)
{
	begin(p);
	say(p, "eth2", "J(*,g1) rp rp1");
	say(p, "eth1", "J(*,g1) rp rp1 P(s1,g1,rpt)");
	assert_data(p, "eth3", "s1", "g1", "eth2");
	assert_data(p, "eth0", "s1", "g1", "");
	pim_bed_run(p, SEC(1));
	assert_int_equal(pim_bed_find(p, "s1", "g1")->seen, rpf_slot(p, "s1"));
	say(p, "eth2", "J(s1,g1)");
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	assert_data(p, "eth3", "s1", "g1", "eth2");
	pim_bed_run(p, SEC(4));
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, SEC(1));
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
}

/* Both trees come in by one interface, but by nobody who could send both. */
static void sptbit_without_neighbor(struct pim_bed *p)
{
	begin(p);
	pim_bed_route(p, "s1", "eth0.8");
	pim_bed_route(p, "rp1", "eth0.9");
	say(p, "eth1", "J(*,g1) rp rp1 J(s1,g1)");
	assert_int_equal(rpf_slot(p, "s1"), rpf_slot(p, "*"));
	pim_bed_data(p, "eth0", "s1", "g1");
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_route(p, "rp1", "eth0.2");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
}

/* Nor does a listener of another router's make it one of a source that is registered alone. */
static void sptbit_of_registered(struct pim_bed *p)
{
	begin(p);
	pim_bed_hear(p, "eth1.2", "Hello holdtime forever genid 7 priority 100");
	pim_bed_data(p, "eth2", "eth2.100", "g1");
	assert_data(p, "eth2", "eth2.100", "g1", "pimreg");
	pim_bed_join(p, "eth1", "*", "g1");
	assert_false(pim_bed_find(p, "*", "g1")->is_joined);
	assert_false(pim_bed_find(p, "eth2.100", "g1")->spt);
	assert_data(p, "eth2", "eth2.100", "g1", "pimreg");
}

static void sptbit_goes(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,g1)");
	pim_bed_hear(p, "eth0.2", "Assert (s1,g1) preference 1 metric 1");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_join(p, "eth2", "*", "g1");
	say(p, "eth1", "P(s1,g1)");
	pim_bed_leave(p, "eth2", "*", "g1");
	pim_bed_run(p, SEC(10));
	assert_true(!pim_bed_find(p, "s1", "g1") || !pim_bed_find(p, "s1", "g1")->spt);
}

/* The shared tree still has a way, and is told at once that the source is wanted from it again. */
static void sptbit_without_a_way(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_data(p, "eth3", "s1", "g1");
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, 10);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_said(p);
	pim_bed_unroute(p, "s1", PIM_BED_METRIC);
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	assert_true(has_said(p, "eth3 Join/Prune to eth3.2 holdtime 210: J(s1,g1,rpt)"));
	assert_data(p, "eth3", "s1", "g1", "eth1");
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, 10);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
}

/* Data that is for nobody, from wherever, hides no packet of the source's tree. */
static void sptbit_for_nobody(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth3", "*", "g1");
	pim_bed_data(p, "eth2", "s1", "g1");
	say(p, "eth1", "J(s1,g1)");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_data(p, "eth0", "s1", "g1", "eth1");
	pim_bed_data(p, "eth1", "s2", "g2");
	say(p, "eth1", "J(s2,g2)");
	assert_false(pim_bed_find(p, "s2", "g2")->spt);
}

/* The copy by the shared tree comes after that by the source's, and nothing is missed. */
static void the_change(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	assert_data(p, "eth3", "s1", "g1", "eth1");
	pim_bed_run(p, 500);
	assert_data(p, "eth0", "s1", "g1", "");
	pim_bed_run(p, 1);
	assert_data(p, "eth3", "s1", "g1", "eth1");
	pim_bed_run(p, 10);
	pim_bed_said(p);
	assert_data(p, "eth0", "s1", "g1", "eth1");
	assert_data(p, "eth3", "s1", "g1", "");
}

static void prune_of_the_old(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_data(p, "eth3", "s1", "g1");
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_said(p);
	pim_bed_run(p, 10);
	assert_said(p, "eth3 Join/Prune to eth3.2 holdtime 210: P(s1,g1,rpt)\n");
}

static void nobody_there(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "g1");
	flow(p, "eth3", 1);
	flow(p, "eth0", 10);
	pim_bed_leave(p, "eth1", "*", "g1");
	flow(p, "eth0", 450);
	assert_null(pim_bed_find(p, "s1", "g1"));
}

static void ssm_alone(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	assert_true(pim_bed_find(p, "s1", "ssm1")->spt);
	say(p, "eth1", "J(*,ssm1) rp rp1 P(s1,ssm1,rpt)");
	assert_null(pim_bed_find(p, "*", "ssm1"));
	pim_bed_said(p);
	pim_bed_data(p, "eth1", "eth1.100", "ssm1");
	assert_said(p, "");
}

static void any_source_of_ssm(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth1", "*", "ssm1");
	assert_null(pim_bed_find(p, "*", "ssm1"));
	assert_said(p, "");
	pim_bed_join(p, "eth1", "s1", "ssm1");
	assert_entry(p, "s1", "ssm1", "eth0 > eth1");
}

/* The old way goes on until data comes by the new one. */
static void another_way(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	assert_data(p, "eth0", "s1", "ssm1", "eth1");
	pim_bed_said(p);
	pim_bed_route(p, "s1", "eth3.2");
	assert_true(has_said(p, "eth3 Join/Prune to eth3.2 holdtime 210: J(s1,ssm1)"));
	assert_data(p, "eth0", "s1", "ssm1", "eth1");
	assert_data(p, "eth3", "s1", "ssm1", "");
	pim_bed_run(p, 10);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: P(s1,ssm1)\n");
	assert_data(p, "eth3", "s1", "ssm1", "eth1");
}

/* The kernel told of the new way just before, and so would not tell again for a while. */
static void another_way_with_data(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	assert_data(p, "eth0", "s1", "ssm1", "eth1");
	assert_data(p, "eth3", "s1", "ssm1", "");
	pim_bed_route(p, "s1", "eth3.2");
	pim_bed_said(p);
	assert_data(p, "eth3", "s1", "ssm1", "");
	pim_bed_run(p, 10);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: P(s1,ssm1)\n");
	assert_data(p, "eth3", "s1", "ssm1", "eth1");
}

/* The kernel told of the new way just now, and is to tell of a sender on the old one, now ours. */
static void another_sender_at_once(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	assert_data(p, "eth0", "s1", "ssm1", "eth1");
	pim_bed_route(p, "s1", "eth3.2");
	assert_data(p, "eth3", "s1", "ssm1", "");
	pim_bed_run(p, 10);
	pim_bed_hear(p, "eth0.2", "Join/Prune to eth0.1 holdtime forever: J(s1,ssm1)");
	pim_bed_said(p);
	pim_bed_data(p, "eth0", "s1", "ssm1");
	assert_said(p, "eth0 Assert (s1,ssm1) preference 110 metric 20\n");
}

static void another_way_without_data(struct pim_bed *p)
{
	begin(p);
	say(p, "eth1", "J(s1,ssm1)");
	assert_data(p, "eth0", "s1", "ssm1", "eth1");
	pim_bed_route(p, "s1", "eth3.2");
	pim_bed_said(p);
	assert_int_equal(pim_bed_wait(p, SEC(5)), SEC(3));
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: P(s1,ssm1)\n");
	assert_entry(p, "s1", "ssm1", "eth3 > eth1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-1: where (*,G) goes to", CONF, immediate_star),
		PIM_TEST("PIM-2: where (S,G) goes to", CONF, immediate_source),
		PIM_TEST("PIM-3: where a source goes by the shared tree", CONF, inherited_rpt),
		PIM_TEST("PIM-4: where a source goes in all", CONF, inherited_source),
		PIM_TEST("PIM-5: who won an Assert serves listeners", CONF, winner_serves),
		PIM_TEST("PIM-6: PrunePending of (S,G,rpt) forwards", CONF, pending_rpt),
		PIM_TEST("PIM-7: PrunePending of (S,G) forwards", CONF, pending_join),
		PIM_TEST("PIM-8: the DR dies, listeners are known", CONF, the_dr_dies),
		PIM_TEST("PIM-9: RPF'(*,G) is who won an Assert", CONF, rpf_star),
		PIM_TEST("PIM-10: RPF'(S,G,rpt) too", CONF, rpf_rpt),
		PIM_TEST("PIM-11: RPF'(S,G) too", CONF, rpf_source),
		PIM_TEST("PIM-12: a next hop by a secondary address", CONF, by_secondary),
		PIM_TEST("PIM-13: listeners before the RP", IFACES, membership_before_the_rp),
		PIM_TEST("PIM-14: the first packet is registered", CONF, first_packet),
		PIM_TEST("PIM-15: data keeps it alive", CONF, kept_alive),
		PIM_TEST("PIM-14, PIM-15: for good", CONF, kept_alive_by_counters),
		PIM_TEST("PIM-16 PIM-17: one tree, then the other", CONF, both_trees),
		PIM_TEST("PIM-18: data from elsewhere", CONF, from_elsewhere),
		PIM_TEST("PIM-19: not back to where it came from", CONF, not_back),
		PIM_TEST("PIM-20: few Asserts", CONF, few_asserts),
		PIM_TEST("PIM-21: on the way nobody changes the tree", CONF, transit),
		PIM_TEST("PIM-22: spt-threshold", CONF, thresholds),
		PIM_TEST("PIM-22: by rate", CONF, rates),
		PIM_TEST("PIM-22: at once", CONF, at_once),
		PIM_TEST("PIM-21: for listeners on the way neither", ON_THE_WAY, not_on_the_way),
		PIM_TEST("PIM-23: when the SPTbit is set", CONF, sptbit),
		PIM_TEST("PIM-23: what came before does not set it", CONF, sptbit_of_before),
		PIM_TEST("PIM-23: nor do two trees of nobody", CONF, sptbit_without_neighbor),
		PIM_TEST("PIM-23: nor what is registered", CONF, sptbit_of_registered),
		PIM_TEST("PIM-23: it waits for nothing where the source's tree is alone", CONF,
			 sptbit_alone),
		PIM_TEST("PIM-24: an Assert sets it, and it goes", CONF, sptbit_goes),
		PIM_TEST("PIM-24: it goes with the way", CONF, sptbit_without_a_way),
		PIM_TEST("PIM-24: what is for nobody hides nothing", CONF, sptbit_for_nobody),
		PIM_TEST("PIM-25: the change loses nothing", CONF, the_change),
		PIM_TEST("PIM-25: then the shared tree is pruned", CONF, prune_of_the_old),
		PIM_TEST("PIM-26: data for nobody", CONF, nobody_there),
		PIM_TEST("PIM-94: another way, and data", CONF, another_way),
		PIM_TEST("PIM-107: two senders just after a change", CONF, another_sender_at_once),
		PIM_TEST("PIM-94: another way, without data", CONF, another_way_without_data),
		PIM_TEST("PIM-94: another way, and data before it", CONF, another_way_with_data),
		PIM_TEST("PIM-131: source-specific groups", CONF, ssm_alone),
		PIM_TEST("PIM-132: any source of such a group", CONF, any_source_of_ssm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
