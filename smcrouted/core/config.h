/* config.h - the configuration: read and checked whole, then applied */
#ifndef SMCKIT_CONFIG_H
#define SMCKIT_CONFIG_H

#include "core/core.h"

/* A file that is being read, and the one that includes it. */
struct config_file {
	const char *name;		 /* not ours */
	const struct config_file *outer; /* not ours */
};

/* What was read and is not in force yet. */
struct config {
	struct router *router;	/* not ours */
	void *conf[MAXMODULES]; /* owned; of each module */
	struct phyints phyints; /* owned */
	struct reader reader;
	struct buf errors; /* owned; "file:line:column: message" lines */
	unsigned nerrors, nfiles;
	unsigned depth;			   /* of includes */
	unsigned line;			   /* being read */
	const char *file;		   /* being read, not ours */
	const struct config_file *reading; /* not ours; NULL: none yet */
};

/* Reads the files; errors are kept with the lines that have none. */
void config_read(struct config *c, struct router *r);

/* Tells those who monitor that it was read. */
void config_tell(const struct config *c);

/* Puts what was read in force. */
void config_apply(struct config *c);

/* Calls @tell for each error, "file:line:column: message"; once, the lines are cut for it. */
void config_each_error(struct config *c, void (*tell)(void *arg, const char *line), void *arg);

/* Frees all that was not taken over. */
void config_free(struct config *c);

#endif
