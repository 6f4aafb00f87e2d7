/* rp.h - which RP a group has (RFC 7761 4.7, RFC 6226)
 *
 * Mappings of ranges to RPs come from several origins; a set of them answers for any group. It
 * knows nothing of the engine.
 */
#ifndef SMCKIT_PIM_RP_H
#define SMCKIT_PIM_RP_H

#include "lib/ip.h"
#include "lib/tree.h"

/* Where a mapping comes from; of the same range, a later one is before an earlier one. */
enum rp_origin { RP_STATIC, RP_AUTO, RP_BSR };

/* How groups of the range are routed. Those of another mode than ours have no RP of ours. */
enum rp_mode { RP_SPARSE, RP_BIDIR, RP_DENSE };

/* Bits of a group that the hash looks at, if nobody says another number (RFC 7761 4.7.2). */
#define RP_HASH_LEN_V4 30
#define RP_HASH_LEN_V6 126

struct rp_mapping {
	struct tree_node order; /* by range, longest first, then origin, priority and address */
	struct prefix range;
	struct ip rp;
	uint8_t priority;  /* 0 is the best */
	uint8_t hash_len;  /* bits of a group that the hash looks at */
	uint8_t origin;	   /* enum rp_origin */
	uint8_t mode;	   /* enum rp_mode; of RP_DENSE there is no RP */
	bool is_reachable; /* else the next best has its groups */
};

TREE_HEAD(rp_tree);

/* Of one family. */
struct rp_set {
	struct rp_tree mappings; /* owned */
	unsigned nmappings;
	uint64_t version;  /* another one: answers may be others */
	bool static_first; /* static ones win, whatever else there is */
};

void rp_set_init(struct rp_set *set);
void rp_set_free(struct rp_set *set);

/* Puts a copy into the set, in the place of one of the same range, RP and origin. */
void rp_set_put(struct rp_set *set, const struct rp_mapping *mapping);
void rp_set_drop(struct rp_set *set, enum rp_origin origin, struct prefix range, struct ip rp);

/* Those of an origin become these; of those that stay, @is_reachable does so. */
void rp_set_replace(struct rp_set *set, enum rp_origin origin, const struct rp_mapping *mapping,
		    unsigned n);

void rp_set_static_first(struct rp_set *set, bool on);

/* All mappings to the RP can be used, or cannot be. */
void rp_set_reachable(struct rp_set *set, struct ip rp, bool is_reachable);

/* All mappings, in their order; NULL: no more. */
const struct rp_mapping *rp_first(const struct rp_set *set);
const struct rp_mapping *rp_next(const struct rp_mapping *m);

/* The first one behind a mapping that may have gone. */
const struct rp_mapping *rp_behind(const struct rp_set *set, const struct rp_mapping *key);

/*
 * The mapping that holds for the group: of the longest range, then dynamic before static, then the
 * best priority, then the highest hash, then the highest address (RFC 7761 4.7.1, RFC 6226 4). One
 * that is not reachable holds if no other one does. NULL: none.
 */
const struct rp_mapping *rp_choose(const struct rp_set *set, struct ip group);

/* RFC 7761 4.7.2 */
uint32_t rp_hash(struct ip group, unsigned hash_len, struct ip rp);

#endif
