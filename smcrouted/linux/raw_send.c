/* raw_send.c - protocol packets that are sent: by which socket, and what became of it
 *
 * Most go by the channel that hears of the same; an UDP datagram has a socket for itself, an IGMP
 * packet without an address one below IP, what is for the tunnel the device of that.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/channel.h"
#include "linux/header.h"
#include "linux/netlink.h"
#include "linux/tun.h"
#include "linux/unnumbered.h"

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
	    !bind(fd, (struct sockaddr *)&any, len) && !channel_fragment(fd, af, false))
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
	struct control control;
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
	control_make(&control, af, ifindex, src, packet);
	msg.msg_controllen = control.len;
	if (packet->fragment)
		channel_fragment(fd, af, true);
	/* a call may fail because of a packet before */
	if (sendmsg(fd, &msg, 0) < 0 && sendmsg(fd, &msg, 0) < 0)
		error = errno;
	if (packet->fragment)
		channel_fragment(fd, af, false);
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
