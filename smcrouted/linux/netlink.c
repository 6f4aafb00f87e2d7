/* netlink.c - links and addresses, kept as the kernel last told them
 *
 * Events change the table, and the router is told what differs. When events were lost, all is
 * listed anew into a second table, which takes the place of the first once it is complete.
 */
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/tree.h"
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "linux/attr.h"
#include "linux/join.h"
#include "linux/netlink.h"
#include "linux/raw.h"
#include "linux/sock.h"

/* Bytes of events that may wait: some thousand links that change at once. */
#define RCVBUF (4 << 20)

/* When a listing is tried again that could not be had, for lack of descriptors or memory. */
#define RETRY_TIME SEC(1)

/* How often a listing that something changed under is begun anew. */
#define ATTEMPTS 20

/* Messages that are read before others have their turn. */
#define BATCH 64

/* From linux/if.h, which cannot be included beside the C library's. */
#define LOWER_UP 0x10000

struct device {
	struct tree_node node;
	struct prefix *address; /* owned */
	unsigned naddresses;
	struct link link;
	bool ethernet;
	char name[IFNAMSIZ];
};

TREE_HEAD(devices);

static int device_cmp(const struct device *a, const struct device *b)
{
	return (a->link.ifindex > b->link.ifindex) - (a->link.ifindex < b->link.ifindex);
}

TREE_GENERATE(devices, device, node, device_cmp)

struct netlink {
	struct linux_kern *kern; /* not ours */
	struct mnl_socket *socket;
	struct loop_fd watch;
	struct timer retry; /* of a listing that failed */
	struct devices devices;
	char buf[65536];
};

/* What a message says: a link or an address, there or gone. */
struct news {
	struct link link;
	bool ethernet; /* groups have addresses on the link as on Ethernet */
	char name[IFNAMSIZ];
	struct prefix address;
	bool on;
};

static struct device *device_find(const struct devices *devices, unsigned ifindex)
{
	struct device key = { .link.ifindex = ifindex };

	return TREE_FIND(devices, (struct devices *)devices, &key);
}

static struct device *device_add(struct devices *devices, unsigned ifindex)
{
	struct device *d = xcalloc(1, sizeof(*d));

	d->link = (struct link){ .ifindex = ifindex, .name = d->name };
	TREE_INSERT(devices, devices, d);
	return d;
}

static void device_free(struct devices *devices, struct device *d)
{
	TREE_REMOVE(devices, devices, d);
	free(d->address);
	free(d);
}

static void devices_free(struct devices *devices)
{
	struct device *d;

	while ((d = TREE_MIN(devices, devices)))
		device_free(devices, d);
}

/* Takes over what the link is; false if it was so already. */
static bool device_set(struct device *d, const struct news *n)
{
	const struct link *a = &d->link, *b = &n->link;

	d->ethernet = n->ethernet;
	if (a->up == b->up && a->multicast == b->multicast && a->loopback == b->loopback &&
	    a->ptp == b->ptp && a->mtu == b->mtu && !strcmp(d->name, n->name))
		return false;
	memcpy(d->name, n->name, sizeof(d->name));
	d->link = n->link;
	d->link.name = d->name;
	return true;
}

/* The place of the address in the list, or that behind the last. */
static unsigned address_at(const struct device *d, const struct prefix *address)
{
	unsigned i = 0;

	while (i < d->naddresses &&
	       (!ip_eq(d->address[i].ip, address->ip) || d->address[i].len != address->len))
		i++;
	return i;
}

/*
 * Adds an address at that place or takes it out, the others keep their order; false if nothing
 * changed.
 */
static bool device_address(struct device *d, const struct prefix *address, bool on, unsigned place)
{
	unsigned i = address_at(d, address);

	if (on == (i < d->naddresses))
		return false;
	if (on) {
		d->address = xrealloc(d->address, (d->naddresses + 1) * sizeof(*d->address));
		memmove(&d->address[place + 1], &d->address[place],
			(d->naddresses++ - place) * sizeof(*d->address));
		d->address[place] = *address;
	} else {
		d->naddresses--;
		memmove(&d->address[i], &d->address[i + 1],
			(d->naddresses - i) * sizeof(*d->address));
	}
	return true;
}

