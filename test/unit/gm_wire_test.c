/* gm_wire_test.c - what IGMPv3 and MLDv2 share: codes, source lists, records, splitting */
#include "igmpproxy/wire.h"
#include "lib/rng.h"
#include "unit/gm.h"

/* A group and a host of the family; hosts are in the order of their numbers. */
static struct ip group(enum af af, unsigned i)
{
	return af == V4 ? ip_v4(0xef010000 + i)
			: (struct ip){ { 0xff, 5, [12] = 1, [14] = i >> 8, [15] = i } };
}

static struct ip host(enum af af, unsigned i)
{
	return af == V4 ? ip_v4(0x0a000000 + i)
			: (struct ip){ { 0xfe, 0x80, [13] = i >> 16, [14] = i >> 8, [15] = i } };
}

/* A message that is being written octet by octet. */
struct raw {
	enum af af;
	uint8_t wire[65535];
	struct wr w;
};

static struct raw raw; /* too large for a stack */

/* A report that says it has @n records. */
static void begin_report(enum af af, unsigned n)
{
	raw.af = af;
	raw.w = wr_init(raw.wire, sizeof(raw.wire));
	wr_u8(&raw.w, af == V4 ? 0x22 : 143);
	wr_u8(&raw.w, 0);
	wr_u16(&raw.w, 0);
	wr_u16(&raw.w, 0);
	wr_u16(&raw.w, n);
}

/* A record that says it has @n sources, and has none yet. */
static void put_record(unsigned type, unsigned aux, unsigned n, struct ip grp)
{
	wr_u8(&raw.w, type);
	wr_u8(&raw.w, aux);
	wr_u16(&raw.w, n);
	wr_ip(&raw.w, raw.af, grp);
}

/* A query for the group that says it has @n sources. */
static void begin_query(enum af af, unsigned n, struct ip grp)
{
	raw.af = af;
	raw.w = wr_init(raw.wire, sizeof(raw.wire));
	wr_u8(&raw.w, af == V4 ? 0x11 : 130);
	wr_u8(&raw.w, af == V4 ? 10 : 0);
	wr_u16(&raw.w, 0);
	if (af == V6)
		wr_u32(&raw.w, 1000u << 16);
	wr_ip(&raw.w, af, grp);
	wr_u16(&raw.w, 0x027d);
	wr_u16(&raw.w, n);
}

static void put_source(struct ip source)
{
	wr_ip(&raw.w, raw.af, source);
}

static enum gm_bad decode_raw(struct arena *arena, struct gm_message *m)
{
	assert_false(raw.w.full);
	seal(raw.af, raw.wire, wr_len(&raw.w));
	return decode(raw.af, raw.wire, wr_len(&raw.w), arena, m);
}

/* GM-9, GM-97: each code, by the formula */
static void each_code(void **state)
{
	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		uint32_t want = code < 128 ? code : (code % 16 + 16) * (8u << (code / 16 - 8));

		assert_int_equal(wire_code_value(code, CODE8), want);
		assert_int_equal(wire_code(want, CODE8), code);
	}
	for (unsigned code = 0; code < 65536; code++) {
		uint32_t want = code;

		if (code >= 32768)
			want = (code % 4096 + 4096) * (8u << (code / 4096 - 8));
		assert_int_equal(wire_code_value(code, CODE16), want);
		assert_int_equal(wire_code(want, CODE16), code);
	}
}

/* GM-10: the exact value, else the next lower; the longest for what is longer */
static void codes_round_down(void **state)
{
	unsigned code = 0;

	(void)state;
	for (int64_t value = 0; value < 40000; value++) {
		while (code < 255 && wire_code_value(code + 1, CODE8) <= value)
			code++;
		assert_int_equal(wire_code(value, CODE8), code);
	}
	for (code = 0; code < 65535; code++) {
		assert_int_equal(wire_code(wire_code_value(code, CODE16), CODE16), code);
		assert_int_equal(wire_code(wire_code_value(code + 1, CODE16) - 1, CODE16), code);
	}
	assert_int_equal(wire_code(-1, CODE8), 0);
	assert_int_equal(wire_code(INT64_MIN, CODE16), 0);
	assert_int_equal(wire_code(INT64_MAX, CODE8), 255);
	assert_int_equal(wire_code(INT64_MAX, CODE16), 65535);
}

