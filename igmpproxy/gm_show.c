/* gm_show.c - tables of interfaces and groups, statements as they were written, counters
 *
 * Members have the names of RFC 8652 and RFC 9166, as far as these have one; times are ms.
 */
#include <stddef.h>
#include <string.h>

#include "gm_port.h"

static struct record heading(struct show *s, const char *table, struct engines engines)
{
	struct record rec = record_begin(s->out);
	unsigned width = 3;

	record_str(&rec, "table", table);
	for (unsigned i = 0; i < MAXSLOTS * NFAMILIES; i++) {
		const struct gm_port *p = gm_of(engines.af[i % NFAMILIES])->port[i / NFAMILIES];
		unsigned len = p ? strlen(gm_port_name(p)) : 0;

		width = len > width ? len : width;
	}
	record_u64(&rec, "width", width);
	return rec;
}

static void put_ip(struct record *rec, const char *key, struct ip ip)
{
	record_str(rec, key, ip_is_any(ip) ? NULL : ip_str(ip));
}

/* What is left until then. */
static void put_left(struct record *rec, const char *key, const struct clock *clock, int64_t due)
{
	record_int(rec, key, due > clock->now ? due - clock->now : 0);
}

static const char *port_state(const struct gm_port *p)
{
	if (p->state != GM_RUNS)
		return gm_state_name(p->state);
	return p->querier.on ? "querier" : "non-querier";
}

/* Who asks, and when the next query comes or the other one is given up. */
static void put_querier(struct record *rec, const struct gm_port *p)
{
	const struct gm_querier *q = &p->querier;
	bool has_other = !ip_is_any(q->other);

	put_ip(rec, "querier", q->on ? q->own : q->other);
	if (has_other) {
		record_u64(rec, "querier_version", gm_version_number(p, q->version));
		record_int(rec, "querier_expiry", timer_left(q->clock, &q->timer));
	} else if (q->on) {
		record_int(rec, "next_query", timer_left(q->clock, &q->timer));
	}
	record_u64(rec, "robustness_variable", q->robustness);
	record_int(rec, "query_interval", q->interval);
	record_int(rec, "query_max_response_time", p->fields.response_interval);
	record_int(rec, "last_member_query_interval", p->fields.last_member_interval);
	record_u64(rec, "last_member_query_count", gm_last_member_count(&p->groups.settings));
}

/* Counters of the engine and, without what is of groups, of each port. */
static const struct {
	const char *name, *key, *help;
	size_t offset;
} rows[] = {
#define ROW(name, member, help)                                           \
	{                                                                 \
		name, #member, help, offsetof(struct gm_counters, member) \
	}
	ROW("queries-sent", queries_sent, "queries sent"),
	ROW("send-failed", send_failed, "queries that could not be sent"),
	ROW("queries", queries, "queries of other routers"),
	ROW("own-queries", own_queries, "our own queries, heard again"),
	ROW("other-version", other_version, "queries of other routers in another version"),
	ROW("reports", reports, "reports of hosts"),
	ROW("leaves", leaves, "hosts of older versions that leave"),
	ROW("rate-limit", rate_limited, "dropped: more messages than may be looked at"),
	ROW("filtered", filtered, "dropped: groups that the configuration denies"),
	ROW("leaves-ignored", leaves_ignored, "dropped: leaves of groups that cannot be asked for"),
	ROW("records-skipped", records_skipped, "records of unknown type, or of no group"),
#undef ROW
};

#define GROUP_ROW(name, member, help)                                           \
	{                                                                       \
		name, #member, help, offsetof(struct gm_group_counters, member) \
	}

