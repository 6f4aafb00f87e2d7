/* net_shrink.c - makes a random scenario that fails smaller, as long as it fails */
#include "sim/net_plan.h"

static bool fails(const struct plan *p, unsigned *plays)
{
	struct plan_result result = plan_play(p, NET_LOG_NONE, NULL);
	bool failed = result.failed;

	plan_result_free(&result);
	++*plays;
	return failed;
}

/* The switch of part @i: what happens first, then hosts, then routers. */
static bool *part(struct plan *p, unsigned i)
{
	if (i < p->nacts)
		return &p->act[i].off;
	i -= p->nacts;
	if (i < p->nhosts)
		return &p->host[i].off;
	i -= p->nhosts;
	return i < p->nrouters ? &p->router[i].off : NULL;
}

/* Tries to do without the parts from @from on, @n of them. */
static bool drop(struct plan *p, unsigned from, unsigned n, unsigned *plays)
{
	struct plan smaller = *p;
	unsigned dropped = 0;

	for (unsigned i = from; i < from + n && part(&smaller, i); i++) {
		dropped += !*part(&smaller, i);
		*part(&smaller, i) = true;
	}
	if (!dropped || !fails(&smaller, plays))
		return false;
	*p = smaller;
	return true;
}

unsigned plan_shrink(struct plan *p)
{
	unsigned all = p->nacts + p->nhosts + p->nrouters, plays = 0;
	bool again = true;

	for (unsigned n = all; n; n = n / 2 ? n / 2 : again) {
		again = false;
		for (unsigned from = 0; from < all; from += n)
			again |= drop(p, from, n, &plays);
	}
	return plays;
}
