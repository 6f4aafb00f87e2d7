/* entry.c - entries, their branches, marks, and how they settle
 *
 * An entry is there while something is stored in it that a macro reads, or a machine has told
 * somebody of it. When it settles, its machines get to know what the macros say now; whatever
 * changes thereby marks it again, and those that depend on it.
 */
#include <stdlib.h>

#include "anycast.h"
#include "embedded.h"
#include "macros.h"

/* Entries that are visited at once. */
#define WALK_SLICE 1024

static int entry_cmp(const struct entry *a, const struct entry *b)
{
	return sg_cmp(&a->sg, &b->sg);
}

TREE_GENERATE(entry_tree, entry, order, entry_cmp)

void entries_init(struct pim *pim)
{
	TREE_INIT(entry_tree, &pim->entries);
	TAILQ_INIT(&pim->marks);
	TAILQ_INIT(&pim->urgent);
	TAILQ_INIT(&pim->walks);
}

struct entry *entry_find(const struct pim *pim, struct sg sg)
{
	struct entry key = { .sg = sg };

	return TREE_FIND(entry_tree, &pim->entries, &key);
}

struct entry *entry_nfind(const struct pim *pim, struct sg sg)
{
	struct entry key = { .sg = sg };

	return TREE_NFIND(entry_tree, &pim->entries, &key);
}

struct entry *entry_first_source(const struct pim *pim, struct ip group)
{
	struct entry *e = entry_nfind(pim, (struct sg){ ip_any(pim->engine.af), group });

	if (e && !ip_eq(e->sg.grp, group))
		return NULL;
	return e && entry_is_star(e) ? entry_next_source(e) : e;
}

struct entry *entry_next_source(const struct entry *e)
{
	struct entry *next = TREE_NEXT(entry_tree, e);

	return next && ip_eq(next->sg.grp, e->sg.grp) ? next : NULL;
}

struct entry *entry_next(const struct entry *e)
{
	return TREE_NEXT(entry_tree, e);
}

/* The source's entry, or that of its RP, if there is one. */
static void choose_target(struct entry *e)
{
	struct ip ip = e->sg.src;

	if (entry_is_star(e)) {
		embedded_settle(e);
		ip = pim_rp(e->pim, e->sg.grp);
	}
	if (ip_is_any(ip))
		target_unuse(e);
	else
		target_use(e, ip);
}

struct entry *entry_get(struct pim *pim, struct sg sg)
{
	struct entry *e = entry_find(pim, sg), *other;

	if (e)
		return e;
	if (pim->nentries >= pim->conf->max_entries) {
		pim->counters.limited++;
		log_limited(pim->engine.log, &pim->full, pim_clock(pim), LEVEL_WARNING,
			    "%s: no room for more than %u entries, pim-limit says so", sg_str(&sg),
			    pim->conf->max_entries);
		return NULL;
	}
	e = xcalloc(1, sizeof(*e));
	e->sg = sg;
	e->pim = pim;
	e->up_slot = e->seen = e->iif = NOSLOT;
	e->up = ip_any(pim->engine.af);
	if (entry_is_star(e))
		e->rp = e->up;
	up_begin(e);
	keepalive_begin(e);
	TREE_INSERT(entry_tree, &pim->entries, e);
	pim->nentries++;
	if (entry_is_star(e)) {
		for (other = entry_next_source(e); other; other = entry_next_source(other)) {
			other->star = e;
			forward_doubt(other);
		}
	} else {
		e->star = entry_find(pim, (struct sg){ ip_any(pim->engine.af), sg.grp });
	}
	choose_target(e);
	if (!entry_is_star(e))
		e->iif = rpf_interface(e);
	entry_mark(e);
	return e;
}

static void walk_free(struct pim *pim, struct walk *w)
{
	TAILQ_REMOVE(&pim->walks, w, link);
	free(w);
}

static void unmark(struct entry *e)
{
	if (e->is_marked)
		TAILQ_REMOVE(e->is_urgent ? &e->pim->urgent : &e->pim->marks, e, mark);
	e->is_marked = e->is_urgent = false;
}

static void branch_free(struct branch *b)
{
	b->entry->pim->nbranches[b->slot]--;
	SLIST_REMOVE(&b->entry->branches, b, branch, link);
	free(b);
}

