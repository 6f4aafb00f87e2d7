/* rule.c - the rules that were configured
 *
 * The tree is ordered by prefix lengths, then by what the prefixes cover: all rules of one shape
 * that match a stream stand together, and there are few shapes, so that a stream finds its rules
 * among any number in a few steps.
 */
#include <stdlib.h>
#include <string.h>

#include "rule.h"

/* By shape, what is covered, interface, and last the text itself. */
static int rule_cmp(struct rule *a, struct rule *b)
{
	int c;

	if (a->grplen != b->grplen)
		return a->grplen > b->grplen ? -1 : 1;
	if (a->srclen != b->srclen)
		return a->srclen > b->srclen ? -1 : 1;
	c = ip_cmp_bits(a->sg.grp, b->sg.grp, a->grplen);
	if (!c)
		c = ip_cmp_bits(a->sg.src, b->sg.src, a->srclen);
	if (c)
		return c;
	if (a->iif != b->iif)
		return a->iif < b->iif ? -1 : 1;
	return sg_cmp(&a->sg, &b->sg);
}

TREE_GENERATE(rule_tree, rule, order, rule_cmp)

void rules_init(struct rules *rules)
{
	*rules = (struct rules){ 0 };
	TREE_INIT(rule_tree, &rules->tree);
}

void rules_free(struct rules *rules)
{
	struct rule *rule;

	while ((rule = TREE_ANY(rule_tree, &rules->tree))) {
		TREE_REMOVE(rule_tree, &rules->tree, rule);
		free(rule);
	}
	free(rules->shape);
}

static struct rule key_of(const struct rule_text *text)
{
	return (struct rule){
		.sg = text->sg,
		.srclen = text->srclen,
		.grplen = text->grplen,
		.iif = text->iif,
	};
}

struct rule *rule_find(const struct rules *rules, const struct rule_text *text)
{
	struct rule key = key_of(text);

	return TREE_FIND(rule_tree, (struct rule_tree *)&rules->tree, &key);
}

struct rule *rule_after(const struct rules *rules, const struct rule_text *text)
{
	struct rule_tree *tree = (struct rule_tree *)&rules->tree;
	struct rule key, *rule;

	if (!text)
		return TREE_MIN(rule_tree, tree);
	key = key_of(text);
	rule = TREE_NFIND(rule_tree, tree, &key);
	if (rule && !rule_cmp(rule, &key))
		rule = TREE_NEXT(rule_tree, rule);
	return rule;
}

struct rule *rule_next(struct rule *rule)
{
	return TREE_NEXT(rule_tree, rule);
}

struct rule_text rule_text(const struct rule *rule)
{
	return (struct rule_text){
		.sg = rule->sg,
		.srclen = rule->srclen,
		.grplen = rule->grplen,
		.iif = rule->iif,
		.kernel = rule->flags & RULE_KERNEL,
		.oifs = rule_oifs(rule),
	};
}

/* Where the shape stands, or would stand, in the list. */
static unsigned shape_place(const struct rules *rules, const struct rule *rule)
{
	unsigned i;

	for (i = 0; i < rules->nshapes; i++) {
		const struct shape *s = &rules->shape[i];

		if (s->grplen < rule->grplen ||
		    (s->grplen == rule->grplen && s->srclen <= rule->srclen))
			break;
	}
	return i;
}

static bool has_shape(const struct rules *rules, unsigned i, const struct rule *rule)
{
	return i < rules->nshapes && rules->shape[i].grplen == rule->grplen &&
	       rules->shape[i].srclen == rule->srclen;
}

struct rule *rule_insert(struct rules *rules, struct rule *rule)
{
	struct rule *same = TREE_INSERT(rule_tree, &rules->tree, rule);
	unsigned i;

	if (same)
		return same;
	i = shape_place(rules, rule);
	rules->n++;
	if (!has_shape(rules, i, rule)) {
		rules->shape = xrealloc(rules->shape, (rules->nshapes + 1) * sizeof(struct shape));
		memmove(&rules->shape[i + 1], &rules->shape[i],
			(rules->nshapes - i) * sizeof(struct shape));
		rules->shape[i] = (struct shape){ rule->grplen, rule->srclen, 0 };
		rules->nshapes++;
	}
	rules->shape[i].n++;
	return NULL;
}

void rule_remove(struct rules *rules, struct rule *rule)
{
	unsigned i = shape_place(rules, rule);

	TREE_REMOVE(rule_tree, &rules->tree, rule);
	rules->n--;
	if (--rules->shape[i].n)
		return;
	rules->nshapes--;
	memmove(&rules->shape[i], &rules->shape[i + 1],
		(rules->nshapes - i) * sizeof(struct shape));
}

