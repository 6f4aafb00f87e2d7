/* gm_merge_test.c - the merge of downstream filters, and what each upstream interface has of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "igmpproxy/merge.h"
#include "lib/rng.h"
#include "lib/util.h"

#define NSOURCES 8
#define MAXLISTENERS 6

static struct ip group_of(enum af af)
{
	struct ip ip;

	assert_true(ip_parse(af == V4 ? "239.1.1.1" : "ff0e::1", &ip));
	return ip;
}

/* Sources by number; their order is that of the numbers. */
static struct ip source(enum af af, unsigned n)
{
	struct ip ip;

	if (af == V4)
		return ip_v4(0x0a000000 + n);
	assert_true(ip_parse("2001:db8::", &ip));
	ip.b[15] = n;
	return ip;
}

/* A filter whose sources are bits. */
struct filter {
	enum filter_mode mode;
	unsigned list;
};

static struct membership membership(enum af af, struct filter f, struct ip *ip)
{
	struct membership m = { .group = group_of(af), .mode = f.mode, .source = ip };

	for (unsigned n = 0; n < NSOURCES; n++) {
		if (f.list >> n & 1)
			ip[m.nsources++] = source(af, n);
	}
	return m;
}

static unsigned bits(enum af af, const struct membership *m)
{
	unsigned list = 0;

	for (unsigned i = 0; i < m->nsources; i++) {
		unsigned n = m->source[i].b[15];

		assert_true(ip_eq(m->source[i], source(af, n)));
		assert_true(!i || ip_cmp(m->source[i - 1], m->source[i]) < 0);
		list |= 1u << n;
	}
	return list;
}

static struct membership merged(const struct merge *m, enum af af)
{
	return (struct membership){ group_of(af), m->mode, m->source, m->nsources };
}

static struct filter merge(enum af af, unsigned n, const struct filter *f)
{
	struct merge m = { 0 };
	struct membership all;
	struct filter result;

	merge_begin(&m);
	for (unsigned i = 0; i < n; i++) {
		struct ip ip[NSOURCES];
		struct membership one = membership(af, f[i], ip);

		merge_add(&m, &one);
	}
	all = merged(&m, af);
	result = (struct filter){ all.mode, bits(af, &all) };
	merge_free(&m);
	return result;
}

#define I FILTER_INCLUDE
#define E FILTER_EXCLUDE

/* GM-74: the cells of RFC 3376 3.2, in both orders; and none, and one alone. */
static void cells(void **state)
{
	static const struct {
		unsigned n;
		struct filter in[3], out;
	} cell[] = {
		{ 0, { { 0 } }, { I, 0 } },
		{ 1, { { I, 5 } }, { I, 5 } },
		{ 1, { { E, 5 } }, { E, 5 } },
		{ 2, { { I, 3 }, { I, 6 } }, { I, 7 } },
		{ 2, { { I, 3 }, { E, 6 } }, { E, 4 } },
		{ 2, { { E, 3 }, { I, 6 } }, { E, 1 } },
		{ 2, { { E, 3 }, { E, 6 } }, { E, 2 } },
		{ 2, { { I, 3 }, { E, 0 } }, { E, 0 } },
		{ 3, { { E, 7 }, { E, 14 }, { I, 4 } }, { E, 2 } },
		{ 3, { { I, 0 }, { I, 1 }, { E, 1 } }, { E, 0 } },
	};

	for (size_t i = 0; i < NELEMS(cell); i++) {
		struct filter f = merge(*state ? V6 : V4, cell[i].n, cell[i].in);

		assert_int_equal(f.mode, cell[i].out.mode);
		assert_int_equal(f.list, cell[i].out.list);
	}
}

/*
 * GM-73, GM-74: at random, against what each listener for itself lets through; the last source is
 * one that nobody names.
 */
static void random_listeners(void **state)
{
	enum af af = *state ? V6 : V4;
	struct rng rng;

	for (uint64_t seed = 1; seed <= 20000; seed++) {
		struct filter f[MAXLISTENERS], all;
		unsigned n, wanted = 0;
		bool excludes = false;

		rng_seed(&rng, seed);
		n = rng_below(&rng, MAXLISTENERS + 1);
		for (unsigned i = 0; i < n; i++) {
			f[i].mode = rng_below(&rng, 2) ? E : I;
			f[i].list = rng_below(&rng, 1u << (NSOURCES - 1));
			excludes |= f[i].mode == E;
			wanted |= f[i].mode == E ? ~f[i].list : f[i].list;
		}
		wanted &= (1u << NSOURCES) - 1;
		all = merge(af, n, f);
		assert_int_equal(all.mode, excludes ? E : I);
		assert_int_equal(all.mode == I ? all.list : ~all.list & ((1u << NSOURCES) - 1),
				 wanted);
	}
}

