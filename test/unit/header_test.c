/* header_test.c - headers of protocol packets as the kernel gives them: options, and what is cut */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "linux/header.c"

/* A packet of IGMP with the options before its 8 bytes, cut to @cut bytes if that is not 0. */
static bool decode(const char *options, size_t len, size_t cut, struct packet *packet)
{
	static uint8_t data[100];
	struct wr w = wr_init(data, sizeof(data));
	size_t total = 20 + len + 8;

	wr_u8(&w, 0x40 | (20 + len) / 4);
	wr_u8(&w, 0xc0);
	wr_u16(&w, total);
	wr_u32(&w, 0);
	wr_u8(&w, 1);
	wr_u8(&w, PROTO_IGMP);
	wr_u16(&w, 0);
	wr_bytes(&w, "\x0a\x00\x01\x02\xef\x01\x01\x01", 8);
	wr_bytes(&w, options, len);
	wr_bytes(&w, "\x16\x00\xf9\xfc\xef\x01\x01\x01", 8);
	wr_bytes(&w, "behind it", 9);
	return header_ip4(rd_init(data, cut ? cut : wr_len(&w)), packet);
}

static void check4(const char *options, size_t len, bool alert)
{
	struct packet p;

	assert_true(decode(options, len, 0, &p));
	assert_int_equal(p.proto, PROTO_IGMP);
	assert_int_equal(p.slot, NOSLOT);
	assert_int_equal(p.ttl, 1);
	assert_int_equal(p.tos, 0xc0);
	assert_string_equal(ip_str(p.src), "10.0.1.2");
	assert_string_equal(ip_str(p.dst), "239.1.1.1");
	assert_int_equal(p.len, 8);
	assert_memory_equal(p.data, "\x16\x00\xf9\xfc", 4);
	assert_int_equal(p.router_alert, alert);
	for (size_t cut = 1; cut < 20 + len + 8; cut++)
		assert_false(decode(options, len, cut, &p));
}

static void options_of_ipv4(void **state)
{
	(void)state;
	check4("", 0, false);
	check4("\x94\x04\x00\x00", 4, true);
	/* behind others: no operation, record route, another one of no known kind */
	check4("\x01\x01\x01\x01\x94\x04\x00\x00", 8, true);
	check4("\x07\x07\x04\x00\x00\x00\x00\x94\x04\x00\x00\x00", 12, true);
	check4("\x9e\x08\x01\x02\x03\x04\x05\x06\x94\x04\x00\x00", 12, true);
	/* within another one, behind the end, of another value or length, cut off */
	check4("\x9e\x08\x94\x04\x00\x00\x05\x06", 8, false);
	check4("\x00\x94\x04\x00\x00\x00\x00\x00", 8, false);
	check4("\x94\x04\x00\x01", 4, false);
	check4("\x94\x06\x00\x00\x00\x00\x00\x00", 8, false);
	check4("\x01\x01\x94\x04", 4, false);
	check4("\x01\x01\x01\x94", 4, false);
	/* lengths that cannot be */
	check4("\x9e\x00\x94\x04\x00\x00\x00\x00", 8, true);
	check4("\x9e\xff\x94\x04\x00\x00\x00\x00", 8, false);
}

static void headers_that_cannot_be(void **state)
{
	uint8_t data[28] = { 0x45, 0, 0, 28, [9] = PROTO_IGMP };
	struct packet p;

	(void)state;
	assert_true(header_ip4(rd_init(data, 28), &p));
	data[0] = 0x44;
	assert_false(header_ip4(rd_init(data, 28), &p));
	data[0] = 0x65;
	assert_false(header_ip4(rd_init(data, 28), &p));
	data[0] = 0x48;
	assert_false(header_ip4(rd_init(data, 28), &p));
	data[0] = 0x45;
	data[3] = 19;
	assert_false(header_ip4(rd_init(data, 28), &p));
	data[3] = 29;
	assert_false(header_ip4(rd_init(data, 28), &p));
	data[3] = 20;
	assert_true(header_ip4(rd_init(data, 28), &p));
	assert_int_equal(p.len, 0);
}

static bool alert6(const char *header, size_t len)
{
	return has_alert6(rd_init(header, len));
}

