/* transition.c - what machines do, in the log and in the operators' feed */
#include "pim.h"

/* @what is for the log, @who the name of another router in the feed. */
static const struct {
	const char *kind, *what, *who;
	enum pim_area area;
} machines[] = {
	[MACHINE_DOWNSTREAM] = { "pim-downstream", "downstream", NULL, AREA_DOWNSTREAM },
	[MACHINE_DOWNSTREAM_RPT] = { "pim-downstream-rpt", "downstream rpt", NULL,
				     AREA_DOWNSTREAM },
	[MACHINE_UPSTREAM] = { "pim-upstream", "upstream", "neighbor", AREA_UPSTREAM },
	[MACHINE_UPSTREAM_RPT] = { "pim-upstream-rpt", "upstream rpt", NULL, AREA_UPSTREAM },
	[MACHINE_ASSERT] = { "assert", "assert", "winner", AREA_ASSERT },
	[MACHINE_REGISTER] = { "register", "register", "rp", AREA_REGISTER },
};

void transition_tell(const struct entry *e, const struct transition *t)
{
	struct pim *pim = e->pim;
	struct host *host = pim->engine.host;
	const char *who = machines[t->machine].who;
	bool has_who = who && !ip_is_any(t->who);

	log_debug(pim->log[machines[t->machine].area], "%s %s: %s %s -> %s on %s",
		  pim_ifname(pim, t->slot), sg_str(&e->sg), machines[t->machine].what, t->from,
		  t->to, t->why);
	if (pim->is_ending || !host->op->is_monitored(host))
		return;
	host->op->event(host, machines[t->machine].kind, "interface",
			t->slot == NOSLOT ? NULL : pim_ifname(pim, t->slot), "source",
			entry_is_star(e) ? "*" : ip_str(e->sg.src), "group", ip_str(e->sg.grp),
			"state", t->to, "reason", t->why, has_who ? who : NULL,
			has_who ? ip_str(t->who) : NULL, NULL);
}
