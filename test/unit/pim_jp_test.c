/* pim_jp_test.c - Join/Prune and Graft: entries, what is read over, what is packed into messages */
#include "pim-module/msg_jp.h"
#include "unit/pim.h"

static struct msg_jp jp;

static enum msg_bad decode(struct msg_rd *r, struct arena *arena)
{
	return msg_jp_decode(r, arena, &jp);
}

/* All of it in one message. */
static size_t encode(const struct msg_ends *ends, void *data, size_t size)
{
	struct msg_jp_place at = { 0 };
	size_t len = msg_jp_encode(ends, &jp, &at, data, size);

	return at.end && !at.cut ? len : 0;
}

static const struct codec codec = { decode, encode };

static void assert_list(const struct msg_jp_source *a, unsigned na, const struct msg_jp_source *b,
			unsigned nb)
{
	assert_int_equal(na, nb);
	for (unsigned i = 0; i < na; i++) {
		assert_ip(a[i].ip, b[i].ip);
		assert_int_equal(a[i].kind, b[i].kind);
	}
}

static void assert_group(const struct msg_jp_group *a, const struct msg_jp_group *b)
{
	assert_ip(a->group, b->group);
	assert_list(a->join, a->njoins, b->join, b->njoins);
	assert_list(a->prune, a->nprunes, b->prune, b->nprunes);
}

/* PIM-104, PIM-136, PIM-138, PIM-94: a prune of (*,G) may carry zeros */
static void known_joins(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		const struct msg_jp_source rp = { host(af, 9), JP_STAR_G };
		const struct msg_jp_source rpt[] = { { host(af, 3), JP_SG_RPT },
						     { host(af, 4), JP_SG_RPT } };
		const struct msg_jp_source sg[] = { { host(af, 3), JP_SG },
						    { host(af, 5), JP_SG } };
		const struct msg_jp_source zeros = { ip_any(af), JP_STAR_G };
		const struct msg_jp_group groups[] = {
			{ group(af, 1), &rp, rpt, 1, 2 },
			{ group(af, 2), sg, NULL, 2, 0 },
			{ group(af, 3), NULL, &zeros, 0, 1 },
		};

		take_known(&codec, af, KNOWN_JOINS, &arena);
		assert_int_equal(jp.type, MSG_JOIN_PRUNE);
		assert_ip(jp.upstream, ip(af == V4 ? "10.0.0.2" : "fe80::2"));
		assert_int_equal(jp.holdtime, 210000);
		assert_int_equal(jp.ngroups, NELEMS(groups));
		assert_int_equal(jp.skipped, 0);
		for (unsigned i = 0; i < NELEMS(groups); i++)
			assert_group(&jp.group[i], &groups[i]);
		assert_encoded(&codec, af, KNOWN_JOINS);
		assert_room(&codec, af, KNOWN_JOINS);
		assert_no_beginning(&codec, af, KNOWN_JOINS, NULL);
	}
	arena_free(&arena);
}

/* PIM-173, PIM-181: the same in another type, without the sparse bit */
static void known_grafts(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (enum pim_known known = KNOWN_GRAFT; known <= KNOWN_GRAFT_ACK; known++) {
			take_known(&codec, af, known, &arena);
			assert_int_equal(jp.type, known == KNOWN_GRAFT ? MSG_GRAFT : MSG_GRAFT_ACK);
			assert_int_equal(jp.holdtime, 0);
			assert_int_equal(jp.ngroups, 1);
			assert_int_equal(jp.group[0].njoins, 1);
			assert_ip(jp.group[0].join[0].ip, host(af, 3));
			jp.dense = true;
			assert_encoded(&codec, af, known);
			assert_no_beginning(&codec, af, known, NULL);
		}
	}
	arena_free(&arena);
}

/* A message that is being written address by address. */
static uint8_t wire[65536];
static struct wr w;

