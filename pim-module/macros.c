/* macros.c - the state summarization macros of RFC 7761 4.1.5 and 4.6 */
#include "auto.h"
#include "macros.h"

/* Whether an Assert of the entry was won on the branch. */
static bool is_winner(const struct branch *b)
{
	return b && b->assert_ && b->assert_->state == ASSERT_WINNER;
}

unsigned rpf_interface(const struct entry *e)
{
	if (!e || !e->target)
		return NOSLOT;
	if (entry_is_star(e) && e->target->own)
		return e->pim->tunnel;
	return pim_is_scoped(e->pim, e->target->slot, e->sg.grp) ? NOSLOT : e->target->slot;
}

struct ifset joins(const struct entry *e)
{
	struct ifset set = ifset_none();
	const struct branch *b;

	SLIST_FOREACH(b, &e->branches, link) {
		if (b->down != DOWN_NO_INFO)
			set = ifset_with(set, b->slot);
	}
	if (entry_is_alive(e) && auto_floods(e->pim, e->sg.grp))
		set = ifset_or(set, auto_neighbors(e->pim));
	return pim_passes(e->pim, e->sg.grp, ifset_and(set, e->pim->running));
}

struct ifset prunes_sg_rpt(const struct entry *e)
{
	struct ifset set = ifset_none();
	const struct branch *b;

	SLIST_FOREACH(b, &e->branches, link) {
		if (b->rpt && (b->rpt->state == RPT_PRUNE || b->rpt->state == RPT_PRUNE_TMP))
			set = ifset_with(set, b->slot);
	}
	return set;
}

/* RFC 7761 4.6.5: lost_assert(*,G,I) or lost_assert(S,G,I). */
static bool is_lost(const struct entry *e, const struct branch *b)
{
	struct assert_metric own;

	if (!branch_is_loser(b) || rpf_interface(e) == b->slot)
		return false;
	if (entry_is_star(e))
		return true;
	own = spt_assert_metric(e, b->slot);
	return assert_is_better(&b->assert_->winner, &own);
}

struct ifset lost_assert(const struct entry *e)
{
	struct ifset set = ifset_none();
	const struct branch *b;

	SLIST_FOREACH(b, &e->branches, link) {
		if (is_lost(e, b))
			set = ifset_with(set, b->slot);
	}
	return set;
}

/* RFC 7761 4.6.5 */
struct ifset lost_assert_sg_rpt(const struct entry *e)
{
	unsigned rp = rpf_interface(entry_star(e)), source = rpf_interface(e);
	struct ifset set = ifset_none();
	const struct branch *b;

	SLIST_FOREACH(b, &e->branches, link) {
		if (branch_is_loser(b) && b->slot != rp && !(b->slot == source && e->spt))
			set = ifset_with(set, b->slot);
	}
	return set;
}

/* Of @local those where we serve listeners: as DR that lost no Assert of @e, or by one won. */
static struct ifset served(const struct entry *e, struct ifset local)
{
	struct ifset set = ifset_none();

	ifset_foreach(slot, local) {
		const struct pim_iface *i = pim_iface(e->pim, slot);
		const struct branch *b = branch_find(e, slot);

		if (i && ((iface_serves(i) && !(b && is_lost(e, b))) || is_winner(b)))
			set = ifset_with(set, slot);
	}
	return pim_passes(e->pim, e->sg.grp, set);
}

/*
 * Deviation: who won the Assert of a source on a link has the listeners there that want all
 * sources, too, as long as it sends. Their DR, who lost it, asks the RP for the source no more; if
 * it is only for them that the source comes to the link, the winner would end, the DR begin, and
 * lose again.
 */
struct ifset could_take_over(const struct entry *e)
{
	const struct entry *star = entry_star(e);
	struct ifset set = ifset_none();
	const struct branch *b;

	SLIST_FOREACH(b, &e->branches, link) {
		if (star && is_winner(b) && ifset_has(star->include, b->slot) &&
		    !ifset_has(e->exclude, b->slot) && pim_iface(e->pim, b->slot))
			set = ifset_with(set, b->slot);
	}
	return pim_passes(e->pim, e->sg.grp, set);
}

struct ifset pim_include(const struct entry *e)
{
	struct ifset set = served(e, e->include);

	return entry_is_alive(e) ? ifset_or(set, could_take_over(e)) : set;
}

/* It is the Assert of (*,G) that counts, of which there may be no state. */
struct ifset pim_exclude(const struct entry *e)
{
	const struct entry *star = entry_star(e);

	return star ? served(star, e->exclude) : ifset_none();
}

struct ifset immediate_olist(const struct entry *e)
{
	return ifset_minus(ifset_or(joins(e), pim_include(e)), lost_assert(e));
}

struct ifset inherited_olist_sg_rpt(const struct entry *e)
{
	const struct entry *star = entry_star(e);
	struct ifset joined, local;

	if (!star)
		return ifset_none();
	joined = ifset_minus(joins(star), prunes_sg_rpt(e));
	local = ifset_minus(pim_include(star), pim_exclude(e));
	return ifset_minus(ifset_or(joined, local),
			   ifset_or(lost_assert(star), lost_assert_sg_rpt(e)));
}

struct ifset inherited_olist_sg(const struct entry *e)
{
	struct ifset set = ifset_or(inherited_olist_sg_rpt(e), joins(e));

	return ifset_minus(ifset_or(set, pim_include(e)), lost_assert(e));
}

struct rpf_neighbor rpf_prime(const struct entry *e)
{
	unsigned slot = rpf_interface(e);
	struct rpf_neighbor n = { .slot = slot, .ip = ip_any(e->pim->engine.af) };
	const struct branch *b = slot == NOSLOT ? NULL : branch_find(e, slot);

