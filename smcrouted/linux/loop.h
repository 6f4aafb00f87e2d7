/* loop.h - the event loop: epoll, upcalls before anything else, one timerfd for the clock */
#ifndef SMCKIT_LOOP_H
#define SMCKIT_LOOP_H

#include <sys/epoll.h>

#include "lib/clock.h"

struct loop_fd {
	int fd; /* -1: not watched */
	bool urgent;
	uint32_t events; /* EPOLLIN | EPOLLOUT as asked for */
	void (*ready)(struct loop_fd *w, uint32_t events);
};

struct loop {
	int epoll, timer;
	int64_t armed;	     /* what the timerfd is set to, CLOCK_NEVER if it is not */
	struct clock *clock; /* not ours; advanced by CLOCK_MONOTONIC */
	bool stop;
};

/* 0, or -1 with errno set. */
int loop_init(struct loop *loop, struct clock *clock);
void loop_end(struct loop *loop);

/*
 * Watches @fd through the caller's @w, which stays the caller's. Urgent ones are served before
 * others that are ready at the same time, and between the slices of long work.
 */
int loop_watch(struct loop *loop, struct loop_fd *w, int fd, uint32_t events, bool urgent,
	       void (*ready)(struct loop_fd *w, uint32_t events));
void loop_change(struct loop *loop, struct loop_fd *w, uint32_t events);
void loop_unwatch(struct loop *loop, struct loop_fd *w);

/*
 * Runs until loop->stop. After whatever happened @work is called, which does a slice and says
 * whether more remains; ready urgent descriptors are served between slices.
 */
void loop_run(struct loop *loop, bool (*work)(void *arg), void *arg);

#endif
