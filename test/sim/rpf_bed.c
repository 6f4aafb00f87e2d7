/* rpf_bed.c - a router whose two made-up engines watch addresses */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/rpf_bed.h"

static struct rpf_bed *making;

static struct fake *fake_of(struct engine *e)
{
	return container_of(e, struct fake, engine);
}

static struct engine *fake_create(void)
{
	struct fake *f = xcalloc(1, sizeof(*f));

	return &f->engine;
}

static void fake_start(struct engine *e)
{
	static const char *const names[] = { "eth0", "eth1", "eth2" };
	struct fake *f = fake_of(e);

	(strcmp(e->module->name, "red") ? making->blue : making->red)[e->af] = f;
	for (unsigned i = 0; i < NELEMS(names); i++)
		f->named = ifset_with(f->named, e->host->op->slot(e->host, names[i]));
}

static void fake_destroy(struct engine *e)
{
	free(fake_of(e));
}

static void *conf_new(void)
{
	return xcalloc(1, 1);
}

static void fake_configure(struct engine *e, void *conf, bool keep)
{
	(void)keep;
	(void)e;
	(void)conf;
	(void)keep;
}

static struct ifset fake_slots(struct engine *e)
{
	return fake_of(e)->named;
}

struct known *fake_known(struct fake *f, struct ip ip)
{
	struct known *unused = NULL;

	for (unsigned i = 0; i < NKNOWN; i++) {
		if (f->known[i].watches && ip_eq(f->known[i].ip, ip))
			return &f->known[i];
		if (!f->known[i].watches)
			unused = &f->known[i];
	}
	assert_non_null(unused);
	unused->ip = ip;
	return unused;
}

bool rpf_same(const struct rpf *a, const struct rpf *b)
{
	if (a->reachable != b->reachable || a->own != b->own || a->connected != b->connected ||
	    a->len != b->len || a->preference != b->preference || a->metric != b->metric ||
	    a->mtu != b->mtu || a->nhops != b->nhops)
		return false;
	for (unsigned i = 0; i < a->nhops; i++) {
		const struct hop *x = &a->hop[i], *y = &b->hop[i];

		if (x->slot != y->slot || !ip_eq(x->gateway, y->gateway))
			return false;
	}
	return true;
}

static void fake_rpf(struct engine *e, struct ip ip, const struct rpf *rpf)
{
	struct fake *f = fake_of(e);
	struct known *kn;

	if (f->rpf) {
		f->rpf(f, ip, rpf);
		return;
	}
	kn = fake_known(f, ip);
	assert_true(kn->watches);
	assert_false(rpf_same(&kn->rpf, rpf));
	kn->rpf = *rpf;
	f->told++;
	if (f->on_told)
		f->on_told(f, ip);
}

static bool fake_settle(struct engine *e, unsigned budget)
{
	(void)budget;
	fake_of(e)->settled++;
	return false;
}

#define FAKE(word)                                                                            \
	{                                                                                     \
		.name = word, .conf_new = conf_new, .conf_free = free, .create = fake_create, \
		.start = fake_start, .destroy = fake_destroy, .configure = fake_configure,    \
		.rpf = fake_rpf, .settle = fake_settle, .slots = fake_slots,                  \
	}

static const struct module red = FAKE("red"), blue = FAKE("blue");

void rpf_bed_link_up(struct rpf_bed *b, unsigned ifindex)
{
	static const char *const names[] = { "", "eth0", "eth1", "eth2", "eth3" };

	sim_link_up(b->k, ifindex, names[ifindex]);
}

void rpf_bed_link_down(struct rpf_bed *b, unsigned ifindex)
{
	struct link link = *sim_link_find(b->k, ifindex);

	link.up = false;
	sim_link(b->k, &link);
}

struct rpf_bed *rpf_bed_new(void)
{
	static const struct module *const modules[] = { &red, &blue, NULL };
	struct rpf_bed *b = xcalloc(1, sizeof(*b));

	making = b;
	bed_begin(&b->bed, modules, "");
	b->k = b->bed.k;
	b->r = b->bed.r;
	router_start(b->r);
	return b;
}

void rpf_bed_free(struct rpf_bed *b)
{
	bed_end(&b->bed);
	free(b);
}

void fake_watch(struct fake *f, struct ip addr)
{
	struct known *kn = fake_known(f, addr);

	kn->watches = true;
	f->engine.host->op->watch(&f->engine, addr, &kn->rpf);
}

void fake_unwatch(struct fake *f, struct ip addr)
{
	fake_known(f, addr)->watches = false;
	f->engine.host->op->unwatch(&f->engine, addr);
}

const char *fake_knows(struct fake *f, struct ip ip)
{
	static char text[512];
	const struct rpf *rpf = &fake_known(f, ip)->rpf;
	size_t len;

	if (!rpf->reachable)
		return rpf_same(rpf, &(struct rpf){ 0 }) ? "not reachable" : "not reachable, but";
	assert_true(rpf->connected || !rpf->own);
	len = snprintf(text, sizeof(text), "%s",
		       rpf->own		? "own"
		       : rpf->connected ? "connected"
					: "via");
	for (unsigned i = 0; i < rpf->nhops; i++) {
		const struct hop *h = &rpf->hop[i];

		if (!ip_is_any(h->gateway))
			len += snprintf(text + len, sizeof(text) - len, " %s", ip_str(h->gateway));
		len += snprintf(text + len, sizeof(text) - len, " %s",
				h->slot == NOSLOT
					? "-"
					: f->engine.host->op->ifname(f->engine.host, h->slot));
	}
	snprintf(text + len, sizeof(text) - len, " /%u %u %u %u", rpf->len, rpf->preference,
		 rpf->metric, rpf->mtu);
	return text;
}
