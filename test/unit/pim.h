/* pim.h - what tests of the messages of PIM share */
#ifndef SMCKIT_UNIT_PIM_H
#define SMCKIT_UNIT_PIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/cksum.h"
#include "lib/rng.h"
#include "pim-module/msg.h"
#include "unit/pim_known.h"

/* A type of message: from the wire into a variable of the test, and from there to the wire. */
struct codec {
	enum msg_bad (*decode)(struct msg_rd *r, struct arena *arena);
	size_t (*encode)(const struct msg_ends *ends, void *data, size_t size);
};

static inline struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* A host and a group of the family. */
static inline struct ip host(enum af af, unsigned i)
{
	return af == V4 ? ip_v4(0x0a000000 + i)
			: (struct ip){ { 0x20, 1, 0xd,
					 0xb8, [13] = i >> 16, [14] = i >> 8, [15] = i } };
}

static inline struct ip group(enum af af, unsigned i)
{
	return af == V4 ? ip_v4(0xef010100 + i)
			: (struct ip){ { 0xff, 0xe, [13] = 1, [14] = i >> 8, [15] = i } };
}

static inline void assert_ip(struct ip a, struct ip b)
{
	assert_string_equal(ip_str(a), ip_str(b));
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

static inline bool is_unicast(enum msg_type type)
{
	return type == MSG_REGISTER || type == MSG_REGISTER_STOP || type == MSG_GRAFT ||
	       type == MSG_GRAFT_ACK || type == MSG_CANDIDATE_RP;
}

/* From and to where messages of that type go in these tests. */
static inline struct msg_ends pim_ends(enum af af, enum msg_type type)
{
	static const char *const texts[2][NFAMILIES][2] = {
		{ { "10.0.0.1", "224.0.0.13" }, { "fe80::1", "ff02::d" } },
		{ { "10.0.0.1", "10.9.9.9" }, { "2001:db8::1", "2001:db8::9" } },
	};
	const char *const *text = texts[is_unicast(type)][af];

	return (struct msg_ends){ ip(text[0]), ip(text[1]) };
}

/* Gives a message the checksum that it should have: over @len bytes, which says @said. */
static inline void seal_as(enum af af, uint8_t *wire, size_t len, size_t said)
{
	struct msg_ends ends = pim_ends(af, wire[0] & 0xf);
	struct wr w = wr_init(wire + 2, 2);
	uint32_t sum = 0;

	wr_u16(&w, 0);
	if (af == V6)
		sum = cksum_add_pseudo6(0, ends.src, ends.dst, said, 103);
	w = wr_init(wire + 2, 2);
	wr_u16(&w, cksum_end(cksum_add(sum, wire, len)));
}

static inline void seal(enum af af, uint8_t *wire, size_t len)
{
	if (len >= 4 && (wire[0] & 0xf) == MSG_REGISTER)
		seal_as(af, wire, len < 8 ? len : 8, 8);
	else if (len >= 4)
		seal_as(af, wire, len, len);
}

/* Opens and decodes a copy of just that size, which is gone before anybody looks at the message. */
static inline enum msg_bad receive(const struct codec *codec, const struct msg_ends *ends,
				   const uint8_t *wire, size_t len, struct arena *arena)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum msg_bad bad;
	struct msg_rd r;

	memcpy(copy, wire, len);
	arena_reset(arena);
	bad = msg_open(ends, copy, len, &r);
	if (!bad)
		bad = codec->decode(&r, arena);
	free(copy);
	return bad;
}

/* The same with the ends and the checksum that it should have. */
static inline enum msg_bad take(const struct codec *codec, enum af af, uint8_t *wire, size_t len,
				struct arena *arena)
{
	struct msg_ends ends = pim_ends(af, wire[0] & 0xf);

	seal(af, wire, len);
	return receive(codec, &ends, wire, len, arena);
}

/* A known message, decoded. */
static inline void take_known(const struct codec *codec, enum af af, enum pim_known known,
			      struct arena *arena)
{
	uint8_t wire[256];
	size_t len = unhex(pim_known[known][af], wire, sizeof(wire));
	struct msg_ends ends = pim_ends(af, wire[0] & 0xf);

	assert_int_equal(receive(codec, &ends, wire, len, arena), MSG_GOOD);
}

/* What was decoded of the known message is encoded to the same bytes, if there is room. */
static inline void assert_encoded(const struct codec *codec, enum af af, enum pim_known known)
{
	uint8_t want[256], wire[256];
	size_t len = unhex(pim_known[known][af], want, sizeof(want));
	struct msg_ends ends = pim_ends(af, want[0] & 0xf);

	memset(wire, 0xa5, sizeof(wire));
	assert_int_equal(codec->encode(&ends, wire, sizeof(wire)), len);
	assert_memory_equal(wire, want, len);
	assert_int_equal(wire[len], 0xa5);
}

/* A beginning of the known message is none, but for those whose length is @whole. */
static inline void assert_no_beginning(const struct codec *codec, enum af af, enum pim_known known,
				       bool (*whole)(enum af af, size_t len))
{
	struct arena arena = arena_init(MSG_ARENA);
	uint8_t wire[256], cut[256];
	size_t all = unhex(pim_known[known][af], wire, sizeof(wire));

	for (size_t len = 0; len < all; len++) {
		bool good = whole && len >= 4 && whole(af, len);

		memcpy(cut, wire, sizeof(cut));
		assert_int_equal(take(codec, af, cut, len, &arena),
				 good ? MSG_GOOD : MSG_BAD_LENGTH);
	}
	arena_free(&arena);
}

/* No room is overrun, and what has too little is no message. */
static inline void assert_room(const struct codec *codec, enum af af, enum pim_known known)
{
	uint8_t want[256];
	size_t len = unhex(pim_known[known][af], want, sizeof(want));
	struct msg_ends ends = pim_ends(af, want[0] & 0xf);

	for (size_t size = 0; size <= len; size++) {
		uint8_t *wire = malloc(size ? size : 1);

		assert_int_equal(codec->encode(&ends, wire, size), size < len ? 0 : len);
		free(wire);
	}
}

/* The known message with a byte changed. */
static inline enum msg_bad take_changed(const struct codec *codec, enum af af, enum pim_known known,
					size_t at, uint8_t byte, struct arena *arena)
{
	uint8_t wire[256];
	size_t len = unhex(pim_known[known][af], wire, sizeof(wire));

	assert_true(at < len);
	wire[at] = byte;
	return take(codec, af, wire, len, arena);
}

#endif
