/* wire.c - packets of system tests as they are on a link: sent below the kernel's IP, and heard */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/cksum.h"
#include "lib/cursor.h"
#include "wire.h"

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

struct ip wire_address(const char *ifname, enum af af)
{
	struct ip found = ip_any(af);
	struct ifaddrs *all, *i;

	if (getifaddrs(&all))
		fail("addresses");
	for (i = all; i && ip_is_any(found); i = i->ifa_next) {
		struct sockaddr_in sin;
		struct sockaddr_in6 sin6;

		if (!i->ifa_addr || strcmp(i->ifa_name, ifname))
			continue;
		if (af == V4 && i->ifa_addr->sa_family == AF_INET) {
			memcpy(&sin, i->ifa_addr, sizeof(sin));
			found = ip_from_wire(V4, &sin.sin_addr);
		} else if (af == V6 && i->ifa_addr->sa_family == AF_INET6) {
			memcpy(&sin6, i->ifa_addr, sizeof(sin6));
			found = ip_from_wire(V6, &sin6.sin6_addr);
			if (!ip_is_link_local(found))
				found = ip_any(V6);
		}
	}
	freeifaddrs(all);
	return found;
}

struct ip wire_advance(struct ip ip, uint32_t by)
{
	uint32_t low;

	memcpy(&low, ip.b + 12, sizeof(low));
	low = htonl(ntohl(low) + by);
	memcpy(ip.b + 12, &low, sizeof(low));
	return ip;
}

/* RFC 791 3.1, RFC 2113 */
static void header4(struct wr *w, const struct packet *p)
{
	uint8_t *start = w->start + wr_len(w);
	unsigned words = p->router_alert ? 6 : 5;
	struct wr at = wr_init(start + 10, 2);

	wr_u8(w, 0x40 | words);
	wr_u8(w, p->tos);
	wr_u16(w, words * 4 + p->len);
	wr_u32(w, 0);
	wr_u8(w, p->ttl);
	wr_u8(w, p->proto);
	wr_u16(w, 0);
	wr_ip(w, V4, p->src);
	wr_ip(w, V4, p->dst);
	if (p->router_alert)
		wr_u32(w, 0x94040000);
	wr_u16(&at, cksum_end(cksum_add(0, start, words * 4)));
}

/* RFC 8200 3, RFC 2711 2.1 */
static void header6(struct wr *w, const struct packet *p)
{
	wr_u32(w, 0x60000000 | p->tos << 20);
	wr_u16(w, (p->router_alert ? 8 : 0) + p->len);
	wr_u8(w, p->router_alert ? 0 : p->proto);
	wr_u8(w, p->ttl);
	wr_ip(w, V6, p->src);
	wr_ip(w, V6, p->dst);
	if (p->router_alert) {
		wr_u8(w, p->proto);
		wr_u8(w, 0);
		wr_u32(w, 0x05020000);
		wr_u16(w, 0x0100);
	}
}

/* RFC 1112 6.4, RFC 2464 7 */
static void link_address(struct sockaddr_ll *to, const uint8_t *mac, struct ip dst)
{
	static const uint8_t prefix4[] = { 0x01, 0x00, 0x5e };

	to->sll_halen = 6;
	if (mac) {
		memcpy(to->sll_addr, mac, 6);
	} else if (ip_family(dst) == V4) {
		memcpy(to->sll_addr, prefix4, 3);
		memcpy(to->sll_addr + 3, dst.b + 13, 3);
		to->sll_addr[3] &= 0x7f;
	} else {
		memset(to->sll_addr, 0x33, 2);
		memcpy(to->sll_addr + 2, dst.b + 12, 4);
	}
}

static int open_link(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (fd < 0)
		fail("packet socket");
	return fd;
}

/* A socket to which packets are given with their header. */
static int open_raw(const char *ifname, enum af af)
{
	static int fd = -1;
	int on = 1;

	if (fd >= 0)
		return fd;
	fd = socket(af == V4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0 || (af == V6 && setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof(on))) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname, strlen(ifname) + 1))
		fail("raw socket");
	return fd;
}

static ssize_t send_routed(const char *ifname, struct ip dst, const void *data, size_t len)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	if (ip_family(dst) == V4) {
		memcpy(&sin.sin_addr, ip_wire(&dst, V4), 4);
		return sendto(open_raw(ifname, V4), data, len, 0, (struct sockaddr *)&sin,
			      sizeof(sin));
	}
	memcpy(&sin6.sin6_addr, ip_wire(&dst, V6), 16);
	sin6.sin6_scope_id = ip_is_link_local(dst) ? if_nametoindex(ifname) : 0;
	return sendto(open_raw(ifname, V6), data, len, 0, (struct sockaddr *)&sin6, sizeof(sin6));
}

