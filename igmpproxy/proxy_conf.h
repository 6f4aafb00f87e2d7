/* proxy_conf.h - what the statement `proxy` says */
#ifndef SMCKIT_GM_PROXY_CONF_H
#define SMCKIT_GM_PROXY_CONF_H

#include <libite/queue.h>

#include "merge.h"

/* The words `upstream IF` and those of it. */
struct upstream_rule {
	TAILQ_ENTRY(upstream_rule) link;
	struct intake intake;
	uint32_t priority;
	uint8_t slot; /* may be a pattern's */
};

/* What all lines of one name say. */
struct proxy_rule {
	TAILQ_ENTRY(proxy_rule) link;
	TAILQ_HEAD(upstream_rules, upstream_rule) upstreams; /* owned; the best first */
	struct ranges local;				     /* owned */
	struct ifset downstreams;			     /* may be patterns' */
	char *name;					     /* owned */
	bool is_named;
	bool off[NFAMILIES];
	bool kernel, all, receive_only;
};

/* All proxies of a configuration, for both families: once read, it is shared and stays as it is. */
struct proxy_set {
	TAILQ_HEAD(proxy_rules, proxy_rule) rules; /* owned; as written */
	struct buf text;			   /* owned; the lines, each with a NUL behind */
	struct ifset slots;			   /* that any line names */
	unsigned refs;
};

/* As struct module's. */
void *proxy_conf_new(void);
void proxy_conf_free(void *conf);
int proxy_check(struct reader *r, void *conf);
struct ifset proxy_serves(struct host *host, const void *conf, enum af af);

static inline struct proxy_set *proxy_set_ref(struct proxy_set *set)
{
	set->refs++;
	return set;
}

/* Whether both say the same in the same words. */
bool proxy_set_eq(const struct proxy_set *a, const struct proxy_set *b);

/* Whether the proxy keeps the group among its downstream interfaces. */
bool proxy_is_local(const struct proxy_rule *rule, struct ip group);

extern const struct statement proxy_statements[];

#endif
