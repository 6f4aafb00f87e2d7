/* codec.h - messages of IGMP and MLD to and from the wire, for whichever family */
#ifndef SMCKIT_GM_CODEC_H
#define SMCKIT_GM_CODEC_H

#include "lib/arena.h"
#include "lib/module.h"
#include "message.h"

/* How far a message has been encoded, {0} at the start: records and sources that are done. */
struct gm_place {
	unsigned record, source;
	bool end; /* all of it */
};

/*
 * Enough for the arrays of any one message: there, an address of IPv4 takes four times the bytes
 * that it does on the wire, and a record without sources five times.
 */
#define GM_ARENA (6 * UINT16_MAX)

/*
 * Decodes what is behind the IP header. Arrays of *m are the arena's, which its owner resets when
 * the message is done with, be it good or not; *m is meaningless unless this returns GM_GOOD.
 *
 * IGMP's checksum is verified. MLD's is not looked at: an ICMPv6 socket passes on only what has a
 * right one (RFC 3542 3.1).
 */
enum gm_bad gm_decode(enum af af, const void *data, size_t len, struct arena *arena,
		      struct gm_message *m);

/*
 * Encodes as much of the message as there is room for from @at on, which moves; the length, or 0
 * if there is nothing left (at->end), or no room for the least of it:
 *
 *	while ((len = gm_encode(af, &m, &at, data, gm_room(af, mtu))))
 *		send it
 *
 * Lists of sources are split, but those of IS_EX and TO_EX are cut (RFC 3376 4.2.16). A v3 report
 * without a record is no message. Times that a code cannot express become the next lower that it
 * can, or its longest. MLD's checksum is left 0: the kernel, who knows the source, writes it.
 */
size_t gm_encode(enum af af, const struct gm_message *m, struct gm_place *at, void *data,
		 size_t size);

/* Room for a message in a packet of that MTU, behind an IP header with Router Alert. */
size_t gm_room(enum af af, unsigned mtu);

/* All systems: who is asked in general. */
struct ip gm_all_systems(enum af af);

/* Where a message is to be sent (RFC 3376 4.1.12, 4.2.14; RFC 2236 9; RFC 3810 5.1.15, 5.2.14). */
struct ip gm_destination(enum af af, const struct gm_message *m);

/*
 * The packet that carries what was encoded of a message: everything but its slot and, unless the
 * host is to choose, its source (RFC 3376 4, RFC 3810 5).
 */
struct packet gm_packet(enum af af, const struct gm_message *m, const void *data, size_t len);

#endif
