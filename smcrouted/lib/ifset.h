/* ifset.h - sets of interface slots as bits, so that the RFCs' set algebra is one line each */
#ifndef SMCKIT_IFSET_H
#define SMCKIT_IFSET_H

#include <stdbool.h>
#include <stdint.h>

/* Slots are numbered 0 to MAXSLOTS - 1; NOSLOT is none of them. */
#define MAXSLOTS 64
#define NOSLOT 255

struct ifset {
	uint64_t bits;
};

static inline struct ifset ifset_none(void)
{
	return (struct ifset){ 0 };
}

static inline struct ifset ifset_of(unsigned slot)
{
	return (struct ifset){ slot < MAXSLOTS ? UINT64_C(1) << slot : 0 };
}

static inline bool ifset_has(struct ifset set, unsigned slot)
{
	return slot < MAXSLOTS && set.bits >> slot & 1;
}

static inline struct ifset ifset_or(struct ifset a, struct ifset b)
{
	return (struct ifset){ a.bits | b.bits };
}

static inline struct ifset ifset_and(struct ifset a, struct ifset b)
{
	return (struct ifset){ a.bits & b.bits };
}

static inline struct ifset ifset_minus(struct ifset a, struct ifset b)
{
	return (struct ifset){ a.bits & ~b.bits };
}

/* What is in one of them alone. */
static inline struct ifset ifset_xor(struct ifset a, struct ifset b)
{
	return (struct ifset){ a.bits ^ b.bits };
}

static inline struct ifset ifset_with(struct ifset set, unsigned slot)
{
	return ifset_or(set, ifset_of(slot));
}

static inline struct ifset ifset_without(struct ifset set, unsigned slot)
{
	return ifset_minus(set, ifset_of(slot));
}

static inline bool ifset_empty(struct ifset set)
{
	return !set.bits;
}

static inline bool ifset_eq(struct ifset a, struct ifset b)
{
	return a.bits == b.bits;
}

static inline bool ifset_meet(struct ifset a, struct ifset b)
{
	return a.bits & b.bits;
}

static inline unsigned ifset_count(struct ifset set)
{
	return __builtin_popcountll(set.bits);
}

/* The lowest slot in the set, NOSLOT if it is empty. */
static inline unsigned ifset_first(struct ifset set)
{
	return set.bits ? (unsigned)__builtin_ctzll(set.bits) : NOSLOT;
}

/* The lowest slot above @slot, NOSLOT if there is none. */
static inline unsigned ifset_next(struct ifset set, unsigned slot)
{
	uint64_t above = slot + 1 < MAXSLOTS ? ~UINT64_C(0) << (slot + 1) : 0;

	return ifset_first((struct ifset){ set.bits & above });
}

/* Each slot of the set in ascending order; the set is evaluated again at each step. */
#define ifset_foreach(slot, set) \
	for (unsigned slot = ifset_first(set); slot != NOSLOT; slot = ifset_next(set, slot))

#endif
