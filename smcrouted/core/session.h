/* session.h - a client's session: words in, records out */
#ifndef SMCKIT_SESSION_H
#define SMCKIT_SESSION_H

#include "core/core.h"

struct session {
	TAILQ_ENTRY(session) link;
	struct router *router; /* not ours */
	struct buf in, out;    /* owned */
	char *line;	       /* owned; the request in progress */
	size_t line_size;
	struct reader reader;

	/* The table in progress, and which of those that give it is at work. */
	struct show show;
	unsigned provider;
	bool showing;

	bool may_change;
	bool monitors;
	uint64_t events;	      /* the kinds that it follows */
	bool stops_on_error, stopped; /* batch stop */
	bool waits;		      /* for a configuration to be in the kernel, to be told so */
	bool held;		      /* the request, for the same */
	bool over;
};

/*
 * The command number @i of all that there are, with the engines that serve it: most of the core's
 * own come behind those of modules. NULL behind the last.
 */
const struct command *session_command(struct router *r, unsigned i, struct engines *engines);

/* The length of the longest name of an interface. */
unsigned session_name_width(const struct router *r);

#endif
