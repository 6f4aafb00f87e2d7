/* steps_real.c - steps on the real kernel, in a network namespace of this process
 *
 * Each device r0, r1, ... is one end of a veth pair, a vif to be; packets enter and leave at the
 * other end, h0, h1, ... To know that everything has come out that will, a frame of our own
 * follows it: all runs on one CPU, whose receive queue is first in, first out. The tunnel is a TUN
 * device, which is written to and read.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <linux/mroute.h>
#include <linux/mroute6.h>
#include <poll.h>
#include <sched.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "sim/datagram.h"
#include "sim/steps.h"

#define FENCE_PROTOCOL 0x88b5 /* IEEE 802, local experiments */
#define DEADLINE SEC(10)
/* From linux/if.h, which cannot be included beside the C library's. */
#define LOWER_UP 0x10000

#define UPCALL_SIZE 832 /* what an upcall takes of the receive buffer */

struct device {
	bool present, up;
	bool told_up; /* as news had it last */
	struct ip address[8];
	unsigned naddresses;
	unsigned ifindex;
	char name[IFNAMSIZ];
	int inside;  /* sees fences that arrive at the device */
	int outside; /* the other end: packets and fences; that of the tunnel, packets alone */
};

/* A packet that came out while a fence was awaited. */
struct seen {
	TAILQ_ENTRY(seen) link;
	struct steps_out out;
};

struct told {
	TAILQ_ENTRY(told) link;
	struct steps_news news;
};

struct real {
	struct backend backend;
	int mroute;
	struct mnl_socket *news; /* NULL until somebody wants them */
	unsigned ndevices;
	uint64_t fences;
	struct device device[MAXDEVICES + 1];
	TAILQ_HEAD(, seen) seen;
	TAILQ_HEAD(, told) told;
};

static struct real *real_of(struct backend *b)
{
	return container_of(b, struct real, backend);
}

static void __attribute__((noreturn)) PRINTF(1, 2) die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("Bail out! ");
	vprintf(fmt, args);
	printf(": %s\n", strerror(errno));
	va_end(args);
	exit(1);
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return SEC(ts.tv_sec) + ts.tv_nsec / 1000000;
}

static void PRINTF(1, 2) run(const char *fmt, ...)
{
	char line[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	errno = 0;
	if (system(line))
		die("%s", line);
}

static void sysctl(const char *name, const char *value)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	f = fopen(path, "w");
	if (!f || fputs(value, f) < 0 || fclose(f))
		die("%s", path);
}

/* News: links and addresses, as linux/netlink.c takes them */

static void hear(struct real *r, enum steps_news_kind kind, unsigned dev, struct ip address)
{
	struct told *told = xcalloc(1, sizeof(*told));

	told->news = (struct steps_news){ kind, dev, address };
	TAILQ_INSERT_TAIL(&r->told, told, link);
}

/* MAXDEVICES + 1: none of ours. */
static unsigned dev_of(const struct real *r, unsigned ifindex)
{
	unsigned dev = 0;

	while (dev <= MAXDEVICES && r->device[dev].ifindex != ifindex)
		dev++;
	return dev;
}

static void hear_link(struct real *r, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const unsigned carried = IFF_UP | LOWER_UP;
	unsigned dev = dev_of(r, ifi->ifi_index);
	bool up = (ifi->ifi_flags & carried) == carried;

	if (dev > MAXDEVICES || ifi->ifi_family != AF_UNSPEC)
		return;
	if (nlh->nlmsg_type == RTM_DELLINK)
		hear(r, NEWS_GONE, dev, (struct ip){ { 0 } });
	else if (up != r->device[dev].told_up)
		hear(r, up ? NEWS_UP : NEWS_DOWN, dev, (struct ip){ { 0 } });
	r->device[dev].told_up = up;
}

static int find_address(const struct nlattr *attr, void *data)
{
	const struct nlattr **found = data;

	found[mnl_attr_get_type(attr) == IFA_LOCAL     ? 1
	      : mnl_attr_get_type(attr) == IFA_ADDRESS ? 0
						       : 2] = attr;
	return MNL_CB_OK;
}

