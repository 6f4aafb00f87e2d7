/* iface.c - devices, and the slots that names and patterns of names have
 *
 * What the system has is told by the kernel side. A slot and the device of its name find each
 * other, whichever comes first; vif.c makes vifs of the two.
 */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

void iface_init(struct ifaces *ifs)
{
	*ifs = (struct ifaces){ 0 };
	TAILQ_INIT(&ifs->devices);
	TAILQ_INIT(&ifs->phyints);
	memset(ifs->slot_of_vif, NOSLOT, sizeof(ifs->slot_of_vif));
}

static void device_free(struct ifaces *ifs, struct device *d)
{
	TAILQ_REMOVE(&ifs->devices, d, link);
	free(d->address[V4]);
	free(d->address[V6]);
	free(d);
}

void iface_free(struct ifaces *ifs)
{
	struct device *d;

	while ((d = TAILQ_FIRST(&ifs->devices)))
		device_free(ifs, d);
	phyints_free(&ifs->phyints);
}

struct device *iface_device(struct router *r, unsigned ifindex)
{
	struct device *d;

	TAILQ_FOREACH(d, &r->ifaces.devices, link) {
		if (d->ifindex == ifindex)
			return d;
	}
	return NULL;
}

static int slot_find(const struct ifaces *ifs, const char *name)
{
	for (int i = 0; i < MAXSLOTS; i++) {
		if (!strcmp(ifs->slot[i].name, name))
			return i;
	}
	return -1;
}

/* The slot and the device of one name find each other. */
static void attach(struct router *r, unsigned slot, struct device *d)
{
	struct slot *s = &r->ifaces.slot[slot];

	s->device = d;
	s->epoch = ++r->ifaces.epochs;
	d->slot = slot;
	for (enum af af = V4; af <= V6; af++)
		s->vif[af].refused = NULL;
	r->ifaces.changed = true;
	join_slot_changed(r, slot);
	listen_slot_changed(r, slot, 0);
	rpf_stale(r);
}

struct iface iface_describe(const struct router *r, enum af af, unsigned slot)
{
	const struct slot *s = &r->ifaces.slot[slot];
	const struct device *d = s->device;
	struct iface iface = { .name = s->name };

	if (d) {
		iface.present = true;
		iface.enabled = !s->phyint.disabled && !r->kern->op->family(r->kern, af);
		iface.refused = s->vif[af].refused;
		iface.up = d->up;
		iface.multicast = d->multicast;
		iface.loopback = d->loopback;
		iface.ptp = d->ptp;
		iface.mtu = d->mtu;
		iface.epoch = s->epoch;
		iface.address = d->address[af];
		iface.naddresses = d->naddresses[af];
	}
	return iface;
}

static bool is_tunnel(const char *name)
{
	return !strncmp(name, TUNNEL_NAME, sizeof(TUNNEL_NAME) - 1);
}

/* The slot takes on what the configuration says of its name. */
static void tune(struct router *r, unsigned slot)
{
	struct ifaces *ifs = &r->ifaces;
	struct slot *s = &ifs->slot[slot];
	struct phyint_core now = { 0 };

	/* the tunnel is not among those that are meant by a pattern */
	if (!is_tunnel(s->name)) {
		now.disabled = r->options.only_enabled && phyint_names(&ifs->phyints, s->name);
		phyint_apply(&ifs->phyints, s->name, phyint_keywords, &now);
	}
	if (s->phyint.threshold != now.threshold)
		mfc_stale(&r->mfc[V4], slot, true);
	if (s->phyint.disabled != now.disabled)
		ifs->changed = true;
	s->phyint = now;
}

static bool takes_in(const struct ifaces *ifs, unsigned pattern, const struct device *d)
{
	return !d->loopback && !is_tunnel(d->name) &&
	       ifname_matches(ifs->slot[pattern].name, d->name);
}

/* An interface that a pattern takes in has a slot, if there is one left. */
static void take_in(struct router *r, const struct device *d)
{
	if (d->slot == NOSLOT && iface_slot(r, d->name) < 0)
		log_limited(r->log, &r->ifaces.too_many, r->host.clock, LEVEL_ERR,
			    "%s: one interface too many, %u can be in use", d->name, MAXSLOTS);
}

struct ifset iface_expand(const struct ifaces *ifs, struct ifset set)
{
	struct ifset patterns = ifset_and(set, ifs->patterns);

	set = ifset_minus(set, patterns);
	ifset_foreach(pattern, patterns) {
		for (unsigned i = 0; i < MAXSLOTS; i++) {
			if (ifs->slot[i].device && takes_in(ifs, pattern, ifs->slot[i].device))
				set = ifset_with(set, i);
		}
	}
	return set;
}

/* The patterns that take in the device. */
static struct ifset patterns_of(const struct ifaces *ifs, const struct device *d)
{
	struct ifset set = ifset_none();

