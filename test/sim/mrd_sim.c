/* mrd_sim.c - multicast router discovery (RFC 4286): what is sent when, and what is not heard
 *
 * Messages are looked at as bytes; the sections in the comments are the RFC's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "igmpproxy/gm.h"
#include "lib/cksum.h"
#include "mrd/mrd.h"
#include "sim/bed.h"
#include "static/static.h"

#define OK "{\"ok\":true}\n"

/* A message that was sent. */
struct said {
	int64_t at;
	enum af af;
	unsigned ifindex;
	struct packet packet;
	uint8_t data[32];
};

#define MAX_SAID 100000

struct scene {
	struct bed bed; /* first */
	struct said *said;
	unsigned n, read;
};

static const struct module *const modules[] = { &static_module, &mrd_module, &gm_module, NULL };

static const char *const all_snoopers[] = { "224.0.0.106", "ff02::6a" };
static const char *const all_routers[] = { "224.0.0.2", "ff02::2" };
static const char *const neighbor[] = { "10.0.0.9", "fe80::9" };

enum message { ADVERTISEMENT, SOLICITATION, TERMINATION };

static uint8_t type_of(enum af af, enum message message)
{
	return (af == V4 ? 0x30 : 151) + message;
}

static enum send_result keep(struct sim_kern *k, enum af af, unsigned ifindex,
			     const struct packet *packet, unsigned *mtu)
{
	struct scene *s = k->arg;
	struct said *said = &s->said[s->n++];

	(void)mtu;
	assert_true(s->n < MAX_SAID);
	assert_true(packet->len <= sizeof(said->data));
	*said = (struct said){
		.at = k->clock->now, .af = af, .ifindex = ifindex, .packet = *packet
	};
	memcpy(said->data, packet->data, packet->len);
	return SENT;
}

static void address(struct scene *s, unsigned ifindex, const char *text, bool on)
{
	struct prefix prefix;

	assert_true(prefix_parse(text, &prefix));
	sim_address(s->bed.k, ifindex, &prefix, on);
}

/* ethN has 10.0.N.1/24, fd00:N::1/64 and fe80::N1/64. */
static void addresses(struct scene *s, unsigned ifindex)
{
	char text[64];

	snprintf(text, sizeof(text), "10.0.%u.1/24", ifindex - 1);
	address(s, ifindex, text, true);
	snprintf(text, sizeof(text), "fd00:%u::1/64", ifindex - 1);
	address(s, ifindex, text, true);
	snprintf(text, sizeof(text), "fe80::%x/64", (ifindex - 1) * 16 + 1);
	address(s, ifindex, text, true);
}

/* A router that is not started yet. */
static struct scene *scene_prepare(const char *conf)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	s->said = xcalloc(MAX_SAID, sizeof(*s->said));
	bed_begin(&s->bed, modules, conf);
	s->bed.k->send = keep;
	return s;
}

static struct scene *scene_new(const char *conf)
{
	struct scene *s = scene_prepare(conf);

	for (unsigned i = 1; i <= 4; i++)
		addresses(s, i);
	router_start(s->bed.r);
	return s;
}

static void scene_free(struct scene *s)
{
	bed_end(&s->bed);
	free(s->said);
	free(s);
}

static void advance(struct scene *s, int64_t ms)
{
	bed_advance(&s->bed, ms);
}

static int64_t now(const struct scene *s)
{
	return s->bed.clock.now;
}

/* The next message of the family that was not looked at yet; NULL: none. */
static struct said *next(struct scene *s, enum af af)
{
	while (s->read < s->n) {
		struct said *said = &s->said[s->read++];

		if (said->af == af)
			return said;
	}
	return NULL;
}

/* All up to now was looked at, as is the rule before another family's turn or another act. */
static void forget(struct scene *s)
{
	s->n = s->read = 0;
}

static unsigned count(const struct scene *s, enum af af, unsigned ifindex, enum message message)
{
	unsigned n = 0;

	for (const struct said *said = s->said; said < s->said + s->n; said++)
		n += said->af == af && said->ifindex == ifindex &&
		     said->data[0] == type_of(af, message);
	return n;
}

static bool checksum_is_right(const struct said *said)
{
	const struct packet *p = &said->packet;
	uint32_t sum = 0;

	if (said->af == V6)
		sum = cksum_add_pseudo6(0, p->src, p->dst, p->len, PROTO_ICMPV6);
	return !cksum_end(cksum_add(sum, said->data, p->len));
}

/* 2, 3.3, 5.2: the addresses, the hop limit and the option of all that a router says. */
static void assert_header(const struct said *said, const char *src)
{
	const struct packet *p = &said->packet;

	assert_int_equal(p->proto, said->af == V4 ? PROTO_IGMP : PROTO_ICMPV6);
	assert_int_equal(p->ttl, 1);
	assert_true(p->router_alert);
	assert_true(ip_eq(p->dst, bed_ip(all_snoopers[said->af])));
	assert_true(ip_eq(p->src, bed_ip(src)));
	assert_true(checksum_is_right(said));
}

/* 3.2: with what it says of its interval; IGMP and MLD are not in use (3.2.4, 3.2.5). */
static void assert_advertisement(const struct said *said, const char *src, uint8_t interval)
{
	static const uint8_t zeros[4];

	assert_non_null(said);
	assert_header(said, src);
	assert_int_equal(said->packet.len, 8);
	assert_int_equal(said->data[0], type_of(said->af, ADVERTISEMENT));
	assert_int_equal(said->data[1], interval);
	assert_memory_equal(said->data + 4, zeros, 4);
}