/* Those that link_add() gives are nobody's business. */
static void hear_address(struct real *r, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr[3] = { NULL };
	unsigned dev = dev_of(r, ifa->ifa_index), i = 0;
	bool on = nlh->nlmsg_type == RTM_NEWADDR &&
		  !(ifa->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
	struct device *d = &r->device[dev];
	struct ip ip;

	mnl_attr_parse(nlh, sizeof(*ifa), find_address, attr);
	if (dev > MAXDEVICES || ifa->ifa_family != (r->backend.af == V4 ? AF_INET : AF_INET6))
		return;
	ip = ip_from_wire(r->backend.af, mnl_attr_get_payload(attr[1] ? attr[1] : attr[0]));
	if (r->backend.af == V4 && ip.b[13] == 9)
		return;
	while (i < d->naddresses && !ip_eq(d->address[i], ip))
		i++;
	if (on == (i < d->naddresses))
		return;
	hear(r, on ? NEWS_HAS : NEWS_LOST, dev, ip);
	if (on && i < NELEMS(d->address))
		d->address[d->naddresses++] = ip;
	else if (!on)
		d->address[i] = d->address[--d->naddresses];
}

static int hear_one(const struct nlmsghdr *nlh, void *data)
{
	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		hear_link(data, nlh);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		hear_address(data, nlh);
		break;
	}
	return MNL_CB_OK;
}

static void read_news(struct real *r)
{
	_Alignas(struct nlmsghdr) char buf[16384];
	ssize_t n;

	while ((n = mnl_socket_recvfrom(r->news, buf, sizeof(buf))) >= 0)
		mnl_cb_run(buf, n, 0, 0, hear_one, r);
	if (errno != EAGAIN)
		die("news");
}

static void open_news(struct real *r)
{
	const unsigned groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;

	r->news = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!r->news || mnl_socket_bind(r->news, groups, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	for (unsigned dev = 0; dev <= MAXDEVICES; dev++)
		r->device[dev].told_up = r->device[dev].up;
}

static bool real_news(struct backend *b, struct steps_news *news, bool wait)
{
	struct real *r = real_of(b);
	int64_t end = now() + (wait ? STEPS_NEWS_TIME : 0), left;
	struct pollfd pfd = { .events = POLLIN };
	struct told *told;

	if (!r->news)
		open_news(r);
	pfd.fd = mnl_socket_get_fd(r->news);
	read_news(r);
	while (TAILQ_EMPTY(&r->told) && (left = end - now()) > 0) {
		poll(&pfd, 1, left);
		read_news(r);
	}
	told = TAILQ_FIRST(&r->told);
	if (!told)
		return false;
	*news = told->news;
	TAILQ_REMOVE(&r->told, told, link);
	free(told);
	return true;
}

/* Devices and their ends */

static int packet_socket(const char *name, uint16_t protocol)
{
	int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(name),
	};

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		die("packet socket on %s", name);
	return fd;
}

static void send_fence(int fd, uint64_t nonce)
{
	struct {
		struct ether_header eth;
		uint8_t data[46];
	} frame = {
		.eth.ether_dhost = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		.eth.ether_type = htons(FENCE_PROTOCOL),
	};

	memcpy(frame.data, &nonce, sizeof(nonce));
	if (send(fd, &frame, sizeof(frame), 0) < 0 && errno != ENETDOWN && errno != ENOBUFS)
		die("fence");
}

/* One of our packets is kept; everybody else's are nothing to us. */
static void keep(struct real *r, unsigned dev, const uint8_t *ip, size_t len)
{
	struct sim_packet p;
	struct seen *s;

	if (!datagram_read(ip, len, &p))
		return;
	s = xcalloc(1, sizeof(*s));
	s->out = (struct steps_out){ .dev = dev, .ttl = p.ttl, .id = p.id };
	TAILQ_INSERT_TAIL(&r->seen, s, link);
}

