/* source.c - sources: what the kernel saw, who hears of it, and those that nobody wants
 *
 * Engines hear of a source by an upcall when it starts. They hear of it too when it is known
 * already and they ask (recall), or when it starts behind a route of another engine, of which the
 * kernel says nothing: such routes are looked at from time to time.
 */
#include <stdlib.h>

#include "core/core.h"

bool sg_is_unroutable(struct sg sg)
{
	return ip_is_link_local(sg.src) || ip_is_local_group(sg.grp);
}

bool entry_is_negative(const struct entry *e)
{
	return e->extra && e->extra->negative;
}

bool entry_is_routed(const struct mfc *m, const struct entry *e)
{
	return e->wants && !sg_is_unroutable(e->sg) && mfc_vif(m, e->wants->iif) != NOVIF;
}

static struct age_queue *queue_of(struct mfc *m, const struct extra *x)
{
	return x->watched ? &m->watched : &m->idle;
}

static void look_end(struct mfc *m, struct entry *e)
{
	struct extra *x = e->extra;

	if (!x)
		return;
	age_remove(queue_of(m, x), &x->look);
	x->watched = x->running = false;
}

static void negative_end(struct mfc *m, struct entry *e)
{
	if (!entry_is_negative(e))
		return;
	e->extra->negative = false;
	m->nnegative--;
}

/*
 * Whether an engine that listens on the interface has no wish of its own: the kernel forwards
 * without a word, so that the engine hears of the source only if we look.
 */
static bool has_bystander(const struct mfc *m, const struct entry *entry)
{
	engines_foreach(m->router, l, e, m->af) {
		const struct want *w = entry->wants;

		if (!l->routes[m->af] ||
		    !ifset_has(m->router->listens.wish[LISTEN_DATA][e->id], entry->wants->iif))
			continue;
		while (w && w->engine != e->id)
			w = w->next;
		if (!w)
			return true;
	}
	return false;
}

/* Whether it has wishes that go with their packets. */
static bool passes(const struct mfc *m, const struct entry *e)
{
	return m->router->host.cache_idle && want_passes(e, NOSLOT);
}

/* One queue has it, if any. */
static void look_settle(struct mfc *m, struct entry *e, bool watched)
{
	struct extra *x;

	if (!watched && !entry_is_negative(e) && !passes(m, e)) {
		look_end(m, e);
		return;
	}
	x = entry_extra(e);
	if (x->look.due && x->watched == watched)
		return;
	look_end(m, e);
	x->watched = watched;
	age_add(queue_of(m, x), &x->look);
}

/* The slot may soon be another interface's. */
static void forget_arrival(struct mfc *m, struct entry *e)
{
	negative_end(m, e);
	e->arrival = NOSLOT;
}

void source_settle(struct mfc *m, struct entry *e)
{
	bool routed = entry_is_routed(m, e);

	if (entry_is_wildcard(e))
		return;
	if (mfc_vif(m, e->arrival) == NOVIF)
		forget_arrival(m, e);
	if (entry_is_negative(e) && !e->wants && wildcard_takes(m, e))
		negative_end(m, e);
	if (routed)
		negative_end(m, e);
	look_settle(m, e, routed && has_bystander(m, e));
}

void source_passes(struct mfc *m, struct entry *e)
{
	struct counters c;
	struct extra *x;

	if (!passes(m, e) || entry_is_wildcard(e))
		return;
	x = entry_extra(e);
	x->counted = m->router->host.clock->now;
	x->packets = entry_counters(m, e, &c) ? c.packets : 0;
	if (x->look.due && !x->watched)
		age_add(&m->idle, &x->look);
}

void source_end(struct mfc *m, struct entry *e)
{
	negative_end(m, e);
	look_end(m, e);
}

/* Tells one engine, or all of the family. */
static void tell(struct mfc *m, struct engine *only, const struct upcall *upcall)
{
	engines_foreach(m->router, l, e, m->af) {
		if (l->module->upcall && (!only || only == e))
			l->module->upcall(e, upcall);
	}
	m->router->awake = true;
}

/*
 * Where a source is known to arrive: where the kernel counts it, be that what is wanted or not;
 * NOSLOT if it may have fallen silent before it was seen.
 */
