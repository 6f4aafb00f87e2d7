/* config.c - what pimd.conf says, in the grammar of smcroute.conf
 *
 * Statements are rows of a table, and so are the words of `phyint`. Lines become lines in their
 * order, behind one that has PIM on all interfaces: of our phyint lines the later one holds.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "config_read.h"

/* The longest time between queries that one byte can tell (RFC 3376 4.1.7). */
#define MAX_QUERY_INTERVAL 31744

/* RFC 3376 8.2 */
#define QUERY_INTERVAL 125

struct origin conf_here(const struct conf *c, enum line_kind kind)
{
	const struct words *w = &c->words;
	unsigned i = w->next > w->n ? w->n : w->next;

	return (struct origin){ c->line, i ? w->word[i - 1] - w->line + 1 : 1, kind };
}

void conf_warn(struct conf *c, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	translation_add(c->t, conf_here(c, LINE_WARNING), "%s", text);
	c->warned = true;
}

bool conf_number(struct conf *c, const struct conf_word *w, unsigned *n)
{
	int64_t value;

	if (words_number(&c->words, w->name, w->min, w->max, &value)) {
		conf_warn(c, "%s wants a number from %u to %u", w->name, w->min, w->max);
		return false;
	}
	*n = value;
	return true;
}

/* `masklen LEN`, which may stand behind an address. */
static bool read_masklen(struct conf *c, struct prefix *net)
{
	const struct conf_word masklen = { "masklen", NULL, 0, 32, NULL };
	unsigned n;

	if (!words_accept(&c->words, masklen.name))
		return true;
	if (!conf_number(c, &masklen, &n))
		return false;
	net->len = n;
	return true;
}

bool conf_net(struct conf *c, unsigned len, struct prefix *net)
{
	const char *word = words_next(&c->words);
	bool is_net = word && prefix_parse(word, net) && ip_family(net->ip) == V4;
	const char *slash = is_net ? strchr(word, '/') : NULL;

	if (!is_net) {
		conf_warn(c, "a network is wanted, A.B.C.D, A.B.C.D/LEN or A.B.C.D masklen LEN");
		return false;
	}
	if (!slash)
		net->len = len;
	else if (!slash[1 + strspn(slash + 1, "0")])
		net->len = 0;
	if (!read_masklen(c, net))
		return false;
	net->ip = ip_mask(net->ip, net->len);
	return true;
}

bool conf_groups(struct conf *c, unsigned len, struct prefix *groups)
{
	if (!conf_net(c, len, groups))
		return false;
	if (ip_is_multicast(groups->ip) && groups->len >= 4)
		return true;
	conf_warn(c, "%s are no multicast groups", prefix_str(groups));
	return false;
}

/* A number that we have a statement for. */
static void read_statement(struct conf *c, const struct conf_word *w)
{
	unsigned n;

	if (conf_number(c, w, &n))
		translation_add(c->t, conf_here(c, LINE_STATEMENT), "%s %u", w->ours, n);
}

static void read_query_interval(struct conf *c, const struct conf_word *w)
{
	unsigned n;

	if (conf_number(c, w, &n))
		c->query_interval = (struct said_number){ conf_here(c, LINE_STATEMENT), n };
}

static void read_querier_timeout(struct conf *c, const struct conf_word *w)
{
	unsigned n;

	if (conf_number(c, w, &n))
		c->querier_timeout = (struct said_number){ conf_here(c, LINE_STATEMENT), n };
}

/* Queries come before who sends them is given up. */
static void add_querying(struct conf *c)
{
	struct said_number *query = &c->query_interval, *timeout = &c->querier_timeout;
	unsigned interval = query->n ? query->n : QUERY_INTERVAL;

	if (interval > MAX_QUERY_INTERVAL) {
		interval = MAX_QUERY_INTERVAL;
		query->from.kind = LINE_WARNING;
		translation_add(c->t, query->from, "taken for %u, the longest that can be told",
				interval);
		query->from.kind = LINE_STATEMENT;
	}
	if (query->n)
		translation_add(c->t, query->from, "igmp-query-interval %u", interval);
	if (timeout->n > interval) {
		translation_add(c->t, timeout->from, "igmp-querier-timeout %u", timeout->n);
	} else if (timeout->n) {
		timeout->from.kind = LINE_WARNING;
		translation_add(c->t, timeout->from, "must be longer than igmp-query-interval");
	}
}

static void read_nothing(struct conf *c, const struct conf_word *w)
{
	(void)c, (void)w;
}

