/* pim_jp_sim.c - Join/Prune messages, heard and said (RFC 7761 4.5, 4.5.6, 4.9.5) */
#include "sim/pim_cells.h"

#define STAR "J(*,g1) rp rp1"
#define UP "eth0 Join/Prune to eth0.2 holdtime 210: "

static void say(struct pim_bed *p, const char *what)
{
	jp(p, "eth1.2", "eth1.1", what);
}

static uint64_t dropped(struct pim_bed *p, size_t offset)
{
	uint64_t n, all;

	memcpy(&n, (const char *)&pim_bed_iface(p, "eth1")->counters + offset, sizeof(n));
	memcpy(&all, (const char *)&p->pim->counters + offset, sizeof(all));
	assert_int_equal(n, all);
	return n;
}

#define assert_dropped(p, what, n) \
	assert_int_equal(dropped(p, offsetof(struct pim_counters, what)), n)

static void strangers(struct pim_bed *p)
{
	jp(p, "eth1.5", "eth1.1", "holdtime 210: " STAR " J(s1,g1)");
	assert_null(pim_bed_find(p, "*", "g1"));
	assert_dropped(p, stranger, 1);
	jp(p, "eth1.5", "eth1.4", "holdtime 210: " STAR " J(s1,g1)");
	assert_dropped(p, stranger, 2);
	neighbor(p, "eth1.5");
	jp(p, "eth1.5", "eth1.1", "holdtime 210: J(s1,g1)");
	assert_said(p, UP "J(s1,g1)\n");
	pim_bed_hear(p, "eth1.5", "Hello holdtime 0");
	jp(p, "eth1.5", "eth1.1", "holdtime 210: J(s2,g1)");
	assert_null(pim_bed_find(p, "s2", "g1"));
}

/* What has no end gets one where there is nobody whose leave could be noticed. */
static void strangers_that_count(struct pim_bed *p)
{
	jp(p, "eth1.5", "eth1.1", "holdtime 210: J(s1,g1)");
	assert_said(p, UP "J(s1,g1)\n");
	jp(p, "eth1.5", "eth1.1", "holdtime 210: P(s1,g1)");
	jp(p, "eth1.5", "eth1.1", "holdtime forever: J(s2,g1)");
	pim_bed_run(p, SEC(209));
	assert_non_null(pim_bed_branch(p, "s2", "g1", "eth1"));
	pim_bed_run(p, SEC(2));
	assert_null(pim_bed_find(p, "s2", "g1"));
	jp(p, "eth1.5", "eth1.1", "holdtime 210: " STAR);
	pim_bed_hear(p, "eth1.5", "Assert (*,g1) rpt preference 1 metric 1");
	assert_int_equal(pim_bed_branch(p, "*", "g1", "eth1")->assert_->state, ASSERT_LOSER);
	assert_dropped(p, stranger, 0);
	jp(p, "eth1.6", "eth1.1", "holdtime 210: J(s1,g1)");
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_dropped(p, filtered, 1);
}

static void holdtimes_have_a_bound(struct pim_bed *p)
{
	jp(p, "eth1.2", "eth1.1", "holdtime forever: J(s1,g1)");
	jp(p, "eth1.2", "eth1.1", "holdtime 90: J(s2,g1)");
	pim_bed_run(p, SEC(89));
	assert_non_null(pim_bed_find(p, "s2", "g1"));
	pim_bed_run(p, SEC(2));
	assert_null(pim_bed_find(p, "s2", "g1"));
	pim_bed_run(p, SEC(8));
	assert_non_null(pim_bed_find(p, "s1", "g1"));
	pim_bed_run(p, SEC(2));
	assert_null(pim_bed_find(p, "s1", "g1"));
	neighbor(p, "eth1.2"); /* whose Hello has no end */
	pim_bed_run(p, SEC(99));
	assert_int_equal(pim_bed_iface(p, "eth1")->nneighbors, 1);
	pim_bed_run(p, SEC(2));
	assert_int_equal(pim_bed_iface(p, "eth1")->nneighbors, 0);
	assert_int_equal(pim_bed_iface(p, "eth0")->nneighbors, 2);
}

