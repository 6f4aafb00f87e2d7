/* systems.c - what pimd calls the parts of itself that are logged: -d of its command line */
#include <string.h>

#include "systems.h"

/* What is not there, or not told by itself, has no area. */
static const struct {
	const char *name, *area[3];
} systems[] = {
	{ "all", { 0 } },
	{ "asserts", { "pim-assert" } },
	{ "bsr", { "pim-bsr" } },
	{ "crp", { "pim-bsr", "pim-rp" } },
	{ "detail", { 0 } },
	{ "igmp", { "gm" } },
	{ "interfaces", { "router", "pim-neighbor" } },
	{ "jp", { "pim-downstream", "pim-upstream" } },
	{ "kernel", { "linux", "mfc" } },
	{ "mfc", { "mfc" } },
	{ "mrt", { "mfc" } },
	{ "neighbors", { "pim-neighbor" } },
	{ "packets", { "pim", "gm" } },
	{ "pim", { "pim" } },
	{ "prunes", { "pim-downstream", "pim-upstream" } },
	{ "registers", { "pim-register" } },
	{ "rpf", { "pim-rpf" } },
	{ "rsrr", { 0 } },
	{ "timers", { 0 } },
	{ "traceroute", { 0 } },
};

/* The number of the one with that name, or the start of it; NELEMS(systems): none. */
static unsigned find(const char *name, size_t len)
{
	unsigned i = 0;

	while (i < NELEMS(systems) && (!len || strncmp(systems[i].name, name, len)))
		i++;
	return i;
}

bool pimd_systems(const char *list, struct buf *areas, bool *all)
{
	for (;; list++) {
		size_t len = strcspn(list, ",");
		unsigned i = find(list, len);

		/* as it was called before */
		if (len > 4 && !strncmp(list, "pim_", 4))
			i = find(list + 4, len - 4);
		if (i == NELEMS(systems))
			return false;
		*all |= !i;
		for (unsigned k = 0; k < NELEMS(systems[i].area) && systems[i].area[k]; k++)
			buf_add(areas, systems[i].area[k], strlen(systems[i].area[k]) + 1);
		list += len;
		if (!*list)
			return true;
	}
}
