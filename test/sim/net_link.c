/* net_link.c - links: what is sent by one port arrives at the others, more or less */
#include <stdlib.h>
#include <string.h>

#include "lib/cksum.h"
#include "sim/net_state.h"

#define MTU 1500
#define MAXMTU 9000

struct arrival {
	struct timer timer;
	struct net_frame *frame;
	struct net_port *port; /* not ours */
};

struct net_link *net_link_of(struct net *n, const char *name)
{
	struct net_link *l;

	TAILQ_FOREACH(l, &n->links, link) {
		if (!strcmp(l->name, name))
			return l;
	}
	l = xcalloc(1, sizeof(*l));
	if (strlen(name) >= sizeof(l->name))
		net_die("too long a name:", name);
	strcpy(l->name, name);
	l->number = ++n->nlinks;
	l->up = true;
	l->cost = 1;
	l->mtu = MTU;
	TAILQ_INIT(&l->ports);
	TAILQ_INSERT_TAIL(&n->links, l, link);
	net_pcap_open(n, l);
	return l;
}

static struct net_link *link_find(const struct net *n, const char *name)
{
	struct net_link *l;

	TAILQ_FOREACH(l, &n->links, link) {
		if (!strcmp(l->name, name))
			return l;
	}
	net_die("no link", name);
}

struct net_port *net_port_new(struct net_node *node, const char *link)
{
	struct net_link *l = net_link_of(node->net, link);
	struct net_port *port = xcalloc(1, sizeof(*port));

	port->link = l;
	port->node = node;
	port->number = ++l->nports;
	port->up = true;
	TAILQ_INSERT_TAIL(&l->ports, port, on_link);
	TAILQ_INSERT_TAIL(&node->ports, port, on_node);
	return port;
}

/* When all its nodes are gone. */
void net_link_free(struct net *n, struct net_link *l)
{
	struct net_port *port;

	while ((port = TAILQ_FIRST(&l->ports))) {
		TAILQ_REMOVE(&l->ports, port, on_link);
		free(port->carried);
		free(port);
	}
	free(l->copies);
	net_pcap_close(l);
	TAILQ_REMOVE(&n->links, l, link);
	free(l);
}

struct ip net_address(const struct net_port *port, enum af af, bool local)
{
	unsigned link = port->link->number, number = port->number;
	struct ip ip = { { local ? 0xfe : 0xfd, local ? 0x80 : 0, [6] = link >> 8,
			   link, [14] = number >> 8, number } };

	if (af == V4)
		return ip_v4(10u << 24 | link << 8 | number);
	if (local)
		ip.b[6] = ip.b[7] = 0;
	return ip;
}

bool net_is_up(const struct net_port *port)
{
	return port->up && port->link->up;
}

bool net_reaches(const struct net_port *from, const struct net_port *to)
{
	return from != to && net_is_up(from) && net_is_up(to) && from->apart == to->apart;
}

static void frame_unref(struct net_frame *f)
{
	if (!--f->refs)
		free(f);
}

static void arrive(struct timer *timer)
{
	struct arrival *a = container_of(timer, struct arrival, timer);
	struct net_port *port = a->port;

	if (net_is_up(port)) {
		if (port->node->router)
			net_router_receive(port, a->frame);
		else
			net_host_receive(port, a->frame);
	}
	frame_unref(a->frame);
	free(a);
}

static bool happens(struct net *n, unsigned permille)
{
	return permille && rng_below(&n->rng, 1000) < permille;
}

static void deliver_at(struct net_port *port, struct net_frame *f, int64_t at)
{
	struct arrival *a = xcalloc(1, sizeof(*a));

	a->frame = f;
	f->refs++;
	a->port = port;
	timer_init(&a->timer, arrive);
	timer_start(&port->node->net->clock, &a->timer, at - port->node->net->clock.now);
}

/* Unless it is one to be out of order, it comes no earlier than those before. */
static void deliver(struct net_port *port, struct net_frame *f)
{
	struct net *n = port->node->net;
	const struct net_quality *q = &port->link->quality;
	int64_t delay = q->delay ? q->delay : 1, at = n->clock.now + delay;

	if (q->jitter)
		at += rng_jitter(&n->rng, 0, q->jitter);
	if (happens(n, q->reorder))
		at += delay + q->jitter;
	else
		port->last = at = at < port->last ? port->last : at;
	deliver_at(port, f, at);
}

/* On its way to one of the others, unless it is lost there. */
static void carry(struct net_port *from, struct net_port *to, struct net_frame *f)
{
	struct net *n = from->node->net;
	const struct net_quality *q = &from->link->quality;

	if (!net_reaches(from, to) || happens(n, q->loss))
		return;
	deliver(to, f);
	if (happens(n, q->duplicate))
		deliver(to, f);
}

static void transmit(struct net_port *from, struct net_frame *f)
{
	struct net_port *port;

	if (!net_is_up(from))
		return;
	net_pcap(from->link, from->node->net->clock.now, f);
	TAILQ_FOREACH(port, &from->link->ports, on_link)
		carry(from, port, f);
}

void net_send_data(struct net_port *port, const struct sim_packet *packet)
{
	struct net *n = port->node->net;
	struct net_frame *f = xcalloc(1, sizeof(*f));

	f->refs = 1;
	f->data = *packet;
	port->link->ndata++;
	n->figures.data++;
	net_check_sent(port, packet);
	if (net_logs(n, NET_LOG_ALL))
		net_log(n, port->node->name, "%s > %s number %u ttl %u", port->link->name,
			sg_str(&packet->sg), (unsigned)packet->id, packet->ttl);
	transmit(port, f);
	frame_unref(f);
}

