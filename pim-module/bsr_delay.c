/* bsr_delay.c - how long a candidate waits before it is bootstrap router (RFC 5059 5)
 *
 * In fixed point: floating point would give other times with other compilers.
 */
#include "bsr.h"

/* Seconds, and logarithms, are in parts of 1 << FRACTION. */
#define FRACTION 24
#define ONE (INT64_C(1) << FRACTION)

/* An unsigned number of 128 bits. */
struct wide {
	uint64_t high, low;
};

static struct wide wide_of(struct ip ip)
{
	bool v4 = ip_family(ip) == V4;

	return (struct wide){ v4 ? 0 : ip_half(&ip, 0),
			      v4 ? ip_half(&ip, 1) & UINT32_MAX : ip_half(&ip, 1) };
}

static struct wide minus(struct wide a, struct wide b)
{
	return (struct wide){ a.high - b.high - (a.low < b.low), a.low - b.low };
}

/* log2(n), @n not 0. */
static int64_t log_of(struct wide n)
{
	unsigned bits = n.high ? 127 - __builtin_clzll(n.high) : 63 - __builtin_clzll(n.low);
	unsigned up = 127 - bits;
	int64_t value = bits;
	uint64_t x;

	/* n / 2^bits, from 1 to 2, in parts of 1 << 31 */
	if (up >= 64)
		x = n.low << (up - 64) >> 32;
	else
		x = (up ? n.high << up | n.low >> (64 - up) : n.high) >> 32;
	for (unsigned i = 0; i < FRACTION; i++) {
		x = x * x >> 31;
		value <<= 1;
		if (x >> 32) {
			value |= 1;
			x >>= 1;
		}
	}
	return value;
}

/* log2(1 + n), @n not the highest. */
static int64_t log_next(struct wide n)
{
	n.low++;
	n.high += !n.low;
	return log_of(n);
}

static int64_t address_delay(struct ip own, struct ip best, bool is_equal)
{
	bool v4 = ip_family(own) == V4;
	struct wide n = wide_of(own);

	if (is_equal)
		return log_next(minus(wide_of(best), n)) / (v4 ? 16 : 64);
	/* 2 - own / 2^31, or 2^127 */
	return 2 * ONE - (int64_t)((v4 ? n.low << 32 : n.high) >> (63 - FRACTION));
}

int64_t bsr_rand_override(const struct bsr_weight *own, const struct bsr_weight *stored)
{
	uint8_t best = own->priority;
	struct ip ip = own->ip;
	int64_t delay;

	if (!ip_is_any(stored->ip)) {
		if (stored->priority > best)
			best = stored->priority;
		if (ip_cmp(stored->ip, ip) > 0)
			ip = stored->ip;
	}
	delay = 5 * ONE + 2 * log_next((struct wide){ 0, best - own->priority }) +
		address_delay(own->ip, ip, best == own->priority);
	return (delay * 1000 + ONE / 2) >> FRACTION;
}
