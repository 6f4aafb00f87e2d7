/* gm_bed.h - the engine of IGMP and MLD with a host made up, and what it says as text
 *
 * Interfaces are eth0 to eth3, whose slots are 0 to 3; ethN has 10.0.N.10/24, or fe80::N:10. Hosts,
 * groups and sources have numbers, so that a test is the same for both families, and configurations
 * are in the words of IGMP. What the engine does is a word each, as it comes:
 *
 *	Q(1)		a general query on eth0 whose answers take up to a second
 *	Q2(1 G7)	one of group 7, in version 2 (no number: 3)
 *	QS(1 G7 1 2)	one of its sources 1 and 2, with the S flag
 *	EXC(G7 1), INC(G7)	what it tells of the group on eth0
 *	on, off		whether we are querier there
 *	1:Q(1)		the same on eth1
 *	+join(...)	an event, while @monitored
 */
#ifndef SMCKIT_UNIT_GM_BED_H
#define SMCKIT_UNIT_GM_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "igmpproxy/codec.h"
#include "igmpproxy/gm.h"
#include "lib/log.h"

#define MAXSLOT 8
#define MAXLINES 32
#define MAXADDRESSES 4

struct bed {
	struct host host; /* first */
	struct clock clock;
	struct rng rng;
	struct log log;
	struct arena arena;
	enum af af;
	struct engine *e;
	char name[MAXSLOT][IFNAME_SIZE]; /* "": the slot is free */
	struct iface iface[MAXSLOT];
	struct prefix address[MAXSLOT][MAXADDRESSES];
	struct ifset listened;
	char *phyint[MAXLINES]; /* owned */
	unsigned nphyints;
	struct words words;
	bool monitored, awake, quiet;
	bool lazy;	 /* turns do not end by themselves */
	unsigned slices; /* of the last turn */
	void (*told)(struct bed *b, unsigned slot, const struct membership *m); /* or NULL */
	struct ifset queriers; /* slots where we were told to be */
	char said[16384];
	size_t len;
	char logged[2048]; /* warnings and errors */
	unsigned nnotices;
	unsigned long nmembers, nqueries;
	struct packet sent; /* the last one */
	unsigned mtu_sent;  /* the largest of all */
};

static inline struct bed *bed_of(struct host *host)
{
	return container_of(host, struct bed, host);
}

static inline struct ip numbered(enum af af, const char *v4, const char *v6, unsigned n)
{
	struct ip ip;

	assert_true(ip_parse(af == V4 ? v4 : v6, &ip));
	ip.b[13] += n >> 16;
	ip.b[14] += n >> 8;
	ip.b[15] += n;
	return ip;
}

/* Host 0 has no address. */
static inline struct ip host_of(const struct bed *b, unsigned slot, unsigned n)
{
	return n ? numbered(b->af, "10.0.0.0", "fe80::", slot << 8 | n) : ip_any(b->af);
}

static inline struct ip group_of(const struct bed *b, unsigned n)
{
	return numbered(b->af, "239.0.0.0", "ff0e::", n);
}

static inline struct ip ssm_of(const struct bed *b, unsigned n)
{
	return numbered(b->af, "232.0.0.0", "ff3e::", n);
}

static inline struct ip source_of(const struct bed *b, unsigned n)
{
	return numbered(b->af, "192.0.0.0", "2001:db8::", n);
}

static inline unsigned number_of(struct ip ip)
{
	return ip.b[13] << 16 | ip.b[14] << 8 | ip.b[15];
}

PRINTF(2, 3) static inline void say(struct bed *b, const char *format, ...)
{
	va_list args;

	if (b->quiet)
		return;
	va_start(args, format);
	b->len += vsnprintf(b->said + b->len, sizeof(b->said) - b->len, format, args);
	va_end(args);
	assert_true(b->len < sizeof(b->said));
}

/* Begins a word. */
static inline void say_slot(struct bed *b, unsigned slot)
{
	say(b, "%s", b->len ? " " : "");
	if (slot)
		say(b, "%u:", slot);
}

static inline int fake_slot(struct host *host, const char *name)
{
	struct bed *b = bed_of(host);

	for (unsigned i = 0; i < MAXSLOT; i++) {
		if (!*b->name[i])
			strncpy(b->name[i], name, IFNAME_SIZE - 1);
		if (!strcmp(b->name[i], name))
			return i;
	}
	return -1;
}

static inline const char *fake_ifname(struct host *host, unsigned slot)
{
	assert_true(slot < MAXSLOT);
	return bed_of(host)->name[slot];
}

static inline struct ifset fake_expand(struct host *host, struct ifset set)
{
	struct bed *b = bed_of(host);
	struct ifset all = ifset_none();

	ifset_foreach(written, set) {
		if (!ifname_is_pattern(b->name[written]))
			all = ifset_with(all, written);
		for (unsigned i = 0; i < MAXSLOT; i++) {
			if (b->iface[i].present && ifname_matches(b->name[written], b->name[i]))
				all = ifset_with(all, i);
		}
	}
	return all;
}

