/* show_tree.c - trees: entries, what interfaces have of them, and why data goes there or not */
#include <string.h>

#include "show.h"

/* Entries that are looked at in a slice, be they rows or not. */
#define MAX_LOOKS 1024

/* Where a table of entries is: at that entry, or behind it. */
struct place {
	uint8_t af;
	bool behind;
	struct sg sg;
};

_Static_assert(sizeof(struct place) < SHOW_KEY, "a place fits into a table's key");

static const char *const down_name[] = {
	[DOWN_NO_INFO] = "NoInfo",
	[DOWN_JOIN] = "Join",
	[DOWN_PRUNE_PENDING] = "PrunePending",
};

static const char *const rpt_name[] = {
	[RPT_NO_INFO] = "NoInfo",
	[RPT_PRUNE] = "Prune",
	[RPT_PRUNE_PENDING] = "PrunePending",
	[RPT_PRUNE_TMP] = "PruneTmp",
	[RPT_PRUNE_PENDING_TMP] = "PrunePendingTmp",
};

static const char *const up_rpt_name[] = {
	[RPT_NOT_JOINED] = "RPTNotJoined",
	[RPT_NOT_PRUNED] = "NotPruned",
	[RPT_PRUNED] = "Pruned",
};

static const char *const assert_name[] = {
	[ASSERT_NO_INFO] = "NoInfo",
	[ASSERT_WINNER] = "Winner",
	[ASSERT_LOSER] = "Loser",
};

static const char *const register_name[] = {
	[REGISTER_JOIN] = "Join",
	[REGISTER_JOIN_PENDING] = "JoinPending",
	[REGISTER_PRUNE] = "Prune",
};

static void put_sg(struct record *rec, const struct entry *e)
{
	put_ip(rec, "source", e->sg.src);
	record_str(rec, "group", ip_str(e->sg.grp));
}

static void put_slots(struct record *rec, const char *key, const struct pim *pim, struct ifset set)
{
	record_list(rec, key);
	ifset_foreach(slot, set)
		record_item(rec, pim_ifname(pim, slot));
	record_list_end(rec);
}

/* Where data goes, as the core was told. */
static struct route route_of(const struct entry *e)
{
	struct engine *engine = &e->pim->engine;
	struct route route;

	if (entry_is_star(e))
		return (struct route){ .oifs = e->olist, .iif = e->iif };
	if (!engine->host->op->routed(engine, e->sg, &route))
		return (struct route){ .iif = NOSLOT };
	return route;
}

static const char *upstream_state(const struct entry *e)
{
	return e->is_joined ? "Joined" : "NotJoined";
}

static void put_entry(struct show *s, const struct entry *e, const struct route *route)
{
	struct record rec = record_begin(s->out);
	const struct pim *pim = e->pim;

	put_sg(&rec, e);
	if (!ssm_has(pim, e->sg.grp))
		put_ip(&rec, "rp_address", pim_rp(pim, e->sg.grp));
	record_str(&rec, "upstream", upstream_state(e));
	put_slot(&rec, "rpf_interface", pim, e->up_slot);
	put_ip(&rec, "rpf_neighbor", e->up);
	record_bool(&rec, "by_assert", e->up_by_assert);
	put_timer(&rec, "join_timer", pim, &e->jt);
	if (!entry_is_star(e)) {
		record_bool(&rec, "spt", e->spt);
		record_str(&rec, "rpt", up_rpt_name[e->up_rpt]);
		put_timer(&rec, "override_timer", pim, e->override ? &e->override->ot : NULL);
		record_bool(&rec, "alive", entry_is_alive(e));
		put_timer(&rec, "keepalive", pim, &e->kat);
		if (e->register_)
			record_str(&rec, "register", register_name[e->register_->state]);
	}
	put_slot(&rec, "iif", pim, route->iif);
	put_slots(&rec, "oifs", pim, route->oifs);
	record_end(&rec);
}

