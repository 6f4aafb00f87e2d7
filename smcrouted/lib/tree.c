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

/* Inserts the node right behind another; false if it does not belong there. */
static bool insert_behind(struct tree *tree, struct tree_node *before, struct tree_node *node)
{
	struct tree_node *parent = before, *next;

	if (tree->cmp(before, node) >= 0)
		return false;
	next = tree_next(before);
	if (next && tree->cmp(node, next) >= 0)
		return false;
	if (!RB_RIGHT(before, link)) {
		RB_RIGHT(before, link) = node;
	} else {
		parent = next;
		RB_LEFT(next, link) = node;
	}
	RB_SET(node, parent, link);
	tree_nodes_RB_INSERT_COLOR(&tree->nodes, node);
	return true;
}

struct tree_node *tree_insert(struct tree *tree, struct tree_node *node)
{
	struct tree_node *same = NULL;

	if (!tree->last || !insert_behind(tree, tree->last, node))
		same = RB_INSERT(tree_nodes, &tree->nodes, node);
	tree->last = same ? same : node;
	return same;
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
	if (tree->last == node)
		tree->last = tree_prev(node);
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
