/* net_pim_test.c - packets of PIM in networks: links, unicast through routers, what the log says
 *
 * Routers have a module that listens and tells of what it hears; what they send is said here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pim-module/msg_assert.h"
#include "pim-module/msg_bsr.h"
#include "pim-module/msg_df.h"
#include "pim-module/msg_hello.h"
#include "pim-module/msg_jp.h"
#include "pim-module/msg_refresh.h"
#include "pim-module/msg_register.h"
#include "sim/net.h"

/* The module: "ear IFNAME" for each link. */
struct ear {
	struct engine engine;
	struct ifset slots;
};

struct conf {
	struct ifset slots;
};

static int parse_ear(struct reader *r, void *conf)
{
	struct conf *c = conf;
	int slot = read_slot(r);

	if (slot < 0)
		return -1;
	c->slots = ifset_with(c->slots, slot);
	return words_end(&r->words);
}

static const struct statement statements[] = {
	{ "ear", "IFNAME", "hears what is said there", parse_ear },
	{ 0 },
};

static void *conf_new(void)
{
	return xcalloc(1, sizeof(struct conf));
}

static struct engine *create(void)
{
	return &((struct ear *)xcalloc(1, sizeof(struct ear)))->engine;
}

static void start(struct engine *e)
{
	(void)e;
}

static void destroy(struct engine *e)
{
	free(container_of(e, struct ear, engine));
}

static void configure(struct engine *e, void *conf, bool keep)
{
	struct ear *ear = container_of(e, struct ear, engine);

	(void)keep;
	ear->slots = ((struct conf *)conf)->slots;
	for (unsigned slot = 0; slot < MAXSLOTS; slot++)
		e->host->op->listen(e, slot, LISTEN_PIM, ifset_has(ear->slots, slot));
}

static void packet(struct engine *e, const struct packet *p)
{
	log_warning(e->log, "%s: hears of %s at %s: %zu bytes, %u hops left",
		    e->host->op->ifname(e->host, p->slot), ip_str(p->src), ip_str(p->dst), p->len,
		    p->ttl);
}

static struct ifset slots(struct engine *e)
{
	return container_of(e, struct ear, engine)->slots;
}

static const struct module ear_module = {
	.name = "ear",
	.statements = statements,
	.conf_new = conf_new,
	.conf_free = free,
	.create = create,
	.start = start,
	.destroy = destroy,
	.configure = configure,
	.packet = packet,
	.slots = slots,
};

static struct net *net_begin(void)
{
	static const struct module *const modules[] = { &ear_module, NULL };

	return net_new(
		&(struct net_options){ .seed = 1, .log = NET_LOG_CHANGES, .linked = modules });
}

static void net_finish(struct net *n)
{
	net_end(n);
	assert_string_equal(net_complaints(n), "");
	net_free(n);
}

static size_t mark;

/* The log is from now on to have exactly these lines, without times; then it is read. */
static void assert_log(struct net *n, const char *expected)
{
	const char *at = net_log_text(n) + mark;
	struct buf text = { 0 };

	mark += strlen(at);
	for (; *at; at = strchr(at, '\n') + 1) {
		at += strspn(at, " ");
		at += strcspn(at, " ") + 1;
		buf_add(&text, at, strcspn(at, "\n") + 1);
	}
	buf_add(&text, "", 1);
	assert_string_equal(buf_at(&text), expected);
	buf_free(&text);
}