static void begin(enum af af, unsigned ngroups)
{
	w = msg_begin(MSG_JOIN_PRUNE, 0, wire, sizeof(wire));
	msg_wr_unicast(&w, host(af, 2));
	wr_u8(&w, 0xff);
	wr_u8(&w, ngroups);
	wr_u16(&w, 210);
}

static void put_group(struct ip grp, unsigned njoins, unsigned nprunes)
{
	msg_wr_group(&w, grp);
	wr_u16(&w, njoins);
	wr_u16(&w, nprunes);
}

static enum msg_bad end(enum af af, struct arena *arena)
{
	assert_false(w.full);
	return take(&codec, af, wire, wr_len(&w), arena);
}

/* PIM-88: what is no group, or not just one, is read over with all that is said of it */
static void groups_read_over(void **state)
{
	static const char *const none[NFAMILIES][5] = {
		{ "224.0.0.13", "10.0.0.1", "0.0.0.0", "255.255.255.255", "240.0.0.1" },
		{ "ff02::d", "ff01::1", "::", "fe80::1", "2001:db8::1" },
	};
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < 5 + 256; i++) {
			unsigned len = i < 5 ? af_bits(af) : i - 5;
			struct msg_range range = { { group(af, 7), len }, false, false };

			if (i < 5)
				range.prefix.ip = ip(none[af][i]);
			else if (len == af_bits(af))
				continue;
			begin(af, 3);
			put_group(group(af, 1), 1, 0);
			msg_wr_source(&w, host(af, 1), MSG_SPARSE);
			msg_wr_range(&w, &range);
			wr_u32(&w, 0x00020001);
			for (unsigned n = 0; n < 3; n++)
				msg_wr_source(&w, host(af, n), MSG_SPARSE);
			put_group(group(af, 2), 0, 1);
			msg_wr_source(&w, host(af, 2), MSG_SPARSE);
			assert_int_equal(end(af, &arena), MSG_GOOD);
			assert_int_equal(jp.ngroups, 2);
			assert_int_equal(jp.skipped, 1);
			assert_ip(jp.group[0].group, group(af, 1));
			assert_ip(jp.group[1].group, group(af, 2));
			assert_int_equal(jp.group[1].nprunes, 1);
		}
	}
	arena_free(&arena);
}

/* PIM-88, PIM-136, PIM-214: entries with another mask, of no source, with wildcard but not RPT */
static void entries_read_over(void **state)
{
	static const char *const none[NFAMILIES][4] = {
		{ "0.0.0.0", "239.1.1.1", "127.0.0.1", "255.255.255.255" },
		{ "::", "ff0e::1", "::1", "ff02::1" },
	};
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned len = 0; len < 256; len++) {
			begin(af, 1);
			put_group(group(af, 1), 2, 0);
			msg_wr_source(&w, host(af, 1), MSG_SPARSE);
			w.p[-(int)af_size(af) - 1] = len;
			msg_wr_source(&w, host(af, 2), 0);
			assert_int_equal(end(af, &arena), MSG_GOOD);
			assert_int_equal(jp.group[0].njoins, len == af_bits(af) ? 2 : 1);
			assert_int_equal(jp.skipped, len != af_bits(af));
		}
		for (unsigned flags = 0; flags < 256; flags++) {
			bool rpt = flags & 1, wc = flags & 2;

			begin(af, 1);
			put_group(group(af, 1), 0, 1);
			msg_wr_source(&w, host(af, 1), flags);
			assert_int_equal(end(af, &arena), MSG_GOOD);
			assert_int_equal(jp.group[0].nprunes, !wc || rpt);
			assert_int_equal(jp.skipped, wc && !rpt);
			if (!jp.skipped)
				assert_int_equal(jp.group[0].prune[0].kind, wc	  ? JP_STAR_G
									    : rpt ? JP_SG_RPT
										  : JP_SG);
		}
		for (unsigned i = 0; i < 4; i++) {
			begin(af, 1);
			put_group(group(af, 1), 3, 0);
			msg_wr_source(&w, ip(none[af][i]), 0);
			msg_wr_source(&w, ip(none[af][i]), MSG_RPT);
			msg_wr_source(&w, ip(none[af][i]), MSG_RPT | MSG_WC);
			assert_int_equal(end(af, &arena), MSG_GOOD);
			assert_int_equal(jp.group[0].njoins, !i);
			assert_int_equal(jp.skipped, 3 - !i);
		}
	}
	arena_free(&arena);
}

