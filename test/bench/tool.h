/* tool.h - what programs that measure have in common: failure, namespaces, time, medians */
#ifndef SMCKIT_BENCH_TOOL_H
#define SMCKIT_BENCH_TOOL_H

#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

/* Ends the program, with errno's text. */
_Noreturn void fail(const char *what);

/* Sockets that are opened from now on are in that network namespace. */
void enter(const char *netns);

/* setsockopt() that must succeed. */
void set(int fd, int level, int option, const void *value, socklen_t size);

/* Room for what comes while we do something else. */
void set_room(int fd);

#define NS_MS INT64_C(1000000)
#define NS_SEC (1000 * NS_MS)

static inline int64_t ns(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* As the kernel stamps packets. */
int64_t now_ns(void);

void pause_ns(long time);

/* Sleeps until then, if that is still to come. */
void pause_until(int64_t when);

/* Waits for the time at which number @i of @rate in a second is due, without sleep. */
void await_turn(int64_t start, unsigned i, unsigned rate);

/* The kernel's stamp of a packet of a socket that asked for it, 0 if there is none. */
int64_t stamp(const struct msghdr *msg);

/* The sample behind that part of all, in microseconds; sorts them. */
double part(int64_t *sample, unsigned n, double part_of_all);

/* Of a process of one thread: its processor time in ns, its proportional set size in bytes */
int64_t cpu_ns(const char *pid);
int64_t resident(const char *pid);

#endif
