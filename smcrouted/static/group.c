/* group.c - memberships that were configured */
#include <stdlib.h>

#include "group.h"

static int group_cmp(struct group *a, struct group *b)
{
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return sg_cmp(&a->sg, &b->sg);
}

TREE_GENERATE(group_tree, group, order, group_cmp)

void groups_init(struct group_tree *groups)
{
	TREE_INIT(group_tree, groups);
}

void groups_free(struct group_tree *groups)
{
	struct group *g;

	while ((g = TREE_ANY(group_tree, groups)))
		group_remove(groups, g);
}

struct group *group_find(const struct group_tree *groups, unsigned slot, struct sg sg)
{
	struct group key = { .sg = sg, .slot = slot };

	return TREE_FIND(group_tree, (struct group_tree *)groups, &key);
}

struct group *group_get(struct group_tree *groups, unsigned slot, struct sg sg)
{
	struct group *g = xcalloc(1, sizeof(*g)), *same;

	g->sg = sg;
	g->slot = slot;
	same = TREE_INSERT(group_tree, groups, g);
	if (!same)
		return g;
	free(g);
	return same;
}

void group_remove(struct group_tree *groups, struct group *group)
{
	TREE_REMOVE(group_tree, groups, group);
	free(group);
}

struct group *group_next(struct group *group)
{
	return TREE_NEXT(group_tree, group);
}

struct group *group_after(const struct group_tree *groups, unsigned slot, const struct sg *sg)
{
	struct group_tree *tree = (struct group_tree *)groups;
	struct group key = { .slot = slot }, *g;

	if (!sg)
		return TREE_MIN(group_tree, tree);
	key.sg = *sg;
	g = TREE_NFIND(group_tree, tree, &key);
	return g && !group_cmp(g, &key) ? TREE_NEXT(group_tree, g) : g;
}

/* Adds what stands for one name; false once it is every source: the others are among them. */
static bool add_sources(const struct group_tree *groups, unsigned slot, struct membership *m,
			struct ip **source)
{
	struct group_tree *tree = (struct group_tree *)groups;
	struct group first = { .sg.grp = m->group, .slot = slot };
	unsigned others = m->nsources;

	for (struct group *g = TREE_NFIND(group_tree, tree, &first);
	     g && g->slot == slot && ip_eq(g->sg.grp, m->group); g = TREE_NEXT(group_tree, g)) {
		unsigned i = 0;

		if (ip_is_any(g->sg.src)) {
			m->mode = FILTER_EXCLUDE;
			m->nsources = 0;
			return false;
		}
		while (i < others && !ip_eq((*source)[i], g->sg.src))
			i++;
		if (i < others)
			continue;
		*source = xrealloc(*source, (m->nsources + 1) * sizeof(struct ip));
		(*source)[m->nsources++] = g->sg.src;
	}
	return true;
}

struct membership group_membership(const struct group_tree *groups, struct ifset names,
				   struct ip group, struct ip **source)
{
	struct membership m = { .group = group, .mode = FILTER_INCLUDE };

	*source = NULL;
	ifset_foreach(name, names) {
		if (!add_sources(groups, name, &m, source))
			break;
	}
	m.source = *source;
	return m;
}

unsigned group_count(const struct rule_text *text)
{
	unsigned bits = af_bits(ip_family(text->sg.grp));
	unsigned open = bits - text->grplen + (text->srclen ? bits - text->srclen : 0);

	return open < 32 && 1u << open <= MAX_RANGE ? 1u << open : 0;
}

/* The address plus @n in its last 32 bits. */
static struct ip nth(struct ip ip, uint8_t len, unsigned n)
{
	ip = ip_mask(ip, len);
	for (int i = 15; i >= 12; i--, n >>= 8)
		ip.b[i] |= n;
	return ip;
}

struct sg group_nth(const struct rule_text *text, unsigned i)
{
	unsigned open = af_bits(ip_family(text->sg.grp)) - text->grplen;
	struct sg sg = { text->sg.src, nth(text->sg.grp, text->grplen, i & ((1u << open) - 1)) };

	if (text->srclen)
		sg.src = nth(text->sg.src, text->srclen, i >> open);
	return sg;
}

void ranges_free(struct ranges *ranges)
{
	free(ranges->text);
	*ranges = (struct ranges){ 0 };
}

void ranges_add(struct ranges *ranges, const struct rule_text *text)
{
	if (ranges->n == ranges->size) {
		ranges->size = ranges->size ? ranges->size * 2 : 16;
		ranges->text = xrealloc(ranges->text, ranges->size * sizeof(*ranges->text));
	}
	ranges->text[ranges->n++] = *text;
}

bool ranges_next(struct ranges *ranges, unsigned *slot, struct sg *sg)
{
	const struct rule_text *text;

	if (ranges->at == ranges->n)
		return false;
	text = &ranges->text[ranges->at];
	*slot = text->iif;
	*sg = group_nth(text, ranges->nth++);
	if (ranges->nth == group_count(text)) {
		ranges->nth = 0;
		ranges->at++;
	}
	return true;
}

/* So many addresses can a prefix have that begins with this one, up to MAX_RANGE. */
static unsigned room(struct ip ip)
{
	unsigned low = ip.b[14] << 8 | ip.b[15];

	return low ? low & -low : MAX_RANGE;
}

/* The address plus @n, which is below its room. */
static struct ip plus(struct ip ip, unsigned n)
{
	ip.b[14] |= n >> 8;
	ip.b[15] |= n;
	return ip;
}

/* The greatest power of two up to @n, which is not 0. */
static unsigned whole(unsigned n)
{
	return 1u << (31 - __builtin_clz(n));
}

static bool is_of(const struct group *g, unsigned slot, struct ip group)
{
	return g && g->slot == slot && ip_eq(g->sg.grp, group);
}

/* What makes members of one range, beside that they follow one another. */
struct likeness {
	group_alike alike; /* NULL: nothing */
	void *arg;
	const struct group *first;
};

static bool is_like(const struct likeness *l, const struct group *g)
{
	return !l->alike || l->alike(l->first, g, l->arg);
}

/* Counts sources of a group that follow one another; *g is then the member behind them. */
static unsigned count_sources(struct group **g, const struct likeness *l, struct sg from,
			      unsigned max)
{
	unsigned n = 0;

	while (n < max && is_of(*g, l->first->slot, from.grp) &&
	       ip_eq((*g)->sg.src, plus(from.src, n)) && is_like(l, *g)) {
		*g = group_next(*g);
		n++;
	}
	return n;
}

unsigned group_range(struct group *g, group_alike alike, void *arg, struct rule_text *t)
{
	struct likeness l = { alike, arg, g };
	unsigned slot = g->slot, bits = af_bits(ip_family(g->sg.grp));
	bool any = ip_is_any(g->sg.src);
	struct sg from = g->sg;
	unsigned found = count_sources(&g, &l, from, any ? 1 : room(from.src));
	unsigned sources = whole(found), groups = 1, max = 1;

	if (sources == found)
		max = room(from.grp) < MAX_RANGE / sources ? room(from.grp) : MAX_RANGE / sources;
	while (groups < max) {
		struct sg next = { from.src, plus(from.grp, groups) };

		if (count_sources(&g, &l, next, sources) < sources)
			break;
		groups++;
	}
	groups = whole(groups);
	*t = (struct rule_text){
		.sg = from,
		.srclen = any ? 0 : bits - __builtin_ctz(sources),
		.grplen = bits - __builtin_ctz(groups),
		.iif = slot,
	};
	return sources * groups;
}
