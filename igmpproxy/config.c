/* config.c - what igmpproxy.conf says, in the grammar of smcroute.conf
 *
 * Each word is a row of a table. Words of an interface are about the `phyint` before them; some may
 * have `default` in front of them, and are about those that follow and all that are not named.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_iface.h"
#include "token.h"

struct conf {
	struct translation *t; /* not ours */
	struct tokens k;
	struct conf_ifaces all;
	struct conf_iface *now; /* the one whose words follow; NULL: none yet */
	char *user, *group;	/* owned */
	bool failed;
	bool lost;	 /* what stands here may belong to what was wrong */
	uint64_t warned; /* of these rows */
};

/* What a word is about: where there is no interface yet, some are about all that follow. */
enum scope { THE_FILE, AN_INTERFACE, INTERFACES };

/* What follows a word without effect. */
enum behind { NOTHING, A_TOKEN, NUMBERS, ANYTHING };

struct conf_word {
	const char *name;
	enum scope scope;
	void (*read)(struct conf *c, const struct conf_word *w, struct conf_iface *i);
	unsigned min, max; /* of a number; or which role, list, or what follows */
	const char *text;  /* our word for it; or why it is of no use */
};

/* The row of a word, or NULL. */
static const struct conf_word *find(const char *name);

/* Whether it is the first time that this row asks. */
static bool is_first_time(struct conf *c, const struct conf_word *w);

/* Where the token taken last stands. */
static struct origin here(const struct conf *c, enum line_kind kind)
{
	return (struct origin){ c->k.from.line, c->k.from.column, kind };
}

static void complain(struct conf *c, const char *fmt, ...) PRINTF(2, 3);

/* About that token. */
static void complain(struct conf *c, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	translation_add(c->t, here(c, LINE_ERROR), "%s", text);
	c->failed = c->lost = true;
}

/* The row of a word, which may have `default` in front of it, or NULL. */
static const struct conf_word *find_any(const char *name, bool *is_default)
{
	static const char prefix[] = "default";
	const struct conf_word *w = find(name);

	*is_default = !w && !strncmp(name, prefix, sizeof(prefix) - 1);
	if (*is_default)
		w = find(name + sizeof(prefix) - 1);
	return w && *is_default && w->scope != INTERFACES ? NULL : w;
}

/* Whether the next token is such a word. */
static bool word_follows(const struct conf *c)
{
	struct tokens ahead = c->k;
	const char *token;
	bool is_default, known;

	ahead.text = (struct buf){ 0 };
	token = token_next(&ahead);
	known = token && find_any(token, &is_default);
	tokens_free(&ahead);
	return known;
}

/* A decimal number up to @max with nothing behind it. */
static bool parse_number(const char *text, unsigned max, unsigned *n)
{
	const char *p = text;
	uint64_t value = 0;

	for (; *p >= '0' && *p <= '9' && value <= max; p++)
		value = value * 10 + (*p - '0');
	*n = value;
	return p > text && !*p && value <= max;
}

static bool read_number(struct conf *c, const struct conf_word *w, unsigned *n)
{
	const char *token = token_next(&c->k);

	if (token && parse_number(token, w->max, n) && *n >= w->min)
		return true;
	complain(c, "%s wants a number from %u to %u", w->name, w->min, w->max);
	return false;
}

/* A.B.C.D or A.B.C.D/LEN; host bits are kept. */
static bool parse_net(const char *text, struct prefix *net)
{
	size_t len = strcspn(text, "/");
	char address[IP_STRLEN];
	unsigned bits = 32;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (!ip_parse(address, &net->ip) || ip_family(net->ip) != V4)
		return false;
	if (text[len] && !parse_number(text + len + 1, 32, &bits))
		return false;
	net->len = bits;
	return !ip_eq(net->ip, ip_v4(UINT32_MAX));
}

static void add_net(struct conf *c, struct conf_iface *i, enum conf_list list, struct prefix net)
{
	struct prefix masked = { ip_mask(net.ip, net.len), net.len }, groups;

	if (!ip_eq(masked.ip, net.ip))
		translation_add(c->t, here(c, LINE_WARNING), "%s is taken for %s/%u",
				buf_at(&c->k.text), ip_str(masked.ip), masked.len);
	if (list == ALTNET ? ip_is_multicast(masked.ip) : !conf_groups(&masked, &groups))
		translation_add(c->t, here(c, LINE_WARNING), "there are no %s in %s",
				list == ALTNET ? "hosts" : "groups", buf_at(&c->k.text));
	conf_add_net(i, list, masked, here(c, LINE_STATEMENT));
}

