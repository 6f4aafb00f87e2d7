/* join.c - memberships of this host, on behalf of engines
 *
 * The kernel merges what sockets hold, so each membership of an engine is on sockets of its own
 * choice: no socket has the same group on the same device twice. A socket takes as many groups,
 * and a group on it as many sources, as the kernel allows, which its refusals teach; what is
 * beyond goes to a further one. Changes add before they take away, so that nothing that stays is
 * left for a moment.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libite/queue.h>
#include "lib/tree.h"

#include "linux/holder.h"
#include "linux/join.h"

/* Enough for any 64 bit number. */
#define COOKIE_LEN 24

/* What one socket holds of a membership. */
struct part {
	TAILQ_ENTRY(part) link;
	struct holder *holder; /* not ours */
	struct ip *source;     /* owned; in order if excluded */
	unsigned nsources;
	enum filter_mode mode;
	bool full; /* it took no further source */
};

/* A membership of an engine, as the kernel has it. Mostly one socket holds it. */
struct member {
	struct tree_node node;
	TAILQ_ENTRY(member) link; /* while it is inherited */
	TAILQ_HEAD(parts, part) parts;
	struct part first; /* one of the parts if it has a holder */
	unsigned ifindex, who;
	struct ip group;
	bool inherited; /* and not asked for since */
};

TREE_HEAD(members);
TAILQ_HEAD(inherited, member);

struct joins {
	struct linux_kern *kern; /* not ours */
	struct members members;
	struct inherited inherited;
	struct holders holders;
	struct log_limit limit;
};

/* Those of one group on one device stand side by side. */
static int member_cmp(const struct member *a, const struct member *b)
{
	int c;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	c = ip_cmp(a->group, b->group);
	return c ? c : (a->who > b->who) - (a->who < b->who);
}

TREE_GENERATE(members, member, node, member_cmp)

struct joins *joins_new(struct linux_kern *k)
{
	struct joins *j = xcalloc(1, sizeof(*j));

	j->kern = k;
	TREE_INIT(members, &j->members);
	TAILQ_INIT(&j->inherited);
	holders_init(&j->holders);
	return j;
}

static bool is_on(const struct member *m, const struct holder *h)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, link) {
		if (p->holder == h)
			return true;
	}
	return false;
}

static bool is_same_group(const struct member *a, const struct member *b)
{
	return a->ifindex == b->ifindex && ip_eq(a->group, b->group);
}

/* Whether the socket has the member's group on its device already, for whichever engine. */
static bool holds(const struct holder *h, struct member *m)
{
	for (struct member *o = m; o && is_same_group(o, m); o = TREE_PREV(members, o)) {
		if (is_on(o, h))
			return true;
	}
	for (struct member *o = m; o && is_same_group(o, m); o = TREE_NEXT(members, o)) {
		if (is_on(o, h))
			return true;
	}
	return false;
}

/* A socket that may take the membership, opened if there is none; NULL with errno set. */
static struct holder *holder_for(struct joins *j, struct member *m)
{
	enum af af = ip_family(m->group);
	struct holder *h;

	TAILQ_FOREACH(h, &j->holders.roomy, link) {
		if (h->af == af && !holds(h, m))
			return h;
	}
	return holder_open(&j->holders, af);
}

static struct part *part_add(struct member *m, struct holder *h, enum filter_mode mode)
{
	struct part *p = m->first.holder ? xcalloc(1, sizeof(*p)) : &m->first;

	p->holder = h;
	p->mode = mode;
	h->n++;
	TAILQ_INSERT_TAIL(&m->parts, p, link);
	return p;
}

static void part_source(struct part *p, struct ip source)
{
	p->source = xrealloc(p->source, (p->nsources + 1) * sizeof(*p->source));
	p->source[p->nsources++] = source;
}

/* Forgets it; its socket has room again, or is of no use any more. */
static void part_free(struct joins *j, struct member *m, struct part *p)
{
	struct holder *h = p->holder;

	TAILQ_REMOVE(&m->parts, p, link);
	free(p->source);
	if (p == &m->first)
		m->first = (struct part){ 0 };
	else
		free(p);
	if (--h->n)
		holder_set_full(&j->holders, h, false);
	else
		holder_close(&j->holders, h);
}

