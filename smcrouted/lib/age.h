/* age.h - many deadlines of one length under one timer
 *
 * Since every member waits equally long, the queue is in the order of the deadlines, and a
 * member costs a link and a time instead of a timer.
 */
#ifndef SMCKIT_AGE_H
#define SMCKIT_AGE_H

#include <libite/queue.h>

#include "clock.h"

struct age {
	TAILQ_ENTRY(age) link;
	int64_t due; /* 0: not in a queue */
};

struct age_queue {
	struct clock *clock; /* not ours */
	int64_t period;	     /* ms; 0: nothing is ever due */
	void (*expire)(struct age_queue *, struct age *);
	struct timer timer;
	TAILQ_HEAD(age_list, age) members;
};

/* @expire is called for each member when it is due; the member has left the queue then. */
void age_init(struct age_queue *q, struct clock *clock, int64_t period,
	      void (*expire)(struct age_queue *, struct age *));

/* Stops the timer; the members are forgotten, not freed. */
void age_end(struct age_queue *q);

/* Another period, for those that wait already too: nobody waits longer than it from now. */
void age_set_period(struct age_queue *q, int64_t period);

/* (Re)starts the member's wait. */
void age_add(struct age_queue *q, struct age *a);

/* Takes the member out, if it is in. */
void age_remove(struct age_queue *q, struct age *a);

#endif
