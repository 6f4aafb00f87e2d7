/* msg.h - messages of PIM version 2, of either family: header, checksum, encoded addresses
 *
 * RFC 7761 4.9, RFC 8736. msg_open() looks at what all messages have, and leaves a cursor at what
 * follows, for the decoder of the type, which is in a file of its own. What decoders give is
 * sound: nobody has to look at it again, and it is of the family of the packet. A message has no
 * effect unless all of it could be read.
 */
#ifndef SMCKIT_PIM_MSG_H
#define SMCKIT_PIM_MSG_H

#include "lib/arena.h"
#include "lib/cursor.h"

/* The numbers of the wire. */
enum msg_type {
	MSG_HELLO,
	MSG_REGISTER,
	MSG_REGISTER_STOP,
	MSG_JOIN_PRUNE,
	MSG_BOOTSTRAP,
	MSG_ASSERT,
	MSG_GRAFT,
	MSG_GRAFT_ACK,
	MSG_CANDIDATE_RP,
	MSG_STATE_REFRESH,
	MSG_DF_ELECTION,
	MSG_NTYPES,
};

/* Why a message is dropped, to be counted. */
enum msg_bad {
	MSG_GOOD,
	MSG_BAD_LENGTH,
	MSG_BAD_VERSION,
	MSG_BAD_CHECKSUM,
	MSG_BAD_TYPE,
	MSG_BAD_DESTINATION,
	MSG_BAD_SENDER,
	MSG_BAD_FAMILY,
	MSG_BAD_ENCODING,
	MSG_BAD_MASK,
	MSG_BAD_GROUP,
	MSG_BAD_ADDRESS,
	MSG_BAD_INNER,
	MSG_BAD_MEMORY,
	MSG_NBAD,
};

/* Addresses of the IP header, both of the family; the checksum of IPv6 is over them too. */
struct msg_ends {
	struct ip src, dst;
};

/* A message that is being read. */
struct msg_rd {
	struct rd rd;
	struct msg_ends ends;
	enum msg_type type;
	uint8_t flags;	  /* RFC 8736 4 */
	enum msg_bad bad; /* the first that was wrong, other than the length */
};

/* A range of groups (RFC 7761 4.9.1); @bidir and @zone are said by those of RFC 5059. */
struct msg_range {
	struct prefix prefix; /* host bits are 0 */
	bool bidir, zone;
};

/* A holdtime of 0xffff: until it is said otherwise. */
#define MSG_FOREVER INT64_MAX

/* Enough for the arrays of any one message: there, they take up to seven times their bytes. */
#define MSG_ARENA (8 * UINT16_MAX)

/* The name of a reason, and what it says to operators. */
const char *msg_bad_name(enum msg_bad bad);
const char *msg_bad_help(enum msg_bad bad);

/* As RFCs call it: "Hello". */
const char *msg_type_name(enum msg_type type);

/* 224.0.0.13, ff02::d */
struct ip msg_all_routers(enum af af);

/* Room for a message in a packet of that MTU. */
size_t msg_room(enum af af, unsigned mtu);

static inline enum af msg_af(const struct msg_ends *ends)
{
	return ip_family(ends->dst);
}

/*
 * RFC 7761 4.9: what is behind the IP header: version, checksum, type, and that it was sent to
 * where such a message is, from where it can come. The checksum of a Register is over 8 bytes, or
 * over all of it. @data is to outlive @r.
 */
enum msg_bad msg_open(const struct msg_ends *ends, const void *data, size_t len, struct msg_rd *r);

/* Whether the address can be that of a host or router. */
bool msg_is_host(struct ip ip);

/* Whether the group is one that routers forward. */
bool msg_is_group(struct ip ip);

/* What follows is for msg_*.c, which read and write messages. */

/* Latches a reason, unless there was one, or the message was too short before. */
void msg_fail(struct msg_rd *r, enum msg_bad bad);

/* What was wrong with all that was read. */
enum msg_bad msg_end(const struct msg_rd *r);

/*
 * Encoded-Unicast, Encoded-Group and Encoded-Source addresses of whatever family: false if it is
 * not that of the packet, or if the mask is not that of one address or of a range; then what they
 * give is meaningless, and the message goes on. An unknown encoding is an error, since nobody
 * knows where it ends; Join Attributes (RFC 5384 3.4.1) are read over. @flags: MSG_WC, MSG_RPT.
 */
bool msg_rd_any_unicast(struct msg_rd *r, struct ip *ip);
bool msg_rd_any_range(struct msg_rd *r, struct msg_range *range);
bool msg_rd_any_source(struct msg_rd *r, struct ip *ip, uint8_t *flags);

/* The same of the packet's family, else it is an error; a host, or any address if so allowed. */
struct ip msg_rd_unicast(struct msg_rd *r);
struct ip msg_rd_host(struct msg_rd *r);
struct ip msg_rd_group(struct msg_rd *r);
struct msg_range msg_rd_range(struct msg_rd *r);

/* Seconds; 0xffff is MSG_FOREVER. */
int64_t msg_rd_holdtime(struct rd *r);

/* Rounded up, so that nothing is timed out before it was meant to be. */
void msg_wr_holdtime(struct wr *w, int64_t ms);

/* Flags of an Encoded-Source address: sparse, wildcard, shared tree. */
enum { MSG_RPT = 1, MSG_WC = 2, MSG_SPARSE = 4 };

/* Sizes of encoded addresses. */
static inline size_t msg_unicast_size(enum af af)
{
	return 2 + af_size(af);
}

static inline size_t msg_group_size(enum af af)
{
	return 4 + af_size(af);
}

static inline size_t msg_source_size(enum af af)
{
	return 4 + af_size(af);
}

/* A cursor for a message of that type, behind the header, in a buffer. */
struct wr msg_begin(enum msg_type type, uint8_t flags, void *data, size_t size);

void msg_wr_unicast(struct wr *w, struct ip ip);
void msg_wr_group(struct wr *w, struct ip group);
void msg_wr_range(struct wr *w, const struct msg_range *range);
void msg_wr_source(struct wr *w, struct ip ip, uint8_t flags);

/* Puts the checksum in its place; the length of the message, 0 if there was no room. */
size_t msg_close(const struct msg_ends *ends, struct wr *w);

#endif
