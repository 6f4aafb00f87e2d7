/* pim_bsr_sim.c - bootstrap routers: machines, checks, forwarding (RFC 5059 3.1, 3.4, 3.5)
 *
 * The way to rp9 and rp8 leads over eth0.2, that to rp7 over eth1.2; eth2 has no neighbor. All of
 * them are above "own", our candidate's address, and eth0/2 is below.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pim-module/bsr.h"
#include "sim/pim_bed.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"
#define CANDIDATE IFACES "bsr-candidate own priority 64\n"

/* Of a bootstrap router, its priority and tag. */
#define SAYS(bsr, priority, tag, sets) \
	"Bootstrap bsr " bsr " priority " priority " tag " tag " hash 20" sets
#define RP1 " [range1 rp1 0 holdtime 150]"
#define RP2 " [range1 rp2 0 holdtime 150]"
#define ZONE5 " [zone5 zone rp1 0 holdtime 150]"

/* It leaves by both interfaces with neighbors. */
#define EVERYWHERE(m) "eth0 " m "\neth1 " m "\n"

static void meet(struct pim_bed *p)
{
	pim_bed_run(p, SEC(2));
	pim_bed_hear(p, "eth0.2", "Hello holdtime forever genid 1 priority 1 secondary eth0/2");
	pim_bed_hear(p, "eth1.2", "Hello holdtime forever genid 1 priority 1");
	pim_bed_route(p, "rp9", "eth0.2");
	pim_bed_route(p, "rp8", "eth0.2");
	pim_bed_route(p, "rp7", "eth1.2");
	pim_bed_run(p, SEC(1));
	pim_bed_said(p);
}

static struct zone *zone(const struct pim_bed *p)
{
	return TAILQ_FIRST(&p->pim->zones);
}

/* The second one. */
static struct zone *scoped(const struct pim_bed *p)
{
	return TAILQ_NEXT(zone(p), link);
}

/* State, current bootstrap router, and what is left of BST in ms. */
static void assert_is(struct pim_bed *p, const struct zone *z, enum bsr_state state,
		      const char *bsr, int64_t bst)
{
	assert_int_equal(z->state, state);
	assert_string_equal(pim_bed_name(p, z->current.ip),
			    bsr ? bsr : pim_bed_name(p, ip_any(p->af)));
	assert_int_equal(z->bst.at ? z->bst.due - p->bed.clock.now : 0, bst);
}

static void assert_rps(const struct pim_bed *p, unsigned n)
{
	assert_int_equal(p->pim->rps.nmappings, n);
}

/* Its RP-set is empty at first; the tag is any. */
static void assert_originates(struct pim_bed *p, const char *priority)
{
	char want[100], text[300];
	const char *at;
	unsigned n = 0;

	snprintf(text, sizeof(text), "%s", pim_bed_said(p));
	snprintf(want, sizeof(want), " Bootstrap bsr own priority %s tag ", priority);
	for (at = text; (at = strstr(at, want)); at += strlen(want))
		n++;
	if (n != 2)
		fail_msg("not said twice: %s", text);
}

/* Until it is bootstrap router. */
static void win(struct pim_bed *p)
{
	meet(p);
	pim_bed_run(p, SEC(2));
	assert_originates(p, "64");
	assert_is(p, zone(p), BSR_ELECTED, "own", SEC(60));
}

/* Until rp9 is. */
static void yield_to(struct pim_bed *p, const char *sets)
{
	meet(p);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", "%s"), sets);
	pim_bed_said(p);
}

/* Those who are no candidates */

static void any_accepts(struct pim_bed *p)
{
	meet(p);
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "0", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "0", "5", RP1)));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
	assert_rps(p, 1);
}

static void preferred_accepts(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_run(p, SEC(60));
	/* of the same weight */
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "6", RP2));
	assert_said(p, EVERYWHERE(SAYS("rp9", "70", "6", RP2)));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
	assert_rps(p, 1);
	/* of a higher one */
	pim_bed_run(p, SEC(60));
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "71", "7", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp7", "71", "7", RP1)));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp7", SEC(130));
	assert_rps(p, 1);
}

static void preferred_follows_its_own(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "3", "6", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "3", "6", RP1)));
	assert_int_equal(zone(p)->current.priority, 3);
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "4", "6", RP1));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp7", SEC(130));
}

static void preferred_ignores(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_run(p, SEC(1));
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "70", "6", RP2));
	pim_bed_hear(p, "eth0.2", SAYS("rp8", "69", "6", RP2));
	assert_said(p, "");
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(129));
	assert_rps(p, 1);
}

static void preferred_expires(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_run(p, SEC(130));
	assert_said(p, "");
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	/* refreshed, its holdtime is another 150 s */
	pim_bed_run(p, SEC(149));
	assert_rps(p, 1);
	pim_bed_run(p, SEC(1));
	assert_rps(p, 0);
	/* the one of all groups stays */
	pim_bed_run(p, SEC(2000));
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "0", "6", RP1));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp7", SEC(130));
}

static void zones_are_learned(struct pim_bed *p)
{
	meet(p);
	assert_null(scoped(p));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "0", "5", ZONE5));
	assert_said(p, EVERYWHERE(SAYS("rp9", "0", "5", ZONE5)));
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	assert_is(p, scoped(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
	assert_false(timer_is_running(&scoped(p)->szt));
	pim_bed_run(p, SEC(130));
	assert_is(p, scoped(p), BSR_ACCEPT_ANY, NULL, 0);
	/* SZ_Timeout */
	pim_bed_run(p, SEC(1299));
	assert_non_null(scoped(p));
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "0", "6", ZONE5));
	assert_is(p, scoped(p), BSR_ACCEPT_PREFERRED, "rp7", SEC(130));
	assert_false(timer_is_running(&scoped(p)->szt));
	pim_bed_run(p, SEC(130) + SEC(1300));
	assert_null(scoped(p));
	assert_rps(p, 0);
}

