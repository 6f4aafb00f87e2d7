/* gm_engine.h - an instance of the engine of IGMP or MLD: what its files share */
#ifndef SMCKIT_GM_ENGINE_H
#define SMCKIT_GM_ENGINE_H

#include "check.h"
#include "codec.h"
#include "gm_conf.h"
#include "group.h"
#include "querier.h"

enum gm_state {
	GM_OFF,	       /* nobody follows it, nor does the configuration want it any more */
	GM_ABSENT,     /* there is no such interface */
	GM_DISABLED,   /* multicast routing does not use it */
	GM_UNSUITABLE, /* it does no multicast */
	GM_DOWN,
	GM_NO_ADDRESS, /* to send from */
	GM_RUNS,
};

struct gm_counters {
	uint64_t queries_sent, send_failed;
	uint64_t queries, own_queries, reports, leaves; /* heard, not dropped */
	uint64_t other_version;				/* queries of another version than ours */
	uint64_t rate_limited, filtered, leaves_ignored, records_skipped;
	uint64_t bad[GM_NBAD];
};

/* Of the port, and of all. */
#define GM_COUNT(p, what, n) ((p)->counters.what += (n), (p)->gm->counters.what += (n))

/* An interface where listeners are asked and heard, or will be. */
struct gm_port {
	struct gm *gm; /* not ours */
	uint8_t slot;
	uint8_t state; /* enum gm_state */
	bool listens;
	unsigned epoch;	   /* of the interface */
	bool is_querier;   /* as told */
	struct ip elected; /* as told: who is querier, ip_any() if nobody is known */
	struct gm_port_fields fields;
	struct gm_querier querier;
	struct gm_groups groups;
	struct gm_checks checks;
	struct prefix *altnet;	/* owned; of checks */
	struct gm_line *filter; /* owned; the lines that are for it */
	unsigned nfilters;
	bool has_permit;  /* among them */
	struct ip *fixed; /* owned; groups with permanent members, ascending */
	unsigned nfixed;
	struct ifset names;  /* by which the lines below were found */
	uint64_t lines_seen; /* gm->lines_version */
	int64_t bucket;	     /* messages that may be looked at, in thousandths */
	int64_t bucket_at;
	struct log_limit elections, mismatch, refused;
	struct gm_counters counters;
};

struct gm {
	struct engine engine; /* first */

	struct gm_port *port[MAXSLOTS]; /* owned; by slot, NULL: none */
	struct gm_lines lines;		/* owned */
	uint64_t lines_version;
	struct prefix *ssm; /* owned; source-specific groups, if the lines say */
	unsigned nssm;
	bool has_map;
	struct ifset named; /* that phyint lines with words of ours name, patterns as such */
	struct gm_times times;
	struct ifset followed; /* by engines */
	struct ifset changed;  /* slots to be looked at */
	struct ifset busy;     /* slots whose groups may have something to settle */
	unsigned turn;	       /* the slot whose groups are settled next */
	struct arena arena;    /* of the message at work */
	struct log_limit bad;
	struct gm_counters counters;   /* of all, also of ports that have gone */
	struct gm_group_counters gone; /* of ports that have gone */
};

static inline struct gm *gm_of(struct engine *e)
{
	return container_of(e, struct gm, engine);
}

const char *gm_state_name(enum gm_state state);
const char *gm_port_name(const struct gm_port *p);

/* The number of a message's version in the protocol: MLDv1 is what IGMPv2 is. */
unsigned gm_version_number(const struct gm_port *p, unsigned version);

/* The lines for the port by these names are in force, if others are than before. */
void gm_port_lines(struct gm_port *p, struct ifset names);

/*
 * A message as the configuration has it: what an older host's report of the group stands for, and
 * what hosts may want. False if nothing is left of it. Its arrays may be the arena's.
 */
bool gm_port_filter(struct gm_port *p, struct gm_message *m);

/* As struct module's count. */
bool gm_count(struct engine *e, unsigned i, struct count *count);

/* As struct command's show. */
bool gm_show_igmp(struct show *s, struct engines engines);
bool gm_show_mld(struct show *s, struct engines engines);
bool gm_show_groups(struct show *s, struct engines engines);
bool gm_show_config(struct show *s, struct engines engines);

#endif
