/* host_query.c - queries that are heard, and the answers to them
 *
 * A general query is answered by a walk around all groups (RFC 3376 5.2 recommends to spread it):
 * the time there is is cut into as many parts as messages are needed, and each goes out at random
 * within its part. A query of one group has an answer of its own, with its own timer.
 */
#include <stdlib.h>

#include "host_group.h"

/* Sources of one group that queries asked for; of more, the whole group is reported. */
#define MAX_ASKED 1024

struct answer {
	struct timer timer;
	struct gm_host *host;	  /* not ours */
	struct host_group *group; /* not ours */
	struct filter asked;	  /* INCLUDE; of no source: the whole group */
};

static bool is_member(const struct host_group *g)
{
	return !filter_is_none(host_group_said(g));
}

static void send_old(struct gm_host *h, enum gm_type type, struct ip group)
{
	struct gm_message m = { .type = type, .version = gm_host_version(h), .group = group };

	h->counts.sent++;
	h->send(h, &m);
}

void host_say_report(struct gm_host *h, struct host_group *g)
{
	g->last = true;
	send_old(h, GM_REPORT, g->ip);
}

/* RFC 2236 6: not if another host reported last, and not to a router of version 1. */
void host_say_leave(struct gm_host *h, struct host_group *g)
{
	if (g->last && gm_host_version(h) == 2)
		send_old(h, GM_LEAVE, g->ip);
}

void host_answer_stop(struct gm_host *h, struct host_group *g)
{
	if (!g->answer)
		return;
	timer_stop(h->clock, &g->answer->timer);
	filter_free(&g->answer->asked);
	free(g->answer);
	g->answer = NULL;
}

/* RFC 3376 5.2 (1), RFC 3810 6.3 (1) and (2) */
static void say_state(struct host_group *g, struct report *r)
{
	const struct filter *f = host_group_said(g);

	report_put(r, f->mode == FILTER_INCLUDE ? MODE_IS_INCLUDE : MODE_IS_EXCLUDE, g->ip,
		   f->source, f->nsources);
	if (g->answer)
		filter_free(&g->answer->asked);
}

/* RFC 2236 6: a report goes out, and the group is idle but for repetitions. */
static void say_old(struct gm_host *h, struct host_group *g)
{
	host_answer_stop(h, g);
	g->round = h->walk.round;
	host_say_report(h, g);
}

static void walk_to(struct host_walk *w, struct ip at, bool visited)
{
	w->at = at;
	w->visited = visited;
}

/* The group that the walk comes to next; NULL: it has been around. */
static struct host_group *walk_peek(struct gm_host *h)
{
	struct host_walk *w = &h->walk;

	for (;;) {
		struct host_group *g = host_group_from(h, w->at, w->visited);

		if (!g && !w->wrapped) {
			w->wrapped = true;
			walk_to(w, (struct ip){ { 0 } }, false);
			continue;
		}
		if (!g || (w->wrapped && ip_cmp(g->ip, w->first) >= 0))
			return NULL;
		if (is_member(g))
			return g;
		walk_to(w, g->ip, true);
	}
}

/* Whether the walk will come to the group, and has something to say then. */
static bool walk_pending(const struct gm_host *h, const struct host_group *g)
{
	const struct host_walk *w = &h->walk;
	int order = ip_cmp(g->ip, w->at);
	bool ahead = w->visited ? order > 0 : order >= 0;
	bool before_first = ip_cmp(g->ip, w->first) < 0;

	if (!timer_is_running(&w->timer) || g->round == w->round)
		return false;
	return w->wrapped ? ahead && before_first : ahead || before_first;
}

/* When it will have, at the latest. */
static int64_t walk_until(const struct host_walk *w)
{
	return w->step + 1 == w->steps ? w->timer.due : w->end;
}

void host_walk_stop(struct gm_host *h)
{
	timer_stop(h->clock, &h->walk.timer);
}

/* The next message's time, at random in its part; never at once (RFC 3376 5.2). */
static void walk_schedule(struct gm_host *h)
{
	struct host_walk *w = &h->walk;
	int64_t span = w->end - w->begin;
	int64_t from = span * w->step / w->steps, to = span * (w->step + 1) / w->steps;

	timer_start(h->clock, &w->timer,
		    w->begin + rng_jitter(h->rng, from + 1, to) - h->clock->now);
}

