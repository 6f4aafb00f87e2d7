/* net_gm.c - who reports the memberships of a node on a link: the engine's own host side
 *
 * Hosts have it for what the scenario says that they want, routers for the memberships of their
 * kernels.
 */
#include <stdlib.h>

#include "igmpproxy/codec.h"
#include "sim/net_state.h"

#define MTU 1500

bool net_is_gm(const struct packet *packet)
{
	return (packet->proto == PROTO_IGMP || packet->proto == PROTO_ICMPV6) &&
	       packet_listened(packet) == LISTEN_MEMBERS;
}

static void say(struct gm_host *h, const struct gm_message *m)
{
	struct net_port *port = container_of(h, struct net_gm, host)->port;
	struct gm_place at = { 0 };
	uint8_t data[MTU];
	size_t len;

	while ((len = gm_encode(h->af, m, &at, data, gm_room(h->af, MTU)))) {
		struct packet packet = gm_packet(h->af, m, data, len);

		net_send_packet(port, h->af, &packet);
	}
}

struct net_gm *net_gm(struct net_port *port, enum af af, unsigned version, struct rng *rng)
{
	struct gm_host_conf conf = { .mtu = MTU, .version = version, .robustness = 2 };
	struct net_gm *gm = port->gm[af];

	if (!gm) {
		gm = port->gm[af] = xcalloc(1, sizeof(*gm));
		gm->port = port;
		gm_host_init(&gm->host, af, &conf, &port->node->clock, rng, say);
	} else if (gm->host.conf.version != version) {
		gm_host_configure(&gm->host, &conf);
	}
	return gm;
}

/* A host hears of its own messages its queries alone: those of the router that it is. */
void net_gm_receive(struct net_port *port, const struct packet *packet)
{
	enum af af = ip_family(packet->dst);
	const struct gm_message *m;

	if (!port->gm[af] || !net_is_gm(packet))
		return;
	m = net_decode(port->node->net, packet);
	if (m && (m->type == GM_QUERY || !ip_eq(packet->src, net_address(port, af, af == V6))))
		gm_host_receive(&port->gm[af]->host, m);
}

void net_gm_work(struct net_port *port)
{
	for (enum af af = V4; af < NFAMILIES; af++) {
		while (port->gm[af] && gm_host_settle(&port->gm[af]->host, 256))
			;
	}
}

void net_gm_restart(struct net_port *port)
{
	if (!port->gm[V4] && !port->gm[V6])
		return;
	net_enter(port->node);
	for (enum af af = V4; af < NFAMILIES; af++) {
		if (port->gm[af])
			gm_host_restart(&port->gm[af]->host);
	}
	net_leave_node(port->node);
}

void net_gm_free(struct net_port *port)
{
	for (enum af af = V4; af < NFAMILIES; af++) {
		if (!port->gm[af])
			continue;
		gm_host_free(&port->gm[af]->host);
		free(port->gm[af]);
		port->gm[af] = NULL;
	}
}
