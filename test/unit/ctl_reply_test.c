/* ctl_reply_test.c - reading records: what lib/record.h writes, what it never would, and less */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../smcroutectl/reply.h"
#include "lib/record.h"

static bool parse(struct reply *r, const char *line)
{
	return reply_parse(r, line, strlen(line));
}

/* The text as people see it. */
static const char *printed(struct text text)
{
	static char said[256];
	struct buf out = { 0 };
	size_t columns = text_print(&out, text);

	snprintf(said, sizeof(said), "%zu %.*s", columns, (int)buf_len(&out), buf_at(&out));
	buf_free(&out);
	return said;
}

static void a_written_record_is_read(void **state)
{
	struct buf buf = { 0 };
	struct record w = record_begin(&buf);
	struct text list, item;
	struct reply r;

	(void)state;
	record_str(&w, "source", NULL);
	record_str(&w, "group", "225.1.1.1/24");
	record_int(&w, "index", -5);
	record_u64(&w, "packets", 9000000000000000000);
	record_bool(&w, "up", true);
	record_bool(&w, "down", false);
	record_list(&w, "oifs");
	record_item(&w, "eth1");
	record_item(&w, "a\"b\\c],");
	record_list_end(&w);
	record_list(&w, "none");
	record_list_end(&w);
	record_str(&w, "odd", "\x1b[1m\x7f \xc3\xa9 \xff\xc2\x9b");
	record_end(&w);

	assert_true(reply_parse(&r, buf_at(&buf), buf_len(&buf) - 1));
	assert_int_equal(r.n, 9);
	assert_int_equal(reply_find(&r, "source")->type, REPLY_NULL);
	assert_string_equal(printed(reply_string(&r, "group")), "12 225.1.1.1/24");
	assert_int_equal(reply_number(&r, "index"), -1);
	assert_int_equal(reply_number(&r, "packets"), 9000000000000000000);
	assert_int_equal(reply_find(&r, "up")->type, REPLY_TRUE);
	assert_int_equal(reply_find(&r, "down")->type, REPLY_FALSE);
	assert_string_equal(printed(reply_string(&r, "odd")), "10 ?[1m? \xc3\xa9 \xef\xbf\xbd?");
	assert_null(reply_find(&r, "oif"));
	assert_int_equal(reply_string(&r, "up").len, 0);
	assert_int_equal(reply_number(&r, "group"), -1);

	list = reply_find(&r, "oifs")->value;
	assert_true(reply_next(&list, &item));
	assert_true(text_is(item, "eth1"));
	assert_true(reply_next(&list, &item));
	assert_string_equal(printed(item), "7 a\"b\\c],");
	assert_false(reply_next(&list, &item));
	list = reply_find(&r, "none")->value;
	assert_false(reply_next(&list, &item));
	buf_free(&buf);
}

/* Each line is copied to memory of just its size, so that a sanitizer sees a step too far. */
static bool parse_exact(const char *line, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct reply r;
	bool good;

	memcpy(copy, line, len);
	good = reply_parse(&r, copy, len);
	for (unsigned i = 0; good && i < r.n; i++) {
		struct text list = r.field[i].value, item;

		printed(r.field[i].key);
		if (r.field[i].type == REPLY_STRING)
			printed(r.field[i].value);
		while (r.field[i].type == REPLY_LIST && reply_next(&list, &item))
			printed(item);
	}
	free(copy);
	return good;
}

static const char full[] = " { \"a\" : null , \"b\":[ \"x\" , 1, [\"y\"], {\"z\":\"}\"}, \"w\" ],"
			   "\"c\":{\"d\":[]},\"e\":-1.5e+3,\"f\":\"\\ud83d\\ude00\\u00e9\","
			   "\"g\":true,\"h\":false,\"i\":\"\\\\\\\"\\/\\b\"} ";

static void no_truncation_is_taken_for_a_record(void **state)
{
	(void)state;
	assert_true(parse_exact(full, sizeof(full) - 1));
	for (size_t len = 0; len < sizeof(full) - 3; len++)
		assert_false(parse_exact(full, len));
}

