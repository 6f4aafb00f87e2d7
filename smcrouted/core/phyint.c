/* phyint.c - `phyint` lines: what the configuration says of interfaces, by name or pattern */
#include <stdlib.h>
#include <string.h>

#include "phyint.h"

#define FIELD(member) offsetof(struct phyint_core, member)

const struct keyword phyint_keywords[] = {
	{ "enable", "", "take part in multicast routing, as all do that routes name", keyword_off,
	  FIELD(disabled), 0, 0 },
	{ "disable", "", "never take part in multicast routing", keyword_flag, FIELD(disabled), 0,
	  0 },
	{ "ttl-threshold", "NUM", "least TTL with which IPv4 packets leave", keyword_u8,
	  FIELD(threshold), 1, 255 },
	{ "threshold", "NUM", "the same", keyword_u8, FIELD(threshold), 1, 255 },
	{ 0 },
};

void phyint_add(struct phyints *list, const char *name, const struct keyword *table,
		const struct words *w, unsigned from)
{
	struct buf text = { 0 };
	struct phyint *p;

	for (unsigned i = from; i < w->next && i < w->n; i++) {
		buf_puts(&text, i > from ? " " : "");
		buf_puts(&text, w->word[i]);
	}
	buf_add(&text, "", 1);
	p = xcalloc(1, sizeof(*p) + buf_len(&text));
	p->table = table;
	memcpy(p->name, name, strlen(name) + 1);
	memcpy(p->text, buf_at(&text), buf_len(&text));
	buf_free(&text);
	TAILQ_INSERT_TAIL(list, p, link);
}

void phyint_disable_all(struct phyints *list)
{
	static const char text[] = "disable";
	struct phyint *p = xcalloc(1, sizeof(*p) + sizeof(text));

	p->table = phyint_keywords;
	strcpy(p->name, "+");
	memcpy(p->text, text, sizeof(text));
	TAILQ_INSERT_HEAD(list, p, link);
}

bool phyint_names(const struct phyints *list, const char *name)
{
	const struct phyint *p;

	TAILQ_FOREACH(p, list, link) {
		if (ifname_matches(p->name, name))
			return true;
	}
	return false;
}

/* Cannot fail: the same words were parsed when the line was read. */
static void apply(struct words *w, const struct phyint *p, void *fields)
{
	size_t len = strlen(p->text);
	char *text = xcalloc(1, len + 1);

	memcpy(text, p->text, len);
	if (words_split(w, text, len)) {
		const struct keyword *k = keyword_find(p->table, words_next(w));

		k->parse(w, k, fields);
	}
	free(text);
}

void phyint_apply(const struct phyints *list, const char *name, const struct keyword *table,
		  void *fields)
{
	struct words w = { 0 };
	const struct phyint *p;

	TAILQ_FOREACH(p, list, link) {
		if (p->table == table && ifname_matches(p->name, name))
			apply(&w, p, fields);
	}
	words_free(&w);
}

void phyints_free(struct phyints *list)
{
	struct phyint *p;

	while ((p = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, p, link);
		free(p);
	}
}
