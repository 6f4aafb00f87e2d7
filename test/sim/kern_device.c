/* kern_device.c - devices of the modelled kernel, their addresses, and routes */
#include <stdlib.h>

#include "sim/kern_state.h"

/* As linux/tun.c has it: whole packets of IPv4 come out, whatever a path takes. */
#define TUNNEL_MTU 65535

static int device_cmp(const struct device *a, const struct device *b)
{
	return a->link.ifindex < b->link.ifindex ? -1 : a->link.ifindex > b->link.ifindex;
}

RB_GENERATE(device_tree, device, node, device_cmp)

struct device *device_find(const struct sim_kern *k, unsigned ifindex)
{
	struct device key = { .link.ifindex = ifindex };

	return RB_FIND(device_tree, &k->state->devices, &key);
}

void device_set(struct sim_kern *k, const struct link *link)
{
	struct device *d = device_find(k, link->ifindex);

	if (!d) {
		d = xcalloc(1, sizeof(*d));
		d->link.ifindex = link->ifindex;
		TAILQ_INIT(&d->addresses);
		RB_INSERT(device_tree, &k->state->devices, d);
	}
	d->link = *link;
	if (link->name != d->name) {
		memset(d->name, 0, sizeof(d->name));
		strncpy(d->name, link->name, sizeof(d->name) - 1);
	}
	d->link.name = d->name;
	for (enum af af = V4; af < NFAMILIES; af++)
		routes_link(&k->state->routes[af], d->link.ifindex, d->link.up);
	kern_report(k, &(struct news){ .kind = NEWS_LINK, .device = d->link });
}

void sim_link(struct sim_kern *k, const struct link *link)
{
	device_set(k, link);
	kern_happened(k);
}

void sim_link_up(struct sim_kern *k, unsigned ifindex, const char *name)
{
	sim_link(k, &(struct link){
			    .ifindex = ifindex,
			    .name = name,
			    .up = true,
			    .multicast = true,
			    .mtu = 1500,
		    });
}

void device_free(struct sim_kern *k, struct device *d)
{
	struct address *a;

	while ((a = TAILQ_FIRST(&d->addresses))) {
		TAILQ_REMOVE(&d->addresses, a, link);
		free(a);
	}
	RB_REMOVE(device_tree, &k->state->devices, d);
	free(d);
}

void device_gone(struct sim_kern *k, unsigned ifindex)
{
	struct device *d = device_find(k, ifindex);
	struct tunnel *t = &k->state->tunnel;
	struct tunnelled *waiting;

	if (!d)
		return;
	if (ifindex == t->ifindex) {
		t->ifindex = 0;
		while ((waiting = tunnel_take(t)))
			free(waiting);
	}
	for (enum af af = V4; af < NFAMILIES; af++) {
		mroute_gone(kern_mroute(k, af), ifindex);
		routes_gone(&k->state->routes[af], ifindex);
	}
	members_gone(&k->state->members, ifindex);
	device_free(k, d);
	kern_report(k, &(struct news){ .kind = NEWS_GONE, .device.ifindex = ifindex });
}

/* As TUN devices do it: it is there, then it is up. */
void tunnel_begin(struct sim_kern *k)
{
	struct tunnel *t = &k->state->tunnel;
	struct link link = {
		.ifindex = t->last ? t->last + 1 : SIM_TUNNEL_IFINDEX,
		.name = TUNNEL_NAME,
		.multicast = true,
		.ptp = true,
		.mtu = TUNNEL_MTU,
	};

	t->ifindex = t->last = link.ifindex;
	device_set(k, &link);
	link.up = true;
	device_set(k, &link);
}

/* Who has the tunnel makes it again. */
void sim_link_gone(struct sim_kern *k, unsigned ifindex)
{
	struct tunnel *t = &k->state->tunnel;
	bool is_tunnel = t->is_claimed && t->ifindex == ifindex;

	device_gone(k, ifindex);
	if (is_tunnel)
		tunnel_begin(k);
	kern_happened(k);
}

void sim_address(struct sim_kern *k, unsigned ifindex, const struct prefix *address, bool on)
{
	struct device *d = device_find(k, ifindex);
	struct address *a;

	if (!d)
		return;
	TAILQ_FOREACH(a, &d->addresses, link) {
		if (ip_eq(a->prefix.ip, address->ip) && a->prefix.len == address->len)
			break;
	}
	if (!on == !a)
		return;
	if (on) {
		a = xcalloc(1, sizeof(*a));
		a->prefix = *address;
		TAILQ_INSERT_TAIL(&d->addresses, a, link);
	} else {
		TAILQ_REMOVE(&d->addresses, a, link);
		free(a);
	}
	routes_address(&k->state->routes[ip_family(address->ip)], ifindex, address, on);
	routes_link(&k->state->routes[ip_family(address->ip)], ifindex, d->link.up);
	kern_report(k, &(struct news){ .kind = NEWS_ADDRESS,
				       .device.ifindex = ifindex,
				       .address = *address,
				       .on = on });
	kern_happened(k);
}

const char *sim_route_set(struct sim_kern *k, const struct sim_route *route)
{
	enum af af = ip_family(route->to.ip);

	for (unsigned i = 0; i < route->nhops; i++) {
		const struct device *d = device_find(k, route->hop[i].ifindex);

		if (!d || !d->link.up)
			return d ? "Network is down" : REASON_ENODEV;
	}
	routes_set(&k->state->routes[af], route);
	kern_report(k, &(struct news){ .kind = NEWS_ROUTES, .af = af });
	kern_happened(k);
	return NULL;
}

void sim_route_del(struct sim_kern *k, struct prefix to, uint32_t metric)
{
	enum af af = ip_family(to.ip);

	routes_del(&k->state->routes[af], to, metric);
	kern_report(k, &(struct news){ .kind = NEWS_ROUTES, .af = af });
	kern_happened(k);
}

void sim_resync(struct sim_kern *k)
{
	struct device *d;
	struct address *a;

	if (!k->router)
		return;
	router_resync_begin(k->router);
	RB_FOREACH(d, device_tree, &k->state->devices) {
		router_link(k->router, &d->link);
		TAILQ_FOREACH(a, &d->addresses, link)
			router_address(k->router, d->link.ifindex, &a->prefix, true);
	}
	router_resync_end(k->router);
}

const struct link *sim_link_find(const struct sim_kern *k, unsigned ifindex)
{
	const struct device *d = device_find(k, ifindex);

	return d ? &d->link : NULL;
}

unsigned sim_link_index(const struct sim_kern *k, const char *name)
{
	struct device *d;

	RB_FOREACH(d, device_tree, &k->state->devices) {
		if (!strcmp(d->name, name))
			return d->link.ifindex;
	}
	return 0;
}
