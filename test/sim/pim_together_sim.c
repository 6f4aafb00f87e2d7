/* pim_together_sim.c - what comes within one turn, and so is seen as a whole */
#include "sim/pim_cells.h"

#define UP "eth0 Join/Prune to eth0.2 holdtime 210: "

/* A neighbor that leaves and is there again knows nothing, though it looks the same. */
static void there_again(struct pim_bed *p)
{
	jp(p, "eth1.2", "eth1.1", "holdtime forever: J(*,g1) rp rp1 J(s1,g2)");
	pim_bed_said(p);
	p->holds = true;
	pim_bed_hear(p, "eth0.2", "Hello holdtime 0");
	neighbor(p, "eth0.2");
	p->holds = false;
	pim_bed_run(p, 2500);
	assert_said(p, UP "J(*,g1) rp rp1 J(s1,g2)\n");
	/* once */
	jp(p, "eth1.2", "eth1.1", "holdtime forever: J(s2,g1)");
	jp(p, "eth1.2", "eth1.1", "holdtime forever: J(s1,g1)");
	assert_said(p, UP "J(s2,g1)\n" UP "J(s1,g1)\n");
	neighbor(p, "eth2.2");
	jp(p, "eth2.2", "eth2.1", "holdtime forever: J(*,g1) rp rp1 J(s1,g2)");
	assert_said(p, "");
}

int main(void)
{
	static const struct cell cells[] = {
		{ "PIM-93: a neighbor that is there again", there_again, NULL },
	};

	return cells_run("pim_together_sim", cells, NELEMS(cells));
}