struct rule *rule_get(struct rules *rules, const struct rule_text *text)
{
	struct rule *rule = xcalloc(1, sizeof(*rule)), *same;

	*rule = key_of(text);
	same = rule_insert(rules, rule);
	if (!same)
		return rule;
	free(rule);
	return same;
}

/* The first rule of the shape that covers the stream on an interface from @iif on. */
static struct rule *first_of_shape(const struct rules *rules, const struct shape *shape,
				   struct sg sg, unsigned iif)
{
	struct rule key = {
		.sg = { ip_mask(sg.src, shape->srclen), ip_mask(sg.grp, shape->grplen) },
		.grplen = shape->grplen,
		.srclen = shape->srclen,
		.iif = iif,
	};

	return TREE_NFIND(rule_tree, (struct rule_tree *)&rules->tree, &key);
}

static bool covers(const struct rule *rule, const struct shape *shape, struct sg sg)
{
	return rule && rule->grplen == shape->grplen && rule->srclen == shape->srclen &&
	       rule_covers(rule, sg);
}

/*
 * Adds what the rules of a shape say of the stream. False if one of them stops it, so that no
 * others are asked.
 */
static bool add_shape(struct match *match, const struct rules *rules, const struct shape *shape,
		      struct sg sg, struct ifset iifs)
{
	bool stops = false;

	ifset_foreach(iif, iifs) {
		struct rule *rule = first_of_shape(rules, shape, sg, iif);

		for (; covers(rule, shape, sg) && rule->iif == iif; rule = rule_next(rule)) {
			match->any = true;
			match->exact |= rule_is_exact(rule);
			match->oifs = ifset_or(match->oifs, rule_oifs(rule));
			stops |= ifset_empty(rule_oifs(rule));
		}
	}
	return !stops;
}

/* Adds what the shapes from number @i on say. */
static void add_shapes(struct match *match, const struct rules *rules, unsigned i, struct sg sg,
		       struct ifset iifs)
{
	for (; i < rules->nshapes; i++) {
		if (!add_shape(match, rules, &rules->shape[i], sg, iifs))
			break;
	}
}

struct match rules_match(const struct rules *rules, struct sg sg, struct ifset iifs)
{
	struct match match = { 0 };

	add_shapes(&match, rules, 0, sg, iifs);
	return match;
}

/* One rule of a stream and a name is exact, and theirs is the first shape. */
struct match rules_match_exact(const struct rules *rules, const struct rule *exact,
			       struct ifset iifs)
{
	struct match match = { .any = true, .exact = true, .oifs = rule_oifs(exact) };

	if (!ifset_eq(iifs, ifset_of(exact->iif)))
		return rules_match(rules, exact->sg, iifs);
	if (!ifset_empty(match.oifs))
		add_shapes(&match, rules, 1, exact->sg, iifs);
	return match;
}

struct match rules_match_star(const struct rules *rules, struct ip group, struct ifset iifs)
{
	struct sg sg = { ip_any(ip_family(group)), group };
	struct match match = { 0 };

	for (unsigned i = 0; i < rules->nshapes; i++) {
		const struct shape *shape = &rules->shape[i];

		if (!shape->srclen && !add_shape(&match, rules, shape, sg, iifs))
			break;
	}
	return match;
}

struct rule *rules_star(const struct rules *rules, struct ip group)
{
	struct shape shape = { .grplen = af_bits(ip_family(group)) };
	struct sg sg = { ip_any(ip_family(group)), group };
	struct rule *rule = first_of_shape(rules, &shape, sg, 0);

	return covers(rule, &shape, sg) ? rule : NULL;
}

struct rule *rules_star_next(struct rule *rule)
{
	struct rule *next = rule_next(rule);

	return next && rule_is_star(next) && ip_eq(next->sg.grp, rule->sg.grp) ? next : NULL;
}

struct rule *rules_about(const struct rules *rules, struct ip group, struct rule *rule)
{
	uint8_t bits = af_bits(ip_family(group));
	struct sg sg = { ip_any(ip_family(group)), group };
	unsigned i = 0;

	if (rule) {
		struct rule *next = rule_next(rule);

		i = shape_place(rules, rule);
		if (next && has_shape(rules, i, next) &&
		    !ip_cmp_bits(next->sg.grp, group, next->grplen))
			return next;
		i++;
	}
	for (; i < rules->nshapes; i++) {
		const struct shape *shape = &rules->shape[i];
		struct rule *first;

		if (shape->grplen == bits && shape->srclen == bits)
			continue;
		first = first_of_shape(rules, shape, sg, 0);
		if (first && has_shape(rules, i, first) &&
		    !ip_cmp_bits(first->sg.grp, group, first->grplen))
			return first;
	}
	return NULL;
}

