/* member.c - what listeners on our links want, for all engines who follow */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

static int member_cmp(struct member *a, struct member *b)
{
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return ip_cmp(a->group, b->group);
}

TREE_GENERATE(member_tree, member, order, member_cmp)

void member_init(struct members *m, unsigned nengines)
{
	*m = (struct members){ .follow = xcalloc(nengines, sizeof(struct ifset)) };
	for (enum af af = V4; af <= V6; af++)
		TREE_INIT(member_tree, &m->tree[af]);
	TAILQ_INIT(&m->replays);
}

static void forget(struct member_tree *tree, struct member *mb)
{
	TREE_REMOVE(member_tree, tree, mb);
	free(mb->source);
	free(mb);
}

static void replay_end(struct members *m, struct replay *rp)
{
	TAILQ_REMOVE(&m->replays, rp, link);
	free(rp);
}

void member_free(struct members *m)
{
	struct replay *rp;
	struct member *mb;

	while ((rp = TAILQ_FIRST(&m->replays)))
		replay_end(m, rp);
	for (enum af af = V4; af <= V6; af++) {
		while ((mb = TREE_ANY(member_tree, &m->tree[af])))
			forget(&m->tree[af], mb);
	}
	free(m->follow);
}

/* Keeps the state; a group without listeners is not kept. */
static void keep(struct member_tree *tree, unsigned slot, const struct membership *m, bool querier)
{
	struct member key = { .group = m->group, .slot = slot };
	struct member *mb = TREE_FIND(member_tree, tree, &key);

	if (m->mode == FILTER_INCLUDE && !m->nsources) {
		if (mb)
			forget(tree, mb);
		return;
	}
	if (!mb) {
		mb = xcalloc(1, sizeof(*mb));
		mb->group = m->group;
		mb->slot = slot;
		TREE_INSERT(member_tree, tree, mb);
	}
	mb->mode = m->mode;
	mb->querier = querier;
	mb->nsources = m->nsources;
	mb->source = xrealloc(mb->source, (m->nsources + 1) * sizeof(*m->source));
	if (m->nsources)
		memcpy(mb->source, m->source, m->nsources * sizeof(*m->source));
}

/* Whether the engine will hear of the group by a replay that is still on its way. */
static bool is_awaited(const struct members *m, const struct engine *e, unsigned slot,
		       struct ip group)
{
	const struct replay *rp;

	TAILQ_FOREACH(rp, &m->replays, link) {
		if (rp->engine == e && rp->slot == slot)
			return ip_cmp(rp->after, group) < 0;
	}
	return false;
}

void member_set(struct router *r, struct engine *teller, unsigned slot, const struct membership *m,
		bool querier)
{
	keep(&r->members.tree[teller->af], slot, m, querier);
	engines_foreach(r, l, e, teller->af) {
		if (e != teller && l->module->member && ifset_has(r->members.follow[e->id], slot) &&
		    !is_awaited(&r->members, e, slot, m->group))
			l->module->member(e, slot, m, querier);
	}
	r->awake = true;
}

void member_follow(struct router *r, struct engine *e, unsigned slot, bool on)
{
	struct ifset *follow = &r->members.follow[e->id];
	struct replay *rp, *next;

	if (ifset_has(*follow, slot) == on)
		return;
	*follow = on ? ifset_with(*follow, slot) : ifset_without(*follow, slot);
	if (on) {
		rp = xcalloc(1, sizeof(*rp));
		rp->engine = e;
		rp->slot = slot;
		TAILQ_INSERT_TAIL(&r->members.replays, rp, link);
		return;
	}
	for (rp = TAILQ_FIRST(&r->members.replays); rp; rp = next) {
		next = TAILQ_NEXT(rp, link);
		if (rp->engine == e && rp->slot == slot)
			replay_end(&r->members, rp);
	}
}

/* The state of the next group on the slot, NULL behind the last. */
static struct member *next_known(struct router *r, const struct replay *rp)
{
	struct member_tree *tree = &r->members.tree[rp->engine->af];
	struct member key = { .group = rp->after, .slot = rp->slot };
	struct member *mb = TREE_NFIND(member_tree, tree, &key);

	if (mb && !member_cmp(mb, &key))
		mb = TREE_NEXT(member_tree, mb);
	return mb && mb->slot == rp->slot ? mb : NULL;
}

bool member_work(struct router *r, unsigned budget)
{
	struct replay *rp;

	while (budget && (rp = TAILQ_FIRST(&r->members.replays))) {
		struct member *mb = next_known(r, rp);

		if (!mb) {
			replay_end(&r->members, rp);
			continue;
		}
		rp->after = mb->group;
		rp->engine->module->member(rp->engine, mb->slot,
					   &(struct membership){ mb->group, mb->mode, mb->source,
								 mb->nsources },
					   mb->querier);
		r->awake = true;
		budget--;
	}
	return !TAILQ_EMPTY(&r->members.replays);
}
