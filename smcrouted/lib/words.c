/* words.c - a line of words */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

void words_free(struct words *w)
{
	free(w->word);
	*w = (struct words){ 0 };
}

static void add(struct words *w, char *word)
{
	if (w->n == w->size) {
		w->size = w->size ? w->size * 2 : 16;
		w->word = xrealloc(w->word, w->size * sizeof(*w->word));
	}
	w->word[w->n++] = word;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool words_split(struct words *w, char *line, size_t len)
{
	char *p = line, *end = line + len;

	w->n = w->next = w->column = w->warning_column = 0;
	w->error[0] = w->warning[0] = '\0';
	w->line = line;
	for (;;) {
		while (p < end && is_blank(*p))
			p++;
		if (p == end || *p == '#')
			return true;
		add(w, p);
		while (p < end && !is_blank(*p)) {
			if ((unsigned char)*p < 0x20 || *p == 0x7f) {
				w->n = 0;
				w->column = p - line + 1;
				snprintf(w->error, sizeof(w->error), "control character 0x%02x",
					 *p);
				return false;
			}
			p++;
		}
		if (p == end) {
			*p = '\0';
			return true;
		}
		*p++ = '\0';
	}
}

const char *words_next(struct words *w)
{
	return w->next < w->n ? w->word[w->next++] : (w->next = w->n + 1, NULL);
}

bool words_accept(struct words *w, const char *word)
{
	const char *next = words_peek(w);

	if (!next || strcmp(next, word))
		return false;
	w->next++;
	return true;
}

/* Where the error stands: the word taken last, or behind the last word. */
static unsigned error_column(const struct words *w)
{
	const char *last;

	if (!w->n)
		return 1;
	if (w->next && w->next <= w->n)
		return w->word[w->next - 1] - w->line + 1;
	last = w->word[w->n - 1];
	return last - w->line + strlen(last) + 1;
}

int words_error(struct words *w, const char *fmt, ...)
{
	va_list args;

	if (w->column)
		return -1;
	w->column = error_column(w);
	va_start(args, fmt);
	vsnprintf(w->error, sizeof(w->error), fmt, args);
	va_end(args);
	return -1;
}

void words_warn(struct words *w, const char *fmt, ...)
{
	va_list args;

	if (w->warning_column)
		return;
	w->warning_column = error_column(w);
	va_start(args, fmt);
	vsnprintf(w->warning, sizeof(w->warning), fmt, args);
	va_end(args);
}

int words_number(struct words *w, const char *what, int64_t min, int64_t max, int64_t *value)
{
	const char *word = words_next(w);
	uint64_t n = 0, limit = max > 0 ? max : 0;
	const char *p = word;

	if (!word)
		return words_error(w, "%s wants a number from %" PRId64 " to %" PRId64, what, min,
				   max);
	for (; *p >= '0' && *p <= '9' && n <= limit / 10; p++)
		n = n * 10 + (*p - '0');
	if (p == word || *p || n > limit || (int64_t)n < min)
		return words_error(w, "%s wants a number from %" PRId64 " to %" PRId64 ", not '%s'",
				   what, min, max, word);
	*value = n;
	return 0;
}

int words_seconds(struct words *w, const char *what, int64_t min, int64_t max, int64_t *ms)
{
	const char *word = words_next(w), *p = word ? word : "";
	int64_t n = 0, unit = 1000;

	for (; *p >= '0' && *p <= '9' && n <= max; p++)
		n = n * 10 + (*p - '0') * unit;
	if (p != word && *p == '.' && p[1]) {
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++) {
			unit /= 10;
			n += (*p - '0') * unit;
		}
	}
	if (!word)
		return words_error(w, "%s wants seconds from %g to %g", what, min / 1e3, max / 1e3);
	if (p == word || *p || n < min || n > max)
		return words_error(w, "%s wants seconds from %g to %g, not '%s'", what, min / 1e3,
				   max / 1e3, word);
	*ms = n;
	return 0;
}

const char *words_ifname(struct words *w)
{
	const char *word = words_next(w);
	char *label;

	if (!word) {
		words_error(w, "the name of an interface is missing");
		return NULL;
	}
	label = strchr(w->word[w->next - 1], ':');
	if (label)
		*label = '\0';
	if (!*word || strlen(word) >= IFNAME_SIZE || strchr(word, '/') || !strcmp(word, ".") ||
	    !strcmp(word, "..")) {
		words_error(w, "'%s' cannot be the name of an interface", word);
		return NULL;
	}
	return word;
}

int words_end(struct words *w)
{
	const char *word = words_next(w);

	return word ? words_error(w, "'%s' is too much", word) : 0;
}
