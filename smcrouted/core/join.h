/* join.h - memberships of this host that engines wish for, kept while devices come and go */
#ifndef SMCKIT_CORE_JOIN_H
#define SMCKIT_CORE_JOIN_H

#include <libite/queue.h>
#include "lib/tree.h"

#include "core/kern.h"

struct router;

enum join_mark { NOT_MARKED, JOIN_MARKED, LEAVE_MARKED };

struct join_wish {
	struct tree_node order;	     /* by slot, group, engine */
	TAILQ_ENTRY(join_wish) link; /* in the list that the mark says */
	struct ip group;
	struct ip *source; /* owned */
	unsigned nsources;
	uint8_t slot;
	uint8_t engine;	    /* its id: it may have gone, while its groups are being left */
	uint8_t mode;	    /* enum filter_mode */
	uint8_t mark;	    /* enum join_mark */
	unsigned ifindex;   /* where the kernel was asked for it, 0: nowhere */
	const char *reason; /* why it does not stand, NULL if it does */
};

TREE_HEAD(join_tree);

struct joins_wanted {
	struct join_tree tree;
	TAILQ_HEAD(join_marks, join_wish) marks, leaving; /* to be told to the kernel */
	struct timer retry;				  /* of what the kernel refused */
};

void join_init(struct joins_wanted *j);

/* Frees the wishes; the kernel is left as it is. */
void join_free(struct router *r);

/* As in host_ops. */
void join_set(struct router *r, struct engine *e, unsigned slot, const struct membership *m);
const char *join_state(struct router *r, struct engine *e, unsigned slot, struct ip group);

/* The engine goes: its memberships are to be left. */
void join_forget(struct router *r, const struct engine *e);

/* The slot's device came or went. */
void join_slot_changed(struct router *r, unsigned slot);

/* Leaves all. */
void join_flush(struct router *r);

/* Tells the kernel about some, but to leave groups only if @leave; true if more remain. */
bool join_work(struct router *r, unsigned budget, bool leave);

#endif
