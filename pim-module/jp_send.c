/* jp_send.c - Joins and Prunes of a turn leave at its end, in as few messages as hold them
 *
 * RFC 7761 4.5.6, 4.9.5. A burst, be it of one turn or of many, goes in parts, so that neither our
 * socket nor a neighbor's is flooded; what could not be sent is tried again.
 */
#include <stdlib.h>
#include <string.h>

#include "macros.h"

/* Messages in so many ms, and ms to another try. What has to wait goes together then. */
#define BURST 32
#define PAUSE 5
#define RETRY 20

/* So much to be said does not wait until all that is under way is settled. */
#define MANY 1024

/* Tries in a row of an interface that takes nothing; then the next period must do. */
#define TRIES 50

/* What is being sent: a message, or little more. */
struct flush {
	struct pim *pim;
	struct msg_jp_group *group; /* owned */
	unsigned ngroups, groups_size;
	struct msg_jp_source *source; /* owned; of the groups, joins and then prunes of each */
	unsigned nsources, sources_size;
	size_t size;   /* of all these */
	unsigned left; /* messages that may go */
	bool has_failed;
};

/* Of one message, if there is room for it. */
static int compare_message(const struct jp_item *a, const struct jp_item *b)
{
	return a->slot != b->slot ? a->slot - b->slot : ip_cmp(a->upstream, b->upstream);
}

/* Of one thing to join or to prune; there is one (*,G), whatever its RP. */
static int compare(const struct jp_item *a, const struct jp_item *b)
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

TREE_GENERATE(jp_items, jp_item, order, compare)

/* Of the same thing, what is said last is what holds. */
void jp_send(struct pim *pim, unsigned slot, struct ip upstream, struct sg sg,
	     enum msg_jp_kind kind, bool prune)
{
	struct ip source = kind == JP_STAR_G ? pim_rp(pim, sg.grp) : sg.src;
	struct jp_item *item, *before;

	if (!pim_iface(pim, slot))
		return;
	if (TREE_EMPTY(&pim->items))
		pim->engine.host->op->wake(&pim->engine);
	item = xcalloc(1, sizeof(*item));
	item->slot = slot;
	item->upstream = upstream;
	item->group = sg.grp;
	item->source = (struct msg_jp_source){ source, kind };
	item->prune = prune;
	before = TREE_INSERT(jp_items, &pim->items, item);
	if (!before) {
		pim->nitems++;
		return;
	}
	before->source = item->source;
	before->prune = prune;
	free(item);
}

/* The item is said, or not to be; the next one. */
static struct jp_item *drop(struct pim *pim, struct jp_item *item)
{
	struct jp_item *next = TREE_NEXT(jp_items, item);

	TREE_REMOVE(jp_items, &pim->items, item);
	pim->nitems--;
	free(item);
	return next;
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

	for (e = star ? entry_next_source(star) : NULL; e; e = entry_next_source(e)) {
		if (is_pruned(star, e))
			put(f, n, (struct msg_jp_source){ e->sg.src, JP_SG_RPT });
	}
}

/* The joins or the prunes of a group, from @item to before @end. */
static void put_items(struct flush *f, unsigned *n, const struct jp_item *item,
		      const struct jp_item *end, bool prune, bool star)
{
	for (; item != end; item = TREE_NEXT(jp_items, item)) {
		if (item->prune == prune && !(star && item->source.kind == JP_SG_RPT))
			put(f, n, item->source);
	}
}

/*
 * What is said of a group, from @item to before @end, as RFC 7761 4.9.5.1 has it: (S,G,rpt) does
 * not stand beside (*,G), but for the prunes that go with its join.
 */
static void build_group(struct flush *f, const struct jp_item *item, const struct jp_item *end)
{
	struct msg_jp_group *g = put_group(f, item->group);
	bool star = item->source.kind == JP_STAR_G;
	unsigned before = f->nsources;
	enum af af = f->pim->engine.af;

	put_items(f, &g->njoins, item, end, false, star);
	if (star && !item->prune)
		put_rpt_prunes(f, &g->nprunes, g->group);
	put_items(f, &g->nprunes, item, end, true, star);
	f->size += msg_group_size(af) + 4 + (f->nsources - before) * msg_source_size(af);
}

