/* pim_register_rp_sim.c - Registers at an RP (RFC 7761 4.4.2), for both families
 *
 * DRs are eth0/9 and eth0/8, behind eth0, which also leads to s1 and s2. Routers that join are on
 * eth1 and eth2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define CONF "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"

#define AS_RP CONF "rp-address own\n"

#define STOP "routed from own Register-Stop to eth0/9 (s1,g1)\n"

static void ways(struct pim_bed *p)
{
	static const char *const neighbors[] = { "eth0.2", "eth1.3", "eth2.3" };

	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_route(p, "s2", "eth0.2");
	for (unsigned i = 0; i < NELEMS(neighbors); i++)
		pim_bed_hear(p, neighbors[i], "Hello holdtime forever genid 1 priority 0");
	pim_bed_run(p, SEC(5));
	assert_said(p, "");
}

static void join(struct pim_bed *p, const char *what)
{
	pim_bed_hear(p, "eth1.3", "Join/Prune to eth1.1 holdtime 210: %s", what);
}

/* How many copies of what is in it left by eth1, of all that left. */
static unsigned registered(struct pim_bed *p, const char *what)
{
	unsigned all = 0;

	memset(p->bed.out, 0, sizeof(p->bed.out));
	pim_bed_hear(p, "eth0/9", "Register to %s", what);
	for (unsigned i = 0; i < NELEMS(p->bed.out); i++)
		all += p->bed.out[i];
	assert_int_equal(p->bed.out[2], all);
	return all;
}

static int64_t kat(struct pim_bed *p, const char *source)
{
	const struct entry *e = pim_bed_find(p, source, "g1");

	return e ? timer_left(&p->bed.clock, &e->kat) : -1;
}

static const struct target *target_of(struct pim_bed *p, const char *name)
{
	const struct target *t;

	TAILQ_FOREACH(t, &p->pim->target_list, link) {
		if (ip_eq(t->ip, pim_bed_ip(p, name)))
			break;
	}
	return t;
}

/* Not for us, or not as an RP */

static void not_ours(struct pim_bed *p)
{
	ways(p);
	assert_int_equal(registered(p, "rp1 (s1,g1) 100 bytes"), 0);
	assert_said(p, "");
	assert_int_equal(p->pim->counters.not_for_me, 1);
	assert_null(pim_bed_find(p, "s1", "g1"));
}

static void not_the_address(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	assert_int_equal(registered(p, "eth1/1 (s1,g1) 100 bytes"), 0);
	assert_said(p, "routed from eth1/1 Register-Stop to eth0/9 (s1,g1)\n");
	assert_int_equal(p->pim->counters.register_wrong_rp, 1);
	assert_null(pim_bed_find(p, "s1", "g1"));
}

/* An address of an interface where no PIM is, which nobody asked for before. */
static void not_of_pim(struct pim_bed *p)
{
	ways(p);
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
	assert_int_equal(p->pim->counters.register_wrong_rp, 1);
	assert_int_equal(p->pim->counters.not_for_me, 0);
	assert_null(target_of(p, "own"));
}

static void not_the_rp(struct pim_bed *p)
{
	ways(p);
	assert_int_equal(registered(p, "eth1/1 (s1,g1) 100 bytes"), 0);
	assert_said(p, "routed from eth1/1 Register-Stop to eth0/9 (s1,g1)\n");
	assert_int_equal(p->pim->counters.register_wrong_rp, 1);
}

static void ssm(struct pim_bed *p)
{
	ways(p);
	join(p, "J(s1,ssm1)");
	pim_bed_said(p);
	assert_int_equal(registered(p, "own (s1,ssm1) 100 bytes"), 0);
	assert_said(p, "routed from own Register-Stop to eth0/9 (s1,ssm1)\n");
	assert_int_equal(p->pim->counters.ssm_refused, 1);
}

/* For us */

/* Nobody wants it: it is stopped, but known as long as DRs do not ask again. */
static void nobody_joined(struct pim_bed *p)
{
	ways(p);
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
	assert_int_equal(kat(p, "s1"), SEC(210));
	assert_entry(p, "s1", "g1", "none");
	pim_bed_run(p, SEC(200));
	join(p, "J(*,g1) rp own");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
}

