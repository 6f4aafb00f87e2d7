/* gm_proxy.h - an engine of proxies with a made-up core, and what it says as text
 *
 * What listeners downstream want is set by the test. Interfaces are called by their names, groups
 * and sources by numbers, so that a test is the same for both families. A message is a line:
 * "wan0 [TO_EX G1 S2]", "wan0 report2 G1", a route its interfaces: "wan0: lan0 lan1".
 */
#ifndef SMCKIT_TEST_GM_PROXY_H
#define SMCKIT_TEST_GM_PROXY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "igmpproxy/gm_conf.h"
#include "igmpproxy/proxy.h"
#include "igmpproxy/proxy_engine.h"
#include "lib/util.h"

#define MAXNAMED 16
#define MAXKNOWN 64

struct fake_iface {
	char name[IFNAME_SIZE];
	bool present, disabled, down, querier, forward, any_ttl, require_alert, asks;
	struct prefix address[2];
	unsigned naddresses, version, robustness, mtu;
};

/* What the listeners of an interface want of a group. */
struct known {
	unsigned slot, nsources;
	struct ip group, source[8];
	enum filter_mode mode;
};

struct world {
	struct host host; /* first */
	struct clock clock;
	struct rng rng;
	struct log log;
	struct engine *e;
	enum af af;
	struct fake_iface iface[MAXNAMED];
	unsigned nifaces;
	struct known known[MAXKNOWN];
	unsigned nknown, nfollows;
	struct ifset follow, replay, data, members;
	struct sg stream; /* the source that is known, where it comes in, and the wish for it */
	unsigned arrival;
	bool running, recalled, stands;
	struct route wish;
	uint64_t packets; /* that came in as it says */
	unsigned nwakes;
	char said[65536], told[4096], joined[4096]; /* messages, events and the log, joins */
	char error[160];
	unsigned nsent;
};

static inline struct world *world_of(struct host *host)
{
	return container_of(host, struct world, host);
}

static inline struct ip number(enum af af, const char *v4, const char *v6, unsigned n)
{
	struct ip ip;

	assert_true(ip_parse(af == V4 ? v4 : v6, &ip));
	ip.b[13] = n >> 16;
	ip.b[14] = n >> 8;
	ip.b[15] = n;
	return ip;
}

static inline struct ip group(const struct world *w, unsigned n)
{
	return number(w->af, "225.0.0.0", "ff0e::", n);
}

static inline struct ip source(const struct world *w, unsigned n)
{
	return number(w->af, "10.0.0.0", "2001:db8::", n);
}

static inline unsigned numbered(struct ip ip)
{
	return ip.b[13] << 16 | ip.b[14] << 8 | ip.b[15];
}

static inline unsigned slot_of(struct world *w, const char *name)
{
	for (unsigned i = 0; i < w->nifaces; i++) {
		if (!strcmp(w->iface[i].name, name))
			return i;
	}
	assert_true(w->nifaces < MAXNAMED);
	strcpy(w->iface[w->nifaces].name, name);
	w->iface[w->nifaces].querier = true;
	return w->nifaces++;
}

/* What the engine asks of the core. */

static inline int fake_slot(struct host *host, const char *name)
{
	return slot_of(world_of(host), name);
}

static inline const char *fake_ifname(struct host *host, unsigned slot)
{
	return world_of(host)->iface[slot].name;
}

static inline struct ifset fake_expand(struct host *host, struct ifset set)
{
	struct world *w = world_of(host);
	struct ifset out = ifset_none();

	ifset_foreach(slot, set) {
		for (unsigned i = 0; i < w->nifaces; i++) {
			const struct fake_iface *f = &w->iface[i];

			if (i == slot ? !ifname_is_pattern(f->name)
				      : f->present && ifname_matches(w->iface[slot].name, f->name))
				out = ifset_with(out, i);
		}
	}
	return out;
}

