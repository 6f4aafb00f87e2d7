/* tun.c - the tunnel: a device whose other end is this process
 *
 * Multicast routing forwards to it and from it as it does with any device. What goes out there is
 * read here: a router's work on it is done, its TTL decremented, its checksum complete. What is
 * written here comes in there.
 *
 * IPv4 packets of any length come whole: one that must not be fragmented is what most hosts send,
 * and a router with a smaller MTU on the way would drop it without a word. IPv6 sources are told
 * by the kernel what passes, so for IPv6 the device has an MTU of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>

#include "lib/cursor.h"
#include "linux/tun.h"

#define DEVICE "/dev/net/tun"

/* Packets that are read before others have their turn. */
#define BATCH 64

/* Packets that may wait, over a restart too. */
#define QUEUE 2000

#define MTU 65535

/* The headers of a Register of IPv6 (RFC 7761 4.9.3), and what any link takes (RFC 8200 5). */
#define OVERHEAD6 (40 + 8)
#define MTU6 (1500 - OVERHEAD6)
#define MIN_MTU6 1280

/* After which a path may take more again (RFC 8201 4). */
#define PATH_AGE SEC(600)

/* How often at most it is looked after whether the kernel would take what comes from here. */
#define GUARD_TIME SEC(1)

/* A source of IPv4 that can be anywhere. */
#define STRICT 1
#define LOOSE 2

/* The kernel takes no number that has more digits. */
#define MAX_TABLE 1000000000

struct tun {
	struct linux_kern *kern; /* not ours */
	int fd;			 /* -1: there is no device */
	char name[IFNAMSIZ]; /* as the kernel names its own: that of another table has its number */
	unsigned ifindex;
	unsigned mtu6;
	struct loop_fd watch;
	struct timer path; /* a longer one is tried again */
	int64_t guarded;   /* when that was last looked at */
	struct log_limit limit;
	uint8_t packet[65536];
};

/* Netlink: the device is set up */

struct request {
	struct nlmsghdr *nlh;
	alignas(struct nlmsghdr) char buf[512];
};

static void request_link(struct request *r, const struct tun *tun, unsigned flags)
{
	struct ifinfomsg *ifi;

	r->nlh = mnl_nlmsg_put_header(r->buf);
	r->nlh->nlmsg_type = RTM_NEWLINK;
	r->nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifi = mnl_nlmsg_put_extra_header(r->nlh, sizeof(*ifi));
	ifi->ifi_index = tun->ifindex;
	ifi->ifi_flags = ifi->ifi_change = flags;
}

/* NULL, or why not. */
static const char *request_do(struct request *r)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	const char *why = NULL;
	ssize_t n;

	if (!nl)
		return reason(errno);
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(nl, r->nlh, r->nlh->nlmsg_len) < 0 ||
	    (n = mnl_socket_recvfrom(nl, r->buf, sizeof(r->buf))) < 0 ||
	    mnl_cb_run(r->buf, n, 0, mnl_socket_get_portid(nl), NULL, NULL) < 0)
		why = reason(errno);
	mnl_socket_close(nl);
	return why;
}

static const char *set_lengths(const struct tun *tun)
{
	struct request r;

	request_link(&r, tun, 0);
	mnl_attr_put_u32(r.nlh, IFLA_MTU, MTU);
	mnl_attr_put_u32(r.nlh, IFLA_TXQLEN, QUEUE);
	return request_do(&r);
}

/* No address is made for the device, so the kernel has nothing to say there. */
static void set_silent6(const struct tun *tun)
{
	struct request r;
	struct nlattr *spec, *family;

	request_link(&r, tun, 0);
	spec = mnl_attr_nest_start(r.nlh, IFLA_AF_SPEC);
	family = mnl_attr_nest_start(r.nlh, AF_INET6);
	mnl_attr_put_u8(r.nlh, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(r.nlh, family);
	mnl_attr_nest_end(r.nlh, spec);
	request_do(&r);
}

static const char *set_rp_filter(const struct tun *tun, uint32_t value)
{
	struct request r;
	struct nlattr *spec, *family, *conf;

	request_link(&r, tun, 0);
	spec = mnl_attr_nest_start(r.nlh, IFLA_AF_SPEC);
	family = mnl_attr_nest_start(r.nlh, AF_INET);
	conf = mnl_attr_nest_start(r.nlh, IFLA_INET_CONF);
	mnl_attr_put_u32(r.nlh, IPV4_DEVCONF_RP_FILTER, value);
	mnl_attr_nest_end(r.nlh, conf);
	mnl_attr_nest_end(r.nlh, family);
	mnl_attr_nest_end(r.nlh, spec);
	return request_do(&r);
}

/* The address that is nobody's (RFC 7600 4.8), of no use to anybody beyond this host. */
static const char *set_address(const struct tun *tun)
{
	static const uint8_t dummy[] = { 192, 0, 0, 8 };
	struct request r;
	struct ifaddrmsg *ifa;

	r.nlh = mnl_nlmsg_put_header(r.buf);
	r.nlh->nlmsg_type = RTM_NEWADDR;
	r.nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
	ifa = mnl_nlmsg_put_extra_header(r.nlh, sizeof(*ifa));
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 32;
	ifa->ifa_scope = RT_SCOPE_HOST;
	ifa->ifa_index = tun->ifindex;
	mnl_attr_put(r.nlh, IFA_LOCAL, sizeof(dummy), dummy);
	return request_do(&r);
}

static const char *set_up(const struct tun *tun)
{
	struct request r;

	request_link(&r, tun, IFF_UP | IFF_MULTICAST | IFF_NOARP);
	return request_do(&r);
}

/* What is in /proc/sys/net, by name */

static int sysctl_open(const char *family, const char *device, const char *name, int flags)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, device, name);
	return open(path, flags | O_CLOEXEC);
}

