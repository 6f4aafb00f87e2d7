/* show_anycast.c - `show pim anycast-rp`: who shares the address of an RP, and what is copied */
#include <string.h>

#include "anycast.h"
#include "show.h"

static void put_member(struct show *s, const struct pim *pim, const struct anycast *a)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "rp_address", ip_str(a->rp));
	record_str(&rec, "member", ip_str(a->ip));
	record_bool(&rec, "own", a->target->own);
	record_bool(&rec, "reachable", a->target->reachable);
	put_slot(&rec, "interface", pim, a->target->slot);
	record_bool(&rec, "rp", pim_owns(pim, a->rp));
	record_u64(&rec, "sent", a->sent);
	record_u64(&rec, "received", a->received);
	record_u64(&rec, "stopped", a->stopped);
	record_end(&rec);
}

/* The key is the family and the number of the next one; they change by configuration alone. */
bool show_anycast(struct show *s, struct engines engines)
{
	struct {
		uint32_t af, n;
	} at;

	memcpy(&at, s->after, sizeof(at));
	for (; at.af < NFAMILIES; at.af++, at.n = 0) {
		const struct pim *pim = pim_of(engines.af[at.af]);

		for (; at.n < pim->nanycast && s->budget; at.n++, s->budget--)
			put_member(s, pim, &pim->anycast[at.n]);
		if (at.n < pim->nanycast)
			break;
	}
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}
