/* pim_assert_sim.c - Asserts: figures 8 and 9 of RFC 7761 by their cells, each for both families
 *
 * The way to the source is over eth0, that to the RP over eth3. On eth1 there are other routers,
 * of whom eth1.3 joins and eth1.2 and eth1.4 might forward too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define CONF                                                                              \
	"phyint eth0 pim\nphyint eth1 pim dr-priority 9\nphyint eth2 pim dr-priority 9\n" \
	"phyint eth3 pim\nrp-address rp1\n"

#define OURS "preference 110 metric 20"

struct check {
	const char *conf;
	void (*test)(struct pim_bed *p);
};

static void join(struct pim_bed *p, const char *source, const char *ifname)
{
	char from[16];

	snprintf(from, sizeof(from), "%s.3", ifname);
	pim_bed_hear(p, from, "Join/Prune to %s.1 holdtime 210: J(%s,g1)%s", ifname, source,
		     *source == '*' ? " rp rp1" : "");
}

static void prune(struct pim_bed *p, const char *source, const char *ifname)
{
	char from[16];

	snprintf(from, sizeof(from), "%s.3", ifname);
	pim_bed_hear(p, from, "Join/Prune to %s.1 holdtime 210: P(%s,g1)%s", ifname, source,
		     *source == '*' ? " rp rp1" : "");
	pim_bed_run(p, SEC(3));
}

static void both(void **state)
{
	static const char *const neighbors[] = { "eth0.2", "eth0.3", "eth1.2", "eth1.3",
						 "eth1.4", "eth2.3", "eth3.2", "eth3.3" };
	const struct check *check = *state;

	for (enum af af = V4; af <= V6; af++) {
		struct pim_bed *p = pim_bed_new(af, check->conf);

		pim_bed_route(p, "s1", "eth0.2");
		pim_bed_route(p, "s2", "eth0.2");
		pim_bed_route(p, "rp1", "eth3.2");
		for (unsigned i = 0; i < NELEMS(neighbors); i++)
			pim_bed_hear(p, neighbors[i], "Hello holdtime forever genid %u priority 1",
				     i + 1);
		pim_bed_run(p, SEC(5));
		assert_said(p, "");
		check->test(p);
		pim_bed_free(p);
	}
}

/* Lines of what was said since the last time that tell of Asserts. */
static void assert_asserts(struct pim_bed *p, const char *want)
{
	static char text[8192];
	char *at = text;

	for (const char *said = pim_bed_said(p), *end; *said; said = end) {
		end = strchr(said, '\n') + 1;
		if (memmem(said, end - said, " Assert ", 8))
			at += sprintf(at, "%.*s", (int)(end - said), said);
	}
	*at = '\0';
	assert_string_equal(text, want);
}

static struct assert *machine(struct pim_bed *p, const char *source, const char *ifname)
{
	struct branch *b = pim_bed_branch(p, source, "g1", ifname);

	return b ? b->assert_ : NULL;
}

static void assert_no_info(struct pim_bed *p, const char *source, const char *ifname)
{
	assert_null(machine(p, source, ifname));
}

/* By @left seconds it is timed out, or said again. */
static void assert_winner(struct pim_bed *p, const char *source, const char *ifname, unsigned left)
{
	const struct assert *a = machine(p, source, ifname);

	assert_non_null(a);
	assert_int_equal(a->state, ASSERT_WINNER);
	assert_int_equal(timer_left(&p->bed.clock, &a->at), SEC(left));
	assert_true(ip_eq(a->winner.ip, pim_bed_iface(p, ifname)->address));
}

static void assert_loser(struct pim_bed *p, const char *source, const char *winner, unsigned left)
{
	char ifname[16];
	const struct assert *a;

	snprintf(ifname, sizeof(ifname), "%.4s", winner);
	a = machine(p, source, ifname);
	assert_non_null(a);
	assert_int_equal(a->state, ASSERT_LOSER);
	assert_int_equal(timer_left(&p->bed.clock, &a->at) / 1000, left);
	assert_true(ip_eq(a->winner.ip, pim_bed_ip(p, winner)));
}

/*
 * CouldAssert(S,G,eth1): it is joined there and on eth2, and came in on eth0. If that is another
 * interface than it was to come in by (*,G), the kernel tells of no more for a while.
 */
static void could_sg(struct pim_bed *p)
{
	join(p, "s1", "eth1");
	join(p, "s1", "eth2");
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, SEC(4));
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1 eth2");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_asserts(p, "");
}

/* CouldAssert(*,G,eth1) */
static void could_star(struct pim_bed *p)
{
	join(p, "*", "eth1");
	join(p, "*", "eth2");
	assert_asserts(p, "");
}

static void winner_sg(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
}

static void winner_star(struct pim_bed *p)
{
	could_star(p);
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_asserts(p, "eth1 Assert (s1,g1) rpt " OURS "\n");
	assert_winner(p, "*", "eth1", 177);
}

static void loser_sg(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_loser(p, "s1", "eth1.2", 180);
	assert_asserts(p, "");
	assert_entry(p, "s1", "g1", "eth0 > eth2");
}

static void loser_star(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt metric 10");
	assert_loser(p, "*", "eth1.2", 180);
	assert_asserts(p, "");
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth2");
}

/* Figure 8: NoInfo */

static void sg_no_info_rx_inferior(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 30");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

static void sg_no_info_rx_inferior_could_not(struct pim_bed *p)
{
	join(p, "s1", "eth1");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 30");
	assert_asserts(p, "");
	assert_no_info(p, "s1", "eth2");
	pim_bed_hear(p, "eth2.3", "Assert (s1,g1) rpt metric 30");
	assert_asserts(p, "");
	assert_no_info(p, "s1", "eth2");
}

static void sg_no_info_rx_rpt(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt preference 1 metric 1");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
}

static void sg_no_info_data(struct pim_bed *p)
{
	winner_sg(p);
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

static void sg_no_info_data_could_not(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_data(p, "eth3", "s1", "g1");
	assert_asserts(p, "");
	assert_no_info(p, "s1", "eth3");
}

static void sg_no_info_rx_acceptable(struct pim_bed *p)
{
	loser_sg(p);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth2");
}

static void sg_no_info_rx_acceptable_not_tracked(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_hear(p, "eth3.2", "Assert (s1,g1) metric 10");
	assert_no_info(p, "s1", "eth3");
	pim_bed_hear(p, "eth3.2", "Assert (s2,g1) metric 10");
	assert_null(pim_bed_find(p, "s2", "g1"));
}

/* A6: what the winner sends has come in by the source's tree. */
static void sg_no_info_rx_acceptable_upstream(struct pim_bed *p)
{
	join(p, "s1", "eth1");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	assert_false(entry_is_alive(pim_bed_find(p, "s1", "g1")));
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) preference 200 metric 999");
	assert_loser(p, "s1", "eth0.3", 180);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_true(entry_is_alive(pim_bed_find(p, "s1", "g1")));
	join(p, "*", "eth2");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
}

/* What is known to send is not known any better thereby. */
static void sg_no_info_rx_acceptable_of_data(struct pim_bed *p)
{
	join(p, "s1", "eth1");
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, SEC(100));
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) preference 200 metric 999");
	assert_loser(p, "s1", "eth0.3", 180);
	assert_int_equal(timer_left(&p->bed.clock, &pim_bed_find(p, "s1", "g1")->kat), SEC(110));
}

