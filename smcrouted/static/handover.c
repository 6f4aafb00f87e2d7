/* handover.c - what a restart in place carries over: requests that bring it back
 *
 * They are commands, and words that only the process before says, for what no command can: it was
 * right beside the other rules when it was said, or was learned.
 */
#include "engine.h"

static void put_rule(struct buf *text, struct host *host, const struct rule *rule)
{
	struct prefix source = { rule->sg.src, rule->srclen };
	struct prefix group = rule_groups(rule);
	const char *iif = host->op->ifname(host, rule->iif);

	buf_printf(text, "add -w %s %s %s", iif, rule->srclen ? prefix_str(&source) : "",
		   prefix_str(&group));
	ifset_foreach(slot, rule->oifs[FROM_COMMAND])
		buf_printf(text, " %s", host->op->ifname(host, slot));
	buf_puts(text, "\n");
	if (rule->flags & RULE_KERNEL)
		buf_printf(text, "kernel %s %s\n", iif, prefix_str(&group));
}

static void put_group(struct buf *text, struct host *host, const struct group *g)
{
	buf_printf(text, "join -w %s %s %s\n", host->op->ifname(host, g->slot),
		   ip_is_any(g->sg.src) ? "" : ip_str(g->sg.src), ip_str(g->sg.grp));
}

void static_handover(struct engine *e, struct buf *text)
{
	struct statics *s = statics_of(e);
	struct host *host = e->host;

	for (struct rule *rule = rule_after(&s->rules, NULL); rule; rule = rule_next(rule)) {
		if (rule->flags & FROM(FROM_COMMAND))
			put_rule(text, host, rule);
	}
	for (struct group *g = group_after(&s->groups, 0, NULL); g; g = group_next(g)) {
		if (g->flags & FROM(FROM_COMMAND))
			put_group(text, host, g);
	}
	if (TREE_EMPTY(&s->wilds))
		return;
	for (struct wild *w = wild_next(s, NULL); w; w = wild_next(s, w)) {
		if (w->twofold)
			buf_printf(text, "twofold %s\n", ip_str(w->group));
	}
	for (struct learned *l = learned_next(s, NULL); l; l = learned_next(s, l)) {
		if (learned_is_uncounted(s, l))
			buf_printf(text, "seen %s %s %s\n", host->op->ifname(host, l->arrival),
				   ip_str(l->sg.src), ip_str(l->sg.grp));
	}
}

/* A route of which a command said `kernel`: other rules may have come, beside which it waits. */
int static_run_kernel(struct reader *r, struct engines engines)
{
	struct rule_text text = { 0 };
	struct statics *s = static_read_request(r, engines, &text, false);
	struct rule *rule = s ? rule_find(&s->rules, &text) : NULL;

	if (!s || !rule || !rule_is_star(rule))
		return words_error(&r->words, "there is no such route");
	rule->flags |= RULE_KERNEL;
	rule_changed(s, rule);
	return 0;
}

/* One of the group's sources came in on two interfaces. */
int static_run_twofold(struct reader *r, struct engines engines)
{
	struct rule_text text = { 0 };

	if (rule_set_group(&r->words, words_next(&r->words), &text) || words_end(&r->words))
		return -1;
	wild_set_twofold(statics_of(engines.af[ip_family(text.sg.grp)]), text.sg.grp);
	return 0;
}

/* The stream comes in there, of which the kernel has no entry to tell it. */
int static_run_seen(struct reader *r, struct engines engines)
{
	struct rule_text text = { 0 };
	struct statics *s = static_read_request(r, engines, &text, false);

	if (!s)
		return -1;
	learned_see(s, text.sg, text.iif);
	return 0;
}
