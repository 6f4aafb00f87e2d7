/* raw.c - protocol packets: IGMP, MLD, multicast router discovery, PIM, UDP
 *
 * A socket a kind of packets and family sends on any device, and receives what comes in on any;
 * packets are passed on from devices that are listened to. IGMP is received by the IPv4 mroute
 * socket, which alone gets all of it. Registers of PIM, of which there may be very many, do not
 * wait in the same queue as what routers say to one another. What is sent to groups of routers
 * comes in only where somebody joined them: a small socket for each device does, and leaves by
 * being closed.
 *
 * UDP is heard by a raw socket too: that takes no port, for which privileges would have to be kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/icmp6.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libite/queue.h>

#include "lib/cksum.h"
#include "lib/cursor.h"
#include "linux/mrt.h"
#include "linux/netlink.h"
#include "linux/raw.h"
#include "linux/sock.h"
#include "linux/tun.h"
#include "linux/unnumbered.h"

/* Bytes of packets that may wait. */
#define RCVBUF (1 << 20)
#define RCVBUF_REGISTERS (4 << 20)

/* Sockets of a family: by what is listened to, and one more for Registers. */
#define REGISTERS NLISTEN
#define NCHANNELS (NLISTEN + 1)

/* Packets that are read before others have their turn. */
#define BATCH 64

/*
 * The same of Registers: as many as the kernel keeps of a source that it has no entry for, since
 * they may be of one, and be put into the tunnel at once.
 */
#define BATCH_REGISTERS 4

/* Messages of MLD (RFC 3810 5, RFC 2710 3), and of multicast router discovery (RFC 4286 4.1). */
enum { MLD_QUERY = 130, MLD_REPORT = 131, MLD_DONE = 132, MLD2_REPORT = 143, MRD_SOLICIT = 152 };

/* The option that asks routers to look (RFC 2711); that of IPv4 is router_alert4. */
static const uint8_t router_alert6[] = { 0, 0, 5, 2, 0, 0, 1, 0 };

struct channel {
	struct raw *raw; /* not ours */
	enum af af;
	enum listen_what what;
	enum protocol proto;
	enum sock_part part;
	struct loop_fd watch;
	int fd;		/* -1 until it is needed */
	bool inherited; /* it hears what it did before, until all is known that is listened to */
};

struct listener {
	TAILQ_ENTRY(listener) link;
	enum af af;
	enum listen_what what;
	unsigned ifindex;
	int fd; /* holds the memberships, -1 if they could not be had again */
};

struct raw {
	struct linux_kern *kern;		      /* not ours */
	struct channel channel[NFAMILIES][NCHANNELS]; /* not for LISTEN_DATA */
	TAILQ_HEAD(listeners, listener) listeners;
	int unnumbered; /* -1 until it is needed */
	struct log_limit limit;
	uint8_t packet[65536];
};

/* To whom routers' messages are sent, up to ip_any(). */
static const struct ip groups[NFAMILIES][NLISTEN][3] = {
	[V4] = {
		[LISTEN_MEMBERS] = { { { [10] = 0xff, 0xff, 224, 0, 0, 2 } },
				     { { [10] = 0xff, 0xff, 224, 0, 0, 22 } } },
		[LISTEN_PIM] = { { { [10] = 0xff, 0xff, 224, 0, 0, 13 } } },
		[LISTEN_MRD] = { { { [10] = 0xff, 0xff, 224, 0, 0, 2 } } },
		[LISTEN_AUTO_RP] = { { { [10] = 0xff, 0xff, 224, 0, 1, 40 } } },
	},
	[V6] = {
		[LISTEN_MEMBERS] = { { { 0xff, 2, [15] = 0x2 } }, { { 0xff, 2, [15] = 0x16 } } },
		[LISTEN_PIM] = { { { 0xff, 2, [15] = 0xd } } },
		[LISTEN_MRD] = { { { 0xff, 2, [15] = 0x2 } } },
	},
};

/* The socket that receives for it, -1 if there is none. */
static int channel_hears(const struct channel *c)
{
	const struct mrt *mrt = c->raw->kern->mrt[c->af];

	if (c->proto == PROTO_IGMP)
		return mrt ? mrt_fd(mrt) : -1;
	return c->fd;
}

