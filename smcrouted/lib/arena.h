/* arena.h - memory for what lives as long as one message: taken piece by piece, given back whole
 *
 * Its size is a bound on what one message can make us hold. It is one block, which the system
 * backs as far as it was used.
 */
#ifndef SMCKIT_ARENA_H
#define SMCKIT_ARENA_H

#include "util.h"

struct arena {
	uint8_t *data; /* owned */
	size_t used, size;
};

/* At most @size bytes, what is lost to alignment included; the block is made at the first need. */
static inline struct arena arena_init(size_t size)
{
	return (struct arena){ .size = size };
}

void arena_free(struct arena *arena);

/* All that was taken is gone. */
static inline void arena_reset(struct arena *arena)
{
	arena->used = 0;
}

/*
 * Zeroed memory for @n objects of @size bytes, aligned for any of them; NULL if there is not that
 * much left. For no object it is NULL or not, and nothing is to be written there.
 */
void *arena_take(struct arena *arena, size_t n, size_t size);

#endif
