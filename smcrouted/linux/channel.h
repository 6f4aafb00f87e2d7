/* channel.h - sockets of protocol packets: raw.c opens them, and receives; raw_send.c sends */
#ifndef SMCKIT_CHANNEL_H
#define SMCKIT_CHANNEL_H

#include <libite/queue.h>

#include "linux/raw.h"
#include "linux/sock.h"

/* Sockets of a family: by what is listened to, and one more for Registers. */
#define REGISTERS NLISTEN
#define NCHANNELS (NLISTEN + 1)

struct channel {
	struct raw *raw; /* not ours */
	enum af af;
	enum listen_what what;
	enum protocol proto;
	enum sock_part part;
	struct loop_fd watch;
	int fd;		/* -1 until it is needed */
	bool inherited; /* it hears what it did before, until all is known that is listened to */
};

struct listener {
	TAILQ_ENTRY(listener) link;
	enum af af;
	enum listen_what what;
	unsigned ifindex;
	int fd; /* holds the memberships, -1 if they could not be had again */
};

struct raw {
	struct linux_kern *kern;		      /* not ours */
	struct channel channel[NFAMILIES][NCHANNELS]; /* not for LISTEN_DATA */
	TAILQ_HEAD(listeners, listener) listeners;
	int unnumbered; /* -1 until it is needed */
	struct log_limit limit;
	uint8_t packet[65536];
};

/* Opens the channel if it is not; 0, or -1 with errno set. */
int channel_open(struct channel *c);

/* A packet that is too long for its way is cut, or refused; 0, or -1 with errno set. */
int channel_fragment(int fd, enum af af, bool on);

#endif
