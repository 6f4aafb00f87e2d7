/* pim_hello_sim.c - Hellos, neighbors, who is DR (RFC 7761 4.3), each for both families */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/cursor.h"
#include "sim/pim_bed.h"

#define ONE "phyint eth0 pim\n"
#define TWO "rp-address rp1\nphyint eth0 pim\nphyint eth1 pim\n"

/* What the router says on eth0, unless told otherwise. */
#define SAYS(holdtime, genid, rest) \
	"Hello holdtime " holdtime " genid " genid " priority 1 delay 500 override 2500" rest "\n"
#define HELLO "eth0 " SAYS("105", "1", " secondary eth0/1")

/* The same of a neighbor. */
#define USUAL "priority 1 delay 500 override 2500"

/* "eth0.2 [eth0/2] eth0.3" */
static const char *neighbors(struct pim_bed *p, const char *ifname)
{
	static char text[512];
	const struct neighbor *n;
	size_t len = 0;

	*text = '\0';
	TAILQ_FOREACH(n, &pim_bed_iface(p, ifname)->neighbors, link) {
		len += snprintf(text + len, sizeof(text) - len, "%s%s", len ? " " : "",
				pim_bed_name(p, n->address));
		for (unsigned i = 0; i < n->nsecondary; i++)
			len += snprintf(text + len, sizeof(text) - len, "%s%s%s", i ? " " : " [",
					pim_bed_name(p, n->secondary[i]),
					i == n->nsecondary - 1 ? "]" : "");
	}
	return text;
}

#define assert_neighbors(p, text) assert_string_equal(neighbors(p, "eth0"), text)

static const char *dr(struct pim_bed *p)
{
	return pim_bed_name(p, pim_bed_iface(p, "eth0")->dr);
}

#define assert_dr(p, name) assert_string_equal(dr(p), name)

/* The first Hello was said, on each interface. */
static void begin(struct pim_bed *p)
{
	p->hellos = true;
	pim_bed_run(p, SEC(5));
	pim_bed_said(p);
}

/* A Hello with these bytes of options, or what they say. */
static void hear_options(struct pim_bed *p, const char *from, const void *bytes, size_t len)
{
	struct msg_ends ends = { pim_bed_ip(p, from), msg_all_routers(p->af) };
	uint8_t data[512];
	struct wr w = msg_begin(MSG_HELLO, 0, data, sizeof(data));

	wr_bytes(&w, bytes, len);
	len = msg_close(&ends, &w);
	assert_int_not_equal(len, 0);
	pim_bed_hear_bytes(p, from, NULL, 1, data, len);
}

#define HEAR_OPTIONS(p, from, ...) \
	hear_options(p, from, (uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }))

/* Sending */

static void everywhere(struct pim_bed *p)
{
	struct link link = *sim_link_find(p->bed.k, 3);
	const char *said;

	link.ptp = true;
	sim_link(p->bed.k, &link);
	p->hellos = true;
	pim_bed_run(p, SEC(5));
	said = pim_bed_said(p);
	assert_int_equal(p->nsaid, 3);
	assert_non_null(strstr(said, HELLO));
	assert_non_null(strstr(said, "eth1 " SAYS("105", "1", " secondary eth1/1")));
	assert_non_null(strstr(said, "eth2 " SAYS("105", "1", " secondary eth2/1")));
	assert_true(pim_bed_iface(p, "eth2")->ptp);
	assert_true(pim_bed_iface(p, "eth2")->is_dr);
}

static void first_at_random(struct pim_bed *p)
{
	int64_t times[4] = { 0 };

	p->hellos = true;
	for (unsigned i = 0; i < NELEMS(times); i++) {
		times[i] = pim_bed_wait(p, SEC(5));
		assert_int_equal(p->nsaid, i + 1);
	}
	assert_true(times[0] + times[1] + times[2] + times[3] <= SEC(5));
	assert_true(times[1] && times[2] && times[3]);
}

static void then_each_period(struct pim_bed *p)
{
	p->hellos = true;
	assert_true(pim_bed_wait(p, SEC(5)) < SEC(5));
	for (unsigned i = 0; i < 5; i++) {
		assert_said(p, HELLO);
		assert_int_equal(pim_bed_wait(p, SEC(60)), SEC(30));
	}
}

static void a_reload_moves_no_timer(struct pim_bed *p)
{
	p->hellos = true;
	pim_bed_wait(p, SEC(5));
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
	pim_bed_reload(p, ONE "phyint eth1 pim\n");
	pim_bed_link(p, "eth3", false);
	pim_bed_reload(p, ONE);
	assert_int_equal(pim_bed_wait(p, SEC(60)), SEC(20));
}

static void holdtimes(struct pim_bed *p)
{
	static const struct {
		const char *conf, *says;
		int64_t interval;
	} cases[] = {
		{ "phyint eth0 pim hello-interval 10\n", "35", SEC(10) },
		{ "hello-interval 20\nphyint eth0 pim\n", "70", SEC(20) },
		{ "phyint eth0 pim hello-holdtime 50\n", "50", SEC(30) },
		{ "phyint eth0 pim hello-interval 0.1\n", "1", 100 },
		{ ONE, "105", SEC(30) },
	};
	char text[128];

	begin(p);
	for (unsigned i = 0; i < NELEMS(cases); i++) {
		pim_bed_reload(p, cases[i].conf);
		snprintf(text, sizeof(text),
			 "eth0 Hello holdtime %s genid 1 " USUAL " secondary eth0/1\n",
			 cases[i].says);
		assert_said(p, text);
		for (unsigned n = 0; n < 3; n++) {
			int64_t took = pim_bed_wait(p, SEC(60));

			assert_true(n ? took == cases[i].interval : took <= cases[i].interval);
			assert_said(p, text);
		}
	}
}

