/* steps_model.c - steps on the model: instant, time is virtual
 *
 * The router's inputs are replaced: this router only writes down what it hears.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim/datagram.h"
#include "sim/steps.h"

struct waiting {
	TAILQ_ENTRY(waiting) link;
	struct steps_out out;
};

struct told {
	TAILQ_ENTRY(told) link;
	struct steps_news news;
};

struct router {
	struct model *model; /* not ours */
	bool has_upcall;
	struct steps_upcall upcall;
};

struct model {
	struct backend backend;
	struct clock clock;
	struct sim_kern *k;
	struct router router;
	unsigned ifindex[MAXDEVICES + 1]; /* 0: not there */
	unsigned last_ifindex;
	TAILQ_HEAD(, waiting) outs;
	TAILQ_HEAD(, told) told;
	bool up[MAXDEVICES + 1]; /* as was told last */
	struct ip duplicate;	 /* of all addresses the one that neighbors have */
};

static struct model *model_of(struct backend *b)
{
	return container_of(b, struct model, backend);
}

void router_upcall(struct router *r, enum af af, enum upcall_kind kind, struct sg sg, unsigned vif)
{
	(void)af;
	r->has_upcall = true;
	r->upcall = (struct steps_upcall){ .kind = kind, .sg = sg, .vif = vif };
}

static void hear(struct model *m, enum steps_news_kind kind, unsigned dev, struct ip address)
{
	struct told *told = xcalloc(1, sizeof(*told));

	told->news = (struct steps_news){ kind, dev, address };
	TAILQ_INSERT_TAIL(&m->told, told, link);
}

/* That of a device that has gone since may be that of another one's. */
static unsigned dev_of(const struct model *m, unsigned ifindex)
{
	unsigned dev = 0;

	while (m->ifindex[dev] != ifindex)
		dev++;
	return dev;
}

void router_link(struct router *r, const struct link *link)
{
	unsigned dev = dev_of(r->model, link->ifindex);

	if (r->model->up[dev] != link->up)
		hear(r->model, link->up ? NEWS_UP : NEWS_DOWN, dev, (struct ip){ { 0 } });
	r->model->up[dev] = link->up;
}

void router_link_gone(struct router *r, unsigned ifindex)
{
	unsigned dev = dev_of(r->model, ifindex);

	hear(r->model, NEWS_GONE, dev, (struct ip){ { 0 } });
	r->model->up[dev] = false;
}

void router_address(struct router *r, unsigned ifindex, const struct prefix *address, bool on)
{
	hear(r->model, on ? NEWS_HAS : NEWS_LOST, dev_of(r->model, ifindex), address->ip);
}

void router_routes_changed(struct router *r, enum af af)
{
	(void)r, (void)af;
}

void router_resync_begin(struct router *r)
{
	(void)r;
}

void router_resync_end(struct router *r)
{
	(void)r;
}

static void put_out(struct model *m, unsigned ifindex, const struct sim_packet *packet)
{
	struct waiting *w = xcalloc(1, sizeof(*w));

	while (m->ifindex[w->out.dev] != ifindex)
		w->out.dev++;
	w->out.ttl = packet->ttl;
	w->out.id = packet->id;
	TAILQ_INSERT_TAIL(&m->outs, w, link);
}

static void out(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet)
{
	put_out(k->arg, ifindex, packet);
}

void router_packet(struct router *r, unsigned ifindex, const struct packet *packet)
{
	struct sim_packet p;

	if (datagram_read(packet->data, packet->len, &p))
		put_out(r->model, ifindex, &p);
}

static bool model_out(struct backend *b, struct steps_out *to)
{
	struct model *m = model_of(b);
	struct waiting *w;

	while (sim_tunnelled(m->k))
		;
	w = TAILQ_FIRST(&m->outs);

	if (!w)
		return false;
	*to = w->out;
	TAILQ_REMOVE(&m->outs, w, link);
	free(w);
	return true;
}

static bool model_news(struct backend *b, struct steps_news *news, bool wait)
{
	struct model *m = model_of(b);
	int64_t end = m->clock.now + STEPS_NEWS_TIME;
	struct told *told;

	for (;;) {
		while (sim_news(m->k))
			;
		told = TAILQ_FIRST(&m->told);
		if (told || !wait || clock_next(&m->clock) > end)
			break;
		clock_advance(&m->clock, clock_next(&m->clock));
	}
	if (!told)
		return false;
	*news = told->news;
	TAILQ_REMOVE(&m->told, told, link);
	free(told);
	return true;
}

static void model_close(struct backend *b)
{
	struct model *m = model_of(b);
	struct steps_out rest;
	struct steps_news news;

	while (model_out(b, &rest) || model_news(b, &news, false))
		;
	sim_kern_free(m->k);
	clock_free(&m->clock);
	free(m);
}

static const char *model_vif_add(struct backend *b, unsigned vif, unsigned dev)
{
	struct model *m = model_of(b);

	return m->k->kern.op->vif_add(&m->k->kern, b->af, vif, m->ifindex[dev]);
}

static const char *model_vif_del(struct backend *b, unsigned vif)
{
	struct model *m = model_of(b);

	return m->k->kern.op->vif_del(&m->k->kern, b->af, vif);
}

static const char *model_set(struct backend *b, const struct mfc_entry *entry, bool proxy)
{
	struct model *m = model_of(b);

	if (proxy)
		return sim_proxy_set(m->k, b->af, entry);
	return sim_plain_set(m->k, b->af, entry);
}

