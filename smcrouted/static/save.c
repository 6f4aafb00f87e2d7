/* save.c - what is configured, in the words of a configuration: to be saved, and read again */
#include <string.h>

#include "engine.h"

static void put_names(struct buf *text, struct host *host, const char *before, struct ifset slots)
{
	if (!ifset_empty(slots))
		buf_puts(text, before);
	ifset_foreach(slot, slots)
		buf_printf(text, " %s", host->op->ifname(host, slot));
}

/* What statements have in common. */
static void put_text(struct buf *text, struct host *host, const struct rule_text *t)
{
	struct prefix source = { t->sg.src, t->srclen }, group = { t->sg.grp, t->grplen };

	buf_printf(text, " from %s", host->op->ifname(host, t->iif));
	if (t->srclen)
		buf_printf(text, " source %s", prefix_str(&source));
	buf_printf(text, " group %s", prefix_str(&group));
}

static void put_line(struct show *s, struct buf *text)
{
	struct record rec = record_begin(s->out);

	buf_add(text, "", 1);
	record_str(&rec, "line", buf_at(text));
	record_end(&rec);
	buf_free(text);
}

static void put_rule(struct show *s, struct host *host, const struct rule *rule)
{
	struct rule_text t = rule_text(rule);
	struct buf text = { 0 };

	buf_puts(&text, "mroute");
	put_text(&text, host, &t);
	if (rule->flags & RULE_KERNEL && !ifset_empty(t.oifs))
		buf_puts(&text, " kernel");
	put_names(&text, host, " to", t.oifs);
	put_line(s, &text);
}

static bool put_rules(struct show *s, struct statics *st, struct place *place)
{
	struct rule_text at = {
		.sg = place->sg, .srclen = place->srclen, .grplen = place->grplen, .iif = place->iif
	};
	struct rule *rule = rule_after(&st->rules, place->begun ? &at : NULL);

	for (; rule && s->budget; rule = rule_next(rule), s->budget--) {
		put_rule(s, st->engine.host, rule);
		*place = (struct place){ place->af,    rule->iif, rule->srclen,
					 rule->grplen, true,	  rule->sg };
	}
	return rule;
}

static bool put_groups(struct show *s, struct statics *st, struct place *place)
{
	struct group *g;

	while ((g = group_after(&st->groups, place->iif, place->begun ? &place->sg : NULL))) {
		struct buf text = { 0 };
		struct rule_text t;
		unsigned n, cost;

		if (!s->budget)
			return true;
		n = group_range(g, NULL, NULL, &t);
		cost = 1 + n / MEMBERS_A_ROW;
		s->budget -= cost < s->budget ? cost : s->budget;
		buf_puts(&text, "mgroup");
		put_text(&text, st->engine.host, &t);
		put_line(s, &text);
		place->iif = t.iif;
		place->sg = group_nth(&t, n - 1);
		place->begun = true;
	}
	return false;
}

bool static_show_config(struct show *s, struct engines engines)
{
	struct place place;

	if (!s->stage) {
		struct record rec = record_begin(s->out);

		record_str(&rec, "table", "config");
		record_end(&rec);
		s->stage = 1;
	}
	memcpy(&place, s->after, sizeof(place));
	/* stage 1 is rules, 2 is groups, each through both families */
	while (s->stage < 3) {
		struct statics *st = statics_of(engines.af[place.af]);
		bool more = s->stage == 1 ? put_rules(s, st, &place) : put_groups(s, st, &place);

		if (more)
			break;
		place = (struct place){ .af = place.af + 1 };
		if (place.af == NFAMILIES) {
			place.af = V4;
			s->stage++;
		}
	}
	memcpy(s->after, &place, sizeof(place));
	return s->stage < 3;
}
