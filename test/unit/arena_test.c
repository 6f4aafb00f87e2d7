/* arena_test.c - memory for one message: alignment, the bound, giving back */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "lib/rng.h"

static void gives_up_to_its_size(void **state)
{
	struct arena arena = arena_init(64);

	(void)state;
	assert_non_null(arena_take(&arena, 4, 16));
	assert_null(arena_take(&arena, 1, 1));
	arena_reset(&arena);
	assert_null(arena_take(&arena, 65, 1));
	assert_null(arena_take(&arena, 5, 16));
	assert_non_null(arena_take(&arena, 1, 33));
	assert_null(arena_take(&arena, 1, 17));
	assert_non_null(arena_take(&arena, 1, 16));
	arena_free(&arena);
}

/* What is lost to alignment may be all that is left. */
static void no_room_behind_what_is_lost(void **state)
{
	struct arena arena = arena_init(60);

	(void)state;
	assert_non_null(arena_take(&arena, 50, 1));
	assert_null(arena_take(&arena, 1, 1));
	assert_null(arena_take(&arena, 1, 0));
	arena_free(&arena);
}

static void what_is_refused_costs_nothing(void **state)
{
	struct arena arena = arena_init(64);

	(void)state;
	assert_null(arena_take(&arena, 1, 65));
	assert_null(arena.data);
	assert_non_null(arena_take(&arena, 64, 1));
	arena_free(&arena);
}

/* A product that wraps around, and sums that do */
static void counts_that_overflow(void **state)
{
	struct arena arena = arena_init(64);

	(void)state;
	assert_non_null(arena_take(&arena, 1, 8));
	assert_null(arena_take(&arena, SIZE_MAX, 1));
	assert_null(arena_take(&arena, 1, SIZE_MAX));
	assert_null(arena_take(&arena, SIZE_MAX / 2 + 1, 2));
	assert_null(arena_take(&arena, SIZE_MAX / 16 + 2, 16));
	assert_int_equal(arena.used, 8);
	arena_free(&arena);
}

static void nothing_can_be_taken(void **state)
{
	struct arena arena = arena_init(16), none = arena_init(0);

	(void)state;
	assert_non_null(arena_take(&arena, 0, 16));
	assert_non_null(arena_take(&arena, 16, 0));
	assert_non_null(arena_take(&arena, 16, 1));
	assert_null(arena_take(&none, 1, 1));
	arena_free(&none);
	arena_free(&arena);
}

static void memory_is_zero_each_time(void **state)
{
	static const uint8_t zero[48];
	struct arena arena = arena_init(48);

	(void)state;
	for (int i = 0; i < 3; i++) {
		uint8_t *p = arena_take(&arena, sizeof(zero), 1);

		assert_memory_equal(p, zero, sizeof(zero));
		memset(p, 0xa5, sizeof(zero));
		arena_reset(&arena);
	}
	arena_free(&arena);
	assert_non_null(arena_take(&arena, 48, 1));
	assert_null(arena_take(&arena, 1, 1));
	arena_free(&arena);
}

/* Pieces of any size are aligned, within the block and apart from one another. */
static void pieces_are_apart(void **state)
{
	struct arena arena = arena_init(4096);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	for (int round = 0; round < 200; round++) {
		uint8_t *piece[64];
		size_t len[64];
		unsigned n = 0;

		for (; n < NELEMS(piece); n++) {
			size_t size = 1 + rng_below(&rng, 24);

			len[n] = size * (1 + rng_below(&rng, 8));
			piece[n] = arena_take(&arena, len[n] / size, size);
			if (!piece[n])
				break;
			assert_int_equal((uintptr_t)piece[n] % _Alignof(max_align_t), 0);
			assert_true(piece[n] >= arena.data);
			assert_true(piece[n] + len[n] <= arena.data + arena.size);
			memset(piece[n], n, len[n]);
		}
		for (unsigned i = 0; i < n; i++)
			for (size_t j = 0; j < len[i]; j++)
				assert_int_equal(piece[i][j], i);
		arena_reset(&arena);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_up_to_its_size),
		cmocka_unit_test(no_room_behind_what_is_lost),
		cmocka_unit_test(what_is_refused_costs_nothing),
		cmocka_unit_test(counts_that_overflow),
		cmocka_unit_test(nothing_can_be_taken),
		cmocka_unit_test(memory_is_zero_each_time),
		cmocka_unit_test(pieces_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
