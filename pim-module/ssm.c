/* ssm.c - what the configuration makes of groups: source-specific, scoped, of which RP */
#include <stdlib.h>

#include "auto.h"
#include "embedded.h"

static const struct pim_family *conf_of(const struct pim *pim)
{
	return &pim->conf->af[pim->engine.af];
}

bool ssm_has(const struct pim *pim, struct ip group)
{
	const struct pim_family *f = conf_of(pim);

	if (embedded_is(pim, group))
		return false;
	for (unsigned i = 0; i < f->nssm; i++) {
		if (prefix_has(&f->ssm[i], group))
			return true;
	}
	return !f->nssm && ip_is_ssm(group);
}

struct ip pim_rp(const struct pim *pim, struct ip group)
{
	const struct rp_mapping *m;

	if (embedded_is(pim, group))
		return embedded_rp(pim, group);
	m = ssm_has(pim, group) || auto_floods(pim, group) ? NULL : rp_choose(&pim->rps, group);
	return m && m->mode == RP_SPARSE ? m->rp : ip_any(pim->engine.af);
}

void pim_rps_configure(struct pim *pim)
{
	const struct pim_family *f = conf_of(pim);
	struct rp_mapping *mapping = xcalloc(f->nrps + 1, sizeof(*mapping));

	for (unsigned i = 0; i < f->nrps; i++)
		mapping[i] = (struct rp_mapping){
			.range = f->rp[i].range,
			.rp = f->rp[i].rp,
			.priority = f->rp[i].priority,
			.hash_len = pim->engine.af == V4 ? RP_HASH_LEN_V4 : RP_HASH_LEN_V6,
			.origin = RP_STATIC,
			.is_reachable = true,
		};
	rp_set_replace(&pim->rps, RP_STATIC, mapping, f->nrps);
	rp_set_static_first(&pim->rps, pim->conf->rp_static_first);
	rp_set_filter(&pim->rps, f->rp_from, f->nrp_from);
	free(mapping);
}

bool pim_is_said(const struct pim *pim, unsigned slot, struct ip ip, const struct prefix *range,
		 const uint8_t *said_of, unsigned n)
{
	struct host *host = pim->engine.host;

	for (unsigned i = 0; i < n; i++) {
		if (prefix_has(&range[i], ip) &&
		    ifset_has(host->op->named_by(host, slot), said_of[i]))
			return true;
	}
	return false;
}

struct ifset pim_passes(const struct pim *pim, struct ip group, struct ifset set)
{
	struct ifset passes = set;

	if (!conf_of(pim)->nscoped)
		return set;
	ifset_foreach(slot, set) {
		if (pim_is_scoped(pim, slot, group))
			passes = ifset_without(passes, slot);
	}
	return passes;
}

bool pim_is_scoped(const struct pim *pim, unsigned slot, struct ip group)
{
	const struct pim_family *f = conf_of(pim);

	if (!f->nscoped || slot == NOSLOT)
		return false;
	return pim_is_said(pim, slot, group, f->scoped, f->scoped_slot, f->nscoped);
}