static void part_leave(struct joins *j, struct member *m, struct part *p)
{
	holder_leave(p->holder, m->ifindex, m->group, NULL);
	part_free(j, m, p);
}

/*
 * Joins on a further socket: the group from all sources, or from the one. NULL with errno set.
 * A source that is refused may leave the group joined from none.
 */
static struct part *part_join(struct joins *j, struct member *m, const struct ip *source)
{
	struct holder *h;
	struct part *p;

	while ((h = holder_for(j, m))) {
		int error;

		if (!holder_join(h, m->ifindex, m->group, source)) {
			p = part_add(m, h, source ? FILTER_INCLUDE : FILTER_EXCLUDE);
			if (source)
				part_source(p, *source);
			return p;
		}
		error = errno;
		if (source)
			holder_leave(h, m->ifindex, m->group, NULL);
		if (!h->n) {
			holder_close(&j->holders, h);
			errno = error;
			return NULL;
		}
		if (!holder_is_full(error)) {
			errno = error;
			return NULL;
		}
		holder_set_full(&j->holders, h, true);
	}
	return NULL;
}

static bool among(const struct ip *source, unsigned n, struct ip ip)
{
	for (unsigned i = 0; i < n; i++) {
		if (ip_eq(source[i], ip))
			return true;
	}
	return false;
}

static bool includes(const struct member *m, struct ip source)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, link) {
		if (p->mode == FILTER_INCLUDE && among(p->source, p->nsources, source))
			return true;
	}
	return false;
}

/* To a socket that has others of the group, or to a further one; 0, or -1 with errno set. */
static int include_source(struct joins *j, struct member *m, struct ip source)
{
	struct part *p;

	TAILQ_FOREACH(p, &m->parts, link) {
		if (p->mode != FILTER_INCLUDE || p->full)
			continue;
		if (!holder_join(p->holder, m->ifindex, m->group, &source)) {
			part_source(p, source);
			return 0;
		}
		if (!holder_is_full(errno))
			return -1;
		p->full = true;
	}
	return part_join(j, m, &source) ? 0 : -1;
}

/* Leaves the sources of the part that are not among those wanted; the last takes it along. */
static void part_trim(struct joins *j, struct member *m, struct part *p, const struct ip *source,
		      unsigned n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < p->nsources; i++)
		kept += among(source, n, p->source[i]);
	if (!kept) {
		part_leave(j, m, p);
		return;
	}
	for (unsigned i = p->nsources; i-- > 0;) {
		if (among(source, n, p->source[i]))
			continue;
		holder_leave(p->holder, m->ifindex, m->group, &p->source[i]);
		p->source[i] = p->source[--p->nsources];
		p->full = false;
	}
}

/* 0, or the first error; then what could be had is held. */
static int include(struct joins *j, struct member *m, const struct ip *source, unsigned n)
{
	struct part *p, *next;
	int error = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!includes(m, source[i]) && include_source(j, m, source[i]) && !error)
			error = errno;
	}
	TAILQ_FOREACH_SAFE(p, &m->parts, link, next) {
		if (p->mode == FILTER_INCLUDE)
			part_trim(j, m, p, source, n);
		else
			part_leave(j, m, p);
	}
	return error;
}

static struct part *excluding_part(const struct member *m)
{
	struct part *p;

	TAILQ_FOREACH(p, &m->parts, link) {
		if (p->mode == FILTER_EXCLUDE)
			break;
	}
	return p;
}

static bool excludes(const struct part *p, const struct ip *source, unsigned n)
{
	return p->nsources == n && (!n || !memcmp(p->source, source, n * sizeof(*source)));
}

/* 0, or -1 with errno set and nothing changed. */
static int part_exclude(const struct member *m, struct part *p, const struct ip *source, unsigned n)
{
	if (holder_exclude(p->holder, m->ifindex, m->group, source, n))
		return -1;
	p->nsources = 0;
	for (unsigned i = 0; i < n; i++)
		part_source(p, source[i]);
	return 0;
}

