/* arena.c - memory for what lives as long as one message: taken piece by piece, given back whole */
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define ALIGNMENT _Alignof(max_align_t)

void arena_free(struct arena *arena)
{
	free(arena->data);
	*arena = arena_init(arena->size);
}

void *arena_take(struct arena *arena, size_t n, size_t size)
{
	size_t at = (arena->used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	if (at > arena->size || (size && n > (arena->size - at) / size))
		return NULL;
	if (!arena->data)
		arena->data = xcalloc(1, arena->size);
	arena->used = at + n * size;
	return memset(arena->data + at, 0, n * size);
}
