/* tree.c - ordered trees: libite's red-black ones, compiled once for all types */
#include "tree.h"

static struct tree *tree_of(struct tree_nodes *nodes)
{
	return container_of(nodes, struct tree, nodes);
}

/* The order is the tree's own: what is generated calls the tree that it works on head. */
RB_GENERATE_STATIC(tree_nodes, tree_node, link, tree_of(head)->cmp)

static struct tree_nodes *nodes_of(const struct tree *tree)
{
	return (struct tree_nodes *)&tree->nodes;
}

struct tree_node *tree_insert(struct tree *tree, struct tree_node *node)
{
	return RB_INSERT(tree_nodes, &tree->nodes, node);
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
	RB_REMOVE(tree_nodes, &tree->nodes, node);
}

struct tree_node *tree_find(const struct tree *tree, const struct tree_node *key)
{
	return RB_FIND(tree_nodes, nodes_of(tree), (struct tree_node *)key);
}

struct tree_node *tree_nfind(const struct tree *tree, const struct tree_node *key)
{
	return RB_NFIND(tree_nodes, nodes_of(tree), (struct tree_node *)key);
}

struct tree_node *tree_min(const struct tree *tree)
{
	return RB_MIN(tree_nodes, nodes_of(tree));
}

struct tree_node *tree_max(const struct tree *tree)
{
	return RB_MAX(tree_nodes, nodes_of(tree));
}

struct tree_node *tree_next(const struct tree_node *node)
{
	return RB_NEXT(tree_nodes, NULL, (struct tree_node *)node);
}

struct tree_node *tree_prev(const struct tree_node *node)
{
	return RB_PREV(tree_nodes, NULL, (struct tree_node *)node);
}