/*
 * The kernel lets nothing in from elsewhere, so that others' floods cost nothing. Where packets
 * come in by the device of a VRF, which is not listened to itself, this is not to be had.
 */
static void channel_filter(const struct channel *c)
{
	const struct raw *raw = c->raw;
	unsigned ifindex[SOCK_MAXDEVICES], n = 0;
	int fd = channel_hears(c);
	const struct listener *l;
	bool any = raw->kern->table;

	if (fd < 0 || c->inherited)
		return;
	TAILQ_FOREACH(l, &raw->listeners, link) {
		if (l->af != c->af || (l->what != c->what && c->proto != PROTO_IGMP))
			continue;
		if (n == NELEMS(ifindex))
			any = true;
		else
			ifindex[n++] = l->ifindex;
	}
	if (any || sock_hear(fd, c->af, c->part, ifindex, n))
		sock_hear(fd, c->af, c->part, NULL, 0);
}

/* Of all sockets that what is listened to comes in by. */
static void filter_all(struct raw *raw, enum af af, enum listen_what what)
{
	channel_filter(&raw->channel[af][what]);
	if (what == LISTEN_PIM)
		channel_filter(&raw->channel[af][REGISTERS]);
}

struct raw *raw_new(struct linux_kern *k)
{
	struct raw *raw = xcalloc(1, sizeof(*raw));

	raw->kern = k;
	raw->unnumbered = -1;
	TAILQ_INIT(&raw->listeners);
	for (enum af af = V4; af < NFAMILIES; af++) {
		for (unsigned i = LISTEN_MEMBERS; i < NCHANNELS; i++) {
			struct channel *c = &raw->channel[af][i];

			c->raw = raw;
			c->af = af;
			c->what = i == REGISTERS ? LISTEN_PIM : i;
			if (c->what == LISTEN_PIM) {
				c->proto = PROTO_PIM;
				c->part = i == REGISTERS ? SOCK_REGISTERS : SOCK_NO_REGISTERS;
			} else if (c->what == LISTEN_AUTO_RP) {
				c->proto = PROTO_UDP;
				c->part = SOCK_ALL;
			} else {
				c->proto = af == V4 ? PROTO_IGMP : PROTO_ICMPV6;
				c->part = af == V4 ? SOCK_UPCALLS : SOCK_ALL;
			}
			c->fd = c->watch.fd = -1;
		}
	}
	/* one that was taken over has the filter of before */
	channel_filter(&raw->channel[V4][LISTEN_MEMBERS]);
	return raw;
}

static void channel_close(struct channel *c)
{
	loop_unwatch(&c->raw->kern->loop, &c->watch);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->inherited = false;
}

