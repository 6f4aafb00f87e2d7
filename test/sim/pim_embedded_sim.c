/* pim_embedded_sim.c - RPs within groups (RFC 3956), as one of their routers has them
 *
 * IPv6 alone. The tree of rp1 leads over eth0.2, that of rp2 over eth0.3; eth1 has another router,
 * eth2 none.
 */
#include "sim/pim_cells.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"

/* Groups within which rp1, rp2 and our own address are, and one whose RP cannot be. */
#define OF_RP1 "ff7e:130:2001:db8:8::1234"
#define ALSO_OF_RP1 "ff7e:130:2001:db8:8::5678"
#define OF_RP2 "ff7e:230:2001:db8:8::1234"
#define OF_OWN "ff7e:130:2001:db8:7::1234"
#define OF_NOBODY "ff7e:30:2001:db8:8::1234"

#define TO_RP1 "eth0 Join/Prune to eth0.2 holdtime 210: "
#define TO_RP2 "eth0 Join/Prune to eth0.3 holdtime 210: "

static struct pim_bed *begin(const char *conf)
{
	struct pim_bed *p = pim_bed_new(V6, conf);

	neighbor(p, "eth0.2");
	neighbor(p, "eth0.3");
	neighbor(p, "eth1.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_route(p, "rp2", "eth0.3");
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_run(p, SEC(10));
	assert_said(p, "");
	return p;
}

/* A listener's, and a router's; nothing was configured. */
static void joined(void **state)
{
	struct pim_bed *p = begin(IFACES);

	(void)state;
	pim_bed_join(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(*," OF_RP1 ") rp rp1\n");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*," OF_RP2 ") rp rp2");
	pim_bed_run(p, 1);
	assert_said(p, TO_RP2 "J(*," OF_RP2 ") rp rp2\n");
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*," ALSO_OF_RP1 ") rp rp2");
	pim_bed_run(p, 1);
	assert_said(p, "");
	assert_int_equal(p->pim->counters.wrong_rp, 1);
	assert_int_equal(p->pim->nembedded, 2);
	pim_bed_leave(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, SEC(300));
	assert_int_equal(p->pim->nembedded, 0);
	pim_bed_free(p);
}

/* Whatever others say, of however long a range. */
static void before_all_else(void **state)
{
	struct pim_bed *p = begin(IFACES "rp-address rp2\nrp-address rp2 " OF_RP1 "/128\n"
					 "rp-static-first\nssm-range ff70::/12\n");

	(void)state;
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*," OF_RP1 ") rp rp1");
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(*," OF_RP1 ") rp rp1\n");
	pim_bed_reload(p, IFACES "rp-address rp2\n");
	pim_bed_join(p, "eth2", "*", OF_NOBODY);
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	assert_null(pim_bed_find(p, "*", OF_NOBODY)->target);
	assert_int_equal(p->pim->counters.rp_filtered, 1);
	pim_bed_free(p);
}

/* Then such groups are like any other. */
static void off(void **state)
{
	struct pim_bed *p = begin(IFACES "rp-address rp2\nembedded-rp off\n");

	(void)state;
	pim_bed_join(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, 1);
	assert_said(p, TO_RP2 "J(*," OF_RP1 ") rp rp2\n");
	pim_bed_reload(p, IFACES "rp-address rp2\n");
	pim_bed_run(p, 1);
	assert_non_null(strstr(pim_bed_said(p), TO_RP1 "J(*," OF_RP1 ") rp rp1\n"));
	assert_int_equal(p->pim->nembedded, 1);
	pim_bed_reload(p, IFACES "embedded-rp off\n");
	pim_bed_run(p, 1);
	assert_int_equal(p->pim->nembedded, 0);
	assert_null(pim_bed_find(p, "*", OF_RP1)->target);
	pim_bed_free(p);
}

static void registered(struct pim_bed *p, const char *group, const char *said)
{
	pim_bed_data(p, "eth2", "eth2.100", group);
	pim_bed_run(p, 1);
	pim_bed_data(p, "eth2", "eth2.100", group);
	pim_bed_run(p, 1);
	if (said)
		assert_non_null(strstr(pim_bed_said(p), said));
	else
		assert_said(p, "");
}

