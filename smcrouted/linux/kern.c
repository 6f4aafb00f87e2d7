/* kern.c - struct kern over the real system: the calls are handed to those who do the work */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "linux/bridge.h"
#include "linux/control.h"
#include "linux/files.h"
#include "linux/join.h"
#include "linux/kern.h"
#include "linux/module.h"
#include "linux/mrt.h"
#include "linux/mrule.h"
#include "linux/netlink.h"
#include "linux/priv.h"
#include "linux/raw.h"
#include "linux/rival.h"
#include "linux/route.h"
#include "linux/script.h"
#include "linux/store.h"
#include "linux/tun.h"

static const char *op_family(struct kern *kern, enum af af)
{
	struct linux_kern *k = linux_kern(kern);

	return k->mrt[af] ? NULL : k->unavailable[af];
}

static const char *op_vif_add(struct kern *kern, enum af af, unsigned vif, unsigned ifindex)
{
	struct linux_kern *k = linux_kern(kern);
	const char *why;

	if (!k->mrt[af])
		return k->unavailable[af];
	bridges_vif_comes(k->bridges, af, vif, ifindex);
	store_vif_comes(k->store, af, vif, ifindex);
	why = mrt_vif_add(k->mrt[af], vif, ifindex);
	if (!why) {
		bridges_vif_made(k->bridges, af, vif);
		return NULL;
	}
	bridges_vif_gone(k->bridges, af, vif);
	store_vif_gone(k->store);
	return why;
}

static const char *op_vif_del(struct kern *kern, enum af af, unsigned vif)
{
	struct linux_kern *k = linux_kern(kern);
	const char *why;

	if (!k->mrt[af])
		return k->unavailable[af];
	why = mrt_vif_del(k->mrt[af], vif);
	bridges_vif_gone(k->bridges, af, vif);
	store_vif_gone(k->store);
	return why;
}

static const char *op_mfc_set(struct kern *kern, enum af af, const struct mfc_entry *entry)
{
	struct linux_kern *k = linux_kern(kern);

	return k->mrt[af] ? mrt_set(k->mrt[af], entry) : k->unavailable[af];
}

static const char *op_mfc_del(struct kern *kern, enum af af, struct sg sg, unsigned parent)
{
	struct linux_kern *k = linux_kern(kern);

	return k->mrt[af] ? mrt_del(k->mrt[af], sg, parent) : k->unavailable[af];
}

static bool op_counters(struct kern *kern, enum af af, struct sg sg, struct counters *counters)
{
	struct linux_kern *k = linux_kern(kern);

	return k->mrt[af] && mrt_counters(k->mrt[af], sg, counters);
}

static bool op_route(struct kern *kern, enum af af, struct ip ip, struct kern_route *route)
{
	return routes_find(linux_kern(kern)->routes, af, ip, route);
}

static const char *op_join(struct kern *kern, unsigned who, unsigned ifindex,
			   const struct membership *m)
{
	struct linux_kern *k = linux_kern(kern);

	store_changed(k->store);
	return joins_set(k->joins, who, ifindex, m);
}

static const char *op_listen(struct kern *kern, enum af af, unsigned ifindex, enum listen_what what,
			     bool on)
{
	struct linux_kern *k = linux_kern(kern);
	int before = raw_registers(k->raw, af);
	const char *why = raw_listen(k->raw, af, ifindex, what, on);

	if (before < 0 && raw_registers(k->raw, af) >= 0)
		store_keep(k->store, STORE_REGISTERS(af), raw_registers(k->raw, af));
	return why;
}

/* There are systems where only root may open what makes it. */
static const char *op_tunnel(struct kern *kern, bool on)
{
	struct linux_kern *k = linux_kern(kern);
	const char *why;

	priv_borrow(on);
	why = tun_set(k->tun, on);
	priv_borrow(false);
	if (on && !why)
		store_keep(k->store, STORE_TUNNEL, tun_fd(k->tun));
	else
		store_drop(k->store, STORE_TUNNEL);
	return why;
}

