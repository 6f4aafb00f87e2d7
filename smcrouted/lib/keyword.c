/* keyword.c - keyword tables and the parsers of their values */
#include <string.h>

#include "keyword.h"

const struct keyword *keyword_find(const struct keyword *table, const char *name)
{
	for (; table->name; table++) {
		if (!strcmp(table->name, name))
			return table;
	}
	return NULL;
}

static void *field(const struct keyword *k, void *object)
{
	return (char *)object + k->offset;
}

int keyword_flag(struct words *w, const struct keyword *k, void *object)
{
	(void)w;
	*(bool *)field(k, object) = true;
	return 0;
}

int keyword_off(struct words *w, const struct keyword *k, void *object)
{
	(void)w;
	*(bool *)field(k, object) = false;
	return 0;
}

int keyword_u8(struct words *w, const struct keyword *k, void *object)
{
	int64_t n;

	if (words_number(w, k->name, k->min, k->max, &n))
		return -1;
	*(uint8_t *)field(k, object) = n;
	return 0;
}

int keyword_u32(struct words *w, const struct keyword *k, void *object)
{
	int64_t n;

	if (words_number(w, k->name, k->min, k->max, &n))
		return -1;
	*(uint32_t *)field(k, object) = n;
	return 0;
}

int keyword_seconds(struct words *w, const struct keyword *k, void *object)
{
	int64_t n;

	if (words_number(w, k->name, k->min, k->max, &n))
		return -1;
	*(int64_t *)field(k, object) = SEC(n);
	return 0;
}

int keyword_decimal(struct words *w, const struct keyword *k, void *object)
{
	return words_seconds(w, k->name, k->min, k->max, field(k, object));
}
