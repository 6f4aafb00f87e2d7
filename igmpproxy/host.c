/* host.c - the host side of IGMP and MLD: what is wanted, told at once and when asked
 *
 * A group's filter is what is wanted; its change, while there is one, what is still to be said of
 * it (host_change.c). Changes said at once go round again through slots of time, so that those of
 * many groups go out together. Answers to queries are host_query.c's.
 */
#include <stdlib.h>

#include "host_group.h"
#include "wire.h"

unsigned gm_host_version(const struct gm_host *h)
{
	unsigned heard = timer_is_running(&h->v1) ? 1 : timer_is_running(&h->v2) ? 2 : 3;

	return heard < h->conf.version ? heard : h->conf.version;
}

uint8_t gm_host_robustness(const struct gm_host *h)
{
	return h->robustness ? h->robustness : h->conf.robustness;
}

/* The Unsolicited Report Interval: RFC 3376 8.11 and RFC 3810 9.11; RFC 2236 8.10, RFC 2710 7.10 */
static int64_t unsolicited_interval(const struct gm_host *h)
{
	return gm_host_version(h) == 3 ? SEC(1) : SEC(10);
}

/* How long a slot is: what is put into one is never so late that it meets the next round's. */
static int64_t slot_width(const struct gm_host *h)
{
	return unsolicited_interval(h) / (GM_HOST_SLOTS - 2) + 1;
}

/* The timer runs to the next slot in use. */
static void slots_arm(struct gm_host *h)
{
	int64_t width = slot_width(h), tick = h->clock->now / width;
	unsigned first = tick % GM_HOST_SLOTS;
	uint64_t busy = h->busy >> first;

	if (!h->busy) {
		timer_stop(h->clock, &h->again);
		return;
	}
	if (first)
		busy |= h->busy << (GM_HOST_SLOTS - first);
	tick += __builtin_ctzll(busy);
	timer_start(h->clock, &h->again, tick * width - h->clock->now);
}

/* A slot at random in (0, Unsolicited Report Interval]. */
static unsigned slot_choose(const struct gm_host *h)
{
	int64_t width = slot_width(h);
	int64_t delay = rng_jitter(h->rng, 1, unsolicited_interval(h) - width);

	return ((h->clock->now + delay) / width + 1) % GM_HOST_SLOTS;
}

static void slot_add(struct gm_host *h, struct change *c, unsigned slot)
{
	c->slot = slot;
	TAILQ_INSERT_TAIL(&h->slot[slot], c, link);
	h->busy |= UINT64_C(1) << slot;
}

static void slot_remove(struct gm_host *h, struct change *c)
{
	TAILQ_REMOVE(&h->slot[c->slot], c, link);
	if (TAILQ_EMPTY(&h->slot[c->slot]))
		h->busy &= ~(UINT64_C(1) << c->slot);
}

struct host_group *host_group_find(const struct gm_host *h, struct ip ip)
{
	struct host_group key = { .ip = ip };

	return TREE_FIND(host_groups, &h->groups, &key);
}

struct host_group *host_group_from(const struct gm_host *h, struct ip ip, bool behind)
{
	struct host_group key = { .ip = ip };
	struct host_group *g = TREE_NFIND(host_groups, &h->groups, &key);

	return g && behind && ip_eq(g->ip, ip) ? TREE_NEXT(host_groups, g) : g;
}

static struct host_group *group_add(struct gm_host *h, struct ip ip)
{
	struct host_group *g = xcalloc(1, sizeof(*g));

	g->ip = ip;
	TREE_INSERT(host_groups, &h->groups, g);
	h->ngroups++;
	return g;
}

static void group_free(struct gm_host *h, struct host_group *g)
{
	host_answer_stop(h, g);
	filter_free(&g->filter);
	TREE_REMOVE(host_groups, &h->groups, g);
	h->ngroups--;
	free(g);
}

