/* kern.c - the kernel as a simulated router has it: what the router calls
 *
 * The multicast routing is mroute.c's, memberships are member.c's, unicast routes are route.c's.
 * Everything is kept in order, so that the same calls give the same result.
 */
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>

#include "sim/datagram.h"
#include "sim/kern_state.h"

/* What the kernel's default receive buffer, 208 KiB, has room for. */
#define MAX_UPCALLS 256

/* Some thousand links that change at once, for which linux/netlink.c has room. */
#define MAX_NEWS 5000

/* Packets */

void sim_packet(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet)
{
	const struct device *d = device_find(k, ifindex);

	if (!d || !d->link.up)
		return;
	mroute_packet(kern_mroute(k, packet->af), ifindex, packet);
	kern_happened(k);
}

bool sim_receive(struct sim_kern *k, unsigned ifindex, const struct packet *packet)
{
	const struct device *d = device_find(k, ifindex);

	if (packet->proto == PROTO_IP ||
	    (packet->proto == PROTO_UDP && packet->dport != AUTO_RP_PORT))
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
	return written(k, mroute_vif_add(kern_mroute(k, af), vif, ifindex));
}

static const char *op_vif_del(struct kern *kern, enum af af, unsigned vif)
{
	struct sim_kern *k = sim_of(kern);
	const char *reason;

	if (is_refused(k, SIM_VIF_DEL, &reason))
		return answer(k, reason);
	return written(k, mroute_vif_del(kern_mroute(k, af), vif));
}

static const char *op_mfc_set(struct kern *kern, enum af af, const struct mfc_entry *entry)
{
	struct sim_kern *k = sim_of(kern);
	struct mroute *m = kern_mroute(k, af);
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
	reason = mroute_del(kern_mroute(k, af), sg, parent);
	if (!reason && k->wrote)
		k->wrote(k, af, sg, NULL);
	return written(k, reason);
}

static bool op_counters(struct kern *kern, enum af af, struct sg sg, struct counters *counters)
{
	struct sim_kern *k = sim_of(kern);
	const struct mfc *c = mroute_find(kern_mroute(k, af), sg);
	const char *reason = REASON_EADDRNOTAVAIL;

	if (is_refused(k, SIM_COUNTERS, &reason) || !c) {
		answer(k, reason);
		return false;
	}
	*counters = kern_counters(c);
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
	if (what == LISTEN_AUTO_RP && af == V6)
		return answer(k, REASON_EAFNOSUPPORT);
	if (!d)
		return answer(k, REASON_ENODEV);
	d->listens[af] &= ~(1u << what);
	if (on)
		d->listens[af] |= 1u << what;
	return NULL;
}

static const char *op_tunnel(struct kern *kern, bool on)
{
	struct sim_kern *k = sim_of(kern);
	struct tunnel *t = &k->state->tunnel;
	const char *reason;

	if (is_refused(k, SIM_TUNNEL, &reason))
		return answer(k, reason);
	if (on && !t->ifindex && sim_link_index(k, TUNNEL_NAME))
		return answer(k, "there is another device of this name");
	t->is_claimed = on;
	if (on && !t->ifindex)
		tunnel_begin(k);
	else if (!on)
		device_gone(k, t->ifindex);
	kern_tell_soon(k);
	return NULL;
}

/* What the process writes to the device comes in there. */
static enum send_result tunnel_send(struct sim_kern *k, const struct packet *packet)
{
	struct sim_packet in;
	bool good = datagram_read(packet->data, packet->len, &in);

	k->malformed += !good;
	if (!tunnel_takes(in.sg)) {
		answer(k, REASON_EINVAL);
		return SEND_FAILED;
	}
	if (good)
		mroute_packet(kern_mroute(k, in.af), k->state->tunnel.ifindex, &in);
	return SENT;
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

/* Not from a tentative address; without a source from the link-local one, if it is there yet. */
static bool can_send_from(const struct device *d, enum af af, struct ip src)
{
	const struct address *a;

	if (af == V4 || !d->kern->dad)
		return true;
	if (!ip_is_any(src)) {
		a = device_address(d, src);
		return !a || !a->is_tentative;
	}
	TAILQ_FOREACH(a, &d->addresses, link) {
		if (!a->is_tentative && ip_family(a->prefix.ip) == V6 &&
		    ip_is_link_local(a->prefix.ip))
			return true;
	}
	return false;
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
	if (d && !can_send_from(d, af, packet->src)) {
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
	k->max_news = MAX_NEWS;
	s->kern = k;
	timer_init(&s->soon, kern_soon);
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
		t->mroute.out = kern_out;
		t->mroute.upcall = kern_upcall;
		routes_init(&s->routes[af], af);
	}
	return k;
}

static void listen_nowhere(struct sim_kern *k)
{
	struct device *d;

	RB_FOREACH(d, device_tree, &k->state->devices)
		memset(d->listens, 0, sizeof(d->listens));
}

void sim_process_gone(struct sim_kern *k)
{
	struct sim_state *s = k->state;
	struct upcall_waiting *u;
	unsigned ifindex;
	struct ip group;

	device_gone(k, s->tunnel.ifindex);
	while ((u = TAILQ_FIRST(&s->upcalls))) {
		TAILQ_REMOVE(&s->upcalls, u, link);
		s->table[u->af].nwaiting--;
		free(u);
	}
	kern_forget_news(s);
	timer_stop(k->clock, &s->soon);
	for (enum af af = V4; af < NFAMILIES; af++)
		mroute_clear(kern_mroute(k, af));
	while (members_drop(&s->members, false, &ifindex, &group))
		tell_member(k, ifindex, group);
	listen_nowhere(k);
}

void sim_inherit_members(struct sim_kern *k)
{
	members_inherit(&k->state->members);
	k->state->tunnel.is_claimed = false;
	listen_nowhere(k);
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
		mroute_end(kern_mroute(k, af));
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
