/* mcast.c - a source and a listener for system tests, without any part of the product
 *
 *	mcast send IFNAME DEST [count N] [interval MS] [ttl N] [size N] [port N] [from A]
 *		[groups N] [data HEX]
 *	mcast listen IFNAME GROUP [source ADDR]... [exclude ADDR]... [port N]
 *	mcast zap IFNAME GROUP [groups N] [port N]
 *
 * What is sent is the packet's number as text, or data, to that many groups from DEST on in turn;
 * the interval may have decimals. The listener prints "listening" once it is a member, then "NUMBER
 * from SOURCE ttl N" for each packet, until it is ended. Who zaps joins that many groups, down to
 * GROUP, one at a time, until a packet comes or a second is over, and prints "zap GROUP US" for
 * each, or "missed GROUP".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAXSOURCES 64

struct options {
	long count, ttl, size, port, groups;
	double interval;
	const char *from, *data;
	const char *source[MAXSOURCES], *exclude[MAXSOURCES];
	int nsources, nexcluded;
};

static void fail(const char *what)
{
	fprintf(stderr, "mcast: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void usage(void)
{
	fprintf(stderr, "mcast: see the head of its source for the words\n");
	exit(2);
}

static struct options parse(char **arg)
{
	struct options o = { .count = 1, .ttl = 16, .port = 5000, .groups = 1 };

	for (; arg[0]; arg += 2) {
		if (!arg[1])
			usage();
		if (!strcmp(arg[0], "count"))
			o.count = atol(arg[1]);
		else if (!strcmp(arg[0], "interval"))
			o.interval = atof(arg[1]);
		else if (!strcmp(arg[0], "ttl"))
			o.ttl = atol(arg[1]);
		else if (!strcmp(arg[0], "size"))
			o.size = atol(arg[1]);
		else if (!strcmp(arg[0], "port"))
			o.port = atol(arg[1]);
		else if (!strcmp(arg[0], "groups"))
			o.groups = atol(arg[1]);
		else if (!strcmp(arg[0], "data"))
			o.data = arg[1];
		else if (!strcmp(arg[0], "from"))
			o.from = arg[1];
		else if (!strcmp(arg[0], "source") && o.nsources < MAXSOURCES)
			o.source[o.nsources++] = arg[1];
		else if (!strcmp(arg[0], "exclude") && o.nexcluded < MAXSOURCES)
			o.exclude[o.nexcluded++] = arg[1];
		else
			usage();
	}
	return o;
}

static socklen_t address(struct sockaddr_storage *ss, const char *text, long port, unsigned scope)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
				     .sin6_port = htons(port),
				     .sin6_scope_id = scope };

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET, text, &sin.sin_addr) == 1) {
		memcpy(ss, &sin, sizeof(sin));
		return sizeof(sin);
	}
	if (inet_pton(AF_INET6, text, &sin6.sin6_addr) == 1) {
		memcpy(ss, &sin6, sizeof(sin6));
		return sizeof(sin6);
	}
	fprintf(stderr, "mcast: %s is no address\n", text);
	exit(2);
}

static void set(int fd, int level, int option, int value, const char *what)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		fail(what);
}

static void pause_ms(double ms)
{
	long us = ms * 1000;
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

/* The group that many after the first. */
static void advance(struct sockaddr_storage *to, long by)
{
	size_t at = to->ss_family == AF_INET ? offsetof(struct sockaddr_in, sin_addr) + 2
					     : offsetof(struct sockaddr_in6, sin6_addr) + 14;
	uint16_t low;

	memcpy(&low, (char *)to + at, sizeof(low));
	low = htons(ntohs(low) + by);
	memcpy((char *)to + at, &low, sizeof(low));
}

/* What the hexadecimal digits say; how many bytes. */
static size_t unhex(const char *hex, char *data, size_t max)
{
	unsigned byte;
	size_t n = 0;

	for (; n < max && sscanf(hex, "%2x", &byte) == 1 && hex[1]; hex += 2)
		data[n++] = byte;
	return n;
}

/* What is sent while the link is down is lost. */
static bool is_down(int error)
{
	return error == ENETDOWN || error == ENETUNREACH || error == ENODEV;
}

static void sender(unsigned ifindex, const char *dest, const struct options *o)
{
	struct sockaddr_storage first, to, from;
	socklen_t len = address(&first, dest, o->port, ifindex);
	int fd = socket(first.ss_family, SOCK_DGRAM, 0);
	char data[65536] = { 0 };
	size_t size;

	if (fd < 0)
		fail("socket");
	if (first.ss_family == AF_INET) {
		struct ip_mreqn out = { .imr_ifindex = ifindex };

		if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof(out)))
			fail("interface");
		set(fd, IPPROTO_IP, IP_MULTICAST_TTL, o->ttl, "ttl");
	} else {
		set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, ifindex, "interface");
		set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, o->ttl, "ttl");
	}
	if (o->from && bind(fd, (struct sockaddr *)&from, address(&from, o->from, 0, ifindex)))
		fail(o->from);
	for (long i = 1; i <= o->count; i++) {
		size = o->data ? unhex(o->data, data, sizeof(data))
			       : (size_t)snprintf(data, sizeof(data), "%ld", i);
		if (size < (size_t)o->size)
			size = o->size;
		to = first;
		advance(&to, (i - 1) % o->groups);
		if (sendto(fd, data, size, 0, (struct sockaddr *)&to, len) < 0 && !is_down(errno))
			fail("send");
		if (o->interval && i < o->count)
			pause_ms(o->interval);
	}
}

