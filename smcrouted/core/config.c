/* config.c - the configuration: read and checked whole, then applied
 *
 * Each statement is a row of its module's table, `phyint` and `include` are the core's. Reading
 * fills fresh objects and touches nothing that runs; config_apply() hands them over.
 */
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* Files that include one another under ever new names end here. */
#define MAX_DEPTH 16
#define MAX_FILES 4096

/* More errors than that are counted, not told. */
#define MAX_ERRORS 1000

static void add_error(struct config *c, unsigned line, const char *fmt, ...) PRINTF(3, 4);

/* @line 0: the file itself could not be read. */
static void add_error(struct config *c, unsigned line, const char *fmt, ...)
{
	char text[256];
	va_list args;

	if (c->nerrors++ >= MAX_ERRORS)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_puts(&c->errors, c->file);
	if (line)
		buf_printf(&c->errors, ":%u:%u", line,
			   c->reader.words.column ? c->reader.words.column : 1);
	buf_printf(&c->errors, ": %s\n", text);
}

static void read_files(struct config *c, const char *pattern, unsigned line);

/* A name without a leading slash is looked for beside the file that names it. */
static int parse_include(struct config *c, unsigned line)
{
	const char *name = words_next(&c->reader.words);
	const char *slash = strrchr(c->file, '/');
	char path[4096];

	if (!name)
		return words_error(&c->reader.words, "include wants a file or a pattern");
	if (words_end(&c->reader.words))
		return -1;
	if (c->depth >= MAX_DEPTH)
		return words_error(&c->reader.words, "%d files deep: does one include itself?",
				   MAX_DEPTH);
	if (c->nfiles >= MAX_FILES)
		return words_error(&c->reader.words, "more than %d files", MAX_FILES);
	if (*name != '/' && slash)
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - c->file), c->file, name);
	else
		snprintf(path, sizeof(path), "%s", name);
	read_files(c, path, line);
	return 0;
}

/* The table that knows the word, and its module's number; -1: the core's own. */
static const struct keyword *phyint_table(const struct config *c, const char *word, int *owner)
{
	*owner = -1;
	if (keyword_find(phyint_keywords, word))
		return phyint_keywords;
	for (unsigned i = 0; i < c->router->nloaded; i++) {
		const struct keyword *table = c->router->loaded[i].module->phyint;

		*owner = i;
		if (table && keyword_find(table, word))
			return table;
	}
	return NULL;
}

/* The module hears of the interface for which one of its words was said. */
static int tell_named(struct config *c, unsigned owner, const char *name)
{
	const struct module *module = c->router->loaded[owner].module;
	int slot;

	if (!module->phyint_named)
		return 0;
	slot = slot_named(&c->reader, name);
	if (slot >= 0)
		module->phyint_named(c->conf[owner], slot);
	return slot < 0 ? -1 : 0;
}

/* One keyword of the line, its arguments with it. */
static int parse_phyint_word(struct config *c, const char *name)
{
	struct words *w = &c->reader.words;
	const char *word = words_next(w);
	unsigned from = w->next - 1;
	int owner;
	const struct keyword *table = phyint_table(c, word, &owner), *k;
	alignas(max_align_t) char scratch[PHYINT_SIZE];

	if (!table)
		return words_error(w, "unknown word '%s' after phyint", word);
	k = keyword_find(table, word);
	if (k->parse(w, k, scratch))
		return -1;
	phyint_add(&c->phyints, name, table, w, from);
	return owner < 0 ? 0 : tell_named(c, owner, name);
}

static int parse_phyint(struct config *c)
{
	struct words *w = &c->reader.words;
	const char *name = words_ifname(w);

	if (!name)
		return -1;
	if (!words_peek(w))
		phyint_add(&c->phyints, name, NULL, w, w->next);
	while (words_peek(w)) {
		if (parse_phyint_word(c, name))
			return -1;
	}
	return 0;
}