/* Of a set, only the join with another RP is dropped. */
static void another_rp(struct pim_bed *p)
{
	say(p, "holdtime 210: J(*,g1) rp rp2 J(s1,g1) P(s2,g1,rpt)");
	assert_null(pim_bed_find(p, "*", "g1"));
	assert_dropped(p, wrong_rp, 1);
	assert_int_equal(down_state(p, "s1", "eth1"), DOWN_JOIN);
	assert_non_null(pim_bed_branch(p, "s2", "g1", "eth1")->rpt);
	assert_said(p, UP "J(s1,g1)\n");
	say(p, "holdtime 210: " STAR);
	assert_said(p, UP STAR "\n");
	say(p, "holdtime 210: J(*,g1) rp rp2");
	assert_int_equal(down_state(p, "*", "eth1"), DOWN_JOIN);
	pim_bed_run(p, SEC(30));
	say(p, "holdtime 210: J(*,g1) rp rp2");
	assert_int_equal(et(p, "*", "eth1"), SEC(180));
	say(p, "holdtime 210: P(*,g1) rp rp2");
	assert_null(pim_bed_branch(p, "*", "g1", "eth1"));
	assert_non_null(strstr(pim_bed_said(p), "P(*,g1) rp rp1"));
}

static void no_rp(struct pim_bed *p)
{
	say(p, "holdtime 210: " STAR " J(s1,g1)");
	assert_null(pim_bed_find(p, "*", "g1"));
	assert_dropped(p, wrong_rp, 1);
	assert_non_null(pim_bed_find(p, "s1", "g1"));
}

static void upstream_neighbor(struct pim_bed *p)
{
	static const char *const others[] = { "eth1/1", "eth0.1", "eth1.9", "rp1" };
	const char *zero = p->af == V4 ? "0.0.0.0" : "::";

	for (unsigned i = 0; i < NELEMS(others); i++)
		jp(p, "eth1.2", others[i], "holdtime 210: " STAR " J(s1,g1) P(s2,g1,rpt)");
	jp(p, "eth1.2", zero, "holdtime 210: J(s1,g1)");
	assert_null(pim_bed_find(p, "*", "g1"));
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_null(pim_bed_find(p, "s2", "g1"));
	assert_dropped(p, not_for_me, 5);
	assert_said(p, "");
	pim_bed_iface(p, "eth1")->ptp = true;
	jp(p, "eth1.2", zero, "holdtime 210: J(s1,g1)");
	assert_int_equal(down_state(p, "s1", "eth1"), DOWN_JOIN);
	assert_dropped(p, not_for_me, 5);
}

static void source_specific(struct pim_bed *p)
{
	say(p, "holdtime 210: J(*,ssm1) rp rp1 P(s1,ssm1,rpt) J(s2,ssm1) P(*,ssm2) P(s1,ssm2)");
	assert_dropped(p, ssm_refused, 3);
	assert_null(pim_bed_find(p, "*", "ssm1"));
	assert_null(pim_bed_find(p, "s1", "ssm1"));
	assert_int_equal(pim_bed_branch(p, "s2", "ssm1", "eth1")->down, DOWN_JOIN);
	assert_said(p, UP "J(s2,ssm1)\n");
	jp(p, "eth0.3", "eth0.2", "holdtime 210: P(*,ssm1) P(s2,ssm1,rpt)");
	pim_bed_run(p, SEC(5));
	assert_said(p, "");
	jp(p, "eth0.3", "eth0.2", "holdtime 210: P(s2,ssm1)");
	pim_bed_run(p, SEC(5));
	assert_said(p, UP "J(s2,ssm1)\n");
}

static void no_room(struct pim_bed *p)
{
	say(p, "holdtime 210: J(s1,g1) J(s1,g2) J(s1,g3) J(*,g4) rp rp1");
	assert_non_null(pim_bed_find(p, "s1", "g2"));
	assert_null(pim_bed_find(p, "s1", "g3"));
	assert_int_equal(p->pim->counters.limited, 2);
	say(p, "holdtime 210: P(s1,g1) P(s1,g3)");
	say(p, "holdtime 210: J(s1,g3)");
	assert_non_null(pim_bed_find(p, "s1", "g3"));
}

static unsigned lost(struct pim_bed *p, const char *source)
{
	const struct branch *b = pim_bed_branch(p, source, "g1", "eth1");

	return b && b->assert_ ? b->assert_->state : ASSERT_NO_INFO;
}

