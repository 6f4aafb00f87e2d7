/* mfc.c - which (S,G) entries the kernel is to hold
 *
 * Whatever happens only changes an entry's inputs (wishes, where it was seen, which vifs there
 * are) and marks it. target() says what the kernel should hold as a function of the inputs, and
 * write_entry() makes it so if it differs from what was written last. Additions and changes
 * come first, deletions last; an entry is never deleted to be added again.
 */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

/* What few entries need: to be looked at from time to time, and counters of a former life. */
struct extra {
	struct age look; /* in mfc.idle if negative, else in mfc.watched */
	struct entry *entry;
	uint64_t packets; /* when last looked at */
	bool negative;	  /* the kernel asked, and nobody answered */
	bool running;	  /* watched, and packets were counted between the last two looks */
	struct counters before; /* counted before the kernel lost the entry */
};

/* What the kernel should hold for an entry. */
struct target {
	uint8_t parent; /* NOVIF: nothing */
	uint32_t vifs;
};

static int entry_cmp(struct entry *a, struct entry *b)
{
	return sg_cmp(&a->sg, &b->sg);
}

RB_GENERATE_STATIC(entry_tree, entry, order, entry_cmp)

static bool entry_is(const struct map_node *node, const void *key)
{
	const struct entry *e = container_of(node, const struct entry, node);

	return sg_eq(e->sg, *(const struct sg *)key);
}

static struct entry *entry_find(const struct mfc *m, struct sg sg)
{
	struct map_node *node = map_find(&m->map, sg_hash(&sg), entry_is, &sg);

	return node ? container_of(node, struct entry, node) : NULL;
}

static struct entry *entry_get(struct mfc *m, struct sg sg)
{
	struct entry *e = entry_find(m, sg);

	if (e)
		return e;
	e = xcalloc(1, sizeof(*e));
	e->sg = sg;
	e->parent = NOVIF;
	e->arrival = NOSLOT;
	map_add(&m->map, &e->node, sg_hash(&sg));
	RB_INSERT(entry_tree, &m->tree, e);
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

static void mark(struct mfc *m, struct entry *e)
{
	if (!e->marked)
		push(&m->marked, e);
	e->marked = true;
}

static struct extra *extra_get(struct entry *e)
{
	if (!e->extra) {
		e->extra = xcalloc(1, sizeof(*e->extra));
		e->extra->entry = e;
	}
	return e->extra;
}

static void negative_end(struct mfc *m, struct entry *e)
{
	if (!e->extra || !e->extra->negative)
		return;
	age_remove(&m->idle, &e->extra->look);
	e->extra->negative = false;
	m->nnegative--;
}

static void watch_end(struct mfc *m, struct entry *e)
{
	if (!e->extra || e->extra->negative)
		return;
	age_remove(&m->watched, &e->extra->look);
	e->extra->running = false;
}

static void entry_free(struct mfc *m, struct entry *e)
{
	negative_end(m, e);
	watch_end(m, e);
	if (m->walk == e)
		m->walk = RB_NEXT(entry_tree, &m->tree, e);
	RB_REMOVE(entry_tree, &m->tree, e);
	map_remove(&m->map, &e->node);
	free(e->extra);
	free(e);
}

bool entry_is_negative(const struct entry *e)
{
	return e->extra && e->extra->negative;
}

/* What must not be forwarded, whoever wants it. */
static bool is_unroutable(struct sg sg)
{
	return ip_is_link_local(sg.src) || ip_is_local_group(sg.grp);
}

static unsigned vif_of(const struct mfc *m, unsigned slot)
{
	return iface_vif(&m->router->ifaces, m->af, slot);
}

/*
 * The merge. The first wish is the owner's: its incoming interface holds; the outgoing ones are
 * those of all wishes that share it. Without an owner whose interface is there, a source that
 * the kernel asked about is kept quiet by an entry that leads nowhere.
 */
static struct target target(const struct mfc *m, const struct entry *e)
{
	const struct want *owner = e->wants;
	struct target t = { .parent = NOVIF };
	struct ifset oifs = ifset_none();

