/* net.c - networks under one virtual clock: nodes, and the time they share */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "igmpproxy/codec.h"
#include "pim-module/msg.h"
#include "sim/net_state.h"

void net_die(const char *what, const char *name)
{
	fprintf(stderr, "net: %s %s\n", what, name);
	abort();
}

struct net *net_new(const struct net_options *options)
{
	struct net *n = xcalloc(1, sizeof(*n));

	n->options = *options;
	clock_init(&n->clock, 0);
	rng_seed(&n->rng, options->seed);
	n->arena = arena_init(MSG_ARENA > GM_ARENA ? MSG_ARENA : GM_ARENA);
	TAILQ_INIT(&n->links);
	TAILQ_INIT(&n->nodes);
	TAILQ_INIT(&n->pictures);
	TAILQ_INIT(&n->bound.ways);
	TAILQ_INIT(&n->bound.touches);
	net_modules_linked(n);
	return n;
}

bool net_word(const char **list, char word[64])
{
	size_t len;

	*list += strspn(*list, " ");
	len = strcspn(*list, " ");
	if (len >= 64)
		net_die("too long:", *list);
	memcpy(word, *list, len);
	word[len] = '\0';
	*list += len;
	return len;
}

static struct net_node *find(struct net *n, const char *name)
{
	struct net_node *node;

	TAILQ_FOREACH(node, &n->nodes, link) {
		if (!strcmp(node->name, name))
			break;
	}
	return node;
}

struct net_node *net_node_find(struct net *n, const char *name)
{
	struct net_node *node = find(n, name);

	if (!node)
		net_die("no node", name);
	return node;
}

struct net_router *net_router_find(struct net *n, const char *name)
{
	struct net_node *node = net_node_find(n, name);

	if (!node->router)
		net_die("no router", name);
	return node->router;
}

struct net_host *net_host_find(struct net *n, const char *name)
{
	struct net_node *node = net_node_find(n, name);

	if (!node->host)
		net_die("no host", name);
	return node->host;
}

struct net_port *net_port_find(struct net_node *node, const char *link)
{
	struct net_port *port;

	TAILQ_FOREACH(port, &node->ports, on_node) {
		if (!strcmp(port->link->name, link))
			return port;
	}
	net_die("no port on", link);
}

struct ip net_ip(struct net *n, const char *text, enum af af)
{
	struct ip ip;

	if (ip_parse(text, &ip))
		return ip;
	return net_address(net_host_find(n, text)->port, af, false);
}

/* Nodes */

static void due(struct timer *timer)
{
	struct net_node *node = container_of(timer, struct net_node, due);

	net_enter(node);
	net_leave_node(node);
}

void net_node_init(struct net *n, struct net_node *node, const char *name)
{
	if (find(n, name))
		net_die("twice:", name);
	node->net = n;
	snprintf(node->name, sizeof(node->name), "%s", name);
	clock_init(&node->clock, n->clock.now);
	timer_init(&node->due, due);
	TAILQ_INIT(&node->ports);
	TAILQ_INSERT_TAIL(&n->nodes, node, link);
}

void net_enter(struct net_node *node)
{
	node->net->figures.events++;
	clock_advance(&node->clock, node->net->clock.now);
}

void net_leave_node(struct net_node *node)
{
	struct net *n = node->net;
	int64_t next;

	if (node->router)
		net_router_work(node->router);
	else
		net_host_work(node->host);
	next = clock_next(&node->clock);
	if (next == CLOCK_NEVER)
		timer_stop(&n->clock, &node->due);
	else if (!timer_is_running(&node->due) || node->due.due != next)
		timer_start(&n->clock, &node->due, next - n->clock.now);
}

/* Time */

void net_run(struct net *n, int64_t ms)
{
	clock_advance(&n->clock, n->clock.now + ms);
}

int64_t net_now(const struct net *n)
{
	return n->clock.now;
}

/* The end */

void net_end(struct net *n)
{
	struct net_node *node;

	net_pictures_free(n);
	for (unsigned i = 0; i < n->nstreams; i++)
		timer_stop(&n->clock, &n->streams[i]->next);
	TAILQ_FOREACH(node, &n->nodes, link) {
		if (node->router)
			net_router_end(node->router);
		else
			net_host_end(node->host);
		timer_stop(&n->clock, &node->due);
		if (node->clock.n)
			net_complain(n, "%s: %u timers are left", node->name, node->clock.n);
	}
	net_run(n, SEC(60)); /* what is under way arrives at nobody */
	if (n->clock.n)
		net_complain(n, "%u timers of the network are left", n->clock.n);
}

void net_free(struct net *n)
{
	struct net_node *node, *after;
	struct net_link *l;

	net_pictures_free(n);
	TAILQ_FOREACH_SAFE(node, &n->nodes, link, after) {
		if (node->router)
			net_router_free(node->router);
		else
			net_host_free(node->host);
	}
	net_streams_free(n);
	while ((l = TAILQ_FIRST(&n->links)))
		net_link_free(n, l);
	net_bound_free(n);
	free(n->anycast);
	arena_free(&n->arena);
	buf_free(&n->log);
	buf_free(&n->complaints);
	buf_free(&n->reply);
	clock_free(&n->clock);
	free(n);
}

struct net_figures net_figures(const struct net *n)
{
	return n->figures;
}