/* What a zone said goes with it, even if it holds still. */
static void zones_go(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "0", "5", " [zone5 zone rp1 0 holdtime 9999]"));
	pim_bed_run(p, SEC(1429));
	assert_rps(p, 1);
	pim_bed_run(p, SEC(1));
	assert_rps(p, 0);
}

/* Candidates */

static void pending_wins(struct pim_bed *p)
{
	meet(p);
	assert_is(p, zone(p), BSR_PENDING, NULL, SEC(2));
	assert_int_equal(pim_bed_wait(p, SEC(10)), SEC(2));
	assert_originates(p, "64");
	assert_is(p, zone(p), BSR_ELECTED, "own", SEC(60));
}

static void pending_yields(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "64", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "64", "5", RP1)));
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(130));
	assert_rps(p, 1);
}

static void pending_forwards(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "63", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "63", "5", RP1)));
	assert_is(p, zone(p), BSR_PENDING, NULL, SEC(2));
	assert_rps(p, 0);
}

static void candidate_follows(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_run(p, SEC(60));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "6", RP2));
	assert_said(p, EVERYWHERE(SAYS("rp9", "70", "6", RP2)));
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(130));
	pim_bed_run(p, SEC(60));
	/* lower than before, but not than we */
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "64", "7", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "64", "7", RP1)));
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(130));
	assert_int_equal(zone(p)->current.priority, 64);
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "65", "8", RP2));
	assert_said(p, EVERYWHERE(SAYS("rp7", "65", "8", RP2)));
	assert_is(p, zone(p), BSR_CANDIDATE, "rp7", SEC(130));
}

static void candidate_ignores(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_run(p, SEC(1));
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "69", "6", RP2));
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "1", "6", RP2));
	assert_said(p, "");
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(129));
}

static void candidate_takes_over(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_run(p, SEC(1));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "63", "6", RP2));
	assert_said(p, EVERYWHERE(SAYS("rp9", "63", "6", RP2)));
	assert_int_equal(zone(p)->state, BSR_PENDING);
	/* we are the best that is known, but for the address */
	assert_in_range(zone(p)->bst.due - p->bed.clock.now, SEC(5), SEC(7));
	pim_bed_run(p, SEC(7));
	assert_originates(p, "64");
}

static void candidate_waits_for_the_dead(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_run(p, SEC(130));
	assert_said(p, "");
	assert_int_equal(zone(p)->state, BSR_PENDING);
	assert_true(ip_is_any(zone(p)->current.ip));
	/* 5 + 2 log2(1 + 70 - 64), and up to two more by address */
	assert_in_range(zone(p)->bst.due - p->bed.clock.now, 10614, 12615);
	pim_bed_run(p, SEC(13));
	assert_originates(p, "64");
	assert_rps(p, 1);
	pim_bed_run(p, SEC(136));
	assert_rps(p, 1);
	pim_bed_run(p, SEC(1));
	assert_rps(p, 0);
}

static void elected_yields(struct pim_bed *p)
{
	win(p);
	pim_bed_run(p, SEC(1));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "64", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "64", "5", RP1)));
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(130));
	assert_rps(p, 1);
}

static void elected_says_again(struct pim_bed *p)
{
	uint16_t tag;
	char text[50];

	win(p);
	tag = zone(p)->tag;
	for (unsigned n = 0; n < 3; n++) {
		assert_int_equal(pim_bed_wait(p, SEC(100)), SEC(60));
		assert_int_not_equal(zone(p)->tag, tag);
		snprintf(text, sizeof(text), "eth0 Bootstrap bsr own priority 64 tag %u ",
			 zone(p)->tag);
		assert_non_null(strstr(pim_bed_said(p), text));
		tag = zone(p)->tag;
	}
}

static void elected_objects(struct pim_bed *p)
{
	win(p);
	pim_bed_run(p, SEC(30));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "63", "5", RP1));
	pim_bed_run(p, 0);
	assert_originates(p, "64");
	assert_is(p, zone(p), BSR_ELECTED, "own", SEC(60));
	assert_rps(p, 0);
	/* but for BS_Min_Interval */
	pim_bed_run(p, SEC(1));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "63", "6", RP1));
	assert_int_equal(pim_bed_wait(p, SEC(100)), SEC(9));
	assert_originates(p, "64");
}

static void equal_priorities(struct pim_bed *p)
{
	meet(p);
	/* a lower address */
	pim_bed_hear(p, "eth0.2", SAYS("eth0/2", "64", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("eth0/2", "64", "5", RP1)));
	assert_is(p, zone(p), BSR_PENDING, NULL, SEC(2));
	pim_bed_run(p, SEC(3));
	assert_originates(p, "64");
	pim_bed_run(p, SEC(20));
	pim_bed_hear(p, "eth0.2", SAYS("eth0/2", "64", "6", RP1));
	pim_bed_run(p, 0);
	assert_originates(p, "64");
	/* a higher one */
	pim_bed_hear(p, "eth0.2", SAYS("rp8", "64", "6", RP1));
	assert_is(p, zone(p), BSR_CANDIDATE, "rp8", SEC(130));
	pim_bed_said(p);
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "64", "6", RP1));
	assert_said(p, "");
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "64", "6", RP1));
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(130));
}

