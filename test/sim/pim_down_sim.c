/* pim_down_sim.c - what downstream routers join: figures 2 and 3 of RFC 7761, cell by cell
 *
 * Each test is one for (*,G) and for (S,G).
 */
#include "sim/pim_cells.h"

static const struct shape {
	const char *source, *join, *prune;
} shapes[] = {
	{ "*", "J(*,g1) rp rp1", "P(*,g1) rp rp1" },
	{ "s1", "J(s1,g1)", "P(s1,g1)" },
};

static void say(struct pim_bed *p, const char *from, const char *holdtime, const char *what)
{
	char text[200];

	snprintf(text, sizeof(text), "%s: %s", holdtime, what);
	jp(p, from, "eth1.1", text);
}

static void assert_one_said(struct pim_bed *p, const char *to, const char *what)
{
	char text[200];

	snprintf(text, sizeof(text), "%s holdtime 210: %s\n", to, what);
	assert_said(p, text);
}

#define UP "eth0 Join/Prune to eth0.2"
#define ECHO "eth1 Join/Prune to eth1.1"

#define assert_state(p, t, s) assert_int_equal(down_state(p, (t)->source, "eth1"), s)
#define assert_et(p, t, s) assert_int_equal(et(p, (t)->source, "eth1"), s)
#define assert_ppt(p, t, s) assert_int_equal(ppt(p, (t)->source, "eth1"), s)

static void join(struct pim_bed *p, const struct shape *t)
{
	say(p, "eth1.2", "holdtime 210", t->join);
	assert_state(p, t, DOWN_JOIN);
	assert_one_said(p, UP, t->join);
}

/* Another neighbor is there, who could override. */
static void pend(struct pim_bed *p, const struct shape *t)
{
	neighbor(p, "eth1.3");
	say(p, "eth1.2", "holdtime 210", t->prune);
	assert_state(p, t, DOWN_PRUNE_PENDING);
	assert_ppt(p, t, 3000);
	assert_said(p, "");
}

static void no_info_join(struct pim_bed *p, const struct shape *t)
{
	say(p, "eth1.2", "holdtime 210", t->join);
	assert_state(p, t, DOWN_JOIN);
	assert_et(p, t, SEC(210));
	assert_ppt(p, t, 0);
	assert_one_said(p, UP, t->join);
}

static void no_info_prune(struct pim_bed *p, const struct shape *t)
{
	say(p, "eth1.2", "holdtime 210", t->prune);
	assert_null(pim_bed_find(p, t->source, "g1"));
	pim_bed_run(p, SEC(10));
	assert_said(p, "");
}

static void join_join(struct pim_bed *p, const struct shape *t)
{
	join(p, t);
	pim_bed_run(p, SEC(30));
	say(p, "eth1.2", "holdtime 100", t->join);
	assert_et(p, t, SEC(180));
	say(p, "eth1.2", "holdtime 200", t->join);
	assert_et(p, t, SEC(200));
	assert_state(p, t, DOWN_JOIN);
	assert_said(p, "");
}

static void join_prune(struct pim_bed *p, const struct shape *t)
{
	join(p, t);
	pend(p, t);
	assert_et(p, t, SEC(210));
}

static void join_prune_of_one(struct pim_bed *p, const struct shape *t)
{
	join(p, t);
	say(p, "eth1.2", "holdtime 210", t->prune);
	assert_null(pim_bed_find(p, t->source, "g1"));
	assert_one_said(p, UP, t->prune);
	pim_bed_run(p, SEC(300));
	assert_said(p, "");
}

static void join_et(struct pim_bed *p, const struct shape *t)
{
	neighbor(p, "eth1.3");
	say(p, "eth1.2", "holdtime 50", t->join);
	assert_one_said(p, UP, t->join);
	pim_bed_run(p, SEC(50) - 1);
	assert_state(p, t, DOWN_JOIN);
	assert_said(p, "");
	pim_bed_run(p, 1);
	assert_null(pim_bed_find(p, t->source, "g1"));
	assert_one_said(p, UP, t->prune);
}

static void pending_join(struct pim_bed *p, const struct shape *t)
{
	join(p, t);
	pend(p, t);
	pim_bed_run(p, SEC(1));
	say(p, "eth1.3", "holdtime 100", t->join);
	assert_state(p, t, DOWN_JOIN);
	assert_ppt(p, t, 0);
	assert_et(p, t, SEC(209));
	pim_bed_run(p, SEC(10));
	assert_state(p, t, DOWN_JOIN);
	assert_said(p, "");
}

