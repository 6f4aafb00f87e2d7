/* holder.h - sockets that hold memberships, as many each as the kernel allows */
#ifndef SMCKIT_HOLDER_H
#define SMCKIT_HOLDER_H

#include <libite/queue.h>

#include "lib/ip.h"

struct holder {
	TAILQ_ENTRY(holder) link; /* in one of the two lists */
	int fd;
	enum af af;
	unsigned n; /* groups on it; counted by who joins */
	bool full;  /* it took no further group */
};

TAILQ_HEAD(holder_list, holder);

struct holders {
	struct holder_list roomy, full;
};

void holders_init(struct holders *holders);

/* A new socket, which receives nothing since it has no port; NULL with errno set. */
struct holder *holder_open(struct holders *holders, enum af af);

/* The socket of a descriptor that is there already, and is ours from now on. */
struct holder *holder_adopt(struct holders *holders, int fd, enum af af);
struct holder *holder_find(const struct holders *holders, int fd);

void holder_set_full(struct holders *holders, struct holder *h, bool full);
void holder_close(struct holders *holders, struct holder *h);

/*
 * The calls to the kernel: 0, or -1 with errno set. A group is joined from the one @source, or
 * from all if it is NULL; it is left for the one, or as a whole. Leaving the last source of a
 * group leaves the group.
 */
int holder_join(const struct holder *h, unsigned ifindex, struct ip group, const struct ip *source);
int holder_leave(const struct holder *h, unsigned ifindex, struct ip group,
		 const struct ip *source);

/* A group that was joined from all comes from all but these. */
int holder_exclude(const struct holder *h, unsigned ifindex, struct ip group,
		   const struct ip *source, unsigned n);

/* Whether the kernel refused because a limit of the socket is reached. */
bool holder_is_full(int error);

#endif
