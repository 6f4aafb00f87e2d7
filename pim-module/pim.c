/* pim.c - the engine: what comes in goes where it belongs, and a turn
 *
 * All events end here. settle() has interfaces first, since entries depend on them, then entries;
 * what they have to say to upstream routers leaves when they are done.
 */
#include <stdlib.h>
#include <string.h>

#include "anycast.h"
#include "auto.h"
#include "bsr.h"
#include "embedded.h"
#include "lib/abi.h"
#include "macros.h"

static struct engine *pim_create(void)
{
	struct pim *pim = xcalloc(1, sizeof(*pim));

	pim->conf = pim_conf_new();
	pim->tunnel = NOSLOT;
	pim->arena = arena_init(MSG_ARENA);
	TAILQ_INIT(&pim->target_list);
	TAILQ_INIT(&pim->markings);
	rp_set_init(&pim->rps);
	entries_init(pim);
	jp_init(pim);
	auto_init(pim);
	early_init(pim);
	embedded_init(pim);
	return &pim->engine;
}

static void find_areas(struct pim *pim)
{
	static const char *const name[PIM_NAREAS] = {
		[AREA_NEIGHBOR] = "pim-neighbor",
		[AREA_DOWNSTREAM] = "pim-downstream",
		[AREA_UPSTREAM] = "pim-upstream",
		[AREA_ASSERT] = "pim-assert",
		[AREA_REGISTER] = "pim-register",
		[AREA_RPF] = "pim-rpf",
		[AREA_RP] = "pim-rp",
		[AREA_BSR] = "pim-bsr",
	};

	for (unsigned i = 0; i < PIM_NAREAS; i++)
		pim->log[i] = log_area(pim->engine.log->log, name[i]);
}

/* The host is known from here on. */
static void pim_start(struct engine *e)
{
	find_areas(pim_of(e));
	turn_init(pim_of(e));
	early_start(pim_of(e));
	bsr_init(pim_of(e));
	candidate_init(pim_of(e));
}

static void pim_stop(struct engine *e)
{
	struct pim *pim = pim_of(e);

	candidate_stop(pim);
	bsr_stop(pim);
	ifset_foreach(slot, pim->running)
		iface_stop(pim->iface[slot]);
}

/* What comes in from now on has no effect. */
static bool pim_shrink(struct engine *e, unsigned budget)
{
	struct pim *pim = pim_of(e);

	pim->is_ending = true;
	return entries_shrink(pim, budget);
}

static void pim_destroy(struct engine *e)
{
	struct pim *pim = pim_of(e);

	pim->is_ending = true;
	entries_free(pim);
	turn_free(pim);
	jp_free(pim);
	early_free(pim);
	candidate_free(pim);
	bsr_free(pim);
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (pim->iface[slot])
			iface_free(pim->iface[slot]);
	}
	anycast_free(pim);
	auto_free(pim);
	embedded_free(pim);
	targets_free(pim);
	rp_set_free(&pim->rps);
	pim_conf_free(pim->conf);
	arena_free(&pim->arena);
	free(pim);
}

/* Configuration */

static void take_tunnel(struct pim *pim)
{
	struct engine *e = &pim->engine;
	bool on = !ifset_empty(pim->conf->named);
	int slot = on ? e->host->op->slot(e->host, e->host->tunnel) : -1;

	if (on && slot < 0)
		log_err(e->log, "%s: one interface too many, nothing can be registered",
			e->host->tunnel);
	if (slot < 0 && pim->tunnel != NOSLOT) {
		e->host->op->listen(e, pim->tunnel, LISTEN_DATA, false);
		pim->listens = false;
	}
	pim->tunnel = slot < 0 ? NOSLOT : slot;
	e->host->op->tunnel(e, slot >= 0);
}

/* Whether we are candidates depends on addresses and routes. */
static void settle_bsr(struct pim *pim)
{
	if (!pim->is_bsr_stale)
		return;
	pim->is_bsr_stale = false;
	bsr_settle(pim);
	candidate_settle(pim);
}

static bool is_same_ssm(const struct pim_family *a, const struct pim_family *b)
{
	return a->nssm == b->nssm &&
	       (!a->nssm || !memcmp(a->ssm, b->ssm, a->nssm * sizeof(*a->ssm)));
}

