/* jp_send.c - Joins and Prunes of a turn leave at its end, in as few messages as hold them
 *
 * RFC 7761 4.5.6, 4.9.5. A burst, be it of one turn or of many, goes in parts, so that neither our
 * socket nor a neighbor's is flooded; what could not be sent is tried again.
 */
#include <stdlib.h>

#include "macros.h"

/* Messages in so many ms, and ms to another try. What has to wait goes together then. */
#define BURST 32
#define PAUSE 5
#define RETRY 20

/* Tries in a row of an interface that takes nothing; then the next period must do. */
#define TRIES 50

/* What is being sent. */
struct flush {
	struct pim *pim;
	struct msg_jp_group *group; /* owned */
	unsigned ngroups, groups_size;
	struct msg_jp_source *source; /* owned; of the groups, joins and then prunes of each */
	unsigned nsources, sources_size;
	unsigned left; /* messages that may go */
	bool has_failed;
};

void jp_send(struct pim *pim, unsigned slot, struct ip upstream, struct sg sg,
	     enum msg_jp_kind kind, bool prune)
{
	struct ip source = kind == JP_STAR_G ? pim_rp(pim, sg.grp) : sg.src;

	if (!pim_iface(pim, slot))
		return;
	if (!pim->nitems)
		pim->engine.host->op->wake(&pim->engine);
	if (pim->nitems == pim->items_size) {
		pim->items_size = pim->items_size ? 2 * pim->items_size : 16;
		pim->item = xrealloc(pim->item, pim->items_size * sizeof(*pim->item));
	}
	pim->item[pim->nitems] = (struct jp_item){
		.slot = slot,
		.upstream = upstream,
		.group = sg.grp,
		.source = { source, kind },
		.prune = prune,
		.order = pim->nitems,
	};
	pim->nitems++;
}

/* Of one message, if there is room for it. */
static int compare_message(const struct jp_item *a, const struct jp_item *b)
{
	return a->slot != b->slot ? a->slot - b->slot : ip_cmp(a->upstream, b->upstream);
}

/* Of one thing to join or to prune; there is one (*,G), whatever its RP. */
static int compare_thing(const struct jp_item *a, const struct jp_item *b)
{
	int order = compare_message(a, b);

	if (!order)
		order = ip_cmp(a->group, b->group);
	if (!order && a->source.kind != b->source.kind)
		return a->source.kind < b->source.kind ? -1 : 1;
	if (!order && a->source.kind != JP_STAR_G)
		return ip_cmp(a->source.ip, b->source.ip);
	return order;
}

static int compare(const void *a, const void *b)
{
	const struct jp_item *x = a, *y = b;
	int order = compare_thing(x, y);

	return order ? order : x->order < y->order ? -1 : 1;
}

/* Brings what is to be said into order; of the same thing, what was said last. */
static void sort(struct pim *pim)
{
	unsigned kept = 0;

	qsort(pim->item, pim->nitems, sizeof(*pim->item), compare);
	for (unsigned i = 0; i < pim->nitems; i++) {
		if (kept && !compare_thing(&pim->item[kept - 1], &pim->item[i]))
			kept--;
		pim->item[kept++] = pim->item[i];
	}
	pim->nitems = kept;
}

static void put(struct flush *f, unsigned *n, struct msg_jp_source source)
{
	if (f->nsources == f->sources_size) {
		f->sources_size = f->sources_size ? 2 * f->sources_size : 64;
		f->source = xrealloc(f->source, f->sources_size * sizeof(*f->source));
	}
	f->source[f->nsources++] = source;
	++*n;
}

static struct msg_jp_group *put_group(struct flush *f, struct ip group)
{
	if (f->ngroups == f->groups_size) {
		f->groups_size = f->groups_size ? 2 * f->groups_size : 16;
		f->group = xrealloc(f->group, f->groups_size * sizeof(*f->group));
	}
	f->group[f->ngroups] = (struct msg_jp_group){ .group = group };
	return &f->group[f->ngroups++];
}

static bool is_same(struct rpf_neighbor a, struct rpf_neighbor b)
{
	return a.slot == b.slot && ip_eq(a.ip, b.ip);
}

/*
 * RFC 7761 4.5.6. Deviation: with the SPTbit, too, if nothing inherits from (*,G), since the Join
 * would end what Prune was said before, and data come again when the source's tree is left.
 */
static bool is_pruned(const struct entry *star, const struct entry *e)
{
	struct rpf_neighbor rp = rpf_prime(star);

	return ifset_empty(inherited_olist_sg_rpt(e)) ||
	       !is_same(rp, e->spt ? rpf_prime(e) : rpf_prime_sg_rpt(e));
}

static void put_rpt_prunes(struct flush *f, unsigned *n, struct ip group)
{
	const struct entry *star = entry_find(f->pim,
					      (struct sg){ ip_any(f->pim->engine.af), group });
	struct entry *e;

	for (e = star ? entry_first_source(f->pim, group) : NULL; e; e = entry_next_source(e)) {
		if (is_pruned(star, e))
			put(f, n, (struct msg_jp_source){ e->sg.src, JP_SG_RPT });
	}
}

/*
 * What is said of a group, items @at to before @end, as RFC 7761 4.9.5.1 has it: (S,G,rpt) does
 * not stand beside (*,G), but for the prunes that go with its join.
 */