static void before_a_join(struct pim_bed *p)
{
	p->hellos = true;
	pim_bed_hello(p, "eth0.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_join(p, "eth1", "*", "g1");
	assert_said(p, HELLO "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
	pim_bed_join(p, "eth1", "*", "g2");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g2) rp rp1\n");
}

/* A source beyond eth0 is wanted on eth1 by eth1.3; eth0.2 leads to it. */
static void forward_to_eth1(struct pim_bed *p)
{
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth1.3");
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: J(s1,ssm1)");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "ssm1"), "eth1");
	pim_bed_said(p);
}

static void before_an_assert(struct pim_bed *p)
{
	forward_to_eth1(p);
	p->hellos = true;
	pim_bed_data(p, "eth1", "s1", "ssm1");
	assert_said(
		p, "eth1 " SAYS(
			   "105", "1",
			   " secondary eth1/1") "eth1 Assert (s1,ssm1) preference 110 metric 20\n");
}

/* Nobody heard it. */
static void one_that_could_not_be_sent(struct pim_bed *p)
{
	p->hellos = true;
	pim_bed_hello(p, "eth0.2");
	sim_refuse(p->bed.k, SIM_SEND, "no", UINT_MAX);
	pim_bed_run(p, SEC(6));
	assert_true(p->pim->counters.send_failed >= 2);
	sim_refuse(p->bed.k, SIM_SEND, "no", 0);
	assert_said(p, "");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_join(p, "eth1", "*", "g1");
	assert_said(p, HELLO "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
}

static void not_before_the_first(struct pim_bed *p)
{
	p->hellos = true;
	pim_bed_reload(p, "phyint eth0 pim hello-interval 10\n");
	pim_bed_address(p, "eth0", "eth0/9", true);
	assert_said(p, "");
	assert_true(pim_bed_wait(p, SEC(5)) < SEC(5));
	assert_said(p, "eth0 " SAYS("35", "1", " secondary eth0/1 eth0/9"));
	assert_int_equal(pim_bed_wait(p, SEC(30)), SEC(10));
}

static void for_a_new_neighbor(struct pim_bed *p)
{
	int64_t took;

	p->hellos = true;
	pim_bed_wait(p, SEC(5));
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
	pim_bed_hello(p, "eth0.2");
	took = pim_bed_wait(p, SEC(5));
	assert_said(p, HELLO);
	assert_int_equal(took + pim_bed_wait(p, SEC(30)), SEC(20));
	assert_said(p, HELLO);
	pim_bed_run(p, SEC(10));
	pim_bed_hello(p, "eth0.2");
	pim_bed_run(p, SEC(10));
	assert_said(p, "");
	pim_bed_hear(p, "eth0.2", "Hello holdtime 105 genid 77 " USUAL);
	took = pim_bed_wait(p, SEC(5));
	assert_said(p, HELLO);
	assert_int_equal(took + pim_bed_wait(p, SEC(30)), SEC(10));
}

static void at_once_if_a_join_is_due(struct pim_bed *p)
{
	begin(p);
	pim_bed_run(p, SEC(1));
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_join(p, "eth1", "*", "g1");
	assert_said(p, "");
	pim_bed_hello(p, "eth0.2");
	assert_said(p, HELLO "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
	pim_bed_run(p, SEC(10));
	assert_said(p, "");
}

static void at_once_if_an_assert_is_answered(struct pim_bed *p)
{
	begin(p);
	forward_to_eth1(p);
	pim_bed_run(p, SEC(6));
	pim_bed_said(p);
	pim_bed_hello(p, "eth1.4");
	pim_bed_hear(p, "eth1.4", "Assert (s1,ssm1) preference 110 metric 21");
	assert_said(
		p, "eth1 " SAYS(
			   "105", "1",
			   " secondary eth1/1") "eth1 Assert (s1,ssm1) preference 110 metric 20\n");
}

static void priority_is_said(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, "phyint eth0 pim dr-priority 4294967295\n");
	assert_said(p, "eth0 Hello holdtime 105 genid 1 priority 4294967295 delay 500 "
		       "override 2500 secondary eth0/1\n");
	assert_int_not_equal(pim_bed_wait(p, SEC(30)), SEC(30));
	assert_said(p, "eth0 Hello holdtime 105 genid 1 priority 4294967295 delay 500 "
		       "override 2500 secondary eth0/1\n");
}

static void a_genid_for_each_start(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, ONE);
	pim_bed_wait(p, SEC(30));
	assert_said(p, HELLO);
	pim_bed_link(p, "eth0", false);
	pim_bed_run(p, SEC(60));
	assert_said(p, "");
	pim_bed_link(p, "eth0", true);
	pim_bed_run(p, SEC(5));
	assert_said(p, "eth0 " SAYS("105", "2", " secondary eth0/1"));
	pim_bed_reload(p, "phyint eth1 pim\n");
	pim_bed_run(p, SEC(10));
	pim_bed_reload(p, ONE);
	pim_bed_said(p);
	pim_bed_run(p, SEC(5));
	assert_said(p, "eth0 " SAYS("105", "3", " secondary eth0/1"));
}

/* Down and up, before the router looks; and another device in its place. */
static void what_was_missed_is_a_start(struct pim_bed *p)
{
	begin(p);
	pim_bed_hello(p, "eth0.2");
	pim_bed_run(p, SEC(6));
	pim_bed_said(p);
	p->bed.k->hold = true;
	sim_link(p->bed.k, &(struct link){ .ifindex = 1, .name = "eth0", .mtu = 1500 });
	sim_link_up(p->bed.k, 1, "eth0");
	p->bed.k->hold = false;
	pim_bed_run(p, SEC(5));
	assert_said(p, "eth0 " SAYS("105", "2", " secondary eth0/1"));
	assert_neighbors(p, "");
	pim_bed_hello(p, "eth0.2");
	sim_link_gone(p->bed.k, 1);
	bed_work(&p->bed);
	assert_int_equal(pim_bed_iface(p, "eth0")->state, PIM_ABSENT);
	pim_bed_said(p);
	sim_link_up(p->bed.k, 9, "eth0");
	bed_work(&p->bed);
	assert_int_equal(pim_bed_iface(p, "eth0")->state, PIM_NO_ADDRESS);
	pim_bed_run(p, SEC(60));
	assert_said(p, "");
}

static void another_name_is_another_interface(struct pim_bed *p)
{
	struct link link = *sim_link_find(p->bed.k, 1);

	begin(p);
	pim_bed_hello(p, "eth0.2");
	link.name = "lan0";
	sim_link(p->bed.k, &link);
	bed_work(&p->bed);
	assert_int_equal(pim_bed_iface(p, "eth0")->state, PIM_ABSENT);
	assert_neighbors(p, "");
	pim_bed_run(p, SEC(60));
	assert_said(p, "");
	link.name = "eth0";
	sim_link(p->bed.k, &link);
	pim_bed_run(p, SEC(5));
	assert_said(p, "eth0 " SAYS("105", "2", " secondary eth0/1"));
}

static void secondary_addresses_are_said(struct pim_bed *p)
{
	begin(p);
	pim_bed_address(p, "eth0", "eth0/9", true);
	assert_said(p, "eth0 " SAYS("105", "1", " secondary eth0/1 eth0/9"));
	pim_bed_address(p, "eth0", "eth0/1", false);
	assert_said(p, "eth0 " SAYS("105", "1", " secondary eth0/9"));
	pim_bed_address(p, "eth0", "eth0/9", false);
	assert_said(p, "eth0 " SAYS("105", "1", ""));
	pim_bed_wait(p, SEC(30));
	assert_said(p, "eth0 " SAYS("105", "1", ""));
}

/* One packet of the link has to take all of it. */
static void as_many_as_there_is_room_for(struct pim_bed *p)
{
	char name[16];

	begin(p);
	for (unsigned n = 0; n < 300; n++) {
		snprintf(name, sizeof(name), "eth0/%u", 2 + n % 250 + n / 250 * 256);
		pim_bed_address(p, "eth0", name, true);
	}
	assert_true(p->nsaid >= 250);
	assert_int_equal(p->pim->counters.send_failed, 0);
}

static void another_address(struct pim_bed *p)
{
	begin(p);
	pim_bed_hello(p, "eth0.2");
	pim_bed_run(p, SEC(5));
	pim_bed_address(p, "eth0", "eth0/1", false);
	pim_bed_address(p, "eth0", "eth0.9", true);
	pim_bed_said(p);
	assert_dr(p, "eth0.2");
	pim_bed_address(p, "eth0", "eth0.1", false);
	assert_said(p, "eth0 " SAYS("0", "1",
				    " secondary eth0.9") "eth0 from eth0.9 " SAYS("105", "1", ""));
	assert_neighbors(p, "eth0.2");
	assert_dr(p, "eth0.9");
	assert_true(pim_bed_iface(p, "eth0")->is_dr);
	pim_bed_address(p, "eth0", "eth0.9", false);
	assert_said(p, "eth0 from eth0.9 " SAYS("0", "1", ""));
	assert_int_equal(pim_bed_iface(p, "eth0")->state, PIM_NO_ADDRESS);
	pim_bed_address(p, "eth0", "eth0.1", true);
	pim_bed_run(p, SEC(5));
	assert_said(p, "eth0 " SAYS("105", "2", ""));
}

/* RFC 7761 4.6.1: as good a metric, and now the higher address. */
static void another_address_in_asserts(struct pim_bed *p)
{
	pim_bed_reload(p, "rp-address rp1\nphyint eth0 pim\nphyint eth1 pim dr-priority 5\n");
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth1.3");
	pim_bed_hello(p, "eth1.4");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: J(*,g1) rp rp1");
	pim_bed_hear(p, "eth1.4", "Assert (*,g1) rpt preference 110 metric 20");
	assert_non_null(pim_bed_branch(p, "*", "g1", "eth1")->assert_);
	pim_bed_address(p, "eth1", "eth1/1", false);
	pim_bed_address(p, "eth1", "eth1.9", true);
	assert_non_null(pim_bed_branch(p, "*", "g1", "eth1")->assert_);
	pim_bed_address(p, "eth1", "eth1.1", false);
	assert_null(pim_bed_branch(p, "*", "g1", "eth1")->assert_);
}

static void goodbye(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, "phyint eth1 pim\n");
	assert_said(p, "eth0 " SAYS("0", "1", " secondary eth0/1"));
	assert_null(pim_bed_iface(p, "eth0"));
	pim_bed_run(p, SEC(5));
	pim_bed_said(p);
	sim_file(p->bed.k, BED_CONF, "");
	assert_true(bed_reload(&p->bed));
	assert_said(p, "eth1 " SAYS("0", "1", " secondary eth1/1"));
}

