/* clock_test.c - time and timers: order, ties, what callbacks may do, a naive model */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/rng.h"

#define MAXTIMERS 8
#define MAXFIRED 32

/* Timers that note who fired and when, and then do what they were told. */
struct bed;

struct probe {
	struct timer timer;
	struct bed *bed;
	char letter;
	void (*then)(struct probe *);
};

struct bed {
	struct clock clock;
	struct probe t[MAXTIMERS];
	unsigned nfired;
	char fired[MAXFIRED];
	int64_t at[MAXFIRED];
};

static void note(struct timer *timer)
{
	struct probe *p = container_of(timer, struct probe, timer);
	struct bed *bed = p->bed;

	assert_false(timer_is_running(timer));
	assert_true(bed->nfired < MAXFIRED - 1);
	bed->at[bed->nfired] = bed->clock.now;
	bed->fired[bed->nfired++] = p->letter;
	if (p->then)
		p->then(p);
}

static int setup(void **state)
{
	struct bed *bed = xcalloc(1, sizeof(*bed));

	clock_init(&bed->clock, 1000);
	for (int i = 0; i < MAXTIMERS; i++) {
		bed->t[i] = (struct probe){ .bed = bed, .letter = 'a' + i };
		timer_init(&bed->t[i].timer, note);
	}
	*state = bed;
	return 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < MAXTIMERS; i++)
		timer_stop(&bed->clock, &bed->t[i].timer);
	clock_free(&bed->clock);
	free(bed);
	return 0;
}

static void start(struct bed *bed, char letter, int64_t ms)
{
	timer_start(&bed->clock, &bed->t[letter - 'a'].timer, ms);
}

static void stop(struct bed *bed, char letter)
{
	timer_stop(&bed->clock, &bed->t[letter - 'a'].timer);
}

static int64_t left(struct bed *bed, char letter)
{
	return timer_left(&bed->clock, &bed->t[letter - 'a'].timer);
}

static bool running(struct bed *bed, char letter)
{
	return timer_is_running(&bed->t[letter - 'a'].timer);
}

static void extend(struct bed *bed, char letter, int64_t ms)
{
	timer_extend(&bed->clock, &bed->t[letter - 'a'].timer, ms);
}

/* Runs the clock to its end and says who fired. */
static const char *fired_by(struct bed *bed, int64_t now)
{
	clock_advance(&bed->clock, now);
	bed->fired[bed->nfired] = '\0';
	return bed->fired;
}

/* The clock */

static void starts_at_the_time_given(void **state)
{
	struct bed *bed = *state;

	assert_int_equal(bed->clock.now, 1000);
}

static void nothing_is_due_when_no_timer_runs(void **state)
{
	struct bed *bed = *state;

	assert_true(clock_next(&bed->clock) == CLOCK_NEVER);
	start(bed, 'a', 1);
	stop(bed, 'a');
	assert_true(clock_next(&bed->clock) == CLOCK_NEVER);
}

static void next_is_the_earliest(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 30);
	start(bed, 'b', 10);
	start(bed, 'c', 20);
	assert_int_equal(clock_next(&bed->clock), 1010);
	stop(bed, 'b');
	assert_int_equal(clock_next(&bed->clock), 1020);
}

static void advance_without_timers_moves_the_time(void **state)
{
	struct bed *bed = *state;

	clock_advance(&bed->clock, 5000);
	assert_int_equal(bed->clock.now, 5000);
}

static void advance_to_the_end_of_time_ends(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 10);
	assert_string_equal(fired_by(bed, CLOCK_NEVER), "a");
	assert_true(bed->clock.now == CLOCK_NEVER);
}

static void time_never_runs_backwards(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 0);
	assert_string_equal(fired_by(bed, 999), "");
	assert_int_equal(bed->clock.now, 1000);
	assert_string_equal(fired_by(bed, 1000), "a");
	assert_int_equal(bed->clock.now, 1000);
}

/* A timer */

static void fires_once_when_it_is_due(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 50);
	assert_string_equal(fired_by(bed, 1049), "");
	assert_string_equal(fired_by(bed, 1050), "a");
	assert_string_equal(fired_by(bed, 9000), "a");
	assert_false(running(bed, 'a'));
}

static void fires_at_a_now_of_its_due_time(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 50);
	start(bed, 'b', 70);
	assert_string_equal(fired_by(bed, 2000), "ab");
	assert_int_equal(bed->at[0], 1050);
	assert_int_equal(bed->at[1], 1070);
	assert_int_equal(bed->clock.now, 2000);
}

