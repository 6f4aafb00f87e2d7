/* log_test.c - the log: levels and how they are named, areas, limits */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/log.h"

/* A log that keeps its last line and counts. */
struct bed {
	struct log log;
	struct clock clock;
	struct log_limit limit;
	unsigned n;
	enum log_level level;
	char line[1024], before[1024];
};

static void keep(struct log *log, enum log_level level, const char *line)
{
	struct bed *bed = container_of(log, struct bed, log);

	bed->n++;
	bed->level = level;
	memcpy(bed->before, bed->line, sizeof(bed->before));
	snprintf(bed->line, sizeof(bed->line), "%s", line);
}

static int setup(void **state)
{
	struct bed *bed = xcalloc(1, sizeof(*bed));

	log_init(&bed->log, LEVEL_NOTICE, keep);
	clock_init(&bed->clock, 123456);
	*state = bed;
	return 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;

	log_free(&bed->log);
	clock_free(&bed->clock);
	free(bed);
	return 0;
}

static enum log_level parsed(const char *text)
{
	enum log_level level = LEVEL_DEBUG + 1;

	if (!log_level_parse(text, &level))
		fail_msg("'%s' is no level", text);
	return level;
}

static void assert_no_level(const char *text)
{
	enum log_level level = LEVEL_INFO;

	if (log_level_parse(text, &level))
		fail_msg("'%s' was read as %s", text, log_level_name(level));
	assert_int_equal(level, LEVEL_INFO);
}

/* Names of levels */

static void level_by_its_name(void **state)
{
	(void)state;
	assert_int_equal(parsed("none"), LEVEL_NONE);
	assert_int_equal(parsed("err"), LEVEL_ERR);
	assert_int_equal(parsed("warning"), LEVEL_WARNING);
	assert_int_equal(parsed("notice"), LEVEL_NOTICE);
	assert_int_equal(parsed("info"), LEVEL_INFO);
	assert_int_equal(parsed("debug"), LEVEL_DEBUG);
}

static void level_by_the_start_of_its_name(void **state)
{
	(void)state;
	assert_int_equal(parsed("e"), LEVEL_ERR);
	assert_int_equal(parsed("warn"), LEVEL_WARNING);
	assert_int_equal(parsed("not"), LEVEL_NOTICE);
	assert_int_equal(parsed("in"), LEVEL_INFO);
	assert_int_equal(parsed("deb"), LEVEL_DEBUG);
}

static void ambiguous_start_is_the_first_that_fits(void **state)
{
	(void)state;
	assert_int_equal(parsed("n"), LEVEL_NONE);
	assert_int_equal(parsed("no"), LEVEL_NONE);
}

static void level_by_the_number_of_syslog(void **state)
{
	(void)state;
	assert_int_equal(parsed("0"), LEVEL_NONE);
	assert_int_equal(parsed("2"), LEVEL_NONE);
	assert_int_equal(parsed("3"), LEVEL_ERR);
	assert_int_equal(parsed("4"), LEVEL_WARNING);
	assert_int_equal(parsed("5"), LEVEL_NOTICE);
	assert_int_equal(parsed("6"), LEVEL_INFO);
	assert_int_equal(parsed("7"), LEVEL_DEBUG);
}

static void what_is_no_level_is_refused(void **state)
{
	(void)state;
	assert_no_level("");
	assert_no_level("8");
	assert_no_level("-1");
	assert_no_level("07");
	assert_no_level("77");
	assert_no_level("x");
	assert_no_level("debugging");
	assert_no_level("err ");
	assert_no_level("noticed");
}

static void names_of_levels_are_read_back(void **state)
{
	(void)state;
	for (int level = LEVEL_NONE; level <= LEVEL_DEBUG; level++)
		assert_int_equal(parsed(log_level_name(level)), level);
}

/* Areas */

