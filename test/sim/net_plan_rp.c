/* net_plan_rp.c - random networks of PIM routers whose RPs change: who is a candidate, and when */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net_plan.h"

/* As in net_plan.c: when all but what stays is over. */
#define OVER SEC(360)

const char *const plan_ranges[PLAN_RANGES][NFAMILIES] = {
	{ "224.0.0.0/4", "ff00::/8" },
	{ "239.0.0.0/8", "ff0e::/16" },
	{ "239.1.0.0/16", "ff0e::/96" },
	{ "239.255.0.0/16", "ff05::/16" },
};

const char *const plan_shared[NFAMILIES] = { "10.99.0.1", "fd99::1" };

static unsigned links_of(const struct plan_router *r, unsigned *links)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->nup; i++)
		links[n++] = r->up[i];
	for (unsigned i = 0; i < r->ndown; i++)
		links[n++] = r->down[i];
	return n;
}

static bool is_at(const struct plan_router *r, unsigned link)
{
	unsigned links[5], n = links_of(r, links);

	while (n && links[n - 1] != link)
		n--;
	return n;
}

/* The number of a router on a link: the nodes there are made in the order of routers. */
static unsigned node_at(const struct plan *p, unsigned router, unsigned link)
{
	unsigned node = 1;

	for (unsigned i = 0; i < router; i++)
		node += !p->router[i].off && is_at(&p->router[i], link);
	return node;
}

const char *plan_address(const struct plan *p, unsigned router, enum af af, struct plan_text *text)
{
	unsigned link = p->router[router].up[0], node = node_at(p, router, link);

	snprintf(text->text, sizeof(text->text), af == V4 ? "10.0.%u.%u" : "fd00:0:0:%x::%x",
		 link + 1, node);
	return text->text;
}

/* Of a router, the links that one of its links leads to, not by way of the router. */
static uint64_t links_behind(const struct plan *p, unsigned router, unsigned link)
{
	uint64_t found = UINT64_C(1) << link, before;

	do {
		before = found;
		for (unsigned i = 0; i < p->nrouters; i++) {
			unsigned links[5], n = links_of(&p->router[i], links);
			bool touches = false;

			for (unsigned k = 0; k < n; k++)
				touches |= found >> links[k] & 1;
			for (unsigned k = 0; k < n && touches && i != router; k++)
				found |= UINT64_C(1) << links[k];
		}
	} while (found != before);
	return found;
}

/*
 * A zone is what hangs on one router: then the shortest way between any two places in it stays in
 * it.
 */
static void draw_zone(struct plan *p, struct rng *rng)
{
	struct plan_rps *rps = &p->rps;
	unsigned links[5], n, some;

	rps->border = rng_below(rng, p->nrouters);
	n = links_of(&p->router[rps->border], links);
	some = links[rng_below(rng, n)];
	rps->inside = links_behind(p, rps->border, some);
	while (n && rps->inside >> links[n - 1] & 1)
		n--;
	rps->has_zone = n && !rng_below(rng, 2);
}

bool plan_is_in_zone(const struct plan *p, unsigned router)
{
	unsigned links[5], n = links_of(&p->router[router], links);

	while (n && !(p->rps.inside >> links[n - 1] & 1))
		n--;
	return n && p->rps.has_zone;
}

/* So that there is something to hear in it. */
static void draw_inside(struct plan *p, struct rng *rng)
{
	for (unsigned i = 0; i < p->nhosts && p->rps.has_zone; i++) {
		unsigned link = rng_below(rng, p->nlinks);

		if (p->rps.inside >> link & 1)
			p->host[i].link = link;
	}
}

static unsigned one_of(struct rng *rng, const unsigned *list, unsigned n)
{
	return list[rng_below(rng, n)];
}

