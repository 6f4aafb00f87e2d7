/* verb.h - the words that smcroutectl understands
 *
 * A verb is one row: its help, and either what it asks the daemon or what the client does alone.
 */
#ifndef SMCKIT_VERB_H
#define SMCKIT_VERB_H

#include "client.h"

struct verb {
	const char *name, *args, *help; /* without a help it is not listed */
	unsigned min;			/* words that must follow */
	bool waits;			/* can be said with -w */

	/* The daemon's word for it; NULL: the client alone. */
	const char *request;

	/*
	 * Asks the daemon; @args is the rest of the line. 0, or -1 with the error set. NULL if
	 * there is nothing to do but to pass the line on.
	 */
	int (*ask)(struct client *c, const struct verb *verb, struct text args);

	/* Does it all; the exit status. Not in a batch. */
	int (*run)(const struct options *options, int argc, char **argv);
};

/* Ends with an empty row. The order is that of smcroute, by which abbreviations are found. */
extern const struct verb verbs[];

/*
 * The first verb that begins with the word or, as in smcroute, that the word begins with
 * ("delete"); NULL if there is none.
 */
const struct verb *verb_find(struct text word);

/*
 * A line of words, of a batch or of the command line: asks the daemon. Empty lines and comments
 * do nothing. 0, or -1 with the error in the client.
 */
int verb_ask(struct client *c, const char *line, size_t len);

#endif
