/* rp.c - which RP a group has (RFC 7761 4.7, RFC 6226) */
#include <stdlib.h>

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

/* RFC 6226 4: dynamic ones are before static ones. */
static int mapping_cmp(const struct rp_mapping *a, const struct rp_mapping *b)
{
	int order = range_cmp(a, b);

	if (!order)
		order = compare(b->origin, a->origin);
	if (!order)
		order = compare(a->priority, b->priority);
	return order ? order : ip_cmp(a->rp, b->rp);
}

TREE_GENERATE(rp_tree, rp_mapping, order, mapping_cmp)

void rp_set_init(struct rp_set *set)
{
	*set = (struct rp_set){ 0 };
	TREE_INIT(rp_tree, &set->mappings);
}

static void drop(struct rp_set *set, struct rp_mapping *m)
{
	TREE_REMOVE(rp_tree, &set->mappings, m);
	set->nmappings--;
	set->version++;
	free(m);
}

void rp_set_free(struct rp_set *set)
{
	struct rp_mapping *m;

	while ((m = TREE_ANY(rp_tree, &set->mappings)))
		drop(set, m);
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
	struct rp_mapping key = { .range = range, .origin = RP_BSR, .rp = ip_any(V6) };

	return TREE_NFIND(rp_tree, &set->mappings, &key);
}

static bool is_of(const struct rp_mapping *m, const struct prefix *range)
{
	return m && m->range.len == range->len && ip_eq(m->range.ip, range->ip);
}

static struct rp_mapping *find(const struct rp_set *set, enum rp_origin origin, struct prefix range,
			       struct ip rp)
{
	struct rp_mapping *m = first_of(set, range);

	while (is_of(m, &range) && (m->origin != origin || !ip_eq(m->rp, rp)))
		m = TREE_NEXT(rp_tree, m);
	return is_of(m, &range) ? m : NULL;
}

void rp_set_put(struct rp_set *set, const struct rp_mapping *mapping)
{
	struct rp_mapping *m = find(set, mapping->origin, mapping->range, mapping->rp);

	if (m && m->priority == mapping->priority && m->hash_len == mapping->hash_len &&
	    m->is_reachable == mapping->is_reachable)
		return;
	if (m)
		drop(set, m);
	m = xcalloc(1, sizeof(*m));
	*m = *mapping;
	TREE_INSERT(rp_tree, &set->mappings, m);
	set->nmappings++;
	set->version++;
}

void rp_set_drop(struct rp_set *set, enum rp_origin origin, struct prefix range, struct ip rp)
{
	struct rp_mapping *m = find(set, origin, range, rp);

	if (m)
		drop(set, m);
}

static bool is_among(const struct rp_mapping *m, const struct rp_mapping *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (ip_eq(m->rp, list[i].rp) && is_of(m, &list[i].range))
			return true;
	}
	return false;
}

void rp_set_replace(struct rp_set *set, enum rp_origin origin, const struct rp_mapping *mapping,
		    unsigned n)
{
	struct rp_mapping *m = TREE_MIN(rp_tree, &set->mappings), *next;

	for (; m; m = next) {
		next = TREE_NEXT(rp_tree, m);
		if (m->origin == origin && !is_among(m, mapping, n))
			drop(set, m);
	}
	for (unsigned i = 0; i < n; i++) {
		struct rp_mapping new = mapping[i];

		m = find(set, origin, new.range, new.rp);
		if (m)
			new.is_reachable = m->is_reachable;
		rp_set_put(set, &new);
	}
}

void rp_set_static_first(struct rp_set *set, bool on)
{
	set->version += set->static_first != on;
	set->static_first = on;
}

void rp_set_reachable(struct rp_set *set, struct ip rp, bool is_reachable)
{
	struct rp_mapping *m;

	TREE_FOREACH(m, rp_tree, &set->mappings) {
		if (!ip_eq(m->rp, rp) || m->is_reachable == is_reachable)
			continue;
		m->is_reachable = is_reachable;
		set->version++;
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

/* What may answer: those that can be reached, or all; of all origins, or static ones. */
struct pass {
	bool reachable, fixed;
};

static bool may_answer(const struct rp_mapping *m, struct pass pass)
{
	return (m->is_reachable || !pass.reachable) && (m->origin == RP_STATIC || !pass.fixed);
}

static bool is_better(const struct rp_mapping *m, const struct rp_mapping *best, struct ip group)
{
	uint32_t a, b;

	if (!best)
		return true;
	if (m->origin != best->origin || m->priority != best->priority)
		return false;
	a = rp_hash(group, m->hash_len, m->rp);
	b = rp_hash(group, best->hash_len, best->rp);
	return a != b ? a > b : ip_cmp(m->rp, best->rp) > 0;
}

/* The best of a range, from its first one on. */
static const struct rp_mapping *best_of(const struct rp_mapping *m, struct pass pass,
					struct ip group)
{
	const struct rp_mapping *best = NULL;
	const struct prefix range = m->range;

	for (; is_of(m, &range); m = TREE_NEXT(rp_tree, m)) {
		if (may_answer(m, pass) && is_better(m, best, group))
			best = m;
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
			best = best_of(m, pass, group);
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
