/* table.c - printing replies: tables for people, JSON for programs */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "section.h"

#define PLAIN_COLUMNS 79

/* The longest name there can be: what a heading without a width stands for. */
#define NAME_COLUMNS 15

static void put_repeated(struct buf *out, char c, size_t n)
{
	memset(buf_room(out, n), c, n);
	buf_grow(out, n);
}

static int column_width(const struct printer *p, const struct column *c)
{
	size_t title = strlen(c->title);

	if (c->width == WIDTH_NAME)
		return p->width > title ? p->width : title;
	return c->width;
}

/* Fills a cell up to its width: @n columns of it are the last @len bytes printed. */
static void pad(struct buf *out, int width, size_t n, size_t len)
{
	size_t want = width < 0 ? -width : width, blanks = want > n ? want - n : 0;

	put_repeated(out, ' ', blanks);
	if (width < 0) {
		char *cell = out->data + out->end - blanks - len;

		memmove(cell + blanks, cell, len);
		memset(cell, ' ', blanks);
	}
}

/* Drops the blanks at the end of what was printed since @start. */
static void trim(struct buf *out, size_t start)
{
	while (buf_len(out) > start && out->data[out->end - 1] == ' ')
		out->end--;
}

static const struct column *next_column(const struct printer *p, const struct column *c)
{
	while (c->title && c->detail && !p->detail)
		c++;
	return c->title ? c : NULL;
}

static void put_head(struct printer *p)
{
	const struct column *c = p->section ? p->section->columns : NULL;
	const char *blank = "";

	if (!c)
		return;
	while ((c = next_column(p, c))) {
		buf_puts(&p->out, blank);
		buf_puts(&p->out, c->title);
		pad(&p->out, column_width(p, c), strlen(c->title), strlen(c->title));
		blank = " ";
		c++;
	}
}

/* Underlined blanks above the title, and the head inverse. */
static void put_styled(struct printer *p, const char *title, bool head)
{
	struct buf *out = &p->out;
	size_t start, len;

	if (title) {
		buf_puts(out, "\033[4m");
		put_repeated(out, ' ', p->options->columns);
		buf_printf(out, "\033[0m\n%s\n", title);
	}
	if (!head)
		return;
	buf_puts(out, "\033[7m");
	start = buf_len(out);
	put_head(p);
	len = buf_len(out) - start;
	put_repeated(out, ' ', len < p->options->columns ? p->options->columns - len : 0);
	buf_puts(out, "\033[0m\n");
}

static void put_rule(struct buf *out, char c)
{
	put_repeated(out, c, PLAIN_COLUMNS);
	buf_puts(out, "\n");
}

static void put_plain(struct printer *p, const char *title, bool head)
{
	struct buf *out = &p->out;
	size_t start;

	if (title) {
		put_rule(out, '_');
		buf_printf(out, "%s\n", title);
	}
	put_rule(out, '=');
	if (!head)
		return;
	start = buf_len(out);
	put_head(p);
	trim(out, start);
	buf_puts(out, "\n");
	put_rule(out, '=');
}

/* Before the first row of a table; sections of one title share it. */
static void put_heading(struct printer *p)
{
	const char *title = p->section ? p->section->title : p->table;
	bool head = p->section && p->section->columns && !p->section->headless;

	p->titled = true;
	p->title = title;
	if ((!title && !head) || (p->section && p->view->bare && !title))
		return;
	if (p->options->headings == HEADINGS_STYLED)
		put_styled(p, title, head);
	else if (p->options->headings == HEADINGS_PLAIN)
		put_plain(p, title, head);
}

static void put_columns(struct printer *p, const struct reply *row)
{
	const struct column *c = p->section->columns;
	const char *blank = "";

	while ((c = next_column(p, c))) {
		size_t start, n;

		buf_puts(&p->out, blank);
		start = buf_len(&p->out);
		n = c->put(&p->out, row, c->key);
		pad(&p->out, column_width(p, c), n, buf_len(&p->out) - start);
		blank = " ";
		c++;
	}
}

static void text_row(struct printer *p, const struct reply *row)
{
	const struct section *s = p->section;
	size_t start;

	if (!p->titled)
		put_heading(p);
	start = buf_len(&p->out);
	if (!s) {
		put_fields(&p->out, row, "", "");
	} else if (s->put) {
		s->put(&p->out, row, s->json);
	} else {
		put_columns(p, row);
		trim(&p->out, start);
	}
	if (s && s->note)
		s->note(&p->out, row, p->detail);
	buf_puts(&p->out, "\n");
}

/* JSON: a document is {"routes":{"asm":[...],...}}, or {"interfaces":[...]} of a flat view. */

static void json_close(struct printer *p)
{
	if (p->list)
		buf_puts(&p->out, "]");
	p->list = false;
}

static void json_open(struct printer *p, const char *name)
{
	json_close(p);
	buf_printf(&p->out, "%s\n\"%s\":[", p->nlists++ ? "," : "", name);
	p->list = true;
	p->comma = false;
}

/* Lists that the daemon had no table for are there all the same. */
static void json_skip_to(struct printer *p, unsigned section)
{
	while (p->nlists < section && p->nlists < p->view->nsections)
		json_open(p, p->view->sections[p->nlists].json);
}