static int parse_statement(struct config *c, unsigned line)
{
	struct words *w = &c->reader.words;
	const char *name = words_next(w);

	if (!name)
		return 0;
	for (unsigned i = 0; i < c->router->nloaded; i++) {
		const struct statement *s = c->router->loaded[i].module->statements;

		for (; s && s->name; s++) {
			if (!strcmp(s->name, name))
				return s->parse(&c->reader, c->conf[i]);
		}
	}
	if (!strcmp(name, "phyint"))
		return parse_phyint(c);
	if (!strcmp(name, "include"))
		return parse_include(c, line);
	return words_error(w, "unknown statement '%s'", name);
}

static bool is_being_read(const struct config *c, const char *name)
{
	const struct config_file *f = c->reading;

	while (f && strcmp(f->name, name))
		f = f->outer;
	return f;
}

static void read_file(void *arg, const char *name, char *text, size_t len)
{
	struct config *c = arg;
	struct config_file here = { name, c->reading };
	const char *outer = c->file;
	unsigned outer_line = c->line;
	char *end = text + len;

	if (is_being_read(c, name)) {
		c->reader.words.column = 0;
		add_error(c, c->line, "%s includes itself", name);
		return;
	}
	c->file = name;
	c->reading = &here;
	c->nfiles++;
	c->depth++;
	for (unsigned line = 1; text < end; line++) {
		char *eol = memchr(text, '\n', end - text);

		if (!eol)
			eol = end;
		c->line = line;
		if (!words_split(&c->reader.words, text, eol - text) || parse_statement(c, line))
			add_error(c, line, "%s", c->reader.words.error);
		text = eol + 1;
	}
	c->depth--;
	c->reading = here.outer;
	c->file = outer;
	c->line = outer_line;
}

static void read_files(struct config *c, const char *pattern, unsigned line)
{
	struct kern *k = c->router->kern;
	const char *why = k->op->read(k, pattern, read_file, c);

	if (!why)
		return;
	c->reader.words.column = 0;
	if (line)
		add_error(c, line, "%s: %s", pattern, why);
	else
		add_error(c, 0, "%s", why);
}

/* What the modules think of all lines together. */
static void check(struct config *c)
{
	struct words *error = &c->reader.words;

	for (unsigned i = 0; i < c->router->nloaded; i++) {
		const struct module *module = c->router->loaded[i].module;

		error->n = error->column = 0;
		if (module->check && module->check(&c->reader, c->conf[i]))
			add_error(c, 1, "%s", error->error);
	}
}

void config_read(struct config *c, struct router *r)
{
	*c = (struct config){
		.router = r,
		.reader.host = &r->host,
		.file = r->options.config,
	};
	TAILQ_INIT(&c->phyints);
	for (unsigned i = 0; i < r->nloaded; i++)
		c->conf[i] = r->loaded[i].module->conf_new();
	read_files(c, r->options.config, 0);
	check(c);
}

void config_tell(const struct config *c)
{
	char n[16];

	snprintf(n, sizeof(n), "%u", c->nerrors);
	event_send(c->router, "reload", "file", c->router->options.config, "errors", n, NULL);
}

void config_apply(struct config *c)
{
	struct router *r = c->router;

	iface_configure(r, &c->phyints);
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < r->nloaded; i++) {
			const struct loaded *l = &r->loaded[i];

			l->module->configure(l->engines.af[af], c->conf[i], false);
		}
	}
	r->awake = r->applying = true;
	r->ifaces.sweep = true;
}

void config_each_error(struct config *c, void (*tell)(void *arg, const char *line), void *arg)
{
	char *line, *next = NULL;

	buf_add(&c->errors, "", 1);
	for (line = strtok_r(c->errors.data + c->errors.start, "\n", &next); line;
	     line = strtok_r(NULL, "\n", &next))
		tell(arg, line);
}

void config_free(struct config *c)
{
	for (unsigned i = 0; i < c->router->nloaded; i++)
		c->router->loaded[i].module->conf_free(c->conf[i]);
	phyints_free(&c->phyints);
	words_free(&c->reader.words);
	buf_free(&c->errors);
	c->router->ifaces.sweep = true;
}