	ifset_foreach(pattern, ifs->patterns) {
		if (takes_in(ifs, pattern, d))
			set = ifset_with(set, pattern);
	}
	return set;
}

struct ifset iface_named_by(const struct ifaces *ifs, unsigned slot)
{
	const struct device *d = ifs->slot[slot].device;
	struct ifset itself = ifset_of(slot);

	return d ? ifset_or(itself, patterns_of(ifs, d)) : itself;
}

struct ifset iface_present(const struct ifaces *ifs)
{
	struct ifset set = ifset_none();

	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (ifs->slot[i].device)
			set = ifset_or(set, iface_named_by(ifs, i));
	}
	return set;
}

int iface_slot(struct router *r, const char *name)
{
	struct ifaces *ifs = &r->ifaces;
	int slot = slot_find(ifs, name);
	struct device *d;

	if (slot >= 0)
		return slot;
	slot = slot_find(ifs, "");
	if (slot < 0)
		return -1;
	ifs->slot[slot] = (struct slot){ 0 };
	strncpy(ifs->slot[slot].name, name, IFNAME_SIZE - 1);
	ifs->sweep = true;
	if (ifname_is_pattern(name)) {
		ifs->patterns = ifset_with(ifs->patterns, slot);
		TAILQ_FOREACH(d, &ifs->devices, link) {
			if (takes_in(ifs, slot, d))
				take_in(r, d);
		}
		return slot;
	}
	tune(r, slot);
	TAILQ_FOREACH(d, &ifs->devices, link) {
		if (!strcmp(d->name, name))
			attach(r, slot, d);
	}
	return slot;
}

void iface_configure(struct router *r, struct phyints *phyints)
{
	struct ifaces *ifs = &r->ifaces;

	phyints_free(&ifs->phyints);
	TAILQ_CONCAT(&ifs->phyints, phyints, link);
	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (*ifs->slot[i].name && !ifset_has(ifs->patterns, i))
			tune(r, i);
	}
}

/* The device leaves its slot: it is gone, or has another name from now on. */
static void detach(struct router *r, struct device *d, bool is_gone)
{
	unsigned slot = d->slot;

	if (slot == NOSLOT)
		return;
	d->slot = NOSLOT;
	r->ifaces.slot[slot].device = NULL;
	/* the kernel took the vif back: one of the same index would be another device */
	for (enum af af = V4; is_gone && af <= V6; af++)
		r->ifaces.slot[slot].vif[af].ifindex = 0;
	r->ifaces.changed = r->ifaces.sweep = true;
	join_slot_changed(r, slot);
	listen_slot_changed(r, slot, is_gone ? 0 : d->ifindex);
}

static void tell(struct router *r, const char *name, const char *state)
{
	event_send(r, "interface", "name", name, "state", state, NULL);
}

void router_link(struct router *r, const struct link *link)
{
	struct ifaces *ifs = &r->ifaces;
	struct device *d = iface_device(r, link->ifindex), *after;
	bool is_new = !d;
	int slot;

	if (!d) {
		d = xcalloc(1, sizeof(*d));
		d->ifindex = link->ifindex;
		d->slot = NOSLOT;
		TAILQ_FOREACH(after, &ifs->devices, link) {
			if (after->ifindex > d->ifindex)
				break;
		}
		if (after)
			TAILQ_INSERT_BEFORE(after, d, link);
		else
			TAILQ_INSERT_TAIL(&ifs->devices, d, link);
	}
	d->seen = true;
	if (strncmp(d->name, link->name, IFNAME_SIZE - 1)) {
		char before[IFNAME_SIZE];
		unsigned former = d->slot;

		memcpy(before, d->name, sizeof(before));
		detach(r, d, false);
		memset(d->name, 0, sizeof(d->name));
		strncpy(d->name, link->name, IFNAME_SIZE - 1);
		event_send(r, "interface", "name", d->name, "state", is_new ? "new" : "renamed",
			   "from", is_new ? NULL : before, NULL);
		if (former != NOSLOT)
			engines_iface(r, former);
	}
	if (is_new ? link->up : d->up != link->up)
		tell(r, d->name, link->up ? "up" : "down");
	if (d->slot != NOSLOT && link->up && !d->up)
		ifs->slot[d->slot].epoch = ++ifs->epochs;
	d->up = link->up;
	d->multicast = link->multicast;
	d->loopback = link->loopback;
	d->ptp = link->ptp;
	d->mtu = link->mtu;

	if (!ifset_empty(patterns_of(ifs, d)))
		take_in(r, d);
	slot = slot_find(ifs, d->name);
	if (slot >= 0 && ifs->slot[slot].device != d) {
		/* the word that the old one went, or has another name, comes later */
		if (ifs->slot[slot].device)
			detach(r, ifs->slot[slot].device, false);
		attach(r, slot, d);
	}
	ifs->changed = true;
	rpf_stale(r);
	if (slot >= 0)
		engines_iface(r, slot);
}

