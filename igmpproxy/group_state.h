/* group_state.h - what the files of groups share: the parts of their state */
#ifndef SMCKIT_GM_GROUP_STATE_H
#define SMCKIT_GM_GROUP_STATE_H

#include "group.h"

static inline int64_t now_of(const struct gm_group *g)
{
	return g->table->clock->now;
}

static inline const struct gm_group_settings *settings_of(const struct gm_group *g)
{
	return &g->table->settings;
}

static inline void lower(int64_t *due, int64_t to)
{
	if (*due > to)
		*due = to;
}

static inline bool is_silent(const struct gm_group *g)
{
	return g->mode == FILTER_INCLUDE && !g->nsources;
}

/* Room for @n objects of @each bytes at @space, whose size is *@size of them. */
void *gm_grown(void *space, unsigned *size, unsigned n, size_t each);

/* NULL if there is none. */
struct gm_group *gm_group_get(const struct gm_groups *t, struct ip ip);

/* INCLUDE of no source, marked: it goes at the next settle if nothing comes of it. */
struct gm_group *gm_group_new(struct gm_groups *t, struct ip ip);

/* What follows is looked at by the next settle. */
void gm_group_mark(struct gm_group *g);

/* The group's sources become those @n, which may be the first ones of its own. */
void gm_group_set_sources(struct gm_group *g, const struct gm_source *source, unsigned n);

/* Nothing is known of hosts. */
void gm_group_untrack(struct gm_group *g);

/*
 * Does what timers that ran out by now do. After it, the timers of all sources run, but of those
 * that are blocked in EXCLUDE.
 */
void gm_group_expire(struct gm_group *g);

#endif
