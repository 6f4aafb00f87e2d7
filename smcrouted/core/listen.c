/* listen.c - which packets and upcalls of which interfaces engines ask for
 *
 * Engines' wishes are sets of slots; the kernel is asked for their union where the devices exist.
 */
#include <stdlib.h>

#include "core/core.h"

void listen_init(struct listens *l, unsigned nengines)
{
	*l = (struct listens){ 0 };
	for (unsigned what = 0; what < NLISTEN; what++)
		l->wish[what] = xcalloc(nengines, sizeof(struct ifset));
}

void listen_free(struct listens *l)
{
	for (unsigned what = 0; what < NLISTEN; what++)
		free(l->wish[what]);
}

static bool takes_vif(enum listen_what what)
{
	return what == LISTEN_DATA || what == LISTEN_MEMBERS;
}

void listen_set(struct router *r, struct engine *e, unsigned slot, enum listen_what what, bool on)
{
	struct ifset *wish = &r->listens.wish[what][e->id];

	if (on && takes_vif(what))
		iface_tell_refused(r, e->af, slot);
	if (ifset_has(*wish, slot) == on)
		return;
	*wish = on ? ifset_with(*wish, slot) : ifset_without(*wish, slot);
	if (takes_vif(what))
		iface_need(r, e->af, slot, on ? 1 : -1);
	r->listens.changed = true;
	if (what == LISTEN_DATA && r->mfc[e->af].nrouting > 1)
		mfc_stale(&r->mfc[e->af], slot, false);
}

void listen_tunnel(struct router *r, struct engine *e, bool on)
{
	uint32_t own = UINT32_C(1) << e->id;

	_Static_assert(MAXENGINES <= 32, "listens.tunnel has too few bits");
	r->listens.tunnel = on ? r->listens.tunnel | own : r->listens.tunnel & ~own;
	r->listens.changed = true;
}

void listen_forget(struct router *r, struct engine *e)
{
	listen_tunnel(r, e, false);
	for (unsigned what = 0; what < NLISTEN; what++) {
		ifset_foreach(slot, r->listens.wish[what][e->id])
			listen_set(r, e, slot, what, false);
	}
}

bool listen_has(struct router *r, struct engine *e, const struct packet *packet)
{
	if (packet->proto == PROTO_IP)
		return r->listens.tunnel >> e->id & 1;
	return ifset_has(r->listens.wish[packet_listened(packet)][e->id], packet->slot);
}

/* What fails is tried again when something about the interface changes. */
static void ask(struct router *r, enum af af, unsigned slot, unsigned ifindex,
		enum listen_what what, bool on)
{
	struct ifset *asked = &r->listens.asked[af][what];
	const char *why = r->kern->op->listen(r->kern, af, ifindex, what, on);

	if (why && on)
		log_limited(r->log, &r->listens.failed, r->host.clock, LEVEL_WARNING,
			    "%s: cannot listen: %s", r->ifaces.slot[slot].name, why);
	*asked = on && !why ? ifset_with(*asked, slot) : ifset_without(*asked, slot);
}

void listen_slot_changed(struct router *r, unsigned slot, unsigned former)
{
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned what = 0; what < NLISTEN; what++) {
			struct ifset *asked = &r->listens.asked[af][what];

			/* a device that is gone took along what was asked for */
			if (former && ifset_has(*asked, slot))
				ask(r, af, slot, former, what, false);
			*asked = ifset_without(*asked, slot);
		}
	}
	r->listens.changed = true;
}

static void settle(struct router *r, enum af af, enum listen_what what)
{
	struct ifset wish = ifset_none(), asked = r->listens.asked[af][what];

	engines_foreach(r, l, e, af)
		wish = ifset_or(wish, r->listens.wish[what][e->id]);
	ifset_foreach(slot, ifset_xor(wish, asked)) {
		const struct device *d = r->ifaces.slot[slot].device;

		if (d)
			ask(r, af, slot, d->ifindex, what, ifset_has(wish, slot));
	}
}

/* The same for the tunnel. */
static void settle_tunnel(struct router *r)
{
	bool on = r->listens.tunnel;
	const char *why;

	if (on == r->listens.has_tunnel)
		return;
	why = r->kern->op->tunnel(r->kern, on);
	r->listens.has_tunnel = on && !why;
	if (why)
		log_limited(r->log, &r->listens.failed, r->host.clock, LEVEL_WARNING,
			    "%s: cannot make the tunnel: %s", r->host.tunnel, why);
}

void listen_work(struct router *r)
{
	if (!r->listens.changed)
		return;
	r->listens.changed = false;
	settle_tunnel(r);
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned what = 0; what < NLISTEN; what++) {
			if (what != LISTEN_DATA)
				settle(r, af, what);
		}
	}
}
