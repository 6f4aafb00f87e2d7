/* gm_host_random_test.c - a host at random, and a router that must know just what it wants
 *
 * The router is the tables of RFC 3376 6.4 and 6.6.3, as naive as can be, on a link that loses
 * messages, of either side, but not two within the time that one change takes to be said. SEED=n
 * does one seed, SEEDS=n the first n.
 */
#include "gm_host_bed.h"

#define NGROUPS 4
#define NSOURCES 6
#define GMI SEC(260)
#define LMQI SEC(1)
#define LMQT (2 * LMQI)
#define LOSS_EVERY SEC(6)

/* Sets of sources are bits. */
struct seen {
	struct router *router;
	bool exclude;
	unsigned x, y; /* running, and not */
	int64_t due[NSOURCES + 1], group_due;
	struct timer query;
	unsigned asked, left;
	bool group_asked;
};

struct router {
	struct bed *bed;
	struct rng rng;
	struct seen group[NGROUPS + 1];
	unsigned known; /* groups, by reports and leaves of version 2 */
	int64_t lost;	/* when a message was */
	unsigned nlost;
};

/* What the host was told to want. */
struct wanted {
	enum filter_mode mode;
	unsigned sources;
};

static struct router *router; /* of the test at work */

static bool is_lost(struct router *r)
{
	if (r->bed->clock.now - r->lost < LOSS_EVERY || rng_below(&r->rng, 3))
		return false;
	r->lost = r->bed->clock.now;
	r->nlost++;
	return true;
}

static void set_due(struct seen *g, unsigned set, int64_t due)
{
	for (unsigned i = 1; i <= NSOURCES; i++) {
		if (set & 1u << i)
			g->due[i] = due;
	}
}

static void expire(struct seen *g)
{
	int64_t now = g->router->bed->clock.now;

	for (unsigned i = 1; i <= NSOURCES; i++) {
		if (g->x & 1u << i && g->due[i] < now) {
			g->x &= ~(1u << i);
			g->y |= g->exclude ? 1u << i : 0;
		}
	}
	if (g->exclude && g->group_due < now) {
		g->exclude = false;
		g->y = 0;
	}
}

/* Queries go out behind what is being said. */
static void begin_query(struct seen *g, unsigned set, bool group)
{
	int64_t until = g->router->bed->clock.now + LMQT;

	if (!set && !group)
		return;
	for (unsigned i = 1; i <= NSOURCES; i++) {
		if (set & 1u << i && g->due[i] > until)
			g->due[i] = until;
	}
	if (group && g->group_due > until)
		g->group_due = until;
	g->asked |= set;
	g->group_asked |= group;
	g->left = 2;
	timer_start(&g->router->bed->clock, &g->query, 0);
}

static void on_query(struct timer *t)
{
	struct seen *g = container_of(t, struct seen, query);
	struct bed *b = g->router->bed;
	struct ip ip[NSOURCES];
	struct gm_message m = { .type = GM_QUERY,
				.version = 3,
				.group = group(b, g - g->router->group),
				.max_response = LMQI,
				.source = ip };

	if (g->group_asked && !is_lost(g->router))
		gm_host_receive(&b->host, &m);
	for (unsigned i = 1; i <= NSOURCES; i++) {
		if (g->asked & 1u << i)
			ip[m.nsources++] = source(b, i);
	}
	if (g->asked && !is_lost(g->router))
		gm_host_receive(&b->host, &m);
	if (--g->left) {
		timer_start(&b->clock, &g->query, LMQI);
		return;
	}
	g->asked = 0;
	g->group_asked = false;
}

static unsigned set_of(const struct gm_record *r)
{
	unsigned set = 0;

	for (unsigned i = 0; i < r->nsources; i++)
		set |= 1u << numbered(r->source[i]);
	return set;
}

/* RFC 3376 6.4.1, 6.4.2: INCLUDE (A) */
static void hear_including(struct seen *g, enum gm_record_type type, unsigned b)
{
	int64_t gmi = g->router->bed->clock.now + GMI;
	unsigned a = g->x;

	switch (type) {
	case BLOCK_OLD_SOURCES:
		begin_query(g, a & b, false);
		return;
	case MODE_IS_EXCLUDE:
	case CHANGE_TO_EXCLUDE_MODE:
		g->exclude = true;
		g->group_due = gmi;
		g->x = a & b;
		g->y = b & ~a;
		if (type == CHANGE_TO_EXCLUDE_MODE)
			begin_query(g, a & b, false);
		return;
	default:
		g->x |= b;
		set_due(g, b, gmi);
		if (type == CHANGE_TO_INCLUDE_MODE)
			begin_query(g, a & ~b, false);
	}
}