/* What a filter lets through. */
static void wants(void **state)
{
	enum af af = *state ? V6 : V4;

	for (unsigned list = 0; list < 1u << NSOURCES; list++) {
		struct ip ip[NSOURCES];
		struct membership m = membership(af, (struct filter){ I, list }, ip);

		for (unsigned n = 0; n < NSOURCES; n++) {
			m.mode = I;
			assert_int_equal(membership_wants(&m, source(af, n)), list >> n & 1);
			m.mode = E;
			assert_int_equal(membership_wants(&m, source(af, n)), !(list >> n & 1));
		}
	}
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	return p;
}

/* Of the ranges of groups the last holds; without one that takes in, all others are taken. */
static void last_range_holds(void **state)
{
	struct way way = { .slot = 3, .living = true };
	struct ways w = { &way, 1, false };
	struct intake in = { 0 };
	struct ip inside = prefix("239.1.1.1").ip, outside = prefix("239.2.1.1").ip;

	(void)state;
	way.intake = &in;
	assert_true(ifset_has(ways_to(&w, inside, NULL), 3));
	ranges_put(&in.groups, prefix("239.1.0.0/16"), true);
	assert_false(ifset_has(ways_to(&w, inside, NULL), 3));
	assert_true(ifset_has(ways_to(&w, outside, NULL), 3));
	ranges_put(&in.groups, prefix("239.1.1.0/24"), false);
	assert_true(ifset_has(ways_to(&w, inside, NULL), 3));
	assert_false(ifset_has(ways_to(&w, outside, NULL), 3));
	ranges_put(&in.groups, prefix("239.1.1.1"), true);
	assert_false(ifset_has(ways_to(&w, inside, NULL), 3));
	ranges_clear(&in.groups);
	assert_int_equal(in.groups.n, 0);
}

/* Three ways: the first takes sources 0 and 1, the second all, the third all. */
struct scene {
	struct intake in[3];
	struct way way[3];
	struct ways ways;
};

static void scene_begin(struct scene *s, enum af af)
{
	*s = (struct scene){ 0 };
	for (unsigned i = 0; i < 3; i++)
		s->way[i] = (struct way){ &s->in[i], 10 + i, true };
	s->ways = (struct ways){ s->way, 3, false };
	for (unsigned n = 0; n < 2; n++)
		ranges_put(&s->in[0].sources, (struct prefix){ source(af, n), af_bits(af) }, false);
}

static void scene_end(struct scene *s)
{
	ranges_clear(&s->in[0].sources);
}

static struct filter share(const struct scene *s, enum af af, struct filter f, unsigned way)
{
	struct ip ip[NSOURCES], space[NSOURCES];
	struct membership whole = membership(af, f, ip), m;

	ways_share(&s->ways, &whole, 10 + way, space, &m);
	assert_true(ip_eq(m.group, whole.group));
	return (struct filter){ m.mode, bits(af, &m) };
}

#define assert_share(s, af, m, l, way, mode_, list_)                           \
	do {                                                                   \
		struct filter f_ = share(s, af, (struct filter){ m, l }, way); \
		assert_int_equal(f_.mode, mode_);                              \
		assert_int_equal(f_.list, list_);                              \
	} while (0)

/* GM-86: INCLUDE is shared by source. */
static void included_sources_are_shared(void **state)
{
	enum af af = *state ? V6 : V4;
	struct scene s;

	scene_begin(&s, af);
	assert_share(&s, af, I, 0xff, 0, I, 0x03);
	assert_share(&s, af, I, 0xff, 1, I, 0xfc);
	assert_share(&s, af, I, 0xff, 2, I, 0);
	scene_end(&s);
}

