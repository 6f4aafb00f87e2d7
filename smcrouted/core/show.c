/* show.c - the core's own tables: what the kernel holds, interfaces, commands */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "session.h"
#include "show.h"

_Static_assert(sizeof(struct entry_key) + 1 <= SHOW_KEY, "a key holds a round and an entry's key");

/* The heading, with the width that a column of interface names needs. */
static void heading(struct show *s, struct router *r, const char *table)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "table", table);
	record_u64(&rec, "width", session_name_width(r));
	if (r->load.complaints.nerrors)
		record_u64(&rec, "errors", r->load.complaints.nerrors);
	record_end(&rec);
}

/* Whether it is the kernel's own entry of a group, which is wished for and left out for now. */
static bool waits(const struct entry *e)
{
	return entry_is_wildcard(e) && e->wants && e->parent == NOVIF && !e->refused;
}

static const char *state_of(const struct entry *e)
{
	if (waits(e))
		return "waiting";
	if (e->refused)
		return "refused";
	if (entry_is_negative(e))
		return "negative";
	return e->vifs ? "forward" : "block";
}

/* A wildcard has its incoming interface among those, to match there; packets never go back. */
static uint32_t outgoing(const struct entry *e)
{
	return entry_is_wildcard(e) && e->parent < MAXVIFS ? e->vifs & ~(UINT32_C(1) << e->parent)
							   : e->vifs;
}

static const char *owner_name(const struct mfc *m, const struct want *w)
{
	const char *name = want_owner(m, w);

	return name ? name : "inherited";
}

static void put_vif(struct record *rec, struct router *r, enum af af, const char *key, unsigned vif)
{
	unsigned slot = vif < MAXVIFS ? r->ifaces.slot_of_vif[af][vif] : NOSLOT;

	record_str(rec, key, slot == NOSLOT ? NULL : r->ifaces.slot[slot].name);
}

static void put_oifs(struct record *rec, struct router *r, enum af af, uint32_t vifs)
{
	record_list(rec, "oifs");
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		unsigned slot = r->ifaces.slot_of_vif[af][vif];

		if (vifs >> vif & 1 && slot != NOSLOT)
			record_item(rec, r->ifaces.slot[slot].name);
	}
	record_list_end(rec);
}

static void put_detail(struct record *rec, struct mfc *m, const struct entry *e)
{
	struct counters c = { 0 };

	entry_counters(m, e, &c);
	record_u64(rec, "packets", c.packets);
	record_u64(rec, "bytes", c.bytes);
	record_u64(rec, "wrong", c.wrong);
	record_list(rec, "wants");
	for (const struct want *w = e->wants; w; w = w->next)
		record_item(rec, owner_name(m, w));
	record_list_end(rec);
}

static void put_entry(struct show *s, struct router *r, enum af af, const struct entry *e,
		      bool detail)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "source", ip_is_any(e->sg.src) ? NULL : ip_str(e->sg.src));
	record_str(&rec, "group", ip_str(e->sg.grp));
	if (waits(e))
		record_str(&rec, "iif", r->ifaces.slot[e->wild].name);
	else
		put_vif(&rec, r, af, "iif", e->parent);
	put_oifs(&rec, r, af, outgoing(e));
	record_str(&rec, "owner", e->wants ? owner_name(&r->mfc[af], e->wants) : NULL);
	record_str(&rec, "state", state_of(e));
	if (e->refused)
		record_str(&rec, "reason", e->refused);
	else if (waits(e))
		record_str(&rec, "reason", wildcard_objection(&r->mfc[af], e));
	if (detail)
		put_detail(&rec, &r->mfc[af], e);
	record_end(&rec);
}

/* What the kernel has, or should have. */
static bool is_shown(const struct entry *e)
{
	return e->parent != NOVIF || e->refused || waits(e);
}

static bool leads_nowhere(const struct entry *e)
{
	return !e->vifs && !e->refused && !waits(e);
}

/* Those that lead somewhere come first, of both families, then those that do not. */
bool show_routes(struct show *s, struct engines engines)
{
	struct router *r = router_of(s->reader->host);
	const char *word = words_peek(&s->reader->words);
	bool detail = word && !strcmp(word, "detail");
	struct entry_key after;
	unsigned round;

	(void)engines;
	if (!s->stage) {
		heading(s, r, "kernel");
		s->stage = 1;
	}
	round = s->after[0];
	memcpy(&after, s->after + 1, sizeof(after));
	for (; s->budget; s->budget--) {
		enum af af = round % NFAMILIES;
		struct entry *e = mfc_after(&r->mfc[af], after);

		if (!e) {
			if (++round == 2 * NFAMILIES)
				return false;
			memset(&after, 0, sizeof(after));
		} else {
			after = entry_key(e);
			if (is_shown(e) && leads_nowhere(e) == round / NFAMILIES)
				put_entry(s, r, af, e, detail);
		}
	}
	s->after[0] = round;
	memcpy(s->after + 1, &after, sizeof(after));
	return true;
}

static void put_number(struct record *rec, const char *key, unsigned number, unsigned none)
{
	if (number == none)
		record_str(rec, key, NULL);
	else
		record_u64(rec, key, number);
}

