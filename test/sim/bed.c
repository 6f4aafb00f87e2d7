/* bed.c - a router over the modelled kernel, for scenarios */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/bed.h"

static void log_write(struct log *log, enum log_level level, const char *line)
{
	struct bed *b = container_of(log, struct bed, log);
	size_t len = strlen(b->said);

	if (level <= LEVEL_WARNING)
		snprintf(b->said + len, sizeof(b->said) - len, "%s\n", line);
}

static void count_out(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet)
{
	struct bed *b = k->arg;

	(void)packet;
	if (ifindex < NELEMS(b->out))
		b->out[ifindex]++;
}

void bed_make_router(struct bed *b, const struct module *const *modules)
{
	struct router_options options = {
		.config = BED_CONF, .cache_idle = SEC(60), .modules = modules, .version = "test"
	};

	if (b->forever)
		options.cache_idle = 0;
	options.hooks = b->hooks;
	options.translate = b->translate;
	options.fallback = b->fallback;

	b->r = router_new(&b->k->kern, &b->clock, &b->log, &options);
	b->k->router = b->r;
}

void bed_begin(struct bed *b, const struct module *const *modules, const char *conf)
{
	static const char *const name[] = { "", "eth0", "eth1", "eth2", "eth3" };

	clock_init(&b->clock, 1000);
	log_init(&b->log, LEVEL_NOTICE, log_write);
	b->k = sim_kern_new(&b->clock);
	b->k->out = count_out;
	b->k->arg = b;
	if (conf)
		sim_file(b->k, BED_CONF, conf);
	bed_make_router(b, modules);
	for (unsigned i = 1; i < NELEMS(name); i++)
		sim_link_up(b->k, i, name[i]);
}

struct heir {
	struct router *r;
	enum af af;
};

static void inherit_entry(void *arg, const struct sim_entry *entry)
{
	struct heir *heir = arg;
	struct mfc_entry m = { .sg = entry->sg, .parent = entry->parent };

	memcpy(m.ttl, entry->ttl, sizeof(m.ttl));
	router_inherit_entry(heir->r, heir->af, &m);
}

void bed_restart(struct bed *b, const struct module *const *modules)
{
	struct buf text = { 0 };

	router_handover(b->r, &text);
	router_abandon(b->r);
	bed_make_router(b, modules);
	sim_resync(b->k);
	for (enum af af = V4; af <= V6; af++) {
		struct heir heir = { b->r, af };

		for (unsigned vif = 0; vif < MAXVIFS; vif++) {
			if (sim_vif(b->k, af, vif))
				router_inherit_vif(b->r, af, vif, sim_vif(b->k, af, vif));
		}
		sim_entries(b->k, af, inherit_entry, &heir);
	}
	router_inherit_text(b->r, buf_at(&text), buf_len(&text));
	b->k->writes = 0;
	router_start(b->r);
	buf_free(&text);
}

void bed_end(struct bed *b)
{
	router_free(b->r);
	b->k->router = NULL;
	for (enum af af = V4; af <= V6; af++) {
		assert_int_equal(sim_nentries(b->k, af), 0);
		for (unsigned vif = 0; vif < MAXVIFS; vif++)
			assert_int_equal(sim_vif(b->k, af, vif), 0);
	}
	sim_kern_free(b->k);
	assert_int_equal(clock_next(&b->clock), CLOCK_NEVER);
	clock_free(&b->clock);
	log_free(&b->log);
}

void bed_work(struct bed *b)
{
	bool more;

	do {
		if (!b->k->hold)
			sim_deliver(b->k);
		if (b->look)
			b->look(b, false);
		more = router_work(b->r);
		if (b->look)
			b->look(b, true);
	} while (more);
}

bool bed_reload(struct bed *b)
{
	unsigned ready = b->k->nready, refused = b->k->nrefused, reloading = b->k->nreloading;

	router_reload(b->r);
	bed_work(b);
	assert_int_equal(b->k->nready + b->k->nrefused, ready + refused + 1);
	assert_int_equal(b->k->nreloading, reloading + 1);
	return b->k->nready != ready;
}

void bed_advance(struct bed *b, int64_t ms)
{
	clock_advance(&b->clock, b->clock.now + ms);
	bed_work(b);
}

struct ip bed_ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

struct sg bed_sg(const char *src, const char *grp)
{
	return (struct sg){ bed_ip(src), bed_ip(grp) };
}

const char *bed_send(struct bed *b, unsigned ifindex, const char *src, const char *grp)
{
	static char text[64];
	struct sim_packet packet = { .sg = bed_sg(src, grp), .ttl = 8, .len = 100 };
	size_t len = 0;

	packet.af = ip_family(packet.sg.grp);
	memset(b->out, 0, sizeof(b->out));
	sim_packet(b->k, ifindex, &packet);
	bed_work(b);
	*text = '\0';
	for (unsigned i = 1; i < NELEMS(b->out); i++) {
		for (unsigned n = 0; n < b->out[i]; n++)
			len += snprintf(text + len, sizeof(text) - len, "%s%u", len ? " " : "", i);
	}
	return text;
}

const char *bed_ask(struct bed *b, const char *request)
{
	static char reply[1 << 20];
	struct session *s = session_open(b->r, true);
	struct buf *out = session_output(s);
	size_t n = 0, len;

	session_input(s, request, strlen(request));
	session_input(s, "\n", 1);
	do {
		bed_work(b);
		len = buf_len(out);
		assert_true(n + len < sizeof(reply));
		memcpy(reply + n, buf_at(out), len);
		buf_take(out, len);
		n += len;
	} while (len);
	reply[n] = '\0';
	session_close(s);
	return reply;
}

static uint64_t number(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

void bed_seeds(void (*run)(uint64_t seed), uint64_t n)
{
	uint64_t only = number("SEED", 0);

	if (only) {
		run(only);
		return;
	}
	n = number("SEEDS", n);
	for (uint64_t seed = 1; seed <= n; seed++)
		run(seed);
}
