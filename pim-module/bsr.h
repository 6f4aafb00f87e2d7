/* bsr.h - the bootstrap router: who it is in each scope zone, and the RPs that it says (RFC 5059)
 *
 * A zone is the range of groups that a Bootstrap message is of. bsr.c has its machines, of
 * candidates and of all others; bsr_hear.c and bsr_say.c the way of messages; bsr_store.c the RPs
 * that they say, which become mappings of origin RP_BSR; bsr_offer.c, on the bootstrap router, what
 * candidate RPs offer it; candidate.c is this router as a candidate RP.
 */
#ifndef SMCKIT_PIM_BSR_H
#define SMCKIT_PIM_BSR_H

#include "msg_bsr.h"
#include "pim.h"

/* RFC 5059 5, in ms */
#define BSR_TIMEOUT(period) (2 * (period) + SEC(10)) /* BS_Timeout */
#define BSR_MIN_INTERVAL SEC(10)		     /* BS_Min_Interval */
#define BSR_ZONE_TIMEOUT(timeout) (10 * (timeout))   /* SZ_Timeout */
#define BSR_BACKOFF SEC(3)			     /* C_RP_Adv_Backoff, the most */

/* A zone of IPv6 is known by so many bits of its groups, less their flags. */
#define ZONE_BITS 16

/* RFC 5059 3.1.1, 3.1.2. There is no zone in NoInfo. */
enum bsr_state {
	BSR_ACCEPT_ANY,
	BSR_ACCEPT_PREFERRED,
	BSR_CANDIDATE,
	BSR_PENDING,
	BSR_ELECTED,
};

/* The weight of a bootstrap router: the priority, then the address; more is better. */
struct bsr_weight {
	uint8_t priority;
	struct ip ip; /* ip_any(): nobody */
};

/* An RP of a range, as the bootstrap router says. */
struct bsr_rp {
	struct ip ip;
	int64_t holdtime; /* as it said, ms */
	int64_t until;	  /* GET (RFC 5059 2); 0: it is over, or was withdrawn */
	uint8_t priority; /* 0 is the best */
};

/* RPs of a range. It is there while one of them holds, or the last message has it. */
struct bsr_range {
	struct tree_node order; /* of the zone, by range */
	struct zone *zone;	/* not ours */
	struct prefix range;
	bool bidir;
	struct timer get;  /* the first of them is over */
	uint32_t message;  /* the number of the message that said it last */
	struct bsr_rp *rp; /* owned; by address */
	unsigned nrps;
	struct bsr_rp *part; /* owned; of the last message, whose fragments are not all there */
	unsigned nparts;
};

/* What a candidate RP offers to a bootstrap router: to be the RP of a range. */
struct bsr_offer {
	struct tree_node order; /* by range; of one those that went last, then as they count */
	struct zone *zone;	/* not ours */
	struct prefix range;
	struct ip rp;
	int64_t holdtime;   /* as it said, ms */
	struct timer timer; /* CGET (RFC 5059 2); of one that went, how long that is said */
	uint8_t priority;   /* 0 is the best */
	bool bidir;
	bool is_gone;
};

TREE_HEAD(bsr_ranges);
TREE_HEAD(bsr_offers);

/* A scope zone, or all groups: the global zone, which is always there, and first. */
struct zone {
	TAILQ_ENTRY(zone) link; /* of the instance, the widest first */
	struct pim *pim;	/* not ours */

	/* Of IPv6 ff0S::/16, whatever flags its groups have; of the global one all groups. */
	struct prefix scope;
	bool is_global;
	bool is_configured; /* it stays without a Bootstrap message */

	uint8_t state;		   /* enum bsr_state */
	struct timer bst;	   /* Bootstrap Timer */
	struct timer szt;	   /* Scope-Zone Expiry Timer, of those that were learned */
	struct bsr_weight current; /* the bootstrap router: of E-BSR us, of AA nobody */
	struct target *target;	   /* where it is reached; NULL: nobody, or us */
	int64_t since;		   /* it is it */
	int64_t heard;		   /* its last message, or ours */
	uint16_t tag;		   /* of its last message, or ours */
	uint8_t hash_len;
	bool was_accepted;   /* any message of the zone, since we began */
	struct ip primed_by; /* if the last one was as new routers get them: its BSR */

