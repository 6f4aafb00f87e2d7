/* auto.h - Auto-RP, which networks of old find their RPs by: what mapping agents tell
 *
 * It is listened to alone, in IPv4. The two groups that its messages are sent to are flooded, since
 * no RP can be known for them before.
 */
#ifndef SMCKIT_PIM_AUTO_H
#define SMCKIT_PIM_AUTO_H

#include "pim.h"

/* Agents that are known at a time, and ranges of one of them. */
#define AUTO_MAX_AGENTS 16
#define AUTO_MAX_RANGES 1024

/* A range of groups, as an agent said it last. */
struct auto_range {
	struct tree_node order; /* of the agent, by range */
	struct auto_agent *agent;
	struct prefix range;
	struct ip rp;  /* ip_any(): they are of dense mode, or not for routers of PIM version 2 */
	int64_t until; /* then it goes; 0: it does not */
	struct timer timer;
};

TREE_HEAD(auto_ranges);

/* A mapping agent some of whose words hold. */
struct auto_agent {
	TAILQ_ENTRY(auto_agent) link; /* by address, the highest first, which is in force */
	struct pim *pim;	      /* not ours */
	struct ip ip;
	int64_t heard;		   /* its last message */
	struct auto_ranges ranges; /* owned */
	unsigned nranges;
};

void auto_init(struct pim *pim);
void auto_free(struct pim *pim);

/* The configuration is another one. */
void auto_configure(struct pim *pim);

/* RPs as they were told become those of the set; neighbors may have come. */
void auto_settle(struct pim *pim);

/* A message of an agent. */
void auto_receive(struct pim_iface *i, const struct packet *packet);

/* The next range of an agent, shorter ones first; the first one behind NULL. NULL: no more. */
const struct auto_range *auto_next(const struct auto_agent *a, const struct auto_range *r);

/* What candidate RPs announce is sent to 224.0.1.39, what agents tell to 224.0.1.40. */
#define AUTO_ANNOUNCED ip_v4(0xe0000127)
#define AUTO_DISCOVERY ip_v4(0xe0000128)

/* Whether the group is one of these, and Auto-RP is listened to. */
static inline bool auto_floods(const struct pim *pim, struct ip group)
{
	return pim->conf->auto_rp && (ip_eq(group, AUTO_ANNOUNCED) || ip_eq(group, AUTO_DISCOVERY));
}

/* Where what is flooded goes, besides to listeners. */
static inline struct ifset auto_neighbors(const struct pim *pim)
{
	struct ifset set = ifset_none();

	ifset_foreach(slot, pim->running) {
		if (pim->iface[slot]->nneighbors)
			set = ifset_with(set, slot);
	}
	return set;
}

#endif
