/* mfc.c - which (S,G) entries the kernel is to hold
 *
 * Whatever happens only changes an entry's inputs (wishes, where it was seen, which vifs there
 * are) and marks it. target() says what the kernel should hold as a function of the inputs, and
 * write_entry() makes it so if it differs from what was written last. Additions and changes
 * come first, deletions last.
 */
#include <stdlib.h>

#include "core/core.h"

/* What the kernel should hold for an entry. */
struct target {
	uint8_t parent; /* NOVIF: nothing */
	uint32_t vifs;
};

static int entry_cmp(struct entry *a, struct entry *b)
{
	int c = sg_cmp(&a->sg, &b->sg);

	return c ? c : a->wild - b->wild;
}

TREE_GENERATE(entry_tree, entry, order, entry_cmp)

static struct entry_key key_of(struct sg sg, unsigned iif)
{
	return (struct entry_key){ sg, ip_is_any(sg.src) ? iif : NOSLOT };
}

static bool entry_is(const struct map_node *node, const void *arg)
{
	const struct entry *e = container_of(node, const struct entry, node);
	const struct entry_key *key = arg;

	return sg_eq(e->sg, key->sg) && e->wild == key->wild;
}

struct entry *entry_find(const struct mfc *m, struct sg sg, unsigned iif)
{
	struct entry_key key = key_of(sg, iif);
	struct map_node *node = map_find(&m->map, sg_hash(&sg), entry_is, &key);

	return node ? container_of(node, struct entry, node) : NULL;
}

struct entry *entry_get(struct mfc *m, struct sg sg, unsigned iif)
{
	struct entry *e = xcalloc(1, sizeof(*e)), *same;

	e->sg = sg;
	e->wild = key_of(sg, iif).wild;
	e->parent = NOVIF;
	e->arrival = NOSLOT;
	same = TREE_INSERT(entry_tree, &m->tree, e);
	if (same) {
		free(e);
		return same;
	}
	map_add(&m->map, &e->node, sg_hash(&sg));
	return e;
}

static void push(struct entries *list, struct entry *e)
{
	if (list->n == list->size) {
		list->size = list->size ? list->size * 2 : 64;
		list->at = xrealloc(list->at, list->size * sizeof(*list->at));
	}
	list->at[list->n++] = e;
}

/* Empties the list, and does not keep the memory of an unusually long one. */
static void clear(struct entries *list)
{
	if (list->size > 1024) {
		free(list->at);
		*list = (struct entries){ 0 };
	}
	list->n = 0;
}

void entry_mark(struct mfc *m, struct entry *e)
{
	if (!e->marked)
		push(&m->marked, e);
	e->marked = true;
}

struct extra *entry_extra(struct entry *e)
{
	if (!e->extra) {
		e->extra = xcalloc(1, sizeof(*e->extra));
		e->extra->entry = e;
	}
	return e->extra;
}

struct past *entry_past(struct entry *e)
{
	struct extra *x = entry_extra(e);

	if (!x->past)
		x->past = xcalloc(1, sizeof(*x->past));
	return x->past;
}

static void entry_free(struct mfc *m, struct entry *e)
{
	source_end(m, e);
	if (m->walk == e)
		m->walk = TREE_NEXT(entry_tree, e);
	TREE_REMOVE(entry_tree, &m->tree, e);
	map_remove(&m->map, &e->node);
	if (e->extra)
		free(e->extra->past);
	free(e->extra);
	free(e);
}

unsigned mfc_vif(const struct mfc *m, unsigned slot)
{
	return iface_vif(&m->router->ifaces, m->af, slot);
}

/*
 * The merge. The first wish is the owner's: its incoming interface holds; the outgoing ones are
 * those of all wishes that share it. Without an owner whose interface is there, a source that
 * the kernel asked about is kept quiet by an entry that leads nowhere.
 */
static struct target merge(struct mfc *m, const struct entry *e)
{
	const struct want *owner = e->wants;
	struct target t = { .parent = NOVIF };
	struct ifset oifs = ifset_none();

