/* count.h - what the kernel side counts: bad input, lost news, clients, the script */
#ifndef SMCKIT_COUNT_H
#define SMCKIT_COUNT_H

#include "core/kern.h"

/* In the order in which they are shown; up to NCOUNTS_AF each is counted by family. */
enum count_id {
	COUNT_UPCALL_OVERRUN,
	COUNT_UPCALL_SHORT,
	COUNT_UPCALL_VIF,
	COUNT_UPCALL_GROUP,
	COUNT_UPCALL_SOURCE,
	COUNT_PACKET_HEADER,
	COUNT_PACKET_SOURCE,
	COUNT_PACKET_UNWANTED,
	COUNT_PACKET_UNSENT,
	COUNT_TUNNEL_LOCAL,
	NCOUNTS_AF,
	COUNT_LINK_OVERRUN = NCOUNTS_AF,
	COUNT_LINK_RESYNC,
	COUNT_LINK_FAILED,
	COUNT_ROUTE_OVERRUN,
	COUNT_CLIENT_ACCEPTED,
	COUNT_CLIENT_DENIED,
	COUNT_CLIENT_TOO_MANY,
	COUNT_CLIENT_NO_RESOURCES,
	COUNT_CLIENT_DROPPED,
	COUNT_SCRIPT_RUN,
	COUNT_SCRIPT_FAILED,
	COUNT_SCRIPT_KILLED,
	COUNT_SCRIPT_DROPPED,
	NCOUNTS,
};

struct counts {
	uint64_t n[NCOUNTS][NFAMILIES]; /* without a family: of V4 */
};

static inline void count_af(struct counts *c, enum count_id id, enum af af)
{
	c->n[id][af]++;
}

static inline void count(struct counts *c, enum count_id id)
{
	c->n[id][V4]++;
}

/* As in kern_ops. */
bool counts_at(const struct counts *c, unsigned i, struct count *count);

#endif