/* 3.2.4, 3.2.5: how listeners are asked, where they are. */
static void it_says_how_listeners_are_asked(void **state)
{
	struct scene *s = scene_new("phyint eth1 mrdisc igmp igmp-query-interval 60 mld "
				    "mld-robustness 3\n");

	(void)state;
	advance(s, SEC(10));
	for (enum af af = V4; af <= V6; af++) {
		static const uint8_t fields[NFAMILIES][4] = { { 0, 60, 0, 2 }, { 0, 125, 0, 3 } };
		const struct said *said = next(s, af);

		while (said && said->data[0] != type_of(af, ADVERTISEMENT))
			said = next(s, af);
		assert_non_null(said);
		assert_memory_equal(said->data + 4, fields[af], 4);
		s->read = 0;
	}
	scene_free(s);
}

/* 5.1 */
static void assert_termination(const struct said *said, const char *src)
{
	assert_non_null(said);
	assert_header(said, src);
	assert_int_equal(said->packet.len, 4);
	assert_int_equal(said->data[0], type_of(said->af, TERMINATION));
	assert_int_equal(said->data[1], 0);
}

/* 4.1, 4.2: a Solicitation as it should be, for a test to spoil. */
static struct packet solicitation(enum af af, uint8_t wire[16])
{
	struct packet p = {
		.proto = af == V4 ? PROTO_IGMP : PROTO_ICMPV6,
		.ttl = 1,
		.router_alert = true,
		.src = bed_ip(neighbor[af]),
		.dst = bed_ip(all_routers[af]),
		.data = wire,
		.len = 4,
	};

	memset(wire, 0, 16);
	wire[0] = type_of(af, SOLICITATION);
	return p;
}

/* Puts in the checksum. */
static void seal(struct packet *p, uint8_t *wire)
{
	uint32_t sum = 0;

	wire[2] = wire[3] = 0;
	if (ip_family(p->src) == V6)
		sum = cksum_add_pseudo6(0, p->src, p->dst, p->len, PROTO_ICMPV6);
	sum = cksum_end(cksum_add(sum, wire, p->len));
	wire[2] = sum >> 8;
	wire[3] = sum;
}

static void receive(struct scene *s, unsigned ifindex, const struct packet *p)
{
	assert_true(sim_receive(s->bed.k, ifindex, p));
	bed_work(&s->bed);
}

static void solicit(struct scene *s, unsigned ifindex, enum af af)
{
	uint8_t wire[16];
	struct packet p = solicitation(af, wire);

	if (af == V4 && ifindex != 1)
		p.src.b[14] = ifindex - 1;
	seal(&p, wire);
	receive(s, ifindex, &p);
}

/* The number behind that key in the row of eth0 and that family. */
static long shown(struct scene *s, enum af af, const char *key)
{
	char row[64], member[32];
	const char *at;

	snprintf(row, sizeof(row), "{\"interface\":\"eth0\",\"family\":\"%s\"", af_name(af));
	snprintf(member, sizeof(member), "\"%s\":", key);
	at = strstr(bed_ask(&s->bed, "show mrd"), row);
	assert_non_null(at);
	at = strstr(at, member);
	assert_non_null(at);
	return strtol(at + strlen(member), NULL, 10);
}

static bool state_is(struct scene *s, enum af af, const char *state)
{
	char row[128];

	snprintf(row, sizeof(row), "{\"interface\":\"eth0\",\"family\":\"%s\",\"state\":\"%s\"",
		 af_name(af), state);
	return strstr(bed_ask(&s->bed, "show mrd"), row);
}

/* 3.1.3, 3.1.4, 3.4: three, each after less than 2 seconds; then each 20 seconds or so. */
static void a_router_announces_itself(void **state)
{
	static const char *const source[] = { "10.0.0.1", "fe80::1" };
	struct scene *s = scene_new("phyint eth0 mrdisc\n");

	(void)state;
	advance(s, SEC(3600));
	for (enum af af = V4; af <= V6; af++) {
		int64_t before = 1000;
		struct said *said;
		unsigned n = 0;

		s->read = 0;
		while ((said = next(s, af))) {
			int64_t gap = said->at - before;

			assert_int_equal(said->ifindex, 1);
			assert_advertisement(said, source[af], 20);
			if (n < 3)
				assert_true(gap < SEC(2));
			else
				assert_in_range(gap, 19500, 20500);
			before = said->at;
			n++;
		}
		assert_in_range(n, 3600 / 20.5, 3600 / 19.5 + 3);
		assert_int_equal(shown(s, af, "advertisements"), n);
		assert_true(shown(s, af, "next") <= 20500);
	}
	scene_free(s);
}

/* 3.1: what operators can set: interval, how many come early, within what time. */
static void what_can_be_configured(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc mrdisc-interval 4 mrdisc-initial 5\n"
				    "phyint eth0 mrdisc-initial-interval 1 mrdisc-rate 12\n"
				    "phyint eth1 mrdisc mrdisc-interval 180 mrdisc-initial 1\n"
				    "phyint eth2 mrdisc-interval 4\n");
	int64_t before[5] = { 0, 1000, 1000 }, least[5] = { 0, SEC(4), SEC(180) }, most[5] = { 0 };
	unsigned n[5] = { 0 };

	(void)state;
	advance(s, SEC(36000));
	for (const struct said *said = s->said; said < s->said + s->n; said++) {
		unsigned i = said->ifindex;
		int64_t gap = said->at - before[i];

		if (said->af != V4)
			continue;
		before[i] = said->at;
		assert_advertisement(said, i == 1 ? "10.0.0.1" : "10.0.1.1", i == 1 ? 4 : 180);
		if (n[i]++ < (i == 1 ? 5 : 1)) {
			assert_true(gap < (i == 1 ? SEC(1) : SEC(2)));
			continue;
		}
		least[i] = gap < least[i] ? gap : least[i];
		most[i] = gap > most[i] ? gap : most[i];
	}
	/* 3.1.2: the jitter is 0.025 of the interval, and all of it is used */
	assert_in_range(least[1], 3900, 3905);
	assert_in_range(most[1], 4095, 4100);
	assert_in_range(least[2], 175500, 176500);
	assert_in_range(most[2], 183500, 184500);
	assert_int_equal(n[3] + n[4], 0);
	scene_free(s);
}

