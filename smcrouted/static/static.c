/* static.c - the engine of configured routes and memberships
 *
 * Inputs are rules and where streams were seen; static_derive() says what follows for one (S,G).
 * Rules that name source and group are routes at once, others when a stream comes in that they
 * match.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "static.h"

/* So many streams are derived in a settle() that has no budget: those of an upcall. */
#define URGENT 64

void static_mark(struct statics *s, struct sg sg)
{
	if (s->nmarks == s->marks_size) {
		s->marks_size = s->marks_size ? s->marks_size * 2 : 16;
		s->mark = xrealloc(s->mark, s->marks_size * sizeof(*s->mark));
	}
	s->mark[s->nmarks++] = sg;
}

struct rule *static_choose_exact(struct statics *s, struct rule *first, unsigned *iif)
{
	const struct host_ops *op = s->engine.host->op;
	struct host *host = s->engine.host;
	bool alone = first && !rules_exact_next(first);
	struct rule *chosen = NULL;
	bool chosen_is_there = false;

	for (struct rule *rule = first; rule; rule = rules_exact_next(rule)) {
		struct ifset from = op->expand(host, ifset_of(rule->iif));
		bool there = alone || ifset_meet(from, op->present(host));

		if (ifset_count(from) != 1 || (chosen_is_there && !there))
			continue;
		if (chosen && chosen_is_there == there &&
		    strcmp(op->ifname(host, *iif), op->ifname(host, ifset_first(from))) <= 0)
			continue;
		chosen = rule;
		chosen_is_there = there;
		*iif = ifset_first(from);
	}
	return chosen;
}

static void unroute(struct statics *s, struct sg sg)
{
	s->engine.host->op->unroute(&s->engine, sg, NOSLOT);
}

void static_derive(struct statics *s, struct sg sg, struct rule *first)
{
	struct host *host = s->engine.host;
	struct learned *l = learned_find(s, sg);
	struct match match = { 0 };
	unsigned iif = NOSLOT;

	for (struct rule *rule = first; rule; rule = rules_exact_next(rule))
		rule->flags &= ~RULE_MARKED;
	if (l) {
		l->marked = false;
		iif = l->arrival;
		if (ifset_has(host->op->present(host), iif))
			match = rules_match(&s->rules, sg, host->op->named_by(host, iif));
		if (!match.any) {
			learned_drop(s, l);
		}
	}
	if (!match.any) {
		struct rule *exact = static_choose_exact(s, first, &iif);

		if (!exact) {
			unroute(s, sg);
			return;
		}
		match = rules_match_exact(&s->rules, exact, host->op->named_by(host, iif));
	}
	host->op->route(&s->engine,
			&(struct route){
				.sg = sg,
				.oifs = host->op->expand(host, match.oifs),
				.iif = iif,
				.kind = ifset_empty(match.oifs) ? ROUTE_BLOCK : ROUTE_WANT,
				.rank = match.exact ? RANK_STATIC : RANK_LEARNED,
			});
}

/* Asked again where it was asked for already, so that the client hears of an interface refused. */
static void listen_on(struct statics *s, struct ifset slots)
{
	ifset_foreach(slot, slots)
		s->engine.host->op->listen(&s->engine, slot, LISTEN_DATA, true);
	s->listened = ifset_or(s->listened, slots);
}

void rule_recount(struct statics *s, struct ifset before, struct ifset after)
{
	struct host *host = s->engine.host;

	ifset_foreach(slot, ifset_minus(after, before)) {
		s->uses[slot]++;
		s->used = ifset_with(s->used, slot);
	}
	ifset_foreach(slot, ifset_minus(before, after)) {
		if (!--s->uses[slot])
			s->used = ifset_without(s->used, slot);
	}
	listen_on(s, host->op->expand(host, ifset_minus(after, before)));
}

/* Upcalls are asked for where rules are. */
static void settle_listening(struct statics *s)
{
	struct host *host = s->engine.host;
	struct ifset where = host->op->expand(host, s->used);

	listen_on(s, ifset_minus(where, s->listened));
	ifset_foreach(slot, ifset_minus(s->listened, where))
		host->op->listen(&s->engine, slot, LISTEN_DATA, false);
	s->listened = where;
}

static struct ifset static_slots(struct engine *e)
{
	struct statics *s = statics_of(e);

	return ifset_or(s->incoming_slots, ifset_or(s->used, s->group_used));
}

/* Which of our interfaces there are; another slot may soon have another name. */
static struct ifset present_of_ours(struct engine *e)
{
	const struct host_ops *op = e->host->op;
	struct ifset names = static_slots(e);

