/* register_rp.c - the RP's side of Registers: what DRs send goes down the shared tree
 *
 * RFC 7761 4.4.2. The packet in a Register is sent to the tunnel, where it arrives like any other,
 * and the kernel forwards it: RPF_interface(RP) is the tunnel, and the TTL is decremented there.
 */
#include "anycast.h"
#include "macros.h"

/* Between two Register-Stops that say the same: one may be lost, and packets come meanwhile. */
#define STOP_INTERVAL 100

/* Whether it was said long ago, if at all; it is being said now. */
static bool may_say(struct pim *pim, const struct sg *sg, struct ip dr)
{
	struct stop_said *said = &pim->stop_said[sg_hash(sg) % NELEMS(pim->stop_said)];
	int64_t now = pim_clock(pim)->now;

	if (sg_eq(said->sg, *sg) && ip_eq(said->dr, dr) && now < said->at + STOP_INTERVAL)
		return false;
	*said = (struct stop_said){ .sg = *sg, .dr = dr, .at = now };
	return true;
}

/* RFC 7761 4.9.4: from the address that the Register was sent to. */
static void send_stop(struct pim *pim, const struct packet *packet, const struct sg *sg)
{
	struct msg_ends ends = { .src = packet->dst, .dst = packet->src };
	struct msg_register_stop m = { .sg = *sg };
	uint8_t data[64];
	struct packet stop = {
		.proto = PROTO_PIM,
		.slot = ip_is_link_local(ends.dst) ? packet->slot : NOSLOT,
		.ttl = REGISTER_TTL,
		.src = ends.src,
		.dst = ends.dst,
		.data = data,
	};

	if (!may_say(pim, sg, ends.dst))
		return;
	stop.len = msg_register_stop_encode(&ends, &m, data, sizeof(data));
	if (pim->engine.host->op->send(&pim->engine, &stop, NULL) == SENT)
		pim->counters.sent[MSG_REGISTER_STOP]++;
	else
		pim->counters.send_failed++;
}

/*
 * SwitchToSptDesired(S,G) of an RP, by what came in Registers; @e is NULL where it has no room.
 * Another member of the RP sends copies of data for a while only, and then the word alone that the
 * source is there: no threshold could be reached by that.
 */
static bool switch_desired(const struct pim *pim, const struct entry *e, bool is_copy)
{
	if (pim->conf->spt == SPT_NEVER)
		return false;
	return keepalive_switches_at_once(pim) || is_copy || (e && e->is_busy);
}

/* RFC 7761 6.2: sources that may be registered; all if nothing is said. */
static bool is_taken(const struct pim *pim, struct ip source)
{
	const struct pim_family *f = &pim->conf->af[pim->engine.af];

	return pim_takes(f->register_from, f->nregister_from, source);
}

static bool is_within_limit(struct pim *pim)
{
	return pim_may(pim, &pim->registers, pim->conf->max_registers);
}

/* Anybody can send Registers of any source: they leave room for others. NULL: there is none. */
static struct entry *get(struct pim *pim, struct sg sg)
{
	struct entry *e = entry_find(pim, sg);

	if (e || pim->conf->spt == SPT_NEVER)
		return e;
	if (pim->nentries < entries_share(pim))
		return entry_get(pim, sg);
	pim->counters.limited++;
	return NULL;
}

static void decapsulate(struct pim *pim, const struct packet *packet, const struct msg_register *m)
{
	uint8_t copy[UINT16_MAX];
	struct inner inner;
	struct packet out = { .proto = PROTO_IP, .slot = pim->tunnel };

	if (pim->tunnel == NOSLOT || !inner_read(pim->engine.af, m->data, m->len, &inner))
		return;
	out.data = inner_with_ecn(pim->engine.af, &inner, packet->tos, copy);
	out.len = inner.len;
	if (pim->engine.host->op->send(&pim->engine, &out, NULL) != SENT)
		pim->counters.send_failed++;
}

