/* rng.h - seeded randomness: the same seed gives the same numbers everywhere */
#ifndef SMCKIT_RNG_H
#define SMCKIT_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline void rng_seed(struct rng *rng, uint64_t seed)
{
	rng->state = seed;
}

uint64_t rng_u64(struct rng *rng);

/* A number from 0 to @n - 1, each as likely as another; 0 if @n is 0. */
uint64_t rng_below(struct rng *rng, uint64_t n);

/* A time from @lo to @hi milliseconds, both included. */
int64_t rng_jitter(struct rng *rng, int64_t lo, int64_t hi);

#endif
