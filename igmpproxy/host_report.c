/* host_report.c - packs group records into as few reports as hold them (RFC 3376 4.2.16)
 *
 * RFC 3810 5.2.15 says the same of MLD.
 */
#include <stdlib.h>

#include "codec.h"
#include "host_report.h"

/* Bytes of what a report is made of (RFC 3376 4.2, RFC 3810 5.2). */
static const struct {
	unsigned min_mtu;
	size_t header, record, source;
} sizes[NFAMILIES] = {
	[V4] = { 68, 8, 8, 4 },
	[V6] = { 1280, 8, 20, 16 },
};

/* Larger reports than these need a link of jumbo frames, and gain nothing more. */
#define MAX_MTU 9000

size_t report_record_size(enum af af, unsigned nsources)
{
	return sizes[af].record + nsources * sizes[af].source;
}

static size_t message_room(const struct gm_host *h)
{
	unsigned mtu = h->conf.mtu;

	mtu = mtu < sizes[h->af].min_mtu ? sizes[h->af].min_mtu : mtu;
	return gm_room(h->af, mtu < MAX_MTU ? mtu : MAX_MTU);
}

size_t report_payload(const struct gm_host *h)
{
	return message_room(h) - sizes[h->af].header;
}

void report_begin(struct report *r, struct gm_host *h)
{
	size_t payload = report_payload(h);

	*r = (struct report){ .host = h, .room = message_room(h), .used = sizes[h->af].header };
	r->record = xcalloc(payload / sizes[h->af].record, sizeof(*r->record));
	r->source = xcalloc(payload / sizes[h->af].source, sizeof(*r->source));
}

static void flush(struct report *r)
{
	struct gm_host *h = r->host;
	struct gm_message m = {
		.type = GM_REPORT_V3,
		.version = 3,
		.group = ip_any(h->af),
		.record = r->record,
		.nrecords = r->nrecords,
	};

	h->counts.sent++;
	h->send(h, &m);
	r->used = sizes[h->af].header;
	r->nrecords = r->nsources = 0;
}

void report_end(struct report *r)
{
	if (r->nrecords)
		flush(r);
	free(r->record);
	free(r->source);
}

bool report_fits(const struct report *r, unsigned nsources)
{
	return report_record_size(r->host->af, nsources) <= r->room - r->used;
}

static bool excludes(enum gm_record_type type)
{
	return type == MODE_IS_EXCLUDE || type == CHANGE_TO_EXCLUDE_MODE;
}

void report_put(struct report *r, enum gm_record_type type, struct ip group,
		const struct ip *source, unsigned nsources)
{
	enum af af = r->host->af;

	do {
		unsigned n = nsources;

		if (r->nrecords && !report_fits(r, nsources))
			flush(r);
		if (!report_fits(r, n))
			n = (r->room - r->used - sizes[af].record) / sizes[af].source;
		r->record[r->nrecords++] = (struct gm_record){
			.type = type,
			.group = group,
			.source = r->source + r->nsources,
			.nsources = n,
		};
		for (unsigned i = 0; i < n; i++)
			r->source[r->nsources++] = source[i];
		r->used += report_record_size(af, n);
		source += n;
		nsources -= n;
	} while (nsources && !excludes(type));
}
