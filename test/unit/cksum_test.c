/* cksum_test.c - the Internet checksum: known packets, parts, odd lengths, carries */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/cksum.h"
#include "lib/rng.h"

/* RFC 1071 3: their sum is ddf2 */
static const uint8_t example[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

/* IPv4 header of a UDP packet, 192.168.0.1 to 192.168.0.199, its checksum b861 in place */
static const uint8_t ip_header[] = { 0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
				     0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7 };

/* IGMPv2 general query, 10 s to answer, checksum ee9b */
static const uint8_t igmp_query[] = { 0x11, 0x64, 0xee, 0x9b, 0x00, 0x00, 0x00, 0x00 };

/* MLDv1 general query, 10 s to answer, checksum 5917 from fe80::1 to ff02::1 */
static const uint8_t mld_query[24] = { 0x82, 0x00, 0x59, 0x17, 0x27, 0x10 };

/* PIM Hello, holdtime 105 s, checksum e190 from fe80::1 to ff02::d */
static const uint8_t pim_hello[] = { 0x20, 0x00, 0xe1, 0x90, 0x00, 0x01, 0x00, 0x02, 0x00, 0x69 };

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static uint16_t cksum(const void *data, size_t len)
{
	return cksum_end(cksum_add(0, data, len));
}

static void example_of_the_rfc(void **state)
{
	(void)state;
	assert_int_equal(cksum_add(0, example, 8), 0xddf2);
	assert_int_equal(cksum(example, 8), 0x220d);
}

static void checksum_of_nothing_is_ffff(void **state)
{
	(void)state;
	assert_int_equal(cksum(NULL, 0), 0xffff);
}

static void right_packets_sum_to_zero(void **state)
{
	(void)state;
	assert_int_equal(cksum(ip_header, sizeof(ip_header)), 0);
	assert_int_equal(cksum(igmp_query, sizeof(igmp_query)), 0);
}

static void checksum_of_a_known_header(void **state)
{
	uint8_t header[sizeof(ip_header)];

	(void)state;
	memcpy(header, ip_header, sizeof(header));
	header[10] = header[11] = 0;
	assert_int_equal(cksum(header, sizeof(header)), 0xb861);
}

static void every_flipped_bit_is_noticed(void **state)
{
	uint8_t query[sizeof(igmp_query)];

	(void)state;
	for (unsigned bit = 0; bit < 8 * sizeof(query); bit++) {
		memcpy(query, igmp_query, sizeof(query));
		query[bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(cksum(query, sizeof(query)), 0);
	}
}

static void odd_last_byte_is_the_high_one(void **state)
{
	static const uint8_t one[] = { 0xab };

	(void)state;
	assert_int_equal(cksum_add(0, one, 1), 0xab00);
	assert_int_equal(cksum(example, 7), 0x2304);
}

static void parts_add_up(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= sizeof(ip_header); cut += 2) {
		uint32_t sum = cksum_add(0, ip_header, cut);

		sum = cksum_add(sum, ip_header + cut, sizeof(ip_header) - cut);
		assert_int_equal(cksum_end(sum), 0);
	}
}

static void odd_part_may_come_last(void **state)
{
	(void)state;
	assert_int_equal(cksum_end(cksum_add(cksum_add(0, example, 4), example + 4, 3)), 0x2304);
}

static void unaligned_data_sums_alike(void **state)
{
	uint8_t room[sizeof(ip_header) + 8];

	(void)state;
	for (unsigned at = 0; at < 8; at++) {
		memcpy(room + at, ip_header, sizeof(ip_header));
		assert_int_equal(cksum(room + at, sizeof(ip_header)), 0);
	}
}

static void carries_are_added_again(void **state)
{
	static const uint8_t ones[] = { 0xff, 0xff, 0x00, 0x01 };

	(void)state;
	assert_int_equal(cksum_add(0, ones, 4), 1);
	assert_int_equal(cksum_end(0x1fffe), 0);
	assert_int_equal(cksum_end(0xffffffff), 0);
	assert_int_equal(cksum_end(0xffff0001), 0xfffe);
}

static void large_packets_lose_no_carry(void **state)
{
	uint8_t *data = malloc(65535);

	(void)state;
	memset(data, 0xff, 65535);
	assert_int_equal(cksum(data, 65534), 0);
	assert_int_equal(cksum(data, 65535), 0x00ff);
	free(data);
}

static void sum_is_that_of_the_words_one_by_one(void **state)
{
	struct rng rng = { 4 };

	(void)state;
	for (int round = 0; round < 1000; round++) {
		uint8_t data[64];
		size_t len = rng_below(&rng, sizeof(data) + 1);
		uint32_t want = 0;

		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = i < len ? rng_u64(&rng) : 0;
		for (size_t i = 0; i < len; i += 2) {
			want += data[i] * 256u + data[i + 1];
			if (want > 0xffff)
				want -= 0xffff;
		}
		assert_int_equal(cksum(data, len), 0xffff - want);
	}
}

static void pseudo_header_of_mld(void **state)
{
	uint32_t sum = cksum_add(0, mld_query, sizeof(mld_query));

	(void)state;
	sum = cksum_add_pseudo6(sum, ip("fe80::1"), ip("ff02::1"), sizeof(mld_query), 58);
	assert_int_equal(cksum_end(sum), 0);
}

static void pseudo_header_of_pim(void **state)
{
	uint32_t sum = cksum_add_pseudo6(0, ip("fe80::1"), ip("ff02::d"), sizeof(pim_hello), 103);

	(void)state;
	assert_int_equal(cksum_end(cksum_add(sum, pim_hello, sizeof(pim_hello))), 0);
}

static void pseudo_header_has_a_length_of_32_bits(void **state)
{
	uint32_t sum = cksum_add_pseudo6(0, ip("fe80::1"), ip("ff02::1"), 0x12345, 103);

	(void)state;
	assert_int_equal(cksum_end(sum), 0xdecc);
}

static void pseudo_header_is_of_all_its_fields(void **state)
{
	struct ip a = ip("fe80::1"), b = ip("ff02::1");
	uint32_t was = cksum_add_pseudo6(0, a, b, 24, 58);

	(void)state;
	assert_int_not_equal(cksum_add_pseudo6(0, ip("fe80::2"), b, 24, 58), was);
	assert_int_not_equal(cksum_add_pseudo6(0, a, ip("ff02::2"), 24, 58), was);
	assert_int_not_equal(cksum_add_pseudo6(0, a, b, 25, 58), was);
	assert_int_not_equal(cksum_add_pseudo6(0, a, b, 24, 103), was);
	assert_int_not_equal(cksum_add_pseudo6(1, a, b, 24, 58), was);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_of_the_rfc),
		cmocka_unit_test(checksum_of_nothing_is_ffff),
		cmocka_unit_test(right_packets_sum_to_zero),
		cmocka_unit_test(checksum_of_a_known_header),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(odd_last_byte_is_the_high_one),
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(odd_part_may_come_last),
		cmocka_unit_test(unaligned_data_sums_alike),
		cmocka_unit_test(carries_are_added_again),
		cmocka_unit_test(large_packets_lose_no_carry),
		cmocka_unit_test(sum_is_that_of_the_words_one_by_one),
		cmocka_unit_test(pseudo_header_of_mld),
		cmocka_unit_test(pseudo_header_of_pim),
		cmocka_unit_test(pseudo_header_has_a_length_of_32_bits),
		cmocka_unit_test(pseudo_header_is_of_all_its_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
