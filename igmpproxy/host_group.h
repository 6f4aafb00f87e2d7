/* host_group.h - what host.c and host_query.c share of the groups */
#ifndef SMCKIT_GM_HOST_GROUP_H
#define SMCKIT_GM_HOST_GROUP_H

#include "host_change.h"

/* A group that we are a member of, or were and still say so. */
struct host_group {
	struct tree_node order;
	struct ip ip;
	struct filter filter;
	struct change *change; /* owned; what is to be said of it, or NULL */
	struct answer *answer; /* owned; to a query of the group, or NULL */
	uint32_t round;	       /* the walk's: it need not answer for the group */
	bool last;	       /* no other host reported since we did (RFC 2236 6) */
};

static inline int host_group_cmp(const struct host_group *a, const struct host_group *b)
{
	return ip_cmp(a->ip, b->ip);
}

TREE_GENERATE(host_groups, host_group, order, host_group_cmp)

/* Its filter as others know it: what is not settled yet has not been said. */
static inline const struct filter *host_group_said(const struct host_group *g)
{
	return g->change && g->change->fresh ? &g->change->told : &g->filter;
}

struct host_group *host_group_find(const struct gm_host *h, struct ip ip);

/* The first group from @ip on, or @behind it, wanted or left; NULL if there is none. */
struct host_group *host_group_from(const struct gm_host *h, struct ip ip, bool behind);

/* What was said of the group is not said again; what is not settled yet will be. May free it. */
void host_group_hush(struct gm_host *h, struct host_group *g);

/* Another version may be spoken now. */
void host_version_changed(struct gm_host *h);

/* A report or a leave of versions 1 and 2. */
void host_say_report(struct gm_host *h, struct host_group *g);
void host_say_leave(struct gm_host *h, struct host_group *g);

void host_walk_init(struct gm_host *h);
void host_walk_stop(struct gm_host *h);

/* No answer is pending any more to a query of the group. */
void host_answer_stop(struct gm_host *h, struct host_group *g);

#endif
