/* words_test.c - lines of words: blanks, comments, control characters, errors and their columns */
#include <setjmp.h>
#include <stdarg.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/words.h"

/* Words over a line on the heap that has just one byte behind it, for the sanitizer. */
struct bed {
	struct words w;
	char *line;
};

static int setup(void **state)
{
	*state = xcalloc(1, sizeof(struct bed));
	return 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;

	words_free(&bed->w);
	free(bed->line);
	free(bed);
	return 0;
}

static bool split_bytes(struct bed *bed, const void *bytes, size_t len)
{
	free(bed->line);
	bed->line = xcalloc(1, len + 1);
	memcpy(bed->line, bytes, len);
	bed->line[len] = ' ';
	return words_split(&bed->w, bed->line, len);
}

static bool split(struct bed *bed, const char *line)
{
	return split_bytes(bed, line, strlen(line));
}

static struct words *words(struct bed *bed, const char *line)
{
	assert_true(split(bed, line));
	return &bed->w;
}

/* Checks that the line has just those words, up to a NULL. */
static void assert_words(struct bed *bed, const char *line, ...)
{
	struct words *w = words(bed, line);
	const char *want;
	va_list args;

	va_start(args, line);
	while ((want = va_arg(args, const char *))) {
		const char *got = words_next(w);

		assert_non_null(got);
		assert_string_equal(got, want);
	}
	va_end(args);
	assert_null(words_next(w));
	assert_int_equal(w->column, 0);
}

static void assert_error(const struct words *w, unsigned column, const char *error)
{
	assert_int_equal(w->column, column);
	assert_string_equal(w->error, error);
}

/* Splitting */

static void blanks_separate_words(void **state)
{
	assert_words(*state, "mroute from eth0", "mroute", "from", "eth0", NULL);
	assert_words(*state, "a\tb", "a", "b", NULL);
	assert_words(*state, "a \t  \t b", "a", "b", NULL);
}

static void blanks_around_the_line_are_skipped(void **state)
{
	assert_words(*state, "  \t a b \t ", "a", "b", NULL);
}

static void lines_without_words(void **state)
{
	assert_words(*state, "", NULL);
	assert_words(*state, " ", NULL);
	assert_words(*state, "\t \t", NULL);
	assert_words(*state, "\r", NULL);
}

static void carriage_return_at_the_end_is_a_blank(void **state)
{
	assert_words(*state, "phyint eth0\r", "phyint", "eth0", NULL);
	assert_words(*state, "phyint eth0 # text\r", "phyint", "eth0", NULL);
}

static void words_of_one_character(void **state)
{
	assert_words(*state, "a", "a", NULL);
	assert_words(*state, "a b c", "a", "b", "c", NULL);
}

static void word_that_starts_with_a_hash_begins_a_comment(void **state)
{
	assert_words(*state, "# all of it", NULL);
	assert_words(*state, "   # all of it", NULL);
	assert_words(*state, "#", NULL);
	assert_words(*state, "a b # c d", "a", "b", NULL);
	assert_words(*state, "a #b c", "a", NULL);
	assert_words(*state, "a ## b", "a", NULL);
}

static void hash_within_a_word_is_part_of_it(void **state)
{
	assert_words(*state, "a#b c", "a#b", "c", NULL);
	assert_words(*state, "a# b#", "a#", "b#", NULL);
}

static void quotes_and_backslashes_are_plain(void **state)
{
	assert_words(*state, "\"a b\" \\ 'c'", "\"a", "b\"", "\\", "'c'", NULL);
}

static void utf8_is_plain(void **state)
{
	assert_words(*state, "gr\xc3\xbc\xc3\x9f \xff", "gr\xc3\xbc\xc3\x9f", "\xff", NULL);
}

static void more_than_sixteen_words(void **state)
{
	struct bed *bed = *state;
	char line[4000] = "";
	struct words *w;

	for (int i = 0; i < 500; i++)
		sprintf(line + strlen(line), "w%d ", i);
	w = words(bed, line);
	assert_int_equal(w->n, 500);
	for (int i = 0; i < 500; i++) {
		char want[16];

		snprintf(want, sizeof(want), "w%d", i);
		assert_string_equal(words_next(w), want);
	}
	assert_null(words_next(w));
}

static void very_long_word(void **state)
{
	struct bed *bed = *state;
	char line[3000];

	memset(line, 'x', sizeof(line));
	assert_true(split_bytes(bed, line, sizeof(line)));
	assert_int_equal(strlen(words_next(&bed->w)), sizeof(line));
}

