/* raw.c - protocol packets that come in: IGMP, MLD, multicast router discovery, PIM, UDP
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
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/channel.h"
#include "linux/header.h"
#include "linux/mrt.h"

/*
 * Bytes of packets that may wait. Of PIM, which has two sockets, that is a burst of Registers, or
 * Joins of some 200,000 trees, as routers send that refresh all of them at once.
 */
#define RCVBUF (1 << 20)
#define RCVBUF_PIM (4 << 20)

/*
 * Packets that are read before others have their turn, unless they are long: each of 1500 octets
 * may be about 70 trees, or 180 groups.
 */
#define BATCH 64
#define BATCH_OCTETS (8 << 10)

/*
 * The same of Registers: as many as the kernel keeps of a source that it has no entry for, since
 * they may be of one, and be put into the tunnel at once.
 */
#define BATCH_REGISTERS 4

/* Messages of MLD (RFC 3810 5, RFC 2710 3), and of multicast router discovery (RFC 4286 4.1). */
enum { MLD_QUERY = 130, MLD_REPORT = 131, MLD_DONE = 132, MLD2_REPORT = 143, MRD_SOLICIT = 152 };

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

/* What is sent where nobody listens opens it again. */
static void rest(struct raw *raw, enum af af, enum listen_what what)
{
	struct channel *c = raw->channel[af];
	const struct listener *l;

	TAILQ_FOREACH(l, &raw->listeners, link) {
		if (l->af == af && l->what == what)
			return;
	}
	channel_close(&c[what]);
	if (what == LISTEN_PIM && !c[REGISTERS].inherited)
		channel_close(&c[REGISTERS]);
}

static void listener_free(struct raw *raw, struct listener *l)
{
	TAILQ_REMOVE(&raw->listeners, l, link);
	filter_all(raw, l->af, l->what);
	rest(raw, l->af, l->what);
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

void raw_igmp(struct raw *raw, unsigned ifindex, const uint8_t *data, size_t len)
{
	struct packet packet;

	if (header_ip4(rd_init(data, len), &packet) && packet.proto == PROTO_IGMP)
		pass_on(raw, V4, ifindex, &packet);
	else
		count_af(&raw->kern->counts, COUNT_PACKET_HEADER, V4);
}

/* RFC 7761 4.9: of whatever version. */
static bool is_register(const struct packet *packet)
{
	return packet->len && (*(const uint8_t *)packet->data & 0xf) == 1;
}

/*
 * Reads one packet, whose octets are added up; false when there is none left. IPv4 comes with its
 * header, IPv6 without.
 */
static bool receive(struct channel *c, size_t *octets)
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
	*octets += n;
	if (c->af == V4) {
		ifindex = sock_arrival(&msg);
		if (!header_ip4(rd_init(raw->packet, n), &packet) || packet.proto != c->proto ||
		    (c->proto == PROTO_UDP && !header_udp(&packet))) {
			count_af(&raw->kern->counts, COUNT_PACKET_HEADER, V4);
			return true;
		}
	} else {
		packet.src = sock_ip(V6, &from);
		packet.dst = ip_any(V6);
		ifindex = header_beside6(&msg, &packet);
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
	unsigned most = c->part == SOCK_REGISTERS ? BATCH_REGISTERS : BATCH;
	size_t octets = 0;

	if (events & EPOLLERR)
		forget_errors(c);
	while (most-- && octets < BATCH_OCTETS && receive(c, &octets))
		;
}

int channel_fragment(int fd, enum af af, bool on)
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

	if (channel_fragment(fd, c->af, false))
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
	sock_rcvbuf(c->fd, c->proto == PROTO_PIM ? RCVBUF_PIM : RCVBUF);
	channel_filter(c);
	return set_up(c);
}

int channel_open(struct channel *c)
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
