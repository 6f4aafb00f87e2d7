/* kern_test.c - the simulator's kernel: what a router and a checker see of it
 *
 * How it routes is held against the real kernel by kernel_steps; this is about the rest of its
 * interface. The router's inputs are replaced by ones that write down what they hear.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/datagram.h"
#include "sim/kern.h"

#define NHEARD 4096

/* What was heard, one line each. */
struct router {
	struct sim_kern *k;
	bool answers; /* an upcall at once, by an entry from the arrival vif to vif 1 */
	unsigned n;
	char heard[NHEARD][64];
};

static void PRINTF(2, 3) hear(struct router *r, const char *fmt, ...)
{
	va_list args;

	assert_true(r->n < NHEARD);
	va_start(args, fmt);
	vsnprintf(r->heard[r->n++], sizeof(r->heard[0]), fmt, args);
	va_end(args);
}

static const char *set(struct sim_kern *k, const char *s, const char *g, unsigned parent,
		       uint32_t oifs)
{
	struct mfc_entry entry = { .parent = parent };

	assert_true(ip_parse(s, &entry.sg.src) && ip_parse(g, &entry.sg.grp));
	for (unsigned vif = 0; vif < MAXVIFS; vif++)
		entry.ttl[vif] = oifs >> vif & 1;
	return k->kern.op->mfc_set(&k->kern, ip_family(entry.sg.grp), &entry);
}

void router_upcall(struct router *r, enum af af, enum upcall_kind kind, struct sg sg, unsigned vif)
{
	hear(r, "upcall %d %d %s %u", af, kind, sg_str(&sg), vif);
	if (r->answers)
		set(r->k, ip_str(sg.src), ip_str(sg.grp), vif, 1 << 1);
}

void router_link(struct router *r, const struct link *link)
{
	hear(r, "link %u %s %s", link->ifindex, link->name, link->up ? "up" : "down");
}

void router_link_gone(struct router *r, unsigned ifindex)
{
	hear(r, "gone %u", ifindex);
}

void router_address(struct router *r, unsigned ifindex, const struct prefix *address, bool on)
{
	hear(r, "address %u %s %s", ifindex, prefix_str(address), on ? "on" : "off");
}

void router_routes_changed(struct router *r, enum af af)
{
	hear(r, "routes %s", af_name(af));
}

void router_resync_begin(struct router *r)
{
	hear(r, "begin");
}

void router_resync_end(struct router *r)
{
	hear(r, "end");
}

void router_packet(struct router *r, unsigned ifindex, const struct packet *packet)
{
	struct sim_packet p;

	if (packet->proto != PROTO_IP) {
		hear(r, "packet %u %d", ifindex, packet->proto);
		return;
	}
	assert_true(datagram_read(packet->data, packet->len, &p));
	assert_int_equal(packet->ttl, p.ttl);
	assert_true(ip_eq(packet->src, p.sg.src) && ip_eq(packet->dst, p.sg.grp));
	hear(r, "tunnelled %u %s ttl %u number %u", ifindex, sg_str(&p.sg), p.ttl, (unsigned)p.id);
}

/* A kernel with the devices 11, 12 and 13, IPv4 vifs 0, 1 and 2, and its router. */
struct world {
	struct clock clock;
	struct router router;
	struct sim_kern *k;
	unsigned nout;
	unsigned out[64]; /* ifindexes */
	uint64_t id[64];
};

static void on_out(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet)
{
	struct world *w = k->arg;

	assert_true(w->nout < NELEMS(w->out));
	w->out[w->nout] = ifindex;
	w->id[w->nout++] = packet->id;
}

static struct world *world_new(void)
{
	struct world *w = xcalloc(1, sizeof(*w));

	clock_init(&w->clock, 0);
	w->k = sim_kern_new(&w->clock);
	sim_link_up(w->k, 11, "eth0");
	sim_link_up(w->k, 12, "eth1");
	sim_link_up(w->k, 13, "eth2");
	for (unsigned vif = 0; vif < 3; vif++)
		assert_null(w->k->kern.op->vif_add(&w->k->kern, V4, vif, 11 + vif));
	w->k->out = on_out;
	w->k->arg = w;
	w->router.k = w->k;
	w->k->router = &w->router;
	w->k->writes = 0;
	return w;
}

static void world_free(struct world *w)
{
	sim_kern_free(w->k);
	assert_int_equal(clock_next(&w->clock), CLOCK_NEVER);
	clock_free(&w->clock);
	free(w);
}

static struct sg sg(const char *s, const char *g)
{
	struct sg sg;

	assert_true(ip_parse(s, &sg.src) && ip_parse(g, &sg.grp));
	return sg;
}

static void packet(struct world *w, unsigned ifindex, const char *s, const char *g, uint64_t id)
{
	struct sim_packet p = { .sg = sg(s, g), .ttl = 9, .len = 100, .id = id };

	p.af = ip_family(p.sg.grp);
	sim_packet(w->k, ifindex, &p);
}

/* Compares all that was heard since the last time with the lines, NULL at the end. */
static void heard(struct world *w, ...)
{
	const char *line;
	unsigned i = 0;
	va_list args;

	va_start(args, w);
	while ((line = va_arg(args, const char *))) {
		assert_true(i < w->router.n);
		assert_string_equal(w->router.heard[i++], line);
	}
	va_end(args);
	assert_int_equal(i, w->router.n);
	w->router.n = 0;
}

static void upcalls_at_once(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->router.answers = true;
	packet(w, 11, "10.0.0.1", "239.1.1.1", 7);
	heard(w, "upcall 0 0 (10.0.0.1,239.1.1.1) 0", NULL);
	assert_int_equal(w->nout, 1);
	assert_int_equal(w->out[0], 12);
	assert_int_equal(w->id[0], 7);
	assert_int_equal(sim_unresolved(w->k, V4), 0);
	world_free(w);
}

static void upcalls_when_they_are_read(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->k->hold = true;
	for (int i = 0; i < 6; i++)
		packet(w, 11, "10.0.0.1", "239.1.1.1", i);
	packet(w, 12, "10.0.0.2", "239.1.1.1", 9);
	sim_link_gone(w->k, 13);
	heard(w, NULL);
	assert_int_equal(sim_upcalls_waiting(w->k, V4), 2);
	assert_int_equal(sim_unresolved(w->k, V4), 2);

	assert_int_equal(sim_upcalls(w->k, 1), 1);
	heard(w, "upcall 0 0 (10.0.0.1,239.1.1.1) 0", NULL);
	w->router.answers = true;
	assert_int_equal(sim_deliver(w->k), 3);
	heard(w, "upcall 0 0 (10.0.0.2,239.1.1.1) 1", "link 13 eth2 down", "gone 13", NULL);
	assert_int_equal(sim_deliver(w->k), 0);
	world_free(w);
}

