/* up_rpt.c - what is pruned off the shared tree: the upstream machine of (S,G,rpt)
 *
 * RFC 7761 4.5.7, figure 7. What goes with each Join of (*,G) is put there by jp_send.c.
 */
#include <stdlib.h>

#include "macros.h"

static bool is_same(const struct rpf_neighbor *a, const struct rpf_neighbor *b)
{
	return a->slot == b->slot && ip_eq(a->ip, b->ip);
}

/* Whether RPF'(S,G,rpt) is another one than RPF'(*,G). */
static bool diverts(const struct entry *e, const struct rpf_neighbor *rpt)
{
	struct rpf_neighbor star = rpf_prime(entry_star(e));

	return !is_same(rpt, &star);
}

static void say(struct entry *e, const struct rpf_neighbor *to, bool prune)
{
	if (!ip_is_any(to->ip))
		jp_send(e->pim, to->slot, to->ip, e->sg, JP_SG_RPT, prune);
}

static void stop_ot(struct entry *e)
{
	if (!e->override)
		return;
	timer_stop(pim_clock(e->pim), &e->override->ot);
	free(e->override);
	e->override = NULL;
}

static void to(struct entry *e, enum up_rpt_state next)
{
	static const char *const states[] = { "NotJoined", "NotPruned", "Pruned" };
	static const char *const whys[] = { "not-rpt-join-desired", "not-prune-desired",
					    "prune-desired" };

	if (next != RPT_NOT_PRUNED)
		stop_ot(e);
	if (next == e->up_rpt)
		return;
	transition_tell(e, &(struct transition){ .machine = MACHINE_UPSTREAM_RPT,
						 .slot = rpf_interface(entry_star(e)),
						 .from = states[e->up_rpt],
						 .to = states[next],
						 .why = whys[next] });
	e->up_rpt = next;
}

/* RFC 7761 4.5.7: not where there need not be state of (*,G). */
static void ot_fire(struct timer *timer)
{
	struct entry *e = container_of(timer, struct override, ot)->entry;
	struct rpf_neighbor rpt = rpf_prime_sg_rpt(e);

	stop_ot(e);
	if (entry_star(e) && !diverts(e, &rpt))
		say(e, &rpt, false);
	entry_mark(e);
}

/* OT becomes min(OT, t_override). */
static void start_ot(struct entry *e, int64_t override)
{
	struct clock *clock = pim_clock(e->pim);

	if (!e->override) {
		e->override = xcalloc(1, sizeof(*e->override));
		e->override->entry = e;
		timer_init(&e->override->ot, ot_fire);
	} else if (timer_left(clock, &e->override->ot) <= override) {
		return;
	}
	timer_start(clock, &e->override->ot, override);
}

/*
 * RFC 7761 4.5.7 figure 7. The states follow from the macros: NotJoined without RPTJoinDesired,
 * Pruned with PruneDesired, else NotPruned.
 *
 *            pruned      not pruned     not joined
 * NotJoined  -           -              -
 * Pruned     -           J(S,G,rpt)     -
 * NotPruned  P(S,G,rpt)  -              OT stops
 *
 * An entry that is new begins in NotJoined, be (*,G) joined or not: so it says its Prune too,
 * which goes with the Join if there is one (jp_send.c). One that is Pruned says it when
 * RPF'(S,G,rpt) becomes RPF'(*,G), who may not have heard it yet.
 */
void up_rpt_settle(struct entry *e)
{
	const struct entry *star = entry_star(e);
	struct rpf_neighbor rpt;
	bool was_diverted = e->rpt_diverts;

	if (!star || !rpt_join_desired(star)) {
		to(e, RPT_NOT_JOINED);
		e->rpt_diverts = false;
		return;
	}
	rpt = rpf_prime_sg_rpt(e);
	e->rpt_diverts = diverts(e, &rpt);
	if (prune_desired_sg_rpt(e)) {
		if (e->up_rpt == RPT_NOT_PRUNED ||
		    (!e->rpt_diverts && (e->up_rpt == RPT_NOT_JOINED || was_diverted)))
			say(e, &rpt, true);
		to(e, RPT_PRUNED);
		return;
	}
	if (e->up_rpt == RPT_PRUNED)
		say(e, &rpt, false);
	else if (e->up_rpt == RPT_NOT_PRUNED && was_diverted && !e->rpt_diverts &&
		 pim_iface(e->pim, rpt.slot))
		start_ot(e, iface_t_override(pim_iface(e->pim, rpt.slot)));
	to(e, RPT_NOT_PRUNED);
}

void up_rpt_see(struct entry *e, enum msg_jp_kind kind, bool prune, int64_t override)
{
	up_rpt_settle(e);
	if (e->up_rpt != RPT_NOT_PRUNED)
		return;
	if (prune)
		start_ot(e, override);
	else if (kind == JP_SG_RPT)
		stop_ot(e);
}

void up_rpt_end(struct entry *e)
{
	stop_ot(e);
	e->up_rpt = RPT_NOT_JOINED;
}
