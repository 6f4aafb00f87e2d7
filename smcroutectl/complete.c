/* complete.c - smcroutectl complete: what may stand next on the command line, for shells
 *
 * All of it comes from tables: the client's own, and what the daemon says of itself if it runs.
 * A shell waits for it, so a daemon that does not answer is not waited for.
 */
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"

#include "complete.h"
#include "help.h"
#include "pattern.h"
#include "verb.h"

/* Seconds that the daemon has for all. */
#define PATIENCE 2

#define WORDS 256

struct completion {
	struct options options;
	struct client client; /* connected, or without a descriptor */
	char *word[WORDS];    /* the command's, not ours */
	unsigned n;
	const char *begun; /* the word that is completed; not ours */
	struct pattern pattern;
	struct buf args; /* owned: what the pattern points into */
	struct buf path; /* owned: of the socket */
	bool is_batch;
};

static void offer(const struct completion *c, struct text word)
{
	size_t len = strlen(c->begun);

	if (word.len >= len && !memcmp(word.at, c->begun, len))
		printf("%.*s\n", (int)word.len, word.at);
}

static void offer_name(const struct completion *c, const char *name)
{
	offer(c, (struct text){ name, strlen(name) });
}

static void give_up(int signal)
{
	(void)signal;
	_exit(0);
}

/* Asks the daemon and calls @row for each row of the table that it answers. */
static void ask(struct completion *c, const char *request,
		void (*row)(struct completion *c, const struct reply *r))
{
	struct client *client = &c->client;
	bool more = client->fd >= 0;
	struct reply r;

	if (more)
		more = dprintf(client->fd, "%s\n", request) > 0;
	while (more) {
		const char *at = buf_at(&client->in), *end;
		size_t len = buf_len(&client->in);
		ssize_t n;

		end = len ? memchr(at, '\n', len) : NULL;
		if (!end) {
			n = recv(client->fd, buf_room(&client->in, 4096), 4096, 0);
			if (n <= 0)
				break;
			buf_grow(&client->in, n);
			continue;
		}
		more = reply_parse(&r, at, end - at) && !reply_find(&r, "ok") &&
		       !reply_find(&r, "error");
		if (more && !reply_find(&r, "table"))
			row(c, &r);
		buf_take(&client->in, end + 1 - at);
	}
}

static void offer_member(struct completion *c, const struct reply *r, const char *key)
{
	offer(c, reply_string(r, key));
}

static void interface_row(struct completion *c, const struct reply *r)
{
	offer_member(c, r, "name");
}

static void area_row(struct completion *c, const struct reply *r)
{
	offer_member(c, r, "area");
}

static void event_row(struct completion *c, const struct reply *r)
{
	offer_member(c, r, "area");
	offer_member(c, r, "kind");
}

/* Those of the daemon's network, else of ours. */
static void offer_interfaces(struct completion *c)
{
	struct if_nameindex *all;

	if (c->client.fd >= 0) {
		ask(c, "show interfaces", interface_row);
		return;
	}
	all = if_nameindex();
	for (struct if_nameindex *i = all; i && i->if_index; i++)
		offer_name(c, i->if_name);
	if_freenameindex(all);
}

static void offer_levels(struct completion *c)
{
	for (enum log_level l = LEVEL_NONE; l <= LEVEL_DEBUG; l++)
		offer_name(c, log_level_name(l));
}

static void offer_areas(struct completion *c)
{
	ask(c, "show log", area_row);
}

static void offer_events(struct completion *c)
{
	ask(c, "show events", event_row);
}

static void offer_verbs(struct completion *c)
{
	for (const struct verb *v = verbs; v->name; v++) {
		if (v->help)
			offer_name(c, v->name);
	}
}

static void offer_files(struct completion *c)
{
	(void)c;
	puts("@files");
}

/* What names in the help of arguments stand for; addresses are nobody's to guess. */
static const struct {
	const char *name;
	void (*offer)(struct completion *c);
} kinds[] = {
	{ "AREA", offer_areas },    { "COMMAND", offer_verbs },	    { "FILE", offer_files },
	{ "IF", offer_interfaces }, { "IFNAME", offer_interfaces }, { "IIF", offer_interfaces },
	{ "KIND", offer_events },   { "LEVEL", offer_levels },	    { "OIF", offer_interfaces },
};

static bool was_said(const struct completion *c, struct text word)
{
	for (unsigned i = 1; i < c->n; i++) {
		if (text_is(word, c->word[i]))
			return true;
	}
	return false;
}

