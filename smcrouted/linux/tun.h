/* tun.h - the tunnel: a device whose other end is this process */
#ifndef SMCKIT_TUN_H
#define SMCKIT_TUN_H

#include "linux/linux.h"

/* With the descriptor that a former process left us, or -1: the device waits until it is wanted. */
struct tun *tun_new(struct linux_kern *k, int fd);

/* The device goes, unless somebody else has the descriptor. */
void tun_free(struct tun *tun);

/* As kern_ops.tunnel. */
const char *tun_set(struct tun *tun, bool on);

/* Passed on over a restart, with what the kernel has sent there meanwhile; -1: there is none. */
int tun_fd(const struct tun *tun);

/* Lets go of what a former process left, if nobody wants it; false if there was nothing. */
bool tun_drop_unclaimed(struct tun *tun);

/* A packet arrives there, to be forwarded. 0, or the error. */
int tun_send(struct tun *tun, const struct packet *packet);

/*
 * A packet of IPv6 that is to go through something that takes @mtu bytes was too long: sources are
 * told of it by the kernel (RFC 7761 4.4.1).
 */
void tun_is_narrow(struct tun *tun, unsigned mtu);

#endif
