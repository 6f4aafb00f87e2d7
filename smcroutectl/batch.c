/* batch.c - many commands over one connection
 *
 * Requests are sent without waiting for answers. That nothing is executed behind an error is the
 * daemon's part: "batch stop" has it skip all that follows on this connection.
 */
#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "batch.h"
#include "say.h"
#include "verb.h"

#define BLOCK 65536

struct batch {
	struct source source;
	struct client *client; /* not ours */
	struct buf in;	       /* owned: what has no newline yet */
	size_t seen;	       /* bytes of it that were searched for one */
	bool failed;	       /* the error is in the client: told when all before it is answered */
};

/* One line; after an error of ours nothing more is read. */
static void one_line(struct batch *b, const char *line, size_t len)
{
	struct client *c = b->client;

	c->line++;
	if (!verb_ask(c, line, len))
		return;
	if (c->options->keep_going) {
		say_line(c->line, c->error);
		c->status = 1;
	} else {
		b->failed = true;
		b->source.fd = -1;
	}
}

static void all_lines(struct batch *b)
{
	size_t done = 0;

	while (!b->failed) {
		const char *at = buf_at(&b->in) + done;
		const char *end = memchr(at + b->seen, '\n', buf_len(&b->in) - done - b->seen);

		if (!end)
			break;
		one_line(b, at, end - at);
		done += end + 1 - at;
		b->seen = 0;
	}
	buf_take(&b->in, done);
	b->seen = buf_len(&b->in);
}

static void batch_read(struct source *source)
{
	struct batch *b = container_of(source, struct batch, source);
	ssize_t n = read(source->fd, buf_room(&b->in, BLOCK), BLOCK);

	if (n > 0) {
		buf_grow(&b->in, n);
		all_lines(b);
		return;
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	source->fd = -1;
	if (n < 0) {
		b->client->line++;
		client_error(b->client, "cannot read: %s", strerror(errno));
		b->failed = true;
	} else if (buf_len(&b->in)) {
		one_line(b, buf_at(&b->in), buf_len(&b->in));
	}
}

int batch_run(struct client *c, int fd)
{
	struct batch b = { .source = { .fd = fd, .read = batch_read }, .client = c };
	int status;

	if (!c->options->keep_going)
		client_ask(c, (struct ask){ .view = &view_other, .last = true }, "batch",
			   (struct text){ "stop", 4 });
	status = client_run(c, &b.source);
	if (b.failed && !status) {
		say_line(c->line, c->error);
		status = 1;
	}
	buf_free(&b.in);
	return status;
}