static void nobody_joined_a_null(struct pim_bed *p)
{
	ways(p);
	assert_int_equal(registered(p, "own (s1,g1) null"), 0);
	assert_said(p, STOP);
	assert_int_equal(kat(p, "s1"), SEC(210));
	pim_bed_run(p, SEC(210));
	assert_null(pim_bed_find(p, "s1", "g1"));
}

/* RP_Keepalive_Period is what it has to be at least. */
static void a_short_keepalive(struct pim_bed *p)
{
	ways(p);
	registered(p, "own (s1,g1) null");
	assert_int_equal(kat(p, "s1"), SEC(185));
	join(p, "J(*,g1) rp own");
	pim_bed_run(p, SEC(100));
	registered(p, "own (s2,g1) null");
	assert_int_equal(kat(p, "s2"), SEC(100));
}

static void somebody_joined(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
	assert_int_equal(kat(p, "s1"), SEC(210));
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	assert_int_equal(registered(p, "own (s1,g1) null"), 0);
	assert_said(p, "");
	assert_entry(p, "s1", "g1", "pimreg > eth1");
}

/* Packets that the kernel had from where they should not come. */
static unsigned strayed(struct pim_bed *p)
{
	const char *wrong = strstr(bed_ask(&p->bed, "show routes detail"), "\"wrong\":");

	assert_non_null(wrong);
	return atoi(wrong + 8);
}

/* There is nobody to join the source's tree with. */
static void no_way(struct pim_bed *p)
{
	ways(p);
	pim_bed_route(p, "s1", "eth2.7");
	join(p, "J(*,g1) rp own J(s1,g1)");
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
		pim_bed_run(p, SEC(1));
	}
	assert_said(p, "");
}

/* There is, but nothing comes by it: the DR, which was told to stop, is not told again. */
static void a_way_without_data(struct pim_bed *p)
{
	nobody_joined(p);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_int_equal(registered(p, "own (s1,g1) null"), 0);
	assert_said(p, "");
	assert_entry(p, "s1", "g1", "pimreg > eth1");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "");
	pim_bed_run(p, 100);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	assert_int_equal(registered(p, "own (s1,g1) null"), 0);
	assert_said(p, STOP);
}

/* The same of a tree that was joined before we were the RP. */
static void another_way_without_data(struct pim_bed *p)
{
	ways(p);
	join(p, "J(s1,g1)");
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	pim_bed_reload(p, AS_RP);
	pim_bed_said(p);
	registered(p, "own (s1,g1) null");
	assert_said(p, "");
	assert_false(pim_bed_find(p, "s1", "g1")->spt);
	join(p, "J(*,g1) rp own");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	assert_said(p, "");
}

/* It does, so that data that was under way when the DR was told to stop is no sign of that. */
static void a_way_with_data(struct pim_bed *p)
{
	nobody_joined(p);
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	pim_bed_run(p, SEC(1));
	assert_int_equal(registered(p, "own (s1,g1) null"), 0);
	assert_said(p, STOP);
	assert_entry(p, "s1", "g1", "eth0 > eth1");
}

/* Then the source's own tree reaches us. */
static void on_its_tree(struct pim_bed *p)
{
	unsigned before;

	somebody_joined(p);
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, SEC(1));
	before = strayed(p);
	assert_entry(p, "s1", "g1", "eth0 > eth1");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
	pim_bed_run(p, SEC(1));
	assert_int_equal(registered(p, "own (s1,g1) null"), 0);
	assert_said(p, STOP);
	assert_int_equal(kat(p, "s1"), SEC(210));
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	/* and the kernel was given none of it */
	assert_int_equal(strayed(p), before);
}

/* Who joined S alone has it by its own tree, not by Registers. */
static void somebody_joined_the_source(struct pim_bed *p)
{
	ways(p);
	join(p, "J(s1,g1)");
	pim_bed_said(p);
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, "");
	assert_int_equal(kat(p, "s1"), SEC(210));
	pim_bed_data(p, "eth0", "s1", "g1");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
}

static void somebody_pruned_the_source(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own P(s1,g1,rpt)");
	pim_bed_run(p, SEC(3));
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
	assert_int_equal(registered(p, "own (s2,g1) 100 bytes"), 1);
}

