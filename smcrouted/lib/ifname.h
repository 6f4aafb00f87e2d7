/* ifname.h - names of interfaces, and patterns of names: the start of a name, then + or * */
#ifndef SMCKIT_IFNAME_H
#define SMCKIT_IFNAME_H

#include <stdbool.h>
#include <string.h>

/* Room for a name or a pattern, with its end. */
#define IFNAME_SIZE 16

/* Whether it stands for all interfaces whose names begin like it. */
static inline bool ifname_is_pattern(const char *name)
{
	size_t len = strlen(name);

	return len && (name[len - 1] == '+' || name[len - 1] == '*');
}

/* Whether what is written, a name or a pattern, means the interface. */
static inline bool ifname_matches(const char *written, const char *name)
{
	if (!ifname_is_pattern(written))
		return !strcmp(written, name);
	return !strncmp(written, name, strlen(written) - 1);
}

#endif
