/* gm_port.c - an interface where listeners are asked and heard
 *
 * Puts together who asks (querier.c), what listeners want (group.c), and messages.
 */
#include <stdlib.h>

#include "gm_port.h"

/* The most of a packet that a query fills, whatever the MTU. */
#define MAX_QUERY 1500

const char *gm_state_name(enum gm_state state)
{
	static const char *const name[] = {
		[GM_OFF] = "off",	    [GM_ABSENT] = "absent",
		[GM_DISABLED] = "disabled", [GM_UNSUITABLE] = "unsuitable",
		[GM_DOWN] = "down",	    [GM_NO_ADDRESS] = "no address",
		[GM_RUNS] = "up",
	};

	return name[state];
}

const char *gm_port_name(const struct gm_port *p)
{
	struct host *host = p->gm->engine.host;

	return host->op->ifname(host, p->slot);
}

static const char *protocol_name(const struct gm_port *p)
{
	return p->gm->engine.af == V4 ? "IGMP" : "MLD";
}

unsigned gm_version_number(const struct gm_port *p, unsigned version)
{
	return p->gm->engine.af == V4 ? version : version - 1;
}

/* Sends as many packets as it takes. */
static void send_message(struct gm_port *p, const struct gm_message *m)
{
	struct engine *e = &p->gm->engine;
	size_t room = gm_room(e->af, e->host->op->iface(e, p->slot).mtu), len;
	struct gm_place at = { 0 };
	uint8_t data[MAX_QUERY];

	if (room > gm_room(e->af, MAX_QUERY))
		room = gm_room(e->af, MAX_QUERY);
	while ((len = gm_encode(e->af, m, &at, data, room))) {
		struct packet packet = gm_packet(e->af, m, data, len);

		packet.slot = p->slot;
		packet.src = p->querier.own;
		if (e->host->op->send(e, &packet, NULL) == SENT)
			GM_COUNT(p, queries_sent, 1);
		else
			GM_COUNT(p, send_failed, 1);
	}
}

/* RFC 3376 7.3.1, RFC 3810 8.3.1: in version 1 nobody leaves, and nobody is asked for a group. */
static bool may_ask_groups(const struct gm_port *p)
{
	return p->querier.on && p->fields.version > 1;
}

static void tell_querier(struct gm_port *p)
{
	struct engine *e = &p->gm->engine;
	const struct gm_querier *q = &p->querier;
	struct ip who = q->on ? q->own : q->other;
	bool is_known = q->on || !ip_is_any(who);

	if (p->is_querier == q->on && ip_eq(p->elected, who))
		return;
	if (is_known && !ip_is_any(p->elected))
		log_limited(e->log, &p->elections, e->host->clock, LEVEL_NOTICE,
			    "%s: %s querier is %s, was %s", gm_port_name(p), protocol_name(p),
			    ip_str(who), ip_str(p->elected));
	else
		log_debug(e->log, "%s: %s querier is %s", gm_port_name(p), protocol_name(p),
			  is_known ? ip_str(who) : "nobody");
	p->elected = who;
	e->host->op->event(e->host, "querier", "interface", gm_port_name(p), "family",
			   af_name(e->af), "address", is_known ? ip_str(who) : NULL, "state",
			   q->on ? "querier" : "non-querier", NULL);
	if (p->is_querier == q->on)
		return;
	p->is_querier = q->on;
	e->host->op->querier(e, p->slot);
}

/* What follows for groups from who is querier. */
static void querier_changed(struct gm_querier *q)
{
	struct gm_port *p = container_of(q, struct gm_port, querier);

	p->groups.querier = may_ask_groups(p);
	p->groups.settings.robustness = q->robustness;
	p->groups.settings.query_interval = q->interval;
	tell_querier(p);
}

static void querier_asks(struct gm_querier *q, const struct gm_message *m)
{
	send_message(container_of(q, struct gm_port, querier), m);
}

static const struct gm_querier_ops querier_ops = { querier_asks, querier_changed };

/* The texts are made only if somebody reads them: groups come by the hundred thousand. */
static void group_event(struct gm_port *p, const struct membership *m, bool is_wanted)
{
	struct engine *e = &p->gm->engine;
	const struct gm_group *g;

	if (!e->host->op->is_monitored(e->host))
		return;
	g = gm_group_find(&p->groups, m->group);
	e->host->op->event(e->host, is_wanted ? "join" : "leave", "interface", gm_port_name(p),
			   "family", af_name(e->af), "group", ip_str(m->group), "host",
			   g && g->reporter ? ip_str(g->reporter->ip) : NULL, NULL);
}

static void group_member(struct gm_groups *t, const struct membership *m, bool was_wanted)
{
	struct gm_port *p = container_of(t, struct gm_port, groups);
	struct engine *e = &p->gm->engine;
	bool is_wanted = m->mode == FILTER_EXCLUDE || m->nsources;

	e->host->op->member(e, p->slot, m);
	if (is_wanted != was_wanted)
		group_event(p, m, is_wanted);
}

