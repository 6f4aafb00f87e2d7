/* filter.h - sets of sources, and the tables of what a record does to a group's filter
 *
 * The tables of RFC 3376 6.4 and RFC 3810 7.4 are functions of filter mode and record type alone;
 * what they say of sets is carried out by group_report.c, source by source.
 */
#ifndef SMCKIT_GM_FILTER_H
#define SMCKIT_GM_FILTER_H

#include "lib/module.h"

#include "message.h"

/*
 * Sets of sources are made by union, intersection and difference of three: those of the state
 * whose timers run (X), those whose timers are zero (Y), those of the record (R). The three divide
 * all sources into eight parts, and a set is the bits of its parts. This is the part that a source
 * is in, itself a set.
 */
static inline uint8_t gm_part(bool in_x, bool in_y, bool in_r)
{
	return 1 << (4 * in_x + 2 * in_y + in_r);
}

/* A row of the tables. What sources are in neither x nor y of the new state is deleted. */
struct gm_step {
	enum filter_mode mode; /* new */
	uint8_t x, y;	       /* new state: timers running, timers zero */
	uint8_t gmi;	       /* source timers that become GMI */
	uint8_t group_timer;   /* source timers that become what the group timer was */
	uint8_t query;	       /* send Q(G, these) */
	bool query_group;      /* send Q(G) */
	bool restart;	       /* group timer = GMI */
};

/* RFC 3376 6.4.1, RFC 3810 7.4.1: current-state records. */
struct gm_step gm_current_state(enum filter_mode mode, enum gm_record_type type);

/* RFC 3376 6.4.2, RFC 3810 7.4.2: filter-mode-change and source-list-change records. */
struct gm_step gm_state_change(enum filter_mode mode, enum gm_record_type type);

/* Either, as the type is. */
struct gm_step gm_step_of(enum filter_mode mode, enum gm_record_type type);

struct gm_source {
	struct ip ip;
	int64_t due;	 /* of the source timer; 0: not running, which is in EXCLUDE alone */
	uint8_t queries; /* specific ones yet to be sent */
};

/* The sources of a state and those of a record, each once, in order. */
struct gm_walk {
	struct gm_source *state; /* not ours; what is still to come */
	const struct ip *record; /* not ours; as well */
	unsigned nstate, nrecord;
	struct ip ip;
	struct gm_source *old; /* NULL: it is the record's alone */
	uint8_t part;
};

/* Both arrays are in ascending order. */
struct gm_walk gm_walk_begin(struct gm_source *state, unsigned nstate, const struct ip *record,
			     unsigned nrecord);

/* Goes to the next source; false if there is none. */
bool gm_walk_next(struct gm_walk *w);

#endif