static void entry_free(struct entry *e)
{
	struct pim *pim = e->pim;
	struct entry *other;
	struct branch *b;

	while ((b = SLIST_FIRST(&e->branches))) {
		down_end(b);
		down_rpt_end(b);
		assert_end(b);
		branch_free(b);
	}
	register_end(e);
	free(e->answers);
	free(entry_stray(e));
	up_end(e);
	up_rpt_end(e);
	forward_end(e);
	embedded_end(e);
	unmark(e);
	target_unuse(e);
	if (entry_is_star(e)) {
		for (other = entry_next_source(e); other; other = entry_next_source(other))
			other->star = NULL;
	}
	TREE_REMOVE(entry_tree, &pim->entries, e);
	pim->nentries--;
	free(e);
}

/* Unless it has to begin anew, behind all others. */
static void walk_ends(struct pim *pim, struct walk *w)
{
	if (!w->is_again) {
		walk_free(pim, w);
		return;
	}
	w->at = w->again;
	w->is_again = false;
	TAILQ_REMOVE(&pim->walks, w, link);
	TAILQ_INSERT_TAIL(&pim->walks, w, link);
}

bool entries_shrink(struct pim *pim, unsigned budget)
{
	struct entry *e;

	while (budget-- && (e = TREE_MAX(entry_tree, &pim->entries)))
		entry_free(e);
	return !TREE_EMPTY(&pim->entries);
}

void entries_free(struct pim *pim)
{
	struct walk *w;
	struct entry *e;

	while ((w = TAILQ_FIRST(&pim->walks)))
		walk_free(pim, w);
	while ((e = TREE_MAX(entry_tree, &pim->entries)))
		entry_free(e);
}

struct stray *entry_goes_astray(struct entry *e)
{
	if (!e->stray)
		e->stray = xcalloc(1, sizeof(*e->stray));
	return e->stray;
}

void entry_mark(struct entry *e)
{
	if (e->is_marked)
		return;
	e->is_marked = true;
	TAILQ_INSERT_TAIL(&e->pim->marks, e, mark);
	e->pim->engine.host->op->wake(&e->pim->engine);
}

void entry_mark_urgent(struct entry *e)
{
	if (e->is_urgent)
		return;
	unmark(e);
	e->is_marked = e->is_urgent = true;
	TAILQ_INSERT_TAIL(&e->pim->urgent, e, mark);
	e->pim->engine.host->op->wake(&e->pim->engine);
}

/* Some entries more; true if others are left. */
static bool walk_on(struct pim *pim, struct walk *w, unsigned budget)
{
	struct entry *e = entry_nfind(pim, w->at);

	for (; e && budget && !(w->in_group && !ip_eq(e->sg.grp, w->at.grp)); budget--) {
		w->visit(e, w);
		e = entry_next(e);
	}
	if (!e || budget)
		return false;
	if (w->in_group && !ip_eq(e->sg.grp, w->at.grp))
		return false;
	w->at = e->sg;
	return true;
}

static void visit_of_neighbor(struct entry *e, const struct walk *w);

/* Whether one visit is enough for both. */
static bool is_like(const struct walk *a, const struct walk *b)
{
	return a->visit == b->visit && a->slot == b->slot && a->in_group == b->in_group &&
	       (!a->in_group || ip_eq(a->at.grp, b->at.grp)) &&
	       (a->visit == visit_of_neighbor || ip_eq(a->address, b->address));
}

/* One that is under way does it too; else who says much would have ever more of them wait. */
static bool walk_joins(struct pim *pim, const struct walk *w)
{
	struct walk *other;

	TAILQ_FOREACH(other, &pim->walks, link) {
		if (!is_like(other, w))
			continue;
		if (sg_cmp(&w->at, &other->at) < 0 &&
		    !(other->is_again && sg_cmp(&w->at, &other->again) >= 0)) {
			other->again = w->at;
			other->is_again = true;
		}
		if (!ip_eq(w->address, other->address))
			other->address = ip_any(V6);
		return true;
	}
	return false;
}

/* The first entries are visited at once, which are all of most routers. */
static void walk(struct pim *pim, struct walk w)
{
	struct walk *rest;

	if (!walk_on(pim, &w, WALK_SLICE) || walk_joins(pim, &w))
		return;
	rest = xcalloc(1, sizeof(*rest));
	*rest = w;
	TAILQ_INSERT_TAIL(&pim->walks, rest, link);
	pim->engine.host->op->wake(&pim->engine);
}

