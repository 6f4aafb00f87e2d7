/* cursor_test.c - reading and writing packets: bounds, latched errors, addresses on the wire */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/cursor.h"

static const uint8_t bytes[] = { 0x01, 0x82, 0x03, 0x84, 0xf5, 0x06, 0x87, 0xff };

/* 2001:db8::1 */
static const uint8_t v6_wire[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x01 };

/* ::ffff:10.0.0.1, which no IPv6 packet may hold */
static const uint8_t mapped_wire[16] = { [10] = 0xff, 0xff, 0x0a, 0x00, 0x00, 0x01 };

static void assert_bad(struct rd *r)
{
	assert_true(r->bad);
	assert_int_equal(rd_left(r), 0);
	assert_null(rd_take(r, 0));
	assert_int_equal(rd_u8(r), 0);
	assert_int_equal(rd_u16(r), 0);
	assert_int_equal(rd_u32(r), 0);
	assert_true(ip_eq(rd_ip(r, V4), ip_any(V4)));
	assert_true(ip_eq(rd_ip(r, V6), ip_any(V6)));
	assert_true(rd_sub(r, 0).bad);
	assert_true(r->bad);
}

static void assert_full(struct wr *w)
{
	size_t len = wr_len(w);

	assert_true(w->full);
	assert_int_equal(wr_left(w), 0);
	assert_null(wr_take(w, 0));
	wr_u8(w, 1);
	wr_u16(w, 1);
	wr_u32(w, 1);
	wr_bytes(w, "x", 1);
	wr_ip(w, V4, ip_any(V4));
	assert_true(w->full);
	assert_int_equal(wr_len(w), len);
}

/* Reading */

static void integers_are_in_network_byte_order(void **state)
{
	struct rd r = rd_init(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_u16(&r), 0x8203);
	assert_int_equal(rd_u32(&r), 0x84f50687);
	assert_int_equal(rd_u8(&r), 0xff);
	assert_false(r.bad);
}

static void highest_integers_are_not_negative(void **state)
{
	static const uint8_t ones[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct rd r = rd_init(ones, sizeof(ones));

	(void)state;
	assert_true(rd_u32(&r) == 4294967295u);
	assert_true(rd_u16(&r) == 65535);
	assert_true(rd_u8(&r) == 255);
}

static void left_counts_down(void **state)
{
	struct rd r = rd_init(bytes, 8);

	(void)state;
	assert_int_equal(rd_left(&r), 8);
	rd_u32(&r);
	assert_int_equal(rd_left(&r), 4);
	rd_skip(&r, 3);
	assert_int_equal(rd_left(&r), 1);
	rd_u8(&r);
	assert_int_equal(rd_left(&r), 0);
	assert_false(r.bad);
}

static void take_points_into_the_data(void **state)
{
	struct rd r = rd_init(bytes, 8);

	(void)state;
	assert_ptr_equal(rd_take(&r, 3), bytes);
	assert_ptr_equal(rd_take(&r, 0), bytes + 3);
	assert_ptr_equal(rd_take(&r, 5), bytes + 3);
	assert_ptr_equal(rd_take(&r, 0), bytes + 8);
	assert_false(r.bad);
}

static void skip_moves_on_without_reading(void **state)
{
	struct rd r = rd_init(bytes, 8);

	(void)state;
	rd_skip(&r, 4);
	assert_int_equal(rd_u8(&r), 0xf5);
}

static void empty_data_is_not_bad_until_read(void **state)
{
	struct rd r = rd_init(bytes, 0);

	(void)state;
	assert_false(r.bad);
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(rd_u8(&r), 0);
	assert_bad(&r);
}

static void take_beyond_the_end_is_bad_for_good(void **state)
{
	struct rd r = rd_init(bytes, 8);

	(void)state;
	assert_null(rd_take(&r, 9));
	assert_bad(&r);
}

static void huge_take_is_bad(void **state)
{
	struct rd r = rd_init(bytes, 8);

	(void)state;
	rd_u8(&r);
	assert_null(rd_take(&r, SIZE_MAX));
	assert_bad(&r);
}

static void huge_skip_is_bad(void **state)
{
	struct rd r = rd_init(bytes, 8);

	(void)state;
	rd_skip(&r, SIZE_MAX - 1);
	assert_bad(&r);
}

static void u16_of_one_byte_is_bad(void **state)
{
	struct rd r = rd_init(bytes, 1);

	(void)state;
	assert_int_equal(rd_u16(&r), 0);
	assert_bad(&r);
}

static void u32_of_up_to_three_bytes_is_bad(void **state)
{
	(void)state;
	for (size_t n = 0; n < 4; n++) {
		struct rd r = rd_init(bytes, n);

		assert_int_equal(rd_u32(&r), 0);
		assert_bad(&r);
	}
}

static void small_read_after_a_bad_one_yields_zero(void **state)
{
	struct rd r = rd_init(bytes, 3);

	(void)state;
	assert_int_equal(rd_u32(&r), 0);
	assert_int_equal(rd_u8(&r), 0); /* though three bytes are there */
}

/* What a decoder of a fixed message does; true if it was whole. */
static bool decode(const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len), v;

	rd_u8(&r);
	rd_u16(&r);
	rd_u32(&r);
	rd_ip(&r, V4);
	rd_ip(&r, V6);
	v = rd_sub(&r, 3);
	rd_skip(&v, 3);
	r.bad |= v.bad;
	return !r.bad;
}

