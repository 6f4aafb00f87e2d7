/* jp_receive.c - Joins and Prunes of neighbors become events of machines
 *
 * RFC 7761 4.5. What is said to us is for the machines of downstream state; what is said to
 * another router is seen by those of upstream state, and by no other.
 */
#include "pim.h"

struct received {
	struct pim_iface *iface;
	struct ip src;
	int64_t holdtime;
	bool is_mine;
	struct up_seen seen; /* if not */
};

/* RFC 7761 4.5.1: Joins of (*,G) with another RP are not for this tree, Prunes always are. */
static bool has_right_rp(const struct received *r, struct ip group, struct ip rp)
{
	struct pim *pim = r->iface->pim;
	struct ip ours = pim_rp(pim, group);

	if (!ip_is_any(ours) && ip_eq(ours, rp))
		return true;
	if (!r->is_mine)
		return false;
	if (!ip_is_any(rp))
		early_keep(r->iface, group, rp, r->holdtime);
	PIM_COUNT(r->iface, wrong_rp);
	log_limited(pim->engine.log, &pim->bad, pim_clock(pim), LEVEL_WARNING,
		    "%s: %s joins group %s with RP %s, which is %s here",
		    pim_ifname(pim, r->iface->slot), ip_str(r->src), ip_str(group), ip_str(rp),
		    ip_is_any(ours) ? "unknown" : ip_str(ours));
	return false;
}

/* RFC 7761 4.5.3: who joins (*,G) says within the message what it still prunes off. */
static void rx_join_star(struct pim_iface *i, struct ip group)
{
	struct entry *e;

	for (e = entry_first_source(i->pim, group); e; e = entry_next_source(e)) {
		struct branch *b = branch_find(e, i->slot);

		if (b && b->rpt)
			down_rpt_event(b, RPT_RX_JOIN_STAR, 0);
	}
}

/* RFC 7761 4.5.3, and 4.6.5, rule 7: sources that have no Prune now are those without one in it. */
static void end_of_message(struct pim_iface *i, struct ip group)
{
	struct entry *e;

	for (e = entry_first_source(i->pim, group); e; e = entry_next_source(e)) {
		struct branch *b = branch_find(e, i->slot);

		if (b && b->rpt) {
			down_rpt_event(b, RPT_END_OF_MESSAGE, 0);
			b = branch_find(e, i->slot);
		}
		if (b && !b->rpt && b->assert_)
			assert_rx_join(b);
	}
}

/* The branch, NULL: none; only what begins state makes one. */
static struct branch *branch_of(struct pim_iface *i, struct sg sg, bool begins)
{
	const struct entry *e;

	if (begins)
		return branch_make(i, sg);
	e = entry_find(i->pim, sg);
	return e ? branch_find(e, i->slot) : NULL;
}

/* A Join of (*,G) or (S,G), whose branch has begun or is there. */
static void rx_join(struct branch *b, int64_t holdtime)
{
	struct pim_iface *i = pim_iface(b->entry->pim, b->slot);
	struct sg sg = b->entry->sg;

	if (b->assert_) {
		assert_rx_join(b);
		b = branch_of(i, sg, true);
	}
	if (b)
		down_event(b, DOWN_RX_JOIN, holdtime);
}

void jp_join_star(struct pim_iface *i, struct ip group, int64_t holdtime)
{
	struct branch *b = branch_of(i, (struct sg){ ip_any(ip_family(group)), group }, true);

	if (b)
		rx_join(b, holdtime);
}

static void rx(const struct received *r, struct sg sg, enum msg_jp_kind kind, bool prune)
{
	struct pim_iface *i = r->iface;
	bool begins = prune == (kind == JP_SG_RPT);
	struct branch *b = branch_of(i, sg, begins);

	if (kind == JP_STAR_G && !prune)
		rx_join_star(i, sg.grp);
	if (!b)
		return;
	if (kind == JP_SG_RPT) {
		down_rpt_event(b, prune ? RPT_RX_PRUNE : RPT_RX_JOIN, r->holdtime);
	} else if (prune) {
		down_event(b, DOWN_RX_PRUNE, 0);
	} else {
		rx_join(b, r->holdtime);
	}
}

/* An entry of a group's list; false if it is not to be heeded. */
static bool receive_source(const struct received *r, struct ip group,
			   const struct msg_jp_source *source, bool prune, bool is_ssm)
{
	struct sg sg = { source->ip, group };

	if (source->kind != JP_SG && is_ssm) {
		if (r->is_mine)
			PIM_COUNT(r->iface, ssm_refused);
		return false;
	}
	if (source->kind == JP_STAR_G) {
		if (!prune && !has_right_rp(r, group, source->ip))
			return false;
		sg.src = ip_any(ip_family(group));
		if (r->is_mine)
			early_forget(r->iface, group);
	}
	if (r->is_mine)
		rx(r, sg, source->kind, prune);
	else
		up_see(&r->seen, sg, source->kind, prune);
	return true;
}

/* Whether it joins (*,G), which has its end when all of the message is through. */
static bool receive_group(const struct received *r, const struct msg_jp_group *g)
{
	bool is_ssm = ssm_has(r->iface->pim, g->group), joined = false;

	for (unsigned n = 0; n < g->njoins; n++) {
		if (receive_source(r, g->group, &g->join[n], false, is_ssm))
			joined |= g->join[n].kind == JP_STAR_G;
	}
	for (unsigned n = 0; n < g->nprunes; n++)
		receive_source(r, g->group, &g->prune[n], true, is_ssm);
	return joined;
}

/* RFC 7761 4.5.1: our primary address there; on a link of two, whoever it is. */
static bool is_mine(const struct pim_iface *i, struct ip upstream)
{
	return ip_eq(upstream, i->address) || (i->ptp && ip_is_any(upstream));
}

static void look(struct received *r, const struct msg_jp *jp)
{
	int64_t suppress = iface_t_suppressed(r->iface);

	r->seen = (struct up_seen){
		.iface = r->iface,
		.upstream = jp->upstream,
		.suppress = suppress < jp->holdtime ? suppress : jp->holdtime,
		.override = iface_t_override(r->iface),
	};
}

/* What has no end ends with the last neighbor, of whom a stranger is none. */
static int64_t holdtime_of(struct pim_iface *i, struct ip src, int64_t said)
{
	int64_t holdtime = iface_holdtime(i, said);

	return holdtime == MSG_FOREVER && !neighbor_primary(i, src) ? up_holdtime(i) : holdtime;
}

void jp_receive(struct pim_iface *i, struct ip src, const struct msg_jp *jp)
{
	struct received r = {
		.iface = i,
		.src = src,
		.holdtime = holdtime_of(i, src, jp->holdtime),
		.is_mine = is_mine(i, jp->upstream),
	};
	bool joined[UINT8_MAX]; /* as many as a message can have */

	if (!r.is_mine) {
		PIM_COUNT(i, not_for_me);
		if (ip_is_any(jp->upstream))
			return;
		look(&r, jp);
	}
	for (unsigned n = 0; n < jp->ngroups; n++)
		joined[n] = receive_group(&r, &jp->group[n]);
	for (unsigned n = 0; r.is_mine && n < jp->ngroups; n++) {
		if (joined[n])
			end_of_message(i, jp->group[n].group);
	}
}
