/* bsr.c - who is bootstrap router: the machines of zones (RFC 5059 3.1)
 *
 * A zone is there because the configuration knows it, as a candidate or as a border of it, or since
 * a message was of it; that of all groups is always there.
 */
#include <stdio.h>

#include "bsr.h"

/* Changes of a set that come together are said together. */
#define GATHER 500

/* The priority of last words. */
#define LOWEST 0

enum bsr_event { BSR_RX_PREFERRED, BSR_RX_OTHER, BSR_RX_LOWERED, BSR_BST_EXPIRED, BSR_SZT_EXPIRED };

/* A message on its way. */
struct heard {
	const struct msg_bootstrap *m;
	const struct pim_iface *in;
	bool passes; /* it is for others too */
};

const char *bsr_state_name(enum bsr_state state)
{
	static const char *const name[] = {
		[BSR_ACCEPT_ANY] = "AcceptAny", [BSR_ACCEPT_PREFERRED] = "AcceptPreferred",
		[BSR_CANDIDATE] = "Candidate",	[BSR_PENDING] = "Pending",
		[BSR_ELECTED] = "Elected",
	};

	return name[state];
}

static struct clock *clock_of(const struct zone *z)
{
	return pim_clock(z->pim);
}

static const struct pim_family *conf_of(const struct pim *pim)
{
	return &pim->conf->af[pim->engine.af];
}

/* Who it is */

static int weight_cmp(const struct bsr_weight *a, const struct bsr_weight *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return ip_cmp(a->ip, b->ip);
}

static void tell(const struct zone *z, const struct bsr_weight *who, const char *state)
{
	struct pim *pim = z->pim;
	struct host *host = pim->engine.host;
	char priority[4];

	snprintf(priority, sizeof(priority), "%u", who->priority);
	log_limited(pim->log[AREA_BSR], &pim->elections, host->clock, LEVEL_NOTICE,
		    "zone %s: bootstrap router %s, priority %s, is %s", prefix_str(&z->scope),
		    ip_str(who->ip), priority, state);
	host->op->event(host, "bsr", "family", af_name(pim->engine.af), "zone",
			prefix_str(&z->scope), "address", ip_str(who->ip), "priority", priority,
			"state", state, NULL);
}

/* The only place that writes z->current. */
static void current_to(struct zone *z, struct bsr_weight next)
{
	struct bsr_weight was = z->current;
	struct target *target = z->target;

	z->current = next;
	if (ip_eq(was.ip, next.ip))
		return;
	z->since = clock_of(z)->now;
	z->target = ip_is_any(next.ip) || z->state == BSR_ELECTED ? NULL
								  : target_hold(z->pim, next.ip);
	if (target)
		target_drop(target);
	if (ip_is_any(next.ip))
		tell(z, &was, "lost");
	else
		tell(z, &next, "elected");
	candidate_bsr_changed(z);
}

static struct bsr_weight nobody(const struct zone *z)
{
	return (struct bsr_weight){ .ip = ip_any(z->pim->engine.af) };
}

static struct bsr_weight weight_of(const struct msg_bootstrap *m)
{
	return (struct bsr_weight){ m->priority, m->bsr };
}

/* BS_Timeout, as far as a router knows the period of another one. */
static int64_t timeout_of(const struct zone *z)
{
	return BSR_TIMEOUT(z->is_candidate ? z->conf.period : PIM_BSR_PERIOD);
}

/* The way of messages */

/* Forward BSM */
static void forward(const struct zone *z, const struct heard *h)
{
	if (h->passes)
		bsr_say(z, h->m, h->in);
}

/* Originate BSM. Nothing of a message at work is needed any more. */
static void originate(struct zone *z, uint8_t priority)
{
	struct msg_bootstrap m = {
		.hash_len = z->conf.hash_len,
		.priority = priority,
		.bsr = z->own.ip,
	};

	z->tag += 1 + rng_below(z->pim->engine.host->rng, UINT16_MAX);
	m.tag = z->tag;
	z->heard = clock_of(z)->now;
	offer_sets(z, &m);
	bsr_say(z, &m, NULL);
	store_take(z, &m);
}

