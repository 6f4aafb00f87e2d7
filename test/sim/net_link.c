/* net_link.c - links: what is sent by one port arrives at the others, more or less */
#include <stdlib.h>
#include <string.h>

#include "lib/cksum.h"
#include "sim/net_state.h"

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

/* Unless it is one to be out of order, it comes no earlier than those before. */
static void deliver(struct net_port *port, struct net_frame *f)
{
	struct net *n = port->node->net;
	const struct net_quality *q = &port->link->quality;
	struct arrival *a = xcalloc(1, sizeof(*a));
	int64_t delay = q->delay ? q->delay : 1, at = n->clock.now + delay;

	if (q->jitter)
		at += rng_jitter(&n->rng, 0, q->jitter);
	if (happens(n, q->reorder))
		at += delay + q->jitter;
	else
		port->last = at = at < port->last ? port->last : at;
	a->frame = f;
	f->refs++;
	a->port = port;
	timer_init(&a->timer, arrive);
	timer_start(&n->clock, &a->timer, at - n->clock.now);
}

static void transmit(struct net_port *from, struct net_frame *f)
{
	struct net *n = from->node->net;
	struct net_link *l = from->link;
	struct net_port *port;

	f->refs = 1;
	if (net_is_up(from)) {
		net_pcap(l, n->clock.now, f);
		TAILQ_FOREACH(port, &l->ports, on_link) {
			if (!net_reaches(from, port) || happens(n, l->quality.loss))
				continue;
			deliver(port, f);
			if (happens(n, l->quality.duplicate))
				deliver(port, f);
		}
	}
	frame_unref(f);
}

void net_send_data(struct net_port *port, const struct sim_packet *packet)
{
	struct net *n = port->node->net;
	struct net_frame *f = xcalloc(1, sizeof(*f));

	f->data = *packet;
	port->link->ndata++;
	n->figures.data++;
	net_check_sent(port, packet);
	if (net_logs(n, NET_LOG_ALL))
		net_log(n, port->node->name, "%s > %s number %u ttl %u", port->link->name,
			sg_str(&packet->sg), (unsigned)packet->id, packet->ttl);
	transmit(port, f);
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

void net_send_packet(struct net_port *port, enum af af, const struct packet *packet)
{
	struct net *n = port->node->net;
	struct net_frame *f = xcalloc(1, sizeof(*f) + packet->len);

	f->control = true;
	f->packet = *packet;
	f->packet.data = f + 1;
	if (packet->len)
		memcpy(f + 1, packet->data, packet->len);
	if (ip_is_any(packet->src))
		f->packet.src = net_address(port, af, af == V6);
	fill_checksum(&f->packet, (uint8_t *)(f + 1));
	port->link->ncontrol++;
	n->figures.control++;
	net_log_packet(port, &f->packet);
	transmit(port, f);
}

unsigned long net_carried(const struct net *n, const char *link, bool control)
{
	const struct net_link *l = link_find(n, link);

	return control ? l->ncontrol : l->ndata;
}

/* What the scenario does to links */

void net_set_quality(struct net *n, const char *link, const struct net_quality *quality)
{
	bool all = !strcmp(link, "*");
	struct net_link *l;

	if (!all)
		net_link_of(n, link)->quality = *quality;
	TAILQ_FOREACH(l, &n->links, link) {
		if (all)
			l->quality = *quality;
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
	net_routes_stale(n);
}
