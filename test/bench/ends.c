/* ends.c - the two ends of a router: its hosts' messages and streams, packet by packet */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/cksum.h"
#include "lib/cursor.h"
#include "ends.h"
#include "tool.h"

#define PORT 5000
#define MTU 1500
#define DATA_TTL 16

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

/* Next headers of IPv6 */
enum { HOP_BY_HOP = 0 };

static const struct ip first_group[NFAMILIES] = {
	[V4] = { { [10] = 0xff, 0xff, 225, 1 } },
	[V6] = { { 0xff, 0x1e, [13] = 1 } },
};

/* On the upstream network, and on that of the listeners */
static const struct ip source[NFAMILIES] = {
	[V4] = { { [10] = 0xff, 0xff, 10, 255, 0, 1 } },
	[V6] = { { 0xfd, [15] = 2 } },
};
static const struct ip first_host[NFAMILIES] = {
	[V4] = { { [10] = 0xff, 0xff, 192, 168, 1, 2 } },
	[V6] = { { 0xfe, 0x80, [13] = 1 } },
};

static uint32_t low32(struct ip ip)
{
	return (uint32_t)ip_half(&ip, 1);
}

static struct ip ip_plus(struct ip ip, uint32_t n)
{
	n = htonl(low32(ip) + n);
	memcpy(ip.b + 12, &n, sizeof(n));
	return ip;
}

struct kind kind_of(const char *name)
{
	static const char *const names[NFAMILIES][2] = { { "igmp2", "igmp3" }, { "mld1", "mld2" } };

	for (int af = V4; af < NFAMILIES; af++) {
		for (unsigned i = 0; i < 2; i++) {
			if (!strcmp(name, names[af][i]))
				return (struct kind){ af, 2 + i };
		}
	}
	fprintf(stderr, "%s: igmp2, igmp3, mld1 or mld2 is wanted\n", name);
	exit(2);
}

struct end end_open(const char *netns)
{
	return end_open_on(netns, "eth0");
}

struct end end_open_on(const char *netns, const char *device)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct end e;
	int on = 1;

	enter(netns);
	e.ifindex = sll.sll_ifindex = if_nametoindex(device);
	e.fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (e.fd < 0)
		fail("packet socket");
	set(e.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	set(e.fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	set_room(e.fd);
	if (bind(e.fd, (struct sockaddr *)&sll, sizeof(sll)))
		fail("bind");
	return e;
}

struct ip group_ip(enum af af, unsigned group)
{
	return ip_plus(first_group[af], group);
}

enum mix mix_of(const char *name)
{
	if (!strcmp(name, "asm"))
		return MIX_ASM;
	return strcmp(name, "ssm") ? MIX_BOTH : MIX_SSM;
}

bool mix_is_ssm(enum mix mix, unsigned group)
{
	return mix == MIX_SSM || (mix == MIX_BOTH && group % 2);
}

struct ip mixed_group_ip(enum af af, enum mix mix, unsigned group)
{
	struct ip ip = group_ip(af, group);

	if (!mix_is_ssm(mix, group))
		return ip;
	if (af == V4)
		ip.b[12] = 232;
	else
		ip.b[1] = 0x3e;
	return ip;
}

unsigned group_of(enum af af, struct ip ip)
{
	return low32(ip) - low32(first_group[af]);
}

struct ip host_ip(enum af af, unsigned host)
{
	return ip_plus(first_host[af], host);
}

/* What is behind the IP header, which is of that protocol; the group is where it goes. */
static void see_inside(struct rd r, unsigned proto, struct ip group, struct seen *seen)
{
	static struct arena arena;
	static uint8_t message[MTU];
	size_t len;

	if (proto == PROTO_UDP) {
		rd_skip(&r, 2);
		if (rd_u16(&r) != PORT)
			return;
		rd_skip(&r, 4);
		seen->number = rd_u32(&r);
		seen->group = group_of(seen->af, group);
		seen->what = r.bad ? SEEN_OTHER : SEEN_DATA;
		return;
	}
	if (proto != (seen->af == V4 ? PROTO_IGMP : PROTO_ICMPV6))
		return;
	arena.size = GM_ARENA;
	arena_reset(&arena);
	len = rd_left(&r) < sizeof(message) ? rd_left(&r) : sizeof(message);
	memcpy(message, r.p, len);
	if (gm_decode(seen->af, message, len, &arena, &seen->message) == GM_GOOD)
		seen->what = SEEN_MEMBERS;
}

static void see_v4(struct rd r, struct seen *seen)
{
	unsigned header = (rd_u8(&r) & 15) * 4, total, proto;
	struct ip group;

	rd_skip(&r, 1);
	total = rd_u16(&r);
	rd_skip(&r, 5);
	proto = rd_u8(&r);
	rd_skip(&r, 2 + 4);
	group = rd_ip(&r, V4);
	if (header < 20 || total < header)
		return;
	rd_skip(&r, header - 20);
	r = rd_sub(&r, total - header);
	if (!r.bad)
		see_inside(r, proto, group, seen);
}

static void see_v6(struct rd r, struct seen *seen)
{
	unsigned proto, len;
	struct ip group;

	rd_skip(&r, 4);
	len = rd_u16(&r);
	proto = rd_u8(&r);
	rd_skip(&r, 1 + 16);
	group = rd_ip(&r, V6);
	r = rd_sub(&r, len);
	if (proto == HOP_BY_HOP) {
		proto = rd_u8(&r);
		rd_skip(&r, rd_u8(&r) * 8 + 6);
	}
	if (!r.bad)
		see_inside(r, proto, group, seen);
}

bool end_see(const struct end *e, int64_t patience, struct seen *seen)
{
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct timespec))];
	struct pollfd poll_fd = { .fd = e->fd, .events = POLLIN };
	struct timespec wait = { patience / NS_SEC, patience % NS_SEC };
	struct sockaddr_ll from;
	static uint8_t data[MTU];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(e->fd, &msg, MSG_DONTWAIT);

	if (len < 0) {
		if (patience <= 0 || ppoll(&poll_fd, 1, &wait, NULL) != 1)
			return false;
		len = recvmsg(e->fd, &msg, MSG_DONTWAIT);
		if (len < 0)
			fail("receive");
	}
	*seen = (struct seen){ .when = stamp(&msg) };
	seen->af = from.sll_protocol == htons(ETH_P_IP) ? V4 : V6;
	if (seen->af == V4)
		see_v4(rd_init(data, len), seen);
	else if (from.sll_protocol == htons(ETH_P_IPV6))
		see_v6(rd_init(data, len), seen);
	return true;
}

