/* session.c - a client's session: words in, records out
 *
 * Requests are lines, done one after another. Those that do something are a turn of the router
 * each, so that the reply tells what came of it; a table is pulled slice by slice while the
 * client takes it off, and the requests behind it wait.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "operate.h"
#include "session.h"
#include "show.h"

/* A table pauses while so much waits to be sent. */
#define OUT_BOUND 65536

/* Requests that wait behind a table in progress. */
#define IN_BOUND 65536

/* A monitor that lets so much pile up is dropped, as is a line that grows so long. */
#define PILE_BOUND (1 << 20)

#define ROWS_A_SLICE 64

static struct session *session_of(struct reader *reader)
{
	return container_of(reader, struct session, reader);
}

/* Whether it is one of words that each have their end. */
static bool has_word(const struct buf *words, const char *word)
{
	const char *at = buf_at(words), *end = at + buf_len(words);

	while (at < end && strcmp(at, word))
		at += strlen(at) + 1;
	return at < end;
}

static int run_monitor(struct reader *reader, struct engines engines)
{
	struct session *s = session_of(reader);
	struct buf words = { 0 };
	const char *word;

	(void)engines;
	while ((word = words_next(&reader->words))) {
		if (!event_is_known(s->router, word)) {
			buf_free(&words);
			return event_unknown(s->router, &reader->words, word);
		}
		if (!has_word(&words, word))
			buf_add(&words, word, strlen(word) + 1);
	}
	buf_free(&s->follows);
	s->follows = words;
	if (!s->monitors)
		event_begin(s->router, &s->out);
	s->monitors = true;
	return 0;
}

static int run_batch(struct reader *reader, struct engines engines)
{
	(void)engines;
	if (!words_accept(&reader->words, "stop"))
		return words_error(&reader->words, "batch wants the word stop");
	session_of(reader)->stops_on_error = true;
	return 0;
}

static int run_kill(struct reader *reader, struct engines engines)
{
	(void)engines;
	router_of(reader->host)->done = true;
	return 0;
}

static void put_message(void *arg, const char *line, bool is_warning)
{
	struct record rec = record_begin(arg);

	(void)is_warning;
	record_str(&rec, "message", line);
	record_end(&rec);
}

static int run_reload(struct reader *reader, struct engines engines)
{
	struct session *s = session_of(reader);
	bool keep = words_accept(&reader->words, "keep");

	(void)engines;
	if (words_end(&reader->words))
		return -1;
	load_begin(s->router, keep ? LOAD_KEEP : LOAD_RELOAD, s->router->options.config, s);
	s->waits = true;
	return 0;
}

static int run_check(struct reader *reader, struct engines engines)
{
	struct session *s = session_of(reader);
	const char *name = words_next(&reader->words);

	(void)engines;
	if (!name || *name != '/')
		return words_error(&reader->words, "check wants the path of a file from the root");
	if (words_end(&reader->words))
		return -1;
	load_begin(s->router, LOAD_CHECK, name, s);
	s->waits = true;
	return 0;
}

static int run_upgrade(struct reader *reader, struct engines engines)
{
	struct kern *k = router_of(reader->host)->kern;

	(void)engines;
	return words_error(&reader->words, "cannot start anew: %s",
			   k->op->upgrade(k, session_of(reader)));
}

/* What comes before that of the modules. */
static const struct command first_commands[] = {
	{ "show config", "", "what is in force, in words of a configuration", false, NULL,
	  show_config },
	{ 0 },
};

