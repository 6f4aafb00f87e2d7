/* proxy_show.c - tables of proxies, and of what they report */
#include <string.h>

#include "proxy_engine.h"

static void put_heading(struct show *s, const char *table, struct engines engines)
{
	struct record rec = record_begin(s->out);
	struct host *host = s->reader->host;
	unsigned width = 3;

	for (enum af af = V4; af <= V6; af++) {
		ifset_foreach(slot, proxies_of(engines.af[af])->listening) {
			unsigned len = strlen(host->op->ifname(host, slot));

			width = len > width ? len : width;
		}
	}
	record_str(&rec, "table", table);
	record_u64(&rec, "width", width);
	record_end(&rec);
}

static void put_slots(struct record *rec, struct host *host, const char *key, struct ifset slots)
{
	record_list(rec, key);
	ifset_foreach(slot, slots)
		record_item(rec, host->op->ifname(host, slot));
	record_list_end(rec);
}

/* The best place that the interface has among the proxy's. */
static unsigned place_of(const struct proxy *p, unsigned slot)
{
	for (unsigned i = 0; i < p->ways.n; i++) {
		if (p->ways.at[i].slot == slot)
			return i + 1;
	}
	return 0;
}

static void put_drops(struct record *rec, const struct upstream *u)
{
	record_u64(rec, "dropped", upstream_dropped(u));
	for (unsigned i = GM_GOOD + 1; i < GM_NBAD; i++) {
		if (u->bad[i])
			record_u64(rec, gm_bad_name(i), u->bad[i]);
	}
}

/* What the host side says; where the kernel is the host, it says so itself. */
static void put_host(struct record *rec, const struct upstream *u)
{
	const struct engine *e = u->engine;
	bool heard = !ip_is_any(u->querier);

	record_u64(rec, "version", gm_host_version(&u->host) - (e->af == V6));
	record_str(rec, "querier", heard ? ip_str(u->querier) : NULL);
	if (heard)
		record_int(rec, "heard", e->host->clock->now - u->heard);
	record_u64(rec, "sent", u->sent);
	record_u64(rec, "failed", u->failed);
	record_u64(rec, "queries", u->host.counts.queries);
	record_u64(rec, "suppressed", u->host.counts.suppressed);
	put_drops(rec, u);
}

static void put_upstream(struct show *s, const struct proxy *p, const struct upstream *u)
{
	struct host *host = u->engine->host;
	struct record rec = record_begin(s->out);

	record_str(&rec, "proxy", p->rule->name);
	record_str(&rec, "upstream", host->op->ifname(host, u->slot));
	record_str(&rec, "family", af_name(u->engine->af));
	record_str(&rec, "state", upstream_state_name(u->state));
	record_u64(&rec, "place", place_of(p, u->slot));
	record_str(&rec, "source", upstream_lives(u) ? ip_str(u->src) : NULL);
	put_slots(&rec, host, "downstream", p->downstreams);
	record_u64(&rec, "groups", u->host.nmembers);
	record_str(&rec, "host", u->kernel ? "kernel" : "proxy");
	if (!u->kernel)
		put_host(&rec, u);
	record_end(&rec);
}

/* A pattern takes in no interface yet. */
static void put_waiting(struct show *s, const struct proxies *ps, const struct proxy *p)
{
	struct host *host = ps->engine.host;
	const struct upstream_rule *u = TAILQ_FIRST(&p->rule->upstreams);
	struct record rec = record_begin(s->out);

	record_str(&rec, "proxy", p->rule->name);
	record_str(&rec, "upstream", host->op->ifname(host, u->slot));
	record_str(&rec, "family", af_name(ps->engine.af));
	record_str(&rec, "state", upstream_state_name(UPSTREAM_ABSENT));
	put_slots(&rec, host, "downstream", p->downstreams);
	record_end(&rec);
}

static void put_proxy(struct show *s, const struct proxies *ps, const struct proxy *p)
{
	if (ifset_empty(p->upstreams))
		put_waiting(s, ps, p);
	for (unsigned i = 0; i < p->ways.n; i++) {
		unsigned slot = p->ways.at[i].slot;

		if (place_of(p, slot) == i + 1)
			put_upstream(s, p, ps->upstream[slot]);
	}
}

