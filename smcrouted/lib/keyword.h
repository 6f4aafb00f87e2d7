/* keyword.h - one row a keyword: the parser, the limits, the help, the manual
 *
 * A parser serves one type of value and knows nothing about the keyword it parses for: where
 * the value goes and what it may be stands in the row.
 */
#ifndef SMCKIT_KEYWORD_H
#define SMCKIT_KEYWORD_H

#include "words.h"

struct keyword {
	const char *name;
	const char *args; /* what follows, for the help: "SEC"; "" for nothing */
	const char *help;
	int (*parse)(struct words *w, const struct keyword *k, void *object);
	size_t offset; /* of the value in the object */
	int64_t min, max;
};

/* The row of that name in a table that ends with an empty row, or NULL. */
const struct keyword *keyword_find(const struct keyword *table, const char *name);

/* Value parsers: each 0, or -1 with the error set. */
int keyword_flag(struct words *w, const struct keyword *k, void *object);    /* bool: true */
int keyword_off(struct words *w, const struct keyword *k, void *object);     /* bool: false */
int keyword_u8(struct words *w, const struct keyword *k, void *object);	     /* uint8_t */
int keyword_u32(struct words *w, const struct keyword *k, void *object);     /* uint32_t */
int keyword_seconds(struct words *w, const struct keyword *k, void *object); /* int64_t, ms */

/* The same with up to three decimals; the row's limits are in ms as well. */
int keyword_decimal(struct words *w, const struct keyword *k, void *object);

#endif
