/* ctl_meter_test.c - test packets: their form; losses, duplicates, reordering and delays */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../smcroutectl/meter.h"
#include "lib/rng.h"

static const uint8_t packet[PROBE_SIZE] = {
	's',  'm',  'c',  'k',	1,    0,    0,	  0,	0xde, 0xad, 0xbe, 0xef, 0x01, 0x02,
	0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x18, 0x79, 0x6f, 0x0d, 0x5a, 0x3b, 0x2c, 0x1d,
};

static const struct probe meaning = {
	.stream = 0xdeadbeef,
	.number = 0x0102030405060708,
	.time = 0x18796f0d5a3b2c1d,
};

static void known_bytes_are_read_and_written(void **state)
{
	uint8_t data[PROBE_SIZE];
	struct wr w = wr_init(data, sizeof(data));
	struct probe probe;

	(void)state;
	assert_true(probe_decode(rd_init(packet, sizeof(packet)), &probe));
	assert_int_equal(probe.stream, meaning.stream);
	assert_int_equal(probe.number, meaning.number);
	assert_int_equal(probe.time, meaning.time);
	probe_encode(&w, &meaning);
	assert_int_equal(wr_len(&w), PROBE_SIZE);
	assert_memory_equal(data, packet, PROBE_SIZE);
}

static void others_are_refused(void **state)
{
	uint8_t data[PROBE_SIZE];
	struct probe probe;

	(void)state;
	for (size_t len = 0; len < PROBE_SIZE; len++)
		assert_false(probe_decode(rd_init(packet, len), &probe));
	for (size_t i = 0; i < 5; i++) {
		memcpy(data, packet, PROBE_SIZE);
		data[i] ^= 1;
		assert_false(probe_decode(rd_init(data, PROBE_SIZE), &probe));
	}
}

static void take(struct meter *m, uint32_t stream, uint64_t number, int64_t delay)
{
	struct probe probe = { .stream = stream, .number = number, .time = 1000000 };

	meter_packet(m, ip_v4(0x0a000001), 100, &probe, probe.time + delay);
}

static void gaps_duplicates_and_stragglers_are_told_apart(void **state)
{
	static const uint64_t numbers[] = { 10, 11, 13, 12, 13, 16, 9, 16, 20 };
	struct meter m = { 0 };

	(void)state;
	for (size_t i = 0; i < NELEMS(numbers); i++)
		take(&m, 1, numbers[i], 5);
	assert_int_equal(m.packets, 9);
	assert_int_equal(m.bytes, 900);
	assert_int_equal(m.duplicated, 2);
	assert_int_equal(m.reordered, 2);
	assert_int_equal(m.nstreams, 1);
	assert_int_equal(m.stream[0]->first, 9);
	assert_int_equal(m.stream[0]->last, 20);
	assert_int_equal(meter_lost(&m), 12 - 7);
	meter_free(&m);
}

static void a_huge_gap_forgets_the_window(void **state)
{
	struct meter m = { 0 };

	(void)state;
	take(&m, 1, 0, 1);
	take(&m, 1, 5, 1);
	take(&m, 1, 5 + METER_WINDOW, 1);
	assert_int_equal(m.duplicated, 0);
	take(&m, 1, 6, 1);
	assert_int_equal(m.duplicated, 0);
	assert_int_equal(m.reordered, 1);
	take(&m, 1, 6, 1);
	assert_int_equal(m.duplicated, 1);
	take(&m, 1, UINT64_MAX, 1);
	assert_int_equal(meter_lost(&m), UINT64_MAX - 5 + 1);
	meter_free(&m);
}

static void the_window_is_used_again(void **state)
{
	struct meter m = { 0 };

	(void)state;
	for (uint64_t n = 0; n < 3 * METER_WINDOW; n += 1 + n % 3)
		take(&m, 1, n, 1);
	assert_int_equal(m.duplicated, 0);
	assert_int_equal(m.reordered, 0);
	meter_free(&m);
}