static void periods(struct pim_bed *p)
{
	meet(p);
	pim_bed_run(p, SEC(2));
	assert_originates(p, "64");
	assert_int_equal(pim_bed_wait(p, SEC(100)), SEC(20));
	assert_originates(p, "64");
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	/* BS_Timeout: twice that and 10 s */
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(50));
}

static void each_zone_its_own(struct pim_bed *p)
{
	meet(p);
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	assert_is(p, scoped(p), BSR_PENDING, NULL, SEC(2));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "200", "5", RP1));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
	pim_bed_said(p);
	pim_bed_run(p, SEC(2));
	assert_non_null(strstr(pim_bed_said(p), "hash 24 [zone5 zone]\n"));
	assert_is(p, scoped(p), BSR_ELECTED, "own", SEC(60));
	pim_bed_run(p, SEC(2000));
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	assert_int_equal(scoped(p)->state, BSR_ELECTED);
}

/* What is checked */

static void strangers(struct pim_bed *p)
{
	meet(p);
	pim_bed_route(p, "rp9", "eth0.3");
	pim_bed_hear(p, "eth0.3", SAYS("rp9", "70", "5", RP1));
	assert_said(p, "");
	assert_int_equal(p->pim->counters.stranger, 1);
	pim_bed_hello(p, "eth0.3");
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.3", SAYS("rp9", "70", "5", RP1));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
}

static void not_by_rpf(struct pim_bed *p)
{
	meet(p);
	pim_bed_hello(p, "eth0.3");
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.3", SAYS("rp9", "70", "5", RP1));
	pim_bed_hear(p, "eth1.2", SAYS("rp9", "70", "5", RP1));
	pim_bed_hear(p, "eth0.2", SAYS("rp6", "70", "5", RP1));
	pim_bed_hear(p, "eth0.2", SAYS("own", "70", "5", RP1));
	/* one of the same address elsewhere */
	pim_bed_hear(p, "eth0.2@eth1", "Hello");
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.2@eth1", SAYS("rp9", "70", "5", RP1));
	assert_said(p, "");
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	assert_int_equal(p->pim->counters.bsr_rpf, 5);
	assert_null(p->pim->target_list.tqh_first);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
	/* another way, and it is another one who is heard */
	pim_bed_said(p);
	pim_bed_unroute(p, "rp9", PIM_BED_METRIC);
	pim_bed_route(p, "rp9", "eth1.2");
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "6", RP1));
	assert_said(p, "");
	pim_bed_hear(p, "eth1.2", SAYS("rp9", "70", "6", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "70", "6", RP1)));
}

#define PRIMES(bsr, tag, sets) \
	"Bootstrap bsr " bsr " priority 70 tag " tag " hash 20 no-forward" sets

static void primed(struct pim_bed *p)
{
	meet(p);
	/* not by the way there, which is not known yet */
	pim_bed_hear(p, "eth1.2", PRIMES("rp6", "5", RP1));
	assert_said(p, "");
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp6", SEC(130));
	assert_rps(p, 1);
	/* another one is too late, but for other parts of the same */
	pim_bed_hear(p, "eth0.2", PRIMES("rp9", "6", RP2));
	pim_bed_hear(p, "eth0.2", PRIMES("rp6", "6", RP2));
	assert_int_equal(p->pim->counters.bsr_late, 2);
	assert_rps(p, 1);
	pim_bed_hear(p, "eth1.2", PRIMES("rp6", "5", " [range2 rp2 0 holdtime 150]"));
	assert_rps(p, 2);
	/* but a zone of its own is one of its own */
	pim_bed_hear(p, "eth0.2", PRIMES("rp9", "6", ZONE5));
	assert_is(p, scoped(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
	assert_said(p, "");
}

static void primed_late(struct pim_bed *p)
{
	meet(p);
	pim_bed_run(p, SEC(57));
	pim_bed_hear(p, "eth0.2", PRIMES("rp9", "5", ZONE5));
	assert_non_null(scoped(p));
	pim_bed_run(p, 1);
	pim_bed_hear(p, "eth0.2", PRIMES("rp9", "5", RP1));
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	assert_int_equal(p->pim->counters.bsr_late, 1);
}

/* It begins with its first interface. */
static void primed_once_it_speaks(struct pim_bed *p)
{
	pim_bed_run(p, SEC(1000));
	pim_bed_reload(p, IFACES);
	meet(p);
	pim_bed_hear(p, "eth0.2", PRIMES("rp9", "5", RP1));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
}

static void primed_after_a_message(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_hear(p, "eth0.2", PRIMES("rp9", "5", RP2));
	pim_bed_hear(p, "eth0.2", PRIMES("rp8", "5", RP2));
	assert_int_equal(p->pim->counters.bsr_late, 2);
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
}

#define UNICAST "Bootstrap to eth0.1 bsr rp6 priority 70 tag 5 hash 20" RP1

static void unicast(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.3", UNICAST);
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	assert_int_equal(p->pim->counters.stranger, 1);
	pim_bed_hear(p, "eth0.2", UNICAST);
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp6", SEC(130));
	pim_bed_hear(p, "eth0.2", "Bootstrap to eth0.1 bsr rp9 priority 200 tag 6 hash 20" RP2);
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp6", SEC(130));
	assert_int_equal(p->pim->counters.bsr_late, 1);
	assert_said(p, "");
}

static void filtered(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	assert_said(p, "");
	assert_int_equal(p->pim->counters.bsr_filtered, 1);
	pim_bed_hear(p, "eth0.2", SAYS("rp8", "70", "5", RP1));
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp8", SEC(130));
}

static void domain_border(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "70", "5", RP1));
	pim_bed_hear(p, "eth1.2", PRIMES("rp7", "5", RP1));
	assert_int_equal(p->pim->counters.bsr_border, 2);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	assert_said(p, "eth0 " SAYS("rp9", "70", "5", RP1) "\n");
	pim_bed_hello(p, "eth1.3");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
}

