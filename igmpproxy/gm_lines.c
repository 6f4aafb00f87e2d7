/* gm_lines.c - what statements do to an interface: its filter, permanent members, mapped groups */
#include <stdlib.h>
#include <string.h>

#include "gm_port.h"

static int ip_order(const void *a, const void *b)
{
	return ip_cmp(*(const struct ip *)a, *(const struct ip *)b);
}

static int sg_order(const void *a, const void *b)
{
	return sg_cmp(a, b);
}

/*
 * The group that begins at @sg, whose permanent members are the first of these; how many. RFC 4604
 * 2.2.2: nobody can want all of a source-specific group.
 */
static unsigned fix_group(struct gm_port *p, const struct sg *sg, unsigned n)
{
	struct membership m = { sg->grp, FILTER_INCLUDE, NULL, 0 };
	bool ssm = gm_groups_is_ssm(&p->groups, sg->grp);
	struct ip *source;
	unsigned last = 0, i;

	while (last < n && ip_eq(sg[last].grp, sg->grp))
		last++;
	source = xcalloc(last, sizeof(*source));
	for (i = 0; i < last; i++) {
		if (ip_is_any(sg[i].src))
			m.mode = ssm ? FILTER_INCLUDE : FILTER_EXCLUDE;
		else if (!m.nsources || !ip_eq(source[m.nsources - 1], sg[i].src))
			source[m.nsources++] = sg[i].src;
	}
	if (m.mode == FILTER_EXCLUDE)
		m.nsources = 0;
	m.source = source;
	gm_groups_fix(&p->groups, &m);
	free(source);
	return i;
}

/* Those that had permanent members, and have none any more. */
static void unfix(struct gm_port *p, const struct ip *now, unsigned n)
{
	for (unsigned i = 0; i < p->nfixed; i++) {
		struct membership none = { p->fixed[i], FILTER_INCLUDE, NULL, 0 };

		if (!n || !bsearch(&p->fixed[i], now, n, sizeof(*now), ip_order))
			gm_groups_fix(&p->groups, &none);
	}
}

/* The groups with permanent members become those of the n pairs, which are in order. */
static void fix_groups(struct gm_port *p, const struct sg *sg, unsigned n)
{
	struct ip *now = xcalloc(n + 1, sizeof(*now));
	unsigned count = 0;

	for (unsigned i = 0; i < n;) {
		now[count++] = sg[i].grp;
		i += fix_group(p, &sg[i], n - i);
	}
	unfix(p, now, count);
	free(p->fixed);
	p->fixed = now;
	p->nfixed = count;
}

/* Whether hosts may listen to the group; with a source, to that of it. */
static bool is_permitted(const struct gm_port *p, struct ip group, const struct ip *source)
{
	bool permit = !p->has_permit;

	for (unsigned i = 0; i < p->nfilters; i++) {
		const struct gm_line *line = &p->filter[i];

		if (prefix_has(&line->group, group) &&
		    (!line->has_source || (source && prefix_has(&line->source, *source))))
			permit = line->permit;
	}
	return permit;
}

static bool permits(const struct gm_groups *t, struct ip group, const struct ip *source)
{
	return is_permitted(container_of(t, struct gm_port, groups), group, source);
}

/* Whether the line is for the port. */
static bool is_for(const struct gm_line *line, struct ifset names, enum gm_line_kind kind)
{
	return line->kind == kind && ifset_has(names, line->slot);
}

static void collect(struct gm_port *p, struct ifset names)
{
	const struct gm_lines *lines = &p->gm->lines;
	struct sg *sg = xcalloc(lines->n + 1, sizeof(*sg));
	unsigned n = 0;

	p->filter = xrealloc(p->filter, (lines->n + 1) * sizeof(*p->filter));
	p->altnet = xrealloc(p->altnet, (lines->n + 1) * sizeof(*p->altnet));
	p->nfilters = p->checks.naltnets = 0;
	p->has_permit = false;
	for (unsigned i = 0; i < lines->n; i++) {
		const struct gm_line *line = &lines->line[i];

		if (is_for(line, names, GM_FILTER)) {
			p->filter[p->nfilters++] = *line;
			p->has_permit |= line->permit;
		} else if (is_for(line, names, GM_ALTNET)) {
			p->altnet[p->checks.naltnets++] = line->group;
		} else if (is_for(line, names, GM_STATIC_GROUP)) {
			sg[n++] = (struct sg){ line->has_source ? line->source.ip
								: ip_any(p->gm->engine.af),
					       line->group.ip };
		}
	}
	p->checks.altnet = p->altnet;
	qsort(sg, n, sizeof(*sg), sg_order);
	fix_groups(p, sg, n);
	free(sg);
	if (p->nfilters)
		gm_groups_recheck(&p->groups, permits);
}

