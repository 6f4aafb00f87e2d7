/* rp.h - which RP a group has (RFC 7761 4.7, RFC 6226)
 *
 * Mappings of ranges to RPs come from several origins; a set of them answers for any group. It
 * knows nothing of the engine.
 */
#ifndef SMCKIT_PIM_RP_H
#define SMCKIT_PIM_RP_H

#include "lib/ip.h"
#include "lib/tree.h"

struct pim_rp_filter;

/* Where a mapping comes from; of the same range, a later one is before an earlier one. */
enum rp_origin { RP_STATIC, RP_AUTO, RP_BSR };

/* How groups of the range are routed. Those of another mode than ours have no RP of ours. */
enum rp_mode { RP_SPARSE, RP_BIDIR, RP_DENSE };

/* Bits of a group that the hash looks at, if nobody says another number (RFC 7761 4.7.2). */
#define RP_HASH_LEN_V4 30
#define RP_HASH_LEN_V6 126

struct rp_mapping {
	struct prefix range;
	struct ip rp;
	uint8_t priority;  /* 0 is the best */
	uint8_t hash_len;  /* bits of a group that the hash looks at */
	uint8_t origin;	   /* enum rp_origin */
	uint8_t mode;	   /* enum rp_mode; of RP_DENSE there is no RP: ip_any() */
	bool is_reachable; /* else the next best has its groups */
	int64_t until;	   /* then it goes, as its origin knows; 0: it does not say */

	/* The set's own. */
	struct tree_node order;	      /* as they come into question, by range, longest first */
	struct tree_node by_rp;	      /* by RP, range and origin */
	struct rp_mapping *next_gone; /* owned */
	bool is_told, stays;
};

/* "static" and so on */
const char *rp_origin_name(enum rp_origin origin);

TREE_HEAD(rp_tree);
TREE_HEAD(rp_index);

/* Of one family. */
struct rp_set {
	struct rp_tree mappings; /* owned */
	struct rp_index by_rp;	 /* the same */
	struct rp_mapping *gone; /* owned; which that is to be told of */
	unsigned nmappings;
	struct pim_rp_filter *filter; /* owned; others than static ones must be of these */
	unsigned nfilters;	      /* 0: all may be */
	uint64_t version;	      /* another one: answers may be others */
	bool static_first;	      /* static ones win, whatever else there is */
};

void rp_set_init(struct rp_set *set);
void rp_set_free(struct rp_set *set);

/*
 * Puts a copy into the set, in the place of one of the same range, RP and origin. Of an RP that the
 * set has already, it is known whether it can be reached.
 */
void rp_set_put(struct rp_set *set, const struct rp_mapping *mapping);
void rp_set_drop(struct rp_set *set, enum rp_origin origin, struct prefix range, struct ip rp);

/* Those of an origin become these. */
void rp_set_replace(struct rp_set *set, enum rp_origin origin, const struct rp_mapping *mapping,
		    unsigned n);

void rp_set_static_first(struct rp_set *set, bool on);

/* What others than static ones must be of (RFC 6226 11); copied. */
void rp_set_filter(struct rp_set *set, const struct pim_rp_filter *filter, unsigned n);

/* Whether the filter lets it be, for some group of the range. */
bool rp_is_believed(const struct rp_set *set, struct ip rp, struct prefix groups);

/* All mappings to the RP can be used, or cannot be. */
void rp_set_reachable(struct rp_set *set, struct ip rp, bool is_reachable);

/* The next RP of sparse mode in order of addresses, from ip_any(V6) on; false: no more. */
bool rp_set_next(const struct rp_set *set, struct ip *rp);

/* Tells what came into the set since the last time, and what has gone. */
void rp_set_tell(struct rp_set *set,
		 void (*tell)(void *arg, const struct rp_mapping *m, bool is_there), void *arg);

/* All mappings, in their order; NULL: no more. */
const struct rp_mapping *rp_first(const struct rp_set *set);
const struct rp_mapping *rp_next(const struct rp_mapping *m);

/* The first one behind a mapping that may have gone. */
const struct rp_mapping *rp_behind(const struct rp_set *set, const struct rp_mapping *key);

/*
 * The mapping that holds for the group (RFC 6226 6): of the longest range, then of bidirectional
 * mode, then dynamic before static, then of the best priority, the highest hash and the highest
 * address. One that is not reachable holds if no other one does. NULL: none.
 *
 * Deviation: the hash shares groups among static ones too, as RFC 7761 4.7.1 and pimd have it; and
 * these may have a priority.
 */
const struct rp_mapping *rp_choose(const struct rp_set *set, struct ip group);

/* What decided between a mapping that has the group, and the one that holds for it. */
enum rp_verdict {
	RP_HOLDS,
	RP_REFUSED, /* by the filter */
	RP_UNREACHABLE,
	RP_NOT_STATIC, /* which come first */
	RP_SHORTER,
	RP_BY_MODE,
	RP_BY_ORIGIN,
	RP_BY_PRIORITY,
	RP_BY_HASH,
	RP_BY_ADDRESS,
};
enum rp_verdict rp_judge(const struct rp_set *set, const struct rp_mapping *m,
			 const struct rp_mapping *best, struct ip group);

/* Whether the hash counts among those that are like it. */
bool rp_is_hashed(const struct rp_mapping *m);

/* RFC 7761 4.7.2 */
uint32_t rp_hash(struct ip group, unsigned hash_len, struct ip rp);

#endif
