/* encapsulate.c - packets go to the RP in Registers, whole or in pieces (RFC 7761 4.4.1) */
#include "encapsulate.h"
#include "lib/cksum.h"

#define HEADER4 20
#define HEADER6 40

/* Of TOS or traffic class. */
#define ECN 3

/* Of the IPv4 header. */
#define DF 0x4000
#define MF 0x2000
#define OFFSET 0x1fff

/* Of an option: it is in all fragments; the end of them, and one that is a byte alone. */
#define COPIED 0x80
#define OPTION_END 0
#define OPTION_NOP 1

#define IPV6_MIN_MTU 1280
#define ICMP6_TOO_BIG 2
#define ICMP6_HEADER 8
#define TOO_BIG_INTERVAL 1000

/* How long it is known what fits on a path; it may take less at any time, which shows itself. */
#define PATH_TIME 1000

static unsigned read16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static void write16(uint8_t *p, unsigned v)
{
	p[0] = v >> 8;
	p[1] = v;
}

bool inner_read(enum af af, const void *data, size_t len, struct inner *inner)
{
	const uint8_t *p = data;
	size_t at = af == V4 ? 12 : 8;

	if (len < (af == V4 ? HEADER4 : HEADER6))
		return false;
	*inner = (struct inner){
		.data = p,
		.len = af == V4 ? read16(p + 2) : HEADER6 + read16(p + 4),
		.header = af == V4 ? (p[0] & 0xf) * 4u : HEADER6,
		.sg = { ip_from_wire(af, p + at), ip_from_wire(af, p + at + af_size(af)) },
		.tos = af == V4 ? p[1] : (uint8_t)(p[0] << 4 | p[1] >> 4),
	};
	return p[0] >> 4 == (af == V4 ? 4 : 6) && inner->header >= (af == V4 ? HEADER4 : HEADER6) &&
	       inner->len >= inner->header && inner->len <= len;
}

const void *inner_with_ecn(enum af af, const struct inner *inner, uint8_t tos, uint8_t *copy)
{
	uint8_t change = (inner->tos ^ tos) & ECN;

	if (!change)
		return inner->data;
	memcpy(copy, inner->data, inner->len);
	if (af == V6) {
		copy[1] ^= change << 4;
		return copy;
	}
	copy[1] ^= change;
	write16(copy + 10, 0);
	write16(copy + 10, cksum_end(cksum_add(0, copy, inner->header)));
	return copy;
}

/*
 * From where the RP is spoken to, and what it answers to: an address of the interface that is more
 * than its link's own, else that of another one. False if there is none.
 */
static bool address_of(const struct pim_iface *i, struct ip *ip)
{
	for (unsigned n = 0; i && n < i->naddresses; n++) {
		*ip = i->addresses[n].ip;
		if (!ip_is_link_local(*ip))
			return true;
	}
	return false;
}

static bool source_address(const struct pim *pim, unsigned slot, struct ip *ip)
{
	if (address_of(pim_iface(pim, slot), ip))
		return true;
	ifset_foreach(other, pim->running) {
		if (address_of(pim_iface(pim, other), ip))
			return true;
	}
	return false;
}

/* What is before the packet in a Register. */
static unsigned around(enum af af)
{
	return (af == V4 ? HEADER4 : HEADER6) + MSG_REGISTER_HEADER;
}

/* Without @mtu it goes in parts if it must. */
static enum send_result send_register(struct pim *pim, const struct msg_ends *ends,
				      const struct msg_register *reg, uint8_t ttl, uint8_t tos,
				      unsigned *mtu)
{
	uint8_t data[MSG_REGISTER_HEADER + UINT16_MAX];
	struct packet packet = {
		.proto = PROTO_PIM,
		.slot = NOSLOT,
		.ttl = ttl,
		.tos = tos,
		.src = ends->src,
		.dst = ends->dst,
		.data = data,
		.len = msg_register_encode(ends, reg, data, sizeof(data)),
		.fragment = !mtu,
	};
	enum send_result result = SEND_FAILED;

	if (packet.len)
		result = pim->engine.host->op->send(&pim->engine, &packet, mtu);
	if (result == SENT)
		pim->counters.sent[MSG_REGISTER]++;
	else if (result == SEND_FAILED)
		pim->counters.send_failed++;
	return result;
}

/* The header of all fragments but the first: of the options, those that are to be in each. */
static size_t later_header(const struct inner *inner, uint8_t *header)
{
	const uint8_t *p = inner->data + HEADER4, *end = inner->data + inner->header;
	size_t len = HEADER4, n;

	memcpy(header, inner->data, HEADER4);
	for (; p < end && *p != OPTION_END; p += n) {
		n = *p == OPTION_NOP || end - p < 2 ? 1 : p[1];
		if (n < 1 || n > (size_t)(end - p) || (*p != OPTION_NOP && n < 2))
			break;
		if (*p & COPIED) {
			memcpy(header + len, p, n);
			len += n;
		}
	}
	while (len % 4)
		header[len++] = OPTION_END;
	header[0] = 0x40 | len / 4;
	return len;
}

/*
 * RFC 791 3.2: the packet in fragments of at most @room bytes, each registered. What was a fragment
 * already is cut like another one.
 */
