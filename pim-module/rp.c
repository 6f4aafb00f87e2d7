/* rp.c - which RP a group has (RFC 7761 4.7, RFC 6226) */
#include <stdlib.h>

#include "pim_conf.h"
#include "rp.h"

static int compare(unsigned a, unsigned b)
{
	return a < b ? -1 : a > b;
}

/* Ranges by length, the longest first, then by address. */
static int range_cmp(const struct rp_mapping *a, const struct rp_mapping *b)
{
	if (a->range.len != b->range.len)
		return compare(b->range.len, a->range.len);
	return ip_cmp(a->range.ip, b->range.ip);
}

/* RFC 6226 6, steps 6 to 8; a negative range is before what else its origin says. */
static int class_cmp(const struct rp_mapping *a, const struct rp_mapping *b)
{
	int order = compare(a->mode != RP_BIDIR, b->mode != RP_BIDIR);

	if (!order)
		order = compare(b->origin, a->origin);
	if (!order)
		order = compare(a->mode != RP_DENSE, b->mode != RP_DENSE);
	return order ? order : compare(a->priority, b->priority);
}

static int mapping_cmp(const struct rp_mapping *a, const struct rp_mapping *b)
{
	int order = range_cmp(a, b);

	if (!order)
		order = class_cmp(a, b);
	return order ? order : ip_cmp(a->rp, b->rp);
}

/* What makes it this one and no other. */
static int identity_cmp(const struct rp_mapping *a, const struct rp_mapping *b)
{
	int order = ip_cmp(a->rp, b->rp);

	if (!order)
		order = range_cmp(a, b);
	return order ? order : compare(a->origin, b->origin);
}

const char *rp_origin_name(enum rp_origin origin)
{
	static const char *const names[] = {
		[RP_STATIC] = "static", [RP_AUTO] = "auto-rp", [RP_BSR] = "bsr"
	};

	return names[origin];
}

TREE_GENERATE(rp_tree, rp_mapping, order, mapping_cmp)
TREE_GENERATE(rp_index, rp_mapping, by_rp, identity_cmp)

void rp_set_init(struct rp_set *set)
{
	*set = (struct rp_set){ 0 };
	TREE_INIT(rp_tree, &set->mappings);
	TREE_INIT(rp_index, &set->by_rp);
}

/* If somebody was told of it, it is kept until that one is told that it has gone. */
static void drop(struct rp_set *set, struct rp_mapping *m)
{
	TREE_REMOVE(rp_tree, &set->mappings, m);
	TREE_REMOVE(rp_index, &set->by_rp, m);
	set->nmappings--;
	set->version++;
	if (m->is_told) {
		m->next_gone = set->gone;
		set->gone = m;
	} else {
		free(m);
	}
}

void rp_set_free(struct rp_set *set)
{
	struct rp_mapping *m;

	while ((m = TREE_ANY(rp_tree, &set->mappings)))
		drop(set, m);
	while ((m = set->gone)) {
		set->gone = m->next_gone;
		free(m);
	}
	free(set->filter);
}

const struct rp_mapping *rp_first(const struct rp_set *set)
{
	return TREE_MIN(rp_tree, &set->mappings);
}

const struct rp_mapping *rp_next(const struct rp_mapping *m)
{
	return TREE_NEXT(rp_tree, m);
}

const struct rp_mapping *rp_behind(const struct rp_set *set, const struct rp_mapping *key)
{
	const struct rp_mapping *m = TREE_NFIND(rp_tree, &set->mappings, key);

	return m && !mapping_cmp(m, key) ? TREE_NEXT(rp_tree, m) : m;
}

/* The first mapping of the range, or what stands where it would. */
static struct rp_mapping *first_of(const struct rp_set *set, struct prefix range)
{
	struct rp_mapping key = {
		.range = range, .mode = RP_BIDIR, .origin = RP_BSR, .rp = ip_any(V6)
	};

	return TREE_NFIND(rp_tree, &set->mappings, &key);
}

static bool is_of(const struct rp_mapping *m, const struct prefix *range)
{
	return m && m->range.len == range->len && ip_eq(m->range.ip, range->ip);
}

static struct rp_mapping *find(const struct rp_set *set, enum rp_origin origin, struct prefix range,
			       struct ip rp)
{
	struct rp_mapping key = { .range = range, .rp = rp, .origin = origin };

	return TREE_FIND(rp_index, &set->by_rp, &key);
}

/* The first mapping to the RP, or to the one behind it. */
static struct rp_mapping *first_to(const struct rp_set *set, struct ip rp)
{
	struct rp_mapping key = { .range = { .len = UINT8_MAX }, .rp = rp };

	return TREE_NFIND(rp_index, &set->by_rp, &key);
}

