/* conf.c - `mroute` and `mgroup`, add, remove, join and leave: what is written, read
 *
 * The file's statements fill the rules of a struct static_conf, commands change those in force.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* Reads interfaces up to the end of the line into the set. */
static int read_oifs(struct reader *r, struct ifset *oifs)
{
	while (words_peek(&r->words)) {
		int slot = read_slot(r);

		if (slot < 0)
			return -1;
		*oifs = ifset_with(*oifs, slot);
	}
	return 0;
}

/*
 * The words of both statements, in any order: from IFNAME, source ADDR[/LEN], group ADDR[/LEN],
 * and if @oifs is given kernel, and last: to IFNAME ...
 */
static int read_statement(struct reader *r, struct rule_text *text, struct ifset *oifs)
{
	bool has_source = false, has_group = false, has_from = false;
	struct words *w = &r->words;
	const char *word;

	while ((word = words_next(w))) {
		if (!strcmp(word, "from")) {
			int slot = read_slot(r);

			if (slot < 0)
				return -1;
			text->iif = slot;
			has_from = true;
		} else if (!strcmp(word, "source")) {
			if (rule_set_source(w, words_next(w), text))
				return -1;
			has_source = true;
		} else if (!strcmp(word, "group")) {
			if (rule_set_group(w, words_next(w), text))
				return -1;
			has_group = true;
		} else if (oifs && !strcmp(word, "kernel")) {
			text->kernel = true;
		} else if (oifs && !strcmp(word, "to")) {
			if (!words_peek(w)) {
				words_next(w);
				return words_error(w, "an interface is missing after 'to'");
			}
			if (read_oifs(r, oifs))
				return -1;
		} else {
			return words_error(w, "unknown word '%s'", word);
		}
	}
	if (!has_from)
		return words_error(w, "'from IFNAME' is missing");
	if (!has_group)
		return words_error(w, "'group ADDRESS' is missing");
	if (!has_source)
		text->sg.src = ip_any(ip_family(text->sg.grp));
	else if (!text->srclen && ip_is_any(text->sg.src))
		text->sg.src = ip_any(ip_family(text->sg.src));
	return rule_check(w, text);
}

/* Groups of source-specific multicast (RFC 4607) have no streams from everybody. */
static void warn_of_ssm(struct words *w, const struct rule_text *text)
{
	if (!text->srclen && ip_is_ssm(text->sg.grp))
		words_warn(w, "%s is source-specific: without a source it means nothing to others",
			   ip_str(text->sg.grp));
}

/* Outgoing interfaces stand last on the line. */
static void warn_of_return(struct reader *r, const struct rule_text *text)
{
	const char *name = r->host->op->ifname(r->host, text->iif);
	struct words *w = &r->words;

	if (!ifset_has(text->oifs, text->iif))
		return;
	w->next = w->n;
	while (w->next && strcmp(w->word[w->next - 1], name))
		w->next--;
	words_warn(w, "packets never leave by where they came in");
	w->next = w->n;
}

/* Whether what a route says can be, whatever others say. */
static int check_route(struct reader *r, const struct rule_text *text)
{
	struct words *w = &r->words;

	warn_of_ssm(w, text);
	warn_of_return(r, text);
	if (!text->kernel)
		return 0;
	if (text->srclen || text->grplen != af_bits(ip_family(text->sg.grp)))
		return words_error(w, "'kernel' is for one group from every source");
	if (ifset_empty(text->oifs))
		return words_error(w, "'kernel' is for a route that leads somewhere");
	return 0;
}

static int refuse_kernel(struct words *w, struct ip group, const char *why)
{
	return words_error(w, "the kernel cannot forward %s by itself: %s", ip_str(group), why);
}

static int parse_mroute(struct reader *r, void *arg)
{
	struct static_conf *conf = arg;
	struct rule_text text = { 0 };
	struct rules *rules;
	struct rule *rule;

	if (read_statement(r, &text, &text.oifs) || check_route(r, &text))
		return -1;
	rules = &conf->rules[ip_family(text.sg.grp)];
	rule = rule_get(rules, &text);
	if (rule->flags & FROM_ANY && ifset_empty(rule_oifs(rule)) != ifset_empty(text.oifs))
		return words_error(&r->words, "an earlier line says that this leads %s",
				   ifset_empty(text.oifs) ? "somewhere" : "nowhere");
	conf->slots = ifset_or(conf->slots, ifset_with(text.oifs, text.iif));
	conf->has_kernel |= text.kernel;
	rule->flags |= FROM(FROM_FILE) | RULE_CHANGED | (text.kernel ? RULE_KERNEL : 0);
	rule->oifs[FROM_FILE] = ifset_or(rule->oifs[FROM_FILE], text.oifs);
	return 0;
}