/*
 * RFC 3376 7.3.1, RFC 3810 8.3.1: as the version can say it; what is asked of sources is asked of
 * the group then. RFC 4604 2.2.3: but never of source-specific ones.
 */
static void group_query(struct gm_groups *t, const struct gm_message *query)
{
	struct gm_port *p = container_of(t, struct gm_port, groups);
	struct gm_message m = *query;

	m.version = p->fields.version;
	if (m.version < 3) {
		bool is_needless = m.nsources && m.suppress;

		if (m.version < 2 || is_needless || gm_groups_is_ssm(t, m.group))
			return;
	}
	send_message(p, &m);
}

static void group_wake(struct gm_groups *t)
{
	struct gm_port *p = container_of(t, struct gm_port, groups);
	struct engine *e = &p->gm->engine;

	p->gm->busy = ifset_with(p->gm->busy, p->slot);
	e->host->op->wake(e);
}

static const struct gm_group_ops group_ops = { group_member, group_query, group_wake };

/* Messages of versions before that are not heard. */
static unsigned oldest_host(const struct gm_port_fields *f)
{
	if (f->ignore_v2)
		return 3;
	return f->ignore_v1 ? 2 : 1;
}

/* What is known of listeners stays. */
static void set_fields(struct gm_port *p, const struct gm_port_fields *f)
{
	struct gm_group_settings *set = &p->groups.settings;

	p->fields = *f;
	p->checks.any_ttl = f->any_ttl;
	p->checks.alert_required = f->require_alert;
	p->checks.any_network = f->any_network;
	gm_querier_set(&p->querier, &(struct gm_querier_settings){
					    .version = f->version,
					    .passive = f->no_querier,
					    .robustness = f->robustness,
					    .query_interval = f->query_interval,
					    .response_interval = f->response_interval,
					    .startup_interval = gm_startup_interval(f),
					    .startup_response = f->startup_response,
					    .startup_count = gm_startup_count(f),
					    .other_present = f->querier_timeout,
				    });
	set->robustness = p->querier.robustness;
	set->query_interval = p->querier.interval;
	set->response_interval = f->response_interval;
	set->last_member_interval = f->last_member_interval;
	set->last_member_count = f->last_member_count;
	set->oldest_host = oldest_host(f);
	set->fast_leave = f->fast_leave;
	set->track = f->track || f->track_old;
	set->track_old = f->track_old;
	set->max_groups = f->max_groups;
	set->max_host_groups = f->max_host_groups;
	set->max_sources = f->max_sources;
	set->max_tracked = f->max_hosts;
	set->ssm = p->gm->ssm;
	set->nssm = p->gm->nssm;
	p->groups.querier = may_ask_groups(p);
}

struct gm_port *gm_port_new(struct gm *gm, unsigned slot)
{
	struct gm_port *p = xcalloc(1, sizeof(*p));
	struct clock *clock = gm->engine.host->clock;
	struct gm_fields fields = gm_defaults();

	p->gm = gm;
	p->slot = slot;
	p->elected = ip_any(gm->engine.af);
	gm_groups_init(&p->groups, clock, &group_ops);
	gm_querier_init(&p->querier, clock, &querier_ops, gm->engine.af);
	set_fields(p, &fields.af[gm->engine.af]);
	return p;
}

void gm_port_free(struct gm_port *p)
{
	gm_querier_stop(&p->querier);
	gm_groups_free(&p->groups);
	free(p->altnet);
	free(p->filter);
	free(p->fixed);
	free(p);
}

/* From where to ask; of IGMP, from nowhere if there is no address (RFC 4541 2.1.1). */
static bool choose_source(enum af af, const struct iface *iface, struct ip *src)
{
	if (iface_source(af, iface, src))
		return true;
	*src = ip_any(af);
	return af == V4;
}

static enum gm_state judge(enum af af, const struct iface *iface, struct ip *src)
{
	if (!iface)
		return GM_OFF;
	if (!iface->present)
		return GM_ABSENT;
	if (!iface->enabled)
		return GM_DISABLED;
	if (!iface->multicast || iface->loopback)
		return GM_UNSUITABLE;
	if (!iface->up)
		return GM_DOWN;
	return choose_source(af, iface, src) ? GM_RUNS : GM_NO_ADDRESS;
}

static void listen(struct gm_port *p, bool on)
{
	struct engine *e = &p->gm->engine;

	if (p->listens == on)
		return;
	p->listens = on;
	e->host->op->listen(e, p->slot, LISTEN_MEMBERS, on);
}

