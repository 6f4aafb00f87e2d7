/* upstream.c - one upstream interface of a proxy: its life, and its host side (RFC 4605 4.1) */
#include <stdlib.h>

#include "check.h"
#include "gm_conf.h"
#include "merge.h"
#include "upstream.h"

/* The longest packet that a host's reports are made for. */
#define MAX_PACKET 9000

const char *upstream_state_name(enum upstream_state state)
{
	static const char *const name[] = {
		[UPSTREAM_NEW] = "new",
		[UPSTREAM_ABSENT] = "absent",
		[UPSTREAM_DISABLED] = "disabled",
		[UPSTREAM_DOWN] = "down",
		[UPSTREAM_NO_ADDRESS] = "no address",
		[UPSTREAM_UP] = "up",
	};

	return name[state];
}

static const char *upstream_name(const struct upstream *u)
{
	return u->engine->host->op->ifname(u->engine->host, u->slot);
}

static void send(struct gm_host *h, const struct gm_message *m)
{
	struct upstream *u = container_of(h, struct upstream, host);
	struct engine *e = u->engine;
	uint8_t data[MAX_PACKET];
	struct gm_place at = { 0 };
	size_t room = gm_room(e->af, h->conf.mtu), len;

	if (u->leaving)
		e->host->op->wake(e);
	if (u->kernel || !upstream_lives(u))
		return;
	while ((len = gm_encode(e->af, m, &at, data, room < sizeof(data) ? room : sizeof(data)))) {
		struct packet packet = gm_packet(e->af, m, data, len);

		packet.slot = u->slot;
		packet.src = u->src;
		if (e->host->op->send(e, &packet, NULL) == SENT)
			u->sent++;
		else
			u->failed++;
	}
}

struct upstream *upstream_new(struct engine *e, unsigned slot, bool kernel)
{
	static const struct gm_host_conf conf = { .mtu = 1500, .version = 3, .robustness = 2 };
	struct upstream *u = xcalloc(1, sizeof(*u));

	u->engine = e;
	u->slot = slot;
	u->kernel = kernel;
	u->src = u->querier = ip_any(e->af);
	gm_host_init(&u->host, e->af, &conf, e->host->clock, e->host->rng, send);
	return u;
}

void upstream_free(struct upstream *u)
{
	gm_host_free(&u->host);
	free(u);
}

static enum upstream_state judge(enum af af, const struct iface *iface, struct ip *src)
{
	if (!iface->present)
		return UPSTREAM_ABSENT;
	if (!iface->enabled)
		return UPSTREAM_DISABLED;
	if (!iface->up)
		return UPSTREAM_DOWN;
	return iface_source(af, iface, src) ? UPSTREAM_UP : UPSTREAM_NO_ADDRESS;
}

/* Without an address it is the same link, of which what is known stays so. */
void upstream_iface(struct upstream *u, const struct iface *iface)
{
	struct ip src;

	u->lapsed |= judge(u->engine->af, iface, &src) < UPSTREAM_NO_ADDRESS ||
		     iface->epoch != u->epoch;
	u->epoch = iface->epoch;
}

/* The only place that writes u->state. */
static void upstream_to(struct upstream *u, enum upstream_state next)
{
	struct engine *e = u->engine;

	if (next == u->state)
		return;
	log_notice(e->log, "%s: %s upstream is %s", upstream_name(u), af_name(e->af),
		   upstream_state_name(next));
	u->state = next;
	e->host->op->event(e->host, "upstream", "interface", upstream_name(u), "family",
			   af_name(e->af), "state", upstream_state_name(next), NULL);
}

/* What the configuration says of the host side, by the words that the router's side has, too. */
static void configure(struct upstream *u, unsigned mtu)
{
	struct host *host = u->engine->host;
	struct gm_fields fields = gm_defaults();
	const struct gm_port_fields *f = &fields.af[u->engine->af];

	host->op->phyint(host, u->slot, gm_keywords, &fields);
	gm_host_configure(&u->host, &(struct gm_host_conf){
					    .mtu = mtu,
					    .version = f->version,
					    .robustness = f->robustness,
				    });
	u->any_ttl = f->any_ttl;
	u->require_alert = f->require_alert;
}

/* Nobody knows of what was said from another address, or before the link was a new one. */
static void say_anew(struct upstream *u)
{
	if (u->lapsed) {
		u->querier = ip_any(u->engine->af);
		gm_host_restart(&u->host);
	} else {
		gm_host_renew_all(&u->host);
	}
	u->lapsed = false;
}

