/* ifset_test.c - sets of interface slots: algebra, walking, the ends of the range */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/ifset.h"

static struct ifset set(uint64_t bits)
{
	return (struct ifset){ bits };
}

static void none_is_empty(void **state)
{
	(void)state;
	assert_true(ifset_empty(ifset_none()));
	assert_int_equal(ifset_count(ifset_none()), 0);
	for (unsigned slot = 0; slot < 256; slot++)
		assert_false(ifset_has(ifset_none(), slot));
}

static void set_of_a_slot_has_it_alone(void **state)
{
	(void)state;
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		struct ifset s = ifset_of(slot);

		assert_int_equal(ifset_count(s), 1);
		for (unsigned other = 0; other < 256; other++)
			assert_int_equal(ifset_has(s, other), other == slot);
	}
}

static void set_of_what_is_no_slot_is_empty(void **state)
{
	(void)state;
	assert_true(ifset_empty(ifset_of(MAXSLOTS)));
	assert_true(ifset_empty(ifset_of(NOSLOT)));
	assert_true(ifset_empty(ifset_of(~0u)));
}

static void noslot_is_in_no_set(void **state)
{
	(void)state;
	assert_false(ifset_has(set(~0ull), NOSLOT));
	assert_false(ifset_has(set(~0ull), MAXSLOTS));
	assert_true(ifset_has(set(~0ull), MAXSLOTS - 1));
}

static void or_and_minus(void **state)
{
	struct ifset a = set(0x8000000000000003), b = set(0x8000000000000005);

	(void)state;
	assert_true(ifset_eq(ifset_or(a, b), set(0x8000000000000007)));
	assert_true(ifset_eq(ifset_and(a, b), set(0x8000000000000001)));
	assert_true(ifset_eq(ifset_minus(a, b), set(2)));
	assert_true(ifset_eq(ifset_minus(b, a), set(4)));
}

static void with_adds_and_without_takes_one(void **state)
{
	struct ifset s = ifset_with(ifset_with(ifset_none(), 63), 0);

	(void)state;
	assert_true(ifset_eq(s, set(0x8000000000000001)));
	assert_true(ifset_eq(ifset_with(s, 0), s));
	assert_true(ifset_eq(ifset_without(s, 63), set(1)));
	assert_true(ifset_eq(ifset_without(s, 5), s));
}

static void noslot_adds_and_takes_nothing(void **state)
{
	(void)state;
	assert_true(ifset_eq(ifset_with(set(6), NOSLOT), set(6)));
	assert_true(ifset_eq(ifset_without(set(~0ull), NOSLOT), set(~0ull)));
}

static void sets_meet_if_they_share_a_slot(void **state)
{
	(void)state;
	assert_true(ifset_meet(set(6), set(12)));
	assert_true(ifset_meet(set(0x8000000000000000), set(0x8000000000000001)));
	assert_false(ifset_meet(set(6), set(9)));
	assert_false(ifset_meet(set(6), ifset_none()));
}

static void equal_means_the_same_slots(void **state)
{
	(void)state;
	assert_true(ifset_eq(set(5), ifset_with(ifset_of(2), 0)));
	assert_false(ifset_eq(set(5), set(4)));
	assert_false(ifset_eq(set(0x8000000000000000), ifset_none()));
}

static void counts_up_to_all(void **state)
{
	struct ifset s = ifset_none();

	(void)state;
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		s = ifset_with(s, slot);
		assert_int_equal(ifset_count(s), slot + 1);
	}
	assert_false(ifset_empty(s));
}

static void first_is_the_lowest(void **state)
{
	(void)state;
	assert_int_equal(ifset_first(set(1)), 0);
	assert_int_equal(ifset_first(set(0x8000000000000010)), 4);
	assert_int_equal(ifset_first(set(0x8000000000000000)), 63);
	assert_int_equal(ifset_first(ifset_none()), NOSLOT);
}

static void next_is_the_lowest_above(void **state)
{
	struct ifset s = set(0x8000000000000011);

	(void)state;
	assert_int_equal(ifset_next(s, 0), 4);
	assert_int_equal(ifset_next(s, 3), 4);
	assert_int_equal(ifset_next(s, 4), 63);
	assert_int_equal(ifset_next(s, 62), 63);
	assert_int_equal(ifset_next(s, 63), NOSLOT);
	assert_int_equal(ifset_next(s, NOSLOT), NOSLOT);
}

static void foreach_walks_in_ascending_order(void **state)
{
	static const unsigned want[] = { 0, 1, 31, 32, 33, 62, 63 };
	struct ifset s = ifset_none();
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 7; i++)
		s = ifset_with(s, want[6 - i]);
	ifset_foreach(slot, s) {
		assert_true(n < 7);
		assert_int_equal(slot, want[n++]);
	}
	assert_int_equal(n, 7);
}

static void foreach_of_none_does_nothing(void **state)
{
	(void)state;
	ifset_foreach(slot, ifset_none())
		fail_msg("slot %u is in the empty set", slot);
}

static void foreach_of_all_sees_each_once(void **state)
{
	unsigned n = 0;

	(void)state;
	ifset_foreach(slot, set(~0ull))
		assert_int_equal(slot, n++);
	assert_int_equal(n, MAXSLOTS);
}

static void foreach_sees_what_changes_on_the_way(void **state)
{
	struct ifset s = set(0x0f);
	uint64_t seen = 0;

	(void)state;
	ifset_foreach(slot, s) {
		seen |= 1ull << slot;
		if (slot == 1)
			s = ifset_with(ifset_without(ifset_without(s, 0), 2), 40);
	}
	assert_true(seen == (1ull << 40 | 0x0b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_empty),
		cmocka_unit_test(set_of_a_slot_has_it_alone),
		cmocka_unit_test(set_of_what_is_no_slot_is_empty),
		cmocka_unit_test(noslot_is_in_no_set),
		cmocka_unit_test(or_and_minus),
		cmocka_unit_test(with_adds_and_without_takes_one),
		cmocka_unit_test(noslot_adds_and_takes_nothing),
		cmocka_unit_test(sets_meet_if_they_share_a_slot),
		cmocka_unit_test(equal_means_the_same_slots),
		cmocka_unit_test(counts_up_to_all),
		cmocka_unit_test(first_is_the_lowest),
		cmocka_unit_test(next_is_the_lowest_above),
		cmocka_unit_test(foreach_walks_in_ascending_order),
		cmocka_unit_test(foreach_of_none_does_nothing),
		cmocka_unit_test(foreach_of_all_sees_each_once),
		cmocka_unit_test(foreach_sees_what_changes_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
