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

RB_GENERATE_STATIC(learned_tree, learned, order, learned_cmp)

static void mark(struct statics *s, struct sg sg)
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

	return RB_FIND(learned_tree, &s->learned, &key);
}

static void learned_free(struct statics *s, struct learned *l)
{
	age_remove(&s->idle, &l->idle);
	RB_REMOVE(learned_tree, &s->learned, l);
	free(l);
}

/* @kind of its events: learned, moved or forgotten. */
static void tell(struct statics *s, const char *kind, const struct learned *l)
{
	struct host *host = s->engine.host;

	host->op->event(host, kind, "route", sg_str(&l->sg), "iif",
			host->op->ifname(host, l->arrival), NULL);
}

/*
 * The exact rule that holds while nobody knows where the stream comes in; @first is the first of
 * its exact rules, or NULL.
 */
static struct rule *choose_exact(struct statics *s, struct rule *first)
{
	struct ifset present;

	if (!first || !rules_exact_next(first))
		return first;
	present = s->engine.host->op->present(s->engine.host);
	for (struct rule *rule = first; rule; rule = rules_exact_next(rule)) {
		if (ifset_has(present, rule->iif))
			return rule;
	}
	return first;
}

/*
 * What follows for the stream from the rules and from where it was seen; @first is the first of
 * its exact rules, or NULL.
 */
static void derive(struct statics *s, struct sg sg, struct rule *first)
{
	const struct host_ops *op = s->engine.host->op;
	struct learned *l = learned_find(s, sg);
	struct match match = { 0 };
	unsigned iif = NOSLOT;

	if (l) {
		iif = l->arrival;
		match = rules_match(&s->rules, sg, iif);
		if (!match.any) {
			tell(s, "forgotten", l);
			learned_free(s, l);
		}
	}
	if (!match.any) {
		struct rule *exact = choose_exact(s, first);

		if (!exact) {
			op->unroute(&s->engine, sg, NOSLOT);
			return;
		}
		iif = exact->iif;
		match = rules_match_exact(&s->rules, exact);
	}
	op->route(&s->engine, &(struct route){
				      .sg = sg,
				      .oifs = match.oifs,
				      .iif = iif,
				      .kind = ifset_empty(match.oifs) ? ROUTE_BLOCK : ROUTE_WANT,
				      .rank = match.exact ? RANK_STATIC : RANK_LEARNED,
			      });
}

void rule_recount(struct statics *s, struct ifset before, struct ifset after)
{
	const struct host_ops *op = s->engine.host->op;

	ifset_foreach(slot, ifset_minus(after, before)) {
		s->uses[slot]++;
		op->listen(&s->engine, slot, LISTEN_DATA, true);
	}
	ifset_foreach(slot, ifset_minus(before, after)) {
		if (!--s->uses[slot])
			op->listen(&s->engine, slot, LISTEN_DATA, false);
	}
}

/* The next exact rule, of whatever stream. */
static struct rule *exact_after(struct rule *rule)
{
	struct rule *next = rule_next(rule);

	return next && rule_is_exact(next) ? next : NULL;
}

void rule_changed(struct statics *s, const struct rule *rule)
{
	struct prefix groups = rule_groups(rule);
	struct ip first = ip_mask(groups.ip, groups.len);
	struct learned key = { .sg.grp = first };

	if (rule_is_exact(rule)) {
		mark(s, rule->sg);
		return;
	}
	for (struct learned *l = RB_NFIND(learned_tree, &s->learned, &key);
	     l && prefix_has(&groups, l->sg.grp); l = RB_NEXT(learned_tree, &s->learned, l))
		mark(s, l->sg);
	for (struct rule *exact = rules_exact_from(&s->rules, first);
	     exact && prefix_has(&groups, exact->sg.grp); exact = exact_after(exact))
		mark(s, exact->sg);
	s->engine.host->op->recall(&s->engine, groups);
}

void rule_disown(struct statics *s, struct rule *rule, unsigned origins)
{
	struct ifset before = rule_slots(rule);

	rule->flags &= ~origins;
	for (enum origin o = FROM_FILE; o < NORIGINS; o++) {
		if (!(rule->flags & FROM(o)))
			rule->oifs[o] = ifset_none();
	}
	rule_changed(s, rule);
	if (rule->flags & FROM_ANY) {
		rule_recount(s, before, rule_slots(rule));
	} else {
		rule_recount(s, before, ifset_none());
		rule_remove(&s->rules, rule);
		free(rule);
	}
}

