/* target.c - where unicast routing leads: the way to RPs and sources (RFC 7761 4.1.5, 4.6.3)
 *
 * A target is watched as long as an entry uses it, or it is an RP of the set. Of several next hops
 * it takes the same one always: each gets a hash with the target, and the highest wins, so that a
 * hop that goes moves nobody but those who used it. Hops without a neighbor are passed over.
 */
#include <stdlib.h>

#include "pim.h"

/* Targets that are looked at, and entries that are marked by them, at once. */
#define SLICE 1024

/* A target that is another way now, and which of its users are to be marked still. */
struct marking {
	TAILQ_ENTRY(marking) link;
	const struct target *target; /* not ours */
	struct entry *next;	     /* not ours */
};

static bool target_is(const struct map_node *node, const void *ip)
{
	return ip_eq(container_of(node, struct target, node)->ip, *(const struct ip *)ip);
}

static uint32_t hash_of(struct ip ip)
{
	return sg_hash(&(struct sg){ ip, ip });
}

struct target *target_find(const struct pim *pim, struct ip ip)
{
	struct map_node *node = map_find(&pim->targets, hash_of(ip), target_is, &ip);

	return node ? container_of(node, struct target, node) : NULL;
}

/* `rpf PREFIX via ADDRESS`: the longest prefix that has the address. */
static struct ip via(const struct pim *pim, struct ip ip)
{
	const struct pim_family *conf = &pim->conf->af[pim->engine.af];
	const struct pim_static_rpf *best = NULL;

	for (unsigned i = 0; i < conf->nrpfs; i++) {
		const struct pim_static_rpf *rpf = &conf->rpf[i];

		if (prefix_has(&rpf->sources, ip) &&
		    !(best && best->sources.len >= rpf->sources.len))
			best = rpf;
	}
	return best ? best->via : ip;
}

bool target_owns(const struct pim *pim, struct ip ip)
{
	const struct target *t = target_find(pim, ip);

	return t && t->own;
}

bool target_is_direct(const struct pim *pim, struct ip source, unsigned slot)
{
	const struct pim_family *conf = &pim->conf->af[pim->engine.af];
	const struct pim_iface *i = pim_iface(pim, slot);

	if (!i)
		return false;
	for (unsigned n = 0; n < i->naddresses; n++) {
		if (prefix_has(&i->addresses[n], source))
			return true;
	}
	return pim_is_said(pim, slot, source, conf->altnet, conf->altnet_slot, conf->naltnets);
}

/* The interface on whose link the address is, if it is one of ours; else NOSLOT. */
static unsigned direct_slot(const struct pim *pim, struct ip ip)
{
	ifset_foreach(slot, pim->running) {
		if (target_is_direct(pim, ip, slot))
			return slot;
	}
	return NOSLOT;
}

/*
 * The neighbor that a next hop is. A route of IPv4 by an IPv6 gateway does not say which one that
 * is: it is the only one there, or unknown.
 */
static struct ip neighbor_at(const struct pim *pim, unsigned slot, struct ip hop)
{
	const struct pim_iface *i = pim_iface(pim, slot);
	const struct neighbor *n = i ? neighbor_find(i, hop) : NULL;

	if (!n && i && ip_family(hop) != pim->engine.af && i->nneighbors == 1)
		n = TAILQ_FIRST(&i->neighbors);
	return n ? n->address : ip_any(pim->engine.af);
}

struct way {
	unsigned slot;
	struct ip neighbor;
	uint32_t rank;
};

/* Of the ways that unicast routing has, those to a neighbor first. */
static struct way choose(const struct target *t)
{
	const struct pim *pim = t->pim;
	struct way best = { NOSLOT, ip_any(pim->engine.af), 0 };

	for (unsigned i = 0; i < t->rpf.nhops; i++) {
		const struct hop *hop = &t->rpf.hop[i];
		struct ip next = ip_is_any(hop->gateway) ? t->watched : hop->gateway;
		struct way way = { .slot = hop->slot };
		bool better;

		if (!pim_iface(pim, hop->slot))
			continue;
		way.neighbor = neighbor_at(pim, hop->slot, next);
		way.rank = sg_hash(&(struct sg){ next, t->ip });
		better = best.slot == NOSLOT || way.rank > best.rank;
		if (ip_is_any(way.neighbor) != ip_is_any(best.neighbor) && best.slot != NOSLOT)
			better = ip_is_any(best.neighbor);
		if (better)
			best = way;
	}
	return best;
}