/* Who said nothing has no goodbye to say. */
static void no_goodbye(struct pim_bed *p)
{
	p->hellos = true;
	pim_bed_reload(p, "");
	assert_said(p, "");
	pim_bed_reload(p, ONE);
	begin(p);
	pim_bed_link(p, "eth0", false);
	pim_bed_reload(p, "");
	assert_said(p, "");
}

static void an_upgrade_says_no_goodbye(struct pim_bed *p)
{
	begin(p);
	pim_bed_restart(p);
	assert_said(p, "");
	pim_bed_run(p, SEC(5));
	assert_int_equal(p->pim->counters.sent[MSG_HELLO], 1);
}

/* Neighbors are to say again what leads to what it took over. */
static void what_was_taken_over_says_hello_at_once(struct pim_bed *p)
{
	begin(p);
	forward_to_eth1(p);
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
	pim_bed_restart(p);
	pim_bed_run(p, 1);
	assert_int_equal(pim_bed_iface(p, "eth0")->counters.sent[MSG_HELLO], 1);
	assert_int_equal(pim_bed_iface(p, "eth1")->counters.sent[MSG_HELLO], 1);
	assert_null(strstr(pim_bed_said(p), "holdtime 0"));
	/* but not for ever */
	pim_bed_run(p, SEC(600));
	pim_bed_link(p, "eth0", false);
	pim_bed_link(p, "eth0", true);
	pim_bed_run(p, 10);
	assert_int_equal(pim_bed_iface(p, "eth0")->has_spoken, false);
	pim_bed_run(p, SEC(5));
	assert_int_equal(pim_bed_iface(p, "eth0")->has_spoken, true);
}

/* Receiving */

/* A neighbor that begins anew with each Hello has few answers, but is answered in the end. */
static void a_new_genid_each_time(struct pim_bed *p)
{
	unsigned said;

	begin(p);
	pim_bed_hear(p, "eth0.2", "Hello holdtime 105 genid 1 priority 1");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_run(p, SEC(6));
	pim_bed_said(p);
	said = p->nsaid;
	for (unsigned n = 0; n < 100; n++) {
		pim_bed_hear(p, "eth0.2", "Hello holdtime 105 genid %u priority 1", n + 2);
		pim_bed_run(p, 100);
	}
	/* at once and each three seconds, a Hello and a Join */
	assert_in_range(p->nsaid - said, 7, 8);
	assert_int_equal(pim_bed_iface(p, "eth0")->counters.restarts, 99);
	pim_bed_said(p);
	pim_bed_run(p, SEC(3));
	assert_non_null(strstr(pim_bed_said(p), ": J(*,g1) rp rp1\n"));
	pim_bed_run(p, SEC(4));
	assert_said(p, "");
}

