/* iface.c - interfaces: whether PIM is at work there, our Hellos, who is DR
 *
 * RFC 7761 4.3.1 to 4.3.3. iface_settle() compares what the configuration and the interface say
 * now with what followed from them before. A passive interface runs without a word: it has
 * listeners, streams and a DR, which is this router.
 */
#include <stdlib.h>

#include "pim.h"

/* The most of a packet that a Hello fills, whatever the MTU. */
#define MAX_HELLO 1500

/* As many secondary addresses as can be in there. */
#define MAX_SECONDARY (MAX_HELLO / 6)

/* In ms: the first Hello comes within that; those of who answers a new neighbor, one in so many. */
#define FIRST_HELLO SEC(1)
#define HELLO_GAP 100

const char *pim_state_name(enum pim_state state)
{
	static const char *const name[] = {
		[PIM_OFF] = "off",	     [PIM_ABSENT] = "absent",
		[PIM_DISABLED] = "disabled", [PIM_UNSUITABLE] = "unsuitable",
		[PIM_DOWN] = "down",	     [PIM_NO_ADDRESS] = "no address",
		[PIM_RUNS] = "up",
	};

	return name[state];
}

static const char *iface_name(const struct pim_iface *i)
{
	return pim_ifname(i->pim, i->slot);
}

static bool send(struct pim_iface *i, struct ip to, enum msg_type type, const void *data,
		 size_t len)
{
	struct engine *e = &i->pim->engine;
	struct packet packet = {
		.proto = PROTO_PIM,
		.slot = i->slot,
		.ttl = 1,
		.tos = 0xc0,
		.src = i->address,
		.dst = to,
		.data = data,
		.len = len,
	};
	bool is_sent = e->host->op->send(e, &packet, NULL) == SENT;

	if (is_sent)
		PIM_COUNT(i, sent[type]);
	else
		PIM_COUNT(i, send_failed);
	return is_sent;
}

bool iface_send_to(struct pim_iface *i, struct ip to, enum msg_type type, const void *data,
		   size_t len)
{
	return !i->speaks || send(i, to, type, data, len);
}

bool iface_send(struct pim_iface *i, enum msg_type type, const void *data, size_t len)
{
	return iface_send_to(i, msg_all_routers(i->pim->engine.af), type, data, len);
}

/* Addresses but that from which we speak; how many, of at most MAX_SECONDARY. */
static unsigned list_secondary(const struct pim_iface *i, struct ip *list)
{
	unsigned n = 0;

	for (unsigned k = 0; k < i->naddresses && n < MAX_SECONDARY; k++) {
		if (!ip_eq(i->addresses[k].ip, i->address))
			list[n++] = i->addresses[k].ip;
	}
	return n;
}

/* RFC 7761 4.9.2 */
static bool say(struct pim_iface *i, int64_t holdtime)
{
	enum af af = i->pim->engine.af;
	struct msg_ends ends = { i->address, msg_all_routers(af) };
	struct ip secondary[MAX_SECONDARY];
	struct msg_hello hello = {
		.holdtime = holdtime,
		.has_lan_delay = true,
		.no_suppression = i->fields.can_track,
		.propagation_delay = i->fields.propagation_delay,
		.override_interval = i->fields.override_interval,
		.has_dr_priority = true,
		.dr_priority = i->fields.dr_priority,
		.has_genid = true,
		.genid = i->genid,
		.secondary = secondary,
		.nsecondary = list_secondary(i, secondary),
	};
	size_t room = msg_room(af, i->mtu);
	uint8_t data[MAX_HELLO];
	size_t len;

	len = msg_hello_encode(&ends, &hello, data, room < sizeof(data) ? room : sizeof(data));
	return send(i, ends.dst, MSG_HELLO, data, len);
}

/* Who waited for a triggered Hello has heard it now. */
static void say_hello(struct pim_iface *i)
{
	const struct pim_fields *f = &i->fields;

	timer_stop(pim_clock(i->pim), &i->triggered);
	if (say(i, f->hello_holdtime ? f->hello_holdtime : f->hello_interval * 7 / 2))
		i->has_spoken = true;
}

static void fire_hello(struct timer *t)
{
	struct pim_iface *i = container_of(t, struct pim_iface, hello);

	timer_start(pim_clock(i->pim), &i->hello, i->fields.hello_interval);
	say_hello(i);
}

static void fire_triggered(struct timer *t)
{
	say_hello(container_of(t, struct pim_iface, triggered));
}

/*
 * RFC 7761 4.3.1: random, up to Triggered_Hello_Delay, so that not all routers of the link speak at
 * once. How many there are is known of those who are there: it takes no longer than they need.
 */
