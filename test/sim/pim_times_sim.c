/* pim_times_sim.c - times of RFC 7761 4.11, and that words of an interface are of that one alone */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define WORDS                                                                        \
	"hello-interval 10 hello-delay 0.2 propagation-delay 1 override-interval 4 " \
	"join-prune-interval 20 assert-time 100 assert-override-interval 10"

#define CONF "phyint eth0 pim\nphyint eth1 pim " WORDS "\nphyint eth2 pim\n"

/* Seconds but one, on two interfaces of one router. */
static const struct times {
	const char *ifname;
	int64_t hello, hello_ms, jp_override, override, join, assert_, assert_override;
	const char *hello_says, *join_says;
} times[] = {
	{ "eth0", 30, 5000, 3, 2, 60, 180, 3,
	  "eth0 Hello holdtime 105 genid 1 priority 1 delay 500 override 2500 secondary eth0/1\n",
	  "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n" },
	{ "eth1", 10, 200, 5, 4, 20, 100, 10,
	  "eth1 Hello holdtime 35 genid 1 priority 1 delay 1000 override 4000 secondary eth1/1\n",
	  "eth1 Join/Prune to eth1.2 holdtime 70: J(*,g1) rp rp1\n" },
};

/* A text about the interface, "%s.2": it lives until four calls later. */
static const char *on(const struct times *t, const char *format)
{
	static char text[4][200];
	static unsigned n;

	n = (n + 1) % NELEMS(text);
	snprintf(text[n], sizeof(text[n]), format, t->ifname, t->ifname, t->ifname);
	return text[n];
}

/* What it says next is that: how long it took, an hour at most. */
static int64_t until(struct pim_bed *p, const char *text)
{
	int64_t ms = 0;

	do {
		ms += pim_bed_wait(p, SEC(3600));
		assert_in_range(ms, 0, SEC(3600));
	} while (!strstr(pim_bed_said(p), text));
	return ms;
}

/* Neighbors that stay; and a way over the first one of the interface. */
static void neighbors(struct pim_bed *p, const struct times *t)
{
	pim_bed_hear(p, on(t, "%s.2"),
		     "Hello holdtime forever genid 1 priority 1 delay 500 "
		     "override 2500");
	pim_bed_hear(p, on(t, "%s.3"),
		     "Hello holdtime forever genid 2 priority 1 delay 500 "
		     "override 2500");
	pim_bed_hear(p, "eth2.2", "Hello holdtime forever genid 3 priority 0");
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
}

static void each(struct pim_bed *p, void (*test)(struct pim_bed *p, const struct times *t))
{
	for (unsigned i = 0; i < NELEMS(times); i++) {
		neighbors(p, &times[i]);
		test(p, &times[i]);
	}
}

static void hello_times(struct pim_bed *p, const struct times *t)
{
	int64_t longest = 0;

	p->hellos = true;
	until(p, t->hello_says);
	assert_int_equal(until(p, t->hello_says), SEC(t->hello));
	assert_int_equal(until(p, t->hello_says), SEC(t->hello));
	for (unsigned i = 0; i < 20; i++) {
		int64_t ms;

		pim_bed_run(p, SEC(3)); /* more often it is not answered */
		pim_bed_said(p);
		pim_bed_hear(p, on(t, "%s.9"), "Hello holdtime forever genid %u priority 1",
			     100 + i);
		ms = until(p, t->hello_says);
		longest = ms > longest ? ms : longest;
	}
	/* three neighbors, of whom each has 100 ms of it */
	assert_in_range(longest, 150, t->hello_ms < 300 ? t->hello_ms : 300);
	pim_bed_hear(p, on(t, "%s.9"), "Hello holdtime 0");
	p->hellos = false;
}

/* Nobody objects. */
static void prune_times(struct pim_bed *p, const struct times *t)
{
	pim_bed_hear(p, on(t, "%s.3"), "Join/Prune to %s.1 holdtime 210: J(s1,ssm1)", t->ifname);
	pim_bed_hear(p, on(t, "%s.3"), "Join/Prune to %s.1 holdtime 210: P(s1,ssm1)", t->ifname);
	assert_int_equal(until(p, on(t, "Join/Prune to %s.1")), SEC(t->jp_override));
}

static void hellos(struct pim_bed *p)
{
	each(p, hello_times);
	each(p, prune_times);
}