static const struct command commands[] = {
	{ "show routes", "[detail]", NULL, false, NULL, show_routes },
	{ "show interfaces", "", "all interfaces, and which take part", false, NULL,
	  show_interfaces },
	{ "show modules", "", "what the daemon is made of: engines, and which were opened", false,
	  NULL, show_modules },
	{ "show errors", "", "what was wrong with the configuration when it was read last", false,
	  NULL, show_errors },
	{ "show counters", "", "what was done, refused and dropped", false, NULL, show_counters },
	{ "show log", "", "how much each area of the log tells", false, NULL, show_log },
	{ "log", "[AREA] LEVEL", "have the log tell more or less, until the next start", true,
	  run_log, NULL },
	{ "clear", "[[SOURCE[/LEN]] GROUP[/LEN]]",
	  "forget what was learned of streams, which the next packet tells anew", true, run_clear,
	  NULL },
	{ "show events", "", "the kinds of events that there are", false, NULL, show_events },
	{ "monitor", "[KIND ...]", "tell what happens from now on, or events of these kinds", false,
	  run_monitor, NULL },
	{ "reload", "[keep]", "read the configuration anew, all of it or nothing", true, run_reload,
	  NULL },
	{ "check", "FILE", "say what is wrong with a configuration", true, run_check, NULL },
	{ "upgrade", "", "start the program anew while the kernel goes on forwarding", true,
	  run_upgrade, NULL },
	{ "kill", "", "end the daemon", true, run_kill, NULL },
	{ "version", "", "the daemon's version", false, NULL, show_version },
	{ "help", "", "what can be asked for", false, NULL, show_help },
	{ "batch", "stop", NULL, false, run_batch, NULL },
	{ 0 },
};

unsigned session_name_width(const struct router *r)
{
	const struct device *d;
	unsigned width = 3;

	TAILQ_FOREACH(d, &r->ifaces.devices, link) {
		if (strlen(d->name) > width)
			width = strlen(d->name);
	}
	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (strlen(r->ifaces.slot[i].name) > width)
			width = strlen(r->ifaces.slot[i].name);
	}
	return width;
}

/* How many words of the request are the command's; 0 if it is another. */
static unsigned match(const struct command *c, const struct words *w)
{
	const char *name = c->words;
	unsigned n = 0;

	for (; *name; n++) {
		size_t len = strcspn(name, " ");

		if (n == w->n || strlen(w->word[n]) != len || memcmp(w->word[n], name, len))
			return 0;
		name += len + (name[len] == ' ');
	}
	return n;
}

#define LAST_TABLE (MAXPLACES + 1)

/* The table of that number, NULL if there is none. */
static const struct command *table_at(struct router *r, unsigned table, struct engines *engines)
{
	const struct loaded *l;

	*engines = (struct engines){ 0 };
	if (!table)
		return first_commands;
	if (table == LAST_TABLE)
		return commands;
	l = &r->loaded[table - 1];
	*engines = l->engines;
	return engines->af[V4] ? l->module->commands : NULL;
}

const struct command *session_command(struct router *r, struct command_at *at,
				      struct engines *engines)
{
	for (; at->table <= LAST_TABLE; *at = (struct command_at){ .table = at->table + 1 }) {
		const struct command *c = table_at(r, at->table, engines);

		if (c && c[at->row].words)
			return &c[at->row];
	}
	return NULL;
}

/* The next command at or behind s->at that the request's words name. */
static const struct command *find_command(struct session *s, struct engines *engines)
{
	const struct command *c;

	for (; (c = session_command(s->router, &s->at, engines)); s->at.row++) {
		unsigned n = match(c, &s->reader.words);

		if (n) {
			s->reader.words.next = n;
			return c;
		}
	}
	return NULL;
}

/* What it begins with, for the log. */
static const char *request_name(const struct session *s)
{
	return s->reader.words.n ? s->reader.words.word[0] : "a request";
}

static void reply_error(struct session *s, const char *text, unsigned column)
{
	struct record rec = record_begin(&s->out);

	s->router->counts.refused++;
	if (s->router->heritage)
		log_err(s->router->log, "%s of the process before: %s", request_name(s), text);
	record_str(&rec, "error", text);
	record_u64(&rec, "column", column);
	record_end(&rec);
	if (s->stops_on_error)
		s->stopped = true;
}

static void reply_ok(struct session *s)
{
	buf_puts(&s->out, "{\"ok\":true}\n");
}

/*
 * Ends a request that did something: after its turn, with what came of it. The requests of the
 * process before make one turn with the configuration.
 */
