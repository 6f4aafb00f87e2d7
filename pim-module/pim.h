/* pim.h - an instance of the engine of PIM: what its files share
 *
 * RFC 7761, of one family. Inputs are stored: Hellos (neighbor.c), Joins and Prunes (down*.c),
 * Asserts (assert.c), what listeners want (local.c), where unicast routing leads (target.c), which
 * RP a group has (rp.h). What changed marks entries; entry_settle() derives the rest by the macros
 * of the RFC (macros.h), tells upstream routers (up*.c, jp_send.c) and the core (forward.c).
 */
#ifndef SMCKIT_PIM_H
#define SMCKIT_PIM_H

#include <libite/queue.h>

#include "lib/map.h"
#include "lib/module.h"
#include "lib/tree.h"
#include "msg_assert.h"
#include "msg_hello.h"
#include "msg_jp.h"
#include "msg_register.h"
#include "pim_conf.h"
#include "rp.h"

struct pim;
struct pim_iface;
struct rpf_neighbor;
struct entry;
struct branch;

/* Areas of the log beside that of the module's name, which has all else. */
enum pim_area {
	AREA_NEIGHBOR, /* and who is DR */
	AREA_DOWNSTREAM,
	AREA_UPSTREAM,
	AREA_ASSERT,
	AREA_REGISTER,
	AREA_RPF,
	AREA_RP, /* who it is, of which groups */
	AREA_BSR,
	PIM_NAREAS
};

/* A router that says Hello on a link. */
struct neighbor {
	TAILQ_ENTRY(neighbor) link; /* of the interface, by address */
	struct pim_iface *iface;    /* not ours */
	struct ip address;	    /* the primary one: the source of its Hellos */
	struct ip *secondary;	    /* owned */
	unsigned nsecondary;
	struct timer timeout;  /* Neighbor Liveness Timer; does not run if it never ends */
	struct timer restart;  /* until then, another generation ID has no effect */
	bool restarted;	       /* it had another one since that was started */
	int64_t since;	       /* its first Hello, or that of its latest generation ID */
	struct msg_hello said; /* the last one; @secondary is NULL */
};

TAILQ_HEAD(neighbors, neighbor);

enum pim_state {
	PIM_OFF,	/* the configuration does not have it any more */
	PIM_ABSENT,	/* there is no such interface */
	PIM_DISABLED,	/* multicast routing does not use it */
	PIM_UNSUITABLE, /* it does no multicast */
	PIM_DOWN,
	PIM_NO_ADDRESS, /* to send from */
	PIM_RUNS,
};

/* What came in and went out, of an interface and of all. */
struct pim_counters {
	uint64_t received[MSG_NTYPES], sent[MSG_NTYPES]; /* received: those not dropped */
	uint64_t send_failed;
	uint64_t bad[MSG_NBAD]; /* dropped by the decoder */
	uint64_t bad_ttl;	/* of a message that must not have been routed */
	uint64_t stranger;	/* from one who said no Hello (RFC 7761 4.5, 4.6) */
	uint64_t restarts;	/* of one who just did, which wait */
	uint64_t filtered;	/* from one whom the configuration does not want */
	uint64_t not_for_me;	/* Joins and Prunes to another upstream router */
	uint64_t wrong_rp;	/* (*,G) joins with another RP than ours */
	uint64_t ssm_refused;	/* what speaks of shared trees of source-specific groups */
	uint64_t limited;	/* for which a limit had no room */
	uint64_t register_wrong_rp, register_filtered, register_limited, register_no_state;
	uint64_t register_too_big; /* for the path to the RP, and not to be cut */
	uint64_t stop_stranger,
		stop_no_state; /* Register-Stops of another than the RP, of nothing */

	/* Messages of Auto-RP: taken; of who is not believed, or over a border; wrong. */
	uint64_t auto_received, auto_filtered, auto_bad;

	/* Registers among members of an anycast RP. */
	uint64_t copies_sent, copies_received;

	/* Bootstrap messages that are not taken, and Candidate-RP-Advertisements. */
	uint64_t bsr_rpf;      /* not by the neighbor that leads to the bootstrap router */
	uint64_t bsr_late;     /* for one who just began, which we did not */
	uint64_t bsr_border;   /* over the border of a zone */
	uint64_t bsr_filtered; /* of a router that is not to be it */
	uint64_t bsr_scope;    /* of a zone that cannot be */
	uint64_t candidate_not_bsr, candidate_filtered;
	uint64_t rp_filtered; /* RPs that are not to be believed, whoever says them */
};

/* A cell of a figure, as a case: one that stands twice is an error. */
#define AT(state, event) ((int)(state) << 8 | (int)(event))

/* What is said of RPs has come to all neighbors by then, in ms. */
#define RPS_SPREAD 500

/* Of the interface and of all. */
#define PIM_COUNT(i, what) ((i)->counters.what++, (i)->pim->counters.what++)

