/* translation_test.c - lines that stand for others, and where those stand */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/translation.h"

static void lines_have_origins(void **state)
{
	struct translation t = { 0 };
	struct origin from;

	(void)state;
	translation_add(&t, (struct origin){ 3, 4, LINE_STATEMENT }, "route %d", 1);
	translation_add(&t, (struct origin){ 2, 9, LINE_ERROR }, "no");
	buf_add(&t.text, "", 1);
	assert_string_equal(buf_at(&t.text), "route 1\nno\n");
	assert_true(translation_origin(&t.origins, &from));
	assert_int_equal(from.line, 3);
	assert_int_equal(from.column, 4);
	assert_int_equal(from.kind, LINE_STATEMENT);
	assert_true(translation_origin(&t.origins, &from));
	assert_int_equal(from.line, 2);
	assert_int_equal(from.kind, LINE_ERROR);
	translation_free(&t);
}

static void behind_the_last_is_nothing(void **state)
{
	struct translation t = { 0 };
	struct origin from = { 7, 7, LINE_NOTE };

	(void)state;
	assert_false(translation_origin(&t.origins, &from));
	assert_int_equal(from.line, 7);
	translation_free(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_origins),
		cmocka_unit_test(behind_the_last_is_nothing),
	};

	return cmocka_run_group_tests_name("translations", tests, NULL, NULL);
}
