/* kern.c - the kernel as a simulated router has it
 *
 * Devices, files and what waits for the router live here; the multicast routing is mroute.c's,
 * memberships are member.c's, unicast routes are route.c's. Everything is kept in order, so that
 * the same calls give the same result.
 */
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>

#include "sim/datagram.h"
#include "sim/kern.h"
#include "sim/member.h"
#include "sim/mroute.h"
#include "sim/route.h"

/* What the kernel's default receive buffer, 208 KiB, has room for. */
#define MAX_UPCALLS 256

/* The tunnel's queue to the process, as a TUN device has it. */
#define MAX_TUNNELLED 500
#define TUNNEL_MTU 1500

struct address {
	TAILQ_ENTRY(address) link;
	struct prefix prefix;
};

struct device {
	RB_ENTRY(device) node;
	struct link link; /* its name is the one below */
	char name[16];
	TAILQ_HEAD(, address) addresses;
	uint8_t listens[NFAMILIES]; /* bits by enum listen_what */
};

struct file {
	TAILQ_ENTRY(file) link;
	char *name, *text;
};

/* An upcall on its way, or news of a device. */
struct upcall_waiting {
	TAILQ_ENTRY(upcall_waiting) link;
	enum af af;
	enum upcall_kind kind;
	struct sg sg;
	unsigned vif;
};

struct news {
	TAILQ_ENTRY(news) link;
	enum { NEWS_LINK, NEWS_GONE, NEWS_ADDRESS, NEWS_ROUTES } kind;
	enum af af;
	struct link device;
	char name[16];
	struct prefix address;
	bool on;
};

/* A packet in the tunnel, on its way to the router. */
struct tunnelled {
	TAILQ_ENTRY(tunnelled) link;
	struct sim_packet packet;
};

struct tunnel {
	unsigned ifindex, last; /* 0: there is none; that of the one before */
	bool is_claimed;	/* by the process at work */
	unsigned nwaiting;
	TAILQ_HEAD(, tunnelled) waiting;
};

struct refusal {
	const char *reason;
	unsigned count;
};

RB_HEAD(device_tree, device);

/* A table and the way back from it. */
struct table {
	struct mroute mroute;
	struct sim_kern *kern;
	unsigned nwaiting;
};

struct sim_state {
	struct table table[NFAMILIES];
	struct device_tree devices;
	struct members members;
	struct routes routes[NFAMILIES];
	struct tunnel tunnel;
	TAILQ_HEAD(, file) files; /* by name */
	TAILQ_HEAD(, upcall_waiting) upcalls;
	TAILQ_HEAD(, news) news;
	TAILQ_HEAD(, sim_sent) sent;
	struct refusal refusal[SIM_NCALLS];
	struct timer soon; /* what arose in a call of the router's */
	struct sim_kern *kern;
	bool delivering;
};

static int device_cmp(const struct device *a, const struct device *b)
{
	return a->link.ifindex < b->link.ifindex ? -1 : a->link.ifindex > b->link.ifindex;
}

RB_PROTOTYPE_STATIC(device_tree, device, node, device_cmp)
RB_GENERATE_STATIC(device_tree, device, node, device_cmp)

static struct device *device_find(const struct sim_kern *k, unsigned ifindex)
{
	struct device key = { .link.ifindex = ifindex };

	return RB_FIND(device_tree, &k->state->devices, &key);
}

static struct mroute *mroute_of(const struct sim_kern *k, enum af af)
{
	return &k->state->table[af].mroute;
}

/* What waits for the router. */

/* Once the call that is at work is over. */
static void tell_soon(struct sim_kern *k)
{
	struct sim_state *s = k->state;

	if (!k->hold && !s->delivering && !timer_is_running(&s->soon))
		timer_start(k->clock, &s->soon, 0);
}

static void tunnel_put(struct sim_kern *k, const struct sim_packet *packet)
{
	struct tunnel *t = &k->state->tunnel;
	struct tunnelled *waiting;

	if (t->nwaiting == MAX_TUNNELLED)
		return;
	waiting = xcalloc(1, sizeof(*waiting));
	waiting->packet = *packet;
	if (k->tunnelled)
		k->tunnelled(k, &waiting->packet);
	TAILQ_INSERT_TAIL(&t->waiting, waiting, link);
	t->nwaiting++;
	tell_soon(k);
}

