/* module_test.c - the contract of core and engine: read_slot(), sizes, orders, numbers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/module.h"

/* A host that gives slots by the number in the name, up to what it has. */
struct test_host {
	struct host host;
	int last; /* the highest slot it gives */
	unsigned asked;
	char name[20];
};

static int slot_by_number(struct host *host, const char *name)
{
	struct test_host *h = container_of(host, struct test_host, host);
	int slot = 0;

	h->asked++;
	memcpy(h->name, name, strlen(name) + 1);
	while (*name && (*name < '0' || *name > '9'))
		name++;
	for (; *name >= '0' && *name <= '9'; name++)
		slot = 10 * slot + (*name - '0');
	return slot <= h->last ? slot : -1;
}

static const struct host_ops ops = { .slot = slot_by_number };

static struct test_host test_host;
static struct reader reader;
static char line[100];

static int setup(void **state)
{
	(void)state;
	test_host = (struct test_host){ .host.op = &ops, .last = MAXSLOTS - 1 };
	reader = (struct reader){ .host = &test_host.host };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	words_free(&reader.words);
	return 0;
}

static struct reader *reading(const char *text)
{
	assert_true(strlen(text) < sizeof(line));
	memcpy(line, text, strlen(text) + 1);
	assert_true(words_split(&reader.words, line, strlen(line)));
	return &reader;
}

static void assert_error(unsigned column, const char *error)
{
	assert_int_equal(reader.words.column, column);
	assert_string_equal(reader.words.error, error);
}

static void read_slot_takes_a_name_and_asks_the_host(void **state)
{
	struct reader *r = reading("eth5 eth63 eth0 next");

	(void)state;
	assert_int_equal(read_slot(r), 5);
	assert_string_equal(test_host.name, "eth5");
	assert_int_equal(read_slot(r), 63);
	assert_int_equal(read_slot(r), 0);
	assert_string_equal(words_next(&r->words), "next");
	assert_int_equal(r->words.column, 0);
	assert_int_equal(test_host.asked, 3);
}

static void read_slot_of_one_interface_too_many(void **state)
{
	struct reader *r = reading("to eth64");

	(void)state;
	words_next(&r->words);
	assert_int_equal(read_slot(r), -1);
	assert_error(4, "eth64 is one interface too many, 64 can be in use");
}

static void read_slot_at_the_end_asks_nobody(void **state)
{
	struct reader *r = reading("from");

	(void)state;
	words_next(&r->words);
	assert_int_equal(read_slot(r), -1);
	assert_error(5, "the name of an interface is missing");
	assert_int_equal(test_host.asked, 0);
}

static void read_slot_of_a_bad_name_asks_nobody(void **state)
{
	(void)state;
	assert_int_equal(read_slot(reading("eth0/1")), -1);
	assert_error(1, "'eth0/1' cannot be the name of an interface");
	assert_int_equal(read_slot(reading("eth0eth0eth0eth0")), -1);
	assert_error(1, "'eth0eth0eth0eth0' cannot be the name of an interface");
	assert_int_equal(test_host.asked, 0);
}

static void read_slot_keeps_the_first_error(void **state)
{
	struct reader *r = reading("eth64 eth65");

	(void)state;
	assert_int_equal(read_slot(r), -1);
	assert_int_equal(read_slot(r), -1);
	assert_error(1, "eth64 is one interface too many, 64 can be in use");
}

static void slots_fit_where_they_are_kept(void **state)
{
	(void)state;
	assert_int_equal(MAXSLOTS, 8 * sizeof(struct ifset));
	assert_int_equal((__typeof__(((struct route *)0)->iif))NOSLOT, NOSLOT);
	assert_int_equal((__typeof__(((struct upcall *)0)->arrival))NOSLOT, NOSLOT);
	assert_int_equal((__typeof__(((struct packet *)0)->slot))NOSLOT, NOSLOT);
	assert_true(NOSLOT >= MAXSLOTS);
}

static void sg_has_no_padding(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct sg, src), 0);
	assert_int_equal(offsetof(struct sg, grp), 16);
	assert_int_equal(sizeof(struct sg), 32);
	assert_int_equal(sizeof(struct prefix), 17);
}

static void key_of_a_show_holds_sg_and_a_slot(void **state)
{
	(void)state;
	assert_true(SHOW_KEY >= sizeof(struct sg) + sizeof(uint8_t));
}

static void kinds_and_ranks_fit_where_they_are_kept(void **state)
{
	struct route route = { .kind = ROUTE_BLOCK, .rank = RANK_INHERITED };

	(void)state;
	assert_int_equal(route.kind, ROUTE_BLOCK);
	assert_int_equal(route.rank, RANK_INHERITED);
}

static void ranks_are_in_the_order_of_precedence(void **state)
{
	(void)state;
	assert_true(RANK_STATIC < RANK_PIM);
	assert_true(RANK_PIM < RANK_PROXY);
	assert_true(RANK_PROXY < RANK_LEARNED);
	assert_true(RANK_LEARNED < RANK_INHERITED);
}

static void protocols_have_their_numbers(void **state)
{
	(void)state;
	assert_int_equal(PROTO_IGMP, 2);
	assert_int_equal(PROTO_UDP, 17);
	assert_int_equal(PROTO_ICMPV6, 58);
	assert_int_equal(PROTO_PIM, 103);
}

static void families_index_their_engines(void **state)
{
	struct engines engines;

	(void)state;
	assert_int_equal(V4, 0);
	assert_int_equal(V6, NFAMILIES - 1);
	assert_int_equal(NELEMS(engines.af), NFAMILIES);
}

#define fact(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fact(read_slot_takes_a_name_and_asks_the_host),
		fact(read_slot_of_one_interface_too_many),
		fact(read_slot_at_the_end_asks_nobody),
		fact(read_slot_of_a_bad_name_asks_nobody),
		fact(read_slot_keeps_the_first_error),
		fact(slots_fit_where_they_are_kept),
		fact(sg_has_no_padding),
		fact(key_of_a_show_holds_sg_and_a_slot),
		fact(kinds_and_ranks_fit_where_they_are_kept),
		fact(ranks_are_in_the_order_of_precedence),
		fact(protocols_have_their_numbers),
		fact(families_index_their_engines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
