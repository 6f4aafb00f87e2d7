/* merge.c - the membership database of a proxy, group by group: pure functions */
#include <stdlib.h>

#include "merge.h"

void merge_begin(struct merge *m)
{
	m->mode = FILTER_INCLUDE;
	m->nsources = 0;
}

void merge_free(struct merge *m)
{
	free(m->source);
	free(m->space);
	*m = (struct merge){ 0 };
}

static struct ip *space_for(struct merge *m, unsigned n)
{
	if (n > m->space_size) {
		m->space_size = n + n / 2 + 16;
		m->space = xrealloc(m->space, m->space_size * sizeof(*m->space));
	}
	return m->space;
}

/* What was merged becomes the filter, and its former memory the next space. */
static void swap(struct merge *m, unsigned n)
{
	struct ip *source = m->space;
	unsigned size = m->space_size;

	m->space = m->source;
	m->space_size = m->size;
	m->source = source;
	m->size = size;
	m->nsources = n;
}

enum { MINE = 1 << 1, THEIRS = 1 << 2, BOTH = 1 << 3 };

/*
 * RFC 3376 3.2, for two: which sources stay in the list.
 *
 * INCLUDE (A), INCLUDE (B)   INCLUDE (A+B)
 * INCLUDE (A), EXCLUDE (B)   EXCLUDE (B-A)
 * EXCLUDE (A), INCLUDE (B)   EXCLUDE (A-B)
 * EXCLUDE (A), EXCLUDE (B)   EXCLUDE (A*B)
 */
static const uint8_t stays[2][2] = {
	[FILTER_INCLUDE] = { [FILTER_INCLUDE] = MINE | THEIRS | BOTH, [FILTER_EXCLUDE] = THEIRS },
	[FILTER_EXCLUDE] = { [FILTER_INCLUDE] = MINE, [FILTER_EXCLUDE] = BOTH },
};

void merge_add(struct merge *m, const struct membership *with)
{
	struct ip *out = space_for(m, m->nsources + with->nsources);
	unsigned keep = stays[m->mode][with->mode], i = 0, j = 0, n = 0;

	while (i < m->nsources || j < with->nsources) {
		int order = i == m->nsources	  ? 1
			    : j == with->nsources ? -1
						  : ip_cmp(m->source[i], with->source[j]);
		struct ip ip = order > 0 ? with->source[j] : m->source[i];

		i += order <= 0;
		j += order >= 0;
		if (keep & (order < 0 ? MINE : order > 0 ? THEIRS : BOTH))
			out[n++] = ip;
	}
	if (with->mode == FILTER_EXCLUDE)
		m->mode = FILTER_EXCLUDE;
	swap(m, n);
}

bool membership_wants(const struct membership *m, struct ip source)
{
	unsigned low = 0, high = m->nsources;

	while (low < high) {
		unsigned mid = (low + high) / 2;
		int order = ip_cmp(m->source[mid], source);

		if (!order)
			return m->mode == FILTER_INCLUDE;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return m->mode == FILTER_EXCLUDE;
}

void ranges_put(struct ranges *r, struct prefix prefix, bool except)
{
	r->at = xrealloc(r->at, (r->n + 1) * sizeof(*r->at));
	r->at[r->n++] = (struct range){ prefix, except };
}

void ranges_clear(struct ranges *r)
{
	free(r->at);
	*r = (struct ranges){ 0 };
}

bool ranges_take(const struct ranges *r, struct ip ip, bool none)
{
	for (unsigned i = r->n; i-- > 0;) {
		if (prefix_has(&r->at[i].prefix, ip))
			return !r->at[i].except;
	}
	return none;
}

static bool takes_group(const struct intake *in, struct ip group)
{
	bool named = false;

	for (unsigned i = 0; i < in->groups.n; i++)
		named |= !in->groups.at[i].except;
	return ranges_take(&in->groups, group, !named);
}

static bool takes_source(const struct intake *in, const struct ip *source)
{
	return !source || ranges_take(&in->sources, *source, !in->sources.n);
}

struct ifset ways_to(const struct ways *w, struct ip group, const struct ip *source)
{
	struct ifset set = ifset_none();

	for (int living = 1; living >= 0; living--) {
		for (const struct way *way = w->at; way < w->at + w->n; way++) {
			const struct intake *in = way->intake;

			if (way->living != living || !takes_group(in, group) ||
			    !takes_source(in, source))
				continue;
			set = ifset_with(set, way->slot);
			if (!w->all && (source || !in->sources.n))
				return set;
		}
	}
	return set;
}

void ways_share(const struct ways *w, const struct membership *whole, unsigned slot,
		struct ip *space, struct membership *share)
{
	bool any = ifset_has(ways_to(w, whole->group, NULL), slot);

	*share = (struct membership){ .group = whole->group, .source = space };
	if (whole->mode == FILTER_EXCLUDE && any)
		*share = *whole;
	if (whole->mode == FILTER_EXCLUDE || !any)
		return;
	for (unsigned i = 0; i < whole->nsources; i++) {
		if (ifset_has(ways_to(w, whole->group, &whole->source[i]), slot))
			space[share->nsources++] = whole->source[i];
	}
}