/* Reads the socket until the fence @nonce; false if it is not in there yet. */
static bool read_fence(struct real *r, unsigned dev, int fd, uint64_t nonce)
{
	uint8_t frame[2048];
	uint64_t number;
	ssize_t len;

	while ((len = recv(fd, frame, sizeof(frame), MSG_DONTWAIT)) >= 0) {
		if ((size_t)len < ETHER_HDR_LEN + sizeof(number))
			continue;
		if (frame[12] != FENCE_PROTOCOL >> 8 || frame[13] != (FENCE_PROTOCOL & 0xff)) {
			keep(r, dev, frame + ETHER_HDR_LEN, len - ETHER_HDR_LEN);
			continue;
		}
		memcpy(&number, frame + ETHER_HDR_LEN, sizeof(number));
		if (number == nonce)
			return true;
	}
	return false;
}

/* Sends a fence and waits until it arrived; a link that is just coming up may lose a few. */
static void fence(struct real *r, unsigned dev, int from, int to)
{
	int64_t until = now() + DEADLINE;

	while (now() < until) {
		struct pollfd pfd = { .fd = to, .events = POLLIN };
		uint64_t nonce = ++r->fences;
		int64_t again = now() + 50;

		send_fence(from, nonce);
		do {
			if (read_fence(r, dev, to, nonce))
				return;
			poll(&pfd, 1, 50);
		} while (now() < again);
	}
	errno = ETIMEDOUT;
	die("fence of %s", r->device[dev].name);
}

static void read_tunnel(struct real *r)
{
	struct device *d = &r->device[STEPS_TUN];
	uint8_t bytes[2048];
	ssize_t len;

	while (d->present && (len = read(d->outside, bytes, sizeof(bytes))) >= 0)
		keep(r, STEPS_TUN, bytes, len);
}

/* Everything that was sent has come in at the devices, and what they sent on has come out. */
static void settle(struct real *r)
{
	for (int outward = 0; outward < 2; outward++) {
		for (unsigned dev = 0; dev < r->ndevices; dev++) {
			struct device *d = &r->device[dev];

			if (!d->present || !d->up)
				continue;
			if (outward)
				fence(r, dev, d->inside, d->outside);
			else
				fence(r, dev, d->outside, d->inside);
		}
	}
	read_tunnel(r);
}

/* The route that lets IPv6 multicast out of the device comes some time after it is up. */
static void await_route(const struct device *d)
{
	int64_t until = now() + DEADLINE;
	char line[300], dest[33], name[IFNAMSIZ + 1];

	while (now() < until) {
		FILE *f = fopen("/proc/net/ipv6_route", "r");
		bool found = false;

		while (f && fgets(line, sizeof(line), f))
			found |= sscanf(line, "%32s 08 %*s %*s %*s %*s %*s %*s %*s %16s", dest,
					name) == 2 &&
				 !strcmp(name, d->name) && !strncmp(dest, "ff00", 4);
		if (f)
			fclose(f);
		if (found)
			return;
		poll(NULL, 0, 5);
	}
	errno = ETIMEDOUT;
	die("IPv6 multicast route on %s", d->name);
}

static void link_up(struct real *r, unsigned dev)
{
	struct device *d = &r->device[dev];

	run("ip link set %s up", d->name);
	d->up = true;
	if (r->backend.af == V6)
		await_route(d);
	if (dev == STEPS_TUN) {
		sysctl("ipv6/conf/" TUNNEL_NAME "/mtu", "1452");
		return;
	}
	fence(r, dev, d->outside, d->inside);
	fence(r, dev, d->inside, d->outside);
}

/* As linux/tun.c makes it. */
static void tunnel_add(struct device *d)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL };

	strcpy(d->name, TUNNEL_NAME);
	strcpy(ifr.ifr_name, TUNNEL_NAME);
	d->inside = -1;
	d->outside = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (d->outside < 0 || ioctl(d->outside, TUNSETIFF, &ifr) < 0)
		die("/dev/net/tun");
	run("ip link set " TUNNEL_NAME " mtu 65535 txqueuelen 2000 addrgenmode none");
	d->ifindex = if_nametoindex(d->name);
}

