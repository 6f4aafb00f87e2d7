/* cell.c - what sections are printed with: cells, and notes behind them */
#include "section.h"

size_t put_text(struct buf *out, const char *text)
{
	return text_print(out, (struct text){ text, strlen(text) });
}

size_t put_value(struct buf *out, const struct reply *row, const char *key)
{
	const struct field *f = reply_find(row, key);

	return f && f->type != REPLY_NULL ? text_print(out, f->value) : put_text(out, "-");
}

size_t put_sg(struct buf *out, const struct reply *row, const char *key)
{
	const struct field *source = reply_find(row, "source");
	size_t n = put_text(out, "(");

	if (source && source->type == REPLY_STRING)
		n += text_print(out, source->value);
	else
		n += put_text(out, "*");
	n += put_text(out, ", ");
	n += text_print(out, reply_string(row, key));
	return n + put_text(out, ")");
}

size_t put_list(struct buf *out, const struct reply *row, const char *key)
{
	struct text names = reply_list(row, key), name;
	size_t n = 0;

	while (reply_next(&names, &name))
		n += put_text(out, " ") + text_print(out, name);
	return n;
}

size_t put_help_text(struct buf *out, const struct reply *row, const char *key)
{
	return put_text(out, " ") + put_value(out, row, key);
}

size_t put_seconds(struct buf *out, const struct reply *row, const char *key)
{
	const struct field *f = reply_find(row, key);
	long long ms = reply_number(row, key);
	size_t before = buf_len(out);

	if (!f || f->type == REPLY_NULL)
		return put_text(out, "-");
	buf_printf(out, "%lld.%lld", ms / 1000, ms % 1000 / 100);
	return buf_len(out) - before;
}

void put_fields(struct buf *out, const struct reply *r, const char *but, const char *nor)
{
	struct text items, item;
	const char *comma;

	for (unsigned i = 0; i < r->n; i++) {
		const struct field *f = &r->field[i];

		if (text_is(f->key, but) || text_is(f->key, nor))
			continue;
		buf_puts(out, " ");
		text_print(out, f->key);
		buf_puts(out, "=");
		if (f->type != REPLY_LIST) {
			text_print(out, f->value);
			continue;
		}
		comma = "";
		for (items = f->value; reply_next(&items, &item); comma = ",") {
			buf_puts(out, comma);
			text_print(out, item);
		}
	}
}

void note_list(struct buf *out, const char *what, struct text names)
{
	struct text name;

	buf_printf(out, "  [%s", what);
	while (reply_next(&names, &name)) {
		put_text(out, " ");
		text_print(out, name);
	}
	put_text(out, "]");
}

void note_reason(struct buf *out, const char *what, struct text reason)
{
	buf_printf(out, "  [%s", what);
	if (reason.len) {
		put_text(out, ": ");
		text_print(out, reason);
	}
	put_text(out, "]");
}

void note_words(struct buf *out, const char *what, struct text word)
{
	buf_printf(out, "  [%s", what);
	if (*what && word.len)
		put_text(out, " ");
	text_print(out, word);
	put_text(out, "]");
}
