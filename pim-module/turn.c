/* turn.c - the change from one way of data to another, without a packet lost or doubled
 *
 * From the shared tree to the source's (RFC 7761 4.2.2), or from one RPF'(S,G) to another one that
 * unicast routing has now (4.5.5): the old way is in force until data comes by the new one. From
 * the tree of one RP to that of another (4.5.4): each source is taken from the old one until its
 * data comes by the new one, since each DR turns to the new RP at a time of its own.
 */
#include <stdlib.h>

#include "macros.h"

/*
 * From the first packet of the source's tree to the change from the shared one, in ms. A packet
 * comes by both trees, and what comes by the one that is not in force is dropped: it is lost if
 * its other copy comes while the other tree is not in force any more, or not yet. With a change at
 * once, that is the very packet that told of the tree, if its copy is the later one. So the change
 * waits for that copy, which the kernel counts, but not for long: it may have come before. By then
 * it is to be less than there is between the packets of most streams, lest the next one comes
 * twice. So nothing is lost and nothing doubled by trees that differ less than this and than
 * packets do; else as much as comes in the time by which the trees differ, whatever is done here.
 */
#define TURN_DELAY 10

/* The same of another way of one tree, where the old one may be broken: its copy may never come. */
#define WAY_DELAY 2

/* How long data of the old way is taken while none comes by a new one, in ms. */
#define LINGER SEC(3)

/* The neighbor of before, if it is one still. */
static struct neighbor *old_neighbor(const struct entry *e, unsigned slot, struct ip ip)
{
	const struct pim_iface *i = slot == NOSLOT ? NULL : pim_iface(e->pim, slot);

	return i ? neighbor_primary(i, ip) : NULL;
}

unsigned turn_old_slot(const struct entry *e)
{
	return e && e->turn ? e->turn->old_slot : NOSLOT;
}

void turn_end(struct entry *e)
{
	struct turn *t = e->turn;

	if (!t)
		return;
	age_remove(t->is_turning ? &e->pim->turns : &e->pim->lingers, &t->age);
	if (t->old_rp) {
		e->pim->nleft -= t->was_own;
		target_drop(t->old_rp);
	}
	free(t);
	e->turn = NULL;
}

static struct turn *turn_get(struct entry *e)
{
	if (e->turn)
		return e->turn;
	e->turn = xcalloc(1, sizeof(*e->turn));
	e->turn->entry = e;
	e->turn->old_slot = NOSLOT;
	return e->turn;
}

/* Counted on the right interface; the low bits. */
static uint32_t packets_now(const struct entry *e)
{
	struct counters now = { 0 };

	keepalive_count(e, &now);
	return now.packets;
}

void turn_soon(struct entry *e)
{
	struct turn *t = turn_get(e);

	if (t->is_turning)
		return;
	age_remove(&e->pim->lingers, &t->age);
	t->is_turning = true;
	t->by = pim_clock(e->pim)->now + (t->old_slot == NOSLOT ? TURN_DELAY : WAY_DELAY);
	t->packets = packets_now(e);
	age_add(&e->pim->turns, &t->age);
}

/* RFC 7761 4.5.5: what was due when RPF' became another one. */
void turn_leave_old(struct entry *e)
{
	if (turn_old_slot(e) == NOSLOT)
		return;
	if (old_neighbor(e, e->turn->old_slot, e->turn->old_up))
		jp_send(e->pim, e->turn->old_slot, e->turn->old_up, e->sg,
			entry_is_star(e) ? JP_STAR_G : JP_SG, true);
	turn_end(e);
	entry_mark(e);
}

static void turn(struct age_queue *q, struct age *age)
{
	struct turn *t = container_of(age, struct turn, age);
	struct entry *e = t->entry;

	if (t->is_turning && q->clock->now < t->by && t->packets == packets_now(e)) {
		age_add(q, age);
		return;
	}
	e->seen = rpf_interface(e);
	turn_leave_old(e);
	turn_end(e);
	entry_mark(e);
}

/* Something flows by the source's tree, and the old sender is there. */
static bool source_flows(const struct entry *e, const struct rpf_neighbor *now)
{
	struct counters counters = { 0 };

	return e->spt && !ip_is_any(now->ip) && old_neighbor(e, e->up_slot, e->up) &&
	       keepalive_count(e, &counters) && counters.packets;
}

/* Some source came by the shared tree, be it one that has an entry. */
static bool is_fed(const struct entry *star)
{
	struct entry *e = star->feeds ? NULL : entry_next_source(star);

	for (; e; e = entry_next_source(e)) {
		struct counters counters = { 0 };

		if (!e->spt && keepalive_count(e, &counters) && counters.packets)
			return true;
	}
	return star->feeds;
}

/* The same of a shared one, whose RP, another one than now, can be reached. */
static bool star_flows(const struct entry *e, struct target *old_rp, const struct rpf_neighbor *now)
{
	bool is_there = old_rp->own ? e->up_slot == e->pim->tunnel
				    : old_neighbor(e, e->up_slot, e->up) != NULL;

	return is_there && old_rp->reachable &&
	       (!ip_is_any(now->ip) || (e->target && e->target->own)) && is_fed(e);
}

static struct turn *linger(struct entry *e)
{
	struct turn *t;

	turn_end(e);
	t = turn_get(e);
	t->old_slot = e->up_slot;
	t->old_up = e->up;
	age_add(&e->pim->lingers, &t->age);
	return t;
}

/* From one RP to another: all sources are to be seen, and told of, anew. */
static bool star_lingers(struct entry *star, const struct rpf_neighbor *now)
{
	struct target *old_rp;
	struct entry *e;
	struct turn *t;

	if (ip_is_any(star->rp) || !star->target || ip_eq(star->rp, star->target->ip))
		return false;
	old_rp = target_hold(star->pim, star->rp);
	if (!star_flows(star, old_rp, now)) {
		target_drop(old_rp);
		return false;
	}
	t = linger(star);
	t->old_rp = old_rp;
	t->was_own = old_rp->own;
	star->pim->nleft += t->was_own;
	star->pim->engine.host->op->alert(&star->pim->engine, star->sg);
	for (e = entry_next_source(star); e; e = entry_next_source(e))
		e->has_turned = false;
	return true;
}

bool turn_lingers(struct entry *e, const struct rpf_neighbor *now)
{
	turn_leave_old(e);
	if (now->slot == e->up_slot || now->slot == NOSLOT || e->up_slot == NOSLOT)
		return false;
	if (entry_is_star(e))
		return star_lingers(e, now);
	return source_flows(e, now) && linger(e);
}

bool turn_old_lives(const struct entry *e)
{
	const struct turn *t = e->turn;

	if (t && t->old_rp && t->old_rp->own)
		return t->old_slot == e->pim->tunnel;
	return t && old_neighbor(e, t->old_slot, t->old_up);
}

struct ip turn_old_rp(const struct entry *star)
{
	const struct target *rp = star && star->turn ? star->turn->old_rp : NULL;

	return rp && rp->own ? rp->ip : ip_any(V6);
}

unsigned turn_shared(const struct entry *star, const struct entry *e)
{
	unsigned old = star ? turn_old_slot(star) : NOSLOT;

	return old == NOSLOT || (e && e->has_turned) ? rpf_interface(star) : old;
}

void turn_init(struct pim *pim)
{
	age_init(&pim->turns, pim_clock(pim), 1, turn);
	age_init(&pim->lingers, pim_clock(pim), LINGER, turn);
}

void turn_free(struct pim *pim)
{
	age_end(&pim->turns);
	age_end(&pim->lingers);
}
