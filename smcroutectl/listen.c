/* listen.c - smcroutectl listen: what arrives of a group, what is lost, and how late it is
 *
 * Delays end when the kernel of this host got the packet, not when this program did.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "table.h"
#include "traffic.h"

#define BURST 64
#define SECOND SEC(1000000)

/* For bursts; what root may have, what others ask for is cut by the kernel. */
#define RECEIVE_BUFFER (16 << 20)

struct listener {
	struct traffic t;
	int fd;
	int64_t start;
	struct meter meter;
	uint8_t data[BURST][PROBE_SIZE];
	char control[BURST][CMSG_SPACE(sizeof(struct timespec))];
	struct sockaddr_storage from[BURST];
	struct iovec iov[BURST];
	struct mmsghdr message[BURST];
};

static int join(const struct listener *l)
{
	int level = ip_family(l->t.group) == V4 ? IPPROTO_IP : IPPROTO_IPV6;
	struct group_source_req gsr = { .gsr_interface = l->t.ifindex };
	struct group_req gr = { .gr_interface = l->t.ifindex };

	traffic_address(&l->t, l->t.group, &gr.gr_group);
	traffic_address(&l->t, l->t.group, &gsr.gsr_group);
	traffic_address(&l->t, l->t.source, &gsr.gsr_source);
	return ip_is_any(l->t.source)
		       ? setsockopt(l->fd, level, MCAST_JOIN_GROUP, &gr, sizeof(gr))
		       : setsockopt(l->fd, level, MCAST_JOIN_SOURCE_GROUP, &gsr, sizeof(gsr));
}

/* Only what this socket joined, on the interface where it did. */
static int prepare(const struct listener *l)
{
	const struct traffic *t = &l->t;
	bool v4 = ip_family(t->group) == V4;
	int on = 1, off = 0, size = RECEIVE_BUFFER;
	struct sockaddr_storage address;
	socklen_t len = traffic_address(t, t->group, &address);

	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(l->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	setsockopt(l->fd, v4 ? IPPROTO_IP : IPPROTO_IPV6,
		   v4 ? IP_MULTICAST_ALL : IPV6_MULTICAST_ALL, &off, sizeof(off));
	if (t->ifname)
		setsockopt(l->fd, SOL_SOCKET, SO_BINDTODEVICE, t->ifname, strlen(t->ifname) + 1);
	if (bind(l->fd, (void *)&address, len))
		return -1;
	return join(l);
}

static void prepare_messages(struct listener *l)
{
	for (unsigned i = 0; i < BURST; i++) {
		l->iov[i] = (struct iovec){ l->data[i], sizeof(l->data[i]) };
		l->message[i].msg_hdr = (struct msghdr){
			.msg_name = &l->from[i],
			.msg_namelen = sizeof(l->from[i]),
			.msg_iov = &l->iov[i],
			.msg_iovlen = 1,
			.msg_control = l->control[i],
			.msg_controllen = sizeof(l->control[i]),
		};
	}
}

static struct ip address_of(const struct sockaddr_storage *from)
{
	const struct sockaddr_in *in = (const void *)from;
	const struct sockaddr_in6 *in6 = (const void *)from;

	return from->ss_family == AF_INET ? ip_from_wire(V4, &in->sin_addr)
					  : ip_from_wire(V6, &in6->sin6_addr);
}

static int64_t arrival_of(struct msghdr *message)
{
	struct timespec at;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&at, CMSG_DATA(c), sizeof(at));
		return at.tv_sec * SECOND + at.tv_nsec;
	}
	return traffic_now(CLOCK_REALTIME);
}

