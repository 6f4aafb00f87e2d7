/* verb.c - the words that smcroutectl understands */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "complete.h"
#include "help.h"
#include "traffic.h"
#include "verb.h"

static struct text skip_blanks(struct text line)
{
	while (line.len && (*line.at == ' ' || *line.at == '\t' || *line.at == '\r')) {
		line.at++;
		line.len--;
	}
	return line;
}

/* Takes the first word off a line; empty at its end or at a comment. */
static struct text next_word(struct text *line)
{
	struct text word = skip_blanks(*line);
	size_t n = 0;

	while (n < word.len && word.at[n] != ' ' && word.at[n] != '\t' && word.at[n] != '\r')
		n++;
	if (n && *word.at == '#')
		word.len = n = 0;
	*line = (struct text){ word.at + n, word.len - n };
	word.len = n;
	return word;
}

/* A view's requests, with what else was said. */
static int ask_view(struct client *c, const struct view *view, struct text args, bool detail)
{
	unsigned n = c->options->json || detail ? view->nall : view->nrequests;

	for (unsigned i = 0; i < n; i++) {
		struct ask ask = {
			.view = view,
			.line = c->line,
			.request = i,
			.last = i + 1 == n,
			.detail = detail,
		};

		client_ask(c, ask, view->request[i], args);
	}
	return 0;
}

static int ask_version(struct client *c, const struct verb *verb, struct text args)
{
	(void)verb;
	return ask_view(c, &view_version, args, false);
}

static int ask_monitor(struct client *c, const struct verb *verb, struct text args)
{
	if (c->line)
		return client_error(c, "%s never ends, it cannot stand in a batch", verb->name);
	return ask_view(c, &view_monitor, args, false);
}

static int ask_show(struct client *c, const struct verb *verb, struct text args)
{
	static const struct text detail_word = { "detail", 6 };
	struct text rest = args, more, word = next_word(&rest);
	const struct view *view = view_find(word);
	bool detail = c->options->detail;

	if (view == &view_other) {
		struct ask ask = {
			.view = view, .line = c->line, .last = true, .guess = true, .detail = detail
		};

		client_ask(c, ask, verb->request, skip_blanks(args));
		return 0;
	}
	more = rest;
	if (text_is(next_word(&more), detail_word.at)) {
		detail = true;
		rest = more;
	}
	if (detail && view->has_detail && !skip_blanks(rest).len)
		rest = detail_word;
	return ask_view(c, view, rest, detail);
}

/* Without a level it asks for those that there are. */
static int ask_log(struct client *c, const struct verb *verb, struct text args)
{
	struct text rest = args;

	if (!next_word(&rest).len)
		return ask_view(c, &view_log, args, false);
	client_ask(c, (struct ask){ .view = &view_other, .line = c->line, .last = true },
		   verb->request, skip_blanks(args));
	return 0;
}

static int ask_reload(struct client *c, const struct verb *verb, struct text args)
{
	struct text rest = args, word = next_word(&rest);

	if ((word.len && !text_is(word, "keep")) || next_word(&rest).len)
		return client_error(c, "usage: smcroutectl %s %s", verb->name, verb->args);
	client_ask(c, (struct ask){ .view = &view_other, .line = c->line, .last = true },
		   verb->request, word);
	return 0;
}

/* The daemon works in another folder than we do. */
static int ask_check(struct client *c, const struct verb *verb, struct text args)
{
	struct text rest = args, word = next_word(&rest);
	struct buf path = { 0 };
	char cwd[PATH_MAX];

	if (!word.len || *word.at == '/') {
		args = skip_blanks(args);
		buf_add(&path, args.at, args.len);
	} else if (!getcwd(cwd, sizeof(cwd)) || strpbrk(cwd, " \t\r\n")) {
		return client_error(c, "cannot say where %.*s is, name it from the root",
				    (int)word.len, word.at);
	} else {
		buf_puts(&path, cwd);
		buf_puts(&path, "/");
		buf_add(&path, word.at, word.len);
		buf_add(&path, rest.at, rest.len);
	}
	client_ask(c, (struct ask){ .view = &view_other, .line = c->line, .last = true },
		   verb->request, (struct text){ buf_at(&path), buf_len(&path) });
	buf_free(&path);
	return 0;
}

