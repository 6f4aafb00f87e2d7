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
	return a->engine < b->engine;
}

static void insert_want(struct entry *e, struct want *w)
{
	struct want **at = &e->wants;

	while (*at && goes_before(*at, w))
		at = &(*at)->next;
	w->next = *at;
	*at = w;
}

/* Where the engine's wish is, or the end of the list. */
static struct want **find_want(struct entry *e, unsigned engine)
{
	struct want **at = &e->wants;

	while (*at && (*at)->engine != engine)
		at = &(*at)->next;
	return at;
}

static void changed(struct mfc *m, struct entry *e)
{
	entry_mark(m, e);
	if (entry_is_wildcard(e))
		wildcard_changed(m, e);
}

static void set_want(struct mfc *m, struct entry *e, unsigned engine, const struct route *route)
{
	struct want **at = find_want(e, engine), *w = *at;
	struct ifset before = w ? slots(w) : ifset_none();
	bool passes = route->passing && !(w && w->passing && w->iif == route->iif);

	if (w) {
		*at = w->next;
	} else {
		w = xcalloc(1, sizeof(*w));
		w->engine = engine;
	}
	w->oifs = route->oifs;
	w->iif = route->iif;
	w->kind = route->kind;
	w->rank = route->rank;
	w->passing = route->passing;
	need(m, before, slots(w));
	insert_want(e, w);
	if (passes)
		source_passes(m, e);
	changed(m, e);
}

/* Takes the wish there out of the list. */
static void drop_at(struct mfc *m, struct entry *e, struct want **at)
{
	struct want *w = *at;

	*at = w->next;
	need(m, slots(w), ifset_none());
	free(w);
	changed(m, e);
}

static void drop_want(struct mfc *m, struct entry *e, unsigned engine)
{
	struct want **at = find_want(e, engine);

	if (*at)
		drop_at(m, e, at);
}

const char *want_owner(const struct mfc *m, const struct want *w)
{
	return w->engine == INHERITED ? NULL : engine_name(m->router, w->engine);
}

bool want_passes(const struct entry *e, unsigned iif)
{
	for (const struct want *w = e->wants; w; w = w->next) {
		if (w->passing && (iif == NOSLOT || w->iif == iif))
			return true;
	}
	return false;
}

void want_expire(struct mfc *m, struct entry *e)
{
	struct want **at = &e->wants;

	while (*at) {
		if (!(*at)->passing) {
			at = &(*at)->next;
			continue;
		}
		event_send(m->router, "expired", "route", sg_str(&e->sg), "iif",
			   m->router->ifaces.slot[(*at)->iif].name, NULL);
		drop_at(m, e, at);
	}
}

/* Whether what an engine wants now is all that will be wanted of what was inherited. */
static bool is_all_known(const struct mfc *m)
{
	return m->nrouting == 1 && !m->learns;
}

/* What the engine had and no longer has in its wish is not to stay because it was inherited. */
static void give_up(struct mfc *m, struct entry *e, unsigned engine, struct ifset kept)
{
	const struct want *given = *find_want(e, engine);
	struct want *heritage = *find_want(e, INHERITED);
	struct ifset before;

	if (!given || !heritage)
		return;
	before = slots(heritage);
	heritage->oifs = ifset_minus(heritage->oifs, ifset_minus(given->oifs, kept));
	need(m, before, slots(heritage));
}

void mfc_route(struct mfc *m, struct engine *e, const struct route *route)
{
	struct entry *entry = entry_get(m, route->sg, route->iif);

	give_up(m, entry, e->id, route->oifs);
	set_want(m, entry, e->id, route);
	if (is_all_known(m))
		drop_want(m, entry, INHERITED); /* nobody else could want it */
}

bool mfc_routed(const struct mfc *m, const struct engine *e, struct sg sg, struct route *route)
{
	struct entry *entry = entry_find(m, sg, NOSLOT);
	const struct want *w = entry ? *find_want(entry, e->id) : NULL;

	if (w)
		*route = (struct route){
			.sg = sg,
			.oifs = w->oifs,
			.iif = w->iif,
			.kind = w->kind,
			.rank = w->rank,
			.passing = w->passing,
		};
	return w;
}

void mfc_unroute(struct mfc *m, struct engine *e, struct sg sg, unsigned iif)
{
	struct entry *entry = entry_find(m, sg, iif);

	if (!entry)
		return;
	give_up(m, entry, e->id, ifset_none());
	drop_want(m, entry, e->id);
}

void want_tell_shadows(struct mfc *m, struct entry *e)
{
	struct ifaces *ifs = &m->router->ifaces;
	const char *owner;

	for (struct want *w = e->wants; w; w = w->next) {
		bool shadowed = w->iif != e->wants->iif;

		if (w->shadowed == shadowed)
			continue;
		w->shadowed = shadowed;
		owner = want_owner(m, w);
		if (shadowed)
			log_notice(m->log, "%s: from %s wanted by %s too, but it comes from %s",
				   sg_str(&e->sg), ifs->slot[w->iif].name,
				   owner ? owner : "the former process",
				   ifs->slot[e->wants->iif].name);
		event_send(m->router, shadowed ? "shadowed" : "unshadowed", "route", sg_str(&e->sg),
			   "iif", ifs->slot[w->iif].name, NULL);
	}
}

void want_drop_gone(struct mfc *m, struct entry *e)
{
	struct want **at = &e->wants;

	while (m->gone && *at) {
		if ((*at)->engine == INHERITED || !(m->gone >> (*at)->engine & 1)) {
			at = &(*at)->next;
			continue;
		}
		give_up(m, e, (*at)->engine, ifset_none());
		drop_at(m, e, at);
	}
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
	e->has_told = !entry_is_wildcard(e); /* for all that is known */
	e->told = m->router->host.clock->now;
	hook_inherit(m, e);
	if (route.iif != NOSLOT)
		set_want(m, e, INHERITED, &route);
	else
		entry_mark(m, e);
	mfc_expect_heirs(m);
}

static void start_grace(struct mfc *m)
{
	int64_t grace = is_all_known(m) ? INHERIT_GRACE_ALONE : INHERIT_GRACE;

	timer_start(m->router->host.clock, &m->grace, grace);
}

void mfc_expect_heirs(struct mfc *m)
{
	if (!timer_is_running(&m->grace))
		start_grace(m);
}

void want_review(struct mfc *m)
{
	if (timer_is_running(&m->grace))
		start_grace(m);
}

static void end_of_grace(struct timer *t)
{
	struct mfc *m = container_of(t, struct mfc, grace);

	m->dropping = true;
	m->router->host.resumes = false;
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
		drop_want(m, e, INHERITED);
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