static void listener_free(struct raw *raw, struct listener *l)
{
	TAILQ_REMOVE(&raw->listeners, l, link);
	filter_all(raw, l->af, l->what);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

void raw_free(struct raw *raw)
{
	struct listener *l;

	if (!raw)
		return;
	while ((l = TAILQ_FIRST(&raw->listeners)))
		listener_free(raw, l);
	for (enum af af = V4; af < NFAMILIES; af++) {
		for (unsigned i = LISTEN_MEMBERS; i < NCHANNELS; i++)
			channel_close(&raw->channel[af][i]);
	}
	if (raw->unnumbered >= 0)
		close(raw->unnumbered);
	free(raw);
}

static struct listener *listener_find(const struct raw *raw, enum af af, enum listen_what what,
				      unsigned ifindex)
{
	struct listener *l;

	TAILQ_FOREACH(l, &raw->listeners, link) {
		if (l->ifindex == ifindex && l->af == af && l->what == what)
			break;
	}
	return l;
}

static void pass_on(struct raw *raw, enum af af, unsigned ifindex, const struct packet *packet)
{
	if (listener_find(raw, af, packet_listened(packet), ifindex))
		router_packet(raw->kern->router, ifindex, packet);
	else
		count_af(&raw->kern->counts, COUNT_PACKET_UNWANTED, af);
}

/* RFC 791 3.1: one byte of type alone, or with a length that counts both. */
static bool has_alert4(struct rd options)
{
	while (rd_left(&options)) {
		uint8_t type = rd_u8(&options), len;

		if (!type)
			return false;
		if (type == 1)
			continue;
		len = rd_u8(&options);
		if (type == router_alert4[0] && len == sizeof(router_alert4))
			return rd_u16(&options) == 0 && !options.bad;
		rd_skip(&options, len > 2 ? len - 2 : 0);
	}
	return false;
}

/*
 * RFC 8200 4.2, 4.3: one byte of Pad1, or type and length of what follows. The option's value 0 is
 * MLD's (RFC 2711 2.1).
 */
static bool has_alert6(struct rd header)
{
	rd_skip(&header, 2);
	while (rd_left(&header)) {
		uint8_t type = rd_u8(&header), len;

		if (!type)
			continue;
		len = rd_u8(&header);
		if (type == router_alert6[2] && len == router_alert6[3])
			return rd_u16(&header) == 0 && !header.bad;
		rd_skip(&header, len);
	}
	return false;
}

/* RFC 791 3.1; *packet is meaningless unless this returns true. */
static bool decode_ip4(struct rd r, struct packet *packet)
{
	uint8_t first = rd_u8(&r);
	size_t header = (first & 0xf) * 4, total;
	struct rd options;

	*packet = (struct packet){ .slot = NOSLOT, .tos = rd_u8(&r) };
	total = rd_u16(&r);
	rd_skip(&r, 4);
	packet->ttl = rd_u8(&r);
	packet->proto = rd_u8(&r);
	rd_skip(&r, 2);
	packet->src = rd_ip(&r, V4);
	packet->dst = rd_ip(&r, V4);
	if (first >> 4 != 4 || header < 20 || total < header)
		return false;
	options = rd_sub(&r, header - 20);
	packet->router_alert = has_alert4(options);
	packet->len = total - header;
	packet->data = rd_take(&r, packet->len);
	return !r.bad;
}

/*
 * RFC 768. A sender of this host, or of another one on it, may have left the checksum to a device:
 * then there is that of the pseudo header alone. The kernel, which knows, does not tell.
 */
static bool is_sum_right(const struct packet *packet, size_t len, uint16_t sum)
{
	uint32_t all = cksum_add(len + PROTO_UDP, ip_wire(&packet->src, V4), 4);

	all = cksum_add(all, ip_wire(&packet->dst, V4), 4);
	return !sum || (sum ^ cksum_end(all)) == UINT16_MAX ||
	       !cksum_end(cksum_add(all, packet->data, len));
}

/* What is behind the header of UDP; false if that is not right. */
static bool decode_udp(struct packet *packet)
{
	struct rd r = rd_init(packet->data, packet->len);
	size_t len;

	packet->sport = rd_u16(&r);
	packet->dport = rd_u16(&r);
	len = rd_u16(&r);
	if (len < 8 || len > packet->len || !is_sum_right(packet, len, rd_u16(&r)))
		return false;
	packet->data = r.p;
	packet->len = len - 8;
	return true;
}

void raw_igmp(struct raw *raw, unsigned ifindex, const uint8_t *data, size_t len)
{
	struct packet packet;

	if (decode_ip4(rd_init(data, len), &packet) && packet.proto == PROTO_IGMP)
		pass_on(raw, V4, ifindex, &packet);
	else
		count_af(&raw->kern->counts, COUNT_PACKET_HEADER, V4);
}

/* What the kernel says, as far as there was room for it; what is missing is 0. */
static void cmsg_get(const struct cmsghdr *c, void *value, size_t size)
{
	struct rd data = rd_init(CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	const uint8_t *at = rd_take(&data, size);

	memset(value, 0, size);
	if (at)
		memcpy(value, at, size);
}

static int cmsg_int(const struct cmsghdr *c)
{
	int value;

	cmsg_get(c, &value, sizeof(value));
	return value;
}

/* What the kernel says beside an IPv6 packet; the device, 0 if it does not. */
static unsigned read_control6(struct msghdr *msg, struct packet *packet)
{
	unsigned ifindex = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct in6_pktinfo info;

		if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_len < CMSG_LEN(0))
			continue;
		switch (c->cmsg_type) {
		case IPV6_PKTINFO:
			cmsg_get(c, &info, sizeof(info));
			ifindex = info.ipi6_ifindex;
			packet->dst = ip_from_wire(V6, &info.ipi6_addr);
			break;
		case IPV6_HOPLIMIT:
			packet->ttl = cmsg_int(c);
			break;
		case IPV6_TCLASS:
			packet->tos = cmsg_int(c);
			break;
		case IPV6_HOPOPTS:
			packet->router_alert = has_alert6(
				rd_init(CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0)));
			break;
		}
	}
	return ifindex;
}