/* Figure 8: Winner */

static void sg_winner_at_expired(struct pim_bed *p)
{
	winner_sg(p);
	pim_bed_run(p, SEC(177) - 1);
	assert_asserts(p, "");
	pim_bed_run(p, 1);
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
}

static void sg_winner_rx_inferior(struct pim_bed *p)
{
	winner_sg(p);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 30");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt preference 1 metric 1");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
}

static void sg_winner_rx_preferred(struct pim_bed *p)
{
	winner_sg(p);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_asserts(p, "");
	assert_loser(p, "s1", "eth1.2", 180);
	assert_entry(p, "s1", "g1", "eth0 > eth2");
}

static void sg_winner_could_not(struct pim_bed *p)
{
	winner_sg(p);
	prune(p, "s1", "eth1");
	assert_asserts(p, "eth1 Assert (s1,g1) rpt cancel\n");
	assert_no_info(p, "s1", "eth1");
	assert_null(pim_bed_branch(p, "s1", "g1", "eth1"));
}

/* The kernel tells once in three seconds; who sent it may have missed the Assert. */
static void sg_winner_data(struct pim_bed *p)
{
	winner_sg(p);
	pim_bed_run(p, SEC(4));
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
}

static void sg_winner_other_metric(struct pim_bed *p)
{
	winner_sg(p);
	pim_bed_route_as(p, "s1", "eth0.2", PIM_BED_PREFERENCE, 40);
	pim_bed_unroute(p, "s1", PIM_BED_METRIC);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 30");
	assert_asserts(p, "");
	assert_loser(p, "s1", "eth1.2", 180);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt cancel");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 50");
	assert_asserts(p, "eth1 Assert (s1,g1) preference 110 metric 40\n");
}

/* Figure 8: Loser */

static void sg_loser_rx_preferred(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) metric 9");
	assert_loser(p, "s1", "eth1.4", 180);
	assert_asserts(p, "");
}

static void sg_loser_rx_acceptable(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 15");
	assert_loser(p, "s1", "eth1.2", 180);
	assert_int_equal(machine(p, "s1", "eth1")->winner.metric, 15);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) metric 16");
	assert_loser(p, "s1", "eth1.2", 170);
}

static void sg_loser_rx_inferior(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) metric 30");
	assert_loser(p, "s1", "eth1.2", 180);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 30");
	assert_no_info(p, "s1", "eth1");
	assert_asserts(p, "");
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

static void sg_loser_rx_cancel(struct pim_bed *p)
{
	join(p, "s1", "eth2");
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) metric 999");
	assert_loser(p, "s1", "eth0.3", 180);
	pim_bed_hear(p, "eth0.2", "Assert (s1,g1) rpt cancel");
	assert_loser(p, "s1", "eth0.3", 180);
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) rpt cancel");
	assert_no_info(p, "s1", "eth0");
	assert_asserts(p, "");
}

