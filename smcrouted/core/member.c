/* member.c - who follows what listeners on our links want */
#include <stdlib.h>

#include "core/core.h"

void member_init(struct members *m, unsigned nengines)
{
	*m = (struct members){ .follow = xcalloc(nengines, sizeof(struct ifset)) };
	TAILQ_INIT(&m->replays);
}

static void replay_end(struct members *m, struct replay *rp)
{
	TAILQ_REMOVE(&m->replays, rp, link);
	free(rp);
}

void member_free(struct members *m)
{
	struct replay *rp;

	while ((rp = TAILQ_FIRST(&m->replays)))
		replay_end(m, rp);
	free(m->follow);
}

/* The engine that knows what listeners want; NULL if there is none. */
static struct engine *database(struct router *r, enum af af)
{
	engines_foreach(r, l, e, af) {
		if (l->module->membership)
			return e;
	}
	return NULL;
}

void member_get(struct router *r, enum af af, unsigned slot, struct ip group, struct membership *m)
{
	struct engine *e = database(r, af);

	*m = (struct membership){ .group = group, .mode = FILTER_INCLUDE };
	if (e)
		e->module->membership(e, slot, group, m);
}

bool member_is_querier(struct router *r, enum af af, unsigned slot)
{
	struct engine *e = database(r, af);

	return e && e->module->is_querier(e, slot);
}

struct querying member_querying(struct router *r, enum af af, unsigned slot)
{
	struct engine *e = database(r, af);

	return e ? e->module->querying(e, slot) : (struct querying){ 0 };
}

static struct replay *replay_find(const struct members *m, const struct engine *e, unsigned slot)
{
	struct replay *rp;

	TAILQ_FOREACH(rp, &m->replays, link) {
		if (rp->engine == e && rp->slot == slot)
			return rp;
	}
	return NULL;
}

/* Whether the engine will hear of the group by a replay that is still on its way. */
static bool is_awaited(const struct members *m, const struct engine *e, unsigned slot,
		       struct ip group)
{
	const struct replay *rp = replay_find(m, e, slot);

	return rp && ip_cmp(rp->after, group) < 0;
}

/* What nobody wants any more is in no replay, and may be known from an earlier one. */
void member_tell(struct router *r, struct engine *teller, unsigned slot, const struct membership *m)
{
	bool none = m->mode == FILTER_INCLUDE && !m->nsources;

	engines_foreach(r, l, e, teller->af) {
		if (l->module->member && ifset_has(r->members.follow[e->id], slot) &&
		    (none || !is_awaited(&r->members, e, slot, m->group)))
			l->module->member(e, slot, m);
	}
	r->awake = true;
}

void member_tell_querier(struct router *r, struct engine *teller, unsigned slot)
{
	bool on = teller->module->is_querier(teller, slot);

	engines_foreach(r, l, e, teller->af) {
		if (l->module->querier && ifset_has(r->members.follow[e->id], slot))
			l->module->querier(e, slot, on);
	}
	r->awake = true;
}

void member_follow(struct router *r, struct engine *e, unsigned slot, bool on)
{
	struct members *m = &r->members;
	struct ifset *follow = &m->follow[e->id];
	struct replay *rp;

	if (ifset_has(*follow, slot) == on)
		return;
	*follow = on ? ifset_with(*follow, slot) : ifset_without(*follow, slot);
	m->changed = true;
	r->awake = true;
	rp = replay_find(m, e, slot);
	if (rp)
		replay_end(m, rp);
	if (!on)
		return;
	rp = xcalloc(1, sizeof(*rp));
	rp->engine = e;
	rp->slot = slot;
	TAILQ_INSERT_TAIL(&m->replays, rp, link);
}

void member_forget(struct router *r, struct engine *e)
{
	ifset_foreach(slot, r->members.follow[e->id])
		member_follow(r, e, slot, false);
}

static void tell_followed(struct router *r, enum af af)
{
	struct engine *teller = database(r, af);
	struct ifset *told = &r->members.followed[af], now = ifset_none();

	if (!teller)
		return;
	engines_foreach(r, l, e, af)
		now = ifset_or(now, r->members.follow[e->id]);
	ifset_foreach(slot, ifset_xor(now, *told))
		teller->module->followed(teller, slot, ifset_has(now, slot));
	*told = now;
}

/* Tells of one more group; false if there is none. */
static bool replay_next(struct router *r, struct replay *rp)
{
	struct engine *e = rp->engine, *teller = database(r, e->af);
	struct membership m;
	struct ip group;

	if (!teller || !teller->module->next_group(teller, rp->slot, rp->after, &group))
		return false;
	rp->after = group;
	member_get(r, e->af, rp->slot, group, &m);
	e->module->member(e, rp->slot, &m);
	r->awake = true;
	return true;
}

bool member_work(struct router *r, unsigned budget)
{
	struct members *m = &r->members;
	struct replay *rp;

	if (m->changed) {
		m->changed = false;
		for (enum af af = V4; af <= V6; af++)
			tell_followed(r, af);
		r->awake = true;
	}
	while (budget && (rp = TAILQ_FIRST(&m->replays))) {
		if (replay_next(r, rp))
			budget--;
		else
			replay_end(m, rp);
	}
	return !TAILQ_EMPTY(&m->replays);
}
