/* down.c - what downstream routers joined: the (*,G) and (S,G) machines of an interface
 *
 * RFC 7761 4.5.1, 4.5.2: figures 2 and 3, which are the same. jp_receive.c has events come from
 * messages to us alone.
 */
#include <stdlib.h>

#include "pim.h"

static void tell(const struct branch *b, enum down_state next, enum down_event event)
{
	static const char *const states[] = { "NoInfo", "Join", "PrunePending" };
	static const char *const events[] = { "rx-join", "rx-prune", "ppt-expired", "et-expired" };

	transition_tell(b->entry, &(struct transition){ .machine = MACHINE_DOWNSTREAM,
							.slot = b->slot,
							.from = states[b->down],
							.to = states[next],
							.why = events[event] });
}

static void stop_ppt(struct branch *b)
{
	if (!b->pending)
		return;
	timer_stop(pim_clock(b->entry->pim), &b->pending->ppt);
	free(b->pending);
	b->pending = NULL;
}

/* The only place that writes the state. */
static void down_to(struct branch *b, enum down_state next, enum down_event event)
{
	if (next != DOWN_PRUNE_PENDING)
		stop_ppt(b);
	if (next == DOWN_NO_INFO)
		timer_stop(pim_clock(b->entry->pim), &b->et);
	if (next == b->down)
		return;
	tell(b, next, event);
	b->down = next;
	entry_mark(b->entry);
}

static void et_fire(struct timer *timer)
{
	down_event(container_of(timer, struct branch, et), DOWN_ET_EXPIRED, 0);
}

/* RFC 7761 4.5.1: as it was not at once, others are there who may have missed the Prune. */
static void ppt_fire(struct timer *timer)
{
	struct branch *b = container_of(timer, struct pending, ppt)->branch;
	struct entry *e = b->entry;
	struct pim_iface *i = pim_iface(e->pim, b->slot);

	if (i)
		jp_send(e->pim, b->slot, i->address, e->sg, entry_is_star(e) ? JP_STAR_G : JP_SG,
			true);
	down_event(b, DOWN_PPT_EXPIRED, 0);
}

void down_begin(struct branch *b)
{
	timer_init(&b->et, et_fire);
}

/* ET becomes max(ET, HoldTime), and does not run if that has no end. */
static void extend(struct branch *b, int64_t holdtime)
{
	struct clock *clock = pim_clock(b->entry->pim);

	if (holdtime == MSG_FOREVER)
		timer_stop(clock, &b->et);
	else if (b->down == DOWN_NO_INFO || timer_is_running(&b->et))
		timer_extend(clock, &b->et, holdtime);
}

static void start_ppt(struct branch *b, int64_t ms)
{
	b->pending = xcalloc(1, sizeof(*b->pending));
	b->pending->branch = b;
	timer_init(&b->pending->ppt, ppt_fire);
	timer_start(pim_clock(b->entry->pim), &b->pending->ppt, ms);
}

/* RFC 7761 4.5.1: nobody but who prunes can need it if there is one neighbor. */
static void pend(struct branch *b)
{
	struct pim_iface *i = pim_iface(b->entry->pim, b->slot);

	down_to(b, DOWN_PRUNE_PENDING, DOWN_RX_PRUNE);
	if (i && i->nneighbors > 1)
		start_ppt(b, iface_jp_override_interval(i));
	else
		down_to(b, DOWN_NO_INFO, DOWN_PPT_EXPIRED);
}

/*
 * RFC 7761 4.5.1 figure 2, 4.5.2 figure 3.
 *
 *              rx-join       rx-prune      ppt-expired   et-expired
 * NoInfo       Join          -             -             -
 * Join         Join          PrunePending  -             NoInfo
 * PrunePending Join          -             NoInfo, echo  NoInfo
 *
 * A join that holds for no time at all begins nothing.
 */
void down_event(struct branch *b, enum down_event event, int64_t holdtime)
{
	switch (AT(b->down, event)) {
	case AT(DOWN_NO_INFO, DOWN_RX_JOIN):
		if (!holdtime)
			break;
		/* Fall through. */
	case AT(DOWN_JOIN, DOWN_RX_JOIN):
	case AT(DOWN_PRUNE_PENDING, DOWN_RX_JOIN):
		extend(b, holdtime);
		down_to(b, DOWN_JOIN, event);
		break;
	case AT(DOWN_JOIN, DOWN_RX_PRUNE):
		pend(b);
		break;
	case AT(DOWN_PRUNE_PENDING, DOWN_PPT_EXPIRED):
	case AT(DOWN_JOIN, DOWN_ET_EXPIRED):
	case AT(DOWN_PRUNE_PENDING, DOWN_ET_EXPIRED):
		down_to(b, DOWN_NO_INFO, event);
		break;
	}
	branch_release(b);
}

/* RFC 7761 4.9.5: the local policy for a holdtime of 0xffff. */
void down_alone(struct branch *b)
{
	struct clock *clock = pim_clock(b->entry->pim);
	struct pim_iface *i = pim_iface(b->entry->pim, b->slot);

	if (i && b->down != DOWN_NO_INFO && !timer_is_running(&b->et))
		timer_start(clock, &b->et, up_holdtime(i));
	if (i && b->rpt && !timer_is_running(&b->rpt->et))
		timer_start(clock, &b->rpt->et, up_holdtime(i));
}

void down_end(struct branch *b)
{
	down_to(b, DOWN_NO_INFO, DOWN_ET_EXPIRED);
}