static void line_ends_where_it_is_said_to(void **state)
{
	struct bed *bed = *state;

	assert_true(split_bytes(bed, "abc def", 5));
	assert_string_equal(words_next(&bed->w), "abc");
	assert_string_equal(words_next(&bed->w), "d");
	assert_null(words_next(&bed->w));
}

static void next_line_forgets_the_former(void **state)
{
	struct bed *bed = *state;
	struct words *w = words(bed, "a b c");

	words_next(w);
	words_error(w, "wrong");
	words(bed, "d");
	assert_int_equal(w->column, 0);
	assert_string_equal(w->error, "");
	assert_string_equal(words_next(w), "d");
	assert_null(words_next(w));
}

static void line_after_a_refused_one_is_good(void **state)
{
	struct bed *bed = *state;

	assert_false(split(bed, "\001"));
	assert_words(bed, "a b", "a", "b", NULL);
}

/* Control characters */

static void control_character_is_refused_with_its_column(void **state)
{
	struct bed *bed = *state;

	assert_false(split(bed, "ab \002c"));
	assert_error(&bed->w, 4, "control character 0x02");
	assert_null(words_next(&bed->w));
	assert_false(split(bed, "ab c\033"));
	assert_error(&bed->w, 5, "control character 0x1b");
	assert_false(split(bed, "\177"));
	assert_error(&bed->w, 1, "control character 0x7f");
}

static void every_control_character_but_blanks_is_refused(void **state)
{
	struct bed *bed = *state;

	for (int c = 0; c < 256; c++) {
		char line[] = { 'a', c, 'b' };
		bool blank = c == ' ' || c == '\t' || c == '\r';
		bool good = blank || (c > 0x20 && c != 0x7f);

		assert_int_equal(split_bytes(bed, line, 3), good);
		assert_int_equal(bed->w.n, good ? 1 + blank : 0);
		assert_int_equal(bed->w.column, good ? 0 : 2);
	}
}

static void nul_is_a_control_character(void **state)
{
	struct bed *bed = *state;

	assert_false(split_bytes(bed, "a\0b", 3));
	assert_error(&bed->w, 2, "control character 0x00");
}

static void control_characters_in_comments_pass(void **state)
{
	assert_words(*state, "a # \001\002\177", "a", NULL);
}

static void first_error_stays_after_a_control_character(void **state)
{
	struct bed *bed = *state;

	assert_false(split(bed, "a b\001"));
	assert_int_equal(words_error(&bed->w, "something else"), -1);
	assert_error(&bed->w, 4, "control character 0x01");
}

/* Taking words */

static void peek_does_not_take(void **state)
{
	struct words *w = words(*state, "a b");

	assert_string_equal(words_peek(w), "a");
	assert_string_equal(words_peek(w), "a");
	assert_string_equal(words_next(w), "a");
	assert_string_equal(words_peek(w), "b");
	words_next(w);
	assert_null(words_peek(w));
}

static void nothing_follows_the_end(void **state)
{
	struct words *w = words(*state, "a");

	words_next(w);
	for (int i = 0; i < 3; i++) {
		assert_null(words_next(w));
		assert_null(words_peek(w));
		assert_false(words_accept(w, "a"));
	}
}

static void accept_takes_only_what_it_names(void **state)
{
	struct words *w = words(*state, "from eth0");

	assert_false(words_accept(w, "fro"));
	assert_false(words_accept(w, "from2"));
	assert_false(words_accept(w, "eth0"));
	assert_true(words_accept(w, "from"));
	assert_false(words_accept(w, "from"));
	assert_string_equal(words_next(w), "eth0");
	assert_false(words_accept(w, "eth0"));
}

/* Errors */

static void error_stands_at_the_word_taken_last(void **state)
{
	struct words *w = words(*state, "  mroute  form eth0");

	words_next(w);
	words_next(w);
	assert_int_equal(words_error(w, "'%s' is unknown", "form"), -1);
	assert_error(w, 11, "'form' is unknown");
}

static void error_at_the_first_and_the_last_word(void **state)
{
	struct words *w = words(*state, "ab cd ef");

	words_next(w);
	words_error(w, "x");
	assert_int_equal(w->column, 1);
	w = words(*state, "ab cd ef");
	while (words_peek(w))
		words_next(w);
	words_error(w, "x");
	assert_int_equal(w->column, 7);
}

static void error_at_an_accepted_word(void **state)
{
	struct words *w = words(*state, "ab cd");

	words_next(w);
	words_accept(w, "cd");
	words_error(w, "x");
	assert_int_equal(w->column, 4);
}

