/* bsr_say.c - where Bootstrap messages leave, and what is for new neighbors (RFC 5059 3.4, 3.5) */
#include "bsr.h"

/* The most of a packet that a message fills, whatever the MTU. */
#define MAX_MESSAGE 1500

/* In as many fragments as it takes there. @to: ip_any(), all routers. */
static void say(struct pim_iface *i, struct ip to, const struct msg_bootstrap *m)
{
	enum af af = i->pim->engine.af;
	struct msg_ends ends = { i->address, ip_is_any(to) ? msg_all_routers(af) : to };
	size_t room = msg_room(af, i->mtu), len;
	struct msg_bootstrap_place at = { 0 };
	uint8_t data[MAX_MESSAGE];

	iface_hello_first(i);
	if (room > sizeof(data))
		room = sizeof(data);
	while ((len = msg_bootstrap_encode(&ends, m, &at, data, room)))
		iface_send_to(i, ends.dst, MSG_BOOTSTRAP, data, len);
}

static bool reaches(const struct zone *z, const struct pim_iface *i)
{
	return i->speaks && i->nneighbors && !i->fields.bsr_border && !zone_ends_at(z, i->slot);
}

void bsr_say(const struct zone *z, const struct msg_bootstrap *m, const struct pim_iface *in)
{
	ifset_foreach(slot, z->pim->running) {
		struct pim_iface *i = z->pim->iface[slot];

		if (reaches(z, i) && !(i == in && (i->ptp || i->fields.bsr_once)))
			say(i, ip_any(z->pim->engine.af), m);
	}
}

/* Of each zone what is known, to who is new there (RFC 5059 3.5). */
void bsr_neighbor_new(struct pim_iface *i, struct ip address)
{
	struct pim *pim = i->pim;
	const struct zone *z;

	if (!iface_is_dr_but(i, address))
		return;
	TAILQ_FOREACH(z, &pim->zones, link) {
		struct msg_bootstrap m = {
			.no_forward = true,
			.tag = z->tag,
			.hash_len = z->hash_len,
			.priority = z->current.priority,
			.bsr = z->current.ip,
		};

		if (ip_is_any(z->current.ip) || !reaches(z, i))
			continue;
		arena_reset(&pim->arena);
		store_last(z, &m);
		say(i, ip_any(pim->engine.af), &m);
		m.no_forward = false;
		if (i->fields.bsr_unicast)
			say(i, address, &m);
	}
}
