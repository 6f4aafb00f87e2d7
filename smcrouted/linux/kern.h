/* kern.h - opening and closing the kernel side of a router */
#ifndef SMCKIT_LINUX_KERN_H
#define SMCKIT_LINUX_KERN_H

#include "linux/linux.h"

/*
 * Opens all that a router needs of the system and makes the router; k->clock, loop, log, table,
 * store and the owner's functions must be set. What a former process left is taken over through
 * k->store. 0, or -1 and logged if there is no multicast routing to be had.
 */
int kern_open(struct linux_kern *k, struct log *log, const struct router_options *options);

/*
 * Frees the router and closes all. With @keep the kernel goes on forwarding as it does, if
 * somebody holds copies of the descriptors; else all is taken back.
 */
void kern_close(struct linux_kern *k, bool keep);

#endif
