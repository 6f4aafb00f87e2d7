/* pim_candidate_sim.c - this router as a candidate RP (RFC 5059 3.2)
 *
 * rp9 and rp8 are bootstrap routers, which eth0.2 leads to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pim-module/bsr.h"
#include "sim/pim_bed.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"
#define RP IFACES "rp-candidate own\n"
#define TOLD "routed from own Candidate-RP-Advertisement to rp9 rp own priority 192 holdtime 150 "

static void begin(struct pim_bed *p)
{
	pim_bed_hear(p, "eth0.2",
		     "Hello holdtime forever genid 1 priority 1 delay 500 override 2500");
	pim_bed_route(p, "rp9", "eth0.2");
	pim_bed_route(p, "rp8", "eth0.2");
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
}

static void bootstrap(struct pim_bed *p, const char *what)
{
	pim_bed_hear(p, "eth0.2", "Bootstrap %s", what);
}

/* What candidates said, without Bootstrap messages, which go on. */
static const char *adverts(struct pim_bed *p)
{
	static char text[10000];
	const char *said = pim_bed_said(p);
	size_t n = 0;

	text[0] = '\0';
	for (; *said; said += strcspn(said, "\n") + 1) {
		int len = strcspn(said, "\n") + 1;

		if (!strncmp(said, "routed", 6))
			n += snprintf(text + n, sizeof(text) - n, "%.*s", len, said);
	}
	return text;
}

#define assert_adverts(p, text) assert_string_equal(adverts(p), text)

/* The bootstrap router is known, and was told as often as a new one is. */
static void known(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	assert_adverts(p, TOLD "all\n" TOLD "all\n" TOLD "all\n");
}

/* Three times, each after up to three seconds, then each period. */
static void a_new_one(struct pim_bed *p)
{
	int64_t at[3], last;

	begin(p);
	bootstrap(p, "bsr rp9");
	adverts(p);
	last = p->bed.clock.now;
	for (unsigned i = 0; i < 3; i++) {
		pim_bed_wait(p, SEC(4));
		assert_adverts(p, TOLD "all\n");
		at[i] = p->bed.clock.now - last;
		last = p->bed.clock.now;
		assert_true(at[i] <= BSR_BACKOFF);
	}
	assert_true(at[0] != at[1] || at[1] != at[2]);
	for (unsigned i = 0; i < 3; i++) {
		pim_bed_run(p, SEC(59));
		bootstrap(p, "bsr rp9");
		assert_adverts(p, "");
		pim_bed_run(p, SEC(1));
		assert_adverts(p, TOLD "all\n");
	}
}

static void another_one(struct pim_bed *p)
{
	known(p);
	bootstrap(p, "bsr rp8 priority 100");
	pim_bed_run(p, SEC(9) + 1);
	assert_adverts(p, "routed from own Candidate-RP-Advertisement to rp8 rp own "
			  "priority 192 holdtime 150 all\n"
			  "routed from own Candidate-RP-Advertisement to rp8 rp own "
			  "priority 192 holdtime 150 all\n"
			  "routed from own Candidate-RP-Advertisement to rp8 rp own "
			  "priority 192 holdtime 150 all\n");
}

/* It is silent for longer than BS_Timeout: nobody is told. */
static void none_left(struct pim_bed *p)
{
	known(p);
	pim_bed_run(p, SEC(130));
	adverts(p);
	pim_bed_run(p, SEC(300));
	assert_adverts(p, "");
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	assert_adverts(p, TOLD "all\n" TOLD "all\n" TOLD "all\n");
}

static void by_interface(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	assert_non_null(strstr(adverts(p),
			       "from eth1/1 Candidate-RP-Advertisement to rp9 rp eth1/1 "
			       "priority 10 holdtime 75 all\n"));
}

/* One where PIM does not run, which gets a higher address, and one that nobody else can reach. */
static void by_another_interface(struct pim_bed *p)
{
	known(p);
	pim_bed_address(p, "dummy0", "rp1", true);
	pim_bed_address(p, "dummy0", p->af == V4 ? "127.0.0.1" : "fe80::99", true);
	pim_bed_run(p, SEC(12));
	assert_adverts(p, "routed from eth2/1 Candidate-RP-Advertisement to rp9 rp own "
			  "priority 192 holdtime 0 all\n"
			  "routed from rp1 Candidate-RP-Advertisement to rp9 rp rp1 "
			  "priority 192 holdtime 150 all\n"
			  "routed from rp1 Candidate-RP-Advertisement to rp9 rp rp1 "
			  "priority 192 holdtime 150 all\n"
			  "routed from rp1 Candidate-RP-Advertisement to rp9 rp rp1 "
			  "priority 192 holdtime 150 all\n");
}

