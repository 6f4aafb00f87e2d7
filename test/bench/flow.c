/* flow.c - streams through a network of routers: who joins, and what comes where, packet by packet
 *
 *	flow 4|6 asm|ssm|both SOURCE PLACE...
 *
 * The source is NETNS,ADDRESS, on whose eth0 streams are sent. A place is NETNS,ADDRESS or
 * NETNS,ADDRESS,DEVICE: there it is seen what comes in, and a host of that address joins and
 * leaves, by IGMPv3 or MLDv2. Places have numbers from 0 on; groups are numbers too, of both kinds
 * the odd ones are source-specific. What is to be done is read a line each, and each is answered by
 * a line:
 *
 *	send N RATE FIRST   streams of N groups from FIRST on, so many packets a second of all
 *	join PLACE FIRST N  N groups are joined from FIRST on, of the source alone if ssm
 *	leave PLACE FIRST N
 *	first PLACE GROUP MS    joins it; until its first packet comes that is sent after that:
 *	                    microseconds, or - if it takes longer
 *	end PLACE GROUP MS  leaves it; until the last packet comes, if none does for MS
 *	mark                what is asked for is counted from here
 *	stat PLACE          of packets sent since the mark: how many were sent, how many came,
 *	                    how many are missing behind the first that came, or came again; when
 *	                    the first and last came, and the longest silence, in microseconds
 *	groups PLACE N MS   until packets of N groups have come that were sent since the mark:
 *	                    ms, or - and of how many
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ends.h"
#include "tool.h"

#define PORT 5000
#define TTL 64
#define MAXPLACES 8
#define MAXPACKETS (1 << 25) /* of a run */
#define MAXGROUPS (1 << 17)

/* Reports of many groups: a packet each of so many. */
#define PART 100
#define PART_GAP NS_MS

struct place {
	struct end end;
	struct ip ip;
	uint8_t *seen;	  /* by number: how often it came */
	uint32_t *group;  /* the mark since which the group came */
	unsigned ngroups; /* that came since the mark */
	unsigned doubled;
	int64_t first, last, silence; /* since the mark; 0: none came */
};

static struct {
	struct kind kind;
	enum mix mix;
	struct end source;
	struct ip from;
	struct place place[MAXPLACES];
	unsigned nplaces;
	unsigned nstreams, first_stream;
	double gap; /* ns between packets */
	double due;
	uint32_t number; /* of the next packet */
	uint32_t since;	 /* that at the mark */
	uint32_t mark;
	int64_t marked;
} flow = { .kind.version = 3, .mark = 1 };

static struct ip group(unsigned i)
{
	return mixed_group_ip(flow.kind.af, flow.mix, i);
}

static unsigned number_of_group(unsigned seen)
{
	return flow.kind.af == V4 && seen >= 7u << 24 ? seen - (7u << 24) : seen;
}

static void send_packet(void)
{
	uint8_t data[4] = { flow.number >> 24, flow.number >> 16, flow.number >> 8, flow.number };
	struct packet packet = {
		.proto = PROTO_UDP,
		.ttl = TTL,
		.src = flow.from,
		.dst = group(flow.first_stream + flow.number % flow.nstreams),
		.sport = PORT,
		.dport = PORT,
		.data = data,
		.len = sizeof(data),
	};

	if (flow.number == MAXPACKETS - 1)
		fail("too many packets");
	end_send(&flow.source, &packet);
	flow.number++;
}

static void note(struct place *p, const struct seen *seen)
{
	unsigned i = number_of_group(seen->group);

	if (seen->what != SEEN_DATA || seen->af != flow.kind.af || seen->number < flow.since ||
	    seen->number >= flow.number || i >= MAXGROUPS)
		return;
	if (p->seen[seen->number] < UINT8_MAX && p->seen[seen->number]++)
		p->doubled++;
	if (p->group[i] != flow.mark)
		p->ngroups++;
	p->group[i] = flow.mark;
	if (!p->first)
		p->first = seen->when;
	else if (seen->when - p->last > p->silence)
		p->silence = seen->when - p->last;
	p->last = seen->when;
}

/* Sends what is due and sees what came, for that time or until there is something to be read. */
static void run(int64_t until, bool idle)
{
	struct pollfd fd[MAXPLACES + 1] = { { .fd = idle ? STDIN_FILENO : -1, .events = POLLIN } };
	struct seen seen;
	int64_t now;

	for (unsigned i = 0; i < flow.nplaces; i++)
		fd[i + 1] = (struct pollfd){ .fd = flow.place[i].end.fd, .events = POLLIN };
	while ((now = now_ns()) < until && !(fd[0].revents & (POLLIN | POLLHUP))) {
		int64_t next = until;
		struct timespec wait = { 0 };

		while (flow.nstreams && flow.due <= now) {
			send_packet();
			flow.due += flow.gap;
		}
		if (flow.nstreams && flow.due < next)
			next = flow.due;
		if (next > now)
			wait = (struct timespec){ (next - now) / NS_SEC, (next - now) % NS_SEC };
		ppoll(fd, flow.nplaces + 1, &wait, NULL);
		for (unsigned i = 0; i < flow.nplaces; i++) {
			while (end_see(&flow.place[i].end, 0, &seen))
				note(&flow.place[i], &seen);
		}
	}
}

static void mark(void)
{
	flow.mark++;
	flow.since = flow.number;
	flow.marked = now_ns();
	for (struct place *p = flow.place; p < flow.place + flow.nplaces; p++) {
		p->ngroups = p->doubled = 0;
		p->first = p->last = p->silence = 0;
	}
}

