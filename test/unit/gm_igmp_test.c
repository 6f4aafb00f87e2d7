/* gm_igmp_test.c - IGMPv1, v2 and v3 on the wire; what v3 shares with MLDv2 is in gm_wire_test.c */
#include "unit/gm.h"

#define IP(a, b, c, d)                                       \
	{                                                    \
		{                                            \
			[10] = 0xff, [11] = 0xff, a, b, c, d \
		}                                            \
	}

static const struct ip hosts[] = {
	IP(10, 0, 0, 1), IP(192, 0, 2, 77), IP(10, 0, 0, 2), IP(10, 0, 0, 3),
	IP(10, 9, 8, 7), IP(10, 0, 0, 1),   IP(10, 0, 1, 0), IP(203, 0, 113, 9),
};

static const struct gm_record records[] = {
	{ MODE_IS_INCLUDE, IP(232, 1, 1, 1), hosts, 1 },
	{ MODE_IS_EXCLUDE, IP(239, 1, 1, 1), NULL, 0 },
	{ CHANGE_TO_INCLUDE_MODE, IP(239, 1, 1, 2), NULL, 0 },
	{ CHANGE_TO_EXCLUDE_MODE, IP(239, 1, 1, 3), hosts + 2, 2 },
	{ ALLOW_NEW_SOURCES, IP(232, 1, 1, 1), hosts + 4, 1 },
	{ BLOCK_OLD_SOURCES, IP(232, 1, 1, 2), hosts + 5, 3 },
};

enum {
	V1_QUERY,
	V2_QUERY,
	V2_SPECIFIC,
	V3_QUERY,
	V3_SPECIFIC,
	V3_SOURCES,
	V1_REPORT,
	V2_REPORT,
	LEAVE,
	V3_REPORT,
	NKNOWN
};

static const struct known known[NKNOWN] = {
	[V1_QUERY] = { "1100eeff 00000000",
		       { .type = GM_QUERY,
			 .version = 1,
			 .group = IP(0, 0, 0, 0),
			 .max_response = 10000 } },
	[V2_QUERY] = { "1164ee9b 00000000",
		       { .type = GM_QUERY,
			 .version = 2,
			 .group = IP(0, 0, 0, 0),
			 .max_response = 10000 } },
	[V2_SPECIFIC] = { "110afdf0 ef010203",
			  { .type = GM_QUERY,
			    .version = 2,
			    .group = IP(239, 1, 2, 3),
			    .max_response = 1000 } },
	[V3_QUERY] = { "1164ec1e 00000000 027d0000",
		       { .type = GM_QUERY,
			 .version = 3,
			 .group = IP(0, 0, 0, 0),
			 .max_response = 10000,
			 .robustness = 2,
			 .interval = 125000 } },
	[V3_SPECIFIC] = { "118ff26c ef010203 0aff0000",
			  { .type = GM_QUERY,
			    .version = 3,
			    .group = IP(239, 1, 2, 3),
			    .max_response = 24800,
			    .suppress = true,
			    .robustness = 2,
			    .interval = 31744000 } },
	[V3_SOURCES] = { "110a2d16 e8010203 0b8a0002 0a000001 c000024d",
			 { .type = GM_QUERY,
			   .version = 3,
			   .group = IP(232, 1, 2, 3),
			   .max_response = 1000,
			   .suppress = true,
			   .robustness = 3,
			   .interval = 208000,
			   .source = hosts,
			   .nsources = 2 } },
	[V1_REPORT] = { "1200fcfa ef010203",
			{ .type = GM_REPORT, .version = 1, .group = IP(239, 1, 2, 3) } },
	[V2_REPORT] = { "16000904 e00000fb",
			{ .type = GM_REPORT, .version = 2, .group = IP(224, 0, 0, 251) } },
	[LEAVE] = { "1700f904 effffffa",
		    { .type = GM_LEAVE, .version = 2, .group = IP(239, 255, 255, 250) } },
	[V3_REPORT] = { "2200bcbb 00000006"
			"01000001 e8010101 0a000001"
			"02000000 ef010101"
			"03000000 ef010102"
			"04000002 ef010103 0a000002 0a000003"
			"05000001 e8010101 0a090807"
			"06000003 e8010102 0a000001 0a000100 cb007109",
			{ .type = GM_REPORT_V3,
			  .version = 3,
			  .group = IP(0, 0, 0, 0),
			  .record = records,
			  .nrecords = NELEMS(records) } },
};

