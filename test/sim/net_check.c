/* net_check.c - what must hold of every network: who gets what, and which links carry it */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/net_state.h"

/* Until the last packet of a check has arrived. */
#define LAST SEC(5)

/* Complaints that are kept; more of them say no more. */
#define MAXCOMPLAINTS 20

void net_complain(struct net *n, const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	net_log(n, "net", "WRONG: %s", line);
	if (n->ncomplaints++ < MAXCOMPLAINTS)
		buf_printf(&n->complaints, "%lld s: %s\n", (long long)(n->clock.now / 1000), line);
}

const char *net_complaints(const struct net *n)
{
	return n->ncomplaints ? buf_at(&n->complaints) : "";
}

/* What happens to packets */

struct net_count *net_count_of(struct net_host *h, unsigned stream)
{
	if (stream >= h->ncounts) {
		unsigned more = stream + 1;

		h->counts = xrealloc(h->counts, more * sizeof(*h->counts));
		memset(h->counts + h->ncounts, 0, (more - h->ncounts) * sizeof(*h->counts));
		h->ncounts = more;
	}
	return &h->counts[stream];
}

/* Counts the copies of a packet from @begin on. */
static void count_copy(struct net_count *c, uint32_t begin, uint32_t number)
{
	uint32_t at = number - begin;

	if (at >= c->size) {
		uint32_t size = at + 64;

		c->copies = xrealloc(c->copies, size);
		memset(c->copies + c->size, 0, size - c->size);
		c->size = size;
	}
	if (c->copies[at] < UINT8_MAX)
		c->copies[at]++;
}

static bool is_in_check(const struct net_stream *s, uint32_t number)
{
	return s->host->node.net->checking && number >= s->begin && number < s->end;
}

/* A packet that is not the next one. */
static void out_of_order(struct net_host *h, const struct net_stream *s, uint32_t number,
			 uint32_t last)
{
	struct net *n = h->node.net;

	net_log(n, h->node.name, "gets %s number %u%s", sg_str(&s->sg), number,
		number > last ? "" : " late or twice");
	if (n->is_strict && last)
		net_complain(n, "%s: gets number %u of %s behind number %u", h->node.name, number,
			     sg_str(&s->sg), last);
}

void net_check_got(struct net_host *h, const struct sim_packet *packet)
{
	struct net *n = h->node.net;
	const struct net_stream *s = n->streams[packet->id >> 32];
	struct net_count *c = net_count_of(h, s->number);
	uint32_t number = packet->id;

	n->figures.received++;
	c->received++;
	if (!c->last || number != c->last + 1)
		out_of_order(h, s, number, c->last);
	else if (net_logs(n, NET_LOG_ALL))
		net_log(n, h->node.name, "gets %s number %u", sg_str(&s->sg), number);
	c->last = number;
	net_bound_got(h, s, number);
	if (is_in_check(s, number))
		count_copy(c, s->begin, number);
}

/* Of what it does not want the next packet that it gets is a first one again. */
void net_check_wants(struct net_host *h)
{
	net_bound_wants(h);
	for (unsigned i = 0; i < h->ncounts; i++) {
		if (!net_wants(h, h->node.net->streams[i]->sg))
			h->counts[i].last = 0;
	}
}

void net_may_circle(struct net *n, bool may)
{
	n->may_circle = may;
}

void net_strict(struct net *n, bool strict)
{
	n->is_strict = strict;
}

void net_check_sent(struct net_port *port, const struct sim_packet *packet)
{
	struct net *n = port->node->net;
	unsigned stream = packet->id >> 32;

	net_bound_carried(port, packet);
	if (!port->node->router || !is_in_check(n->streams[stream], packet->id))
		return;
	if (stream >= port->ncarried) {
		unsigned more = n->nstreams;

		port->carried = xrealloc(port->carried, more * sizeof(*port->carried));
		memset(port->carried + port->ncarried, 0,
		       (more - port->ncarried) * sizeof(*port->carried));
		port->ncarried = more;
	}
	port->carried[stream]++;
}