static void changed_bytes_do_no_harm(void **state)
{
	char line[sizeof(full)];

	(void)state;
	for (size_t i = 0; i < sizeof(full) - 1; i++) {
		for (int c = 0; c < 256; c++) {
			memcpy(line, full, sizeof(full));
			line[i] = c;
			parse_exact(line, sizeof(full) - 1);
		}
	}
}

static void what_is_no_record_is_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"x",
		"[]",
		"{}{}",
		"{\"a\"}",
		"{\"a\":}",
		"{a:1}",
		"{\"a\":1,}",
		"{,}",
		"{\"a\":nul}",
		"{\"a\":1]",
		"{\"a\":\"}",
		"{\"a\":[}",
		"{\"a\":]}",
		"{\"a\":\"\\x\"}",
		"{\"a\":'x'}",
		"{\"a\" 1}",
		"{\"a\":1 2}",
		"{}x",
		"{\"a\":\"\\u12g4\"}",
		"{\"\t\":1}",
		"{\"a\":tru}",
	};
	struct reply r;

	(void)state;
	for (size_t i = 0; i < NELEMS(lines); i++)
		assert_false(parse(&r, lines[i]));
	assert_true(parse(&r, "{}"));
	assert_int_equal(r.n, 0);
}

static void escapes_are_resolved(void **state)
{
	struct text item, list;
	struct reply r;

	(void)state;
	assert_true(parse(&r, full));
	assert_string_equal(printed(reply_string(&r, "f")), "2 \xf0\x9f\x98\x80\xc3\xa9");
	assert_string_equal(printed(reply_string(&r, "i")), "4 \\\"/?");
	list = reply_find(&r, "b")->value;
	assert_true(reply_next(&list, &item));
	assert_true(text_is(item, "x"));
	assert_true(reply_next(&list, &item));
	assert_true(text_is(item, "w"));
	assert_false(reply_next(&list, &item));

	assert_true(
		parse(&r, "{\"a\":\"\\ud800\",\"b\":\"\\ud800\\u0041\",\"c\":\"\\u009b\\u0000\"}"));
	assert_string_equal(printed(reply_string(&r, "a")), "1 ?");
	assert_string_equal(printed(reply_string(&r, "b")), "2 ?A");
	assert_string_equal(printed(reply_string(&r, "c")), "2 ??");
	assert_true(parse(&r, "{\"a\":{\"b\":\t1}}"));
	assert_string_equal(printed(reply_find(&r, "a")->value), "6 \"b\":?1");
}

static void more_members_than_fit_are_checked(void **state)
{
	struct buf buf = { 0 };
	struct reply r;

	(void)state;
	buf_puts(&buf, "{\"first\":1");
	for (int i = 0; i < 100; i++)
		buf_puts(&buf, ",\"x\":\"y\"");
	assert_false(reply_parse(&r, buf_at(&buf), buf_len(&buf)));
	buf_puts(&buf, "}");
	assert_true(reply_parse(&r, buf_at(&buf), buf_len(&buf)));
	assert_int_equal(r.n, REPLY_FIELDS);
	assert_int_equal(reply_number(&r, "first"), 1);
	buf_free(&buf);
}

static void numbers_have_bounds(void **state)
{
	struct reply r;

	(void)state;
	assert_true(parse(&r, "{\"a\":9223372036854775807,\"b\":9223372036854775808,\"c\":0,"
			      "\"d\":1.0,\"e\":-0}"));
	assert_int_equal(reply_number(&r, "a"), INT64_MAX);
	assert_int_equal(reply_number(&r, "b"), -1);
	assert_int_equal(reply_number(&r, "c"), 0);
	assert_int_equal(reply_number(&r, "d"), -1);
	assert_int_equal(reply_number(&r, "e"), -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_written_record_is_read),
		cmocka_unit_test(no_truncation_is_taken_for_a_record),
		cmocka_unit_test(changed_bytes_do_no_harm),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(escapes_are_resolved),
		cmocka_unit_test(more_members_than_fit_are_checked),
		cmocka_unit_test(numbers_have_bounds),
	};

	return cmocka_run_group_tests_name("smcroutectl replies", tests, NULL, NULL);
}