static void link_add(struct real *r, unsigned dev, const char *name)
{
	struct device *d = &r->device[dev];
	char peer[IFNAMSIZ], path[100];

	*d = (struct device){ .present = true };
	if (dev == STEPS_TUN) {
		tunnel_add(d);
		link_up(r, dev);
		return;
	}
	snprintf(d->name, sizeof(d->name), "%s", name);
	snprintf(peer, sizeof(peer), "h%u", dev);
	run("ip link add %s type veth peer name %s", name, peer);
	snprintf(path, sizeof(path), "ipv6/conf/%s/disable_ipv6", peer);
	sysctl(path, "1");
	run("ip link set %s addrgenmode none", name);
	run("ip link set %s up && ip addr add 10.9.%u.1/24 dev %s", peer, dev, name);
	d->ifindex = if_nametoindex(name);
	d->inside = packet_socket(name, FENCE_PROTOCOL);
	d->outside = packet_socket(peer, ETH_P_ALL);
	link_up(r, dev);
}

/* What is told of it is told before its number is forgotten. */
static void link_del(struct real *r, struct device *d)
{
	if (d->inside >= 0) {
		run("ip link del %s", d->name);
		close(d->inside);
	}
	close(d->outside);
	if (r->news)
		read_news(r);
	d->present = false;
	d->ifindex = 0;
}

static void real_link(struct backend *b, enum steps_link what, unsigned dev, const char *name)
{
	struct real *r = real_of(b);
	struct device *d = &r->device[dev];

	switch (what) {
	case LINK_ADD:
		link_add(r, dev, name);
		break;
	case LINK_DEL:
		link_del(r, d);
		break;
	case LINK_UP:
		link_up(r, dev);
		break;
	case LINK_DOWN:
		run("ip link set %s down", d->name);
		d->up = false;
		break;
	case LINK_PLUG:
	case LINK_UNPLUG:
		d->up = what == LINK_PLUG;
		run("ip link set h%u %s", dev, d->up ? "up" : "down");
		break;
	case LINK_RENAME:
		run("ip link set %s name %s", d->name, name);
		snprintf(d->name, sizeof(d->name), "%s", name);
		break;
	}
}

/* The multicast routing socket */

static const char *option(struct real *r, int name, const void *value, socklen_t len)
{
	int level = r->backend.af == V4 ? IPPROTO_IP : IPPROTO_IPV6;

	return setsockopt(r->mroute, level, name, value, len) < 0 ? strerror(errno) : NULL;
}

static const char *real_vif_add(struct backend *b, unsigned vif, unsigned dev)
{
	struct real *r = real_of(b);
	unsigned ifindex = r->device[dev].ifindex;

	if (b->af == V4)
		return option(r, MRT_ADD_VIF,
			      &(struct vifctl){ .vifc_vifi = vif,
						.vifc_flags = VIFF_USE_IFINDEX,
						.vifc_threshold = 1,
						.vifc_lcl_ifindex = ifindex },
			      sizeof(struct vifctl));
	return option(r, MRT6_ADD_MIF,
		      &(struct mif6ctl){
			      .mif6c_mifi = vif, .vifc_threshold = 1, .mif6c_pifi = ifindex },
		      sizeof(struct mif6ctl));
}

static const char *real_vif_del(struct backend *b, unsigned vif)
{
	mifi_t mif = vif;

	if (b->af == V4)
		return option(real_of(b), MRT_DEL_VIF, &(struct vifctl){ .vifc_vifi = vif },
			      sizeof(struct vifctl));
	return option(real_of(b), MRT6_DEL_MIF, &mif, sizeof(mif));
}

static struct in_addr in4(struct ip ip)
{
	struct in_addr in;

	memcpy(&in, ip_wire(&ip, V4), sizeof(in));
	return in;
}