static const struct {
	const char *name, *key, *help;
	size_t offset;
} group_rows[] = {
	GROUP_ROW("groups-limit", groups_refused, "dropped: one group too many"),
	GROUP_ROW("host-groups-limit", shares_refused, "dropped: one group too many of one host"),
	GROUP_ROW("sources-limit", sources_refused, "dropped: one source too many"),
	GROUP_ROW("hosts-limit", hosts_refused, "not tracked: one host too many"),
	GROUP_ROW("old-version", old_ignored, "dropped: of hosts whose version is ignored"),
	GROUP_ROW("ssm", ssm_ignored, "dropped: no source, of a source-specific group"),
	GROUP_ROW("compatibility", compat_ignored, "dropped: there are hosts of older versions"),
};

static uint64_t value_at(const void *counters, size_t offset)
{
	return *(const uint64_t *)(const void *)((const char *)counters + offset);
}

static uint64_t group_value(const struct gm *gm, size_t offset)
{
	uint64_t value = value_at(&gm->gone, offset);

	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (gm->port[slot])
			value += value_at(&gm->port[slot]->groups.counters, offset);
	}
	return value;
}

bool gm_count(struct engine *e, unsigned i, struct count *count)
{
	const struct gm *gm = gm_of(e);

	*count = (struct count){ .area = e->af == V4 ? "igmp" : "mld", .family = af_name(e->af) };
	if (i < NELEMS(rows)) {
		count->name = rows[i].name;
		count->help = rows[i].help;
		count->value = value_at(&gm->counters, rows[i].offset);
		return true;
	}
	i -= NELEMS(rows);
	if (i < NELEMS(group_rows)) {
		count->name = group_rows[i].name;
		count->help = group_rows[i].help;
		count->value = group_value(gm, group_rows[i].offset);
		return true;
	}
	i -= NELEMS(group_rows);
	if (++i >= GM_NBAD)
		return false;
	count->name = gm_bad_name(i);
	count->help = gm_bad_help(i);
	count->value = gm->counters.bad[i];
	return true;
}

static void put_counters(struct record *rec, const struct gm_port *p)
{
	uint64_t dropped = 0;

	for (unsigned i = 0; i < NELEMS(rows); i++)
		record_u64(rec, rows[i].key, value_at(&p->counters, rows[i].offset));
	for (unsigned i = 0; i < NELEMS(group_rows); i++) {
		uint64_t n = value_at(&p->groups.counters, group_rows[i].offset);

		if (n)
			record_u64(rec, group_rows[i].key, n);
	}
	for (unsigned i = 1; i < GM_NBAD; i++)
		dropped += p->counters.bad[i];
	record_u64(rec, "dropped", dropped);
	record_list(rec, "reasons");
	for (unsigned i = 1; i < GM_NBAD; i++) {
		if (p->counters.bad[i])
			record_item(rec, gm_bad_name(i));
	}
	record_list_end(rec);
}

static void put_port(struct show *s, const struct gm_port *p)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "interface", gm_port_name(p));
	record_str(&rec, "state", port_state(p));
	record_u64(&rec, "version", gm_version_number(p, p->fields.version));
	put_querier(&rec, p);
	record_u64(&rec, "groups", p->groups.ngroups);
	record_u64(&rec, "sources", p->groups.nsources);
	record_u64(&rec, "hosts", p->groups.ntracked);
	put_counters(&rec, p);
	record_end(&rec);
}

/* The key is the slot of the next row. */
static bool show_ports(struct show *s, struct engines engines, enum af af, const char *table)
{
	const struct gm *gm = gm_of(engines.af[af]);
	unsigned slot;

	if (!s->stage) {
		struct record rec = heading(s, table, engines);

		record_end(&rec);
		s->stage = 1;
	}
	for (slot = s->after[0]; slot < MAXSLOTS && s->budget; slot++) {
		if (!gm->port[slot])
			continue;
		s->budget--;
		put_port(s, gm->port[slot]);
	}
	s->after[0] = slot;
	return slot < MAXSLOTS;
}

bool gm_show_igmp(struct show *s, struct engines engines)
{
	return show_ports(s, engines, V4, "igmp");
}

bool gm_show_mld(struct show *s, struct engines engines)
{
	return show_ports(s, engines, V6, "mld");
}