static void start_of_0_fires_at_once_not_within_start(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 0);
	assert_int_equal(bed->nfired, 0);
	assert_string_equal(fired_by(bed, 1000), "a");
}

static void negative_time_is_now(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', -500);
	assert_int_equal(clock_next(&bed->clock), 1000);
	assert_string_equal(fired_by(bed, 1000), "a");
	assert_int_equal(bed->at[0], 1000);
}

static void start_again_replaces_the_time(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 10);
	start(bed, 'a', 100);
	assert_string_equal(fired_by(bed, 1099), "");
	start(bed, 'a', 10);
	start(bed, 'a', 1);
	assert_string_equal(fired_by(bed, 1100), "a");
	assert_string_equal(fired_by(bed, 9000), "a");
}

static void stopped_timer_does_not_fire(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 10);
	start(bed, 'b', 10);
	stop(bed, 'a');
	assert_false(running(bed, 'a'));
	assert_string_equal(fired_by(bed, 9000), "b");
}

static void stop_of_what_does_not_run_is_harmless(void **state)
{
	struct bed *bed = *state;

	stop(bed, 'a');
	start(bed, 'b', 10);
	stop(bed, 'a');
	assert_string_equal(fired_by(bed, 2000), "b");
	stop(bed, 'b');
	stop(bed, 'b');
}

static void left_counts_down_to_0(void **state)
{
	struct bed *bed = *state;

	assert_int_equal(left(bed, 'a'), 0);
	start(bed, 'a', 100);
	assert_int_equal(left(bed, 'a'), 100);
	clock_advance(&bed->clock, 1060);
	assert_int_equal(left(bed, 'a'), 40);
	clock_advance(&bed->clock, 1100);
	assert_int_equal(left(bed, 'a'), 0);
}

static void left_is_0_when_stopped(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 100);
	stop(bed, 'a');
	assert_int_equal(left(bed, 'a'), 0);
}

/* Extending */

static void extend_starts_what_does_not_run(void **state)
{
	struct bed *bed = *state;

	extend(bed, 'a', 40);
	assert_int_equal(left(bed, 'a'), 40);
}

static void extend_moves_out(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 40);
	extend(bed, 'a', 41);
	assert_int_equal(left(bed, 'a'), 41);
}

static void extend_never_moves_nearer(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 40);
	extend(bed, 'a', 39);
	assert_int_equal(left(bed, 'a'), 40);
	extend(bed, 'a', 0);
	extend(bed, 'a', -1);
	assert_int_equal(left(bed, 'a'), 40);
}

static void extend_to_the_same_time_keeps_the_turn(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 40);
	start(bed, 'b', 40);
	extend(bed, 'a', 40);
	assert_string_equal(fired_by(bed, 2000), "ab");
}

/* Order */

static void fire_in_order_of_time(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 50);
	start(bed, 'b', 20);
	start(bed, 'c', 40);
	start(bed, 'd', 10);
	start(bed, 'e', 30);
	assert_string_equal(fired_by(bed, 2000), "dbeca");
}

static void ties_fire_in_start_order(void **state)
{
	struct bed *bed = *state;

	for (const char *p = "dbhafceg"; *p; p++)
		start(bed, *p, 10);
	assert_string_equal(fired_by(bed, 2000), "dbhafceg");
}

static void some_fire_now_and_the_others_later(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 10);
	start(bed, 'b', 20);
	start(bed, 'c', 30);
	start(bed, 'd', 600);
	assert_true(clock_work(&bed->clock, 1500, 2));
	assert_int_equal(bed->nfired, 2);
	assert_int_equal(bed->clock.now, 1500);
	assert_int_equal(clock_next(&bed->clock), 1030);
	assert_false(clock_work(&bed->clock, 1500, 2));
	assert_int_equal(bed->at[2], 1500);
	assert_string_equal(fired_by(bed, 2000), "abcd");
}

static void ties_of_different_starts_fire_in_start_order(void **state)
{
	struct bed *bed = *state;

	start(bed, 'c', 100);
	clock_advance(&bed->clock, 1050);
	start(bed, 'a', 50);
	clock_advance(&bed->clock, 1090);
	start(bed, 'b', 10);
	assert_string_equal(fired_by(bed, 1100), "cab");
}

