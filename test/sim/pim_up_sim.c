/* pim_up_sim.c - what is joined upstream: figures 5 and 6 of RFC 7761, cell by cell
 *
 * Each test is one for (*,G) and for (S,G).
 */
#include "sim/pim_cells.h"

static const struct shape {
	const char *source, *root, *join, *prune;
} shapes[] = {
	{ "*", "rp1", "J(*,g1) rp rp1", "P(*,g1) rp rp1" },
	{ "s1", "s1", "J(s1,g1)", "P(s1,g1)" },
};

/* A line that is said to a neighbor. */
static const char *line(const char *to, const char *what)
{
	static char text[4][200];
	static unsigned n;

	n = (n + 1) % NELEMS(text);
	snprintf(text[n], sizeof(text[n]), "%.4s Join/Prune to %s holdtime 210: %s\n", to, to,
		 what);
	return text[n];
}

static void assert_two_said(struct pim_bed *p, const char *a, const char *b)
{
	char text[400];

	snprintf(text, sizeof(text), "%s%s", a, b);
	assert_said(p, text);
}

/* A router on eth0 says that to another. */
static void hear(struct pim_bed *p, const char *from, const char *to, const char *holdtime,
		 const char *what)
{
	char text[200];

	snprintf(text, sizeof(text), "holdtime %s: %s", holdtime, what);
	jp(p, from, to, text);
}

static int64_t jt(struct pim_bed *p, const struct shape *t)
{
	const struct entry *e = pim_bed_find(p, t->source, "g1");

	return e ? timer_left(&p->bed.clock, &e->jt) : 0;
}

/* A downstream router joins for good. */
static void desire(struct pim_bed *p, const struct shape *t)
{
	hear(p, "eth1.2", "eth1.1", "forever", t->join);
}

static void no_more(struct pim_bed *p, const struct shape *t)
{
	hear(p, "eth1.2", "eth1.1", "210", t->prune);
}

static void joined(struct pim_bed *p, const struct shape *t)
{
	desire(p, t);
	assert_true(pim_bed_find(p, t->source, "g1")->is_joined);
	assert_said(p, line("eth0.2", t->join));
}

/* The refresh is not later than the period, and not much earlier. */
static void assert_period(struct pim_bed *p, const struct shape *t)
{
	assert_in_range(pim_bed_wait(p, SEC(100)), SEC(59), SEC(60));
	assert_said(p, line("eth0.2", t->join));
}

static void not_joined_desired(struct pim_bed *p, const struct shape *t)
{
	int64_t now = p->bed.clock.now;

	joined(p, t);
	assert_int_equal(p->bed.clock.now, now);
	assert_in_range(jt(p, t), SEC(59), SEC(60));
}

static void not_joined_not_desired(struct pim_bed *p, const struct shape *t)
{
	no_more(p, t);
	pim_bed_run(p, SEC(100));
	assert_said(p, "");
}

static void joined_not_desired(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	no_more(p, t);
	assert_said(p, line("eth0.2", t->prune));
	assert_int_equal(jt(p, t), 0);
	pim_bed_run(p, SEC(300));
	assert_said(p, "");
}

static void joined_desired(struct pim_bed *p, const struct shape *t)
{
	int64_t left;

	joined(p, t);
	pim_bed_run(p, SEC(10));
	left = jt(p, t);
	neighbor(p, "eth2.2");
	hear(p, "eth2.2", "eth2.1", "210", t->join);
	assert_said(p, "");
	assert_int_equal(jt(p, t), left);
}

static void joined_jt(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	for (unsigned i = 0; i < 10; i++)
		assert_period(p, t);
}

/* JT is what it was. */
static void assert_unmoved(struct pim_bed *p, const struct shape *t, const char *from,
			   const char *to, const char *holdtime, const char *what)
{
	int64_t left = jt(p, t);

	hear(p, from, to, holdtime, what);
	assert_int_equal(jt(p, t), left);
	assert_said(p, "");
}