	if (branch_is_loser(b)) {
		n.ip = b->assert_->winner.ip;
		n.by_assert = true;
	} else if (slot != NOSLOT && !(e->target->connected && !entry_is_star(e)) &&
		   !e->target->own) {
		n.ip = e->target->neighbor;
	}
	return n;
}

struct rpf_neighbor rpf_prime_sg_rpt(const struct entry *e)
{
	const struct entry *star = entry_star(e);
	unsigned slot = rpf_interface(star);
	const struct branch *b = slot == NOSLOT ? NULL : branch_find(e, slot);

	if (branch_is_loser(b))
		return (struct rpf_neighbor){ slot, b->assert_->winner.ip, true };
	if (!star)
		return (struct rpf_neighbor){ NOSLOT, ip_any(e->pim->engine.af), false };
	return rpf_prime(star);
}

/* What is flooded comes unasked. */
bool join_desired(const struct entry *e)
{
	if (auto_floods(e->pim, e->sg.grp))
		return false;
	if (!ifset_empty(immediate_olist(e)))
		return true;
	return !entry_is_star(e) && entry_is_alive(e) && !ifset_empty(inherited_olist_sg(e));
}

bool rpt_join_desired(const struct entry *star)
{
	return star && join_desired(star);
}

bool prune_desired_sg_rpt(const struct entry *e)
{
	const struct entry *star = entry_star(e);
	struct rpf_neighbor rp, source;

	if (!rpt_join_desired(star))
		return false;
	if (ifset_empty(inherited_olist_sg_rpt(e)))
		return true;
	rp = rpf_prime(star);
	source = rpf_prime(e);
	return e->spt && (rp.slot != source.slot || !ip_eq(rp.ip, source.ip));
}

/* RFC 7761 4.6.1: what inherits from (*,G), Asserts of (S,G) left aside. */
static struct ifset from_star(const struct entry *e, const struct entry *star)
{
	struct ifset joined, local;

	if (!star)
		return ifset_none();
	joined = ifset_minus(joins(star), prunes_sg_rpt(e));
	local = ifset_minus(pim_include(star), pim_exclude(e));
	return ifset_minus(ifset_or(joined, local), lost_assert(star));
}

bool could_assert(const struct entry *e, unsigned slot)
{
	struct ifset set = ifset_or(joins(e), pim_include(e));

	if (rpf_interface(e) == slot || !pim_iface(e->pim, slot))
		return false;
	if (entry_is_star(e))
		return ifset_has(set, slot) && !auto_floods(e->pim, e->sg.grp);
	return e->spt && ifset_has(ifset_or(set, from_star(e, entry_star(e))), slot);
}

/* Local members there are ours to serve, an Assert that was lost left aside. */
static bool serves(const struct entry *e, unsigned slot)
{
	const struct pim_iface *i = pim_iface(e->pim, slot);

	return i && ifset_has(e->include, slot) &&
	       (iface_serves(i) || is_winner(branch_find(e, slot)));
}

bool assert_tracking_desired(const struct entry *e, unsigned slot)
{
	const struct entry *star = entry_star(e);

	if (entry_is_star(e))
		return could_assert(e, slot) || serves(e, slot) ||
		       (rpf_interface(e) == slot && rpt_join_desired(e));
	return ifset_has(ifset_or(from_star(e, star), joins(e)), slot) || serves(e, slot) ||
	       (rpf_interface(e) == slot && join_desired(e)) ||
	       (rpf_interface(star) == slot && rpt_join_desired(star) && !e->spt);
}

static struct assert_metric metric_to(const struct entry *e, unsigned slot, bool rpt)
{
	const struct pim_iface *i = pim_iface(e->pim, slot);
	const struct target *t = e->target;
	struct assert_metric m = {
		.rpt = rpt,
		.preference = MSG_INFINITE_PREFERENCE,
		.metric = MSG_INFINITE_METRIC,
		.ip = i ? i->address : ip_any(e->pim->engine.af),
	};

	if (t && t->reachable) {
		m.preference = t->preference;
		m.metric = t->metric;
	}
	return m;
}

struct assert_metric spt_assert_metric(const struct entry *e, unsigned slot)
{
	return metric_to(e, slot, false);
}

struct assert_metric rpt_assert_metric(const struct entry *star, unsigned slot)
{
	return metric_to(star, slot, true);
}

struct assert_metric my_assert_metric(const struct entry *e, unsigned slot)
{
	const struct entry *star = entry_is_star(e) ? e : entry_star(e);

	if (!entry_is_star(e) && could_assert(e, slot))
		return spt_assert_metric(e, slot);
	if (star && could_assert(star, slot))
		return rpt_assert_metric(star, slot);
	return (struct assert_metric){
		.rpt = true,
		.preference = MSG_INFINITE_PREFERENCE,
		.metric = MSG_INFINITE_METRIC,
		.ip = ip_any(e->pim->engine.af),
	};
}

bool assert_is_better(const struct assert_metric *a, const struct assert_metric *b)
{
	if (a->rpt != b->rpt)
		return b->rpt;
	if (a->preference != b->preference)
		return a->preference < b->preference;
	if (a->metric != b->metric)
		return a->metric < b->metric;
	return ip_cmp(a->ip, b->ip) > 0;
}

/* Whether packets of the group can go to its RP, be it in Registers. */
static bool reaches_rp(const struct entry *e)
{
	const struct target *t = target_find(e->pim, pim_rp(e->pim, e->sg.grp));

	return !t || !pim_is_scoped(e->pim, t->slot, e->sg.grp);
}

bool could_register(const struct entry *e)
{
	const struct pim_iface *i = pim_iface(e->pim, rpf_interface(e));

	return i && i->is_dr && entry_is_alive(e) && e->target->connected && reaches_rp(e);
}
