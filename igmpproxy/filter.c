/* filter.c - sets of sources, and the tables of what a record does to a group's filter
 *
 * R is the record's set of sources: what the RFCs call B beside INCLUDE (A), and A beside
 * EXCLUDE (X,Y). In INCLUDE all timers run: X is their A, and there is no Y. The RFCs' A+B, A*B
 * and A-B are X | R, X & R and X & ~R.
 */
#include "filter.h"

#define AT(mode, type) ((int)(mode) << 8 | (int)(type))

enum { R = 0xaa, Y = 0xcc, X = 0xf0 };

/*
 * RFC 3376 6.4.1, RFC 3810 7.4.1.
 *
 * state          record     new state           actions
 * INCLUDE (X)    IS_IN (R)  INCLUDE (X+R)       (R)=GMI
 * INCLUDE (X)    IS_EX (R)  EXCLUDE (X*R,R-X)   (R-X)=0, delete (X-R), group timer=GMI
 * EXCLUDE (X,Y)  IS_IN (R)  EXCLUDE (X+R,Y-R)   (R)=GMI
 * EXCLUDE (X,Y)  IS_EX (R)  EXCLUDE (R-Y,Y*R)   (R-X-Y)=GMI, delete (X-R), delete (Y-R),
 *                                               group timer=GMI
 */
struct gm_step gm_current_state(enum filter_mode mode, enum gm_record_type type)
{
	switch (AT(mode, type)) {
	case AT(FILTER_INCLUDE, MODE_IS_INCLUDE):
		return (struct gm_step){ FILTER_INCLUDE, .x = X | R, .gmi = R };
	case AT(FILTER_INCLUDE, MODE_IS_EXCLUDE):
		return (struct gm_step){ FILTER_EXCLUDE, .x = X & R, .y = R & ~X, .restart = true };
	case AT(FILTER_EXCLUDE, MODE_IS_INCLUDE):
		return (struct gm_step){ FILTER_EXCLUDE, .x = X | R, .y = Y & ~R, .gmi = R };
	case AT(FILTER_EXCLUDE, MODE_IS_EXCLUDE):
		return (struct gm_step){ FILTER_EXCLUDE, .x = R & ~Y, .y = Y & R,
					 .gmi = R & ~X & ~Y, .restart = true };
	}
	return (struct gm_step){ mode, .x = X, .y = Y };
}

/*
 * RFC 3376 6.4.2, RFC 3810 7.4.2.
 *
 * state          record     new state           actions
 * INCLUDE (X)    ALLOW (R)  INCLUDE (X+R)       (R)=GMI
 * INCLUDE (X)    BLOCK (R)  INCLUDE (X)         send Q(G,X*R)
 * INCLUDE (X)    TO_EX (R)  EXCLUDE (X*R,R-X)   (R-X)=0, delete (X-R), send Q(G,X*R),
 *                                               group timer=GMI
 * INCLUDE (X)    TO_IN (R)  INCLUDE (X+R)       (R)=GMI, send Q(G,X-R)
 * EXCLUDE (X,Y)  ALLOW (R)  EXCLUDE (X+R,Y-R)   (R)=GMI
 * EXCLUDE (X,Y)  BLOCK (R)  EXCLUDE (X+(R-Y),Y) (R-X-Y)=group timer, send Q(G,R-Y)
 * EXCLUDE (X,Y)  TO_EX (R)  EXCLUDE (R-Y,Y*R)   (R-X-Y)=group timer, delete (X-R),
 *                                               delete (Y-R), send Q(G,R-Y), group timer=GMI
 * EXCLUDE (X,Y)  TO_IN (R)  EXCLUDE (X+R,Y-R)   (R)=GMI, send Q(G,X-R), send Q(G)
 */
struct gm_step gm_state_change(enum filter_mode mode, enum gm_record_type type)
{
	switch (AT(mode, type)) {
	case AT(FILTER_INCLUDE, ALLOW_NEW_SOURCES):
		return (struct gm_step){ FILTER_INCLUDE, .x = X | R, .gmi = R };
	case AT(FILTER_INCLUDE, BLOCK_OLD_SOURCES):
		return (struct gm_step){ FILTER_INCLUDE, .x = X, .query = X & R };
	case AT(FILTER_INCLUDE, CHANGE_TO_EXCLUDE_MODE):
		return (struct gm_step){ FILTER_EXCLUDE, .x = X & R, .y = R & ~X, .query = X & R,
					 .restart = true };
	case AT(FILTER_INCLUDE, CHANGE_TO_INCLUDE_MODE):
		return (struct gm_step){ FILTER_INCLUDE, .x = X | R, .gmi = R, .query = X & ~R };
	case AT(FILTER_EXCLUDE, ALLOW_NEW_SOURCES):
		return (struct gm_step){ FILTER_EXCLUDE, .x = X | R, .y = Y & ~R, .gmi = R };
	case AT(FILTER_EXCLUDE, BLOCK_OLD_SOURCES):
		return (struct gm_step){ FILTER_EXCLUDE, .x = X | (R & ~Y), .y = Y,
					 .group_timer = R & ~X & ~Y, .query = R & ~Y };
	case AT(FILTER_EXCLUDE, CHANGE_TO_EXCLUDE_MODE):
		return (struct gm_step){ FILTER_EXCLUDE,  .x = R & ~Y,
					 .y = Y & R,	  .group_timer = R & ~X & ~Y,
					 .query = R & ~Y, .restart = true };
	case AT(FILTER_EXCLUDE, CHANGE_TO_INCLUDE_MODE):
		return (struct gm_step){ FILTER_EXCLUDE, .x = X | R,	  .y = Y & ~R,
					 .gmi = R,	 .query = X & ~R, .query_group = true };
	}
	return (struct gm_step){ mode, .x = X, .y = Y };
}

struct gm_step gm_step_of(enum filter_mode mode, enum gm_record_type type)
{
	if (type == MODE_IS_INCLUDE || type == MODE_IS_EXCLUDE)
		return gm_current_state(mode, type);
	return gm_state_change(mode, type);
}

struct gm_walk gm_walk_begin(struct gm_source *state, unsigned nstate, const struct ip *record,
			     unsigned nrecord)
{
	return (struct gm_walk){ state, record, nstate, nrecord, .old = NULL };
}

bool gm_walk_next(struct gm_walk *w)
{
	bool in_state = w->nstate, in_record = w->nrecord;

	if (in_state && in_record) {
		int order = ip_cmp(w->state->ip, *w->record);

		in_state = order <= 0;
		in_record = order >= 0;
	}
	w->old = NULL;
	if (in_record) {
		w->ip = *w->record++;
		w->nrecord--;
	}
	if (in_state) {
		w->old = w->state++;
		w->ip = w->old->ip;
		w->nstate--;
	}
	w->part = gm_part(in_state && w->old->due, in_state && !w->old->due, in_record);
	return in_state || in_record;
}
