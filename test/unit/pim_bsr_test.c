/* pim_bsr_test.c - Bootstrap, its fragments, and Candidate-RP-Advertisement */
#include "pim-module/msg_bsr.h"
#include "unit/pim.h"

static struct msg_bootstrap m;
static struct msg_candidate candidate;

static enum msg_bad decode(struct msg_rd *r, struct arena *arena)
{
	return msg_bootstrap_decode(r, arena, &m);
}

/* All of it in one message. */
static size_t encode(const struct msg_ends *ends, void *data, size_t size)
{
	struct msg_bootstrap_place at = { 0 };
	size_t len = msg_bootstrap_encode(ends, &m, &at, data, size);

	return at.end ? len : 0;
}

static enum msg_bad decode_candidate(struct msg_rd *r, struct arena *arena)
{
	return msg_candidate_decode(r, arena, &candidate);
}

static size_t encode_candidate(const struct msg_ends *ends, void *data, size_t size)
{
	unsigned at = 0;
	size_t len = msg_candidate_encode(ends, &candidate, &at, data, size);

	return at == candidate.nranges ? len : 0;
}

static const struct codec codec = { decode, encode };
static const struct codec candidates = { decode_candidate, encode_candidate };

static void assert_range(const struct msg_range *a, const struct msg_range *b)
{
	assert_string_equal(prefix_str(&a->prefix), prefix_str(&b->prefix));
	assert_int_equal(a->prefix.len, b->prefix.len);
	assert_int_equal(a->bidir, b->bidir);
	assert_int_equal(a->zone, b->zone);
}

static struct msg_range range(const char *text, bool bidir, bool zone)
{
	struct msg_range range = { .bidir = bidir, .zone = zone };

	assert_true(prefix_parse(text, &range.prefix));
	return range;
}

static void assert_rp(const struct msg_rp *a, const struct msg_rp *b)
{
	assert_ip(a->ip, b->ip);
	assert_int_equal(a->holdtime, b->holdtime);
	assert_int_equal(a->priority, b->priority);
}

/* PIM-156, PIM-157, PIM-165: a fragment: of three RPs, two */
static void known_bootstrap(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		const struct msg_rp rps[] = { { host(af, 1), 150000, 192 }, { host(af, 2), 0, 0 } };
		struct msg_range zone = range(af == V4 ? "239.0.0.0/8" : "ff38::/16", false, true);
		struct msg_range bidir = range(af == V4 ? "239.1.0.0/16" : "ff38:40::/32", true,
					       false);

		take_known(&codec, af, KNOWN_BOOTSTRAP, &arena);
		assert_true(m.no_forward);
		assert_int_equal(m.tag, 0x1234);
		assert_int_equal(m.hash_len, af == V4 ? 30 : 126);
		assert_int_equal(m.priority, 64);
		assert_ip(m.bsr, host(af, 1));
		assert_int_equal(m.nsets, 2);
		assert_range(&m.set[0].range, &zone);
		assert_int_equal(m.set[0].all, 0);
		assert_int_equal(m.set[0].nrps, 0);
		assert_range(&m.set[1].range, &bidir);
		assert_int_equal(m.set[1].all, 3);
		assert_int_equal(m.set[1].nrps, 2);
		assert_rp(&m.set[1].rp[0], &rps[0]);
		assert_rp(&m.set[1].rp[1], &rps[1]);
		assert_encoded(&codec, af, KNOWN_BOOTSTRAP);
		assert_room(&codec, af, KNOWN_BOOTSTRAP);
	}
	arena_free(&arena);
}

/* PIM-158, PIM-160: without a range */
static void known_empty_bootstrap(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_BOOTSTRAP);
		struct msg_bootstrap_place at = { 0 };
		uint8_t wire[64];

		take_known(&codec, af, KNOWN_BOOTSTRAP_EMPTY, &arena);
		assert_false(m.no_forward);
		assert_int_equal(m.priority, 255);
		assert_int_equal(m.hash_len, 0);
		assert_int_equal(m.nsets, 0);
		assert_encoded(&codec, af, KNOWN_BOOTSTRAP_EMPTY);
		assert_room(&codec, af, KNOWN_BOOTSTRAP_EMPTY);
		assert_true(msg_bootstrap_encode(&ends, &m, &at, wire, sizeof(wire)) > 0);
		assert_true(at.end);
		assert_int_equal(msg_bootstrap_encode(&ends, &m, &at, wire, sizeof(wire)), 0);
	}
	arena_free(&arena);
}

