/* pim_msg_test.c - what all messages of PIM have: header, checksum, encoded addresses */
#include "pim-module/msg_assert.h"
#include "unit/pim.h"

static enum msg_bad nothing(struct msg_rd *r, struct arena *arena)
{
	(void)arena;
	assert_int_equal(msg_end(r), MSG_GOOD);
	return MSG_GOOD;
}

static const struct codec header = { .decode = nothing };

static struct msg_assert claim;

static enum msg_bad decode_assert(struct msg_rd *r, struct arena *arena)
{
	(void)arena;
	return msg_assert_decode(r, &claim);
}

static const struct codec assertion = { .decode = decode_assert };

/* PIM-135: each known message has the checksum that it should have */
static void known_checksums(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (enum pim_known known = 0; known < NKNOWN; known++)
			take_known(&header, af, known, &arena);
	}
	arena_free(&arena);
}

/* PIM-135: a bit that changes, or a pseudo header of others, makes it wrong */
static void wrong_checksums(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		uint8_t wire[256];
		size_t len = unhex(pim_known[KNOWN_JOINS][af], wire, sizeof(wire));
		struct msg_ends ends = pim_ends(af, MSG_JOIN_PRUNE);

		for (size_t bit = 8; bit < len * 8; bit++) {
			wire[bit / 8] ^= 0x80 >> bit % 8;
			assert_int_equal(receive(&header, &ends, wire, len, &arena),
					 MSG_BAD_CHECKSUM);
			wire[bit / 8] ^= 0x80 >> bit % 8;
		}
		ends.src.b[15]++;
		assert_int_equal(receive(&header, &ends, wire, len, &arena),
				 af == V4 ? MSG_GOOD : MSG_BAD_CHECKSUM);
	}
	arena_free(&arena);
}

/* PIM-135: a message of odd length is padded with a zero */
static void odd_length(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		uint8_t even[256], odd[256];
		size_t len = unhex(pim_known[KNOWN_GOODBYE][af], even, sizeof(even));
		struct msg_ends ends = pim_ends(af, MSG_HELLO);

		memcpy(odd, even, len);
		odd[len] = 1;
		odd[len + 1] = 0;
		seal_as(af, odd, len + 2, len + 1);
		assert_int_equal(receive(&header, &ends, odd, len + 1, &arena), MSG_GOOD);
		odd[len + 1] = 0xff;
		seal_as(af, odd, len + 2, len + 1);
		assert_int_equal(receive(&header, &ends, odd, len + 1, &arena), MSG_BAD_CHECKSUM);
	}
	arena_free(&arena);
}

/* PIM-64: over 8 bytes, or over all of it, whatever length a pseudo header says then */
static void checksum_of_a_register(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		uint8_t wire[256];
		size_t len = unhex(pim_known[KNOWN_REGISTER][af], wire, sizeof(wire));
		struct msg_ends ends = pim_ends(af, MSG_REGISTER);

		seal_as(af, wire, 8, 8);
		assert_int_equal(receive(&header, &ends, wire, len, &arena), MSG_GOOD);
		wire[len - 1] ^= 1;
		assert_int_equal(receive(&header, &ends, wire, len, &arena), MSG_GOOD);
		seal_as(af, wire, len, 8);
		assert_int_equal(receive(&header, &ends, wire, len, &arena), MSG_GOOD);
		seal_as(af, wire, len, len);
		assert_int_equal(receive(&header, &ends, wire, len, &arena), MSG_GOOD);
		wire[len - 1] ^= 1;
		assert_int_equal(receive(&header, &ends, wire, len, &arena), MSG_BAD_CHECKSUM);
		seal_as(af, wire, 8, 8);
		wire[7] ^= 1;
		assert_int_equal(receive(&header, &ends, wire, len, &arena), MSG_BAD_CHECKSUM);
		for (len = 4; len < 8; len++)
			assert_int_equal(take(&header, af, wire, len, &arena), MSG_BAD_LENGTH);
	}
	arena_free(&arena);
}

