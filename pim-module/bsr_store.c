/* bsr_store.c - the RPs that bootstrap routers say, zone by zone (RFC 5059 3.1.5, 4.1.1)
 *
 * What is stored of a message are its ranges, each with the number of the message that said it
 * last: those of the latest one are that message, as a new neighbor gets it. Of a range, an RP that
 * is over stays until the next message, since it is part of this one. Only what is another one
 * than before is told to the set of RPs.
 */
#include <stdlib.h>
#include <string.h>

#include "bsr.h"

static int range_cmp(const struct bsr_range *a, const struct bsr_range *b)
{
	if (a->range.len != b->range.len)
		return a->range.len < b->range.len ? -1 : 1;
	return ip_cmp(a->range.ip, b->range.ip);
}

TREE_GENERATE(bsr_ranges, bsr_range, order, range_cmp)

void store_init(struct zone *z)
{
	TREE_INIT(bsr_ranges, &z->ranges);
	z->said_by = ip_any(z->pim->engine.af);
}

static struct bsr_range *find_range(const struct zone *z, const struct prefix *range)
{
	struct bsr_range key = { .range = *range };

	return TREE_FIND(bsr_ranges, &z->ranges, &key);
}

static int rp_cmp(const void *a, const void *b)
{
	const struct bsr_rp *p = a, *q = b;

	return ip_cmp(p->ip, q->ip);
}

/* In a list by address. */
static struct bsr_rp *find_rp(struct bsr_rp *list, unsigned n, struct ip ip)
{
	struct bsr_rp key = { .ip = ip };

	return n ? bsearch(&key, list, n, sizeof(*list), rp_cmp) : NULL;
}

/* The RP holds now. */
static bool holds(const struct bsr_rp *rp)
{
	return rp && rp->until;
}

static bool is_believed(const struct pim *pim, const struct prefix *range, struct ip ip)
{
	const struct pim_family *f = &pim->conf->af[pim->engine.af];

	return pim_takes_rp(f->rp_from, f->nrp_from, ip, range);
}

/* Puts what all zones say of the RP of a range into the set: the smallest zone has the say. */
static void derive(struct pim *pim, const struct prefix *range, struct ip ip)
{
	struct rp_mapping mapping = { .range = *range, .rp = ip, .origin = RP_BSR };
	bool found = false;
	struct zone *z;

	if (is_believed(pim, range, ip)) {
		TAILQ_FOREACH(z, &pim->zones, link) {
			const struct bsr_range *r = find_range(z, range);
			const struct bsr_rp *rp = r ? find_rp(r->rp, r->nrps, ip) : NULL;

			if (!holds(rp))
				continue;
			found = true;
			mapping.priority = rp->priority;
			mapping.hash_len = z->hash_len;
			mapping.mode = r->bidir ? RP_BIDIR : RP_SPARSE;
		}
	}
	mapping.is_reachable = true;
	if (found)
		rp_set_put(&pim->rps, &mapping);
	else
		rp_set_drop(&pim->rps, RP_BSR, *range, ip);
}

int64_t store_until(const struct pim *pim, const struct prefix *range, struct ip ip)
{
	const struct zone *z;
	int64_t until = 0;

	TAILQ_FOREACH(z, &pim->zones, link) {
		const struct bsr_range *r = find_range(z, range);
		const struct bsr_rp *rp = r ? find_rp(r->rp, r->nrps, ip) : NULL;

		if (rp && rp->until > until)
			until = rp->until;
	}
	return until;
}

static void derive_range(const struct bsr_range *r)
{
	for (unsigned i = 0; i < r->nrps; i++)
		derive(r->zone->pim, &r->range, r->rp[i].ip);
}

void store_configure(struct pim *pim)
{
	const struct bsr_range *r;
	const struct zone *z;

	TAILQ_FOREACH(z, &pim->zones, link) {
		TREE_FOREACH(r, bsr_ranges, &z->ranges)
			derive_range(r);
	}
}