static void read_spt_threshold(struct conf *c, const struct conf_word *w)
{
	const struct conf_word rate = { "rate", NULL, 0, UINT32_MAX, NULL };
	const struct conf_word packets = { "packets", NULL, 0, UINT32_MAX, NULL };
	const struct conf_word interval = { "interval", NULL, 5, 65535, NULL };
	struct origin from = conf_here(c, LINE_STATEMENT);
	char what[40] = "packets 0";
	unsigned n, seconds = 100;

	(void)w;
	if (words_accept(&c->words, "infinity"))
		snprintf(what, sizeof(what), "infinity");
	else if (words_accept(&c->words, rate.name) && conf_number(c, &rate, &n))
		snprintf(what, sizeof(what), "rate %u", n);
	else if (words_accept(&c->words, packets.name) && conf_number(c, &packets, &n))
		snprintf(what, sizeof(what), "packets %u", n);
	if (words_accept(&c->words, interval.name) && !conf_number(c, &interval, &seconds))
		return;
	translation_add(c->t, from, "spt-threshold %s interval %u", what, seconds);
}

/* Words of `phyint`: @name is our interface. */
struct phyint_word {
	const char *name;
	void (*read)(struct conf *c, const char *ifname, const struct conf_word *w);
	struct conf_word word;
};

static void phyint_add(struct conf *c, const char *ifname, const char *ours)
{
	translation_add(c->t, conf_here(c, LINE_STATEMENT), "phyint %s %s", ifname, ours);
}

static void phyint_flag(struct conf *c, const char *ifname, const struct conf_word *w)
{
	phyint_add(c, ifname, w->ours);
}

static void phyint_number(struct conf *c, const char *ifname, const struct conf_word *w)
{
	unsigned n;

	if (conf_number(c, w, &n))
		translation_add(c->t, conf_here(c, LINE_STATEMENT), "phyint %s %s %u", ifname,
				w->ours, n);
}

/* Sources and listeners of another network of the link. */
static void phyint_altnet(struct conf *c, const char *ifname, const struct conf_word *w)
{
	struct prefix net;

	(void)w;
	if (!conf_net(c, 32, &net))
		return;
	if (!net.len || ip_is_multicast(net.ip)) {
		conf_warn(c, "%s/%u are no hosts of a link", ip_str(net.ip), net.len);
		return;
	}
	translation_add(c->t, conf_here(c, LINE_STATEMENT), "phyint %s altnet %s", ifname,
			prefix_str(&net));
	translation_add(c->t, conf_here(c, LINE_STATEMENT), "altnet %s %s", ifname,
			prefix_str(&net));
}

static void phyint_scoped(struct conf *c, const char *ifname, const struct conf_word *w)
{
	struct prefix groups;

	(void)w;
	if (conf_groups(c, 32, &groups))
		translation_add(c->t, conf_here(c, LINE_STATEMENT), "phyint %s scoped %s", ifname,
				prefix_str(&groups));
}

#define NUMBER(name, ours, min, max)               \
	{                                          \
		name, phyint_number,               \
		{                                  \
			name, NULL, min, max, ours \
		}                                  \
	}

#define FLAG(name, ours)                       \
	{                                      \
		name, phyint_flag,             \
		{                              \
			name, NULL, 0, 0, ours \
		}                              \
	}

static const struct phyint_word phyint_words[] = {
	FLAG("enable", "pim4"),
	FLAG("disable", "no-pim"),
	FLAG("igmpv2", "igmp-version 2"),
	FLAG("igmpv3", "igmp-version 3"),
	NUMBER("dr-priority", "dr-priority", 0, UINT32_MAX),
	NUMBER("ttl-threshold", "ttl-threshold", 1, 255),
	NUMBER("threshold", "ttl-threshold", 1, 255),
	NUMBER("distance", "distance", 1, 255),
	NUMBER("preference", "distance", 1, 255),
	NUMBER("metric", "metric", 1, 1024),
	{ "altnet", phyint_altnet, { "altnet", NULL, 0, 0, NULL } },
	{ "scoped", phyint_scoped, { "scoped", NULL, 0, 0, NULL } },
	{ 0 },
};

/* The interface of the name or address that is the next word; NULL with a warning. */
static const char *read_ifname(struct conf *c)
{
	const char *word = words_peek(&c->words), *name;
	struct ip address;

	if (!word || !ip_parse(word, &address)) {
		name = words_ifname(&c->words);
		if (!name)
			conf_warn(c, "%s", c->words.error);
		return name;
	}
	words_next(&c->words);
	name = c->how->ifname ? c->how->ifname(c->how->arg, address) : NULL;
	if (!name)
		conf_warn(c, "no interface has the address %s", word);
	return name;
}

