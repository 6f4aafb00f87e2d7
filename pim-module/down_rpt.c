/* down_rpt.c - what downstream routers pruned off the shared tree: the (S,G,rpt) machine
 *
 * RFC 7761 4.5.3: figure 4. State is there only while it is not NoInfo.
 */
#include <stdlib.h>

#include "pim.h"

/* What a Tmp state is left to if the message says so: it forwards alike. */
static enum down_rpt_state lasting(enum down_rpt_state state)
{
	switch (state) {
	case RPT_PRUNE_TMP:
		return RPT_PRUNE;
	case RPT_PRUNE_PENDING_TMP:
		return RPT_PRUNE_PENDING;
	default:
		return state;
	}
}

static void tell(const struct branch *b, enum down_rpt_state last, enum down_rpt_state next,
		 enum down_rpt_event event)
{
	static const char *const states[] = { "NoInfo", "Prune", "PrunePending" };
	static const char *const events[] = {
		"rx-join-star",	  "rx-join",	 "rx-prune",
		"end-of-message", "ppt-expired", "et-expired",
	};

	transition_tell(b->entry, &(struct transition){ .machine = MACHINE_DOWNSTREAM_RPT,
							.slot = b->slot,
							.from = states[last],
							.to = states[next],
							.why = events[event] });
}

/*
 * The only place that writes the state. The way to a Tmp state and back is no news: each refresh
 * goes there.
 */
static void rpt_to(struct branch *b, enum down_rpt_state next, enum down_rpt_event event)
{
	struct clock *clock = pim_clock(b->entry->pim);
	struct down_rpt *rpt = b->rpt;
	enum down_rpt_state last = lasting(rpt->state);

	rpt->state = next;
	if (lasting(next) != RPT_PRUNE_PENDING)
		timer_stop(clock, &rpt->ppt);
	if (lasting(next) == last)
		return;
	tell(b, last, lasting(next), event);
	entry_mark(b->entry);
	if (next == RPT_NO_INFO) {
		timer_stop(clock, &rpt->et);
		free(rpt);
		b->rpt = NULL;
	}
}

static void et_fire(struct timer *timer)
{
	down_rpt_event(container_of(timer, struct down_rpt, et)->branch, RPT_ET_EXPIRED, 0);
}

static void ppt_fire(struct timer *timer)
{
	down_rpt_event(container_of(timer, struct down_rpt, ppt)->branch, RPT_PPT_EXPIRED, 0);
}

/* RFC 7761 4.5.3: ET and PPT start; nobody else can need it if there is one neighbor. */
static void begin(struct branch *b, int64_t holdtime)
{
	struct pim *pim = b->entry->pim;
	struct pim_iface *i = pim_iface(pim, b->slot);

	b->rpt = xcalloc(1, sizeof(*b->rpt));
	b->rpt->branch = b;
	timer_init(&b->rpt->et, et_fire);
	timer_init(&b->rpt->ppt, ppt_fire);
	if (holdtime != MSG_FOREVER)
		timer_start(pim_clock(pim), &b->rpt->et, holdtime);
	rpt_to(b, RPT_PRUNE_PENDING, RPT_RX_PRUNE);
	if (i && i->nneighbors > 1)
		timer_start(pim_clock(pim), &b->rpt->ppt, iface_jp_override_interval(i));
	else
		rpt_to(b, RPT_PRUNE, RPT_PPT_EXPIRED);
}

/* ET becomes max(ET, HoldTime), and does not run if that has no end. */
static void extend(struct branch *b, int64_t holdtime)
{
	struct clock *clock = pim_clock(b->entry->pim);
	struct timer *et = &b->rpt->et;

	if (holdtime == MSG_FOREVER)
		timer_stop(clock, et);
	else if (timer_is_running(et))
		timer_extend(clock, et, holdtime);
}

/*
 * RFC 7761 4.5.3 figure 4.
 *
 *               rx-join-star  rx-join  rx-prune      end      ppt      et
 * NoInfo        -             -        PrunePending  -        -        -
 * Prune         Prune'        NoInfo   Prune, ET     -        -        NoInfo
 * PrunePending  Pending'      NoInfo   -             -        Prune    NoInfo
 * Prune'        -             -        Prune, ET     NoInfo   -        -
 * Pending'      -             -        Pending, ET   NoInfo   -        -
 *
 * Deviation: ET ends PrunePending too. The figure has it not expire there, since holdtimes are to
 * be longer than PPT; after one that is not, the Prune would never end.
 */
void down_rpt_event(struct branch *b, enum down_rpt_event event, int64_t holdtime)
{
	switch (AT(b->rpt ? b->rpt->state : RPT_NO_INFO, event)) {
	case AT(RPT_NO_INFO, RPT_RX_PRUNE):
		if (holdtime)
			begin(b, holdtime);
		break;
	case AT(RPT_PRUNE, RPT_RX_JOIN_STAR):
		rpt_to(b, RPT_PRUNE_TMP, event);
		break;
	case AT(RPT_PRUNE_PENDING, RPT_RX_JOIN_STAR):
		rpt_to(b, RPT_PRUNE_PENDING_TMP, event);
		break;
	case AT(RPT_PRUNE, RPT_RX_PRUNE):
	case AT(RPT_PRUNE_TMP, RPT_RX_PRUNE):
		extend(b, holdtime);
		rpt_to(b, RPT_PRUNE, event);
		break;
	case AT(RPT_PRUNE_PENDING_TMP, RPT_RX_PRUNE):
		extend(b, holdtime);
		rpt_to(b, RPT_PRUNE_PENDING, event);
		break;
	case AT(RPT_PRUNE_PENDING, RPT_PPT_EXPIRED):
		rpt_to(b, RPT_PRUNE, event);
		break;
	case AT(RPT_PRUNE, RPT_RX_JOIN):
	case AT(RPT_PRUNE_PENDING, RPT_RX_JOIN):
	case AT(RPT_PRUNE_TMP, RPT_END_OF_MESSAGE):
	case AT(RPT_PRUNE_PENDING_TMP, RPT_END_OF_MESSAGE):
	case AT(RPT_PRUNE, RPT_ET_EXPIRED):
	case AT(RPT_PRUNE_PENDING, RPT_ET_EXPIRED):
		rpt_to(b, RPT_NO_INFO, event);
		break;
	}
	branch_release(b);
}

void down_rpt_end(struct branch *b)
{
	if (b->rpt)
		rpt_to(b, RPT_NO_INFO, RPT_ET_EXPIRED);
}
