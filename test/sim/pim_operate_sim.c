/* pim_operate_sim.c - what operators see of the machines of PIM, and what bounds others
 *
 * Downstream routers are on eth1, eth0 leads to rp1 and s1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define TO_ME "Join/Prune to eth1.1 holdtime 210: "

#define assert_has(text, part) assert_non_null(strstr(text, part))
#define assert_lacks(text, part) assert_null(strstr(text, part))

static void ways(struct pim_bed *p)
{
	static const char *const neighbors[] = { "eth0.2", "eth1.2", "eth1.3" };

	for (unsigned i = 0; i < NELEMS(neighbors); i++)
		pim_bed_hear(p, neighbors[i], "Hello holdtime forever genid 1 priority 0");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_run(p, SEC(5));
	pim_bed_said(p);
}

/* The log */

static char lines[4096];

static void keep_line(struct log *log, enum log_level level, const char *line)
{
	size_t len = strlen(lines);

	(void)log;
	(void)level;
	snprintf(lines + len, sizeof(lines) - len, "%s\n", line);
}

static void each_machine_has_its_area(struct pim_bed *p)
{
	struct bed *b = &p->bed;

	ways(p);
	b->log.write = keep_line;
	*lines = '\0';
	bed_ask(b, "log pim-upstream debug");
	pim_bed_hear(p, "eth1.2", TO_ME "J(*,g1) rp rp1");
	assert_has(lines, ": upstream NotJoined -> Joined on join-desired\n");
	assert_lacks(lines, "downstream");

	*lines = '\0';
	bed_ask(b, "log pim-upstream notice");
	bed_ask(b, "log pim-downstream debug");
	pim_bed_hear(p, "eth1.2", TO_ME "P(s1,g1,rpt)");
	pim_bed_run(p, SEC(4));
	assert_has(lines, ": downstream rpt PrunePending -> Prune on ppt-expired\n");
	assert_lacks(lines, "upstream");
}

/* The module's own area stands for all of them. */
static void one_area_has_all(struct pim_bed *p)
{
	ways(p);
	p->bed.log.write = keep_line;
	*lines = '\0';
	bed_ask(&p->bed, "log pim debug");
	pim_bed_hear(p, "eth1.2", TO_ME "J(*,g1) rp rp1");
	assert_has(lines, ": upstream ");
	assert_has(lines, ": downstream ");
	assert_has(bed_ask(&p->bed, "show log"), "{\"area\":\"pim-bsr\",\"level\":\"debug\"}");
	assert_has(bed_ask(&p->bed, "show log"), "{\"area\":\"mfc\",\"level\":\"notice\"}");
	assert_has(bed_ask(&p->bed, "log frob debug"), " pim\"");
}

/* Events */

static const char *heard(struct pim_bed *p, struct session *s)
{
	static char text[4096];
	struct buf *out = session_output(s);
	size_t len;

	bed_work(&p->bed);
	len = buf_len(out);
	assert_true(len < sizeof(text));
	memcpy(text, buf_at(out), len);
	text[len] = '\0';
	buf_take(out, len);
	return text;
}

static void transitions_are_events(struct pim_bed *p)
{
	struct session *s = session_open(p->bed.r, true);
	const char *text;

	ways(p);
	session_input(s, "monitor tree assert\n", 20);
	heard(p, s);
	pim_bed_hear(p, "eth1.2", TO_ME "J(*,g1) rp rp1");
	text = heard(p, s);
	assert_has(text, "\"event\":\"pim-downstream\"");
	assert_has(text, "\"interface\":\"eth1\",\"source\":\"*\"");
	assert_has(text, "\"state\":\"Join\",\"reason\":\"rx-join\"}");
	assert_has(text, "\"event\":\"pim-upstream\"");
	assert_has(text, "\"state\":\"Joined\",\"reason\":\"join-desired\",\"neighbor\":");
	pim_bed_hear(p, "eth1.2", TO_ME "P(s1,g1,rpt)");
	assert_has(heard(p, s), "\"event\":\"pim-downstream-rpt\"");
	pim_bed_run(p, SEC(4));
	assert_has(heard(p, s), "\"event\":\"pim-upstream-rpt\"");
	pim_bed_hear(p, "eth1.3", "Assert (*,g1) rpt preference 1 metric 1");
	text = heard(p, s);
	assert_has(text, "\"event\":\"assert\"");
	assert_has(text, "\"state\":\"Loser\",\"reason\":\"rx-acceptable\",\"winner\":");
	pim_bed_data(p, "eth2", "eth2.100", "g1");
	text = heard(p, s);
	assert_has(text, "\"event\":\"register\"");
	assert_has(text, "\"state\":\"Join\",\"reason\":\"could-register\",\"rp\":");
	/* the engine ends: that is all there is to say */
	p->pim = NULL;
	sim_file(p->bed.k, BED_CONF, "");
	assert_true(bed_reload(&p->bed));
	assert_lacks(heard(p, s), "NoInfo");
	session_close(s);
}

/* Tables */

static void join_many(struct pim_bed *p, const char *from, const char *to, unsigned n);

