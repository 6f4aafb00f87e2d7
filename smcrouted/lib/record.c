/* record.c - writing replies and events: one JSON object a line (RFC 8259) */
#include <stdio.h>
#include <string.h>

#include "record.h"

static void put_char(struct buf *buf, char c)
{
	*buf_room(buf, 1) = c;
	buf_grow(buf, 1);
}

/* The size of the UTF-8 character at @s, 0 if there is none (RFC 3629 3). */
static size_t utf8_size(const unsigned char *s)
{
	static const uint32_t least[] = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 };
	size_t size = *s >> 5 == 0x6 ? 2 : *s >> 4 == 0xe ? 3 : *s >> 3 == 0x1e ? 4 : 0;
	uint32_t c;

	if (!size)
		return *s < 0x80;
	c = *s & 0x7f >> size;
	for (size_t i = 1; i < size; i++) {
		if (s[i] >> 6 != 0x2)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	return c < least[size] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : size;
}

/* The size of the character at @s if it stands in JSON as it is, else 0. */
static size_t plain_size(const char *s)
{
	return (unsigned char)*s < 0x20 || *s == '"' || *s == '\\' ? 0 : utf8_size((const void *)s);
}

/* What is not UTF-8, as names of interfaces need not be, is replaced by U+FFFD. */
static void put_string(struct buf *buf, const char *s)
{
	put_char(buf, '"');
	while (*s) {
		size_t plain = 0, size;

		while ((size = plain_size(s + plain)))
			plain += size;
		buf_add(buf, s, plain);
		s += plain;
		if (!*s)
			break;
		if (*s == '"' || *s == '\\') {
			put_char(buf, '\\');
			put_char(buf, *s);
		} else {
			buf_printf(buf, "\\u%04x", (unsigned char)*s < 0x20 ? *s : 0xfffd);
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
