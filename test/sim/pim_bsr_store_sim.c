/* pim_bsr_store_sim.c - the RPs that bootstrap routers say, as mappings (RFC 5059 3.1.5, 4.1.1)
 *
 * The way to rp9 leads over eth0.2, where messages come from; that to rp8 over eth1.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pim-module/bsr.h"
#include "sim/pim_bed.h"

/* A message of rp9 with a tag. */
#define SAYS(tag, sets) "Bootstrap bsr rp9 priority 70 tag " tag " hash 20" sets

static void begin(struct pim_bed *p)
{
	pim_bed_run(p, SEC(2));
	pim_bed_hear(p, "eth0.2", "Hello holdtime forever genid 1 priority 1");
	pim_bed_hear(p, "eth1.2", "Hello holdtime forever genid 1 priority 1");
	pim_bed_route(p, "rp9", "eth0.2");
	pim_bed_route(p, "rp8", "eth1.2");
	pim_bed_run(p, SEC(1));
	pim_bed_said(p);
}

static void hear(struct pim_bed *p, const char *message)
{
	pim_bed_hear(p, "eth0.2", "%s", message);
}

/* As messages name it. */
static void put_range(const struct pim_bed *p, const struct prefix *range, struct buf *text)
{
	const uint8_t *b = range->ip.b;
	unsigned n = p->af == V4 ? b[13] : b[3];

	if (range->len == pim_all_groups(p->af).len)
		buf_puts(text, "all");
	else if (p->af == V4 ? b[12] == 0xe1 : b[1] == 0xe)
		buf_printf(text, "range%u", n);
	else if (p->af == V4)
		buf_printf(text, range->len == 16 ? "zone%u" : "zone%u.%u", n, b[14]);
	else
		buf_printf(text, range->len == 16 ? "zone%u" : "zone%u.%u", b[1], n);
}

/* All mappings of the origin, by range, RP and hash: "range1 rp1 192/20 bidir". */
static void assert_mappings(struct pim_bed *p, const char *want)
{
	const struct tree_node *node = tree_min(&p->pim->rps.mappings.tree);
	struct buf text = { 0 };

	for (; node; node = tree_next(node)) {
		const struct rp_mapping *m = container_of(node, struct rp_mapping, order);

		if (m->origin != RP_BSR)
			continue;
		buf_puts(&text, buf_len(&text) ? ", " : "");
		put_range(p, &m->range, &text);
		buf_printf(&text, " %s %u/%u%s", pim_bed_name(p, m->rp), m->priority, m->hash_len,
			   m->mode == RP_BIDIR ? " bidir" : "");
	}
	buf_add(&text, "", 1);
	assert_string_equal(buf_at(&text), want);
	buf_free(&text);
}

static struct zone *zone(const struct pim_bed *p)
{
	return TAILQ_FIRST(&p->pim->zones);
}

static void is_stored(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 3 holdtime 150 rp2 192 holdtime 170] "
			  "[range2 rp2 0 holdtime 150]"));
	assert_mappings(p, "range1 rp1 3/20, range1 rp2 192/20, range2 rp2 0/20");
	/* another priority, and another time */
	pim_bed_run(p, SEC(100));
	hear(p, SAYS("2", " [range1 rp1 3 holdtime 150 rp2 1 holdtime 70]"));
	assert_mappings(p, "range1 rp2 1/20, range1 rp1 3/20, range2 rp2 0/20");
	pim_bed_run(p, SEC(49));
	assert_mappings(p, "range1 rp2 1/20, range1 rp1 3/20, range2 rp2 0/20");
	pim_bed_run(p, SEC(1));
	assert_mappings(p, "range1 rp2 1/20, range1 rp1 3/20");
	pim_bed_run(p, SEC(20));
	assert_mappings(p, "range1 rp1 3/20");
	pim_bed_run(p, SEC(80));
	assert_int_equal(zone(p)->state, BSR_ACCEPT_ANY);
}