/* PIM-88, PIM-141: of the upstream neighbor's family alone, and that is the packet's */
static void mixed_families(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		begin(af, 2);
		put_group(group(!af, 1), 1, 1);
		msg_wr_source(&w, host(!af, 1), 0);
		msg_wr_source(&w, host(af, 2), 0);
		put_group(group(af, 1), 2, 0);
		msg_wr_source(&w, host(!af, 1), 0);
		msg_wr_source(&w, host(af, 2), 0);
		assert_int_equal(end(af, &arena), MSG_GOOD);
		assert_int_equal(jp.ngroups, 1);
		assert_int_equal(jp.skipped, 2);
		assert_int_equal(jp.group[0].njoins, 1);
		assert_ip(jp.group[0].join[0].ip, host(af, 2));
		begin(!af, 0);
		assert_int_equal(end(af, &arena), MSG_BAD_FAMILY);
	}
	arena_free(&arena);
}

/* PIM-136: an IPv4 address may come in no form of IPv6 */
static void mapped_sources(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct ip v4 = host(V4, 1);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		begin(af, 1);
		put_group(group(af, 1), 1, 1);
		wr_u32(&w, 0x02000080);
		wr_bytes(&w, v4.b, 16);
		msg_wr_source(&w, host(af, 1), 0);
		assert_int_equal(end(af, &arena), MSG_GOOD);
		assert_int_equal(jp.group[0].njoins, 0);
		assert_int_equal(jp.group[0].nprunes, 1);
	}
	arena_free(&arena);
}

/* RFC 5384 3.4.1: attributes are read over, up to the last one */
static void join_attributes(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		begin(af, 1);
		put_group(group(af, 1), 2, 0);
		msg_wr_source(&w, host(af, 1), 0);
		w.p[-(int)msg_source_size(af) + 1] = 1;
		wr_u16(&w, 0x8003);
		wr_u8(&w, 1);
		wr_u16(&w, 0x0203);
		wr_u16(&w, 0x4100);
		msg_wr_source(&w, host(af, 2), 0);
		assert_int_equal(end(af, &arena), MSG_GOOD);
		assert_int_equal(jp.group[0].njoins, 2);
		begin(af, 1);
		put_group(group(af, 1), 1, 0);
		msg_wr_source(&w, host(af, 1), 0);
		w.p[-(int)msg_source_size(af) + 1] = 1;
		assert_int_equal(end(af, &arena), MSG_BAD_LENGTH);
		wr_u16(&w, 0x8100);
		assert_int_equal(end(af, &arena), MSG_BAD_LENGTH);
		wr_u16(&w, 0x4001);
		assert_int_equal(end(af, &arena), MSG_BAD_LENGTH);
		wr_u8(&w, 0);
		assert_int_equal(end(af, &arena), MSG_GOOD);
		for (unsigned encoding = 2; encoding < 256; encoding++) {
			begin(af, 1);
			put_group(group(af, 1), 1, 0);
			msg_wr_source(&w, host(af, 1), 0);
			w.p[-(int)msg_source_size(af) + 1] = encoding;
			assert_int_equal(end(af, &arena), MSG_BAD_ENCODING);
		}
	}
	arena_free(&arena);
}