static void domain_border_of_a_candidate(struct pim_bed *p)
{
	meet(p);
	pim_bed_run(p, SEC(3));
	assert_null(strstr(pim_bed_said(p), "eth1"));
	assert_int_equal(zone(p)->state, BSR_ELECTED);
	pim_bed_hear(p, "eth1.2", "Candidate-RP-Advertisement to own rp rp1 all");
	assert_int_equal(p->pim->counters.bsr_border, 1);
	assert_int_equal(zone(p)->noffers, 0);
}

/* eth1 is the border of zone5, which a border router knows. */
static void zone_border(struct pim_bed *p)
{
	meet(p);
	assert_is(p, scoped(p), BSR_ACCEPT_ANY, NULL, 0);
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "70", "5", ZONE5));
	assert_said(p, "");
	assert_int_equal(p->pim->counters.bsr_border, 1);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", ZONE5));
	assert_said(p, "eth0 " SAYS("rp9", "70", "5", ZONE5) "\n");
	/* of all groups, or another scope, it is none */
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "70", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp7", "70", "5", RP1)));
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "70", "5", " [zone8 zone rp1 0 holdtime 150]"));
	assert_said(p, EVERYWHERE(SAYS("rp7", "70", "5", " [zone8 zone rp1 0 holdtime 150]")));
	/* new neighbors get no more than that */
	pim_bed_run(p, SEC(1));
	pim_bed_hello(p, "eth1.3");
	pim_bed_run(p, SEC(1));
	assert_null(strstr(pim_bed_said(p), "zone5"));
	pim_bed_run(p, SEC(2000));
	assert_non_null(scoped(p));
	assert_null(TAILQ_NEXT(scoped(p), link));
	/* one that nobody spoke of goes with its border */
	pim_bed_reload(p, IFACES "phyint eth1 scoped zone5\nphyint eth1 scoped zone8\n");
	assert_non_null(TAILQ_NEXT(scoped(p), link));
	pim_bed_reload(p, IFACES);
	assert_non_null(scoped(p));
	assert_null(TAILQ_NEXT(scoped(p), link));
	assert_true(timer_is_running(&scoped(p)->szt));
}

static void narrower_zones_end_too(struct pim_bed *p)
{
	const char *narrow = p->af == V4 ? SAYS("rp7", "70", "5", " [zone5.1 zone]")
					 : SAYS("rp7", "70", "5", " [ff04::/16 zone]");

	meet(p);
	pim_bed_hear(p, "eth1.2", "%s", narrow);
	assert_said(p, "");
	assert_int_equal(p->pim->counters.bsr_border, 1);
	if (p->af == V6) {
		pim_bed_hear(p, "eth1.2", SAYS("rp7", "70", "5", " [ff35::/16 zone]"));
		assert_int_equal(p->pim->counters.bsr_border, 2);
	}
}

static void no_zones(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.2",
		     p->af == V4 ? SAYS("rp9", "70", "5", " [224.0.0.0/24 zone]")
				 : SAYS("rp9", "70", "5", " [ff02::/16 zone]"));
	assert_int_equal(p->pim->counters.bsr_scope, 1);
	pim_bed_hear(p, "eth0.2",
		     p->af == V4 ? SAYS("rp9", "70", "5", " [all zone rp1 0 holdtime 150]")
				 : SAYS("rp9", "70", "5", " [ff0e::/15 zone]"));
	assert_null(scoped(p));
	assert_int_equal(p->pim->counters.bad[MSG_BAD_MASK], p->af == V6);
	if (p->af == V4)
		pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", " [224.0.0.0/3 zone]"));
	assert_null(scoped(p));
	pim_bed_reload(p, p->af == V4 ? IFACES "phyint eth1 scoped 224.0.0.0/24\n"
				      : IFACES "phyint eth1 scoped ff02::/16\n");
	assert_null(scoped(p));
}

/* Of IPv6 a zone is its scope, whatever the first range is. */
static void zones_are_scopes(struct pim_bed *p)
{
	if (p->af == V4)
		return;
	meet(p);
	pim_bed_hear(p, "eth0.2",
		     SAYS("rp9", "70", "5", " [ff35:30::/32 zone rp1 0 holdtime 150]"));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "6", " [ff15::/16 zone rp1 0 holdtime 150]"));
	assert_non_null(scoped(p));
	assert_null(TAILQ_NEXT(scoped(p), link));
	assert_rps(p, 2);
}

static void too_many_zones(struct pim_bed *p)
{
	if (p->af == V6)
		return;
	meet(p);
	for (unsigned n = 0; n < 70; n++)
		pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", " [239.%u.0.0/16 zone]"), n);
	assert_int_equal(p->pim->nzones, BSR_MAX_ZONES);
	assert_int_equal(p->pim->counters.limited, 70 - BSR_MAX_ZONES + 1);
}

