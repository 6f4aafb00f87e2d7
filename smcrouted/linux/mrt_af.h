/* mrt_af.h - what differs between the kernel's two multicast forwarding caches
 *
 * Functions that act give 0, or -1 with errno set.
 */
#ifndef SMCKIT_MRT_AF_H
#define SMCKIT_MRT_AF_H

#include "core/kern.h"

/* What a message on the mroute socket is. */
enum mrt_message { MRT_BAD, MRT_UPCALL, MRT_PACKET, MRT_OTHER };

struct mrt_upcall {
	enum upcall_kind kind;
	struct sg sg;
	unsigned vif;
};

struct mrt_family {
	/* The socket's protocol, and the options of the level below, each with a number. */
	int protocol;
	int level;
	int set_table, init, pim, assert;

	/* For netlink: the family, and the table that is meant by 0. */
	uint8_t dump_family;
	uint32_t default_table;

	/* What else the socket needs. */
	int (*prepare)(int fd);

	/* What the message is; *upcall is filled in if it is one of those that matter. */
	enum mrt_message (*read)(const uint8_t *message, size_t len, struct mrt_upcall *upcall);

	int (*vif_add)(int fd, unsigned vif, unsigned ifindex);
	int (*vif_del)(int fd, unsigned vif);
	bool (*vif_exists)(int fd, unsigned vif);

	/*
	 * One entry for each (S,G), whatever its incoming interface, and one wildcard for each
	 * group and incoming interface: a present one is changed in place, with its counters.
	 */
	int (*set)(int fd, const struct mfc_entry *entry);
	int (*del)(int fd, struct sg sg, unsigned parent);

	/* As the kernel counts: packets and bytes include the wrong ones. */
	int (*counters)(int fd, struct sg sg, struct counters *counters);
};

/* Whether the kernel is to look at the parent too to find the entry: that of a wildcard. */
static inline bool names_parent(struct sg sg, unsigned parent)
{
	return ip_is_any(sg.src) && parent < MAXVIFS;
}

extern const struct mrt_family mrt4, mrt6;

#endif