void router_link_gone(struct router *r, unsigned ifindex)
{
	struct device *d = iface_device(r, ifindex);
	unsigned slot;

	if (!d)
		return;
	slot = d->slot;
	tell(r, d->name, "gone");
	detach(r, d, true);
	device_free(&r->ifaces, d);
	rpf_stale(r);
	if (slot != NOSLOT)
		engines_iface(r, slot);
}

/*
 * Of a listing: addresses get the order in which they came. The kernel lists those of IPv4 so, and
 * of IPv6 the youngest first. What was listed gathers at one end.
 */
static void list_address(struct device *d, enum af af, unsigned i, bool is_new)
{
	struct prefix *a = d->address[af], address = a[i];
	unsigned n = d->naddresses[af], last = n - 1;

	if (!is_new && (af == V4 ? i >= n - d->nlisted[af] : i < d->nlisted[af]))
		return;
	d->nlisted[af]++;
	d->is_moved |= !is_new && i != (af == V4 ? 0 : last);
	if (af == V4) {
		memmove(&a[i], &a[i + 1], (last - i) * sizeof(*a));
		a[last] = address;
	} else {
		memmove(&a[1], &a[0], i * sizeof(*a));
		a[0] = address;
	}
}

void router_address(struct router *r, unsigned ifindex, const struct prefix *address, bool on)
{
	struct device *d = iface_device(r, ifindex);
	enum af af = ip_family(address->ip);
	unsigned i, n;
	bool known;

	if (!d)
		return;
	n = d->naddresses[af];
	for (i = 0; i < n && (d->address[af][i].len != address->len ||
			      !ip_eq(d->address[af][i].ip, address->ip));)
		i++;
	known = i < n;
	if (on && !known) {
		d->address[af] = xrealloc(d->address[af], (n + 1) * sizeof(struct prefix));
		d->address[af][n] = *address;
		d->naddresses[af] = n + 1;
	} else if (!on && known) {
		memmove(&d->address[af][i], &d->address[af][i + 1],
			(n - i - 1) * sizeof(struct prefix));
		d->naddresses[af] = n - 1;
	}
	if (on && r->ifaces.listing)
		list_address(d, af, i, !known);
	if (on == known)
		return;
	event_send(r, "address", "name", d->name, "address", prefix_str(address), "state",
		   on ? "new" : "gone", NULL);
	rpf_stale(r);
	if (d->slot != NOSLOT)
		engines_iface(r, d->slot);
}

void router_resync_begin(struct router *r)
{
	struct device *d;

	r->ifaces.listing = true;
	TAILQ_FOREACH(d, &r->ifaces.devices, link) {
		d->seen = d->is_moved = false;
		d->nlisted[V4] = d->nlisted[V6] = 0;
	}
}

/* The addresses that the listing did not name, at the other end. */
static void drop_unlisted(struct router *r, struct device *d, enum af af)
{
	while (d->naddresses[af] > d->nlisted[af]) {
		struct prefix gone = d->address[af][af == V4 ? 0 : d->naddresses[af] - 1];

		router_address(r, d->ifindex, &gone, false);
	}
}

void router_resync_end(struct router *r)
{
	struct device *d, *next;

	r->ifaces.listing = false;
	for (d = TAILQ_FIRST(&r->ifaces.devices); d; d = next) {
		next = TAILQ_NEXT(d, link);
		if (!d->seen) {
			router_link_gone(r, d->ifindex);
			continue;
		}
		drop_unlisted(r, d, V4);
		drop_unlisted(r, d, V6);
		if (d->is_moved && d->slot != NOSLOT)
			engines_iface(r, d->slot);
	}
}

/* Those that a pattern takes in have the slots that were too few before. */
static void take_in_more(struct router *r)
{
	struct ifaces *ifs = &r->ifaces;
	struct device *d;

	TAILQ_FOREACH(d, &ifs->devices, link) {
		if (d->slot != NOSLOT || ifset_empty(patterns_of(ifs, d)))
			continue;
		if (slot_find(ifs, "") < 0)
			break;
		take_in(r, d);
		engines_iface(r, d->slot);
	}
}

void iface_sweep(struct router *r)
{
	struct ifaces *ifs = &r->ifaces;
	struct ifset used;

	/* who has something to settle may hold slots that it names no more; lines being read do */
	if (!ifs->sweep || r->awake || r->load.config)
		return;
	ifs->sweep = false;
	used = engines_slots(r);
	used = ifset_or(used, iface_expand(ifs, used));
	for (unsigned i = 0; i < MAXSLOTS; i++) {
		struct slot *s = &ifs->slot[i];

		if (!*s->name || ifset_has(used, i) || s->vif[V4].need || s->vif[V6].need ||
		    s->vif[V4].state || s->vif[V6].state)
			continue;
		if (s->device) {
			s->device->slot = NOSLOT;
			rpf_stale(r);
		}
		*s = (struct slot){ 0 };
		ifs->patterns = ifset_without(ifs->patterns, i);
	}
	take_in_more(r);
}
