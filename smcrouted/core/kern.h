/* kern.h - the operating system as the core sees it
 *
 * Two things implement it: linux/, and the simulator's model of it. The kernel side calls the
 * router_*() inputs of router.h with what it hears. Calls that can be refused answer NULL when
 * it is done, or the reason in words, which stay valid.
 */
#ifndef SMCKIT_KERN_H
#define SMCKIT_KERN_H

#include "lib/module.h"

/* Vifs and mifs that one kernel table has. */
#define MAXVIFS 32
#define NOVIF 255

/* An entry of the kernel's multicast forwarding cache. */
struct mfc_entry {
	struct sg sg;
	uint8_t parent; /* vif */

	/*
	 * By vif: 0 is not an outgoing interface, else a packet's TTL must be above it. IPv6
	 * has no thresholds.
	 */
	uint8_t ttl[MAXVIFS];
};

struct kern_hop {
	struct ip gateway; /* ip_any(): on the link */
	unsigned ifindex;
};

/* A unicast route, or an address of this host. */
struct kern_route {
	bool own;
	uint8_t len, preference;
	uint8_t nhops; /* at least one */
	uint32_t metric;
	unsigned mtu;
	struct kern_hop hop[MAXHOPS]; /* put in by kern_route_hop() */
};

/* Puts a hop into its place by gateway and device; the last goes if there are too many. */
static inline void kern_route_hop(struct kern_route *route, struct kern_hop hop)
{
	for (unsigned i = 0; i < MAXHOPS; i++) {
		struct kern_hop *at = &route->hop[i], next = *at;
		int cmp = i < route->nhops ? ip_cmp(hop.gateway, at->gateway) : -1;

		if (!cmp && hop.ifindex == at->ifindex)
			return;
		if (cmp > 0 || (!cmp && hop.ifindex > at->ifindex))
			continue;
		*at = hop;
		if (i == route->nhops) {
			route->nhops++;
			return;
		}
		hop = next;
	}
}

/*
 * What became of a learned route: it is in the kernel, or comes in elsewhere now; goes out
 * elsewhere; is gone, or no longer a learned one.
 */
enum hook_kind { HOOK_INSTALL, HOOK_CHANGE, HOOK_REMOVE };

/* For scripts. Of what is gone, how it was. */
struct hook {
	enum hook_kind kind;
	enum af af;
	struct sg sg;
	const char *iif, *oifs; /* names, those of oifs with blanks between */
	const char *owner;	/* name of the engine, empty if nobody wants it any more */
};

struct kern;
struct session;

/* What kern_ops.read says of a name that is not there. */
#define NO_SUCH_FILE "No such file or directory"

struct kern_ops {
	/* Whether the family's multicast routing is ours; the reason why not. */
	const char *(*family)(struct kern *k, enum af af);

	/* Makes the device the vif (IPv6: mif) of that number, which must be free. */
	const char *(*vif_add)(struct kern *k, enum af af, unsigned vif, unsigned ifindex);
	const char *(*vif_del)(struct kern *k, enum af af, unsigned vif);

	/*
	 * Adds the entry, or changes the one of the same (S,G) in place. Without a source it is
	 * a wildcard of its group, of which there may be one for each parent.
	 */
	const char *(*mfc_set)(struct kern *k, enum af af, const struct mfc_entry *entry);

	/* @parent tells the wildcards of a group apart; of an (S,G) it is not looked at. */
	const char *(*mfc_del)(struct kern *k, enum af af, struct sg sg, unsigned parent);

	/* False if there is no such entry. counters->packets is without the wrong ones. */
	bool (*counters)(struct kern *k, enum af af, struct sg sg, struct counters *counters);

	/* Fills in what is all 0 before; false if the address is not to be reached. */
	bool (*route)(struct kern *k, enum af af, struct ip ip, struct kern_route *route);

	/*
	 * The whole state of a membership on the device; @who tells the engines apart, whose
	 * memberships the kernel merges.
	 */
	const char *(*join)(struct kern *k, unsigned who, unsigned ifindex,
			    const struct membership *m);

	/* Packets of that kind from the device come in as router_packet(), or no longer. */
	const char *(*listen)(struct kern *k, enum af af, unsigned ifindex, enum listen_what what,
			      bool on);

	/*
	 * Makes the device kern.tunnel, one for both families, or unmakes it: packets that the
	 * kernel sends there come in as router_packet(), PROTO_IP. That it is there, or has gone,
	 * is told as of any device, but never from within the call.
	 */
	const char *(*tunnel)(struct kern *k, bool on);

	/* packet->slot is not looked at: the device is @ifindex, 0 for a routed packet. */
	enum send_result (*send)(struct kern *k, enum af af, unsigned ifindex,
				 const struct packet *packet, unsigned *mtu);

	/* The kernel side's own counter number @i, always the same; false behind the last. */
	bool (*count)(struct kern *k, unsigned i, struct count *count);

	/*
	 * Calls @file for each file that the glob pattern matches, in order of names. The text may
	 * be written to, with one byte more behind it, and be taken over; what is left is freed.
	 * NULL, or why a file could not be read. A pattern without a match is nothing, a plain
	 * name that is not there is NO_SUCH_FILE.
	 */
	const char *(*read)(struct kern *k, const char *pattern,
			    void (*file)(void *arg, const char *name, struct buf *text), void *arg);

	/*
	 * The module of that name, which is its own and is known to be made for this program. It is
	 * the same each time, and stays. NULL, with the reason appended to @why.
	 */
	const struct module *(*module)(struct kern *k, const char *name, struct buf *why);

	/* Called only with router_options.hooks; returns at once. The kernel was told before. */
	void (*hook)(struct kern *k, const struct hook *hook);

	/* The configuration is about to be read again; ready() follows. */
	void (*reloading)(struct kern *k);

	/* The configuration is in force, after a start or a reload; or a reload was refused. */
	void (*ready)(struct kern *k, bool good);

	/*
	 * Starts the program anew in the place of this one, and that one answers @asker, be it
	 * NULL or the session whose request it is. Returns only when it cannot.
	 */
	const char *(*upgrade)(struct kern *k, struct session *asker);
};

struct kern {
	const struct kern_ops *op;
	const char *tunnel; /* what it calls that, not ours; NULL: TUNNEL_NAME */
};

#endif
