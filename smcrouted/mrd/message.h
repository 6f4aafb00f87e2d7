/* message.h - the messages of multicast router discovery (RFC 4286 3.2, 4.1, 5.1) */
#ifndef SMCKIT_MRD_MESSAGE_H
#define SMCKIT_MRD_MESSAGE_H

#include "lib/module.h"

enum mrd_type { MRD_ADVERTISEMENT, MRD_SOLICITATION, MRD_TERMINATION };

/* All but the type is of Advertisements alone. */
struct mrd_message {
	enum mrd_type type;
	uint8_t interval;	 /* seconds between Advertisements */
	uint16_t query_interval; /* seconds between the queries of IGMP or MLD; 0: not in use */
	uint16_t robustness;	 /* as it is in use by them */
};

/* Bytes of the longest of them. */
#define MRD_SIZE 8

/* To whom routers and listeners say it (RFC 4286 3.3.2, 4.2.2). */
struct ip mrd_all_snoopers(enum af af);
struct ip mrd_all_routers(enum af af);

/* What is behind the IP header; *m is meaningless unless this returns true. */
bool mrd_decode(enum af af, const void *data, size_t len, struct mrd_message *m);

/*
 * Writes the message with its checksum, which takes in the addresses in IPv6; its length, or 0 if
 * @size is too small.
 */
size_t mrd_encode(enum af af, struct ip src, struct ip dst, const struct mrd_message *m, void *data,
		  size_t size);

/* Whether the checksum is right. */
bool mrd_is_sound(const struct packet *packet);

#endif
