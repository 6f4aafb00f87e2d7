/* pim_assert_test.c - Assert and AssertCancel */
#include "pim-module/msg_assert.h"
#include "unit/pim.h"

static struct msg_assert m;

static enum msg_bad decode(struct msg_rd *r, struct arena *arena)
{
	(void)arena;
	return msg_assert_decode(r, &m);
}

static size_t encode(const struct msg_ends *ends, void *data, size_t size)
{
	return msg_assert_encode(ends, &m, data, size);
}

static const struct codec codec = { decode, encode };

/* PIM-114, PIM-116 */
static void known_asserts(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		take_known(&codec, af, KNOWN_ASSERT_SG, &arena);
		assert_ip(m.sg.src, host(af, 3));
		assert_ip(m.sg.grp, group(af, 1));
		assert_false(m.rpt);
		assert_int_equal(m.preference, 110);
		assert_int_equal(m.metric, 20);
		assert_encoded(&codec, af, KNOWN_ASSERT_SG);
		assert_room(&codec, af, KNOWN_ASSERT_SG);
		assert_no_beginning(&codec, af, KNOWN_ASSERT_SG, NULL);
		take_known(&codec, af, KNOWN_ASSERT_G, &arena);
		assert_ip(m.sg.src, ip_any(af));
		assert_true(m.rpt);
		assert_int_equal(m.preference, 101);
		assert_int_equal(m.metric, 30);
		assert_encoded(&codec, af, KNOWN_ASSERT_G);
	}
	arena_free(&arena);
}

/* PIM-115, PIM-117: a cancel is an Assert of the metric of nobody, with the RPT bit */
static void known_cancel(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		take_known(&codec, af, KNOWN_CANCEL_SG, &arena);
		assert_true(m.rpt);
		assert_int_equal(m.preference, 0x7fffffff);
		assert_int_equal(m.metric, 0xffffffff);
		m = msg_assert_cancel((struct sg){ host(af, 3), group(af, 1) });
		assert_encoded(&codec, af, KNOWN_CANCEL_SG);
		m = msg_assert_cancel((struct sg){ ip_any(af), group(af, 1) });
		assert_ip(m.sg.src, ip_any(af));
	}
	arena_free(&arena);
}

/* A source is a host, or all of them. */
static void sources_that_are_none(void **state)
{
	static const char *const none[NFAMILIES][2] = { { "224.1.1.1", "127.0.0.1" },
							{ "ff0e::1", "::1" } };
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_ASSERT);
		uint8_t wire[64];

		for (unsigned i = 0; i < 2; i++) {
			size_t len;

			m = (struct msg_assert){ .sg = { ip(none[af][i]), group(af, 1) } };
			len = encode(&ends, wire, sizeof(wire));
			assert_int_equal(receive(&codec, &ends, wire, len, &arena),
					 MSG_BAD_ADDRESS);
		}
	}
	arena_free(&arena);
}

static void random_round_trips(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 496);
	for (unsigned i = 0; i < 4000; i++) {
		enum af af = i % 2;
		struct msg_ends ends = pim_ends(af, MSG_ASSERT);
		struct msg_assert want = { .sg = { host(af, 1 + rng_below(&rng, 1 << 24)),
						   group(af, rng_below(&rng, 1 << 16)) },
					   .rpt = rng_below(&rng, 2),
					   .preference = rng_below(&rng, UINT64_C(1) << 31),
					   .metric = rng_u64(&rng) };
		uint8_t wire[64];
		size_t len;

		m = want;
		len = encode(&ends, wire, sizeof(wire));
		memset(&m, 0, sizeof(m));
		assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
		assert_true(sg_eq(m.sg, want.sg));
		assert_int_equal(m.rpt, want.rpt);
		assert_int_equal(m.preference, want.preference);
		assert_int_equal(m.metric, want.metric);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_asserts),
		cmocka_unit_test(known_cancel),
		cmocka_unit_test(sources_that_are_none),
		cmocka_unit_test(random_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
