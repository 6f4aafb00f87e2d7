/* net_plan.c - a random scenario, drawn from its seed */
#include <stdio.h>
#include <stdlib.h>

#include "sim/net_plan.h"

/* How long things happen, and how long each of them may last. */
#define ACTION SEC(300)
#define FAULT SEC(60)

/* Links are near ones or, in some networks, some far ones. */
static unsigned link_new(struct plan *p, struct rng *rng)
{
	p->delay[p->nlinks] = p->is_wide ? rng_jitter(rng, 1, 80) : 1;
	return p->nlinks++;
}

/* Routers below one another: what is up is some link that is there already. */
static void draw_routers(struct plan *p, struct rng *rng)
{
	p->has_old_router = p->kind == PLAN_PROXY && !rng_below(rng, 6);
	p->is_wide = !rng_below(rng, 3);
	link_new(p, rng);
	p->nrouters = 1 + rng_below(rng, rng_below(rng, 4) ? 6 : PLAN_ROUTERS);
	for (unsigned i = 0; i < p->nrouters; i++) {
		struct plan_router *r = &p->router[i];
		/* Often the newest, so that there are chains. */
		unsigned up = rng_below(rng, 3) ? p->nlinks - 1 : rng_below(rng, p->nlinks);

		r->up[r->nup++] = up;
		if (p->kind == PLAN_PROXY && p->nlinks > 1 && !rng_below(rng, 4)) {
			unsigned other = rng_below(rng, p->nlinks);

			if (other != up)
				r->up[r->nup++] = other;
			p->has_choice |= r->nup > 1;
		}
		r->spare = rng_below(rng, p->nlinks);
		r->has_spare = p->kind == PLAN_STATIC && r->spare != up && !rng_below(rng, 2);
		r->kernel = !rng_below(rng, 8);
		r->version = p->has_old_router && rng_below(rng, 2) ? 2 : 3;
		r->ndown = 1 + rng_below(rng, 3);
		for (unsigned k = 0; k < r->ndown; k++)
			r->down[k] = link_new(p, rng);
	}
}

/* Routers of PIM are on what links there are, and new ones. */
void plan_draw_mesh(struct plan *p, struct rng *rng)
{
	p->is_wide = !rng_below(rng, 3);
	link_new(p, rng);
	p->nrouters = 2 + rng_below(rng, rng_below(rng, 4) ? 5 : PLAN_ROUTERS - 2);
	for (unsigned i = 0; i < p->nrouters; i++) {
		struct plan_router *r = &p->router[i];
		unsigned up = rng_below(rng, 3) ? p->nlinks - 1 : rng_below(rng, p->nlinks);
		unsigned other = rng_below(rng, p->nlinks);

		r->up[r->nup++] = up;
		if (other != up && rng_below(rng, 2))
			r->up[r->nup++] = other;
		r->version = 3;
		r->ndown = rng_below(rng, 3);
		for (unsigned k = 0; k < r->ndown; k++)
			r->down[k] = link_new(p, rng);
	}
	p->nrps = 1 + !rng_below(rng, 4);
	for (unsigned i = 0; i < p->nrps; i++)
		p->rp[i] = (p->rp[0] + 1 + rng_below(rng, p->nrouters - 1)) % p->nrouters;
	p->ecmp = 1 + rng_below(rng, 3);
	p->converge = rng_jitter(rng, 0, SEC(2));
	p->diverge = rng_jitter(rng, 0, SEC(3));
	p->spt = rng_below(rng, 6);
}

/* Another one beside some router, on all of its links. */
static void draw_twin(struct plan *p, struct rng *rng)
{
	if (p->kind != PLAN_PROXY || p->has_choice || p->nrouters == PLAN_ROUTERS ||
	    rng_below(rng, 4))
		return;
	p->router[p->nrouters] = p->router[rng_below(rng, p->nrouters)];
	p->nrouters++;
	p->has_twin = true;
}

