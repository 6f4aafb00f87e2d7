/* front.h - what the command lines of front ends have in common */
#ifndef SMCKIT_FRONT_H
#define SMCKIT_FRONT_H

#include "linux/daemon.h"

/* The path as it is from any folder; to be freed. */
char *front_path(const struct program *p, const char *path);

/* What was given, if not NULL, or DIR/NAME.SUFFIX; to be freed. */
char *front_file(const struct program *p, const char *given, const char *dir, const char *name,
		 const char *suffix);

/* A whole number up to @max; false if it is none. */
bool front_number(const char *text, int64_t max, int64_t *n);

/* Another one each time. */
uint64_t front_seed(void);

/* What the file says, or what stands in for it. NULL, or why it cannot be read. */
const char *front_read(const struct router_options *o, struct buf *text);

/* Whether it can be put in force; what is wrong goes to standard error, warnings alone if @all. */
bool front_check(const struct router_options *o, bool all);

/* Prints what becomes of a text in another grammar. */
void front_print(const struct router_options *o, const struct buf *text);

#endif
