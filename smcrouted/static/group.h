/* group.h - memberships that were configured: `mgroup`, and join by command */
#ifndef SMCKIT_GROUP_H
#define SMCKIT_GROUP_H

#include "lib/tree.h"

#include "rule.h"

/* One source of one group on one interface. */
struct group {
	struct tree_node order; /* by interface, group, source */
	struct sg sg;		/* source ip_any(): every source */
	uint32_t generation;
	uint8_t slot;
	uint8_t flags; /* as a rule's */
};

TREE_HEAD(group_tree);

/* Groups that one line may stand for. */
#define MAX_RANGE 65536

void groups_init(struct group_tree *groups);
void groups_free(struct group_tree *groups);

/* NULL if there is none. */
struct group *group_find(const struct group_tree *groups, unsigned slot, struct sg sg);

/* The member, made without an origin if it is new. */
struct group *group_get(struct group_tree *groups, unsigned slot, struct sg sg);

void group_remove(struct group_tree *groups, struct group *group);

/* The member behind that one, NULL behind the last. */
struct group *group_next(struct group *group);

/* The member behind that of @slot and @sg, be it there or not; the first if @sg is NULL. */
struct group *group_after(const struct group_tree *groups, unsigned slot, const struct sg *sg);

/*
 * What all members of a group on an interface come to, which is called by these names: its sources
 * are put into *source, which the caller frees.
 */
struct membership group_membership(const struct group_tree *groups, struct ifset names,
				   struct ip group, struct ip **source);

/* The number of groups that the text stands for, 0 if they are too many. */
unsigned group_count(const struct rule_text *text);

/* The (S,G) number @i of those that the text stands for. */
struct sg group_nth(const struct rule_text *text, unsigned i);

/* What statements say, as it is written: a line of 65536 groups takes no longer to read. */
struct ranges {
	struct rule_text *text; /* owned */
	unsigned n, size;
	unsigned at, nth; /* the next to be taken */
};

void ranges_free(struct ranges *ranges);
void ranges_add(struct ranges *ranges, const struct rule_text *text);

/* Takes the next (S,G) of them all; false behind the last. */
bool ranges_next(struct ranges *ranges, unsigned *slot, struct sg *sg);

/* Whether two members may stand in one range. */
typedef bool (*group_alike)(const struct group *a, const struct group *b, void *arg);

/*
 * What one line can say of @g and those behind it that are like it: sources of a group, or the
 * same ones of several groups if no others stand between. The number of members is returned, up to
 * MAX_RANGE. @alike may be NULL.
 */
unsigned group_range(struct group *g, group_alike alike, void *arg, struct rule_text *t);

/* Members that are looked at for the cost of a row. */
#define MEMBERS_A_ROW 256

#endif
