/* group.c - what the listeners of one interface want: groups, their timers and queries
 *
 * RFC 3376 6.2, 6.3, 6.5 and 6.6.3, RFC 3810 7.2, 7.3, 7.5 and 7.6.3.
 */
#include <stdlib.h>

#include "group_state.h"

static int group_cmp(const struct gm_group *a, const struct gm_group *b)
{
	return ip_cmp(a->ip, b->ip);
}

TREE_GENERATE(gm_group_tree, gm_group, node, group_cmp)

struct gm_group_settings gm_group_settings(void)
{
	return (struct gm_group_settings){
		.robustness = 2,
		.query_interval = SEC(125),
		.response_interval = SEC(10),
		.last_member_interval = SEC(1),
		.oldest_host = 1,
		.max_groups = 150000,
		.max_host_groups = 100000,
		.max_sources = 1000,
		.max_sources_all = 200000,
		.max_host_sources = 100000,
		.max_tracked = 100000,
	};
}

/* RFC 3376 8.4, RFC 3810 9.4, and their erratum 6725: the last answer may come that late. */
int64_t gm_membership_interval(const struct gm_group_settings *s)
{
	return s->robustness * s->query_interval + 2 * s->response_interval;
}

/* RFC 3376 8.13, RFC 3810 9.13 */
int64_t gm_older_host_interval(const struct gm_group_settings *s)
{
	return s->robustness * s->query_interval + s->response_interval;
}

/* RFC 3376 8.9, RFC 3810 9.9 */
unsigned gm_last_member_count(const struct gm_group_settings *s)
{
	return s->last_member_count ? s->last_member_count : s->robustness;
}

/* RFC 3376 8.10, RFC 3810 9.10 */
int64_t gm_last_member_time(const struct gm_group_settings *s)
{
	return gm_last_member_count(s) * s->last_member_interval;
}

void gm_group_mark(struct gm_group *g)
{
	if (g->is_marked)
		return;
	g->is_marked = true;
	TAILQ_INSERT_TAIL(&g->table->work, g, link);
}

static void fire(struct timer *timer)
{
	struct gm_group *g = container_of(timer, struct gm_group, timer);

	gm_group_mark(g);
	g->table->op->wake(g->table);
}

struct gm_group *gm_group_get(const struct gm_groups *t, struct ip ip)
{
	struct gm_group key = { .ip = ip };

	return TREE_FIND(gm_group_tree, &t->tree, &key);
}

static struct gm_group *group_after(const struct gm_groups *t, struct ip ip)
{
	struct gm_group key = { .ip = ip };
	struct gm_group *g = TREE_NFIND(gm_group_tree, &t->tree, &key);

	return g && ip_eq(g->ip, ip) ? TREE_NEXT(gm_group_tree, g) : g;
}

struct gm_group *gm_group_new(struct gm_groups *t, struct ip ip)
{
	struct gm_group *g = xcalloc(1, sizeof(*g));

	g->table = t;
	g->ip = ip;
	g->since = t->clock->now;
	g->mode = g->told_mode = FILTER_INCLUDE;
	g->query_at = CLOCK_NEVER;
	g->epoch = t->epoch;
	timer_init(&g->timer, fire);
	TREE_INSERT(gm_group_tree, &t->tree, g);
	t->ngroups++;
	gm_group_mark(g);
	return g;
}

void gm_group_set_sources(struct gm_group *g, const struct gm_source *source, unsigned n)
{
	g->table->nsources += n - g->nsources;
	if (g->reporter)
		g->reporter->nsources += n - g->nsources;
	if (n && source != g->source) {
		if (n != g->nsources)
			g->source = xrealloc(g->source, n * sizeof(*source));
		memcpy(g->source, source, n * sizeof(*source));
	} else if (n && n != g->nsources) {
		g->source = xrealloc(g->source, n * sizeof(*source));
	} else if (!n) {
		free(g->source);
		g->source = NULL;
	}
	g->nsources = n;
}

void gm_group_untrack(struct gm_group *g)
{
	if (!g->track)
		return;
	g->table->ntracked -= g->track->n;
	gm_track_free(g->track);
	free(g->track);
	g->track = NULL;
}

static void group_free(struct gm_group *g)
{
	struct gm_groups *t = g->table;

	if (g->is_marked)
		TAILQ_REMOVE(&t->work, g, link);
	TREE_REMOVE(gm_group_tree, &t->tree, g);
	t->ngroups--;
	timer_stop(t->clock, &g->timer);
	gm_group_set_sources(g, NULL, 0);
	gm_group_untrack(g);
	gm_reporter_drop(&t->hosts, g->reporter, g->nsources);
	free(g->told);
	free(g->fixed);
	free(g);
}

/* The only place that ends EXCLUDE. Whether there are EXCLUDE members is no question any more. */
static void to_include(struct gm_group *g)
{
	g->mode = FILTER_INCLUDE;
	g->due = 0;
	g->queries = 0;
}

