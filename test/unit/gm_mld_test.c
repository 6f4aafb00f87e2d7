/* gm_mld_test.c - MLDv1 and v2 on the wire; what v2 shares with IGMPv3 is in gm_wire_test.c */
#include "unit/gm.h"

/* fe80::, ff02::, ff05::, ff3e:: and 2001:db8::, with a last byte */
#define FF02(last)                           \
	{                                    \
		{                            \
			0xff, 2, [15] = last \
		}                            \
	}
#define FF05(last)                           \
	{                                    \
		{                            \
			0xff, 5, [15] = last \
		}                            \
	}
#define FF3E(last)                              \
	{                                       \
		{                               \
			0xff, 0x3e, [15] = last \
		}                               \
	}
#define DB8(last)                                       \
	{                                               \
		{                                       \
			0x20, 1, 0xd, 0xb8, [15] = last \
		}                                       \
	}

static const struct ip hosts[] = { DB8(1), DB8(2), DB8(9) };

static const struct gm_record records[] = {
	{ MODE_IS_INCLUDE, FF3E(1), hosts, 1 },	      { MODE_IS_EXCLUDE, FF05(2), NULL, 0 },
	{ CHANGE_TO_INCLUDE_MODE, FF05(3), NULL, 0 }, { CHANGE_TO_EXCLUDE_MODE, FF05(4), hosts, 2 },
	{ ALLOW_NEW_SOURCES, FF3E(5), hosts + 2, 1 }, { BLOCK_OLD_SOURCES, FF02(0xfb), hosts, 3 },
};

enum {
	V1_QUERY,
	V1_SPECIFIC,
	V2_QUERY,
	V2_SPECIFIC,
	V2_SOURCES,
	V1_REPORT,
	DONE,
	V2_REPORT,
	NKNOWN
};

#define GROUP(first, last) #first " 000000000000000000000000" #last
#define HOST(last) " 20010db8 0000000000000000 000000" #last

static const struct known known[NKNOWN] = {
	[V1_QUERY] = { "82000000 27100000 00000000000000000000000000000000",
		       { .type = GM_QUERY, .version = 2, .max_response = 10000 } },
	[V1_SPECIFIC] = { "82000000 ffff0000 " GROUP(ff02, 00fb),
			  { .type = GM_QUERY,
			    .version = 2,
			    .group = FF02(0xfb),
			    .max_response = 65535 } },
	[V2_QUERY] = { "82000000 27100000 00000000000000000000000000000000 027d0000",
		       { .type = GM_QUERY,
			 .version = 3,
			 .max_response = 10000,
			 .robustness = 2,
			 .interval = 125000 } },
	[V2_SPECIFIC] = { "82000000 9abc0000 " GROUP(ff05, 0002) " 0aff0000",
			  { .type = GM_QUERY,
			    .version = 3,
			    .group = FF05(2),
			    .max_response = 0x1abc << 4,
			    .suppress = true,
			    .robustness = 2,
			    .interval = 31744000 } },
	[V2_SOURCES] = { "82000000 03e80000 " GROUP(ff3e, 0001) " 0b8a0002" HOST(01) HOST(02),
			 { .type = GM_QUERY,
			   .version = 3,
			   .group = FF3E(1),
			   .max_response = 1000,
			   .suppress = true,
			   .robustness = 3,
			   .interval = 208000,
			   .source = hosts,
			   .nsources = 2 } },
	[V1_REPORT] = { "83000000 00000000 " GROUP(ff05, 0002),
			{ .type = GM_REPORT, .version = 2, .group = FF05(2) } },
	[DONE] = { "84000000 00000000 " GROUP(ff02, 00fb),
		   { .type = GM_LEAVE, .version = 2, .group = FF02(0xfb) } },
	[V2_REPORT] = { "8f000000 00000006"
			"01000001" GROUP(ff3e, 0001)
				HOST(01) "02000000" GROUP(ff05, 0002) "03000000" GROUP(
					ff05, 0003) "04000002" GROUP(ff05, 0004) HOST(01)
					HOST(02) "05000001" GROUP(ff3e, 0005)
						HOST(09) "06000003" GROUP(ff02, 00fb) HOST(01)
							HOST(02) HOST(09),
			{ .type = GM_REPORT_V3,
			  .version = 3,
			  .record = records,
			  .nrecords = NELEMS(records) } },
};