static void sg_loser_at_expired(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_run(p, SEC(180) - 1);
	assert_loser(p, "s1", "eth1.2", 0);
	pim_bed_run(p, 1);
	assert_no_info(p, "s1", "eth1");
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

static void sg_loser_winner_restarts(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_hear(p, "eth1.4", "Hello genid 77 priority 1");
	assert_loser(p, "s1", "eth1.2", 180);
	pim_bed_hear(p, "eth1.2", "Hello genid 77 priority 1");
	assert_no_info(p, "s1", "eth1");
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

static void sg_loser_winner_dies(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_hear(p, "eth1.4", "Hello holdtime 0");
	assert_loser(p, "s1", "eth1.2", 180);
	pim_bed_hear(p, "eth1.2", "Hello holdtime 30 genid 3 priority 1");
	pim_bed_run(p, SEC(30) - 1);
	assert_loser(p, "s1", "eth1.2", 150);
	pim_bed_run(p, 1);
	assert_no_info(p, "s1", "eth1");
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

static void sg_loser_not_tracked(struct pim_bed *p)
{
	loser_sg(p);
	prune(p, "s1", "eth1");
	assert_no_info(p, "s1", "eth1");
	assert_asserts(p, "");
}

static void sg_loser_metric_better(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_route_as(p, "s1", "eth0.2", PIM_BED_PREFERENCE, 9);
	assert_no_info(p, "s1", "eth1");
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
	assert_asserts(p, "");
}

static void sg_loser_rpf_moved(struct pim_bed *p)
{
	join(p, "s1", "eth2");
	join(p, "s1", "eth0");
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) metric 9");
	assert_loser(p, "s1", "eth0.3", 180);
	pim_bed_route_as(p, "s1", "eth3.2", PIM_BED_PREFERENCE, 19);
	assert_no_info(p, "s1", "eth0");
	/* and the other way round, what was lost downstream is still lost */
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) metric 9");
	assert_loser(p, "s1", "eth0.3", 180);
	pim_bed_unroute(p, "s1", 19);
	assert_loser(p, "s1", "eth0.3", 180);
}

static void sg_loser_rx_join(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.4 holdtime 210: J(s1,g1)");
	assert_loser(p, "s1", "eth1.2", 180);
	join(p, "s1", "eth1");
	assert_no_info(p, "s1", "eth1");
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

static void sg_loser_data(struct pim_bed *p)
{
	loser_sg(p);
	pim_bed_run(p, SEC(10));
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_loser(p, "s1", "eth1.2", 170);
	assert_asserts(p, "");
}

/* Figure 9: NoInfo */

static void star_no_info_rx_inferior(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt metric 30");
	assert_asserts(p, "eth1 Assert (*,g1) rpt " OURS "\n");
	assert_winner(p, "*", "eth1", 177);
}

static void star_no_info_rx_inferior_could_not(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt cancel");
	assert_asserts(p, "");
	assert_no_info(p, "*", "eth3");
	pim_bed_hear(p, "eth1.2", "Assert (*,g2) rpt metric 10");
	assert_null(pim_bed_find(p, "*", "g2"));
}

static void star_no_info_data(struct pim_bed *p)
{
	winner_star(p);
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth1 eth2");
	assert_null(pim_bed_find(p, "s1", "g1"));
}

static void star_no_info_data_could_not(struct pim_bed *p)
{
	could_star(p);
	pim_bed_data(p, "eth0", "s1", "g1");
	assert_asserts(p, "");
	assert_no_info(p, "*", "eth0");
}

static void star_no_info_rx_acceptable(struct pim_bed *p)
{
	loser_star(p);
}

static void star_no_info_rx_acceptable_not_tracked(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth0.3", "Assert (*,g1) rpt metric 10");
	assert_no_info(p, "*", "eth0");
}

/* Figure 9: Winner */

static void star_winner_at_expired(struct pim_bed *p)
{
	winner_star(p);
	pim_bed_run(p, SEC(177));
	assert_asserts(p, "eth1 Assert (*,g1) rpt " OURS "\n");
	assert_winner(p, "*", "eth1", 177);
}

static void star_winner_rx_inferior(struct pim_bed *p)
{
	winner_star(p);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 30");
	assert_asserts(p, "eth1 Assert (*,g1) rpt " OURS "\n");
	assert_winner(p, "*", "eth1", 177);
}

static void star_winner_rx_preferred(struct pim_bed *p)
{
	winner_star(p);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 10");
	assert_asserts(p, "");
	assert_loser(p, "*", "eth1.2", 180);
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth2");
}

/* What is better because it is of a source's tree is nothing to a group that prunes the source. */
static void star_rx_sg(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: J(*,g1) rp rp1 P(s1,g1,rpt)");
	pim_bed_run(p, SEC(3));
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_no_info(p, "*", "eth1");
	assert_no_info(p, "s1", "eth1");
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt metric 30");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_winner(p, "*", "eth1", 177);
	assert_no_info(p, "s1", "eth1");
}

static void star_winner_could_not(struct pim_bed *p)
{
	winner_star(p);
	prune(p, "*", "eth1");
	assert_asserts(p, "eth1 Assert (*,g1) rpt cancel\n");
	assert_no_info(p, "*", "eth1");
}

static void star_winner_data(struct pim_bed *p)
{
	winner_star(p);
	pim_bed_run(p, SEC(4));
	pim_bed_data(p, "eth1", "s2", "g1");
	assert_asserts(p, "eth1 Assert (s2,g1) rpt " OURS "\n");
	/* many sources are said no more often than one */
	pim_bed_data(p, "eth1", "s3", "g1");
	assert_asserts(p, "");
}

/* Figure 9: Loser */

static void star_loser_rx_preferred(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) rpt metric 9");
	assert_loser(p, "*", "eth1.4", 180);
}

static void star_loser_rx_acceptable(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 15");
	assert_loser(p, "*", "eth1.2", 180);
	assert_int_equal(machine(p, "*", "eth1")->winner.metric, 15);
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.4", "Assert (*,g1) rpt metric 16");
	assert_loser(p, "*", "eth1.2", 170);
}

/* Those of a source's tree are of the source's machine, be they better or from the winner. */
static void star_loser_rx_sg(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt metric 10");
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth3.3", "Assert (s1,g1) metric 10");
	pim_bed_hear(p, "eth3.2", "Assert (s2,g1) metric 9");
	assert_loser(p, "*", "eth3.3", 170);
	assert_loser(p, "s1", "eth3.3", 180);
	assert_loser(p, "s2", "eth3.2", 180);
}

static void star_loser_rx_inferior(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_hear(p, "eth1.4", "Assert (*,g1) rpt metric 30");
	assert_loser(p, "*", "eth1.2", 180);
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt metric 30");
	assert_no_info(p, "*", "eth1");
	assert_asserts(p, "");
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth1 eth2");
}

static void star_loser_rx_cancel(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt metric 999");
	assert_loser(p, "*", "eth3.3", 180);
	pim_bed_hear(p, "eth3.2", "Assert (*,g1) rpt cancel");
	assert_loser(p, "*", "eth3.3", 180);
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt cancel");
	assert_no_info(p, "*", "eth3");
}

static void star_loser_at_expired(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_run(p, SEC(180) - 1);
	assert_loser(p, "*", "eth1.2", 0);
	pim_bed_run(p, 1);
	assert_no_info(p, "*", "eth1");
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth1 eth2");
}

static void star_loser_winner_restarts(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_hear(p, "eth1.2", "Hello genid 77 priority 1");
	assert_no_info(p, "*", "eth1");
}

static void star_loser_winner_dies(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0");
	assert_no_info(p, "*", "eth1");
}

static void star_loser_not_tracked(struct pim_bed *p)
{
	loser_star(p);
	prune(p, "*", "eth1");
	assert_no_info(p, "*", "eth1");
}

static void star_loser_metric_better(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_route_as(p, "rp1", "eth3.2", PIM_BED_PREFERENCE, 9);
	assert_no_info(p, "*", "eth1");
}

static void star_loser_rpf_moved(struct pim_bed *p)
{
	could_star(p);
	join(p, "*", "eth3");
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt metric 9");
	assert_loser(p, "*", "eth3.3", 180);
	pim_bed_route_as(p, "rp1", "eth0.2", PIM_BED_PREFERENCE, 19);
	assert_no_info(p, "*", "eth3");
}

static void star_loser_rx_join(struct pim_bed *p)
{
	loser_star(p);
	join(p, "*", "eth1");
	assert_no_info(p, "*", "eth1");
}

static void star_loser_data(struct pim_bed *p)
{
	loser_star(p);
	pim_bed_run(p, SEC(10));
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_loser(p, "*", "eth1.2", 170);
	assert_asserts(p, "");
}

/* What is between the figures */

static void strangers_are_not_heard(struct pim_bed *p)
{
	could_sg(p);
	could_star(p);
	pim_bed_hear(p, "eth1.9", "Assert (s1,g1) metric 1");
	pim_bed_hear(p, "eth1.9", "Assert (*,g1) rpt metric 1");
	assert_no_info(p, "s1", "eth1");
	assert_no_info(p, "*", "eth1");
	assert_int_equal(p->pim->counters.stranger, 2);
}

/* The reason for tracking is any of those of RFC 7761 4.6.1. */
static void tracking(struct pim_bed *p)
{
	pim_bed_join(p, "eth1", "s1", "g1");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_loser(p, "s1", "eth1.2", 180);
	/* the DR has nothing to forward now, and takes it over when the winner gives up */
	assert_false(pim_bed_find(p, "s1", "g1")->is_joined);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt cancel");
	assert_no_info(p, "s1", "eth1");
	assert_true(pim_bed_find(p, "s1", "g1")->is_joined);
	/* RPF_interface(S), if it is joined */
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) metric 999");
	assert_loser(p, "s1", "eth0.3", 180);
	/* what inherits from (*,G), and RPF_interface(RP) */
	join(p, "*", "eth2");
	pim_bed_hear(p, "eth2.3", "Assert (s2,g1) metric 999");
	assert_loser(p, "s2", "eth2.3", 180);
	pim_bed_hear(p, "eth3.3", "Assert (s2,g1) metric 999");
	assert_loser(p, "s2", "eth3.3", 180);
	pim_bed_hear(p, "eth0.3", "Assert (s2,g1) metric 999");
	assert_no_info(p, "s2", "eth0");
}