static void forget(struct gm_group *g)
{
	struct gm_groups *t = g->table;

	to_include(g);
	gm_group_set_sources(g, NULL, 0);
	gm_group_untrack(g);
	g->host1 = g->host2 = 0;
	gm_reporter_drop(&t->hosts, g->reporter, g->nsources);
	g->reporter = NULL;
}

static void recheck(struct gm_group *g)
{
	const struct gm_groups *t = g->table;
	unsigned n = 0;

	if (g->mode == FILTER_EXCLUDE && t->permits(t, g->ip, NULL))
		return;
	if (g->mode == FILTER_EXCLUDE)
		to_include(g);
	for (unsigned i = 0; i < g->nsources; i++) {
		if (t->permits(t, g->ip, &g->source[i].ip))
			g->source[n++] = g->source[i];
	}
	if (n != g->nsources)
		gm_group_set_sources(g, g->source, n);
}

/* What the sweep does to the group, if it has not come to it yet. */
static void catch_up(struct gm_group *g)
{
	struct gm_groups *t = g->table;

	if (g->epoch == t->epoch)
		return;
	g->epoch = t->epoch;
	if (t->permits)
		recheck(g);
	else
		forget(g);
}

/* The next group; false if there is none. */
static bool sweep_next(struct gm_groups *t)
{
	struct gm_group *g = t->sweeps ? group_after(t, t->swept) : NULL;

	t->sweeps = g;
	if (!g)
		return false;
	t->swept = g->ip;
	catch_up(g);
	gm_group_mark(g);
	return true;
}

/* One that is under way is done with before. */
static void sweep(struct gm_groups *t, gm_permits *permits)
{
	while (sweep_next(t))
		;
	t->permits = permits;
	t->swept = (struct ip){ { 0 } };
	t->sweeps = true;
	t->epoch++;
}

void gm_groups_forget(struct gm_groups *t)
{
	sweep(t, NULL);
}

void gm_groups_recheck(struct gm_groups *t, gm_permits *permits)
{
	sweep(t, permits);
}

/* RFC 3376 6.2.3, 6.3 and 6.5, RFC 3810 7.2.3, 7.3 and 7.5 */
void gm_group_expire(struct gm_group *g)
{
	int64_t now = now_of(g);
	unsigned n = 0;

	catch_up(g);
	if (g->mode == FILTER_EXCLUDE && g->due <= now)
		to_include(g);
	for (unsigned i = 0; i < g->nsources; i++) {
		struct gm_source *s = &g->source[i];

		if (s->due <= now) {
			if (g->mode == FILTER_INCLUDE)
				continue;
			s->due = 0;
			s->queries = 0;
		}
		g->source[n++] = *s;
	}
	if (n != g->nsources)
		gm_group_set_sources(g, g->source, n);
}

/* RFC 3376 7.3.2, RFC 3810 8.3.2 */
unsigned gm_group_version(const struct gm_group *g)
{
	if (now_of(g) < g->host1)
		return 1;
	return now_of(g) < g->host2 ? 2 : 3;
}

struct ip gm_group_reporter(const struct gm_group *g)
{
	return g->reporter ? g->reporter->ip : ip_any(ip_family(g->ip));
}

void *gm_grown(void *space, unsigned *size, unsigned n, size_t each)
{
	if (n <= *size)
		return space;
	*size = n;
	return xrealloc(space, n * each);
}

void gm_groups_fix(struct gm_groups *t, const struct membership *m)
{
	unsigned n = m->nsources;
	bool any = n || m->mode == FILTER_EXCLUDE;
	struct gm_group *g = gm_group_get(t, m->group);

	if (!g && any)
		g = gm_group_new(t, m->group);
	if (!g)
		return;
	free(g->fixed);
	g->fixed = NULL;
	if (any) {
		g->fixed = xcalloc(1, sizeof(*g->fixed) + n * sizeof(struct ip));
		g->fixed->mode = m->mode;
		g->fixed->nsources = n;
	}
	if (n)
		memcpy(g->fixed->source, m->source, n * sizeof(struct ip));
	gm_group_mark(g);
}

/* The filter of all members (RFC 3376 6.3, RFC 3810 7.3); its sources are for the moment. */
static struct membership filter(struct gm_group *g)
{
	struct gm_groups *t = g->table;
	const struct gm_fixed *fixed = g->fixed;
	const struct ip *always = fixed ? fixed->source : NULL;
	unsigned nalways = fixed ? fixed->nsources : 0, n = 0;
	struct gm_walk w = gm_walk_begin(g->source, g->nsources, always, nalways);

	if (fixed && fixed->mode == FILTER_EXCLUDE)
		return (struct membership){ g->ip, FILTER_EXCLUDE, NULL, 0 };
	t->scratch = gm_grown(t->scratch, &t->scratch_size, g->nsources + nalways,
			      sizeof(*t->scratch));
	while (gm_walk_next(&w)) {
		if (g->mode == FILTER_INCLUDE || w.part == gm_part(false, true, false))
			t->scratch[n++] = w.ip;
	}
	return (struct membership){ g->ip, g->mode, t->scratch, n };
}