/* RFC 7761 4.9: of whatever version. */
static bool is_register(const struct packet *packet)
{
	return packet->len && (*(const uint8_t *)packet->data & 0xf) == 1;
}

/* Reads one packet; false when there is none left. IPv4 comes with its header, IPv6 without. */
static bool receive(struct channel *c)
{
	struct raw *raw = c->raw;
	alignas(struct cmsghdr) char control[2560];
	struct sockaddr_storage from = { 0 };
	struct iovec iov = { raw->packet, sizeof(raw->packet) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct packet packet = { .slot = NOSLOT, .proto = c->proto };
	ssize_t n = recvmsg(c->fd, &msg, 0);
	unsigned ifindex;

	if (n < 0)
		return errno == EINTR;
	if (c->af == V4) {
		ifindex = sock_arrival(&msg);
		if (!decode_ip4(rd_init(raw->packet, n), &packet) || packet.proto != c->proto ||
		    (c->proto == PROTO_UDP && !decode_udp(&packet))) {
			count_af(&raw->kern->counts, COUNT_PACKET_HEADER, V4);
			return true;
		}
	} else {
		packet.src = sock_ip(V6, &from);
		packet.dst = ip_any(V6);
		ifindex = read_control6(&msg, &packet);
		packet.data = raw->packet;
		packet.len = n;
		if (ip_family(packet.src) != V6) {
			count_af(&raw->kern->counts, COUNT_PACKET_SOURCE, V6);
			return true;
		}
	}
	if (c->proto == PROTO_UDP && packet.dport != AUTO_RP_PORT)
		return true;
	/* before there was a filter, the other socket's came too */
	if (c->proto != PROTO_PIM || is_register(&packet) == (c->part == SOCK_REGISTERS))
		pass_on(raw, c->af, ifindex, &packet);
	return true;
}

/* What became of packets that were sent: the kernel has drawn its conclusions. */
static void forget_errors(const struct channel *c)
{
	struct raw *raw = c->raw;

	for (int i = 0; i < BATCH; i++) {
		if (recv(c->fd, raw->packet, sizeof(raw->packet), MSG_ERRQUEUE) < 0)
			return;
	}
}

static void ready(struct loop_fd *w, uint32_t events)
{
	struct channel *c = container_of(w, struct channel, watch);

	if (events & EPOLLERR)
		forget_errors(c);
	for (int i = 0; i < (c->part == SOCK_REGISTERS ? BATCH_REGISTERS : BATCH) && receive(c);
	     i++)
		;
}

/* A packet that is too long for its way is cut, or refused. */
static int set_fragment(int fd, enum af af, bool on)
{
	if (af == V4)
		return sock_set(fd, IPPROTO_IP, IP_MTU_DISCOVER,
				on ? IP_PMTUDISC_WANT : IP_PMTUDISC_DO);
	return sock_set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
			on ? IPV6_PMTUDISC_WANT : IPV6_PMTUDISC_DO);
}

static int filter_icmp6(int fd, enum listen_what what)
{
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	if (what == LISTEN_MRD) {
		ICMP6_FILTER_SETPASS(MRD_SOLICIT, &filter);
	} else {
		ICMP6_FILTER_SETPASS(MLD_QUERY, &filter);
		ICMP6_FILTER_SETPASS(MLD_REPORT, &filter);
		ICMP6_FILTER_SETPASS(MLD_DONE, &filter);
		ICMP6_FILTER_SETPASS(MLD2_REPORT, &filter);
	}
	return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
}