void gm_port_lines(struct gm_port *p, struct ifset names)
{
	if (p->lines_seen == p->gm->lines_version && ifset_eq(names, p->names))
		return;
	p->lines_seen = p->gm->lines_version;
	p->names = names;
	collect(p, names);
}

/* Takes sources out of the record; false: nothing is left. Who leaves may always. */
static bool filter_record(struct gm_port *p, struct gm_record *r)
{
	struct ip *kept;
	unsigned n = 0;

	if (r->type == MODE_IS_EXCLUDE || r->type == CHANGE_TO_EXCLUDE_MODE)
		return is_permitted(p, r->group, NULL);
	if (r->type == BLOCK_OLD_SOURCES || !r->nsources)
		return true;
	kept = arena_take(&p->gm->arena, r->nsources, sizeof(*kept));
	for (unsigned i = 0; kept && i < r->nsources; i++) {
		if (is_permitted(p, r->group, &r->source[i]))
			kept[n++] = r->source[i];
	}
	r->source = kept;
	r->nsources = n;
	return n || r->type == CHANGE_TO_INCLUDE_MODE;
}

static bool filter_records(struct gm_port *p, struct gm_message *m)
{
	struct gm_record *kept = arena_take(&p->gm->arena, m->nrecords, sizeof(*kept));
	unsigned n = 0;

	for (unsigned i = 0; kept && i < m->nrecords; i++) {
		kept[n] = m->record[i];
		if (filter_record(p, &kept[n]))
			n++;
	}
	GM_COUNT(p, filtered, m->nrecords - n);
	m->record = kept;
	m->nrecords = n;
	return n;
}

/* The sources that hosts of older versions mean by the group; how many. */
static unsigned mapped(struct gm *gm, struct ip group, struct ip **source)
{
	const struct gm_lines *lines = &gm->lines;
	unsigned n = 0, unique = 0;

	*source = arena_take(&gm->arena, lines->n, sizeof(**source));
	for (unsigned i = 0; *source && i < lines->n; i++) {
		const struct gm_line *line = &lines->line[i];

		if (line->kind == GM_SSM_MAP && prefix_has(&line->group, group))
			(*source)[n++] = line->source.ip;
	}
	if (n)
		qsort(*source, n, sizeof(**source), ip_order);
	for (unsigned i = 0; i < n; i++) {
		if (!i || !ip_eq((*source)[i], (*source)[unique - 1]))
			(*source)[unique++] = (*source)[i];
	}
	return unique;
}

/*
 * As if the host had named sources. When it leaves, others are asked for these, which version 3
 * alone can do.
 */
static bool map(struct gm_port *p, struct gm_message *m)
{
	struct gm *gm = p->gm;
	struct gm_record *r;
	struct ip *source;
	unsigned n = mapped(gm, m->group, &source);

	if (!n)
		return true;
	r = arena_take(&gm->arena, 1, sizeof(*r));
	if (!r || (m->type == GM_LEAVE && p->fields.version < 3))
		return false;
	*r = (struct gm_record){ MODE_IS_INCLUDE, m->group, source, n };
	if (m->type == GM_LEAVE)
		*r = (struct gm_record){ CHANGE_TO_INCLUDE_MODE, m->group, NULL, 0 };
	m->type = GM_REPORT_V3;
	m->record = r;
	m->nrecords = 1;
	return true;
}

bool gm_port_filter(struct gm_port *p, struct gm_message *m)
{
	if (m->type != GM_REPORT_V3 && p->gm->has_map && !map(p, m)) {
		GM_COUNT(p, leaves_ignored, 1);
		return false;
	}
	if (!p->nfilters)
		return true;
	if (m->type == GM_REPORT_V3)
		return filter_records(p, m);
	if (m->type == GM_LEAVE || is_permitted(p, m->group, NULL))
		return true;
	GM_COUNT(p, filtered, 1);
	return false;
}