/* PIM-133, PIM-142, PIM-216 */
static void versions_and_types(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned first = 0; first < 256; first++) {
			uint8_t wire[64] = { first };
			enum msg_bad want = MSG_GOOD;

			if (first >> 4 != 2)
				want = MSG_BAD_VERSION;
			else if ((first & 0xf) > 10)
				want = MSG_BAD_TYPE;
			assert_int_equal(take(&header, af, wire, sizeof(wire), &arena), want);
			for (size_t len = 0; len < 4; len++)
				assert_int_equal(take(&header, af, wire, len, &arena),
						 MSG_BAD_LENGTH);
		}
	}
	arena_free(&arena);
}

/* An empty message of that type from a router of a link. */
static enum msg_bad sent_to(enum af af, enum msg_type type, struct ip dst)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct msg_ends ends = { ip(af == V4 ? "10.0.0.1" : "fe80::1"), dst };
	uint8_t wire[16];
	struct wr w = msg_begin(type, 0, wire, sizeof(wire));

	wr_u32(&w, 0);
	assert_int_equal(msg_close(&ends, &w), 8);
	return receive(&header, &ends, wire, 8, &arena);
}

/* PIM-133, PIM-134, PIM-216, PIM-219: to all routers, or to one */
static void destinations(void **state)
{
	static const char *const other[NFAMILIES] = { "224.0.0.1", "ff02::1" };

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (enum msg_type type = 0; type < MSG_NTYPES; type++) {
			bool unicast = is_unicast(type) || type == MSG_BOOTSTRAP;
			bool multicast = !is_unicast(type) || type == MSG_GRAFT_ACK;

			assert_int_equal(sent_to(af, type, msg_all_routers(af)),
					 multicast ? MSG_GOOD : MSG_BAD_DESTINATION);
			assert_int_equal(sent_to(af, type, host(af, 7)),
					 unicast ? MSG_GOOD : MSG_BAD_DESTINATION);
			assert_int_equal(sent_to(af, type, ip(other[af])), MSG_BAD_DESTINATION);
		}
	}
}

static enum msg_bad from(const char *src, const char *dst)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct msg_ends ends = { ip(src), ip(dst) };
	uint8_t wire[16];
	struct wr w = msg_begin(MSG_BOOTSTRAP, 0, wire, sizeof(wire));

	assert_int_equal(msg_close(&ends, &w), 4);
	return receive(&header, &ends, wire, 4, &arena);
}

/* PIM-134: what goes to all routers comes from an address of the link */
static void senders(void **state)
{
	(void)state;
	assert_int_equal(from("10.0.0.1", "224.0.0.13"), MSG_GOOD);
	assert_int_equal(from("0.0.0.0", "224.0.0.13"), MSG_BAD_SENDER);
	assert_int_equal(from("224.0.0.13", "224.0.0.13"), MSG_BAD_SENDER);
	assert_int_equal(from("127.0.0.1", "224.0.0.13"), MSG_BAD_SENDER);
	assert_int_equal(from("255.255.255.255", "10.0.0.1"), MSG_BAD_SENDER);
	assert_int_equal(from("2001:db8::1", "10.0.0.1"), MSG_BAD_SENDER);
	assert_int_equal(from("fe80::1", "ff02::d"), MSG_GOOD);
	assert_int_equal(from("2001:db8::1", "ff02::d"), MSG_BAD_SENDER);
	assert_int_equal(from("2001:db8::1", "fe80::2"), MSG_GOOD);
	assert_int_equal(from("::", "ff02::d"), MSG_BAD_SENDER);
	assert_int_equal(from("::1", "fe80::2"), MSG_BAD_SENDER);
	assert_int_equal(from("ff02::d", "ff02::d"), MSG_BAD_SENDER);
}

/* RFC 8736 4: what no type uses is ignored */
static void flag_bits(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_assert want;

		take_known(&assertion, af, KNOWN_ASSERT_SG, &arena);
		want = claim;
		for (unsigned flags = 0; flags < 256; flags++) {
			memset(&claim, 0, sizeof(claim));
			assert_int_equal(take_changed(&assertion, af, KNOWN_ASSERT_SG, 1, flags,
						      &arena),
					 MSG_GOOD);
			assert_true(sg_eq(claim.sg, want.sg));
		}
	}
	arena_free(&arena);
}