/*
 * Excluded sources cannot be spread, since the kernel excludes only what all sockets exclude:
 * where it allows fewer than wanted, none is. 0, or the error.
 */
static int exclude(struct joins *j, struct member *m, const struct ip *source, unsigned n)
{
	struct linux_kern *k = j->kern;
	struct part *p = excluding_part(m), *next;

	if (!p)
		p = part_join(j, m, NULL);
	if (!p)
		return errno;
	if (!excludes(p, source, n) && part_exclude(m, p, source, n)) {
		if (!holder_is_full(errno) || part_exclude(m, p, NULL, 0))
			return errno;
		log_limited(k->log, &j->limit, &k->clock, LEVEL_NOTICE,
			    "%s: the kernel cannot exclude %u sources, none is excluded",
			    ip_str(m->group), n);
	}
	TAILQ_FOREACH_SAFE(p, &m->parts, link, next) {
		if (p->mode == FILTER_INCLUDE)
			part_leave(j, m, p);
	}
	return 0;
}

/* The engine's membership in the group; one that nobody had holds nothing yet. */
static struct member *member_get(struct joins *j, unsigned who, unsigned ifindex, struct ip group)
{
	struct member *m = xcalloc(1, sizeof(*m)), *same;

	m->ifindex = ifindex;
	m->who = who;
	m->group = group;
	TAILQ_INIT(&m->parts);
	same = TREE_INSERT(members, &j->members, m);
	if (!same)
		return m;
	free(m);
	return same;
}

static void claim(struct joins *j, struct member *m)
{
	if (m->inherited)
		TAILQ_REMOVE(&j->inherited, m, link);
	m->inherited = false;
}

static void member_free(struct joins *j, struct member *m)
{
	struct part *p;

	while ((p = TAILQ_FIRST(&m->parts)))
		part_leave(j, m, p);
	claim(j, m);
	TREE_REMOVE(members, &j->members, m);
	free(m);
}

static void forget_all(struct joins *j)
{
	struct member *m;
	struct part *p;

	while ((m = TREE_MIN(members, &j->members))) {
		while ((p = TAILQ_FIRST(&m->parts)))
			part_free(j, m, p);
		claim(j, m);
		TREE_REMOVE(members, &j->members, m);
		free(m);
	}
}

void joins_free(struct joins *j)
{
	if (!j)
		return;
	forget_all(j);
	free(j);
}

static int order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ip));
}

/* A copy to be freed, in order and without doubles; NULL if there are none. */
static struct ip *sorted(const struct ip *source, unsigned *n)
{
	unsigned kept = 0;
	struct ip *copy;

	if (!*n)
		return NULL;
	copy = xcalloc(*n, sizeof(*copy));
	memcpy(copy, source, *n * sizeof(*copy));
	qsort(copy, *n, sizeof(*copy), order);
	for (unsigned i = 0; i < *n; i++) {
		if (!kept || !ip_eq(copy[i], copy[kept - 1]))
			copy[kept++] = copy[i];
	}
	*n = kept;
	return copy;
}

const char *joins_set(struct joins *j, unsigned who, unsigned ifindex, const struct membership *m)
{
	struct member *held = member_get(j, who, ifindex, m->group);
	unsigned n = m->nsources;
	struct ip *source;
	int error;

	claim(j, held);
	source = sorted(m->source, &n);
	error = (m->mode == FILTER_INCLUDE ? include : exclude)(j, held, source, n);
	free(source);
	if (TAILQ_EMPTY(&held->parts))
		member_free(j, held);
	return error ? reason(error) : NULL;
}

/* The kernel has left the groups, but on the sockets they still take room. */
void joins_link_gone(struct joins *j, unsigned ifindex)
{
	struct member key = { .ifindex = ifindex };
	struct member *m;

	while ((m = TREE_NFIND(members, &j->members, &key)) && m->ifindex == ifindex)
		member_free(j, m);
}