static void finish_run(struct session *s, int result)
{
	struct router *r = s->router;

	if (result) {
		reply_error(s, s->reader.words.error, s->reader.words.column);
		return;
	}
	if (!r->heritage)
		router_turn(r);
	if (s->waits)
		return;
	if (s->reader.words.warning_column)
		put_message(&s->out, s->reader.words.warning, true);
	if (*r->refusal)
		reply_error(s, r->refusal, 0);
	else if (!s->monitors)
		reply_ok(s);
}

static void run(struct session *s, const struct command *c, struct engines engines)
{
	*s->router->refusal = '\0';
	finish_run(s, c->run(&s->reader, engines));
}

/* Whether the first word begins some command: then it is the second that is wrong. */
static bool begins_command(struct session *s)
{
	const struct command *c;
	struct engines engines;
	const char *first = s->reader.words.word[0];
	size_t len = strlen(first);

	for (struct command_at at = { 0 }; (c = session_command(s->router, &at, &engines));
	     at.row++) {
		if (!strncmp(c->words, first, len) && c->words[len] == ' ')
			return true;
	}
	return false;
}

static void reply_unknown(struct session *s)
{
	struct words *w = &s->reader.words;

	w->next = begins_command(s) ? 1 : 0;
	if (!w->next || words_peek(w))
		words_error(w, "unknown command '%s'", words_next(w));
	else
		words_error(w, "%s what?", w->word[0]);
	reply_error(s, w->error, w->column);
}

/* The length of the one word that is all that the command takes: "[detail]"; 0: it takes others. */
static size_t only_word(const struct command *c)
{
	size_t n = *c->args == '[' ? strspn(c->args + 1, "abcdefghijklmnopqrstuvwxyz") : 0;

	return c->args[n] && c->args[n + 1] == ']' ? n : 0;
}

/* Whether words follow that the command does not take; others look at their words themselves. */
static bool has_too_much(struct session *s, const struct command *c)
{
	struct words *w = &s->reader.words;
	const char *word = words_peek(w);
	unsigned next = w->next;
	size_t n = only_word(c);
	int bad = 0;

	if (*c->args && !n)
		return false;
	if (word && strlen(word) == n && !memcmp(word, c->args + 1, n))
		words_next(w);
	bad = words_end(w);
	w->next = next;
	return bad;
}

/* The next one that gives the table, if there is one. */
static void show_begin(struct session *s, const struct command *c)
{
	s->command = c;
	s->show = (struct show){ .reader = &s->reader, .out = &s->out };
}

static void start_request(struct session *s)
{
	struct engines engines;
	const struct command *c;

	s->at = (struct command_at){ 0 };
	c = find_command(s, &engines);
	if (!c) {
		reply_unknown(s);
	} else if (c->change && !s->may_change) {
		reply_error(s, "this may only be asked by root", 1);
	} else if (has_too_much(s, c)) {
		reply_error(s, s->reader.words.error, s->reader.words.column);
	} else if (c->change && load_holds(s->router) && !s->router->heritage) {
		s->held = true; /* it means the configuration that is on its way */
	} else if (c->run) {
		run(s, c, engines);
	} else {
		s->showing = true;
		show_begin(s, c);
	}
}

/* A slice of the table in progress; false when the last that gives it is done. */
static bool show_slice(struct session *s)
{
	struct engines engines;
	const struct command *table = table_at(s->router, s->at.table, &engines), *c;

	/* the module that gave it may have gone since, or another one be in its place */
	if (!table || table + s->at.row != s->command)
		s->at.row = 0;
	c = find_command(s, &engines);
	if (c != s->command)
		show_begin(s, c);
	if (!c)
		return false;
	s->show.budget = ROWS_A_SLICE;
	if (!c->show(&s->show, engines)) {
		s->at.row++;
		show_begin(s, find_command(s, &engines));
	}
	return s->command;
}

/* Takes the next line off the input into s->line; false if there is no whole one. */
static bool next_line(struct session *s, size_t *len)
{
	const char *text = buf_at(&s->in);
	size_t held = buf_len(&s->in);
	const char *eol = held ? memchr(text, '\n', held) : NULL;

	if (!eol) {
		if (held > PILE_BOUND) {
			reply_error(s, "the line is too long", 0);
			s->over = true;
		}
		return false;
	}
	s->router->counts.requests++;
	*len = eol - text;
	if (*len + 1 > s->line_size) {
		s->line_size = *len + 1 > 256 ? *len + 1 : 256;
		s->line = xrealloc(s->line, s->line_size);
	}
	memcpy(s->line, text, *len);
	buf_take(&s->in, *len + 1);
	return true;
}

