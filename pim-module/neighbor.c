/* neighbor.c - neighbors of an interface, and their Hellos (RFC 7761 4.3.1, 4.3.2, 4.3.4) */
#include <stdlib.h>
#include <string.h>

#include "bsr.h"

/*
 * Secondary addresses of one neighbor, and of all of a link, since each is compared with all
 * others; so many each one may have nevertheless.
 */
#define MAX_SECONDARY 128
#define MAX_SECONDARIES 1024
#define MIN_SECONDARY 8

/* Between two answers to who begins anew: each may be a Hello, and Joins of all that it sends. */
#define RESTART_GAP SEC(3)

struct neighbor *neighbor_primary(const struct pim_iface *i, struct ip address)
{
	struct neighbor *n;

	TAILQ_FOREACH(n, &i->neighbors, link) {
		if (ip_eq(n->address, address))
			break;
	}
	return n;
}

static bool has_secondary(const struct neighbor *n, struct ip address)
{
	for (unsigned k = 0; k < n->nsecondary; k++) {
		if (ip_eq(n->secondary[k], address))
			return true;
	}
	return false;
}

struct neighbor *neighbor_find(const struct pim_iface *i, struct ip address)
{
	struct neighbor *n = neighbor_primary(i, address);

	if (n)
		return n;
	TAILQ_FOREACH(n, &i->neighbors, link) {
		if (has_secondary(n, address))
			break;
	}
	return n;
}

static void tell(const struct neighbor *n, const char *state, const char *why)
{
	struct pim_iface *i = n->iface;
	const struct engine *e = &i->pim->engine;
	const char *name = pim_ifname(i->pim, i->slot);

	log_limited(i->pim->log[AREA_NEIGHBOR], &i->changes, e->host->clock, LEVEL_NOTICE,
		    "%s: neighbor %s %s%s%s", name, ip_str(n->address), state, why ? ": " : "",
		    why ? why : "");
	e->host->op->event(e->host, "neighbor", "interface", name, "family", af_name(e->af),
			   "address", ip_str(n->address), "state", state, "reason", why, NULL);
}

static void neighbor_free(struct neighbor *n)
{
	struct pim_iface *i = n->iface;

	timer_stop(pim_clock(i->pim), &n->timeout);
	timer_stop(pim_clock(i->pim), &n->restart);
	TAILQ_REMOVE(&i->neighbors, n, link);
	i->nneighbors--;
	free(n->secondary);
	free(n);
}

void neighbors_free(struct pim_iface *i)
{
	struct neighbor *n;

	while ((n = TAILQ_FIRST(&i->neighbors)))
		neighbor_free(n);
}

void neighbors_lost(struct pim_iface *i)
{
	const struct neighbor *n;

	TAILQ_FOREACH(n, &i->neighbors, link)
		tell(n, "down", "the interface does not run");
	neighbors_free(i);
}

static void neighbor_gone(struct neighbor *n, const char *why)
{
	struct pim_iface *i = n->iface;
	struct ip address = n->address;

	tell(n, "down", why);
	neighbor_free(n);
	entries_neighbor_gone(i, address);
	targets_review(i->pim, i->slot);
	iface_neighbors_changed(i);
}

/* NLT(N,I) */
static void fire(struct timer *t)
{
	neighbor_gone(container_of(t, struct neighbor, timeout), "no Hello in time");
}

/* RFC 7761 4.3.1, 4.5.4, 4.5.5, 4.6: it knows nothing any more. */
static void answer_restart(struct neighbor *n)
{
	struct pim_iface *i = n->iface;

	timer_start(pim_clock(i->pim), &n->restart, RESTART_GAP);
	n->restarted = false;
	entries_neighbor_restarted(i, n->address);
	bsr_neighbor_new(i, n->address);
}

static void neighbor_begins(struct neighbor *n, const char *state)
{
	n->since = pim_clock(n->iface->pim)->now;
	iface_hello_soon(n->iface);
	tell(n, state, NULL);
}

static void fire_restart(struct timer *t)
{
	struct neighbor *n = container_of(t, struct neighbor, restart);

	if (!n->restarted)
		return;
	neighbor_begins(n, "restarted");
	answer_restart(n);
}

bool neighbor_is_wanted(const struct pim *pim, struct ip address)
{
	const struct pim_family *f = &pim->conf->af[pim->engine.af];

	return pim_takes(f->neighbor, f->nneighbors, address);
}

static bool is_ours(const struct pim_iface *i, struct ip address)
{
	for (unsigned k = 0; k < i->naddresses; k++) {
		if (ip_eq(i->addresses[k].ip, address))
			return true;
	}
	return false;
}

void neighbors_review(struct pim_iface *i)
{
	struct neighbor *n, *next;

	for (n = TAILQ_FIRST(&i->neighbors); n; n = next) {
		next = TAILQ_NEXT(n, link);
		if (!neighbor_is_wanted(i->pim, n->address))
			neighbor_gone(n, "not wanted any more");
		else if (is_ours(i, n->address))
			neighbor_gone(n, "its address is ours now");
	}
}

/* NULL if the limit has no room. */
static struct neighbor *neighbor_new(struct pim_iface *i, struct ip address)
{
	const struct engine *e = &i->pim->engine;
	struct neighbor *n, *after;

