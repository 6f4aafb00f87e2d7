/* proxy_resolve.c - which interfaces are whose, which of them live, and what follows
 *
 * Rules name interfaces, or patterns of them, which come and go. What differs from before decides
 * what is looked at again: groups that are reported on an upstream interface are walked through;
 * listeners whose groups may be reported nowhere are followed anew, so that they are told again.
 */
#include <stdlib.h>
#include <string.h>

#include "proxy_engine.h"

struct proxy_fields {
	bool forward;
};

const struct keyword proxy_keywords[] = {
	{ "proxy-forward", "", "a proxy forwards there also while another router is querier",
	  keyword_flag, offsetof(struct proxy_fields, forward), 0, 0 },
	{ 0 },
};

void proxies_free(struct proxy *proxy, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free(proxy[i].ways.at);
	free(proxy);
}

static bool is_pattern(struct host *host, unsigned slot)
{
	return ifname_is_pattern(host->op->ifname(host, slot));
}

/* Those of the names that are patterns, or those that are not. */
static struct ifset names(struct host *host, struct ifset slots, bool patterns)
{
	struct ifset set = ifset_none();

	ifset_foreach(slot, slots) {
		if (is_pattern(host, slot) == patterns)
			set = ifset_with(set, slot);
	}
	return set;
}

static struct ifset upstream_names(const struct proxy *p)
{
	const struct upstream_rule *u;
	struct ifset set = ifset_none();

	TAILQ_FOREACH(u, &p->rule->upstreams, link)
		set = ifset_with(set, u->slot);
	return set;
}

/* The interfaces become the proxy's, but those that serve another purpose already. */
static void claim(struct proxies *s, const struct proxy *p, struct ifset *mine, struct ifset slots)
{
	ifset_foreach(slot, slots) {
		if (s->proxy_of[slot] != NOPROXY)
			continue;
		s->proxy_of[slot] = p - s->proxy;
		*mine = ifset_with(*mine, slot);
	}
}

/* What is named as such goes before what a pattern takes in, and upstream before downstream. */
static void claim_all(struct proxies *s)
{
	struct host *host = s->engine.host;
	struct proxy *end = s->proxy + s->nproxies;

	memset(s->proxy_of, NOPROXY, sizeof(s->proxy_of));
	for (struct proxy *p = s->proxy; p < end; p++) {
		claim(s, p, &p->upstreams, names(host, upstream_names(p), false));
		claim(s, p, &p->downstreams, names(host, p->rule->downstreams, false));
	}
	for (struct proxy *p = s->proxy; p < end; p++)
		claim(s, p, &p->upstreams,
		      host->op->expand(host, names(host, upstream_names(p), true)));
	for (struct proxy *p = s->proxy; p < end; p++)
		claim(s, p, &p->downstreams,
		      host->op->expand(host, names(host, p->rule->downstreams, true)));
}

static void way_add(struct ways *w, const struct upstream_rule *u, unsigned slot, bool living)
{
	w->at = xrealloc(w->at, (w->n + 1) * sizeof(*w->at));
	w->at[w->n++] = (struct way){ &u->intake, slot, living };
}

/* The first by its name: slots are numbered by chance. */
static unsigned first_by_name(struct host *host, struct ifset slots)
{
	unsigned first = ifset_first(slots);

	ifset_foreach(slot, slots) {
		if (strcmp(host->op->ifname(host, slot), host->op->ifname(host, first)) < 0)
			first = slot;
	}
	return first;
}

static void make_ways(struct proxies *s, struct proxy *p)
{
	struct host *host = s->engine.host;
	struct ifset named = names(host, upstream_names(p), false);
	const struct upstream_rule *u;

	p->ways.all = p->rule->all;
	TAILQ_FOREACH(u, &p->rule->upstreams, link) {
		struct ifset slots = ifset_of(u->slot);

		if (is_pattern(host, u->slot))
			slots = ifset_minus(host->op->expand(host, slots), named);
		slots = ifset_and(slots, p->upstreams);
		while (!ifset_empty(slots)) {
			unsigned slot = first_by_name(host, slots);

			way_add(&p->ways, u, slot, ifset_has(p->living, slot));
			slots = ifset_without(slots, slot);
		}
	}
}

/* What is joined is left, and the interface is not used any more. */
static void retire(struct proxies *s, unsigned slot, bool at_once)
{
	struct upstream *u = s->upstream[slot];

	if (!u->leaving)
		upstream_leave(u);
	while (at_once && upstream_settle(u, 256))
		;
	if (!at_once && upstream_lives(u))
		return;
	proxies_drop(s, slot);
}

/* The upstream interface of the slot, as its proxy wants it; false if there is to be none. */
static bool renew(struct proxies *s, unsigned slot)
{
	const struct proxy *p = proxy_at(s, slot);
	bool wanted = p && ifset_has(p->upstreams, slot);

	if (s->upstream[slot])
		upstream_derive(s->upstream[slot]);
	if (s->upstream[slot] && !wanted)
		retire(s, slot, false);
	if (s->upstream[slot] && wanted && s->upstream[slot]->kernel != p->rule->kernel)
		retire(s, slot, true);
	if (wanted && !s->upstream[slot]) {
		s->upstream[slot] = upstream_new(&s->engine, slot, p->rule->kernel);
		upstream_derive(s->upstream[slot]);
	}
	if (wanted)
		s->upstream[slot]->leaving = false;
	return wanted;
}