/* Local members there do not matter to who is not DR. */
static void tracking_of_another(struct pim_bed *p)
{
	pim_bed_hear(p, "eth1.4", "Hello genid 5 priority 20");
	pim_bed_join(p, "eth1", "s1", "g1");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 999");
	assert_no_info(p, "s1", "eth1");
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt metric 999");
	assert_no_info(p, "*", "eth1");
}

/* The message was of the source's machine: what it did is all. */
static void star_waits_for_sg(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 999");
	assert_loser(p, "s1", "eth1.2", 180);
	/* from L to NI: the group, of which it is inferior, does not become W by it */
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 999");
	assert_no_info(p, "s1", "eth1");
	assert_no_info(p, "*", "eth1");
	assert_asserts(p, "");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 999");
	assert_winner(p, "*", "eth1", 177);
	assert_asserts(p, "eth1 Assert (*,g1) rpt " OURS "\n");
	/* in L: nothing is to be done, and the group's has no say */
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 999");
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) rpt metric 1");
	assert_loser(p, "s1", "eth1.2", 180);
	assert_winner(p, "*", "eth1", 177);
}

static void star_waits_for_a_winner(struct pim_bed *p)
{
	could_star(p);
	could_sg(p);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 1");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
	assert_no_info(p, "*", "eth1");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 1");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_no_info(p, "*", "eth1");
}

/* An entry of the source is not enough: it is by the shared tree that it is sent there. */
static void star_answers_for_a_source(struct pim_bed *p)
{
	could_star(p);
	join(p, "s1", "eth2");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 30");
	assert_asserts(p, "eth1 Assert (*,g1) rpt " OURS "\n");
	assert_winner(p, "*", "eth1", 177);
	assert_no_info(p, "s1", "eth1");
}

static void no_source_is_of_the_group(struct pim_bed *p)
{
	could_sg(p);
	could_star(p);
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt metric 10");
	assert_no_info(p, "s1", "eth1");
	assert_loser(p, "*", "eth1.2", 180);
	/* S has a tree of its own, and is still sent there */
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

/* RPT bit, preference, metric, then the highest address. */
static void metrics(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) preference 110 metric 20");
	assert_loser(p, "s1", "eth1.2", 180);
	pim_bed_run(p, SEC(1));
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) preference 110 metric 21");
	assert_loser(p, "s1", "eth1.2", 179);
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) preference 111 metric 1");
	assert_loser(p, "s1", "eth1.2", 179);
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) rpt preference 1 metric 1");
	assert_loser(p, "s1", "eth1.2", 179);
	pim_bed_hear(p, "eth1.4", "Assert (s1,g1) preference 110 metric 20");
	assert_loser(p, "s1", "eth1.4", 180);
	pim_bed_run(p, SEC(1));
	pim_bed_hear(p, "eth1.3", "Assert (s1,g1) preference 110 metric 20");
	assert_loser(p, "s1", "eth1.4", 179);
	pim_bed_hear(p, "eth1.3", "Assert (s1,g1) preference 110 metric 19");
	assert_loser(p, "s1", "eth1.3", 180);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) preference 109 metric 999");
	assert_loser(p, "s1", "eth1.2", 180);
}

static void the_infinite_metric_is_nobodys(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt cancel");
	assert_no_info(p, "*", "eth3");
	assert_asserts(p, "");
	/* to who could, it is worse than his own */
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt cancel");
	assert_winner(p, "*", "eth1", 177);
	assert_asserts(p, "eth1 Assert (*,g1) rpt " OURS "\n");
}

/* RFC 7761 4.6.3 */
static void metrics_are_of_each_tree(struct pim_bed *p)
{
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
	pim_bed_route_as(p, "rp1", "eth3.2", 90, 77);
	could_star(p);
	pim_bed_data(p, "eth1", "s2", "g1");
	assert_asserts(p, "eth1 Assert (s2,g1) rpt preference 90 metric 77\n");
	winner_sg(p);
}

static void the_rp_is_the_best(struct pim_bed *p)
{
	join(p, "*", "eth1");
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: J(*,g1) rp own");
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_asserts(p, "eth1 Assert (s1,g1) rpt preference 0 metric 0\n");
}

static void words_give_metrics(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_asserts(p, "eth1 Assert (s1,g1) preference 7 metric 9\n");
}

/* RFC 7761 4.6.5: as long as the SPTbit is not set, what we would win then is not lost. */
static void lost_only_to_the_better(struct pim_bed *p)
{
	could_star(p);
	join(p, "s1", "eth1");
	pim_bed_said(p);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 30");
	assert_loser(p, "s1", "eth1.2", 180);
	assert_true(pim_bed_find(p, "s1", "g1")->is_joined);
	/* not by the shared tree, but by its own */
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth2");
	pim_bed_run(p, SEC(4));
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, SEC(1));
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1 eth2");
	assert_no_info(p, "s1", "eth1");
}

static void lost_to_the_better(struct pim_bed *p)
{
	could_star(p);
	join(p, "s1", "eth1");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_false(pim_bed_find(p, "s1", "g1")->is_joined);
}