/* PIM-167 */
static void known_candidate(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_range zone = range(af == V4 ? "239.0.0.0/8" : "ff38::/16", false, true);
		struct msg_range plain = range(af == V4 ? "239.1.0.0/16" : "ff38:40::/32", false,
					       false);

		take_known(&candidates, af, KNOWN_CANDIDATE, &arena);
		assert_int_equal(candidate.priority, 192);
		assert_int_equal(candidate.holdtime, 150000);
		assert_ip(candidate.rp, host(af, 2));
		assert_int_equal(candidate.nranges, 2);
		assert_range(&candidate.range[0], &zone);
		assert_range(&candidate.range[1], &plain);
		assert_encoded(&candidates, af, KNOWN_CANDIDATE);
		assert_room(&candidates, af, KNOWN_CANDIDATE);
		assert_no_beginning(&candidates, af, KNOWN_CANDIDATE, NULL);
	}
	arena_free(&arena);
}

/* Where a set ends, so does a message with those before. */
static bool ends_a_set(enum af af, size_t len)
{
	size_t first = 8 + msg_unicast_size(af);

	return len == first || len == first + msg_group_size(af) + 4;
}

static void every_truncation(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		assert_no_beginning(&codec, af, KNOWN_BOOTSTRAP, ends_a_set);
		assert_no_beginning(&codec, af, KNOWN_BOOTSTRAP_EMPTY, NULL);
	}
}

/* RFC 8736 4.1: bit 7 alone */
static void no_forward(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned flags = 0; flags < 256; flags++) {
			assert_int_equal(take_changed(&codec, af, KNOWN_BOOTSTRAP, 1, flags,
						      &arena),
					 MSG_GOOD);
			assert_int_equal(m.no_forward, flags >= 128);
		}
	}
	arena_free(&arena);
}

/* PIM-156, PIM-165, PIM-166, PIM-214, PIM-215 */
static void fields_that_lie(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		size_t set = 8 + msg_unicast_size(af), next = set + msg_group_size(af) + 4;
		size_t count = next + msg_group_size(af);
		uint8_t least = af == V4 ? 4 : 8;

		for (unsigned byte = 0; byte < 256; byte++) {
			enum msg_bad bad, mask = MSG_GOOD;

			bad = take_changed(&codec, af, KNOWN_BOOTSTRAP, 6, byte, &arena);
			assert_int_equal(bad, byte > af_bits(af) ? MSG_BAD_MASK : MSG_GOOD);
			if (byte > af_bits(af) || (af == V6 && byte >= 8 && byte < 16))
				mask = MSG_BAD_MASK;
			else if (byte < least)
				mask = MSG_BAD_GROUP;
			bad = take_changed(&codec, af, KNOWN_BOOTSTRAP, set + 3, byte, &arena);
			assert_int_equal(bad, mask);
			if (byte >= 8 && byte < 16)
				mask = MSG_GOOD;
			bad = take_changed(&codec, af, KNOWN_BOOTSTRAP, next + 3, byte, &arena);
			assert_int_equal(bad, mask);
			bad = take_changed(&codec, af, KNOWN_BOOTSTRAP, set + 2, byte, &arena);
			assert_int_equal(bad, MSG_GOOD);
			assert_int_equal(m.set[0].range.zone, byte & 1);
			assert_int_equal(m.set[0].range.bidir, byte >> 7);
			bad = take_changed(&codec, af, KNOWN_BOOTSTRAP, count, byte, &arena);
			assert_int_equal(bad, byte < 2 ? MSG_BAD_LENGTH : MSG_GOOD);
			bad = take_changed(&codec, af, KNOWN_BOOTSTRAP, count + 1, byte, &arena);
			assert_int_equal(bad == MSG_GOOD, byte == 2);
		}
	}
	arena_free(&arena);
}

