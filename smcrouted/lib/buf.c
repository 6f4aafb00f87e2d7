/* buf.c - a growing queue of bytes */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

char *buf_room(struct buf *buf, size_t n)
{
	if (buf->start && buf->size - buf->end < n) {
		memmove(buf->data, buf->data + buf->start, buf_len(buf));
		buf->end -= buf->start;
		buf->start = 0;
	}
	if (buf->size - buf->end < n) {
		buf->size = buf->size * 2 > buf->end + n ? buf->size * 2 : buf->end + n;
		buf->data = xrealloc(buf->data, buf->size);
	}
	return buf->data + buf->end;
}

void buf_add(struct buf *buf, const void *data, size_t n)
{
	if (!n)
		return;
	memcpy(buf_room(buf, n), data, n);
	buf_grow(buf, n);
}

void buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_vprintf(struct buf *buf, const char *fmt, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	vsnprintf(buf_room(buf, n + 1), n + 1, fmt, args);
	buf_grow(buf, n);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vprintf(buf, fmt, args);
	va_end(args);
}

void buf_take(struct buf *buf, size_t n)
{
	buf->start += n;
	if (buf->start == buf->end)
		buf->start = buf->end = 0;
}
