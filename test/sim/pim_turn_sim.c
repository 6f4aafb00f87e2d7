/* pim_turn_sim.c - what a turn of the loop does at most, however many entries there are
 *
 *	MANY=100000 pim_turn_sim	the longest turns of so many, in ms of the processor
 */
#include <time.h>

#include "sim/pim_cells.h"

#define CONF "phyint eth0 pim\nphyint eth1 pim\nrp-address rp1\n"

/* Of linux/loop.c. */
#define TIMERS 256

/* What happens at once may begin several things, each of which does its first slice. */
#define MOST (6 * 1024)

/* More than that. */
static unsigned many = 10000;

/* What is joined: groups of one source, of a source each, or of all sources. */
enum kind { GROUPS, SOURCES, STARS };

static struct {
	const struct host_ops *op;
	struct host_ops counting;
	unsigned marks, writes, messages, left; /* as of the turn's begin */
	unsigned marked, sent;			/* ever */
	int64_t began, longest;			/* ns */
	unsigned turns;
} seen;

static int64_t ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Each entry that is marked wakes the engine. */
static void wake(struct engine *e)
{
	seen.marked++;
	seen.op->wake(e);
}

static enum send_result sent(struct sim_kern *k, enum af af, unsigned ifindex,
			     const struct packet *packet, unsigned *mtu)
{
	(void)k;
	(void)af;
	(void)ifindex;
	(void)packet;
	(void)mtu;
	seen.sent++;
	return SENT;
}

static void begin(const struct pim_bed *p)
{
	seen.marks = seen.marked;
	seen.messages = seen.sent;
	seen.writes = p->bed.k->writes;
	seen.left = p->pim ? p->pim->review.left : 0;
	seen.began = ns();
}

static void end(const struct pim_bed *p)
{
	int64_t took = ns() - seen.began;
	unsigned left = p->pim ? p->pim->review.left : 0;

	seen.turns++;
	if (took > seen.longest)
		seen.longest = took;
	assert_in_range(seen.marked - seen.marks, 0, MOST);
	assert_in_range(seen.sent - seen.messages, 0, 40);
	assert_in_range(p->bed.k->writes - seen.writes, 0, 600);
	if (left < seen.left)
		assert_in_range(seen.left - left, 0, MOST);
}

static void look(struct bed *b, bool ended)
{
	if (ended)
		end(b->k->arg);
	else
		begin(b->k->arg);
}

/* As linux/loop.c has it. */
static void run(struct pim_bed *p, int64_t ms)
{
	struct clock *clock = &p->bed.clock;
	int64_t until = clock->now + ms;

	bed_work(&p->bed);
	while (clock_next(clock) <= until) {
		int64_t next = clock_next(clock);

		begin(p);
		clock_work(clock, next > clock->now ? next : clock->now, TIMERS);
		router_work(p->bed.r);
		end(p);
		if (clock_next(clock) > clock->now)
			bed_work(&p->bed);
	}
	clock_advance(clock, until);
}

static void report(const char *what)
{
	if (getenv("MANY"))
		print_message("%-30s %8.2f ms of %u turns\n", what, seen.longest / 1e6, seen.turns);
	seen.longest = seen.turns = 0;
}

static struct ip numbered(struct ip first, unsigned n)
{
	first.b[15] = n;
	first.b[14] = n >> 8;
	first.b[13] += n >> 16;
	return first;
}

/* So many are joined, a message a turn. */
static void join(struct pim_bed *p, enum kind kind, int64_t holdtime)
{
	struct ip first = pim_bed_ip(p, kind == STARS ? "g1" : "ssm1");
	struct msg_jp_source source[PIM_BED_GROUPS];
	struct msg_jp_group group[PIM_BED_GROUPS];
	unsigned n = 0;

	while (n < many) {
		unsigned ngroups;

		for (ngroups = 0; ngroups < NELEMS(group) && n < many; ngroups++, n++) {
			struct msg_jp_source *s = &source[ngroups];

			*s = (struct msg_jp_source){ pim_bed_ip(p, "s1"), JP_SG };
			if (kind == SOURCES)
				s->ip = numbered(s->ip, n);
			if (kind == STARS)
				*s = (struct msg_jp_source){ pim_bed_ip(p, "rp1"), JP_STAR_G };
			group[ngroups] = (struct msg_jp_group){
				.group = numbered(first, n),
				.join = s,
				.prune = s,
				.njoins = 1,
			};
		}
		pim_bed_hear_groups(p, group, ngroups, holdtime);
		run(p, 0);
	}
	run(p, SEC(10));
	assert_int_equal(p->pim->nentries, many);
	report("joined");
}