/* One report, filled, or all that remain; true if there is more. */
static bool walk_report(struct gm_host *h, bool last)
{
	struct host_group *g;
	struct report r;

	report_begin(&r, h);
	while ((g = walk_peek(h))) {
		if (!last && r.nrecords && !report_fits(&r, host_group_said(g)->nsources))
			break;
		say_state(g, &r);
		walk_to(&h->walk, g->ip, true);
	}
	report_end(&r);
	return g;
}

/* The same for versions 1 and 2: the report of one group. */
static bool walk_old(struct gm_host *h, bool last)
{
	struct host_group *g;

	while ((g = walk_peek(h))) {
		if (g->round != h->walk.round)
			say_old(h, g);
		walk_to(&h->walk, g->ip, true);
		if (!last)
			break;
	}
	return g;
}

static void on_walk(struct timer *t)
{
	struct gm_host *h = container_of(t, struct gm_host, walk.timer);
	bool last = ++h->walk.step >= h->walk.steps;

	if (gm_host_version(h) == 3 ? walk_report(h, last) : walk_old(h, last))
		walk_schedule(h);
}

void host_walk_init(struct gm_host *h)
{
	timer_init(&h->walk.timer, on_walk);
}

/*
 * RFC 2236 3 wants each group's time at random: so is where the walk begins, and, of very many,
 * how much further than the last time.
 */
static struct host_group *walk_random(struct gm_host *h)
{
	unsigned skip = rng_below(h->rng, h->ngroups < 1000 ? h->ngroups : 1000);
	struct host_group *g = host_group_from(h, h->walk.first, false);

	while (skip--)
		g = g ? TREE_NEXT(host_groups, g) : TREE_MIN(host_groups, &h->groups);
	return g;
}

/*
 * RFC 3376 5.2 (1) and (2), RFC 3810 6.2: a general query. If an answer to an earlier one is on its
 * way, it goes on from where it is, all around; nothing that it was about to say is later for that.
 */
static void walk_start(struct gm_host *h, int64_t within)
{
	struct host_walk *w = &h->walk;
	struct host_group *g = timer_is_running(&w->timer) ? walk_peek(h) : NULL;
	int64_t end = h->clock->now + within, due = CLOCK_NEVER;
	bool old = gm_host_version(h) < 3;

	if (!h->nmembers)
		return;
	if (g) {
		int64_t span = (w->end - h->clock->now) * w->steps / (w->steps - w->step);

		due = w->timer.due;
		end = span < within ? h->clock->now + span : end;
	} else if (old) {
		g = walk_random(h);
	}
	w->first = g ? g->ip : (struct ip){ { 0 } };
	walk_to(w, w->first, false);
	w->wrapped = false;
	w->round++;
	w->step = 0;
	w->steps = old ? h->nmembers : (h->bytes - 1) / report_payload(h) + 1;
	w->begin = h->clock->now;
	w->end = end;
	walk_schedule(h);
	if (due < (w->steps > 1 ? w->end : w->timer.due))
		timer_start(h->clock, &w->timer, due - h->clock->now);
}

/* RFC 3376 5.2 (2) and (3), RFC 3810 6.3 (2) and (3) */
static void on_answer(struct timer *t)
{
	struct answer *a = container_of(t, struct answer, timer);
	struct gm_host *h = a->host;
	struct host_group *g = a->group;
	struct report r;

	if (is_member(g) && gm_host_version(h) < 3) {
		say_old(h, g);
		return;
	}
	if (is_member(g)) {
		unsigned n = filter_pick(host_group_said(g), a->asked.source, a->asked.nsources,
					 true);

		report_begin(&r, h);
		if (!a->asked.nsources)
			say_state(g, &r);
		else if (n)
			report_put(&r, MODE_IS_INCLUDE, g->ip, a->asked.source, n);
		report_end(&r);
	}
	host_answer_stop(h, g);
}