/* A Join to who lost an Assert ends it. */
static void assert_loser(struct pim_bed *p)
{
	neighbor(p, "eth1.3");
	say(p, "holdtime 210: " STAR " J(s1,g1) J(s2,g1)");
	pim_bed_hear(p, "eth1.3", "Assert (s1,g1) preference 0 metric 0");
	pim_bed_hear(p, "eth1.3", "Assert (s2,g1) preference 0 metric 0");
	assert_int_equal(lost(p, "s1"), ASSERT_LOSER);
	assert_int_equal(lost(p, "s2"), ASSERT_LOSER);
	say(p, "holdtime 210: J(s1,g1)");
	assert_int_equal(lost(p, "s1"), ASSERT_NO_INFO);
	assert_int_equal(lost(p, "s2"), ASSERT_LOSER);
	pim_bed_hear(p, "eth1.3", "Assert (s1,g1) preference 0 metric 0");
	assert_int_equal(lost(p, "s1"), ASSERT_LOSER);
	say(p, "holdtime 210: " STAR " P(s1,g1,rpt)");
	assert_int_equal(lost(p, "s1"), ASSERT_LOSER);
	assert_int_equal(lost(p, "s2"), ASSERT_NO_INFO);
	pim_bed_hear(p, "eth1.3", "Assert (*,g1) rpt preference 0 metric 0");
	assert_int_equal(lost(p, "*"), ASSERT_LOSER);
	say(p, "holdtime 210: " STAR);
	assert_int_equal(lost(p, "*"), ASSERT_NO_INFO);
	assert_int_equal(lost(p, "s1"), ASSERT_NO_INFO);
}

/* One message has all that a turn has for a neighbor, in order. */
static void packed(struct pim_bed *p)
{
	neighbor(p, "eth2.2");
	pim_bed_route(p, "s2", "eth2.2");
	say(p,
	    "holdtime 210: J(s1,g3) J(s1,g2) J(s2,g3) J(*,g3) rp rp1 P(s3,g3,rpt) J(s2,g1) " STAR);
	assert_said(p, UP STAR " J(s1,g2) J(*,g3) rp rp1 J(s1,g3) P(s3,g3,rpt)\n"
			       "eth2 Join/Prune to eth2.2 holdtime 210: J(s2,g1) J(s2,g3)\n");
	say(p, "holdtime 210: P(s1,g3) P(*,g3) rp rp1 P(s2,g1) J(s2,g2)");
	assert_said(p, UP "P(*,g3) rp rp1 P(s1,g3)\n"
			  "eth2 Join/Prune to eth2.2 holdtime 210: P(s2,g1) J(s2,g2)\n");
}

/* Of what no message has together, the join of (*,G) says it. */
static void combinations(struct pim_bed *p)
{
	say(p, "holdtime 210: " STAR " P(s1,g1,rpt)");
	assert_said(p, UP STAR " P(s1,g1,rpt)\n");
	say(p, "holdtime 210: P(*,g1) rp rp1 J(s1,g1,rpt)");
	assert_said(p, UP "P(*,g1) rp rp1\n");
	say(p, "holdtime 210: " STAR " J(s1,g1)");
	assert_said(p, UP STAR " J(s1,g1)\n");
	say(p, "holdtime 210: P(s1,g1,rpt) P(s1,g1)");
	assert_said(p, UP "P(s1,g1,rpt) P(s1,g1)\n");
	say(p, "holdtime 210: P(*,g1) rp rp1");
	assert_said(p, UP "P(*,g1) rp rp1\n");
	pim_bed_run(p, SEC(300));
	assert_int_equal(p->pim->nentries, 0);
}

/* In no list is anything twice. */
static enum send_result hear_exactly(struct sim_kern *k, enum af af, unsigned ifindex,
				     const struct packet *packet, unsigned *mtu)
{
	struct pim_bed *p = k->arg;
	struct msg_ends ends = { packet->src, packet->dst };
	struct msg_jp_place at = { 0 };
	uint8_t data[2000];
	struct msg_jp m;
	struct msg_rd r;

	(void)mtu;
	(void)ifindex;
	if (af != p->af || packet->proto != PROTO_PIM)
		return SENT;
	assert_int_equal(msg_open(&ends, packet->data, packet->len, &r), MSG_GOOD);
	if (r.type != MSG_JOIN_PRUNE)
		return SENT;
	p->nsaid++;
	arena_reset(&p->arena);
	assert_int_equal(msg_jp_decode(&r, &p->arena, &m), MSG_GOOD);
	assert_int_equal(msg_jp_encode(&ends, &m, &at, data, sizeof(data)), packet->len);
	assert_memory_equal(data, packet->data, packet->len);
	return SENT;
}

