/* pim_encapsulate_test.c - packets in Registers, whole and in pieces; sources that are told */
#include "pim-module/encapsulate.h"
#include "unit/pim.h"

#define MAXSENT 16

/* A packet that was sent, and what the path had room for. */
static struct sent {
	struct packet packet;
	uint8_t data[9000];
} sent[MAXSENT];

static unsigned nsent, path_mtu, ntoo_big;

static enum send_result fake_send(struct engine *e, const struct packet *packet, unsigned *mtu)
{
	size_t header = e->af == V4 ? 20 : 40;

	if (packet->proto == PROTO_PIM && packet->len + header > path_mtu && !packet->fragment) {
		*mtu = path_mtu;
		ntoo_big++;
		return SEND_TOO_BIG;
	}
	assert_true(nsent < MAXSENT && packet->len <= sizeof(sent->data));
	sent[nsent].packet = *packet;
	memcpy(sent[nsent].data, packet->data, packet->len);
	sent[nsent].packet.data = sent[nsent].data;
	nsent++;
	return SENT;
}

static const struct host_ops ops = { .send = fake_send };
static struct clock fake_clock;
static struct host fake_host = { .op = &ops, .clock = &fake_clock };

/* A router with an interface in slot 3 of these addresses. */
static struct pim *router(enum af af, struct prefix *addresses, unsigned n)
{
	static struct pim pim;
	static struct pim_iface iface;

	pim = (struct pim){ .engine = { .host = &fake_host, .af = af }, .tunnel = 9 };
	iface = (struct pim_iface){
		.pim = &pim, .slot = 3, .addresses = addresses, .naddresses = n
	};
	pim.iface[3] = &iface;
	pim.running = ifset_of(3);
	nsent = 0;
	path_mtu = 1500;
	return &pim;
}

static struct ip rp_of(enum af af)
{
	return host(af, 99);
}

/* A packet of the family with that much behind its header, and options of IPv4. */
static size_t packet(enum af af, uint8_t *p, size_t payload, const char *options, unsigned field)
{
	struct ip src = host(af, 1), dst = group(af, 1);
	size_t header = af == V4 ? 20 : 40;

	memset(p, 0, header);
	if (af == V4) {
		header += unhex(options, p + 20, 40);
		p[0] = 0x40 | header / 4;
		p[1] = 0xb9; /* EF, ECT(1) */
		p[2] = (header + payload) >> 8;
		p[3] = header + payload;
		p[6] = field >> 8;
		p[7] = field;
		p[8] = 31;
		p[9] = 17;
	} else {
		p[0] = 0x6b;
		p[1] = 0x90;
		p[4] = payload >> 8;
		p[5] = payload;
		p[6] = 17;
		p[7] = 31;
	}
	memcpy(p + (af == V4 ? 12 : 8), ip_wire(&src, af), af_size(af));
	memcpy(p + (af == V4 ? 16 : 24), ip_wire(&dst, af), af_size(af));
	for (size_t i = 0; i < payload; i++)
		p[header + i] = i * 7;
	return header + payload;
}

static void encapsulated(struct pim *pim, const uint8_t *p, size_t len)
{
	struct msg_ends ends = { ip_any(pim->engine.af), rp_of(pim->engine.af) };
	struct inner inner;

	assert_true(inner_read(pim->engine.af, p, len, &inner));
	encapsulate(pim, &inner, &ends, 3);
}

/* The Register that was sent as such; what is in it. */
static struct msg_register registered(enum af af, unsigned i)
{
	const struct packet *p = &sent[i].packet;
	struct msg_ends ends = { p->src, p->dst };
	struct msg_register reg;
	struct msg_rd r;

	assert_true(i < nsent);
	assert_int_equal(p->proto, PROTO_PIM);
	assert_int_equal(p->slot, NOSLOT);
	assert_int_equal(p->ttl, 64);
	assert_ip(p->dst, rp_of(af));
	assert_int_equal(msg_open(&ends, p->data, p->len, &r), MSG_GOOD);
	assert_int_equal(msg_register_decode(&r, &reg), MSG_GOOD);
	return reg;
}