/* Where a table of groups is: at what of the group, or behind all of it. */
struct place {
	uint8_t af, slot;
	bool within;	/* of the group after @group */
	unsigned index; /* its rows that were written, but the first */
	struct ip group;
};

static struct record begin_row(struct show *s, const struct gm_port *p, const struct gm_group *g)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "interface", gm_port_name(p));
	record_str(&rec, "family", af_name(p->gm->engine.af));
	record_str(&rec, "group", ip_str(g->ip));
	return rec;
}

/* When nobody listens any more, unless somebody reports. */
static int64_t group_due(const struct gm_group *g)
{
	int64_t due = g->due;

	for (unsigned i = 0; i < g->nsources; i++) {
		if (g->source[i].due > due)
			due = g->source[i].due;
	}
	return due;
}

static void put_group(struct show *s, const struct gm_port *p, const struct gm_group *g)
{
	const struct clock *clock = p->groups.clock;
	struct record rec = begin_row(s, p, g);

	record_str(&rec, "filter_mode", g->told_mode == FILTER_INCLUDE ? "include" : "exclude");
	record_u64(&rec, "sources", g->ntold);
	record_u64(&rec, "version", gm_version_number(p, gm_group_version(g)));
	put_ip(&rec, "last_reporter", gm_group_reporter(g));
	record_int(&rec, "up_time", clock->now - g->since);
	if (group_due(g))
		put_left(&rec, "expire", clock, group_due(g));
	else
		record_str(&rec, "expire", NULL);
	record_bool(&rec, "static", g->fixed);
	record_end(&rec);
}

static void put_source(struct show *s, const struct gm_port *p, const struct gm_group *g,
		       const struct gm_source *source)
{
	struct record rec = begin_row(s, p, g);

	record_str(&rec, "source", ip_str(source->ip));
	record_bool(&rec, "forward", source->due);
	if (source->due)
		put_left(&rec, "expire", p->groups.clock, source->due);
	record_end(&rec);
}

static void put_host(struct show *s, const struct gm_port *p, const struct gm_group *g,
		     const struct gm_tracked *host)
{
	struct record rec = begin_row(s, p, g);

	record_str(&rec, "host", ip_str(host->host));
	put_ip(&rec, "source", host->source);
	put_left(&rec, "expire", p->groups.clock, host->due);
	record_end(&rec);
}

/* Rows of one group from *index on; false if the budget did not do. */
static bool put_details(struct show *s, const struct gm_port *p, const struct gm_group *g,
			unsigned *index)
{
	unsigned ntracked = g->track ? g->track->n : 0;

	for (; *index < g->nsources + ntracked; ++*index) {
		if (!s->budget)
			return false;
		s->budget--;
		if (*index < g->nsources)
			put_source(s, p, g, &g->source[*index]);
		else
			put_host(s, p, g, &g->track->entry[*index - g->nsources]);
	}
	return true;
}

/*
 * Groups of one port from *at on; false if the budget did not do. Those that never leave their
 * link, of which each host has some, are details.
 */
static bool put_groups(struct show *s, const struct gm_port *p, bool detail, struct place *at)
{
	const struct gm_group *g = gm_group_after(&p->groups, at->group);

	for (; g; g = gm_group_after(&p->groups, g->ip)) {
		if (!s->budget)
			return false;
		if (!at->within) {
			s->budget--;
			if (detail || !ip_is_local_group(g->ip))
				put_group(s, p, g);
			at->index = 0;
		}
		at->within = detail && !put_details(s, p, g, &at->index);
		if (at->within)
			return false;
		at->group = g->ip;
	}
	return true;
}

static bool is_anywhere(struct engines engines)
{
	for (unsigned i = 0; i < MAXSLOTS * NFAMILIES; i++) {
		if (gm_of(engines.af[i % NFAMILIES])->port[i / NFAMILIES])
			return true;
	}
	return false;
}