/* The highest of all where PIM runs. */
static void by_none(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	assert_non_null(strstr(adverts(p),
			       "from eth2/1 Candidate-RP-Advertisement to rp9 rp eth2/1 "
			       "priority 192 holdtime 150 all\n"));
}

/* The address goes: that is said from another one, and the candidacy waits for it. */
static void an_address_goes(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	adverts(p);
	pim_bed_address(p, "eth1", "eth1/1", false);
	pim_bed_run(p, 1);
	assert_adverts(p, "routed from eth2/1 Candidate-RP-Advertisement to rp9 rp eth1/1 "
			  "priority 192 holdtime 0 all\n");
	pim_bed_run(p, SEC(100));
	assert_adverts(p, "");
	bootstrap(p, "bsr rp9");
	pim_bed_address(p, "eth1", "eth1/1", true);
	pim_bed_run(p, SEC(12));
	assert_string_equal(adverts(p),
			    "routed from eth1/1 Candidate-RP-Advertisement to rp9 rp eth1/1 "
			    "priority 192 holdtime 150 all\n"
			    "routed from eth1/1 Candidate-RP-Advertisement to rp9 rp eth1/1 "
			    "priority 192 holdtime 150 all\n"
			    "routed from eth1/1 Candidate-RP-Advertisement to rp9 rp eth1/1 "
			    "priority 192 holdtime 150 all\n");
}

static void other_words(struct pim_bed *p)
{
	known(p);
	pim_bed_reload(p, IFACES "rp-candidate own priority 5\n");
	pim_bed_run(p, 1);
	assert_adverts(p, "routed from own Candidate-RP-Advertisement to rp9 rp own priority 5 "
			  "holdtime 150 all\n");
	pim_bed_reload(p, IFACES "rp-candidate own priority 5\ngroup-prefix range1 range2\n");
	pim_bed_run(p, 1);
	assert_adverts(p, "routed from own Candidate-RP-Advertisement to rp9 rp own priority 5 "
			  "holdtime 0 all\n"
			  "routed from own Candidate-RP-Advertisement to rp9 rp own priority 5 "
			  "holdtime 150 range1 range2\n");
	pim_bed_reload(p, IFACES "rp-candidate own priority 5\ngroup-prefix range1 range2\n");
	pim_bed_run(p, 1);
	assert_adverts(p, "");
}

static void no_more(struct pim_bed *p)
{
	known(p);
	pim_bed_reload(p, IFACES);
	pim_bed_run(p, 1);
	assert_adverts(p, "routed from own Candidate-RP-Advertisement to rp9 rp own priority 192 "
			  "holdtime 0 all\n");
	pim_bed_run(p, SEC(100));
	assert_adverts(p, "");
}

static void shut_down(struct pim_bed *p)
{
	known(p);
	sim_file(p->bed.k, BED_CONF, "");
	assert_true(bed_reload(&p->bed));
	assert_adverts(p, "routed from own Candidate-RP-Advertisement to rp9 rp own priority 192 "
			  "holdtime 0 all\n");
}

static void several(struct pim_bed *p)
{
	const char *said;

	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	said = adverts(p);
	assert_non_null(strstr(said, "rp9 rp own priority 1 holdtime 25 range1\n"));
	assert_non_null(strstr(said, "rp9 rp eth1/1 priority 192 holdtime 150 range1\n"));
}

/* Ranges go to the smallest zone that has them, what is wider says the zone there. */
static void zones(struct pim_bed *p)
{
	const char *said;

	begin(p);
	bootstrap(p, "bsr rp9 [zone5 zone]");
	pim_bed_run(p, SEC(9) + 1);
	assert_adverts(p, p->af == V4 ? TOLD "zone5.1 zone5\n" TOLD "zone5.1 zone5\n" TOLD
					     "zone5.1 zone5\n"
				      : TOLD "zone5.1\n" TOLD "zone5.1\n" TOLD "zone5.1\n");
	bootstrap(p, "bsr rp8 [range1]");
	pim_bed_run(p, SEC(9) + 1);
	said = adverts(p);
	assert_non_null(
		strstr(said, p->af == V4
				     ? "rp8 rp own priority 192 holdtime 150 range1 238.0.0.0/8\n"
				     : "rp8 rp own priority 192 holdtime 150 range1\n"));
	assert_null(strstr(said, "to rp9"));
}

