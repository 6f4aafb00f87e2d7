/* record.c - writing replies and events: one JSON object a line (RFC 8259) */
#include <stdio.h>
#include <string.h>

#include "record.h"

static void put_char(struct buf *buf, char c)
{
	*buf_room(buf, 1) = c;
	buf_grow(buf, 1);
}

static void put_string(struct buf *buf, const char *s)
{
	put_char(buf, '"');
	while (*s) {
		size_t plain = 0;

		while ((unsigned char)s[plain] >= 0x20 && s[plain] != '"' && s[plain] != '\\')
			plain++;
		buf_add(buf, s, plain);
		s += plain;
		if (!*s)
			break;
		if (*s == '"' || *s == '\\') {
			put_char(buf, '\\');
			put_char(buf, *s);
		} else {
			buf_printf(buf, "\\u%04x", *s);
		}
		s++;
	}
	put_char(buf, '"');
}

static void separate(struct record *r)
{
	if (r->comma)
		put_char(r->buf, ',');
	r->comma = true;
}

static void put_key(struct record *r, const char *key)
{
	separate(r);
	put_string(r->buf, key);
	put_char(r->buf, ':');
}

struct record record_begin(struct buf *buf)
{
	put_char(buf, '{');
	return (struct record){ .buf = buf };
}

void record_end(struct record *r)
{
	buf_add(r->buf, "}\n", 2);
}

void record_str(struct record *r, const char *key, const char *value)
{
	put_key(r, key);
	if (value)
		put_string(r->buf, value);
	else
		buf_puts(r->buf, "null");
}

void record_int(struct record *r, const char *key, int64_t value)
{
	put_key(r, key);
	buf_printf(r->buf, "%lld", (long long)value);
}

void record_u64(struct record *r, const char *key, uint64_t value)
{
	put_key(r, key);
	buf_printf(r->buf, "%llu", (unsigned long long)value);
}

void record_bool(struct record *r, const char *key, bool value)
{
	put_key(r, key);
	buf_puts(r->buf, value ? "true" : "false");
}

void record_list(struct record *r, const char *key)
{
	put_key(r, key);
	put_char(r->buf, '[');
	r->comma = false;
}

void record_item(struct record *r, const char *value)
{
	separate(r);
	put_string(r->buf, value);
}

void record_list_end(struct record *r)
{
	put_char(r->buf, ']');
	r->comma = true;
}
