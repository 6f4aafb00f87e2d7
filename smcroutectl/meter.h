/* meter.h - test packets: their form, and what can be told from those that arrive
 *
 * A datagram is, in network byte order: magic (4 bytes), version 1 (1), zeros (3), stream (4),
 * number (8), time (8), and padding. Streams are told apart by their sender and by the random
 * number that it chose; the numbers of a stream count from 0. The time is the sender's
 * CLOCK_REALTIME in ns: a delay is true on one host, and between hosts as far as clocks agree.
 */
#ifndef SMCKIT_METER_H
#define SMCKIT_METER_H

#include "lib/cursor.h"
#include "lib/util.h"

#define PROBE_SIZE 28

struct probe {
	uint32_t stream;
	uint64_t number;
	int64_t time;
};

void probe_encode(struct wr *w, const struct probe *probe);

/* False if it is not one of ours. */
bool probe_decode(struct rd r, struct probe *probe);

/* How many of the last numbers are remembered, to tell a duplicate from a straggler. */
#define METER_WINDOW 65536

#define METER_STREAMS 64

/* Delays in buckets of 1/32 of their size */
#define METER_BUCKETS (60 * 32)

struct meter_stream {
	struct ip source;
	uint32_t id;
	uint64_t first, last; /* numbers, lowest and highest */
	uint64_t packets;     /* without duplicates */
	uint64_t seen[METER_WINDOW / 64];
};

struct meter {
	struct meter_stream *stream[METER_STREAMS]; /* owned */
	unsigned nstreams;
	uint64_t packets, bytes;
	uint64_t duplicated, reordered;
	uint64_t unnumbered; /* not ours, or of one stream too many */
	uint64_t ndelays;
	int64_t delay_min, delay_max;
	uint64_t delay[METER_BUCKETS];
};

void meter_free(struct meter *m);

/* A datagram of @bytes came; @probe is NULL if it is not ours. */
void meter_packet(struct meter *m, struct ip source, size_t bytes, const struct probe *probe,
		  int64_t arrival);

/* Numbers between the first and the last of the stream that did not come. */
uint64_t meter_stream_lost(const struct meter_stream *s);

uint64_t meter_lost(const struct meter *m);

/* The delay in ns that @permille of all packets did not exceed, to 3 %; 0 if there was none. */
int64_t meter_delay(const struct meter *m, unsigned permille);

#endif
