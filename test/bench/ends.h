/* ends.h - the two ends of a router: its hosts' messages and streams, packet by packet
 *
 * An end is the device eth0 of a network namespace. Hosts there are made up: what they send is
 * crafted, and what comes in is seen as it is on the wire, with the kernel's time.
 *
 * Groups are numbers: 225.1.0.0 + i or ff1e::1:0 + i. Streams are UDP, from one source.
 */
#ifndef SMCKIT_BENCH_ENDS_H
#define SMCKIT_BENCH_ENDS_H

#include "igmpproxy/codec.h"

/* What hosts speak: IGMPv2 and MLDv1 are version 2, IGMPv3 and MLDv2 are 3. */
struct kind {
	enum af af;
	unsigned version;
};

struct end {
	int fd;
	int ifindex;
};

/* A packet that came in. */
struct seen {
	int64_t when; /* ns, as now_ns() */
	enum { SEEN_OTHER, SEEN_DATA, SEEN_MEMBERS } what;
	enum af af;
	unsigned group;		   /* data: its number */
	uint32_t number;	   /* data: as it was sent */
	struct gm_message message; /* members; lives until the next one is seen */
};

/* igmp2, igmp3, mld1 or mld2 */
struct kind kind_of(const char *name);

struct end end_open(const char *netns);

/* The same of another device. */
struct end end_open_on(const char *netns, const char *device);

/* The next packet, if it comes within so many ns. */
bool end_see(const struct end *e, int64_t patience, struct seen *seen);

/* All that came so far is forgotten. */
void end_clear(const struct end *e);

/* A packet as it is described, its source too; returns the time just before. */
int64_t end_send(const struct end *e, const struct packet *packet);

/* A group of that number, and the number of any group; a host's address */
struct ip group_ip(enum af af, unsigned group);
unsigned group_of(enum af af, struct ip ip);
struct ip host_ip(enum af af, unsigned host);

/* Which groups there are; of both kinds, the odd ones are those of one source. */
enum mix { MIX_ASM, MIX_SSM, MIX_BOTH };

/* asm, ssm or both */
enum mix mix_of(const char *name);
bool mix_is_ssm(enum mix mix, unsigned group);

/* The same as group_ip(), source-specific if it is. */
struct ip mixed_group_ip(enum af af, enum mix mix, unsigned group);

/*
 * The next group that the message says is wanted, from whichever source; @at moves on from 0.
 * Messages that are no reports want none.
 */
bool next_wanted(const struct seen *seen, unsigned *at, unsigned *group);

/* Tells routers that host number @host joins the group, or leaves it. */
int64_t host_joins(const struct end *e, const struct kind *kind, unsigned host, unsigned group);
int64_t host_leaves(const struct end *e, const struct kind *kind, unsigned host, unsigned group);

/* Leaves one and joins another: in one message, if there is one that says both. */
int64_t host_zaps(const struct end *e, const struct kind *kind, unsigned host, unsigned from,
		  unsigned to);

/* Sends the message of a host, in as many packets as it takes. */
int64_t host_says(const struct end *e, const struct kind *kind, unsigned host,
		  const struct gm_message *m);

/* A packet of the group's stream. */
int64_t stream_send(const struct end *e, enum af af, unsigned group, uint32_t number);

#endif
