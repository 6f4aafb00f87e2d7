/* send.c - smcroutectl send: numbered test packets at an even rate
 *
 * Packets are due at multiples of the interval since the start. What became due while others
 * were sent goes in one system call, so rates far above the timer's precision are kept.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "table.h"
#include "traffic.h"

#define BURST 64

/* A sender that was stopped for longer than this does not make up for it, in ns. */
#define LAG SEC(1000000)

/* What a full queue of the interface is given to drain, in ns */
#define DRAIN 200000

struct sender {
	struct traffic t;
	int fd;
	uint32_t stream;
	int64_t start;
	uint64_t number; /* the next packet's */
	uint64_t failed;
	int error; /* errno of the last that failed */
	uint8_t head[BURST][PROBE_SIZE];
	struct iovec iov[BURST][2];
	struct mmsghdr message[BURST];
};

static int prepare_v4(const struct sender *s)
{
	struct ip_mreqn via = { .imr_ifindex = s->t.ifindex };
	int ttl = s->t.ttl;

	if (setsockopt(s->fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)))
		return -1;
	return via.imr_ifindex ? setsockopt(s->fd, IPPROTO_IP, IP_MULTICAST_IF, &via, sizeof(via))
			       : 0;
}

static int prepare_v6(const struct sender *s)
{
	int via = s->t.ifindex, hops = s->t.ttl;

	if (setsockopt(s->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)))
		return -1;
	return via ? setsockopt(s->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &via, sizeof(via)) : 0;
}

static int prepare(struct sender *s)
{
	static uint8_t padding[65507];
	struct sockaddr_storage to;
	socklen_t len = traffic_address(&s->t, s->t.group, &to);

	if (ip_family(s->t.group) == V4 ? prepare_v4(s) : prepare_v6(s))
		return -1;
	if (connect(s->fd, (void *)&to, len))
		return -1;
	for (unsigned i = 0; i < BURST; i++) {
		s->iov[i][0] = (struct iovec){ s->head[i], PROBE_SIZE };
		s->iov[i][1] = (struct iovec){ padding, s->t.size - PROBE_SIZE };
		s->message[i].msg_hdr.msg_iov = s->iov[i];
		s->message[i].msg_hdr.msg_iovlen = 2;
	}
	prctl(PR_SET_TIMERSLACK, 1);
	if (getrandom(&s->stream, sizeof(s->stream), 0) < 0)
		s->stream = traffic_now(CLOCK_REALTIME);
	return 0;
}

/* How many packets are due; *wait is set to the time until the next one if it is none. */
static unsigned due(struct sender *s, int64_t *wait)
{
	int64_t left = s->t.count ? s->t.count - (int64_t)s->number : BURST;
	int64_t now = traffic_now(CLOCK_MONOTONIC), at, n = BURST;

	if (s->t.interval) {
		at = s->start + (int64_t)s->number * s->t.interval;
		if (now - at > LAG) {
			s->start += now - at;
			at = now;
		}
		*wait = at - now;
		n = at > now ? 0 : (now - at) / s->t.interval + 1;
	}
	if (n > BURST)
		n = BURST;
	return left < n ? left : n;
}

/* False if nothing can be sent at all. */
static bool burst(struct sender *s, unsigned n)
{
	struct probe probe = { .stream = s->stream, .number = s->number };
	int sent;

	for (unsigned i = 0; i < n; i++, probe.number++) {
		struct wr w = wr_init(s->head[i], sizeof(s->head[i]));

		probe.time = traffic_now(CLOCK_REALTIME);
		probe_encode(&w, &probe);
	}
	sent = sendmmsg(s->fd, s->message, n, 0);
	if (sent > 0) {
		s->number += sent;
		return true;
	}
	if (errno == EINTR)
		return true;
	if (errno == ENOBUFS || errno == EAGAIN) {
		traffic_wait(-1, DRAIN);
		return true;
	}
	s->error = errno;
	s->failed++;
	s->number++;
	return s->failed < s->number;
}

static int send_all(struct sender *s)
{
	int64_t wait = 0;

	s->start = traffic_now(CLOCK_MONOTONIC);
	while (!s->t.count || s->number < (uint64_t)s->t.count) {
		unsigned n = due(s, &wait);

		if (n && !burst(s, n))
			return -1;
		if (traffic_wait(-1, n ? 0 : wait))
			break;
	}
	return 0;
}

static void summary(const struct sender *s, bool json)
{
	double seconds = (traffic_now(CLOCK_MONOTONIC) - s->start) / 1e9;
	unsigned long long sent = s->number - s->failed, failed = s->failed;

	if (json)
		printf("{\"group\":\"%s\",\"sent\":%llu,\"failed\":%llu,\"seconds\":%.3f}\n",
		       ip_str(s->t.group), sent, failed, seconds);
	else
		printf("%llu packets sent to %s in %.3f s\n", sent, ip_str(s->t.group), seconds);
	if (failed && !json)
		printf("%llu could not be sent: %s\n", failed, strerror(s->error));
}

int run_send(const struct options *options, int argc, char **argv)
{
	struct sender *s = xcalloc(1, sizeof(*s));
	int status = 0;

	(void)argc;
	s->fd = -1;
	if (!traffic_parse(&s->t, TRAFFIC_SEND, argv + 1)) {
		status = EX_USAGE;
		goto out;
	}
	s->fd = traffic_socket(&s->t);
	if (s->fd < 0) {
		status = EX_OSERR;
		goto out;
	}
	traffic_catch_interrupts();
	if (prepare(s)) {
		status = traffic_fail(&s->t, "cannot send to");
	} else if (send_all(s)) {
		errno = s->error;
		status = traffic_fail(&s->t, "cannot send to");
	} else {
		summary(s, options->json);
	}
out:
	if (s->fd >= 0)
		close(s->fd);
	free(s);
	return status;
}