static void known_messages(void **state)
{
	(void)state;
	assert_known(V4, known, NKNOWN);
}

static void every_truncation(void **state)
{
	(void)state;
	assert_no_beginning(V4, known, NKNOWN);
}

/* GM-2: each bit counts */
static void checksum_sees_each_bit(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (const struct known *k = known; k < known + NKNOWN; k++) {
		uint8_t wire[256];
		size_t len = unhex(k->wire, wire, sizeof(wire));
		struct gm_message m;

		for (unsigned bit = 0; bit < len * 8; bit++) {
			wire[bit / 8] ^= 1 << bit % 8;
			assert_int_equal(decode(V4, wire, len, &arena, &m), GM_BAD_CHECKSUM);
			wire[bit / 8] ^= 1 << bit % 8;
		}
	}
	arena_free(&arena);
}

/* GM-2, GM-6: octets beyond the fields are in the checksum, and ignored else. */
static void what_is_beyond_is_ignored(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (const struct known *k = known; k < known + NKNOWN; k++) {
		uint8_t wire[300] = { 0 };
		size_t len = unhex(k->wire, wire, 256);
		struct gm_message m;

		if (k->message.type == GM_QUERY && k->message.version < 3)
			continue;
		for (size_t more = 1; more < 32; more++) {
			wire[len + more - 1] = 0xa5;
			assert_int_equal(decode(V4, wire, len + more, &arena, &m), GM_BAD_CHECKSUM);
			seal(V4, wire, len + more);
			assert_int_equal(decode(V4, wire, len + more, &arena, &m), GM_GOOD);
			assert_message(&m, &k->message);
			unhex(k->wire, wire, 256);
		}
	}
	arena_free(&arena);
}

/* GM-3: other types are none: DVMRP, PIM, MRD and what there is not */
static void other_types_are_none(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		bool is_ours = type == 0x11 || type == 0x12 || type == 0x16 || type == 0x17;
		uint8_t wire[12] = { type, 1, 0, 0, 239, 1, 2, 3 };
		struct gm_message m;

		seal(V4, wire, 8);
		if (type != 0x22)
			assert_int_equal(decode(V4, wire, 8, &arena, &m),
					 is_ours ? GM_GOOD : GM_BAD_TYPE);
	}
	arena_free(&arena);
}

/* GM-7: codes of reports, reserved bits of v3 */
static void reserved_fields_are_ignored(void **state)
{
	(void)state;
	assert_reserved(V4, &known[V1_REPORT], 1, 0xff);
	assert_reserved(V4, &known[V2_REPORT], 1, 0xff);
	assert_reserved(V4, &known[LEAVE], 1, 0xff);
	assert_reserved(V4, &known[V3_QUERY], 8, 0xf0);
	assert_reserved(V4, &known[V3_SPECIFIC], 8, 0xf0);
	assert_reserved(V4, &known[V3_REPORT], 1, 0xff);
	assert_reserved(V4, &known[V3_REPORT], 4, 0xff);
	assert_reserved(V4, &known[V3_REPORT], 5, 0xff);
}

/* RFC 1112, Appendix I: the group of a v1 query is ignored, and is 0 when it is sent */
static void v1_query_is_for_all(void **state)
{
	struct gm_message m = known[V1_QUERY].message;
	uint8_t wire[8], want[8];
	struct gm_place at = { 0 };

	(void)state;
	for (size_t byte = 4; byte < 8; byte++)
		assert_reserved(V4, &known[V1_QUERY], byte, 0xff);
	m.group = ip("239.1.2.3");
	m.max_response = 500;
	unhex(known[V1_QUERY].wire, want, sizeof(want));
	assert_int_equal(gm_encode(V4, &m, &at, wire, sizeof(wire)), 8);
	assert_memory_equal(wire, want, 8);
}

/* GM-8: 8 octets are v1 or v2, 12 or more v3, others none */
static void version_of_a_query(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		for (size_t len = 0; len < 24; len++) {
			uint8_t wire[24] = { 0x11, code };
			struct gm_message m;
			enum gm_bad bad;

			seal(V4, wire, len);
			bad = decode(V4, wire, len, &arena, &m);
			if (len != 8 && len < 12) {
				assert_int_equal(bad, GM_BAD_LENGTH);
				continue;
			}
			assert_int_equal(bad, GM_GOOD);
			assert_int_equal(m.version, len >= 12 ? 3 : code ? 2 : 1);
		}
	}
	arena_free(&arena);
}