/*
 * A link's message. Those of a bridge about its ports are not about links: a port that leaves
 * the bridge would look like a device that is gone.
 */
static bool read_link(const struct nlmsghdr *nlh, struct news *n)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const unsigned carried = IFF_UP | LOWER_UP;
	struct attrs a = { { NULL } };

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi) || ifi->ifi_family != AF_UNSPEC)
		return false;
	mnl_attr_parse(nlh, sizeof(*ifi), attr_keep, &a);
	*n = (struct news){
		.on = nlh->nlmsg_type == RTM_NEWLINK,
		.ethernet = ifi->ifi_type == ARPHRD_ETHER,
		.link = {
			.ifindex = ifi->ifi_index,
			.up = (ifi->ifi_flags & carried) == carried,
			.multicast = ifi->ifi_flags & IFF_MULTICAST,
			.loopback = ifi->ifi_flags & IFF_LOOPBACK,
			.ptp = ifi->ifi_flags & IFF_POINTOPOINT,
		},
	};
	n->link.mtu = attr_u32(a.attr[IFLA_MTU], 0);
	if (!a.attr[IFLA_IFNAME] || mnl_attr_validate(a.attr[IFLA_IFNAME], MNL_TYPE_NUL_STRING))
		return false;
	strncpy(n->name, mnl_attr_get_str(a.attr[IFLA_IFNAME]), sizeof(n->name) - 1);
	return true;
}

/* An address that duplicate detection has not passed yet, or has found twice, is not there. */
static bool read_address(const struct nlmsghdr *nlh, struct news *n)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *ip;
	struct attrs a = { { NULL } };
	uint32_t flags;
	enum af af;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa))
		return false;
	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return false;
	af = ifa->ifa_family == AF_INET ? V4 : V6;
	mnl_attr_parse(nlh, sizeof(*ifa), attr_keep, &a);
	ip = a.attr[IFA_LOCAL] ? a.attr[IFA_LOCAL] : a.attr[IFA_ADDRESS];
	if (!ip || mnl_attr_get_payload_len(ip) != af_size(af))
		return false;
	flags = attr_u32(a.attr[IFA_FLAGS], ifa->ifa_flags);
	*n = (struct news){
		.on = nlh->nlmsg_type == RTM_NEWADDR &&
		      !(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)),
		.link.ifindex = ifa->ifa_index,
		.address = { ip_from_wire(af, mnl_attr_get_payload(ip)), ifa->ifa_prefixlen },
	};
	return true;
}

/* The device is gone for everybody; the router first, so that it may take back what it has. */
static void tell_gone(struct linux_kern *k, unsigned ifindex)
{
	router_link_gone(k->router, ifindex);
	joins_link_gone(k->joins, ifindex);
	raw_link_gone(k->raw, ifindex);
}

static void link_event(struct netlink *nl, const struct news *n)
{
	struct linux_kern *k = nl->kern;
	struct device *d = device_find(&nl->devices, n->link.ifindex);

	if (n->on) {
		if (!d)
			d = device_add(&nl->devices, n->link.ifindex);
		if (device_set(d, n))
			router_link(k->router, &d->link);
	} else if (d) {
		device_free(&nl->devices, d);
		tell_gone(k, n->link.ifindex);
	}
}

static void address_event(struct netlink *nl, const struct news *n)
{
	struct linux_kern *k = nl->kern;
	struct device *d = device_find(&nl->devices, n->link.ifindex);
	struct ip ip = n->address.ip;

	/* as the kernel lists them */
	if (!d || !device_address(d, &n->address, n->on, ip_family(ip) == V6 ? 0 : d->naddresses))
		return;
	if (n->on && ip_family(ip) == V6 && ip_is_link_local(ip))
		raw_link_renewed(k->raw, n->link.ifindex);
	router_address(k->router, n->link.ifindex, &n->address, n->on);
}