/* RFC 7761 4.3.1: a goodbye of an address that has gone is sent from it. */
static int send_from_any(int fd, enum af af)
{
	return af == V4 ? sock_set(fd, IPPROTO_IP, IP_TRANSPARENT, 1)
			: sock_set(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1);
}

/*
 * What the protocol needs. Our own queries are looped back, since this host's memberships are to
 * be reported too; PIM concerns other routers alone. The checksum of PIM is not over all of a
 * Register, which the kernel could not know (RFC 7761 4.9): it neither makes nor looks at it. What
 * the way of an IPv6 packet takes it learns for a socket that wants to hear of errors.
 */
static int set_up(const struct channel *c)
{
	int fd = c->fd;

	if (set_fragment(fd, c->af, false))
		return -1;
	if (c->proto == PROTO_PIM && send_from_any(fd, c->af))
		return -1;
	if (c->af == V4) {
		if (c->proto == PROTO_IGMP)
			return sock_deafen(fd);
		return sock_set(fd, IPPROTO_IP, IP_PKTINFO, 1) ||
		       sock_set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
	}
	if (c->proto == PROTO_PIM ? sock_set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0)
				  : filter_icmp6(fd, c->what))
		return -1;
	if (c->part == SOCK_REGISTERS && sock_set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1))
		return -1;
	return sock_set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) ||
	       sock_set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) ||
	       sock_set(fd, IPPROTO_IPV6, IPV6_RECVHOPOPTS, 1) ||
	       sock_set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
}

/* The kernel gives it what is sent to the group alone, of all that is UDP. */
static int bind_to_group(const struct channel *c)
{
	struct sockaddr_storage sa;
	socklen_t len = sock_addr(&sa, groups[c->af][c->what][0], 0);

	return bind(c->fd, (struct sockaddr *)&sa, len);
}

static int channel_socket(struct channel *c)
{
	c->fd = sock_open(c->af, SOCK_RAW, c->proto);
	if (c->fd < 0 || (c->proto == PROTO_UDP && bind_to_group(c)))
		return -1;
	sock_rcvbuf(c->fd, c->part == SOCK_REGISTERS ? RCVBUF_REGISTERS : RCVBUF);
	channel_filter(c);
	return set_up(c);
}

/* Opens the channel if it is not; 0, or -1 with errno set. */
static int channel_open(struct channel *c)
{
	bool listens = c->proto != PROTO_IGMP;
	int error;

	if ((c->fd >= 0 || !channel_socket(c)) &&
	    (!listens || c->watch.fd >= 0 ||
	     !loop_watch(&c->raw->kern->loop, &c->watch, c->fd, EPOLLIN, false, ready)))
		return 0;
	error = errno;
	channel_close(c);
	errno = error;
	return -1;
}

int raw_registers(const struct raw *raw, enum af af)
{
	return raw->channel[af][REGISTERS].fd;
}

void raw_inherit_registers(struct raw *raw, enum af af, int fd)
{
	struct channel *c = &raw->channel[af][REGISTERS];

	c->fd = fd;
	c->inherited = fd >= 0;
	if (fd >= 0 &&
	    (fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)))
		channel_close(c);
}

bool raw_started(struct raw *raw, enum af af)
{
	struct channel *c = &raw->channel[af][REGISTERS];

	c->inherited = false;
	channel_filter(c);
	if (c->fd < 0 || c->watch.fd >= 0)
		return false;
	channel_close(c);
	return true;
}