static struct tunnelled *tunnel_take(struct tunnel *t)
{
	struct tunnelled *waiting = TAILQ_FIRST(&t->waiting);

	if (waiting) {
		TAILQ_REMOVE(&t->waiting, waiting, link);
		t->nwaiting--;
	}
	return waiting;
}

static void mroute_out(struct mroute *m, unsigned ifindex, const struct sim_packet *packet)
{
	struct sim_kern *k = container_of(m, struct table, mroute)->kern;
	const struct device *d = device_find(k, ifindex);

	if (!d || !d->link.up)
		return;
	if (ifindex == k->state->tunnel.ifindex)
		tunnel_put(k, packet);
	else if (k->out)
		k->out(k, ifindex, packet);
}

static bool mroute_upcall(struct mroute *m, enum upcall_kind kind, struct sg sg, unsigned vif)
{
	struct table *t = container_of(m, struct table, mroute);
	struct sim_state *s = t->kern->state;
	struct upcall_waiting *u;

	if (t->nwaiting >= t->kern->max_upcalls)
		return false;
	u = xcalloc(1, sizeof(*u));
	*u = (struct upcall_waiting){ .af = m->af, .kind = kind, .sg = sg, .vif = vif };
	TAILQ_INSERT_TAIL(&s->upcalls, u, link);
	t->nwaiting++;
	tell_soon(t->kern);
	return true;
}

unsigned sim_upcalls(struct sim_kern *k, unsigned max)
{
	struct sim_state *s = k->state;
	bool was = s->delivering;
	unsigned n = 0;

	s->delivering = true;
	while (n < max && !TAILQ_EMPTY(&s->upcalls)) {
		struct upcall_waiting *u = TAILQ_FIRST(&s->upcalls);

		TAILQ_REMOVE(&s->upcalls, u, link);
		s->table[u->af].nwaiting--;
		k->told++;
		if (k->router)
			router_upcall(k->router, u->af, u->kind, u->sg, u->vif);
		free(u);
		n++;
	}
	s->delivering = was;
	if (TAILQ_EMPTY(&s->upcalls) && TAILQ_EMPTY(&s->news) && !s->tunnel.nwaiting)
		timer_stop(k->clock, &s->soon);
	return n;
}

bool sim_tunnelled(struct sim_kern *k)
{
	struct tunnelled *waiting = tunnel_take(&k->state->tunnel);
	struct packet in = { .proto = PROTO_IP };
	void *data;

	if (!waiting)
		return false;
	in.ttl = waiting->packet.ttl;
	in.src = waiting->packet.sg.src;
	in.dst = waiting->packet.sg.grp;
	in.len = datagram_size(&waiting->packet);
	in.data = data = xcalloc(1, in.len);
	datagram_write(&waiting->packet, data);
	free(waiting);
	k->told++;
	if (k->router)
		router_packet(k->router, k->state->tunnel.ifindex, &in);
	free(data);
	return true;
}

static void tell(struct sim_kern *k, const struct news *n)
{
	switch (n->kind) {
	case NEWS_LINK:
		router_link(k->router, &n->device);
		break;
	case NEWS_GONE:
		router_link_gone(k->router, n->device.ifindex);
		break;
	case NEWS_ADDRESS:
		router_address(k->router, n->device.ifindex, &n->address, n->on);
		break;
	case NEWS_ROUTES:
		router_routes_changed(k->router, n->af);
		break;
	}
}

unsigned sim_deliver(struct sim_kern *k)
{
	struct sim_state *s = k->state;
	bool was = s->delivering;
	unsigned n = 0;

	s->delivering = true;
	for (;;) {
		struct news *news;

		n += sim_upcalls(k, UINT_MAX);
		if (sim_tunnelled(k)) {
			n++;
			continue;
		}
		news = TAILQ_FIRST(&s->news);
		if (!news)
			break;
		TAILQ_REMOVE(&s->news, news, link);
		k->told++;
		if (k->router)
			tell(k, news);
		free(news);
		n++;
	}
	s->delivering = was;
	timer_stop(k->clock, &s->soon);
	return n;
}

/* After something happened: the router hears of it now, unless it is to wait or at it already. */
static void happened(struct sim_kern *k)
{
	if (!k->hold && !k->state->delivering)
		sim_deliver(k);
}

static void soon(struct timer *timer)
{
	happened(container_of(timer, struct sim_state, soon)->kern);
}

