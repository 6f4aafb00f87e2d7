/* msg_bsr.c - Bootstrap and Candidate-RP-Advertisement (RFC 5059 4) */
#include "lib/util.h"
#include "msg_bsr.h"

#define NO_FORWARD 0x80

/* A Candidate-RP-Advertisement counts its ranges in 8 bits. */
#define MAXRANGES 255

/* A scope zone of IPv6 is known by the first bits of its groups. */
#define ZONE_BITS 16

static size_t set_size(enum af af)
{
	return msg_group_size(af) + 4;
}

static size_t rp_size(enum af af)
{
	return msg_unicast_size(af) + 4;
}

static int64_t decode_seconds(struct rd *r)
{
	return SEC(rd_u16(r));
}

static void encode_seconds(struct wr *w, int64_t ms)
{
	wr_u16(w, ms < SEC(UINT16_MAX) ? (ms + 999) / 1000 : UINT16_MAX);
}

/* The RPs of a set that are in this fragment. */
static void decode_rps(struct msg_rd *r, struct arena *arena, struct msg_rp_set *set)
{
	struct msg_rp *rp;

	if (r->rd.bad)
		return;
	rp = arena_take(arena, set->nrps, sizeof(*rp));
	if (set->nrps && !rp) {
		msg_fail(r, MSG_BAD_MEMORY);
		return;
	}
	set->rp = rp;
	for (unsigned i = 0; i < set->nrps; i++, rp++) {
		rp->ip = msg_rd_host(r);
		rp->holdtime = decode_seconds(&r->rd);
		rp->priority = rd_u8(&r->rd);
		rd_skip(&r->rd, 1);
	}
}

static void decode_set(struct msg_rd *r, struct arena *arena, struct msg_rp_set *set)
{
	set->range = msg_rd_range(r);
	set->all = rd_u8(&r->rd);
	set->nrps = rd_u8(&r->rd);
	rd_skip(&r->rd, 2);
	if (set->nrps > set->all)
		r->rd.bad = true;
	decode_rps(r, arena, set);
}

enum msg_bad msg_bootstrap_decode(struct msg_rd *r, struct arena *arena, struct msg_bootstrap *m)
{
	enum af af = msg_af(&r->ends);
	struct msg_rp_set *set;
	unsigned most;

	*m = (struct msg_bootstrap){ .no_forward = r->flags & NO_FORWARD };
	m->tag = rd_u16(&r->rd);
	m->hash_len = rd_u8(&r->rd);
	m->priority = rd_u8(&r->rd);
	m->bsr = msg_rd_host(r);
	if (m->hash_len > af_bits(af))
		msg_fail(r, MSG_BAD_MASK);
	most = rd_left(&r->rd) / set_size(af);
	set = arena_take(arena, most, sizeof(*set));
	if (most && !set)
		return MSG_BAD_MEMORY;
	m->set = set;
	for (; rd_left(&r->rd) && m->nsets < most; m->nsets++)
		decode_set(r, arena, &set[m->nsets]);
	if (rd_left(&r->rd))
		r->rd.bad = true;
	if (m->nsets && set->range.zone && af == V6 && set->range.prefix.len < ZONE_BITS)
		msg_fail(r, MSG_BAD_MASK);
	return msg_end(r);
}

/* The range, and which RPs of it are here. */
static void encode_set(struct wr *w, const struct msg_rp_set *set, unsigned first, unsigned n)
{
	msg_wr_range(w, &set->range);
	wr_u8(w, set->all);
	wr_u8(w, n);
	wr_u16(w, 0);
	for (unsigned i = first; i < first + n; i++) {
		msg_wr_unicast(w, set->rp[i].ip);
		encode_seconds(w, set->rp[i].holdtime);
		wr_u8(w, set->rp[i].priority);
		wr_u8(w, 0);
	}
}

/* Puts the set at @at, or what of it there is room for if it is the first; false if none is. */
static bool encode_part(struct wr *w, enum af af, const struct msg_bootstrap *m,
			struct msg_bootstrap_place *at, bool first)
{
	const struct msg_rp_set *set = &m->set[at->set];
	unsigned left = set->nrps - at->rp, n = left;

	if (wr_left(w) < set_size(af))
		return false;
	if (wr_left(w) - set_size(af) < left * rp_size(af))
		n = (wr_left(w) - set_size(af)) / rp_size(af);
	if (n < left && (!first || !n))
		return false;
	encode_set(w, set, at->rp, n);
	at->rp += n;
	if (n == left) {
		at->set++;
		at->rp = 0;
	}
	return true;
}

size_t msg_bootstrap_encode(const struct msg_ends *ends, const struct msg_bootstrap *m,
			    struct msg_bootstrap_place *at, void *data, size_t size)
{
	struct wr w = msg_begin(MSG_BOOTSTRAP, m->no_forward ? NO_FORWARD : 0, data, size);
	struct msg_bootstrap_place next = *at;
	unsigned n = 0;
	size_t len;

	if (at->end)
		return 0;
	wr_u16(&w, m->tag);
	wr_u8(&w, m->hash_len);
	wr_u8(&w, m->priority);
	msg_wr_unicast(&w, m->bsr);
	if (m->nsets && m->set->range.zone && (at->set || at->rp))
		encode_set(&w, m->set, 0, 0);
	while (next.set < m->nsets && encode_part(&w, msg_af(ends), m, &next, !n))
		n++;
	w.full |= m->nsets && !n;
	next.end = next.set == m->nsets;
	len = msg_close(ends, &w);
	if (len)
		*at = next;
	return len;
}

enum msg_bad msg_candidate_decode(struct msg_rd *r, struct arena *arena, struct msg_candidate *m)
{
	struct msg_range *range;
	unsigned n = rd_u8(&r->rd);

	*m = (struct msg_candidate){ .priority = rd_u8(&r->rd) };
	m->holdtime = decode_seconds(&r->rd);
	m->rp = msg_rd_host(r);
	if (rd_left(&r->rd) < n * msg_group_size(msg_af(&r->ends)))
		r->rd.bad = true;
	if (r->rd.bad)
		return msg_end(r);
	range = arena_take(arena, n, sizeof(*range));
	if (n && !range)
		return MSG_BAD_MEMORY;
	m->range = range;
	for (; m->nranges < n; m->nranges++)
		range[m->nranges] = msg_rd_range(r);
	return msg_end(r);
}

size_t msg_candidate_encode(const struct msg_ends *ends, const struct msg_candidate *m,
			    unsigned *at, void *data, size_t size)
{
	struct wr w = msg_begin(MSG_CANDIDATE_RP, 0, data, size), count = w;
	size_t group = msg_group_size(msg_af(ends)), len;
	unsigned next = *at, n;

	wr_u8(&w, 0);
	wr_u8(&w, m->priority);
	encode_seconds(&w, m->holdtime);
	msg_wr_unicast(&w, m->rp);
	for (n = 0; n < MAXRANGES && next < m->nranges && wr_left(&w) >= group; n++)
		msg_wr_range(&w, &m->range[next++]);
	if (!n)
		return 0;
	wr_u8(&count, n);
	len = msg_close(ends, &w);
	if (len)
		*at = next;
	return len;
}
