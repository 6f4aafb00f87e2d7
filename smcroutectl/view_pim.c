/* view_pim.c - what there is to show of PIM */
#include "section.h"

static bool is_true(const struct reply *row, const char *key)
{
	const struct field *f = reply_find(row, key);

	return f && f->type == REPLY_TRUE;
}

static bool is_there(const struct reply *row, const char *key)
{
	const struct field *f = reply_find(row, key);

	return f && f->type != REPLY_NULL;
}

static void note(struct buf *out, const char *what)
{
	buf_printf(out, "  [%s]", what);
}

/* yes or no */
static size_t put_answer(struct buf *out, const struct reply *row, const char *key)
{
	const char *answer = is_true(row, key) ? "yes" : "no";

	buf_puts(out, answer);
	return strlen(answer);
}

static void note_interface(struct buf *out, const struct reply *row, bool detail)
{
	(void)detail;
	if (is_true(row, "passive"))
		note(out, "passive");
	if (is_true(row, "refused"))
		note(out, "no room in the kernel");
	if (is_true(row, "dr"))
		note(out, "we are DR");
}

static const struct column interface_columns[] = {
	{ "PHYINT", "interface", WIDTH_NAME, .put = put_value },
	{ "FAMILY", "family", 6, .put = put_value },
	{ "STATE", "state", 10, .put = put_value },
	{ "ADDRESS", "address", 26, .put = put_value },
	{ "NEIGHBORS", "neighbor_count", -9, .put = put_value },
	{ "PRIORITY", "dr_priority", -8, .put = put_value },
	{ "HELLO", "next_hello", -7, .put = put_seconds },
	{ "INTERVAL", "hello_interval", -8, .put = put_seconds, .detail = true },
	{ "DELAY", "propagation_delay", -5, .put = put_seconds, .detail = true },
	{ "OVERRIDE", "override_interval", -8, .put = put_seconds, .detail = true },
	{ "JOIN", "jp_interval", -6, .put = put_seconds, .detail = true },
	{ "MTU", "mtu", -5, .put = put_value, .detail = true },
	{ " DR", "dr_address", 0, .put = put_help_text },
	{ 0 }
};

static void note_neighbor(struct buf *out, const struct reply *row, bool detail)
{
	const struct field *f = reply_find(row, "secondary");

	if (is_true(row, "dr"))
		note(out, "DR");
	if (!detail || !f || f->type != REPLY_LIST || !f->value.len)
		return;
	buf_puts(out, "  [also");
	put_list(out, row, "secondary");
	buf_puts(out, "]");
}

static const struct column neighbor_columns[] = {
	{ "PHYINT", "interface", WIDTH_NAME, .put = put_value },
	{ "ADDRESS", "address", 26, .put = put_value },
	{ "PRIORITY", "dr_priority", -10, .put = put_value },
	{ "UP", "up_time", -10, .put = put_seconds },
	{ "EXPIRES", "expiration", -8, .put = put_seconds },
	{ "DELAY", "propagation_delay", -5, .put = put_seconds, .detail = true },
	{ "OVERRIDE", "override_interval", -8, .put = put_seconds, .detail = true },
	{ "GENID", "gen_id", -10, .put = put_value, .detail = true },
	{ 0 }
};

static void note_rp(struct buf *out, const struct reply *row, bool detail)
{
	const struct field *reason = reply_find(row, "reason");

	(void)detail;
	if (is_true(row, "own"))
		note(out, "this router");
	else if (reply_find(row, "reachable") && !is_true(row, "reachable"))
		note(out, "unreachable");
	if (is_true(row, "filtered"))
		note(out, "filtered");
	if (reason)
		note_words(out, "", reason->value);
}

