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

/* Duplicate address detection */

static void report_address(const struct address *a, bool on)
{
	kern_report(a->device->kern, &(struct news){ .kind = NEWS_ADDRESS,
						     .device.ifindex = a->device->link.ifindex,
						     .address = a->prefix,
						     .on = on });
}

/* The address is the host's own. */
static void dad_passed(struct address *a)
{
	struct device *d = a->device;
	struct routes *rs = &d->kern->state->routes[ip_family(a->prefix.ip)];

	a->is_tentative = false;
	routes_own(rs, d->link.ifindex, a->prefix.ip, true);
	routes_link(rs, d->link.ifindex, d->link.up);
	report_address(a, true);
}

/* One that was found twice is left as it is. */
static void dad_end(struct timer *timer)
{
	struct address *a = container_of(timer, struct address, dad);
	struct sim_kern *k = a->device->kern;

	if (k->is_duplicate && k->is_duplicate(k, a->device->link.ifindex, a->prefix.ip))
		return;
	dad_passed(a);
	kern_happened(k);
}

/* Devices without neighbors that could have it too do not ask; one that was never up waits. */
static void dad_begin(struct address *a)
{
	const struct device *d = a->device;
	struct sim_kern *k = d->kern;

	a->is_tentative = ip_family(a->prefix.ip) == V6 && k->dad && !d->link.loopback &&
			  !d->link.ptp;
	if (!a->is_tentative)
		dad_passed(a);
	else if (d->has_ipv6)
		timer_start(k->clock, &a->dad, k->dad);
}

static void dad_run(struct device *d)
{
	struct address *a;

	d->has_ipv6 = true;
	TAILQ_FOREACH(a, &d->addresses, link) {
		if (a->is_tentative)
			timer_start(d->kern->clock, &a->dad, d->kern->dad);
	}
}

void device_set(struct sim_kern *k, const struct link *link)
{
	struct device *d = device_find(k, link->ifindex);

	if (!d) {
		d = xcalloc(1, sizeof(*d));
		d->link.ifindex = link->ifindex;
		d->kern = k;
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
	if (link->up && !d->has_ipv6)
		dad_run(d);
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

static void address_free(struct address *a)
{
	timer_stop(a->device->kern->clock, &a->dad);
	TAILQ_REMOVE(&a->device->addresses, a, link);
	free(a);
}

void device_free(struct sim_kern *k, struct device *d)
{
	while (!TAILQ_EMPTY(&d->addresses))
		address_free(TAILQ_FIRST(&d->addresses));
	RB_REMOVE(device_tree, &k->state->devices, d);
	free(d);
}

static void address_del(struct address *a)
{
	struct device *d = a->device;
	struct routes *rs = &d->kern->state->routes[ip_family(a->prefix.ip)];

	routes_link_of(rs, d->link.ifindex, &a->prefix, false);
	if (!a->is_tentative) {
		routes_own(rs, d->link.ifindex, a->prefix.ip, false);
		report_address(a, false);
	}
	address_free(a);
}

static void addresses_del(struct device *d, enum af af)
{
	struct address *a, *next;

	TAILQ_FOREACH_SAFE(a, &d->addresses, link, next) {
		if (ip_family(a->prefix.ip) == af)
			address_del(a);
	}
}

static void device_down(struct device *d)
{
	struct link link = d->link;

	if (link.up) {
		link.up = false;
		device_set(d->kern, &link);
	}
	d->has_ipv6 = false;
	addresses_del(d, V6);
}

void sim_link_down(struct sim_kern *k, unsigned ifindex)
{
	struct device *d = device_find(k, ifindex);

	if (!d)
		return;
	device_down(d);
	kern_happened(k);
}

void sim_carrier(struct sim_kern *k, unsigned ifindex, bool on)
{
	struct device *d = device_find(k, ifindex);

	if (!d || d->link.up == on)
		return;
	d->link.up = on;
	kern_report(k, &(struct news){ .kind = NEWS_LINK, .device = d->link });
	kern_happened(k);
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
	device_down(d);
	addresses_del(d, V4);
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

/* In its place: of IPv6 the wider scope comes first, and of one scope the youngest. */
static struct address *address_add(struct device *d, const struct prefix *prefix)
{
	struct address *a = xcalloc(1, sizeof(*a)), *after = NULL;
	bool local = ip_is_link_local(prefix->ip);

	a->device = d;
	a->prefix = *prefix;
	timer_init(&a->dad, dad_end);
	if (ip_family(prefix->ip) == V6) {
		TAILQ_FOREACH(after, &d->addresses, link) {
			if (ip_family(after->prefix.ip) == V6 &&
			    (!local || ip_is_link_local(after->prefix.ip)))
				break;
		}
	}
	if (after)
		TAILQ_INSERT_BEFORE(after, a, link);
	else
		TAILQ_INSERT_TAIL(&d->addresses, a, link);
	return a;
}

void sim_address(struct sim_kern *k, unsigned ifindex, const struct prefix *address, bool on)
{
	struct device *d = device_find(k, ifindex);
	enum af af = ip_family(address->ip);
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
		a = address_add(d, address);
		routes_link_of(&k->state->routes[af], ifindex, address, true);
		routes_link(&k->state->routes[af], ifindex, d->link.up);
		dad_begin(a);
	} else {
		address_del(a);
	}
	kern_happened(k);
}

const struct address *device_address(const struct device *d, struct ip ip)
{
	const struct address *a;

	TAILQ_FOREACH(a, &d->addresses, link) {
		if (ip_eq(a->prefix.ip, ip))
			break;
	}
	return a;
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
		TAILQ_FOREACH(a, &d->addresses, link) {
			if (!a->is_tentative)
				router_address(k->router, d->link.ifindex, &a->prefix, true);
		}
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
