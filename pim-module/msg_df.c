/* msg_df.c - election of the designated forwarder of a link (RFC 5015 3.7) */
#include "msg_df.h"

static struct msg_df_metric decode_metric(struct rd *r)
{
	struct msg_df_metric m = { .preference = rd_u32(r) };

	m.metric = rd_u32(r);
	return m;
}

static void encode_metric(struct wr *w, struct msg_df_metric m)
{
	wr_u32(w, m.preference);
	wr_u32(w, m.metric);
}

enum msg_bad msg_df_decode(struct msg_rd *r, struct msg_df *m)
{
	uint8_t kind = r->flags >> 4;

	if (kind < DF_OFFER || kind > DF_PASS)
		return MSG_BAD_TYPE;
	*m = (struct msg_df){ .kind = kind, .other = ip_any(msg_af(&r->ends)) };
	m->rp = msg_rd_host(r);
	m->sender = decode_metric(&r->rd);
	if (m->kind >= DF_BACKOFF) {
		m->other = msg_rd_host(r);
		m->offered = decode_metric(&r->rd);
	}
	if (m->kind == DF_BACKOFF)
		m->interval = rd_u16(&r->rd);
	return msg_end(r);
}

size_t msg_df_encode(const struct msg_ends *ends, const struct msg_df *m, void *data, size_t size)
{
	struct wr w = msg_begin(MSG_DF_ELECTION, m->kind << 4, data, size);

	msg_wr_unicast(&w, m->rp);
	encode_metric(&w, m->sender);
	if (m->kind >= DF_BACKOFF) {
		msg_wr_unicast(&w, m->other);
		encode_metric(&w, m->offered);
	}
	if (m->kind == DF_BACKOFF)
		wr_u16(&w, m->interval);
	return msg_close(ends, &w);
}
