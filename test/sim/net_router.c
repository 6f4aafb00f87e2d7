/* net_router.c - routers: the shipped ones, each over a kernel of its own with ports on links */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "mrd/mrd.h"
#include "sim/net_state.h"
#include "static/static.h"

#define CONF "/etc/smcroute.conf"

/* As the daemon has it: until memberships that nobody asked for again go. */
#define GRACE SEC(30)

/* As the daemon has them. */
static const struct module *const modules[] = { &static_module, &mrd_module, &gm_module,
						&proxy_module, NULL };

static struct net_router *router_of(struct sim_kern *k)
{
	return k->arg;
}

static struct net_port *port_of(const struct net_router *r, unsigned ifindex)
{
	struct net_port *port;

	TAILQ_FOREACH(port, &r->node.ports, on_node) {
		if (port->ifindex == ifindex)
			break;
	}
	return port;
}

/* What the kernel sends and tells */

/* It notes that it passed here. */
static void passes(struct sim_kern *k, struct sim_packet *copy)
{
	struct net_router *r = router_of(k);

	net_check_forwarded(r, copy);
	copy->passed[r->number / 8] |= 1u << r->number % 8;
}

static void out(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet)
{
	struct sim_packet copy = *packet;

	passes(k, &copy);
	net_send_data(port_of(router_of(k), ifindex), &copy);
}

static enum send_result send_out(struct sim_kern *k, enum af af, unsigned ifindex,
				 const struct packet *packet, unsigned *mtu)
{
	struct net_router *r = router_of(k);
	struct net_port *port = port_of(r, ifindex);

	if (packet->proto == PROTO_UDP)
		return SEND_FAILED;
	if (!ip_is_multicast(packet->dst))
		return net_unicast(r, ifindex, packet, mtu);
	if (!port)
		return SEND_FAILED;
	if (net_size(af, packet) > port->link->mtu) {
		if (mtu)
			*mtu = port->link->mtu;
		return SEND_TOO_BIG;
	}
	net_send_packet(port, af, packet);
	return SENT;
}

static void member(struct sim_kern *k, unsigned ifindex, const struct membership *m)
{
	struct net_router *r = router_of(k);
	struct net_gm *gm = net_gm(port_of(r, ifindex), ip_family(m->group), 3, &r->rng);

	gm_host_set(&gm->host, m);
}

/* "10.0.0.1,239.1.1.1 from a to b c" */
static void wrote(struct sim_kern *k, enum af af, struct sg sg, const struct mfc_entry *entry)
{
	struct net_router *r = router_of(k);
	char text[512];
	size_t len = 0;

	if (!net_logs(r->node.net, NET_LOG_CHANGES))
		return;
	if (!entry) {
		net_log(r->node.net, r->node.name, "%s is gone", sg_str(&sg));
		return;
	}
	*text = '\0';
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		const struct link *l = sim_link_find(k, sim_vif(k, af, vif));

		if (l && entry->ttl[vif] && len < sizeof(text) - 17)
			len += snprintf(text + len, sizeof(text) - len, " %s", l->name);
	}
	net_log(r->node.net, r->node.name, "%s from %s to%s", sg_str(&sg),
		sim_vif(k, af, entry->parent)
			? sim_link_find(k, sim_vif(k, af, entry->parent))->name
			: "nowhere",
		*text ? text : " nobody");
}

static void log_write(struct log *log, enum log_level level, const char *line)
{
	struct net_router *r = container_of(log, struct net_router, log);

	net_log(r->node.net, r->node.name, "%s: %s", log_level_name(level), line);
}

/* The process */

static void process_new(struct net_router *r)
{
	struct router_options options = {
		.config = CONF,
		.cache_idle = SEC(60),
		.seed = rng_u64(&r->rng),
		.modules = r->node.net->options.modules,
		.version = "test",
	};

	r->r = router_new(&r->k->kern, &r->node.clock, &r->log, &options);
	r->k->router = r->r;
	r->k->hold = false;
}

struct heir {
	struct net_router *r;
	enum af af;
};

static void inherit_entry(void *arg, const struct sim_entry *entry)
{
	struct heir *heir = arg;
	struct mfc_entry m = { .sg = entry->sg, .parent = entry->parent };

	memcpy(m.ttl, entry->ttl, sizeof(m.ttl));
	router_inherit_entry(heir->r->r, heir->af, &m);
}