/* One network, and others that follow it. */
static void read_nets(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	struct prefix net;

	do {
		const char *token = token_next(&c->k);

		if (!token || !parse_net(token, &net)) {
			complain(c, "%s wants a network, A.B.C.D or A.B.C.D/LEN", w->name);
			return;
		}
		add_net(c, i, w->min, net);
	} while (token_is_digit(&c->k));
}

static void set_role(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	i->role = w->min;
	if (i->role == UPDOWNSTREAM)
		translation_add(c->t, here(c, LINE_WARNING),
				"%s: traffic goes there too, but who listens there is not served",
				w->name);
}

static void read_role(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	set_role(c, w, i);
}

static void read_default_role(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	(void)i;
	set_role(c, w, c->all.others);
}

/* A number that our `phyint` has a word for. */
static void read_phyint_number(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	unsigned n;

	if (read_number(c, w, &n))
		buf_printf(&i->words, " %s %u", w->text, n);
}

static void warn_of_no_effect(struct conf *c, const struct conf_word *w)
{
	if (w->text && is_first_time(c, w))
		translation_add(c->t, here(c, LINE_WARNING), "%s has no effect: %s", w->name,
				w->text);
}

static void read_ratelimit(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	unsigned n;

	(void)i;
	if (read_number(c, w, &n) && n)
		warn_of_no_effect(c, w);
}

static void skip(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	(void)i;
	warn_of_no_effect(c, w);
	switch (w->min) {
	case A_TOKEN:
		token_next(&c->k);
		break;
	case NUMBERS:
		while (token_is_digit(&c->k))
			token_next(&c->k);
		break;
	case ANYTHING:
		while (token_peek(&c->k) && !word_follows(c) && token_next(&c->k))
			;
		break;
	}
}

static void read_include(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	(void)i;
	token_next(&c->k);
	complain(c, "%s is not to be had: write what is there into this file", w->name);
}

static void read_quickleave(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	(void)w, (void)i;
	c->all.quickleave = true;
}

static void read_noquickleave(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	(void)c, (void)w;
	i->untracked = true;
}

static void read_hashtablesize(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	unsigned n;

	(void)i;
	if (!c->all.quickleave)
		complain(c, "%s must come after quickleave", w->name);
	else
		read_number(c, w, &n);
}

static void read_proxylocalmc(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	(void)w, (void)i;
	c->all.proxylocalmc = true;
}

static void read_name(struct conf *c, const struct conf_word *w, char **name)
{
	const char *token = token_next(&c->k);

	if (!token) {
		complain(c, "%s wants a name", w->name);
		return;
	}
	free(*name);
	*name = xstrdup(token);
}

static void read_user(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	(void)i;
	read_name(c, w, &c->user);
}

static void read_group(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	(void)i;
	read_name(c, w, &c->group);
}

/* The name of an interface without the label of an address; false if it cannot be one. */
static bool read_ifname(struct conf *c, char name[IFNAME_SIZE], bool *labelled)
{
	const char *token = token_next(&c->k);
	size_t len = token ? strcspn(token, ":") : 0;

	if (!len || len >= IFNAME_SIZE || memchr(token, '/', len))
		return false;
	*labelled = token[len];
	memcpy(name, token, len);
	return strcmp(name, ".") && strcmp(name, "..");
}

/*
 * The first one of a name holds, but what is said of an address does not if there is one of the
 * interface. Words of those that do not hold are read, and forgotten.
 */
static void read_phyint(struct conf *c, const struct conf_word *w, struct conf_iface *i)
{
	char name[IFNAME_SIZE] = "";
	bool labelled = false, is_good = read_ifname(c, name, &labelled);
	struct conf_iface *before = conf_find(&c->all, name);

	(void)i;
	c->now = conf_add(&c->all, name, here(c, LINE_STATEMENT));
	c->now->labelled = labelled;
	c->now->ignored = !is_good || (before && (labelled || !before->labelled));
	if (!is_good)
		complain(c, "%s wants the name of an interface, of up to 15 characters", w->name);
	else if (c->now->ignored)
		translation_add(c->t, here(c, LINE_WARNING),
				"%s stands in line %u already, and that holds", name,
				before->from.line);
	else if (before)
		before->ignored = true;
}

