/* proxy_sim.c - proxies over the whole router: from a report on one link to that on another
 *
 * Each test is one for both families; upstream is eth0, in some eth3 too, downstream eth1 and eth2.
 * Interface ethN has 10.0.N.10/24 and fe80::N:10, neighbours end in other numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "igmpproxy/codec.h"
#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "lib/util.h"
#include "sim/bed.h"
#include "static/static.h"

#define ONE "proxy upstream eth0 downstream eth1 eth2\n"
#define TWO "proxy upstream eth0 upstream eth3 downstream eth1 eth2\n"
#define OK "{\"ok\":true}\n"

enum { ETH0 = 1, ETH1, ETH2, ETH3 };

struct scene {
	struct bed bed; /* first */
	enum af af;
	char said[65536]; /* reports that were sent, "1 [TO_EX 239.1.0.1]", to be taken */
	unsigned nsaid;
};

static const struct module *const modules[] = { &static_module, &gm_module, &proxy_module, NULL };

static void say(struct scene *s, const char *format, ...) PRINTF(2, 3);

static void say(struct scene *s, const char *format, ...)
{
	size_t len = strlen(s->said);
	va_list args;

	va_start(args, format);
	vsnprintf(s->said + len, sizeof(s->said) - len, format, args);
	va_end(args);
}

static void say_record(struct scene *s, const struct gm_record *r)
{
	static const char *const name[] = {
		[MODE_IS_INCLUDE] = "IS_IN",	    [MODE_IS_EXCLUDE] = "IS_EX",
		[CHANGE_TO_INCLUDE_MODE] = "TO_IN", [CHANGE_TO_EXCLUDE_MODE] = "TO_EX",
		[ALLOW_NEW_SOURCES] = "ALLOW",	    [BLOCK_OLD_SOURCES] = "BLOCK"
	};

	say(s, " [%s %s", name[r->type], ip_str(r->group));
	for (unsigned i = 0; i < r->nsources; i++)
		say(s, " %s", ip_str(r->source[i]));
	say(s, "]");
}

/* GM-72: queries leave downstream alone, reports upstream alone. */
static enum send_result keep(struct sim_kern *k, enum af af, unsigned ifindex,
			     const struct packet *packet, unsigned *mtu)
{
	struct scene *s = k->arg;
	struct arena arena = arena_init(GM_ARENA);
	struct gm_message m;

	(void)mtu;
	assert_int_equal(gm_decode(af, packet->data, packet->len, &arena, &m), GM_GOOD);
	if (m.type == GM_QUERY) {
		assert_true(ifindex == ETH1 || ifindex == ETH2);
	} else if (af == s->af) {
		assert_true(ifindex == ETH0 || ifindex == ETH3);
		say(s, "%u", ifindex);
		for (unsigned i = 0; i < m.nrecords; i++)
			say_record(s, &m.record[i]);
		say(s, "\n");
		s->nsaid++;
	}
	arena_free(&arena);
	return SENT;
}

static void addresses(struct scene *s, unsigned ifindex)
{
	struct prefix prefix;
	char text[64];

	snprintf(text, sizeof(text), "10.0.%u.10/24", ifindex - 1);
	assert_true(prefix_parse(text, &prefix));
	sim_address(s->bed.k, ifindex, &prefix, true);
	snprintf(text, sizeof(text), "fe80::%x:a/64", ifindex - 1);
	assert_true(prefix_parse(text, &prefix));
	sim_address(s->bed.k, ifindex, &prefix, true);
}

static struct scene *scene_new(enum af af, const char *conf)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	s->af = af;
	bed_begin(&s->bed, modules, conf);
	s->bed.k->send = keep;
	for (unsigned i = ETH0; i <= ETH3; i++)
		addresses(s, i);
	router_start(s->bed.r);
	bed_work(&s->bed);
	return s;
}

static void scene_free(struct scene *s)
{
	bed_end(&s->bed);
	free(s);
}

static const char *group(const struct scene *s, unsigned n)
{
	static char text[64];

	if (s->af == V4)
		snprintf(text, sizeof(text), "239.1.%u.%u", n >> 8, n & 255);
	else
		snprintf(text, sizeof(text), "ff0e::%x", n);
	return text;
}