static const struct column rp_columns[] = { { "GROUPS", "group", 25, .put = put_value },
					    { "RP", "rp_address", 26, .put = put_value },
					    { "ORIGIN", "origin", 8, .put = put_value },
					    { "MODE", "mode", 6, .put = put_value },
					    { "PRIORITY", "priority", -8, .put = put_value },
					    { "HASH", "hash", -10, .put = put_value,
					      .detail = true },
					    { "EXPIRES", "expiration", -8, .put = put_seconds },
					    { "PHYINT", "interface", WIDTH_NAME, .put = put_value },
					    { " BY", "neighbor", 0, .put = put_help_text },
					    { 0 } };

static const struct column anycast_columns[] = { { "RP", "rp_address", 26, .put = put_value },
						 { "MEMBER", "member", 26, .put = put_value },
						 { "PHYINT", "interface", WIDTH_NAME,
						   .put = put_value },
						 { "SENT", "sent", -10, .put = put_value },
						 { "RECEIVED", "received", -10, .put = put_value },
						 { "STOPPED", "stopped", -10, .put = put_value },
						 { 0 } };

static void note_bsr(struct buf *out, const struct reply *row, bool detail)
{
	(void)detail;
	if (is_true(row, "own"))
		note(out, "this router");
}

/* When it is given up, or heard the next time if it is we. */
static size_t put_left(struct buf *out, const struct reply *row, const char *key)
{
	return put_seconds(out, row, is_there(row, key) ? key : "next_bootstrap");
}

static const struct column bsr_columns[] = {
	{ "FAMILY", "family", 6, .put = put_value },
	{ "ZONE", "zone", 25, .put = put_value },
	{ "STATE", "state", 16, .put = put_value },
	{ "BOOTSTRAP ROUTER", "bsr_address", 26, .put = put_value },
	{ "PRIORITY", "priority", -8, .put = put_value },
	{ "HASH", "hash_mask_length", -4, .put = put_value },
	{ "UP", "up_time", -10, .put = put_seconds },
	{ "LEFT", "expiration", -7, .put = put_left },
	{ "OURS", "candidate_address", 26, .put = put_value, .detail = true },
	{ "PRIORITY", "candidate_priority", -8, .put = put_value, .detail = true },
	{ " BY", "neighbor", 0, .put = put_help_text, .detail = true },
	{ 0 }
};

static const struct column bsr_rp_columns[] = { { "ZONE", "zone", 25, .put = put_value },
						{ "GROUPS", "group", 25, .put = put_value },
						{ "RP", "rp_address", 26, .put = put_value },
						{ "MODE", "mode", 6, .put = put_value },
						{ "PRIORITY", "priority", -8, .put = put_value },
						{ "EXPIRES", "expiration", -8, .put = put_seconds },
						{ "HOLDTIME", "holdtime", -8, .put = put_seconds,
						  .detail = true },
						{ 0 } };

static void note_offer(struct buf *out, const struct reply *row, bool detail)
{
	(void)detail;
	if (is_true(row, "withdrawn"))
		note(out, "withdrawn");
}

static void note_candidate(struct buf *out, const struct reply *row, bool detail)
{
	const struct field *reason = reply_find(row, "reason");

	(void)detail;
	if (reason)
		note_words(out, "", reason->value);
}

static const struct column candidate_columns[] = {
	{ "RP", "rp_address", 26, .put = put_value },
	{ "PRIORITY", "priority", -8, .put = put_value },
	{ "ZONE", "zone", 25, .put = put_value },
	{ "BOOTSTRAP ROUTER", "bsr_address", 26, .put = put_value },
	{ "NEXT", "next_advertisement", -7, .put = put_seconds },
	{ "INTERVAL", "interval", -8, .put = put_seconds, .detail = true },
	{ " GROUPS", "groups", 0, .put = put_list },
	{ 0 }
};

static void note_auto(struct buf *out, const struct reply *row, bool detail)
{
	(void)detail;
	if (is_true(row, "in_force"))
		note(out, "believed");
}

