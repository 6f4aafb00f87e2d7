/* route.c - unicast routes: the kernel is asked for each address, and its news are hints
 *
 * A lookup takes some microseconds, so there is no copy of the kernel's tables. Whatever is heard
 * of routes, rules and next hops, or lost of it, ends in one hint to the router for each family
 * and wake-up, since what counts is the answer that the kernel gives then.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "linux/attr.h"
#include "linux/netlink.h"
#include "linux/route.h"
#include "linux/sock.h"

/* News that may wait, in bytes: few, as the loss of some is a hint like another. */
#define RCVBUF (64 << 10)

/* Messages that are read before others have their turn. */
#define BATCH 256

/*
 * The kernel tells that a device goes up or down a moment before it changes the IPv4 routes, of
 * which it does not tell all: that long after, all is surely done.
 */
#define SETTLE_TIME 300

/* Administrative distances as routers usually have them; IPv6 routes are told apart alike. */
static const struct {
	uint8_t protocol, preference;
} preferences[] = {
	{ RTPROT_REDIRECT, 0 },
	{ RTPROT_KERNEL, 0 },
	{ RTPROT_BOOT, 1 },
	{ RTPROT_STATIC, 1 },
	{ 196, 1 }, /* static, by zebra */
	{ RTPROT_RA, 1 },
	{ RTPROT_DHCP, 1 },
	{ RTPROT_KEEPALIVED, 1 },
	{ RTPROT_BGP, 20 },
	{ RTPROT_EIGRP, 90 },
	{ RTPROT_BABEL, 100 },
	{ RTPROT_GATED, 110 }, /* from here, daemons that do not say by which protocol */
	{ RTPROT_MRT, 110 },
	{ RTPROT_ZEBRA, 110 },
	{ RTPROT_BIRD, 110 },
	{ RTPROT_XORP, 110 },
	{ RTPROT_OSPF, 110 },
	{ RTPROT_OPENR, 115 },
	{ RTPROT_ISIS, 115 },
	{ RTPROT_RIP, 120 },
};

/* Of a protocol that is not known. */
#define WORST_PREFERENCE 254

struct routes {
	struct linux_kern *kern; /* not ours */
	struct mnl_socket *ask;	 /* for lookups */
	struct mnl_socket *hear; /* for news */
	struct loop_fd watch;
	struct timer settle;
	struct log_limit limit;
	unsigned seq;
	bool lost; /* news were, and some may be until all that wait are read */
	_Alignas(struct nlmsghdr) char buf[16384];
};

/* An answer on its way into a route. */
struct reading {
	struct kern_route *route;
	enum af af;
	unsigned mtu; /* of the route itself, 0: none */
	bool bare;    /* only the hops are asked for */
	bool known;   /* it is a way, or an address of ours */
};

static uint8_t preference_of(uint8_t protocol)
{
	for (unsigned i = 0; i < NELEMS(preferences); i++) {
		if (preferences[i].protocol == protocol)
			return preferences[i].preference;
	}
	return WORST_PREFERENCE;
}

/* The gateway, which RTA_VIA gives with a family of its own; ip_any() if there is none. */
static struct ip gateway_in(const struct attrs *a, enum af af)
{
	const struct nlattr *gateway = a->attr[RTA_GATEWAY], *via = a->attr[RTA_VIA];
	const struct rtvia *v = via ? mnl_attr_get_payload(via) : NULL;
	enum af other = af == V4 ? V6 : V4;

	if (gateway && mnl_attr_get_payload_len(gateway) == af_size(af))
		return ip_from_wire(af, mnl_attr_get_payload(gateway));
	if (via && mnl_attr_get_payload_len(via) == sizeof(*v) + af_size(other))
		return ip_from_wire(other, v->rtvia_addr);
	return ip_any(af);
}

static void read_hop(struct reading *rd, const struct attrs *a, unsigned ifindex, unsigned flags)
{
	struct kern_hop hop = { gateway_in(a, rd->af), ifindex };

	if (ifindex && !(flags & RTNH_F_DEAD))
		kern_route_hop(rd->route, hop);
}