/* All leave: DRs are stopped by the next Register. */
static void all_leave(struct pim_bed *p)
{
	somebody_joined(p);
	join(p, "P(*,g1) rp own");
	pim_bed_run(p, SEC(3));
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: P(s1,g1)\n");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
}

/* A stream that is not to leave the shared tree is never stopped. */
static void never_on_its_tree(struct pim_bed *p)
{
	ways(p);
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, "");
	assert_null(pim_bed_find(p, "s1", "g1"));
	join(p, "J(*,g1) rp own");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	assert_said(p, "");
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_entry(p, "s1", "g1", "pimreg > eth1");
}

/* But who is on it, since somebody joined the source, stays as long as the DR has it. */
static void on_its_tree_though_never(struct pim_bed *p)
{
	ways(p);
	join(p, "J(s1,g1)");
	pim_bed_data(p, "eth0", "s1", "g1");
	for (unsigned i = 0; i < 4; i++) {
		pim_bed_run(p, SEC(150));
		join(p, "J(s1,g1)");
	}
	pim_bed_said(p);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_int_equal(kat(p, "s1"), 0);
	assert_int_equal(registered(p, "own (s1,g1) null"), 0);
	assert_said(p, STOP);
	assert_int_equal(kat(p, "s1"), SEC(210));
}

/* A DR that speaks by its link's own address is answered there. */
static void of_the_link(struct pim_bed *p)
{
	ways(p);
	pim_bed_hear(p, "eth0.2", "Register to own (s1,g1) 100 bytes");
	assert_said(p, p->af == V4 ? "routed from own Register-Stop to eth0.2 (s1,g1)\n"
				   : "eth0 from own Register-Stop to eth0.2 (s1,g1)\n");
}

/* So many packets within a time, be they wanted or not, are too much for Registers. */
static void by_packets(struct pim_bed *p)
{
	ways(p);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	registered(p, "own (s1,g1) null");
	assert_said(p, "");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
	assert_int_equal(kat(p, "s1"), SEC(210));

	join(p, "J(*,g1) rp own");
	pim_bed_said(p);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(registered(p, "own (s2,g1) 100 bytes"), 1);
	pim_bed_run(p, SEC(10));
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(registered(p, "own (s2,g1) 100 bytes"), 1);
	assert_said(p, "");
	assert_int_equal(registered(p, "own (s2,g1) 100 bytes"), 1);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s2,g1)\n");
	assert_int_equal(kat(p, "s2"), SEC(210));
	pim_bed_run(p, SEC(20));
	assert_non_null(pim_bed_find(p, "s2", "g1"));
}

/* A stream that ended is measured anew, though its entry is there still. */
static void by_packets_again(struct pim_bed *p)
{
	ways(p);
	pim_bed_hear(p, "eth1.3",
		     "Join/Prune to eth1.1 holdtime forever: "
		     "J(*,g1) rp own P(s1,g1,rpt)");
	pim_bed_run(p, SEC(4));
	for (unsigned i = 0; i < 4; i++)
		registered(p, "own (s1,g1) 100 bytes");
	assert_said(p, STOP);
	pim_bed_run(p, SEC(220));
	assert_non_null(pim_bed_find(p, "s1", "g1"));
	assert_false(entry_is_alive(pim_bed_find(p, "s1", "g1")));
	registered(p, "own (s1,g1) 100 bytes");
	assert_said(p, "");
}

/* 8 kbit/s are 1000 bytes a second. */
static void by_rate(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	for (unsigned i = 0; i < 100; i++) {
		registered(p, "own (s1,g1) 500 bytes");
		pim_bed_run(p, 1000);
	}
	assert_said(p, "");
	for (unsigned i = 0; i < 30; i++) {
		registered(p, "own (s1,g1) 500 bytes");
		pim_bed_run(p, 100);
	}
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
	pim_bed_run(p, SEC(5));
	assert_int_equal(registered(p, "own (s2,g1) 100 bytes"), 1);
	pim_bed_run(p, SEC(11));
	assert_null(pim_bed_find(p, "s2", "g1"));
}

