/* net_route.c - unicast routes over the shortest paths, which routers learn after a while
 *
 * Each router computes its own from the network as it is at that moment: so they disagree until
 * the last has done it.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/net_state.h"

/* Routes have the administrative distance of OSPF. */
#define PREFERENCE 110
#define FAR UINT32_MAX

/* Where a path begins: the ports of the router itself and of the next one. */
struct first_hops {
	uint32_t cost;
	unsigned n;
	struct {
		const struct net_port *out, *gateway;
	} hop[SIM_MAXHOPS];
};

/* What was put into the kernel, by link, and by anycast address. */
struct net_paths {
	bool rewrite; /* the kernel may have lost some */
	unsigned n, nanycast;
	struct first_hops *anycast; /* owned */
	struct first_hops to[];
};

/* Of each router that has an anycast address. */
#define LOOPBACK 30000

static void hop_add(struct first_hops *f, const struct net_port *out,
		    const struct net_port *gateway)
{
	for (unsigned i = 0; i < f->n; i++) {
		if (f->hop[i].gateway == gateway)
			return;
	}
	if (f->n == out->node->net->routing.ecmp)
		return;
	f->hop[f->n].out = out;
	f->hop[f->n++].gateway = gateway;
}

static void hops_merge(struct first_hops *to, const struct first_hops *from)
{
	for (unsigned i = 0; i < from->n; i++)
		hop_add(to, from->hop[i].out, from->hop[i].gateway);
}

/* The port to its neighbor on it, which is @cost away by way of the nearer router. */
static void relax(struct first_hops *far, const struct first_hops *near,
		  const struct net_port *port, const struct net_port *neighbor)
{
	uint32_t cost = near->cost + port->link->cost;

	if (cost > far->cost)
		return;
	if (cost < far->cost)
		*far = (struct first_hops){ .cost = cost };
	if (near->cost)
		hops_merge(far, near);
	else
		hop_add(far, port, neighbor);
}

/* The nearest router that is not done; NULL: none can be reached. */
static struct net_router *nearest(struct net *n, const struct first_hops *to, const bool *done)
{
	struct net_router *best = NULL;

	for (unsigned i = 0; i < n->nrouters; i++) {
		if (!done[i] && to[i].cost != FAR && (!best || to[i].cost < to[best->number].cost))
			best = n->routers[i];
	}
	return best;
}

/* The first hops to all routers, by number. */
static void shortest_paths(struct net_router *r, struct first_hops *to)
{
	struct net *n = r->node.net;
	bool done[NET_MAXROUTERS] = { false };
	struct net_port *port, *other;
	struct net_router *at;

	for (unsigned i = 0; i < n->nrouters; i++)
		to[i] = (struct first_hops){ .cost = FAR };
	to[r->number].cost = 0;
	while ((at = nearest(n, to, done))) {
		done[at->number] = true;
		TAILQ_FOREACH(port, &at->node.ports, on_node) {
			TAILQ_FOREACH(other, &port->link->ports, on_link) {
				struct net_router *next = other->node->router;

				if (next && next->r && !done[next->number] &&
				    net_reaches(port, other))
					relax(&to[next->number], &to[at->number], port, other);
			}
		}
	}
}

/* To a link by way of the nearest of the routers on it; none if the router is there itself. */
static struct first_hops to_link(const struct net_router *r, const struct net_link *l,
				 const struct first_hops *to)
{
	struct first_hops best = { .cost = FAR };
	struct net_port *port;

	TAILQ_FOREACH(port, &l->ports, on_link) {
		const struct net_router *other = port->node->router;

		if (other == r)
			return (struct first_hops){ .cost = FAR };
		if (!other || !other->r || !net_is_up(port) || to[other->number].cost > best.cost ||
		    to[other->number].cost == FAR)
			continue;
		if (to[other->number].cost < best.cost)
			best = (struct first_hops){ .cost = to[other->number].cost };
		hops_merge(&best, &to[other->number]);
	}
	return best;
}

/* To the nearest router that has the address; none if that is the router itself. */
static struct first_hops to_anycast(const struct net_router *r, const struct net_anycast *a,
				    const struct first_hops *to)
{
	struct first_hops best = { .cost = FAR };
	const struct net *n = r->node.net;

	for (unsigned i = 0; i < n->nrouters && !a->has[r->number]; i++) {
		if (!a->has[i] || !n->routers[i]->r || to[i].cost > best.cost || to[i].cost == FAR)
			continue;
		if (to[i].cost < best.cost)
			best = (struct first_hops){ .cost = to[i].cost };
		hops_merge(&best, &to[i]);
	}
	return best;
}

static void write_route(struct net_router *r, struct prefix to, const struct first_hops *old,
			const struct first_hops *f)
{
	enum af af = ip_family(to.ip);
	struct sim_route route = {
		.to = to,
		.metric = f->cost,
		.preference = PREFERENCE,
		.nhops = f->n,
	};

	if (old->n && (old->cost != f->cost || !f->n))
		sim_route_del(r->k, route.to, old->cost);
	for (unsigned i = 0; i < f->n; i++) {
		route.hop[i].gateway = net_address(f->hop[i].gateway, af, af == V6);
		route.hop[i].ifindex = f->hop[i].out->ifindex;
	}
	if (f->n)
		sim_route_set(r->k, &route);
}