static void error_at_the_end_stands_behind_the_last_word(void **state)
{
	static const char *const lines[] = { "ab cd", "ab cd  ", "ab cd # text", "ab cd\r" };

	for (unsigned i = 0; i < NELEMS(lines); i++) {
		struct words *w = words(*state, lines[i]);

		while (words_next(w))
			;
		words_error(w, "more is wanted");
		assert_error(w, 6, "more is wanted");
	}
}

static void error_at_the_end_after_several_tries(void **state)
{
	struct words *w = words(*state, "ab cd");

	for (int i = 0; i < 5; i++)
		words_next(w);
	words_error(w, "x");
	assert_int_equal(w->column, 6);
}

static void error_of_an_empty_line_stands_in_column_1(void **state)
{
	struct words *w = words(*state, "   ");

	assert_null(words_next(w));
	words_error(w, "x");
	assert_int_equal(w->column, 1);
}

static void first_error_is_kept(void **state)
{
	struct words *w = words(*state, "ab cd");

	words_next(w);
	words_error(w, "the first");
	words_next(w);
	assert_int_equal(words_error(w, "the second"), -1);
	assert_error(w, 1, "the first");
}

static void long_error_is_cut(void **state)
{
	struct words *w = words(*state, "a");
	char text[400];

	memset(text, 'x', sizeof(text));
	text[399] = '\0';
	words_next(w);
	words_error(w, "'%s' is unknown", text);
	assert_int_equal(strlen(w->error), sizeof(w->error) - 1);
	assert_int_equal(w->column, 1);
}

/* Numbers */

static void warning_is_no_error(void **state)
{
	struct words *w = words(*state, "a b c");

	assert_int_equal(w->warning_column, 0);
	words_next(w);
	words_next(w);
	words_warn(w, "%s is odd", "b");
	words_next(w);
	words_warn(w, "so is this");
	assert_int_equal(w->warning_column, 3);
	assert_string_equal(w->warning, "b is odd");
	assert_int_equal(w->column, 0);
	words_error(w, "no");
	assert_error(w, 5, "no");
	assert_string_equal(w->warning, "b is odd");
	assert_int_equal(words(*state, "d")->warning_column, 0);
	assert_string_equal(w->warning, "");
}

