/* buf.h - a growing queue of bytes: written at its end, taken from its front */
#ifndef SMCKIT_BUF_H
#define SMCKIT_BUF_H

#include <stdarg.h>

#include "util.h"

struct buf {
	char *data;	   /* owned */
	size_t start, end; /* what is held is data[start] to data[end - 1] */
	size_t size;
};

void buf_free(struct buf *buf);

static inline size_t buf_len(const struct buf *buf)
{
	return buf->end - buf->start;
}

/* The first byte held; never NULL. */
static inline const char *buf_at(const struct buf *buf)
{
	return buf->data ? buf->data + buf->start : "";
}

/* Room for @n bytes at the end; they count only after buf_grow(). */
char *buf_room(struct buf *buf, size_t n);

static inline void buf_grow(struct buf *buf, size_t n)
{
	buf->end += n;
}

void buf_add(struct buf *buf, const void *data, size_t n);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF(2, 3);
void buf_vprintf(struct buf *buf, const char *fmt, va_list args) PRINTF(2, 0);

/* Drops the first @n bytes. */
void buf_take(struct buf *buf, size_t n);

#endif