/* PIM-60, PIM-61: as it came from the kernel, which decremented the TTL */
static void a_packet_goes_whole(void **state)
{
	uint8_t data[2000];

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct prefix address = { host(af, 7), 24 };
		struct pim *pim = router(af, &address, 1);
		size_t len = packet(af, data, 100, "", 0);
		struct msg_register reg;

		encapsulated(pim, data, len);
		assert_int_equal(nsent, 1);
		reg = registered(af, 0);
		assert_false(reg.null);
		assert_int_equal(reg.len, len);
		assert_memory_equal(reg.data, data, len);
		assert_int_equal(sent[0].packet.tos, 0xb9);
		assert_ip(sent[0].packet.src, host(af, 7));
		assert_int_equal(pim->counters.sent[MSG_REGISTER], 1);
	}
}

/* PIM-197: a copy is as it came, and what is longer than its way is no reason to lose it */
static void a_copy_keeps_the_ttl(void **state)
{
	uint8_t data[2000];

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct prefix address = { host(af, 7), 24 };
		struct pim *pim = router(af, &address, 1);
		struct msg_ends ends = { host(af, 8), rp_of(af) };
		struct msg_register reg = { .sg = { host(af, 1), group(af, 1) }, .data = data };

		reg.len = packet(af, data, 1480, "", 0);
		assert_true(encapsulate_as(pim, &ends, &reg, 7, 0xb9));
		assert_int_equal(nsent, 1);
		assert_int_equal(sent[0].packet.ttl, 7);
		assert_int_equal(sent[0].packet.tos, 0xb9);
		assert_true(sent[0].packet.fragment);
		assert_ip(sent[0].packet.src, host(af, 8));
		sent[0].packet.ttl = 64;
		assert_int_equal(registered(af, 0).len, reg.len);
	}
}

/* PIM-56 */
static void a_null_register_has_the_dummy(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct prefix address = { host(af, 7), 24 };
		struct pim *pim = router(af, &address, 1);
		struct sg sg = { host(af, 1), group(af, 1) };

		encapsulate_null(pim, &sg, rp_of(af), 3);
		assert_true(registered(af, 0).null);
		assert_ip(registered(af, 0).sg.src, sg.src);
		assert_ip(registered(af, 0).sg.grp, sg.grp);
	}
}

/* PIM-62: the pieces make the packet again */
static void pieces_of(unsigned field, const char *options, size_t payload, size_t later)
{
	uint8_t data[9000], whole[9000] = { 0 };
	struct prefix address = { host(V4, 7), 24 };
	struct pim *pim = router(V4, &address, 1);
	size_t len = packet(V4, data, payload, options, field), header = len - payload, n = 0;

	path_mtu = 576;
	encapsulated(pim, data, len);
	assert_true(nsent > 1);
	for (unsigned i = 0; i < nsent; i++) {
		struct msg_register reg = registered(V4, i);
		const uint8_t *p = reg.data;
		size_t at = (p[0] & 0xf) * 4u, off = ((p[6] << 8 | p[7]) & 0x1fff) * 8u;
		bool more = p[6] & 0x20, is_last = i == nsent - 1;

		assert_true(sent[i].packet.len + 20 <= path_mtu);
		assert_int_equal(cksum_end(cksum_add(0, p, at)), 0);
		assert_int_equal(at, i ? later : header);
		assert_int_equal(p[8], 31);
		assert_int_equal(more, !is_last || field & 0x2000);
		assert_memory_equal(p + 12, data + 12, 8);
		assert_int_equal(off, (field & 0x1fff) * 8 + n);
		assert_true(is_last || !((reg.len - at) % 8));
		memcpy(whole + n, p + at, reg.len - at);
		n += reg.len - at;
	}
	assert_int_equal(n, payload);
	assert_memory_equal(whole, data + header, payload);
	assert_int_equal(pim->counters.register_too_big, 0);
}

