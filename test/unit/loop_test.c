/* loop_test.c - the event loop: order of service, timers, descriptors that go while served */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/loop.h"

#define MAXSEEN 64

/* A loop, pipes to make ready, and the order in which things happened, a letter each. */
struct bed {
	struct clock clock;
	struct loop loop;
	unsigned nseen, slices;
	char seen[MAXSEEN];
};

struct source {
	struct loop_fd watch;
	struct bed *bed;
	struct source *other;
	char letter;
	int rd, wr;
};

static void saw(struct bed *bed, char letter)
{
	assert_true(bed->nseen < MAXSEEN - 1);
	bed->seen[bed->nseen++] = letter;
}

static int setup(void **state)
{
	struct bed *bed = xcalloc(1, sizeof(*bed));

	clock_init(&bed->clock, 0);
	assert_int_equal(loop_init(&bed->loop, &bed->clock), 0);
	*state = bed;
	return 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;

	loop_end(&bed->loop);
	clock_free(&bed->clock);
	free(bed);
	return 0;
}

static void poke(struct source *s)
{
	assert_int_equal(write(s->wr, "x", 1), 1);
}

static void drain(struct source *s)
{
	char c;

	assert_int_equal(read(s->rd, &c, 1), 1);
}

static void on_ready(struct loop_fd *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);

	assert_true(events & EPOLLIN);
	drain(s);
	saw(s->bed, s->letter);
}

static void source_open(struct source *s, struct bed *bed, char letter, bool urgent,
			void (*ready)(struct loop_fd *, uint32_t))
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	*s = (struct source){ .bed = bed, .letter = letter, .rd = fd[0], .wr = fd[1] };
	assert_int_equal(loop_watch(&bed->loop, &s->watch, s->rd, EPOLLIN, urgent, ready), 0);
}

static void source_close(struct source *s)
{
	loop_unwatch(&s->bed->loop, &s->watch);
	close(s->rd);
	close(s->wr);
}

/* Ends the loop after the first turn. */
static bool one_turn(void *arg)
{
	struct bed *bed = arg;

	bed->loop.stop = true;
	return false;
}

static void urgent_ones_come_first(void **state)
{
	struct bed *bed = *state;
	struct source a, b, u, v;

	source_open(&a, bed, 'a', false, on_ready);
	source_open(&b, bed, 'b', false, on_ready);
	source_open(&u, bed, 'u', true, on_ready);
	source_open(&v, bed, 'v', true, on_ready);
	poke(&a);
	poke(&b);
	poke(&u);
	poke(&v);
	loop_run(&bed->loop, one_turn, bed);

	assert_int_equal(bed->nseen, 4);
	assert_true(bed->seen[0] == 'u' || bed->seen[0] == 'v');
	assert_true(bed->seen[1] == 'u' || bed->seen[1] == 'v');
	source_close(&a);
	source_close(&b);
	source_close(&u);
	source_close(&v);
}

static void urgent_ones_come_before_more_than_a_batch(void **state)
{
	struct source u, ordinary[LOOP_BATCH + 1];
	struct bed *bed = *state;

	for (unsigned i = 0; i < NELEMS(ordinary); i++) {
		source_open(&ordinary[i], bed, 'a', false, on_ready);
		poke(&ordinary[i]);
	}
	source_open(&u, bed, 'u', true, on_ready);
	poke(&u);
	loop_run(&bed->loop, one_turn, bed);

	assert_int_equal(bed->nseen, LOOP_BATCH + 1);
	assert_int_equal(bed->seen[0], 'u');
	for (unsigned i = 0; i < NELEMS(ordinary); i++)
		source_close(&ordinary[i]);
	source_close(&u);
}

/* Makes the other source ready while it is served itself. */
static void poke_other(struct loop_fd *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);

	on_ready(w, events);
	if (s->other)
		poke(s->other);
	s->other = NULL;
}