/* An interface where PIM is at work, or will be. */
struct pim_iface {
	struct pim *pim; /* not ours */
	uint8_t slot;
	uint8_t state;	       /* enum pim_state */
	bool watches, listens; /* LISTEN_DATA, LISTEN_PIM */
	bool listens_auto;     /* LISTEN_AUTO_RP */
	bool follows;	       /* what listeners there want */
	bool speaks;	       /* it runs, and is not passive */
	unsigned epoch;
	unsigned mtu;
	bool ptp;
	struct ip address;	  /* from which we speak; while it runs */
	struct prefix *addresses; /* owned; all of the family */
	unsigned naddresses;
	struct pim_fields fields; /* what `phyint` says */

	uint32_t genid;
	struct timer hello;	/* the periodic one */
	struct timer triggered; /* one for somebody new, who did not hear one yet */
	bool has_spoken;	/* a Hello was sent from this address */

	struct neighbors neighbors; /* owned */
	unsigned nneighbors;

	/* What follows from neighbors and fields (RFC 7761 4.3.2, 4.3.3). */
	struct ip dr; /* ip_any(): nobody, it does not run */
	bool is_dr;
	struct timer learning; /* it may have others that did not say so yet, whom listeners know */
	bool has_lan_delay;    /* lan_delay_enabled(I) */
	bool has_suppression;  /* Suppression_Enabled(I) */
	int64_t propagation_delay; /* Effective_Propagation_Delay(I), ms */
	int64_t override_interval; /* Effective_Override_Interval(I), ms */

	/* t_periodic as it was, which holds until then (RFC 7761 4.11); of up.c. */
	int64_t period, next_period, period_until;
	unsigned jp_failures; /* Joins and Prunes in a row that could not be sent */

	struct log_limit elections, changes, complaints;
	struct pim_counters counters;
};

/* An address that trees lead to, an RP or a source, and the way there: what is in the MRIB. */
struct target {
	struct map_node node;
	struct pim *pim; /* not ours */
	struct ip ip;
	uint64_t number; /* the order of their making */
	TAILQ_ENTRY(target) link;
	LIST_HEAD(, entry) users; /* not ours */
	bool reachable, connected, own;
	bool is_rp;	     /* of those in the set of RPs, which hold it */
	bool is_counted;     /* it is one, and ours: in @nown */
	unsigned embedded;   /* entries in whose groups it is the RP */
	unsigned holders;    /* others who need to know where it is */
	uint8_t slot;	     /* where it is reached, if PIM runs there; else NOSLOT */
	struct ip neighbor;  /* NBR(slot, next hop or, if connected, itself); ip_any(): NULL */
	uint32_t preference; /* for Asserts (RFC 7761 4.6.3) */
	uint32_t metric;
	struct ip watched; /* what unicast routing is asked for: @ip, or a next hop that is set */
	struct via *via;   /* not ours; that next hop; NULL: none */
	LIST_ENTRY(target) same_via;
	struct rpf rpf; /* the answer that all this follows from */
};

TAILQ_HEAD(markings, marking);

/* Targets that are to be looked at anew: those that have to do with interfaces, or all. */
struct target_review {
	struct ifset slots;
	bool is_of_all;
	unsigned left;	     /* how many; 0: none is under way */
	struct target *next; /* not ours; NULL: the first one */
};

/* A next hop that the configuration sets, and the targets that are reached by it. */
struct via {
	struct map_node node;
	struct ip ip;
	struct rpf rpf;
	LIST_HEAD(, target) targets; /* not ours */
};

/* Figures 2 and 3, (*,G) and (S,G). */
enum down_state { DOWN_NO_INFO, DOWN_JOIN, DOWN_PRUNE_PENDING };

/* Figure 4, (S,G,rpt). The two Tmp ones are left within the message. */
enum down_rpt_state {
	RPT_NO_INFO,
	RPT_PRUNE,
	RPT_PRUNE_PENDING,
	RPT_PRUNE_TMP,
	RPT_PRUNE_PENDING_TMP,
};

struct down_rpt {
	struct branch *branch; /* not ours */
	uint8_t state;	       /* enum down_rpt_state */
	struct timer et, ppt;
};

/* Figures 8 and 9. */
enum assert_state { ASSERT_NO_INFO, ASSERT_WINNER, ASSERT_LOSER };

/* RFC 7761 4.6.3: lower is better, but for the address. */
struct assert_metric {
	bool rpt;
	uint32_t preference, metric;
	struct ip ip;
};

struct assert {
	struct branch *branch; /* not ours */
	uint8_t state;	       /* enum assert_state, never ASSERT_NO_INFO */
	bool rpf;	       /* the interface led to the root when it was looked at last */
	struct timer at;
	struct assert_metric winner; /* AssertWinner and its metric; ours if we are */
};

/* A Prune that may be overridden. */
struct pending {
	struct branch *branch; /* not ours */
	struct timer ppt;      /* Prune-Pending Timer */
};

/* What an interface has of an entry. It is there while one of the three machines is at work. */
struct branch {
	SLIST_ENTRY(branch) link; /* of the entry, by slot */
	struct entry *entry;	  /* not ours */
	uint8_t slot;
	uint8_t down;		 /* enum down_state */
	struct timer et;	 /* of @down: Expiry Timer */
	struct pending *pending; /* owned; NULL: not PrunePending */
	struct down_rpt *rpt;	 /* owned; NULL: NoInfo */
	struct assert *assert_;	 /* owned; NULL: NoInfo */
};

