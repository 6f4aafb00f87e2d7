/* proxy.c - the engine of IGMP and MLD proxies (RFC 4605)
 *
 * What listeners want is known to the engine of IGMP and MLD, and what was said of it upstream to
 * the host sides there: nothing of groups is kept here. Of each group that was marked, and of all
 * those of an upstream interface when its rules or neighbors are other ones, settle() asks for the
 * former, and sets the latter. Routes are made of upcalls, proxy_route.c.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "proxy.h"
#include "proxy_engine.h"

static int mark_cmp(const struct mark *a, const struct mark *b)
{
	int c = ip_cmp(a->group, b->group);

	return c ? c : a->proxy - b->proxy;
}

TREE_GENERATE(mark_tree, mark, order, mark_cmp)

static void mark_free(struct proxies *s, struct mark *m)
{
	TREE_REMOVE(mark_tree, &s->marks, m);
	free(m);
}

void proxies_unmark(struct proxies *s)
{
	struct mark *m;

	while ((m = TREE_ANY(mark_tree, &s->marks)))
		mark_free(s, m);
}

void proxies_drop(struct proxies *s, unsigned slot)
{
	struct upstream *u = s->upstream[slot];

	s->sent += u->sent;
	s->failed += u->failed;
	s->dropped += upstream_dropped(u);
	upstream_free(u);
	s->upstream[slot] = NULL;
}

static void proxy_member(struct engine *e, unsigned slot, const struct membership *membership)
{
	struct proxies *s = proxies_of(e);
	struct mark *m;

	if (s->proxy_of[slot] == NOPROXY || ip_is_local_group(membership->group))
		return;
	m = xcalloc(1, sizeof(*m));
	m->group = membership->group;
	m->proxy = s->proxy_of[slot];
	if (TREE_INSERT(mark_tree, &s->marks, m))
		free(m);
}

/* RFC 4605 4.2: what is forwarded there is another thing now. */
static void proxy_querier(struct engine *e, unsigned slot, bool on)
{
	(void)slot;
	(void)on;
	e->host->op->recall(e, (struct prefix){ .ip = ip_any(e->af) });
}

/*
 * RFC 4605 4.1: what all the proxy's listeners together want of the group. That nobody wants all of
 * a source-specific one (RFC 4604 2.2.2) is seen to by who says what they want.
 */
static struct membership merge_listeners(struct proxies *s, const struct proxy *p, struct ip group)
{
	struct engine *e = &s->engine;

	merge_begin(&s->merged);
	ifset_foreach(slot, p->downstreams) {
		struct membership m;

		if (proxy_is_local(p->rule, group))
			break;
		e->host->op->membership(e, slot, group, &m);
		merge_add(&s->merged, &m);
	}
	return (struct membership){ group, s->merged.mode, s->merged.source, s->merged.nsources };
}

/* The group is asked for upstream as its listeners want it now. */
static void derive(struct proxies *s, const struct proxy *p, struct ip group)
{
	struct membership whole = merge_listeners(s, p, group), share;

	if (whole.nsources > s->space_size) {
		s->space_size = whole.nsources;
		s->space = xrealloc(s->space, s->space_size * sizeof(*s->space));
	}
	ifset_foreach(slot, p->upstreams) {
		ways_share(&p->ways, &whole, slot, s->space, &share);
		upstream_set(s->upstream[slot], &share);
	}
}

/* Groups that were marked, and the routes of their sources that are known already. */
static void work_marks(struct proxies *s, unsigned budget)
{
	struct engine *e = &s->engine;
	struct mark *m;

	while (budget-- && (m = TREE_MIN(mark_tree, &s->marks))) {
		derive(s, &s->proxy[m->proxy], m->group);
		e->host->op->recall(e, (struct prefix){ m->group, af_bits(e->af) });
		mark_free(s, m);
	}
}

/* Groups of upstream interfaces, one after the other. */
static void work_walk(struct proxies *s, unsigned budget)
{
	while (budget && !ifset_empty(s->walk)) {
		unsigned slot = ifset_first(s->walk);
		struct upstream *u = s->upstream[slot];
		const struct proxy *p = proxy_at(s, slot);
		struct membership m;

		if (u && p && gm_host_next(&u->host, s->walk_after, &m)) {
			s->walk_after = m.group;
			derive(s, p, m.group);
			budget--;
		} else {
			s->walk = ifset_without(s->walk, slot);
			s->walk_after = (struct ip){ { 0 } };
		}
	}
}

/* Reports what changed; an interface that is wanted no more goes when that was said. */
static bool work_upstreams(struct proxies *s, unsigned budget)
{
	bool more = false;

	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		struct upstream *u = s->upstream[slot];

		if (!u)
			continue;
		more |= upstream_settle(u, budget);
		if (u->leaving && gm_host_is_idle(&u->host))
			proxies_drop(s, slot);
	}
	return more;
}