/* What the router's own call causes must not come back within it. */
static void upcalls_of_a_call_come_after_it(void **state)
{
	struct world *w = world_new();

	(void)state;
	packet(w, 11, "10.0.0.1", "239.1.1.1", 1);
	heard(w, "upcall 0 0 (10.0.0.1,239.1.1.1) 0", NULL);
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 2, 1 << 1));
	heard(w, NULL);
	clock_advance(&w->clock, w->clock.now);
	heard(w, "upcall 0 1 (10.0.0.1,239.1.1.1) 0", NULL);
	world_free(w);
}

static void upcalls_are_limited_by_family(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_null(w->k->kern.op->vif_add(&w->k->kern, V6, 4, 11));
	w->k->hold = true;
	w->k->max_upcalls = 1;
	packet(w, 11, "10.0.0.1", "239.1.1.1", 1);
	packet(w, 11, "10.0.0.2", "239.1.1.1", 2);
	packet(w, 11, "fd00::1", "ff15::1", 3);
	packet(w, 11, "fd00::2", "ff15::1", 4);
	sim_deliver(w->k);
	heard(w, "upcall 0 0 (10.0.0.1,239.1.1.1) 0", "upcall 1 0 (fd00::1,ff15::1) 4", NULL);
	assert_int_equal(sim_unresolved(w->k, V4), 1);
	packet(w, 11, "10.0.0.2", "239.1.1.1", 5);
	assert_int_equal(sim_unresolved(w->k, V4), 2);
	world_free(w);
}

static void devices_are_told(void **state)
{
	struct world *w = world_new();
	struct prefix address = { ip_v4(0x0a000001), 24 };
	struct link link;

	(void)state;
	sim_link_up(w->k, 14, "tun0");
	link = *sim_link_find(w->k, 14);
	link.name = "tun1";
	link.up = false;
	sim_link(w->k, &link);
	sim_address(w->k, 14, &address, true);
	sim_address(w->k, 14, &address, true);
	heard(w, "link 14 tun0 up", "link 14 tun1 down", "address 14 10.0.0.1/24 on", NULL);
	assert_int_equal(sim_link_index(w->k, "tun1"), 14);
	assert_int_equal(sim_link_index(w->k, "tun0"), 0);

	sim_resync(w->k);
	heard(w, "begin", "link 11 eth0 up", "link 12 eth1 up", "link 13 eth2 up",
	      "link 14 tun1 down", "address 14 10.0.0.1/24 on", "end", NULL);
	sim_address(w->k, 14, &address, false);
	sim_link_gone(w->k, 14);
	sim_link_gone(w->k, 14);
	heard(w, "address 14 10.0.0.1/24 off", "gone 14", NULL);
	assert_null(sim_link_find(w->k, 14));
	world_free(w);
}

/* News that waits tells what was then, not what is now. */
static void news_keep_their_time(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->k->hold = true;
	sim_link_up(w->k, 14, "ppp0");
	sim_link_gone(w->k, 14);
	sim_link_up(w->k, 15, "ppp0");
	sim_link_up(w->k, 15, "wan");
	sim_deliver(w->k);
	heard(w, "link 14 ppp0 up", "link 14 ppp0 down", "gone 14", "link 15 ppp0 up",
	      "link 15 wan up", NULL);
	world_free(w);
}

static void address(struct world *w, unsigned ifindex, const char *text, bool on)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	sim_address(w->k, ifindex, &p, on);
}

/* Set down, it loses IPv6 addresses; without its carrier, nothing; gone, all, and it is told. */
static void addresses_go_with_their_device(void **state)
{
	struct world *w = world_new();

	(void)state;
	address(w, 11, "fe80::1/64", true);
	address(w, 11, "10.0.0.1/24", true);
	address(w, 11, "fd00::1/64", true);
	address(w, 11, "fd00::2/64", true);
	w->router.n = 0;
	sim_carrier(w->k, 11, false);
	assert_true(sim_route(w->k, ip_v4(0x0a000009), &(struct kern_route){ 0 }));
	sim_carrier(w->k, 11, true);
	heard(w, "link 11 eth0 down", "link 11 eth0 up", NULL);
	sim_link_down(w->k, 11);
	assert_false(sim_route(w->k, ip_v4(0x0a000009), &(struct kern_route){ 0 }));
	heard(w, "link 11 eth0 down", "address 11 fd00::2/64 off", "address 11 fd00::1/64 off",
	      "address 11 fe80::1/64 off", NULL);
	address(w, 11, "fd00::3/64", true);
	sim_link_up(w->k, 11, "eth0");
	sim_link_gone(w->k, 11);
	heard(w, "address 11 fd00::3/64 on", "link 11 eth0 up", "link 11 eth0 down",
	      "address 11 fd00::3/64 off", "address 11 10.0.0.1/24 off", "gone 11", NULL);
	sim_link_down(w->k, 99);
	sim_carrier(w->k, 99, true);
	heard(w, NULL);
	world_free(w);
}

static bool has_neighbor(struct sim_kern *k, unsigned ifindex, struct ip ip)
{
	(void)k;
	return ifindex == 11 && ip.b[15] == 2;
}

static enum send_result send_from(struct world *w, unsigned ifindex, const char *src)
{
	struct packet p = { .proto = PROTO_PIM, .ttl = 1 };
	enum send_result result;

	assert_true(ip_parse(src, &p.src));
	result = w->k->kern.op->send(&w->k->kern, V6, ifindex, &p, NULL);
	if (result == SENT)
		free(sim_sent(w->k));
	return result;
}

static bool is_own(struct world *w, const char *text)
{
	struct kern_route route = { 0 };
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return sim_route(w->k, ip, &route) && route.own;
}

