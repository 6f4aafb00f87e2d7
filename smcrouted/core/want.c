/* want.c - wishes of engines for one (S,G): who owns it, what a restart inherited
 *
 * A wish names slots, whose vifs are needed while it lasts. The first in the list is the owner's.
 */
#include <stdlib.h>

#include "core/core.h"

/* Each wish names slots: their vifs are needed while it lasts. */
static struct ifset slots(const struct want *w)
{
	return ifset_with(w->oifs, w->iif);
}

static void need(struct mfc *m, struct ifset before, struct ifset after)
{
	ifset_foreach(slot, ifset_minus(after, before))
		iface_need(m->router, m->af, slot, 1);
	ifset_foreach(slot, ifset_minus(before, after))
		iface_need(m->router, m->af, slot, -1);
}

static bool goes_before(const struct want *a, const struct want *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return a->engine && b->engine && a->engine->id < b->engine->id;
}

static void insert_want(struct entry *e, struct want *w)
{
	struct want **at = &e->wants;

	while (*at && goes_before(*at, w))
		at = &(*at)->next;
	w->next = *at;
	*at = w;
}

/* Takes the engine's wish out of the list, NULL if it has none. */
static struct want *take_want(struct entry *e, struct engine *engine)
{
	for (struct want **at = &e->wants; *at; at = &(*at)->next) {
		struct want *w = *at;

		if (w->engine == engine) {
			*at = w->next;
			return w;
		}
	}
	return NULL;
}

static void changed(struct mfc *m, struct entry *e)
{
	entry_mark(m, e);
	if (entry_is_wildcard(e))
		wildcard_changed(m, e);
}

static void set_want(struct mfc *m, struct entry *e, struct engine *engine,
		     const struct route *route)
{
	struct want *w = take_want(e, engine);
	struct ifset before = w ? slots(w) : ifset_none();

	if (!w) {
		w = xcalloc(1, sizeof(*w));
		w->engine = engine;
	}
	w->oifs = route->oifs;
	w->iif = route->iif;
	w->kind = route->kind;
	w->rank = route->rank;
	need(m, before, slots(w));
	insert_want(e, w);
	changed(m, e);
}

static void drop_want(struct mfc *m, struct entry *e, struct engine *engine)
{
	struct want *w = take_want(e, engine);

	if (!w)
		return;
	need(m, slots(w), ifset_none());
	free(w);
	changed(m, e);
}

void mfc_route(struct mfc *m, struct engine *e, const struct route *route)
{
	struct entry *entry = entry_get(m, route->sg, route->iif);

	set_want(m, entry, e, route);
	if (m->router->nrouting == 1)
		drop_want(m, entry, NULL); /* nobody else could want what was inherited */
}

void mfc_unroute(struct mfc *m, struct engine *e, struct sg sg, unsigned iif)
{
	struct entry *entry = entry_find(m, sg, iif);

	if (entry)
		drop_want(m, entry, e);
}

void want_tell_shadows(struct mfc *m, struct entry *e)
{
	struct ifaces *ifs = &m->router->ifaces;

	for (struct want *w = e->wants; w; w = w->next) {
		bool shadowed = w->iif != e->wants->iif;

		if (w->shadowed == shadowed)
			continue;
		w->shadowed = shadowed;
		if (shadowed)
			log_notice(m->log, "%s: from %s wanted by %s too, but it comes from %s",
				   sg_str(&e->sg), ifs->slot[w->iif].name,
				   w->engine ? w->engine->module->name : "the former process",
				   ifs->slot[e->wants->iif].name);
		event_send(m->router, shadowed ? "shadowed" : "unshadowed", "route", sg_str(&e->sg),
			   "iif", ifs->slot[w->iif].name, NULL);
	}
}

void mfc_forget(struct mfc *m, struct engine *e)
{
	for (struct entry *entry = mfc_next(m, NULL); entry; entry = mfc_next(m, entry))
		drop_want(m, entry, e);
	source_forget(m, e);
}

void mfc_inherit(struct mfc *m, const struct mfc_entry *k)
{
	const struct ifaces *ifs = &m->router->ifaces;
	struct route route = { .sg = k->sg, .kind = ROUTE_WANT, .rank = RANK_INHERITED };
	struct entry *e;

	route.iif = k->parent < MAXVIFS ? ifs->slot_of_vif[m->af][k->parent] : NOSLOT;
	e = entry_get(m, k->sg, route.iif);
	e->parent = k->parent;
	m->nwildcards += entry_is_wildcard(e);
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		unsigned slot = ifs->slot_of_vif[m->af][vif];

		if (!k->ttl[vif])
			continue;
		e->vifs |= UINT32_C(1) << vif;
		if (slot != NOSLOT)
			route.oifs = ifset_with(route.oifs, slot);
	}
	e->arrival = route.iif;
	hook_inherit(m, e);
	if (route.iif != NOSLOT)
		set_want(m, e, NULL, &route);
	else
		entry_mark(m, e);
	mfc_expect_heirs(m);
}

void mfc_expect_heirs(struct mfc *m)
{
	int64_t grace = m->router->nrouting == 1 ? INHERIT_GRACE_ALONE : INHERIT_GRACE;

	if (!timer_is_running(&m->grace))
		timer_start(m->router->host.clock, &m->grace, grace);
}

static void end_of_grace(struct timer *t)
{
	struct mfc *m = container_of(t, struct mfc, grace);

	m->dropping = true;
	m->grace_after = (struct entry_key){ 0 };
	iface_release_inherited(m->router, m->af);
}

bool want_drop_inherited(struct mfc *m, unsigned budget)
{
	struct entry *e;

	while (m->dropping && budget--) {
		e = mfc_after(m, m->grace_after);
		if (!e) {
			m->dropping = false;
			break;
		}
		m->grace_after = entry_key(e);
		drop_want(m, e, NULL);
	}
	return m->dropping;
}

void want_init(struct mfc *m)
{
	timer_init(&m->grace, end_of_grace);
}

void want_free(struct entry *e)
{
	struct want *w;

	while ((w = e->wants)) {
		e->wants = w->next;
		free(w);
	}
}
