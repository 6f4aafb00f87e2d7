/* msg.c - messages of PIM version 2, of either family: header, checksum, encoded addresses */
#include "lib/cksum.h"
#include "lib/util.h"
#include "msg.h"

#define PIM_VERSION 2
#define PROTO 103

/* Bytes of the header, and of what the checksum of a Register is over. */
#define HEADER 4
#define REGISTER 8

/* Address families of the wire, encodings, bits of an Encoded-Group address (RFC 7761 4.9.1). */
enum { WIRE_V4 = 1, WIRE_V6 = 2 };
enum { NATIVE = 0, ATTRIBUTES = 1 };
enum { BIDIR = 0x80, ZONE = 0x01 };

/* RFC 5384 3.4.1: it is the last attribute. */
#define END 0x40

static const struct {
	const char *name, *help;
} reasons[MSG_NBAD] = {
	[MSG_GOOD] = { "good", "messages that were as they should be" },
	[MSG_BAD_LENGTH] = { "length", "dropped: shorter than what it says is in it" },
	[MSG_BAD_VERSION] = { "version", "dropped: not of PIM version 2" },
	[MSG_BAD_CHECKSUM] = { "checksum", "dropped: the checksum is wrong" },
	[MSG_BAD_TYPE] = { "type", "dropped: of an unknown type" },
	[MSG_BAD_DESTINATION] = { "destination", "dropped: sent where it does not belong" },
	[MSG_BAD_SENDER] = { "sender", "dropped: from an address that nobody may send it from" },
	[MSG_BAD_FAMILY] = { "family", "dropped: has an address of another family" },
	[MSG_BAD_ENCODING] = { "encoding", "dropped: has an address in an unknown encoding" },
	[MSG_BAD_MASK] = { "mask", "dropped: has a mask of an impossible length" },
	[MSG_BAD_GROUP] = { "group", "dropped: of what is no group, or is never forwarded" },
	[MSG_BAD_ADDRESS] = { "address", "dropped: names what is no router or source" },
	[MSG_BAD_INNER] = { "inner", "dropped: a Register with what is no packet in it" },
	[MSG_BAD_MEMORY] = { "memory", "dropped: larger than there is room for" },
};

/* To where messages are sent (RFC 7761 4.9; RFC 5059 3.5.2; RFC 3973 4.7; RFC 5015 3.7.1). */
enum { MULTICAST = 1, UNICAST = 2 };

/* Deviation: Graft-Acks to all routers are taken too, because FRR sends them so. */
static const struct {
	const char *name;
	uint8_t sent;
} types[MSG_NTYPES] = {
	[MSG_HELLO] = { "Hello", MULTICAST },
	[MSG_REGISTER] = { "Register", UNICAST },
	[MSG_REGISTER_STOP] = { "Register-Stop", UNICAST },
	[MSG_JOIN_PRUNE] = { "Join/Prune", MULTICAST },
	[MSG_BOOTSTRAP] = { "Bootstrap", MULTICAST | UNICAST },
	[MSG_ASSERT] = { "Assert", MULTICAST },
	[MSG_GRAFT] = { "Graft", UNICAST },
	[MSG_GRAFT_ACK] = { "Graft-Ack", MULTICAST | UNICAST },
	[MSG_CANDIDATE_RP] = { "Candidate-RP-Advertisement", UNICAST },
	[MSG_STATE_REFRESH] = { "State-Refresh", MULTICAST },
	[MSG_DF_ELECTION] = { "DF-Election", MULTICAST },
};

const char *msg_bad_name(enum msg_bad bad)
{
	return bad < NELEMS(reasons) ? reasons[bad].name : "unknown";
}

const char *msg_bad_help(enum msg_bad bad)
{
	return bad < NELEMS(reasons) ? reasons[bad].help : "unknown";
}

const char *msg_type_name(enum msg_type type)
{
	return type < NELEMS(types) ? types[type].name : "unknown";
}

struct ip msg_all_routers(enum af af)
{
	static const struct ip all[NFAMILIES] = {
		{ { [10] = 0xff, 0xff, 224, 0, 0, 13 } },
		{ { 0xff, 2, [15] = 13 } },
	};

	return all[af];
}

size_t msg_room(enum af af, unsigned mtu)
{
	size_t header = af == V4 ? 20 : 40;

	return mtu > header ? mtu - header : 0;
}