static void see_join(struct pim_bed *p, const struct shape *t)
{
	int64_t least = SEC(100), most = 0;

	joined(p, t);
	for (unsigned i = 0; i < 100; i++) {
		no_more(p, t);
		desire(p, t);
		pim_bed_run(p, 5);
		pim_bed_said(p);
		hear(p, "eth0.3", "eth0.2", "210", t->join);
		assert_in_range(jt(p, t), SEC(66), SEC(84));
		least = jt(p, t) < least ? jt(p, t) : least;
		most = jt(p, t) > most ? jt(p, t) : most;
	}
	assert_true(least < SEC(68) && most > SEC(82));
	assert_unmoved(p, t, "eth0.3", "eth0.2", "10", t->join);
	pim_bed_run(p, SEC(66) - 1);
	assert_said(p, "");
	hear(p, "eth0.3", "eth0.2", "210", t->join);
	assert_in_range(jt(p, t), SEC(66), SEC(84));
}

static void see_short_join(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	pim_bed_run(p, SEC(50));
	hear(p, "eth0.3", "eth0.2", "20", t->join);
	assert_int_equal(jt(p, t), SEC(20));
}

static void see_join_of_others(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	pim_bed_run(p, SEC(50));
	neighbor(p, "eth0.4");
	assert_unmoved(p, t, "eth0.3", "eth0.4", "210", t->join);
	assert_unmoved(p, t, "eth0.9", "eth0.2", "210", t->join);
	assert_unmoved(p, t, "eth0.3", "eth0.2", "210", "J(s2,g1)");
	assert_unmoved(p, t, "eth0.3", "eth0.2", "210", "J(s1,g2)");
	assert_unmoved(p, t, "eth0.3", "eth0.2", "210", "J(*,g1) rp rp2");
	assert_unmoved(p, t, "eth0.3", "eth0.2", "210", "J(s1,g1,rpt)");
	assert_unmoved(p, t, "eth1.2", "eth1.9", "210", t->join);
}

static void see_prune(struct pim_bed *p, const struct shape *t)
{
	int64_t most = 0;

	joined(p, t);
	for (unsigned i = 0; i < 100; i++) {
		hear(p, "eth0.3", "eth0.2", "210", t->prune);
		assert_in_range(jt(p, t), 0, 2500);
		assert_said(p, "");
		most = jt(p, t) > most ? jt(p, t) : most;
		assert_in_range(pim_bed_wait(p, SEC(3)), 0, 2500);
		assert_said(p, line("eth0.2", t->join));
	}
	assert_true(most > 2300);
	pim_bed_run(p, SEC(59) - 1);
	assert_true(jt(p, t) < SEC(2));
	pim_bed_run(p, jt(p, t) - 1);
	assert_unmoved(p, t, "eth0.3", "eth0.2", "210", "P(s2,g2)");
	hear(p, "eth0.3", "eth0.2", "210", t->prune);
	assert_in_range(jt(p, t), 0, 1);
}

static void see_prune_of_others(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	neighbor(p, "eth0.4");
	assert_unmoved(p, t, "eth0.3", "eth0.4", "210", t->prune);
	assert_unmoved(p, t, "eth0.9", "eth0.2", "210", t->prune);
	assert_unmoved(p, t, "eth0.3", "eth0.2", "210", "P(s2,g1)");
	assert_unmoved(p, t, "eth1.2", "eth0.2", "210", t->prune);
}

/* The delay is that of the link's slowest. */
static void override(struct pim_bed *p, const struct shape *t)
{
	int64_t most = 0;

	pim_bed_hear(p, "eth0.3",
		     "Hello holdtime forever genid 1 priority 1 delay 500 override 9000");
	joined(p, t);
	for (unsigned i = 0; i < 50; i++) {
		hear(p, "eth0.3", "eth0.2", "210", t->prune);
		assert_in_range(jt(p, t), 0, 9000);
		most = jt(p, t) > most ? jt(p, t) : most;
		pim_bed_run(p, SEC(9));
		assert_said(p, line("eth0.2", t->join));
	}
	assert_true(most > 5000);
}

static void see_prune_of_another_rp(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	hear(p, "eth0.3", "eth0.2", "210", "P(*,g1) rp rp2");
	assert_in_range(jt(p, t), 0, 2500);
	pim_bed_run(p, SEC(3));
	assert_said(p, line("eth0.2", t->join));
}