static void pending_prune(struct pim_bed *p, const struct shape *t)
{
	join(p, t);
	pend(p, t);
	pim_bed_run(p, SEC(1));
	say(p, "eth1.3", "holdtime 210", t->prune);
	assert_state(p, t, DOWN_PRUNE_PENDING);
	assert_ppt(p, t, 2000);
	assert_et(p, t, SEC(209));
}

static void pending_ppt(struct pim_bed *p, const struct shape *t)
{
	char text[400];

	join(p, t);
	pend(p, t);
	pim_bed_run(p, 2999);
	assert_state(p, t, DOWN_PRUNE_PENDING);
	assert_said(p, "");
	pim_bed_run(p, 1);
	assert_null(pim_bed_find(p, t->source, "g1"));
	snprintf(text, sizeof(text), "%s holdtime 210: %s\n%s holdtime 210: %s\n", UP, t->prune,
		 ECHO, t->prune);
	assert_said(p, text);
	pim_bed_run(p, SEC(300));
	assert_said(p, "");
}

static void pending_et(struct pim_bed *p, const struct shape *t)
{
	neighbor(p, "eth1.3");
	say(p, "eth1.2", "holdtime 20", t->join);
	assert_one_said(p, UP, t->join);
	pim_bed_run(p, SEC(19));
	pend(p, t);
	pim_bed_run(p, SEC(1));
	assert_null(pim_bed_find(p, t->source, "g1"));
	assert_one_said(p, UP, t->prune);
	pim_bed_run(p, SEC(10));
	assert_said(p, "");
}

/* The delays are those of the slowest. */
static void override_interval(struct pim_bed *p, const struct shape *t)
{
	join(p, t);
	pim_bed_hear(p, "eth1.3", "Hello holdtime forever genid 1 delay 1000 override 2500");
	pim_bed_hear(p, "eth1.4", "Hello holdtime forever genid 1 delay 500 override 4000");
	say(p, "eth1.2", "holdtime 210", t->prune);
	assert_ppt(p, t, 5000);
}

static void forever(struct pim_bed *p, const struct shape *t)
{
	say(p, "eth1.2", "holdtime forever", t->join);
	assert_one_said(p, UP, t->join);
	assert_et(p, t, 0);
	say(p, "eth1.2", "holdtime 210", t->join);
	pim_bed_run(p, SEC(86400));
	assert_state(p, t, DOWN_JOIN);
	pim_bed_said(p);
	say(p, "eth1.2", "holdtime 210", t->prune);
	assert_null(pim_bed_find(p, t->source, "g1"));
	assert_one_said(p, UP, t->prune);
	join(p, t);
	say(p, "eth1.2", "holdtime forever", t->join);
	pim_bed_run(p, SEC(1000));
	assert_state(p, t, DOWN_JOIN);
}

/* What has an end keeps it when nobody is there any more. */
static void alone(struct pim_bed *p, const struct shape *t)
{
	say(p, "eth1.2", "holdtime 100", t->join);
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0");
	assert_et(p, t, SEC(100));
}

/* But not when nobody is there any more who could end it. */
static void forever_alone(struct pim_bed *p, const struct shape *t)
{
	say(p, "eth1.2", "holdtime forever", t->join);
	neighbor(p, "eth1.3");
	pim_bed_hear(p, "eth1.2", "Hello holdtime 0");
	pim_bed_run(p, SEC(1000));
	assert_state(p, t, DOWN_JOIN);
	pim_bed_hear(p, "eth1.3", "Hello holdtime 0");
	assert_state(p, t, DOWN_JOIN);
	assert_et(p, t, SEC(210));
	pim_bed_run(p, SEC(210));
	assert_null(pim_bed_find(p, t->source, "g1"));
}

static void no_time(struct pim_bed *p, const struct shape *t)
{
	say(p, "eth1.2", "holdtime 0", t->join);
	assert_null(pim_bed_find(p, t->source, "g1"));
	assert_said(p, "");
	join(p, t);
	say(p, "eth1.2", "holdtime 0", t->join);
	assert_et(p, t, SEC(210));
	say(p, "eth1.2", "holdtime 0", t->prune);
	assert_null(pim_bed_find(p, t->source, "g1"));
}

