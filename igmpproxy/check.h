/* check.h - whether a message came the way that it has to: TTL, Router Alert, addresses
 *
 * Messages never cross a router, so what may have come from afar is dropped. That sources of
 * queries take part in the election, or not, is the querier's to decide.
 */
#ifndef SMCKIT_GM_CHECK_H
#define SMCKIT_GM_CHECK_H

#include "lib/module.h"
#include "message.h"

/* What is asked of messages on an interface, {0} by default; MLD leaves no choice. */
struct gm_checks {
	bool any_ttl;		     /* IGMP: they may come with any TTL */
	bool alert_required;	     /* IGMPv2 and v3: they must have Router Alert */
	bool any_network;	     /* IGMP: reports may come from any network, */
	const struct prefix *altnet; /* not ours: or from these beside the interface's own */
	unsigned naltnets;
};

/*
 * Says of a message that was decoded, and came in on the interface, whether the packet it was in
 * may have brought it: GM_GOOD, or why not. Pure; slots, lengths and data are not looked at.
 */
enum gm_bad gm_check(const struct packet *packet, const struct gm_message *m,
		     const struct iface *iface, const struct gm_checks *checks);

#endif