static void restart_goes_to_the_end_of_the_tie(void **state)
{
	struct bed *bed = *state;

	start(bed, 'a', 10);
	start(bed, 'b', 10);
	start(bed, 'c', 10);
	start(bed, 'a', 10);
	assert_string_equal(fired_by(bed, 2000), "bca");
}

static void stop_of_one_keeps_the_order_of_a_tie(void **state)
{
	struct bed *bed = *state;

	for (const char *p = "abcdefgh"; *p; p++)
		start(bed, *p, 10);
	stop(bed, 'a');
	stop(bed, 'd');
	stop(bed, 'h');
	assert_string_equal(fired_by(bed, 2000), "bcefg");
}

/* What a callback may do */

static void again(struct probe *p)
{
	if (p->bed->nfired < 5)
		start(p->bed, p->letter, 10);
}

static void callback_restarts_itself(void **state)
{
	struct bed *bed = *state;

	bed->t[0].then = again;
	start(bed, 'a', 10);
	assert_string_equal(fired_by(bed, 1035), "aaa");
	assert_int_equal(bed->at[2], 1030);
	assert_int_equal(left(bed, 'a'), 5);
	assert_string_equal(fired_by(bed, 9000), "aaaaa");
}

static void again_at_once(struct probe *p)
{
	if (p->bed->nfired < 4)
		start(p->bed, p->letter, 0);
}

static void restart_of_0_fires_in_the_same_turn_after_the_tie(void **state)
{
	struct bed *bed = *state;

	bed->t[0].then = again_at_once;
	start(bed, 'a', 10);
	start(bed, 'b', 10);
	assert_string_equal(fired_by(bed, 1010), "abaa");
	assert_int_equal(bed->at[3], 1010);
}

static void stop_b(struct probe *p)
{
	stop(p->bed, 'b');
}

static void callback_stops_one_that_is_due(void **state)
{
	struct bed *bed = *state;

	bed->t[0].then = stop_b;
	start(bed, 'a', 10);
	start(bed, 'b', 10);
	start(bed, 'c', 10);
	assert_string_equal(fired_by(bed, 2000), "ac");
}

static void callback_stops_itself(void **state)
{
	struct bed *bed = *state;

	bed->t[1].then = stop_b;
	start(bed, 'b', 10);
	start(bed, 'c', 20);
	assert_string_equal(fired_by(bed, 2000), "bc");
}

static void start_b_nearer(struct probe *p)
{
	start(p->bed, 'b', 5);
}

static void callback_moves_another_nearer(void **state)
{
	struct bed *bed = *state;

	bed->t[0].then = start_b_nearer;
	start(bed, 'a', 10);
	start(bed, 'b', 500);
	start(bed, 'c', 20);
	assert_string_equal(fired_by(bed, 1030), "abc");
	assert_int_equal(bed->at[1], 1015);
}

static void start_b_later(struct probe *p)
{
	extend(p->bed, 'b', 100);
}

static void callback_moves_one_that_is_due_out(void **state)
{
	struct bed *bed = *state;

	bed->t[0].then = start_b_later;
	start(bed, 'a', 10);
	start(bed, 'b', 10);
	assert_string_equal(fired_by(bed, 1109), "a");
	assert_string_equal(fired_by(bed, 1110), "ab");
}

static void time_in_a_callback_counts_from_its_due_time(void **state)
{
	struct bed *bed = *state;

	bed->t[0].then = start_b_nearer;
	start(bed, 'a', 10);
	assert_string_equal(fired_by(bed, 5000), "ab"); /* much too late */
	assert_int_equal(bed->at[1], 1015);
}

struct gone {
	struct timer timer;
	bool *seen;
};

static void free_self(struct timer *timer)
{
	struct gone *g = container_of(timer, struct gone, timer);

	*g->seen = true;
	free(g);
}

static void callback_frees_its_object(void **state)
{
	struct bed *bed = *state;
	struct gone *g = xcalloc(1, sizeof(*g));
	bool seen = false;

	g->seen = &seen;
	timer_init(&g->timer, free_self);
	timer_start(&bed->clock, &g->timer, 10);
	start(bed, 'a', 10);
	assert_string_equal(fired_by(bed, 2000), "a");
	assert_true(seen);
}

/* Thousands against a model that looks at each of them */

#define MANY 10000

struct model {
	struct timer timer;
	int64_t due;
	uint64_t order;
	bool running;
};

static struct model many[MANY];
static struct model *expected[MANY]; /* those that are due, in the order of their turns */
static unsigned nexpected, next_expected;