static inline struct ifset fake_named_by(struct host *host, unsigned slot)
{
	struct bed *b = bed_of(host);
	struct ifset set = ifset_of(slot);

	for (unsigned i = 0; i < MAXSLOT && b->iface[slot].present; i++) {
		if (*b->name[i] && ifname_matches(b->name[i], b->name[slot]))
			set = ifset_with(set, i);
	}
	return set;
}

/* As in core/phyint.c: the words of all lines for the interface. */
static inline void fake_phyint(struct host *host, unsigned slot, const struct keyword *table,
			       void *fields)
{
	struct bed *b = bed_of(host);
	struct words w = { 0 };

	for (unsigned i = 0; i < b->nphyints; i++) {
		char *line = xstrdup(b->phyint[i]);

		assert_true(words_split(&w, line, strlen(line)));
		words_next(&w);
		if (ifname_matches(words_next(&w), b->name[slot])) {
			const char *word;

			while ((word = words_next(&w))) {
				const struct keyword *k = keyword_find(table, word);

				assert_int_equal(k->parse(&w, k, fields), 0);
			}
		}
		free(line);
	}
	words_free(&w);
}

static inline struct iface fake_iface(struct engine *e, unsigned slot)
{
	struct bed *b = bed_of(e->host);
	struct iface iface = slot < MAXSLOT ? b->iface[slot] : (struct iface){ .name = "" };

	iface.address = slot < MAXSLOT ? b->address[slot] : NULL;
	return iface.present ? iface : (struct iface){ .name = "" };
}

static inline enum send_result fake_send(struct engine *e, const struct packet *packet,
					 unsigned *mtu)
{
	struct bed *b = bed_of(e->host);
	struct gm_message m;

	(void)mtu;
	assert_true(ifset_has(b->listened, packet->slot));
	assert_true(b->iface[packet->slot].up);
	arena_reset(&b->arena);
	assert_int_equal(gm_decode(b->af, packet->data, packet->len, &b->arena, &m), GM_GOOD);
	assert_int_equal(m.type, GM_QUERY);
	assert_int_equal(packet->ttl, 1);
	assert_true(packet->router_alert);
	assert_true(ip_eq(packet->dst, gm_destination(b->af, &m)));
	b->sent = *packet;
	b->nqueries++;
	if (packet->len > b->mtu_sent)
		b->mtu_sent = packet->len;
	say_slot(b, packet->slot);
	say(b, "Q%s", m.suppress ? "S" : "");
	if (m.version < 3)
		say(b, "%u", m.version);
	say(b, "(%g", m.max_response / 1000.);
	if (!ip_is_any(m.group))
		say(b, " G%u", number_of(m.group));
	for (unsigned i = 0; i < m.nsources; i++)
		say(b, " %u", number_of(m.source[i]));
	say(b, ")");
	return SENT;
}

static inline void fake_listen(struct engine *e, unsigned slot, enum listen_what what, bool on)
{
	struct bed *b = bed_of(e->host);

	assert_int_equal(what, LISTEN_MEMBERS);
	assert_int_equal(ifset_has(b->listened, slot), !on);
	b->listened = on ? ifset_with(b->listened, slot) : ifset_without(b->listened, slot);
}

static inline void fake_member(struct engine *e, unsigned slot, const struct membership *m)
{
	struct bed *b = bed_of(e->host);
	struct membership now;

	e->module->membership(e, slot, m->group, &now);
	assert_int_equal(now.mode, m->mode);
	assert_int_equal(now.nsources, m->nsources);
	for (unsigned i = 0; i < m->nsources; i++)
		assert_true(ip_eq(now.source[i], m->source[i]));
	b->nmembers++;
	if (b->told)
		b->told(b, slot, m);
	say_slot(b, slot);
	say(b, "%s(G%u", m->mode == FILTER_EXCLUDE ? "EXC" : "INC", number_of(m->group));
	for (unsigned i = 0; i < m->nsources; i++)
		say(b, " %u", number_of(m->source[i]));
	say(b, ")");
}

static inline void fake_querier(struct engine *e, unsigned slot)
{
	struct bed *b = bed_of(e->host);
	bool on = e->module->is_querier(e, slot);

	assert_true(ifset_has(b->queriers, slot) != on);
	b->queriers = on ? ifset_with(b->queriers, slot) : ifset_without(b->queriers, slot);
	say_slot(b, slot);
	say(b, "%s", on ? "on" : "off");
}

static inline void fake_wake(struct engine *e)
{
	bed_of(e->host)->awake = true;
}

