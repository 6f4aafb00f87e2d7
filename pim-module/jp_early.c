/* jp_early.c - Joins of (*,G) that name an RP which is not the group's here, or not yet
 *
 * Routers learn of another RP one after the other, and those that are late drop the Joins of those
 * that are early (RFC 7761 4.5.1), which come again after a period only. So what was dropped is
 * kept that long, the last one of a group and interface, and is heard when its RP is ours too.
 */
#include <stdlib.h>

#include "pim.h"

/* As long as t_periodic is, by which it comes again. */
#define KEPT PIM_JOIN_PRUNE_INTERVAL

struct early {
	struct tree_node order; /* by group and interface */
	struct age age;
	struct pim *pim; /* not ours */
	struct ip group, rp;
	int64_t at, holdtime; /* when it came, and how long it is to hold */
	uint8_t slot;
};

static int compare(const struct early *a, const struct early *b)
{
	return a->slot != b->slot ? a->slot - b->slot : ip_cmp(a->group, b->group);
}

TREE_GENERATE(early_joins, early, order, compare)

static struct early *find(const struct pim *pim, unsigned slot, struct ip group)
{
	struct early key = { .group = group, .slot = slot };

	return TREE_FIND(early_joins, &pim->early, &key);
}

static void drop(struct early *j)
{
	struct pim *pim = j->pim;

	age_remove(&pim->early_ages, &j->age);
	TREE_REMOVE(early_joins, &pim->early, j);
	pim->nearly--;
	pim->nearly_at[j->slot]--;
	free(j);
}

static void expire(struct age_queue *q, struct age *age)
{
	(void)q;
	drop(container_of(age, struct early, age));
}

void early_keep(struct pim_iface *i, struct ip group, struct ip rp, int64_t holdtime)
{
	struct pim *pim = i->pim;
	struct early *j = find(pim, i->slot, group);

	if (!j && !entries_have_room(i, pim->nearly_at[i->slot]))
		return;
	if (!j && pim->nearly >= pim->conf->max_entries) {
		pim->counters.limited++;
		return;
	}
	if (!j) {
		j = xcalloc(1, sizeof(*j));
		j->pim = pim;
		j->group = group;
		j->slot = i->slot;
		TREE_INSERT(early_joins, &pim->early, j);
		pim->nearly++;
		pim->nearly_at[j->slot]++;
	}
	j->rp = rp;
	j->at = pim_clock(pim)->now;
	j->holdtime = holdtime;
	age_add(&pim->early_ages, &j->age);
}

void early_forget(struct pim_iface *i, struct ip group)
{
	struct early *j = find(i->pim, i->slot, group);

	if (j)
		drop(j);
}

void early_iface_gone(struct pim_iface *i)
{
	struct early key = { .slot = i->slot, .group = ip_any(V6) }, *j, *next;

	for (j = TREE_NFIND(early_joins, &i->pim->early, &key); j && j->slot == i->slot; j = next) {
		next = TREE_NEXT(early_joins, j);
		drop(j);
	}
}

/* What is left of it. What has no end has one if nobody is there any more, as by down_alone(). */
static int64_t holdtime_now(const struct early *j, const struct pim_iface *i)
{
	if (j->holdtime == MSG_FOREVER)
		return i->nneighbors ? MSG_FOREVER : up_holdtime(i);
	return j->holdtime - (pim_clock(j->pim)->now - j->at);
}

/* It is heard as if it came now. */
static void hear(struct early *j)
{
	struct pim_iface *i = pim_iface(j->pim, j->slot);
	int64_t left = i ? holdtime_now(j, i) : 0;

	if (left > 0 && !ssm_has(j->pim, j->group))
		jp_join_star(i, j->group, left);
	drop(j);
}

void early_review(struct pim *pim)
{
	struct early *j, *next;

	for (j = TREE_MIN(early_joins, &pim->early); j; j = next) {
		next = TREE_NEXT(early_joins, j);
		if (ip_eq(pim_rp(pim, j->group), j->rp))
			hear(j);
	}
}

void early_init(struct pim *pim)
{
	TREE_INIT(early_joins, &pim->early);
}

void early_start(struct pim *pim)
{
	age_init(&pim->early_ages, pim_clock(pim), KEPT, expire);
}

void early_free(struct pim *pim)
{
	struct early *j;

	while ((j = TREE_ANY(early_joins, &pim->early)))
		drop(j);
	age_end(&pim->early_ages);
}
