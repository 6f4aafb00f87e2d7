/* router.c - a router: its life, and a turn
 *
 * A turn is the same whatever happened: engines settle, vifs that are needed are made, entries
 * and memberships are written, vifs that nobody needs go. Long work is cut into slices, between
 * which the owner serves upcalls; an upcall is answered within its own call.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/core.h"

/* What one slice handles at most, of each kind of work. */
#define SLICE 256

/* Of memberships: with ten thousand on a device, the kernel takes some 100 us for each. */
#define JOIN_SLICE 32

struct router *router_new(struct kern *kern, struct clock *clock, struct log *log,
			  const struct router_options *options)
{
	struct router *r = xcalloc(1, sizeof(*r));

	r->kern = kern;
	r->options = *options;
	r->started = clock->now;
	rng_seed(&r->rng, options->seed);
	r->host = (struct host){
		.op = &engine_host_ops,
		.clock = clock,
		.rng = &r->rng,
		.log = log,
		.tunnel = kern->tunnel ? kern->tunnel : TUNNEL_NAME,
		.cache_idle = options->cache_idle,
		.mrd_interval = options->mrd_interval,
	};
	r->log = log_area(log, "router");
	TAILQ_INIT(&r->sessions);
	iface_init(&r->ifaces);
	join_init(&r->joins);
	listen_init(&r->listens, MAXENGINES);
	member_init(&r->members, MAXENGINES);
	for (enum af af = V4; af <= V6; af++) {
		mfc_init(&r->mfc[af], r, af);
		rpf_init(&r->watches[af]);
	}
	engines_create(r);
	return r;
}

void router_abandon(struct router *r)
{
	sessions_end(r);
	load_end(r);
	engines_destroy(r);
	for (enum af af = V4; af <= V6; af++) {
		mfc_free(&r->mfc[af]);
		rpf_free(&r->watches[af]);
	}
	join_free(r);
	listen_free(&r->listens);
	member_free(&r->members);
	iface_free(&r->ifaces);
	free(r);
}

static void take_back_vifs(struct router *r, enum af af)
{
	for (unsigned i = 0; i < MAXSLOTS; i++) {
		struct slot_vif *v = &r->ifaces.slot[i].vif[af];

		if (v->state != VIF_NONE)
			r->kern->op->vif_del(r->kern, af, v->number);
		v->state = VIF_NONE;
	}
}

void router_free(struct router *r)
{
	engines_stop(r);
	join_flush(r);
	for (enum af af = V4; af <= V6; af++) {
		mfc_flush(&r->mfc[af]);
		take_back_vifs(r, af);
	}
	router_abandon(r);
}

static void settle_all(struct router *r)
{
	while (engines_settle(r, SLICE))
		;
}

/* Engines hear of the sources whose entries were inherited. */
static void recall_inherited(struct router *r)
{
	for (enum af af = V4; af <= V6; af++) {
		if (!mfc_has_inherited(&r->mfc[af]))
			continue;
		mfc_recall(&r->mfc[af], NULL, (struct prefix){ .ip = ip_any(af) });
		while (source_work(&r->mfc[af], SLICE))
			;
	}
}

/*
 * What the configuration, the process before and the kernel's entries say makes one set of wishes,
 * of which nothing is written until it is whole.
 */
void router_begin(struct router *r)
{
	load_start(r);
	settle_all(r);
	handover_take(r);
	settle_all(r);
	recall_inherited(r);
	settle_all(r);
}

void router_start(struct router *r)
{
	router_begin(r);
	while (router_work(r))
		;
}

/* A slice of all that is due; true if there is more. */
static bool turn(struct router *r, unsigned budget)
{
	bool more, awake;

	rpf_work(r, budget);
	awake = r->awake;
	r->awake = false; /* what an engine tells another may wake that */
	more = awake && engines_settle(r, budget);
	r->awake |= more;
	iface_make_vifs(r);
	listen_work(r);
	more |= join_work(r, budget ? JOIN_SLICE : SLICE, !budget || !r->awake);
	more |= member_work(r, SLICE);
	for (enum af af = V4; af <= V6; af++)
		more |= mfc_work(&r->mfc[af], budget);
	iface_drop_vifs(r);
	iface_sweep(r);
	return more || r->awake || r->ifaces.changed || rpf_is_stale(r);
}

void router_turn(struct router *r)
{
	r->awake = true;
	turn(r, 0);
}

bool router_work(struct router *r)
{
	bool asked = sessions_work(r), more = load_work(r, SLICE);

	more |= turn(r, SLICE);
	if (!more && load_settled(r))
		return true;
	return asked || more || load_holds(r);
}

bool router_is_done(const struct router *r)
{
	return r->done;
}

void router_refused(struct router *r, const char *fmt, ...)
{
	va_list args;

	if (*r->refusal)
		return;
	va_start(args, fmt);
	vsnprintf(r->refusal, sizeof(r->refusal), fmt, args);
	va_end(args);
}

void router_upcall(struct router *r, enum af af, enum upcall_kind kind, struct sg sg, unsigned vif)
{
	unsigned slot = iface_of_vif(r, af, vif);
	struct entry *e;

	r->mfc[af].counts.upcalls++;
	if (slot == NOSLOT) {
		r->mfc[af].counts.no_interface++;
		return;
	}
	e = mfc_upcall(&r->mfc[af], kind, sg, slot);
	engines_settle_of(r, af, 0);
	iface_make_vifs(r);
	mfc_answer(&r->mfc[af], e, kind);
}

void router_inherit_entry(struct router *r, enum af af, const struct mfc_entry *entry)
{
	r->host.resumes = true;
	mfc_inherit(&r->mfc[af], entry);
}