/* 3.1.1 */
static void a_value_out_of_range_is_refused(void **state)
{
	static const char *const bad[] = {
		"mrdisc-interval 3", "mrdisc-interval 181",	  "mrdisc-interval",
		"mrdisc-interval x", "mrdisc-initial 0",	  "mrdisc-initial 256",
		"mrdisc-rate 5",     "mrdisc-initial-interval 0", "mrdisc-initial-interval 181",
	};
	struct scene *s = scene_new("");

	(void)state;
	for (unsigned i = 0; i < NELEMS(bad); i++) {
		char conf[128];
		const char *reply;

		snprintf(conf, sizeof(conf), "phyint eth0 mrdisc\nphyint eth0 %s\n", bad[i]);
		sim_file(s->bed.k, BED_CONF, conf);
		reply = bed_ask(&s->bed, "reload");
		assert_non_null(strstr(reply, ":2:"));
		assert_non_null(strstr(reply, bad[i][7] == 'r' ? "mrdisc-rate" : "mrdisc-in"));
	}
	advance(s, SEC(10));
	assert_int_equal(s->n, 0);
	scene_free(s);
}

/* 3.4, 4.4, 6: an answer in less than 2 seconds; while it is to come, others are ignored. */
static void a_solicitation_is_answered_once(void **state)
{
	int64_t least = SEC(2), most = 0;

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct scene *s = scene_new("phyint eth0 mrdisc mrdisc-interval 180\n");

		advance(s, SEC(60));
		for (unsigned i = 1; i <= 200; i++) {
			int64_t asked = now(s);
			struct said *said;

			forget(s);
			solicit(s, 1, af);
			assert_int_equal(s->n, 0);
			for (unsigned ms = 0; ms < 2000; ms += 100) {
				if (!s->n)
					solicit(s, 1, af);
				advance(s, 100);
			}
			said = next(s, af);
			assert_non_null(said);
			assert_null(next(s, af));
			assert_int_equal(said->data[0], type_of(af, ADVERTISEMENT));
			assert_true(said->at - asked < SEC(2));
			least = said->at - asked < least ? said->at - asked : least;
			most = said->at - asked > most ? said->at - asked : most;

			/* 3.4: when one is sent, the periodic timer MUST be reset */
			forget(s);
			advance(s, 175500 - (now(s) - said->at) - 1);
			assert_int_equal(count(s, af, 1, ADVERTISEMENT), 0);
			advance(s, 9001);
			assert_int_equal(count(s, af, 1, ADVERTISEMENT), 1);
			advance(s, SEC(3));
		}
		assert_true(shown(s, af, "solicitations") >= 200);
		assert_int_equal(shown(s, af, "dropped"), 0);
		scene_free(s);
	}
	assert_true(least < 50 && most > 1950);
}

/* 3.4: if one is to come anyway in less time than an answer may take, it is the answer. */
static void an_advertisement_that_is_due_soon_is_the_answer(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct scene *s = scene_new("phyint eth0 mrdisc\n");
		long left;

		advance(s, SEC(10));
		while ((left = shown(s, af, "next")) >= SEC(2))
			advance(s, 100);
		forget(s);
		solicit(s, 1, af);
		assert_int_equal(shown(s, af, "next"), left);
		advance(s, left);
		assert_int_equal(count(s, af, 1, ADVERTISEMENT), 1);
		advance(s, SEC(19));
		assert_int_equal(count(s, af, 1, ADVERTISEMENT), 1);
		scene_free(s);
	}
}

/* How many messages left the interface in the busiest second. */
static unsigned busiest_second(const struct scene *s, unsigned ifindex)
{
	unsigned most = 0;

	for (unsigned i = 0; i < s->n; i++) {
		unsigned n = 0;

		for (unsigned j = i; j < s->n && s->said[j].at < s->said[i].at + SEC(1); j++)
			n += s->said[j].ifindex == ifindex;
		most = n > most ? n : most;
	}
	return most;
}

/* The least time between two Advertisements of one family there. */
static int64_t least_gap(const struct scene *s, unsigned ifindex)
{
	int64_t before[NFAMILIES] = { -SEC(1000), -SEC(1000) }, least = SEC(1000);

	for (const struct said *said = s->said; said < s->said + s->n; said++) {
		if (said->ifindex != ifindex || said->data[0] != type_of(said->af, ADVERTISEMENT))
			continue;
		if (said->at - before[said->af] < least)
			least = said->at - before[said->af];
		before[said->af] = said->at;
	}
	return least;
}