/* GM-4: unknown types are read over, the others are not */
static void unknown_records(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned type = 0; type < 256; type++) {
			bool known = type >= 1 && type <= 6;
			struct gm_message m;

			begin_report(af, 3);
			put_record(ALLOW_NEW_SOURCES, 0, 1, group(af, 1));
			put_source(host(af, 1));
			put_record(type, 1, 2, group(af, 2));
			put_source(host(af, 2));
			put_source(host(af, 3));
			wr_u32(&raw.w, 0xa5a5a5a5);
			put_record(MODE_IS_EXCLUDE, 0, 0, group(af, 3));
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
			assert_int_equal(m.nrecords, 2 + known);
			assert_int_equal(m.skipped, !known);
			assert_int_equal(m.record[0].nsources, 1);
			assert_ip(m.record[0].source[0], host(af, 1));
			if (known) {
				assert_int_equal(m.record[1].type, type);
				assert_int_equal(m.record[1].nsources, 2);
			}
			assert_int_equal(m.record[1 + known].type, MODE_IS_EXCLUDE);
			assert_ip(m.record[1 + known].group, group(af, 3));
		}
	}
	arena_free(&arena);
}

/* GM-5: auxiliary data are skipped, whatever they are */
static void auxiliary_data(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned aux = 0; aux < 256; aux++) {
			struct gm_message m;

			begin_report(af, 2);
			put_record(MODE_IS_INCLUDE, aux, 1, group(af, 1));
			put_source(host(af, 7));
			for (unsigned i = 0; i < aux; i++)
				wr_u32(&raw.w, 0x01000001);
			put_record(BLOCK_OLD_SOURCES, 0, 1, group(af, 2));
			put_source(host(af, 8));
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
			assert_int_equal(m.nrecords, 2);
			assert_int_equal(m.record[0].nsources, 1);
			assert_ip(m.record[0].source[0], host(af, 7));
			assert_int_equal(m.record[1].type, BLOCK_OLD_SOURCES);
			assert_ip(m.record[1].group, group(af, 2));
			assert_ip(m.record[1].source[0], host(af, 8));
		}
	}
	arena_free(&arena);
}

/* GM-111: what the E-bit says is behind a message is ignored, be it right or not */
static void extensions(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned length = 0; length < 9; length++) {
			struct gm_message m;

			begin_report(af, 1);
			put_record(MODE_IS_EXCLUDE, 0, 0, group(af, 1));
			raw.wire[4] = 0x80;
			wr_u16(&raw.w, 0);
			wr_u16(&raw.w, length);
			wr_u32(&raw.w, 0xa5a5a5a5);
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
			assert_int_equal(m.nrecords, 1);

			begin_query(af, 0, group(af, 1));
			raw.wire[af == V4 ? 8 : 24] |= 0x80;
			wr_u16(&raw.w, 0);
			wr_u16(&raw.w, length);
			wr_u32(&raw.w, 0xa5a5a5a5);
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
			assert_int_equal(m.robustness, 2);
			assert_false(m.suppress);
		}
	}
	arena_free(&arena);
}

