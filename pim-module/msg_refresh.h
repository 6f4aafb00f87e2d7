/* msg_refresh.h - State Refresh of dense mode (RFC 3973 4.7.10) */
#ifndef SMCKIT_PIM_MSG_REFRESH_H
#define SMCKIT_PIM_MSG_REFRESH_H

#include "msg.h"

struct msg_refresh {
	struct sg sg;
	struct ip originator;
	bool rpt;
	uint32_t preference; /* 31 bits */
	uint32_t metric;
	uint8_t mask_len; /* of the route to the source */
	uint8_t ttl;	  /* of what it tells, not of the packet */
	bool pruned;	  /* P: the interface it was sent to is */
	bool prune_now;	  /* N */
	bool override;	  /* O: no Assert is going on */
	uint8_t interval; /* s */
};

enum msg_bad msg_refresh_decode(struct msg_rd *r, struct msg_refresh *m);

/* The length, 0 if there is no room. */
size_t msg_refresh_encode(const struct msg_ends *ends, const struct msg_refresh *m, void *data,
			  size_t size);

#endif
