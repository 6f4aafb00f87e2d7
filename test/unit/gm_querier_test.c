/* gm_querier_test.c - who asks on a link: startup, election, what is adopted, both families
 *
 * What the querier tells is written down as it comes: "Q(1)" is a general query whose answers take
 * up to a second, "on" and "off" whether we are querier, "off=3" that host 3 is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "igmpproxy/querier.h"

struct bed {
	struct gm_querier q; /* first */
	struct clock clock;
	enum af af;
	char said[4096];
	size_t len;
	int64_t last; /* when the last query was sent */
	unsigned version;
};

PRINTF(2, 3) static void say(struct bed *b, const char *format, ...)
{
	va_list args;

	if (b->len)
		b->said[b->len++] = ' ';
	va_start(args, format);
	b->len += vsnprintf(b->said + b->len, sizeof(b->said) - b->len, format, args);
	va_end(args);
	assert_true(b->len < sizeof(b->said));
}

/* Number 0 has no address. */
static struct ip host(enum af af, unsigned n)
{
	struct ip ip;

	if (!n)
		return ip_any(af);
	assert_true(ip_parse(af == V4 ? "10.0.0.0" : "fe80::", &ip));
	ip.b[15] = n;
	return ip;
}

static void on_query(struct gm_querier *q, const struct gm_message *m)
{
	struct bed *b = container_of(q, struct bed, q);

	assert_int_equal(m->type, GM_QUERY);
	assert_true(ip_eq(m->group, ip_any(b->af)));
	assert_int_equal(m->robustness, q->settings.robustness);
	assert_int_equal(m->interval, q->settings.query_interval);
	assert_false(m->suppress);
	assert_int_equal(m->nsources, 0);
	b->last = b->clock.now;
	b->version = m->version;
	say(b, "Q(%g)", m->max_response / 1000.);
}

static void on_changed(struct gm_querier *q)
{
	struct bed *b = container_of(q, struct bed, q);

	if (q->on)
		say(b, "on");
	else if (ip_is_any(q->other))
		say(b, "off");
	else
		say(b, "off=%u", q->other.b[15]);
}

static const struct gm_querier_ops ops = { on_query, on_changed };

/* The defaults of RFC 3376 8, and a second to answer first queries. */
static const struct gm_querier_settings defaults = {
	.version = 3,
	.robustness = 2,
	.query_interval = SEC(125),
	.response_interval = SEC(10),
	.startup_interval = 31250,
	.startup_response = SEC(1),
	.startup_count = 2,
};

#define assert_said(b, text)                          \
	do {                                          \
		assert_string_equal((b)->said, text); \
		(b)->said[(b)->len = 0] = '\0';       \
	} while (0)

static void run(struct bed *b, int64_t ms)
{
	clock_advance(&b->clock, b->clock.now + ms);
}

static struct gm_message query(const struct bed *b)
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

static void hear(struct bed *b, unsigned n)
{
	struct gm_message m = query(b);

	gm_querier_hear(&b->q, host(b->af, n), &m);
}

/* As host 10. */
static void start(struct bed *b)
{
	gm_querier_start(&b->q, host(b->af, 10));
}

static void settled(struct bed *b)
{
	start(b);
	run(b, 31250);
	assert_said(b, "on Q(1) Q(1)");
}

static void startup(struct bed *b)
{
	run(b, SEC(1000));
	assert_said(b, "");
	start(b);
	assert_said(b, "on Q(1)");
	run(b, 31249);
	assert_said(b, "");
	run(b, 1);
	assert_said(b, "Q(1)");
	run(b, SEC(125) - 1);
	assert_said(b, "");
	run(b, 1);
	assert_said(b, "Q(10)");
	run(b, SEC(250));
	assert_said(b, "Q(10) Q(10)");
}