/* The change leaves wherever it waits. */
static void change_unlink(struct gm_host *h, struct change *c)
{
	if (c->fresh)
		TAILQ_REMOVE(&h->changed, c, link);
	else
		slot_remove(h, c);
}

/* Nothing remains to be said of the group, which goes if nobody wants it. */
static void change_end(struct gm_host *h, struct change *c)
{
	struct host_group *g = c->group;

	change_drop(c);
	filter_free(&c->told);
	free(c);
	g->change = NULL;
	h->nchanges--;
	if (filter_is_none(&g->filter))
		group_free(h, g);
}

/* The filter is about to become another: what it was is kept until that is settled. */
static void change_mark(struct gm_host *h, struct host_group *g)
{
	struct change *c = g->change;

	if (c && c->fresh) {
		filter_free(&g->filter);
		return;
	}
	if (c) {
		slot_remove(h, c);
	} else {
		c = g->change = xcalloc(1, sizeof(*c));
		c->group = g;
		h->nchanges++;
	}
	c->fresh = true;
	c->told = g->filter;
	g->filter = (struct filter){ 0 };
	TAILQ_INSERT_TAIL(&h->changed, c, link);
}

/* Members are counted, and how large a report of all of them would be. */
static void count(struct gm_host *h, const struct filter *f, int sign)
{
	if (filter_is_none(f))
		return;
	h->nmembers += sign;
	h->bytes += sign * report_record_size(h->af, f->nsources);
}

/* Takes @f over. */
static void group_set(struct gm_host *h, struct host_group *g, struct filter f)
{
	count(h, &g->filter, -1);
	change_mark(h, g);
	g->filter = f;
	count(h, &g->filter, 1);
}

/* The list is too long: all sources are heard then, where that can be asked for. */
static void shorten(struct gm_host *h, struct ip group, struct filter *f)
{
	h->counts.shortened++;
	if (f->mode == FILTER_EXCLUDE || !ip_is_ssm(group)) {
		filter_free(f);
		f->mode = FILTER_EXCLUDE;
	} else {
		f->nsources = h->conf.max_sources;
	}
}

bool gm_host_set(struct gm_host *h, const struct membership *m)
{
	struct host_group *g = host_group_find(h, m->group);
	struct filter f;

	if (!wire_is_group(h->af, m->group))
		return true;
	f = filter_copy(m);
	if (h->conf.max_sources && f.nsources > h->conf.max_sources)
		shorten(h, m->group, &f);
	if (g ? filter_equal(&g->filter, &f) : filter_is_none(&f)) {
		filter_free(&f);
		return true;
	}
	if ((!g || filter_is_none(&g->filter)) && h->conf.max_groups &&
	    h->nmembers >= h->conf.max_groups) {
		h->counts.refused++;
		filter_free(&f);
		return false;
	}
	group_set(h, g ? g : group_add(h, m->group), f);
	return true;
}

void gm_host_leave(struct gm_host *h)
{
	struct host_group *g;

	TREE_FOREACH(g, host_groups, &h->groups) {
		if (!filter_is_none(&g->filter))
			group_set(h, g, (struct filter){ 0 });
	}
}

/*
 * RFC 2236 3, RFC 2710 4: older versions know that a group is wanted, and nothing of sources. A
 * change is a join, a leave, or nothing at all.
 */
static void say_membership(struct gm_host *h, struct host_group *g)
{
	struct change *c = g->change;
	bool was = !filter_is_none(&c->told), is = !filter_is_none(&g->filter);

	if (was == is)
		return;
	if (is) {
		c->mode_left = gm_host_robustness(h) - 1;
		host_say_report(h, g);
	} else {
		c->mode_left = 0;
		host_say_leave(h, g);
	}
}

/* RFC 3376 5.1, RFC 3810 6.1: says at once what became of the group since it was last told. */
static void say_change(struct gm_host *h, struct host_group *g, struct report *r)
{
	struct change *c = g->change;

	if (gm_host_version(h) < 3) {
		say_membership(h, g);
	} else if (!filter_equal(&c->told, &g->filter)) {
		change_merge(c, &g->filter, gm_host_robustness(h));
		change_put(c, g->ip, &g->filter, r);
	}
	filter_free(&c->told);
	c->fresh = false;
}