/* BS_Min_Interval after the last message. */
static void originate_soon(struct zone *z, int64_t wait)
{
	struct clock *clock = clock_of(z);
	int64_t least = z->heard + BSR_MIN_INTERVAL - clock->now;

	if (wait < least)
		wait = least;
	if (timer_left(clock, &z->bst) > wait)
		timer_start(clock, &z->bst, wait);
}

void bsr_offers_changed(struct zone *z)
{
	if (z->state == BSR_ELECTED)
		originate_soon(z, GATHER);
}

/* The machines */

/* The only place that writes z->state. */
static void to(struct zone *z, enum bsr_state next, const char *why)
{
	enum bsr_state was = z->state;

	if (next != BSR_ACCEPT_ANY)
		timer_stop(clock_of(z), &z->szt);
	if (next == was)
		return;
	log_debug(z->pim->log[AREA_BSR], "zone %s: bootstrap %s -> %s on %s", prefix_str(&z->scope),
		  bsr_state_name(was), bsr_state_name(next), why);
	z->state = next;
	if (was == BSR_ELECTED)
		offer_free(z);
}

static void pend(struct zone *z, const char *why)
{
	timer_start(clock_of(z), &z->bst, bsr_rand_override(&z->own, &z->current));
	to(z, BSR_PENDING, why);
}

static void adopt(struct zone *z, const struct heard *h)
{
	to(z, z->is_candidate ? BSR_CANDIDATE : BSR_ACCEPT_PREFERRED, "a preferred message");
	current_to(z, weight_of(h->m));
	timer_start(clock_of(z), &z->bst, timeout_of(z));
	z->heard = clock_of(z)->now;
	z->tag = h->m->tag;
	forward(z, h);
	store_take(z, h->m);
}

/* Refresh RP-Set; Remove BSR state */
static void forget_current(struct zone *z)
{
	store_refresh(z);
	current_to(z, nobody(z));
}

static void accept_any(struct zone *z, const char *why)
{
	timer_stop(clock_of(z), &z->bst);
	to(z, BSR_ACCEPT_ANY, why);
	forget_current(z);
	if (!z->is_configured)
		timer_start(clock_of(z), &z->szt, BSR_ZONE_TIMEOUT(timeout_of(z)));
}

static void win(struct zone *z)
{
	to(z, BSR_ELECTED, "bst-expired");
	timer_start(clock_of(z), &z->bst, z->conf.period);
	current_to(z, z->own);
	store_offer(z);
	originate(z, z->own.priority);
	timer_start(clock_of(z), &z->bst, z->conf.period);
}

/*
 * RFC 5059 3.1.1, 3.1.2:
 *
 *                  rx-preferred  rx-other            rx-lowered    bst-expired     szt-expired
 * AcceptAny        AP, adopt     -                   -             -               zone goes
 * AcceptPreferred  AP, adopt     -                   -             AA, refresh     -
 * Candidate        C, adopt      -                   P, forward    P               -
 * Pending          C, adopt      P, forward          -             E, originate    -
 * Elected          C, adopt      E, originate        -             E, originate    -
 *
 * Adopt: forward, store, BST = BS_Timeout. In P, BST = BS_Rand_Override; in E it is BS_Period.
 */