static void urgent_ones_come_between_ordinary_ones(void **state)
{
	struct bed *bed = *state;
	struct source a, b, u;

	source_open(&a, bed, 'a', false, poke_other);
	source_open(&b, bed, 'b', false, poke_other);
	source_open(&u, bed, 'u', true, on_ready);
	a.other = b.other = &u;
	poke(&a);
	poke(&b);
	loop_run(&bed->loop, one_turn, bed);

	assert_int_equal(bed->nseen, 4);
	assert_int_equal(bed->seen[1], 'u');
	assert_int_equal(bed->seen[3], 'u');
	source_close(&a);
	source_close(&b);
	source_close(&u);
}

static struct source *slice_source;

/* Three slices; a packet comes in during the first. */
static bool three_slices(void *arg)
{
	struct bed *bed = arg;

	saw(bed, '0' + bed->slices);
	if (bed->slices == 0)
		poke(slice_source);
	if (++bed->slices < 3)
		return true;
	bed->loop.stop = true;
	return false;
}

static void urgent_ones_come_between_slices(void **state)
{
	struct bed *bed = *state;
	struct source u;

	source_open(&u, bed, 'u', true, on_ready);
	slice_source = &u;
	loop_run(&bed->loop, three_slices, bed);
	assert_string_equal(bed->seen, "0u12");
	source_close(&u);
}

static void unwatch_other(struct loop_fd *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);

	on_ready(w, events);
	loop_unwatch(&s->bed->loop, &s->other->watch);
}

/* Both are ready; whichever is served first takes the other out, which must not be served. */
static void unwatched_while_waiting(void **state)
{
	struct bed *bed = *state;

	for (int urgent = 0; urgent < 2; urgent++) {
		struct source a, b;

		source_open(&a, bed, 'a', urgent, unwatch_other);
		source_open(&b, bed, 'b', urgent, unwatch_other);
		a.other = &b;
		b.other = &a;
		poke(&a);
		poke(&b);
		bed->nseen = 0;
		bed->loop.stop = false;
		loop_run(&bed->loop, one_turn, bed);
		assert_int_equal(bed->nseen, 1);
		source_close(&a);
		source_close(&b);
	}
}

static void hangup_is_told(struct loop_fd *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);

	assert_true(events & EPOLLHUP);
	saw(s->bed, 'h');
	loop_unwatch(&s->bed->loop, w);
	s->bed->loop.stop = true;
}

static bool nothing(void *arg)
{
	(void)arg;
	return false;
}

static void other_end_closed(void **state)
{
	struct bed *bed = *state;
	struct source a;

	source_open(&a, bed, 'a', false, hangup_is_told);
	loop_change(&bed->loop, &a.watch, 0);
	close(a.wr);
	a.wr = -1;
	loop_run(&bed->loop, nothing, bed);
	assert_string_equal(bed->seen, "h");
	source_close(&a);
}

static void change_turns_reading_off_and_on(void **state)
{
	struct bed *bed = *state;
	struct source a;

	source_open(&a, bed, 'a', false, on_ready);
	poke(&a);
	loop_change(&bed->loop, &a.watch, 0);
	loop_run(&bed->loop, one_turn, bed);
	assert_int_equal(bed->nseen, 0);

	loop_change(&bed->loop, &a.watch, EPOLLIN);
	bed->loop.stop = false;
	loop_run(&bed->loop, one_turn, bed);
	assert_string_equal(bed->seen, "a");
	source_close(&a);
}

static void watch_refused(void **state)
{
	struct bed *bed = *state;
	struct loop_fd w;

	assert_int_equal(loop_watch(&bed->loop, &w, 1 << 20, EPOLLIN, false, on_ready), -1);
	assert_int_equal(w.fd, -1);
	loop_unwatch(&bed->loop, &w);
}

struct alarm {
	struct timer timer;
	struct bed *bed;
	char letter;
	bool last;
	int64_t again; /* ms until it is started once more, 0: not */
};

