/* probe.c - what becomes of the first packets of new sources
 *
 *	probe delay GROUP COUNT NETNS NETNS [NETNS NETNS]...
 *	probe storm GROUP COUNT RATE NETNS NETNS
 *	probe stream GROUP COUNT RATE NETNS NETNS
 *
 * The pairs of network namespaces are a sender's and a listener's, each with a device eth0.
 * New sources are 10.0.4.0 and those that follow, each sends to GROUP.
 *
 * delay: a packet of each new source, alone, then a second one; by turns through each pair of
 * namespaces. Prints for each pair: the first packet's median and 99th percentile in
 * microseconds until it came in at the listener's device, the second one's median, and how many
 * first packets were lost.
 *
 * storm: one packet of each, RATE in a second. Prints how many were lost.
 *
 * stream: 1000 packets in a second from 10.0.0.2 to 232.1.0.1, and RATE from new sources, COUNT
 * of them at least, until it is told to end (SIGTERM). Prints "ready" when the first one came
 * through; at the end, how many of each were sent, and how many of them were lost: four numbers.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define PORT 5000
#define FIRST 0x400
#define STREAM_GROUP "232.1.0.1"
#define STREAM_SOURCE 2
#define STREAM_RATE 1000
#define MAXPATHS 4

/* What has not come by then, in ms, is lost. */
#define PATIENCE 500

/* Before each packet, in ns: routers are to be idle when it comes. */
#define PAUSE 500000

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	uint32_t number;
};

struct path {
	int out, in;
	int64_t *first, *second; /* ns */
	unsigned nfirst, nsecond;
};

/* Sends whole IP packets, whose source may be anybody. */
static int open_out(void)
{
	struct ip_mreqn eth0 = { .imr_ifindex = if_nametoindex("eth0") };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		fail("socket");
	set(fd, IPPROTO_IP, IP_MULTICAST_IF, &eth0, sizeof(eth0));
	return fd;
}

static int open_in(struct in_addr group)
{
	struct ip_mreqn mreq = { .imr_multiaddr = group, .imr_ifindex = if_nametoindex("eth0") };
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(PORT),
				   .sin_addr = group };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		fail("socket");
	set(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof(mreq));
	set(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	set_room(fd);
	return fd;
}

