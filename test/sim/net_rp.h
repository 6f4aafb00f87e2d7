/* net_rp.h - which RPs the routers of a random network have to know, from what is so in it
 *
 * Computed from the plan, from what is up and alive, and from the RFCs alone.
 */
#ifndef SMCKIT_SIM_NET_RP_H
#define SMCKIT_SIM_NET_RP_H

#include "sim/net_plan.h"

struct net_rp {
	const struct plan *plan;
	struct net *n;
	unsigned say[PLAN_ROUTERS]; /* which words each router has now */
	unsigned fixed;		    /* which static RPs all have */
	unsigned moments;	    /* at which something happened */
	struct net_rp_offer {
		int64_t at; /* it was last a candidate RP and alive */
		unsigned moment;
	} offer[PLAN_ROUTERS];
};

/* Whether packets of the stream have to come to the host: not if their RP is out of reach. */
bool net_rp_due(void *arg, const char *host, struct sg sg);

/* Something happens now. */
void net_rp_moment(struct net_rp *rp);

/* No router has an RP that others say which has been none for long. */
void net_rp_watch(struct net_rp *rp);

/* When all is quiet: all know the same bootstrap routers, RPs, and RP of each group. */
void net_rp_check(struct net_rp *rp);

#endif
