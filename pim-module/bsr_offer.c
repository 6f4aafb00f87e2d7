/* bsr_offer.c - what candidate RPs offer to a bootstrap router, and the set it makes of that
 *
 * RFC 5059 3.3. An offer that was taken back, or ran out, stays a while: BS_Period long its RP is
 * said with a holdtime of 0, and as long as BS_Timeout a range of which nothing else is left is
 * said to have no RP (4.1.1).
 */
#include <assert.h>
#include <stdlib.h>

#include "bsr.h"

/* Of a range, the first ones are what is said of it: RPs of one mode, as many as may be. */
static int offer_cmp(const struct bsr_offer *a, const struct bsr_offer *b)
{
	int order = ip_cmp(a->range.ip, b->range.ip);

	order = order ? order : a->range.len - b->range.len;
	order = order ? order : a->is_gone - b->is_gone;
	order = order ? order : b->bidir - a->bidir;
	order = order ? order : a->priority - b->priority;
	return order ? order : ip_cmp(b->rp, a->rp);
}

TREE_GENERATE(bsr_offers, bsr_offer, order, offer_cmp)

static struct clock *clock_of(const struct zone *z)
{
	return pim_clock(z->pim);
}

static bool is_of(const struct bsr_offer *o, const struct prefix *range)
{
	return o && prefix_eq(&o->range, range);
}

/* The first one of the range, or what stands where it would. */
static struct bsr_offer *first_of(const struct zone *z, const struct prefix *range)
{
	struct bsr_offer key = { .range = *range, .bidir = true };

	memset(&key.rp, 0xff, sizeof(key.rp));
	return TREE_NFIND(bsr_offers, &z->offers, &key);
}

static struct bsr_offer *find(const struct zone *z, const struct prefix *range, struct ip rp)
{
	struct bsr_offer *o = first_of(z, range);

	while (is_of(o, range) && !ip_eq(o->rp, rp))
		o = TREE_NEXT(bsr_offers, o);
	return is_of(o, range) ? o : NULL;
}

/* RFC 5059 3.3: RPs of one mode alone, rather BIDIR; no more than can be counted. */
static bool is_said(const struct bsr_offer *o)
{
	const struct bsr_offer *first = first_of(o->zone, &o->range), *other = first;

	for (unsigned n = 0; other != o; n++) {
		if (n == BSR_MAX_RPS)
			return false;
		other = TREE_NEXT(bsr_offers, other);
	}
	return o->bidir == first->bidir;
}

static void expired(struct timer *timer);

/* Changes what it is ordered by; if that is to be heard, the zone's set is another one. */
static void move(struct bsr_offer *o, uint8_t priority, bool bidir, bool is_gone)
{
	struct zone *z = o->zone;

	z->offers_moved |= is_said(o);
	TREE_REMOVE(bsr_offers, &z->offers, o);
	o->priority = priority;
	o->bidir = bidir;
	o->is_gone = is_gone;
	TREE_INSERT(bsr_offers, &z->offers, o);
	z->offers_moved |= is_said(o);
}

/* Sets that became others are soon said. Nothing of the message at work is needed any more. */
static void tell(struct pim *pim)
{
	struct zone *z;

	TAILQ_FOREACH(z, &pim->zones, link) {
		if (!z->offers_moved)
			continue;
		z->offers_moved = false;
		bsr_offers_changed(z);
	}
}

static void drop(struct bsr_offer *o)
{
	struct zone *z = o->zone;

	timer_stop(clock_of(z), &o->timer);
	TREE_REMOVE(bsr_offers, &z->offers, o);
	z->noffers--;
	z->nranges -= !is_of(first_of(z, &o->range), &o->range);
	free(o);
}

static void withdraw(struct bsr_offer *o, const char *why)
{
	struct zone *z = o->zone;

	log_debug(z->pim->log[AREA_BSR], "zone %s: RP %s of %s is no candidate any more: %s",
		  prefix_str(&z->scope), ip_str(o->rp), prefix_str(&o->range), why);
	move(o, o->priority, o->bidir, true);
	timer_start(clock_of(z), &o->timer, BSR_TIMEOUT(z->conf.period));
}

