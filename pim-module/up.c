/* up.c - what is joined, and with whom: the upstream machines of (*,G) and (S,G)
 *
 * RFC 7761 4.5.4, 4.5.5: figures 5 and 6. Settling finds out what JoinDesired and RPF' are now;
 * Joins and Prunes of others come from jp_receive.c.
 *
 * What is refreshed falls on a grid of times, so that it fills messages. A few states are
 * refreshed together, many are spread over half of the period, each at a time of its own.
 */
#include "macros.h"

/* Steps of the grid in a period, and in an override interval. */
#define STEPS 64

/* States that are refreshed in one step before another one is taken. */
#define STEP_FILL 64

/*
 * Upstream routers may hear of another RP later than we do, and drop what names it (RFC 7761
 * 4.5.1): so many Joins more, the first after so many ms, and each after twice as long.
 */
#define HURRY 5
#define HURRY_FIRST 100

int64_t up_period(struct pim_iface *i)
{
	int64_t now = pim_clock(i->pim)->now, wanted = i->fields.join_prune_interval;

	if (i->next_period != wanted) {
		i->period_until = i->period ? now + i->period * 7 / 2 : now;
		i->next_period = wanted;
	}
	if (now >= i->period_until || i->period > wanted)
		i->period = wanted;
	return i->period;
}

/* RFC 7761 4.9.5: and longer than J/P_Override_Interval(I). */
int64_t up_holdtime(const struct pim_iface *i)
{
	int64_t holdtime = i->fields.join_prune_interval * 7 / 2;
	int64_t least = iface_jp_override_interval(i) + SEC(1);

	return holdtime > least ? holdtime : least;
}

static enum msg_jp_kind kind_of(const struct entry *e)
{
	return entry_is_star(e) ? JP_STAR_G : JP_SG;
}

/* The time to wait for the last moment of the grid that is not after @ms from now. */
static int64_t on_grid(const struct pim *pim, int64_t ms, int64_t step)
{
	int64_t now = pim_clock(pim)->now, late = step > 0 ? (now + ms) % step : 0;

	return late < ms ? ms - late : 0;
}

static void start_jt(struct entry *e, int64_t ms)
{
	timer_start(pim_clock(e->pim), &e->jt, ms);
}

/* JT becomes min(JT, t_override). */
static void hasten(struct entry *e, int64_t override)
{
	if (timer_left(pim_clock(e->pim), &e->jt) <= override)
		return;
	start_jt(e, override);
	e->is_hastened = true;
}

/* JT becomes t_periodic, or less for a state that is new, or was joined with many others. */
static void refresh_later(struct entry *e, struct pim_iface *i, bool is_new)
{
	int64_t period = up_period(i), step = period / STEPS, steps = 0;
	unsigned used = e->pim->njoined / STEP_FILL;

	if (e->hurry) {
		start_jt(e, HURRY_FIRST << (HURRY - e->hurry--));
		return;
	}
	if (is_new)
		steps = rng_below(e->pim->engine.host->rng,
				  used < STEPS / 2 ? used + 1 : STEPS / 2);
	start_jt(e, on_grid(e->pim, period - steps * step, step));
}

/* The interface of RPF', if there is such a neighbor. */
static struct pim_iface *up_iface(const struct entry *e)
{
	return ip_is_any(e->up) ? NULL : pim_iface(e->pim, e->up_slot);
}

static void say(struct entry *e, bool prune)
{
	jp_send(e->pim, e->up_slot, e->up, e->sg, kind_of(e), prune);
}

/* Joins, now and from now on; not without somebody to join with. */
static void join(struct entry *e, bool is_new)
{
	struct pim_iface *i = up_iface(e);

	e->is_hastened = false;
	if (!i) {
		timer_stop(pim_clock(e->pim), &e->jt);
		return;
	}
	say(e, false);
	refresh_later(e, i, is_new);
}

static void jt_fire(struct timer *timer)
{
	struct entry *e = container_of(timer, struct entry, jt);

	join(e, e->is_hastened);
}

/* Where nobody else is beside RPF', there is nobody whose Joins ours would meet. */
static void hasten_randomly(struct entry *e, struct pim_iface *i)
{
	if (i->nneighbors == 1)
		join(e, true);
	else
		hasten(e, on_grid(e->pim, iface_t_override(i), i->override_interval / STEPS));
}

void up_begin(struct entry *e)
{
	timer_init(&e->jt, jt_fire);
}

/* Leaves RPF', if that is a neighbor still. */
static void prune(struct entry *e)
{
	struct pim_iface *i = up_iface(e);

	if (i && neighbor_primary(i, e->up))
		say(e, true);
}

static void tell(const struct entry *e, const char *from, const char *to, const char *why)
{
	transition_tell(e, &(struct transition){ .machine = MACHINE_UPSTREAM,
						 .slot = e->up_slot,
						 .from = from,
						 .to = to,
						 .why = why,
						 .who = e->up });
}

static void follow(struct entry *e, const struct rpf_neighbor *now)
{
	e->up_slot = now->slot;
	e->up = now->ip;
	e->up_by_assert = now->by_assert;
	e->up_is_new = false;
}

/* What we have heard of RPs others may not have. */
static bool is_early(const struct entry *e)
{
	return entry_is_star(e) && pim_clock(e->pim)->now < e->pim->rps_spread;
}

static void become_joined(struct entry *e, const struct rpf_neighbor *now)
{
	e->hurry = is_early(e) ? HURRY : 0;
	follow(e, now);
	e->is_joined = true;
	e->pim->njoined++;
	tell(e, "NotJoined", "Joined", "join-desired");
	join(e, true);
}

