/* forward.c - data packets: routes, and the SPTbit (RFC 7761 4.2)
 *
 * The kernel forwards; we hear of the first packet of a source, of one that came in on another
 * interface than its entry's, and, by recall(), where known sources come in. What of the RFC
 * happens "on receipt of data" happens then, or when the Keepalive Timer looks at the counters.
 *
 * A source without an entry follows (*,G): its route is `passing`, derived from the upcall, and
 * derived again when (*,G) changed, since then all sources of the group are recalled. So a router
 * that is not at an edge keeps nothing of sources.
 *
 * The groups of Auto-RP are flooded (auto.h): what comes by the way to its source goes to all other
 * neighbors, and to listeners. Each source has an entry, for which these neighbors are as if they
 * had joined it, so that where several routers would flood one link, Asserts leave one of them.
 */
#include "auto.h"
#include "embedded.h"
#include "macros.h"

/* Whether one router sends data of both trees, RPF'(*,G) and RPF'(S,G). */
static bool is_same_way(const struct entry *e, const struct entry *star)
{
	struct rpf_neighbor source = rpf_prime(e), rp;

	if (!star || ip_is_any(source.ip) || turn_old_slot(star) != NOSLOT)
		return false;
	rp = rpf_prime(star);
	return source.slot == rp.slot && ip_eq(source.ip, rp.ip);
}

/* Both trees come in by one interface, and each has somebody who wants the source of it. */
static bool is_wanted_from_both(const struct entry *e, const struct entry *star)
{
	struct ifset shared = inherited_olist_sg_rpt(e);

	return star && rpf_interface(star) == rpf_interface(e) && !ifset_empty(shared) &&
	       !ifset_empty(ifset_minus(immediate_olist(e), shared));
}

/* Whether we are the RP, and nothing comes in Registers, but may by the source's tree. */
static bool has_no_other(const struct entry *e, const struct entry *star)
{
	return star && star->target && star->target->own && !e->is_registered &&
	       turn_old_slot(star) == NOSLOT && !ip_is_any(rpf_prime(e).ip);
}

/*
 * There is no shared tree here, and each link that the source goes to has one router at most, who
 * joined it: nobody can forward it there as well, or be told by an Assert before there is data.
 * An RP has what is registered, too.
 */
static bool is_alone(const struct entry *e, const struct entry *star)
{
	if (star || target_owns(e->pim, pim_rp(e->pim, e->sg.grp)))
		return false;
	ifset_foreach(slot, immediate_olist(e)) {
		const struct pim_iface *i = pim_iface(e->pim, slot);

		if (!i || i->nneighbors > 1)
			return false;
	}
	return true;
}

/*
 * Data comes in, but nobody is served by the shared tree: what is taken from elsewhere is for
 * nobody, and would hide the first packets of the source's tree, of which the kernel tells once in
 * 3 s only. What comes in where it is to go is another router's, who is not to be told by an Assert
 * before there is data of our own.
 */
static bool is_hidden(const struct entry *e, const struct entry *star)
{
	struct ifset shared = ifset_without(inherited_olist_sg_rpt(e), rpf_interface(star));

	return e->is_joined && e->seen != NOSLOT && ifset_empty(shared) &&
	       !ifset_has(inherited_olist_sg(e), e->seen);
}

/*
 * RFC 7761 4.2.2. Of source-specific groups it is always set (4.8.2). Where both trees are one, or
 * the source is on the own link, no packet is waited for: there may be none to be told of, since
 * the kernel has an entry already, whose packets come in where they should. An RP to which no
 * Registers come, because they were stopped, has no other data that could be lost; if nothing
 * comes by the source's tree either, that was wrong (register_rp.c).
 *
 * Deviation: nor is an Assert, where both trees come in by one interface and somebody wants the
 * source by its own tree alone. Nobody may be there to send one, if all routers of that link get
 * the source from it, and none sends it there by the shared tree.
 *
 * Deviation: what comes in elsewhere sets it too where the shared tree serves nobody, as it is
 * set of source-specific groups.
 *
 * Deviation: it goes with the way to the source. The shared tree, from which the source would stay
 * pruned until the Keepalive Timer ends, may have another one.
 *
 * Deviation: nor is a packet waited for where there is no shared tree, nor anybody who could be
 * told by an Assert: the first one is not to stop at each router of the source's tree.
 */
