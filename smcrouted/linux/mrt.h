/* mrt.h - the kernel's multicast forwarding cache, one per family */
#ifndef SMCKIT_MRT_H
#define SMCKIT_MRT_H

#include "linux/linux.h"

/*
 * Opens the family's multicast routing for table k->table and watches its upcalls, first in the
 * loop. @fd is a descriptor that a former process left us, already initialised, or -1 for a new
 * one. NULL and *mrt set, or why not (another process has it, the kernel lacks it), with errno set.
 */
const char *mrt_open(struct linux_kern *k, enum af af, int fd, struct mrt **mrt);

/* Closes the descriptor: the kernel clears its table unless somebody else holds it too. */
void mrt_close(struct mrt *mrt);

/* Passed on over a restart. */
int mrt_fd(const struct mrt *mrt);

/* Upcalls and packets that the socket did not take, since more came at once. */
uint32_t mrt_overruns(const struct mrt *mrt);

/* As in kern_ops. */
const char *mrt_vif_add(struct mrt *mrt, unsigned vif, unsigned ifindex);
const char *mrt_vif_del(struct mrt *mrt, unsigned vif);
const char *mrt_set(struct mrt *mrt, const struct mfc_entry *entry);
const char *mrt_del(struct mrt *mrt, struct sg sg, unsigned parent);
bool mrt_counters(struct mrt *mrt, struct sg sg, struct counters *counters);

/* The device that the vif is, 0 if it is none: as this process made or inherited it. */
unsigned mrt_vif_ifindex(const struct mrt *mrt, unsigned vif);

/* Takes a vif over from the process before, if the kernel has it; the device it was is told. */
bool mrt_vif_inherit(struct mrt *mrt, unsigned vif, unsigned ifindex);

/*
 * Calls @each for each entry in the kernel, by one netlink dump: quadratic above 10,000 entries,
 * for a restart only. The vifs are those that were inherited. NULL or why not.
 */
const char *mrt_dump(struct mrt *mrt, void (*each)(void *arg, const struct mfc_entry *entry),
		     void *arg);

#endif