/* What (*,G) says already is not said of (S,G,rpt) beside it, at the same time. */
static void beside_star(struct pim_bed *p)
{
	p->bed.k->send = hear_exactly;
	say(p, "holdtime 210: P(s1,g1,rpt)");
	say(p, "holdtime 210: " STAR " P(s1,g1,rpt)");
	assert_int_equal(p->nsaid, 1);
}

/* The same for what is joined again while the join of (*,G) is due. */
static void join_beside_star(struct pim_bed *p)
{
	struct clock *clock = &p->bed.clock;
	int64_t due;

	say(p, "holdtime forever: " STAR " P(s1,g1,rpt)");
	due = clock->now + timer_left(clock, &pim_bed_find(p, "*", "g1")->jt);
	pim_bed_run(p, due - clock->now - 1);
	pim_bed_said(p);
	clock_advance(clock, due);
	say(p, "holdtime 210: J(s1,g1,rpt)");
	assert_said(p, UP STAR "\n");
}

/* Before the first of them, a Hello is said. */
static void hello_first(struct pim_bed *p)
{
	const char *said;

	p->hellos = true;
	pim_bed_link(p, "eth0", false);
	pim_bed_link(p, "eth0", true);
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_said(p);
	neighbor(p, "eth0.2");
	say(p, "holdtime 210: J(s1,g1)");
	said = pim_bed_said(p);
	assert_non_null(strstr(said, "eth0 Hello"));
	assert_true(strstr(said, "eth0 Hello") < strstr(said, "eth0 Join/Prune"));
}

/* Many */

#define MANY 20000

static struct ip group_number(const struct pim_bed *p, unsigned n)
{
	struct ip ip = pim_bed_ip(p, "g1");

	ip.b[15] = n;
	ip.b[14] = n >> 8;
	return ip;
}

static unsigned number_of(struct ip group)
{
	return group.b[14] << 8 | group.b[15];
}

/* Says that of groups @from to before @to, all within a turn. */
static void burst(struct pim_bed *p, unsigned from, unsigned to, bool prune, int64_t holdtime)
{
	struct msg_jp_source star = { pim_bed_ip(p, "rp1"), JP_STAR_G };
	struct msg_jp_group group[PIM_BED_GROUPS];

	while (from < to) {
		unsigned n;

		for (n = 0; n < NELEMS(group) && from < to; n++)
			group[n] = (struct msg_jp_group){
				.group = group_number(p, from++),
				.join = &star,
				.prune = &star,
				.njoins = !prune,
				.nprunes = prune,
			};
		pim_bed_hear_groups(p, group, n, holdtime);
	}
	bed_work(&p->bed);
}

/* What was sent of groups by their number, and when. */
static struct {
	int64_t joined[MANY], pruned[MANY];
	unsigned messages, states;
	size_t bytes;
	unsigned at_once; /* messages of the instant that had most */
	int64_t now;
	unsigned now_sent;
	unsigned refuse; /* so many are not sent */
	unsigned tried;
	int64_t gap; /* the longest between two joins */
	size_t room; /* of a message */
} heard;

static void hear_group(const struct pim_bed *p, const struct msg_jp_group *g)
{
	unsigned n = number_of(g->group);
	int64_t now = p->bed.clock.now;

	assert_true(n < MANY);
	if (g->njoins) {
		if (heard.joined[n] && now - heard.joined[n] > heard.gap)
			heard.gap = now - heard.joined[n];
		heard.joined[n] = now;
	}
	if (g->nprunes && g->prune[0].kind == JP_STAR_G)
		heard.pruned[n] = now;
	heard.states += g->njoins + g->nprunes;
}