static void a_new_genid(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, "rp-address rp1\nphyint eth0 pim dr-priority 5\nphyint eth1 pim\n");
	pim_bed_hear(p, "eth0.2",
		     "Hello holdtime 105 genid 1 priority 10 delay 1000 "
		     "override 4000 secondary eth0/2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_run(p, SEC(6));
	assert_dr(p, "eth0.2");
	assert_int_equal(pim_bed_iface(p, "eth0")->override_interval, 4000);
	pim_bed_said(p);
	p->hellos = false;
	pim_bed_hear(p, "eth0.2", "Hello holdtime 105 genid 2 priority 1");
	assert_dr(p, "eth0.1");
	assert_neighbors(p, "eth0.2");
	assert_int_equal(pim_bed_iface(p, "eth0")->override_interval, PIM_OVERRIDE_INTERVAL);
	assert_int_equal(pim_bed_iface(p, "eth0")->propagation_delay, PIM_PROPAGATION_DELAY);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
	/* it has one where it had none; to have none any more means nothing */
	pim_bed_run(p, SEC(5));
	pim_bed_hear(p, "eth0.2", "Hello holdtime 105 priority 1");
	assert_said(p, "");
	pim_bed_hear(p, "eth0.2", "Hello holdtime 105 genid 2 priority 1");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
}

static void a_new_genid_of_a_winner(struct pim_bed *p)
{
	begin(p);
	forward_to_eth1(p);
	pim_bed_hello(p, "eth1.4");
	pim_bed_hear(p, "eth1.4", "Assert (s1,ssm1) preference 1 metric 1");
	assert_int_equal(pim_bed_branch(p, "s1", "ssm1", "eth1")->assert_->state, ASSERT_LOSER);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "ssm1"), "");
	pim_bed_hear(p, "eth1.4", "Hello holdtime 105 genid 99 " USUAL);
	assert_null(pim_bed_branch(p, "s1", "ssm1", "eth1")->assert_);
	assert_entry(p, "s1", "ssm1", "eth0 > eth1");
	/* or it goes */
	pim_bed_hear(p, "eth1.4", "Assert (s1,ssm1) preference 1 metric 1");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "ssm1"), "");
	pim_bed_hear(p, "eth1.4", "Hello holdtime 0");
	assert_null(pim_bed_branch(p, "s1", "ssm1", "eth1")->assert_);
	assert_entry(p, "s1", "ssm1", "eth0 > eth1");
}

static void secondary_addresses_are_heard(struct pim_bed *p)
{
	pim_bed_hear(p, "eth0.2", "Hello secondary eth0/2 eth0/3");
	assert_neighbors(p, "eth0.2 [eth0/2 eth0/3]");
	pim_bed_hear(p, "eth0.2", "Hello secondary eth0/4");
	assert_neighbors(p, "eth0.2 [eth0/4]");
	pim_bed_hear(p, "eth0.2", "Hello secondary eth0.2 eth0/5");
	assert_neighbors(p, "eth0.2 [eth0/5]");
	pim_bed_hello(p, "eth0.2");
	assert_neighbors(p, "eth0.2");
}

/* Next hops are found by them at once. */
static void secondary_addresses_are_next_hops(struct pim_bed *p)
{
	begin(p);
	p->hellos = false;
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth0.3");
	pim_bed_route(p, "rp1", "eth0/7");
	pim_bed_join(p, "eth1", "*", "g1");
	assert_said(p, "");
	pim_bed_hear(p, "eth0.2", "Hello holdtime 105 genid 0x3ea " USUAL " secondary eth0/7");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
	pim_bed_hear(p, "eth0.3", "Hello holdtime 105 genid 0x3eb " USUAL " secondary eth0/7");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: P(*,g1) rp rp1\n"
		       "eth0 Join/Prune to eth0.3 holdtime 210: J(*,g1) rp rp1\n");
}

static void the_newest_mapping_holds(struct pim_bed *p)
{
	pim_bed_hear(p, "eth0.2", "Hello secondary eth0/6 eth0/7");
	pim_bed_hear(p, "eth0.3", "Hello secondary eth0/7");
	assert_neighbors(p, "eth0.2 [eth0/6] eth0.3 [eth0/7]");
	assert_non_null(strstr(p->bed.said, "has the address"));
	for (unsigned n = 0; n < 100; n++) {
		pim_bed_hear(p, "eth0.2", "Hello secondary eth0/6 eth0/7");
		assert_neighbors(p, "eth0.2 [eth0/6 eth0/7] eth0.3");
		pim_bed_hear(p, "eth0.3", "Hello secondary eth0/7");
	}
	assert_true(strlen(p->bed.said) < 2000);
}

static void how_long(struct pim_bed *p)
{
	pim_bed_hear(p, "eth0.2", "Hello holdtime 7 alone");
	pim_bed_hear(p, "eth0.3", "Hello holdtime forever");
	/* without a Holdtime option */
	HEAR_OPTIONS(p, "eth0.4", 0, 20, 0, 4, 1, 2, 3, 4);
	assert_neighbors(p, "eth0.2 eth0.3 eth0.4");
	pim_bed_run(p, SEC(7) - 1);
	assert_neighbors(p, "eth0.2 eth0.3 eth0.4");
	pim_bed_run(p, 1);
	assert_neighbors(p, "eth0.3 eth0.4");
	pim_bed_run(p, SEC(98) - 1);
	assert_neighbors(p, "eth0.3 eth0.4");
	pim_bed_run(p, 1);
	assert_neighbors(p, "eth0.3");
	pim_bed_run(p, SEC(36000));
	assert_neighbors(p, "eth0.3");
	pim_bed_hear(p, "eth0.5", "Hello holdtime 0");
	assert_neighbors(p, "eth0.3");
	pim_bed_hear(p, "eth0.3", "Hello holdtime 0");
	assert_neighbors(p, "");
}