static void update_sptbit(struct entry *e)
{
	const struct entry *star = entry_star(e);
	unsigned slot = rpf_interface(e);
	const struct branch *b = slot == NOSLOT ? NULL : branch_find(e, slot);

	if (auto_floods(e->pim, e->sg.grp)) {
		e->spt = true;
		return;
	}
	if (!join_desired(e)) {
		e->is_registered = false;
		return;
	}
	if (ssm_has(e->pim, e->sg.grp)) {
		e->spt = true;
		return;
	}
	if (slot == NOSLOT)
		e->spt = e->spt_is_assumed = false;
	if (e->spt || slot == NOSLOT)
		return;
	if (e->target->connected || is_same_way(e, star) || is_wanted_from_both(e, star) ||
	    is_hidden(e, star)) {
		e->spt = true;
		return;
	}
	if (has_no_other(e, star) || is_alone(e, star)) {
		e->spt = e->spt_is_assumed = true;
		return;
	}
	if (e->seen != slot)
		return;
	e->spt = slot != rpf_interface(star) || ifset_empty(inherited_olist_sg_rpt(e)) ||
		 branch_is_loser(b);
}

/* The register tunnel is joined (RFC 7761 4.4.1). */
static struct ifset registered(const struct entry *e)
{
	bool on = e->register_ && e->register_->state == REGISTER_JOIN;

	return on ? ifset_of(e->pim->tunnel) : ifset_none();
}

/* That a source of the own link sends is to be known: it has to be registered. */
static bool waits_for_data(const struct entry *e)
{
	return e->target && e->target->connected && !entry_is_alive(e) &&
	       !ssm_has(e->pim, e->sg.grp);
}

/*
 * The route of an (S,G) entry; false: none is to be wished for. Without the SPTbit, data is taken
 * from the shared tree, or from the source's own link, where nobody but the DR cares for it.
 */
static bool derive(const struct entry *e, struct route *route)
{
	const struct entry *star = entry_star(e);

	*route = (struct route){ .sg = e->sg, .rank = RANK_PIM, .iif = rpf_interface(e) };
	if (e->spt) {
		route->oifs = ifset_or(inherited_olist_sg(e), registered(e));
		if (turn_old_slot(e) != NOSLOT) {
			route->oifs = ifset_without(route->oifs, route->iif);
			route->iif = turn_old_slot(e);
		}
	} else if (e->target && e->target->connected && entry_is_alive(e)) {
		route->oifs = registered(e);
	} else {
		route->iif = turn_shared(star, e);
		route->oifs = inherited_olist_sg_rpt(e);
	}
	if (route->iif == NOSLOT || waits_for_data(e))
		return false;
	route->oifs = ifset_without(route->oifs, route->iif);
	if (!ifset_empty(route->oifs))
		return true;
	/*
	 * For its counters; but not where a former process may have known better, nor if that would
	 * keep from us the first packet of the source's tree.
	 */
	return timer_is_running(&e->kat) && !e->pim->engine.host->resumes &&
	       !(e->is_joined && !e->spt && route->iif == rpf_interface(e));
}

/*
 * The route of a source that has no entry, by (*,G), which may be NULL. It comes in there, unless
 * that is no way of the tree.
 */
static void derive_passing(struct pim *pim, struct sg sg, struct entry *star, unsigned arrival)
{
	const struct host_ops *op = pim->engine.host->op;
	bool has_turned = arrival == rpf_interface(star);
	struct route route = { .sg = sg, .rank = RANK_PIM, .passing = true };

	route.iif = has_turned ? arrival : turn_shared(star, NULL);
	if (route.iif != NOSLOT)
		route.oifs = ifset_without(immediate_olist(star), route.iif);
	if (ifset_empty(route.oifs)) {
		op->unroute(&pim->engine, sg, NOSLOT);
		return;
	}
	star->feeds = true;
	op->route(&pim->engine, &route);
}

static void recall_group(struct pim *pim, struct ip group)
{
	struct prefix groups = { group, af_bits(pim->engine.af) };

	pim->engine.host->op->recall(&pim->engine, groups);
}

void forward_recall(struct pim *pim)
{
	struct prefix groups = { .len = pim->engine.af == V4 ? 4 : 8 };

	groups.ip = pim->engine.af == V4 ? ip_v4(0xe0000000) : (struct ip){ { 0xff } };
	pim->engine.host->op->recall(&pim->engine, groups);
}