/* The way of messages */

static void not_back(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	assert_said(p, "eth1 " SAYS("rp9", "70", "5", RP1) "\n");
	pim_bed_hear(p, "eth1.2", SAYS("rp7", "80", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp7", "80", "5", RP1)));
}

static void not_back_to_one(struct pim_bed *p)
{
	meet(p);
	pim_bed_iface(p, "eth0")->ptp = true;
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	assert_said(p, "eth1 " SAYS("rp9", "70", "5", RP1) "\n");
}

static void not_for_ever(struct pim_bed *p)
{
	meet(p);
	for (unsigned n = 0; n < 100; n++)
		pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "70", "5", RP1)));
	/* other fragments are others, and so is the same one much later */
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", " [range2 rp2 0 holdtime 150]"));
	assert_said(p, EVERYWHERE(SAYS("rp9", "70", "5", " [range2 rp2 0 holdtime 150]")));
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	assert_said(p, EVERYWHERE(SAYS("rp9", "70", "5", RP1)));
}

/* New neighbors */

#define PRIMED(sets) "eth0 " PRIMES("rp9", "5", sets) "\n"

/* Its address is the highest, so nobody is DR but it, and before it we. */
static void newcomers(struct pim_bed *p)
{
	pim_bed_run(p, SEC(2));
	pim_bed_hear(p, "eth1.2", "Hello holdtime forever genid 1 priority 0");
	pim_bed_route(p, "rp9", "eth1.2");
	pim_bed_hear(p, "eth1.2", SAYS("rp9", "70", "5", RP1));
	pim_bed_hear(p, "eth1.2", SAYS("rp9", "70", "5", " [range2 rp2 3 holdtime 200]"));
	pim_bed_said(p);
	p->hellos = true;
	pim_bed_hello(p, "eth0.2");
	assert_false(pim_bed_iface(p, "eth0")->is_dr);
	assert_string_equal(strstr(pim_bed_said(p), "secondary eth0/1\n"),
			    "secondary eth0/1\n" PRIMED(RP1 " [range2 rp2 3 holdtime 200]"));
	p->hellos = false;
	/* once alone */
	pim_bed_run(p, SEC(1));
	pim_bed_hello(p, "eth0.2");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	/* it begins anew */
	pim_bed_hear(p, "eth0.2", "Hello genid 77 priority 1");
	assert_said(p, PRIMED(RP1 " [range2 rp2 3 holdtime 200]"));
	/* the DR is another one now */
	pim_bed_hello(p, "eth0.3");
	assert_said(p, "");
}

static void newcomers_of_zones(struct pim_bed *p)
{
	pim_bed_run(p, SEC(2));
	pim_bed_hear(p, "eth1.2", "Hello holdtime forever genid 1 priority 0");
	pim_bed_route(p, "rp9", "eth1.2");
	/* one that said no RP yet, and another that did */
	pim_bed_hear(p, "eth1.2", "Bootstrap bsr rp9 priority 70 tag 5 hash 20");
	pim_bed_hear(p, "eth1.2", SAYS("rp9", "70", "5", ZONE5 " [zone5.1 rp2 0 holdtime 160]"));
	pim_bed_said(p);
	pim_bed_hello(p, "eth0.2");
	assert_string_equal(strstr(pim_bed_said(p), "no-forward"),
			    "no-forward\n" PRIMED(ZONE5 " [zone5.1 rp2 0 holdtime 160]"));
}

static void newcomers_unicast(struct pim_bed *p)
{
	newcomers(p);
	pim_bed_reload(p, "phyint eth0 pim bsr-unicast dr-priority 5\nphyint eth1 pim\n");
	pim_bed_run(p, SEC(1));
	pim_bed_said(p);
	pim_bed_hello(p, "eth0.4");
	assert_non_null(strstr(pim_bed_said(p),
			       "eth0 Bootstrap to eth0.4 bsr rp9 priority 70 tag 5 hash 20 ["));
	/* who says no priority takes that from all, but only once it was told */
	pim_bed_hear(p, "eth0.5", "Hello holdtime 105 genid 5");
	assert_false(pim_bed_iface(p, "eth0")->is_dr);
	assert_non_null(strstr(pim_bed_said(p),
			       "eth0 Bootstrap to eth0.5 bsr rp9 priority 70 tag 5 hash 20 ["));
}

/* Of an old bootstrap router, nothing is said for a new one. */
static void newcomers_of_a_new_one(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_hear(p, "eth1.2", "Bootstrap bsr rp7 priority 80 tag 6 hash 20");
	assert_rps(p, 1);
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.3", "Hello priority 0");
	assert_string_equal(strstr(pim_bed_said(p), "Bootstrap"),
			    "Bootstrap bsr rp7 priority 80 tag 6 hash 20 no-forward\n");
}

/* A router that knows no RP any more takes none away, and they are over one day. */
static void newcomers_of_old_rps(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	assert_rps(p, 1);
	for (unsigned i = 0; i < 3; i++) {
		pim_bed_run(p, SEC(51));
		pim_bed_hear(p, "eth0.2", "Bootstrap bsr rp9 priority 70 tag 6 hash 20");
	}
	assert_rps(p, 0);
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.3", "Hello genid 5 priority 0");
	assert_string_equal(strstr(pim_bed_said(p), " no-forward"), " no-forward\n");
}

static void newcomers_of_nobody(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.3", "Hello genid 5 priority 0");
	assert_said(p, "");
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "70", "5", RP1));
	pim_bed_run(p, SEC(130));
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.3", "Hello genid 6 priority 0");
	assert_said(p, "");
}

