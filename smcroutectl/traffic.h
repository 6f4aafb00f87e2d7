/* traffic.h - test traffic: smcroutectl send and listen, without the daemon */
#ifndef SMCKIT_TRAFFIC_H
#define SMCKIT_TRAFFIC_H

#include <sys/socket.h>

#include "meter.h"

struct options;

#define SEND_ARGS "GROUP [via IF] [port N] [count N] [interval MS] [ttl N] [size N]"
#define LISTEN_ARGS "[SOURCE] GROUP [on IF] [port N] [count N] [for SEC]"

enum traffic_verb { TRAFFIC_SEND, TRAFFIC_LISTEN };

/* What the words of a command say. */
struct traffic {
	struct ip group, source; /* any: every source */
	const char *ifname;	 /* NULL: as the kernel likes. Not ours */
	unsigned ifindex;
	int64_t port, ttl, size;
	int64_t count;		    /* 0: until interrupted */
	int64_t interval, duration; /* ns; duration 0: until interrupted */
};

/* Reads the words after the verb; false with the error on stderr. */
bool traffic_parse(struct traffic *t, enum traffic_verb verb, char **words);

/* The same address for the system; its size. */
socklen_t traffic_address(const struct traffic *t, struct ip ip, struct sockaddr_storage *address);

/* An UDP socket of the group's family, or -1 with the error on stderr. */
int traffic_socket(const struct traffic *t);

/* Says on stderr what could not be done; EX_OSERR. */
int traffic_fail(const struct traffic *t, const char *what);

/* CLOCK_MONOTONIC or CLOCK_REALTIME in ns */
int64_t traffic_now(int clock);

/* From here on an interrupt is only noticed while waiting. */
void traffic_catch_interrupts(void);

/* Waits @ns, or until @fd (or -1) can be read, or for an interrupt: true if there was one. */
bool traffic_wait(int fd, int64_t ns);

/* Until done or interrupted; the exit status. */
int run_send(const struct options *options, int argc, char **argv);
int run_listen(const struct options *options, int argc, char **argv);

#endif
