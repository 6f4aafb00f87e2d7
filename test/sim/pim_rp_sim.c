/* pim_rp_sim.c - what follows from the RP of a group, from another one, and from none
 *
 * The tree of rp1 leads over eth0.2, that of rp2 over eth0.3; eth1 has another router, eth2 none.
 */
#include "sim/pim_cells.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"
#define RP1 IFACES "rp-address rp1\n"
#define RP2 IFACES "rp-address rp2\n"
#define NEVER "spt-threshold infinity\nphyint eth3 pim\n"
#define BOTH RP1 "rp-address rp2 priority 2\n"

static void begin(struct pim_bed *p)
{
	pim_bed_route(p, "rp2", "eth0.3");
	pim_bed_run(p, 1);
	pim_bed_said(p);
}

/* What was said has these lines, in whatever order, and no other. */
static void assert_both(struct pim_bed *p, const char *a, const char *b)
{
	char said[1000];

	snprintf(said, sizeof(said), "%s", pim_bed_said(p));
	if (!strstr(said, a) || !strstr(said, b) || strlen(said) != strlen(a) + strlen(b)) {
		print_error("'%s' is not '%s' and '%s'\n", said, a, b);
		fail();
	}
}

#define TO_RP1 "eth0 Join/Prune to eth0.2 holdtime 210: "
#define TO_RP2 "eth0 Join/Prune to eth0.3 holdtime 210: "

/* (*,g1) is left, of which no RP is known any more. */
static void assert_pruned(struct pim_bed *p)
{
	const char *said = pim_bed_said(p), *want = TO_RP1 "P(*,g1) rp ";

	if (strncmp(said, want, strlen(want)) || strchr(said, '\n')[1])
		fail_msg("not pruned: %s", said);
}

static void joined_anew(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(*,g1) rp rp1\n");
	pim_bed_reload(p, RP2);
	assert_both(p, TO_RP1 "P(*,g1) rp rp2\n", TO_RP2 "J(*,g1) rp rp2\n");
	pim_bed_reload(p, RP2 "rp-address rp1 g1\n");
	assert_both(p, TO_RP2 "P(*,g1) rp rp1\n", TO_RP1 "J(*,g1) rp rp1\n");
}

static void joined_by_the_next(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	pim_bed_said(p);
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
	pim_bed_run(p, 1);
	assert_both(p, TO_RP1 "P(*,g1) rp rp2\n", TO_RP2 "J(*,g1) rp rp2\n");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_run(p, 1);
	assert_both(p, TO_RP2 "P(*,g1) rp rp1\n", TO_RP1 "J(*,g1) rp rp1\n");
	/* none of both: the best it is */
	pim_bed_unroute(p, "rp2", PIM_BED_METRIC);
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
	pim_bed_run(p, 1);
	assert_true(ip_eq(pim_bed_find(p, "*", "g1")->target->ip, pim_bed_ip(p, "rp1")));
	pim_bed_said(p);
	pim_bed_route(p, "rp2", "eth0.3");
	pim_bed_run(p, 1);
	assert_said(p, TO_RP2 "J(*,g1) rp rp2\n");
}

static void joined_late(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	pim_bed_reload(p, RP1);
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(*,g1) rp rp1\n");
	pim_bed_reload(p, IFACES);
	pim_bed_run(p, 1);
	assert_pruned(p);
}

/* Who is joined may hear later than we do who is RP. */
static void joined_again(struct pim_bed *p)
{
	begin(p);
	pim_bed_route(p, "rp9", "eth0.2");
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	pim_bed_hear(p, "eth0.2",
		     "Bootstrap bsr rp9 priority 70 tag 5 hash 20 [all rp1 0 holdtime 150]");
	pim_bed_run(p, 1);
	assert_non_null(strstr(pim_bed_said(p), TO_RP1 "J(*,g1) rp rp1\n"));
	pim_bed_run(p, 98);
	assert_said(p, "");
	pim_bed_run(p, 2);
	assert_said(p, TO_RP1 "J(*,g1) rp rp1\n");
	pim_bed_run(p, SEC(4));
	pim_bed_said(p);
	pim_bed_run(p, SEC(25));
	assert_said(p, "");
}