static inline void fake_event(struct host *host, const char *kind, ...)
{
	struct bed *b = bed_of(host);
	const char *blank = "";
	va_list args;

	if (!b->monitored)
		return;
	say(b, "%s+%s(", b->len ? " " : "", kind);
	va_start(args, kind);
	while (va_arg(args, const char *)) {
		const char *text = va_arg(args, const char *);

		say(b, "%s%s", blank, text ? text : "-");
		blank = " ";
	}
	va_end(args);
	say(b, ")");
}

static inline bool fake_is_monitored(struct host *host)
{
	return bed_of(host)->monitored;
}

static const struct host_ops fake_ops = {
	.slot = fake_slot,
	.ifname = fake_ifname,
	.expand = fake_expand,
	.named_by = fake_named_by,
	.phyint = fake_phyint,
	.iface = fake_iface,
	.send = fake_send,
	.listen = fake_listen,
	.member = fake_member,
	.querier = fake_querier,
	.wake = fake_wake,
	.event = fake_event,
	.is_monitored = fake_is_monitored,
};

static inline void fake_log(struct log *log, enum log_level level, const char *line)
{
	struct bed *b = container_of(log, struct bed, log);
	size_t len = strlen(b->logged);

	b->nnotices += level == LEVEL_NOTICE;
	if (level <= LEVEL_WARNING)
		snprintf(b->logged + len, sizeof(b->logged) - len, "%s\n", line);
}

/* The end of a turn, in slices. */
static inline void bed_settle(struct bed *b)
{
	for (b->slices = 1; b->e->module->settle(b->e, 3);)
		b->slices++;
	b->awake = false;
}

/* Something about the interface changed. */
static inline void bed_touch(struct bed *b, unsigned slot)
{
	struct iface iface = fake_iface(b->e, slot);

	b->e->module->iface(b->e, slot, &iface);
	bed_settle(b);
}

/* The interface is there and up, with the address whose last number is @n, or none. */
static inline void bed_up(struct bed *b, unsigned slot, unsigned n)
{
	b->address[slot][0] = (struct prefix){ host_of(b, slot, n), b->af == V4 ? 24 : 64 };
	b->iface[slot] = (struct iface){ .name = b->name[slot],
					 .present = true,
					 .enabled = true,
					 .up = true,
					 .multicast = true,
					 .mtu = 1500,
					 .naddresses = n > 0 };
	bed_touch(b, slot);
}

static inline void bed_gone(struct bed *b, unsigned slot)
{
	b->iface[slot] = (struct iface){ .name = b->name[slot] };
	bed_touch(b, slot);
}

