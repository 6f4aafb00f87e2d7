/* route.c - one family's unicast routes of the kernel, modelled
 *
 * The longest prefix decides, then the lowest metric, then age. Routes whose links all went down
 * are forgotten, as the kernel does; only those that addresses make come back with the link.
 */
#include <stdlib.h>

#include "sim/route.h"

/* What the kernel gives to IPv6 routes that it makes for addresses. */
#define KERNEL_METRIC6 256

enum fib_kind {
	FIB_OWN,  /* an address of the host */
	FIB_LINK, /* of an address's prefix */
	FIB_SET,  /* by somebody */
};

struct fib {
	RB_ENTRY(fib) node;
	enum fib_kind kind;
	struct sim_route route;
	bool dead[SIM_MAXHOPS]; /* by hop: its link is down */
	uint64_t born;
};

static int fib_cmp(const struct fib *a, const struct fib *b)
{
	const struct sim_route *x = &a->route, *y = &b->route;

	if (x->to.len != y->to.len)
		return x->to.len < y->to.len ? -1 : 1;
	if (!ip_eq(x->to.ip, y->to.ip))
		return ip_cmp(x->to.ip, y->to.ip);
	if ((a->kind == FIB_OWN) != (b->kind == FIB_OWN))
		return a->kind == FIB_OWN ? -1 : 1;
	if (x->metric != y->metric)
		return x->metric < y->metric ? -1 : 1;
	return a->born < b->born ? -1 : a->born > b->born;
}

RB_PROTOTYPE_STATIC(fib_tree, fib, node, fib_cmp)
RB_GENERATE_STATIC(fib_tree, fib, node, fib_cmp)

void routes_init(struct routes *rs, enum af af)
{
	*rs = (struct routes){ .af = af };
	RB_INIT(&rs->tree);
}

static void fib_free(struct routes *rs, struct fib *f)
{
	RB_REMOVE(fib_tree, &rs->tree, f);
	rs->n[f->route.to.len]--;
	free(f);
}

void routes_free(struct routes *rs)
{
	while (!RB_EMPTY(&rs->tree))
		fib_free(rs, RB_ROOT(&rs->tree));
}

static struct fib *fib_add(struct routes *rs, enum fib_kind kind, const struct sim_route *route)
{
	struct fib *f = xcalloc(1, sizeof(*f));

	f->kind = kind;
	f->route = *route;
	f->route.to.ip = ip_mask(route->to.ip, route->to.len);
	f->born = ++rs->born;
	RB_INSERT(fib_tree, &rs->tree, f);
	rs->n[route->to.len]++;
	return f;
}

/* The first route to just that prefix; NULL: none. */
static struct fib *first_to(const struct routes *rs, struct prefix to)
{
	struct fib key = { .kind = FIB_OWN, .route.to = to };
	struct fib *f = RB_NFIND(fib_tree, (struct fib_tree *)&rs->tree, &key);

	return f && f->route.to.len == to.len && ip_eq(f->route.to.ip, to.ip) ? f : NULL;
}

static struct fib *next_to(struct fib *f)
{
	struct fib *next = RB_NEXT(fib_tree, NULL, f);

	return next && next->route.to.len == f->route.to.len &&
			       ip_eq(next->route.to.ip, f->route.to.ip)
		       ? next
		       : NULL;
}

void routes_del(struct routes *rs, struct prefix to, uint32_t metric)
{
	struct fib *f, *next;

	to.ip = ip_mask(to.ip, to.len);
	for (f = first_to(rs, to); f; f = next) {
		next = next_to(f);
		if (f->kind == FIB_SET && f->route.metric == metric)
			fib_free(rs, f);
	}
}

void routes_set(struct routes *rs, const struct sim_route *route)
{
	routes_del(rs, route->to, route->metric);
	fib_add(rs, FIB_SET, route);
}

static void route_of_address(struct routes *rs, enum fib_kind kind, unsigned ifindex,
			     struct prefix to, bool on)
{
	struct sim_route route = {
		.to = { ip_mask(to.ip, to.len), to.len },
		.metric = kind == FIB_LINK && rs->af == V6 ? KERNEL_METRIC6 : 0,
		.nhops = 1,
		.hop[0] = { ip_any(rs->af), ifindex },
	};
	struct fib *f = first_to(rs, route.to);

	if (on) {
		fib_add(rs, kind, &route);
		return;
	}
	while (f && (f->kind != kind || f->route.hop[0].ifindex != ifindex))
		f = next_to(f);
	if (f)
		fib_free(rs, f);
}

void routes_own(struct routes *rs, unsigned ifindex, struct ip address, bool on)
{
	route_of_address(rs, FIB_OWN, ifindex, (struct prefix){ address, af_bits(rs->af) }, on);
}

void routes_link_of(struct routes *rs, unsigned ifindex, const struct prefix *address, bool on)
{
	if (address->len < af_bits(rs->af))
		route_of_address(rs, FIB_LINK, ifindex, *address, on);
}

static bool is_dead(const struct fib *f)
{
	for (unsigned i = 0; i < f->route.nhops; i++) {
		if (!f->dead[i])
			return false;
	}
	return f->route.nhops;
}

void routes_link(struct routes *rs, unsigned ifindex, bool up)
{
	struct fib *f, *next;

	for (f = RB_MIN(fib_tree, &rs->tree); f; f = next) {
		next = RB_NEXT(fib_tree, &rs->tree, f);
		if (f->kind == FIB_OWN && rs->af == V4)
			continue; /* is the host's whatever its link does */
		for (unsigned i = 0; i < f->route.nhops; i++) {
			if (f->route.hop[i].ifindex == ifindex)
				f->dead[i] = !up;
		}
		if (f->kind == FIB_SET && is_dead(f))
			fib_free(rs, f);
	}
}

/* Takes the hops of the device out of the route. */
static void drop_hops(struct fib *f, unsigned ifindex)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->route.nhops; i++) {
		if (f->route.hop[i].ifindex == ifindex)
			continue;
		f->route.hop[n] = f->route.hop[i];
		f->dead[n++] = f->dead[i];
	}
	f->route.nhops = n;
}

void routes_gone(struct routes *rs, unsigned ifindex)
{
	struct fib *f, *next;

	for (f = RB_MIN(fib_tree, &rs->tree); f; f = next) {
		unsigned n = f->route.nhops;

		next = RB_NEXT(fib_tree, &rs->tree, f);
		drop_hops(f, ifindex);
		if (n && (!f->route.nhops || (f->kind == FIB_SET && is_dead(f))))
			fib_free(rs, f);
	}
}

static bool answer(const struct fib *f, struct kern_route *route)
{
	const struct sim_route *r = &f->route;

	route->own = f->kind == FIB_OWN;
	route->len = r->to.len;
	route->preference = r->preference;
	route->metric = r->metric;
	route->mtu = r->mtu;
	for (unsigned i = 0; i < r->nhops; i++) {
		if (!f->dead[i])
			kern_route_hop(route, r->hop[i]);
	}
	return r->nhops;
}

bool routes_find(const struct routes *rs, struct ip ip, struct kern_route *route)
{
	for (int len = af_bits(rs->af); len >= 0; len--) {
		struct prefix to = { ip_mask(ip, len), len };
		struct fib *f = rs->n[len] ? first_to(rs, to) : NULL;

		while (f && is_dead(f))
			f = next_to(f);
		if (f)
			return answer(f, route);
	}
	return false;
}
