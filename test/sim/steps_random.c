/* steps_random.c - random steps on the model and on the real kernel at once, compared
 *
 * The model's clock stands still, so a run ends before the kernel's three seconds for a second
 * wrong-interface upcall are over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/steps.h"

#define NDEVICES 4
#define NVIFS 6 /* more than devices, the tunnel included */
#define NSTEPS 600
#define MAXOUT 64
#define END SEC(2)

struct pair {
	struct backend *model, *real;
	struct rng rng;
	enum af af;
	bool present[MAXDEVICES + 1];
	uint64_t id;
	char did[160]; /* the last step, in words */
};

static bool differ(const struct pair *p, const char *what, const char *model, const char *real)
{
	printf("# %s: %s: the model says \"%s\", the kernel \"%s\"\n", p->did, what, model, real);
	return false;
}

static struct ip address(struct pair *p, bool group, bool may_be_any)
{
	unsigned n = rng_below(&p->rng, may_be_any ? 3 : 2);
	struct ip ip = ip_any(p->af);

	if (n == 2)
		return ip;
	if (p->af == V4)
		return ip_v4((group ? 0xef010101 : 0x0a010001) + n);
	ip.b[0] = group ? 0xff : 0xfd;
	ip.b[1] = group ? 0x15 : 0x01;
	ip.b[15] = n + 1;
	return ip;
}

static struct mfc_entry entry(struct pair *p)
{
	static const uint8_t ttl[] = { 0, 0, 1, 1, 1, 5, 254, 255 };
	struct mfc_entry e = { .sg = { address(p, false, true), address(p, true, true) } };

	e.parent = rng_below(&p->rng, NVIFS);
	for (unsigned vif = 0; vif < NVIFS; vif++)
		e.ttl[vif] = ttl[rng_below(&p->rng, p->af == V4 ? 8 : 5)];
	return e;
}

static bool same_reason(const struct pair *p, const char *model, const char *real)
{
	model = model ? model : "done";
	real = real ? real : "done";
	return !strcmp(model, real) || differ(p, "answer", model, real);
}

static unsigned device(struct pair *p)
{
	unsigned dev = rng_below(&p->rng, NDEVICES + 1);

	return dev < NDEVICES ? dev : STEPS_TUN;
}

static bool change_vif(struct pair *p)
{
	unsigned vif = rng_below(&p->rng, NVIFS), dev = device(p);

	if (rng_below(&p->rng, 3)) {
		snprintf(p->did, sizeof(p->did), "vif %u r%u", vif, dev);
		return same_reason(p, p->model->op->vif_add(p->model, vif, dev),
				   p->real->op->vif_add(p->real, vif, dev));
	}
	snprintf(p->did, sizeof(p->did), "unvif %u", vif);
	return same_reason(p, p->model->op->vif_del(p->model, vif),
			   p->real->op->vif_del(p->real, vif));
}

static bool change_entry(struct pair *p)
{
	struct mfc_entry e = entry(p);
	bool proxy = rng_below(&p->rng, 2);

	snprintf(p->did, sizeof(p->did), "%s %s from %u to %u %u %u %u %u %u",
		 proxy ? "proxy" : "set", sg_str(&e.sg), e.parent, e.ttl[0], e.ttl[1], e.ttl[2],
		 e.ttl[3], e.ttl[4], e.ttl[5]);
	return same_reason(p, p->model->op->set(p->model, &e, proxy),
			   p->real->op->set(p->real, &e, proxy));
}

static bool delete_entry(struct pair *p)
{
	struct mfc_entry e = entry(p);
	unsigned parent = rng_below(&p->rng, 2) ? e.parent : STEPS_ANY;

	snprintf(p->did, sizeof(p->did), "del %s from %u", sg_str(&e.sg), parent);
	return same_reason(p, p->model->op->del(p->model, e.sg, parent),
			   p->real->op->del(p->real, e.sg, parent));
}

static bool change_link(struct pair *p)
{
	unsigned dev = device(p);
	enum steps_link what = p->present[dev] ? LINK_DEL : LINK_ADD;
	char name[16];

	snprintf(name, sizeof(name), "r%u", dev);
	snprintf(p->did, sizeof(p->did), "%s %s", p->present[dev] ? "linkdel" : "linkadd", name);
	p->model->op->link(p->model, what, dev, name);
	p->real->op->link(p->real, what, dev, name);
	p->present[dev] = !p->present[dev];
	return true;
}