static enum send_result hear(struct sim_kern *k, enum af af, unsigned ifindex,
			     const struct packet *packet, unsigned *mtu)
{
	struct pim_bed *p = k->arg;
	struct msg_ends ends = { packet->src, packet->dst };
	struct msg_jp m;
	struct msg_rd r;

	(void)mtu;
	(void)ifindex;
	if (af != p->af || packet->proto != PROTO_PIM)
		return SENT;
	assert_int_equal(msg_open(&ends, packet->data, packet->len, &r), MSG_GOOD);
	if (r.type != MSG_JOIN_PRUNE)
		return SENT;
	heard.tried++;
	if (heard.refuse) {
		heard.refuse--;
		return SEND_FAILED;
	}
	assert_true(packet->len <= heard.room);
	arena_reset(&p->arena);
	assert_int_equal(msg_jp_decode(&r, &p->arena, &m), MSG_GOOD);
	for (unsigned i = 0; i < m.ngroups; i++) {
		hear_group(p, &m.group[i]);
		assert_true(!i || ip_cmp(m.group[i - 1].group, m.group[i].group) < 0);
	}
	heard.messages++;
	heard.bytes += packet->len;
	if (p->bed.clock.now != heard.now)
		heard.now_sent = 0;
	heard.now = p->bed.clock.now;
	if (++heard.now_sent > heard.at_once)
		heard.at_once = heard.now_sent;
	return SENT;
}

static void listen(struct pim_bed *p)
{
	memset(&heard, 0, sizeof(heard));
	heard.room = msg_room(p->af, 1500);
	p->bed.k->send = hear;
}

/* Whether all of them were joined at @from or later. */
static unsigned joined_since(int64_t from, unsigned n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count += heard.joined[i] >= from;
	return count;
}

/* What a state costs, in hundredths of an octet. */
static unsigned cost(void)
{
	unsigned all = heard.bytes * 100 / heard.states;

	return all;
}

static unsigned fair_cost(enum af af)
{
	return af == V4 ? 2100 : 4500;
}

static void many(struct pim_bed *p)
{
	int64_t start = p->bed.clock.now;

	listen(p);
	burst(p, 0, MANY, false, MSG_FOREVER);
	assert_int_equal(p->pim->nentries, MANY);
	assert_true(heard.at_once <= 32);
	pim_bed_run(p, 100);
	assert_int_equal(joined_since(start, MANY), MANY);
	assert_int_equal(heard.states, MANY);
	assert_in_range(cost(), 0, fair_cost(p->af));
	for (unsigned i = 0; i < 5; i++) {
		start = p->bed.clock.now;
		memset(&heard.messages, 0, sizeof(heard) - offsetof(__typeof__(heard), messages));
		heard.room = msg_room(p->af, 1500);
		pim_bed_run(p, SEC(60));
		assert_int_equal(joined_since(start, MANY), MANY);
		assert_in_range(heard.gap, 0, SEC(60));
		assert_in_range(heard.states, MANY, MANY * 2);
		assert_in_range(cost(), 0, fair_cost(p->af));
		/* a fortieth of all, not all at once */
		assert_in_range(heard.at_once, 1, af_size(p->af) == 4 ? 14 : 28);
	}
	start = p->bed.clock.now;
	burst(p, 0, MANY, true, SEC(210));
	pim_bed_run(p, 200);
	for (unsigned i = 0; i < MANY; i++)
		assert_true(heard.pruned[i] >= start);
	assert_int_equal(p->pim->nentries, 0);
}

/* The interface ends and begins again at once: what it had goes in parts, and nothing stays. */
static void in_parts(struct pim_bed *p)
{
	listen(p);
	burst(p, 0, MANY, false, SEC(210));
	pim_bed_run(p, SEC(1));
	assert_int_equal(p->pim->nentries, MANY);
	listen(p);
	pim_bed_reload(p, "rp-address rp1\nphyint eth0 pim\nphyint eth1 pim passive\n");
	assert_int_equal(p->pim->nentries, 0);
	assert_int_equal(pim_bed_iface(p, "eth1")->state, PIM_RUNS);
	assert_false(pim_bed_iface(p, "eth1")->speaks);
}

