/* candidate.c - this router as a candidate RP: whom it tells, of which groups (RFC 5059 3.2)
 *
 * A zone has an advert of each candidate while it has a bootstrap router, who is told of ranges
 * again and again; ranges that are not for him any more are taken back when he is told the next
 * time.
 */
#include <stdlib.h>

#include "bsr.h"

/* How often a new bootstrap router is told at once. */
#define TIMES 3

#define TTL 64

/* Messages pass everywhere whole. */
#define MTU 1280

/* All groups of a scope of IPv6 are so many ranges, one for each combination of flags. */
#define FLAGS 16

static struct clock *clock_of(const struct candidate *c)
{
	return pim_clock(c->pim);
}

/* Others must be able to reach it: it may be lo that has it. */
static void take_highest(const struct prefix *address, unsigned n, struct ip *best)
{
	for (unsigned i = 0; i < n; i++) {
		struct ip ip = address[i].ip;

		if (msg_is_host(ip) && !ip_is_link_local(ip) && ip_cmp(ip, *best) > 0)
			*best = ip;
	}
}

struct ip candidate_address(struct pim *pim, struct ip ip, unsigned slot)
{
	const struct host_ops *op = pim->engine.host->op;
	struct ifset slots = ifset_with(ifset_none(), slot);
	struct ip best = ip_any(pim->engine.af);

	if (!ip_is_any(ip))
		return pim_owns(pim, ip) ? ip : best;
	if (slot == NOSLOT) {
		ifset_foreach(i, pim->running)
			take_highest(pim->iface[i]->addresses, pim->iface[i]->naddresses, &best);
		return best;
	}
	slots = op->expand(pim->engine.host, slots);
	ifset_foreach(i, slots) {
		struct iface iface = op->iface(&pim->engine, i);

		take_highest(iface.address, iface.naddresses, &best);
	}
	return best;
}

/* Which ranges a zone's bootstrap router is told */

struct ranges {
	struct prefix *range; /* owned */
	unsigned n;
};

static bool has(const struct prefix *range, unsigned n, const struct prefix *wanted)
{
	while (n && !prefix_eq(&range[n - 1], wanted))
		n--;
	return n;
}

static void put(struct ranges *r, struct prefix range)
{
	if (has(r->range, r->n, &range))
		return;
	r->range = xrealloc(r->range, (r->n + 1) * sizeof(range));
	r->range[r->n++] = range;
}

/* Of a range that is wider than the zone, what of it is the zone's. */
static void put_within(struct ranges *r, const struct zone *z, const struct prefix *range)
{
	struct prefix part = z->scope;

	if (z->is_global)
		return;
	if (z->pim->engine.af == V4) {
		if (range->len < z->scope.len && prefix_has(range, z->scope.ip))
			put(r, z->scope);
		return;
	}
	for (unsigned flags = 0; flags < FLAGS && range->len < part.len; flags++) {
		part.ip.b[1] = flags << 4 | (z->scope.ip.b[1] & 0xf);
		if (prefix_has(range, part.ip))
			put(r, part);
	}
}

/* RFC 5059 3.2: ranges that no smaller zone has, and zones that are within one. */
static struct ranges ranges_for(const struct zone *z)
{
	const struct pim_family *f = &z->pim->conf->af[z->pim->engine.af];
	const struct prefix all = pim_all_groups(z->pim->engine.af);
	struct ranges r = { 0 };

	for (unsigned i = 0; i < (f->ngroups ? f->ngroups : 1); i++) {
		const struct prefix *range = f->ngroups ? &f->group[i] : &all;

		if (zone_of(z->pim, range) == z)
			put(&r, *range);
		else
			put_within(&r, z, range);
	}
	return r;
}

static bool is_border(const struct zone *z)
{
	ifset_foreach(slot, z->pim->running) {
		if (!z->is_global && zone_ends_at(z, slot))
			return true;
	}
	return false;
}

/* Telling */

static void send(struct pim *pim, struct ip src, struct ip bsr, const struct msg_candidate *m)
{
	struct msg_ends ends = { src, bsr };
	uint8_t data[MTU];
	struct packet packet = {
		.proto = PROTO_PIM,
		.slot = NOSLOT,
		.ttl = TTL,
		.src = src,
		.dst = bsr,
		.data = data,
		.fragment = true,
	};
	size_t room = msg_room(pim->engine.af, MTU);
	unsigned at = 0;

	while ((packet.len = msg_candidate_encode(&ends, m, &at, data, room))) {
		if (pim->engine.host->op->send(&pim->engine, &packet, NULL) == SENT)
			pim->counters.sent[MSG_CANDIDATE_RP]++;
		else
			pim->counters.send_failed++;
	}
}

