/* join.h - memberships of this host, on behalf of engines */
#ifndef SMCKIT_JOIN_H
#define SMCKIT_JOIN_H

#include "linux/linux.h"

struct joins *joins_new(struct linux_kern *k);

/* Leaves all: closes the sockets. */
void joins_free(struct joins *j);

/* As kern_ops.join. */
const char *joins_set(struct joins *j, unsigned who, unsigned ifindex, const struct membership *m);

/* The device is gone, and with it its memberships. */
void joins_link_gone(struct joins *j, unsigned ifindex);

/*
 * For the store: each socket with its descriptor, and one text line for each membership on it
 * that joins_inherit() understands. The line's words are "join", the socket's SO_COOKIE, which
 * stays the same when the descriptor is passed on, and what only join.c looks at.
 */
void joins_save(struct joins *j, void (*socket)(void *arg, int fd, const char *name), void *arg,
		struct buf *text);

/*
 * One line of a former process, with the descriptor that its socket has now; the word "join" may
 * have been taken already. The descriptor is ours from then on. False if the line is bad.
 */
bool joins_inherit(struct joins *j, int fd, struct words *words);

/* Leaves what was inherited and has not been asked for since, a few at a time; true if more. */
bool joins_drop_unclaimed(struct joins *j, unsigned budget);

#endif
