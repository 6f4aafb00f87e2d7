/* record_test.c - JSON rows: members, lists, escapes (RFC 8259 7), what is not UTF-8 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/record.h"

/* What the buffer holds, which is emptied. */
static const char *text(struct buf *buf)
{
	static char out[4096];
	size_t n = buf_len(buf);

	assert_true(n < sizeof(out));
	memcpy(out, buf_at(buf), n);
	out[n] = '\0';
	buf_take(buf, n);
	return out;
}

/* Checks how a string is written between its quotes. */
static void assert_written(const char *value, const char *want)
{
	struct buf buf = { 0 };
	struct record r = record_begin(&buf);
	char line[1024];

	record_str(&r, "k", value);
	record_end(&r);
	assert_true(snprintf(line, sizeof(line), "{\"k\":\"%s\"}\n", want) < (int)sizeof(line));
	assert_string_equal(text(&buf), line);
	buf_free(&buf);
}

static void empty_record_is_an_empty_object(void **state)
{
	struct buf buf = { 0 };
	struct record r = record_begin(&buf);

	(void)state;
	record_end(&r);
	assert_string_equal(text(&buf), "{}\n");
	buf_free(&buf);
}

static void members_are_separated_by_commas(void **state)
{
	struct buf buf = { 0 };
	struct record r = record_begin(&buf);

	(void)state;
	record_str(&r, "group", "239.1.1.1");
	record_int(&r, "n", 5);
	record_bool(&r, "up", true);
	record_bool(&r, "down", false);
	record_end(&r);
	assert_string_equal(text(&buf),
			    "{\"group\":\"239.1.1.1\",\"n\":5,\"up\":true,\"down\":false}\n");
	buf_free(&buf);
}

static void records_follow_one_another_a_line_each(void **state)
{
	struct buf buf = { 0 };
	struct record r;

	(void)state;
	for (int i = 0; i < 2; i++) {
		r = record_begin(&buf);
		record_int(&r, "i", i);
		record_end(&r);
	}
	assert_string_equal(text(&buf), "{\"i\":0}\n{\"i\":1}\n");
	buf_free(&buf);
}

static void no_value_is_null(void **state)
{
	struct buf buf = { 0 };
	struct record r = record_begin(&buf);

	(void)state;
	record_str(&r, "source", NULL);
	record_str(&r, "empty", "");
	record_end(&r);
	assert_string_equal(text(&buf), "{\"source\":null,\"empty\":\"\"}\n");
	buf_free(&buf);
}

static void integers_of_all_sizes(void **state)
{
	struct buf buf = { 0 };
	struct record r = record_begin(&buf);

	(void)state;
	record_int(&r, "a", 0);
	record_int(&r, "b", INT64_MIN);
	record_int(&r, "c", INT64_MAX);
	record_u64(&r, "d", UINT64_MAX);
	record_end(&r);
	assert_string_equal(text(&buf), "{\"a\":0,\"b\":-9223372036854775808,"
					"\"c\":9223372036854775807,\"d\":18446744073709551615}\n");
	buf_free(&buf);
}

static void list_of_strings(void **state)
{
	struct buf buf = { 0 };
	struct record r = record_begin(&buf);

	(void)state;
	record_list(&r, "oifs");
	record_item(&r, "eth1");
	record_item(&r, "eth2");
	record_item(&r, "eth3");
	record_list_end(&r);
	record_end(&r);
	assert_string_equal(text(&buf), "{\"oifs\":[\"eth1\",\"eth2\",\"eth3\"]}\n");
	buf_free(&buf);
}

static void members_go_on_after_a_list(void **state)
{
	struct buf buf = { 0 };
	struct record r = record_begin(&buf);

	(void)state;
	record_int(&r, "a", 1);
	record_list(&r, "b");
	record_item(&r, "x");
	record_list_end(&r);
	record_int(&r, "c", 2);
	record_list(&r, "d");
	record_list_end(&r);
	record_list(&r, "e");
	record_list_end(&r);
	record_int(&r, "f", 3);
	record_end(&r);
	assert_string_equal(text(&buf),
			    "{\"a\":1,\"b\":[\"x\"],\"c\":2,\"d\":[],\"e\":[],\"f\":3}\n");
	buf_free(&buf);
}

static void keys_and_items_are_escaped_too(void **state)
{
	struct buf buf = { 0 };
	struct record r = record_begin(&buf);

	(void)state;
	record_list(&r, "a\"b");
	record_item(&r, "c\\d\n");
	record_list_end(&r);
	record_end(&r);
	assert_string_equal(text(&buf), "{\"a\\\"b\":[\"c\\\\d\\u000a\"]}\n");
	buf_free(&buf);
}

