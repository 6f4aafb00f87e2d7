/* merge.h - the membership database of a proxy, group by group: pure functions
 *
 * RFC 4605 4.1: what the listeners of all downstream interfaces want is merged as RFC 3376 3.2 and
 * RFC 3810 4.2 say. Several upstream interfaces share it: each has rules for the groups and
 * sources that it takes, and the first that lives and takes one has it.
 */
#ifndef SMCKIT_GM_MERGE_H
#define SMCKIT_GM_MERGE_H

#include "lib/module.h"

/* A filter that grows by others. */
struct merge {
	enum filter_mode mode;
	struct ip *source; /* owned; ascending, each once */
	struct ip *space;  /* owned; to merge into */
	unsigned nsources, size, space_size;
};

/* {0} at first; nobody wants anything. */
void merge_begin(struct merge *m);
void merge_free(struct merge *m);

/* RFC 3376 3.2: who wants this too; the sources are ascending. */
void merge_add(struct merge *m, const struct membership *with);

/* Whether the filter lets packets of the source through. */
bool membership_wants(const struct membership *m, struct ip source);

/* Addresses that are named, in the order in which they were. */
struct range {
	struct prefix prefix;
	bool except; /* it takes them out */
};

struct ranges {
	struct range *at; /* owned */
	unsigned n;
};

void ranges_put(struct ranges *r, struct prefix prefix, bool except);
void ranges_clear(struct ranges *r);

/* Whether the last range that has the address takes it in; @none: what holds if none has it. */
bool ranges_take(const struct ranges *r, struct ip ip, bool none);

/* What an upstream interface takes. */
struct intake {
	struct ranges groups;  /* none that takes in: all, but those taken out */
	struct ranges sources; /* none: all */
};

/* A way upstream. */
struct way {
	const struct intake *intake; /* not ours */
	uint8_t slot;
	bool living;
};

/* Those of a proxy, the best first. */
struct ways {
	struct way *at; /* owned */
	unsigned n;
	bool all; /* every one that takes something has it */
};

/*
 * The interfaces that have the (S,G); those that have the group for some source if @source is NULL.
 * Where no way lives that takes it, one that does not has it, and waits.
 */
struct ifset ways_to(const struct ways *w, struct ip group, const struct ip *source);

/*
 * The share that an interface has of a group's filter: *share, whose sources lie in @space, which
 * has room for all of them.
 */
void ways_share(const struct ways *w, const struct membership *whole, unsigned slot,
		struct ip *space, struct membership *share);

#endif
