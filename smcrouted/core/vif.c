/* vif.c - vifs on demand
 *
 * Which devices there are is told by the kernel side, who needs a vif by wishes. From the two it
 * follows which vifs there should be: router_turn() makes them before entries are written and
 * takes them back after, so that no number names another device while an entry carries its bit
 * (the kernel keeps such bits).
 */
#include "core/core.h"

unsigned iface_of_vif(struct router *r, enum af af, unsigned vif)
{
	unsigned slot = vif < MAXVIFS ? r->ifaces.slot_of_vif[af][vif] : NOSLOT;

	return iface_vif(&r->ifaces, af, slot) == vif ? slot : NOSLOT;
}

void iface_tell_refused(struct router *r, enum af af, unsigned slot)
{
	const struct slot *s = &r->ifaces.slot[slot];
	const char *why = r->kern->op->family(r->kern, af);

	if (why)
		router_refused(r, "%s: no multicast routing: %s", af_name(af), why);
	else if (s->vif[af].refused)
		router_refused(r, "%s: no %s vif: %s", s->name, af_name(af), s->vif[af].refused);
}

void iface_need(struct router *r, enum af af, unsigned slot, int change)
{
	struct slot_vif *v = &r->ifaces.slot[slot].vif[af];
	bool was = v->need;

	v->need += change;
	if (change > 0)
		iface_tell_refused(r, af, slot);
	if (was != !!v->need) {
		v->refused = NULL;
		r->ifaces.changed = true;
		r->ifaces.sweep |= was;
	}
}

void router_inherit_vif(struct router *r, enum af af, unsigned vif, unsigned ifindex)
{
	struct ifaces *ifs = &r->ifaces;
	struct device *d = iface_device(r, ifindex);
	int slot = d && vif < MAXVIFS ? iface_slot(r, d->name) : -1;
	struct slot_vif *v;

	if (slot < 0 || ifs->slot[slot].vif[af].state != VIF_NONE ||
	    ifs->slot_of_vif[af][vif] != NOSLOT)
		return;
	v = &ifs->slot[slot].vif[af];
	v->number = vif;
	v->ifindex = ifindex;
	v->state = VIF_LIVE;
	ifs->slot_of_vif[af][vif] = slot;
	ifs->inherited[af] = ifset_with(ifs->inherited[af], slot);
	iface_need(r, af, slot, 1);
	mfc_expect_heirs(&r->mfc[af]);
}

void iface_release_inherited(struct router *r, enum af af)
{
	struct ifset held = r->ifaces.inherited[af];

	r->ifaces.inherited[af] = ifset_none();
	ifset_foreach(slot, held)
		iface_need(r, af, slot, -1);
}

/* Numbers are given round robin, so that one that was freed rests as long as possible. */
static unsigned free_number(struct ifaces *ifs, enum af af)
{
	for (unsigned i = 0; i < MAXVIFS; i++) {
		unsigned number = (ifs->next_vif[af] + i) % MAXVIFS;

		if (ifs->slot_of_vif[af][number] == NOSLOT) {
			ifs->next_vif[af] = number + 1;
			return number;
		}
	}
	return NOVIF;
}

/* Whether a number will be free when entries have been rewritten. */
static bool number_is_leaving(const struct ifaces *ifs, enum af af)
{
	for (unsigned i = 0; i < MAXSLOTS; i++) {
		if (ifs->slot[i].vif[af].state == VIF_LEAVING)
			return true;
	}
	return false;
}

static void refuse(struct router *r, enum af af, unsigned slot, const char *why)
{
	struct slot *s = &r->ifaces.slot[slot];

	s->vif[af].refused = why;
	log_err(r->log, "%s: no %s vif: %s", s->name, af_name(af), why);
	event_vif(r, af, slot, "refused", why);
	iface_tell_refused(r, af, slot);
}

static void make_vif(struct router *r, enum af af, unsigned slot)
{
	struct ifaces *ifs = &r->ifaces;
	struct slot *s = &ifs->slot[slot];
	struct slot_vif *v = &s->vif[af];
	unsigned number = free_number(ifs, af);
	const char *why;

	if (number == NOVIF) {
		if (!number_is_leaving(ifs, af))
			refuse(r, af, slot, "all 32 that the kernel has are in use");
		return;
	}
	why = r->kern->op->vif_add(r->kern, af, number, s->device->ifindex);
	if (why) {
		refuse(r, af, slot, why);
		return;
	}
	v->number = number;
	v->ifindex = s->device->ifindex;
	v->state = VIF_LIVE;
	ifs->slot_of_vif[af][number] = slot;
	log_debug(r->log, "%s: %s vif %u", s->name, af_name(af), number);
	event_vif(r, af, slot, "made", NULL);
	mfc_stale(&r->mfc[af], slot, false);
}

/* Whether the slot should have a vif of its present device. */
static bool vif_is_due(const struct slot *s, enum af af)
{
	return s->vif[af].need && s->device && !s->phyint.disabled;
}

void iface_make_vifs(struct router *r)
{
	struct ifaces *ifs = &r->ifaces;

	if (!ifs->changed)
		return;
	ifs->changed = false;
	for (enum af af = V4; af <= V6; af++) {
		if (r->kern->op->family(r->kern, af))
			continue;
		for (unsigned i = 0; i < MAXSLOTS; i++) {
			struct slot *s = &ifs->slot[i];
			struct slot_vif *v = &s->vif[af];
			bool due = vif_is_due(s, af);
			bool same = due && v->ifindex == s->device->ifindex;

			if (v->state == VIF_LIVE && !same) {
				v->state = VIF_LEAVING;
				mfc_stale(&r->mfc[af], i, false);
			} else if (v->state == VIF_LEAVING && same) {
				v->state = VIF_LIVE;
				mfc_stale(&r->mfc[af], i, false);
			} else if (v->state == VIF_NONE && due && !v->refused) {
				make_vif(r, af, i);
			}
		}
	}
}

/* Those that were turned away for want of a number may try again. */
static void forgive(struct ifaces *ifs, enum af af)
{
	for (unsigned i = 0; i < MAXSLOTS; i++)
		ifs->slot[i].vif[af].refused = NULL;
	ifs->changed = true;
}

void iface_drop_vifs(struct router *r)
{
	struct ifaces *ifs = &r->ifaces;

	for (enum af af = V4; af <= V6; af++) {
		if (mfc_is_stale(&r->mfc[af]))
			continue;
		for (unsigned i = 0; i < MAXSLOTS; i++) {
			struct slot_vif *v = &ifs->slot[i].vif[af];

			if (v->state != VIF_LEAVING)
				continue;
			r->kern->op->vif_del(r->kern, af, v->number);
			log_debug(r->log, "%s: %s vif %u taken back", ifs->slot[i].name,
				  af_name(af), v->number);
			event_vif(r, af, i, "taken back", NULL);
			ifs->slot_of_vif[af][v->number] = NOSLOT;
			v->state = VIF_NONE;
			ifs->sweep = true;
			forgive(ifs, af);
		}
	}
}
