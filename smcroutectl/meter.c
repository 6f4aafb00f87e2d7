/* meter.c - test packets: their form, and what can be told from those that arrive */
#include <stdlib.h>

#include "meter.h"

#define MAGIC 0x736d636bu /* "smck" */
#define PROBE_VERSION 1

static void wr_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, v >> 32);
	wr_u32(w, v);
}

static uint64_t rd_u64(struct rd *r)
{
	uint64_t high = rd_u32(r);

	return high << 32 | rd_u32(r);
}

void probe_encode(struct wr *w, const struct probe *probe)
{
	wr_u32(w, MAGIC);
	wr_u32(w, (uint32_t)PROBE_VERSION << 24);
	wr_u32(w, probe->stream);
	wr_u64(w, probe->number);
	wr_u64(w, probe->time);
}

bool probe_decode(struct rd r, struct probe *probe)
{
	bool ours = rd_u32(&r) == MAGIC;

	ours &= rd_u8(&r) == PROBE_VERSION;
	rd_skip(&r, 3);
	probe->stream = rd_u32(&r);
	probe->number = rd_u64(&r);
	probe->time = rd_u64(&r);
	return ours && !r.bad;
}

void meter_free(struct meter *m)
{
	for (unsigned i = 0; i < m->nstreams; i++)
		free(m->stream[i]);
	*m = (struct meter){ 0 };
}

/* Streams that are busy move to the front. NULL if there are too many. */
static struct meter_stream *find(struct meter *m, struct ip source, const struct probe *probe)
{
	struct meter_stream *s;

	for (unsigned i = 0; i < m->nstreams; i++) {
		s = m->stream[i];
		if (s->id != probe->stream || !ip_eq(s->source, source))
			continue;
		if (i) {
			m->stream[i] = m->stream[i - 1];
			m->stream[i - 1] = s;
		}
		return s;
	}
	if (m->nstreams == METER_STREAMS)
		return NULL;
	s = m->stream[m->nstreams++] = xcalloc(1, sizeof(*s));
	s->source = source;
	s->id = probe->stream;
	s->first = s->last = probe->number;
	return s;
}

static uint64_t *word_of(struct meter_stream *s, uint64_t number)
{
	return &s->seen[number % METER_WINDOW / 64];
}

static uint64_t bit_of(uint64_t number)
{
	return (uint64_t)1 << number % 64;
}

/* The window moves on to a higher number. */
static void advance(struct meter_stream *s, uint64_t number)
{
	if (number - s->last >= METER_WINDOW)
		memset(s->seen, 0, sizeof(s->seen));
	else
		for (uint64_t n = s->last + 1; n <= number; n++)
			*word_of(s, n) &= ~bit_of(n);
	s->last = number;
}

/* False for a duplicate. What is older than the window cannot be told from a straggler. */
static bool count(struct meter *m, struct meter_stream *s, uint64_t number)
{
	bool late = number < s->last;

	if (number > s->last)
		advance(s, number);
	if (s->last - number < METER_WINDOW) {
		if (*word_of(s, number) & bit_of(number)) {
			m->duplicated++;
			return false;
		}
		*word_of(s, number) |= bit_of(number);
	}
	if (number < s->first)
		s->first = number;
	m->reordered += late;
	s->packets++;
	return true;
}

static unsigned bucket_of(int64_t delay)
{
	unsigned exponent;

	if (delay < 32)
		return delay < 0 ? 0 : delay;
	exponent = 63 - __builtin_clzll(delay);
	return (exponent - 4) * 32 + (delay >> (exponent - 5) & 31);
}

/* The middle of a bucket */
static int64_t delay_of(unsigned bucket)
{
	unsigned shift = bucket / 32 ? bucket / 32 - 1 : 0;

	if (bucket < 32)
		return bucket;
	return ((int64_t)(32 + bucket % 32) << shift) + ((int64_t)1 << shift) / 2;
}

void meter_packet(struct meter *m, struct ip source, size_t bytes, const struct probe *probe,
		  int64_t arrival)
{
	struct meter_stream *s = probe ? find(m, source, probe) : NULL;
	int64_t delay;

	m->packets++;
	m->bytes += bytes;
	if (!s) {
		m->unnumbered++;
		return;
	}
	if (!count(m, s, probe->number))
		return;
	delay = (int64_t)((uint64_t)arrival - (uint64_t)probe->time);
	if (!m->ndelays || delay < m->delay_min)
		m->delay_min = delay;
	if (!m->ndelays || delay > m->delay_max)
		m->delay_max = delay;
	m->ndelays++;
	m->delay[bucket_of(delay)]++;
}

uint64_t meter_stream_lost(const struct meter_stream *s)
{
	return s->last - s->first + 1 - s->packets;
}

uint64_t meter_lost(const struct meter *m)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < m->nstreams; i++)
		lost += meter_stream_lost(m->stream[i]);
	return lost;
}

int64_t meter_delay(const struct meter *m, unsigned permille)
{
	uint64_t rank = m->ndelays - m->ndelays * (1000 - permille) / 1000, n = 0;
	int64_t delay;
	unsigned i = 0;

	if (!m->ndelays)
		return 0;
	while (i < METER_BUCKETS - 1 && (n += m->delay[i]) < rank)
		i++;
	delay = delay_of(i);
	if (delay < m->delay_min)
		return m->delay_min;
	return delay > m->delay_max ? m->delay_max : delay;
}
