/* routes.c - the routes of the benchmarks: as text, put into a bare kernel, counted there
 *
 *	routes file 4|6 COUNT      lines of a configuration, from eth0 to eth1
 *	routes batch 4|6 COUNT     the same as commands
 *	routes rules COUNT         (*,G) lines of IPv4, from 225.1.0.0 on
 *	routes bare 4|6 COUNT      microseconds of that many setsockopt() calls, after two of vifs
 *	routes count 4|6 COUNT     how many of them the kernel has
 *
 * Route number i is the same everywhere, so that all put the same entries into the same table.
 */
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/mroute.h>
#include <linux/mroute6.h>

static void fail(const char *what)
{
	fprintf(stderr, "routes: ");
	perror(what);
	exit(1);
}

static struct in_addr source4(unsigned i)
{
	return (struct in_addr){ htonl(0x0a000000 | (1 + i % 250)) };
}

static struct in_addr group4(unsigned i)
{
	return (struct in_addr){ htonl(0xe8010000 + i) };
}

static struct sockaddr_in6 address6(uint16_t first, unsigned low)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	uint16_t words[8] = { htons(first), [6] = htons(low >> 16), [7] = htons(low) };

	memcpy(&sin6.sin6_addr, words, sizeof(words));
	return sin6;
}

static struct sockaddr_in6 source6(unsigned i)
{
	return address6(0xfd00, 1 + i % 250);
}

static struct sockaddr_in6 group6(unsigned i)
{
	return address6(0xff38, 0x40000000 + i);
}

/* Addresses as text, in what becomes of the format. */
static void print(const char *fmt, bool v6, unsigned i)
{
	struct in_addr s = source4(i), g = group4(i);
	const uint8_t *a = (const uint8_t *)&s, *b = (const uint8_t *)&g;
	char source[64], group[64];

	if (v6) {
		snprintf(source, sizeof(source), "fd00::%x", 1 + i % 250);
		snprintf(group, sizeof(group), "ff38::4%03x:%x", i >> 16, i & 0xffff);
	} else {
		snprintf(source, sizeof(source), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
		snprintf(group, sizeof(group), "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	}
	printf(fmt, source, group);
}

/* A raw socket of the protocol that mroute sockets are of, as the table's owner or not. */
static int open_socket(bool v6, bool owner)
{
	int on = 1, fd = v6 ? socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
			    : socket(AF_INET, SOCK_RAW, IPPROTO_IGMP);

	if (fd < 0)
		fail("socket");
	if (owner && setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? MRT6_INIT : MRT_INIT, &on,
				sizeof(on)))
		fail("init");
	return fd;
}

static void add_vif(int fd, bool v6, unsigned vif, const char *name)
{
	struct vifctl vc = { .vifc_vifi = vif,
			     .vifc_flags = VIFF_USE_IFINDEX,
			     .vifc_threshold = 1,
			     .vifc_lcl_ifindex = if_nametoindex(name) };
	struct mif6ctl mc = { .mif6c_mifi = vif,
			      .vifc_threshold = 1,
			      .mif6c_pifi = if_nametoindex(name) };

	if (v6 ? setsockopt(fd, IPPROTO_IPV6, MRT6_ADD_MIF, &mc, sizeof(mc))
	       : setsockopt(fd, IPPROTO_IP, MRT_ADD_VIF, &vc, sizeof(vc)))
		fail(name);
}

static int add4(int fd, unsigned i)
{
	struct mfcctl mc = { .mfcc_origin = source4(i), .mfcc_mcastgrp = group4(i) };

	mc.mfcc_ttls[1] = 1;
	return setsockopt(fd, IPPROTO_IP, MRT_ADD_MFC, &mc, sizeof(mc));
}

static int add6(int fd, unsigned i)
{
	struct mf6cctl mc = { .mf6cc_origin = source6(i), .mf6cc_mcastgrp = group6(i) };

	IF_SET(1, &mc.mf6cc_ifset);
	return setsockopt(fd, IPPROTO_IPV6, MRT6_ADD_MFC, &mc, sizeof(mc));
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void bare(bool v6, unsigned n)
{
	int fd = open_socket(v6, true);
	int64_t start = now_us();

	add_vif(fd, v6, 0, "eth0");
	add_vif(fd, v6, 1, "eth1");
	for (unsigned i = 0; i < n; i++) {
		if (v6 ? add6(fd, i) : add4(fd, i))
			fail("add");
	}
	printf("%ld\n", (long)(now_us() - start));
}

static bool is_there(int fd, bool v6, unsigned i)
{
	struct sioc_sg_req req = { .src = source4(i), .grp = group4(i) };
	struct sioc_sg_req6 req6 = { .src = source6(i), .grp = group6(i) };

	return v6 ? !ioctl(fd, SIOCGETSGCNT_IN6, &req6) : !ioctl(fd, SIOCGETSGCNT, &req);
}

static unsigned count(bool v6, unsigned n)
{
	int fd = open_socket(v6, false);
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++)
		found += is_there(fd, v6, i);
	return found;
}

int main(int argc, char **argv)
{
	bool rules = argc == 3 && !strcmp(argv[1], "rules");
	bool v6 = argc == 4 && *argv[2] == '6';
	unsigned n = rules || argc == 4 ? strtoul(argv[argc - 1], NULL, 10) : 0;

	if (!n) {
		fprintf(stderr, "routes: see the head of its source for the words\n");
		return 2;
	}
	if (rules) {
		for (unsigned i = 0; i < n; i++)
			printf("mroute from eth0 group 225.1.%u.%u to eth1\n", i >> 8, i & 255);
	} else if (!strcmp(argv[1], "file")) {
		for (unsigned i = 0; i < n; i++)
			print("mroute from eth0 source %s group %s to eth1\n", v6, i);
	} else if (!strcmp(argv[1], "batch")) {
		for (unsigned i = 0; i < n; i++)
			print("add eth0 %s %s eth1\n", v6, i);
	} else if (!strcmp(argv[1], "bare")) {
		bare(v6, n);
	} else if (!strcmp(argv[1], "count")) {
		printf("%u\n", count(v6, n));
	}
	return 0;
}
