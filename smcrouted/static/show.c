/* show.c - tables of configured routes and memberships */
#include <string.h>

#include "engine.h"

static void put_heading(struct show *s, const char *table, unsigned width)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "table", table);
	record_u64(&rec, "width", width);
	record_end(&rec);
}

/* The longest name among the interfaces of the set. */
static unsigned name_width(struct host *host, struct engines engines)
{
	unsigned width = 3;

	for (enum af af = V4; af <= V6; af++) {
		ifset_foreach(slot, engines.af[af]->module->slots(engines.af[af])) {
			unsigned len = strlen(host->op->ifname(host, slot));

			width = len > width ? len : width;
		}
	}
	return width;
}

static const char *origin_of(unsigned flags)
{
	return flags & FROM(FROM_FILE) ? "file" : "command";
}

static void put_slots(struct record *rec, struct host *host, const char *key, struct ifset slots)
{
	record_list(rec, key);
	ifset_foreach(slot, slots)
		record_item(rec, host->op->ifname(host, slot));
	record_list_end(rec);
}

/* Whether the kernel is to forward the group by itself, and why it cannot. */
static void put_wild(struct record *rec, const struct statics *s, const struct rule *rule)
{
	const struct wild *w = wild_find(s, rule->sg.grp);

	if (!w || !(w->twofold || rule->flags & RULE_KERNEL))
		return;
	record_bool(rec, "kernel", !w->objection);
	if (w->objection)
		record_str(rec, "reason", w->objection);
}

static void put_rule(struct show *show, const struct statics *s, const struct rule *rule)
{
	struct host *host = s->engine.host;
	struct prefix source = { rule->sg.src, rule->srclen };
	struct prefix group = rule_groups(rule);
	struct ifset oifs = rule_oifs(rule), absent;
	struct record rec = record_begin(show->out);

	record_str(&rec, "source", rule->srclen ? prefix_str(&source) : NULL);
	record_str(&rec, "group", prefix_str(&group));
	record_str(&rec, "iif", host->op->ifname(host, rule->iif));
	put_slots(&rec, host, "oifs", oifs);
	absent = ifset_minus(ifset_with(oifs, rule->iif), host->op->present(host));
	if (!ifset_empty(absent))
		put_slots(&rec, host, "pending", absent);
	record_str(&rec, "origin", origin_of(rule->flags));
	if (rule_is_star(rule))
		put_wild(&rec, s, rule);
	record_end(&rec);
}

static struct rule *rule_at(const struct rules *rules, enum af af, const struct place *place,
			    bool exact)
{
	struct rule_text text = {
		.sg = place->sg, .srclen = place->srclen, .grplen = place->grplen, .iif = place->iif
	};
	struct rule *rule;

	if (place->begun)
		rule = rule_after(rules, &text);
	else
		rule = exact ? rule_after(rules, NULL) : rules_first_inexact(rules, af);
	return rule && rule_is_exact(rule) == exact ? rule : NULL;
}

/* Rows of one table, through both families; false when it is at its end. */
static bool put_rules(struct show *s, struct engines engines, struct place *place, bool exact)
{
	for (; place->af < NFAMILIES; *place = (struct place){ .af = place->af + 1 }) {
		struct statics *st = statics_of(engines.af[place->af]);
		struct rule *rule = rule_at(&st->rules, place->af, place, exact);

		for (; rule && rule_is_exact(rule) == exact; rule = rule_next(rule)) {
			if (!s->budget)
				return true;
			s->budget--;
			put_rule(s, st, rule);
			*place = (struct place){ place->af,    rule->iif, rule->srclen,
						 rule->grplen, true,	  rule->sg };
		}
	}
	return false;
}

bool static_show_routes(struct show *s, struct engines engines)
{
	static const char *const table[] = { "asm", "ssm" };
	struct host *host = s->reader->host;
	struct place place;
	bool more;

	/* an even stage begins a table, an odd one goes on with it */
	if (s->stage % 2 == 0) {
		put_heading(s, table[s->stage / 2], name_width(host, engines));
		memset(s->after, 0, sizeof(s->after));
		s->stage++;
	}
	memcpy(&place, s->after, sizeof(place));
	more = put_rules(s, engines, &place, s->stage == 3);
	memcpy(s->after, &place, sizeof(place));
	if (!more)
		s->stage++;
	return s->stage < 2 * NELEMS(table);
}