/* Why nothing flows there yet though it is wanted there; NULL: it is not wanted. */
static const char *reason_waits(const struct entry *e, unsigned slot)
{
	bool is_star = entry_is_star(e);

	if (!ifset_has(is_star ? immediate_olist(e) : inherited_olist_sg(e), slot))
		return NULL;
	if (!e->target)
		return "no rendezvous point is known";
	if (rpf_interface(e) == NOSLOT)
		return is_star ? "no way leads to the rendezvous point"
			       : "no way leads to the source";
	return e->spt ? "the source sends nothing" : "its tree brought nothing yet";
}

/* Why the kernel cannot send there, whatever is wanted; NULL: it can. */
static const char *reason_unable(const struct entry *e, unsigned slot)
{
	static const char no_device[] = "there is no device to register by";
	struct engine *engine = &e->pim->engine;
	struct iface iface;

	if (slot == NOSLOT)
		return no_device;
	iface = engine->host->op->iface(engine, slot);
	if (slot == e->pim->tunnel && !iface.present)
		return no_device;
	return iface.refused ? "the kernel has no room for it" : NULL;
}

/* Why data does not go there, though something of the interface says that it might. */
static const char *reason_out(const struct entry *e, unsigned slot)
{
	const struct pim_iface *i = pim_iface(e->pim, slot);
	const struct branch *b = branch_find(e, slot);
	const struct entry *star = entry_star(e);
	const char *waits = reason_waits(e, slot);

	if (!i)
		return "PIM does not run there";
	if (pim_is_scoped(e->pim, slot, e->sg.grp))
		return "the group does not pass there";
	if (route_of(e).iif == slot)
		return "it comes in there";
	if (waits)
		return waits;
	if (branch_is_loser(b) || (star && branch_is_loser(branch_find(star, slot))))
		return "another router forwards there";
	if (ifset_has(prunes_sg_rpt(e), slot))
		return "pruned off the shared tree";
	if (ifset_has(e->exclude, slot))
		return "listeners exclude the source";
	if (!i->is_dr && (ifset_has(e->include, slot) || (star && ifset_has(star->include, slot))))
		return "another router is DR";
	return "nobody wants it there";
}

static const char *reason_in(const struct entry *e, unsigned slot)
{
	if (slot == e->pim->tunnel)
		return "registered";
	if (ifset_has(joins(e), slot))
		return "joined";
	if (ifset_has(pim_include(e), slot))
		return "listeners";
	return entry_is_star(e) ? "joined" : "by the shared tree";
}

static void put_down(struct record *rec, const struct pim *pim, const struct branch *b)
{
	record_str(rec, "join", down_name[b->down]);
	put_timer(rec, "expiry", pim, &b->et);
	if (b->pending)
		put_timer(rec, "prune_pending", pim, &b->pending->ppt);
	if (b->rpt) {
		record_str(rec, "rpt", rpt_name[b->rpt->state]);
		put_timer(rec, "rpt_expiry", pim, &b->rpt->et);
	}
	if (b->assert_) {
		record_str(rec, "assert", assert_name[b->assert_->state]);
		put_timer(rec, "assert_timer", pim, &b->assert_->at);
		put_ip(rec, "winner", b->assert_->winner.ip);
	}
}

static void put_branch(struct show *s, const struct entry *e, unsigned slot,
		       const struct route *route)
{
	const struct branch *b = branch_find(e, slot);
	bool in = route->iif != NOSLOT && ifset_has(route->oifs, slot);
	const char *why = in ? reason_unable(e, slot) : NULL;
	struct record rec = record_begin(s->out);

	put_sg(&rec, e);
	record_str(&rec, "interface", pim_ifname(e->pim, slot));
	record_bool(&rec, "out", in && !why);
	if (!why)
		why = in ? reason_in(e, slot) : reason_out(e, slot);
	record_str(&rec, "reason", why);
	record_bool(&rec, "listeners", ifset_has(e->include, slot));
	if (!entry_is_star(e))
		record_bool(&rec, "excluded", ifset_has(e->exclude, slot));
	if (b)
		put_down(&rec, e->pim, b);
	record_end(&rec);
}

