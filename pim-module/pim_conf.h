/* pim_conf.h - what the configuration says of PIM: words of `phyint`, and statements */
#ifndef SMCKIT_PIM_CONF_H
#define SMCKIT_PIM_CONF_H

#include "lib/module.h"

/* Words after `phyint IFNAME`. Times are in ms; both families. */
struct pim_fields {
	bool pim[NFAMILIES]; /* PIM runs there */
	bool passive;	     /* nothing is said there, and nobody heard, but listeners are served */
	uint32_t dr_priority;
	int64_t hello_interval;
	int64_t hello_holdtime; /* 0: 3.5 times the interval */
	int64_t triggered_hello_delay;
	int64_t propagation_delay, override_interval; /* RFC 7761 4.3.3 */
	bool can_track;				      /* T bit: joins need no suppression */
	bool takes_strangers;	     /* whose Joins and Asserts count, though they say no Hello */
	int64_t max_holdtime;	     /* that others are believed; 0: any, also one without an end */
	int64_t join_prune_interval; /* t_periodic */
	int64_t assert_time, assert_override_interval;
	uint8_t distance; /* Assert preference of routes out there; 0: by their protocol */
	uint32_t metric;  /* Assert metric; 0: that of the route */
	bool bsr_border;  /* no Bootstrap message passes there */
	bool bsr_once;	  /* none goes back there that came in there */
	bool bsr_unicast; /* new neighbors get it unicast too (RFC 5059 3.5.2) */
	struct prefix altnet, scoped; /* the last one said; all are in struct pim_family */
};

/* RFC 7761 4.11 */
#define PIM_HELLO_INTERVAL SEC(30)
#define PIM_TRIGGERED_HELLO_DELAY SEC(5)
#define PIM_PROPAGATION_DELAY 500
#define PIM_OVERRIDE_INTERVAL 2500
#define PIM_JOIN_PRUNE_INTERVAL SEC(60)
#define PIM_ASSERT_TIME SEC(180)
#define PIM_ASSERT_OVERRIDE_INTERVAL SEC(3)
#define PIM_KEEPALIVE_PERIOD SEC(210)
#define PIM_REGISTER_SUPPRESSION SEC(60)
#define PIM_REGISTER_PROBE SEC(5)

/* `rp-address` */
struct pim_static_rp {
	struct prefix range;
	struct ip rp;
	uint8_t priority;
};

/* `bsr-candidate`: of a scope zone (RFC 5059 3.1) */
struct pim_bsr {
	struct prefix scope; /* all groups: the global zone */
	struct ip ip;	     /* ip_any(): one of the interface */
	uint8_t slot;	     /* NOSLOT: of any, the highest */
	uint8_t priority;    /* 255 is the best */
	uint8_t hash_len;    /* bits */
	int64_t period;	     /* BS_Period, ms */
};

/* `rp-candidate` (RFC 5059 3.2), for all groups of `group-prefix` */
struct pim_candidate {
	struct ip ip; /* as above */
	uint8_t slot;
	uint8_t priority; /* 0 is the best */
	int64_t period;	  /* C_RP_Adv_Period, ms; it holds 2.5 times as long */
};

/* Who may be RP of what, where that is limited. */
struct pim_rp_filter {
	struct prefix rp, groups;
};

/* `anycast-rp RP MEMBER` (RFC 4610): one of those who share the address of the RP */
struct pim_anycast {
	struct ip rp, member;
};

/* RFC 5059 5 */
#define PIM_BSR_PRIORITY 64
#define PIM_BSR_PERIOD SEC(60)
#define PIM_CANDIDATE_PRIORITY 192
#define PIM_CANDIDATE_PERIOD SEC(60)

/* `rpf PREFIX via ADDRESS` */
struct pim_static_rpf {
	struct prefix sources;
	struct ip via;
};

/* `spt-threshold`: when a last-hop router or an RP joins the source's tree (RFC 7761 4.2.1). */
enum pim_spt { SPT_PACKETS, SPT_RATE, SPT_NEVER };

