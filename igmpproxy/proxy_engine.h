/* proxy_engine.h - an instance of the engine of proxies: what its files share */
#ifndef SMCKIT_GM_PROXY_ENGINE_H
#define SMCKIT_GM_PROXY_ENGINE_H

#include "codec.h"
#include "proxy_conf.h"
#include "upstream.h"

/* A rule of the family, with the interfaces that there are for it. */
struct proxy {
	const struct proxy_rule *rule; /* not ours */
	struct ifset upstreams, downstreams;
	struct ifset living;  /* of the former */
	struct ifset forward; /* of the latter, also while another router is querier */
	struct ways ways;     /* owned */
};

/* A group of which something changed downstream. */
struct mark {
	struct tree_node order;
	struct ip group;
	uint8_t proxy;
};

TREE_HEAD(mark_tree);

/* A stream that came in on another interface, and what had come in on its own by then. */
struct stray {
	struct sg sg;
	uint64_t packets;
	int64_t at;
	bool waits; /* to be told of once more */
};

/* So many are known at a time; others wait for their turn. */
#define NSTRAYS 256

struct proxies {
	struct engine engine; /* first */

	struct proxy_set *set;	    /* owned, with others */
	struct proxy_set *incoming; /* owned; to come into force; NULL: none */
	struct proxy *proxy;	    /* owned; in the order of the rules */
	unsigned nproxies;
	struct upstream *upstream[MAXSLOTS]; /* owned; by slot, NULL: none */
	uint8_t proxy_of[MAXSLOTS];	     /* whose interface the slot is; NOPROXY: nobody's */
	struct ifset following, listening, hearing;
	struct mark_tree marks; /* owned */
	struct ifset walk;	/* upstream slots whose groups are all to be looked at */
	struct ip walk_after;	/* how far that is, with the first of them */
	struct merge merged;	/* owned; space to work in */
	struct ip *space;	/* owned; as well */
	unsigned space_size;
	struct arena arena; /* owned; of a message */
	bool changed;	    /* something about interfaces */
	bool held_back;	    /* upstream interfaces had no turn the last time */
	uint64_t loops;
	uint64_t sent, failed, dropped; /* of upstream interfaces that have gone */
	struct log_limit loop_limit;
	struct stray stray[NSTRAYS]; /* by hash */
};

#define NOPROXY 255

static inline struct proxies *proxies_of(struct engine *e)
{
	return container_of(e, struct proxies, engine);
}

/* The proxy whose interface the slot is, NULL: none. */
static inline struct proxy *proxy_at(const struct proxies *s, unsigned slot)
{
	return s->proxy_of[slot] == NOPROXY ? NULL : &s->proxy[s->proxy_of[slot]];
}

/* The upstream interface of the slot goes. */
void proxies_drop(struct proxies *s, unsigned slot);

/* Nothing of groups is to be looked at. */
void proxies_unmark(struct proxies *s);

/* What follows from the configuration and from which interfaces there are. */
void proxies_resolve(struct proxies *s);
void proxies_free(struct proxy *proxy, unsigned n);

/* Words after `phyint`. */
extern const struct keyword proxy_keywords[];

/* As struct module's. */
void proxy_upcall(struct engine *e, const struct upcall *upcall);

/* As struct command's show. */
bool proxy_show(struct show *s, struct engines engines);
bool proxy_show_config(struct show *s, struct engines engines);

#endif