/* I_Am_Assert_Loser: an Assert of the entry was lost there. Of no branch it was not. */
static inline bool branch_is_loser(const struct branch *b)
{
	return b && b->assert_ && b->assert_->state == ASSERT_LOSER;
}

/* RFC 7761 4.5.7. */
enum up_rpt_state { RPT_NOT_JOINED, RPT_NOT_PRUNED, RPT_PRUNED };

/* RFC 7761 4.4.1; without it: NoInfo. */
enum register_state { REGISTER_JOIN, REGISTER_JOIN_PENDING, REGISTER_PRUNE };

struct register_ {
	struct entry *entry;   /* not ours */
	uint8_t state;	       /* enum register_state */
	struct ip rp;	       /* who is registered with */
	struct target *target; /* held; the same */
	struct timer rst;      /* Register-Stop Timer */
	struct timer move;     /* until that is another RP, the old one being alive */
	bool is_asked, is_refused, may_move;
	int64_t move_by; /* the latest */
	int64_t moved;	 /* the last time */
};

/* A source's data is about to be taken from another way. */
struct turn {
	struct age age;	       /* of @turns or, until @is_turning, @lingers */
	struct entry *entry;   /* not ours */
	struct ip old_up;      /* who sends it, joined still */
	struct target *old_rp; /* held; of (*,G): the RP that it comes from */
	int64_t by;	       /* then that is taken, or when the old one moved on from this */
	uint32_t packets;
	uint8_t old_slot; /* from where data is taken still; NOSLOT: RPF' it is */
	bool is_turning;  /* data of the new way was seen */
	bool was_own;	  /* @old_rp was this router when it was left */
};

/* Where data of a source came in that should not. */
struct stray {
	struct ifset slots; /* those that an Assert could not be sent for */
	int64_t at;	    /* the last time */
	uint32_t packets;   /* counted then where it should; low bits */
};

/* A Join of (S,G,rpt) that is to override another router's Prune. */
struct override {
	struct entry *entry; /* not ours */
	struct timer ot;     /* Override Timer */
};

/*
 * What is known of (*,G), whose source is ip_any(), or of (S,G) and (S,G,rpt). There may be very
 * many: what few of them need hangs on them.
 */
struct entry {
	struct tree_node order; /* by group, then source: (*,G) is first of its group */
	struct sg sg;
	struct pim *pim;    /* not ours */
	struct entry *star; /* not ours; (*,G) of its group, NULL: none, or it is this one */
	TAILQ_ENTRY(entry) mark;
	SLIST_HEAD(, branch) branches; /* owned */

	/* Where its tree comes from: to the RP, or the source. NULL: no RP is known. */
	struct target *target; /* not ours */
	LIST_ENTRY(entry) user;
	struct target *embedded; /* held; the RP within its group, if it needs that */

	/* What local listeners want, as gm says, be we DR or not (RFC 7761 4.1.5). */
	struct ifset include; /* local_receiver_include(*,G,I), or (S,G,I) */
	struct ifset exclude; /* local_receiver_exclude(S,G,I) */

	struct ip up;	   /* RPF' as of the last settle; ip_any(): none */
	struct timer jt;   /* Join Timer */
	struct turn *turn; /* owned; NULL: none is under way */
	union {
		/* (*,G) alone. */
		struct {
			struct ip rp;	    /* as of the last settle; ip_any(): none */
			struct ifset olist; /* as streams without an entry were last told */
		};
		/* (S,G) alone. */
		struct {
			uint64_t packets, bytes; /* counted when it was looked at last */
			struct stray *stray;	 /* owned; NULL: it never did */
		};
	};

	/* (S,G) alone. */
	struct timer kat;	     /* Keepalive Timer; or, if @is_watched, when to look next */
	struct register_ *register_; /* owned; NULL: NoInfo */
	struct override *override;   /* owned; NULL: OT does not run */
	struct answers *answers;     /* owned; NULL: no member of an anycast RP was asked */

	uint8_t iif;	    /* as the core, or those streams, were last told */
	uint8_t seen;	    /* (S,G): where its data was seen last; NOSLOT: nowhere */
	uint8_t up_slot;    /* the interface of @up; NOSLOT: none */
	uint8_t up_rpt : 2; /* (S,G): enum up_rpt_state */
	uint8_t hurry : 3;  /* Joins to be said again soon: not all know of a new RP yet */
	bool is_marked : 1, is_urgent : 1;

	/* Figures 5 and 6. */
	bool is_joined : 1;
	bool is_hastened : 1;  /* @jt ends before its time, as those of many may */
	bool up_by_assert : 1; /* @up was the winner of an Assert then */
	bool up_is_new : 1;    /* and went, and came again, since */

	bool has_no_rp : 1; /* the one within its group is not to be used, which was counted */
	bool feeds : 1;	    /* (*,G) alone: data of some source came by it */

