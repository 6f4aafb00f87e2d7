/* event.c - the operators' feed: one record for each event to every client that monitors */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "operate.h"

static const struct event_kind core_events[] = {
	{ "interface", "interface", "one is new, up, down, renamed or gone" },
	{ "address", "interface", "an interface has a new address, or one less" },
	{ "vif", "vif", "the kernel's number of an interface was made, taken back or refused" },
	{ "group", "group", "a membership was joined or left, waits for its interface, or failed" },
	{ "refused", "route", "the kernel refused a route" },
	{ "accepted", "route", "the kernel took it when it was tried again" },
	{ "lost", "route", "somebody else took a route out of the kernel" },
	{ "expired", "route", "a route that lives by its packets had none for its time" },
	{ "shadowed", "route", "something wants a stream from another interface than it has" },
	{ "unshadowed", "route", "no longer" },
	{ "reload", "config", "the configuration was read" },
	{ 0 },
};

/* The kind number @i, those of modules first; NULL behind the last. */
static const struct event_kind *kind_at(struct router *r, unsigned i)
{
	loaded_foreach(r, l) {
		const struct event_kind *k = l->module->events;

		for (; k && k->name; k++) {
			if (!i--)
				return k;
		}
	}
	return i < NELEMS(core_events) - 1 ? &core_events[i] : NULL;
}

/* The area of a kind, NULL if it stands in no table. */
static const char *area_of(struct router *r, const char *kind)
{
	const struct event_kind *k;

	for (unsigned i = 0; (k = kind_at(r, i)); i++) {
		if (!strcmp(k->name, kind))
			return k->area;
	}
	return NULL;
}

bool event_is_known(struct router *r, const char *word)
{
	const struct event_kind *k;

	for (unsigned i = 0; (k = kind_at(r, i)); i++) {
		if (!strcmp(k->name, word) || !strcmp(k->area, word))
			return true;
	}
	return false;
}

int event_unknown(struct router *r, struct words *w, const char *word)
{
	const struct event_kind *k, *before = NULL;
	char areas[100] = "";

	for (unsigned i = 0; (k = kind_at(r, i)); before = k, i++) {
		size_t len = strlen(areas);

		if (!before || strcmp(k->area, before->area))
			snprintf(areas + len, sizeof(areas) - len, " %s", k->area);
	}
	return words_error(w, "there is no event '%s'; areas of events:%s", word, areas);
}

bool show_events(struct show *s, struct engines engines)
{
	struct router *r = router_of(s->reader->host);
	struct record rec = record_begin(s->out);
	const struct event_kind *k;

	(void)engines;
	record_str(&rec, "table", "events");
	record_end(&rec);
	for (unsigned i = 0; (k = kind_at(r, i)); i++) {
		rec = record_begin(s->out);
		record_str(&rec, "area", k->area);
		record_str(&rec, "kind", k->name);
		record_str(&rec, "help", k->help);
		record_end(&rec);
	}
	return false;
}

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

/* Pairs of names and texts up to the NULL; what has no text is left out. */
static void send_pairs(struct router *r, const char *kind, va_list args)
{
	struct buf line = { 0 };
	struct record rec;
	const char *key;

	if (!sessions_monitor(r))
		return;
	rec = begin(r, &line, kind);
	while ((key = va_arg(args, const char *))) {
		const char *text = va_arg(args, const char *);

		if (text)
			record_str(&rec, key, text);
	}
	record_end(&rec);
	sessions_event(r, kind, area_of(r, kind), &line);
	buf_free(&line);
}

void event_send(struct router *r, const char *kind, ...)
{
	va_list args;

	va_start(args, kind);
	send_pairs(r, kind, args);
	va_end(args);
}

void event_vif(struct router *r, enum af af, unsigned slot, const char *state, const char *why)
{
	event_send(r, "vif", "name", r->ifaces.slot[slot].name, "family", af_name(af), "state",
		   state, "reason", why, NULL);
}

void event_from_engine(struct host *host, const char *kind, ...)
{
	va_list args;

	va_start(args, kind);
	send_pairs(router_of(host), kind, args);
	va_end(args);
}