/* Ends, and other configurations */

static void last_words(struct pim_bed *p)
{
	win(p);
	sim_file(p->bed.k, BED_CONF, "");
	assert_true(bed_reload(&p->bed));
	assert_originates(p, "0");
}

static void gives_up(struct pim_bed *p)
{
	win(p);
	pim_bed_hear(p, "eth0.2",
		     "Candidate-RP-Advertisement to own rp rp1 priority 9 holdtime 150 all");
	pim_bed_run(p, SEC(20));
	pim_bed_said(p);
	assert_rps(p, 1);
	pim_bed_reload(p, IFACES);
	assert_non_null(strstr(pim_bed_said(p), "priority 0 tag "));
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	assert_int_equal(zone(p)->noffers, 0);
	assert_rps(p, 1);
	/* who was it once may be it again */
	pim_bed_reload(p, CANDIDATE);
	assert_is(p, zone(p), BSR_PENDING, NULL, SEC(5));
	assert_rps(p, 1);
}

static void no_candidate_any_more(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_run(p, SEC(10));
	pim_bed_reload(p, IFACES);
	assert_said(p, "");
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(120));
	assert_rps(p, 1);
}

/* What it said of a zone holds on, and the zone with it. */
static void gives_up_a_zone(struct pim_bed *p)
{
	meet(p);
	pim_bed_run(p, SEC(2));
	pim_bed_hear(p, "eth0.2", "Candidate-RP-Advertisement to own rp rp1 zone5");
	pim_bed_run(p, SEC(20));
	assert_rps(p, 1);
	pim_bed_said(p);
	pim_bed_reload(p, IFACES);
	assert_non_null(strstr(pim_bed_said(p), "priority 0 tag "));
	assert_is(p, scoped(p), BSR_ACCEPT_ANY, NULL, 0);
	assert_rps(p, 1);
	pim_bed_run(p, SEC(1300));
	assert_null(scoped(p));
	assert_rps(p, 0);
}

/* Who is it stays it, until we are. */
static void a_candidate_now(struct pim_bed *p)
{
	yield_to(p, RP1);
	pim_bed_reload(p, CANDIDATE);
	assert_said(p, "");
	assert_int_equal(zone(p)->state, BSR_PENDING);
	assert_in_range(zone(p)->bst.due - p->bed.clock.now, 10614, 12615);
	assert_string_equal(pim_bed_name(p, zone(p)->current.ip), "rp9");
	pim_bed_run(p, SEC(2));
	pim_bed_reload(p, CANDIDATE);
	assert_in_range(zone(p)->bst.due - p->bed.clock.now, 8614, 10615);
	/* another priority is another wait: 5 + 2 log2(1 + 70 - 65) */
	pim_bed_run(p, SEC(3));
	pim_bed_reload(p, IFACES "bsr-candidate own priority 65\n");
	assert_in_range(zone(p)->bst.due - p->bed.clock.now, 10169, 12170);
	pim_bed_reload(p, IFACES);
	assert_is(p, zone(p), BSR_ACCEPT_PREFERRED, "rp9", SEC(130));
	assert_rps(p, 1);
}

static void other_priorities(struct pim_bed *p)
{
	win(p);
	pim_bed_run(p, SEC(4));
	pim_bed_reload(p, IFACES "bsr-candidate own priority 99\n");
	assert_said(p, "");
	assert_int_equal(pim_bed_wait(p, SEC(100)), SEC(6));
	assert_originates(p, "99");
	assert_is(p, zone(p), BSR_ELECTED, "own", SEC(60));
	pim_bed_hear(p, "eth0.2", SAYS("rp9", "100", "5", RP1));
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(130));
	pim_bed_reload(p, IFACES "bsr-candidate own priority 98\n");
	assert_is(p, zone(p), BSR_CANDIDATE, "rp9", SEC(130));
	pim_bed_reload(p, IFACES "bsr-candidate own priority 101\n");
	assert_int_equal(zone(p)->state, BSR_PENDING);
	pim_bed_said(p);
	pim_bed_run(p, SEC(7));
	assert_originates(p, "101");
}

static void address_goes(struct pim_bed *p)
{
	win(p);
	sim_address(p->bed.k, 5, &(struct prefix){ pim_bed_ip(p, "own"), af_bits(p->af) }, false);
	bed_work(&p->bed);
	assert_originates(p, "0");
	assert_is(p, zone(p), BSR_ACCEPT_ANY, NULL, 0);
	pim_bed_run(p, SEC(100));
	assert_said(p, "");
	sim_address(p->bed.k, 5, &(struct prefix){ pim_bed_ip(p, "own"), af_bits(p->af) }, true);
	bed_work(&p->bed);
	assert_is(p, zone(p), BSR_PENDING, NULL, SEC(5));
	pim_bed_run(p, SEC(5));
	assert_originates(p, "64");
}

/* Not said, it is the highest that PIM runs on; of an interface, that one's. */
static void addresses(struct pim_bed *p)
{
	pim_bed_run(p, SEC(3));
	assert_string_equal(pim_bed_name(p, zone(p)->own.ip), "eth2/1");
	pim_bed_reload(p, IFACES "bsr-candidate eth1\n");
	assert_string_equal(pim_bed_name(p, zone(p)->own.ip), "eth1/1");
	pim_bed_reload(p, IFACES "bsr-candidate dummy0\n");
	assert_string_equal(pim_bed_name(p, zone(p)->own.ip), "own");
	pim_bed_reload(p, IFACES "bsr-candidate rp1\n");
	assert_false(zone(p)->is_candidate);
}