/* Longest numbers that our words of `phyint` take. */
#define MAX_SEC 31744

static const struct conf_word words[] = {
	{ "quickleave", INTERFACES, read_quickleave, 0, 0, NULL },
	{ "hashtablesize", THE_FILE, read_hashtablesize, 1, 536870912, NULL },
	{ "defaultdown", THE_FILE, read_default_role, DOWNSTREAM, 0, NULL },
	{ "rescanvif", THE_FILE, skip, NUMBERS, 0, NULL },
	{ "chroot", THE_FILE, skip, A_TOKEN, 0,
	  "the file is to be read again; let the service manager do it" },
	{ "user", THE_FILE, read_user, 0, 0, NULL },
	{ "phyint", THE_FILE, read_phyint, 0, 0, NULL },
	{ "upstream", AN_INTERFACE, read_role, UPSTREAM, 0, NULL },
	{ "downstream", AN_INTERFACE, read_role, DOWNSTREAM, 0, NULL },
	{ "disabled", AN_INTERFACE, read_role, DISABLED, 0, NULL },
	{ "ratelimit", INTERFACES, read_ratelimit, 0, INT32_MAX,
	  "Linux limits no rate there; see tc(8)" },
	{ "threshold", INTERFACES, read_phyint_number, 1, 255, "ttl-threshold" },
	{ "altnet", AN_INTERFACE, read_nets, ALTNET, 0, NULL },
	{ "whitelist", AN_INTERFACE, read_nets, WHITELIST, 0, NULL },
	{ "blacklist", AN_INTERFACE, read_nets, BLACKLIST, 0, NULL },

	/* What igmpv3proxy has more. */
	{ "group", THE_FILE, read_group, 0, 0, NULL },
	{ "include", THE_FILE, read_include, 0, 0, NULL },
	{ "logfile", THE_FILE, skip, A_TOKEN, 0, "the log goes to syslog, or to standard error" },
	{ "loglevel", THE_FILE, skip, A_TOKEN, 0, "options -v and -vv say what is logged" },
	{ "rescanvifnl", THE_FILE, skip, NUMBERS, 0, NULL },
	{ "rescanconf", THE_FILE, skip, NUMBERS, 0, "SIGHUP has the file read again" },
	{ "mctables", THE_FILE, skip, ANYTHING, 0, "option -t says which table" },
	{ "maxtbl", THE_FILE, skip, NUMBERS, 0, "option -t says which table" },
	{ "reqqueuesize", THE_FILE, skip, NUMBERS, 0, "there is no such queue" },
	{ "timerqueuesize", THE_FILE, skip, NUMBERS, 0, "there is no such queue" },
	{ "kbufsize", THE_FILE, skip, NUMBERS, 0, "buffers have the size that they need" },
	{ "pbufsize", THE_FILE, skip, NUMBERS, 0, "buffers have the size that they need" },
	{ "defaultup", THE_FILE, read_default_role, UPSTREAM, 0, NULL },
	{ "defaultupdown", THE_FILE, read_default_role, UPDOWNSTREAM, 0, NULL },
	{ "defaultfilterany", THE_FILE, skip, NOTHING, 0, NULL },
	{ "proxylocalmc", INTERFACES, read_proxylocalmc, 0, 0, NULL },
	{ "table", AN_INTERFACE, skip, NUMBERS, 0, "option -t says which table" },
	{ "updownstream", AN_INTERFACE, read_role, UPDOWNSTREAM, 0, NULL },
	{ "allowednet", AN_INTERFACE, read_nets, ALTNET, 0, NULL },
	{ "deniednet", AN_INTERFACE, skip, NUMBERS, 0, "senders are not looked at one by one" },
	{ "noquickleave", INTERFACES, read_noquickleave, 0, 0, NULL },
	{ "nocksumverify", INTERFACES, skip, NOTHING, 0, "what is damaged is never taken" },
	{ "querierelection", INTERFACES, skip, NOTHING, 0, NULL },
	{ "noquerierelection", INTERFACES, skip, NOTHING, 0,
	  "of two that ask, both must know which one is to go on" },
	{ "querierip", INTERFACES, skip, NUMBERS, 0,
	  "queries come from the address of the interface" },
	{ "querierver", INTERFACES, read_phyint_number, 1, 3, "igmp-version" },
	{ "robustnessvalue", INTERFACES, read_phyint_number, 1, 7, "igmp-robustness" },
	{ "queryinterval", INTERFACES, read_phyint_number, 1, MAX_SEC, "igmp-query-interval" },
	{ "queryresponseinterval", INTERFACES, read_phyint_number, 1, 3174,
	  "igmp-response-interval" },
	{ "lastmemberinterval", INTERFACES, read_phyint_number, 1, 3174,
	  "igmp-last-member-interval" },
	{ "lastmembercount", INTERFACES, read_phyint_number, 1, 7, "igmp-last-member-count" },
	{ "filter", INTERFACES, skip, ANYTHING, 0, "write whitelist and blacklist" },
	{ "bwcontrol", INTERFACES, skip, NUMBERS, 0, "rates are not watched" },
	{ "maxorigins", INTERFACES, skip, NUMBERS, 0, "sources have no limit" },
	{ "ssmrange", INTERFACES, skip, ANYTHING, 0,
	  "source-specific groups are those of 232.0.0.0/8" },
	{ "disableipmrules", INTERFACES, skip, NOTHING, 0, "no rules are made" },
	{ 0 },
};