	if (owner && !sg_is_unroutable(e->sg))
		t.parent = mfc_vif(m, owner->iif);
	if (t.parent == NOVIF) {
		if (entry_is_negative(e))
			t.parent = mfc_vif(m, e->arrival);
		return t;
	}
	/* a wildcard matches only what comes in on one of its outgoing interfaces */
	if (entry_is_wildcard(e))
		t.vifs = UINT32_C(1) << t.parent;
	if (owner->kind == ROUTE_BLOCK)
		return t;
	for (const struct want *w = owner; w; w = w->next) {
		if (w->kind == ROUTE_WANT && w->iif == owner->iif)
			oifs = ifset_or(oifs, w->oifs);
	}
	ifset_foreach(slot, ifset_without(oifs, owner->iif)) {
		unsigned vif = mfc_vif(m, slot);

		if (vif != NOVIF)
			t.vifs |= UINT32_C(1) << vif;
	}
	return t;
}

/* The same, if the kernel's own entries of the group leave room for it. */
static struct target target(struct mfc *m, const struct entry *e)
{
	bool room = entry_is_wildcard(e) ? !e->wants || !wildcard_objection(m, e)
					 : !wildcard_covers(m, e);

	return room ? merge(m, e) : (struct target){ .parent = NOVIF };
}

static void set_ttls(const struct mfc *m, const struct target *t, struct mfc_entry *k)
{
	const struct ifaces *ifs = &m->router->ifaces;

	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		uint8_t threshold;

		if (!(t->vifs >> vif & 1))
			continue;
		threshold = ifs->slot[ifs->slot_of_vif[m->af][vif]].phyint.threshold;
		k->ttl[vif] = threshold ? threshold : 1;
	}
}

/* Counters must not run backwards when the entry comes again. */
static void keep_counters(struct mfc *m, struct entry *e)
{
	struct counters now;

	if (e->wants && entry_counters(m, e, &now))
		entry_past(e)->before = now;
}

/* All entries are to be marked; if some were already, once more when the others had their turn. */
static void walk_all(struct mfc *m)
{
	struct entry *first = TREE_MIN(entry_tree, &m->tree);

	if (m->walk && m->walk != first)
		m->walk_again = true;
	else
		m->walk = first;
}

static void delete_from_kernel(struct mfc *m, struct entry *e)
{
	keep_counters(m, e);
	m->counts.writes++;
	m->router->kern->op->mfc_del(m->router->kern, m->af, e->sg, e->parent);
	e->parent = NOVIF;
	e->vifs = 0;
	e->has_told = false;
	if (entry_is_wildcard(e)) {
		m->nwildcards--;
		walk_all(m); /* they come back, each by an upcall if that is faster */
	}
}

/*
 * A refused change leaves the entry as it was, to be tried again; but not where it would lead to
 * interfaces that are not wanted any more, whose vifs may soon be other devices'.
 */
static void be_refused(struct mfc *m, struct entry *e, const struct target *t, const char *before)
{
	m->counts.refused++;
	if (e->refused != before)
		event_send(m->router, "refused", "route", sg_str(&e->sg), "reason", e->refused,
			   NULL);
	if (e->refused != before)
		log_limited(m->log, &m->limit, m->router->host.clock, LEVEL_WARNING,
			    "%s: refused by the kernel: %s", sg_str(&e->sg), e->refused);
	router_refused(m->router, "%s: refused by the kernel: %s", sg_str(&e->sg), e->refused);
	if (e->parent != NOVIF && e->vifs & ~t->vifs)
		delete_from_kernel(m, e);
	if (!timer_is_running(&m->retry))
		timer_start(m->router->host.clock, &m->retry, RETRY_PERIOD);
}

/* In that time the kernel tells of no other packet on a wrong interface; some to be sure. */
#define TOLD_PERIOD (SEC(3) + 100)

/* Whether the kernel would not tell of a packet on a wrong interface, since it just did. */
static bool is_mute(const struct mfc *m, const struct entry *e)
{
	return e->has_told && (uint32_t)m->router->host.clock->now - e->told < TOLD_PERIOD;
}

