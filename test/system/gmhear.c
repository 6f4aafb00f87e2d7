/* gmhear.c - prints the IGMP and MLD of a link, and with `udp` multicast data, as it passes
 *
 *	gmhear IFNAME [udp]
 *
 * It says "hearing" when it does; then each packet, whoever sent it, is a line:
 *
 *	SECONDS SOURCE > DESTINATION ttl N [tos 0xN] [alert] WHAT
 *
 *	query vN [GROUP [SOURCE]...] mrt MS [qrv N qqi SEC [s]]
 *	report vN GROUP    leave GROUP    report v3 [KIND GROUP [SOURCE]...;]...
 *	udp SIZE    bad REASON
 *
 * Times are those of the kernel, in microseconds. Messages are read by the product's codec.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "igmpproxy/codec.h"
#include "lib/cksum.h"
#include "lib/cursor.h"

static struct arena arena;

static void fail(const char *what)
{
	fprintf(stderr, "gmhear: %s: %s\n", what, strerror(errno));
	exit(1);
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

static void print_sources(const struct ip *source, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		printf(" %s", ip_str(source[i]));
}

static void print_query(const struct gm_message *m)
{
	printf("query v%u", m->version);
	if (!ip_is_any(m->group))
		printf(" %s", ip_str(m->group));
	print_sources(m->source, m->nsources);
	printf(" mrt %d", (int)m->max_response);
	if (m->version == 3)
		printf(" qrv %u qqi %d%s", m->robustness, (int)(m->interval / 1000),
		       m->suppress ? " s" : "");
}

static void print_message(const struct gm_message *m)
{
	static const char *const kinds[] = { "",      "is_in", "is_ex", "to_in",
					     "to_ex", "allow", "block" };

	switch (m->type) {
	case GM_QUERY:
		print_query(m);
		break;
	case GM_REPORT:
		printf("report v%u %s", m->version, ip_str(m->group));
		break;
	case GM_LEAVE:
		printf("leave %s", ip_str(m->group));
		break;
	case GM_REPORT_V3:
		printf("report v3");
		for (unsigned i = 0; i < m->nrecords; i++) {
			const struct gm_record *r = m->record + i;

			printf(" %s %s", kinds[r->type], ip_str(r->group));
			print_sources(r->source, r->nsources);
			printf(";");
		}
		break;
	}
}

static void print_what(enum af af, const struct packet *p)
{
	struct gm_message m;
	enum gm_bad bad = gm_decode(af, p->data, p->len, &arena, &m);

	if (af == V6 && cksum_end(cksum_add(cksum_add_pseudo6(0, p->src, p->dst, p->len, p->proto),
					    p->data, p->len)))
		bad = GM_BAD_CHECKSUM;
	if (bad)
		printf("bad %s", gm_bad_name(bad));
	else
		print_message(&m);
	arena_reset(&arena);
}

/* Of ICMPv6 what is MLD, and of UDP what goes to a group and is asked for. */
static bool is_wanted(const struct packet *p, bool udp)
{
	uint8_t type = p->len ? *(const uint8_t *)p->data : 0;

	switch (p->proto) {
	case PROTO_IGMP:
		return true;
	case PROTO_ICMPV6:
		return (type >= 130 && type <= 132) || type == 143;
	case PROTO_UDP:
		return udp && ip_is_multicast(p->dst);
	default:
		return false;
	}
}

static void print_packet(const struct timespec *at, enum af af, const struct packet *p, bool udp)
{
	if (!is_wanted(p, udp))
		return;
	printf("%lld.%06ld %s > %s ttl %u", (long long)at->tv_sec, at->tv_nsec / 1000,
	       ip_str(p->src), ip_str(p->dst), p->ttl);
	if (p->proto == PROTO_UDP) {
		printf(" udp %zu\n", p->len);
		return;
	}
	printf(" tos 0x%x%s ", p->tos, p->router_alert ? " alert" : "");
	print_what(af, p);
	printf("\n");
}

static void hear(int fd, bool udp)
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
	/* what the host sends to itself was on no wire */
	if (from.sll_pkttype == PACKET_LOOPBACK)
		return;
	if (ntohs(from.sll_protocol) == ETH_P_IP && unpack4(rd_init(data, n), &p))
		print_packet(&at, V4, &p, udp);
	else if (ntohs(from.sll_protocol) == ETH_P_IPV6 && unpack6(rd_init(data, n), &p))
		print_packet(&at, V6, &p, udp);
}

int main(int argc, char **argv)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd, on = 1, size = 8 << 20;

	if (argc < 2 || (argc > 2 && strcmp(argv[2], "udp"))) {
		fprintf(stderr, "gmhear: see the head of its source for the words\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	arena = arena_init(GM_ARENA);
	sll.sll_ifindex = if_nametoindex(argv[1]);
	if (!sll.sll_ifindex)
		fail(argv[1]);
	fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&sll, sizeof(sll)))
		fail("socket");
	printf("hearing\n");
	for (;;)
		hear(fd, argc > 2);
}
