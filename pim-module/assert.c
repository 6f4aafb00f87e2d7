/* assert.c - figures 8 and 9: who of several routers forwards to a link
 *
 * RFC 7761 4.6. The machine of (S,G) and that of (*,G) are the same, but for the metrics and for
 * the tree that a message must speak of. What they found is read by the macros: lost_assert(),
 * AssertWinner() and so on look at struct assert.
 */
#include <stdlib.h>

#include "macros.h"

/* How long it takes at most until a stream comes in by a tree that was joined, if all goes well. */
#define STRAY_TIME SEC(10)

enum event {
	NOTHING,
	RX_INFERIOR,   /* worse than ours; to a loser: that of the winner */
	RX_ACCEPTABLE, /* better than ours; to a loser: that of the winner */
	RX_PREFERRED,  /* better than the winner's */
	RX_CANCEL,     /* from the winner, who gives up */
	DATA,	       /* came in where we would send it to */
	AT_EXPIRED,
	COULD_NOT, /* CouldAssert became false */
	WINNER_GONE,
	NOT_TRACKED, /* AssertTrackingDesired became false */
	OURS_BETTER, /* than the winner's */
	RPF_MOVED,   /* the interface leads to the root no more */
	RX_JOIN,
};

static const char *const event_name[] = {
	[RX_INFERIOR] = "rx-inferior",
	[RX_ACCEPTABLE] = "rx-acceptable",
	[RX_PREFERRED] = "rx-preferred",
	[RX_CANCEL] = "rx-cancel",
	[DATA] = "data",
	[AT_EXPIRED] = "at-expired",
	[COULD_NOT] = "could-not-assert",
	[WINNER_GONE] = "winner-gone",
	[NOT_TRACKED] = "not-tracked",
	[OURS_BETTER] = "metric-better",
	[RPF_MOVED] = "rpf-moved",
	[RX_JOIN] = "rx-join",
};

static const char *const state_name[] = {
	[ASSERT_NO_INFO] = "NoInfo",
	[ASSERT_WINNER] = "Winner",
	[ASSERT_LOSER] = "Loser",
};

/* A machine, and what it is told: the message's metric, the source of data. */
struct input {
	struct entry *entry;
	unsigned slot;
	struct assert_metric metric;
	struct ip source;
};

static struct assert *machine(const struct entry *e, unsigned slot)
{
	struct branch *b = branch_find(e, slot);

	return b ? b->assert_ : NULL;
}

static enum assert_state state_of(const struct assert *a)
{
	return a ? a->state : ASSERT_NO_INFO;
}

static bool is_infinite(const struct assert_metric *m)
{
	return m->rpt && m->preference == MSG_INFINITE_PREFERENCE &&
	       m->metric == MSG_INFINITE_METRIC;
}

static void send_message(struct entry *e, unsigned slot, const struct msg_assert *m)
{
	struct pim_iface *i = pim_iface(e->pim, slot);
	enum af af = e->pim->engine.af;
	struct msg_ends ends;
	uint8_t data[64];

	if (!i)
		return;
	iface_hello_first(i);
	ends = (struct msg_ends){ .src = i->address, .dst = msg_all_routers(af) };
	iface_send(i, MSG_ASSERT, data, msg_assert_encode(&ends, m, data, sizeof(data)));
}

/*
 * Assert(S,G), Assert(*,G). RFC 7761 4.9.6: the latter names the source whose data is the reason,
 * so that one who has it from its own tree answers for that.
 */
static void send_assert(const struct input *in)
{
	struct entry *e = in->entry;
	struct assert_metric mine = my_assert_metric(e, in->slot);
	struct msg_assert m = {
		.sg = e->sg,
		.rpt = mine.rpt,
		.preference = mine.preference,
		.metric = mine.metric,
	};

	if (entry_is_star(e))
		m.sg.src = in->source;
	send_message(e, in->slot, &m);
}

static void send_cancel(struct entry *e, unsigned slot)
{
	struct msg_assert m = msg_assert_cancel(e->sg);

	send_message(e, slot, &m);
}

static void expired(struct timer *timer);

static struct assert *machine_new(struct entry *e, unsigned slot)
{
	struct branch *b = branch_get(e, slot);
	struct assert *a = xcalloc(1, sizeof(*a));

	*a = (struct assert){ .branch = b };
	timer_init(&a->at, expired);
	b->assert_ = a;
	return a;
}

