/* join.c - memberships of this host that engines wish for
 *
 * A wish is kept as it was said; what the kernel was asked for follows from it and from the
 * device that its slot has at the moment.
 *
 * The kernel keeps a device's groups in a list with the latest in front, so what is left is left
 * in the order opposite to that of joining: the other way takes as long as all of them together.
 */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

static int wish_cmp(struct join_wish *a, struct join_wish *b)
{
	int c;

	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	c = ip_cmp(a->group, b->group);
	if (c)
		return c;
	return a->engine - b->engine;
}

TREE_GENERATE(join_tree, join_wish, order, wish_cmp)

/* Whether it is a wish to be no member any more. */
static bool is_none(const struct join_wish *w)
{
	return w->mode == FILTER_INCLUDE && !w->nsources;
}

static void unmark(struct joins_wanted *j, struct join_wish *w)
{
	if (w->mark == JOIN_MARKED)
		TAILQ_REMOVE(&j->marks, w, link);
	else if (w->mark == LEAVE_MARKED)
		TAILQ_REMOVE(&j->leaving, w, link);
	w->mark = NOT_MARKED;
}

static void mark(struct joins_wanted *j, struct join_wish *w)
{
	unmark(j, w);
	if (is_none(w)) {
		TAILQ_INSERT_HEAD(&j->leaving, w, link);
		w->mark = LEAVE_MARKED;
	} else {
		TAILQ_INSERT_TAIL(&j->marks, w, link);
		w->mark = JOIN_MARKED;
	}
}

static void wish_free(struct joins_wanted *j, struct join_wish *w)
{
	unmark(j, w);
	TREE_REMOVE(join_tree, &j->tree, w);
	free(w->source);
	free(w);
}

/* What the kernel refused is tried again. */
static void try_again(struct timer *t)
{
	struct joins_wanted *j = container_of(t, struct joins_wanted, retry);
	struct join_wish *w;

	TREE_FOREACH(w, join_tree, &j->tree) {
		if (w->reason && w->ifindex)
			mark(j, w);
	}
}

void join_init(struct joins_wanted *j)
{
	TREE_INIT(join_tree, &j->tree);
	TAILQ_INIT(&j->marks);
	TAILQ_INIT(&j->leaving);
	timer_init(&j->retry, try_again);
}

void join_free(struct router *r)
{
	struct join_wish *w;

	while ((w = TREE_MIN(join_tree, &r->joins.tree)))
		wish_free(&r->joins, w);
	timer_stop(r->host.clock, &r->joins.retry);
}

static struct join_wish *find(struct router *r, struct engine *e, unsigned slot, struct ip group)
{
	struct join_wish key = { .engine = e->id, .group = group, .slot = slot };

	return TREE_FIND(join_tree, &r->joins.tree, &key);
}

static struct join_wish *get(struct router *r, struct engine *e, unsigned slot, struct ip group)
{
	struct join_wish *w = xcalloc(1, sizeof(*w)), *same;

	w->engine = e->id;
	w->group = group;
	w->slot = slot;
	w->reason = "not joined yet";
	same = TREE_INSERT(join_tree, &r->joins.tree, w);
	if (!same)
		return w;
	free(w);
	return same;
}

void join_set(struct router *r, struct engine *e, unsigned slot, const struct membership *m)
{
	bool none = m->mode == FILTER_INCLUDE && !m->nsources;
	struct join_wish *w = (none ? find : get)(r, e, slot, m->group);

	if (!w)
		return;
	w->mode = m->mode;
	w->nsources = m->nsources;
	free(w->source);
	w->source = m->nsources ? xcalloc(m->nsources, sizeof(*m->source)) : NULL;
	if (m->nsources)
		memcpy(w->source, m->source, m->nsources * sizeof(*m->source));
	mark(&r->joins, w);
}

const char *join_state(struct router *r, struct engine *e, unsigned slot, struct ip group)
{
	struct join_wish *w = find(r, e, slot, group);

	return w ? w->reason : "no such membership";
}

