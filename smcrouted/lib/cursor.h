/* cursor.h - reading and writing packets: bounds-checked, the first error is latched
 *
 * A reader that ran over its end yields zeros and says so in @bad, a writer that is full
 * writes nothing more: a codec reads like the packet's picture and is checked once at its end.
 */
#ifndef SMCKIT_CURSOR_H
#define SMCKIT_CURSOR_H

#include "ip.h"

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

struct wr {
	uint8_t *start, *p, *end;
	bool full;
};

static inline struct rd rd_init(const void *data, size_t len)
{
	return (struct rd){ .p = data, .end = (const uint8_t *)data + len };
}

/* Bytes still to be read; 0 once bad. */
static inline size_t rd_left(const struct rd *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->p);
}

/* Takes @n bytes, or latches the error and returns NULL for good. */
static inline const uint8_t *rd_take(struct rd *r, size_t n)
{
	const uint8_t *at = r->p;

	if (r->bad || rd_left(r) < n) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return at;
}

static inline void rd_skip(struct rd *r, size_t n)
{
	rd_take(r, n);
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_take(r, 1);

	return p ? p[0] : 0;
}

/* Integers are in network byte order. */
static inline uint16_t rd_u16(struct rd *r)
{
	const uint8_t *p = rd_take(r, 2);

	return p ? p[0] << 8 | p[1] : 0;
}

static inline uint32_t rd_u32(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3] : 0;
}

/* An address of the family; an IPv4-mapped one on the wire is an error. */
static inline struct ip rd_ip(struct rd *r, enum af af)
{
	const uint8_t *p = rd_take(r, af_size(af));
	struct ip ip = p ? ip_from_wire(af, p) : ip_any(af);

	if (ip_family(ip) != af) {
		r->bad = true;
		return ip_any(af);
	}
	return ip;
}

/* The next @n bytes as a cursor of their own, which is bad if there are fewer. */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	return r->bad ? (struct rd){ .bad = true } : rd_init(p, n);
}

static inline struct wr wr_init(void *buf, size_t size)
{
	return (struct wr){ .start = buf, .p = buf, .end = (uint8_t *)buf + size };
}

/* Bytes written so far. */
static inline size_t wr_len(const struct wr *w)
{
	return w->p - w->start;
}

/* Bytes that there is room for; 0 once full. */
static inline size_t wr_left(const struct wr *w)
{
	return w->full ? 0 : (size_t)(w->end - w->p);
}

/* Room for @n bytes, or NULL and full for good. */
static inline uint8_t *wr_take(struct wr *w, size_t n)
{
	uint8_t *at = w->p;

	if (w->full || wr_left(w) < n) {
		w->full = true;
		return NULL;
	}
	w->p += n;
	return at;
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *p = wr_take(w, 1);

	if (p)
		p[0] = v;
}

static inline void wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *p = wr_take(w, 2);

	if (p)
		p[0] = v >> 8, p[1] = v;
}

static inline void wr_u32(struct wr *w, uint32_t v)
{
	uint8_t *p = wr_take(w, 4);

	if (p)
		p[0] = v >> 24, p[1] = v >> 16, p[2] = v >> 8, p[3] = v;
}

static inline void wr_bytes(struct wr *w, const void *data, size_t n)
{
	uint8_t *p = wr_take(w, n);

	if (p && n)
		memcpy(p, data, n);
}

static inline void wr_ip(struct wr *w, enum af af, struct ip ip)
{
	wr_bytes(w, ip_wire(&ip, af), af_size(af));
}

#endif
