/* main.c - smcroutectl: options, one command or a batch of them */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "batch.h"
#include "help.h"
#include "say.h"
#include "verb.h"

/* How long a daemon that is just starting is waited for, in ms */
#define DAEMON_PATIENCE 3000

static void usage(FILE *out)
{
	fputs("usage: smcroutectl [-bdhjkptvw] [-i NAME] [-u FILE] [COMMAND [ARGUMENT...]]\n\n",
	      out);
	for (const struct option_row *o = option_rows; o->letter; o++)
		fprintf(out, "  -%c %-6s %s\n", o->letter, o->arg, o->help);
	fputs("\n", out);
}

/* A word that the daemon would take for several, or for none, must not get there. */
static bool is_word(const char *word)
{
	if (!*word || *word == '#')
		return false;
	for (; *word; word++)
		if ((unsigned char)*word <= ' ' || *word == 0x7f)
			return false;
	return true;
}

static int complain(const struct client *c)
{
	say("%s", c->error);
	return EX_USAGE;
}

/* The command line as a line of a batch; -w stands behind the command, wherever it was said. */
static int ask(struct client *c, int argc, char **argv)
{
	struct buf line = { 0 };
	int result = 0;

	for (int i = 0; i < argc && !result; i++) {
		if (!is_word(argv[i]))
			result = client_error(c, "'%s' is not one word", argv[i]);
		buf_puts(&line, i ? " " : "");
		buf_puts(&line, argv[i]);
		buf_puts(&line, !i && c->options->wait ? " -w" : "");
	}
	if (!result)
		result = verb_ask(c, buf_at(&line), buf_len(&line));
	buf_free(&line);
	return result;
}

static int converse(struct client *c, int argc, char **argv)
{
	const struct verb *verb = verb_find((struct text){ argv[0], strlen(argv[0]) });

	if (verb && (argc - 1 < (int)verb->min || (argc > 1 && !*verb->args))) {
		client_error(c, "usage: smcroutectl %s %s", verb->name, verb->args);
		return complain(c);
	}
	if (c->options->wait && !(verb && verb->waits)) {
		client_error(c, "-w goes with add and join");
		return complain(c);
	}
	if (verb && verb->run)
		return verb->run(c->options, argc, argv);
	if (ask(c, argc, argv))
		return complain(c);
	if (client_connect(c, DAEMON_PATIENCE)) {
		client_complain(c);
		return 1;
	}
	return client_run(c, NULL);
}

/* Without a name, or with -, from standard input. */
static int batch(struct client *c, const char *name)
{
	int fd = STDIN_FILENO, status;

	if (name && strcmp(name, "-"))
		fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		say("cannot open %s: %s", name, strerror(errno));
		return EX_OSERR;
	}
	if (client_connect(c, DAEMON_PATIENCE)) {
		client_complain(c);
		status = 1;
	} else {
		status = batch_run(c, fd);
	}
	if (fd != STDIN_FILENO)
		close(fd);
	return status;
}

/* What the options say. */
struct call {
	struct options options;
	const char *identity;
	bool is_batch;
};

/* One option. -1 to go on, or the exit status. */
static int option(struct call *call, int letter)
{
	struct options *o = &call->options;

	switch (letter) {
	case 'b':
		call->is_batch = true;
		return -1;
	case 'd':
		o->detail = true;
		return -1;
	case 'h':
		usage(stdout);
		fflush(stdout);
		return help_print(o);
	case 'I':
	case 'i':
		call->identity = optarg;
		return -1;
	case 'j':
		o->json = true;
		return -1;
	case 'k':
		o->keep_going = true;
		return -1;
	case 'p':
		o->headings = HEADINGS_PLAIN;
		return -1;
	case 't':
		o->headings = HEADINGS_NONE;
		return -1;
	case 'u':
		o->socket = optarg;
		return -1;
	case 'v':
		puts(PACKAGE_STRING);
		return flush_standard_output(0);
	case 'w':
		o->wait = true;
		return -1;
	case ':':
		say("-%c wants a word behind it", optopt);
		return EX_USAGE;
	default:
		say("there is no option -%c", optopt);
		usage(stderr);
		return EX_USAGE;
	}
}

/* -1 to go on, or the exit status. */
static int read_options(struct call *call, int argc, char **argv)
{
	int letter, status = -1;

	while (status < 0 && (letter = getopt(argc, argv, ":bdhI:i:jkptu:vw")) != -1)
		status = option(call, letter);
	return status;
}

/* The command, or the batch of them; the exit status. */
static int run(const struct call *call, int argc, char **argv)
{
	static char show[] = "show", *default_command[] = { show, NULL };
	struct client c = { .options = &call->options,
			    .printer.options = &call->options,
			    .fd = -1 };
	int status;

	if (call->is_batch && argc > 1) {
		say("a batch comes from one file, or from standard input");
		return EX_USAGE;
	}
	if (call->is_batch && call->options.wait) {
		say("in a batch, -w stands in the lines");
		return EX_USAGE;
	}
	if (call->is_batch)
		status = batch(&c, argv[0]);
	else
		status = argc ? converse(&c, argc, argv) : converse(&c, 1, default_command);
	client_free(&c);
	return status;
}

int main(int argc, char **argv)
{
	struct call call = { .options.headings = HEADINGS_STYLED, .identity = IDENT };
	struct options *o = &call.options;
	struct buf path = { 0 };
	int status;

	open_standard_streams();
	status = read_options(&call, argc, argv);
	if (status >= 0)
		return status;
	if (!o->socket)
		o->socket = client_socket(&path, call.identity);
	if (o->headings == HEADINGS_STYLED) {
		o->columns = terminal_columns();
		if (!o->columns)
			o->headings = HEADINGS_PLAIN;
	}
	status = run(&call, argc - optind, argv + optind);
	buf_free(&path);
	return flush_standard_output(status);
}