static bool has_row(struct pim_bed *p, const char *text, unsigned n)
{
	char name[16], address[IP_STRLEN + 2];

	snprintf(name, sizeof(name), "s%u", n);
	snprintf(address, sizeof(address), "\"%s\"", ip_str(pim_bed_ip(p, name)));
	return strstr(text, address);
}

/* What the session has for its client until now, which takes it. */
static const char *taken(struct session *s)
{
	static char text[200000];
	struct buf *out = session_output(s);
	size_t len = buf_len(out);

	assert_in_range(len, 1, sizeof(text) - 1);
	memcpy(text, buf_at(out), len);
	text[len] = '\0';
	buf_take(out, len);
	return text;
}

/* A client takes its time; the row that was its last has gone when it goes on. */
static void rows_that_go_meanwhile(struct pim_bed *p)
{
	struct session *s = session_open(p->bed.r, true);
	const char *text;

	ways(p);
	join_many(p, "eth1.2", "eth1.1", 600);
	session_input(s, "show pim rpf\n", 13);
	bed_work(&p->bed);
	for (unsigned i = 1; i <= 590; i++)
		pim_bed_hear(p, "eth1.2", TO_ME "P(s%u,g1)", i);
	pim_bed_run(p, SEC(4));
	assert_int_equal(p->pim->nentries, 10);
	text = taken(s);
	assert_true(has_row(p, text, 1) && !has_row(p, text, 590));
	bed_work(&p->bed);
	text = taken(s);
	assert_has(text, "{\"ok\":true}");
	assert_false(has_row(p, text, 590));
	for (unsigned i = 591; i <= 600; i++)
		assert_true(has_row(p, text, i));
	session_close(s);
}

/* Limits */

/* @n joins of sources by the router. */
static void join_many(struct pim_bed *p, const char *from, const char *to, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pim_bed_hear(p, from, "Join/Prune to %s holdtime 210: J(s%u,g1)", to, i + 1);
}

/* Who joins all that there can be on one interface leaves room for others. */
static void joins_leave_room(struct pim_bed *p)
{
	const struct pim_iface *i = pim_bed_iface(p, "eth1");

	ways(p);
	join_many(p, "eth1.2", "eth1.1", 10);
	assert_int_equal(p->pim->nentries, 6);
	assert_int_equal(i->counters.limited, 4);
	assert_has(p->bed.said, "eth1: no room for more than 6 entries of one interface");
	assert_has(bed_ask(&p->bed, "show pim interface"), "\"entry_count\":6");
	pim_bed_hear(p, "eth1.3", "Assert (s9,g1) preference 1 metric 1");
	pim_bed_join(p, "eth2", "s8", "g1");
	assert_non_null(pim_bed_find(p, "s8", "g1"));
	/* what is there may be joined, pruned and joined anew */
	pim_bed_hear(p, "eth1.2", TO_ME "J(s1,g1) P(s2,g1)");
	pim_bed_hear(p, "eth1.3", TO_ME "J(s8,g1)");
	pim_bed_run(p, SEC(4));
	pim_bed_hear(p, "eth1.3", TO_ME "J(s8,g1)");
	assert_non_null(pim_bed_branch(p, "s8", "g1", "eth1"));
	assert_null(pim_bed_find(p, "s2", "g1"));
}

/* Nor has an Assert for what is not there yet. */
static void asserts_leave_room(struct pim_bed *p)
{
	ways(p);
	pim_bed_hear(p, "eth1.2", TO_ME "J(*,g1) rp rp1");
	join_many(p, "eth1.2", "eth1.1", 9);
	assert_int_equal(p->pim->nentries, 7);
	pim_bed_hear(p, "eth1.3", "Assert (s9,g1) preference 1 metric 1");
	assert_int_equal(p->pim->nentries, 7);
	assert_int_equal(pim_bed_iface(p, "eth1")->counters.limited, 4);
	pim_bed_reload(p, "phyint eth+ pim\nrp-address rp1\npim-limit entries 8 joins 8\n");
	pim_bed_hear(p, "eth1.3", "Assert (s9,g1) preference 1 metric 1");
	assert_non_null(pim_bed_branch(p, "s9", "g1", "eth1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("each machine has its area of the log",
			 "phyint eth+ pim\nrp-address rp1\n", each_machine_has_its_area),
		PIM_TEST("one area has all of them", "phyint eth+ pim\nrp-address rp1\n",
			 one_area_has_all),
		PIM_TEST("rows that go while they are shown", "phyint eth+ pim\nrp-address rp1\n",
			 rows_that_go_meanwhile),
		PIM_TEST("Joins of an interface leave room for others",
			 "phyint eth+ pim\nrp-address rp1\npim-limit joins 6\n", joins_leave_room),
		PIM_TEST("Asserts leave room, too",
			 "phyint eth+ pim\nrp-address rp1\npim-limit entries 8\n",
			 asserts_leave_room),
		PIM_TEST("transitions are events", "phyint eth+ pim\nrp-address rp1\n",
			 transitions_are_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