/* Of many that are too big, one is tried in a second, unless the path takes less than before. */
static void the_path_is_asked_seldom(void **state)
{
	struct prefix address = { host(V4, 7), 24 };
	struct pim *pim = router(V4, &address, 1);
	uint8_t p[3000];
	size_t len = packet(V4, p, 1000, "", 0);

	(void)state;
	path_mtu = 576;
	ntoo_big = 0;
	for (unsigned i = 0; i < 4; i++)
		encapsulated(pim, p, len);
	assert_int_equal(ntoo_big, 1);
	assert_int_equal(nsent, 4 * 2);
	/* what fits is sent whole */
	len = packet(V4, p, 400, "", 0);
	encapsulated(pim, p, len);
	assert_int_equal(nsent, 9);
	len = packet(V4, p, 1000, "", 0);
	fake_clock.now += 1000;
	encapsulated(pim, p, len);
	assert_int_equal(ntoo_big, 2);
	path_mtu = 500;
	encapsulated(pim, p, len);
	assert_int_equal(nsent, 11);
	encapsulated(pim, p, len);
	assert_int_equal(nsent, 14);
}

/* A forged one that would end behind the longest packet there can be. */
static void a_piece_from_nowhere_is_dropped(void **state)
{
	struct prefix address = { host(V4, 7), 24 };
	struct pim *pim = router(V4, &address, 1);
	uint8_t p[3000];
	size_t len = packet(V4, p, 2000, "", 0x1fff);

	(void)state;
	encapsulated(pim, p, len);
	assert_int_equal(nsent, 0);
	assert_int_equal(pim->counters.register_too_big, 1);
	len = packet(V4, p, 2000, "", (65535 - 2020) / 8);
	encapsulated(pim, p, len);
	assert_int_equal(nsent, 2);
}

static void what_is_too_big_goes_in_pieces(void **state)
{
	(void)state;
	pieces_of(0, "", 1000, 20);
	pieces_of(0x2000 | 185, "", 1480, 20);
	pieces_of(185, "", 1001, 20);
	/* router alert is copied, a record of the route and what fills up are not */
	pieces_of(0, "01 94040000 070304", 700, 24);
	pieces_of(0, "00000000", 700, 20);
	pieces_of(0, "83070400 00000001", 700, 28);
	/* options that end before they should */
	pieces_of(0, "01010183", 700, 20);
	pieces_of(0, "94ff0000", 700, 20);
	pieces_of(0, "94010000", 700, 20);
}

/* PIM-62 */
static void what_is_not_to_be_cut_is_cut_outside(void **state)
{
	uint8_t data[2000];
	struct prefix address = { host(V4, 7), 24 };
	struct pim *pim = router(V4, &address, 1);

	(void)state;
	path_mtu = 576;
	encapsulated(pim, data, packet(V4, data, 1000, "", 0x4000));
	assert_int_equal(nsent, 1);
	assert_true(sent[0].packet.fragment);
	assert_int_equal(registered(V4, 0).len, 1020);
	path_mtu = 40;
	encapsulated(pim, data, packet(V4, data, 1000, "", 0));
	assert_int_equal(nsent, 1);
	assert_int_equal(pim->counters.register_too_big, 0);
}

/* PIM-62: once a second at most, as RFC 4443 2.4 demands a limit */
static void the_source_is_told_the_mtu(void **state)
{
	uint8_t data[2000];
	struct prefix address[] = { { ip("fe80::7"), 64 }, { host(V6, 7), 64 } };
	struct pim *pim = router(V6, address, 2);
	size_t len = packet(V6, data, 1400, "", 0);
	const uint8_t *p = sent[0].data;

	(void)state;
	path_mtu = 1400;
	encapsulated(pim, data, len);
	encapsulated(pim, data, len);
	assert_int_equal(nsent, 1);
	assert_int_equal(pim->counters.register_too_big, 2);
	assert_int_equal(sent[0].packet.proto, PROTO_ICMPV6);
	assert_int_equal(sent[0].packet.slot, 3);
	assert_ip(sent[0].packet.src, host(V6, 7));
	assert_ip(sent[0].packet.dst, host(V6, 1));
	assert_int_equal(sent[0].packet.len, 1240);
	assert_int_equal(p[0] << 8 | p[1], 0x200);
	assert_int_equal(p[6] << 8 | p[7], 1400 - 48);
	assert_memory_equal(p + 8, data, 1232);
	clock_advance(&fake_clock, fake_clock.now + 1000);
	path_mtu = 1300;
	encapsulated(pim, data, len);
	assert_int_equal(nsent, 2);
	assert_int_equal(sent[1].data[6] << 8 | sent[1].data[7], 1280);
	assert_int_equal(pim->counters.register_too_big, 3);
	/* what every path has to have room for is nothing to tell */
	clock_advance(&fake_clock, fake_clock.now + 1000);
	encapsulated(pim, data, packet(V6, data, 1230, "", 0));
	assert_int_equal(nsent, 3);
	assert_true(sent[2].packet.fragment);
	assert_int_equal(registered(V6, 2).len, 1270);
	assert_int_equal(pim->counters.register_too_big, 3);
}