void net_check_forwarded(struct net_router *r, const struct sim_packet *packet)
{
	if (packet->passed[r->number / 8] >> r->number % 8 & 1 && !r->node.net->may_circle)
		net_complain(r->node.net, "%s: sends %s number %u again, which came in a circle",
			     r->node.name, sg_str(&packet->sg), (unsigned)packet->id);
}

/* A check */

static bool is_alive(const struct net_node *node)
{
	return node->router && (node->router->r || node->router->inherits);
}

struct walk {
	struct net *net;
	struct net_node *queue[NET_MAXROUTERS + 1];
	unsigned n;
};

/* What hears a port, and is not marked yet. */
static void mark_from(struct walk *w, const struct net_port *port)
{
	struct net_port *to;

	TAILQ_FOREACH(to, &port->link->ports, on_link) {
		struct net_node *node = to->node;

		if (!net_reaches(port, to) || node->mark == w->net->mark)
			continue;
		node->mark = w->net->mark;
		if (is_alive(node))
			w->queue[w->n++] = node;
	}
}

/* Marks the nodes that can be reached from the port, but by way of its own node. */
static void mark_behind(struct net_port *port)
{
	struct walk w = { .net = port->node->net };

	w.net->mark++;
	port->node->mark = w.net->mark;
	mark_from(&w, port);
	for (unsigned i = 0; i < w.n; i++) {
		TAILQ_FOREACH(port, &w.queue[i]->ports, on_node)
			mark_from(&w, port);
	}
}

/* Old hosts cannot say whom they want to hear: who is on a link with them gets all of the group. */
static bool may_want(const struct net_host *h, const struct sg *sg)
{
	return net_wants(h, *sg) || (h->node.net->has_old && net_wants_any(h, sg->grp));
}

/* Whether somebody wants it who can be reached from the port. */
static bool is_wanted_behind(struct net_port *port, const struct net_stream *s)
{
	struct net *n = port->node->net;
	struct net_node *node;

	mark_behind(port);
	TAILQ_FOREACH(node, &n->nodes, link) {
		if (node->host && node->mark == n->mark && may_want(node->host, &s->sg))
			return true;
	}
	return false;
}

static void judge_host(struct net_host *h, const struct net_stream *s)
{
	const struct net_count *c = net_count_of(h, s->number);
	unsigned missing = 0, twice = 0, first = 0;

	for (uint32_t at = 0; at < s->end - s->begin; at++) {
		unsigned copies = at < c->size ? c->copies[at] : 0;

		if (copies != 1 && !missing && !twice)
			first = s->begin + at;
		missing += !copies;
		twice += copies > 1;
	}
	if (missing || twice)
		net_complain(h->node.net,
			     "%s: of %u packets of %s %u did not come and %u came twice, first "
			     "number %u",
			     h->node.name, s->end - s->begin, sg_str(&s->sg), missing, twice,
			     first);
}

static void judge_listeners(struct net *n, const struct net_stream *s)
{
	struct net_node *node;

	mark_behind(s->host->port);
	TAILQ_FOREACH(node, &n->nodes, link) {
		if (node->host && node->mark == n->mark && node->host != s->host &&
		    net_wants(node->host, s->sg) && net_bound_due(node->host, s))
			judge_host(node->host, s);
	}
}

static void judge_links(struct net *n, const struct net_stream *s)
{
	struct net_port *port;

	for (unsigned i = 0; i < n->nrouters && !n->is_static; i++) {
		TAILQ_FOREACH(port, &n->routers[i]->node.ports, on_node) {
			if (s->number >= port->ncarried || !port->carried[s->number] ||
			    port->upstream || is_wanted_behind(port, s))
				continue;
			net_complain(n, "%s: sends %u packets of %s to %s, where nobody wants them",
				     port->node->name, port->carried[s->number], sg_str(&s->sg),
				     port->link->name);
		}
	}
}