/* -1 if it cannot be told. */
static int sysctl_get(const char *family, const char *device, const char *name)
{
	char text[16] = "";
	int fd = sysctl_open(family, device, name, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atoi(text) : -1;
}

/*
 * A device that comes up forgets it. Where it is not to be written, as in a container, packets of
 * any length come.
 */
static void set_mtu6(struct tun *tun, unsigned mtu)
{
	int fd = sysctl_open("ipv6", tun->name, "mtu", O_WRONLY);
	char text[16];

	tun->mtu6 = mtu;
	if (fd < 0)
		return;
	snprintf(text, sizeof(text), "%u\n", mtu);
	if (write(fd, text, strlen(text)) < 0)
		log_debug(tun->kern->log, "%s: the IPv6 MTU stays: %s", tun->name, reason(errno));
	close(fd);
}

static void path_is_old(struct timer *timer)
{
	set_mtu6(container_of(timer, struct tun, path), MTU6);
}

void tun_is_narrow(struct tun *tun, unsigned mtu)
{
	unsigned passes = mtu < MIN_MTU6 + OVERHEAD6 ? MIN_MTU6 : mtu - OVERHEAD6;

	if (tun->watch.fd < 0 || passes > MTU6)
		return;
	set_mtu6(tun, passes < tun->mtu6 ? passes : tun->mtu6);
	timer_start(&tun->kern->clock, &tun->path, PATH_AGE);
}

/*
 * The higher one of the filters of all devices and of this one holds, and no source is behind this
 * one by unicast routing. So the filter is off, or the loose one if that of all is on; which a
 * device without an address does not know. Other programs set it whenever a device appears.
 */
static void guard(struct tun *tun)
{
	struct linux_kern *k = tun->kern;
	int all = sysctl_get("ipv4", "all", "rp_filter");
	int own = sysctl_get("ipv4", tun->name, "rp_filter"), wanted = all > 0 ? LOOSE : 0;
	const char *why = NULL;

	tun->guarded = k->clock.now;
	if (own == wanted)
		return;
	if (wanted)
		why = set_address(tun);
	if (!why)
		why = set_rp_filter(tun, wanted);
	if (why)
		log_limited(k->log, &tun->limit, &k->clock, LEVEL_WARNING,
			    "%s: /proc/sys/net/ipv4/conf/all/rp_filter is %d, and this device is "
			    "not exempt: %s",
			    tun->name, all, why);
	else if (all == STRICT)
		log_notice(k->log,
			   "%s: /proc/sys/net/ipv4/conf/all/rp_filter is %d: what is sent here is "
			   "dropped unless there is a route to its source",
			   tun->name, all);
}

/* What comes in */

/* What a router may forward, without options that could say more. */
static bool parse(struct rd r, struct packet *p)
{
	enum af af;
	uint8_t first, second;

	*p = (struct packet){ .proto = PROTO_IP, .slot = NOSLOT, .data = r.p, .len = rd_left(&r) };
	first = rd_u8(&r);
	second = rd_u8(&r);
	af = first >> 4 == 6 ? V6 : V4;
	p->tos = af == V4 ? second : (first << 4 | second >> 4) & 0xff;
	rd_skip(&r, af == V4 ? 6 : 5);
	p->ttl = rd_u8(&r);
	rd_skip(&r, af == V4 ? 3 : 0);
	p->src = rd_ip(&r, af);
	p->dst = rd_ip(&r, af);
	return !r.bad && ip_family(p->src) == af && ip_is_multicast(p->dst) &&
	       !ip_is_local_group(p->dst) && !ip_is_multicast(p->src) && !ip_is_any(p->src) &&
	       !ip_is_link_local(p->src);
}

static const char *make(struct tun *tun);

/* The device goes, if nobody else has the descriptor. */
static void unmake(struct tun *tun)
{
	loop_unwatch(&tun->kern->loop, &tun->watch);
	timer_stop(&tun->kern->clock, &tun->path);
	if (tun->fd >= 0)
		close(tun->fd);
	tun->fd = -1;
}

/* Somebody has deleted it. */
static void lost(struct tun *tun)
{
	struct linux_kern *k = tun->kern;
	const char *why;

	unmake(tun);
	why = make(tun);
	log_err(k->log, "%s: the device was deleted%s%s", tun->name,
		why ? ", and cannot be made again: " : "", why ? why : "");
}

/* Reads one packet; false when there is none left. */
static bool receive(struct tun *tun)
{
	struct linux_kern *k = tun->kern;
	ssize_t n = read(tun->fd, tun->packet, sizeof(tun->packet));
	struct packet packet;

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			lost(tun);
		return false;
	}
	if (parse(rd_init(tun->packet, n), &packet))
		router_packet(k->router, tun->ifindex, &packet);
	else
		count_af(&k->counts, COUNT_TUNNEL_LOCAL, n && *tun->packet >> 4 == 6 ? V6 : V4);
	return true;
}