static int event(const struct nlmsghdr *nlh, void *data)
{
	struct netlink *nl = data;
	struct news n;

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (read_link(nlh, &n))
			link_event(nl, &n);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (read_address(nlh, &n))
			address_event(nl, &n);
		break;
	}
	return MNL_CB_OK;
}

/* A message of a listing, into the table of the listing. */
static int list_one(const struct nlmsghdr *nlh, void *data)
{
	struct devices *devices = data;
	struct device *d;
	struct news n;

	if (nlh->nlmsg_type == RTM_NEWLINK && read_link(nlh, &n)) {
		d = device_find(devices, n.link.ifindex);
		device_set(d ? d : device_add(devices, n.link.ifindex), &n);
	} else if (nlh->nlmsg_type == RTM_NEWADDR && read_address(nlh, &n)) {
		d = device_find(devices, n.link.ifindex);
		if (d)
			device_address(d, &n.address, n.on, d->naddresses);
	}
	return MNL_CB_OK;
}

/*
 * Asks for all links (RTM_GETLINK) or addresses (RTM_GETADDR) and puts them into the table.
 * -1 with errno set: EINTR if something changed meanwhile, so that parts may be missing.
 */
static int list(struct netlink *nl, uint16_t what, struct devices *devices)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->buf);
	int more = MNL_CB_OK, error;

	if (!socket)
		return -1;
	nlh->nlmsg_type = what;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (what == RTM_GETLINK) {
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	} else {
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
	}
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, nlh, nlh->nlmsg_len) < 0)
		more = MNL_CB_ERROR;
	while (more > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(socket, nl->buf, sizeof(nl->buf));

		more = n < 0 ? MNL_CB_ERROR
			     : mnl_cb_run(nl->buf, n, 0, mnl_socket_get_portid(socket), list_one,
					  devices);
	}
	error = errno;
	mnl_socket_close(socket);
	errno = error;
	return more;
}

static int list_all(struct netlink *nl, struct devices *devices)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		if (!list(nl, RTM_GETLINK, devices) && !list(nl, RTM_GETADDR, devices))
			return 0;
		devices_free(devices);
		if (errno != EINTR)
			break;
	}
	return -1;
}

/* Tells the router all there is, and the others which devices of before are gone. */
static void tell_all(struct netlink *nl, struct devices *before)
{
	struct linux_kern *k = nl->kern;
	struct device *d;

	router_resync_begin(k->router);
	TREE_FOREACH(d, devices, &nl->devices) {
		router_link(k->router, &d->link);
		for (unsigned i = 0; i < d->naddresses; i++)
			router_address(k->router, d->link.ifindex, &d->address[i], true);
	}
	router_resync_end(k->router);
	TREE_FOREACH(d, devices, before) {
		if (!device_find(&nl->devices, d->link.ifindex)) {
			joins_link_gone(k->joins, d->link.ifindex);
			raw_link_gone(k->raw, d->link.ifindex);
		}
	}
}

/* Events that waited are older than the listing to come. */
static void discard_events(struct netlink *nl)
{
	while (mnl_socket_recvfrom(nl->socket, nl->buf, sizeof(nl->buf)) >= 0 || errno == ENOBUFS ||
	       errno == ENOSPC || errno == EINTR)
		;
}

/* 0, or -1 with errno set and nothing changed. */
static int resync(struct netlink *nl)
{
	struct devices before = nl->devices, now;

	TREE_INIT(devices, &now);
	count(&nl->kern->counts, COUNT_LINK_RESYNC);
	discard_events(nl);
	if (list_all(nl, &now)) {
		count(&nl->kern->counts, COUNT_LINK_FAILED);
		return -1;
	}
	nl->devices = now;
	tell_all(nl, &before);
	devices_free(&before);
	return 0;
}