/* RPs that are told again are none that others may not know of: a Join is said once. */
static void joined_once(struct pim_bed *p)
{
	begin(p);
	pim_bed_route(p, "rp9", "eth0.2");
	pim_bed_hear(p, "eth0.2",
		     "Bootstrap bsr rp9 priority 70 tag 5 hash 20 [all rp1 0 holdtime 150]");
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.2",
		     "Bootstrap bsr rp9 priority 70 tag 6 hash 20 [all rp1 0 holdtime 150]");
	pim_bed_said(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(*,g1) rp rp1\n");
	pim_bed_run(p, SEC(5));
	assert_said(p, "");
}

static void registered_anew(struct pim_bed *p)
{
	begin(p);
	pim_bed_data(p, "eth2", "eth2.100", "g1");
	pim_bed_data(p, "eth2", "eth2.100", "g1");
	assert_non_null(strstr(pim_bed_said(p), "Register to rp1 (eth2.100,g1)"));
	pim_bed_reload(p, RP2);
	pim_bed_run(p, 400);
	pim_bed_said(p);
	pim_bed_data(p, "eth2", "eth2.100", "g1");
	assert_non_null(strstr(pim_bed_said(p), "Register to rp2 (eth2.100,g1)"));
}

static void others_joins(struct pim_bed *p)
{
	begin(p);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp rp2");
	pim_bed_run(p, 1);
	assert_said(p, "");
	assert_null(pim_bed_find(p, "*", "g1"));
	assert_int_equal(p->pim->counters.wrong_rp, 1);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: P(*,g1) rp rp2");
	pim_bed_reload(p, RP2);
	pim_bed_run(p, 1);
	assert_said(p, "");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp rp2");
	pim_bed_run(p, 1);
	assert_said(p, TO_RP2 "J(*,g1) rp rp2\n");
}

/* Who knew of the RP before us is heard when we know of it, for as long as his Join holds. */
static void early_joins(struct pim_bed *p)
{
	neighbor(p, "eth1.3");
	begin(p);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp rp2 P(s1,g1,rpt)");
	jp(p, "eth1.2", "eth1.1", "holdtime 2: J(*,g2) rp rp2");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g3) rp own");
	jp(p, "eth1.3", "eth1.1", "holdtime forever: J(*,g4) rp rp2");
	pim_bed_run(p, SEC(3));
	assert_said(p, "");
	pim_bed_reload(p, RP2);
	pim_bed_run(p, 1);
	assert_said(p, TO_RP2 "J(*,g1) rp rp2 P(s1,g1,rpt) J(*,g4) rp rp2\n");
	assert_int_equal(et(p, "*", "eth1"), SEC(207) - 1);
	assert_false(timer_is_running(&pim_bed_branch(p, "*", "g4", "eth1")->et));
	assert_int_equal(p->pim->nearly, 1);
	assert_null(pim_bed_find(p, "*", "g2"));
	pim_bed_run(p, SEC(60));
	assert_int_equal(p->pim->nearly, 0);
	pim_bed_reload(p, IFACES "rp-address own\n");
	pim_bed_run(p, 1);
	assert_null(pim_bed_find(p, "*", "g3"));
}

/* Those of one link leave room for others. */
static void early_joins_are_limited(struct pim_bed *p)
{
	begin(p);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp rp2");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g2) rp rp2");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g3) rp rp2");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp rp2");
	assert_int_equal(p->pim->nearly, 2);
	assert_int_equal(p->pim->counters.limited, 1);
	jp(p, "eth0.2", "eth0.1", "holdtime 210: J(*,g3) rp rp2");
	assert_int_equal(p->pim->nearly, 3);
	pim_bed_run(p, SEC(60));
	assert_int_equal(p->pim->nearly, 0);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g3) rp rp2");
	assert_int_equal(p->pim->nearly, 1);
}

