/* phyint.h - `phyint` lines: what the configuration says of interfaces, by name or pattern
 *
 * What a line says is kept as text, keyword by keyword with the table that knows it, and applied
 * when somebody asks for an interface. So later lines add to and overrule earlier ones, and a line
 * holds for an interface that comes later.
 */
#ifndef SMCKIT_PHYINT_H
#define SMCKIT_PHYINT_H

#include <libite/queue.h>

#include "lib/module.h"

/* One keyword of a line with its arguments; a line without any is one without a table. */
struct phyint {
	TAILQ_ENTRY(phyint) link;
	const struct keyword *table; /* not ours */
	char name[IFNAME_SIZE];	     /* may be a pattern */
	char text[];
};

TAILQ_HEAD(phyints, phyint);

/* What the core itself wants to know. */
struct phyint_core {
	bool disabled;	   /* never a vif */
	uint8_t threshold; /* a packet's TTL must be above it to leave here (IPv4); 0: the least */
};

extern const struct keyword phyint_keywords[];

/* As if the first line were `phyint + disable`. */
void phyint_disable_all(struct phyints *list);

/* Appends what was said by the words number @from up to the next one that is to be taken. */
void phyint_add(struct phyints *list, const char *name, const struct keyword *table,
		const struct words *w, unsigned from);

/* Whether any line is about the interface. */
bool phyint_names(const struct phyints *list, const char *name);

/* Puts into @fields, all that lines say of the interface by keywords of @table. */
void phyint_apply(const struct phyints *list, const char *name, const struct keyword *table,
		  void *fields);

/* Frees the list's members. */
void phyints_free(struct phyints *list);

#endif