static void read_multipath(struct reading *rd, const struct nlattr *attr)
{
	const char *p = mnl_attr_get_payload(attr);
	size_t left = mnl_attr_get_payload_len(attr);
	struct rtnexthop nh;

	while (left >= sizeof(nh)) {
		struct attrs a = { { NULL } };
		size_t step;

		memcpy(&nh, p, sizeof(nh));
		if (nh.rtnh_len < sizeof(nh) || nh.rtnh_len > left)
			return;
		mnl_attr_parse_payload(p + sizeof(nh), nh.rtnh_len - sizeof(nh), attr_keep, &a);
		read_hop(rd, &a, nh.rtnh_ifindex, nh.rtnh_flags);
		step = RTNH_ALIGN(nh.rtnh_len);
		step = step < left ? step : left;
		p += step;
		left -= step;
	}
}

static unsigned mtu_in(const struct nlattr *metrics)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, metrics)
	{
		if (mnl_attr_get_type(attr) == RTAX_MTU)
			return attr_u32(attr, 0);
	}
	return 0;
}

/* The kernel's answer to a lookup. */
static int read_answer(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct reading *rd = data;
	struct attrs a = { { NULL } };
	bool own;

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm))
		return MNL_CB_OK;
	own = rtm->rtm_type == RTN_LOCAL || rtm->rtm_type == RTN_ANYCAST;
	if (!own && rtm->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*rtm), attr_keep, &a);
	rd->known = true;
	if (!rd->bare) {
		rd->route->own = own;
		rd->route->len = rtm->rtm_dst_len;
		rd->route->preference = preference_of(rtm->rtm_protocol);
		rd->route->metric = attr_u32(a.attr[RTA_PRIORITY], 0);
	}
	if (a.attr[RTA_METRICS])
		rd->mtu = mtu_in(a.attr[RTA_METRICS]);
	if (a.attr[RTA_MULTIPATH])
		read_multipath(rd, a.attr[RTA_MULTIPATH]);
	else
		read_hop(rd, &a, attr_u32(a.attr[RTA_OIF], 0), rtm->rtm_flags);
	return MNL_CB_OK;
}

/* One question; the kernel answers before it returns from the call. 0, or what went wrong. */
static int ask(struct routes *rs, struct ip ip, struct reading *rd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(rs->buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	unsigned port = mnl_socket_get_portid(rs->ask);

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++rs->seq;
	rtm->rtm_family = sock_domain(rd->af);
	rtm->rtm_dst_len = af_bits(rd->af);
	rtm->rtm_flags = rd->bare ? 0 : RTM_F_FIB_MATCH;
	mnl_attr_put(nlh, RTA_DST, af_size(rd->af), ip_wire(&ip, rd->af));
	if (mnl_socket_sendto(rs->ask, nlh, nlh->nlmsg_len) < 0)
		return errno;
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(rs->ask, rs->buf, sizeof(rs->buf));

		if (n >= 0 && mnl_cb_run(rs->buf, n, rs->seq, port, read_answer, rd) >= 0)
			return rd->known ? 0 : ENETUNREACH;
		if (errno != EINTR && (n < 0 || errno != EPROTO)) /* EPROTO: to another one */
			return errno;
	}
}

/* The kernel's ways to say that there is no route, or one that leads nowhere. */
static bool is_no_route(int error)
{
	return error == ENETUNREACH || error == EHOSTUNREACH || error == EACCES || error == EINVAL;
}

/* The least of the devices' MTUs. */
static unsigned link_mtu(const struct routes *rs, const struct kern_route *route)
{
	const struct netlink *nl = rs->kern->netlink;
	unsigned least = 0;

	for (unsigned i = 0; nl && i < route->nhops; i++) {
		unsigned mtu = netlink_mtu(nl, route->hop[i].ifindex);

		least = !least || mtu < least ? mtu : least;
	}
	return least;
}

bool routes_find(struct routes *rs, enum af af, struct ip ip, struct kern_route *route)
{
	struct reading rd = { .route = route, .af = af };
	int error;

	error = ask(rs, ip, &rd);
	if (error == EMSGSIZE || error == ENOSPC || (!error && !route->nhops)) {
		/* more hops than an answer holds, or none but by number: the one it would take */
		if (error)
			route->preference = WORST_PREFERENCE;
		rd.bare = true;
		rd.known = false;
		error = ask(rs, ip, &rd);
	}
	if (error && !is_no_route(error)) {
		log_limited(rs->kern->log, &rs->limit, &rs->kern->clock, LEVEL_WARNING,
			    "%s: cannot look for a route: %s", ip_str(ip), reason(error));
		timer_start(&rs->kern->clock, &rs->settle, SETTLE_TIME);
	}
	route->mtu = rd.mtu ? rd.mtu : link_mtu(rs, route);
	return !error && route->nhops;
}