/* GM-17, GM-102: records of what is no group are read over as unknown ones are */
static void records_of_no_group(void **state)
{
	static const char *const bad[NFAMILIES][6] = {
		{ "224.0.0.1", "0.0.0.0", "10.0.0.1", "223.255.255.255", "240.0.0.0",
		  "255.255.255.255" },
		{ "ff02::1", "::", "fe80::1", "ff01::2", "ff30::1", "2001:db8::1" },
	};
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < 6; i++) {
			struct gm_message m;

			begin_report(af, 2);
			put_record(MODE_IS_EXCLUDE, 0, 1, ip(bad[af][i]));
			put_source(host(af, 1));
			put_record(MODE_IS_EXCLUDE, 0, 0, group(af, 1));
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
			assert_int_equal(m.nrecords, 1);
			assert_int_equal(m.skipped, 1);
			assert_ip(m.record[0].group, group(af, 1));
		}
	}
	arena_free(&arena);
}

/* GM-18: what is no source is left out; mapped addresses too */
static void sources_that_are_none(void **state)
{
	static const char *const bad[NFAMILIES][6] = {
		{ "0.0.0.0", "224.0.0.1", "239.255.255.255", "127.0.0.1", "127.255.255.255",
		  "255.255.255.255" },
		{ "::", "ff02::1", "ff0e::1", "::1", "10.0.0.1", "224.0.0.5" },
	};
	struct arena arena = arena_init(GM_ARENA);
	struct gm_message m;

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < 6; i++) {
			struct ip source = ip(bad[af][i]);

			begin_report(af, 2);
			put_record(MODE_IS_INCLUDE, 0, 3, group(af, 1));
			put_source(host(af, 1));
			wr_bytes(&raw.w, af == V4 ? source.b + 12 : source.b, af_size(af));
			put_source(host(af, 2));
			put_record(MODE_IS_INCLUDE, 0, 1, group(af, 2));
			wr_bytes(&raw.w, af == V4 ? source.b + 12 : source.b, af_size(af));
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
			assert_int_equal(m.record[0].nsources, 2);
			assert_ip(m.record[0].source[0], host(af, 1));
			assert_ip(m.record[0].source[1], host(af, 2));
			assert_int_equal(m.nrecords, 2);
			assert_int_equal(m.record[1].nsources, 0);
		}
	}
	arena_free(&arena);
}

/* GM-18: nothing else is left out */
static void sources_that_are_some(void **state)
{
	static const char *const good[NFAMILIES][7] = {
		{ "0.0.0.1", "1.0.0.0", "126.255.255.255", "128.0.0.0", "223.255.255.255",
		  "240.0.0.0", "255.255.255.254" },
		{ "0:0:0:0:1::", "0:1::", "100::", "2001:db8::1", "fe80::1", "fec0::1", "feff::" },
	};
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct gm_message m;

		begin_report(af, 1);
		put_record(MODE_IS_INCLUDE, 0, 7, group(af, 1));
		for (unsigned i = 0; i < 7; i++)
			put_source(ip(good[af][i]));
		assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
		assert_int_equal(m.record[0].nsources, 7);
		for (unsigned i = 0; i < 7; i++)
			assert_ip(m.record[0].source[i], ip(good[af][i]));
	}
	arena_free(&arena);
}

/* GM-18: in order, each once */
static void sources_are_sorted(void **state)
{
	static const unsigned numbers[] = { 5, 3, 9, 3, 5, 5, 1, 9, 2 }, want[] = { 1, 2, 3, 5, 9 };
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct gm_message m;

		begin_report(af, 1);
		put_record(BLOCK_OLD_SOURCES, 0, NELEMS(numbers), group(af, 1));
		for (unsigned i = 0; i < NELEMS(numbers); i++)
			put_source(host(af, numbers[i]));
		assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
		assert_int_equal(m.record[0].nsources, NELEMS(want));
		for (unsigned i = 0; i < NELEMS(want); i++)
			assert_ip(m.record[0].source[i], host(af, want[i]));

		for (unsigned twice = 1; twice <= 2; twice++) {
			begin_query(af, 3, group(af, 1));
			put_source(host(af, twice));
			put_source(host(af, twice));
			put_source(host(af, 3 - twice));
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
			assert_int_equal(m.nsources, 2);
			assert_ip(m.source[0], host(af, 1));
			assert_ip(m.source[1], host(af, 2));
		}
	}
	arena_free(&arena);
}