/*
 * Another sender on a link to which the entry leads from now on must not go unseen: two of them,
 * each of which takes what the other sends, multiply packets without end. A mute entry stays so
 * if it is changed: only a new one tells. Packets that come while there is none wait for it.
 */
static bool must_be_new(const struct mfc *m, const struct entry *e, const struct target *t)
{
	return is_mute(m, e) && (e->alert || t->vifs & ~e->vifs);
}

static void set_in_kernel(struct mfc *m, struct entry *e, struct target t)
{
	struct mfc_entry k = { .sg = e->sg, .parent = t.parent };
	const char *before = e->refused;

	/* another parent is another wildcard to the kernel */
	if (entry_is_wildcard(e) ? e->parent != NOVIF && e->parent != t.parent
				 : must_be_new(m, e, &t))
		delete_from_kernel(m, e);
	set_ttls(m, &t, &k);
	m->counts.writes++;
	e->refused = m->router->kern->op->mfc_set(m->router->kern, m->af, &k);
	if (e->refused) {
		be_refused(m, e, &t, before);
		return;
	}
	if (entry_is_wildcard(e) && e->parent == NOVIF)
		m->nwildcards++;
	if (before)
		event_send(m->router, "accepted", "route", sg_str(&e->sg), NULL);
	e->parent = t.parent;
	e->vifs = t.vifs;
	e->alert = false;
	if (entry_is_wildcard(e))
		walk_all(m); /* what it forwards needs no entries of its own, in slices */
}

static void alert(struct mfc *m, struct entry *e)
{
	if (!e || !is_mute(m, e))
		return;
	e->alert = true;
	entry_mark(m, e);
}

void mfc_alert(struct mfc *m, struct sg sg)
{
	struct entry *e;

	if (!ip_is_any(sg.src)) {
		alert(m, entry_find(m, sg, NOSLOT));
		return;
	}
	for (e = mfc_from(m, sg); e && ip_eq(e->sg.grp, sg.grp); e = mfc_next(m, e))
		alert(m, e);
}

void entry_release(struct mfc *m, struct entry *e)
{
	struct target t = merge(m, e);

	if (t.parent != NOVIF && e->parent == NOVIF)
		set_in_kernel(m, e, t);
}

void entry_lost(struct mfc *m, struct entry *e)
{
	m->counts.lost++;
	event_send(m->router, "lost", "route", sg_str(&e->sg), NULL);
	if (entry_is_wildcard(e))
		m->nwildcards--;
	e->parent = NOVIF;
	e->vifs = 0;
	e->has_told = false;
	entry_mark(m, e);
}

/* One marked entry: the kernel is brought in line with it, or it waits to be deleted. */
static void write_entry(struct mfc *m, struct entry *e)
{
	struct target t;

	e->marked = false;
	want_tell_shadows(m, e);
	source_settle(m, e);
	t = target(m, e);
	if (t.parent == NOVIF) {
		e->refused = NULL;
		if (e->parent != NOVIF || !e->wants) {
			e->marked = true;
			push(&m->doomed, e);
			return;
		}
	} else if (m->rewrite || e->parent != t.parent || e->vifs != t.vifs || e->alert) {
		set_in_kernel(m, e, t);
	}
	hook_settle(m, e);
}

/* What had nothing to be in the kernel for when it was looked at, if that still holds. */
static void delete_doomed(struct mfc *m)
{
	for (unsigned i = 0; i < m->doomed.n; i++) {
		struct entry *e = m->doomed.at[i];

		e->marked = false;
		if (target(m, e).parent != NOVIF) {
			entry_mark(m, e);
			continue;
		}
		if (e->parent != NOVIF)
			delete_from_kernel(m, e);
		hook_settle(m, e);
		if (!e->wants && !entry_is_negative(e))
			entry_free(m, e);
	}
	clear(&m->doomed);
}

/* Marks the entries that a stale slot concerns, from where the walk stands. */
static bool walk_stale(struct mfc *m, unsigned budget)
{
	while (m->walk && budget--) {
		want_drop_gone(m, m->walk);
		entry_mark(m, m->walk);
		m->walk = TREE_NEXT(entry_tree, m->walk);
	}
	if (!m->walk && m->walk_again) {
		m->walk_again = false;
		walk_all(m);
	}
	return m->walk;
}