static void read_phyint(struct conf *c, const struct conf_word *w)
{
	const char *ifname = read_ifname(c), *word;

	if (!ifname)
		return;
	while ((word = words_next(&c->words))) {
		const struct phyint_word *p = phyint_words;

		while (p->name && strcmp(p->name, word))
			p++;
		if (p->name)
			p->read(c, ifname, &p->word);
		else
			conf_warn(c, "unknown word '%s' of %s", word, w->name);
	}
}

/* Names with underscores are those of old. */
static const struct conf_word words[] = {
	{ "default-route-distance", read_statement, 1, 255, "default-route-distance" },
	{ "default_source_preference", read_statement, 1, 255, "default-route-distance" },
	{ "default-route-metric", read_statement, 1, 1024, "default-route-metric" },
	{ "default_source_metric", read_statement, 1, 1024, "default-route-metric" },
	{ "hello-interval", read_statement, 1, 18724, "hello-interval" },
	{ "hello_period", read_statement, 1, 18724, "hello-interval" },
	{ "igmp-query-interval", read_query_interval, 1, 65535, NULL },
	{ "default_igmp_query_interval", read_query_interval, 1, 65535, NULL },
	{ "igmp-querier-timeout", read_querier_timeout, 1, 65535, NULL },
	{ "default_igmp_querier_timeout", read_querier_timeout, 1, 65535, NULL },
	{ "phyint", read_phyint, 0, 0, NULL },
	{ "disable-vifs", read_nothing, 0, 0, NULL },
	{ "bsr-candidate", conf_bsr_candidate, 0, 0, NULL },
	{ "cand_bootstrap_router", conf_bsr_candidate, 0, 0, NULL },
	{ "rp-candidate", conf_rp_candidate, 0, 0, NULL },
	{ "cand_rp", conf_rp_candidate, 0, 0, NULL },
	{ "group-prefix", conf_group_prefix, 0, 0, NULL },
	{ "group_prefix", conf_group_prefix, 0, 0, NULL },
	{ "rp-address", conf_rp_address, 0, 0, NULL },
	{ "rp_address", conf_rp_address, 0, 0, NULL },
	{ "spt-threshold", read_spt_threshold, 0, 0, NULL },
	{ "spt_threshold", read_spt_threshold, 0, 0, NULL },
	{ "switch_data_threshold", read_spt_threshold, 0, 0, NULL },
	{ "switch_register_threshold", read_spt_threshold, 0, 0, NULL },
	{ 0 },
};

static void read_line(struct conf *c)
{
	const struct conf_word *row = words;
	const char *name = words_next(&c->words);

	if (!name || (!strcmp(name, "no") && words_accept(&c->words, "phyint")))
		return;
	while (row->name && strcmp(row->name, name))
		row++;
	if (!row->name) {
		conf_warn(c, "unknown statement '%s'", name);
		return;
	}
	row->read(c, row);
	name = c->warned ? NULL : words_next(&c->words);
	if (name)
		conf_warn(c, "'%s' is too much", name);
}

/* Whether the line has interfaces be out of it unless they are enabled. */
static bool disables(struct conf *c)
{
	const char *name = words_next(&c->words);

	return name && (!strcmp(name, "disable-vifs") ||
			(!strcmp(name, "no") && words_accept(&c->words, "phyint")));
}

/* Calls @read for each line, folded to small letters and cut into words. */
static void each_line(struct conf *c, const char *text, size_t len, bool (*read)(struct conf *c))
{
	const char *end = text + len;

	for (c->line = 1; text < end; c->line++) {
		const char *eol = memchr(text, '\n', end - text);
		size_t n = (eol ? eol : end) - text;
		char *copy = xcalloc(1, n + 1);

		for (size_t i = 0; i < n; i++)
			copy[i] = text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i];
		c->warned = false;
		if (!words_split(&c->words, copy, n)) {
			c->words.n = 0;
			conf_warn(c, "%s", c->words.error);
		} else if (read(c)) {
			c->disabled = true;
		}
		free(copy);
		text += eol ? n + 1 : n;
	}
}

static bool translate_line(struct conf *c)
{
	read_line(c);
	return false;
}

void pimd_translate(const struct pimd_translation *how, struct translation *t, const char *text,
		    size_t len)
{
	const struct origin top = { 1, 1, LINE_STATEMENT };
	struct translation unused = { 0 };
	struct conf c = { .how = how, .t = &unused, .disabled = how->disabled };

	each_line(&c, text, len, disables);
	translation_free(&unused);
	c.t = t;
	translation_add(t, top, "module pim");
	if (!c.disabled)
		translation_add(t, top, "phyint + pim4");
	each_line(&c, text, len, translate_line);
	add_querying(&c);
	conf_add_candidates(&c);
	words_free(&c.words);
	free(c.rp);
}