static void send_one(const struct path *p, struct in_addr group, uint32_t source, uint32_t number)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = group };
	struct packet packet = {
		.ip = { .version = 4,
			.ihl = 5,
			.ttl = 16,
			.protocol = IPPROTO_UDP,
			.tot_len = htons(sizeof(packet)),
			.saddr = htonl(0x0a000000 + source),
			.daddr = group.s_addr },
		.udp = { .source = htons(PORT),
			 .dest = htons(PORT),
			 .len = htons(sizeof(packet) - sizeof(packet.ip)) },
		.number = number,
	};

	if (sendto(p->out, &packet, sizeof(packet), 0, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		fail("send");
}

/* The next packet and when it came in; false if none does. */
static bool receive(const struct path *p, uint32_t *number, int64_t *when)
{
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec iov = { number, sizeof(*number) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct pollfd poll_fd = { .fd = p->in, .events = POLLIN };

	if (poll(&poll_fd, 1, PATIENCE) != 1)
		return false;
	if (recvmsg(p->in, &msg, 0) != sizeof(*number))
		fail("receive");
	*when = stamp(&msg);
	return true;
}

/* The delay of a packet, or -1 if it is lost. */
static int64_t try(const struct path *p, struct in_addr group, uint32_t source)
{
	static uint32_t number;
	int64_t start, when;
	uint32_t got;

	pause_ns(PAUSE);
	start = now_ns();
	send_one(p, group, source, ++number);
	while (receive(p, &got, &when)) {
		if (got == number)
			return when - start;
	}
	return -1;
}

static void delay(struct path *path, int npaths, struct in_addr group, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		for (struct path *p = path; p < path + npaths; p++) {
			int64_t d = try(p, group, FIRST + i);

			if (d >= 0)
				p->first[p->nfirst++] = d;
			d = try(p, group, FIRST + i);
			if (d >= 0)
				p->second[p->nsecond++] = d;
		}
	}
	for (struct path *p = path; p < path + npaths; p++)
		printf("%.1f %.1f %.1f %u\n", part(p->first, p->nfirst, 0.5),
		       part(p->first, p->nfirst, 0.99), part(p->second, p->nsecond, 0.5),
		       count - p->nfirst);
}

/* How many of the packets numbered from 0 to @sent - 1 do not come any more. */
static unsigned count_lost(const struct path *p, unsigned sent)
{
	bool *seen = calloc(sent + 1, sizeof(*seen));
	unsigned lost = sent;
	uint32_t number;
	int64_t when;

	if (!seen)
		fail("memory");
	while (lost && receive(p, &number, &when)) {
		if (number < sent && !seen[number]) {
			seen[number] = true;
			lost--;
		}
	}
	free(seen);
	return lost;
}

static void storm(const struct path *p, struct in_addr group, unsigned count, unsigned rate)
{
	int64_t start = now_ns();

	for (unsigned i = 0; i < count; i++) {
		await_turn(start, i, rate);
		send_one(p, group, FIRST + i, i);
	}
	printf("%u\n", count_lost(p, count));
}

static volatile sig_atomic_t told_to_end;

static void on_signal(int signo)
{
	(void)signo;
	told_to_end = 1;
}

/* @route is the stream's path, @p that of the new sources. */
static void stream(const struct path *p, const struct path *route, struct in_addr group,
		   unsigned count, unsigned rate)
{
	struct in_addr to = { inet_addr(STREAM_GROUP) };
	unsigned sent = 1, fresh = 0;
	struct pollfd first = { .fd = route->in, .events = POLLIN };
	int64_t start;

	signal(SIGTERM, on_signal);
	send_one(route, to, STREAM_SOURCE, 0);
	if (poll(&first, 1, PATIENCE) != 1) {
		fprintf(stderr, "probe: nothing comes through\n");
		exit(1);
	}
	puts("ready");
	fflush(stdout);
	start = now_ns();
	while (fresh < count || !told_to_end) {
		int64_t took = now_ns() - start;

		pause_ns(100000);
		if (took * STREAM_RATE / 1000000000 > sent)
			send_one(route, to, STREAM_SOURCE, sent++);
		for (; took * rate / 1000000000 > fresh; fresh++)
			send_one(p, group, FIRST + fresh, fresh);
	}
	printf("%u %u %u %u\n", sent, count_lost(route, sent), fresh, count_lost(p, fresh));
}

/* Opens the path from the sender's namespace to the listener's. */
static void open_path(struct path *p, struct in_addr group, char **netns)
{
	enter(netns[0]);
	p->out = open_out();
	enter(netns[1]);
	p->in = open_in(group);
}

int main(int argc, char **argv)
{
	struct path path[MAXPATHS] = { 0 };
	bool delays = argc > 1 && !strcmp(argv[1], "delay");
	int words = delays ? 4 : 5, npaths = (argc - words) / 2;
	struct in_addr group, route = { inet_addr(STREAM_GROUP) };
	unsigned count, rate;

	if (npaths < 1 || npaths > MAXPATHS || (argc - words) % 2 || !inet_aton(argv[2], &group)) {
		fprintf(stderr, "probe: see the head of its source for the words\n");
		return 2;
	}
	count = strtoul(argv[3], NULL, 10);
	rate = strtoul(argv[4], NULL, 10);
	for (int i = 0; i < npaths; i++) {
		open_path(&path[i], group, argv + words + 2 * i);
		path[i].first = calloc(2 * count, sizeof(int64_t));
		if (!path[i].first)
			fail("memory");
		path[i].second = path[i].first + count;
	}
	if (delays) {
		delay(path, npaths, group, count);
	} else if (!strcmp(argv[1], "storm")) {
		storm(path, group, count, rate);
	} else {
		open_path(&path[1], route, argv + words);
		stream(path, path + 1, group, count, rate);
	}
	return 0;
}
