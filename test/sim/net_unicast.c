/* net_unicast.c - unicast packets between routers: hop by hop, by the routes of each kernel
 *
 * While routers disagree, packets may go astray or in a circle, until their hop limit ends it. Of
 * ICMP there is what its news would be alone: who sent a packet too big for a link on its way is
 * told at once. Packets are not to be fragmented but where it is said, and then fit everywhere.
 */
#include <stdlib.h>

#include "sim/net_state.h"

/* How long the kernel remembers the MTU of a path. */
#define MTU_TIME SEC(600)

struct net_mtu {
	struct ip to;
	unsigned mtu;
	int64_t until;
};

/* Where a packet goes from a router. */
struct way {
	struct net_port *out;
	struct net_port *to; /* NULL: nobody has the address; @out: the router itself */
};

static unsigned *path_mtu(struct net_router *r, struct ip to)
{
	for (unsigned i = 0; i < r->nmtus; i++) {
		if (ip_eq(r->mtus[i].to, to) && r->mtus[i].until > r->node.net->clock.now)
			return &r->mtus[i].mtu;
	}
	return NULL;
}

static void path_mtu_set(struct net_router *r, struct ip to, unsigned mtu)
{
	int64_t until = r->node.net->clock.now + MTU_TIME;

	r->mtus = xrealloc(r->mtus, (r->nmtus + 1) * sizeof(*r->mtus));
	r->mtus[r->nmtus++] = (struct net_mtu){ to, mtu, until };
}

static struct net_port *port_of_address(const struct net_ports *ports, bool of_link, struct ip ip)
{
	bool local = ip_is_link_local(ip);
	struct net_port *port = TAILQ_FIRST(ports);

	while (port && !ip_eq(net_address(port, ip_family(ip), local), ip))
		port = of_link ? TAILQ_NEXT(port, on_link) : TAILQ_NEXT(port, on_node);
	return port;
}

static struct net_port *port_of_index(const struct net_router *r, unsigned ifindex)
{
	struct net_port *port;

	TAILQ_FOREACH(port, &r->node.ports, on_node) {
		if (port->ifindex == ifindex)
			break;
	}
	return port;
}

/* Packets between the same two take the same of several hops. */
static unsigned pair_hash(const struct packet *packet)
{
	struct sg pair = { .src = packet->src, .grp = packet->dst };

	return sg_hash(&pair);
}

/* The hop of a route, of those by the device if it is said; none: the address is on the link. */
static struct kern_hop choose(const struct kern_route *route, unsigned ifindex,
			      const struct packet *packet)
{
	struct kern_hop hop[MAXHOPS] = { { packet->dst, ifindex } };
	unsigned n = 0;

	for (unsigned i = 0; i < route->nhops; i++) {
		if (!ifindex || route->hop[i].ifindex == ifindex)
			hop[n++] = route->hop[i];
	}
	return hop[n ? pair_hash(packet) % n : 0];
}

static bool find_way(struct net_router *r, unsigned ifindex, const struct packet *packet,
		     struct way *way)
{
	struct kern_route route = { 0 };
	struct kern_hop hop = { packet->dst, ifindex };

	if (!ip_is_link_local(packet->dst)) {
		if (!sim_route(r->k, packet->dst, &route) && !ifindex)
			return false;
		hop = choose(&route, ifindex, packet);
		if (ip_is_any(hop.gateway))
			hop.gateway = packet->dst;
	}
	way->out = way->to = port_of_index(r, hop.ifindex);
	if (!way->out)
		return false;
	if (route.own)
		way->out = way->to = port_of_address(&r->node.ports, false, packet->dst);
	else
		way->to = port_of_address(&way->out->link->ports, true, hop.gateway);
	return true;
}

enum send_result net_unicast(struct net_router *r, unsigned ifindex, const struct packet *packet,
			     unsigned *mtu)
{
	enum af af = ip_family(packet->dst);
	const unsigned *known = path_mtu(r, packet->dst);
	struct packet out = *packet;
	unsigned limit;
	struct way way;

	if (!find_way(r, ifindex, packet, &way))
		return SEND_FAILED;
	limit = known && *known < way.out->link->mtu ? *known : way.out->link->mtu;
	if (!packet->fragment && net_size(af, packet) > limit && way.out != way.to) {
		if (mtu)
			*mtu = limit;
		return SEND_TOO_BIG;
	}
	out.ttl = packet->ttl ? packet->ttl : 1;
	net_send_to(way.out, way.to, af, &out, NET_LOG_CHANGES);
	return SENT;
}

/* The router that sent a packet, which is to know better. */
static void tell_mtu(struct net *n, const struct packet *packet, unsigned mtu)
{
	for (unsigned i = 0; i < n->nrouters; i++) {
		if (port_of_address(&n->routers[i]->node.ports, false, packet->src))
			path_mtu_set(n->routers[i], packet->dst, mtu);
	}
}

static void forward(struct net_router *r, const struct packet *packet)
{
	struct net *n = r->node.net;
	struct packet out = *packet;
	struct way way;

	if (packet->ttl <= 1 || !find_way(r, 0, packet, &way)) {
		net_log(n, r->node.name, "drops a packet to %s, %s", ip_str(packet->dst),
			packet->ttl <= 1 ? "which went too far" : "having no route");
		return;
	}
	out.ttl--;
	if (out.fragment || net_size(ip_family(out.dst), &out) <= way.out->link->mtu) {
		net_send_to(way.out, way.to, ip_family(out.dst), &out, NET_LOG_ALL);
		return;
	}
	net_log(n, r->node.name, "drops a packet to %s, which is too big for %s",
		ip_str(packet->dst), way.out->link->name);
	tell_mtu(n, packet, way.out->link->mtu);
}

bool net_unicast_on(struct net_port *port, const struct packet *packet)
{
	struct net_router *r = port->node->router;
	struct kern_route route = { 0 };

	if (ip_is_multicast(packet->dst) || ip_is_link_local(packet->dst))
		return false;
	if (sim_route(r->k, packet->dst, &route) && route.own)
		return false;
	forward(r, packet);
	return true;
}
