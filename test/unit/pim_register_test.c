/* pim_register_test.c - Register with packets, with dummies, with neither; Register-Stop */
#include "pim-module/msg_register.h"
#include "unit/pim.h"

static struct msg_register reg;
static struct msg_register_stop stop;

static enum msg_bad decode(struct msg_rd *r, struct arena *arena)
{
	(void)arena;
	return msg_register_decode(r, &reg);
}

static size_t encode(const struct msg_ends *ends, void *data, size_t size)
{
	return msg_register_encode(ends, &reg, data, size);
}

static enum msg_bad decode_stop(struct msg_rd *r, struct arena *arena)
{
	(void)arena;
	return msg_register_stop_decode(r, &stop);
}

static size_t encode_stop(const struct msg_ends *ends, void *data, size_t size)
{
	return msg_register_stop_encode(ends, &stop, data, size);
}

static const struct codec registers = { decode, encode };
static const struct codec stops = { decode_stop, encode_stop };

/* Offsets in a Register: of the inner source, group, and what is behind the inner header. */
static size_t inner_source(enum af af)
{
	return af == V4 ? 8 + 12 : 8 + 8;
}

static size_t inner_group(enum af af)
{
	return inner_source(af) + af_size(af);
}

static size_t inner_end(enum af af)
{
	return inner_group(af) + af_size(af);
}

/* PIM-63, PIM-64: the packet is within the message */
static void known_register(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		uint8_t wire[256];
		size_t len = unhex(pim_known[KNOWN_REGISTER][af], wire, sizeof(wire));
		struct msg_ends ends = pim_ends(af, MSG_REGISTER);
		struct msg_rd r;

		for (size_t more = 0; more < 9; more++) {
			assert_int_equal(msg_open(&ends, wire, len + more, &r), MSG_GOOD);
			assert_int_equal(msg_register_decode(&r, &reg), MSG_GOOD);
			assert_false(reg.null);
			assert_ip(reg.sg.src, host(af, 3));
			assert_ip(reg.sg.grp, group(af, 1));
			assert_ptr_equal(reg.data, wire + 8);
			assert_int_equal(reg.len, len - 8);
		}
		assert_encoded(&registers, af, KNOWN_REGISTER);
		assert_room(&registers, af, KNOWN_REGISTER);
	}
}

/* PIM-56, PIM-63, PIM-73, PIM-74 */
static void known_null_register(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		take_known(&registers, af, KNOWN_NULL_REGISTER, &arena);
		assert_true(reg.null);
		assert_ip(reg.sg.src, host(af, 3));
		assert_ip(reg.sg.grp, group(af, 1));
		assert_null(reg.data);
		assert_int_equal(reg.len, 0);
		assert_encoded(&registers, af, KNOWN_NULL_REGISTER);
		assert_room(&registers, af, KNOWN_NULL_REGISTER);
	}
	arena_free(&arena);
}

/* PIM-59: a source of zero is all of them */
static void known_stops(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		take_known(&stops, af, KNOWN_STOP, &arena);
		assert_ip(stop.sg.src, host(af, 3));
		assert_ip(stop.sg.grp, group(af, 1));
		assert_encoded(&stops, af, KNOWN_STOP);
		assert_room(&stops, af, KNOWN_STOP);
		assert_no_beginning(&stops, af, KNOWN_STOP, NULL);
		take_known(&stops, af, KNOWN_STOP_ALL, &arena);
		assert_ip(stop.sg.src, ip_any(af));
		assert_encoded(&stops, af, KNOWN_STOP_ALL);
	}
	arena_free(&arena);
}

/* A packet that is cut off is none, and neither is a Null-Register without the addresses. */
static void every_truncation(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		uint8_t wire[256];
		size_t all = unhex(pim_known[KNOWN_REGISTER][af], wire, sizeof(wire));

		for (size_t len = 0; len < all; len++)
			assert_int_equal(take(&registers, af, wire, len, &arena),
					 len < 8 ? MSG_BAD_LENGTH : MSG_BAD_INNER);
		all = unhex(pim_known[KNOWN_NULL_REGISTER][af], wire, sizeof(wire));
		for (size_t len = 8; len < all; len++)
			assert_int_equal(take(&registers, af, wire, len, &arena),
					 len < inner_end(af) ? MSG_BAD_INNER : MSG_GOOD);
	}
	arena_free(&arena);
}

/* PIM-63: all but N is ignored */
static void border_and_reserved(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			for (size_t at = 4; at < 8; at++) {
				bool null = at == 4 && byte & 0x40;
				enum pim_known known = null ? KNOWN_NULL_REGISTER : KNOWN_REGISTER;

				assert_int_equal(take_changed(&registers, af, known, at, byte,
							      &arena),
						 MSG_GOOD);
				assert_int_equal(reg.null, null);
			}
		}
	}
	arena_free(&arena);
}

