/* ip_test.c - addresses, prefixes and (S,G): text, scopes, masks, order */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/ip.h"
#include "lib/rng.h"
#include "lib/util.h"

static struct ip ip(const char *text)
{
	struct ip ip;

	if (!ip_parse(text, &ip))
		fail_msg("'%s' is no address", text);
	return ip;
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	if (!prefix_parse(text, &p))
		fail_msg("'%s' is no prefix", text);
	return p;
}

static struct sg sg(const char *src, const char *grp)
{
	return (struct sg){ ip(src), ip(grp) };
}

static void assert_ip(struct ip got, const char *want)
{
	assert_string_equal(ip_str(got), want);
}

static void assert_no_address(const char *text)
{
	struct ip ip;

	if (ip_parse(text, &ip))
		fail_msg("'%s' was read as %s", text, ip_str(ip));
}

static void assert_no_prefix(const char *text)
{
	struct prefix p;

	if (prefix_parse(text, &p))
		fail_msg("'%s' was read as %s", text, prefix_str(&p));
}

/* 128 random bits, or 32 of them in an IPv4 address. */
static struct ip random_ip(struct rng *rng, enum af af)
{
	struct ip ip;

	for (unsigned i = 0; i < sizeof(ip.b); i++)
		ip.b[i] = rng_u64(rng);
	return af == V4 ? ip_from_wire(V4, ip.b) : ip;
}

/* The bit by bit meaning of ip_mask(). */
static struct ip naive_mask(struct ip ip, unsigned len)
{
	for (unsigned i = len + (ip_family(ip) == V4 ? 96 : 0); i < 128; i++)
		ip.b[i / 8] &= ~(0x80 >> i % 8);
	return ip;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

/* Form and family */

static void v4_is_kept_as_a_mapped_address(void **state)
{
	static const uint8_t bytes[16] = { [10] = 0xff, 0xff, 239, 1, 2, 3 };
	struct ip got = ip_v4(0xef010203);

	(void)state;
	assert_memory_equal(got.b, bytes, 16);
}

static void family_is_told_by_the_first_twelve_bytes(void **state)
{
	(void)state;
	assert_int_equal(ip_family(ip("10.0.0.1")), V4);
	assert_int_equal(ip_family(ip("0.0.0.0")), V4);
	assert_int_equal(ip_family(ip("::")), V6);
	assert_int_equal(ip_family(ip("::1:ffff:a00:1")), V6);
	assert_int_equal(ip_family(ip("0:0:0:0:0:fffe:a00:1")), V6);
}

static void any_is_of_its_family(void **state)
{
	(void)state;
	assert_ip(ip_any(V4), "0.0.0.0");
	assert_ip(ip_any(V6), "::");
	assert_int_equal(ip_family(ip_any(V4)), V4);
	assert_int_equal(ip_family(ip_any(V6)), V6);
}

static void is_any_knows_both_and_nothing_else(void **state)
{
	(void)state;
	assert_true(ip_is_any(ip_any(V4)));
	assert_true(ip_is_any(ip_any(V6)));
	assert_false(ip_is_any(ip("0.0.0.1")));
	assert_false(ip_is_any(ip("::1")));
	assert_false(ip_is_any(ip("8000::")));
}

static void bits_and_sizes_of_the_families(void **state)
{
	(void)state;
	assert_int_equal(af_bits(V4), 32);
	assert_int_equal(af_bits(V6), 128);
	assert_int_equal(af_size(V4), 4);
	assert_int_equal(af_size(V6), 16);
	assert_string_equal(af_name(V4), "IPv4");
	assert_string_equal(af_name(V6), "IPv6");
}

static void wire_form_of_v4_is_four_bytes(void **state)
{
	static const uint8_t wire[] = { 0xe0, 0x00, 0x00, 0x16 };
	struct ip a = ip_from_wire(V4, wire);

	(void)state;
	assert_ip(a, "224.0.0.22");
	assert_memory_equal(ip_wire(&a, V4), wire, 4);
}

static void wire_form_of_v6_is_sixteen_bytes(void **state)
{
	static const uint8_t wire[16] = { 0xff, 0x02, [15] = 0x16 };
	struct ip a = ip_from_wire(V6, wire);

	(void)state;
	assert_ip(a, "ff02::16");
	assert_memory_equal(ip_wire(&a, V6), wire, 16);
}

/* Reading */

static void v4_text_comes_back_as_it_was(void **state)
{
	static const char *const text[] = { "0.0.0.0",	       "1.2.3.4",	  "9.10.99.100",
					    "199.200.249.250", "255.255.255.255", "224.0.0.1" };

	(void)state;
	for (unsigned i = 0; i < NELEMS(text); i++)
		assert_ip(ip(text[i]), text[i]);
}

static void every_byte_is_printed_and_read(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		struct ip a = ip_v4(n << 24 | n << 16 | n << 8 | n);
		char text[32];

		snprintf(text, sizeof(text), "%u.%u.%u.%u", n, n, n, n);
		assert_ip(a, text);
		assert_true(ip_eq(ip(text), a));
	}
}

