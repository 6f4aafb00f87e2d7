/* view_gm.c - what there is to show of IGMP, MLD, proxies and router discovery */
#include "section.h"

static void note_mrd(struct buf *out, const struct reply *row, bool detail)
{
	static const char *const reasons[] = { "bad_length", "bad_checksum", "bad_destination",
					       "bad_ttl",    "no_alert",     "bad_source" };

	(void)detail;
	for (size_t i = 0; i < NELEMS(reasons); i++) {
		const struct field *f = reply_find(row, reasons[i]);

		if (f)
			note_words(out, reasons[i], f->value);
	}
}

static void note_port(struct buf *out, const struct reply *row, bool detail)
{
	struct text reasons = reply_list(row, "reasons");

	(void)detail;
	if (reasons.len)
		note_list(out, "dropped", reasons);
}

static const struct column mrd_columns[] = {
	{ "PHYINT", "interface", WIDTH_NAME, .put = put_value },
	{ "FAMILY", "family", 6, .put = put_value },
	{ "STATE", "state", 10, .put = put_value },
	{ "NEXT", "next", -6, .put = put_seconds },
	{ "ADVERTISED", "advertisements", -10, .put = put_value },
	{ "SOLICITED", "solicitations", -9, .put = put_value },
	{ "DROPPED", "dropped", -7, .put = put_value },
	{ "ENDED", "terminations", -5, .put = put_value, .detail = true },
	{ "FAILED", "failed", -6, .put = put_value, .detail = true },
	{ "INTERVAL", "interval", -8, .put = put_seconds, .detail = true },
	{ " SOURCE", "source", 0, .put = put_help_text, .detail = true },
	{ 0 }
};

static const struct section mrd_sections[] = {
	{ 0, "mrd", "mrd", .columns = mrd_columns, .note = note_mrd },
};

/* The next query of ours, or when the other querier is given up. */
static size_t put_next(struct buf *out, const struct reply *row, const char *key)
{
	return put_seconds(out, row, reply_find(row, key) ? key : "querier_expiry");
}

static const struct column port_columns[] = {
	{ "PHYINT", "interface", WIDTH_NAME, .put = put_value },
	{ "STATE", "state", 11, .put = put_value },
	{ "VERSION", "version", -7, .put = put_value },
	{ "NEXT", "next_query", -7, .put = put_next },
	{ "GROUPS", "groups", -7, .put = put_value },
	{ "REPORTS", "reports", -9, .put = put_value },
	{ "DROPPED", "dropped", -7, .put = put_value },
	{ "SOURCES", "sources", -7, .put = put_value, .detail = true },
	{ "HOSTS", "hosts", -7, .put = put_value, .detail = true },
	{ "INTERVAL", "query_interval", -8, .put = put_seconds, .detail = true },
	{ "ROBUST", "robustness_variable", -6, .put = put_value, .detail = true },
	{ "ASKED", "queries_sent", -9, .put = put_value, .detail = true },
	{ "HEARD", "queries", -9, .put = put_value, .detail = true },
	{ " QUERIER", "querier", 0, .put = put_help_text },
	{ 0 }
};

static const struct section igmp_sections[] = {
	{ 0, "igmp", "igmp", .columns = port_columns, .note = note_port },
};

static const struct section mld_sections[] = {
	{ 0, "mld", "mld", .columns = port_columns, .note = note_port },
};

/* What lists beyond the columns say of a row of proxies. */
static void note_proxy(struct buf *out, const struct reply *row, bool detail)
{
	struct text source = reply_string(row, "source"), host = reply_string(row, "host");

	if (detail && source.len)
		note_words(out, "source", source);
	if (text_is(host, "kernel"))
		note_words(out, "", host);
}

static void note_proxy_group(struct buf *out, const struct reply *row, bool detail)
{
	struct text state = reply_string(row, "state"), sources = reply_list(row, "sources");

	(void)detail;
	if (sources.len)
		note_list(out, "sources", sources);
	if (text_is(state, "pending"))
		note_reason(out, "pending", reply_string(row, "reason"));
}

static const struct column proxy_columns[] = {
	{ "PROXY", "proxy", WIDTH_NAME, .put = put_value },
	{ "UPSTREAM", "upstream", WIDTH_NAME, .put = put_value },
	{ "FAMILY", "family", 6, .put = put_value },
	{ "STATE", "state", 10, .put = put_value },
	{ "VERSION", "version", -7, .put = put_value },
	{ "GROUPS", "groups", -6, .put = put_value },
	{ "SENT", "sent", -6, .put = put_value },
	{ "QUERIES", "queries", -7, .put = put_value },
	{ "DROPPED", "dropped", -7, .put = put_value },
	{ "HEARD", "heard", -6, .put = put_seconds, .detail = true },
	{ "QUERIER", "querier", 15, .put = put_value, .detail = true },
	{ " DOWNSTREAM", "downstream", 0, .put = put_list },
	{ 0 }
};

static const struct column proxy_group_columns[] = { { "GROUP", "group", 24, .put = put_value },
						     { "MODE", "mode", 7, .put = put_value },
						     { "UPSTREAM", "upstream", WIDTH_NAME,
						       .put = put_value },
						     { " WANTED BY", "wanted", 0, .put = put_list },
						     { 0 } };

static const struct section proxy_sections[] = {
	{ 0, "proxy", "proxy", .columns = proxy_columns, .note = note_proxy },
	{ 0, "proxy_groups", "group", .columns = proxy_group_columns, .note = note_proxy_group },
};

const struct view view_mrd = {
	.word = "mrd",
	.json = "mrd",
	.flat = true,
	.request = { "show mrd" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(mrd_sections),
};

const struct view view_igmp = {
	.word = "igmp",
	.json = "igmp",
	.flat = true,
	.request = { "show igmp" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(igmp_sections),
};

const struct view view_mld = {
	.word = "mld",
	.json = "mld",
	.flat = true,
	.request = { "show mld" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(mld_sections),
};

const struct view view_proxy = {
	.word = "proxy",
	.json = "proxy",
	.flat = true,
	.request = { "show proxy" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(proxy_sections),
};