void rule_renew(struct statics *s, struct rule *rule)
{
	if (s->sweeping && rule->generation != s->generation) {
		struct ifset before = rule_slots(rule);

		rule->oifs[FROM_FILE] = rule->oifs[FROM_COMMAND] = ifset_none();
		rule->flags &= ~FROM_ANY;
		rule_recount(s, before, rule_slots(rule));
	}
	rule->generation = s->generation;
}

void group_changed(struct statics *s, unsigned slot, struct ip group)
{
	struct ip *source;
	struct membership m = group_membership(&s->groups, slot, group, &source);

	s->engine.host->op->join(&s->engine, slot, &m);
	free(source);
}

void group_own(struct statics *s, unsigned slot, struct sg sg, unsigned origin)
{
	struct group *g = group_get(&s->groups, slot, sg);

	if (!(g->flags & FROM_ANY)) {
		s->group_uses[slot]++;
		g->flags |= RULE_CHANGED;
	}
	if (s->sweeping && g->generation != s->generation)
		g->flags &= ~FROM_ANY;
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
	s->group_uses[slot]--;
	group_remove(&s->groups, g);
	group_changed(s, slot, group);
}

/* One rule of the new configuration joins those in force; what it changes is left to the walk. */
static void take_rule(struct statics *s, struct rule *rule)
{
	struct ifset before;
	struct rule *old;

	rule_remove(&s->incoming, rule);
	old = rule_insert(&s->rules, rule);
	if (!old) {
		rule_recount(s, ifset_none(), rule_slots(rule));
		return;
	}
	before = rule_slots(old);
	if (!ifset_eq(rule_oifs(old), rule_oifs(rule)))
		old->flags |= RULE_CHANGED;
	old->oifs[FROM_FILE] = rule->oifs[FROM_FILE];
	old->oifs[FROM_COMMAND] = ifset_none();
	rule_recount(s, before, rule_slots(old));
	old->flags = (old->flags & ~FROM_ANY) | FROM(FROM_FILE);
	old->generation = s->generation;
	free(rule);
}

/* Takes over the rules and groups that were read, some of them; true if more remain. */
static bool take(struct statics *s, unsigned budget)
{
	struct rule *rule;
	struct group *g;

	while (budget && (rule = rule_after(&s->incoming, NULL))) {
		rule->generation = s->generation;
		take_rule(s, rule);
		budget--;
	}
	while (budget && (g = RB_ROOT(&s->groups_incoming))) {
		group_own(s, g->slot, g->sg, FROM(FROM_FILE));
		group_remove(&s->groups_incoming, g);
		budget--;
	}
	return !budget;
}

/* What the walk finds: a rule that nobody says any more, one that changed, or nothing to do. */
static void look_at_rule(struct statics *s, struct rule *rule)
{
	if (s->sweeping && rule->generation != s->generation) {
		rule_disown(s, rule, FROM_ANY);
		return;
	}
	if (!(rule->flags & RULE_CHANGED) && !ifset_has(s->redo, rule->iif))
		return;
	rule->flags &= ~RULE_CHANGED;
	if (rule_is_exact(rule))
		derive(s, rule->sg, rules_exact_first(rule));
	else
		rule_changed(s, rule);
}