/* What is not in its range any more goes; of other ranges nothing is known. */
static void is_replaced(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150 rp2 0 holdtime 150] "
			  "[range2 rp1 0 holdtime 150]"));
	hear(p, SAYS("2", " [range1 rp2 0 holdtime 150 rp3 0 holdtime 150]"));
	assert_mappings(p, "range1 rp2 0/20, range1 rp3 0/20, range2 rp1 0/20");
	/* no RP at all */
	hear(p, SAYS("3", " [range2] [range1 rp2 0 holdtime 150]"));
	assert_mappings(p, "range1 rp2 0/20");
}

static void is_withdrawn(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150 rp2 0 holdtime 150]"));
	hear(p, SAYS("2", " [range1 rp1 0 holdtime 0 rp2 0 holdtime 150]"));
	assert_mappings(p, "range1 rp2 0/20");
	hear(p, SAYS("3", " [range1 rp1 0 holdtime 0 rp2 0 holdtime 0]"));
	assert_mappings(p, "");
	assert_int_equal(p->pim->nmappings, 2);
	hear(p, SAYS("4", " [range2 rp1 0 holdtime 150]"));
	assert_int_equal(p->pim->nmappings, 1);
}

static void empty_ones(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150]"));
	hear(p, SAYS("1", " [zone5 zone rp2 0 holdtime 150]"));
	hear(p, "Bootstrap bsr rp9 priority 70 tag 2 hash 21");
	hear(p, "Bootstrap bsr rp9 priority 70 tag 2 hash 21 [zone5 zone]");
	assert_mappings(p, "range1 rp1 0/20, zone5 rp2 0/20");
	/* with another range it is not empty */
	hear(p, "Bootstrap bsr rp9 priority 70 tag 2 hash 21 [zone5 zone] [zone5.1]");
	assert_mappings(p, "range1 rp1 0/20");
}

static void hash_length(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150] [range2 rp1 0 holdtime 150]"));
	hear(p, SAYS("1", " [zone5 zone] [zone5.1 rp1 0 holdtime 150]"));
	hear(p, "Bootstrap bsr rp9 priority 70 tag 2 hash 21 [range2 rp1 0 holdtime 150]");
	assert_mappings(p, "zone5.1 rp1 0/20, range1 rp1 0/21, range2 rp1 0/21");
}

static void modes(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 bidir rp1 0 holdtime 150] [range2 rp1 0 holdtime 150]"));
	assert_mappings(p, "range1 rp1 0/20 bidir, range2 rp1 0/20");
	hear(p, SAYS("2", " [range1 rp1 0 holdtime 150] [range2 bidir rp1 0 holdtime 150]"));
	assert_mappings(p, "range1 rp1 0/20, range2 rp1 0/20 bidir");
}

/* Fragments */

static void parts(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150 rp2 0 holdtime 150]"));
	hear(p, SAYS("2", " [range2 rp5 0 holdtime 150] [range1 rp3 0 holdtime 150 of 3]"));
	assert_mappings(p, "range1 rp1 0/20, range1 rp2 0/20, range2 rp5 0/20");
	/* one that comes twice counts once, as it came first */
	hear(p, SAYS("2", " [range1 rp3 7 holdtime 150 rp2 9 holdtime 150 of 3]"));
	assert_mappings(p, "range1 rp1 0/20, range1 rp2 0/20, range2 rp5 0/20");
	hear(p, SAYS("2", " [range1 rp4 0 holdtime 150 of 3]"));
	assert_mappings(p, "range1 rp3 0/20, range1 rp4 0/20, range1 rp2 9/20, range2 rp5 0/20");
	assert_int_equal(p->pim->nmappings, 4);
}

/* The rest of another message does not complete it. */
static void a_part_is_lost(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150] [range2 rp2 0 holdtime 150]"));
	hear(p, SAYS("2", " [range1 rp3 0 holdtime 150 of 2]"));
	pim_bed_run(p, SEC(60));
	hear(p, SAYS("3", " [range1 rp4 0 holdtime 150 of 2]"));
	hear(p, SAYS("3", " [range2 rp2 1 holdtime 150]"));
	assert_mappings(p, "range1 rp1 0/20, range2 rp2 1/20");
	hear(p, SAYS("3", " [range1 rp5 0 holdtime 150 of 2]"));
	assert_mappings(p, "range1 rp4 0/20, range1 rp5 0/20, range2 rp2 1/20");
	/* what waits in vain is forgotten */
	hear(p, SAYS("4", " [range3 rp4 0 holdtime 150 of 2]"));
	assert_int_equal(zone(p)->nsaid, 3);
	hear(p, SAYS("5", " [range1 rp4 0 holdtime 150]"));
	assert_int_equal(zone(p)->nsaid, 2);
	assert_int_equal(p->pim->nmappings, 2);
}

