/* react.c - how long it takes from a listener's report until something follows from it
 *
 *	react report|stream|wanted KIND COUNT NETNS NETNS [NETNS NETNS]...
 *
 * The pairs of network namespaces are a source's and a listener's; KIND is igmp2, igmp3, mld1 or
 * mld2. Each of COUNT joins is of a group of its own, by turns through each pair.
 *
 * report: until a report of the group is seen at the source.
 * stream: until the first packet of the group's stream at the listener; it is sent all the time,
 *	but what the router kept of it from before does not count.
 * wanted: the same, but it is not sent until the source sees the report.
 *
 * Prints for each pair: the median and the 99th percentile in microseconds, and how often nothing
 * came.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ends.h"
#include "tool.h"

#define MAXPATHS 4

/* What has not come by then is missed. */
#define PATIENCE (500 * NS_MS)

/*
 * Between packets of a stream: before the join, and when somebody waits for it. When that takes
 * long, there is sleep between them, for others who need the processor.
 */
#define SLOW (2 * NS_MS)
#define FAST (10 * 1000)
#define LONG (200 * 1000)

/* Packets before the join, which are numbered so */
#define BEFORE 10

enum what { REPORT, STREAM, WANTED };

struct path {
	struct end source, listener;
	int64_t *delay; /* ns */
	unsigned n;
};

/* The time of the first message at the source that wants the group, 0 if there is none. */
static int64_t see_report(const struct path *p, enum af af, unsigned group)
{
	int64_t until = now_ns() + PATIENCE;
	struct seen seen;

	while (end_see(&p->source, until - now_ns(), &seen)) {
		unsigned at = 0, wanted;

		while (seen.af == af && next_wanted(&seen, &at, &wanted)) {
			if (wanted == group)
				return seen.when;
		}
	}
	return 0;
}

/* The time of the group's first packet at the listener, while the source sends. */
static int64_t see_stream(const struct path *p, enum af af, unsigned group)
{
	int64_t start = now_ns(), now;
	struct seen seen;

	for (unsigned i = 0; (now = now_ns()) - start < PATIENCE; i++) {
		bool is_long = now - start > LONG;

		stream_send(&p->source, af, group, BEFORE + i);
		while (end_see(&p->listener, is_long ? FAST : 0, &seen)) {
			if (seen.what == SEEN_DATA && seen.af == af && seen.group == group &&
			    seen.number >= BEFORE)
				return seen.when;
		}
		while (!is_long && now_ns() - now < FAST)
			;
	}
	return 0;
}

/* The nanoseconds from the join until what is waited for, or -1. */
static int64_t try(const struct path *p, enum what what, const struct kind *kind, unsigned group)
{
	int64_t start, end = 0;

	/* at no particular place between two ticks of the kernel's clock */
	pause_ns(NS_MS + random() % (5 * NS_MS));
	for (unsigned i = 0; what == STREAM && i < BEFORE; i++) {
		stream_send(&p->source, kind->af, group, i);
		pause_ns(SLOW);
	}
	end_clear(&p->source);
	end_clear(&p->listener);
	start = host_joins(&p->listener, kind, 0, group);
	if (what != STREAM)
		end = see_report(p, kind->af, group);
	if (what == STREAM || (what == WANTED && end))
		end = see_stream(p, kind->af, group);
	return end ? end - start : -1;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "report", "stream", "wanted" };
	struct path path[MAXPATHS] = { 0 };
	int npaths = (argc - 4) / 2;
	unsigned what = 0, count;
	struct kind kind;

	while (argc > 1 && what <= WANTED && strcmp(argv[1], names[what]))
		what++;
	if (npaths < 1 || npaths > MAXPATHS || argc % 2 || what > WANTED) {
		fprintf(stderr, "react: see the head of its source for the words\n");
		return 2;
	}
	kind = kind_of(argv[2]);
	count = strtoul(argv[3], NULL, 10);
	for (struct path *p = path; p < path + npaths; p++) {
		p->source = end_open(argv[4 + 2 * (p - path)]);
		p->listener = end_open(argv[5 + 2 * (p - path)]);
		p->delay = calloc(count, sizeof(*p->delay));
		if (!p->delay)
			fail("memory");
	}
	for (unsigned i = 0; i < count; i++) {
		for (struct path *p = path; p < path + npaths; p++) {
			int64_t delay = try(p, what, &kind, i);

			if (delay >= 0)
				p->delay[p->n++] = delay;
		}
	}
	for (struct path *p = path; p < path + npaths; p++)
		printf("%.1f %.1f %u\n", part(p->delay, p->n, 0.5), part(p->delay, p->n, 0.99),
		       count - p->n);
	return 0;
}