static struct rp_mapping *add(struct rp_set *set, const struct rp_mapping *mapping)
{
	const struct rp_mapping *other = first_to(set, mapping->rp);
	struct rp_mapping *m = xcalloc(1, sizeof(*m));

	*m = *mapping;
	m->is_told = m->stays = false;
	if (other && ip_eq(other->rp, m->rp))
		m->is_reachable = other->is_reachable;
	TREE_INSERT(rp_tree, &set->mappings, m);
	TREE_INSERT(rp_index, &set->by_rp, m);
	set->nmappings++;
	set->version++;
	return m;
}

static struct rp_mapping *put(struct rp_set *set, const struct rp_mapping *mapping)
{
	struct rp_mapping *m = find(set, mapping->origin, mapping->range, mapping->rp);

	if (!m)
		return add(set, mapping);
	m->until = mapping->until;
	if (!class_cmp(m, mapping) && m->hash_len == mapping->hash_len)
		return m;
	TREE_REMOVE(rp_tree, &set->mappings, m);
	m->priority = mapping->priority;
	m->hash_len = mapping->hash_len;
	m->mode = mapping->mode;
	TREE_INSERT(rp_tree, &set->mappings, m);
	set->version++;
	return m;
}

void rp_set_put(struct rp_set *set, const struct rp_mapping *mapping)
{
	put(set, mapping);
}

void rp_set_drop(struct rp_set *set, enum rp_origin origin, struct prefix range, struct ip rp)
{
	struct rp_mapping *m = find(set, origin, range, rp);

	if (m)
		drop(set, m);
}

void rp_set_replace(struct rp_set *set, enum rp_origin origin, const struct rp_mapping *mapping,
		    unsigned n)
{
	struct rp_mapping *m, *next;

	for (unsigned i = 0; i < n; i++)
		put(set, &mapping[i])->stays = true;
	for (m = TREE_MIN(rp_tree, &set->mappings); m; m = next) {
		next = TREE_NEXT(rp_tree, m);
		if (m->origin == origin && !m->stays)
			drop(set, m);
		else
			m->stays = false;
	}
}

void rp_set_static_first(struct rp_set *set, bool on)
{
	set->version += set->static_first != on;
	set->static_first = on;
}

void rp_set_filter(struct rp_set *set, const struct pim_rp_filter *filter, unsigned n)
{
	if (n == set->nfilters && (!n || !memcmp(filter, set->filter, n * sizeof(*filter))))
		return;
	free(set->filter);
	set->filter = xcalloc(n + 1, sizeof(*filter));
	if (n)
		memcpy(set->filter, filter, n * sizeof(*filter));
	set->nfilters = n;
	set->version++;
}

/* Whether a group is of both. */
static bool overlap(const struct prefix *a, const struct prefix *b)
{
	return a->len < b->len ? prefix_has(a, b->ip) : prefix_has(b, a->ip);
}

bool rp_is_believed(const struct rp_set *set, struct ip rp, struct prefix groups)
{
	for (unsigned i = 0; i < set->nfilters; i++) {
		if (prefix_has(&set->filter[i].rp, rp) && overlap(&set->filter[i].groups, &groups))
			return true;
	}
	/* a negative range names nobody who could be refused */
	return !set->nfilters || ip_is_any(rp);
}

void rp_set_reachable(struct rp_set *set, struct ip rp, bool is_reachable)
{
	struct rp_mapping *m = first_to(set, rp);

	for (; m && ip_eq(m->rp, rp); m = TREE_NEXT(rp_index, m)) {
		set->version += m->is_reachable != is_reachable;
		m->is_reachable = is_reachable;
	}
}

bool rp_set_next(const struct rp_set *set, struct ip *rp)
{
	const struct rp_mapping *m = first_to(set, *rp);

	while (m && (ip_eq(m->rp, *rp) || m->mode != RP_SPARSE))
		m = TREE_NEXT(rp_index, m);
	if (m)
		*rp = m->rp;
	return m;
}

void rp_set_tell(struct rp_set *set,
		 void (*tell)(void *arg, const struct rp_mapping *m, bool is_there), void *arg)
{
	struct rp_mapping *m, *again;

	for (m = set->gone; m; m = m->next_gone) {
		again = find(set, m->origin, m->range, m->rp);
		if (again)
			again->is_told = true;
	}
	TREE_FOREACH(m, rp_tree, &set->mappings) {
		if (!m->is_told)
			tell(arg, m, true);
		m->is_told = true;
	}
	while ((m = set->gone)) {
		set->gone = m->next_gone;
		if (!find(set, m->origin, m->range, m->rp))
			tell(arg, m, false);
		free(m);
	}
}

