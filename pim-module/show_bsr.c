/* show_bsr.c - bootstrap routers by zone, RPs that they say, what they are offered, and by us */
#include <string.h>

#include "bsr.h"
#include "show.h"

/* Where tables of zones are: behind what of which zone, or candidate, of a family. */
struct place {
	uint8_t af, nth;
	bool within; /* behind that of the following */
	bool is_gone, bidir;
	uint8_t priority;
	struct prefix range;
	struct ip rp;
};

_Static_assert(sizeof(struct place) < SHOW_KEY, "a place fits into a table's key");

static struct record begin(struct show *s, const struct pim *pim, const struct prefix *zone)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "family", af_name(pim->engine.af));
	record_str(&rec, "zone", zone ? prefix_str(zone) : NULL);
	return rec;
}

static bool put_zone(struct show *s, const struct zone *z, struct place *at)
{
	bool waits = z->state == BSR_PENDING || z->state == BSR_ELECTED;
	const struct target *t = z->target;
	struct record rec;

	(void)at;
	if (!s->budget)
		return true;
	show_spend(s);
	rec = begin(s, z->pim, &z->scope);
	record_str(&rec, "state", bsr_state_name(z->state));
	put_ip(&rec, "bsr_address", z->current.ip);
	record_bool(&rec, "own", z->state == BSR_ELECTED);
	if (!ip_is_any(z->current.ip)) {
		record_u64(&rec, "priority", z->current.priority);
		record_u64(&rec, "hash_mask_length", z->hash_len);
		record_int(&rec, "up_time", pim_clock(z->pim)->now - z->since);
		record_int(&rec, "last_bootstrap", pim_clock(z->pim)->now - z->heard);
	}
	put_timer(&rec, waits ? "next_bootstrap" : "expiration", z->pim, &z->bst);
	put_timer(&rec, "zone_expiration", z->pim, &z->szt);
	put_slot(&rec, "interface", z->pim, t ? t->slot : NOSLOT);
	put_ip(&rec, "neighbor", t ? t->neighbor : ip_any(z->pim->engine.af));
	record_bool(&rec, "candidate", z->is_candidate);
	if (z->is_candidate) {
		put_ip(&rec, "candidate_address", z->own.ip);
		record_u64(&rec, "candidate_priority", z->own.priority);
	}
	record_end(&rec);
	return false;
}

static const char *mode_name(bool bidir)
{
	return bidir ? "bidir" : "sparse";
}

static void put_range(struct show *s, const struct zone *z, const struct bsr_range *range)
{
	int64_t now = pim_clock(z->pim)->now;

	for (unsigned i = 0; i < range->nrps; i++) {
		const struct bsr_rp *rp = &range->rp[i];
		struct record rec;

		if (!rp->until)
			continue;
		rec = begin(s, z->pim, &z->scope);
		record_str(&rec, "group", prefix_str(&range->range));
		record_str(&rec, "rp_address", ip_str(rp->ip));
		record_str(&rec, "mode", mode_name(range->bidir));
		record_u64(&rec, "priority", rp->priority);
		record_int(&rec, "holdtime", rp->holdtime);
		record_int(&rec, "expiration", rp->until - now);
		record_end(&rec);
		show_spend(s);
	}
}

/* The first node that is not before the key, or behind it. */
static struct tree_node *behind(const struct tree *tree, const struct tree_node *key)
{
	struct tree_node *node = tree_nfind(tree, key);

	return node && !tree->cmp(node, key) ? tree_next(node) : node;
}

/* Ranges of a zone; true if there are more than the budget. */
static bool put_ranges(struct show *s, const struct zone *z, struct place *at)
{
	struct bsr_range key = { .range = at->range };
	struct tree_node *node = at->within ? behind(&z->ranges.tree, &key.order)
					    : tree_min(&z->ranges.tree);

	for (; node; node = tree_next(node)) {
		const struct bsr_range *range = container_of(node, struct bsr_range, order);

		if (!s->budget)
			return true;
		put_range(s, z, range);
		at->within = true;
		at->range = range->range;
	}
	return false;
}

static void put_offer(struct show *s, const struct bsr_offer *o)
{
	const struct pim *pim = o->zone->pim;
	struct record rec = begin(s, pim, &o->zone->scope);

	record_str(&rec, "group", prefix_str(&o->range));
	record_str(&rec, "rp_address", ip_str(o->rp));
	record_str(&rec, "mode", mode_name(o->bidir));
	record_u64(&rec, "priority", o->priority);
	record_int(&rec, "holdtime", o->is_gone ? 0 : o->holdtime);
	put_timer(&rec, "expiration", pim, &o->timer);
	record_bool(&rec, "withdrawn", o->is_gone);
	record_end(&rec);
}