static void parts_of_another_router(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150 of 2]"));
	pim_bed_hear(p, "eth1.2",
		     "Bootstrap bsr rp8 priority 71 tag 1 hash 20 "
		     "[range1 rp2 0 holdtime 150 of 2]");
	assert_mappings(p, "");
	pim_bed_hear(p, "eth1.2",
		     "Bootstrap bsr rp8 priority 71 tag 1 hash 20 "
		     "[range1 rp3 0 holdtime 150 of 2]");
	assert_mappings(p, "range1 rp2 0/20, range1 rp3 0/20");
}

/* The range of the zone begins each fragment: where it has no RPs, it says nothing of them. */
static void parts_of_a_zone(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [zone5 zone rp1 0 holdtime 150 rp2 0 holdtime 150]"));
	hear(p, SAYS("1", " [zone5 zone of 2] [zone5.1 rp3 0 holdtime 150]"));
	assert_mappings(p, "zone5.1 rp3 0/20, zone5 rp1 0/20, zone5 rp2 0/20");
	assert_int_equal(p->pim->nmappings, 3);
	assert_int_equal(TAILQ_NEXT(zone(p), link)->nsaid, 2);
	hear(p, SAYS("2", " [zone8 zone of 2] [zone8.1 rp3 0 holdtime 150]"));
	assert_int_equal(TAILQ_NEXT(zone(p), link)->nsaid +
				 TAILQ_LAST(&p->pim->zones, zones)->nsaid,
			 3);
}

/* Zones */

static void what_is_beyond_the_zone(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [zone5 zone] [range1 rp1 0 holdtime 150] [all rp1 0 holdtime 150] "
			  "[zone5.1 rp1 0 holdtime 150]"));
	assert_mappings(p, "zone5.1 rp1 0/20");
	assert_int_equal(p->pim->counters.bsr_scope, 2);
}

/* Both zones say the same: the smaller one has the say, and it goes with the last one. */
static void zones_say_the_same(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [zone5 zone] [zone5.1 rp1 7 holdtime 150]"));
	pim_bed_hear(p, "eth1.2",
		     "Bootstrap bsr rp8 priority 71 tag 1 hash 22 "
		     "[zone5.1 rp1 9 holdtime 150]");
	assert_mappings(p, "zone5.1 rp1 7/20");
	hear(p, SAYS("2", " [zone5 zone] [zone5.1]"));
	assert_mappings(p, "zone5.1 rp1 9/22");
	pim_bed_hear(p, "eth1.2", "Bootstrap bsr rp8 priority 71 tag 2 hash 22 [zone5.1]");
	assert_mappings(p, "");
}

/* Refresh */

static void is_refreshed(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range2 rp2 0 holdtime 200]"));
	hear(p, SAYS("2", " [range1 rp1 0 holdtime 100 rp3 0 holdtime 0] "
			  "[range3 rp1 0 holdtime 150]"));
	assert_mappings(p, "range1 rp1 0/20, range2 rp2 0/20, range3 rp1 0/20");
	pim_bed_run(p, SEC(100));
	assert_mappings(p, "range2 rp2 0/20, range3 rp1 0/20");
	/* BST, at 130: as if the last one had just come */
	pim_bed_run(p, SEC(30));
	assert_mappings(p, "range1 rp1 0/20, range2 rp2 0/20, range3 rp1 0/20");
	pim_bed_run(p, SEC(70));
	assert_mappings(p, "range1 rp1 0/20, range3 rp1 0/20");
	pim_bed_run(p, SEC(30));
	assert_mappings(p, "range3 rp1 0/20");
	pim_bed_run(p, SEC(50));
	assert_mappings(p, "");
	assert_int_equal(p->pim->nmappings, 0);
	assert_int_equal(zone(p)->nsaid, 0);
}

/* Limits and filters */

#define FILTER "phyint eth0 pim\nphyint eth1 pim\nrp-filter rp1 range1\nrp-filter rp2\n"

