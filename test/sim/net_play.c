/* net_play.c - plays a random scenario: what happens, then calm, then nothing */
#include <stdio.h>
#include <stdlib.h>

#include "sim/net_rp.h"

#define EVERY 500 /* ms between packets of a stream */
#define LOOK SEC(60)

/* How often each is at fault: it is well again when all of these ended. */
struct play {
	const struct plan *plan;
	struct net *n;
	unsigned down[PLAN_LINKS], poor[PLAN_LINKS], split[PLAN_LINKS];
	unsigned killed[PLAN_ROUTERS], port[PLAN_ROUTERS][4], changed[PLAN_ROUTERS][4];
	unsigned module[PLAN_ROUTERS], wishes[PLAN_ROUTERS];
	struct net_rp rp;
};

struct name {
	char text[16];
};

static const char *name(struct name *name, char kind, unsigned number)
{
	snprintf(name->text, sizeof(name->text), "%c%u", kind, number);
	return name->text;
}

#define NAME(kind, number) name(&(struct name){ { 0 } }, kind, number)

/* Whether a link leads to the first one by what is left of the plan. */
static bool leads_up(const struct plan *p, unsigned link)
{
	bool leads = !link;

	for (unsigned i = 0; i < p->nrouters; i++) {
		const struct plan_router *r = &p->router[i];

		for (unsigned k = 0; k < r->ndown && !r->off; k++) {
			for (unsigned u = 0; u < r->nup && r->down[k] == link; u++)
				leads |= leads_up(p, r->up[u]);
		}
	}
	return leads;
}

/* The links up of a router; of two, one that leads nowhere is none. */
static unsigned links_up(const struct plan *p, const struct plan_router *r, unsigned *links)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->nup; i++) {
		if (r->nup == 1 || p->kind == PLAN_PIM || leads_up(p, r->up[i]))
			links[n++] = r->up[i];
	}
	if (!n)
		links[n++] = r->up[0];
	return n;
}

/* All links of a router, those up first. */
static unsigned links_of(const struct plan *p, const struct plan_router *r, unsigned *links)
{
	unsigned n = links_up(p, r, links);

	for (unsigned i = 0; i < r->ndown; i++)
		links[n++] = r->down[i];
	return n;
}

static void names_of(struct buf *text, const unsigned *links, unsigned n, unsigned but)
{
	for (unsigned i = 0; i < n; i++) {
		if (links[i] != but)
			buf_printf(text, " l%u", links[i]);
	}
}

/* Everything that comes in anywhere goes out everywhere else. */
static void static_conf(struct buf *conf, const unsigned *links, unsigned n)
{
	static const char *const ranges[] = { "224.0.0.0/4", "ff0e::/16", "ff3e::/16" };

	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < NELEMS(ranges); k++) {
			buf_printf(conf, "mroute from l%u group %s to", links[i], ranges[k]);
			names_of(conf, links, n, links[i]);
			buf_puts(conf, "\n");
		}
	}
}

static void proxy_conf(struct buf *conf, const struct plan_router *r, const unsigned *links,
		       unsigned nup, unsigned n, int64_t interval)
{
	buf_printf(conf, "phyint l+ igmp-query-interval %lld mld-query-interval %lld\n",
		   (long long)interval, (long long)interval);
	buf_printf(conf, "phyint l+ igmp-version %u mld-version %u\n", r->version, r->version - 1);
	buf_puts(conf, "proxy");
	for (unsigned i = 0; i < nup; i++)
		buf_printf(conf, " upstream l%u", links[i]);
	buf_puts(conf, " downstream");
	names_of(conf, links + nup, n - nup, UINT32_MAX);
	buf_puts(conf, r->kernel ? " kernel\n" : "\n");
}

static unsigned choices(const struct plan *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->nrouters; i++)
		n += p->router[i].nup > 1 && !p->router[i].off;
	return n;
}

/*
 * Of PIM: who dies without a word is missed after the holdtime of Hellos, 105 s; a Join that was
 * lost is said again within 60 s, a query within its interval, and it may take one after the other.
 * Copies go round while routers have different routes, until the hop limit ends that. Where links
 * are far, trees differ by more than the time for which a change of them waits: a packet may be
 * lost at each, so that no bound holds. To another tree, which another membership can lead to, it
 * costs the packet that is on its way, and the first one of which the kernel tells.
 */