static void who_is_dr(struct pim_bed *p)
{
	assert_dr(p, "eth0.1");
	pim_bed_hear(p, "eth0.2", "Hello priority 1");
	assert_dr(p, "eth0.2");
	pim_bed_hear(p, "eth0.2", "Hello priority 0");
	assert_dr(p, "eth0.1");
	pim_bed_hear(p, "eth0.2", "Hello priority 4294967295");
	pim_bed_hear(p, "eth0.3", "Hello priority 2147483647");
	assert_dr(p, "eth0.2");
	pim_bed_hear(p, "eth0.3", "Hello alone");
	assert_dr(p, "eth0.3");
	pim_bed_hear(p, "eth0.2", "Hello priority 0");
	pim_bed_hear(p, "eth0.3", "Hello holdtime 0");
	assert_dr(p, "eth0.1");
	pim_bed_hear(p, "eth0.2", "Hello alone");
	assert_dr(p, "eth0.2");
}

static void when_it_changes(struct pim_bed *p)
{
	begin(p);
	p->hellos = false;
	pim_bed_hear(p, "eth0.2", "Hello holdtime 10 genid 1 priority 1");
	pim_bed_hello(p, "eth1.2");
	pim_bed_route(p, "rp1", "eth1.2");
	pim_bed_join(p, "eth0", "*", "g1");
	assert_string_equal(pim_bed_data(p, "eth0", "eth0.100", "g2"), "");
	assert_said(p, "");
	/* it dies */
	pim_bed_run(p, SEC(10) - 1);
	assert_said(p, "");
	pim_bed_run(p, 1);
	assert_dr(p, "eth0.1");
	assert_said(p, "eth1 Join/Prune to eth1.2 holdtime 210: J(*,g1) rp rp1\n");
	assert_string_equal(pim_bed_data(p, "eth0", "eth0.100", "g2"), TUNNEL_NAME);
	assert_non_null(strstr(pim_bed_said(p), " Register to rp1 (eth0.100,g2) 100 bytes\n"));
	/* it is back, and better */
	pim_bed_hear(p, "eth0.2", "Hello genid 1 priority 1");
	assert_said(p, "eth1 Join/Prune to eth1.2 holdtime 210: P(*,g1) rp rp1\n");
	assert_string_equal(pim_bed_data(p, "eth0", "eth0.100", "g2"), "");
	/* we are, by our own word */
	pim_bed_reload(p, "rp-address rp1\nphyint eth0 pim dr-priority 2\nphyint eth1 pim\n");
	assert_said(p, "eth1 Join/Prune to eth1.2 holdtime 210: J(*,g1) rp rp1\n");
	assert_string_equal(pim_bed_data(p, "eth0", "eth0.100", "g2"), TUNNEL_NAME);
	pim_bed_said(p);
	/* it says goodbye */
	pim_bed_reload(p, TWO);
	assert_dr(p, "eth0.2");
	pim_bed_said(p);
	pim_bed_hear(p, "eth0.2", "Hello holdtime 0");
	assert_said(p, "eth1 Join/Prune to eth1.2 holdtime 210: J(*,g1) rp rp1\n");
}

/* RFC 6395, RFC 8775, RFC 5384, RFC 6754, RFC 9186, one nobody knows; and a known one behind. */
static void unknown_options(struct pim_bed *p)
{
	HEAR_OPTIONS(p, "eth0.2", 0, 18, 0, 0, 0, 26, 0, 0, 0, 31, 0, 8, 0, 0, 0, 1, 10, 0, 0, 2, 0,
		     33, 0, 4, 0, 0, 0, 0, 0, 34, 0, 4, 1, 2, 3, 4, 0, 39, 0, 4, 0, 0, 0, 9, 0xfd,
		     0xe9, 0, 3, 1, 2, 3, 0, 21, 0, 4, 1, 60, 0, 0, 0, 22, 0, 0, 0, 19, 0, 4, 0, 0,
		     0, 7);
	assert_neighbors(p, "eth0.2");
	assert_int_equal(TAILQ_FIRST(&pim_bed_iface(p, "eth0")->neighbors)->said.dr_priority, 7);
	/* known ones with more than there should be */
	HEAR_OPTIONS(p, "eth0.3", 0, 1, 0, 4, 0, 60, 9, 9, 0, 19, 0, 6, 0, 0, 0, 3, 9, 9);
	assert_neighbors(p, "eth0.2 eth0.3");
	assert_int_equal(p->pim->counters.bad[MSG_BAD_LENGTH], 0);
}

static void malformed(struct pim_bed *p)
{
	/* an option that is longer than the message, one that is cut, and one that is too short */
	HEAR_OPTIONS(p, "eth0.2", 0, 1, 0, 2, 0, 105, 0, 77, 0, 200, 1);
	HEAR_OPTIONS(p, "eth0.2", 0, 1, 0, 2, 0, 105, 0, 77, 0);
	HEAR_OPTIONS(p, "eth0.2", 0, 1, 0, 1, 105);
	assert_neighbors(p, "");
	assert_int_equal(p->pim->counters.bad[MSG_BAD_LENGTH], 3);
	/* it goes on to be a neighbor */
	pim_bed_hello(p, "eth0.3");
	HEAR_OPTIONS(p, "eth0.3", 0, 1, 0, 2, 0, 0, 0, 1, 0, 1, 0);
	assert_neighbors(p, "eth0.3");
}

/* One that was routed is not of this link. */
static void only_of_the_link(struct pim_bed *p)
{
	struct msg_ends ends = { pim_bed_ip(p, "eth0.2"), msg_all_routers(p->af) };
	struct msg_hello m = { .holdtime = SEC(105) };
	uint8_t data[64];
	size_t len = msg_hello_encode(&ends, &m, data, sizeof(data));

	pim_bed_hear_bytes(p, "eth0.2", NULL, 2, data, len);
	pim_bed_hear_bytes(p, "eth0.2", NULL, 255, data, len);
	assert_neighbors(p, "");
	assert_int_equal(p->pim->counters.bad_ttl, 2);
	pim_bed_hear_bytes(p, "eth0.2", NULL, 1, data, len);
	assert_neighbors(p, "eth0.2");
}

