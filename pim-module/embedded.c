/* embedded.c - RPs that groups of IPv6 have within them (RFC 3956) */
#include "embedded.h"

bool embedded_has(struct ip group)
{
	return group.b[0] == 0xff && group.b[1] >> 4 == 7 && group.b[3] && group.b[3] <= 64;
}

/* RFC 3956 4: fe80::/10, ::/16 and ff00::/8; and 0 is no interface of an RP (6.3). */
struct ip embedded_in(struct ip group)
{
	struct ip rp = { { 0 } };
	unsigned riid = group.b[2] & 15;

	memcpy(rp.b, group.b + 4, 8);
	rp = ip_mask(rp, group.b[3]);
	rp.b[15] = riid;
	if (!riid || ip_is_link_local(rp) || ip_is_multicast(rp) || !(rp.b[0] | rp.b[1]))
		return ip_any(V6);
	return rp;
}

bool embedded_is(const struct pim *pim, struct ip group)
{
	return !pim->conf->no_embedded_rp && embedded_has(group);
}

struct ip embedded_believed(const struct pim *pim, struct ip group)
{
	struct ip rp = embedded_in(group);

	if (!rp_is_believed(&pim->rps, rp, (struct prefix){ group, 128 }))
		return ip_any(V6);
	return rp;
}

bool embedded_has_room(const struct pim *pim, struct ip rp)
{
	const struct target *t = target_find(pim, rp);

	return (t && t->embedded) || pim->nembedded < pim->conf->max_embedded;
}

struct ip embedded_rp(const struct pim *pim, struct ip group)
{
	struct ip rp = embedded_believed(pim, group);

	return ip_is_any(rp) || embedded_has_room(pim, rp) ? rp : ip_any(V6);
}
