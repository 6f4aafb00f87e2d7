/* clock.h - time in milliseconds and the timers that hang on it
 *
 * The clock is advanced by its owner alone: the event loop, or a simulator. Timers are members
 * of the objects they serve; whoever frees such an object stops its timers first. Timers that
 * are due at the same time fire in the order in which they were started.
 */
#ifndef SMCKIT_CLOCK_H
#define SMCKIT_CLOCK_H

#include "util.h"

struct timer {
	void (*fire)(struct timer *); /* set by timer_init() */
	int64_t due;
	uint32_t order; /* of those due at the same time; it wraps */
	unsigned at;	/* place in the heap, from 1; 0: not running */
};

struct clock {
	int64_t now; /* ms since some fixed moment */
	uint32_t started;
	struct timer **heap; /* owned; the timers are not */
	unsigned n, size;
};

/* What clock_next() says when no timer runs. */
#define CLOCK_NEVER INT64_MAX

void clock_init(struct clock *clock, int64_t now);

/* Frees the heap. No timer may be running any more. */
void clock_free(struct clock *clock);

/* When the next timer is due, CLOCK_NEVER if none runs. */
int64_t clock_next(const struct clock *clock);

/*
 * Moves the time on to @now and fires what is due by then, each timer at a now of its own due
 * time; a time before the present one changes nothing. A timer may start and stop any timer.
 */
void clock_advance(struct clock *clock, int64_t now);

/* The same, but @most timers fire, those that are left the next time; true: some are. */
bool clock_work(struct clock *clock, int64_t now, unsigned most);

static inline void timer_init(struct timer *timer, void (*fire)(struct timer *))
{
	*timer = (struct timer){ .fire = fire };
}

/* (Re)starts the timer: it fires once, @ms from now. */
void timer_start(struct clock *clock, struct timer *timer, int64_t ms);

/* Starts the timer, or moves it out to @ms from now, never nearer. */
void timer_extend(struct clock *clock, struct timer *timer, int64_t ms);

void timer_stop(struct clock *clock, struct timer *timer);

static inline bool timer_is_running(const struct timer *timer)
{
	return timer->at;
}

/* Milliseconds until it fires, 0 if it does not run. */
int64_t timer_left(const struct clock *clock, const struct timer *timer);

#endif
