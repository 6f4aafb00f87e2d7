/* bridge.h - bridges that vifs are on are told that there is a multicast router behind them
 *
 * A bridge that snoops sends groups, and reports of old hosts, only to ports that have listeners or
 * a router, and does not count its own device among these by itself.
 */
#ifndef SMCKIT_BRIDGE_H
#define SMCKIT_BRIDGE_H

#include "linux/linux.h"

struct bridges *bridges_new(struct linux_kern *k);

/* All bridges get back what they had, unless somebody changed it meanwhile. */
void bridges_free(struct bridges *b);

/* The device is about to become a vif; it is one now; it is none any more, or could not be. */
void bridges_vif_comes(struct bridges *b, enum af af, unsigned vif, unsigned ifindex);
void bridges_vif_made(struct bridges *b, enum af af, unsigned vif);
void bridges_vif_gone(struct bridges *b, enum af af, unsigned vif);

/* For the store: a line for each bridge that was changed, whose first word is "bridge". */
void bridges_save(const struct bridges *b, struct buf *text);

/*
 * One such line of a former process, of which that word may have been taken already, before its
 * vifs come; false if it is bad. Behind them: bridges that no vif is on any more are given back.
 */
bool bridges_inherit(struct bridges *b, struct words *w);
void bridges_inherited(struct bridges *b);

#endif
