/* engine.c - the registry of engines, and the calls that they make
 *
 * The calls of module.h end up in the files that do the work: mfc.c, join.c, iface.c, event.c.
 */
#include <assert.h>

#include "core/core.h"

static int host_slot(struct host *host, const char *name)
{
	return iface_slot(router_of(host), name);
}

static const char *host_ifname(struct host *host, unsigned slot)
{
	return router_of(host)->ifaces.slot[slot].name;
}

static struct ifset host_present(struct host *host)
{
	return iface_present(&router_of(host)->ifaces);
}

static struct ifset host_expand(struct host *host, struct ifset set)
{
	return iface_expand(&router_of(host)->ifaces, set);
}

static struct ifset host_named_by(struct host *host, unsigned slot)
{
	return iface_named_by(&router_of(host)->ifaces, slot);
}

static void host_phyint(struct host *host, unsigned slot, const struct keyword *table, void *fields)
{
	const struct router *r = router_of(host);
	const struct phyints *said = r->load.checked ? r->load.checked : &r->ifaces.phyints;

	phyint_apply(said, r->ifaces.slot[slot].name, table, fields);
}

static struct iface host_iface(struct engine *e, unsigned slot)
{
	return iface_describe(router_of(e->host), e->af, slot);
}

static enum send_result host_send(struct engine *e, const struct packet *packet, unsigned *mtu)
{
	struct router *r = router_of(e->host);
	const struct device *d = NULL;

	if (packet->slot != NOSLOT) {
		d = r->ifaces.slot[packet->slot].device;
		if (!d)
			return SEND_FAILED;
	}
	return r->kern->op->send(r->kern, e->af, d ? d->ifindex : 0, packet, mtu);
}

static void host_listen(struct engine *e, unsigned slot, enum listen_what what, bool on)
{
	listen_set(router_of(e->host), e, slot, what, on);
}

static void host_tunnel(struct engine *e, bool on)
{
	listen_tunnel(router_of(e->host), e, on);
}

static void host_join(struct engine *e, unsigned slot, const struct membership *m)
{
	join_set(router_of(e->host), e, slot, m);
}

static const char *host_joined(struct engine *e, unsigned slot, struct ip group)
{
	return join_state(router_of(e->host), e, slot, group);
}

static void host_members(struct engine *e, unsigned slot, bool on)
{
	member_follow(router_of(e->host), e, slot, on);
}

static void host_membership(struct engine *e, unsigned slot, struct ip group, struct membership *m)
{
	member_get(router_of(e->host), e->af, slot, group, m);
}

static bool host_is_querier(struct engine *e, unsigned slot)
{
	return member_is_querier(router_of(e->host), e->af, slot);
}

static struct querying host_querying(struct engine *e, unsigned slot)
{
	return member_querying(router_of(e->host), e->af, slot);
}

static void host_member(struct engine *e, unsigned slot, const struct membership *m)
{
	member_tell(router_of(e->host), e, slot, m);
}

static void host_querier(struct engine *e, unsigned slot)
{
	member_tell_querier(router_of(e->host), e, slot);
}

static struct mfc *mfc_of(struct engine *e)
{
	return &router_of(e->host)->mfc[e->af];
}

static void host_route(struct engine *e, const struct route *route)
{
	mfc_route(mfc_of(e), e, route);
}

static void host_unroute(struct engine *e, struct sg sg, unsigned iif)
{
	mfc_unroute(mfc_of(e), e, sg, iif);
}

static bool host_routed(struct engine *e, struct sg sg, struct route *route)
{
	return mfc_routed(mfc_of(e), e, sg, route);
}

static void host_recall(struct engine *e, struct prefix groups)
{
	mfc_recall(mfc_of(e), e, groups);
}

static void host_alert(struct engine *e, struct sg sg)
{
	mfc_alert(mfc_of(e), sg);
}

static void host_watch(struct engine *e, struct ip ip, struct rpf *rpf)
{
	rpf_watch(router_of(e->host), e, ip, rpf);
}

static void host_unwatch(struct engine *e, struct ip ip)
{
	rpf_unwatch(router_of(e->host), e, ip);
}

static bool host_counters(struct engine *e, struct sg sg, struct counters *counters)
{
	return mfc_counters(mfc_of(e), sg, counters);
}

static void host_wake(struct engine *e)
{
	router_of(e->host)->awake = true;
}

static bool host_is_monitored(struct host *host)
{
	return sessions_monitor(router_of(host));
}

const struct host_ops engine_host_ops = {
	.slot = host_slot,
	.ifname = host_ifname,
	.present = host_present,
	.expand = host_expand,
	.named_by = host_named_by,
	.phyint = host_phyint,
	.iface = host_iface,
	.send = host_send,
	.listen = host_listen,
	.tunnel = host_tunnel,
	.join = host_join,
	.joined = host_joined,
	.members = host_members,
	.membership = host_membership,
	.is_querier = host_is_querier,
	.querying = host_querying,
	.member = host_member,
	.querier = host_querier,
	.route = host_route,
	.unroute = host_unroute,
	.routed = host_routed,
	.recall = host_recall,
	.alert = host_alert,
	.watch = host_watch,
	.unwatch = host_unwatch,
	.counters = host_counters,
	.wake = host_wake,
	.event = event_from_engine,
	.is_monitored = host_is_monitored,
};

/* Nobody's: not of one either whose wishes have yet to go. */
static bool is_free(const struct router *r, const struct loaded *l)
{
	unsigned id = (l - r->loaded) * NFAMILIES;

	return !l->engines.af[V4] &&
	       !((r->mfc[V4].gone >> (id + V4) | r->mfc[V6].gone >> (id + V6)) & 1);
}