/* RFC 3376 5.1, RFC 3810 6.3 (4), RFC 2236 3: says it once more. */
static void say_again(struct gm_host *h, struct host_group *g, struct report *r)
{
	struct change *c = g->change;

	if (gm_host_version(h) < 3) {
		c->mode_left--;
		host_say_report(h, g);
	} else {
		change_put(c, g->ip, &g->filter, r);
	}
}

/*
 * The change waits for the next time, if there is one. Groups that were left wait too, but not in
 * greater number than members may be.
 */
static void change_next(struct gm_host *h, struct change *c, unsigned slot)
{
	bool left = filter_is_none(&c->group->filter);

	if (change_is_done(c) ||
	    (left && h->conf.max_groups && h->ngroups - h->nmembers > h->conf.max_groups))
		change_end(h, c);
	else
		slot_add(h, c, slot);
}

/* What is to be said of the group is said no more. */
static void group_silence(struct gm_host *h, struct host_group *g)
{
	change_unlink(h, g->change);
	change_end(h, g->change);
}

void host_group_hush(struct gm_host *h, struct host_group *g)
{
	if (g->change && g->change->fresh)
		change_drop(g->change);
	else if (g->change)
		group_silence(h, g);
}

/* The group is joined anew: all of its filter is a change. */
static void group_renew(struct gm_host *h, struct host_group *g)
{
	struct filter f = g->filter;

	g->filter = (struct filter){ 0 };
	change_mark(h, g);
	filter_free(&g->change->told);
	g->filter = f;
}

/* One more of all groups; who is left waits to say so, unless nobody on the link knows of it. */
static void renew_next(struct gm_host *h)
{
	struct host_group *g = host_group_from(h, h->renewed, true);
	bool stays;

	h->renews = g;
	if (!g)
		return;
	h->renewed = g->ip;
	stays = !filter_is_none(&g->filter) || (h->restarts && g->change->fresh);
	if (h->restarts) {
		host_answer_stop(h, g);
		g->last = true;
		host_group_hush(h, g);
	}
	if (stays)
		group_renew(h, g);
}

bool gm_host_settle(struct gm_host *h, unsigned budget)
{
	struct report r;
	struct change *c;
	unsigned slot;

	for (unsigned n = budget; n && h->renews; n--)
		renew_next(h);
	if (TAILQ_EMPTY(&h->changed))
		return h->renews;
	report_begin(&r, h);
	slot = slot_choose(h);
	while (budget-- && (c = TAILQ_FIRST(&h->changed))) {
		TAILQ_REMOVE(&h->changed, c, link);
		say_change(h, c->group, &r);
		change_next(h, c, slot);
	}
	report_end(&r);
	slots_arm(h);
	return h->renews || !TAILQ_EMPTY(&h->changed);
}

/* A slot's time has come. */
static void on_again(struct timer *t)
{
	struct gm_host *h = container_of(t, struct gm_host, again);
	unsigned slot = h->clock->now / slot_width(h) % GM_HOST_SLOTS, next = slot_choose(h);
	struct change_list due = TAILQ_HEAD_INITIALIZER(due);
	struct change *c;
	struct report r;

	TAILQ_CONCAT(&due, &h->slot[slot], link);
	h->busy &= ~(UINT64_C(1) << slot);
	report_begin(&r, h);
	while ((c = TAILQ_FIRST(&due))) {
		TAILQ_REMOVE(&due, c, link);
		say_again(h, c->group, &r);
		change_next(h, c, next);
	}
	report_end(&r);
	slots_arm(h);
}

bool gm_host_is_idle(const struct gm_host *h)
{
	return !h->nchanges && !h->renews;
}

