/* bed.h - a router over the modelled kernel, for scenarios: from the text to the packet
 *
 * Whatever goes wrong in here fails the test at work.
 */
#ifndef SMCKIT_SIM_BED_H
#define SMCKIT_SIM_BED_H

#include "sim/kern.h"

#define BED_CONF "/etc/smcroute.conf"

struct bed {
	struct clock clock;
	struct log log;
	struct sim_kern *k;
	struct router *r;
	unsigned out[16]; /* copies of the last packet by ifindex */
	char said[8192];  /* the log's errors and warnings */
	bool hooks;	  /* set before bed_begin(): the router tells of them, in k->hooks */
	bool forever;	  /* likewise: nothing is ever idle; else after a minute */

	/* Called before and after each turn; NULL: nobody looks. */
	void (*look)(struct bed *b, bool ended);

	/* Set before bed_begin(), as in struct router_options. */
	void (*translate)(struct translation *t, const char *text, size_t len);
	const char *fallback;
};

/*
 * A router with these modules and interfaces eth0 to eth3, whose numbers are 1 to 4; not started.
 * Without @conf there is no configuration file. @b is zeroed memory and lives until bed_end().
 */
void bed_begin(struct bed *b, const struct module *const *modules, const char *conf);

/* One more router over the same kernel, in the place of the one that has gone. */
void bed_make_router(struct bed *b, const struct module *const *modules);

/*
 * Another router takes over what the kernel holds, and the requests that bring back what was done
 * by command, as after a restart in place.
 */
void bed_restart(struct bed *b, const struct module *const *modules);

/* Ends the router; nothing must be left in the kernel, no timer and no byte. */
void bed_end(struct bed *b);

/* Does all that is due; what the kernel holds back (b->k->hold) waits on. */
void bed_work(struct bed *b);

/* Has the configuration read again; false if it was refused. */
bool bed_reload(struct bed *b);

/* Time goes on, then the same. */
void bed_advance(struct bed *b, int64_t ms);

/*
 * One packet arrives on the device; the numbers of those by which a copy left, as a text like
 * "2 3", which lives until the next one.
 */
const char *bed_send(struct bed *b, unsigned ifindex, const char *src, const char *grp);

/* A request and its reply, which lives until the next one. */
const char *bed_ask(struct bed *b, const char *request);

/* Addresses by their text. */
struct ip bed_ip(const char *text);
struct sg bed_sg(const char *src, const char *grp);

/* Runs the seeds from 1 to @n; those of SEEDS=n in the environment, or that of SEED=n alone. */
void bed_seeds(void (*run)(uint64_t seed), uint64_t n);

#endif