static bool has_room(const struct session *s)
{
	return buf_len(&s->out) < OUT_BOUND;
}

/* A table may find its words to be wrong. */
static void finish_show(struct session *s)
{
	const struct words *w = &s->reader.words;

	if (w->column)
		reply_error(s, w->error, w->column);
	else
		reply_ok(s);
}

/* Goes on with what was asked for, until the output is full; true if a table has more. */
static bool session_work(struct session *s)
{
	size_t len;

	while (!s->over && !s->router->done) {
		if ((s->waits && load_is_busy(s->router)) || (s->held && load_holds(s->router)))
			return false;
		if (s->waits) {
			s->waits = false;
			reply_ok(s);
		}
		if (s->held) {
			s->held = false;
			start_request(s);
			continue;
		}
		if (s->showing) {
			if (!has_room(s))
				return false;
			if (!show_slice(s)) {
				s->showing = false;
				finish_show(s);
				continue;
			}
			return true;
		}
		if (!next_line(s, &len))
			return false;
		if (!words_split(&s->reader.words, s->line, len))
			reply_error(s, s->reader.words.error, s->reader.words.column);
		else if (!s->reader.words.n)
			reply_ok(s);
		else if (s->stopped)
			reply_error(s, "skipped", 0);
		else
			start_request(s);
	}
	return false;
}

void session_loaded(struct session *s, const struct complaints *k, const char *error)
{
	complaints_each(k, put_message, &s->out);
	if (!error)
		return;
	reply_error(s, error, 0);
	s->waits = false;
}

bool sessions_work(struct router *r)
{
	struct session *s;
	bool more = false;

	TAILQ_FOREACH(s, &r->sessions, link)
		more |= session_work(s);
	return more;
}

struct session *session_open(struct router *r, bool may_change)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->router = r;
	s->may_change = may_change;
	s->reader.host = &r->host;
	TAILQ_INSERT_TAIL(&r->sessions, s, link);
	return s;
}

void session_close(struct session *s)
{
	load_forget(s->router, s);
	TAILQ_REMOVE(&s->router->sessions, s, link);
	buf_free(&s->in);
	buf_free(&s->out);
	buf_free(&s->follows);
	words_free(&s->reader.words);
	free(s->line);
	free(s);
}

void sessions_end(struct router *r)
{
	struct session *s;

	while ((s = TAILQ_FIRST(&r->sessions)))
		session_close(s);
}

void session_input(struct session *s, const char *data, size_t len)
{
	if (s->over)
		return;
	buf_add(&s->in, data, len);
	session_work(s);
}

bool session_is_busy(const struct session *s)
{
	return (s->showing || s->waits || s->held) && buf_len(&s->in) > IN_BOUND;
}

struct buf *session_output(struct session *s)
{
	return &s->out;
}

bool session_is_over(const struct session *s)
{
	return s->over;
}

bool sessions_monitor(const struct router *r)
{
	const struct session *s;

	TAILQ_FOREACH(s, &r->sessions, link) {
		if (s->monitors)
			return true;
	}
	return false;
}

static bool follows(const struct session *s, const char *kind, const char *area)
{
	return !buf_len(&s->follows) || has_word(&s->follows, kind) ||
	       (area && has_word(&s->follows, area));
}

void sessions_event(struct router *r, const char *kind, const char *area, const struct buf *line)
{
	struct session *s;

	TAILQ_FOREACH(s, &r->sessions, link) {
		if (!s->monitors || s->over || !follows(s, kind, area))
			continue;
		if (buf_len(&s->out) <= PILE_BOUND) {
			buf_add(&s->out, buf_at(line), buf_len(line));
			continue;
		}
		s->over = true;
		r->counts.deaf++;
	}
}
