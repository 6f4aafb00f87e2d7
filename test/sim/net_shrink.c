/* net_shrink.c - makes a random scenario that fails smaller, as long as it fails in the same way */
#include <string.h>

#include "sim/net_plan.h"

struct shrink {
	struct plan *plan;
	char what[256]; /* how it fails: the first complaint without numbers */
	unsigned plays;
};

static void failure(const struct plan *p, char what[256])
{
	struct plan_result result = plan_play(p, NET_LOG_NONE, NULL, NULL);
	const char *text = buf_at(&result.complaints);
	size_t len = 0;

	for (size_t i = 0; i < buf_len(&result.complaints) && text[i] != '\n'; i++) {
		if ((text[i] < '0' || text[i] > '9') && len < 255)
			what[len++] = text[i];
	}
	what[len] = '\0';
	plan_result_free(&result);
}

static bool fails_alike(struct shrink *s, const struct plan *p)
{
	char what[256];

	failure(p, what);
	s->plays++;
	return !strcmp(what, s->what);
}

/* The switch of part @i: what happens first, then hosts, then routers, then what these say. */
static bool *part(struct plan *p, unsigned i)
{
	if (i < p->nacts)
		return &p->act[i].off;
	i -= p->nacts;
	if (i < p->nhosts)
		return &p->host[i].off;
	i -= p->nhosts;
	if (i < p->nrouters)
		return &p->router[i].off;
	i -= p->nrouters;
	return p->rps.on && i < 2 * p->nrouters ? &p->rps.say[i / 2][i % 2].off : NULL;
}

/* Tries to do without the parts from @from on, @n of them. */
static bool drop(struct shrink *s, unsigned from, unsigned n)
{
	struct plan smaller = *s->plan;

	for (unsigned i = from; i < from + n && part(&smaller, i); i++)
		*part(&smaller, i) = true;
	/* without a way to an RP, anything fails */
	for (unsigned i = 0; i < smaller.nrouters && smaller.kind == PLAN_PIM; i++)
		smaller.router[i].off = s->plan->router[i].off;
	if (!memcmp(&smaller, s->plan, sizeof(smaller)) || !fails_alike(s, &smaller))
		return false;
	*s->plan = smaller;
	return true;
}

unsigned plan_shrink(struct plan *p)
{
	unsigned all = p->nacts + p->nhosts + p->nrouters * (p->rps.on ? 3 : 1);
	struct shrink s = { .plan = p };
	bool again = true;

	failure(p, s.what);
	for (unsigned n = all; n; n = n / 2 ? n / 2 : again) {
		again = false;
		for (unsigned from = 0; from < all; from += n)
			again |= drop(&s, from, n);
	}
	return s.plays;
}
