/* core.h - the router's own state: what the files of core share, and nobody else includes */
#ifndef SMCKIT_CORE_H
#define SMCKIT_CORE_H

#include "core/iface.h"
#include "core/join.h"
#include "core/listen.h"
#include "core/member.h"
#include "core/mfc.h"
#include "core/router.h"
#include "core/rpf.h"

/* Modules that a configuration can have, those that are built in included. */
#define MAXMODULES 8

/* Places for them: while those of a configuration come, those of the one before still go. */
#define MAXPLACES (2 * MAXMODULES)

/* Each has two engines, whose ids follow from its place. */
#define MAXENGINES (MAXPLACES * NFAMILIES)

/* A place: a module in use with its two instances; without them, the one that was there last. */
struct loaded {
	const struct module *module;
	struct engines engines;
	bool routes[NFAMILIES]; /* the engine may declare routes, by its configuration */
};

struct router_counts {
	uint64_t requests, refused, deaf;
};

/* What was found wrong in a configuration: lines, each with its kind before and a NUL behind. */
struct complaints {
	struct buf text; /* owned */
	unsigned nerrors, nwarnings;
};

enum load_what { LOAD_RELOAD, LOAD_KEEP, LOAD_CHECK };

/* A configuration on its way in. */
struct load {
	struct config *config; /* owned; being read, then freed; NULL: none */
	enum load_what what;
	struct session *asker; /* not ours; to be told; NULL: nobody, or it has gone */
	bool reading;
	bool is_read;		       /* then it waits until what goes by it has shrunk */
	bool due;		       /* one more reload, when all is done */
	bool applying;		       /* it is not in the kernel yet, whole */
	const struct phyints *checked; /* not ours; of one whose modules check(); NULL: none */

	/* Of the last start or reload. */
	struct complaints complaints;
	unsigned serial; /* another number, other complaints */
};

struct router {
	struct host host; /* first: the engines' handle */
	struct kern *kern;
	struct router_options options;
	struct rng rng;
	struct log_area *log;
	int64_t started;

	struct ifaces ifaces;
	struct mfc mfc[NFAMILIES];
	struct joins_wanted joins;
	struct listens listens;
	struct watches watches[NFAMILIES];
	struct members members;

	struct loaded loaded[MAXPLACES];
	unsigned nloaded; /* places that are, or were, in use */
	bool awake;	  /* an engine may have something to settle */
	struct load load;

	const char *heritage; /* requests of the process before, not ours; NULL: none, or done */
	size_t heritage_len;

	TAILQ_HEAD(sessions, session) sessions;

	struct router_counts counts;

	/* What the kernel refused in this turn, told to the client whose request it was. */
	char refusal[160];
	bool done;
};

static inline struct router *router_of(struct host *host)
{
	return container_of(host, struct router, host);
}

/* Each module in use. */
#define loaded_foreach(r, l)                                                      \
	for (struct loaded *l = (r)->loaded; l < (r)->loaded + (r)->nloaded; l++) \
		if ((l)->engines.af[V4])

/* Each engine of a family, in the order of their modules. */
#define engines_foreach(r, l, e, family)                                          \
	for (struct loaded *l = (r)->loaded; l < (r)->loaded + (r)->nloaded; l++) \
		for (struct engine *e = l->engines.af[family]; e; e = NULL)

/* engine.c: makes both instances of each module that is built in, and unmakes those of all. */
extern const struct host_ops engine_host_ops;
void engines_create(struct router *r);
void engines_destroy(struct router *r);

/* The place of a module in use, NULL if it is none. */
struct loaded *engines_of(struct router *r, const struct module *module);

/* Those that are not among these are about to go, and shrink: true if more is to be done. */
bool engines_shrink(struct router *r, const struct module *const *module, unsigned n,
		    unsigned budget);

/* These are in use from now on: others go, with all that they asked for, and new ones come. */
void engines_change(struct router *r, const struct module *const *module, unsigned n);

/* Lets them say goodbye, while all is still there. */
void engines_stop(struct router *r);

/* Asks them anew which of them are idle: at the start, and when they took over a configuration. */
void engines_review(struct router *r);

static inline const char *engine_name(const struct router *r, unsigned id)
{
	return r->loaded[id / NFAMILIES].module->name;
}

/* Settles each engine once within the budget, or those of a family; true if one has more to do. */
bool engines_settle(struct router *r, unsigned budget);
bool engines_settle_of(struct router *r, enum af af, unsigned budget);

/* The slots that engines name. */
struct ifset engines_slots(struct router *r);

/* Tells the engines about a slot's interface. */
void engines_iface(struct router *r, unsigned slot);

/* event.c: one record to every client that monitors events of the kind. A NULL text is left out. */
void event_send(struct router *r, const char *kind, ...) __attribute__((sentinel));

/* The first line of the feed, so that a client knows that it is on. */
void event_begin(struct router *r, struct buf *out);

/* What became of a slot's vif; @why is NULL if nothing went wrong. */
void event_vif(struct router *r, enum af af, unsigned slot, const char *state, const char *why);

/* Whether there is a kind of that name, or an area of several. */
bool event_is_known(struct router *r, const char *word);

/* Complains of such a word; -1. */
int event_unknown(struct router *r, struct words *w, const char *word);

/* The same as event_send() as engines call it. */
void event_from_engine(struct host *host, const char *kind, ...) __attribute__((sentinel));

/* load.c: whether a configuration is being read, or not in the kernel yet. */
bool load_is_busy(const struct router *r);

/* Or is to be read after that: what changes things waits. */
bool load_holds(const struct router *r);

/* At start: reads all at once and puts the good lines in force. */
void load_start(struct router *r);

/* A slice of what is to be read; true if more remains. */
bool load_work(struct router *r, unsigned budget);

/*
 * All that was due is done: tells so if it was a configuration that came into force. True then, as
 * whoever asked for it is still to be told.
 */
bool load_settled(struct router *r);

/* The session goes. */
void load_forget(struct router *r, const struct session *asker);

void load_end(struct router *r);

/* handover.c: does what was inherited, without a turn after each request. */
void handover_take(struct router *r);

/* session.c: fills the buffers of shows in progress; true if one could go on at once. */
bool sessions_work(struct router *r);
void sessions_end(struct router *r);

/*
 * What was found wrong for the session that asked, and the error that its request ends with; NULL:
 * none, and it is told of the end when load_is_busy() is over.
 */
void session_loaded(struct session *s, const struct complaints *k, const char *error);

/* Whether anybody monitors, and a line for all who follow that kind or its area (NULL: none). */
bool sessions_monitor(const struct router *r);
void sessions_event(struct router *r, const char *kind, const char *area, const struct buf *line);

/* Keeps the reason of the first refusal of the turn. */
void router_refused(struct router *r, const char *fmt, ...) PRINTF(2, 3);

/* Does what is due at once: engines within a budget, vifs, the kernel's entries. */
void router_turn(struct router *r);

#endif
