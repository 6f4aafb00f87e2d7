/* net_bound.c - what must hold while things happen: who is served, until when again, how often
 *
 * Each packet is due at each host that wants it, unless something on a way to it is broken, or was
 * touched less than a bound ago. What is no way to it must not matter, so ways are taken
 * exactly: a router or link is on one if some path from the source to the host, which passes
 * nothing twice, goes through it.
 */
#include <stdlib.h>

#include "sim/net_state.h"

/* Until a packet that was sent has arrived wherever it does. */
#define FLIGHT SEC(5)

/* Of a packet: that it is due, above the number of copies that came. */
#define DUE 0x80

/* Ways: bits of links and routers. */
#define WORDS ((NET_MAXLINKS + NET_MAXROUTERS + 63) / 64)

struct net_ways {
	TAILQ_ENTRY(net_ways) link;
	const struct net_link *from, *to; /* not ours */
	uint64_t on[WORDS];
	bool lead; /* there is one */
	bool anywhere;
	bool intact;
	unsigned epoch; /* of the network, when that was so */
};

/* Somewhere it was different; either may be NULL. */
struct net_touch {
	TAILQ_ENTRY(net_touch) link;
	const struct net_router *at;   /* not ours */
	const struct net_link *around; /* not ours */
	int64_t until;
};

/* Of a link: the last packets, and how often routers sent each of them there. */
struct net_copies {
	uint64_t id;
	unsigned n;
};

#define NCOPIES 256

static unsigned vertex_of_link(const struct net_link *l)
{
	return l->number - 1;
}

static unsigned vertex_of_router(const struct net_router *r)
{
	return NET_MAXLINKS + r->number;
}

static bool is_on(const struct net_ways *w, unsigned vertex)
{
	return w->on[vertex / 64] >> vertex % 64 & 1;
}

/* Ways. With an edge between both ends, they are the block that it is in (Tarjan). */

struct search {
	unsigned order[64 * WORDS], low[64 * WORDS]; /* from 1, when they were found */
	unsigned found;
	unsigned stack[64 * WORDS], depth;
};

static void search_link(struct search *s, const struct net_link *l);
static void search_router(struct search *s, const struct net_router *r);

static void enter(struct search *s, unsigned vertex)
{
	s->order[vertex] = s->low[vertex] = ++s->found;
	s->stack[s->depth++] = vertex;
}

/* Comes back to a vertex from the next one: what hangs on it alone is no part of the block. */
static void come_back(struct search *s, unsigned vertex, unsigned next)
{
	if (s->low[next] < s->low[vertex])
		s->low[vertex] = s->low[next];
	if (s->low[next] < s->order[vertex])
		return;
	while (s->stack[--s->depth] != next)
		;
}

static void see(struct search *s, unsigned vertex, unsigned next)
{
	if (s->order[next] < s->low[vertex])
		s->low[vertex] = s->order[next];
}

static void search_link(struct search *s, const struct net_link *l)
{
	unsigned vertex = vertex_of_link(l);
	const struct net_port *port;

	enter(s, vertex);
	TAILQ_FOREACH(port, &l->ports, on_link) {
		const struct net_router *r = port->node->router;

		if (r && s->order[vertex_of_router(r)]) {
			see(s, vertex, vertex_of_router(r));
		} else if (r) {
			search_router(s, r);
			come_back(s, vertex, vertex_of_router(r));
		}
	}
}

static void search_router(struct search *s, const struct net_router *r)
{
	unsigned vertex = vertex_of_router(r);
	const struct net_port *port;

	enter(s, vertex);
	TAILQ_FOREACH(port, &r->node.ports, on_node) {
		if (s->order[vertex_of_link(port->link)]) {
			see(s, vertex, vertex_of_link(port->link));
		} else {
			search_link(s, port->link);
			come_back(s, vertex, vertex_of_link(port->link));
		}
	}
}

static void find_ways(struct net_ways *w)
{
	struct search s = { .found = 0 };

	enter(&s, vertex_of_link(w->from));
	if (w->from != w->to)
		search_link(&s, w->to);
	for (unsigned i = 0; i < s.depth; i++)
		w->on[s.stack[i] / 64] |= 1ull << s.stack[i] % 64;
	w->lead = w->from == w->to || s.depth > 2;
}

static struct net_ways *ways_between(struct net *n, const struct net_link *from,
				     const struct net_link *to)
{
	struct net_ways *w;

	TAILQ_FOREACH(w, &n->bound.ways, link) {
		if (w->from == from && w->to == to)
			return w;
	}
	w = xcalloc(1, sizeof(*w));
	w->from = from;
	w->to = to;
	w->epoch = n->bound.epoch - 1;
	w->anywhere = n->bound.of.anywhere;
	find_ways(w);
	TAILQ_INSERT_TAIL(&n->bound.ways, w, link);
	return w;
}

static bool is_poor(const struct net_link *l)
{
	return l->quality.loss || l->quality.duplicate || l->quality.reorder;
}