/* Stops are repeated, since one may be lost, but not for each packet; other DRs get their own. */
static void stops_are_few(struct pim_bed *p)
{
	ways(p);
	for (unsigned i = 0; i < 100; i++) {
		registered(p, "own (s1,g1) 100 bytes");
		pim_bed_run(p, 1);
	}
	assert_said(p, STOP);
	registered(p, "own (s1,g1) 100 bytes");
	assert_said(p, STOP);
	registered(p, "own (s2,g1) 100 bytes");
	assert_said(p, "routed from own Register-Stop to eth0/9 (s2,g1)\n");
	pim_bed_hear(p, "eth0/8", "Register to own (s1,g1) 100 bytes");
	assert_said(p, "routed from own Register-Stop to eth0/8 (s1,g1)\n");
}

/* RFC 7761 6.2 */
static void sources_are_filtered(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
	assert_int_equal(p->pim->counters.register_filtered, 1);
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_int_equal(registered(p, "own (s2,g1) 100 bytes"), 1);
}

/* Another process goes on: who wants it is not known yet, so it flows as it did. */
static void goes_on(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	pim_bed_restart(p);
	pim_bed_said(p);
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	assert_null(strstr(pim_bed_said(p), "Register-Stop"));
	pim_bed_run(p, SEC(600));
	pim_bed_said(p);
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
}

/* The same of what came by the source's tree, of which the first who is heard is pruned. */
static void its_tree_goes_on(struct pim_bed *p)
{
	nobody_joined(p);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	pim_bed_restart(p);
	pim_bed_hear(p, "eth2.3", "Hello holdtime forever genid 1 priority 0");
	pim_bed_hear(p, "eth2.3", "Join/Prune to eth2.1 holdtime 210: J(*,g1) rp own P(s1,g1,rpt)");
	registered(p, "own (s1,g1) null");
	assert_true(entry_is_alive(pim_bed_find(p, "s1", "g1")));
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
}

static void so_many_in_a_second(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), i < 3);
	assert_int_equal(p->pim->counters.register_limited, 2);
	pim_bed_run(p, SEC(1));
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
}

/* The group's entry is there; those of sources have no room, but their streams flow. */
static void no_room(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	assert_said(p, "");
	assert_int_equal(p->pim->counters.limited, 1);
	assert_int_equal(registered(p, "own (s1,g2) 100 bytes"), 0);
	assert_said(p, "routed from own Register-Stop to eth0/9 (s1,g2)\n");
}

/* Whoever sends Registers leaves room for Joins. */
static void registers_leave_room(struct pim_bed *p)
{
	ways(p);
	for (unsigned i = 0; i < 10; i++)
		pim_bed_hear(p, "eth0/9", "Register to own (s%u,g1) null", i + 1);
	assert_int_equal(p->pim->nentries, 7);
	assert_int_equal(p->pim->counters.limited, 3);
	join(p, "J(*,g1) rp own");
	assert_int_equal(p->pim->nentries, 8);
	pim_bed_said(p);
}

/* The RP is last hop */
static void listeners_at_the_rp(struct pim_bed *p)
{
	ways(p);
	pim_bed_join(p, "eth1", "*", "g1");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(s1,g1)\n");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 1);
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_run(p, SEC(1));
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	assert_int_equal(registered(p, "own (s1,g1) 100 bytes"), 0);
	assert_said(p, STOP);
}

/* The source is on a link of the RP whose DR is another, who registers it. */
static void a_source_at_the_rp(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp own");
	pim_bed_hear(p, "eth0.2", "Hello holdtime forever genid 1 priority 20");
	registered(p, "own (eth0.100,g1) 100 bytes");
	pim_bed_said(p);
	assert_string_equal(pim_bed_data(p, "eth0", "eth0.100", "g1"), "eth1");
	assert_int_equal(registered(p, "own (eth0.100,g1) 100 bytes"), 0);
	assert_said(p, "routed from own Register-Stop to eth0/9 (eth0.100,g1)\n");
}

/* And one where the RP is DR itself: there is nobody to register with. */
static void a_source_of_the_rp(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth2", "eth2.100", "g1"), "");
	join(p, "J(*,g1) rp own");
	assert_string_equal(pim_bed_data(p, "eth2", "eth2.100", "g1"), "eth1");
	assert_said(p, "");
}

