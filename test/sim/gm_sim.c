/* gm_sim.c - IGMP and MLD over the whole router: what is asked on links, and who hears of listeners
 *
 * Each test is one for both families. "follower" is an engine that follows what listeners want, as
 * the proxy does. Interface ethN has 10.0.N.10/24 and fe80::N:10, neighbours end in other numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "igmpproxy/codec.h"
#include "igmpproxy/gm.h"
#include "sim/bed.h"
#include "static/static.h"

struct follower {
	struct engine engine; /* first */
	struct ifset follow;
	char heard[4096]; /* a line each, to be taken */
};

struct scene {
	struct bed bed; /* first */
	enum af af;
	struct follower *follower[NFAMILIES];
	struct arena arena;
	struct gm_message m; /* the last that was taken */
	int64_t at;	     /* when it was sent, since the beginning */
	int64_t began;
	struct packet packet;
};

static struct scene *making;

static struct follower *follower_of(struct engine *e)
{
	return container_of(e, struct follower, engine);
}

PRINTF(2, 3) static void note(struct engine *e, const char *fmt, ...)
{
	struct follower *f = follower_of(e);
	size_t len = strlen(f->heard);
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->heard + len, sizeof(f->heard) - len, fmt, args);
	va_end(args);
}

static struct engine *follower_create(void)
{
	struct follower *f = xcalloc(1, sizeof(*f));

	return &f->engine;
}

static void follower_start(struct engine *e)
{
	making->follower[e->af] = follower_of(e);
}

static void follower_destroy(struct engine *e)
{
	free(follower_of(e));
}

static void *conf_new(void)
{
	return xcalloc(1, 1);
}

static void follower_configure(struct engine *e, void *conf, bool keep)
{
	(void)e;
	(void)conf;
	(void)keep;
}

static void follower_member(struct engine *e, unsigned slot, const struct membership *m)
{
	struct membership now;

	e->host->op->membership(e, slot, m->group, &now);
	assert_int_equal(now.mode, m->mode);
	assert_int_equal(now.nsources, m->nsources);
	note(e, "%s %s %s", e->host->op->ifname(e->host, slot), ip_str(m->group),
	     m->mode == FILTER_EXCLUDE ? "exclude" : "include");
	for (unsigned i = 0; i < m->nsources; i++)
		note(e, " %s", ip_str(m->source[i]));
	note(e, "\n");
}

static void follower_querier(struct engine *e, unsigned slot, bool on)
{
	assert_int_equal(e->host->op->is_querier(e, slot), on);
	note(e, "%s %s\n", e->host->op->ifname(e->host, slot), on ? "querier" : "non-querier");
}

static struct ifset follower_slots(struct engine *e)
{
	return follower_of(e)->follow;
}

static const struct module follower = {
	.name = "follower",
	.conf_new = conf_new,
	.conf_free = free,
	.create = follower_create,
	.start = follower_start,
	.destroy = follower_destroy,
	.configure = follower_configure,
	.member = follower_member,
	.querier = follower_querier,
	.slots = follower_slots,
};

static const struct module *const modules[] = { &static_module, &follower, &gm_module, NULL };

static void address(struct scene *s, unsigned ifindex, const char *text, bool on)
{
	struct prefix prefix;

	assert_true(prefix_parse(text, &prefix));
	sim_address(s->bed.k, ifindex, &prefix, on);
}

/* The host of that number on the link. */
static struct ip neighbour(const struct scene *s, unsigned ifindex, unsigned n)
{
	char text[64];

	if (s->af == V4)
		snprintf(text, sizeof(text), "10.0.%u.%u", ifindex - 1, n);
	else
		snprintf(text, sizeof(text), "fe80::%x:%x", ifindex - 1, n);
	return bed_ip(text);
}

static struct ip group(const struct scene *s, unsigned n)
{
	struct ip ip = bed_ip(s->af == V4 ? "239.1.0.0" : "ff0e::");

	ip.b[14] += n >> 8;
	ip.b[15] += n;
	return ip;
}

static struct ip source(const struct scene *s, unsigned n)
{
	struct ip ip = bed_ip(s->af == V4 ? "192.0.2.0" : "2001:db8::");

	ip.b[15] += n;
	return ip;
}

/* With a configuration in the words of IGMP, which for IPv6 are those of MLD. */
static char *translate(enum af af, const char *conf)
{
	char *text = xcalloc(1, strlen(conf) + 1), *to = text;

	while (*conf) {
		if (af == V6 && !strncmp(conf, "igmp", 4)) {
			to = stpcpy(to, "mld");
			conf += 4;
		} else {
			*to++ = *conf++;
		}
	}
	return text;
}