/* Counts are of no more than there is; what is behind the last group is ignored. */
static void counts_that_lie(void **state)
{
	struct arena arena = arena_init(MSG_ARENA), small = arena_init(256);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		begin(af, 2);
		put_group(group(af, 1), 0, 0);
		assert_int_equal(end(af, &arena), MSG_BAD_LENGTH);
		begin(af, 1);
		put_group(group(af, 1), 65535, 0);
		msg_wr_source(&w, host(af, 1), 0);
		assert_int_equal(end(af, &arena), MSG_BAD_LENGTH);
		begin(af, 1);
		put_group(group(af, 1), 0, 2);
		msg_wr_source(&w, host(af, 1), 0);
		assert_int_equal(end(af, &arena), MSG_BAD_LENGTH);
		wr_u32(&w, af == V4 ? 0x01000020 : 0x02000080);
		assert_int_equal(end(af, &arena), MSG_BAD_LENGTH);
		begin(af, 0);
		put_group(group(af, 1), 9, 9);
		assert_int_equal(end(af, &arena), MSG_GOOD);
		assert_int_equal(jp.ngroups, 0);
		begin(af, 1);
		put_group(group(af, 1), 20, 0);
		for (unsigned i = 1; i <= 20; i++)
			msg_wr_source(&w, host(af, i), 0);
		assert_int_equal(end(af, &small), MSG_BAD_MEMORY);
		begin(af, 20);
		for (unsigned i = 0; i < 20; i++)
			put_group(group(af, i), 0, 0);
		assert_int_equal(end(af, &small), MSG_BAD_MEMORY);
	}
	arena_free(&arena);
	arena_free(&small);
}

/* PIM-80, PIM-87: whoever the upstream neighbor is, but not a group; how long it holds */
static void upstream_and_holdtime(void **state)
{
	static const struct {
		uint16_t seconds;
		int64_t ms;
	} rows[] = { { 0, 0 }, { 1, 1000 }, { 65534, 65534000 }, { 65535, MSG_FOREVER } };
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < NELEMS(rows); i++) {
			w = msg_begin(MSG_JOIN_PRUNE, 0, wire, sizeof(wire));
			msg_wr_unicast(&w, ip_any(af));
			wr_u16(&w, 0);
			wr_u16(&w, rows[i].seconds);
			assert_int_equal(end(af, &arena), MSG_GOOD);
			assert_ip(jp.upstream, ip_any(af));
			assert_true(jp.holdtime == rows[i].ms);
		}
		w = msg_begin(MSG_JOIN_PRUNE, 0, wire, sizeof(wire));
		msg_wr_unicast(&w, group(af, 1));
		wr_u32(&w, 0);
		assert_int_equal(end(af, &arena), MSG_BAD_ADDRESS);
	}
	arena_free(&arena);
}

/* PIM-137: in order, each once, whichever way they came */
static void lists_are_sorted(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		const struct msg_jp_source want[] = {
			{ host(af, 8), JP_STAR_G }, { host(af, 9), JP_STAR_G },
			{ host(af, 1), JP_SG_RPT }, { host(af, 2), JP_SG_RPT },
			{ host(af, 1), JP_SG },	    { host(af, 7), JP_SG },
		};
		static const uint8_t flags[] = { MSG_RPT | MSG_WC, MSG_RPT, 0 };

		begin(af, 1);
		put_group(group(af, 1), 12, 0);
		for (unsigned i = 12; i--;)
			msg_wr_source(&w, want[i * 5 % 6].ip, flags[want[i * 5 % 6].kind]);
		assert_int_equal(end(af, &arena), MSG_GOOD);
		assert_list(jp.group[0].join, jp.group[0].njoins, want, NELEMS(want));
		begin(af, 1);
		put_group(group(af, 1), 0, 12);
		for (unsigned i = 0; i < 12; i++)
			msg_wr_source(&w, want[i / 2].ip, flags[want[i / 2].kind]);
		assert_int_equal(end(af, &arena), MSG_GOOD);
		assert_list(jp.group[0].prune, jp.group[0].nprunes, want, NELEMS(want));
	}
	arena_free(&arena);
}

