/* igmp.c - IGMPv1 (RFC 1112), v2 (RFC 2236) and v3 (RFC 3376) on the wire */
#include "lib/cksum.h"
#include "igmp.h"
#include "wire.h"

enum { QUERY = 0x11, V1_REPORT = 0x12, V2_REPORT = 0x16, V2_LEAVE = 0x17, V3_REPORT = 0x22 };

/* Every message has that, and those of v1 and v2 have no more. */
#define SHORT 8

/* ms that a Max Resp Code counts, and what a v1 query means (RFC 3376 4.1.1, RFC 2236 4). */
#define UNIT 100
#define V1_RESPONSE 10000

/*
 * RFC 3376 7.1: the length and the code tell versions apart. A v1 query is for all groups, what
 * stands there is ignored (RFC 1112, Appendix I).
 */
static enum gm_bad decode_query(struct rd r, struct arena *arena, struct gm_message *m)
{
	bool is_short = rd_left(&r) == SHORT;
	uint8_t code;
	enum gm_bad bad;

	rd_skip(&r, 1);
	code = rd_u8(&r);
	rd_skip(&r, 2);
	if (is_short && !code) {
		m->version = 1;
		m->max_response = V1_RESPONSE;
		return GM_GOOD;
	}
	m->version = is_short ? 2 : 3;
	m->max_response = (int64_t)(is_short ? code : wire_code_value(code, CODE8)) * UNIT;
	bad = wire_decode_group(&r, V4, m);
	return bad || is_short ? bad : wire_decode_query(&r, V4, arena, m);
}

/* RFC 2236 2.4, 2.5: what is beyond the group is ignored. */
static enum gm_bad decode_short(struct rd r, struct gm_message *m, enum gm_type type,
				unsigned version)
{
	m->type = type;
	m->version = version;
	rd_skip(&r, 4);
	m->group = wire_ip(&r, V4);
	return wire_is_group(V4, m->group) ? GM_GOOD : GM_BAD_GROUP;
}

enum gm_bad igmp_decode(const void *data, size_t len, struct arena *arena, struct gm_message *m)
{
	struct rd r = rd_init(data, len);

	*m = (struct gm_message){ .type = GM_QUERY, .group = ip_any(V4) };
	if (len < SHORT)
		return GM_BAD_LENGTH;
	if (cksum_end(cksum_add(0, data, len)))
		return GM_BAD_CHECKSUM;
	switch (*r.p) {
	case QUERY:
		return decode_query(r, arena, m);
	case V1_REPORT:
		return decode_short(r, m, GM_REPORT, 1);
	case V2_REPORT:
		return decode_short(r, m, GM_REPORT, 2);
	case V2_LEAVE:
		return decode_short(r, m, GM_LEAVE, 2);
	case V3_REPORT:
		m->type = GM_REPORT_V3;
		m->version = 3;
		rd_skip(&r, 4);
		return wire_decode_report(&r, V4, arena, m);
	default:
		return GM_BAD_TYPE;
	}
}

/* RFC 3376 4.1.1, 8.8; RFC 2236 2.2: a v2 query is none without a time. */
static uint8_t response_code(const struct gm_message *m)
{
	int64_t units = m->max_response / UNIT;

	switch (m->version) {
	case 1:
		return 0;
	case 2:
		return units < 1 ? 1 : units < UINT8_MAX ? units : UINT8_MAX;
	default:
		return wire_code(units, CODE8);
	}
}

static uint8_t type_of(const struct gm_message *m)
{
	switch (m->type) {
	case GM_QUERY:
		return QUERY;
	case GM_REPORT:
		return m->version == 1 ? V1_REPORT : V2_REPORT;
	case GM_LEAVE:
		return V2_LEAVE;
	default:
		return V3_REPORT;
	}
}

static void checksum(struct wr *w)
{
	struct wr at = wr_init(w->start + 2, 2);

	if (!w->full)
		wr_u16(&at, cksum_end(cksum_add(0, w->start, wr_len(w))));
}

void igmp_encode(struct wr *w, const struct gm_message *m, struct gm_place *at)
{
	bool is_v1_query = m->type == GM_QUERY && m->version == 1;

	wr_u8(w, type_of(m));
	wr_u8(w, m->type == GM_QUERY ? response_code(m) : 0);
	wr_u16(w, 0);
	if (m->type == GM_REPORT_V3) {
		wire_encode_report(w, V4, m, at);
	} else {
		wr_ip(w, V4, is_v1_query ? ip_any(V4) : m->group);
		at->end = true;
		if (m->type == GM_QUERY && m->version == 3)
			wire_encode_query(w, V4, m, at);
	}
	checksum(w);
}