static void report(struct sim_kern *k, const struct news *news)
{
	struct news *n = xcalloc(1, sizeof(*n));

	*n = *news;
	if (n->device.name) {
		strncpy(n->name, n->device.name, sizeof(n->name) - 1);
		n->device.name = n->name;
	}
	TAILQ_INSERT_TAIL(&k->state->news, n, link);
}

unsigned sim_upcalls_waiting(const struct sim_kern *k, enum af af)
{
	return k->state->table[af].nwaiting;
}

/* Devices */

static void link_set(struct sim_kern *k, const struct link *link)
{
	struct device *d = device_find(k, link->ifindex);

	if (!d) {
		d = xcalloc(1, sizeof(*d));
		d->link.ifindex = link->ifindex;
		TAILQ_INIT(&d->addresses);
		RB_INSERT(device_tree, &k->state->devices, d);
	}
	d->link = *link;
	if (link->name != d->name) {
		memset(d->name, 0, sizeof(d->name));
		strncpy(d->name, link->name, sizeof(d->name) - 1);
	}
	d->link.name = d->name;
	for (enum af af = V4; af < NFAMILIES; af++)
		routes_link(&k->state->routes[af], d->link.ifindex, d->link.up);
	report(k, &(struct news){ .kind = NEWS_LINK, .device = d->link });
}

void sim_link(struct sim_kern *k, const struct link *link)
{
	link_set(k, link);
	happened(k);
}

void sim_link_up(struct sim_kern *k, unsigned ifindex, const char *name)
{
	sim_link(k, &(struct link){
			    .ifindex = ifindex,
			    .name = name,
			    .up = true,
			    .multicast = true,
			    .mtu = 1500,
		    });
}

static void device_free(struct sim_kern *k, struct device *d)
{
	struct address *a;

	while ((a = TAILQ_FIRST(&d->addresses))) {
		TAILQ_REMOVE(&d->addresses, a, link);
		free(a);
	}
	RB_REMOVE(device_tree, &k->state->devices, d);
	free(d);
}

static void link_gone(struct sim_kern *k, unsigned ifindex)
{
	struct device *d = device_find(k, ifindex);
	struct tunnel *t = &k->state->tunnel;
	struct tunnelled *waiting;

	if (!d)
		return;
	if (ifindex == t->ifindex) {
		t->ifindex = 0;
		while ((waiting = tunnel_take(t)))
			free(waiting);
	}
	for (enum af af = V4; af < NFAMILIES; af++) {
		mroute_gone(mroute_of(k, af), ifindex);
		routes_gone(&k->state->routes[af], ifindex);
	}
	members_gone(&k->state->members, ifindex);
	device_free(k, d);
	report(k, &(struct news){ .kind = NEWS_GONE, .device.ifindex = ifindex });
}

void sim_link_gone(struct sim_kern *k, unsigned ifindex)
{
	link_gone(k, ifindex);
	happened(k);
}

void sim_address(struct sim_kern *k, unsigned ifindex, const struct prefix *address, bool on)
{
	struct device *d = device_find(k, ifindex);
	struct address *a;

	if (!d)
		return;
	TAILQ_FOREACH(a, &d->addresses, link) {
		if (ip_eq(a->prefix.ip, address->ip) && a->prefix.len == address->len)
			break;
	}
	if (!on == !a)
		return;
	if (on) {
		a = xcalloc(1, sizeof(*a));
		a->prefix = *address;
		TAILQ_INSERT_TAIL(&d->addresses, a, link);
	} else {
		TAILQ_REMOVE(&d->addresses, a, link);
		free(a);
	}
	routes_address(&k->state->routes[ip_family(address->ip)], ifindex, address, on);
	routes_link(&k->state->routes[ip_family(address->ip)], ifindex, d->link.up);
	report(k, &(struct news){ .kind = NEWS_ADDRESS,
				  .device.ifindex = ifindex,
				  .address = *address,
				  .on = on });
	happened(k);
}

const char *sim_route_set(struct sim_kern *k, const struct sim_route *route)
{
	enum af af = ip_family(route->to.ip);

	for (unsigned i = 0; i < route->nhops; i++) {
		const struct device *d = device_find(k, route->hop[i].ifindex);

		if (!d || !d->link.up)
			return d ? "Network is down" : REASON_ENODEV;
	}
	routes_set(&k->state->routes[af], route);
	report(k, &(struct news){ .kind = NEWS_ROUTES, .af = af });
	happened(k);
	return NULL;
}