/* What is lost upstream is not lost: it decides whom to join. */
/* AssertTrackingDesired(S,G,I) of RPF_interface(RP), until the source's tree is in force */
static void tracked_where_the_rp_is(struct pim_bed *p)
{
	join(p, "*", "eth2");
	pim_bed_hear(p, "eth3.2", "Assert (s1,g1) metric 10");
	assert_int_equal(pim_bed_branch(p, "s1", "g1", "eth3")->assert_->state, ASSERT_LOSER);
	pim_bed_run(p, SEC(4));
	join(p, "s1", "eth2");
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, SEC(4));
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_no_info(p, "s1", "eth3");
	pim_bed_said(p);
}

/* CouldAssert(S,G,I): what was lost for all sources is lost for one of them. */
static void lost_for_all(struct pim_bed *p)
{
	loser_star(p);
	join(p, "s1", "eth2");
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, SEC(4));
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_no_info(p, "s1", "eth1");
	assert_asserts(p, "");
}

/* lost_assert(S,G,rpt,I) of RPF_interface(S), until the source's tree is the one that counts */
static void lost_where_the_source_is(struct pim_bed *p)
{
	join(p, "*", "eth0");
	join(p, "*", "eth2");
	pim_bed_hear(p, "eth0.2", "Assert (s1,g1) metric 10");
	assert_int_equal(pim_bed_branch(p, "s1", "g1", "eth0")->assert_->state, ASSERT_LOSER);
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth2");
	pim_bed_said(p);
}

static void upstream_the_winner_is_followed(struct pim_bed *p)
{
	could_star(p);
	pim_bed_said(p);
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt metric 999");
	pim_bed_run(p, SEC(3));
	assert_said(p, "eth3 Join/Prune to eth3.3 holdtime 210: J(*,g1) rp rp1\n");
	/* own metrics are of no interest there, whatever they are */
	pim_bed_route_as(p, "rp1", "eth3.2", 1, 1);
	assert_loser(p, "*", "eth3.3", 177);
	assert_said(p, "");
}

/* RFC 7761 4.5.6: the winner of S is another, so S is pruned off the one who sends the rest. */
static void upstream_with_two_winners(struct pim_bed *p)
{
	could_star(p);
	pim_bed_said(p);
	pim_bed_hear(p, "eth3.3", "Assert (s1,g1) metric 999");
	pim_bed_run(p, SEC(60));
	assert_non_null(strstr(pim_bed_said(p), "eth3 Join/Prune to eth3.2 holdtime 210: "
						"J(*,g1) rp rp1 P(s1,g1,rpt)\n"));
	/* now all of it is the one's */
	pim_bed_hear(p, "eth3.3", "Assert (*,g1) rpt metric 999");
	pim_bed_run(p, SEC(3));
	assert_non_null(strstr(pim_bed_said(p),
			       "eth3 Join/Prune to eth3.3 holdtime 210: J(*,g1) rp rp1\n"));
}

/* RFC 7761 4.6.5, rule 7 */
static void a_join_to_the_loser(struct pim_bed *p)
{
	loser_star(p);
	join(p, "s1", "eth1");
	join(p, "s2", "eth1");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	pim_bed_hear(p, "eth1.2", "Assert (s2,g1) metric 10");
	assert_loser(p, "*", "eth1.2", 180);
	assert_loser(p, "s2", "eth1.2", 180);
	assert_loser(p, "s1", "eth1.2", 180);
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: J(*,g1) rp rp1 P(s1,g1,rpt)");
	assert_no_info(p, "*", "eth1");
	assert_no_info(p, "s2", "eth1");
	assert_loser(p, "s1", "eth1.2", 180);
}

/* The winner serves listeners, be it DR or not; a DR that lost does not. */
static void the_winner_serves_listeners(struct pim_bed *p)
{
	pim_bed_hear(p, "eth1.4", "Hello genid 5 priority 20");
	pim_bed_join(p, "eth1", "*", "g1");
	assert_null(pim_bed_branch(p, "*", "g1", "eth1"));
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "");
	winner_star(p);
	prune(p, "*", "eth1");
	assert_winner(p, "*", "eth1", 174);
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth1 eth2");
	assert_asserts(p, "");
	pim_bed_leave(p, "eth1", "*", "g1");
	pim_bed_run(p, SEC(3));
	assert_asserts(p, "eth1 Assert (*,g1) rpt cancel\n");
}

static void the_winner_serves_listeners_of_a_source(struct pim_bed *p)
{
	pim_bed_hear(p, "eth1.4", "Hello genid 5 priority 20");
	pim_bed_join(p, "eth1", "s1", "g1");
	winner_sg(p);
	prune(p, "s1", "eth1");
	assert_winner(p, "s1", "eth1", 174);
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
}

static void a_dr_that_lost_serves_nobody(struct pim_bed *p)
{
	pim_bed_join(p, "eth1", "*", "g1");
	join(p, "*", "eth2");
	assert_string_equal(pim_bed_data(p, "eth3", "s2", "g1"), "eth1 eth2");
	pim_bed_hear(p, "eth1.2", "Assert (*,g1) rpt metric 10");
	assert_loser(p, "*", "eth1.2", 180);
	assert_string_equal(pim_bed_data(p, "eth3", "s2", "g1"), "eth2");
}

/* Nobody sends: who is to forward stays known as long as somebody wants it. */
static void silence_changes_nothing(struct pim_bed *p)
{
	winner_sg(p);
	for (unsigned i = 0; i < 9; i++) {
		join(p, "s1", "eth1");
		join(p, "s1", "eth2");
		pim_bed_run(p, SEC(59));
	}
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\neth1 Assert (s1,g1) " OURS "\n"
			  "eth1 Assert (s1,g1) " OURS "\n");
}

/* RFC 7761 4.2: what would not be sent there is nobody's fault. */
static void a_pruned_source_is_nothing_to_assert(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: J(*,g1) rp rp1 P(s1,g1,rpt)");
	pim_bed_run(p, SEC(4));
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_asserts(p, "");
	assert_no_info(p, "*", "eth1");
	pim_bed_data(p, "eth1", "s2", "g1");
	assert_asserts(p, "eth1 Assert (s2,g1) rpt " OURS "\n");
}

/* The kernel told of it when there was nothing to say; the SPTbit is what was missing. */
static void data_came_before_the_tree(struct pim_bed *p)
{
	pim_bed_data(p, "eth1", "s1", "g1");
	join(p, "s1", "eth1");
	assert_asserts(p, "");
	pim_bed_run(p, SEC(1));
	pim_bed_data(p, "eth0", "s1", "g1");
	assert_asserts(p, "eth1 Assert (s1,g1) " OURS "\n");
	assert_winner(p, "s1", "eth1", 177);
}

