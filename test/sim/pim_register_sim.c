/* pim_register_sim.c - Registers of a DR: figure 1 of RFC 7761 by its cells, for both families
 *
 * The source is on eth1, where the router is DR, and listeners are on eth2. The RP is elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define CONF "phyint eth0 pim\nphyint eth1 pim dr-priority 9\nphyint eth2 pim\n"

#define WITH_RP CONF "rp-address rp1\n"

#define NO_INFO (REGISTER_PRUNE + 1)

static unsigned state_of(struct pim_bed *p)
{
	const struct entry *e = pim_bed_find(p, "eth1.100", "g1");

	return e && e->register_ ? e->register_->state : NO_INFO;
}

static int64_t rst(struct pim_bed *p)
{
	const struct entry *e = pim_bed_find(p, "eth1.100", "g1");

	return timer_left(&p->bed.clock, &e->register_->rst);
}

/* A line of it, from the address that the RP is spoken to from: of IPv4, the first of eth1. */
static void assert_register(struct pim_bed *p, const char *rp, const char *what)
{
	char want[128] = "";

	if (*what)
		snprintf(want, sizeof(want), "routed from %s Register to %s (eth1.100,g1) %s\n",
			 p->af == V4 ? "eth1.1" : "eth1/1", rp, what);
	assert_said(p, want);
}

static void ways(struct pim_bed *p)
{
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_route(p, "rp2", "eth0.2");
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_hear(p, "eth0.2", "Hello holdtime forever genid 1 priority 1");
	pim_bed_hear(p, "eth1.3", "Hello holdtime forever genid 1 priority 1");
	pim_bed_run(p, SEC(5));
	assert_said(p, "");
}

/* To another RP. */
static void moved(struct pim_bed *p)
{
	pim_bed_reload(p, CONF "rp-address rp2\n");
	pim_bed_run(p, 400);
	pim_bed_said(p);
}

static void joined(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp1", "100 bytes");
	assert_int_equal(state_of(p), REGISTER_JOIN);
	assert_entry(p, "eth1.100", "g1", "eth1 > pimreg");
}

static void hear_stop(struct pim_bed *p, const char *from, const char *sg)
{
	char rp[16];

	snprintf(rp, sizeof(rp), "%s@eth0", from);
	pim_bed_hear(p, rp, "Register-Stop to %s %s", p->af == V4 ? "eth1.1" : "eth1/1", sg);
}

static void pruned(struct pim_bed *p)
{
	joined(p);
	hear_stop(p, "rp1", "(eth1.100,g1)");
	assert_int_equal(state_of(p), REGISTER_PRUNE);
}

static void pending(struct pim_bed *p)
{
	pruned(p);
	pim_bed_run(p, rst(p));
	assert_register(p, "rp1", "null");
	assert_int_equal(state_of(p), REGISTER_JOIN_PENDING);
	assert_int_equal(rst(p), SEC(5));
}

static void another_dr(struct pim_bed *p)
{
	pim_bed_hear(p, "eth1.3", "Hello holdtime forever genid 1 priority 20");
}

/* NoInfo */