static struct net_bounds pim_bounds(const struct plan *p)
{
	int64_t routes = p->converge + p->diverge;

	return (struct net_bounds){
		.begin = SEC(10),
		.join = SEC(10),
		.heal = routes + SEC(110),
		.relearn = routes + SEC(p->query_interval + 10) + SEC(150),
		.copies = UINT8_MAX,
		.spare = 2,
		.anywhere = true,
	};
}

/*
 * Where RPs change, what follows on it comes on top. Routers miss a bootstrap router that died
 * after BS_Timeout, and the next one is elected within BS_Rand_Override (RFC 5059 5, 23 s);
 * candidate RPs offer themselves within 3 s, and the set is said 10 s after the first message. If
 * there is none, RPs of the last message hold from BS_Timeout on once more; those of a bootstrap
 * router as long as their last offer, which is less.
 */
#define BS_TIMEOUT SEC(130)
#define HOLDTIME SEC(150)
#define ELECTION SEC(23 + 3 + 10)

/* Then trees are joined by way of the new RP, and sources registered there, or once more. */
#define MOVE SEC(10)

static struct net_bounds rp_bounds(const struct plan *p)
{
	struct net_bounds of = pim_bounds(p);

	of.heal += BS_TIMEOUT + HOLDTIME + ELECTION + MOVE;
	of.relearn += BS_TIMEOUT + HOLDTIME + ELECTION + MOVE;
	return of;
}

/*
 * Reports go up at once, link after link (RFC 4605 4.1), over 16 links of 80 ms at most: 5 s are
 * more than that takes.
 *
 * A change that is noticed makes routers ask at once, whom hosts answer within 10 s (RFC 3376 8.3,
 * RFC 3810 9.3), and 5 s for what follows. What was lost unnoticed comes with the next query: of
 * one link after the other, but each router asks for itself and says at once what it learns. An
 * upgraded router forwards what the one before did, and asks who wants the rest: streams that
 * begin meanwhile wait for it.
 *
 * A router with two ways up hears of a stream that comes in by the other one when packets arrive
 * there, of which the kernel tells once in 3 s (SIM_WRONGIF_TIME), and each of them may wait for
 * those above. The packet that it hears of is lost; so the first ones of a stream may be, if they
 * come in first where nothing was asked for. What it sends up by one way may come down by the
 * other; after a restart by both, as long as the core keeps what the process before wanted, 40 s.
 *
 * In a tree no link is sent a packet twice whatever breaks. Of two ways up, a packet may come in by
 * both at the moment when a router goes over from one to the other. Two routers side by side both
 * forward until they hear each other, one that starts or is upgraded too, or when queries were
 * lost; then packets may go in a circle, which the hop limit ends. Where there are circles, what
 * happens off the ways of a stream matters.
 */
static struct net_bounds bounds(const struct plan *p)
{
	int64_t query = SEC(p->query_interval), response = SEC(10), kept = SEC(40);
	int64_t learn = choices(p) * SEC(3);

	return (struct net_bounds){
		.begin = learn,
		.join = learn + SEC(5),
		.heal = learn + (choices(p) ? kept : response) + SEC(5),
		.relearn = learn + query + response + SEC(5),
		.copies = p->has_twin ? 255 : 1 + choices(p),
		.anywhere = p->has_twin || choices(p),
	};
}

/*
 * A module that wishes for what nobody else does, from the first link to the last one, and follows
 * the routes to a link.
 */
static void module_conf(struct buf *conf, unsigned wishes, unsigned source, const unsigned *links,
			unsigned n)
{
	buf_puts(conf, "module probe\n");
	if (wishes & 1)
		buf_printf(conf, "probe from l%u source 10.0.%u.99 group 239.9.9.9 to l%u\n",
			   links[0], source, links[n - 1]);
	if (wishes & 2)
		buf_printf(conf, "probe from l%u source fd00:0:0:%x::99 group ff0e::99 to l%u\n",
			   links[0], source, links[n - 1]);
}

static void rp_address(struct buf *conf, const struct plan *p, unsigned router)
{
	struct plan_text text;

	for (enum af af = V4; af < NFAMILIES; af++)
		buf_printf(conf, "rp-address %s\n", plan_address(p, router, af, &text));
}