static void data_came_long_before(struct pim_bed *p)
{
	pim_bed_data(p, "eth1", "s1", "g1");
	join(p, "s1", "eth1");
	pim_bed_run(p, SEC(10));
	pim_bed_data(p, "eth0", "s1", "g1");
	assert_asserts(p, "");
}

/* The DR that lost relies on the winner, also when nobody else asks for the source there. */
static void a_winner_has_the_listeners(struct pim_bed *p)
{
	pim_bed_hear(p, "eth1.4", "Hello holdtime forever genid 1 priority 20");
	pim_bed_join(p, "eth1", "*", "g1");
	winner_sg(p);
	prune(p, "s1", "eth1");
	pim_bed_run(p, SEC(4));
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
	assert_winner(p, "s1", "eth1", 170);
	for (unsigned i = 0; i < 50; i++) {
		pim_bed_run(p, SEC(20));
		pim_bed_join(p, "eth1", "*", "g1");
		join(p, "s1", "eth2");
		assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1 eth2");
	}
	prune(p, "s1", "eth2");
	for (unsigned i = 0; i < 50; i++) {
		pim_bed_run(p, SEC(20));
		pim_bed_join(p, "eth1", "*", "g1");
		assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	}
	join(p, "s1", "eth2");
	pim_bed_said(p);
	pim_bed_leave(p, "eth1", "*", "g1");
	pim_bed_run(p, SEC(4));
	assert_entry(p, "s1", "g1", "eth0 > eth2");
	assert_no_info(p, "s1", "eth1");
}

/* As long as it sends. */
static void a_winner_of_a_source_that_ended(struct pim_bed *p)
{
	pim_bed_hear(p, "eth1.4", "Hello holdtime forever genid 1 priority 20");
	pim_bed_join(p, "eth1", "*", "g1");
	winner_sg(p);
	prune(p, "s1", "eth1");
	prune(p, "s1", "eth2");
	pim_bed_run(p, SEC(100));
	assert_winner(p, "s1", "eth1", 71);
	for (unsigned i = 0; i < 20; i++) {
		pim_bed_run(p, SEC(50));
		pim_bed_join(p, "eth1", "*", "g1");
	}
	assert_false(ifset_empty(pim_bed_find(p, "*", "g1")->include));
	assert_null(pim_bed_find(p, "s1", "g1"));
	pim_bed_said(p);
}

/* The source on our link is its own forwarder there. */
static void a_source_on_the_link_is_not_asserted(struct pim_bed *p)
{
	join(p, "*", "eth1");
	pim_bed_data(p, "eth1", "eth1.100", "g1");
	assert_asserts(p, "");
}

static void ssm(struct pim_bed *p)
{
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: J(s1,ssm1)");
	pim_bed_hear(p, "eth2.3", "Join/Prune to eth2.1 holdtime 210: J(s1,ssm1)");
	pim_bed_data(p, "eth1", "s1", "ssm1");
	assert_asserts(p, "eth1 Assert (s1,ssm1) " OURS "\n");
	pim_bed_hear(p, "eth1.2", "Assert (s1,ssm1) metric 10");
	assert_entry(p, "s1", "ssm1", "eth0 > eth2");
	pim_bed_hear(p, "eth1.2", "Assert (*,ssm1) rpt metric 10");
	assert_int_equal(p->pim->counters.ssm_refused, 1);
	pim_bed_hear(p, "eth1.2", "Assert (s1,ssm1) rpt cancel");
	assert_entry(p, "s1", "ssm1", "eth0 > eth1 eth2");
	assert_null(pim_bed_find(p, "*", "ssm1"));
}

static void a_passive_interface_says_nothing(struct pim_bed *p)
{
	pim_bed_join(p, "eth1", "s1", "ssm1");
	pim_bed_data(p, "eth1", "s1", "ssm1");
	assert_null(pim_bed_branch(p, "s1", "ssm1", "eth1"));
	assert_asserts(p, "");
}

static void no_room(struct pim_bed *p)
{
	could_star(p);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_int_equal(p->pim->counters.limited, 1);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) rpt metric 10");
	assert_loser(p, "*", "eth1.2", 180);
}

/* What was lost is remembered for a source that had nothing before, and no longer than that. */
static void an_entry_for_what_was_lost(struct pim_bed *p)
{
	could_star(p);
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth1 eth2");
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_loser(p, "s1", "eth1.2", 180);
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth2");
	assert_string_equal(pim_bed_data(p, "eth3", "s2", "g1"), "eth1 eth2");
	join(p, "*", "eth1");
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_string_equal(pim_bed_data(p, "eth3", "s1", "g1"), "eth1 eth2");
}

/* What a neighbor says, with nothing done for it yet. */
static void says(struct pim_bed *p, const char *from, int64_t holdtime, uint32_t genid)
{
	struct msg_ends ends = { pim_bed_ip(p, from), msg_all_routers(p->af) };
	struct msg_hello hello = { .holdtime = holdtime, .has_genid = true, .genid = genid };
	uint8_t data[64];
	struct packet packet = {
		.proto = PROTO_PIM, .ttl = 1, .src = ends.src, .dst = ends.dst, .data = data
	};

	packet.len = msg_hello_encode(&ends, &hello, data, sizeof(data));
	assert_true(sim_receive(p->bed.k, 2, &packet));
}

/*
 * With many entries it takes a while until all that a neighbor's end concerns was found. Those who
 * come and go meanwhile have nothing more wait, and no loser is forgotten.
 */
static void many_come_and_go(struct pim_bed *p)
{
	char name[32];
	struct walk *w;
	unsigned n = 0;

	loser_sg(p);
	for (unsigned i = 0; i < 1200; i++) {
		snprintf(name, sizeof(name), p->af == V4 ? "10.9.%u.%u" : "2001:db8:9:%u::%u",
			 i / 100 + 1, i % 100 + 1);
		pim_bed_hear(p, "eth2.3", "Join/Prune to eth2.1 holdtime 210: J(%s,g0)", name);
	}
	pim_bed_said(p);
	says(p, "eth1.9", SEC(105), 1);
	says(p, "eth1.9", 0, 1);
	says(p, "eth1.2", 0, 0);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "eth1.%u", i + 10);
		says(p, name, SEC(105), 1);
		says(p, name, SEC(105), 2);
		says(p, name, 0, 0);
		says(p, "eth1.2", SEC(105), i);
		says(p, "eth1.2", 0, i);
	}
	TAILQ_FOREACH(w, &p->pim->walks, link)
		n++;
	assert_in_range(n, 1, 4);
	bed_work(&p->bed);
	assert_true(TAILQ_EMPTY(&p->pim->walks));
	assert_no_info(p, "s1", "eth1");
	pim_bed_run(p, SEC(1));
	assert_entry(p, "s1", "g1", "eth0 > eth1 eth2");
	pim_bed_said(p);
}

