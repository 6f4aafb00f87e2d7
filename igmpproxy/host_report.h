/* host_report.h - packs group records into as few reports as hold them (RFC 3376 4.2.16) */
#ifndef SMCKIT_GM_HOST_REPORT_H
#define SMCKIT_GM_HOST_REPORT_H

#include "host.h"

/* A report that grows until no more fits in; then it is sent, and the next begun. */
struct report {
	struct gm_host *host; /* not ours */
	size_t room, used;    /* bytes of the message */
	struct gm_record *record;
	unsigned nrecords;
	struct ip *source; /* of all its records */
	unsigned nsources;
};

/* Bytes of a record in a message. */
size_t report_record_size(enum af af, unsigned nsources);

/* Bytes for records in a full message. */
size_t report_payload(const struct gm_host *h);

void report_begin(struct report *r, struct gm_host *h);

/* Sends what is left, and ends. */
void report_end(struct report *r);

/* Whether a record of so many sources fits in, whole, before the report must be sent. */
bool report_fits(const struct report *r, unsigned nsources);

/*
 * Adds a record; the sources are copied. One that is too large for any message is split, but of
 * those that exclude, the sources that do not fit are left out.
 */
void report_put(struct report *r, enum gm_record_type type, struct ip group,
		const struct ip *source, unsigned nsources);

#endif