static void startup_tuned(struct bed *b)
{
	struct gm_querier_settings set = defaults;

	set.startup_count = 4;
	set.startup_interval = SEC(1);
	set.startup_response = 500;
	set.response_interval = SEC(5);
	set.query_interval = SEC(60);
	gm_querier_set(&b->q, &set);
	start(b);
	run(b, SEC(3));
	assert_said(b, "on Q(0.5) Q(0.5) Q(0.5) Q(0.5)");
	run(b, SEC(60) - 1);
	assert_said(b, "");
	run(b, 1);
	assert_said(b, "Q(5)");
}

static void one_startup_query(struct bed *b)
{
	struct gm_querier_settings set = defaults;

	set.startup_count = 1;
	gm_querier_set(&b->q, &set);
	start(b);
	run(b, SEC(125));
	assert_said(b, "on Q(1) Q(10)");
}

static void election_lost(struct bed *b)
{
	settled(b);
	hear(b, 3);
	assert_said(b, "off=3");
	run(b, SEC(255) - 1);
	assert_said(b, "");
	run(b, 1);
	assert_said(b, "on Q(10)");
	run(b, SEC(125));
	assert_said(b, "Q(10)");
}

static void election_lost_at_startup(struct bed *b)
{
	start(b);
	hear(b, 3);
	run(b, SEC(254));
	assert_said(b, "on Q(1) off=3");
}

static void election_won(struct bed *b)
{
	settled(b);
	hear(b, 11);
	hear(b, 255);
	run(b, SEC(125));
	assert_said(b, "Q(10)");
}

/* Who asks beside us has not heard us yet. */
static void answers_who_starts(struct bed *b)
{
	settled(b);
	run(b, SEC(20));
	hear(b, 20);
	run(b, 0);
	assert_said(b, "Q(10)");
	hear(b, 20);
	run(b, 99);
	assert_said(b, "");
	run(b, 1);
	assert_said(b, "Q(10)");
	run(b, SEC(125) - 1);
	assert_said(b, "");
	run(b, 1);
	assert_said(b, "Q(10)");
	hear(b, 5);
	assert_said(b, "off=5");
	hear(b, 20);
	run(b, SEC(1));
	assert_said(b, "");
}

static void specific_queries_elect_nobody(struct bed *b)
{
	struct gm_message m = query(b);

	settled(b);
	assert_true(ip_parse(b->af == V4 ? "239.1.1.1" : "ff0e::1", &m.group));
	gm_querier_hear(&b->q, host(b->af, 3), &m);
	assert_said(b, "");
	assert_true(b->q.on);
}

static void lowest_is_found(struct bed *b)
{
	settled(b);
	hear(b, 5);
	run(b, SEC(100));
	/* not it, and not before it */
	hear(b, 7);
	run(b, SEC(100));
	hear(b, 3);
	assert_said(b, "off=5 off=3");
	run(b, SEC(254));
	hear(b, 5);
	assert_said(b, "");
	run(b, SEC(1));
	/* 3 is dead; 5, who is not, says so with its next query */
	assert_said(b, "on Q(10)");
	hear(b, 5);
	assert_said(b, "off=5");
}

static void no_address_elects_nobody(struct bed *b)
{
	settled(b);
	hear(b, 0);
	assert_said(b, "");
	hear(b, 3);
	hear(b, 0);
	assert_said(b, "off=3");
	assert_true(ip_eq(b->q.other, host(b->af, 3)));
}

static void who_has_no_address_yields(struct bed *b)
{
	gm_querier_start(&b->q, host(b->af, 0));
	assert_said(b, "on Q(1)");
	hear(b, 200);
	assert_said(b, "off=200");
	/* with an address before the other's, we are it */
	start(b);
	assert_said(b, "on Q(1)");
}