/* 2, 3.1.6, 5.3: both families together, whoever asks however often, whatever is reloaded. */
static void the_rate_is_limited(void **state)
{
	static const char *const conf[] = {
		"phyint eth0 mrdisc mrdisc-initial 255 mrdisc-initial-interval 1\n"
		"phyint eth1 mrdisc mrdisc-rate 6\n",
		"phyint eth0 mrdisc-interval 4\nphyint eth1 mrdisc-rate 6\n",
	};
	struct scene *s = scene_new(conf[0]);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		if (i >= 10000 && i % 8 == 0) {
			sim_file(s->bed.k, BED_CONF, conf[i / 8 % 2]);
			assert_string_equal(bed_ask(&s->bed, "reload"), OK);
		}
		for (enum af af = V4; af <= V6; af++) {
			for (unsigned ifindex = 1; ifindex <= 2; ifindex++) {
				if (sim_listens(s->bed.k, af, ifindex, LISTEN_MRD))
					solicit(s, ifindex, af);
			}
		}
		advance(s, 10);
	}
	/* so far apart that there is room for as many Terminations and one more */
	assert_int_equal(least_gap(s, 1), 500);
	assert_int_equal(least_gap(s, 2), 1000);
	assert_in_range(busiest_second(s, 1), 6, 10);
	assert_in_range(busiest_second(s, 2), 3, 6);
	assert_true(count(s, V6, 1, TERMINATION) > 5);
	scene_free(s);
}

/* What is wrong with a Solicitation, and how it is counted; 2, 4.4, 7. */
static void spoil(enum af af, unsigned i, struct packet *p, uint8_t *wire)
{
	static const char *const far[] = { "10.0.1.9", "fd00:0::9" };

	switch (i) {
	case 0:
		p->len = 3;
		break;
	case 1:
		seal(p, wire);
		wire[2] ^= 0x40;
		return;
	case 2:
		p->dst = bed_ip(all_snoopers[af]);
		break;
	case 3:
		p->ttl = 2;
		break;
	case 4:
		p->router_alert = false;
		break;
	case 5:
		p->src = bed_ip(far[af]);
		break;
	case 6:
		p->src = ip_any(af);
		break;
	case 7:
		p->ttl = 0;
		break;
	}
	if (p->len >= 4)
		seal(p, wire);
}

static void a_solicitation_that_is_wrong_is_dropped_and_counted(void **state)
{
	static const char *const key[] = { "bad_length", "bad_checksum", "bad_destination",
					   "bad_ttl",	 "no_alert",	 "bad_source",
					   "bad_source", "bad_ttl" };

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct scene *s = scene_new("phyint eth0 mrdisc mrdisc-interval 180\n");
		uint8_t wire[16];
		struct packet p;

		advance(s, SEC(60));
		forget(s);
		for (unsigned i = 0; i < NELEMS(key); i++) {
			long left = shown(s, af, "next");

			p = solicitation(af, wire);
			spoil(af, i, &p, wire);
			receive(s, 1, &p);
			assert_int_equal(shown(s, af, "dropped"), i + 1);
			assert_int_equal(shown(s, af, key[i]), i > 5 ? 2 : 1);
			assert_int_equal(shown(s, af, "next"), left);
		}
		assert_int_equal(shown(s, af, "solicitations"), 0);

		/* 2: data beyond the format is ignored, but the checksum covers it; 4.1.2 */
		p = solicitation(af, wire);
		p.len = 15;
		wire[1] = 0xff;
		wire[14] = 0x5a;
		seal(&p, wire);
		receive(s, 1, &p);
		assert_int_equal(shown(s, af, "solicitations"), 1);
		assert_true(shown(s, af, "next") < SEC(2));
		assert_int_equal(shown(s, af, "dropped"), NELEMS(key));
		scene_free(s);
	}
}

/* What other routers say to snoopers is nothing to answer. */
static void other_messages_are_not_answered(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct scene *s = scene_new("phyint eth0 mrdisc mrdisc-interval 180\n");
		uint8_t wire[16];
		struct packet p;
		long left;

		advance(s, SEC(60));
		left = shown(s, af, "next");
		for (unsigned i = ADVERTISEMENT; i <= TERMINATION; i += 2) {
			p = solicitation(af, wire);
			wire[0] = type_of(af, i);
			p.len = 8;
			seal(&p, wire);
			receive(s, 1, &p);
		}
		p = solicitation(af, wire);
		wire[0] = af == V4 ? 0x17 : 132;
		seal(&p, wire);
		assert_false(sim_receive(s->bed.k, 1, &p));
		assert_int_equal(shown(s, af, "next"), left);
		assert_int_equal(shown(s, af, "solicitations"), 0);
		assert_int_equal(shown(s, af, "dropped"), 0);
		scene_free(s);
	}
}

/* 7: of a point-to-point link, the other end's address is not known. */
static void a_point_to_point_link_has_one_neighbor(void **state)
{
	struct link ppp = { .ifindex = 9,
			    .name = "ppp0",
			    .up = true,
			    .multicast = true,
			    .ptp = true,
			    .mtu = 1492 };
	struct scene *s = scene_new("phyint ppp0 mrdisc\n");
	uint8_t wire[16];
	struct packet p = solicitation(V4, wire);

	(void)state;
	sim_link(s->bed.k, &ppp);
	address(s, 9, "192.0.2.1/32", true);
	bed_work(&s->bed);
	advance(s, SEC(10));
	p.src = bed_ip("198.51.100.7");
	seal(&p, wire);
	receive(s, 9, &p);
	assert_non_null(strstr(bed_ask(&s->bed, "show mrd"), "\"solicitations\":1,\"dropped\":0"));
	p.src = ip_any(V4);
	seal(&p, wire);
	receive(s, 9, &p);
	assert_non_null(strstr(bed_ask(&s->bed, "show mrd"), "\"solicitations\":1,\"dropped\":1"));
	scene_free(s);
}