static void addresses_are_told_when_they_are_known_to_be_nobody_elses(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->k->dad = 1500;
	w->k->is_duplicate = has_neighbor;
	w->router.n = 0;
	address(w, 11, "10.0.0.2/24", true);
	heard(w, "address 11 10.0.0.2/24 on", NULL);
	assert_int_equal(send_from(w, 11, "::"), SEND_FAILED);
	address(w, 11, "fe80::1/64", true);
	clock_advance(&w->clock, 1000);
	address(w, 11, "fd00::2/64", true);
	sim_resync(w->k);
	heard(w, "begin", "link 11 eth0 up", "address 11 10.0.0.2/24 on", "link 12 eth1 up",
	      "link 13 eth2 up", "end", NULL);
	assert_int_equal(send_from(w, 11, "fe80::1"), SEND_FAILED);
	assert_int_equal(send_from(w, 11, "::"), SEND_FAILED);
	assert_false(is_own(w, "fe80::1"));
	clock_advance(&w->clock, 1500);
	heard(w, "address 11 fe80::1/64 on", NULL);
	assert_int_equal(send_from(w, 11, "fe80::1"), SENT);
	assert_int_equal(send_from(w, 11, "::"), SENT);
	assert_true(is_own(w, "fe80::1"));

	/* one that a neighbor has is never told, neither that it comes nor that it goes */
	clock_advance(&w->clock, 10000);
	assert_int_equal(send_from(w, 11, "fd00::2"), SEND_FAILED);
	assert_false(is_own(w, "fd00::2"));
	address(w, 11, "fd00::2/64", false);
	address(w, 11, "fd00::3/64", true);
	address(w, 11, "fd00::3/64", false);
	clock_advance(&w->clock, 20000);
	heard(w, NULL);

	/* the time begins when the device comes up, but not anew when it loses its carrier */
	sim_link_down(w->k, 12);
	address(w, 12, "fe80::2/64", true);
	clock_advance(&w->clock, 30000);
	sim_link_up(w->k, 12, "eth1");
	sim_carrier(w->k, 12, false);
	clock_advance(&w->clock, 31500);
	heard(w, "link 12 eth1 down", "link 12 eth1 up", "link 12 eth1 down",
	      "address 12 fe80::2/64 on", NULL);
	sim_carrier(w->k, 12, true);
	clock_advance(&w->clock, 40000);
	heard(w, "link 12 eth1 up", NULL);

	/* a device may go meanwhile */
	address(w, 13, "fe80::4/64", true);
	sim_link_gone(w->k, 13);
	clock_advance(&w->clock, 50000);
	heard(w, "link 13 eth2 down", "gone 13", NULL);

	/* on a line there is nobody to ask */
	sim_link(w->k, &(struct link){ .ifindex = 14, .name = "ppp0", .up = true, .ptp = true });
	address(w, 14, "fe80::5/64", true);
	heard(w, "link 14 ppp0 up", "address 14 fe80::5/64 on", NULL);
	world_free(w);
}

/* Of lost news the router gets a listing, which is newer than what waited. */
static void lost_news_are_made_up_for(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->k->hold = true;
	sim_deliver(w->k);
	w->router.n = 0;
	sim_link_down(w->k, 11);
	sim_link_gone(w->k, 12);
	sim_overrun(w->k);
	address(w, 13, "10.0.0.1/24", true);
	assert_int_equal(sim_deliver(w->k), 1);
	heard(w, "begin", "link 11 eth0 down", "link 13 eth2 up", "address 13 10.0.0.1/24 on",
	      "end", "routes IPv4", "routes IPv6", NULL);
	sim_carrier(w->k, 13, false);
	sim_deliver(w->k);
	heard(w, "link 13 eth2 down", NULL);

	/* there is room for so many */
	w->k->max_news = 2;
	sim_carrier(w->k, 13, true);
	sim_carrier(w->k, 13, false);
	assert_int_equal(sim_deliver(w->k), 2);
	w->router.n = 0;
	for (unsigned i = 0; i < 3; i++)
		sim_carrier(w->k, 13, i % 2);
	sim_carrier(w->k, 13, true);
	assert_int_equal(sim_deliver(w->k), 1);
	heard(w, "begin", "link 11 eth0 down", "link 13 eth2 up", "address 13 10.0.0.1/24 on",
	      "end", "routes IPv4", "routes IPv6", NULL);

	/* nobody hears of what a process before lost */
	sim_overrun(w->k);
	sim_process_gone(w->k);
	assert_int_equal(sim_deliver(w->k), 0);
	heard(w, NULL);
	world_free(w);
}

static void a_device_takes_all_of_it_along(void **state)
{
	struct world *w = world_new();
	struct kern *kern = &w->k->kern;
	struct membership m = { .group = ip_v4(0xef010101), .mode = FILTER_EXCLUDE };
	struct sim_entry entry;

	(void)state;
	assert_null(kern->op->join(kern, 1, 12, &m));
	assert_null(kern->op->listen(kern, V4, 12, LISTEN_PIM, true));
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 0, 1 << 1 | 1 << 2));
	sim_link_gone(w->k, 12);
	assert_null(sim_joined(w->k, 1, 12, m.group));
	assert_false(sim_listens(w->k, V4, 12, LISTEN_PIM));
	assert_int_equal(sim_vif(w->k, V4, 1), 0);
	assert_true(sim_entry(w->k, V4, sg("10.0.0.1", "239.1.1.1"), &entry));
	assert_int_equal(entry.ttl[1], 1);
	assert_int_equal(entry.oif[1], 0);
	assert_int_equal(entry.oif[2], 13);

	/* Its bit is the next device's. */
	sim_link_up(w->k, 15, "eth1");
	assert_null(kern->op->vif_add(kern, V4, 1, 15));
	assert_true(sim_forwards(w->k, sg("10.0.0.1", "239.1.1.1"), 11, 15));
	world_free(w);
}

static void writes_and_noops_are_counted(void **state)
{
	struct world *w = world_new();
	struct kern *kern = &w->k->kern;

	(void)state;
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 0, 1 << 1));
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 0, 1 << 2));
	assert_int_equal(w->k->writes, 2);
	assert_int_equal(w->k->noops, 0);
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 0, 1 << 2));
	/* A vif that is not there changes nothing either. */
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 0, 1 << 2 | 1 << 9));
	assert_int_equal(w->k->noops, 2);
	assert_string_equal(set(w->k, "10.0.0.1", "10.1.1.1", 0, 0), "Invalid argument");
	assert_string_equal(kern->op->mfc_del(kern, V4, sg("10.0.0.9", "239.1.1.1"), NOVIF),
			    "No such file or directory");
	assert_int_equal(w->k->writes, 4);
	assert_int_equal(w->k->refused, 2);
	assert_null(kern->op->mfc_del(kern, V4, sg("10.0.0.1", "239.1.1.1"), NOVIF));
	assert_null(kern->op->vif_del(kern, V4, 2));
	assert_int_equal(w->k->writes, 6);
	world_free(w);
}

