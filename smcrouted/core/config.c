/* config.c - the configuration: read and checked whole, then applied
 *
 * Each statement is a row of its module's table, `phyint`, `include` and `module` are the core's.
 * Reading fills fresh objects, some lines at a time, and touches nothing that runs; config_apply()
 * hands them over. The text of a file is taken when the file is named: what becomes of it while it
 * is read is left to the next reload.
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

/* Of a module, as much as names an area of the log. */
#define MAX_NAME 15

/* More errors and warnings than that are counted, not told. */
#define MAX_COMPLAINTS 1000

/* The kinds of complaints, as they are kept before the line. */
#define ERROR 'E'
#define WARNING 'W'

static void complain(struct config *c, char kind, const struct config_file *at, const char *fmt,
		     ...) PRINTF(4, 5);

/* About the words of the line @at; NULL: about no line. */
static void complain(struct config *c, char kind, const struct config_file *at, const char *fmt,
		     ...)
{
	const struct words *w = &c->reader.words;
	unsigned column = kind == ERROR ? w->column : w->warning_column;
	struct complaints *k = &c->complaints;
	char text[4096 + 256];
	va_list args;

	if (at && at->column)
		column = at->column;
	if (kind == ERROR)
		k->nerrors++;
	else
		k->nwarnings++;
	if (k->nerrors + k->nwarnings > MAX_COMPLAINTS)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_add(&k->text, &kind, 1);
	if (at)
		buf_printf(&k->text, "%s:%u:%u: ", at->name, at->line, column ? column : 1);
	buf_printf(&k->text, "%s%s", kind == WARNING ? "warning: " : "", text);
	buf_add(&k->text, "", 1);
}

const char *complaints_next(const struct complaints *k, size_t *at, bool *is_warning)
{
	const char *line = buf_at(&k->text) + *at;

	if (*at >= buf_len(&k->text))
		return NULL;
	*at += strlen(line) + 1;
	*is_warning = *line == WARNING;
	return line + 1;
}

void complaints_each(const struct complaints *k,
		     void (*tell)(void *arg, const char *line, bool is_warning), void *arg)
{
	bool is_warning;
	const char *line;
	size_t at = 0;

	while ((line = complaints_next(k, &at, &is_warning)))
		tell(arg, line, is_warning);
}

/* What was counted only. */
static void count_the_rest(struct complaints *k)
{
	unsigned n = k->nerrors + k->nwarnings;

	if (n <= MAX_COMPLAINTS)
		return;
	buf_printf(&k->text, "%cand %u more", k->nerrors ? ERROR : WARNING, n - MAX_COMPLAINTS);
	buf_add(&k->text, "", 1);
}

void complaints_free(struct complaints *k)
{
	buf_free(&k->text);
	*k = (struct complaints){ 0 };
}

static bool is_being_read(const struct config_file *file, const char *name)
{
	while (file && strcmp(file->name, name))
		file = file->outer;
	return file;
}

/* Our words take the place of another grammar's. */
static void translate(const struct router *r, struct config_file *file)
{
	struct translation t = { 0 };

	r->options.translate(&t, buf_at(&file->text), buf_len(&file->text));
	buf_free(&file->text);
	file->text = t.text;
	file->origins = t.origins;
}

/* A file that was named: it is read before all that is left, behind those named with it. */
static void open_file(void *arg, const char *name, struct buf *text)
{
	struct config *c = arg;
	struct config_file *file;

	c->reader.words.column = 0;
	if (is_being_read(c->includer, name)) {
		complain(c, ERROR, c->includer, "%s includes itself", name);
		return;
	}
	if (c->nfiles >= MAX_FILES) {
		complain(c, ERROR, c->includer, "more than %d files", MAX_FILES);
		return;
	}
	c->nfiles++;
	file = xcalloc(1, sizeof(*file));
	file->name = xstrdup(name);
	file->outer = c->includer;
	file->depth = c->includer ? c->includer->depth + 1 : 0;
	file->text = *text;
	*text = (struct buf){ 0 };
	if (c->router->options.translate && !c->includer)
		translate(c->router, file);
	file->next = *c->place;
	*c->place = file;
	c->place = &file->next;
}

static void close_file(struct config *c)
{
	struct config_file *file = c->file;

	c->file = file->next;
	buf_free(&file->text);
	buf_free(&file->origins);
	free(file->name);
	free(file);
}