/* A query for sources that are none is not one for the group; nor are sources asked for of none. */
static void queries_for_no_source(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct gm_message m;

		begin_query(af, 2, group(af, 1));
		put_source(group(af, 2));
		put_source(ip_any(af));
		assert_int_equal(decode_raw(&arena, &m), GM_BAD_SOURCES);
		begin_query(af, 1, ip_any(af));
		put_source(host(af, 1));
		assert_int_equal(decode_raw(&arena, &m), GM_BAD_SOURCES);
	}
	arena_free(&arena);
}

/* GM-19: a message that has less than it says is none, however much less */
static void counts_that_lie(void **state)
{
	static const unsigned lies[] = { 3, 4, 255, 256, 16383, 16384, 32768, 65535 };
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < NELEMS(lies); i++) {
			for (unsigned type = 1; type < 256; type += 6) {
				struct gm_message m;

				begin_report(af, lies[i]);
				put_record(type, 0, 0, group(af, 1));
				put_record(type, 0, 0, group(af, 2));
				assert_int_equal(decode_raw(&arena, &m), GM_BAD_LENGTH);

				begin_report(af, 2);
				put_record(MODE_IS_INCLUDE, 0, 0, group(af, 1));
				put_record(type, 0, lies[i], group(af, 2));
				put_source(host(af, 1));
				put_source(host(af, 2));
				assert_int_equal(decode_raw(&arena, &m), GM_BAD_LENGTH);
			}
			begin_query(af, lies[i], group(af, 1));
			put_source(host(af, 1));
			put_source(host(af, 2));
			assert_int_equal(decode_raw(&arena, &(struct gm_message){ 0 }),
					 GM_BAD_LENGTH);
		}
	}
	arena_free(&arena);
}

/* GM-19: the length of auxiliary data lies */
static void auxiliary_data_that_lie(void **state)
{
	struct arena arena = arena_init(GM_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned aux = 1; aux < 256; aux++) {
			struct gm_message m;

			begin_report(af, 1);
			put_record(aux % 2 ? MODE_IS_INCLUDE : 77, aux, 0, group(af, 1));
			for (unsigned i = 0; i < aux * 4 - 1; i++)
				wr_u8(&raw.w, 0);
			assert_int_equal(decode_raw(&arena, &m), GM_BAD_LENGTH);
			wr_u8(&raw.w, 0);
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
		}
	}
	arena_free(&arena);
}

/* The largest there can be fits into GM_ARENA; what does not fit into a smaller one is dropped. */
static void large_messages(void **state)
{
	struct arena arena = arena_init(GM_ARENA), small = arena_init(256);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned nsources = 0; nsources < 4; nsources++) {
			unsigned n = (65535 - 8) / (4 + af_size(af) * (1 + nsources));
			struct gm_message m;

			begin_report(af, n);
			for (unsigned i = 0; i < n; i++) {
				put_record(MODE_IS_INCLUDE, 0, nsources, group(af, i));
				for (unsigned j = nsources; j--;)
					put_source(host(af, j));
			}
			assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
			assert_int_equal(m.nrecords + m.skipped, n);
			assert_int_equal(decode_raw(&small, &m), GM_BAD_MEMORY);
		}
	}
	for (enum af af = V4; af <= V6; af++) {
		unsigned n = (65535 - 28) / af_size(af);
		struct gm_message m;

		begin_query(af, n, group(af, 1));
		for (unsigned i = n; i--;)
			put_source(host(af, i + 1));
		assert_int_equal(decode_raw(&arena, &m), GM_GOOD);
		assert_int_equal(m.nsources, n);
		assert_ip(m.source[n - 1], host(af, n));
		assert_int_equal(decode_raw(&small, &m), GM_BAD_MEMORY);
	}
	arena_free(&small);
	arena_free(&arena);
}

