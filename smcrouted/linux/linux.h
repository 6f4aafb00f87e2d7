/* linux.h - struct kern over the real system: what its files share
 *
 * kern.c fills in the operations; mrt.c (with mrt4.c and mrt6.c) is the multicast forwarding
 * cache, rival.c who else may have it, mrule.c the rules that lead to it, bridge.c what bridges are
 * told of vifs on them, join.c memberships, raw.c and raw_send.c (with unnumbered.c) protocol
 * packets, header.c their headers, tun.c the tunnel, netlink.c links and addresses, route.c unicast
 * routes, count.c counters, control.c the clients' socket, store.c and store_inherit.c what
 * survives a restart, module.c engines in files of their own, script.c the operator's script,
 * priv.c privileges, daemon.c the process.
 */
#ifndef SMCKIT_LINUX_H
#define SMCKIT_LINUX_H

#include "core/kern.h"
#include "core/router.h"
#include "linux/count.h"
#include "linux/loop.h"

struct linux_kern {
	struct kern kern; /* first: the core's handle */
	struct router *router;
	struct clock clock;
	struct loop loop;
	struct log_area *log;
	struct counts counts;
	uint32_t table; /* of the kernel's multicast routing, 0: the default one */
	bool only_v4;	/* that of IPv6 is not taken */

	/* As in kern_ops: the process, which is more than its kernel side, is the owner's. */
	void (*reloading)(struct linux_kern *k);
	void (*ready)(struct linux_kern *k, bool good);
	const char *(*upgrade)(struct linux_kern *k, struct session *asker);

	struct mrt *mrt[NFAMILIES];	    /* NULL until opened */
	const char *unavailable[NFAMILIES]; /* why it could not be opened */
	char busy[NFAMILIES][200];	    /* the text of it where others have it */
	struct bridges *bridges;
	struct joins *joins;
	struct raw *raw;
	struct netlink *netlink;
	struct routes *routes;
	struct tun *tun;
	struct control *control;
	struct store *store;
	struct script *script; /* NULL: none, and router_options.hooks is not set */
};

static inline struct linux_kern *linux_kern(struct kern *k)
{
	return container_of(k, struct linux_kern, kern);
}

/* strerror() whose text stays valid; for the reasons that kern_ops answers with. */
static inline const char *reason(int error)
{
	const char *text = strerrordesc_np(error);

	return text ? text : "unknown error";
}

#endif