static const char *source_number(const struct pim_bed *p, unsigned n)
{
	static char name[32];

	snprintf(name, sizeof(name), p->af == V4 ? "10.9.%u.%u" : "2001:db8:9:%x::%x", n / 200 + 1,
		 n % 200 + 1);
	return name;
}

/* These sources are joined on eth2, or left, all of g0. */
static void tell_many(struct pim_bed *p, char what, unsigned from, unsigned to)
{
	while (from < to) {
		char text[1000], *at = text;

		for (unsigned i = 0; i < 20 && from < to; i++)
			at += sprintf(at, " %c(%s,g0)", what, source_number(p, from++));
		pim_bed_hear(p, "eth2.3", "Join/Prune to eth2.1 holdtime 210:%s", text);
	}
}

static void step(struct pim_bed *p)
{
	sim_deliver(p->bed.k);
	router_work(p->bed.r);
}

/* Three of them go while entries are looked at for the first one, and some entries go, too. */
static void many_go_meanwhile(struct pim_bed *p)
{
	static const char *const gone[] = { "eth1.2", "eth1.9", "eth1.8" };
	char lost[32];

	for (unsigned i = 0; i < NELEMS(gone); i++)
		says(p, gone[i], SEC(105), 1);
	tell_many(p, 'J', 0, 5000);
	pim_bed_run(p, SEC(4));
	snprintf(lost, sizeof(lost), "%s", source_number(p, 1030));
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime forever: J(%s,g0)", lost);
	pim_bed_hear(p, "eth1.9", "Assert (%s,g0) metric 10", lost);
	assert_int_equal(pim_bed_branch(p, lost, "g0", "eth1")->assert_->state, ASSERT_LOSER);
	p->holds = true;
	says(p, gone[0], 0, 1);
	step(p);
	says(p, gone[1], 0, 1);
	assert_true(TAILQ_FIRST(&p->pim->walks)->is_again);
	tell_many(p, 'P', 0, 10);
	step(p);
	assert_null(pim_bed_find(p, source_number(p, 0), "g0"));
	assert_true(TAILQ_FIRST(&p->pim->walks)->is_again);
	says(p, gone[2], 0, 1);
	p->holds = false;
	bed_work(&p->bed);
	assert_null(pim_bed_branch(p, lost, "g0", "eth1")->assert_);
	pim_bed_said(p);
}

static void an_interface_goes(struct pim_bed *p)
{
	loser_sg(p);
	could_star(p);
	pim_bed_hear(p, "eth1.4", "Assert (*,g1) rpt metric 30");
	assert_winner(p, "*", "eth1", 177);
	pim_bed_link(p, "eth1", false);
	assert_no_info(p, "*", "eth1");
	assert_no_info(p, "s1", "eth1");
}

static void times_are_configured(struct pim_bed *p)
{
	could_sg(p);
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_winner(p, "s1", "eth1", 50);
	pim_bed_hear(p, "eth1.2", "Assert (s1,g1) metric 10");
	assert_loser(p, "s1", "eth1.2", 60);
}

#define CHECK_IN(name, conf, run)                       \
	{                                               \
		name, both, NULL, NULL, &(struct check) \
		{                                       \
			conf, run                       \
		}                                       \
	}

