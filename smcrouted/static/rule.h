/* rule.h - the rules that were configured, ordered so that a stream finds those that match it
 *
 * A rule says where the streams of a group, or a range of groups and sources, go that come in on
 * one interface. It may come from the file, from commands, or both, each with its own outgoing
 * interfaces.
 */
#ifndef SMCKIT_RULE_H
#define SMCKIT_RULE_H

#include "lib/tree.h"

#include "lib/module.h"

enum origin { FROM_FILE, FROM_COMMAND, NORIGINS };

struct rule {
	struct tree_node order;
	struct sg sg; /* as written, host bits and all; source ip_any(): all */
	struct ifset oifs[NORIGINS];
	uint32_t generation; /* of the file that said it last */
	uint8_t srclen;	     /* 0: every source */
	uint8_t grplen;
	uint8_t iif;
	uint8_t flags;
};

/*
 * Flags: FROM(origin), that routes do not follow from it yet, that the kernel is to forward by
 * itself, and of an exact one, that its stream is to be derived anew with others of a range.
 */
#define FROM(origin) (1u << (origin))
#define FROM_ANY (FROM(FROM_FILE) | FROM(FROM_COMMAND))
#define RULE_CHANGED (1u << NORIGINS)
#define RULE_KERNEL (2u << NORIGINS)
#define RULE_MARKED (4u << NORIGINS)

TREE_HEAD(rule_tree);

/* Rules with the same prefix lengths; the most specific shapes come first. */
struct shape {
	uint8_t grplen, srclen;
	unsigned n;
};

struct rules {
	struct rule_tree tree;
	struct shape *shape; /* owned */
	unsigned nshapes, n;
};

/* What is written about a route in the file and in commands. */
struct rule_text {
	struct sg sg;
	uint8_t srclen, grplen, iif;
	bool kernel;
	struct ifset oifs;
};

/* The outgoing interfaces of the rule, whoever said it. None: a stop filter. */
static inline struct ifset rule_oifs(const struct rule *rule)
{
	return ifset_or(rule->oifs[FROM_FILE], rule->oifs[FROM_COMMAND]);
}

/* All interfaces that the rule names. */
static inline struct ifset rule_slots(const struct rule *rule)
{
	return ifset_with(rule_oifs(rule), rule->iif);
}

static inline bool rule_is_exact(const struct rule *rule)
{
	enum af af = ip_family(rule->sg.grp);

	return rule->grplen == af_bits(af) && rule->srclen == af_bits(af);
}

/* Whether it is about one group, from every source. */
static inline bool rule_is_star(const struct rule *rule)
{
	return !rule->srclen && rule->grplen == af_bits(ip_family(rule->sg.grp));
}

void rules_init(struct rules *rules);
void rules_free(struct rules *rules);

/* The rule written just like that, or NULL. */
struct rule *rule_find(const struct rules *rules, const struct rule_text *text);

/* Puts the rule in and returns NULL, unless there is one written like it, which it returns. */
struct rule *rule_insert(struct rules *rules, struct rule *rule);

/* Takes the rule out, without freeing it. */
void rule_remove(struct rules *rules, struct rule *rule);

/* The rule behind the one that is written like @text, the first if it is NULL. */
struct rule *rule_after(const struct rules *rules, const struct rule_text *text);

/* The rule behind that one, NULL behind the last. */
struct rule *rule_next(struct rule *rule);

/* How the rule is written. */
struct rule_text rule_text(const struct rule *rule);

/* The rule written like that, made without an origin if it is new. */
struct rule *rule_get(struct rules *rules, const struct rule_text *text);

/* What the rules say of a stream. */
struct match {
	bool any;	   /* at least one rule matches */
	bool exact;	   /* one of them names the source and the group */
	struct ifset oifs; /* the union, none if it is to be stopped */
};

/*
 * The rules for the stream that comes in on an interface which is called by the names @iifs, from
 * the most specific on: their outgoing interfaces together, up to a rule that has none, which
 * stops the less specific ones.
 */
struct match rules_match(const struct rules *rules, struct sg sg, struct ifset iifs);

/* The same for the stream of an exact rule, which is found already. */
struct match rules_match_exact(const struct rules *rules, const struct rule *exact,
			       struct ifset iifs);

/* The same of the rules that name no source. */
struct match rules_match_star(const struct rules *rules, struct ip group, struct ifset iifs);

/* The first rule for just this group from every source, by interface; NULL if there is none. */
struct rule *rules_star(const struct rules *rules, struct ip group);

/* The next one of the same group, NULL after the last. */
struct rule *rules_star_next(struct rule *rule);

/*
 * Each rule whose groups are among them @group, but those that name source and group: the first
 * if @rule is NULL, and the one behind it.
 */
struct rule *rules_about(const struct rules *rules, struct ip group, struct rule *rule);

/* The first exact rule of the (S,G), by interface; NULL if there is none. */
struct rule *rules_exact(const struct rules *rules, struct sg sg);

/*
 * Whether the kernel may have no entry for an exact rule: on which interface its stream comes in
 * is seen only when it does, for a pattern stands there, or there are several rules.
 */
bool rule_has_to_see(struct host *host, const struct rule *rule);

/* The next exact rule of the same (S,G), NULL after the last. */
struct rule *rules_exact_next(struct rule *rule);

/* The exact rule of that stream, or the first one behind it. */
struct rule *rules_exact_from(const struct rules *rules, struct sg sg);

/* The first rule that is not exact; they stand behind all that are. */
struct rule *rules_first_inexact(const struct rules *rules, enum af af);

/* The groups that a rule is about. */
static inline struct prefix rule_groups(const struct rule *rule)
{
	return (struct prefix){ .ip = rule->sg.grp, .len = rule->grplen };
}

/*
 * Streams that a rule matches, among others in order of group and source: the first that may be
 * one, whether others may follow from @sg on, and whether that is one.
 */
struct sg rule_first(const struct rule *rule);
bool rule_reaches(const struct rule *rule, struct sg sg);
bool rule_covers(const struct rule *rule, struct sg sg);

/* Reads "[SRC[/LEN]] GROUP[/LEN]"; 0, or -1 with the error in the words. */
int rule_read_sg(struct words *w, struct rule_text *text);

/* Checks and stores a group, a source: each the word taken last. */
int rule_set_group(struct words *w, const char *word, struct rule_text *text);
int rule_set_source(struct words *w, const char *word, struct rule_text *text);

/* Whether group and source go together. */
int rule_check(struct words *w, const struct rule_text *text);

#endif