	if (owner && !is_unroutable(e->sg))
		t.parent = vif_of(m, owner->iif);
	if (t.parent == NOVIF) {
		if (entry_is_negative(e))
			t.parent = vif_of(m, e->arrival);
		return t;
	}
	if (owner->kind == ROUTE_BLOCK)
		return t;
	for (const struct want *w = owner; w; w = w->next) {
		if (w->kind == ROUTE_WANT && w->iif == owner->iif)
			oifs = ifset_or(oifs, w->oifs);
	}
	ifset_foreach(slot, ifset_without(oifs, owner->iif)) {
		unsigned vif = vif_of(m, slot);

		if (vif != NOVIF)
			t.vifs |= UINT32_C(1) << vif;
	}
	return t;
}

/* Whether it is the owner's route that the kernel should hold, and not a negative entry. */
static bool is_routed(const struct mfc *m, const struct entry *e)
{
	return e->wants && !is_unroutable(e->sg) && vif_of(m, e->wants->iif) != NOVIF;
}

/*
 * Whether an engine that listens on the interface has no wish of its own: the kernel forwards
 * without a word, so that the engine hears of the source only if we look.
 */
static bool has_bystander(const struct mfc *m, const struct entry *entry)
{
	engines_foreach(m->router, l, e, m->af) {
		const struct want *w = entry->wants;

		if (!l->module->upcall ||
		    !ifset_has(m->router->listens.wish[LISTEN_DATA][e->id], entry->wants->iif))
			continue;
		while (w && w->engine != e)
			w = w->next;
		if (!w)
			return true;
	}
	return false;
}

static void watch(struct mfc *m, struct entry *e)
{
	struct extra *x;

	if (!has_bystander(m, e)) {
		watch_end(m, e);
		return;
	}
	x = extra_get(e);
	if (!x->look.due)
		age_add(&m->watched, &x->look);
}

/* Tells of wishes that the owner's incoming interface leaves aside, when that changes. */
static void tell_shadows(struct mfc *m, struct entry *e)
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
		event_send(m->router, shadowed ? "shadowed" : "unshadowed", "route",
			   sg_str(&e->sg), "iif", ifs->slot[w->iif].name, NULL);
	}
}

static void set_ttls(const struct mfc *m, const struct target *t, struct mfc_entry *k)
{
	const struct ifaces *ifs = &m->router->ifaces;

	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		uint8_t threshold;

		if (!(t->vifs >> vif & 1))
			continue;
		threshold = ifs->slot[ifs->slot_of_vif[m->af][vif]].threshold;
		k->ttl[vif] = threshold ? threshold : 1;
	}
}

static void set_in_kernel(struct mfc *m, struct entry *e, struct target t)
{
	struct mfc_entry k = { .sg = e->sg, .parent = t.parent };
	const char *before = e->refused;

	set_ttls(m, &t, &k);
	m->counts.writes++;
	e->refused = m->router->kern->op->mfc_set(m->router->kern, m->af, &k);
	if (!e->refused) {
		e->parent = t.parent;
		e->vifs = t.vifs;
		return;
	}
	m->counts.refused++;
	if (e->refused != before)
		log_limited(m->log, &m->limit, m->router->host.clock, LEVEL_WARNING,
			    "%s: refused by the kernel: %s", sg_str(&e->sg), e->refused);
	router_refused(m->router, "%s: refused by the kernel: %s", sg_str(&e->sg), e->refused);
}

/* Counters must not run backwards when the entry comes again. */
static void keep_counters(struct mfc *m, struct entry *e)
{
	struct counters now;

	if (e->wants && mfc_counters(m, e->sg, &now))
		extra_get(e)->before = now;
}

static void delete_from_kernel(struct mfc *m, struct entry *e)
{
	keep_counters(m, e);
	m->counts.writes++;
	m->router->kern->op->mfc_del(m->router->kern, m->af, e->sg);
	e->parent = NOVIF;
	e->vifs = 0;
}

/* One marked entry: the kernel is brought in line with it, or it waits to be deleted. */
static void write_entry(struct mfc *m, struct entry *e)
{
	struct target t = target(m, e);

	e->marked = false;
	tell_shadows(m, e);
	if (is_routed(m, e)) {
		negative_end(m, e);
		watch(m, e);
	} else {
		watch_end(m, e);
	}
	if (t.parent == NOVIF) {
		if (e->parent != NOVIF || !e->wants) {
			e->marked = true;
			push(&m->doomed, e);
		}
		return;
	}
	if (m->rewrite || e->parent != t.parent || e->vifs != t.vifs)
		set_in_kernel(m, e, t);
}