static bool is_last(const struct bsr_range *r)
{
	const struct zone *z = r->zone;

	return !ip_is_any(z->said_by) && r->message == z->message;
}

static void free_parts(struct bsr_range *r)
{
	r->zone->pim->nmappings -= r->nparts;
	r->nparts = 0;
	free(r->part);
	r->part = NULL;
}

static void range_free(struct bsr_range *r)
{
	struct zone *z = r->zone;

	free_parts(r);
	timer_stop(pim_clock(z->pim), &r->get);
	TREE_REMOVE(bsr_ranges, &z->ranges, r);
	z->nsaid--;
	z->pim->nmappings -= r->nrps;
	free(r->rp);
	free(r);
}

/* Starts the timer for the first that is over, or frees the range if it is of no use any more. */
static void tidy(struct bsr_range *r)
{
	struct clock *clock = pim_clock(r->zone->pim);
	int64_t first = 0;

	for (unsigned i = 0; i < r->nrps; i++) {
		if (holds(&r->rp[i]) && (!first || r->rp[i].until < first))
			first = r->rp[i].until;
	}
	if (first)
		timer_start(clock, &r->get, first - clock->now);
	else
		timer_stop(clock, &r->get);
	if (!first && !r->nparts && !is_last(r))
		range_free(r);
}

static void fire(struct timer *t)
{
	struct bsr_range *r = container_of(t, struct bsr_range, get);
	struct pim *pim = r->zone->pim;

	for (unsigned i = 0; i < r->nrps; i++) {
		struct bsr_rp *rp = &r->rp[i];

		if (!holds(rp) || rp->until > pim_clock(pim)->now)
			continue;
		rp->until = 0;
		derive(pim, &r->range, rp->ip);
	}
	tidy(r);
	pim->engine.host->op->wake(&pim->engine);
}

static void limited(struct pim *pim, const struct prefix *range)
{
	pim->counters.limited++;
	log_limited(pim->log[AREA_BSR], &pim->full, pim_clock(pim), LEVEL_WARNING,
		    "no room for what the bootstrap router says of %s, there are %u RPs",
		    prefix_str(range), pim->nmappings);
}

/* The range, with room for so many RPs more; NULL: there is none. */
static struct bsr_range *get_range(struct zone *z, const struct prefix *range, unsigned more)
{
	struct bsr_range *r = find_range(z, range);
	unsigned freed = r ? r->nrps : 0;

	if ((!r && z->nsaid >= BSR_MAX_RANGES) ||
	    z->pim->nmappings + more > BSR_MAX_MAPPINGS + freed) {
		limited(z->pim, range);
		return NULL;
	}
	if (r)
		return r;
	r = xcalloc(1, sizeof(*r));
	r->zone = z;
	r->range = *range;
	timer_init(&r->get, fire);
	TREE_INSERT(bsr_ranges, &z->ranges, r);
	z->nsaid++;
	return r;
}

/* Puts those of a set that are not there into the list, up to what can be said; how many it has. */
static unsigned add_rps(struct bsr_rp *list, unsigned n, const struct msg_rp_set *set)
{
	for (unsigned i = 0; i < set->nrps && n < BSR_MAX_RPS; i++) {
		const struct msg_rp *rp = &set->rp[i];
		unsigned at = n;

		while (at && ip_cmp(list[at - 1].ip, rp->ip) > 0)
			at--;
		if (at && ip_eq(list[at - 1].ip, rp->ip))
			continue;
		memmove(&list[at + 1], &list[at], (n++ - at) * sizeof(*list));
		list[at] = (struct bsr_rp){ .ip = rp->ip,
					    .holdtime = rp->holdtime,
					    .priority = rp->priority };
	}
	return n;
}

