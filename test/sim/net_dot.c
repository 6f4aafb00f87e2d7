/* net_dot.c - a picture of where a stream goes at a moment, for Graphviz */
#include <stdio.h>
#include <stdlib.h>

#include "sim/net_state.h"

struct net_picture {
	TAILQ_ENTRY(net_picture) link;
	struct net *net; /* not ours */
	struct timer timer;
	char source[64], group[64], file[256];
};

static void draw_host(FILE *out, const struct net_host *h, struct sg sg)
{
	bool sends = ip_eq(net_address(h->port, ip_family(sg.grp), false), sg.src);

	fprintf(out, "\t\"%s\" [shape=plain%s]\n", h->node.name,
		sends		   ? ", fontcolor=red"
		: net_wants(h, sg) ? ", fontcolor=blue"
				   : "");
	fprintf(out, "\t\"%s\" -> \"link %s\" [dir=none]\n", h->node.name, h->port->link->name);
}

/* Its links, those that the stream comes in and goes out by as arrows. */
static void draw_router(FILE *out, const struct net_router *r, struct sg sg)
{
	const struct net_port *port, *in;

	fprintf(out, "\t\"%s\" [shape=box%s]\n", r->node.name, r->r ? "" : ", style=dashed");
	TAILQ_FOREACH(port, &r->node.ports, on_node) {
		bool comes = false, goes = false;

		TAILQ_FOREACH(in, &r->node.ports, on_node) {
			comes |= sim_forwards(r->k, sg, port->ifindex, in->ifindex);
			goes |= sim_forwards(r->k, sg, in->ifindex, port->ifindex);
		}
		fprintf(out, "\t\"link %s\" -> \"%s\" [dir=%s%s]\n", port->link->name, r->node.name,
			comes  ? "forward"
			: goes ? "back"
			       : "none",
			comes || goes	  ? ", color=red"
			: net_is_up(port) ? ""
					  : ", style=dotted");
	}
}

static void draw(struct timer *timer)
{
	struct net_picture *picture = container_of(timer, struct net_picture, timer);
	struct net *n = picture->net;
	FILE *out = fopen(picture->file, "w");
	struct net_node *node;
	struct net_link *l;
	struct sg sg;

	if (!out)
		net_die("cannot write", picture->file);
	if (!ip_parse(picture->group, &sg.grp))
		net_die("no group:", picture->group);
	sg.src = net_ip(n, picture->source, ip_family(sg.grp));
	fprintf(out, "digraph \"%s at %lld ms\" {\n", sg_str(&sg), (long long)n->clock.now);
	TAILQ_FOREACH(l, &n->links, link)
		fprintf(out, "\t\"link %s\" [shape=ellipse, label=\"%s\"]\n", l->name, l->name);
	TAILQ_FOREACH(node, &n->nodes, link) {
		if (node->router)
			draw_router(out, node->router, sg);
		else
			draw_host(out, node->host, sg);
	}
	fputs("}\n", out);
	fclose(out);
}

void net_picture(struct net *n, int64_t at, const char *source, const char *group, const char *file)
{
	struct net_picture *picture = xcalloc(1, sizeof(*picture));

	picture->net = n;
	snprintf(picture->source, sizeof(picture->source), "%s", source);
	snprintf(picture->group, sizeof(picture->group), "%s", group);
	snprintf(picture->file, sizeof(picture->file), "%s", file);
	timer_init(&picture->timer, draw);
	timer_start(&n->clock, &picture->timer, at - n->clock.now);
	TAILQ_INSERT_TAIL(&n->pictures, picture, link);
}

void net_pictures_free(struct net *n)
{
	struct net_picture *picture;

	while ((picture = TAILQ_FIRST(&n->pictures))) {
		TAILQ_REMOVE(&n->pictures, picture, link);
		timer_stop(&n->clock, &picture->timer);
		free(picture);
	}
}