_Static_assert(NELEMS(words) <= 64, "each row has a bit");

static const struct conf_word *find(const char *name)
{
	for (const struct conf_word *w = words; w->name; w++) {
		if (!strcmp(w->name, name))
			return w;
	}
	return NULL;
}

static bool is_first_time(struct conf *c, const struct conf_word *w)
{
	uint64_t bit = UINT64_C(1) << (w - words);
	bool is = !(c->warned & bit);

	c->warned |= bit;
	return is;
}

static void read_word(struct conf *c, const struct conf_word *w, bool is_default)
{
	struct conf_iface *i = c->now;

	c->lost = false;
	if (is_default || (!i && w->scope == INTERFACES))
		i = c->all.others;
	if (!i && w->scope == AN_INTERFACE)
		complain(c, "Unknown token '%s' in configfile: it belongs to a phyint", w->name);
	else
		w->read(c, w, i);
}

static void read_all(struct conf *c, const char *text, size_t len)
{
	const char *token;

	tokens_begin(&c->k, text, len);
	conf_begin(&c->all);
	while ((token = token_next(&c->k))) {
		bool is_default;
		const struct conf_word *w = find_any(token, &is_default);

		if (w)
			read_word(c, w, is_default);
		else if (!c->lost)
			complain(c, "Unknown token '%s' in configfile", token);
	}
	if (c->k.bad)
		complain(c, "control character 0x%02x", c->k.bad);
}

static void free_all(struct conf *c)
{
	tokens_free(&c->k);
	conf_free(&c->all);
	free(c->user);
	free(c->group);
}

/* What only the whole file can tell. */
static void check(struct conf *c)
{
	struct origin top = { 1, 1, LINE_ERROR };

	if (!conf_upstreams(&c->all)) {
		translation_add(c->t, top, "There must be at least 1 Vif as upstream.");
	} else if (!conf_downstreams(&c->all)) {
		top.kind = LINE_WARNING;
		translation_add(c->t, top, "nothing is forwarded: there is no downstream");
	}
}

void igmpproxy_translate(struct translation *t, const char *text, size_t len)
{
	struct conf c = { .t = t };

	read_all(&c, text, len);
	if (!len)
		complain(&c, "Config file was empty.");
	else if (!c.failed || conf_upstreams(&c.all))
		check(&c);
	conf_translate(&c.all, t);
	free_all(&c);
}

char *igmpproxy_user(const char *text, size_t len)
{
	struct translation t = { 0 };
	struct conf c = { .t = &t };
	struct buf name = { 0 };

	read_all(&c, text, len);
	if (c.user)
		buf_printf(&name, "%s%s%s", c.user, c.group ? ":" : "", c.group ? c.group : "");
	if (c.user)
		buf_add(&name, "", 1);
	translation_free(&t);
	free_all(&c);
	return name.data;
}
