/* client.h - a conversation with the daemon: requests on their way, answers as they come
 *
 * Requests are pipelined on one connection. Neither side ever waits for the other to read: the
 * client sends what the socket takes and reads what is there, however much of both there is.
 */
#ifndef SMCKIT_CLIENT_H
#define SMCKIT_CLIENT_H

#include "table.h"

/* What is remembered of a request until its answer has come. */
struct ask {
	const struct view *view; /* how it is shown; not ours */
	unsigned line;		 /* of the batch; 0: the command line */
	unsigned char request;	 /* which one of the view's */
	bool last;		 /* of the view's */
	bool detail;
	bool guess; /* a word that only the daemon may know: an error is one of usage */
};

/* More requests, while others are under way. */
struct source {
	int fd; /* to be read when there is something; -1: at its end */

	/* Reads a piece of it and asks what is in it. */
	void (*read)(struct source *source);
};

struct client {
	const struct options *options;
	struct printer printer;
	int fd;
	struct buf out, in;	    /* owned */
	struct ask *ask;	    /* owned: a ring of those without an answer */
	unsigned first, nask, size; /* size is 0 or a power of two */
	unsigned line;		    /* of the batch, where requests come from; 0: none */
	int status;		    /* to exit with */
	bool stop;		    /* nothing more is to be done */
	char error[160];	    /* of a line that was not understood */
};

void client_free(struct client *c);

/* The path of the socket of the daemon of that identity, put together in @path. */
const char *client_socket(struct buf *path, const char *identity);

/*
 * Connects to the daemon; one that does not listen, as at its start, is given @patience
 * milliseconds. 0, or -1 with errno.
 */
int client_connect(struct client *c, int patience);

/* Says on stderr why client_connect() failed. */
void client_complain(const struct client *c);

/* Queues the request: a word or two and what follows them. */
void client_ask(struct client *c, struct ask ask, const char *words, struct text args);

/* Keeps what is wrong with a line. Returns -1. */
int client_error(struct client *c, const char *fmt, ...) PRINTF(2, 3);

/*
 * Sends and prints until all is answered and the source (which may be NULL) is at its end, or
 * until the first error. Returns the exit status; errors are on stderr.
 */
int client_run(struct client *c, struct source *source);

#endif
