/* systems.h - what pimd calls the parts of itself that are logged: -d of its command line */
#ifndef SMCKIT_PIM_SYSTEMS_H
#define SMCKIT_PIM_SYSTEMS_H

#include "lib/buf.h"

/*
 * Areas of the log for a list of such parts, with commas between: each is added to @areas with a
 * NUL behind; *@all if all are meant. False if one is unknown.
 */
bool pimd_systems(const char *list, struct buf *areas, bool *all);

#endif
