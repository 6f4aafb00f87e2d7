/* msg_jp.c - Join/Prune, and Graft and Graft-Ack, which look the same */
#include <stdlib.h>

#include "msg_jp.h"

/* A message counts its groups in 8 bits. */
#define MAXGROUPS 255

static int compare(const void *a, const void *b)
{
	const struct msg_jp_source *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return ip_cmp(x->ip, y->ip);
}

unsigned msg_jp_sort(struct msg_jp_source *source, unsigned n)
{
	unsigned kept = 0, i;

	for (i = 1; i < n && compare(&source[i - 1], &source[i]) < 0; i++)
		;
	if (i >= n)
		return n;
	qsort(source, n, sizeof(*source), compare);
	for (i = 0; i < n; i++) {
		if (!i || compare(&source[i], &source[kept - 1]))
			source[kept++] = source[i];
	}
	return kept;
}

/* RFC 7761 4.9.1, 4.9.5.1: false if there is no such entry. */
static bool is_entry(struct ip ip, uint8_t flags, enum msg_jp_kind *kind)
{
	static const enum msg_jp_kind kinds[] = {
		[0] = JP_SG,
		[MSG_RPT] = JP_SG_RPT,
		[MSG_WC | MSG_RPT] = JP_STAR_G,
	};

	if (flags == MSG_WC)
		return false;
	*kind = kinds[flags];
	return msg_is_host(ip) || (*kind == JP_STAR_G && ip_is_any(ip));
}

/* Reads @n entries into @list, or over them if there is none; how many are in it. */
static unsigned decode_entries(struct msg_rd *r, unsigned n, struct msg_jp_source *list,
			       struct msg_jp *jp)
{
	unsigned kept = 0;

	while (n-- && !r->rd.bad) {
		enum msg_jp_kind kind;
		struct ip ip;
		uint8_t flags;
		bool good = msg_rd_any_source(r, &ip, &flags) && is_entry(ip, flags, &kind);

		if (list && good)
			list[kept++] = (struct msg_jp_source){ ip, kind };
		else if (list)
			jp->skipped++;
	}
	return list ? msg_jp_sort(list, kept) : 0;
}

/* Reads a list of a group, or over it. */
static unsigned decode_list(struct msg_rd *r, struct arena *arena, unsigned n, bool take,
			    const struct msg_jp_source **source, struct msg_jp *jp)
{
	struct msg_jp_source *list = NULL;

	if (rd_left(&r->rd) < n * msg_source_size(V4))
		r->rd.bad = true;
	if (r->rd.bad || !n)
		return 0;
	if (take) {
		list = arena_take(arena, n, sizeof(*list));
		if (!list)
			msg_fail(r, MSG_BAD_MEMORY);
	}
	*source = list;
	return decode_entries(r, n, list, jp);
}

/* False if it was read over. */
static bool decode_group(struct msg_rd *r, struct arena *arena, struct msg_jp_group *group,
			 struct msg_jp *jp)
{
	struct msg_range range;
	bool take = msg_rd_any_range(r, &range) && prefix_is_host(&range.prefix) &&
		    msg_is_group(range.prefix.ip);
	unsigned njoins = rd_u16(&r->rd), nprunes = rd_u16(&r->rd);

	*group = (struct msg_jp_group){ .group = take ? range.prefix.ip : ip_any(V4) };
	group->njoins = decode_list(r, arena, njoins, take, &group->join, jp);
	group->nprunes = decode_list(r, arena, nprunes, take, &group->prune, jp);
	return take;
}

enum msg_bad msg_jp_decode(struct msg_rd *r, struct arena *arena, struct msg_jp *jp)
{
	struct msg_jp_group *group;
	unsigned n;