/* The line in the words of the family. */
static inline void translate(enum af af, const char *from, size_t len, char *to)
{
	const char *end = from + len;

	while (from < end) {
		if (af == V6 && !strncmp(from, "igmp", 4)) {
			to = stpcpy(to, "mld");
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* One line of a configuration; 0, or -1 with the error in the words. */
static inline int bed_line(struct bed *b, struct reader *r, void *conf, char *line)
{
	const struct statement *s = b->e->module->statements;
	struct words *w = &r->words;
	const char *name;
	char scratch[PHYINT_SIZE] __attribute__((aligned(16)));
	char *copy = xstrdup(line);
	int slot;

	assert_true(words_split(w, line, strlen(line)));
	name = words_next(w);
	if (name && !strcmp(name, "phyint")) {
		assert_true(b->nphyints < MAXLINES);
		slot = read_slot(r);
		assert_true(slot >= 0);
		while ((name = words_next(w))) {
			const struct keyword *k = keyword_find(b->e->module->phyint, name);

			if (!k || k->parse(w, k, scratch)) {
				free(copy);
				return -1;
			}
			b->e->module->phyint_named(conf, slot, scratch);
		}
		b->phyint[b->nphyints++] = copy;
		return 0;
	}
	free(copy);
	if (!name)
		return 0;
	while (s->name && strcmp(s->name, name))
		s++;
	assert_non_null(s->name);
	return s->parse(r, conf);
}

static inline void bed_forget_phyints(struct bed *b)
{
	while (b->nphyints)
		free(b->phyint[--b->nphyints]);
}

/* NULL if the configuration was taken over, else what is wrong with it. */
static inline const char *bed_configure(struct bed *b, const char *text)
{
	struct reader r = { .host = &b->host };
	void *conf = b->e->module->conf_new();
	static char error[160];
	int failed = 0;

	bed_forget_phyints(b);
	while (*text && !failed) {
		size_t len = strcspn(text, "\n");
		char line[512];

		translate(b->af, text, len, line);
		failed = bed_line(b, &r, conf, line);
		text += len + (text[len] == '\n');
	}
	if (!failed) {
		r.words.n = 0;
		failed = b->e->module->check(&r, conf);
	}
	snprintf(error, sizeof(error), "%s", failed ? r.words.error : "");
	if (!failed) {
		b->e->module->configure(b->e, conf, false);
		if (!b->lazy)
			bed_settle(b);
	}
	b->e->module->conf_free(conf);
	words_free(&r.words);
	return failed ? error : NULL;
}

static inline void bed_follow(struct bed *b, unsigned slot, bool on)
{
	b->e->module->followed(b->e, slot, on);
	bed_settle(b);
}

/* Time goes on by @ms. Whatever is due by then happens when it is due. */
static inline void bed_run(struct bed *b, int64_t ms)
{
	int64_t at = b->clock.now + ms;

	while (clock_next(&b->clock) <= at) {
		clock_advance(&b->clock, clock_next(&b->clock));
		bed_settle(b);
	}
	clock_advance(&b->clock, at);
}

static inline void hear_packet(struct bed *b, const struct packet *packet)
{
	b->e->module->packet(b->e, packet);
	if (!b->lazy)
		bed_settle(b);
}

/* A message of that host on the slot's link, in @wire of a packet, for a test to spoil. */
static inline struct packet packet_of(struct bed *b, unsigned slot, unsigned host,
				      const struct gm_message *m, uint8_t *wire, size_t size)
{
	struct gm_place at = { 0 };
	size_t len = gm_encode(b->af, m, &at, wire, size);
	struct packet packet = gm_packet(b->af, m, wire, len);

	assert_true(at.end);
	packet.slot = slot;
	packet.src = host_of(b, slot, host);
	return packet;
}

static inline void hear(struct bed *b, unsigned slot, unsigned host, const struct gm_message *m)
{
	uint8_t wire[1500];
	struct packet packet = packet_of(b, slot, host, m, wire, sizeof(wire));

	hear_packet(b, &packet);
}

/* Host 20 on eth0 reports of a group, with these sources up to a 0. */
static inline void record(struct bed *b, enum gm_record_type type, struct ip group,
			  const unsigned *sources)
{
	struct ip source[16];
	struct gm_record r = { type, group, source, 0 };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };

	for (; sources && sources[r.nsources]; r.nsources++)
		source[r.nsources] = source_of(b, sources[r.nsources]);
	hear(b, 0, 20, &m);
}

#define SOURCES(...) ((const unsigned[]){ __VA_ARGS__, 0 })

static inline void join(struct bed *b, unsigned group)
{
	record(b, CHANGE_TO_EXCLUDE_MODE, group_of(b, group), NULL);
}

static inline void leave(struct bed *b, unsigned group)
{
	record(b, CHANGE_TO_INCLUDE_MODE, group_of(b, group), NULL);
}

/* A report or leave of an older version. */
static inline void old(struct bed *b, enum gm_type type, unsigned version, struct ip group)
{
	hear(b, 0, 20, &(struct gm_message){ .type = type, .version = version, .group = group });
}

static inline struct gm_message general(const struct bed *b)
{
	return (struct gm_message){
		.type = GM_QUERY,
		.version = 3,
		.group = ip_any(b->af),
		.max_response = SEC(10),
		.robustness = 2,
		.interval = SEC(125),
	};
}

#define assert_said(b, text)                          \
	do {                                          \
		assert_string_equal((b)->said, text); \
		(b)->said[(b)->len = 0] = '\0';       \
	} while (0)

/* The counter of that name. */
static inline uint64_t counted(struct bed *b, const char *name)
{
	struct count count;

	for (unsigned i = 0; b->e->module->count(b->e, i, &count); i++) {
		if (!strcmp(count.name, name))
			return count.value;
	}
	fail_msg("no counter %s", name);
	return 0;
}

/* eth0 and eth1 are there, with addresses that end in 10. */
static inline void bed_init(struct bed *b, enum af af)
{
	*b = (struct bed){ .af = af, .host = { .op = &fake_ops } };
	clock_init(&b->clock, 5000);
	rng_seed(&b->rng, 1);
	log_init(&b->log, LEVEL_DEBUG, fake_log);
	b->arena = arena_init(GM_ARENA);
	b->host.clock = &b->clock;
	b->host.rng = &b->rng;
	b->host.log = &b->log;
	b->e = gm_module.create();
	b->e->module = &gm_module;
	b->e->host = &b->host;
	b->e->log = log_area(&b->log, "gm");
	b->e->af = af;
	for (unsigned i = 0; i < 4; i++)
		snprintf(b->name[i], IFNAME_SIZE, "eth%u", i);
	bed_up(b, 0, 10);
	bed_up(b, 1, 10);
}

static inline void bed_free(struct bed *b)
{
	b->e->module->destroy(b->e);
	assert_int_equal(b->clock.n, 0);
	bed_forget_phyints(b);
	arena_free(&b->arena);
	clock_free(&b->clock);
	log_free(&b->log);
}

#endif
