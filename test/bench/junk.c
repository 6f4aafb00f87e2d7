/* junk.c - a stream, while malformed reports come in on the LAN that it goes to
 *
 *	junk RATE SECONDS NETNS NETNS PID
 *
 * The network namespaces are the source's and the listener's, PID is the daemon. A host there joins
 * a group, whose stream is 1000 packets in a second; another one sends RATE messages in a second
 * that are not to be believed, no two of them alike, a fifth of them MLD.
 *
 * Prints how many packets of the stream were sent, how many did not arrive, the permille of a
 * processor that the daemon took, and how many groups of junk were reported to the source.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/cksum.h"
#include "lib/cursor.h"
#include "ends.h"
#include "tool.h"

#define RATE 1000
#define GROUP 0

/* What has not come by then is lost. */
#define PATIENCE (500 * NS_MS)

/* Groups that nobody asks for in earnest */
#define JUNK 10000

/* What is wrong with a message; the rest of it is a right v3 report of one group. */
enum junk {
	BAD_CHECKSUM,
	FEW_RECORDS,
	FEW_SOURCES,
	LONG_DATA,
	NO_GROUP,
	BAD_TYPE,
	SHORT,
	BAD_TTL,
	OFF_LINK,
	NJUNK,
};

struct bench {
	struct end source, listener;
	unsigned junk; /* messages so far */
	unsigned arrived, believed;
};

static void write_junk(struct wr *w, enum af af, enum junk junk, unsigned number)
{
	struct ip group = junk == NO_GROUP ? ip_v4(0x0a000000) : group_ip(af, JUNK + number);
	uint8_t type = af == V4 ? 0x22 : 143;

	wr_u8(w, junk == BAD_TYPE ? 0x77 : type);
	wr_u8(w, 0);
	wr_u16(w, 0);
	wr_u16(w, 0);
	if (junk == SHORT)
		return;
	wr_u16(w, junk == FEW_RECORDS ? 2 : 1);
	wr_u8(w, CHANGE_TO_EXCLUDE_MODE);
	wr_u8(w, junk == LONG_DATA ? 200 : 0);
	wr_u16(w, junk == FEW_SOURCES ? 1000 : 0);
	wr_bytes(w, ip_wire(&group, af), af_size(af));
}

/* Of ICMPv6, the kernel itself drops what has a bad checksum or is of no type it is asked for. */
static enum junk junk_of(enum af af, unsigned number)
{
	enum junk junk = number / 5 % NJUNK;

	return af == V6 && (junk == BAD_CHECKSUM || junk == BAD_TYPE) ? SHORT : junk;
}

static void send_junk(const struct bench *b, unsigned number)
{
	static const struct ip stranger[NFAMILIES] = {
		[V4] = { { [10] = 0xff, 0xff, 172, 16, 0, 1 } },
		[V6] = { { 0xfd, 0x99, [15] = 1 } },
	};
	enum af af = number % 5 ? V4 : V6;
	enum junk junk = junk_of(af, number);
	struct gm_message m = { .type = GM_REPORT_V3 };
	uint8_t data[64];
	struct wr w = wr_init(data, sizeof(data));
	struct packet packet;
	uint16_t sum;

	write_junk(&w, af, junk, number);
	sum = cksum_end(cksum_add(0, data, wr_len(&w))) ^ (junk == BAD_CHECKSUM);
	if (af == V4)
		data[2] = sum >> 8, data[3] = sum;
	packet = gm_packet(af, &m, data, wr_len(&w));
	packet.src = junk == OFF_LINK ? stranger[af] : host_ip(af, 1);
	if (junk == BAD_TTL)
		packet.ttl = 64;
	end_send(&b->listener, &packet);
}

static void note(struct bench *b)
{
	struct seen seen;

	while (end_see(&b->listener, 0, &seen))
		b->arrived += seen.what == SEEN_DATA && seen.af == V4 && seen.group == GROUP;
	while (end_see(&b->source, 0, &seen)) {
		unsigned at = 0, group;

		while (next_wanted(&seen, &at, &group))
			b->believed += group - JUNK < b->junk;
	}
}

int main(int argc, char **argv)
{
	struct kind kind = { V4, 3 };
	struct bench b = { 0 };
	unsigned rate, sent = 0;
	int64_t start, took, cpu, time;

	if (argc != 6) {
		fprintf(stderr, "junk: see the head of its source for the words\n");
		return 2;
	}
	rate = strtoul(argv[1], NULL, 10);
	time = strtoul(argv[2], NULL, 10) * NS_SEC;
	b.source = end_open(argv[3]);
	b.listener = end_open(argv[4]);
	host_joins(&b.listener, &kind, 0, GROUP);
	for (int64_t until = now_ns() + PATIENCE; !b.arrived && now_ns() < until;) {
		stream_send(&b.source, V4, GROUP, 0);
		pause_ns(NS_MS);
		note(&b);
	}
	pause_ns(PATIENCE);
	note(&b);
	b.arrived = b.believed = 0;
	cpu = cpu_ns(argv[5]);
	start = now_ns();
	while ((took = now_ns() - start) < time) {
		for (; sent < took * RATE / NS_SEC; sent++)
			stream_send(&b.source, V4, GROUP, sent);
		for (; b.junk < took * rate / NS_SEC; b.junk++)
			send_junk(&b, b.junk);
		note(&b);
		pause_ns(NS_MS / 10);
	}
	cpu = cpu_ns(argv[5]) - cpu;
	pause_ns(PATIENCE);
	note(&b);
	printf("%u %d %.1f %u\n", sent, (int)(sent - b.arrived), 1000.0 * cpu / took, b.believed);
	return 0;
}