/* All groups: of IPv6, those of a scope are 16 ranges. */
static void all_of_a_zone(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9 [zone5 zone]");
	pim_bed_run(p, SEC(9) + 1);
	if (p->af == V4)
		assert_adverts(p, TOLD "zone5\n" TOLD "zone5\n" TOLD "zone5\n");
	else
		assert_non_null(strstr(adverts(p),
				       TOLD "zone5 ff15::/16 ff25::/16 ff35::/16 "
					    "ff45::/16 ff55::/16 ff65::/16 ff75::/16 "
					    "ff85::/16 ff95::/16 ffa5::/16 ffb5::/16 "
					    "ffc5::/16 ffd5::/16 ffe5::/16 fff5::/16\n"));
}

static void a_part_of_flags(struct pim_bed *p)
{
	if (p->af == V4)
		return;
	pim_bed_reload(p, RP "group-prefix ff30::/12\n");
	begin(p);
	bootstrap(p, "bsr rp9 [zone5 zone]");
	pim_bed_run(p, SEC(9) + 1);
	assert_adverts(p, TOLD "ff35::/16\n" TOLD "ff35::/16\n" TOLD "ff35::/16\n");
}

/* A zone becomes known: who had its range until then is told so, the next time. */
static void a_new_zone(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	assert_adverts(p, TOLD "zone5.1\n" TOLD "zone5.1\n" TOLD "zone5.1\n");
	bootstrap(p, "bsr rp8 [zone5 zone]");
	pim_bed_run(p, SEC(9) + 1);
	assert_non_null(strstr(adverts(p), "to rp8 rp own priority 192 holdtime 150 zone5.1\n"));
	pim_bed_run(p, SEC(52));
	assert_non_null(strstr(adverts(p), "to rp9 rp own priority 192 holdtime 0 zone5.1\n"));
	bootstrap(p, "bsr rp9");
	bootstrap(p, "bsr rp8 [zone5 zone]");
	pim_bed_run(p, SEC(100));
	assert_null(strstr(adverts(p), "to rp9"));
}

static void at_a_border(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9 [zone5 zone]");
	pim_bed_run(p, SEC(9) + 1);
	assert_adverts(p, TOLD "zone5.1 zone\n" TOLD "zone5.1 zone\n" TOLD "zone5.1 zone\n");
}

/* Of zones within one another, each range is the smallest one's. */
static void narrow_zones(struct pim_bed *p)
{
	if (p->af == V6)
		return;
	pim_bed_reload(p, RP "group-prefix 238.0.0.0/24\n");
	begin(p);
	bootstrap(p, "bsr rp9 [238.0.0.0/16 zone]");
	bootstrap(p, "bsr rp8 [238.0.0.0/8 zone]");
	pim_bed_run(p, SEC(9) + 1);
	assert_adverts(p, TOLD "238.0.0.0/24\n" TOLD "238.0.0.0/24\n" TOLD "238.0.0.0/24\n");
}

/* He has the range of another zone then: to take it back would be of that one. */
static void a_new_zone_of_the_same(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	bootstrap(p, "bsr rp9 [zone5 zone]");
	pim_bed_run(p, SEC(100));
	assert_null(strstr(adverts(p), "holdtime 0"));
	bootstrap(p, "bsr rp9");
	bootstrap(p, "bsr rp9 [zone5 zone]");
	pim_bed_reload(p, IFACES);
	pim_bed_run(p, 1);
	assert_adverts(p, "routed from own Candidate-RP-Advertisement to rp9 rp own priority 192 "
			  "holdtime 0 zone5.1\n");
}

static const struct bsr_offer *first_offer(const struct zone *z)
{
	return container_of(tree_min(&z->offers.tree), struct bsr_offer, order);
}

/* The range is of a zone now: of the same bootstrap router, it is taken back in the other alone. */
static void a_zone_of_ours(struct pim_bed *p)
{
	const struct zone *z;

	begin(p);
	pim_bed_run(p, SEC(40));
	z = TAILQ_FIRST(&p->pim->zones);
	assert_int_equal(z->noffers, 1);
	pim_bed_reload(p, RP "group-prefix zone5.1\nbsr-candidate own\n"
			     "bsr-candidate own scope zone5\n");
	for (unsigned i = 0; i < 100; i++) {
		pim_bed_run(p, SEC(1));
		if (TAILQ_NEXT(z, link)->noffers)
			assert_false(first_offer(TAILQ_NEXT(z, link))->is_gone);
	}
	assert_int_equal(TAILQ_NEXT(z, link)->noffers, 1);
	assert_true(first_offer(z)->is_gone);
}

