/* mrd_message_test.c - the messages of multicast router discovery (RFC 4286 3.2, 4.1, 5.1) */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/rng.h"
#include "mrd/message.h"

/* Each message as it is on the wire; the checksums are not our computation. */
struct known {
	enum af af;
	const char *src, *dst;
	struct mrd_message message;
	uint8_t len, wire[MRD_SIZE];
};

static const struct known known[] = {
	{ V4,
	  "10.0.0.1",
	  "224.0.0.106",
	  { MRD_ADVERTISEMENT, 20, 0, 0 },
	  8,
	  { 0x30, 20, 0xcf, 0xeb, 0, 0, 0, 0 } },
	{ V4,
	  "10.0.0.1",
	  "224.0.0.106",
	  { MRD_ADVERTISEMENT, 180, 125, 2 },
	  8,
	  { 0x30, 180, 0xce, 0xcc, 0, 125, 0, 2 } },
	{ V4, "10.0.0.1", "224.0.0.2", { .type = MRD_SOLICITATION }, 4, { 0x31, 0, 0xce, 0xff } },
	{ V4, "10.0.0.1", "224.0.0.106", { .type = MRD_TERMINATION }, 4, { 0x32, 0, 0xcd, 0xff } },
	{ V6,
	  "fe80::1",
	  "ff02::6a",
	  { MRD_ADVERTISEMENT, 20, 0, 0 },
	  8,
	  { 151, 20, 0x6a, 0xba, 0, 0, 0, 0 } },
	{ V6, "fe80::1", "ff02::2", { .type = MRD_SOLICITATION }, 4, { 152, 0, 0x6a, 0x3a } },
	{ V6, "fe80::1", "ff02::6a", { .type = MRD_TERMINATION }, 4, { 153, 0, 0x68, 0xd2 } },
};

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static size_t encode(const struct known *k, const struct mrd_message *m, uint8_t *wire, size_t size)
{
	return mrd_encode(k->af, ip(k->src), ip(k->dst), m, wire, size);
}

static struct packet packet(const struct known *k, const uint8_t *wire, size_t len)
{
	return (struct packet){ .src = ip(k->src), .dst = ip(k->dst), .data = wire, .len = len };
}

static void assert_same(const struct mrd_message *a, const struct mrd_message *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->interval, b->interval);
	assert_int_equal(a->query_interval, b->query_interval);
	assert_int_equal(a->robustness, b->robustness);
}

/* RFC 4286 3.2.1, 3.2.2, 3.2.3, 4.1, 5.1 */
static void known_messages(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + NELEMS(known); k++) {
		struct packet p = packet(k, k->wire, k->len);
		struct mrd_message m;
		uint8_t wire[MRD_SIZE];

		assert_int_equal(encode(k, &k->message, wire, sizeof(wire)), k->len);
		assert_memory_equal(wire, k->wire, k->len);
		assert_true(mrd_is_sound(&p));
		assert_true(mrd_decode(k->af, k->wire, k->len, &m));
		assert_same(&m, &k->message);
	}
}

static void every_truncation(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + NELEMS(known); k++) {
		for (size_t len = 0; len < k->len; len++) {
			struct mrd_message m;
			uint8_t wire[MRD_SIZE];

			assert_false(mrd_decode(k->af, k->wire, len, &m));
			assert_int_equal(encode(k, &k->message, wire, len), 0);
		}
	}
}

/* RFC 4286 2: any data beyond the fixed message format MUST be ignored */
static void what_is_beyond_is_ignored(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + NELEMS(known); k++) {
		uint8_t wire[64];
		struct mrd_message m;

		memset(wire, 0xa5, sizeof(wire));
		memcpy(wire, k->wire, k->len);
		for (size_t len = k->len; len <= sizeof(wire); len++) {
			assert_true(mrd_decode(k->af, wire, len, &m));
			assert_same(&m, &k->message);
		}
	}
}

/* RFC 4286 4.1.2, 5.1.2: reserved, ignored on reception and 0 on transmission */
static void reserved_field(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + NELEMS(known); k++) {
		struct mrd_message m = k->message;
		uint8_t wire[MRD_SIZE];

		if (m.type == MRD_ADVERTISEMENT)
			continue;
		memcpy(wire, k->wire, sizeof(wire));
		wire[1] = 0xff;
		assert_true(mrd_decode(k->af, wire, k->len, &m));
		assert_same(&m, &k->message);
		m.interval = 20;
		assert_int_equal(encode(k, &m, wire, sizeof(wire)), k->len);
		assert_memory_equal(wire, k->wire, k->len);
	}
}

static void other_types_are_none(void **state)
{
	static const uint8_t first[NFAMILIES] = { 0x30, 151 };

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned type = 0; type < 256; type++) {
			uint8_t wire[MRD_SIZE] = { type };
			struct mrd_message m;

			assert_int_equal(mrd_decode(af, wire, sizeof(wire), &m),
					 type >= first[af] && type < first[af] + 3u);
		}
	}
}

/* RFC 4286 3.2.3: each bit counts, and in IPv6 those of the addresses (RFC 4443 2.3) */
static void checksum_sees_each_bit(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + NELEMS(known); k++) {
		struct packet p;
		uint8_t wire[MRD_SIZE];

		for (unsigned bit = 0; bit < k->len * 8u; bit++) {
			memcpy(wire, k->wire, sizeof(wire));
			wire[bit / 8] ^= 1 << bit % 8;
			p = packet(k, wire, k->len);
			assert_false(mrd_is_sound(&p));
		}
		p = packet(k, k->wire, k->len);
		p.src.b[15] ^= 4;
		assert_int_equal(mrd_is_sound(&p), k->af == V4);
		p = packet(k, k->wire, k->len);
		p.dst.b[15] ^= 4;
		assert_int_equal(mrd_is_sound(&p), k->af == V4);
	}
}

static void what_was_written_is_read(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 4286);
	for (unsigned i = 0; i < 10000; i++) {
		const struct known *k = &known[rng_below(&rng, NELEMS(known))];
		struct mrd_message in = { .type = k->message.type }, out;
		uint8_t wire[MRD_SIZE];
		struct packet p;
		size_t len;

		if (in.type == MRD_ADVERTISEMENT) {
			in.interval = rng_u64(&rng);
			in.query_interval = rng_u64(&rng);
			in.robustness = rng_u64(&rng);
		}
		len = encode(k, &in, wire, sizeof(wire));
		p = packet(k, wire, len);
		assert_true(mrd_is_sound(&p));
		assert_true(mrd_decode(k->af, wire, len, &out));
		assert_same(&in, &out);
	}
}

/* RFC 4286 8 */
static void groups(void **state)
{
	(void)state;
	assert_true(ip_eq(mrd_all_snoopers(V4), ip("224.0.0.106")));
	assert_true(ip_eq(mrd_all_snoopers(V6), ip("ff02::6a")));
	assert_true(ip_eq(mrd_all_routers(V4), ip("224.0.0.2")));
	assert_true(ip_eq(mrd_all_routers(V6), ip("ff02::2")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_messages),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(what_is_beyond_is_ignored),
		cmocka_unit_test(reserved_field),
		cmocka_unit_test(other_types_are_none),
		cmocka_unit_test(checksum_sees_each_bit),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
