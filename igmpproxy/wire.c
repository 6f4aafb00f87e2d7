/* wire.c - what IGMPv3 and MLDv2 have in common: codes, source lists, records */
#include <stdlib.h>

#include "wire.h"

/* S flag and QRV, the upper four bits are reserved (RFC 3376 4.1.4 to 4.1.6, RFC 3810 5.1.6). */
#define SUPPRESS 0x08
#define QRV 0x07

uint32_t wire_code_value(unsigned code, unsigned mantissa)
{
	unsigned one = 1u << mantissa;

	if (code < one << 3)
		return code;
	return (uint32_t)(one | (code & (one - 1))) << ((code >> mantissa & 7) + 3);
}

unsigned wire_code(int64_t value, unsigned mantissa)
{
	unsigned one = 1u << mantissa, exp = 0;

	if (value < one << 3)
		return value > 0 ? value : 0;
	for (value >>= 3; value >= one << 1; value >>= 1)
		exp++;
	if (exp > 7)
		return (one << 4) - 1;
	return one << 3 | exp << mantissa | (value & (one - 1));
}

/* RFC 3376 5, RFC 3810 6: nothing is ever said of all systems, nor of scopes 0 and 1. */
bool wire_is_group(enum af af, struct ip group)
{
	if (ip_family(group) != af || !ip_is_multicast(group) || ip_eq(group, gm_all_systems(af)))
		return false;
	return af == V4 || (group.b[1] & 0xf) > 1;
}

/*
 * Whether a host may send from the address: no group, and none of those that never are on a link.
 * In IPv6, ::/80 has all of these, mapped ones too.
 */
static bool is_source(enum af af, const uint8_t *wire)
{
	static const uint8_t zeros[10], ones[4] = { 0xff, 0xff, 0xff, 0xff };

	if (af == V6)
		return wire[0] != 0xff && memcmp(wire, zeros, sizeof(zeros));
	return wire[0] != 127 && wire[0] >> 4 != 0xe && memcmp(wire, zeros, 4) &&
	       memcmp(wire, ones, 4);
}

struct ip wire_ip(struct rd *r, enum af af)
{
	const uint8_t *p = rd_take(r, af_size(af));

	return p ? ip_from_wire(af, p) : ip_any(af);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ip));
}

/* Orders the sources if they are not yet in order, drops what is there twice; how many are left. */
static unsigned sort(struct ip *source, unsigned n)
{
	unsigned kept = 0, i;

	for (i = 1; i < n && ip_cmp(source[i - 1], source[i]) < 0; i++)
		;
	if (i >= n)
		return n;
	qsort(source, n, sizeof(*source), compare);
	for (i = 0; i < n; i++) {
		if (!i || !ip_eq(source[i], source[kept - 1]))
			source[kept++] = source[i];
	}
	return kept;
}

/* Reads @n sources, and takes those that are some. */
static enum gm_bad decode_sources(struct rd *r, enum af af, struct arena *arena, unsigned n,
				  const struct ip **source, unsigned *nsources)
{
	size_t size = af_size(af);
	const uint8_t *wire = rd_take(r, n * size);
	struct ip *list;
	unsigned kept = 0;

	if (r->bad)
		return GM_BAD_LENGTH;
	if (!n)
		return GM_GOOD;
	list = arena_take(arena, n, sizeof(*list));
	if (!list)
		return GM_BAD_MEMORY;
	for (; n--; wire += size) {
		if (is_source(af, wire))
			list[kept++] = ip_from_wire(af, wire);
	}
	*source = list;
	*nsources = sort(list, kept);
	return GM_GOOD;
}

enum gm_bad wire_decode_group(struct rd *r, enum af af, struct gm_message *m)
{
	m->group = wire_ip(r, af);
	if (ip_eq(m->group, ip_any(af)) || wire_is_group(af, m->group))
		return GM_GOOD;
	return GM_BAD_GROUP;
}

/*
 * RFC 3376 4.1.4 to 4.1.10, RFC 3810 5.1.6 to 5.1.12. Sources are asked for of a group alone; and
 * that none of them is one must not make it a question for the group.
 */
enum gm_bad wire_decode_query(struct rd *r, enum af af, struct arena *arena, struct gm_message *m)
{
	uint8_t flags = rd_u8(r);
	enum gm_bad bad;
	unsigned n;

	m->suppress = flags & SUPPRESS;
	m->robustness = flags & QRV;
	m->interval = (int64_t)wire_code_value(rd_u8(r), CODE8) * 1000;
	n = rd_u16(r);
	if (r->bad)
		return GM_BAD_LENGTH;
	bad = decode_sources(r, af, arena, n, &m->source, &m->nsources);
	if (!bad && n && (!m->nsources || ip_is_any(m->group)))
		return GM_BAD_SOURCES;
	return bad;
}