static void adopts(struct bed *b)
{
	struct gm_message m = query(b);

	settled(b);
	m.robustness = 3;
	m.interval = SEC(60);
	gm_querier_hear(&b->q, host(b->af, 3), &m);
	assert_int_equal(b->q.robustness, 3);
	assert_int_equal(b->q.interval, SEC(60));
	assert_int_equal(gm_other_querier_interval(&b->q), SEC(185));
	/* what it does not say, or not any more, is our own */
	m.robustness = 0;
	m.interval = 0;
	m.version = 2;
	gm_querier_hear(&b->q, host(b->af, 3), &m);
	assert_int_equal(b->q.robustness, 2);
	assert_int_equal(b->q.interval, SEC(125));
	assert_int_equal(b->q.version, 2);
	m.robustness = 7;
	gm_querier_hear(&b->q, host(b->af, 3), &m);
	assert_said(b, "off=3 off=3 off=3");
	run(b, 7 * SEC(125) + SEC(5) - 1);
	assert_said(b, "");
	run(b, 1);
	assert_said(b, "on Q(10)");
	assert_int_equal(b->q.robustness, 2);
	assert_int_equal(b->q.interval, SEC(125));
}

/* Whatever the other one says. */
static void given_up_as_told(struct bed *b)
{
	struct gm_querier_settings set = defaults;
	struct gm_message m = query(b);

	set.other_present = SEC(300);
	gm_querier_set(&b->q, &set);
	settled(b);
	m.robustness = 7;
	gm_querier_hear(&b->q, host(b->af, 3), &m);
	assert_said(b, "off=3");
	run(b, SEC(300) - 1);
	assert_said(b, "");
	run(b, 1);
	assert_said(b, "on Q(10)");
}

static void nothing_is_adopted_of_others(struct bed *b)
{
	struct gm_message m = query(b);

	settled(b);
	m.robustness = 5;
	m.interval = SEC(7);
	gm_querier_hear(&b->q, host(b->af, 11), &m);
	assert_int_equal(b->q.robustness, 2);
	assert_int_equal(b->q.interval, SEC(125));
	assert_said(b, "");
}

static void asks_in_its_version(struct bed *b)
{
	for (unsigned version = 1; version <= 3; version++) {
		struct gm_querier_settings set = defaults;

		set.version = version;
		gm_querier_set(&b->q, &set);
		run(b, SEC(125));
		start(b);
		assert_int_equal(b->version, version);
	}
}

static void never_asks(struct bed *b)
{
	struct gm_querier_settings set = defaults;

	set.passive = true;
	gm_querier_set(&b->q, &set);
	start(b);
	run(b, SEC(1000));
	assert_said(b, "off");
	/* nor is its address of any account */
	hear(b, 200);
	hear(b, 210);
	assert_said(b, "off=200");
	run(b, SEC(255));
	assert_said(b, "off");
	hear(b, 210);
	start(b);
	assert_said(b, "off=210");
	gm_querier_set(&b->q, &defaults);
	assert_said(b, "on Q(1)");
	gm_querier_set(&b->q, &set);
	run(b, SEC(1000));
	assert_said(b, "off");
}

static void other_address(struct bed *b)
{
	settled(b);
	hear(b, 9);
	assert_said(b, "off=9");
	/* still behind the other one */
	gm_querier_start(&b->q, host(b->af, 12));
	assert_said(b, "");
	run(b, SEC(254));
	assert_said(b, "");
	gm_querier_start(&b->q, host(b->af, 8));
	run(b, 31250);
	assert_said(b, "on Q(1) Q(1)");
	gm_querier_start(&b->q, host(b->af, 7));
	assert_said(b, "on Q(1)");
}

static void stop_and_start(struct bed *b)
{
	settled(b);
	hear(b, 3);
	gm_querier_stop(&b->q);
	assert_said(b, "off=3");
	assert_int_equal(b->clock.n, 0);
	hear(b, 3);
	run(b, SEC(1000));
	assert_said(b, "");
	assert_false(b->q.on);
	settled(b);
}

