/* mrd.c - multicast router discovery (RFC 4286): the router's side
 *
 * Inputs are the configuration and interfaces; derive() says what follows for one of them. Where
 * it is on, one timer runs to the next Advertisement, whatever that is sent for. To look for other
 * routers (3.5, 4.3, 5.4) is for switches.
 */
#include <stdlib.h>

#include "engine.h"
#include "message.h"
#include "mrd.h"

/* RFC 4286 6 */
#define MAX_RESPONSE_DELAY SEC(2)

/* What the configuration says of is looked at by settle(); the rest stands in `phyint` lines. */
struct mrd_conf {
	struct ifset named;
};

#define FIELD(member) offsetof(struct mrd_settings, member)

/* RFC 4286 3.1; AdvertisementJitter follows from the interval. */
static const struct keyword mrd_keywords[] = {
	{ "mrdisc", "", "announce this router there (RFC 4286)", keyword_flag, FIELD(on), 0, 0 },
	{ "mrdisc-interval", "SEC", "seconds between Multicast Router Advertisements",
	  keyword_seconds, FIELD(interval), MRD_MIN_INTERVAL, MRD_MAX_INTERVAL },
	{ "mrdisc-initial", "NUM", "how many Advertisements are sent early at the start",
	  keyword_u8, FIELD(initial), 1, 255 },
	{ "mrdisc-initial-interval", "SEC", "most seconds before each of these", keyword_seconds,
	  FIELD(initial_interval), 1, MRD_MAX_INTERVAL },
	{ "mrdisc-rate", "NUM", "most messages a second", keyword_u8, FIELD(rate), 6, 255 },
	{ 0 },
};

/*
 * RFC 4286 3.1.6: the least time between two Advertisements. No Termination is sent but after an
 * Advertisement, so in any second there is at most one more of them, and of the other family as
 * many of both.
 */
static int64_t spacing(const struct port *p)
{
	return SEC(1) / ((p->settings.rate - NFAMILIES) / (2 * NFAMILIES));
}

static struct mrd_settings defaults(const struct mrd *m)
{
	int64_t configured = m->engine.host->mrd_interval;

	return (struct mrd_settings){
		.interval = configured ? configured : SEC(MRD_INTERVAL),
		.initial_interval = SEC(2),
		.initial = 3,
		.rate = 10,
	};
}

const char *port_state_name(enum port_state state)
{
	static const char *const name[] = {
		[PORT_OFF] = "off",	      [PORT_ABSENT] = "absent",
		[PORT_DISABLED] = "disabled", [PORT_UNSUITABLE] = "unsuitable",
		[PORT_DOWN] = "down",	      [PORT_NO_ADDRESS] = "no address",
		[PORT_INITIAL] = "initial",   [PORT_PERIODIC] = "periodic",
	};

	return name[state];
}

static const char *port_name(const struct port *p)
{
	struct host *host = p->mrd->engine.host;

	return host->op->ifname(host, p->slot);
}

/* RFC 4286 3.2, 3.3, 5.1, 5.2 */
static bool port_send(struct port *p, enum mrd_type type)
{
	struct engine *e = &p->mrd->engine;
	struct querying querying = e->host->op->querying(e, p->slot);
	struct mrd_message message = {
		.type = type,
		.interval = p->settings.interval / SEC(1),
		.query_interval = querying.interval / SEC(1),
		.robustness = querying.robustness,
	};
	uint8_t data[MRD_SIZE];
	struct packet packet = {
		.proto = e->af == V4 ? PROTO_IGMP : PROTO_ICMPV6,
		.slot = p->slot,
		.ttl = 1,
		.tos = 0xc0,
		.router_alert = true,
		.src = p->src,
		.dst = mrd_all_snoopers(e->af),
		.data = data,
	};

	packet.len = mrd_encode(e->af, packet.src, packet.dst, &message, data, sizeof(data));
	if (e->host->op->send(e, &packet, NULL) == SENT)
		return true;
	p->failed++;
	return false;
}

/* The next Advertisement is sent in less than @within, at random, but not too soon. */
static void send_within(struct port *p, int64_t within)
{
	struct host *host = p->mrd->engine.host;
	int64_t delay = rng_below(host->rng, within);
	int64_t quiet = p->mrd->quiet[p->slot] - host->clock->now;

	timer_start(host->clock, &p->timer, delay > quiet ? delay : quiet);
}

/* RFC 4286 3.1.2, 3.4: the interval, and a fortieth of it more or less. */
static void send_next(struct port *p)
{
	struct host *host = p->mrd->engine.host;
	int64_t interval = p->settings.interval, jitter = interval / 40;

	timer_start(host->clock, &p->timer,
		    rng_jitter(host->rng, interval - jitter, interval + jitter));
}

/* RFC 4286 5.3: it was said that a router is here, and that ends. */
static void terminate(struct port *p)
{
	if (p->announced && port_send(p, MRD_TERMINATION))
		p->terminations++;
	p->announced = false;
}

