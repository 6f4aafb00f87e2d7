/* tree_test.c - ordered trees */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/rng.h"
#include "lib/tree.h"

#define N 200

struct thing {
	int n;
	struct tree_node order;
	bool is_in;
};

TREE_HEAD(things);

static unsigned compared;

static int thing_cmp(const struct thing *a, const struct thing *b)
{
	compared++;
	return a->n < b->n ? -1 : a->n > b->n;
}

TREE_GENERATE(things, thing, order, thing_cmp)

static void an_empty_tree_has_nothing(void **state)
{
	struct thing key = { .n = 1 };
	struct things tree;

	(void)state;
	TREE_INIT(things, &tree);
	assert_true(TREE_EMPTY(&tree));
	assert_null(TREE_ANY(things, &tree));
	assert_null(TREE_MIN(things, &tree));
	assert_null(TREE_FIND(things, &tree, &key));
	assert_null(TREE_NFIND(things, &tree, &key));
}

static void an_equal_one_is_not_put_in(void **state)
{
	struct thing first = { .n = 7 }, second = { .n = 7 };
	struct things tree;

	(void)state;
	TREE_INIT(things, &tree);
	assert_null(TREE_INSERT(things, &tree, &first));
	assert_ptr_equal(TREE_INSERT(things, &tree, &second), &first);
	assert_ptr_equal(TREE_ANY(things, &tree), &first);
	assert_null(TREE_NEXT(things, &first));
	assert_null(TREE_PREV(things, &first));
}

/* Against the plainest way to know: a flag for each number. */
static void check(struct things *tree, struct thing *all)
{
	struct thing *last = NULL, *t, *next = NULL;
	unsigned n = 0, want = 0;

	TREE_FOREACH(t, things, tree) {
		assert_true(t->is_in);
		assert_ptr_equal(TREE_PREV(things, t), last);
		assert_true(!last || last->n < t->n);
		last = t;
		n++;
	}
	for (int i = N - 1; i >= 0; i--) {
		struct thing key = { .n = i };

		if (all[i].is_in)
			next = &all[i];
		want += all[i].is_in;
		assert_ptr_equal(TREE_FIND(things, tree, &key), all[i].is_in ? &all[i] : NULL);
		assert_ptr_equal(TREE_NFIND(things, tree, &key), next);
	}
	assert_ptr_equal(TREE_MIN(things, tree), next);
	assert_ptr_equal(TREE_MAX(things, tree), last);
	assert_int_equal(n, want);
	TREE_FOREACH_REVERSE(t, things, tree)
		n--;
	assert_int_equal(n, 0);
	assert_int_equal(TREE_EMPTY(tree), !want);
}

static void what_is_in_is_found_in_its_order(void **state)
{
	static struct thing all[N];
	struct things tree;
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	TREE_INIT(things, &tree);
	for (unsigned step = 0; step < 20 * N; step++) {
		struct thing *t = &all[rng_below(&rng, N)];

		t->n = t - all;
		if (t->is_in)
			TREE_REMOVE(things, &tree, t);
		else
			assert_null(TREE_INSERT(things, &tree, t));
		t->is_in = !t->is_in;
		if (step % 10 == 0)
			check(&tree, all);
	}
}

/* Up to @n of those that are missing from number @i on. */
static void insert_in_order(struct things *tree, struct thing *all, unsigned i, unsigned n)
{
	for (; i < N && n; i++) {
		if (all[i].is_in)
			continue;
		all[i].n = i;
		assert_null(TREE_INSERT(things, tree, &all[i]));
		all[i].is_in = true;
		n--;
	}
}

static void what_comes_in_order_is_not_searched_for(void **state)
{
	static struct thing all[N];
	struct things tree;
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	TREE_INIT(things, &tree);
	insert_in_order(&tree, all, N - 1, 1);
	compared = 0;
	insert_in_order(&tree, all, 0, N);
	assert_true(compared < 2 * N + 10);
	check(&tree, all);
	for (unsigned step = 0; step < 500; step++) {
		struct thing *t;

		for (unsigned i = rng_below(&rng, N); i > 0; i--) {
			t = &all[rng_below(&rng, N)];
			if (t->is_in)
				TREE_REMOVE(things, &tree, t);
			t->is_in = false;
		}
		insert_in_order(&tree, all, rng_below(&rng, N), rng_below(&rng, 20));
		check(&tree, all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_tree_has_nothing),
		cmocka_unit_test(an_equal_one_is_not_put_in),
		cmocka_unit_test(what_is_in_is_found_in_its_order),
		cmocka_unit_test(what_comes_in_order_is_not_searched_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
