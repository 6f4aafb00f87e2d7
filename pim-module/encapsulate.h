/* encapsulate.h - packets go to the RP in Registers, whole or in pieces (RFC 7761 4.4.1) */
#ifndef SMCKIT_PIM_ENCAPSULATE_H
#define SMCKIT_PIM_ENCAPSULATE_H

#include "pim.h"

/* What the system gives packets of its own. */
#define REGISTER_TTL 64

/* A packet of the family, as its header describes it. */
struct inner {
	const uint8_t *data; /* not ours */
	size_t len, header;
	struct sg sg;
	uint8_t tos; /* or traffic class */
};

/* False if it is no such packet. */
bool inner_read(enum af af, const void *data, size_t len, struct inner *inner);

/*
 * RFC 7761 4.4.2: the ECN bits of the Register are those of the packet from now on, while the DSCP
 * stays as the source chose it. All of it, in @copy if it had to be changed.
 */
const void *inner_with_ecn(enum af af, const struct inner *inner, uint8_t tos, uint8_t *copy);

/*
 * Sends it in a Register, DSCP and ECN as they are in it; without a source, from an address of the
 * interface that the packet's one is on. What the path has no room for goes in fragments, each in a
 * Register, if it is IPv4 and may be cut; of IPv6, the source is told; else it is dropped and
 * counted. False if that failed.
 */
bool encapsulate(struct pim *pim, const struct inner *inner, const struct msg_ends *to,
		 unsigned slot);

/* Sends the message itself, in parts if it is too long for its way. False if that failed. */
bool encapsulate_as(struct pim *pim, const struct msg_ends *ends, const struct msg_register *reg,
		    uint8_t ttl, uint8_t tos);

/* A Null-Register. */
void encapsulate_null(struct pim *pim, const struct sg *sg, struct ip rp, unsigned slot);

#endif