/* All are joined anew with a neighbor that restarts, and refreshed at many times from then on. */
static void restarts_with_many(struct pim_bed *p)
{
	listen(p);
	burst(p, 0, MANY, false, MSG_FOREVER);
	pim_bed_run(p, SEC(10));
	listen(p);
	pim_bed_hear(p, "eth0.2", "Hello holdtime forever genid 77");
	pim_bed_run(p, PIM_OVERRIDE_INTERVAL + 100);
	assert_int_equal(joined_since(1, MANY), MANY);
	pim_bed_run(p, SEC(60));
	listen(p);
	for (unsigned i = 0; i < 60; i++) {
		unsigned before = heard.states;

		pim_bed_run(p, SEC(1));
		assert_in_range(heard.states - before, 0, MANY / 10);
	}
	assert_int_equal(joined_since(1, MANY), MANY);
	assert_true(cost() <= fair_cost(p->af));
}

/* The link upstream was down, and RPF' says Hello again before all entries know of it. */
static void flaps_with_many(struct pim_bed *p)
{
	struct link link;

	listen(p);
	burst(p, 0, MANY, false, MSG_FOREVER);
	pim_bed_run(p, SEC(10));
	listen(p);
	link = *sim_link_find(p->bed.k, 1);
	link.up = false;
	sim_link(p->bed.k, &link);
	link.up = true;
	sim_link(p->bed.k, &link);
	p->holds = true;
	pim_bed_route(p, "rp1", "eth0.2");
	do {
		sim_deliver(p->bed.k);
		router_work(p->bed.r);
	} while (pim_bed_iface(p, "eth0")->nneighbors || !pim_bed_iface(p, "eth0")->speaks);
	neighbor(p, "eth0.2");
	pim_bed_run(p, 100);
	assert_int_equal(joined_since(1, MANY), MANY);
}

/* One turn of the router, of many. */
static void step(struct pim_bed *p)
{
	sim_deliver(p->bed.k);
	router_work(p->bed.r);
}

/*
 * The last neighbor goes again before all entries know that it went: those that were told meanwhile
 * are told again, of which other work does not have to wait.
 */
static void goes_twice_with_many(struct pim_bed *p)
{
	struct ip group = group_number(p, 1500);
	const struct walk *alone;

	listen(p);
	burst(p, 0, 4000, false, MSG_FOREVER);
	pim_bed_run(p, SEC(10));
	p->holds = true;
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0");
	alone = TAILQ_NEXT(TAILQ_FIRST(&p->pim->walks), link);
	while (ip_cmp(alone->at.grp, group) < 0)
		step(p);
	neighbor(p, "eth1.2");
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1 holdtime forever: J(*,%s) rp rp1",
		     ip_str(group));
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0");
	assert_true(alone->is_again);
	for (unsigned i = 0; alone->is_again && i < 100; i++)
		step(p);
	assert_false(alone->is_again);
	assert_ptr_not_equal(TAILQ_FIRST(&p->pim->walks), alone);
	p->holds = false;
	pim_bed_run(p, SEC(211));
	assert_int_equal(p->pim->nentries, 0);
}

/* Few are refreshed together. */
static void few(struct pim_bed *p)
{
	listen(p);
	burst(p, 0, 30, false, MSG_FOREVER);
	pim_bed_run(p, SEC(600));
	assert_in_range(heard.messages, 10, 12);
	assert_in_range(heard.states, 300, 360);
	assert_in_range(heard.gap, SEC(59), SEC(60));
	burst(p, 0, 30, true, SEC(210));
	pim_bed_run(p, SEC(1));
	listen(p);
	for (unsigned i = 0; i < 30; i++) {
		burst(p, i, i + 1, false, MSG_FOREVER);
		pim_bed_run(p, 20);
	}
	assert_int_equal(heard.messages, 30);
	pim_bed_run(p, SEC(600));
	assert_in_range(heard.messages, 40, 54);
	burst(p, 0, 30, true, SEC(210));
}

/* A burst that comes one by one is joined at once, and then together. */
static void one_by_one(struct pim_bed *p)
{
	int64_t start = p->bed.clock.now;

	listen(p);
	for (unsigned i = 0; i < 1000; i++)
		burst(p, i, i + 1, false, MSG_FOREVER);
	assert_int_equal(heard.messages, 32);
	pim_bed_run(p, 5);
	assert_int_equal(joined_since(start, 1000), 1000);
	assert_in_range(heard.messages, 32 + 14, 32 + 32);
	burst(p, 0, 1000, true, SEC(210));
	pim_bed_run(p, 100);
}