static void delays(struct pim_bed *p)
{
	const struct pim_iface *i = pim_bed_iface(p, "eth0");

	assert_true(i->has_lan_delay);
	assert_int_equal(i->propagation_delay, 700);
	assert_int_equal(i->override_interval, 2000);
	/* both of others, and one of each; 15 and 16 bits */
	pim_bed_hear(p, "eth0.2", "Hello delay 600 override 3000");
	assert_int_equal(i->propagation_delay, 700);
	assert_int_equal(i->override_interval, 3000);
	pim_bed_hear(p, "eth0.3", "Hello delay 32767 override 65535");
	assert_int_equal(i->propagation_delay, 32767);
	assert_int_equal(i->override_interval, 65535);
	pim_bed_hear(p, "eth0.5", "Hello delay 100 override 100");
	assert_int_equal(i->propagation_delay, 32767);
	assert_int_equal(i->override_interval, 65535);
	/* of no use if one does not say it */
	pim_bed_hear(p, "eth0.4", "Hello priority 1");
	assert_false(i->has_lan_delay);
	assert_int_equal(i->propagation_delay, PIM_PROPAGATION_DELAY);
	assert_int_equal(i->override_interval, PIM_OVERRIDE_INTERVAL);
	pim_bed_hear(p, "eth0.4", "Hello holdtime 0");
	assert_true(i->has_lan_delay);
	assert_int_equal(i->override_interval, 65535);
}

static void delays_are_said(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, "phyint eth0 pim propagation-delay 1 override-interval 4.25\n");
	assert_said(p, "eth0 Hello holdtime 105 genid 1 priority 1 delay 1000 override 4250 "
		       "secondary eth0/1\n");
	assert_false(pim_bed_try(p, "phyint eth0 pim propagation-delay 0.009\n"));
	assert_false(pim_bed_try(p, "phyint eth0 pim propagation-delay 32.768\n"));
	assert_false(pim_bed_try(p, "phyint eth0 pim override-interval 65.536\n"));
	assert_true(pim_bed_try(p, "phyint eth0 pim propagation-delay 0.01\n"));
}

static void suppression(struct pim_bed *p)
{
	const struct pim_iface *i = pim_bed_iface(p, "eth0");

	begin(p);
	assert_true(i->has_suppression);
	pim_bed_reload(p, "phyint eth0 pim track-joins\n");
	assert_said(p, "eth0 Hello holdtime 105 genid 1 priority 1 delay 500 override 2500 "
		       "no-suppression secondary eth0/1\n");
	assert_false(i->has_suppression);
	pim_bed_hear(p, "eth0.2", "Hello delay 500 override 2500 no-suppression");
	pim_bed_hear(p, "eth0.3", "Hello delay 500 override 2500 no-suppression");
	assert_false(i->has_suppression);
	pim_bed_hear(p, "eth0.3", "Hello delay 500 override 2500");
	assert_true(i->has_suppression);
	pim_bed_hear(p, "eth0.3", "Hello delay 500 override 2500 no-suppression");
	assert_false(i->has_suppression);
	pim_bed_hear(p, "eth0.2", "Hello priority 1");
	assert_true(i->has_suppression);
}

static void hellos_alone_keep_a_neighbor(struct pim_bed *p)
{
	pim_bed_hear(p, "eth0.2", "Hello holdtime 10");
	pim_bed_run(p, SEC(9));
	pim_bed_hear(p, "eth0.2", "Join/Prune to eth0.1 holdtime 210: J(s1,ssm1)");
	pim_bed_hear(p, "eth0.2", "Assert (s1,ssm1) preference 1 metric 1");
	assert_int_equal(p->pim->counters.received[MSG_JOIN_PRUNE], 1);
	pim_bed_run(p, SEC(1) - 1);
	assert_neighbors(p, "eth0.2");
	pim_bed_run(p, 1);
	assert_neighbors(p, "");
}

/* It may be upstream. */
static void a_neighbor_that_comes_back(struct pim_bed *p)
{
	begin(p);
	pim_bed_hello(p, "eth0.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_said(p);
	p->hellos = false;
	pim_bed_hear(p, "eth0.2", "Hello holdtime 0");
	pim_bed_run(p, SEC(20));
	assert_said(p, "");
	pim_bed_hello(p, "eth0.2");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
}

static void most_secondary_addresses(struct pim_bed *p)
{
	struct msg_ends ends = { pim_bed_ip(p, "eth0.2"), msg_all_routers(p->af) };
	struct ip list[200] = { 0 };
	struct msg_hello m = { .holdtime = SEC(105), .secondary = list, .nsecondary = 200 };
	uint8_t data[5000];

	for (unsigned i = 0; i < NELEMS(list); i++) {
		list[i] = pim_bed_ip(p, "s1");
		list[i].b[14] = i + 1;
	}
	pim_bed_hear_bytes(p, "eth0.2", NULL, 1, data,
			   msg_hello_encode(&ends, &m, data, sizeof(data)));
	assert_int_equal(TAILQ_FIRST(&pim_bed_iface(p, "eth0")->neighbors)->nsecondary, 128);
	assert_int_equal(p->pim->counters.limited, 1);
	m.nsecondary = 129;
	pim_bed_hear_bytes(p, "eth0.2", NULL, 1, data,
			   msg_hello_encode(&ends, &m, data, sizeof(data)));
	assert_int_equal(TAILQ_FIRST(&pim_bed_iface(p, "eth0")->neighbors)->nsecondary, 128);
	assert_int_equal(p->pim->counters.limited, 2);
}

/* Two of our own interfaces on one link are no neighbors. */
static void heard_from_ourselves(struct pim_bed *p)
{
	pim_bed_hear(p, p->af == V4 ? "eth1.1@eth0" : "eth0.1", "Hello holdtime 105 genid 1");
	assert_int_equal(pim_bed_iface(p, "eth0")->nneighbors, 0);
}

/* All of a link together, but for a few. */
static void most_secondary_addresses_of_a_link(struct pim_bed *p)
{
	const struct neighbor *n;
	struct ip list[100] = { 0 };
	struct msg_hello m = { .holdtime = SEC(105), .secondary = list, .nsecondary = 100 };
	unsigned all = 0;
	uint8_t data[5000];
	char name[16];

	for (unsigned i = 0; i < 20; i++) {
		struct msg_ends ends = { .dst = msg_all_routers(p->af) };

		snprintf(name, sizeof(name), "eth0.%u", i + 2);
		ends.src = pim_bed_ip(p, name);
		for (unsigned k = 0; k < NELEMS(list); k++) {
			list[k] = pim_bed_ip(p, "s1");
			list[k].b[14] = k + 1;
			list[k].b[15] = i + 1;
		}
		pim_bed_hear_bytes(p, name, NULL, 1, data,
				   msg_hello_encode(&ends, &m, data, sizeof(data)));
	}
	TAILQ_FOREACH(n, &pim_bed_iface(p, "eth0")->neighbors, link)
		all += n->nsecondary;
	assert_int_equal(all, 1024 + 9 * 8);
	assert_int_equal(p->pim->counters.limited, 10);
}

/* Interfaces */

static void what_an_interface_had_goes_with_it(struct pim_bed *p)
{
	forward_to_eth1(p);
	pim_bed_link(p, "eth1", false);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: P(s1,ssm1)\n");
	pim_bed_link(p, "eth1", true);
	assert_said(p, "");
	assert_null(pim_bed_find(p, "s1", "ssm1"));
}

/* A source may be on its link. */
static void an_interface_that_begins(struct pim_bed *p)
{
	pim_bed_hello(p, "eth0.2");
	pim_bed_hear(p, "eth0.2", "Join/Prune to eth0.1 holdtime 210: J(eth1.100,ssm1)");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "ssm1"), "");
	pim_bed_reload(p, "phyint eth0 pim\nphyint eth1 pim passive\n");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "ssm1"), "eth0");
}