/* NULL, or why not all of them could be read. */
static const char *open_files(struct config *c, const char *pattern)
{
	struct kern *k = c->router->kern;

	c->includer = c->file;
	c->place = &c->file;
	return k->op->read(k, pattern, open_file, c);
}

/* The configuration itself; what stands in for it, if it is not there. NULL, or why not. */
static const char *open_first(struct config *c, const char *name)
{
	const struct router_options *o = &c->router->options;
	const char *why = open_files(c, name);
	struct buf text = { 0 };

	if (!why || strcmp(why, NO_SUCH_FILE) || !o->fallback || strcmp(name, o->config))
		return why;
	buf_puts(&text, o->fallback);
	open_file(c, name, &text);
	complain(c, WARNING, NULL, "%s: %s, defaults hold in its place", name, why);
	return NULL;
}

/* A name without a leading slash is looked for beside the file that names it. */
static int parse_include(struct config *c)
{
	const struct config_file *here = c->file;
	const char *name = words_next(&c->reader.words);
	const char *slash = strrchr(here->name, '/'), *why;
	char path[4096];

	if (!name)
		return words_error(&c->reader.words, "include wants a file or a pattern");
	if (words_end(&c->reader.words))
		return -1;
	if (here->depth + 1 >= MAX_DEPTH)
		return words_error(&c->reader.words, "%d files deep: does one include itself?",
				   MAX_DEPTH);
	if (*name != '/' && slash)
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - here->name), here->name,
			 name);
	else
		snprintf(path, sizeof(path), "%s", name);
	why = open_files(c, path);
	if (why && !strcmp(why, NO_SUCH_FILE)) {
		c->reader.words.next = c->reader.words.n;
		words_warn(&c->reader.words, "%s: %s", path, why);
	} else if (why) {
		c->reader.words.column = 0;
		complain(c, ERROR, here, "%s: %s", path, why);
	}
	return 0;
}

static const struct statement *statement_find(const struct module *module, const char *name)
{
	const struct statement *s = module->statements;

	while (s && s->name && strcmp(s->name, name))
		s++;
	return s && s->name ? s : NULL;
}

/* The name of a statement that the module would have had to read too; NULL: there is none. */
static const char *find_missed(const struct config *c, const struct module *module)
{
	for (unsigned i = 0; i < c->nmodules; i++) {
		const struct statement *first = c->module[i]->statements;

		for (const struct statement *s = first; s && s->name; s++) {
			if (c->said[i] >> (s - first) & 1 && statement_find(module, s->name))
				return s->name;
		}
	}
	return NULL;
}

static void add_module(struct config *c, const struct module *module)
{
	c->module[c->nmodules] = module;
	c->conf[c->nmodules++] = module->conf_new();
}

/* It becomes a part of the name of a file. */
static bool is_module_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	return len <= MAX_NAME && !name[len];
}

static bool has_module(const struct config *c, const char *name)
{
	unsigned i = 0;

	while (i < c->nmodules && strcmp(c->module[i]->name, name))
		i++;
	return i < c->nmodules;
}

/* From here on the statements and words of one more module are known. */
static int open_module(struct config *c, const char *name)
{
	struct kern *k = c->router->kern;
	const struct module *module;
	struct buf why = { 0 };
	const char *missed;

	module = k->op->module(k, name, &why);
	missed = module ? find_missed(c, module) : NULL;
	if (!module)
		words_error(&c->reader.words, "%.*s", (int)buf_len(&why), buf_at(&why));
	else if (missed)
		words_error(&c->reader.words, "this must stand before '%s', which %s reads too",
			    missed, name);
	else
		add_module(c, module);
	buf_free(&why);
	return module && !missed ? 0 : -1;
}

static int parse_module(struct config *c)
{
	struct words *w = &c->reader.words;
	const char *name = words_next(w);
	unsigned next = w->next;

	if (!name)
		return words_error(w, "the name of a module is missing");
	if (words_end(w))
		return -1;
	w->next = next;
	if (!is_module_name(name))
		return words_error(w,
				   "'%s' is no module: names are up to %d letters, digits, - and _",
				   name, MAX_NAME);
	if (has_module(c, name))
		return words_error(w, "the module '%s' is there already", name);
	if (c->nmodules == MAXMODULES)
		return words_error(w, "'%s' is one module too many, there can be %d", name,
				   MAXMODULES);
	return open_module(c, name);
}