static void leave(struct entry *e)
{
	timer_stop(pim_clock(e->pim), &e->jt);
	e->hurry = 0;
	e->is_joined = false;
	e->pim->njoined--;
}

static void become_not_joined(struct entry *e)
{
	tell(e, "Joined", "NotJoined", "not-join-desired");
	prune(e);
	leave(e);
	e->spt = e->spt_is_assumed = false;
}

/*
 * RPF' is another one, or went and came again. An Assert made it so if its winner is one of the
 * two, on the same interface: then nobody has to be left.
 */
static void change(struct entry *e, const struct rpf_neighbor *now)
{
	bool by_assert = e->up_slot == now->slot && (e->up_by_assert || now->by_assert);

	if (by_assert && !ip_is_any(now->ip)) {
		follow(e, now);
		tell(e, "Joined", "Joined", "rpf-assert");
		if (timer_is_running(&e->jt) && up_iface(e))
			hasten_randomly(e, up_iface(e));
		else
			join(e, true);
		return;
	}
	if (!turn_lingers(e, now))
		prune(e);
	follow(e, now);
	tell(e, "Joined", "Joined", "rpf-change");
	join(e, true);
}

/* The RP whose tree (*,G) is now. */
static struct ip rp_of(const struct entry *star)
{
	return star->target ? star->target->ip : ip_any(star->pim->engine.af);
}

/*
 * RFC 7761 4.5.4 figure 5, 4.5.5 figure 6. Another RP by the same RPF' is joined anew: a Join that
 * named the one before may have been dropped.
 *
 *            desired    not desired    RPF' by Assert   RPF' otherwise
 * NotJoined  Joined, J  -              -                -
 * Joined     -          NotJoined, P   JT hastened      J to new, P to old
 */
void up_settle(struct entry *e)
{
	struct rpf_neighbor now = rpf_prime(e);
	bool desired = join_desired(e), is_star = entry_is_star(e);
	bool is_moved = is_star && !ip_eq(e->rp, rp_of(e));

	if (is_moved && e->is_joined && (is_early(e) || !ip_is_any(e->rp)))
		e->hurry = HURRY;
	if (!e->is_joined && desired) {
		become_joined(e, &now);
	} else if (!e->is_joined) {
		follow(e, &now);
	} else if (!desired) {
		become_not_joined(e);
		follow(e, &now);
	} else if (e->up_slot != now.slot || !ip_eq(e->up, now.ip) || e->up_is_new) {
		change(e, &now);
	} else {
		e->up_by_assert = now.by_assert;
		if (is_moved)
			join(e, false);
	}
	if (is_star)
		e->rp = rp_of(e);
}

/* Whether it was said to RPF' of an entry that is joined. */
static bool is_to_ours(const struct entry *e, const struct up_seen *seen)
{
	return e->is_joined && e->up_slot == seen->iface->slot && ip_eq(e->up, seen->upstream);
}

/* RFC 7761 4.5.4, 4.5.5: JT becomes max(JT, t_joinsuppress), or min(JT, t_override). */
static void see(struct entry *e, const struct up_seen *seen, bool prune_seen)
{
	if (!is_to_ours(e, seen))
		return;
	if (prune_seen)
		hasten(e, seen->override);
	else if (timer_left(pim_clock(e->pim), &e->jt) < seen->suppress)
		start_jt(e, seen->suppress);
}

/* RFC 7761 4.5.5: a router of the older kind would take it as one of (S,G). */
static void see_prune_star(const struct up_seen *seen, struct ip group)
{
	struct entry *e;

	for (e = entry_first_source(seen->iface->pim, group); e; e = entry_next_source(e))
		see(e, seen, true);
}

/*
 * RFC 7761 4.5.7: the machine of (S,G,rpt) is there while (*,G) is joined, but its entry need not
 * be: a Prune that is to be overridden makes one.
 */
static struct entry *entry_seen(struct pim *pim, struct sg sg, const struct up_seen *seen,
				bool prune_seen)
{
	struct entry *e = entry_find(pim, sg), *star;

	if (e || !prune_seen)
		return e;
	star = entry_find(pim, (struct sg){ ip_any(pim->engine.af), sg.grp });
	if (!star || !is_to_ours(star, seen))
		return NULL;
	e = entry_get(pim, sg);
	if (e)
		entry_mark(e);
	return e;
}

void up_see(const struct up_seen *seen, struct sg sg, enum msg_jp_kind kind, bool prune_seen)
{
	struct pim *pim = seen->iface->pim;
	struct rpf_neighbor rpt;
	struct entry *e;

	if (kind == JP_STAR_G) {
		e = entry_find(pim, sg);
		if (e)
			see(e, seen, prune_seen);
		if (prune_seen)
			see_prune_star(seen, sg.grp);
		return;
	}
	e = entry_seen(pim, sg, seen, prune_seen);
	if (!e)
		return;
	if (kind == JP_SG || prune_seen)
		see(e, seen, prune_seen);
	rpt = rpf_prime_sg_rpt(e);
	if (rpt.slot == seen->iface->slot && ip_eq(rpt.ip, seen->upstream))
		up_rpt_see(e, kind, prune_seen, seen->override);
}

void up_neighbor_restarted(struct entry *e)
{
	struct pim_iface *i = up_iface(e);

	if (e->is_joined && i)
		hasten_randomly(e, i);
}

void up_end(struct entry *e)
{
	if (e->is_joined)
		leave(e);
}
