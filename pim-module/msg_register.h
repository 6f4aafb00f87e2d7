/* msg_register.h - Register, Null-Register, Register-Stop */
#ifndef SMCKIT_PIM_MSG_REGISTER_H
#define SMCKIT_PIM_MSG_REGISTER_H

#include "msg.h"

/* RFC 7761 4.9.3. The packet is as its sender sent it but for the TTL, which was decremented. */
struct msg_register {
	bool null;
	struct sg sg;	     /* of the packet in it, or of the dummy of a Null-Register */
	const uint8_t *data; /* that packet; not ours; a Null-Register has none */
	size_t len;	     /* as its header says, which is no more than what came */
};

/* RFC 7761 4.9.4; ip_any() as the source: all of the group's. */
struct msg_register_stop {
	struct sg sg;
};

/* Bytes before the packet in a Register. */
#define MSG_REGISTER_HEADER 8

/*
 * A packet has to have a whole header, be as long as it says, from a host to a group that routers
 * forward. The dummy of a Null-Register has to have the addresses; its checksums are verified, in
 * IPv4 unless it is 0, in IPv6 if it has a PIM header. @data points into the message.
 */
enum msg_bad msg_register_decode(struct msg_rd *r, struct msg_register *reg);

/* The length, 0 if there is no room. Of a Null-Register, the dummy is made from @sg. */
size_t msg_register_encode(const struct msg_ends *ends, const struct msg_register *reg, void *data,
			   size_t size);

enum msg_bad msg_register_stop_decode(struct msg_rd *r, struct msg_register_stop *stop);

/* The length, 0 if there is no room. */
size_t msg_register_stop_encode(const struct msg_ends *ends, const struct msg_register_stop *stop,
				void *data, size_t size);

#endif
