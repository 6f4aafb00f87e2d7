/* session.h - a client's session: words in, records out */
#ifndef SMCKIT_SESSION_H
#define SMCKIT_SESSION_H

#include "core/core.h"

/* Where a command stands: the core's first, those of each place, then the core's others. */
struct command_at {
	uint16_t table, row;
};

struct session {
	TAILQ_ENTRY(session) link;
	struct router *router; /* not ours */
	struct buf in, out;    /* owned */
	char *line;	       /* owned; the request in progress */
	size_t line_size;
	struct reader reader;

	/* The table in progress, and which of those that give it is at work: not ours. */
	struct show show;
	const struct command *command;
	struct command_at at;
	bool showing;

	bool may_change;
	bool monitors;
	struct buf follows; /* owned; kinds and areas of events, each with its end; or all */
	bool stops_on_error, stopped; /* batch stop */
	bool waits;		      /* for a configuration to be in the kernel, to be told so */
	bool held;		      /* the request, for the same */
	bool over;
};

/*
 * The command at *at, or the next one behind, whose place it gets; with the engines that serve it.
 * NULL behind the last.
 */
const struct command *session_command(struct router *r, struct command_at *at,
				      struct engines *engines);

/* The length of the longest name of an interface. */
unsigned session_name_width(const struct router *r);

#endif