void end_clear(const struct end *e)
{
	struct seen seen;

	while (end_see(e, 0, &seen))
		;
}

/* RFC 791, with the Router Alert option of RFC 2113 or without */
static void put_v4(struct wr *w, const struct packet *p, size_t inside)
{
	unsigned header = p->router_alert ? 24 : 20;
	uint8_t *start = w->p;
	uint16_t sum;

	wr_u8(w, 4 << 4 | header / 4);
	wr_u8(w, p->tos);
	wr_u16(w, header + inside);
	wr_u32(w, 0);
	wr_u8(w, p->ttl);
	wr_u8(w, p->proto);
	wr_u16(w, 0);
	wr_bytes(w, ip_wire(&p->src, V4), 4);
	wr_bytes(w, ip_wire(&p->dst, V4), 4);
	if (p->router_alert)
		wr_u32(w, 0x94040000);
	sum = htons(cksum_end(cksum_add(0, start, header)));
	memcpy(start + 10, &sum, sizeof(sum));
}

/* RFC 8200, with the Router Alert option of RFC 2711 or without */
static void put_v6(struct wr *w, const struct packet *p, size_t inside)
{
	wr_u32(w, 6 << 28 | p->tos << 20);
	wr_u16(w, inside + (p->router_alert ? 8 : 0));
	wr_u8(w, p->router_alert ? HOP_BY_HOP : p->proto);
	wr_u8(w, p->ttl);
	wr_bytes(w, ip_wire(&p->src, V6), 16);
	wr_bytes(w, ip_wire(&p->dst, V6), 16);
	if (p->router_alert) {
		wr_u16(w, p->proto << 8);
		wr_u32(w, 0x05020000);
		wr_u16(w, 0x0100);
	}
}

static void put_inside(struct wr *w, enum af af, const struct packet *p)
{
	uint8_t *start = w->p;
	uint16_t sum;

	if (p->proto == PROTO_UDP) {
		wr_u16(w, p->sport);
		wr_u16(w, p->dport);
		wr_u16(w, 8 + p->len);
		wr_u16(w, 0);
	}
	wr_bytes(w, p->data, p->len);
	if (af == V6) {
		size_t at = p->proto == PROTO_UDP ? 6 : 2, len = w->p - start;

		sum = htons(cksum_end(cksum_add(cksum_add_pseudo6(0, p->src, p->dst, len, p->proto),
						start, len)));
		memcpy(start + at, &sum, sizeof(sum));
	}
}