static void inherit(struct net_router *r)
{
	for (enum af af = V4; af < NFAMILIES; af++) {
		struct heir heir = { r, af };

		for (unsigned vif = 0; vif < MAXVIFS; vif++) {
			if (sim_vif(r->k, af, vif))
				router_inherit_vif(r->r, af, vif, sim_vif(r->k, af, vif));
		}
		sim_entries(r->k, af, inherit_entry, &heir);
	}
	router_inherit_text(r->r, buf_at(&r->kept), buf_len(&r->kept));
	sim_inherit_members(r->k);
	timer_start(&r->node.clock, &r->unclaimed, GRACE);
}

static void on_unclaimed(struct timer *timer)
{
	sim_drop_unclaimed(container_of(timer, struct net_router, unclaimed)->k);
}

static void device(struct net_router *r, const struct net_port *port)
{
	struct link link = {
		.ifindex = port->ifindex,
		.name = port->link->name,
		.up = net_is_up(port),
		.multicast = true,
		.ptp = port->link->quality.ptp,
		.mtu = port->link->mtu,
	};

	sim_link(r->k, &link);
}

static void port_add(struct net_router *r, const char *link)
{
	struct net_port *port = net_port_new(&r->node, link);
	struct prefix v4 = { net_address(port, V4, false), 24 };
	struct prefix v6 = { net_address(port, V6, false), 64 };
	struct prefix local = { net_address(port, V6, true), 64 };

	port->ifindex = ++r->nports;
	device(r, port);
	sim_address(r->k, port->ifindex, &v4, true);
	sim_address(r->k, port->ifindex, &local, true);
	sim_address(r->k, port->ifindex, &v6, true);
}

void net_router(struct net *n, const char *name, const char *links, const char *conf)
{
	struct net_router *r = xcalloc(1, sizeof(*r));
	char word[64];

	if (n->nrouters == NET_MAXROUTERS)
		net_die("one router too many:", name);
	if (!n->options.modules)
		n->options.modules = modules;
	r->node.router = r;
	net_node_init(n, &r->node, name);
	r->number = n->nrouters;
	n->routers[n->nrouters++] = r;
	rng_seed(&r->rng, rng_u64(&n->rng));
	timer_init(&r->unclaimed, on_unclaimed);
	log_init(&r->log, net_logs(n, NET_LOG_ALL) ? LEVEL_DEBUG : LEVEL_WARNING, log_write);
	r->k = sim_kern_new(&r->node.clock);
	r->k->arg = r;
	r->k->out = out;
	r->k->tunnelled = passes;
	r->k->send = send_out;
	r->k->member = member;
	r->k->wrote = wrote;
	r->k->modules = n->modules;
	net_modules_of(n, conf);
	while (net_word(&links, word))
		port_add(r, word);
	sim_file(r->k, CONF, conf);
	net_start(n, name);
	net_routes_stale(n);
}

void net_start(struct net *n, const char *router)
{
	struct net_router *r = net_router_find(n, router);

	if (r->r)
		net_die("runs already:", router);
	n->bound.epoch++;
	net_log(n, router, "starts");
	net_enter(&r->node);
	process_new(r);
	sim_resync(r->k);
	if (r->inherits)
		inherit(r);
	router_start(r->r);
	net_bound_touch(n, r, NULL, n->bound.of.heal,
			r->inherits && r->died == n->clock.now ? NET_BEGINS : NET_ALL);
	r->inherits = false;
	net_leave_node(&r->node);
	buf_free(&r->kept);
	net_routes_stale(n);
}

static void process_end(struct net_router *r, enum net_death how)
{
	buf_free(&r->kept);
	timer_stop(&r->node.clock, &r->unclaimed);
	if (how == NET_STOP) {
		router_free(r->r);
	} else {
		router_handover(r->r, &r->kept);
		router_abandon(r->r);
	}
	r->r = NULL;
	r->k->router = NULL;
	r->inherits = how == NET_CRASH_KEPT;
	r->k->hold = r->inherits;
	if (!r->inherits)
		sim_process_gone(r->k);
}

void net_kill(struct net *n, const char *router, enum net_death how)
{
	static const char *const words[] = { "stops", "crashes", "crashes, and its state is kept" };
	struct net_router *r = net_router_find(n, router);

	if (!r->r)
		net_die("does not run:", router);
	net_log(n, router, "%s", words[how]);
	net_enter(&r->node);
	process_end(r, how);
	net_leave_node(&r->node);
	r->died = n->clock.now;
	n->bound.epoch++;
	if (how != NET_CRASH_KEPT)
		net_bound_touch(n, r, NULL, n->bound.of.heal, NET_ALL);
	net_routes_stale(n);
}

void net_configure(struct net *n, const char *router, const char *conf)
{
	struct net_router *r = net_router_find(n, router);
	unsigned refused = r->k->nrefused;

	net_log(n, router, "has another configuration");
	net_modules_of(n, conf);
	sim_file(r->k, CONF, conf);
	if (!r->r)
		return;
	net_enter(&r->node);
	router_reload(r->r);
	net_leave_node(&r->node);
	if (r->k->nrefused != refused)
		net_die("refused is the configuration of", router);
}