/* PIM-166: who is a BSR or RP is a host of the family; a range is one of groups */
static void addresses_that_are_none(void **state)
{
	static const char *const none[NFAMILIES][3] = { { "0.0.0.0", "224.1.1.1", "127.0.0.1" },
							{ "::", "ff0e::1", "::1" } };
	struct arena arena = arena_init(MSG_ARENA), small = arena_init(64);
	struct arena sets_only = arena_init(160);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_BOOTSTRAP);
		uint8_t wire[256];

		for (unsigned i = 0; i < 4; i++) {
			struct ip ip = i < 3 ? (ip_parse(none[af][i], &ip), ip) : host(!af, 1);
			enum msg_bad want = i < 3 ? MSG_BAD_ADDRESS : MSG_BAD_FAMILY;
			struct msg_rp rp = { ip, 1000, 0 };
			struct msg_rp_set set = { { { group(af, 1), 16 }, 0, 0 }, 1, &rp, 1 };
			size_t len;

			m = (struct msg_bootstrap){ .bsr = ip };
			len = encode(&ends, wire, sizeof(wire));
			assert_int_equal(receive(&codec, &ends, wire, len, &arena), want);
			m = (struct msg_bootstrap){ .bsr = host(af, 1), .set = &set, .nsets = 1 };
			len = encode(&ends, wire, sizeof(wire));
			if (i < 3)
				assert_int_equal(receive(&codec, &ends, wire, len, &arena), want);
			rp.ip = host(af, 1);
			set.range.prefix.ip = ip;
			m = (struct msg_bootstrap){ .bsr = host(af, 1), .set = &set, .nsets = 1 };
			len = encode(&ends, wire, sizeof(wire));
			if (i != 1)
				assert_int_equal(receive(&codec, &ends, wire, len, &arena),
						 i < 3 ? MSG_BAD_GROUP : MSG_BAD_FAMILY);
		}
		take_known(&codec, af, KNOWN_BOOTSTRAP, &arena);
		assert_int_equal(take_changed(&codec, af, KNOWN_BOOTSTRAP, 0, 0x24, &small),
				 MSG_BAD_MEMORY);
		assert_int_equal(take_changed(&codec, af, KNOWN_BOOTSTRAP, 0, 0x24, &sets_only),
				 MSG_BAD_MEMORY);
	}
	arena_free(&arena);
	arena_free(&small);
	arena_free(&sets_only);
}

/* PIM-163: no range is all of them; but it is not to be sent */
static void candidate_without_a_range(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_CANDIDATE_RP);
		uint8_t wire[256];
		size_t len = 8 + msg_unicast_size(af);

		unhex(pim_known[KNOWN_CANDIDATE][af], wire, sizeof(wire));
		wire[4] = 0;
		assert_int_equal(take(&candidates, af, wire, len, &arena), MSG_GOOD);
		assert_int_equal(candidate.nranges, 0);
		assert_int_equal(encode_candidate(&ends, wire, sizeof(wire)), 0);
	}
	arena_free(&arena);
}

/* More ranges than a message counts, or than it has room for, are several messages. */
static void candidate_of_many_ranges(void **state)
{
	static struct msg_range ranges[600];
	static uint8_t wire[65536];
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct msg_ends ends = pim_ends(af, MSG_CANDIDATE_RP);
		size_t before = 8 + msg_unicast_size(af);

		for (unsigned i = 0; i < NELEMS(ranges); i++)
			ranges[i] = (struct msg_range){ { group(af, i), af_bits(af) },
							i % 2,
							false };
		for (unsigned fit = 1; fit < 400; fit += 7) {
			struct msg_candidate all = { 7, 1500, host(af, 1), ranges, NELEMS(ranges) };
			size_t room = before + fit * msg_group_size(af) + 3, len;
			unsigned at = 0, n = 0;

			while ((len = msg_candidate_encode(&ends, &all, &at, wire, room))) {
				assert_true(len <= room);
				assert_int_equal(receive(&candidates, &ends, wire, len, &arena),
						 MSG_GOOD);
				assert_int_equal(candidate.priority, 7);
				assert_int_equal(candidate.holdtime, 2000);
				assert_true(candidate.nranges <= fit && candidate.nranges < 256);
				for (unsigned i = 0; i < candidate.nranges; i++)
					assert_range(&candidate.range[i], &ranges[n++]);
				assert_int_equal(at, n);
			}
			assert_int_equal(n, NELEMS(ranges));
		}
	}
	arena_free(&arena);
}

