/* learned.h - streams that came in and matched rules which name no single source */
#ifndef SMCKIT_LEARNED_H
#define SMCKIT_LEARNED_H

#include "lib/module.h"
#include "lib/tree.h"

struct rule;
struct statics;

struct learned {
	struct tree_node order;
	struct sg sg;
	struct age idle;
	uint64_t packets; /* when last looked at */
	uint8_t arrival;
	bool marked; /* to be derived anew, with others of a range */
};

TREE_HEAD(learned_tree);

/* Streams that are learned at the same time, of a family. */
#define LEARNED_LIMIT 100000

struct learned *learned_find(struct statics *s, struct sg sg);

/* Each stream, the first if @l is NULL. */
struct learned *learned_next(struct statics *s, struct learned *l);

/* It is not wanted any more, or cannot come in where it did. */
void learned_drop(struct statics *s, struct learned *l);

/* The stream was seen there before. */
void learned_see(struct statics *s, struct sg sg, unsigned arrival);

/*
 * Whether the kernel forwards the stream by its group's own entry, which does not count it alone,
 * while a rule for just the stream has it come in elsewhere: that must not hold again.
 */
bool learned_is_uncounted(const struct statics *s, const struct learned *l);

/* All that the rule may match are derived anew; how many were looked at. */
unsigned learned_mark(struct statics *s, const struct rule *rule);

/* Those that had no packet since they were last looked at go now. */
void statics_flush(struct statics *s);

/* As struct module's. */
void static_upcall(struct engine *e, const struct upcall *upcall);
void static_forget(struct engine *e, const struct prefix *sources, const struct prefix *groups);

bool static_count(struct engine *e, unsigned i, struct count *count);

void learned_init(struct statics *s);
void learned_start(struct statics *s);
void learned_end(struct statics *s);

#endif