static void expected(void *arg, struct text word)
{
	struct completion *c = arg;

	for (size_t i = 0; i < NELEMS(kinds); i++) {
		if (text_is(word, kinds[i].name)) {
			kinds[i].offer(c);
			return;
		}
	}
	if ((*word.at < 'A' || *word.at > 'Z') && !was_said(c, word))
		offer(c, word);
}

/* The daemon's row of the command that was said: its arguments are the ones that hold. */
static void command_row(struct completion *c, const struct reply *r)
{
	struct text words = reply_string(r, "words"), args = reply_string(r, "args");
	const struct verb *verb = verb_find((struct text){ c->word[0], strlen(c->word[0]) });

	if (!verb || !verb->request || !text_is(words, verb->request))
		return;
	buf_take(&c->args, buf_len(&c->args));
	text_print(&c->args, args);
}

/* Behind "show": what the daemon has tables of, beside those that we know. */
static void table_row(struct completion *c, const struct reply *r)
{
	struct text words = reply_string(r, "words");

	if (words.len <= 5 || memcmp(words.at, "show ", 5))
		return;
	words = (struct text){ words.at + 5, words.len - 5 };
	for (unsigned i = 0; view_word(i); i++) {
		if (text_is(words, view_word(i)))
			return;
	}
	offer(c, words);
}

/* The arguments of the table that was named. */
static void table_args_row(struct completion *c, const struct reply *r)
{
	struct text words = reply_string(r, "words"), args = reply_string(r, "args");

	if (words.len > 5 && !memcmp(words.at, "show ", 5) &&
	    text_is((struct text){ words.at + 5, words.len - 5 }, c->word[1]) && !buf_len(&c->args))
		text_print(&c->args, args);
}

static void follow(struct completion *c, unsigned first)
{
	pattern_read(&c->pattern, (struct text){ buf_at(&c->args), buf_len(&c->args) });
	pattern_next(&c->pattern, c->word + first, c->n - first, expected, c);
}

static void complete_show(struct completion *c)
{
	if (c->n == 1) {
		for (unsigned i = 0; view_word(i); i++)
			offer_name(c, view_word(i));
		ask(c, "help", table_row);
		return;
	}
	ask(c, "help", table_args_row);
	follow(c, 2);
}

static void complete_command(struct completion *c)
{
	const struct verb *verb = verb_find((struct text){ c->word[0], strlen(c->word[0]) });

	if (!verb)
		return;
	if (verb->request && !strcmp(verb->request, "show")) {
		complete_show(c);
		return;
	}
	buf_puts(&c->args, verb->args);
	ask(c, "help", command_row);
	follow(c, 1);
}

static void complete_option(struct completion *c)
{
	for (const struct option_row *o = option_rows; o->letter; o++)
		offer(c, (struct text){ (char[]){ '-', o->letter }, 2 });
}

/* The words of options are taken out; false if an option's argument is to be completed. */
static bool take_words(struct completion *c, char **word)
{
	const struct option_row *o = NULL;

	for (; word[1]; word++) {
		char *letter = *word;

		if (*letter != '-' || !letter[1]) {
			if (c->n < WORDS)
				c->word[c->n++] = *word;
			continue;
		}
		while (*++letter && (o = option_row(*letter)) && !*o->arg)
			c->is_batch |= *letter == 'b';
		if (!*letter || !o)
			continue;
		/* its argument is the rest of the word, or the next one */
		letter = letter[1] ? letter + 1 : *++word;
		if (!word[1])
			return false;
		if (o->letter == 'u')
			c->options.socket = letter;
		else
			c->options.socket = client_socket(&c->path, letter);
	}
	c->begun = *word;
	return true;
}

int run_complete(const struct options *options, int argc, char **argv)
{
	struct completion *c = xcalloc(1, sizeof(*c));

	c->options = *options;
	c->client = (struct client){ .options = &c->options, .fd = -1 };
	setlinebuf(stdout);
	signal(SIGALRM, give_up);
	alarm(PATIENCE);
	if (argc > 1 && (!take_words(c, argv + 1) || (c->is_batch && *c->begun != '-'))) {
		offer_files(c);
	} else if (argc > 1) {
		if (client_connect(&c->client, 0) && c->client.fd >= 0) {
			close(c->client.fd);
			c->client.fd = -1;
		}
		if (*c->begun == '-')
			complete_option(c);
		if (c->n)
			complete_command(c);
		else if (*c->begun != '-')
			offer_verbs(c);
	}
	client_free(&c->client);
	buf_free(&c->args);
	buf_free(&c->path);
	free(c);
	return 0;
}
