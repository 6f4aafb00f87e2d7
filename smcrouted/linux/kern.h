/* kern.h - opening and closing the kernel side of a router */
#ifndef SMCKIT_LINUX_KERN_H
#define SMCKIT_LINUX_KERN_H

#include "linux/linux.h"

/*
 * Takes the kernel's multicast routing of the families that there are, be it from a former process
 * through k->store; k->clock, loop, log, table, only_v4
 * and store must be set. To be called before rights
 * are given up, which who else has a table may only be seen with. 0, or logged and the exit code
 * if there is none to be had.
 */
int kern_take_tables(struct linux_kern *k);

/*
 * Then opens all else that a router needs of the system and makes the router; the owner's functions
 * must be set. 0, or -1 and logged.
 */
int kern_open(struct linux_kern *k, struct log *log, const struct router_options *options);

/* The router is started: what a former process left and nobody asked for goes. */
void kern_started(struct linux_kern *k);

/* Puts down what a new process gets beside the store's, KERN_PASSED at most; how many it is. */
#define KERN_PASSED 3
struct passed_fd;
unsigned kern_pass(const struct linux_kern *k, struct passed_fd *fd);

/*
 * Frees the router and closes all. With @keep the kernel goes on forwarding as it does, if
 * somebody holds copies of the descriptors; else all is taken back.
 */
void kern_close(struct linux_kern *k, bool keep);

#endif
