/* translation.h - a configuration in another grammar, as lines of our own */
#ifndef SMCKIT_TRANSLATION_H
#define SMCKIT_TRANSLATION_H

#include "buf.h"

/* What is to become of a line: it is read, or told as it is. */
enum line_kind { LINE_STATEMENT, LINE_ERROR, LINE_WARNING, LINE_NOTE };

/* Where what it says stands in the other text, from 1. */
struct origin {
	unsigned line, column;
	enum line_kind kind;
};

struct translation {
	struct buf text;    /* owned; each line with its end */
	struct buf origins; /* owned; of each line */
};

/* Adds a line, which must not have an end of line within it. */
void translation_add(struct translation *t, struct origin from, const char *fmt, ...) PRINTF(3, 4);

/* Takes the origin of the first line; false behind the last. */
bool translation_origin(struct buf *origins, struct origin *from);

void translation_free(struct translation *t);

#endif
