/* register.c - the DR's side of Registers: sources on our links are told to the RP
 *
 * RFC 7761 4.4.1, figure 1. While the state is Join, macros have the tunnel among the outgoing
 * interfaces of (S,G); what is forwarded there comes in by register_data(), with its TTL
 * decremented and its checksums finished, and goes to the RP in a Register.
 */
#include <stdlib.h>

#include "anycast.h"
#include "macros.h"

enum event {
	COULD,	   /* CouldRegister became true */
	COULD_NOT, /* and false; or there is no RP that one could register with */
	RX_STOP,
	RST_EXPIRED,
	RP_CHANGED,
};

/*
 * A new RP may hear of that later than we do, and then says Register-Stop (RFC 7761 4.4.2); and
 * Joins have to come there first. While the RP before lives, it has the packets, and the new one is
 * asked by Null-Registers, in so many ms; as soon as it does not say stop, but not later than so
 * long after, it has them. As long after that its Register-Stops are asked about, too.
 */
#define MOVE_PROBE 200
#define MOVE_DOUBT SEC(3)

/* Null-Registers in a second that so ask; what is more waits. */
#define MOVE_LIMIT 2000

/* Without state there is no struct register_. */
#define NO_INFO (REGISTER_PRUNE + 1)

static const char *const event_name[] = {
	[COULD] = "could-register",	[COULD_NOT] = "could-not-register",
	[RX_STOP] = "rx-register-stop", [RST_EXPIRED] = "rst-expired",
	[RP_CHANGED] = "rp-changed",
};

static const char *const state_name[] = {
	[REGISTER_JOIN] = "Join",
	[REGISTER_JOIN_PENDING] = "JoinPending",
	[REGISTER_PRUNE] = "Prune",
	[NO_INFO] = "NoInfo",
};

static unsigned state_of(const struct entry *e)
{
	return e->register_ ? e->register_->state : NO_INFO;
}

static void expired(struct timer *timer);
static void moves(struct timer *timer);

/* The only one that writes the state. */
static void to(struct entry *e, unsigned state, enum event event)
{
	struct clock *clock = pim_clock(e->pim);
	unsigned old = state_of(e);

	if (state == NO_INFO) {
		register_end(e);
	} else if (!e->register_) {
		e->register_ = xcalloc(1, sizeof(*e->register_));
		e->register_->entry = e;
		timer_init(&e->register_->rst, expired);
		timer_init(&e->register_->move, moves);
	}
	if (e->register_)
		e->register_->state = state;
	if (state == REGISTER_JOIN)
		timer_stop(clock, &e->register_->rst);
	if (state == old)
		return;
	entry_mark(e);
	transition_tell(e, &(struct transition){ .machine = MACHINE_REGISTER,
						 .slot = rpf_interface(e),
						 .from = state_name[old],
						 .to = state_name[state],
						 .why = event_name[event],
						 .who = pim_rp(e->pim, e->sg.grp) });
}

/* The RP is a new one, and may not know it. */
static bool is_doubtful(const struct entry *e)
{
	int64_t moved = e->register_->moved;

	return moved && pim_clock(e->pim)->now < moved + MOVE_DOUBT;
}

/* Many sources move when their RP dies. */
static bool may_ask(struct pim *pim)
{
	return pim_may(pim, &pim->asked, MOVE_LIMIT);
}

/* Note (*) of the figure. */
static void suppress(struct entry *e)
{
	const struct pim_conf *conf = e->pim->conf;
	int64_t time = conf->register_suppression;

	if (is_doubtful(e)) {
		timer_start(pim_clock(e->pim), &e->register_->rst,
			    may_ask(e->pim) ? MOVE_PROBE : MOVE_DOUBT);
		return;
	}
	timer_start(pim_clock(e->pim), &e->register_->rst,
		    rng_jitter(e->pim->engine.host->rng, time / 2, time + time / 2) -
			    conf->register_probe);
}

/* Note (**) of the figure, and the question. */
static void probe(struct entry *e)
{
	const struct register_ *r = e->register_;

	timer_start(pim_clock(e->pim), &e->register_->rst,
		    is_doubtful(e) ? MOVE_PROBE : e->pim->conf->register_probe);
	if (pim_owns(e->pim, r->rp))
		anycast_probe(e, r->rp);
	else
		encapsulate_null(e->pim, &e->sg, r->rp, rpf_interface(e));
}

/*
 * RFC 7761 4.4.1, figure 1: per-(S,G) register state machine at a DR. The tunnel is joined in Join
 * alone; the RP is stored by the caller.
 *
 *			NoInfo	Join		JoinPending	Prune
 * rst-expired		-	-		Join		JoinPending, Null-Register
 * could-register	Join	-		-		-
 * could-not-register	-	NoInfo		NoInfo		NoInfo
 * rx-register-stop	-	Prune		Prune		-
 * rp-changed		-	Join		Join		Join
 */
static void register_event(struct entry *e, enum event event)
{
	switch (AT(state_of(e), event)) {
	case AT(NO_INFO, COULD):
	case AT(REGISTER_JOIN, RP_CHANGED):
	case AT(REGISTER_JOIN_PENDING, RP_CHANGED):
	case AT(REGISTER_PRUNE, RP_CHANGED):
	case AT(REGISTER_JOIN_PENDING, RST_EXPIRED):
		to(e, REGISTER_JOIN, event);
		break;
	case AT(REGISTER_JOIN, COULD_NOT):
	case AT(REGISTER_JOIN_PENDING, COULD_NOT):
	case AT(REGISTER_PRUNE, COULD_NOT):
		to(e, NO_INFO, event);
		break;
	case AT(REGISTER_JOIN, RX_STOP):
	case AT(REGISTER_JOIN_PENDING, RX_STOP):
		to(e, REGISTER_PRUNE, event);
		suppress(e);
		break;
	case AT(REGISTER_PRUNE, RST_EXPIRED):
		to(e, REGISTER_JOIN_PENDING, event);
		probe(e);
		break;
	}
}