static void on_alarm(struct timer *timer)
{
	struct alarm *a = container_of(timer, struct alarm, timer);

	saw(a->bed, a->letter);
	if (a->again)
		timer_start(&a->bed->clock, timer, a->again);
	a->again = 0;
	if (a->last)
		a->bed->loop.stop = true;
}

static bool count_turns(void *arg)
{
	struct bed *bed = arg;

	bed->slices++;
	return false;
}

/* Nothing but timers: each wakes the loop at its time, also one started by another. */
static void timers_fire_in_order(void **state)
{
	struct bed *bed = *state;
	struct alarm a = { .bed = bed, .letter = 'a', .again = 15 };
	struct alarm b = { .bed = bed, .letter = 'b' };
	struct alarm c = { .bed = bed, .letter = 'c', .last = true };
	int64_t start = bed->clock.now;

	/* And no more often than that: a turn at first, one for each, and what a tick adds. */
	timer_init(&a.timer, on_alarm);
	timer_init(&b.timer, on_alarm);
	timer_init(&c.timer, on_alarm);
	timer_start(&bed->clock, &c.timer, 30);
	timer_start(&bed->clock, &b.timer, 10);
	timer_start(&bed->clock, &a.timer, 5);
	loop_run(&bed->loop, count_turns, bed);
	assert_string_equal(bed->seen, "abac");
	assert_true(bed->slices <= 8);
	assert_true(bed->clock.now - start >= 30);
}

/* A timer that an input starts is armed; a stopped one does not wake the loop for nothing. */
static void start_alarm(struct loop_fd *w, uint32_t events)
{
	struct source *s = container_of(w, struct source, watch);
	static struct alarm alarm;

	on_ready(w, events);
	alarm = (struct alarm){ .bed = s->bed, .letter = 't', .last = true };
	timer_init(&alarm.timer, on_alarm);
	timer_start(&s->bed->clock, &alarm.timer, 5);
}

static void loop_sleeps_when_nothing_is_due(void **state)
{
	struct bed *bed = *state;
	struct alarm stopped = { .bed = bed, .letter = 'x' };
	struct source a;

	timer_init(&stopped.timer, on_alarm);
	timer_start(&bed->clock, &stopped.timer, 1);
	timer_stop(&bed->clock, &stopped.timer);
	source_open(&a, bed, 'a', false, start_alarm);
	poke(&a);
	loop_run(&bed->loop, count_turns, bed);
	assert_string_equal(bed->seen, "at");
	assert_true(bed->slices <= 4);
	source_close(&a);
}

/* The clock is moved on before inputs are handled: what is due fires first. */
static void timers_before_inputs(void **state)
{
	struct bed *bed = *state;
	struct alarm a = { .bed = bed, .letter = 't' };
	struct source u;

	source_open(&u, bed, 'u', true, on_ready);
	timer_init(&a.timer, on_alarm);
	timer_start(&bed->clock, &a.timer, 0);
	poke(&u);
	loop_run(&bed->loop, one_turn, bed);
	assert_string_equal(bed->seen, "tu");
	source_close(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(urgent_ones_come_first, setup, teardown),
		cmocka_unit_test_setup_teardown(urgent_ones_come_before_more_than_a_batch, setup,
						teardown),
		cmocka_unit_test_setup_teardown(urgent_ones_come_between_ordinary_ones, setup,
						teardown),
		cmocka_unit_test_setup_teardown(urgent_ones_come_between_slices, setup, teardown),
		cmocka_unit_test_setup_teardown(unwatched_while_waiting, setup, teardown),
		cmocka_unit_test_setup_teardown(other_end_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(change_turns_reading_off_and_on, setup, teardown),
		cmocka_unit_test_setup_teardown(watch_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(timers_fire_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(loop_sleeps_when_nothing_is_due, setup, teardown),
		cmocka_unit_test_setup_teardown(timers_before_inputs, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