static unsigned arrival_of(struct mfc *m, struct entry *e)
{
	struct counters c;
	unsigned slot;

	if (e->parent == NOVIF || entry_is_wildcard(e) || sg_is_unroutable(e->sg))
		return NOSLOT;
	slot = iface_of_vif(m->router, m->af, e->parent);
	if (slot == e->arrival || !entry_counters(m, e, &c) || !c.packets)
		return e->arrival;
	return slot;
}

static bool has_begun(const struct recall *rc)
{
	return !ip_eq(rc->after.sg.grp, (struct ip){ { 0 } });
}

static struct entry *recall_next(struct mfc *m, const struct recall *rc)
{
	struct sg first = { .src = { { 0 } }, .grp = ip_mask(rc->groups.ip, rc->groups.len) };
	struct entry *e = has_begun(rc) ? mfc_after(m, rc->after) : mfc_from(m, first);

	return e && prefix_has(&rc->groups, e->sg.grp) ? e : NULL;
}

/* Nothing is known to flow, so the engine cannot say what it wants: the next packet asks it. */
static void forget_passing(struct mfc *m, struct engine *e, struct sg sg)
{
	struct route route;

	if (e && mfc_routed(m, e, sg, &route) && route.passing)
		mfc_unroute(m, e, sg, route.iif);
}

bool source_work(struct mfc *m, unsigned budget)
{
	struct recall *rc = TAILQ_FIRST(&m->recalls);

	for (; rc && budget; budget--) {
		struct entry *e = recall_next(m, rc);
		unsigned arrival;

		if (!e) {
			TAILQ_REMOVE(&m->recalls, rc, link);
			free(rc);
			rc = TAILQ_FIRST(&m->recalls);
			continue;
		}
		rc->after = entry_key(e);
		arrival = arrival_of(m, e);
		if (arrival != NOSLOT)
			tell(m, rc->engine, &(struct upcall){ UPCALL_RECALL, e->sg, arrival });
		else
			forget_passing(m, rc->engine, e->sg);
	}
	return rc;
}

void mfc_recall(struct mfc *m, struct engine *e, struct prefix groups)
{
	struct recall *rc;

	if (!mfc_next(m, NULL))
		return;
	rc = TAILQ_LAST(&m->recalls, recalls);
	if (rc && rc->engine == e && !has_begun(rc) && rc->groups.len == groups.len &&
	    ip_eq(rc->groups.ip, groups.ip))
		return;
	rc = xcalloc(1, sizeof(*rc));
	rc->engine = e;
	rc->groups = groups;
	TAILQ_INSERT_TAIL(&m->recalls, rc, link);
}

/*
 * Whether the kernel still has what was written. An upcall for such an entry was either on its
 * way when the entry was written, or somebody else flushed the kernel's table.
 */
static bool is_in_kernel(struct mfc *m, struct entry *e)
{
	struct counters c;

	return entry_counters(m, e, &c);
}

struct entry *mfc_upcall(struct mfc *m, enum upcall_kind kind, struct sg sg, unsigned slot)
{
	struct entry *e = entry_get(m, sg, NOSLOT);

	e->arrival = slot;
	if (passes(m, e) && want_passes(e, slot))
		e->extra->counted = m->router->host.clock->now;
	if (kind == UPCALL_NOROUTE && e->parent != NOVIF && !is_in_kernel(m, e))
		entry_lost(m, e);
	if (kind == UPCALL_WRONGIF && e->parent != NOVIF) {
		e->has_told = true;
		e->told = m->router->host.clock->now;
	}
	entry_mark(m, e);
	if (sg_is_unroutable(sg))
		m->counts.local++;
	else
		tell(m, NULL, &(struct upcall){ .kind = kind, .sg = sg, .arrival = slot });
	return e;
}

/* The source is kept quiet from now on, if there is room for one more. */
static void negative_begin(struct mfc *m, struct entry *e)
{
	struct extra *x;

	if (m->nnegative >= m->negative_limit) {
		if (!m->counts.negative_limit++)
			log_warning(m->log, "%s: %u unwanted sources are the limit", af_name(m->af),
				    m->negative_limit);
		return;
	}
	x = entry_extra(e);
	x->negative = true;
	x->packets = 0;
	m->nnegative++;
}