static void calls_can_be_refused(void **state)
{
	struct world *w = world_new();
	struct kern *kern = &w->k->kern;
	struct packet p = { .proto = PROTO_PIM };
	struct counters c;

	(void)state;
	sim_refuse(w->k, SIM_MFC_SET, "No buffer space available", 2);
	assert_string_equal(set(w->k, "10.0.0.1", "239.1.1.1", 0, 2), "No buffer space available");
	assert_string_equal(set(w->k, "10.0.0.1", "239.1.1.1", 0, 2), "No buffer space available");
	assert_int_equal(sim_nentries(w->k, V4), 0);
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 0, 2));
	assert_int_equal(w->k->writes, 1);

	sim_refuse(w->k, SIM_VIF_ADD, "busy", UINT_MAX);
	for (int i = 0; i < 5; i++)
		assert_string_equal(kern->op->vif_add(kern, V4, 9, 11), "busy");
	sim_refuse(w->k, SIM_VIF_ADD, NULL, 0);
	assert_null(kern->op->vif_add(kern, V4, 9, 11));

	sim_refuse(w->k, SIM_SEND, "no", 1);
	assert_int_equal(kern->op->send(kern, V4, 11, &p, NULL), SEND_FAILED);
	assert_int_equal(kern->op->send(kern, V4, 11, &p, NULL), SENT);
	free(sim_sent(w->k));
	sim_refuse(w->k, SIM_COUNTERS, "no", 1);
	assert_false(kern->op->counters(kern, V4, sg("10.0.0.1", "239.1.1.1"), &c));
	assert_true(kern->op->counters(kern, V4, sg("10.0.0.1", "239.1.1.1"), &c));
	sim_refuse(w->k, SIM_FAMILY, "Protocol not available", 1);
	assert_string_equal(kern->op->family(kern, V6), "Protocol not available");
	assert_null(kern->op->family(kern, V6));
	assert_string_equal(kern->op->upgrade(kern, NULL), "not in the simulator");
	world_free(w);
}

static void packets_sent_are_kept(void **state)
{
	struct world *w = world_new();
	struct kern *kern = &w->k->kern;
	char data[] = "hello";
	struct packet p = { .proto = PROTO_PIM, .ttl = 1, .data = data, .len = 5 };
	struct link down = *sim_link_find(w->k, 12);
	struct sim_sent *s;

	(void)state;
	clock_advance(&w->clock, 500);
	assert_int_equal(kern->op->send(kern, V4, 11, &p, NULL), SENT);
	data[0] = 'j';
	assert_int_equal(kern->op->send(kern, V4, 0, &p, NULL), SENT);
	down.up = false;
	sim_link(w->k, &down);
	assert_int_equal(kern->op->send(kern, V4, 12, &p, NULL), SEND_FAILED);
	assert_int_equal(kern->op->send(kern, V4, 99, &p, NULL), SEND_FAILED);

	s = sim_sent(w->k);
	assert_int_equal(s->ifindex, 11);
	assert_int_equal(s->at, 500);
	assert_int_equal(s->packet.len, 5);
	assert_memory_equal(s->packet.data, "hello", 5);
	free(s);
	s = sim_sent(w->k);
	assert_int_equal(s->ifindex, 0);
	assert_memory_equal(s->packet.data, "jello", 5);
	free(s);
	assert_null(sim_sent(w->k));
	world_free(w);
}

static enum send_result too_big(struct sim_kern *k, enum af af, unsigned ifindex,
				const struct packet *p, unsigned *mtu)
{
	(void)k, (void)af, (void)ifindex, (void)p;
	*mtu = 1400;
	return SEND_TOO_BIG;
}

static void packets_sent_can_be_taken(void **state)
{
	struct world *w = world_new();
	struct packet p = { .proto = PROTO_PIM };
	unsigned mtu = 0;

	(void)state;
	w->k->send = too_big;
	assert_int_equal(w->k->kern.op->send(&w->k->kern, V6, 11, &p, &mtu), SEND_TOO_BIG);
	assert_int_equal(mtu, 1400);
	assert_null(sim_sent(w->k));
	world_free(w);
}

static void packets_reach_listeners(void **state)
{
	struct world *w = world_new();
	struct kern *kern = &w->k->kern;
	struct packet p = { .proto = PROTO_IGMP, .dst = ip_v4(0xe0000016) };

	(void)state;
	assert_false(sim_receive(w->k, 11, &p));
	assert_null(kern->op->listen(kern, V4, 11, LISTEN_MEMBERS, true));
	assert_true(sim_receive(w->k, 11, &p));
	assert_false(sim_receive(w->k, 12, &p));
	p.proto = PROTO_PIM;
	assert_false(sim_receive(w->k, 11, &p));
	assert_null(kern->op->listen(kern, V4, 11, LISTEN_PIM, true));
	assert_null(kern->op->listen(kern, V4, 11, LISTEN_MEMBERS, false));
	assert_true(sim_receive(w->k, 11, &p));
	assert_false(sim_listens(w->k, V4, 11, LISTEN_MEMBERS));
	assert_false(sim_listens(w->k, V6, 11, LISTEN_PIM));
	p = (struct packet){ .proto = PROTO_UDP, .dst = ip_v4(0xe0000128), .dport = AUTO_RP_PORT };
	assert_false(sim_receive(w->k, 11, &p));
	assert_null(kern->op->listen(kern, V4, 11, LISTEN_AUTO_RP, true));
	assert_true(sim_receive(w->k, 11, &p));
	p.dport = 5000;
	assert_false(sim_receive(w->k, 11, &p));
	heard(w, "packet 11 2", "packet 11 103", "packet 11 17", NULL);
	assert_string_equal(kern->op->listen(kern, V6, 11, LISTEN_AUTO_RP, true),
			    "Address family not supported by protocol");
	assert_string_equal(kern->op->listen(kern, V4, 99, LISTEN_PIM, true), "No such device");
	world_free(w);
}

/* Gives @who the membership of 239.1.1.1 on device 11, with up to three sources by last byte. */
static void join(struct world *w, unsigned who, enum filter_mode mode, const char *sources)
{
	struct ip source[3];
	struct membership m = { ip_v4(0xef010101), mode, source, 0 };

	for (; *sources; sources++)
		source[m.nsources++] = ip_v4(0x0a000000 + (unsigned)(*sources - '0'));
	assert_null(w->k->kern.op->join(&w->k->kern, who, 11, &m));
}

