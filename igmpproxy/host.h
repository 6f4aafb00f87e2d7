/* host.h - the host side of IGMP and MLD on one interface (RFC 3376 5, RFC 3810 6)
 *
 * The owner says by gm_host_set() what it wants to hear of each group, passes on the messages of
 * others that it hears, and calls gm_host_settle() at the end of a turn. What is to be said goes
 * to its send(), from gm_host_settle() and from timers: messages that fit in the MTU, for
 * gm_packet() to say where to. send() must not call back.
 */
#ifndef SMCKIT_GM_HOST_H
#define SMCKIT_GM_HOST_H

#include <libite/queue.h>

#include "lib/module.h"
#include "lib/tree.h"
#include "message.h"

#define GM_HOST_SLOTS 64

struct gm_host_conf {
	unsigned mtu;	      /* of the link */
	unsigned version;     /* the highest to speak, 1 to 3 */
	unsigned max_groups;  /* 0: no limit */
	unsigned max_sources; /* of a group; 0: no limit */
	uint8_t robustness;   /* until a querier says another, from 1 */
};

struct gm_host_counts {
	uint64_t sent;	     /* messages */
	uint64_t queries;    /* heard */
	uint64_t suppressed; /* reports not sent since another host sent one */
	uint64_t refused;    /* groups over the limit */
	uint64_t shortened;  /* lists of sources over the limit */
};

TREE_HEAD(host_groups);
TAILQ_HEAD(change_list, change);

/* The answer to a general query: message by message, once around all groups. */
struct host_walk {
	struct timer timer; /* to the next message */
	int64_t begin, end; /* when the query came, when all must be answered */
	unsigned step, steps;
	struct ip first; /* the circle's first group */
	struct ip at;	 /* where it is: behind that group if it was visited */
	bool visited, wrapped;
	uint32_t round; /* of this answer; groups that need none have it too */
};

struct gm_host {
	struct clock *clock; /* not ours */
	struct rng *rng;     /* not ours */
	enum af af;
	void (*send)(struct gm_host *h, const struct gm_message *m);
	struct gm_host_conf conf;
	struct gm_host_counts counts;

	/* The rest is for host.c. */
	struct host_groups groups; /* owned, by address */
	unsigned ngroups;	   /* all, also those left that are not done with */
	unsigned nmembers;	   /* those we are a member of */
	size_t bytes;		   /* of their current-state records */
	unsigned nchanges;	   /* groups of which something is still to be said */
	struct change_list changed;
	struct change_list slot[GM_HOST_SLOTS]; /* to be said again, by time */
	uint64_t busy;				/* the slots in use */
	struct timer again;			/* to the next slot in use */
	struct ip renewed;			/* while all groups are: so far */
	bool renews, restarts;			/* they are; and the link is a new one */
	struct host_walk walk;
	struct timer v1, v2; /* an older querier is present while it runs */
	unsigned version;    /* spoken until now */
	uint8_t robustness;  /* the querier's, 0: not said */
	int64_t interval;    /* between its queries, ms */
	int64_t response;    /* most time for an answer to its general ones, ms */
};

/* Begins without a group. @clock and @rng must outlive the host. */
void gm_host_init(struct gm_host *h, enum af af, const struct gm_host_conf *conf,
		  struct clock *clock, struct rng *rng,
		  void (*send)(struct gm_host *, const struct gm_message *));

/* Forgets everything and says nothing; no timer is left. gm_host_leave() leaves properly. */
void gm_host_free(struct gm_host *h);

/* Another configuration. Groups and sources that are over a limit now stay. */
void gm_host_configure(struct gm_host *h, const struct gm_host_conf *conf);

/*
 * What is to be heard of a group, in the place of what was. False if that is a group over the
 * limit, which is counted. A list of sources that is too long becomes EXCLUDE of none, or, of a
 * source-specific group, is shortened. Of groups that nobody reports, nothing is ever said.
 */
bool gm_host_set(struct gm_host *h, const struct membership *m);

/* Leaves all groups, as gm_host_set() would. */
void gm_host_leave(struct gm_host *h);

/*
 * The link is a new one: nobody there knows anything, and of its queriers nothing is known. All
 * groups are joined again, in slices.
 */
void gm_host_restart(struct gm_host *h);

/* Says what changed of up to @budget groups, at once; true if there are more. */
bool gm_host_settle(struct gm_host *h, unsigned budget);

/* Whether nothing remains to be said of changes, not even once more. */
bool gm_host_is_idle(const struct gm_host *h);

/* All that is wanted of a group is said again, as if it was not wanted before; or of all. */
void gm_host_renew(struct gm_host *h, struct ip group);
void gm_host_renew_all(struct gm_host *h);

/*
 * A message of another node that is in order as a packet. Queries and, for older queriers'
 * sake, reports count.
 */
void gm_host_receive(struct gm_host *h, const struct gm_message *m);

/* The version spoken now (RFC 3376 7.2.1, RFC 3810 8.2.1). */
unsigned gm_host_version(const struct gm_host *h);

/* How often each change is said (RFC 3376 8.1). */
uint8_t gm_host_robustness(const struct gm_host *h);

/* What was set of a group: false, and INCLUDE of none, if it is not wanted. */
bool gm_host_find(const struct gm_host *h, struct ip group, struct membership *m);

/* The first group behind @after, in order of addresses, ip_any() for the first; false: none. */
bool gm_host_next(const struct gm_host *h, struct ip after, struct membership *m);

#endif