static void build_group(struct flush *f, unsigned at, unsigned end)
{
	const struct jp_item *item = f->pim->item;
	struct msg_jp_group *g = put_group(f, item[at].group);
	bool star = item[at].source.kind == JP_STAR_G;

	for (unsigned i = at; i < end; i++) {
		if (!item[i].prune && !(star && item[i].source.kind == JP_SG_RPT))
			put(f, &g->njoins, item[i].source);
	}
	if (star && !item[at].prune)
		put_rpt_prunes(f, &g->nprunes, g->group);
	for (unsigned i = at; i < end; i++) {
		if (item[i].prune && !(star && item[i].source.kind == JP_SG_RPT))
			put(f, &g->nprunes, item[i].source);
	}
}

/* The first item behind @at that is of another group, or the end. */
static unsigned next_group(const struct pim *pim, unsigned at, unsigned end)
{
	unsigned i = at;

	while (i < end && ip_eq(pim->item[i].group, pim->item[at].group))
		i++;
	return i;
}

static void build(struct flush *f, unsigned at, unsigned end)
{
	const struct msg_jp_source *source;

	f->ngroups = f->nsources = 0;
	for (unsigned next; at < end; at = next) {
		next = next_group(f->pim, at, end);
		build_group(f, at, next);
	}
	source = f->source;
	for (unsigned i = 0; i < f->ngroups; i++) {
		f->group[i].join = source;
		f->group[i].prune = source + f->group[i].njoins;
		source = f->group[i].prune + f->group[i].nprunes;
	}
}

/* Sends what was built as far as it goes; false if all of it from group @group on did not. */
static bool send_built(struct flush *f, struct pim_iface *i, struct ip upstream, unsigned *group)
{
	struct msg_ends ends = { i->address, msg_all_routers(f->pim->engine.af) };
	struct msg_jp jp = {
		.type = MSG_JOIN_PRUNE,
		.upstream = upstream,
		.holdtime = up_holdtime(i),
		.group = f->group,
		.ngroups = f->ngroups,
	};
	size_t room = msg_room(f->pim->engine.af, i->mtu), len;
	struct msg_jp_place at = { 0 };
	void *data = arena_take(&f->pim->arena, 1, room);

	for (*group = 0; data; *group = at.group) {
		if (!f->left)
			return false;
		len = msg_jp_encode(&ends, &jp, &at, data, room);
		if (!len)
			return true;
		if (!iface_send(i, MSG_JOIN_PRUNE, data, len)) {
			f->has_failed = true;
			return ++i->jp_failures >= TRIES;
		}
		i->jp_failures = 0;
		f->left--;
	}
	return true;
}

/* Says items @at to before @end, which go to one neighbor; the first that has to wait. */
static unsigned flush(struct flush *f, unsigned at, unsigned end)
{
	struct pim_iface *i = pim_iface(f->pim, f->pim->item[at].slot);
	unsigned group;
	bool is_done;

	if (!i)
		return end;
	iface_hello_first(i);
	build(f, at, end);
	arena_reset(&f->pim->arena);
	is_done = send_built(f, i, f->pim->item[at].upstream, &group);
	arena_reset(&f->pim->arena);
	if (is_done)
		return end;
	while (group--)
		at = next_group(f->pim, at, end);
	return at;
}

static unsigned next_message(const struct pim *pim, unsigned at)
{
	unsigned i = at;

	while (i < pim->nitems && !compare_message(&pim->item[at], &pim->item[i]))
		i++;
	return i;
}

static void fire(struct timer *timer)
{
	struct pim *pim = container_of(timer, struct pim, jp_later);

	pim->engine.host->op->wake(&pim->engine);
}

/* How many messages may be sent now. */
static unsigned allowed(struct pim *pim)
{
	int64_t now = pim_clock(pim)->now;

	if (now >= pim->jp_until) {
		pim->jp_until = now + PAUSE;
		pim->jp_sent = 0;
	}
	return BURST - pim->jp_sent;
}

/* Sends what there is, as far as it may go and does; what is left of it comes first. */
static void flush_all(struct flush *f)
{
	struct pim *pim = f->pim;
	unsigned kept = 0, end;

	sort(pim);
	for (unsigned at = 0; at < pim->nitems; at = end) {
		end = next_message(pim, at);
		for (unsigned i = flush(f, at, end); i < end; i++, kept++) {
			pim->item[kept] = pim->item[i];
			pim->item[kept].order = kept;
		}
	}
	free(f->group);
	free(f->source);
	pim->nitems = kept;
	pim->jp_sent = BURST - f->left;
}

void jp_flush(struct pim *pim)
{
	struct clock *clock = pim_clock(pim);
	struct flush f = { .pim = pim };

	if (!pim->nitems || timer_is_running(&pim->jp_later))
		return;
	f.left = allowed(pim);
	if (f.left)
		flush_all(&f);
	if (pim->nitems)
		timer_start(clock, &pim->jp_later,
			    f.has_failed ? RETRY : pim->jp_until - clock->now);
}

void jp_init(struct pim *pim)
{
	timer_init(&pim->jp_later, fire);
}

void jp_free(struct pim *pim)
{
	timer_stop(pim_clock(pim), &pim->jp_later);
	free(pim->item);
	pim->item = NULL;
	pim->nitems = pim->items_size = 0;
}