static const struct column auto_columns[] = { { "AGENT", "agent", 15, .put = put_value },
					      { "GROUPS", "group", 18, .put = put_value },
					      { "RP", "rp_address", 15, .put = put_value },
					      { "HEARD", "heard", -8, .put = put_seconds },
					      { "EXPIRES", "expiration", -8, .put = put_seconds },
					      { 0 } };

/* " what left", of a timer that runs. */
static void put_timer(struct buf *out, const struct reply *row, const char *key, const char *what)
{
	if (!is_there(row, key))
		return;
	buf_printf(out, " %s ", what);
	put_seconds(out, row, key);
}

/* " what value", if there is one. */
static void put_word(struct buf *out, const struct reply *row, const char *key, const char *what)
{
	if (!is_there(row, key))
		return;
	buf_printf(out, " %s", what);
	put_value(out, row, key);
}

static void put_entry(struct buf *out, const struct reply *row, bool detail)
{
	size_t n = put_sg(out, row, "group");

	buf_printf(out, "%*s", n < 42 ? (int)(43 - n) : 1, "");
	put_value(out, row, "upstream");
	put_word(out, row, "rpf_interface", "by ");
	put_word(out, row, "rpf_neighbor", "");
	put_word(out, row, "rp_address", "rp ");
	if (is_true(row, "spt"))
		buf_puts(out, " spt");
	if (is_true(row, "by_assert"))
		note(out, "by assert");
	put_word(out, row, "register", "register ");
	put_timer(out, row, "join_timer", "join");
	put_timer(out, row, "keepalive", "keepalive");
	if (!detail)
		return;
	put_word(out, row, "rpt", "rpt ");
	put_timer(out, row, "override_timer", "override");
}

static void put_branch(struct buf *out, const struct reply *row, bool detail)
{
	buf_puts(out, is_true(row, "out") ? "    to  " : "    not ");
	put_value(out, row, "interface");
	put_word(out, row, "reason", " ");
	if (is_there(row, "join") && (detail || is_there(row, "expiry"))) {
		put_word(out, row, "join", " ");
		put_timer(out, row, "expiry", "expires");
		put_timer(out, row, "prune_pending", "pending");
	}
	put_word(out, row, "rpt", " rpt ");
	put_timer(out, row, "rpt_expiry", "expires");
	put_word(out, row, "assert", " assert ");
	put_word(out, row, "winner", "won by ");
	put_timer(out, row, "assert_timer", "holds");
}

/* An entry, or what an interface has of it. */
static void note_tree(struct buf *out, const struct reply *row, bool detail)
{
	if (reply_find(row, "interface"))
		put_branch(out, row, detail);
	else
		put_entry(out, row, detail);
}

static const struct column tree_columns[] = { { 0 } };

static void note_register(struct buf *out, const struct reply *row, bool detail)
{
	(void)detail;
	if (is_true(row, "refused"))
		note(out, "no device to send it by");
}

static const struct column register_columns[] = { { "REGISTER (S,G)", "group", 42, .put = put_sg },
						  { "RP", "rp_address", 26, .put = put_value },
						  { "STATE", "state", 11, .put = put_value },
						  { "STOPPED", "stop_timer", -8,
						    .put = put_seconds },
						  { 0 } };

static const struct column assert_columns[] = {
	{ "ASSERT (S,G)", "group", 42, .put = put_sg },
	{ "PHYINT", "interface", WIDTH_NAME, .put = put_value },
	{ "STATE", "state", 7, .put = put_value },
	{ "HOLDS", "timer", -7, .put = put_seconds },
	{ "RPT", "rpt", 4, .put = put_answer },
	{ "PREFERENCE", "preference", -10, .put = put_value },
	{ "METRIC", "metric", -10, .put = put_value },
	{ " WINNER", "winner", 0, .put = put_help_text },
	{ 0 }
};