static void v6_text_is_canonical(void **state)
{
	(void)state;
	assert_ip(ip("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
	assert_ip(ip("ff3e:0030:2001:0db8::0001"), "ff3e:30:2001:db8::1");
	assert_ip(ip("::1.2.3.4"), "::1.2.3.4");
}

static void longest_v6_text_fits(void **state)
{
	static const char text[] = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255";

	(void)state;
	assert_int_equal(sizeof(text), IP_STRLEN);
	assert_ip(ip(text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void v4_needs_four_numbers(void **state)
{
	(void)state;
	assert_no_address("1");
	assert_no_address("1.2");
	assert_no_address("1.2.3");
	assert_no_address("1.2.3.");
	assert_no_address("255.255.255.255.1");
	assert_no_address("1.2.3.4.");
}

static void v4_numbers_must_not_be_empty(void **state)
{
	(void)state;
	assert_no_address("");
	assert_no_address(".");
	assert_no_address("...");
	assert_no_address(".1.2.3");
	assert_no_address("1..2.3");
	assert_no_address("1.2..3.4");
}

static void v4_numbers_end_at_255(void **state)
{
	(void)state;
	assert_no_address("256.0.0.1");
	assert_no_address("1.2.3.256");
	assert_no_address("1.2.3.999");
	assert_no_address("1.2.3.1000");
	assert_no_address("1.2.3.4294967297");
	assert_no_address("1.2.3.99999999999999999999999999");
}

static void leading_zeros_are_refused(void **state)
{
	(void)state;
	assert_no_address("010.0.0.1");
	assert_no_address("10.0.0.01");
	assert_no_address("10.00.0.1");
	assert_no_address("0000.0.0.0");
	assert_no_address("10.0.0.0255");
}

static void v4_is_digits_and_dots_only(void **state)
{
	(void)state;
	assert_no_address(" 1.2.3.4");
	assert_no_address("1.2.3.4 ");
	assert_no_address("+1.2.3.4");
	assert_no_address("1.2.3.-4");
	assert_no_address("0x1.2.3.4");
	assert_no_address("1.2.3.a");
	assert_no_address("1,2,3,4");
}

static void names_are_no_addresses(void **state)
{
	(void)state;
	assert_no_address("eth0");
	assert_no_address("localhost");
	assert_no_address("a.b.c.d");
	assert_no_address("abcd");
}

static void mapped_addresses_are_refused(void **state)
{
	(void)state;
	assert_no_address("::ffff:10.0.0.1");
	assert_no_address("::ffff:a00:1");
	assert_no_address("0:0:0:0:0:FFFF:1.2.3.4");
	assert_no_prefix("::ffff:10.0.0.0/104");
}

static void bad_v6_is_refused(void **state)
{
	(void)state;
	assert_no_address(":");
	assert_no_address(":::");
	assert_no_address("1::2::3");
	assert_no_address("1:2:3:4:5:6:7");
	assert_no_address("1:2:3:4:5:6:7:8:9");
	assert_no_address("12345::");
	assert_no_address("fe80::1%lo");
	assert_no_address("[::1]");
	assert_no_address("::1 ");
}

/* Scopes */

static void v4_multicast_is_224_to_239(void **state)
{
	(void)state;
	assert_false(ip_is_multicast(ip("223.255.255.255")));
	assert_true(ip_is_multicast(ip("224.0.0.0")));
	assert_true(ip_is_multicast(ip("239.255.255.255")));
	assert_false(ip_is_multicast(ip("240.0.0.0")));
	assert_false(ip_is_multicast(ip("255.255.255.255")));
}

static void v6_multicast_is_ff00_8(void **state)
{
	(void)state;
	assert_false(ip_is_multicast(ip("feff::1")));
	assert_true(ip_is_multicast(ip("ff00::")));
	assert_true(ip_is_multicast(ip("ffff::1")));
	assert_false(ip_is_multicast(ip("::")));
}

static void v4_link_local_is_169_254(void **state)
{
	(void)state;
	assert_false(ip_is_link_local(ip("169.253.255.255")));
	assert_true(ip_is_link_local(ip("169.254.0.0")));
	assert_true(ip_is_link_local(ip("169.254.255.255")));
	assert_false(ip_is_link_local(ip("169.255.0.0")));
	assert_false(ip_is_link_local(ip("224.0.0.1")));
}

static void v6_link_local_is_fe80_10(void **state)
{
	(void)state;
	assert_false(ip_is_link_local(ip("fe7f::1")));
	assert_true(ip_is_link_local(ip("fe80::1")));
	assert_true(ip_is_link_local(ip("febf:ffff::1")));
	assert_false(ip_is_link_local(ip("fec0::1")));
	assert_false(ip_is_link_local(ip("ff02::1")));
}

static void local_v4_groups_are_224_0_0(void **state)
{
	(void)state;
	assert_true(ip_is_local_group(ip("224.0.0.0")));
	assert_true(ip_is_local_group(ip("224.0.0.255")));
	assert_false(ip_is_local_group(ip("224.0.1.0")));
	assert_false(ip_is_local_group(ip("224.1.0.1")));
	assert_false(ip_is_local_group(ip("225.0.0.1")));
	assert_false(ip_is_local_group(ip("223.0.0.1")));
}

static void local_v6_groups_have_a_scope_below_3(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 16; flags++) {
		for (unsigned scope = 0; scope < 16; scope++) {
			struct ip group = { { 0xff, flags << 4 | scope, [15] = 1 } };

			assert_int_equal(ip_is_local_group(group), scope < 3);
		}
	}
	assert_false(ip_is_local_group(ip("fe02::1")));
}

static void v4_ssm_is_232(void **state)
{
	(void)state;
	assert_false(ip_is_ssm(ip("231.255.255.255")));
	assert_true(ip_is_ssm(ip("232.0.0.0")));
	assert_true(ip_is_ssm(ip("232.255.255.255")));
	assert_false(ip_is_ssm(ip("233.0.0.0")));
}

static void v6_ssm_is_ff3x_32(void **state)
{
	(void)state;
	assert_true(ip_is_ssm(ip("ff30::1")));
	assert_true(ip_is_ssm(ip("ff3e::8000:1")));
	assert_true(ip_is_ssm(ip("ff3f:0:ffff::1")));
	assert_false(ip_is_ssm(ip("ff3e:1::1")));
	assert_false(ip_is_ssm(ip("ff3e:100::1")));
	assert_false(ip_is_ssm(ip("ff2e::1")));
	assert_false(ip_is_ssm(ip("ff7e::1")));
	assert_false(ip_is_ssm(ip("fe30::1")));
}

/* Prefixes */

static void no_length_is_the_full_length(void **state)
{
	(void)state;
	assert_int_equal(prefix("10.0.0.1").len, 32);
	assert_int_equal(prefix("2001:db8::1").len, 128);
	assert_true(ip_eq(prefix("10.0.0.1").ip, ip("10.0.0.1")));
}

static void length_0_is_the_full_length(void **state)
{
	(void)state;
	assert_int_equal(prefix("10.0.0.1/0").len, 32);
	assert_int_equal(prefix("2001:db8::1/0").len, 128);
	assert_int_equal(prefix("0.0.0.0/0").len, 32);
	assert_int_equal(prefix("::/00").len, 128);
}

static void every_length_is_read(void **state)
{
	char text[32];

	(void)state;
	for (unsigned len = 1; len <= 128; len++) {
		snprintf(text, sizeof(text), "ff02::1/%u", len);
		assert_int_equal(prefix(text).len, len);
		snprintf(text, sizeof(text), "10.1.1.1/%u", len);
		if (len <= 32)
			assert_int_equal(prefix(text).len, len);
		else
			assert_no_prefix(text);
	}
}

static void host_bits_are_kept(void **state)
{
	struct prefix p = prefix("225.3.3.1/24");

	(void)state;
	assert_ip(p.ip, "225.3.3.1");
	assert_string_equal(prefix_str(&p), "225.3.3.1/24");
}

static void length_beyond_the_family_is_refused(void **state)
{
	(void)state;
	assert_no_prefix("10.0.0.0/33");
	assert_no_prefix("10.0.0.0/64");
	assert_no_prefix("10.0.0.0/256");
	assert_no_prefix("10.0.0.0/288");
	assert_no_prefix("2001:db8::/129");
	assert_no_prefix("2001:db8::/256");
	assert_no_prefix("10.0.0.0/4294967304");
	assert_no_prefix("10.0.0.0/18446744073709551624");
}

static void length_must_be_a_number(void **state)
{
	(void)state;
	assert_no_prefix("10.0.0.0/");
	assert_no_prefix("10.0.0.0/-1");
	assert_no_prefix("10.0.0.0/+8");
	assert_no_prefix("10.0.0.0/ 8");
	assert_no_prefix("10.0.0.0/8 ");
	assert_no_prefix("10.0.0.0/8a");
	assert_no_prefix("10.0.0.0/1:");
	assert_no_prefix("10.0.0.0/2.");
	assert_no_prefix("10.0.0.0/2/");
	assert_no_prefix("10.0.0.0/8/8");
	assert_no_prefix("10.0.0.0//8");
	assert_no_prefix("10.0.0.0/255.0.0.0");
}

static void prefix_needs_an_address(void **state)
{
	(void)state;
	assert_no_prefix("");
	assert_no_prefix("/");
	assert_no_prefix("/8");
	assert_no_prefix("10/8");
	assert_no_prefix("1.2.3/24");
	assert_no_prefix("eth0/8");
}

static void prefix_of_any_size_of_text_is_survived(void **state)
{
	char text[300];

	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		memset(text, '1', n);
		memcpy(text + n, "/8", 3);
		assert_no_prefix(text);
	}
}

static void longest_prefix_text_fits(void **state)
{
	struct prefix p = prefix("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/127");

	(void)state;
	assert_string_equal(prefix_str(&p), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127");
}

static void length_is_not_printed_for_a_host(void **state)
{
	struct prefix host = prefix("10.0.0.1/32"), host6 = prefix("ff3e::1/128");
	struct prefix net = prefix("10.0.0.1/31"), net6 = prefix("ff3e::/32");

	(void)state;
	assert_string_equal(prefix_str(&host), "10.0.0.1");
	assert_string_equal(prefix_str(&host6), "ff3e::1");
	assert_string_equal(prefix_str(&net), "10.0.0.1/31");
	assert_string_equal(prefix_str(&net6), "ff3e::/32");
}

static void host_has_all_bits_of_its_own_family(void **state)
{
	struct prefix v4 = { ip("10.0.0.1"), 32 }, v6 = { ip("ff3e::1"), 32 };

	(void)state;
	assert_true(prefix_is_host(&v4));
	assert_false(prefix_is_host(&v6));
	v6.len = 128;
	assert_true(prefix_is_host(&v6));
}

/* Masks */

static void mask_of_known_lengths(void **state)
{
	(void)state;
	assert_ip(ip_mask(ip("255.255.255.255"), 0), "0.0.0.0");
	assert_ip(ip_mask(ip("255.255.255.255"), 1), "128.0.0.0");
	assert_ip(ip_mask(ip("255.255.255.255"), 9), "255.128.0.0");
	assert_ip(ip_mask(ip("255.255.255.255"), 31), "255.255.255.254");
	assert_ip(ip_mask(ip("225.3.3.1"), 24), "225.3.3.0");
	assert_ip(ip_mask(ip("2001:db8:1:2:3:4:5:6"), 63), "2001:db8:1:2::");
	assert_ip(ip_mask(ip("2001:db8:1:3:3:4:5:6"), 63), "2001:db8:1:2::");
	assert_ip(ip_mask(ip("2001:db8:1:3:3:4:5:6"), 64), "2001:db8:1:3::");
	assert_ip(ip_mask(ip("2001:db8:1:3:ffff:4:5:6"), 65), "2001:db8:1:3:8000::");
	assert_ip(ip_mask(ip("ffff::1"), 0), "::");
}

static void mask_of_every_length(void **state)
{
	struct rng rng = { 1 };

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct ip v4 = random_ip(&rng, V4), v6 = random_ip(&rng, V6);

		for (unsigned len = 0; len <= 32; len++)
			assert_true(ip_eq(ip_mask(v4, len), naive_mask(v4, len)));
		for (unsigned len = 0; len <= 128; len++)
			assert_true(ip_eq(ip_mask(v6, len), naive_mask(v6, len)));
	}
}

static void mask_of_the_full_length_changes_nothing(void **state)
{
	(void)state;
	assert_ip(ip_mask(ip("239.255.255.255"), 32), "239.255.255.255");
	assert_ip(ip_mask(ip("ff3e::ffff"), 128), "ff3e::ffff");
}

static void mask_leaves_v4_in_its_family(void **state)
{
	(void)state;
	assert_int_equal(ip_family(ip_mask(ip("255.255.255.255"), 0)), V4);
}

static void compares_only_the_first_bits(void **state)
{
	(void)state;
	assert_int_equal(ip_cmp_bits(ip("10.1.2.3"), ip("10.1.2.4"), 24), 0);
	assert_int_equal(ip_cmp_bits(ip("10.1.2.3"), ip("10.1.2.4"), 29), 0);
	assert_true(ip_cmp_bits(ip("10.1.2.3"), ip("10.1.2.4"), 30) < 0);
	assert_true(ip_cmp_bits(ip("10.1.2.4"), ip("10.1.2.3"), 32) > 0);
	assert_int_equal(ip_cmp_bits(ip("1.0.0.0"), ip("255.0.0.0"), 0), 0);
	assert_int_equal(ip_cmp_bits(ip("ff3e::1"), ip("ff3e::2"), 64), 0);
	assert_true(ip_cmp_bits(ip("ff3e:0:0:1::"), ip("ff3e:0:0:2::"), 64) < 0);
}

static void compare_of_every_length(void **state)
{
	struct rng rng = { 2 };

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		enum af af = rng_below(&rng, 2) ? V6 : V4;
		unsigned len = rng_below(&rng, af_bits(af) + 1);
		struct ip a = random_ip(&rng, af), b = a;
		unsigned flip = 127 - rng_below(&rng, af_bits(af)); /* one bit or all behind it */

		b.b[flip / 8] ^= 0x80 >> flip % 8;
		if (rng_below(&rng, 2))
			b.b[15] ^= rng_below(&rng, 256);
		assert_int_equal(sign(ip_cmp_bits(a, b, len)),
				 sign(ip_cmp(naive_mask(a, len), naive_mask(b, len))));
	}
}

static void prefix_has_its_first_and_last_address(void **state)
{
	struct prefix p = prefix("225.3.3.1/24"), p6 = prefix("ff3e:1:2:3::/63");

	(void)state;
	assert_false(prefix_has(&p, ip("225.3.2.255")));
	assert_true(prefix_has(&p, ip("225.3.3.0")));
	assert_true(prefix_has(&p, ip("225.3.3.255")));
	assert_false(prefix_has(&p, ip("225.3.4.0")));
	assert_true(prefix_has(&p6, ip("ff3e:1:2:2::")));
	assert_true(prefix_has(&p6, ip("ff3e:1:2:3:ffff:ffff:ffff:ffff")));
	assert_false(prefix_has(&p6, ip("ff3e:1:2:4::")));
	assert_false(prefix_has(&p6, ip("ff3e:1:2:1:ffff:ffff:ffff:ffff")));
}

static void prefix_is_within_itself_and_wider_ones(void **state)
{
	struct prefix p = prefix("225.3.3.0/24"), wider = prefix("225.3.0.0/16");
	struct prefix other = prefix("225.4.0.0/16"), all = { ip_any(V6), 0 };

	(void)state;
	assert_true(prefix_within(&p, &p));
	assert_true(prefix_within(&p, &wider));
	assert_false(prefix_within(&wider, &p));
	assert_false(prefix_within(&p, &other));
	assert_false(prefix_within(&p, &all));
}

static void host_has_itself_alone(void **state)
{
	struct prefix p = prefix("10.0.0.1"), p6 = prefix("2001:db8::1");

	(void)state;
	assert_true(prefix_has(&p, ip("10.0.0.1")));
	assert_false(prefix_has(&p, ip("10.0.0.0")));
	assert_true(prefix_has(&p6, ip("2001:db8::1")));
	assert_false(prefix_has(&p6, ip("2001:db8::")));
}

static void prefix_of_length_0_has_all_of_its_family(void **state)
{
	struct prefix v4 = { ip_any(V4), 0 }, v6 = { ip_any(V6), 0 };

	(void)state;
	assert_true(prefix_has(&v4, ip("255.255.255.255")));
	assert_false(prefix_has(&v4, ip("2001:db8::1")));
	assert_true(prefix_has(&v6, ip("2001:db8::1")));
	assert_false(prefix_has(&v6, ip("10.0.0.1")));
}

static void v6_prefix_over_the_mapped_range_has_no_v4(void **state)
{
	struct prefix p = prefix("::/16");

	(void)state;
	assert_true(prefix_has(&p, ip("::1")));
	assert_false(prefix_has(&p, ip("0.0.0.1")));
}

/* (S,G) */

static void sg_has_no_padding(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct ip), 16);
	assert_int_equal(sizeof(struct sg), 32);
}