static void fire_expected(struct timer *timer)
{
	struct model *m = container_of(timer, struct model, timer);

	assert_true(next_expected < nexpected);
	assert_ptr_equal(m, expected[next_expected]);
	next_expected++;
	m->running = false;
}

static int by_due_then_order(const void *a, const void *b)
{
	const struct model *x = *(struct model *const *)a, *y = *(struct model *const *)b;

	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void model_start(struct model *m, int64_t due)
{
	static uint64_t order;

	m->due = due;
	m->order = ++order;
	m->running = true;
}

/* Starts, stops or extends one of them, and the model alike. */
static void do_something(struct clock *clock, struct rng *rng)
{
	struct model *m = &many[rng_below(rng, MANY)];
	int64_t ms = rng_below(rng, 2000);

	switch (rng_below(rng, 4)) {
	case 0:
		timer_stop(clock, &m->timer);
		m->running = false;
		break;
	case 1:
		timer_extend(clock, &m->timer, ms);
		if (!m->running || m->due < clock->now + ms)
			model_start(m, clock->now + ms);
		break;
	default:
		timer_start(clock, &m->timer, ms);
		model_start(m, clock->now + ms);
		break;
	}
}

static void expect_what_is_due(const struct clock *clock, int64_t until)
{
	nexpected = next_expected = 0;
	for (int i = 0; i < MANY; i++) {
		struct model *m = &many[i];

		assert_int_equal(timer_is_running(&m->timer), m->running);
		assert_true(timer_left(clock, &m->timer) == (m->running ? m->due - clock->now : 0));
		if (m->running && m->due <= until)
			expected[nexpected++] = m;
	}
	qsort(expected, nexpected, sizeof(expected[0]), by_due_then_order);
}

static void ten_thousand_random_timers(void **state)
{
	struct rng rng = { 11 };
	struct clock clock;
	unsigned fired = 0;

	(void)state;
	clock_init(&clock, 0);
	for (int i = 0; i < MANY; i++) {
		many[i] = (struct model){ 0 };
		timer_init(&many[i].timer, fire_expected);
	}
	for (int round = 0; round < 30; round++) {
		int64_t until = clock.now + rng_below(&rng, 1000);

		for (int i = 0; i < MANY / 2; i++)
			do_something(&clock, &rng);
		expect_what_is_due(&clock, until);
		clock_advance(&clock, until);
		assert_int_equal(next_expected, nexpected);
		assert_true(clock.now == until);
		fired += nexpected;
	}
	assert_true(fired > MANY);
	for (int i = 0; i < MANY; i++)
		timer_stop(&clock, &many[i].timer);
	assert_true(clock_next(&clock) == CLOCK_NEVER);
	clock_free(&clock);
}

#define fact(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fact(starts_at_the_time_given),
		fact(nothing_is_due_when_no_timer_runs),
		fact(next_is_the_earliest),
		fact(advance_without_timers_moves_the_time),
		fact(advance_to_the_end_of_time_ends),
		fact(time_never_runs_backwards),
		fact(fires_once_when_it_is_due),
		fact(fires_at_a_now_of_its_due_time),
		fact(start_of_0_fires_at_once_not_within_start),
		fact(negative_time_is_now),
		fact(start_again_replaces_the_time),
		fact(stopped_timer_does_not_fire),
		fact(stop_of_what_does_not_run_is_harmless),
		fact(left_counts_down_to_0),
		fact(left_is_0_when_stopped),
		fact(extend_starts_what_does_not_run),
		fact(extend_moves_out),
		fact(extend_never_moves_nearer),
		fact(extend_to_the_same_time_keeps_the_turn),
		fact(fire_in_order_of_time),
		fact(ties_fire_in_start_order),
		fact(some_fire_now_and_the_others_later),
		fact(ties_of_different_starts_fire_in_start_order),
		fact(restart_goes_to_the_end_of_the_tie),
		fact(stop_of_one_keeps_the_order_of_a_tie),
		fact(callback_restarts_itself),
		fact(restart_of_0_fires_in_the_same_turn_after_the_tie),
		fact(callback_stops_one_that_is_due),
		fact(callback_stops_itself),
		fact(callback_moves_another_nearer),
		fact(callback_moves_one_that_is_due_out),
		fact(time_in_a_callback_counts_from_its_due_time),
		fact(callback_frees_its_object),
		fact(ten_thousand_random_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
