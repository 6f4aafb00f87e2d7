/* net_plan.h - random scenarios: drawn from a seed, played, and made smaller while they fail
 *
 * A plan is complete before anything runs, and whatever is taken out of it, the rest is a plan
 * still. Links, routers and hosts are called l0, r0, h0 and so on.
 */
#ifndef SMCKIT_SIM_NET_PLAN_H
#define SMCKIT_SIM_NET_PLAN_H

#include "sim/net.h"

#define PLAN_LINKS 48
#define PLAN_ROUTERS 16
#define PLAN_HOSTS 24
#define PLAN_GROUPS 6
#define PLAN_ACTS 160

enum plan_kind {
	PLAN_STATIC, /* a tree, each router floods */
	PLAN_PROXY,  /* proxies below one another, some with two upstreams */
	PLAN_PIM,    /* routers with PIM, any of them on any links */
};

struct plan_router {
	bool off;
	unsigned up[2], nup;	 /* links */
	unsigned down[3], ndown; /* links, on which no other router but a twin has a downstream */
	unsigned spare;		 /* a link that has unicast routes alone */
	bool has_spare;
	bool kernel;	  /* reports upstream */
	unsigned version; /* of IGMP downstream, 3 or 2, and of MLD, one less */
};

struct plan_host {
	bool off;
	unsigned link;
	unsigned version[NFAMILIES];
};

/* What happens at a time; faults end at another. */
enum plan_what {
	PLAN_WANT,    /* the host a: another filter of group b */
	PLAN_SEND,    /* the host a to group b; at the end no longer */
	PLAN_DOWN,    /* link a */
	PLAN_PORT,    /* router a's port on its link number b */
	PLAN_POOR,    /* link a: loses packets, and the like */
	PLAN_KILL,    /* router a, in the way b (enum net_death) */
	PLAN_SPLIT,   /* link a: router b is apart */
	PLAN_RELOAD,  /* router a: other intervals, or the same */
	PLAN_CHANGE,  /* router a: without its downstream number b */
	PLAN_UPGRADE, /* router a: another process goes on */
	PLAN_MODULE,  /* router a: opens a module, b says with what wishes; and does without it */
};

struct plan_act {
	bool off;
	enum plan_what what;
	int64_t at, until;
	unsigned a, b;
	enum filter_mode mode; /* PLAN_WANT */
	uint32_t sources;      /* hosts, as bits */
	struct net_quality quality;
};

struct plan {
	uint64_t seed;
	enum plan_kind kind;
	bool strict;		/* nothing breaks, so that no packet may be missed */
	int64_t query_interval; /* of routers, in seconds */
	int64_t soon;		/* ms until listeners get all; 0: that is not known */
	int64_t calm;		/* ms from the last fault until all is to be well */
	int64_t idle;		/* ms until nothing is to be left */
	struct plan_router router[PLAN_ROUTERS];
	struct plan_host host[PLAN_HOSTS];
	struct plan_act act[PLAN_ACTS];
	unsigned delay[PLAN_LINKS]; /* ms */
	char group[PLAN_GROUPS][16];
	unsigned ecmp;		   /* next hops of unicast routes; 0: there are none */
	int64_t converge, diverge; /* ms until routers have others, and at most how many more */
	unsigned rp[2], nrps;	   /* PLAN_PIM: routers */
	unsigned spt;		   /* which spt-threshold */
	bool has_old;		   /* hosts */
	bool has_choice;	   /* between ways up */
	bool has_old_router;
	bool is_wide;  /* not all links are short */
	bool has_twin; /* a router beside another, on the same links */
	unsigned nlinks, nrouters, nhosts, ngroups, nacts;
};

void plan_draw(struct plan *p, uint64_t seed);

/* One of PIM. */
void plan_draw_pim(struct plan *p, uint64_t seed);

/* What is in it, a line each. */
void plan_print(const struct plan *p, struct buf *text);

struct plan_result {
	bool failed;
	struct buf complaints, log;
	struct net_figures figures;
	int64_t lasted; /* ms of the network's time */
};

/*
 * Plays it; the result is to be freed. @picture: "SECONDS HOST GROUP FILE" for net_picture(), or
 * NULL.
 */
struct plan_result plan_play(const struct plan *p, enum net_log_level log, const char *pcap,
			     const char *picture);
void plan_result_free(struct plan_result *r);

/* Takes out what is not needed for it to fail. The number of plays that it took. */
unsigned plan_shrink(struct plan *p);

#endif