/* The only one that writes the state. @winner is NULL in NoInfo. */
static void to(struct entry *e, unsigned slot, enum assert_state state, enum event event,
	       const struct assert_metric *winner)
{
	struct assert *a = machine(e, slot);
	enum assert_state old = state_of(a);
	bool is_new = state != old || !ip_eq(a->winner.ip, winner->ip);

	if (!state) {
		assert_end(a->branch);
	} else {
		if (!a)
			a = machine_new(e, slot);
		a->state = state;
		a->winner = *winner;
		a->rpf = rpf_interface(e) == slot;
	}
	entry_mark(e);
	if (!is_new)
		return;
	transition_tell(e, &(struct transition){
				   .machine = MACHINE_ASSERT,
				   .slot = slot,
				   .from = state_name[old],
				   .to = state_name[state],
				   .why = event_name[event],
				   .who = winner ? winner->ip : ip_any(e->pim->engine.af),
			   });
}

static void start_timer(struct entry *e, unsigned slot, bool has_won)
{
	const struct pim_fields *f = &e->pim->iface[slot]->fields;

	timer_start(pim_clock(e->pim), &machine(e, slot)->at,
		    f->assert_time - (has_won ? f->assert_override_interval : 0));
}

/* A1, which differs from A3 in that what A3 stores is stored already, but for a new metric. */
static void a1_a3(const struct input *in, enum event event)
{
	struct assert_metric mine = my_assert_metric(in->entry, in->slot);

	to(in->entry, in->slot, ASSERT_WINNER, event, &mine);
	start_timer(in->entry, in->slot, true);
	send_assert(in);
}

static void a2(const struct input *in, enum event event)
{
	to(in->entry, in->slot, ASSERT_LOSER, event, &in->metric);
	start_timer(in->entry, in->slot, false);
}

static void a4(const struct input *in, enum event event)
{
	send_cancel(in->entry, in->slot);
	to(in->entry, in->slot, ASSERT_NO_INFO, event, NULL);
}

static void a5(const struct input *in, enum event event)
{
	to(in->entry, in->slot, ASSERT_NO_INFO, event, NULL);
}

/* That of (*,G) is A2. */
static void a6(const struct input *in, enum event event)
{
	struct entry *e = in->entry;

	a2(in, event);
	if (entry_is_star(e) || rpf_interface(e) != in->slot || !e->is_joined)
		return;
	e->spt = true;
	/* it was data of the source's tree that made the winner say so */
	if (!entry_is_alive(e))
		keepalive_start(e, e->pim->conf->keepalive_period);
}

/*
 * RFC 7761 4.2: data on the winner's link makes it say so again, since who sent it may have missed
 * it. With many sources, once in the time that is left for repeating an Assert is often enough.
 */
static bool may_repeat(const struct input *in)
{
	const struct pim_fields *f = &in->entry->pim->iface[in->slot]->fields;
	int64_t left = timer_left(pim_clock(in->entry->pim), &machine(in->entry, in->slot)->at);

	return left <= f->assert_time - 2 * f->assert_override_interval;
}

/*
 * RFC 7761 4.6.1 and 4.6.2, figures 8 and 9: (S,G) and (*,G) assert machine of an interface.
 * classify() has seen to what else the events demand: CouldAssert, AssertTrackingDesired, the RPT
 * bit, from the current winner.
 *
 *			NoInfo		Winner		Loser
 * rx-inferior		Winner, A1	Winner, A3	NoInfo, A5
 * rx-acceptable	Loser, A6	-		Loser, A2
 * rx-preferred		-		Loser, A2	Loser, A2
 * rx-cancel		-		-		NoInfo, A5
 * data			Winner, A1	Winner, A3	-
 * at-expired		-		Winner, A3	NoInfo, A5
 * could-not-assert	-		NoInfo, A4	-
 * winner-gone		-		-		NoInfo, A5
 * not-tracked		-		-		NoInfo, A5
 * metric-better	-		-		NoInfo, A5
 * rpf-moved		-		-		NoInfo, A5
 * rx-join		-		-		NoInfo, A5
 */