/* Its streams come as upcalls once more if they are to go elsewhere. */
static void settle_star(struct entry *star)
{
	unsigned iif;
	struct ifset olist;

	if (!star->is_joined || !turn_old_lives(star))
		turn_leave_old(star);
	iif = turn_shared(star, NULL);
	olist = ifset_without(immediate_olist(star), iif);
	if (iif == star->iif && ifset_eq(olist, star->olist))
		return;
	star->iif = iif;
	star->olist = olist;
	recall_group(star->pim, star->sg.grp);
}

/*
 * RFC 7761 4.2: data that was forwarded of a joined source restarted the Keepalive Timer. That is
 * looked at when nobody joined the source any more, but somebody gets it by (*,G): then it decides
 * whether the tree goes.
 */
void forward_look(struct entry *e)
{
	struct counters now = { 0 };

	if (entry_is_star(e) || !e->is_joined || !e->spt || entry_is_alive(e) ||
	    !ifset_empty(immediate_olist(e)) ||
	    ifset_empty(ifset_or(inherited_olist_sg(e), could_take_over(e))))
		return;
	if (keepalive_count(e, &now) && now.packets != e->packets)
		keepalive_start(e, e->pim->conf->keepalive_period);
}

/* Something came by the way that is in force. */
static bool has_flowed(const struct entry *e)
{
	struct counters now = { 0 };

	return keepalive_count(e, &now) && now.packets;
}

void forward_doubt(struct entry *e)
{
	if (e->spt_is_assumed && !has_flowed(e))
		e->spt = e->spt_is_assumed = false;
}

void forward_settle_spt(struct entry *e)
{
	if (e->iif != rpf_interface(e)) {
		e->iif = rpf_interface(e);
		e->seen = NOSLOT;
		e->was_joined = false;
		if (turn_old_slot(e) == NOSLOT)
			turn_end(e);
		/* data there is to be told of, as of any way that was not there before */
		e->pim->engine.host->op->alert(&e->pim->engine, e->sg);
	}
	if (keepalive_is_diverted(e) && !entry_is_alive(e) && !e->spt &&
	    !ifset_empty(inherited_olist_sg_rpt(e)))
		keepalive_start(e, e->pim->conf->keepalive_period);
	/* what came before it was joined is no sign of its tree */
	if (e->is_joined && !e->was_joined)
		e->seen = NOSLOT;
	update_sptbit(e);
}

void forward_settle(struct entry *e)
{
	struct pim *pim = e->pim;
	const struct host_ops *op = pim->engine.host->op;
	struct route route;

	if (entry_is_star(e)) {
		settle_star(e);
		return;
	}
	if (!e->is_joined || !e->spt || !turn_old_lives(e))
		turn_leave_old(e);
	/* it is to be known whether packets come already, and where */
	if (e->is_joined && !e->was_joined && (!e->spt || waits_for_data(e)))
		recall_group(pim, e->sg.grp);
	e->was_joined = e->is_joined;
	if (derive(e, &route))
		op->route(&pim->engine, &route);
	else
		op->unroute(&pim->engine, e->sg, NOSLOT);
}

void forward_end(struct entry *e)
{
	struct counters counters = { 0 };

	timer_stop(pim_clock(e->pim), &e->kat);
	turn_end(e);
	if (entry_is_star(e) || e->pim->is_ending)
		return;
	/* what flowed can be recalled; of what did not, the next packet tells */
	if (keepalive_count(e, &counters) && counters.packets)
		derive_passing(e->pim, e->sg, entry_star(e),
			       e->has_turned ? rpf_interface(entry_star(e)) : NOSLOT);
	else
		e->pim->engine.host->op->unroute(&e->pim->engine, e->sg, NOSLOT);
}

/*
 * RFC 7761 4.2: the source is on our link. A router that neither has to register nor to forward
 * keeps nothing of it.
 */
static struct entry *direct(struct pim *pim, const struct upcall *u, struct entry *e)
{
	const struct pim_iface *i = pim_iface(pim, u->arrival);
	bool has_star = entry_find(pim, (struct sg){ ip_any(pim->engine.af), u->sg.grp });

	embedded_wait(pim, u->sg.grp);
	if (!e && !ssm_has(pim, u->sg.grp) && !ip_is_any(pim_rp(pim, u->sg.grp)) &&
	    (i->is_dr || has_star))
		e = entry_get(pim, u->sg);
	if (e)
		keepalive_start(e, pim->conf->keepalive_period);
	return e;
}

/*
 * The kernel tells of one packet in 3 seconds that came in on another interface, so data of some
 * third one can hide that of the source's tree for good. If nothing came by the shared tree since
 * it told the last time, there is nothing to lose by the change.
 */
