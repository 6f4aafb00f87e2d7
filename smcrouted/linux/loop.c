/* loop.c - the event loop: epoll, upcalls before anything else, one timerfd for the clock
 *
 * Urgent descriptors are in an epoll of their own as well: so they wake the loop like all others,
 * and can be asked for alone at any time.
 */
#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "linux/loop.h"

/* Timers that fire before it is looked what else there is to do. */
#define TIMERS 256

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Puts @fd under @epoll with no handler: it only wakes the loop. */
static int add_silent(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int loop_init(struct loop *loop, struct clock *clock)
{
	*loop = (struct loop){ .epoll = -1, .urgent = -1, .timer = -1, .clock = clock };
	loop->armed = CLOCK_NEVER;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->urgent = epoll_create1(EPOLL_CLOEXEC);
	loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (loop->epoll < 0 || loop->urgent < 0 || loop->timer < 0 ||
	    add_silent(loop->epoll, loop->timer)) {
		int error = errno;

		loop_end(loop);
		errno = error;
		return -1;
	}
	clock_advance(clock, monotonic_ms());
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void loop_end(struct loop *loop)
{
	close_fd(&loop->timer);
	close_fd(&loop->urgent);
	close_fd(&loop->epoll);
}

/* As epoll_ctl(), in one or in both. */
static int control(const struct loop *loop, int operation, struct loop_fd *w)
{
	struct epoll_event event = { .events = w->events, .data.ptr = w };

	if (epoll_ctl(loop->epoll, operation, w->fd, &event))
		return -1;
	return w->urgent ? epoll_ctl(loop->urgent, operation, w->fd, &event) : 0;
}

int loop_watch(struct loop *loop, struct loop_fd *w, int fd, uint32_t events, bool urgent,
	       void (*ready)(struct loop_fd *w, uint32_t events))
{
	*w = (struct loop_fd){ .fd = fd, .urgent = urgent, .events = events, .ready = ready };
	if (control(loop, EPOLL_CTL_ADD, w)) {
		int error = errno;

		control(loop, EPOLL_CTL_DEL, w);
		errno = error;
		w->fd = -1;
		return -1;
	}
	return 0;
}

void loop_change(struct loop *loop, struct loop_fd *w, uint32_t events)
{
	if (w->fd < 0 || w->events == events)
		return;
	w->events = events;
	control(loop, EPOLL_CTL_MOD, w);
}

static void forget(struct loop_batch *batch, const struct loop_fd *w)
{
	for (int i = 0; i < batch->n; i++) {
		if (batch->event[i].data.ptr == w)
			batch->event[i].data.ptr = NULL;
	}
}

void loop_unwatch(struct loop *loop, struct loop_fd *w)
{
	if (w->fd < 0)
		return;
	control(loop, EPOLL_CTL_DEL, w);
	w->fd = -1;
	forget(&loop->batch, w);
	forget(&loop->urgent_batch, w);
}

static void look(struct loop_batch *batch, int epoll, int timeout)
{
	batch->n = epoll_wait(epoll, batch->event, LOOP_BATCH, timeout);
}

/* Serves one of the batch, unless it was or was unwatched since. */
static void serve(struct loop_batch *batch, int i)
{
	struct loop_fd *w = batch->event[i].data.ptr;

	batch->event[i].data.ptr = NULL;
	if (w)
		w->ready(w, batch->event[i].events);
}

static void serve_urgent(struct loop *loop)
{
	look(&loop->urgent_batch, loop->urgent, 0);
	for (int i = 0; i < loop->urgent_batch.n; i++)
		serve(&loop->urgent_batch, i);
}

/* Urgent ones have their turn first, and have it again after each ordinary one. */
static void serve_all(struct loop *loop)
{
	bool full = loop->batch.n == LOOP_BATCH; /* there may be more */

	if (full)
		serve_urgent(loop);
	for (int i = 0; i < loop->batch.n; i++) {
		struct loop_fd *w = loop->batch.event[i].data.ptr;

		if (!w || !w->urgent)
			continue;
		if (full)
			loop->batch.event[i].data.ptr = NULL;
		else
			serve(&loop->batch, i);
	}
	for (int i = 0; i < loop->batch.n; i++) {
		if (!loop->batch.event[i].data.ptr)
			continue;
		serve(&loop->batch, i);
		serve_urgent(loop);
	}
}

/* Sets the timerfd to the next timer's time, which also forgets that it went off. */
static void arm(struct loop *loop)
{
	int64_t next = clock_next(loop->clock);
	struct itimerspec spec = { 0 };

	if (next == loop->armed)
		return;
	if (next != CLOCK_NEVER) {
		spec.it_value.tv_sec = next / 1000;
		spec.it_value.tv_nsec = next % 1000 * 1000000;
		if (next <= 0) /* all zero would disarm it */
			spec.it_value = (struct timespec){ .tv_nsec = 1 };
	}
	timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &spec, NULL);
	loop->armed = next;
}

void loop_run(struct loop *loop, bool (*work)(void *arg), void *arg)
{
	bool more = true;

	while (!loop->stop) {
		arm(loop);
		look(&loop->batch, loop->epoll, more ? 0 : -1);
		clock_work(loop->clock, monotonic_ms(), TIMERS);
		serve_all(loop);
		more = work(arg);
	}
}
