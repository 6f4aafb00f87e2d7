/* static.c - the engine of configured routes and memberships
 *
 * Inputs are rules and where streams were seen; derive() says what follows for one (S,G). Rules
 * that name source and group are routes at once, others when a stream comes in that they match.
 */
#include <stdlib.h>

#include "engine.h"
#include "static.h"

/* So many streams are derived in a settle() that has no budget: those of an upcall. */
#define URGENT 64

static int learned_cmp(struct learned *a, struct learned *b)
{
	return sg_cmp(&a->sg, &b->sg);
}

TREE_GENERATE(learned_tree, learned, order, learned_cmp)

void static_mark(struct statics *s, struct sg sg)
{
	if (s->nmarks == s->marks_size) {
		s->marks_size = s->marks_size ? s->marks_size * 2 : 16;
		s->mark = xrealloc(s->mark, s->marks_size * sizeof(*s->mark));
	}
	s->mark[s->nmarks++] = sg;
}

static struct learned *learned_find(struct statics *s, struct sg sg)
{
	struct learned key = { .sg = sg };

	return TREE_FIND(learned_tree, &s->learned, &key);
}

static void learned_free(struct statics *s, struct learned *l)
{
	age_remove(&s->idle, &l->idle);
	TREE_REMOVE(learned_tree, &s->learned, l);
	free(l);
}

const struct event_kind static_events[] = {
	{ "learned", "stream", "a stream came in that a configured route takes in" },
	{ "moved", "stream", "it comes in on another interface now" },
	{ "forgotten", "stream", "it was idle, or is not wanted any more" },
	{ 0 },
};

/* @kind of its events: learned, moved or forgotten. */
static void tell(struct statics *s, const char *kind, const struct learned *l)
{
	struct host *host = s->engine.host;

	host->op->event(host, kind, "route", sg_str(&l->sg), "iif",
			host->op->ifname(host, l->arrival), NULL);
}

/*
 * The exact rule that holds while nobody knows where the stream comes in, and its interface, that
 * of a pattern only if it is the only one; @first is the first of its exact rules, or NULL.
 */
static struct rule *choose_exact(struct statics *s, struct rule *first, unsigned *iif)
{
	struct host *host = s->engine.host;
	bool alone = first && !rules_exact_next(first);
	struct rule *chosen = NULL;

	for (struct rule *rule = first; rule; rule = rules_exact_next(rule)) {
		struct ifset from = host->op->expand(host, ifset_of(rule->iif));
		bool there = alone || ifset_meet(from, host->op->present(host));

		if (ifset_count(from) != 1 || (chosen && !there))
			continue;
		chosen = rule;
		*iif = ifset_first(from);
		if (there)
			break;
	}
	return chosen;
}

static void unroute(struct statics *s, struct sg sg)
{
	s->engine.host->op->unroute(&s->engine, sg, NOSLOT);
}

/*
 * What follows for the stream from the rules and from where it was seen; @first is the first of
 * its exact rules, or NULL.
 */