static const char *source(const struct scene *s)
{
	return s->af == V4 ? "192.0.2.1" : "2001:db8::1";
}

/* A listener's report. */
static void say_to(struct scene *s, unsigned ifindex, const struct gm_record *r)
{
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = r, .nrecords = 1 };
	struct gm_place at = { 0 };
	uint8_t data[1500];
	size_t len = gm_encode(s->af, &m, &at, data, sizeof(data));
	struct packet packet = gm_packet(s->af, &m, data, len);
	char text[64];

	snprintf(text, sizeof(text), s->af == V4 ? "10.0.%u.20" : "fe80::%x:14", ifindex - 1);
	packet.src = bed_ip(text);
	assert_true(sim_receive(s->bed.k, ifindex, &packet));
}

static void report(struct scene *s, unsigned ifindex, enum gm_record_type type, unsigned n)
{
	struct ip src = bed_ip(source(s));

	say_to(s, ifindex,
	       &(struct gm_record){ type, bed_ip(group(s, n)), &src,
				    type == ALLOW_NEW_SOURCES || type == BLOCK_OLD_SOURCES });
}

#define join(s, ifindex, n) report(s, ifindex, CHANGE_TO_EXCLUDE_MODE, n)
#define leave(s, ifindex, n) report(s, ifindex, CHANGE_TO_INCLUDE_MODE, n)

/* What was reported upstream since the last look: @text has the group where % stands. */
static void expect(struct scene *s, const char *text, unsigned n)
{
	char expected[256], *to = expected;

	bed_work(&s->bed);
	for (; *text; text++) {
		if (*text == '%')
			to += sprintf(to, "%s", group(s, n));
		else
			*to++ = *text;
	}
	*to = 0;
	assert_string_equal(s->said, expected);
	*s->said = 0;
	s->nsaid = 0;
}

static void pass(struct scene *s, int64_t ms)
{
	bed_advance(&s->bed, ms);
	*s->said = 0;
	s->nsaid = 0;
}

static void expect_copies(struct scene *s, unsigned from, unsigned n, const char *to)
{
	assert_string_equal(bed_send(&s->bed, from, source(s), group(s, n)), to);
	bed_work(&s->bed);
}

static void carrier(struct scene *s, unsigned ifindex, const char *name, bool up)
{
	sim_link(s->bed.k, &(struct link){ .ifindex = ifindex,
					   .name = name,
					   .up = up,
					   .multicast = true,
					   .mtu = 1500 });
	bed_work(&s->bed);
}

static void report_join_is_reported_upstream(enum af af)
{
	struct scene *s = scene_new(af, ONE);

	join(s, ETH1, 1);
	expect(s, "1 [TO_EX %]\n", 1);
	expect_copies(s, ETH0, 1, "2");
	join(s, ETH2, 1);
	expect(s, "", 1);
	expect_copies(s, ETH0, 1, "2 3");
	pass(s, SEC(3));
	leave(s, ETH1, 1);
	bed_advance(&s->bed, SEC(3));
	expect(s, "", 1);
	expect_copies(s, ETH0, 1, "3");
	leave(s, ETH2, 1);
	bed_advance(&s->bed, SEC(2));
	expect(s, "1 [TO_IN %]\n", 1);
	expect_copies(s, ETH0, 1, "");
	scene_free(s);
}

static void source_from_before_is_forwarded_at_once(enum af af)
{
	struct scene *s = scene_new(af, ONE);
	struct sim_entry entry;

	expect_copies(s, ETH0, 1, "");
	assert_true(sim_entry(s->bed.k, af, bed_sg(source(s), group(s, 1)), &entry));
	report(s, ETH2, ALLOW_NEW_SOURCES, 1);
	bed_work(&s->bed);
	assert_true(sim_forwards(s->bed.k, bed_sg(source(s), group(s, 1)), ETH0, ETH2));
	assert_false(sim_forwards(s->bed.k, bed_sg(source(s), group(s, 1)), ETH0, ETH1));
	scene_free(s);
}