/* Gives a module a place and makes its engines. */
static void begin(struct router *r, const struct module *m)
{
	struct loaded *l = r->loaded;

	for (; !is_free(r, l); l++)
		assert(l < r->loaded + MAXPLACES - 1);
	if (l == r->loaded + r->nloaded)
		r->nloaded++;
	l->module = m;
	for (enum af af = V4; af <= V6; af++) {
		struct engine *e = m->create();

		e->module = m;
		e->host = &r->host;
		e->log = log_area(r->host.log, m->name);
		e->af = af;
		e->id = (l - r->loaded) * NFAMILIES + af;
		l->engines.af[af] = e;
		if (m->start)
			m->start(e);
	}
}

void engines_create(struct router *r)
{
	for (const struct module *const *m = r->options.modules; *m; m++)
		begin(r, *m);
	engines_review(r);
}

/* All that the engine asked for is asked for no longer; what others see of it goes in slices. */
static void forget(struct router *r, struct engine *e)
{
	listen_forget(r, e);
	join_forget(r, e);
	member_forget(r, e);
	rpf_forget(r, e);
	mfc_forget(&r->mfc[e->af], e);
}

static void end(struct router *r, struct loaded *l)
{
	for (enum af af = V4; af <= V6 && l->module->stop; af++)
		l->module->stop(l->engines.af[af]);
	for (enum af af = V4; af <= V6; af++) {
		forget(r, l->engines.af[af]);
		l->module->destroy(l->engines.af[af]);
		l->engines.af[af] = NULL;
		l->routes[af] = false;
	}
}

struct loaded *engines_of(struct router *r, const struct module *module)
{
	loaded_foreach(r, l) {
		if (l->module == module)
			return l;
	}
	return NULL;
}

static bool is_among(const struct module *m, const struct module *const *module, unsigned n)
{
	while (n && *module != m)
		module++, n--;
	return n;
}

bool engines_shrink(struct router *r, const struct module *const *module, unsigned n,
		    unsigned budget)
{
	bool more = false;

	loaded_foreach(r, l) {
		if (is_among(l->module, module, n) || !l->module->shrink)
			continue;
		for (enum af af = V4; af <= V6; af++)
			more |= l->module->shrink(l->engines.af[af], budget);
	}
	return more;
}

void engines_change(struct router *r, const struct module *const *module, unsigned n)
{
	loaded_foreach(r, l) {
		if (is_among(l->module, module, n))
			continue;
		log_info(r->log, "module %s: ends", l->module->name);
		end(r, l);
	}
	for (unsigned i = 0; i < n; i++) {
		if (engines_of(r, module[i]))
			continue;
		log_info(r->log, "module %s: %s", module[i]->name, module[i]->version);
		begin(r, module[i]);
	}
	engines_review(r);
}

void engines_review(struct router *r)
{
	for (enum af af = V4; af <= V6; af++) {
		bool changed = false, learns = false;
		unsigned n = 0;

		engines_foreach(r, l, e, af) {
			const struct module *module = l->module;
			bool routes = module->upcall && !(module->is_idle && module->is_idle(e));

			changed |= routes != l->routes[af];
			l->routes[af] = routes;
			n += routes;
			learns |= routes && module->member;
		}
		if (changed || n != r->mfc[af].nrouting)
			mfc_review(&r->mfc[af], n, learns);
	}
}

void engines_destroy(struct router *r)
{
	for (enum af af = V4; af <= V6; af++) {
		engines_foreach(r, l, e, af)
			l->module->destroy(e);
	}
	r->nloaded = 0;
}

void engines_stop(struct router *r)
{
	for (enum af af = V4; af <= V6; af++) {
		engines_foreach(r, l, e, af) {
			if (l->module->stop)
				l->module->stop(e);
		}
	}
}

bool engines_settle_of(struct router *r, enum af af, unsigned budget)
{
	bool more = false;

	engines_foreach(r, l, e, af) {
		if (l->module->settle)
			more |= l->module->settle(e, budget);
	}
	return more;
}

bool engines_settle(struct router *r, unsigned budget)
{
	bool more = engines_settle_of(r, V4, budget);

	return engines_settle_of(r, V6, budget) || more;
}

struct ifset engines_slots(struct router *r)
{
	struct ifset used = ifset_none();

	for (enum af af = V4; af <= V6; af++) {
		engines_foreach(r, l, e, af) {
			if (l->module->slots)
				used = ifset_or(used, l->module->slots(e));
		}
	}
	return used;
}

void engines_iface(struct router *r, unsigned slot)
{
	for (enum af af = V4; af <= V6; af++) {
		struct iface iface = iface_describe(r, af, slot);

		engines_foreach(r, l, e, af) {
			if (l->module->iface)
				l->module->iface(e, slot, &iface);
		}
	}
	r->awake = r->listens.changed = true;
}

void router_packet(struct router *r, unsigned ifindex, const struct packet *packet)
{
	struct packet in = *packet;
	const struct device *d = iface_device(r, ifindex);
	enum af af = ip_family(packet->src);
	bool passed = false;

	in.slot = d ? d->slot : NOSLOT;
	engines_foreach(r, l, e, af) {
		if (in.slot == NOSLOT || !l->module->packet || !listen_has(r, e, &in))
			continue;
		l->module->packet(e, &in);
		passed = true;
	}
	if (!passed) {
		r->mfc[af].counts.unwanted++;
		return;
	}
	r->mfc[af].counts.packets++;
	r->awake = true;
}
