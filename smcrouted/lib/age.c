/* age.c - many deadlines of one length under one timer */
#include "age.h"

/* So many at a time, so that packets get their turn between; the rest a millisecond later. */
#define SLICE 256

/* The end of a wait that begins now; 0 has a meaning of its own. */
static int64_t deadline(const struct age_queue *q)
{
	int64_t due = q->clock->now + q->period;

	return due ? due : 1;
}

static void arm(struct age_queue *q, int64_t least)
{
	struct age *first = TAILQ_FIRST(&q->members);
	int64_t wait;

	if (!first || !q->period) {
		timer_stop(q->clock, &q->timer);
		return;
	}
	wait = first->due - q->clock->now;
	timer_start(q->clock, &q->timer, wait > least ? wait : least);
}

static void fire(struct timer *timer)
{
	struct age_queue *q = container_of(timer, struct age_queue, timer);
	int64_t now = q->clock->now;

	for (int i = 0; i < SLICE; i++) {
		struct age *a = TAILQ_FIRST(&q->members);

		if (!a || a->due > now || !q->period)
			break;
		TAILQ_REMOVE(&q->members, a, link);
		a->due = 0;
		q->expire(q, a);
	}
	arm(q, 1);
}

void age_init(struct age_queue *q, struct clock *clock, int64_t period,
	      void (*expire)(struct age_queue *, struct age *))
{
	*q = (struct age_queue){ .clock = clock, .period = period, .expire = expire };
	timer_init(&q->timer, fire);
	TAILQ_INIT(&q->members);
}

void age_end(struct age_queue *q)
{
	timer_stop(q->clock, &q->timer);
	TAILQ_INIT(&q->members);
}

void age_set_period(struct age_queue *q, int64_t period)
{
	bool stood_still = !q->period;
	struct age *a;

	q->period = period;
	TAILQ_FOREACH(a, &q->members, link) {
		if (stood_still || a->due > deadline(q))
			a->due = deadline(q);
	}
	arm(q, 0);
}

void age_add(struct age_queue *q, struct age *a)
{
	if (a->due)
		TAILQ_REMOVE(&q->members, a, link);
	a->due = deadline(q);
	TAILQ_INSERT_TAIL(&q->members, a, link);
	if (TAILQ_FIRST(&q->members) == a)
		arm(q, 0);
}

void age_remove(struct age_queue *q, struct age *a)
{
	bool first = TAILQ_FIRST(&q->members) == a;

	if (!a->due)
		return;
	TAILQ_REMOVE(&q->members, a, link);
	a->due = 0;
	if (first)
		arm(q, 0);
}