/* Which families a piece of news is about. */
struct hint {
	struct routes *routes;
	bool af[NFAMILIES];
};

/*
 * Routes and rules begin with their family; rules of multicast routing have other ones, and next
 * hops serve both.
 */
static int read_news(const struct nlmsghdr *nlh, void *data)
{
	struct hint *hint = data;
	const uint8_t *family = mnl_nlmsg_get_payload(nlh);
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*ifi) && ifi->ifi_change & IFF_UP)
			timer_start(&hint->routes->kern->clock, &hint->routes->settle, SETTLE_TIME);
		break;
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		hint->af[V4] = hint->af[V6] = true;
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWRULE:
	case RTM_DELRULE:
		if (mnl_nlmsg_get_payload_len(nlh) && *family == AF_INET)
			hint->af[V4] = true;
		else if (mnl_nlmsg_get_payload_len(nlh) && *family == AF_INET6)
			hint->af[V6] = true;
		break;
	}
	return MNL_CB_OK;
}

static void tell(struct routes *rs, const struct hint *hint)
{
	for (enum af af = V4; af <= V6; af++) {
		if (hint->af[af])
			router_routes_changed(rs->kern->router, af);
	}
}

/*
 * After an overrun (ENOBUFS) the kernel drops news silently until all that wait were read: until
 * then each wake-up may stand for anything.
 */
static void ready(struct loop_fd *w, uint32_t events)
{
	struct routes *rs = container_of(w, struct routes, watch);
	struct hint hint = { .routes = rs };
	bool overrun = false;
	ssize_t n = 0;

	(void)events;
	for (int i = 0; i < BATCH && (n >= 0 || errno == EINTR || rs->lost); i++) {
		n = mnl_socket_recvfrom(rs->hear, rs->buf, sizeof(rs->buf));
		if (n >= 0)
			mnl_cb_run(rs->buf, n, 0, 0, read_news, &hint);
		else if (errno == ENOBUFS || errno == ENOSPC)
			rs->lost = overrun = true;
		else if (errno == EAGAIN)
			break;
	}
	if (overrun)
		count(&rs->kern->counts, COUNT_ROUTE_OVERRUN);
	if (rs->lost) {
		hint.af[V4] = hint.af[V6] = true;
		timer_start(&rs->kern->clock, &rs->settle, SETTLE_TIME);
	}
	if (n < 0 && errno == EAGAIN)
		rs->lost = false;
	tell(rs, &hint);
}

static void settled(struct timer *timer)
{
	struct routes *rs = container_of(timer, struct routes, settle);

	tell(rs, &(struct hint){ .af = { true, true } });
}

static int join_groups(struct mnl_socket *socket)
{
	static const int groups[] = {
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
		RTNLGRP_IPV6_RULE,  RTNLGRP_NEXTHOP,	RTNLGRP_LINK,
	};

	for (unsigned i = 0; i < NELEMS(groups); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) <
		    0)
			return -1;
	}
	return 0;
}

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (socket && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		int error = errno;

		mnl_socket_close(socket);
		errno = error;
		return NULL;
	}
	return socket;
}

const char *routes_open(struct linux_kern *k, struct routes **result)
{
	struct routes *rs = xcalloc(1, sizeof(*rs));
	const char *why;
	int fd;

	rs->kern = k;
	rs->watch.fd = -1;
	timer_init(&rs->settle, settled);
	rs->ask = open_socket();
	rs->hear = open_socket();
	if (!rs->ask || !rs->hear)
		goto fail;
	fd = mnl_socket_get_fd(rs->hear);
	sock_rcvbuf(fd, RCVBUF);
	if (join_groups(rs->hear) || loop_watch(&k->loop, &rs->watch, fd, EPOLLIN, false, ready))
		goto fail;
	*result = rs;
	return NULL;
fail:
	why = reason(errno);
	routes_close(rs);
	return why;
}

void routes_close(struct routes *rs)
{
	if (!rs)
		return;
	timer_stop(&rs->kern->clock, &rs->settle);
	loop_unwatch(&rs->kern->loop, &rs->watch);
	if (rs->ask)
		mnl_socket_close(rs->ask);
	if (rs->hear)
		mnl_socket_close(rs->hear);
	free(rs);
}
