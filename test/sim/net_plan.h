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
	PLAN_SAY,     /* router a: is a candidate as in its words b */
	PLAN_STATIC_RPS, /* all routers: have the static RPs b */
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

/* What the configuration of a router says of it as a candidate, for both families. */
struct plan_say {
	bool off;
	bool bsr, zone_bsr, rp;
	unsigned bsr_form, rp_form; /* enum plan_form */
	unsigned bsr_priority, zone_priority, rp_priority;
	unsigned hash_len[NFAMILIES];
	unsigned ranges; /* bits of plan_ranges[]; 0: all groups */
};

/* How a candidate names its address. */
enum plan_form { PLAN_ADDRESS, PLAN_IFNAME, PLAN_ANY, PLAN_FORMS };

/* Ranges of groups, the last one that of the zone. */
#define PLAN_RANGES 4
#define PLAN_ZONE (PLAN_RANGES - 1)
extern const char *const plan_ranges[PLAN_RANGES][NFAMILIES];

#define PLAN_STATICS 3

struct plan_static {
	unsigned router, range, priority;
};

/* Routers whose RPs change. */
struct plan_rps {
	bool on;
	struct plan_say say[PLAN_ROUTERS][2];
	struct plan_static fixed[2][PLAN_STATICS];
	unsigned nfixed[2];
	bool static_first;
	uint32_t members;		   /* routers that share the address of an RP, as bits */
	unsigned shared;		   /* of which range it is */
	int64_t bsr_interval, rp_interval; /* seconds */
	bool has_zone;			   /* behind a router, these links */
	unsigned border;
	uint64_t inside;
	int64_t look; /* ms: until then some faults stay, and what is left is to be well */
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
	char group[PLAN_GROUPS][48];
	unsigned ecmp;		   /* next hops of unicast routes; 0: there are none */
	int64_t converge, diverge; /* ms until routers have others, and at most how many more */
	unsigned rp[2], nrps;	   /* PLAN_PIM: routers */
	struct plan_rps rps;
	unsigned spt;	 /* which spt-threshold */
	bool has_old;	 /* hosts */
	bool has_choice; /* between ways up */
	bool has_old_router;
	bool is_wide;  /* not all links are short */
	bool has_twin; /* a router beside another, on the same links */
	unsigned nlinks, nrouters, nhosts, ngroups, nacts;
};

void plan_draw(struct plan *p, uint64_t seed);

/* One of PIM. */
void plan_draw_pim(struct plan *p, uint64_t seed);

/* net_plan_rp.c: the same, with RPs that change. */
void plan_draw_rp(struct plan *p, uint64_t seed);
void plan_print_rp(const struct plan *p, struct buf *text);

struct plan_text {
	char text[48];
};

/* The address of a router on its first link, as plan_play() makes routers. */
const char *plan_address(const struct plan *p, unsigned router, enum af af, struct plan_text *text);

/* The statements of a candidate, and those of static RPs. */
void plan_say_conf(struct buf *conf, const struct plan *p, unsigned router,
		   const struct plan_say *say);
void plan_static_conf(struct buf *conf, const struct plan *p, unsigned fixed);

/* RFC 4610: the address that is shared; what all say of it, and members. */
extern const char *const plan_shared[NFAMILIES];
void plan_shared_conf(struct buf *conf, const struct plan *p, unsigned router);

/* Whether some link of the router is in the zone. */
bool plan_is_in_zone(const struct plan *p, unsigned router);

/* What net_plan.c draws for it. */
void plan_draw_mesh(struct plan *p, struct rng *rng);
void plan_draw_hosts(struct plan *p, struct rng *rng);
void plan_draw_acts(struct plan *p, struct rng *rng);
struct plan_act *plan_act_new(struct plan *p, struct rng *rng, enum plan_what what, int64_t at);

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
