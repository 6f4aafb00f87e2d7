/* mld.c - MLDv1 (RFC 2710) and v2 (RFC 3810) on the wire */
#include "mld.h"
#include "wire.h"

enum { QUERY = 130, V1_REPORT = 131, V1_DONE = 132, V2_REPORT = 143 };

/* Messages of v1 are of that length. */
#define SHORT 24

/* RFC 3810 8.1: the length tells versions apart; what is not that of v1 has to have all of v2. */
static enum gm_bad decode_query(struct rd r, struct arena *arena, struct gm_message *m)
{
	bool is_short = rd_left(&r) == SHORT;
	uint16_t code;
	enum gm_bad bad;

	rd_skip(&r, 4);
	code = rd_u16(&r);
	rd_skip(&r, 2);
	m->version = is_short ? 2 : 3;
	m->max_response = is_short ? code : wire_code_value(code, CODE16);
	bad = wire_decode_group(&r, V6, m);
	return bad || is_short ? bad : wire_decode_query(&r, V6, arena, m);
}

/* RFC 2710 3.7: what is beyond the group is ignored. */
static enum gm_bad decode_short(struct rd r, struct gm_message *m, enum gm_type type)
{
	m->type = type;
	m->version = 2;
	rd_skip(&r, 8);
	m->group = wire_ip(&r, V6);
	if (r.bad)
		return GM_BAD_LENGTH;
	return wire_is_group(V6, m->group) ? GM_GOOD : GM_BAD_GROUP;
}

enum gm_bad mld_decode(const void *data, size_t len, struct arena *arena, struct gm_message *m)
{
	struct rd r = rd_init(data, len);

	*m = (struct gm_message){ .type = GM_QUERY, .group = ip_any(V6) };
	if (!len)
		return GM_BAD_LENGTH;
	switch (*r.p) {
	case QUERY:
		return decode_query(r, arena, m);
	case V1_REPORT:
		return decode_short(r, m, GM_REPORT);
	case V1_DONE:
		return decode_short(r, m, GM_LEAVE);
	case V2_REPORT:
		m->type = GM_REPORT_V3;
		m->version = 3;
		rd_skip(&r, 4);
		return wire_decode_report(&r, V6, arena, m);
	default:
		return GM_BAD_TYPE;
	}
}

static uint8_t type_of(const struct gm_message *m)
{
	static const uint8_t types[] = { [GM_QUERY] = QUERY,
					 [GM_REPORT] = V1_REPORT,
					 [GM_LEAVE] = V1_DONE,
					 [GM_REPORT_V3] = V2_REPORT };

	return types[m->type];
}

/* RFC 3810 5.1.3, RFC 2710 3.4 */
static uint16_t response_code(const struct gm_message *m)
{
	int64_t ms = m->max_response > 0 ? m->max_response : 0;

	if (m->version == 3)
		return wire_code(ms, CODE16);
	return ms < UINT16_MAX ? ms : UINT16_MAX;
}

void mld_encode(struct wr *w, const struct gm_message *m, struct gm_place *at)
{
	wr_u8(w, type_of(m));
	wr_u8(w, 0);
	wr_u16(w, 0);
	if (m->type == GM_REPORT_V3) {
		wire_encode_report(w, V6, m, at);
		return;
	}
	wr_u16(w, m->type == GM_QUERY ? response_code(m) : 0);
	wr_u16(w, 0);
	wr_ip(w, V6, m->group);
	at->end = true;
	if (m->type == GM_QUERY && m->version == 3)
		wire_encode_query(w, V6, m, at);
}