static struct sockaddr_in6 in6(struct ip ip)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	memcpy(&sin6.sin6_addr, ip_wire(&ip, V6), sizeof(sin6.sin6_addr));
	return sin6;
}

static const char *mfc(struct real *r, int name4, int name6, const struct mfc_entry *entry)
{
	struct mfcctl v4 = { .mfcc_parent = entry->parent };
	struct mf6cctl v6 = { .mf6cc_parent = entry->parent };

	if (r->backend.af == V4) {
		v4.mfcc_origin = in4(entry->sg.src);
		v4.mfcc_mcastgrp = in4(entry->sg.grp);
		memcpy(v4.mfcc_ttls, entry->ttl, sizeof(v4.mfcc_ttls));
		return option(r, name4, &v4, sizeof(v4));
	}
	v6.mf6cc_origin = in6(entry->sg.src);
	v6.mf6cc_mcastgrp = in6(entry->sg.grp);
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		if (entry->ttl[vif])
			v6.mf6cc_ifset.ifs_bits[vif / NIFBITS] |= UINT32_C(1) << vif % NIFBITS;
	}
	return option(r, name6, &v6, sizeof(v6));
}

static const char *real_set(struct backend *b, const struct mfc_entry *entry, bool proxy)
{
	if (proxy)
		return mfc(real_of(b), MRT_ADD_MFC_PROXY, MRT6_ADD_MFC_PROXY, entry);
	return mfc(real_of(b), MRT_ADD_MFC, MRT6_ADD_MFC, entry);
}

static const char *real_del(struct backend *b, struct sg sg, unsigned parent)
{
	struct mfc_entry entry = { .sg = sg, .parent = parent };

	if (parent != STEPS_ANY)
		return mfc(real_of(b), MRT_DEL_MFC_PROXY, MRT6_DEL_MFC_PROXY, &entry);
	entry.parent = 0;
	return mfc(real_of(b), MRT_DEL_MFC, MRT6_DEL_MFC, &entry);
}

static bool real_counters(struct backend *b, struct sg sg, struct counters *counters)
{
	struct real *r = real_of(b);
	struct sioc_sg_req v4 = { .src = in4(sg.src), .grp = in4(sg.grp) };
	struct sioc_sg_req6 v6;

	if (b->af == V4) {
		if (ioctl(r->mroute, SIOCGETSGCNT, &v4) < 0)
			return false;
		*counters = (struct counters){ v4.pktcnt - v4.wrong_if, v4.bytecnt, v4.wrong_if };
		return true;
	}
	v6 = (struct sioc_sg_req6){ .src = in6(sg.src), .grp = in6(sg.grp) };
	if (ioctl(r->mroute, SIOCGETSGCNT_IN6, &v6) < 0)
		return false;
	*counters = (struct counters){ v6.pktcnt - v6.wrong_if, v6.bytecnt, v6.wrong_if };
	return true;
}

