/* msg_assert.c - Assert: which of several routers is to forward to a link */
#include "msg_assert.h"

#define RPT 0x80000000

enum msg_bad msg_assert_decode(struct msg_rd *r, struct msg_assert *m)
{
	uint32_t preference;

	m->sg.grp = msg_rd_group(r);
	m->sg.src = msg_rd_unicast(r);
	if (!ip_is_any(m->sg.src) && !msg_is_host(m->sg.src))
		msg_fail(r, MSG_BAD_ADDRESS);
	preference = rd_u32(&r->rd);
	m->rpt = preference & RPT;
	m->preference = preference & ~RPT;
	m->metric = rd_u32(&r->rd);
	return msg_end(r);
}

size_t msg_assert_encode(const struct msg_ends *ends, const struct msg_assert *m, void *data,
			 size_t size)
{
	struct wr w = msg_begin(MSG_ASSERT, 0, data, size);

	msg_wr_group(&w, m->sg.grp);
	msg_wr_unicast(&w, m->sg.src);
	wr_u32(&w, (m->rpt ? RPT : 0) | (m->preference & ~RPT));
	wr_u32(&w, m->metric);
	return msg_close(ends, &w);
}

struct msg_assert msg_assert_cancel(struct sg sg)
{
	return (struct msg_assert){
		.sg = sg,
		.rpt = true,
		.preference = MSG_INFINITE_PREFERENCE,
		.metric = MSG_INFINITE_METRIC,
	};
}