static void visit(struct entry *e, const struct walk *w)
{
	(void)w;
	entry_mark(e);
}

void entries_mark_all(struct pim *pim)
{
	walk(pim, (struct walk){ .visit = visit });
}

/* Nothing is stored in it, and nobody was told of it. */
static bool is_idle(const struct entry *e)
{
	return SLIST_EMPTY(&e->branches) && ifset_empty(e->include) && ifset_empty(e->exclude) &&
	       !e->is_joined && e->up_rpt != RPT_PRUNED && !e->override &&
	       !timer_is_running(&e->kat) && !e->register_;
}

/* Sources inherit from (*,G). */
static void mark_sources(struct entry *star)
{
	struct entry *first = entry_next_source(star);

	if (first)
		walk(star->pim, (struct walk){ .visit = visit, .at = first->sg, .in_group = true });
}

static void settle(struct entry *e)
{
	unmark(e);
	choose_target(e);
	forward_look(e);
	up_settle(e);
	if (entry_is_star(e)) {
		mark_sources(e);
	} else {
		forward_settle_spt(e);
		up_rpt_settle(e);
		register_settle(e);
		embedded_settle(e);
	}
	assert_settle(e);
	forward_settle(e);
	if (is_idle(e) && !e->is_marked)
		entry_free(e);
}

bool entries_settle(struct pim *pim, unsigned budget)
{
	struct entry *e;
	struct walk *w;

	while ((e = TAILQ_FIRST(&pim->urgent)))
		settle(e);
	w = budget ? TAILQ_FIRST(&pim->walks) : NULL;
	if (w && !walk_on(pim, w, WALK_SLICE))
		walk_ends(pim, w);
	while (budget && (e = TAILQ_FIRST(&pim->marks))) {
		settle(e);
		budget--;
	}
	return !TAILQ_EMPTY(&pim->marks) || !TAILQ_EMPTY(&pim->walks);
}

struct branch *branch_find(const struct entry *e, unsigned slot)
{
	struct branch *b;

	SLIST_FOREACH(b, &e->branches, link) {
		if (b->slot == slot)
			break;
	}
	return b;
}

struct branch *branch_get(struct entry *e, unsigned slot)
{
	struct branch *b, *before = NULL;

	SLIST_FOREACH(b, &e->branches, link) {
		if (b->slot == slot)
			return b;
		if (b->slot > slot)
			break;
		before = b;
	}
	b = xcalloc(1, sizeof(*b));
	b->entry = e;
	b->slot = slot;
	e->pim->nbranches[slot]++;
	down_begin(b);
	if (before)
		SLIST_INSERT_AFTER(before, b, link);
	else
		SLIST_INSERT_HEAD(&e->branches, b, link);
	return b;
}

uint32_t entries_share(const struct pim *pim)
{
	uint32_t all = pim->conf->max_entries;

	return all - all / 8;
}

bool entries_have_room(struct pim_iface *i, uint32_t n)
{
	struct pim *pim = i->pim;
	uint32_t most = pim->conf->max_joins;

	if (!most)
		most = entries_share(pim);
	if (n < most)
		return true;
	PIM_COUNT(i, limited);
	log_limited(pim->engine.log, &i->complaints, pim_clock(pim), LEVEL_WARNING,
		    "%s: no room for more than %u entries of one interface, pim-limit says so",
		    pim_ifname(pim, i->slot), most);
	return false;
}

struct branch *branch_make(struct pim_iface *i, struct sg sg)
{
	struct entry *e = entry_find(i->pim, sg);
	struct branch *b = e ? branch_find(e, i->slot) : NULL;

	if (b || !entries_have_room(i, i->pim->nbranches[i->slot]))
		return b;
	e = entry_get(i->pim, sg);
	return e ? branch_get(e, i->slot) : NULL;
}

void branch_release(struct branch *b)
{
	if (b->down != DOWN_NO_INFO || b->rpt || b->assert_)
		return;
	entry_mark(b->entry);
	branch_free(b);
}

static void visit_gone(struct entry *e, const struct walk *w)
{
	struct branch *b = branch_find(e, w->slot);

	if (ifset_has(e->include, w->slot) || ifset_has(e->exclude, w->slot) || b)
		entry_mark(e);
	e->include = ifset_without(e->include, w->slot);
	e->exclude = ifset_without(e->exclude, w->slot);
	if (entry_stray(e))
		e->stray->slots = ifset_without(e->stray->slots, w->slot);
	if (e->seen == w->slot)
		e->seen = NOSLOT;
	if (turn_old_slot(e) == w->slot)
		turn_leave_old(e);
	if (!b)
		return;
	down_end(b);
	down_rpt_end(b);
	assert_end(b);
	branch_release(b);
}

