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
 * and if @oifs is given last: to IFNAME ...
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

static int parse_mroute(struct reader *r, void *arg)
{
	struct static_conf *conf = arg;
	struct rule_text text = { 0 };
	struct rule *rule;

	if (read_statement(r, &text, &text.oifs))
		return -1;
	conf->slots = ifset_or(conf->slots, ifset_with(text.oifs, text.iif));
	rule = rule_get(&conf->rules[ip_family(text.sg.grp)], &text);
	rule->flags = FROM(FROM_FILE) | RULE_CHANGED;
	rule->oifs[FROM_FILE] = ifset_or(rule->oifs[FROM_FILE], text.oifs);
	return 0;
}

static int parse_mgroup(struct reader *r, void *arg)
{
	struct static_conf *conf = arg;
	struct rule_text text = { 0 };
	unsigned n;

	if (read_statement(r, &text, NULL))
		return -1;
	n = group_count(&text);
	if (!n)
		return words_error(&r->words, "more than %d groups and sources in one line",
				   MAX_RANGE);
	conf->slots = ifset_with(conf->slots, text.iif);
	for (unsigned i = 0; i < n; i++)
		group_get(&conf->groups[ip_family(text.sg.grp)], text.iif, group_nth(&text, i));
	return 0;
}

const struct statement static_statements[] = {
	{ "mroute", "from IFNAME [source ADDR[/LEN]] group GROUP[/LEN] [to IFNAME ...]",
	  "forward what comes in from one interface to others; to nobody without 'to'",
	  parse_mroute },
	{ "mgroup", "from IFNAME [source ADDR[/LEN]] group GROUP[/LEN]",
	  "join groups on an interface, so that switches send them here", parse_mgroup },
	{ "ssmgroup", "from IFNAME source ADDR[/LEN] group GROUP[/LEN]", "an old name of mgroup",
	  parse_mgroup },
	{ 0 },
};

/*
 * IFNAME [SRC[/LEN]] GROUP[/LEN] [IFNAME ...], the words of the commands. The engine of the
 * group's family, or NULL with the error in the words.
 */
static struct statics *read_request(struct reader *r, struct engines engines,
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

static int run_add(struct reader *r, struct engines engines)
{
	struct rule_text text = { 0 };
	struct ifset before;
	struct statics *s;
	struct rule *rule;

	s = read_request(r, engines, &text, true);
	if (!s)
		return -1;
	rule = rule_get(&s->rules, &text);
	rule_renew(s, rule);
	before = rule->flags & FROM_ANY ? rule_slots(rule) : ifset_none();
	rule->flags |= FROM(FROM_COMMAND);
	rule->oifs[FROM_COMMAND] = ifset_or(rule->oifs[FROM_COMMAND], text.oifs);
	rule_recount(s, before, rule_slots(rule));
	rule_changed(s, rule);
	return 0;
}

static int run_remove(struct reader *r, struct engines engines)
{
	struct rule_text text = { 0 };
	struct ifset before;
	struct statics *s;
	struct rule *rule;

	s = read_request(r, engines, &text, true);
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
	struct statics *s = read_request(r, engines, text, false);

	*n = s ? group_count(text) : 0;
	if (s && !*n)
		words_error(&r->words, "more than %d groups and sources at once", MAX_RANGE);
	return *n ? s : NULL;
}

static int run_join(struct reader *r, struct engines engines)
{
	struct rule_text text = { 0 };
	struct statics *s;
	unsigned n;

	s = read_groups(r, engines, &text, &n);
	if (!s)
		return -1;
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
	{ "add", "IFNAME [SRC[/LEN]] GROUP[/LEN] [IFNAME ...]",
	  "add a route, or outgoing interfaces to one", true, run_add, NULL },
	{ "remove", "IFNAME [SRC[/LEN]] GROUP[/LEN] [IFNAME ...]",
	  "remove a route, or outgoing interfaces of one", true, run_remove, NULL },
	{ "join", "IFNAME [SRC[/LEN]] GROUP[/LEN]", "join groups on an interface", true, run_join,
	  NULL },
	{ "leave", "IFNAME [SRC[/LEN]] GROUP[/LEN]", "leave groups on an interface", true,
	  run_leave, NULL },
	{ "flush", "", "forget learned routes that had no packet since the last look", true,
	  run_flush, NULL },
	{ "show routes", "[detail]", "the rules, and what the kernel holds", false, NULL,
	  static_show_routes },
	{ "show groups", "[detail]", "the groups that were joined", false, NULL,
	  static_show_groups },
	{ 0 },
};
