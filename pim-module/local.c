/* local.c - what local listeners want, as the engine of IGMP and MLD says (RFC 5186, RFC 4604) */
#include "pim.h"

static bool has_source(const struct membership *m, struct ip source)
{
	for (unsigned i = 0; i < m->nsources; i++) {
		if (ip_eq(m->source[i], source))
			return true;
	}
	return false;
}

/* Puts the slot into the sets, or takes it out. */
static void set(struct entry *e, unsigned slot, bool include, bool exclude)
{
	if (ifset_has(e->include, slot) == include && ifset_has(e->exclude, slot) == exclude)
		return;
	e->include = include ? ifset_with(e->include, slot) : ifset_without(e->include, slot);
	e->exclude = exclude ? ifset_with(e->exclude, slot) : ifset_without(e->exclude, slot);
	entry_mark(e);
}

/* NULL: for now there is no room. */
static struct entry *get(struct pim *pim, unsigned slot, struct sg sg)
{
	struct entry *e = entry_get(pim, sg);

	if (!e)
		pim->refused = ifset_with(pim->refused, slot);
	return e;
}

/*
 * EXCLUDE is a wish for (*,G) but for its sources, INCLUDE one for each (S,G). There is no (*,G)
 * of source-specific groups (RFC 4604 2.2.1).
 */
void local_member(struct pim *pim, unsigned slot, const struct membership *m)
{
	static const struct membership nobody;
	struct sg sg = { ip_any(pim->engine.af), m->group };
	bool is_exclude = m->mode == FILTER_EXCLUDE;
	struct ip group = m->group;
	struct entry *e;

	if (!msg_is_group(group))
		return;
	if (is_exclude && ssm_has(pim, group)) {
		pim->counters.ssm_refused++;
		is_exclude = false;
		m = &nobody;
	}
	e = is_exclude ? get(pim, slot, sg) : entry_find(pim, sg);
	if (e)
		set(e, slot, is_exclude, false);
	for (e = entry_first_source(pim, group); e; e = entry_next_source(e)) {
		bool is_named = has_source(m, e->sg.src);

		set(e, slot, is_named && !is_exclude, is_named && is_exclude);
	}
	for (unsigned i = 0; i < m->nsources; i++) {
		sg.src = m->source[i];
		e = msg_is_host(sg.src) ? get(pim, slot, sg) : NULL;
		if (e)
			set(e, slot, !is_exclude, is_exclude);
	}
}

void local_again(struct pim *pim)
{
	struct engine *e = &pim->engine;

	if (ifset_empty(pim->refused) || pim->nentries >= entries_share(pim))
		return;
	ifset_foreach(slot, ifset_and(pim->refused, pim->running)) {
		e->host->op->members(e, slot, false);
		e->host->op->members(e, slot, true);
	}
	pim->refused = ifset_none();
}