/* The bootstrap router of the zone, which may be us, is told of ranges, if there are any. */
static void tell(const struct advert *a, const struct zone *z, struct ip src, int64_t holdtime,
		 const struct ranges *ranges)
{
	const struct candidate *c = a->candidate;
	struct msg_range *range = xcalloc(ranges->n + 1, sizeof(*range));
	struct msg_candidate m = {
		.rp = c->ip,
		.priority = c->conf.priority,
		.holdtime = holdtime,
		.range = range,
		.nranges = ranges->n,
	};
	bool zone = is_border(z);

	for (unsigned i = 0; i < ranges->n; i++)
		range[i] = (struct msg_range){ .prefix = ranges->range[i], .zone = zone };
	if (ranges->n && z->state == BSR_ELECTED)
		offer_receive(c->pim, src, &m);
	else if (ranges->n)
		send(c->pim, src, a->bsr, &m);
	free(range);
}

static void forget(struct advert *a)
{
	free(a->told);
	a->told = NULL;
	a->ntold = 0;
}

/* Whether he has the range of us in another zone. */
static bool is_told_beside(const struct advert *a, const struct prefix *range)
{
	const struct advert *other;

	TAILQ_FOREACH(other, &a->candidate->adverts, link) {
		if (other != a && ip_eq(other->bsr, a->bsr) &&
		    has(other->told, other->ntold, range))
			return true;
	}
	return false;
}

/*
 * What he was told, but for these, is taken back; @src is still ours. No message says of which zone
 * that is.
 */
static void take_back(struct advert *a, const struct zone *z, struct ip src,
		      const struct ranges *but)
{
	struct ranges gone = { 0 };

	for (unsigned i = 0; i < a->ntold; i++) {
		if (!has(but->range, but->n, &a->told[i]) && !is_told_beside(a, &a->told[i]))
			put(&gone, a->told[i]);
	}
	tell(a, z, src, 0, &gone);
	free(gone.range);
}

static void say(struct advert *a, const struct zone *z)
{
	const struct candidate *c = a->candidate;
	struct ranges ranges = ranges_for(z);

	take_back(a, z, c->ip, &ranges);
	tell(a, z, c->ip, c->conf.period * 5 / 2, &ranges);
	forget(a);
	a->told = ranges.range;
	a->ntold = ranges.n;
}

/* The last words of a candidate to all who know of it. */
static void withdraw(struct candidate *c, struct ip src)
{
	const struct ranges none = { 0 };
	struct advert *a;

	TAILQ_FOREACH(a, &c->adverts, link) {
		timer_stop(clock_of(c), &a->crpt);
		if (a->ntold && !ip_is_any(src))
			take_back(a, zone_find(c->pim, &a->scope), src, &none);
		forget(a);
	}
}

/* When */

static void advert_free(struct advert *a)
{
	timer_stop(clock_of(a->candidate), &a->crpt);
	TAILQ_REMOVE(&a->candidate->adverts, a, link);
	forget(a);
	free(a);
}

/* RFC 5059 5: C_RP_Adv_Backoff, and C_RP_Adv_Period. */
static void restart(struct advert *a)
{
	const struct candidate *c = a->candidate;
	int64_t period = c->conf.period;

	if (a->again)
		period = rng_jitter(c->pim->engine.host->rng, 0, BSR_BACKOFF);
	timer_start(clock_of(c), &a->crpt, period);
}

static void expired(struct timer *timer)
{
	struct advert *a = container_of(timer, struct advert, crpt);

	say(a, zone_find(a->candidate->pim, &a->scope));
	a->again -= !!a->again;
	restart(a);
}

static void begin(struct advert *a)
{
	a->again = TIMES;
	restart(a);
}

static struct advert *advert_find(const struct candidate *c, const struct zone *z)
{
	struct advert *a;

	TAILQ_FOREACH(a, &c->adverts, link) {
		if (prefix_eq(&a->scope, &z->scope))
			break;
	}
	return a;
}

static struct advert *advert_get(struct candidate *c, const struct zone *z)
{
	struct advert *a = advert_find(c, z);

	if (a)
		return a;
	a = xcalloc(1, sizeof(*a));
	a->candidate = c;
	a->scope = z->scope;
	a->bsr = ip_any(c->pim->engine.af);
	timer_init(&a->crpt, expired);
	TAILQ_INSERT_TAIL(&c->adverts, a, link);
	return a;
}

/*
 * RFC 5059 3.2: a new one is told several times, lest he miss it. We ourselves miss nothing, and
 * our first message has it, unless others know RPs already: they would forget them for ours.
 */
static void meet(struct candidate *c, const struct zone *z)
{
	struct advert *a = advert_get(c, z);

	if (ip_eq(a->bsr, z->current.ip))
		return;
	a->bsr = z->current.ip;
	forget(a);
	timer_stop(clock_of(c), &a->crpt);
	if (ip_is_any(a->bsr) || ip_is_any(c->ip))
		return;
	if (z->state == BSR_ELECTED && !z->was_accepted) {
		say(a, z);
		restart(a);
	} else {
		begin(a);
	}
}

