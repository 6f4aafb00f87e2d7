/* buf_test.c - the growing queue of bytes: adding, taking, compacting, a plain model */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/rng.h"

static void assert_holds(const struct buf *buf, const char *want)
{
	assert_int_equal(buf_len(buf), strlen(want));
	assert_memory_equal(buf_at(buf), want, strlen(want));
}

static void begins_empty(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_int_equal(buf_len(&buf), 0);
	assert_non_null(buf_at(&buf));
	buf_free(&buf);
}

static void adds_at_the_end(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_add(&buf, "ab", 2);
	buf_add(&buf, "cd", 2);
	buf_puts(&buf, "ef");
	assert_holds(&buf, "abcdef");
	buf_free(&buf);
}

static void adding_nothing_changes_nothing(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_add(&buf, NULL, 0);
	buf_puts(&buf, "");
	buf_printf(&buf, "%s", "");
	assert_int_equal(buf_len(&buf), 0);
	buf_puts(&buf, "x");
	buf_puts(&buf, "");
	assert_holds(&buf, "x");
	buf_free(&buf);
}

static void holds_any_byte(void **state)
{
	struct buf buf = { 0 };
	char all[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = i;
	buf_add(&buf, all, 256);
	assert_int_equal(buf_len(&buf), 256);
	assert_memory_equal(buf_at(&buf), all, 256);
	buf_free(&buf);
}

static void takes_from_the_front(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_puts(&buf, "abcdef");
	buf_take(&buf, 2);
	assert_holds(&buf, "cdef");
	buf_take(&buf, 0);
	assert_holds(&buf, "cdef");
	buf_take(&buf, 4);
	assert_holds(&buf, "");
	buf_free(&buf);
}

static void taking_all_frees_the_front(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_puts(&buf, "abcdef");
	buf_take(&buf, 6);
	assert_int_equal(buf.start, 0);
	assert_int_equal(buf.end, 0);
	buf_puts(&buf, "x");
	assert_holds(&buf, "x");
	buf_free(&buf);
}

static void take_of_nothing_from_nothing(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_take(&buf, 0);
	assert_holds(&buf, "");
	buf_free(&buf);
}

static void room_counts_only_when_grown(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_puts(&buf, "ab");
	memcpy(buf_room(&buf, 100), "cdefgh", 6);
	assert_holds(&buf, "ab");
	buf_grow(&buf, 3);
	assert_holds(&buf, "abcde");
	buf_free(&buf);
}

static void room_has_the_size_asked_for(void **state)
{
	(void)state;
	for (size_t n = 1; n < 300; n++) {
		struct buf buf = { 0 };

		memset(buf_room(&buf, n), 'x', n); /* the address sanitizer looks on */
		buf_grow(&buf, n);
		assert_int_equal(buf_len(&buf), n);
		memset(buf_room(&buf, 2 * n), 'y', 2 * n);
		assert_true(buf_at(&buf)[n - 1] == 'x');
		buf_free(&buf);
	}
}

static void room_is_made_by_moving_to_the_front(void **state)
{
	struct buf buf = { 0 };
	size_t size;

	(void)state;
	memset(buf_room(&buf, 100), 'x', 100);
	buf_grow(&buf, 98);
	buf_puts(&buf, "ab");
	size = buf.size;
	buf_take(&buf, 98);
	buf_room(&buf, size - 2);
	assert_int_equal(buf.size, size);
	assert_holds(&buf, "ab");
	buf_free(&buf);
}

static void queue_of_short_lines_does_not_grow(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		buf_puts(&buf, "0123456789");
		if (i >= 10)
			buf_take(&buf, 10);
	}
	assert_int_equal(buf_len(&buf), 100);
	assert_true(buf.size < 1000);
	buf_free(&buf);
}

static void growth_doubles(void **state)
{
	struct buf buf = { 0 };
	unsigned grown = 0;
	size_t size = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		buf_puts(&buf, "x");
		grown += buf.size != size;
		size = buf.size;
	}
	assert_true(grown < 20);
	assert_true(size < 2 * 100000 + 16);
	buf_free(&buf);
}

static void printf_appends_without_its_end(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_puts(&buf, "<");
	buf_printf(&buf, "%d %s", -5, "five");
	buf_puts(&buf, ">");
	assert_holds(&buf, "<-5 five>");
	buf_free(&buf);
}

static void printf_of_any_length(void **state)
{
	(void)state;
	for (int n = 0; n < 300; n++) {
		struct buf buf = { 0 };

		buf_printf(&buf, "%0*d", n + 1, 7);
		assert_int_equal(buf_len(&buf), n + 1);
		assert_true(buf_at(&buf)[n] == '7');
		buf_free(&buf);
	}
}

static void free_leaves_an_empty_one_that_can_be_used(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_puts(&buf, "abc");
	buf_take(&buf, 1);
	buf_free(&buf);
	assert_holds(&buf, "");
	buf_puts(&buf, "x");
	assert_holds(&buf, "x");
	buf_free(&buf);
}

/* Random adds and takes against a flat array that is never compacted. */
static void random_operations_against_a_plain_model(void **state)
{
	enum { ALL = 200000, MOST = 700 };
	char *model = xcalloc(1, ALL + MOST);
	size_t head = 0, tail = 0;
	struct buf buf = { 0 };
	struct rng rng = { 1 };

	(void)state;
	while (tail < ALL) {
		size_t n = rng_below(&rng, rng_below(&rng, 10) ? 40 : MOST);

		switch (rng_below(&rng, 5)) {
		case 0:
			for (size_t i = 0; i < n; i++)
				model[tail + i] = rng_u64(&rng);
			buf_add(&buf, model + tail, n);
			tail += n;
			break;
		case 1:
			memset(model + tail, 'p', n);
			memset(buf_room(&buf, n + 1), 'p', n + 1);
			buf_grow(&buf, n);
			tail += n;
			break;
		case 2:
			memset(model + tail, '0', n);
			model[tail + n] = '7';
			buf_printf(&buf, "%0*d", (int)n + 1, 7);
			tail += n + 1;
			break;
		default:
			n = n < tail - head ? n : tail - head;
			buf_take(&buf, n);
			head += n;
			break;
		}
		assert_int_equal(buf_len(&buf), tail - head);
		assert_memory_equal(buf_at(&buf), model + head, tail - head);
	}
	buf_free(&buf);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_empty),
		cmocka_unit_test(adds_at_the_end),
		cmocka_unit_test(adding_nothing_changes_nothing),
		cmocka_unit_test(holds_any_byte),
		cmocka_unit_test(takes_from_the_front),
		cmocka_unit_test(taking_all_frees_the_front),
		cmocka_unit_test(take_of_nothing_from_nothing),
		cmocka_unit_test(room_counts_only_when_grown),
		cmocka_unit_test(room_has_the_size_asked_for),
		cmocka_unit_test(room_is_made_by_moving_to_the_front),
		cmocka_unit_test(queue_of_short_lines_does_not_grow),
		cmocka_unit_test(growth_doubles),
		cmocka_unit_test(printf_appends_without_its_end),
		cmocka_unit_test(printf_of_any_length),
		cmocka_unit_test(free_leaves_an_empty_one_that_can_be_used),
		cmocka_unit_test(random_operations_against_a_plain_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