static void look_at_group(struct statics *s, struct group *g)
{
	if (s->sweeping && g->generation != s->generation) {
		group_disown(s, g, FROM_ANY);
	} else if (g->flags & RULE_CHANGED) {
		g->flags &= ~RULE_CHANGED;
		group_changed(s, g->slot, g->sg.grp);
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
	s->redo = s->incoming_slots = ifset_none();
	return false;
}

static bool static_settle(struct engine *e, unsigned budget)
{
	struct statics *s = statics_of(e);

	for (unsigned n = budget ? budget : URGENT; n && s->nmarks; n--) {
		struct sg sg = s->mark[--s->nmarks];

		derive(s, sg, rules_exact(&s->rules, sg));
	}
	if (!budget)
		return true;
	return take(s, budget) || walk(s, budget) || s->nmarks;
}

/* A stream came in: where, is an input of its route. */
static void static_upcall(struct engine *e, const struct upcall *upcall)
{
	struct statics *s = statics_of(e);
	struct match match = rules_match(&s->rules, upcall->sg, upcall->arrival);
	struct learned *l;

	if (!match.any)
		return;
	l = learned_find(s, upcall->sg);
	if (!l) {
		struct rule *exact = NULL;

		if (match.exact)
			exact = choose_exact(s, rules_exact(&s->rules, upcall->sg));
		if (!exact || exact->iif != upcall->arrival) {
			l = xcalloc(1, sizeof(*l));
			l->sg = upcall->sg;
			l->arrival = upcall->arrival;
			RB_INSERT(learned_tree, &s->learned, l);
			age_add(&s->idle, &l->idle);
			tell(s, "learned", l);
		}
	} else if (upcall->kind != UPCALL_RECALL && l->arrival != upcall->arrival) {
		log_info(e->log, "%s: moves from %s to %s", sg_str(&l->sg),
			 e->host->op->ifname(e->host, l->arrival),
			 e->host->op->ifname(e->host, upcall->arrival));
		l->arrival = upcall->arrival;
		tell(s, "moved", l);
	}
	mark(s, upcall->sg);
}

static void forget(struct statics *s, struct learned *l)
{
	mark(s, l->sg);
	tell(s, "forgotten", l);
	learned_free(s, l);
	s->engine.host->op->wake(&s->engine);
}

/* Whether packets came since the last look. */
static bool was_used(struct statics *s, struct learned *l)
{
	struct counters c;
	bool used = s->engine.host->op->counters(&s->engine, l->sg, &c) && c.packets != l->packets;

	if (used)
		l->packets = c.packets;
	return used;
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

	for (l = RB_MIN(learned_tree, &s->learned); l; l = next) {
		next = RB_NEXT(learned_tree, &s->learned, l);
		if (!was_used(s, l))
			forget(s, l);
	}
}

static void static_forget(struct engine *e, const struct prefix *sources,
			  const struct prefix *groups)
{
	struct statics *s = statics_of(e);
	struct learned key = { .sg.grp = ip_mask(groups->ip, groups->len) }, *l, *next;

	for (l = RB_NFIND(learned_tree, &s->learned, &key); l && prefix_has(groups, l->sg.grp);
	     l = next) {
		next = RB_NEXT(learned_tree, &s->learned, l);
		if (prefix_has(sources, l->sg.src))
			forget(s, l);
	}
}

static void static_iface(struct engine *e, unsigned slot, const struct iface *iface)
{
	struct statics *s = statics_of(e);

	(void)iface;
	if (s->uses[slot]) {
		s->redo = ifset_with(s->redo, slot);
		walk_from_start(s);
	}
}

static struct ifset static_slots(struct engine *e)
{
	struct statics *s = statics_of(e);
	struct ifset used = s->incoming_slots;

	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (s->uses[i] || s->group_uses[i])
			used = ifset_with(used, i);
	}
	return used;
}

static struct engine *static_create(void)
{
	struct statics *s = xcalloc(1, sizeof(*s));

	rules_init(&s->rules);
	rules_init(&s->incoming);
	groups_init(&s->groups);
	groups_init(&s->groups_incoming);
	RB_INIT(&s->learned);
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

	while ((l = RB_ROOT(&s->learned)))
		learned_free(s, l);
	age_end(&s->idle);
	rules_free(&s->rules);
	rules_free(&s->incoming);
	groups_free(&s->groups);
	groups_free(&s->groups_incoming);
	free(s->mark);
	free(s);
}

static void *static_conf_new(void)
{
	struct static_conf *conf = xcalloc(1, sizeof(*conf));

	for (enum af af = V4; af <= V6; af++) {
		rules_init(&conf->rules[af]);
		groups_init(&conf->groups[af]);
	}
	return conf;
}

static void static_conf_free(void *arg)
{
	struct static_conf *conf = arg;

	for (enum af af = V4; af <= V6; af++) {
		rules_free(&conf->rules[af]);
		groups_free(&conf->groups[af]);
	}
	free(conf);
}

static void static_configure(struct engine *e, void *arg)
{
	struct statics *s = statics_of(e);
	struct static_conf *conf = arg;

	/* a configuration that was not taken over whole is overtaken */
	rules_free(&s->incoming);
	groups_free(&s->groups_incoming);
	s->incoming = conf->rules[e->af];
	s->groups_incoming = conf->groups[e->af];
	rules_init(&conf->rules[e->af]);
	groups_init(&conf->groups[e->af]);
	s->incoming_slots = conf->slots;
	s->generation++;
	s->sweeping = true;
	walk_from_start(s);
}

const struct module static_module = {
	.name = "static",
	.statements = static_statements,
	.commands = static_commands,
	.conf_new = static_conf_new,
	.conf_free = static_conf_free,
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
