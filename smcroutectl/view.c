/* view.c - what there is to show: sections, titles and columns; those of engines in view_*.c
 *
 * The shapes are smcroute's, so that scripts that read its tables read ours. What it does not know
 * stands in brackets at the end of a row, or in the columns of -d.
 */
#include "section.h"
#include "verb.h"

#define HELP_COLUMN 46

/* Words of show that smcroute knows: they have a line of help in the client, the first letter will
 * do for them. */
#define SMCROUTE_VIEWS 4

/* What is not counted is 0. */
static size_t put_count(struct buf *out, const struct reply *row, const char *key)
{
	return reply_find(row, key) ? put_value(out, row, key) : put_text(out, "0");
}

static size_t put_or_na(struct buf *out, const struct reply *row, const char *key)
{
	const struct field *f = reply_find(row, key);

	return f && f->type != REPLY_NULL ? text_print(out, f->value) : put_text(out, "N/A");
}

static size_t put_up(struct buf *out, const struct reply *row, const char *key)
{
	const struct field *f = reply_find(row, key);

	return put_text(out, f && f->type == REPLY_TRUE ? "up" : "down");
}

/* What kind of entry it is and whose, what came in elsewhere, who wants it beside the owner. */
static void note_entry(struct buf *out, const struct reply *row)
{
	static const char *const told[] = { "refused", "waiting" };
	struct text state = reply_string(row, "state"), owner = reply_string(row, "owner");
	struct text wants = reply_list(row, "wants"), rest = wants, one;
	const struct field *wrong = reply_find(row, "wrong");

	if (!state.len)
		return;
	if (!text_is(state, told[0]) && !text_is(state, told[1])) {
		put_text(out, "  [");
		text_print(out, state);
		if (owner.len)
			put_text(out, " ");
		text_print(out, owner);
		put_text(out, "]");
	}
	if (wrong && !text_is(wrong->value, "0"))
		note_words(out, "wrong", wrong->value);
	if (reply_next(&rest, &one) && reply_next(&rest, &one))
		note_list(out, "wants", wants);
}

static void note_origin(struct buf *out, const struct reply *row)
{
	struct text origin = reply_string(row, "origin");

	if (origin.len)
		note_words(out, "from", origin);
}

/* Whether the kernel forwards the group by itself, as a rule says that it should. */
static void note_kernel(struct buf *out, const struct reply *row, bool detail)
{
	const struct field *kernel = reply_find(row, "kernel");

	if (kernel && kernel->type == REPLY_FALSE)
		note_reason(out, "not the kernel's", reply_string(row, "reason"));
	else if (kernel && detail)
		note_reason(out, "the kernel's", (struct text){ "", 0 });
}

static void note_route(struct buf *out, const struct reply *row, bool detail)
{
	struct text pending = reply_list(row, "pending"), state = reply_string(row, "state");

	if (pending.len)
		note_list(out, "pending", pending);
	if (text_is(state, "refused"))
		note_reason(out, "refused", reply_string(row, "reason"));
	else if (text_is(state, "waiting"))
		note_reason(out, "waiting", reply_string(row, "reason"));
	note_kernel(out, row, detail);
	if (detail) {
		note_entry(out, row);
		note_origin(out, row);
	}
}

static void note_group(struct buf *out, const struct reply *row, bool detail)
{
	struct text state = reply_string(row, "state");

	if (text_is(state, "pending"))
		note_reason(out, "pending", reply_string(row, "reason"));
	else if (text_is(state, "failed"))
		note_reason(out, "failed", reply_string(row, "reason"));
	if (detail)
		note_origin(out, row);
}

static void note_membership(struct buf *out, const struct reply *row, bool detail)
{
	const struct field *f = reply_find(row, "static");

	(void)detail;
	if (f && f->type == REPLY_TRUE)
		put_text(out, "  [static]");
}

/* A source that somebody asked not to hear. */
static void note_listener(struct buf *out, const struct reply *row, bool detail)
{
	const struct field *f = reply_find(row, "forward");

	note_membership(out, row, detail);
	if (f && f->type == REPLY_FALSE)
		put_text(out, "  [blocked]");
}