static enum send_result op_send(struct kern *kern, enum af af, unsigned ifindex,
				const struct packet *packet, unsigned *mtu)
{
	return raw_send(linux_kern(kern)->raw, af, ifindex, packet, mtu);
}

static bool op_count(struct kern *kern, unsigned i, struct count *count)
{
	struct linux_kern *k = linux_kern(kern);

	for (enum af af = V4; af <= V6; af++) {
		if (k->mrt[af])
			k->counts.n[COUNT_UPCALL_OVERRUN][af] = mrt_overruns(k->mrt[af]);
	}
	return counts_at(&k->counts, i, count);
}

/* At the start, what only root may read too: it was root who named it. */
static const char *op_read(struct kern *kern, const char *pattern,
			   void (*file)(void *arg, const char *name, struct buf *text), void *arg)
{
	bool is_hidden = faccessat(AT_FDCWD, pattern, R_OK, AT_EACCESS) && errno == EACCES;
	const char *why;

	priv_borrow(true);
	why = files_read(kern, pattern, file, arg);
	priv_borrow(false);
	if (is_hidden && !why)
		log_warning(linux_kern(kern)->log,
			    "%s: only root may read this: later on it cannot be read again",
			    pattern);
	return why;
}

static void op_hook(struct kern *kern, const struct hook *hook)
{
	script_hook(linux_kern(kern)->script, hook);
}

static void op_reloading(struct kern *kern)
{
	struct linux_kern *k = linux_kern(kern);

	k->reloading(k);
}

static void op_ready(struct kern *kern, bool good)
{
	struct linux_kern *k = linux_kern(kern);

	k->ready(k, good);
}

static const char *op_upgrade(struct kern *kern, struct session *asker)
{
	struct linux_kern *k = linux_kern(kern);

	return k->upgrade(k, asker);
}

static const struct kern_ops ops = {
	.family = op_family,
	.vif_add = op_vif_add,
	.vif_del = op_vif_del,
	.mfc_set = op_mfc_set,
	.mfc_del = op_mfc_del,
	.counters = op_counters,
	.route = op_route,
	.join = op_join,
	.listen = op_listen,
	.tunnel = op_tunnel,
	.send = op_send,
	.count = op_count,
	.read = op_read,
	.module = module_open,
	.hook = op_hook,
	.reloading = op_reloading,
	.ready = op_ready,
	.upgrade = op_upgrade,
};

/* The reason with the names of those who may have the table. */
static const char *busy(struct linux_kern *k, enum af af, const char *why)
{
	struct buf text = { 0 };

	buf_puts(&text, why);
	rival_name(af, &text);
	snprintf(k->busy[af], sizeof(k->busy[af]), "%.*s", (int)buf_len(&text), buf_at(&text));
	buf_free(&text);
	return k->busy[af];
}

/* With the descriptor of the process before, if there is one that can be used. 0, or an errno. */
static int open_mrt(struct linux_kern *k, enum af af)
{
	int error;
	int fd = store_mroute(k->store, af);
	const char *why = mrt_open(k, af, fd, &k->mrt[af]);

	if (why && fd >= 0) {
		log_warning(k->log, "%s: multicast routing cannot be taken over: %s", af_name(af),
			    why);
		why = mrt_open(k, af, -1, &k->mrt[af]);
	}
	if (why) {
		error = errno;
		k->mrt[af] = NULL;
		k->unavailable[af] = error == EADDRINUSE ? busy(k, af, why) : why;
		log_warning(k->log, "%s: no multicast routing: %s", af_name(af),
			    k->unavailable[af]);
		return error;
	}
	store_keep_mroute(k->store, af);
	return 0;
}

