/* count_test.c - the kernel side's counters: all are there, in their order, by family or not */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linux/count.h"

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void each_counter_has_a_row_of_its_own(void **state)
{
	const struct counts none = { 0 };
	struct count row[2 * NCOUNTS];
	unsigned n = 0;

	(void)state;
	while (counts_at(&none, n, &row[n])) {
		assert_non_null(row[n].area);
		assert_non_null(row[n].name);
		assert_non_null(row[n].help);
		assert_int_equal(row[n].value, 0);
		for (unsigned i = 0; i < n; i++)
			assert_false(same(row[i].area, row[n].area) &&
				     same(row[i].name, row[n].name) &&
				     same(row[i].family, row[n].family));
		n++;
	}
	assert_int_equal(n, NCOUNTS + NCOUNTS_AF);
}

static uint64_t value(const struct counts *c, const char *family, const char *area,
		      const char *name)
{
	struct count count;

	for (unsigned i = 0; counts_at(c, i, &count); i++) {
		if (same(count.family, family) && same(count.area, area) && same(count.name, name))
			return count.value;
	}
	fail();
	return 0;
}

static void what_is_counted_is_shown_in_its_row(void **state)
{
	struct counts c = { 0 };
	struct count at;
	uint64_t sum = 0;

	(void)state;
	count_af(&c, COUNT_UPCALL_VIF, V6);
	count_af(&c, COUNT_UPCALL_VIF, V6);
	count_af(&c, COUNT_PACKET_UNSENT, V4);
	count(&c, COUNT_LINK_OVERRUN);
	count(&c, NCOUNTS - 1);
	assert_int_equal(value(&c, "IPv6", "upcall", "vif"), 2);
	assert_int_equal(value(&c, "IPv4", "upcall", "vif"), 0);
	assert_int_equal(value(&c, "IPv4", "packet", "unsent"), 1);
	assert_int_equal(value(&c, NULL, "netlink", "link-overruns"), 1);
	for (unsigned i = 0; counts_at(&c, i, &at); i++)
		sum += at.value;
	assert_int_equal(sum, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_counter_has_a_row_of_its_own),
		cmocka_unit_test(what_is_counted_is_shown_in_its_row),
	};

	return cmocka_run_group_tests_name("counters of the kernel side", tests, NULL, NULL);
}