	/* We as a candidate, if we have the address for it. */
	bool is_candidate;
	struct pim_bsr conf; /* as configured, if it is */
	struct bsr_weight own;
	struct target *home; /* held, of an address that is configured; NULL: of none */

	/* Of bsr_store.c. */
	struct bsr_ranges ranges; /* owned */
	unsigned nsaid;
	struct ip said_by; /* who said the message that is stored; ip_any(): none is */
	uint16_t said_tag;
	uint32_t message; /* its number; ranges with that one are in it */

	struct bsr_offers offers; /* owned; bsr_offer.c, which sets it up; of E-BSR alone */
	unsigned noffers, nranges;
	bool offers_moved; /* what is to be said is another set */
};

/* zone.c */

/* That of just this scope; NULL: none. And one in any case; NULL: there is no room. */
struct zone *zone_find(const struct pim *pim, const struct prefix *scope);
struct zone *zone_get(struct pim *pim, const struct prefix *scope);
void zone_free(struct zone *z);

/* The smallest zone that contains the range; the global one if no other. */
struct zone *zone_of(struct pim *pim, const struct prefix *range);

/* The zone that a range says; of IPv6 one of fewer bits than a scope has says none. */
struct prefix zone_said(const struct prefix *range);

/* Whether groups of the zone leave a link at all. */
bool zone_can_be(const struct prefix *scope);

/* Whether the interface is a border of the zone: nothing of it is said or heard there. */
bool zone_ends_at(const struct zone *z, unsigned slot);
bool zone_scope_ends_at(const struct pim *pim, const struct prefix *scope, unsigned slot);

/* bsr_hear.c: a Bootstrap message came in */
void bsr_receive(struct pim_iface *i, const struct packet *packet, const struct msg_bootstrap *m);

/* bsr_say.c */

/* RFC 5059 3.4: out of all interfaces, back where it came from too. @in: NULL: it is our own. */
void bsr_say(const struct zone *z, const struct msg_bootstrap *m, const struct pim_iface *in);

/* A neighbor is new or began anew (RFC 5059 3.5). Nothing of a message is needed any more. */
void bsr_neighbor_new(struct pim_iface *i, struct ip address);

/* bsr.c */
void bsr_init(struct pim *pim);

/* The last words of a bootstrap router (RFC 5059 3.3). */
void bsr_stop(struct pim *pim);
void bsr_free(struct pim *pim);

/* The configuration, or what of addresses and interfaces is ours, is another one. */
void bsr_settle(struct pim *pim);

/* Of a new zone. */
void bsr_begin(struct zone *z);

/* A message of the zone that counts; whether it is for others too (RFC 5059 3.1.4). */
void bsr_heard(struct zone *z, const struct msg_bootstrap *m, const struct pim_iface *in,
	       bool passes);

const char *bsr_state_name(enum bsr_state state);

/* Whether all groups of the range are the zone's; of IPv6, what is wider than a scope is not. */
static inline bool zone_contains(const struct zone *z, const struct prefix *range)
{
	if (z->is_global)
		return true;
	if (ip_family(range->ip) == V6)
		return range->len >= ZONE_BITS && !((range->ip.b[1] ^ z->scope.ip.b[1]) & 0xf);
	return prefix_within(range, &z->scope);
}

/*
 * BS_Rand_Override in ms (RFC 5059 5), of a candidate beside the best that is known: in fixed
 * point, so that it is the same on all machines. Pure; bsr_delay.c.
 */
int64_t bsr_rand_override(const struct bsr_weight *own, const struct bsr_weight *stored);

/* bsr_store.c: the RP-set of the zone */
void store_init(struct zone *z);

/* Action Store RP-Set, of a message or a fragment of one (RFC 5059 3.1.5, 4.1.1). */
void store_take(struct zone *z, const struct msg_bootstrap *m);