/* Nor are there more in all than there could be entries of them. */
static void early_joins_of_all_links(struct pim_bed *p)
{
	begin(p);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp rp2");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g2) rp rp2");
	jp(p, "eth0.2", "eth0.1", "holdtime 210: J(*,g3) rp rp2");
	assert_int_equal(p->pim->counters.limited, 0);
	jp(p, "eth0.2", "eth0.1", "holdtime 210: J(*,g4) rp rp2");
	assert_int_equal(p->pim->nearly, 3);
	assert_int_equal(p->pim->counters.limited, 1);
}

/* Nobody is there any more who could end it. */
static void early_join_without_end(struct pim_bed *p)
{
	jp(p, "eth1.2", "eth1.1", "holdtime forever: J(*,g1) rp rp2");
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0");
	pim_bed_run(p, SEC(10));
	pim_bed_reload(p, IFACES "rp-address rp2\n");
	assert_int_equal(et(p, "*", "eth1"), SEC(210));
	pim_bed_run(p, SEC(210));
	assert_null(pim_bed_find(p, "*", "g1"));
}

/* Where there is no RP, a Join that names none is no Join. */
static void join_of_no_rp(struct pim_bed *p)
{
	char text[100];

	pim_bed_reload(p, IFACES);
	snprintf(text, sizeof(text), "holdtime 210: J(*,g1) rp %s", p->af == V4 ? "0.0.0.0" : "::");
	jp(p, "eth1.2", "eth1.1", text);
	assert_null(pim_bed_find(p, "*", "g1"));
	pim_bed_reload(p, IFACES "rp-address rp1 range1\n");
	assert_null(pim_bed_find(p, "*", "g1"));
}

/* What was said on a link is over with the link. */
static void early_joins_of_a_link(struct pim_bed *p)
{
	neighbor(p, "eth1.3");
	begin(p);
	jp(p, "eth0.2", "eth0.1", "holdtime 210: J(*,g1) rp rp9");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp rp2");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g2) rp rp2");
	assert_int_equal(p->pim->nearly, 3);
	pim_bed_link(p, "eth1", false);
	pim_bed_run(p, 1);
	assert_int_equal(p->pim->nearly, 1);
	pim_bed_link(p, "eth1", true);
	pim_bed_run(p, 1);
	pim_bed_reload(p, RP2);
	pim_bed_run(p, 1);
	assert_null(pim_bed_find(p, "*", "g1"));
}

/* Who is joined hears the new RP at once, and again soon: it may know of it later. */
static void joined_by_the_same(struct pim_bed *p)
{
	static const unsigned again[] = { 100, 200, 400, 800, 1600 };

	begin(p);
	pim_bed_route(p, "rp2", "eth0.2");
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	pim_bed_said(p);
	pim_bed_reload(p, RP2);
	assert_said(p, TO_RP1 "J(*,g1) rp rp2\n");
	for (unsigned i = 0; i < NELEMS(again); i++) {
		pim_bed_run(p, again[i] - 1);
		assert_said(p, "");
		pim_bed_run(p, 1);
		assert_said(p, TO_RP1 "J(*,g1) rp rp2\n");
	}
	pim_bed_run(p, SEC(29));
	assert_said(p, "");
	pim_bed_run(p, SEC(31));
	assert_said(p, TO_RP1 "J(*,g1) rp rp2\n");
}