static void note_rpf(struct buf *out, const struct reply *row, bool detail)
{
	(void)detail;
	if (is_true(row, "own"))
		note(out, "this router");
	else if (!is_true(row, "reachable"))
		note(out, "unreachable");
	else if (is_true(row, "connected"))
		note(out, "on that link");
	if (is_there(row, "via")) {
		buf_puts(out, "  [set:");
		put_word(out, row, "via", "");
		buf_puts(out, "]");
	}
}

static const struct column rpf_columns[] = { { "ADDRESS", "address", 26, .put = put_value },
					     { "KIND", "kind", 6, .put = put_value },
					     { "PHYINT", "interface", WIDTH_NAME,
					       .put = put_value },
					     { "PREFERENCE", "preference", -10, .put = put_value },
					     { "METRIC", "metric", -10, .put = put_value },
					     { "WAYS", "next_hops", -4, .put = put_value },
					     { " BY", "neighbor", 0, .put = put_help_text },
					     { 0 } };

static const char all_name[] = "all";

/* Of an interface, or of all together. */
static size_t put_whose(struct buf *out, const struct reply *row, const char *key)
{
	if (is_there(row, key))
		return put_value(out, row, key);
	buf_puts(out, all_name);
	return strlen(all_name);
}

/* A message, or why some were dropped. */
static size_t put_what(struct buf *out, const struct reply *row, const char *key)
{
	return put_value(out, row, is_there(row, key) ? key : "dropped");
}

static size_t put_received(struct buf *out, const struct reply *row, const char *key)
{
	return put_value(out, row, is_there(row, key) ? key : "count");
}

static const struct column statistics_columns[] = {
	{ "PHYINT", "interface", WIDTH_NAME, .put = put_whose },
	{ "FAMILY", "family", 6, .put = put_value },
	{ "MESSAGE", "message", 16, .put = put_what },
	{ "RECEIVED", "received", -12, .put = put_received },
	{ "SENT", "sent", -12, .put = put_value },
	{ 0 }
};

static const struct section sections[] = {
	{ 0, "pim_interface", "interface", "PIM Interfaces", .columns = interface_columns,
	  .note = note_interface },
	{ 0, "pim_neighbor", "neighbor", "PIM Neighbors", .columns = neighbor_columns,
	  .note = note_neighbor },
	{ 0, "pim_rp", "rp", "Rendezvous Points", .columns = rp_columns, .note = note_rp },
	{ 0, "pim_anycast", "anycast-rp", "Members of Anycast Rendezvous Points",
	  .columns = anycast_columns, .note = note_rp },
	{ 0, "pim_auto", "auto-rp", "Mapping Agents of Auto-RP", .columns = auto_columns,
	  .note = note_auto },
	{ 0, "pim_bsr", "bsr", "Bootstrap Routers", .columns = bsr_columns, .note = note_bsr },
	{ 0, "pim_bsr_rp", "bsr-rp", "RPs of Bootstrap Routers", .columns = bsr_rp_columns },
	{ 0, "pim_bsr_offer", "bsr-offer", "Candidate RPs", .columns = bsr_rp_columns,
	  .note = note_offer },
	{ 0, "pim_rp_candidate", "rp-candidate", "Candidate RP", .columns = candidate_columns,
	  .note = note_candidate },
	{ 0, "pim_tree", "tree", "Trees", .columns = tree_columns, .headless = true,
	  .note = note_tree },
	{ 0, "pim_register", "register", "Registers", .columns = register_columns,
	  .note = note_register },
	{ 0, "pim_assert", "assert", "Asserts", .columns = assert_columns },
	{ 0, "pim_rpf", "rpf", "Ways to Sources and Rendezvous Points", .columns = rpf_columns,
	  .note = note_rpf },
	{ 0, "pim_statistics", "statistics", "PIM Messages", .columns = statistics_columns },
};

const struct view view_pim = {
	.word = "pim",
	.json = "pim",
	.request = { "show pim" },
	.nrequests = 1,
	.nall = 1,
	SECTIONS(sections),
};