static void machine(struct zone *z, enum bsr_event event, const struct heard *h)
{
	switch (AT(z->state, event)) {
	case AT(BSR_ACCEPT_ANY, BSR_RX_PREFERRED):
	case AT(BSR_ACCEPT_PREFERRED, BSR_RX_PREFERRED):
	case AT(BSR_CANDIDATE, BSR_RX_PREFERRED):
	case AT(BSR_PENDING, BSR_RX_PREFERRED):
	case AT(BSR_ELECTED, BSR_RX_PREFERRED):
		adopt(z, h);
		break;
	case AT(BSR_CANDIDATE, BSR_RX_LOWERED):
		current_to(z, weight_of(h->m));
		pend(z, "the elected one's low priority");
		forward(z, h);
		break;
	case AT(BSR_PENDING, BSR_RX_OTHER):
		forward(z, h);
		break;
	case AT(BSR_ELECTED, BSR_RX_OTHER):
		originate_soon(z, 0);
		break;
	case AT(BSR_ACCEPT_PREFERRED, BSR_BST_EXPIRED):
		accept_any(z, "bst-expired");
		break;
	case AT(BSR_CANDIDATE, BSR_BST_EXPIRED):
		pend(z, "bst-expired");
		forget_current(z);
		break;
	case AT(BSR_PENDING, BSR_BST_EXPIRED):
		win(z);
		break;
	case AT(BSR_ELECTED, BSR_BST_EXPIRED):
		originate(z, z->own.priority);
		timer_start(clock_of(z), &z->bst, z->conf.period);
		break;
	case AT(BSR_ACCEPT_ANY, BSR_SZT_EXPIRED):
		zone_free(z);
		break;
	}
}

static void expire(struct zone *z, enum bsr_event event)
{
	struct engine *e = &z->pim->engine;

	machine(z, event, NULL);
	e->host->op->wake(e);
}

static void fire_bst(struct timer *t)
{
	expire(container_of(t, struct zone, bst), BSR_BST_EXPIRED);
}

static void fire_szt(struct timer *t)
{
	expire(container_of(t, struct zone, szt), BSR_SZT_EXPIRED);
}

/* RFC 5059 3.1.4 */
static enum bsr_event judge(const struct zone *z, const struct msg_bootstrap *m)
{
	struct bsr_weight said = weight_of(m);
	const struct bsr_weight *than = z->state == BSR_PENDING ? &z->own : &z->current;
	bool from_current = ip_eq(m->bsr, z->current.ip);

	if (z->state == BSR_ACCEPT_ANY || weight_cmp(&said, than) >= 0)
		return BSR_RX_PREFERRED;
	if (from_current && z->state == BSR_ACCEPT_PREFERRED)
		return BSR_RX_PREFERRED;
	if (from_current && z->state == BSR_CANDIDATE)
		return weight_cmp(&said, &z->own) < 0 ? BSR_RX_LOWERED : BSR_RX_PREFERRED;
	return BSR_RX_OTHER;
}

void bsr_heard(struct zone *z, const struct msg_bootstrap *m, const struct pim_iface *in,
	       bool passes)
{
	machine(z, judge(z, m), &(struct heard){ m, in, passes });
}

void bsr_begin(struct zone *z)
{
	timer_init(&z->bst, fire_bst);
	timer_init(&z->szt, fire_szt);
}

/* What is configured */

/* It is a candidate no more. */
static void leave(struct zone *z, const char *why)
{
	bool known = !ip_is_any(z->current.ip);

	if (z->state == BSR_ELECTED)
		originate(z, LOWEST);
	z->is_candidate = false;
	if (z->state == BSR_ELECTED || !known) {
		accept_any(z, why);
		return;
	}
	if (z->state == BSR_PENDING)
		timer_start(clock_of(z), &z->bst, timeout_of(z));
	to(z, BSR_ACCEPT_PREFERRED, why);
}

static void join(struct zone *z, const struct pim_bsr *conf, struct ip ip)
{
	z->is_candidate = true;
	z->conf = *conf;
	z->own = (struct bsr_weight){ conf->priority, ip };
	pend(z, "it is a candidate");
}

/* A candidate with another weight, or other words. */
static void change(struct zone *z, const struct pim_bsr *conf, struct ip ip)
{
	bool other_weight = conf->priority != z->own.priority || !ip_eq(ip, z->own.ip);
	bool other = other_weight || conf->hash_len != z->conf.hash_len ||
		     conf->period != z->conf.period;

	z->conf = *conf;
	z->own = (struct bsr_weight){ conf->priority, ip };
	if (z->state == BSR_ELECTED && other) {
		current_to(z, z->own);
		originate_soon(z, 0);
	} else if (other_weight &&
		   (z->state == BSR_PENDING || weight_cmp(&z->current, &z->own) < 0)) {
		pend(z, "another weight");
	}
}

