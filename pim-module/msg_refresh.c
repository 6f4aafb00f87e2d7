/* msg_refresh.c - State Refresh of dense mode (RFC 3973 4.7.10) */
#include "msg_refresh.h"

#define RPT 0x80000000

enum { PRUNED = 0x80, PRUNE_NOW = 0x40, OVERRIDE = 0x20 };

enum msg_bad msg_refresh_decode(struct msg_rd *r, struct msg_refresh *m)
{
	uint32_t preference;
	uint8_t flags;

	m->sg.grp = msg_rd_group(r);
	m->sg.src = msg_rd_host(r);
	m->originator = msg_rd_host(r);
	preference = rd_u32(&r->rd);
	m->rpt = preference & RPT;
	m->preference = preference & ~RPT;
	m->metric = rd_u32(&r->rd);
	m->mask_len = rd_u8(&r->rd);
	m->ttl = rd_u8(&r->rd);
	flags = rd_u8(&r->rd);
	m->pruned = flags & PRUNED;
	m->prune_now = flags & PRUNE_NOW;
	m->override = flags & OVERRIDE;
	m->interval = rd_u8(&r->rd);
	if (m->mask_len > af_bits(msg_af(&r->ends)))
		msg_fail(r, MSG_BAD_MASK);
	return msg_end(r);
}

size_t msg_refresh_encode(const struct msg_ends *ends, const struct msg_refresh *m, void *data,
			  size_t size)
{
	struct wr w = msg_begin(MSG_STATE_REFRESH, 0, data, size);

	msg_wr_group(&w, m->sg.grp);
	msg_wr_unicast(&w, m->sg.src);
	msg_wr_unicast(&w, m->originator);
	wr_u32(&w, (m->rpt ? RPT : 0) | (m->preference & ~RPT));
	wr_u32(&w, m->metric);
	wr_u8(&w, m->mask_len);
	wr_u8(&w, m->ttl);
	wr_u8(&w, (m->pruned ? PRUNED : 0) | (m->prune_now ? PRUNE_NOW : 0) |
			  (m->override ? OVERRIDE : 0));
	wr_u8(&w, m->interval);
	return msg_close(ends, &w);
}