/* RFC 1112 6.4, RFC 2464 7 */
static void link_address(struct sockaddr_ll *sll, enum af af, struct ip group)
{
	static const uint8_t v4[3] = { 1, 0, 0x5e };

	sll->sll_halen = 6;
	if (af == V4) {
		memcpy(sll->sll_addr, v4, 3);
		memcpy(sll->sll_addr + 3, group.b + 13, 3);
		sll->sll_addr[3] &= 0x7f;
	} else {
		sll->sll_addr[0] = sll->sll_addr[1] = 0x33;
		memcpy(sll->sll_addr + 2, group.b + 12, 4);
	}
}

int64_t end_send(const struct end *e, const struct packet *packet)
{
	enum af af = ip_family(packet->dst);
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(af == V4 ? ETH_P_IP : ETH_P_IPV6),
				  .sll_ifindex = e->ifindex };
	size_t inside = packet->len + (packet->proto == PROTO_UDP ? 8 : 0);
	uint8_t data[MTU];
	struct wr w = wr_init(data, sizeof(data));
	int64_t now;

	(af == V4 ? put_v4 : put_v6)(&w, packet, inside);
	put_inside(&w, af, packet);
	link_address(&to, af, packet->dst);
	now = now_ns();
	if (w.full || sendto(e->fd, data, wr_len(&w), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		fail("send");
	return now;
}

static bool wants(const struct gm_record *r)
{
	switch (r->type) {
	case MODE_IS_EXCLUDE:
	case CHANGE_TO_EXCLUDE_MODE:
		return true;
	case BLOCK_OLD_SOURCES:
		return false;
	default:
		return r->nsources;
	}
}

bool next_wanted(const struct seen *seen, unsigned *at, unsigned *group)
{
	const struct gm_message *m = &seen->message;

	if (seen->what != SEEN_MEMBERS)
		return false;
	if (m->type == GM_REPORT && !*at) {
		++*at;
		*group = group_of(seen->af, m->group);
		return true;
	}
	while (m->type == GM_REPORT_V3 && *at < m->nrecords) {
		const struct gm_record *r = &m->record[(*at)++];

		*group = group_of(seen->af, r->group);
		if (wants(r))
			return true;
	}
	return false;
}

int64_t host_says(const struct end *e, const struct kind *kind, unsigned host,
		  const struct gm_message *m)
{
	struct gm_place at = { 0 };
	uint8_t data[MTU];
	int64_t when = 0;
	size_t len;

	while ((len = gm_encode(kind->af, m, &at, data, gm_room(kind->af, MTU)))) {
		struct packet packet = gm_packet(kind->af, m, data, len);

		packet.src = host_ip(kind->af, host);
		when = end_send(e, &packet);
	}
	return when;
}

/* A message of one group, in the host's version. */
static int64_t say_one(const struct end *e, const struct kind *kind, unsigned host, unsigned group,
		       bool join)
{
	struct gm_record record = { join ? CHANGE_TO_EXCLUDE_MODE : CHANGE_TO_INCLUDE_MODE,
				    group_ip(kind->af, group), NULL, 0 };
	struct gm_message m = { .version = kind->version, .group = record.group };

	if (kind->version == 3) {
		m.type = GM_REPORT_V3;
		m.record = &record;
		m.nrecords = 1;
	} else {
		m.type = join ? GM_REPORT : GM_LEAVE;
	}
	return host_says(e, kind, host, &m);
}

int64_t host_joins(const struct end *e, const struct kind *kind, unsigned host, unsigned group)
{
	return say_one(e, kind, host, group, true);
}

int64_t host_leaves(const struct end *e, const struct kind *kind, unsigned host, unsigned group)
{
	return say_one(e, kind, host, group, false);
}

int64_t host_zaps(const struct end *e, const struct kind *kind, unsigned host, unsigned from,
		  unsigned to)
{
	struct gm_record record[] = {
		{ CHANGE_TO_INCLUDE_MODE, group_ip(kind->af, from), NULL, 0 },
		{ CHANGE_TO_EXCLUDE_MODE, group_ip(kind->af, to), NULL, 0 },
	};
	struct gm_message m = {
		.type = GM_REPORT_V3, .version = 3, .record = record, .nrecords = 2
	};
	int64_t when;

	if (kind->version == 3)
		return host_says(e, kind, host, &m);
	when = host_leaves(e, kind, host, from);
	host_joins(e, kind, host, to);
	return when;
}

int64_t stream_send(const struct end *e, enum af af, unsigned group, uint32_t number)
{
	uint32_t data = htonl(number);
	struct packet packet = {
		.proto = PROTO_UDP,
		.ttl = DATA_TTL,
		.src = source[af],
		.dst = group_ip(af, group),
		.sport = PORT,
		.dport = PORT,
		.data = &data,
		.len = sizeof(data),
	};

	return end_send(e, &packet);
}
