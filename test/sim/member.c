/* member.c - memberships of a simulated host, merged over those who hold them
 *
 * RFC 3376 3.2: with any EXCLUDE the interface excludes what all of these exclude and no INCLUDE
 * asks for, else it includes what any asks for. RFC 3810 4.2 says the same of IPv6.
 */
#include <stdlib.h>

#include "sim/member.h"

struct member {
	RB_ENTRY(member) node;
	unsigned ifindex, who;
	struct membership m; /* sources owned, in order */
	bool inherited;
};

static int member_cmp(const struct member *a, const struct member *b)
{
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	if (!ip_eq(a->m.group, b->m.group))
		return ip_cmp(a->m.group, b->m.group);
	return a->who < b->who ? -1 : a->who > b->who;
}

RB_PROTOTYPE_STATIC(member_tree, member, node, member_cmp)
RB_GENERATE_STATIC(member_tree, member, node, member_cmp)

static void member_free(struct members *ms, struct member *one)
{
	RB_REMOVE(member_tree, &ms->all, one);
	free((struct ip *)one->m.source);
	free(one);
}

void members_init(struct members *ms)
{
	*ms = (struct members){ 0 };
	RB_INIT(&ms->all);
}

void members_free(struct members *ms)
{
	while (!RB_EMPTY(&ms->all))
		member_free(ms, RB_ROOT(&ms->all));
	free((struct ip *)ms->merged.source);
}

static struct member *find(const struct members *ms, unsigned who, unsigned ifindex,
			   struct ip group)
{
	struct member key = { .ifindex = ifindex, .who = who, .m.group = group };

	return RB_FIND(member_tree, (struct member_tree *)&ms->all, &key);
}

/* The first one of the group there, of whomever. */
static struct member *first(const struct members *ms, unsigned ifindex, struct ip group)
{
	struct member key = { .ifindex = ifindex, .m.group = group };
	struct member *one = RB_NFIND(member_tree, (struct member_tree *)&ms->all, &key);

	return one && one->ifindex == ifindex && ip_eq(one->m.group, group) ? one : NULL;
}

/* The next one of the same group on the same device. */
static struct member *next(struct member *one)
{
	struct member *n = RB_NEXT(member_tree, , one);

	return n && n->ifindex == one->ifindex && ip_eq(n->m.group, one->m.group) ? n : NULL;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ip));
}

static bool has(const struct membership *m, struct ip source)
{
	return m->nsources && bsearch(&source, m->source, m->nsources, sizeof(source), compare);
}

/* A copy of the sources in order, each once. */
static struct ip *sorted(const struct membership *m, unsigned *n)
{
	struct ip *list = xcalloc(m->nsources + 1, sizeof(*list));

	*n = 0;
	if (!m->nsources)
		return list;
	memcpy(list, m->source, m->nsources * sizeof(*list));
	qsort(list, m->nsources, sizeof(*list), compare);
	for (unsigned i = 0; i < m->nsources; i++) {
		if (!*n || !ip_eq(list[*n - 1], list[i]))
			list[(*n)++] = list[i];
	}
	return list;
}

void members_set(struct members *ms, unsigned who, unsigned ifindex, const struct membership *m)
{
	struct member *one = find(ms, who, ifindex, m->group);
	unsigned n;
	struct ip *list;

	if (m->mode == FILTER_INCLUDE && !m->nsources) {
		if (one)
			member_free(ms, one);
		return;
	}
	list = sorted(m, &n);
	if (!one) {
		one = xcalloc(1, sizeof(*one));
		one->ifindex = ifindex;
		one->who = who;
		one->m.group = m->group;
		RB_INSERT(member_tree, &ms->all, one);
	}
	free((struct ip *)one->m.source);
	one->inherited = false;
	one->m.mode = m->mode;
	one->m.source = list;
	one->m.nsources = n;
}

bool members_drop(struct members *ms, bool inherited, unsigned *ifindex, struct ip *group)
{
	struct member *one;

	RB_FOREACH(one, member_tree, &ms->all) {
		if (inherited && !one->inherited)
			continue;
		*ifindex = one->ifindex;
		*group = one->m.group;
		member_free(ms, one);
		return true;
	}
	return false;
}

void members_inherit(struct members *ms)
{
	struct member *one;

	RB_FOREACH(one, member_tree, &ms->all)
		one->inherited = true;
}

void members_gone(struct members *ms, unsigned ifindex)
{
	struct member *one, *after;

	RB_FOREACH_SAFE(one, member_tree, &ms->all, after) {
		if (one->ifindex == ifindex)
			member_free(ms, one);
	}
}

const struct membership *members_one(const struct members *ms, unsigned who, unsigned ifindex,
				     struct ip group)
{
	const struct member *one = find(ms, who, ifindex, group);

	return one ? &one->m : NULL;
}

/* Whether the interface's list, of that mode, has the source. */
static bool belongs(struct member *one, enum filter_mode mode, struct ip source)
{
	for (; one; one = next(one)) {
		bool listed = has(&one->m, source);

		if (mode == FILTER_INCLUDE && listed)
			return true;
		if (mode == FILTER_EXCLUDE && listed != (one->m.mode == FILTER_EXCLUDE))
			return false;
	}
	return mode == FILTER_EXCLUDE;
}

const struct membership *members_merged(struct members *ms, unsigned ifindex, struct ip group)
{
	struct member *begin = first(ms, ifindex, group);
	struct membership all = { .group = group };
	struct ip *list = NULL, *kept;
	unsigned n = 0;

	if (!begin)
		return NULL;
	for (struct member *one = begin; one; one = next(one)) {
		list = xrealloc(list, (n + one->m.nsources + 1) * sizeof(*list));
		memcpy(list + n, one->m.source, one->m.nsources * sizeof(*list));
		n += one->m.nsources;
		if (one->m.mode == FILTER_EXCLUDE)
			all.mode = FILTER_EXCLUDE;
	}
	all.source = list;
	all.nsources = n;
	kept = sorted(&all, &n);
	free(list);
	all.source = kept;
	all.nsources = 0;
	for (unsigned i = 0; i < n; i++) {
		if (belongs(begin, all.mode, kept[i]))
			kept[all.nsources++] = kept[i];
	}
	free((struct ip *)ms->merged.source);
	ms->merged = all;
	return &ms->merged;
}

void members_each(struct members *ms, unsigned ifindex, enum af af,
		  void (*each)(void *arg, const struct membership *m), void *arg)
{
	struct member *one, *last = NULL;

	RB_FOREACH(one, member_tree, &ms->all) {
		if (one->ifindex != ifindex || ip_family(one->m.group) != af)
			continue;
		if (!last || !ip_eq(last->m.group, one->m.group))
			each(arg, members_merged(ms, ifindex, one->m.group));
		last = one;
	}
}