/* The tree of the old RP is taken until data comes by that of the new one, each source's. */
static void data_turns(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_data(p, "eth0", "s2", "g1");
	pim_bed_route(p, "rp2", "eth1.2");
	pim_bed_said(p);
	pim_bed_reload(p, NEVER RP2);
	assert_said(p, "eth1 Join/Prune to eth1.2 holdtime 210: J(*,g1) rp rp2\n");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth2");
	pim_bed_run(p, SEC(1));
	assert_string_equal(pim_bed_data(p, "eth1", "s1", "g1"), "");
	assert_entry(p, "s1", "g1", "eth1 > eth2");
	assert_entry(p, "s2", "g1", "eth0 > eth2");
	assert_string_equal(pim_bed_data(p, "eth1", "s1", "g1"), "eth2");
	pim_bed_run(p, SEC(1));
	assert_null(strstr(pim_bed_said(p), "eth0"));
	/* listeners come and go meanwhile */
	pim_bed_join(p, "eth3", "*", "g1");
	pim_bed_run(p, 1);
	assert_entry(p, "s1", "g1", "eth1 > eth2 eth3");
	assert_entry(p, "s2", "g1", "eth0 > eth2 eth3");
	pim_bed_run(p, SEC(1));
	assert_non_null(strstr(pim_bed_said(p), TO_RP1 "P(*,g1) rp rp2\n"));
	assert_entry(p, "s1", "g1", "eth1 > eth2 eth3");
	assert_string_equal(pim_bed_data(p, "eth0", "s2", "g1"), "");
	assert_entry(p, "s2", "g1", "eth1 > eth2 eth3");
}

/* There and back within the time: nobody is left who is joined. */
static void there_and_back(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_route(p, "rp2", "eth1.2");
	pim_bed_said(p);
	pim_bed_reload(p, NEVER RP2);
	pim_bed_said(p);
	pim_bed_run(p, SEC(1));
	pim_bed_said(p);
	pim_bed_reload(p, NEVER RP1);
	assert_said(p, TO_RP1 "J(*,g1) rp rp1\n");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth2");
	pim_bed_run(p, SEC(4));
	assert_non_null(strstr(pim_bed_said(p), "eth1 Join/Prune to eth1.2 holdtime 210: "
						"P(*,g1) rp rp1\n"));
	assert_entry(p, "s1", "g1", "eth0 > eth2");
}

/* An RP that cannot be reached sends nothing that could be waited for. */
static void no_data_to_turn(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_said(p);
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
	pim_bed_run(p, 1);
	assert_both(p, TO_RP1 "P(*,g1) rp rp2\n", TO_RP2 "J(*,g1) rp rp2\n");
}

/* We were the RP: what is registered still goes down the old tree, and nobody is told to stop. */
static void rp_no_more(struct pim_bed *p)
{
	begin(p);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp own");
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1,g1) 100 bytes");
	pim_bed_run(p, 1);
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1,g1) 100 bytes");
	pim_bed_run(p, 1);
	assert_int_equal(p->bed.out[2], 2);
	pim_bed_said(p);
	pim_bed_reload(p, NEVER RP1);
	pim_bed_run(p, 1);
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1,g1) 100 bytes");
	pim_bed_run(p, 1);
	assert_int_equal(p->bed.out[2], 3);
	assert_said(p, TO_RP1 "J(*,g1) rp rp1\n");
	assert_true(p->pim->listens);
	pim_bed_run(p, SEC(3));
	assert_false(p->pim->listens);
	pim_bed_said(p);
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1,g1) 100 bytes");
	pim_bed_run(p, 1);
	assert_int_equal(p->bed.out[2], 3);
}

/* The address of the RP goes or comes while its tree is left: no trace of that stays. */
static void address_moves(struct pim_bed *p)
{
	begin(p);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp own");
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1,g1) 100 bytes");
	pim_bed_run(p, 1);
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1,g1) 100 bytes");
	pim_bed_run(p, 1);
	pim_bed_reload(p, NEVER RP1);
	pim_bed_run(p, 1);
	assert_int_equal(p->pim->nleft, 1);
	pim_bed_address(p, "dummy0", "own", false);
	pim_bed_run(p, SEC(4));
	assert_int_equal(p->pim->nleft, 0);
	assert_false(p->pim->listens);
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, 1);
	neighbor(p, "eth2.2");
	pim_bed_route(p, "rp2", "eth2.2");
	pim_bed_reload(p, NEVER RP2);
	pim_bed_run(p, 1);
	assert_non_null(pim_bed_find(p, "*", "g1")->turn);
	pim_bed_address(p, "dummy0", "rp1", true);
	pim_bed_run(p, SEC(4));
	assert_int_equal(p->pim->nleft, 0);
	assert_false(p->pim->listens);
}