static inline void fake_phyint(struct host *host, unsigned slot, const struct keyword *table,
			       void *fields)
{
	const struct fake_iface *f = &world_of(host)->iface[slot];
	struct gm_fields *gm = fields;

	if (table == proxy_keywords) {
		*(bool *)fields = f->forward;
		return;
	}
	gm->af[V4].any_ttl = gm->af[V6].any_ttl = f->any_ttl;
	gm->af[V4].require_alert = f->require_alert;
	gm->af[V6].on = f->asks;
	if (f->version)
		gm->af[V4].version = gm->af[V6].version = f->version;
	if (f->robustness)
		gm->af[V4].robustness = gm->af[V6].robustness = f->robustness;
}

static inline struct iface fake_iface(struct engine *e, unsigned slot)
{
	struct fake_iface *f = &world_of(e->host)->iface[slot];

	if (!f->present)
		return (struct iface){ .name = f->name };
	return (struct iface){
		.name = f->name,
		.present = true,
		.enabled = !f->disabled,
		.up = !f->down,
		.multicast = true,
		.mtu = f->mtu ? f->mtu : 1500,
		.address = f->address,
		.naddresses = f->naddresses,
	};
}

static inline void add(char *text, const char *format, ...) PRINTF(2, 3);

static inline void add(char *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsprintf(text + strlen(text), format, args);
	va_end(args);
}

static inline void say_message(struct world *w, const struct gm_message *m)
{
	static const char *const name[] = {
		[MODE_IS_INCLUDE] = "IS_IN",	    [MODE_IS_EXCLUDE] = "IS_EX",
		[CHANGE_TO_INCLUDE_MODE] = "TO_IN", [CHANGE_TO_EXCLUDE_MODE] = "TO_EX",
		[ALLOW_NEW_SOURCES] = "ALLOW",	    [BLOCK_OLD_SOURCES] = "BLOCK"
	};

	if (m->type != GM_REPORT_V3)
		add(w->said, " %s%u G%u", m->type == GM_LEAVE ? "leave" : "report", m->version,
		    numbered(m->group));
	for (unsigned i = 0; m->type == GM_REPORT_V3 && i < m->nrecords; i++) {
		add(w->said, " [%s G%u", name[m->record[i].type], numbered(m->record[i].group));
		for (unsigned j = 0; j < m->record[i].nsources; j++)
			add(w->said, " S%u", numbered(m->record[i].source[j]));
		add(w->said, "]");
	}
}

/* GM-72: nothing but what a host says, in a packet as it has to be. */
static inline enum send_result fake_send(struct engine *e, const struct packet *packet,
					 unsigned *mtu)
{
	struct world *w = world_of(e->host);
	struct arena arena = arena_init(GM_ARENA);
	const struct fake_iface *f = &w->iface[packet->slot];
	struct gm_message m;

	(void)mtu;
	assert_int_equal(gm_decode(w->af, packet->data, packet->len, &arena, &m), GM_GOOD);
	assert_true(m.type != GM_QUERY);
	assert_true(f->present && !f->down && !f->disabled && f->naddresses);
	assert_true(ip_eq(packet->src, f->address[w->af == V6].ip));
	assert_int_equal(packet->ttl, 1);
	assert_true(packet->router_alert);
	if (w->nsent++ < 100) {
		add(w->said, "%s", f->name);
		say_message(w, &m);
		add(w->said, "\n");
	}
	arena_free(&arena);
	return SENT;
}

static inline void fake_listen(struct engine *e, unsigned slot, enum listen_what what, bool on)
{
	struct world *w = world_of(e->host);
	struct ifset *set = what == LISTEN_DATA ? &w->data : &w->members;

	assert_true(what == LISTEN_DATA || what == LISTEN_MEMBERS);
	assert_int_equal(ifset_has(*set, slot), !on);
	*set = on ? ifset_with(*set, slot) : ifset_without(*set, slot);
}

static inline void fake_join(struct engine *e, unsigned slot, const struct membership *m)
{
	struct world *w = world_of(e->host);

	add(w->joined, "%s %s G%u %u\n", w->iface[slot].name,
	    m->mode == FILTER_EXCLUDE ? "exclude" : "include", numbered(m->group), m->nsources);
}

