/* upstream.h - one upstream interface of a proxy: its life, and its host side
 *
 * It lives while its interface can be spoken on. What it is to hear of each group is set at any
 * time; while it does not live nothing of that is said, and all of it when it comes back.
 */
#ifndef SMCKIT_GM_UPSTREAM_H
#define SMCKIT_GM_UPSTREAM_H

#include "codec.h"
#include "host.h"

enum upstream_state {
	UPSTREAM_NEW, /* not looked at yet */
	UPSTREAM_ABSENT,
	UPSTREAM_DISABLED,
	UPSTREAM_DOWN,
	UPSTREAM_NO_ADDRESS, /* to send from */
	UPSTREAM_UP,
};

struct upstream {
	struct gm_host host;   /* owned */
	struct engine *engine; /* not ours */
	uint8_t slot;
	bool kernel;	    /* the kernel is the host, and is told by join() */
	bool leaving;	    /* nobody wants it any more; it goes when all has been said */
	bool any_ttl;	    /* messages may come with any TTL */
	bool require_alert; /* and must have Router Alert, of IGMP */
	bool lapsed;	    /* the link was away for a while, or is another one */
	unsigned epoch;	    /* of the interface */
	enum upstream_state state;
	struct ip src;	   /* where it lives: to send from */
	struct ip querier; /* heard last, ip_any(): none */
	int64_t heard;	   /* when */
	struct log_limit limit;
	uint64_t sent, failed; /* messages; and those that could not be */
	uint64_t bad[GM_NBAD];
};

struct upstream *upstream_new(struct engine *e, unsigned slot, bool kernel);

/* Says nothing. Memberships of the kernel's are left. */
void upstream_free(struct upstream *u);

static inline bool upstream_lives(const struct upstream *u)
{
	return u->state == UPSTREAM_UP;
}

const char *upstream_state_name(enum upstream_state state);

/* Something about its interface changed. */
void upstream_iface(struct upstream *u, const struct iface *iface);

/* What follows of that and of the configuration. */
void upstream_derive(struct upstream *u);

/* What is to be heard of a group there. */
void upstream_set(struct upstream *u, const struct membership *m);

/* Leaves all groups. */
void upstream_leave(struct upstream *u);

/* Says some of what changed; true if there is more. */
bool upstream_settle(struct upstream *u, unsigned budget);

/* A message was heard; @arena is for its parts. */
void upstream_packet(struct upstream *u, const struct packet *packet, struct arena *arena);

/* Messages that were heard and not in order. */
uint64_t upstream_dropped(const struct upstream *u);

#endif