/* What it says of RPs, and of the border of the zone that it is at. */
static void change_conf(struct buf *conf, const struct net_rp *rp, unsigned i,
			const unsigned *links, unsigned n)
{
	const struct plan *p = rp->plan;

	for (unsigned k = 0; k < n && p->rps.has_zone && p->rps.border == i; k++) {
		if (!(p->rps.inside >> links[k] & 1))
			buf_printf(conf, "phyint l%u scoped %s scoped %s\n", links[k],
				   plan_ranges[PLAN_ZONE][V4], plan_ranges[PLAN_ZONE][V6]);
	}
	plan_say_conf(conf, p, i, &p->rps.say[i][rp->say[i]]);
	plan_static_conf(conf, p, rp->fixed);
	plan_shared_conf(conf, p, i);
}

static void pim_conf(struct buf *conf, const struct plan *p, const unsigned *links, unsigned n,
		     int64_t interval)
{
	static const char *const spt[] = { "packets 0", "packets 0", "packets 0",
					   "packets 5", "rate 1",    "infinity" };

	buf_printf(conf,
		   "module pim\nspt-threshold %s\n"
		   "phyint l+ igmp-query-interval %lld mld-query-interval %lld\n",
		   spt[p->spt], (long long)interval, (long long)interval);
	for (unsigned i = 0; i < n; i++)
		buf_printf(conf, "phyint l%u pim\n", links[i]);
	for (unsigned i = 0; i < p->nrps; i++)
		rp_address(conf, p, p->rp[i]);
}

/* As its links are now, but for one downstream at least. */
static void router_conf(struct play *play, unsigned i, int64_t interval, struct buf *conf)
{
	const struct plan_router *r = &play->plan->router[i];
	unsigned links[5], nup = links_up(play->plan, r, links), n = nup;

	for (unsigned k = 0; k < r->ndown; k++) {
		if (!play->changed[i][k] || (k == r->ndown - 1 && n == nup))
			links[n++] = r->down[k];
	}
	if (play->plan->kind == PLAN_PIM)
		pim_conf(conf, play->plan, links, n, interval);
	if (play->plan->rps.on)
		change_conf(conf, &play->rp, i, links, n);
	if (play->plan->kind == PLAN_STATIC)
		static_conf(conf, links, n);
	if (play->plan->kind == PLAN_PROXY)
		proxy_conf(conf, r, links, nup, n, interval);
	if (play->module[i])
		module_conf(conf, play->wishes[i], play->plan->nlinks, links, n);
	buf_add(conf, "", 1);
}

static void make_router(struct play *play, unsigned i)
{
	const struct plan_router *r = &play->plan->router[i];
	struct buf conf = { 0 }, names = { 0 }, up = { 0 };
	unsigned links[5], n = links_of(play->plan, r, links);

	router_conf(play, i, play->plan->query_interval, &conf);
	names_of(&names, links, n, UINT32_MAX);
	names_of(&names, &r->spare, r->has_spare, UINT32_MAX);
	names_of(&up, links, n - r->ndown, UINT32_MAX);
	buf_add(&names, "", 1);
	buf_add(&up, "", 1);
	net_router(play->n, NAME('r', i), buf_at(&names), buf_at(&conf));
	if (play->plan->kind != PLAN_PIM)
		net_upstream(play->n, NAME('r', i), buf_at(&up));
	buf_free(&conf);
	buf_free(&names);
	buf_free(&up);
}

/* The address that some share. */
static void make_shared(struct play *play)
{
	const struct plan *p = play->plan;
	struct buf names = { 0 };

	for (unsigned i = 0; i < p->nrouters; i++) {
		if (p->rps.members >> i & 1 && !p->router[i].off)
			buf_printf(&names, " r%u", i);
	}
	buf_add(&names, "", 1);
	for (enum af af = V4; af < NFAMILIES && p->rps.members; af++)
		net_anycast(play->n, buf_at(&names), plan_shared[af]);
	buf_free(&names);
}