static void check_begin(struct net *n)
{
	struct net_node *node;
	struct net_port *port;

	for (unsigned i = 0; i < n->nstreams; i++) {
		n->streams[i]->begin = n->streams[i]->sent + 1;
		n->streams[i]->end = UINT32_MAX;
	}
	TAILQ_FOREACH(node, &n->nodes, link) {
		for (unsigned i = 0; node->host && i < node->host->ncounts; i++) {
			free(node->host->counts[i].copies);
			node->host->counts[i].copies = NULL;
			node->host->counts[i].size = 0;
		}
		TAILQ_FOREACH(port, &node->ports, on_node) {
			free(port->carried);
			port->carried = NULL;
			port->ncarried = 0;
		}
	}
	n->checking = true;
}

void net_check_listeners(struct net *n, int64_t ms)
{
	net_log(n, "net", "looks at what is sent");
	check_begin(n);
	net_run(n, ms);
	for (unsigned i = 0; i < n->nstreams; i++)
		n->streams[i]->end = n->streams[i]->sent + 1;
	net_run(n, LAST);
	n->checking = false;
	for (unsigned i = 0; i < n->nstreams; i++)
		judge_listeners(n, n->streams[i]);
}

void net_check(struct net *n, int64_t ms)
{
	net_check_listeners(n, ms);
	for (unsigned i = 0; i < n->nstreams; i++)
		judge_links(n, n->streams[i]);
}

void net_static(struct net *n)
{
	n->is_static = true;
}

void net_upstream(struct net *n, const char *router, const char *links)
{
	struct net_node *node = net_node_find(n, router);
	struct net_port *port;
	char name[64];

	TAILQ_FOREACH(port, &node->ports, on_node)
		port->upstream = false;
	while (net_word(&links, name))
		net_port_find(node, name)->upstream = true;
}

static void complain_entry(void *arg, const struct sim_entry *entry)
{
	struct net_router *r = arg;

	net_complain(r->node.net, "%s: has an entry of %s still", r->node.name, sg_str(&entry->sg));
}

static void complain_member(void *arg, const struct membership *m)
{
	struct net_router *r = arg;

	net_complain(r->node.net, "%s: is a member of %s still", r->node.name, ip_str(m->group));
}

/* Tables of groups that must not have a row. */
static void judge_table(struct net_router *r, const char *request)
{
	const char *reply = net_ask(r->node.net, r->node.name, request);
	const char *row = strstr(reply, "\"group\":");

	if (row)
		net_complain(r->node.net, "%s: %s has a row still, %.*s", r->node.name, request,
			     (int)strcspn(row, ","), row);
}

void net_check_idle(struct net *n)
{
	for (unsigned i = 0; i < n->nrouters; i++) {
		struct net_router *r = n->routers[i];
		struct net_port *port;

		judge_table(r, "show groups");
		judge_table(r, "show proxy groups");
		for (enum af af = V4; af < NFAMILIES; af++) {
			sim_entries(r->k, af, complain_entry, r);
			TAILQ_FOREACH(port, &r->node.ports, on_node)
				sim_members(r->k, port->ifindex, af, complain_member, r);
			if (sim_unresolved(r->k, af))
				net_complain(n, "%s: packets wait for an entry", r->node.name);
		}
	}
}

void net_check_gone(struct net *n, const char *router, const char *module)
{
	static const char *const requests[] = { "show modules", "show routes", "show config" };
	struct net_router *r = net_router_find(n, router);
	struct net_port *port;

	for (unsigned i = 0; i < NELEMS(requests); i++) {
		if (strstr(net_ask(n, router, requests[i]), module))
			net_complain(n, "%s: %s tells of %s still", router, requests[i], module);
	}
	TAILQ_FOREACH(port, &r->node.ports, on_node) {
		for (enum af af = V4; af < NFAMILIES; af++) {
			if (sim_listens(r->k, af, port->ifindex, LISTEN_PIM))
				net_complain(n, "%s: listens on %s still", router,
					     port->link->name);
		}
	}
}
