/* show_rp.c - RPs: all that are known, or how that of a group is chosen */
#include <string.h>

#include "bsr.h"
#include "embedded.h"
#include "show.h"

/* Behind which mapping, or which RP within groups, a table is. */
struct place {
	uint8_t af, origin, mode, priority;
	bool within, embedded, is_begun;
	struct prefix range;
	struct ip rp;
};

_Static_assert(sizeof(struct place) < SHOW_KEY, "a place fits into a table's key");

static const char *const mode_name[] = {
	[RP_SPARSE] = "sparse", [RP_BIDIR] = "bidir", [RP_DENSE] = "dense"
};

static struct place place_of(const struct pim *pim, const struct rp_mapping *m)
{
	return (struct place){
		.af = pim->engine.af,
		.origin = m->origin,
		.mode = m->mode,
		.priority = m->priority,
		.within = true,
		.range = m->range,
		.rp = m->rp,
	};
}

static const struct rp_mapping *mapping_behind(const struct pim *pim, const struct place *at)
{
	struct rp_mapping key = {
		.range = at->range,
		.rp = at->rp,
		.priority = at->priority,
		.origin = at->origin,
		.mode = at->mode,
	};

	return at->within ? rp_behind(&pim->rps, &key) : rp_first(&pim->rps);
}

static void put_mapping(struct record *rec, const struct pim *pim, const struct rp_mapping *m)
{
	int64_t until = m->origin == RP_BSR ? store_until(pim, &m->range, m->rp) : m->until;

	record_str(rec, "group", prefix_str(&m->range));
	put_ip(rec, "rp_address", m->rp);
	record_str(rec, "origin", rp_origin_name(m->origin));
	record_str(rec, "mode", mode_name[m->mode]);
	record_u64(rec, "priority", m->priority);
	if (until)
		record_int(rec, "expiration", until - pim_clock(pim)->now);
	else
		record_str(rec, "expiration", NULL);
	put_way(rec, pim, target_find(pim, m->rp));
}

/* All mappings of one family; true if there are more than the budget. */
static bool put_mappings(struct show *s, const struct pim *pim, struct place *at)
{
	const struct rp_mapping *m = mapping_behind(pim, at);

	for (; m; m = rp_next(m)) {
		struct record rec;

		if (!s->budget)
			return true;
		s->budget--;
		rec = record_begin(s->out);
		put_mapping(&rec, pim, m);
		record_bool(&rec, "filtered",
			    m->origin != RP_STATIC && !rp_is_believed(&pim->rps, m->rp, m->range));
		record_end(&rec);
		*at = place_of(pim, m);
	}
	return false;
}

static void put_within(struct record *rec, const struct pim *pim, const char *groups, struct ip rp)
{
	record_str(rec, "group", groups);
	put_ip(rec, "rp_address", rp);
	record_str(rec, "origin", "embedded");
	record_str(rec, "mode", mode_name[RP_SPARSE]);
	record_str(rec, "priority", NULL);
	record_str(rec, "expiration", NULL);
	put_way(rec, pim, target_find(pim, rp));
}

/* RPs within groups that are in use; if the last one has gone, what is left is not told. */
static bool put_embedded(struct show *s, const struct pim *pim, struct place *at)
{
	const struct target *t = at->embedded ? target_find(pim, at->rp) : NULL;

	t = t ? TAILQ_NEXT(t, link) : at->embedded ? NULL : TAILQ_FIRST(&pim->target_list);
	for (; t; t = TAILQ_NEXT(t, link)) {
		struct record rec;

		if (!t->embedded)
			continue;
		if (!s->budget)
			return true;
		s->budget--;
		rec = record_begin(s->out);
		put_within(&rec, pim, "ff70::/12", t->ip);
		record_u64(&rec, "entries", t->embedded);
		record_end(&rec);
		*at = (struct place){ .af = pim->engine.af, .embedded = true, .rp = t->ip };
	}
	return false;
}

