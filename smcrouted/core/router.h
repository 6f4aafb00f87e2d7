/* router.h - a router: what goes in, and one turn after another
 *
 * Everything of a router hangs on this struct, so that one process can hold many. The owner
 * (linux/ or the simulator) feeds in what happens and calls router_work() after it.
 */
#ifndef SMCKIT_ROUTER_H
#define SMCKIT_ROUTER_H

#include "core/kern.h"

struct router;
struct session;
struct translation;

struct router_options {
	const char *config; /* pattern of the configuration file, as kern_ops.read takes it */

	/* Makes our grammar of that file, not of those that it includes. NULL: it is ours. */
	void (*translate)(struct translation *t, const char *text, size_t len);

	const char *fallback; /* what the file would say where there is none; NULL: it is missed */
	int64_t cache_idle;   /* ms until an unused learned entry goes, 0: never */
	int64_t mrd_interval; /* ms between Multicast Router Advertisements, 0: the default */
	bool only_enabled;    /* interfaces of a `phyint` line take part if it says so */
	uint64_t seed;
	bool hooks;			     /* kern_ops.hook is to be called */
	const struct module *const *modules; /* those that are built in, NULL at the end */
	const char *version;
};

/* All pointers must outlive the router. */
struct router *router_new(struct kern *kern, struct clock *clock, struct log *log,
			  const struct router_options *options);

/* Takes all back from the kernel, vifs, entries and memberships, and frees the router. */
void router_free(struct router *r);

/* Frees the router but leaves the kernel as it is: another process takes over. */
void router_abandon(struct router *r);

/*
 * Reads the configuration, without the lines in error, and derives what follows: router_work()
 * then puts it in force. router_start() does that as well, at once.
 */
void router_begin(struct router *r);
void router_start(struct router *r);

/*
 * The configuration is to be read again, all of it or nothing to be put in force: router_work()
 * does it, and kern_ops.ready tells the end. Several that come meanwhile are one.
 */
void router_reload(struct router *r);

/*
 * Reads the configuration, at once, and applies nothing; the number of errors. They and warnings
 * are told in a line each.
 */
unsigned router_check(struct router *r, struct buf *text);

/*
 * Does a slice of what is due: settles engines, writes the kernel, fills clients' buffers. True
 * if more remains, to be called again after new upcalls were served.
 */
bool router_work(struct router *r);

/* Whether a client asked the router to end. */
bool router_is_done(const struct router *r);

/* A device of the system, new or changed. */
struct link {
	unsigned ifindex;
	const char *name;
	bool up; /* administratively and carrier */
	bool multicast, loopback, ptp;
	unsigned mtu;
};

void router_link(struct router *r, const struct link *link);
void router_link_gone(struct router *r, unsigned ifindex);

/* An address came or went; IPv6 ones come when duplicate address detection is over. */
void router_address(struct router *r, unsigned ifindex, const struct prefix *address, bool on);

/*
 * A hint that unicast routes of the family are others now: what is watched is asked for again.
 * One may stand for many, and one too many costs time only. Links and addresses imply it.
 */
void router_routes_changed(struct router *r, enum af af);

/*
 * Around a full listing of links and addresses, in the kernel's order: what it did not name is
 * gone.
 */
void router_resync_begin(struct router *r);
void router_resync_end(struct router *r);

/*
 * The kernel's word about a packet that arrived on @vif. Answered before the call returns: the
 * kernel holds an entry then.
 */
void router_upcall(struct router *r, enum af af, enum upcall_kind kind, struct sg sg, unsigned vif);

/* A protocol packet; its slot is looked up from @ifindex. */
void router_packet(struct router *r, unsigned ifindex, const struct packet *packet);

/*
 * After a restart in place, before router_start(): what the kernel still holds of the process
 * before. The entries are kept until their owners had time to want them again.
 */
void router_inherit_vif(struct router *r, enum af af, unsigned vif, unsigned ifindex);
void router_inherit_entry(struct router *r, enum af af, const struct mfc_entry *entry);

/* What a restart must carry over beside descriptors, as requests. */
void router_handover(struct router *r, struct buf *text);

/*
 * The text given back, before router_start(), until whose end it must stay: it does what the text
 * and the configuration say together, so that no entry is written with half of its interfaces.
 */
void router_inherit_text(struct router *r, const char *text, size_t len);

/* A client that may look, or change things too. */
struct session *session_open(struct router *r, bool may_change);
void session_close(struct session *s);

/* What the client sent; the requests in it are done before the call returns. */
void session_input(struct session *s, const char *data, size_t len);

/* So many requests wait behind one in progress that no more should be read for now. */
bool session_is_busy(const struct session *s);

/* What is to be sent to it: the owner takes from the front. */
struct buf *session_output(struct session *s);

/* The client is to be dropped once its output is sent: it does not read, or it sent rubbish. */
bool session_is_over(const struct session *s);

#endif
