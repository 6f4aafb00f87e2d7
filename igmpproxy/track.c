/* track.c - which hosts want what of a group: exact host tracking (RFC 6636 3) */
#include <stdlib.h>

#include "lib/util.h"

#include "track.h"

/* These stand before all sources and hosts. */
static const struct ip any_source = { { 0 } }, nobody = { { 0 } };

static int entry_cmp(const struct gm_tracked *t, struct ip source, struct ip host)
{
	int order = ip_cmp(t->source, source);

	return order ? order : ip_cmp(t->host, host);
}

/* The place of the first entry that is not before that. */
static unsigned entry_at(const struct gm_track *k, struct ip source, struct ip host)
{
	unsigned lo = 0, hi = k->n;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (entry_cmp(&k->entry[mid], source, host) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_there(const struct gm_track *k, unsigned at, struct ip source, struct ip host)
{
	return at < k->n && !entry_cmp(&k->entry[at], source, host);
}

static void resize(struct gm_track *k, unsigned n)
{
	k->n = n;
	if (n) {
		k->entry = xrealloc(k->entry, n * sizeof(*k->entry));
		return;
	}
	free(k->entry);
	k->entry = NULL;
}

/* False: there is no room. */
static bool entry_add(struct gm_track *k, struct ip source, struct ip host, int64_t due, bool room)
{
	unsigned at = entry_at(k, source, host);

	if (!is_there(k, at, source, host)) {
		if (!room)
			return false;
		resize(k, k->n + 1);
		memmove(&k->entry[at + 1], &k->entry[at], (k->n - 1 - at) * sizeof(*k->entry));
		k->entry[at] = (struct gm_tracked){ source, host, 0 };
	}
	k->entry[at].due = due;
	if (due < k->oldest)
		k->oldest = due;
	return true;
}

static void entry_remove(struct gm_track *k, struct ip source, struct ip host)
{
	unsigned at = entry_at(k, source, host);

	if (!is_there(k, at, source, host))
		return;
	memmove(&k->entry[at], &k->entry[at + 1], (k->n - 1 - at) * sizeof(*k->entry));
	resize(k, k->n - 1);
}

/* Forgets all of the host, and whoever else was silent for too long. */
static void forget(struct gm_track *k, struct ip host, int64_t now)
{
	unsigned n = 0;

	k->oldest = INT64_MAX;
	for (unsigned i = 0; i < k->n; i++) {
		const struct gm_tracked *t = &k->entry[i];

		if (t->due <= now || ip_eq(t->host, host))
			continue;
		if (t->due < k->oldest)
			k->oldest = t->due;
		k->entry[n++] = *t;
	}
	if (n != k->n)
		resize(k, n);
}

void gm_track_free(struct gm_track *k)
{
	resize(k, 0);
}

unsigned gm_track_record(struct gm_track *k, struct ip host, const struct gm_record *r, int64_t now,
			 int64_t due, unsigned room)
{
	/* Several hosts may have no address (RFC 3376 4.2.13). */
	unsigned most = ip_is_any(host) ? 0 : k->n + room, refused = 0;

	if (k->oldest <= now)
		forget(k, nobody, now);
	switch (r->type) {
	case MODE_IS_EXCLUDE:
	case CHANGE_TO_EXCLUDE_MODE:
		forget(k, host, now);
		refused += !entry_add(k, any_source, host, due, k->n < most);
		break;
	case CHANGE_TO_INCLUDE_MODE:
		if (!r->nsources)
			forget(k, host, now);
		/* fall through */
	case MODE_IS_INCLUDE:
		entry_remove(k, any_source, host);
		/* fall through */
	case ALLOW_NEW_SOURCES:
		for (unsigned i = 0; i < r->nsources; i++)
			refused += !entry_add(k, r->source[i], host, due, k->n < most);
		break;
	case BLOCK_OLD_SOURCES:
		for (unsigned i = 0; i < r->nsources; i++)
			entry_remove(k, r->source[i], host);
		break;
	}
	if (refused)
		k->blind = due;
	return ip_is_any(host) ? 0 : refused;
}

/* Whether a host but this one has an entry for the source. */
static bool is_wanted(const struct gm_track *k, struct ip source, struct ip host)
{
	for (unsigned i = entry_at(k, source, nobody); i < k->n; i++) {
		const struct gm_tracked *t = &k->entry[i];

		if (!ip_eq(t->source, source))
			break;
		if (!ip_eq(t->host, host))
			return true;
	}
	return false;
}

bool gm_track_wants_group(const struct gm_track *k, int64_t now)
{
	return now < k->blind || is_wanted(k, any_source, nobody);
}

bool gm_track_wants(const struct gm_track *k, struct ip source, struct ip host, int64_t now)
{
	return now < k->blind || is_wanted(k, source, host) || is_wanted(k, any_source, host);
}
