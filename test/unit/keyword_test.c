/* keyword_test.c - keyword tables: finding the row, where its value goes and what it may be */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/keyword.h"

/* Each value between guards, so that a write of a wrong size is seen. */
struct conf {
	uint8_t guard0;
	bool flag;
	uint8_t guard1;
	uint8_t u8;
	uint8_t guard2;
	uint32_t u32;
	uint32_t guard3;
	int64_t period;
	int64_t guard4;
};

#define FIELD(name) offsetof(struct conf, name)

static const struct keyword table[] = {
	{ "passive", "", "announce nothing", keyword_flag, .offset = FIELD(flag) },
	{ "active", "", "announce", keyword_off, .offset = FIELD(flag) },
	{ "ttl-threshold", "NUM", "least TTL", keyword_u8, FIELD(u8), .min = 1, .max = 255 },
	{ "priority", "NUM", "highest wins", keyword_u32, FIELD(u32), .max = 4000000000 },
	{ "interval", "SEC", "between", keyword_seconds, FIELD(period), .min = 1, .max = 18724 },
	{ 0 }
};

static struct words words;
static char line[200];

static int teardown(void **state)
{
	(void)state;
	words_free(&words);
	return 0;
}

static const struct conf untouched = {
	0xaa, false, 0xaa, 0x55, 0xaa, 0x55555555, 0xaaaaaaaa, -1, -2
};

/* Reads a line of keyword and value into @conf, which is made anew. */
static int parse(struct conf *conf, const char *text)
{
	const struct keyword *k;

	*conf = untouched;
	assert_true(strlen(text) < sizeof(line));
	memcpy(line, text, strlen(text) + 1);
	assert_true(words_split(&words, line, strlen(line)));
	k = keyword_find(table, words_next(&words));
	assert_non_null(k);
	return k->parse(&words, k, conf);
}

static void assert_guards(const struct conf *conf)
{
	assert_int_equal(conf->guard0, untouched.guard0);
	assert_int_equal(conf->guard1, untouched.guard1);
	assert_int_equal(conf->guard2, untouched.guard2);
	assert_int_equal(conf->guard3, untouched.guard3);
	assert_int_equal(conf->guard4, untouched.guard4);
}

/* Checks that the line is refused, that nothing was written, and why. */
static void assert_refused(const char *text, unsigned column, const char *error)
{
	struct conf conf;

	assert_int_equal(parse(&conf, text), -1);
	assert_int_equal(words.column, column);
	assert_string_equal(words.error, error);
	assert_int_equal(conf.u8, untouched.u8);
	assert_int_equal(conf.u32, untouched.u32);
	assert_true(conf.period == untouched.period);
	assert_guards(&conf);
}

static void each_row_is_found_by_its_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i + 1 < NELEMS(table); i++)
		assert_ptr_equal(keyword_find(table, table[i].name), &table[i]);
}

static void other_words_are_not_found(void **state)
{
	(void)state;
	assert_null(keyword_find(table, ""));
	assert_null(keyword_find(table, "pass"));
	assert_null(keyword_find(table, "passively"));
	assert_null(keyword_find(table, "Passive"));
	assert_null(keyword_find(table, "NUM"));
}

static void empty_table_finds_nothing(void **state)
{
	static const struct keyword none[] = { { 0 } };

	(void)state;
	assert_null(keyword_find(none, "passive"));
}

static void first_of_two_rows_wins(void **state)
{
	static const struct keyword twice[] = { { .name = "a" }, { .name = "a" }, { 0 } };

	(void)state;
	assert_ptr_equal(keyword_find(twice, "a"), &twice[0]);
}

static void flag_sets_true_and_takes_no_word(void **state)
{
	struct conf conf;

	(void)state;
	assert_int_equal(parse(&conf, "passive next"), 0);
	assert_true(conf.flag);
	assert_guards(&conf);
	assert_string_equal(words_next(&words), "next");
}