void entries_iface_gone(struct pim *pim, unsigned slot)
{
	walk(pim, (struct walk){ .visit = visit_gone, .slot = slot });
}

bool entries_leave_iface(const struct pim *pim, unsigned slot)
{
	const struct walk *w;

	TAILQ_FOREACH(w, &pim->walks, link) {
		if (w->visit == visit_gone && w->slot == slot)
			return true;
	}
	return false;
}

/* RFC 7761 4.8.1: source-specific groups have nothing of a shared tree. */
static void visit_ssm(struct entry *e, const struct walk *w)
{
	struct branch *b, *next;

	(void)w;
	if (!ssm_has(e->pim, e->sg.grp))
		return;
	e->exclude = ifset_none();
	if (entry_is_star(e))
		e->include = ifset_none();
	SLIST_FOREACH_SAFE(b, &e->branches, link, next) {
		if (entry_is_star(e)) {
			down_end(b);
			assert_end(b);
		}
		down_rpt_end(b);
		branch_release(b);
	}
	entry_mark(e);
}

void entries_ssm_changed(struct pim *pim)
{
	walk(pim, (struct walk){ .visit = visit_ssm });
	forward_recall(pim);
}

static void visit_of_dr(struct entry *e, const struct walk *w)
{
	if (ifset_has(e->include, w->slot) || ifset_has(e->exclude, w->slot) ||
	    rpf_interface(e) == w->slot)
		entry_mark(e);
}

void entries_dr_changed(struct pim_iface *i)
{
	walk(i->pim, (struct walk){ .visit = visit_of_dr, .slot = i->slot });
	forward_recall(i->pim);
}

static void visit_of_neighbor(struct entry *e, const struct walk *w)
{
	struct branch *b = branch_find(e, w->slot);

	if (b)
		assert_neighbor_gone(b, w->address);
}

static void visit_alone(struct entry *e, const struct walk *w)
{
	struct branch *b = branch_find(e, w->slot);

	if (b)
		down_alone(b);
}

static void visit_restarted(struct entry *e, const struct walk *w);
static void visit_new(struct entry *e, const struct walk *w);

/* What was to be done since it began, or began anew, is of no use. */
static void stop_begun(struct pim *pim, unsigned slot, struct ip address)
{
	struct walk *w, *next;

	TAILQ_FOREACH_SAFE(w, &pim->walks, link, next) {
		bool is_begun = w->visit == visit_restarted || w->visit == visit_new;

		if (is_begun && w->slot == slot && ip_eq(w->address, address))
			walk_free(pim, w);
	}
}

void entries_neighbor_gone(struct pim_iface *i, struct ip address)
{
	stop_begun(i->pim, i->slot, address);
	walk(i->pim,
	     (struct walk){ .visit = visit_of_neighbor, .slot = i->slot, .address = address });
	if (!i->nneighbors)
		walk(i->pim, (struct walk){ .visit = visit_alone, .slot = i->slot });
}

static void visit_restarted(struct entry *e, const struct walk *w)
{
	visit_of_neighbor(e, w);
	if (e->is_joined && e->up_slot == w->slot && ip_eq(e->up, w->address))
		up_neighbor_restarted(e);
}

void entries_neighbor_restarted(struct pim_iface *i, struct ip address)
{
	walk(i->pim,
	     (struct walk){ .visit = visit_restarted, .slot = i->slot, .address = address });
}

static void visit_new(struct entry *e, const struct walk *w)
{
	if (!e->is_joined || e->up_slot != w->slot || !ip_eq(e->up, w->address))
		return;
	e->up_is_new = true;
	entry_mark(e);
}

void entries_neighbor_new(struct pim_iface *i, struct ip address)
{
	walk(i->pim, (struct walk){ .visit = visit_new, .slot = i->slot, .address = address });
}

static void visit_told(struct entry *e, const struct walk *w)
{
	anycast_tell(e, w->address);
}

void entries_tell(struct pim *pim, struct ip member)
{
	walk(pim, (struct walk){ .visit = visit_told, .address = member });
}