void join_forget(struct router *r, const struct engine *e)
{
	struct join_wish *w;

	TREE_FOREACH(w, join_tree, &r->joins.tree) {
		if (w->engine != e->id)
			continue;
		w->mode = FILTER_INCLUDE;
		w->nsources = 0;
		mark(&r->joins, w);
	}
}

void join_slot_changed(struct router *r, unsigned slot)
{
	struct join_wish *w;

	TREE_FOREACH(w, join_tree, &r->joins.tree) {
		if (w->slot == slot)
			mark(&r->joins, w);
	}
}

static const char *ask(struct router *r, struct join_wish *w, unsigned ifindex)
{
	struct membership m = {
		.group = w->group, .mode = w->mode, .source = w->source, .nsources = w->nsources
	};

	return r->kern->op->join(r->kern, w->engine, ifindex, &m);
}

/* Whether the wish for another name, which the device has now, is in the place of this one. */
static bool is_taken(struct router *r, const struct join_wish *w, const struct device *d)
{
	struct join_wish key = { .engine = w->engine, .group = w->group, .slot = d->slot };
	const struct join_wish *other = TREE_FIND(join_tree, &r->joins.tree, &key);

	return other && other != w && other->ifindex == d->ifindex;
}

/* The device has another name now; one that is gone took its memberships along. */
static void leave_former(struct router *r, struct join_wish *w)
{
	struct membership none = { .group = w->group, .mode = FILTER_INCLUDE };
	const struct device *d = iface_device(r, w->ifindex);

	if (d && !is_taken(r, w, d))
		r->kern->op->join(r->kern, w->engine, w->ifindex, &none);
	w->ifindex = 0;
}

/* What became of the wish, if that is news. */
static void tell(struct router *r, const struct join_wish *w, bool none, const char *before)
{
	const char *state = "failed";

	if (none)
		state = "left";
	else if (!w->reason)
		state = "joined";
	else if (!w->ifindex)
		state = "pending";
	if (none || w->reason != before)
		event_send(r, "group", "group", ip_str(w->group), "iif",
			   r->ifaces.slot[w->slot].name, "state", state, "reason", w->reason, NULL);
}

/* The kernel is told about one wish; it is forgotten when it was for nothing. */
static void settle(struct router *r, struct join_wish *w)
{
	const struct slot *s = &r->ifaces.slot[w->slot];
	bool none = is_none(w);
	const char *before = w->reason;

	unmark(&r->joins, w);
	if (w->ifindex && (!s->device || s->device->ifindex != w->ifindex))
		leave_former(r, w);
	if (!s->device) {
		w->reason = "no such interface";
	} else if (!none || w->ifindex == s->device->ifindex) {
		w->ifindex = s->device->ifindex;
		w->reason = ask(r, w, w->ifindex);
		if (w->reason && !none && !timer_is_running(&r->joins.retry))
			timer_start(r->host.clock, &r->joins.retry, RETRY_PERIOD);
		if (w->reason && w->reason != before) {
			log_warning(r->log, "%s: cannot join %s: %s", s->name, ip_str(w->group),
				    w->reason);
			router_refused(r, "%s: cannot join %s: %s", s->name, ip_str(w->group),
				       w->reason);
		}
	}
	tell(r, w, none, before);
	if (none)
		wish_free(&r->joins, w);
}

bool join_work(struct router *r, unsigned budget, bool leave)
{
	struct joins_wanted *j = &r->joins;
	struct join_wish *w;

	for (; budget && (w = TAILQ_FIRST(&j->marks)); budget--)
		settle(r, w);
	for (; leave && budget && (w = TAILQ_FIRST(&j->leaving)); budget--)
		settle(r, w);
	return !TAILQ_EMPTY(&j->marks) || !TAILQ_EMPTY(&j->leaving);
}

void join_flush(struct router *r)
{
	struct join_wish *w;

	TREE_FOREACH_REVERSE(w, join_tree, &r->joins.tree) {
		w->mode = FILTER_INCLUDE;
		w->nsources = 0;
		if (w->ifindex)
			ask(r, w, w->ifindex);
	}
}