static void filtered(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150 rp2 0 holdtime 150 rp3 0 holdtime 150] "
			  "[range2 rp1 0 holdtime 150]"));
	assert_mappings(p, "range1 rp1 0/20, range1 rp2 0/20");
	assert_int_equal(p->pim->counters.rp_filtered, 2);
	pim_bed_reload(p, "phyint eth0 pim\nphyint eth1 pim\nrp-filter rp3\n");
	assert_mappings(p, "range1 rp3 0/20");
	pim_bed_reload(p, "phyint eth0 pim\nphyint eth1 pim\n");
	assert_mappings(p, "range1 rp1 0/20, range1 rp2 0/20, range1 rp3 0/20, range2 rp1 0/20");
}

/* A whole range, by so many RPs from a number on, in fragments. */
static void say_many(struct pim_bed *p, const char *tag, unsigned range, unsigned first,
		     unsigned all)
{
	for (unsigned n = 0; n < all; n += 16) {
		struct buf text = { 0 };

		buf_printf(&text, "Bootstrap bsr rp9 priority 70 tag %s hash 20 [range%u", tag,
			   range);
		for (unsigned i = n; i < n + 16 && i < all; i++)
			buf_printf(&text, " rp%u 0 holdtime 150", 1 + (first + i) % 250);
		buf_printf(&text, " of %u]", all);
		buf_add(&text, "", 1);
		hear(p, buf_at(&text));
		buf_free(&text);
	}
}

static void too_many(struct pim_bed *p)
{
	uint64_t limited;

	begin(p);
	for (unsigned range = 1; range <= 17; range++)
		say_many(p, "1", range, range, 240);
	/* 17 times 240; the next one has no room for all of its own */
	assert_int_equal(p->pim->nmappings, 4080);
	assert_int_equal(p->pim->rps.nmappings, 4080);
	assert_int_equal(p->pim->counters.limited, 0);
	say_many(p, "1", 18, 0, 32);
	assert_int_equal(p->pim->rps.nmappings, 4080);
	limited = p->pim->counters.limited;
	assert_int_not_equal(limited, 0);
	/* what takes the place of others has theirs */
	say_many(p, "1", 1, 100, 240);
	assert_int_equal(p->pim->counters.limited, limited);
	assert_int_equal(p->pim->rps.nmappings, 4080);
	/* others can go on changing */
	hear(p, SAYS("2", " [range3 rp1 0 holdtime 150]"));
	assert_int_equal(p->pim->rps.nmappings, 4080 - 239);
	say_many(p, "2", 18, 0, 32);
	assert_int_equal(p->pim->rps.nmappings, 4080 - 239 + 32);
	pim_bed_run(p, SEC(300));
	assert_int_equal(p->pim->rps.nmappings, 0);
	assert_int_equal(p->pim->nmappings, 0);
}

/* Part of a range, by so many RPs from a number on, which are not all that there are. */
static void say_part(struct pim_bed *p, unsigned first, unsigned n)
{
	struct buf text = { 0 };

	buf_printf(&text, SAYS("1", " no-forward [range1"));
	for (unsigned i = first; i < first + n; i++)
		buf_printf(&text,
			   p->af == V4 ? " 10.78.%u.%u 0 holdtime 150"
				       : " 2001:db8:78::%x:%x 0 holdtime 150",
			   i / 200, 1 + i % 200);
	buf_puts(&text, " of 255]");
	buf_add(&text, "", 1);
	hear(p, buf_at(&text));
	buf_free(&text);
}

/* Parts of a range that are more than a message can say of it. */
static void more_than_said(struct pim_bed *p)
{
	begin(p);
	say_part(p, 0, 60);
	say_part(p, 60, 60);
	say_part(p, 120, 60);
	say_part(p, 180, 60);
	assert_int_equal(p->pim->rps.nmappings, 0);
	say_part(p, 240, 60);
	assert_int_equal(p->pim->rps.nmappings, BSR_MAX_RPS);
	assert_int_equal(p->pim->nmappings, BSR_MAX_RPS);
}