static void area_is_made_once(void **state)
{
	struct bed *bed = *state;
	struct log_area *pim = log_area(&bed->log, "pim"), *gm = log_area(&bed->log, "gm");

	assert_ptr_not_equal(pim, gm);
	assert_ptr_equal(log_area(&bed->log, "pim"), pim);
	assert_ptr_equal(log_area(&bed->log, "gm"), gm);
	assert_string_equal(pim->name, "pim");
}

static void start_of_a_name_is_another_area(void **state)
{
	struct bed *bed = *state;

	assert_ptr_not_equal(log_area(&bed->log, "down_rpt"), log_area(&bed->log, "down"));
	assert_ptr_not_equal(log_area(&bed->log, "fifteen_letters"),
			     log_area(&bed->log, "fifteen_letterz"));
}

static void area_of_a_long_name_is_made_once(void **state)
{
	struct bed *bed = *state;
	struct log_area *area = log_area(&bed->log, "register_receiver");

	assert_string_equal(area->name, "register_receiv");
	assert_ptr_equal(log_area(&bed->log, "register_receiver"), area);
	assert_true(log_set_level(&bed->log, "register_receiver", LEVEL_DEBUG));
	assert_int_equal(area->level, LEVEL_DEBUG);
}

static void area_starts_at_the_level_of_the_log(void **state)
{
	struct bed *bed = *state;

	assert_int_equal(log_area(&bed->log, "pim")->level, LEVEL_NOTICE);
}

static void one_area_is_turned_up_alone(void **state)
{
	struct bed *bed = *state;
	struct log_area *pim = log_area(&bed->log, "pim"), *gm = log_area(&bed->log, "gm");

	assert_true(log_set_level(&bed->log, "pim", LEVEL_DEBUG));
	log_debug(gm, "quiet");
	assert_int_equal(bed->n, 0);
	log_debug(pim, "loud");
	assert_int_equal(bed->n, 1);
	assert_int_equal(log_area(&bed->log, "later")->level, LEVEL_NOTICE);
}

static void areas_within_one_are_turned_with_it(void **state)
{
	struct bed *bed = *state;
	struct log_area *outer = log_area(&bed->log, "pim"), *other = log_area(&bed->log, "pimx");
	struct log_area *inner = log_area(&bed->log, "pim-assert");

	assert_true(log_set_level(&bed->log, "pim-assert", LEVEL_DEBUG));
	assert_int_equal(outer->level, LEVEL_NOTICE);
	assert_true(log_set_level(&bed->log, "pim", LEVEL_ERR));
	assert_int_equal(outer->level, LEVEL_ERR);
	assert_int_equal(inner->level, LEVEL_ERR);
	assert_int_equal(other->level, LEVEL_NOTICE);
	assert_int_equal(log_area(&bed->log, "pim-rp")->level, LEVEL_ERR);
}

static void unknown_area_is_refused(void **state)
{
	struct bed *bed = *state;

	log_area(&bed->log, "pim");
	assert_false(log_set_level(&bed->log, "pi", LEVEL_DEBUG));
	assert_false(log_set_level(&bed->log, "", LEVEL_DEBUG));
	assert_int_equal(log_area(&bed->log, "pim")->level, LEVEL_NOTICE);
}

static void all_areas_are_set_and_those_to_come(void **state)
{
	struct bed *bed = *state;
	struct log_area *pim = log_area(&bed->log, "pim"), *gm = log_area(&bed->log, "gm");

	assert_true(log_set_level(&bed->log, NULL, LEVEL_ERR));
	assert_int_equal(pim->level, LEVEL_ERR);
	assert_int_equal(gm->level, LEVEL_ERR);
	assert_int_equal(log_area(&bed->log, "later")->level, LEVEL_ERR);
}

/* Lines */

static void line_is_formatted_and_has_its_level(void **state)
{
	struct bed *bed = *state;

	log_warning(log_area(&bed->log, "pim"), "%s: %d", "eth0", 42);
	assert_string_equal(bed->line, "eth0: 42");
	assert_int_equal(bed->level, LEVEL_WARNING);
}