/* A process before this one was candidate. */
static void not_any_more(struct pim_bed *p)
{
	const char *said;

	pim_bed_hear(p, "eth0.2",
		     "Hello holdtime forever genid 1 priority 1 delay 500 override 2500");
	pim_bed_run(p, 1);
	bootstrap(p, "bsr own tag 9 no-forward [all rp1 5 holdtime 150 own 192 holdtime 150]");
	pim_bed_run(p, 1);
	pim_bed_said(p);
	pim_bed_run(p, SEC(23));
	said = pim_bed_said(p);
	assert_non_null(strstr(said, "[all rp1 5 holdtime 150]\n"));
	assert_null(strstr(said, "own 192"));
}

/* No message without a range. */
static void nothing_for_him(struct pim_bed *p)
{
	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_run(p, SEC(9) + 1);
	assert_non_null(strstr(adverts(p), "zone5.1"));
	bootstrap(p, "bsr rp8 [zone8 zone]");
	pim_bed_run(p, SEC(100));
	assert_null(strstr(adverts(p), "to rp8"));
}

/* To ourselves: no message, but the same effect. */
static void to_ourselves(struct pim_bed *p)
{
	struct zone *z;
	struct bsr_offer *o;

	begin(p);
	pim_bed_run(p, SEC(40));
	assert_adverts(p, "");
	z = TAILQ_FIRST(&p->pim->zones);
	assert_int_equal(z->noffers, 1);
	o = container_of(tree_min(&z->offers.tree), struct bsr_offer, order);
	assert_true(ip_eq(o->rp, pim_bed_ip(p, "own")));
	pim_bed_run(p, SEC(1000));
	assert_int_equal(z->noffers, 1);
	assert_false(o->is_gone);
	pim_bed_said(p);
	pim_bed_reload(p, IFACES "bsr-candidate own\n");
	pim_bed_run(p, BSR_MIN_INTERVAL);
	assert_non_null(strstr(pim_bed_said(p), "[all own 192 holdtime 0]"));
}

static void shown(struct pim_bed *p)
{
	const char *all = p->af == V4 ? "224.0.0.0/4" : "ff00::/8";
	char text[300];

	begin(p);
	assert_non_null(strstr(bed_ask(&p->bed, "show pim rp-candidate"),
			       "\"next_advertisement\":null,\"groups\":[],"
			       "\"reason\":\"no bootstrap router is known\"}"));
	bootstrap(p, "bsr rp9 hash 10 [range1]");
	pim_bed_run(p, SEC(9) + 1);
	snprintf(text, sizeof(text),
		 "{\"family\":\"%s\",\"zone\":\"%s\",\"rp_address\":\"%s\",\"priority\":192,"
		 "\"interval\":60000,\"bsr_address\":\"%s\",\"next_advertisement\":",
		 af_name(p->af), all, ip_str(pim_bed_ip(p, "own")), ip_str(pim_bed_ip(p, "rp9")));
	assert_non_null(strstr(bed_ask(&p->bed, "show pim rp-candidate"), text));
	snprintf(text, sizeof(text), "\"groups\":[\"%s\"]}", all);
	assert_non_null(strstr(bed_ask(&p->bed, "show pim rp-candidate"), text));
	snprintf(text, sizeof(text),
		 "\"state\":\"AcceptPreferred\",\"bsr_address\":\"%s\",\"own\":false,"
		 "\"priority\":64,\"hash_mask_length\":10,\"up_time\":9001,"
		 "\"last_bootstrap\":9001,\"expiration\":120999",
		 ip_str(pim_bed_ip(p, "rp9")));
	assert_non_null(strstr(bed_ask(&p->bed, "show pim bsr"), text));
	pim_bed_reload(p, IFACES "rp-candidate rp1\n");
	assert_non_null(strstr(bed_ask(&p->bed, "show pim rp-candidate"),
			       "\"reason\":\"no address of ours\"}"));
}

/* Messages fit, however many ranges there are. */
static void many_ranges(struct pim_bed *p)
{
	char conf[20000] = RP "group-prefix";
	const char *said;
	unsigned n = 0;

	for (unsigned i = 1; i <= 200; i++)
		snprintf(conf + strlen(conf), sizeof(conf) - strlen(conf), " range%u", i);
	pim_bed_reload(p, strcat(conf, "\n"));
	begin(p);
	bootstrap(p, "bsr rp9");
	pim_bed_wait(p, SEC(3));
	said = adverts(p);
	for (const char *at = said; (at = strstr(at, " range")); at++)
		n++;
	assert_int_equal(n, 200);
	assert_non_null(strstr(said, "\nrouted"));
}

