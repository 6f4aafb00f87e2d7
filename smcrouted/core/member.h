/* member.h - who follows what listeners on our links want
 *
 * The engine of IGMP and MLD is the database: it tells of each change, and can be asked. Nothing of
 * it is kept here but who wants to hear of which interface, and how far an engine that began to
 * follow has heard of what was known before.
 */
#ifndef SMCKIT_CORE_MEMBER_H
#define SMCKIT_CORE_MEMBER_H

#include <libite/queue.h>

#include "core/kern.h"

struct router;

/* What is known on an interface, on its way to an engine that began to follow there. */
struct replay {
	TAILQ_ENTRY(replay) link;
	struct engine *engine; /* not ours */
	uint8_t slot;
	struct ip after; /* the group told last; zero: none yet */
};

struct members {
	struct ifset *follow;		  /* owned; by engine id */
	struct ifset followed[NFAMILIES]; /* by somebody, as the database was told */
	bool changed;			  /* somebody began to follow, or ended */
	TAILQ_HEAD(replays, replay) replays;
};

void member_init(struct members *m, unsigned nengines);
void member_free(struct members *m);

/* As in host_ops. */
void member_follow(struct router *r, struct engine *e, unsigned slot, bool on);
void member_get(struct router *r, enum af af, unsigned slot, struct ip group, struct membership *m);

/* The engine goes. */
void member_forget(struct router *r, struct engine *e);
bool member_is_querier(struct router *r, enum af af, unsigned slot);
struct querying member_querying(struct router *r, enum af af, unsigned slot);
void member_tell(struct router *r, struct engine *teller, unsigned slot,
		 const struct membership *m);
void member_tell_querier(struct router *r, struct engine *teller, unsigned slot);

/* Tells the database what is followed, and replays some of what is known; true if more is left. */
bool member_work(struct router *r, unsigned budget);

#endif