/* GM-6, GM-7: a robustness that has no code is not said */
static void robustness(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned n = 0; n < 256; n++) {
			struct gm_message m = { .type = GM_QUERY, .version = 3, .robustness = n };
			struct gm_place at = { 0 };
			uint8_t wire[28];
			size_t len = af == V4 ? 12 : 28;

			m.group = ip_any(af);
			assert_int_equal(gm_encode(af, &m, &at, wire, sizeof(wire)), len);
			assert_int_equal(wire[len - 4], n < 8 ? n : 0);
		}
	}
}

/* Encodes all of a message for an MTU; how many there are, and the sources of each. */
static unsigned split(enum af af, const struct gm_message *m, unsigned mtu, unsigned counts[8])
{
	struct arena arena = arena_init(GM_ARENA);
	struct gm_place at = { 0 };
	unsigned n = 0;
	size_t len;

	while ((len = gm_encode(af, m, &at, raw.wire, gm_room(af, mtu)))) {
		struct gm_message part;

		assert_true(n < 8);
		assert_int_equal(decode(af, raw.wire, len, &arena, &part), GM_GOOD);
		counts[n] = part.nsources;
		for (unsigned i = 0; i < part.nrecords; i++)
			counts[n] += part.record[i].nsources;
		n++;
	}
	assert_true(at.end);
	arena_free(&arena);
	return n;
}

static struct ip sources[70000];

static void fill_sources(enum af af)
{
	for (unsigned i = 0; i < NELEMS(sources); i++)
		sources[i] = host(af, i + 1);
}

/* GM-21, GM-103: 366 sources in a query of IGMP, 89 in one of MLD */
static void queries_are_split(void **state)
{
	static const unsigned most[NFAMILIES] = { 366, 89 };

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct gm_message m = { .type = GM_QUERY,
					.version = 3,
					.group = group(af, 1),
					.suppress = true,
					.source = sources };
		unsigned n = most[af], counts[8];

		fill_sources(af);
		m.nsources = n;
		assert_int_equal(split(af, &m, 1500, counts), 1);
		m.nsources = n + 1;
		assert_int_equal(split(af, &m, 1500, counts), 2);
		assert_int_equal(counts[0], n);
		assert_int_equal(counts[1], 1);
		m.nsources = 3 * n;
		assert_int_equal(split(af, &m, 1500, counts), 3);
		assert_int_equal(counts[2], n);
	}
}

/* GM-90: a list that is too long is split, but an exclude list is cut, the same each time */
static void records_are_split(void **state)
{
	static const unsigned most[NFAMILIES] = { (1500 - 24 - 8 - 8) / 4,
						  (1500 - 48 - 8 - 20) / 16 };

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		unsigned n = most[af], counts[8];

		fill_sources(af);
		for (enum gm_record_type type = 1; type <= 6; type++) {
			struct gm_record record[] = {
				{ MODE_IS_EXCLUDE, group(af, 1), NULL, 0 },
				{ type, group(af, 2), sources, n },
				{ MODE_IS_INCLUDE, group(af, 3), sources, 2 },
			};
			struct gm_message m = { .type = GM_REPORT_V3,
						.version = 3,
						.record = record + 1,
						.nrecords = 1 };
			bool is_cut = type == MODE_IS_EXCLUDE || type == CHANGE_TO_EXCLUDE_MODE;

			assert_int_equal(split(af, &m, 1500, counts), 1);
			assert_int_equal(counts[0], n);
			record[1].nsources = 2 * n + 5;
			assert_int_equal(split(af, &m, 1500, counts), is_cut ? 1 : 3);
			assert_int_equal(counts[0], n);
			if (!is_cut)
				assert_int_equal(counts[2], 5);

			m.record = record;
			m.nrecords = 3;
			assert_int_equal(split(af, &m, 1500, counts), is_cut ? 3 : 4);
			assert_int_equal(counts[0], 0);
			assert_int_equal(counts[1], n);
			assert_int_equal(counts[2], is_cut ? 2 : n);
			if (!is_cut)
				assert_int_equal(counts[3], 7);
		}
	}
}