static unsigned count_adverts(const struct pim_bed *p)
{
	const struct candidate *c = TAILQ_FIRST(&p->pim->candidates);
	const struct advert *a;
	unsigned n = 0;

	TAILQ_FOREACH(a, &c->adverts, link)
		n++;
	return n;
}

/* Whoever says zones again and again leaves nothing behind. */
static void a_zone_goes(struct pim_bed *p)
{
	begin(p);
	assert_int_equal(count_adverts(p), 1);
	bootstrap(p, "bsr rp9 [zone5 zone]");
	assert_int_equal(count_adverts(p), 2);
	pim_bed_run(p, SEC(130) + SEC(1300));
	assert_int_equal(p->pim->nzones, 1);
	assert_int_equal(count_adverts(p), 1);
	bootstrap(p, "bsr rp9 tag 6 [zone5 zone]");
	assert_int_equal(count_adverts(p), 2);
}

/* More than 8 bits count. */
static void many_candidates(struct pim_bed *p)
{
	char conf[20000] = IFACES;
	const char *said;
	unsigned n = 0;

	for (unsigned i = 0; i < 300; i++)
		snprintf(conf + strlen(conf), sizeof(conf) - strlen(conf),
			 p->af == V4 ? "rp-candidate 10.77.%u.%u\n"
				     : "rp-candidate 2001:db8:77::%x:%x\n",
			 i / 200, 1 + i % 200);
	pim_bed_reload(p, conf);
	said = bed_ask(&p->bed, "show pim rp-candidate");
	for (const char *at = said; (at = strstr(at, "\"reason\"")); at++)
		n++;
	assert_int_equal(n, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-162, PIM-167: a new bootstrap router is told three times", RP,
			 a_new_one),
		PIM_TEST("PIM-162: and each other one", RP, another_one),
		PIM_TEST("PIM-162: nobody is told when none is left", RP, none_left),
		PIM_TEST("PIM-167: the address of an interface, and a period",
			 IFACES "rp-candidate eth1 priority 10 interval 30\n", by_interface),
		PIM_TEST("PIM-167: the address of an interface without PIM",
			 IFACES "rp-candidate dummy0\n", by_another_interface),
		PIM_TEST("PIM-167: the highest address where PIM runs", IFACES "rp-candidate\n",
			 by_none),
		PIM_TEST("PIM-161: the address goes and comes back", IFACES "rp-candidate eth1/1\n",
			 an_address_goes),
		PIM_TEST("PIM-162: what is configured anew is said at once", RP, other_words),
		PIM_TEST("PIM-161: a candidacy is taken back", RP, no_more),
		PIM_TEST("PIM-161: a router that ends takes it back", RP, shut_down),
		PIM_TEST("PIM-162: several candidacies",
			 IFACES "rp-candidate own priority 1 interval 10\n"
				"rp-candidate eth1/1\ngroup-prefix range1\n",
			 several),
		PIM_TEST("PIM-162: to the smallest zone",
			 RP "group-prefix zone5.1 range1 238.0.0.0/8\n", zones),
		PIM_TEST("PIM-162: all groups of a zone", RP, all_of_a_zone),
		PIM_TEST("PIM-162: of IPv6, groups with some flags", RP, a_part_of_flags),
		PIM_TEST("PIM-162: a zone becomes known", RP "group-prefix zone5.1\n", a_new_zone),
		PIM_TEST("PIM-162: of the same bootstrap router", RP "group-prefix zone5.1\n",
			 a_new_zone_of_the_same),
		PIM_TEST("PIM-167: at the border of the zone",
			 RP "group-prefix zone5.1\nphyint eth2 scoped zone5\n", at_a_border),
		PIM_TEST("PIM-162: no message without a range", RP "group-prefix zone5.1\n",
			 nothing_for_him),
		PIM_TEST("PIM-162: zones within one another", IFACES, narrow_zones),
		PIM_TEST("PIM-165: a zone of our own",
			 RP "group-prefix zone5.1\nbsr-candidate own\n", a_zone_of_ours),
		PIM_TEST("PIM-161: a candidate no more", IFACES "bsr-candidate own\n",
			 not_any_more),
		PIM_TEST("PIM-162: to ourselves", RP "bsr-candidate own\n", to_ourselves),
		PIM_TEST("PIM-162: a zone goes", RP, a_zone_goes),
		PIM_TEST("what there is to show", RP, shown),
		PIM_TEST("more candidacies than 8 bits count", IFACES, many_candidates),
		PIM_TEST("PIM-167: more ranges than a message has room for", RP, many_ranges),
	};

	return cmocka_run_group_tests_name("pim_candidate_sim", tests, NULL, NULL);
}