/* RFC 4541 2.1.1: where a link comes up, all begins anew. */
void gm_port_derive(struct gm_port *p, const struct gm_port_fields *fields,
		    const struct iface *iface)
{
	enum gm_state before = p->state;
	struct ip src;

	p->state = judge(p->gm->engine.af, iface, &src);
	listen(p, p->state >= GM_DOWN);
	if (before == GM_RUNS && (p->state != GM_RUNS || iface->epoch != p->epoch)) {
		gm_querier_stop(&p->querier);
		querier_changed(&p->querier);
		gm_groups_forget(&p->groups);
	}
	p->epoch = iface ? iface->epoch : 0;
	if (fields)
		set_fields(p, fields);
	if (p->state == GM_RUNS && !(p->querier.runs && ip_eq(src, p->querier.own)))
		gm_querier_start(&p->querier, src);
}

/* As many messages as in a second may come at once. */
static bool take_token(struct gm_port *p)
{
	int64_t now = p->gm->engine.host->clock->now, most = (int64_t)p->fields.max_rate * 1000;
	int64_t passed = now - p->bucket_at;

	p->bucket_at = now;
	p->bucket = passed >= 1000 ? most : p->bucket + passed * p->fields.max_rate;
	if (p->bucket > most)
		p->bucket = most;
	if (p->bucket < 1000)
		return false;
	p->bucket -= 1000;
	return true;
}

static void drop(struct gm_port *p, const struct packet *packet, enum gm_bad bad)
{
	const struct engine *e = &p->gm->engine;

	GM_COUNT(p, bad[bad], 1);
	log_limited(e->log, &p->gm->bad, e->host->clock, LEVEL_DEBUG, "%s: message of %s %s",
		    gm_port_name(p), ip_str(packet->src), gm_bad_help(bad));
}

/* Our own, heard again. Without an address we cannot tell, and need not listen (RFC 4541 2.1.1). */
static bool is_ours(const struct gm_port *p, const struct iface *iface, struct ip src)
{
	return iface_owns(iface, src) || (ip_is_any(src) && ip_is_any(p->querier.own));
}

/*
 * RFC 3376 6.6.1, RFC 3810 7.6.1. Deviation, as in RFC 2236 3: who is querier asks itself when
 * somebody leaves. A query of another one that hosts did not hear would end what they want.
 */
static void hear_query(struct gm_port *p, const struct iface *iface, struct ip src,
		       const struct gm_message *m)
{
	const struct engine *e = &p->gm->engine;

	if (is_ours(p, iface, src)) {
		GM_COUNT(p, own_queries, 1);
		return;
	}
	GM_COUNT(p, queries, 1);
	if (m->version != p->fields.version) {
		GM_COUNT(p, other_version, 1);
		log_limited(e->log, &p->mismatch, e->host->clock, LEVEL_WARNING,
			    "%s: %s asks in %sv%u, here it is version %u", gm_port_name(p),
			    ip_str(src), protocol_name(p), gm_version_number(p, m->version),
			    gm_version_number(p, p->fields.version));
	}
	gm_querier_hear(&p->querier, src, m);
	if (!ip_is_any(m->group) && !p->querier.on)
		gm_groups_query(&p->groups, m);
}

/* What could not be kept is told, but not each time. */
static void warn_of_limits(struct gm_port *p, struct ip src, const struct gm_group_counters *before)
{
	const struct gm_group_counters *now = &p->groups.counters;
	const struct engine *e = &p->gm->engine;
	const char *what;

	if (now->groups_refused != before->groups_refused ||
	    now->shares_refused != before->shares_refused)
		what = "groups";
	else if (now->sources_refused != before->sources_refused)
		what = "sources";
	else
		return;
	log_limited(e->log, &p->refused, e->host->clock, LEVEL_WARNING,
		    "%s: a report of %s has more %s than there may be", gm_port_name(p),
		    ip_str(src), what);
}

static void hear_report(struct gm_port *p, struct ip src, struct gm_message *m)
{
	struct gm_group_counters before = p->groups.counters;

	if (m->type == GM_LEAVE)
		GM_COUNT(p, leaves, 1);
	else
		GM_COUNT(p, reports, 1);
	if (!gm_port_filter(p, m))
		return;
	gm_groups_report(&p->groups, src, m);
	warn_of_limits(p, src, &before);
}

void gm_port_hear(struct gm_port *p, const struct packet *packet)
{
	struct gm *gm = p->gm;
	struct engine *e = &gm->engine;
	struct iface iface;
	struct gm_message m;
	enum gm_bad bad;

	if (p->state != GM_RUNS)
		return;
	if (!take_token(p)) {
		GM_COUNT(p, rate_limited, 1);
		return;
	}
	arena_reset(&gm->arena);
	iface = e->host->op->iface(e, p->slot);
	bad = gm_decode(e->af, packet->data, packet->len, &gm->arena, &m);
	if (!bad)
		bad = gm_check(packet, &m, &iface, &p->checks);
	if (bad) {
		drop(p, packet, bad);
		return;
	}
	GM_COUNT(p, records_skipped, m.skipped);
	if (m.type == GM_QUERY)
		hear_query(p, &iface, packet->src, &m);
	else
		hear_report(p, packet->src, &m);
	gm->busy = ifset_with(gm->busy, p->slot);
}
