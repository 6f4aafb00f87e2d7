/* rpf_random.c - random routes, links, addresses and watches
 *
 * What the engines know after a while must be what a search through all there is finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/rpf_bed.h"

#define NROUTES 24
#define NADDRS 24
#define NSTEPS 120

struct plain_hop {
	unsigned device; /* from 1 */
	struct ip gateway;
};

/* A route as the test remembers it. */
struct plain {
	struct prefix to;
	uint32_t metric;
	bool there;
	unsigned nhops;
	struct plain_hop hop[3];
};

struct world {
	struct rpf_bed *b;
	enum af af;
	struct rng rng;
	struct plain route[NROUTES];
	bool up[NDEVICES + 1], there[NDEVICES + 1], addressed[NDEVICES + 1];
	bool watched[2][NADDRS];
	uint64_t seed;
	unsigned step;
};

static unsigned below(struct world *w, unsigned n)
{
	return rng_below(&w->rng, n);
}

/* 10.A.B.C or fd0a:A:B::C */
static struct ip place(enum af af, unsigned a, unsigned b, unsigned c)
{
	if (af == V4)
		return ip_v4(10 << 24 | a << 16 | b << 8 | c);
	return (struct ip){ { 0xfd, 0x0a, 0, a, 0, b, [15] = c } };
}

/* How long a prefix is that has so many of the four parts. */
static uint8_t parts(enum af af, unsigned n)
{
	static const uint8_t len6[] = { 0, 16, 32, 48, 128 };

	return af == V4 ? 8 * n : len6[n];
}

static struct ip addr(const struct world *w, unsigned i)
{
	return place(w->af, i / 12, i / 4 % 3, 1 + i % 4);
}

/* Each device has one possible address: an address of those that are watched. */
static struct prefix device_prefix(const struct world *w, unsigned device)
{
	static const unsigned of[] = { 0, 0, 5, 9, 14 };

	return (struct prefix){ addr(w, of[device]), parts(w->af, 3) };
}

static bool has_way(const struct world *w, const struct plain *p)
{
	for (unsigned i = 0; i < p->nhops; i++) {
		if (w->up[p->hop[i].device])
			return true;
	}
	return !p->nhops;
}

/* What goes with a link that goes. */
static void forget_routes(struct world *w)
{
	for (unsigned i = 0; i < NROUTES; i++) {
		struct plain *p = &w->route[i];
		unsigned before = p->nhops, n = 0;

		for (unsigned h = 0; h < before; h++) {
			if (w->there[p->hop[h].device])
				p->hop[n++] = p->hop[h];
		}
		p->nhops = n;
		if (!has_way(w, p) || (before && !n))
			p->there = false;
	}
}

static void add_hop(struct rpf *rpf, struct ip gateway, unsigned slot)
{
	for (unsigned i = 0; i < rpf->nhops; i++) {
		if (rpf->hop[i].slot == slot && ip_eq(rpf->hop[i].gateway, gateway))
			return;
	}
	rpf->hop[rpf->nhops++] = (struct hop){ gateway, slot };
}

/* The devices are in the order of their slots, but for eth3, which has none. */
static unsigned slot_of(unsigned device)
{
	return device == NDEVICES ? NOSLOT : device - 1;
}

static int hop_cmp(const void *a, const void *b)
{
	const struct hop *x = a, *y = b;
	int cmp = ip_cmp(x->gateway, y->gateway);

	return cmp ? cmp : (int)x->slot - (int)y->slot;
}

static struct rpf by_link(const struct world *w, unsigned device, bool own)
{
	struct rpf rpf = { .reachable = true, .own = own, .connected = true, .mtu = 1500 };

	rpf.len = own ? af_bits(w->af) : parts(w->af, 3);
	rpf.metric = !own && w->af == V6 ? 256 : 0;
	add_hop(&rpf, ip_any(w->af), slot_of(device));
	return rpf;
}

static struct rpf by_route(const struct world *w, const struct plain *p)
{
	struct rpf rpf = { 0 };

	for (unsigned i = 0; i < p->nhops; i++) {
		if (w->up[p->hop[i].device])
			add_hop(&rpf, p->hop[i].gateway, slot_of(p->hop[i].device));
	}
	if (!rpf.nhops)
		return rpf;
	qsort(rpf.hop, rpf.nhops, sizeof(*rpf.hop), hop_cmp);
	rpf.reachable = true;
	rpf.len = p->to.len;
	rpf.preference = 110;
	rpf.metric = p->metric;
	rpf.mtu = 1500;
	return rpf;
}

/* The answer by looking at everything there is. */
static struct rpf expected(const struct world *w, struct ip to)
{
	const struct plain *best = NULL;
	unsigned link = 0;