void upstream_derive(struct upstream *u)
{
	struct engine *e = u->engine;
	struct iface iface = e->host->op->iface(e, u->slot);
	bool lived = upstream_lives(u);
	struct ip src = u->src;

	upstream_to(u, judge(e->af, &iface, &src));
	configure(u, iface.mtu);
	upstream_iface(u, &iface);
	if (!upstream_lives(u) || (!u->lapsed && lived && ip_eq(src, u->src)))
		return;
	u->src = src;
	say_anew(u);
}

static bool is_same(const struct membership *a, const struct membership *b)
{
	return a->mode == b->mode && a->nsources == b->nsources &&
	       (!a->nsources || !memcmp(a->source, b->source, a->nsources * sizeof(*a->source)));
}

void upstream_set(struct upstream *u, const struct membership *m)
{
	struct engine *e = u->engine;
	struct membership was;

	if (u->kernel) {
		gm_host_find(&u->host, m->group, &was);
		if (!is_same(&was, m))
			e->host->op->join(e, u->slot, m);
	}
	gm_host_set(&u->host, m);
}

void upstream_leave(struct upstream *u)
{
	struct membership m = { .group = ip_any(u->engine->af) };

	u->leaving = true;
	while (u->kernel && gm_host_next(&u->host, m.group, &m)) {
		m.mode = FILTER_INCLUDE;
		m.nsources = 0;
		u->engine->host->op->join(u->engine, u->slot, &m);
	}
	gm_host_leave(&u->host);
}

bool upstream_settle(struct upstream *u, unsigned budget)
{
	return gm_host_settle(&u->host, budget);
}

static void hear(struct upstream *u, const struct packet *packet, const struct gm_message *m)
{
	if (m->type == GM_QUERY) {
		u->querier = packet->src;
		u->heard = u->engine->host->clock->now;
	}
	gm_host_receive(&u->host, m);
}

/* Whether the filter lets a source through that a record says is not wanted any more. */
static bool denies(const struct gm_record *r, const struct membership *m)
{
	const struct membership named = { .source = r->source, .nsources = r->nsources };
	bool some = false;

	switch (r->type) {
	case CHANGE_TO_INCLUDE_MODE:
		for (unsigned i = 0; i < m->nsources; i++)
			some |= !membership_wants(&named, m->source[i]);
		return some || m->mode == FILTER_EXCLUDE;
	case BLOCK_OLD_SOURCES:
		for (unsigned i = 0; i < r->nsources; i++)
			some |= membership_wants(m, r->source[i]);
		return some;
	default:
		return false;
	}
}

/*
 * A program of this host left a group, and the kernel said so: routers know it and us by the same
 * address. If we want the group still, that is said again. Messages of our own never speak against
 * what we want, so those that come back are not answered.
 */
static void hear_own(struct upstream *u, const struct gm_message *m)
{
	const struct gm_record left = { .type = CHANGE_TO_INCLUDE_MODE, .group = m->group };
	const struct gm_record *r = m->type == GM_LEAVE ? &left : m->record;
	unsigned n = m->type == GM_LEAVE ? 1 : m->type == GM_REPORT_V3 ? m->nrecords : 0;
	struct membership ours;

	for (; n--; r++) {
		if (gm_host_find(&u->host, r->group, &ours) && denies(r, &ours))
			gm_host_renew(&u->host, r->group);
	}
}

/* What is wrong with queries costs streams; what other hosts say may be anything. */
static void drop(struct upstream *u, const struct packet *packet, enum gm_bad bad, bool query)
{
	struct engine *e = u->engine;

	u->bad[bad]++;
	log_limited(e->log, &u->limit, e->host->clock, query ? LEVEL_WARNING : LEVEL_DEBUG,
		    "%s: %s of %s dropped: %s", upstream_name(u), query ? "query" : "message",
		    ip_str(packet->src), gm_bad_help(bad));
}

void upstream_packet(struct upstream *u, const struct packet *packet, struct arena *arena)
{
	struct engine *e = u->engine;
	struct iface iface = e->host->op->iface(e, u->slot);
	/*
	 * Of what a host hears, the network of the sender says nothing. Deviation: RFC 3376 9.1
	 * wants Router Alert, which some providers leave out; who is deaf to them loses streams.
	 */
	const struct gm_checks checks = {
		.any_ttl = u->any_ttl,
		.alert_required = u->require_alert,
		.any_network = true,
	};
	struct gm_message m;
	enum gm_bad bad = gm_decode(e->af, packet->data, packet->len, arena, &m);
	bool query = !bad && m.type == GM_QUERY;

	if (!bad)
		bad = gm_check(packet, &m, &iface, &checks);
	if (bad)
		drop(u, packet, bad, query);
	else if (iface_owns(&iface, packet->src))
		hear_own(u, &m);
	else
		hear(u, packet, &m);
	arena_reset(arena);
}

uint64_t upstream_dropped(const struct upstream *u)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < GM_NBAD; i++)
		n += u->bad[i];
	return n;
}