static void pim_configure(struct engine *e, void *conf, bool keep)
{
	struct pim *pim = pim_of(e);

	struct pim_conf *before = pim->conf;

	(void)keep;
	pim->conf = pim_conf_take(conf, e->af);
	/* streams that nobody looked at may have to be looked at now */
	if (before->spt != pim->conf->spt || before->spt_value != pim->conf->spt_value ||
	    before->spt_interval != pim->conf->spt_interval ||
	    before->no_embedded_rp != pim->conf->no_embedded_rp ||
	    before->max_embedded != pim->conf->max_embedded ||
	    before->auto_rp != pim->conf->auto_rp)
		forward_recall(pim);
	if (!is_same_ssm(&before->af[e->af], &pim->conf->af[e->af])) {
		entries_ssm_changed(pim);
		pim->refused = ifset_or(pim->refused, pim->running);
	}
	pim_conf_free(before);
	pim->changed = (struct ifset){ UINT64_MAX };
	take_tunnel(pim);
	targets_configure(pim);
	pim_rps_configure(pim);
	anycast_configure(pim);
	auto_configure(pim);
	store_configure(pim);
	offers_configure(pim);
	/* who is no candidate any more says so while interfaces run that may run no longer */
	pim->is_bsr_stale = true;
	settle_bsr(pim);
	pim->is_bsr_stale = true;
	entries_mark_all(pim);
}

static bool pim_is_idle(struct engine *e)
{
	return ifset_empty(pim_of(e)->conf->named);
}

/* Events */

static void pim_iface_changed(struct engine *e, unsigned slot, const struct iface *iface)
{
	struct pim *pim = pim_of(e);

	(void)iface;
	pim->changed = ifset_with(pim->changed, slot);
	pim->is_bsr_stale = true;
	if (slot == pim->tunnel)
		entries_mark_all(pim);
}

static void bad(struct pim_iface *i, const struct packet *packet, enum msg_bad why)
{
	struct engine *e = &i->pim->engine;

	PIM_COUNT(i, bad[why]);
	log_limited(e->log, &i->pim->bad, e->host->clock, LEVEL_WARNING,
		    "%s: a PIM message of %s is dropped: %s", pim_ifname(i->pim, i->slot),
		    ip_str(packet->src), msg_bad_help(why));
}

/* RFC 7761 4.5, 4.6: nobody is believed who said no Hello. */
static bool is_neighbor(struct pim_iface *i, struct ip src)
{
	if (neighbor_primary(i, src))
		return true;
	PIM_COUNT(i, stranger);
	return false;
}

/* Unless the configuration says so, for old routers at the other end of a link. */
static bool is_believed(struct pim_iface *i, struct ip src)
{
	if (!i->fields.takes_strangers)
		return is_neighbor(i, src);
	if (neighbor_is_wanted(i->pim, src))
		return true;
	PIM_COUNT(i, filtered);
	return false;
}

/* RFC 5059 6.4.1: of another domain, nobody is candidate. */
static void candidate_receive(struct pim_iface *i, struct ip src, const struct msg_candidate *m)
{
	if (i->fields.bsr_border)
		PIM_COUNT(i, bsr_border);
	else
		offer_receive(i->pim, src, m);
}

/* Decoded whole, then it has its effect. */
static enum msg_bad dispatch(struct pim_iface *i, const struct packet *packet, struct msg_rd *r)
{
	struct pim *pim = i->pim;
	union {
		struct msg_hello hello;
		struct msg_jp jp;
		struct msg_assert assert;
		struct msg_register reg;
		struct msg_register_stop stop;
		struct msg_bootstrap bootstrap;
		struct msg_candidate candidate;
	} m;
	enum msg_bad why = MSG_GOOD;