/* Room for a message of one group with @n entries. */
static size_t room_for(enum af af, unsigned n)
{
	return 4 + msg_unicast_size(af) + 4 + msg_group_size(af) + 4 + n * msg_source_size(af);
}

static struct msg_jp_source joins[2000], prunes[2000];

static void fill(enum af af, struct msg_jp_source *list, unsigned n, enum msg_jp_kind kind)
{
	for (unsigned i = 0; i < n; i++)
		list[i] = (struct msg_jp_source){ host(af, i + 1), kind };
}

static struct msg_jp one_group(enum af af, struct msg_jp_group *g, unsigned njoins,
			       unsigned nprunes)
{
	*g = (struct msg_jp_group){ group(af, 1), joins, prunes, njoins, nprunes };
	return (struct msg_jp){ .type = MSG_JOIN_PRUNE,
				.upstream = host(af, 2),
				.holdtime = 210000,
				.group = g,
				.ngroups = 1 };
}

/* PIM-99, PIM-139: prunes of a (*,G) join are not split; of too many, the largest are left out */
static void prunes_of_a_shared_tree(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned fit = 1; fit < 14; fit++) {
			struct msg_ends ends = pim_ends(af, MSG_JOIN_PRUNE);
			struct msg_jp_place at = { 0 };
			struct msg_jp_group g;
			struct msg_jp m = one_group(af, &g, 1, 10);
			unsigned want = fit - 1 < 10 ? fit - 1 : 10;
			size_t len;

			fill(af, joins, 1, JP_STAR_G);
			fill(af, prunes, 10, JP_SG_RPT);
			len = msg_jp_encode(&ends, &m, &at, wire, room_for(af, fit) + fit % 8);
			assert_int_equal(len, room_for(af, want + 1));
			assert_true(at.end);
			assert_int_equal(at.cut, 10 - want);
			assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
			assert_list(jp.group[0].join, jp.group[0].njoins, joins, 1);
			assert_list(jp.group[0].prune, jp.group[0].nprunes, prunes, want);
			assert_int_equal(msg_jp_encode(&ends, &m, &at, wire, sizeof(wire)), 0);
		}
	}
	arena_free(&arena);
}

/* PIM-139: they wait for the next message if this one has no room for all of them */
static void a_shared_tree_waits_for_room(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_JOIN_PRUNE);
		struct msg_jp_source sg = { host(af, 1), JP_SG };
		struct msg_jp_group g[] = { { group(af, 1), &sg, NULL, 1, 0 },
					    { group(af, 2), joins, prunes, 2, 5 } };
		struct msg_jp m = one_group(af, g, 0, 0);
		struct msg_jp_place at = { 0 };
		size_t len;

		g[0] = (struct msg_jp_group){ group(af, 1), &sg, NULL, 1, 0 };
		m.ngroups = 2;
		fill(af, joins, 2, JP_SG);
		joins[0].kind = JP_STAR_G;
		fill(af, prunes, 5, JP_SG_RPT);
		prunes[4].kind = JP_SG;
		len = msg_jp_encode(&ends, &m, &at, wire, room_for(af, 5));
		assert_int_equal(len, room_for(af, 1));
		assert_false(at.end);
		len = msg_jp_encode(&ends, &m, &at, wire, room_for(af, 5));
		assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
		assert_int_equal(jp.ngroups, 1);
		assert_list(jp.group[0].join, jp.group[0].njoins, joins, 1);
		assert_list(jp.group[0].prune, jp.group[0].nprunes, prunes, 4);
		assert_false(at.end);
		len = msg_jp_encode(&ends, &m, &at, wire, room_for(af, 5));
		assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
		assert_list(jp.group[0].join, jp.group[0].njoins, joins + 1, 1);
		assert_list(jp.group[0].prune, jp.group[0].nprunes, prunes + 4, 1);
		assert_true(at.end);
		assert_int_equal(at.cut, 0);
	}
	arena_free(&arena);
}