static void real_limit(struct backend *b, unsigned n)
{
	int size = n * UPCALL_SIZE / 2; /* the kernel doubles it */

	if (setsockopt(real_of(b)->mroute, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		die("receive buffer");
}

static bool upcall4(struct real *r, struct steps_upcall *u)
{
	union {
		struct igmpmsg msg;
		uint8_t bytes[2048];
	} data;
	ssize_t len;

	while ((len = recv(r->mroute, &data, sizeof(data), MSG_DONTWAIT)) >= 0) {
		if ((size_t)len < sizeof(data.msg) || data.msg.im_mbz)
			continue;
		u->kind = data.msg.im_msgtype == IGMPMSG_NOCACHE ? UPCALL_NOROUTE : UPCALL_WRONGIF;
		u->sg.src = ip_from_wire(V4, &data.msg.im_src);
		u->sg.grp = ip_from_wire(V4, &data.msg.im_dst);
		u->vif = data.msg.im_vif;
		return true;
	}
	return false;
}

static bool upcall6(struct real *r, struct steps_upcall *u)
{
	union {
		struct mrt6msg msg;
		uint8_t bytes[2048];
	} data;
	ssize_t len;

	while ((len = recv(r->mroute, &data, sizeof(data), MSG_DONTWAIT)) >= 0) {
		if ((size_t)len < sizeof(data.msg) || data.msg.im6_mbz)
			continue;
		u->kind = data.msg.im6_msgtype == MRT6MSG_NOCACHE ? UPCALL_NOROUTE : UPCALL_WRONGIF;
		u->sg.src = ip_from_wire(V6, &data.msg.im6_src);
		u->sg.grp = ip_from_wire(V6, &data.msg.im6_dst);
		u->vif = data.msg.im6_mif;
		return true;
	}
	return false;
}

static bool real_upcall(struct backend *b, struct steps_upcall *u)
{
	return b->af == V4 ? upcall4(real_of(b), u) : upcall6(real_of(b), u);
}

/* Packets */

/* The address of the group, and one of ours. */
static void put_ether(uint8_t *frame, const struct sim_packet *p)
{
	if (p->af == V4) {
		memcpy(frame, (uint8_t[]){ 0x01, 0x00, 0x5e }, 3);
		memcpy(frame + 3, p->sg.grp.b + 13, 3);
		frame[3] &= 0x7f;
	} else {
		memcpy(frame, (uint8_t[]){ 0x33, 0x33 }, 2);
		memcpy(frame + 2, p->sg.grp.b + 12, 4);
	}
	frame[6] = 0x02;
	frame[12] = p->af == V4 ? ETHERTYPE_IP >> 8 : ETHERTYPE_IPV6 >> 8;
	frame[13] = p->af == V4 ? ETHERTYPE_IP & 0xff : ETHERTYPE_IPV6 & 0xff;
}

static void real_packet(struct backend *b, unsigned dev, const struct sim_packet *p)
{
	struct real *r = real_of(b);
	struct device *d = &r->device[dev];
	uint8_t frame[ETHER_HDR_LEN + STEPS_MAXLEN] = { 0 };
	ssize_t sent;

	if (!d->present)
		return;
	put_ether(frame, p);
	datagram_write(p, frame + ETHER_HDR_LEN);
	if (dev == STEPS_TUN)
		sent = write(d->outside, frame + ETHER_HDR_LEN, p->len);
	else
		sent = send(d->outside, frame, ETHER_HDR_LEN + p->len, 0);
	if (sent < 0 && d->up)
		die("packet to %s", d->name);
	settle(r);
}

static bool real_out(struct backend *b, struct steps_out *out)
{
	struct real *r = real_of(b);
	struct seen *s;

	settle(r);
	s = TAILQ_FIRST(&r->seen);
	if (!s)
		return false;
	*out = s->out;
	TAILQ_REMOVE(&r->seen, s, link);
	free(s);
	return true;
}

static void real_address(struct backend *b, enum steps_address what, unsigned dev, struct ip ip)
{
	const struct device *d = &real_of(b)->device[dev];
	struct prefix prefix = steps_prefix(ip);
	char path[100];

	if (b->af == V6) {
		snprintf(path, sizeof(path), "ipv6/conf/%s/accept_dad", d->name);
		sysctl(path, "1");
	}
	if (what == ADDRESS_DUPLICATE) {
		snprintf(path, sizeof(path), "ipv6/conf/h%u/disable_ipv6", dev);
		sysctl(path, "0");
		run("ip addr add %s dev h%u nodad", prefix_str(&prefix), dev);
	}
	run("ip addr %s %s dev %s", what == ADDRESS_DEL ? "del" : "add", prefix_str(&prefix),
	    d->name);
}

/* To port 9 of a group of the link. */
static const char *real_send(struct backend *b, unsigned dev, struct ip src)
{
	struct in6_pktinfo info6 = { .ipi6_ifindex = real_of(b)->device[dev].ifindex };
	struct in_pktinfo info4 = { .ipi_ifindex = info6.ipi6_ifindex };
	struct sockaddr_in6 to6 = in6((struct ip){ { 0xff, 2, [15] = 9 } });
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(info6))] = { 0 };
	struct msghdr msg = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int fd = socket(b->af == V4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *why;

	to6.sin6_port = htons(9);
	to4.sin_addr = in4(ip_v4(0xe0000009));
	memcpy(&info6.ipi6_addr, ip_wire(&src, V6), 16);
	info4.ipi_spec_dst = in4(src);
	if (b->af == V4) {
		msg.msg_name = &to4;
		msg.msg_namelen = sizeof(to4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info4));
		memcpy(CMSG_DATA(c), &info4, sizeof(info4));
		msg.msg_controllen = CMSG_SPACE(sizeof(info4));
	} else {
		msg.msg_name = &to6;
		msg.msg_namelen = sizeof(to6);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info6));
		memcpy(CMSG_DATA(c), &info6, sizeof(info6));
	}
	why = sendmsg(fd, &msg, 0) < 0 ? strerror(errno) : NULL;
	close(fd);
	return why;
}