	switch (r->type) {
	case MSG_HELLO:
		why = msg_hello_decode(r, &pim->arena, &m.hello);
		if (!why)
			neighbor_hello(i, packet->src, &m.hello);
		break;
	case MSG_JOIN_PRUNE:
		why = msg_jp_decode(r, &pim->arena, &m.jp);
		if (!why && is_believed(i, packet->src))
			jp_receive(i, packet->src, &m.jp);
		break;
	case MSG_ASSERT:
		why = msg_assert_decode(r, &m.assert);
		if (!why && is_believed(i, packet->src))
			assert_receive(i, packet->src, &m.assert);
		break;
	case MSG_REGISTER:
		why = msg_register_decode(r, &m.reg);
		if (!why)
			register_receive(pim, packet, &m.reg);
		break;
	case MSG_REGISTER_STOP:
		why = msg_register_stop_decode(r, &m.stop);
		if (!why)
			register_stop(pim, packet->src, &m.stop);
		break;
	case MSG_BOOTSTRAP:
		why = msg_bootstrap_decode(r, &pim->arena, &m.bootstrap);
		if (!why && is_neighbor(i, packet->src))
			bsr_receive(i, packet, &m.bootstrap);
		break;
	case MSG_CANDIDATE_RP:
		why = msg_candidate_decode(r, &pim->arena, &m.candidate);
		if (!why)
			candidate_receive(i, packet->src, &m.candidate);
		break;
	default:
		break;
	}
	return why;
}

/* Heard from itself. Addresses of the link's own may be those of others elsewhere. */
static bool is_own(const struct pim_iface *i, struct ip src)
{
	for (unsigned n = 0; n < i->naddresses; n++) {
		if (ip_eq(i->addresses[n].ip, src))
			return true;
	}
	return !ip_is_link_local(src) && pim_owns(i->pim, src);
}

static void pim_packet(struct engine *e, const struct packet *packet)
{
	struct pim *pim = pim_of(e);
	struct pim_iface *i = pim_iface(pim, packet->slot);
	struct msg_ends ends = { packet->src, packet->dst };
	struct msg_rd r;
	enum msg_bad why;

	if (pim->is_ending)
		return;
	if (packet->proto == PROTO_IP) {
		register_data(pim, packet);
		return;
	}
	if (!i || i->fields.passive || is_own(i, packet->src))
		return;
	arena_reset(&pim->arena);
	if (packet->proto == PROTO_UDP) {
		auto_receive(i, packet);
		return;
	}
	why = msg_open(&ends, packet->data, packet->len, &r);
	if (!why && ip_is_multicast(packet->dst) && packet->ttl > 1) {
		PIM_COUNT(i, bad_ttl);
		return;
	}
	if (!why)
		why = dispatch(i, packet, &r);
	if (why)
		bad(i, packet, why);
	else
		PIM_COUNT(i, received[r.type]);
}

static void pim_upcall(struct engine *e, const struct upcall *u)
{
	if (!pim_of(e)->is_ending)
		forward_upcall(pim_of(e), u);
}

static void pim_member(struct engine *e, unsigned slot, const struct membership *m)
{
	struct pim *pim = pim_of(e);

	if (pim_iface(pim, slot) && !pim->is_ending)
		local_member(pim, slot, m);
}

static void pim_rpf(struct engine *e, struct ip ip, const struct rpf *rpf)
{
	target_changed(pim_of(e), ip, rpf);
	pim_of(e)->is_bsr_stale = true;
}

/* A turn */

/* Where what was registered comes in is one of our interfaces if we are an RP. */
static void settle_tunnel(struct pim *pim)
{
	struct engine *e = &pim->engine;
	bool on = (pim->nown || pim->nleft) && pim->tunnel != NOSLOT;

	if (on == pim->listens)
		return;
	pim->listens = on;
	e->host->op->listen(e, pim->tunnel, LISTEN_DATA, on);
}

/* Of a mapping that came into the set, or that has gone. */
static void tell_mapping(void *arg, const struct rp_mapping *m, bool is_there)
{
	struct pim *pim = arg;
	struct host *host = pim->engine.host;
	const char *state = is_there ? "learned" : "gone";
	const char *rp = ip_is_any(m->rp) ? "none" : ip_str(m->rp);

	if (m->origin != RP_STATIC)
		pim->rps_spread = pim_clock(pim)->now + RPS_SPREAD;
	if (is_there && m->origin != RP_STATIC && !rp_is_believed(&pim->rps, m->rp, m->range))
		pim->counters.rp_filtered++;
	log_debug(pim->log[AREA_RP], "RP %s: %s, of %s, %s", rp, state, prefix_str(&m->range),
		  rp_origin_name(m->origin));
	host->op->event(host, "rp", "address", rp, "state", state, "group", prefix_str(&m->range),
			"origin", rp_origin_name(m->origin), NULL);
}

