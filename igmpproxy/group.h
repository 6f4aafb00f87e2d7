/* group.h - what the listeners of one interface want: the router side's state of groups
 *
 * RFC 3376 6.2 to 6.6 and 7.3.2, RFC 3810 7.2 to 7.6 and 8.3.2, one table for both. Messages that
 * were decoded go in and change stored state only; gm_groups_settle(), which the owner calls at
 * the end of its turn, tells what follows: filters that are other ones now, and specific queries
 * that are due. Who is querier, and in which version it asks, is the owner's.
 */
#ifndef SMCKIT_GM_GROUP_H
#define SMCKIT_GM_GROUP_H

#include <libite/queue.h>

#include "lib/clock.h"
#include "lib/module.h"
#include "lib/tree.h"

#include "filter.h"
#include "message.h"
#include "reporter.h"
#include "track.h"

/* In force where they are next looked at: the owner may write them at any time. */
struct gm_group_settings {
	unsigned robustness;	      /* not 0 */
	int64_t query_interval;	      /* ms, as all times */
	int64_t response_interval;    /* longest that answers to a general query take */
	int64_t last_member_interval; /* between specific queries, and to answer each */
	unsigned last_member_count;   /* of specific queries; 0: the robustness */
	unsigned oldest_host;	      /* reports and leaves of older versions are ignored */
	bool fast_leave;	      /* who leaves was the only one: nobody is asked */
	bool track;		      /* nor when no other host is known to want it */
	bool track_old;		      /* which hosts of older versions are, too */
	const struct prefix *ssm;     /* not ours; source-specific groups; */
	unsigned nssm;		      /* 0: those of RFC 4607 */
	unsigned max_groups;	      /* on the interface */
	unsigned max_host_groups;     /* that one host wanted last */
	unsigned max_sources;	      /* in a group */
	unsigned max_sources_all;     /* in all groups */
	unsigned max_host_sources;    /* in those that one host wanted last */
	unsigned max_tracked;	      /* hosts, once for each group or source that they want */
};

/* What was not done, and why. */
struct gm_group_counters {
	uint64_t groups_refused, shares_refused, sources_refused, hosts_refused; /* limits */
	uint64_t old_ignored;	 /* messages of versions that are not listened to */
	uint64_t ssm_ignored;	 /* what source-specific groups do not have (RFC 4604 3) */
	uint64_t compat_ignored; /* what is ignored while there are older hosts */
};

/* Members that never expire, by configuration. */
struct gm_fixed {
	enum filter_mode mode; /* EXCLUDE: all sources */
	unsigned nsources;
	struct ip source[];
};

struct gm_group {
	struct tree_node node;
	TAILQ_ENTRY(gm_group) link;   /* in work, if is_marked */
	struct timer timer;	      /* to the first of all deadlines */
	struct gm_source *source;     /* owned; ascending */
	struct ip *told;	      /* owned; the filter's sources as last told */
	struct gm_track *track;	      /* owned; NULL: nobody was tracked */
	struct gm_fixed *fixed;	      /* owned; NULL: none */
	struct gm_groups *table;      /* not ours */
	struct gm_reporter *reporter; /* the host that last wanted something of it; NULL: none */
	struct ip ip;
	int64_t since;	  /* when it was made */
	int64_t due;	  /* of the group timer; 0 in INCLUDE */
	int64_t host1;	  /* IGMPv1 hosts are present until then */
	int64_t host2;	  /* IGMPv2 or MLDv1 hosts */
	int64_t query_at; /* the next queries are sent; CLOCK_NEVER: none is pending */
	unsigned nsources, ntold;
	uint8_t mode, told_mode; /* enum filter_mode */
	uint8_t queries;	 /* group-specific ones yet to be sent */
	uint8_t epoch;		 /* of the table, when it was last swept */
	bool is_asked;		 /* Q(G) was begun, and nobody answered since */
	bool is_marked;
};

TREE_HEAD(gm_group_tree);
TAILQ_HEAD(gm_group_list, gm_group);

struct gm_groups;