/* By the DR of a source, which needs it as well. */
static void registers(void **state)
{
	struct pim_bed *p = begin(IFACES "embedded-rp limit 1\n");

	(void)state;
	registered(p, OF_RP1, "Register to rp1 (eth2.100," OF_RP1 ")");
	assert_int_equal(p->pim->nembedded, 1);
	registered(p, ALSO_OF_RP1, "Register to rp1 (eth2.100," ALSO_OF_RP1 ")");
	assert_int_equal(p->pim->nembedded, 1);
	registered(p, OF_RP2, NULL);
	registered(p, OF_NOBODY, NULL);
	/* the one that waited is there for as long as it is held to flow */
	pim_bed_run(p, SEC(900));
	assert_int_equal(p->pim->nembedded, 0);
	pim_bed_said(p);
	registered(p, OF_RP2, "Register to rp2 (eth2.100," OF_RP2 ")");
	pim_bed_free(p);
}

/* RPs, not groups, are counted; when one is not needed any more there is room for another. */
static void limited(void **state)
{
	struct pim_bed *p = begin(IFACES "rp-address rp1\nembedded-rp limit 1\n");

	(void)state;
	pim_bed_join(p, "eth2", "*", OF_RP1);
	pim_bed_join(p, "eth2", "*", ALSO_OF_RP1);
	pim_bed_join(p, "eth2", "*", OF_RP2);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, SEC(1));
	assert_null(strstr(pim_bed_said(p), OF_RP2));
	assert_int_equal(p->pim->counters.limited, 1);
	assert_int_equal(p->pim->nembedded, 1);
	assert_non_null(pim_bed_find(p, "*", "g1")->target);
	assert_non_null(pim_bed_find(p, "*", ALSO_OF_RP1)->target);
	pim_bed_leave(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, SEC(10));
	assert_null(strstr(pim_bed_said(p), OF_RP2));
	assert_false(timer_is_running(&p->pim->embedded_again));
	pim_bed_leave(p, "eth2", "*", ALSO_OF_RP1);
	pim_bed_run(p, SEC(10));
	assert_non_null(strstr(pim_bed_said(p), TO_RP2 "J(*," OF_RP2 ") rp rp2\n"));
	assert_int_equal(p->pim->nembedded, 1);
	pim_bed_reload(p, IFACES "rp-address rp1\nembedded-rp limit 2\n");
	pim_bed_join(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, 1);
	assert_non_null(strstr(pim_bed_said(p), TO_RP1 "J(*," OF_RP1 ") rp rp1\n"));
	pim_bed_free(p);
}