/* Groups may have other RPs, and sources some to register with that had none. */
static void settle_rps(struct pim *pim)
{
	if (pim->rps_version == pim->rps.version)
		return;
	targets_watch_rps(pim);
	rp_set_tell(&pim->rps, tell_mapping, pim);
	pim->rps_version = pim->rps.version;
	early_review(pim);
	entries_mark_all(pim);
	forward_recall(pim);
}

static void settle_ifaces(struct pim *pim)
{
	const struct host_ops *op = pim->engine.host->op;
	struct ifset changed = pim->changed, named;

	if (ifset_empty(changed))
		return;
	named = op->expand(pim->engine.host, pim->conf->named);
	pim->changed = ifset_none();
	ifset_foreach(slot, changed) {
		if (slot != pim->tunnel && (pim->iface[slot] || ifset_has(named, slot)))
			iface_settle(pim, slot);
	}
}

static bool pim_settle(struct engine *e, unsigned budget)
{
	struct pim *pim = pim_of(e);
	bool more = false;

	if (pim->is_ending)
		return false;
	if (budget) {
		more = targets_work(pim);
		settle_ifaces(pim);
		settle_bsr(pim);
		auto_settle(pim);
		settle_rps(pim);
		settle_tunnel(pim);
		anycast_settle(pim);
	}
	more |= entries_settle(pim, budget) || !ifset_empty(pim->changed);
	if (budget)
		jp_flush(pim, more);
	if (budget && !more)
		local_again(pim);
	return more;
}

static struct ifset pim_slots(struct engine *e)
{
	const struct pim *pim = pim_of(e);
	const struct pim_family *f = &pim->conf->af[e->af];
	struct ifset slots = pim->conf->named;

	for (unsigned i = 0; i < f->nbsrs; i++)
		slots = ifset_with(slots, f->bsr[i].slot);
	for (unsigned i = 0; i < f->ncandidates; i++)
		slots = ifset_with(slots, f->candidate[i].slot);
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (pim->iface[slot])
			slots = ifset_with(slots, slot);
	}
	return ifset_with(slots, pim->tunnel);
}

bool pim_owns(const struct pim *pim, struct ip ip)
{
	ifset_foreach(slot, pim->running) {
		const struct pim_iface *i = pim->iface[slot];

		for (unsigned n = 0; n < i->naddresses; n++) {
			if (ip_eq(i->addresses[n].ip, ip))
				return true;
		}
	}
	return target_owns(pim, ip);
}

static const struct event_kind pim_events[] = {
	{ "neighbor", "pim", "a PIM router is there on a link, or has gone" },
	{ "dr", "pim", "another router is designated router of a link" },
	{ "bsr", "pim", "another router is bootstrap router of a zone, or nobody" },
	{ "rp", "pim", "a rendezvous point of a range is known or can be reached, or no longer" },
	{ "assert", "pim", "who forwards a group or a source to a link was found out, or is open" },
	{ "pim-downstream", "tree", "another router joins a group or a source here, or leaves it" },
	{ "pim-downstream-rpt", "tree", "it prunes a source off the shared tree, or no longer" },
	{ "pim-upstream", "tree", "a group or a source is joined with another router, or left" },
	{ "pim-upstream-rpt", "tree", "a source is pruned off the shared tree, or no longer" },
	{ "register", "tree", "a source is registered with the rendezvous point, or no longer" },
	{ 0 },
};

const struct module smckit_module = {
	.abi = SMCKIT_ABI,
	.name = "pim",
	.version = PACKAGE_STRING,
	.statements = pim_statements,
	.commands = pim_commands,
	.events = pim_events,
	.phyint = pim_keywords,
	.phyint_named = pim_phyint_named,
	.conf_new = pim_conf_new,
	.conf_free = pim_conf_free,
	.check = pim_conf_check,
	.serves = pim_serves,
	.create = pim_create,
	.start = pim_start,
	.shrink = pim_shrink,
	.stop = pim_stop,
	.destroy = pim_destroy,
	.configure = pim_configure,
	.iface = pim_iface_changed,
	.packet = pim_packet,
	.upcall = pim_upcall,
	.is_idle = pim_is_idle,
	.member = pim_member,
	.rpf = pim_rpf,
	.count = pim_count,
	.settle = pim_settle,
	.slots = pim_slots,
};