/* Of IPv6 the four words of an address folded; of IPv4 and of what embeds it, the last one. */
static uint32_t digest(struct ip ip)
{
	enum af af = ip_family(ip);
	uint64_t high = ip_half(&ip, 0), low = ip_half(&ip, 1);

	if (af == V4)
		return low;
	return high >> 32 ^ high ^ low >> 32 ^ low;
}

static uint32_t step(uint32_t value)
{
	return UINT32_C(1103515245) * value + 12345;
}

uint32_t rp_hash(struct ip group, unsigned hash_len, struct ip rp)
{
	return step(step(digest(ip_mask(group, hash_len))) ^ digest(rp)) & INT32_MAX;
}

bool rp_is_hashed(const struct rp_mapping *m)
{
	return m->mode == RP_SPARSE && m->origin != RP_AUTO;
}

/* What may answer: those that can be reached, or all; of all origins, or static ones. */
struct pass {
	bool reachable, fixed;
};

static bool is_believed(const struct rp_set *set, const struct rp_mapping *m, struct ip group)
{
	return m->origin == RP_STATIC ||
	       rp_is_believed(set, m->rp, (struct prefix){ group, af_bits(ip_family(group)) });
}

/* Groups of another mode are not ours, whoever can be reached. */
static bool is_usable(const struct rp_mapping *m)
{
	return m->is_reachable || m->mode != RP_SPARSE;
}

static bool may_answer(const struct rp_set *set, const struct rp_mapping *m, struct pass pass,
		       struct ip group)
{
	return (is_usable(m) || !pass.reachable) && (m->origin == RP_STATIC || !pass.fixed) &&
	       is_believed(set, m, group);
}

/* The best of a range, from its first one on: of the first class that has one. */
static const struct rp_mapping *best_of(const struct rp_set *set, const struct rp_mapping *m,
					struct pass pass, struct ip group)
{
	const struct rp_mapping *best = NULL;
	const struct prefix range = m->range;
	uint32_t hash = 0;

	for (; is_of(m, &range) && !(best && class_cmp(m, best)); m = TREE_NEXT(rp_tree, m)) {
		uint32_t own;

		if (!may_answer(set, m, pass, group))
			continue;
		own = rp_is_hashed(m) ? rp_hash(group, m->hash_len, m->rp) : 0;
		/* the highest address is the last one */
		if (!best || own >= hash) {
			best = m;
			hash = own;
		}
	}
	return best;
}

/* From the longest range to the shortest, by those lengths that there are. */
static const struct rp_mapping *search(const struct rp_set *set, struct pass pass, struct ip group)
{
	struct prefix range = { .len = af_bits(ip_family(group)) };
	const struct rp_mapping *m, *best;

	for (;;) {
		range.ip = ip_mask(group, range.len);
		m = first_of(set, range);
		if (!m)
			return NULL;
		if (is_of(m, &range)) {
			best = best_of(set, m, pass, group);
			if (best)
				return best;
		}
		if (m->range.len == range.len && !range.len)
			return NULL;
		range.len = m->range.len < range.len ? m->range.len : range.len - 1;
	}
}

const struct rp_mapping *rp_choose(const struct rp_set *set, struct ip group)
{
	static const struct pass passes[] = {
		{ .reachable = true, .fixed = true },
		{ .reachable = true },
		{ .fixed = true },
		{ .reachable = false },
	};
	const struct rp_mapping *m = NULL;

	for (unsigned i = 0; i < NELEMS(passes) && !m; i++) {
		if (set->static_first || !passes[i].fixed)
			m = search(set, passes[i], group);
	}
	return m;
}

enum rp_verdict rp_judge(const struct rp_set *set, const struct rp_mapping *m,
			 const struct rp_mapping *best, struct ip group)
{
	if (m == best)
		return RP_HOLDS;
	if (!is_believed(set, m, group))
		return RP_REFUSED;
	if (!is_usable(m) && is_usable(best))
		return RP_UNREACHABLE;
	if (set->static_first && m->origin != RP_STATIC && best->origin == RP_STATIC)
		return RP_NOT_STATIC;
	if (m->range.len != best->range.len)
		return RP_SHORTER;
	if ((m->mode == RP_BIDIR) != (best->mode == RP_BIDIR))
		return RP_BY_MODE;
	if (m->origin != best->origin)
		return RP_BY_ORIGIN;
	if (m->mode != best->mode)
		return RP_BY_MODE;
	if (m->priority != best->priority)
		return RP_BY_PRIORITY;
	if (rp_is_hashed(m) &&
	    rp_hash(group, m->hash_len, m->rp) != rp_hash(group, best->hash_len, best->rp))
		return RP_BY_HASH;
	return RP_BY_ADDRESS;
}
