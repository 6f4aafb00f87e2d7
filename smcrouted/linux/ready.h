/* ready.h - the service manager: what it is told, and the descriptors that it keeps for us
 *
 * The protocol is sd_notify(3)'s and sd_listen_fds(3)'s, which other managers speak as well. A
 * restart in place hands its descriptors over in the same form.
 */
#ifndef SMCKIT_READY_H
#define SMCKIT_READY_H

#include <sys/socket.h>
#include <sys/un.h>

#include "lib/util.h"

/* The first descriptor that is passed on. */
#define PASSED_FIRST 3

struct ready {
	int fd;	      /* -1: nobody listens, and nothing is sent */
	bool is_slow; /* it was waited for in vain, and is not until it takes a message again */
	socklen_t len;
	struct sockaddr_un address;
};

/* @address as in NOTIFY_SOCKET, NULL if there is none. 0, or -1 with errno set. */
int ready_open(struct ready *r, const char *address);
void ready_close(struct ready *r);

/* Sends assignments, a line each. 0, or -1 with errno set. */
int ready_notify(struct ready *r, const char *fmt, ...) PRINTF(2, 3);

/* Has a copy of the descriptor kept under that name, and given to the next process; no longer. */
int ready_store(struct ready *r, const char *name, int fd);
int ready_unstore(struct ready *r, const char *name);

struct passed_fd {
	const char *name;
	int fd; /* -1: claimed */
};

/* Descriptors that this process was started with. */
struct passed {
	struct passed_fd *fd; /* owned */
	unsigned n;
	char *names; /* owned, cut in place */
};

/*
 * Understands the values of LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, any of which may be NULL.
 * False if nothing is there for process @self. Names that are missing are "unknown".
 */
bool passed_parse(struct passed *p, int self, const char *pid, const char *fds, const char *names);

/* Takes them from the environment, so that no child sees them, and sets close-on-exec. */
bool passed_take(struct passed *p);

/* The descriptor of that name, the caller's from now on; -1 if there is none. */
int passed_claim(struct passed *p, const char *name);

/* Closes what nobody claimed. */
void passed_free(struct passed *p);

#endif