void plan_draw_hosts(struct plan *p, struct rng *rng)
{
	p->has_old = p->has_old_router || !rng_below(rng, 3);
	p->nhosts = 2 + rng_below(rng, rng_below(rng, 4) ? 8 : PLAN_HOSTS - 2);
	for (unsigned i = 0; i < p->nhosts; i++) {
		struct plan_host *h = &p->host[i];

		h->link = rng_below(rng, p->nlinks);
		h->version[V4] = p->has_old ? 1 + rng_below(rng, 3) : 3;
		h->version[V6] = p->has_old ? 2 + rng_below(rng, 2) : 3;
	}
}

static void draw_groups(struct plan *p, struct rng *rng)
{
	static const char *const forms[] = { "239.1.1.%u", "ff0e::%u", "232.1.1.%u", "ff3e::%u" };

	p->ngroups = 1 + rng_below(rng, PLAN_GROUPS);
	for (unsigned i = 0; i < p->ngroups; i++)
		snprintf(p->group[i], sizeof(p->group[i]),
			 forms[rng_below(rng, p->has_old_router ? 2 : NELEMS(forms))], i + 1);
}

struct plan_act *plan_act_new(struct plan *p, struct rng *rng, enum plan_what what, int64_t at)
{
	struct plan_act *act = &p->act[p->nacts++];

	act->what = what;
	act->at = at;
	act->until = at + rng_jitter(rng, 1, FAULT);
	return act;
}

static void draw_senders(struct plan *p, struct rng *rng, uint32_t senders)
{
	unsigned must = rng_below(rng, p->ngroups);

	for (unsigned i = 0; i < p->nhosts; i++) {
		if (!(senders >> i & 1))
			continue;
		for (unsigned g = 0; g < p->ngroups; g++) {
			struct plan_act *act;

			if (g != must && rng_below(rng, 3))
				continue;
			act = plan_act_new(p, rng, PLAN_SEND, rng_jitter(rng, 0, SEC(60)));
			act->until = CLOCK_NEVER;
			act->a = i;
			act->b = g;
		}
	}
}

/* A filter that makes sense: SSM groups have sources only. */
static void draw_want(struct plan *p, struct rng *rng, uint32_t senders, int64_t at)
{
	struct plan_act *act = plan_act_new(p, rng, PLAN_WANT, at);
	bool ssm;
	struct ip group;

	act->a = rng_below(rng, p->nhosts);
	act->b = rng_below(rng, p->ngroups);
	ssm = ip_parse(p->group[act->b], &group) && ip_is_ssm(group);
	/* RFC 4604 2.2.3: of older hosts there are no source-specific groups. */
	act->off = ssm && p->host[act->a].version[ip_family(group)] < 3;
	act->sources = senders & rng_u64(rng);
	switch (rng_below(rng, 6)) {
	case 0: /* leaves */
		act->sources = 0;
		break;
	case 1:
	case 2:
		act->mode = ssm ? FILTER_INCLUDE : FILTER_EXCLUDE;
		break;
	case 3:
		break;
	default:
		if (!ssm) {
			act->mode = FILTER_EXCLUDE;
			act->sources = 0;
		}
	}
}

/* What can break: nothing, what heals at once, or anything. */
struct mood {
	unsigned n;
	enum plan_what what[10];
};

static const struct mood moods[] = {
	{ 3, { PLAN_RELOAD, PLAN_UPGRADE, PLAN_MODULE } },
	{ 7,
	  { PLAN_DOWN, PLAN_PORT, PLAN_KILL, PLAN_RELOAD, PLAN_CHANGE, PLAN_UPGRADE,
	    PLAN_MODULE } },
	{ 10,
	  { PLAN_DOWN, PLAN_PORT, PLAN_POOR, PLAN_POOR, PLAN_KILL, PLAN_CHANGE, PLAN_SPLIT,
	    PLAN_RELOAD, PLAN_UPGRADE, PLAN_MODULE } },
};