static void every_truncation_is_noticed(void **state)
{
	const size_t whole = 1 + 2 + 4 + 4 + 16 + 3;

	(void)state;
	for (size_t n = 0; n <= whole; n++) {
		uint8_t *data = calloc(1, n ? n : 1); /* of just that size, for the sanitizer */

		assert_int_equal(decode(data, n), n == whole);
		free(data);
	}
}

static void address_of_v4_takes_four_bytes(void **state)
{
	static const uint8_t wire[] = { 0xef, 0x01, 0x02, 0x03, 0x04 };
	struct rd r = rd_init(wire, 5);

	(void)state;
	assert_string_equal(ip_str(rd_ip(&r, V4)), "239.1.2.3");
	assert_int_equal(rd_left(&r), 1);
}

static void address_of_v6_takes_sixteen_bytes(void **state)
{
	struct rd r = rd_init(v6_wire, 16);

	(void)state;
	assert_string_equal(ip_str(rd_ip(&r, V6)), "2001:db8::1");
	assert_int_equal(rd_left(&r), 0);
	assert_false(r.bad);
}

static void truncated_address_is_bad(void **state)
{
	(void)state;
	for (size_t n = 0; n < 16; n++) {
		struct rd r = rd_init(v6_wire, n);

		assert_true(ip_eq(rd_ip(&r, V6), ip_any(V6)));
		assert_bad(&r);
	}
	for (size_t n = 0; n < 4; n++) {
		struct rd r = rd_init(v6_wire, n);

		assert_true(ip_eq(rd_ip(&r, V4), ip_any(V4)));
		assert_bad(&r);
	}
}

static void mapped_address_on_the_wire_is_bad(void **state)
{
	struct rd r = rd_init(mapped_wire, 16);

	(void)state;
	assert_true(ip_eq(rd_ip(&r, V6), ip_any(V6)));
	assert_bad(&r);
}

static void almost_mapped_addresses_pass(void **state)
{
	uint8_t wire[16];

	(void)state;
	for (unsigned bit = 0; bit < 96; bit++) {
		struct rd r = rd_init(wire, 16);

		memcpy(wire, mapped_wire, 16);
		wire[bit / 8] ^= 0x80 >> bit % 8;
		assert_memory_equal(rd_ip(&r, V6).b, wire, 16);
		assert_false(r.bad);
	}
}

static void any_addresses_pass(void **state)
{
	static const uint8_t zero[20];
	struct rd r = rd_init(zero, 20);

	(void)state;
	assert_true(ip_eq(rd_ip(&r, V6), ip_any(V6)));
	assert_true(ip_eq(rd_ip(&r, V4), ip_any(V4)));
	assert_false(r.bad);
}