/* The only place that writes p->state. */
static void port_to(struct port *p, enum port_state next)
{
	struct engine *e = &p->mrd->engine;
	bool ran = port_runs(p);

	if (next == p->state)
		return;
	log_debug(e->log, "%s: %s %s -> %s", port_name(p), af_name(e->af),
		  port_state_name(p->state), port_state_name(next));
	p->state = next;
	e->host->op->event(e->host, "mrd", "interface", port_name(p), "family", af_name(e->af),
			   "state", port_state_name(next), NULL);
	if (port_runs(p) == ran)
		return;
	e->host->op->listen(e, p->slot, LISTEN_MRD, !ran);
	if (ran)
		timer_stop(e->host->clock, &p->timer);
}

/* RFC 4286 3.4: an Advertisement is due. */
static void advertise(struct timer *t)
{
	struct port *p = container_of(t, struct port, timer);

	p->mrd->quiet[p->slot] = p->mrd->engine.host->clock->now + spacing(p);
	if (port_send(p, MRD_ADVERTISEMENT)) {
		p->advertisements++;
		p->announced = true;
	}
	if (p->initial > 1) {
		p->initial--;
		send_within(p, p->settings.initial_interval);
	} else {
		p->initial = 0;
		port_to(p, PORT_PERIODIC);
		send_next(p);
	}
}

/* RFC 4286 3.4: the interface is enabled or initialized anew. */
static void port_begin(struct port *p)
{
	p->initial = p->settings.initial;
	port_to(p, PORT_INITIAL);
	send_within(p, p->settings.initial_interval);
}

/* What follows from the interface; PORT_PERIODIC: it can be announced there, from *src. */
static enum port_state judge(enum af af, const struct iface *iface, struct ip *src)
{
	if (!iface->present)
		return PORT_ABSENT;
	if (!iface->enabled)
		return PORT_DISABLED;
	if (!iface->multicast || iface->loopback)
		return PORT_UNSUITABLE;
	if (!iface->up)
		return PORT_DOWN;
	return iface_source(af, iface, src) ? PORT_PERIODIC : PORT_NO_ADDRESS;
}

static struct port *port_get(struct mrd *m, unsigned slot)
{
	struct port *p = m->port[slot];

	if (p)
		return p;
	p = m->port[slot] = xcalloc(1, sizeof(*p));
	p->mrd = m;
	p->slot = slot;
	p->src = ip_any(m->engine.af);
	timer_init(&p->timer, advertise);
	return p;
}

static void port_free(struct port *p)
{
	timer_stop(p->mrd->engine.host->clock, &p->timer);
	p->mrd->port[p->slot] = NULL;
	free(p);
}

/* What others were told is taken back, if they can be reached. */
static void port_retire(struct port *p)
{
	struct engine *e = &p->mrd->engine;
	struct iface iface = e->host->op->iface(e, p->slot);

	if (iface.up && iface_owns(&iface, p->src))
		terminate(p);
}

/* What follows for the slot from the configuration and its interface. */
static void derive(struct mrd *m, unsigned slot, bool named)
{
	struct engine *e = &m->engine;
	struct mrd_settings settings = defaults(m);
	struct port *p = m->port[slot];
	enum port_state next = PORT_OFF;
	struct ip src = ip_any(e->af);
	struct iface iface = { 0 };
	bool anew;

	if (named)
		e->host->op->phyint(e->host, slot, mrd_keywords, &settings);
	if (settings.on) {
		p = port_get(m, slot);
		iface = e->host->op->iface(e, slot);
		next = judge(e->af, &iface, &src);
	}
	if (!p)
		return;
	anew = !port_runs(p) || !ip_eq(src, p->src) || p->epoch != iface.epoch ||
	       p->settings.interval != settings.interval;
	p->settings = settings;
	p->epoch = iface.epoch;
	if (next != PORT_PERIODIC) {
		port_retire(p);
		port_to(p, next);
	} else if (anew) {
		p->src = src;
		port_begin(p);
	}
	if (next == PORT_OFF)
		port_free(p);
}

static bool mrd_settle(struct engine *e, unsigned budget)
{
	struct mrd *m = mrd_of(e);
	struct ifset changed = m->changed, named;

	if (!budget || ifset_empty(changed))
		return !ifset_empty(changed);
	m->changed = ifset_none();
	named = e->host->op->expand(e->host, m->named);
	ifset_foreach(slot, changed)
		derive(m, slot, ifset_has(named, slot));
	return false;
}

static void mrd_iface(struct engine *e, unsigned slot, const struct iface *iface)
{
	struct mrd *m = mrd_of(e);

	(void)iface;
	m->changed = ifset_with(m->changed, slot);
}

/*
 * RFC 4286 7: from where it came is on the link. What the other end of a point-to-point link has
 * for an address need not be known.
 */
