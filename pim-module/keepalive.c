/* keepalive.c - whether data flows: the Keepalive Timer, and when to leave the shared tree
 *
 * RFC 7761 4.1.3, 4.2, 4.2.1. There is no word from the kernel for each packet, so the timer looks
 * at the counters when it runs out. It serves too for a stream that may have to be moved to its own
 * tree, depending on what flows (`spt-threshold`).
 */
#include "auto.h"
#include "macros.h"

/* How long packets of a stream are looked at, at least, before it is moved to its own tree. */
static int64_t spt_interval(const struct pim *pim)
{
	return pim->conf->spt_interval;
}

/*
 * The source's tree is there already, where the shared one comes in: an Assert told. To stay would
 * have the RP leave that tree, since it has nobody who wants it of it, join it again when its
 * router gave up for that, and so on without end (RFC 7761 4.6.5, rules 5 and 8).
 */
bool keepalive_is_diverted(const struct entry *e)
{
	unsigned slot = rpf_interface(entry_star(e));
	const struct branch *b = slot == NOSLOT ? NULL : branch_find(e, slot);

	return branch_is_loser(b) && !b->assert_->winner.rpt;
}

bool keepalive_switches_at_once(const struct pim *pim)
{
	return pim->conf->spt == SPT_PACKETS && !pim->conf->spt_value;
}

bool keepalive_switch_desired(const struct entry *e)
{
	if (keepalive_is_diverted(e))
		return true;
	if (e->pim->conf->spt == SPT_NEVER)
		return false;
	return e->is_busy || keepalive_switches_at_once(e->pim);
}

/*
 * Whether listeners of ours get it by (*,G), so that we may leave the shared tree for it. Those on
 * the link where that comes in have it from there: a tree of our own for them would have us and
 * that router assert, and take turns.
 */
bool keepalive_is_last_hop(const struct entry *e, const struct entry *star)
{
	struct ifset set = star ? pim_include(star) : ifset_none();

	if (e)
		set = ifset_or(ifset_minus(set, pim_exclude(e)), pim_include(e));
	return !ifset_empty(ifset_without(set, rpf_interface(star)));
}

bool keepalive_count(const struct entry *e, struct counters *counters)
{
	struct pim *pim = e->pim;

	return pim->engine.host->op->counters(&pim->engine, e->sg, counters);
}

/* What was counted until now is of no interest. */
static void begin_count(struct entry *e)
{
	struct counters counters = { 0 };

	keepalive_count(e, &counters);
	e->packets = counters.packets;
	e->bytes = counters.bytes;
}

void keepalive_start(struct entry *e, int64_t period)
{
	struct clock *clock = pim_clock(e->pim);
	bool was_alive = entry_is_alive(e);

	if (!was_alive)
		timer_stop(clock, &e->kat);
	e->is_watched = e->is_counted = false;
	timer_extend(clock, &e->kat, period);
	begin_count(e);
	if (!was_alive)
		entry_mark(e);
}

/* RFC 7761 4.2.1: by a rate or a number of packets, for which it has to be looked at. */
void keepalive_watch(struct entry *e)
{
	struct pim *pim = e->pim;

	if (entry_is_alive(e) || e->is_watched || pim->conf->spt == SPT_NEVER)
		return;
	e->is_watched = true;
	begin_count(e);
	timer_start(pim_clock(pim), &e->kat, spt_interval(pim));
}

/* So much in the interval is more than the threshold. */
static bool is_above(const struct pim *pim, uint64_t packets, uint64_t bytes)
{
	const struct pim_conf *conf = pim->conf;

	if (conf->spt == SPT_PACKETS)
		return packets > conf->spt_value;
	/* bits per millisecond are kbit per second */
	return bytes * 8 / (uint64_t)spt_interval(pim) > conf->spt_value;
}

/* Nobody may want it yet, so that the kernel counts nothing of it. */
void keepalive_register(struct entry *e, size_t len)
{
	struct pim *pim = e->pim;

	if (e->spt || e->is_busy || entry_is_alive(e) || pim->conf->spt == SPT_NEVER)
		return;
	if (!e->is_counted) {
		e->packets = e->bytes = 0;
		if (!e->is_watched)
			timer_start(pim_clock(pim), &e->kat, spt_interval(pim));
		e->is_watched = e->is_counted = true;
	}
	e->packets++;
	e->bytes += len;
	e->is_busy = is_above(pim, e->packets, e->bytes);
}

/* RFC 7761 4.2: whether data that was forwarded restarts the Keepalive Timer. */
static bool keeps_alive(const struct entry *e)
{
	const struct entry *star = entry_star(e);
	const struct target *t = e->target;

	if ((t && t->connected) || auto_floods(e->pim, e->sg.grp))
		return true;
	if (e->spt)
		return e->is_joined && !ifset_empty(inherited_olist_sg(e));
	return keepalive_is_last_hop(e, star) && keepalive_switch_desired(e);
}

static void kat_expired(struct timer *timer)
{
	struct entry *e = container_of(timer, struct entry, kat);
	struct counters now = { 0 };
	bool flows = keepalive_count(e, &now) && now.packets != e->packets;

	entry_mark(e);
	if (e->is_counted) {
		e->is_watched = e->is_counted = e->is_busy = false;
	} else if (e->is_watched) {
		e->is_watched = false;
		e->is_busy = flows &&
			     is_above(e->pim, now.packets - e->packets, now.bytes - e->bytes);
		if (e->is_busy)
			keepalive_start(e, e->pim->conf->keepalive_period);
		else if (flows && keepalive_is_last_hop(e, entry_star(e)))
			keepalive_watch(e);
	} else if (flows && keeps_alive(e)) {
		keepalive_start(e, e->pim->conf->keepalive_period);
	} else {
		e->is_busy = false;
	}
}

void keepalive_begin(struct entry *e)
{
	timer_init(&e->kat, kat_expired);
}
