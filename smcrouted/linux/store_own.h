/* store_own.h - a store from within: store.c keeps, store_inherit.c takes over what was kept */
#ifndef SMCKIT_STORE_OWN_H
#define SMCKIT_STORE_OWN_H

#include "linux/kept.h"
#include "linux/store.h"

#define STATE "state"
#define ROUTER "router\n"

/* Longest names of descriptors, with their NUL. */
#define NAME_LEN 40

struct store {
	struct linux_kern *k;  /* not ours */
	struct ready *manager; /* not ours */
	struct passed passed;
	int state;	  /* -1 until it is needed */
	struct buf rest;  /* the text behind the vifs */
	struct kept kept; /* that the service manager has */
	struct timer refresh, grace;
	int64_t rested; /* when the text may be written anew */
	struct log_limit limit;
	char *inherited;      /* the former process's text, owned */
	const char *commands; /* its router's own lines, in @inherited */
	size_t len;	      /* of @inherited */
	bool took[NFAMILIES]; /* multicast routing sockets */
	bool lost[NFAMILIES]; /* a vif: entries may still carry its bit */
	unsigned attempt;
	bool restored; /* the inherited text was handed out */
};

/* store.c */
const char *store_mroute_name(const struct store *s, enum af af, char name[NAME_LEN]);
bool store_has_manager(const struct store *s);
void store_trouble(struct store *s, const char *what, int error);

/* Brings the text up to date, and the sockets that the manager keeps. 0, or -1 with errno set. */
int store_refresh(struct store *s);

/* Tells the manager which sockets came and went; @now takes the place of those kept. */
void store_keep_sockets(struct store *s, struct kept *now);

/* store_inherit.c */

/*
 * Takes the text of the process before, and writes it back with the attempt counted, so that a
 * text that kills us is given up after a while.
 */
void store_read_state(struct store *s);

/* The time of grace is over. */
void store_drop_unclaimed(struct timer *timer);

#endif