/* A socket that is a member of the groups, and receives nothing; -1 with errno set. */
static int join_groups(enum af af, enum listen_what what, unsigned ifindex)
{
	int fd = sock_open(af, SOCK_DGRAM, 0), error;
	const struct ip *group = groups[af][what];

	if (fd < 0)
		return -1;
	for (; ip_is_multicast(*group); group++) {
		if (sock_join(fd, ifindex, *group))
			goto fail;
	}
	return fd;
fail:
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

const char *raw_listen(struct raw *raw, enum af af, unsigned ifindex, enum listen_what what,
		       bool on)
{
	struct listener *l;
	int fd;

	if (what == LISTEN_DATA)
		return NULL;
	if (!ip_is_multicast(groups[af][what][0]))
		return reason(EAFNOSUPPORT);
	l = listener_find(raw, af, what, ifindex);
	if (!on) {
		if (l)
			listener_free(raw, l);
		return NULL;
	}
	if (l)
		return NULL;
	if (channel_open(&raw->channel[af][what]) ||
	    (what == LISTEN_PIM && channel_open(&raw->channel[af][REGISTERS])))
		return reason(errno);
	fd = join_groups(af, what, ifindex);
	if (fd < 0)
		return reason(errno);
	l = xcalloc(1, sizeof(*l));
	*l = (struct listener){ .af = af, .what = what, .ifindex = ifindex, .fd = fd };
	TAILQ_INSERT_TAIL(&raw->listeners, l, link);
	filter_all(raw, af, what);
	return NULL;
}

void raw_link_gone(struct raw *raw, unsigned ifindex)
{
	struct listener *l, *next;

	TAILQ_FOREACH_SAFE(l, &raw->listeners, link, next) {
		if (l->ifindex == ifindex)
			listener_free(raw, l);
	}
}

void raw_link_renewed(struct raw *raw, unsigned ifindex)
{
	struct listener *l;

	TAILQ_FOREACH(l, &raw->listeners, link) {
		if (l->ifindex != ifindex || l->af != V6)
			continue;
		/* first: what the old one leaves would be the new one's, if the device lost it */
		if (l->fd >= 0)
			close(l->fd);
		l->fd = join_groups(l->af, l->what, l->ifindex);
	}
}

/* Ancillary data to be sent along. */
struct control {
	alignas(struct cmsghdr) char data[256];
	size_t len;
};

static void control_put(struct control *c, int level, int type, const void *data, size_t len)
{
	struct cmsghdr header = { .cmsg_len = CMSG_LEN(len),
				  .cmsg_level = level,
				  .cmsg_type = type };

	memcpy(c->data + c->len, &header, sizeof(header));
	memcpy(c->data + c->len + CMSG_LEN(0), data, len);
	c->len += CMSG_SPACE(len);
}

static void control_int(struct control *c, int level, int type, int value)
{
	control_put(c, level, type, &value, sizeof(value));
}

static void control4(struct control *c, unsigned ifindex, struct ip src,
		     const struct packet *packet)
{
	struct in_pktinfo info = { .ipi_ifindex = ifindex };

	memcpy(&info.ipi_spec_dst, ip_wire(&src, V4), sizeof(info.ipi_spec_dst));
	control_put(c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	control_int(c, IPPROTO_IP, IP_TTL, packet->ttl ? packet->ttl : 1);
	control_int(c, IPPROTO_IP, IP_TOS, packet->tos);
	if (packet->router_alert)
		control_put(c, IPPROTO_IP, IP_RETOPTS, router_alert4, sizeof(router_alert4));
}

static void control6(struct control *c, unsigned ifindex, struct ip src,
		     const struct packet *packet)
{
	struct in6_pktinfo info = { .ipi6_ifindex = ifindex };

	memcpy(&info.ipi6_addr, ip_wire(&src, V6), sizeof(info.ipi6_addr));
	control_put(c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	control_int(c, IPPROTO_IPV6, IPV6_HOPLIMIT, packet->ttl ? packet->ttl : 1);
	control_int(c, IPPROTO_IPV6, IPV6_TCLASS, packet->tos);
	if (packet->router_alert)
		control_put(c, IPPROTO_IPV6, IPV6_HOPOPTS, router_alert6, sizeof(router_alert6));
}

/*
 * A socket for one datagram from that port, so that no port is taken for longer; -1 with errno
 * set.
 */
static int open_udp(enum af af, uint16_t sport)
{
	struct sockaddr_storage any;
	socklen_t len = sock_addr(&any, ip_any(af), 0);
	int fd = sock_open(af, SOCK_DGRAM, 0), error;

	if (fd < 0)
		return -1;
	sock_port(&any, sport);
	if (!sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
	    (af == V4 || !sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
	    !bind(fd, (struct sockaddr *)&any, len) && !set_fragment(fd, af, false))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* 0, or the error. */
static int transmit(int fd, enum af af, unsigned ifindex, struct ip src,
		    const struct packet *packet)
{
	struct sockaddr_storage to;
	struct control control = { .len = 0 };
	struct iovec iov = { (void *)packet->data, packet->len };
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = sock_addr(&to, packet->dst, ifindex),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.data,
	};
	int error = 0;

	if (packet->proto == PROTO_UDP)
		sock_port(&to, packet->dport);
	(af == V4 ? control4 : control6)(&control, ifindex, src, packet);
	msg.msg_controllen = control.len;
	if (packet->fragment)
		set_fragment(fd, af, true);
	/* a call may fail because of a packet before */
	if (sendmsg(fd, &msg, 0) < 0 && sendmsg(fd, &msg, 0) < 0)
		error = errno;
	if (packet->fragment)
		set_fragment(fd, af, false);
	return error;
}

/* The MTU of the device, or what is known of the path that routing takes. */
static unsigned mtu_to(struct raw *raw, enum af af, unsigned ifindex, struct ip dst)
{
	int level = sock_level(af), option = af == V4 ? IP_MTU : IPV6_MTU;
	struct sockaddr_storage to;
	socklen_t len = sock_addr(&to, dst, 0), size = sizeof(int);
	int fd, mtu = 0;

	if (ifindex)
		return netlink_mtu(raw->kern->netlink, ifindex);
	fd = sock_open(af, SOCK_DGRAM, 0);
	if (fd < 0)
		return 0;
	sock_port(&to, 9);
	if (connect(fd, (struct sockaddr *)&to, len) || getsockopt(fd, level, option, &mtu, &size))
		mtu = 0;
	close(fd);
	return mtu;
}

/* The socket and the source of a packet are found, and it is sent; 0, or the error. */
static int send_packet(struct raw *raw, enum af af, unsigned ifindex, const struct packet *packet)
{
	unsigned kind = packet_listened(packet);
	struct channel *c = &raw->channel[af][kind];
	struct netlink *nl = raw->kern->netlink;
	struct ip src = packet->src;
	int fd, error;

	if (packet->proto == PROTO_IP)
		return tun_send(raw->kern->tun, packet);
	if (kind == LISTEN_PIM && !ifindex && raw_registers(raw, af) >= 0)
		c = &raw->channel[af][REGISTERS];

	/* On a link the kernel would rather take a global one for a group of wider scope. */
	if (af == V6 && ifindex && ip_is_any(src) && !netlink_link_local(nl, ifindex, &src))
		return EADDRNOTAVAIL;
	if (packet->proto == PROTO_IGMP && ifindex && ip_is_any(src) &&
	    !netlink_has_ipv4(nl, ifindex))
		return unnumbered_send(&raw->unnumbered, ifindex, netlink_is_ethernet(nl, ifindex),
				       packet);
	if (packet->proto != c->proto)
		return EPROTONOSUPPORT;
	if (packet->proto != PROTO_UDP)
		return channel_open(c) ? errno : transmit(c->fd, af, ifindex, src, packet);
	fd = open_udp(af, packet->sport);
	if (fd < 0)
		return errno;
	error = transmit(fd, af, ifindex, src, packet);
	close(fd);
	return error;
}

enum send_result raw_send(struct raw *raw, enum af af, unsigned ifindex,
			  const struct packet *packet, unsigned *mtu)
{
	struct linux_kern *k = raw->kern;
	int error = send_packet(raw, af, ifindex, packet);
	char name[IF_NAMESIZE] = "routed";
	unsigned passes;

	switch (error) {
	case 0:
		return SENT;
	case EMSGSIZE:
		passes = mtu_to(raw, af, ifindex, packet->dst);
		if (packet->proto == PROTO_PIM && af == V6 && !ifindex)
			tun_is_narrow(k->tun, passes);
		if (mtu)
			*mtu = passes;
		return SEND_TOO_BIG;
	default:
		count_af(&k->counts, COUNT_PACKET_UNSENT, af);
		if (ifindex && !if_indextoname(ifindex, name))
			name[0] = '?', name[1] = '\0';
		log_limited(k->log, &raw->limit, &k->clock, LEVEL_WARNING,
			    "%s: cannot send protocol %d to %s: %s", name, packet->proto,
			    ip_str(packet->dst), reason(error));
		return SEND_FAILED;
	}
}