static void expired(struct timer *timer)
{
	struct bsr_offer *o = container_of(timer, struct bsr_offer, timer);
	struct pim *pim = o->zone->pim;

	if (o->is_gone) {
		drop(o);
		return;
	}
	withdraw(o, "it is silent");
	tell(pim);
}

static bool has_room(const struct pim *pim, const struct zone *z, const struct prefix *range)
{
	const struct zone *other;
	unsigned n = 0;

	TAILQ_FOREACH(other, &pim->zones, link)
		n += other->noffers;
	return n < BSR_MAX_OFFERS &&
	       (z->nranges < BSR_MAX_RANGES || is_of(first_of(z, range), range));
}

/* A new one, as if it had gone; NULL: there is no room. */
static struct bsr_offer *offer_new(struct zone *z, const struct prefix *range, struct ip rp)
{
	struct bsr_offer *o;

	if (!has_room(z->pim, z, range)) {
		z->pim->counters.limited++;
		log_limited(z->pim->log[AREA_BSR], &z->pim->full, clock_of(z), LEVEL_WARNING,
			    "zone %s: no room for RP %s of %s", prefix_str(&z->scope), ip_str(rp),
			    prefix_str(range));
		return NULL;
	}
	if (!z->noffers++)
		TREE_INIT(bsr_offers, &z->offers);
	z->nranges += !is_of(first_of(z, range), range);
	o = xcalloc(1, sizeof(*o));
	o->zone = z;
	o->range = *range;
	o->rp = rp;
	o->is_gone = true;
	timer_init(&o->timer, expired);
	TREE_INSERT(bsr_offers, &z->offers, o);
	return o;
}

/* The narrowest of those that have the range, and that we are bootstrap router of. */
static struct zone *zone_for(const struct pim *pim, const struct prefix *range)
{
	struct zone *z, *best = NULL;

	TAILQ_FOREACH(z, &pim->zones, link) {
		if (z->state == BSR_ELECTED && zone_contains(z, range))
			best = z;
	}
	return best;
}

/* `rp-candidate-filter` */
static bool is_wanted(const struct pim *pim, struct ip rp, const struct prefix *range)
{
	const struct pim_family *f = &pim->conf->af[pim->engine.af];

	if (!f->noffer_from && ip_is_link_local(rp))
		return false;
	return pim_takes_rp(f->offer_from, f->noffer_from, rp, range);
}

static void take(struct zone *z, const struct msg_candidate *m, const struct msg_range *range)
{
	struct bsr_offer *o = find(z, &range->prefix, m->rp);

	if (!m->holdtime) {
		if (o && !o->is_gone)
			withdraw(o, "it said so");
		return;
	}
	if (!o)
		o = offer_new(z, &range->prefix, m->rp);
	if (!o)
		return;
	if (o->is_gone)
		log_debug(z->pim->log[AREA_BSR], "zone %s: RP %s of %s is a candidate",
			  prefix_str(&z->scope), ip_str(o->rp), prefix_str(&o->range));
	if (o->is_gone || o->priority != m->priority || o->bidir != range->bidir)
		move(o, m->priority, range->bidir, false);
	o->holdtime = m->holdtime;
	timer_start(clock_of(z), &o->timer, o->holdtime);
}

/* RFC 5059 3.3: each mapping is in precisely one message. */
static void take_from_others(const struct zone *z, const struct prefix *range, struct ip rp)
{
	struct zone *other;

	TAILQ_FOREACH(other, &z->pim->zones, link) {
		struct bsr_offer *o = other == z || !other->noffers ? NULL : find(other, range, rp);

		if (o && !o->is_gone)
			withdraw(o, "another zone has it");
	}
}

/* Whether it comes again: the last one counts, and none costs more for being there often. */
static bool comes_again(const struct msg_candidate *m, unsigned at)
{
	for (unsigned i = at + 1; i < m->nranges; i++) {
		if (prefix_eq(&m->range[i].prefix, &m->range[at].prefix))
			return true;
	}
	return false;
}

