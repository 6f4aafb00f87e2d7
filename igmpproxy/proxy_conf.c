/* proxy_conf.c - the statement `proxy`: what is written, read */
#include <stdlib.h>
#include <string.h>

#include "gm_conf.h"
#include "proxy_conf.h"

#define PRIORITY 100

/* A line being read. */
struct line {
	struct reader *reader;
	struct proxy_set *set;
	struct proxy_rule *rule;
	struct upstream_rule *upstream; /* the latest; NULL: none yet */
	bool igmp, mld;
};

struct word {
	const char *name;
	int (*read)(struct line *l);
};

static const struct word words_of_proxy[];

static const struct word *word_find(const char *name)
{
	for (const struct word *word = words_of_proxy; word->name; word++) {
		if (name && !strcmp(word->name, name))
			return word;
	}
	return NULL;
}

/* Whether one more value follows, in a list that ends with the next word of the statement. */
static bool follows(struct line *l)
{
	const char *next = words_peek(&l->reader->words);

	return next && !word_find(next);
}

static void upstream_free(struct upstream_rule *u)
{
	ranges_clear(&u->intake.groups);
	ranges_clear(&u->intake.sources);
	free(u);
}

static void rule_free(struct proxy_set *set, struct proxy_rule *rule)
{
	struct upstream_rule *u;

	while ((u = TAILQ_FIRST(&rule->upstreams))) {
		TAILQ_REMOVE(&rule->upstreams, u, link);
		upstream_free(u);
	}
	TAILQ_REMOVE(&set->rules, rule, link);
	ranges_clear(&rule->local);
	free(rule->name);
	free(rule);
}

void *proxy_conf_new(void)
{
	struct proxy_set *set = xcalloc(1, sizeof(*set));

	TAILQ_INIT(&set->rules);
	set->refs = 1;
	return set;
}

void proxy_conf_free(void *conf)
{
	struct proxy_set *set = conf;
	struct proxy_rule *rule;

	if (--set->refs)
		return;
	while ((rule = TAILQ_FIRST(&set->rules)))
		rule_free(set, rule);
	buf_free(&set->text);
	free(set);
}

bool proxy_set_eq(const struct proxy_set *a, const struct proxy_set *b)
{
	size_t len = buf_len(&a->text);

	return len == buf_len(&b->text) &&
	       (!len || !memcmp(buf_at(&a->text), buf_at(&b->text), len));
}

bool proxy_is_local(const struct proxy_rule *rule, struct ip group)
{
	return ranges_take(&rule->local, group, false);
}

/* 239.255.0.0/16, the IPv4 Local Scope (RFC 2365 6.1): SSDP, and what else is of a house. */
static struct proxy_rule *rule_new(struct proxy_set *set)
{
	struct proxy_rule *rule = xcalloc(1, sizeof(*rule));

	TAILQ_INIT(&rule->upstreams);
	ranges_put(&rule->local, (struct prefix){ ip_v4(0xefff0000), 16 }, false);
	TAILQ_INSERT_TAIL(&set->rules, rule, link);
	return rule;
}

/* The rule of that name, made if it is new. */
static struct proxy_rule *rule_named(struct proxy_set *set, const char *name)
{
	struct proxy_rule *rule;

	TAILQ_FOREACH(rule, &set->rules, link) {
		if (rule->is_named && !strcmp(rule->name, name))
			return rule;
	}
	rule = rule_new(set);
	rule->name = xstrdup(name);
	rule->is_named = true;
	return rule;
}

/* name NAME; it is looked at before all else. */
static int read_name(struct line *l)
{
	words_next(&l->reader->words);
	return 0;
}

/* The best is first; of those alike, the one that was written first. */
static void insert(struct proxy_rule *rule, struct upstream_rule *u)
{
	struct upstream_rule *at;

	TAILQ_FOREACH(at, &rule->upstreams, link) {
		if (at->priority > u->priority) {
			TAILQ_INSERT_BEFORE(at, u, link);
			return;
		}
	}
	TAILQ_INSERT_TAIL(&rule->upstreams, u, link);
}

static int read_upstream(struct line *l)
{
	int slot = read_slot(l->reader);

	if (slot < 0)
		return -1;
	l->upstream = xcalloc(1, sizeof(*l->upstream));
	l->upstream->slot = slot;
	l->upstream->priority = PRIORITY;
	insert(l->rule, l->upstream);
	l->set->slots = ifset_with(l->set->slots, slot);
	if (!l->rule->name)
		l->rule->name = xstrdup(l->reader->host->op->ifname(l->reader->host, slot));
	return 0;
}