/* The table that knows the word, and its module's number; -1: the core's own. */
static const struct keyword *phyint_table(const struct config *c, const char *word, int *owner)
{
	*owner = -1;
	if (keyword_find(phyint_keywords, word))
		return phyint_keywords;
	for (unsigned i = 0; i < c->nmodules; i++) {
		const struct keyword *table = c->module[i]->phyint;

		*owner = i;
		if (table && keyword_find(table, word))
			return table;
	}
	return NULL;
}

/* The module hears of the interface for which one of its words was said, and of what it says. */
static int tell_named(struct config *c, unsigned owner, const char *name, const void *fields)
{
	const struct module *module = c->module[owner];
	int slot;

	if (!module->phyint_named)
		return 0;
	slot = slot_named(&c->reader, name);
	if (slot >= 0)
		module->phyint_named(c->conf[owner], slot, fields);
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
	alignas(max_align_t) char fields[PHYINT_SIZE] = { 0 };

	if (!table)
		return words_error(w, "unknown word '%s' after phyint", word);
	k = keyword_find(table, word);
	if (k->parse(w, k, fields))
		return -1;
	phyint_add(&c->phyints, name, table, w, from);
	return owner < 0 ? 0 : tell_named(c, owner, name, fields);
}

static int parse_phyint(struct config *c)
{
	struct words *w = &c->reader.words;
	const char *name = words_ifname(w);
	struct ip ip;

	if (!name)
		return -1;
	if (ip_parse(name, &ip))
		return words_error(w, "'%s' is an address, phyint wants the name of an interface",
				   name);
	if (!words_peek(w))
		phyint_add(&c->phyints, name, NULL, w, w->next);
	while (words_peek(w)) {
		if (parse_phyint_word(c, name))
			return -1;
	}
	return 0;
}

static bool is_no_phyint(struct words *w, const char *first)
{
	return !strcmp(first, "no") && words_accept(w, "phyint");
}

/* Lines of `phyint`, wherever they stand, say otherwise. `no phyint` is another name of it. */
static int parse_disable_vifs(struct config *c)
{
	if (words_end(&c->reader.words))
		return -1;
	phyint_disable_all(&c->phyints);
	return 0;
}

/* Each that has the statement reads it. */
static int parse_by_modules(struct config *c, const char *name, bool *known)
{
	*known = false;
	for (unsigned i = 0; i < c->nmodules; i++) {
		const struct statement *s = statement_find(c->module[i], name);

		if (!s)
			continue;
		c->reader.words.next = 1;
		c->said[i] |= UINT64_C(1) << (s - c->module[i]->statements);
		*known = true;
		if (s->parse(&c->reader, c->conf[i]))
			return -1;
	}
	return 0;
}

static int parse_statement(struct config *c)
{
	struct words *w = &c->reader.words;
	const char *name = words_next(w);
	bool known;

	if (!name)
		return 0;
	if (parse_by_modules(c, name, &known))
		return -1;
	if (known)
		return 0;
	if (!strcmp(name, "phyint"))
		return parse_phyint(c);
	if (!strcmp(name, "disable-vifs") || is_no_phyint(w, name))
		return parse_disable_vifs(c);
	if (!strcmp(name, "include"))
		return parse_include(c);
	if (!strcmp(name, "module"))
		return parse_module(c);
	return words_error(w, "unknown statement '%s'", name);
}

/* A line of a translation that is no statement. Notes are for the log alone. */
static void tell_line(struct config *c, enum line_kind kind, const char *line, size_t len)
{
	const struct config_file *file = c->file;

	if (kind != LINE_NOTE)
		complain(c, kind == LINE_ERROR ? ERROR : WARNING, file, "%.*s", (int)len, line);
	else if (c->router->load.what != LOAD_CHECK)
		log_info(c->router->log, "%s:%u:%u: %.*s", file->name, file->line, file->column,
			 (int)len, line);
}

/* The next line of the file that is being read, which may open others before it. */
static void read_line(struct config *c)
{
	struct config_file *file = c->file;
	struct words *w = &c->reader.words;
	char *line = file->text.data + file->text.start;
	size_t held = buf_len(&file->text);
	const char *eol = memchr(line, '\n', held);
	size_t len = eol ? (size_t)(eol - line) : held;
	struct origin from = { .line = file->line + 1 };

	translation_origin(&file->origins, &from);
	file->line = from.line;
	file->column = from.column;
	buf_take(&file->text, eol ? len + 1 : len);
	if (from.kind != LINE_STATEMENT) {
		tell_line(c, from.kind, line, len);
		return;
	}
	if (!words_split(w, line, len) || parse_statement(c))
		complain(c, ERROR, file, "%s", w->error);
	if (w->warning_column)
		complain(c, WARNING, file, "%s", w->warning);
}

