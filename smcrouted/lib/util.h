/* util.h - the few helpers that every file needs
 *
 * Allocation never fails here: a daemon whose peers are bounded by configuration
 * limits runs out of memory only when the machine is broken, and then it stops.
 */
#ifndef SMCKIT_UTIL_H
#define SMCKIT_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NELEMS(array) (sizeof(array) / sizeof(0 [array]))

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Seconds as the milliseconds that all times are kept in. */
#define SEC(n) ((int64_t)(n)*1000)

/* Zeroed memory for @n objects of @size bytes; aborts when there is none. */
void *xcalloc(size_t n, size_t size);

/* realloc() that aborts when there is no memory; the new part is not cleared. */
void *xrealloc(void *p, size_t size);

/* A copy of @s to be freed. */
char *xstrdup(const char *s);

#endif
