/* map.h - a hash table of objects that hold their own link
 *
 * For exact lookup only: there is no way to walk it, so that no hash order can reach a wire, a
 * log or the kernel. The table grows by doubling and does not own what it holds.
 */
#ifndef SMCKIT_MAP_H
#define SMCKIT_MAP_H

#include "util.h"

struct map_node {
	struct map_node *next;
	uint32_t hash;
};

struct map {
	struct map_node **bucket;
	unsigned n, size; /* size is 0 or a power of two */
};

/* Frees the buckets. */
void map_free(struct map *map);

/* The first object with that hash for which @is says yes, or NULL. */
struct map_node *map_find(const struct map *map, uint32_t hash,
			  bool (*is)(const struct map_node *, const void *key), const void *key);

void map_add(struct map *map, struct map_node *node, uint32_t hash);

/* @node must be in the map. */
void map_remove(struct map *map, struct map_node *node);

#endif