static struct ip ip(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static enum send_result send(struct net *n, const char *router, const char *link,
			     const struct packet *p, unsigned *mtu)
{
	struct sim_kern *k = net_kern(n, router);

	return k->kern.op->send(&k->kern, ip_family(p->dst), link ? sim_link_index(k, link) : 0, p,
				mtu);
}

/* A message of @len bytes. */
static enum send_result send_message(struct net *n, const char *router, const char *link,
				     const struct msg_ends *ends, const void *data, size_t len)
{
	struct packet p = { .proto = PROTO_PIM, .ttl = 8, .src = ends->src, .dst = ends->dst };

	assert_true(len);
	p.data = data;
	p.len = len;
	return send(n, router, link, &p, NULL);
}

static enum send_result send_stop(struct net *n, const char *router, const char *link,
				  const char *from, const char *to)
{
	struct msg_ends ends = { ip_any(ip_family(ip(to))), ip(to) };
	struct msg_register_stop stop;
	uint8_t data[100];

	if (*from)
		ends.src = ip(from);
	stop.sg.src = ip(ip_family(ends.dst) == V4 ? "10.0.1.9" : "fd00::9");
	stop.sg.grp = ip(ip_family(ends.dst) == V4 ? "239.1.1.1" : "ff0e::1");
	return send_message(n, router, link, &ends, data,
			    msg_register_stop_encode(&ends, &stop, data, sizeof(data)));
}

/* A Register from r1, of @len bytes. */
static enum send_result send_register(struct net *n, const char *to, size_t len, unsigned *mtu)
{
	enum af af = ip_family(ip(to));
	struct msg_ends ends = { ip(af == V4 ? "10.0.2.1" : "fd00:0:0:2::1"), ip(to) };
	struct packet p = { .proto = PROTO_PIM, .ttl = 8, .src = ends.src, .dst = ends.dst };
	struct msg_register reg = { .len = len - MSG_REGISTER_HEADER };
	uint8_t data[2000], inner[2000] = { 0 };
	struct wr w = wr_init(inner, sizeof(inner));

	reg.sg.src = ip(af == V4 ? "10.0.1.9" : "fd00::9");
	reg.sg.grp = ip(af == V4 ? "239.1.1.1" : "ff0e::1");
	reg.data = inner;
	if (af == V4) {
		wr_u16(&w, 0x4500);
		wr_u16(&w, reg.len);
		wr_u32(&w, 0);
		wr_u32(&w, 7 << 24 | PROTO_UDP << 16);
	} else {
		wr_u32(&w, 6u << 28);
		wr_u16(&w, reg.len - 40);
		wr_u16(&w, PROTO_UDP << 8 | 7);
	}
	wr_ip(&w, af, reg.sg.src);
	wr_ip(&w, af, reg.sg.grp);
	p.data = data;
	p.len = msg_register_encode(&ends, &reg, data, sizeof(data));
	assert_int_equal(p.len, len);
	return send(n, "r1", NULL, &p, mtu);
}

static struct net *chain_begin(void)
{
	struct net *n = net_begin();

	mark = 0;
	net_router(n, "r1", "a b", "module ear\near a\near b\n");
	net_router(n, "r2", "b c", "module ear\near b\near c\n");
	net_router(n, "r3", "c d", "module ear\near c\n");
	net_host(n, "h", "b");
	net_join(n, "h", "*", "239.1.1.1");
	net_routing(n, 4, 100, 0);
	net_run(n, SEC(5));
	mark = strlen(net_log_text(n));
	return n;
}

static void routers_of_a_link_hear_each_other(void **state)
{
	struct net *n = chain_begin();
	struct msg_hello hello = { .holdtime = SEC(105) };
	struct msg_ends ends = { ip("fe80::1"), msg_all_routers(V6) };
	uint8_t data[100];
	size_t len = msg_hello_encode(&ends, &hello, data, sizeof(data));

	(void)state;
	net_router(n, "deaf", "b", "");
	net_run(n, 1);
	mark = strlen(net_log_text(n));
	ends.src = ip("fe80::1");
	assert_int_equal(send_message(n, "r1", "b", &ends, data, len), SENT);
	net_run(n, 10);
	assert_log(n, "r1 b > PIM Hello holdtime 105\n"
		      "r2 warning: b: hears of fe80::1 at ff02::d: 10 bytes, 8 hops left\n");
	net_finish(n);
}

static void unicast_goes_by_the_routes_of_each_router(void **state)
{
	struct net *n = chain_begin();

	(void)state;
	assert_int_equal(send_stop(n, "r1", NULL, "", "10.0.3.2"), SENT);
	net_run(n, 10);
	assert_log(n, "r1 b > PIM Register-Stop to 10.0.3.2 (10.0.1.9,239.1.1.1)\n"
		      "r3 warning: c: hears of 10.0.2.1 at 10.0.3.2: 18 bytes, 7 hops left\n");
	/* whatever the interface of the address is: it came in by the other one */
	assert_int_equal(send_stop(n, "r1", NULL, "10.0.1.1", "10.0.4.1"), SENT);
	net_run(n, 10);
	assert_log(n, "r1 b > PIM Register-Stop to 10.0.4.1 (10.0.1.9,239.1.1.1)\n"
		      "r3 warning: c: hears of 10.0.1.1 at 10.0.4.1: 18 bytes, 7 hops left\n");
	assert_int_equal(send_stop(n, "r3", "c", "fd00:0:0:3::2", "fd00:0:0:1::1"), SENT);
	net_run(n, 10);
	assert_log(n, "r3 c > PIM Register-Stop to fd00:0:0:1::1 (fd00::9,ff0e::1)\n"
		      "r1 warning: b: hears of fd00:0:0:3::2 at fd00:0:0:1::1: 42 bytes, "
		      "7 hops left\n");
	/* to itself; to a neighbor by its address on the link */
	assert_int_equal(send_stop(n, "r1", NULL, "", "10.0.2.1"), SENT);
	assert_int_equal(send_stop(n, "r1", "b", "fe80::1", "fe80::2"), SENT);
	net_run(n, 10);
	assert_log(n, "r1 b > PIM Register-Stop to 10.0.2.1 (10.0.1.9,239.1.1.1)\n"
		      "r1 b > PIM Register-Stop to fe80::2 (fd00::9,ff0e::1)\n"
		      "r1 warning: b: hears of 10.0.2.1 at 10.0.2.1: 18 bytes, 8 hops left\n"
		      "r2 warning: b: hears of fe80::1 at fe80::2: 42 bytes, 8 hops left\n");
	/* there is nobody, no such network, no such link */
	assert_int_equal(send_stop(n, "r1", NULL, "", "10.0.3.77"), SENT);
	assert_int_equal(send_stop(n, "r1", NULL, "", "10.99.0.1"), SEND_FAILED);
	net_run(n, 10);
	assert_log(n, "r1 b > PIM Register-Stop to 10.0.3.77 (10.0.1.9,239.1.1.1)\n");
	net_finish(n);
}

/* Two that have not heard yet of the same change send it to each other. */
static void a_circle_of_routes_ends(void **state)
{
	struct net *n = chain_begin();
	unsigned long before;
	struct prefix to = { ip("10.0.9.0"), 24 };
	struct sim_route route = { .to = to, .nhops = 1 };

	(void)state;
	route.hop[0] = (struct kern_hop){ ip("10.0.2.2"), 2 };
	assert_null(sim_route_set(net_kern(n, "r1"), &route));
	route.hop[0] = (struct kern_hop){ ip("10.0.2.1"), 1 };
	assert_null(sim_route_set(net_kern(n, "r2"), &route));
	before = net_carried(n, "b", true);
	assert_int_equal(send_stop(n, "r1", NULL, "", "10.0.9.1"), SENT);
	net_run(n, 100);
	assert_int_equal(net_carried(n, "b", true) - before, 8);
	assert_log(n, "r1 b > PIM Register-Stop to 10.0.9.1 (10.0.1.9,239.1.1.1)\n"
		      "r1 drops a packet to 10.0.9.1, which went too far\n");
	net_finish(n);
}

static void packets_of_a_pair_take_one_of_several_paths(void **state)
{
	struct net *n = net_begin();
	unsigned long x = 0;
	char to[16];

	(void)state;
	mark = 0;
	net_router(n, "r1", "a x y", "module ear\near a\n");
	net_router(n, "r2", "x y b", "");
	net_routing(n, 2, 0, 0);
	net_run(n, SEC(1));
	for (unsigned i = 1; i <= 40; i++) {
		unsigned long before = net_carried(n, "x", true);

		snprintf(to, sizeof(to), "10.0.4.%u", i);
		for (unsigned k = 0; k < 3; k++)
			assert_int_equal(send_stop(n, "r1", NULL, "10.0.1.1", to), SENT);
		net_run(n, 10);
		assert_true((net_carried(n, "x", true) - before) % 3 == 0);
		x += (net_carried(n, "x", true) - before) / 3;
	}
	assert_in_range(x, 10, 30);
	net_finish(n);
}

static void a_packet_too_big_for_its_path_is_refused(void **state)
{
	static const struct {
		const char *to;
		unsigned header;
	} cases[] = { { "10.0.3.2", 20 }, { "fd00:0:0:3::2", 40 } };
	struct net *n = chain_begin();
	unsigned mtu = 0;

	(void)state;
	net_set_mtu(n, "c", 1400);
	mark = strlen(net_log_text(n));
	for (unsigned i = 0; i < 2; i++) {
		const char *to = cases[i].to;
		unsigned header = cases[i].header;

		assert_int_equal(send_register(n, to, 1501 - header, &mtu), SEND_TOO_BIG);
		assert_int_equal(mtu, 1500);
		/* it hears of a link further away from the first one that does not get through */
		assert_int_equal(send_register(n, to, 1500 - header, &mtu), SENT);
		net_run(n, 10);
		assert_int_equal(send_register(n, to, 1401 - header, &mtu), SEND_TOO_BIG);
		assert_int_equal(mtu, 1400);
		assert_int_equal(send_register(n, to, 1400 - header, &mtu), SENT);
		net_run(n, 10);
		mtu = 0;
		net_run(n, SEC(600));
		assert_int_equal(send_register(n, to, 1401 - header, &mtu), SENT);
		net_run(n, 10);
	}
	assert_log(n, "r1 b > PIM Register to 10.0.3.2 (10.0.1.9,239.1.1.1) 1472 bytes\n"
		      "r2 drops a packet to 10.0.3.2, which is too big for c\n"
		      "r1 b > PIM Register to 10.0.3.2 (10.0.1.9,239.1.1.1) 1372 bytes\n"
		      "r3 warning: c: hears of 10.0.2.1 at 10.0.3.2: 1380 bytes, 7 hops left\n"
		      "r1 b > PIM Register to 10.0.3.2 (10.0.1.9,239.1.1.1) 1373 bytes\n"
		      "r2 drops a packet to 10.0.3.2, which is too big for c\n"
		      "r1 b > PIM Register to fd00:0:0:3::2 (fd00::9,ff0e::1) 1452 bytes\n"
		      "r2 drops a packet to fd00:0:0:3::2, which is too big for c\n"
		      "r1 b > PIM Register to fd00:0:0:3::2 (fd00::9,ff0e::1) 1352 bytes\n"
		      "r3 warning: c: hears of fd00:0:0:2::1 at fd00:0:0:3::2: 1360 bytes, "
		      "7 hops left\n"
		      "r1 b > PIM Register to fd00:0:0:3::2 (fd00::9,ff0e::1) 1353 bytes\n"
		      "r2 drops a packet to fd00:0:0:3::2, which is too big for c\n");
	net_finish(n);
}

/* Each kind of message, as the log has it. */
static void the_log_says_what_a_message_says(void **state)
{
	static const struct msg_jp_source join[] = { { .kind = JP_STAR_G }, { .kind = JP_SG } };
	static const struct msg_jp_source prune[] = { { .kind = JP_SG_RPT } };
	struct msg_jp_source joins[2], prunes[1];
	struct net *n = chain_begin();
	struct msg_ends link = { ip("10.0.2.1"), msg_all_routers(V4) };
	struct msg_ends far = { ip("10.0.2.1"), ip("10.0.3.2") };
	struct msg_hello hello = {
		.holdtime = MSG_FOREVER,
		.has_lan_delay = true,
		.no_suppression = true,
		.propagation_delay = 500,
		.override_interval = 2500,
		.has_dr_priority = true,
		.dr_priority = 7,
		.has_genid = true,
		.genid = 0x5eed,
		.bidir = true,
		.nsecondary = 1,
	};
	struct ip secondary[] = { ip("10.0.1.1") };
	struct sg sg = { .src = ip("10.0.1.9"), .grp = ip("239.1.1.1") };
	struct sg star = { .src = ip_any(V4), .grp = ip("239.1.1.1") };
	struct msg_jp_group group = { sg.grp, joins, prunes, 2, 1 };
	struct msg_jp jp = { .type = MSG_JOIN_PRUNE,
			     .upstream = ip("10.0.2.2"),
			     .holdtime = SEC(210),
			     .group = &group,
			     .ngroups = 1 };
	struct msg_jp_place place = { 0 };
	struct msg_register null = { .null = true, .sg = sg };
	struct msg_assert won = { .sg = sg, .preference = 110, .metric = 2 };
	struct msg_assert gone = msg_assert_cancel(star);
	struct msg_rp rp = { ip("10.0.3.2"), SEC(150), 192 };
	struct msg_range range = { .prefix = { ip("224.0.0.0"), 4 } };
	struct msg_rp_set set = { range, 1, &rp, 1 };
	struct msg_bootstrap bootstrap = { .tag = 7,
					   .hash_len = 30,
					   .priority = 64,
					   .bsr = secondary[0],
					   .set = &set,
					   .nsets = 1 };
	struct msg_bootstrap_place at = { 0 };
	struct msg_candidate candidate = { 192, SEC(150), rp.ip, &range, 1 };
	struct msg_refresh refresh = { .sg = sg, .originator = ip("10.0.1.1"), .ttl = 3 };
	struct msg_df df = { .kind = DF_OFFER, .rp = ip("10.0.3.2"), .sender = { 110, 3 } };
	uint8_t data[500];
	unsigned next = 0;

	(void)state;
	memcpy(joins, join, sizeof(join));
	memcpy(prunes, prune, sizeof(prune));
	joins[0].ip = rp.ip;
	joins[1].ip = sg.src;
	prunes[0].ip = ip("10.0.1.7");
	hello.secondary = secondary;
#define SEND(to, type, ...)                                                      \
	send_message(n, "r1", ip_is_multicast((to)->dst) ? "b" : NULL, to, data, \
		     msg_##type##_encode(to, __VA_ARGS__, data, sizeof(data)))
	SEND(&link, hello, &hello);
	SEND(&link, jp, &jp, &place);
	SEND(&far, register, &null);
	SEND(&link, assert, &won);
	SEND(&link, assert, &gone);
	SEND(&link, bootstrap, &bootstrap, &at);
	SEND(&far, candidate, &candidate, &next);
	SEND(&link, refresh, &refresh);
	SEND(&link, df, &df);
	assert_log(n,
		   "r1 b > PIM Hello holdtime forever genid 0x5eed priority 7 delay 500 override "
		   "2500 no-suppression bidir secondary 10.0.1.1\n"
		   "r1 b > PIM Join/Prune to 10.0.2.2 holdtime 210: J(*,239.1.1.1) rp 10.0.3.2 "
		   "J(10.0.1.9,239.1.1.1) P(10.0.1.7,239.1.1.1,rpt)\n"
		   "r1 b > PIM Register to 10.0.3.2 (10.0.1.9,239.1.1.1) null\n"
		   "r1 b > PIM Assert (10.0.1.9,239.1.1.1) preference 110 metric 2\n"
		   "r1 b > PIM Assert (*,239.1.1.1) rpt cancel\n"
		   "r1 b > PIM Bootstrap bsr 10.0.1.1 priority 64 tag 7 hash 30 [224.0.0.0/4 "
		   "10.0.3.2 192 holdtime 150]\n"
		   "r1 b > PIM Candidate-RP-Advertisement to 10.0.3.2 rp 10.0.3.2 priority 192 "
		   "holdtime 150 224.0.0.0/4\n"
		   "r1 b > PIM State-Refresh (10.0.1.9,239.1.1.1) from 10.0.1.1 preference 0 "
		   "metric 0 ttl 3\n"
		   "r1 b > PIM DF-Election offer rp 10.0.3.2 preference 110 metric 3\n");
	net_run(n, 10);
	net_finish(n);
}

static void the_checker_sees_what_is_no_message(void **state)
{
	struct net *n = chain_begin();
	struct msg_ends ends = { ip("10.0.2.1"), msg_all_routers(V4) };

	(void)state;
	send_message(n, "r1", "b", &ends, "\x20\0\0\0", 4);
	net_run(n, 10);
	net_end(n);
	assert_non_null(strstr(net_complaints(n), "r1: sends to b what is no message"));
	net_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routers_of_a_link_hear_each_other),
		cmocka_unit_test(unicast_goes_by_the_routes_of_each_router),
		cmocka_unit_test(a_circle_of_routes_ends),
		cmocka_unit_test(packets_of_a_pair_take_one_of_several_paths),
		cmocka_unit_test(a_packet_too_big_for_its_path_is_refused),
		cmocka_unit_test(the_log_says_what_a_message_says),
		cmocka_unit_test(the_checker_sees_what_is_no_message),
	};

	return cmocka_run_group_tests_name("net_pim", tests, NULL, NULL);
}