static int parse_mgroup(struct reader *r, void *arg)
{
	struct static_conf *conf = arg;
	struct rule_text text = { 0 };

	if (read_statement(r, &text, NULL))
		return -1;
	warn_of_ssm(&r->words, &text);
	if (!group_count(&text))
		return words_error(&r->words, "more than %d groups and sources in one line",
				   MAX_RANGE);
	conf->slots = ifset_with(conf->slots, text.iif);
	ranges_add(&conf->groups[ip_family(text.sg.grp)], &text);
	return 0;
}

/* Lines that say `kernel` and others, in whatever order; one that cannot be so says it no more. */
int static_check(struct reader *r, void *arg)
{
	struct static_conf *conf = arg;

	for (enum af af = V4; af <= V6 && conf->has_kernel; af++) {
		const struct rules *rules = &conf->rules[af];

		for (struct rule *rule = rule_after(rules, NULL); rule; rule = rule_next(rule)) {
			const char *why = NULL;

			if (rule->flags & RULE_KERNEL)
				why = wild_objection(r->host, rules, rule->sg.grp, false);
			if (!why)
				continue;
			rule->flags &= ~RULE_KERNEL;
			return refuse_kernel(&r->words, rule->sg.grp, why);
		}
	}
	return 0;
}

const struct statement static_statements[] = {
	{ "mroute", "from IFNAME [source ADDR[/LEN]] group GROUP[/LEN] [kernel] [to IFNAME ...]",
	  "forward what comes in from one interface to others; to nobody without 'to'",
	  parse_mroute },
	{ "mgroup", "from IFNAME [source ADDR[/LEN]] group GROUP[/LEN]",
	  "join groups on an interface, so that switches send them here", parse_mgroup },
	{ "ssmgroup", "from IFNAME source ADDR[/LEN] group GROUP[/LEN]", "an old name of mgroup",
	  parse_mgroup },
	{ 0 },
};

/* The word `kernel`, unless it is the name of an interface before a group. */
static bool accept_kernel(struct words *w)
{
	struct prefix probe;

	return w->next + 1 < w->n && !prefix_parse(w->word[w->next + 1], &probe) &&
	       words_accept(w, "kernel");
}

struct statics *static_read_request(struct reader *r, struct engines engines,
				    struct rule_text *text, bool with_oifs)
{
	int slot = read_slot(r);

	if (slot < 0)
		return NULL;
	text->iif = slot;
	if (rule_read_sg(&r->words, text) ||
	    (with_oifs ? read_oifs(r, &text->oifs) : words_end(&r->words)))
		return NULL;
	return statics_of(engines.af[ip_family(text->sg.grp)]);
}

/* Whether it is there, a pattern is waited for, or waiting was asked for. */
static int check_present(struct reader *r, unsigned slot, bool wait)
{
	struct host *host = r->host;
	const char *name = host->op->ifname(host, slot);

	if (wait || ifname_is_pattern(name) || ifset_has(host->op->present(host), slot))
		return 0;
	return words_error(&r->words, "there is no interface %s, -w waits for it", name);
}

/* Undoes an add to the rule that stood so before. */
static void rule_restore(struct rules *rules, struct rule *rule, const struct rule *before)
{
	rule->oifs[FROM_COMMAND] = before->oifs[FROM_COMMAND];
	rule->flags = before->flags;
	if (rule->flags & FROM_ANY)
		return;
	rule_remove(rules, rule);
	free(rule);
}

static int run_add(struct reader *r, struct engines engines)
{
	bool wait = words_accept(&r->words, "-w");
	struct rule_text text = { .kernel = accept_kernel(&r->words) };
	struct rule *rule, before;
	const char *why = NULL;
	struct statics *s;

	s = static_read_request(r, engines, &text, true);
	if (!s || check_route(r, &text) || check_present(r, text.iif, wait))
		return -1;
	rule = rule_get(&s->rules, &text);
	before = *rule;
	rule->flags |= FROM(FROM_COMMAND) | (text.kernel ? RULE_KERNEL : 0);
	rule->oifs[FROM_COMMAND] = ifset_or(rule->oifs[FROM_COMMAND], text.oifs);
	if (text.kernel)
		why = wild_objection(r->host, &s->rules, text.sg.grp, false);
	if (why) {
		rule_restore(&s->rules, rule, &before);
		return refuse_kernel(&r->words, text.sg.grp, why);
	}
	rule_recount(s, before.flags & FROM_ANY ? rule_slots(&before) : ifset_none(),
		     rule_slots(rule));
	rule_changed(s, rule);
	return 0;
}

