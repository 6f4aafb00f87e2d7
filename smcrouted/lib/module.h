/* module.h - the contract between the core and an engine
 *
 * An engine decides which routes there should be; the core merges and keeps them. An instance
 * serves one family. It is pure: packets, interface events, expired timers and commands go in;
 * wishes, packets, rows and log lines come out through the calls of struct host_ops.
 *
 * No call re-enters an engine, and pointers that are passed in live only for the call. An event
 * changes stored inputs and marks what depends on them; settle() derives the rest and tells the
 * core. Interfaces are slots (ifset.h), never indexes.
 */
#ifndef SMCKIT_MODULE_H
#define SMCKIT_MODULE_H

#include "age.h"
#include "buf.h"
#include "clock.h"
#include "ifset.h"
#include "ip.h"
#include "keyword.h"
#include "log.h"
#include "record.h"
#include "rng.h"
#include "words.h"

struct engine;
struct host;
struct module;

/* An interface as an engine of one family sees it. */
struct iface {
	const char *name;
	bool present; /* it exists; all below is 0 if not */
	bool enabled; /* multicast routing of the family may use it */
	bool refused; /* the kernel has no vif for it, of which data takes one */
	bool up;      /* administratively and its carrier */
	bool multicast, loopback, ptp;
	unsigned mtu;
	unsigned epoch; /* another one: the device was replaced or down in between, seen or not */
	const struct prefix *address; /* of the engine's family, duplicate detection over */
	unsigned naddresses;
};

/*
 * From where to speak to its link (RFC 3810 5.1.14 and 5.2.13, RFC 4286 3.3.1): the first address,
 * which comes first in the kernel; of IPv6 the first one of the link's own. False if there is none.
 */
static inline bool iface_source(enum af af, const struct iface *iface, struct ip *src)
{
	for (unsigned i = 0; i < iface->naddresses; i++) {
		*src = iface->address[i].ip;
		if (af == V4 || ip_is_link_local(*src))
			return true;
	}
	return false;
}

static inline bool iface_owns(const struct iface *iface, struct ip ip)
{
	for (unsigned i = 0; i < iface->naddresses; i++) {
		if (ip_eq(iface->address[i].ip, ip))
			return true;
	}
	return false;
}

/*
 * Who owns an (S,G) when several engines want it: the lowest rank. Its incoming interface holds,
 * and the outgoing ones are the union of all wants that share it.
 */
enum rank { RANK_STATIC, RANK_PIM, RANK_PROXY, RANK_LEARNED, RANK_INHERITED };

enum route_kind {
	ROUTE_WANT,  /* forward to the outgoing interfaces, of which there may be none yet */
	ROUTE_BLOCK, /* forward to nobody, whatever those of higher rank want */
};

/*
 * The whole wish of an engine for one (S,G), never a change to it. With any source it is for the
 * kernel's own wildcard entry of the group on @iif, which forwards all sources without an upcall;
 * it is left out as long as that would hide streams from other engines, or the group's wildcards
 * send to one another. So streams of the group may come as upcalls nevertheless.
 */
struct route {
	struct sg sg;
	struct ifset oifs;
	uint8_t iif;
	uint8_t kind; /* enum route_kind */
	uint8_t rank; /* enum rank */

	/*
	 * The wish goes by itself, and the engine is not told, when no packet came in on @iif for
	 * the time of host->cache_idle; the next one is an upcall. An upcall counts as a packet.
	 * It takes up to twice that time, and rarely more. Of no meaning for a wildcard.
	 */
	bool passing;
};

/* Why the kernel tells of a packet. */
enum upcall_kind {
	UPCALL_NOROUTE, /* it has no entry for this (S,G) */
	UPCALL_WRONGIF, /* it came in on another interface than the entry's; one in 3 s an entry */
	UPCALL_RECALL,	/* no packet: the source is known, and recall() asked for it */
};

struct upcall {
	enum upcall_kind kind;
	struct sg sg;
	uint8_t arrival; /* slot */
};

struct counters {
	uint64_t packets; /* on the right interface */
	uint64_t bytes;	  /* of all, the kernel does not part them */
	uint64_t wrong;	  /* packets on other interfaces */
};

enum protocol {
	PROTO_IGMP = 2,
	PROTO_IP = 4, /* a whole packet of the family, to or from the tunnel */
	PROTO_UDP = 17,
	PROTO_ICMPV6 = 58,
	PROTO_PIM = 103,
};