static void sg_is_equal_as_memory(void **state)
{
	(void)state;
	assert_true(sg_eq(sg("10.0.0.1", "239.1.1.1"), sg("10.0.0.1", "239.1.1.1")));
	assert_false(sg_eq(sg("10.0.0.1", "239.1.1.1"), sg("10.0.0.2", "239.1.1.1")));
	assert_false(sg_eq(sg("10.0.0.1", "239.1.1.1"), sg("10.0.0.1", "239.1.1.2")));
}

static void sg_order_is_group_then_source(void **state)
{
	struct sg a = sg("10.0.0.9", "239.1.1.1"), b = sg("10.0.0.1", "239.1.1.2"),
		  c = sg("10.0.0.2", "239.1.1.2");

	(void)state;
	assert_true(sg_cmp(&a, &b) < 0);
	assert_true(sg_cmp(&b, &a) > 0);
	assert_true(sg_cmp(&b, &c) < 0);
	assert_true(sg_cmp(&c, &b) > 0);
	assert_int_equal(sg_cmp(&b, &b), 0);
}

static void sg_order_is_that_of_the_bytes(void **state)
{
	struct rng rng = { 3 };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct sg a = { random_ip(&rng, V6), random_ip(&rng, V6) }, b = a;
		int want;

		b.grp.b[rng_below(&rng, 16)] ^= rng_below(&rng, 3) ? 0 : 1 << rng_below(&rng, 8);
		b.src.b[rng_below(&rng, 16)] ^= 1 << rng_below(&rng, 8);
		want = ip_cmp(a.grp, b.grp);
		if (!want)
			want = ip_cmp(a.src, b.src);
		assert_int_equal(sign(sg_cmp(&a, &b)), sign(want));
		assert_int_equal(sign(sg_cmp(&b, &a)), -sign(want));
	}
}

