/* translation.c - a configuration in another grammar, as lines of our own */
#include <string.h>

#include "translation.h"

void translation_add(struct translation *t, struct origin from, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vprintf(&t->text, fmt, args);
	va_end(args);
	buf_add(&t->text, "\n", 1);
	buf_add(&t->origins, &from, sizeof(from));
}

bool translation_origin(struct buf *origins, struct origin *from)
{
	if (!buf_len(origins))
		return false;
	memcpy(from, buf_at(origins), sizeof(*from));
	buf_take(origins, sizeof(*from));
	return true;
}

void translation_free(struct translation *t)
{
	buf_free(&t->text);
	buf_free(&t->origins);
}