	*jp = (struct msg_jp){ .type = r->type, .upstream = msg_rd_unicast(r) };
	if (ip_is_multicast(jp->upstream))
		msg_fail(r, MSG_BAD_ADDRESS);
	rd_skip(&r->rd, 1);
	n = rd_u8(&r->rd);
	jp->holdtime = msg_rd_holdtime(&r->rd);
	if (r->rd.bad)
		return msg_end(r);
	group = arena_take(arena, n, sizeof(*group));
	if (n && !group)
		return MSG_BAD_MEMORY;
	jp->group = group;
	while (n-- && !r->rd.bad) {
		if (decode_group(r, arena, &group[jp->ngroups], jp))
			jp->ngroups++;
		else
			jp->skipped++;
	}
	return msg_end(r);
}

static unsigned least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void encode_entries(struct wr *w, const struct msg_jp *jp,
			   const struct msg_jp_source *source, unsigned from, unsigned n)
{
	static const uint8_t flags[] = {
		[JP_STAR_G] = MSG_WC | MSG_RPT,
		[JP_SG_RPT] = MSG_RPT,
		[JP_SG] = 0,
	};

	for (unsigned i = from; i < from + n; i++)
		msg_wr_source(w, source[i].ip,
			      flags[source[i].kind] | (jp->dense ? 0 : MSG_SPARSE));
}

/* How many entries there is room for in one more group. */
static size_t room(const struct wr *w, enum af af)
{
	size_t before = msg_group_size(af) + 4, left = wr_left(w);

	return left > before ? (left - before) / msg_source_size(af) : 0;
}

/*
 * Puts the group at @at, or what of it there is room for. False if there is none, or if there may
 * be some in the next message for what must not be split, unless this is the @first.
 */
static bool encode_group(struct wr *w, const struct msg_jp *jp, struct msg_jp_place *at, bool first)
{
	const struct msg_jp_group *g = &jp->group[at->group];
	unsigned fit = least(room(w, ip_family(g->group)), UINT16_MAX);
	bool star = !at->join && g->njoins && g->join[0].kind == JP_STAR_G;
	unsigned rpt = 0, cut, njoins, nprunes;

	while (star && rpt < g->nprunes && g->prune[rpt].kind != JP_SG)
		rpt++;
	if (!fit || (!first && fit < star + rpt))
		return false;
	cut = star + rpt > fit ? star + rpt - fit : 0;
	njoins = least(g->njoins - at->join, fit - (rpt - cut));
	nprunes = least(g->nprunes - at->prune, fit - njoins);
	msg_wr_group(w, g->group);
	wr_u16(w, njoins);
	wr_u16(w, nprunes);
	encode_entries(w, jp, g->join, at->join, njoins);
	encode_entries(w, jp, g->prune, at->prune, nprunes);
	at->cut += cut;
	at->join += njoins;
	at->prune += nprunes + cut;
	if (at->join == g->njoins && at->prune == g->nprunes) {
		at->group++;
		at->join = at->prune = 0;
	}
	return true;
}

/* Leaves out groups of which nothing is said; whether one is left. */
static bool has_more(const struct msg_jp *jp, struct msg_jp_place *at)
{
	while (at->group < jp->ngroups && !jp->group[at->group].njoins &&
	       !jp->group[at->group].nprunes)
		at->group++;
	at->end = at->group >= jp->ngroups;
	return !at->end;
}

size_t msg_jp_encode(const struct msg_ends *ends, const struct msg_jp *jp, struct msg_jp_place *at,
		     void *data, size_t size)
{
	struct wr w = msg_begin(jp->type, 0, data, size), count;
	struct msg_jp_place next;
	unsigned n = 0;
	size_t len;

	if (!has_more(jp, at))
		return 0;
	next = *at;
	msg_wr_unicast(&w, jp->upstream);
	wr_u8(&w, 0);
	count = w;
	wr_u8(&w, 0);
	msg_wr_holdtime(&w, jp->holdtime);
	while (n < MAXGROUPS && has_more(jp, &next) && encode_group(&w, jp, &next, !n))
		n++;
	w.full |= !n;
	wr_u8(&count, n);
	has_more(jp, &next);
	len = msg_close(ends, &w);
	if (len)
		*at = next;
	return len;
}