	for (unsigned d = 1; d <= NDEVICES; d++) {
		struct prefix p = device_prefix(w, d);

		if (!w->there[d] || !w->addressed[d])
			continue;
		if (ip_eq(p.ip, to) && (w->af == V4 || w->up[d]))
			return by_link(w, d, true);
		if (prefix_has(&p, to) && w->up[d])
			link = d;
	}
	for (unsigned i = 0; i < NROUTES; i++) {
		const struct plain *p = &w->route[i];

		if (p->there && prefix_has(&p->to, to) &&
		    (!best || p->to.len > best->to.len ||
		     (p->to.len == best->to.len && p->metric < best->metric)))
			best = p;
	}
	if (link && (!best || best->to.len < parts(w->af, 3) ||
		     (best->to.len == parts(w->af, 3) && w->af == V4)))
		return by_link(w, link, false);
	if (link && best->to.len == parts(w->af, 3) && best->metric > 256)
		return by_link(w, link, false);
	return best ? by_route(w, best) : (struct rpf){ 0 };
}

static void check(struct world *w)
{
	bed_work(&w->b->bed);
	for (unsigned i = 0; i < 2 * NADDRS; i++) {
		struct fake *f = (i & 1 ? w->b->blue : w->b->red)[w->af];
		struct ip to = addr(w, i / 2);
		struct rpf now = expected(w, to);

		if (!w->watched[i & 1][i / 2])
			continue;
		if (!rpf_same(&fake_known(f, to)->rpf, &now)) {
			print_error("SEED=%llu step %u: %s is %s\n", (unsigned long long)w->seed,
				    w->step, ip_str(to), fake_knows(f, to));
			fake_known(f, to)->rpf = now;
			print_error("and should be %s\n", fake_knows(f, to));
			fail();
		}
	}
}

static void change_route(struct world *w)
{
	struct plain *p = &w->route[below(w, NROUTES)];
	struct sim_route r = { .to = p->to, .metric = p->metric, .preference = 110 };

	if (p->there && below(w, 2)) {
		p->there = false;
		sim_route_del(w->b->k, p->to, p->metric);
		return;
	}
	r.nhops = below(w, 4);
	for (unsigned i = 0; i < r.nhops; i++) {
		unsigned d = 1 + below(w, NDEVICES);

		r.hop[i] = (struct kern_hop){ place(w->af, 9, 9, 1 + below(w, 3)), d };
	}
	if (sim_route_set(w->b->k, &r))
		return;
	p->there = true;
	p->nhops = r.nhops;
	for (unsigned i = 0; i < r.nhops; i++)
		p->hop[i] = (struct plain_hop){ r.hop[i].ifindex, r.hop[i].gateway };
}

static void change_link(struct world *w)
{
	unsigned d = 1 + below(w, NDEVICES);

	if (w->up[d] && below(w, 3)) {
		w->up[d] = false;
		rpf_bed_link_down(w->b, d);
	} else if (w->there[d] && !below(w, 3)) {
		w->up[d] = w->there[d] = w->addressed[d] = false;
		sim_link_gone(w->b->k, d);
	} else {
		w->up[d] = w->there[d] = true;
		rpf_bed_link_up(w->b, d);
	}
	forget_routes(w);
}

static void change_address(struct world *w)
{
	unsigned d = 1 + below(w, NDEVICES);
	struct prefix p = device_prefix(w, d);

	if (!w->there[d])
		return;
	w->addressed[d] = !w->addressed[d];
	sim_address(w->b->k, d, &p, w->addressed[d]);
}

static void change_watch(struct world *w)
{
	unsigned who = below(w, 2), i = below(w, NADDRS);
	struct fake *f = (who ? w->b->blue : w->b->red)[w->af];

	if (w->watched[who][i])
		fake_unwatch(f, addr(w, i));
	else
		fake_watch(f, addr(w, i));
	w->watched[who][i] = !w->watched[who][i];
}

static void run_step(struct world *w)
{
	static void (*const changes[])(struct world *) = {
		change_route,	change_route, change_route, change_link,
		change_address, change_watch, change_watch,
	};

	w->b->k->hold = !below(w, 3);
	for (unsigned n = 1 + below(w, 4); n; n--)
		changes[below(w, NELEMS(changes))](w);
	if (below(w, 2))
		router_work(w->b->r);
	if (!below(w, 4))
		sim_overrun(w->b->k);
	sim_deliver(w->b->k);
	if (below(w, 3))
		check(w);
}

void rpf_random(enum af af, uint64_t seed)
{
	struct world w = { .af = af, .seed = seed };

	w.b = rpf_bed_new();
	rng_seed(&w.rng, seed);
	for (unsigned d = 1; d <= NDEVICES; d++)
		w.up[d] = w.there[d] = true;
	for (unsigned i = 0; i < NROUTES; i++) {
		struct plain *p = &w.route[i];

		do {
			p->to.len = parts(af, below(&w, 5));
			p->to.ip = ip_mask(addr(&w, below(&w, NADDRS)), p->to.len);
			p->metric = 1 + 150 * below(&w, 3);
			for (struct plain *q = w.route; q < p; q++) {
				if (q->to.len == p->to.len && ip_eq(q->to.ip, p->to.ip) &&
				    q->metric == p->metric)
					p->metric = 0;
			}
		} while (!p->metric);
	}
	for (w.step = 0; w.step < NSTEPS; w.step++)
		run_step(&w);
	check(&w);
	rpf_bed_free(w.b);
}
