/* leave.c - how long a stream goes on to a LAN that nobody listens on any more
 *
 *	leave before|after KIND COUNT HOSTS NETNS NETNS
 *
 * The network namespaces are the source's and the listeners'; KIND is igmp2, igmp3, mld1 or mld2.
 * COUNT groups are joined by each of HOSTS, and left by one after another: each group by its last
 * one 50 ms after another group was. Their streams are there before the joins, or begin after them.
 *
 * Prints the median and the longest time in microseconds from the last leave of a group to its last
 * packet on the LAN, and how many streams ended before it, or not within 60 s.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ends.h"
#include "tool.h"

/* Packets in a second of each stream */
#define RATE 1000

/* Streams end within that, and have ended when there was no packet for so long. */
#define PATIENCE (60 * NS_SEC)
#define SILENCE NS_SEC

#define LEAVE_GAP (50 * NS_MS)
#define WARM_UP (200 * NS_MS)

struct stream {
	int64_t left; /* by the last one, 0: not yet */
	int64_t last; /* packet, 0: none yet */
};

struct bench {
	struct end source, listener;
	struct kind kind;
	struct stream *stream;
	unsigned n;
	uint32_t number; /* of the next packet of all streams */
};

static void note(struct bench *b)
{
	struct seen seen;

	while (end_see(&b->listener, 0, &seen)) {
		if (seen.what == SEEN_DATA && seen.af == b->kind.af && seen.group < b->n)
			b->stream[seen.group].last = seen.when;
	}
}

/* Streams for that time. */
static void run(struct bench *b, int64_t time)
{
	int64_t start = now_ns(), gap = NS_SEC / (RATE * b->n), next = start;

	while (now_ns() - start < time) {
		stream_send(&b->source, b->kind.af, b->number % b->n, b->number / b->n);
		b->number++;
		note(b);
		next += gap;
		pause_until(next);
	}
}

/* Whether any stream still comes through. */
static bool is_alive(const struct bench *b)
{
	for (const struct stream *s = b->stream; s < b->stream + b->n; s++) {
		if (s->last > now_ns() - SILENCE)
			return true;
	}
	return false;
}

static void leave(struct bench *b, unsigned hosts)
{
	for (unsigned host = 0; host < hosts; host++) {
		for (unsigned i = 0; i < b->n; i++) {
			int64_t when = host_leaves(&b->listener, &b->kind, host, i);

			if (host == hosts - 1)
				b->stream[i].left = when;
			run(b, LEAVE_GAP);
		}
	}
}

static void print(const struct bench *b)
{
	int64_t *delay = calloc(b->n, sizeof(*delay)), silent = now_ns() - SILENCE;
	unsigned n = 0;

	if (!delay)
		fail("memory");
	for (const struct stream *s = b->stream; s < b->stream + b->n; s++) {
		/* the last packet may be the one before the leave */
		if (s->last >= s->left - 2 * NS_SEC / RATE && s->last <= silent)
			delay[n++] = s->last > s->left ? s->last - s->left : 0;
	}
	printf("%.0f %.0f %u\n", part(delay, n, 0.5), part(delay, n, 1), b->n - n);
	free(delay);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	unsigned hosts;
	int64_t start;

	if (argc != 7) {
		fprintf(stderr, "leave: see the head of its source for the words\n");
		return 2;
	}
	b.kind = kind_of(argv[2]);
	b.n = strtoul(argv[3], NULL, 10);
	hosts = strtoul(argv[4], NULL, 10);
	b.source = end_open(argv[5]);
	b.listener = end_open(argv[6]);
	b.stream = calloc(b.n, sizeof(*b.stream));
	if (!b.stream)
		fail("memory");
	if (!strcmp(argv[1], "before"))
		run(&b, WARM_UP);
	for (unsigned host = 0; host < hosts; host++) {
		for (unsigned i = 0; i < b.n; i++)
			host_joins(&b.listener, &b.kind, host, i);
	}
	run(&b, WARM_UP);
	leave(&b, hosts);
	start = now_ns();
	do {
		run(&b, SILENCE / 10);
	} while (is_alive(&b) && now_ns() - start < PATIENCE);
	print(&b);
	return 0;
}