/* One that nobody named is kept by who is elected, while it is ours. */
static void address_is_kept(struct pim_bed *p)
{
	meet(p);
	assert_string_equal(pim_bed_name(p, zone(p)->own.ip), "eth2/1");
	pim_bed_address(p, "eth2", "eth2/9", true);
	assert_string_equal(pim_bed_name(p, zone(p)->own.ip), "eth2/9");
	assert_is(p, zone(p), BSR_PENDING, NULL, SEC(5));
	pim_bed_run(p, SEC(5));
	assert_is(p, zone(p), BSR_ELECTED, "eth2/9", SEC(60));
	pim_bed_said(p);
	pim_bed_address(p, "eth2", "eth2/11", true);
	pim_bed_run(p, SEC(30));
	assert_said(p, "");
	assert_is(p, zone(p), BSR_ELECTED, "eth2/9", SEC(30));
	pim_bed_address(p, "eth2", "eth2/9", false);
	assert_non_null(strstr(pim_bed_said(p), "bsr eth2/9 priority 0"));
	assert_is(p, zone(p), BSR_PENDING, NULL, SEC(5));
	assert_string_equal(pim_bed_name(p, zone(p)->own.ip), "eth2/11");
}

/* An upgrade: neighbors say what we said, and it holds until candidates say it again. */
static void goes_on(struct pim_bed *p)
{
	win(p);
	pim_bed_hear(p, "eth0.2",
		     "Candidate-RP-Advertisement to own rp rp1 priority 9 holdtime 150 all range1");
	pim_bed_run(p, SEC(20));
	pim_bed_said(p);
	assert_rps(p, 2);
	pim_bed_restart(p);
	assert_rps(p, 0);
	pim_bed_run(p, 10);
	pim_bed_hear(p, "eth0.2", "Hello holdtime forever genid 1 priority 1");
	pim_bed_hear(p, "eth1.2", "Hello holdtime forever genid 1 priority 1");
	pim_bed_hear(p, "eth0.2",
		     "Bootstrap bsr own priority 64 tag 5 hash 20 no-forward "
		     "[all rp1 9 holdtime 150] [range1 rp1 9 holdtime 150]");
	assert_said(p, "");
	assert_rps(p, 2);
	assert_int_equal(zone(p)->state, BSR_PENDING);
	pim_bed_run(p, SEC(5));
	assert_non_null(
		strstr(pim_bed_said(p), "[all rp1 9 holdtime 150] [range1 rp1 9 holdtime 150]\n"));
	assert_int_equal(zone(p)->state, BSR_ELECTED);
	assert_rps(p, 2);
}

/* Changes of its set */

static void a_change_is_said(struct pim_bed *p)
{
	win(p);
	pim_bed_run(p, SEC(1));
	pim_bed_hear(p, "eth0.2", "Candidate-RP-Advertisement to own rp rp1 all");
	assert_int_equal(pim_bed_wait(p, SEC(100)), SEC(9));
	assert_non_null(strstr(pim_bed_said(p), "[all rp1 192 holdtime 150]\n"));
	assert_rps(p, 1);
	pim_bed_run(p, SEC(30));
	pim_bed_hear(p, "eth0.2", "Candidate-RP-Advertisement to own rp rp2 all");
	assert_int_equal(pim_bed_wait(p, SEC(100)), 500);
	assert_rps(p, 2);
	/* what is due sooner is not put off */
	pim_bed_run(p, SEC(60) - 200);
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.2", "Candidate-RP-Advertisement to own rp rp3 all");
	assert_int_equal(pim_bed_wait(p, SEC(100)), 200);
	assert_is(p, zone(p), BSR_ELECTED, "own", SEC(60));
}

/* What others are to say first, we know of ourselves. */
static void its_own_rp(struct pim_bed *p)
{
	meet(p);
	pim_bed_run(p, SEC(2));
	assert_non_null(strstr(pim_bed_said(p), "[all own 192 holdtime 150]\n"));
	assert_rps(p, 1);
}

