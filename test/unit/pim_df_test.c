/* pim_df_test.c - election of the designated forwarder: Offer, Winner, Backoff, Pass */
#include "pim-module/msg_df.h"
#include "unit/pim.h"

static struct msg_df m;

static enum msg_bad decode(struct msg_rd *r, struct arena *arena)
{
	(void)arena;
	return msg_df_decode(r, &m);
}

static size_t encode(const struct msg_ends *ends, void *data, size_t size)
{
	return msg_df_encode(ends, &m, data, size);
}

static const struct codec codec = { decode, encode };

/* PIM-184 */
static void known_elections(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (enum msg_df_kind kind = DF_OFFER; kind <= DF_PASS; kind++) {
			enum pim_known known = KNOWN_OFFER + kind - DF_OFFER;
			bool other = kind >= DF_BACKOFF;

			take_known(&codec, af, known, &arena);
			assert_int_equal(m.kind, kind);
			assert_ip(m.rp, host(af, 9));
			assert_int_equal(m.sender.preference, 110);
			assert_int_equal(m.sender.metric, 20);
			if (other)
				assert_ip(m.other, ip(af == V4 ? "10.0.0.2" : "fe80::2"));
			else
				assert_ip(m.other, ip_any(af));
			assert_int_equal(m.offered.preference, other ? 90 : 0);
			assert_int_equal(m.offered.metric, other ? 10 : 0);
			assert_int_equal(m.interval, kind == DF_BACKOFF ? 1000 : 0);
			assert_encoded(&codec, af, known);
			assert_room(&codec, af, known);
			assert_no_beginning(&codec, af, known, NULL);
		}
	}
	arena_free(&arena);
}

/* RFC 8736 4.2: four bits of subtype, of which four are known; the others are reserved */
static void subtypes(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned flags = 0; flags < 256; flags++) {
			unsigned kind = flags >> 4;
			enum msg_bad bad = take_changed(&codec, af, KNOWN_BACKOFF, 1, flags,
							&arena);

			assert_int_equal(bad, kind && kind < 5 ? MSG_GOOD : MSG_BAD_TYPE);
			if (!bad)
				assert_int_equal(m.kind, kind);
		}
	}
	arena_free(&arena);
}

static void random_round_trips(void **state)
{
	struct arena arena = arena_init(MSG_ARENA);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 5015);
	for (unsigned i = 0; i < 4000; i++) {
		enum af af = i % 2;
		struct msg_ends ends = pim_ends(af, MSG_DF_ELECTION);
		struct msg_df want;
		uint8_t wire[128];
		size_t len;

		memset(&want, 0, sizeof(want));
		want.kind = 1 + rng_below(&rng, 4);
		want.rp = host(af, 1 + rng_below(&rng, 1 << 24));
		want.sender = (struct msg_df_metric){ rng_u64(&rng), rng_u64(&rng) };
		want.other = ip_any(af);
		if (want.kind >= DF_BACKOFF) {
			want.other = host(af, 1 + rng_below(&rng, 1 << 24));
			want.offered = (struct msg_df_metric){ rng_u64(&rng), rng_u64(&rng) };
		}
		if (want.kind == DF_BACKOFF)
			want.interval = rng_u64(&rng);
		m = want;
		len = encode(&ends, wire, sizeof(wire));
		assert_int_equal(receive(&codec, &ends, wire, len, &arena), MSG_GOOD);
		assert_int_equal(m.kind, want.kind);
		assert_ip(m.rp, want.rp);
		assert_ip(m.other, want.other);
		assert_memory_equal(&m.sender, &want.sender, sizeof(m.sender));
		assert_memory_equal(&m.offered, &want.offered, sizeof(m.offered));
		assert_int_equal(m.interval, want.interval);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_elections),
		cmocka_unit_test(subtypes),
		cmocka_unit_test(random_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