static void merged(struct world *w, enum filter_mode mode, const char *sources)
{
	const struct membership *m = sim_member(w->k, 11, ip_v4(0xef010101));

	assert_non_null(m);
	assert_int_equal(m->mode, mode);
	assert_int_equal(m->nsources, strlen(sources));
	for (unsigned i = 0; i < m->nsources; i++)
		assert_int_equal(m->source[i].b[15], sources[i] - '0');
}

/* The merges that were measured on the kernel with several sockets. */
static const char *tunnel(struct world *w, bool on)
{
	return w->k->kern.op->tunnel(&w->k->kern, on);
}

static void a_tunnel_comes_and_goes(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->router.n = 0;
	assert_null(tunnel(w, true));
	assert_null(tunnel(w, true)); /* it is there */
	heard(w, NULL);		      /* not from within the call */
	clock_advance(&w->clock, 0);
	heard(w, "link 30001 pimreg down", "link 30001 pimreg up", NULL);
	assert_true(sim_link_find(w->k, 30001)->ptp && sim_link_find(w->k, 30001)->multicast);
	assert_int_equal(sim_link_find(w->k, 30001)->mtu, 65535);
	assert_null(tunnel(w, false));
	assert_null(tunnel(w, false));
	assert_int_equal(sim_link_index(w->k, TUNNEL_NAME), 0);
	heard(w, NULL);
	clock_advance(&w->clock, 0);
	heard(w, "link 30001 pimreg down", "gone 30001", NULL);

	/* as any device that is made again it has another number */
	assert_null(tunnel(w, true));
	clock_advance(&w->clock, 0);
	heard(w, "link 30002 pimreg down", "link 30002 pimreg up", NULL);

	/* deleted by somebody: whose it is makes it again */
	sim_link_gone(w->k, 30002);
	heard(w, "link 30002 pimreg down", "gone 30002", "link 30003 pimreg down",
	      "link 30003 pimreg up", NULL);
	assert_null(tunnel(w, false));
	sim_refuse(w->k, SIM_TUNNEL, "Operation not permitted", 1);
	assert_string_equal(tunnel(w, true), "Operation not permitted");
	sim_link_up(w->k, 99, TUNNEL_NAME);
	assert_string_equal(tunnel(w, true), "there is another device of this name");
	assert_null(tunnel(w, false));
	assert_int_equal(sim_link_index(w->k, TUNNEL_NAME), 99);
	world_free(w);
}

static void on_tunnelled(struct sim_kern *k, struct sim_packet *copy)
{
	(void)k;
	copy->id += 1000;
}

static void the_router_gets_what_is_forwarded_to_the_tunnel(void **state)
{
	struct world *w = world_new();
	struct kern *kern = &w->k->kern;

	(void)state;
	tunnel(w, true);
	clock_advance(&w->clock, 0);
	assert_null(kern->op->vif_add(kern, V4, 3, 30001));
	w->router.n = 0;
	set(w->k, "10.0.0.1", "239.1.1.1", 0, 1 << 1 | 1 << 3);
	packet(w, 11, "10.0.0.1", "239.1.1.1", 7);
	heard(w, "tunnelled 30001 (10.0.0.1,239.1.1.1) ttl 8 number 7", NULL);
	assert_int_equal(w->nout, 1);
	assert_int_equal(w->out[0], 12);

	/* a packet that waited for its entry: not from within the call that resolves it */
	packet(w, 11, "10.0.0.1", "239.1.1.2", 8);
	w->router.n = 0;
	w->k->tunnelled = on_tunnelled;
	set(w->k, "10.0.0.1", "239.1.1.2", 0, 1 << 3);
	heard(w, NULL);
	clock_advance(&w->clock, 0);
	heard(w, "tunnelled 30001 (10.0.0.1,239.1.1.2) ttl 8 number 1008", NULL);

	/* upcalls come first; its queue has an end; and it takes what is in it along */
	w->k->hold = true;
	for (unsigned i = 0; i < 2100; i++)
		packet(w, 11, "10.0.0.1", "239.1.1.2", i);
	packet(w, 11, "10.0.0.1", "239.1.1.3", 9);
	assert_int_equal(sim_deliver(w->k), 2001);
	assert_string_equal(w->router.heard[0], "upcall 0 0 (10.0.0.1,239.1.1.3) 0");
	assert_string_equal(w->router.heard[2000],
			    "tunnelled 30001 (10.0.0.1,239.1.1.2) ttl 8 number 2999");
	w->router.n = 0;
	packet(w, 11, "10.0.0.1", "239.1.1.1", 1);
	tunnel(w, false);
	assert_int_equal(sim_deliver(w->k), 2);
	heard(w, "link 30001 pimreg down", "gone 30001", NULL);
	world_free(w);
}

static enum send_result into_tunnel(struct world *w, unsigned ifindex, const void *data, size_t len)
{
	struct packet p = { .proto = PROTO_IP, .data = data, .len = len };

	return w->k->kern.op->send(&w->k->kern, V4, ifindex, &p, NULL);
}

static void what_is_sent_to_the_tunnel_arrives_there(void **state)
{
	struct world *w = world_new();
	struct kern *kern = &w->k->kern;
	struct sim_packet p = { .af = V4, .ttl = 9, .len = 100, .id = 7, .passed = { [31] = 1 } };
	uint8_t bytes[200];
	struct counters c;
	struct link down;

	(void)state;
	tunnel(w, true);
	clock_advance(&w->clock, 0);
	assert_null(kern->op->vif_add(kern, V4, 3, 30001));
	w->router.n = 0;
	p.sg = sg("10.0.0.1", "239.1.1.1");
	assert_int_equal(datagram_size(&p), 100);
	datagram_write(&p, bytes);
	assert_int_equal(into_tunnel(w, 30001, bytes, 100), SENT);
	heard(w, NULL); /* not from within the call */
	clock_advance(&w->clock, 0);
	heard(w, "upcall 0 0 (10.0.0.1,239.1.1.1) 3", NULL);
	set(w->k, "10.0.0.1", "239.1.1.1", 3, 1 << 1);
	assert_int_equal(w->nout, 1);
	assert_int_equal(w->id[0], 7);
	into_tunnel(w, 30001, bytes, 200); /* there may be something behind it */
	assert_int_equal(w->nout, 2);
	set(w->k, "10.0.0.1", "239.1.1.1", 0, 1 << 1);
	into_tunnel(w, 30001, bytes, 100);
	clock_advance(&w->clock, 0);
	heard(w, "upcall 0 1 (10.0.0.1,239.1.1.1) 3", NULL);
	assert_true(kern->op->counters(kern, V4, p.sg, &c));
	assert_int_equal(c.wrong, 1);
	assert_int_equal(c.packets, 2);
	assert_int_equal(c.bytes, 300);

	assert_int_equal(w->k->malformed, 0);
	assert_int_equal(into_tunnel(w, 30001, bytes, 99), SENT);
	assert_int_equal(into_tunnel(w, 30001, bytes, 0), SEND_FAILED);
	assert_int_equal(into_tunnel(w, 30001, bytes + 1, 99), SEND_FAILED);
	assert_int_equal(w->k->malformed, 3);
	p.sg.src = ip_v4(0xa9fe0001);
	datagram_write(&p, bytes);
	assert_int_equal(into_tunnel(w, 30001, bytes, 100), SEND_FAILED);
	assert_int_equal(into_tunnel(w, 11, bytes, 100), SEND_FAILED);
	assert_int_equal(into_tunnel(w, 0, bytes, 100), SEND_FAILED);
	down = *sim_link_find(w->k, 30001);
	down.up = false;
	sim_link(w->k, &down);
	assert_int_equal(into_tunnel(w, 30001, bytes, 100), SEND_FAILED);
	tunnel(w, false);
	assert_int_equal(into_tunnel(w, 30001, bytes, 100), SEND_FAILED);
	clock_advance(&w->clock, 0);
	world_free(w);
}