static int run_remove(struct reader *r, struct engines engines)
{
	struct rule_text text = { 0 };
	struct ifset before;
	struct statics *s;
	struct rule *rule;

	s = static_read_request(r, engines, &text, true);
	if (!s)
		return -1;
	rule = rule_find(&s->rules, &text);
	if (!rule)
		return words_error(&r->words, "there is no such route");
	if (ifset_empty(text.oifs)) {
		rule_disown(s, rule, FROM_ANY);
		return 0;
	}
	before = rule_slots(rule);
	for (enum origin o = FROM_FILE; o < NORIGINS; o++)
		rule->oifs[o] = ifset_minus(rule->oifs[o], text.oifs);
	rule_recount(s, before, rule_slots(rule));
	rule_changed(s, rule);
	return 0;
}

/* The same without interfaces, for the *n groups that the text stands for. */
static struct statics *read_groups(struct reader *r, struct engines engines, struct rule_text *text,
				   unsigned *n)
{
	struct statics *s = static_read_request(r, engines, text, false);

	*n = s ? group_count(text) : 0;
	if (s && !*n)
		words_error(&r->words, "more than %d groups and sources at once", MAX_RANGE);
	return *n ? s : NULL;
}

static int run_join(struct reader *r, struct engines engines)
{
	bool wait = words_accept(&r->words, "-w");
	struct rule_text text = { 0 };
	struct statics *s;
	unsigned n;

	s = read_groups(r, engines, &text, &n);
	if (!s || check_present(r, text.iif, wait))
		return -1;
	warn_of_ssm(&r->words, &text);
	if (n == 1 && group_find(&s->groups, text.iif, group_nth(&text, 0)))
		return words_error(&r->words, "joined already");
	for (unsigned i = 0; i < n; i++) {
		struct sg sg = group_nth(&text, i);

		group_own(s, text.iif, sg, FROM(FROM_COMMAND));
		group_changed(s, text.iif, sg.grp);
	}
	return 0;
}

static int run_leave(struct reader *r, struct engines engines)
{
	struct rule_text text = { 0 };
	unsigned n, found = 0;
	struct statics *s;

	s = read_groups(r, engines, &text, &n);
	if (!s)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		struct group *g = group_find(&s->groups, text.iif, group_nth(&text, i));

		if (g) {
			group_disown(s, g, FROM_ANY);
			found++;
		}
	}
	return found ? 0 : words_error(&r->words, "there is no such membership");
}

static int run_flush(struct reader *r, struct engines engines)
{
	(void)r;
	for (enum af af = V4; af <= V6; af++)
		statics_flush(statics_of(engines.af[af]));
	return 0;
}

const struct command static_commands[] = {
	{ "add", "[-w] [kernel] IFNAME [SRC[/LEN]] GROUP[/LEN] [IFNAME ...]",
	  "add a route, or outgoing interfaces to one", true, run_add, NULL },
	{ "remove", "IFNAME [SRC[/LEN]] GROUP[/LEN] [IFNAME ...]",
	  "remove a route, or outgoing interfaces of one", true, run_remove, NULL },
	{ "join", "[-w] IFNAME [SRC[/LEN]] GROUP[/LEN]", "join groups on an interface", true,
	  run_join, NULL },
	{ "leave", "IFNAME [SRC[/LEN]] GROUP[/LEN]", "leave groups on an interface", true,
	  run_leave, NULL },
	{ "flush", "", "forget learned routes that had no packet since the last look", true,
	  run_flush, NULL },
	{ "show routes", "[detail]", "the rules, and what the kernel holds", false, NULL,
	  static_show_routes },
	{ "show config", "", NULL, false, NULL, static_show_config },
	{ "show groups", "[detail]", "the groups that were joined, each for itself with detail",
	  false, NULL, static_show_groups },
	{ "kernel", "IFNAME GROUP", NULL, true, static_run_kernel, NULL },
	{ "seen", "IFNAME SRC GROUP", NULL, true, static_run_seen, NULL },
	{ "twofold", "GROUP", NULL, true, static_run_twofold, NULL },
	{ 0 },
};
