/* many.c - a LAN on which very many groups are joined
 *
 *	many KIND COUNT RATE NETNS NETNS PID
 *
 * The network namespaces are the source's and the listener's; KIND is igmp3 or mld2, PID is the
 * daemon. COUNT groups are joined, in messages as full as they get and RATE messages in a second;
 * then each that was reported to the source gets a packet.
 *
 * Prints how many groups were reported, how many packets arrived, the daemon's
 * nanoseconds of processor time a group for the one and for the other, and its bytes a group that
 * came to be resident by the one and by both.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ends.h"
#include "tool.h"

/* What has not come by then does not come; that long it is quiet when all is done. */
#define PATIENCE (3 * NS_SEC)

/* Packets that are under way at most, and how long the next ones are held back for them */
#define WINDOW 64
#define STALL (20 * NS_MS)

#define MTU 1500

/* Groups of which something came, by number, and how many they are */
struct marks {
	bool *is;
	unsigned n;
};

struct bench {
	struct end source, listener;
	struct kind kind;
	unsigned count;
	struct marks reported, arrived;
};

static void mark(const struct bench *b, struct marks *marks, unsigned group)
{
	if (group < b->count && !marks->is[group]) {
		marks->is[group] = true;
		marks->n++;
	}
}

static void note_reports(struct bench *b, int64_t patience)
{
	struct seen seen;

	for (; end_see(&b->source, patience, &seen); patience = 0) {
		unsigned at = 0, group;

		while (seen.af == b->kind.af && next_wanted(&seen, &at, &group))
			mark(b, &b->reported, group);
	}
}

static void note_packets(struct bench *b, int64_t patience)
{
	struct seen seen;

	for (; end_see(&b->listener, patience, &seen); patience = 0) {
		if (seen.what == SEEN_DATA && seen.af == b->kind.af)
			mark(b, &b->arrived, seen.group);
	}
}

/* Goes on until nothing new came for a while. */
static void finish(struct bench *b, void (*note)(struct bench *b, int64_t patience),
		   const struct marks *marks)
{
	unsigned n = marks->n;

	for (int64_t last = now_ns(); now_ns() - last < PATIENCE;) {
		note(b, PATIENCE / 10);
		if (marks->n != n)
			last = now_ns();
		n = marks->n;
	}
}

/* As many records as go into a message, from that group on; how many there are. */
static unsigned join_some(struct bench *b, unsigned first)
{
	/* type, lengths and the group */
	unsigned fit = (gm_room(b->kind.af, MTU) - 8) / (4 + af_size(b->kind.af)), n;
	struct gm_record record[MTU / 8];
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = record };

	for (n = 0; n < fit && first + n < b->count; n++)
		record[n] = (struct gm_record){ CHANGE_TO_EXCLUDE_MODE,
						group_ip(b->kind.af, first + n), NULL, 0 };
	m.nrecords = n;
	host_says(&b->listener, &b->kind, 0, &m);
	return n;
}

static void join(struct bench *b, unsigned rate)
{
	int64_t start = now_ns();

	for (unsigned i = 0, group = 0; group < b->count; i++) {
		int64_t due = start + i * NS_SEC / rate;

		while (now_ns() < due)
			note_reports(b, due - now_ns());
		group += join_some(b, group);
	}
	finish(b, note_reports, &b->reported);
}

static void stream(struct bench *b)
{
	unsigned sent = 0, given_up = 0;

	end_clear(&b->listener);
	for (unsigned i = 0; i < b->count; i++) {
		if (!b->reported.is[i])
			continue;
		stream_send(&b->source, b->kind.af, i, i);
		sent++;
		note_packets(b, 0);
		if (sent - b->arrived.n - given_up < WINDOW)
			continue;
		note_packets(b, STALL);
		if (sent - b->arrived.n - given_up >= WINDOW)
			given_up = sent - b->arrived.n;
	}
	finish(b, note_packets, &b->arrived);
}

int main(int argc, char **argv)
{
	int64_t cpu_before, cpu_joined, size_before, size_joined;
	unsigned rate;
	struct bench b = { 0 };

	if (argc != 7) {
		fprintf(stderr, "many: see the head of its source for the words\n");
		return 2;
	}
	b.kind = kind_of(argv[1]);
	b.count = strtoul(argv[2], NULL, 10);
	rate = strtoul(argv[3], NULL, 10);
	b.source = end_open(argv[4]);
	b.listener = end_open(argv[5]);
	b.reported.is = calloc(b.count, sizeof(bool));
	b.arrived.is = calloc(b.count, sizeof(bool));
	if (!b.reported.is || !b.arrived.is)
		fail("memory");
	cpu_before = cpu_ns(argv[6]);
	size_before = resident(argv[6]);
	join(&b, rate);
	cpu_joined = cpu_ns(argv[6]);
	size_joined = resident(argv[6]);
	stream(&b);
	printf("%u %u %.0f %.0f %.0f %.0f\n", b.reported.n, b.arrived.n,
	       (double)(cpu_joined - cpu_before) / b.count,
	       (double)(cpu_ns(argv[6]) - cpu_joined) / b.count,
	       (double)(size_joined - size_before) / b.count,
	       (double)(resident(argv[6]) - size_before) / b.count);
	return 0;
}