/* The interfaces of which anything is to be told. */
static struct ifset told_of(const struct entry *e, struct ifset oifs)
{
	const struct entry *star = entry_star(e);
	struct ifset set = ifset_or(oifs, ifset_or(e->include, e->exclude));
	const struct branch *b;

	SLIST_FOREACH(b, &e->branches, link)
		set = ifset_with(set, b->slot);
	if (star)
		set = ifset_or(set, star->olist);
	return ifset_without(set, NOSLOT);
}

static void put_tree(struct show *s, const struct entry *e)
{
	struct route route = route_of(e);

	put_entry(s, e, &route);
	ifset_foreach(slot, told_of(e, route.oifs)) {
		put_branch(s, e, slot, &route);
		show_spend(s);
	}
}

static void put_register(struct show *s, const struct entry *e)
{
	const struct register_ *reg = e->register_;
	struct record rec;

	if (!reg)
		return;
	rec = record_begin(s->out);
	put_sg(&rec, e);
	put_ip(&rec, "rp_address", reg->rp);
	record_str(&rec, "state", register_name[reg->state]);
	put_timer(&rec, "stop_timer", e->pim, &reg->rst);
	record_bool(&rec, "refused", reason_unable(e, e->pim->tunnel));
	record_end(&rec);
}

static void put_assert(struct show *s, const struct branch *b)
{
	const struct assert *a = b->assert_;
	struct record rec = record_begin(s->out);

	put_sg(&rec, b->entry);
	record_str(&rec, "interface", pim_ifname(b->entry->pim, b->slot));
	record_str(&rec, "state", assert_name[a->state]);
	put_ip(&rec, "winner", a->winner.ip);
	record_bool(&rec, "rpt", a->winner.rpt);
	record_u64(&rec, "preference", a->winner.preference);
	record_u64(&rec, "metric", a->winner.metric);
	put_timer(&rec, "timer", b->entry->pim, &a->at);
	record_end(&rec);
}

static void put_asserts(struct show *s, const struct entry *e)
{
	const struct branch *b;

	SLIST_FOREACH(b, &e->branches, link) {
		if (!b->assert_)
			continue;
		put_assert(s, b);
		show_spend(s);
	}
}

/* Entries of a group, or of all. */
static bool is_asked_for(const struct show *s, const struct entry *e)
{
	const char *word = words_peek(&s->reader->words);
	struct ip group;

	return !word || (ip_parse(word, &group) && ip_eq(group, e->sg.grp));
}

/* Entries of one family; true if there are more. */
static bool put_entries(struct show *s, const struct pim *pim, struct place *at,
			void (*put)(struct show *s, const struct entry *e))
{
	const struct entry *e = entry_nfind(pim, at->sg);
	unsigned looks = 0;

	if (e && at->behind && sg_eq(e->sg, at->sg))
		e = entry_next(e);
	for (; e; e = entry_next(e)) {
		size_t before = buf_len(s->out);

		if (!s->budget || looks++ == MAX_LOOKS)
			return true;
		if (is_asked_for(s, e))
			put(s, e);
		if (buf_len(s->out) != before)
			show_spend(s);
		*at = (struct place){ pim->engine.af, true, e->sg };
	}
	return false;
}

static bool show_entries(struct show *s, struct engines engines,
			 void (*put)(struct show *s, const struct entry *e))
{
	struct place at;

	memcpy(&at, s->after, sizeof(at));
	while (at.af < NFAMILIES && !put_entries(s, pim_of(engines.af[at.af]), &at, put))
		at = (struct place){ .af = at.af + 1 };
	memcpy(s->after, &at, sizeof(at));
	return at.af < NFAMILIES;
}

bool show_tree(struct show *s, struct engines engines)
{
	return show_entries(s, engines, put_tree);
}

bool show_registers(struct show *s, struct engines engines)
{
	return show_entries(s, engines, put_register);
}

bool show_asserts(struct show *s, struct engines engines)
{
	return show_entries(s, engines, put_asserts);
}
