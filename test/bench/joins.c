/* joins.c - memberships put into a bare kernel, counted there
 *
 *	joins bare 4|6 COUNT     microseconds of that many on eth0, on as few sockets as take them
 *	joins count 4|6 COUNT    how many of them eth0 has
 *
 * Group number i is 225.0.0.0 + i, or ff15::i.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

/* Of the groups of IPv6, all but the last 32 bits. */
#define PREFIX6 "ff1500000000000000000000"

static void fail(const char *what)
{
	fprintf(stderr, "joins: ");
	perror(what);
	exit(1);
}

static int open_socket(bool v6)
{
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		fail("socket");
	return fd;
}

static struct group_req group(bool v6, unsigned ifindex, unsigned i)
{
	struct group_req req = { .gr_interface = ifindex };
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(0xe1000000 + i) };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	uint16_t words[8] = { htons(0xff15), [6] = htons(i >> 16), [7] = htons(i) };

	memcpy(&sin6.sin6_addr, words, sizeof(words));
	if (v6)
		memcpy(&req.gr_group, &sin6, sizeof(sin6));
	else
		memcpy(&req.gr_group, &sin, sizeof(sin));
	return req;
}

static int join(int fd, bool v6, const struct group_req *req)
{
	return setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, MCAST_JOIN_GROUP, req, sizeof(*req));
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void bare(bool v6, unsigned n)
{
	unsigned ifindex = if_nametoindex("eth0");
	int64_t start = now_us();
	int fd = open_socket(v6);

	for (unsigned i = 0; i < n; i++) {
		struct group_req req = group(v6, ifindex, i);

		if (!join(fd, v6, &req))
			continue;
		if (errno != ENOBUFS && errno != ENOMEM)
			fail("join");
		fd = open_socket(v6);
		if (join(fd, v6, &req))
			fail("join");
	}
	printf("%ld\n", (long)(now_us() - start));
}

/* Whether it is a line of /proc/net/igmp6 about one of them, or of the indented ones of igmp. */
static bool is_ours(const char *line, bool v6, unsigned n)
{
	unsigned i;
	char *end;

	if (v6) {
		line = strstr(line, " " PREFIX6);
		return line && strtoul(line + sizeof(PREFIX6), NULL, 16) < n;
	}
	i = ntohl(strtoul(line, &end, 16));
	return *line == '\t' && end != line && i >= 0xe1000000 && i < 0xe1000000 + n;
}

static unsigned count(bool v6, unsigned n)
{
	FILE *f = fopen(v6 ? "/proc/net/igmp6" : "/proc/net/igmp", "r");
	unsigned found = 0;
	char line[256];

	if (!f)
		fail("/proc/net");
	while (fgets(line, sizeof(line), f))
		found += is_ours(line, v6, n);
	fclose(f);
	return found;
}

int main(int argc, char **argv)
{
	bool v6 = argc == 4 && *argv[2] == '6';
	unsigned n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	struct rlimit limit;

	if (!n) {
		fprintf(stderr, "joins: see the head of its source for the words\n");
		return 2;
	}
	if (!strcmp(argv[1], "count")) {
		printf("%u\n", count(v6, n));
		return 0;
	}
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	bare(v6, n);
	return 0;
}