/* What an Assert says of the way, which the interface or the configuration may set. */
static void judge(struct target *t)
{
	const struct pim_conf *conf = t->pim->conf;
	const struct pim_iface *i = pim_iface(t->pim, t->slot);

	t->preference = t->own ? 0 : t->rpf.preference;
	t->metric = t->own ? 0 : t->rpf.metric;
	if (t->own || t->connected)
		return;
	if (i && i->fields.distance)
		t->preference = i->fields.distance;
	else if (conf->distance)
		t->preference = conf->distance;
	if (i && i->fields.metric)
		t->metric = i->fields.metric;
	else if (conf->metric)
		t->metric = conf->metric;
}

void target_count(struct target *t)
{
	bool counts = target_is_rp(t) && t->own;

	t->pim->nown += counts;
	t->pim->nown -= t->is_counted;
	t->is_counted = counts;
}

/* An RP can be reached, or no longer. */
static void rp_changed(const struct target *t)
{
	struct pim *pim = t->pim;
	struct host *host = pim->engine.host;
	const char *state = t->reachable ? "reachable" : "unreachable";

	rp_set_reachable(&pim->rps, t->ip, t->reachable);
	log_notice(pim->log[AREA_RP], "RP %s: %s", ip_str(t->ip), state);
	host->op->event(host, "rp", "address", ip_str(t->ip), "state", state, NULL);
}

static struct marking *marking_find(const struct target *t)
{
	struct marking *m;

	TAILQ_FOREACH(m, &t->pim->markings, link) {
		if (m->target == t)
			break;
	}
	return m;
}

static void marking_free(struct pim *pim, struct marking *m)
{
	TAILQ_REMOVE(&pim->markings, m, link);
	free(m);
}

/* Marks from @e on: how many, @most of them; the next one. */
static unsigned mark_some(struct entry **e, unsigned most)
{
	unsigned n;

	for (n = 0; *e && n < most; n++) {
		entry_mark(*e);
		*e = LIST_NEXT(*e, user);
	}
	return n;
}

/* Marks users, of many some now; how many. */
static unsigned mark_users(struct target *t)
{
	struct marking *m = marking_find(t);
	struct entry *next = LIST_FIRST(&t->users);
	unsigned n = mark_some(&next, SLICE);

	if (m && !next)
		marking_free(t->pim, m);
	if (!next)
		return n;
	if (!m) {
		m = xcalloc(1, sizeof(*m));
		m->target = t;
		TAILQ_INSERT_TAIL(&t->pim->markings, m, link);
	}
	m->next = next;
	return n;
}

/* Who uses it no longer is not marked; who begins to is derived by it as it is. */
static void marking_skip(const struct entry *e)
{
	struct marking *m = marking_find(e->target);

	if (m && m->next == e)
		m->next = LIST_NEXT(e, user);
}

/* Derives all from what unicast routing says: how many users were marked, it being another way. */
static unsigned resolve(struct target *t)
{
	struct target was = *t;
	struct way way = choose(t);
	unsigned n;

	t->reachable = t->rpf.reachable;
	t->own = t->rpf.own && ip_eq(t->ip, t->watched);
	t->connected = t->rpf.connected && ip_eq(t->ip, t->watched);
	t->slot = way.slot;
	t->neighbor = way.neighbor;
	if (t->own ||
	    (!t->connected && direct_slot(t->pim, t->ip) != NOSLOT && ip_eq(t->ip, t->watched))) {
		t->slot = direct_slot(t->pim, t->ip);
		t->connected = true;
		t->neighbor = neighbor_at(t->pim, t->slot, t->ip);
	}
	judge(t);
	target_count(t);
	if (target_is_rp(t) && was.reachable != t->reachable)
		rp_changed(t);
	if (was.reachable == t->reachable && was.own == t->own && was.connected == t->connected &&
	    was.slot == t->slot && ip_eq(was.neighbor, t->neighbor) &&
	    was.preference == t->preference && was.metric == t->metric)
		return 0;
	log_debug(t->pim->log[AREA_RPF], "%s %s: RPF neighbor is %s", pim_ifname(t->pim, t->slot),
		  ip_str(t->ip), ip_str(t->neighbor));
	n = mark_users(t);
	/* sources that are registered have no (*,G), or need none */
	if (target_is_rp(t) && (was.own != t->own || was.slot != t->slot))
		entries_mark_all(t->pim);
	return n;
}

