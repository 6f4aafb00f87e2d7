/* net_pim.c - messages of PIM, as the log has them */
#include "pim-module/msg_assert.h"
#include "pim-module/msg_bsr.h"
#include "pim-module/msg_df.h"
#include "pim-module/msg_hello.h"
#include "pim-module/msg_jp.h"
#include "pim-module/msg_refresh.h"
#include "pim-module/msg_register.h"
#include "sim/net_state.h"

static void add_time(struct buf *line, const char *word, int64_t ms)
{
	if (ms == MSG_FOREVER)
		buf_printf(line, " %s forever", word);
	else
		buf_printf(line, " %s %lld", word, (long long)(ms / 1000));
}

/* "(*,239.1.1.1)" */
static void add_sg(struct buf *line, struct ip source, struct ip group)
{
	buf_printf(line, "(%s,%s)", ip_is_any(source) ? "*" : ip_str(source), ip_str(group));
}

static void add_range(struct buf *line, const struct msg_range *range)
{
	buf_printf(line, "%s%s%s", prefix_str(&range->prefix), range->bidir ? " bidir" : "",
		   range->zone ? " zone" : "");
}

/* Hello holdtime 105 genid 0x5eed priority 1 delay 500 override 2500 */
static enum msg_bad hello(struct msg_rd *r, struct arena *arena, struct buf *line)
{
	struct msg_hello m;
	enum msg_bad bad;

	bad = msg_hello_decode(r, arena, &m);
	if (bad || !line)
		return bad;
	add_time(line, "holdtime", m.holdtime);
	if (m.has_genid)
		buf_printf(line, " genid 0x%x", m.genid);
	if (m.has_dr_priority)
		buf_printf(line, " priority %u", m.dr_priority);
	if (m.has_lan_delay)
		buf_printf(line, " delay %u override %u%s", m.propagation_delay,
			   m.override_interval, m.no_suppression ? " no-suppression" : "");
	if (m.has_refresh)
		buf_printf(line, " refresh %u", m.refresh_interval);
	if (m.bidir)
		buf_puts(line, " bidir");
	for (unsigned i = 0; i < m.nsecondary; i++)
		buf_printf(line, "%s %s", i ? "" : " secondary", ip_str(m.secondary[i]));
	return bad;
}

static void jp_source(struct buf *line, char kind, struct ip group, const struct msg_jp_source *s)
{
	buf_printf(line, " %c", kind);
	if (s->kind == JP_STAR_G)
		buf_printf(line, "(*,%s) rp %s", ip_str(group), ip_str(s->ip));
	else
		buf_printf(line, "(%s,%s%s)", ip_str(s->ip), ip_str(group),
			   s->kind == JP_SG_RPT ? ",rpt" : "");
}

/* Join/Prune to 10.0.1.2 holdtime 210: J(*,239.1.1.1) rp 10.0.9.1 P(10.0.1.7,239.1.1.1,rpt) */
static enum msg_bad join_prune(struct msg_rd *r, struct arena *arena, struct buf *line)
{
	struct msg_jp m;
	enum msg_bad bad;

	bad = msg_jp_decode(r, arena, &m);
	if (bad || !line)
		return bad;
	buf_printf(line, " to %s", ip_str(m.upstream));
	add_time(line, "holdtime", m.holdtime);
	buf_puts(line, ":");
	for (unsigned i = 0; i < m.ngroups; i++) {
		const struct msg_jp_group *g = &m.group[i];

		for (unsigned k = 0; k < g->njoins; k++)
			jp_source(line, 'J', g->group, &g->join[k]);
		for (unsigned k = 0; k < g->nprunes; k++)
			jp_source(line, 'P', g->group, &g->prune[k]);
	}
	if (m.skipped)
		buf_printf(line, " and %u that make no sense", m.skipped);
	return bad;
}

/* Register to 10.0.9.1 (10.0.1.7,239.1.1.1) 128 bytes */
static enum msg_bad registers(struct msg_rd *r, struct buf *line)
{
	struct msg_register m;
	enum msg_bad bad;

	bad = msg_register_decode(r, &m);
	if (bad || !line)
		return bad;
	buf_printf(line, " to %s %s", ip_str(r->ends.dst), sg_str(&m.sg));
	if (m.null)
		buf_puts(line, " null");
	else
		buf_printf(line, " %zu bytes", m.len);
	return bad;
}

static enum msg_bad register_stop(struct msg_rd *r, struct buf *line)
{
	struct msg_register_stop m;
	enum msg_bad bad;

	bad = msg_register_stop_decode(r, &m);
	if (bad || !line)
		return bad;
	buf_printf(line, " to %s ", ip_str(r->ends.dst));
	add_sg(line, m.sg.src, m.sg.grp);
	return bad;
}

/* Assert (*,239.1.1.1) rpt preference 110 metric 2; without both, it cancels. */
static enum msg_bad asserts(struct msg_rd *r, struct buf *line)
{
	struct msg_assert m;
	enum msg_bad bad;