const struct verb verbs[] = {
	{ "help", "[COMMAND]", "this list, and what the daemon can do", .run = run_help },
	{ "version", "", "the versions of the client and the daemon", .request = "version",
	  .ask = ask_version, .run = run_version },
	{ "flush", "", "forget learned routes that had no packets since the last look",
	  .request = "flush" },
	{ "kill", "", "end the daemon", .request = "kill" },
	{ "reload", "[keep]", "read the configuration again; keep what was done by command",
	  .request = "reload", .ask = ask_reload },
	{ "restart", "[keep]", "the same as reload", .request = "reload", .ask = ask_reload },
	{ "show", "[routes|groups|interfaces|pending] [detail]", "what there is, routes by default",
	  .request = "show", .ask = ask_show },
	{ "add", "[-w] [kernel] IIF [SOURCE[/LEN]] GROUP[/LEN] OIF...",
	  "add a route, or interfaces to one", .min = 3, .waits = true, .request = "add" },
	{ "remove", "IIF [SOURCE[/LEN]] GROUP[/LEN] [OIF...]",
	  "remove a route, or interfaces from one", .min = 2, .request = "remove" },
	{ "del", "IIF [SOURCE[/LEN]] GROUP[/LEN] [OIF...]", "the same as remove", .min = 2,
	  .request = "remove" },
	{ "join", "[-w] IIF [SOURCE[/LEN]] GROUP[/LEN]", "join a group on an interface", .min = 2,
	  .waits = true, .request = "join" },
	{ "leave", "IIF [SOURCE[/LEN]] GROUP[/LEN]", "leave it", .min = 2, .request = "leave" },
	{ "clear", "[[SOURCE[/LEN]] GROUP[/LEN]]",
	  "forget learned routes and unwanted sources, which come anew", .request = "clear" },
	{ "log", "[AREA] [LEVEL]", "have the log tell more or less; or how much it tells",
	  .request = "log", .ask = ask_log },
	{ "check", "FILE", "say what is wrong with a configuration, and change nothing", .min = 1,
	  .request = "check", .ask = ask_check },
	{ "upgrade", "", "replace the running daemon by the installed one, traffic goes on",
	  .request = "upgrade" },
	{ "monitor", "[KIND...]", "print what happens, or events of these kinds, until interrupted",
	  .request = "monitor", .ask = ask_monitor },
	{ "send", SEND_ARGS, "send numbered test packets", .min = 1, .run = run_send },
	{ "listen", LISTEN_ARGS, "receive them: count, find losses, measure delays", .min = 1,
	  .run = run_listen },
	{ "complete", "[WORD...]", NULL, .run = run_complete },
	{ 0 }
};

/* The last of smcroute's: a longer word stands for it as well. */
static const char last_of_smcroute[] = "leave";

const struct verb *verb_find(struct text word)
{
	bool longer = true;

	if (!word.len)
		return NULL;
	for (const struct verb *v = verbs; v->name; v++) {
		size_t len = strlen(v->name);

		if (!strncmp(v->name, word.at, word.len < len ? word.len : len) &&
		    (longer || word.len <= len))
			return v;
		if (!strcmp(v->name, last_of_smcroute))
			longer = false;
	}
	return NULL;
}

int verb_ask(struct client *c, const char *line, size_t len)
{
	struct text args = { line, len }, word = next_word(&args);
	const struct verb *verb;

	if (!word.len)
		return 0;
	verb = verb_find(word);
	if (!verb)
		return client_error(c, "there is no command '%.*s', see smcroutectl help",
				    (int)word.len, word.at);
	if (!verb->request)
		return client_error(c, "%s cannot stand in a batch", verb->name);
	if (verb->ask)
		return verb->ask(c, verb, args);
	client_ask(c, (struct ask){ .view = &view_other, .line = c->line, .last = true },
		   verb->request, skip_blanks(args));
	return 0;
}
