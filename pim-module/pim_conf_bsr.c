/* pim_conf_bsr.c - statements of candidates: to be bootstrap router, to be RP (RFC 5059) */
#include <stdlib.h>

#include "pim_conf_read.h"
#include "rp.h"

/* Of an RP's holdtime, two and a half have to fit into 16 bits. */
#define MIN_PERIOD SEC(1)
#define MAX_PERIOD SEC(26214)

/* Who does not know the period waits BS_Timeout, 130 s, for the next message. */
#define MAX_HEARD_PERIOD SEC(120)

/* A line of either candidate. */
struct candidacy {
	bool af[NFAMILIES]; /* that it is of */
	struct ip ip;	    /* if @has_ip */
	bool has_ip;
	uint8_t slot; /* NOSLOT: nothing was said */
	uint8_t priority;
	int64_t period;
	struct prefix scope; /* @len of 0: nothing was said */
	int hash_len;	     /* -1: nothing was said */
};

#define FIELD(member) offsetof(struct candidacy, member)

/* RFC 5059 3.1: of IPv6 a zone is a scope, whatever flags its groups have. */
static int parse_scope(struct words *w, const struct keyword *k, void *object)
{
	struct candidacy *c = object;
	struct prefix *scope = &c->scope;
	enum af af;

	(void)k;
	if (pim_read_groups(w, scope))
		return -1;
	af = ip_family(scope->ip);
	if (scope->len == pim_all_groups(af).len)
		return 0;
	if (af == V6 && scope->len != 16)
		return words_error(w, "a zone of IPv6 is a scope, such as ff05::/16");
	if (ip_is_local_group(scope->ip) && (af == V6 || scope->len >= 24))
		return words_error(w, "%s do not leave their link", prefix_str(scope));
	if (af == V6)
		scope->ip.b[1] &= 0x0f;
	return 0;
}

static int parse_hash_len(struct words *w, const struct keyword *k, void *object)
{
	struct candidacy *c = object;
	int64_t n;

	if (words_number(w, k->name, k->min, k->max, &n))
		return -1;
	c->hash_len = n;
	return 0;
}

static const struct keyword bsr_keywords[] = {
	{ "priority", "NUM", "the highest is it", keyword_u8, FIELD(priority), 0, UINT8_MAX },
	{ "interval", "SEC", "between its messages", keyword_decimal, FIELD(period), MIN_PERIOD,
	  MAX_PERIOD },
	{ "hash-mask-len", "NUM", "bits of a group by which RPs that are alike share groups",
	  parse_hash_len, 0, 0, 128 },
	{ "scope", "GROUP[/LEN]", "the zone that it is of, instead of all groups", parse_scope, 0,
	  0, 0 },
	{ 0 },
};

static const struct keyword rp_keywords[] = {
	{ "priority", "NUM", "the lowest is taken", keyword_u8, FIELD(priority), 0, UINT8_MAX },
	{ "interval", "SEC", "between offers", keyword_decimal, FIELD(period), MIN_PERIOD,
	  MAX_PERIOD },
	{ "time", "SEC", "the same", keyword_decimal, FIELD(period), MIN_PERIOD, MAX_PERIOD },
	{ 0 },
};

/* ADDR or IFNAME, if the next word is none of the table. */
static int read_who(struct reader *r, const struct keyword *table, struct candidacy *c)
{
	struct words *w = &r->words;
	const char *word = words_peek(w);
	int slot;

	if (!word || keyword_find(table, word))
		return 0;
	if (ip_parse(word, &c->ip)) {
		c->has_ip = true;
		return pim_read_rp(w, &c->ip);
	}
	if (ifname_is_pattern(word)) {
		words_next(w);
		return words_error(w, "'%s' may be several interfaces", word);
	}
	slot = read_slot(r);
	c->slot = slot;
	return slot < 0 ? -1 : 0;
}

static int read_words(struct words *w, const struct keyword *table, struct candidacy *c)
{
	const char *word;

	while ((word = words_peek(w))) {
		const struct keyword *k = keyword_find(table, word);

		if (!k)
			return words_end(w);
		words_next(w);
		if (k->parse(w, k, c))
			return -1;
	}
	return 0;
}

/* It is of the family of what it says, or of both. */
static int find_families(struct words *w, struct candidacy *c)
{
	bool has_scope = c->scope.len;

	c->af[V4] = c->af[V6] = !c->has_ip && !has_scope;
	if (c->has_ip && has_scope && ip_family(c->ip) != ip_family(c->scope.ip))
		return words_error(w, "the address is of another family than the scope");
	if (c->has_ip)
		c->af[ip_family(c->ip)] = true;
	if (has_scope)
		c->af[ip_family(c->scope.ip)] = true;
	if (c->af[V4] && c->hash_len > af_bits(V4))
		return words_error(w, "hash-mask-len of IPv4 is 32 at most");
	return 0;
}