/* What is said of one family. Slots may be those of patterns. */
struct pim_family {
	struct pim_static_rp *rp; /* owned */
	unsigned nrps;
	struct pim_static_rpf *rpf; /* owned */
	unsigned nrpfs;
	struct prefix *ssm; /* owned; source-specific groups; the default if there is none */
	unsigned nssm;
	struct prefix *altnet; /* owned; by slot in @altnet_slot: direct sources beside addresses */
	uint8_t *altnet_slot;  /* owned */
	unsigned naltnets;
	struct prefix *scoped; /* owned; by slot in @scoped_slot: groups that do not pass there */
	uint8_t *scoped_slot;  /* owned */
	unsigned nscoped;
	struct prefix *neighbor; /* owned; who may be one; none said: everybody */
	unsigned nneighbors;
	struct prefix *register_from; /* owned; sources that an RP takes; none said: all */
	unsigned nregister_from;
	struct pim_bsr *bsr; /* owned; one of a zone at most */
	unsigned nbsrs;
	struct pim_candidate *candidate; /* owned; one of an address or interface */
	unsigned ncandidates;
	struct prefix *group; /* owned; `group-prefix`; none said: all groups */
	unsigned ngroups;
	struct prefix *bsr_from; /* owned; `bsr-filter`: who may be bootstrap router; none: all */
	unsigned nbsr_from;
	struct pim_rp_filter *rp_from; /* owned; `rp-filter`: RPs we believe others; none: all */
	unsigned nrp_from;
	struct pim_rp_filter *offer_from; /* owned; `rp-candidate-filter`: as bootstrap router */
	unsigned noffer_from;
	struct prefix *auto_from; /* owned; `auto-rp`: mapping agents we believe; none: all */
	unsigned nauto_from;
	struct pim_anycast *anycast; /* owned; those of an RP follow one another */
	unsigned nanycast;
};

struct pim_conf {
	struct pim_family af[NFAMILIES];
	struct ifset named; /* slots that phyint lines with words of ours name, patterns as such */
	enum pim_spt spt;
	uint64_t spt_value;    /* packets, or kbit/s */
	int64_t spt_interval;  /* ms over which it is looked at */
	bool rp_static_first;  /* RFC 6226, overridden */
	bool auto_rp;	       /* `auto-rp`: mapping agents are listened to */
	bool no_embedded_rp;   /* `embedded-rp off`: RFC 3956 is not followed */
	uint32_t max_embedded; /* RPs in groups at a time */
	int64_t hello_interval;
	uint8_t distance; /* `default-route-distance`; 0: by protocol */
	uint32_t metric;  /* `default-route-metric`; 0: that of the route */
	int64_t keepalive_period, register_suppression, register_probe;
	uint32_t max_entries; /* (*,G) and (S,G) of a family */
	uint32_t max_joins;   /* of an interface, other routers'; 0: an eighth is left to others */
	uint32_t max_registers; /* that an RP takes in a second */
	uint32_t max_neighbors; /* of an interface */
	struct buf text;	/* owned; the statements as written, each with a NUL behind */
};

/* Whether a filter lets the address through: one that has no range lets all. */
static inline bool pim_takes(const struct prefix *range, unsigned n, struct ip ip)
{
	for (unsigned i = 0; i < n; i++) {
		if (prefix_has(&range[i], ip))
			return true;
	}
	return !n;
}

/* The same of RPs, each for ranges of groups. */
static inline bool pim_takes_rp(const struct pim_rp_filter *filter, unsigned n, struct ip rp,
				const struct prefix *range)
{
	for (unsigned i = 0; i < n; i++) {
		if (prefix_has(&filter[i].rp, rp) && prefix_within(range, &filter[i].groups))
			return true;
	}
	return !n;
}

extern const struct statement pim_statements[];
extern const struct keyword pim_keywords[];

/* As in struct module. */
void *pim_conf_new(void);
void pim_conf_free(void *conf);
void pim_phyint_named(void *conf, unsigned slot, const void *fields);
int pim_conf_check(struct reader *r, void *conf);
struct ifset pim_serves(struct host *host, const void *conf, enum af af);

/*
 * What of it is for one family, taken out of it, for the engine to own; the text of statements
 * goes to IPv4. It is pim_conf_free()'s then.
 */
struct pim_conf *pim_conf_take(struct pim_conf *conf, enum af af);

/* The range that all groups are in: 224.0.0.0/4, ff00::/8. */
static inline struct prefix pim_all_groups(enum af af)
{
	return af == V4 ? (struct prefix){ ip_v4(0xe0000000), 4 }
			: (struct prefix){ { { 0xff } }, 8 };
}

/* The fields with their defaults, those of the statements of @conf included. */
struct pim_fields pim_fields_default(const struct pim_conf *conf);

#endif