static void join(int fd, unsigned ifindex, const char *group, const struct options *o)
{
	struct group_source_req ssm = { .gsr_interface = ifindex };
	struct group_req asm_ = { .gr_interface = ifindex };
	int level;

	address(&asm_.gr_group, group, 0, 0);
	level = asm_.gr_group.ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	ssm.gsr_group = asm_.gr_group;
	for (int i = 0; i < o->nsources; i++) {
		address(&ssm.gsr_source, o->source[i], 0, 0);
		if (setsockopt(fd, level, MCAST_JOIN_SOURCE_GROUP, &ssm, sizeof(ssm)))
			fail("join");
	}
	if (!o->nsources && setsockopt(fd, level, MCAST_JOIN_GROUP, &asm_, sizeof(asm_)))
		fail("join");
	for (int i = 0; i < o->nexcluded; i++) {
		address(&ssm.gsr_source, o->exclude[i], 0, 0);
		if (setsockopt(fd, level, MCAST_BLOCK_SOURCE, &ssm, sizeof(ssm)))
			fail("exclude");
	}
}

static int ttl_of(struct msghdr *msg)
{
	int ttl = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT))
			memcpy(&ttl, CMSG_DATA(c), sizeof(ttl));
	}
	return ttl;
}

static void receive(int fd)
{
	char data[65536], control[256], text[INET6_ADDRSTRLEN] = "";
	struct sockaddr_storage from = { 0 };
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;
	struct iovec iov = { data, sizeof(data) - 1 };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, 0);

	if (n < 0)
		fail("receive");
	data[n] = '\0';
	memcpy(&sin, &from, sizeof(sin));
	memcpy(&sin6, &from, sizeof(sin6));
	inet_ntop(from.ss_family,
		  from.ss_family == AF_INET ? (void *)&sin.sin_addr : (void *)&sin6.sin6_addr, text,
		  sizeof(text));
	printf("%s from %s ttl %d\n", data, text, ttl_of(&msg));
}

static int bound(const struct sockaddr_storage *to, socklen_t len)
{
	int fd = socket(to->ss_family, SOCK_DGRAM, 0);

	if (fd < 0)
		fail("socket");
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1, "reuse");
	set(fd, SOL_SOCKET, SO_RCVBUF, 4 << 20, "buffer");
	if (bind(fd, (const struct sockaddr *)to, len))
		fail("bind");
	return fd;
}

static void listener(unsigned ifindex, const char *group, const struct options *o)
{
	struct sockaddr_storage to;
	socklen_t len = address(&to, group, o->port, ifindex);
	int fd = bound(&to, len);

	if (to.ss_family == AF_INET)
		set(fd, IPPROTO_IP, IP_RECVTTL, 1, "ttl");
	else
		set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "ttl");
	join(fd, ifindex, group, o);
	printf("listening\n");
	for (;;)
		receive(fd);
}

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void zap(unsigned ifindex, const char *first, const struct options *o)
{
	struct timeval limit = { .tv_sec = 1 };

	for (long i = o->groups - 1; i >= 0; i--) {
		char text[INET6_ADDRSTRLEN], data[65536];
		struct sockaddr_storage to;
		socklen_t len = address(&to, first, o->port, ifindex);
		long start;
		int fd;

		advance(&to, i);
		if (getnameinfo((struct sockaddr *)&to, len, text, sizeof(text), NULL, 0,
				NI_NUMERICHOST))
			fail("name");
		text[strcspn(text, "%")] = '\0';
		fd = bound(&to, len);
		if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
			fail("limit");
		start = now_us();
		join(fd, ifindex, text, o);
		if (recv(fd, data, sizeof(data), 0) < 0)
			printf("missed %s\n", text);
		else
			printf("zap %s %ld\n", text, now_us() - start);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	struct options o;
	unsigned ifindex;

	if (argc < 4)
		usage();
	setvbuf(stdout, NULL, _IOLBF, 0);
	ifindex = if_nametoindex(argv[2]);
	if (!ifindex)
		fail(argv[2]);
	o = parse(argv + 4);
	if (!strcmp(argv[1], "send"))
		sender(ifindex, argv[3], &o);
	else if (!strcmp(argv[1], "listen"))
		listener(ifindex, argv[3], &o);
	else if (!strcmp(argv[1], "zap"))
		zap(ifindex, argv[3], &o);
	else
		usage();
	return 0;
}