#define ONE_OF(rng, ...)                               \
	one_of(rng, (const unsigned[]){ __VA_ARGS__ }, \
	       sizeof((const unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned))

static void draw_say(struct plan *p, struct rng *rng, unsigned router, struct plan_say *say)
{
	bool in_zone = plan_is_in_zone(p, router);

	say->bsr = !rng_below(rng, 3);
	say->rp = !rng_below(rng, 3);
	say->zone_bsr = !rng_below(rng, 2) && in_zone;
	say->bsr_form = rng_below(rng, PLAN_FORMS);
	say->rp_form = rng_below(rng, PLAN_FORMS);
	say->bsr_priority = ONE_OF(rng, 0, 1, 64, 64, 64, 255);
	say->zone_priority = ONE_OF(rng, 1, 64, 64);
	say->rp_priority = ONE_OF(rng, 0, 10, 192, 192, 192, 255);
	/* who is elected keeps its address, whatever others it gets: that is not to decide */
	if (say->bsr_form == PLAN_ANY)
		say->bsr_priority = say->zone_priority = 100 + router;
	say->hash_len[V4] = ONE_OF(rng, 30, 30, 30, 0, 24, 32);
	say->hash_len[V6] = ONE_OF(rng, 126, 126, 126, 0, 64, 128);
	if (rng_below(rng, 2))
		say->ranges = rng_below(rng, 1 << PLAN_RANGES);
	/* out there its groups are no others, and would be at war with those of the zone */
	if (!in_zone)
		say->ranges &= ~(1u << PLAN_ZONE);
}

/* Some routers are candidates for all, so that there is something to choose. */
static void draw_candidates(struct plan *p, struct rng *rng)
{
	struct plan_rps *rps = &p->rps;

	for (unsigned i = 0; i < p->nrouters; i++) {
		for (unsigned k = 0; k < 2; k++)
			draw_say(p, rng, i, &rps->say[i][k]);
	}
	if (rps->has_zone)
		rps->say[rps->border][0].zone_bsr = true;
	if (!rng_below(rng, 6))
		return;
	rps->say[rng_below(rng, p->nrouters)][0].bsr = true;
	rps->say[rng_below(rng, p->nrouters)][0].rp = true;
}

/* One of a range and router at most. */
static void add_static(struct plan_rps *rps, unsigned k, const struct plan_static *s)
{
	for (unsigned i = 0; i < rps->nfixed[k]; i++) {
		if (rps->fixed[k][i].router == s->router && rps->fixed[k][i].range == s->range)
			return;
	}
	rps->fixed[k][rps->nfixed[k]++] = *s;
}

static void draw_statics(struct plan *p, struct rng *rng)
{
	for (unsigned k = 0; k < 2; k++) {
		unsigned n = rng_below(rng, 2) ? rng_below(rng, PLAN_STATICS + 1) : 0;

		for (unsigned i = 0; i < n; i++) {
			struct plan_static s = { .router = rng_below(rng, p->nrouters),
						 .range = rng_below(rng, PLAN_ZONE),
						 .priority = ONE_OF(rng, 0, 1, 1) };

			add_static(&p->rps, k, &s);
		}
	}
	p->rps.static_first = !rng_below(rng, 4);
}

static void draw_shared(struct plan *p, struct rng *rng)
{
	unsigned n = 2 + rng_below(rng, 2);

	p->rps.shared = rng_below(rng, PLAN_ZONE);
	for (unsigned i = 0; i < n; i++)
		p->rps.members |= 1u << rng_below(rng, p->nrouters);
	if (rng_below(rng, 4))
		p->rps.members = 0;
}

static void draw_group(struct plan *p, struct rng *rng, unsigned i)
{
	static const char *const forms[] = {
		"239.1.1.%u", "239.2.1.%u", "225.1.1.%u", "ff0e::%x",	  "ff0e::1:0:%x",
		"ff08::%x",   "232.1.1.%u", "ff3e::%x",	  "239.255.1.%u", "ff05::%x",
	};
	unsigned rp = rng_below(rng, p->nrouters), home = p->router[rp].up[0];
	unsigned form = rng_below(rng, NELEMS(forms) - (p->rps.has_zone ? 0 : 2));
	unsigned node = node_at(p, rp, home);

	if (node < 16 && !rng_below(rng, 8))
		snprintf(p->group[i], sizeof(p->group[i]), "ff7e:%x40:fd00:0:0:%x:0:%x", node,
			 home + 1, i + 1);
	else
		snprintf(p->group[i], sizeof(p->group[i]), forms[form], i + 1);
}

/* Routers take their candidacy away, or are candidates of another kind; all have other RPs. */
static void draw_changes(struct plan *p, struct rng *rng)
{
	unsigned n = rng_below(rng, 5);

	for (unsigned i = 0; i < n; i++) {
		bool all = !rng_below(rng, 4);
		struct plan_act *act = plan_act_new(p, rng, all ? PLAN_STATIC_RPS : PLAN_SAY,
						    rng_jitter(rng, 0, SEC(300)));

		act->a = rng_below(rng, p->nrouters);
		act->b = rng_below(rng, 2);
	}
}

/* Whether the router may be a candidate or an RP by its address on its first link. */
static bool is_someone(const struct plan *p, unsigned router)
{
	const struct plan_rps *rps = &p->rps;
	bool is = rps->members >> router & 1;

	for (unsigned k = 0; k < 2; k++) {
		const struct plan_say *say = &rps->say[router][k];

		is |= say->bsr || say->zone_bsr || say->rp;
		for (unsigned i = 0; i < rps->nfixed[k]; i++)
			is |= rps->fixed[k][i].router == router;
	}
	for (unsigned i = 0; i < p->ngroups; i++)
		is |= !strncmp(p->group[i], "ff7e:", 5);
	return is;
}

/*
 * Whether a link has the address of somebody as a candidate or RP: of what that is while the link
 * is down, or in two, nothing is said here.
 */
static bool is_home(const struct plan *p, unsigned link)
{
	bool is = false;

	for (unsigned i = 0; i < p->nrouters; i++) {
		bool any = false;

		for (unsigned k = 0; k < 2; k++) {
			const struct plan_say *say = &p->rps.say[i][k];

			any |= (say->bsr || say->zone_bsr) && say->bsr_form == PLAN_ANY;
			any |= say->rp && say->rp_form == PLAN_ANY;
		}
		is |= any && is_at(&p->router[i], link);
		is |= is_someone(p, i) && p->router[i].up[0] == link;
	}
	return is;
}

/* What stays until all has been looked at: routers are gone, or the network is in parts. */
static void draw_lasting(struct plan *p, struct rng *rng)
{
	unsigned n = rng_below(rng, 3);

	for (unsigned i = 0; i < n; i++) {
		unsigned router = rng_below(rng, p->nrouters), links[5];
		unsigned nlinks = links_of(&p->router[router], links);
		unsigned link = links[rng_below(rng, nlinks)];
		struct plan_act *act = plan_act_new(p, rng, PLAN_KILL,
						    rng_jitter(rng, 0, SEC(300)));

		act->until = p->rps.look + SEC(20) + rng_jitter(rng, 1, SEC(5));
		act->a = router;
		act->b = rng_below(rng, NET_CRASH_KEPT);
		if (is_home(p, link) || rng_below(rng, 2))
			continue;
		act->what = rng_below(rng, 2) ? PLAN_DOWN : PLAN_SPLIT;
		act->a = link;
		act->b = router;
	}
	/* of a router that is dead so long, no kernel goes on forwarding */
	for (unsigned i = 0; i < p->nacts && n; i++) {
		if (p->act[i].what == PLAN_KILL)
			p->act[i].b %= NET_CRASH_KEPT;
	}
}

void plan_draw_rp(struct plan *p, uint64_t seed)
{
	static const int64_t intervals[] = { 10, 10, 20 };
	struct rng rng;

	*p = (struct plan){ .seed = seed, .kind = PLAN_PIM, .query_interval = 60 };
	rng_seed(&rng, seed);
	p->rps.on = true;
	plan_draw_mesh(p, &rng);
	p->nrps = 0;
	plan_draw_hosts(p, &rng);
	draw_zone(p, &rng);
	draw_inside(p, &rng);
	draw_candidates(p, &rng);
	draw_statics(p, &rng);
	draw_shared(p, &rng);
	p->rps.bsr_interval = intervals[rng_below(&rng, NELEMS(intervals))];
	p->rps.rp_interval = intervals[rng_below(&rng, NELEMS(intervals))];
	p->ngroups = 1 + rng_below(&rng, PLAN_GROUPS);
	for (unsigned i = 0; i < p->ngroups; i++)
		draw_group(p, &rng, i);
	plan_draw_acts(p, &rng);
	for (unsigned i = 0; i < p->nacts; i++)
		p->act[i].off |= p->act[i].what == PLAN_MODULE;
	draw_changes(p, &rng);
	p->strict = false;
	p->soon = 0;
	p->calm = SEC(700);
	p->idle = SEC(1000);
	p->rps.look = OVER + p->calm;
	draw_lasting(p, &rng);
}

/* As configuration */

/* "10.0.1.1 ", "l0 " or nothing. */
static void form_conf(struct buf *conf, const struct plan *p, unsigned router, enum plan_form form,
		      enum af af)
{
	struct plan_text text;

	if (form == PLAN_ADDRESS)
		buf_printf(conf, "%s ", plan_address(p, router, af, &text));
	else if (form == PLAN_IFNAME)
		buf_printf(conf, "l%u ", p->router[router].up[0]);
}

static void bsr_conf(struct buf *conf, const struct plan *p, unsigned router,
		     const struct plan_say *say, bool zone)
{
	bool both = !zone && say->bsr_form != PLAN_ADDRESS;

	for (enum af af = V4; af <= (both ? V4 : V6); af++) {
		buf_puts(conf, "bsr-candidate ");
		form_conf(conf, p, router, say->bsr_form, af);
		buf_printf(conf, "priority %u interval %lld",
			   zone ? say->zone_priority : say->bsr_priority,
			   (long long)p->rps.bsr_interval);
		if (say->bsr_form == PLAN_ADDRESS)
			buf_printf(conf, " hash-mask-len %u", say->hash_len[af]);
		if (zone)
			buf_printf(conf, " scope %s", plan_ranges[PLAN_ZONE][af]);
		buf_puts(conf, "\n");
	}
}

static void rp_conf(struct buf *conf, const struct plan *p, unsigned router,
		    const struct plan_say *say)
{
	for (enum af af = V4; af <= (say->rp_form == PLAN_ADDRESS ? V6 : V4); af++) {
		buf_puts(conf, "rp-candidate ");
		form_conf(conf, p, router, say->rp_form, af);
		buf_printf(conf, "priority %u interval %lld\n", say->rp_priority,
			   (long long)p->rps.rp_interval);
	}
	for (unsigned i = 0; i < PLAN_RANGES; i++) {
		for (enum af af = V4; af < NFAMILIES && say->ranges >> i & 1; af++)
			buf_printf(conf, "group-prefix %s\n", plan_ranges[i][af]);
	}
}

void plan_say_conf(struct buf *conf, const struct plan *p, unsigned router,
		   const struct plan_say *say)
{
	if (say->off)
		return;
	if (say->bsr)
		bsr_conf(conf, p, router, say, false);
	if (say->zone_bsr)
		bsr_conf(conf, p, router, say, true);
	if (say->rp)
		rp_conf(conf, p, router, say);
}

void plan_static_conf(struct buf *conf, const struct plan *p, unsigned fixed)
{
	struct plan_text text;

	for (unsigned i = 0; i < p->rps.nfixed[fixed]; i++) {
		const struct plan_static *s = &p->rps.fixed[fixed][i];

		for (enum af af = V4; af < NFAMILIES; af++)
			buf_printf(conf, "rp-address %s %s priority %u\n",
				   plan_address(p, s->router, af, &text), plan_ranges[s->range][af],
				   s->priority);
	}
	if (p->rps.static_first)
		buf_puts(conf, "rp-static-first\n");
}

void plan_shared_conf(struct buf *conf, const struct plan *p, unsigned router)
{
	const struct plan_rps *rps = &p->rps;
	struct plan_text text;

	for (enum af af = V4; af < NFAMILIES && rps->members; af++) {
		buf_printf(conf, "rp-address %s %s\n", plan_shared[af],
			   plan_ranges[rps->shared][af]);
		if (!(rps->members >> router & 1))
			continue;
		buf_printf(conf, "anycast-rp %s", plan_shared[af]);
		for (unsigned i = 0; i < p->nrouters; i++) {
			if (rps->members >> i & 1)
				buf_printf(conf, " %s", plan_address(p, i, af, &text));
		}
		buf_puts(conf, "\n");
	}
}

/* As text */

static void print_say(const struct plan_say *say, struct buf *text)
{
	static const char *const forms[] = { "by address", "by interface", "any" };

	if (say->off) {
		buf_puts(text, " nothing");
		return;
	}
	if (say->bsr || say->zone_bsr)
		buf_printf(text, " BSR %s hash %u %u", forms[say->bsr_form], say->hash_len[V4],
			   say->hash_len[V6]);
	if (say->bsr)
		buf_printf(text, " priority %u", say->bsr_priority);
	if (say->zone_bsr)
		buf_printf(text, " of the zone %u", say->zone_priority);
	if (say->rp)
		buf_printf(text, " RP %s priority %u ranges %x", forms[say->rp_form],
			   say->rp_priority, say->ranges);
}

void plan_print_rp(const struct plan *p, struct buf *text)
{
	const struct plan_rps *rps = &p->rps;

	buf_printf(text, "BSR every %lld s, RPs %lld s%s\n", (long long)rps->bsr_interval,
		   (long long)rps->rp_interval, rps->static_first ? ", static first" : "");
	if (rps->has_zone)
		buf_printf(text, "zone behind r%u, links %llx\n", rps->border,
			   (unsigned long long)rps->inside);
	if (rps->members)
		buf_printf(text, "shared by routers %x: %s\n", rps->members,
			   plan_ranges[rps->shared][V4]);
	for (unsigned k = 0; k < 2; k++) {
		buf_printf(text, "static %u:", k);
		for (unsigned i = 0; i < rps->nfixed[k]; i++)
			buf_printf(text, " r%u %s priority %u", rps->fixed[k][i].router,
				   plan_ranges[rps->fixed[k][i].range][V4],
				   rps->fixed[k][i].priority);
		buf_puts(text, "\n");
	}
	for (unsigned i = 0; i < p->nrouters; i++) {
		buf_printf(text, "r%u says:", i);
		print_say(&rps->say[i][0], text);
		buf_puts(text, "; or:");
		print_say(&rps->say[i][1], text);
		buf_puts(text, "\n");
	}
}