static void no_info_could(struct pim_bed *p)
{
	joined(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp1", "100 bytes");
	assert_int_equal(rst(p), 0);
}

static void no_info_other_dr(struct pim_bed *p)
{
	ways(p);
	another_dr(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
	/* the one there was dies, and the stream flows */
	pim_bed_hear(p, "eth1.3", "Hello holdtime 0");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp1", "100 bytes");
}

static void no_info_not_direct(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth1", "s1", "g1"), "");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "");
	assert_string_equal(pim_bed_data(p, "eth0", "eth1.100", "g1"), "");
	assert_said(p, "");
}

static void no_info_stop(struct pim_bed *p)
{
	ways(p);
	hear_stop(p, "rp1", "(eth1.100,g1)");
	hear_stop(p, "rp1", "(*,g1)");
	assert_null(pim_bed_find(p, "eth1.100", "g1"));
	assert_int_equal(p->pim->counters.stop_no_state, 1);
	/* what begins later was not meant */
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
}

static void no_info_no_rp(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
	pim_bed_reload(p, WITH_RP);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
}

static void no_info_own_rp(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
	pim_bed_join(p, "eth2", "*", "g1");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "eth2");
	assert_said(p, "");
	assert_int_equal(state_of(p), NO_INFO);
	assert_entry(p, "eth1.100", "g1", "eth1 > eth2");
}

/* Join */

static void join_could_not(struct pim_bed *p)
{
	joined(p);
	another_dr(p);
	assert_int_equal(state_of(p), NO_INFO);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_register(p, "rp1", "");
}

static void join_silence(struct pim_bed *p)
{
	joined(p);
	pim_bed_run(p, SEC(420));
	assert_null(pim_bed_find(p, "eth1.100", "g1"));
	assert_entry(p, "eth1.100", "g1", "none");
	assert_said(p, "");
}

static void join_stop(struct pim_bed *p)
{
	pruned(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_register(p, "rp1", "");
	assert_entry(p, "eth1.100", "g1", "eth1 >");
}

/* What was in the tunnel then is no more for the RP. */
static void prune_data(struct pim_bed *p)
{
	uint8_t data[60] = { p->af == V4 ? 0x45 : 0x60, [3] = p->af == V4 ? 60 : 0 };
	struct packet packet = { .proto = PROTO_IP, .data = data, .len = sizeof(data) };
	struct ip source = pim_bed_ip(p, "eth1.100"), group = pim_bed_ip(p, "g1");
	size_t size = af_size(p->af), at = p->af == V4 ? 12 : 8;

	data[5] = p->af == V4 ? 0 : 20;
	memcpy(data + at, ip_wire(&source, p->af), size);
	memcpy(data + at + size, ip_wire(&group, p->af), size);
	joined(p);
	p->pim->engine.module->packet(&p->pim->engine, &packet);
	assert_register(p, "rp1", "60 bytes");
	hear_stop(p, "rp1", "(eth1.100,g1)");
	p->pim->engine.module->packet(&p->pim->engine, &packet);
	assert_register(p, "rp1", "");
	assert_int_equal(p->pim->counters.register_no_state, 1);
}

static void join_rp_changed(struct pim_bed *p)
{
	joined(p);
	moved(p);
	assert_int_equal(state_of(p), REGISTER_JOIN);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp2", "100 bytes");
	hear_stop(p, "rp1", "(eth1.100,g1)");
	assert_int_equal(state_of(p), REGISTER_JOIN);
	hear_stop(p, "rp2", "(eth1.100,g1)");
	assert_int_equal(state_of(p), REGISTER_PRUNE);
}

/* A new RP is not asked by more at a time than it and the way there can take. */
static void many_move(struct pim_bed *p)
{
	const struct pim_counters *c = &p->pim->counters;
	char group[24];
	uint64_t before;

	ways(p);
	for (unsigned i = 0; i < 2500; i++) {
		snprintf(group, sizeof(group), "g%u", i + 1);
		pim_bed_data(p, "eth1", "eth1.100", group);
	}
	pim_bed_said(p);
	before = c->sent[MSG_REGISTER];
	pim_bed_reload(p, CONF "rp-address rp2\n");
	pim_bed_run(p, 300);
	assert_int_equal(c->sent[MSG_REGISTER] - before, 2000);
	/* those that were not refused are through, and the others wait no longer than they may */
	pim_bed_run(p, SEC(4));
	pim_bed_said(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g2500"), "pimreg");
	assert_non_null(strstr(pim_bed_said(p), "Register to rp2"));
}

/* While the new RP refuses, as one does that knows nothing yet, the old one has the packets. */
static void rp_changed_at_leisure(struct pim_bed *p)
{
	joined(p);
	pim_bed_reload(p, CONF "rp-address rp2\n");
	for (unsigned i = 0; i < 5; i++) {
		pim_bed_run(p, 199);
		assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
		assert_register(p, "rp1", "100 bytes");
		pim_bed_run(p, 1);
		assert_register(p, "rp2", "null");
		if (i < 4)
			hear_stop(p, "rp2", "(eth1.100,g1)");
		assert_int_equal(state_of(p), REGISTER_JOIN);
	}
	pim_bed_run(p, 200);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp2", "100 bytes");
	/* it is not asked that changes its mind */
	pim_bed_reload(p, CONF "rp-address rp1\n");
	pim_bed_run(p, 100);
	pim_bed_reload(p, CONF "rp-address rp2\n");
	pim_bed_run(p, 150);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp2", "100 bytes");
}

/* It is believed in the end. */
static void rp_wants_nothing(struct pim_bed *p)
{
	joined(p);
	pim_bed_reload(p, CONF "rp-address rp2\n");
	for (unsigned i = 0; i < 14; i++) {
		pim_bed_run(p, 200);
		assert_register(p, "rp2", "null");
		hear_stop(p, "rp2", "(eth1.100,g1)");
		assert_int_equal(state_of(p), REGISTER_JOIN);
	}
	pim_bed_run(p, 200);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp2", "100 bytes");
	hear_stop(p, "rp2", "(eth1.100,g1)");
	assert_int_equal(state_of(p), REGISTER_PRUNE);
}

static void rp_changed_in_a_hurry(struct pim_bed *p)
{
	joined(p);
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
	pim_bed_run(p, 1);
	pim_bed_reload(p, CONF "rp-address rp2\n");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp2", "100 bytes");
}

/* A router that does not know yet that it is RP says Register-Stop. */
static void rp_knows_late(struct pim_bed *p)
{
	joined(p);
	moved(p);
	for (unsigned i = 0; i < 5; i++) {
		hear_stop(p, "rp2", "(eth1.100,g1)");
		assert_int_equal(state_of(p), REGISTER_PRUNE);
		pim_bed_run(p, 199);
		assert_said(p, "");
		pim_bed_run(p, 1);
		assert_int_equal(state_of(p), REGISTER_JOIN_PENDING);
		assert_register(p, "rp2", "null");
	}
	pim_bed_run(p, 200);
	assert_int_equal(state_of(p), REGISTER_JOIN);
	pim_bed_run(p, SEC(3));
	hear_stop(p, "rp2", "(eth1.100,g1)");
	assert_in_range(rst(p), SEC(25), SEC(85));
}

static void join_no_rp(struct pim_bed *p)
{
	joined(p);
	pim_bed_reload(p, CONF);
	assert_int_equal(state_of(p), NO_INFO);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
}

/* Prune */

static void prune_could_not(struct pim_bed *p)
{
	pruned(p);
	another_dr(p);
	assert_int_equal(state_of(p), NO_INFO);
	pim_bed_run(p, SEC(90));
	assert_said(p, "");
}

static void prune_stop(struct pim_bed *p)
{
	int64_t left;

	pruned(p);
	pim_bed_run(p, SEC(20));
	left = rst(p);
	hear_stop(p, "rp1", "(eth1.100,g1)");
	assert_int_equal(state_of(p), REGISTER_PRUNE);
	assert_int_equal(rst(p), left);
}

static void prune_expired(struct pim_bed *p)
{
	pending(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
}

static void prune_rp_changed(struct pim_bed *p)
{
	pruned(p);
	moved(p);
	assert_int_equal(state_of(p), REGISTER_JOIN);
	assert_int_equal(rst(p), 0);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp2", "100 bytes");
}

/* JoinPending */

static void pending_could_not(struct pim_bed *p)
{
	pending(p);
	another_dr(p);
	assert_int_equal(state_of(p), NO_INFO);
}

static void pending_stop(struct pim_bed *p)
{
	pending(p);
	pim_bed_run(p, SEC(1));
	hear_stop(p, "rp1", "(eth1.100,g1)");
	assert_int_equal(state_of(p), REGISTER_PRUNE);
	assert_in_range(rst(p), SEC(25), SEC(85));
}

static void pending_expired(struct pim_bed *p)
{
	pending(p);
	pim_bed_run(p, SEC(5) - 1);
	assert_int_equal(state_of(p), REGISTER_JOIN_PENDING);
	pim_bed_run(p, 1);
	assert_int_equal(state_of(p), REGISTER_JOIN);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp1", "100 bytes");
}

static void pending_rp_changed(struct pim_bed *p)
{
	pending(p);
	moved(p);
	assert_int_equal(state_of(p), REGISTER_JOIN);
	assert_int_equal(rst(p), 0);
}

/* Besides */

static void times_are_random(struct pim_bed *p)
{
	int64_t least = SEC(1000), most = 0;

	pruned(p);
	for (unsigned i = 0; i < 200; i++) {
		int64_t left = rst(p);

		assert_in_range(left, SEC(25), SEC(85));
		least = left < least ? left : least;
		most = left > most ? left : most;
		pim_bed_data(p, "eth1", "eth1.100", "g1");
		pim_bed_run(p, left);
		hear_stop(p, "rp1", "(eth1.100,g1)");
	}
	assert_true(least < SEC(30) && most > SEC(80));
}

static void times_are_configured(struct pim_bed *p)
{
	pruned(p);
	assert_in_range(rst(p), SEC(8), SEC(28));
	pim_bed_run(p, rst(p));
	assert_int_equal(rst(p), SEC(2));
}

static void a_stop_of_all(struct pim_bed *p)
{
	joined(p);
	pim_bed_data(p, "eth1", "eth1.101", "g1");
	pim_bed_data(p, "eth1", "eth1.101", "g2");
	pim_bed_said(p);
	hear_stop(p, "rp1", "(*,g1)");
	assert_int_equal(state_of(p), REGISTER_PRUNE);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.101", "g1"), "");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.101", "g2"), "pimreg");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.102", "g1"), "pimreg");
}

static void stops_of_strangers(struct pim_bed *p)
{
	joined(p);
	hear_stop(p, "rp2", "(eth1.100,g1)");
	hear_stop(p, "rp2", "(*,g1)");
	assert_int_equal(state_of(p), REGISTER_JOIN);
	assert_int_equal(p->pim->counters.stop_stranger, 2);
}

/* Listeners here have the stream whatever the RP wants. */
static void listeners_here(struct pim_bed *p)
{
	ways(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_said(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "eth2 pimreg");
	hear_stop(p, "rp1", "(eth1.100,g1)");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "eth2");
	pim_bed_run(p, rst(p) + SEC(5));
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "eth2 pimreg");
}

/* The source and a listener are on one interface. */
static void a_listener_on_the_link(struct pim_bed *p)
{
	ways(p);
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_said(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
}

static void ssm(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "ssm1"), "");
	assert_said(p, "");
}