	/* (S,G) alone. */
	bool spt : 1;		 /* SPTbit */
	bool spt_is_assumed : 1; /* it was set before data came by the source's tree */
	bool is_registered : 1;	 /* we are the RP, and its data comes in Registers */
	bool is_first_hand : 1;	 /* these are of its DR, not copies of another member */
	bool rpt_diverts : 1;	 /* RPF'(S,G,rpt) was another than RPF'(*,G) */
	bool is_watched : 1;	 /* whether to leave the shared tree depends on what flows */
	bool is_counted : 1;	 /* @packets and @bytes are those of Registers since then */
	bool is_busy : 1;	 /* and it was enough: SwitchToSptDesired */
	bool was_joined : 1;	 /* as of the last settle */
	bool has_turned : 1;	 /* while (*,G) turns, its data comes from the new RP */
};

_Static_assert(sizeof(struct entry) <= 280 && sizeof(struct branch) <= 72,
	       "what there may be very many of takes no more than these of malloc()'s chunks");

TREE_HEAD(entry_tree);
TAILQ_HEAD(marks, entry);

/* What entries are to be visited for, so many in a slice of a turn. */
struct walk {
	TAILQ_ENTRY(walk) link;
	void (*visit)(struct entry *e, const struct walk *w);
	struct sg at;		 /* the next one; all zero is before the first */
	struct sg again;	 /* from there it is to be gone once more */
	bool is_again, in_group; /* only those of the same group */
	uint8_t slot;		 /* for @visit */
	struct ip address;
};

/* Something to be said to an upstream router at the end of the turn. */
struct jp_item {
	struct tree_node order; /* by interface and neighbor, then as a message has it */
	struct ip upstream;
	struct ip group;
	struct msg_jp_source source;
	uint8_t slot;
	bool prune;
};

TREE_HEAD(jp_items);

/* jp_early.c */
TREE_HEAD(early_joins);

/* auto.h */
struct auto_agent;
TAILQ_HEAD(auto_agents, auto_agent);

/* bsr.h */
struct zone;
struct candidate;
TAILQ_HEAD(zones, zone);
TAILQ_HEAD(candidates, candidate);

/* What fits on the way there, as the system said. */
struct path {
	struct ip to;
	unsigned mtu;
	int64_t until; /* then it is asked again */
};

/* How many there were within a second. */
struct per_second {
	int64_t until; /* then it is over */
	unsigned n;
};

/* A Register-Stop that was sent. */
struct stop_said {
	struct sg sg;
	struct ip dr;
	int64_t at;
};

/* A Bootstrap message that was forwarded. */
struct bsr_passed {
	uint32_t hash;
	int64_t until; /* the same one is not forwarded again */
};

struct pim {
	struct engine engine;		  /* first */
	struct log_area *log[PIM_NAREAS]; /* not ours */

	struct pim_conf *conf;		   /* owned; in force */
	struct pim_iface *iface[MAXSLOTS]; /* owned; by slot, NULL: none */
	struct ifset running;		   /* slots in PIM_RUNS */
	uint8_t tunnel;			   /* slot; NOSLOT: none could be had */
	struct rp_set rps;		   /* owned */
	struct map targets;		   /* owned */
	unsigned nown;			   /* those that are RPs, and ours */
	struct map vias;		   /* owned */
	TAILQ_HEAD(, target) target_list;  /* the same in the order of their making */
	uint64_t last_target;		   /* its number */
	unsigned ntargets;
	struct target **rp_target; /* owned; the targets not; those with @is_rp */
	unsigned nrp_targets;
	struct target_review review;
	struct markings markings;  /* owned */
	struct entry_tree entries; /* owned */
	unsigned nentries;
	uint32_t nbranches[MAXSLOTS]; /* of all entries */
	unsigned njoined;	      /* those that are joined */
	struct marks marks, urgent;   /* entries to be settled; those that packets wait for */
	TAILQ_HEAD(, walk) walks;     /* owned; that are not through */
	struct age_queue turns;	      /* entries that are about to change to another way */
	struct age_queue lingers;     /* entries to whom nothing came by the new way yet */
	unsigned nleft;		      /* (*,G) of them that come from us as an RP that was */
	uint64_t rps_version;	      /* of the set of RPs, as of the last settle */
	int64_t rps_spread;	      /* until then others may not have heard of it what we have */
	unsigned nembedded;	      /* RPs within groups that are in use */
	bool embedded_refused;	      /* there was no room for one */
	struct timer embedded_again;  /* until then, who waits for room is not told again */

	struct zones zones;	      /* owned; of bootstrap routers, the global one first */
	struct candidates candidates; /* owned; we as candidate RPs */
	unsigned nzones, nmappings;   /* RPs in ranges of all zones */
	bool is_bsr_stale;	      /* what candidacies follow from is another one */
	int64_t began;		      /* the first interface that speaks; -1: none did yet */

	struct early_joins early; /* owned; Joins that name an RP which may be the group's soon */
	struct age_queue early_ages;
	unsigned nearly;
	uint32_t nearly_at[MAXSLOTS]; /* those of each interface */

	struct jp_items items; /* owned; to be said */
	unsigned nitems;
	struct timer jp_later; /* what did not go at once is sent then */
	int64_t jp_until;      /* so many messages went, of those that may until then */
	unsigned jp_sent;

	int64_t too_big_again;		/* until then, no source is told so */
	struct path path;		/* that of Registers which were too big */
	struct per_second asked;	/* sources that asked a new RP */
	struct per_second registers;	/* that came */
	struct stop_said stop_said[16]; /* by hash */