	bad = msg_assert_decode(r, &m);
	if (bad || !line)
		return bad;
	buf_puts(line, " ");
	add_sg(line, m.sg.src, m.sg.grp);
	if (m.rpt)
		buf_puts(line, " rpt");
	if (m.preference == MSG_INFINITE_PREFERENCE && m.metric == MSG_INFINITE_METRIC)
		buf_puts(line, " cancel");
	else
		buf_printf(line, " preference %u metric %u", m.preference, m.metric);
	return bad;
}

/* Bootstrap bsr 10.0.1.1 priority 64 tag 7 hash 30 [224.0.0.0/4 10.0.9.1 192 holdtime 150] */
static enum msg_bad bootstrap(struct msg_rd *r, struct arena *arena, struct buf *line)
{
	struct msg_bootstrap m;
	enum msg_bad bad;

	bad = msg_bootstrap_decode(r, arena, &m);
	if (bad || !line)
		return bad;
	if (!ip_is_multicast(r->ends.dst))
		buf_printf(line, " to %s", ip_str(r->ends.dst));
	buf_printf(line, " bsr %s priority %u tag %u hash %u%s", ip_str(m.bsr), m.priority, m.tag,
		   m.hash_len, m.no_forward ? " no-forward" : "");
	for (unsigned i = 0; i < m.nsets; i++) {
		const struct msg_rp_set *set = &m.set[i];

		buf_puts(line, " [");
		add_range(line, &set->range);
		for (unsigned k = 0; k < set->nrps; k++) {
			buf_printf(line, " %s %u", ip_str(set->rp[k].ip), set->rp[k].priority);
			add_time(line, "holdtime", set->rp[k].holdtime);
		}
		buf_printf(line, "%s]", set->nrps < set->all ? " ..." : "");
	}
	return bad;
}

/* Candidate-RP-Advertisement to 10.0.1.1 rp 10.0.9.1 priority 192 holdtime 150 224.0.0.0/4 */
static enum msg_bad candidate(struct msg_rd *r, struct arena *arena, struct buf *line)
{
	struct msg_candidate m;
	enum msg_bad bad;

	bad = msg_candidate_decode(r, arena, &m);
	if (bad || !line)
		return bad;
	buf_printf(line, " to %s rp %s priority %u", ip_str(r->ends.dst), ip_str(m.rp), m.priority);
	add_time(line, "holdtime", m.holdtime);
	for (unsigned i = 0; i < m.nranges; i++) {
		buf_puts(line, " ");
		add_range(line, &m.range[i]);
	}
	return bad;
}

static enum msg_bad refresh(struct msg_rd *r, struct buf *line)
{
	struct msg_refresh m;
	enum msg_bad bad;

	bad = msg_refresh_decode(r, &m);
	if (bad || !line)
		return bad;
	buf_printf(line, " %s from %s preference %u metric %u ttl %u%s%s%s", sg_str(&m.sg),
		   ip_str(m.originator), m.preference, m.metric, m.ttl, m.pruned ? " pruned" : "",
		   m.prune_now ? " prune-now" : "", m.override ? " override" : "");
	return bad;
}

static enum msg_bad df(struct msg_rd *r, struct buf *line)
{
	static const char *const kinds[] = { "?", "offer", "winner", "backoff", "pass" };
	struct msg_df m;
	enum msg_bad bad;

	bad = msg_df_decode(r, &m);
	if (bad || !line)
		return bad;
	buf_printf(line, " %s rp %s preference %u metric %u", kinds[m.kind], ip_str(m.rp),
		   m.sender.preference, m.sender.metric);
	if (m.kind == DF_BACKOFF || m.kind == DF_PASS)
		buf_printf(line, " for %s preference %u metric %u", ip_str(m.other),
			   m.offered.preference, m.offered.metric);
	return bad;
}

static enum msg_bad describe(struct msg_rd *r, struct arena *arena, struct buf *line)
{
	switch (r->type) {
	case MSG_HELLO:
		return hello(r, arena, line);
	case MSG_REGISTER:
		return registers(r, line);
	case MSG_REGISTER_STOP:
		return register_stop(r, line);
	case MSG_JOIN_PRUNE:
	case MSG_GRAFT:
	case MSG_GRAFT_ACK:
		return join_prune(r, arena, line);
	case MSG_BOOTSTRAP:
		return bootstrap(r, arena, line);
	case MSG_ASSERT:
		return asserts(r, line);
	case MSG_CANDIDATE_RP:
		return candidate(r, arena, line);
	case MSG_STATE_REFRESH:
		return refresh(r, line);
	case MSG_DF_ELECTION:
		return df(r, line);
	default:
		return MSG_BAD_TYPE;
	}
}

bool net_pim(struct arena *arena, const struct packet *packet, struct buf *line)
{
	struct msg_ends ends = { packet->src, packet->dst };
	struct msg_rd r;

	arena_reset(arena);
	if (msg_open(&ends, packet->data, packet->len, &r))
		return false;
	if (line)
		buf_printf(line, "PIM %s", msg_type_name(r.type));
	return describe(&r, arena, line) == MSG_GOOD;
}