/* What had nothing to be in the kernel for when it was looked at, if that still holds. */
static void delete_doomed(struct mfc *m)
{
	for (unsigned i = 0; i < m->doomed.n; i++) {
		struct entry *e = m->doomed.at[i];

		e->marked = false;
		if (target(m, e).parent != NOVIF) {
			mark(m, e);
			continue;
		}
		if (e->parent != NOVIF)
			delete_from_kernel(m, e);
		if (!e->wants && !entry_is_negative(e))
			entry_free(m, e);
	}
	clear(&m->doomed);
}

/* Marks the entries that a stale slot concerns, from where the walk stands. */
static bool walk_stale(struct mfc *m, unsigned budget)
{
	while (m->walk && budget--) {
		mark(m, m->walk);
		m->walk = RB_NEXT(entry_tree, &m->tree, m->walk);
	}
	return m->walk;
}

void mfc_stale(struct mfc *m, unsigned slot, bool rewrite)
{
	m->stale = ifset_with(m->stale, slot);
	m->rewrite |= rewrite;
	m->walk = RB_MIN(entry_tree, &m->tree);
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

/* Where a source is known to arrive; NOSLOT if it may have fallen silent before it was seen. */
static unsigned arrival_of(struct mfc *m, struct entry *e)
{
	struct counters c;

	if (e->parent == NOVIF)
		return NOSLOT;
	if (is_routed(m, e) && mfc_counters(m, e->sg, &c) && c.packets)
		return e->wants->iif;
	return e->arrival;
}

static struct entry *recall_next(struct mfc *m, const struct recall *rc)
{
	struct sg first = { .src = { { 0 } }, .grp = ip_mask(rc->groups.ip, rc->groups.len) };
	bool begun = !ip_eq(rc->after.grp, (struct ip){ { 0 } });
	struct entry *e = begun ? mfc_next(m, &rc->after) : mfc_next(m, &first);

	return e && prefix_has(&rc->groups, e->sg.grp) ? e : NULL;
}

static bool work_recall(struct mfc *m, unsigned budget)
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
		rc->after = e->sg;
		arrival = is_unroutable(e->sg) ? NOSLOT : arrival_of(m, e);
		if (arrival != NOSLOT)
			tell(m, rc->engine, &(struct upcall){ UPCALL_RECALL, e->sg, arrival });
	}
	return rc;
}

void mfc_recall(struct mfc *m, struct engine *e, struct prefix groups)
{
	struct recall *rc;

	if (RB_EMPTY(&m->tree))
		return;
	rc = xcalloc(1, sizeof(*rc));
	rc->engine = e;
	rc->groups = groups;
	TAILQ_INSERT_TAIL(&m->recalls, rc, link);
}