static int read_candidacy(struct reader *r, const struct keyword *table, struct candidacy *c)
{
	if (read_who(r, table, c) || read_words(&r->words, table, c))
		return -1;
	return find_families(&r->words, c);
}

static struct prefix scope_of(const struct candidacy *c, enum af af)
{
	return c->scope.len ? c->scope : pim_all_groups(af);
}

static int check_bsr(struct words *w, const struct pim_family *f, struct prefix scope)
{
	for (unsigned i = 0; i < f->nbsrs; i++) {
		if (prefix_eq(&f->bsr[i].scope, &scope))
			return words_error(w, "there is one of %s already", prefix_str(&scope));
	}
	return 0;
}

static void put_bsr(struct pim_family *f, const struct candidacy *c, enum af af)
{
	uint8_t hash_len = af == V4 ? RP_HASH_LEN_V4 : RP_HASH_LEN_V6;

	f->bsr = xrealloc(f->bsr, (f->nbsrs + 1) * sizeof(*f->bsr));
	f->bsr[f->nbsrs++] = (struct pim_bsr){
		.scope = scope_of(c, af),
		.ip = c->has_ip ? c->ip : ip_any(af),
		.slot = c->slot,
		.priority = c->priority,
		.hash_len = c->hash_len < 0 ? hash_len : c->hash_len,
		.period = c->period,
	};
}

int pim_parse_bsr_candidate(struct reader *r, void *arg)
{
	struct candidacy c = {
		.slot = NOSLOT,
		.priority = PIM_BSR_PRIORITY,
		.period = PIM_BSR_PERIOD,
		.hash_len = -1,
	};
	struct pim_conf *conf = arg;

	if (read_candidacy(r, bsr_keywords, &c))
		return -1;
	for (enum af af = V4; af <= V6; af++) {
		if (c.af[af] && check_bsr(&r->words, &conf->af[af], scope_of(&c, af)))
			return -1;
	}
	for (enum af af = V4; af <= V6; af++) {
		if (c.af[af])
			put_bsr(&conf->af[af], &c, af);
	}
	if (c.period > MAX_HEARD_PERIOD)
		words_warn(&r->words, "others give up a bootstrap router that is silent for 130 s");
	return pim_read_end(conf, &r->words);
}

static struct pim_candidate candidate_of(const struct candidacy *c, enum af af)
{
	return (struct pim_candidate){
		.ip = c->has_ip ? c->ip : ip_any(af),
		.slot = c->slot,
		.priority = c->priority,
		.period = c->period,
	};
}

static int check_candidate(struct words *w, const struct pim_family *f,
			   struct pim_candidate candidate)
{
	for (unsigned i = 0; i < f->ncandidates; i++) {
		if (ip_eq(f->candidate[i].ip, candidate.ip) &&
		    f->candidate[i].slot == candidate.slot)
			return words_error(w, "that is a candidate already");
	}
	return 0;
}

static void put_candidate(struct pim_family *f, struct pim_candidate candidate)
{
	f->candidate = xrealloc(f->candidate, (f->ncandidates + 1) * sizeof(candidate));
	f->candidate[f->ncandidates++] = candidate;
}

int pim_parse_rp_candidate(struct reader *r, void *arg)
{
	struct candidacy c = {
		.slot = NOSLOT,
		.priority = PIM_CANDIDATE_PRIORITY,
		.period = PIM_CANDIDATE_PERIOD,
		.hash_len = -1,
	};
	struct pim_conf *conf = arg;

	if (read_candidacy(r, rp_keywords, &c))
		return -1;
	for (enum af af = V4; af <= V6; af++) {
		if (c.af[af] && check_candidate(&r->words, &conf->af[af], candidate_of(&c, af)))
			return -1;
	}
	for (enum af af = V4; af <= V6; af++) {
		if (c.af[af])
			put_candidate(&conf->af[af], candidate_of(&c, af));
	}
	return pim_read_end(conf, &r->words);
}

static void put_groups(struct pim_family *f, struct prefix groups)
{
	for (unsigned i = 0; i < f->ngroups; i++) {
		if (prefix_eq(&f->group[i], &groups))
			return;
	}
	pim_put_prefix(&f->group, &f->ngroups, groups);
}

int pim_parse_group_prefix(struct reader *r, void *conf)
{
	return pim_read_line(r, conf, pim_read_groups, put_groups);
}

static void put_bsr_from(struct pim_family *f, struct prefix prefix)
{
	pim_put_prefix(&f->bsr_from, &f->nbsr_from, prefix);
}

int pim_parse_bsr_filter(struct reader *r, void *conf)
{
	return pim_read_line(r, conf, pim_read_hosts, put_bsr_from);
}

int pim_parse_rp_candidate_filter(struct reader *r, void *conf)
{
	struct pim_rp_filter filter;
	struct pim_family *f;

	if (pim_read_rp_filter(r, conf, &filter))
		return -1;
	f = pim_conf_family(conf, filter.rp.ip);
	pim_put_rp_filter(&f->offer_from, &f->noffer_from, &filter);
	return 0;
}
