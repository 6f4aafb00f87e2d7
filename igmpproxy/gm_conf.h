/* gm_conf.h - what can be said of IGMP and MLD: words of `phyint`, and statements */
#ifndef SMCKIT_GM_CONF_H
#define SMCKIT_GM_CONF_H

#include "lib/module.h"

/* What `phyint` says of an interface and family; times are ms, 0 of some: from others. */
struct gm_port_fields {
	int64_t query_interval, response_interval, last_member_interval;
	int64_t startup_interval; /* 0: a quarter of the query interval */
	int64_t startup_response;
	int64_t querier_timeout; /* 0: as RFCs derive it */
	uint32_t max_groups, max_host_groups, max_sources, max_hosts, max_rate;
	uint8_t version; /* of messages, 1 to 3 */
	uint8_t robustness;
	uint8_t last_member_count, startup_count; /* 0: the robustness */
	bool on;				  /* even if no engine follows it */
	bool fast_leave, track, track_old, no_querier;
	bool require_alert, any_ttl, any_network; /* IGMP */
	bool ignore_v1, ignore_v2;		  /* hosts, by the version of struct gm_message */
};

struct gm_fields {
	struct gm_port_fields af[NFAMILIES];
};

/* The words, their values in a struct gm_fields, which begins with these. */
extern const struct keyword gm_keywords[];
struct gm_fields gm_defaults(void);

/* What statements say of all interfaces, where `phyint` does not; 0: nothing. */
struct gm_times {
	int64_t query_interval[NFAMILIES], querier_timeout[NFAMILIES];
};

/* The defaults that follow from that: answers are in before the next query. */
struct gm_fields gm_defaults_said(const struct gm_times *times);

int64_t gm_startup_interval(const struct gm_port_fields *f);
unsigned gm_startup_count(const struct gm_port_fields *f);

/* A statement; one that names several ranges is a line for each. */
enum gm_line_kind { GM_STATIC_GROUP, GM_FILTER, GM_ALTNET, GM_SSM_RANGE, GM_SSM_MAP };

struct gm_line {
	uint8_t kind;		     /* enum gm_line_kind */
	uint8_t slot;		     /* or a pattern's; NOSLOT: it is of no interface */
	bool permit;		     /* filter */
	bool has_source;	     /* static group, filter */
	struct prefix group, source; /* the network of an altnet is its group */
};

/* In the order of the file. */
struct gm_lines {
	struct gm_line *line; /* owned */
	unsigned n, size;
};

struct gm_conf {
	struct gm_lines lines[NFAMILIES];
	struct ifset named; /* slots of phyint lines with words of ours */
	struct gm_times times;
};

extern const struct statement gm_statements[];

/* As in struct module. */
void *gm_conf_new(void);
void gm_conf_free(void *conf);
void gm_phyint_named(void *conf, unsigned slot, const void *fields);
int gm_conf_check(struct reader *r, void *conf);

#endif