/* 5.3: MRD is disabled. */
static void a_reload_takes_it_back(void **state)
{
	static const char *const source[] = { "10.0.0.1", "fe80::1" };
	struct scene *s = scene_new("phyint eth0 mrdisc\nphyint eth1 mrdisc\n");

	(void)state;
	advance(s, SEC(30));
	forget(s);

	/* what stays is not touched: no message, and the timer goes on */
	for (unsigned i = 0; i < 2; i++) {
		long left = shown(s, V4, "next");

		sim_file(s->bed.k, BED_CONF,
			 i ? "phyint eth0 mrdisc\n" : "phyint eth1 mrdisc\nphyint eth0 mrdisc\n");
		assert_string_equal(bed_ask(&s->bed, "reload"), OK);
		assert_int_equal(shown(s, V4, "next"), left);
		assert_int_equal(s->n, i ? 2 : 0);
	}
	for (enum af af = V4; af <= V6; af++) {
		s->read = 0;
		assert_termination(next(s, af), af == V4 ? "10.0.1.1" : "fe80::11");
		assert_false(sim_listens(s->bed.k, af, 2, LISTEN_MRD));
		assert_true(sim_listens(s->bed.k, af, 1, LISTEN_MRD));
	}
	assert_null(strstr(bed_ask(&s->bed, "show mrd"), "eth1"));

	/* a broken file changes nothing */
	forget(s);
	sim_file(s->bed.k, BED_CONF, "phyint eth0 mrdisk\n");
	assert_non_null(strstr(bed_ask(&s->bed, "reload"), "error"));
	assert_int_equal(s->n, 0);
	sim_file(s->bed.k, BED_CONF, "");
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	for (enum af af = V4; af <= V6; af++) {
		s->read = 0;
		assert_termination(next(s, af), source[af]);
	}
	forget(s);
	advance(s, SEC(100));
	assert_int_equal(s->n, 0);
	scene_free(s);
}

/* Nothing was said, so there is nothing to take back. */
static void what_was_not_announced_is_not_taken_back(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\n");

	(void)state;
	sim_file(s->bed.k, BED_CONF, "");
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	advance(s, SEC(10));
	assert_int_equal(s->n, 0);
	scene_free(s);
}

/* 5.3: multicast forwarding is disabled on an interface. */
static void a_disabled_interface_is_not_announced(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\n");

	(void)state;
	advance(s, SEC(10));
	forget(s);
	sim_file(s->bed.k, BED_CONF, "phyint eth0 disable mrdisc\n");
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	assert_int_equal(count(s, V4, 1, TERMINATION), 1);
	assert_int_equal(count(s, V6, 1, TERMINATION), 1);
	assert_true(state_is(s, V4, "disabled"));
	assert_true(state_is(s, V6, "disabled"));
	advance(s, SEC(100));
	assert_int_equal(s->n, 2);
	sim_file(s->bed.k, BED_CONF, "phyint eth0 mrdisc\n");
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	advance(s, SEC(6));
	assert_int_equal(count(s, V4, 1, ADVERTISEMENT), 3);
	assert_int_equal(count(s, V6, 1, ADVERTISEMENT), 3);
	scene_free(s);
}

/* 3.4: another interval is told of at once; another rate disturbs nobody. */
static void a_new_interval_is_announced(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\n");
	long left;

	(void)state;
	advance(s, SEC(10));
	forget(s);
	left = shown(s, V4, "next");
	sim_file(s->bed.k, BED_CONF, "phyint eth0 mrdisc mrdisc-rate 6\n");
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	assert_int_equal(shown(s, V4, "next"), left);
	sim_file(s->bed.k, BED_CONF, "phyint eth0 mrdisc mrdisc-interval 100\n");
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	advance(s, SEC(2));
	assert_advertisement(next(s, V4), "10.0.0.1", 100);
	assert_int_equal(count(s, V4, 1, TERMINATION), 0);
	scene_free(s);
}

/* 5.3: the router is gracefully shut down. */
static void the_end_of_the_router_is_told(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\nphyint eth1 mrdisc\nphyint eth9 mrdisc\n");

	(void)state;
	advance(s, SEC(10));
	sim_link(s->bed.k, &(struct link){ .ifindex = 2, .name = "eth1", .multicast = true });
	bed_work(&s->bed);
	forget(s);
	bed_end(&s->bed);
	for (enum af af = V4; af <= V6; af++) {
		s->read = 0;
		assert_termination(next(s, af), af == V4 ? "10.0.0.1" : "fe80::1");
		assert_null(next(s, af));
	}
	free(s->said);
	free(s);
}

/* Another process goes on in its place: nobody needs to know but by what it says itself. */
static void a_restart_in_place_takes_nothing_back(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\n");

	(void)state;
	advance(s, SEC(10));
	forget(s);
	router_abandon(s->bed.r);
	bed_make_router(&s->bed, modules);
	sim_resync(s->bed.k);
	router_start(s->bed.r);
	bed_work(&s->bed);
	assert_int_equal(s->n, 0);
	advance(s, SEC(2));
	assert_advertisement(next(s, V4), "10.0.0.1", 20);
	scene_free(s);
}