static struct net_paths *paths_of(struct net_router *r)
{
	unsigned had = r->paths ? r->paths->n : 0, n = r->node.net->nlinks + 1;

	if (had < n) {
		struct net_paths *more = xcalloc(1, sizeof(*more) + n * sizeof(more->to[0]));

		if (r->paths)
			memcpy(more, r->paths, sizeof(*more) + had * sizeof(more->to[0]));
		more->n = n;
		free(r->paths);
		r->paths = more;
	}
	if (r->paths->nanycast < r->node.net->nanycast) {
		r->paths->anycast = xrealloc(r->paths->anycast,
					     r->node.net->nanycast * sizeof(struct first_hops));
		while (r->paths->nanycast < r->node.net->nanycast)
			r->paths->anycast[r->paths->nanycast++] = (struct first_hops){ .n = 0 };
	}
	return r->paths;
}

/* The address of a link that is a prefix. */
static struct prefix prefix_of(const struct net_link *l, enum af af)
{
	struct net_port port = { .link = (struct net_link *)l };
	unsigned len = af == V4 ? 24 : 64;

	return (struct prefix){ ip_mask(net_address(&port, af, false), len), len };
}

static bool is_other(const struct net_paths *paths, const struct first_hops *a,
		     const struct first_hops *b)
{
	return paths->rewrite || memcmp(a, b, sizeof(*a)) != 0;
}

static void converge(struct net_router *r)
{
	struct net *n = r->node.net;
	struct net_paths *paths = paths_of(r);
	struct first_hops *to = xcalloc(n->nrouters, sizeof(*to));
	unsigned changed = 0;
	struct net_link *l;

	shortest_paths(r, to);
	TAILQ_FOREACH(l, &n->links, link) {
		struct first_hops *old = &paths->to[l->number], f = to_link(r, l, to);

		if (!is_other(paths, old, &f))
			continue;
		changed += memcmp(old, &f, sizeof(f)) != 0;
		for (enum af af = V4; af < NFAMILIES; af++)
			write_route(r, prefix_of(l, af), old, &f);
		*old = f;
	}
	for (unsigned i = 0; i < n->nanycast; i++) {
		struct ip ip = n->anycast[i].ip;
		struct first_hops *old = &paths->anycast[i], f = to_anycast(r, &n->anycast[i], to);

		if (!is_other(paths, old, &f))
			continue;
		changed += memcmp(old, &f, sizeof(f)) != 0;
		write_route(r, (struct prefix){ ip, af_bits(ip_family(ip)) }, old, &f);
		*old = f;
	}
	paths->rewrite = false;
	free(to);
	if (changed)
		net_log(n, r->node.name, "has %u other routes", changed);
}

static void on_converged(struct timer *timer)
{
	struct net_router *r = container_of(timer, struct net_router, converged);

	net_enter(&r->node);
	converge(r);
	net_leave_node(&r->node);
}

void net_routes_lost(struct net_router *r)
{
	if (r->node.net->routing.on)
		paths_of(r)->rewrite = true;
}

void net_routes_stale(struct net *n)
{
	for (unsigned i = 0; i < n->nrouters && n->routing.on; i++) {
		struct net_router *r = n->routers[i];

		if (timer_is_running(&r->converged))
			continue;
		timer_init(&r->converged, on_converged);
		timer_start(&n->clock, &r->converged,
			    n->routing.delay + rng_jitter(&n->rng, 0, n->routing.spread));
	}
}

void net_routing(struct net *n, unsigned ecmp, int64_t delay, int64_t spread)
{
	if (!ecmp || ecmp > SIM_MAXHOPS)
		net_die("so many next hops cannot be:", "net_routing");
	n->routing.on = true;
	n->routing.ecmp = ecmp;
	n->routing.delay = delay;
	n->routing.spread = spread;
	net_routes_stale(n);
}

void net_cost(struct net *n, const char *link, unsigned cost)
{
	net_link_of(n, link)->cost = cost;
	net_routes_stale(n);
}

void net_anycast(struct net *n, const char *routers, const char *address)
{
	struct net_anycast *a;
	char word[64];

	n->anycast = xrealloc(n->anycast, (n->nanycast + 1) * sizeof(*a));
	a = &n->anycast[n->nanycast++];
	*a = (struct net_anycast){ .ip = ip_any(V6) };
	if (!ip_parse(address, &a->ip))
		net_die("no address:", address);
	while (net_word(&routers, word)) {
		struct link lo = {
			.ifindex = LOOPBACK, .name = "lo", .up = true, .loopback = true
		};
		struct prefix own = { a->ip, af_bits(ip_family(a->ip)) };
		struct net_router *r = net_router_find(n, word);

		a->has[r->number] = true;
		net_enter(&r->node);
		sim_link(r->k, &lo);
		sim_address(r->k, LOOPBACK, &own, true);
		net_leave_node(&r->node);
	}
	net_routes_stale(n);
}

void net_routes_free(struct net_router *r)
{
	if (r->paths)
		free(r->paths->anycast);
	free(r->paths);
	r->paths = NULL;
}