void sim_route_del(struct sim_kern *k, struct prefix to, uint32_t metric)
{
	enum af af = ip_family(to.ip);

	routes_del(&k->state->routes[af], to, metric);
	report(k, &(struct news){ .kind = NEWS_ROUTES, .af = af });
	happened(k);
}

void sim_resync(struct sim_kern *k)
{
	struct device *d;
	struct address *a;

	if (!k->router)
		return;
	router_resync_begin(k->router);
	RB_FOREACH(d, device_tree, &k->state->devices) {
		router_link(k->router, &d->link);
		TAILQ_FOREACH(a, &d->addresses, link)
			router_address(k->router, d->link.ifindex, &a->prefix, true);
	}
	router_resync_end(k->router);
}

const struct link *sim_link_find(const struct sim_kern *k, unsigned ifindex)
{
	const struct device *d = device_find(k, ifindex);

	return d ? &d->link : NULL;
}

unsigned sim_link_index(const struct sim_kern *k, const char *name)
{
	struct device *d;

	RB_FOREACH(d, device_tree, &k->state->devices) {
		if (!strcmp(d->name, name))
			return d->link.ifindex;
	}
	return 0;
}

/* Packets */

void sim_packet(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet)
{
	const struct device *d = device_find(k, ifindex);

	if (!d || !d->link.up)
		return;
	mroute_packet(mroute_of(k, packet->af), ifindex, packet);
	happened(k);
}

bool sim_receive(struct sim_kern *k, unsigned ifindex, const struct packet *packet)
{
	const struct device *d = device_find(k, ifindex);

	if (packet->proto == PROTO_UDP || packet->proto == PROTO_IP)
		return false;
	if (!d || !d->link.up || !k->router)
		return false;
	if (!sim_listens(k, ip_family(packet->dst), ifindex, packet_listened(packet)))
		return false;
	router_packet(k->router, ifindex, packet);
	return true;
}

/* Faults: true if the call is to fail, with its reason. */
static bool is_refused(struct sim_kern *k, enum sim_call call, const char **reason)
{
	struct refusal *r = &k->state->refusal[call];

	if (!r->count)
		return false;
	if (r->count != UINT_MAX)
		r->count--;
	*reason = r->reason;
	return true;
}

void sim_refuse(struct sim_kern *k, enum sim_call call, const char *reason, unsigned count)
{
	k->state->refusal[call] = (struct refusal){ .reason = reason, .count = count };
}

/* What the router is answered. */
static const char *answer(struct sim_kern *k, const char *reason)
{
	k->refused += reason != NULL;
	return reason;
}

static const char *written(struct sim_kern *k, const char *reason)
{
	k->writes += reason == NULL;
	return answer(k, reason);
}

/* The calls of struct kern_ops */

static struct sim_kern *sim_of(struct kern *kern)
{
	return container_of(kern, struct sim_kern, kern);
}

static const char *op_family(struct kern *kern, enum af af)
{
	struct sim_kern *k = sim_of(kern);
	const char *reason = NULL;

	(void)af;
	is_refused(k, SIM_FAMILY, &reason);
	return answer(k, reason);
}

static const char *op_vif_add(struct kern *kern, enum af af, unsigned vif, unsigned ifindex)
{
	struct sim_kern *k = sim_of(kern);
	const char *reason;

	if (is_refused(k, SIM_VIF_ADD, &reason))
		return answer(k, reason);
	if (vif < MAXVIFS && !sim_vif(k, af, vif) && !device_find(k, ifindex))
		return answer(k, REASON_EADDRNOTAVAIL);
	return written(k, mroute_vif_add(mroute_of(k, af), vif, ifindex));
}

static const char *op_vif_del(struct kern *kern, enum af af, unsigned vif)
{
	struct sim_kern *k = sim_of(kern);
	const char *reason;

	if (is_refused(k, SIM_VIF_DEL, &reason))
		return answer(k, reason);
	return written(k, mroute_vif_del(mroute_of(k, af), vif));
}

static const char *op_mfc_set(struct kern *kern, enum af af, const struct mfc_entry *entry)
{
	struct sim_kern *k = sim_of(kern);
	struct mroute *m = mroute_of(k, af);
	unsigned long noops = m->noops;
	const char *reason;

	if (is_refused(k, SIM_MFC_SET, &reason))
		return answer(k, reason);
	reason = mroute_set(m, entry, ip_is_any(entry->sg.src) ? entry->parent : ANY_PARENT);
	k->noops += m->noops - noops;
	if (!reason && k->wrote)
		k->wrote(k, af, entry->sg, entry);
	return written(k, reason);
}