static void known_messages(void **state)
{
	(void)state;
	assert_known(V6, known, NKNOWN);
}

static void every_truncation(void **state)
{
	(void)state;
	assert_no_beginning(V6, known, NKNOWN);
}

/* GM-96: the checksum is the kernel's, whatever stands there */
static void checksum_is_not_looked_at(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + NKNOWN; k++) {
		assert_reserved(V6, k, 2, 0xff);
		assert_reserved(V6, k, 3, 0xff);
	}
}

/* RFC 2710 3.7, RFC 3810 5.1.12, 5.2.11 */
static void what_is_beyond_is_ignored(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (const struct known *k = known; k < known + NKNOWN; k++) {
		uint8_t wire[320];
		size_t len;
		struct gm_message m;

		memset(wire, 0xa5, sizeof(wire));
		len = unhex(k->wire, wire, 256);
		if (k->message.type == GM_QUERY && k->message.version < 3)
			continue;
		for (size_t more = 1; more < 64; more++) {
			assert_int_equal(decode(V6, wire, len + more, &arena, &m), GM_GOOD);
			assert_message(&m, &k->message);
		}
	}
	arena_free(&arena);
}

/* GM-93: all other messages of ICMPv6 are none of it */
static void other_types_are_none(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		uint8_t wire[24] = { type, [8] = 0xff, 5, [23] = 1 };
		bool is_ours = type >= 130 && type <= 132;
		struct gm_message m;

		if (type != 143)
			assert_int_equal(decode(V6, wire, sizeof(wire), &arena, &m),
					 is_ours ? GM_GOOD : GM_BAD_TYPE);
	}
	arena_free(&arena);
}

/* RFC 2710 3.2, 3.4, 3.5; RFC 3810 5.1.1, 5.1.4, 5.1.6, 5.2.1 */
static void reserved_fields_are_ignored(void **state)
{
	(void)state;
	for (const struct known *k = known; k < known + NKNOWN; k++)
		assert_reserved(V6, k, 1, 0xff);
	for (size_t byte = 6; byte < 8; byte++) {
		assert_reserved(V6, &known[V1_QUERY], byte, 0xff);
		assert_reserved(V6, &known[V2_SOURCES], byte, 0xff);
		assert_reserved(V6, &known[V1_REPORT], byte, 0xff);
		assert_reserved(V6, &known[DONE], byte, 0xff);
	}
	for (size_t byte = 4; byte < 6; byte++) {
		assert_reserved(V6, &known[V1_REPORT], byte, 0xff);
		assert_reserved(V6, &known[DONE], byte, 0xff);
		assert_reserved(V6, &known[V2_REPORT], byte, 0xff);
	}
	assert_reserved(V6, &known[V2_QUERY], 24, 0xf0);
	assert_reserved(V6, &known[V2_SPECIFIC], 24, 0xf0);
}

/* RFC 3810 8.1: 24 octets are v1, 28 or more v2, others none */
static void version_of_a_query(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (size_t len = 0; len < 60; len++) {
		uint8_t wire[60] = { 130 };
		struct gm_message m;
		enum gm_bad bad = decode(V6, wire, len, &arena, &m);

		assert_int_equal(bad, len == 24 || len >= 28 ? GM_GOOD : GM_BAD_LENGTH);
		if (!bad)
			assert_int_equal(m.version, len == 24 ? 2 : 3);
	}
	arena_free(&arena);
}

/* GM-97: in milliseconds; linear in v1, with an exponent in v2 */
static void max_response(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (unsigned code = 0; code < 65536; code++) {
		uint8_t wire[28] = { 130, [4] = code >> 8, [5] = code & 0xff };
		int64_t ms = code;
		struct gm_message m;

		assert_int_equal(gm_decode(V6, wire, 24, &arena, &m), GM_GOOD);
		assert_int_equal(m.max_response, ms);
		if (code >= 32768)
			ms = (code % 4096 + 4096) * (8 << code / 4096 % 8);
		assert_int_equal(gm_decode(V6, wire, 28, &arena, &m), GM_GOOD);
		assert_int_equal(m.max_response, ms);
	}
	arena_free(&arena);
}

static unsigned code_of(unsigned version, int64_t ms)
{
	struct gm_message m = { .type = GM_QUERY, .version = version, .max_response = ms };
	struct gm_place at = { 0 };
	uint8_t wire[28];

	assert_int_equal(gm_encode(V6, &m, &at, wire, sizeof(wire)), version == 3 ? 28 : 24);
	return wire[4] << 8 | wire[5];
}