	if (ifset_empty(names))
		return names;
	return ifset_and(op->present(e->host), ifset_or(names, op->expand(e->host, names)));
}

static bool static_settle(struct engine *e, unsigned budget)
{
	struct statics *s = statics_of(e);
	bool more;

	for (unsigned n = budget ? budget : URGENT; n && s->nmarks; n--) {
		struct sg sg = s->mark[--s->nmarks];

		if (ip_is_any(sg.src))
			wild_derive(s, sg.grp);
		else
			static_derive(s, sg, rules_exact(&s->rules, sg));
	}
	more = !budget || static_walk(s, budget) || s->nmarks;
	settle_listening(s);
	s->present = present_of_ours(e);
	return more;
}

/* The patterns among the names in use that take in the interface. */
static struct ifset patterns_for(struct statics *s, unsigned slot)
{
	struct host *host = s->engine.host;
	struct ifset set = ifset_none();

	ifset_foreach(name, ifset_without(ifset_or(s->used, s->group_used), slot)) {
		if (ifname_matches(host->op->ifname(host, name), host->op->ifname(host, slot)))
			set = ifset_with(set, name);
	}
	return set;
}

/* Routes follow from which interfaces there are, whatever else becomes of them. */
static void static_iface(struct engine *e, unsigned slot, const struct iface *iface)
{
	struct statics *s = statics_of(e);
	struct ifset patterns = patterns_for(s, slot);

	if (ifset_has(s->present, slot) == iface->present ||
	    (!ifset_has(s->used, slot) && ifset_empty(patterns)))
		return;
	s->redo = ifset_with(s->redo, slot);
	s->redo_patterns = ifset_or(s->redo_patterns, patterns);
	static_walk_from_start(s);
}

static struct engine *static_create(void)
{
	struct statics *s = xcalloc(1, sizeof(*s));

	rules_init(&s->rules);
	rules_init(&s->incoming);
	groups_init(&s->groups);
	learned_init(s);
	wild_init(s);
	return &s->engine;
}

static void static_start(struct engine *e)
{
	learned_start(statics_of(e));
}

static void static_destroy(struct engine *e)
{
	struct statics *s = statics_of(e);

	learned_end(s);
	wild_free(s);
	rules_free(&s->rules);
	rules_free(&s->incoming);
	groups_free(&s->groups);
	ranges_free(&s->groups_incoming);
	free(s->mark);
	free(s);
}

static void *static_conf_new(void)
{
	struct static_conf *conf = xcalloc(1, sizeof(*conf));

	for (enum af af = V4; af <= V6; af++)
		rules_init(&conf->rules[af]);
	return conf;
}

static void static_conf_free(void *arg)
{
	struct static_conf *conf = arg;

	for (enum af af = V4; af <= V6; af++) {
		rules_free(&conf->rules[af]);
		ranges_free(&conf->groups[af]);
	}
	free(conf);
}

static bool static_conf_shrink(void *arg, unsigned budget)
{
	struct static_conf *conf = arg;
	struct rule *rule;

	for (enum af af = V4; af <= V6; af++) {
		while ((rule = rule_after(&conf->rules[af], NULL))) {
			if (!budget--)
				return true;
			rule_remove(&conf->rules[af], rule);
			free(rule);
		}
	}
	return false;
}

static void static_configure(struct engine *e, void *arg, bool keep)
{
	struct statics *s = statics_of(e);
	struct static_conf *conf = arg;

	/* a configuration that was not taken over whole is overtaken */
	rules_free(&s->incoming);
	ranges_free(&s->groups_incoming);
	s->incoming = conf->rules[e->af];
	s->groups_incoming = conf->groups[e->af];
	rules_init(&conf->rules[e->af]);
	conf->groups[e->af] = (struct ranges){ 0 };
	s->incoming_slots = conf->slots;
	s->generation++;
	s->keep = keep;
	s->sweeping = true;
	static_walk_from_start(s);
}

const struct module static_module = {
	.name = "static",
	.statements = static_statements,
	.commands = static_commands,
	.events = static_events,
	.conf_new = static_conf_new,
	.conf_free = static_conf_free,
	.conf_shrink = static_conf_shrink,
	.check = static_check,
	.create = static_create,
	.start = static_start,
	.destroy = static_destroy,
	.configure = static_configure,
	.iface = static_iface,
	.upcall = static_upcall,
	.count = static_count,
	.forget = static_forget,
	.settle = static_settle,
	.slots = static_slots,
	.handover = static_handover,
};