	struct bsr_passed bsr_passed[64]; /* Bootstrap messages, a ring */
	unsigned nbsr_passed;		  /* ever */
	struct anycast *anycast;	  /* owned; members of anycast RPs, as configured */
	unsigned nanycast;

	struct auto_agents agents; /* owned; of Auto-RP, that were heard */
	unsigned nagents;
	bool is_auto_stale;   /* what they say is to become mappings */
	struct ifset flooded; /* where neighbors were when flooded groups were settled last */

	struct ifset changed; /* slots whose interface is to be looked at */
	struct ifset refused; /* slots whose listeners are to be said again when there is room */
	bool listens;	      /* to the tunnel: we are an RP */
	bool is_ending;	      /* nothing is told to anybody any more */
	struct arena arena;   /* of the message at work */
	struct log_limit bad, full, elections;
	struct pim_counters counters; /* of all, also of interfaces that have gone */
};

static inline struct pim *pim_of(struct engine *e)
{
	return container_of(e, struct pim, engine);
}

static inline struct clock *pim_clock(const struct pim *pim)
{
	return pim->engine.host->clock;
}

/* The interface of the slot if PIM runs there, else NULL. */
static inline struct pim_iface *pim_iface(const struct pim *pim, unsigned slot)
{
	return ifset_has(pim->running, slot) ? pim->iface[slot] : NULL;
}

static inline const char *pim_ifname(const struct pim *pim, unsigned slot)
{
	return slot == NOSLOT ? "nowhere" : pim->engine.host->op->ifname(pim->engine.host, slot);
}

/* One more: whether that is no more than @most within the second. */
static inline bool pim_may(const struct pim *pim, struct per_second *s, unsigned most)
{
	int64_t now = pim_clock(pim)->now;

	if (now >= s->until)
		*s = (struct per_second){ .until = now + SEC(1) };
	return s->n++ < most;
}

/* I_am_DR(I), where it is about listeners. */
static inline bool iface_serves(const struct pim_iface *i)
{
	return i->is_dr && !timer_is_running(&i->learning);
}

/* How long it holds what another router said there, as far as it is believed. */
static inline int64_t iface_holdtime(const struct pim_iface *i, int64_t said)
{
	int64_t most = i->fields.max_holdtime;

	return most && said > most ? most : said;
}

/* iface.c: interfaces, our Hellos, who is DR (RFC 7761 4.3.1, 4.3.2, 4.3.3) */

/* Its state and all that follows from it, after something about it or its words changed. */
void iface_settle(struct pim *pim, unsigned slot);

/* The router ends: the last thing said there is a goodbye. */
void iface_stop(struct pim_iface *i);

/* Without a word. */
void iface_free(struct pim_iface *i);

const char *pim_state_name(enum pim_state state);

/*
 * Neighbors came, went or said something else: DR, delays and suppression follow. Entries are
 * marked if that changes something for them.
 */
void iface_neighbors_changed(struct pim_iface *i);

/*
 * To be called before a Join/Prune or an Assert is sent there: a Hello that must come first is
 * sent (RFC 7761 4.3.1).
 */
void iface_hello_first(struct pim_iface *i);

/* Somebody new is there, and is to hear a Hello soon (RFC 7761 4.3.1). */
void iface_hello_soon(struct pim_iface *i);

/*
 * Sends a message of @len bytes, complete, from the interface's address to all PIM routers of the
 * link, TTL 1, and counts it. False if that failed. Where it is passive nothing is sent.
 */
bool iface_send(struct pim_iface *i, enum msg_type type, const void *data, size_t len);

/* The same to one address. */
bool iface_send_to(struct pim_iface *i, struct ip to, enum msg_type type, const void *data,
		   size_t len);

/* Whether we would be DR, if the neighbor of that address were not there. */
bool iface_is_dr_but(const struct pim_iface *i, struct ip address);

/* RFC 7761 4.3.3, 4.11, in ms: J/P_Override_Interval(I), t_suppressed and t_override, random. */
int64_t iface_jp_override_interval(const struct pim_iface *i);
int64_t iface_t_suppressed(struct pim_iface *i);
int64_t iface_t_override(struct pim_iface *i);

/* neighbor.c: neighbors of an interface, and their Hellos (RFC 7761 4.3.1, 4.3.4) */

/* A Hello came from @src; its effects. */
void neighbor_hello(struct pim_iface *i, struct ip src, const struct msg_hello *hello);

/* NBR(I,A): the neighbor that has the address, be it primary or secondary; NULL: none. */
struct neighbor *neighbor_find(const struct pim_iface *i, struct ip address);

/* By its primary address alone. */
struct neighbor *neighbor_primary(const struct pim_iface *i, struct ip address);

/* All of them are gone, without a word; or because the interface runs no more, which is told. */
void neighbors_free(struct pim_iface *i);
void neighbors_lost(struct pim_iface *i);

/* The configuration may say who can be one. */
bool neighbor_is_wanted(const struct pim *pim, struct ip address);

/* Those go that the configuration does not want any more, or whose address is ours now. */
void neighbors_review(struct pim_iface *i);

