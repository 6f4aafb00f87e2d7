/* wildcard.c - the kernel's own (*,G) entries: where they are right
 *
 * A wildcard forwards every source of its group without a word, from its incoming interface to
 * the others, and swallows what comes in on those. So it is right only where no other engine
 * listens on any of its interfaces, and where none of a group's wildcards sends to an interface
 * that another one of them takes in from: the kernel would drop that direction. Elsewhere it is
 * left out, and the group's streams come as upcalls.
 */
#include "core/core.h"

/* The interfaces on which the kernel has no upcalls for the group any more. */
static struct ifset interfaces(const struct entry *e)
{
	struct ifset set = ifset_of(e->wild);

	for (const struct want *w = e->wants; w; w = w->next)
		set = ifset_or(set, w->oifs);
	return set;
}

/* The group's wildcards, one after another; the first if @e is NULL. */
static struct entry *next_of_group(struct mfc *m, struct ip group, const struct entry *e)
{
	struct sg any = { ip_any(m->af), group };
	struct entry *next = e ? mfc_next(m, e) : mfc_from(m, any);

	return next && sg_eq(next->sg, any) ? next : NULL;
}

/* Whether an engine without a wish for the wildcard would miss upcalls. */
static bool is_listened_to(const struct mfc *m, const struct entry *entry)
{
	engines_foreach(m->router, l, e, m->af) {
		if (l->routes[m->af] && e->id != entry->wants->engine &&
		    ifset_meet(m->router->listens.wish[LISTEN_DATA][e->id], interfaces(entry)))
			return true;
	}
	return false;
}

static bool overlap(const struct entry *a, const struct entry *b)
{
	return ifset_has(interfaces(a), b->wild) || ifset_has(interfaces(b), a->wild);
}

const char *wildcard_objection(struct mfc *m, const struct entry *e)
{
	if (is_listened_to(m, e))
		return "another engine needs to see the sources";
	for (struct entry *other = next_of_group(m, e->sg.grp, NULL); other;
	     other = next_of_group(m, e->sg.grp, other)) {
		if (other != e && other->wants && overlap(e, other))
			return "another one of the group sends to where it comes in";
	}
	return NULL;
}

struct entry *wildcard_covers(struct mfc *m, const struct entry *e)
{
	struct entry *wildcard;

	if (!m->nwildcards || !e->wants || e->wants->rank != RANK_LEARNED)
		return NULL;
	wildcard = entry_find(m, (struct sg){ ip_any(m->af), e->sg.grp }, e->wants->iif);
	return wildcard && wildcard->parent != NOVIF ? wildcard : NULL;
}

void wildcard_changed(struct mfc *m, const struct entry *e)
{
	for (struct entry *other = next_of_group(m, e->sg.grp, NULL); other;
	     other = next_of_group(m, e->sg.grp, other))
		entry_mark(m, other);
}

bool wildcard_takes(struct mfc *m, const struct entry *e)
{
	struct entry *wildcard = m->nwildcards ? next_of_group(m, e->sg.grp, NULL) : NULL;

	for (; wildcard; wildcard = next_of_group(m, e->sg.grp, wildcard)) {
		if (wildcard->parent != NOVIF && ifset_has(interfaces(wildcard), e->arrival))
			return true;
	}
	return false;
}