static void too_many_ranges(struct pim_bed *p)
{
	begin(p);
	for (unsigned n = 0; n < BSR_MAX_RANGES + 6; n++) {
		char text[200];

		snprintf(text, sizeof(text),
			 p->af == V4
				 ? SAYS("1", " no-forward [226.%u.%u.0/24 rp1 0 holdtime 150]")
				 : SAYS("1", " no-forward [ff0e:1%02x:%x::/48 rp1 0 holdtime 150]"),
			 n / 256, n % 256);
		hear(p, text);
	}
	assert_int_equal(zone(p)->nsaid, BSR_MAX_RANGES);
	assert_int_equal(p->pim->rps.nmappings, BSR_MAX_RANGES);
	assert_int_equal(p->pim->counters.limited, 6);
}

/* What changes nothing is not told: whoever looks at the version has nothing to do. */
static void the_same_again(struct pim_bed *p)
{
	uint64_t version;

	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150 rp2 0 holdtime 150]"));
	version = p->pim->rps.version;
	for (unsigned n = 2; n < 9; n++) {
		char text[200];

		pim_bed_run(p, SEC(60));
		snprintf(text, sizeof(text),
			 "Bootstrap bsr rp9 priority 70 tag %u hash 20 "
			 "[range1 rp2 0 holdtime 150 rp1 0 holdtime 150]",
			 n);
		hear(p, text);
	}
	assert_int_equal(p->pim->rps.version, version);
}

/* Static ones of the same range and RP are others, and stay. */
static void static_ones_stay(struct pim_bed *p)
{
	begin(p);
	hear(p, SAYS("1", " [range1 rp1 0 holdtime 150]"));
	assert_int_equal(p->pim->rps.nmappings, 2);
	hear(p, SAYS("2", " [range1]"));
	assert_int_equal(p->pim->rps.nmappings, 1);
	hear(p, SAYS("3", " [range1 rp1 0 holdtime 150]"));
	pim_bed_reload(p, "phyint eth0 pim\nphyint eth1 pim\n");
	assert_mappings(p, "range1 rp1 0/20");
}

/* They are as sound as any other RP: joined, with the hash of their message. */
static void are_used(struct pim_bed *p)
{
	begin(p);
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, 1);
	assert_said(p, "");
	hear(p, SAYS("1", " [all rp1 0 holdtime 150]"));
	pim_bed_run(p, 1);
	assert_non_null(
		strstr(pim_bed_said(p), "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1"));
	hear(p, SAYS("2", " [all rp1 0 holdtime 0]"));
	pim_bed_run(p, 1);
	assert_non_null(strstr(pim_bed_said(p), "P(*,g1)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-159: what is said holds as long as it says", NULL, is_stored),
		PIM_TEST("PIM-158: who is not in a range any more", NULL, is_replaced),
		PIM_TEST("PIM-159: withdrawn", NULL, is_withdrawn),
		PIM_TEST("PIM-158: empty ones", NULL, empty_ones),
		PIM_TEST("PIM-158: the length of the hash", NULL, hash_length),
		PIM_TEST("PIM-164: modes", NULL, modes),
		PIM_TEST("PIM-157: parts of a range", NULL, parts),
		PIM_TEST("PIM-157, PIM-223: a part is lost", NULL, a_part_is_lost),
		PIM_TEST("PIM-157: parts of another router", NULL, parts_of_another_router),
		PIM_TEST("PIM-157: parts of a zone", NULL, parts_of_a_zone),
		PIM_TEST("PIM-165: what is beyond the zone", NULL, what_is_beyond_the_zone),
		PIM_TEST("PIM-165: two zones say the same", NULL, zones_say_the_same),
		PIM_TEST("PIM-149: Refresh RP-Set", NULL, is_refreshed),
		PIM_TEST("rp-filter", FILTER, filtered),
		PIM_TEST("a limit", NULL, too_many),
		PIM_TEST("a limit of RPs of a range", NULL, more_than_said),
		PIM_TEST("a limit of ranges", NULL, too_many_ranges),
		PIM_TEST("the same again", NULL, the_same_again),
		PIM_TEST("PIM-213: static ones stay",
			 "phyint eth0 pim\nphyint eth1 pim\nrp-address rp1 range1\n",
			 static_ones_stay),
		PIM_TEST("PIM-149: are used", NULL, are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