void netlink_resync(struct netlink *nl)
{
	if (!resync(nl))
		return;
	log_err(nl->kern->log, "netlink: cannot list links and addresses: %s", reason(errno));
	timer_start(&nl->kern->clock, &nl->retry, RETRY_TIME);
}

static void try_again(struct timer *timer)
{
	struct netlink *nl = container_of(timer, struct netlink, retry);

	if (resync(nl))
		timer_start(&nl->kern->clock, &nl->retry, RETRY_TIME);
}

/* ENOBUFS: events were lost. ENOSPC: one was longer than the buffer. */
static void ready(struct loop_fd *w, uint32_t events)
{
	struct netlink *nl = container_of(w, struct netlink, watch);

	(void)events;
	for (int i = 0; i < BATCH; i++) {
		ssize_t n = mnl_socket_recvfrom(nl->socket, nl->buf, sizeof(nl->buf));

		if (n >= 0) {
			mnl_cb_run(nl->buf, n, 0, 0, event, nl);
		} else if (errno == ENOBUFS || errno == ENOSPC) {
			count(&nl->kern->counts, COUNT_LINK_OVERRUN);
			log_notice(nl->kern->log,
				   "netlink: events were lost, listing links and addresses anew");
			netlink_resync(nl);
		} else if (errno != EINTR) {
			return;
		}
	}
}

const char *netlink_open(struct linux_kern *k, struct netlink **result)
{
	struct netlink *nl = xcalloc(1, sizeof(*nl));
	const unsigned groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
	const char *why;
	int fd;

	nl->kern = k;
	nl->watch.fd = -1;
	timer_init(&nl->retry, try_again);
	TREE_INIT(devices, &nl->devices);
	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!nl->socket)
		goto fail;
	fd = mnl_socket_get_fd(nl->socket);
	sock_rcvbuf(fd, RCVBUF);
	if (mnl_socket_bind(nl->socket, groups, MNL_SOCKET_AUTOPID) < 0 || resync(nl) ||
	    loop_watch(&k->loop, &nl->watch, fd, EPOLLIN, false, ready))
		goto fail;
	*result = nl;
	return NULL;
fail:
	why = reason(errno);
	netlink_close(nl);
	return why;
}

void netlink_close(struct netlink *nl)
{
	if (!nl)
		return;
	loop_unwatch(&nl->kern->loop, &nl->watch);
	timer_stop(&nl->kern->clock, &nl->retry);
	if (nl->socket)
		mnl_socket_close(nl->socket);
	devices_free(&nl->devices);
	free(nl);
}

unsigned netlink_ifindex(const struct netlink *nl, const char *name)
{
	struct device *d;

	TREE_FOREACH(d, devices, (struct devices *)&nl->devices) {
		if (!strcmp(d->name, name))
			return d->link.ifindex;
	}
	return 0;
}

unsigned netlink_mtu(const struct netlink *nl, unsigned ifindex)
{
	const struct device *d = device_find(&nl->devices, ifindex);

	return d ? d->link.mtu : 0;
}

bool netlink_link_local(const struct netlink *nl, unsigned ifindex, struct ip *ip)
{
	const struct device *d = device_find(&nl->devices, ifindex);

	for (unsigned i = d ? d->naddresses : 0; i-- > 0;) {
		*ip = d->address[i].ip;
		if (ip_family(*ip) == V6 && ip_is_link_local(*ip))
			return true;
	}
	return false;
}

bool netlink_has_ipv4(const struct netlink *nl, unsigned ifindex)
{
	const struct device *d = device_find(&nl->devices, ifindex);

	for (unsigned i = 0; d && i < d->naddresses; i++) {
		if (ip_family(d->address[i].ip) == V4)
			return true;
	}
	return false;
}

bool netlink_is_ethernet(const struct netlink *nl, unsigned ifindex)
{
	const struct device *d = device_find(&nl->devices, ifindex);

	return d && d->ethernet;
}