/* PIM-73: a dummy's header checksum is right or 0; nothing else of it is looked at */
static void checksum_of_a_dummy(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	uint8_t wire[256], long_header[256] = { 0 };
	size_t len = unhex(pim_known[KNOWN_NULL_REGISTER][V4], wire, sizeof(wire));
	struct wr w = wr_init(long_header + 18, 2);

	(void)state;
	for (size_t at = 8; at < inner_source(V4); at++) {
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			wire[at] ^= bit;
			assert_int_equal(take(&registers, V4, wire, len, &arena), MSG_BAD_INNER);
			wire[at] ^= bit;
		}
	}
	wire[18] = wire[19] = 0;
	for (size_t at = 8; at < inner_source(V4); at++) {
		if (at == 18 || at == 19)
			continue;
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			wire[at] ^= bit;
			assert_int_equal(take(&registers, V4, wire, len, &arena), MSG_GOOD);
			wire[at] ^= bit;
		}
	}
	for (unsigned words = 0; words < 16; words += words ? 10 : 3) {
		struct wr sum = wr_init(wire + 18, 2);

		wire[8] = 0x40 | words;
		wire[18] = wire[19] = 0;
		wr_u16(&sum, cksum_end(cksum_add(0, wire + 8, 20)));
		assert_int_equal(take(&registers, V4, wire, len, &arena), MSG_GOOD);
	}
	wire[18] = wire[19] = 0;
	memcpy(long_header, wire, len);
	long_header[8] = 0x46;
	long_header[len] = 0x94;
	wr_u16(&w, cksum_end(cksum_add(0, long_header + 8, 24)));
	assert_int_equal(take(&registers, V4, long_header, len + 4, &arena), MSG_GOOD);
	long_header[len] = 0x95;
	assert_int_equal(take(&registers, V4, long_header, len + 4, &arena), MSG_BAD_INNER);
	arena_free(&arena);
}

/* PIM-74: the PIM header in a dummy of IPv6 has a right checksum, if it is there */
static void checksum_of_a_dummy6(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	uint8_t wire[256];
	size_t len = unhex(pim_known[KNOWN_NULL_REGISTER][V6], wire, sizeof(wire));

	(void)state;
	for (size_t at = 8; at < len; at++) {
		bool counts = at >= inner_source(V6);

		if (at == inner_group(V6))
			continue;
		wire[at] ^= 0x10;
		assert_int_equal(take(&registers, V6, wire, len, &arena),
				 counts ? MSG_BAD_INNER : MSG_GOOD);
		wire[at] ^= 0x10;
	}
	wire[len - 1] ^= 1;
	assert_int_equal(take(&registers, V6, wire, len - 1, &arena), MSG_GOOD);
	assert_int_equal(take(&registers, V6, wire, inner_end(V6), &arena), MSG_GOOD);
	arena_free(&arena);
}

/* What is in it is a packet of the family, as long as it says, from a host to a group. */
static void packets_that_are_none(void **state)
{
	static const char *const sources[NFAMILIES][4] = {
		{ "0.0.0.0", "127.0.0.1", "224.1.1.1", "255.255.255.255" },
		{ "::", "::1", "ff0e::1", "ff02::1" },
	};
	static const char *const groups[NFAMILIES][3] = {
		{ "224.0.0.1", "10.0.0.1", "255.255.255.255" },
		{ "ff02::1", "2001:db8::1", "ff01::1" },
	};
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (enum pim_known known = KNOWN_REGISTER; known <= KNOWN_NULL_REGISTER; known++) {
			uint8_t wire[256], good[256];
			size_t len = unhex(pim_known[known][af], good, sizeof(good));

			for (unsigned i = 0; i < 4; i++) {
				struct ip src = ip(sources[af][i]);

				memcpy(wire, good, sizeof(wire));
				memcpy(wire + inner_source(af), ip_wire(&src, af), af_size(af));
				assert_int_equal(take(&registers, af, wire, len, &arena),
						 MSG_BAD_ADDRESS);
			}
			for (unsigned i = 0; i < 3; i++) {
				struct ip grp = ip(groups[af][i]);

				memcpy(wire, good, sizeof(wire));
				memcpy(wire + inner_group(af), ip_wire(&grp, af), af_size(af));
				assert_int_equal(take(&registers, af, wire, len, &arena),
						 MSG_BAD_GROUP);
			}
		}
	}
	arena_free(&arena);
}