static void options_of_ipv6(void **state)
{
	(void)state;
	assert_true(alert6("\x3a\x00\x05\x02\x00\x00\x01\x00", 8));
	/* padding may come first, as may what nobody knows */
	assert_true(alert6("\x3a\x00\x01\x00\x05\x02\x00\x00", 8));
	assert_true(alert6("\x3a\x00\x00\x00\x05\x02\x00\x00", 8));
	assert_true(alert6("\x3a\x01\x1e\x06\x05\x02\x00\x00\x01\x00\x05\x02\x00\x00\x00\x00", 16));
	assert_false(
		alert6("\x3a\x01\x1e\x06\x05\x02\x00\x00\x01\x00\x01\x04\x00\x00\x00\x00", 16));
	/* RSVP's, and active networks' (RFC 2711 2.1) */
	assert_false(alert6("\x3a\x00\x05\x02\x00\x01\x01\x00", 8));
	assert_false(alert6("\x3a\x00\x05\x02\x01\x00\x01\x00", 8));
	assert_false(alert6("\x3a\x00\x05\x04\x00\x00\x00\x00", 8));
	assert_false(alert6("\x3a\x00\x01\x04\x00\x00\x00\x00", 8));
	assert_false(alert6("\x3a\x00\x01\xff\x05\x02\x00\x00", 8));
	for (size_t cut = 0; cut < 6; cut++)
		assert_false(alert6("\x3a\x00\x05\x02\x00\x00\x01\x00", cut));
}

/* What the kernel says beside a packet, in whatever order, and without some of it. */
static void beside_ipv6(void **state)
{
	struct in6_pktinfo info = { .ipi6_ifindex = 7 };
	struct ip group = { { 0xff, 0x0e, [15] = 1 } };
	struct packet p = { .dst = ip_any(V6) };
	struct control c = { .len = 0 };
	struct msghdr msg = { .msg_control = c.data };

	(void)state;
	assert_int_equal(header_beside6(&msg, &p), 0);
	memcpy(&info.ipi6_addr, group.b, sizeof(group.b));
	control_put(&c, IPPROTO_IPV6, IPV6_HOPOPTS, router_alert6, sizeof(router_alert6));
	control_int(&c, IPPROTO_IPV6, IPV6_TCLASS, 0xc0);
	control_int(&c, IPPROTO_IPV6, IPV6_HOPLIMIT, 255);
	control_int(&c, IPPROTO_IP, IP_TTL, 3);
	control_put(&c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	msg.msg_controllen = c.len;
	assert_int_equal(header_beside6(&msg, &p), 7);
	assert_true(p.router_alert);
	assert_int_equal(p.tos, 0xc0);
	assert_int_equal(p.ttl, 255);
	assert_string_equal(ip_str(p.dst), "ff0e::1");
}

/* A datagram of 4 bytes and that checksum, cut, with that length in its header. */
static bool decode_datagram(uint16_t sum, uint16_t says, size_t len, struct packet *packet)
{
	static uint8_t data[16];
	struct wr w = wr_init(data, sizeof(data));

	wr_u16(&w, 1234);
	wr_u16(&w, AUTO_RP_PORT);
	wr_u16(&w, says);
	wr_u16(&w, sum);
	wr_bytes(&w, "\x12\x00\x00\xb5", 4);
	*packet = (struct packet){ .proto = PROTO_UDP,
				   .src = ip_v4(0x0a000001),
				   .dst = ip_v4(0xe0000128),
				   .data = data,
				   .len = len };
	return header_udp(packet);
}

/* The pseudo header is summed up to 0xeb46, all of it to 0x04ca, whose complement is 0xfb35. */
static void datagrams(void **state)
{
	struct packet p;

	(void)state;
	for (unsigned sum = 0; sum <= UINT16_MAX; sum++) {
		bool none = !sum, of_pseudo = sum == 0xeb46, right = sum == 0xfb35;

		if (decode_datagram(sum, 12, 12, &p) != (none || of_pseudo || right))
			fail_msg("checksum 0x%04x", sum);
	}
	assert_true(decode_datagram(0, 12, 16, &p));
	assert_int_equal(p.sport, 1234);
	assert_int_equal(p.dport, AUTO_RP_PORT);
	assert_int_equal(p.len, 4);
	assert_memory_equal(p.data, "\x12\x00\x00\xb5", 4);
	assert_true(decode_datagram(0, 8, 12, &p));
	assert_int_equal(p.len, 0);
	assert_false(decode_datagram(0, 7, 12, &p));
	assert_false(decode_datagram(0, 13, 12, &p));
	for (size_t len = 0; len < 12; len++)
		assert_false(decode_datagram(0, 12, len, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_ipv4), cmocka_unit_test(headers_that_cannot_be),
		cmocka_unit_test(options_of_ipv6), cmocka_unit_test(beside_ipv6),
		cmocka_unit_test(datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