static void assert_event(const struct input *in, enum event event)
{
	switch (AT(state_of(machine(in->entry, in->slot)), event)) {
	case AT(ASSERT_NO_INFO, RX_INFERIOR):
	case AT(ASSERT_NO_INFO, DATA):
	case AT(ASSERT_WINNER, RX_INFERIOR):
	case AT(ASSERT_WINNER, AT_EXPIRED):
		a1_a3(in, event);
		break;
	case AT(ASSERT_WINNER, DATA):
		if (may_repeat(in))
			a1_a3(in, event);
		break;
	case AT(ASSERT_NO_INFO, RX_ACCEPTABLE):
		a6(in, event);
		break;
	case AT(ASSERT_WINNER, RX_PREFERRED):
	case AT(ASSERT_LOSER, RX_PREFERRED):
	case AT(ASSERT_LOSER, RX_ACCEPTABLE):
		a2(in, event);
		break;
	case AT(ASSERT_WINNER, COULD_NOT):
		a4(in, event);
		break;
	case AT(ASSERT_LOSER, RX_INFERIOR):
	case AT(ASSERT_LOSER, RX_CANCEL):
	case AT(ASSERT_LOSER, AT_EXPIRED):
	case AT(ASSERT_LOSER, WINNER_GONE):
	case AT(ASSERT_LOSER, NOT_TRACKED):
	case AT(ASSERT_LOSER, OURS_BETTER):
	case AT(ASSERT_LOSER, RPF_MOVED):
	case AT(ASSERT_LOSER, RX_JOIN):
		a5(in, event);
		break;
	}
}

static struct input input_of(const struct branch *b)
{
	return (struct input){ .entry = b->entry,
			       .slot = b->slot,
			       .source = ip_any(b->entry->pim->engine.af) };
}

static void branch_event(struct branch *b, enum event event)
{
	struct input in = input_of(b);

	assert_event(&in, event);
}

static void expired(struct timer *timer)
{
	branch_event(container_of(timer, struct assert, at)->branch, AT_EXPIRED);
}

/* Whether something that the state rests on is no more. A winner's metric is ours as it is. */
static enum event what_changed(const struct branch *b)
{
	struct assert *a = b->assert_;
	struct assert_metric mine = my_assert_metric(b->entry, b->slot);
	bool was_rpf = a->rpf;

	if (a->state == ASSERT_WINNER) {
		a->winner = mine;
		return could_assert(b->entry, b->slot) ? NOTHING : COULD_NOT;
	}
	a->rpf = rpf_interface(b->entry) == b->slot;
	if (was_rpf && !a->rpf)
		return RPF_MOVED;
	if (!assert_tracking_desired(b->entry, b->slot))
		return NOT_TRACKED;
	return assert_is_better(&mine, &a->winner) ? OURS_BETTER : NOTHING;
}

/*
 * Data came in there, and only now it is ours to forward to it. The kernel tells of one such packet
 * of a source in three seconds, and that was it: another router's stream and our own would both be
 * on the link for that long.
 */
static void settle_stray(struct entry *e)
{
	struct input in = { .entry = e, .source = e->sg.src };
	struct stray *stray = entry_stray(e);

	if (!stray)
		return;
	if (pim_clock(e->pim)->now >= stray->at + STRAY_TIME)
		stray->slots = ifset_none();
	ifset_foreach(slot, stray->slots) {
		if (!could_assert(e, slot))
			continue;
		stray->slots = ifset_without(stray->slots, slot);
		in.slot = slot;
		assert_event(&in, DATA);
	}
}

void assert_settle(struct entry *e)
{
	struct branch *b, *next;

	SLIST_FOREACH_SAFE(b, &e->branches, link, next) {
		if (b->assert_)
			branch_event(b, what_changed(b));
		branch_release(b);
	}
	settle_stray(e);
}

/*
 * What the message is to the machine. A better one counts if it is of the machine's tree: the RPT
 * bit tells. A worse one of any tree: all (*,G) metrics are worse than one of (S,G).
 */
static enum event classify(const struct input *in)
{
	struct entry *e = in->entry;
	const struct assert_metric *m = &in->metric;
	const struct assert *a = machine(e, in->slot);
	struct assert_metric mine = my_assert_metric(e, in->slot);
	bool is_of_tree = m->rpt == entry_is_star(e);
	bool is_winner = state_of(a) == ASSERT_LOSER && ip_eq(a->winner.ip, m->ip);

	if (is_of_tree && a && assert_is_better(m, &a->winner))
		return RX_PREFERRED;
	if (is_of_tree && !is_infinite(m) && assert_is_better(m, &mine) &&
	    (a ? is_winner : assert_tracking_desired(e, in->slot)))
		return RX_ACCEPTABLE;
	if (is_winner && is_infinite(m))
		return RX_CANCEL;
	if (assert_is_better(&mine, m) &&
	    (a ? a->state == ASSERT_WINNER || is_winner : could_assert(e, in->slot)))
		return RX_INFERIOR;
	return NOTHING;
}

