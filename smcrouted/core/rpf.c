/* rpf.c - what unicast routing says of addresses that engines watch */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

_Static_assert(32 >= MAXENGINES, "a bit for each engine");

static int watch_cmp(struct watch *a, struct watch *b)
{
	return ip_cmp(a->ip, b->ip);
}

TREE_GENERATE(watch_tree, watch, order, watch_cmp)

void rpf_init(struct watches *ws)
{
	*ws = (struct watches){ 0 };
	TREE_INIT(watch_tree, &ws->tree);
}

void rpf_free(struct watches *ws)
{
	struct watch *w;

	while ((w = TREE_ANY(watch_tree, &ws->tree))) {
		TREE_REMOVE(watch_tree, &ws->tree, w);
		free(w);
	}
}

static struct watch *find(struct watches *ws, struct ip ip)
{
	struct watch key = { .ip = ip };

	return TREE_FIND(watch_tree, &ws->tree, &key);
}

/* The watch behind that address, the first one behind the last; NULL if there is none at all. */
static struct watch *behind(struct watches *ws, struct ip ip)
{
	struct watch key = { .ip = ip };
	struct watch *w = TREE_NFIND(watch_tree, &ws->tree, &key);

	if (w && ip_eq(w->ip, ip))
		w = TREE_NEXT(watch_tree, w);
	return w ? w : TREE_MIN(watch_tree, &ws->tree);
}

static unsigned slot_of(const struct router *r, unsigned ifindex)
{
	for (unsigned i = 0; i < MAXSLOTS; i++) {
		const struct device *d = r->ifaces.slot[i].device;

		if (d && d->ifindex == ifindex)
			return i;
	}
	return NOSLOT;
}

/* The answer as engines see it. To groups, and within a link, there is no one way. */
static struct rpf look_up(struct router *r, struct ip ip)
{
	struct kern_route route = { 0 };
	struct rpf rpf = { 0 };

	if (ip_is_any(ip) || ip_is_multicast(ip) || ip_is_link_local(ip))
		return rpf;
	if (!r->kern->op->route(r->kern, ip_family(ip), ip, &route) || !route.nhops)
		return rpf;
	rpf.reachable = rpf.connected = true;
	rpf.own = route.own;
	rpf.len = route.len;
	rpf.preference = route.preference;
	rpf.metric = route.metric;
	rpf.mtu = route.mtu;
	rpf.nhops = route.nhops;
	for (unsigned i = 0; i < route.nhops; i++) {
		rpf.hop[i].gateway = route.hop[i].gateway;
		rpf.hop[i].slot = slot_of(r, route.hop[i].ifindex);
		rpf.connected &= ip_is_any(route.hop[i].gateway);
	}
	return rpf;
}

static bool same(const struct rpf *a, const struct rpf *b)
{
	return a->reachable == b->reachable && a->own == b->own && a->connected == b->connected &&
	       a->len == b->len && a->preference == b->preference && a->metric == b->metric &&
	       a->mtu == b->mtu && a->nhops == b->nhops && !memcmp(a->hop, b->hop, sizeof(a->hop));
}

void rpf_watch(struct router *r, struct engine *e, struct ip ip, struct rpf *rpf)
{
	struct watches *ws = &r->watches[ip_family(ip)];
	struct watch *w = find(ws, ip);

	if (!w) {
		w = xcalloc(1, sizeof(*w));
		w->ip = ip;
		w->rpf = look_up(r, ip);
		w->asked = ws->round;
		TREE_INSERT(watch_tree, &ws->tree, w);
		ws->n++;
	}
	w->engines |= UINT32_C(1) << e->id;
	*rpf = w->rpf;
}

static void unwatch(struct watches *ws, struct watch *w, const struct engine *e)
{
	w->engines &= ~(UINT32_C(1) << e->id);
	if (w->engines)
		return;
	ws->n--;
	ws->nstale -= w->asked != ws->round;
	TREE_REMOVE(watch_tree, &ws->tree, w);
	free(w);
}

void rpf_unwatch(struct router *r, struct engine *e, struct ip ip)
{
	struct watches *ws = &r->watches[ip_family(ip)];
	struct watch *w = find(ws, ip);

	if (w)
		unwatch(ws, w, e);
}

void rpf_forget(struct router *r, const struct engine *e)
{
	for (enum af af = V4; af <= V6; af++) {
		struct watch *next = TREE_MIN(watch_tree, &r->watches[af].tree), *w;

		while ((w = next)) {
			next = TREE_NEXT(watch_tree, w);
			unwatch(&r->watches[af], w, e);
		}
	}
}

void router_routes_changed(struct router *r, enum af af)
{
	struct watches *ws = &r->watches[af];

	ws->round++;
	ws->nstale = ws->n;
}

void rpf_stale(struct router *r)
{
	for (enum af af = V4; af <= V6; af++)
		router_routes_changed(r, af);
}

bool rpf_is_stale(const struct router *r)
{
	return r->watches[V4].nstale || r->watches[V6].nstale;
}

/* Tells all who watch the address; by what they do, the watch may go at any time. */
static void tell(struct router *r, struct watches *ws, struct ip ip)
{
	for (unsigned id = 0; id < r->nloaded * NFAMILIES; id++) {
		const struct loaded *l = &r->loaded[id / NFAMILIES];
		struct watch *w = find(ws, ip);
		struct rpf rpf;

		if (!w || !(w->engines >> id & 1) || !l->module->rpf)
			continue;
		rpf = w->rpf;
		l->module->rpf(l->engines.af[id % NFAMILIES], ip, &rpf);
		r->awake = true;
	}
}

/* Asks the kernel anew; true if the answer is another one. */
static bool refresh(struct router *r, struct watches *ws, struct watch *w)
{
	struct rpf now = look_up(r, w->ip);

	w->asked = ws->round;
	ws->nstale--;
	if (same(&now, &w->rpf))
		return false;
	w->rpf = now;
	return true;
}

static void walk(struct router *r, struct watches *ws, unsigned budget)
{
	while (budget-- && ws->nstale) {
		struct watch *w = behind(ws, ws->at);

		ws->at = w->ip;
		if (w->asked != ws->round && refresh(r, ws, w))
			tell(r, ws, ws->at);
	}
}

void rpf_work(struct router *r, unsigned budget)
{
	for (enum af af = V4; af <= V6; af++)
		walk(r, &r->watches[af], budget);
}