/* Routers of the older kind take these as Prunes of (S,G). */
static void see_prune_rpt(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	if (!strcmp(t->source, "*"))
		return;
	hear(p, "eth0.3", "eth0.2", "210", "P(s1,g1,rpt)");
	assert_in_range(jt(p, t), 0, 2500);
	pim_bed_run(p, SEC(3));
	assert_said(p, line("eth0.2", t->join));
	hear(p, "eth0.3", "eth0.2", "210", "P(*,g1) rp rp1");
	assert_in_range(jt(p, t), 0, 2500);
	pim_bed_run(p, SEC(3));
	assert_said(p, line("eth0.2", t->join));
}

static void changes(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	pim_bed_run(p, SEC(30));
	pim_bed_route(p, t->root, "eth0.3");
	assert_two_said(p, line("eth0.2", t->prune), line("eth0.3", t->join));
	assert_in_range(jt(p, t), SEC(59), SEC(60));
	neighbor(p, "eth2.2");
	pim_bed_route(p, t->root, "eth2.2");
	assert_two_said(p, line("eth0.3", t->prune), line("eth2.2", t->join));
	pim_bed_route(p, t->root, "eth2.2");
	assert_said(p, "");
	pim_bed_route(p, t->root, "eth0.2");
	assert_two_said(p, line("eth0.2", t->join), line("eth2.2", t->prune));
}

/* An Assert was lost to eth0.3. */
static void lost(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	pim_bed_hear(p, "eth0.3", "Assert (%s,g1)%s preference 0 metric 0", t->source,
		     strcmp(t->source, "*") ? "" : " rpt");
	assert_in_range(jt(p, t), 0, 2500);
	assert_said(p, "");
	pim_bed_run(p, 2500);
	assert_said(p, line("eth0.3", t->join));
}

static void changes_by_assert(struct pim_bed *p, const struct shape *t)
{
	lost(p, t);
	hear(p, "eth0.2", "eth0.3", "210", t->prune);
	assert_in_range(jt(p, t), 0, 2500);
	pim_bed_run(p, 2500);
	assert_said(p, line("eth0.3", t->join));
}

static void assert_is_active(struct pim_bed *p, const struct shape *t)
{
	lost(p, t);
	neighbor(p, "eth0.4");
	pim_bed_route(p, t->root, "eth0.4");
	pim_bed_run(p, SEC(5));
	assert_said(p, "");
	neighbor(p, "eth2.2");
	pim_bed_route(p, t->root, "eth2.2");
	assert_two_said(p, line("eth0.3", t->prune), line("eth2.2", t->join));
}

static void assert_ends(struct pim_bed *p, const struct shape *t)
{
	lost(p, t);
	pim_bed_hear(p, "eth0.3", "Assert (%s,g1) rpt cancel", t->source);
	assert_in_range(jt(p, t), 0, 2500);
	assert_said(p, "");
	pim_bed_run(p, 2500);
	assert_said(p, line("eth0.2", t->join));
}

/* A Hello with a generation ID. */
static void begin_anew(struct pim_bed *p, const char *who, unsigned genid)
{
	pim_bed_hear(p, who, "Hello holdtime forever genid %u priority 1 delay 500 override 2500",
		     genid);
}

static void restarts(struct pim_bed *p, const struct shape *t)
{
	int64_t most = 0;

	joined(p, t);
	begin_anew(p, "eth0.3", 1000);
	assert_in_range(jt(p, t), SEC(50), SEC(60));
	for (unsigned i = 0; i < 20; i++) {
		begin_anew(p, "eth0.2", 100 + i);
		assert_in_range(jt(p, t), 0, 2500);
		most = jt(p, t) > most ? jt(p, t) : most;
		pim_bed_run(p, 2500);
		assert_said(p, line("eth0.2", t->join));
		pim_bed_run(p, 500); /* until then, another one waits */
	}
	assert_true(most > 1000);
	begin_anew(p, "eth0.2", 119);
	assert_in_range(jt(p, t), SEC(50), SEC(60));
}

/* There is nobody else whose Joins could come at the same time. */
static void restarts_alone(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	pim_bed_hear(p, "eth0.3", "Hello holdtime 0");
	begin_anew(p, "eth0.2", 78);
	assert_said(p, line("eth0.2", t->join));
	assert_in_range(jt(p, t), SEC(50), SEC(60));
}