static void begin(struct play *play)
{
	const struct plan *p = play->plan;

	if (p->kind == PLAN_STATIC)
		net_static(play->n);
	if (p->ecmp)
		net_routing(play->n, p->ecmp, p->converge, p->diverge);
	for (unsigned i = 0; i < p->nlinks; i++)
		net_quality(play->n, NAME('l', i), .delay = p->delay[i]);
	for (unsigned i = 0; i < p->nrouters; i++) {
		if (!p->router[i].off)
			make_router(play, i);
	}
	make_shared(play);
	for (unsigned i = 0; i < p->nhosts; i++) {
		if (p->host[i].off)
			continue;
		net_host(play->n, NAME('h', i), NAME('l', p->host[i].link));
		for (enum af af = V4; af < NFAMILIES; af++)
			net_version(play->n, NAME('h', i), af, p->host[i].version[af]);
	}
}

/* Faults */

static void want(struct play *play, const struct plan_act *act)
{
	struct buf sources = { 0 };

	for (unsigned i = 0; i < play->plan->nhosts; i++) {
		if (act->sources >> i & 1 && !play->plan->host[i].off)
			buf_printf(&sources, " h%u", i);
	}
	buf_add(&sources, "", 1);
	net_filter(play->n, NAME('h', act->a), play->plan->group[act->b], act->mode,
		   buf_at(&sources));
	buf_free(&sources);
}

static void reload(struct play *play, unsigned i, int64_t interval)
{
	struct buf conf = { 0 };

	router_conf(play, i, interval, &conf);
	net_configure(play->n, NAME('r', i), buf_at(&conf));
	buf_free(&conf);
}

static void fault_begin(struct play *play, const struct plan_act *act)
{
	struct net *n = play->n;
	const struct plan_router *r = &play->plan->router[act->a % PLAN_ROUTERS];
	unsigned links[5], nlinks = links_of(play->plan, r, links);

	switch (act->what) {
	case PLAN_DOWN:
		if (!play->down[act->a]++)
			net_link(n, NAME('l', act->a), false);
		break;
	case PLAN_PORT:
		if (!play->port[act->a][act->b]++)
			net_port(n, NAME('r', act->a), NAME('l', links[act->b % nlinks]), false);
		break;
	case PLAN_POOR:
		play->poor[act->a]++;
		net_set_quality(n, NAME('l', act->a), &act->quality);
		break;
	case PLAN_KILL:
		if (!play->killed[act->a]++)
			net_kill(n, NAME('r', act->a), act->b);
		/* what its kernel goes on to do, it does without a DR or RP for what is new */
		if (play->plan->kind == PLAN_PIM)
			net_touch(n, NAME('r', act->a), NULL,
				  play->plan->rps.on ? rp_bounds(play->plan).heal
						     : pim_bounds(play->plan).heal);
		break;
	case PLAN_SPLIT:
		if (!play->split[act->a]++)
			net_split(n, NAME('l', act->a), NAME('r', act->b));
		break;
	case PLAN_CHANGE:
		if (!play->changed[act->a][act->b]++)
			reload(play, act->a, play->plan->query_interval);
		if (act->b < r->ndown)
			net_touch(n, NAME('r', act->a), NAME('l', r->down[act->b]),
				  act->until - act->at +
					  (play->plan->rps.on ? rp_bounds(play->plan).heal
							      : bounds(play->plan).heal));
		break;
	case PLAN_MODULE:
		play->module[act->a]++;
		play->wishes[act->a] = act->b;
		reload(play, act->a, play->plan->query_interval);
		break;
	default:
		break;
	}
}

static void fault_end(struct play *play, const struct plan_act *act)
{
	struct net *n = play->n;
	const struct plan_router *r = &play->plan->router[act->a % PLAN_ROUTERS];
	unsigned links[5], nlinks = links_of(play->plan, r, links);

	switch (act->what) {
	case PLAN_DOWN:
		if (!--play->down[act->a])
			net_link(n, NAME('l', act->a), true);
		break;
	case PLAN_PORT:
		if (!--play->port[act->a][act->b])
			net_port(n, NAME('r', act->a), NAME('l', links[act->b % nlinks]), true);
		break;
	case PLAN_POOR:
		if (!--play->poor[act->a])
			net_quality(n, NAME('l', act->a), .delay = play->plan->delay[act->a]);
		break;
	case PLAN_KILL:
		if (!--play->killed[act->a])
			net_start(n, NAME('r', act->a));
		break;
	case PLAN_SPLIT:
		if (!--play->split[act->a])
			net_split(n, NAME('l', act->a), "");
		break;
	case PLAN_CHANGE:
		if (!--play->changed[act->a][act->b])
			reload(play, act->a, play->plan->query_interval);
		break;
	case PLAN_MODULE:
		if (--play->module[act->a])
			break;
		reload(play, act->a, play->plan->query_interval);
		if (!play->killed[act->a])
			net_check_gone(n, NAME('r', act->a), "probe");
		break;
	default:
		break;
	}
}