/* On an interface without PIM. */
static void own_address(struct pim_bed *p)
{
	begin(p);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp own");
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1,g1) 100 bytes");
	pim_bed_run(p, 1);
	assert_non_null(pim_bed_find(p, "*", "g1"));
	assert_true(pim_bed_find(p, "*", "g1")->target->own);
	assert_non_null(strstr(pim_bed_said(p), "J(s1,g1)"));
}

/* No (*,G), no (S,G,rpt), no Register, neither way. */
static void source_specific(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "ssm1");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,ssm1) rp own P(s2,ssm1,rpt)");
	pim_bed_data(p, "eth2", "eth2.100", "ssm1");
	pim_bed_data(p, "eth2", "eth2.100", "ssm1");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	assert_null(pim_bed_find(p, "*", "ssm1"));
	assert_null(pim_bed_branch(p, "s2", "ssm1", "eth1"));
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1,ssm1) 100 bytes");
	pim_bed_run(p, 1);
	assert_non_null(strstr(pim_bed_said(p), "Register-Stop to rp2 (s1,ssm1)"));
	assert_null(pim_bed_find(p, "s1", "ssm1"));
}

/* Without an RP at all: joined by source, on the tree at once, and while nothing flows. */
static void no_shared_trees(struct pim_bed *p)
{
	begin(p);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(s1,ssm1)");
	pim_bed_join(p, "eth2", "s1", "ssm1");
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(s1,ssm1)\n");
	assert_true(pim_bed_find(p, "s1", "ssm1")->spt);
	assert_entry(p, "s1", "ssm1", "eth0 > eth1 eth2");
	pim_bed_run(p, SEC(209));
	assert_entry(p, "s1", "ssm1", "eth0 > eth1 eth2");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "ssm1"), "eth1 eth2");
	pim_bed_run(p, SEC(2));
	assert_entry(p, "s1", "ssm1", "eth0 > eth2");
	pim_bed_leave(p, "eth2", "s1", "ssm1");
	pim_bed_run(p, SEC(10));
	assert_entry(p, "s1", "ssm1", "none");
}