static inline const char *fake_joined(struct engine *e, unsigned slot, struct ip group)
{
	(void)e;
	(void)slot;
	(void)group;
	return "no buffer space";
}

static inline void fake_members(struct engine *e, unsigned slot, bool on)
{
	struct world *w = world_of(e->host);

	assert_int_equal(ifset_has(w->follow, slot), !on);
	w->nfollows++;
	w->follow = on ? ifset_with(w->follow, slot) : ifset_without(w->follow, slot);
	w->replay = on ? ifset_with(w->replay, slot) : ifset_without(w->replay, slot);
}

static inline struct known *known_find(struct world *w, unsigned slot, struct ip group)
{
	for (unsigned i = 0; i < w->nknown; i++) {
		if (w->known[i].slot == slot && ip_eq(w->known[i].group, group))
			return &w->known[i];
	}
	return NULL;
}

static inline struct membership membership_of(struct known *k)
{
	return (struct membership){ k->group, k->mode, k->source, k->nsources };
}

static inline void fake_membership(struct engine *e, unsigned slot, struct ip group,
				   struct membership *m)
{
	struct world *w = world_of(e->host);
	struct known *k = known_find(w, slot, group);

	*m = k ? membership_of(k) : (struct membership){ .group = group };
}

static inline bool fake_is_querier(struct engine *e, unsigned slot)
{
	return world_of(e->host)->iface[slot].querier;
}

static inline void fake_route(struct engine *e, const struct route *route)
{
	struct world *w = world_of(e->host);

	assert_true(sg_eq(route->sg, w->stream));
	assert_true(route->passing);
	assert_int_equal(route->rank, RANK_PROXY);
	w->wish = *route;
	w->stands = true;
}

static inline void fake_unroute(struct engine *e, struct sg sg, unsigned iif)
{
	(void)sg;
	(void)iif;
	world_of(e->host)->stands = false;
}

static inline bool fake_routed(struct engine *e, struct sg sg, struct route *route)
{
	struct world *w = world_of(e->host);

	assert_true(sg_eq(sg, w->stream));
	*route = w->wish;
	return w->stands;
}

static inline void fake_recall(struct engine *e, struct prefix groups)
{
	struct world *w = world_of(e->host);

	w->recalled |= prefix_has(&groups, w->stream.grp);
}

static inline bool fake_counters(struct engine *e, struct sg sg, struct counters *counters)
{
	struct world *w = world_of(e->host);

	assert_true(sg_eq(sg, w->stream));
	*counters = (struct counters){ .packets = w->packets };
	return w->stands;
}

static inline void fake_wake(struct engine *e)
{
	world_of(e->host)->nwakes++;
}

static inline void fake_event(struct host *host, const char *kind, ...)
{
	struct world *w = world_of(host);
	const char *word;
	va_list args;

	add(w->told, "%s", kind);
	va_start(args, kind);
	while ((word = va_arg(args, const char *)))
		add(w->told, " %s", word);
	va_end(args);
	add(w->told, "\n");
}

static const struct host_ops fake_ops = {
	.slot = fake_slot,
	.ifname = fake_ifname,
	.expand = fake_expand,
	.phyint = fake_phyint,
	.iface = fake_iface,
	.send = fake_send,
	.listen = fake_listen,
	.join = fake_join,
	.joined = fake_joined,
	.members = fake_members,
	.membership = fake_membership,
	.is_querier = fake_is_querier,
	.route = fake_route,
	.unroute = fake_unroute,
	.routed = fake_routed,
	.recall = fake_recall,
	.counters = fake_counters,
	.wake = fake_wake,
	.event = fake_event,
};

/* All that is due. */
static inline void turn(struct world *w)
{
	const struct module *m = &proxy_module;
	bool more = true;

	while (more) {
		more = m->settle(w->e, 3);
		for (unsigned i = 0; i < w->nknown; i++) {
			struct membership known = membership_of(&w->known[i]);

			if (ifset_has(w->replay, w->known[i].slot))
				m->member(w->e, w->known[i].slot, &known);
		}
		more |= !ifset_empty(w->replay) || w->recalled;
		w->replay = ifset_none();
		if (w->recalled && w->running)
			m->upcall(w->e, &(struct upcall){ UPCALL_RECALL, w->stream,
							  w->stands ? w->wish.iif : w->arrival });
		w->recalled = false;
	}
}