static void ready(struct loop_fd *w, uint32_t events)
{
	struct tun *tun = container_of(w, struct tun, watch);

	(void)events;
	for (int i = 0; i < BATCH && receive(tun); i++)
		;
}

int tun_send(struct tun *tun, const struct packet *packet)
{
	struct packet inner;

	if (tun->watch.fd < 0)
		return ENODEV;
	if (!parse(rd_init(packet->data, packet->len), &inner))
		return EINVAL;
	if (tun->kern->clock.now - tun->guarded >= GUARD_TIME)
		guard(tun);
	return write(tun->fd, packet->data, packet->len) < 0 ? errno : 0;
}

/* The device itself */

static const char *open_device(struct tun *tun)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL };

	tun->fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tun->fd < 0) {
		switch (errno) {
		case ENOENT:
		case ENODEV:
		case ENXIO:
			return "there is no " DEVICE;
		case EPERM:
		case EACCES:
			return "not permitted to open " DEVICE;
		default:
			return reason(errno);
		}
	}
	memcpy(ifr.ifr_name, tun->name, sizeof(tun->name));
	if (!ioctl(tun->fd, TUNSETIFF, &ifr))
		return NULL;
	switch (errno) {
	case EBUSY:
	case EINVAL:
		return "there is another device of this name";
	case EPERM:
		return "not permitted, it needs CAP_NET_ADMIN";
	default:
		return reason(errno);
	}
}

static const char *make(struct tun *tun)
{
	struct linux_kern *k = tun->kern;
	const char *why = open_device(tun);

	if (!why) {
		tun->ifindex = if_nametoindex(tun->name);
		why = set_lengths(tun);
	}
	if (!why) {
		set_silent6(tun);
		guard(tun);
		why = set_up(tun);
	}
	if (!why)
		set_mtu6(tun, MTU6);
	if (!why && loop_watch(&k->loop, &tun->watch, tun->fd, EPOLLIN, false, ready))
		why = reason(errno);
	if (why)
		unmake(tun);
	return why;
}

/* One of a former process; false if it is not what it should be, and it was let go. */
static bool adopt(struct tun *tun)
{
	struct linux_kern *k = tun->kern;
	struct ifreq ifr = { .ifr_flags = 0 };

	if (!ioctl(tun->fd, TUNGETIFF, &ifr) && !strcmp(ifr.ifr_name, tun->name) &&
	    !fcntl(tun->fd, F_SETFD, FD_CLOEXEC) &&
	    !fcntl(tun->fd, F_SETFL, fcntl(tun->fd, F_GETFL) | O_NONBLOCK) &&
	    !loop_watch(&k->loop, &tun->watch, tun->fd, EPOLLIN, false, ready)) {
		tun->ifindex = if_nametoindex(tun->name);
		tun->mtu6 = MTU6;
		return true;
	}
	log_warning(k->log, "restart: %s cannot be taken over: %s", tun->name, reason(errno));
	unmake(tun);
	return false;
}

const char *tun_set(struct tun *tun, bool on)
{
	if (on == (tun->watch.fd >= 0))
		return NULL;
	if (!on) {
		unmake(tun);
		return NULL;
	}
	return tun->fd >= 0 && adopt(tun) ? NULL : make(tun);
}

int tun_fd(const struct tun *tun)
{
	return tun->fd;
}

bool tun_drop_unclaimed(struct tun *tun)
{
	if (tun->fd < 0 || tun->watch.fd >= 0)
		return false;
	unmake(tun);
	return true;
}

struct tun *tun_new(struct linux_kern *k, int fd)
{
	struct tun *tun = xcalloc(1, sizeof(*tun));

	tun->kern = k;
	snprintf(tun->name, sizeof(tun->name), TUNNEL_NAME);
	if (k->table)
		snprintf(tun->name, sizeof(tun->name), TUNNEL_NAME "%u", k->table % MAX_TABLE);
	k->kern.tunnel = tun->name;
	tun->fd = fd;
	tun->watch.fd = -1;
	timer_init(&tun->path, path_is_old);
	return tun;
}

void tun_free(struct tun *tun)
{
	if (!tun)
		return;
	unmake(tun);
	free(tun);
}