/* Whether all that it is about takes part. */
static bool is_on(const struct plan *p, const struct plan_act *act)
{
	switch (act->what) {
	case PLAN_WANT:
	case PLAN_SEND:
		return !p->host[act->a].off;
	case PLAN_PORT:
	case PLAN_KILL:
	case PLAN_RELOAD:
	case PLAN_CHANGE:
	case PLAN_UPGRADE:
	case PLAN_MODULE:
	case PLAN_SAY:
		return !p->router[act->a].off;
	case PLAN_STATIC_RPS:
		return true;
	case PLAN_SPLIT:
		return !p->router[act->b].off;
	default:
		for (unsigned i = 0; i < p->nrouters; i++) {
			unsigned links[5], n = links_of(p, &p->router[i], links);

			for (unsigned k = 0; k < n && !p->router[i].off; k++) {
				if (links[k] == act->a)
					return true;
			}
		}
		return false;
	}
}

/* All routers have other static RPs. */
static void change_statics(struct play *play, unsigned fixed)
{
	play->rp.fixed = fixed;
	for (unsigned i = 0; i < play->plan->nrouters; i++) {
		if (!play->plan->router[i].off)
			reload(play, i, play->plan->query_interval);
	}
	net_touch(play->n, NULL, NULL, MOVE);
}

/*
 * Who says that it is no candidate any more is believed at once; but if no bootstrap router is
 * left, all that was said holds on.
 */
static void say(struct play *play, unsigned router, unsigned words)
{
	const struct plan_say *of = play->plan->rps.say[router];
	bool bsr = of[0].bsr || of[1].bsr || of[0].zone_bsr || of[1].zone_bsr;

	play->rp.say[router] = words;
	reload(play, router, play->plan->query_interval);
	net_touch(play->n, NULL, NULL,
		  bsr ? rp_bounds(play->plan).heal : ELECTION + SEC(10) + MOVE);
}

static void act_begin(struct play *play, const struct plan_act *act)
{
	switch (act->what) {
	case PLAN_WANT:
		want(play, act);
		break;
	case PLAN_SEND:
		net_send(play->n, NAME('h', act->a), play->plan->group[act->b], EVERY);
		break;
	case PLAN_RELOAD:
		/* Old queries do not say the interval, which is to be the same on a link. */
		reload(play, act->a,
		       act->b % 2 && !play->plan->has_old_router ? 20 : play->plan->query_interval);
		break;
	case PLAN_UPGRADE:
		if (play->killed[act->a])
			break;
		net_kill(play->n, NAME('r', act->a), NET_CRASH_KEPT);
		net_start(play->n, NAME('r', act->a));
		if (play->plan->has_twin)
			net_touch(play->n, NAME('r', act->a), NULL, bounds(play->plan).heal);
		/* an RP knows of sources again when their DRs ask it whether to register */
		if (play->plan->kind == PLAN_PIM)
			net_touch(play->n, NAME('r', act->a), NULL, SEC(100));
		break;
	case PLAN_SAY:
		say(play, act->a, act->b);
		break;
	case PLAN_STATIC_RPS:
		change_statics(play, act->b);
		break;
	default:
		fault_begin(play, act);
	}
}

/* Beginnings and ends of what happens, by time. */
struct moment {
	int64_t at;
	unsigned act;
	bool end;
};

static int compare(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->act != y->act)
		return x->act < y->act ? -1 : 1;
	return x->end - y->end;
}

static bool is_fault(const struct plan_act *act)
{
	return act->what != PLAN_WANT && act->what != PLAN_SEND && act->what != PLAN_RELOAD &&
	       act->what != PLAN_UPGRADE && act->what != PLAN_SAY && act->what != PLAN_STATIC_RPS;
}