/* Filters */

static bool is_joined(const struct reply *row)
{
	return text_is(reply_string(row, "state"), "joined");
}

static bool is_pending_group(const struct reply *row)
{
	return text_is(reply_string(row, "state"), "pending");
}

static bool is_pending_route(const struct reply *row)
{
	return reply_list(row, "pending").len;
}

/* The daemon's commands that have no row in the client's table. */
static bool is_not_ours(const struct reply *row)
{
	struct text words = reply_string(row, "words");

	for (const struct verb *verb = verbs; verb->name; verb++)
		if (verb->help && text_is(words, verb->name))
			return false;
	if (words.len < 5 || memcmp(words.at, "show ", 5))
		return true;
	words = (struct text){ words.at + 5, words.len - 5 };
	for (unsigned i = 0; i < SMCROUTE_VIEWS; i++) {
		if (text_is(words, view_word(i)))
			return false;
	}
	return true;
}

/* Rows that are not cut into columns */

/* "show routes [detail]", and its help beside it or below. */
static void put_help(struct buf *out, const struct reply *row, const char *kind)
{
	struct text args = reply_string(row, "args");
	size_t n = put_text(out, "  ") + text_print(out, reply_string(row, "words"));

	(void)kind;
	if (args.len)
		n += put_text(out, " ") + text_print(out, args);
	if (n < HELP_COLUMN)
		buf_printf(out, "%*s", (int)(HELP_COLUMN - n), "");
	else
		buf_printf(out, "\n%*s", HELP_COLUMN, "");
	text_print(out, reply_string(row, "help"));
}

/* As smcroute writes them: in the words of its configuration. */
static void put_pending(struct buf *out, const struct reply *row, const char *kind)
{
	struct text source = reply_string(row, "source"), oifs = reply_list(row, "oifs");

	buf_printf(out, "%-7s from ", kind);
	text_print(out, reply_string(row, "iif"));
	if (source.len) {
		put_text(out, " source ");
		text_print(out, source);
	}
	put_text(out, " group ");
	text_print(out, reply_string(row, "group"));
	if (oifs.len) {
		put_text(out, " to");
		put_list(out, row, "oifs");
	}
}

static const struct column route_columns[] = {
	{ "ROUTE (S,G)", "group", 42, .put = put_sg },
	{ "IIF", "iif", WIDTH_NAME, .put = put_value },
	{ "PACKETS", "packets", -10, .put = put_count, .detail = true },
	{ "BYTES", "bytes", -10, .put = put_count, .detail = true },
	{ " OIFS", "oifs", 0, .put = put_list },
	{ 0 }
};

static const struct column group_columns[] = { { "GROUP (S,G)", "group", 42, .put = put_sg },
					       { "IIF", "iif", 16, .put = put_value },
					       { 0 } };

static const struct column interface_columns[] = {
	{ " INDEX", "index", -6, .put = put_value },
	{ "PHYINT", "name", WIDTH_NAME, .put = put_value },
	{ "VIF", "vif", -4, .put = put_or_na },
	{ "MIF", "mif", -4, .put = put_or_na },
	{ "STATE", "up", 5, .put = put_up, .detail = true },
	{ "SLOT", "slot", -4, .put = put_or_na, .detail = true },
	{ 0 }
};

static const struct section route_sections[] = {
	{ 0, "asm", "asm", "(*,G) Template Rules", .columns = route_columns, .note = note_route },
	{ 0, "ssm", "ssm", "(S,G) Rules", .columns = route_columns, .note = note_route },
	{ 0, "kernel", "kernel", "Kernel MFC Table", .columns = route_columns, .note = note_route },
};

static const struct column membership_columns[] = {
	{ "GROUP", "group", 25, .put = put_value },
	{ "PHYINT", "interface", WIDTH_NAME, .put = put_value },
	{ "MODE", "filter_mode", 7, .put = put_value },
	{ "SOURCES", "sources", -7, .put = put_value },
	{ "VERSION", "version", -7, .put = put_value },
	{ "UP", "up_time", -8, .put = put_seconds },
	{ "EXPIRES", "expire", -8, .put = put_seconds },
	{ " REPORTER", "last_reporter", 0, .put = put_help_text },
	{ 0 }
};