/* A configuration of lines; NULL, or what is wrong with it. */
static inline const char *configure(struct world *w, const char *text)
{
	struct reader r = { .host = &w->host };
	char line[512];
	void *conf = proxy_module.conf_new();
	bool bad = false;

	for (; !bad && *text; text += strcspn(text, "\n"), text += *text == '\n') {
		size_t len = strcspn(text, "\n");

		memcpy(line, text, len);
		assert_true(words_split(&r.words, line, len));
		assert_string_equal(words_next(&r.words), "proxy");
		bad = proxy_module.statements[0].parse(&r, conf);
	}
	r.words.n *= bad;
	while (proxy_module.check(&r, conf))
		bad = true;
	snprintf(w->error, sizeof(w->error), "%s", r.words.error);
	if (!bad)
		proxy_module.configure(w->e, conf, false);
	proxy_module.conf_free(conf);
	words_free(&r.words);
	if (!bad)
		turn(w);
	return bad ? w->error : NULL;
}

/* An interface changes in some way. */
static inline void iface_changed(struct world *w, const char *name)
{
	unsigned slot = slot_of(w, name);
	struct iface iface = fake_iface(w->e, slot);

	proxy_module.iface(w->e, slot, &iface);
}

static inline void address(struct world *w, const char *name, unsigned n)
{
	struct fake_iface *f = &w->iface[slot_of(w, name)];

	f->naddresses = 1 + (w->af == V6);
	f->address[0] = (struct prefix){ number(w->af, "192.168.0.0", "2001:db8:1::", n), 24 };
	f->address[1] = (struct prefix){ number(V6, "", "fe80::", n), 64 };
}

static inline void plug(struct world *w, const char *name)
{
	unsigned slot = slot_of(w, name);

	w->iface[slot].present = true;
	address(w, name, slot + 1);
	iface_changed(w, name);
}

static inline void down(struct world *w, const char *name, bool on)
{
	w->iface[slot_of(w, name)].down = on;
	iface_changed(w, name);
}

/* What an interface's listeners want of a group from now on; sources end with 0. */
static inline void want_ip(struct world *w, const char *name, struct ip group,
			   enum filter_mode mode, va_list args)
{
	unsigned slot = slot_of(w, name), n;
	struct known *k = known_find(w, slot, group);
	struct membership m;

	if (!k) {
		assert_true(w->nknown < MAXKNOWN);
		k = &w->known[w->nknown++];
	}
	*k = (struct known){ .slot = slot, .group = group, .mode = mode };
	while ((n = va_arg(args, unsigned)))
		k->source[k->nsources++] = source(w, n);
	m = membership_of(k);
	if (mode == FILTER_INCLUDE && !k->nsources)
		*k = w->known[--w->nknown];
	if (ifset_has(w->follow, slot))
		proxy_module.member(w->e, slot, &m);
}

static inline void want(struct world *w, const char *name, struct ip group, enum filter_mode mode,
			...)
{
	va_list args;

	va_start(args, mode);
	want_ip(w, name, group, mode, args);
	va_end(args);
}

#define only(w, name, g, ...) want(w, name, group(w, g), FILTER_INCLUDE, ##__VA_ARGS__, 0)
#define except(w, name, g, ...) want(w, name, group(w, g), FILTER_EXCLUDE, ##__VA_ARGS__, 0)
#define leave(w, name, g) want(w, name, group(w, g), FILTER_INCLUDE, 0)

/* What was said, and nothing else. */
#define expect(w, text)                               \
	do {                                          \
		turn(w);                              \
		assert_string_equal((w)->said, text); \
		*(w)->said = 0;                       \
		(w)->nsent = 0;                       \
	} while (0)

