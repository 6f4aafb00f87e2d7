/* reporter.h - the hosts that report groups of an interface, and how many are each one's
 *
 * A group is the one's who wanted it last, with all its sources. So that a host that asks for them
 * without end leaves room for the others, it has limits of its own.
 */
#ifndef SMCKIT_GM_REPORTER_H
#define SMCKIT_GM_REPORTER_H

#include "lib/ip.h"
#include "lib/map.h"

struct gm_reporter {
	struct map_node node;
	struct ip ip;
	unsigned ngroups;  /* not 0 */
	unsigned nsources; /* of these groups */
};

/* The host, NULL if no group is its. */
const struct gm_reporter *gm_reporter_find(const struct map *hosts, struct ip host);

/*
 * A group with so many sources that was @from's, NULL: nobody's, is the host's now: whom this
 * returns.
 */
struct gm_reporter *gm_reporter_move(struct map *hosts, struct gm_reporter *from, struct ip host,
				     unsigned nsources);

/* The group is nobody's any more; NULL: it was not. */
void gm_reporter_drop(struct map *hosts, struct gm_reporter *from, unsigned nsources);

#endif