static void tell(struct gm_group *g)
{
	bool was_wanted = g->told_mode == FILTER_EXCLUDE || g->ntold;
	struct membership m = filter(g);
	size_t size = m.nsources * sizeof(struct ip);

	if (m.mode == g->told_mode && m.nsources == g->ntold &&
	    (!size || !memcmp(m.source, g->told, size)))
		return;
	free(g->told);
	g->told = size ? memcpy(xcalloc(1, size), m.source, size) : NULL;
	g->ntold = m.nsources;
	g->told_mode = m.mode;
	g->table->op->member(g->table, &m, was_wanted);
}

static void ask(struct gm_group *g, bool suppress, unsigned nsources)
{
	struct gm_groups *t = g->table;
	struct gm_message q = {
		.type = GM_QUERY,
		.version = 3,
		.group = g->ip,
		.max_response = t->settings.last_member_interval,
		.suppress = suppress,
		.robustness = t->settings.robustness,
		.interval = t->settings.query_interval,
		.source = t->scratch,
		.nsources = nsources,
	};

	t->op->query(t, &q);
}

/* One round for the sources whose timers run beyond @until, or for the others. */
static unsigned collect(struct gm_group *g, int64_t until, bool beyond)
{
	struct gm_groups *t = g->table;
	unsigned n = 0;

	t->scratch = gm_grown(t->scratch, &t->scratch_size, g->nsources, sizeof(*t->scratch));
	for (unsigned i = 0; i < g->nsources; i++) {
		struct gm_source *s = &g->source[i];

		if (!s->queries || (s->due > until) != beyond)
			continue;
		s->queries--;
		t->scratch[n++] = s->ip;
		if (s->queries)
			g->query_at = now_of(g) + t->settings.last_member_interval;
	}
	return n;
}

/*
 * RFC 3376 6.6.3, RFC 3810 7.6.3: a round of queries. Who is asked for the whole group need not be
 * asked for sources that nobody's timer runs out for.
 */
static void send_queries(struct gm_group *g)
{
	const struct gm_group_settings *set = settings_of(g);
	int64_t now = now_of(g), until = now + gm_last_member_time(set);
	unsigned n;

	if (g->query_at > now)
		return;
	g->query_at = CLOCK_NEVER;
	n = collect(g, until, true);
	if (n && !g->queries)
		ask(g, true, n);
	n = collect(g, until, false);
	if (n)
		ask(g, false, n);
	if (!g->queries)
		return;
	ask(g, g->due > until, 0);
	if (--g->queries)
		g->query_at = now + set->last_member_interval;
}

/* To the first of all deadlines. */
static void arm(struct gm_group *g)
{
	struct clock *clock = g->table->clock;
	int64_t next = g->query_at;

	if (g->mode == FILTER_EXCLUDE)
		lower(&next, g->due);
	for (unsigned i = 0; i < g->nsources; i++) {
		if (g->source[i].due)
			lower(&next, g->source[i].due);
	}
	if (next == CLOCK_NEVER)
		timer_stop(clock, &g->timer);
	else if (!timer_is_running(&g->timer) || g->timer.due != next)
		timer_start(clock, &g->timer, next - clock->now);
}

static void settle(struct gm_group *g)
{
	TAILQ_REMOVE(&g->table->work, g, link);
	g->is_marked = false;
	gm_group_expire(g);
	tell(g);
	send_queries(g);
	if (is_silent(g) && !g->fixed)
		group_free(g);
	else
		arm(g);
}

bool gm_groups_settle(struct gm_groups *t, unsigned budget)
{
	struct gm_group *g;

	for (unsigned n = budget; n && sweep_next(t); n--)
		;
	for (; budget && (g = TAILQ_FIRST(&t->work)); budget--)
		settle(g);
	return t->sweeps || !TAILQ_EMPTY(&t->work);
}

void gm_groups_init(struct gm_groups *t, struct clock *clock, const struct gm_group_ops *op)
{
	*t = (struct gm_groups){
		.op = op,
		.clock = clock,
		.settings = gm_group_settings(),
		.querier = true,
	};
	TREE_INIT(gm_group_tree, &t->tree);
	TAILQ_INIT(&t->work);
}

void gm_groups_free(struct gm_groups *t)
{
	struct gm_group *g;

	while ((g = TREE_ANY(gm_group_tree, &t->tree)))
		group_free(g);
	map_free(&t->hosts);
	free(t->merged);
	free(t->scratch);
}

const struct gm_group *gm_group_find(const struct gm_groups *t, struct ip ip)
{
	return gm_group_get(t, ip);
}

const struct gm_group *gm_group_after(const struct gm_groups *t, struct ip ip)
{
	return group_after(t, ip);
}