/* A range that is said to be source-specific, and ceases to be. */
static void other_ranges(struct pim_bed *p)
{
	begin(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(*,g1) rp rp1\n");
	pim_bed_reload(p, "ssm-range g1\n" RP1);
	pim_bed_run(p, 1);
	assert_pruned(p);
}

/* A row of the table; its members from the RP on, addresses as names. */
static void assert_row(struct pim_bed *p, const char *shown, const char *rp, const char *want)
{
	char begin[100];
	const char *at;

	snprintf(begin, sizeof(begin), "\"rp_address\":\"%s\"", ip_str(pim_bed_ip(p, rp)));
	at = strstr(shown, begin);
	if (!at || !strstr(at, want) || strchr(at, '\n') < strstr(at, want))
		fail_msg("%s: no %s in\n%s", rp, want, shown);
}

static void shown_why(struct pim_bed *p)
{
	char request[100], copy[4000];
	const char *shown;

	begin(p);
	pim_bed_route(p, "rp3", "eth0.3");
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
	pim_bed_run(p, 1);
	snprintf(request, sizeof(request), "show pim rp %s", ip_str(pim_bed_ip(p, "g1")));
	snprintf(copy, sizeof(copy), "%s", bed_ask(&p->bed, request));
	shown = strchr(copy, '\n') + 1;
	assert_ptr_equal(strstr(shown, "\"rp_address\""),
			 strstr(shown, p->af == V4 ? "\"rp_address\":\"10.8.0.2\""
						   : "\"rp_address\":\"2001:db8:8::2\""));
	assert_row(p, shown, "rp2", "\"chosen\":true,\"reason\":\"chosen\"");
	assert_row(p, shown, "rp2",
		   "\"mode\":\"sparse\",\"priority\":2,\"expiration\":null,"
		   "\"reachable\":true,\"own\":false,\"interface\":\"eth0\"");
	assert_row(p, shown, "rp1", "\"chosen\":false,\"reason\":\"unreachable\"");
	assert_row(p, shown, "rp3", "\"reason\":\"a worse priority\"");
	assert_row(p, shown, "own", "\"reason\":\"a shorter range\"");
	assert_row(p, shown, "own", "\"own\":true");
	assert_row(p, shown, "own", "\"hash\":");
	snprintf(request, sizeof(request), "show pim rp %s", ip_str(pim_bed_ip(p, "ssm1")));
	shown = bed_ask(&p->bed, request);
	assert_non_null(strstr(shown, "\"rp_address\":null,\"chosen\":false,"
				      "\"reason\":\"the group is source-specific\""));
	assert_row(p, shown, "own", "\"reason\":\"the group is source-specific\"");
	shown = bed_ask(&p->bed, "show pim rp");
	assert_row(p, shown, "own", "\"origin\":\"static\",\"mode\":\"sparse\",\"priority\":1,");
	assert_row(p, shown, "rp1", "\"reachable\":false");
	assert_row(p, shown, "rp1", "\"filtered\":false");
}

int main(void)
{
	static const struct cell cells[] = {
		{ "PIM-128, trap 211: another RP is joined, the old one is left", joined_anew,
		  RP1 },
		{ "PIM-124, PIM-128: an RP that is not reached", joined_by_the_next, BOTH },
		{ "PIM-128, trap 212: an RP that is known late", joined_late, IFACES },
		{ "PIM-129: an RP that others say is joined twice", joined_again, IFACES },
		{ "PIM-129: an RP that is told again is joined once", joined_once, IFACES },
		{ "PIM-128: registers go to another RP", registered_anew, RP1 },
		{ "PIM-79, PIM-129: Joins by another RP", others_joins, RP1 },
		{ "PIM-79, PIM-129: Joins by another RP that is ours soon", early_joins, RP1 },
		{ "PIM-79, PIM-87: the same without an end", early_join_without_end, RP1 },
		{ "PIM-79: a Join of no RP", join_of_no_rp, RP1 },
		{ "PIM-79: the same of a link that goes", early_joins_of_a_link, RP1 },
		{ "PIM-79: the same, but not too many", early_joins_are_limited,
		  RP1 "pim-limit joins 2\n" },
		{ "PIM-79: nor of all links", early_joins_of_all_links,
		  RP1 "pim-limit entries 3\n" },
		{ "PIM-129, PIM-211: another RP by the same neighbor", joined_by_the_same, RP1 },
		{ "PIM-94, PIM-211: data turns to another RP", data_turns, NEVER RP1 },
		{ "PIM-94, PIM-211: there and back", there_and_back, NEVER RP1 },
		{ "PIM-94, PIM-211: no data to turn", no_data_to_turn, NEVER BOTH },
		{ "PIM-67, PIM-128: an RP no more", rp_no_more, NEVER IFACES "rp-address own\n" },
		{ "PIM-128: an RP no more, nor its address", address_moves,
		  NEVER IFACES "rp-address own\n" },
		{ "PIM-124: the RP is any address of ours", own_address,
		  IFACES "rp-address own\n" },
		{ "PIM-77, PIM-130: nothing shared of source-specific groups", source_specific,
		  IFACES "rp-address own\n" },
		{ "PIM-131: without shared trees", no_shared_trees, IFACES },
		{ "PIM-130: other ranges", other_ranges, RP1 },
		{ "PIM-196: why it is this one", shown_why,
		  IFACES "rp-address rp1 g1\nrp-address rp2 g1 priority 2\n"
			 "rp-address rp3 g1 priority 3\nrp-address own\n" },
	};

	return cells_run("pim_rp_sim", cells, NELEMS(cells));
}