static bool is_local(const struct iface *iface, struct ip src)
{
	if (ip_family(src) == V6)
		return ip_is_link_local(src);
	if (ip_is_any(src) || ip_is_multicast(src))
		return false;
	if (iface->ptp)
		return true;
	for (unsigned i = 0; i < iface->naddresses; i++) {
		if (prefix_has(&iface->address[i], src))
			return true;
	}
	return false;
}

/* RFC 4286 2, 4.4, 7: what is wrong with the Solicitation; NDROPS: nothing. */
static enum port_drop find_fault(const struct engine *e, const struct packet *packet,
				 const struct iface *iface)
{
	if (!mrd_is_sound(packet))
		return DROP_CHECKSUM;
	if (!ip_eq(packet->dst, mrd_all_routers(e->af)))
		return DROP_DESTINATION;
	if (packet->ttl != 1)
		return DROP_TTL;
	if (!packet->router_alert)
		return DROP_ALERT;
	return is_local(iface, packet->src) ? NDROPS : DROP_SOURCE;
}

static void drop(struct port *p, enum port_drop why, const struct packet *packet)
{
	struct engine *e = &p->mrd->engine;
	static const char *const reason[] = {
		[DROP_LENGTH] = "too short",	       [DROP_CHECKSUM] = "wrong checksum",
		[DROP_DESTINATION] = "not to routers", [DROP_TTL] = "TTL is not 1",
		[DROP_ALERT] = "no router alert",      [DROP_SOURCE] = "from another link",
	};

	p->dropped[why]++;
	log_limited(e->log, &p->mrd->limit, e->host->clock, LEVEL_DEBUG,
		    "%s: Solicitation of %s dropped: %s", port_name(p), ip_str(packet->src),
		    reason[why]);
}

/* RFC 4286 4.4, 3.4: while an Advertisement is to come soon enough, that is the answer. */
static void mrd_packet(struct engine *e, const struct packet *packet)
{
	struct mrd *m = mrd_of(e);
	struct port *p = m->port[packet->slot];
	struct iface iface = e->host->op->iface(e, packet->slot);
	struct mrd_message message;
	enum port_drop why;

	if (!p || !port_runs(p))
		return;
	if (!mrd_decode(e->af, packet->data, packet->len, &message)) {
		drop(p, DROP_LENGTH, packet);
		return;
	}
	if (message.type != MRD_SOLICITATION)
		return;
	why = find_fault(e, packet, &iface);
	if (why != NDROPS) {
		drop(p, why, packet);
		return;
	}
	p->solicitations++;
	if (timer_left(e->host->clock, &p->timer) >= MAX_RESPONSE_DELAY)
		send_within(p, MAX_RESPONSE_DELAY);
}

static void *mrd_conf_new(void)
{
	return xcalloc(1, sizeof(struct mrd_conf));
}

static void mrd_phyint_named(void *arg, unsigned slot, const void *fields)
{
	struct mrd_conf *conf = arg;

	(void)fields;
	conf->named = ifset_with(conf->named, slot);
}

/* Nothing is ever done by command. */
static void mrd_configure(struct engine *e, void *arg, bool keep)
{
	struct mrd *m = mrd_of(e);
	const struct mrd_conf *conf = arg;

	(void)keep;
	m->named = conf->named;
	m->changed = (struct ifset){ UINT64_MAX };
}

static struct ifset mrd_slots(struct engine *e)
{
	return mrd_of(e)->named;
}

static struct engine *mrd_create(void)
{
	struct mrd *m = xcalloc(1, sizeof(*m));

	return &m->engine;
}

/* RFC 4286 5.3: the router is gracefully shut down. */
static void mrd_stop(struct engine *e)
{
	struct mrd *m = mrd_of(e);

	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (m->port[i])
			port_retire(m->port[i]);
	}
}

static void mrd_destroy(struct engine *e)
{
	struct mrd *m = mrd_of(e);

	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (m->port[i])
			port_free(m->port[i]);
	}
	free(m);
}

static const struct event_kind mrd_events[] = {
	{ "mrd", "mrd", "this router is announced on an interface, or why not" },
	{ 0 },
};

static const struct command mrd_commands[] = {
	{ "show mrd", "", "where this router is announced to switches", false, NULL, mrd_show },
	{ 0 },
};

const struct module mrd_module = {
	.name = "mrd",
	.commands = mrd_commands,
	.events = mrd_events,
	.phyint = mrd_keywords,
	.phyint_named = mrd_phyint_named,
	.conf_new = mrd_conf_new,
	.conf_free = free,
	.create = mrd_create,
	.stop = mrd_stop,
	.destroy = mrd_destroy,
	.configure = mrd_configure,
	.iface = mrd_iface,
	.packet = mrd_packet,
	.settle = mrd_settle,
	.slots = mrd_slots,
};