void offer_receive(struct pim *pim, struct ip src, const struct msg_candidate *m)
{
	const struct msg_range all = { .prefix = pim_all_groups(pim->engine.af) };
	const struct msg_range *range = m->nranges ? m->range : &all;
	bool is_bsr = false, is_filtered = false;

	for (unsigned i = 0; i < (m->nranges ? m->nranges : 1); i++) {
		struct zone *z;

		if (comes_again(m, i))
			continue;
		z = zone_for(pim, &range[i].prefix);
		is_bsr |= !!z;
		if (z && !is_wanted(pim, m->rp, &range[i].prefix)) {
			is_filtered = true;
		} else if (z) {
			take(z, m, &range[i]);
			take_from_others(z, &range[i].prefix, m->rp);
		}
	}
	pim->counters.candidate_filtered += is_filtered;
	pim->counters.candidate_not_bsr += !is_bsr;
	if (is_filtered || !is_bsr)
		log_debug(pim->log[AREA_BSR], "%s: candidate RP %s is not wanted%s", ip_str(src),
			  ip_str(m->rp), is_bsr ? "" : ", we are no bootstrap router");
	tell(pim);
}

void offers_configure(struct pim *pim)
{
	struct zone *z;

	TAILQ_FOREACH(z, &pim->zones, link) {
		struct bsr_offer *o = z->noffers ? TREE_MIN(bsr_offers, &z->offers) : NULL, *next;

		for (; o; o = next) {
			next = TREE_NEXT(bsr_offers, o);
			if (!o->is_gone && !is_wanted(pim, o->rp, &o->range))
				withdraw(o, "it is filtered");
		}
	}
	tell(pim);
}

/*
 * RFC 5059 3.3: holdtimes are longer than messages are apart. Who does not know our period, if that
 * is a short one, believes our successor after BS_Timeout, and has our RPs until then.
 */
static int64_t holdtime_of(const struct bsr_offer *o)
{
	int64_t period = o->zone->conf.period, least;

	least = (period > PIM_BSR_PERIOD ? period : PIM_BSR_PERIOD) * 5 / 2;
	return o->holdtime > least ? o->holdtime : least;
}

/*
 * Whether one that went is said with a holdtime of 0 still. Alone in a message, a zone's own range
 * without an RP would not be heard (RFC 5059 3.1.5).
 */
static bool is_said_gone(const struct bsr_offer *o)
{
	const struct zone *z = o->zone;
	int64_t period = z->conf.period;

	return timer_left(clock_of(z), &o->timer) >= BSR_TIMEOUT(period) - period ||
	       (!z->is_global && is_of(o, &z->scope));
}

/* The set of the range of the offer, with RPs into @rp; what is behind the range. */
static const struct bsr_offer *put_set(const struct bsr_offer *first, struct msg_rp_set *set,
				       struct msg_rp *rp)
{
	const struct bsr_offer *o = first;

	*set = (struct msg_rp_set){ .range = { .prefix = first->range, .bidir = first->bidir },
				    .rp = rp };
	for (; is_of(o, &first->range); o = TREE_NEXT(bsr_offers, o)) {
		if (set->nrps == BSR_MAX_RPS || o->bidir != first->bidir ||
		    (o->is_gone && !is_said_gone(o)))
			continue;
		rp[set->nrps++] = (struct msg_rp){ .ip = o->rp,
						   .priority = o->priority,
						   .holdtime = o->is_gone ? 0 : holdtime_of(o) };
	}
	set->all = set->nrps;
	return o;
}

/* RFC 5059 3.3: the first range of a zone's message is the zone's. */
void offer_sets(struct zone *z, struct msg_bootstrap *m)
{
	const struct bsr_offer *o = z->noffers ? TREE_MIN(bsr_offers, &z->offers) : NULL;
	struct arena *arena = &z->pim->arena;
	struct msg_rp_set *set;
	struct msg_rp *rp;

	arena_reset(arena);
	set = arena_take(arena, z->nranges + 1, sizeof(*set));
	rp = arena_take(arena, z->noffers, sizeof(*rp));
	assert(set && rp);
	m->set = set;
	m->nsets = 0;
	if (!z->is_global && !is_of(o, &z->scope))
		set[m->nsets++].range.prefix = z->scope;
	while (o) {
		o = put_set(o, &set[m->nsets], rp);
		rp += set[m->nsets++].nrps;
	}
	set[0].range.zone = !z->is_global;
}

void offer_free(struct zone *z)
{
	struct bsr_offer *o;

	while (z->noffers && (o = TREE_ANY(bsr_offers, &z->offers)))
		drop(o);
	z->offers_moved = false;
}
