/* pim_hello_test.c - Hello: its options, those that are unknown, and those that lie */
#include "pim-module/msg_hello.h"
#include "unit/pim.h"

static struct msg_hello hello;

static enum msg_bad decode(struct msg_rd *r, struct arena *arena)
{
	return msg_hello_decode(r, arena, &hello);
}

static size_t encode(const struct msg_ends *ends, void *data, size_t size)
{
	return msg_hello_encode(ends, &hello, data, size);
}

static const struct codec codec = { decode, encode };

/* PIM-29, PIM-33, PIM-34, PIM-37, PIM-48, PIM-52 */
static void known_hello(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		take_known(&codec, af, KNOWN_HELLO, &arena);
		assert_int_equal(hello.holdtime, 105000);
		assert_true(hello.has_lan_delay && hello.no_suppression);
		assert_int_equal(hello.propagation_delay, 500);
		assert_int_equal(hello.override_interval, 2500);
		assert_true(hello.has_dr_priority);
		assert_int_equal(hello.dr_priority, 1);
		assert_true(hello.has_genid);
		assert_int_equal(hello.genid, 0xdeadbeef);
		assert_false(hello.has_refresh || hello.bidir);
		assert_int_equal(hello.nsecondary, 2);
		assert_ip(hello.secondary[0], host(af, 7));
		assert_ip(hello.secondary[1], host(af, 8));
		assert_encoded(&codec, af, KNOWN_HELLO);
	}
	arena_free(&arena);
}

/* PIM-42, PIM-168, PIM-183 */
static void known_dense_hello(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		take_known(&codec, af, KNOWN_HELLO_DENSE, &arena);
		assert_true(hello.holdtime == MSG_FOREVER);
		assert_false(hello.has_lan_delay || hello.has_dr_priority);
		assert_int_equal(hello.genid, 7);
		assert_true(hello.has_refresh && hello.bidir);
		assert_int_equal(hello.refresh_interval, 60);
		assert_int_equal(hello.nsecondary, 0);
		assert_encoded(&codec, af, KNOWN_HELLO_DENSE);
		assert_room(&codec, af, KNOWN_HELLO_DENSE);
	}
	arena_free(&arena);
}

/* PIM-40, PIM-42 */
static void known_goodbye(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		take_known(&codec, af, KNOWN_GOODBYE, &arena);
		assert_int_equal(hello.holdtime, 0);
		assert_false(hello.has_genid);
		assert_encoded(&codec, af, KNOWN_GOODBYE);
		assert_room(&codec, af, KNOWN_GOODBYE);
	}
	arena_free(&arena);
}

/* Where an option ends, so does a Hello with those before. */
static bool ends_an_option(enum af af, size_t len)
{
	(void)af;
	return len == 4 || len == 10 || len == 18 || len == 26 || len == 34;
}

static bool ends_a_dense_option(enum af af, size_t len)
{
	(void)af;
	return len == 4 || len == 10 || len == 18 || len == 26;
}

static void every_truncation(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		assert_no_beginning(&codec, af, KNOWN_HELLO, ends_an_option);
		assert_no_beginning(&codec, af, KNOWN_HELLO_DENSE, ends_a_dense_option);
	}
}

/* A Hello that is being written option by option. */
static uint8_t wire[2048];
static struct wr w;

static void begin(void)
{
	w = msg_begin(MSG_HELLO, 0, wire, sizeof(wire));
}

static void option(unsigned type, unsigned len, const char *hex)
{
	uint8_t value[256];
	size_t n = unhex(hex, value, sizeof(value));

	wr_u16(&w, type);
	wr_u16(&w, len);
	wr_bytes(&w, value, n);
}

static enum msg_bad end(enum af af, struct arena *arena)
{
	return take(&codec, af, wire, wr_len(&w), arena);
}

/* PIM-43: without a word of it */
static void default_holdtime(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	begin();
	assert_int_equal(end(V4, &arena), MSG_GOOD);
	assert_int_equal(hello.holdtime, 105000);
	option(20, 4, "00000001");
	assert_int_equal(end(V4, &arena), MSG_GOOD);
	assert_int_equal(hello.holdtime, 105000);
	arena_free(&arena);
}

static bool is_known(unsigned type)
{
	return type == 1 || type == 2 || (type >= 19 && type <= 22) || type == 24;
}