/* target.c: where unicast routing leads (RFC 7761 4.1.5, 4.6.3) */

/* Whether groups have it as their RP, as far as is known. */
static inline bool target_is_rp(const struct target *t)
{
	return t->is_rp || t->embedded;
}

/* It has become the RP of groups, or is no longer. */
void target_count(struct target *t);

/* NULL: nobody needs to know. */
struct target *target_find(const struct pim *pim, struct ip ip);

/* The target of the address, watched while it has users. The entry begins or ends to use it. */
void target_use(struct entry *e, struct ip ip);
void target_unuse(struct entry *e);

/* The same for who has no entry, until it is dropped. */
struct target *target_hold(struct pim *pim, struct ip ip);
void target_drop(struct target *t);

/* The RPs of the set are watched, so that those that cannot be reached are passed over. */
void targets_watch_rps(struct pim *pim);

/* The configuration may lead elsewhere: `rpf`, distances, metrics. */
void targets_configure(struct pim *pim);
void targets_free(struct pim *pim);

/* Whether the address, of an RP, is on an interface of this host, be it one of PIM's or not. */
bool target_owns(const struct pim *pim, struct ip ip);

/* Unicast routing says something else of the address: users are marked if it matters. */
void target_changed(struct pim *pim, struct ip ip, const struct rpf *rpf);

/*
 * Neighbors of the interface changed, or it runs or no longer: next hops are looked up anew, which
 * takes a while if there are many targets.
 */
void targets_review(struct pim *pim, unsigned slot);
bool targets_are_reviewed(const struct pim *pim, unsigned slot);

/* A slice of that, and of marking those who use what changed; true if more is left. */
bool targets_work(struct pim *pim);

/* Whether the source is on the link of the interface (RFC 7761 4.2, 4.4.1; `altnet`). */
bool target_is_direct(const struct pim *pim, struct ip source, unsigned slot);

/* entry.c: entries, their branches, marks, and how they settle */
void entries_init(struct pim *pim);

struct entry *entry_find(const struct pim *pim, struct sg sg);

/* The one there is, or a new one; NULL if the limit has no room, which was counted. */
struct entry *entry_get(struct pim *pim, struct sg sg);

/* (*,G) of its group, NULL: none. Of (*,G) itself: NULL. */
static inline struct entry *entry_star(const struct entry *e)
{
	return e->star;
}

/* The first that is not before it, and the next one, in order of group and source. */
struct entry *entry_nfind(const struct pim *pim, struct sg sg);
struct entry *entry_next(const struct entry *e);

/* The first (S,G) of the group, and the next one; NULL: no more. */
struct entry *entry_first_source(const struct pim *pim, struct ip group);
struct entry *entry_next_source(const struct entry *e);

static inline bool entry_is_star(const struct entry *e)
{
	return ip_is_any(e->sg.src);
}

/* Where its data came in that should not; NULL: nowhere yet. */
static inline struct stray *entry_stray(const struct entry *e)
{
	return entry_is_star(e) ? NULL : e->stray;
}

/* The same to be written to. */
struct stray *entry_goes_astray(struct entry *e);

/* Something that it, or for (*,G) also its sources, depends on is another one. */
void entry_mark(struct entry *e);

/* The same, and packets wait for what comes of it. */
void entry_mark_urgent(struct entry *e);
void entries_mark_all(struct pim *pim);

/* Settles up to @budget of those that are marked; true if some are left. */
bool entries_settle(struct pim *pim, unsigned budget);

struct branch *branch_find(const struct entry *e, unsigned slot);
struct branch *branch_get(struct entry *e, unsigned slot);

/*
 * The one there is, or a new one, and the entry if need be, for what another router says; NULL if
 * a limit has no room, which was counted.
 */
struct branch *branch_make(struct pim_iface *i, struct sg sg);

/* What is for one who could fill all by himself. */
uint32_t entries_share(const struct pim *pim);

/* Whether that leaves room for others, if @n are of the interface; if not, it was counted. */
bool entries_have_room(struct pim_iface *i, uint32_t n);

/* Frees the branch if none of its machines is at work. */
void branch_release(struct branch *b);

/* Frees some, without a word to anybody; true if there are more. */
bool entries_shrink(struct pim *pim, unsigned budget);

/* All of them. */
void entries_free(struct pim *pim);

/* The interface runs no more: what it had goes from all entries. */
void entries_iface_gone(struct pim *pim, unsigned slot);

/* That takes a while, until which it cannot run again. */
bool entries_leave_iface(const struct pim *pim, unsigned slot);

/* Other groups are source-specific now. */
void entries_ssm_changed(struct pim *pim);

/* Who is DR there changed: entries with listeners there are marked, streams come anew. */
void entries_dr_changed(struct pim_iface *i);

/* The neighbor has gone, or begins anew (RFC 7761 4.5.4, 4.5.5, 4.6.1, 4.6.2). */
void entries_neighbor_gone(struct pim_iface *i, struct ip address);
void entries_neighbor_restarted(struct pim_iface *i, struct ip address);

/* It is there; who did not see yet that it had gone is to join anew. */
void entries_neighbor_new(struct pim_iface *i, struct ip address);

