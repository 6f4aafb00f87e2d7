/* net_host.c - hosts: what they want to hear, and what they send */
#include <stdlib.h>
#include <string.h>

#include "sim/net_state.h"

/* Far enough for every network, so that a packet that goes in a circle is one for sure. */
#define TTL 255

void net_host(struct net *n, const char *name, const char *link)
{
	struct net_host *h = xcalloc(1, sizeof(*h));

	h->node.host = h;
	net_node_init(n, &h->node, name);
	h->port = net_port_new(&h->node, link);
	rng_seed(&h->rng, rng_u64(&n->rng));
	h->version[V4] = h->version[V6] = 3;
	TAILQ_INIT(&h->wants);
}

void net_version(struct net *n, const char *host, enum af af, unsigned version)
{
	net_host_find(n, host)->version[af] = version;
	n->has_old |= version < 3;
}

/* Wants */

static struct net_want *want_find(const struct net_host *h, struct ip group)
{
	struct net_want *w;

	TAILQ_FOREACH(w, &h->wants, link) {
		if (ip_eq(w->m.group, group))
			break;
	}
	return w;
}

static void want_free(struct net_host *h, struct net_want *w)
{
	TAILQ_REMOVE(&h->wants, w, link);
	free((struct ip *)w->m.source);
	free(w);
}

static void want_set(struct net_host *h, const struct membership *m)
{
	struct net_want *w = want_find(h, m->group);
	struct ip *source;

	if (w)
		want_free(h, w);
	if (m->mode == FILTER_INCLUDE && !m->nsources)
		return;
	w = xcalloc(1, sizeof(*w));
	source = xcalloc(m->nsources + 1, sizeof(*source));
	if (m->nsources)
		memcpy(source, m->source, m->nsources * sizeof(*source));
	w->m = *m;
	w->m.source = source;
	TAILQ_INSERT_TAIL(&h->wants, w, link);
}

bool net_wants(const struct net_host *h, struct sg sg)
{
	const struct net_want *w = want_find(h, sg.grp);
	bool listed = false;

	if (!w)
		return false;
	for (unsigned i = 0; i < w->m.nsources && !listed; i++)
		listed = ip_eq(w->m.source[i], sg.src);
	return listed == (w->m.mode == FILTER_INCLUDE);
}

bool net_wants_any(const struct net_host *h, struct ip group)
{
	return want_find(h, group);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ip));
}

void net_filter(struct net *n, const char *host, const char *group, enum filter_mode mode,
		const char *sources)
{
	struct net_host *h = net_host_find(n, host);
	struct membership m = { .mode = mode };
	struct ip source[64];
	char word[64];
	enum af af;

	if (!ip_parse(group, &m.group))
		net_die("no group:", group);
	af = ip_family(m.group);
	net_log(n, host, "wants of %s %s%s", group,
		mode == FILTER_INCLUDE ? (*sources ? "only " : "nothing")
				       : (*sources ? "all but " : "all"),
		sources);
	m.source = source;
	while (net_word(&sources, word) && m.nsources < NELEMS(source))
		source[m.nsources++] = net_ip(n, word, af);
	qsort(source, m.nsources, sizeof(*source), compare);
	want_set(h, &m);
	net_check_wants(h);
	net_enter(&h->node);
	gm_host_set(&net_gm(h->port, af, h->version[af], &h->rng)->host, &m);
	net_leave_node(&h->node);
}

void net_join(struct net *n, const char *host, const char *source, const char *group)
{
	bool any = !strcmp(source, "*");

	net_filter(n, host, group, any ? FILTER_EXCLUDE : FILTER_INCLUDE, any ? "" : source);
}

void net_leave(struct net *n, const char *host, const char *group)
{
	net_filter(n, host, group, FILTER_INCLUDE, "");
}

void net_host_work(struct net_host *h)
{
	net_gm_work(h->port);
}

void net_host_receive(struct net_port *port, const struct net_frame *f)
{
	struct net_host *h = port->node->host;

	if (!f->control) {
		if (net_wants(h, f->data.sg))
			net_check_got(h, &f->data);
		return;
	}
	if (!port->gm[ip_family(f->packet.dst)])
		return;
	net_enter(&h->node);
	net_gm_receive(port, &f->packet);
	net_leave_node(&h->node);
}

void net_host_end(struct net_host *h)
{
	net_gm_free(h->port);
}

void net_host_free(struct net_host *h)
{
	net_gm_free(h->port);
	while (!TAILQ_EMPTY(&h->wants))
		want_free(h, TAILQ_FIRST(&h->wants));
	for (unsigned i = 0; i < h->ncounts; i++) {
		free(h->counts[i].copies);
		free(h->counts[i].due.packet);
	}
	free(h->counts);
	timer_stop(&h->node.net->clock, &h->node.due);
	clock_free(&h->node.clock);
	TAILQ_REMOVE(&h->node.net->nodes, &h->node, link);
	free(h);
}

/* Streams */

static void send_one(struct timer *timer)
{
	struct net_stream *s = container_of(timer, struct net_stream, next);
	struct net *n = s->host->node.net;
	struct sim_packet packet = {
		.af = ip_family(s->sg.grp), .sg = s->sg, .ttl = TTL, .len = 100, .id = ++s->sent
	};

	packet.id |= (uint64_t)s->number << 32;
	if (s->begins)
		net_bound_begins(s);
	s->begins = false;
	net_bound_sent(s);
	net_send_data(s->host->port, &packet);
	timer_start(&n->clock, &s->next, s->every);
}

static struct net_stream *stream_find(const struct net *n, struct sg sg)
{
	for (unsigned i = 0; i < n->nstreams; i++) {
		if (sg_eq(n->streams[i]->sg, sg))
			return n->streams[i];
	}
	return NULL;
}

void net_send(struct net *n, const char *host, const char *group, int64_t every)
{
	struct net_host *h = net_host_find(n, host);
	struct net_stream *s;
	struct sg sg;

	if (!ip_parse(group, &sg.grp))
		net_die("no group:", group);
	sg.src = net_address(h->port, ip_family(sg.grp), false);
	net_log(n, host, every ? "sends to %s" : "sends no longer to %s", group);
	s = stream_find(n, sg);
	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->host = h;
		s->sg = sg;
		s->number = n->nstreams;
		timer_init(&s->next, send_one);
		n->streams = xrealloc(n->streams, (n->nstreams + 1) * sizeof(struct net_stream *));
		n->streams[n->nstreams++] = s;
	}
	s->begins |= every && !s->every;
	s->every = every;
	if (every)
		timer_start(&n->clock, &s->next, every);
	else
		timer_stop(&n->clock, &s->next);
}

void net_streams_free(struct net *n)
{
	for (unsigned i = 0; i < n->nstreams; i++) {
		timer_stop(&n->clock, &n->streams[i]->next);
		free(n->streams[i]->at);
		free(n->streams[i]);
	}
	free(n->streams);
}

unsigned long net_received(struct net *n, const char *host, const char *source, const char *group)
{
	struct net_host *h = net_host_find(n, host);
	const struct net_stream *s;
	struct sg sg;

	if (!ip_parse(group, &sg.grp))
		net_die("no group:", group);
	sg.src = net_ip(n, source, ip_family(sg.grp));
	s = stream_find(n, sg);
	return s && s->number < h->ncounts ? h->counts[s->number].received : 0;
}