/* PIM-46, PIM-52, PIM-200, PIM-202: what is unknown is skipped, whatever it is */
static void unknown_options(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (unsigned type = 0; type < 65536; type += type < 300 ? 1 : 251) {
		if (is_known(type))
			continue;
		begin();
		option(1, 2, "0005");
		option(type, 5, "ffffffffff");
		option(type, 0, "");
		option(20, 4, "00000009");
		assert_int_equal(end(V6, &arena), MSG_GOOD);
		assert_int_equal(hello.holdtime, 5000);
		assert_true(hello.has_genid);
		assert_int_equal(hello.genid, 9);
		assert_false(hello.has_lan_delay || hello.has_dr_priority || hello.has_refresh ||
			     hello.bidir || hello.nsecondary);
	}
	arena_free(&arena);
}

/* PIM-46: too short a value, or one that goes beyond the message */
static void options_that_lie(void **state)
{
	static const struct {
		unsigned type, size;
	} rows[] = { { 1, 2 }, { 2, 4 }, { 19, 4 }, { 20, 4 }, { 21, 2 } };
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (unsigned i = 0; i < NELEMS(rows); i++) {
		for (unsigned len = 0; len < 12; len++) {
			enum msg_bad want = len < rows[i].size ? MSG_BAD_LENGTH : MSG_GOOD;
			char hex[25] = "010203040506070809101112";

			hex[2 * len] = '\0';
			begin();
			option(rows[i].type, len, hex);
			option(24, 0, "");
			assert_int_equal(end(V4, &arena), want);
			begin();
			option(rows[i].type, len + 1, hex);
			assert_int_equal(end(V4, &arena), MSG_BAD_LENGTH);
		}
	}
	begin();
	option(99, 65535, "01");
	assert_int_equal(end(V4, &arena), MSG_BAD_LENGTH);
	arena_free(&arena);
}

/* The last of a kind holds. */
static void options_twice(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	begin();
	option(1, 2, "0005");
	option(2, 4, "80010002");
	option(19, 4, "00000001");
	option(20, 4, "00000001");
	option(21, 4, "01050000");
	option(24, 12, "01000a000007 01000a000008");
	option(24, 6, "01000a000009");
	option(21, 4, "02070000");
	option(20, 4, "fffffffe");
	option(19, 4, "ffffffff");
	option(2, 4, "7fffffff");
	option(1, 2, "ffff");
	assert_int_equal(end(V4, &arena), MSG_GOOD);
	assert_true(hello.holdtime == MSG_FOREVER);
	assert_false(hello.no_suppression);
	assert_int_equal(hello.propagation_delay, 0x7fff);
	assert_int_equal(hello.override_interval, 0xffff);
	assert_int_equal(hello.dr_priority, 0xffffffff);
	assert_int_equal(hello.genid, 0xfffffffe);
	assert_false(hello.has_refresh);
	assert_int_equal(hello.refresh_interval, 0);
	assert_int_equal(hello.nsecondary, 1);
	assert_ip(hello.secondary[0], ip("10.0.0.9"));
	arena_free(&arena);
}

/* PIM-37, PIM-38: not the sender's primary, no other family, nothing that is no host */
static void addresses_left_out(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct ip list[9];

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		unsigned n = 0;

		list[n++] = host(af, 2);
		list[n++] = pim_ends(af, MSG_HELLO).src;
		list[n++] = host(!af, 3);
		list[n++] = group(af, 1);
		list[n++] = ip_any(af);
		list[n++] = ip(af == V4 ? "127.0.0.1" : "::1");
		list[n++] = host(af, 3);
		begin();
		wr_u16(&w, 24);
		wr_u16(&w, 6 * msg_unicast_size(af) + msg_unicast_size(!af));
		for (unsigned i = 0; i < n; i++)
			msg_wr_unicast(&w, list[i]);
		option(1, 2, "0005");
		assert_int_equal(end(af, &arena), MSG_GOOD);
		assert_int_equal(hello.holdtime, 5000);
		assert_int_equal(hello.nsecondary, 2);
		assert_ip(hello.secondary[0], host(af, 2));
		assert_ip(hello.secondary[1], host(af, 3));
	}
	begin();
	option(24, 18, "0200 00000000000000000000ffff0a000007");
	assert_int_equal(end(V6, &arena), MSG_GOOD);
	assert_int_equal(hello.nsecondary, 0);
	assert_int_equal(end(V4, &arena), MSG_GOOD);
	assert_int_equal(hello.nsecondary, 0);
	arena_free(&arena);
}