static struct scene *scene_new(enum af af, const char *conf)
{
	struct scene *s = xcalloc(1, sizeof(*s));
	char *text = translate(af, conf), name[64];

	s->af = af;
	s->arena = arena_init(GM_ARENA);
	making = s;
	bed_begin(&s->bed, modules, text);
	for (unsigned i = 1; i <= 4; i++) {
		snprintf(name, sizeof(name), "10.0.%u.10/24", i - 1);
		address(s, i, name, true);
		snprintf(name, sizeof(name), "fe80::%x:a/64", i - 1);
		address(s, i, name, true);
	}
	s->began = s->bed.clock.now;
	router_start(s->bed.r);
	bed_work(&s->bed);
	free(text);
	return s;
}

static void scene_free(struct scene *s)
{
	struct sim_sent *sent;

	while ((sent = sim_sent(s->bed.k)))
		free(sent);
	arena_free(&s->arena);
	bed_end(&s->bed);
	free(s);
}

static void follow(struct scene *s, const char *name, bool on)
{
	struct follower *f = s->follower[s->af];
	unsigned slot = f->engine.host->op->slot(f->engine.host, name);

	f->follow = on ? ifset_with(f->follow, slot) : ifset_without(f->follow, slot);
	f->engine.host->op->members(&f->engine, slot, on);
	bed_work(&s->bed);
}

static void assert_heard(struct scene *s, const char *expected)
{
	struct follower *f = s->follower[s->af];

	assert_string_equal(f->heard, expected);
	f->heard[0] = '\0';
}

/* Takes the next message that was sent on the device: it is of the family and well-formed. */
static bool next_sent(struct scene *s, unsigned ifindex)
{
	struct sim_sent *sent;

	while ((sent = sim_sent(s->bed.k)) && sent->ifindex != ifindex)
		free(sent);
	if (!sent)
		return false;
	assert_int_equal(sent->af, s->af);
	arena_reset(&s->arena);
	assert_int_equal(gm_decode(s->af, sent->packet.data, sent->packet.len, &s->arena, &s->m),
			 GM_GOOD);
	s->at = sent->at - s->began;
	s->packet = sent->packet;
	free(sent);
	return true;
}

static void hear(struct scene *s, unsigned ifindex, struct ip from, const struct gm_message *m)
{
	struct gm_place at = { 0 };
	uint8_t data[1500];
	size_t len = gm_encode(s->af, m, &at, data, sizeof(data));
	struct packet packet = gm_packet(s->af, m, data, len);

	packet.src = from;
	assert_true(sim_receive(s->bed.k, ifindex, &packet));
	bed_work(&s->bed);
}

static void record(struct scene *s, unsigned ifindex, enum gm_record_type type, struct ip group,
		   const struct ip *source, unsigned nsources)
{
	struct gm_record r = { type, group, source, nsources };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };

	hear(s, ifindex, neighbour(s, ifindex, 20), &m);
}