static bool via_is(const struct map_node *node, const void *ip)
{
	return ip_eq(container_of(node, struct via, node)->ip, *(const struct ip *)ip);
}

static struct via *via_find(const struct pim *pim, struct ip ip)
{
	struct map_node *node = map_find(&pim->vias, hash_of(ip), via_is, &ip);

	return node ? container_of(node, struct via, node) : NULL;
}

static void via_join(struct target *t)
{
	struct pim *pim = t->pim;
	struct via *v = via_find(pim, t->watched);

	if (!v) {
		v = xcalloc(1, sizeof(*v));
		v->ip = t->watched;
		LIST_INIT(&v->targets);
		map_add(&pim->vias, &v->node, hash_of(v->ip));
	}
	LIST_INSERT_HEAD(&v->targets, t, same_via);
	t->via = v;
}

static void via_leave(struct target *t)
{
	struct via *v = t->via;

	if (!v)
		return;
	LIST_REMOVE(t, same_via);
	t->via = NULL;
	if (!LIST_EMPTY(&v->targets))
		return;
	map_remove(&t->pim->vias, &v->node);
	free(v);
}

/* Several targets may lead by one next hop that was set; else each watches itself. */
static void unwatch(struct target *t)
{
	struct pim *pim = t->pim;
	struct ip watched = t->watched;
	const struct target *itself;

	via_leave(t);
	t->watched = ip_any(V6);
	itself = target_find(pim, watched);
	if (!via_find(pim, watched) && !(itself && ip_eq(itself->watched, watched)))
		pim->engine.host->op->unwatch(&pim->engine, watched);
}

static void watch(struct target *t)
{
	struct pim *pim = t->pim;

	t->watched = via(pim, t->ip);
	if (!ip_eq(t->watched, t->ip))
		via_join(t);
	pim->engine.host->op->watch(&pim->engine, t->watched, &t->rpf);
	if (t->via)
		t->via->rpf = t->rpf;
}

static struct target *target_get(struct pim *pim, struct ip ip)
{
	struct target *t = target_find(pim, ip);

	if (t)
		return t;
	t = xcalloc(1, sizeof(*t));
	t->pim = pim;
	t->ip = ip;
	t->number = ++pim->last_target;
	t->slot = NOSLOT;
	t->neighbor = ip_any(pim->engine.af);
	LIST_INIT(&t->users);
	map_add(&pim->targets, &t->node, hash_of(ip));
	TAILQ_INSERT_TAIL(&pim->target_list, t, link);
	pim->ntargets++;
	watch(t);
	resolve(t);
	return t;
}

/* Nobody needs it any more, unless somebody does. */
static void release(struct target *t)
{
	if (t->is_rp || t->holders || !LIST_EMPTY(&t->users))
		return;
	unwatch(t);
	if (t->pim->review.next == t)
		t->pim->review.next = TAILQ_NEXT(t, link);
	map_remove(&t->pim->targets, &t->node);
	TAILQ_REMOVE(&t->pim->target_list, t, link);
	t->pim->ntargets--;
	free(t);
}

void target_use(struct entry *e, struct ip ip)
{
	if (e->target && ip_eq(e->target->ip, ip))
		return;
	target_unuse(e);
	e->target = target_get(e->pim, ip);
	LIST_INSERT_HEAD(&e->target->users, e, user);
}

void target_unuse(struct entry *e)
{
	struct target *t = e->target;

	if (!t)
		return;
	marking_skip(e);
	LIST_REMOVE(e, user);
	e->target = NULL;
	release(t);
}

struct target *target_hold(struct pim *pim, struct ip ip)
{
	struct target *t = target_get(pim, ip);

	t->holders++;
	return t;
}

void target_drop(struct target *t)
{
	t->holders--;
	release(t);
}