/* What the kernel fills in: ICMPv6's checksum. */
static void fill_checksum(struct packet *packet, uint8_t *data)
{
	uint32_t sum;
	uint16_t check;

	if (packet->proto != PROTO_ICMPV6 || packet->len < 4)
		return;
	data[2] = data[3] = 0;
	sum = cksum_add_pseudo6(0, packet->src, packet->dst, packet->len, PROTO_ICMPV6);
	check = cksum_end(cksum_add(sum, data, packet->len));
	data[2] = check >> 8;
	data[3] = check;
}

/* A frame with the packet, which may come from elsewhere: then it has all that it needs. */
static struct net_frame *frame_of(const struct net_port *port, enum af af,
				  const struct packet *packet)
{
	struct net_frame *f = xcalloc(1, sizeof(*f) + packet->len);
	bool local = ip_is_multicast(packet->dst) || ip_is_link_local(packet->dst);

	f->refs = 1;
	f->control = true;
	f->packet = *packet;
	f->packet.data = f + 1;
	if (packet->len)
		memcpy(f + 1, packet->data, packet->len);
	if (ip_is_any(packet->src))
		f->packet.src = net_address(port, af, local && af == V6);
	fill_checksum(&f->packet, (uint8_t *)(f + 1));
	return f;
}

static void count_control(struct net_port *port)
{
	port->link->ncontrol++;
	port->node->net->figures.control++;
}

void net_send_packet(struct net_port *port, enum af af, const struct packet *packet)
{
	struct net_frame *f = frame_of(port, af, packet);

	count_control(port);
	net_log_packet(port, &f->packet, NET_LOG_CHANGES);
	transmit(port, f);
	frame_unref(f);
}

void net_send_to(struct net_port *port, struct net_port *to, enum af af,
		 const struct packet *packet, enum net_log_level level)
{
	struct net_frame *f = frame_of(port, af, packet);

	if (port != to)
		count_control(port);
	net_log_packet(port, &f->packet, level);
	if (port == to) {
		deliver_at(port, f, port->node->net->clock.now);
	} else if (net_is_up(port)) {
		net_pcap(port->link, port->node->net->clock.now, f);
		if (to)
			carry(port, to, f);
	}
	frame_unref(f);
}

unsigned net_size(enum af af, const struct packet *packet)
{
	unsigned header = af == V4 ? 20 : 40, alert = af == V4 ? 4 : 8;

	return header + (packet->router_alert ? alert : 0) + packet->len;
}

unsigned long net_carried(const struct net *n, const char *link, bool control)
{
	const struct net_link *l = link_find(n, link);

	return control ? l->ncontrol : l->ndata;
}

/* What the scenario does to links */

void net_set_quality(struct net *n, const char *link, const struct net_quality *quality)
{
	struct net_link *l;

	if (strcmp(link, "*"))
		net_link_of(n, link);
	TAILQ_FOREACH(l, &n->links, link) {
		if (strcmp(link, "*") && strcmp(link, l->name))
			continue;
		l->quality = *quality;
		net_bound_quality(n, l);
	}
}

void net_set_mtu(struct net *n, const char *link, unsigned mtu)
{
	struct net_link *l = net_link_of(n, link);
	struct net_port *port;

	if (mtu > MAXMTU)
		net_die("too large an MTU of", link);
	net_log(n, link, "has an MTU of %u", mtu);
	l->mtu = mtu;
	TAILQ_FOREACH(port, &l->ports, on_link) {
		if (port->node->router)
			net_router_device(port);
	}
}

static void carrier(struct net_port *port)
{
	if (port->node->router)
		net_router_carrier(port);
	else if (net_is_up(port))
		net_gm_restart(port);
}

void net_link(struct net *n, const char *link, bool up)
{
	struct net_link *l = link_find(n, link);
	struct net_port *port;

	if (l->up == up)
		return;
	net_log(n, link, "is %s", up ? "up" : "down");
	l->up = up;
	TAILQ_FOREACH(port, &l->ports, on_link)
		carrier(port);
	net_bound_touch(n, NULL, l, n->bound.of.heal, NET_ALL);
	net_routes_stale(n);
}

void net_port(struct net *n, const char *node, const char *link, bool up)
{
	struct net_port *port = net_port_find(net_node_find(n, node), link);

	if (port->up == up)
		return;
	net_log(n, node, "%s is %s", link, up ? "up" : "down");
	port->up = up;
	carrier(port);
	net_bound_touch(n, port->node->router, port->link, n->bound.of.heal, NET_ALL);
	net_routes_stale(n);
}

void net_split(struct net *n, const char *link, const char *nodes)
{
	struct net_link *l = link_find(n, link);
	struct net_port *port;
	char name[64];

	net_log(n, link, *nodes ? "falls in two: %s" : "is whole again%s", nodes);
	TAILQ_FOREACH(port, &l->ports, on_link)
		port->apart = false;
	while (net_word(&nodes, name))
		net_port_find(net_node_find(n, name), link)->apart = true;
	net_bound_touch(n, NULL, l, n->bound.of.relearn, NET_ALL);
	net_routes_stale(n);
}