/*
 * The checksums of IGMP and of PIM are in it, and what is sent by PIM over IPv6 names its source,
 * which its checksum is over; that of ICMPv6 and UDP is the kernel's work.
 */
struct packet {
	enum protocol proto;
	uint8_t slot; /* arrival, or where to send; NOSLOT: as unicast routing says */
	uint8_t ttl;  /* hop limit; arrival: 0 if unknown */
	uint8_t tos;  /* or traffic class */
	bool router_alert;
	bool fragment;	       /* to send: in parts where it is too long, it is not refused */
	struct ip src, dst;    /* to send: ip_any() source is the interface's own, if any */
	uint16_t sport, dport; /* UDP */
	const void *data;      /* behind the IP header (UDP: behind the UDP header), IP: with it */
	size_t len;
};

enum send_result {
	SENT,
	SEND_TOO_BIG, /* for the path; *mtu says what would pass */
	SEND_FAILED,  /* logged by the one who tried */
};

enum listen_what {
	LISTEN_DATA,	/* unknown sources that arrive there: takes a vif */
	LISTEN_MEMBERS, /* every IGMP or MLD message, but not the last: takes a vif */
	LISTEN_PIM,
	LISTEN_MRD,	/* Multicast Router Solicitations (RFC 4286) */
	LISTEN_AUTO_RP, /* what mapping agents of Auto-RP tell, of IPv4 alone */
};

#define NLISTEN (LISTEN_AUTO_RP + 1)

/* UDP, to 224.0.1.40 */
#define AUTO_RP_PORT 496

/* How names of tunnels begin, ours and those of others. No pattern takes them in. */
#define TUNNEL_NAME "pimreg"

/* Which of them a packet of a protocol comes in by: a type begins IGMP and ICMPv6. */
static inline enum listen_what packet_listened(const struct packet *packet)
{
	uint8_t type = packet->len ? *(const uint8_t *)packet->data : 0;

	switch (packet->proto) {
	case PROTO_IGMP:
		return type >= 0x30 && type <= 0x32 ? LISTEN_MRD : LISTEN_MEMBERS;
	case PROTO_ICMPV6:
		return type >= 151 && type <= 153 ? LISTEN_MRD : LISTEN_MEMBERS;
	case PROTO_UDP:
		return LISTEN_AUTO_RP;
	default:
		return LISTEN_PIM;
	}
}

/* Next hops of an address that are looked at: those with the lowest gateways. */
#define MAXHOPS 8

/* One of the ways to an address. */
struct hop {
	struct ip gateway; /* ip_any(): on the link; an IPv4 route can have an IPv6 one */
	uint8_t slot;	   /* NOSLOT: no engine uses the device */
};

/* What unicast routing says of an address; without a route to it all is 0. */
struct rpf {
	bool reachable;
	bool own;	    /* the address is this host's */
	bool connected;	    /* or own: no hop has a gateway */
	uint8_t len;	    /* of the route's prefix */
	uint8_t preference; /* administrative distance */
	uint8_t nhops;
	uint32_t metric;
	unsigned mtu;		 /* of the path, as far as routes and links know it */
	struct hop hop[MAXHOPS]; /* by gateway, so that the order does not change by itself */
};

/* The filter of RFC 3376 3.2 and RFC 3810 4.2; INCLUDE without sources is no membership. */
enum filter_mode { FILTER_INCLUDE, FILTER_EXCLUDE };

struct membership {
	struct ip group;
	enum filter_mode mode;
	const struct ip *source;
	unsigned nsources;
};

/* How listeners of an interface are asked; all is 0 if they are not. */
struct querying {
	int64_t interval; /* ms between general queries, of whoever is querier */
	uint8_t robustness;
};

struct host_ops {
	/* The slot of the interface of that name, be it there or not; -1 if all 64 are in use. */
	int (*slot)(struct host *host, const char *name);

	/* The name of a slot in use. */
	const char *(*ifname)(struct host *host, unsigned slot);

	/* The slots whose interfaces exist, and the patterns that take in some. */
	struct ifset (*present)(struct host *host);

	/*
	 * Names may be patterns (ifname.h), which have slots of their own. In the place of each
	 * pattern, the set gets the slots of the interfaces there are that it takes in: all of
	 * such names but loopback.
	 */
	struct ifset (*expand)(struct host *host, struct ifset set);

