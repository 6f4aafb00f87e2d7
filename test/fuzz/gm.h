/* gm.h - what the targets of IGMP and MLD have in common: what is read, and read again when written
 *
 * The input is what is behind the IP header.
 */
#ifndef SMCKIT_FUZZ_GM_H
#define SMCKIT_FUZZ_GM_H

#include "fuzz/fuzz.h"
#include "igmpproxy/codec.h"

static inline void must_be_sources(enum af af, const struct ip *source, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		MUST(ip_family(source[i]) == af);
		MUST(!ip_is_any(source[i]) && !ip_is_multicast(source[i]));
		MUST(!i || ip_cmp(source[i - 1], source[i]) < 0);
	}
}

static inline void must_be_group(enum af af, struct ip group)
{
	MUST(ip_family(group) == af && ip_is_multicast(group));
	MUST(!ip_eq(group, gm_all_systems(af)));
}

/* A message that was decoded has nothing in it that others would have to look at again. */
static inline void must_be_sound(enum af af, const struct gm_message *m)
{
	MUST(m->version >= 1 && m->version <= 3);
	MUST(m->max_response >= 0 && m->interval >= 0 && m->robustness < 8);
	MUST(m->type == GM_QUERY || (!m->nsources && !m->max_response));
	MUST(m->type == GM_REPORT_V3 || !m->nrecords);
	if (m->type == GM_REPORT_V3 || ip_is_any(m->group))
		MUST(ip_eq(m->group, ip_any(af)) && !m->nsources);
	else
		must_be_group(af, m->group);
	must_be_sources(af, m->source, m->nsources);
	for (unsigned i = 0; i < m->nrecords; i++) {
		const struct gm_record *r = &m->record[i];

		MUST(r->type >= MODE_IS_INCLUDE && r->type <= BLOCK_OLD_SOURCES);
		must_be_group(af, r->group);
		must_be_sources(af, r->source, r->nsources);
	}
}

static inline bool are_same(const struct ip *a, const struct ip *b, unsigned n)
{
	return !n || !memcmp(a, b, n * sizeof(*a));
}

/* All but what was skipped. */
static inline bool is_same(const struct gm_message *a, const struct gm_message *b)
{
	if (a->type != b->type || a->version != b->version || !ip_eq(a->group, b->group) ||
	    a->max_response != b->max_response || a->suppress != b->suppress ||
	    a->robustness != b->robustness || a->interval != b->interval ||
	    a->nsources != b->nsources || a->nrecords != b->nrecords ||
	    !are_same(a->source, b->source, a->nsources))
		return false;
	for (unsigned i = 0; i < a->nrecords; i++) {
		const struct gm_record *ra = &a->record[i], *rb = &b->record[i];

		if (ra->type != rb->type || !ip_eq(ra->group, rb->group) ||
		    ra->nsources != rb->nsources || !are_same(ra->source, rb->source, ra->nsources))
			return false;
	}
	return true;
}

/* In parts for that room, each is a message by itself, and the last ends it. */
static inline void write_parts(enum af af, const struct gm_message *m, size_t room)
{
	struct arena arena = arena_init(GM_ARENA);
	uint8_t *wire = xcalloc(room, 1);
	struct gm_place at = { 0 }, before = at;
	struct gm_message part;
	size_t len;

	while ((len = gm_encode(af, m, &at, wire, room))) {
		MUST(len <= room && !gm_decode(af, wire, len, &arena, &part));
		must_be_sound(af, &part);
		MUST(part.type == m->type && part.version == m->version);
		MUST(at.end || at.record > before.record || at.source > before.source);
		before = at;
		arena_reset(&arena);
	}
	MUST(at.end);
	free(wire);
	arena_free(&arena);
}

static inline void read_message(enum af af, const void *data, size_t len)
{
	struct arena arena = arena_init(GM_ARENA);
	struct gm_message m, again;
	struct gm_place at = { 0 };
	uint8_t *wire;
	size_t written;

	if (gm_decode(af, data, len, &arena, &m))
		goto out;
	must_be_sound(af, &m);
	wire = xcalloc(len, 1);
	written = gm_encode(af, &m, &at, wire, len);
	MUST(at.end);
	if (m.type == GM_REPORT_V3 && !m.nrecords)
		MUST(!written);
	else
		MUST(written && !gm_decode(af, wire, written, &arena, &again) &&
		     is_same(&m, &again) && !again.skipped);
	free(wire);
	write_parts(af, &m, af == V4 ? 8 + 8 + 4 : 8 + 20 + 16);
	write_parts(af, &m, af == V4 ? 61 : 133);
out:
	arena_free(&arena);
}

#endif