/* The same: EXCLUDE (X,Y) */
static void hear_excluding(struct seen *g, enum gm_record_type type, unsigned a)
{
	int64_t gmi = g->router->bed->clock.now + GMI;
	unsigned x = g->x, y = g->y;

	switch (type) {
	case BLOCK_OLD_SOURCES:
		g->x = x | (a & ~y);
		set_due(g, a & ~x & ~y, g->group_due);
		begin_query(g, a & ~y, false);
		return;
	case MODE_IS_EXCLUDE:
	case CHANGE_TO_EXCLUDE_MODE:
		g->x = a & ~y;
		g->y = a & y;
		set_due(g, a & ~x & ~y, type == MODE_IS_EXCLUDE ? gmi : g->group_due);
		if (type == CHANGE_TO_EXCLUDE_MODE)
			begin_query(g, a & ~y, false);
		g->group_due = gmi;
		return;
	default:
		g->x = x | a;
		g->y = y & ~a;
		set_due(g, a, gmi);
		if (type == CHANGE_TO_INCLUDE_MODE)
			begin_query(g, x & ~a, true);
	}
}

static void hear(struct bed *b, const struct gm_message *m)
{
	struct router *r = router;
	unsigned bit = 1u << numbered(m->group);

	b->len = b->nmessages = 0;
	if (m->type == GM_REPORT)
		r->known |= bit;
	if (m->type == GM_LEAVE)
		r->known &= ~bit;
	if (m->type != GM_REPORT_V3 || is_lost(r))
		return;
	for (unsigned i = 0; i < m->nrecords; i++) {
		struct seen *g = &r->group[numbered(m->record[i].group)];

		expire(g);
		(g->exclude ? hear_excluding : hear_including)(g, m->record[i].type,
							       set_of(&m->record[i]));
	}
}

static void router_init(struct router *r, struct bed *b, unsigned seed)
{
	*r = (struct router){ .bed = b };
	rng_seed(&r->rng, seed);
	for (unsigned i = 1; i <= NGROUPS; i++) {
		r->group[i].router = r;
		timer_init(&r->group[i].query, on_query);
	}
	rng_seed(&b->rng, ~seed);
	b->host.conf.robustness = 2 + seed % 2;
	router = r;
	b->hear = hear;
}

static void want(struct bed *b, unsigned g, const struct wanted *w)
{
	struct ip ip[NSOURCES];
	struct membership m = { .group = group(b, g), .mode = w->mode, .source = ip };

	for (unsigned i = 1; i <= NSOURCES; i++) {
		if (w->sources & 1u << i)
			ip[m.nsources++] = source(b, i);
	}
	assert_true(gm_host_set(&b->host, &m));
}

static void change(struct router *r, struct wanted *wanted)
{
	unsigned g = 1 + rng_below(&r->rng, NGROUPS);
	struct wanted *w = &wanted[g];

	switch (rng_below(&r->rng, 5)) {
	case 0:
		*w = (struct wanted){ 0 };
		break;
	case 1:
	case 2:
		w->mode = rng_below(&r->rng, 2) ? FILTER_EXCLUDE : FILTER_INCLUDE;
		break;
	default:
		w->sources ^= 2u << rng_below(&r->rng, NSOURCES);
	}
	want(r->bed, g, w);
}

static void check(struct router *r, const struct wanted *wanted, unsigned seed)
{
	for (unsigned i = 1; i <= NGROUPS; i++) {
		struct seen *g = &r->group[i];
		const struct wanted *w = &wanted[i];

		expire(g);
		if (g->exclude != (w->mode == FILTER_EXCLUDE) ||
		    (g->exclude ? g->y : g->x) != w->sources)
			fail_msg("SEED=%u G%u: the router knows %s %x, wanted is %s %x", seed, i,
				 g->exclude ? "EXCLUDE" : "INCLUDE", g->exclude ? g->y : g->x,
				 w->mode == FILTER_EXCLUDE ? "EXCLUDE" : "INCLUDE", w->sources);
	}
}

static void general_query(struct router *r, unsigned version, int64_t within)
{
	if (!is_lost(r))
		query(r->bed, version, 0, within);
}

