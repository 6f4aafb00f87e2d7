/* proxy_route.c - where a proxy forwards what (RFC 4605 4.2)
 *
 * A packet's source is told by an upcall; which way it takes follows from where it came in, and
 * from what is known then. What stands is the core's to keep, and to take back when no packet
 * comes any more.
 */
#include "proxy_engine.h"

/*
 * RFC 4605 3: of several proxies on a link, one forwards to it. Deviation from 4.2: and from it;
 * else packets would go round, down by one and up by the other.
 */
static bool is_forwarder(struct proxies *s, const struct proxy *p, unsigned slot)
{
	return ifset_has(p->forward, slot) || s->engine.host->op->is_querier(&s->engine, slot);
}

/* Downstream interfaces where somebody wants it, and we are to forward. */
static struct ifset listeners(struct proxies *s, const struct proxy *p, struct sg sg)
{
	struct engine *e = &s->engine;
	struct ifset set = ifset_none();

	ifset_foreach(slot, p->downstreams) {
		struct membership m;

		if (!is_forwarder(s, p, slot))
			continue;
		e->host->op->membership(e, slot, sg.grp, &m);
		if (membership_wants(&m, sg.src))
			set = ifset_with(set, slot);
	}
	return set;
}

/* The upstream interfaces that live and have the (S,G). */
static struct ifset living_to(const struct proxy *p, struct sg sg)
{
	if (proxy_is_local(p->rule, sg.grp))
		return ifset_none();
	return ifset_and(ways_to(&p->ways, sg.grp, &sg.src), p->living);
}

/* What comes from upstream, and back by another way, is not to go upstream again. */
static void tell_loop(struct proxies *s, const struct upcall *u, unsigned stands)
{
	struct host *host = s->engine.host;

	s->loops++;
	log_limited(s->engine.log, &s->loop_limit, host->clock, LEVEL_WARNING,
		    "%s: comes in from %s downstream, but upstream is %s: a loop?", sg_str(&u->sg),
		    host->op->ifname(host, u->arrival), host->op->ifname(host, stands));
}

/*
 * Whether a stream that comes in on another interface does not come in on its own any more: it did
 * not since it was told last that it does, which the kernel does every three seconds. Until then
 * its place is not given to another one.
 */
static bool has_moved(struct proxies *s, struct sg sg)
{
	struct engine *e = &s->engine;
	struct stray *stray = &s->stray[sg_hash(&sg) % NSTRAYS], before = *stray;
	int64_t now = e->host->clock->now;
	bool known = sg_eq(before.sg, sg), recent = now - before.at < SEC(10);
	struct counters c;

	if ((!known && before.waits && recent) || !e->host->op->counters(e, sg, &c))
		return false;
	*stray = (struct stray){ sg, c.packets, now, !known };
	return known && recent && before.packets == c.packets;
}

/*
 * Where packets are taken in, wherever this one came: NOSLOT if they are not. @to has the upstream
 * interfaces for it; @stands is where they are taken in now. What comes in at one of @to stays
 * there; and where that is no more one of them, the next is taken before the first packet comes.
 */
static unsigned choose(struct proxies *s, const struct proxy *p, const struct upcall *u,
		       struct ifset to, unsigned stands)
{
	bool down = ifset_has(p->downstreams, u->arrival) && is_forwarder(s, p, u->arrival);
	bool wrong = u->kind == UPCALL_WRONGIF;

	if (ifset_has(p->downstreams, stands) && !is_forwarder(s, p, stands))
		stands = NOSLOT;
	if ((down || ifset_has(to, u->arrival)) &&
	    (u->kind == UPCALL_NOROUTE || !ifset_has(to, stands) || (wrong && has_moved(s, u->sg))))
		return u->arrival;
	if (stands != NOSLOT && !ifset_has(ifset_or(p->downstreams, to), stands))
		return ifset_first(to);
	if (down && wrong)
		tell_loop(s, u, stands);
	return stands;
}

/* Where it goes from there. */
static struct ifset outgoing(struct proxies *s, const struct proxy *p, struct sg sg,
			     struct ifset to, unsigned iif)
{
	struct ifset set = listeners(s, p, sg);

	if (ifset_has(p->downstreams, iif) && !p->rule->receive_only)
		set = ifset_or(set, to);
	return ifset_without(set, iif);
}

static void route(struct proxies *s, const struct proxy *p, const struct upcall *u, unsigned stands)
{
	struct engine *e = &s->engine;
	struct ifset to = living_to(p, u->sg), oifs = ifset_none();
	unsigned iif = choose(s, p, u, to, stands);

	if (iif != NOSLOT)
		oifs = outgoing(s, p, u->sg, to, iif);
	if (ifset_empty(oifs))
		e->host->op->unroute(e, u->sg, NOSLOT);
	else
		e->host->op->route(e, &(struct route){
					      .sg = u->sg,
					      .oifs = oifs,
					      .iif = iif,
					      .kind = ROUTE_WANT,
					      .rank = RANK_PROXY,
					      .passing = true,
				      });
}

/* The proxy that a wish is of: it may have another upstream interface now. */
static const struct proxy *holder_of(const struct proxies *s, const struct route *now)
{
	const struct proxy *p = proxy_at(s, now->iif);

	ifset_foreach(slot, now->oifs) {
		if (!p)
			p = proxy_at(s, slot);
	}
	return p;
}

/* A proxy whose wish stands has the stream, unless the kernel has no entry of it any more. */
void proxy_upcall(struct engine *e, const struct upcall *u)
{
	struct proxies *s = proxies_of(e);
	const struct proxy *p = proxy_at(s, u->arrival), *holder = NULL;
	struct route now;

	if (e->host->op->routed(e, u->sg, &now))
		holder = holder_of(s, &now);
	if (holder && (!p || u->kind != UPCALL_NOROUTE))
		p = holder;
	if (p)
		route(s, p, u, holder == p ? now.iif : NOSLOT);
	else
		e->host->op->unroute(e, u->sg, NOSLOT);
}
