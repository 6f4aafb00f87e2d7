/* anycast.h - several routers share the address of an RP (RFC 4610)
 *
 * Registers come to the nearest of them, its members, which sends copies to the others, from and
 * to addresses of their own. So each knows all sources, and has its listeners get them.
 */
#ifndef SMCKIT_PIM_ANYCAST_H
#define SMCKIT_PIM_ANYCAST_H

#include "encapsulate.h"

/* One of those who share the address. */
struct anycast {
	struct ip rp, ip;
	struct target *target; /* of @ip; held */
	bool was_reachable;    /* as of the last settle */
	uint64_t sent, received, stopped;
};

/* What the others said of a source that they are sent. Without it: nothing yet. */
struct answers {
	uint64_t stopped; /* by number of the member */
	int64_t until;	  /* nobody is waited for any longer, who may not answer at all */
};

/* The configuration is another one. */
void anycast_configure(struct pim *pim);
void anycast_free(struct pim *pim);

/* Who can be reached again is told of all sources that are registered with us. */
void anycast_settle(struct pim *pim);

/* For anycast_settle(): the source, if it is one of these, to the member at the address. */
void anycast_tell(struct entry *e, struct ip member);

/* Whether there are others of the RP, which is ours. */
bool anycast_is_shared(const struct pim *pim, struct ip rp);

/*
 * Whether a Register is a copy that a member of the RP sent; one that should be, but is of nobody
 * that we know, is complained about.
 */
bool anycast_is_copy(struct pim *pim, struct ip rp, const struct packet *packet);

/* A Register of a DR goes to the others as it is, with its TTL. */
void anycast_copy(struct pim *pim, struct ip rp, const struct packet *packet,
		  const struct msg_register *m);

/* The others are asked by a Null-Register, or sent a packet, of a source that is ours as DR. */
void anycast_probe(struct entry *e, struct ip rp);
void anycast_register(struct entry *e, struct ip rp, const struct inner *inner);

/* A Register-Stop came; false if it is of no member. */
bool anycast_stop(struct entry *e, struct ip src);

/* Whether the others need no more packets of it in Registers, as far as they can be reached. */
bool anycast_is_stopped(const struct entry *e, struct ip rp);

#endif