/* PIM-139: with other groups in a message that has room for just that */
static void a_shared_tree_beside_others(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_JOIN_PRUNE);
		size_t room = room_for(af, 6) + msg_group_size(af) + 4;

		for (unsigned less = 0; less < 2; less++) {
			struct msg_jp_source sg = { host(af, 1), JP_SG };
			struct msg_jp_place at = { 0 };
			struct msg_jp_group g[2];
			struct msg_jp m = one_group(af, g, 0, 0);
			size_t len;

			g[0] = (struct msg_jp_group){ group(af, 1), &sg, NULL, 1, 0 };
			g[1] = (struct msg_jp_group){ group(af, 2), joins, prunes, 1, 4 };
			m.ngroups = 2;
			fill(af, joins, 1, JP_STAR_G);
			fill(af, prunes, 4, JP_SG_RPT);
			len = msg_jp_encode(&ends, &m, &at, wire, room - less);
			assert_int_equal(len, less ? room_for(af, 1) : room);
			assert_int_equal(at.end, !less);
			assert_int_equal(at.cut, 0);
		}
	}
}

/* PIM-140: a message has no more than 255 groups; one of which nothing is said is left out */
static void many_groups(void **state)
{
	static struct msg_jp_group groups[600];
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_JOIN_PRUNE);
		struct msg_jp m = one_group(af, groups, 0, 0);
		struct msg_jp_place at = { 0 };
		unsigned n = 0;
		size_t len;

		fill(af, joins, 1, JP_SG);
		for (unsigned i = 0; i < NELEMS(groups); i++)
			groups[i] = (struct msg_jp_group){ group(af, i), joins, NULL,
							   i % 15 && i < 546, 0 };
		m.ngroups = NELEMS(groups);
		for (unsigned want = 255; n < 509; want = 254) {
			len = msg_jp_encode(&ends, &m, &at, wire, sizeof(wire));
			assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
			assert_int_equal(jp.ngroups, want);
			for (unsigned i = 0; i < jp.ngroups; i++, n++)
				assert_ip(jp.group[i].group, group(af, n / 14 * 15 + n % 14 + 1));
		}
		assert_true(at.end);
		assert_int_equal(msg_jp_encode(&ends, &m, &at, wire, sizeof(wire)), 0);
		at = (struct msg_jp_place){ 0 };
		m.group++;
		m.ngroups = 15 * 18 + 3;
		assert_true(msg_jp_encode(&ends, &m, &at, wire, sizeof(wire)) > 0);
		assert_true(at.end);
	}
	arena_free(&arena);
}

/* PIM-140: nothing to say is no message; and no room for it none either */
static void nothing_to_say(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_JOIN_PRUNE);
		struct msg_jp_place at = { 0 };
		struct msg_jp_group g;
		struct msg_jp m = one_group(af, &g, 0, 0);

		assert_int_equal(msg_jp_encode(&ends, &m, &at, wire, sizeof(wire)), 0);
		assert_true(at.end);
		m = one_group(af, &g, 1, 0);
		fill(af, joins, 1, JP_SG);
		for (size_t size = 0; size < room_for(af, 1); size++) {
			at = (struct msg_jp_place){ 0 };
			assert_int_equal(msg_jp_encode(&ends, &m, &at, wire, size), 0);
			assert_false(at.end);
		}
	}
}

#define RANDOM_GROUPS 12

/* What is left to be said of each group of a random message, and what of it was. */
struct rest {
	unsigned join, prune;
};

static unsigned random_list(struct rng *rng, enum af af, struct msg_jp_source *list,
			    enum msg_jp_kind least)
{
	unsigned n = rng_below(rng, 3) ? rng_below(rng, 6) : rng_below(rng, 60);

