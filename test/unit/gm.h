/* gm.h - what tests of the messages of IGMP and MLD share */
#ifndef SMCKIT_UNIT_GM_H
#define SMCKIT_UNIT_GM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "igmpproxy/codec.h"
#include "lib/cksum.h"
#include "lib/cursor.h"

static inline struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* Reads hexadecimal digits, with blanks among them; how many bytes. */
static inline size_t unhex(const char *text, uint8_t *bytes, size_t size)
{
	size_t n = 0;
	unsigned byte;
	int used;

	for (; sscanf(text, " %2x%n", &byte, &used) == 1; text += used) {
		assert_true(n < size);
		bytes[n++] = byte;
	}
	return n;
}

/* Gives an IGMP message the checksum that it should have. */
static inline void seal(enum af af, uint8_t *wire, size_t len)
{
	struct wr w = wr_init(wire + 2, 2);

	if (af != V4 || len < 4)
		return;
	wr_u16(&w, 0);
	w = wr_init(wire + 2, 2);
	wr_u16(&w, cksum_end(cksum_add(0, wire, len)));
}

/* Decodes a copy of just that size, which is gone before anybody looks at the message. */
static inline enum gm_bad decode(enum af af, const uint8_t *wire, size_t len, struct arena *arena,
				 struct gm_message *m)
{
	uint8_t *copy = xcalloc(len + 1, 1);
	enum gm_bad bad;

	copy = xrealloc(copy, len ? len : 1);
	if (len)
		memcpy(copy, wire, len);
	arena_reset(arena);
	bad = gm_decode(af, copy, len, arena, m);
	free(copy);
	return bad;
}

static inline void assert_ip(struct ip a, struct ip b)
{
	assert_string_equal(ip_str(a), ip_str(b));
}

static inline void assert_sources(const struct ip *a, unsigned na, const struct ip *b, unsigned nb)
{
	assert_int_equal(na, nb);
	for (unsigned i = 0; i < na; i++)
		assert_ip(a[i], b[i]);
}

/* All but what was skipped, which is not said again when it is encoded. */
static inline void assert_message(const struct gm_message *a, const struct gm_message *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->version, b->version);
	assert_ip(a->group, b->group);
	assert_int_equal(a->max_response, b->max_response);
	assert_int_equal(a->suppress, b->suppress);
	assert_int_equal(a->robustness, b->robustness);
	assert_int_equal(a->interval, b->interval);
	assert_sources(a->source, a->nsources, b->source, b->nsources);
	assert_int_equal(a->nrecords, b->nrecords);
	for (unsigned i = 0; i < a->nrecords; i++) {
		const struct gm_record *ra = &a->record[i], *rb = &b->record[i];

		assert_int_equal(ra->type, rb->type);
		assert_ip(ra->group, rb->group);
		assert_sources(ra->source, ra->nsources, rb->source, rb->nsources);
	}
}

/* A message as it is on the wire, its checksum not of our computation. */
struct known {
	const char *wire;
	struct gm_message message;
};

/* Each is decoded to what it says, and encoded to the same bytes. */
static inline void assert_known(enum af af, const struct known *known, unsigned n)
{
	struct arena arena = arena_init(GM_ARENA);

	for (const struct known *k = known; k < known + n; k++) {
		uint8_t want[256], wire[256];
		size_t len = unhex(k->wire, want, sizeof(want));
		struct gm_place at = { 0 };
		struct gm_message m;

		assert_int_equal(decode(af, want, len, &arena, &m), GM_GOOD);
		assert_message(&m, &k->message);
		assert_int_equal(m.skipped, 0);
		assert_int_equal(gm_encode(af, &k->message, &at, wire, sizeof(wire)), len);
		assert_memory_equal(wire, want, len);
		assert_true(at.end);
		assert_int_equal(gm_encode(af, &k->message, &at, wire, sizeof(wire)), 0);
	}
	arena_free(&arena);
}

/* No beginning of a message is one, but that of a query which is an older query. */
static inline void assert_no_beginning(enum af af, const struct known *known, unsigned n)
{
	struct arena arena = arena_init(GM_ARENA);
	size_t older = af == V4 ? 8 : 24;

	for (const struct known *k = known; k < known + n; k++) {
		uint8_t wire[256], cut[256];
		size_t whole = unhex(k->wire, wire, sizeof(wire));

		for (size_t len = 0; len < whole; len++) {
			struct gm_message m;

			if (k->message.type == GM_QUERY && len == older)
				continue;
			memcpy(cut, wire, len);
			seal(af, cut, len);
			assert_int_equal(decode(af, cut, len, &arena, &m), GM_BAD_LENGTH);
		}
	}
	arena_free(&arena);
}

/* Flips bits of the first message that are reserved: it says the same. */
static inline void assert_reserved(enum af af, const struct known *k, size_t byte, uint8_t bits)
{
	struct arena arena = arena_init(GM_ARENA);

	for (unsigned bit = 1; bit < 256; bit <<= 1) {
		uint8_t wire[256];
		size_t len = unhex(k->wire, wire, sizeof(wire));
		struct gm_message m;

		if (!(bits & bit))
			continue;
		assert_true(byte < len && !(wire[byte] & bit));
		wire[byte] ^= bit;
		seal(af, wire, len);
		assert_int_equal(decode(af, wire, len, &arena, &m), GM_GOOD);
		assert_message(&m, &k->message);
	}
	arena_free(&arena);
}

#endif