/* An address of an interface may be that of the RP as well. */
static void the_address_of_an_interface(struct pim_bed *p)
{
	ways(p);
	join(p, "J(*,g1) rp eth1/1");
	assert_int_equal(registered(p, "eth1/1 (s1,g1) 100 bytes"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-65: a Register that is not for us", AS_RP, not_ours),
		PIM_TEST("PIM-66, PIM-71: to an address that is not the RP's", AS_RP,
			 not_the_address),
		PIM_TEST("PIM-66, PIM-71: to an address where no PIM is", CONF, not_of_pim),
		PIM_TEST("PIM-66, PIM-71: of a group without RP", CONF, not_the_rp),
		PIM_TEST("PIM-77: of a source-specific group", AS_RP, ssm),
		PIM_TEST("PIM-67, PIM-68: nobody joined", AS_RP, nobody_joined),
		PIM_TEST("PIM-68: nobody joined, Null-Register", AS_RP, nobody_joined_a_null),
		PIM_TEST("PIM-68: a short keepalive period", AS_RP "keepalive-period 100\n",
			 a_short_keepalive),
		PIM_TEST("PIM-68, PIM-69: somebody joined", AS_RP, somebody_joined),
		PIM_TEST("PIM-67, PIM-69: on the source's tree", AS_RP, on_its_tree),
		PIM_TEST("PIM-23, PIM-69: nobody leads to the source", AS_RP, no_way),
		PIM_TEST("PIM-23, PIM-67: its tree brings nothing", AS_RP, a_way_without_data),
		PIM_TEST("PIM-23, PIM-67: its tree brings nothing, the RP is another one",
			 CONF "rp-address rp1\n", another_way_without_data),
		PIM_TEST("PIM-23, PIM-67: its tree brings it", AS_RP, a_way_with_data),
		PIM_TEST("PIM-69: somebody joined the source", AS_RP, somebody_joined_the_source),
		PIM_TEST("PIM-67, PIM-69: somebody pruned the source", AS_RP,
			 somebody_pruned_the_source),
		PIM_TEST("PIM-67: all leave", AS_RP, all_leave),
		PIM_TEST("PIM-67: never on the source's tree", AS_RP "spt-threshold infinity\n",
			 never_on_its_tree),
		PIM_TEST("PIM-67, PIM-68: by a number of packets",
			 AS_RP "spt-threshold packets 3 interval 10\n", by_packets),
		PIM_TEST("PIM-67: by a number of packets, again",
			 AS_RP "spt-threshold packets 3 interval 10\n", by_packets_again),
		PIM_TEST("PIM-67, PIM-68: on its tree, though never so",
			 AS_RP "spt-threshold infinity\n", on_its_tree_though_never),
		PIM_TEST("PIM-67, PIM-69: after a restart", AS_RP, goes_on),
		PIM_TEST("PIM-67: on its tree, after a restart", AS_RP, its_tree_goes_on),
		PIM_TEST("PIM-71: of the link", AS_RP, of_the_link),
		PIM_TEST("PIM-67, PIM-68: by a rate", AS_RP "spt-threshold rate 8 interval 10\n",
			 by_rate),
		PIM_TEST("PIM-71: Register-Stops are few", AS_RP, stops_are_few),
		PIM_TEST("PIM-76: sources are filtered", AS_RP "register-filter s2\n",
			 sources_are_filtered),
		PIM_TEST("so many in a second", AS_RP "pim-limit registers 3\n",
			 so_many_in_a_second),
		PIM_TEST("no room for another entry", AS_RP "pim-limit entries 1\n", no_room),
		PIM_TEST("Registers leave room", AS_RP "pim-limit entries 8\n",
			 registers_leave_room),
		PIM_TEST("PIM-69: the RP is last hop", AS_RP, listeners_at_the_rp),
		PIM_TEST("PIM-67: a source on a link of the RP", AS_RP, a_source_at_the_rp),
		PIM_TEST("PIM-67: the RP is first hop", AS_RP, a_source_of_the_rp),
		PIM_TEST("PIM-66: the RP's address is that of an interface",
			 CONF "rp-address eth1/1\n", the_address_of_an_interface),
	};

	return cmocka_run_group_tests_name("pim_register_rp_sim", tests, NULL, NULL);
}
