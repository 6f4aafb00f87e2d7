/* pim_rpt_sim.c - what is pruned off the shared tree: figures 4 and 7 of RFC 7761, cell by cell */
#include "sim/pim_cells.h"

#define STAR "J(*,g1) rp rp1"
#define PRUNE "P(s1,g1,rpt)"
#define JOIN "J(s1,g1,rpt)"
#define UP "eth0 Join/Prune to eth0.2 holdtime 210: "

static void say(struct pim_bed *p, const char *what)
{
	jp(p, "eth1.2", "eth1.1", what);
}

static unsigned state_on(struct pim_bed *p, const char *ifname)
{
	const struct branch *b = pim_bed_branch(p, "s1", "g1", ifname);

	return b && b->rpt ? b->rpt->state : RPT_NO_INFO;
}

static int64_t left(struct pim_bed *p, bool is_ppt)
{
	const struct branch *b = pim_bed_branch(p, "s1", "g1", "eth1");

	assert_non_null(b);
	assert_non_null(b->rpt);
	return timer_left(&p->bed.clock, is_ppt ? &b->rpt->ppt : &b->rpt->et);
}

#define assert_state(p, s) assert_int_equal(state_on(p, "eth1"), s)
#define assert_et(p, ms) assert_int_equal(left(p, false), ms)
#define assert_ppt(p, ms) assert_int_equal(left(p, true), ms)

