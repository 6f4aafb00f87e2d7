/* check.c - whether a message came the way that it has to: TTL, Router Alert, addresses */
#include "check.h"
#include "codec.h"

/*
 * RFC 3376 4.1.12, 4.2.14, RFC 3810 5.1.15, 5.2.14: any address of the interface is good, and of
 * groups it listens to all; RFC 3376 9.1: but a general query to a group is for all systems.
 */
static bool is_destination(enum af af, struct ip dst, const struct gm_message *m,
			   const struct iface *iface)
{
	if (ip_is_multicast(dst))
		return m->type != GM_QUERY || !ip_is_any(m->group) ||
		       ip_eq(dst, gm_all_systems(af));
	for (unsigned i = 0; i < iface->naddresses; i++) {
		if (ip_eq(dst, iface->address[i].ip))
			return true;
	}
	return false;
}

static bool is_on(struct ip ip, const struct prefix *network, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (prefix_has(&network[i], ip))
			return true;
	}
	return false;
}

/*
 * RFC 3376 4.2.13, 9.2. Where the interface has no address, or one host at its other end, there is
 * no network to be beside of.
 */
static bool is_off_link(struct ip src, const struct iface *iface, const struct gm_checks *checks)
{
	return !checks->any_network && !ip_is_any(src) && iface->naddresses && !iface->ptp &&
	       !is_on(src, iface->address, iface->naddresses) &&
	       !is_on(src, checks->altnet, checks->naltnets);
}

static enum gm_bad check_igmp(const struct packet *packet, const struct gm_message *m,
			      const struct iface *iface, const struct gm_checks *checks)
{
	struct ip src = packet->src;

	if (packet->ttl != 1 && !checks->any_ttl)
		return GM_BAD_TTL;
	if (checks->alert_required && m->version > 1 && !packet->router_alert)
		return GM_BAD_ALERT;
	if (ip_is_multicast(src) || src.b[12] == 127 || ip_eq(src, ip_v4(0xffffffff)))
		return GM_BAD_SENDER;
	if (m->type != GM_QUERY && is_off_link(src, iface, checks))
		return GM_BAD_OFF_LINK;
	return GM_GOOD;
}

/* RFC 3810 5.1.14, 5.2.13, 7.4, 7.6: of reports from :: routers take no notice. */
static enum gm_bad check_mld(const struct packet *packet)
{
	if (packet->ttl != 1)
		return GM_BAD_TTL;
	if (!packet->router_alert)
		return GM_BAD_ALERT;
	return ip_is_link_local(packet->src) ? GM_GOOD : GM_BAD_SENDER;
}

enum gm_bad gm_check(const struct packet *packet, const struct gm_message *m,
		     const struct iface *iface, const struct gm_checks *checks)
{
	enum af af = ip_family(packet->dst);
	enum gm_bad bad = af == V4 ? check_igmp(packet, m, iface, checks) : check_mld(packet);

	if (bad || is_destination(af, packet->dst, m, iface))
		return bad;
	return GM_BAD_DESTINATION;
}
