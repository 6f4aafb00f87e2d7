/* pim_anycast_sim.c - members of an anycast RP (RFC 4610), for both families
 *
 * DRs are eth0/9 and eth0/8, behind eth0, which also leads to s1 and s2; the other members, rp2 and
 * rp3, are behind eth2. Routers that join are on eth1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"
#define CONF IFACES "rp-address own\nanycast-rp own eth0/1 rp2 rp3\n"

#define STOP "routed from own Register-Stop to eth0/9 (s1,g1)\n"

#define COPIES(ttl, source, what)                                              \
	"routed " ttl "from eth0/1 Register to rp2 (" source ",g1) " what "\n" \
	"routed " ttl "from eth0/1 Register to rp3 (" source ",g1) " what "\n"

#define ENOUGH_OF(member) "routed from eth0/1 Register-Stop to " member " (s1,g1)\n"

static void ways(struct pim_bed *p)
{
	static const char *const neighbors[] = { "eth0.2", "eth1.3", "eth2.3" };

	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_route(p, "s2", "eth0.2");
	pim_bed_route(p, "rp2", "eth2.3");
	pim_bed_route(p, "rp3", "eth2.3");
	for (unsigned i = 0; i < NELEMS(neighbors); i++)
		pim_bed_hear(p, neighbors[i], "Hello holdtime forever genid 1 priority 0");
	pim_bed_run(p, SEC(5));
	assert_said(p, "");
}

static void join(struct pim_bed *p, const char *what)
{
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: %s", what);
}

static void of_dr(struct pim_bed *p, const char *what)
{
	pim_bed_hear(p, "eth0/9", "Register to own (s1,g1) %s", what);
}

static void member_stops(struct pim_bed *p, const char *member, const char *source)
{
	pim_bed_hear(p, member, "Register-Stop to eth0/1 (%s,g1)", source);
}

static bool is_known(struct pim_bed *p, const char *source)
{
	const struct entry *e = pim_bed_find(p, source, "g1");

	return e && timer_is_running(&e->kat);
}

/* Registers of DRs */

/* All get it as it is. The DR is stopped when they have said that they have enough. */
static void copied(struct pim_bed *p)
{
	ways(p);
	of_dr(p, "100 bytes");
	assert_said(p, COPIES("ttl 63 ", "s1", "100 bytes"));
	assert_true(is_known(p, "s1"));
	member_stops(p, "rp2@eth2", "s1");
	of_dr(p, "100 bytes");
	assert_said(p, COPIES("ttl 63 ", "s1", "100 bytes"));
	member_stops(p, "rp3@eth2", "s1");
	of_dr(p, "100 bytes");
	assert_said(p, COPIES("ttl 63 ", "s1", "100 bytes") STOP);
	assert_int_equal(p->pim->counters.stop_stranger, 0);
	assert_int_equal(p->pim->counters.stop_no_state, 0);
}

static void null_copied(struct pim_bed *p)
{
	ways(p);
	of_dr(p, "null");
	assert_said(p, COPIES("ttl 63 ", "s1", "null") STOP);
	assert_true(is_known(p, "s1"));
}

/* RFC 4610 4: a member may say nothing. */
static void nobody_answers(struct pim_bed *p)
{
	ways(p);
	of_dr(p, "100 bytes");
	pim_bed_run(p, PIM_REGISTER_PROBE - 1);
	of_dr(p, "100 bytes");
	assert_said(p, COPIES("ttl 63 ", "s1", "100 bytes") COPIES("ttl 63 ", "s1", "100 bytes"));
	pim_bed_run(p, 1);
	of_dr(p, "100 bytes");
	assert_said(p, COPIES("ttl 63 ", "s1", "100 bytes") STOP);
}

/* Who cannot be reached is not waited for. */
static void a_member_out_of_reach(struct pim_bed *p)
{
	ways(p);
	pim_bed_unroute(p, "rp3", PIM_BED_METRIC);
	of_dr(p, "100 bytes");
	pim_bed_said(p);
	member_stops(p, "rp2@eth2", "s1");
	of_dr(p, "100 bytes");
	assert_said(p, COPIES("ttl 63 ", "s1", "100 bytes") STOP);
}

