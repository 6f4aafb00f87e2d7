/* msg_auto.c - messages of Auto-RP
 *
 *	 version  type  |  number of RPs  |  holdtime in seconds
 *	 reserved
 *	and for each RP
 *	 its address
 *	 reserved  PIM versions  |  number of ranges
 *	and for each range of it
 *	 reserved  negative  |  length of the mask  |  group
 *
 * in nibbles and bytes, of which a group and an address take four; reserved and negative are 7 bits
 * and the last, PIM versions the last two.
 */
#include "msg_auto.h"

#define AUTO_VERSION 1
#define NEGATIVE 1
#define VERSIONS 3

/* Of all groups. */
#define MIN_MASK 4

static enum msg_bad decode_range(struct rd *r, struct msg_auto_range *range)
{
	uint8_t len;
	struct ip ip;

	range->negative = rd_u8(r) & NEGATIVE;
	len = rd_u8(r);
	ip = rd_ip(r, V4);
	if (r->bad)
		return MSG_BAD_LENGTH;
	if (len < MIN_MASK || len > af_bits(V4))
		return MSG_BAD_MASK;
	range->prefix = (struct prefix){ ip_mask(ip, len), len };
	return ip_is_multicast(ip) ? MSG_GOOD : MSG_BAD_GROUP;
}

static enum msg_bad decode_rp(struct rd *r, struct arena *arena, struct msg_auto_rp *rp)
{
	enum msg_bad bad = MSG_GOOD;

	rp->ip = rd_ip(r, V4);
	rp->versions = rd_u8(r) & VERSIONS;
	rp->nranges = rd_u8(r);
	if (r->bad)
		return MSG_BAD_LENGTH;
	if (!msg_is_host(rp->ip))
		return MSG_BAD_ADDRESS;
	rp->range = arena_take(arena, rp->nranges, sizeof(*rp->range));
	if (rp->nranges && !rp->range)
		return MSG_BAD_MEMORY;
	for (unsigned i = 0; i < rp->nranges && !bad; i++)
		bad = decode_range(r, &rp->range[i]);
	return bad;
}

enum msg_bad msg_auto_decode(struct rd r, struct arena *arena, struct msg_auto *m)
{
	uint8_t first = rd_u8(&r);
	enum msg_bad bad = MSG_GOOD;

	*m = (struct msg_auto){ .type = first & 0xf, .nrps = rd_u8(&r) };
	m->holdtime = SEC(rd_u16(&r));
	rd_skip(&r, 4);
	if (r.bad)
		return MSG_BAD_LENGTH;
	if (first >> 4 != AUTO_VERSION)
		return MSG_BAD_VERSION;
	if (m->type != AUTO_ANNOUNCEMENT && m->type != AUTO_MAPPING)
		return MSG_BAD_TYPE;
	if (!m->holdtime)
		m->holdtime = MSG_FOREVER;
	m->rp = arena_take(arena, m->nrps, sizeof(*m->rp));
	if (m->nrps && !m->rp)
		return MSG_BAD_MEMORY;
	for (unsigned i = 0; i < m->nrps && !bad; i++)
		bad = decode_rp(&r, arena, &m->rp[i]);
	return bad;
}

size_t msg_auto_encode(const struct msg_auto *m, void *data, size_t size)
{
	struct wr w = wr_init(data, size);

	wr_u8(&w, AUTO_VERSION << 4 | m->type);
	wr_u8(&w, m->nrps);
	wr_u16(&w, m->holdtime == MSG_FOREVER ? 0 : m->holdtime / SEC(1));
	wr_u32(&w, 0);
	for (unsigned i = 0; i < m->nrps; i++) {
		const struct msg_auto_rp *rp = &m->rp[i];

		wr_ip(&w, V4, rp->ip);
		wr_u8(&w, rp->versions);
		wr_u8(&w, rp->nranges);
		for (unsigned j = 0; j < rp->nranges; j++) {
			wr_u8(&w, rp->range[j].negative ? NEGATIVE : 0);
			wr_u8(&w, rp->range[j].prefix.len);
			wr_ip(&w, V4, rp->range[j].prefix.ip);
		}
	}
	return w.full ? 0 : wr_len(&w);
}
