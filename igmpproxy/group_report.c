/* group_report.c - what messages do to the state of groups
 *
 * RFC 3376 6.4, 6.6 and 7.3.2, RFC 3810 7.4, 7.6 and 8.3.2.
 */
#include "group_state.h"

/* RFC 3376 6.6.3.2, RFC 3810 7.6.3.2: Q(G,X) is to be sent, for one source in X, left by @host. */
static void ask_source(struct gm_group *g, struct gm_source *s, struct ip host)
{
	const struct gm_group_settings *set = settings_of(g);
	int64_t now = now_of(g), until = now + gm_last_member_time(set);

	if (set->fast_leave || (g->track && !gm_track_wants(g->track, s->ip, host, now))) {
		s->due = now;
	} else if (s->due > until) {
		s->due = until;
		s->queries = gm_last_member_count(set);
		g->query_at = now;
	}
}

/*
 * RFC 3376 6.6.3.1, RFC 3810 7.6.3.1: Q(G) is to be sent. Hosts repeat their records: while a
 * query is under way and nobody answered, it is the answer to the next one too.
 */
static void ask_group(struct gm_group *g)
{
	const struct gm_group_settings *set = settings_of(g);
	int64_t now = now_of(g);

	if (set->fast_leave || (g->track && !gm_track_wants_group(g->track, now))) {
		g->due = now;
	} else if (!g->is_asked) {
		lower(&g->due, now + gm_last_member_time(set));
		g->queries = gm_last_member_count(set);
		g->is_asked = true;
		g->query_at = now;
	}
}

static unsigned left(unsigned max, unsigned used)
{
	return used < max ? max - used : 0;
}

/*
 * How many new sources the group may get of the host, beside those of the old that it keeps: its
 * sources will all be the host's.
 */
static unsigned room_for(const struct gm_group *g, struct ip host, const struct gm_record *r,
			 uint8_t keep)
{
	const struct gm_groups *t = g->table;
	const struct gm_group_settings *set = &t->settings;
	const struct gm_reporter *reporter = gm_reporter_find(&t->hosts, host);
	struct gm_walk w = gm_walk_begin(g->source, g->nsources, r->source, r->nsources);
	unsigned kept = 0, mine = reporter ? reporter->nsources : 0, room, more;

	while (gm_walk_next(&w))
		kept += w.old && (w.part & keep);
	room = left(set->max_sources, kept);
	more = left(set->max_sources_all, t->nsources - g->nsources + kept);
	room = more < room ? more : room;
	if (reporter && reporter == g->reporter)
		mine -= g->nsources;
	more = left(set->max_host_sources, mine + kept);
	return more < room ? more : room;
}

/* Does what the row of the table says, to sources first, as they may need the old group timer. */
static void apply(struct gm_group *g, struct ip host, const struct gm_record *r,
		  const struct gm_step *step)
{
	struct gm_groups *t = g->table;
	int64_t until = now_of(g) + gm_membership_interval(&t->settings);
	unsigned room = room_for(g, host, r, step->x | step->y), n = 0;
	struct gm_walk w = gm_walk_begin(g->source, g->nsources, r->source, r->nsources);

	t->merged = gm_grown(t->merged, &t->merged_size, g->nsources + r->nsources,
			     sizeof(*t->merged));
	while (gm_walk_next(&w)) {
		struct gm_source *s = &t->merged[n];

		if (!(w.part & (step->x | step->y)))
			continue;
		if (!w.old && !room) {
			t->counters.sources_refused++;
			continue;
		}
		room -= !w.old;
		*s = w.old ? *w.old : (struct gm_source){ .ip = w.ip };
		if (w.part & step->gmi)
			s->due = until;
		if (w.part & step->group_timer)
			s->due = g->due;
		if (w.part & step->query && t->querier)
			ask_source(g, s, host);
		n++;
	}
	gm_group_set_sources(g, t->merged, n);
	g->mode = step->mode;
	if (step->restart) {
		g->due = until;
		g->is_asked = false;
	}
	if (step->query_group && t->querier)
		ask_group(g);
	gm_group_mark(g);
}

/* Before apply(), which asks what is known of others. */
static void track(struct gm_group *g, struct ip host, const struct gm_record *r)
{
	struct gm_groups *t = g->table;
	int64_t now = now_of(g), until = now + gm_membership_interval(&t->settings);
	unsigned max = t->settings.max_tracked, before;

	if (!t->settings.track) {
		gm_group_untrack(g);
		return;
	}
	if (!g->track) {
		g->track = xcalloc(1, sizeof(*g->track));
		g->track->blind = is_silent(g) ? now : until;
	}
	before = g->track->n;
	t->counters.hosts_refused += gm_track_record(g->track, host, r, now, until,
						     max > t->ntracked ? max - t->ntracked : 0);
	t->ntracked += g->track->n - before;
}

/* Whether something comes of the row where there was nothing: INCLUDE of no source. */
static bool makes_state(const struct gm_step *step, const struct gm_record *r)
{
	return step->mode == FILTER_EXCLUDE ||
	       (r->nsources && step->x & gm_part(false, false, true));
}

/* Whether the record is of a host that wants something, not of one that only leaves. */
static bool is_wish(const struct gm_record *r)
{
	return r->type != BLOCK_OLD_SOURCES && (r->nsources || r->type != CHANGE_TO_INCLUDE_MODE);
}

