/* pim_cells.h - tests of what PIM joins and prunes, each for both families
 *
 * The router leads to rp1, s1 and s2 over eth0, where eth0.2 is the next hop and eth0.3 another
 * neighbor. eth1.2 is a neighbor downstream, the only one there unless a test has more say Hello.
 */
#ifndef SMCKIT_SIM_PIM_CELLS_H
#define SMCKIT_SIM_PIM_CELLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define CELLS_CONF "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nrp-address rp1\n"

struct cell {
	const char *name;
	void (*test)(struct pim_bed *p);
	const char *conf; /* NULL: CELLS_CONF */
};

/* Their Hellos have no end. */
static inline void neighbor(struct pim_bed *p, const char *name)
{
	pim_bed_hear(p, name, "Hello holdtime forever genid 1 priority 1 delay 500 override 2500");
}

static inline void cell_run(void **state)
{
	const struct cell *cell = *state;

	for (enum af af = V4; af <= V6; af++) {
		struct pim_bed *p = pim_bed_new(af, cell->conf ? cell->conf : CELLS_CONF);

		neighbor(p, "eth0.2");
		neighbor(p, "eth0.3");
		neighbor(p, "eth1.2");
		pim_bed_route(p, "rp1", "eth0.2");
		pim_bed_route(p, "s1", "eth0.2");
		pim_bed_route(p, "s2", "eth0.2");
		pim_bed_run(p, SEC(10));
		assert_said(p, "");
		cell->test(p);
		pim_bed_free(p);
	}
}

static inline int cells_run(const char *name, const struct cell *cells, unsigned n)
{
	struct CMUnitTest *tests = xcalloc(n, sizeof(*tests));
	int failed;

	for (unsigned i = 0; i < n; i++) {
		tests[i].name = cells[i].name;
		tests[i].test_func = cell_run;
		tests[i].initial_state = (void *)(uintptr_t)&cells[i];
	}
	failed = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
	free(tests);
	return failed;
}

/* A Join/Prune to that address, which comes from a neighbor. */
static inline void jp(struct pim_bed *p, const char *from, const char *to, const char *what)
{
	pim_bed_hear(p, from, "Join/Prune to %s %s", to, what);
}

/* The interface's downstream state; how long its timers run, 0: they do not. */
static inline unsigned down_state(struct pim_bed *p, const char *source, const char *ifname)
{
	const struct branch *b = pim_bed_branch(p, source, "g1", ifname);

	return b ? b->down : DOWN_NO_INFO;
}

static inline int64_t et(struct pim_bed *p, const char *source, const char *ifname)
{
	const struct branch *b = pim_bed_branch(p, source, "g1", ifname);

	return b ? timer_left(&p->bed.clock, &b->et) : 0;
}

static inline int64_t ppt(struct pim_bed *p, const char *source, const char *ifname)
{
	const struct branch *b = pim_bed_branch(p, source, "g1", ifname);

	return b && b->pending ? timer_left(&p->bed.clock, &b->pending->ppt) : 0;
}

#endif