/* How a membership fares on the interfaces that it is for. */
struct fate {
	const char *state, *why; /* why: NULL if it stands on all of them */
};

static struct fate fate_on(struct engine *e, struct ip group, unsigned slot)
{
	struct host *host = e->host;
	const char *why = host->op->joined(e, slot, group);

	if (!why)
		return (struct fate){ "joined", NULL };
	return (struct fate){ ifset_has(host->op->present(host), slot) ? "failed" : "pending",
			      why };
}

static struct fate fate_of(struct engine *e, const struct group *g)
{
	struct ifset slots = e->host->op->expand(e->host, ifset_of(g->slot));
	struct fate fate = { "pending", "no such interface" };

	ifset_foreach(slot, slots) {
		fate = fate_on(e, g->sg.grp, slot);
		if (fate.why)
			break;
	}
	return fate;
}

/* Members that were said by the same and fare alike. */
static bool is_alike(const struct group *a, const struct group *b, void *arg)
{
	return (a->flags & FROM_ANY) == (b->flags & FROM_ANY) &&
	       fate_of(arg, a).why == fate_of(arg, b).why;
}

static void put_fate(struct record *rec, const struct group *g, struct fate fate)
{
	record_str(rec, "state", fate.state);
	if (fate.why)
		record_str(rec, "reason", fate.why);
	record_str(rec, "origin", origin_of(g->flags));
	record_end(rec);
}

/* A row for as many as one line of the configuration can say; behind which is left in *place. */
static unsigned put_range(struct show *s, struct engine *e, struct group *g, struct place *place)
{
	struct rule_text t;
	unsigned n = group_range(g, is_alike, e, &t);
	struct prefix source = { t.sg.src, t.srclen }, group = { t.sg.grp, t.grplen };
	struct record rec = record_begin(s->out);

	record_str(&rec, "source", t.srclen ? prefix_str(&source) : NULL);
	record_str(&rec, "group", prefix_str(&group));
	record_str(&rec, "iif", e->host->op->ifname(e->host, g->slot));
	put_fate(&rec, g, fate_of(e, g));
	place->iif = t.iif;
	place->sg = group_nth(&t, n - 1);
	return 1 + n / MEMBERS_A_ROW;
}

/* A row for each interface that the name stands for. */
static unsigned put_members(struct show *s, struct engine *e, struct group *g, struct place *place)
{
	struct host *host = e->host;

	ifset_foreach(slot, host->op->expand(host, ifset_of(g->slot))) {
		struct record rec = record_begin(s->out);

		record_str(&rec, "source", ip_is_any(g->sg.src) ? NULL : ip_str(g->sg.src));
		record_str(&rec, "group", ip_str(g->sg.grp));
		record_str(&rec, "iif", host->op->ifname(host, slot));
		put_fate(&rec, g, fate_on(e, g->sg.grp, slot));
	}
	place->iif = g->slot;
	place->sg = g->sg;
	return 1;
}

bool static_show_groups(struct show *s, struct engines engines)
{
	const char *word = words_peek(&s->reader->words);
	bool detail = word && !strcmp(word, "detail");
	struct place place;

	if (!s->stage) {
		put_heading(s, detail ? "members" : "groups", name_width(s->reader->host, engines));
		s->stage = 1;
	}
	memcpy(&place, s->after, sizeof(place));
	for (; place.af < NFAMILIES; place = (struct place){ .af = place.af + 1 }) {
		struct statics *st = statics_of(engines.af[place.af]);
		struct group *g;

		while ((g = group_after(&st->groups, place.iif, place.begun ? &place.sg : NULL))) {
			unsigned cost;

			if (!s->budget) {
				memcpy(s->after, &place, sizeof(place));
				return true;
			}
			cost = detail ? put_members(s, &st->engine, g, &place)
				      : put_range(s, &st->engine, g, &place);
			s->budget -= cost < s->budget ? cost : s->budget;
			place.begun = true;
		}
	}
	return false;
}