/* What a count of 16 bits, or a packet, cannot hold is split as well. */
static void the_largest_packet(void **state)
{
	static uint8_t wire[1 << 20];

	(void)state;
	fill_sources(V4);
	for (enum gm_type type = GM_QUERY; type <= GM_REPORT_V3; type += GM_REPORT_V3) {
		struct gm_record record = { ALLOW_NEW_SOURCES, group(V4, 1), sources,
					    NELEMS(sources) };
		struct gm_message m = { .type = type,
					.version = 3,
					.group = group(V4, 1),
					.source = sources,
					.nsources = NELEMS(sources),
					.record = &record,
					.nrecords = 1 };
		struct gm_place at = { 0 };
		size_t len = gm_encode(V4, &m, &at, wire, sizeof(wire));

		assert_true(len > 65530 && len <= 65535);
		assert_int_equal(at.source, (len - (type == GM_QUERY ? 12 : 16)) / 4);
		assert_false(at.end);
	}
}

/* Without room for the least, nothing is written, and nothing is done. */
static void no_room(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct gm_record record = { MODE_IS_INCLUDE, group(af, 1), sources, 2 };
		struct gm_message query = { .type = GM_QUERY,
					    .version = 3,
					    .group = group(af, 1),
					    .source = sources,
					    .nsources = 2 },
				  report = { .type = GM_REPORT_V3,
					     .version = 3,
					     .record = &record,
					     .nrecords = 1 },
				  leave = { .type = GM_LEAVE, .version = 2, .group = group(af, 1) };
		const struct {
			const struct gm_message *m;
			size_t least;
		} rows[] = {
			{ &query, (af == V4 ? 12 : 28) + af_size(af) },
			{ &report, 8 + 4 + 2 * af_size(af) },
			{ &leave, af == V4 ? 8 : 24 },
		};

		fill_sources(af);
		for (unsigned i = 0; i < NELEMS(rows); i++) {
			uint8_t wire[64];
			struct gm_place at = { 0 };

			memset(wire, 0xa5, sizeof(wire));
			for (size_t size = 0; size < rows[i].least; size++) {
				assert_int_equal(wire[size], 0xa5);
				assert_int_equal(gm_encode(af, rows[i].m, &at, wire, size), 0);
				assert_false(at.end || at.record || at.source);
			}
			assert_int_equal(gm_encode(af, rows[i].m, &at, wire, rows[i].least),
					 rows[i].least);
			assert_int_equal(at.end, rows[i].m == &leave);
			assert_int_equal(at.source, rows[i].m != &leave);
		}
	}
}

static void no_records_are_no_message(void **state)
{
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3 };
	struct gm_place at = { 0 };
	uint8_t wire[64];

	(void)state;
	assert_int_equal(gm_encode(V4, &m, &at, wire, sizeof(wire)), 0);
	assert_true(at.end);
}

/* A random list in order: some of the hosts from 1 to 20. */
static unsigned random_sources(struct rng *rng, enum af af, struct ip *source)
{
	unsigned n = 0;

	for (unsigned i = 1; i <= 20; i++) {
		if (rng_below(rng, 3) == 0)
			source[n++] = host(af, i);
	}
	return n;
}