/* Joined, but nobody is there to be told. */
static void nobody(struct pim_bed *p, const struct shape *t)
{
	pim_bed_route(p, t->root, "eth0.7");
	desire(p, t);
	assert_true(pim_bed_find(p, t->source, "g1")->is_joined);
	pim_bed_run(p, SEC(200));
	assert_said(p, "");
	neighbor(p, "eth0.7");
	assert_said(p, line("eth0.7", t->join));
	pim_bed_hear(p, "eth0.7", "Hello holdtime 0");
	pim_bed_run(p, SEC(100));
	assert_said(p, "");
	pim_bed_route(p, t->root, "eth0.2");
	assert_said(p, line("eth0.2", t->join));
	pim_bed_unroute(p, t->root, PIM_BED_METRIC);
	assert_said(p, line("eth0.2", t->prune));
	no_more(p, t);
	assert_said(p, "");
}

/* The next hop is a secondary address. */
static void secondary(struct pim_bed *p, const struct shape *t)
{
	if (p->af == V6)
		return; /* routes there lead to link-local addresses */
	pim_bed_hear(p, "eth0.7", "Hello holdtime forever genid 1 secondary eth0/7");
	pim_bed_route(p, t->root, "eth0/7");
	desire(p, t);
	assert_said(p, line("eth0.7", t->join));
}

/* The upstream link fails and comes back. */
static void carrier(struct pim_bed *p, const struct shape *t)
{
	joined(p, t);
	pim_bed_link(p, "eth0", false);
	pim_bed_run(p, SEC(100));
	assert_said(p, "");
	pim_bed_link(p, "eth0", true);
	pim_bed_run(p, SEC(10));
	assert_said(p, "");
	pim_bed_route(p, t->root, "eth0.2");
	neighbor(p, "eth0.2");
	assert_said(p, line("eth0.2", t->join));
}

/* As it was at the start. */
static void reset(struct pim_bed *p, const struct shape *t)
{
	static const char *const more[] = { "eth0.4", "eth0.7", "eth2.2", "eth0.2", "eth0.3" };

	for (unsigned i = 0; i < NELEMS(more); i++)
		pim_bed_hear(p, more[i], "Hello holdtime 0");
	neighbor(p, "eth0.2");
	neighbor(p, "eth0.3");
	no_more(p, t);
	for (unsigned i = 0; i < NELEMS(shapes); i++)
		pim_bed_route(p, shapes[i].root, "eth0.2");
	pim_bed_run(p, SEC(300));
	assert_null(pim_bed_find(p, t->source, "g1"));
	pim_bed_said(p);
}

#define EACH(name)                                              \
	static void each_##name(struct pim_bed *p)              \
	{                                                       \
		for (unsigned i = 0; i < NELEMS(shapes); i++) { \
			name(p, &shapes[i]);                    \
			reset(p, &shapes[i]);                   \
		}                                               \
	}

EACH(not_joined_desired)
EACH(not_joined_not_desired)
EACH(joined_not_desired)
EACH(joined_desired)
EACH(joined_jt)
EACH(see_join)
EACH(see_short_join)
EACH(see_join_of_others)
EACH(see_prune)
EACH(see_prune_of_others)
EACH(override)
EACH(see_prune_of_another_rp)
EACH(see_prune_rpt)
EACH(changes)
EACH(changes_by_assert)
EACH(assert_is_active)
EACH(assert_ends)
EACH(restarts)
EACH(restarts_alone)
EACH(nobody)
EACH(secondary)
EACH(carrier)

/* All say that they need nobody to rely on them. */
static void no_suppression(struct pim_bed *p)
{
	static const char hello[] =
		"Hello holdtime forever genid 1 priority 1 delay 500 override 2500 no-suppression";

	pim_bed_hear(p, "eth0.2", hello);
	pim_bed_hear(p, "eth0.3", hello);
	for (unsigned i = 0; i < NELEMS(shapes); i++) {
		joined(p, &shapes[i]);
		pim_bed_run(p, SEC(50));
		assert_unmoved(p, &shapes[i], "eth0.3", "eth0.2", "210", shapes[i].join);
		assert_true(jt(p, &shapes[i]) > 0);
		no_more(p, &shapes[i]);
		pim_bed_said(p);
	}
}