/* Data of s1 goes to eth1 by the shared tree. */
static bool forwards(struct pim_bed *p)
{
	return strstr(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
}

/* (*,G) is joined for long, from two interfaces, so that nothing is said upstream. */
static void star(struct pim_bed *p)
{
	neighbor(p, "eth2.2");
	jp(p, "eth2.2", "eth2.1", "holdtime forever: " STAR);
	say(p, "holdtime forever: " STAR);
	assert_said(p, UP STAR "\n");
}

static void two(struct pim_bed *p)
{
	star(p);
	neighbor(p, "eth1.3");
}

static void pruned(struct pim_bed *p)
{
	star(p);
	say(p, "holdtime 210: " PRUNE);
	assert_state(p, RPT_PRUNE);
	assert_said(p, "");
}

static void pending(struct pim_bed *p)
{
	two(p);
	say(p, "holdtime 210: " PRUNE);
	assert_state(p, RPT_PRUNE_PENDING);
	assert_said(p, "");
}

static void assert_gone(struct pim_bed *p)
{
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_true(forwards(p));
}

static void no_info(struct pim_bed *p)
{
	two(p);
	say(p, "holdtime 210: " STAR);
	assert_gone(p);
	say(p, "holdtime 210: " JOIN);
	assert_gone(p);
	assert_said(p, "");
}

static void no_info_prune(struct pim_bed *p)
{
	pending(p);
	assert_et(p, SEC(210));
	assert_ppt(p, 3000);
	assert_true(forwards(p));
}

static void no_info_prune_of_one(struct pim_bed *p)
{
	pruned(p);
	assert_et(p, SEC(210));
	assert_ppt(p, 0);
	assert_false(forwards(p));
}

static void no_info_star_and_prune(struct pim_bed *p)
{
	star(p);
	say(p, "holdtime 210: " STAR " " PRUNE);
	assert_state(p, RPT_PRUNE);
	assert_et(p, SEC(210));
}

static void prune_star(struct pim_bed *p)
{
	pruned(p);
	say(p, "holdtime 210: " STAR);
	assert_gone(p);
}

static void prune_star_and_prune(struct pim_bed *p)
{
	pruned(p);
	pim_bed_run(p, SEC(100));
	pim_bed_said(p);
	say(p, "holdtime 50: " STAR " " PRUNE);
	assert_state(p, RPT_PRUNE);
	assert_et(p, SEC(110));
	say(p, "holdtime 210: " STAR " " PRUNE " P(s2,g1,rpt)");
	assert_state(p, RPT_PRUNE);
	assert_et(p, SEC(210));
	assert_false(forwards(p));
	say(p, "holdtime 210: " STAR " P(s2,g1,rpt)");
	assert_gone(p);
	assert_non_null(pim_bed_branch(p, "s2", "g1", "eth1"));
	assert_said(p, "");
}

/* The message is all of a group that it says, in however many sets. */
static void two_sets(struct pim_bed *p)
{
	pruned(p);
	say(p, "holdtime 210: " STAR " J(s1,g2) " PRUNE);
	assert_state(p, RPT_PRUNE);
}

static void prune_join(struct pim_bed *p)
{
	pruned(p);
	say(p, "holdtime 210: " JOIN);
	assert_gone(p);
}

static void prune_prune(struct pim_bed *p)
{
	pruned(p);
	pim_bed_run(p, SEC(50));
	pim_bed_said(p);
	say(p, "holdtime 100: " PRUNE);
	assert_et(p, SEC(160));
	say(p, "holdtime 200: " PRUNE);
	assert_et(p, SEC(200));
	assert_state(p, RPT_PRUNE);
	assert_said(p, "");
}

static void prune_et(struct pim_bed *p)
{
	pruned(p);
	pim_bed_run(p, SEC(210) - 1);
	assert_state(p, RPT_PRUNE);
	pim_bed_run(p, 1);
	assert_gone(p);
}

static void prune_forever(struct pim_bed *p)
{
	pruned(p);
	say(p, "holdtime forever: " PRUNE);
	pim_bed_run(p, SEC(3600));
	assert_state(p, RPT_PRUNE);
	say(p, "holdtime 210: " PRUNE);
	pim_bed_run(p, SEC(3600));
	assert_state(p, RPT_PRUNE);
	say(p, "holdtime 210: " STAR);
	assert_gone(p);
}

static void forever_alone(struct pim_bed *p)
{
	pruned(p);
	say(p, "holdtime forever: " PRUNE);
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0");
	assert_et(p, SEC(210));
}

static void pending_star(struct pim_bed *p)
{
	pending(p);
	say(p, "holdtime 210: " STAR);
	assert_gone(p);
}

static void pending_star_and_prune(struct pim_bed *p)
{
	pending(p);
	pim_bed_run(p, SEC(1));
	say(p, "holdtime 210: " STAR " " PRUNE);
	assert_state(p, RPT_PRUNE_PENDING);
	assert_et(p, SEC(210));
	assert_ppt(p, 2000);
}

static void pending_join(struct pim_bed *p)
{
	pending(p);
	jp(p, "eth1.3", "eth1.1", "holdtime 210: " JOIN);
	assert_gone(p);
	pim_bed_run(p, SEC(10));
	assert_gone(p);
}

static void pending_prune(struct pim_bed *p)
{
	pending(p);
	pim_bed_run(p, SEC(1));
	say(p, "holdtime 210: " PRUNE);
	assert_state(p, RPT_PRUNE_PENDING);
	assert_et(p, SEC(209));
	assert_ppt(p, 2000);
}

static void pending_ppt(struct pim_bed *p)
{
	pending(p);
	pim_bed_run(p, 2999);
	assert_state(p, RPT_PRUNE_PENDING);
	pim_bed_run(p, 1);
	assert_state(p, RPT_PRUNE);
	assert_et(p, SEC(207));
	assert_false(forwards(p));
	assert_said(p, "");
}

static void pending_et(struct pim_bed *p)
{
	two(p);
	say(p, "holdtime 2: " PRUNE);
	assert_state(p, RPT_PRUNE_PENDING);
	pim_bed_run(p, SEC(2));
	assert_gone(p);
	pim_bed_run(p, SEC(5));
	assert_gone(p);
}

static void star_prune(struct pim_bed *p)
{
	pruned(p);
	say(p, "holdtime 210: P(*,g1) rp rp1");
	assert_state(p, RPT_PRUNE);
	assert_et(p, SEC(210));
	say(p, "holdtime 210: P(s1,g1)");
	assert_state(p, RPT_PRUNE);
}

static void before_anything(struct pim_bed *p)
{
	say(p, "holdtime 210: " PRUNE);
	assert_state(p, RPT_PRUNE);
	assert_said(p, "");
	say(p, "holdtime 210: J(s1,g1)");
	assert_said(p, UP "J(s1,g1)\n");
	pim_bed_run(p, SEC(210));
	assert_null(pim_bed_find(p, "s1", "g1"));
}

/* Upstream: (*,G) is joined from eth1 alone. */

static void joined(struct pim_bed *p)
{
	say(p, "holdtime forever: " STAR);
	assert_said(p, UP STAR "\n");
}

static unsigned up_state(struct pim_bed *p)
{
	const struct entry *e = pim_bed_find(p, "s1", "g1");

	return e ? e->up_rpt : RPT_NOT_JOINED;
}

static const struct override *override_of(struct pim_bed *p)
{
	const struct entry *e = pim_bed_find(p, "s1", "g1");

	return e ? e->override : NULL;
}

static bool ot_runs(struct pim_bed *p)
{
	return override_of(p);
}

/* (S,G) is kept by a join of another interface, NotPruned. */
static void not_pruned(struct pim_bed *p)
{
	joined(p);
	neighbor(p, "eth2.2");
	jp(p, "eth2.2", "eth2.1", "holdtime forever: J(s1,g1)");
	assert_said(p, UP "J(s1,g1)\n");
	assert_int_equal(up_state(p), RPT_NOT_PRUNED);
}

static void not_joined_pruned(struct pim_bed *p)
{
	say(p, "holdtime 210: " PRUNE);
	assert_int_equal(up_state(p), RPT_NOT_JOINED);
	say(p, "holdtime 210: " STAR " " PRUNE);
	assert_int_equal(up_state(p), RPT_PRUNED);
	assert_said(p, UP STAR " " PRUNE "\n");
}

/* There is an entry of (*,G), by listeners of another router, but we do not join. */
static void not_joined_star(struct pim_bed *p)
{
	pim_bed_join(p, "eth1", "*", "g1");
	assert_non_null(pim_bed_find(p, "*", "g1"));
	assert_false(pim_bed_find(p, "*", "g1")->is_joined);
	say(p, "holdtime 210: " PRUNE);
	assert_non_null(pim_bed_find(p, "s1", "g1"));
	assert_int_equal(up_state(p), RPT_NOT_JOINED);
	assert_said(p, "");
}

static void not_joined_not_pruned(struct pim_bed *p)
{
	neighbor(p, "eth2.2");
	jp(p, "eth2.2", "eth2.1", "holdtime forever: J(s1,g1)");
	assert_int_equal(up_state(p), RPT_NOT_JOINED);
	say(p, "holdtime 210: " STAR);
	assert_int_equal(up_state(p), RPT_NOT_PRUNED);
	assert_said(p, UP "J(s1,g1)\n" UP STAR "\n");
}

static void not_pruned_pruned(struct pim_bed *p)
{
	not_pruned(p);
	say(p, "holdtime 210: " PRUNE);
	assert_int_equal(up_state(p), RPT_PRUNED);
	assert_said(p, UP PRUNE "\n");
}

/* There was no state of the source: the Prune came before its data. */
static void new_pruned(struct pim_bed *p)
{
	joined(p);
	say(p, "holdtime 210: " PRUNE);
	assert_int_equal(up_state(p), RPT_PRUNED);
	assert_said(p, UP PRUNE "\n");
}

static void new_pruned_late(struct pim_bed *p)
{
	joined(p);
	neighbor(p, "eth1.3");
	say(p, "holdtime 210: " PRUNE);
	assert_said(p, "");
	pim_bed_run(p, SEC(3));
	assert_said(p, UP PRUNE "\n");
}

static void pruned_not_pruned(struct pim_bed *p)
{
	new_pruned(p);
	say(p, "holdtime 210: " JOIN);
	assert_said(p, UP JOIN "\n");
	assert_null(pim_bed_find(p, "s1", "g1"));
	say(p, "holdtime 210: " PRUNE);
	assert_said(p, UP PRUNE "\n");
	say(p, "holdtime 210: " STAR);
	assert_said(p, UP JOIN "\n");
}

static void pruned_not_joined(struct pim_bed *p)
{
	new_pruned(p);
	say(p, "holdtime 210: P(*,g1) rp rp1");
	assert_said(p, UP "P(*,g1) rp rp1\n");
	assert_int_equal(up_state(p), RPT_NOT_JOINED);
}

static void not_pruned_not_joined(struct pim_bed *p)
{
	not_pruned(p);
	jp(p, "eth0.3", "eth0.2", "holdtime 210: " PRUNE);
	assert_true(ot_runs(p));
	say(p, "holdtime 210: P(*,g1) rp rp1");
	assert_int_equal(up_state(p), RPT_NOT_JOINED);
	assert_false(ot_runs(p));
	assert_said(p, UP "P(*,g1) rp rp1\n");
}

/* The router has nothing of the source, but needs it. */
static void see_prune(struct pim_bed *p, const char *what)
{
	int64_t ms;

	joined(p);
	jp(p, "eth0.3", "eth0.2", what);
	assert_int_equal(up_state(p), RPT_NOT_PRUNED);
	assert_true(ot_runs(p));
	ms = pim_bed_wait(p, SEC(10));
	assert_in_range(ms, 0, 2500);
	assert_said(p, UP JOIN "\n");
	assert_null(pim_bed_find(p, "s1", "g1"));
}

static void not_pruned_see_prune(struct pim_bed *p)
{
	see_prune(p, "holdtime 210: " PRUNE);
}

static void not_pruned_see_prune_sg(struct pim_bed *p)
{
	see_prune(p, "holdtime 210: P(s1,g1)");
}

static void not_pruned_see_more(struct pim_bed *p)
{
	int64_t before, after;

	joined(p);
	jp(p, "eth0.3", "eth0.2", "holdtime 210: " PRUNE);
	before = timer_left(&p->bed.clock, &override_of(p)->ot);
	for (unsigned i = 0; i < 20; i++) {
		jp(p, "eth0.3", "eth0.2", "holdtime 210: " PRUNE);
		after = timer_left(&p->bed.clock, &override_of(p)->ot);
		assert_true(after <= before);
		before = after;
	}
}

static void not_pruned_see_join(struct pim_bed *p)
{
	not_pruned(p);
	jp(p, "eth0.3", "eth0.2", "holdtime 210: " PRUNE);
	jp(p, "eth0.4", "eth0.2", "holdtime 210: " JOIN);
	assert_true(ot_runs(p)); /* of no neighbor */
	jp(p, "eth0.3", "eth0.3", "holdtime 210: " JOIN);
	assert_true(ot_runs(p)); /* to another */
	jp(p, "eth0.3", "eth0.2", "holdtime 210: " JOIN);
	assert_false(ot_runs(p));
}

static void see_of_another(struct pim_bed *p)
{
	joined(p);
	neighbor(p, "eth0.4");
	jp(p, "eth0.3", "eth0.4", "holdtime 210: " PRUNE " P(s1,g1)");
	assert_null(pim_bed_find(p, "s1", "g1"));
	jp(p, "eth1.2", "eth1.3", "holdtime 210: " PRUNE);
	assert_null(pim_bed_find(p, "s1", "g1"));
}

static void pruned_sees(struct pim_bed *p)
{
	new_pruned(p);
	jp(p, "eth0.3", "eth0.2", "holdtime 210: " PRUNE);
	assert_false(ot_runs(p));
	pim_bed_run(p, SEC(5));
	assert_said(p, "");
}

/* An Assert of (S,G) has data of the source come from another router than that of (*,G). */
static void diverts(struct pim_bed *p)
{
	star(p);
	jp(p, "eth2.2", "eth2.1", "holdtime forever: " PRUNE);
	assert_int_equal(up_state(p), RPT_NOT_PRUNED);
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) preference 0 metric 0");
	assert_true(pim_bed_find(p, "s1", "g1")->rpt_diverts);
	assert_int_equal(up_state(p), RPT_NOT_PRUNED);
	pim_bed_run(p, SEC(3));
	pim_bed_said(p);
}