static void a_stream_goes_on_and_on(struct pim_bed *p)
{
	unsigned registers = 0, nulls = 0;

	joined(p);
	for (unsigned i = 0; i < 600; i++) {
		const char *said;

		pim_bed_data(p, "eth1", "eth1.100", "g1");
		pim_bed_run(p, SEC(1));
		said = pim_bed_said(p);
		registers += !!strstr(said, "bytes");
		nulls += !!strstr(said, "null");
		if (strstr(said, "Register to"))
			hear_stop(p, "rp1", "(eth1.100,g1)");
	}
	/* but for the one that the second packet made, it was stopped before it began anew */
	assert_int_equal(registers, 1);
	assert_in_range(nulls, 600 / 90, 600 / 30);
}

/* There is no (*,G) here that would notice. */
static void the_rp_moves_here(struct pim_bed *p)
{
	joined(p);
	pim_bed_address(p, "dummy0", "rp1", true);
	assert_int_equal(state_of(p), NO_INFO);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
	pim_bed_address(p, "dummy0", "rp1", false);
	assert_int_equal(state_of(p), REGISTER_JOIN);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_register(p, "rp1", "100 bytes");
}

/* Registers would carry packets over it. */
static void the_rp_moves_behind_a_border(struct pim_bed *p)
{
	joined(p);
	pim_bed_route(p, "rp1", "eth2");
	assert_int_equal(state_of(p), NO_INFO);
	pim_bed_route(p, "rp1", "eth0.2");
	assert_int_equal(state_of(p), REGISTER_JOIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-53, PIM-54: NoInfo, could register", WITH_RP, no_info_could),
		PIM_TEST("PIM-53: NoInfo, another is DR", WITH_RP, no_info_other_dr),
		PIM_TEST("PIM-53, PIM-75: NoInfo, not of the link", WITH_RP, no_info_not_direct),
		PIM_TEST("PIM-59, PIM-221: NoInfo, Register-Stop", WITH_RP, no_info_stop),
		PIM_TEST("PIM-53: NoInfo, no RP", CONF, no_info_no_rp),
		PIM_TEST("PIM-53: NoInfo, this is the RP", CONF "rp-address own\n", no_info_own_rp),
		PIM_TEST("PIM-53, PIM-54: Join, could not register", WITH_RP, join_could_not),
		PIM_TEST("PIM-53, PIM-54: Join, silence", WITH_RP, join_silence),
		PIM_TEST("PIM-55: Join, Register-Stop", WITH_RP, join_stop),
		PIM_TEST("PIM-58: Join, RP changed", WITH_RP, join_rp_changed),
		PIM_TEST("PIM-58: RP changed, at leisure", WITH_RP, rp_changed_at_leisure),
		PIM_TEST("PIM-58: RP changed, of many sources", WITH_RP, many_move),
		PIM_TEST("PIM-58: RP changed, that wants nothing", WITH_RP, rp_wants_nothing),
		PIM_TEST("PIM-58: RP changed, in a hurry", WITH_RP, rp_changed_in_a_hurry),
		PIM_TEST("PIM-55, PIM-58: the RP knows late", WITH_RP, rp_knows_late),
		PIM_TEST("PIM-58: Join, no RP any more", WITH_RP, join_no_rp),
		PIM_TEST("PIM-53, PIM-54: Prune, could not register", WITH_RP, prune_could_not),
		PIM_TEST("PIM-55: Prune, Register-Stop", WITH_RP, prune_stop),
		PIM_TEST("PIM-55: Prune, data that was under way", WITH_RP, prune_data),
		PIM_TEST("PIM-56: Prune, RST expires", WITH_RP, prune_expired),
		PIM_TEST("PIM-58: Prune, RP changed", WITH_RP, prune_rp_changed),
		PIM_TEST("PIM-53, PIM-54: JoinPending, could not register", WITH_RP,
			 pending_could_not),
		PIM_TEST("PIM-57: JoinPending, Register-Stop", WITH_RP, pending_stop),
		PIM_TEST("PIM-57: JoinPending, RST expires", WITH_RP, pending_expired),
		PIM_TEST("PIM-58: JoinPending, RP changed", WITH_RP, pending_rp_changed),
		PIM_TEST("PIM-55, PIM-57: times are random", WITH_RP, times_are_random),
		PIM_TEST("PIM-55: times are configured",
			 WITH_RP "register-suppression 20\nregister-probe 2\n",
			 times_are_configured),
		PIM_TEST("PIM-59: a Register-Stop of all sources", WITH_RP, a_stop_of_all),
		PIM_TEST("PIM-76: Register-Stops of strangers", WITH_RP, stops_of_strangers),
		PIM_TEST("PIM-54: listeners here", WITH_RP, listeners_here),
		PIM_TEST("PIM-53: a listener on the source's link", WITH_RP,
			 a_listener_on_the_link),
		PIM_TEST("PIM-77: source-specific groups", WITH_RP, ssm),
		PIM_TEST("PIM-56: a stream goes on and on", WITH_RP, a_stream_goes_on_and_on),
		PIM_TEST("PIM-53: the RP moves here", WITH_RP, the_rp_moves_here),
		PIM_TEST("PIM-53: the RP moves behind a border", WITH_RP "phyint eth2 scoped g1\n",
			 the_rp_moves_behind_a_border),
	};

	return cmocka_run_group_tests_name("pim_register_sim", tests, NULL, NULL);
}