static void wildcard_source_comes_first(void **state)
{
	struct sg star = sg("0.0.0.0", "239.1.1.1"), one = sg("0.0.0.1", "239.1.1.1");

	(void)state;
	assert_true(sg_cmp(&star, &one) < 0);
}

static void hash_is_equal_for_equal_pairs(void **state)
{
	struct sg a = sg("10.0.0.1", "239.1.1.1"), b = sg("10.0.0.1", "239.1.1.1");

	(void)state;
	assert_int_equal(sg_hash(&a), sg_hash(&b));
}

static void hash_depends_on_every_bit(void **state)
{
	struct sg a = sg("2001:db8::1", "ff3e::1");
	uint32_t was = sg_hash(&a);

	(void)state;
	for (unsigned bit = 0; bit < 8 * sizeof(a); bit++) {
		uint8_t *byte = (uint8_t *)&a + bit / 8;

		*byte ^= 1 << bit % 8;
		assert_int_not_equal(sg_hash(&a), was);
		*byte ^= 1 << bit % 8;
	}
}

static void hash_of_swapped_addresses_differs(void **state)
{
	struct sg a = sg("10.0.0.1", "10.0.0.2"), b = sg("10.0.0.2", "10.0.0.1");

	(void)state;
	assert_int_not_equal(sg_hash(&a), sg_hash(&b));
}

