/* rpf_bed.h - a router whose two made-up engines watch addresses
 *
 * "red" and "blue" name eth0 to eth2 of the router's eth0 to eth3, whose numbers are 1 to 4. What
 * an engine knows is what it was answered or told; to be told what it knows already is an error.
 */
#ifndef SMCKIT_SIM_RPF_BED_H
#define SMCKIT_SIM_RPF_BED_H

#include "sim/bed.h"

#define NKNOWN 32
#define NDEVICES 4

struct known {
	bool watches;
	struct ip ip;
	struct rpf rpf;
};

struct fake {
	struct engine engine; /* first */
	struct known known[NKNOWN];
	struct ifset named;
	unsigned told, settled;
	void (*rpf)(struct fake *f, struct ip ip, const struct rpf *rpf); /* instead of all this */
	void (*on_told)(struct fake *f, struct ip ip);
	struct ip other; /* on_told's own */
};

struct rpf_bed {
	struct bed bed;
	struct sim_kern *k; /* the bed's, as is the router */
	struct router *r;
	struct fake *red[NFAMILIES], *blue[NFAMILIES];
};

struct rpf_bed *rpf_bed_new(void);
void rpf_bed_free(struct rpf_bed *b);

void rpf_bed_link_up(struct rpf_bed *b, unsigned ifindex);
void rpf_bed_link_down(struct rpf_bed *b, unsigned ifindex);

/* What the engine knows of an address, or a place for it. */
struct known *fake_known(struct fake *f, struct ip ip);

/* "own eth0 /32 0 0 1500", "via 10.0.0.2 eth0 10.0.1.2 eth1 /8 110 7 1500", "not reachable" */
const char *fake_knows(struct fake *f, struct ip ip);

void fake_watch(struct fake *f, struct ip ip);
void fake_unwatch(struct fake *f, struct ip ip);

bool rpf_same(const struct rpf *a, const struct rpf *b);

/* rpf_random.c: random changes, compared with a search of the plainest kind after each. */
void rpf_random(enum af af, uint64_t seed);

#endif
