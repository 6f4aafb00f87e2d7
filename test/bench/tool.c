/* tool.c - what programs that measure have in common: failure, namespaces, time, medians */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

void enter(const char *netns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

void set(int fd, int level, int option, const void *value, socklen_t size)
{
	if (setsockopt(fd, level, option, value, size))
		fail("setsockopt");
}

void set_room(int fd)
{
	int size = 32 << 20;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		set(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return ns(t);
}

void pause_ns(long time)
{
	struct timespec t = { .tv_sec = time / NS_SEC, .tv_nsec = time % NS_SEC };

	nanosleep(&t, NULL);
}

void pause_until(int64_t when)
{
	int64_t left = when - now_ns();

	if (left > 0)
		pause_ns(left);
}

void await_turn(int64_t start, unsigned i, unsigned rate)
{
	while (now_ns() - start < (int64_t)i * 1000000000 / rate)
		;
}

int64_t stamp(const struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct timespec t = { 0 };

	if (c && c->cmsg_type == SCM_TIMESTAMPNS)
		memcpy(&t, CMSG_DATA(c), sizeof(t));
	return ns(t);
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double part(int64_t *sample, unsigned n, double part_of_all)
{
	if (!n)
		return 0;
	qsort(sample, n, sizeof(*sample), by_size);
	return sample[(unsigned)((n - 1) * part_of_all + 0.5)] / 1000.0;
}

/* What stands in the first line of that form of a file about the process. */
static long number_of(const char *pid, const char *file, const char *format)
{
	char path[64], line[256];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	f = fopen(path, "r");
	if (!f)
		fail(path);
	while (n < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, format, &n) != 1)
			n = -1;
	}
	fclose(f);
	return n;
}

int64_t cpu_ns(const char *pid)
{
	return number_of(pid, "schedstat", "%ld");
}

int64_t resident(const char *pid)
{
	return (int64_t)number_of(pid, "smaps_rollup", "Pss: %ld kB") * 1024;
}