static void inner_headers(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct ip mapped = host(V4, 1);
	uint8_t wire[256];
	size_t len;

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		/* 32 bytes: a header of 5 to 8 words */
		bool v4 = byte >> 4 == 4 && (byte & 0xf) >= 5 && (byte & 0xf) <= 8;
		enum msg_bad bad;

		bad = take_changed(&registers, V4, KNOWN_REGISTER, 8, byte, &arena);
		assert_int_equal(bad, v4 ? MSG_GOOD : MSG_BAD_INNER);
		bad = take_changed(&registers, V6, KNOWN_REGISTER, 8, byte, &arena);
		assert_int_equal(bad, byte >> 4 == 6 ? MSG_GOOD : MSG_BAD_INNER);
		bad = take_changed(&registers, V4, KNOWN_REGISTER, 11, byte, &arena);
		assert_int_equal(bad, byte >= 20 && byte <= 32 ? MSG_GOOD : MSG_BAD_INNER);
		if (!bad)
			assert_int_equal(reg.len, byte);
		bad = take_changed(&registers, V6, KNOWN_REGISTER, 13, byte, &arena);
		assert_int_equal(bad, byte <= 12 ? MSG_GOOD : MSG_BAD_INNER);
		if (!bad)
			assert_int_equal(reg.len, 40 + byte);
		bad = take_changed(&registers, V4, KNOWN_REGISTER, 10, byte, &arena);
		assert_int_equal(bad, byte ? MSG_BAD_INNER : MSG_GOOD);
		bad = take_changed(&registers, V6, KNOWN_REGISTER, 12, byte, &arena);
		assert_int_equal(bad, byte ? MSG_BAD_INNER : MSG_GOOD);
	}
	len = unhex(pim_known[KNOWN_REGISTER][V6], wire, sizeof(wire));
	memcpy(wire + inner_source(V6), mapped.b, 16);
	assert_int_equal(take(&registers, V6, wire, len, &arena), MSG_BAD_FAMILY);
	arena_free(&arena);
}

/* The length of a packet has two bytes. */
static void large_packets(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		uint8_t wire[2048] = { 0 };
		struct wr w = wr_init(wire + (af == V4 ? 10 : 12), 2);

		unhex(pim_known[KNOWN_REGISTER][af], wire, sizeof(wire));
		wr_u16(&w, 1300);
		for (size_t len = 1300; len < 1360; len++) {
			bool whole = len >= 8u + 1300 + (af == V4 ? 0 : 40);

			assert_int_equal(take(&registers, af, wire, len, &arena),
					 whole ? MSG_GOOD : MSG_BAD_INNER);
			if (whole)
				assert_int_equal(reg.len, af == V4 ? 1300 : 1340);
		}
	}
	arena_free(&arena);
}

/* PIM-76: a Register-Stop for what is no source is none */
static void stops_of_no_source(void **state)
{
	static const char *const none[NFAMILIES][2] = { { "224.1.1.1", "127.0.0.1" },
							{ "ff0e::1", "::1" } };
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < 2; i++) {
			struct msg_ends ends = pim_ends(af, MSG_REGISTER_STOP);
			uint8_t wire[64];
			size_t len;

			stop.sg = (struct sg){ ip(none[af][i]), group(af, 1) };
			len = encode_stop(&ends, wire, sizeof(wire));
			assert_int_equal(receive(&stops, &ends, wire, len, &arena),
					 MSG_BAD_ADDRESS);
			stop.sg = (struct sg){ host(af, 1),
					       ip(af == V4 ? "224.0.0.5" : "ff02::5") };
			len = encode_stop(&ends, wire, sizeof(wire));
			assert_int_equal(receive(&stops, &ends, wire, len, &arena), MSG_BAD_GROUP);
		}
	}
	arena_free(&arena);
}

static void random_round_trips(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 493);
	for (unsigned i = 0; i < 4000; i++) {
		enum af af = i % 2;
		enum msg_type type = i % 4 < 2 ? MSG_REGISTER : MSG_REGISTER_STOP;
		struct sg sg = { host(af, 1 + rng_below(&rng, 1 << 24)),
				 group(af, rng_below(&rng, 1 << 16)) };
		struct msg_ends ends = pim_ends(af, type);
		uint8_t wire[128];
		size_t len;

		reg = (struct msg_register){ .null = true, .sg = sg };
		stop.sg = sg;
		len = (type == MSG_REGISTER ? encode : encode_stop)(&ends, wire, sizeof(wire));
		memset(&reg, 0, sizeof(reg));
		memset(&stop, 0, sizeof(stop));
		assert_int_equal(receive(type == MSG_REGISTER ? &registers : &stops, &ends, wire,
					 len, &arena),
				 MSG_GOOD);
		assert_true(sg_eq(type == MSG_REGISTER ? reg.sg : stop.sg, sg));
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_register),	cmocka_unit_test(known_null_register),
		cmocka_unit_test(known_stops),		cmocka_unit_test(every_truncation),
		cmocka_unit_test(border_and_reserved),	cmocka_unit_test(checksum_of_a_dummy),
		cmocka_unit_test(checksum_of_a_dummy6), cmocka_unit_test(packets_that_are_none),
		cmocka_unit_test(inner_headers),	cmocka_unit_test(large_packets),
		cmocka_unit_test(stops_of_no_source),	cmocka_unit_test(random_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
