/* net.h - networks of routers, hosts and links under one virtual clock, for scenarios
 *
 * Links, routers and hosts have names; a link comes into being when it is first named, and the
 * interface of a router on it has the link's name, so that its configuration names links too.
 * Whatever a scenario says wrong ends the program. What the network does wrong is a complaint.
 *
 * Only the seed decides what happens: the same calls with the same seed make the same log, byte
 * for byte.
 */
#ifndef SMCKIT_SIM_NET_H
#define SMCKIT_SIM_NET_H

#include "sim/kern.h"

struct net;

/* What is written to the log. */
enum net_log_level {
	NET_LOG_NONE,
	NET_LOG_CHANGES, /* what the scenario does, messages, changes of the kernels' tables */
	NET_LOG_ALL,	 /* each data packet and all that the routers log, too */
};

struct net_options {
	uint64_t seed;
	enum net_log_level log;
	const char *pcap;		     /* folder for a pcap file of each link; NULL: none */
	const struct module *const *modules; /* of all routers; NULL: as the daemon has them */

	/* That `module NAME` need not open, NULL at the end; the rest are files of the build. */
	const struct module *const *linked;
};

struct net *net_new(const struct net_options *options);

/*
 * Ends all routers and hosts, then looks for what they left: entries, vifs, memberships, timers.
 * To be called once, before net_free().
 */
void net_end(struct net *n);
void net_free(struct net *n);

/* What was wrong until now, a line each; empty: nothing. And the log. */
const char *net_complaints(const struct net *n);
const char *net_log_text(const struct net *n);

/* Time goes on. */
void net_run(struct net *n, int64_t ms);
int64_t net_now(const struct net *n);

/* net_link.c: how well a link works. */
struct net_quality {
	int64_t delay, jitter;		   /* ms, 1 at least; the jitter on top keeps the order */
	unsigned loss, duplicate, reorder; /* of a thousand packets */
	bool ptp;			   /* its devices are point-to-point ones */
};

/* Of one link or, by "*", of all there are. A link begins without delay and fault. */
void net_set_quality(struct net *n, const char *link, const struct net_quality *quality);
#define net_quality(n, link, ...) net_set_quality(n, link, &(struct net_quality){ __VA_ARGS__ })

/* The largest packet that a link takes; 1500 if nothing is said. */
void net_set_mtu(struct net *n, const char *link, unsigned mtu);

/*
 * The carrier of a link, or of the one port of a node there, goes or comes back. What is under way
 * is lost.
 */
void net_link(struct net *n, const char *link, bool up);
void net_port(struct net *n, const char *node, const char *link, bool up);

/*
 * A link falls in two without a loss of carrier: these nodes, named with blanks between, and the
 * others. Without a name it is whole again.
 */
void net_split(struct net *n, const char *link, const char *nodes);

/* Packets that the link carried so far, those of control alone or those of data. */
unsigned long net_carried(const struct net *n, const char *link, bool control);

/* net_router.c: a router on these links, that runs with the configuration. */
void net_router(struct net *n, const char *name, const char *links, const char *conf);

/* Reads another configuration. */
void net_configure(struct net *n, const char *router, const char *conf);

/* The reply to a request, which lives until the next one. */
const char *net_ask(struct net *n, const char *router, const char *request);

/*
 * The process ends: properly, or by a crash after which the kernel has nothing of it, or still all
 * because others hold its descriptors. Then it may be started again, and takes over what there is.
 */
enum net_death { NET_STOP, NET_CRASH, NET_CRASH_KEPT };
void net_kill(struct net *n, const char *router, enum net_death how);
void net_start(struct net *n, const char *router);

/* Whether the kernel of the router would forward a packet of (S,G) between these links now. */
bool net_forwards(struct net *n, const char *router, const char *source, const char *group,
		  const char *from, const char *to);

/* Its kernel, to look into. */
struct sim_kern *net_kern(struct net *n, const char *router);

/* net_host.c: a host on a link, and the versions that it speaks. */
void net_host(struct net *n, const char *name, const char *link);
void net_version(struct net *n, const char *host, enum af af, unsigned version);