/* Refresh RP-Set, and no message is stored any more. */
void store_refresh(struct zone *z);

/* The bootstrap router is who said what is stored: that is what it offers itself at first. */
void store_offer(struct zone *z);

/*
 * The sets of the bootstrap router's message that is stored, for a new neighbor, into @m, from
 * pim->arena; none, but for the zone's own range, if it said none yet.
 */
void store_last(const struct zone *z, struct msg_bootstrap *m);

/* When the RP of the range goes if nothing more is said of it. */
int64_t store_until(const struct pim *pim, const struct prefix *range, struct ip ip);
void store_free(struct zone *z);

/* Whom to believe of RPs is configured otherwise (`rp-filter`). */
void store_configure(struct pim *pim);

/* Zones; RPs in ranges of all of them. */
#define BSR_MAX_ZONES 64
#define BSR_MAX_MAPPINGS 4096

/*
 * Of all zones, offers that a bootstrap router keeps; of one, ranges; of a range, RPs that are
 * said.
 */
#define BSR_MAX_OFFERS 4096
#define BSR_MAX_RANGES 1024
#define BSR_MAX_RPS UINT8_MAX

/* bsr_offer.c: the bootstrap router's own set */

/* A Candidate-RP-Advertisement; from ourselves too (RFC 5059 3.3). */
void offer_receive(struct pim *pim, struct ip src, const struct msg_candidate *m);

/*
 * What a bootstrap router is to say now: the sets of the zone into @m, from pim->arena, which is
 * reset. Ranges that went are said without an RP for BS_Timeout.
 */
void offer_sets(struct zone *z, struct msg_bootstrap *m);

/* It is no bootstrap router any more. */
void offer_free(struct zone *z);

/* The configuration is another one: what it does not want any more is as if it were taken back. */
void offers_configure(struct pim *pim);

/* bsr.c, for bsr_offer.c: the set is another one, and soon said (BS_Min_Interval). */
void bsr_offers_changed(struct zone *z);

/* A zone to which a candidate RP advertises itself. */
struct advert {
	TAILQ_ENTRY(advert) link;    /* of the candidate, in the order of zones */
	struct candidate *candidate; /* not ours */
	struct prefix scope;	     /* of the zone */
	struct ip bsr;		     /* who is told; ip_any(): nobody */
	struct timer crpt;	     /* C-RP Advertisement Timer */
	unsigned again;		     /* so many times more it is said after C_RP_Adv_Backoff */
	struct prefix *told;	     /* owned; ranges that @bsr was told */
	unsigned ntold;
};

/* This router as a candidate RP, one of an `rp-candidate`. */
struct candidate {
	TAILQ_ENTRY(candidate) link; /* of the instance, as configured */
	struct pim *pim;	     /* not ours */
	struct pim_candidate conf;
	struct ip ip;		      /* the RP; ip_any(): there is no such address of ours now */
	struct target *target;	      /* held, of an address that is configured; NULL: of none */
	TAILQ_HEAD(, advert) adverts; /* owned */
};

/* candidate.c: this router as a candidate RP (RFC 5059 3.2) */
void candidate_init(struct pim *pim);

/* Its last words: holdtime 0. */
void candidate_stop(struct pim *pim);
void candidate_free(struct pim *pim);

/* The configuration, or an address of ours, is another one. */
void candidate_settle(struct pim *pim);

/*
 * The address of a candidate, RP or bootstrap router: the one that is configured, if it is ours, or
 * the highest one of the interface, or of all where PIM runs; ip_any(): none. Whoever asks about a
 * configured one holds it as a target.
 */
struct ip candidate_address(struct pim *pim, struct ip ip, unsigned slot);

/* Whether the RP is an address of ours, and no candidate any more. */
bool candidate_is_over(const struct pim *pim, struct ip rp);

/* The zone has a new bootstrap router, or is new itself. */
void candidate_bsr_changed(struct zone *z);

/* There is no such zone any more; it has no bootstrap router. */
void candidate_zone_gone(const struct zone *z);

#endif