/* What waits to be sent is overtaken by what is said later. */
static void overtaken(struct pim_bed *p)
{
	unsigned both = 0, joined = 0;

	listen(p);
	burst(p, 0, MANY, false, MSG_FOREVER);
	assert_int_equal(heard.at_once, 32);
	pim_bed_route(p, "rp2", "eth0.2");
	pim_bed_reload(p, "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nrp-address rp2\n");
	burst(p, 0, MANY, true, SEC(210));
	pim_bed_run(p, SEC(1));
	for (unsigned i = 0; i < MANY; i++) {
		assert_true(heard.pruned[i]);
		joined += !!heard.joined[i];
		both += heard.joined[i] > heard.pruned[i];
	}
	assert_int_equal(both, 0);
	assert_in_range(joined, 1, MANY / 2);
	pim_bed_run(p, SEC(100));
	assert_int_equal(p->pim->nentries, 0);
	assert_in_range(heard.states, MANY, MANY + joined);
}

/* A socket that is full for a moment: nothing is lost. */
static void full_socket(struct pim_bed *p)
{
	int64_t start = p->bed.clock.now;

	listen(p);
	heard.refuse = 7;
	burst(p, 0, 2000, false, MSG_FOREVER);
	assert_int_equal(joined_since(start, 2000), 0);
	pim_bed_run(p, 300);
	assert_int_equal(joined_since(start, 2000), 2000);
	assert_int_equal(heard.states, 2000);
	burst(p, 0, 2000, true, SEC(210));
	pim_bed_run(p, 100);
	assert_int_equal(p->pim->nentries, 0);
}

/* One that takes nothing at all is not tried for ever, but at each period. */
static void dead_socket(struct pim_bed *p)
{
	listen(p);
	heard.refuse = 1000000;
	burst(p, 0, 100, false, MSG_FOREVER);
	pim_bed_run(p, SEC(50));
	assert_in_range(heard.tried, 10, 60);
	heard.refuse = 0;
	pim_bed_run(p, SEC(11));
	assert_int_equal(joined_since(1, 100), 100);
	burst(p, 0, 100, true, SEC(210));
}

/* Such an MTU is rare, and short: the kernel takes the addresses away. */
static void tiny_mtu(struct pim_bed *p)
{
	struct link link = *sim_link_find(p->bed.k, 1);
	unsigned mtu = link.mtu;

	link.mtu = 20;
	sim_link(p->bed.k, &link);
	jp(p, "eth1.2", "eth1.1", "holdtime 210: J(*,g1) rp rp1");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	link.mtu = mtu;
	sim_link(p->bed.k, &link);
	pim_bed_run(p, SEC(60));
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
}

/* The prunes of a join of (*,G) that were said last. */
static struct {
	struct ip source[400];
	unsigned n, joins;
	unsigned messages;
} prunes;

static enum send_result hear_prunes(struct sim_kern *k, enum af af, unsigned ifindex,
				    const struct packet *packet, unsigned *mtu)
{
	struct pim_bed *p = k->arg;
	struct msg_ends ends = { packet->src, packet->dst };
	struct msg_jp m;
	struct msg_rd r;

	(void)mtu;
	(void)ifindex;
	if (af != p->af || packet->proto != PROTO_PIM)
		return SENT;
	assert_int_equal(msg_open(&ends, packet->data, packet->len, &r), MSG_GOOD);
	if (r.type != MSG_JOIN_PRUNE)
		return SENT;
	arena_reset(&p->arena);
	assert_int_equal(msg_jp_decode(&r, &p->arena, &m), MSG_GOOD);
	prunes.messages++;
	for (unsigned i = 0; i < m.ngroups; i++) {
		const struct msg_jp_group *g = &m.group[i];

		if (!ip_eq(g->group, pim_bed_ip(p, "g1")))
			continue;
		if (!g->njoins || g->join[0].kind != JP_STAR_G)
			continue;
		prunes.joins++;
		for (prunes.n = 0; prunes.n < g->nprunes; prunes.n++)
			prunes.source[prunes.n] = g->prune[prunes.n].ip;
	}
	return SENT;
}

