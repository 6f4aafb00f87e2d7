/* force.c - rules and memberships in force: how they come, change and go
 *
 * A configuration is taken over in slices: what it names is merged into what is in force and gets
 * its generation; then a walk over all takes away what is of an older one, and derives anew what
 * changed. The same walk serves interfaces that come and go.
 */
#include <stdlib.h>

#include "engine.h"

/* Streams and rules that are looked at for the cost of one rule. */
#define OTHERS_A_RULE 16

/* The next exact rule, of whatever stream. */
static struct rule *exact_after(struct rule *rule)
{
	struct rule *next = rule_next(rule);

	return next && rule_is_exact(next) ? next : NULL;
}

/* Streams of exact rules that the rule matches too are derived anew; how many were looked at. */
static unsigned mark_exact(struct statics *s, const struct rule *rule)
{
	unsigned n = 0;

	for (struct rule *exact = rules_exact_from(&s->rules, rule_first(rule));
	     exact && rule_reaches(rule, exact->sg); exact = exact_after(exact), n++) {
		if (exact->flags & RULE_MARKED || !rule_covers(rule, exact->sg))
			continue;
		exact->flags |= RULE_MARKED;
		static_mark(s, exact->sg);
	}
	return n;
}

/* The stream's own rule tells where it comes in: nobody has to see that. */
static unsigned exact_changed(struct statics *s, const struct rule *rule)
{
	unsigned n = 0;

	static_mark(s, rule->sg);
	if (rule_has_to_see(s->engine.host, rule)) {
		n = wild_changed(s, rule_groups(rule));
		s->engine.host->op->recall(&s->engine, rule_groups(rule));
	}
	return n;
}

unsigned rule_changed(struct statics *s, const struct rule *rule)
{
	unsigned n;

	if (rule_is_exact(rule))
		return exact_changed(s, rule);
	n = wild_changed(s, rule_groups(rule));
	if (rule->flags & RULE_KERNEL)
		static_mark(s, (struct sg){ ip_any(s->engine.af), rule->sg.grp });
	n += learned_mark(s, rule) + mark_exact(s, rule);
	s->engine.host->op->recall(&s->engine, rule_groups(rule));
	return n;
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

unsigned rule_disown(struct statics *s, struct rule *rule, unsigned origins)
{
	struct ifset before = rule_slots(rule);
	unsigned n = rule_changed(s, rule);

	rule_strip(rule, origins);
	if (rule->flags & FROM_ANY) {
		rule_recount(s, before, rule_slots(rule));
	} else {
		rule_recount(s, before, ifset_none());
		rule_remove(&s->rules, rule);
		free(rule);
	}
	return n;
}

/* What goes of a rule or membership that the new configuration does not name. */
static unsigned outdated(const struct statics *s)
{
	return s->keep ? FROM(FROM_FILE) : FROM_ANY;
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

/*
 * What the walk finds: a rule that nobody says any more, one that changed, or nothing to do. So
 * many others were looked at.
 */
static unsigned look_at_rule(struct statics *s, struct rule *rule)
{
	if (s->sweeping && rule->generation != s->generation) {
		rule->generation = s->generation;
		return rule_disown(s, rule, outdated(s));
	}
	if (!(rule->flags & RULE_CHANGED) &&
	    !is_concerned(s, ifset_of(rule->iif), rule_slots(rule)))
		return 0;
	rule->flags &= ~RULE_CHANGED;
	if (!rule_is_exact(rule) || rule_has_to_see(s->engine.host, rule))
		return rule_changed(s, rule);
	static_derive(s, rule->sg, rule);
	return 0;
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

static void begin_walk(struct statics *s)
{
	s->walk_again = false;
	s->walking_rules = s->walking_groups = true;
	s->rules_begun = s->groups_begun = false;
}

void static_walk_from_start(struct statics *s)
{
	if (s->walking_rules || s->walking_groups)
		s->walk_again = true;
	else
		begin_walk(s);
}

static bool walk_rules(struct statics *s, unsigned budget)
{
	struct rule *rule = rule_after(&s->rules, s->rules_begun ? &s->rule_at : NULL), *next;

	while (rule && budget) {
		unsigned cost;

		next = rule_next(rule);
		s->rule_at = rule_text(rule);
		s->rules_begun = true;
		cost = 1 + look_at_rule(s, rule) / OTHERS_A_RULE;
		budget -= cost < budget ? cost : budget;
		rule = next;
	}
	s->walking_rules = rule;
	return s->walking_rules;
}

static bool walk_groups(struct statics *s, unsigned budget)
{
	struct group *g = group_after(&s->groups, s->group_slot_at,
				      s->groups_begun ? &s->group_at : NULL);
	struct group *next;

	for (; g && budget; g = next, budget--) {
		next = group_next(g);
		s->groups_begun = true;
		s->group_slot_at = g->slot;
		s->group_at = g->sg;
		look_at_group(s, g);
	}
	s->walking_groups = g;
	return s->walking_groups;
}

/* Looks at all that is in force, some of it; true if more remains. */
static bool walk(struct statics *s, unsigned budget)
{
	if ((s->walking_rules && walk_rules(s, budget)) ||
	    (s->walking_groups && walk_groups(s, budget)))
		return true;
	if (s->walk_again) {
		begin_walk(s);
		return true;
	}
	s->sweeping = false;
	s->redo = s->redo_patterns = s->incoming_slots = ifset_none();
	return false;
}

bool static_walk(struct statics *s, unsigned budget)
{
	return take(s, budget) || walk(s, budget);
}