/* The first item behind @first that is of another group, or has to be in another message. */
static struct jp_item *next_group(const struct flush *f, struct jp_item *first, size_t room)
{
	size_t most = room / msg_source_size(f->pim->engine.af), n = 0;
	bool star = first->source.kind == JP_STAR_G;
	struct jp_item *item = first;

	do {
		n += !(star && item->source.kind == JP_SG_RPT);
		item = TREE_NEXT(jp_items, item);
	} while (item && n <= most && !compare_message(first, item) &&
		 ip_eq(first->group, item->group));
	return item;
}

/* Puts a message together, and what is too much for it; the first item that is not in there. */
static struct jp_item *build(struct flush *f, struct jp_item *first, size_t room)
{
	const struct msg_jp_source *source;
	struct jp_item *item = first, *next;

	f->ngroups = f->nsources = f->size = 0;
	do {
		next = next_group(f, item, room);
		build_group(f, item, next);
		item = next;
	} while (item && f->size < room && !compare_message(first, item));
	source = f->source;
	for (unsigned i = 0; i < f->ngroups; i++) {
		f->group[i].join = source;
		f->group[i].prune = source + f->group[i].njoins;
		source = f->group[i].prune + f->group[i].nprunes;
	}
	return item;
}

/* Sends a message of what was built, or as many as its first group needs. False: that failed. */
static bool send_built(struct flush *f, struct pim_iface *i, struct ip upstream, size_t room,
		       struct msg_jp_place *at)
{
	struct msg_ends ends = { i->address, msg_all_routers(f->pim->engine.af) };
	struct msg_jp jp = {
		.type = MSG_JOIN_PRUNE,
		.upstream = upstream,
		.holdtime = up_holdtime(i),
		.group = f->group,
		.ngroups = f->ngroups,
	};
	void *data = arena_take(&f->pim->arena, 1, room);
	size_t len;

	do {
		len = data ? msg_jp_encode(&ends, &jp, at, data, room) : 0;
		if (!len)
			at->group = f->ngroups;
		else if (!iface_send(i, MSG_JOIN_PRUNE, data, len))
			return false;
		f->left -= len && f->left;
	} while (!at->group);
	return true;
}

/* The first item of another message, whatever there is for this one. */
static struct jp_item *next_message(const struct pim *pim, const struct jp_item *item)
{
	struct jp_item key = *item;

	memset(&key.group, 0xff, sizeof(key.group));
	return TREE_NFIND(jp_items, &pim->items, &key);
}

/* Says what goes into a message, from @first on; the item to go on with. */
static struct jp_item *flush(struct flush *f, struct jp_item *first)
{
	struct pim *pim = f->pim;
	struct pim_iface *i = pim_iface(pim, first->slot);
	struct msg_jp_place at = { 0 };
	struct jp_item *end;
	size_t room;

	if (!i)
		return drop(pim, first);
	room = msg_room(pim->engine.af, i->mtu);
	iface_hello_first(i);
	end = build(f, first, room);
	arena_reset(&pim->arena);
	if (send_built(f, i, first->upstream, room, &at)) {
		i->jp_failures = 0;
	} else if (++i->jp_failures < TRIES) {
		f->has_failed = true;
		return next_message(pim, first);
	} else {
		at.group = f->ngroups;
	}
	arena_reset(&pim->arena);
	while (first != end &&
	       !(at.group < f->ngroups && ip_eq(first->group, f->group[at.group].group)))
		first = drop(pim, first);
	return first;
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

void jp_flush(struct pim *pim, bool more)
{
	struct flush f = { .pim = pim };
	struct jp_item *item = TREE_MIN(jp_items, &pim->items);

	if (!item || timer_is_running(&pim->jp_later) || (more && pim->nitems < MANY))
		return;
	f.left = allowed(pim);
	while (item && f.left)
		item = flush(&f, item);
	pim->jp_sent = BURST - f.left;
	free(f.group);
	free(f.source);
	if (!TREE_EMPTY(&pim->items))
		timer_start(pim_clock(pim), &pim->jp_later,
			    f.has_failed ? RETRY : pim->jp_until - pim_clock(pim)->now);
}

void jp_init(struct pim *pim)
{
	TREE_INIT(jp_items, &pim->items);
	timer_init(&pim->jp_later, fire);
}

void jp_free(struct pim *pim)
{
	struct jp_item *item = TREE_MIN(jp_items, &pim->items);

	timer_stop(pim_clock(pim), &pim->jp_later);
	while (item)
		item = drop(pim, item);
}