static int read_downstream(struct line *l)
{
	do {
		int slot = read_slot(l->reader);

		if (slot < 0)
			return -1;
		l->rule->downstreams = ifset_with(l->rule->downstreams, slot);
		l->set->slots = ifset_with(l->set->slots, slot);
	} while (follows(l));
	return 0;
}

/* The words that say something of an upstream interface stand behind it. */
static int need_upstream(struct line *l)
{
	return l->upstream ? 0 : words_error(&l->reader->words, "this is said of an 'upstream'");
}

static int read_priority(struct line *l)
{
	int64_t n;

	if (need_upstream(l) || words_number(&l->reader->words, "priority", 0, UINT32_MAX, &n))
		return -1;
	TAILQ_REMOVE(&l->rule->upstreams, l->upstream, link);
	l->upstream->priority = n;
	insert(l->rule, l->upstream);
	return 0;
}

/* ADDR[/LEN], of groups or of sources. */
static int read_prefix(struct words *w, bool groups, struct prefix *prefix)
{
	const char *word = words_next(w);
	unsigned least = 0;

	if (!word)
		return words_error(w, "the address of a %s is missing",
				   groups ? "group" : "source");
	if (!prefix_parse(word, prefix))
		return words_error(w, "'%s' is no address", word);
	if (groups)
		least = ip_family(prefix->ip) == V4 ? 4 : 8;
	if (ip_is_multicast(prefix->ip) != groups || prefix->len < least || ip_is_any(prefix->ip))
		return words_error(w, "'%s' is no %s address", word,
				   groups ? "group's" : "source's");
	prefix->ip = ip_mask(prefix->ip, prefix->len);
	return 0;
}

static int read_ranges(struct line *l, struct ranges *ranges, bool groups, bool except)
{
	struct prefix prefix;

	do {
		if (read_prefix(&l->reader->words, groups, &prefix))
			return -1;
		ranges_put(ranges, prefix, except);
	} while (follows(l));
	return 0;
}

static int read_group(struct line *l)
{
	return need_upstream(l) || read_ranges(l, &l->upstream->intake.groups, true, false) ? -1
											    : 0;
}

static int read_except(struct line *l)
{
	return need_upstream(l) || read_ranges(l, &l->upstream->intake.groups, true, true) ? -1 : 0;
}

static int read_source(struct line *l)
{
	return need_upstream(l) || read_ranges(l, &l->upstream->intake.sources, false, false) ? -1
											      : 0;
}

static int read_local(struct line *l)
{
	if (!words_accept(&l->reader->words, "none"))
		return read_ranges(l, &l->rule->local, true, false);
	ranges_clear(&l->rule->local);
	return 0;
}

static int read_igmp(struct line *l)
{
	l->igmp = true;
	return 0;
}

static int read_mld(struct line *l)
{
	l->mld = true;
	return 0;
}

static int read_kernel(struct line *l)
{
	l->rule->kernel = true;
	return 0;
}

static int read_all(struct line *l)
{
	l->rule->all = true;
	return 0;
}

static int read_receive_only(struct line *l)
{
	l->rule->receive_only = true;
	return 0;
}

static const struct word words_of_proxy[] = {
	{ "name", read_name },
	{ "upstream", read_upstream },
	{ "priority", read_priority },
	{ "group", read_group },
	{ "except", read_except },
	{ "source", read_source },
	{ "downstream", read_downstream },
	{ "local", read_local },
	{ "igmp", read_igmp },
	{ "mld", read_mld },
	{ "kernel", read_kernel },
	{ "all", read_all },
	{ "receive-only", read_receive_only },
	{ 0 },
};

static struct ifset upstreams_of(const struct proxy_rule *rule)
{
	const struct upstream_rule *u;
	struct ifset set = ifset_none();

	TAILQ_FOREACH(u, &rule->upstreams, link)
		set = ifset_with(set, u->slot);
	return set;
}

/* The error is of the interface's name, wherever on the line it stands. */
static int blame(struct reader *r, struct ifset slots, const char *what)
{
	const char *name = r->host->op->ifname(r->host, ifset_first(slots));
	struct words *w = &r->words;

	for (w->next = w->n; w->next && strcmp(w->word[w->next - 1], name);)
		w->next--;
	return words_error(w, "%s is %s", name, what);
}