/* The RP answers to the address: one of another interface if need be, never one of a link. */
static void the_source_address_can_be_answered_to(void **state)
{
	uint8_t data[2000];
	struct prefix link = { ip("fe80::7"), 64 }, more = { host(V6, 8), 64 };
	struct pim *pim = router(V6, &link, 1);
	struct pim_iface other = { .pim = pim, .slot = 5, .addresses = &more, .naddresses = 1 };
	size_t len = packet(V6, data, 100, "", 0);

	(void)state;
	encapsulated(pim, data, len);
	assert_int_equal(nsent, 0);
	assert_int_equal(pim->counters.send_failed, 1);
	pim->iface[5] = &other;
	pim->running = ifset_with(pim->running, 5);
	encapsulated(pim, data, len);
	assert_int_equal(nsent, 1);
	assert_ip(sent[0].packet.src, host(V6, 8));
	/* and that is who tells the source what is too big */
	path_mtu = 1300;
	clock_advance(&fake_clock, fake_clock.now + 1000);
	encapsulated(pim, data, packet(V6, data, 1400, "", 0));
	assert_int_equal(nsent, 2);
	assert_int_equal(sent[1].packet.proto, PROTO_ICMPV6);
	assert_int_equal(sent[1].packet.slot, 3);
	assert_ip(sent[1].packet.src, host(V6, 8));
}

/* PIM-70 */
static void ecn_is_that_of_the_register(void **state)
{
	uint8_t data[2000], copy[2000];
	struct inner inner, now;
	const uint8_t *p;

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		size_t len = packet(af, data, 100, "", 0);

		assert_true(inner_read(af, data, len, &inner));
		assert_ptr_equal(inner_with_ecn(af, &inner, 0x01, copy), data);
		p = inner_with_ecn(af, &inner, 0xff, copy);
		assert_ptr_equal(p, copy);
		assert_true(inner_read(af, p, len, &now));
		assert_int_equal(now.tos, 0xbb);
		assert_memory_equal(p + inner.header, data + inner.header, 100);
		if (af == V4)
			assert_int_equal(cksum_end(cksum_add(0, p, inner.header)), 0);
		assert_memory_equal(p + 12, data + 12, 8);
	}
}

static void what_is_no_packet_is_not_read(void **state)
{
	uint8_t data[2000];
	struct inner inner;

	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		size_t len = packet(af, data, 100, "", 0);

		for (size_t n = 0; n < len; n++)
			assert_false(inner_read(af, data, n, &inner));
		assert_true(inner_read(af, data, len + 5, &inner));
		assert_int_equal(inner.len, len);
		assert_int_equal(inner.tos, 0xb9);
		data[0] ^= 0x20;
		assert_false(inner_read(af, data, len, &inner));
	}
	packet(V4, data, 100, "", 0);
	data[0] = 0x44;
	assert_false(inner_read(V4, data, 120, &inner));
	data[0] = 0x45;
	data[3] = 19;
	assert_false(inner_read(V4, data, 120, &inner));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_goes_whole),
		cmocka_unit_test(a_copy_keeps_the_ttl),
		cmocka_unit_test(a_null_register_has_the_dummy),
		cmocka_unit_test(what_is_too_big_goes_in_pieces),
		cmocka_unit_test(a_piece_from_nowhere_is_dropped),
		cmocka_unit_test(the_path_is_asked_seldom),
		cmocka_unit_test(what_is_not_to_be_cut_is_cut_outside),
		cmocka_unit_test(the_source_is_told_the_mtu),
		cmocka_unit_test(the_source_address_can_be_answered_to),
		cmocka_unit_test(ecn_is_that_of_the_register),
		cmocka_unit_test(what_is_no_packet_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