/* All RPs of the range are these now, which it owns. */
static void replace(struct bsr_range *r, struct bsr_rp *list, unsigned n, bool bidir)
{
	struct bsr_rp *old = r->rp;
	unsigned nold = r->nrps;
	bool is_other = r->bidir != bidir;
	struct pim *pim = r->zone->pim;

	r->rp = list;
	r->nrps = n;
	r->bidir = bidir;
	r->message = r->zone->message;
	pim->nmappings += n - nold;
	for (unsigned i = 0; i < n; i++) {
		const struct bsr_rp *was = find_rp(old, nold, list[i].ip);

		list[i].until = list[i].holdtime ? pim_clock(pim)->now + list[i].holdtime : 0;
		if (holds(&list[i]) != holds(was) || is_other ||
		    (was && was->priority != list[i].priority))
			derive(pim, &r->range, list[i].ip);
	}
	for (unsigned i = 0; i < nold; i++) {
		if (holds(&old[i]) && !find_rp(list, n, old[i].ip))
			derive(pim, &r->range, old[i].ip);
	}
	free(old);
	tidy(r);
}

/* One of several parts of a set: it counts once all are there (RFC 5059 4.1.1). */
static void take_part(struct bsr_range *r, const struct msg_rp_set *set)
{
	struct zone *z = r->zone;
	unsigned n;

	r->part = xrealloc(r->part, (r->nparts + set->nrps) * sizeof(*r->part));
	n = add_rps(r->part, r->nparts, set);
	z->pim->nmappings += n - r->nparts;
	r->nparts = n;
	if (n < set->all)
		return;
	/* what they took is given back, and taken again by what they become */
	z->pim->nmappings -= n;
	r->nparts = 0;
	replace(r, r->part, n, set->range.bidir);
	r->part = NULL;
}

static void take_set(struct zone *z, const struct msg_rp_set *set)
{
	const struct prefix *range = &set->range.prefix;
	bool is_whole = set->nrps == set->all;
	struct bsr_range *r;
	struct bsr_rp *list;

	/* the range of the zone is in each fragment, with RPs or without */
	if (!is_whole && !set->nrps)
		return;
	if (!zone_contains(z, range)) {
		z->pim->counters.bsr_scope++;
		return;
	}
	r = get_range(z, range, set->nrps);
	if (!r)
		return;
	if (!is_whole) {
		take_part(r, set);
		return;
	}
	free_parts(r);
	list = xcalloc(set->nrps + 1, sizeof(*list));
	replace(r, list, add_rps(list, 0, set), set->range.bidir);
}

/* What was in the last message and holds no more is not needed any longer. */
static void forget_last(struct zone *z)
{
	struct bsr_range *r = TREE_MIN(bsr_ranges, &z->ranges), *next;

	z->message++;
	for (; r; r = next) {
		next = TREE_NEXT(bsr_ranges, r);
		free_parts(r);
		tidy(r);
	}
}

/* RFC 5059 3.1.5: it says nothing of RPs, be it because its router knows none yet. */
static bool is_empty(const struct msg_bootstrap *m)
{
	return !m->nsets || (m->nsets == 1 && m->set->range.zone && !m->set->all);
}

/* All mappings of the zone, whoever said them, have the length of its last message. */
static void set_hash_len(struct zone *z, uint8_t len)
{
	const struct bsr_range *r;

	if (len == z->hash_len)
		return;
	z->hash_len = len;
	TREE_FOREACH(r, bsr_ranges, &z->ranges)
		derive_range(r);
}

static void count_filtered(struct pim *pim, const struct msg_rp_set *set)
{
	for (unsigned i = 0; i < set->nrps; i++)
		pim->counters.rp_filtered += !is_believed(pim, &set->range.prefix, set->rp[i].ip);
}

void store_take(struct zone *z, const struct msg_bootstrap *m)
{
	if (is_empty(m))
		return;
	if (!ip_eq(z->said_by, m->bsr) || z->said_tag != m->tag) {
		z->said_by = m->bsr;
		z->said_tag = m->tag;
		forget_last(z);
	}
	set_hash_len(z, m->hash_len);
	for (unsigned i = 0; i < m->nsets; i++) {
		count_filtered(z->pim, &m->set[i]);
		take_set(z, &m->set[i]);
	}
}