static bool proxy_settle(struct engine *e, unsigned budget)
{
	struct proxies *s = proxies_of(e);
	bool more = true, marked;

	if (!budget)
		return true;
	if (s->incoming || s->changed)
		proxies_resolve(s);
	marked = !TREE_EMPTY(&s->marks);
	work_marks(s, budget);
	work_walk(s, budget);
	/* what the kernel is to forward comes before what is said of it, but every other time */
	s->held_back = marked && !s->held_back;
	if (!s->held_back)
		more = work_upstreams(s, budget);
	return more || !TREE_EMPTY(&s->marks) || !ifset_empty(s->walk);
}

static void proxy_iface(struct engine *e, unsigned slot, const struct iface *iface)
{
	struct proxies *s = proxies_of(e);

	if (s->upstream[slot])
		upstream_iface(s->upstream[slot], iface);
	s->changed = true;
}

static void proxy_packet(struct engine *e, const struct packet *packet)
{
	struct proxies *s = proxies_of(e);
	struct upstream *u = s->upstream[packet->slot];

	if (u)
		upstream_packet(u, packet, &s->arena);
}

static void proxy_configure(struct engine *e, void *conf, bool keep)
{
	struct proxies *s = proxies_of(e);

	(void)keep;
	if (s->incoming)
		proxy_conf_free(s->incoming);
	s->incoming = proxy_set_ref(conf);
}

static struct ifset proxy_slots(struct engine *e)
{
	struct proxies *s = proxies_of(e);
	struct ifset set = s->set->slots;

	if (s->incoming)
		set = ifset_or(set, s->incoming->slots);
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (s->upstream[slot])
			set = ifset_with(set, slot);
	}
	return set;
}

/* By the configuration that is to be in force, which may not have been looked at. */
static bool proxy_is_idle(struct engine *e)
{
	const struct proxies *s = proxies_of(e);
	const struct proxy_set *set = s->incoming ? s->incoming : s->set;
	const struct proxy_rule *rule;

	TAILQ_FOREACH(rule, &set->rules, link) {
		if (!rule->off[e->af])
			return false;
	}
	return true;
}

static struct engine *proxy_create(void)
{
	struct proxies *s = xcalloc(1, sizeof(*s));

	s->set = proxy_conf_new();
	s->arena = arena_init(GM_ARENA);
	memset(s->proxy_of, NOPROXY, sizeof(s->proxy_of));
	TREE_INIT(mark_tree, &s->marks);
	return &s->engine;
}

/* What is joined is left, so that routers do not go on sending. */
static void proxy_stop(struct engine *e)
{
	struct proxies *s = proxies_of(e);

	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		struct upstream *u = s->upstream[slot];

		if (!u || u->kernel || !upstream_lives(u))
			continue;
		upstream_leave(u);
		while (upstream_settle(u, UINT_MAX))
			;
	}
}

static void proxy_destroy(struct engine *e)
{
	struct proxies *s = proxies_of(e);

	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (s->upstream[slot])
			upstream_free(s->upstream[slot]);
	}
	proxies_unmark(s);
	proxies_free(s->proxy, s->nproxies);
	proxy_conf_free(s->set);
	if (s->incoming)
		proxy_conf_free(s->incoming);
	merge_free(&s->merged);
	arena_free(&s->arena);
	free(s->space);
	free(s);
}

static bool proxy_count(struct engine *e, unsigned i, struct count *count)
{
	const struct proxies *s = proxies_of(e);
	const char *family = af_name(e->af);
	struct count counts[] = {
		{ "proxy", family, "sent", "messages sent upstream", s->sent },
		{ "proxy", family, "failed", "messages that could not be sent upstream",
		  s->failed },
		{ "proxy", family, "dropped", "messages heard upstream that were not in order",
		  s->dropped },
		{ "proxy", family, "loops", "packets from upstream that came in downstream too",
		  s->loops },
	};

	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		const struct upstream *u = s->upstream[slot];

		if (!u)
			continue;
		counts[0].value += u->sent;
		counts[1].value += u->failed;
		counts[2].value += upstream_dropped(u);
	}
	if (i < NELEMS(counts))
		*count = counts[i];
	return i < NELEMS(counts);
}

static const struct event_kind proxy_events[] = {
	{ "upstream", "proxy", "an upstream interface can be spoken on, or why not" },
	{ 0 },
};

static const struct command proxy_commands[] = {
	{ "show proxy", "[groups]",
	  "proxies and their upstream interfaces, or what is reported there", false, NULL,
	  proxy_show },
	{ "show config", "", NULL, false, NULL, proxy_show_config },
	{ 0 },
};

const struct module proxy_module = {
	.name = "proxy",
	.statements = proxy_statements,
	.commands = proxy_commands,
	.events = proxy_events,
	.phyint = proxy_keywords,
	.conf_new = proxy_conf_new,
	.conf_free = proxy_conf_free,
	.check = proxy_check,
	.serves = proxy_serves,
	.create = proxy_create,
	.stop = proxy_stop,
	.destroy = proxy_destroy,
	.configure = proxy_configure,
	.iface = proxy_iface,
	.packet = proxy_packet,
	.upcall = proxy_upcall,
	.member = proxy_member,
	.querier = proxy_querier,
	.is_idle = proxy_is_idle,
	.count = proxy_count,
	.settle = proxy_settle,
	.slots = proxy_slots,
};