static int64_t delay(const struct pim_iface *i, int64_t enough)
{
	int64_t most = i->fields.triggered_hello_delay;

	return rng_jitter(i->pim->engine.host->rng, 0, enough < most ? enough : most);
}

void iface_hello_soon(struct pim_iface *i)
{
	if (!timer_is_running(&i->triggered))
		timer_start(pim_clock(i->pim), &i->triggered, delay(i, i->nneighbors * HELLO_GAP));
}

void iface_hello_first(struct pim_iface *i)
{
	if (i->speaks && (!i->has_spoken || timer_is_running(&i->triggered)))
		say_hello(i);
}

/* RFC 7761 4.3.1: neighbors forget the address. */
static void say_goodbye(struct pim_iface *i)
{
	if (i->speaks && i->has_spoken)
		say(i, 0);
	i->has_spoken = false;
}

int64_t iface_jp_override_interval(const struct pim_iface *i)
{
	return i->propagation_delay + i->override_interval;
}

int64_t iface_t_suppressed(struct pim_iface *i)
{
	int64_t period = up_period(i);

	if (!i->has_suppression)
		return 0;
	return rng_jitter(i->pim->engine.host->rng, period * 11 / 10, period * 14 / 10);
}

int64_t iface_t_override(struct pim_iface *i)
{
	return rng_jitter(i->pim->engine.host->rng, 0, i->override_interval);
}

/* RFC 7761 4.3.2: DR(I), were it not for one neighbor; ip_any(): for none. */
static struct ip elect(const struct pim_iface *i, struct ip but)
{
	uint32_t priority = i->fields.dr_priority;
	struct ip dr = i->address;
	bool by_priority = true;
	const struct neighbor *n;

	TAILQ_FOREACH(n, &i->neighbors, link)
		by_priority &= n->said.has_dr_priority || ip_eq(n->address, but);
	TAILQ_FOREACH(n, &i->neighbors, link) {
		if (ip_eq(n->address, but))
			continue;
		if (by_priority && n->said.dr_priority != priority ? n->said.dr_priority > priority
								   : ip_cmp(n->address, dr) > 0) {
			dr = n->address;
			priority = n->said.dr_priority;
		}
	}
	return dr;
}

bool iface_is_dr_but(const struct pim_iface *i, struct ip address)
{
	return ip_eq(elect(i, address), i->address);
}

/* RFC 7761 4.3.3: of no use unless all neighbors say it; who does not, has suppression. */
static void agree(struct pim_iface *i)
{
	const struct neighbor *n;

	i->has_lan_delay = true;
	i->has_suppression = !i->fields.can_track;
	i->propagation_delay = i->fields.propagation_delay;
	i->override_interval = i->fields.override_interval;
	TAILQ_FOREACH(n, &i->neighbors, link) {
		const struct msg_hello *said = &n->said;

		i->has_lan_delay &= said->has_lan_delay;
		i->has_suppression |= !said->no_suppression;
		if (said->propagation_delay > i->propagation_delay)
			i->propagation_delay = said->propagation_delay;
		if (said->override_interval > i->override_interval)
			i->override_interval = said->override_interval;
	}
	if (i->has_lan_delay)
		return;
	i->propagation_delay = PIM_PROPAGATION_DELAY;
	i->override_interval = PIM_OVERRIDE_INTERVAL;
}

/* The only place that writes i->dr. */
static void dr_to(struct pim_iface *i, struct ip dr)
{
	struct engine *e = &i->pim->engine;
	struct ip was = i->dr;

	if (ip_eq(dr, was))
		return;
	i->dr = dr;
	if (ip_is_any(was) || ip_is_any(dr))
		log_debug(i->pim->log[AREA_NEIGHBOR], "%s: %s DR is %s", iface_name(i),
			  af_name(e->af), ip_str(dr));
	else
		log_limited(i->pim->log[AREA_NEIGHBOR], &i->elections, e->host->clock, LEVEL_NOTICE,
			    "%s: %s DR is %s, was %s", iface_name(i), af_name(e->af), ip_str(dr),
			    ip_str(was));
	e->host->op->event(e->host, "dr", "interface", iface_name(i), "family", af_name(e->af),
			   "address", ip_is_any(dr) ? NULL : ip_str(dr), "state",
			   ip_eq(dr, i->address) ? "dr" : "non-dr", NULL);
}

void iface_neighbors_changed(struct pim_iface *i)
{
	bool was_dr = i->is_dr;

	agree(i);
	dr_to(i, elect(i, ip_any(i->pim->engine.af)));
	i->is_dr = ip_eq(i->dr, i->address);
	if (i->is_dr != was_dr)
		entries_dr_changed(i);
	i->pim->engine.host->op->wake(&i->pim->engine);
}