static void sent_downstream_goes_upstream(enum af af)
{
	struct scene *s = scene_new(af, ONE);

	expect_copies(s, ETH1, 1, "1");
	join(s, ETH2, 1);
	bed_work(&s->bed);
	expect_copies(s, ETH1, 1, "1 3");
	scene_free(s);
}

static void other_querier_forwards(enum af af)
{
	struct scene *s = scene_new(af, ONE);
	struct gm_message m = { .type = GM_QUERY,
				.version = 3,
				.group = ip_any(af),
				.max_response = SEC(10),
				.robustness = 2,
				.interval = SEC(125) };
	struct gm_place at = { 0 };
	uint8_t data[64];
	size_t len = gm_encode(af, &m, &at, data, sizeof(data));
	struct packet packet = gm_packet(af, &m, data, len);

	join(s, ETH1, 1);
	bed_work(&s->bed);
	expect_copies(s, ETH0, 1, "2");
	packet.src = bed_ip(af == V4 ? "10.0.1.1" : "fe80::1:1");
	assert_true(sim_receive(s->bed.k, ETH1, &packet));
	bed_work(&s->bed);
	expect_copies(s, ETH0, 1, "");
	sim_file(s->bed.k, BED_CONF, ONE "phyint eth1 proxy-forward\n");
	assert_true(bed_reload(&s->bed));
	expect_copies(s, ETH0, 1, "2");
	scene_free(s);
}

static void upstream_fails_over(enum af af)
{
	struct scene *s = scene_new(af, TWO);

	join(s, ETH1, 1);
	expect(s, "1 [TO_EX %]\n", 1);
	expect_copies(s, ETH0, 1, "2");
	pass(s, SEC(3));
	carrier(s, ETH0, "eth0", false);
	expect(s, "4 [TO_EX %]\n", 1);
	assert_true(sim_forwards(s->bed.k, bed_sg(source(s), group(s, 1)), ETH3, ETH1));
	expect_copies(s, ETH3, 1, "2");
	pass(s, SEC(3));
	carrier(s, ETH0, "eth0", true);
	expect(s, "1 [TO_EX %]\n4 [TO_IN %]\n", 1);
	assert_true(sim_forwards(s->bed.k, bed_sg(source(s), group(s, 1)), ETH0, ETH1));
	scene_free(s);
}

static void upstream_is_another_device(enum af af)
{
	struct scene *s = scene_new(af, ONE);

	join(s, ETH1, 1);
	expect(s, "1 [TO_EX %]\n", 1);
	pass(s, SEC(3));
	sim_link_gone(s->bed.k, ETH0);
	expect(s, "", 1);
	join(s, ETH2, 1);
	expect(s, "", 1);
	carrier(s, ETH0, "eth0", true);
	expect(s, "", 1);
	addresses(s, ETH0);
	expect(s, "1 [TO_EX %]\n", 1);
	expect_copies(s, ETH0, 1, "2 3");
	scene_free(s);
}

/* As when PPP dials again, or a carrier flaps: nobody sees it without a device. */
static void upstream_is_replaced_at_once(enum af af)
{
	struct scene *s = scene_new(af, ONE);
	struct link link = {
		.ifindex = ETH0, .name = "eth0", .up = true, .multicast = true, .mtu = 1500
	};

	join(s, ETH1, 1);
	expect(s, "1 [TO_EX %]\n", 1);
	pass(s, SEC(3));
	sim_link_gone(s->bed.k, ETH0);
	sim_link(s->bed.k, &link);
	addresses(s, ETH0);
	expect(s, "1 [TO_EX %]\n", 1);
	pass(s, SEC(3));
	link.up = false;
	sim_link(s->bed.k, &link);
	link.up = true;
	sim_link(s->bed.k, &link);
	expect(s, "1 [TO_EX %]\n", 1);
	pass(s, SEC(3));
	sim_link(s->bed.k, &link);
	expect(s, "", 1);
	scene_free(s);
}