static bool is_router_well(const struct net_ways *w, const struct net_router *r)
{
	const struct net_port *port;

	if (!r->r)
		return false;
	TAILQ_FOREACH(port, &r->node.ports, on_node) {
		if (is_on(w, vertex_of_link(port->link)) && (!net_is_up(port) || port->apart))
			return false;
	}
	return true;
}

static bool look(const struct net *n, const struct net_ways *w)
{
	const struct net_link *l;

	TAILQ_FOREACH(l, &n->links, link) {
		if (is_on(w, vertex_of_link(l)) && (!l->up || is_poor(l)))
			return false;
	}
	for (unsigned i = 0; i < n->nrouters; i++) {
		if (is_on(w, vertex_of_router(n->routers[i])) && !is_router_well(w, n->routers[i]))
			return false;
	}
	return w->lead;
}

static bool is_intact(struct net *n, struct net_ways *w)
{
	if (w->epoch != n->bound.epoch)
		w->intact = look(n, w);
	w->epoch = n->bound.epoch;
	return w->intact;
}

/* What is due */

static bool is_touched(const struct net_ways *w, const struct net_touch *t)
{
	if (w->anywhere)
		return true;
	return (!t->at || is_on(w, vertex_of_router(t->at))) &&
	       (!t->around || is_on(w, vertex_of_link(t->around)));
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When packets of a stream are due that begins now: what happened before counts too. */
static int64_t begins(const struct net_stream *s, const struct net_due *due)
{
	const struct net *n = s->host->node.net;
	int64_t from = s->begun + n->bound.of.begin;
	const struct net_touch *t;

	TAILQ_FOREACH(t, &n->bound.touches, link) {
		if (is_touched(due->ways, t))
			from = later(from, t->until);
	}
	return from;
}

static struct net_due *due_of(struct net_host *h, const struct net_stream *s)
{
	struct net *n = h->node.net;
	struct net_due *due = &net_count_of(h, s->number)->due;

	if (due->ways)
		return due;
	due->ways = ways_between(n, s->host->port->link, h->port->link);
	due->wants = net_wants(h, s->sg);
	due->from = later(h->asked + n->bound.of.join, n->bound.since + n->bound.of.heal);
	due->from = later(due->from, begins(s, due));
	return due;
}

void net_due(struct net *n, net_is_due *is_due, void *arg)
{
	n->bound.is_due = is_due;
	n->bound.arg = arg;
	n->bound.epoch++;
}

bool net_bound_due(struct net_host *h, const struct net_stream *s)
{
	struct net *n = h->node.net;
	struct net_due *due = &net_count_of(h, s->number)->due;

	if (!n->bound.is_due)
		return true;
	if (due->epoch != n->bound.epoch)
		due->said = n->bound.is_due(n->bound.arg, h->node.name, s->sg);
	due->epoch = n->bound.epoch;
	return due->said;
}

static uint8_t *packet_of(struct net_due *due, uint32_t number)
{
	if (number >= due->size) {
		uint32_t size = 2 * number + 64;

		due->packet = xrealloc(due->packet, size);
		memset(due->packet + due->size, 0, size - due->size);
		due->size = size;
	}
	return &due->packet[number];
}

static bool is_well(const struct net_port *port)
{
	return net_is_up(port) && !port->apart;
}

void net_bound_sent(struct net_stream *s)
{
	struct net *n = s->host->node.net;
	struct net_node *node;

	if (!n->bound.on)
		return;
	if (s->sent >= s->nat) {
		uint32_t more = 2 * s->sent + 64;

		s->at = xrealloc(s->at, more * sizeof(*s->at));
		memset(s->at + s->nat, 0, (more - s->nat) * sizeof(*s->at));
		s->nat = more;
	}
	s->at[s->sent] = n->clock.now;
	TAILQ_FOREACH(node, &n->nodes, link) {
		struct net_due *due;

		if (!node->host || node->host == s->host)
			continue;
		due = due_of(node->host, s);
		if (due->wants && n->clock.now >= due->from && is_well(s->host->port) &&
		    is_well(node->host->port) && is_intact(n, due->ways) &&
		    net_bound_due(node->host, s))
			*packet_of(due, s->sent) |= DUE;
	}
}

void net_bound_got(struct net_host *h, const struct net_stream *s, uint32_t number)
{
	uint8_t *packet;

	if (!h->node.net->bound.on)
		return;
	packet = packet_of(&net_count_of(h, s->number)->due, number);
	*packet += (*packet & ~DUE) < DUE - 1;
}

/* Packets are due again from then on; those that are on their way may be lost. */
static void excuse(const struct net_stream *s, struct net_due *due, int64_t from)
{
	int64_t now = s->host->node.net->clock.now;

	due->from = later(due->from, from);
	for (uint32_t i = s->sent; i && i < due->size && s->at && s->at[i] > now - FLIGHT; i--)
		due->packet[i] &= ~DUE;
}

void net_bound_wants(struct net_host *h)
{
	struct net *n = h->node.net;

	h->asked = n->clock.now;
	for (unsigned i = 0; i < n->nstreams && n->bound.on; i++) {
		struct net_due *due = due_of(h, n->streams[i]);
		bool wants = net_wants(h, n->streams[i]->sg);

		if (wants != due->wants)
			excuse(n->streams[i], due, h->asked + n->bound.of.join);
		due->wants = wants;
	}
}

void net_bound_begins(struct net_stream *s)
{
	struct net *n = s->host->node.net;
	struct net_node *node;

	s->begun = n->clock.now;
	TAILQ_FOREACH(node, &n->nodes, link) {
		struct net_due *due;

		if (!node->host || !n->bound.on)
			continue;
		due = due_of(node->host, s);
		excuse(s, due, begins(s, due));
	}
}

/* Those that are over are forgotten. */
static void keep_touch(struct net *n, const struct net_touch *touch)
{
	struct net_touch *t, *next;

	TAILQ_FOREACH_SAFE(t, &n->bound.touches, link, next) {
		if (t->until > n->clock.now)
			continue;
		TAILQ_REMOVE(&n->bound.touches, t, link);
		free(t);
	}
	t = xcalloc(1, sizeof(*t));
	*t = *touch;
	TAILQ_INSERT_TAIL(&n->bound.touches, t, link);
}

void net_bound_touch(struct net *n, const struct net_router *r, const struct net_link *l,
		     int64_t ms, enum net_touched how)
{
	struct net_touch touch = { .at = r, .around = l, .until = n->clock.now + ms };
	struct net_node *node;

	n->bound.epoch++;
	if (!n->bound.on)
		return;
	keep_touch(n, &touch);
	if (how == NET_BEGINS)
		return;
	TAILQ_FOREACH(node, &n->nodes, link) {
		for (unsigned i = 0; node->host && i < n->nstreams; i++) {
			struct net_due *due = due_of(node->host, n->streams[i]);

			if (is_touched(due->ways, &touch))
				excuse(n->streams[i], due, touch.until);
		}
	}
}

void net_touch(struct net *n, const char *router, const char *link, int64_t ms)
{
	net_bound_touch(n, router ? net_router_find(n, router) : NULL,
			link ? net_link_of(n, link) : NULL, ms, NET_ALL);
}

/* Copies on links */

void net_bound_carried(struct net_port *port, const struct sim_packet *packet)
{
	struct net *n = port->node->net;
	struct net_link *l = port->link;
	struct net_copies *c;

	if (!n->bound.on || !port->node->router || n->clock.now < n->bound.doubled)
		return;
	if (!l->copies)
		l->copies = xcalloc(NCOPIES, sizeof(*l->copies));
	c = &l->copies[(packet->id ^ packet->id >> 28) % NCOPIES];
	if (c->id != packet->id)
		*c = (struct net_copies){ .id = packet->id };
	if (++c->n == n->bound.of.copies + 1)
		net_complain(n, "%s: carries %s number %u more than %u times", l->name,
			     sg_str(&packet->sg), (unsigned)packet->id, n->bound.of.copies);
}

void net_bound_quality(struct net *n, const struct net_link *l)
{
	if (l->quality.duplicate)
		n->bound.doubled = CLOCK_NEVER;
	net_bound_touch(n, NULL, l, n->bound.of.relearn, NET_ALL);
}

/* The whole */

static void judge(struct net_host *h, const struct net_stream *s)
{
	const struct net_due *due = &net_count_of(h, s->number)->due;
	const struct net *n = h->node.net;
	unsigned missing = 0, twice = 0, run = 0;
	uint32_t first = 0;

	for (uint32_t i = 1; i <= s->sent && i < due->size; i++) {
		unsigned copies = due->packet[i] & ~DUE;

		if (!(due->packet[i] & DUE) || s->at[i] > n->clock.now - FLIGHT ||
		    (copies && copies <= n->bound.of.copies)) {
			run = 0;
			continue;
		}
		run = copies ? 0 : run + 1;
		if (run && run <= n->bound.of.spare)
			continue;
		first = missing || twice ? first : i;
		missing += run == n->bound.of.spare + 1 ? run : !copies;
		twice += copies > 1;
	}
	if (missing || twice)
		net_complain(h->node.net,
			     "%s: of %s %u packets that were due did not come, %u came twice, "
			     "first number %u of %.3f s",
			     h->node.name, sg_str(&s->sg), missing, twice, first,
			     s->at[first] / 1000.0);
}

static void end(struct net *n)
{
	struct net_node *node;

	for (unsigned i = 0; i < n->nstreams; i++) {
		TAILQ_FOREACH(node, &n->nodes, link) {
			if (node->host)
				judge(node->host, n->streams[i]);
		}
	}
	n->bound.on = false;
}

void net_set_bounds(struct net *n, const struct net_bounds *bounds)
{
	if (n->bound.on)
		end(n);
	if (!bounds)
		return;
	n->bound.of = *bounds;
	n->bound.since = n->clock.now;
	n->bound.on = true;
}

void net_bound_free(struct net *n)
{
	struct net_touch *t;
	struct net_ways *w;

	while ((t = TAILQ_FIRST(&n->bound.touches))) {
		TAILQ_REMOVE(&n->bound.touches, t, link);
		free(t);
	}

	while ((w = TAILQ_FIRST(&n->bound.ways))) {
		TAILQ_REMOVE(&n->bound.ways, w, link);
		free(w);
	}
}