/* A member of an anycast RP is back, and is told of sources (anycast.h). */
void entries_tell(struct pim *pim, struct ip member);

/* transition.c: what a machine does is told in the log and, if anybody listens, in the feed */
enum pim_machine {
	MACHINE_DOWNSTREAM,
	MACHINE_DOWNSTREAM_RPT,
	MACHINE_UPSTREAM,
	MACHINE_UPSTREAM_RPT,
	MACHINE_ASSERT,
	MACHINE_REGISTER,
};

struct transition {
	enum pim_machine machine;
	unsigned slot; /* NOSLOT: of none */
	const char *from, *to, *why;
	struct ip who; /* joined with, winner, registered with; ip_any(): nobody */
};

void transition_tell(const struct entry *e, const struct transition *t);

/* local.c: what local listeners want of a group there, as gm says it now (RFC 5186) */
void local_member(struct pim *pim, unsigned slot, const struct membership *m);

/* There may be room now for what was refused: once it is an eighth, gm says all of it again. */
void local_again(struct pim *pim);

/* down.c: figures 2 and 3, (*,G) and (S,G); the branch is released if it is not needed any more */
enum down_event { DOWN_RX_JOIN, DOWN_RX_PRUNE, DOWN_PPT_EXPIRED, DOWN_ET_EXPIRED };
void down_event(struct branch *b, enum down_event event, int64_t holdtime);

/* Of a new branch. */
void down_begin(struct branch *b);

/* All of the machine's state is gone, as if it timed out. The caller releases the branch. */
void down_end(struct branch *b);

/* No neighbor is there any more: what was to hold without an end holds for a usual time. */
void down_alone(struct branch *b);

/* down_rpt.c: figure 4; the same holds for the branch */
enum down_rpt_event {
	RPT_RX_JOIN_STAR,
	RPT_RX_JOIN,
	RPT_RX_PRUNE,
	RPT_END_OF_MESSAGE,
	RPT_PPT_EXPIRED,
	RPT_ET_EXPIRED,
};
void down_rpt_event(struct branch *b, enum down_rpt_event event, int64_t holdtime);
void down_rpt_end(struct branch *b);

/* jp_receive.c: a Join/Prune message of a neighbor (RFC 7761 4.5) */
void jp_receive(struct pim_iface *i, struct ip src, const struct msg_jp *jp);

/* A Join of (*,G) for us, whose message said all else before. */
void jp_join_star(struct pim_iface *i, struct ip group, int64_t holdtime);

/* jp_early.c: Joins of (*,G) that name another RP than ours are kept for a while */
void early_init(struct pim *pim);
void early_start(struct pim *pim);
void early_free(struct pim *pim);
void early_keep(struct pim_iface *i, struct ip group, struct ip rp, int64_t holdtime);

/* Something else was said of the group there. */
void early_forget(struct pim_iface *i, struct ip group);

/* The interface runs no more. */
void early_iface_gone(struct pim_iface *i);

/* Groups may have other RPs: those that are theirs now are heard. */
void early_review(struct pim *pim);

/* up.c: figures 5 and 6: what is joined, and with whom */
void up_begin(struct entry *e); /* of a new entry */
void up_settle(struct entry *e);

/* t_periodic of the interface, and the holdtime that goes with it (RFC 7761 4.11). */
int64_t up_period(struct pim_iface *i);
int64_t up_holdtime(const struct pim_iface *i);

/* What another router says to an upstream neighbor. Times are drawn once a message. */
struct up_seen {
	struct pim_iface *iface;
	struct ip upstream;
	int64_t suppress; /* t_joinsuppress */
	int64_t override; /* t_override */
};

/* A Join or Prune of another router was seen. @sg, @kind as it said. */
void up_see(const struct up_seen *seen, struct sg sg, enum msg_jp_kind kind, bool prune);

/* RPF' restarted: JT is at most t_override. */
void up_neighbor_restarted(struct entry *e);

/* The entry goes. */
void up_end(struct entry *e);

/* up_rpt.c: RFC 7761 4.5.7 */
void up_rpt_settle(struct entry *e);
void up_rpt_see(struct entry *e, enum msg_jp_kind kind, bool prune, int64_t override);
void up_rpt_end(struct entry *e);

/* jp_send.c: Joins and Prunes are said at the end of the turn, packed (RFC 7761 4.5.6, 4.9.5) */
void jp_send(struct pim *pim, unsigned slot, struct ip upstream, struct sg sg,
	     enum msg_jp_kind kind, bool prune);

/* @more: entries are to be settled, which may have more to say; much is not kept waiting. */
void jp_flush(struct pim *pim, bool more);
void jp_init(struct pim *pim);

/* What was to be said is forgotten. */
void jp_free(struct pim *pim);

/* assert.c: figures 8 and 9 */

/* An Assert of a neighbor. */
void assert_receive(struct pim_iface *i, struct ip src, const struct msg_assert *m);

/*
 * Data of (S,G) came in on an interface that may not be its incoming one (RFC 7761 4.2): just now,
 * or it is known to do so.
 */
void assert_data(struct pim_iface *i, struct sg sg, bool is_now);

/* What follows for its machines from changes of CouldAssert, metrics and so on. */
void assert_settle(struct entry *e);