#define CHECK(name, run) CHECK_IN(name, CONF, run)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK("PIM-107: (S,G) NoInfo, rx inferior", sg_no_info_rx_inferior),
		CHECK("PIM-107: (S,G) NoInfo, rx inferior, could not assert",
		      sg_no_info_rx_inferior_could_not),
		CHECK("PIM-107: (S,G) NoInfo, rx with the RPT bit", sg_no_info_rx_rpt),
		CHECK("PIM-107: (S,G) NoInfo, data", sg_no_info_data),
		CHECK("PIM-107: (S,G) NoInfo, data, could not assert", sg_no_info_data_could_not),
		CHECK("PIM-108: (S,G) NoInfo, rx acceptable", sg_no_info_rx_acceptable),
		CHECK("PIM-108, PIM-111: (S,G) NoInfo, rx acceptable, not tracked",
		      sg_no_info_rx_acceptable_not_tracked),
		CHECK("PIM-108: (S,G) NoInfo, rx acceptable, upstream",
		      sg_no_info_rx_acceptable_upstream),
		CHECK("PIM-108: (S,G) NoInfo, rx acceptable, upstream, data flows",
		      sg_no_info_rx_acceptable_of_data),
		CHECK("PIM-109: (S,G) Winner, AT expires", sg_winner_at_expired),
		CHECK("PIM-109: (S,G) Winner, rx inferior", sg_winner_rx_inferior),
		CHECK("PIM-109: (S,G) Winner, rx preferred", sg_winner_rx_preferred),
		CHECK("PIM-109, PIM-117: (S,G) Winner, could not assert", sg_winner_could_not),
		CHECK("PIM-122: (S,G) Winner, data", sg_winner_data),
		CHECK("(S,G) Winner, another metric", sg_winner_other_metric),
		CHECK("PIM-110: (S,G) Loser, rx preferred", sg_loser_rx_preferred),
		CHECK("PIM-110: (S,G) Loser, rx acceptable", sg_loser_rx_acceptable),
		CHECK("PIM-110: (S,G) Loser, rx inferior", sg_loser_rx_inferior),
		CHECK("PIM-110, PIM-117: (S,G) Loser, rx cancel", sg_loser_rx_cancel),
		CHECK("PIM-110: (S,G) Loser, AT expires", sg_loser_at_expired),
		CHECK("PIM-110: (S,G) Loser, winner restarts", sg_loser_winner_restarts),
		CHECK("PIM-110: (S,G) Loser, winner dies", sg_loser_winner_dies),
		CHECK("PIM-110: (S,G) Loser, not tracked", sg_loser_not_tracked),
		CHECK("PIM-110: (S,G) Loser, own metric better", sg_loser_metric_better),
		CHECK("PIM-110, PIM-209: (S,G) Loser, RPF interface moves", sg_loser_rpf_moved),
		CHECK("PIM-110: (S,G) Loser, rx join", sg_loser_rx_join),
		CHECK("(S,G) Loser, data", sg_loser_data),
		CHECK("PIM-107: (*,G) NoInfo, rx inferior", star_no_info_rx_inferior),
		CHECK("PIM-107: (*,G) NoInfo, rx inferior, could not assert",
		      star_no_info_rx_inferior_could_not),
		CHECK("PIM-107: (*,G) NoInfo, data", star_no_info_data),
		CHECK("PIM-107: (*,G) NoInfo, data, could not assert", star_no_info_data_could_not),
		CHECK("PIM-108: (*,G) NoInfo, rx acceptable", star_no_info_rx_acceptable),
		CHECK("PIM-108: (*,G) NoInfo, rx acceptable, not tracked",
		      star_no_info_rx_acceptable_not_tracked),
		CHECK("PIM-109: (*,G) Winner, AT expires", star_winner_at_expired),
		CHECK("PIM-109: (*,G) Winner, rx inferior", star_winner_rx_inferior),
		CHECK("PIM-109: (*,G) Winner, rx preferred", star_winner_rx_preferred),
		CHECK("PIM-113, PIM-207: (*,G) NoInfo and Winner, rx without the RPT bit",
		      star_rx_sg),
		CHECK("PIM-109, PIM-117: (*,G) Winner, could not assert", star_winner_could_not),
		CHECK("PIM-122: (*,G) Winner, data", star_winner_data),
		CHECK("PIM-110: (*,G) Loser, rx preferred", star_loser_rx_preferred),
		CHECK("PIM-110: (*,G) Loser, rx acceptable", star_loser_rx_acceptable),
		CHECK("PIM-113, PIM-207: (*,G) Loser, rx without the RPT bit", star_loser_rx_sg),
		CHECK("PIM-110: (*,G) Loser, rx inferior", star_loser_rx_inferior),
		CHECK("PIM-110, PIM-117, PIM-208: (*,G) Loser, rx cancel", star_loser_rx_cancel),
		CHECK("PIM-110: (*,G) Loser, AT expires", star_loser_at_expired),
		CHECK("PIM-110: (*,G) Loser, winner restarts", star_loser_winner_restarts),
		CHECK("PIM-110: (*,G) Loser, winner dies", star_loser_winner_dies),
		CHECK("PIM-110: (*,G) Loser, not tracked", star_loser_not_tracked),
		CHECK("PIM-110: (*,G) Loser, own metric better", star_loser_metric_better),
		CHECK("PIM-110, PIM-209: (*,G) Loser, RPF interface moves", star_loser_rpf_moved),
		CHECK("PIM-110: (*,G) Loser, rx join", star_loser_rx_join),
		CHECK("(*,G) Loser, data", star_loser_data),
		CHECK("PIM-106: strangers are not heard", strangers_are_not_heard),
		CHECK("PIM-111: tracking", tracking),
		CHECK("PIM-111: tracking, listeners of another DR", tracking_of_another),
		CHECK("PIM-112: (*,G) waits for (S,G)", star_waits_for_sg),
		CHECK("PIM-112: (*,G) waits for the winner of (S,G)", star_waits_for_a_winner),
		CHECK("PIM-112: (*,G) answers for a source", star_answers_for_a_source),
		CHECK("PIM-114: without a source it is the group's", no_source_is_of_the_group),
		CHECK("PIM-115: metrics", metrics),
		CHECK("PIM-115, PIM-208: the infinite metric", the_infinite_metric_is_nobodys),
		CHECK("PIM-116: metrics of each tree", metrics_are_of_each_tree),
		CHECK_IN("PIM-116: at the RP",
			 "phyint eth1 pim\nphyint eth0 pim\nphyint eth2 pim\nphyint eth3 pim\n"
			 "rp-address own\n",
			 the_rp_is_the_best),
		CHECK_IN("PIM-116, PIM-123: words for metrics",
			 "phyint eth0 pim distance 7 metric 9\nphyint eth1 pim\nphyint eth2 pim\n"
			 "phyint eth3 pim\nrp-address rp1\n",
			 words_give_metrics),
		CHECK("PIM-118: lost only to the better", lost_only_to_the_better),
		CHECK("PIM-118: lost to the better", lost_to_the_better),
		CHECK("PIM-120: upstream the winner is followed", upstream_the_winner_is_followed),
		CHECK("PIM-206: upstream with two winners", upstream_with_two_winners),
		CHECK("PIM-119: a join to the loser", a_join_to_the_loser),
		CHECK("PIM-121: the winner serves listeners", the_winner_serves_listeners),
		CHECK("PIM-121: the winner serves listeners of a source",
		      the_winner_serves_listeners_of_a_source),
		CHECK("PIM-121: a DR that lost serves nobody", a_dr_that_lost_serves_nobody),
		CHECK("PIM-122: silence changes nothing", silence_changes_nothing),
		CHECK("a pruned source is nothing to assert", a_pruned_source_is_nothing_to_assert),
		CHECK("a winner has the listeners", a_winner_has_the_listeners),
		CHECK("PIM-122: data came before the tree", data_came_before_the_tree),
		CHECK("data came long before the tree", data_came_long_before),
		CHECK("a source on the link is not asserted", a_source_on_the_link_is_not_asserted),
		CHECK("PIM-117: source-specific groups", ssm),
		CHECK_IN("a passive interface says nothing",
			 "phyint eth0 pim\nphyint eth1 pim passive\nphyint eth2 pim\n"
			 "phyint eth3 pim\n",
			 a_passive_interface_says_nothing),
		CHECK_IN("no room for another entry", CONF "pim-limit entries 1\n", no_room),
		CHECK("an entry for what was lost", an_entry_for_what_was_lost),
		CHECK("a winner of a source that ended", a_winner_of_a_source_that_ended),
		CHECK("PIM-111: tracked where the RP is", tracked_where_the_rp_is),
		CHECK("PIM-111: lost for all sources", lost_for_all),
		CHECK("PIM-118: lost where the source is", lost_where_the_source_is),
		CHECK("many come and go", many_come_and_go),
		CHECK("many go while others go", many_go_meanwhile),
		CHECK("an interface goes", an_interface_goes),
		CHECK_IN("times are configured",
			 "phyint eth0 pim\nphyint eth2 pim\nphyint eth3 pim\n"
			 "phyint eth1 pim assert-time 60 assert-override-interval 10\n",
			 times_are_configured),
	};

	return cmocka_run_group_tests_name("pim_assert_sim", tests, NULL, NULL);
}