/* 3, 3.4: as soon as it can be, and anew when the interface is initialized anew. */
static void an_interface_is_waited_for(void **state)
{
	struct scene *s = scene_prepare("phyint eth0 mrdisc\nphyint wan0 mrdisc\n");

	(void)state;
	router_start(s->bed.r);
	assert_true(state_is(s, V4, "no address"));
	address(s, 1, "fd00:9::1/64", true);
	bed_work(&s->bed);
	assert_true(state_is(s, V6, "no address")); /* 3.3.1: it must be a link-local one */
	assert_non_null(strstr(bed_ask(&s->bed, "show mrd"),
			       "{\"interface\":\"wan0\",\"family\":\"IPv4\",\"state\":\"absent\""));
	advance(s, SEC(30));
	assert_int_equal(s->n, 0);

	addresses(s, 1);
	bed_work(&s->bed);
	assert_true(state_is(s, V4, "initial"));
	assert_true(state_is(s, V6, "initial"));
	advance(s, SEC(6));
	for (enum af af = V4; af <= V6; af++) {
		s->read = 0;
		assert_int_equal(count(s, af, 1, ADVERTISEMENT), 3);
		assert_advertisement(next(s, af), af == V4 ? "10.0.0.1" : "fe80::1", 20);
		assert_true(state_is(s, af, "periodic"));
	}

	/* one more address is nothing new, another one in its place is */
	forget(s);
	address(s, 1, "10.9.9.9/8", true);
	bed_work(&s->bed);
	assert_true(state_is(s, V4, "periodic"));
	address(s, 1, "10.0.0.1/24", false);
	bed_work(&s->bed);
	assert_true(state_is(s, V4, "initial"));
	advance(s, SEC(6));
	assert_advertisement(next(s, V4), "10.9.9.9", 20);
	address(s, 1, "10.9.9.9/8", false);
	bed_work(&s->bed);
	assert_true(state_is(s, V4, "no address"));
	assert_int_equal(count(s, V4, 1, TERMINATION), 0);

	/* down and up */
	forget(s);
	sim_link(s->bed.k, &(struct link){ .ifindex = 1, .name = "eth0", .multicast = true });
	bed_work(&s->bed);
	assert_true(state_is(s, V6, "down"));
	assert_int_equal(shown(s, V6, "failed"), 0);
	advance(s, SEC(100));
	assert_int_equal(s->n, 0);
	sim_link_up(s->bed.k, 1, "eth0");
	bed_work(&s->bed);
	assert_true(state_is(s, V6, "initial"));
	advance(s, SEC(6));
	assert_int_equal(count(s, V6, 1, ADVERTISEMENT), 3);

	/* gone and come again, under another number */
	forget(s);
	sim_link_gone(s->bed.k, 1);
	bed_work(&s->bed);
	assert_true(state_is(s, V6, "absent"));
	sim_link_up(s->bed.k, 7, "eth0");
	addresses(s, 7);
	bed_work(&s->bed);
	advance(s, SEC(6));
	assert_int_equal(count(s, V4, 7, ADVERTISEMENT), 3);
	assert_int_equal(count(s, V6, 7, ADVERTISEMENT), 3);
	solicit(s, 7, V6);

	/* the same, with nothing seen in between */
	advance(s, SEC(100));
	forget(s);
	sim_link_gone(s->bed.k, 7);
	sim_link_up(s->bed.k, 8, "eth0");
	addresses(s, 8);
	bed_work(&s->bed);
	assert_true(state_is(s, V4, "initial"));
	advance(s, SEC(6));
	assert_int_equal(count(s, V4, 8, ADVERTISEMENT), 3);
	assert_int_equal(count(s, V6, 8, ADVERTISEMENT), 3);

	/* and one that was given the name */
	forget(s);
	sim_link_up(s->bed.k, 2, "wan0");
	addresses(s, 2);
	bed_work(&s->bed);
	advance(s, SEC(6));
	assert_int_equal(count(s, V6, 2, ADVERTISEMENT), 3);
	scene_free(s);
}

static void what_does_no_multicast_is_not_announced(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\nphyint lo mrdisc\n");

	(void)state;
	sim_link(s->bed.k, &(struct link){ .ifindex = 1, .name = "eth0", .up = true });
	sim_link(s->bed.k, &(struct link){ .ifindex = 5,
					   .name = "lo",
					   .up = true,
					   .multicast = true,
					   .loopback = true });
	address(s, 5, "127.0.0.1/8", true);
	bed_work(&s->bed);
	assert_true(state_is(s, V4, "unsuitable"));
	advance(s, SEC(10));
	assert_int_equal(s->n, 0);
	scene_free(s);
}

/* All the pattern takes in, what comes later included; and not what a line disables. */
static void patterns(void **state)
{
	struct scene *s = scene_new("phyint eth+ mrdisc\nphyint eth2 disable\n");

	(void)state;
	sim_link_up(s->bed.k, 9, "wlan0");
	addresses(s, 9);
	advance(s, SEC(6));
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 1; i <= 4; i++)
			assert_int_equal(count(s, af, i, ADVERTISEMENT), i == 3 ? 0 : 3);
		assert_int_equal(count(s, af, 9, ADVERTISEMENT), 0);
	}
	sim_link_up(s->bed.k, 10, "eth10");
	addresses(s, 10);
	bed_work(&s->bed);
	advance(s, SEC(6));
	assert_int_equal(count(s, V4, 10, ADVERTISEMENT), 3);
	assert_int_equal(count(s, V6, 10, ADVERTISEMENT), 3);

	/* what goes is not waited for */
	sim_link_gone(s->bed.k, 10);
	bed_work(&s->bed);
	assert_null(strstr(bed_ask(&s->bed, "show mrd"), "eth10"));
	assert_null(strstr(bed_ask(&s->bed, "show mrd"), "eth+"));

	/* a name of its own takes the place of the pattern, and nobody notices */
	forget(s);
	sim_file(s->bed.k, BED_CONF, "phyint eth0 mrdisc\n");
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	assert_int_equal(count(s, V4, 1, TERMINATION), 0);
	assert_int_equal(count(s, V4, 2, TERMINATION), 1);
	assert_int_equal(count(s, V4, 4, TERMINATION), 1);
	assert_true(state_is(s, V4, "periodic"));

	/* a rename out of the pattern: there is nobody to tell it under the old name */
	sim_file(s->bed.k, BED_CONF, "phyint eth* mrdisc\n");
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	advance(s, SEC(10));
	sim_link_up(s->bed.k, 2, "br0");
	bed_work(&s->bed);
	assert_null(strstr(bed_ask(&s->bed, "show mrd"), "eth1"));
	assert_null(strstr(bed_ask(&s->bed, "show mrd"), "br0"));
	forget(s);
	advance(s, SEC(100));
	assert_int_equal(count(s, V4, 2, ADVERTISEMENT), 0);
	assert_true(count(s, V4, 1, ADVERTISEMENT) > 3);
	scene_free(s);
}

