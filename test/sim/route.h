/* route.h - one family's unicast routes of the kernel, modelled
 *
 * Devices are ifindexes to it; whether they are up it is told by its owner (kern.c), and the
 * MTUs of devices are the owner's.
 */
#ifndef SMCKIT_SIM_ROUTE_H
#define SMCKIT_SIM_ROUTE_H

#include <libite/tree.h>

#include "sim/kern.h"

struct fib;
RB_HEAD(fib_tree, fib);

struct routes {
	enum af af;
	struct fib_tree tree;
	unsigned n[129]; /* by length of the prefix */
	uint64_t born;
};

void routes_init(struct routes *rs, enum af af);
void routes_free(struct routes *rs);

/* As sim_route_set() and sim_route_del(); the devices of the hops are up. */
void routes_set(struct routes *rs, const struct sim_route *route);
void routes_del(struct routes *rs, struct prefix to, uint32_t metric);

/* An address of the host, and the link that its prefix names. */
void routes_own(struct routes *rs, unsigned ifindex, struct ip address, bool on);
void routes_link_of(struct routes *rs, unsigned ifindex, const struct prefix *address, bool on);

/* The device went up or down; or it is gone. */
void routes_link(struct routes *rs, unsigned ifindex, bool up);
void routes_gone(struct routes *rs, unsigned ifindex);

/* As kern_ops.route; the MTU is 0 if the route has none of its own. */
bool routes_find(const struct routes *rs, struct ip ip, struct kern_route *route);

#endif