/* Time passes, so that nothing is to be said once more. */
static inline void rest(struct world *w)
{
	for (int i = 0; i < 50; i++) {
		clock_advance(&w->clock, w->clock.now + 100);
		turn(w);
	}
	*w->said = 0;
	w->nsent = 0;
}

/* A packet of S1 to the group comes in, which the kernel tells of. */
static inline void upcall(struct world *w, enum upcall_kind kind, const char *name)
{
	w->running = true;
	w->arrival = slot_of(w, name);
	proxy_module.upcall(w->e, &(struct upcall){ kind, w->stream, w->arrival });
	turn(w);
}

static inline void stream(struct world *w, unsigned g, const char *name)
{
	w->stream = (struct sg){ source(w, 1), group(w, g) };
	w->stands = false;
	upcall(w, UPCALL_NOROUTE, name);
}

/* The wish that stands: "wan0: lan0 lan1". */
static inline const char *routed(struct world *w)
{
	static char text[256];

	*text = 0;
	if (!w->stands)
		return "none";
	add(text, "%s:", w->iface[w->wish.iif].name);
	ifset_foreach(slot, w->wish.oifs)
		add(text, " %s", w->iface[slot].name);
	return text;
}

/* Another node's message, which comes in there. */
static inline void hear_from(struct world *w, const char *name, struct ip src, bool alert,
			     unsigned ttl, const struct gm_message *m)
{
	uint8_t data[1500];
	struct gm_place at = { 0 };
	size_t len = gm_encode(w->af, m, &at, data, sizeof(data));
	struct packet packet = gm_packet(w->af, m, data, len);

	packet.slot = slot_of(w, name);
	packet.src = src;
	packet.router_alert = alert;
	packet.ttl = ttl;
	assert_true(ifset_has(w->members, packet.slot));
	proxy_module.packet(w->e, &packet);
}

static inline void hear(struct world *w, const char *name, struct ip src, bool alert,
			const struct gm_message *m)
{
	hear_from(w, name, src, alert, 1, m);
}

static inline void query_with(struct world *w, const char *name, unsigned version, bool alert,
			      unsigned ttl)
{
	struct gm_message m = { .type = GM_QUERY,
				.version = version,
				.group = ip_any(w->af),
				.max_response = 1000,
				.robustness = 0,
				.interval = SEC(125) };

	hear_from(w, name, number(w->af, "192.168.0.0", "fe80::", 99), alert, ttl, &m);
}

static inline void query(struct world *w, const char *name, unsigned version, bool alert)
{
	query_with(w, name, version, alert, 1);
}

static void fake_write(struct log *log, enum log_level level, const char *line)
{
	struct world *w = container_of(log, struct world, log);

	if (level <= LEVEL_WARNING)
		add(w->told, "%s\n", line);
}

static inline int setup(void **state)
{
	static const char *const names[] = { "wan0", "wan1", "lan0", "lan1" };
	struct world *w = xcalloc(1, sizeof(*w));

	w->af = *state ? V6 : V4;
	clock_init(&w->clock, 1000000);
	rng_seed(&w->rng, 4711);
	log_init(&w->log, LEVEL_NOTICE, fake_write);
	w->host = (struct host){
		.op = &fake_ops, .clock = &w->clock, .rng = &w->rng, .log = &w->log
	};
	w->e = proxy_module.create();
	w->e->module = &proxy_module;
	w->e->host = &w->host;
	w->e->log = log_area(&w->log, "proxy");
	w->e->af = w->af;
	for (size_t i = 0; i < NELEMS(names); i++)
		plug(w, names[i]);
	*state = w;
	return 0;
}

static inline int teardown(void **state)
{
	struct world *w = *state;

	proxy_module.destroy(w->e);
	assert_true(clock_next(&w->clock) == CLOCK_NEVER);
	clock_free(&w->clock);
	log_free(&w->log);
	free(w);
	return 0;
}

/* The test once for each family. */
#define BOTH(test)                                              \
	{ #test " IPv4", test, setup, teardown, NULL },         \
	{                                                       \
#test " IPv6", test, setup, teardown, (void *)1 \
	}

#endif