/* Whoever only announces needs none of the 32; 3: but routing must be ours to announce. */
static void it_takes_no_vif(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\n");

	(void)state;
	advance(s, SEC(10));
	for (enum af af = V4; af <= V6; af++) {
		assert_int_equal(sim_vif_of(s->bed.k, af, 1), NOVIF);
		assert_true(sim_listens(s->bed.k, af, 1, LISTEN_MRD));
		assert_false(sim_listens(s->bed.k, af, 1, LISTEN_MEMBERS));
	}
	assert_int_equal(s->bed.k->writes, 0);
	forget(s);
	sim_refuse(s->bed.k, SIM_FAMILY, "another process has it", UINT32_MAX);
	assert_string_equal(bed_ask(&s->bed, "reload"), OK);
	assert_true(state_is(s, V6, "disabled"));
	advance(s, SEC(100));
	assert_int_equal(count(s, V4, 1, ADVERTISEMENT), 0);
	sim_refuse(s->bed.k, SIM_FAMILY, NULL, 0);
	scene_free(s);
}

/* What could not be sent is counted, and tried again when it is due. */
static void what_is_refused_is_counted(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\n");

	(void)state;
	sim_refuse(s->bed.k, SIM_SEND, "", UINT32_MAX);
	advance(s, SEC(60));
	assert_in_range(shown(s, V4, "failed"), 4, 6);
	assert_int_equal(shown(s, V4, "advertisements"), 0);
	sim_refuse(s->bed.k, SIM_SEND, NULL, 0);
	advance(s, SEC(21));
	assert_int_equal(shown(s, V4, "advertisements"), 1);
	scene_free(s);
}

static void operators_see_it(void **state)
{
	struct scene *s = scene_new("phyint eth0 mrdisc\n");
	struct session *monitor = session_open(s->bed.r, false);
	char text[4096];
	size_t len;

	(void)state;
	session_input(monitor, "monitor\n", 8);
	advance(s, SEC(10));
	sim_link_gone(s->bed.k, 1);
	bed_work(&s->bed);
	len = buf_len(session_output(monitor));
	assert_true(len < sizeof(text));
	memcpy(text, buf_at(session_output(monitor)), len);
	text[len] = '\0';
	assert_non_null(
		strstr(text, "\"interface\":\"eth0\",\"family\":\"IPv4\",\"state\":\"periodic\"}"));
	assert_non_null(
		strstr(text, "\"interface\":\"eth0\",\"family\":\"IPv6\",\"state\":\"absent\"}"));
	session_close(monitor);
	assert_non_null(strstr(
		bed_ask(&s->bed, "show mrd"),
		"{\"table\":\"mrd\",\"width\":4}\n"
		"{\"interface\":\"eth0\",\"family\":\"IPv4\",\"state\":\"absent\",\"source\":null,"
		"\"next\":null,\"interval\":20000,\"advertisements\":3,\"terminations\":0,"
		"\"failed\":0,\"solicitations\":0,\"dropped\":0}\n"));
	scene_free(s);
}

/* It needs no other engine, and a request that comes between is no harm. */
static void alone(void **state)
{
	static const struct module *const only[] = { &mrd_module, NULL };
	struct bed *b = xcalloc(1, sizeof(*b));
	struct prefix prefix;

	(void)state;
	bed_begin(b, only, "phyint eth0 mrdisc\n");
	router_start(b->r);
	assert_true(prefix_parse("10.0.0.1/24", &prefix));
	sim_address(b->k, 1, &prefix, true);
	assert_string_equal(bed_ask(b, "log err"), OK);
	bed_advance(b, SEC(2));
	assert_non_null(strstr(bed_ask(b, "show mrd"), "\"advertisements\":1,"));
	bed_end(b);
	free(b);
}

/* A table that is longer than a slice has every row once. */
static void a_long_table_is_whole(void **state)
{
	struct scene *s;
	struct buf conf = { 0 };
	const char *reply;

	(void)state;
	for (unsigned i = 0; i < MAXSLOTS; i++)
		buf_printf(&conf, "phyint if%u mrdisc\n", i);
	buf_add(&conf, "", 1);
	s = scene_new(conf.data);
	reply = bed_ask(&s->bed, "show mrd");
	for (unsigned i = 0; i < MAXSLOTS; i++) {
		for (enum af af = V4; af <= V6; af++) {
			char row[64];
			const char *at;

			snprintf(row, sizeof(row), "\"if%u\",\"family\":\"%s\"", i, af_name(af));
			at = strstr(reply, row);
			assert_non_null(at);
			assert_null(strstr(at + 1, row));
		}
	}
	buf_free(&conf);
	scene_free(s);
}