/* A wildcard should have taken the packet: it came before that was written, or that was flushed. */
static void answer_covered(struct mfc *m, struct entry *e)
{
	struct entry *wildcard = wildcard_covers(m, e);

	if (wildcard && is_in_kernel(m, wildcard))
		entry_release(m, e);
	else if (wildcard)
		entry_lost(m, wildcard);
}

void mfc_answer(struct mfc *m, struct entry *e, enum upcall_kind kind)
{
	/* a wrong interface without an entry of its own: a wildcard's, which must go on */
	bool is_wildcards = kind == UPCALL_WRONGIF && e->parent == NOVIF;

	if (!entry_is_routed(m, e) && !entry_is_negative(e) && !is_wildcards)
		negative_begin(m, e);
	if (kind == UPCALL_NOROUTE)
		answer_covered(m, e);
	entry_mark(m, e);
	mfc_work(m, 0);
}

void mfc_clear(struct mfc *m, const struct prefix *sources, const struct prefix *groups)
{
	struct sg first = { .src = { { 0 } }, .grp = ip_mask(groups->ip, groups->len) };

	for (struct entry *e = mfc_from(m, first); e && prefix_has(groups, e->sg.grp);
	     e = mfc_next(m, e)) {
		if (!prefix_has(sources, e->sg.src))
			continue;
		want_expire(m, e);
		if (!entry_is_negative(e))
			continue;
		negative_end(m, e);
		entry_mark(m, e);
	}
}

/* Whether packets came since the last look; they keep the passing wishes of their interface. */
static bool look(struct mfc *m, struct extra *x)
{
	struct entry *e = x->entry;
	struct counters c;

	if (!entry_counters(m, e, &c) || (uint32_t)c.packets == x->packets)
		return false;
	x->packets = c.packets;
	if (want_passes(e, iface_of_vif(m->router, m->af, e->parent)))
		x->counted = m->router->host.clock->now;
	return true;
}

/* Takes back what passes, if nothing came for its time. */
static void expire(struct mfc *m, struct extra *x)
{
	const struct host *host = &m->router->host;

	if (passes(m, x->entry) && host->clock->now - x->counted >= host->cache_idle)
		want_expire(m, x->entry);
}

/* A negative entry goes too if no packet came on its interface meanwhile. */
static void look_at_idle(struct age_queue *q, struct age *a)
{
	struct mfc *m = container_of(q, struct mfc, idle);
	struct extra *x = container_of(a, struct extra, look);
	struct entry *e = x->entry;
	bool news = look(m, x);

	expire(m, x);
	if (x->negative && !news) {
		negative_end(m, e);
		entry_mark(m, e);
	}
	if (x->negative || passes(m, e))
		age_add(q, a);
}

/* A source that runs again is told as if it had been asked for. */
static void look_at_watched(struct age_queue *q, struct age *a)
{
	struct mfc *m = container_of(q, struct mfc, watched);
	struct extra *x = container_of(a, struct extra, look);
	struct entry *e = x->entry;
	bool was = x->running;

	x->running = look(m, x);
	age_add(q, a);
	if (x->running && !was)
		tell(m, NULL, &(struct upcall){ UPCALL_RECALL, e->sg, e->wants->iif });
	expire(m, x);
}

void source_forget(struct mfc *m, const struct engine *e)
{
	struct recall *rc, *next;

	for (rc = TAILQ_FIRST(&m->recalls); rc; rc = next) {
		next = TAILQ_NEXT(rc, link);
		if (e && rc->engine != e)
			continue;
		TAILQ_REMOVE(&m->recalls, rc, link);
		free(rc);
	}
}

void source_init(struct mfc *m)
{
	struct router *r = m->router;

	TAILQ_INIT(&m->recalls);
	age_init(&m->idle, r->host.clock, r->host.cache_idle, look_at_idle);
	age_init(&m->watched, r->host.clock, WATCH_PERIOD, look_at_watched);
}

void source_free(struct mfc *m)
{
	source_forget(m, NULL);
	age_end(&m->idle);
	age_end(&m->watched);
}