static void an_address_that_comes_and_goes(struct pim_bed *p)
{
	pim_bed_hello(p, "eth1.2");
	pim_bed_route(p, "rp1", "eth1.2");
	pim_bed_address(p, "eth0", "eth0/1", false);
	assert_string_equal(pim_bed_data(p, "eth0", "eth0/100", "g1"), "");
	pim_bed_address(p, "eth0", "eth0/1", true);
	assert_string_equal(pim_bed_data(p, "eth0", "eth0/100", "g1"), TUNNEL_NAME);
	pim_bed_address(p, "eth0", "eth0/1", false);
	assert_string_equal(pim_bed_data(p, "eth0", "eth0/100", "g1"), "");
}

/* What the configuration says */

static void one_hello_and_nothing_else(struct pim_bed *p)
{
	unsigned long writes;

	begin(p);
	forward_to_eth1(p);
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_run(p, SEC(11));
	pim_bed_said(p);
	writes = p->bed.k->writes;
	pim_bed_reload(p, "rp-address rp1\nphyint eth0 pim dr-priority 7\nphyint eth1 pim\n");
	assert_said(p, "eth0 Hello holdtime 105 genid 1 priority 7 delay 500 override 2500 "
		       "secondary eth0/1\n");
	pim_bed_reload(p, "rp-address rp1\nphyint eth0 pim dr-priority 7\nphyint eth1 pim\n");
	pim_bed_reload(p, "rp-address rp1\nphyint eth0 pim dr-priority 7 assert-time 100\n"
			  "phyint eth1 pim\n");
	assert_said(p, "");
	assert_int_equal(p->bed.k->writes, writes);
	assert_neighbors(p, "eth0.2");
}