/* At random */

struct world {
	struct scene *scene;
	struct rng rng;
	bool configured, disabled, up, address[NFAMILIES];
	int64_t since[NFAMILIES]; /* it can be announced; -1: it cannot */
	int64_t last[NFAMILIES];  /* Advertisement since then */
	int64_t asked[NFAMILIES]; /* a Solicitation that waits; -1: none */
	unsigned seen;		  /* messages */
};

static void world_conf(struct world *w)
{
	char conf[128];

	snprintf(conf, sizeof(conf), "%s%s", w->configured ? "phyint eth+ mrdisc\n" : "",
		 w->disabled ? "phyint eth0 disable\n" : "phyint eth0 enable\n");
	sim_file(w->scene->bed.k, BED_CONF, conf);
	assert_string_equal(bed_ask(&w->scene->bed, "reload"), OK);
}

static void world_address(struct world *w, enum af af)
{
	w->address[af] = !w->address[af];
	address(w->scene, 1, af == V4 ? "10.0.0.1/24" : "fe80::1/64", w->address[af]);
}

static void world_link(struct world *w)
{
	sim_link(w->scene->bed.k, &(struct link){
					  .ifindex = 1,
					  .name = "eth0",
					  .up = w->up,
					  .multicast = true,
				  });
}

/* What was said is what may be said, and what was due was said. */
static void world_check(struct world *w)
{
	struct scene *s = w->scene;

	for (; w->seen < s->n; w->seen++) {
		struct said *said = &s->said[w->seen];

		if (said->ifindex != 1)
			continue;
		assert_true(w->up && w->address[said->af]);
		if (said->data[0] == type_of(said->af, TERMINATION)) {
			assert_true(!w->configured || w->disabled);
			continue;
		}
		assert_true(w->since[said->af] >= 0);
		assert_true(said->at - w->last[said->af] <= 20500);
		w->last[said->af] = said->at;
		if (w->asked[said->af] >= 0)
			assert_true(said->at - w->asked[said->af] < SEC(2));
		w->asked[said->af] = -1;
	}
	for (enum af af = V4; af <= V6; af++) {
		bool can = w->configured && !w->disabled && w->up && w->address[af];

		if (!can)
			w->since[af] = w->asked[af] = -1;
		else if (w->since[af] < 0)
			w->since[af] = w->last[af] = now(s);
		if (w->since[af] >= 0)
			assert_true(now(s) - w->last[af] <= 20500);
		if (w->asked[af] >= 0)
			assert_true(now(s) - w->asked[af] < SEC(2));
	}
}

static void world_step(struct world *w)
{
	struct scene *s = w->scene;
	enum af af = rng_below(&w->rng, NFAMILIES);

	switch (rng_below(&w->rng, 8)) {
	case 0:
		w->configured = rng_below(&w->rng, 4);
		w->disabled = !rng_below(&w->rng, 4);
		world_conf(w);
		break;
	case 1:
		world_address(w, af);
		break;
	case 2:
		w->up = rng_below(&w->rng, 4);
		world_link(w);
		break;
	case 3:
	case 4:
		if (w->since[af] < 0)
			break;
		solicit(s, 1, af);
		if (w->asked[af] < 0)
			w->asked[af] = now(s);
		break;
	default:
		for (int64_t ms = rng_below(&w->rng, 3) ? 100 : SEC(30); ms; ms -= 100) {
			advance(s, 100);
			world_check(w);
		}
	}
	bed_work(&s->bed);
	world_check(w);
}

static void run_seed(uint64_t seed)
{
	struct world w = { .scene = scene_new(""), .up = true, .address = { true, true } };

	rng_seed(&w.rng, seed);
	for (enum af af = V4; af <= V6; af++)
		w.since[af] = w.asked[af] = -1;
	for (unsigned i = 0; i < 300; i++)
		world_step(&w);
	assert_true(busiest_second(w.scene, 1) <= 10);
	scene_free(w.scene);
}

static void whatever_happens(void **state)
{
	(void)state;
	bed_seeds(run_seed, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_announces_itself),
		cmocka_unit_test(what_can_be_configured),
		cmocka_unit_test(it_says_how_listeners_are_asked),
		cmocka_unit_test(a_value_out_of_range_is_refused),
		cmocka_unit_test(a_solicitation_is_answered_once),
		cmocka_unit_test(an_advertisement_that_is_due_soon_is_the_answer),
		cmocka_unit_test(the_rate_is_limited),
		cmocka_unit_test(a_solicitation_that_is_wrong_is_dropped_and_counted),
		cmocka_unit_test(other_messages_are_not_answered),
		cmocka_unit_test(a_point_to_point_link_has_one_neighbor),
		cmocka_unit_test(a_reload_takes_it_back),
		cmocka_unit_test(what_was_not_announced_is_not_taken_back),
		cmocka_unit_test(a_disabled_interface_is_not_announced),
		cmocka_unit_test(a_new_interval_is_announced),
		cmocka_unit_test(the_end_of_the_router_is_told),
		cmocka_unit_test(a_restart_in_place_takes_nothing_back),
		cmocka_unit_test(an_interface_is_waited_for),
		cmocka_unit_test(what_does_no_multicast_is_not_announced),
		cmocka_unit_test(patterns),
		cmocka_unit_test(it_takes_no_vif),
		cmocka_unit_test(what_is_refused_is_counted),
		cmocka_unit_test(operators_see_it),
		cmocka_unit_test(alone),
		cmocka_unit_test(a_long_table_is_whole),
		cmocka_unit_test(whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