/* What the owner is told: wake() by timers, the others by gm_groups_settle(). No call re-enters. */
struct gm_group_ops {
	/*
	 * The group's whole filter, which is another one now. INCLUDE of none: nobody listens; and
	 * whether anybody did before.
	 */
	void (*member)(struct gm_groups *t, const struct membership *m, bool was_wanted);

	/* To be sent at once, in one packet or several; all members of a v3 query are set. */
	void (*query)(struct gm_groups *t, const struct gm_message *query);

	/* There is work for gm_groups_settle(). */
	void (*wake)(struct gm_groups *t);
};

/* Whether listeners may want the group; with a source, that of it. */
typedef bool gm_permits(const struct gm_groups *t, struct ip group, const struct ip *source);

struct gm_groups {
	struct gm_group_tree tree;
	struct map hosts;	   /* owned; struct gm_reporter */
	struct gm_group_list work; /* groups to be looked at */
	struct gm_source *merged;  /* owned; space to work in */
	struct ip *scratch;	   /* owned; as well */
	unsigned merged_size, scratch_size;
	const struct gm_group_ops *op; /* not ours */
	struct clock *clock;	       /* not ours */
	struct gm_group_settings settings;
	bool querier; /* the owner's word: whether we ask */
	unsigned ngroups, nsources, ntracked;
	struct gm_group_counters counters;

	/* A sweep over all groups; those of another epoch have not been looked at yet. */
	gm_permits *permits; /* what may stay, NULL: nothing */
	struct ip swept;     /* so far */
	bool sweeps;
	uint8_t epoch;
};

/* The defaults of RFC 3376 8 and RFC 3810 9. */
struct gm_group_settings gm_group_settings(void);

/* As querier, with the default settings and no group. */
void gm_groups_init(struct gm_groups *t, struct clock *clock, const struct gm_group_ops *op);

/* Leaves no timer and no byte, and tells nothing. */
void gm_groups_free(struct gm_groups *t);

/* Group Membership Interval, Multicast Address Listening Interval. */
int64_t gm_membership_interval(const struct gm_group_settings *s);

/* Older Version Host Present Interval. */
int64_t gm_older_host_interval(const struct gm_group_settings *s);

/* Last Member Query Count and Time. */
unsigned gm_last_member_count(const struct gm_group_settings *s);
int64_t gm_last_member_time(const struct gm_group_settings *s);

/* A report or a leave of @host, of any version, as it was decoded. */
void gm_groups_report(struct gm_groups *t, struct ip host, const struct gm_message *m);

/* A query that somebody else sent. */
void gm_groups_query(struct gm_groups *t, const struct gm_message *query);

/*
 * The permanent members of a group: INCLUDE of some sources, in ascending order; EXCLUDE: of all,
 * whatever sources are named; INCLUDE of none: there are none any more.
 */
void gm_groups_fix(struct gm_groups *t, const struct membership *m);

/*
 * Forgets what was learned, as when the interface went down: in slices, by gm_groups_settle(), but
 * nothing that is heard from now on. Permanent members stay.
 */
void gm_groups_forget(struct gm_groups *t);

/*
 * The same, of sources that @permits says no to, and of listeners to all sources of a group where
 * it does without a source.
 */
void gm_groups_recheck(struct gm_groups *t, gm_permits *permits);

/* Tells what follows, of up to @budget groups; true if more is to be done. */
bool gm_groups_settle(struct gm_groups *t, unsigned budget);

/* To look at: NULL if there is no such group; the first behind that address. */
const struct gm_group *gm_group_find(const struct gm_groups *t, struct ip ip);
const struct gm_group *gm_group_after(const struct gm_groups *t, struct ip ip);

/* Whether the group is source-specific, as the settings say. */
bool gm_groups_is_ssm(const struct gm_groups *t, struct ip group);

/* The host that last wanted something of it, ip_any(): nobody did. */
struct ip gm_group_reporter(const struct gm_group *g);

/* Group Compatibility Mode: 1 to 3, as the versions of messages. */
unsigned gm_group_version(const struct gm_group *g);

#endif