/* PIM-136: families and encodings; nobody knows where an unknown one ends */
static void encodings(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		size_t unicast = 4 + msg_group_size(af);

		for (unsigned byte = 0; byte < 256; byte++) {
			bool own = byte == (af == V4 ? 1 : 2);
			enum msg_bad bad;

			bad = take_changed(&assertion, af, KNOWN_ASSERT_SG, 4, byte, &arena);
			assert_int_equal(bad == MSG_GOOD, own);
			bad = take_changed(&assertion, af, KNOWN_ASSERT_SG, unicast, byte, &arena);
			assert_int_equal(bad == MSG_GOOD, own);
			if (byte != 1 && byte != 2)
				assert_int_equal(bad, MSG_BAD_FAMILY);
			bad = take_changed(&assertion, af, KNOWN_ASSERT_SG, 5, byte, &arena);
			assert_int_equal(bad, byte ? MSG_BAD_ENCODING : MSG_GOOD);
			bad = take_changed(&assertion, af, KNOWN_ASSERT_SG, unicast + 1, byte,
					   &arena);
			assert_int_equal(bad, byte ? MSG_BAD_ENCODING : MSG_GOOD);
		}
	}
	arena_free(&arena);
}

/* An Assert of any addresses, in any encoding that has room for them. */
static enum msg_bad assert_of(enum af af, struct ip grp, struct ip src)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct msg_ends ends = pim_ends(af, MSG_ASSERT);
	uint8_t wire[64];
	struct wr w = msg_begin(MSG_ASSERT, 0, wire, sizeof(wire));

	msg_wr_group(&w, grp);
	msg_wr_unicast(&w, src);
	wr_u32(&w, 0);
	wr_u32(&w, 0);
	return receive(&assertion, &ends, wire, msg_close(&ends, &w), &arena);
}

/* PIM-136, PIM-141: addresses of the other family, plain or mapped, are none of the message */
static void other_families(void **state)
{
	static const uint8_t mapped[] = { [10] = 0xff, 0xff, 239, 1, 1, 1 };
	struct arena arena = arena_init(MSG_ARENA);
	enum af af;

	(void)state;
	for (af = V4; af <= V6; af++) {
		assert_int_equal(assert_of(af, group(af, 1), host(af, 1)), MSG_GOOD);
		assert_int_equal(assert_of(af, group(!af, 1), host(af, 1)), MSG_BAD_FAMILY);
		assert_int_equal(assert_of(af, group(af, 1), host(!af, 1)), MSG_BAD_FAMILY);
	}
	for (af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_ASSERT);
		uint8_t wire[64];
		struct wr w = msg_begin(MSG_ASSERT, 0, wire, sizeof(wire));

		wr_u32(&w, 0x02000080);
		wr_bytes(&w, mapped, sizeof(mapped));
		msg_wr_unicast(&w, host(af, 1));
		wr_u32(&w, 0);
		wr_u32(&w, 0);
		assert_int_equal(receive(&assertion, &ends, wire, msg_close(&ends, &w), &arena),
				 MSG_BAD_FAMILY);
	}
	arena_free(&arena);
}

/* PIM-136, PIM-214: the mask of a group is that of one */
static void masks(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned len = 0; len < 256; len++) {
			enum msg_bad bad = take_changed(&assertion, af, KNOWN_ASSERT_SG, 7, len,
							&arena);

			if (len < (af == V4 ? 4 : 8))
				assert_int_equal(bad, MSG_BAD_GROUP);
			else
				assert_int_equal(bad, len == af_bits(af) ? MSG_GOOD : MSG_BAD_MASK);
		}
	}
	arena_free(&arena);
}