static void draw_fault(struct plan *p, struct rng *rng, const struct mood *mood, int64_t at)
{
	struct plan_act *act = plan_act_new(p, rng, mood->what[rng_below(rng, mood->n)], at);
	const struct plan_router *r;

	act->a = rng_below(rng, p->nrouters);
	act->b = rng_below(rng, 4);
	r = &p->router[act->a];
	switch (act->what) {
	case PLAN_DOWN:
		act->a = rng_below(rng, p->nlinks);
		break;
	case PLAN_POOR:
		act->a = rng_below(rng, p->nlinks);
		act->quality = (struct net_quality){
			.delay = rng_jitter(rng, 1, 20),
			.jitter = rng_jitter(rng, 0, 50),
			.loss = rng_below(rng, 2) ? rng_below(rng, 300) : 0,
			.duplicate = rng_below(rng, 2) ? rng_below(rng, 100) : 0,
			.reorder = rng_below(rng, 2) ? rng_below(rng, 100) : 0,
		};
		break;
	case PLAN_KILL:
		/* Beside a twin that takes over, no kernel may go on forwarding. */
		act->b = rng_below(rng, p->has_twin ? NET_CRASH_KEPT : NET_CRASH_KEPT + 1);
		break;
	case PLAN_SPLIT:
		act->b = act->a;
		act->a = rng_below(rng, 2) || !r->ndown ? r->up[0] : r->down[0];
		break;
	default:
		break;
	}
}

void plan_draw_acts(struct plan *p, struct rng *rng)
{
	uint32_t senders = 1u << rng_below(rng, p->nhosts);
	unsigned wants, faults = rng_below(rng, 4) ? rng_below(rng, 12) : 0;
	unsigned mood = rng_below(rng, NELEMS(moods));

	/* Of two on a link, one that starts forwards until it hears of the other. */
	p->strict = !mood && !p->has_twin;
	/* Each router on a way needs seconds to see that a stream comes in elsewhere now. */
	p->soon = mood < 2 && !p->has_twin ? SEC(p->has_choice ? 60 : 15) : 0;

	while (rng_below(rng, 3))
		senders |= 1u << rng_below(rng, p->nhosts);
	draw_senders(p, rng, senders);
	wants = p->nhosts + rng_below(rng, 2 * p->nhosts);
	for (unsigned i = 0; i < wants && p->nacts < PLAN_ACTS / 2; i++)
		draw_want(p, rng, senders, rng_jitter(rng, 0, ACTION));
	for (unsigned i = 0; i < faults; i++)
		draw_fault(p, rng, &moods[mood], rng_jitter(rng, 0, ACTION));
}

void plan_draw(struct plan *p, uint64_t seed)
{
	static const int64_t intervals[] = { 20, 60, 125 };
	struct rng rng;

	*p = (struct plan){ .seed = seed };
	rng_seed(&rng, seed);
	p->kind = rng_below(&rng, 4) ? PLAN_PROXY : PLAN_STATIC;
	p->query_interval = intervals[rng_below(&rng, NELEMS(intervals))];
	draw_routers(p, &rng);
	draw_twin(p, &rng);
	plan_draw_hosts(p, &rng);
	draw_groups(p, &rng);
	p->ecmp = rng_below(&rng, 5);
	p->converge = p->diverge = rng_jitter(&rng, 0, SEC(5));
	plan_draw_acts(p, &rng);
	/* What is lost on the way heals by the next queries, link after link. */
	p->calm = 5 * SEC(2 * p->query_interval + 10) + SEC(20);
	p->idle = p->calm + SEC(200);
}