static struct ifset served_by(struct config *c, unsigned i, enum af af)
{
	const struct module *module = c->module[i];

	return module->serves ? module->serves(c->reader.host, c->conf[i], af) : ifset_none();
}

/* No interface is served by two modules in one family. */
static void check_served(struct config *c, const struct config_file *whole, unsigned i, unsigned k)
{
	struct ifset both = ifset_none();

	for (enum af af = V4; af <= V6; af++)
		both = ifset_or(both, ifset_and(served_by(c, i, af), served_by(c, k, af)));
	ifset_foreach(slot, both) {
		const char *name = c->reader.host->op->ifname(c->reader.host, slot);

		complain(c, ERROR, whole, "%s: %s and %s cannot both be at work there", name,
			 c->module[i]->name, c->module[k]->name);
	}
}

/* What the modules think of all lines together. */
static void check(struct config *c)
{
	const struct config_file whole = { .name = c->name, .line = 1 };
	struct words *error = &c->reader.words;

	c->router->load.checked = &c->phyints;
	for (unsigned i = 0; i < c->nmodules; i++) {
		const struct module *module = c->module[i];

		error->n = error->column = error->warning_column = 0;
		while (module->check && module->check(&c->reader, c->conf[i])) {
			complain(c, ERROR, &whole, "%s", error->error);
			error->column = 0;
		}
		if (error->warning_column)
			complain(c, WARNING, &whole, "%s", error->warning);
	}
	for (unsigned i = 0; i < c->nmodules; i++) {
		for (unsigned k = 0; k < i && c->module[i]->serves; k++)
			check_served(c, &whole, k, i);
	}
	c->router->load.checked = NULL;
}

struct config *config_open(struct router *r, const char *name)
{
	struct config *c = xcalloc(1, sizeof(*c));
	const char *why;

	c->router = r;
	c->name = xstrdup(name);
	c->reader.host = &r->host;
	TAILQ_INIT(&c->phyints);
	for (const struct module *const *m = r->options.modules; *m; m++)
		add_module(c, *m);
	why = open_first(c, name);
	if (why)
		complain(c, ERROR, NULL, "%s: %s", name, why);
	c->is_missing = why && !strcmp(why, NO_SUCH_FILE);
	return c;
}

bool config_read(struct config *c, unsigned lines)
{
	for (; c->file && lines; lines--) {
		if (buf_len(&c->file->text))
			read_line(c);
		else
			close_file(c);
	}
	if (c->file)
		return true;
	check(c);
	count_the_rest(&c->complaints);
	return false;
}

bool config_shrink(struct config *c, unsigned budget)
{
	return engines_shrink(c->router, c->module, c->nmodules, budget);
}

void config_tell(const struct config *c)
{
	char n[16];

	snprintf(n, sizeof(n), "%u", c->complaints.nerrors);
	event_send(c->router, "reload", "file", c->name, "errors", n, NULL);
}

void config_apply(struct config *c, bool keep)
{
	struct router *r = c->router;

	engines_change(r, c->module, c->nmodules);
	iface_configure(r, &c->phyints);
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < c->nmodules; i++) {
			struct engine *e = engines_of(r, c->module[i])->engines.af[af];

			c->module[i]->configure(e, c->conf[i], keep);
		}
	}
	engines_review(r);
	r->awake = true;
	r->ifaces.sweep = true;
}

bool config_free(struct config *c, unsigned budget)
{
	for (unsigned i = 0; i < c->nmodules; i++) {
		const struct module *module = c->module[i];

		if (module->conf_shrink && module->conf_shrink(c->conf[i], budget))
			return true;
	}
	for (unsigned i = 0; i < c->nmodules; i++)
		c->module[i]->conf_free(c->conf[i]);
	while (c->file)
		close_file(c);
	phyints_free(&c->phyints);
	words_free(&c->reader.words);
	complaints_free(&c->complaints);
	c->router->ifaces.sweep = true;
	free(c->name);
	free(c);
	return false;
}