static bool is_stalled(struct entry *e)
{
	struct counters now = { 0 };
	struct stray *stray = entry_goes_astray(e);
	uint32_t before = stray->packets;

	keepalive_count(e, &now);
	stray->packets = now.packets + 1;
	return e->is_joined && !e->spt && before == stray->packets;
}

/* Where data came in. What is forwarded of the shared tree goes on to be until the change. */
static void see(struct entry *e, const struct entry *star, const struct upcall *u)
{
	bool is_new_way = turn_old_slot(e) != NOSLOT && u->arrival == rpf_interface(e);
	bool is_own_tree = u->arrival == rpf_interface(e) && !e->spt;

	if (turn_old_slot(star) != NOSLOT && u->arrival == rpf_interface(star))
		e->has_turned = true;
	if (u->kind == UPCALL_WRONGIF && is_new_way) {
		turn_soon(e);
		return;
	}
	/* if nothing came by the old way, there is no other copy that could be lost */
	if (u->kind == UPCALL_WRONGIF && is_own_tree && has_flowed(e) &&
	    !ifset_empty(inherited_olist_sg_rpt(e))) {
		turn_soon(e);
		return;
	}
	/* where it was seen is no sign that it is there still, as long as there is a choice */
	if (u->kind == UPCALL_RECALL && !e->was_joined && !ifset_empty(inherited_olist_sg_rpt(e)))
		return;
	e->seen = u->arrival;
	if (u->kind == UPCALL_WRONGIF && is_stalled(e))
		e->seen = rpf_interface(e);
}

/* Whether (*,G) comes in there, by the tree of its RP or, while it turns, of the one before. */
static bool is_shared_way(const struct entry *star, unsigned slot)
{
	return slot == rpf_interface(star) || (star && slot == turn_old_slot(star));
}

/*
 * The source comes by its own tree already, of which nobody here knows: a former process did, or
 * other listeners of the link. A router that would join that tree, at the edge or as RP, does so
 * at once. What was recalled flows; there is no other copy to wait for. @e is its entry, or NULL;
 * the result is, too.
 */
static struct entry *by_own_tree(struct pim *pim, const struct upcall *u, const struct entry *star,
				 struct entry *e)
{
	if (!star || is_shared_way(star, u->arrival) || u->arrival == pim->tunnel ||
	    pim->conf->spt == SPT_NEVER || ifset_empty(immediate_olist(star)) ||
	    !(star->target && (star->target->own || keepalive_is_last_hop(e, star))))
		return e;
	if (!e)
		e = entry_get(pim, u->sg);
	if (!e || e->spt || entry_is_alive(e) || rpf_interface(e) != u->arrival ||
	    ifset_empty(inherited_olist_sg_rpt(e)))
		return e;
	keepalive_start(e, pim->conf->keepalive_period);
	e->was_joined = u->kind == UPCALL_RECALL;
	return e;
}

void forward_upcall(struct pim *pim, const struct upcall *u)
{
	struct entry *star = entry_find(pim, (struct sg){ ip_any(pim->engine.af), u->sg.grp });
	struct entry *e = entry_find(pim, u->sg);
	struct pim_iface *i = pim_iface(pim, u->arrival);

	if (!i && u->arrival != pim->tunnel)
		return;
	if (auto_floods(pim, u->sg.grp)) {
		e = entry_get(pim, u->sg);
		if (e)
			keepalive_start(e, pim->conf->keepalive_period);
	} else if (target_is_direct(pim, u->sg.src, u->arrival)) {
		e = direct(pim, u, e);
	}
	if (!e && keepalive_is_last_hop(NULL, star) && is_shared_way(star, u->arrival) &&
	    pim->conf->spt != SPT_NEVER)
		e = entry_get(pim, u->sg);
	e = by_own_tree(pim, u, star, e);
	if (!e) {
		derive_passing(pim, u->sg, star, u->arrival);
	} else {
		see(e, star, u);
		if (u->arrival == rpf_interface(e) && e->is_joined &&
		    !ifset_empty(inherited_olist_sg(e)))
			keepalive_start(e, pim->conf->keepalive_period);
		else if (is_shared_way(star, u->arrival) && !e->spt &&
			 keepalive_is_last_hop(e, star)) {
			if (keepalive_switch_desired(e))
				keepalive_start(e, pim->conf->keepalive_period);
			else
				keepalive_watch(e);
		}
		entry_mark_urgent(e);
	}
	if (i)
		assert_data(i, u->sg, u->kind != UPCALL_RECALL);
}
