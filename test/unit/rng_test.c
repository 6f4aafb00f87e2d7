/* rng_test.c - seeded randomness: the known sequence, bounds, evenness */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/rng.h"
#include "lib/util.h"

static void sequence_of_seed_0(void **state)
{
	static const uint64_t want[] = { 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f,
					 0xf88bb8a8724c81ec, 0x1b39896a51a8749b };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 0);
	for (unsigned i = 0; i < NELEMS(want); i++)
		assert_true(rng_u64(&rng) == want[i]);
}

static void sequence_of_seed_1234567(void **state)
{
	static const uint64_t want[] = { 6457827717110365317u, 3203168211198807973u,
					 9817491932198370423u, 4593380528125082431u,
					 16408922859458223821u };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1234567);
	for (unsigned i = 0; i < NELEMS(want); i++)
		assert_true(rng_u64(&rng) == want[i]);
}

static void same_seed_gives_the_same_numbers(void **state)
{
	struct rng a, b;

	(void)state;
	rng_seed(&a, 42);
	rng_seed(&b, 42);
	for (int i = 0; i < 1000; i++)
		assert_true(rng_u64(&a) == rng_u64(&b));
}

static void seeding_starts_over(void **state)
{
	struct rng rng;
	uint64_t first;

	(void)state;
	rng_seed(&rng, 7);
	first = rng_u64(&rng);
	rng_u64(&rng);
	rng_seed(&rng, 7);
	assert_true(rng_u64(&rng) == first);
}

static void neighbouring_seeds_differ(void **state)
{
	struct rng a, b;

	(void)state;
	rng_seed(&a, 1);
	rng_seed(&b, 2);
	assert_false(rng_u64(&a) == rng_u64(&b));
}

static void below_0_and_1_are_0(void **state)
{
	struct rng rng = { 1 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(rng_below(&rng, 0), 0);
		assert_int_equal(rng_below(&rng, 1), 0);
	}
}

static void below_stays_below(void **state)
{
	struct rng rng = { 2 };

	(void)state;
	for (unsigned shift = 0; shift < 64; shift++) {
		uint64_t n = UINT64_MAX >> shift;

		for (int i = 0; i < 100; i++) {
			assert_true(rng_below(&rng, n) < n);
			assert_true(rng_below(&rng, n / 2 + 1) < n / 2 + 1);
		}
	}
}

static void below_gives_each_number(void **state)
{
	struct rng rng = { 3 };

	(void)state;
	for (unsigned n = 2; n < 20; n++) {
		uint32_t seen = 0;

		for (int i = 0; i < 500; i++)
			seen |= 1u << rng_below(&rng, n);
		assert_int_equal(seen, (1u << n) - 1);
	}
}

static void below_is_even(void **state)
{
	unsigned n[10] = { 0 };
	struct rng rng = { 4 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		n[rng_below(&rng, 10)]++;
	for (int i = 0; i < 10; i++) /* 10000 +- 5 standard deviations */
		assert_in_range(n[i], 9525, 10475);
}

/* With 3 * 2^62 numbers a plain remainder would give the first third twice as often. */
static void below_is_even_for_large_ranges(void **state)
{
	const uint64_t third = UINT64_C(1) << 62;
	unsigned n[3] = { 0 };
	struct rng rng = { 5 };

	(void)state;
	for (int i = 0; i < 30000; i++)
		n[rng_below(&rng, 3 * third) / third]++;
	for (int i = 0; i < 3; i++)
		assert_in_range(n[i], 9500, 10500);
}

static void jitter_stays_within_and_reaches_both_ends(void **state)
{
	bool lo = false, hi = false;
	struct rng rng = { 6 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t t = rng_jitter(&rng, 10, 20);

		assert_true(t >= 10 && t <= 20);
		lo |= t == 10;
		hi |= t == 20;
	}
	assert_true(lo && hi);
}

static void jitter_is_even(void **state)
{
	unsigned n[4] = { 0 };
	struct rng rng = { 7 };

	(void)state;
	for (int i = 0; i < 40000; i++)
		n[rng_jitter(&rng, 100, 103) - 100]++;
	for (int i = 0; i < 4; i++)
		assert_in_range(n[i], 9500, 10500);
}

static void jitter_of_one_time_is_that_time(void **state)
{
	struct rng rng = { 8 };

	(void)state;
	assert_true(rng_jitter(&rng, 1000, 1000) == 1000);
	assert_true(rng_jitter(&rng, 0, 0) == 0);
}

static void jitter_of_a_range_turned_round_is_its_start(void **state)
{
	struct rng rng = { 9 };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(rng_jitter(&rng, 20, 10) == 20);
}

static void jitter_may_be_negative(void **state)
{
	struct rng rng = { 10 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t t = rng_jitter(&rng, -5, 5);

		assert_true(t >= -5 && t <= 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_of_seed_0),
		cmocka_unit_test(sequence_of_seed_1234567),
		cmocka_unit_test(same_seed_gives_the_same_numbers),
		cmocka_unit_test(seeding_starts_over),
		cmocka_unit_test(neighbouring_seeds_differ),
		cmocka_unit_test(below_0_and_1_are_0),
		cmocka_unit_test(below_stays_below),
		cmocka_unit_test(below_gives_each_number),
		cmocka_unit_test(below_is_even),
		cmocka_unit_test(below_is_even_for_large_ranges),
		cmocka_unit_test(jitter_stays_within_and_reaches_both_ends),
		cmocka_unit_test(jitter_is_even),
		cmocka_unit_test(jitter_of_one_time_is_that_time),
		cmocka_unit_test(jitter_of_a_range_turned_round_is_its_start),
		cmocka_unit_test(jitter_may_be_negative),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
