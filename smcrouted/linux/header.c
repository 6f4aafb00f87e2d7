/* header.c - headers of protocol packets, as the kernel gives and takes them
 *
 * An IPv4 packet comes with its header, an IPv6 one with what that said in ancillary data; either
 * is sent with ancillary data that says what its header is to be.
 */
#include <netinet/in.h>
#include <string.h>

#include "lib/cksum.h"
#include "lib/cursor.h"
#include "linux/header.h"
#include "linux/unnumbered.h"

/* The option that asks routers to look (RFC 2711); that of IPv4 is router_alert4. */
static const uint8_t router_alert6[] = { 0, 0, 5, 2, 0, 0, 1, 0 };

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

bool header_ip4(struct rd r, struct packet *packet)
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

bool header_udp(struct packet *packet)
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

unsigned header_beside6(struct msghdr *msg, struct packet *packet)
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

void control_make(struct control *c, enum af af, unsigned ifindex, struct ip src,
		  const struct packet *packet)
{
	*c = (struct control){ .len = 0 };
	(af == V4 ? control4 : control6)(c, ifindex, src, packet);
}
