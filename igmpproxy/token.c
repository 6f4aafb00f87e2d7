/* token.c - igmpproxy.conf as tokens */
#include <string.h>

#include "token.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* To where the next token begins. */
static void skip(struct tokens *k)
{
	while (k->at < k->end) {
		const char *eol;

		if (*k->at == '#') {
			eol = memchr(k->at, '\n', k->end - k->at);
			k->at = eol ? eol : k->end;
			continue;
		}
		if (!is_blank(*k->at))
			return;
		if (*k->at++ == '\n') {
			k->line++;
			k->start = k->at;
		}
	}
}

void tokens_begin(struct tokens *k, const char *text, size_t len)
{
	const char *nul = memchr(text, '\0', len);

	*k = (struct tokens){ .at = text,
			      .end = nul ? nul : text + len,
			      .start = text,
			      .line = 1,
			      .from = { 1, 1, LINE_STATEMENT } };
	skip(k);
}

void tokens_free(struct tokens *k)
{
	buf_free(&k->text);
}

const char *token_next(struct tokens *k)
{
	const char *first = k->at;

	if (first == k->end)
		return NULL;
	k->from.line = k->line;
	k->from.column = first - k->start + 1;
	while (k->at < k->end && !is_blank(*k->at) && *k->at != '#') {
		if (is_control(*k->at)) {
			k->bad = *k->at;
			k->from.column = k->at - k->start + 1;
			k->at = k->end;
			return NULL;
		}
		k->at++;
	}
	buf_take(&k->text, buf_len(&k->text));
	buf_add(&k->text, first, k->at - first);
	buf_add(&k->text, "", 1);
	skip(k);
	return buf_at(&k->text);
}