/* The group has another RP: in one turn, the old tree is left and the new one joined. */
static void another_rp(struct pim_bed *p)
{
	pim_bed_route(p, "rp2", "eth0.3");
	joined(p, &shapes[0]);
	pim_bed_reload(p, "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nrp-address rp2\n");
	assert_two_said(p, line("eth0.2", "P(*,g1) rp rp2"), line("eth0.3", "J(*,g1) rp rp2"));
	pim_bed_reload(p, "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n");
	assert_said(p, line("eth0.3", p->af == V4 ? "P(*,g1) rp 0.0.0.0" : "P(*,g1) rp ::"));
	pim_bed_run(p, SEC(100));
	assert_said(p, "");
	pim_bed_reload(p, CELLS_CONF);
	assert_said(p, line("eth0.2", "J(*,g1) rp rp1"));
}

/* The router is DR on eth1. */
#define DR "phyint eth0 pim\nphyint eth1 pim dr-priority 9\nphyint eth2 pim\nrp-address rp1\n"

/* Data of s1 has a last hop router change to its tree, and it leaves when no more comes. */
static void keepalive(struct pim_bed *p)
{
	pim_bed_join(p, "eth1", "*", "g1");
	assert_said(p, line("eth0.2", "J(*,g1) rp rp1"));
	neighbor(p, "eth2.2");
	pim_bed_route(p, "s1", "eth2.2");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", "g1"), "eth1");
	assert_said(p, line("eth2.2", "J(s1,g1)"));
	assert_true(pim_bed_find(p, "s1", "g1")->is_joined);
	pim_bed_data(p, "eth2", "s1", "g1");
	pim_bed_run(p, 100);
	assert_true(pim_bed_find(p, "s1", "g1")->spt);
	assert_said(p, line("eth0.2", "P(s1,g1,rpt)"));
	pim_bed_leave(p, "eth1", "*", "g1");
	for (unsigned i = 0; i < 30 && pim_bed_find(p, "*", "g1"); i++)
		pim_bed_run(p, SEC(1));
	assert_two_said(p, line("eth0.2", "P(*,g1) rp rp1"), line("eth2.2", "P(s1,g1)"));
	assert_false(pim_bed_find(p, "s1", "g1") && pim_bed_find(p, "s1", "g1")->is_joined);
	assert_false(pim_bed_find(p, "s1", "g1") && pim_bed_find(p, "s1", "g1")->spt);
}

/* What inherits from (*,G) alone is joined no longer than data flows. */
static void silence(struct pim_bed *p)
{
	neighbor(p, "eth2.2");
	pim_bed_route(p, "s1", "eth2.2");
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_data(p, "eth0", "s1", "g1");
	pim_bed_data(p, "eth2", "s1", "g1");
	pim_bed_run(p, SEC(120));
	assert_true(pim_bed_find(p, "s1", "g1")->is_joined);
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_said(p);
	pim_bed_run(p, SEC(95));
	assert_non_null(strstr(pim_bed_said(p), line("eth2.2", "P(s1,g1)")));
	assert_false(pim_bed_find(p, "s1", "g1") && pim_bed_find(p, "s1", "g1")->is_joined);
	assert_true(pim_bed_find(p, "*", "g1")->is_joined);
}

/* A membership is answered by a join in the same turn. */
static void at_once(struct pim_bed *p)
{
	int64_t now = p->bed.clock.now;

	pim_bed_join(p, "eth1", "*", "g1");
	assert_said(p, line("eth0.2", "J(*,g1) rp rp1"));
	pim_bed_join(p, "eth1", "s1", "ssm1");
	assert_said(p, line("eth0.2", "J(s1,ssm1)"));
	assert_int_equal(p->bed.clock.now, now);
}