/* It goes with its process, or when the next one, to which it was kept, did not ask for it. */
static void a_tunnel_is_kept_or_not(void **state)
{
	struct world *w = world_new();

	(void)state;
	tunnel(w, true);
	sim_process_gone(w->k);
	assert_int_equal(sim_link_index(w->k, TUNNEL_NAME), 0);
	tunnel(w, true);
	sim_inherit_members(w->k);
	tunnel(w, true);
	sim_drop_unclaimed(w->k);
	assert_int_equal(sim_link_index(w->k, TUNNEL_NAME), 30002);
	sim_inherit_members(w->k);
	sim_drop_unclaimed(w->k);
	assert_int_equal(sim_link_index(w->k, TUNNEL_NAME), 0);
	world_free(w);
}

/* Whatever it is, it is read as it was written, and nothing else is. */
static void datagrams_are_read_as_they_were_written(void **state)
{
	static const char *const text[][2] = { { "10.0.0.1", "239.1.1.1" },
					       { "fd00::1", "ff0e::1" } };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	for (unsigned i = 0; i < 400; i++) {
		struct sim_packet p = { .af = i % 2, .sg = sg(text[i % 2][0], text[i % 2][1]) };
		struct sim_packet read;
		uint8_t *bytes;
		size_t size, at;

		p.ttl = rng_below(&rng, 256);
		p.len = rng_below(&rng, 3) ? rng_below(&rng, 1500) : 0;
		p.id = rng_u64(&rng);
		for (unsigned n = 0; n < sizeof(p.passed); n++)
			p.passed[n] = rng_below(&rng, 256);
		size = datagram_size(&p);
		bytes = xcalloc(1, size);
		datagram_write(&p, bytes);
		assert_true(datagram_read(bytes, size, &read));
		assert_memory_equal(&read, &p, sizeof(p));
		assert_false(datagram_read(bytes, rng_below(&rng, size), &read));

		/* all but a flow, a hop limit and a class is under some checksum */
		at = p.af == V6 ? 8 + rng_below(&rng, size - 8) : rng_below(&rng, size);
		bytes[at] ^= 1 << rng_below(&rng, 8);
		assert_false(datagram_read(bytes, size, &read));
		free(bytes);
	}
}

static void memberships_are_merged(void **state)
{
	struct world *w = world_new();
	struct membership bad = { .group = ip_v4(0x0a000001), .mode = FILTER_EXCLUDE };

	(void)state;
	join(w, 1, FILTER_INCLUDE, "21");
	join(w, 2, FILTER_INCLUDE, "32");
	merged(w, FILTER_INCLUDE, "123");
	join(w, 1, FILTER_EXCLUDE, "29");
	merged(w, FILTER_EXCLUDE, "9");
	join(w, 2, FILTER_EXCLUDE, "89");
	merged(w, FILTER_EXCLUDE, "9");
	join(w, 3, FILTER_EXCLUDE, "");
	merged(w, FILTER_EXCLUDE, "");
	join(w, 3, FILTER_INCLUDE, "");
	join(w, 2, FILTER_INCLUDE, "");
	merged(w, FILTER_EXCLUDE, "29");
	assert_null(sim_joined(w->k, 2, 11, ip_v4(0xef010101)));
	assert_int_equal(sim_joined(w->k, 1, 11, ip_v4(0xef010101))->nsources, 2);
	join(w, 1, FILTER_INCLUDE, "");
	assert_null(sim_member(w->k, 11, ip_v4(0xef010101)));
	assert_string_equal(w->k->kern.op->join(&w->k->kern, 1, 11, &bad), "Invalid argument");
	assert_string_equal(w->k->kern.op->join(&w->k->kern, 1, 99, &bad), "No such device");
	world_free(w);
}

static void count_member(void *arg, const struct membership *m)
{
	unsigned *last = arg;

	assert_true(m->group.b[15] > *last);
	*last = m->group.b[15];
}

static void memberships_are_listed(void **state)
{
	struct world *w = world_new();
	struct membership m = { .mode = FILTER_EXCLUDE };
	unsigned last = 0;

	(void)state;
	for (unsigned i = 9; i > 0; i--) {
		m.group = ip_v4(0xef010100 + i);
		assert_null(w->k->kern.op->join(&w->k->kern, 1 + i % 2, 11, &m));
		assert_null(w->k->kern.op->join(&w->k->kern, 5, 12, &m));
		assert_null(w->k->kern.op->join(&w->k->kern, 5, 11, &m));
	}
	sim_members(w->k, 11, V4, count_member, &last);
	assert_int_equal(last, 9);
	last = 0;
	sim_members(w->k, 11, V6, count_member, &last);
	assert_int_equal(last, 0);
	world_free(w);
}

static void on_file(void *arg, const char *name, struct buf *text)
{
	char *all = arg;

	text->data[text->end] = '\0';
	sprintf(all + strlen(all), "%s=%s;", name, buf_at(text));
	text->data[text->start] = '\0';
}