/* GM-97: the next lower, or the longest */
static void max_response_is_rounded_down(void **state)
{
	(void)state;
	assert_int_equal(code_of(2, -1), 0);
	assert_int_equal(code_of(2, 0), 0);
	assert_int_equal(code_of(2, 65534), 65534);
	assert_int_equal(code_of(2, 65535), 65535);
	assert_int_equal(code_of(2, 65536), 65535);
	assert_int_equal(code_of(2, INT64_MAX), 65535);
	assert_int_equal(code_of(3, -1), 0);
	assert_int_equal(code_of(3, 32767), 32767);
	assert_int_equal(code_of(3, 32768), 32768);
	assert_int_equal(code_of(3, 32775), 32768);
	assert_int_equal(code_of(3, 32776), 32769);
	assert_int_equal(code_of(3, 8387584), 65535);
	assert_int_equal(code_of(3, INT64_MAX), 65535);
}

/* RFC 2710 3.4: it is of queries alone */
static void reports_have_no_response(void **state)
{
	struct known reports[] = { known[V1_REPORT], known[DONE], known[V2_REPORT] };

	(void)state;
	for (unsigned i = 0; i < NELEMS(reports); i++) {
		uint8_t want[256], wire[256];
		size_t len = unhex(reports[i].wire, want, sizeof(want));
		struct gm_place at = { 0 };

		reports[i].message.max_response = 1000;
		assert_int_equal(gm_encode(V6, &reports[i].message, &at, wire, sizeof(wire)), len);
		assert_memory_equal(wire, want, len);
	}
}

/* GM-102: nothing is said of all nodes, nor of scopes 0 and 1 */
static void groups_of_reports(void **state)
{
	static const struct {
		const char *group;
		enum gm_bad report, query;
	} rows[] = {
		{ "::", GM_BAD_GROUP, GM_GOOD },
		{ "fe80::1", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "2001:db8::1", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "ff00::1", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "ff10::1", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "ff01::5", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "ff31::8000:1", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "ff02::1", GM_BAD_GROUP, GM_BAD_GROUP },
		{ "ff02::2", GM_GOOD, GM_GOOD },
		{ "ff02::1:ff00:1", GM_GOOD, GM_GOOD },
		{ "ff12::1", GM_GOOD, GM_GOOD },
		{ "ff05::1", GM_GOOD, GM_GOOD },
		{ "ff0e::1", GM_GOOD, GM_GOOD },
		{ "ff3e::8000:1", GM_GOOD, GM_GOOD },
	};
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (unsigned i = 0; i < NELEMS(rows); i++) {
		for (unsigned type = 130; type <= 132; type++) {
			struct ip group = ip(rows[i].group);
			uint8_t wire[28] = { type };
			enum gm_bad want = type == 130 ? rows[i].query : rows[i].report;
			struct gm_message m;

			memcpy(wire + 8, group.b, 16);
			for (size_t len = 24; len <= 28; len += 4)
				assert_int_equal(decode(V6, wire, len, &arena, &m), want);
		}
	}
	arena_free(&arena);
}

/* An IPv4 group that is mapped is none. */
static void mapped_groups_are_none(void **state)
{
	struct arena arena = arena_init(GM_ARENA);
	struct ip group = ip("239.1.2.3"), any = ip("0.0.0.0");

	(void)state;
	for (unsigned type = 130; type <= 132; type++) {
		uint8_t wire[24] = { type };
		struct gm_message m;

		memcpy(wire + 8, group.b, 16);
		assert_int_equal(decode(V6, wire, sizeof(wire), &arena, &m), GM_BAD_GROUP);
		memcpy(wire + 8, any.b, 16);
		assert_int_equal(decode(V6, wire, sizeof(wire), &arena, &m), GM_BAD_GROUP);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_messages),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(checksum_is_not_looked_at),
		cmocka_unit_test(what_is_beyond_is_ignored),
		cmocka_unit_test(other_types_are_none),
		cmocka_unit_test(reserved_fields_are_ignored),
		cmocka_unit_test(version_of_a_query),
		cmocka_unit_test(max_response),
		cmocka_unit_test(max_response_is_rounded_down),
		cmocka_unit_test(reports_have_no_response),
		cmocka_unit_test(groups_of_reports),
		cmocka_unit_test(mapped_groups_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