/* What the host wants of the group. Sources are addresses or hosts, with blanks between. */
void net_filter(struct net *n, const char *host, const char *group, enum filter_mode mode,
		const char *sources);

/* The usual filters: one source or, by "*", any; none. */
void net_join(struct net *n, const char *host, const char *source, const char *group);
void net_leave(struct net *n, const char *host, const char *group);

/* The host sends numbered packets to the group, the first in @every ms; 0: no longer. */
void net_send(struct net *n, const char *host, const char *group, int64_t every);

/* Packets of (S,G) that the host got so far, each that it wanted. */
unsigned long net_received(struct net *n, const char *host, const char *source, const char *group);

/* An address, by its text or the name of the host whose it is. */
struct ip net_ip(struct net *n, const char *text, enum af af);

/*
 * net_route.c: routers have unicast routes to all links, over shortest paths, up to @ecmp of the
 * same length. When the network changes, each router has its new ones after @delay ms and a random
 * part of @spread.
 */
void net_routing(struct net *n, unsigned ecmp, int64_t delay, int64_t spread);

/*
 * These routers, with blanks between, have the address beside others: an anycast one. Others have a
 * route to the nearest of those that run.
 */
void net_anycast(struct net *n, const char *routers, const char *address);

/* What a link costs on a path through it; 1 if nothing is said. */
void net_cost(struct net *n, const char *link, unsigned cost);

/*
 * net_check.c: of the packets that are sent in the next @ms, each listener that some path leads to
 * must get each exactly once; and no router may send any to a link behind which nobody wants them.
 */
void net_check(struct net *n, int64_t ms);

/* The same, but for the links. */
void net_check_listeners(struct net *n, int64_t ms);

/*
 * From now on or, false, no longer: who once got a packet of a stream must get all that follow, in
 * order, as long as he wants them.
 */
void net_strict(struct net *n, bool strict);

/*
 * Whether packets may go in a circle for now: two proxies on a link may both take themselves for
 * its querier until they hear each other.
 */
void net_may_circle(struct net *n, bool may);

/*
 * net_bound.c: what must hold while things happen. While there are bounds, each packet that is
 * sent comes to each host that wants it, unless on a way to it something is broken, or happened
 * less than that time ago; not more than @copies times, nor do routers send it to any link more
 * often. NULL: no longer, and what was not so is told.
 */
struct net_bounds {
	int64_t begin;	 /* ms since the source began to send */
	int64_t join;	 /* since the host began to want it */
	int64_t heal;	 /* since a carrier, process or port came or went, which is noticed */
	int64_t relearn; /* since a link was poor, or in two: what was lost nobody knows */
	unsigned copies;
	unsigned spare; /* packets in a row that may be missing: the price of another tree */
	bool anywhere;	/* what happens off its ways may matter: what goes up may come down again */
};
void net_set_bounds(struct net *n, const struct net_bounds *bounds);

/*
 * Packets of a stream are due at a host if this says so too, of the network as it is then; after
 * net_touch() it is asked again.
 */
typedef bool net_is_due(void *arg, const char *host, struct sg sg);
void net_due(struct net *n, net_is_due *is_due, void *arg);

/* The router, the link or the router there is different, and may be so for that time. */
void net_touch(struct net *n, const char *router, const char *link, int64_t ms);

/*
 * Links that a router sends to whether somebody behind them wants it or not, blanks between: those
 * upstream of a proxy.
 */
void net_upstream(struct net *n, const char *router, const char *links);

/* Links carry what nobody wants: routes are configured. */
void net_static(struct net *n);

/* When nobody wants or sends anything any more: no kernel has an entry, no router knows a group. */
void net_check_idle(struct net *n);

/* The router opened a module that it does without now: nothing is left of it there. */
void net_check_gone(struct net *n, const char *router, const char *module);

/* net_dot.c: at that time, in ms, a picture of where the stream goes is written to the file. */
void net_picture(struct net *n, int64_t at, const char *source, const char *group,
		 const char *file);

/* Counters of all that happened, for measurements. */
struct net_figures {
	unsigned long events, control, data, received;
};
struct net_figures net_figures(const struct net *n);

#endif
