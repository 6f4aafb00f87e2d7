/* pim_refresh_test.c - State Refresh of dense mode */
#include "pim-module/msg_refresh.h"
#include "unit/pim.h"

static struct msg_refresh m;

static enum msg_bad decode(struct msg_rd *r, struct arena *arena)
{
	(void)arena;
	return msg_refresh_decode(r, &m);
}

static size_t encode(const struct msg_ends *ends, void *data, size_t size)
{
	return msg_refresh_encode(ends, &m, data, size);
}

static const struct codec codec = { decode, encode };

/* PIM-178 */
static void known_refresh(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		take_known(&codec, af, KNOWN_REFRESH, &arena);
		assert_ip(m.sg.src, host(af, 3));
		assert_ip(m.sg.grp, group(af, 1));
		assert_ip(m.originator, host(af, 1));
		assert_false(m.rpt);
		assert_int_equal(m.preference, 101);
		assert_int_equal(m.metric, 1);
		assert_int_equal(m.mask_len, 24);
		assert_int_equal(m.ttl, 15);
		assert_true(m.pruned && !m.prune_now && m.override);
		assert_int_equal(m.interval, 60);
		assert_encoded(&codec, af, KNOWN_REFRESH);
		assert_room(&codec, af, KNOWN_REFRESH);
		assert_no_beginning(&codec, af, KNOWN_REFRESH, NULL);
	}
	arena_free(&arena);
}

static void masks_and_flags(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		size_t mask = 4 + msg_group_size(af) + 2 * msg_unicast_size(af) + 8;

		for (unsigned byte = 0; byte < 256; byte++) {
			enum msg_bad bad;

			bad = take_changed(&codec, af, KNOWN_REFRESH, mask, byte, &arena);
			assert_int_equal(bad, byte > af_bits(af) ? MSG_BAD_MASK : MSG_GOOD);
			bad = take_changed(&codec, af, KNOWN_REFRESH, mask + 2, byte, &arena);
			assert_int_equal(bad, MSG_GOOD);
			assert_int_equal(m.pruned, byte >> 7);
			assert_int_equal(m.prune_now, byte >> 6 & 1);
			assert_int_equal(m.override, byte >> 5 & 1);
			bad = take_changed(&codec, af, KNOWN_REFRESH, mask - 8, byte, &arena);
			assert_int_equal(bad, MSG_GOOD);
			assert_int_equal(m.rpt, byte >> 7);
		}
	}
	arena_free(&arena);
}

static void random_round_trips(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 3973);
	for (unsigned i = 0; i < 4000; i++) {
		enum af af = i % 2;
		struct msg_ends ends = pim_ends(af, MSG_STATE_REFRESH);
		struct msg_refresh want;
		uint8_t wire[128];
		size_t len;

		memset(&want, 0, sizeof(want));
		want.sg.src = host(af, 1 + rng_below(&rng, 1 << 24));
		want.sg.grp = group(af, rng_below(&rng, 1 << 16));
		want.originator = host(af, 1 + rng_below(&rng, 1 << 24));
		want.rpt = rng_below(&rng, 2);
		want.preference = rng_below(&rng, UINT64_C(1) << 31);
		want.metric = rng_u64(&rng);
		want.mask_len = rng_below(&rng, af_bits(af) + 1);
		want.ttl = rng_below(&rng, 256);
		want.pruned = rng_below(&rng, 2);
		want.prune_now = rng_below(&rng, 2);
		want.override = rng_below(&rng, 2);
		want.interval = rng_below(&rng, 256);
		m = want;
		len = encode(&ends, wire, sizeof(wire));
		memset(&m, 0, sizeof(m));
		assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
		assert_memory_equal(&m, &want, sizeof(m));
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_refresh),
		cmocka_unit_test(masks_and_flags),
		cmocka_unit_test(random_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