static void changes(struct router *r, struct wanted *wanted, unsigned n)
{
	while (n--) {
		change(r, wanted);
		if (rng_below(&r->rng, 3))
			settle(r->bed);
		if (rng_below(&r->rng, 2))
			pass(r->bed, rng_below(&r->rng, 1500));
	}
	settle(r->bed);
}

static void leave_all(struct bed *b)
{
	gm_host_leave(&b->host);
	settle(b);
}

/* GM-87, GM-88: any one loss, and some seconds later the router knows just what is wanted. */
static void router_knows(struct bed *b, unsigned seed)
{
	struct wanted wanted[NGROUPS + 1] = { 0 };
	struct router r;

	router_init(&r, b, seed);
	for (unsigned i = 0; i < 20; i++) {
		general_query(&r, 3, SEC(10));
		changes(&r, wanted, rng_below(&r.rng, 20));
		pass(b, SEC(5));
		check(&r, wanted, seed);
		pass(b, SEC(rng_below(&r.rng, 20)));
		check(&r, wanted, seed);
	}
	assert_true(r.nlost > 5);
	memset(wanted, 0, sizeof(wanted));
	leave_all(b);
	pass(b, SEC(15));
	check(&r, wanted, seed);
	assert_int_equal(b->host.ngroups, 0);
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
}

/* GM-89: older queriers and other hosts come and go; a v3 query later the router knows all. */
static void older_come_and_go(struct bed *b, unsigned seed)
{
	struct wanted wanted[NGROUPS + 1] = { 0 };
	struct router r;

	router_init(&r, b, seed);
	for (unsigned i = 0; i < 20; i++) {
		unsigned version = rng_jitter(&r.rng, b->af == V4 ? 1 : 2, 3);

		changes(&r, wanted, rng_below(&r.rng, 10));
		general_query(&r, version, SEC(10));
		changes(&r, wanted, rng_below(&r.rng, 10));
		if (rng_below(&r.rng, 2))
			query(b, rng_jitter(&r.rng, 2, 3), rng_jitter(&r.rng, 1, NGROUPS), 500);
		if (rng_below(&r.rng, 2))
			report(b, 2, rng_jitter(&r.rng, 1, NGROUPS));
		pass(b, SEC(rng_below(&r.rng, 200)));
	}
	pass(b, SEC(600));
	assert_int_equal(gm_host_version(&b->host), 3);
	router_init(&r, b, seed);
	r.lost = b->clock.now;
	query(b, 3, 0, 500);
	pass(b, 500);
	check(&r, wanted, seed);
	leave_all(b);
	pass(b, SEC(15));
	assert_int_equal(b->host.ngroups, 0);
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
}

/* GM-76: an IGMPv2 or MLDv1 querier knows at once which groups there are. */
static void older_router_knows(struct bed *b, unsigned seed)
{
	struct wanted wanted[NGROUPS + 1] = { 0 };
	struct router r;

	router_init(&r, b, seed);
	for (unsigned i = 0; i < 20; i++) {
		query(b, 2, 0, SEC(10));
		changes(&r, wanted, rng_below(&r.rng, 20));
		for (unsigned g = 1; g <= NGROUPS; g++) {
			bool wants = wanted[g].mode == FILTER_EXCLUDE || wanted[g].sources;

			if (wants != !!(r.known & 1u << g))
				fail_msg("SEED=%u G%u: known is %x", seed, g, r.known);
		}
		pass(b, SEC(rng_below(&r.rng, 20)));
	}
}

static void seeds(void **state, void (*test)(struct bed *, unsigned seed))
{
	const char *seed = getenv("SEED"), *seeds = getenv("SEEDS");
	unsigned first = seed ? atoi(seed) : 1;
	unsigned last = seed ? atoi(seed) : seeds ? atoi(seeds) : 200;
	void *family = *state;

	for (unsigned i = first; i <= last; i++) {
		*state = family;
		setup(state);
		test(*state, i);
		teardown(state);
	}
	*state = family;
}

static void any_loss(void **state)
{
	seeds(state, router_knows);
}

static void older_queriers(void **state)
{
	seeds(state, older_come_and_go);
}

static void older_router(void **state)
{
	seeds(state, older_router_knows);
}

#define FAMILIES(test)                                     \
	{ #test " IPv4", test, NULL, NULL, NULL },         \
	{                                                  \
#test " IPv6", test, NULL, NULL, (void *)1 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAMILIES(any_loss),
		FAMILIES(older_queriers),
		FAMILIES(older_router),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
