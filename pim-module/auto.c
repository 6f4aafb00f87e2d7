/* auto.c - Auto-RP: what mapping agents tell of RPs
 *
 * There is one agent that all routers believe, that of the highest address, since others fall
 * silent as soon as they hear it; their words are kept for the time when it has gone. Each range
 * has one RP, which the agent chose: what it said last of a range holds, until its time is over.
 *
 * Of too many, the highest are known. Anybody can invent some: higher ones rule as soon as they
 * speak, be the true one known or not, and it is known again by its next message when they are
 * over; lower ones must not keep it out. Who wants more names those that are believed.
 */
#include <stdlib.h>

#include "auto.h"
#include "macros.h"
#include "msg_auto.h"

static int range_cmp(const struct auto_range *a, const struct auto_range *b)
{
	if (a->range.len != b->range.len)
		return a->range.len < b->range.len ? -1 : 1;
	return ip_cmp(a->range.ip, b->range.ip);
}

TREE_GENERATE(auto_ranges, auto_range, order, range_cmp)

const struct auto_range *auto_next(const struct auto_agent *a, const struct auto_range *r)
{
	return r ? TREE_NEXT(auto_ranges, r) : TREE_MIN(auto_ranges, &a->ranges);
}

void auto_init(struct pim *pim)
{
	TAILQ_INIT(&pim->agents);
}

static void range_free(struct auto_range *r)
{
	struct auto_agent *a = r->agent;

	timer_stop(pim_clock(a->pim), &r->timer);
	TREE_REMOVE(auto_ranges, &a->ranges, r);
	a->nranges--;
	a->pim->is_auto_stale = true;
	free(r);
}

static void agent_free(struct auto_agent *a)
{
	struct auto_range *r;

	while ((r = TREE_MIN(auto_ranges, &a->ranges)))
		range_free(r);
	TAILQ_REMOVE(&a->pim->agents, a, link);
	a->pim->nagents--;
	free(a);
}

void auto_free(struct pim *pim)
{
	struct auto_agent *a;

	while ((a = TAILQ_FIRST(&pim->agents)))
		agent_free(a);
}

static bool is_believed(const struct pim *pim, struct ip agent)
{
	const struct pim_family *f = &pim->conf->af[V4];

	return pim_takes(f->auto_from, f->nauto_from, agent);
}

void auto_configure(struct pim *pim)
{
	struct auto_agent *a, *next;

	TAILQ_FOREACH_SAFE(a, &pim->agents, link, next) {
		if (!pim->conf->auto_rp || !is_believed(pim, a->ip))
			agent_free(a);
	}
}

/* The first agent's words are the mappings. */
static void publish(struct pim *pim)
{
	const struct auto_agent *a = TAILQ_FIRST(&pim->agents);
	struct rp_mapping *mapping = xcalloc(a ? a->nranges + 1 : 1, sizeof(*mapping));
	const struct auto_range *r = NULL;
	unsigned n = 0;

	while (a && (r = auto_next(a, r)))
		mapping[n++] = (struct rp_mapping){
			.range = r->range,
			.rp = r->rp,
			.origin = RP_AUTO,
			.mode = ip_is_any(r->rp) ? RP_DENSE : RP_SPARSE,
			.hash_len = RP_HASH_LEN_V4,
			.until = r->until,
			.is_reachable = true,
		};
	rp_set_replace(&pim->rps, RP_AUTO, mapping, n);
	free(mapping);
}

/* Where what is flooded goes is another place. */
static void mark_flooded(struct pim *pim)
{
	const struct ip groups[] = { AUTO_ANNOUNCED, AUTO_DISCOVERY };
	struct entry *e;

	for (unsigned n = 0; n < NELEMS(groups); n++) {
		for (e = entry_first_source(pim, groups[n]); e; e = entry_next_source(e))
			entry_mark(e);
	}
}

void auto_settle(struct pim *pim)
{
	struct ifset neighbors = ifset_none();

	if (pim->conf->auto_rp)
		neighbors = auto_neighbors(pim);
	if (!ifset_eq(neighbors, pim->flooded))
		mark_flooded(pim);
	pim->flooded = neighbors;
	if (pim->is_auto_stale)
		publish(pim);
	pim->is_auto_stale = false;
}

static void fire(struct timer *t)
{
	struct auto_range *r = container_of(t, struct auto_range, timer);
	struct auto_agent *a = r->agent;
	struct pim *pim = a->pim;

	range_free(r);
	if (!a->nranges)
		agent_free(a);
	pim->engine.host->op->wake(&pim->engine);
}