static bool put_offers(struct show *s, const struct zone *z, struct place *at)
{
	struct bsr_offer key = { .range = at->range,
				 .rp = at->rp,
				 .priority = at->priority,
				 .bidir = at->bidir,
				 .is_gone = at->is_gone };
	struct tree_node *node = NULL;

	if (z->noffers)
		node = at->within ? behind(&z->offers.tree, &key.order) : tree_min(&z->offers.tree);
	for (; node; node = tree_next(node)) {
		const struct bsr_offer *o = container_of(node, struct bsr_offer, order);

		if (!s->budget)
			return true;
		show_spend(s);
		put_offer(s, o);
		*at = (struct place){ at->af,	at->nth,     true,     o->is_gone,
				      o->bidir, o->priority, o->range, o->rp };
	}
	return false;
}

/* Whether PIM is to be somewhere in the family at all. */
static bool is_used(const struct pim *pim)
{
	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (pim->iface[i])
			return true;
	}
	return false;
}

static struct zone *zone_at(const struct pim *pim, unsigned nth)
{
	struct zone *z;

	TAILQ_FOREACH(z, &pim->zones, link) {
		if (!nth--)
			break;
	}
	return z;
}

static bool show_zones(struct show *s, struct engines engines,
		       bool (*put)(struct show *s, const struct zone *z, struct place *at))
{
	struct place at;

	memcpy(&at, s->after, sizeof(at));
	while (at.af < NFAMILIES) {
		const struct pim *pim = pim_of(engines.af[at.af]);
		const struct zone *z = is_used(pim) ? zone_at(pim, at.nth) : NULL;

		if (z && put(s, z, &at))
			break;
		at = z ? (struct place){ .af = at.af, .nth = at.nth + 1 }
		       : (struct place){ .af = at.af + 1 };
	}
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}

bool show_bsr(struct show *s, struct engines engines)
{
	return show_zones(s, engines, put_zone);
}

bool show_bsr_rps(struct show *s, struct engines engines)
{
	return show_zones(s, engines, put_ranges);
}

bool show_bsr_offers(struct show *s, struct engines engines)
{
	return show_zones(s, engines, put_offers);
}

/* @a is NULL of one that has nobody to tell. */
static void put_advert(struct show *s, const struct candidate *c, const struct advert *a)
{
	struct record rec = begin(s, c->pim, a ? &a->scope : NULL);

	put_ip(&rec, "rp_address", c->ip);
	record_u64(&rec, "priority", c->conf.priority);
	record_int(&rec, "interval", c->conf.period);
	put_ip(&rec, "bsr_address", a ? a->bsr : ip_any(c->pim->engine.af));
	if (a)
		put_timer(&rec, "next_advertisement", c->pim, &a->crpt);
	else
		record_str(&rec, "next_advertisement", NULL);
	record_list(&rec, "groups");
	for (unsigned i = 0; a && i < a->ntold; i++)
		record_item(&rec, prefix_str(&a->told[i]));
	record_list_end(&rec);
	if (ip_is_any(c->ip))
		record_str(&rec, "reason", "no address of ours");
	else if (!a)
		record_str(&rec, "reason", "no bootstrap router is known");
	record_end(&rec);
	show_spend(s);
}

static void put_candidate(struct show *s, const struct candidate *c)
{
	const struct advert *a;
	bool is_heard = false;

	TAILQ_FOREACH(a, &c->adverts, link) {
		if (ip_is_any(c->ip) || ip_is_any(a->bsr))
			continue;
		put_advert(s, c, a);
		is_heard = true;
	}
	if (!is_heard)
		put_advert(s, c, NULL);
}

bool show_rp_candidates(struct show *s, struct engines engines)
{
	struct {
		unsigned af, nth;
	} at;

	memcpy(&at, s->after, sizeof(at));
	while (at.af < NFAMILIES && s->budget) {
		const struct pim *pim = pim_of(engines.af[at.af]);
		const struct candidate *c = is_used(pim) ? TAILQ_FIRST(&pim->candidates) : NULL;

		for (unsigned i = 0; c && i < at.nth; i++)
			c = TAILQ_NEXT(c, link);
		if (c)
			put_candidate(s, c);
		at.af += !c;
		at.nth = c ? at.nth + 1 : 0;
	}
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}