static void each_level_writes_itself_and_those_above(void **state)
{
	struct bed *bed = *state;
	struct log_area *area = log_area(&bed->log, "pim");

	for (int level = LEVEL_NONE; level <= LEVEL_DEBUG; level++) {
		bed->n = 0;
		area->level = level;
		log_err(area, "1");
		log_warning(area, "2");
		log_notice(area, "3");
		log_info(area, "4");
		log_debug(area, "5");
		assert_int_equal(bed->n, level);
	}
}

static void shorthands_have_their_level(void **state)
{
	struct bed *bed = *state;
	struct log_area *area = log_area(&bed->log, "pim");

	area->level = LEVEL_DEBUG;
	log_err(area, "x");
	assert_int_equal(bed->level, LEVEL_ERR);
	log_notice(area, "x");
	assert_int_equal(bed->level, LEVEL_NOTICE);
	log_info(area, "x");
	assert_int_equal(bed->level, LEVEL_INFO);
	log_debug(area, "x");
	assert_int_equal(bed->level, LEVEL_DEBUG);
}

static int evaluated(int *count)
{
	return ++*count;
}

static void arguments_of_unwritten_lines_are_not_evaluated(void **state)
{
	struct bed *bed = *state;
	struct log_area *area = log_area(&bed->log, "pim");
	int count = 0;

	log_debug(area, "%d", evaluated(&count));
	log_limited(area, &bed->limit, &bed->clock, LEVEL_DEBUG, "%d", evaluated(&count));
	assert_int_equal(count, 0);
	log_notice(area, "%d", evaluated(&count));
	assert_int_equal(count, 1);
}

static void too_long_a_line_is_cut(void **state)
{
	struct bed *bed = *state;
	char text[800];

	memset(text, 'x', sizeof(text));
	text[799] = '\0';
	log_err(log_area(&bed->log, "pim"), "%s", text);
	assert_in_range(strlen(bed->line), 400, 798);
}

/* Limits */

static void say(struct bed *bed, unsigned times)
{
	struct log_area *area = log_area(&bed->log, "pim");

	for (unsigned i = 0; i < times; i++)
		log_limited(area, &bed->limit, &bed->clock, LEVEL_WARNING, "eth0: again");
}

static void burst_is_written_and_no_more(void **state)
{
	struct bed *bed = *state;

	say(bed, LOG_BURST);
	assert_int_equal(bed->n, LOG_BURST);
	say(bed, 1);
	assert_int_equal(bed->n, LOG_BURST);
	assert_string_equal(bed->line, "eth0: again");
	assert_int_equal(bed->level, LEVEL_WARNING);
}

static void limit_holds_to_the_end_of_the_window(void **state)
{
	struct bed *bed = *state;

	say(bed, LOG_BURST);
	clock_advance(&bed->clock, bed->clock.now + LOG_WINDOW - 1);
	say(bed, 1);
	assert_int_equal(bed->n, LOG_BURST);
}

static void what_was_left_out_is_told_after_the_window(void **state)
{
	struct bed *bed = *state;

	say(bed, LOG_BURST + 7);
	clock_advance(&bed->clock, bed->clock.now + LOG_WINDOW);
	say(bed, 1);
	assert_int_equal(bed->n, LOG_BURST + 2);
	assert_string_equal(bed->before, "pim: 7 more lines like the last were left out");
	assert_string_equal(bed->line, "eth0: again");
}

static void nothing_is_told_if_nothing_was_left_out(void **state)
{
	struct bed *bed = *state;

	say(bed, LOG_BURST);
	clock_advance(&bed->clock, bed->clock.now + LOG_WINDOW);
	say(bed, 1);
	assert_int_equal(bed->n, LOG_BURST + 1);
}