/* What is configured finds its place as soon as what was only heard of has gone. */
static void room_for_a_zone(struct pim_bed *p)
{
	/* scopes of IPv6 are fewer */
	if (p->af == V6)
		return;
	meet(p);
	for (unsigned n = 0; n < BSR_MAX_ZONES; n++)
		pim_bed_hear(p, "eth0.2", SAYS("rp9", "0", "5", " [239.7.%u.0/24 zone]"), n);
	assert_int_equal(p->pim->nzones, BSR_MAX_ZONES);
	pim_bed_reload(p, IFACES "bsr-candidate own scope zone5\n");
	pim_bed_run(p, SEC(130) + SEC(1300));
	assert_int_equal(p->pim->nzones, 2);
	assert_is(p, scoped(p), BSR_PENDING, NULL, SEC(5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-149: AcceptAny + BSM", NULL, any_accepts),
		PIM_TEST("PIM-149: AcceptPreferred + preferred", NULL, preferred_accepts),
		PIM_TEST("PIM-149: AcceptPreferred + lower of the same", NULL,
			 preferred_follows_its_own),
		PIM_TEST("PIM-149: AcceptPreferred + other", NULL, preferred_ignores),
		PIM_TEST("PIM-149, PIM-154: AcceptPreferred + BST", NULL, preferred_expires),
		PIM_TEST("PIM-165, PIM-154: NoInfo + BSM, SZT", NULL, zones_are_learned),
		PIM_TEST("PIM-165: AcceptAny + SZT", NULL, zones_go),
		PIM_TEST("PIM-148: Pending + BST", CANDIDATE, pending_wins),
		PIM_TEST("PIM-148: Pending + preferred", CANDIDATE, pending_yields),
		PIM_TEST("PIM-148: Pending + other", CANDIDATE, pending_forwards),
		PIM_TEST("PIM-148: Candidate + preferred", CANDIDATE, candidate_follows),
		PIM_TEST("PIM-148: Candidate + other", CANDIDATE, candidate_ignores),
		PIM_TEST("PIM-148: Candidate + lowered", CANDIDATE, candidate_takes_over),
		PIM_TEST("PIM-148: Candidate + BST", CANDIDATE, candidate_waits_for_the_dead),
		PIM_TEST("PIM-148: Elected + preferred", CANDIDATE, elected_yields),
		PIM_TEST("PIM-148, PIM-154: Elected + BST", CANDIDATE, elected_says_again),
		PIM_TEST("PIM-148, PIM-154: Elected + other", CANDIDATE, elected_objects),
		PIM_TEST("PIM-147, PIM-222: equal priorities", CANDIDATE, equal_priorities),
		PIM_TEST("PIM-154: another period", IFACES "bsr-candidate own interval 20\n",
			 periods),
		PIM_TEST("PIM-165: each zone its own",
			 IFACES "bsr-candidate own scope zone5 hash-mask-len 24\n",
			 each_zone_its_own),
		PIM_TEST("PIM-150: strangers", NULL, strangers),
		PIM_TEST("PIM-150: not by the way there", NULL, not_by_rpf),
		PIM_TEST("PIM-150, PIM-151: a new router", NULL, primed),
		PIM_TEST("PIM-150: new no more", NULL, primed_late),
		PIM_TEST("PIM-150: new once it speaks", "phyint eth0 pim passive\n",
			 primed_once_it_speaks),
		PIM_TEST("PIM-150: new, but not alone", NULL, primed_after_a_message),
		PIM_TEST("PIM-150: unicast", NULL, unicast),
		PIM_TEST("bsr-filter", IFACES "bsr-filter rp8 own\n", filtered),
		PIM_TEST("bsr-border", "phyint eth0 pim\nphyint eth1 pim bsr-border\n",
			 domain_border),
		PIM_TEST("bsr-border of a candidate",
			 "phyint eth0 pim\nphyint eth1 pim bsr-border\nbsr-candidate own\n",
			 domain_border_of_a_candidate),
		PIM_TEST("PIM-165: the border of a zone", IFACES "phyint eth1 scoped zone5\n",
			 zone_border),
		PIM_TEST("PIM-165: and of narrower ones", IFACES "phyint eth1 scoped zone5\n",
			 narrower_zones_end_too),
		PIM_TEST("PIM-165: what is no zone", NULL, no_zones),
		PIM_TEST("PIM-165: zones of IPv6 are scopes", NULL, zones_are_scopes),
		PIM_TEST("too many zones", NULL, too_many_zones),
		PIM_TEST("PIM-152: not back", "phyint eth0 pim bsr-once\nphyint eth1 pim\n",
			 not_back),
		PIM_TEST("PIM-152: not back where nobody else is", NULL, not_back_to_one),
		PIM_TEST("PIM-152: not for ever", NULL, not_for_ever),
		PIM_TEST("PIM-153: new neighbors", NULL, newcomers),
		PIM_TEST("PIM-153: each zone", NULL, newcomers_of_zones),
		PIM_TEST("PIM-153: unicast too", NULL, newcomers_unicast),
		PIM_TEST("PIM-153: a new bootstrap router", IFACES "phyint eth0 dr-priority 9\n",
			 newcomers_of_a_new_one),
		PIM_TEST("PIM-153: RPs that are over", IFACES "phyint eth0 dr-priority 9\n",
			 newcomers_of_old_rps),
		PIM_TEST("PIM-153: no bootstrap router", IFACES "phyint eth0 dr-priority 9\n",
			 newcomers_of_nobody),
		PIM_TEST("PIM-165: room for a zone", NULL, room_for_a_zone),
		PIM_TEST("PIM-161: last words", CANDIDATE, last_words),
		PIM_TEST("PIM-161: last words of who goes on", CANDIDATE, gives_up),
		PIM_TEST("PIM-161: last words of a zone", IFACES "bsr-candidate own scope zone5\n",
			 gives_up_a_zone),
		PIM_TEST("no candidate any more", CANDIDATE, no_candidate_any_more),
		PIM_TEST("PIM-148: a candidate now", NULL, a_candidate_now),
		PIM_TEST("PIM-147: other priorities", CANDIDATE, other_priorities),
		PIM_TEST("PIM-161: an address goes, and comes", CANDIDATE, address_goes),
		PIM_TEST("addresses of candidates", IFACES "bsr-candidate\n", addresses),
		PIM_TEST("an address that nobody named", IFACES "bsr-candidate\n", address_is_kept),
		PIM_TEST("PIM-150: an upgrade of the bootstrap router", CANDIDATE, goes_on),
		PIM_TEST("PIM-160: a change is said", CANDIDATE, a_change_is_said),
		PIM_TEST("PIM-160: its own RP is said first", CANDIDATE "rp-candidate own\n",
			 its_own_rp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