/* A general query of that neighbour. */
static void query(struct scene *s, unsigned ifindex, unsigned n)
{
	struct gm_message m = {
		.type = GM_QUERY,
		.version = 3,
		.group = ip_any(s->af),
		.max_response = SEC(10),
		.robustness = 2,
		.interval = SEC(60),
	};

	hear(s, ifindex, neighbour(s, ifindex, n), &m);
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

/* A general query, at that time, that says so much. */
static void assert_general(struct scene *s, int64_t at, int64_t max_response)
{
	assert_true(next_sent(s, 1));
	assert_int_equal(s->at, at);
	assert_int_equal(s->m.type, GM_QUERY);
	assert_true(ip_is_any(s->m.group));
	assert_int_equal(s->m.max_response, max_response);
	assert_int_equal(s->m.robustness, 2);
	assert_int_equal(s->m.interval, SEC(125));
	assert_int_equal(s->packet.ttl, 1);
	assert_true(s->packet.router_alert);
	assert_true(ip_eq(s->packet.src, neighbour(s, 1, 10)));
	assert_true(ip_eq(s->packet.dst, gm_all_systems(s->af)));
}

static void queries_come_early_then_at_the_interval(enum af af)
{
	struct scene *s = scene_new(af, "phyint eth0 igmp\n");

	bed_advance(&s->bed, SEC(300));
	assert_general(s, 0, SEC(1));
	assert_general(s, 31250, SEC(1));
	assert_general(s, 31250 + SEC(125), SEC(10));
	assert_general(s, 31250 + SEC(250), SEC(10));
	assert_false(next_sent(s, 1));
	scene_free(s);
}

static void a_follower_hears_of_listeners(enum af af)
{
	struct scene *s = scene_new(af, "");
	struct ip sources[] = { source(s, 1), source(s, 2) };
	char text[512];

	assert_false(next_sent(s, 1));
	follow(s, "eth0", true);
	assert_heard(s, "eth0 querier\n");
	assert_general(s, 0, SEC(1));
	record(s, 1, CHANGE_TO_EXCLUDE_MODE, group(s, 1), NULL, 0);
	record(s, 1, ALLOW_NEW_SOURCES, group(s, 2), sources, 2);
	snprintf(text, sizeof(text), "eth0 %s exclude\neth0 %s include %s %s\n",
		 ip_str(group(s, 1)), ip_str(group(s, 2)), ip_str(sources[0]), ip_str(sources[1]));
	assert_heard(s, text);
	record(s, 1, CHANGE_TO_INCLUDE_MODE, group(s, 1), NULL, 0);
	assert_true(next_sent(s, 1));
	assert_true(ip_eq(s->m.group, group(s, 1)));
	bed_advance(&s->bed, SEC(2));
	snprintf(text, sizeof(text), "eth0 %s include\n", ip_str(group(s, 1)));
	assert_heard(s, text);
	follow(s, "eth0", false);
	bed_advance(&s->bed, SEC(1000));
	while (next_sent(s, 1))
		assert_true(s->at < SEC(3));
	scene_free(s);
}

static void the_lower_address_is_querier(enum af af)
{
	struct scene *s = scene_new(af, "phyint eth0 igmp\n");

	follow(s, "eth0", true);
	s->follower[af]->heard[0] = '\0';
	query(s, 1, 11);
	assert_heard(s, "");
	query(s, 1, 9);
	assert_heard(s, "eth0 non-querier\n");
	while (next_sent(s, 1))
		;
	bed_advance(&s->bed, SEC(2 * 60 + 5) - 1);
	assert_heard(s, "");
	assert_false(next_sent(s, 1));
	bed_advance(&s->bed, 1);
	assert_heard(s, "eth0 querier\n");
	assert_general(s, SEC(125), SEC(10));
	scene_free(s);
}

static unsigned count_sent(struct scene *s)
{
	unsigned n = 0;

	while (next_sent(s, 1))
		n++;
	return n;
}

/* Whether the reply has that text in it, in which the group of that number may stand for %s. */
static bool says(struct scene *s, const char *request, const char *form, unsigned n)
{
	char text[512];

	snprintf(text, sizeof(text), form, ip_str(group(s, n)));
	return strstr(bed_ask(&s->bed, request), text);
}

static void reloads(enum af af)
{
	static const char conf[] = "phyint eth0 igmp\nphyint eth+ igmp-robustness 3\n";
	struct scene *s = scene_new(af, conf);
	char *text;

	record(s, 1, CHANGE_TO_EXCLUDE_MODE, group(s, 1), NULL, 0);
	assert_int_equal(count_sent(s), 1);
	assert_true(bed_reload(&s->bed));
	assert_int_equal(count_sent(s), 0);
	text = translate(af, "phyint eth0 igmp igmp-query-interval 10\n");
	sim_file(s->bed.k, BED_CONF, text);
	free(text);
	/* the lines together say what none could */
	assert_false(bed_reload(&s->bed));
	assert_non_null(
		strstr(bed_ask(&s->bed, "show errors"), "-query-interval must be longer than"));
	text = translate(af, "phyint eth0 igmp igmp-query-interval 10.5\n");
	sim_file(s->bed.k, BED_CONF, text);
	free(text);
	assert_false(bed_reload(&s->bed));
	text = translate(af, "phyint eth0 igmp igmp-query-interval 11\n");
	sim_file(s->bed.k, BED_CONF, text);
	free(text);
	assert_true(bed_reload(&s->bed));
	assert_int_equal(count_sent(s), 0);
	assert_true(says(s, "show groups", "\"group\":\"%s\"", 1));
	sim_file(s->bed.k, BED_CONF, "");
	assert_true(bed_reload(&s->bed));
	assert_false(sim_listens(s->bed.k, af, 1, LISTEN_MEMBERS));
	assert_string_equal(bed_ask(&s->bed, af == V4 ? "show igmp" : "show mld"),
			    af == V4 ? "{\"table\":\"igmp\",\"width\":3}\n{\"ok\":true}\n"
				     : "{\"table\":\"mld\",\"width\":3}\n{\"ok\":true}\n");
	scene_free(s);
}

/* Where nobody asks for listeners, there is no table of them. */
static void shows_groups(enum af af)
{
	struct scene *s = scene_new(af, "");
	struct ip sources[] = { source(s, 1), source(s, 2) };
	const char *local = af == V4 ? "\"group\":\"224.0.0.251\"" : "\"group\":\"ff02::fb\"";

	assert_null(strstr(bed_ask(&s->bed, "show groups"), "memberships"));
	assert_null(strstr(bed_ask(&s->bed, "show groups detail"), "listeners"));
	follow(s, "eth0", true);
	assert_non_null(strstr(bed_ask(&s->bed, "show groups"), "{\"table\":\"memberships\""));
	record(s, 1, CHANGE_TO_EXCLUDE_MODE, group(s, 1), sources, 1);
	record(s, 1, ALLOW_NEW_SOURCES, group(s, 2), sources, 2);
	bed_advance(&s->bed, SEC(3));
	assert_true(says(s, "show groups",
			 "\"group\":\"%s\",\"filter_mode\":\"exclude\",\"sources\":1,", 1));
	assert_true(says(s, "show groups",
			 "\"group\":\"%s\",\"filter_mode\":\"include\",\"sources\":2,", 2));
	assert_true(
		says(s, "show groups", "\"up_time\":3000,\"expire\":267000,\"static\":false}", 0));
	assert_false(says(s, "show groups", "\"source\":", 0));
	assert_true(says(s, "show groups detail", "\"group\":\"%s\",\"source\":", 1));
	assert_true(says(s, "show groups detail", "\"forward\":false}", 0));
	assert_true(says(s, "show groups detail", "\"forward\":true,\"expire\":267000}", 0));
	record(s, 1, CHANGE_TO_EXCLUDE_MODE, bed_ip(af == V4 ? "224.0.0.251" : "ff02::fb"), NULL,
	       0);
	assert_false(says(s, "show groups", local, 0));
	assert_true(says(s, "show groups detail", local, 0));
	scene_free(s);
}

/* Each once, in order, though the table is written in slices. */
static void shows_many_groups(enum af af)
{
	struct scene *s = scene_new(af, "phyint eth0 igmp igmp-track\nphyint eth1 igmp\n");
	const char *at;
	char text[128];

	for (unsigned i = 1; i <= 150; i++)
		record(s, 1 + i % 2, CHANGE_TO_EXCLUDE_MODE, group(s, i), NULL, 0);
	at = bed_ask(&s->bed, "show groups detail");
	for (unsigned i = 0; i < 150; i++) {
		unsigned n = i < 75 ? 2 + 2 * i : 1 + 2 * (i - 75);

		snprintf(text, sizeof(text),
			 "{\"interface\":\"eth%u\",\"family\":\"%s\",\"group\":\"%s\",\"filter",
			 n % 2, af_name(af), ip_str(group(s, n)));
		at = strstr(at, text);
		assert_non_null(at);
		assert_null(strstr(at + 1, text));
	}
	/* hosts are tracked on eth0 alone */
	at = bed_ask(&s->bed, "show groups detail");
	for (unsigned i = 0; i < 75; i++) {
		at = strstr(at + 1, "\"host\":\"");
		assert_non_null(at);
	}
	assert_null(strstr(at + 1, "\"host\":\""));
	scene_free(s);
}

static void shows_who_asks(enum af af)
{
	struct scene *s = scene_new(af, "phyint eth0 igmp\nphyint eth9 igmp\n");
	const char *request = af == V4 ? "show igmp" : "show mld";
	char text[256];

	assert_non_null(
		strstr(bed_ask(&s->bed, request), "{\"interface\":\"eth9\",\"state\":\"absent\","));
	snprintf(text, sizeof(text),
		 "{\"interface\":\"eth0\",\"state\":\"querier\",\"version\":%u,\"querier\":\"%s\","
		 "\"next_query\":31250,\"robustness_variable\":2,\"query_interval\":125000,",
		 af == V4 ? 3 : 2, ip_str(neighbour(s, 1, 10)));
	assert_non_null(strstr(bed_ask(&s->bed, request), text));
	query(s, 1, 9);
	bed_advance(&s->bed, SEC(1));
	snprintf(text, sizeof(text),
		 "\"state\":\"non-querier\",\"version\":%u,\"querier\":\"%s\","
		 "\"querier_version\":%u,\"querier_expiry\":124000,\"robustness_variable\":2,"
		 "\"query_interval\":60000,",
		 af == V4 ? 3 : 2, ip_str(neighbour(s, 1, 9)), af == V4 ? 3 : 2);
	assert_non_null(strstr(bed_ask(&s->bed, request), text));
	assert_non_null(strstr(bed_ask(&s->bed, "show counters"),
			       "\"name\":\"queries-sent\",\"value\":1,"));
	scene_free(s);
}

static void config_is_shown_as_it_was_read(enum af af)
{
	static const char conf[] = "static-group from eth0 source 10.0.0.1 group 232.1.1.1\n"
				   "static-group from eth0 group 239.1.1.1\n"
				   "group-filter eth+ permit group 224.0.0.0/4\n"
				   "group-filter eth0 deny source 10.0.0.0/8 group 232.1.0.0/16\n"
				   "altnet eth0 192.168.0.0/16\n"
				   "ssm-range 232.0.0.0/8\n"
				   "ssm-map group 232.1.0.0/16 source 10.0.0.1\n"
				   "ssm-map group 232.1.0.0/16 source 10.0.0.2\n"
				   "static-group from eth0 group ff0e::1\n"
				   "ssm-range ff3e::/32\n";
	struct scene *s = scene_new(af, conf);
	char want[4096] = "{\"table\":\"config\"}\n", line[256];

	for (const char *at = conf; *at; at = strchr(at, '\n') + 1) {
		snprintf(line, sizeof(line), "{\"line\":\"%.*s\"}\n", (int)strcspn(at, "\n"), at);
		strcat(want, line);
	}
	assert_non_null(strstr(bed_ask(&s->bed, "show config"), strchr(want, '\n') + 1));
	scene_free(s);
}

/* Other processes go on asking; the hosts are asked at once by the one that takes over. */
static void restarts(enum af af)
{
	struct scene *s = scene_new(af, "phyint eth0 igmp\n");

	record(s, 1, CHANGE_TO_EXCLUDE_MODE, group(s, 1), NULL, 0);
	assert_true(sim_listens(s->bed.k, af, 1, LISTEN_MEMBERS));
	assert_int_equal(count_sent(s), 1);
	s->began = s->bed.clock.now;
	bed_restart(&s->bed, modules);
	bed_work(&s->bed);
	assert_general(s, 0, SEC(1));
	assert_false(says(s, "show groups", "\"group\":\"%s\"", 1));
	scene_free(s);
}

/* As when PPP dials again: who was known is asked anew, and is not heard of until then. */
static void a_link_is_replaced_at_once(enum af af)
{
	struct scene *s = scene_new(af, "");
	struct link link = {
		.ifindex = 1, .name = "eth0", .up = true, .multicast = true, .mtu = 1500
	};
	char text[512];

	follow(s, "eth0", true);
	record(s, 1, CHANGE_TO_EXCLUDE_MODE, group(s, 1), NULL, 0);
	bed_advance(&s->bed, SEC(100));
	count_sent(s);
	s->follower[af]->heard[0] = '\0';
	s->began = s->bed.clock.now;
	sim_link_gone(s->bed.k, 1);
	sim_link(s->bed.k, &link);
	address(s, 1, "10.0.0.10/24", true);
	address(s, 1, "fe80::a/64", true);
	bed_work(&s->bed);
	assert_general(s, 0, SEC(1));
	snprintf(text, sizeof(text), "eth0 non-querier\neth0 querier\neth0 %s include\n",
		 ip_str(group(s, 1)));
	assert_heard(s, text);
	bed_advance(&s->bed, 31250);
	assert_general(s, 31250, SEC(1));
	sim_link(s->bed.k, &link);
	bed_work(&s->bed);
	assert_heard(s, "");
	assert_false(next_sent(s, 1));
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK("GM-23, GM-24, GM-25: queries come early, then at the interval",
		      queries_come_early_then_at_the_interval),
		CHECK("GM-40, GM-56: a follower hears of listeners", a_follower_hears_of_listeners),
		CHECK("GM-27, GM-28: the lower address is querier", the_lower_address_is_querier),
		CHECK("GM-26: reloads", reloads),
		CHECK("GM-114: shows groups", shows_groups),
		CHECK("shows many groups", shows_many_groups),
		CHECK("GM-114, GM-115: shows who asks", shows_who_asks),
		CHECK("config is shown as it was read", config_is_shown_as_it_was_read),
		CHECK("GM-24, GM-85: restarts", restarts),
		CHECK("GM-24, GM-86: a link is replaced within a turn", a_link_is_replaced_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