static void number_in_range_is_taken(void **state)
{
	struct words *w = words(*state, "1 255 007 next");
	int64_t n;

	assert_int_equal(words_number(w, "ttl", 1, 255, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(words_number(w, "ttl", 1, 255, &n), 0);
	assert_int_equal(n, 255);
	assert_int_equal(words_number(w, "ttl", 1, 255, &n), 0);
	assert_int_equal(n, 7);
	assert_string_equal(words_next(w), "next");
	assert_int_equal(w->column, 0);
}

static void number_out_of_range_is_refused(void **state)
{
	static const char *const bad[] = { "0", "256", "1000", "99999999999999999999999999" };

	for (unsigned i = 0; i < NELEMS(bad); i++) {
		struct words *w = words(*state, bad[i]);
		char want[100];
		int64_t n = 42;

		assert_int_equal(words_number(w, "ttl", 1, 255, &n), -1);
		snprintf(want, sizeof(want), "ttl wants a number from 1 to 255, not '%s'", bad[i]);
		assert_error(w, 1, want);
		assert_int_equal(n, 42);
	}
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = { "x", "-1", "+1", "1x", "0x1", "1.5", "1-2", "one" };

	for (unsigned i = 0; i < NELEMS(bad); i++) {
		struct words *w = words(*state, bad[i]);
		int64_t n = 42;

		assert_int_equal(words_number(w, "ttl", 0, 255, &n), -1);
		assert_int_equal(w->column, 1);
		assert_int_equal(n, 42);
	}
}

static void missing_number_is_an_error_at_the_end(void **state)
{
	struct words *w = words(*state, "ttl");
	int64_t n = 42;

	words_next(w);
	assert_int_equal(words_number(w, "ttl", 1, 255, &n), -1);
	assert_error(w, 4, "ttl wants a number from 1 to 255");
	assert_int_equal(n, 42);
}

static void number_error_has_the_column_of_the_number(void **state)
{
	struct words *w = words(*state, "ttl 300 more");
	int64_t n;

	words_next(w);
	assert_int_equal(words_number(w, "ttl", 1, 255, &n), -1);
	assert_int_equal(w->column, 5);
}

/* Reads one number from 0 to @max; -1 if it is refused. */
static int64_t number(struct bed *bed, const char *line, int64_t max)
{
	struct words *w = words(bed, line);
	int64_t n;

	return words_number(w, "n", 0, max, &n) ? -1 : n;
}

static void range_may_end_with_one_digit(void **state)
{
	assert_int_equal(number(*state, "0", 0), 0);
	assert_int_equal(number(*state, "1", 0), -1);
	assert_int_equal(number(*state, "00", 0), 0);
	assert_int_equal(number(*state, "1", 1), 1);
	assert_int_equal(number(*state, "2", 1), -1);
	assert_int_equal(number(*state, "9", 9), 9);
	assert_int_equal(number(*state, "10", 9), -1);
	assert_int_equal(number(*state, "10", 10), 10);
	assert_int_equal(number(*state, "11", 10), -1);
}

static void range_may_be_that_of_long(void **state)
{
	char text[40];

	snprintf(text, sizeof(text), "%ld", LONG_MAX);
	assert_true(number(*state, text, LONG_MAX) == LONG_MAX);
	snprintf(text, sizeof(text), "%lu", LONG_MAX + 1ul);
	assert_true(number(*state, text, LONG_MAX) == -1);
	snprintf(text, sizeof(text), "%lu", ULONG_MAX);
	assert_true(number(*state, text, LONG_MAX) == -1);
	snprintf(text, sizeof(text), "%ld9", LONG_MAX);
	assert_true(number(*state, text, LONG_MAX) == -1);
}

/* Interfaces */

/* Reads seconds from 0.1 to 3174.4 as milliseconds; -1 if they are refused. */
static int64_t seconds(struct bed *bed, const char *line)
{
	struct words *w = words(bed, line);
	int64_t ms;

	return words_seconds(w, "response", 100, 3174400, &ms) ? -1 : ms;
}

static void seconds_may_have_decimals(void **state)
{
	assert_int_equal(seconds(*state, "1"), 1000);
	assert_int_equal(seconds(*state, "0.1"), 100);
	assert_int_equal(seconds(*state, "10.25"), 10250);
	assert_int_equal(seconds(*state, "2.005"), 2005);
	assert_int_equal(seconds(*state, "3174.4"), 3174400);
}

static void what_are_no_seconds_is_refused(void **state)
{
	static const char *const bad[] = { "0",
					   "0.099",
					   "3174.401",
					   "3175",
					   "1.",
					   ".5",
					   "1.5s",
					   "1,5",
					   "1.0005",
					   "-1",
					   "1.2.3",
					   "x",
					   "99999999999999999999999999" };
	struct words *w;
	int64_t ms = 42;

	for (unsigned i = 0; i < NELEMS(bad); i++)
		assert_int_equal(seconds(*state, bad[i]), -1);
	w = words(*state, "1.x");
	assert_int_equal(words_seconds(w, "response", 100, 3174400, &ms), -1);
	assert_error(w, 1, "response wants seconds from 0.1 to 3174.4, not '1.x'");
	w = words(*state, "");
	assert_int_equal(words_seconds(w, "response", 100, 3174400, &ms), -1);
	assert_error(w, 1, "response wants seconds from 0.1 to 3174.4");
	assert_int_equal(ms, 42);
}

static void ifname_is_taken(void **state)
{
	struct words *w = words(*state, "eth0 a 123456789012345 br-lan.5@x +a next");

	assert_string_equal(words_ifname(w), "eth0");
	assert_string_equal(words_ifname(w), "a");
	assert_string_equal(words_ifname(w), "123456789012345");
	assert_string_equal(words_ifname(w), "br-lan.5@x");
	assert_string_equal(words_ifname(w), "+a");
	assert_string_equal(words_next(w), "next");
	assert_int_equal(w->column, 0);
}

static void what_cannot_be_an_ifname_is_refused(void **state)
{
	static const char *const bad[] = { "1234567890123456", "eth/0", "/", ".", ".." };

	for (unsigned i = 0; i < NELEMS(bad); i++) {
		struct words *w = words(*state, bad[i]);
		char want[100];

		assert_null(words_ifname(w));
		snprintf(want, sizeof(want), "'%s' cannot be the name of an interface", bad[i]);
		assert_error(w, 1, want);
	}
}

static void a_pattern_is_an_ifname(void **state)
{
	struct words *w = words(*state, "eth+ tun* +");

	assert_string_equal(words_ifname(w), "eth+");
	assert_string_equal(words_ifname(w), "tun*");
	assert_string_equal(words_ifname(w), "+");
}

static void the_label_of_an_address_is_left_off(void **state)
{
	struct words *w = words(*state, "eth0:1 br-lan.5@x: :1");

	assert_string_equal(words_ifname(w), "eth0");
	assert_string_equal(words_ifname(w), "br-lan.5@x");
	assert_null(words_ifname(w));
	assert_error(w, 20, "'' cannot be the name of an interface");
}

static void patterns_match_what_begins_like_them(void **state)
{
	(void)state;
	assert_true(ifname_is_pattern("eth+") && ifname_is_pattern("eth*"));
	assert_true(ifname_is_pattern("+"));
	assert_false(ifname_is_pattern("eth0") || ifname_is_pattern("+0") || ifname_is_pattern(""));
	assert_true(ifname_matches("eth+", "eth0") && ifname_matches("eth*", "eth"));
	assert_true(ifname_matches("+", "anything") && ifname_matches("eth0", "eth0"));
	assert_false(ifname_matches("eth+", "et") || ifname_matches("eth+", "veth0"));
	assert_false(ifname_matches("eth0", "eth01") || ifname_matches("eth01", "eth0"));
}

static void dots_are_good_within_an_ifname(void **state)
{
	struct words *w = words(*state, "... .a a.");

	assert_string_equal(words_ifname(w), "...");
	assert_string_equal(words_ifname(w), ".a");
	assert_string_equal(words_ifname(w), "a.");
}

static void missing_ifname_is_an_error_at_the_end(void **state)
{
	struct words *w = words(*state, "from ");

	words_next(w);
	assert_null(words_ifname(w));
	assert_error(w, 5, "the name of an interface is missing");
}

/* The end */

static void end_is_good_when_nothing_is_left(void **state)
{
	struct words *w = words(*state, "a # b");

	words_next(w);
	assert_int_equal(words_end(w), 0);
	assert_int_equal(w->column, 0);
	assert_int_equal(words_end(words(*state, "")), 0);
}

static void end_refuses_what_is_left(void **state)
{
	struct words *w = words(*state, "reload now or later");

	words_next(w);
	assert_int_equal(words_end(w), -1);
	assert_error(w, 8, "'now' is too much");
}

static void free_leaves_words_that_can_be_used(void **state)
{
	struct bed *bed = *state;

	words(bed, "a b");
	words_free(&bed->w);
	assert_null(words_peek(&bed->w));
	assert_words(bed, "c", "c", NULL);
}

#define fact(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fact(blanks_separate_words),
		fact(blanks_around_the_line_are_skipped),
		fact(lines_without_words),
		fact(carriage_return_at_the_end_is_a_blank),
		fact(words_of_one_character),
		fact(word_that_starts_with_a_hash_begins_a_comment),
		fact(hash_within_a_word_is_part_of_it),
		fact(quotes_and_backslashes_are_plain),
		fact(utf8_is_plain),
		fact(more_than_sixteen_words),
		fact(very_long_word),
		fact(line_ends_where_it_is_said_to),
		fact(next_line_forgets_the_former),
		fact(line_after_a_refused_one_is_good),
		fact(control_character_is_refused_with_its_column),
		fact(every_control_character_but_blanks_is_refused),
		fact(nul_is_a_control_character),
		fact(control_characters_in_comments_pass),
		fact(first_error_stays_after_a_control_character),
		fact(peek_does_not_take),
		fact(nothing_follows_the_end),
		fact(accept_takes_only_what_it_names),
		fact(error_stands_at_the_word_taken_last),
		fact(error_at_the_first_and_the_last_word),
		fact(error_at_an_accepted_word),
		fact(error_at_the_end_stands_behind_the_last_word),
		fact(error_at_the_end_after_several_tries),
		fact(error_of_an_empty_line_stands_in_column_1),
		fact(first_error_is_kept),
		fact(long_error_is_cut),
		fact(warning_is_no_error),
		fact(number_in_range_is_taken),
		fact(number_out_of_range_is_refused),
		fact(what_is_no_number_is_refused),
		fact(missing_number_is_an_error_at_the_end),
		fact(number_error_has_the_column_of_the_number),
		fact(range_may_end_with_one_digit),
		fact(range_may_be_that_of_long),
		fact(seconds_may_have_decimals),
		fact(what_are_no_seconds_is_refused),
		fact(ifname_is_taken),
		fact(what_cannot_be_an_ifname_is_refused),
		fact(a_pattern_is_an_ifname),
		fact(the_label_of_an_address_is_left_off),
		fact(patterns_match_what_begins_like_them),
		fact(dots_are_good_within_an_ifname),
		fact(missing_ifname_is_an_error_at_the_end),
		fact(end_is_good_when_nothing_is_left),
		fact(end_refuses_what_is_left),
		fact(free_leaves_words_that_can_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
