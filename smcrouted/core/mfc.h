/* mfc.h - which (S,G) entries the kernel is to hold: wishes merged, written by difference
 *
 * One struct mfc a family. Engines declare wishes (struct route); the owner of an (S,G) is the
 * one of lowest rank. A source that nobody wants gets a negative entry, so that its packets cost
 * nothing, which goes when the source is idle.
 */
#ifndef SMCKIT_MFC_H
#define SMCKIT_MFC_H

#include "core/entry.h"

struct router;

/* A walk that was asked for by recall(). */
struct recall {
	TAILQ_ENTRY(recall) link;
	struct engine *engine; /* NULL: all of the family */
	struct prefix groups;
	struct entry_key after; /* the entry told last */
};

struct entries {
	struct entry **at;
	unsigned n, size;
};

struct mfc_counts {
	uint64_t upcalls, no_interface, local;
	uint64_t writes, refused, negative_limit, lost;
	uint64_t packets, unwanted; /* of protocols, beside the entries */
};

struct mfc {
	struct router *router; /* not ours */
	enum af af;
	struct log_area *log;
	struct map map;		  /* exact lookup */
	struct entry_tree tree;	  /* by group, then source */
	struct entries marked;	  /* to be compared with the kernel */
	unsigned nwildcards;	  /* in the kernel */
	struct entries doomed;	  /* to be deleted, after what is added or changed */
	struct entry *walk;	  /* the next one to be marked for the slots in stale */
	bool walk_again;	  /* when it is through */
	uint32_t gone;		  /* bits of engines whose wishes go on that walk */
	struct ifset stale;	  /* slots whose vif came, goes, or has another threshold */
	bool rewrite;		  /* a threshold changed: equal vifs do not mean equal entries */
	struct age_queue idle;	  /* negative entries, and those with passing wishes */
	struct age_queue watched; /* routes beside which an engine waits for the source */
	unsigned nnegative, negative_limit;
	TAILQ_HEAD(recalls, recall) recalls;
	struct log_limit limit;
	struct mfc_counts counts;
	struct timer retry; /* of what the kernel refused */
	struct timer grace; /* of what was inherited */
	struct entry_key grace_after;
	bool dropping;	   /* inherited wishes are being dropped */
	unsigned nrouting; /* engines that may declare routes, by their configuration */
	bool learns;	   /* one of them does so by what listeners say, in a while */
};

/* How many negative entries a family has at most. */
#define NEGATIVE_LIMIT 10000

/* How often a route is looked at beside which an engine waits for the source. */
#define WATCH_PERIOD SEC(10)

/* When what the kernel refused is tried again. */
#define RETRY_PERIOD SEC(10)

/*
 * How long inherited entries wait for an engine that wants them: if the first query to listeners is
 * lost, the next one goes out after 31.25 s (RFC 3376 8.6).
 */
#define INHERIT_GRACE SEC(40)

/* The same where there is but one engine, which knows at once all that it wants. */
#define INHERIT_GRACE_ALONE SEC(1)

void mfc_init(struct mfc *m, struct router *r, enum af af);

/* Frees all; the kernel is left as it is. */
void mfc_free(struct mfc *m);

/* Deletes all entries from the kernel. */
void mfc_flush(struct mfc *m);

/* As in host_ops. */
void mfc_route(struct mfc *m, struct engine *e, const struct route *route);
void mfc_unroute(struct mfc *m, struct engine *e, struct sg sg, unsigned iif);
void mfc_recall(struct mfc *m, struct engine *e, struct prefix groups);
void mfc_alert(struct mfc *m, struct sg sg);
bool mfc_counters(struct mfc *m, struct sg sg, struct counters *counters);
bool mfc_routed(const struct mfc *m, const struct engine *e, struct sg sg, struct route *route);

/* Takes back all wishes of an engine that goes, in slices, and its recalls. */
void mfc_forget(struct mfc *m, struct engine *e);

/*
 * The kernel saw a packet of @sg on @slot. Notes it; after the engines were told, mfc_answer()
 * writes the entry, a negative one if nobody wants it.
 */
struct entry *mfc_upcall(struct mfc *m, enum upcall_kind kind, struct sg sg, unsigned slot);
void mfc_answer(struct mfc *m, struct entry *e, enum upcall_kind kind);

/* The slot's vif came or goes, or its threshold changed (@rewrite). */
void mfc_stale(struct mfc *m, unsigned slot, bool rewrite);

/* What a process before left in the kernel. */
void mfc_inherit(struct mfc *m, const struct mfc_entry *entry);

/*
 * What only passes of these streams goes, and unwanted sources are kept quiet no longer, until the
 * kernel asks again.
 */
void mfc_clear(struct mfc *m, const struct prefix *sources, const struct prefix *groups);

/*
 * Another set of engines may declare routes: who misses what, and who may be an heir. @learns: one
 * of them has to hear of listeners before it knows what it wants.
 */
void mfc_review(struct mfc *m, unsigned nrouting, bool learns);

/* Starts the time of grace for what was inherited, if it does not run yet. */
void mfc_expect_heirs(struct mfc *m);

/* Whether there is something inherited that an engine may still want. */
static inline bool mfc_has_inherited(const struct mfc *m)
{
	return timer_is_running(&m->grace);
}

/* Some entries: true if more remain to be marked, written, recalled or dropped. */
bool mfc_work(struct mfc *m, unsigned budget);

/* Whether an entry in the kernel may still carry a vif of a slot that was told as stale. */
static inline bool mfc_is_stale(const struct mfc *m)
{
	return !ifset_empty(m->stale) || m->marked.n;
}

/* Entries by group, source and interface: the first one from @sg on, */
struct entry *mfc_from(struct mfc *m, struct sg sg);

/* the one behind @e, the first of all if it is NULL, */
struct entry *mfc_next(struct mfc *m, const struct entry *e);

/* and the first one behind what an entry of that key was, be it there or not. */
struct entry *mfc_after(struct mfc *m, struct entry_key key);

#endif