static void send_fragments(struct pim *pim, const struct inner *inner, const struct msg_ends *ends,
			   size_t room)
{
	uint8_t data[UINT16_MAX];
	unsigned field = read16(inner->data + 6), mtu;
	size_t at = inner->header, header = inner->header;

	/* what would end behind any packet has no place there, and must not become a flag */
	if ((field & OFFSET) * 8 + inner->len > UINT16_MAX) {
		pim->counters.register_too_big++;
		return;
	}
	memcpy(data, inner->data, header);
	while (at < inner->len) {
		struct msg_register reg = { .sg = inner->sg, .data = data };
		size_t left = inner->len - at, n = room > header ? room - header : 0;
		unsigned offset = (field & OFFSET) + (at - inner->header) / 8;
		bool is_last = left <= n;

		n = is_last ? left : n & ~(size_t)7;
		if (!n)
			return;
		write16(data + 2, header + n);
		write16(data + 6, (field & MF) | (is_last ? 0 : MF) | offset);
		write16(data + 10, 0);
		write16(data + 10, cksum_end(cksum_add(0, data, header)));
		memcpy(data + header, inner->data + at, n);
		reg.len = header + n;
		if (send_register(pim, ends, &reg, REGISTER_TTL, inner->tos, &mtu) != SENT) {
			pim->path.until = 0;
			return;
		}
		if (at == inner->header)
			header = later_header(inner, data);
		at += n;
	}
}

/* RFC 4443 3.2, 2.4: to the source, with as much of the packet as there may be; not too often. */
static void tell_too_big(struct pim *pim, const struct inner *inner, unsigned slot, unsigned mtu)
{
	uint8_t data[IPV6_MIN_MTU - HEADER6] = { ICMP6_TOO_BIG };
	size_t n = inner->len < sizeof(data) - ICMP6_HEADER ? inner->len
							    : sizeof(data) - ICMP6_HEADER;
	struct packet packet = {
		.proto = PROTO_ICMPV6,
		.slot = slot,
		.ttl = REGISTER_TTL,
		.dst = inner->sg.src,
		.data = data,
		.len = ICMP6_HEADER + n,
	};
	int64_t now = pim_clock(pim)->now;

	if (now < pim->too_big_again || !source_address(pim, slot, &packet.src))
		return;
	pim->too_big_again = now + TOO_BIG_INTERVAL;
	write16(data + 4, mtu >> 16);
	write16(data + 6, mtu);
	memcpy(data + ICMP6_HEADER, inner->data, n);
	pim->engine.host->op->send(&pim->engine, &packet, NULL);
}

/*
 * RFC 7761 4.4.1 demands Packet Too Big messages of IPv6, of no less than its minimum MTU, and that
 * Registers of what is no longer go in parts. So do those of IPv4 packets that are not to be cut:
 * RFC 1122 3.2.2 forbids to answer a multicast packet with an error, they would just be lost.
 */
static void too_big(struct pim *pim, const struct inner *inner, const struct msg_ends *ends,
		    const struct msg_register *reg, unsigned slot, unsigned mtu)
{
	enum af af = pim->engine.af;
	unsigned room = mtu > around(af) ? mtu - around(af) : 0;

	if (af == V4 && !(read16(inner->data + 6) & DF)) {
		send_fragments(pim, inner, ends, room);
		return;
	}
	if (af == V4 || inner->len <= IPV6_MIN_MTU) {
		send_register(pim, ends, reg, REGISTER_TTL, inner->tos, NULL);
		return;
	}
	pim->counters.register_too_big++;
	tell_too_big(pim, inner, slot, room > IPV6_MIN_MTU ? room : IPV6_MIN_MTU);
}

/* To find that out takes several calls of the system, which many packets would do in vain. */
static bool is_known_too_big(const struct pim *pim, struct ip to, size_t len)
{
	const struct path *path = &pim->path;

	return pim_clock(pim)->now < path->until && ip_eq(path->to, to) &&
	       len + around(pim->engine.af) > path->mtu;
}

bool encapsulate(struct pim *pim, const struct inner *inner, const struct msg_ends *to,
		 unsigned slot)
{
	struct msg_register reg = { .sg = inner->sg, .data = inner->data, .len = inner->len };
	struct msg_ends ends = *to;
	unsigned mtu = 0;
	int64_t now = pim_clock(pim)->now;
	enum send_result result;

	if (ip_is_any(ends.src) && !source_address(pim, slot, &ends.src)) {
		pim->counters.send_failed++;
		return false;
	}
	if (is_known_too_big(pim, ends.dst, inner->len)) {
		result = SEND_TOO_BIG;
	} else {
		result = send_register(pim, &ends, &reg, REGISTER_TTL, inner->tos, &mtu);
		if (result == SEND_TOO_BIG)
			pim->path = (struct path){ ends.dst, mtu, mtu ? now + PATH_TIME : 0 };
	}
	if (result == SEND_TOO_BIG)
		too_big(pim, inner, &ends, &reg, slot, pim->path.mtu);
	return result != SEND_FAILED;
}

bool encapsulate_as(struct pim *pim, const struct msg_ends *ends, const struct msg_register *reg,
		    uint8_t ttl, uint8_t tos)
{
	return send_register(pim, ends, reg, ttl, tos, NULL) == SENT;
}

void encapsulate_null(struct pim *pim, const struct sg *sg, struct ip rp, unsigned slot)
{
	struct msg_register reg = { .null = true, .sg = *sg };
	struct msg_ends ends = { .dst = rp };

	if (source_address(pim, slot, &ends.src))
		encapsulate_as(pim, &ends, &reg, REGISTER_TTL, 0);
	else
		pim->counters.send_failed++;
}
