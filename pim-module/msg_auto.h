/* msg_auto.h - messages of Auto-RP, which are UDP, and of IPv4 alone */
#ifndef SMCKIT_PIM_MSG_AUTO_H
#define SMCKIT_PIM_MSG_AUTO_H

#include "msg.h"

/* Candidate RPs announce themselves to mapping agents, which tell all routers whom they chose. */
enum msg_auto_type { AUTO_ANNOUNCEMENT = 1, AUTO_MAPPING };

/* The versions of PIM that an RP speaks, as bits; 0: it does not say. */
enum { AUTO_PIM_V1 = 1, AUTO_PIM_V2 = 2 };

struct msg_auto_range {
	struct prefix prefix; /* host bits are 0 */
	bool negative;	      /* its groups are of dense mode */
};

struct msg_auto_rp {
	struct ip ip;
	uint8_t versions;
	unsigned nranges;
	struct msg_auto_range *range;
};

struct msg_auto {
	enum msg_auto_type type;
	int64_t holdtime; /* ms; MSG_FOREVER: it says 0 */
	unsigned nrps;
	struct msg_auto_rp *rp;
};

/* What is behind the UDP header. RPs and ranges are in the arena; what follows is read over. */
enum msg_bad msg_auto_decode(struct rd r, struct arena *arena, struct msg_auto *m);

/* The length, 0 if there is no room. */
size_t msg_auto_encode(const struct msg_auto *m, void *data, size_t size);

#endif