	/* The slot itself, and the patterns that take in its interface while that is there. */
	struct ifset (*named_by)(struct host *host, unsigned slot);

	/*
	 * Puts into @fields what `phyint` says of the slot's interface by words of @table; what it
	 * says nothing of stays as it is. Within check(), it is the configuration being read that
	 * says so.
	 */
	void (*phyint)(struct host *host, unsigned slot, const struct keyword *table, void *fields);

	/* The slot's interface as it is; what it points to lives for the call at work. */
	struct iface (*iface)(struct engine *e, unsigned slot);

	/* Sends at once. @mtu is set on SEND_TOO_BIG alone and may be NULL. */
	enum send_result (*send)(struct engine *e, const struct packet *packet, unsigned *mtu);

	/* Asks for packets or upcalls of an interface, there or not yet; or no longer for them. */
	void (*listen)(struct engine *e, unsigned slot, enum listen_what what, bool on);

	/*
	 * The tunnel (RFC 7761 4.4) is an interface of the router's own, host.tunnel, which
	 * comes and goes as others do, and exists while an engine wants it and the system can make
	 * it. What is forwarded to it comes in by packet(); what is sent to it arrives there, to be
	 * forwarded: PROTO_IP, whose addresses are those in its own header.
	 */
	void (*tunnel)(struct engine *e, bool on);

	/* A membership of this host on behalf of the engine: the whole state of the group there. */
	void (*join)(struct engine *e, unsigned slot, const struct membership *m);

	/* How a membership fares: NULL if it stands, else why not ("no such interface"). */
	const char *(*joined)(struct engine *e, unsigned slot, struct ip group);

	/*
	 * Follows what listeners of an interface want, as the engine of IGMP and MLD says, which
	 * is at work there while somebody follows. What is known already is told first, in slices.
	 * The engine must have member().
	 */
	void (*members)(struct engine *e, unsigned slot, bool on);

	/*
	 * What the listeners of an interface want of a group, as was told last: INCLUDE of none if
	 * nobody listens. The sources live for the call at work.
	 */
	void (*membership)(struct engine *e, unsigned slot, struct ip group, struct membership *m);

	/* Whether this router is the querier there. */
	bool (*is_querier)(struct engine *e, unsigned slot);

	/* And how listeners are asked there, by whomever. */
	struct querying (*querying)(struct engine *e, unsigned slot);

	/*
	 * Of the engine of IGMP and MLD alone: the whole state of a group, which is another one
	 * now; and that is_querier() changed.
	 */
	void (*member)(struct engine *e, unsigned slot, const struct membership *m);
	void (*querier)(struct engine *e, unsigned slot);

	/* Declares the wish for route->sg, in the place of another; the same changes nothing. */
	void (*route)(struct engine *e, const struct route *route);

	/* Takes the wish back, if there is one. @iif is looked at for a wildcard only. */
	void (*unroute)(struct engine *e, struct sg sg, unsigned iif);

	/* The engine's own wish for an (S,G), as it stands; false if there is none. */
	bool (*routed)(struct engine *e, struct sg sg, struct route *route);

	/*
	 * Sources of groups in @groups that the kernel knows already come once more, as upcalls
	 * to this engine: to be called when the engine starts to care for what it did not. Its
	 * passing wishes for those that fell silent go: the next packet tells.
	 */
	void (*recall)(struct engine *e, struct prefix groups);

	/*
	 * The next packet of @sg on a wrong interface is an upcall, however lately there was one;
	 * without a source in it: of each source of the group. To be called when something new
	 * is waited for there. A new outgoing interface needs no call.
	 */
	void (*alert)(struct engine *e, struct sg sg);

	/*
	 * Follows what unicast routing says of an address: the answer at once, and rpf() on each
	 * change, until one unwatch(), however often it was watched. Addresses of link scope mean
	 * nothing without their link: they are not reachable.
	 */
	void (*watch)(struct engine *e, struct ip ip, struct rpf *rpf);
	void (*unwatch)(struct engine *e, struct ip ip);

	/* What the kernel counted; false if it has no such entry. Never runs backwards. */
	bool (*counters)(struct engine *e, struct sg sg, struct counters *counters);

	/* Asks for a settle() in this turn. Needed only outside of calls from the core: timers. */
	void (*wake)(struct engine *e);