static void sub_ends_where_its_part_ends(void **state)
{
	struct rd r = rd_init(bytes, 8), v = rd_sub(&r, 2);

	(void)state;
	assert_int_equal(rd_left(&v), 2);
	assert_int_equal(rd_u16(&v), 0x0182);
	assert_int_equal(rd_u8(&v), 0);
	assert_bad(&v);
	assert_int_equal(rd_u8(&r), 0x03); /* the outer one goes on behind the part */
	assert_false(r.bad);
}

static void what_sub_leaves_unread_is_skipped(void **state)
{
	struct rd r = rd_init(bytes, 8), v = rd_sub(&r, 6);

	(void)state;
	rd_u8(&v);
	assert_int_equal(rd_u16(&r), 0x87ff);
}

static void sub_beyond_the_end_is_bad_both_ways(void **state)
{
	struct rd r = rd_init(bytes, 8), v = rd_sub(&r, 9);

	(void)state;
	assert_bad(&v);
	assert_bad(&r);
}

static void sub_of_nothing_is_empty_not_bad(void **state)
{
	struct rd r = rd_init(bytes, 8), v;

	(void)state;
	rd_skip(&r, 8);
	v = rd_sub(&r, 0);
	assert_false(v.bad);
	assert_false(r.bad);
	assert_int_equal(rd_left(&v), 0);
}

/* Writing */

static void integers_are_written_in_network_byte_order(void **state)
{
	uint8_t buf[8];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	wr_u8(&w, 0x01);
	wr_u16(&w, 0x8203);
	wr_u32(&w, 0x84f50687);
	wr_u8(&w, 0xff);
	assert_false(w.full);
	assert_int_equal(wr_len(&w), 8);
	assert_memory_equal(buf, bytes, 8);
}

static void bytes_are_written_as_they_are(void **state)
{
	uint8_t buf[8];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	wr_bytes(&w, bytes, 5);
	wr_bytes(&w, bytes + 5, 3);
	assert_false(w.full);
	assert_memory_equal(buf, bytes, 8);
}

static void nothing_can_be_written_from_nowhere(void **state)
{
	uint8_t buf[1];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	wr_bytes(&w, NULL, 0);
	assert_false(w.full);
	assert_int_equal(wr_len(&w), 0);
}

static void addresses_are_written_in_their_wire_form(void **state)
{
	/* 239.1.2.3, 2001:db8::1 */
	static const uint8_t want[20] = { 0xef, 0x01, 0x02, 0x03,	0x20,
					  0x01, 0x0d, 0xb8, [19] = 0x01 };
	uint8_t buf[20];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	wr_ip(&w, V4, ip_v4(0xef010203));
	wr_ip(&w, V6, ip_from_wire(V6, v6_wire));
	assert_false(w.full);
	assert_memory_equal(buf, want, 20);
}

static void wr_take_gives_room_to_fill_later(void **state)
{
	uint8_t buf[4] = { 0 }, *hole;
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	wr_u8(&w, 1);
	hole = wr_take(&w, 2);
	wr_u8(&w, 4);
	assert_ptr_equal(hole, buf + 1);
	hole[0] = 2;
	assert_memory_equal(buf, "\1\2\0\4", 4);
}

static void exactly_full_is_not_an_error(void **state)
{
	uint8_t buf[4];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	assert_int_equal(wr_left(&w), 4);
	wr_u32(&w, 1);
	assert_int_equal(wr_left(&w), 0);
	assert_false(w.full);
	assert_non_null(wr_take(&w, 0));
	wr_u8(&w, 1);
	assert_full(&w);
	assert_int_equal(wr_len(&w), 4);
}

static void what_does_not_fit_is_not_begun(void **state)
{
	uint8_t buf[4] = { 0xaa, 0xaa, 0xaa, 0xaa };

	(void)state;
	for (size_t size = 0; size < 4; size++) {
		struct wr w = wr_init(buf, size);

		wr_u32(&w, 0x01020304);
		assert_full(&w);
		assert_int_equal(wr_len(&w), 0);
	}
	for (size_t size = 0; size < 2; size++) {
		struct wr w = wr_init(buf, size);

		wr_u16(&w, 0x0102);
		assert_full(&w);
		assert_int_equal(wr_len(&w), 0);
	}
	assert_memory_equal(buf, "\xaa\xaa\xaa\xaa", 4);
}

