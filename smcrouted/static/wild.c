/* wild.c - groups whose streams the kernel forwards by itself, by its own (*,G) entries
 *
 * A rule for one group from every source can be a single entry of the kernel, without an upcall
 * for each source, and several such entries forward one source from several interfaces at once. It
 * is asked for where a rule says `kernel`, and for all such rules of a group when one of its
 * sources was seen on two interfaces. The entry takes in its outgoing interfaces too, so it would
 * be wrong beside rules that have streams of the group come in there, or that tell its sources
 * apart; but for one source and group there is an entry of its own, which goes first.
 */
#include <stdlib.h>

#include "engine.h"

static const char to_be_seen[] = "a rule for some of its sources needs to see them";

static int wild_cmp(struct wild *a, struct wild *b)
{
	return ip_cmp(a->group, b->group);
}

TREE_GENERATE(wild_tree, wild, order, wild_cmp)

void wild_init(struct statics *s)
{
	TREE_INIT(wild_tree, &s->wilds);
}

void wild_free(struct statics *s)
{
	struct wild *w;

	while ((w = TREE_ANY(wild_tree, &s->wilds))) {
		TREE_REMOVE(wild_tree, &s->wilds, w);
		free(w);
	}
}

struct wild *wild_find(const struct statics *s, struct ip group)
{
	struct wild key = { .group = group };

	return TREE_FIND(wild_tree, (struct wild_tree *)&s->wilds, &key);
}

struct wild *wild_next(const struct statics *s, struct wild *wild)
{
	struct wild_tree *tree = (struct wild_tree *)&s->wilds;

	return wild ? TREE_NEXT(wild_tree, wild) : TREE_MIN(wild_tree, tree);
}

static struct wild *wild_get(struct statics *s, struct ip group)
{
	struct wild *w = wild_find(s, group);

	if (!w) {
		w = xcalloc(1, sizeof(*w));
		w->group = group;
		TREE_INSERT(wild_tree, &s->wilds, w);
	}
	return w;
}

/* The names, and the interfaces there are that they stand for. */
static struct ifset meant(struct host *host, struct ifset names)
{
	return ifset_or(names, host->op->expand(host, names));
}

/* The names of incoming interfaces for which the group is to be the kernel's. */
static struct ifset asked(const struct rules *rules, struct ip group, bool all)
{
	struct ifset iifs = ifset_none();

	for (struct rule *rule = rules_star(rules, group); rule; rule = rules_star_next(rule)) {
		if (all || rule->flags & RULE_KERNEL)
			iifs = ifset_with(iifs, rule->iif);
	}
	return iifs;
}

/*
 * The interfaces to which the kernel would send what comes in on @iifs, each but to itself; NULL,
 * or why its entries cannot do what the rules there say.
 */
static const char *outgoing(struct host *host, const struct rules *rules, struct ip group,
			    struct ifset iifs, struct ifset *oifs)
{
	for (struct rule *rule = rules_about(rules, group, NULL); rule;
	     rule = rules_about(rules, group, rule)) {
		struct ifset from = ifset_and(meant(host, ifset_of(rule->iif)), iifs);

		if (ifset_empty(from))
			continue;
		if (rule->srclen)
			return to_be_seen;
		if (rule_is_star(rule) && ifset_empty(rule_oifs(rule)))
			return "the kernel has no such entry that leads nowhere";
		ifset_foreach(iif, from)
			*oifs = ifset_or(*oifs, ifset_without(meant(host, rule_oifs(rule)), iif));
	}
	return NULL;
}

/* Whether there is a rule for one source that has to see its stream come in on one of @iifs. */
static bool has_source_to_see(struct host *host, const struct rules *rules, struct ip group,
			      struct ifset iifs)
{
	struct sg first = { ip_any(ip_family(group)), group };

	for (struct rule *rule = rules_exact_from(rules, first);
	     rule && rule_is_exact(rule) && ip_eq(rule->sg.grp, group); rule = rule_next(rule)) {
		if (rule_has_to_see(host, rule) &&
		    ifset_meet(meant(host, ifset_of(rule->iif)), iifs))
			return true;
	}
	return false;
}

const char *wild_objection(struct host *host, const struct rules *rules, struct ip group, bool all)
{
	struct ifset iifs = meant(host, asked(rules, group, all)), oifs = ifset_none();
	const char *why = outgoing(host, rules, group, iifs, &oifs);

	if (!why && has_source_to_see(host, rules, group, iifs))
		why = to_be_seen;
	if (why)
		return why;
	for (struct rule *rule = rules_about(rules, group, NULL); rule;
	     rule = rules_about(rules, group, rule)) {
		if (ifset_meet(meant(host, ifset_of(rule->iif)), oifs) &&
		    !ifset_empty(rule_oifs(rule)))
			return "a rule has the group come in where this one sends it";
	}
	return NULL;
}