/* RFC 4604 2.2.2, and with other ranges than the usual ones. */
static void ssm_is_not_asked_from_all(enum af af)
{
	struct scene *s = scene_new(af, ONE "static-group from eth1 group 232.1.1.1\n"
					    "static-group from eth1 group ff3e::1:1\n");
	const char *ssm = af == V4 ? "232.1.1.1" : "ff3e::1:1";
	struct gm_record r = { CHANGE_TO_EXCLUDE_MODE, bed_ip(ssm), NULL, 0 };
	char said[64];

	say_to(s, ETH2, &r);
	expect(s, "", 0);
	assert_string_equal(bed_send(&s->bed, ETH0, source(s), ssm), "");
	sim_file(s->bed.k, BED_CONF,
		 ONE "ssm-range 232.2.0.0/16 ff3e:0:2::/48\n"
		     "static-group from eth1 group 232.1.1.1\n"
		     "static-group from eth1 group ff3e::1:1\n");
	assert_true(bed_reload(&s->bed));
	snprintf(said, sizeof(said), "1 [TO_EX %s]\n", ssm);
	expect(s, said, 0);
	bed_work(&s->bed);
	assert_string_equal(bed_send(&s->bed, ETH0, source(s), ssm), "2");
	scene_free(s);
}

static void reload_says_nothing(enum af af)
{
	struct scene *s = scene_new(af, TWO);

	join(s, ETH1, 1);
	bed_work(&s->bed);
	expect_copies(s, ETH0, 1, "2");
	pass(s, SEC(3));
	s->bed.k->writes = 0;
	assert_true(bed_reload(&s->bed));
	expect(s, "", 1);
	assert_int_equal(s->bed.k->writes, 0);
	sim_file(s->bed.k, BED_CONF, "proxy upstream eth3 downstream eth1 eth2\n");
	assert_true(bed_reload(&s->bed));
	expect(s, "1 [TO_IN %]\n4 [TO_EX %]\n", 1);
	assert_true(sim_forwards(s->bed.k, bed_sg(source(s), group(s, 1)), ETH3, ETH1));
	sim_file(s->bed.k, BED_CONF, "");
	assert_true(bed_reload(&s->bed));
	bed_advance(&s->bed, SEC(1));
	assert_false(sim_forwards(s->bed.k, bed_sg(source(s), group(s, 1)), ETH3, ETH1));
	scene_free(s);
}

static void restart_goes_on(enum af af)
{
	struct scene *s = scene_new(af, ONE);

	join(s, ETH1, 1);
	bed_work(&s->bed);
	expect_copies(s, ETH0, 1, "2");
	pass(s, SEC(3));
	bed_restart(&s->bed, modules);
	bed_advance(&s->bed, 500);
	expect_copies(s, ETH0, 1, "2");
	report(s, ETH1, MODE_IS_EXCLUDE, 1);
	expect(s, "1 [TO_EX %]\n", 1);
	pass(s, SEC(40));
	expect_copies(s, ETH0, 1, "2");
	scene_free(s);
}

/* The first query of the process that takes over is lost. */
static void restart_goes_on_after_the_second_query(enum af af)
{
	struct scene *s = scene_new(af, ONE);

	join(s, ETH1, 1);
	bed_work(&s->bed);
	expect_copies(s, ETH0, 1, "2");
	pass(s, SEC(3));
	bed_restart(&s->bed, modules);
	pass(s, 31250 + 999);
	expect_copies(s, ETH0, 1, "2");
	report(s, ETH1, MODE_IS_EXCLUDE, 1);
	expect(s, "1 [TO_EX %]\n", 1);
	expect_copies(s, ETH0, 1, "2");
	pass(s, SEC(60));
	expect_copies(s, ETH0, 1, "2");
	scene_free(s);
}

