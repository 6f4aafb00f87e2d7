/* track.h - which hosts want what of a group: exact host tracking (RFC 6636 3)
 *
 * An entry is a host that wants a source, or one in EXCLUDE mode, which may want any. It proves
 * something only by its absence: that nobody else wants what a host leaves. So where a host could
 * not be entered, the group is blind until all members must have reported again. IGMPv1, IGMPv2 and
 * MLDv1 hosts keep silent when they hear one another: with them there is no proof either.
 */
#ifndef SMCKIT_GM_TRACK_H
#define SMCKIT_GM_TRACK_H

#include "message.h"

struct gm_tracked {
	struct ip source; /* zero: the host is in EXCLUDE mode */
	struct ip host;
	int64_t due; /* the host must have reported again by then */
};

struct gm_track {
	struct gm_tracked *entry; /* owned; by source, then host */
	unsigned n;
	int64_t oldest; /* no entry is due before */
	int64_t blind;	/* until then */
};

void gm_track_free(struct gm_track *k);

/*
 * What a record of @host says; its entries are due at @due. Up to @room entries may be added: who
 * has no place makes the group blind until @due, as a host without an address does. Returns how
 * many had no place.
 */
unsigned gm_track_record(struct gm_track *k, struct ip host, const struct gm_record *r, int64_t now,
			 int64_t due, unsigned room);

/* Both are asked at the time of a record. Whether somebody wants the whole group, or may. */
bool gm_track_wants_group(const struct gm_track *k, int64_t now);

/* Whether somebody wants the source, or may; what @host in EXCLUDE mode may want is left out. */
bool gm_track_wants(const struct gm_track *k, struct ip source, struct ip host, int64_t now);

#endif