/* Each that is not needed any more makes room for another one, as long as some wait. */
static void one_after_another(void **state)
{
	struct pim_bed *p = begin(IFACES "embedded-rp limit 1\n");

	(void)state;
	pim_bed_join(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(*," OF_RP1 ") rp rp1\n");
	pim_bed_join(p, "eth2", "*", OF_OWN);
	pim_bed_join(p, "eth2", "*", OF_RP2);
	pim_bed_run(p, 1);
	pim_bed_leave(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, SEC(10));
	assert_true(pim_bed_find(p, "*", OF_OWN)->target->own);
	assert_null(pim_bed_find(p, "*", OF_RP2)->target);
	pim_bed_leave(p, "eth2", "*", OF_OWN);
	pim_bed_run(p, SEC(10));
	assert_non_null(strstr(pim_bed_said(p), TO_RP2 "J(*," OF_RP2 ") rp rp2\n"));
	assert_int_equal(p->pim->counters.limited, 2);
	pim_bed_free(p);
}

/* All streams are looked at for that, but not each time. */
static void not_too_often(void **state)
{
	struct pim_bed *p = begin(IFACES "embedded-rp limit 1\n");

	(void)state;
	pim_bed_join(p, "eth2", "*", OF_RP1);
	pim_bed_join(p, "eth2", "*", OF_OWN);
	pim_bed_join(p, "eth2", "*", OF_RP2);
	pim_bed_run(p, SEC(10));
	pim_bed_leave(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, 500);
	pim_bed_leave(p, "eth2", "*", OF_OWN);
	while (!pim_bed_find(p, "*", OF_OWN)->target)
		pim_bed_run(p, 1);
	while (pim_bed_find(p, "*", OF_OWN))
		pim_bed_run(p, 1);
	pim_bed_run(p, 400);
	assert_null(pim_bed_find(p, "*", OF_RP2)->target);
	pim_bed_run(p, 200);
	assert_non_null(pim_bed_find(p, "*", OF_RP2)->target);
	/* when nobody waits any more, not at all */
	pim_bed_run(p, SEC(3));
	assert_false(timer_is_running(&p->pim->embedded_again));
	pim_bed_leave(p, "eth2", "*", OF_RP2);
	pim_bed_run(p, SEC(10));
	assert_int_equal(p->pim->nembedded, 0);
	assert_false(timer_is_running(&p->pim->embedded_again));
	pim_bed_free(p);
}

/* The same of a source, which waits to be registered. */
static void a_source_waits(void **state)
{
	struct pim_bed *p = begin(IFACES "embedded-rp limit 1\n");

	(void)state;
	pim_bed_join(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, 1);
	pim_bed_said(p);
	registered(p, OF_RP2, NULL);
	pim_bed_leave(p, "eth2", "*", OF_RP1);
	pim_bed_run(p, SEC(10));
	assert_non_null(strstr(pim_bed_said(p), TO_RP1 "P(*," OF_RP1 ") rp rp1\n"));
	registered(p, OF_RP2, "Register to rp2 (eth2.100," OF_RP2 ")");
	pim_bed_free(p);
}

/* Of RPs that are believed, for groups that are. */
static void filtered(void **state)
{
	struct pim_bed *p = begin(IFACES "rp-filter rp1/128 ff7e:130::/32\n");

	(void)state;
	pim_bed_join(p, "eth2", "*", OF_RP1);
	pim_bed_join(p, "eth2", "*", OF_RP2);
	pim_bed_run(p, 1);
	assert_said(p, TO_RP1 "J(*," OF_RP1 ") rp rp1\n");
	assert_int_equal(p->pim->counters.rp_filtered, 1);
	pim_bed_reload(p, IFACES "rp-filter rp1/128 ff75::/16\n");
	pim_bed_run(p, 1);
	assert_int_equal(p->pim->nembedded, 0);
	pim_bed_reload(p, IFACES);
	pim_bed_run(p, 1);
	assert_int_equal(p->pim->nembedded, 2);
	pim_bed_free(p);
}

/* We are it, by an address that nobody asked for before the first message. */
static void we_are_it(void **state)
{
	struct pim_bed *p = begin(IFACES);

	(void)state;
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1," OF_OWN ") 100 bytes");
	pim_bed_run(p, 1);
	assert_said(p, "routed from own Register-Stop to rp2 (s1," OF_OWN ")\n");
	assert_int_equal(p->pim->counters.not_for_me, 0);
	assert_false(p->pim->listens);
	pim_bed_join(p, "eth2", "*", OF_OWN);
	pim_bed_run(p, 1);
	assert_true(p->pim->listens);
	assert_non_null(strstr(pim_bed_said(p), "J(s1," OF_OWN ")"));
	pim_bed_hear(p, "rp2@eth0", "Register to own (s2," OF_OWN ") 100 bytes");
	pim_bed_run(p, 1);
	assert_int_equal(p->bed.out[3], 1);
	pim_bed_hear(p, "rp2@eth0", "Register to own (s1," OF_RP1 ") 100 bytes");
	pim_bed_run(p, 1);
	assert_int_equal(p->pim->counters.register_wrong_rp, 1);
	pim_bed_leave(p, "eth2", "*", OF_OWN);
	pim_bed_run(p, SEC(300));
	assert_false(p->pim->listens);
	pim_bed_free(p);
}

#define CHECK(name, test)                    \
	{                                    \
		name, test, NULL, NULL, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK("PIM-194: joined", joined),
		CHECK("PIM-195, PIM-196: before all else", before_all_else),
		CHECK("PIM-194: off", off),
		CHECK("PIM-194: registers", registers),
		CHECK("PIM-194: limited", limited),
		CHECK("PIM-194: one after another", one_after_another),
		CHECK("PIM-194: a source waits", a_source_waits),
		CHECK("PIM-194: not too often", not_too_often),
		CHECK("PIM-194, PIM-196: filtered", filtered),
		CHECK("PIM-194: we are it", we_are_it),
	};

	return cmocka_run_group_tests_name("pim_embedded_sim", tests, NULL, NULL);
}
