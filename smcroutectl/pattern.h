/* pattern.h - what may stand next on the command line, by the arguments that help names */
#ifndef SMCKIT_PATTERN_H
#define SMCKIT_PATTERN_H

#include "reply.h"

/* What a pattern of arguments asks for, as verbs and the daemon's help write them. */
#define PATTERN_NODES 64

struct pattern_node {
	enum { NODE_WORD, NODE_OPEN, NODE_CLOSE } kind;
	struct text word; /* "IFNAME", "detail", "routes|groups" */
	unsigned pair;	  /* of a bracket: the other one */
	bool repeats;
	unsigned back; /* of NODE_CLOSE: the first of the options that may come in any order */
};

struct pattern {
	struct pattern_node node[PATTERN_NODES];
	unsigned n;
};

/* What is too long is cut: fewer words are completed. */
void pattern_read(struct pattern *p, struct text args);

/*
 * Calls @each with what may stand behind these @n words: a word in small letters as it is, else a
 * name of what it is.
 */
void pattern_next(const struct pattern *p, char *const *word, unsigned n,
		  void (*each)(void *arg, struct text expected), void *arg);

#endif
