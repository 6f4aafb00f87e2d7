/* rng.c - seeded randomness (the SplitMix64 sequence) */
#include "rng.h"

uint64_t rng_u64(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t rng_below(struct rng *rng, uint64_t n)
{
	uint64_t least, v;

	if (!n)
		return 0;
	least = -n % n; /* 2^64 mod n: below it the numbers would come out uneven */
	do
		v = rng_u64(rng);
	while (v < least);
	return v % n;
}

int64_t rng_jitter(struct rng *rng, int64_t lo, int64_t hi)
{
	return lo + (int64_t)rng_below(rng, hi > lo ? hi - lo + 1 : 1);
}
