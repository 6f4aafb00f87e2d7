/* show.c - the table of interfaces where the router is announced */
#include <string.h>

#include "engine.h"

static void put_heading(struct show *s, struct engines engines)
{
	struct record rec = record_begin(s->out);
	struct host *host = s->reader->host;
	unsigned width = 3;

	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (mrd_of(engines.af[V4])->port[slot]) {
			unsigned len = strlen(host->op->ifname(host, slot));

			width = len > width ? len : width;
		}
	}
	record_str(&rec, "table", "mrd");
	record_u64(&rec, "width", width);
	record_end(&rec);
}

static void put_drops(struct record *rec, const struct port *p)
{
	static const char *const key[] = {
		[DROP_LENGTH] = "bad_length",
		[DROP_CHECKSUM] = "bad_checksum",
		[DROP_DESTINATION] = "bad_destination",
		[DROP_TTL] = "bad_ttl",
		[DROP_ALERT] = "no_alert",
		[DROP_SOURCE] = "bad_source",
	};
	uint64_t all = 0;

	for (unsigned i = 0; i < NDROPS; i++)
		all += p->dropped[i];
	record_u64(rec, "dropped", all);
	for (unsigned i = 0; i < NDROPS; i++) {
		if (p->dropped[i])
			record_u64(rec, key[i], p->dropped[i]);
	}
}

static void put_port(struct show *s, const struct port *p)
{
	const struct engine *e = &p->mrd->engine;
	struct record rec = record_begin(s->out);

	record_str(&rec, "interface", e->host->op->ifname(e->host, p->slot));
	record_str(&rec, "family", af_name(e->af));
	record_str(&rec, "state", port_state_name(p->state));
	record_str(&rec, "source", port_runs(p) ? ip_str(p->src) : NULL);
	if (port_runs(p))
		record_int(&rec, "next", timer_left(e->host->clock, &p->timer));
	else
		record_str(&rec, "next", NULL);
	record_int(&rec, "interval", p->settings.interval);
	record_u64(&rec, "advertisements", p->advertisements);
	record_u64(&rec, "terminations", p->terminations);
	record_u64(&rec, "failed", p->failed);
	record_u64(&rec, "solicitations", p->solicitations);
	put_drops(&rec, p);
	record_end(&rec);
}

/* The key is the number of the next row: two a slot, one for each family. */
bool mrd_show(struct show *s, struct engines engines)
{
	unsigned at;

	if (!s->stage) {
		put_heading(s, engines);
		s->stage = 1;
	}
	for (at = s->after[0]; at < MAXSLOTS * NFAMILIES && s->budget; at++) {
		const struct port *p = mrd_of(engines.af[at % NFAMILIES])->port[at / NFAMILIES];

		if (p) {
			s->budget--;
			put_port(s, p);
		}
	}
	s->after[0] = at;
	return at < MAXSLOTS * NFAMILIES;
}
