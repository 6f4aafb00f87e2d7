/* help.c - help and version: what the client says even if no daemon runs */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "lib/record.h"

#include "help.h"
#include "say.h"
#include "verb.h"

const struct option_row option_rows[] = {
	{ 'b', "", "batch: commands from the file that follows, or from standard input" },
	{ 'd', "", "details" },
	{ 'h', "", "this help" },
	{ 'i', "NAME", "the daemon's identity, if it runs with -i NAME; default " IDENT },
	{ 'I', "NAME", "the same" },
	{ 'j', "", "JSON" },
	{ 'k', "", "a batch goes on after errors" },
	{ 'p', "", "plain headings, as without a terminal" },
	{ 't', "", "no headings" },
	{ 'u', "FILE", "the daemon's socket; default " RUNSTATEDIR "/NAME.sock" },
	{ 'v', "", "version" },
	{ 'w', "", "add and join: the interface may come later" },
	{ 0 }
};

const struct option_row *option_row(char letter)
{
	for (const struct option_row *o = option_rows; o->letter; o++) {
		if (o->letter == letter)
			return o;
	}
	return NULL;
}

static void row(struct buf *buf, const struct verb *verb)
{
	struct record r = record_begin(buf);

	record_str(&r, "words", verb->name);
	record_str(&r, "args", verb->args);
	record_str(&r, "help", verb->help);
	record_bool(&r, "client", !verb->request);
	record_end(&r);
}

/* The client's own table, in the form in which the daemon's comes; @only NULL: all of it. */
static void print_verbs(struct printer *p, const struct verb *only)
{
	static const char heading[] = "{\"table\":\"client\"}";
	struct buf buf = { 0 };

	printer_begin(p, &view_help, false);
	printer_line(p, (struct text){ heading, sizeof(heading) - 1 });
	for (const struct verb *v = verbs; v->name; v++) {
		if ((only && v != only) || !v->help)
			continue;
		row(&buf, v);
		printer_line(p, (struct text){ buf_at(&buf), buf_len(&buf) - 1 });
		buf_take(&buf, buf_len(&buf));
	}
	buf_free(&buf);
}

/* The exit status. */
static int flush(struct printer *p)
{
	if (!printer_flush(p))
		return 0;
	say("cannot write: %s", strerror(errno));
	return EX_OSERR;
}

int help_print(const struct options *options)
{
	struct printer p = { .options = options };
	int status;

	print_verbs(&p, NULL);
	printer_end(&p, true);
	status = flush(&p);
	buf_free(&p.out);
	return status;
}

int run_help(const struct options *options, int argc, char **argv)
{
	static const struct verb none;
	struct client c = { .options = options, .fd = -1, .printer.options = options };
	const char *word = argc > 1 ? argv[1] : NULL;
	struct printer *p = &c.printer;
	const struct verb *verb = NULL;
	int status = 0;

	if (word) {
		verb = verb_find((struct text){ word, strlen(word) });
		p->only = verb ? verb->name : word;
	}
	print_verbs(p, word && !verb ? &none : verb);
	if (!client_connect(&c, 0)) {
		printer_request(p, 0);
		client_ask(&c, (struct ask){ .view = &view_help, .last = true },
			   view_help.request[0], (struct text){ "", 0 });
		status = client_run(&c, NULL);
	} else {
		printer_end(p, true);
		status = flush(p);
	}
	if (!p->nrows && !status) {
		say("there is no command '%s'", word);
		status = EX_USAGE;
	}
	client_free(&c);
	return status;
}

int run_version(const struct options *options, int argc, char **argv)
{
	struct client c = { .options = options, .fd = -1, .printer.options = options };
	int status = 1;

	(void)argc;
	(void)argv;
	if (client_connect(&c, 0)) {
		int error = errno;

		printer_begin(&c.printer, &view_version, false);
		printer_end(&c.printer, false);
		printer_flush(&c.printer);
		errno = error;
		client_complain(&c);
	} else {
		verb_ask(&c, "version", strlen("version"));
		status = client_run(&c, NULL);
	}
	client_free(&c);
	return status;
}
