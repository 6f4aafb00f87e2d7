/* loop.h - the event loop: epoll, upcalls before anything else, one timerfd for the clock */
#ifndef SMCKIT_LOOP_H
#define SMCKIT_LOOP_H

#include <sys/epoll.h>

#include "lib/clock.h"

/* Descriptors that one look at the kernel can find ready. */
#define LOOP_BATCH 32

struct loop_fd {
	int fd; /* -1: not watched */
	bool urgent;
	uint32_t events; /* EPOLLIN | EPOLLOUT as asked for */
	void (*ready)(struct loop_fd *w, uint32_t events);
};

/* Descriptors that are ready and wait for their turn; one that was unwatched since is NULL. */
struct loop_batch {
	int n;
	struct epoll_event event[LOOP_BATCH];
};

struct loop {
	int epoll;  /* all of them */
	int urgent; /* the urgent ones, once more */
	int timer;
	int64_t armed;	     /* what the timerfd is set to, CLOCK_NEVER if it is not */
	struct clock *clock; /* not ours; advanced by CLOCK_MONOTONIC */
	struct loop_batch batch, urgent_batch;
	bool stop;
};

/* Moves the clock on to the present time. 0, or -1 with errno set. */
int loop_init(struct loop *loop, struct clock *clock);
void loop_end(struct loop *loop);

/*
 * Watches @fd through the caller's @w, which stays the caller's. Urgent ones are served before
 * others that are ready at the same time, and between the slices of long work. EPOLLHUP and
 * EPOLLERR are always told. 0, or -1 with errno set and w->fd -1.
 */
int loop_watch(struct loop *loop, struct loop_fd *w, int fd, uint32_t events, bool urgent,
	       void (*ready)(struct loop_fd *w, uint32_t events));
void loop_change(struct loop *loop, struct loop_fd *w, uint32_t events);

/* Nothing if it is not watched; @w may be freed after it, even by its own ready(). */
void loop_unwatch(struct loop *loop, struct loop_fd *w);

/*
 * Runs until loop->stop. The clock is advanced before inputs are handled. After whatever happened
 * @work is called, which does a slice and says whether more remains; ready descriptors, the
 * urgent ones first, are served between slices.
 */
void loop_run(struct loop *loop, bool (*work)(void *arg), void *arg);

#endif