static enum pim_state judge(enum af af, const struct pim_fields *fields, const struct iface *iface,
			    struct ip *src)
{
	if (!fields->pim[af])
		return PIM_OFF;
	if (!iface->present)
		return PIM_ABSENT;
	if (!iface->enabled)
		return PIM_DISABLED;
	if (!iface->multicast || iface->loopback)
		return PIM_UNSUITABLE;
	if (!iface->up)
		return PIM_DOWN;
	return iface_source(af, iface, src) ? PIM_RUNS : PIM_NO_ADDRESS;
}

static void fire_learning(struct timer *t)
{
	entries_dr_changed(container_of(t, struct pim_iface, learning));
}

static struct pim_iface *iface_new(struct pim *pim, unsigned slot)
{
	struct pim_iface *i = xcalloc(1, sizeof(*i));

	i->pim = pim;
	i->slot = slot;
	i->address = i->dr = ip_any(pim->engine.af);
	TAILQ_INIT(&i->neighbors);
	timer_init(&i->hello, fire_hello);
	timer_init(&i->triggered, fire_triggered);
	timer_init(&i->learning, fire_learning);

	pim->iface[slot] = i;
	return i;
}

static void stop_timers(struct pim_iface *i)
{
	timer_stop(pim_clock(i->pim), &i->hello);
	timer_stop(pim_clock(i->pim), &i->triggered);
	timer_stop(pim_clock(i->pim), &i->learning);
}

void iface_free(struct pim_iface *i)
{
	stop_timers(i);
	neighbors_free(i);
	i->pim->running = ifset_without(i->pim->running, i->slot);
	i->pim->iface[i->slot] = NULL;
	free(i->addresses);
	free(i);
}

void iface_stop(struct pim_iface *i)
{
	say_goodbye(i);
	stop_timers(i);
	i->speaks = false;
}

static void listen(struct pim_iface *i, bool *is, enum listen_what what, bool on)
{
	struct engine *e = &i->pim->engine;

	if (*is == on)
		return;
	*is = on;
	e->host->op->listen(e, i->slot, what, on);
}

/* Who begins to is told all; listeners are forgotten if nobody does at the end of a turn. */
static void follow_members(struct pim_iface *i, bool on)
{
	struct engine *e = &i->pim->engine;

	if (i->follows == on)
		return;
	i->follows = on;
	e->host->op->members(e, i->slot, on);
}

/* It costs nothing where nothing is said of it. */
static void listen_auto(struct pim_iface *i)
{
	bool on = i->pim->conf->auto_rp && i->pim->engine.af == V4;

	listen(i, &i->listens_auto, LISTEN_AUTO_RP,
	       on && i->state >= PIM_DOWN && !i->fields.passive);
}

/* The only place that writes i->state. */
static void iface_to(struct pim_iface *i, enum pim_state next)
{
	struct pim *pim = i->pim;
	const struct engine *e = &pim->engine;

	if (i->state != next)
		log_debug(e->log, "%s: %s %s -> %s", iface_name(i), af_name(e->af),
			  pim_state_name(i->state), pim_state_name(next));
	i->state = next;
	pim->running = next == PIM_RUNS ? ifset_with(pim->running, i->slot)
					: ifset_without(pim->running, i->slot);
	/* one that never had an address takes none of the kernel's vifs */
	listen(i, &i->watches, LISTEN_DATA, next == PIM_RUNS || (next >= PIM_DOWN && i->watches));
	listen(i, &i->listens, LISTEN_PIM, next >= PIM_DOWN && !i->fields.passive);
	listen_auto(i);
}

/* Others are told, if they can be reached. */
static void end(struct pim_iface *i, bool is_reachable)
{
	struct pim *pim = i->pim;

	if (is_reachable)
		say_goodbye(i);
	stop_timers(i);
	i->speaks = false;
	neighbors_lost(i);
	iface_to(i, PIM_DOWN);
	i->is_dr = false;
	dr_to(i, ip_any(pim->engine.af));
	entries_iface_gone(pim, i->slot);
	early_iface_gone(i);
	targets_review(pim, i->slot);
}

/*
 * Where streams flow by what a former process knew, neighbors are to say it again as soon as they
 * can.
 */
static int64_t first_delay(const struct pim_iface *i)
{
	return delay(i, i->pim->engine.host->resumes ? 0 : FIRST_HELLO);
}

/*
 * What a former process forwarded goes on while nobody here wants it and gives it up again. So who
 * is DR is left open until neighbors had time to answer.
 */
