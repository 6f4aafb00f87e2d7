/* event.c - the operators' feed: one record for each event to every client that monitors */
#include <stdarg.h>

#include "core/core.h"

static struct record begin(struct router *r, struct buf *line, const char *kind)
{
	struct record rec = record_begin(line);

	record_str(&rec, "event", kind);
	record_int(&rec, "time", r->host.clock->now - r->started);
	return rec;
}

void event_begin(struct router *r, struct buf *out)
{
	struct record rec = begin(r, out, "monitor");

	record_end(&rec);
}

/* Pairs of names and texts up to the NULL. */
static void send_pairs(struct router *r, const char *kind, va_list args)
{
	struct buf line = { 0 };
	struct record rec;
	const char *key;

	if (!sessions_monitor(r))
		return;
	rec = begin(r, &line, kind);
	while ((key = va_arg(args, const char *)))
		record_str(&rec, key, va_arg(args, const char *));
	record_end(&rec);
	sessions_event(r, buf_at(&line), buf_len(&line));
	buf_free(&line);
}

void event_send(struct router *r, const char *kind, ...)
{
	va_list args;

	va_start(args, kind);
	send_pairs(r, kind, args);
	va_end(args);
}

void event_from_engine(struct host *host, const char *kind, ...)
{
	va_list args;

	va_start(args, kind);
	send_pairs(router_of(host), kind, args);
	va_end(args);
}
