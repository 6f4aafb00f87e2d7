/* gm_group.h - groups on an interface to try things with, told in letters
 *
 * Sources are the letters a to z, hosts the numbers from 1. What groups tell is written down as it
 * comes: "INC(ab)" is a filter, "Q(a)" a query, "QS(a)" one with the S flag, "Q()" a query of the
 * group; those of another group than the first have its number before them.
 */
#ifndef SMCKIT_UNIT_GM_GROUP_H
#define SMCKIT_UNIT_GM_GROUP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "igmpproxy/group.h"

#define MAXLETTERS 26

struct bed {
	struct gm_groups t; /* first, so that it is the bed */
	struct clock clock;
	enum af af;
	bool awake;
	char said[4096];
	size_t len;
	unsigned long nmembers, nqueries; /* told since the beginning */
};

static inline struct ip numbered(enum af af, const char *v4, const char *v6, unsigned n)
{
	struct ip ip;

	assert_true(ip_parse(af == V4 ? v4 : v6, &ip));
	ip.b[13] += n >> 16;
	ip.b[14] += n >> 8;
	ip.b[15] += n;
	return ip;
}

static inline struct ip source_of(enum af af, char letter)
{
	return numbered(af, "10.0.0.0", "2001:db8::", letter - 'a' + 1);
}

static inline struct ip host_of(enum af af, unsigned n)
{
	return n ? numbered(af, "192.168.0.0", "fe80::", n) : ip_any(af);
}

static inline struct ip group_of(enum af af, unsigned n)
{
	return numbered(af, "239.0.0.0", "ff0e::", n);
}

static inline struct ip ssm_of(enum af af, unsigned n)
{
	return numbered(af, "232.0.0.0", "ff3e::", n);
}

PRINTF(2, 3) static inline void say(struct bed *bed, const char *form, ...)
{
	va_list args;

	va_start(args, form);
	bed->len += vsnprintf(bed->said + bed->len, sizeof(bed->said) - bed->len, form, args);
	va_end(args);
	assert_true(bed->len < sizeof(bed->said));
}

static inline void say_sources(struct bed *bed, struct ip group, const char *what,
			       const struct ip *source, unsigned n)
{
	say(bed, bed->len ? " " : "");
	if (group.b[15])
		say(bed, "%u:", group.b[15]);
	say(bed, "%s(", what);
	for (unsigned i = 0; i < n; i++) {
		assert_true(!i || ip_cmp(source[i - 1], source[i]) < 0);
		say(bed, "%c", 'a' + source[i].b[15] - 1);
	}
	say(bed, ")");
}

static inline void on_member(struct gm_groups *t, const struct membership *m, bool was_wanted)
{
	struct bed *bed = container_of(t, struct bed, t);

	(void)was_wanted;
	bed->nmembers++;
	if (bed->len < sizeof(bed->said) / 2)
		say_sources(bed, m->group, m->mode == FILTER_INCLUDE ? "INC" : "EXC", m->source,
			    m->nsources);
}

static inline void on_query(struct gm_groups *t, const struct gm_message *q)
{
	struct bed *bed = container_of(t, struct bed, t);

	assert_int_equal(q->type, GM_QUERY);
	assert_int_equal(q->version, 3);
	assert_int_equal(q->max_response, t->settings.last_member_interval);
	assert_int_equal(q->robustness, t->settings.robustness);
	assert_int_equal(q->interval, t->settings.query_interval);
	bed->nqueries++;
	if (bed->len < sizeof(bed->said) / 2)
		say_sources(bed, q->group, q->suppress ? "QS" : "Q", q->source, q->nsources);
}

static inline void on_wake(struct gm_groups *t)
{
	container_of(t, struct bed, t)->awake = true;
}

static const struct gm_group_ops bed_ops = { on_member, on_query, on_wake };

static inline void bed_init(struct bed *bed, enum af af)
{
	*bed = (struct bed){ .af = af };
	clock_init(&bed->clock, 0);
	gm_groups_init(&bed->t, &bed->clock, &bed_ops);
}

static inline void bed_free(struct bed *bed)
{
	gm_groups_free(&bed->t);
	assert_int_equal(bed->clock.n, 0);
	assert_int_equal(bed->t.nsources, 0);
	assert_int_equal(bed->t.ngroups, 0);
	assert_int_equal(bed->t.ntracked, 0);
	clock_free(&bed->clock);
}

/* The end of a turn, in slices. */
static inline void bed_settle(struct bed *bed)
{
	while (gm_groups_settle(&bed->t, 2))
		;
	bed->awake = false;
}

/* Time goes on, to @at milliseconds. Whatever is due by then happens when it is due. */
static inline void bed_run(struct bed *bed, int64_t at)
{
	bed_settle(bed);
	while (clock_next(&bed->clock) <= at) {
		clock_advance(&bed->clock, clock_next(&bed->clock));
		assert_true(bed->awake);
		bed_settle(bed);
	}
	clock_advance(&bed->clock, at);
}

/* Letters, in order, as addresses. */
static inline unsigned spell(enum af af, const char *letters, struct ip source[MAXLETTERS])
{
	unsigned n = 0;

	for (; *letters; letters++)
		source[n++] = source_of(af, *letters);
	return n;
}

static inline void record_for(struct bed *bed, unsigned host, struct ip group,
			      enum gm_record_type type, const char *letters)
{
	struct ip source[MAXLETTERS];
	struct gm_record r = { type, group, source, spell(bed->af, letters, source) };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };

	gm_groups_report(&bed->t, host_of(bed->af, host), &m);
}

/* To the first group. */
static inline void record(struct bed *bed, unsigned host, enum gm_record_type type,
			  const char *letters)
{
	record_for(bed, host, group_of(bed->af, 0), type, letters);
}

/* A report or a leave of an older version. */
static inline void old(struct bed *bed, enum gm_type type, unsigned version)
{
	struct gm_message m = { .type = type, .version = version, .group = group_of(bed->af, 0) };

	gm_groups_report(&bed->t, host_of(bed->af, 1), &m);
}

static inline char *sources_text(const struct bed *bed, const struct gm_group *g, char *at)
{
	for (unsigned i = 0; i < g->nsources; i++) {
		const struct gm_source *s = &g->source[i];

		at += sprintf(at, "%s%c:%g", i ? " " : "", 'a' + s->ip.b[15] - 1,
			      s->due ? (s->due - bed->clock.now) / 1000. : 0);
	}
	return at;
}

/* "INC(a:260 b:2)", "EXC(a:260 b:0) 270": what timers have left, in seconds; "" if none. */
static inline const char *state(const struct bed *bed, char text[1024])
{
	const struct gm_group *g = gm_group_find(&bed->t, group_of(bed->af, 0));
	char *at = text;

	*at = '\0';
	if (!g)
		return text;
	at += sprintf(at, "%s(", g->mode == FILTER_INCLUDE ? "INC" : "EXC");
	at = sources_text(bed, g, at);
	at += sprintf(at, ")");
	if (g->mode == FILTER_EXCLUDE)
		sprintf(at, " %g", (g->due - bed->clock.now) / 1000.);
	return text;
}

static inline void assert_state(const struct bed *bed, const char *expected)
{
	char text[1024];

	assert_string_equal(state(bed, text), expected);
}

/* All that was told since it was asked last. */
static inline void assert_said(struct bed *bed, const char *expected)
{
	bed_settle(bed);
	assert_string_equal(bed->said, expected);
	bed->said[bed->len = 0] = '\0';
}

#endif