static void limited(struct pim *pim, struct ip agent)
{
	pim->counters.limited++;
	log_limited(pim->engine.log, &pim->full, pim_clock(pim), LEVEL_WARNING,
		    "no room for what Auto-RP's agent %s says", ip_str(agent));
}

/* The agent, with or without words, and maybe one too many; NULL: there is no room. */
static struct auto_agent *agent_get(struct pim *pim, struct ip ip)
{
	struct auto_agent *a, *behind;

	TAILQ_FOREACH(behind, &pim->agents, link) {
		if (ip_cmp(behind->ip, ip) <= 0)
			break;
	}
	if (behind && ip_eq(behind->ip, ip))
		return behind;
	if (!behind && pim->nagents >= AUTO_MAX_AGENTS) {
		limited(pim, ip);
		return NULL;
	}
	a = xcalloc(1, sizeof(*a));
	a->pim = pim;
	a->ip = ip;
	TREE_INIT(auto_ranges, &a->ranges);
	if (behind)
		TAILQ_INSERT_BEFORE(behind, a, link);
	else
		TAILQ_INSERT_TAIL(&pim->agents, a, link);
	pim->nagents++;
	return a;
}

/* The lowest one goes. */
static void make_room(struct pim *pim)
{
	struct auto_agent *last = TAILQ_LAST(&pim->agents, auto_agents);

	limited(pim, last->ip);
	agent_free(last);
}

static struct auto_range *range_get(struct auto_agent *a, const struct prefix *range)
{
	struct auto_range key = { .range = *range }, *r = TREE_FIND(auto_ranges, &a->ranges, &key);

	if (r)
		return r;
	if (a->nranges == AUTO_MAX_RANGES) {
		limited(a->pim, a->ip);
		return NULL;
	}
	r = xcalloc(1, sizeof(*r));
	r->agent = a;
	r->range = *range;
	timer_init(&r->timer, fire);
	TREE_INSERT(auto_ranges, &a->ranges, r);
	a->nranges++;
	return r;
}

/* Those of a negative range, or of an RP that speaks another version alone, have none of ours. */
static void take(struct auto_agent *a, const struct msg_auto_rp *rp, int64_t holdtime)
{
	struct clock *clock = pim_clock(a->pim);

	for (unsigned n = 0; n < rp->nranges; n++) {
		bool is_none = rp->range[n].negative || rp->versions == AUTO_PIM_V1;
		struct auto_range *r = range_get(a, &rp->range[n].prefix);

		if (!r)
			return;
		r->rp = is_none ? ip_any(V4) : rp->ip;
		timer_stop(clock, &r->timer);
		r->until = 0;
		if (holdtime != MSG_FOREVER) {
			r->until = clock->now + holdtime;
			timer_start(clock, &r->timer, holdtime);
		}
	}
	a->pim->is_auto_stale = true;
}

static void bad(struct pim_iface *i, const struct packet *packet, enum msg_bad why)
{
	struct engine *e = &i->pim->engine;

	i->pim->counters.auto_bad++;
	log_limited(e->log, &i->pim->bad, e->host->clock, LEVEL_WARNING,
		    "%s: a message of Auto-RP of %s is dropped: %s", pim_ifname(i->pim, i->slot),
		    ip_str(packet->src), msg_bad_help(why));
}

void auto_receive(struct pim_iface *i, const struct packet *packet)
{
	struct pim *pim = i->pim;
	struct auto_agent *a;
	struct msg_auto m;
	enum msg_bad why;

	if (!msg_is_host(packet->src) || !is_believed(pim, packet->src) ||
	    pim_is_scoped(pim, i->slot, AUTO_DISCOVERY)) {
		pim->counters.auto_filtered++;
		return;
	}
	why = msg_auto_decode(rd_init(packet->data, packet->len), &pim->arena, &m);
	if (!why && m.type != AUTO_MAPPING)
		why = MSG_BAD_TYPE;
	if (why) {
		bad(i, packet, why);
		return;
	}
	pim->counters.auto_received++;
	a = agent_get(pim, packet->src);
	if (!a)
		return;
	a->heard = pim_clock(pim)->now;
	for (unsigned n = 0; n < m.nrps; n++)
		take(a, &m.rp[n], m.holdtime);
	if (!a->nranges)
		agent_free(a);
	else if (pim->nagents > AUTO_MAX_AGENTS)
		make_room(pim);
}