/* RFC 3376 7.2.1, RFC 3810 8.2.1: what is pending is cancelled. What is fresh is not said yet. */
static void cancel_all(struct gm_host *h)
{
	struct host_group *g, *next;

	host_walk_stop(h);
	for (g = TREE_MIN(host_groups, &h->groups); g; g = next) {
		next = TREE_NEXT(host_groups, g);
		host_answer_stop(h, g);
		g->last = true;
		host_group_hush(h, g);
	}
	slots_arm(h);
}

void host_version_changed(struct gm_host *h)
{
	unsigned version = gm_host_version(h);

	if (version == h->version)
		return;
	h->version = version;
	cancel_all(h);
}

static void on_v1_gone(struct timer *t)
{
	host_version_changed(container_of(t, struct gm_host, v1));
}

static void on_v2_gone(struct timer *t)
{
	host_version_changed(container_of(t, struct gm_host, v2));
}

/* No querier was heard (RFC 3376 8.2, 8.3). */
static void querier_forget(struct gm_host *h)
{
	timer_stop(h->clock, &h->v1);
	timer_stop(h->clock, &h->v2);
	h->robustness = 0;
	h->interval = SEC(125);
	h->response = SEC(10);
}

void gm_host_init(struct gm_host *h, enum af af, const struct gm_host_conf *conf,
		  struct clock *clock, struct rng *rng,
		  void (*send)(struct gm_host *, const struct gm_message *))
{
	*h = (struct gm_host){ .clock = clock, .rng = rng, .af = af, .send = send, .conf = *conf };
	TREE_INIT(host_groups, &h->groups);
	TAILQ_INIT(&h->changed);
	for (unsigned i = 0; i < GM_HOST_SLOTS; i++)
		TAILQ_INIT(&h->slot[i]);
	timer_init(&h->again, on_again);
	timer_init(&h->v1, on_v1_gone);
	timer_init(&h->v2, on_v2_gone);
	host_walk_init(h);
	querier_forget(h);
	h->version = gm_host_version(h);
}

void gm_host_free(struct gm_host *h)
{
	struct host_group *g;

	querier_forget(h);
	cancel_all(h);
	while ((g = TREE_ANY(host_groups, &h->groups))) {
		filter_free(&g->filter);
		if (g->change)
			group_silence(h, g);
		else
			group_free(h, g);
	}
}

void gm_host_configure(struct gm_host *h, const struct gm_host_conf *conf)
{
	h->conf = *conf;
	host_version_changed(h);
}

void gm_host_renew_all(struct gm_host *h)
{
	h->restarts &= h->renews;
	h->renews = true;
	h->renewed = (struct ip){ { 0 } };
}

void gm_host_restart(struct gm_host *h)
{
	querier_forget(h);
	h->version = gm_host_version(h);
	host_walk_stop(h);
	gm_host_renew_all(h);
	h->restarts = true;
}

void gm_host_renew(struct gm_host *h, struct ip group)
{
	struct host_group *g = host_group_find(h, group);

	if (g && !filter_is_none(&g->filter))
		group_renew(h, g);
}

static void describe(const struct host_group *g, struct membership *m)
{
	*m = (struct membership){
		.group = g->ip,
		.mode = g->filter.mode,
		.source = g->filter.source,
		.nsources = g->filter.nsources,
	};
}

bool gm_host_find(const struct gm_host *h, struct ip group, struct membership *m)
{
	struct host_group *g = host_group_find(h, group);

	*m = (struct membership){ .group = group, .mode = FILTER_INCLUDE };
	if (!g || filter_is_none(&g->filter))
		return false;
	describe(g, m);
	return true;
}

bool gm_host_next(const struct gm_host *h, struct ip after, struct membership *m)
{
	struct host_group *g = host_group_from(h, after, true);

	while (g && filter_is_none(&g->filter))
		g = TREE_NEXT(host_groups, g);
	if (!g)
		return false;
	describe(g, m);
	return true;
}