/* What speaks against a mapping that has the group, where @best holds. */
static void put_reason(struct record *rec, const struct pim *pim, const struct rp_mapping *m,
		       const struct rp_mapping *best, struct ip group)
{
	static const char *const reasons[] = {
		[RP_HOLDS] = "chosen",
		[RP_REFUSED] = "rp-filter does not let it be",
		[RP_UNREACHABLE] = "unreachable",
		[RP_NOT_STATIC] = "static ones come first",
		[RP_SHORTER] = "a shorter range",
		[RP_BY_MODE] = "another mode comes first",
		[RP_BY_ORIGIN] = "another origin comes first",
		[RP_BY_PRIORITY] = "a worse priority",
		[RP_BY_HASH] = "a lower hash",
		[RP_BY_ADDRESS] = "a lower address",
	};
	enum rp_verdict verdict = best ? rp_judge(&pim->rps, m, best, group) : RP_REFUSED;
	const char *reason = reasons[verdict];

	if (ssm_has(pim, group))
		reason = "the group is source-specific";
	else if (embedded_is(pim, group))
		reason = "the group has its RP within";
	else if (verdict == RP_HOLDS && m->mode != RP_SPARSE)
		reason = m->mode == RP_BIDIR ? "chosen: a bidirectional group has no RP here"
					     : "chosen: a dense group has no RP";
	record_bool(rec, "chosen", reason == reasons[RP_HOLDS]);
	record_str(rec, "reason", reason);
}

static void put_candidate(struct show *s, const struct pim *pim, const struct rp_mapping *m,
			  const struct rp_mapping *best, struct ip group)
{
	struct record rec = record_begin(s->out);

	put_mapping(&rec, pim, m);
	if (rp_is_hashed(m))
		record_u64(&rec, "hash", rp_hash(group, m->hash_len, m->rp));
	else
		record_str(&rec, "hash", NULL);
	put_reason(&rec, pim, m, best, group);
	record_end(&rec);
	show_spend(s);
}

/* Why no mapping is looked at, or that there is none. */
static void put_first(struct show *s, const struct pim *pim, const struct rp_mapping *best,
		      struct ip group)
{
	struct record rec;

	if (best && !ssm_has(pim, group) && !embedded_is(pim, group)) {
		put_candidate(s, pim, best, best, group);
		return;
	}
	rec = record_begin(s->out);
	if (embedded_is(pim, group)) {
		struct ip rp = pim_rp(pim, group);

		put_within(&rec, pim, ip_str(group), embedded_in(group));
		record_bool(&rec, "chosen", !ip_is_any(rp));
		record_str(&rec, "reason",
			   !ip_is_any(rp)		   ? "chosen: it is within the group"
			   : ip_is_any(embedded_in(group)) ? "no RP has such an address"
			   : rp_is_believed(&pim->rps, embedded_in(group),
					    (struct prefix){ group, 128 })
				   ? "embedded-rp has no room for it"
				   : "rp-filter does not let it be");
	} else {
		record_str(&rec, "group", ip_str(group));
		record_str(&rec, "rp_address", NULL);
		record_bool(&rec, "chosen", false);
		record_str(&rec, "reason",
			   ssm_has(pim, group) ? "the group is source-specific" : "no RP is known");
	}
	record_end(&rec);
}

/* What holds for the group, then all others that have it, as they come into question. */
static bool put_choice(struct show *s, const struct pim *pim, struct ip group, struct place *at)
{
	const struct rp_mapping *best = rp_choose(&pim->rps, group);
	const struct rp_mapping *m = mapping_behind(pim, at);
	bool is_first_told = !ssm_has(pim, group) && !embedded_is(pim, group);

	if (!at->within && !at->is_begun) {
		put_first(s, pim, best, group);
		at->is_begun = true;
	}
	for (; m; m = rp_next(m)) {
		if (!prefix_has(&m->range, group) || (m == best && is_first_told))
			continue;
		if (!s->budget)
			return true;
		put_candidate(s, pim, m, best, group);
		*at = place_of(pim, m);
	}
	return false;
}

bool show_rps(struct show *s, struct engines engines)
{
	const char *word = words_peek(&s->reader->words);
	struct place at;
	struct ip group;
	bool more;

	memcpy(&at, s->after, sizeof(at));
	if (word && ip_parse(word, &group)) {
		more = put_choice(s, pim_of(engines.af[ip_family(group)]), group, &at);
		memcpy(s->after, &at, sizeof(at));
		return more;
	}
	for (; at.af < NFAMILIES; at = (struct place){ .af = at.af + 1 }) {
		const struct pim *pim = pim_of(engines.af[at.af]);

		if ((!at.embedded && put_mappings(s, pim, &at)) || put_embedded(s, pim, &at))
			break;
	}
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}