/* The way to all sources and to the RP. */
static void route(struct pim_bed *p, const char *via)
{
	struct sim_route route = {
		.to = { pim_bed_ip(p, p->af == V4 ? "10.8.0.0" : "2001:db8::"),
			p->af == V4 ? 13 : 44 },
		.metric = 20,
		.nhops = 1,
		.hop = { { .gateway = pim_bed_ip(p, via), .ifindex = 1 } },
	};

	pim_bed_unroute(p, "s1", PIM_BED_METRIC);
	pim_bed_unroute(p, "s2", PIM_BED_METRIC);
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
	assert_null(sim_route_set(p->bed.k, &route));
	run(p, SEC(10));
}

/* Another genid each time. */
static void hello(struct pim_bed *p, const char *from, unsigned genid)
{
	pim_bed_hear(p, from, "Hello holdtime forever genid %u", genid);
	run(p, SEC(10));
}

/* How many are joined with that neighbor of eth0. */
static unsigned joined(struct pim_bed *p, const char *with)
{
	struct ip ip = pim_bed_ip(p, with);
	const struct target *t;
	const struct entry *e;
	unsigned n = 0;

	TAILQ_FOREACH(t, &p->pim->target_list, link) {
		LIST_FOREACH(e, &t->users, user)
			n += e->is_joined && ip_eq(e->up, ip) && timer_is_running(&e->jt);
	}
	return n;
}

static void upstream(struct pim_bed *p)
{
	run(p, SEC(60));
	report("refresh");
	hello(p, "eth0.2", 2);
	report("upstream router restarts");
	route(p, "eth0.3");
	assert_int_equal(joined(p, "eth0.3"), many);
	report("another way");
	pim_bed_hear(p, "eth0.3", "Hello holdtime 0");
	hello(p, "eth0.3", 3);
	assert_int_equal(joined(p, "eth0.3"), many);
	report("its router comes and goes");
	pim_bed_reload(p, CONF "rpf 0.0.0.0/0 via 10.0.0.2\n");
	run(p, SEC(10));
	report("reload");
	pim_bed_link(p, "eth0", false);
	run(p, SEC(10));
	assert_int_equal(joined(p, "eth0.3"), 0);
	report("upstream interface goes");
	pim_bed_link(p, "eth0", true);
	route(p, "eth0.2");
	hello(p, "eth0.2", 4);
	hello(p, "eth0.3", 4);
	assert_int_equal(joined(p, "eth0.2"), many);
	report("and comes");
}

static void downstream(struct pim_bed *p, enum kind kind)
{
	hello(p, "eth1.2", 2);
	report("downstream router restarts");
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0");
	hello(p, "eth1.2", 3);
	report("it goes and comes");
	pim_bed_link(p, "eth1", false);
	run(p, SEC(10));
	assert_int_equal(p->pim->nentries, 0);
	report("downstream interface goes");
	pim_bed_link(p, "eth1", true);
	hello(p, "eth1.2", 4);
	report("and comes");
	join(p, kind, SEC(30));
	run(p, SEC(40));
	assert_int_equal(p->pim->nentries, 0);
	report("holdtimes end");
}

static void all(struct pim_bed *p, enum kind kind)
{
	memset(&seen, 0, sizeof(seen));
	seen.op = p->pim->engine.host->op;
	seen.counting = *seen.op;
	seen.counting.wake = wake;
	p->pim->engine.host->op = &seen.counting;
	p->bed.k->send = sent;
	p->bed.look = look;
	route(p, "eth0.2");
	join(p, kind, MSG_FOREVER);
	upstream(p);
	downstream(p, kind);
	join(p, kind, MSG_FOREVER);
	p->pim = NULL;
	sim_file(p->bed.k, BED_CONF, "");
	assert_true(bed_reload(&p->bed));
	report("unload");
}

static void groups(struct pim_bed *p)
{
	all(p, GROUPS);
}

static void sources(struct pim_bed *p)
{
	all(p, SOURCES);
}

static void stars(struct pim_bed *p)
{
	all(p, STARS);
}

int main(void)
{
	static const struct cell cells[] = {
		{ "PIM-104: many groups of one source", groups, CONF },
		{ "many groups of a source each", sources, CONF },
		{ "many groups of all sources", stars, CONF },
	};

	if (getenv("MANY"))
		many = strtoul(getenv("MANY"), NULL, 0);
	return cells_run("pim_turn_sim", cells, NELEMS(cells));
}