	/* Tells operators: pairs of a name and a text after @kind, NULL at the end. */
	void (*event)(struct host *host, const char *kind, ...);

	/* Whether anybody would hear of an event; its texts need not be made if not. */
	bool (*is_monitored)(struct host *host);
};

struct host {
	const struct host_ops *op;
	struct clock *clock;
	struct rng *rng;
	struct log *log;
	const char *tunnel;   /* its name */
	int64_t cache_idle;   /* ms until a learned entry without packets goes, 0: never */
	int64_t mrd_interval; /* ms between Multicast Router Advertisements, 0: the default */
	bool resumes;	      /* entries of a former process are there: what led to it is wanted */
};

/* A line of configuration or a request, being read. Errors go to the words. */
struct reader {
	struct words words;
	struct host *host;
};

/* The slot of the name, which was read; -1 with the error set. */
static inline int slot_named(struct reader *r, const char *name)
{
	int slot = r->host->op->slot(r->host, name);

	if (slot < 0)
		words_error(&r->words, "%s is one interface too many, %u can be in use", name,
			    MAXSLOTS);
	return slot;
}

/* The slot of the interface whose name is the next word; -1 with the error set. */
static inline int read_slot(struct reader *r)
{
	const char *name = words_ifname(&r->words);

	return name ? slot_named(r, name) : -1;
}

/* A statement of the configuration file. */
struct statement {
	const char *name, *args, *help;

	/* Reads the words after the name into the module's configuration; 0 or -1. */
	int (*parse)(struct reader *r, void *conf);
};

#define SHOW_KEY 48

/* A table on its way to a client: pulled a slice at a time. */
struct show {
	struct reader *reader;	 /* its words: what follows the command */
	struct buf *out;	 /* rows go here, by record.h */
	unsigned budget;	 /* rows that may still be written in this slice */
	unsigned stage;		 /* the function's own, 0 at the first call */
	uint8_t after[SHOW_KEY]; /* the function's own: the last row's key */
};

/* The two instances of a module, by family. */
struct engines {
	struct engine *af[NFAMILIES];
};

/* A command: just one of run and show is set. */
struct command {
	const char *words; /* "show groups" */
	const char *args, *help;
	bool change; /* needs the right to; waits until a configuration that was read is in force */

	/* Does it; 0, or -1 with the error in the words. */
	int (*run)(struct reader *r, struct engines engines);

	/*
	 * Writes rows until the budget is used up or all is written, which returns false; words
	 * that are wrong are an error, with nothing written. Several modules may give the same
	 * words: their tables follow one another.
	 */
	bool (*show)(struct show *s, struct engines engines);
};

/* A kind of event that operators may follow, alone or with all of its area. */
struct event_kind {
	const char *name, *area, *help;
};

/* Begins every engine's own struct; set by the core. */
struct engine {
	const struct module *module;
	struct host *host;
	struct log_area *log; /* of the module's name */
	enum af af;
	unsigned id; /* small, unique in the router */
};

/* A counter, as operators see it. */
struct count {
	const char *area, *family; /* NULL: of both */
	const char *name, *help;
	uint64_t value;
};

#define PHYINT_SIZE 512

/* Room for the hash of this file and all that it includes, with its end. */
#define ABI_SIZE 17

struct module {
	/* First, in all versions of this: SMCKIT_ABI (abi.h), if it is one that is opened. */
	char abi[ABI_SIZE];
	const char *name;
	const char *version;		    /* of one that is opened */
	const struct statement *statements; /* end with an empty row, as all tables; may be NULL */
	const struct command *commands;
	const struct event_kind *events;

	/* Words after `phyint IFNAME`; their struct has at most PHYINT_SIZE bytes. May be NULL. */
	const struct keyword *phyint;

	/*
	 * A line says one of these words of the slot, which may be a pattern's. Of @fields, what
	 * that word says is set, and all else 0. May be NULL.
	 */
	void (*phyint_named)(void *conf, unsigned slot, const void *fields);

	/* A fresh configuration with its defaults, for both families. */
	void *(*conf_new)(void);
	void (*conf_free)(void *conf);

	/*
	 * Frees some @budget of what a large one holds, so that conf_free() does not take long;
	 * true if more is to be done. May be NULL.
	 */
	bool (*conf_shrink)(void *conf, unsigned budget);