static void derive(struct statics *s, struct sg sg, struct rule *first)
{
	struct host *host = s->engine.host;
	struct learned *l = learned_find(s, sg);
	struct match match = { 0 };
	unsigned iif = NOSLOT;

	if (l) {
		iif = l->arrival;
		if (ifset_has(host->op->present(host), iif))
			match = rules_match(&s->rules, sg, host->op->named_by(host, iif));
		if (!match.any) {
			tell(s, "forgotten", l);
			learned_free(s, l);
		}
	}
	if (!match.any) {
		struct rule *exact = choose_exact(s, first, &iif);

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

/* The next exact rule, of whatever stream. */
static struct rule *exact_after(struct rule *rule)
{
	struct rule *next = rule_next(rule);

	return next && rule_is_exact(next) ? next : NULL;
}

/* Where its streams come in is known only when they do. */
static bool comes_by_pattern(const struct statics *s, const struct rule *rule)
{
	return ifname_is_pattern(s->engine.host->op->ifname(s->engine.host, rule->iif));
}

void rule_changed(struct statics *s, const struct rule *rule)
{
	struct prefix groups = rule_groups(rule);
	struct ip first = ip_mask(groups.ip, groups.len);
	struct learned key = { .sg.grp = first };

	wild_changed(s, groups);
	if (rule_is_exact(rule)) {
		static_mark(s, rule->sg);
		if (comes_by_pattern(s, rule))
			s->engine.host->op->recall(&s->engine, groups);
		return;
	}
	if (rule->flags & RULE_KERNEL)
		static_mark(s, (struct sg){ ip_any(s->engine.af), rule->sg.grp });
	for (struct learned *l = TREE_NFIND(learned_tree, &s->learned, &key);
	     l && prefix_has(&groups, l->sg.grp); l = TREE_NEXT(learned_tree, l))
		static_mark(s, l->sg);
	for (struct rule *exact = rules_exact_from(&s->rules, first);
	     exact && prefix_has(&groups, exact->sg.grp); exact = exact_after(exact))
		static_mark(s, exact->sg);
	s->engine.host->op->recall(&s->engine, groups);
}

/* Takes from the rule what these origins said; with the last one, that it is the kernel's. */
static void rule_strip(struct rule *rule, unsigned origins)
{
	rule->flags &= ~origins;
	for (enum origin o = FROM_FILE; o < NORIGINS; o++) {
		if (!(rule->flags & FROM(o)))
			rule->oifs[o] = ifset_none();
	}
	if (!(rule->flags & FROM_ANY))
		rule->flags &= ~RULE_KERNEL;
}

void rule_disown(struct statics *s, struct rule *rule, unsigned origins)
{
	struct ifset before = rule_slots(rule);

	rule_changed(s, rule);
	rule_strip(rule, origins);
	if (rule->flags & FROM_ANY) {
		rule_recount(s, before, rule_slots(rule));
	} else {
		rule_recount(s, before, ifset_none());
		rule_remove(&s->rules, rule);
		free(rule);
	}
}

/* What goes of a rule or membership that the new configuration does not name. */
static unsigned outdated(const struct statics *s)
{
	return s->keep ? FROM(FROM_FILE) : FROM_ANY;
}

void rule_renew(struct statics *s, struct rule *rule)
{
	if (s->sweeping && rule->generation != s->generation) {
		struct ifset before = rule_slots(rule);

		rule_strip(rule, outdated(s));
		rule_recount(s, before, rule_slots(rule));
	}
	rule->generation = s->generation;
}

/* One interface's membership in the group is what all names for it say. */
static void join(struct statics *s, unsigned slot, struct ip group)
{
	struct host *host = s->engine.host;
	struct ip *source;
	struct membership m = group_membership(&s->groups, host->op->named_by(host, slot), group,
					       &source);

	host->op->join(&s->engine, slot, &m);
	free(source);
}

void group_changed(struct statics *s, unsigned slot, struct ip group)
{
	struct host *host = s->engine.host;

	ifset_foreach(each, host->op->expand(host, ifset_of(slot)))
		join(s, each, group);
}

void group_own(struct statics *s, unsigned slot, struct sg sg, unsigned origin)
{
	struct group *g = group_get(&s->groups, slot, sg);

	if (!(g->flags & FROM_ANY)) {
		s->group_uses[slot]++;
		s->group_used = ifset_with(s->group_used, slot);
		g->flags |= RULE_CHANGED;
	}
	if (s->sweeping && g->generation != s->generation)
		g->flags &= ~outdated(s);
	g->flags |= origin;
	g->generation = s->generation;
}

void group_disown(struct statics *s, struct group *g, unsigned origins)
{
	unsigned slot = g->slot;
	struct ip group = g->sg.grp;

	g->flags &= ~origins;
	if (g->flags & FROM_ANY)
		return;
	if (!--s->group_uses[slot])
		s->group_used = ifset_without(s->group_used, slot);
	group_remove(&s->groups, g);
	group_changed(s, slot, group);
}

/* One rule of the new configuration joins those in force; what it changes is left to the walk. */
static void take_rule(struct statics *s, struct rule *rule)
{
	struct ifset before, oifs;
	struct rule *old;
	unsigned kernel;

	rule_remove(&s->incoming, rule);
	old = rule_insert(&s->rules, rule);
	if (!old) {
		rule_recount(s, ifset_none(), rule_slots(rule));
		return;
	}
	before = rule_slots(old);
	oifs = rule_oifs(old);
	kernel = old->flags & RULE_KERNEL;
	rule_strip(old, outdated(s) | FROM(FROM_FILE));
	old->oifs[FROM_FILE] = rule->oifs[FROM_FILE];
	old->flags |= FROM(FROM_FILE) | (rule->flags & RULE_KERNEL);
	if (!ifset_eq(rule_oifs(old), oifs) || (old->flags & RULE_KERNEL) != kernel)
		old->flags |= RULE_CHANGED;
	rule_recount(s, before, rule_slots(old));
	old->generation = s->generation;
	free(rule);
}

/* Takes over the rules and groups that were read, some of them; true if more remain. */
static bool take(struct statics *s, unsigned budget)
{
	struct rule *rule;
	unsigned slot;
	struct sg sg;

	while (budget && (rule = rule_after(&s->incoming, NULL))) {
		rule->generation = s->generation;
		take_rule(s, rule);
		budget--;
	}
	while (budget && ranges_next(&s->groups_incoming, &slot, &sg)) {
		group_own(s, slot, sg, FROM(FROM_FILE));
		budget--;
	}
	return !budget;
}

/* Whether it is about interfaces that came or went. */
static bool is_concerned(const struct statics *s, struct ifset iif, struct ifset all)
{
	return ifset_meet(s->redo, iif) || ifset_meet(s->redo_patterns, all);
}

/* What the walk finds: a rule that nobody says any more, one that changed, or nothing to do. */
static void look_at_rule(struct statics *s, struct rule *rule)
{
	if (s->sweeping && rule->generation != s->generation) {
		rule->generation = s->generation;
		rule_disown(s, rule, outdated(s));
		return;
	}
	if (!(rule->flags & RULE_CHANGED) &&
	    !is_concerned(s, ifset_of(rule->iif), rule_slots(rule)))
		return;
	rule->flags &= ~RULE_CHANGED;
	if (rule_is_exact(rule) && !comes_by_pattern(s, rule) && TREE_EMPTY(&s->wilds))
		derive(s, rule->sg, rules_exact_first(rule));
	else
		rule_changed(s, rule);
}

static void look_at_group(struct statics *s, struct group *g)
{
	if (s->sweeping && g->generation != s->generation) {
		g->generation = s->generation;
		group_disown(s, g, outdated(s));
		return;
	}
	if (g->flags & RULE_CHANGED) {
		g->flags &= ~RULE_CHANGED;
		group_changed(s, g->slot, g->sg.grp);
	}
	if (ifset_has(s->redo_patterns, g->slot)) {
		ifset_foreach(slot, s->redo)
			join(s, slot, g->sg.grp);
	}
}

static void walk_from_start(struct statics *s)
{
	s->walking_rules = s->walking_groups = true;
	s->rules_begun = s->groups_begun = false;
}

static bool walk_rules(struct statics *s, unsigned budget)
{
	struct rule *rule = rule_after(&s->rules, s->rules_begun ? &s->rule_at : NULL), *next;

	for (; rule && budget; rule = next, budget--) {
		next = rule_next(rule);
		s->rule_at = rule_text(rule);
		s->rules_begun = true;
		look_at_rule(s, rule);
	}
	s->walking_rules = rule;
	return s->walking_rules;
}

static bool walk_groups(struct statics *s, unsigned budget)
{
	while (s->walking_groups && budget--) {
		struct group *g = group_after(&s->groups, s->group_slot_at,
					      s->groups_begun ? &s->group_at : NULL);

		s->walking_groups = g;
		if (g) {
			s->groups_begun = true;
			s->group_slot_at = g->slot;
			s->group_at = g->sg;
			look_at_group(s, g);
		}
	}
	return s->walking_groups;
}

/* Looks at all that is in force, some of it; true if more remains. */
static bool walk(struct statics *s, unsigned budget)
{
	if ((s->walking_rules && walk_rules(s, budget)) ||
	    (s->walking_groups && walk_groups(s, budget)))
		return true;
	s->sweeping = false;
	s->redo = s->redo_patterns = s->incoming_slots = ifset_none();
	return false;
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
			derive(s, sg, rules_exact(&s->rules, sg));
	}
	more = !budget || take(s, budget) || walk(s, budget) || s->nmarks;
	settle_listening(s);
	return more;
}

static void learn(struct statics *s, struct sg sg, unsigned arrival)
{
	struct learned *l = xcalloc(1, sizeof(*l));

	l->sg = sg;
	l->arrival = arrival;
	TREE_INSERT(learned_tree, &s->learned, l);
	age_add(&s->idle, &l->idle);
	tell(s, "learned", l);
}

static void move(struct statics *s, struct learned *l, unsigned arrival)
{
	struct host *host = s->engine.host;

	log_info(s->engine.log, "%s: moves from %s to %s", sg_str(&l->sg),
		 host->op->ifname(host, l->arrival), host->op->ifname(host, arrival));
	l->arrival = arrival;
	age_add(&s->idle, &l->idle);
	tell(s, "moved", l);
}

/* Whether the stream comes in elsewhere now, and not there as well: what is recalled is no news. */
static bool has_moved(struct statics *s, const struct learned *l, const struct upcall *upcall)
{
	switch (upcall->kind) {
	case UPCALL_RECALL:
		return false;
	case UPCALL_WRONGIF:
		return !wild_is_twofold(s, l->sg.grp, l->arrival, upcall->arrival);
	case UPCALL_NOROUTE:
		break;
	}
	return true;
}

/* A stream came in: where, is an input of its route. */
static void static_upcall(struct engine *e, const struct upcall *upcall)
{
	struct statics *s = statics_of(e);
	unsigned arrival = upcall->arrival, iif;
	struct match match = rules_match(&s->rules, upcall->sg,
					 e->host->op->named_by(e->host, arrival));
	struct learned *l;

	if (!match.any)
		return;
	l = learned_find(s, upcall->sg);
	if (!l) {
		struct rule *first = match.exact ? rules_exact(&s->rules, upcall->sg) : NULL;

		if (!choose_exact(s, first, &iif) || iif != arrival)
			learn(s, upcall->sg, arrival);
	} else if (l->arrival != arrival && has_moved(s, l, upcall)) {
		move(s, l, arrival);
	}
	static_mark(s, upcall->sg);
}

static void forget(struct statics *s, struct learned *l)
{
	static_mark(s, l->sg);
	tell(s, "forgotten", l);
	learned_free(s, l);
	s->engine.host->op->wake(&s->engine);
}

/*
 * Whether the kernel forwards the stream by its group's own entry, which does not count it alone,
 * while a rule for just the stream has it come in elsewhere: that must not hold again.
 */
static bool is_uncounted(const struct statics *s, const struct learned *l)
{
	const struct wild *w = wild_find(s, l->sg.grp);

	return w && ifset_has(w->told, l->arrival) && rules_exact(&s->rules, l->sg);
}

/* Whether packets came since the last look, as far as can be known. */
static bool was_used(struct statics *s, struct learned *l)
{
	struct counters c;
	bool used = s->engine.host->op->counters(&s->engine, l->sg, &c) && c.packets != l->packets;

	if (used)
		l->packets = c.packets;
	return used || is_uncounted(s, l);
}

static void look_at_idle(struct age_queue *q, struct age *a)
{
	struct statics *s = container_of(q, struct statics, idle);
	struct learned *l = container_of(a, struct learned, idle);

	if (was_used(s, l))
		age_add(q, a);
	else
		forget(s, l);
}

void statics_flush(struct statics *s)
{
	struct learned *l, *next;

	for (l = TREE_MIN(learned_tree, &s->learned); l; l = next) {
		next = TREE_NEXT(learned_tree, l);
		if (!was_used(s, l))
			forget(s, l);
	}
}

static void static_forget(struct engine *e, const struct prefix *sources,
			  const struct prefix *groups)
{
	struct statics *s = statics_of(e);
	struct learned key = { .sg.grp = ip_mask(groups->ip, groups->len) }, *l, *next;

	for (l = TREE_NFIND(learned_tree, &s->learned, &key); l && prefix_has(groups, l->sg.grp);
	     l = next) {
		next = TREE_NEXT(learned_tree, l);
		if (prefix_has(sources, l->sg.src))
			forget(s, l);
	}
	if (!sources->len)
		wild_forget(s, *groups);
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

static void static_iface(struct engine *e, unsigned slot, const struct iface *iface)
{
	struct statics *s = statics_of(e);
	struct ifset patterns = patterns_for(s, slot);

	(void)iface;
	if (!ifset_has(s->used, slot) && ifset_empty(patterns))
		return;
	s->redo = ifset_with(s->redo, slot);
	s->redo_patterns = ifset_or(s->redo_patterns, patterns);
	walk_from_start(s);
}

static struct ifset static_slots(struct engine *e)
{
	struct statics *s = statics_of(e);

	return ifset_or(s->incoming_slots, ifset_or(s->used, s->group_used));
}

static struct engine *static_create(void)
{
	struct statics *s = xcalloc(1, sizeof(*s));

	rules_init(&s->rules);
	rules_init(&s->incoming);
	groups_init(&s->groups);
	TREE_INIT(learned_tree, &s->learned);
	wild_init(s);
	return &s->engine;
}

static void static_start(struct engine *e)
{
	age_init(&statics_of(e)->idle, e->host->clock, e->host->cache_idle, look_at_idle);
}

static void static_destroy(struct engine *e)
{
	struct statics *s = statics_of(e);
	struct learned *l;

	while ((l = TREE_ANY(learned_tree, &s->learned)))
		learned_free(s, l);
	age_end(&s->idle);
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
	walk_from_start(s);
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
	.forget = static_forget,
	.settle = static_settle,
	.slots = static_slots,
	.handover = static_handover,
};