static void ot_of_diverted(struct pim_bed *p)
{
	diverts(p);
	jp(p, "eth0.2", "eth0.3", "holdtime 210: " PRUNE);
	assert_true(ot_runs(p));
	pim_bed_run(p, SEC(3));
	assert_false(ot_runs(p));
	assert_null(strstr(pim_bed_said(p), JOIN));
}

static void star_with_diverted(struct pim_bed *p)
{
	diverts(p);
	pim_bed_run(p, SEC(60));
	assert_non_null(strstr(pim_bed_said(p), UP STAR " " PRUNE "\n"));
}

static void no_more_diverted(struct pim_bed *p)
{
	diverts(p);
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) cancel");
	assert_false(pim_bed_find(p, "s1", "g1")->rpt_diverts);
	assert_true(ot_runs(p));
	pim_bed_run(p, 2500);
	assert_false(ot_runs(p));
	assert_non_null(strstr(pim_bed_said(p), JOIN));
}

/* RPF'(*,G) was not told: another router was RPF'(S,G,rpt) then. */
static void pruned_no_more_diverted(struct pim_bed *p)
{
	diverts(p);
	say(p, "holdtime forever: " PRUNE);
	assert_int_equal(up_state(p), RPT_PRUNED);
	assert_said(p, "eth0 Join/Prune to eth0.3 holdtime 210: " PRUNE " P(s1,g1)\n");
	pim_bed_hear(p, "eth0.3", "Assert (s1,g1) cancel");
	assert_int_equal(up_state(p), RPT_PRUNED);
	assert_said(p, UP PRUNE "\n");
	pim_bed_run(p, SEC(3));
	assert_said(p, "");
}