static void files_are_read(void **state)
{
	struct world *w = world_new();
	struct kern *kern = &w->k->kern;
	char all[200] = "";

	(void)state;
	sim_file(w->k, "/etc/d/b.conf", "bee");
	sim_file(w->k, "/etc/d/a.conf", "ay");
	sim_file(w->k, "/etc/d/.hidden.conf", "no");
	sim_file(w->k, "/etc/main.conf", "main");
	assert_null(kern->op->read(kern, "/etc/d/*.conf", on_file, all));
	assert_string_equal(all, "/etc/d/a.conf=ay;/etc/d/b.conf=bee;");
	all[0] = '\0';
	assert_null(kern->op->read(kern, "/etc/d/a.conf", on_file, all));
	assert_string_equal(all, "/etc/d/a.conf=ay;");
	sim_file(w->k, "/etc/d/a.conf", NULL);
	sim_file(w->k, "/etc/main.conf", "other");
	assert_string_equal(kern->op->read(kern, "/etc/d/a.conf", on_file, all),
			    "No such file or directory");
	assert_null(kern->op->read(kern, "/etc/nothing/*", on_file, all));
	all[0] = '\0';
	sim_refuse(w->k, SIM_READ, "Permission denied", 1);
	assert_string_equal(kern->op->read(kern, "/etc/main.conf", on_file, all),
			    "Permission denied");
	assert_null(kern->op->read(kern, "/etc/main.conf", on_file, all));
	assert_string_equal(all, "/etc/main.conf=other;");
	kern->op->ready(kern, true);
	assert_int_equal(w->k->nready, 1);
	assert_int_equal(w->k->nrefused, 0);
	kern->op->ready(kern, false);
	assert_int_equal(w->k->nready, 1);
	assert_int_equal(w->k->nrefused, 1);
	world_free(w);
}

static void on_entry(void *arg, const struct sim_entry *entry)
{
	char *all = arg;

	sprintf(all + strlen(all), "%s %u>%u;", sg_str(&entry->sg), entry->iif, entry->oif[1]);
}

static void entries_are_listed_in_order(void **state)
{
	struct world *w = world_new();
	struct mfc_entry star = { sg("0.0.0.0", "239.1.1.1"), 0, { 1, 1 } };
	char all[400] = "";

	(void)state;
	set(w->k, "10.0.0.2", "239.1.1.2", 0, 1 << 1);
	set(w->k, "10.0.0.1", "239.1.1.2", 1, 1 << 2);
	set(w->k, "10.0.0.3", "239.1.1.1", 7, 0);
	assert_null(sim_proxy_set(w->k, V4, &star));
	star.parent = 2;
	assert_null(sim_proxy_set(w->k, V4, &star));
	assert_int_equal(sim_nentries(w->k, V4), 5);
	sim_entries(w->k, V4, on_entry, all);
	assert_string_equal(all, "(*,239.1.1.1) 13>12;(*,239.1.1.1) 11>12;"
				 "(10.0.0.3,239.1.1.1) 0>0;"
				 "(10.0.0.1,239.1.1.2) 12>0;(10.0.0.2,239.1.1.2) 11>12;");
	assert_null(sim_proxy_del(w->k, V4, star.sg, 0));
	assert_string_equal(sim_proxy_del(w->k, V4, star.sg, 0), "No such file or directory");
	assert_int_equal(sim_nentries(w->k, V6), 0);
	world_free(w);
}

static void counters_leave_out_the_wrong(void **state)
{
	struct world *w = world_new();
	struct sim_entry entry;

	(void)state;
	set(w->k, "10.0.0.1", "239.1.1.1", 0, 1 << 1);
	for (int i = 0; i < 3; i++)
		packet(w, 11, "10.0.0.1", "239.1.1.1", i);
	for (int i = 0; i < 5; i++)
		packet(w, 13, "10.0.0.1", "239.1.1.1", i);
	assert_true(sim_entry(w->k, V4, sg("10.0.0.1", "239.1.1.1"), &entry));
	assert_int_equal(entry.counters.packets, 3);
	assert_int_equal(entry.counters.wrong, 5);
	assert_int_equal(entry.counters.bytes, 800);
	heard(w, "upcall 0 1 (10.0.0.1,239.1.1.1) 2", NULL);
	world_free(w);
}

static char wrote_text[256];

static void PRINTF(1, 2) note(const char *fmt, ...)
{
	size_t len = strlen(wrote_text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(wrote_text + len, sizeof(wrote_text) - len, fmt, args);
	va_end(args);
}

static void on_wrote(struct sim_kern *k, enum af af, struct sg sg, const struct mfc_entry *entry)
{
	(void)k;
	note("%d %s %s\n", af, sg_str(&sg), entry ? "set" : "gone");
}

static void on_member(struct sim_kern *k, unsigned ifindex, const struct membership *m)
{
	(void)k;
	note("%u %s %d %u\n", ifindex, ip_str(m->group), m->mode, m->nsources);
}

static void changes_are_told(void **state)
{
	struct world *w = world_new();

	(void)state;
	*wrote_text = '\0';
	w->k->wrote = on_wrote;
	w->k->member = on_member;
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 0, 2));
	assert_non_null(set(w->k, "10.0.0.1", "10.1.1.1", 0, 2));
	w->k->kern.op->mfc_del(&w->k->kern, V4, sg("10.0.0.1", "239.1.1.1"), 0);
	w->k->kern.op->mfc_del(&w->k->kern, V4, sg("10.0.0.1", "239.1.1.1"), 0);
	join(w, 1, FILTER_INCLUDE, "12");
	join(w, 2, FILTER_EXCLUDE, "1");
	join(w, 2, FILTER_INCLUDE, "");
	join(w, 1, FILTER_INCLUDE, "");
	assert_string_equal(wrote_text, "0 (10.0.0.1,239.1.1.1) set\n"
					"0 (10.0.0.1,239.1.1.1) gone\n"
					"11 239.1.1.1 0 2\n11 239.1.1.1 1 0\n"
					"11 239.1.1.1 0 2\n11 239.1.1.1 0 0\n");
	world_free(w);
}

static void a_process_takes_all_of_it_along(void **state)
{
	struct world *w = world_new();

	(void)state;
	*wrote_text = '\0';
	assert_null(set(w->k, "10.0.0.1", "239.1.1.1", 0, 2));
	join(w, 1, FILTER_INCLUDE, "12");
	join(w, 2, FILTER_EXCLUDE, "1");
	w->k->kern.op->listen(&w->k->kern, V4, 11, LISTEN_PIM, true);
	w->k->hold = true;
	packet(w, 11, "10.0.0.2", "239.1.1.1", 1);
	sim_link_up(w->k, 14, "eth3");
	w->router.n = 0;
	w->k->member = on_member;
	sim_process_gone(w->k);
	assert_string_equal(wrote_text, "11 239.1.1.1 1 1\n11 239.1.1.1 0 0\n");
	assert_int_equal(sim_deliver(w->k), 0);
	assert_int_equal(sim_upcalls_waiting(w->k, V4), 0);
	assert_int_equal(sim_nentries(w->k, V4), 0);
	assert_int_equal(sim_unresolved(w->k, V4), 0);
	assert_int_equal(sim_vif(w->k, V4, 0), 0);
	assert_null(sim_member(w->k, 11, sg("10.0.0.1", "239.1.1.1").grp));
	assert_false(sim_listens(w->k, V4, 11, LISTEN_PIM));
	assert_non_null(sim_link_find(w->k, 14));
	packet(w, 11, "10.0.0.2", "239.1.1.1", 1);
	assert_int_equal(sim_unresolved(w->k, V4), 0);
	world_free(w);
}