/* Whether there may be one more group, and if it is the host's. */
static bool has_room(struct gm_groups *t, struct ip host)
{
	const struct gm_reporter *of = gm_reporter_find(&t->hosts, host);

	if (t->ngroups >= t->settings.max_groups)
		t->counters.groups_refused++;
	else if ((of ? of->ngroups : 0) >= t->settings.max_host_groups)
		t->counters.shares_refused++;
	else
		return true;
	return false;
}

/*
 * What the tables say of the record; the group, NULL if it is none. @as is the host as far as hosts
 * can be told apart.
 */
static struct gm_group *act(struct gm_groups *t, struct gm_group *g, struct ip host, struct ip as,
			    const struct gm_record *r)
{
	struct gm_step step = gm_step_of(g ? g->mode : FILTER_INCLUDE, r->type);

	if (!g && !makes_state(&step, r))
		return NULL;
	if (!g && !has_room(t, host))
		return NULL;
	if (!g)
		g = gm_group_new(t, r->group);
	track(g, as, r);
	apply(g, as, r, &step);
	if (is_wish(r))
		g->reporter = gm_reporter_move(&t->hosts, g->reporter, host, g->nsources);
	return g;
}

static struct gm_group *find_now(struct gm_groups *t, struct ip ip)
{
	struct gm_group *g = gm_group_get(t, ip);

	if (g)
		gm_group_expire(g);
	return g;
}

bool gm_groups_is_ssm(const struct gm_groups *t, struct ip group)
{
	const struct gm_group_settings *set = &t->settings;

	for (unsigned i = 0; i < set->nssm; i++) {
		if (prefix_has(&set->ssm[i], group))
			return true;
	}
	return !set->nssm && ip_is_ssm(group);
}

/*
 * RFC 3376 7.3.2, RFC 3810 8.3.2: while there are hosts of older versions, those of v3 are heard
 * as if they were like them.
 */
static void record(struct gm_groups *t, struct ip host, struct gm_record r)
{
	struct gm_group *g = find_now(t, r.group);
	unsigned version = g ? gm_group_version(g) : 3;

	switch (r.type) {
	case MODE_IS_EXCLUDE:
	case CHANGE_TO_EXCLUDE_MODE:
		if (gm_groups_is_ssm(t, r.group)) {
			t->counters.ssm_ignored++;
			return;
		}
		if (version < 3 && r.type == CHANGE_TO_EXCLUDE_MODE)
			r.nsources = 0;
		break;
	case CHANGE_TO_INCLUDE_MODE:
	case BLOCK_OLD_SOURCES:
		if (version < (r.type == BLOCK_OLD_SOURCES ? 3 : 2)) {
			t->counters.compat_ignored++;
			return;
		}
		break;
	case MODE_IS_INCLUDE:
	case ALLOW_NEW_SOURCES:
		break;
	}
	act(t, g, host, host, &r);
}

/*
 * RFC 3376 7.3.2, RFC 3810 8.3.2: IS_EX ({}). Such hosts keep silent when they hear one another, so
 * that they cannot be told apart unless a switch keeps them from it.
 */
static void old_report(struct gm_groups *t, struct ip host, struct ip group, unsigned version)
{
	struct gm_record r = { .type = MODE_IS_EXCLUDE, .group = group };
	struct ip as = t->settings.track_old ? host : ip_any(ip_family(group));
	struct gm_group *g = act(t, find_now(t, group), host, as, &r);

	if (!g)
		return;
	*(version == 1 ? &g->host1 : &g->host2) = now_of(g) + gm_older_host_interval(&t->settings);
}

/* The same: TO_IN ({}), which is nothing to who is not querier (RFC 2236 3, RFC 2710 4). */
static void leave(struct gm_groups *t, struct ip host, struct ip group)
{
	record(t, host, (struct gm_record){ CHANGE_TO_INCLUDE_MODE, group, NULL, 0 });
}

void gm_groups_report(struct gm_groups *t, struct ip host, const struct gm_message *m)
{
	if (m->version < t->settings.oldest_host) {
		t->counters.old_ignored++;
		return;
	}
	if (m->type != GM_REPORT_V3 && gm_groups_is_ssm(t, m->group)) {
		t->counters.ssm_ignored++;
		return;
	}
	switch (m->type) {
	case GM_QUERY:
		break;
	case GM_REPORT:
		old_report(t, host, m->group, m->version);
		break;
	case GM_LEAVE:
		leave(t, host, m->group);
		break;
	case GM_REPORT_V3:
		for (unsigned i = 0; i < m->nrecords; i++)
			record(t, host, m->record[i]);
		break;
	}
}

/*
 * RFC 3376 6.6.1, RFC 3810 7.6.1. LMQT is the sender's, as far as it says: of a query that asks
 * for an answer at once, as no querier should, nobody's timer runs out.
 */
void gm_groups_query(struct gm_groups *t, const struct gm_message *q)
{
	struct gm_group_settings theirs = t->settings;
	struct gm_group *g = q->suppress ? NULL : find_now(t, q->group);
	struct gm_walk w;
	int64_t until;

	if (!g)
		return;
	if (q->robustness)
		theirs.last_member_count = q->robustness;
	if (q->max_response)
		theirs.last_member_interval = q->max_response;
	until = now_of(g) + gm_last_member_time(&theirs);
	if (!q->nsources)
		lower(&g->due, until);
	w = gm_walk_begin(g->source, g->nsources, q->source, q->nsources);
	while (gm_walk_next(&w)) {
		if (w.part == gm_part(true, false, true))
			lower(&w.old->due, until);
	}
	gm_group_mark(g);
}