/* Most entries of @n that share one of 4096 places; a fair throw gives about @n / 4096 + 12. */
static unsigned fullest(uint32_t (*hash)(unsigned), unsigned n)
{
	static unsigned held[4096];
	unsigned most = 0;

	memset(held, 0, sizeof(held));
	for (unsigned i = 0; i < n; i++) {
		unsigned *h = &held[hash(i) % NELEMS(held)];

		if (++*h > most)
			most = *h;
	}
	return most;
}

static uint32_t hash_by_group(unsigned i)
{
	return sg_hash(&(struct sg){ ip_v4(0x0a000001), ip_v4(0xef000000 + i) });
}

static uint32_t hash_by_source(unsigned i)
{
	return sg_hash(&(struct sg){ ip_v4(0x0a000000 + i), ip_v4(0xef010101) });
}

/* The i-th source sends to the i-th group: what XOR of the two would make one place of. */
static uint32_t hash_by_both(unsigned i)
{
	return sg_hash(&(struct sg){ ip_v4(0x0a000000 + i), ip_v4(0xef000000 + i) });
}

static uint32_t hash_by_high_byte(unsigned i)
{
	return sg_hash(&(struct sg){ ip_v4(i << 16), ip_v4(0xef000000) });
}

static void hash_spreads_addresses_in_sequence(void **state)
{
	(void)state;
	assert_in_range(fullest(hash_by_group, 16384), 4, 20);
	assert_in_range(fullest(hash_by_source, 16384), 4, 20);
	assert_in_range(fullest(hash_by_both, 16384), 4, 20);
	assert_in_range(fullest(hash_by_high_byte, 16384), 4, 20);
}