/* Numbers in a random order within a window, against a plain list. */
static void random_orders_agree_with_a_list(void **state)
{
	static bool came[4096];
	struct meter m = { 0 };
	struct rng rng;
	unsigned n = 0, duplicated = 0, reordered = 0, last = 0, first = 4096, unique = 0;

	(void)state;
	rng_seed(&rng, 7);
	memset(came, 0, sizeof(came));
	while (n < 20000) {
		unsigned number = rng_below(&rng, 4096);

		take(&m, 3, number, 1);
		if (n++ && !came[number] && number < last)
			reordered++;
		duplicated += came[number];
		unique += !came[number];
		came[number] = true;
		last = number > last ? number : last;
		first = number < first ? number : first;
	}
	assert_int_equal(m.duplicated, duplicated);
	assert_int_equal(m.reordered, reordered);
	assert_int_equal(meter_lost(&m), last - first + 1 - unique);
	meter_free(&m);
}

static void streams_are_counted_apart(void **state)
{
	struct meter m = { 0 };
	struct probe probe = { .stream = 1 };

	(void)state;
	take(&m, 1, 0, 1);
	take(&m, 2, 7, 1);
	meter_packet(&m, ip_v4(0x0a000002), 100, &probe, 1);
	take(&m, 1, 1, 1);
	take(&m, 2, 9, 1);
	assert_int_equal(m.nstreams, 3);
	assert_int_equal(m.reordered, 0);
	assert_int_equal(meter_lost(&m), 1);
	for (unsigned i = 0; i < 100; i++)
		take(&m, 100 + i, 0, 1);
	assert_int_equal(m.nstreams, METER_STREAMS);
	assert_int_equal(m.unnumbered, 100 - (METER_STREAMS - 3));
	meter_packet(&m, ip_v4(1), 50, NULL, 0);
	assert_int_equal(m.unnumbered, 100 - (METER_STREAMS - 3) + 1);
	assert_int_equal(m.packets, 106);
	meter_free(&m);
}

static void assert_near(int64_t value, int64_t want)
{
	assert_in_range(value, want - want / 32 - 1, want + want / 32 + 1);
}

static void delays_are_ranked(void **state)
{
	struct meter m = { 0 };

	(void)state;
	assert_int_equal(meter_delay(&m, 500), 0);
	for (int i = 1; i <= 1000; i++)
		take(&m, 1, i, (int64_t)i * 1000);
	assert_int_equal(m.delay_min, 1000);
	assert_int_equal(m.delay_max, 1000000);
	assert_near(meter_delay(&m, 500), 500000);
	assert_near(meter_delay(&m, 990), 990000);
	assert_near(meter_delay(&m, 1), 1000);
	assert_int_equal(meter_delay(&m, 1000), 1000000);
	meter_free(&m);
}

static void every_delay_has_a_bucket(void **state)
{
	(void)state;
	for (int64_t delay = 1; delay > 0 && delay < INT64_MAX / 2; delay += delay / 3 + 1) {
		struct meter m = { 0 };

		take(&m, 1, 0, 0);
		take(&m, 1, 1, delay);
		take(&m, 1, 2, INT64_MAX - 1000000);
		assert_near(meter_delay(&m, 500), delay);
		meter_free(&m);
	}
}

static void clocks_apart_give_negative_delays(void **state)
{
	struct meter m = { 0 };

	(void)state;
	take(&m, 1, 0, -500);
	assert_int_equal(m.delay_min, -500);
	assert_int_equal(meter_delay(&m, 500), -500);
	take(&m, 1, 1, INT64_MIN);
	take(&m, 1, 2, INT64_MAX - 2000000);
	assert_int_equal(m.ndelays, 3);
	meter_free(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_bytes_are_read_and_written),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(gaps_duplicates_and_stragglers_are_told_apart),
		cmocka_unit_test(a_huge_gap_forgets_the_window),
		cmocka_unit_test(the_window_is_used_again),
		cmocka_unit_test(random_orders_agree_with_a_list),
		cmocka_unit_test(streams_are_counted_apart),
		cmocka_unit_test(delays_are_ranked),
		cmocka_unit_test(every_delay_has_a_bucket),
		cmocka_unit_test(clocks_apart_give_negative_delays),
	};

	return cmocka_run_group_tests_name("test packets", tests, NULL, NULL);
}