static const char *op_mfc_del(struct kern *kern, enum af af, struct sg sg, unsigned parent)
{
	struct sim_kern *k = sim_of(kern);
	const char *reason;

	if (is_refused(k, SIM_MFC_DEL, &reason))
		return answer(k, reason);
	if (!ip_is_any(sg.src))
		parent = ANY_PARENT;
	reason = mroute_del(mroute_of(k, af), sg, parent);
	if (!reason && k->wrote)
		k->wrote(k, af, sg, NULL);
	return written(k, reason);
}

static void count(const struct mfc *c, struct counters *counters)
{
	*counters = (struct counters){
		.packets = c->packets - c->wrong,
		.bytes = c->bytes,
		.wrong = c->wrong,
	};
}

static bool op_counters(struct kern *kern, enum af af, struct sg sg, struct counters *counters)
{
	struct sim_kern *k = sim_of(kern);
	const struct mfc *c = mroute_find(mroute_of(k, af), sg);
	const char *reason = REASON_EADDRNOTAVAIL;

	if (is_refused(k, SIM_COUNTERS, &reason) || !c) {
		answer(k, reason);
		return false;
	}
	count(c, counters);
	return true;
}

static unsigned least_mtu(const struct sim_kern *k, const struct kern_route *route)
{
	unsigned least = UINT_MAX;

	for (unsigned i = 0; i < route->nhops; i++) {
		unsigned mtu = device_find(k, route->hop[i].ifindex)->link.mtu;

		least = mtu < least ? mtu : least;
	}
	return least;
}

bool sim_route(const struct sim_kern *k, struct ip to, struct kern_route *route)
{
	if (!routes_find(&k->state->routes[ip_family(to)], to, route))
		return false;
	if (!route->mtu)
		route->mtu = least_mtu(k, route);
	return true;
}

static bool op_route(struct kern *kern, enum af af, struct ip ip, struct kern_route *route)
{
	struct sim_kern *k = sim_of(kern);
	const char *reason = NULL;

	(void)af;
	k->lookups++;
	if (is_refused(k, SIM_ROUTE, &reason)) {
		answer(k, reason);
		return false;
	}
	return sim_route(k, ip, route);
}

static void tell_member(struct sim_kern *k, unsigned ifindex, struct ip group)
{
	const struct membership *m = members_merged(&k->state->members, ifindex, group);

	if (k->member)
		k->member(k, ifindex, m ? m : &(struct membership){ .group = group });
}

static const char *op_join(struct kern *kern, unsigned who, unsigned ifindex,
			   const struct membership *m)
{
	struct sim_kern *k = sim_of(kern);
	const char *reason = NULL;

	if (is_refused(k, SIM_JOIN, &reason))
		return answer(k, reason);
	if (!device_find(k, ifindex))
		return answer(k, REASON_ENODEV);
	if (!ip_is_multicast(m->group))
		return answer(k, REASON_EINVAL);
	members_set(&k->state->members, who, ifindex, m);
	tell_member(k, ifindex, m->group);
	return NULL;
}

static const char *op_listen(struct kern *kern, enum af af, unsigned ifindex, enum listen_what what,
			     bool on)
{
	struct sim_kern *k = sim_of(kern);
	struct device *d = device_find(k, ifindex);
	const char *reason;

	if (is_refused(k, SIM_LISTEN, &reason))
		return answer(k, reason);
	if (!d)
		return answer(k, REASON_ENODEV);
	d->listens[af] &= ~(1u << what);
	if (on)
		d->listens[af] |= 1u << what;
	return NULL;
}

/* As TUN devices do it: it is there, then it is up. */
static void tunnel_begin(struct sim_kern *k)
{
	struct tunnel *t = &k->state->tunnel;
	struct link link = {
		.ifindex = t->last ? t->last + 1 : SIM_TUNNEL_IFINDEX,
		.name = TUNNEL_NAME,
		.multicast = true,
		.ptp = true,
		.mtu = TUNNEL_MTU,
	};

	t->ifindex = t->last = link.ifindex;
	link_set(k, &link);
	link.up = true;
	link_set(k, &link);
}

