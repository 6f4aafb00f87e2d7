/* anycast.c - several routers share the address of an RP (RFC 4610)
 *
 * A copy is sent to an address of a member, not to that of the RP, and one that came is not copied
 * again, so it cannot go in circles. Its TTL is that of the Register nevertheless (4).
 *
 * A DR, be it this router or another one, is stopped when all members that can be reached answered
 * a copy by a Register-Stop: until then one of them may have listeners that get the source by it
 * alone. A member need not answer (4), so they are waited for a while only.
 */
#include <stdlib.h>

#include "anycast.h"
#include "macros.h"

/* Members whose answers are waited for. */
#define MAXANSWERS 64

static bool is_other(const struct anycast *a, struct ip rp)
{
	return ip_eq(a->rp, rp) && !a->target->own;
}

static struct anycast *find(const struct pim *pim, struct ip rp, struct ip ip)
{
	for (unsigned n = 0; n < pim->nanycast; n++) {
		if (ip_eq(pim->anycast[n].rp, rp) && ip_eq(pim->anycast[n].ip, ip))
			return &pim->anycast[n];
	}
	return NULL;
}

/* The one of the RP's that is this router. */
static const struct anycast *own(const struct pim *pim, struct ip rp)
{
	for (unsigned n = 0; n < pim->nanycast; n++) {
		if (ip_eq(pim->anycast[n].rp, rp) && pim->anycast[n].target->own)
			return &pim->anycast[n];
	}
	return NULL;
}

void anycast_free(struct pim *pim)
{
	for (unsigned n = 0; n < pim->nanycast; n++)
		target_drop(pim->anycast[n].target);
	free(pim->anycast);
	pim->anycast = NULL;
	pim->nanycast = 0;
}

/* Answers are kept by number of the member, which may be another one's now. */
static void forget_answers(struct pim *pim)
{
	struct entry *e;

	for (e = entry_nfind(pim, (struct sg){ 0 }); e; e = entry_next(e)) {
		if (e->answers)
			e->answers->stopped = 0;
	}
}

static bool is_same(const struct pim *pim, const struct anycast *members, unsigned n)
{
	if (n != pim->nanycast)
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (!ip_eq(members[i].rp, pim->anycast[i].rp) ||
		    !ip_eq(members[i].ip, pim->anycast[i].ip))
			return false;
	}
	return true;
}

void anycast_configure(struct pim *pim)
{
	const struct pim_family *f = &pim->conf->af[pim->engine.af];
	struct anycast *members = f->nanycast ? xcalloc(f->nanycast, sizeof(*members)) : NULL;

	for (unsigned n = 0; n < f->nanycast; n++) {
		const struct anycast *before = find(pim, f->anycast[n].rp, f->anycast[n].member);

		if (before)
			members[n] = *before;
		members[n].rp = f->anycast[n].rp;
		members[n].ip = f->anycast[n].member;
		members[n].target = target_hold(pim, members[n].ip);
	}
	if (!is_same(pim, members, f->nanycast))
		forget_answers(pim);
	anycast_free(pim);
	pim->anycast = members;
	pim->nanycast = f->nanycast;
}

void anycast_settle(struct pim *pim)
{
	for (unsigned n = 0; n < pim->nanycast; n++) {
		struct anycast *a = &pim->anycast[n];
		bool is_back = a->target->reachable && !a->was_reachable && !a->target->own;

		a->was_reachable = a->target->reachable;
		if (is_back)
			entries_tell(pim, a->ip);
	}
}

bool anycast_is_shared(const struct pim *pim, struct ip rp)
{
	bool any = false;

	for (unsigned n = 0; n < pim->nanycast && !any; n++)
		any = is_other(&pim->anycast[n], rp);
	return any && own(pim, rp);
}

bool anycast_is_copy(struct pim *pim, struct ip rp, const struct packet *packet)
{
	const struct anycast *to = find(pim, rp, packet->dst);
	struct anycast *from = find(pim, rp, packet->src);

	if (from) {
		from->received++;
		pim->counters.copies_received++;
		return true;
	}
	if (to && to->target->own)
		log_limited(pim->engine.log, &pim->bad, pim_clock(pim), LEVEL_WARNING,
			    "RP %s: %s sent a Register to %s, and is no member", ip_str(rp),
			    ip_str(packet->src), ip_str(packet->dst));
	return false;
}

