/* pim_bsr_delay_test.c - how long a candidate waits, beside what it is (RFC 5059 5) */
#include "pim-module/bsr.h"
#include "unit/pim.h"

/* Of us and of who is known; in ms, by the formula in decimals of eighty digits. */
static const struct {
	unsigned priority;
	const char *own;
	unsigned stored_priority;
	const char *stored;
	int64_t ms;
} delays[] = {
	{ 64, "10.0.0.1", 0, "", 5000 },
	{ 64, "10.0.0.1", 64, "10.0.0.1", 5000 },
	{ 64, "10.0.0.1", 64, "10.0.0.2", 5063 },
	{ 64, "10.0.0.1", 64, "10.0.0.4", 5125 },
	{ 64, "10.0.0.1", 64, "10.0.1.0", 5500 },
	{ 64, "10.0.0.1", 64, "192.168.255.254", 6970 },
	{ 64, "0.0.0.1", 64, "255.255.255.255", 7000 },
	{ 64, "10.0.0.9", 64, "10.0.0.1", 5000 },
	{ 64, "10.0.0.9", 20, "192.0.2.1", 6969 },
	{ 63, "10.0.0.1", 64, "10.0.0.2", 8922 },
	{ 0, "0.0.0.1", 255, "10.0.0.2", 23000 },
	{ 0, "255.255.255.255", 255, "10.0.0.2", 21000 },
	{ 100, "128.0.0.1", 103, "10.0.0.2", 10000 },
	{ 37, "172.16.31.7", 192, "10.0.0.2", 20227 },
	{ 1, "223.255.255.254", 2, "1.0.0.1", 7250 },
	{ 64, "2001:db8::1", 0, "", 5000 },
	{ 64, "2001:db8::1", 64, "2001:db8::2", 5016 },
	{ 64, "2001:db8::1", 64, "2001:db8::1:1", 5250 },
	{ 64, "2001:db8::1", 64, "2001:db8:0:1::", 6000 },
	{ 64, "2001:db8::ffff:ffff:ffff:ffff", 64, "2001:db8:0:1::1", 5025 },
	{ 64, "2001:db8::1", 64, "fd00:1234:5678:9abc:def0:1:2:3", 6997 },
	{ 64, "::1", 64, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 7000 },
	{ 0, "::1", 255, "2001:db8::1", 23000 },
	{ 0, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 255, "2001:db8::1", 21000 },
	{ 192, "2001:db8::1", 200, "2001:db8::2", 13090 },
	{ 5, "fd00::1", 250, "2001:db8::2", 20908 },
	{ 5, "8000::", 6, "2001:db8::2", 8000 },
};

static void known_delays(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(delays); i++) {
		struct bsr_weight own = { delays[i].priority, ip(delays[i].own) };
		struct bsr_weight stored = { delays[i].stored_priority, ip_any(V4) };

		if (*delays[i].stored)
			stored.ip = ip(delays[i].stored);
		assert_int_equal(bsr_rand_override(&own, &stored), delays[i].ms);
	}
}

/* RFC 5059 5: from 5 to 23 s, and who is better waits no longer. */
static void delays_are_in_range(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	for (unsigned n = 0; n < 200000; n++) {
		enum af af = rng_below(&rng, 2);
		struct bsr_weight weight[3];
		int64_t ms[2];

		for (unsigned i = 0; i < NELEMS(weight); i++) {
			weight[i] = (struct bsr_weight){ rng_u64(&rng), ip_any(af) };
			for (unsigned k = 16 - af_size(af); k < 16; k++)
				weight[i].ip.b[k] = rng_u64(&rng);
			weight[i].ip.b[15] |= 1;
		}
		if (rng_below(&rng, 2))
			weight[1].priority = weight[0].priority;
		for (unsigned i = 0; i < 2; i++) {
			ms[i] = bsr_rand_override(&weight[i], &weight[2]);
			assert_in_range(ms[i], 5000, 23000);
		}
		if (weight[0].priority == weight[1].priority)
			assert_true(ip_cmp(weight[0].ip, weight[1].ip) < 0 ? ms[0] >= ms[1]
									   : ms[0] <= ms[1]);
		else if (weight[2].priority >= weight[0].priority &&
			 weight[2].priority >= weight[1].priority)
			assert_true(weight[0].priority < weight[1].priority
					    ? ms[0] + 2000 >= ms[1]
					    : ms[0] <= ms[1] + 2000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-155: BS_Rand_Override, of known values", known_delays, NULL, NULL, NULL },
		{ "PIM-155: it is from 5 to 23 s", delays_are_in_range, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
