/* token.h - igmpproxy.conf as tokens: blanks part them, ends of lines too, # is a comment */
#ifndef SMCKIT_IGMPPROXY_TOKEN_H
#define SMCKIT_IGMPPROXY_TOKEN_H

#include "lib/translation.h"

struct tokens {
	const char *at, *end; /* what is left of the text, not ours; begins with a token */
	const char *start;    /* of the line, not ours */
	unsigned line;
	struct buf text;    /* owned; the token taken last, with a NUL behind it */
	struct origin from; /* where that one stands */
	unsigned char bad;  /* the control character that ended it all; 0: none */
};

/* The text ends at a NUL too. */
void tokens_begin(struct tokens *k, const char *text, size_t len);
void tokens_free(struct tokens *k);

/* Takes the next one; it lives until the one after it. NULL at the end, where k->from stays. */
const char *token_next(struct tokens *k);

/* What the next one begins with; 0 at the end. */
static inline char token_peek(const struct tokens *k)
{
	return k->at < k->end ? *k->at : '\0';
}

static inline bool token_is_digit(const struct tokens *k)
{
	char c = token_peek(k);

	return c >= '0' && c <= '9';
}

#endif