/* A router that won an Assert of (*,G) is to know what is pruned, too. */
static void assert_winner(struct pim_bed *p)
{
	star(p);
	say(p, "holdtime forever: P(s1,g1,rpt) P(s2,g1,rpt)");
	jp(p, "eth2.2", "eth2.1", "holdtime forever: P(s2,g1,rpt)");
	assert_said(p, UP "P(s2,g1,rpt)\n");
	pim_bed_hear(p, "eth0.3", "Assert (*,g1) rpt preference 0 metric 0");
	pim_bed_run(p, 2500);
	assert_said(p, "eth0 Join/Prune to eth0.3 holdtime 210: " STAR " P(s2,g1,rpt)\n");
}

/* On the tree of the source, over another router: it is pruned off the shared one, also in time. */
static void spt(struct pim_bed *p)
{
	pim_bed_route(p, "s1", "eth2.2");
	neighbor(p, "eth2.2");
	say(p, "holdtime forever: " STAR " J(s1,g1)");
	assert_said(p, UP STAR "\neth2 Join/Prune to eth2.2 holdtime 210: J(s1,g1)\n");
	pim_bed_data(p, "eth0", "s1", "g1");
	assert_said(p, "");
	pim_bed_data(p, "eth2", "s1", "g1");
	pim_bed_run(p, 100);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_said(p, UP PRUNE "\n");
	pim_bed_wait(p, SEC(60));
	pim_bed_wait(p, SEC(1));
	pim_bed_run(p, SEC(60));
	assert_non_null(strstr(pim_bed_said(p), UP STAR " " PRUNE "\n"));
}

