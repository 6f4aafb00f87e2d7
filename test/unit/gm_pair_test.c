/* gm_pair_test.c - the host side and the router's side, at random, on one link
 *
 * The link loses messages of both, but not two within the time that one change takes to be said.
 * Some seconds after the last change, the router knows just what the host wants. SEED=n does one
 * seed, SEEDS=n the first n.
 */
#include "gm_host_bed.h"
#include "igmpproxy/group.h"

#define NGROUPS 4
#define NSOURCES 6
#define LOSS_EVERY SEC(6)

/* Sets of sources are bits. */
struct filter_bits {
	enum filter_mode mode;
	unsigned sources;
};

struct pair {
	struct bed *bed;
	struct gm_groups router;
	struct rng rng;
	struct filter_bits wanted[NGROUPS + 1], known[NGROUPS + 1];
	int64_t lost; /* when a message was */
	unsigned nlost, nqueries;
};

static struct pair *pair; /* of the test at work */

static bool is_lost(struct pair *p)
{
	if (p->bed->clock.now - p->lost < LOSS_EVERY || rng_below(&p->rng, 3))
		return false;
	p->lost = p->bed->clock.now;
	p->nlost++;
	return true;
}

static void on_member(struct gm_groups *t, const struct membership *m, bool was_wanted)
{
	struct pair *p = container_of(t, struct pair, router);
	struct filter_bits *known = &p->known[numbered(m->group)];

	assert_int_equal(was_wanted, known->mode == FILTER_EXCLUDE || known->sources);
	known->mode = m->mode;
	known->sources = 0;
	for (unsigned i = 0; i < m->nsources; i++)
		known->sources |= 1u << numbered(m->source[i]);
}

static void on_query(struct gm_groups *t, const struct gm_message *query)
{
	struct pair *p = container_of(t, struct pair, router);

	p->nqueries++;
	if (!is_lost(p))
		gm_host_receive(&p->bed->host, query);
}

static void on_wake(struct gm_groups *t)
{
	(void)t;
}

static void on_report(struct bed *b, const struct gm_message *m)
{
	clear(b);
	if (!is_lost(pair))
		gm_groups_report(&pair->router, source(b, 99), m);
}

/* The host's turns and the router's, at each moment when something is due. */
static void turns(struct pair *p, int64_t ms)
{
	struct clock *clock = &p->bed->clock;
	int64_t until = clock->now + ms;

	for (;;) {
		settle(p->bed);
		while (gm_groups_settle(&p->router, 1))
			;
		if (clock_next(clock) > until)
			break;
		clock_advance(clock, clock_next(clock));
	}
	clock_advance(clock, until);
}

static void want(struct pair *p, unsigned g)
{
	struct ip ip[NSOURCES];
	struct membership m = { .group = group(p->bed, g),
				.mode = p->wanted[g].mode,
				.source = ip };

	for (unsigned i = 1; i <= NSOURCES; i++) {
		if (p->wanted[g].sources & 1u << i)
			ip[m.nsources++] = source(p->bed, i);
	}
	assert_true(gm_host_set(&p->bed->host, &m));
}

static void change(struct pair *p)
{
	unsigned g = rng_jitter(&p->rng, 1, NGROUPS);
	struct filter_bits *w = &p->wanted[g];

	switch (rng_below(&p->rng, 5)) {
	case 0:
		*w = (struct filter_bits){ 0 };
		break;
	case 1:
	case 2:
		w->mode = rng_below(&p->rng, 2) ? FILTER_EXCLUDE : FILTER_INCLUDE;
		break;
	default:
		w->sources ^= 2u << rng_below(&p->rng, NSOURCES);
	}
	want(p, g);
}

static void check(struct pair *p, unsigned seed)
{
	for (unsigned i = 1; i <= NGROUPS; i++) {
		const struct filter_bits *w = &p->wanted[i], *k = &p->known[i];

		if (w->mode != k->mode || w->sources != k->sources)
			fail_msg("SEED=%u G%u: the router knows %s %x, wanted is %s %x", seed, i,
				 k->mode == FILTER_EXCLUDE ? "EXCLUDE" : "INCLUDE", k->sources,
				 w->mode == FILTER_EXCLUDE ? "EXCLUDE" : "INCLUDE", w->sources);
	}
}

static void general_query(struct pair *p)
{
	struct gm_message m = { .type = GM_QUERY,
				.version = 3,
				.group = ip_any(p->bed->af),
				.max_response = SEC(10),
				.robustness = 2,
				.interval = SEC(125) };

	if (!is_lost(p))
		gm_host_receive(&p->bed->host, &m);
}

static void run(struct bed *b, unsigned seed)
{
	static const struct gm_group_ops op = { on_member, on_query, on_wake };
	struct pair p = { .bed = b };

	pair = &p;
	b->hear = on_report;
	rng_seed(&p.rng, seed);
	rng_seed(&b->rng, ~seed);
	gm_groups_init(&p.router, &b->clock, &op);
	for (unsigned i = 0; i < 20; i++) {
		general_query(&p);
		for (unsigned n = rng_below(&p.rng, 20); n; n--) {
			change(&p);
			turns(&p, rng_below(&p.rng, 2) * rng_below(&p.rng, 1500));
		}
		turns(&p, SEC(6));
		check(&p, seed);
		turns(&p, SEC(rng_below(&p.rng, 20)));
		check(&p, seed);
	}
	assert_true(p.nlost > 5 && p.nqueries > 20);
	memset(p.wanted, 0, sizeof(p.wanted));
	gm_host_leave(&b->host);
	turns(&p, SEC(15));
	check(&p, seed);
	assert_int_equal(p.router.ngroups, 0);
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
	gm_groups_free(&p.router);
}

static void any_loss(void **state)
{
	const char *seed = getenv("SEED"), *seeds = getenv("SEEDS");
	unsigned first = seed ? atoi(seed) : 1;
	unsigned last = seed ? atoi(seed) : seeds ? atoi(seeds) : 200;
	void *family = *state;

	for (unsigned i = first; i <= last; i++) {
		*state = family;
		setup(state);
		run(*state, i);
		teardown(state);
	}
	*state = family;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "any_loss IPv4", any_loss, NULL, NULL, NULL },
		{ "any_loss IPv6", any_loss, NULL, NULL, (void *)1 },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