/* GM-86: EXCLUDE goes to each that is the first for some source. */
static void excluded_go_to_all_firsts(void **state)
{
	enum af af = *state ? V6 : V4;
	struct scene s;

	scene_begin(&s, af);
	assert_share(&s, af, E, 0x81, 0, E, 0x81);
	assert_share(&s, af, E, 0x81, 1, E, 0x81);
	assert_share(&s, af, E, 0x81, 2, I, 0);
	scene_end(&s);
}

/* GM-86: what does not live has nothing while another that takes it does. */
static void living_go_first(void **state)
{
	enum af af = *state ? V6 : V4;
	struct scene s;

	scene_begin(&s, af);
	s.way[1].living = false;
	assert_share(&s, af, I, 0xff, 0, I, 0x03);
	assert_share(&s, af, I, 0xff, 1, I, 0);
	assert_share(&s, af, I, 0xff, 2, I, 0xfc);
	assert_share(&s, af, E, 0, 1, I, 0);
	assert_share(&s, af, E, 0, 2, E, 0);
	scene_end(&s);
}

/* GM-86: where none lives, the first waits. */
static void dead_wait(void **state)
{
	enum af af = *state ? V6 : V4;
	struct scene s;

	scene_begin(&s, af);
	for (unsigned i = 0; i < 3; i++)
		s.way[i].living = false;
	assert_share(&s, af, I, 0xff, 0, I, 0x03);
	assert_share(&s, af, I, 0xff, 1, I, 0xfc);
	assert_share(&s, af, I, 0xff, 2, I, 0);
	scene_end(&s);
}

/* With `all`, each has what it takes. */
static void all_have_it(void **state)
{
	enum af af = *state ? V6 : V4;
	struct scene s;

	scene_begin(&s, af);
	s.ways.all = true;
	assert_share(&s, af, I, 0xff, 0, I, 0x03);
	assert_share(&s, af, I, 0xff, 1, I, 0xff);
	assert_share(&s, af, I, 0xff, 2, I, 0xff);
	assert_share(&s, af, E, 1, 2, E, 1);
	scene_end(&s);
}

/*
 * GM-86: at random, against the meaning: each source that is wanted is asked for at the one way
 * that is the first for it, be that one of those that live, or else of those that do not.
 */
static void random_shares(void **state)
{
	enum af af = *state ? V6 : V4;
	struct rng rng;

	for (uint64_t seed = 1; seed <= 5000; seed++) {
		struct intake in[4] = { 0 };
		struct way way[4];
		struct ways w = { way, 4, false };
		unsigned takes[4], list, whole_list;
		struct ip ip[NSOURCES], space[NSOURCES];
		struct membership whole;

		rng_seed(&rng, seed);
		for (unsigned i = 0; i < 4; i++) {
			takes[i] = rng_below(&rng, 3) ? 0xff : rng_below(&rng, 256);
			way[i] = (struct way){ &in[i], i, rng_below(&rng, 2) };
			for (unsigned n = 0; takes[i] != 0xff && n < NSOURCES; n++) {
				if (takes[i] >> n & 1)
					ranges_put(&in[i].sources,
						   (struct prefix){ source(af, n), af_bits(af) },
						   false);
			}
			if (!in[i].sources.n)
				takes[i] = 0xff;
		}
		whole_list = rng_below(&rng, 256);
		whole = membership(af, (struct filter){ I, whole_list }, ip);
		for (unsigned i = 0; i < 4; i++) {
			struct membership m;

			ways_share(&w, &whole, i, space, &m);
			list = bits(af, &m);
			for (unsigned n = 0; n < NSOURCES; n++) {
				unsigned first = 4;

				for (unsigned j = 0; j < 8 && first == 4; j++) {
					if (way[j % 4].living == (j < 4) && takes[j % 4] >> n & 1)
						first = j % 4;
				}
				assert_int_equal(list >> n & 1, first == i && whole_list >> n & 1);
			}
		}
		for (unsigned i = 0; i < 4; i++)
			ranges_clear(&in[i].sources);
	}
}

#define BOTH(test)                                         \
	{ #test " IPv4", test, NULL, NULL, NULL },         \
	{                                                  \
#test " IPv6", test, NULL, NULL, (void *)1 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(cells),
		BOTH(random_listeners),
		BOTH(wants),
		cmocka_unit_test(last_range_holds),
		BOTH(included_sources_are_shared),
		BOTH(excluded_go_to_all_firsts),
		BOTH(living_go_first),
		BOTH(dead_wait),
		BOTH(all_have_it),
		BOTH(random_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