static const char *op_tunnel(struct kern *kern, bool on)
{
	struct sim_kern *k = sim_of(kern);
	struct tunnel *t = &k->state->tunnel;
	const char *reason;

	if (is_refused(k, SIM_TUNNEL, &reason))
		return answer(k, reason);
	if (on && !t->ifindex && sim_link_index(k, TUNNEL_NAME))
		return answer(k, REASON_EINVAL);
	t->is_claimed = on;
	if (on && !t->ifindex)
		tunnel_begin(k);
	else if (!on)
		link_gone(k, t->ifindex);
	tell_soon(k);
	return NULL;
}

/* What the process writes to the device comes in there. */
static enum send_result tunnel_send(struct sim_kern *k, const struct packet *packet)
{
	unsigned version = packet->len ? *(const uint8_t *)packet->data >> 4 : 0;
	struct sim_packet in;

	if (datagram_read(packet->data, packet->len, &in)) {
		mroute_packet(mroute_of(k, in.af), k->state->tunnel.ifindex, &in);
		return SENT;
	}
	k->malformed++;
	return version == 4 || version == 6 ? SENT : SEND_FAILED;
}

/* A copy with its data behind it. */
static void keep_sent(struct sim_kern *k, enum af af, unsigned ifindex, const struct packet *packet)
{
	struct sim_sent *s = xcalloc(1, sizeof(*s) + packet->len);

	s->at = k->clock->now;
	s->af = af;
	s->ifindex = ifindex;
	s->packet = *packet;
	s->packet.data = s + 1;
	if (packet->len)
		memcpy(s + 1, packet->data, packet->len);
	TAILQ_INSERT_TAIL(&k->state->sent, s, link);
}

static enum send_result op_send(struct kern *kern, enum af af, unsigned ifindex,
				const struct packet *packet, unsigned *mtu)
{
	struct sim_kern *k = sim_of(kern);
	const struct device *d = device_find(k, ifindex);
	const char *reason = REASON_ENODEV;

	if (is_refused(k, SIM_SEND, &reason) || (ifindex && (!d || !d->link.up))) {
		answer(k, reason);
		return SEND_FAILED;
	}
	if (packet->proto == PROTO_IP) {
		if (ifindex && ifindex == k->state->tunnel.ifindex)
			return tunnel_send(k, packet);
		answer(k, REASON_EINVAL);
		return SEND_FAILED;
	}
	if (k->send)
		return k->send(k, af, ifindex, packet, mtu);
	keep_sent(k, af, ifindex, packet);
	return SENT;
}

static const char *op_read(struct kern *kern, const char *pattern,
			   void (*file)(void *arg, const char *name, struct buf *text), void *arg)
{
	struct sim_kern *k = sim_of(kern);
	const char *reason;
	struct file *f;
	bool any = false;

	if (is_refused(k, SIM_READ, &reason))
		return answer(k, reason);
	TAILQ_FOREACH(f, &k->state->files, link) {
		struct buf text = { 0 };

		if (fnmatch(pattern, f->name, FNM_PATHNAME | FNM_PERIOD))
			continue;
		any = true;
		buf_puts(&text, f->text);
		buf_room(&text, 1);
		file(arg, f->name, &text);
		buf_free(&text);
	}
	return any || strpbrk(pattern, "*?[") ? NULL : answer(k, REASON_ENOENT);
}

static const struct module *op_module(struct kern *kern, const char *name, struct buf *why)
{
	struct sim_kern *k = sim_of(kern);
	const struct module *const *m = k->modules;
	const char *reason = NO_SUCH_FILE;

	if (!is_refused(k, SIM_MODULE, &reason)) {
		while (m && *m && strcmp((*m)->name, name))
			m++;
		if (m && *m)
			return *m;
	}
	buf_printf(why, "%s: %s", name, answer(k, reason));
	return NULL;
}

static void op_hook(struct kern *kern, const struct hook *hook)
{
	static const char *const kind[] = { "install", "change", "remove" };

	buf_printf(&sim_of(kern)->hooks, "%s %s from %s to %s by %s\n", kind[hook->kind],
		   sg_str(&hook->sg), hook->iif, hook->oifs, hook->owner);
}

static void op_reloading(struct kern *kern)
{
	sim_of(kern)->nreloading++;
}

static void op_ready(struct kern *kern, bool good)
{
	struct sim_kern *k = sim_of(kern);

	k->nready += good;
	k->nrefused += !good;
}