static void passive(struct pim_bed *p)
{
	begin(p);
	assert_int_equal(pim_bed_iface(p, "eth1")->state, PIM_RUNS);
	pim_bed_hello(p, "eth1.2");
	assert_string_equal(neighbors(p, "eth1"), "");
	assert_true(pim_bed_iface(p, "eth1")->is_dr);
	p->hellos = false;
	pim_bed_hello(p, "eth0.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_join(p, "eth1", "*", "g1");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	/* nor an Assert */
	pim_bed_said(p);
	p->hellos = true;
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_null(strstr(pim_bed_said(p), "eth1"));
	/* no longer, and again */
	pim_bed_run(p, SEC(1));
	pim_bed_said(p);
	pim_bed_reload(p, TWO);
	pim_bed_hello(p, "eth1.2");
	assert_string_equal(neighbors(p, "eth1"), "eth1.2");
	pim_bed_run(p, SEC(5));
	assert_non_null(strstr(pim_bed_said(p), "eth1 Hello holdtime 105 genid 1 "));
	pim_bed_reload(p, "rp-address rp1\nphyint eth0 pim\nphyint eth1 pim passive\n");
	assert_non_null(strstr(pim_bed_said(p), "eth1 Hello holdtime 0 genid 1 "));
	assert_string_equal(neighbors(p, "eth1"), "");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
}

static void filter(struct pim_bed *p)
{
	begin(p);
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth0.3");
	assert_neighbors(p, "eth0.2 eth0.3");
	pim_bed_reload(p, ONE "neighbor-filter eth0.3 eth0.4\n");
	assert_neighbors(p, "eth0.3");
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth0.4");
	assert_neighbors(p, "eth0.3 eth0.4");
	assert_int_equal(pim_bed_iface(p, "eth0")->counters.filtered, 1);
}

static void an_address_that_becomes_ours(struct pim_bed *p)
{
	pim_bed_hear(p, "eth0.9", "Hello holdtime forever");
	assert_int_equal(pim_bed_iface(p, "eth0")->nneighbors, 1);
	pim_bed_address(p, "eth0", "eth0.9", true);
	assert_int_equal(pim_bed_iface(p, "eth0")->nneighbors, 0);
	assert_true(pim_bed_iface(p, "eth0")->is_dr);
}

static void limit(struct pim_bed *p)
{
	begin(p);
	pim_bed_reload(p, ONE "pim-limit neighbors 2\n");
	pim_bed_hello(p, "eth0.4");
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth0.3");
	assert_neighbors(p, "eth0.2 eth0.4");
	assert_int_equal(p->pim->counters.limited, 1);
	assert_non_null(strstr(p->bed.said, "no room for neighbor"));
	pim_bed_hear(p, "eth0.2", "Hello holdtime 0");
	pim_bed_hello(p, "eth0.3");
	assert_neighbors(p, "eth0.3 eth0.4");
}

/* What an interface has to be. */
static void states(struct pim_bed *p)
{
	struct link link = *sim_link_find(p->bed.k, 1);
	const struct pim_iface *i = pim_bed_iface(p, "eth0");

	begin(p);
	assert_int_equal(i->state, PIM_RUNS);
	pim_bed_reload(p, ONE "phyint eth0 disable\n");
	assert_said(p, "eth0 " SAYS("0", "1", " secondary eth0/1"));
	assert_int_equal(i->state, PIM_DISABLED);
	pim_bed_reload(p, ONE);
	pim_bed_run(p, SEC(5));
	assert_said(p, "eth0 " SAYS("105", "2", " secondary eth0/1"));
	link.multicast = false;
	sim_link(p->bed.k, &link);
	bed_work(&p->bed);
	assert_int_equal(i->state, PIM_UNSUITABLE);
	assert_said(p, "eth0 " SAYS("0", "2", " secondary eth0/1"));
	pim_bed_link(p, "eth0", false);
	link.up = false;
	link.multicast = true;
	sim_link(p->bed.k, &link);
	bed_work(&p->bed);
	assert_int_equal(i->state, PIM_DOWN);
	assert_said(p, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-27: on every interface, also point to point", NULL, everywhere),
		PIM_TEST("PIM-28: the first one at random", "phyint eth+ pim\n", first_at_random),
		PIM_TEST("PIM-28: then each period", ONE, then_each_period),
		PIM_TEST("PIM-28: a reload moves no timer", ONE, a_reload_moves_no_timer),
		PIM_TEST("PIM-29: holdtimes and periods", ONE, holdtimes),
		PIM_TEST("PIM-30: one comes before a Join", TWO, before_a_join),
		PIM_TEST("PIM-30: one comes before an Assert", TWO, before_an_assert),
		PIM_TEST("PIM-30: one that could not be sent", TWO, one_that_could_not_be_sent),
		PIM_TEST("PIM-28: nothing before the first", ONE, not_before_the_first),
		PIM_TEST("PIM-31: soon for a new neighbor", ONE, for_a_new_neighbor),
		PIM_TEST("PIM-32: at once if a Join is due", TWO, at_once_if_a_join_is_due),
		PIM_TEST("PIM-32: at once if an Assert is answered", TWO,
			 at_once_if_an_assert_is_answered),
		PIM_TEST("PIM-33: the priority is said", ONE, priority_is_said),
		PIM_TEST("PIM-34: a generation ID for each start", ONE, a_genid_for_each_start),
		PIM_TEST("PIM-34: what was missed is a start", ONE, what_was_missed_is_a_start),
		PIM_TEST("PIM-34: another name is another interface", ONE,
			 another_name_is_another_interface),
		PIM_TEST("PIM-35: a new generation ID", ONE, a_new_genid),
		PIM_TEST("PIM-35: a new generation ID each time",
			 "rp-address rp1\nphyint eth0 pim\nphyint eth1 pim\n",
			 a_new_genid_each_time),
		PIM_TEST("PIM-35: a new generation ID of an Assert's winner", TWO,
			 a_new_genid_of_a_winner),
		PIM_TEST("PIM-37, PIM-41: secondary addresses are said", ONE,
			 secondary_addresses_are_said),
		PIM_TEST("PIM-37: as many as there is room for", ONE, as_many_as_there_is_room_for),
		PIM_TEST("PIM-38: secondary addresses are heard", ONE,
			 secondary_addresses_are_heard),
		PIM_TEST("PIM-38, PIM-39: they are next hops", TWO,
			 secondary_addresses_are_next_hops),
		PIM_TEST("PIM-39: the newest mapping holds", ONE, the_newest_mapping_holds),
		PIM_TEST("PIM-40: another address", ONE, another_address),
		PIM_TEST("PIM-40: another address in Asserts", TWO, another_address_in_asserts),
		PIM_TEST("PIM-40: goodbye", ONE, goodbye),
		PIM_TEST("PIM-40: no goodbye", ONE, no_goodbye),
		PIM_TEST("PIM-40: an upgrade says no goodbye", ONE, an_upgrade_says_no_goodbye),
		PIM_TEST("PIM-28: what was taken over says Hello at once", TWO,
			 what_was_taken_over_says_hello_at_once),
		PIM_TEST("PIM-42, PIM-43: how long a neighbor is there", ONE, how_long),
		PIM_TEST("PIM-44: who is DR", ONE, who_is_dr),
		PIM_TEST("PIM-45: what follows when that changes", TWO, when_it_changes),
		PIM_TEST("PIM-46, PIM-52, PIM-202: unknown options", ONE, unknown_options),
		PIM_TEST("PIM-46: malformed ones", ONE, malformed),
		PIM_TEST("PIM-27: only of the link", ONE, only_of_the_link),
		PIM_TEST("PIM-47, PIM-48: delays of the link",
			 "phyint eth0 pim propagation-delay 0.7 override-interval 2\n", delays),
		PIM_TEST("PIM-36, PIM-48, PIM-49: delays are said", ONE, delays_are_said),
		PIM_TEST("PIM-50: suppression", ONE, suppression),
		PIM_TEST("PIM-51: Hellos alone keep a neighbor", ONE, hellos_alone_keep_a_neighbor),
		PIM_TEST("PIM-45: a neighbor that comes back", TWO, a_neighbor_that_comes_back),
		PIM_TEST("most secondary addresses", ONE, most_secondary_addresses),
		PIM_TEST("heard from ourselves", NULL, heard_from_ourselves),
		PIM_TEST("most secondary addresses of a link", ONE,
			 most_secondary_addresses_of_a_link),
		PIM_TEST("what an interface had goes with it", TWO,
			 what_an_interface_had_goes_with_it),
		PIM_TEST("an interface that begins", ONE, an_interface_that_begins),
		PIM_TEST("an address that comes and goes", TWO, an_address_that_comes_and_goes),
		PIM_TEST("another priority is one Hello and nothing else", TWO,
			 one_hello_and_nothing_else),
		PIM_TEST("passive interfaces",
			 "rp-address rp1\nphyint eth0 pim\nphyint eth1 pim passive\n", passive),
		PIM_TEST("neighbors that are not wanted", ONE, filter),
		PIM_TEST("a neighbor's address that becomes ours", ONE,
			 an_address_that_becomes_ours),
		PIM_TEST("most neighbors", ONE, limit),
		PIM_TEST("states of an interface", ONE, states),
	};

	return cmocka_run_group_tests_name("pim_hello_sim", tests, NULL, NULL);
}