/* Gives it to the machine; whether that was in NoInfo, and is still. */
static bool hear(const struct input *in)
{
	bool was_idle = !machine(in->entry, in->slot);
	enum event event = classify(in);

	assert_event(in, event);
	return was_idle && event == NOTHING;
}

/*
 * The entry of the source, if it has one, or needs one to keep that it lost: as long as it has
 * none, what there is of the group decides about AssertTrackingDesired(S,G,I).
 */
static struct entry *entry_for(struct pim_iface *i, const struct msg_assert *m,
			       const struct entry *star)
{
	struct entry *e = entry_find(i->pim, m->sg);
	struct branch *b;

	if (e || m->rpt || !star || !assert_tracking_desired(star, i->slot))
		return e;
	b = branch_make(i, m->sg);
	return b ? b->entry : NULL;
}

void assert_receive(struct pim_iface *i, struct ip src, const struct msg_assert *m)
{
	struct pim *pim = i->pim;
	struct sg group = { .src = ip_any(pim->engine.af), .grp = m->sg.grp };
	bool is_of_group = ip_is_any(m->sg.src);
	struct input in = {
		.entry = entry_find(pim, group),
		.slot = i->slot,
		.metric = { m->rpt, m->preference, m->metric, src },
		.source = group.src,
	}, of_source = in;

	if (is_of_group && ssm_has(pim, m->sg.grp)) {
		PIM_COUNT(i, ssm_refused);
		return;
	}
	if (!is_of_group) {
		of_source.entry = entry_for(i, m, in.entry);
		if (of_source.entry && !hear(&of_source))
			return;
	}
	if (in.entry)
		hear(&in);
}

/* The source sends there itself: its SPTbit is set by that (RFC 7761 4.2.2). */
static bool is_own_link(const struct entry *e, unsigned slot)
{
	return e->target && e->target->connected && e->target->slot == slot;
}

/*
 * RFC 7761 4.2, 4.6.2: (*,G) asserts only for sources that go by the shared tree, and that would be
 * sent to the link. A loser finds nothing in it: the data is the winner's.
 */
static void data_of_star(const struct input *in, const struct entry *e)
{
	struct entry *star = in->entry;
	struct ifset olist;

	if (!star || (e && (e->spt || is_own_link(e, in->slot))))
		return;
	olist = e ? inherited_olist_sg_rpt(e) : immediate_olist(star);
	if (!ifset_has(olist, in->slot))
		return;
	if (could_assert(star, in->slot))
		assert_event(in, DATA);
}

static bool is_stray(const struct entry *e, unsigned slot)
{
	return !machine(e, slot) && !could_assert(e, slot) && rpf_interface(e) != slot;
}

void assert_data(struct pim_iface *i, struct sg sg, bool is_now)
{
	struct sg group = { .src = ip_any(i->pim->engine.af), .grp = sg.grp };
	struct entry *e = entry_find(i->pim, sg);
	struct input in = { .entry = e, .slot = i->slot, .source = sg.src };

	if (!i->speaks)
		return;
	if (e) {
		if (is_stray(e, i->slot)) {
			struct stray *stray = entry_goes_astray(e);

			stray->slots = ifset_with(stray->slots, i->slot);
			stray->at = pim_clock(i->pim)->now;
		} else if (is_now && rpf_interface(e) != i->slot) {
			assert_event(&in, DATA);
			return;
		}
	}
	in.entry = entry_find(i->pim, group);
	if (is_now)
		data_of_star(&in, e);
}

void assert_rx_join(struct branch *b)
{
	branch_event(b, RX_JOIN);
}

void assert_neighbor_gone(struct branch *b, struct ip address)
{
	const struct pim_iface *i = pim_iface(b->entry->pim, b->slot);
	struct ip winner;

	if (!i || state_of(b->assert_) != ASSERT_LOSER)
		return;
	winner = b->assert_->winner.ip;
	if (ip_eq(winner, address) || (ip_is_any(address) && !neighbor_primary(i, winner)))
		branch_event(b, WINNER_GONE);
}

void assert_end(struct branch *b)
{
	if (!b->assert_)
		return;
	timer_stop(pim_clock(b->entry->pim), &b->assert_->at);
	free(b->assert_);
	b->assert_ = NULL;
}