/* A longer period begins when what was said at the shorter one has run out. */
static void other_period(struct pim_bed *p)
{
	static const char conf[] = "phyint eth0 pim join-prune-interval %u\nphyint eth1 pim\n"
				   "phyint eth2 pim\nrp-address rp1\n";
	char text[200];
	unsigned n;

	joined(p, &shapes[1]);
	snprintf(text, sizeof(text), conf, 600);
	pim_bed_reload(p, text);
	for (n = 0; p->bed.clock.now < SEC(10) + SEC(210); n++)
		assert_in_range(pim_bed_wait(p, SEC(61)), 0, SEC(60));
	assert_in_range(n, 3, 5);
	assert_non_null(strstr(pim_bed_said(p), "holdtime 2100: J(s1,g1)"));
	pim_bed_wait(p, SEC(61));
	pim_bed_wait(p, SEC(61));
	assert_in_range(jt(p, &shapes[1]), SEC(400), SEC(600));
	snprintf(text, sizeof(text), conf, 10);
	pim_bed_reload(p, text);
	pim_bed_wait(p, SEC(600));
	pim_bed_said(p);
	assert_in_range(pim_bed_wait(p, SEC(61)), SEC(9), SEC(10));
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 35: J(s1,g1)\n");
}

/* What is said holds for longer than a Prune may be overridden. */
static void least_holdtime(struct pim_bed *p)
{
	pim_bed_hear(p, "eth0.3", "Hello holdtime forever genid 1 delay 500 override 60000");
	desire(p, &shapes[1]);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 62: J(s1,g1)\n");
}

int main(void)
{
	static const struct cell cells[] = {
		{ "PIM-90: NotJoined, desired: Joined, J", each_not_joined_desired, NULL },
		{ "PIM-90: NotJoined, not desired: -", each_not_joined_not_desired, NULL },
		{ "PIM-90, PIM-98: Joined, not desired: NotJoined, P", each_joined_not_desired,
		  NULL },
		{ "PIM-90: Joined, desired: -", each_joined_desired, NULL },
		{ "PIM-104: Joined, JT: J", each_joined_jt, NULL },
		{ "PIM-91: Joined, see Join: JT is t_joinsuppress", each_see_join, NULL },
		{ "PIM-91: Joined, see Join with a short holdtime", each_see_short_join, NULL },
		{ "PIM-89, PIM-91: Joined, see Join of another kind", each_see_join_of_others,
		  NULL },
		{ "PIM-91: Joined, see Join where nothing is suppressed", no_suppression,
		  "phyint eth0 pim track-joins\nphyint eth1 pim\nrp-address rp1\n" },
		{ "PIM-92: Joined, see Prune: JT is t_override", each_see_prune, NULL },
		{ "PIM-89, PIM-92: Joined, see Prune of another kind", each_see_prune_of_others,
		  NULL },
		{ "PIM-92: t_override is that of the link", each_override, NULL },
		{ "PIM-92, PIM-97, PIM-210: Joined, see Prune of another RP",
		  each_see_prune_of_another_rp, NULL },
		{ "PIM-97: Joined, see Prune of (S,G,rpt) or (*,G)", each_see_prune_rpt, NULL },
		{ "PIM-94: Joined, RPF' changes: J to the new one, P to the old one", each_changes,
		  NULL },
		{ "PIM-93: Joined, RPF' changes by an Assert: JT is t_override",
		  each_changes_by_assert, NULL },
		{ "PIM-95: RPF changes, but an Assert is active", each_assert_is_active, NULL },
		{ "PIM-93: Joined, an Assert ends: JT is t_override", each_assert_ends, NULL },
		{ "PIM-93: Joined, RPF' restarts: JT is t_override", each_restarts, NULL },
		{ "PIM-93: Joined, RPF' restarts, nobody else is there", each_restarts_alone,
		  NULL },
		{ "no upstream neighbor", each_nobody, NULL },
		{ "RPF' by a secondary address", each_secondary, NULL },
		{ "the link upstream goes down", each_carrier, NULL },
		{ "PIM-94, PIM-211: another RP", another_rp, NULL },
		{ "PIM-96, PIM-98: joined while data comes", keepalive, DR },
		{ "PIM-96: not when it ends", silence, DR },
		{ "PIM-105: listeners are answered at once", at_once, DR },
		{ "PIM-104: a period that is short", least_holdtime,
		  "phyint eth0 pim join-prune-interval 10\nphyint eth1 pim\nrp-address rp1\n" },
		{ "PIM-104: another period", other_period, NULL },
	};

	return cells_run("pim_up_sim", cells, NELEMS(cells));
}