/* Each wish names slots: its vifs are needed while it lasts. */
static void need(struct mfc *m, const struct want *w, int change)
{
	iface_need(m->router, m->af, w->iif, change);
	ifset_foreach(slot, w->oifs)
		iface_need(m->router, m->af, slot, change);
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

static void set_want(struct mfc *m, struct entry *e, struct engine *engine,
		     const struct route *route)
{
	struct want *w = take_want(e, engine), before;
	bool is_new = !w;

	if (is_new) {
		w = xcalloc(1, sizeof(*w));
		w->engine = engine;
	}
	before = *w;
	w->oifs = route->oifs;
	w->iif = route->iif;
	w->kind = route->kind;
	w->rank = route->rank;
	need(m, w, 1);
	if (!is_new)
		need(m, &before, -1);
	insert_want(e, w);
	mark(m, e);
}

void mfc_route(struct mfc *m, struct engine *e, const struct route *route)
{
	set_want(m, entry_get(m, route->sg), e, route);
}

static void drop_want(struct mfc *m, struct entry *e, struct engine *engine)
{
	struct want *w = take_want(e, engine);

	if (!w)
		return;
	need(m, w, -1);
	free(w);
	mark(m, e);
}

void mfc_unroute(struct mfc *m, struct engine *e, struct sg sg)
{
	struct entry *entry = entry_find(m, sg);

	if (entry)
		drop_want(m, entry, e);
}

void mfc_forget(struct mfc *m, struct engine *e)
{
	struct recall *rc, *next;
	struct entry *entry;

	RB_FOREACH(entry, entry_tree, &m->tree)
		drop_want(m, entry, e);
	for (rc = TAILQ_FIRST(&m->recalls); rc; rc = next) {
		next = TAILQ_NEXT(rc, link);
		if (rc->engine == e) {
			TAILQ_REMOVE(&m->recalls, rc, link);
			free(rc);
		}
	}
}

bool mfc_counters(struct mfc *m, struct sg sg, struct counters *counters)
{
	struct entry *e = entry_find(m, sg);
	struct kern *k = m->router->kern;

	if (!e || e->parent == NOVIF || !k->op->counters(k, m->af, sg, counters))
		return false;
	if (e->extra) {
		counters->packets += e->extra->before.packets;
		counters->bytes += e->extra->before.bytes;
		counters->wrong += e->extra->before.wrong;
	}
	return true;
}

/*
 * Whether the kernel still has what was written. An upcall for such an entry was either on its
 * way when the entry was written, or somebody else flushed the kernel's table.
 */
static bool is_in_kernel(struct mfc *m, struct entry *e)
{
	struct counters c;

	return mfc_counters(m, e->sg, &c);
}

struct entry *mfc_upcall(struct mfc *m, enum upcall_kind kind, struct sg sg, unsigned slot)
{
	struct entry *e = entry_get(m, sg);

	m->counts.upcalls++;
	e->arrival = slot;
	if (kind == UPCALL_NOROUTE && e->parent != NOVIF && !is_in_kernel(m, e)) {
		m->counts.lost++;
		e->parent = NOVIF;
		e->vifs = 0;
	}
	mark(m, e);
	if (!is_unroutable(sg))
		tell(m, NULL, &(struct upcall){ .kind = kind, .sg = sg, .arrival = slot });
	return e;
}

void mfc_answer(struct mfc *m, struct entry *e)
{
	if (!is_routed(m, e) && !entry_is_negative(e)) {
		watch_end(m, e);
		if (m->nnegative < m->negative_limit) {
			struct extra *x = extra_get(e);

			x->negative = true;
			x->packets = 0;
			m->nnegative++;
			age_add(&m->idle, &x->look);
		} else if (!m->counts.negative_limit++) {
			log_warning(m->log, "%s: %u unwanted sources are the limit",
				    af_name(m->af), m->negative_limit);
		}
	}
	mark(m, e);
	mfc_work(m, 0);
}

/* A negative entry's period is over: it goes if no packet came on its interface meanwhile. */
static void look_at_idle(struct age_queue *q, struct age *a)
{
	struct mfc *m = container_of(q, struct mfc, idle);
	struct extra *x = container_of(a, struct extra, look);
	struct counters c;

	if (mfc_counters(m, x->entry->sg, &c) && c.packets != x->packets) {
		x->packets = c.packets;
		age_add(q, a);
		return;
	}
	negative_end(m, x->entry);
	mark(m, x->entry);
}

/* A source that runs again is told as if it had been asked for. */
static void look_at_watched(struct age_queue *q, struct age *a)
{
	struct mfc *m = container_of(q, struct mfc, watched);
	struct extra *x = container_of(a, struct extra, look);
	struct entry *e = x->entry;
	bool was = x->running;
	struct counters c;

	x->running = mfc_counters(m, e->sg, &c) && c.packets != x->packets;
	if (x->running)
		x->packets = c.packets;
	age_add(q, a);
	if (x->running && !was)
		tell(m, NULL, &(struct upcall){ UPCALL_RECALL, e->sg, e->wants->iif });
}

void mfc_inherit(struct mfc *m, const struct mfc_entry *k)
{
	const struct ifaces *ifs = &m->router->ifaces;
	struct route route = { .sg = k->sg, .kind = ROUTE_WANT, .rank = RANK_INHERITED };
	struct entry *e = entry_get(m, k->sg);

	e->parent = k->parent;
	route.iif = k->parent < MAXVIFS ? ifs->slot_of_vif[m->af][k->parent] : NOSLOT;
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		unsigned slot = ifs->slot_of_vif[m->af][vif];

		if (!k->ttl[vif])
			continue;
		e->vifs |= UINT32_C(1) << vif;
		if (slot != NOSLOT)
			route.oifs = ifset_with(route.oifs, slot);
	}
	if (route.iif != NOSLOT) {
		e->arrival = route.iif;
		set_want(m, e, NULL, &route);
	}
	mfc_expect_heirs(m);
}