static const struct pim_bsr *conf_for(const struct zone *z)
{
	const struct pim_family *f = conf_of(z->pim);

	for (unsigned k = 0; k < f->nbsrs; k++) {
		if (prefix_eq(&f->bsr[k].scope, &z->scope))
			return &f->bsr[k];
	}
	return NULL;
}

/* The target tells whether an address that is configured is ours. */
static void hold_home(struct zone *z, const struct pim_bsr *conf)
{
	struct target *was = z->home;

	z->home = conf && !ip_is_any(conf->ip) ? target_hold(z->pim, conf->ip) : NULL;
	if (was)
		target_drop(was);
}

/* Who is elected keeps an address that nobody named, even if a higher one comes. */
static struct ip address_for(const struct zone *z, const struct pim_bsr *conf)
{
	bool is_named = !ip_is_any(conf->ip) || conf->slot != NOSLOT;

	if (z->state == BSR_ELECTED && !is_named && pim_owns(z->pim, z->own.ip))
		return z->own.ip;
	return candidate_address(z->pim, conf->ip, conf->slot);
}

static void settle_candidate(struct zone *z)
{
	const struct pim_bsr *conf = conf_for(z);
	struct ip ip = ip_any(z->pim->engine.af);

	hold_home(z, conf);
	if (conf)
		ip = address_for(z, conf);
	/* to others, an elected one with another address is another one */
	if (z->is_candidate &&
	    (ip_is_any(ip) || (z->state == BSR_ELECTED && !ip_eq(ip, z->own.ip))))
		leave(z, conf ? "its address is not ours" : "it is no candidate");
	if (ip_is_any(ip))
		return;
	if (z->is_candidate)
		change(z, conf, ip);
	else
		join(z, conf, ip);
}

static void configure_zone(struct pim *pim, struct prefix scope)
{
	struct zone *z = zone_can_be(&scope) ? zone_get(pim, &scope) : NULL;

	if (z)
		z->is_configured = true;
}

/* Which zones the configuration knows: a narrower border than a scope of IPv6 is none. */
static void configure_zones(struct pim *pim)
{
	const struct pim_family *f = conf_of(pim);
	struct zone *z;

	TAILQ_FOREACH(z, &pim->zones, link)
		z->is_configured = z->is_global;
	for (unsigned k = 0; k < f->nbsrs; k++)
		configure_zone(pim, f->bsr[k].scope);
	for (unsigned k = 0; k < f->nscoped; k++) {
		const struct prefix *range = &f->scoped[k];

		if (pim->engine.af == V4 || range->len <= ZONE_BITS)
			configure_zone(pim, zone_said(range));
	}
}

void bsr_settle(struct pim *pim)
{
	struct zone *z, *next;

	configure_zones(pim);
	for (z = TAILQ_FIRST(&pim->zones); z; z = next) {
		next = TAILQ_NEXT(z, link);
		settle_candidate(z);
		if (z->is_configured)
			timer_stop(clock_of(z), &z->szt);
		else if (z->state == BSR_ACCEPT_ANY && !z->was_accepted && !z->nsaid)
			zone_free(z);
		else if (z->state == BSR_ACCEPT_ANY && !timer_is_running(&z->szt))
			timer_start(clock_of(z), &z->szt, BSR_ZONE_TIMEOUT(timeout_of(z)));
	}
}

void bsr_init(struct pim *pim)
{
	struct prefix all = pim_all_groups(pim->engine.af);

	TAILQ_INIT(&pim->zones);
	pim->began = -1;
	zone_get(pim, &all)->is_configured = true;
}

void bsr_stop(struct pim *pim)
{
	struct zone *z;

	TAILQ_FOREACH(z, &pim->zones, link) {
		if (z->state == BSR_ELECTED)
			originate(z, LOWEST);
	}
}

void bsr_free(struct pim *pim)
{
	struct zone *z;

	while ((z = TAILQ_FIRST(&pim->zones)))
		zone_free(z);
}