static void full_address_and_bytes(void **state)
{
	uint8_t buf[16];
	struct wr v4 = wr_init(buf, 3), v6 = wr_init(buf, 15), b = wr_init(buf, 2);

	(void)state;
	wr_ip(&v4, V4, ip_v4(1));
	assert_full(&v4);
	wr_ip(&v6, V6, ip_any(V6));
	assert_full(&v6);
	wr_bytes(&b, bytes, 3);
	assert_full(&b);
}

static void huge_take_is_full(void **state)
{
	uint8_t buf[4];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	wr_u8(&w, 1);
	assert_null(wr_take(&w, SIZE_MAX));
	assert_full(&w);
	assert_int_equal(wr_len(&w), 1);
}

static void smaller_write_after_full_is_not_made(void **state)
{
	uint8_t buf[3] = { 0 };
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	wr_u32(&w, 0xffffffff);
	wr_u8(&w, 0xff); /* for which there would be room */
	assert_memory_equal(buf, "\0\0\0", 3);
}

static void what_was_written_is_read(void **state)
{
	uint8_t buf[27];
	struct wr w = wr_init(buf, sizeof(buf));
	struct rd r = rd_init(buf, sizeof(buf));

	(void)state;
	wr_u8(&w, 0xfe);
	wr_u16(&w, 0xfedc);
	wr_u32(&w, 0xfedcba98);
	wr_ip(&w, V4, ip_v4(0xe0000016));
	wr_ip(&w, V6, ip_from_wire(V6, v6_wire));
	assert_false(w.full);
	assert_int_equal(rd_u8(&r), 0xfe);
	assert_int_equal(rd_u16(&r), 0xfedc);
	assert_int_equal(rd_u32(&r), 0xfedcba98);
	assert_true(ip_eq(rd_ip(&r, V4), ip_v4(0xe0000016)));
	assert_memory_equal(rd_ip(&r, V6).b, v6_wire, 16);
	assert_int_equal(rd_left(&r), 0);
	assert_false(r.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_in_network_byte_order),
		cmocka_unit_test(highest_integers_are_not_negative),
		cmocka_unit_test(left_counts_down),
		cmocka_unit_test(take_points_into_the_data),
		cmocka_unit_test(skip_moves_on_without_reading),
		cmocka_unit_test(empty_data_is_not_bad_until_read),
		cmocka_unit_test(take_beyond_the_end_is_bad_for_good),
		cmocka_unit_test(huge_take_is_bad),
		cmocka_unit_test(huge_skip_is_bad),
		cmocka_unit_test(u16_of_one_byte_is_bad),
		cmocka_unit_test(u32_of_up_to_three_bytes_is_bad),
		cmocka_unit_test(small_read_after_a_bad_one_yields_zero),
		cmocka_unit_test(every_truncation_is_noticed),
		cmocka_unit_test(address_of_v4_takes_four_bytes),
		cmocka_unit_test(address_of_v6_takes_sixteen_bytes),
		cmocka_unit_test(truncated_address_is_bad),
		cmocka_unit_test(mapped_address_on_the_wire_is_bad),
		cmocka_unit_test(almost_mapped_addresses_pass),
		cmocka_unit_test(any_addresses_pass),
		cmocka_unit_test(sub_ends_where_its_part_ends),
		cmocka_unit_test(what_sub_leaves_unread_is_skipped),
		cmocka_unit_test(sub_beyond_the_end_is_bad_both_ways),
		cmocka_unit_test(sub_of_nothing_is_empty_not_bad),
		cmocka_unit_test(integers_are_written_in_network_byte_order),
		cmocka_unit_test(bytes_are_written_as_they_are),
		cmocka_unit_test(nothing_can_be_written_from_nowhere),
		cmocka_unit_test(addresses_are_written_in_their_wire_form),
		cmocka_unit_test(wr_take_gives_room_to_fill_later),
		cmocka_unit_test(exactly_full_is_not_an_error),
		cmocka_unit_test(what_does_not_fit_is_not_begun),
		cmocka_unit_test(full_address_and_bytes),
		cmocka_unit_test(huge_take_is_full),
		cmocka_unit_test(smaller_write_after_full_is_not_made),
		cmocka_unit_test(what_was_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