/* What the review is of may lead elsewhere: how many users were marked. */
static unsigned look_at(struct target *t, const struct target_review *review)
{
	bool is_there = review->is_of_all || t->slot == NOSLOT || t->own ||
			ifset_has(review->slots, t->slot);

	for (unsigned i = 0; i < t->rpf.nhops && !is_there; i++)
		is_there = t->rpf.hop[i].slot != NOSLOT &&
			   ifset_has(review->slots, t->rpf.hop[i].slot);
	if (review->is_of_all && !ip_eq(t->watched, via(t->pim, t->ip))) {
		unwatch(t);
		watch(t);
	}
	if (t->via)
		t->rpf = t->via->rpf;
	return is_there ? resolve(t) : 0;
}

/* A slice of the review. */
static void review(struct pim *pim)
{
	struct target_review *r = &pim->review;

	for (unsigned n = 0; r->left && n < SLICE; n++, r->left--) {
		struct target *t = r->next ? r->next : TAILQ_FIRST(&pim->target_list);

		if (!t)
			break;
		r->next = TAILQ_NEXT(t, link);
		n += look_at(t, r);
	}
	if (r->left && pim->ntargets)
		pim->engine.host->op->wake(&pim->engine);
	else
		*r = (struct target_review){ 0 };
}

/* The first ones are looked at at once, which are all of most routers. */
static void review_all(struct pim *pim)
{
	pim->review.left = pim->ntargets;
	review(pim);
}

/* Some of the targets at once; of many, all are looked at for the others. */
static void via_changed(struct pim *pim, struct via *v)
{
	struct target *t;
	unsigned n = 0;

	LIST_FOREACH(t, &v->targets, same_via) {
		if (n >= SLICE)
			break;
		t->rpf = v->rpf;
		n += 1 + resolve(t);
	}
	if (t)
		targets_configure(pim);
}

void target_changed(struct pim *pim, struct ip ip, const struct rpf *rpf)
{
	struct target *t = target_find(pim, ip);
	struct via *v = via_find(pim, ip);

	if (t && !t->via) {
		t->rpf = *rpf;
		resolve(t);
	}
	if (!v)
		return;
	v->rpf = *rpf;
	via_changed(pim, v);
}

void targets_review(struct pim *pim, unsigned slot)
{
	pim->review.slots = ifset_with(pim->review.slots, slot);
	review_all(pim);
}

bool targets_are_reviewed(const struct pim *pim, unsigned slot)
{
	return pim->review.left && (pim->review.is_of_all || ifset_has(pim->review.slots, slot));
}

void targets_configure(struct pim *pim)
{
	pim->review.is_of_all = true;
	review_all(pim);
}

bool targets_work(struct pim *pim)
{
	struct marking *m = TAILQ_FIRST(&pim->markings);

	if (m) {
		mark_some(&m->next, SLICE);
		if (!m->next)
			marking_free(pim, m);
	}
	if (pim->review.left)
		review(pim);
	return pim->review.left || !TAILQ_EMPTY(&pim->markings);
}

void targets_watch_rps(struct pim *pim)
{
	struct target **before = pim->rp_target;
	unsigned nbefore = pim->nrp_targets;
	struct ip rp = ip_any(V6);

	for (unsigned i = 0; i < nbefore; i++)
		before[i]->is_rp = false;
	pim->rp_target = NULL;
	pim->nrp_targets = 0;
	while (rp_set_next(&pim->rps, &rp)) {
		struct target *t = target_get(pim, rp);

		pim->rp_target = xrealloc(pim->rp_target,
					  (pim->nrp_targets + 1) * sizeof(*pim->rp_target));
		pim->rp_target[pim->nrp_targets++] = t;
		t->is_rp = true;
		target_count(t);
		rp_set_reachable(&pim->rps, rp, t->reachable);
	}
	for (unsigned i = 0; i < nbefore; i++) {
		target_count(before[i]);
		release(before[i]);
	}
	free(before);
}

void targets_free(struct pim *pim)
{
	struct marking *m;
	struct target *t;

	free(pim->rp_target);
	while ((m = TAILQ_FIRST(&pim->markings)))
		marking_free(pim, m);
	while ((t = TAILQ_FIRST(&pim->target_list))) {
		TAILQ_REMOVE(&pim->target_list, t, link);
		via_leave(t);
		free(t);
	}
	map_free(&pim->targets);
	map_free(&pim->vias);
}
