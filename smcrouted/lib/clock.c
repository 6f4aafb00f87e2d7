/* clock.c - time and timers: a binary heap ordered by due time, then by start */
#include <limits.h>
#include <stdlib.h>

#include "clock.h"

static bool earlier(const struct timer *a, const struct timer *b)
{
	return a->due != b->due ? a->due < b->due : (int32_t)(a->order - b->order) < 0;
}

/* heap[1] is the root, so that place 0 can mean "not running". */
static void put(struct clock *clock, unsigned at, struct timer *timer)
{
	clock->heap[at] = timer;
	timer->at = at;
}

static void sift_up(struct clock *clock, unsigned at, struct timer *timer)
{
	for (; at > 1 && earlier(timer, clock->heap[at / 2]); at /= 2)
		put(clock, at, clock->heap[at / 2]);
	put(clock, at, timer);
}

static void sift_down(struct clock *clock, unsigned at, struct timer *timer)
{
	unsigned child;

	for (; (child = 2 * at) <= clock->n; at = child) {
		if (child < clock->n && earlier(clock->heap[child + 1], clock->heap[child]))
			child++;
		if (!earlier(clock->heap[child], timer))
			break;
		put(clock, at, clock->heap[child]);
	}
	put(clock, at, timer);
}

void clock_init(struct clock *clock, int64_t now)
{
	*clock = (struct clock){ .now = now };
}

void clock_free(struct clock *clock)
{
	free(clock->heap);
	*clock = (struct clock){ 0 };
}

int64_t clock_next(const struct clock *clock)
{
	return clock->n ? clock->heap[1]->due : CLOCK_NEVER;
}

bool clock_work(struct clock *clock, int64_t now, unsigned most)
{
	while (most-- && clock->n && clock_next(clock) <= now) {
		struct timer *timer = clock->heap[1];

		if (timer->due > clock->now)
			clock->now = timer->due;
		timer_stop(clock, timer);
		timer->fire(timer);
	}
	if (now > clock->now)
		clock->now = now;
	return clock_next(clock) <= now;
}

void clock_advance(struct clock *clock, int64_t now)
{
	clock_work(clock, now, UINT_MAX);
}

void timer_start(struct clock *clock, struct timer *timer, int64_t ms)
{
	timer_stop(clock, timer);
	if (clock->n + 1 >= clock->size) {
		clock->size = clock->size ? clock->size * 2 : 16;
		clock->heap = xrealloc(clock->heap, clock->size * sizeof(struct timer *));
	}
	timer->due = clock->now + (ms > 0 ? ms : 0);
	timer->order = ++clock->started;
	sift_up(clock, ++clock->n, timer);
}

void timer_extend(struct clock *clock, struct timer *timer, int64_t ms)
{
	if (!timer_is_running(timer) || timer->due < clock->now + ms)
		timer_start(clock, timer, ms);
}

void timer_stop(struct clock *clock, struct timer *timer)
{
	unsigned at = timer->at;
	struct timer *last;

	if (!at)
		return;
	timer->at = 0;
	last = clock->heap[clock->n--];
	if (last == timer)
		return;
	if (at > 1 && earlier(last, clock->heap[at / 2]))
		sift_up(clock, at, last);
	else
		sift_down(clock, at, last);
}

int64_t timer_left(const struct clock *clock, const struct timer *timer)
{
	if (!timer_is_running(timer))
		return 0;
	return timer->due > clock->now ? timer->due - clock->now : 0;
}