/* Joins hold for 210 s, streams live as long, and some of it follows on the rest. */
void plan_draw_pim(struct plan *p, uint64_t seed)
{
	struct rng rng;

	*p = (struct plan){ .seed = seed, .kind = PLAN_PIM, .query_interval = 60 };
	rng_seed(&rng, seed);
	plan_draw_mesh(p, &rng);
	plan_draw_hosts(p, &rng);
	draw_groups(p, &rng);
	plan_draw_acts(p, &rng);
	/* the module listens for what PIM does, and is to leave nothing of it */
	for (unsigned i = 0; i < p->nacts; i++)
		p->act[i].off |= p->act[i].what == PLAN_MODULE;
	p->strict = false;
	p->soon = 0;
	p->calm = SEC(600);
	p->idle = SEC(1000);
}

/* As text */

static void print_links(struct buf *text, const char *word, const unsigned *links, unsigned n)
{
	buf_printf(text, "%s%s", n ? " " : "", n ? word : "");
	for (unsigned i = 0; i < n; i++)
		buf_printf(text, " l%u", links[i]);
}

static void print_act(const struct plan *p, const struct plan_act *act, struct buf *text)
{
	static const char *const words[] = { "want",   "send",	"down",	  "port",   "poor",
					     "kill",   "split", "reload", "change", "upgrade",
					     "module", "say",	"statics" };

	buf_printf(text, "%8.3f ", act->at / 1000.0);
	if (act->until != CLOCK_NEVER && act->what != PLAN_WANT)
		buf_printf(text, "to %.3f ", act->until / 1000.0);
	buf_printf(text, "%s", words[act->what]);
	switch (act->what) {
	case PLAN_WANT:
	case PLAN_SEND:
		buf_printf(text, " h%u %s", act->a, p->group[act->b]);
		break;
	case PLAN_DOWN:
		buf_printf(text, " l%u", act->a);
		break;
	case PLAN_POOR:
		buf_printf(text, " l%u loss %u duplicate %u reorder %u", act->a, act->quality.loss,
			   act->quality.duplicate, act->quality.reorder);
		break;
	case PLAN_SPLIT:
		buf_printf(text, " l%u r%u", act->a, act->b);
		break;
	default:
		buf_printf(text, " r%u %u", act->a, act->b);
	}
	if (act->what == PLAN_WANT)
		buf_printf(text, " %s %x", act->mode == FILTER_INCLUDE ? "include" : "exclude",
			   act->sources);
	buf_puts(text, "\n");
}

static void print_rps(const struct plan *p, struct buf *text)
{
	if (p->rps.on) {
		plan_print_rp(p, text);
		return;
	}
	buf_puts(text, "RPs");
	for (unsigned i = 0; i < p->nrps; i++)
		buf_printf(text, " r%u", p->rp[i]);
	buf_puts(text, "\n");
}

void plan_print(const struct plan *p, struct buf *text)
{
	static const char *const kinds[] = { "static", "proxies", "PIM" };

	buf_printf(text, "%s, query interval %lld s%s\n", kinds[p->kind],
		   (long long)p->query_interval, p->strict ? ", strict" : "");
	if (p->kind == PLAN_PIM)
		print_rps(p, text);
	if (p->ecmp)
		buf_printf(text, "%u next hops, routes after %lld to %lld ms\n", p->ecmp,
			   (long long)p->converge, (long long)(p->converge + p->diverge));
	for (unsigned i = 0; i < p->nrouters; i++) {
		const struct plan_router *r = &p->router[i];

		if (r->off)
			continue;
		buf_printf(text, "r%u", i);
		print_links(text, "up", r->up, r->nup);
		print_links(text, "down", r->down, r->ndown);
		print_links(text, "beside", &r->spare, r->has_spare);
		buf_printf(text, "%s%s\n", r->kernel ? " kernel" : "",
			   r->version < 3 ? " old" : "");
	}
	for (unsigned i = 0; i < p->nhosts; i++) {
		const struct plan_host *h = &p->host[i];

		if (!h->off)
			buf_printf(text, "h%u on l%u, IGMPv%u MLDv%u\n", i, h->link, h->version[V4],
				   h->version[V6] - 1);
	}
	for (unsigned i = 0; i < p->nacts; i++) {
		if (!p->act[i].off)
			print_act(p, &p->act[i], text);
	}
}