static bool send_packet(struct pair *p)
{
	static const uint8_t ttl[] = { 1, 5, 6, 64, 255 };
	unsigned dev = device(p);
	struct sim_packet packet = {
		.af = p->af,
		.sg = { address(p, false, false), address(p, true, false) },
		.ttl = ttl[rng_below(&p->rng, NELEMS(ttl))],
		.len = STEPS_MINLEN + rng_below(&p->rng, 200),
		.id = ++p->id,
	};

	snprintf(p->did, sizeof(p->did), "packet r%u %s ttl %u (%u)", dev, sg_str(&packet.sg),
		 packet.ttl, (unsigned)p->id);
	p->model->op->packet(p->model, dev, &packet);
	p->real->op->packet(p->real, dev, &packet);
	return true;
}

/* What came out, device by device, each in its own order. */
static void outs(struct backend *b, char text[MAXOUT * 24])
{
	struct steps_out out[MAXOUT];
	unsigned n = 0, len = 0;

	while (n < MAXOUT && b->op->out(b, &out[n]))
		n++;
	text[0] = '\0';
	for (unsigned dev = 0; dev <= STEPS_TUN; dev++) {
		for (unsigned i = 0; i < n; i++) {
			if (out[i].dev == dev)
				len += snprintf(text + len, 24, " r%u:%u/%u", dev,
						(unsigned)out[i].id, out[i].ttl);
		}
	}
}

static bool upcall(struct backend *b, char text[SG_STRLEN + 24])
{
	struct steps_upcall u;

	text[0] = '\0';
	if (!b->op->upcall(b, &u))
		return false;
	snprintf(text, SG_STRLEN + 24, "%d %s vif %u", u.kind, sg_str(&u.sg), u.vif);
	return true;
}

static void counters(struct backend *b, struct sg sg, char text[80])
{
	struct counters c;

	snprintf(text, 80, "none");
	if (b->op->counters(b, sg, &c))
		snprintf(text, 80, "%u %u %u", (unsigned)c.packets, (unsigned)c.bytes,
			 (unsigned)c.wrong);
}

/* Upcalls are read now and then only, so that some find their queue full. */
static bool compare(struct pair *p)
{
	static char model[MAXOUT * 24], real[MAXOUT * 24];
	struct mfc_entry e = entry(p);
	bool more = !rng_below(&p->rng, 4);

	outs(p->model, model);
	outs(p->real, real);
	if (strcmp(model, real))
		return differ(p, "out", model, real);
	while (more) {
		more = upcall(p->model, model);
		if (upcall(p->real, real) != more || strcmp(model, real))
			return differ(p, "upcall", model, real);
	}
	counters(p->model, e.sg, model);
	counters(p->real, e.sg, real);
	return !strcmp(model, real) || differ(p, sg_str(&e.sg), model, real);
}

static bool step(struct pair *p)
{
	unsigned n = rng_below(&p->rng, 100);

	if (n < 50)
		return send_packet(p) && compare(p);
	if (n < 75)
		return change_entry(p) && compare(p);
	if (n < 85)
		return delete_entry(p) && compare(p);
	if (n < 99)
		return change_vif(p) && compare(p);
	return change_link(p) && compare(p);
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return SEC(ts.tv_sec) + ts.tv_nsec / 1000000;
}

bool random_run(enum af af, uint64_t seed)
{
	struct pair p = { .af = af };
	int64_t end;
	unsigned n = 0;
	bool ok = true;

	rng_seed(&p.rng, seed);
	p.model = model_open(af, NDEVICES);
	p.real = real_open(af, NDEVICES);
	p.model->op->limit(p.model, 3);
	p.real->op->limit(p.real, 3);
	memset(p.present, true, NDEVICES);
	p.present[STEPS_TUN] = true;
	p.model->op->link(p.model, LINK_ADD, STEPS_TUN, TUNNEL_NAME);
	p.real->op->link(p.real, LINK_ADD, STEPS_TUN, TUNNEL_NAME);
	for (end = now() + END; ok && n < NSTEPS && now() < end; n++)
		ok = step(&p);
	if (!ok && now() >= end) {
		printf("# too slow a machine to tell: the kernel's limits may have passed\n");
		ok = true;
	}
	printf("# seed %u: %u steps\n", (unsigned)seed, n);
	p.model->op->close(p.model);
	p.real->op->close(p.real);
	return ok;
}
