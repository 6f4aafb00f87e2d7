/* show_auto.c - `show pim auto-rp`: mapping agents that were heard, and what they say */
#include <string.h>

#include "auto.h"
#include "show.h"

static void put_agent(struct show *s, const struct pim *pim, const struct auto_agent *a,
		      const struct auto_range *r)
{
	struct record rec = record_begin(s->out);
	int64_t now = pim_clock(pim)->now;

	record_str(&rec, "agent", ip_str(a->ip));
	record_bool(&rec, "in_force", a == TAILQ_FIRST(&pim->agents));
	record_int(&rec, "heard", now - a->heard);
	record_str(&rec, "group", prefix_str(&r->range));
	put_ip(&rec, "rp_address", r->rp);
	put_timer(&rec, "expiration", pim, &r->timer);
	record_end(&rec);
}

struct place {
	struct ip agent;
	struct prefix range;
	bool within;
};

_Static_assert(sizeof(struct place) < SHOW_KEY, "a place fits into a table's key");

static bool is_behind(const struct auto_agent *a, const struct auto_range *r,
		      const struct place *at)
{
	int cmp = at->within ? ip_cmp(a->ip, at->agent) : -1;

	if (cmp || r->range.len != at->range.len)
		return cmp < 0 || (!cmp && r->range.len > at->range.len);
	return ip_cmp(r->range.ip, at->range.ip) > 0;
}

/* The key is the last row's. */
bool show_auto(struct show *s, struct engines engines)
{
	const struct pim *pim = pim_of(engines.af[V4]);
	const struct auto_agent *a;
	const struct auto_range *r;
	struct place at;

	memcpy(&at, s->after, sizeof(at));
	TAILQ_FOREACH(a, &pim->agents, link) {
		for (r = auto_next(a, NULL); r; r = auto_next(a, r)) {
			if (!is_behind(a, r, &at))
				continue;
			if (!s->budget)
				return true;
			s->budget--;
			put_agent(s, pim, a, r);
			at = (struct place){ a->ip, r->range, true };
			memcpy(s->after, &at, sizeof(at));
		}
	}
	return false;
}
