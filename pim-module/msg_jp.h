/* msg_jp.h - Join/Prune, and Graft and Graft-Ack, which look the same */
#ifndef SMCKIT_PIM_MSG_JP_H
#define SMCKIT_PIM_MSG_JP_H

#include "msg.h"

/* RFC 7761 4.9.5.1. The order is that in which entries of a list stand. */
enum msg_jp_kind { JP_STAR_G, JP_SG_RPT, JP_SG };

struct msg_jp_source {
	struct ip ip; /* of (*,G): the RP, or ip_any() */
	enum msg_jp_kind kind;
};

/* What is said of a group. Lists are in order of kind, then address, and have nothing twice. */
struct msg_jp_group {
	struct ip group;
	const struct msg_jp_source *join, *prune; /* not ours */
	unsigned njoins, nprunes;
};

struct msg_jp {
	enum msg_type type;		  /* MSG_JOIN_PRUNE, MSG_GRAFT, MSG_GRAFT_ACK */
	bool dense;			  /* to be sent without the sparse bit (RFC 3973 4.7.4) */
	struct ip upstream;		  /* ip_any(): whoever it is (RFC 7761 4.5) */
	int64_t holdtime;		  /* ms; MSG_FOREVER */
	const struct msg_jp_group *group; /* not ours */
	unsigned ngroups;
	unsigned skipped; /* entries, or groups with all theirs, that were read over */
};

/* How far a message has been encoded, {0} at the start. */
struct msg_jp_place {
	unsigned group, join, prune; /* done before these */
	unsigned cut;		     /* (S,G,rpt) prunes that had to be left out */
	bool end;		     /* all of it */
};

/* Brings a list into its order; how many are left of it. */
unsigned msg_jp_sort(struct msg_jp_source *source, unsigned n);

/*
 * RFC 7761 4.9.5. Read over is what is no group or not just one, a source that can be none or has
 * another mask, what is of another family than the upstream neighbor, and a wildcard entry
 * without the RPT bit. Arrays are the arena's.
 */
enum msg_bad msg_jp_decode(struct msg_rd *r, struct arena *arena, struct msg_jp *jp);

/*
 * Encodes as much of it as there is room for from @at on, which moves; the length, or 0 if there
 * is nothing left (at->end), or no room for the least of it:
 *
 *	while ((len = msg_jp_encode(&ends, &jp, &at, data, msg_room(af, mtu))))
 *		send it
 *
 * RFC 7761 4.9.5.2: groups are split among messages, but a (*,G) join has all (S,G,rpt) prunes of
 * its group with it: of those that no message has room for, the numerically largest are left out.
 * A group of which nothing is said is left out too.
 */
size_t msg_jp_encode(const struct msg_ends *ends, const struct msg_jp *jp, struct msg_jp_place *at,
		     void *data, size_t size);

#endif
