/* zone.c - scope zones: which ones there are, and where they end (RFC 5059 1.3, 3.4) */
#include <stdlib.h>

#include "bsr.h"

/* 224.0.0.0/24 */
#define LOCAL_BITS 24

static const struct pim_family *conf_of(const struct pim *pim)
{
	return &pim->conf->af[pim->engine.af];
}

struct zone *zone_find(const struct pim *pim, const struct prefix *scope)
{
	struct zone *z;

	TAILQ_FOREACH(z, &pim->zones, link) {
		if (prefix_eq(&z->scope, scope))
			break;
	}
	return z;
}

struct zone *zone_of(struct pim *pim, const struct prefix *range)
{
	struct zone *z, *best = NULL;

	TAILQ_FOREACH(z, &pim->zones, link) {
		if (zone_contains(z, range))
			best = z;
	}
	return best;
}

static unsigned scope_of(const struct prefix *range)
{
	return range->ip.b[1] & 0xf;
}

struct prefix zone_said(const struct prefix *range)
{
	enum af af = ip_family(range->ip);
	struct prefix scope = pim_all_groups(af);

	if (af == V4)
		return range->len > scope.len ? *range : scope;
	if (range->len >= ZONE_BITS) {
		scope.ip.b[1] = scope_of(range);
		scope.len = ZONE_BITS;
	}
	return scope;
}

static bool is_all(const struct prefix *scope)
{
	return scope->len == pim_all_groups(ip_family(scope->ip)).len;
}

bool zone_can_be(const struct prefix *scope)
{
	return is_all(scope) || !ip_is_local_group(scope->ip) ||
	       (ip_family(scope->ip) == V4 && scope->len < LOCAL_BITS);
}

/* RFC 5059 3.4: borders are those of the same range or scope, or of a wider one. */
bool zone_scope_ends_at(const struct pim *pim, const struct prefix *scope, unsigned slot)
{
	const struct pim_family *f = conf_of(pim);
	struct host *host = pim->engine.host;

	for (unsigned k = 0; k < f->nscoped; k++) {
		const struct prefix *border = &f->scoped[k];
		bool ends = prefix_within(scope, border);

		if (pim->engine.af == V6 && scope->len == ZONE_BITS && border->len == ZONE_BITS)
			ends = scope_of(border) >= scope_of(scope);
		if (ends && ifset_has(host->op->named_by(host, slot), f->scoped_slot[k]))
			return true;
	}
	return false;
}

bool zone_ends_at(const struct zone *z, unsigned slot)
{
	return zone_scope_ends_at(z->pim, &z->scope, slot);
}

static bool is_wider(const struct zone *z, const struct prefix *scope)
{
	if (z->is_global || z->scope.len != scope->len)
		return z->scope.len < scope->len;
	if (z->pim->engine.af == V6)
		return scope_of(&z->scope) > scope_of(scope);
	return ip_cmp(z->scope.ip, scope->ip) < 0;
}

static struct zone *zone_new(struct pim *pim, const struct prefix *scope)
{
	struct zone *z = xcalloc(1, sizeof(*z)), *after;
	enum af af = pim->engine.af;

	z->pim = pim;
	z->scope = *scope;
	z->is_global = is_all(scope);
	z->current.ip = z->own.ip = z->primed_by = ip_any(af);
	z->hash_len = af == V4 ? RP_HASH_LEN_V4 : RP_HASH_LEN_V6;
	bsr_begin(z);
	store_init(z);
	TAILQ_FOREACH(after, &pim->zones, link) {
		if (!is_wider(after, scope))
			break;
	}
	if (after)
		TAILQ_INSERT_BEFORE(after, z, link);
	else
		TAILQ_INSERT_TAIL(&pim->zones, z, link);
	pim->nzones++;
	return z;
}

struct zone *zone_get(struct pim *pim, const struct prefix *scope)
{
	struct zone *z = zone_find(pim, scope);

	if (z)
		return z;
	if (pim->nzones < BSR_MAX_ZONES)
		return zone_new(pim, scope);
	pim->counters.limited++;
	log_limited(pim->log[AREA_BSR], &pim->full, pim_clock(pim), LEVEL_WARNING,
		    "no room for zone %s, there are %u", prefix_str(scope), pim->nzones);
	return NULL;
}

void zone_free(struct zone *z)
{
	struct pim *pim = z->pim;

	timer_stop(pim_clock(pim), &z->bst);
	timer_stop(pim_clock(pim), &z->szt);
	TAILQ_REMOVE(&pim->zones, z, link);
	pim->nzones--;
	/* there may be room for one that is configured, and its groups are another zone's now */
	pim->is_bsr_stale = true;
	candidate_zone_gone(z);
	offer_free(z);
	store_free(z);
	if (z->target)
		target_drop(z->target);
	if (z->home)
		target_drop(z->home);
	free(z);
}