/* Tells routers of groups, joined or left; returns when it did so of the last one. */
static int64_t say(const struct place *p, unsigned first, unsigned n, bool join)
{
	static struct gm_record record[PART];
	int64_t when = 0;

	for (unsigned i = 0; i < n;) {
		struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = record };
		struct gm_place at = { 0 };
		uint8_t data[1500];
		size_t len;

		for (; i < n && m.nrecords < PART; i++) {
			struct gm_record *r = record + m.nrecords++;

			*r = (struct gm_record){ .group = group(first + i) };
			if (mix_is_ssm(flow.mix, first + i)) {
				r->type = join ? ALLOW_NEW_SOURCES : BLOCK_OLD_SOURCES;
				r->source = &flow.from;
				r->nsources = 1;
			} else {
				r->type = join ? CHANGE_TO_EXCLUDE_MODE : CHANGE_TO_INCLUDE_MODE;
			}
		}
		while ((len = gm_encode(flow.kind.af, &m, &at, data,
					gm_room(flow.kind.af, 1500)))) {
			struct packet packet = gm_packet(flow.kind.af, &m, data, len);

			packet.src = p->ip;
			when = end_send(&p->end, &packet);
		}
		if (i < n)
			run(now_ns() + PART_GAP, false);
	}
	return when;
}

/* Until the first packet of a group that is joined */
static void first(struct place *p, unsigned i, int64_t patience)
{
	int64_t start, now;

	mark();
	start = say(p, i, 1, true);
	while ((now = now_ns()) < start + patience && p->group[i] != flow.mark)
		run(now + NS_MS / 4, false);
	if (p->group[i] == flow.mark && p->first)
		printf("%.1f\n", (p->first - start) / 1000.0);
	else
		printf("-\n");
}

/* Until the last packet of a group that is left */
static void end(struct place *p, unsigned i, int64_t patience)
{
	int64_t start, now;

	mark();
	start = say(p, i, 1, false);
	while ((now = now_ns()) < start + NS_SEC * 300 &&
	       now - (p->last ? p->last : start) < patience)
		run(now + NS_MS, false);
	printf("%.1f\n", p->last ? (p->last - start) / 1000.0 : 0);
}

static void stat(const struct place *p)
{
	unsigned came = 0, missing = 0;

	for (uint32_t i = flow.since; i < flow.number; i++) {
		came += !!p->seen[i];
		missing += came && !p->seen[i];
	}
	printf("%u %u %u %u %.0f %.0f %.0f\n", flow.number - flow.since, came, missing, p->doubled,
	       p->first ? (p->first - flow.marked) / 1000.0 : 0,
	       p->last ? (p->last - flow.marked) / 1000.0 : 0, p->silence / 1000.0);
}

static void await_groups(const struct place *p, unsigned n, int64_t patience)
{
	int64_t now;

	while ((now = now_ns()) < flow.marked + patience && p->ngroups < n)
		run(now + NS_MS, false);
	if (p->ngroups >= n)
		printf("%.1f\n", (now - flow.marked) / 1000000.0);
	else
		printf("- %u\n", p->ngroups);
}

static void obey(const char *word, unsigned a, unsigned b, unsigned c)
{
	struct place *p = flow.place + a;

	if (!strcmp(word, "send")) {
		flow.nstreams = b ? a : 0;
		flow.first_stream = c;
		flow.gap = b ? 1e9 / b : 0;
		flow.due = now_ns();
		printf("ok\n");
	} else if (!strcmp(word, "mark")) {
		mark();
		printf("ok\n");
	} else if (a >= flow.nplaces) {
		printf("no such place\n");
	} else if (!strcmp(word, "join") || !strcmp(word, "leave")) {
		say(p, b, c, *word == 'j');
		printf("ok\n");
	} else if (!strcmp(word, "first")) {
		first(p, b, c * NS_MS);
	} else if (!strcmp(word, "end")) {
		end(p, b, c * NS_MS);
	} else if (!strcmp(word, "stat")) {
		stat(p);
	} else if (!strcmp(word, "groups")) {
		await_groups(p, b, c * NS_MS);
	} else {
		printf("no such word\n");
	}
}

/* NETNS,ADDRESS[,DEVICE] */
static struct end open_place(char *text, struct ip *ip)
{
	char *address = strchr(text, ','), *device = address ? strchr(address + 1, ',') : NULL;

	if (address)
		*address++ = '\0';
	if (device)
		*device++ = '\0';
	if (!address || !ip_parse(address, ip)) {
		fprintf(stderr, "flow: %s: NETNS,ADDRESS is wanted\n", text);
		exit(2);
	}
	return end_open_on(text, device ? device : "eth0");
}

static void *memory(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		fail("memory");
	return p;
}

int main(int argc, char **argv)
{
	char line[256], word[32];

	if (argc < 5 || argc > 4 + MAXPLACES) {
		fprintf(stderr, "flow: see the head of its source for the words\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	flow.kind.af = *argv[1] == '6' ? V6 : V4;
	flow.mix = mix_of(argv[2]);
	flow.source = open_place(argv[3], &flow.from);
	for (int i = 4; i < argc; i++) {
		struct place *p = flow.place + flow.nplaces++;

		p->end = open_place(argv[i], &p->ip);
		p->seen = memory(MAXPACKETS, 1);
		p->group = memory(MAXGROUPS, sizeof(*p->group));
	}
	mark();
	printf("ready\n");
	for (;;) {
		unsigned a = 0, b = 0, c = 0;

		run(INT64_MAX / 2, true);
		if (!fgets(line, sizeof(line), stdin))
			return 0;
		if (sscanf(line, "%31s %u %u %u", word, &a, &b, &c) >= 1)
			obey(word, a, b, c);
	}
}