void mfc_expect_heirs(struct mfc *m)
{
	if (!timer_is_running(&m->grace))
		timer_start(m->router->host.clock, &m->grace, INHERIT_GRACE);
}

static void end_of_grace(struct timer *t)
{
	struct mfc *m = container_of(t, struct mfc, grace);

	m->dropping = true;
	m->grace_after = (struct sg){ 0 };
	iface_release_inherited(m->router, m->af);
}

/* What nobody wanted in time goes, some at a time. */
static bool drop_inherited(struct mfc *m, unsigned budget)
{
	struct entry *e;

	while (m->dropping && budget--) {
		e = mfc_next(m, &m->grace_after);
		if (!e) {
			m->dropping = false;
			break;
		}
		m->grace_after = e->sg;
		drop_want(m, e, NULL);
	}
	return m->dropping;
}

bool mfc_work(struct mfc *m, unsigned budget)
{
	bool more = walk_stale(m, budget);

	more |= work_recall(m, budget);
	more |= drop_inherited(m, budget);

	for (unsigned i = 0; i < m->marked.n; i++)
		write_entry(m, m->marked.at[i]);
	clear(&m->marked);
	if (!m->walk) {
		m->stale = ifset_none();
		m->rewrite = false;
	}
	delete_doomed(m);
	return more || m->marked.n;
}

struct ifset mfc_slots(const struct mfc *m)
{
	const struct ifaces *ifs = &m->router->ifaces;
	struct ifset used = ifset_none();

	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (ifs->slot[i].vif[m->af].state != VIF_NONE)
			used = ifset_with(used, i);
	}
	return used;
}

struct entry *mfc_next(struct mfc *m, const struct sg *after)
{
	struct entry key, *e;

	if (!after)
		return RB_MIN(entry_tree, &m->tree);
	key.sg = *after;
	e = RB_NFIND(entry_tree, &m->tree, &key);
	if (e && sg_eq(e->sg, *after))
		e = RB_NEXT(entry_tree, &m->tree, e);
	return e;
}

void mfc_init(struct mfc *m, struct router *r, enum af af)
{
	*m = (struct mfc){
		.router = r,
		.af = af,
		.log = log_area(r->host.log, "mfc"),
		.negative_limit = NEGATIVE_LIMIT,
	};
	RB_INIT(&m->tree);
	TAILQ_INIT(&m->recalls);
	age_init(&m->idle, r->host.clock, r->host.cache_idle, look_at_idle);
	age_init(&m->watched, r->host.clock, WATCH_PERIOD, look_at_watched);
	timer_init(&m->grace, end_of_grace);
}

void mfc_flush(struct mfc *m)
{
	struct entry *e;

	RB_FOREACH(e, entry_tree, &m->tree) {
		if (e->parent != NOVIF)
			m->router->kern->op->mfc_del(m->router->kern, m->af, e->sg);
		e->parent = NOVIF;
	}
}

void mfc_free(struct mfc *m)
{
	struct recall *rc;
	struct entry *e;

	while ((rc = TAILQ_FIRST(&m->recalls))) {
		TAILQ_REMOVE(&m->recalls, rc, link);
		free(rc);
	}
	while ((e = RB_ROOT(&m->tree))) {
		struct want *w;

		while ((w = e->wants)) {
			e->wants = w->next;
			free(w);
		}
		entry_free(m, e);
	}
	age_end(&m->idle);
	age_end(&m->watched);
	timer_stop(m->router->host.clock, &m->grace);
	map_free(&m->map);
	free(m->marked.at);
	free(m->doomed.at);
}
