/* kern_tell.c - what the modelled kernel has to tell its router, and when */
#include <limits.h>
#include <stdlib.h>

#include "sim/datagram.h"
#include "sim/kern_state.h"

/* The tunnel's queue to the process, and what it takes of IPv6, as linux/tun.c has them. */
#define MAX_TUNNELLED 2000
#define TUNNEL_MTU6 1452

void kern_tell_soon(struct sim_kern *k)
{
	struct sim_state *s = k->state;

	if (!k->hold && !s->delivering && !timer_is_running(&s->soon))
		timer_start(k->clock, &s->soon, 0);
}

static void tunnel_put(struct sim_kern *k, const struct sim_packet *packet)
{
	struct tunnel *t = &k->state->tunnel;
	struct tunnelled *waiting;

	if (t->nwaiting == MAX_TUNNELLED || (packet->af == V6 && packet->len > TUNNEL_MTU6))
		return;
	waiting = xcalloc(1, sizeof(*waiting));
	waiting->packet = *packet;
	if (k->tunnelled)
		k->tunnelled(k, &waiting->packet);
	TAILQ_INSERT_TAIL(&t->waiting, waiting, link);
	t->nwaiting++;
	kern_tell_soon(k);
}

bool tunnel_takes(struct sg sg)
{
	return !ip_is_local_group(sg.grp) && !ip_is_link_local(sg.src) && !ip_is_any(sg.src) &&
	       !ip_is_multicast(sg.src) && ip_is_multicast(sg.grp);
}

struct tunnelled *tunnel_take(struct tunnel *t)
{
	struct tunnelled *waiting = TAILQ_FIRST(&t->waiting);

	if (waiting) {
		TAILQ_REMOVE(&t->waiting, waiting, link);
		t->nwaiting--;
	}
	return waiting;
}

void kern_out(struct mroute *m, unsigned ifindex, const struct sim_packet *packet)
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

bool kern_upcall(struct mroute *m, enum upcall_kind kind, struct sg sg, unsigned vif)
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
	kern_tell_soon(t->kern);
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
	if (TAILQ_EMPTY(&s->upcalls) && !s->nnews && !s->overrun && !s->tunnel.nwaiting)
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
	if (!tunnel_takes(waiting->packet.sg)) {
		free(waiting);
		return true;
	}
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

void kern_forget_news(struct sim_state *s)
{
	struct news *n;

	while ((n = TAILQ_FIRST(&s->news))) {
		TAILQ_REMOVE(&s->news, n, link);
		free(n);
	}
	s->nnews = 0;
	s->overrun = false;
}

/* As linux/netlink.c does it, and linux/route.c: what waits is older than a listing. */
static void make_up(struct sim_kern *k)
{
	kern_forget_news(k->state);
	k->told++;
	sim_resync(k);
	if (!k->router)
		return;
	router_routes_changed(k->router, V4);
	router_routes_changed(k->router, V6);
}

bool sim_news(struct sim_kern *k)
{
	struct sim_state *s = k->state;
	struct news *news = TAILQ_FIRST(&s->news);

	if (s->overrun) {
		make_up(k);
		return true;
	}
	if (!news)
		return false;
	TAILQ_REMOVE(&s->news, news, link);
	s->nnews--;
	k->told++;
	if (k->router)
		tell(k, news);
	free(news);
	return true;
}

void sim_overrun(struct sim_kern *k)
{
	k->state->overrun = true;
	kern_happened(k);
}

unsigned sim_deliver(struct sim_kern *k)
{
	struct sim_state *s = k->state;
	bool was = s->delivering;
	unsigned n = 0;

	s->delivering = true;
	do {
		n += sim_upcalls(k, UINT_MAX);
	} while ((sim_tunnelled(k) || sim_news(k)) && ++n);
	s->delivering = was;
	timer_stop(k->clock, &s->soon);
	return n;
}

void kern_happened(struct sim_kern *k)
{
	if (!k->hold && !k->state->delivering)
		sim_deliver(k);
}

void kern_soon(struct timer *timer)
{
	kern_happened(container_of(timer, struct sim_state, soon)->kern);
}

void kern_report(struct sim_kern *k, const struct news *news)
{
	struct sim_state *s = k->state;
	struct news *n;

	if (s->overrun || s->nnews >= k->max_news) {
		s->overrun = true;
		return;
	}
	s->nnews++;
	n = xcalloc(1, sizeof(*n));
	*n = *news;
	if (n->device.name) {
		strncpy(n->name, n->device.name, sizeof(n->name) - 1);
		n->device.name = n->name;
	}
	TAILQ_INSERT_TAIL(&s->news, n, link);
}

unsigned sim_upcalls_waiting(const struct sim_kern *k, enum af af)
{
	return k->state->table[af].nwaiting;
}
