/* engine.h - an instance of the engine of configured routes: what its files share */
#ifndef SMCKIT_STATIC_ENGINE_H
#define SMCKIT_STATIC_ENGINE_H

#include "group.h"
#include "learned.h"
#include "rule.h"
#include "wild.h"

/* What a configuration file says. */
struct static_conf {
	struct rules rules[NFAMILIES];
	struct ranges groups[NFAMILIES];
	struct ifset slots; /* that any line names */
	bool has_kernel;    /* a line says so */
};

struct statics {
	struct engine engine; /* first */

	struct rules rules;
	struct group_tree groups;
	struct learned_tree learned;
	unsigned nlearned;
	uint64_t unlearned; /* streams that were one too many */
	struct log_limit too_many;
	struct age_queue idle;
	struct wild_tree wilds;

	/*
	 * Streams whose route is to be derived anew, or groups of the kernel's own (any source);
	 * the latest is the first to be.
	 */
	struct sg *mark;
	unsigned nmarks, marks_size;

	/* A configuration that is being taken over. */
	struct rules incoming;
	struct ranges groups_incoming;
	struct ifset incoming_slots;
	uint32_t generation;
	bool keep; /* what was done by command */

	/* The walk over all rules and groups that follows; it stands behind these. */
	bool sweeping; /* what is of an older generation goes */
	bool walking_rules, walking_groups;
	bool walk_again; /* something happened meanwhile: once more, when this one is through */
	bool rules_begun, groups_begun;
	struct rule_text rule_at;
	struct sg group_at;
	uint8_t group_slot_at;
	struct ifset redo;	    /* those that came or went: rules there are derived anew */
	struct ifset redo_patterns; /* that take them in: rules that name these too */

	unsigned uses[MAXSLOTS];       /* rules that name the slot */
	unsigned group_uses[MAXSLOTS]; /* memberships there */
	struct ifset used, group_used; /* the slots where these are not 0 */
	struct ifset present;	       /* of these, when last settled */
	struct ifset listened;	       /* where we asked for upcalls */
};

static inline struct statics *statics_of(struct engine *e)
{
	return container_of(e, struct statics, engine);
}

/* The stream is derived anew; with any source, the group's entries of the kernel's own. */
void static_mark(struct statics *s, struct sg sg);

/*
 * What follows for the stream from the rules and from where it was seen; @first is the first of
 * its exact rules, or NULL.
 */
void static_derive(struct statics *s, struct sg sg, struct rule *first);

/*
 * The exact rule that holds while nobody knows where the stream comes in, and its interface: one
 * that is there, the first by name; that of a pattern only if it takes in no other. @first is the
 * first of its exact rules, or NULL.
 */
struct rule *static_choose_exact(struct statics *s, struct rule *first, unsigned *iif);

/* Some of what follows from a new configuration and from interfaces; true if there is more. */
bool static_walk(struct statics *s, unsigned budget);

/* All rules and memberships are to be looked at. */
void static_walk_from_start(struct statics *s);

/*
 * A rule came, changed or is about to go: what follows from it is derived anew. How many streams
 * and other rules were looked at.
 */
unsigned rule_changed(struct statics *s, const struct rule *rule);

/* A rule names other interfaces than before: they are listened on while any rule names them. */
void rule_recount(struct statics *s, struct ifset before, struct ifset after);

/* Takes origins off the rule; it goes with its last one. The same number. */
unsigned rule_disown(struct statics *s, struct rule *rule, unsigned origins);

/* The same for memberships. */
void group_changed(struct statics *s, unsigned slot, struct ip group);
void group_own(struct statics *s, unsigned slot, struct sg sg, unsigned origin);
void group_disown(struct statics *s, struct group *group, unsigned origins);

extern const struct statement static_statements[];
extern const struct command static_commands[];
extern const struct event_kind static_events[];

/* As struct module's check. */
int static_check(struct reader *r, void *conf);

/* Where a table goes on: behind this rule or membership of this family. */
struct place {
	uint8_t af;
	uint8_t iif, srclen, grplen;
	bool begun;
	struct sg sg;
};

_Static_assert(sizeof(struct place) <= SHOW_KEY, "a place fits into a table's key");

/* As struct command's show. */
bool static_show_routes(struct show *s, struct engines engines);
bool static_show_groups(struct show *s, struct engines engines);
bool static_show_config(struct show *s, struct engines engines);

/*
 * Reads IFNAME [SRC[/LEN]] GROUP[/LEN] [IFNAME ...], the words of the commands. The engine of the
 * group's family, or NULL with the error in the words.
 */
struct statics *static_read_request(struct reader *r, struct engines engines,
				    struct rule_text *text, bool with_oifs);

/* As struct module's. */
void static_handover(struct engine *e, struct buf *text);

/* As struct command's run: said by the process before. */
int static_run_kernel(struct reader *r, struct engines engines);
int static_run_twofold(struct reader *r, struct engines engines);
int static_run_seen(struct reader *r, struct engines engines);

#endif