static void spt_of_the_same(struct pim_bed *p)
{
	neighbor(p, "eth2.2");
	say(p, "holdtime forever: " STAR);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	jp(p, "eth2.2", "eth2.1", "holdtime forever: J(s1,g1)");
	assert_said(p, UP STAR "\n" UP "J(s1,g1)\n");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1 eth2");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_run(p, SEC(200));
	assert_null(strstr(pim_bed_said(p), PRUNE));
}

int main(void)
{
	static const struct cell cells[] = {
		{ "PIM-84: NoInfo, rx-join-star, rx-join: -", no_info, NULL },
		{ "PIM-84: NoInfo, rx-prune: PrunePending", no_info_prune, NULL },
		{ "PIM-84: NoInfo, rx-prune of the only neighbor", no_info_prune_of_one, NULL },
		{ "PIM-84: NoInfo, a join of (*,G) with it", no_info_star_and_prune, NULL },
		{ "PIM-84: Prune, rx-join-star: Prune', NoInfo", prune_star, NULL },
		{ "PIM-84: Prune', rx-prune: Prune", prune_star_and_prune, NULL },
		{ "PIM-84: a group in two sets", two_sets, NULL },
		{ "PIM-84: Prune, rx-join: NoInfo", prune_join, NULL },
		{ "PIM-84, PIM-85: Prune, rx-prune: ET is the longer", prune_prune, NULL },
		{ "PIM-85: Prune, ET: NoInfo", prune_et, NULL },
		{ "PIM-87: Prune without an end", prune_forever, NULL },
		{ "PIM-87: Prune without an end, and nobody is there", forever_alone, NULL },
		{ "PIM-84: PrunePending, rx-join-star: PrunePending', NoInfo", pending_star, NULL },
		{ "PIM-84: PrunePending', rx-prune: PrunePending", pending_star_and_prune, NULL },
		{ "PIM-84: PrunePending, rx-join: NoInfo", pending_join, NULL },
		{ "PIM-84: PrunePending, rx-prune: -", pending_prune, NULL },
		{ "PIM-85: PrunePending, PPT: Prune", pending_ppt, NULL },
		{ "PIM-84: PrunePending does not outlive ET", pending_et, NULL },
		{ "PIM-86: Prunes of (*,G) and (S,G) are none of (S,G,rpt)", star_prune, NULL },
		{ "PIM-205: a Prune before the Join", before_anything, NULL },
		{ "PIM-100: NotJoined, pruned: Pruned", not_joined_pruned, NULL },
		{ "PIM-100: NotJoined with an entry of (*,G)", not_joined_star, NULL },
		{ "PIM-100: NotJoined, not pruned: NotPruned", not_joined_not_pruned, NULL },
		{ "PIM-100: NotPruned, pruned: Pruned, P", not_pruned_pruned, NULL },
		{ "PIM-100, PIM-205: a source that is new, pruned: P", new_pruned, NULL },
		{ "PIM-100, PIM-205: the same after a while", new_pruned_late, NULL },
		{ "PIM-100: Pruned, not pruned: NotPruned, J", pruned_not_pruned, NULL },
		{ "PIM-100: Pruned, not joined: NotJoined", pruned_not_joined, NULL },
		{ "PIM-100: NotPruned, not joined: NotJoined", not_pruned_not_joined, NULL },
		{ "PIM-101: NotPruned, see P(S,G,rpt): OT, J", not_pruned_see_prune, NULL },
		{ "PIM-101: NotPruned, see P(S,G): OT, J", not_pruned_see_prune_sg, NULL },
		{ "PIM-101: OT is the shorter", not_pruned_see_more, NULL },
		{ "PIM-101: NotPruned, see J(S,G,rpt): OT stops", not_pruned_see_join, NULL },
		{ "PIM-101: what is said to others", see_of_another, NULL },
		{ "PIM-101: Pruned sees nothing", pruned_sees, NULL },
		{ "PIM-101: OT, but RPF'(S,G,rpt) is another", ot_of_diverted, NULL },
		{ "PIM-99: RPF'(S,G,rpt) is another", star_with_diverted, NULL },
		{ "PIM-102: RPF'(S,G,rpt) becomes RPF'(*,G)", no_more_diverted, NULL },
		{ "PIM-102: the same of what is pruned", pruned_no_more_diverted, NULL },
		{ "PIM-99, PIM-206: the winner of an Assert of (*,G)", assert_winner, NULL },
		{ "PIM-99, PIM-103: SPTbit, over another router", spt, NULL },
		{ "PIM-99, PIM-103: SPTbit, over the same", spt_of_the_same, NULL },
	};

	return cells_run("pim_rpt_sim", cells, NELEMS(cells));
}
