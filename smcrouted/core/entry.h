/* entry.h - an (S,G) of the forwarding cache, and what mfc.c, want.c and source.c share about it */
#ifndef SMCKIT_ENTRY_H
#define SMCKIT_ENTRY_H

#include <libite/queue.h>
#include "lib/tree.h"

#include "core/kern.h"
#include "lib/map.h"

struct mfc;

/* A wish. */
struct want {
	struct want *next; /* ascending by rank, then by engine */
	struct ifset oifs;
	uint8_t engine; /* its id; INHERITED: nobody's, inherited over a restart */
	uint8_t iif;
	uint8_t kind; /* enum route_kind */
	uint8_t rank; /* enum rank */
	bool passing;
	bool shadowed; /* its incoming interface is not the owner's */
};

#define INHERITED UINT8_MAX

/* What a script was told of an entry: how it was installed, or that the process before may have. */
enum told_state { TOLD_NOTHING, TOLD_BEFORE, TOLD };

struct told {
	struct ifset oifs;
	uint8_t iif;   /* slot, NOSLOT: one without a name */
	uint8_t state; /* enum told_state */
};

/* Counters of a former life, and what a script knows. */
struct past {
	struct counters before; /* counted before the kernel lost the entry */
	struct told told;
};

/* What an entry needs that is looked at from time to time: each one with a passing wish. */
struct extra {
	struct age look; /* in mfc.watched or mfc.idle; the latter has the period of all who pass */
	struct entry *entry;
	struct past *past; /* owned; NULL for most */
	int64_t counted;   /* passing wishes: when they began, or packets were last counted */
	uint32_t packets;  /* when last looked at; more of them only matter as a difference */
	bool watched;
	bool negative; /* the kernel asked, and nobody answered */
	bool running;  /* watched, and packets were counted between the last two looks */
};

_Static_assert(sizeof(struct want) <= 24 && sizeof(struct extra) <= 56,
	       "a stream that passes takes no more than these of malloc()'s chunks");

/* An (S,G) that somebody wants, or that the kernel asked about; or a wildcard (*,G). */
struct entry {
	struct sg sg;
	struct tree_node order;
	struct map_node node;
	struct want *wants;  /* owned */
	struct extra *extra; /* owned; NULL for most */
	const char *refused; /* by the kernel, and why; NULL if not */
	uint32_t vifs;	     /* in the kernel: outgoing ones */
	uint32_t told;	     /* if has_told: when, the low bits of the clock */
	uint8_t parent;	     /* in the kernel: the incoming one; NOVIF: no entry there */
	uint8_t arrival;     /* slot where the kernel last saw it, NOSLOT: never */
	bool marked;
	bool has_told; /* in the kernel: of a wrong interface */
	bool alert;    /* it is to tell again, however lately it did */
	uint8_t wild;  /* the slot that a wildcard is for; NOSLOT: an (S,G) */
};

TREE_HEAD(entry_tree);

/* What tells entries apart; all zero stands before every one. */
struct entry_key {
	struct sg sg;
	uint8_t wild;
};

static inline struct entry_key entry_key(const struct entry *e)
{
	return (struct entry_key){ e->sg, e->wild };
}

static inline bool entry_is_wildcard(const struct entry *e)
{
	return e->wild != NOSLOT;
}

/*
 * mfc.c: the entry, NULL if there is none; or made if there is none. Of a wildcard, @iif is a
 * part of the key.
 */
struct entry *entry_find(const struct mfc *m, struct sg sg, unsigned iif);
struct entry *entry_get(struct mfc *m, struct sg sg, unsigned iif);

/* An input of the entry changed: the kernel is compared with it at the end of the turn. */
void entry_mark(struct mfc *m, struct entry *e);

struct extra *entry_extra(struct entry *e);
struct past *entry_past(struct entry *e);

/*
 * The kernel forwards the packets of the source that it had queued, although it needs no entry to
 * stay: it goes when it is looked at next.
 */
void entry_release(struct mfc *m, struct entry *e);

/* The kernel does not have what was written. */
void entry_lost(struct mfc *m, struct entry *e);

/* What the kernel counted for the entry; false if it has none. */
bool entry_counters(struct mfc *m, const struct entry *e, struct counters *counters);

/* The slot's live vif, NOVIF if it has none. */
unsigned mfc_vif(const struct mfc *m, unsigned slot);

/* want.c: the name of the engine that has the wish, NULL if it is inherited. */
const char *want_owner(const struct mfc *m, const struct want *w);

/* Whether a passing wish is for the interface; NOSLOT: for any. */
bool want_passes(const struct entry *e, unsigned iif);

/* Takes passing wishes back. */
void want_expire(struct mfc *m, struct entry *e);

/* Takes back the wishes of engines in mfc.gone. */
void want_drop_gone(struct mfc *m, struct entry *e);

/* Tells of wishes that the owner's interface leaves aside, when that changes. */
void want_tell_shadows(struct mfc *m, struct entry *e);

/* Drops some of what was inherited and not wanted in time; true if more is left. */
bool want_drop_inherited(struct mfc *m, unsigned budget);

/* Another set of engines may want what was inherited: its time of grace begins anew. */
void want_review(struct mfc *m);
void want_init(struct mfc *m);
void want_free(struct entry *e);

/* source.c: what must not be forwarded, whoever wants it. */
bool sg_is_unroutable(struct sg sg);

/* Whether it is the owner's route that the kernel should hold, and not a negative entry. */
bool entry_is_routed(const struct mfc *m, const struct entry *e);

/* Whether the entry is there because nobody wants the source. */
bool entry_is_negative(const struct entry *e);

/* Whether the source has to be watched, or kept quiet, follows from the wishes. */
void source_settle(struct mfc *m, struct entry *e);

/* A passing wish was made: the entry is not idle before its time from now. */
void source_passes(struct mfc *m, struct entry *e);
void source_end(struct mfc *m, struct entry *e);

/* Tells some of the sources that were asked for; true if more are left. */
bool source_work(struct mfc *m, unsigned budget);

/* Drops what an engine asked for, NULL: what all did. */
void source_forget(struct mfc *m, const struct engine *e);
void source_init(struct mfc *m);
void source_free(struct mfc *m);

/* hook.c: tells a script, if there is one, what became of the entry in the kernel. */
void hook_settle(struct mfc *m, struct entry *e);

/* The entry is the former process's, which may have told of it. */
void hook_inherit(struct mfc *m, struct entry *e);

/*
 * wildcard.c: why the wildcard, which has a wish, may not be in the kernel as things are; NULL if
 * it may.
 */
const char *wildcard_objection(struct mfc *m, const struct entry *e);

/* The wildcard in force that makes the entry needless, which has a wish: a learned one; or NULL. */
struct entry *wildcard_covers(struct mfc *m, const struct entry *e);

/* A wildcard of the group changed: the others are to be looked at. */
void wildcard_changed(struct mfc *m, const struct entry *e);

/* Whether a wildcard in force takes in what comes in where the source was seen. */
bool wildcard_takes(struct mfc *m, const struct entry *e);

#endif