static void tuned_while_it_runs(struct bed *b)
{
	struct gm_querier_settings set = defaults;

	settled(b);
	gm_querier_set(&b->q, &defaults);
	run(b, SEC(20));
	assert_said(b, "");
	set.query_interval = SEC(30);
	gm_querier_set(&b->q, &set);
	assert_int_equal(b->q.interval, SEC(30));
	run(b, SEC(30));
	assert_said(b, "Q(10)");
	/* longer: from the next query on */
	gm_querier_set(&b->q, &defaults);
	run(b, SEC(30));
	assert_said(b, "Q(10)");
	run(b, SEC(124));
	assert_said(b, "");
	run(b, SEC(1));
	assert_said(b, "Q(10)");
}

static void tuned_beside_another(struct bed *b)
{
	struct gm_message m = query(b);
	struct gm_querier_settings set = defaults;

	settled(b);
	m.interval = SEC(60);
	gm_querier_hear(&b->q, host(b->af, 3), &m);
	set.query_interval = SEC(20);
	gm_querier_set(&b->q, &set);
	assert_int_equal(b->q.interval, SEC(60));
	assert_said(b, "off=3");
	run(b, SEC(125));
	assert_said(b, "on Q(10)");
	assert_int_equal(b->q.interval, SEC(20));
}

/* RFC 3810 7.6.2: only the last 64 bits count. */
static void interface_identifiers(struct bed *b)
{
	struct gm_message m = query(b);
	struct ip own, other;

	if (b->af == V4)
		return;
	assert_true(ip_parse("fe80::ffff:0:0:9", &other));
	assert_true(ip_parse("fe80:0:0:1::8", &own));
	gm_querier_start(&b->q, own);
	gm_querier_hear(&b->q, other, &m);
	assert_true(b->q.on);
	assert_true(ip_parse("fe80:0:0:7::7", &other));
	gm_querier_hear(&b->q, other, &m);
	assert_false(b->q.on);
}

struct check {
	void (*run)(struct bed *bed);
};

static void both(void **arg)
{
	const struct check *check = *arg;

	for (enum af af = V4; af <= V6; af++) {
		struct bed bed = { .af = af };

		clock_init(&bed.clock, 0);
		gm_querier_init(&bed.q, &bed.clock, &ops, af);
		gm_querier_set(&bed.q, &defaults);
		check->run(&bed);
		gm_querier_stop(&bed.q);
		assert_int_equal(bed.clock.n, 0);
		clock_free(&bed.clock);
	}
}

#define CHECK(name, run)                                \
	{                                               \
		name, both, NULL, NULL, &(struct check) \
		{                                       \
			run                             \
		}                                       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK("GM-23, GM-24, GM-25: startup", startup),
		CHECK("GM-24: startup, tuned", startup_tuned),
		CHECK("GM-24: one query at startup", one_startup_query),
		CHECK("GM-25, GM-36: in which version", asks_in_its_version),
		CHECK("GM-27, GM-28, GM-99: lost to a lower address", election_lost),
		CHECK("GM-27: lost at startup", election_lost_at_startup),
		CHECK("GM-27: won over a higher address", election_won),
		CHECK("GM-27: who starts with a higher address is answered", answers_who_starts),
		CHECK("GM-27: specific queries", specific_queries_elect_nobody),
		CHECK("GM-29: the lowest is found", lowest_is_found),
		CHECK("GM-30: queries without an address", no_address_elects_nobody),
		CHECK("GM-22, GM-30: we have no address", who_has_no_address_yields),
		CHECK("GM-27, GM-31: values are adopted", adopts),
		CHECK("given up as told", given_up_as_told),
		CHECK("GM-31: nothing of who is not querier", nothing_is_adopted_of_others),
		CHECK("GM-99: interface identifiers", interface_identifiers),
		CHECK("never asks", never_asks),
		CHECK("another address", other_address),
		CHECK("GM-107: stopped and started", stop_and_start),
		CHECK("tuned while it runs", tuned_while_it_runs),
		CHECK("GM-31: tuned beside another", tuned_beside_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
