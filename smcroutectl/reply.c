/* reply.c - reading the records that the daemon writes */
#include <string.h>

#include "reply.h"

/* What is left of the line. */
struct scan {
	const char *p, *end;
};

static void skip_blanks(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
		s->p++;
}

static bool accept(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* The four hexadecimal digits at @p, or -1. */
static int hex4(const char *p, const char *end)
{
	int n = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i] | 0x20;

		if (p[i] >= '0' && p[i] <= '9')
			n = n << 4 | (p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (c - 'a' + 10);
		else
			return -1;
	}
	return n;
}

/* RFC 8259 7: a string, behind its first quote. */
static bool string(struct scan *s, struct text *text)
{
	text->at = s->p;
	for (; s->p < s->end; s->p++) {
		if (*s->p == '"') {
			text->len = s->p++ - text->at;
			return true;
		}
		if ((unsigned char)*s->p < 0x20)
			return false;
		if (*s->p != '\\')
			continue;
		if (++s->p == s->end || !strchr("\"\\/bfnrtu", *s->p) || !*s->p)
			return false;
		if (*s->p == 'u' && hex4(s->p + 1, s->end) < 0)
			return false;
	}
	return false;
}

/* A list or an object, behind its first bracket: only brackets and strings are looked at. */
static bool nested(struct scan *s, struct text *text)
{
	struct text inner;
	unsigned depth = 1;

	text->at = s->p;
	while (s->p < s->end) {
		switch (*s->p++) {
		case '"':
			if (!string(s, &inner))
				return false;
			break;
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			if (--depth)
				break;
			text->len = s->p - 1 - text->at;
			return true;
		}
	}
	return false;
}

static bool literal(struct scan *s, const char *name)
{
	size_t len = strlen(name);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, name, len))
		return false;
	s->p += len;
	return true;
}

static bool number(struct scan *s, struct text *text)
{
	text->at = s->p;
	while (s->p < s->end && *s->p && strchr("+-.0123456789eE", *s->p))
		s->p++;
	text->len = s->p - text->at;
	return text->len;
}

static bool value(struct scan *s, struct field *f)
{
	char c;

	skip_blanks(s);
	if (s->p == s->end)
		return false;
	c = *s->p;
	f->value = (struct text){ s->p, 0 };
	switch (c) {
	case '"':
		s->p++;
		f->type = REPLY_STRING;
		return string(s, &f->value);
	case '[':
	case '{':
		s->p++;
		f->type = c == '[' ? REPLY_LIST : REPLY_OBJECT;
		return nested(s, &f->value);
	case 'n':
		f->type = REPLY_NULL;
		return literal(s, "null");
	case 't':
		f->type = REPLY_TRUE;
		return literal(s, "true");
	case 'f':
		f->type = REPLY_FALSE;
		return literal(s, "false");
	default:
		f->type = REPLY_NUMBER;
		return number(s, &f->value);
	}
}

bool reply_parse(struct reply *r, const char *line, size_t len)
{
	struct scan s = { line, line + len };

	r->n = 0;
	if (!accept(&s, '{'))
		return false;
	if (!accept(&s, '}')) {
		do {
			struct field f;

			if (!accept(&s, '"') || !string(&s, &f.key) || !accept(&s, ':') ||
			    !value(&s, &f))
				return false;
			if (r->n < REPLY_FIELDS)
				r->field[r->n++] = f;
		} while (accept(&s, ','));
		if (!accept(&s, '}'))
			return false;
	}
	skip_blanks(&s);
	return s.p == s.end;
}

bool text_is(struct text text, const char *s)
{
	return text.len == strlen(s) && !memcmp(text.at, s, text.len);
}

const struct field *reply_find(const struct reply *r, const char *key)
{
	for (unsigned i = 0; i < r->n; i++)
		if (text_is(r->field[i].key, key))
			return &r->field[i];
	return NULL;
}

struct text reply_string(const struct reply *r, const char *key)
{
	const struct field *f = reply_find(r, key);

	return f && f->type == REPLY_STRING ? f->value : (struct text){ "", 0 };
}

struct text reply_list(const struct reply *r, const char *key)
{
	const struct field *f = reply_find(r, key);

	return f && f->type == REPLY_LIST ? f->value : (struct text){ "", 0 };
}

int64_t reply_number(const struct reply *r, const char *key)
{
	const struct field *f = reply_find(r, key);
	int64_t n = 0;

	if (!f || f->type != REPLY_NUMBER)
		return -1;
	for (size_t i = 0; i < f->value.len; i++) {
		int digit = f->value.at[i] - '0';

		if (digit < 0 || digit > 9 || n > (INT64_MAX - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	return n;
}

bool reply_next(struct text *list, struct text *item)
{
	struct scan s = { list->at, list->at + list->len };
	struct field f;

	while (value(&s, &f)) {
		accept(&s, ',');
		*list = (struct text){ s.p, s.end - s.p };
		if (f.type == REPLY_STRING) {
			*item = f.value;
			return true;
		}
	}
	list->len = 0;
	return false;
}

/* RFC 3629 3 */
static void put_utf8(struct buf *out, unsigned c)
{
	char *p = buf_room(out, 4);
	unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	p[0] = lead[n] | c >> 6 * (n - 1);
	for (unsigned i = 1; i < n; i++)
		p[i] = 0x80 | (c >> 6 * (n - 1 - i) & 0x3f);
	buf_grow(out, n);
}

/* The character that the escape at *p stands for, '?' for what cannot be shown; *p is moved. */
static unsigned escape(const char **p, const char *end)
{
	char c = *(*p)++;
	int high, low;

	if (c == '"' || c == '\\' || c == '/')
		return c;
	if (c != 'u')
		return '?';
	high = hex4(*p, end);
	*p += 4;
	if (high >= 0xd800 && high < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		low = hex4(*p + 2, end);
		if (low < 0xdc00 || low > 0xdfff)
			return '?';
		*p += 6;
		return 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
	}
	return high < 0x20 || (high >= 0x7f && high < 0xa0) || (high >= 0xd800 && high < 0xe000)
		       ? '?'
		       : high;
}

/*
 * Bytes of the control character at @p, 0 if it is another: those below blank, which objects may
 * have between their members, DEL, and 0xc2 0x80 to 0xc2 0x9f, a second set.
 */
static size_t control_size(const char *p, const char *end)
{
	unsigned char c = *p;

	if (c < 0x20 || c == 0x7f)
		return 1;
	return c == 0xc2 && end - p > 1 && (unsigned char)p[1] < 0xa0 ? 2 : 0;
}

size_t text_print(struct buf *out, struct text text)
{
	const char *p = text.at, *end = p + text.len, *start;
	size_t columns = 0;

	while (p < end) {
		start = p;
		while (p < end && *p != '\\' && !control_size(p, end))
			columns += (*p++ & 0xc0) != 0x80;
		buf_add(out, start, p - start);
		if (p == end)
			break;
		columns++;
		if (*p == '\\') {
			p++;
			put_utf8(out, escape(&p, end));
		} else {
			p += control_size(p, end);
			buf_add(out, "?", 1);
		}
	}
	return columns;
}
