/* host_change.h - what is still to be said of a group whose filter changed (RFC 3376 5.1) */
#ifndef SMCKIT_GM_HOST_CHANGE_H
#define SMCKIT_GM_HOST_CHANGE_H

#include "host_report.h"

/* What is heard of a group. */
struct filter {
	struct ip *source; /* owned, ascending, each once */
	unsigned nsources;
	uint8_t mode; /* enum filter_mode */
};

/* INCLUDE of no source, as of a group that nobody wants. */
static inline bool filter_is_none(const struct filter *f)
{
	return f->mode == FILTER_INCLUDE && !f->nsources;
}

bool filter_equal(const struct filter *a, const struct filter *b);

/* The membership's, to be freed. */
struct filter filter_copy(const struct membership *m);

/* Leaves none. */
void filter_free(struct filter *f);

/* Keeps, of ascending sources, those that the filter lets through, or those it does not. */
unsigned filter_pick(const struct filter *f, struct ip *source, unsigned n, bool forward);

/* A source whose last change is to be said @left times more. */
struct retry {
	struct ip source;
	uint8_t left;
};

struct host_group;

struct change {
	TAILQ_ENTRY(change) link;
	struct host_group *group; /* not ours */
	struct retry *retry;	  /* owned, by source */
	unsigned nretries;
	struct filter told; /* if fresh: what it was when a report was last made */
	bool fresh;	    /* in host->changed; else in a slot */
	uint8_t slot;
	uint8_t mode_left; /* reports that still say the whole filter, as a change of its mode */
};

/* Nothing is to be said of it any more; what is not settled yet stays. */
void change_drop(struct change *c);

/* Whether all has been said. */
bool change_is_done(const struct change *c);

/*
 * The filter became @now, from c->told: the difference is merged with what is still to be said of
 * earlier ones, to be said @robustness times.
 */
void change_merge(struct change *c, const struct filter *now, uint8_t robustness);

/* Adds what is to be said, and counts that it was. */
void change_put(struct change *c, struct ip group, const struct filter *now, struct report *r);

#endif