void mfc_forget(struct mfc *m, struct engine *e)
{
	m->gone |= UINT32_C(1) << e->id;
	walk_all(m);
	source_forget(m, e);
}

void mfc_review(struct mfc *m, unsigned nrouting, bool learns)
{
	m->nrouting = nrouting;
	m->learns = learns;
	want_review(m);
	walk_all(m);
}

void mfc_stale(struct mfc *m, unsigned slot, bool rewrite)
{
	m->stale = ifset_with(m->stale, slot);
	m->rewrite |= rewrite;
	walk_all(m);
}

bool entry_counters(struct mfc *m, const struct entry *e, struct counters *counters)
{
	struct kern *k = m->router->kern;
	const struct counters *before;

	if (e->parent == NOVIF || !k->op->counters(k, m->af, e->sg, counters))
		return false;
	if (e->extra && e->extra->past) {
		before = &e->extra->past->before;
		counters->packets += before->packets;
		counters->bytes += before->bytes;
		counters->wrong += before->wrong;
	}
	return true;
}

bool mfc_counters(struct mfc *m, struct sg sg, struct counters *counters)
{
	struct entry *e = entry_find(m, sg, NOSLOT);

	return e && entry_counters(m, e, counters);
}

bool mfc_work(struct mfc *m, unsigned budget)
{
	bool more = walk_stale(m, budget);

	more |= source_work(m, budget);
	more |= want_drop_inherited(m, budget);

	for (unsigned i = 0; i < m->marked.n; i++)
		write_entry(m, m->marked.at[i]);
	clear(&m->marked);
	if (!m->walk && !m->walk_again) {
		m->gone = 0;
		m->stale = ifset_none();
		m->rewrite = false;
	}
	delete_doomed(m);
	return more || m->walk || m->walk_again || m->marked.n;
}

struct entry *mfc_from(struct mfc *m, struct sg sg)
{
	struct entry key = { .sg = sg };

	return TREE_NFIND(entry_tree, &m->tree, &key);
}

struct entry *mfc_next(struct mfc *m, const struct entry *e)
{
	return e ? TREE_NEXT(entry_tree, (struct entry *)e) : TREE_MIN(entry_tree, &m->tree);
}

struct entry *mfc_after(struct mfc *m, struct entry_key key)
{
	struct entry at = { .sg = key.sg, .wild = key.wild }, *e;

	e = TREE_NFIND(entry_tree, &m->tree, &at);
	return e && !entry_cmp(e, &at) ? mfc_next(m, e) : e;
}

/* What the kernel refused is tried again: the walk finds it to differ from what was written. */
static void try_again(struct timer *t)
{
	struct mfc *m = container_of(t, struct mfc, retry);

	walk_all(m);
}

void mfc_init(struct mfc *m, struct router *r, enum af af)
{
	*m = (struct mfc){
		.router = r,
		.af = af,
		.log = log_area(r->host.log, "mfc"),
		.negative_limit = NEGATIVE_LIMIT,
	};
	TREE_INIT(entry_tree, &m->tree);
	timer_init(&m->retry, try_again);
	source_init(m);
	want_init(m);
}

void mfc_flush(struct mfc *m)
{
	struct entry *e;

	TREE_FOREACH(e, entry_tree, &m->tree) {
		if (e->parent != NOVIF)
			m->router->kern->op->mfc_del(m->router->kern, m->af, e->sg, e->parent);
		e->parent = NOVIF;
	}
}

void mfc_free(struct mfc *m)
{
	struct entry *e;

	while ((e = TREE_ANY(entry_tree, &m->tree))) {
		want_free(e);
		entry_free(m, e);
	}
	source_free(m);
	timer_stop(m->router->host.clock, &m->grace);
	timer_stop(m->router->host.clock, &m->retry);
	map_free(&m->map);
	free(m->marked.at);
	free(m->doomed.at);
}
