/* map.c - a hash table of objects that hold their own link */
#include <stdlib.h>

#include "map.h"

void map_free(struct map *map)
{
	free(map->bucket);
	*map = (struct map){ 0 };
}

struct map_node *map_find(const struct map *map, uint32_t hash,
			  bool (*is)(const struct map_node *, const void *key), const void *key)
{
	struct map_node *node = map->size ? map->bucket[hash & (map->size - 1)] : NULL;

	while (node && (node->hash != hash || !is(node, key)))
		node = node->next;
	return node;
}

static void link_node(struct map *map, struct map_node *node)
{
	struct map_node **bucket = &map->bucket[node->hash & (map->size - 1)];

	node->next = *bucket;
	*bucket = node;
}

static void grow(struct map *map)
{
	struct map old = *map;

	map->size = old.size ? old.size * 2 : 16;
	map->bucket = xcalloc(map->size, sizeof(struct map_node *));
	for (unsigned i = 0; i < old.size; i++) {
		struct map_node *next;

		for (struct map_node *node = old.bucket[i]; node; node = next) {
			next = node->next;
			link_node(map, node);
		}
	}
	free(old.bucket);
}

void map_add(struct map *map, struct map_node *node, uint32_t hash)
{
	if (map->n >= map->size)
		grow(map);
	node->hash = hash;
	link_node(map, node);
	map->n++;
}

void map_remove(struct map *map, struct map_node *node)
{
	struct map_node **at = &map->bucket[node->hash & (map->size - 1)];

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	map->n--;
}
