/* config_rp.c - pimd.conf: which rendezvous points there are, and candidates for them
 *
 * Of each kind of candidate there is one; what is wrong with a line of it is told, and the
 * candidate stays, since without any there are no rendezvous points.
 */
#include <stdio.h>
#include <stdlib.h>

#include "config_read.h"
#include "msg.h"

/* RFC 5059 has more, 64 and 192, and messages each 60 s. */
#define BSR_PRIORITY 0
#define BSR_INTERVAL 30
#define CANDIDATE_PRIORITY 0
#define CANDIDATE_INTERVAL 60

#define MAX_RANGES 255

/* The words behind `rp-address ADDR`: the range, and how good it is. */
static bool read_rp(struct conf *c, struct prefix *groups, unsigned *priority)
{
	const struct conf_word word = { "priority", NULL, 0, 255, NULL };
	const char *next = words_peek(&c->words);

	*groups = (struct prefix){ ip_v4(0xe0000000), 4 };
	*priority = 1;
	if (next && strcmp(next, word.name) && !conf_groups(c, 16, groups))
		return false;
	return !words_accept(&c->words, word.name) || conf_number(c, &word, priority);
}

/*
 * An RP that nobody reaches, 169.254.0.1, is how groups are made source-specific there; ours are
 * 232.0.0.0/8, and stay so.
 */
static void add_ssm(struct conf *c, struct prefix groups)
{
	if (groups.len >= 8 && ip_is_ssm(groups.ip))
		return;
	translation_add(c->t, conf_here(c, LINE_STATEMENT), "ssm-range 232.0.0.0/8 %s",
			prefix_str(&groups));
}

static bool was_said(const struct conf *c, const struct said_rp *rp)
{
	for (unsigned i = 0; i < c->nrps; i++) {
		if (!memcmp(&c->rp[i], rp, sizeof(*rp)))
			return true;
	}
	return false;
}

static void add_rp(struct conf *c, struct origin from, struct ip ip, struct prefix groups,
		   unsigned priority)
{
	struct said_rp rp = { .groups = groups, .ip = ip };

	if (was_said(c, &rp)) {
		conf_warn(c, "%s is an RP of these groups already", ip_str(ip));
		return;
	}
	c->rp = xrealloc(c->rp, (c->nrps + 1) * sizeof(rp));
	c->rp[c->nrps++] = rp;
	translation_add(c->t, from, "rp-address %s %s/%u priority %u", ip_str(ip),
			ip_str(groups.ip), groups.len, priority);
}

void conf_rp_address(struct conf *c, const struct conf_word *w)
{
	const char *word = words_next(&c->words);
	struct origin from = conf_here(c, LINE_STATEMENT);
	struct prefix groups;
	unsigned priority;
	struct ip ip;

	if (!word || !ip_parse(word, &ip) || ip_family(ip) != V4 || !msg_is_host(ip)) {
		conf_warn(c, "%s wants the address of a router", w->name);
		return;
	}
	if (!read_rp(c, &groups, &priority))
		return;
	if (ip_is_link_local(ip))
		add_ssm(c, groups);
	else
		add_rp(c, from, ip, groups, priority);
}

/* A number out of the range is taken for the nearest in it. */
static void read_near(struct conf *c, const struct conf_word *w, unsigned *n)
{
	int64_t value;

	if (words_number(&c->words, w->name, 0, UINT32_MAX, &value)) {
		conf_warn(c, "%s wants a number from %u to %u", w->name, w->min, w->max);
		return;
	}
	*n = value < w->min ? w->min : value > w->max ? w->max : value;
	if (*n != value)
		conf_warn(c, "taken for %u, %s is from %u to %u", *n, w->name, w->min, w->max);
}

/* A word of our statements, more than of these, and what is before the colon of a label. */
static bool is_ours(const char *word)
{
	static const char *const ours[] = { "priority", "interval", "time", "hash-mask-len",
					    "scope" };

	for (unsigned i = 0; i < NELEMS(ours); i++) {
		if (!strcmp(word, ours[i]))
			return true;
	}
	return false;
}

/* The address or interface that a candidate has. */
static void read_who(struct conf *c, struct said_candidate *said)
{
	const char *word = words_peek(&c->words);
	struct ip ip;

	if (*said->who) {
		words_next(&c->words);
		conf_warn(c, "'%s' is too much", word);
		return;
	}
	if (!ip_parse(word, &ip)) {
		word = words_ifname(&c->words);
		if (!word || ifname_is_pattern(word) || is_ours(word))
			conf_warn(c, "neither an address nor the name of an interface");
		else
			snprintf(said->who, sizeof(said->who), "%s", word);
		return;
	}
	words_next(&c->words);
	if (ip_family(ip) != V4 || !msg_is_host(ip) || ip_is_link_local(ip)) {
		conf_warn(c, "no address that a candidate can have");
		return;
	}
	if (c->how->ifname && !c->how->ifname(c->how->arg, ip))
		conf_warn(c, "no interface has the address %s yet", word);
	ip_format(said->who, ip);
}

static void read_candidate(struct conf *c, const struct conf_word *interval,
			   struct said_candidate *said)
{
	const struct conf_word priority = { "priority", NULL, 0, 255, NULL };

	while (words_peek(&c->words)) {
		if (words_accept(&c->words, priority.name))
			read_near(c, &priority, &said->priority);
		else if (words_accept(&c->words, "interval") || words_accept(&c->words, "time"))
			read_near(c, interval, &said->interval);
		else
			read_who(c, said);
	}
}

void conf_bsr_candidate(struct conf *c, const struct conf_word *w)
{
	const struct conf_word interval = { "interval", NULL, 10, 26214, NULL };

	(void)w;
	c->bsr = (struct said_candidate){
		.from = conf_here(c, LINE_STATEMENT),
		.is_said = true,
		.priority = BSR_PRIORITY,
		.interval = BSR_INTERVAL,
	};
	read_candidate(c, &interval, &c->bsr);
}

void conf_rp_candidate(struct conf *c, const struct conf_word *w)
{
	const struct conf_word interval = { "time", NULL, 10, 16383, NULL };

	(void)w;
	c->candidate = (struct said_candidate){
		.from = conf_here(c, LINE_STATEMENT),
		.is_said = true,
		.priority = CANDIDATE_PRIORITY,
		.interval = CANDIDATE_INTERVAL,
	};
	read_candidate(c, &interval, &c->candidate);
}

void conf_group_prefix(struct conf *c, const struct conf_word *w)
{
	struct prefix groups;

	if (!conf_groups(c, 16, &groups))
		return;
	if (c->nranges++ >= MAX_RANGES)
		conf_warn(c, "more than %u lines of %s", MAX_RANGES, w->name);
	else
		translation_add(c->t, conf_here(c, LINE_STATEMENT), "group-prefix %s/%u",
				ip_str(groups.ip), groups.len);
}

static void add_candidate(struct conf *c, const struct said_candidate *said, const char *name)
{
	if (said->is_said)
		translation_add(c->t, said->from, "%s%s%s priority %u interval %u", name,
				*said->who ? " " : "", said->who, said->priority, said->interval);
}

void conf_add_candidates(struct conf *c)
{
	add_candidate(c, &c->bsr, "bsr-candidate");
	add_candidate(c, &c->candidate, "rp-candidate");
}