static const struct column listener_columns[] = { { "GROUP", "group", 25, .put = put_value },
						  { "PHYINT", "interface", WIDTH_NAME,
						    .put = put_value },
						  { "MODE", "filter_mode", 7, .put = put_value },
						  { "EXPIRES", "expire", -8, .put = put_seconds },
						  { " SOURCE", "source", 26, .put = put_help_text },
						  { " HOST", "host", 0, .put = put_help_text },
						  { 0 } };

/*
 * What is configured, what of it the kernel has, what is listened to on links: all of it in JSON,
 * and with -d.
 */
static const struct section group_sections[] = {
	{ 0, "groups", "conf", "Group Memberships Table", .columns = group_columns,
	  .note = note_group },
	{ 0, "memberships", "memberships", "Listeners", .columns = membership_columns,
	  .note = note_membership },
	{ 1, "members", "kernel", "Kernel Group Membership Table", .columns = group_columns,
	  .headless = true, .wanted = is_joined },
	{ 1, "listeners", "listeners", "Listeners by Source and Host", .columns = listener_columns,
	  .note = note_listener },
};

static const struct section interface_sections[] = {
	{ 0, "interfaces", "interfaces", .columns = interface_columns },
};

static const char pending_title[] = "PENDING ROUTES AND GROUPS";

static const struct section pending_sections[] = {
	{ 0, "asm", "mroute", pending_title, .put = put_pending, .wanted = is_pending_route },
	{ 0, "ssm", "mroute", pending_title, .put = put_pending, .wanted = is_pending_route },
	{ 1, "groups", "mgroup", pending_title, .put = put_pending, .wanted = is_pending_group },
};

static const struct column log_columns[] = { { "AREA", "area", 16, .put = put_value },
					     { "LEVEL", "level", 7, .put = put_value },
					     { 0 } };

static const struct column counter_columns[] = { { "AREA", "area", 8, .put = put_value },
						 { "FAMILY", "family", 6, .put = put_value },
						 { "COUNTER", "name", 15, .put = put_value },
						 { "VALUE", "value", -12, .put = put_value },
						 { " WHAT IT IS", "help", 0, .put = put_help_text },
						 { 0 } };

static const struct column event_columns[] = { { "AREA", "area", 10, .put = put_value },
					       { "KIND", "kind", 10, .put = put_value },
					       { " WHAT HAPPENED", "help", 0,
						 .put = put_help_text },
					       { 0 } };

static const struct section event_sections[] = {
	{ 0, "events", "events", .columns = event_columns },
};

static const struct column config_columns[] = { { "LINE", "line", 0, .put = put_value }, { 0 } };

static const struct column error_columns[] = { { "ERROR", "message", 0, .put = put_value }, { 0 } };

static const struct section config_sections[] = {
	{ 0, "config", "config", .columns = config_columns },
};

static const struct section error_sections[] = {
	{ 0, "errors", "errors", .columns = error_columns },
};

static const struct section log_sections[] = {
	{ 0, "log", "log", .columns = log_columns },
};

static const struct column module_columns[] = { { "MODULE", "name", 15, .put = put_value },
						{ "STATE", "state", 8, .put = put_value },
						{ " VERSION", "version", 0, .put = put_help_text },
						{ 0 } };

static const struct section module_sections[] = {
	{ 0, "modules", "modules", .columns = module_columns },
};

static const struct section counter_sections[] = {
	{ 0, "counters", "counters", .columns = counter_columns },
};

static const struct section help_sections[] = {
	{ 0, "client", "smcroutectl", .put = put_help },
	{ 0, "help", "smcrouted", .put = put_help, .wanted = is_not_ours },
};

static void loose_version(struct buf *out, const struct reply *r, struct text line, bool json)
{
	const struct field *f = reply_find(r, "version");

	(void)line;
	if (!f)
		return;
	if (json) {
		buf_puts(out, ",\"smcrouted\":\"");
		buf_add(out, f->value.at, f->value.len);
		buf_puts(out, "\"");
	} else {
		buf_puts(out, "smcrouted:   ");
		text_print(out, f->value);
		buf_puts(out, "\n");
	}
}