static const char *op_upgrade(struct kern *kern, struct session *asker)
{
	(void)asker;
	return answer(sim_of(kern), "not in the simulator");
}

/* The model counts nothing that the core does not. */
static bool op_count(struct kern *kern, unsigned i, struct count *count)
{
	(void)kern;
	(void)i;
	(void)count;
	return false;
}

static const struct kern_ops ops = {
	.family = op_family,
	.vif_add = op_vif_add,
	.vif_del = op_vif_del,
	.mfc_set = op_mfc_set,
	.mfc_del = op_mfc_del,
	.counters = op_counters,
	.route = op_route,
	.join = op_join,
	.listen = op_listen,
	.tunnel = op_tunnel,
	.send = op_send,
	.count = op_count,
	.read = op_read,
	.module = op_module,
	.hook = op_hook,
	.reloading = op_reloading,
	.ready = op_ready,
	.upgrade = op_upgrade,
};

struct sim_kern *sim_kern_new(struct clock *clock)
{
	struct sim_kern *k = xcalloc(1, sizeof(*k));
	struct sim_state *s = xcalloc(1, sizeof(*s));

	k->kern.op = &ops;
	k->clock = clock;
	k->state = s;
	k->max_upcalls = MAX_UPCALLS;
	s->kern = k;
	timer_init(&s->soon, soon);
	RB_INIT(&s->devices);
	members_init(&s->members);
	TAILQ_INIT(&s->tunnel.waiting);
	TAILQ_INIT(&s->files);
	TAILQ_INIT(&s->upcalls);
	TAILQ_INIT(&s->news);
	TAILQ_INIT(&s->sent);
	for (enum af af = V4; af < NFAMILIES; af++) {
		struct table *t = &s->table[af];

		t->kern = k;
		mroute_init(&t->mroute, af, clock);
		t->mroute.out = mroute_out;
		t->mroute.upcall = mroute_upcall;
		routes_init(&s->routes[af], af);
	}
	return k;
}

void sim_process_gone(struct sim_kern *k)
{
	struct sim_state *s = k->state;
	struct upcall_waiting *u;
	struct device *d;
	struct news *n;
	unsigned ifindex;
	struct ip group;

	link_gone(k, s->tunnel.ifindex);
	while ((u = TAILQ_FIRST(&s->upcalls))) {
		TAILQ_REMOVE(&s->upcalls, u, link);
		s->table[u->af].nwaiting--;
		free(u);
	}
	while ((n = TAILQ_FIRST(&s->news))) {
		TAILQ_REMOVE(&s->news, n, link);
		free(n);
	}
	timer_stop(k->clock, &s->soon);
	for (enum af af = V4; af < NFAMILIES; af++)
		mroute_clear(mroute_of(k, af));
	while (members_drop(&s->members, false, &ifindex, &group))
		tell_member(k, ifindex, group);
	RB_FOREACH(d, device_tree, &s->devices)
		memset(d->listens, 0, sizeof(d->listens));
}

void sim_inherit_members(struct sim_kern *k)
{
	members_inherit(&k->state->members);
	k->state->tunnel.is_claimed = false;
}

void sim_drop_unclaimed(struct sim_kern *k)
{
	unsigned ifindex;
	struct ip group;

	while (members_drop(&k->state->members, true, &ifindex, &group))
		tell_member(k, ifindex, group);
	if (!k->state->tunnel.is_claimed)
		sim_link_gone(k, k->state->tunnel.ifindex);
}

static void file_free(struct sim_kern *k, struct file *f)
{
	TAILQ_REMOVE(&k->state->files, f, link);
	free(f->name);
	free(f->text);
	free(f);
}

void sim_kern_free(struct sim_kern *k)
{
	struct sim_state *s = k->state;
	struct sim_sent *sent;

	k->member = NULL;
	sim_process_gone(k);
	buf_free(&k->hooks);
	for (enum af af = V4; af < NFAMILIES; af++) {
		mroute_end(mroute_of(k, af));
		routes_free(&s->routes[af]);
	}
	while (!RB_EMPTY(&s->devices))
		device_free(k, RB_ROOT(&s->devices));
	members_free(&s->members);
	while (!TAILQ_EMPTY(&s->files))
		file_free(k, TAILQ_FIRST(&s->files));
	while ((sent = sim_sent(k)))
		free(sent);
	free(s);
	free(k);
}