static void json_heading(struct printer *p)
{
	const struct view *v = p->view;

	if (v->flat)
		return;
	if (p->section)
		json_skip_to(p, p->section - v->sections);
	json_open(p, p->section ? p->section->json : p->table);
}

static void json_row(struct printer *p, const struct reply *row, struct text line)
{
	const char *brace = memchr(line.at, '{', line.len);

	if (p->view->flat && !p->section)
		return;
	buf_puts(&p->out, p->comma ? ",\n" : "\n");
	p->comma = true;
	if (p->section && p->section->put) {
		buf_printf(&p->out, "{\"kind\":\"%s\"%s", p->section->json, row->n ? "," : "");
		line.len -= brace + 1 - line.at;
		line.at = brace + 1;
	}
	buf_add(&p->out, line.at, line.len);
}

void printer_begin(struct printer *p, const struct view *view, bool detail)
{
	p->view = view;
	p->request = p->nrows = p->nlists = 0;
	p->section = NULL;
	p->title = NULL;
	p->table[0] = '\0';
	p->detail = detail;
	p->comma = p->list = p->titled = false;
	if (view == &view_version)
		buf_puts(&p->out, p->options->json
					  ? "{\"version\":{\"smcroutectl\":\"" PACKAGE_STRING "\""
					  : "smcroutectl: " PACKAGE_STRING "\n");
	else if (p->options->json && view->json)
		buf_printf(&p->out, "{\"%s\":%s", view->json, view->flat ? "[" : "{");
}

void printer_request(struct printer *p, unsigned request)
{
	p->request = request;
	p->table[0] = '\0';
}

static const struct section *section_find(const struct printer *p, struct text table)
{
	const struct view *v = p->view;

	for (unsigned i = 0; i < v->nsections; i++)
		if (v->sections[i].request == p->request && text_is(table, v->sections[i].table))
			return &v->sections[i];
	return NULL;
}

/* As much of a table's name as is printed as it stands, for people and as JSON. */
static int name_len(struct text name, int max)
{
	int len = 0;

	while (len < max && (size_t)len < name.len && name.at[len] >= ' ' && name.at[len] < 0x7f &&
	       name.at[len] != '\\')
		len++;
	return len;
}

/* The same table may be announced more than once: it goes on. */
static void heading(struct printer *p, const struct reply *r, struct text table)
{
	int len = name_len(table, sizeof(p->table) - 1);
	int64_t width = reply_number(r, "width");

	if (p->table[0] && text_is(table, p->table))
		return;
	snprintf(p->table, sizeof(p->table), "%.*s", len, table.at);
	p->width = width < 0 || width > NAME_COLUMNS ? NAME_COLUMNS : width;
	if (!p->view->bare && reply_number(r, "errors") > 0)
		p->errors = reply_number(r, "errors");
	p->section = section_find(p, table);
	p->titled = p->title && p->section && p->section->title == p->title;
	if (!p->options->json)
		return;
	if (!p->view->json && !p->nlists)
		buf_puts(&p->out, "{");
	json_heading(p);
}

static bool is_wanted(const struct printer *p, const struct reply *row)
{
	const struct section *s = p->section;

	/* A table that the view has no use for, such as the kernel's among what is pending */
	if (!s && p->view->flat)
		return false;
	if (p->only && strncmp(reply_string(row, "words").at, p->only, strlen(p->only)))
		return false;
	return !s || !s->wanted || s->wanted(row);
}

bool printer_line(struct printer *p, struct text line)
{
	struct reply r;
	struct text table;

	if (!reply_parse(&r, line.at, line.len))
		return false;
	table = reply_string(&r, "table");
	if (table.len) {
		heading(p, &r, table);
	} else if (!p->table[0]) {
		if (p->view->loose)
			p->view->loose(&p->out, &r, line, p->options->json);
	} else if (is_wanted(p, &r)) {
		p->nrows++;
		if (p->options->json)
			json_row(p, &r, line);
		else if (!p->section || p->section->columns || p->section->put)
			text_row(p, &r);
	}
	return true;
}

static void json_end(struct printer *p)
{
	const struct view *v = p->view;

	if (v->flat) {
		buf_puts(&p->out, "]}\n");
	} else if (v->json) {
		json_skip_to(p, v->nsections);
		json_close(p);
		buf_puts(&p->out, "}}\n");
	} else if (p->nlists) {
		json_close(p);
		buf_puts(&p->out, "}\n");
	}
}

void printer_end(struct printer *p, bool ok)
{
	const struct view *v = p->view;

	if (!v)
		return;
	if (p->options->json)
		json_end(p);
	else if (v == &view_pending && ok && !p->nrows)
		buf_puts(&p->out, "No pending routes or groups\n");
	if (!p->options->json && p->nrows && !v->bare)
		buf_puts(&p->out, "\n");
	p->view = NULL;
}

int printer_flush(struct printer *p)
{
	while (buf_len(&p->out)) {
		ssize_t n = write(STDOUT_FILENO, buf_at(&p->out), buf_len(&p->out));

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			buf_take(&p->out, n);
	}
	return 0;
}

unsigned terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col ? size.ws_col : 80;
}