/* What can be a host, or a group that is forwarded, and what cannot. */
static void hosts_and_groups(void **state)
{
	static const char *const hosts[] = { "10.0.0.1",    "1.0.0.0", "223.255.255.255",
					     "169.254.0.1", "fe80::1", "2001:db8::" };
	static const char *const others[] = { "0.0.0.0",   "127.0.0.1", "255.255.255.255",
					      "224.0.0.1", "::",	"::1",
					      "ff0e::1" };
	static const char *const groups[] = { "224.0.1.0", "239.255.255.255", "232.1.1.1",
					      "ff03::1",   "ff3e::1",	      "ff0e::1" };
	static const char *const local[] = { "224.0.0.13", "ff02::d", "ff01::1", "10.0.0.1",
					     "fe80::1" };

	(void)state;
	for (unsigned i = 0; i < NELEMS(hosts); i++)
		assert_true(msg_is_host(ip(hosts[i])));
	for (unsigned i = 0; i < NELEMS(others); i++)
		assert_false(msg_is_host(ip(others[i])));
	for (unsigned i = 0; i < NELEMS(groups); i++)
		assert_true(msg_is_group(ip(groups[i])));
	for (unsigned i = 0; i < NELEMS(local); i++)
		assert_false(msg_is_group(ip(local[i])));
}

/* PIM-87: 0xffff for ever; a fraction of a second never shortens it */
static void holdtimes(void **state)
{
	static const struct {
		int64_t ms;
		uint16_t wire;
	} rows[] = { { 0, 0 },
		     { -1, 0 },
		     { 1, 1 },
		     { 999, 1 },
		     { 1000, 1 },
		     { 1001, 2 },
		     { 105000, 105 },
		     { 65534000, 65534 },
		     { 65534001, 65534 },
		     { MSG_FOREVER, 65535 } };

	(void)state;
	for (unsigned i = 0; i < NELEMS(rows); i++) {
		uint8_t wire[2];
		struct wr w = wr_init(wire, sizeof(wire));

		msg_wr_holdtime(&w, rows[i].ms);
		assert_int_equal(wire[0] << 8 | wire[1], rows[i].wire);
	}
	for (unsigned seconds = 0; seconds < 65536; seconds++) {
		uint8_t wire[2] = { seconds >> 8, seconds };
		struct rd r = rd_init(wire, sizeof(wire));
		int64_t want = seconds == 65535 ? MSG_FOREVER : seconds * INT64_C(1000);

		assert_int_equal(msg_rd_holdtime(&r), want);
	}
}

static void names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MSG_NBAD; i++) {
		assert_non_null(msg_bad_name(i));
		assert_non_null(msg_bad_help(i));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(msg_bad_name(i), msg_bad_name(j));
	}
	for (unsigned i = 0; i < MSG_NTYPES; i++)
		assert_string_not_equal(msg_type_name(i), "unknown");
	assert_string_equal(msg_bad_name(MSG_NBAD), "unknown");
	assert_string_equal(msg_bad_help(MSG_NBAD), "unknown");
	assert_string_equal(msg_type_name(MSG_NTYPES), "unknown");
}

/* PIM-134 */
static void where_and_how_long(void **state)
{
	(void)state;
	assert_ip(msg_all_routers(V4), ip("224.0.0.13"));
	assert_ip(msg_all_routers(V6), ip("ff02::d"));
	assert_int_equal(msg_room(V4, 1500), 1480);
	assert_int_equal(msg_room(V6, 1500), 1460);
	assert_int_equal(msg_room(V4, 20), 0);
	assert_int_equal(msg_room(V6, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_checksums),
		cmocka_unit_test(wrong_checksums),
		cmocka_unit_test(odd_length),
		cmocka_unit_test(checksum_of_a_register),
		cmocka_unit_test(versions_and_types),
		cmocka_unit_test(destinations),
		cmocka_unit_test(senders),
		cmocka_unit_test(flag_bits),
		cmocka_unit_test(encodings),
		cmocka_unit_test(other_families),
		cmocka_unit_test(masks),
		cmocka_unit_test(hosts_and_groups),
		cmocka_unit_test(holdtimes),
		cmocka_unit_test(names),
		cmocka_unit_test(where_and_how_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
