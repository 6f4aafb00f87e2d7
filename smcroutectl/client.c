/* client.c - a conversation with the daemon */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "say.h"

#define BLOCK 65536

/* Between two attempts to connect, in ms */
#define RETRY 20

static const char ok_line[] = "{\"ok\":true}";

void client_free(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	buf_free(&c->out);
	buf_free(&c->in);
	buf_free(&c->printer.out);
	free(c->ask);
}

const char *client_socket(struct buf *path, const char *identity)
{
	buf_take(path, buf_len(path));
	buf_puts(path, RUNSTATEDIR "/");
	buf_puts(path, identity);
	buf_add(path, ".sock", sizeof(".sock"));
	return buf_at(path);
}

int client_connect(struct client *c, int patience)
{
	const struct timespec retry = { .tv_nsec = RETRY * 1000000 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (strlen(c->options->socket) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sun.sun_path, c->options->socket);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -1;
	while (connect(c->fd, (void *)&sun, sizeof(sun))) {
		if (errno == EINTR)
			continue;
		if (errno != ECONNREFUSED || patience <= 0)
			return -1;
		nanosleep(&retry, NULL);
		patience -= RETRY;
	}
	return 0;
}

void client_complain(const struct client *c)
{
	const char *path = c->options->socket;

	if (errno == ENOENT)
		say("cannot find %s, is smcrouted running? Maybe with another -i NAME", path);
	else if (errno == ECONNREFUSED)
		say("nobody answers at %s, smcrouted is not running", path);
	else
		say("cannot connect to %s: %s", path, strerror(errno));
}

int client_error(struct client *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->error, sizeof(c->error), fmt, args);
	va_end(args);
	return -1;
}

static struct ask *ask_add(struct client *c)
{
	if (c->nask == c->size) {
		unsigned size = c->size ? c->size * 2 : 4;
		struct ask *ring = xcalloc(size, sizeof(*ring));

		for (unsigned i = 0; i < c->nask; i++)
			ring[i] = c->ask[(c->first + i) % c->size];
		free(c->ask);
		c->ask = ring;
		c->first = 0;
		c->size = size;
	}
	return &c->ask[(c->first + c->nask++) & (c->size - 1)];
}

void client_ask(struct client *c, struct ask ask, const char *words, struct text args)
{
	size_t len = strlen(words);
	char *p = buf_room(&c->out, len + args.len + 2);

	memcpy(p, words, len);
	p += len;
	*p++ = ' ';
	if (args.len)
		memcpy(p, args.at, args.len);
	p[args.len] = '\n';
	buf_grow(&c->out, len + args.len + 2);
	*ask_add(c) = ask;
}

/* Something went wrong that ends the conversation; in a batch, while this line was waited for. */
static void broken(struct client *c, int status, const char *what, int error)
{
	unsigned at = c->nask ? c->ask[c->first].line : 0;

	if (at && !error)
		say_line(at, what);
	else
		say("%s%s%s", what, error ? ": " : "", error ? strerror(error) : "");
	c->status = status;
	c->stop = true;
}

/* The daemon says no. */
static void refused(struct client *c, const struct ask *ask, struct text error)
{
	struct buf text = { 0 };

	if (ask->line)
		buf_printf(&text, "line %u: ", ask->line);
	else
		buf_puts(&text, "smcroutectl: ");
	text_print(&text, error);
	fprintf(stderr, "%.*s\n", (int)buf_len(&text), buf_at(&text));
	buf_free(&text);
	c->status = ask->guess && !ask->line ? EX_USAGE : 1;
	c->stop |= !c->options->keep_going;
}

/* The last line of an answer. */
static void answered(struct client *c, const struct text *error)
{
	struct ask ask = c->ask[c->first];

	c->first = (c->first + 1) & (c->size - 1);
	c->nask--;
	if (error) {
		if (c->printer.view)
			printer_flush(&c->printer);
		refused(c, &ask, *error);
	}
	if (c->printer.view && (ask.last || c->stop))
		printer_end(&c->printer, !error);
}

