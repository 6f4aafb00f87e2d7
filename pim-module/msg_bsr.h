/* msg_bsr.h - Bootstrap and Candidate-RP-Advertisement (RFC 5059 4) */
#ifndef SMCKIT_PIM_MSG_BSR_H
#define SMCKIT_PIM_MSG_BSR_H

#include "msg.h"

struct msg_rp {
	struct ip ip;
	int64_t holdtime; /* ms, of whole seconds up to 65535 */
	uint8_t priority; /* 0 is the highest */
};

/* RPs of a range. @all are those of the whole Bootstrap message, of which these are some. */
struct msg_rp_set {
	struct msg_range range;
	uint8_t all;
	const struct msg_rp *rp; /* not ours */
	uint8_t nrps;
};

/*
 * RFC 5059 4.1. If it is of an admin scope zone, the first set is that zone's range. What was
 * decoded may be a fragment; its place among the others is told by tag, BSR and @all.
 */
struct msg_bootstrap {
	bool no_forward;
	uint16_t tag;
	uint8_t hash_len; /* bits */
	uint8_t priority; /* of the BSR: 255 is the highest */
	struct ip bsr;
	const struct msg_rp_set *set; /* not ours */
	unsigned nsets;
};

/* RFC 5059 4.2. Without a range, it is for all groups (3.2). */
struct msg_candidate {
	uint8_t priority; /* 0 is the highest */
	int64_t holdtime; /* ms, as of an RP */
	struct ip rp;
	const struct msg_range *range; /* not ours */
	unsigned nranges;
};

/* How far a Bootstrap message has been encoded, {0} at the start: sets, RPs of the next. */
struct msg_bootstrap_place {
	unsigned set, rp;
	bool end; /* all of it */
};

/* Arrays are the arena's. */
enum msg_bad msg_bootstrap_decode(struct msg_rd *r, struct arena *arena, struct msg_bootstrap *m);
enum msg_bad msg_candidate_decode(struct msg_rd *r, struct arena *arena, struct msg_candidate *m);

/*
 * The next fragment from @at on, which moves; its length, or 0 if there is nothing left (at->end)
 * or no room for the least of it. A set that fits into a fragment is not split; each fragment
 * begins with the range of the zone, if it is of one (RFC 5059 4.1, 4.1.1).
 */
size_t msg_bootstrap_encode(const struct msg_ends *ends, const struct msg_bootstrap *m,
			    struct msg_bootstrap_place *at, void *data, size_t size);

/*
 * The next message with ranges from *@at on, which moves; its length, or 0 if none is left or no
 * room for one: without a range it is not to be sent (RFC 5059 4.2).
 */
size_t msg_candidate_encode(const struct msg_ends *ends, const struct msg_candidate *m,
			    unsigned *at, void *data, size_t size);

#endif
