/* unnumbered.c - IPv4 packets of an interface without an address, from 0.0.0.0
 *
 * A raw socket puts another interface's address in the place of 0.0.0.0, so the header is made here
 * and handed to the device. What is sent so is not looped back: programs of this host do not hear
 * it.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/cksum.h"
#include "lib/cursor.h"
#include "linux/unnumbered.h"

/* Of the IPv4 header: where the checksum stands, and its length without and with the option. */
#define CKSUM 10
#define HEADER 20
#define MAXHEADER (HEADER + ROUTER_ALERT4_LEN)

#define DONT_FRAGMENT 0x4000

const uint8_t router_alert4[ROUTER_ALERT4_LEN] = { 0x94, 4, 0, 0 };

/* RFC 791 3.1; its length. */
static size_t put_header(uint8_t header[MAXHEADER], const struct packet *packet)
{
	size_t len = packet->router_alert ? MAXHEADER : HEADER;
	struct wr w = wr_init(header, len);

	wr_u8(&w, 4 << 4 | len / 4);
	wr_u8(&w, packet->tos);
	wr_u16(&w, len + packet->len);
	wr_u16(&w, 0);
	wr_u16(&w, DONT_FRAGMENT);
	wr_u8(&w, packet->ttl ? packet->ttl : 1);
	wr_u8(&w, packet->proto);
	wr_u16(&w, 0);
	wr_ip(&w, V4, ip_any(V4));
	wr_ip(&w, V4, packet->dst);
	if (packet->router_alert)
		wr_bytes(&w, router_alert4, sizeof(router_alert4));
	w = wr_init(header + CKSUM, 2);
	wr_u16(&w, cksum_end(cksum_add(0, header, len)));
	return len;
}

/* The group's address on Ethernet (RFC 1112 6.4); other devices have one other end, or none. */
static void put_address(struct sockaddr_ll *to, struct ip group)
{
	const uint8_t *ip = ip_wire(&group, V4);
	const uint8_t mac[ETH_ALEN] = { 0x01, 0x00, 0x5e, ip[1] & 0x7f, ip[2], ip[3] };

	memcpy(to->sll_addr, mac, sizeof(mac));
	to->sll_halen = sizeof(mac);
}

int unnumbered_send(int *fd, unsigned ifindex, bool ethernet, const struct packet *packet)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = ifindex,
	};
	uint8_t header[MAXHEADER];
	struct iovec iov[] = {
		{ header, put_header(header, packet) },
		{ (void *)packet->data, packet->len },
	};
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = iov,
		.msg_iovlen = 2,
	};

	/* one of no protocol receives nothing, and costs the kernel nothing */
	if (*fd < 0)
		*fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return errno;
	if (ethernet)
		put_address(&to, packet->dst);
	return sendmsg(*fd, &msg, 0) < 0 ? errno : 0;
}
