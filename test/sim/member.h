/* member.h - memberships of a simulated host, merged over those who hold them */
#ifndef SMCKIT_SIM_MEMBER_H
#define SMCKIT_SIM_MEMBER_H

#include <libite/tree.h>

#include "sim/kern.h"

struct member;
RB_HEAD(member_tree, member);

struct members {
	struct member_tree all;
	struct membership merged; /* what members_merged() answers, its sources owned */
};

void members_init(struct members *ms);
void members_free(struct members *ms);

/* The whole state of one's membership; INCLUDE without sources is none. */
void members_set(struct members *ms, unsigned who, unsigned ifindex, const struct membership *m);

/*
 * Takes any one away, or any that is inherited, and says of what group it was where; false: there
 * is none.
 */
bool members_drop(struct members *ms, bool inherited, unsigned *ifindex, struct ip *group);

/* All that there are were set by somebody who is gone; one that is set again is no longer such. */
void members_inherit(struct members *ms);
void members_gone(struct members *ms, unsigned ifindex);

/* NULL: none. What the second gives lives until the next call. */
const struct membership *members_one(const struct members *ms, unsigned who, unsigned ifindex,
				     struct ip group);
const struct membership *members_merged(struct members *ms, unsigned ifindex, struct ip group);

void members_each(struct members *ms, unsigned ifindex, enum af af,
		  void (*each)(void *arg, const struct membership *m), void *arg);

#endif