/* Those who share the address of an RP with us need no packets, or no more. */
static bool is_stopped_by_all(const struct entry *e)
{
	return pim_owns(e->pim, e->register_->rp) && anycast_is_stopped(e, e->register_->rp);
}

static void expired(struct timer *timer)
{
	struct entry *e = container_of(timer, struct register_, rst)->entry;
	bool is_answered = state_of(e) == REGISTER_JOIN_PENDING && is_stopped_by_all(e);

	register_event(e, is_answered ? RX_STOP : RST_EXPIRED);
}

/* Asks the RP that is to have the packets, unless it said all that time that it wants none. */
static void moves(struct timer *timer)
{
	struct register_ *r = container_of(timer, struct register_, move);
	struct entry *e = r->entry;
	struct ip rp = pim_rp(e->pim, e->sg.grp);
	bool is_asked = r->is_asked && !r->is_refused;

	r->may_move = is_asked || r->state != REGISTER_JOIN || pim_clock(e->pim)->now >= r->move_by;
	if (r->may_move) {
		entry_mark(e);
		return;
	}
	if (may_ask(e->pim)) {
		r->is_asked = true;
		r->is_refused = false;
		encapsulate_null(e->pim, &e->sg, rp, rpf_interface(e));
	}
	timer_start(pim_clock(e->pim), &r->move, MOVE_PROBE);
}

/* Whether packets still go to the RP before, which is another one than now. */
static bool stays(struct entry *e)
{
	struct register_ *r = e->register_;

	if (r->may_move || !r->target->reachable)
		return false;
	if (!timer_is_running(&r->move)) {
		r->is_asked = false;
		r->move_by = pim_clock(e->pim)->now + MOVE_DOUBT;
		timer_start(pim_clock(e->pim), &r->move, MOVE_PROBE);
	}
	return true;
}

/* Packets go to that RP from now on. */
static void register_with(struct entry *e, struct ip rp)
{
	struct register_ *r = e->register_;
	struct target *before = r->target;

	timer_stop(pim_clock(e->pim), &r->move);
	r->may_move = false;
	if (before && ip_eq(r->rp, rp))
		return;
	r->rp = rp;
	r->target = target_hold(e->pim, rp);
	if (before)
		target_drop(before);
}

/*
 * A router that is the RP itself has its sources' streams without a tunnel, unless there are others
 * with the RP's address (RFC 4610).
 */
void register_settle(struct entry *e)
{
	struct ip rp;

	if (!e->register_ && !could_register(e))
		return;
	rp = pim_rp(e->pim, e->sg.grp);
	if (ip_is_any(rp) || (pim_owns(e->pim, rp) && !anycast_is_shared(e->pim, rp)) ||
	    !could_register(e)) {
		register_event(e, COULD_NOT);
		return;
	}
	if (!e->register_) {
		register_event(e, COULD);
	} else if (!ip_eq(e->register_->rp, rp)) {
		if (!pim_owns(e->pim, rp) && stays(e))
			return;
		register_event(e, RP_CHANGED);
		e->register_->moved = pim_clock(e->pim)->now;
	}
	register_with(e, rp);
}

/* RFC 7761 6.2: only the RP may stop it; or all others, if that is this router too. */
static void stop(struct entry *e, struct ip src)
{
	struct register_ *r = e->register_;

	if (ip_eq(src, r->rp))
		register_event(e, RX_STOP);
	else if (timer_is_running(&r->move) && ip_eq(src, pim_rp(e->pim, e->sg.grp)))
		r->is_refused = true;
	else if (!pim_owns(e->pim, e->register_->rp) || !anycast_stop(e, src))
		e->pim->counters.stop_stranger++;
	else if (is_stopped_by_all(e))
		register_event(e, RX_STOP);
}

/* RFC 7761 4.4.1: without a source, it is meant for all that are there. */
void register_stop(struct pim *pim, struct ip src, const struct msg_register_stop *m)
{
	struct entry *e;

	if (!ip_is_any(m->sg.src)) {
		e = entry_find(pim, m->sg);
		if (e && e->register_)
			stop(e, src);
		else if (!e || !anycast_stop(e, src))
			pim->counters.stop_no_state++;
		return;
	}
	for (e = entry_first_source(pim, m->sg.grp); e; e = entry_next_source(e)) {
		if (e->register_)
			stop(e, src);
	}
}

void register_data(struct pim *pim, const struct packet *packet)
{
	struct msg_ends ends = { .src = ip_any(pim->engine.af) };
	struct inner inner;
	struct entry *e;

	if (!inner_read(pim->engine.af, packet->data, packet->len, &inner))
		return;
	e = entry_find(pim, inner.sg);
	if (!e || state_of(e) != REGISTER_JOIN) {
		pim->counters.register_no_state++;
		return;
	}
	ends.dst = e->register_->rp;
	if (!pim_owns(pim, ends.dst)) {
		encapsulate(pim, &inner, &ends, rpf_interface(e));
		return;
	}
	anycast_register(e, ends.dst, &inner);
	if (is_stopped_by_all(e))
		register_event(e, RX_STOP);
}

void register_end(struct entry *e)
{
	if (!e->register_)
		return;
	timer_stop(pim_clock(e->pim), &e->register_->rst);
	timer_stop(pim_clock(e->pim), &e->register_->move);
	if (e->register_->target)
		target_drop(e->register_->target);
	free(e->register_);
	e->register_ = NULL;
}
