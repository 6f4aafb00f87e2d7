/* netlink.h - links and addresses: the router is told of all there are, then of each change */
#ifndef SMCKIT_NETLINK_H
#define SMCKIT_NETLINK_H

#include "linux/linux.h"

/* Subscribes, lists all, and watches. NULL and *nl set, or why not. */
const char *netlink_open(struct linux_kern *k, struct netlink **nl);
void netlink_close(struct netlink *nl);

/* Lists links and addresses anew, as after an overrun. */
void netlink_resync(struct netlink *nl);

/* 0 if there is no such device. */
unsigned netlink_ifindex(const struct netlink *nl, const char *name);
unsigned netlink_mtu(const struct netlink *nl, unsigned ifindex);

/* The oldest IPv6 link-local address that the device has and may use; false if there is none. */
bool netlink_link_local(const struct netlink *nl, unsigned ifindex, struct ip *ip);

bool netlink_has_ipv4(const struct netlink *nl, unsigned ifindex);

/* Whether groups have addresses on the link as on Ethernet. */
bool netlink_is_ethernet(const struct netlink *nl, unsigned ifindex);

#endif