/* RFC 3376 5.2 (4) and (5): the sources asked for, or the whole group. */
static void answer_widen(struct answer *a, const struct gm_message *m)
{
	struct membership both = { .mode = FILTER_INCLUDE };
	struct ip *source;

	if (!m->nsources || !a->asked.nsources || a->asked.nsources + m->nsources > MAX_ASKED) {
		filter_free(&a->asked);
		return;
	}
	source = xcalloc(a->asked.nsources + m->nsources, sizeof(*source));
	memcpy(source, a->asked.source, a->asked.nsources * sizeof(*source));
	memcpy(source + a->asked.nsources, m->source, m->nsources * sizeof(*source));
	both.source = source;
	both.nsources = a->asked.nsources + m->nsources;
	filter_free(&a->asked);
	a->asked = filter_copy(&both);
	free(source);
}

/* RFC 3376 5.2 (3): the first query of the group. */
static void answer_add(struct gm_host *h, struct host_group *g, const struct gm_message *m)
{
	struct answer *a = g->answer = xcalloc(1, sizeof(*a));
	struct membership asked = { .source = m->source, .nsources = m->nsources };

	timer_init(&a->timer, on_answer);
	a->host = h;
	a->group = g;
	if (m->nsources <= MAX_ASKED)
		a->asked = filter_copy(&asked);
}

/*
 * RFC 3376 5.2, RFC 3810 6.2: a query of one group. RFC 2236 3 is the same, but that a timer that
 * runs is left alone if the query gives it more time.
 */
static void answer_start(struct gm_host *h, struct host_group *g, const struct gm_message *m,
			 int64_t within)
{
	int64_t delay = rng_jitter(h->rng, 1, within);
	bool old = gm_host_version(h) < 3;

	if (walk_pending(h, g) && walk_until(&h->walk) - h->clock->now <= (old ? within : delay))
		return;
	if (!g->answer) {
		answer_add(h, g, m);
	} else {
		int64_t left = timer_left(h->clock, &g->answer->timer);

		answer_widen(g->answer, m);
		if (left <= (old ? within : delay))
			delay = left;
	}
	timer_start(h->clock, &g->answer->timer, delay);
}

/* RFC 3376 7.2.1, 8.12, RFC 3810 8.2.1, 9.12: what the query says of its sender. */
static void querier_learn(struct gm_host *h, const struct gm_message *m, int64_t within)
{
	bool general = ip_is_any(m->group);

	if (general)
		h->response = within;
	if (m->version == 3) {
		h->robustness = m->robustness;
		h->interval = m->interval ? m->interval : SEC(125);
	} else if (general || h->af == V6 || m->version == 1) {
		timer_start(h->clock, m->version == 1 ? &h->v1 : &h->v2,
			    gm_host_robustness(h) * h->interval + h->response);
		host_version_changed(h);
	}
}

static void hear_query(struct gm_host *h, const struct gm_message *m)
{
	/* RFC 3376 7.2.1: version 1 says nothing, and means 10 s. */
	int64_t within = m->version == 1 ? SEC(10) : m->max_response;
	struct host_group *g;

	h->counts.queries++;
	querier_learn(h, m, within);
	if (ip_is_any(m->group)) {
		walk_start(h, within);
		return;
	}
	g = host_group_find(h, m->group);
	if (g && is_member(g))
		answer_start(h, g, m, within);
}

/*
 * RFC 2236 6, RFC 2710 5: another host reports what we were about to. Of a source-specific group
 * no report is suppressed (RFC 4604 2.2.1).
 */
static void hear_report(struct gm_host *h, const struct gm_message *m)
{
	struct host_group *g = host_group_find(h, m->group);

	if (gm_host_version(h) == 3 || !g || !is_member(g) || ip_is_ssm(m->group))
		return;
	if (!g->answer && !walk_pending(h, g) && !(g->change && g->change->mode_left))
		return;
	h->counts.suppressed++;
	host_answer_stop(h, g);
	g->round = h->walk.round;
	host_group_hush(h, g);
	g->last = false;
}

void gm_host_receive(struct gm_host *h, const struct gm_message *m)
{
	if (m->type == GM_QUERY)
		hear_query(h, m);
	else if (m->type == GM_REPORT)
		hear_report(h, m);
}
