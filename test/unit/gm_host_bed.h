/* gm_host_bed.h - a host under a virtual clock, and what it says as text
 *
 * Groups and sources have numbers, so that a test is the same for both families. A message is a
 * line: its records in brackets, "[TO_EX G1 S2 S3]", or "report2 G1", "leave2 G1".
 */
#ifndef SMCKIT_TEST_GM_HOST_BED_H
#define SMCKIT_TEST_GM_HOST_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/util.h"
#include "igmpproxy/codec.h"
#include "igmpproxy/host.h"

#define MAXSAID 200000

struct bed {
	struct gm_host host;
	struct clock clock;
	struct rng rng;
	enum af af;
	void (*hear)(struct bed *, const struct gm_message *); /* every message, or NULL */
	char *said;
	size_t len;
	unsigned nmessages, nrecords, nsources; /* since the last clear() */
	int64_t at[MAXSAID];			/* when each of these messages came */
};

static inline struct ip number(enum af af, uint32_t v4, const char *v6, uint32_t n)
{
	struct ip ip;

	if (af == V4)
		return ip_v4(v4 + n);
	assert_true(ip_parse(v6, &ip));
	for (int i = 0; i < 4; i++)
		ip.b[12 + i] = n >> (24 - 8 * i);
	return ip;
}

static inline struct ip group(const struct bed *b, uint32_t n)
{
	return number(b->af, 0xef000000, "ff0e::", n);
}

static inline struct ip ssm_group(const struct bed *b, uint32_t n)
{
	return number(b->af, 0xe8000000, "ff3e::", n);
}

static inline struct ip source(const struct bed *b, uint32_t n)
{
	return number(b->af, 0x0a000000, "2001:db8::", n);
}

static inline uint32_t numbered(struct ip ip)
{
	return (uint32_t)ip.b[13] << 16 | ip.b[14] << 8 | ip.b[15];
}

static inline void say(struct bed *b, const char *format, ...) PRINTF(2, 3);

static inline void say(struct bed *b, const char *format, ...)
{
	va_list args;

	if (b->len > 65536)
		return;
	va_start(args, format);
	b->len += vsprintf(b->said + b->len, format, args);
	va_end(args);
}

static inline void say_records(struct bed *b, const struct gm_message *m)
{
	static const char *const name[] = {
		[MODE_IS_INCLUDE] = "IS_IN",	    [MODE_IS_EXCLUDE] = "IS_EX",
		[CHANGE_TO_INCLUDE_MODE] = "TO_IN", [CHANGE_TO_EXCLUDE_MODE] = "TO_EX",
		[ALLOW_NEW_SOURCES] = "ALLOW",	    [BLOCK_OLD_SOURCES] = "BLOCK"
	};

	assert_true(m->nrecords);
	for (unsigned i = 0; i < m->nrecords; i++) {
		const struct gm_record *r = &m->record[i];

		say(b, "[%s G%u", name[r->type], numbered(r->group));
		for (unsigned j = 0; j < r->nsources; j++)
			say(b, " S%u", numbered(r->source[j]));
		say(b, "]");
		b->nsources += r->nsources;
	}
	b->nrecords += m->nrecords;
}

/* What is sent fits in a packet, whole. */
static inline void check_size(struct bed *b, const struct gm_message *m)
{
	uint8_t wire[9000];
	size_t room = gm_room(b->af, b->host.conf.mtu);
	struct gm_place at = { 0 };

	assert_true(gm_encode(b->af, m, &at, wire, room < sizeof(wire) ? room : sizeof(wire)));
	assert_int_equal(gm_encode(b->af, m, &at, wire, sizeof(wire)), 0);
	assert_true(at.end);
}

static inline void bed_send(struct gm_host *h, const struct gm_message *m)
{
	struct bed *b = container_of(h, struct bed, host);

	check_size(b, m);
	if (m->type == GM_REPORT_V3) {
		say_records(b, m);
	} else {
		assert_true(m->version < 3);
		say(b, "%s%u G%u", m->type == GM_LEAVE ? "leave" : "report", m->version,
		    numbered(m->group));
	}
	say(b, "\n");
	assert_true(b->nmessages < MAXSAID);
	b->at[b->nmessages++] = b->clock.now;
	if (b->hear)
		b->hear(b, m);
}

static inline void clear(struct bed *b)
{
	b->said[0] = 0;
	b->len = b->nmessages = b->nrecords = b->nsources = 0;
}

#define expect(b, text)                               \
	do {                                          \
		assert_string_equal((b)->said, text); \
		clear(b);                             \
	} while (0)

static inline int setup(void **state)
{
	static const struct gm_host_conf conf = { .mtu = 1500, .version = 3, .robustness = 2 };
	struct bed *b = xcalloc(1, sizeof(*b));

	b->af = *state ? V6 : V4;
	b->said = xcalloc(1, 65536 * 2 + 20000);
	rng_seed(&b->rng, 4711);
	clock_init(&b->clock, 1000000);
	gm_host_init(&b->host, b->af, &conf, &b->clock, &b->rng, bed_send);
	*state = b;
	return 0;
}

static inline int teardown(void **state)
{
	struct bed *b = *state;

	gm_host_free(&b->host);
	assert_int_equal(b->host.ngroups, 0);
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
	clock_free(&b->clock);
	free(b->said);
	free(b);
	return 0;
}

/* A list of numbers of sources ends with 0. */
static inline unsigned sources(const struct bed *b, struct ip *ip, va_list args)
{
	unsigned n = 0, v;

	while ((v = va_arg(args, unsigned)))
		ip[n++] = source(b, v);
	return n;
}

static inline bool set(struct bed *b, unsigned g, enum filter_mode mode, ...)
{
	struct ip source[64];
	struct membership m = { .group = group(b, g), .mode = mode, .source = source };
	va_list args;

	va_start(args, mode);
	m.nsources = sources(b, source, args);
	va_end(args);
	return gm_host_set(&b->host, &m);
}

#define only(b, g, ...) set(b, g, FILTER_INCLUDE, ##__VA_ARGS__, 0)
#define except(b, g, ...) set(b, g, FILTER_EXCLUDE, ##__VA_ARGS__, 0)
#define leave(b, g) set(b, g, FILTER_INCLUDE, 0)

static inline void settle(struct bed *b)
{
	while (gm_host_settle(&b->host, UINT32_MAX))
		;
}

static inline void pass(struct bed *b, int64_t ms)
{
	clock_advance(&b->clock, b->clock.now + ms);
}

/* A query; of group 0 it is general. */
static inline void ask(struct bed *b, unsigned version, unsigned g, int64_t within, ...)
{
	struct ip source[64];
	struct gm_message m = { .type = GM_QUERY,
				.version = version,
				.group = g ? group(b, g) : ip_any(b->af),
				.max_response = within,
				.source = source };
	va_list args;

	va_start(args, within);
	m.nsources = sources(b, source, args);
	va_end(args);
	gm_host_receive(&b->host, &m);
}

#define query(b, version, g, within, ...) ask(b, version, g, within, ##__VA_ARGS__, 0)

/* Another host's report. */
static inline void report(struct bed *b, unsigned version, unsigned g)
{
	struct gm_message m = { .type = GM_REPORT, .version = version, .group = group(b, g) };

	gm_host_receive(&b->host, &m);
}

/* The test once for each family. */
#define BOTH(test)                                              \
	{ #test " IPv4", test, setup, teardown, NULL },         \
	{                                                       \
#test " IPv6", test, setup, teardown, (void *)1 \
	}

#endif