	for (unsigned i = 0; i < n; i++) {
		list[i].ip = host(af, 1 + rng_below(rng, 500));
		list[i].kind = least + rng_below(rng, JP_SG + 1 - least);
	}
	return msg_jp_sort(list, n);
}

/* What a message says of a group is what comes next of it; where prunes are cut, nothing else. */
static void assert_next(const struct msg_jp_group *got, const struct msg_jp_group *all,
			struct rest *rest, unsigned *cut)
{
	bool star = got->njoins && got->join[0].kind == JP_STAR_G;
	unsigned rpt = rest->prune + got->nprunes;

	assert_true(got->njoins || got->nprunes);
	assert_true(rest->join + got->njoins <= all->njoins);
	assert_true(rest->prune + got->nprunes <= all->nprunes);
	assert_list(got->join, got->njoins, all->join + rest->join, got->njoins);
	assert_list(got->prune, got->nprunes, all->prune + rest->prune, got->nprunes);
	rest->join += got->njoins;
	while (star && rpt < all->nprunes && all->prune[rpt].kind != JP_SG)
		rpt++, (*cut)++;
	rest->prune = rpt;
}

/* PIM-99, PIM-137, PIM-139, PIM-140: any lists into messages of any size */
static void random_packing(void **state)
{
	static struct msg_jp_source lists[RANDOM_GROUPS][2][60];
	struct arena arena = arena_init(MSG_ARENA);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 4952);
	for (unsigned i = 0; i < 3000; i++) {
		enum af af = i % 2;
		struct msg_ends ends = pim_ends(af, MSG_JOIN_PRUNE);
		size_t room = room_for(af, 1 + rng_below(&rng, 40)) + rng_below(&rng, 8), len;
		struct msg_jp_group groups[RANDOM_GROUPS];
		struct rest rest[RANDOM_GROUPS] = { { 0, 0 } };
		struct msg_jp m = one_group(af, groups, 0, 0);
		struct msg_jp_place at = { 0 };
		unsigned now = 0, cut = 0;

		m.ngroups = rng_below(&rng, RANDOM_GROUPS);
		for (unsigned g = 0; g < m.ngroups; g++) {
			groups[g] = (struct msg_jp_group){ group(af, g), lists[g][0], lists[g][1],
							   0, 0 };
			groups[g].njoins = random_list(&rng, af, lists[g][0], JP_STAR_G);
			groups[g].nprunes = random_list(&rng, af, lists[g][1], JP_SG_RPT);
		}
		while ((len = msg_jp_encode(&ends, &m, &at, wire, room))) {
			assert_true(len <= room);
			assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
			assert_true(jp.ngroups && !jp.skipped);
			for (unsigned g = 0; g < jp.ngroups; g++) {
				while (!ip_eq(groups[now].group, jp.group[g].group))
					assert_true(++now < m.ngroups);
				assert_next(&jp.group[g], &groups[now], &rest[now], &cut);
			}
		}
		assert_true(at.end);
		assert_int_equal(at.cut, cut);
		for (unsigned g = 0; g < m.ngroups; g++) {
			assert_int_equal(rest[g].join, groups[g].njoins);
			assert_int_equal(rest[g].prune, groups[g].nprunes);
		}
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_joins),
		cmocka_unit_test(known_grafts),
		cmocka_unit_test(groups_read_over),
		cmocka_unit_test(entries_read_over),
		cmocka_unit_test(mixed_families),
		cmocka_unit_test(mapped_sources),
		cmocka_unit_test(join_attributes),
		cmocka_unit_test(counts_that_lie),
		cmocka_unit_test(upstream_and_holdtime),
		cmocka_unit_test(lists_are_sorted),
		cmocka_unit_test(prunes_of_a_shared_tree),
		cmocka_unit_test(a_shared_tree_waits_for_room),
		cmocka_unit_test(a_shared_tree_beside_others),
		cmocka_unit_test(many_groups),
		cmocka_unit_test(nothing_to_say),
		cmocka_unit_test(random_packing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