bool msg_is_host(struct ip ip)
{
	static const struct ip ones = { { [10] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	static const struct ip loopback = { { [15] = 1 } };

	if (ip_is_any(ip) || ip_is_multicast(ip))
		return false;
	if (ip_family(ip) == V4)
		return ip.b[12] != 127 && !ip_eq(ip, ones);
	return !ip_eq(ip, loopback);
}

bool msg_is_group(struct ip ip)
{
	return ip_is_multicast(ip) && !ip_is_local_group(ip);
}

/*
 * RFC 7761 4.9: the checksum over @len bytes, 0 if the right one is among them. For IPv6, the
 * pseudo header says that there are @said.
 */
static uint16_t checksum(const struct msg_ends *ends, const void *data, size_t len, size_t said)
{
	uint32_t sum = 0;

	if (msg_af(ends) == V6)
		sum = cksum_add_pseudo6(sum, ends->src, ends->dst, said, PROTO);
	return cksum_end(cksum_add(sum, data, len));
}

/* RFC 7761 4.9.3: that of a Register may be over all of it. */
static bool checksum_is_right(const struct msg_rd *r, const void *data, size_t len)
{
	if (r->type != MSG_REGISTER)
		return !checksum(&r->ends, data, len, len);
	return !checksum(&r->ends, data, REGISTER, REGISTER) ||
	       !checksum(&r->ends, data, len, REGISTER) || !checksum(&r->ends, data, len, len);
}

/* RFC 7761 4.9: what is sent to all routers of a link comes from an address of that link. */
static enum msg_bad check_ends(const struct msg_rd *r)
{
	enum af af = msg_af(&r->ends);
	bool multicast = ip_is_multicast(r->ends.dst);

	if (!(types[r->type].sent & (multicast ? MULTICAST : UNICAST)) ||
	    (multicast && !ip_eq(r->ends.dst, msg_all_routers(af))))
		return MSG_BAD_DESTINATION;
	if (!msg_is_host(r->ends.src) || ip_family(r->ends.src) != af ||
	    (multicast && af == V6 && !ip_is_link_local(r->ends.src)))
		return MSG_BAD_SENDER;
	return MSG_GOOD;
}

enum msg_bad msg_open(const struct msg_ends *ends, const void *data, size_t len, struct msg_rd *r)
{
	uint8_t first;

	*r = (struct msg_rd){ .rd = rd_init(data, len), .ends = *ends };
	first = rd_u8(&r->rd);
	r->type = first & 0xf;
	r->flags = rd_u8(&r->rd);
	rd_skip(&r->rd, 2);
	if (r->rd.bad)
		return MSG_BAD_LENGTH;
	if (first >> 4 != PIM_VERSION)
		return MSG_BAD_VERSION;
	if (r->type == MSG_REGISTER && len < REGISTER)
		return MSG_BAD_LENGTH;
	if (!checksum_is_right(r, data, len))
		return MSG_BAD_CHECKSUM;
	if (r->type >= MSG_NTYPES)
		return MSG_BAD_TYPE;
	return check_ends(r);
}

void msg_fail(struct msg_rd *r, enum msg_bad bad)
{
	if (!r->rd.bad)
		r->bad = bad;
	r->rd.bad = true;
}

enum msg_bad msg_end(const struct msg_rd *r)
{
	if (r->rd.bad && !r->bad)
		return MSG_BAD_LENGTH;
	return r->bad;
}

/* The family and encoding that each encoded address begins with. */
static enum af rd_family(struct msg_rd *r, uint8_t *encoding)
{
	uint8_t family = rd_u8(&r->rd);

	*encoding = rd_u8(&r->rd);
	if (family != WIRE_V4 && family != WIRE_V6)
		msg_fail(r, MSG_BAD_FAMILY);
	return family == WIRE_V6 ? V6 : V4;
}

static enum af rd_native_family(struct msg_rd *r)
{
	uint8_t encoding;
	enum af af = rd_family(r, &encoding);

	if (encoding != NATIVE)
		msg_fail(r, MSG_BAD_ENCODING);
	return af;
}

/* An address; whether it is of the packet's family, in which no mapped one is. */
static bool rd_address(struct msg_rd *r, enum af af, struct ip *ip)
{
	const uint8_t *p = rd_take(&r->rd, af_size(af));

	*ip = p ? ip_from_wire(af, p) : ip_any(af);
	return p && af == msg_af(&r->ends) && ip_family(*ip) == af;
}

bool msg_rd_any_unicast(struct msg_rd *r, struct ip *ip)
{
	return rd_address(r, rd_native_family(r), ip);
}

/* What keeps it from being a range of the packet's family, which is no error yet. */
static enum msg_bad rd_range(struct msg_rd *r, struct msg_range *range)
{
	enum af af = rd_native_family(r);
	uint8_t flags = rd_u8(&r->rd), len = rd_u8(&r->rd);
	struct ip ip;

	if (!rd_address(r, af, &ip))
		return MSG_BAD_FAMILY;
	if (len > af_bits(af))
		return MSG_BAD_MASK;
	*range = (struct msg_range){
		.prefix = { ip_mask(ip, len), len },
		.bidir = flags & BIDIR,
		.zone = flags & ZONE,
	};
	return MSG_GOOD;
}

bool msg_rd_any_range(struct msg_rd *r, struct msg_range *range)
{
	return !rd_range(r, range);
}

/* RFC 5384 3.4.1: Join Attributes up to the last one. */
static void skip_attributes(struct msg_rd *r)
{
	bool end = false;

	while (!end && rd_left(&r->rd)) {
		end = rd_u8(&r->rd) & END;
		rd_skip(&r->rd, rd_u8(&r->rd));
	}
	if (!end)
		r->rd.bad = true;
}

bool msg_rd_any_source(struct msg_rd *r, struct ip *ip, uint8_t *flags)
{
	uint8_t encoding, len;
	enum af af = rd_family(r, &encoding);
	bool own;

	if (encoding != NATIVE && encoding != ATTRIBUTES)
		msg_fail(r, MSG_BAD_ENCODING);
	*flags = rd_u8(&r->rd) & (MSG_WC | MSG_RPT);
	len = rd_u8(&r->rd);
	own = rd_address(r, af, ip);
	if (encoding == ATTRIBUTES)
		skip_attributes(r);
	return own && !r->rd.bad && len == af_bits(af);
}

struct ip msg_rd_unicast(struct msg_rd *r)
{
	struct ip ip;

	if (!msg_rd_any_unicast(r, &ip))
		msg_fail(r, MSG_BAD_FAMILY);
	return ip;
}

struct ip msg_rd_host(struct msg_rd *r)
{
	struct ip ip = msg_rd_unicast(r);

	if (!msg_is_host(ip))
		msg_fail(r, MSG_BAD_ADDRESS);
	return ip;
}

struct msg_range msg_rd_range(struct msg_rd *r)
{
	struct msg_range range = { 0 };
	enum msg_bad bad = rd_range(r, &range);

	if (bad)
		msg_fail(r, bad);
	if (!ip_is_multicast(range.prefix.ip) ||
	    range.prefix.len < (msg_af(&r->ends) == V4 ? 4 : 8))
		msg_fail(r, MSG_BAD_GROUP);
	return range;
}

struct ip msg_rd_group(struct msg_rd *r)
{
	struct msg_range range = msg_rd_range(r);

	if (!prefix_is_host(&range.prefix))
		msg_fail(r, MSG_BAD_MASK);
	if (!msg_is_group(range.prefix.ip))
		msg_fail(r, MSG_BAD_GROUP);
	return range.prefix.ip;
}

int64_t msg_rd_holdtime(struct rd *r)
{
	uint16_t seconds = rd_u16(r);

	return seconds == UINT16_MAX ? MSG_FOREVER : SEC(seconds);
}

void msg_wr_holdtime(struct wr *w, int64_t ms)
{
	if (ms == MSG_FOREVER)
		wr_u16(w, UINT16_MAX);
	else if (ms > SEC(UINT16_MAX - 1))
		wr_u16(w, UINT16_MAX - 1);
	else
		wr_u16(w, ms > 0 ? (ms + 999) / 1000 : 0);
}

struct wr msg_begin(enum msg_type type, uint8_t flags, void *data, size_t size)
{
	struct wr w = wr_init(data, size < UINT16_MAX ? size : UINT16_MAX);

	wr_u8(&w, PIM_VERSION << 4 | type);
	wr_u8(&w, flags);
	wr_u16(&w, 0);
	return w;
}

static void wr_family(struct wr *w, struct ip ip)
{
	wr_u8(w, ip_family(ip) == V4 ? WIRE_V4 : WIRE_V6);
	wr_u8(w, NATIVE);
}

void msg_wr_unicast(struct wr *w, struct ip ip)
{
	wr_family(w, ip);
	wr_ip(w, ip_family(ip), ip);
}

void msg_wr_range(struct wr *w, const struct msg_range *range)
{
	wr_family(w, range->prefix.ip);
	wr_u8(w, (range->bidir ? BIDIR : 0) | (range->zone ? ZONE : 0));
	wr_u8(w, range->prefix.len);
	wr_ip(w, ip_family(range->prefix.ip), range->prefix.ip);
}

void msg_wr_group(struct wr *w, struct ip group)
{
	struct msg_range range = { .prefix = { group, af_bits(ip_family(group)) } };

	msg_wr_range(w, &range);
}

void msg_wr_source(struct wr *w, struct ip ip, uint8_t flags)
{
	wr_family(w, ip);
	wr_u8(w, flags);
	wr_u8(w, af_bits(ip_family(ip)));
	wr_ip(w, ip_family(ip), ip);
}

size_t msg_close(const struct msg_ends *ends, struct wr *w)
{
	size_t len = wr_len(w);
	struct wr at;

	if (w->full)
		return 0;
	at = wr_init(w->start + 2, 2);
	if ((w->start[0] & 0xf) == MSG_REGISTER)
		wr_u16(&at, checksum(ends, w->start, REGISTER, REGISTER));
	else
		wr_u16(&at, checksum(ends, w->start, len, len));
	return len;
}
