/* words.h - a line of words: configuration statements and control requests alike
 *
 * Blanks separate words, a word that starts with # begins a comment. The words are cut in place.
 * Parsers take word after word; the first error is kept with its column.
 */
#ifndef SMCKIT_WORDS_H
#define SMCKIT_WORDS_H

#include "ifname.h"
#include "ip.h"
#include "util.h"

struct words {
	char **word; /* owned; the words themselves lie in the line */
	unsigned n, size;
	unsigned next;	  /* the word that words_next() gives next */
	const char *line; /* not ours */
	unsigned column;  /* of the error, from 1; 0: no error */
	char error[160];
	unsigned warning_column; /* the same of a warning */
	char warning[160];
};

void words_free(struct words *w);

/*
 * Cuts the line of @len bytes, which must be followed by a byte that may be written to. The
 * former line's words and error are forgotten. False, with the error set, for a control
 * character outside of comments.
 */
bool words_split(struct words *w, char *line, size_t len);

/* The next word, or NULL after the last. */
const char *words_next(struct words *w);

/* The next word without taking it. */
static inline const char *words_peek(const struct words *w)
{
	return w->next < w->n ? w->word[w->next] : NULL;
}

/* Takes the next word if it is @word. */
bool words_accept(struct words *w, const char *word);

/*
 * Records what is wrong with the word taken last, or with the end of the line if words_next()
 * came up with nothing. Keeps the first error. Returns -1.
 */
int words_error(struct words *w, const char *fmt, ...) PRINTF(2, 3);

/* The same of what is taken as it is, but can hardly be meant. Keeps the first. */
void words_warn(struct words *w, const char *fmt, ...) PRINTF(2, 3);

/* Takes a whole number from @min to @max; 0, or -1 with the error set that names @what. */
int words_number(struct words *w, const char *what, int64_t min, int64_t max, int64_t *value);

/* Seconds with up to three decimals; limits and value are milliseconds. */
int words_seconds(struct words *w, const char *what, int64_t min, int64_t max, int64_t *ms);

/*
 * Takes the name of an interface, or a pattern of names: 1 to 15 characters without a slash. The
 * label of an address (the :1 of eth0:1) is left off. NULL with the error set.
 */
const char *words_ifname(struct words *w);

/* 0 if nothing is left on the line, else -1 with the error set. */
int words_end(struct words *w);

#endif
