/* mroute.h - one family's multicast routing of the kernel, modelled
 *
 * Vifs are ifindexes to it, and time the clock's; what it sends and what it tells goes through
 * two functions of its owner (kern.c). Errors are reasons as strerror() has them.
 */
#ifndef SMCKIT_SIM_MROUTE_H
#define SMCKIT_SIM_MROUTE_H

#include <libite/tree.h>

#include "lib/age.h"
#include "sim/kern.h"

#define REASON_ENOENT "No such file or directory"
#define REASON_ENODEV "No such device"
#define REASON_EINVAL "Invalid argument"
#define REASON_EAFNOSUPPORT "Address family not supported by protocol"
#define REASON_ENFILE "Too many open files in system"
#define REASON_EADDRINUSE "Address already in use"
#define REASON_EADDRNOTAVAIL "Cannot assign requested address"

/* mroute_set() and mroute_del() of an entry whatever its parent is. */
#define ANY_PARENT NOVIF

struct mfc {
	RB_ENTRY(mfc) node;
	struct sg sg;
	uint64_t born;
	uint8_t parent;
	uint8_t ttl[MAXVIFS];		/* 0: not an outgoing interface */
	uint64_t packets, bytes, wrong; /* packets and bytes with the wrong ones */
	bool has_asserted;
	int64_t asserted; /* when it was told last of a wrong interface */
};

struct unresolved {
	RB_ENTRY(unresolved) node;
	struct age age;
	struct sg sg;
	unsigned n;
	struct {
		unsigned ifindex;
		struct sim_packet packet;
	} queue[SIM_QUEUED];
};

RB_HEAD(mfc_tree, mfc);
RB_HEAD(unresolved_tree, unresolved);

struct mroute {
	struct clock *clock; /* not ours */
	enum af af;
	unsigned vif[MAXVIFS]; /* ifindex, 0: none */
	struct mfc_tree entries;
	struct unresolved_tree unresolved;
	struct age_queue expiry;
	unsigned nentries, nunresolved;
	uint64_t born;
	unsigned long noops;

	void (*out)(struct mroute *m, unsigned ifindex, const struct sim_packet *packet);

	/* False: it could not be queued. Must not call the model. */
	bool (*upcall)(struct mroute *m, enum upcall_kind kind, struct sg sg, unsigned vif);
};

void mroute_init(struct mroute *m, enum af af, struct clock *clock);
void mroute_end(struct mroute *m);

/* Takes all entries, vifs and waiting packets away, as when the socket is closed. */
void mroute_clear(struct mroute *m);

const char *mroute_vif_add(struct mroute *m, unsigned vif, unsigned ifindex);
const char *mroute_vif_del(struct mroute *m, unsigned vif);
unsigned mroute_vif_of(const struct mroute *m, unsigned ifindex);

/* Takes the device's vifs away. */
void mroute_gone(struct mroute *m, unsigned ifindex);

/* @parent: the parent that an entry must have to be that one, or ANY_PARENT. */
const char *mroute_set(struct mroute *m, const struct mfc_entry *entry, unsigned parent);
const char *mroute_del(struct mroute *m, struct sg sg, unsigned parent);

/* The entry of that key, the youngest if there are several; and the one after, NULL: no more. */
const struct mfc *mroute_find(const struct mroute *m, struct sg sg);
const struct mfc *mroute_next(const struct mroute *m, const struct mfc *c);

void mroute_packet(struct mroute *m, unsigned ifindex, const struct sim_packet *packet);
bool mroute_forwards(const struct mroute *m, struct sg sg, unsigned iif, unsigned oif);

#endif