/* Reads what is there, but not more than @most. 0, or -1 with errno. */
static int receive(struct listener *l, unsigned most)
{
	struct probe probe;
	int n;

	prepare_messages(l);
	n = recvmmsg(l->fd, l->message, most, MSG_DONTWAIT | MSG_TRUNC, NULL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	for (int i = 0; i < n; i++) {
		size_t len = l->message[i].msg_len;
		size_t have = len < PROBE_SIZE ? len : PROBE_SIZE;
		bool ours = probe_decode(rd_init(l->data[i], have), &probe);

		meter_packet(&l->meter, address_of(&l->from[i]), len, ours ? &probe : NULL,
			     arrival_of(&l->message[i].msg_hdr));
	}
	return 0;
}

static void print_text(const struct listener *l)
{
	const struct meter *m = &l->meter;

	printf("%llu packets, %llu lost, %llu duplicated, %llu reordered",
	       (unsigned long long)m->packets, (unsigned long long)meter_lost(m),
	       (unsigned long long)m->duplicated, (unsigned long long)m->reordered);
	if (m->unnumbered)
		printf(", %llu not numbered", (unsigned long long)m->unnumbered);
	if (m->ndelays)
		printf(", delay min/median/p99/max %.3f/%.3f/%.3f/%.3f ms", m->delay_min / 1e6,
		       meter_delay(m, 500) / 1e6, meter_delay(m, 990) / 1e6, m->delay_max / 1e6);
	putchar('\n');
}

static void print_json(const struct listener *l)
{
	const struct meter *m = &l->meter;
	bool any = ip_is_any(l->t.source);

	printf("{\"source\":%s%s%s,\"group\":\"%s\",\"packets\":%llu,\"bytes\":%llu,\"lost\":%llu,"
	       "\"duplicated\":%llu,\"reordered\":%llu,\"unnumbered\":%llu,\"seconds\":%.3f",
	       any ? "" : "\"", any ? "null" : ip_str(l->t.source), any ? "" : "\"",
	       ip_str(l->t.group), (unsigned long long)m->packets, (unsigned long long)m->bytes,
	       (unsigned long long)meter_lost(m), (unsigned long long)m->duplicated,
	       (unsigned long long)m->reordered, (unsigned long long)m->unnumbered,
	       (traffic_now(CLOCK_MONOTONIC) - l->start) / 1e9);
	if (m->ndelays)
		printf(",\"delay\":{\"min\":%.6f,\"median\":%.6f,\"p99\":%.6f,\"max\":%.6f}",
		       m->delay_min / 1e6, meter_delay(m, 500) / 1e6, meter_delay(m, 990) / 1e6,
		       m->delay_max / 1e6);
	printf(",\"streams\":[");
	for (unsigned i = 0; i < m->nstreams; i++) {
		const struct meter_stream *s = m->stream[i];

		printf("%s{\"source\":\"%s\",\"first\":%llu,\"last\":%llu,\"packets\":%llu,"
		       "\"lost\":%llu}",
		       i ? "," : "", ip_str(s->source), (unsigned long long)s->first,
		       (unsigned long long)s->last, (unsigned long long)s->packets,
		       (unsigned long long)meter_stream_lost(s));
	}
	printf("]}\n");
}

static uint64_t missing(const struct listener *l)
{
	uint64_t count = l->t.count ? (uint64_t)l->t.count : UINT64_MAX;

	return l->meter.packets < count ? count - l->meter.packets : 0;
}

/* Until all is there, the time is up, or an interrupt. 0, or -1 with errno. */
static int listen_all(struct listener *l, bool each_second)
{
	int64_t now = l->start, next = now + SECOND;
	int64_t end = l->t.duration ? now + l->t.duration : INT64_MAX;
	bool interrupted = false;

	while (!interrupted && now < end && missing(l)) {
		int64_t until = each_second && next < end ? next : end;

		interrupted = traffic_wait(l->fd, until - now);
		if (receive(l, missing(l) < BURST ? missing(l) : BURST))
			return -1;
		now = traffic_now(CLOCK_MONOTONIC);
		if (each_second && now >= next) {
			printf("%5.0f s: ", (now - l->start) / 1e9);
			print_text(l);
			next += (now - next) / SECOND * SECOND + SECOND;
		}
	}
	return 0;
}

/* Says so when the join is done: on standard output, or beside it where that is to be JSON. */
static int run(struct listener *l, bool json)
{
	traffic_catch_interrupts();
	if (prepare(l))
		return traffic_fail(&l->t, "cannot listen to");
	l->start = traffic_now(CLOCK_MONOTONIC);
	setlinebuf(stdout);
	fprintf(json ? stderr : stdout, "listening\n");
	if (listen_all(l, !json && isatty(STDOUT_FILENO)))
		return traffic_fail(&l->t, "cannot receive from");
	if (json)
		print_json(l);
	else
		print_text(l);
	return l->meter.packets && (!l->t.count || !missing(l)) ? 0 : 1;
}

int run_listen(const struct options *options, int argc, char **argv)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	int status = EX_USAGE;

	(void)argc;
	if (traffic_parse(&l->t, TRAFFIC_LISTEN, argv + 1)) {
		l->fd = traffic_socket(&l->t);
		status = l->fd < 0 ? EX_OSERR : run(l, options->json);
		if (l->fd >= 0)
			close(l->fd);
	}
	meter_free(&l->meter);
	free(l);
	return status;
}