static void unclaimed_memberships_go(void **state)
{
	struct world *w = world_new();

	(void)state;
	join(w, 1, FILTER_INCLUDE, "12");
	join(w, 2, FILTER_EXCLUDE, "1");
	assert_null(w->k->kern.op->listen(&w->k->kern, V4, 11, LISTEN_PIM, true));
	sim_inherit_members(w->k);
	assert_false(sim_listens(w->k, V4, 11, LISTEN_PIM)); /* its own sockets do */
	join(w, 1, FILTER_INCLUDE, "12");
	join(w, 3, FILTER_INCLUDE, "3");
	*wrote_text = '\0';
	w->k->member = on_member;
	sim_drop_unclaimed(w->k);
	assert_string_equal(wrote_text, "11 239.1.1.1 0 3\n");
	sim_drop_unclaimed(w->k);
	merged(w, FILTER_INCLUDE, "123");
	world_free(w);
}

/* Two kernels on one clock: each has its own tables, and time runs for both. */
static void kernels_share_a_clock(void **state)
{
	struct world *w = world_new();
	struct sim_kern *other = sim_kern_new(&w->clock);
	struct sim_packet p = { .sg = sg("10.0.0.1", "239.1.1.1"), .ttl = 9, .len = 100 };

	(void)state;
	sim_link_up(other, 11, "eth0");
	assert_null(other->kern.op->vif_add(&other->kern, V4, 5, 11));
	packet(w, 11, "10.0.0.1", "239.1.1.1", 1);
	clock_advance(&w->clock, 4000);
	sim_packet(other, 11, &p);
	assert_int_equal(sim_unresolved(other, V4), 1);
	clock_advance(&w->clock, 10000);
	assert_int_equal(sim_unresolved(w->k, V4), 0);
	assert_int_equal(sim_unresolved(other, V4), 1);
	clock_advance(&w->clock, 14000);
	assert_int_equal(sim_unresolved(other, V4), 0);
	sim_kern_free(other);
	world_free(w);
}

/* Random tables: what sim_forwards() says is what a packet does, and what a second run does. */
static uint64_t random_run(uint64_t seed)
{
	struct world *w = world_new();
	struct rng rng;
	uint64_t sum = 0;

	rng_seed(&rng, seed);
	for (int i = 0; i < 2000; i++) {
		struct mfc_entry e = { .parent = rng_below(&rng, 4) };
		unsigned iif = 11 + rng_below(&rng, 3);

		e.sg.src = ip_v4(rng_below(&rng, 3) ? 0x0a000001 + rng_below(&rng, 2) : 0);
		e.sg.grp = ip_v4(rng_below(&rng, 4) ? 0xef010101 + rng_below(&rng, 2) : 0);
		for (unsigned vif = 0; vif < 4; vif++)
			e.ttl[vif] = rng_below(&rng, 2);
		if (rng_below(&rng, 3))
			sim_proxy_set(w->k, V4, &e);
		else
			sim_proxy_del(w->k, V4, e.sg, e.parent);

		e.sg.src = ip_v4(0x0a000001 + rng_below(&rng, 2));
		e.sg.grp = ip_v4(0xef010101 + rng_below(&rng, 2));
		packet(w, 11, "10.9.9.9", "239.9.9.9", i);
		w->nout = 0;
		sim_packet(w->k, iif, &(struct sim_packet){ .sg = e.sg, .ttl = 9, .id = i });
		for (unsigned oif = 11; oif < 14; oif++) {
			bool sent = false;

			for (unsigned n = 0; n < w->nout; n++)
				sent |= w->out[n] == oif;
			assert_int_equal(sent, sim_forwards(w->k, e.sg, iif, oif));
			sum = sum * 31 + sent;
		}
		w->router.n = 0;
		clock_advance(&w->clock, w->clock.now + rng_below(&rng, 2000));
	}
	world_free(w);
	return sum;
}

static void forwards_as_it_says(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		assert_int_equal(random_run(seed), random_run(seed));
	assert_int_not_equal(random_run(1), random_run(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upcalls_at_once),
		cmocka_unit_test(upcalls_when_they_are_read),
		cmocka_unit_test(upcalls_of_a_call_come_after_it),
		cmocka_unit_test(upcalls_are_limited_by_family),
		cmocka_unit_test(devices_are_told),
		cmocka_unit_test(news_keep_their_time),
		cmocka_unit_test(addresses_go_with_their_device),
		cmocka_unit_test(addresses_are_told_when_they_are_known_to_be_nobody_elses),
		cmocka_unit_test(lost_news_are_made_up_for),
		cmocka_unit_test(a_device_takes_all_of_it_along),
		cmocka_unit_test(writes_and_noops_are_counted),
		cmocka_unit_test(calls_can_be_refused),
		cmocka_unit_test(packets_sent_are_kept),
		cmocka_unit_test(packets_sent_can_be_taken),
		cmocka_unit_test(packets_reach_listeners),
		cmocka_unit_test(a_tunnel_comes_and_goes),
		cmocka_unit_test(the_router_gets_what_is_forwarded_to_the_tunnel),
		cmocka_unit_test(what_is_sent_to_the_tunnel_arrives_there),
		cmocka_unit_test(a_tunnel_is_kept_or_not),
		cmocka_unit_test(datagrams_are_read_as_they_were_written),
		cmocka_unit_test(memberships_are_merged),
		cmocka_unit_test(memberships_are_listed),
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(entries_are_listed_in_order),
		cmocka_unit_test(counters_leave_out_the_wrong),
		cmocka_unit_test(changes_are_told),
		cmocka_unit_test(a_process_takes_all_of_it_along),
		cmocka_unit_test(unclaimed_memberships_go),
		cmocka_unit_test(kernels_share_a_clock),
		cmocka_unit_test(forwards_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