bool gm_show_groups(struct show *s, struct engines engines)
{
	const char *word = words_peek(&s->reader->words);
	bool detail = word && !strcmp(word, "detail");
	struct place at;

	_Static_assert(sizeof(at) <= SHOW_KEY, "the key of the table is too long");
	if (!s->stage) {
		struct record rec;

		if (!is_anywhere(engines))
			return false;
		rec = heading(s, detail ? "listeners" : "memberships", engines);
		record_end(&rec);
		s->stage = 1;
	}
	memcpy(&at, s->after, sizeof(at));
	while (at.af < NFAMILIES) {
		const struct gm_port *p = gm_of(engines.af[at.af])->port[at.slot];

		if (p && !put_groups(s, p, detail, &at))
			break;
		at = (struct place){ .af = at.af, .slot = at.slot + 1 };
		if (at.slot == MAXSLOTS)
			at = (struct place){ .af = at.af + 1 };
	}
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}

static void put_line(struct show *s, struct host *host, const struct gm_line *line)
{
	static const char *const name[] = {
		[GM_STATIC_GROUP] = "static-group from",
		[GM_FILTER] = "group-filter",
		[GM_ALTNET] = "altnet",
		[GM_SSM_RANGE] = "ssm-range",
		[GM_SSM_MAP] = "ssm-map",
	};
	struct record rec = record_begin(s->out);
	struct buf text = { 0 };

	buf_puts(&text, name[line->kind]);
	if (line->slot != NOSLOT)
		buf_printf(&text, " %s", host->op->ifname(host, line->slot));
	if (line->kind == GM_FILTER)
		buf_puts(&text, line->permit ? " permit" : " deny");
	if (line->has_source && line->kind != GM_SSM_MAP)
		buf_printf(&text, " source %s", prefix_str(&line->source));
	if (line->kind != GM_ALTNET && line->kind != GM_SSM_RANGE)
		buf_puts(&text, " group");
	buf_printf(&text, " %s", prefix_str(&line->group));
	if (line->kind == GM_SSM_MAP)
		buf_printf(&text, " source %s", prefix_str(&line->source));
	buf_add(&text, "", 1);
	record_str(&rec, "line", buf_at(&text));
	record_end(&rec);
	buf_free(&text);
}

static void put_time(struct show *s, const char *statement, int64_t ms)
{
	struct buf text = { 0 };
	struct record rec;

	if (!ms)
		return;
	buf_printf(&text, "%s %lld", statement, (long long)(ms / SEC(1)));
	buf_add(&text, "", 1);
	rec = record_begin(s->out);
	record_str(&rec, "line", buf_at(&text));
	record_end(&rec);
	buf_free(&text);
}

/* The key is the number of the next line, through both families. */
bool gm_show_config(struct show *s, struct engines engines)
{
	const struct gm_lines *lines[] = { &gm_of(engines.af[V4])->lines,
					   &gm_of(engines.af[V6])->lines };
	const struct gm_times *times = &gm_of(engines.af[V4])->times;
	unsigned at, n = lines[V4]->n + lines[V6]->n;

	if (!s->stage) {
		struct record rec = record_begin(s->out);

		record_str(&rec, "table", "config");
		record_end(&rec);
		put_time(s, "igmp-query-interval", times->query_interval[V4]);
		put_time(s, "mld-query-interval", times->query_interval[V6]);
		put_time(s, "igmp-querier-timeout", times->querier_timeout[V4]);
		put_time(s, "mld-querier-timeout", times->querier_timeout[V6]);
		s->stage = 1;
	}
	memcpy(&at, s->after, sizeof(at));
	for (; at < n && s->budget; at++, s->budget--)
		put_line(s, s->reader->host,
			 at < lines[V4]->n ? &lines[V4]->line[at]
					   : &lines[V6]->line[at - lines[V4]->n]);
	memcpy(s->after, &at, sizeof(at));
	return at < n;
}