/* Bytes of a record before its sources. */
static size_t record_size(enum af af)
{
	return 4 + af_size(af);
}

/*
 * RFC 3376 4.2.4 to 4.2.10, RFC 3810 5.2.4 to 5.2.10. What is unknown is read over, and has to be
 * as long as it says nevertheless.
 */
static enum gm_bad decode_record(struct rd *r, enum af af, struct arena *arena,
				 struct gm_record *record, bool *known)
{
	uint8_t type = rd_u8(r);
	size_t aux = rd_u8(r) * 4;
	unsigned n = rd_u16(r);
	enum gm_bad bad = GM_GOOD;

	*record = (struct gm_record){ .type = type, .group = wire_ip(r, af) };
	*known = type >= MODE_IS_INCLUDE && type <= BLOCK_OLD_SOURCES &&
		 wire_is_group(af, record->group);
	if (r->bad || rd_left(r) < n * af_size(af) + aux)
		return GM_BAD_LENGTH;
	if (*known)
		bad = decode_sources(r, af, arena, n, &record->source, &record->nsources);
	else
		rd_skip(r, n * af_size(af));
	rd_skip(r, aux);
	return bad;
}

/* RFC 3376 4.2.3, 4.2.11; RFC 3810 5.2.3, 5.2.11 */
enum gm_bad wire_decode_report(struct rd *r, enum af af, struct arena *arena, struct gm_message *m)
{
	struct gm_record *record;
	unsigned n;

	rd_skip(r, 2);
	n = rd_u16(r);
	if (r->bad || rd_left(r) < n * record_size(af))
		return GM_BAD_LENGTH;
	record = arena_take(arena, n, sizeof(*record));
	if (n && !record)
		return GM_BAD_MEMORY;
	m->record = record;
	while (n--) {
		bool known;
		enum gm_bad bad = decode_record(r, af, arena, &record[m->nrecords], &known);

		if (bad)
			return bad;
		m->nrecords += known;
		m->skipped += !known;
	}
	return GM_GOOD;
}

static void encode_sources(struct wr *w, enum af af, const struct ip *source, unsigned from,
			   unsigned n)
{
	for (unsigned i = from; i < from + n; i++)
		wr_ip(w, af, source[i]);
}

/* How many of @n addresses there is room for behind @before bytes. */
static unsigned room(const struct wr *w, enum af af, size_t before, unsigned n)
{
	size_t left = wr_left(w), fit = left > before ? (left - before) / af_size(af) : 0;

	return n < fit ? n : fit;
}

/* RFC 3376 4.1.8, RFC 3810 5.1.10: as many sources as there is room for. */
void wire_encode_query(struct wr *w, enum af af, const struct gm_message *m, struct gm_place *at)
{
	unsigned left = m->nsources - at->source, n = room(w, af, 4, left);
	uint8_t robustness = m->robustness > QRV ? 0 : m->robustness;

	w->full |= left && !n;
	wr_u8(w, (m->suppress ? SUPPRESS : 0) | robustness);
	wr_u8(w, wire_code(m->interval / 1000, CODE8));
	wr_u16(w, n);
	encode_sources(w, af, m->source, at->source, n);
	at->source += n;
	at->end = at->source == m->nsources;
}

static bool is_exclude(enum gm_record_type type)
{
	return type == MODE_IS_EXCLUDE || type == CHANGE_TO_EXCLUDE_MODE;
}

/*
 * RFC 3376 4.2.16, RFC 3810 5.2.15: puts the record at @at, or what of it there is room for if it
 * is the first of its message. What then is left of it goes into the next, but for exclude lists,
 * which are cut. False if the message is done.
 */
static bool encode_record(struct wr *w, enum af af, const struct gm_message *m, struct gm_place *at,
			  bool first)
{
	const struct gm_record *record = &m->record[at->record];
	unsigned left = record->nsources - at->source;
	unsigned n = room(w, af, record_size(af), left);

	if (wr_left(w) < record_size(af) || (left && !n) || (n < left && !first))
		return false;
	wr_u8(w, record->type);
	wr_u8(w, 0);
	wr_u16(w, n);
	wr_ip(w, af, record->group);
	encode_sources(w, af, record->source, at->source, n);
	at->source += n;
	if (n == left || is_exclude(record->type)) {
		at->record++;
		at->source = 0;
	}
	return true;
}

void wire_encode_report(struct wr *w, enum af af, const struct gm_message *m, struct gm_place *at)
{
	struct wr count;
	unsigned n = 0;

	wr_u16(w, 0);
	count = *w;
	wr_u16(w, 0);
	while (at->record < m->nrecords && encode_record(w, af, m, at, !n))
		n++;
	w->full |= !n;
	wr_u16(&count, n);
	at->end = at->record == m->nrecords;
}