static void renew_all(struct proxies *s)
{
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (renew(s, slot) && upstream_lives(s->upstream[slot])) {
			struct proxy *p = proxy_at(s, slot);

			p->living = ifset_with(p->living, slot);
		}
	}
}

static void find_forward(struct proxies *s, struct proxy *p)
{
	struct host *host = s->engine.host;

	ifset_foreach(slot, p->downstreams) {
		struct proxy_fields fields = { 0 };

		host->op->phyint(host, slot, proxy_keywords, &fields);
		if (fields.forward)
			p->forward = ifset_with(p->forward, slot);
	}
}

/* The proxies of the family, with the interfaces that there are. */
static void build(struct proxies *s)
{
	const struct proxy_rule *rule;
	unsigned n = 0;

	TAILQ_FOREACH(rule, &s->set->rules, link)
		n += !rule->off[s->engine.af];
	s->proxy = xcalloc(n, sizeof(*s->proxy));
	s->nproxies = 0;
	TAILQ_FOREACH(rule, &s->set->rules, link) {
		if (!rule->off[s->engine.af])
			s->proxy[s->nproxies++].rule = rule;
	}
	claim_all(s);
	renew_all(s);
	for (struct proxy *p = s->proxy; p < s->proxy + s->nproxies; p++) {
		make_ways(s, p);
		find_forward(s, p);
	}
}

/* Whether routes are other ones; what else is to be looked at is added to the sets. */
static bool compare(const struct proxy *before, const struct proxy *p, struct ifset *walk,
		    struct ifset *refollow)
{
	bool other = !ifset_eq(before->upstreams, p->upstreams);
	bool lost = !ifset_empty(ifset_minus(before->downstreams, p->downstreams));
	bool living = !ifset_eq(before->living, p->living);

	if (other)
		*refollow = ifset_or(*refollow, p->downstreams);
	/* where there is but one, it waits for itself */
	if (lost || (living && p->ways.n > 1))
		*walk = ifset_or(*walk, p->upstreams);
	return other || living || !ifset_eq(before->downstreams, p->downstreams) ||
	       !ifset_eq(before->forward, p->forward);
}

static void follow(struct proxies *s, struct ifset refollow)
{
	struct engine *e = &s->engine;
	struct ifset now = ifset_none();

	for (const struct proxy *p = s->proxy; p < s->proxy + s->nproxies; p++)
		now = ifset_or(now, p->downstreams);
	ifset_foreach(slot,
		      ifset_and(s->following, ifset_or(refollow, ifset_minus(s->following, now))))
		e->host->op->members(e, slot, false);
	ifset_foreach(slot, ifset_and(now, ifset_or(refollow, ifset_minus(now, s->following))))
		e->host->op->members(e, slot, true);
	s->following = now;
}

static void listen_on(struct proxies *s, enum listen_what what, struct ifset now, struct ifset *is)
{
	struct engine *e = &s->engine;

	ifset_foreach(slot, ifset_minus(now, *is))
		e->host->op->listen(e, slot, what, true);
	ifset_foreach(slot, ifset_minus(*is, now))
		e->host->op->listen(e, slot, what, false);
	*is = now;
}

/* Data everywhere; messages upstream alone, where we are a host. */
static void listen_all(struct proxies *s)
{
	struct ifset data = ifset_none(), messages = ifset_none();

	for (const struct proxy *p = s->proxy; p < s->proxy + s->nproxies; p++) {
		data = ifset_or(data, ifset_or(p->upstreams, p->downstreams));
		if (!p->rule->kernel)
			messages = ifset_or(messages, p->upstreams);
	}
	listen_on(s, LISTEN_DATA, data, &s->listening);
	listen_on(s, LISTEN_MEMBERS, messages, &s->hearing);
}

void proxies_resolve(struct proxies *s)
{
	struct engine *e = &s->engine;
	struct ifset walk = ifset_none(), refollow = ifset_none();
	struct proxy *before = s->proxy;
	struct proxy_set *former = s->set;
	unsigned nbefore = s->nproxies;
	bool renewed = s->incoming && !proxy_set_eq(s->incoming, s->set), rerouted = renewed;

	s->changed = false;
	if (s->incoming)
		s->set = s->incoming;
	build(s);
	if (renewed)
		proxies_unmark(s);
	for (unsigned i = 0; i < s->nproxies; i++) {
		struct proxy *p = &s->proxy[i];

		if (renewed || i >= nbefore) {
			walk = ifset_or(walk, p->upstreams);
			refollow = ifset_or(refollow, p->downstreams);
		} else {
			rerouted |= compare(&before[i], p, &walk, &refollow);
		}
	}
	follow(s, refollow);
	listen_all(s);
	if (!ifset_empty(walk)) {
		s->walk = ifset_or(s->walk, walk);
		s->walk_after = (struct ip){ { 0 } };
	}
	if (rerouted)
		e->host->op->recall(e, (struct prefix){ .ip = ip_any(e->af) });
	proxies_free(before, nbefore);
	if (s->incoming)
		proxy_conf_free(former);
	s->incoming = NULL;
}