static void every_window_has_a_burst_of_its_own(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < 3; i++) {
		bed->n = 0;
		say(bed, LOG_BURST);
		assert_int_equal(bed->n, LOG_BURST);
		clock_advance(&bed->clock, bed->clock.now + LOG_WINDOW);
	}
}

static void left_out_lines_are_told_once(void **state)
{
	struct bed *bed = *state;

	say(bed, LOG_BURST + 7);
	clock_advance(&bed->clock, bed->clock.now + LOG_WINDOW);
	say(bed, 1);
	clock_advance(&bed->clock, bed->clock.now + LOG_WINDOW);
	bed->n = 0;
	say(bed, 1);
	assert_int_equal(bed->n, 1);
}

static void limits_are_independent(void **state)
{
	struct bed *bed = *state;
	struct log_limit other = { 0 };

	say(bed, LOG_BURST + 1);
	log_limited(log_area(&bed->log, "pim"), &other, &bed->clock, LEVEL_WARNING, "eth1: other");
	assert_string_equal(bed->line, "eth1: other");
}

static void limit_works_from_time_0(void **state)
{
	struct bed *bed = *state;

	clock_init(&bed->clock, 0);
	say(bed, LOG_BURST + 3);
	assert_int_equal(bed->n, LOG_BURST);
	clock_advance(&bed->clock, LOG_WINDOW);
	say(bed, 1);
	assert_string_equal(bed->before, "pim: 3 more lines like the last were left out");
}

static void lines_below_the_level_do_not_count(void **state)
{
	struct bed *bed = *state;
	struct log_area *area = log_area(&bed->log, "pim");

	for (int i = 0; i < 2 * LOG_BURST; i++)
		log_limited(area, &bed->limit, &bed->clock, LEVEL_DEBUG, "eth0: quiet");
	say(bed, 1);
	assert_int_equal(bed->n, 1);
}

static void what_was_left_out_is_not_told_below_warning(void **state)
{
	struct bed *bed = *state;
	struct log_area *area = log_area(&bed->log, "pim");

	area->level = LEVEL_ERR;
	for (int i = 0; i < 2 * LOG_BURST; i++)
		log_limited(area, &bed->limit, &bed->clock, LEVEL_ERR, "eth0: broken");
	clock_advance(&bed->clock, bed->clock.now + LOG_WINDOW);
	log_limited(area, &bed->limit, &bed->clock, LEVEL_ERR, "eth0: broken");
	assert_int_equal(bed->n, LOG_BURST + 1);
	assert_int_equal(bed->level, LEVEL_ERR);
}

#define fact(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fact(level_by_its_name),
		fact(level_by_the_start_of_its_name),
		fact(ambiguous_start_is_the_first_that_fits),
		fact(level_by_the_number_of_syslog),
		fact(what_is_no_level_is_refused),
		fact(names_of_levels_are_read_back),
		fact(area_is_made_once),
		fact(start_of_a_name_is_another_area),
		fact(area_of_a_long_name_is_made_once),
		fact(area_starts_at_the_level_of_the_log),
		fact(one_area_is_turned_up_alone),
		fact(areas_within_one_are_turned_with_it),
		fact(unknown_area_is_refused),
		fact(all_areas_are_set_and_those_to_come),
		fact(line_is_formatted_and_has_its_level),
		fact(each_level_writes_itself_and_those_above),
		fact(shorthands_have_their_level),
		fact(arguments_of_unwritten_lines_are_not_evaluated),
		fact(too_long_a_line_is_cut),
		fact(burst_is_written_and_no_more),
		fact(limit_holds_to_the_end_of_the_window),
		fact(what_was_left_out_is_told_after_the_window),
		fact(nothing_is_told_if_nothing_was_left_out),
		fact(every_window_has_a_burst_of_its_own),
		fact(left_out_lines_are_told_once),
		fact(limits_are_independent),
		fact(limit_works_from_time_0),
		fact(lines_below_the_level_do_not_count),
		fact(what_was_left_out_is_not_told_below_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