/* What ends a daemon that has neither family: what an operator can change goes first. */
static int exit_code(const int error[NFAMILIES])
{
	bool held = false, denied = false, missing = true;

	for (enum af af = V4; af <= V6; af++) {
		switch (error[af]) {
		case EADDRINUSE:
			held = true;
			break;
		case EPERM:
		case EACCES:
			denied = true;
			break;
		case ENOPROTOOPT:
		case EOPNOTSUPP:
		case EAFNOSUPPORT:
		case EPROTONOSUPPORT:
			break;
		default:
			missing = false;
			break;
		}
	}
	if (held)
		return EX_UNAVAILABLE;
	if (denied)
		return EX_NOPERM;
	return missing ? EX_PROTOCOL : EX_OSERR;
}

int kern_take_tables(struct linux_kern *k)
{
	int error[NFAMILIES];

	error[V4] = open_mrt(k, V4);
	if (k->only_v4) {
		k->unavailable[V6] = "this daemon leaves it to others";
		error[V6] = ENOPROTOOPT;
	} else {
		error[V6] = open_mrt(k, V6);
	}
	if (error[V4] && error[V6]) {
		log_err(k->log, "no multicast routing to be had");
		return exit_code(error);
	}
	mrule_check(k);
	return 0;
}

int kern_open(struct linux_kern *k, struct log *log, const struct router_options *options)
{
	const char *why;

	k->kern.op = &ops;
	k->bridges = bridges_new(k);
	k->joins = joins_new(k);
	k->raw = raw_new(k);
	for (enum af af = V4; af <= V6; af++)
		raw_inherit_registers(k->raw, af, store_claim(k->store, STORE_REGISTERS(af)));
	k->tun = tun_new(k, store_claim(k->store, STORE_TUNNEL));
	why = routes_open(k, &k->routes);
	if (why) {
		k->routes = NULL;
		log_err(k->log, "netlink: cannot follow routes: %s", why);
		return -1;
	}
	k->router = router_new(&k->kern, &k->clock, log, options);
	why = netlink_open(k, &k->netlink);
	if (why) {
		k->netlink = NULL;
		log_err(k->log, "netlink: cannot follow links and addresses: %s", why);
		return -1;
	}
	store_inherit(k->store);
	return 0;
}

/* Nobody will take them over. */
static void drop_registers(struct linux_kern *k)
{
	if (k->tun && tun_fd(k->tun) >= 0)
		store_drop(k->store, STORE_TUNNEL);
	for (enum af af = V4; k->raw && af <= V6; af++) {
		if (raw_registers(k->raw, af) >= 0)
			store_drop(k->store, STORE_REGISTERS(af));
	}
}

void kern_started(struct linux_kern *k)
{
	if (tun_drop_unclaimed(k->tun))
		store_drop(k->store, STORE_TUNNEL);
	for (enum af af = V4; af <= V6; af++) {
		if (raw_started(k->raw, af))
			store_drop(k->store, STORE_REGISTERS(af));
	}
}

unsigned kern_pass(const struct linux_kern *k, struct passed_fd *fd)
{
	unsigned n = 0;

	if (tun_fd(k->tun) >= 0)
		fd[n++] = (struct passed_fd){ STORE_TUNNEL, tun_fd(k->tun) };
	for (enum af af = V4; af <= V6; af++) {
		if (raw_registers(k->raw, af) >= 0)
			fd[n++] = (struct passed_fd){ STORE_REGISTERS(af),
						      raw_registers(k->raw, af) };
	}
	return n;
}

void kern_close(struct linux_kern *k, bool keep)
{
	store_leave(k->store, keep);
	if (k->router && keep)
		router_abandon(k->router);
	else if (k->router)
		router_free(k->router);
	k->router = NULL;
	netlink_close(k->netlink);
	routes_close(k->routes);
	if (k->joins)
		joins_free(k->joins);
	if (!keep)
		drop_registers(k);
	if (k->raw)
		raw_free(k->raw);
	tun_free(k->tun);
	if (k->bridges)
		bridges_free(k->bridges);
	for (enum af af = V4; af <= V6; af++)
		mrt_close(k->mrt[af]);
}
