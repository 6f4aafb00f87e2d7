/* zap.c - a listener changes channels, all of which arrive at the router all the time
 *
 *	zap KIND COUNT NETNS NETNS
 *
 * The network namespaces are the source's and the listener's; KIND is igmp2, igmp3, mld1 or mld2.
 * COUNT times the listener leaves one channel and joins the next, so there is one channel more.
 *
 * Prints the median and the longest time in microseconds until the first packet of the new channel,
 * how often none came, and how many packets of old channels came after it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ends.h"
#include "tool.h"

/* Packets in a second of each channel, and of the old and the new one when it is zapped */
#define RATE 100
#define FAST 10000

/* How long a channel is watched, and how long that of the two is looked at closely */
#define WATCH (100 * NS_MS)
#define CLOSE (20 * NS_MS)

struct bench {
	struct end source, listener;
	struct kind kind;
	unsigned channels;
	uint32_t number;   /* of the next packet */
	unsigned now;	   /* the channel that is watched */
	int64_t first;	   /* its first packet, 0: none yet */
	unsigned unwanted; /* packets of others since then */
};

static void note(struct bench *b)
{
	struct seen seen;

	while (end_see(&b->listener, 0, &seen)) {
		if (seen.what != SEEN_DATA || seen.af != b->kind.af)
			continue;
		if (seen.group != b->now)
			b->unwanted += b->first && seen.when > b->first;
		else if (!b->first)
			b->first = seen.when;
	}
}

/* All channels, for that time; the old and the new one are sent in turn if they are two. */
static void run(struct bench *b, int64_t time, unsigned old)
{
	unsigned rate = old != b->now ? 2 * FAST : RATE * b->channels;
	int64_t start = now_ns();

	for (unsigned i = 0; now_ns() - start < time; i++) {
		unsigned group = i % b->channels;

		if (old != b->now)
			group = i % 2 ? old : b->now;
		pause_until(start + i * NS_SEC / rate);
		stream_send(&b->source, b->kind.af, group, b->number++);
		note(b);
	}
}

int main(int argc, char **argv)
{
	unsigned count, missed = 0, n = 0;
	struct bench b = { 0 };
	int64_t *delay;

	if (argc != 5) {
		fprintf(stderr, "zap: see the head of its source for the words\n");
		return 2;
	}
	b.kind = kind_of(argv[1]);
	count = strtoul(argv[2], NULL, 10);
	b.channels = count + 1;
	b.source = end_open(argv[3]);
	b.listener = end_open(argv[4]);
	delay = calloc(count, sizeof(*delay));
	if (!delay)
		fail("memory");
	run(&b, NS_SEC, 0);
	host_joins(&b.listener, &b.kind, 0, 0);
	run(&b, NS_SEC, 0);
	for (unsigned i = 0; i < count; i++) {
		int64_t start;

		note(&b);
		b.first = 0;
		b.now = i + 1;
		start = host_zaps(&b.listener, &b.kind, 0, i, b.now);
		run(&b, CLOSE, i);
		run(&b, WATCH, b.now);
		if (b.first)
			delay[n++] = b.first - start;
		else
			missed++;
	}
	printf("%.0f %.0f %u %u\n", part(delay, n, 0.5), part(delay, n, 1), missed, b.unwanted);
	return 0;
}
