/* map_test.c - the hash table of embedded nodes: lookup, collisions, growth */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/map.h"
#include "lib/rng.h"

struct item {
	struct map_node node;
	unsigned key;
};

static unsigned asked;

static bool is(const struct map_node *node, const void *key)
{
	asked++;
	return container_of(node, struct item, node)->key == *(const unsigned *)key;
}

static struct item *find(const struct map *map, unsigned key, uint32_t hash)
{
	struct map_node *node = map_find(map, hash, is, &key);

	return node ? container_of(node, struct item, node) : NULL;
}

static void add(struct map *map, struct item *item, unsigned key, uint32_t hash)
{
	item->key = key;
	map_add(map, &item->node, hash);
}

static void empty_map_finds_nothing(void **state)
{
	struct map map = { 0 };

	(void)state;
	assert_null(find(&map, 1, 0));
	assert_null(find(&map, 1, UINT32_MAX));
	map_free(&map);
}

static void what_was_added_is_found(void **state)
{
	struct map map = { 0 };
	struct item a, b;

	(void)state;
	add(&map, &a, 1, 100);
	add(&map, &b, 2, 200);
	assert_ptr_equal(find(&map, 1, 100), &a);
	assert_ptr_equal(find(&map, 2, 200), &b);
	assert_int_equal(map.n, 2);
	map_free(&map);
}

static void hash_and_key_must_both_agree(void **state)
{
	struct map map = { 0 };
	struct item a;

	(void)state;
	add(&map, &a, 1, 100);
	assert_null(find(&map, 2, 100));
	assert_null(find(&map, 1, 101));
	map_free(&map);
}

/* 16 places at first: 1, 17 and 33 share one. */
static void key_is_asked_for_only_when_the_whole_hash_agrees(void **state)
{
	struct map map = { 0 };
	struct item a, b, c;

	(void)state;
	add(&map, &a, 1, 1);
	add(&map, &b, 1, 17);
	add(&map, &c, 1, 33);
	asked = 0;
	assert_ptr_equal(find(&map, 1, 1), &a);
	assert_ptr_equal(find(&map, 1, 17), &b);
	assert_ptr_equal(find(&map, 1, 33), &c);
	assert_int_equal(asked, 3);
	assert_null(find(&map, 1, 49));
	assert_int_equal(asked, 3);
	map_free(&map);
}

static void equal_hashes_are_told_apart_by_key(void **state)
{
	struct map map = { 0 };
	struct item item[20];

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		add(&map, &item[i], i, 7);
	for (unsigned i = 0; i < 20; i++)
		assert_ptr_equal(find(&map, i, 7), &item[i]);
	assert_null(find(&map, 20, 7));
	map_free(&map);
}

static void removed_is_not_found_and_the_others_are(void **state)
{
	struct item item[5];

	(void)state;
	for (unsigned gone = 0; gone < 5; gone++) { /* first, middle and last of a chain */
		struct map map = { 0 };

		for (unsigned i = 0; i < 5; i++)
			add(&map, &item[i], i, 16 * i);
		map_remove(&map, &item[gone].node);
		assert_int_equal(map.n, 4);
		for (unsigned i = 0; i < 5; i++)
			assert_ptr_equal(find(&map, i, 16 * i), i == gone ? NULL : &item[i]);
		map_free(&map);
	}
}

static void removed_can_be_added_again(void **state)
{
	struct map map = { 0 };
	struct item a;

	(void)state;
	add(&map, &a, 1, 100);
	map_remove(&map, &a.node);
	assert_null(find(&map, 1, 100));
	add(&map, &a, 2, 300);
	assert_ptr_equal(find(&map, 2, 300), &a);
	assert_null(find(&map, 1, 100));
	map_free(&map);
}

static void grows_by_doubling_from_a_power_of_two(void **state)
{
	struct item item[200];
	struct map map = { 0 };

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		add(&map, &item[i], i, i);
		assert_true(map.size >= map.n);
		assert_int_equal(map.size & (map.size - 1), 0);
	}
	assert_int_equal(map.size, 256);
	map_free(&map);
}

static void free_leaves_an_empty_map_that_can_be_used(void **state)
{
	struct map map = { 0 };
	struct item a;

	(void)state;
	add(&map, &a, 1, 100);
	map_free(&map);
	assert_int_equal(map.n, 0);
	assert_null(find(&map, 1, 100));
	add(&map, &a, 1, 100);
	assert_ptr_equal(find(&map, 1, 100), &a);
	map_free(&map);
}

/* Random adds and removes of 10,000 against an array that says who is in. */
static void ten_thousand_against_an_array(void **state)
{
	enum { MANY = 10000 };
	struct item *item = xcalloc(MANY, sizeof(*item));
	bool *in = xcalloc(MANY, sizeof(*in));
	struct rng rng = { 1 };
	struct map map = { 0 };
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 10 * MANY; i++) {
		unsigned key = rng_below(&rng, MANY);
		uint32_t hash = key * 0x9e3779b1u >> (key & 1 ? 20 : 0); /* half of them collide */

		assert_ptr_equal(find(&map, key, hash), in[key] ? &item[key] : NULL);
		if (!in[key])
			add(&map, &item[key], key, hash);
		else if (rng_below(&rng, 4) == 0)
			map_remove(&map, &item[key].node);
		else
			continue;
		in[key] = !in[key];
		n += in[key] ? 1 : -1;
		assert_int_equal(map.n, n);
	}
	assert_true(n > MANY / 2);
	for (unsigned key = 0; key < MANY; key++) {
		uint32_t hash = key * 0x9e3779b1u >> (key & 1 ? 20 : 0);

		assert_ptr_equal(find(&map, key, hash), in[key] ? &item[key] : NULL);
		if (in[key])
			map_remove(&map, &item[key].node);
	}
	assert_int_equal(map.n, 0);
	map_free(&map);
	free(in);
	free(item);
}

static void node_is_touched_by_nobody_after_its_removal(void **state)
{
	struct map map = { 0 };
	struct item *heap = xcalloc(1, sizeof(*heap)), a;

	(void)state;
	add(&map, &a, 1, 16);
	add(&map, heap, 2, 32);
	map_remove(&map, &heap->node);
	free(heap);
	assert_null(find(&map, 2, 32)); /* the address sanitizer looks on */
	assert_ptr_equal(find(&map, 1, 16), &a);
	map_free(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_map_finds_nothing),
		cmocka_unit_test(what_was_added_is_found),
		cmocka_unit_test(hash_and_key_must_both_agree),
		cmocka_unit_test(key_is_asked_for_only_when_the_whole_hash_agrees),
		cmocka_unit_test(equal_hashes_are_told_apart_by_key),
		cmocka_unit_test(removed_is_not_found_and_the_others_are),
		cmocka_unit_test(removed_can_be_added_again),
		cmocka_unit_test(grows_by_doubling_from_a_power_of_two),
		cmocka_unit_test(free_leaves_an_empty_map_that_can_be_used),
		cmocka_unit_test(ten_thousand_against_an_array),
		cmocka_unit_test(node_is_touched_by_nobody_after_its_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