/* What a command has to say beside how it ended. */
static void loose_message(struct buf *out, const struct reply *r, struct text line, bool json)
{
	const struct field *f = reply_find(r, "message");

	if (!f)
		return;
	if (json)
		buf_add(out, line.at, line.len);
	else
		text_print(out, f->value);
	buf_puts(out, "\n");
}

/* Seconds since the daemon's start, what happened, and what belongs to it. */
static void loose_event(struct buf *out, const struct reply *r, struct text line, bool json)
{
	long long ms = reply_number(r, "time");

	if (json) {
		buf_add(out, line.at, line.len);
		buf_puts(out, "\n");
		return;
	}
	buf_printf(out, "%9lld.%03lld ", ms < 0 ? 0 : ms / 1000, ms < 0 ? 0 : ms % 1000);
	text_print(out, reply_string(r, "event"));
	put_fields(out, r, "event", "time");
	buf_puts(out, "\n");
}

const struct view view_routes = {
	.word = "routes",
	.json = "routes",
	.request = { "show routes" },
	.has_detail = true,
	.nrequests = 1,
	.nall = 1,
	SECTIONS(route_sections),
};

const struct view view_groups = {
	.word = "groups",
	.json = "groups",
	.request = { "show groups", "show groups detail" },
	.nrequests = 1,
	.nall = 2,
	SECTIONS(group_sections),
};

const struct view view_interfaces = {
	.word = "interfaces",
	.json = "interfaces",
	.flat = true,
	.request = { "show interfaces" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(interface_sections),
};

const struct view view_pending = {
	.word = "pending",
	.json = "pending",
	.flat = true,
	.request = { "show routes", "show groups" },
	.nrequests = 2,
	.nall = 2,
	SECTIONS(pending_sections),
};

const struct view view_log = {
	.word = "log",
	.json = "log",
	.flat = true,
	.request = { "show log" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(log_sections),
};

const struct view view_modules = {
	.word = "modules",
	.json = "modules",
	.flat = true,
	.request = { "show modules" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(module_sections),
};

const struct view view_counters = {
	.word = "counters",
	.json = "counters",
	.flat = true,
	.request = { "show counters" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(counter_sections),
};

const struct view view_events = {
	.word = "events",
	.json = "events",
	.flat = true,
	.request = { "show events" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(event_sections),
};

const struct view view_config = {
	.word = "config",
	.json = "config",
	.flat = true,
	.bare = true,
	.request = { "show config" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(config_sections),
};

const struct view view_errors = {
	.word = "errors",
	.json = "errors",
	.flat = true,
	.bare = true,
	.request = { "show errors" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(error_sections),
};

const struct view view_help = {
	.json = "help",
	.bare = true,
	.request = { "help" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(help_sections),
};

const struct view view_version = {
	.json = "version",
	.request = { "version" },
	.nrequests = 1,
	.nall = 1,
	.loose = loose_version,
};

const struct view view_monitor = {
	.request = { "monitor" },
	.nrequests = 1,
	.nall = 1,
	.loose = loose_event,
};

const struct view view_other = { .loose = loose_message };

/* Those that smcroute knows come first. */
static const struct view *const views[] = {
	&view_routes, &view_groups,   &view_interfaces, &view_pending, &view_config,
	&view_errors, &view_counters, &view_events,	&view_log,     &view_mrd,
	&view_igmp,   &view_mld,      &view_proxy,	&view_pim,     &view_modules,
};

const char *view_word(unsigned i)
{
	return i < NELEMS(views) ? views[i]->word : NULL;
}

const struct view *view_find(struct text word)
{
	if (!word.len)
		return &view_routes;
	for (size_t i = 0; i < NELEMS(views); i++)
		if (text_is(word, views[i]->word))
			return views[i];
	for (size_t i = 0; i < SMCROUTE_VIEWS; i++)
		if (*word.at == *views[i]->word)
			return views[i];
	return &view_other;
}