static void carrier(struct pim_bed *p, const struct shape *t)
{
	join(p, t);
	pend(p, t);
	pim_bed_link(p, "eth1", false);
	assert_null(pim_bed_find(p, t->source, "g1"));
	assert_one_said(p, UP, t->prune);
	pim_bed_link(p, "eth1", true);
	assert_said(p, "");
}

/* Two interfaces are two machines. */
static void two_interfaces(struct pim_bed *p, const struct shape *t)
{
	neighbor(p, "eth2.2");
	join(p, t);
	say(p, "eth1.2", "holdtime 210", t->join);
	pim_bed_run(p, SEC(20));
	{
		char text[200];

		snprintf(text, sizeof(text), "holdtime 100: %s", t->join);
		jp(p, "eth2.2", "eth2.1", text);
	}
	assert_int_equal(et(p, t->source, "eth2"), SEC(100));
	assert_et(p, t, SEC(190));
	say(p, "eth1.2", "holdtime 210", t->prune);
	assert_int_equal(down_state(p, t->source, "eth2"), DOWN_JOIN);
	assert_state(p, t, DOWN_NO_INFO);
	assert_said(p, "");
}

#define EACH(name)                                              \
	static void each_##name(struct pim_bed *p)              \
	{                                                       \
		for (unsigned i = 0; i < NELEMS(shapes); i++) { \
			name(p, &shapes[i]);                    \
			reset(p, &shapes[i]);                   \
		}                                               \
	}

/* As it was at the start. */
static void reset(struct pim_bed *p, const struct shape *t)
{
	static const char *const more[] = { "eth1.3", "eth1.4", "eth2.2" };

	for (unsigned i = 0; i < NELEMS(more); i++)
		pim_bed_hear(p, more[i], "Hello holdtime 0");
	neighbor(p, "eth1.2");
	say(p, "eth1.2", "holdtime 210", t->prune);
	pim_bed_run(p, SEC(300));
	assert_null(pim_bed_find(p, t->source, "g1"));
	pim_bed_said(p);
}

EACH(no_info_join)
EACH(no_info_prune)
EACH(join_join)
EACH(join_prune)
EACH(join_prune_of_one)
EACH(join_et)
EACH(pending_join)
EACH(pending_prune)
EACH(pending_ppt)
EACH(pending_et)
EACH(override_interval)
EACH(forever)
EACH(forever_alone)
EACH(alone)
EACH(no_time)
EACH(carrier)
EACH(two_interfaces)

int main(void)
{
	static const struct cell cells[] = {
		{ "PIM-81: NoInfo, rx-join: Join", each_no_info_join, NULL },
		{ "PIM-81: NoInfo, rx-prune: -", each_no_info_prune, NULL },
		{ "PIM-81, PIM-217: Join, rx-join: ET is the longer", each_join_join, NULL },
		{ "PIM-81, PIM-82: Join, rx-prune: PrunePending", each_join_prune, NULL },
		{ "PIM-82, PIM-83: Join, rx-prune of the only neighbor", each_join_prune_of_one,
		  NULL },
		{ "PIM-83: Join, ET: NoInfo", each_join_et, NULL },
		{ "PIM-81: PrunePending, rx-join: Join", each_pending_join, NULL },
		{ "PIM-81: PrunePending, rx-prune: PrunePending", each_pending_prune, NULL },
		{ "PIM-83: PrunePending, PPT: NoInfo and PruneEcho", each_pending_ppt, NULL },
		{ "PIM-83: PrunePending, ET: NoInfo", each_pending_et, NULL },
		{ "PIM-82: PPT is J/P_Override_Interval", each_override_interval, NULL },
		{ "PIM-87, PIM-218: a holdtime without an end", each_forever, NULL },
		{ "PIM-87: an end of what has none", each_forever_alone, NULL },
		{ "PIM-81: neighbors that go keep their joins", each_alone, NULL },
		{ "PIM-87: a holdtime of 0", each_no_time, NULL },
		{ "the link goes down", each_carrier, NULL },
		{ "interfaces have their own machines", each_two_interfaces, NULL },
	};

	return cells_run("pim_down_sim", cells, NELEMS(cells));
}