struct rule *rules_exact(const struct rules *rules, struct sg sg)
{
	uint8_t bits = af_bits(ip_family(sg.grp));
	struct shape shape = { .grplen = bits, .srclen = bits };
	struct rule *rule = first_of_shape(rules, &shape, sg, 0);

	return covers(rule, &shape, sg) ? rule : NULL;
}

bool rule_has_to_see(struct host *host, const struct rule *rule)
{
	struct rule *before = TREE_PREV(rule_tree, rule);

	return (before && rule_is_exact(before) && sg_eq(before->sg, rule->sg)) ||
	       rules_exact_next((struct rule *)rule) ||
	       ifname_is_pattern(host->op->ifname(host, rule->iif));
}

struct rule *rules_exact_next(struct rule *rule)
{
	struct rule *next = rule_next(rule);

	return next && rule_is_exact(next) && sg_eq(next->sg, rule->sg) ? next : NULL;
}

struct rule *rules_exact_from(const struct rules *rules, struct sg sg)
{
	uint8_t bits = af_bits(ip_family(sg.grp));
	struct rule key = { .sg = sg, .grplen = bits, .srclen = bits };
	struct rule *rule = TREE_NFIND(rule_tree, (struct rule_tree *)&rules->tree, &key);

	return rule && rule_is_exact(rule) ? rule : NULL;
}

struct rule *rules_first_inexact(const struct rules *rules, enum af af)
{
	struct rule key = {
		.sg = { ip_any(af), ip_any(af) },
		.grplen = af_bits(af),
		.srclen = af_bits(af) - 1,
	};

	return TREE_NFIND(rule_tree, (struct rule_tree *)&rules->tree, &key);
}

struct sg rule_first(const struct rule *rule)
{
	return (struct sg){ ip_mask(rule->sg.src, rule->srclen),
			    ip_mask(rule->sg.grp, rule->grplen) };
}

/* Among many groups, sources that match stand apart. */
bool rule_reaches(const struct rule *rule, struct sg sg)
{
	if (rule->grplen == af_bits(ip_family(sg.grp)))
		return rule_covers(rule, sg);
	return !ip_cmp_bits(rule->sg.grp, sg.grp, rule->grplen);
}

bool rule_covers(const struct rule *rule, struct sg sg)
{
	return !ip_cmp_bits(rule->sg.grp, sg.grp, rule->grplen) &&
	       !ip_cmp_bits(rule->sg.src, sg.src, rule->srclen);
}

/* Groups of link scope and below are a prefix of this length. */
static uint8_t local_bits(enum af af)
{
	return af == V4 ? 24 : 16;
}

int rule_set_group(struct words *w, const char *word, struct rule_text *text)
{
	struct prefix group;

	if (!word)
		return words_error(w, "the group is missing");
	if (!prefix_parse(word, &group))
		return words_error(w, "'%s' is no address or prefix", word);
	if (!ip_is_multicast(group.ip))
		return words_error(w, "%s is no multicast group", word);
	if (ip_is_local_group(group.ip) && group.len >= local_bits(ip_family(group.ip)))
		return words_error(w, "%s never leaves its link", word);
	text->sg.grp = group.ip;
	text->grplen = group.len;
	return 0;
}

int rule_set_source(struct words *w, const char *word, struct rule_text *text)
{
	struct prefix source;

	if (!word)
		return words_error(w, "the source is missing");
	if (!prefix_parse(word, &source))
		return words_error(w, "'%s' is no address or prefix", word);
	if (ip_is_multicast(source.ip))
		return words_error(w, "%s is a group, not a source", word);
	if (ip_is_link_local(source.ip))
		return words_error(w, "what %s sends never leaves its link", word);
	text->sg.src = source.ip;
	text->srclen = ip_is_any(source.ip) ? 0 : source.len;
	return 0;
}

int rule_check(struct words *w, const struct rule_text *text)
{
	if (ip_family(text->sg.src) != ip_family(text->sg.grp))
		return words_error(w, "source and group are of different families");
	return 0;
}

int rule_read_sg(struct words *w, struct rule_text *text)
{
	const char *first = words_next(w);
	const char *second = words_peek(w);
	struct prefix probe;

	if (second && prefix_parse(second, &probe)) {
		if (rule_set_source(w, first, text) || rule_set_group(w, words_next(w), text))
			return -1;
		return rule_check(w, text);
	}
	if (rule_set_group(w, first, text))
		return -1;
	text->sg.src = ip_any(ip_family(text->sg.grp));
	text->srclen = 0;
	return 0;
}
