/* reply.h - reading the records that the daemon writes: one JSON object a line
 *
 * A record is cut into its members where it lies, nothing is copied or allocated. A library
 * would cost a start of the client more than all else it does (Makefile.am), and a row of a
 * table ten times as much as this.
 */
#ifndef SMCKIT_REPLY_H
#define SMCKIT_REPLY_H

#include "lib/buf.h"

#define REPLY_FIELDS 32

enum reply_type {
	REPLY_NULL,
	REPLY_FALSE,
	REPLY_TRUE,
	REPLY_NUMBER,
	REPLY_STRING,
	REPLY_LIST,
	REPLY_OBJECT
};

/* A piece of the line, not ours: a string without its quotes, a list without its brackets. */
struct text {
	const char *at;
	size_t len;
};

struct field {
	struct text key, value;
	enum reply_type type;
};

/* What stands behind the first 32 members is checked, but left out. */
struct reply {
	struct field field[REPLY_FIELDS];
	unsigned n;
};

/* Cuts a line without its newline; false if it is not one JSON object (RFC 8259). */
bool reply_parse(struct reply *r, const char *line, size_t len);

/* The member of that name, or NULL. */
const struct field *reply_find(const struct reply *r, const char *key);

/* The string of that name as it stands, empty if there is none. */
struct text reply_string(const struct reply *r, const char *key);

/* The list of that name, as reply_next() takes it, empty if there is none. */
struct text reply_list(const struct reply *r, const char *key);

/* The whole number of that name, -1 if there is none that is not negative. */
int64_t reply_number(const struct reply *r, const char *key);

/* Takes the first string off a list; false at its end. Items that are no strings are left out. */
bool reply_next(struct text *list, struct text *item);

bool text_is(struct text text, const char *s);

/*
 * Adds a string as people may see it: escapes resolved, and what would control the terminal
 * replaced by '?'. Returns how many columns it takes.
 */
size_t text_print(struct buf *out, struct text text);

#endif