void store_refresh(struct zone *z)
{
	int64_t now = pim_clock(z->pim)->now;
	struct bsr_range *r;

	TREE_FOREACH(r, bsr_ranges, &z->ranges) {
		for (unsigned i = 0; is_last(r) && i < r->nrps; i++) {
			struct bsr_rp *rp = &r->rp[i];
			bool held = holds(rp);

			rp->until = rp->holdtime ? now + rp->holdtime : 0;
			if (!held)
				derive(z->pim, &r->range, rp->ip);
		}
	}
	z->said_by = ip_any(z->pim->engine.af);
	forget_last(z);
}

/*
 * The set that a range is in a message, as far as it holds: a bootstrap router that knows no RP
 * says an empty message, which takes none away (RFC 5059 3.1.5), so that the last one may be old.
 * Without its RPs where there is no memory for them.
 */
static struct msg_rp_set set_of(const struct bsr_range *r)
{
	struct msg_rp_set set = { .range = { .prefix = r->range, .bidir = r->bidir } };
	struct msg_rp *rp = arena_take(&r->zone->pim->arena, r->nrps, sizeof(*rp));

	set.rp = rp;
	for (unsigned i = 0; rp && i < r->nrps; i++) {
		const struct bsr_rp *of = &r->rp[i];

		if (holds(of))
			rp[set.nrps++] = (struct msg_rp){ of->ip, of->holdtime, of->priority };
	}
	set.all = rp ? set.nrps : r->nrps;
	return set;
}

void store_last(const struct zone *z, struct msg_bootstrap *m)
{
	struct msg_rp_set *set = arena_take(&z->pim->arena, z->nsaid + 1, sizeof(*set));
	const struct bsr_range *r;
	unsigned n = 0;

	m->set = set;
	m->nsets = 0;
	if (!set)
		return;
	if (!z->is_global)
		set[n++].range = (struct msg_range){ .prefix = z->scope, .zone = true };
	TREE_FOREACH(r, bsr_ranges, &z->ranges) {
		if (!is_last(r) || !ip_eq(z->said_by, z->current.ip))
			continue;
		if (!z->is_global && prefix_eq(&r->range, &z->scope)) {
			set[0] = set_of(r);
			set[0].range.zone = true;
		} else {
			set[n] = set_of(r);
			n += set[n].all > 0;
		}
	}
	m->nsets = n;
}

void store_offer(struct zone *z)
{
	int64_t now = pim_clock(z->pim)->now;
	const struct bsr_range *r;

	if (!ip_eq(z->said_by, z->current.ip))
		return;
	TREE_FOREACH(r, bsr_ranges, &z->ranges) {
		const struct msg_range range = { .prefix = r->range, .bidir = r->bidir };

		for (unsigned i = 0; i < r->nrps; i++) {
			const struct msg_candidate m = {
				.priority = r->rp[i].priority,
				.holdtime = r->rp[i].until - now,
				.rp = r->rp[i].ip,
				.range = &range,
				.nranges = 1,
			};

			if (holds(&r->rp[i]) && !candidate_is_over(z->pim, m.rp))
				offer_receive(z->pim, m.rp, &m);
		}
	}
}

void store_free(struct zone *z)
{
	struct bsr_range *r;

	while ((r = TREE_MIN(bsr_ranges, &z->ranges))) {
		struct bsr_rp *rp = r->rp;
		unsigned n = r->nrps;
		struct prefix range = r->range;

		r->rp = NULL;
		z->pim->nmappings -= n;
		r->nrps = 0;
		range_free(r);
		for (unsigned i = 0; i < n && !z->pim->is_ending; i++)
			derive(z->pim, &range, rp[i].ip);
		free(rp);
	}
}
