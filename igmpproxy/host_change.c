/* host_change.c - what is still to be said of a group whose filter changed (RFC 3376 5.1)
 *
 * RFC 3810 6.1 and 6.3 (4) say the same of MLD, where what is counted has its name: the Filter
 * Mode Retransmission Counter (mode_left), the Source Retransmission Counters (retry.left).
 */
#include <stdlib.h>

#include "host_change.h"

bool filter_equal(const struct filter *a, const struct filter *b)
{
	return a->mode == b->mode && a->nsources == b->nsources &&
	       (!a->nsources || !memcmp(a->source, b->source, a->nsources * sizeof(*a->source)));
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ip));
}

struct filter filter_copy(const struct membership *m)
{
	struct filter f = { .mode = m->mode };
	unsigned n = m->nsources;

	if (!n)
		return f;
	f.source = xcalloc(n, sizeof(*f.source));
	memcpy(f.source, m->source, n * sizeof(*f.source));
	qsort(f.source, n, sizeof(*f.source), compare);
	for (unsigned i = 0; i < n; i++) {
		if (!f.nsources || !ip_eq(f.source[i], f.source[f.nsources - 1]))
			f.source[f.nsources++] = f.source[i];
	}
	return f;
}

void filter_free(struct filter *f)
{
	free(f->source);
	*f = (struct filter){ 0 };
}

/* Steps over @ip in the ascending addresses from *at on, if it is the next; whether it is. */
static bool took(const struct filter *f, unsigned *at, struct ip ip)
{
	if (*at == f->nsources || !ip_eq(f->source[*at], ip))
		return false;
	++*at;
	return true;
}

unsigned filter_pick(const struct filter *f, struct ip *source, unsigned n, bool forward)
{
	unsigned at = 0, kept = 0;

	for (unsigned i = 0; i < n; i++) {
		while (at < f->nsources && ip_cmp(f->source[at], source[i]) < 0)
			at++;
		if ((took(f, &at, source[i]) == (f->mode == FILTER_INCLUDE)) == forward)
			source[kept++] = source[i];
	}
	return kept;
}

static void retries_clear(struct change *c)
{
	free(c->retry);
	c->retry = NULL;
	c->nretries = 0;
}

void change_drop(struct change *c)
{
	retries_clear(c);
	c->mode_left = 0;
}

bool change_is_done(const struct change *c)
{
	return !c->mode_left && !c->nretries;
}

/* Lowers *least to the next address, if there is one. */
static void lower(struct ip *least, bool *any, const struct ip *next)
{
	if (next && (!*any || ip_cmp(*next, *least) < 0)) {
		*least = *next;
		*any = true;
	}
}

/* The sources that came or went are to be said anew; the others, as often as is left. */
static void merge_sources(struct change *c, const struct filter *now, uint8_t robustness)
{
	const struct filter *was = &c->told;
	struct retry *merged = xcalloc(c->nretries + was->nsources + now->nsources,
				       sizeof(*merged));
	unsigned i = 0, j = 0, k = 0, n = 0;

	for (;;) {
		struct ip ip;
		uint8_t left = 0;
		bool any = false;

		lower(&ip, &any, i < c->nretries ? &c->retry[i].source : NULL);
		lower(&ip, &any, j < was->nsources ? &was->source[j] : NULL);
		lower(&ip, &any, k < now->nsources ? &now->source[k] : NULL);
		if (!any)
			break;
		if (i < c->nretries && ip_eq(c->retry[i].source, ip))
			left = c->retry[i++].left;
		if (took(was, &j, ip) != took(now, &k, ip))
			left = robustness;
		if (left)
			merged[n++] = (struct retry){ ip, left };
	}
	retries_clear(c);
	c->retry = xrealloc(merged, n * sizeof(*merged));
	c->nretries = n;
}

void change_merge(struct change *c, const struct filter *now, uint8_t robustness)
{
	if (c->told.mode != now->mode)
		c->mode_left = robustness;
	else if (!filter_equal(&c->told, now))
		merge_sources(c, now, robustness);
}

/* The sources with something left that are to be forwarded, or that are not. */
static void put_sources(struct change *c, struct ip group, const struct filter *now, bool forward,
			struct report *r)
{
	struct ip *source = xcalloc(c->nretries, sizeof(*source));
	unsigned n;

	for (unsigned i = 0; i < c->nretries; i++)
		source[i] = c->retry[i].source;
	n = filter_pick(now, source, c->nretries, forward);
	if (n)
		report_put(r, forward ? ALLOW_NEW_SOURCES : BLOCK_OLD_SOURCES, group, source, n);
	free(source);
}

static void count_down(struct change *c)
{
	unsigned n = 0;

	if (c->mode_left)
		c->mode_left--;
	for (unsigned i = 0; i < c->nretries; i++) {
		if (--c->retry[i].left)
			c->retry[n++] = c->retry[i];
	}
	c->nretries = n;
	if (!n)
		retries_clear(c);
}

/* RFC 3376 5.1, the second table: a report that says the whole filter says all its sources. */
void change_put(struct change *c, struct ip group, const struct filter *now, struct report *r)
{
	if (c->mode_left) {
		report_put(r,
			   now->mode == FILTER_INCLUDE ? CHANGE_TO_INCLUDE_MODE
						       : CHANGE_TO_EXCLUDE_MODE,
			   group, now->source, now->nsources);
	} else if (c->nretries) {
		put_sources(c, group, now, true, r);
		put_sources(c, group, now, false, r);
	}
	count_down(c);
}