#define SETS 8
#define RPS 20

/* PIM-157: a set that fits is not split, and each fragment begins with the zone */
static void random_fragments(void **state)
{
	static struct msg_rp rps[SETS][RPS];
	static uint8_t wire[65536];
	struct arena arena = arena_init(MSG_ARENA);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 5059);
	for (unsigned round = 0; round < 3000; round++) {
		enum af af = round % 2;
		struct msg_ends ends = pim_ends(af, MSG_BOOTSTRAP);
		size_t head = 8 + msg_unicast_size(af), each = msg_group_size(af) + 4;
		size_t rp = msg_unicast_size(af) + 4, len;
		size_t room = head + 2 * each + rp + rng_below(&rng, 600);
		struct msg_rp_set sets[SETS];
		struct msg_bootstrap all = { .tag = rng_below(&rng, 65536),
					     .hash_len = rng_below(&rng, 33),
					     .priority = rng_below(&rng, 256),
					     .bsr = host(af, 1 + rng_below(&rng, 9)),
					     .set = sets,
					     .nsets = 1 + rng_below(&rng, SETS) };
		bool zone = rng_below(&rng, 2), first = true;
		struct msg_bootstrap_place at = { 0 };
		unsigned now = 0, done = 0;

		for (unsigned i = 0; i < all.nsets; i++) {
			unsigned n = rng_below(&rng, RPS + 1);

			sets[i] = (struct msg_rp_set){
				{ { group(af, 256 + i), af_bits(af) }, 0, 0 }, n, rps[i], n
			};
			sets[i].range.zone = zone && !i;
			for (unsigned j = 0; j < n; j++)
				rps[i][j] = (struct msg_rp){ host(af, 1 + j),
							     rng_below(&rng, 65536) * 1000,
							     rng_below(&rng, 256) };
		}
		for (; (len = msg_bootstrap_encode(&ends, &all, &at, wire, room)); first = false) {
			unsigned i = zone && !first;

			assert_true(len <= room);
			assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
			assert_int_equal(m.tag, all.tag);
			assert_int_equal(m.hash_len, all.hash_len);
			assert_int_equal(m.priority, all.priority);
			assert_ip(m.bsr, all.bsr);
			assert_true(m.nsets > i);
			assert_range(&m.set[0].range, zone ? &sets[0].range : &sets[now].range);
			if (i)
				assert_int_equal(m.set[0].nrps, 0);
			for (; i < m.nsets; i++) {
				const struct msg_rp_set *set = &m.set[i];
				bool fits = head + each + (zone && !first ? each : 0) +
						    sets[now].nrps * rp <=
					    room;

				assert_range(&set->range, &sets[now].range);
				assert_int_equal(set->all, sets[now].all);
				assert_true(!fits || set->nrps == sets[now].nrps || done);
				for (unsigned j = 0; j < set->nrps; j++)
					assert_rp(&set->rp[j], &rps[now][done++]);
				if (done == sets[now].nrps)
					now++, done = 0;
				else
					assert_int_equal(i, m.nsets - 1);
			}
		}
		assert_true(at.end);
		assert_int_equal(now, all.nsets);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_bootstrap),
		cmocka_unit_test(known_empty_bootstrap),
		cmocka_unit_test(known_candidate),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(no_forward),
		cmocka_unit_test(fields_that_lie),
		cmocka_unit_test(addresses_that_are_none),
		cmocka_unit_test(candidate_without_a_range),
		cmocka_unit_test(candidate_of_many_ranges),
		cmocka_unit_test(random_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
