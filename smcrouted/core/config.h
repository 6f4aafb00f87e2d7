/* config.h - the configuration: read and checked whole, then applied */
#ifndef SMCKIT_CONFIG_H
#define SMCKIT_CONFIG_H

#include "core/core.h"
#include "lib/translation.h"

/* A file whose lines are being read, or wait for those of others. */
struct config_file {
	struct config_file *next;	 /* owned; what is read after it */
	const struct config_file *outer; /* not ours; the one that includes it */
	char *name;			 /* owned */
	struct buf text;		 /* owned; what was not read yet */
	struct buf origins;		 /* owned; of its lines, if it is a translation */
	unsigned line;			 /* read last, from 1 */
	unsigned column;		 /* of that line's origin; 0: the words know */
	unsigned depth;			 /* of includes */
};

/* What was read and is not in force yet. */
struct config {
	struct router *router;			 /* not ours */
	char *name;				 /* owned */
	const struct module *module[MAXMODULES]; /* not ours; those that are built in come first */
	void *conf[MAXMODULES];			 /* owned; of each */
	uint64_t said[MAXMODULES];		 /* rows of its statements that were read */
	unsigned nmodules;
	struct phyints phyints; /* owned */
	struct reader reader;
	struct config_file *file;	    /* owned; the one being read first */
	struct config_file **place;	    /* where a file that is opened goes */
	const struct config_file *includer; /* of files that are opened, not ours; NULL: none */
	struct complaints complaints;
	unsigned nfiles;
	bool is_missing; /* there is no such file */
};

/* Begins to read a file, or those that a pattern matches. */
struct config *config_open(struct router *r, const char *name);

/* Reads some lines; errors are kept with the lines that have none. True if there are more. */
bool config_read(struct config *c, unsigned lines);

/* What goes by it is made less, before it is put in force; true if more is to be done. */
bool config_shrink(struct config *c, unsigned budget);

/* Tells those who monitor that it was read. */
void config_tell(const struct config *c);

/* Puts what was read in force; @keep: what was done by command stays. */
void config_apply(struct config *c, bool keep);

/* Frees some of what was not taken over. True if there is more, else it is done. */
bool config_free(struct config *c, unsigned budget);

/* The line at *at, which moves on; NULL behind the last. */
const char *complaints_next(const struct complaints *k, size_t *at, bool *is_warning);

/* Calls @tell for each error and warning, "file:line:column: message". */
void complaints_each(const struct complaints *k,
		     void (*tell)(void *arg, const char *line, bool is_warning), void *arg);
void complaints_free(struct complaints *k);

/* load.c: begins to read for @what; another must not be under way. @asker may be NULL. */
void load_begin(struct router *r, enum load_what what, const char *name, struct session *asker);

#endif