/* Time goes on, with a look at what routers know from time to time. */
static void run(struct play *play, int64_t ms)
{
	int64_t end = net_now(play->n) + ms;

	while (play->plan->rps.on && end - net_now(play->n) > LOOK) {
		net_run(play->n, LOOK);
		net_rp_watch(&play->rp);
	}
	net_run(play->n, end - net_now(play->n));
}

/* What happens before a time, or all; not what did. */
static void happen(struct play *play, int64_t before)
{
	const struct plan *p = play->plan;
	struct moment moment[2 * PLAN_ACTS];
	unsigned n = 0;

	for (unsigned i = 0; i < p->nacts; i++) {
		const struct plan_act *act = &p->act[i];

		if (act->off || !is_on(p, act))
			continue;
		moment[n++] = (struct moment){ act->at, i, false };
		if (is_fault(act))
			moment[n++] = (struct moment){ act->until, i, true };
	}
	qsort(moment, n, sizeof(*moment), compare);
	for (unsigned i = 0; i < n; i++) {
		const struct plan_act *act = &p->act[moment[i].act];

		if (moment[i].at < net_now(play->n) || moment[i].at >= before)
			continue;
		run(play, moment[i].at - net_now(play->n));
		if (p->rps.on)
			net_rp_moment(&play->rp);
		(moment[i].end ? fault_end : act_begin)(play, act);
	}
}

static void check(struct play *play)
{
	net_check(play->n, SEC(10));
	if (play->plan->rps.on)
		net_rp_check(&play->rp);
}

/* Whether something stays as it is until it has been looked at. */
static bool is_looked_at(const struct plan *p)
{
	bool is = false;

	for (unsigned i = 0; i < p->nacts && p->rps.on; i++)
		is |= !p->act[i].off && is_fault(&p->act[i]) && p->act[i].until > p->rps.look;
	return is;
}

static void all_leave(struct play *play)
{
	const struct plan *p = play->plan;

	for (unsigned i = 0; i < p->nhosts; i++) {
		for (unsigned g = 0; g < p->ngroups && !p->host[i].off; g++) {
			net_leave(play->n, NAME('h', i), p->group[g]);
			net_send(play->n, NAME('h', i), p->group[g], 0);
		}
	}
}

static void draw(struct play *play, const char *picture)
{
	char source[64], group[64], file[256];
	double at;

	if (sscanf(picture, "%lf %63s %63s %255s", &at, source, group, file) == 4)
		net_picture(play->n, at * 1000, source, group, file);
}

struct plan_result plan_play(const struct plan *p, enum net_log_level log, const char *pcap,
			     const char *picture)
{
	struct net_options options = { .seed = p->seed, .log = log, .pcap = pcap };
	struct play play = { .plan = p, .n = net_new(&options) };
	struct plan_result result = { 0 };
	struct net_bounds of;

	play.rp.plan = p;
	play.rp.n = play.n;
	begin(&play);
	if (picture)
		draw(&play, picture);
	net_strict(play.n, p->strict);
	net_may_circle(play.n, p->has_twin || p->kind == PLAN_PIM);
	if (p->rps.on)
		net_due(play.n, net_rp_due, &play.rp);
	of = p->rps.on ? rp_bounds(p) : p->kind == PLAN_PIM ? pim_bounds(p) : bounds(p);
	net_set_bounds(play.n, p->kind == PLAN_PIM && p->is_wide ? NULL : &of);
	if (is_looked_at(p)) {
		happen(&play, p->rps.look);
		run(&play, p->rps.look - net_now(play.n));
		check(&play);
	}
	happen(&play, CLOCK_NEVER);
	if (p->soon) {
		net_run(play.n, p->soon);
		net_check_listeners(play.n, SEC(10));
	}
	run(&play, p->calm);
	net_may_circle(play.n, false);
	check(&play);
	net_set_bounds(play.n, NULL);
	all_leave(&play);
	net_run(play.n, p->idle);
	net_check_idle(play.n);
	result.lasted = net_now(play.n);
	result.figures = net_figures(play.n);
	net_end(play.n);
	buf_puts(&result.complaints, net_complaints(play.n));
	buf_puts(&result.log, net_log_text(play.n));
	result.failed = buf_len(&result.complaints);
	net_free(play.n);
	return result;
}

void plan_result_free(struct plan_result *r)
{
	buf_free(&r->complaints);
	buf_free(&r->log);
}