static const char *model_del(struct backend *b, struct sg sg, unsigned parent)
{
	struct model *m = model_of(b);

	if (parent != STEPS_ANY)
		return sim_proxy_del(m->k, b->af, sg, parent);
	return sim_plain_del(m->k, b->af, sg);
}

static bool model_counters(struct backend *b, struct sg sg, struct counters *counters)
{
	struct model *m = model_of(b);

	return m->k->kern.op->counters(&m->k->kern, b->af, sg, counters);
}

static void link_add(struct model *m, unsigned dev, const char *name)
{
	if (dev == STEPS_TUN) {
		m->k->kern.op->tunnel(&m->k->kern, true);
		m->ifindex[dev] = sim_link_index(m->k, TUNNEL_NAME);
	} else {
		m->ifindex[dev] = ++m->last_ifindex;
		sim_link_up(m->k, m->ifindex[dev], name);
	}
}

static void link_del(struct model *m, unsigned dev)
{
	if (dev == STEPS_TUN)
		m->k->kern.op->tunnel(&m->k->kern, false);
	else
		sim_link_gone(m->k, m->ifindex[dev]);
	while (sim_news(m->k))
		;
	m->ifindex[dev] = 0;
}

static void model_link(struct backend *b, enum steps_link what, unsigned dev, const char *name)
{
	struct model *m = model_of(b);
	struct link link;

	switch (what) {
	case LINK_ADD:
		link_add(m, dev, name);
		return;
	case LINK_DEL:
		link_del(m, dev);
		return;
	case LINK_DOWN:
		sim_link_down(m->k, m->ifindex[dev]);
		return;
	case LINK_PLUG:
	case LINK_UNPLUG:
		sim_carrier(m->k, m->ifindex[dev], what == LINK_PLUG);
		return;
	case LINK_UP:
	case LINK_RENAME:
		break;
	}
	link = *sim_link_find(m->k, m->ifindex[dev]);
	if (what == LINK_RENAME)
		link.name = name;
	else
		link.up = true;
	sim_link(m->k, &link);
}

static void model_limit(struct backend *b, unsigned n)
{
	model_of(b)->k->max_upcalls = n;
}

static void model_packet(struct backend *b, unsigned dev, const struct sim_packet *packet)
{
	struct model *m = model_of(b);
	struct packet in = { .proto = PROTO_IP };
	uint8_t bytes[STEPS_MAXLEN];

	if (dev != STEPS_TUN) {
		sim_packet(m->k, m->ifindex[dev], packet);
		return;
	}
	datagram_write(packet, bytes);
	in.data = bytes;
	in.len = packet->len;
	m->k->kern.op->send(&m->k->kern, b->af, m->ifindex[dev], &in, NULL);
}

static bool model_upcall(struct backend *b, struct steps_upcall *upcall)
{
	struct model *m = model_of(b);

	m->router.has_upcall = false;
	sim_upcalls(m->k, 1);
	*upcall = m->router.upcall;
	return m->router.has_upcall;
}

static bool is_duplicate(struct sim_kern *k, unsigned ifindex, struct ip ip)
{
	const struct model *m = k->arg;

	(void)ifindex;
	return ip_eq(ip, m->duplicate);
}

static void model_address(struct backend *b, enum steps_address what, unsigned dev, struct ip ip)
{
	struct model *m = model_of(b);
	struct prefix prefix = steps_prefix(ip);

	if (what == ADDRESS_DUPLICATE)
		m->duplicate = ip;
	sim_address(m->k, m->ifindex[dev], &prefix, what != ADDRESS_DEL);
}

static const char *model_send(struct backend *b, unsigned dev, struct ip src)
{
	struct model *m = model_of(b);
	struct packet p = { .proto = PROTO_PIM, .ttl = 1, .src = src };
	enum send_result result = m->k->kern.op->send(&m->k->kern, b->af, m->ifindex[dev], &p,
						      NULL);

	if (result == SENT)
		free(sim_sent(m->k));
	return result == SENT ? NULL : "Invalid argument";
}

static void model_wait(struct backend *b, unsigned ms)
{
	struct model *m = model_of(b);

	clock_advance(&m->clock, m->clock.now + ms);
}

static const struct steps_ops ops = {
	.close = model_close,
	.vif_add = model_vif_add,
	.vif_del = model_vif_del,
	.set = model_set,
	.del = model_del,
	.counters = model_counters,
	.link = model_link,
	.limit = model_limit,
	.packet = model_packet,
	.upcall = model_upcall,
	.out = model_out,
	.wait = model_wait,
	.news = model_news,
	.address = model_address,
	.send = model_send,
};

struct backend *model_open(enum af af, unsigned ndevices)
{
	struct model *m = xcalloc(1, sizeof(*m));

	m->backend = (struct backend){ .op = &ops, .af = af };
	clock_init(&m->clock, 0);
	TAILQ_INIT(&m->outs);
	TAILQ_INIT(&m->told);
	m->k = sim_kern_new(&m->clock);
	m->k->hold = true;
	m->k->router = &m->router;
	m->router.model = m;
	m->k->out = out;
	m->k->dad = STEPS_DAD;
	m->k->is_duplicate = is_duplicate;
	m->k->arg = m;
	for (unsigned dev = 0; dev < ndevices; dev++) {
		char name[16];

		snprintf(name, sizeof(name), "r%u", dev);
		model_link(&m->backend, LINK_ADD, dev, name);
	}
	return &m->backend;
}
