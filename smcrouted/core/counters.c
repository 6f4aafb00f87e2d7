/* counters.c - show counters: what was done, refused and dropped, one row a counter
 *
 * The core's own come first, then those of engines and the kernel side, in an order that never
 * changes.
 */
#include "operate.h"

#define MFC(member) offsetof(struct mfc, counts.member)
#define ROUTER(member) offsetof(struct router, counts.member)

/* A counter of the core: where it stands, in struct mfc or struct router. */
struct row {
	const char *area, *name, *help;
	size_t offset;
};

static const struct row of_family[] = {
	{ "mfc", "upcalls", "packets that the kernel asked about", MFC(upcalls) },
	{ "mfc", "no-interface", "of them, dropped: from an interface that is not ours any more",
	  MFC(no_interface) },
	{ "mfc", "local", "of them, not routed: source or group never leaves its link",
	  MFC(local) },
	{ "mfc", "writes", "entries written to the kernel, or deleted from it", MFC(writes) },
	{ "mfc", "refused", "of them, refused by the kernel", MFC(refused) },
	{ "mfc", "lost", "entries that somebody else took out of the kernel", MFC(lost) },
	{ "mfc", "negative-limit", "unwanted sources that were one too many to be kept quiet",
	  MFC(negative_limit) },
	{ "packet", "passed", "protocol packets given to those who listen", MFC(packets) },
	{ "packet", "unwanted", "dropped: nobody listens for them there", MFC(unwanted) },
	{ 0 },
};

static const struct row of_router[] = {
	{ "control", "requests", "lines that clients sent", ROUTER(requests) },
	{ "control", "refused", "of them, answered by an error", ROUTER(refused) },
	{ "control", "deaf", "clients dropped: they did not read their events", ROUTER(deaf) },
	{ 0 },
};

static void put(struct show *s, const struct count *c)
{
	struct record rec = record_begin(s->out);

	record_str(&rec, "area", c->area);
	record_str(&rec, "family", c->family);
	record_str(&rec, "name", c->name);
	record_u64(&rec, "value", c->value);
	record_str(&rec, "help", c->help);
	record_end(&rec);
}

static void put_rows(struct show *s, const struct row *row, const char *family, const void *object)
{
	for (; row->area; row++)
		put(s, &(struct count){ row->area, family, row->name, row->help,
					*(const uint64_t *)(const void *)((const char *)object +
									  row->offset) });
}

/* What there is at the moment stands among what was counted. */
static void put_family(struct show *s, const struct mfc *m)
{
	const char *family = af_name(m->af);

	put(s, &(struct count){ "mfc", family, "entries", "streams known now", m->map.n });
	put(s, &(struct count){ "mfc", family, "negative", "of them, kept quiet: nobody wants them",
				m->nnegative });
	put_rows(s, of_family, family, m);
}

bool show_counters(struct show *s, struct engines engines)
{
	struct router *r = router_of(s->reader->host);
	struct record rec = record_begin(s->out);
	struct count count;

	(void)engines;
	record_str(&rec, "table", "counters");
	record_end(&rec);
	for (enum af af = V4; af <= V6; af++)
		put_family(s, &r->mfc[af]);
	put_rows(s, of_router, NULL, r);
	for (enum af af = V4; af <= V6; af++) {
		engines_foreach(r, l, e, af) {
			for (unsigned i = 0; l->module->count && l->module->count(e, i, &count);
			     i++)
				put(s, &count);
		}
	}
	for (unsigned i = 0; r->kern->op->count(r->kern, i, &count); i++)
		put(s, &count);
	return false;
}