/*
 * The source's tree was expected to bring its data (forward.c), but there is none of it, though its
 * DR, which says by a Null-Register that it goes on, was told to stop: a router on the way does no
 * PIM. What is registered is all there is.
 */
static bool is_in_vain(const struct entry *e)
{
	struct counters now = { 0 };

	return e->spt && e->spt_is_assumed && !(keepalive_count(e, &now) && now.packets);
}

/* Of a group that is ours: the state there is, or is made, says what is to be done with it. */
static void take(struct pim *pim, struct ip rp, const struct packet *packet,
		 const struct msg_register *m, bool is_copy)
{
	const struct pim_conf *conf = pim->conf;
	struct sg group = { .src = ip_any(pim->engine.af), .grp = m->sg.grp };
	int64_t period = conf->keepalive_period;
	int64_t stopped = 3 * conf->register_suppression + conf->register_probe;
	bool resumes = pim->engine.host->resumes; /* who wants it is not known yet */
	struct entry *e = get(pim, m->sg);
	const struct entry *star = entry_find(pim, group);
	struct ifset shared = star ? immediate_olist(star) : ifset_none(), all = shared;
	bool desired;

	if (e && m->null && is_in_vain(e)) {
		e->spt = e->spt_is_assumed = false;
		e->is_registered = true;
		entry_mark(e);
	}
	if (e) {
		shared = inherited_olist_sg_rpt(e);
		all = inherited_olist_sg(e);
		if (!m->null)
			keepalive_register(e, m->len);
	}
	desired = switch_desired(pim, e, is_copy);
	if (is_copy && e)
		e->is_first_hand = false;
	if (!is_copy)
		anycast_copy(pim, rp, packet, m);
	if ((e && e->spt) || (desired && ifset_empty(all) && !resumes)) {
		if (is_copy || m->null || !e || anycast_is_stopped(e, rp))
			send_stop(pim, packet, &m->sg);
		period = stopped > period ? stopped : period;
	}
	if (e && (e->spt || desired))
		keepalive_start(e, period);
	if (!(e && e->spt) && !m->null && (!ifset_empty(shared) || resumes)) {
		if (e)
			e->is_registered = true;
		decapsulate(pim, packet, m);
	}
}

/*
 * Whether the address is this host's: also one that nobody asked for until now, be it of an RP
 * within the group or of an interface without PIM.
 */
static bool is_mine(struct pim *pim, struct ip dst)
{
	struct target *t;
	bool is_own = pim_owns(pim, dst);

	if (is_own || target_find(pim, dst) || !is_within_limit(pim))
		return is_own;
	t = target_hold(pim, dst);
	is_own = t->own;
	target_drop(t);
	return is_own;
}

/* We were the RP until just now: what comes still goes down the tree that is there still. */
static bool is_left(const struct pim *pim, struct ip dst, struct ip group)
{
	const struct entry *star = entry_find(pim, (struct sg){ ip_any(pim->engine.af), group });

	return ip_eq(turn_old_rp(star), dst);
}

void register_receive(struct pim *pim, const struct packet *packet, const struct msg_register *m)
{
	struct ip rp = pim_rp(pim, m->sg.grp);
	bool is_copy = pim_owns(pim, rp) && anycast_is_copy(pim, rp, packet);

	if (!is_mine(pim, packet->dst)) {
		pim->counters.not_for_me++;
	} else if (!ip_eq(packet->dst, rp) && !is_copy && !is_left(pim, packet->dst, m->sg.grp)) {
		if (ssm_has(pim, m->sg.grp))
			pim->counters.ssm_refused++;
		else
			pim->counters.register_wrong_rp++;
		send_stop(pim, packet, &m->sg);
	} else if (!is_taken(pim, m->sg.src)) {
		pim->counters.register_filtered++;
		send_stop(pim, packet, &m->sg);
	} else if (is_within_limit(pim)) {
		take(pim, rp, packet, m, is_copy);
	} else {
		pim->counters.register_limited++;
	}
}