void sim_file(struct sim_kern *k, const char *name, const char *text)
{
	struct file *f, *next;

	TAILQ_FOREACH_SAFE(f, &k->state->files, link, next) {
		if (!strcmp(f->name, name))
			file_free(k, f);
	}
	if (!text)
		return;
	TAILQ_FOREACH(next, &k->state->files, link) {
		if (strcmp(next->name, name) > 0)
			break;
	}
	f = xcalloc(1, sizeof(*f));
	f->name = xstrdup(name);
	f->text = xstrdup(text);
	if (next)
		TAILQ_INSERT_BEFORE(next, f, link);
	else
		TAILQ_INSERT_TAIL(&k->state->files, f, link);
}

/* For checkers */

static void describe(const struct mroute *m, const struct mfc *c, struct sim_entry *entry)
{
	*entry = (struct sim_entry){ .sg = c->sg, .parent = c->parent };
	memcpy(entry->ttl, c->ttl, sizeof(entry->ttl));
	count(c, &entry->counters);
	entry->iif = m->vif[c->parent];
	for (unsigned vif = 0; vif < MAXVIFS; vif++)
		entry->oif[vif] = c->ttl[vif] ? m->vif[vif] : 0;
}

bool sim_entry(const struct sim_kern *k, enum af af, struct sg sg, struct sim_entry *entry)
{
	const struct mroute *m = mroute_of(k, af);
	const struct mfc *c = mroute_find(m, sg);

	if (c)
		describe(m, c, entry);
	return c;
}

void sim_entries(const struct sim_kern *k, enum af af,
		 void (*each)(void *arg, const struct sim_entry *entry), void *arg)
{
	const struct mroute *m = mroute_of(k, af);

	for (const struct mfc *c = mroute_next(m, NULL); c; c = mroute_next(m, c)) {
		struct sim_entry entry;

		describe(m, c, &entry);
		each(arg, &entry);
	}
}

unsigned sim_nentries(const struct sim_kern *k, enum af af)
{
	return mroute_of(k, af)->nentries;
}

unsigned sim_unresolved(const struct sim_kern *k, enum af af)
{
	return mroute_of(k, af)->nunresolved;
}

bool sim_forwards(const struct sim_kern *k, struct sg sg, unsigned iif, unsigned oif)
{
	return mroute_forwards(mroute_of(k, ip_family(sg.grp)), sg, iif, oif);
}

unsigned sim_vif(const struct sim_kern *k, enum af af, unsigned vif)
{
	return vif < MAXVIFS ? mroute_of(k, af)->vif[vif] : 0;
}

unsigned sim_vif_of(const struct sim_kern *k, enum af af, unsigned ifindex)
{
	return mroute_vif_of(mroute_of(k, af), ifindex);
}

const char *sim_plain_set(struct sim_kern *k, enum af af, const struct mfc_entry *entry)
{
	return mroute_set(mroute_of(k, af), entry, ANY_PARENT);
}

const char *sim_plain_del(struct sim_kern *k, enum af af, struct sg sg)
{
	return mroute_del(mroute_of(k, af), sg, ANY_PARENT);
}

const char *sim_proxy_set(struct sim_kern *k, enum af af, const struct mfc_entry *entry)
{
	return mroute_set(mroute_of(k, af), entry, entry->parent);
}

const char *sim_proxy_del(struct sim_kern *k, enum af af, struct sg sg, unsigned parent)
{
	return mroute_del(mroute_of(k, af), sg, parent);
}

const struct membership *sim_joined(struct sim_kern *k, unsigned who, unsigned ifindex,
				    struct ip group)
{
	return members_one(&k->state->members, who, ifindex, group);
}

const struct membership *sim_member(struct sim_kern *k, unsigned ifindex, struct ip group)
{
	return members_merged(&k->state->members, ifindex, group);
}

void sim_members(struct sim_kern *k, unsigned ifindex, enum af af,
		 void (*each)(void *arg, const struct membership *m), void *arg)
{
	members_each(&k->state->members, ifindex, af, each, arg);
}

bool sim_listens(const struct sim_kern *k, enum af af, unsigned ifindex, enum listen_what what)
{
	const struct device *d = device_find(k, ifindex);

	return d && d->listens[af] >> what & 1;
}

struct sim_sent *sim_sent(struct sim_kern *k)
{
	struct sim_sent *s = TAILQ_FIRST(&k->state->sent);

	if (s)
		TAILQ_REMOVE(&k->state->sent, s, link);
	return s;
}