/* An interface serves one purpose in a family. */
static int check_purposes(struct line *l)
{
	struct ifset up = upstreams_of(l->rule), down = l->rule->downstreams;
	const struct proxy_rule *other;

	if (ifset_meet(up, down))
		return blame(l->reader, ifset_and(up, down), "both upstream and downstream");
	TAILQ_FOREACH(other, &l->set->rules, link) {
		struct ifset both = ifset_and(ifset_or(up, down),
					      ifset_or(upstreams_of(other), other->downstreams));

		if (other != l->rule && !ifset_empty(both) &&
		    ((!other->off[V4] && !l->rule->off[V4]) ||
		     (!other->off[V6] && !l->rule->off[V6])))
			return blame(l->reader, both, "in another proxy");
	}
	return 0;
}

/* The words of the line as they were read, to be shown. */
static void keep_text(struct buf *text, const struct words *w)
{
	for (unsigned i = 0; i < w->n; i++) {
		buf_puts(text, i ? " " : "");
		buf_puts(text, w->word[i]);
	}
	buf_add(text, "", 1);
}

static int read_words(struct line *l)
{
	struct words *w = &l->reader->words;
	const char *name;

	while ((name = words_next(w))) {
		const struct word *word = word_find(name);

		if (!word)
			return words_error(w, "unknown word '%s'", name);
		if (word->read(l))
			return -1;
	}
	return 0;
}

static int read_line(struct line *l)
{
	struct words *w = &l->reader->words;

	if (read_words(l))
		return -1;
	if (!l->rule->name)
		return words_error(w, "'upstream IFNAME' is missing");
	l->rule->off[V4] |= l->mld && !l->igmp;
	l->rule->off[V6] |= l->igmp && !l->mld;
	if (check_purposes(l))
		return -1;
	keep_text(&l->set->text, w);
	return 0;
}

static int parse_proxy(struct reader *r, void *conf)
{
	struct line l = { .reader = r, .set = conf };
	struct words *w = &r->words;

	for (unsigned i = w->next; i + 1 < w->n; i++) {
		if (!strcmp(w->word[i], "name"))
			l.rule = rule_named(l.set, w->word[i + 1]);
	}
	if (!l.rule)
		l.rule = rule_new(l.set);
	if (!read_line(&l))
		return 0;
	if (!l.rule->is_named)
		rule_free(l.set, l.rule);
	return -1;
}

/* RFC 4605 3: a proxy is a host upstream, and no router. */
static int check_upstreams(struct reader *r, const struct proxy_rule *rule)
{
	const struct host_ops *op = r->host->op;
	const struct upstream_rule *u;

	TAILQ_FOREACH(u, &rule->upstreams, link) {
		struct gm_fields fields = gm_defaults();
		bool igmp, mld;

		op->phyint(r->host, u->slot, gm_keywords, &fields);
		igmp = fields.af[V4].on && !rule->off[V4];
		mld = fields.af[V6].on && !rule->off[V6];
		if (igmp || mld)
			return words_error(&r->words,
					   "%s is upstream of proxy %s: 'phyint' must not say "
					   "'%s' of it",
					   op->ifname(r->host, u->slot), rule->name,
					   igmp ? "igmp" : "mld");
	}
	return 0;
}

static int check_rule(struct reader *r, const struct proxy_rule *rule)
{
	bool up = !TAILQ_EMPTY(&rule->upstreams), down = !ifset_empty(rule->downstreams);

	if (up && down)
		return check_upstreams(r, rule);
	return words_error(&r->words, "proxy %s has no %s interface", rule->name,
			   up ? "downstream" : "upstream");
}

struct ifset proxy_serves(struct host *host, const void *conf, enum af af)
{
	const struct proxy_set *set = conf;
	const struct proxy_rule *rule;
	struct ifset slots = ifset_none();

	TAILQ_FOREACH(rule, &set->rules, link) {
		if (!rule->off[af])
			slots = ifset_or(slots, ifset_or(upstreams_of(rule), rule->downstreams));
	}
	return host->op->expand(host, slots);
}

/* What other lines might still have said. What is wrong goes, for the rest to be seen. */
int proxy_check(struct reader *r, void *conf)
{
	struct proxy_set *set = conf;
	struct proxy_rule *rule;

	TAILQ_FOREACH(rule, &set->rules, link) {
		if (!check_rule(r, rule))
			continue;
		rule_free(set, rule);
		return -1;
	}
	return 0;
}

const struct statement proxy_statements[] = {
	{ "proxy",
	  "[name NAME] upstream IFNAME [priority NUM] [group GROUP[/LEN] ...] "
	  "[except GROUP[/LEN] ...] [source ADDR[/LEN] ...] [upstream IFNAME ...] "
	  "downstream IFNAME ... [local GROUP[/LEN] ... | local none] [igmp | mld] [kernel] [all] "
	  "[receive-only]",
	  "report upstream what listeners downstream want, and forward it to them", parse_proxy },
	{ 0 },
};
