/* tree.h - ordered trees: libite's red-black ones, compiled once for all types
 *
 *	TREE_HEAD(things);
 *	TREE_GENERATE(things, thing, order, thing_cmp)    in the file that uses it
 *
 * The macros have the names and arguments of libite's, but that the tree's name is always among
 * them. Each would else have two thousand bytes of code of its own.
 */
#ifndef SMCKIT_TREE_H
#define SMCKIT_TREE_H

#include <libite/tree.h>

#include "util.h"

struct tree_node {
	RB_ENTRY(tree_node) link;
};

RB_HEAD(tree_nodes, tree_node);

struct tree {
	struct tree_nodes nodes;
	struct tree_node *last; /* inserted last, or its neighbor if that has gone; may be NULL */
	int (*cmp)(const struct tree_node *a, const struct tree_node *b);
};

/* Takes no search where the node belongs behind the one inserted last: what comes in order. */
struct tree_node *tree_insert(struct tree *tree, struct tree_node *node);
void tree_remove(struct tree *tree, struct tree_node *node);
struct tree_node *tree_find(const struct tree *tree, const struct tree_node *key);
struct tree_node *tree_nfind(const struct tree *tree, const struct tree_node *key);
struct tree_node *tree_min(const struct tree *tree);
struct tree_node *tree_max(const struct tree *tree);
struct tree_node *tree_next(const struct tree_node *node);
struct tree_node *tree_prev(const struct tree_node *node);

#define TREE_HEAD(name)           \
	struct name {             \
		struct tree tree; \
	}

/* The object is a struct @type whose member @field is a struct tree_node; @cmp compares two. */
#define TREE_GENERATE(name, type, field, cmp)                                                \
	static inline int name##_order(const struct tree_node *a, const struct tree_node *b) \
	{                                                                                    \
		return cmp(container_of(a, struct type, field),                              \
			   container_of(b, struct type, field));                             \
	}                                                                                    \
	static inline struct type *name##_object(struct tree_node *node)                     \
	{                                                                                    \
		return node ? container_of(node, struct type, field) : NULL;                 \
	}                                                                                    \
	static inline struct tree_node *name##_node(const struct type *object)               \
	{                                                                                    \
		return (struct tree_node *)&object->field;                                   \
	}

#define TREE_INIT(name, head) \
	((head)->tree = (struct tree){ .nodes = RB_INITIALIZER(0), .cmp = name##_order })
#define TREE_EMPTY(head) RB_EMPTY(&(head)->tree.nodes)

/* NULL, or the object that is there in its place. */
#define TREE_INSERT(name, head, object) \
	name##_object(tree_insert(&(head)->tree, name##_node(object)))
#define TREE_REMOVE(name, head, object) tree_remove(&(head)->tree, name##_node(object))

/* What is equal to the key; the first that is not before it; NULL if there is none. */
#define TREE_FIND(name, head, key) name##_object(tree_find(&(head)->tree, name##_node(key)))
#define TREE_NFIND(name, head, key) name##_object(tree_nfind(&(head)->tree, name##_node(key)))

/* Any, the first, the last, and the neighbors; NULL if there is none. */
#define TREE_ANY(name, head) name##_object(RB_ROOT(&(head)->tree.nodes))
#define TREE_MIN(name, head) name##_object(tree_min(&(head)->tree))
#define TREE_MAX(name, head) name##_object(tree_max(&(head)->tree))
#define TREE_NEXT(name, object) name##_object(tree_next(name##_node(object)))
#define TREE_PREV(name, object) name##_object(tree_prev(name##_node(object)))
#define TREE_FOREACH(object, name, head) \
	for (object = TREE_MIN(name, head); object; object = TREE_NEXT(name, object))
#define TREE_FOREACH_REVERSE(object, name, head) \
	for (object = TREE_MAX(name, head); object; object = TREE_PREV(name, object))

#endif