static void real_wait(struct backend *b, unsigned ms)
{
	int64_t until = now() + ms, left;

	(void)b;
	while ((left = until - now()) > 0)
		poll(NULL, 0, left);
}

static void real_close(struct backend *b)
{
	struct real *r = real_of(b);
	struct steps_news news;
	struct seen *s;

	for (unsigned dev = 0; dev < r->ndevices; dev++) {
		if (r->device[dev].present)
			link_del(r, &r->device[dev]);
	}
	if (r->device[STEPS_TUN].present)
		link_del(r, &r->device[STEPS_TUN]);
	while ((s = TAILQ_FIRST(&r->seen))) {
		TAILQ_REMOVE(&r->seen, s, link);
		free(s);
	}
	while (r->news && real_news(b, &news, false))
		;
	if (r->news)
		mnl_socket_close(r->news);
	close(r->mroute);
	free(r);
}

static const struct steps_ops ops = {
	.close = real_close,
	.vif_add = real_vif_add,
	.vif_del = real_vif_del,
	.set = real_set,
	.del = real_del,
	.counters = real_counters,
	.link = real_link,
	.limit = real_limit,
	.packet = real_packet,
	.upcall = real_upcall,
	.out = real_out,
	.wait = real_wait,
	.news = real_news,
	.address = real_address,
	.send = real_send,
};

static void open_mroute(struct real *r)
{
	struct icmp6_filter filter;
	int on = 1, v4 = r->backend.af == V4;

	r->mroute = socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC,
			   v4 ? IPPROTO_IGMP : IPPROTO_ICMPV6);
	ICMP6_FILTER_SETBLOCKALL(&filter);
	if (r->mroute < 0 || (!v4 && setsockopt(r->mroute, IPPROTO_ICMPV6, ICMP6_FILTER, &filter,
						sizeof(filter)) < 0))
		die("raw socket");
	if (option(r, v4 ? MRT_INIT : MRT6_INIT, &on, sizeof(on)) ||
	    option(r, v4 ? MRT_PIM : MRT6_PIM, &on, sizeof(on)))
		die("multicast routing");
}

/* One CPU: what is sent first arrives first. */
static void enter_namespace(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	if (unshare(CLONE_NEWNET) < 0)
		die("network namespace");
	if (sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		die("one CPU");
	sysctl("ipv4/conf/all/rp_filter", "0");
	sysctl("ipv4/conf/default/rp_filter", "0");
	sysctl("ipv6/conf/default/accept_dad", "0");
}

struct backend *real_open(enum af af, unsigned ndevices)
{
	struct real *r = xcalloc(1, sizeof(*r));

	r->backend = (struct backend){ .op = &ops, .af = af };
	r->ndevices = ndevices;
	TAILQ_INIT(&r->seen);
	TAILQ_INIT(&r->told);
	enter_namespace();
	open_mroute(r);
	for (unsigned dev = 0; dev < ndevices; dev++) {
		char name[IFNAMSIZ];

		snprintf(name, sizeof(name), "r%u", dev);
		link_add(r, dev, name);
	}
	return &r->backend;
}