bool show_interfaces(struct show *s, struct engines engines)
{
	struct router *r = router_of(s->reader->host);
	struct device *d;
	unsigned after;

	(void)engines;
	if (!s->stage) {
		heading(s, r, "interfaces");
		s->stage = 1;
	}
	memcpy(&after, s->after, sizeof(after));
	TAILQ_FOREACH(d, &r->ifaces.devices, link) {
		struct record rec;

		if (d->ifindex <= after)
			continue;
		if (!s->budget--)
			break;
		after = d->ifindex;
		rec = record_begin(s->out);
		record_u64(&rec, "index", d->ifindex);
		record_str(&rec, "name", d->name);
		record_bool(&rec, "up", d->up);
		put_number(&rec, "vif", iface_vif(&r->ifaces, V4, d->slot), NOVIF);
		put_number(&rec, "mif", iface_vif(&r->ifaces, V6, d->slot), NOVIF);
		put_number(&rec, "slot", d->slot, NOSLOT);
		record_end(&rec);
	}
	memcpy(s->after, &after, sizeof(after));
	return d;
}

static bool is_built_in(const struct router *r, const struct module *module)
{
	const struct module *const *m = r->options.modules;

	while (*m && *m != module)
		m++;
	return *m;
}

bool show_modules(struct show *s, struct engines engines)
{
	struct router *r = router_of(s->reader->host);

	(void)engines;
	heading(s, r, "modules");
	loaded_foreach(r, l) {
		bool built_in = is_built_in(r, l->module);
		struct record rec = record_begin(s->out);

		record_str(&rec, "name", l->module->name);
		record_str(&rec, "state", built_in ? "built-in" : "opened");
		record_str(&rec, "version", built_in ? r->options.version : l->module->version);
		record_end(&rec);
	}
	return false;
}

static void put_config_line(struct show *s, const char *line)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "line", line);
	record_end(&rec);
}

/* Before all that they know. */
static void put_modules(struct show *s, struct router *r)
{
	loaded_foreach(r, l) {
		char line[80];

		if (is_built_in(r, l->module))
			continue;
		snprintf(line, sizeof(line), "module %s", l->module->name);
		put_config_line(s, line);
	}
}

/* Where a line of configuration is long enough. */
#define LINE_BOUND 512

bool show_config(struct show *s, struct engines engines)
{
	struct router *r = router_of(s->reader->host);
	const struct phyint *p = TAILQ_FIRST(&r->ifaces.phyints);
	unsigned after;

	(void)engines;
	if (!s->stage) {
		heading(s, r, "config");
		put_modules(s, r);
		s->stage = 1;
	}
	memcpy(&after, s->after, sizeof(after));
	for (unsigned i = 0; p && i < after; i++)
		p = TAILQ_NEXT(p, link);
	for (; p && s->budget; s->budget--) {
		const char *name = p->name;
		struct buf text = { 0 };

		buf_printf(&text, "phyint %s", name);
		for (; p && !strcmp(p->name, name) && buf_len(&text) < LINE_BOUND; after++) {
			if (*p->text)
				buf_printf(&text, " %s", p->text);
			p = TAILQ_NEXT(p, link);
		}
		buf_add(&text, "", 1);
		put_config_line(s, buf_at(&text));
		buf_free(&text);
	}
	memcpy(s->after, &after, sizeof(after));
	return p;
}

bool show_errors(struct show *s, struct engines engines)
{
	struct router *r = router_of(s->reader->host);
	struct {
		size_t at;
		unsigned serial;
	} place = { .serial = r->load.serial };
	const char *line = NULL;
	bool is_warning;

	(void)engines;
	if (!s->stage) {
		heading(s, r, "errors");
		s->stage = 1;
	} else {
		memcpy(&place, s->after, sizeof(place));
	}
	/* others have come meanwhile: those that were there are not */
	if (place.serial != r->load.serial)
		return false;
	while (s->budget && (line = complaints_next(&r->load.complaints, &place.at, &is_warning))) {
		struct record rec = record_begin(s->out);

		record_str(&rec, "message", line);
		record_bool(&rec, "warning", is_warning);
		record_end(&rec);
		s->budget--;
	}
	memcpy(s->after, &place, sizeof(place));
	return line;
}

bool show_version(struct show *s, struct engines engines)
{
	struct record rec = record_begin(s->out);

	(void)engines;
	record_str(&rec, "version", router_of(s->reader->host)->options.version);
	record_end(&rec);
	return false;
}

static void put_command(struct show *s, const struct command *c)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "words", c->words);
	record_str(&rec, "args", c->args);
	record_str(&rec, "help", c->help);
	record_bool(&rec, "change", c->change);
	record_end(&rec);
}

bool show_help(struct show *s, struct engines engines)
{
	struct router *r = router_of(s->reader->host);
	const struct command *c;

	heading(s, r, "help");
	for (struct command_at at = { 0 }; (c = session_command(r, &at, &engines)); at.row++) {
		if (c->help)
			put_command(s, c);
	}
	return false;
}