void candidate_bsr_changed(struct zone *z)
{
	struct candidate *c;

	TAILQ_FOREACH(c, &z->pim->candidates, link)
		meet(c, z);
}

void candidate_zone_gone(const struct zone *z)
{
	struct candidate *c;

	TAILQ_FOREACH(c, &z->pim->candidates, link) {
		struct advert *a = advert_find(c, z);

		if (a)
			advert_free(a);
	}
}

bool candidate_is_over(const struct pim *pim, struct ip rp)
{
	const struct candidate *c;

	TAILQ_FOREACH(c, &pim->candidates, link) {
		if (ip_eq(c->ip, rp))
			return false;
	}
	return pim_owns(pim, rp);
}

/* What is configured */

static struct candidate *candidate_new(struct pim *pim, const struct pim_candidate *conf)
{
	struct candidate *c = xcalloc(1, sizeof(*c));

	c->pim = pim;
	c->conf = *conf;
	c->ip = ip_any(pim->engine.af);
	if (!ip_is_any(conf->ip))
		c->target = target_hold(pim, conf->ip);
	TAILQ_INIT(&c->adverts);
	TAILQ_INSERT_TAIL(&pim->candidates, c, link);
	return c;
}

static void candidate_drop(struct candidate *c)
{
	struct advert *a;

	while ((a = TAILQ_FIRST(&c->adverts)))
		advert_free(a);
	if (c->target)
		target_drop(c->target);
	TAILQ_REMOVE(&c->pim->candidates, c, link);
	free(c);
}

static struct candidate *find(const struct pim *pim, const struct pim_candidate *conf)
{
	struct candidate *c;

	TAILQ_FOREACH(c, &pim->candidates, link) {
		if (ip_eq(c->conf.ip, conf->ip) && c->conf.slot == conf->slot)
			break;
	}
	return c;
}

static bool is_configured(const struct candidate *c)
{
	const struct pim_family *f = &c->pim->conf->af[c->pim->engine.af];

	for (unsigned i = 0; i < f->ncandidates; i++) {
		if (find(c->pim, &f->candidate[i]) == c)
			return true;
	}
	return false;
}

/* An address of ours from which he can be told that the candidate's has gone. */
static struct ip source_of(const struct candidate *c)
{
	return pim_owns(c->pim, c->ip)
		       ? c->ip
		       : candidate_address(c->pim, ip_any(c->pim->engine.af), NOSLOT);
}

/* What the zone is told became something else: that is said, and by and by something new. */
static void review(struct advert *a, const struct zone *z, bool at_once)
{
	struct ranges ranges = ranges_for(z);
	bool same = ranges.n == a->ntold;

	for (unsigned i = 0; i < ranges.n && same; i++)
		same = prefix_eq(&ranges.range[i], &a->told[i]);
	free(ranges.range);
	if (a->ntold && (!same || at_once)) {
		say(a, z);
		restart(a);
	} else if (!same && !a->again) {
		begin(a);
	}
}

static void candidate_update(struct candidate *c, const struct pim_candidate *conf)
{
	bool at_once = conf->priority != c->conf.priority || conf->period != c->conf.period;
	struct ip ip = candidate_address(c->pim, conf->ip, conf->slot);
	struct advert *a;
	struct zone *z;

	c->conf = *conf;
	if (!ip_eq(ip, c->ip)) {
		if (!ip_is_any(c->ip))
			withdraw(c, source_of(c));
		c->ip = ip;
		log_notice(c->pim->log[AREA_BSR], "candidate RP: %s",
			   ip_is_any(ip) ? "no address of ours" : ip_str(ip));
		TAILQ_FOREACH(a, &c->adverts, link)
			a->bsr = ip_any(c->pim->engine.af);
	}
	if (ip_is_any(ip))
		return;
	TAILQ_FOREACH(z, &c->pim->zones, link) {
		a = advert_get(c, z);
		meet(c, z);
		if (!ip_is_any(a->bsr))
			review(a, z, at_once);
	}
}

void candidate_settle(struct pim *pim)
{
	const struct pim_family *f = &pim->conf->af[pim->engine.af];
	struct candidate *c, *next;

	for (c = TAILQ_FIRST(&pim->candidates); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (is_configured(c))
			continue;
		if (!ip_is_any(c->ip))
			withdraw(c, source_of(c));
		candidate_drop(c);
	}
	for (unsigned i = 0; i < f->ncandidates; i++) {
		c = find(pim, &f->candidate[i]);
		candidate_update(c ? c : candidate_new(pim, &f->candidate[i]), &f->candidate[i]);
	}
}

void candidate_init(struct pim *pim)
{
	TAILQ_INIT(&pim->candidates);
}

void candidate_stop(struct pim *pim)
{
	struct candidate *c;

	TAILQ_FOREACH(c, &pim->candidates, link)
		withdraw(c, c->ip);
}

void candidate_free(struct pim *pim)
{
	struct candidate *c;

	while ((c = TAILQ_FIRST(&pim->candidates)))
		candidate_drop(c);
}