/* PIM-136: a list of which nobody knows where its addresses end */
static void lists_that_lie(void **state)
{
	struct arena arena = arena_init(MSG_ARENA), small = arena_init(32);

	(void)state;
	begin();
	option(24, 6, "01010a000007");
	assert_int_equal(end(V4, &arena), MSG_BAD_ENCODING);
	begin();
	option(24, 6, "03000a000007");
	assert_int_equal(end(V4, &arena), MSG_BAD_FAMILY);
	begin();
	option(24, 7, "01000a000007 01");
	assert_int_equal(end(V4, &arena), MSG_BAD_LENGTH);
	begin();
	option(24, 18, "01000a000007 01000a000008 01000a000009");
	assert_int_equal(end(V4, &small), MSG_BAD_MEMORY);
	arena_free(&arena);
	arena_free(&small);
}

/* As many secondary addresses as there is room for. */
static void more_addresses_than_fit(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct ip list[200];

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_HELLO);

		for (unsigned i = 0; i < NELEMS(list); i++)
			list[i] = host(af, i + 2);
		for (size_t room = 10; room < 600; room++) {
			unsigned fit = room < 14 ? 0 : (room - 14) / msg_unicast_size(af);
			size_t len;

			hello = (struct msg_hello){ .holdtime = 1000,
						    .secondary = list,
						    .nsecondary = NELEMS(list) };
			len = encode(&ends, wire, room);
			assert_int_equal(len, fit ? 14 + fit * msg_unicast_size(af) : 10);
			assert_int_equal(take(&codec, af, wire, len, &arena), MSG_GOOD);
			assert_int_equal(hello.nsecondary, fit);
			for (unsigned i = 0; i < fit; i++)
				assert_ip(hello.secondary[i], list[i]);
		}
	}
	arena_free(&arena);
}

static void assert_hello(const struct msg_hello *a, const struct msg_hello *b)
{
	assert_true(a->holdtime == b->holdtime);
	assert_int_equal(a->has_lan_delay, b->has_lan_delay);
	assert_int_equal(a->no_suppression, b->no_suppression);
	assert_int_equal(a->propagation_delay, b->propagation_delay);
	assert_int_equal(a->override_interval, b->override_interval);
	assert_int_equal(a->has_dr_priority, b->has_dr_priority);
	assert_int_equal(a->dr_priority, b->dr_priority);
	assert_int_equal(a->has_genid, b->has_genid);
	assert_int_equal(a->genid, b->genid);
	assert_int_equal(a->has_refresh, b->has_refresh);
	assert_int_equal(a->refresh_interval, b->refresh_interval);
	assert_int_equal(a->bidir, b->bidir);
	assert_int_equal(a->nsecondary, b->nsecondary);
	for (unsigned i = 0; i < a->nsecondary; i++)
		assert_ip(a->secondary[i], b->secondary[i]);
}

static void random_hello(struct rng *rng, enum af af, struct ip *list)
{
	unsigned n = rng_below(rng, 5);

	hello = (struct msg_hello){ .holdtime = rng_below(rng, 65535) * 1000 };
	if (rng_below(rng, 2)) {
		hello.has_lan_delay = true;
		hello.no_suppression = rng_below(rng, 2);
		hello.propagation_delay = rng_below(rng, 1 << 15);
		hello.override_interval = rng_below(rng, 1 << 16);
	}
	hello.has_dr_priority = rng_below(rng, 2);
	hello.dr_priority = hello.has_dr_priority ? rng_u64(rng) : 0;
	hello.has_genid = rng_below(rng, 2);
	hello.genid = hello.has_genid ? rng_u64(rng) : 0;
	hello.has_refresh = rng_below(rng, 2);
	hello.refresh_interval = hello.has_refresh ? rng_below(rng, 256) : 0;
	hello.bidir = rng_below(rng, 2);
	for (unsigned i = 0; i < n; i++)
		list[i] = host(af, 2 + rng_below(rng, 1000));
	hello.secondary = list;
	hello.nsecondary = n;
}

static void random_round_trips(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 7761);
	for (unsigned i = 0; i < 4000; i++) {
		enum af af = i % 2;
		struct msg_ends ends = pim_ends(af, MSG_HELLO);
		struct msg_hello want;
		struct ip list[5];
		size_t len;

		random_hello(&rng, af, list);
		want = hello;
		len = encode(&ends, wire, sizeof(wire));
		assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
		assert_hello(&hello, &want);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_hello),
		cmocka_unit_test(known_dense_hello),
		cmocka_unit_test(known_goodbye),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(default_holdtime),
		cmocka_unit_test(unknown_options),
		cmocka_unit_test(options_that_lie),
		cmocka_unit_test(options_twice),
		cmocka_unit_test(addresses_left_out),
		cmocka_unit_test(lists_that_lie),
		cmocka_unit_test(more_addresses_than_fit),
		cmocka_unit_test(random_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