/* A line that is read in again is the same. */
static void shows(enum af af)
{
	struct scene *s = scene_new(af, "proxy name tv upstream eth0 priority 5 upstream eth3 "
					"downstream eth1 eth2 local none\n");
	const char *reply;

	join(s, ETH1, 1);
	report(s, ETH2, ALLOW_NEW_SOURCES, 2);
	bed_work(&s->bed);
	reply = bed_ask(&s->bed, "show proxy");
	assert_non_null(strstr(reply, "{\"proxy\":\"tv\",\"upstream\":\"eth0\""));
	assert_non_null(strstr(reply, "\"state\":\"up\",\"place\":1"));
	assert_non_null(strstr(reply, "\"downstream\":[\"eth1\",\"eth2\"],\"groups\":2"));
	reply = bed_ask(&s->bed, "show proxy groups");
	assert_non_null(strstr(reply, "\"mode\":\"exclude\",\"sources\":[],\"upstream\":\"eth0\","
				      "\"state\":\"reported\",\"wanted\":[\"eth1\"]}"));
	assert_non_null(strstr(reply, "\"mode\":\"include\",\"sources\":[\""));
	assert_non_null(strstr(reply, "\"wanted\":[\"eth2\"]}\n" OK));
	assert_string_equal(bed_ask(&s->bed, "show proxy x"),
			    "{\"error\":\"'x' is too much\",\"column\":12}\n");
	assert_non_null(strstr(bed_ask(&s->bed, "show config"),
			       "{\"line\":\"proxy name tv upstream eth0 priority 5 upstream eth3 "
			       "downstream eth1 eth2 local none\"}\n"));
	scene_free(s);
}

static void end_leaves(enum af af)
{
	struct scene *s = scene_new(af, ONE);
	char said[64];

	join(s, ETH1, 1);
	bed_work(&s->bed);
	pass(s, SEC(3));
	snprintf(said, sizeof(said), "1 [TO_IN %s]\n", group(s, 1));
	router_free(s->bed.r);
	assert_string_equal(s->said, said);
	bed_make_router(&s->bed, modules);
	scene_free(s);
}

/* A group that is left while all are told anew is left. */
static void leave_while_all_is_told(enum af af)
{
	struct scene *s = scene_new(af, ONE);

	for (unsigned n = 1; n <= 2000; n++) {
		if (n < 2000)
			join(s, ETH1, n);
		join(s, ETH2, n);
	}
	bed_work(&s->bed);
	pass(s, SEC(3));
	leave(s, ETH2, 2000);
	bed_work(&s->bed);
	clock_advance(&s->bed.clock, s->bed.clock.now + SEC(2) - 1);
	bed_work(&s->bed);
	*s->said = 0;
	sim_file(s->bed.k, BED_CONF, "proxy upstream eth0 downstream eth1 eth2 receive-only\n");
	router_reload(s->bed.r);
	for (unsigned i = 0; i < 12; i++)
		router_work(s->bed.r);
	clock_advance(&s->bed.clock, s->bed.clock.now + 1);
	expect(s, "1 [TO_IN %]\n", 2000);
	scene_free(s);
}

struct check {
	void (*run)(enum af af);
};

static void both(void **arg)
{
	const struct check *check = *arg;

	for (enum af af = V4; af <= V6; af++)
		check->run(af);
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
		CHECK("GM-72, GM-75, GM-77: a join downstream is reported upstream",
		      report_join_is_reported_upstream),
		CHECK("GM-80, GM-84: a source from before is forwarded at once",
		      source_from_before_is_forwarded_at_once),
		CHECK("GM-78: what is sent downstream goes upstream",
		      sent_downstream_goes_upstream),
		CHECK("GM-79, GM-80: where another is querier, that one forwards",
		      other_querier_forwards),
		CHECK("GM-86: an upstream interface fails over", upstream_fails_over),
		CHECK("GM-86: an upstream interface is another device", upstream_is_another_device),
		CHECK("GM-86: an upstream interface is replaced within a turn",
		      upstream_is_replaced_at_once),
		CHECK("GM-70: a source-specific group is not asked for from all",
		      ssm_is_not_asked_from_all),
		CHECK("GM-80: a reload says what differs", reload_says_nothing),
		CHECK("GM-85: a restart goes on", restart_goes_on),
		CHECK("GM-85: a restart goes on when a query is lost",
		      restart_goes_on_after_the_second_query),
		CHECK("GM-85: the end leaves", end_leaves),
		CHECK("GM-75: a leave while all is told anew", leave_while_all_is_told),
		CHECK("tables", shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
