/* fuzz.h - what fuzz targets share
 *
 * A target is one function that is given any bytes and ends the process when something is wrong.
 * libFuzzer calls it with inputs of its own making, replay.c with those that were kept.
 */
#ifndef SMCKIT_FUZZ_H
#define SMCKIT_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What must hold whatever the input is. */
#define MUST(condition)                                                                         \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                \
		}                                                                               \
	} while (0)

/*
 * A copy to be freed, of just that size so that a sanitizer sees a step beyond it, and aligned
 * for anything.
 */
static inline void *fuzz_copy(const void *data, size_t len)
{
	void *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, data, len);
	return copy;
}

/* The same with a NUL behind it. */
static inline char *fuzz_text(const void *data, size_t len)
{
	char *copy = xcalloc(len + 1, 1);

	if (len)
		memcpy(copy, data, len);
	return copy;
}

/* Numbers to make choices by that are not in the input itself: the same for the same input. */
static inline uint64_t fuzz_seed(const uint8_t *data, size_t len)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ data[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/*
 * Takes a section off the text: what stands before a line that is just "%%", or all that is left.
 * A copy to be freed, NULL behind the last.
 */
static inline char *fuzz_section(const char **at, const char *end)
{
	static const char mark[] = "\n%%\n";
	const char *start = *at, *stop;

	if (!start)
		return NULL;
	stop = memmem(start, end - start, mark, sizeof(mark) - 1);
	*at = stop ? stop + sizeof(mark) - 1 : NULL;
	return fuzz_text(start, stop ? (size_t)(stop + 1 - start) : (size_t)(end - start));
}

#endif
