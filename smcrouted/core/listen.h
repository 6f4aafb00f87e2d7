/* listen.h - which packets and upcalls of which interfaces engines ask for */
#ifndef SMCKIT_CORE_LISTEN_H
#define SMCKIT_CORE_LISTEN_H

#include "core/kern.h"

struct router;

struct listens {
	struct ifset *wish[NLISTEN];		/* owned; by engine id */
	struct ifset asked[NFAMILIES][NLISTEN]; /* of the kernel */
	uint32_t tunnel;			/* engines that want it, by id */
	bool has_tunnel;			/* the kernel was asked for it */
	bool changed;				/* or something may go that failed */
	struct log_limit failed;
};

void listen_init(struct listens *l, unsigned nengines);
void listen_free(struct listens *l);

/* As in host_ops. */
void listen_set(struct router *r, struct engine *e, unsigned slot, enum listen_what what, bool on);

/* The engine wants the tunnel, or no longer. */
void listen_tunnel(struct router *r, struct engine *e, bool on);

/* The engine goes. */
void listen_forget(struct router *r, struct engine *e);

/* Whether the engine asked for such packets of their slot. */
bool listen_has(struct router *r, struct engine *e, const struct packet *packet);

/*
 * The slot's device came or went; @former is the index of one that went on under another name,
 * else 0.
 */
void listen_slot_changed(struct router *r, unsigned slot, unsigned former);

/* Tells the kernel what changed. */
void listen_work(struct router *r);

#endif
