/* store.h - what survives a restart: descriptors, and a text that says what the kernel cannot
 *
 * A restart in place and a service manager that keeps descriptors over a crash are served by the
 * same: descriptors by name, one of which is the text.
 */
#ifndef SMCKIT_STORE_H
#define SMCKIT_STORE_H

#include "linux/linux.h"
#include "linux/ready.h"

/* Names of descriptors that are not the store's own. */
#define STORE_CONTROL "control"
#define STORE_CLIENT "client"
#define STORE_TUNNEL "tunnel"
#define STORE_REGISTERS(af) ((af) == V4 ? "registers4" : "registers6")

/*
 * Takes what the process was started with, which becomes the store's. Must come before anything
 * is opened that could be taken over. k->clock and k->log must be set.
 */
struct store *store_new(struct linux_kern *k, struct ready *manager, struct passed *passed);

void store_free(struct store *s);

/* The family's inherited multicast routing socket, or another descriptor, or -1; the caller's. */
int store_mroute(struct store *s, enum af af);
int store_claim(struct store *s, const char *name);

/* Has the service manager, if there is one, keep the descriptor; no longer. */
void store_keep_mroute(struct store *s, enum af af);
void store_keep(struct store *s, const char *name, int fd);
void store_drop(struct store *s, const char *name);

/*
 * Hands what was inherited to k->router, which must know all links and not be started: vifs,
 * entries, what was done by command; and memberships to k->joins. What makes no sense is warned of
 * and taken out of the kernel.
 */
void store_inherit(struct store *s);

/* The router is started: lets go of all that nobody claimed. */
void store_started(struct store *s);

/* A vif is about to be made, and was deleted or not made: the text is right at any moment. */
void store_vif_comes(struct store *s, enum af af, unsigned vif, unsigned ifindex);
void store_vif_gone(struct store *s);

/*
 * Memberships or the router's own lines may have changed: the text follows when the turn ends, so
 * that a client hears of nothing that a crash undoes; but only now and then if that takes long.
 */
void store_changed(struct store *s);
void store_settle(struct store *s);

/*
 * The process ends, nothing that follows is of interest. With @keep the manager goes on holding
 * what it has, brought up to date; else it forgets.
 */
void store_leave(struct store *s, bool keep);

/*
 * All that a new process needs from the store, up to date, by name; in an array with room for
 * @more of the caller's own, to be freed. NULL with *why set if it cannot be had.
 */
struct passed_fd *store_pass(struct store *s, unsigned more, unsigned *n, const char **why);

#endif
