/* pim_bsr_sim.c - bootstrap routers: machines, checks, forwarding (RFC 5059 3.1, 3.4) */
#include <setjmp.h>
#include <stdio.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "pim-module/bsr.h"
#include "sim/pim_bed.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"

/* A neighbor on each of two links; the way to rp9 and rp8 leads over eth0.2, to rp7 over eth1.2. */
static void meet(struct pim_bed *p)
{
	pim_bed_run(p, SEC(2));
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth1.2");
	pim_bed_route(p, "rp9", "eth0.2");
	pim_bed_route(p, "rp8", "eth0.2");
	pim_bed_route(p, "rp7", "eth1.2");
	pim_bed_run(p, SEC(1));
	pim_bed_said(p);
}

static void forwards(struct pim_bed *p)
{
	meet(p);
	pim_bed_hear(p, "eth0.2",
		     "Bootstrap bsr rp9 priority 70 tag 5 hash 20 "
		     "[range1 rp1 0 holdtime 150 rp2 192 holdtime 150]");
	assert_said(p, "eth0 Bootstrap bsr rp9 priority 70 tag 5 hash 20 "
		       "[range1 rp1 0 holdtime 150 rp2 192 holdtime 150]\n"
		       "eth1 Bootstrap bsr rp9 priority 70 tag 5 hash 20 "
		       "[range1 rp1 0 holdtime 150 rp2 192 holdtime 150]\n");
	assert_int_equal(p->pim->rps.nmappings, 2);
}

static void elects(struct pim_bed *p)
{
	meet(p);
	assert_int_equal(pim_bed_wait(p, SEC(10)), SEC(2));
	assert_non_null(strstr(pim_bed_said(p), "eth0 Bootstrap bsr own priority 64"));
	assert_int_equal(TAILQ_FIRST(&p->pim->zones)->state, BSR_ELECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-152: a message leaves everywhere, back too", NULL, forwards),
		PIM_TEST("PIM-148: wins", IFACES "bsr-candidate own\n", elects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
