/* bsr_hear.c - what is checked before a Bootstrap message counts (RFC 5059 3.1.3) */
#include "bsr.h"

static const struct pim_family *conf_of(const struct pim *pim)
{
	return &pim->conf->af[pim->engine.af];
}

/* `bsr-filter` */
static bool is_wanted(const struct pim *pim, struct ip bsr)
{
	const struct pim_family *f = conf_of(pim);

	return pim_takes(f->bsr_from, f->nbsr_from, bsr);
}

/* Whether it came from the neighbor that leads to the bootstrap router. */
static bool is_by_rpf(const struct pim_iface *i, struct ip src, struct ip bsr)
{
	struct target *t = target_hold(i->pim, bsr);
	bool is = t->slot == i->slot && ip_eq(t->neighbor, src);

	target_drop(t);
	return is;
}

/* RFC 5059 3.1.3: it is for who just began; further fragments of the same one are, too. */
static bool is_late(const struct pim *pim, const struct zone *z, const struct msg_bootstrap *m)
{
	if (pim_clock(pim)->now - pim->began > PIM_BSR_PERIOD)
		return true;
	if (!z || !z->was_accepted)
		return false;
	return !ip_eq(z->primed_by, m->bsr) || z->tag != m->tag;
}

/* RFC 5059 3.1.3, but for what all messages have in common. */
static bool is_good(struct pim_iface *i, const struct packet *packet, const struct msg_bootstrap *m,
		    const struct prefix *scope, bool passes)
{
	struct pim *pim = i->pim;

	if (!zone_can_be(scope))
		PIM_COUNT(i, bsr_scope);
	else if (i->fields.bsr_border || zone_scope_ends_at(pim, scope, i->slot))
		PIM_COUNT(i, bsr_border);
	else if (!is_wanted(pim, m->bsr))
		PIM_COUNT(i, bsr_filtered);
	else if (passes && !is_by_rpf(i, packet->src, m->bsr))
		PIM_COUNT(i, bsr_rpf);
	else if (!passes && is_late(pim, zone_find(pim, scope), m))
		PIM_COUNT(i, bsr_late);
	else
		return true;
	return false;
}

/* FNV-1a, of all behind the checksum. */
static uint32_t hash_of(const struct packet *packet)
{
	const uint8_t *data = packet->data;
	uint32_t hash = UINT32_C(2166136261);

	for (size_t k = 4; k < packet->len; k++)
		hash = (hash ^ data[k]) * UINT32_C(16777619);
	return hash;
}

/*
 * Whether the same one was forwarded just now. Nothing else would end its way while unicast
 * routing goes in circles; a bootstrap router says none twice.
 */
static bool went_round(struct pim *pim, const struct packet *packet)
{
	int64_t now = pim_clock(pim)->now;
	uint32_t hash = hash_of(packet);

	for (unsigned k = 0; k < NELEMS(pim->bsr_passed); k++) {
		if (pim->bsr_passed[k].hash == hash && pim->bsr_passed[k].until > now)
			return true;
	}
	pim->bsr_passed[pim->nbsr_passed++ % NELEMS(pim->bsr_passed)] = (struct bsr_passed){
		hash, now + BSR_MIN_INTERVAL / 2
	};
	return false;
}

void bsr_receive(struct pim_iface *i, const struct packet *packet, const struct msg_bootstrap *m)
{
	struct pim *pim = i->pim;
	bool passes = ip_is_multicast(packet->dst) && !m->no_forward;
	struct prefix scope = pim_all_groups(pim->engine.af);
	struct zone *z;

	if (m->nsets && m->set->range.zone)
		scope = zone_said(&m->set->range.prefix);
	if (!is_good(i, packet, m, &scope, passes))
		return;
	z = zone_get(pim, &scope);
	if (!z)
		return;
	z->was_accepted = true;
	z->primed_by = passes ? ip_any(pim->engine.af) : m->bsr;
	if (z->is_candidate && ip_eq(m->bsr, z->own.ip)) {
		/* what a former process said: that is no news of who is it, but of what it knew */
		z->tag = m->tag;
		store_take(z, m);
		return;
	}
	bsr_heard(z, m, i, passes && !went_round(pim, packet));
}