static void sg_text(void **state)
{
	struct sg v4 = sg("10.0.0.1", "239.1.1.1"), v6 = sg("2001:db8::1", "ff3e::1");

	(void)state;
	assert_string_equal(sg_str(&v4), "(10.0.0.1,239.1.1.1)");
	assert_string_equal(sg_str(&v6), "(2001:db8::1,ff3e::1)");
}

static void any_source_is_printed_as_a_star(void **state)
{
	struct sg v4 = sg("0.0.0.0", "239.1.1.1"), v6 = sg("::", "ff3e::1");

	(void)state;
	assert_string_equal(sg_str(&v4), "(*,239.1.1.1)");
	assert_string_equal(sg_str(&v6), "(*,ff3e::1)");
}

static void longest_sg_text_fits(void **state)
{
	struct ip a;
	struct sg longest;

	(void)state;
	memset(a.b, 0xff, sizeof(a.b));
	longest = (struct sg){ a, a };
	assert_string_equal(sg_str(&longest), "(ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,"
					      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff)");
}

static void each_text_has_a_buffer_of_its_own(void **state)
{
	const char *a = ip_str(ip("10.0.0.1")), *b = ip_str(ip("10.0.0.2"));

	(void)state;
	assert_string_equal(a, "10.0.0.1");
	assert_string_equal(b, "10.0.0.2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v4_is_kept_as_a_mapped_address),
		cmocka_unit_test(family_is_told_by_the_first_twelve_bytes),
		cmocka_unit_test(any_is_of_its_family),
		cmocka_unit_test(is_any_knows_both_and_nothing_else),
		cmocka_unit_test(bits_and_sizes_of_the_families),
		cmocka_unit_test(wire_form_of_v4_is_four_bytes),
		cmocka_unit_test(wire_form_of_v6_is_sixteen_bytes),
		cmocka_unit_test(v4_text_comes_back_as_it_was),
		cmocka_unit_test(every_byte_is_printed_and_read),
		cmocka_unit_test(v6_text_is_canonical),
		cmocka_unit_test(longest_v6_text_fits),
		cmocka_unit_test(v4_needs_four_numbers),
		cmocka_unit_test(v4_numbers_must_not_be_empty),
		cmocka_unit_test(v4_numbers_end_at_255),
		cmocka_unit_test(leading_zeros_are_refused),
		cmocka_unit_test(v4_is_digits_and_dots_only),
		cmocka_unit_test(names_are_no_addresses),
		cmocka_unit_test(mapped_addresses_are_refused),
		cmocka_unit_test(bad_v6_is_refused),
		cmocka_unit_test(v4_multicast_is_224_to_239),
		cmocka_unit_test(v6_multicast_is_ff00_8),
		cmocka_unit_test(v4_link_local_is_169_254),
		cmocka_unit_test(v6_link_local_is_fe80_10),
		cmocka_unit_test(local_v4_groups_are_224_0_0),
		cmocka_unit_test(local_v6_groups_have_a_scope_below_3),
		cmocka_unit_test(v4_ssm_is_232),
		cmocka_unit_test(v6_ssm_is_ff3x_32),
		cmocka_unit_test(no_length_is_the_full_length),
		cmocka_unit_test(length_0_is_the_full_length),
		cmocka_unit_test(every_length_is_read),
		cmocka_unit_test(host_bits_are_kept),
		cmocka_unit_test(length_beyond_the_family_is_refused),
		cmocka_unit_test(length_must_be_a_number),
		cmocka_unit_test(prefix_needs_an_address),
		cmocka_unit_test(prefix_of_any_size_of_text_is_survived),
		cmocka_unit_test(longest_prefix_text_fits),
		cmocka_unit_test(length_is_not_printed_for_a_host),
		cmocka_unit_test(host_has_all_bits_of_its_own_family),
		cmocka_unit_test(mask_of_known_lengths),
		cmocka_unit_test(mask_of_every_length),
		cmocka_unit_test(mask_of_the_full_length_changes_nothing),
		cmocka_unit_test(mask_leaves_v4_in_its_family),
		cmocka_unit_test(compares_only_the_first_bits),
		cmocka_unit_test(compare_of_every_length),
		cmocka_unit_test(prefix_has_its_first_and_last_address),
		cmocka_unit_test(prefix_is_within_itself_and_wider_ones),
		cmocka_unit_test(host_has_itself_alone),
		cmocka_unit_test(prefix_of_length_0_has_all_of_its_family),
		cmocka_unit_test(v6_prefix_over_the_mapped_range_has_no_v4),
		cmocka_unit_test(sg_has_no_padding),
		cmocka_unit_test(sg_is_equal_as_memory),
		cmocka_unit_test(sg_order_is_group_then_source),
		cmocka_unit_test(sg_order_is_that_of_the_bytes),
		cmocka_unit_test(wildcard_source_comes_first),
		cmocka_unit_test(hash_is_equal_for_equal_pairs),
		cmocka_unit_test(hash_depends_on_every_bit),
		cmocka_unit_test(hash_of_swapped_addresses_differs),
		cmocka_unit_test(hash_spreads_addresses_in_sequence),
		cmocka_unit_test(sg_text),
		cmocka_unit_test(any_source_is_printed_as_a_star),
		cmocka_unit_test(longest_sg_text_fits),
		cmocka_unit_test(each_text_has_a_buffer_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
