/* member.h - what listeners on our links want, as the membership engine says, for all who follow
 *
 * The engine of IGMP and MLD tells the whole state of a group on an interface; it is kept here, so
 * that an engine that follows later, or is loaded later, hears of what is known already.
 */
#ifndef SMCKIT_CORE_MEMBER_H
#define SMCKIT_CORE_MEMBER_H

#include <libite/queue.h>
#include "lib/tree.h"

#include "core/kern.h"

struct router;

/* The state of one group on one interface. */
struct member {
	struct tree_node order; /* by slot, then group */
	struct ip group;
	struct ip *source; /* owned */
	unsigned nsources;
	uint8_t slot;
	uint8_t mode; /* enum filter_mode */
	bool querier; /* whether we are the querier there */
};

TREE_HEAD(member_tree);

/* What is known on an interface, on its way to an engine that began to follow there. */
struct replay {
	TAILQ_ENTRY(replay) link;
	struct engine *engine; /* not ours */
	uint8_t slot;
	struct ip after; /* the group told last; zero: none yet */
};

struct members {
	struct member_tree tree[NFAMILIES];
	struct ifset *follow; /* owned; by engine id */
	TAILQ_HEAD(replays, replay) replays;
};

void member_init(struct members *m, unsigned nengines);
void member_free(struct members *m);

/* As in host_ops. */
void member_set(struct router *r, struct engine *e, unsigned slot, const struct membership *m,
		bool querier);
void member_follow(struct router *r, struct engine *e, unsigned slot, bool on);

/* Replays some of what is known; true if more is left. */
bool member_work(struct router *r, unsigned budget);

#endif