/* The wish for one incoming interface. */
static bool declare(struct statics *s, struct ip group, unsigned iif)
{
	const struct host_ops *op = s->engine.host->op;
	struct host *host = s->engine.host;
	struct match match = rules_match_star(&s->rules, group, op->named_by(host, iif));
	struct route route = {
		.sg = { ip_any(s->engine.af), group },
		.oifs = ifset_without(op->expand(host, match.oifs), iif),
		.iif = iif,
		.kind = ROUTE_WANT,
		.rank = RANK_STATIC,
	};

	if (ifset_empty(route.oifs))
		return false;
	op->route(&s->engine, &route);
	return true;
}

/* The rules may be others now than when a source was seen on two of their interfaces. */
static bool is_still_twofold(const struct statics *s, struct ip group)
{
	struct host *host = s->engine.host;
	struct ifset iifs = host->op->expand(host, asked(&s->rules, group, true));

	return ifset_count(iifs) > 1 && !wild_objection(host, &s->rules, group, true);
}

void wild_derive(struct statics *s, struct ip group)
{
	struct sg any = { ip_any(s->engine.af), group };
	const struct host_ops *op = s->engine.host->op;
	struct host *host = s->engine.host;
	struct wild *w = wild_find(s, group);
	struct ifset iifs, told = ifset_none();

	if (w)
		w->marked = false;
	if (w && w->twofold)
		w->twofold = is_still_twofold(s, group);
	iifs = asked(&s->rules, group, w && w->twofold);
	if (ifset_empty(iifs) && !w)
		return;
	w = wild_get(s, group);
	w->objection = wild_objection(host, &s->rules, group, w->twofold);
	if (!w->objection) {
		ifset_foreach(iif, op->expand(host, iifs)) {
			if (declare(s, group, iif))
				told = ifset_with(told, iif);
		}
	}
	ifset_foreach(iif, ifset_minus(w->told, told))
		op->unroute(&s->engine, any, iif);
	w->told = told;
	if (ifset_empty(iifs)) {
		TREE_REMOVE(wild_tree, &s->wilds, w);
		free(w);
	}
}

unsigned wild_changed(struct statics *s, struct prefix groups)
{
	struct wild key = { .group = ip_mask(groups.ip, groups.len) };
	unsigned n = 0;

	for (struct wild *w = TREE_NFIND(wild_tree, &s->wilds, &key);
	     w && prefix_has(&groups, w->group); w = TREE_NEXT(wild_tree, w), n++) {
		if (!w->marked)
			static_mark(s, (struct sg){ ip_any(s->engine.af), w->group });
		w->marked = true;
	}
	return n;
}

void wild_forget(struct statics *s, struct prefix groups)
{
	for (struct wild *w = wild_next(s, NULL); w; w = wild_next(s, w)) {
		if (prefix_has(&groups, w->group))
			w->twofold = false;
	}
	wild_changed(s, groups);
}

static bool has_star(const struct statics *s, struct ip group, struct ifset names)
{
	for (struct rule *rule = rules_star(&s->rules, group); rule; rule = rules_star_next(rule)) {
		if (ifset_has(names, rule->iif))
			return true;
	}
	return false;
}

void wild_set_twofold(struct statics *s, struct ip group)
{
	wild_get(s, group)->twofold = true;
	static_mark(s, (struct sg){ ip_any(s->engine.af), group });
}

bool wild_is_twofold(struct statics *s, struct ip group, unsigned former, unsigned arrival)
{
	struct host *host = s->engine.host;
	struct wild *w = wild_find(s, group);

	/* asked for already, but it is not in force: somebody else needs the upcalls */
	if (w && w->twofold)
		return false;
	if (!has_star(s, group, host->op->named_by(host, former)) ||
	    !has_star(s, group, host->op->named_by(host, arrival)) ||
	    wild_objection(host, &s->rules, group, true))
		return false;
	log_info(s->engine.log, "%s: comes in on %s and %s, the kernel is to forward it by itself",
		 ip_str(group), host->op->ifname(host, former), host->op->ifname(host, arrival));
	host->op->event(host, "twofold", "group", ip_str(group), NULL);
	wild_set_twofold(s, group);
	return true;
}