/* A Join for us came in there (RFC 7761 4.6.1, 4.6.2: "Receive Join"). */
void assert_rx_join(struct branch *b);

/* The winner has gone or begins anew; ip_any(): if it is no neighbor. */
void assert_neighbor_gone(struct branch *b, struct ip address);
void assert_end(struct branch *b);

/* register.c: the DR's side (RFC 7761 4.4.1) */
void register_settle(struct entry *e);
void register_stop(struct pim *pim, struct ip src, const struct msg_register_stop *m);

/* A packet that was forwarded to the tunnel. */
void register_data(struct pim *pim, const struct packet *packet);
void register_end(struct entry *e);

/* register_rp.c: the RP's side (RFC 7761 4.4.2) */
void register_receive(struct pim *pim, const struct packet *packet, const struct msg_register *m);

/* keepalive.c: whether data flows, and when to leave the shared tree (RFC 7761 4.2, 4.2.1) */
void keepalive_begin(struct entry *e); /* of a new entry */

/* (Re)starts the Keepalive Timer, which counted packets keep going; it is never shortened. */
void keepalive_start(struct entry *e, int64_t period);

/* Whether the Keepalive Timer runs. */
static inline bool entry_is_alive(const struct entry *e)
{
	return timer_is_running(&e->kat) && !e->is_watched;
}

/* What the kernel counted of the source; false: it has no entry of it. */
bool keepalive_count(const struct entry *e, struct counters *counters);

/* Looks at what flows for a while, unless the timer runs: it may be enough to start it. */
void keepalive_watch(struct entry *e);

/* Whether listeners of ours get the source by (*,G); @e is its entry, or NULL; @star too. */
bool keepalive_is_last_hop(const struct entry *e, const struct entry *star);

/* An Assert told that the source's tree is there already, where the shared one comes in. */
bool keepalive_is_diverted(const struct entry *e);

/* SwitchToSptDesired(S,G), as the configuration says (RFC 7761 4.2.1); by the first packet. */
bool keepalive_switch_desired(const struct entry *e);
bool keepalive_switches_at_once(const struct pim *pim);

/* A packet of @len bytes came in a Register: it may be the one that is too much. */
void keepalive_register(struct entry *e, size_t len);

/* turn.c: from one way of data to another */
void turn_init(struct pim *pim);
void turn_free(struct pim *pim);

/* Data came by the new way: it is soon to be taken from there. */
void turn_soon(struct entry *e);

/* It is, or nothing comes of it. */
void turn_end(struct entry *e);

/*
 * RPF'(S,G) is another one now, and the one before lives: whether that is to send until data comes
 * by the new one, and be pruned then. Else it is for the caller to prune it.
 */
bool turn_lingers(struct entry *e, const struct rpf_neighbor *now);

/* From where data is taken still, NOSLOT: RPF'; and whether somebody may send it. */
unsigned turn_old_slot(const struct entry *e);
bool turn_old_lives(const struct entry *e);

/* The RP that (*,G) comes from still, this router being it; ip_any(): none. */
struct ip turn_old_rp(const struct entry *star);

/* Where data of (*,G) is taken from of a source, whose entry is @e or NULL. NOSLOT: nowhere. */
unsigned turn_shared(const struct entry *star, const struct entry *e);

/* The old way is left at once, if one is taken still. */
void turn_leave_old(struct entry *e);

/* forward.c: data, the core's routes, SPTbit (RFC 7761 4.2) */
void forward_upcall(struct pim *pim, const struct upcall *upcall);

/* To be called before what follows from the Keepalive Timer: whether data flowed may matter now. */
void forward_look(struct entry *e);

/* There is a shared tree now: the source's, if no packet came by it yet, has to prove itself. */
void forward_doubt(struct entry *e);

/* The SPTbit, which the machines of (S,G) read, and then the route. */
void forward_settle_spt(struct entry *e);
void forward_settle(struct entry *e);
void forward_end(struct entry *e);

/* All sources that the kernel knows come as upcalls again: we care for some that we did not. */
void forward_recall(struct pim *pim);

/* ssm.c */
bool ssm_has(const struct pim *pim, struct ip group);

/* The RP of the group; ip_any(): none, or the group is source-specific. */
struct ip pim_rp(const struct pim *pim, struct ip group);

/* Whether the address is this router's (RFC 7761 4.7: I_am_RP). */
bool pim_owns(const struct pim *pim, struct ip ip);

/* The RPs of the configuration become those of the set. */
void pim_rps_configure(struct pim *pim);

/* Whether one of the @n ranges that `phyint` says of the interface has the address. */
bool pim_is_said(const struct pim *pim, unsigned slot, struct ip ip, const struct prefix *range,
		 const uint8_t *said_of, unsigned n);

/* Whether packets of the group do not pass there (`scoped`); those of a set where they do. */
bool pim_is_scoped(const struct pim *pim, unsigned slot, struct ip group);
struct ifset pim_passes(const struct pim *pim, struct ip group, struct ifset set);

/* show.c, show_count.c */
extern const struct command pim_commands[];
bool pim_count(struct engine *e, unsigned i, struct count *count);

#endif