/* (*,G) is joined, but these many sources are pruned off. */
static void prune_sources(struct pim_bed *p, unsigned from, unsigned to)
{
	char text[1000], *at = text;

	at += sprintf(at, "holdtime forever:");
	for (unsigned i = from; i < to; i++)
		at += sprintf(at, " P(s%u,g1,rpt)", i);
	say(p, text);
}

/* They all go with the join, whatever else there is; too many: the lowest. */
static void all_prunes(struct pim_bed *p)
{
	unsigned fit = (msg_room(p->af, 1500) - (p->af == V4 ? 14 : 26) - (p->af == V4 ? 12 : 24)) /
		       msg_source_size(p->af);

	fit -= 1; /* the join itself */
	memset(&prunes, 0, sizeof(prunes));
	p->bed.k->send = hear_prunes;
	burst(p, 100, 140, false, MSG_FOREVER);
	say(p, "holdtime forever: " STAR);
	for (unsigned i = 1; i < 64; i += 21)
		prune_sources(p, i, i + 21);
	prunes.joins = 0;
	pim_bed_run(p, SEC(60));
	assert_int_equal(prunes.joins, 1);
	assert_int_equal(prunes.n, 63);
	for (unsigned i = 64; i < 250; i += 21)
		prune_sources(p, i, i + 21);
	prunes.joins = 0;
	pim_bed_run(p, SEC(60));
	assert_int_equal(prunes.joins, 1);
	assert_int_equal(prunes.n, fit);
	for (unsigned i = 0; i < fit; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%u", i + 1);
		assert_true(ip_eq(prunes.source[i], pim_bed_ip(p, name)));
	}
}

int main(void)
{
	static const struct cell cells[] = {
		{ "PIM-78: of neighbors alone", strangers, NULL },
		{ "PIM-78: and of others, if they are to count", strangers_that_count,
		  "phyint eth0 pim\nphyint eth1 pim accept-strangers\nphyint eth2 pim\n"
		  "rp-address rp1\nneighbor-filter eth0.2 eth0.3 eth1.2 eth1.5\n" },
		{ "PIM-42: holdtimes have a bound", holdtimes_have_a_bound,
		  "phyint eth0 pim\nphyint eth1 pim max-holdtime 100\nrp-address rp1\n" },
		{ "PIM-79: a join of (*,G) with another RP", another_rp, NULL },
		{ "PIM-79: no RP", no_rp, "phyint eth0 pim\nphyint eth1 pim\n" },
		{ "PIM-80, PIM-89: the upstream neighbor's address", upstream_neighbor, NULL },
		{ "PIM-130: source-specific groups", source_specific, NULL },
		{ "a limit", no_room,
		  "phyint eth0 pim\nphyint eth1 pim\nrp-address rp1\npim-limit entries 2\n" },
		{ "PIM-119: a Join to who lost an Assert", assert_loser, NULL },
		{ "PIM-137: one message a neighbor", packed, NULL },
		{ "PIM-138: what does not stand together", combinations, NULL },
		{ "PIM-138: (S,G,rpt) beside (*,G)", beside_star, NULL },
		{ "PIM-138: J(S,G,rpt) beside J(*,G)", join_beside_star, NULL },
		{ "PIM-30: a Hello first", hello_first, NULL },
		{ "PIM-104, PIM-140: a burst, and its refresh", many, NULL },
		{ "PIM-104: few are refreshed together", few, NULL },
		{ "PIM-105: a burst of many turns", one_by_one, NULL },
		{ "an interface that ends with many entries", in_parts, NULL },
		{ "PIM-93: a link of many that was down", flaps_with_many, NULL },
		{ "PIM-87: a neighbor of many that goes twice", goes_twice_with_many, NULL },
		{ "PIM-93: a neighbor of many that restarts", restarts_with_many, NULL },
		{ "the last word holds", overtaken, NULL },
		{ "a socket that is full", full_socket, NULL },
		{ "a socket that takes nothing", dead_socket, NULL },
		{ "an MTU without room for a message", tiny_mtu, NULL },
		{ "PIM-99, PIM-139: all prunes go with the join of (*,G)", all_prunes, NULL },
	};

	return cells_run("pim_jp_sim", cells, NELEMS(cells));
}