/* GM-9: in tenths of a second; linear in v2, with an exponent in v3 */
static void max_response(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		uint8_t wire[12] = { 0x11, code };
		int64_t units = code;
		struct gm_message m;

		seal(V4, wire, 8);
		assert_int_equal(decode(V4, wire, 8, &arena, &m), GM_GOOD);
		assert_int_equal(m.max_response, code ? code * 100 : 10000);
		if (code >= 128)
			units = (code % 16 + 16) * (8 << code / 16 % 8);
		seal(V4, wire, 12);
		assert_int_equal(decode(V4, wire, 12, &arena, &m), GM_GOOD);
		assert_int_equal(m.max_response, units * 100);
	}
	arena_free(&arena);
}

static unsigned code_of(unsigned version, int64_t ms)
{
	struct gm_message m = {
		.type = GM_QUERY, .version = version, .group = ip_any(V4), .max_response = ms
	};
	struct gm_place at = { 0 };
	uint8_t wire[12];

	assert_int_equal(gm_encode(V4, &m, &at, wire, sizeof(wire)), version == 3 ? 12 : 8);
	return wire[1];
}

/* GM-10: the next lower, but a v2 query is never one of v1 */
static void max_response_is_rounded_down(void **state)
{
	(void)state;
	assert_int_equal(code_of(1, 5000), 0);
	assert_int_equal(code_of(2, -1), 1);
	assert_int_equal(code_of(2, 0), 1);
	assert_int_equal(code_of(2, 99), 1);
	assert_int_equal(code_of(2, 199), 1);
	assert_int_equal(code_of(2, 200), 2);
	assert_int_equal(code_of(2, 25499), 254);
	assert_int_equal(code_of(2, 25500), 255);
	assert_int_equal(code_of(2, INT64_MAX), 255);
	assert_int_equal(code_of(3, -1), 0);
	assert_int_equal(code_of(3, 99), 0);
	assert_int_equal(code_of(3, 12799), 127);
	assert_int_equal(code_of(3, 12800), 128);
	assert_int_equal(code_of(3, 13599), 128);
	assert_int_equal(code_of(3, 13600), 129);
	assert_int_equal(code_of(3, INT64_MAX), 255);
}

/* GM-17: reports are of groups, but not of all systems */
static void groups_of_reports(void **state)
{
	static const struct {
		const char *group;
		enum gm_bad report, query;
	} rows[] = {
		{ "0.0.0.0", GM_BAD_GROUP, GM_GOOD },
		{ "10.0.0.1", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "223.255.255.255", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "224.0.0.0", GM_GOOD, GM_GOOD },
		{ "224.0.0.1", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "224.0.0.2", GM_GOOD, GM_GOOD },
		{ "239.255.255.255", GM_GOOD, GM_GOOD },
		{ "240.0.0.0", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "255.255.255.255", GM_BAD_GROUP, GM_BAD_GROUP },
	};
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (unsigned i = 0; i < NELEMS(rows); i++) {
		static const uint8_t types[] = { 0x12, 0x16, 0x17, 0x11 };
		struct ip group = ip(rows[i].group);

		for (unsigned t = 0; t < NELEMS(types); t++) {
			uint8_t wire[12] = { types[t], 1 };
			enum gm_bad want = types[t] == 0x11 ? rows[i].query : rows[i].report;
			struct gm_message m;

			memcpy(wire + 4, ip_wire(&group, V4), 4);
			for (size_t len = 8; len <= 12; len += 4) {
				seal(V4, wire, len);
				assert_int_equal(decode(V4, wire, len, &arena, &m), want);
			}
		}
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_messages),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(checksum_sees_each_bit),
		cmocka_unit_test(what_is_beyond_is_ignored),
		cmocka_unit_test(other_types_are_none),
		cmocka_unit_test(reserved_fields_are_ignored),
		cmocka_unit_test(v1_query_is_for_all),
		cmocka_unit_test(version_of_a_query),
		cmocka_unit_test(max_response),
		cmocka_unit_test(max_response_is_rounded_down),
		cmocka_unit_test(groups_of_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