	if (i->nneighbors >= i->pim->conf->max_neighbors) {
		PIM_COUNT(i, limited);
		log_limited(i->pim->log[AREA_NEIGHBOR], &i->complaints, e->host->clock,
			    LEVEL_WARNING, "%s: no room for neighbor %s, there are %u",
			    pim_ifname(i->pim, i->slot), ip_str(address), i->nneighbors);
		return NULL;
	}
	n = xcalloc(1, sizeof(*n));
	n->iface = i;
	n->address = address;
	timer_init(&n->timeout, fire);
	timer_init(&n->restart, fire_restart);
	TAILQ_FOREACH(after, &i->neighbors, link) {
		if (ip_cmp(after->address, address) > 0)
			break;
	}
	if (after)
		TAILQ_INSERT_BEFORE(after, n, link);
	else
		TAILQ_INSERT_TAIL(&i->neighbors, n, link);
	i->nneighbors++;
	return n;
}

/* RFC 7761 4.3.4: only the latest mapping is kept. */
static void take_from_others(const struct neighbor *n, struct ip address)
{
	struct pim_iface *i = n->iface;
	const struct engine *e = &i->pim->engine;
	struct neighbor *other;

	TAILQ_FOREACH(other, &i->neighbors, link) {
		unsigned left = 0;

		if (other == n || !has_secondary(other, address))
			continue;
		for (unsigned k = 0; k < other->nsecondary; k++) {
			if (!ip_eq(other->secondary[k], address))
				other->secondary[left++] = other->secondary[k];
		}
		other->nsecondary = left;
		log_limited(i->pim->log[AREA_NEIGHBOR], &i->complaints, e->host->clock,
			    LEVEL_WARNING, "%s: neighbor %s has the address %s of %s",
			    pim_ifname(i->pim, i->slot), ip_str(n->address), ip_str(address),
			    ip_str(other->address));
	}
}

static unsigned most_secondary(const struct neighbor *n)
{
	unsigned others = 0, left;
	const struct neighbor *other;

	TAILQ_FOREACH(other, &n->iface->neighbors, link)
		others += other == n ? 0 : other->nsecondary;
	left = others < MAX_SECONDARIES ? MAX_SECONDARIES - others : 0;
	if (left < MIN_SECONDARY)
		return MIN_SECONDARY;
	return left < MAX_SECONDARY ? left : MAX_SECONDARY;
}

/* RFC 7761 4.3.4; true if they are others than before. */
static bool take_secondary(struct neighbor *n, const struct msg_hello *hello)
{
	unsigned count = hello->nsecondary, most = most_secondary(n);

	if (count > most) {
		PIM_COUNT(n->iface, limited);
		count = most;
	}
	if (count == n->nsecondary &&
	    (!count || !memcmp(n->secondary, hello->secondary, count * sizeof(struct ip))))
		return false;
	n->nsecondary = count;
	n->secondary = xrealloc(n->secondary, (count + 1) * sizeof(struct ip));
	for (unsigned k = 0; k < count; k++) {
		n->secondary[k] = hello->secondary[k];
		take_from_others(n, n->secondary[k]);
	}
	return true;
}

static bool is_restart(const struct neighbor *n, const struct msg_hello *hello)
{
	return hello->has_genid && (!n->said.has_genid || n->said.genid != hello->genid);
}

/* What it says is in the place of all that it said before; true if it has other addresses. */
static bool take(struct neighbor *n, const struct msg_hello *hello)
{
	struct clock *clock = pim_clock(n->iface->pim);

	n->said = *hello;
	n->said.secondary = NULL;
	n->said.holdtime = iface_holdtime(n->iface, hello->holdtime);
	if (n->said.holdtime == MSG_FOREVER)
		timer_stop(clock, &n->timeout);
	else
		timer_start(clock, &n->timeout, n->said.holdtime);
	return take_secondary(n, hello);
}

/* Whether it may be answered now; if not, that waits. */
static bool may_restart(struct neighbor *n)
{
	if (!timer_is_running(&n->restart))
		return true;
	n->restarted = true;
	PIM_COUNT(n->iface, restarts);
	return false;
}

void neighbor_hello(struct pim_iface *i, struct ip src, const struct msg_hello *hello)
{
	struct neighbor *n = neighbor_primary(i, src);
	bool is_new = !n, restarts;

	if (!neighbor_is_wanted(i->pim, src)) {
		PIM_COUNT(i, filtered);
		return;
	}
	if (!hello->holdtime) {
		if (n)
			neighbor_gone(n, "it says goodbye");
		return;
	}
	if (is_new)
		n = neighbor_new(i, src);
	if (!n)
		return;
	restarts = !is_new && is_restart(n, hello) && may_restart(n);
	if (take(n, hello) || is_new)
		targets_review(i->pim, i->slot);
	if (is_new || restarts)
		neighbor_begins(n, is_new ? "up" : "restarted");
	iface_neighbors_changed(i);
	if (restarts) {
		answer_restart(n);
	} else if (is_new) {
		entries_neighbor_new(i, src);
		bsr_neighbor_new(i, src);
	}
}