const char *net_ask(struct net *n, const char *router, const char *request)
{
	struct net_router *r = net_router_find(n, router);
	struct session *s;
	struct buf *text;

	if (!r->r)
		return "";
	net_enter(&r->node);
	s = session_open(r->r, true);
	session_input(s, request, strlen(request));
	session_input(s, "\n", 1);
	net_router_work(r);
	text = session_output(s);
	buf_take(&n->reply, buf_len(&n->reply));
	buf_add(&n->reply, buf_at(text), buf_len(text));
	buf_add(&n->reply, "", 1);
	session_close(s);
	net_leave_node(&r->node);
	return buf_at(&n->reply);
}

void net_router_work(struct net_router *r)
{
	struct net_port *port;

	if (r->r) {
		do {
			if (!r->k->hold)
				sim_deliver(r->k);
		} while (router_work(r->r));
	}
	TAILQ_FOREACH(port, &r->node.ports, on_node)
		net_gm_work(port);
}

/* What the kernel can do by itself leaves the process alone. */
static void receive_data(struct net_port *port, const struct sim_packet *packet)
{
	struct net_router *r = port->node->router;
	unsigned long told = r->k->told;

	net_enter(&r->node);
	sim_packet(r->k, port->ifindex, packet);
	if (r->k->told != told || clock_next(&r->node.clock) != r->node.due.due)
		net_leave_node(&r->node);
}

void net_router_receive(struct net_port *port, const struct net_frame *f)
{
	struct net_router *r = port->node->router;

	if (!f->control) {
		receive_data(port, &f->data);
		return;
	}
	net_enter(&r->node);
	if (!net_unicast_on(port, &f->packet)) {
		sim_receive(r->k, port->ifindex, &f->packet);
		net_gm_receive(port, &f->packet);
	}
	net_leave_node(&r->node);
}

void net_router_device(struct net_port *port)
{
	struct net_router *r = port->node->router;

	net_enter(&r->node);
	device(r, port);
	net_leave_node(&r->node);
}

void net_router_carrier(struct net_port *port)
{
	struct net_router *r = port->node->router;

	net_router_device(port);
	net_routes_lost(r);
	if (net_is_up(port))
		net_gm_restart(port);
}

/* All that it has in the kernel is to go with it. */
void net_router_end(struct net_router *r)
{
	struct net *n = r->node.net;
	struct net_port *port;

	net_enter(&r->node);
	if (r->r)
		process_end(r, NET_STOP);
	buf_free(&r->kept);
	for (enum af af = V4; af < NFAMILIES; af++) {
		if (r->inherits)
			break;
		if (sim_nentries(r->k, af) || sim_unresolved(r->k, af))
			net_complain(n, "%s: leaves %s entries", r->node.name, af_name(af));
		for (unsigned vif = 0; vif < MAXVIFS; vif++) {
			if (sim_vif(r->k, af, vif))
				net_complain(n, "%s: leaves the %s vif %u", r->node.name,
					     af_name(af), vif);
		}
	}
	sim_process_gone(r->k);
	TAILQ_FOREACH(port, &r->node.ports, on_node)
		net_gm_free(port);
	timer_stop(&n->clock, &r->converged);
}

void net_router_free(struct net_router *r)
{
	struct net_port *port;

	if (r->r)
		router_abandon(r->r);
	buf_free(&r->kept);
	TAILQ_FOREACH(port, &r->node.ports, on_node)
		net_gm_free(port);
	net_routes_free(r);
	free(r->mtus);
	sim_kern_free(r->k);
	timer_stop(&r->node.net->clock, &r->converged);
	timer_stop(&r->node.net->clock, &r->node.due);
	timer_stop(&r->node.clock, &r->unclaimed);
	clock_free(&r->node.clock);
	log_free(&r->log);
	TAILQ_REMOVE(&r->node.net->nodes, &r->node, link);
	free(r);
}

bool net_forwards(struct net *n, const char *router, const char *source, const char *group,
		  const char *from, const char *to)
{
	struct net_router *r = net_router_find(n, router);
	struct sg sg;

	if (!ip_parse(group, &sg.grp))
		net_die("no group:", group);
	sg.src = net_ip(n, source, ip_family(sg.grp));
	return sim_forwards(r->k, sg, net_port_find(&r->node, from)->ifindex,
			    net_port_find(&r->node, to)->ifindex);
}

struct sim_kern *net_kern(struct net *n, const char *router)
{
	return net_router_find(n, router)->k;
}