static void quotes_and_backslashes_are_escaped(void **state)
{
	(void)state;
	assert_written("\"", "\\\"");
	assert_written("\\", "\\\\");
	assert_written("say \"hi\\ho\"", "say \\\"hi\\\\ho\\\"");
	assert_written("\\\"\\", "\\\\\\\"\\\\");
}

static void every_control_character_is_escaped(void **state)
{
	(void)state;
	for (char c = 1; c < 0x20; c++) {
		char value[] = { 'a', c, 'b', '\0' }, want[16];

		snprintf(want, sizeof(want), "a\\u%04xb", c);
		assert_written(value, want);
	}
	assert_written("\n\n", "\\u000a\\u000a");
}

static void all_other_ascii_passes(void **state)
{
	char value[2] = { 0 };

	(void)state;
	for (int c = 0x20; c < 0x80; c++) {
		value[0] = c;
		if (c != '"' && c != '\\')
			assert_written(value, value);
	}
	assert_written("/", "/");
}

/* The first and the last character of each size, and those beside the surrogates. */
static void utf8_passes(void **state)
{
	static const char *const good[] = {
		"\xc2\x80",	    /* U+0080 */
		"\xdf\xbf",	    /* U+07FF */
		"\xe0\xa0\x80",	    /* U+0800 */
		"\xed\x9f\xbf",	    /* U+D7FF */
		"\xee\x80\x80",	    /* U+E000 */
		"\xef\xbf\xbf",	    /* U+FFFF */
		"\xf0\x90\x80\x80", /* U+10000 */
		"\xf4\x8f\xbf\xbf", /* U+10FFFF */
		"gr\xc3\xbc\xc3\x9f",
	};

	(void)state;
	for (unsigned i = 0; i < NELEMS(good); i++)
		assert_written(good[i], good[i]);
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
	(void)state;
	assert_written("\x80", "\\ufffd");
	assert_written("\xff", "\\ufffd");
	assert_written("a\xfe"
		       "b",
		       "a\\ufffdb");
	assert_written("\xf8\x88\x80\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd");
}

static void overlong_forms_are_replaced(void **state)
{
	(void)state;
	assert_written("\xc0\xaf", "\\ufffd\\ufffd");
	assert_written("\xc1\xbf", "\\ufffd\\ufffd");
	assert_written("\xe0\x9f\xbf", "\\ufffd\\ufffd\\ufffd");
	assert_written("\xf0\x8f\xbf\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd");
}

static void surrogates_and_what_is_beyond_are_replaced(void **state)
{
	(void)state;
	assert_written("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd");
	assert_written("\xed\xbf\xbf", "\\ufffd\\ufffd\\ufffd");
	assert_written("\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd");
}

static void characters_that_are_cut_off_are_replaced(void **state)
{
	static const char euro[] = "\xe2\x82\xac";

	(void)state;
	for (size_t n = 1; n < 3; n++) {
		char *cut = xcalloc(1, n + 1); /* of just that size, for the sanitizer */

		memcpy(cut, euro, n);
		assert_written(cut, n == 1 ? "\\ufffd" : "\\ufffd\\ufffd");
		free(cut);
	}
	assert_written("\xe2\x82x", "\\ufffd\\ufffdx");
	assert_written("\xe2\"", "\\ufffd\\\"");
	assert_written("\xc3\xc3\xbc", "\\ufffd\xc3\xbc");
}

static void long_strings_pass(void **state)
{
	char value[900];

	(void)state;
	memset(value, 'x', sizeof(value));
	value[899] = '\0';
	assert_written(value, value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_record_is_an_empty_object),
		cmocka_unit_test(members_are_separated_by_commas),
		cmocka_unit_test(records_follow_one_another_a_line_each),
		cmocka_unit_test(no_value_is_null),
		cmocka_unit_test(integers_of_all_sizes),
		cmocka_unit_test(list_of_strings),
		cmocka_unit_test(members_go_on_after_a_list),
		cmocka_unit_test(keys_and_items_are_escaped_too),
		cmocka_unit_test(quotes_and_backslashes_are_escaped),
		cmocka_unit_test(every_control_character_is_escaped),
		cmocka_unit_test(all_other_ascii_passes),
		cmocka_unit_test(utf8_passes),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(overlong_forms_are_replaced),
		cmocka_unit_test(surrogates_and_what_is_beyond_are_replaced),
		cmocka_unit_test(characters_that_are_cut_off_are_replaced),
		cmocka_unit_test(long_strings_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