	/*
	 * Refuses what no single line could know to be wrong, once all are read: 0, or -1 with
	 * the error in the words and what was wrong taken out, so that the next call finds what
	 * else there is. The last one may warn. Changes nothing that is in force. May be NULL.
	 */
	int (*check)(struct reader *r, void *conf);

	/*
	 * The interfaces where a configuration has it serve who listens there, patterns expanded:
	 * no two modules can. Asked once check() refuses nothing more. May be NULL.
	 */
	struct ifset (*serves)(struct host *host, const void *conf, enum af af);

	/* Makes an instance; the core fills in struct engine, and then calls start(). */
	struct engine *(*create)(void);
	void (*start)(struct engine *e);

	/*
	 * The module is about to go by a configuration: some @budget of what the engine has is
	 * freed, so that destroy() does not take long; true if more is to be done. From the first
	 * call on it takes in nothing more. May be NULL.
	 */
	bool (*shrink)(struct engine *e, unsigned budget);

	/*
	 * The router ends for good, and no other process goes on in its place; or the configuration
	 * has the module no more. Neighbours are told what they should know, and destroy() follows.
	 * May be NULL.
	 */
	void (*stop)(struct engine *e);

	/*
	 * Leaves no timer and no byte. Its wishes, watches and all that it asked for are taken back
	 * by the core.
	 */
	void (*destroy)(struct engine *e);

	/*
	 * Takes over a configuration that was read without an error, and may take parts out of
	 * it, those of its family; what was done by command goes, unless it is to be kept. Cannot
	 * fail. Long work is left to settle().
	 */
	void (*configure)(struct engine *e, void *conf, bool keep);

	/* Something about an interface in use changed. */
	void (*iface)(struct engine *e, unsigned slot, const struct iface *iface);

	void (*packet)(struct engine *e, const struct packet *packet);

	/* An engine without it never calls route(). */
	void (*upcall)(struct engine *e, const struct upcall *upcall);

	/*
	 * Whether it will not call route(), nor care for upcalls, under its configuration: the core
	 * is then as fast as without the engine, which hears of upcalls nevertheless. Asked when
	 * made, and after each configure(). May be NULL: never idle.
	 */
	bool (*is_idle)(struct engine *e);

	/* On interfaces that the engine follows: a group's whole state, and who is querier. */
	void (*member)(struct engine *e, unsigned slot, const struct membership *m);
	void (*querier)(struct engine *e, unsigned slot, bool on);

	/*
	 * Of the engine of IGMP and MLD alone, which is the database of what listeners want, is
	 * never opened, and has all five or none: that somebody follows an interface, or nobody any
	 * more; the answers to membership(), is_querier() and querying(); and the first group
	 * behind @after that somebody wants there, zero for the first.
	 */
	void (*followed)(struct engine *e, unsigned slot, bool on);
	void (*membership)(struct engine *e, unsigned slot, struct ip group, struct membership *m);
	bool (*next_group)(struct engine *e, unsigned slot, struct ip after, struct ip *group);
	bool (*is_querier)(struct engine *e, unsigned slot);
	struct querying (*querying)(struct engine *e, unsigned slot);

	/* The answer to a watch() is another one now. */
	void (*rpf)(struct engine *e, struct ip ip, const struct rpf *rpf);

	/* Its own counter number @i, always the same; false behind the last. May be NULL. */
	bool (*count)(struct engine *e, unsigned i, struct count *count);

	/* Forgets streams of these ranges that it learned; the next packet tells of them anew. */
	void (*forget)(struct engine *e, const struct prefix *sources, const struct prefix *groups);

	/*
	 * Derives what follows from the inputs, some @budget of it; true if more is to be done.
	 * What upcalls marked comes first. May be NULL, as all calls above that bring news may.
	 */
	bool (*settle)(struct engine *e, unsigned budget);

	/* The slots that the engine names, patterns as such; the core frees the others. */
	struct ifset (*slots)(struct engine *e);

	/*
	 * Appends the requests, a line each, that bring back what was done by command: for a
	 * process that takes over. May be NULL.
	 */
	void (*handover)(struct engine *e, struct buf *text);
};

/*
 * The one symbol of a module that is opened: `module NAME` in the configuration means the file
 * NAME.so with the module of that name. It has its own copy of lib, and calls the C library alone.
 * It stays where it is in memory, while its engines come and go.
 */
#define MODULE_SYMBOL "smckit_module"

extern const struct module smckit_module __attribute__((visibility("default")));

#endif
