/* rpf.h - what unicast routing says of addresses that engines watch
 *
 * The kernel is asked once for each address, however many engines watch it. News of routes, links,
 * addresses and slots are hints only: all addresses of the family are asked for again, a slice at
 * a time, and engines hear of answers that changed.
 */
#ifndef SMCKIT_CORE_RPF_H
#define SMCKIT_CORE_RPF_H

#include "lib/tree.h"

#include "core/kern.h"

struct router;

struct watch {
	struct tree_node order; /* by address */
	struct ip ip;
	struct rpf rpf;	  /* as the engines know it */
	uint32_t asked;	  /* the round in which the kernel was asked last */
	uint32_t engines; /* who watches, bits by engine id */
};

TREE_HEAD(watch_tree);

/* The watches of one family. */
struct watches {
	struct watch_tree tree;
	unsigned n, nstale; /* stale: asked in an earlier round */
	uint32_t round;	    /* begins with each hint */
	struct ip at;	    /* looked at last; the walk goes round, so that nobody starves */
};

void rpf_init(struct watches *ws);
void rpf_free(struct watches *ws);

/* As in host_ops. */
void rpf_watch(struct router *r, struct engine *e, struct ip ip, struct rpf *rpf);
void rpf_unwatch(struct router *r, struct engine *e, struct ip ip);

/* The engine goes. */
void rpf_forget(struct router *r, const struct engine *e);

/* Links, addresses or slots changed, on which answers of both families depend. */
void rpf_stale(struct router *r);

/* Asks again for some of what is stale. */
void rpf_work(struct router *r, unsigned budget);

/* Whether something is stale. */
bool rpf_is_stale(const struct router *r);

#endif