static void off_sets_false_and_takes_no_word(void **state)
{
	struct conf conf;
	const struct keyword *k = keyword_find(table, "active");

	(void)state;
	assert_int_equal(parse(&conf, "passive next"), 0);
	assert_int_equal(k->parse(&words, k, &conf), 0);
	assert_false(conf.flag);
	assert_guards(&conf);
	assert_string_equal(words_next(&words), "next");
}

static void u8_of_all_values(void **state)
{
	(void)state;
	for (int n = 1; n <= 255; n++) {
		struct conf conf;
		char text[40];

		snprintf(text, sizeof(text), "ttl-threshold %d next", n);
		assert_int_equal(parse(&conf, text), 0);
		assert_int_equal(conf.u8, n);
		assert_guards(&conf);
		assert_string_equal(words_next(&words), "next");
	}
}

static void u8_out_of_range_is_refused(void **state)
{
	(void)state;
	assert_refused("ttl-threshold 0", 15,
		       "ttl-threshold wants a number from 1 to 255, not '0'");
	assert_refused("ttl-threshold 256", 15,
		       "ttl-threshold wants a number from 1 to 255, not '256'");
	assert_refused("ttl-threshold many", 15,
		       "ttl-threshold wants a number from 1 to 255, not 'many'");
}

static void u8_that_is_missing_is_refused(void **state)
{
	(void)state;
	assert_refused("ttl-threshold", 14, "ttl-threshold wants a number from 1 to 255");
}

static void u32_above_31_bits(void **state)
{
	struct conf conf;

	(void)state;
	assert_int_equal(parse(&conf, "priority 4000000000"), 0);
	assert_true(conf.u32 == 4000000000u);
	assert_guards(&conf);
	assert_int_equal(parse(&conf, "priority 0"), 0);
	assert_int_equal(conf.u32, 0);
}

static void u32_out_of_range_is_refused(void **state)
{
	(void)state;
	assert_refused("priority 4000000001", 10,
		       "priority wants a number from 0 to 4000000000, not '4000000001'");
	assert_refused("priority -1", 10, "priority wants a number from 0 to 4000000000, not '-1'");
}

static void seconds_are_kept_as_milliseconds(void **state)
{
	struct conf conf;

	(void)state;
	assert_int_equal(parse(&conf, "interval 30"), 0);
	assert_true(conf.period == 30000);
	assert_guards(&conf);
	assert_int_equal(parse(&conf, "interval 18724"), 0);
	assert_true(conf.period == 18724000);
}

static void seconds_beyond_32_bits_of_milliseconds(void **state)
{
	static const struct keyword k = { "interval",	   "SEC",	  "",
					  keyword_seconds, FIELD(period), .max = 2000000000 };
	struct conf conf = untouched;
	char text[] = "2000000000";

	(void)state;
	assert_true(words_split(&words, text, strlen(text)));
	assert_int_equal(k.parse(&words, &k, &conf), 0);
	assert_true(conf.period == INT64_C(2000000000000));
}

static void seconds_out_of_range_are_refused(void **state)
{
	(void)state;
	assert_refused("interval 0", 10, "interval wants a number from 1 to 18724, not '0'");
	assert_refused("interval 18725", 10,
		       "interval wants a number from 1 to 18724, not '18725'");
	assert_refused("interval 1.5", 10, "interval wants a number from 1 to 18724, not '1.5'");
	assert_refused("interval", 9, "interval wants a number from 1 to 18724");
}

#define fact(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fact(each_row_is_found_by_its_name),
		fact(other_words_are_not_found),
		fact(empty_table_finds_nothing),
		fact(first_of_two_rows_wins),
		fact(flag_sets_true_and_takes_no_word),
		fact(off_sets_false_and_takes_no_word),
		fact(u8_of_all_values),
		fact(u8_out_of_range_is_refused),
		fact(u8_that_is_missing_is_refused),
		fact(u32_above_31_bits),
		fact(u32_out_of_range_is_refused),
		fact(seconds_are_kept_as_milliseconds),
		fact(seconds_beyond_32_bits_of_milliseconds),
		fact(seconds_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