/* The first line of an answer that has something to show; an empty view begins at its end. */
static void show(struct client *c, const struct ask *ask)
{
	struct printer *p = &c->printer;

	if (!p->view)
		printer_begin(p, ask->view, ask->detail);
	if (p->request != ask->request)
		printer_request(p, ask->request);
}

static void line(struct client *c, struct text text)
{
	const struct ask *ask = &c->ask[c->first];
	const struct field *error = NULL;
	struct reply r;

	if (!c->nask) {
		broken(c, 1, "smcrouted says what nobody asked for", 0);
		return;
	}
	if (text.len == sizeof(ok_line) - 1 && !memcmp(text.at, ok_line, text.len)) {
		if (ask->view != &view_other)
			show(c, ask);
		answered(c, NULL);
		return;
	}
	if (text.len > 8 && !memcmp(text.at, "{\"error\"", 8) && reply_parse(&r, text.at, text.len))
		error = reply_find(&r, "error");
	if (error) {
		answered(c, &error->value);
		return;
	}
	show(c, ask);
	if (!printer_line(&c->printer, text))
		broken(c, 1, "smcrouted's answer cannot be understood", 0);
}

static void lines(struct client *c)
{
	size_t done = 0;

	while (!c->stop) {
		const char *at = buf_at(&c->in) + done;
		const char *end = memchr(at, '\n', buf_len(&c->in) - done);

		if (!end)
			break;
		line(c, (struct text){ at, end - at });
		done += end + 1 - at;
	}
	buf_take(&c->in, done);
}

/* Sends what goes without waiting. A daemon that has gone may still have said why. */
static void send_out(struct client *c)
{
	ssize_t n;

	if (!buf_len(&c->out))
		return;
	n = send(c->fd, buf_at(&c->out), buf_len(&c->out), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		buf_take(&c->out, n);
	else if (errno == EPIPE)
		buf_take(&c->out, buf_len(&c->out));
	else if (errno != EAGAIN && errno != EINTR)
		broken(c, EX_OSERR, "cannot write to smcrouted", errno);
}

static void receive(struct client *c)
{
	size_t had = buf_len(&c->in);
	ssize_t n = recv(c->fd, buf_room(&c->in, BLOCK), BLOCK, MSG_DONTWAIT);

	if (n > 0) {
		buf_grow(&c->in, n);
		if (memchr(buf_at(&c->in) + had, '\n', n))
			lines(c);
	} else if (!n || errno == ECONNRESET) {
		broken(c, 1, "smcrouted closed the connection", 0);
	} else if (errno != EAGAIN && errno != EINTR) {
		broken(c, EX_OSERR, "cannot read from smcrouted", errno);
	}
}

/*
 * Waits for the daemon, or for more to ask unless enough is waiting to be sent. Not in recv(): the
 * daemon would wake us for nothing when it takes the request, before it does what was asked.
 */
static void wait_and_read(struct client *c, struct source *source)
{
	bool more = source && source->fd >= 0 && buf_len(&c->out) < BLOCK;
	struct pollfd poll_fd[] = {
		{ .fd = c->fd, .events = POLLIN | (buf_len(&c->out) ? POLLOUT : 0) },
		{ .fd = more ? source->fd : -1, .events = POLLIN },
	};

	if (poll(poll_fd, NELEMS(poll_fd), -1) < 0)
		return;
	if (poll_fd[0].revents & (POLLIN | POLLHUP | POLLERR))
		receive(c);
	if (poll_fd[1].revents && !c->stop)
		source->read(source);
}

int client_run(struct client *c, struct source *source)
{
	while (!c->stop) {
		send_out(c);
		if (!c->nask && !(source && source->fd >= 0))
			break;
		if (printer_flush(&c->printer)) {
			broken(c, EX_OSERR, "cannot write", errno);
			return c->status;
		}
		wait_and_read(c, source);
	}
	if (c->stop)
		printer_end(&c->printer, false);
	if (printer_flush(&c->printer))
		broken(c, EX_OSERR, "cannot write", errno);
	if (c->printer.errors)
		say("the configuration has %lld error%s, see show errors",
		    (long long)c->printer.errors, c->printer.errors == 1 ? "" : "s");
	return c->status;
}
