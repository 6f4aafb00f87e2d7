/* pim_auto_test.c - messages of Auto-RP: mappings, negative ranges, and what is none */
#include "pim-module/msg_auto.h"
#include "unit/pim.h"

/* 10.0.0.9 for 224.0.0.0/4 but 239.1.0.0/16, 10.0.0.8, of PIM version 1, for 232.0.0.0/5 */
static const uint8_t known[] = {
	0x12, 2, 0, 181, 0, 0, 0, 0,					/* a mapping, 181 s */
	10,   0, 0, 9,	 2, 2, 0, 4, 224, 0, 0, 0, 1, 16, 239, 1, 0, 0, /* version 2 */
	10,   0, 0, 8,	 1, 1, 0, 5, 232, 0, 0, 0,			/* version 1 */
};

static struct arena arena;

static enum msg_bad decode(const void *data, size_t len, struct msg_auto *m)
{
	arena_reset(&arena);
	return msg_auto_decode(rd_init(data, len), &arena, m);
}

static void assert_range(const struct msg_auto_range *range, const char *prefix, bool negative)
{
	assert_string_equal(prefix_str(&range->prefix), prefix);
	assert_int_equal(range->negative, negative);
}

static void a_mapping(void **state)
{
	struct msg_auto m;
	uint8_t data[sizeof(known)];

	(void)state;
	assert_int_equal(decode(known, sizeof(known), &m), MSG_GOOD);
	assert_int_equal(m.type, AUTO_MAPPING);
	assert_int_equal(m.holdtime, SEC(181));
	assert_int_equal(m.nrps, 2);
	assert_ip(m.rp[0].ip, host(V4, 9));
	assert_int_equal(m.rp[0].versions, AUTO_PIM_V2);
	assert_int_equal(m.rp[0].nranges, 2);
	assert_range(&m.rp[0].range[0], "224.0.0.0/4", false);
	assert_range(&m.rp[0].range[1], "239.1.0.0/16", true);
	assert_ip(m.rp[1].ip, host(V4, 8));
	assert_int_equal(m.rp[1].versions, AUTO_PIM_V1);
	assert_range(&m.rp[1].range[0], "232.0.0.0/5", false);
	assert_int_equal(msg_auto_encode(&m, data, sizeof(data)), sizeof(known));
	assert_memory_equal(data, known, sizeof(known));
	assert_int_equal(msg_auto_encode(&m, data, sizeof(known) - 1), 0);
}

static void no_beginning_is_taken(void **state)
{
	struct msg_auto m;

	(void)state;
	for (size_t len = 0; len < sizeof(known); len++)
		assert_int_equal(decode(known, len, &m), MSG_BAD_LENGTH);
}

/* One byte is another one. */
static enum msg_bad changed(unsigned at, uint8_t to, struct msg_auto *m)
{
	uint8_t data[sizeof(known)];

	memcpy(data, known, sizeof(known));
	data[at] = to;
	return decode(data, sizeof(data), m);
}

static void what_is_wrong_is_refused(void **state)
{
	struct msg_auto m;

	(void)state;
	assert_int_equal(changed(0, 0x11, &m), MSG_GOOD);
	assert_int_equal(m.type, AUTO_ANNOUNCEMENT);
	assert_int_equal(changed(0, 0x10, &m), MSG_BAD_TYPE);
	assert_int_equal(changed(0, 0x13, &m), MSG_BAD_TYPE);
	assert_int_equal(changed(0, 0x02, &m), MSG_BAD_VERSION);
	assert_int_equal(changed(0, 0x22, &m), MSG_BAD_VERSION);
	assert_int_equal(changed(1, 3, &m), MSG_BAD_LENGTH);
	assert_int_equal(changed(8, 224, &m), MSG_BAD_ADDRESS);
	assert_int_equal(changed(15, 3, &m), MSG_BAD_MASK);
	assert_int_equal(changed(15, 33, &m), MSG_BAD_MASK);
	assert_int_equal(changed(16, 10, &m), MSG_BAD_GROUP);
	assert_int_equal(changed(16, 240, &m), MSG_BAD_GROUP);
}

/* Holdtimes without an end, reserved bits, host bits, what is behind */
static void what_is_read_over(void **state)
{
	static const uint8_t odd[] = {
		0x12, 1,    0, 0,    0xff, 0xff, 0xff, 0xff, 10, 0,    0,
		9,    0xff, 1, 0xff, 8,	   239,	 1,    2,    3,	 0xde, 0xad
	};
	struct msg_auto m;

	(void)state;
	assert_int_equal(decode(odd, sizeof(odd), &m), MSG_GOOD);
	assert_int_equal(m.holdtime, MSG_FOREVER);
	assert_int_equal(m.rp[0].versions, AUTO_PIM_V1 | AUTO_PIM_V2);
	assert_range(&m.rp[0].range[0], "239.0.0.0/8", true);
}

/* As many as a message can have, and as an arena of messages has room for. */
static void the_most(void **state)
{
	static uint8_t data[65507];
	struct msg_auto m;
	struct wr w = wr_init(data, sizeof(data));

	(void)state;
	wr_u32(&w, 0x12000000 | 42 << 16 | 181);
	wr_u32(&w, 0);
	for (unsigned i = 0; i < 42; i++) {
		wr_ip(&w, V4, host(V4, i + 1));
		wr_u16(&w, 0x02ff);
		for (unsigned j = 0; j < 255; j++) {
			wr_u16(&w, 32);
			wr_ip(&w, V4, group(V4, j));
		}
	}
	assert_false(w.full);
	assert_int_equal(decode(data, wr_len(&w), &m), MSG_GOOD);
	assert_int_equal(m.rp[41].nranges, 255);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_init(MSG_ARENA);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "PIM-203: a mapping", a_mapping, NULL, NULL, NULL },
		{ "PIM-203: no beginning is taken", no_beginning_is_taken, NULL, NULL, NULL },
		{ "PIM-203: what is wrong is refused", what_is_wrong_is_refused, NULL, NULL, NULL },
		{ "PIM-203: what is read over", what_is_read_over, NULL, NULL, NULL },
		{ "PIM-203: the most that there can be", the_most, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