static void count_sent(struct pim *pim, struct anycast *a)
{
	a->sent++;
	pim->counters.copies_sent++;
}

static void send_copies(struct pim *pim, struct ip rp, const struct msg_register *m, uint8_t ttl,
			uint8_t tos)
{
	const struct anycast *us = own(pim, rp);

	for (unsigned n = 0; us && n < pim->nanycast; n++) {
		struct anycast *a = &pim->anycast[n];
		struct msg_ends ends = { .src = us->ip, .dst = a->ip };

		if (is_other(a, rp) && encapsulate_as(pim, &ends, m, ttl, tos))
			count_sent(pim, a);
	}
}

/* From now on answers count. */
static struct answers *answers(struct entry *e)
{
	if (!e->answers) {
		e->answers = xcalloc(1, sizeof(*e->answers));
		e->answers->until = pim_clock(e->pim)->now + e->pim->conf->register_probe;
	}
	return e->answers;
}

static void ask_again(struct entry *e)
{
	free(e->answers);
	e->answers = NULL;
	answers(e);
}

void anycast_copy(struct pim *pim, struct ip rp, const struct packet *packet,
		  const struct msg_register *m)
{
	struct entry *e = entry_find(pim, m->sg);

	if (e && anycast_is_shared(pim, rp)) {
		e->is_first_hand = true;
		if (m->null)
			ask_again(e);
		answers(e);
	}
	send_copies(pim, rp, m, packet->ttl, packet->tos);
}

void anycast_probe(struct entry *e, struct ip rp)
{
	struct msg_register m = { .null = true, .sg = e->sg };

	ask_again(e);
	send_copies(e->pim, rp, &m, REGISTER_TTL, 0);
}

void anycast_register(struct entry *e, struct ip rp, const struct inner *inner)
{
	const struct anycast *us = own(e->pim, rp);

	answers(e);
	for (unsigned n = 0; us && n < e->pim->nanycast; n++) {
		struct anycast *a = &e->pim->anycast[n];
		struct msg_ends ends = { .src = us->ip, .dst = a->ip };

		if (is_other(a, rp) && encapsulate(e->pim, inner, &ends, rpf_interface(e)))
			count_sent(e->pim, a);
	}
}

void anycast_tell(struct entry *e, struct ip member)
{
	struct msg_register m = { .null = true, .sg = e->sg };
	struct ip rp = pim_rp(e->pim, e->sg.grp);
	struct anycast *a = find(e->pim, rp, member);
	const struct anycast *us = own(e->pim, rp);

	if (entry_is_star(e) || !entry_is_alive(e) || !a || !us ||
	    !(e->is_first_hand || e->register_))
		return;
	if (encapsulate_as(e->pim, &(struct msg_ends){ us->ip, member }, &m, REGISTER_TTL, 0))
		count_sent(e->pim, a);
}

bool anycast_stop(struct entry *e, struct ip src)
{
	struct pim *pim = e->pim;
	struct anycast *a = find(pim, pim_rp(pim, e->sg.grp), src);

	if (!a)
		return false;
	a->stopped++;
	if (e->answers && a - pim->anycast < MAXANSWERS)
		e->answers->stopped |= UINT64_C(1) << (a - pim->anycast);
	return true;
}

bool anycast_is_stopped(const struct entry *e, struct ip rp)
{
	const struct pim *pim = e->pim;
	const struct answers *answers = e->answers;

	if (!answers || (pim->conf->spt != SPT_NEVER && pim_clock(pim)->now >= answers->until))
		return true;
	for (unsigned n = 0; n < pim->nanycast && n < MAXANSWERS; n++) {
		const struct anycast *a = &pim->anycast[n];

		if (is_other(a, rp) && a->target->reachable && !(answers->stopped >> n & 1))
			return false;
	}
	return true;
}