static void learn(struct pim_iface *i)
{
	if (i->speaks && i->pim->engine.host->resumes)
		timer_start(pim_clock(i->pim), &i->learning, i->fields.triggered_hello_delay);
}

/* RFC 7761 4.3.1: PIM starts on the interface. */
static void begin(struct pim_iface *i)
{
	struct pim *pim = i->pim;

	iface_to(i, PIM_RUNS);
	i->genid = rng_u64(pim->engine.host->rng);
	i->has_spoken = false;
	i->speaks = !i->fields.passive;
	if (i->speaks)
		timer_start(pim_clock(pim), &i->hello, first_delay(i));
	if (i->speaks && pim->began < 0)
		pim->began = pim_clock(pim)->now;
	learn(i);
	follow_members(i, false);
	follow_members(i, true);
	targets_review(pim, i->slot);
	iface_neighbors_changed(i);
}

/* Whether they are others than those we have; and whether others of them are in Hellos. */
static bool takes_addresses(struct pim_iface *i, const struct iface *iface, bool *other_said)
{
	bool other = i->naddresses != iface->naddresses;

	*other_said = other;
	for (unsigned k = 0; k < iface->naddresses && !*other_said; k++) {
		*other_said = !ip_eq(i->addresses[k].ip, iface->address[k].ip);
		other |= *other_said || i->addresses[k].len != iface->address[k].len;
	}
	if (!other)
		return false;
	i->naddresses = iface->naddresses;
	i->addresses = xrealloc(i->addresses, (i->naddresses + 1) * sizeof(*i->addresses));
	for (unsigned k = 0; k < i->naddresses; k++)
		i->addresses[k] = iface->address[k];
	return true;
}

static bool says_other(const struct pim_fields *a, const struct pim_fields *b)
{
	return a->dr_priority != b->dr_priority || a->hello_interval != b->hello_interval ||
	       a->hello_holdtime != b->hello_holdtime || a->can_track != b->can_track ||
	       a->propagation_delay != b->propagation_delay ||
	       a->override_interval != b->override_interval;
}

/*
 * It runs on. Another address is another router to our neighbors, who are the same to us: what
 * they joined stays until they join anew. What a Hello says is said at once if it is other than
 * before, and was said before.
 */
static void go_on(struct pim_iface *i, const struct pim_fields *fields, const struct iface *iface,
		  struct ip address)
{
	bool spoke = i->has_spoken, other = says_other(&i->fields, fields), other_said;

	if (!ip_eq(i->address, address))
		say_goodbye(i);
	if (fields->hello_interval != i->fields.hello_interval && spoke)
		timer_start(pim_clock(i->pim), &i->hello, fields->hello_interval);
	i->fields = *fields;
	i->address = address;
	if (takes_addresses(i, iface, &other_said)) {
		targets_review(i->pim, i->slot);
		entries_mark_all(i->pim);
		forward_recall(i->pim);
		other |= other_said;
	}
	if (other && spoke)
		say_hello(i);
	neighbors_review(i);
	iface_neighbors_changed(i);
}

void iface_settle(struct pim *pim, unsigned slot)
{
	struct engine *e = &pim->engine;
	const struct host_ops *op = e->host->op;
	struct pim_fields fields = pim_fields_default(pim->conf);
	struct pim_iface *i = pim->iface[slot];
	struct iface iface = op->iface(e, slot);
	enum pim_state next;
	struct ip address = ip_any(e->af);
	bool is_same, ignored;

	if (ifset_meet(pim->conf->named, op->named_by(e->host, slot)))
		op->phyint(e->host, slot, pim_keywords, &fields);
	if (!i && !fields.pim[e->af])
		return;
	if (!i)
		i = iface_new(pim, slot);
	next = judge(e->af, &fields, &iface, &address);
	is_same = i->epoch == iface.epoch;
	i->epoch = iface.epoch;
	i->mtu = iface.mtu;
	i->ptp = iface.ptp;
	if (i->state == PIM_RUNS &&
	    (next != PIM_RUNS || !is_same || fields.passive != i->fields.passive))
		end(i, iface.up && is_same);
	if (next != PIM_RUNS)
		follow_members(i, false);
	if (entries_leave_iface(pim, slot) || targets_are_reviewed(pim, slot)) {
		pim->changed = ifset_with(pim->changed, slot);
		return;
	}
	if (i->state == PIM_RUNS) {
		listen_auto(i);
		go_on(i, &fields, &iface, address);
		return;
	}
	i->fields = fields;
	i->address = next == PIM_RUNS ? address : ip_any(e->af);
	takes_addresses(i, &iface, &ignored);
	if (next == PIM_RUNS)
		begin(i);
	else
		iface_to(i, next);
	if (next == PIM_OFF)
		iface_free(i);
}