/* All parts of a report, for any room, say together what it says; none takes more than there is. */
static void what_was_written_is_read(void **state)
{
	struct arena arena = arena_init(GM_ARENA);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 3376);
	for (unsigned round = 0; round < 20000; round++) {
		enum af af = round % 2;
		struct ip list[8][20];
		struct gm_record record[8];
		struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = record },
				  part;
		struct gm_place at = { 0 };
		size_t size = 8 + 4 + 2 * af_size(af) + rng_below(&rng, 900), len;
		unsigned at_record = 0, at_source = 0;

		m.nrecords = 1 + rng_below(&rng, NELEMS(record));
		for (unsigned i = 0; i < m.nrecords; i++)
			record[i] = (struct gm_record){ .type = 1 + rng_below(&rng, 6),
							.group = group(af, i),
							.source = list[i],
							.nsources = random_sources(&rng, af,
										   list[i]) };
		while ((len = gm_encode(af, &m, &at, raw.wire, size))) {
			assert_true(len <= size);
			assert_int_equal(decode(af, raw.wire, len, &arena, &part), GM_GOOD);
			assert_true(part.nrecords > 0);
			for (unsigned i = 0; i < part.nrecords; i++) {
				const struct gm_record *r = &part.record[i],
						       *w = &record[at_record];
				bool is_cut = w->type == MODE_IS_EXCLUDE ||
					      w->type == CHANGE_TO_EXCLUDE_MODE;

				assert_int_equal(r->type, w->type);
				assert_ip(r->group, w->group);
				assert_sources(r->source, r->nsources, w->source + at_source,
					       r->nsources);
				at_source += r->nsources;
				if (is_cut || at_source == w->nsources) {
					at_record++;
					at_source = 0;
				}
			}
			assert_int_equal(at_record, at.record);
			assert_int_equal(at_source, at.source);
		}
		assert_true(at.end);
		assert_int_equal(at_record, m.nrecords);
	}
	arena_free(&arena);
}

/* Any bytes behind the type: no step beyond the end, and only what may be said. */
static void random_bytes(void **state)
{
	static const uint8_t types[NFAMILIES][6] = { { 0x11, 0x12, 0x16, 0x17, 0x22, 0x22 },
						     { 130, 131, 132, 143, 143, 143 } };
	struct arena arena = arena_init(GM_ARENA);
	struct rng rng;
	unsigned good = 0;

	(void)state;
	rng_seed(&rng, 3810);
	for (unsigned round = 0; round < 200000; round++) {
		enum af af = round % 2;
		uint8_t wire[128];
		size_t len = 1 + rng_below(&rng, sizeof(wire));
		struct gm_message m;

		for (size_t i = 0; i < len; i++)
			wire[i] = rng_below(&rng, 2) ? rng_below(&rng, 4) : rng_u64(&rng);
		wire[0] = types[af][rng_below(&rng, 6)];
		seal(af, wire, len);
		if (decode(af, wire, len, &arena, &m))
			continue;
		good++;
		for (unsigned i = 0; i < m.nrecords; i++)
			assert_true(ip_is_multicast(m.record[i].group));
		for (unsigned i = 1; i < m.nsources; i++)
			assert_true(ip_cmp(m.source[i - 1], m.source[i]) < 0);
	}
	assert_true(good > 1000);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code),
		cmocka_unit_test(codes_round_down),
		cmocka_unit_test(unknown_records),
		cmocka_unit_test(auxiliary_data),
		cmocka_unit_test(extensions),
		cmocka_unit_test(records_of_no_group),
		cmocka_unit_test(sources_that_are_none),
		cmocka_unit_test(sources_that_are_some),
		cmocka_unit_test(sources_are_sorted),
		cmocka_unit_test(queries_for_no_source),
		cmocka_unit_test(counts_that_lie),
		cmocka_unit_test(auxiliary_data_that_lie),
		cmocka_unit_test(large_messages),
		cmocka_unit_test(robustness),
		cmocka_unit_test(queries_are_split),
		cmocka_unit_test(records_are_split),
		cmocka_unit_test(the_largest_packet),
		cmocka_unit_test(no_room),
		cmocka_unit_test(no_records_are_no_message),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
