/* wild.h - groups whose streams the kernel forwards by itself, by its own (*,G) entries */
#ifndef SMCKIT_WILD_H
#define SMCKIT_WILD_H

#include "lib/tree.h"

#include "rule.h"

struct statics;

/* A group of which a rule says `kernel`, or one source of which came in on two interfaces. */
struct wild {
	struct tree_node order;
	struct ip group;
	struct ifset told;     /* the incoming interfaces for which there is a wish */
	bool marked;	       /* to be derived anew */
	bool twofold;	       /* one source came in on two interfaces that have rules */
	const char *objection; /* why the kernel's entries would be wrong, NULL if they are right */
};

TREE_HEAD(wild_tree);

/* The group, NULL if it is none of those. */
struct wild *wild_find(const struct statics *s, struct ip group);

/* What follows from the rules of the group. */
void wild_derive(struct statics *s, struct ip group);

/* Rules about these groups changed; how many of the groups were looked at. */
unsigned wild_changed(struct statics *s, struct prefix groups);

/*
 * The source was seen on @former, and now on @arrival. True if rules for just the group are there
 * for both, and the kernel's own entries can stand for them: they are asked for.
 */
bool wild_is_twofold(struct statics *s, struct ip group, unsigned former, unsigned arrival);

/* The same from the process before. */
void wild_set_twofold(struct statics *s, struct ip group);

/*
 * Why an entry of the kernel's own cannot stand for a rule that says `kernel` beside the others,
 * the reason in words; or NULL. If @all, each rule for just the group counts as one that does.
 */
const char *wild_objection(struct host *host, const struct rules *rules, struct ip group, bool all);

/* Groups are not twofold any more, until a source shows itself so again. */
void wild_forget(struct statics *s, struct prefix groups);

/* Each group, the first if @wild is NULL. */
struct wild *wild_next(const struct statics *s, struct wild *wild);

void wild_init(struct statics *s);
void wild_free(struct statics *s);

#endif