/* Who answered is known by what stands in the configuration, which may be another one. */
static void other_members(struct pim_bed *p)
{
	ways(p);
	of_dr(p, "100 bytes");
	member_stops(p, "rp2@eth2", "s1");
	pim_bed_said(p);
	pim_bed_reload(p, IFACES "rp-address own\nanycast-rp own eth0/1 rp3 rp2\n");
	pim_bed_said(p);
	member_stops(p, "rp2@eth2", "s1");
	of_dr(p, "100 bytes");
	assert_null(strstr(pim_bed_said(p), STOP));
	member_stops(p, "rp3@eth2", "s1");
	of_dr(p, "100 bytes");
	assert_non_null(strstr(pim_bed_said(p), STOP));
}

/* A listener of ours gets it as ever. */
static void somebody_joined(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	memset(p->bed.out, 0, sizeof(p->bed.out));
	of_dr(p, "100 bytes");
	assert_int_equal(p->bed.out[2], 1);
	assert_said(p, COPIES("ttl 63 ", "s1",
			      "100 bytes") "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
}

static void filtered(struct pim_bed *p)
{
	ways(p);
	of_dr(p, "100 bytes");
	assert_said(p, STOP);
	assert_int_equal(p->pim->counters.register_filtered, 1);
}

static void limited(struct pim_bed *p)
{
	ways(p);
	of_dr(p, "100 bytes");
	of_dr(p, "100 bytes");
	assert_said(p, COPIES("ttl 63 ", "s1", "100 bytes"));
	assert_int_equal(p->pim->counters.register_limited, 1);
}

/* Registers of members */

/* It is taken and goes no further; who joins later has the source at once. */
static void from_a_member(struct pim_bed *p)
{
	ways(p);
	pim_bed_hear(p, "rp2@eth2", "Register to eth0/1 (s1,g1) 100 bytes");
	assert_said(p, ENOUGH_OF("rp2"));
	assert_true(is_known(p, "s1"));
	pim_bed_hear(p, "rp3@eth2", "Register to eth0/1 (s1,g1) null");
	assert_said(p, ENOUGH_OF("rp3"));
	join(p, "J(*,g1) rp own");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
}

/* Some send to the RP's address: there is no loop either. */
static void from_a_member_to_all(struct pim_bed *p)
{
	ways(p);
	pim_bed_hear(p, "rp2@eth2", "Register to own (s1,g1) 100 bytes");
	assert_said(p, "routed from own Register-Stop to rp2 (s1,g1)\n");
}

static void for_a_listener(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	memset(p->bed.out, 0, sizeof(p->bed.out));
	pim_bed_hear(p, "rp2@eth2", "Register to eth0/1 (s1,g1) 100 bytes");
	assert_int_equal(p->bed.out[2], 1);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
}

/* What is sent to a member is of members alone. */
static void from_a_stranger(struct pim_bed *p)
{
	ways(p);
	pim_bed_hear(p, "eth0/9", "Register to eth0/1 (s1,g1) 100 bytes");
	assert_said(p, "routed from eth0/1 Register-Stop to eth0/9 (s1,g1)\n");
	assert_int_equal(p->pim->counters.register_wrong_rp, 1);
	assert_null(pim_bed_find(p, "s1", "g1"));
}

/* The address was taken away, so that others serve: copies are refused. */
static void not_a_member_now(struct pim_bed *p)
{
	struct prefix own = { pim_bed_ip(p, "own"), af_bits(p->af) };

	ways(p);
	sim_address(p->bed.k, sim_link_index(p->bed.k, "dummy0"), &own, false);
	bed_work(&p->bed);
	pim_bed_hear(p, "rp2@eth2", "Register to eth0/1 (s1,g1) 100 bytes");
	assert_said(p, ENOUGH_OF("rp2"));
	assert_null(pim_bed_find(p, "s1", "g1"));
}

/* A source of our own */

static void as_dr(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_said(p, COPIES("", "eth1.100", "100 bytes"));
	member_stops(p, "rp2@eth2", "eth1.100");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	assert_said(p, COPIES("", "eth1.100", "100 bytes"));
	member_stops(p, "rp3@eth2", "eth1.100");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
}

/* Then it is said from time to time that the source is there, whether anybody answers or not. */
static void as_dr_later(struct pim_bed *p)
{
	as_dr(p);
	assert_in_range(pim_bed_wait(p, SEC(90)), SEC(24), SEC(86));
	assert_said(p, COPIES("", "eth1.100", "null"));
	member_stops(p, "rp2@eth2", "eth1.100");
	pim_bed_run(p, PIM_REGISTER_PROBE);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
}

/* We know that we are the RP now, and need not ask ourselves. */
static void as_dr_of_another_before(struct pim_bed *p)
{
	ways(p);
	pim_bed_route(p, "rp9", "eth2.3");
	pim_bed_data(p, "eth1", "eth1.100", "g1");
	pim_bed_run(p, 1);
	pim_bed_data(p, "eth1", "eth1.100", "g1");
	assert_non_null(strstr(pim_bed_said(p), "Register to rp9 (eth1.100,g1)"));
	pim_bed_reload(p, CONF);
	pim_bed_said(p);
	pim_bed_data(p, "eth1", "eth1.100", "g1");
	assert_non_null(strstr(pim_bed_said(p), "Register to rp2 (eth1.100,g1)"));
	pim_bed_run(p, SEC(1));
	assert_null(strstr(pim_bed_said(p), "Register to own"));
}

/* Alone, there is nobody to be told. */
static void as_dr_alone(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "");
	assert_said(p, "");
}