/* Another router joins when this one did, and prunes. */
static void join_times(struct pim_bed *p, const struct times *t)
{
	const char *others = on(t, "%s.3");
	int64_t longest = 0;

	pim_bed_route(p, "rp1", on(t, "%s.2"));
	pim_bed_run(p, 1);
	pim_bed_said(p);
	assert_in_range(until(p, t->join_says), SEC(t->join) - 1000, SEC(t->join));
	for (unsigned i = 0; i < 20; i++) {
		int64_t ms;

		pim_bed_hear(p, others, "Join/Prune to %s.2 holdtime 210: J(*,g1) rp rp1",
			     t->ifname);
		assert_in_range(until(p, t->join_says), t->join * 1100 - 1000, t->join * 1400);
		pim_bed_hear(p, others, "Join/Prune to %s.2 holdtime 210: P(*,g1) rp rp1",
			     t->ifname);
		ms = until(p, t->join_says);
		longest = ms > longest ? ms : longest;
	}
	assert_in_range(longest, SEC(t->override) / 2, SEC(t->override) + 500);
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
}

static void joins(struct pim_bed *p)
{
	pim_bed_hello(p, "eth2.3");
	pim_bed_hear(p, "eth2.3", "Join/Prune to eth2.1 holdtime forever: J(*,g1) rp rp1");
	each(p, join_times);
}

/* Another router forwards to the link, too, and loses; another one wins. */
static void assert_times(struct pim_bed *p, const struct times *t)
{
	pim_bed_hear(p, on(t, "%s.3"), "Join/Prune to %s.1 holdtime forever: J(s1,ssm1)",
		     t->ifname);
	pim_bed_data(p, "eth2", "s1", "ssm1");
	pim_bed_data(p, t->ifname, "s1", "ssm1");
	assert_non_null(strstr(pim_bed_said(p), on(t, "%s Assert (s1,ssm1) preference 110")));
	assert_int_equal(until(p, "Assert"), SEC(t->assert_ - t->assert_override));
	assert_entry(p, "s1", "ssm1", on(t, "eth2 > %s"));
	pim_bed_hear(p, on(t, "%s.2"), "Assert (s1,ssm1) preference 1 metric 1");
	pim_bed_run(p, SEC(t->assert_) - 1);
	assert_string_not_equal(pim_bed_entry(p, "s1", "ssm1"), on(t, "eth2 > %s"));
	pim_bed_run(p, 1);
	assert_entry(p, "s1", "ssm1", on(t, "eth2 > %s"));
	pim_bed_hear(p, on(t, "%s.3"), "Join/Prune to %s.1 holdtime 210: P(s1,ssm1)", t->ifname);
	pim_bed_run(p, SEC(10));
}

static void asserts(struct pim_bed *p)
{
	pim_bed_route(p, "s1", "eth2.2");
	each(p, assert_times);
}

/* The source is on a link of the router, and falls silent; the RP wants nothing of it. */
static void registers(struct pim_bed *p)
{
	int64_t shortest = SEC(3600), longest = 0;
	const struct entry *e;

	neighbors(p, &times[0]);
	pim_bed_route(p, "rp1", "eth2.2");
	pim_bed_data(p, "eth0", "eth0.100", "g1");
	e = pim_bed_find(p, "eth0.100", "g1");
	assert_int_equal(timer_left(&p->bed.clock, &e->kat), SEC(210));
	for (unsigned i = 0; i < 60; i++) {
		const char *own = p->af == V4 ? "eth0.1" : "eth0/1";
		int64_t ms;

		pim_bed_hear(p, "rp1@eth2", "Register-Stop to %s (eth0.100,g1)", own);
		ms = until(p, " null\n");
		shortest = ms < shortest ? ms : shortest;
		longest = ms > longest ? ms : longest;
		pim_bed_data(p, "eth0", "eth0.100", "g1");
	}
	assert_in_range(shortest, SEC(25), SEC(35));
	assert_in_range(longest, SEC(75), SEC(85));
	assert_int_equal(e->register_->state, REGISTER_JOIN_PENDING);
	pim_bed_run(p, SEC(5) - 1);
	assert_int_equal(e->register_->state, REGISTER_JOIN_PENDING);
	pim_bed_run(p, 1);
	assert_int_equal(e->register_->state, REGISTER_JOIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-143, PIM-146: Hellos and delays", CONF, hellos),
		PIM_TEST("PIM-144, PIM-146: Joins and Prunes", CONF "rp-address rp1\n", joins),
		PIM_TEST("PIM-145, PIM-146: Asserts", CONF, asserts),
		PIM_TEST("PIM-145: data and Registers",
			 "phyint eth0 pim dr-priority 9\nphyint eth2 pim\nrp-address rp1\n",
			 registers),
	};

	return cmocka_run_group_tests_name("pim_times_sim", tests, NULL, NULL);
}
