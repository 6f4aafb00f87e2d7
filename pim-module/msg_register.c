/* msg_register.c - Register, Null-Register, Register-Stop */
#include "lib/cksum.h"
#include "msg_register.h"

#define NULL_REGISTER 0x40000000

/* Of the packet in a Register: protocol, headers, where the addresses stand. */
#define PROTO 103
#define HEADER4 20
#define HEADER6 40
#define PIM_HEADER 4

/* What is no packet in a whole header: another version, or longer than what came. */
static size_t packet_length(enum af af, const uint8_t *p, size_t len)
{
	size_t header = af == V4 ? (p[0] & 0xf) * 4u : HEADER6;
	size_t said = af == V4 ? (size_t)p[2] << 8 | p[3] : HEADER6 + ((size_t)p[4] << 8 | p[5]);

	if (p[0] >> 4 != (af == V4 ? 4 : 6) || header < (af == V4 ? HEADER4 : HEADER6) ||
	    said < header || said > len)
		return 0;
	return said;
}

/*
 * RFC 7761 4.9.3: a checksum that is there is right; nothing else of the dummy is looked at. That
 * of IPv4 is over the header, in so far as it is there.
 */
static bool dummy_is_right(enum af af, const struct sg *sg, const uint8_t *p, size_t len)
{
	size_t header = (p[0] & 0xf) * 4u;
	uint32_t sum;

	if (af == V4) {
		if (header < HEADER4 || header > len)
			header = HEADER4;
		return (!p[10] && !p[11]) || !cksum_end(cksum_add(0, p, header));
	}
	if (len < HEADER6 + PIM_HEADER)
		return true;
	sum = cksum_add_pseudo6(0, sg->src, sg->grp, PIM_HEADER, PROTO);
	return !cksum_end(cksum_add(sum, p + HEADER6, PIM_HEADER));
}

static enum msg_bad decode_packet(enum af af, const uint8_t *p, size_t len,
				  struct msg_register *reg)
{
	size_t at = af == V4 ? 12 : 8;

	if (len < (af == V4 ? HEADER4 : HEADER6))
		return MSG_BAD_INNER;
	reg->sg.src = ip_from_wire(af, p + at);
	reg->sg.grp = ip_from_wire(af, p + at + af_size(af));
	if (ip_family(reg->sg.src) != af || ip_family(reg->sg.grp) != af)
		return MSG_BAD_FAMILY;
	if (!msg_is_host(reg->sg.src))
		return MSG_BAD_ADDRESS;
	if (!msg_is_group(reg->sg.grp))
		return MSG_BAD_GROUP;
	if (reg->null)
		return dummy_is_right(af, &reg->sg, p, len) ? MSG_GOOD : MSG_BAD_INNER;
	reg->data = p;
	reg->len = packet_length(af, p, len);
	return reg->len ? MSG_GOOD : MSG_BAD_INNER;
}

enum msg_bad msg_register_decode(struct msg_rd *r, struct msg_register *reg)
{
	*reg = (struct msg_register){ .null = rd_u32(&r->rd) & NULL_REGISTER };
	if (r->rd.bad)
		return MSG_BAD_LENGTH;
	return decode_packet(msg_af(&r->ends), r->rd.p, rd_left(&r->rd), reg);
}

/* RFC 7761 4.9.3: a header alone, of a packet of PIM. */
static void encode_dummy4(struct wr *w, const struct sg *sg)
{
	uint8_t header[HEADER4] = { 0x45, [3] = HEADER4, [8] = 64, [9] = PROTO };
	uint16_t sum;

	memcpy(header + 12, ip_wire(&sg->src, V4), 4);
	memcpy(header + 16, ip_wire(&sg->grp, V4), 4);
	sum = cksum_end(cksum_add(0, header, sizeof(header)));
	header[10] = sum >> 8;
	header[11] = sum;
	wr_bytes(w, header, sizeof(header));
}

/* RFC 7761 4.9.3: a header, and that of a PIM message of version 0 and type 0. */
static void encode_dummy6(struct wr *w, const struct sg *sg)
{
	static const uint8_t header[8] = { 0x60, [5] = PIM_HEADER, [6] = PROTO, [7] = 64 };

	wr_bytes(w, header, sizeof(header));
	wr_ip(w, V6, sg->src);
	wr_ip(w, V6, sg->grp);
	wr_u16(w, 0);
	wr_u16(w, cksum_end(cksum_add_pseudo6(0, sg->src, sg->grp, PIM_HEADER, PROTO)));
}

size_t msg_register_encode(const struct msg_ends *ends, const struct msg_register *reg, void *data,
			   size_t size)
{
	struct wr w = msg_begin(MSG_REGISTER, 0, data, size);

	wr_u32(&w, reg->null ? NULL_REGISTER : 0);
	if (!reg->null)
		wr_bytes(&w, reg->data, reg->len);
	else if (msg_af(ends) == V4)
		encode_dummy4(&w, &reg->sg);
	else
		encode_dummy6(&w, &reg->sg);
	return msg_close(ends, &w);
}

enum msg_bad msg_register_stop_decode(struct msg_rd *r, struct msg_register_stop *stop)
{
	stop->sg.grp = msg_rd_group(r);
	stop->sg.src = msg_rd_unicast(r);
	if (!ip_is_any(stop->sg.src) && !msg_is_host(stop->sg.src))
		msg_fail(r, MSG_BAD_ADDRESS);
	return msg_end(r);
}

size_t msg_register_stop_encode(const struct msg_ends *ends, const struct msg_register_stop *stop,
				void *data, size_t size)
{
	struct wr w = msg_begin(MSG_REGISTER_STOP, 0, data, size);

	msg_wr_group(&w, stop->sg.grp);
	msg_wr_unicast(&w, stop->sg.src);
	return msg_close(ends, &w);
}