/* What is behind the proxies' names may be another configuration at the next call. */
static bool show_proxies(struct show *s, struct engines engines)
{
	unsigned at = s->after[1] << 8 | s->after[2];

	if (!s->stage) {
		put_heading(s, "proxy", engines);
		s->stage = 1;
	}
	for (; s->after[0] < NFAMILIES; s->after[0]++, at = 0) {
		const struct proxies *ps = proxies_of(engines.af[s->after[0]]);

		for (; at < ps->nproxies && s->budget; s->budget--)
			put_proxy(s, ps, &ps->proxy[at++]);
		if (at < ps->nproxies)
			break;
	}
	s->after[1] = at >> 8;
	s->after[2] = at;
	return s->after[0] < NFAMILIES;
}

/* Where a table of groups goes on: behind that group of the slot. */
struct group_place {
	uint8_t af, slot;
	struct ip group;
};

_Static_assert(sizeof(struct group_place) <= SHOW_KEY, "a place fits into a table's key");

static void put_wanted_by(struct record *rec, const struct proxies *ps, const struct proxy *p,
			  struct ip group)
{
	struct engine *e = (struct engine *)&ps->engine;
	struct ifset set = ifset_none();

	ifset_foreach(slot, p->downstreams) {
		struct membership m;

		e->host->op->membership(e, slot, group, &m);
		if (m.mode == FILTER_EXCLUDE || m.nsources)
			set = ifset_with(set, slot);
	}
	put_slots(rec, e->host, "wanted", set);
}

/* Whether it is said there, and why not. */
static const char *reason_of(const struct upstream *u, struct ip group)
{
	struct engine *e = u->engine;

	if (u->kernel)
		return e->host->op->joined(e, u->slot, group);
	return upstream_lives(u) ? NULL : upstream_state_name(u->state);
}

static void put_group(struct show *s, const struct proxies *ps, const struct proxy *p,
		      const struct upstream *u, const struct membership *m)
{
	const char *reason = reason_of(u, m->group);
	struct record rec = record_begin(s->out);

	record_str(&rec, "group", ip_str(m->group));
	record_str(&rec, "mode", m->mode == FILTER_EXCLUDE ? "exclude" : "include");
	record_list(&rec, "sources");
	for (unsigned i = 0; i < m->nsources; i++)
		record_item(&rec, ip_str(m->source[i]));
	record_list_end(&rec);
	record_str(&rec, "upstream", ps->engine.host->op->ifname(ps->engine.host, u->slot));
	record_str(&rec, "state", reason ? "pending" : "reported");
	if (reason)
		record_str(&rec, "reason", reason);
	put_wanted_by(&rec, ps, p, m->group);
	record_end(&rec);
}

/* Groups of one interface; true if there are more than the budget. */
static bool put_groups(struct show *s, const struct proxies *ps, struct group_place *place)
{
	const struct upstream *u = ps->upstream[place->slot];
	const struct proxy *p = proxy_at(ps, place->slot);
	struct membership m;

	while (u && p && !u->leaving && gm_host_next(&u->host, place->group, &m)) {
		unsigned cost = 1 + m.nsources / 16;

		if (!s->budget)
			return true;
		s->budget -= cost < s->budget ? cost : s->budget;
		put_group(s, ps, p, u, &m);
		place->group = m.group;
	}
	return false;
}

static bool show_groups(struct show *s, struct engines engines)
{
	struct group_place place;
	bool more = false;

	if (!s->stage) {
		put_heading(s, "proxy_groups", engines);
		s->stage = 1;
	}
	memcpy(&place, s->after, sizeof(place));
	while (place.af < NFAMILIES && !more) {
		more = put_groups(s, proxies_of(engines.af[place.af]), &place);
		if (!more)
			place = (struct group_place){ place.af + (place.slot + 1) / MAXSLOTS,
						      (place.slot + 1) % MAXSLOTS,
						      .group = { { 0 } } };
	}
	memcpy(s->after, &place, sizeof(place));
	return more;
}

bool proxy_show(struct show *s, struct engines engines)
{
	const char *word = words_peek(&s->reader->words);

	if (word && !strcmp(word, "groups"))
		return show_groups(s, engines);
	return show_proxies(s, engines);
}

bool proxy_show_config(struct show *s, struct engines engines)
{
	const struct buf *text = &proxies_of(engines.af[V4])->set->text;
	size_t at;

	if (!s->stage) {
		struct record rec = record_begin(s->out);

		record_str(&rec, "table", "config");
		record_end(&rec);
		s->stage = 1;
	}
	memcpy(&at, s->after, sizeof(at));
	for (; at < buf_len(text) && s->budget; s->budget--) {
		const char *line = (const char *)buf_at(text) + at;
		struct record rec = record_begin(s->out);

		record_str(&rec, "line", line);
		record_end(&rec);
		at += strlen(line) + 1;
	}
	memcpy(s->after, &at, sizeof(at));
	return at < buf_len(text);
}