/* Members come back */

static void back(struct pim_bed *p)
{
	ways(p);
	pim_bed_unroute(p, "rp3", PIM_BED_METRIC);
	of_dr(p, "null");
	pim_bed_hear(p, "rp2@eth2", "Register to eth0/1 (s2,g1) null");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "pimreg");
	pim_bed_said(p);
	pim_bed_route(p, "rp3", "eth2.3");
	assert_said(p, "routed from eth0/1 Register to rp3 (eth1.100,g1) null\n"
		       "routed from eth0/1 Register to rp3 (s1,g1) null\n");
}

static void shown(struct pim_bed *p)
{
	const char *reply;

	copied(p);
	pim_bed_hear(p, "rp2@eth2", "Register to eth0/1 (s2,g1) null");
	reply = bed_ask(&p->bed, "show pim anycast-rp");
	assert_non_null(strstr(reply, "\"own\":true,\"reachable\":true"));
	assert_non_null(strstr(reply, "\"sent\":3,\"received\":1,\"stopped\":1"));
	assert_non_null(strstr(reply, "\"sent\":3,\"received\":0,\"stopped\":1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-197: a Register is copied to all members", CONF, copied),
		PIM_TEST("PIM-197: so is a Null-Register", CONF, null_copied),
		PIM_TEST("PIM-197: members need not answer", CONF, nobody_answers),
		PIM_TEST("PIM-197: a member out of reach", CONF, a_member_out_of_reach),
		PIM_TEST("PIM-197: members in another order", CONF, other_members),
		PIM_TEST("PIM-197: listeners of the member itself", CONF, somebody_joined),
		PIM_TEST("PIM-197, PIM-76: filtered sources are not copied",
			 CONF "register-filter s2\n", filtered),
		PIM_TEST("PIM-197: more than may come are not copied",
			 CONF "pim-limit registers 1\n", limited),
		PIM_TEST("PIM-197: a copy of a member", CONF, from_a_member),
		PIM_TEST("PIM-197: a copy to the address of the RP", CONF, from_a_member_to_all),
		PIM_TEST("PIM-197: a copy for a listener", CONF, for_a_listener),
		PIM_TEST("PIM-197: a copy of a stranger", CONF, from_a_stranger),
		PIM_TEST("PIM-197: a copy to who has not the RP's address", CONF, not_a_member_now),
		PIM_TEST("PIM-197: a source of the member itself", CONF, as_dr),
		PIM_TEST("PIM-197: a source of the member itself, later", CONF, as_dr_later),
		PIM_TEST("PIM-197, PIM-128: a source of who was none before",
			 IFACES "rp-address rp9\n", as_dr_of_another_before),
		PIM_TEST("PIM-197: a source of the only member",
			 "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"
			 "rp-address own\nanycast-rp own eth0/1\n",
			 as_dr_alone),
		PIM_TEST("PIM-197: a member that is back is told of sources", CONF, back),
		PIM_TEST("members are shown", CONF, shown),
	};

	return cmocka_run_group_tests_name("pim_anycast_sim", tests, NULL, NULL);
}
