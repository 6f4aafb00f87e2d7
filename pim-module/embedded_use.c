/* embedded_use.c - which RPs within groups are in use (RFC 3956)
 *
 * Any host can make up such a group, and thereby an RP. So those in use, by (*,G) and by sources
 * that are registered, are limited; a group whose RP is one too many has none until another one is
 * not needed any more.
 */
#include "embedded.h"

/* Between two times that who waits is told of room: all streams are looked at for that. */
#define AGAIN SEC(1)

static void offer_room(struct pim *pim)
{
	if (!pim->embedded_refused || pim->nembedded >= pim->conf->max_embedded || pim->is_ending ||
	    timer_is_running(&pim->embedded_again))
		return;
	pim->embedded_refused = false;
	timer_start(pim_clock(pim), &pim->embedded_again, AGAIN);
	entries_mark_all(pim);
	forward_recall(pim);
}

static void again(struct timer *t)
{
	offer_room(container_of(t, struct pim, embedded_again));
}

void embedded_init(struct pim *pim)
{
	timer_init(&pim->embedded_again, again);
}

void embedded_free(struct pim *pim)
{
	timer_stop(pim_clock(pim), &pim->embedded_again);
}

static void hold(struct entry *e, struct ip rp)
{
	struct pim *pim = e->pim;

	e->embedded = target_hold(pim, rp);
	pim->nembedded += !e->embedded->embedded++;
	target_count(e->embedded);
}

void embedded_end(struct entry *e)
{
	struct pim *pim = e->pim;
	struct target *t = e->embedded;

	if (!t)
		return;
	e->embedded = NULL;
	pim->nembedded -= !--t->embedded;
	target_count(t);
	target_drop(t);
	offer_room(pim);
}

void embedded_wait(struct pim *pim, struct ip group)
{
	struct ip rp = ip_any(V6);

	if (embedded_is(pim, group))
		rp = embedded_believed(pim, group);
	if (!ip_is_any(rp) && !embedded_has_room(pim, rp))
		pim->embedded_refused = true;
}

/* Counted once of an entry. */
static void refuse(struct entry *e, struct ip rp)
{
	struct pim *pim = e->pim;

	e->has_no_rp = true;
	if (ip_is_any(rp)) {
		pim->counters.rp_filtered++;
		return;
	}
	pim->counters.limited++;
	log_limited(pim->engine.log, &pim->full, pim_clock(pim), LEVEL_WARNING,
		    "%s: no room for more than %u RPs within groups, embedded-rp says so",
		    sg_str(&e->sg), pim->conf->max_embedded);
}

void embedded_settle(struct entry *e)
{
	struct pim *pim = e->pim;
	bool is_needed = entry_is_star(e) || e->register_;
	struct ip rp = ip_any(V6);

	if (is_needed && embedded_is(pim, e->sg.grp))
		rp = embedded_believed(pim, e->sg.grp);
	if (e->embedded && ip_eq(e->embedded->ip, rp))
		return;
	embedded_end(e);
	if (!ip_is_any(rp) && embedded_has_room(pim, rp)) {
		hold(e, rp);
		e->has_no_rp = false;
		return;
	}
	if (is_needed && embedded_is(pim, e->sg.grp) && !e->has_no_rp)
		refuse(e, rp);
	if (is_needed || (entry_is_alive(e) && e->target && e->target->connected))
		embedded_wait(pim, e->sg.grp);
}