void wire_send(const char *ifname, const uint8_t *mac, const struct packet *p)
{
	enum af af = ip_family(p->dst);
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(af == V4 ? ETH_P_IP : ETH_P_IPV6),
				  .sll_ifindex = if_nametoindex(ifname) };
	uint8_t bytes[UINT16_MAX + 64];
	struct wr w = wr_init(bytes, sizeof(bytes));
	ssize_t sent;

	(af == V4 ? header4 : header6)(&w, p);
	wr_bytes(&w, p->data, p->len);
	link_address(&to, mac, p->dst);
	if (mac || ip_is_multicast(p->dst))
		sent = sendto(open_link(), bytes, wr_len(&w), 0, (struct sockaddr *)&to,
			      sizeof(to));
	else
		sent = send_routed(ifname, p->dst, bytes, wr_len(&w));
	if (sent < 0 && errno != ENOBUFS)
		fail("send");
}

void wire_pace(const struct timespec *start, unsigned i, double rate)
{
	uint64_t ns = start->tv_nsec + (uint64_t)(1000000000.0 * i / rate);
	struct timespec due = { start->tv_sec + ns / 1000000000, ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static uint32_t random_number(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

void wire_mangle(uint32_t *seed, uint8_t *data, size_t len)
{
	for (unsigned n = 1 + random_number(seed) % 4; n; n--) {
		size_t at = random_number(seed) % len;

		data[at] = random_number(seed);
	}
}

/* The packet in which the bytes came; false if they are none. */
static bool unpack4(struct rd r, struct packet *p)
{
	struct rd header = r, options;
	uint8_t first = rd_u8(&header);
	uint16_t len, fragment;

	p->tos = rd_u8(&header);
	len = rd_u16(&header);
	rd_skip(&header, 2);
	fragment = rd_u16(&header);
	p->ttl = rd_u8(&header);
	p->proto = rd_u8(&header);
	rd_skip(&header, 2);
	p->src = rd_ip(&header, V4);
	p->dst = rd_ip(&header, V4);
	if (header.bad || first >> 4 != 4 || len < (first & 15) * 4 || fragment & 0x1fff)
		return false;
	options = rd_sub(&header, (first & 15) * 4 - 20);
	p->router_alert = rd_left(&options) >= 4 && rd_u16(&options) == 0x9404;
	p->len = len - (first & 15) * 4;
	p->data = rd_take(&header, p->len);
	return !header.bad && !options.bad;
}

static bool unpack6(struct rd r, struct packet *p)
{
	uint32_t first = rd_u32(&r);

	p->tos = first >> 20;
	p->len = rd_u16(&r);
	p->proto = rd_u8(&r);
	p->ttl = rd_u8(&r);
	p->src = rd_ip(&r, V6);
	p->dst = rd_ip(&r, V6);
	if (!p->proto && p->len >= 8) {
		struct rd options = rd_sub(&r, 8);

		p->proto = rd_u8(&options);
		rd_skip(&options, 1);
		p->router_alert = rd_u32(&options) == 0x05020000;
		p->len -= 8;
	}
	p->data = rd_take(&r, p->len);
	return !r.bad && first >> 28 == 6;
}

void wire_print(const struct timespec *at, const struct packet *p)
{
	printf("%lld.%06ld %s > %s ttl %u", (long long)at->tv_sec, at->tv_nsec / 1000,
	       ip_str(p->src), ip_str(p->dst), p->ttl);
}

static void hear(int fd,
		 void (*heard)(const struct timespec *at, enum af af, const struct packet *p))
{
	char data[UINT16_MAX], control[256];
	struct sockaddr_ll from = { 0 };
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, 0);
	struct timespec at = { 0 };
	struct packet p = { 0 };

	if (n < 0 && errno == ENETDOWN)
		return;
	if (n < 0)
		fail("receive");
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&at, CMSG_DATA(c), sizeof(at));
	}
	if (from.sll_pkttype == PACKET_LOOPBACK)
		return;
	if (ntohs(from.sll_protocol) == ETH_P_IP && unpack4(rd_init(data, n), &p))
		heard(&at, V4, &p);
	else if (ntohs(from.sll_protocol) == ETH_P_IPV6 && unpack6(rd_init(data, n), &p))
		heard(&at, V6, &p);
}

void wire_hear(const char *ifname,
	       void (*heard)(const struct timespec *at, enum af af, const struct packet *p))
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd, on = 1, size = 8 << 20;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sll.sll_ifindex = if_nametoindex(ifname);
	if (!sll.sll_ifindex)
		fail(ifname);
	fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&sll, sizeof(sll)))
		fail("socket");
	printf("hearing\n");
	for (;;)
		hear(fd, heard);
}
