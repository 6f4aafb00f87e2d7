/* datagram.c - a modelled data packet as bytes */
#include "lib/cksum.h"
#include "lib/cursor.h"
#include "lib/util.h"
#include "sim/datagram.h"

#define MAGIC 0x736d636b
#define PORT 9 /* discard */
#define UDP_SIZE 8
#define DONT_FRAGMENT 0x4000

static size_t header_size(enum af af)
{
	return af == V4 ? 20 : 40;
}

size_t datagram_size(const struct sim_packet *packet)
{
	size_t least = header_size(packet->af) + UDP_SIZE + 4 + 4 + 8 + sizeof(packet->passed);

	return packet->len > least ? packet->len : least;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void write_ip(struct wr *w, const struct sim_packet *p, size_t size)
{
	uint8_t *begin = w->p;

	if (p->af == V4) {
		wr_u16(w, 0x4500);
		wr_u16(w, size);
		wr_u16(w, 0);
		wr_u16(w, DONT_FRAGMENT);
		wr_u8(w, p->ttl);
		wr_u8(w, PROTO_UDP);
		wr_u16(w, 0);
	} else {
		wr_u32(w, UINT32_C(6) << 28);
		wr_u16(w, size - header_size(V6));
		wr_u8(w, PROTO_UDP);
		wr_u8(w, p->ttl);
	}
	wr_ip(w, p->af, p->sg.src);
	wr_ip(w, p->af, p->sg.grp);
	if (p->af == V4)
		put16(begin + 10, cksum_end(cksum_add(0, begin, header_size(V4))));
}

/* Of UDP with its header; 0 if the one in there is right. */
static uint16_t udp_sum(enum af af, struct sg sg, const uint8_t *udp, size_t len)
{
	uint32_t sum;

	if (af == V6) {
		sum = cksum_add_pseudo6(0, sg.src, sg.grp, len, PROTO_UDP);
	} else {
		sum = cksum_add(len + PROTO_UDP, ip_wire(&sg.src, V4), 4);
		sum = cksum_add(sum, ip_wire(&sg.grp, V4), 4);
	}
	return cksum_end(cksum_add(sum, udp, len));
}

void datagram_write(const struct sim_packet *packet, uint8_t *to)
{
	size_t size = datagram_size(packet), header = header_size(packet->af);
	struct wr w = wr_init(to, size);
	uint16_t sum;

	memset(to, 0, size);
	write_ip(&w, packet, size);
	wr_u16(&w, PORT);
	wr_u16(&w, PORT);
	wr_u16(&w, size - header);
	wr_u16(&w, 0);
	wr_u32(&w, MAGIC);
	wr_u32(&w, packet->len);
	wr_u32(&w, packet->id >> 32);
	wr_u32(&w, packet->id);
	wr_bytes(&w, packet->passed, sizeof(packet->passed));
	sum = udp_sum(packet->af, packet->sg, to + header, size - header);
	put16(to + header + 6, sum ? sum : 0xffff); /* RFC 768: 0 is none */
}

/* What is behind the header, without what is behind the packet. */
static struct rd read_ip4(struct rd *r, struct sim_packet *p)
{
	const uint8_t *begin = r->p;
	size_t header = (rd_u8(r) & 15) * 4, size;
	bool is_udp;

	rd_skip(r, 1);
	size = rd_u16(r);
	rd_skip(r, 2);
	r->bad |= rd_u16(r) & ~DONT_FRAGMENT;
	p->ttl = rd_u8(r);
	is_udp = rd_u8(r) == PROTO_UDP;
	rd_skip(r, 2);
	p->sg.src = rd_ip(r, V4);
	p->sg.grp = rd_ip(r, V4);
	if (r->bad || !is_udp || header != header_size(V4) || size < header ||
	    cksum_end(cksum_add(0, begin, header)))
		return (struct rd){ .bad = true };
	return rd_sub(r, size - header);
}

static struct rd read_ip6(struct rd *r, struct sim_packet *p)
{
	size_t size;
	bool is_udp;

	rd_skip(r, 4);
	size = rd_u16(r);
	is_udp = rd_u8(r) == PROTO_UDP;
	p->ttl = rd_u8(r);
	p->sg.src = rd_ip(r, V6);
	p->sg.grp = rd_ip(r, V6);
	if (r->bad || !is_udp)
		return (struct rd){ .bad = true };
	return rd_sub(r, size);
}

static bool read_udp(struct rd *r, struct sim_packet *p)
{
	const uint8_t *begin = r->p, *passed;
	size_t size = rd_left(r);

	rd_skip(r, 4);
	if (rd_u16(r) != size)
		return false;
	rd_skip(r, 2);
	r->bad |= rd_u32(r) != MAGIC;
	p->len = rd_u32(r);
	p->id = (uint64_t)rd_u32(r) << 32;
	p->id |= rd_u32(r);
	passed = rd_take(r, sizeof(p->passed));
	if (!passed || udp_sum(p->af, p->sg, begin, size))
		return false;
	memcpy(p->passed, passed, sizeof(p->passed));
	return true;
}

bool datagram_read(const void *data, size_t len, struct sim_packet *packet)
{
	struct rd r = rd_init(data, len), udp;

	*packet = (struct sim_packet){ .af = V6 };
	if (!len)
		return false;
	switch (*r.p >> 4) {
	case 4:
		packet->af = V4;
		udp = read_ip4(&r, packet);
		break;
	case 6:
		udp = read_ip6(&r, packet);
		break;
	default:
		return false;
	}
	return read_udp(&udp, packet);
}