static bool cookie_of(int fd, char cookie[COOKIE_LEN])
{
	uint64_t value;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &value, &len))
		return false;
	snprintf(cookie, COOKIE_LEN, "%llu", (unsigned long long)value);
	return true;
}

static const char *const mode_name[] = {
	[FILTER_INCLUDE] = "include",
	[FILTER_EXCLUDE] = "exclude",
};

static void save_part(const struct member *m, const struct part *p, struct buf *text)
{
	char cookie[COOKIE_LEN];

	if (!cookie_of(p->holder->fd, cookie))
		return;
	buf_printf(text, "join %s %u %u %s %s", cookie, m->who, m->ifindex, ip_str(m->group),
		   mode_name[p->mode]);
	for (unsigned i = 0; i < p->nsources; i++)
		buf_printf(text, " %s", ip_str(p->source[i]));
	buf_puts(text, "\n");
}

void joins_save(struct joins *j, void (*socket)(void *arg, int fd, const char *name), void *arg,
		struct buf *text)
{
	struct holder *h;
	struct member *m;
	struct part *p;

	TAILQ_FOREACH(h, &j->holders.full, link)
		socket(arg, h->fd, "join");
	TAILQ_FOREACH(h, &j->holders.roomy, link)
		socket(arg, h->fd, "join");
	TREE_FOREACH(m, members, &j->members) {
		TAILQ_FOREACH(p, &m->parts, link)
			save_part(m, p, text);
	}
}

/* A line of text as a membership; its sources go to *source, to be freed. */
static bool parse_line(struct words *w, const char *cookie, struct member *m,
		       struct membership *wish, struct ip **source)
{
	const char *word;
	int64_t who, ifindex;

	words_accept(w, "join");
	if (!words_accept(w, cookie) || words_number(w, "the engine", 0, INT32_MAX, &who) ||
	    words_number(w, "the device", 1, INT32_MAX, &ifindex))
		return false;
	word = words_next(w);
	if (!word || !ip_parse(word, &m->group) || !ip_is_multicast(m->group))
		return false;
	m->who = who;
	m->ifindex = ifindex;
	wish->mode = words_accept(w, mode_name[FILTER_EXCLUDE]) ? FILTER_EXCLUDE : FILTER_INCLUDE;
	if (wish->mode == FILTER_INCLUDE && !words_accept(w, mode_name[FILTER_INCLUDE]))
		return false;
	while ((word = words_next(w))) {
		*source = xrealloc(*source, (wish->nsources + 1) * sizeof(**source));
		if (!ip_parse(word, *source + wish->nsources++))
			return false;
	}
	return wish->mode == FILTER_EXCLUDE || wish->nsources;
}

bool joins_inherit(struct joins *j, int fd, struct words *words)
{
	char cookie[COOKIE_LEN];
	struct member line = { 0 }, *m;
	struct membership wish = { 0 };
	struct ip *source = NULL;
	struct holder *h = holder_find(&j->holders, fd);
	struct part *p;

	if (!cookie_of(fd, cookie) || !parse_line(words, cookie, &line, &wish, &source)) {
		free(source);
		return false;
	}
	m = member_get(j, line.who, line.ifindex, line.group);
	if (h && holds(h, m)) {
		free(source);
		if (TAILQ_EMPTY(&m->parts))
			member_free(j, m);
		return false;
	}
	if (!h)
		h = holder_adopt(&j->holders, fd, ip_family(line.group));
	if (TAILQ_EMPTY(&m->parts)) {
		m->inherited = true;
		TAILQ_INSERT_TAIL(&j->inherited, m, link);
	}
	p = part_add(m, h, wish.mode);
	p->source = source;
	p->nsources = wish.nsources;
	return true;
}

bool joins_drop_unclaimed(struct joins *j, unsigned budget)
{
	struct member *m;

	while (budget-- && (m = TAILQ_FIRST(&j->inherited)))
		member_free(j, m);
	return !TAILQ_EMPTY(&j->inherited);
}
