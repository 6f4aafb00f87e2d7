/* gm_group_test.c - each cell of the tables, timers, specific queries, older hosts, limits
 *
 * Tests name the rows that they prove. All are done for both families.
 */
#include <malloc.h>
#include <string.h>

#include "unit/gm_group.h"

/* Each is called once a family. */
struct check {
	void (*run)(struct bed *bed);
};

static void both(void **arg)
{
	const struct check *check = *arg;

	for (enum af af = V4; af <= V6; af++) {
		struct bed bed;

		bed_init(&bed, af);
		check->run(&bed);
		bed_free(&bed);
	}
}

#define CHECK(name, run)                                \
	{                                               \
		name, both, NULL, NULL, &(struct check) \
		{                                       \
			run                             \
		}                                       \
	}

/*
 * A cell: X and Y are made ten seconds before the record, but the timers of X in EXCLUDE five
 * seconds later than the group timer. The state is given for a querier, and for who is not one.
 */
struct cell {
	enum filter_mode mode;
	const char *x, *y;
	enum gm_record_type type;
	const char *record, *asked, *queries, *unasked;
};

static void cell_state(struct bed *bed, const struct cell *cell)
{
	if (cell->mode == FILTER_EXCLUDE) {
		record(bed, 1, MODE_IS_EXCLUDE, cell->y);
		bed_run(bed, SEC(5));
	}
	record(bed, 2, MODE_IS_INCLUDE, cell->x);
	bed_run(bed, SEC(10));
	bed->said[bed->len = 0] = '\0';
}

/* Only what begins with Q of all that was said. */
static void only_queries(struct bed *bed)
{
	char *from = strchr(bed->said, 'Q');

	bed->len = from ? strlen(from) : 0;
	memmove(bed->said, from ? from : "", bed->len + 1);
}

static void one_cell(void **arg)
{
	const struct cell *cell = *arg;

	for (int i = 0; i < 4; i++) {
		struct bed bed;

		bed_init(&bed, i & 1 ? V6 : V4);
		bed.t.querier = i & 2;
		cell_state(&bed, cell);
		record(&bed, 3, cell->type, cell->record);
		assert_state(&bed, bed.t.querier ? cell->asked : cell->unasked);
		bed_settle(&bed);
		only_queries(&bed);
		assert_said(&bed, bed.t.querier ? cell->queries : "");
		assert_state(&bed, bed.t.querier ? cell->asked : cell->unasked);
		bed_free(&bed);
	}
}

#define CELL(name, ...)                                    \
	{                                                  \
		name, one_cell, NULL, NULL, &(struct cell) \
		{                                          \
			__VA_ARGS__                        \
		}                                          \
	}
#define INC FILTER_INCLUDE, "ab", ""
#define EXC FILTER_EXCLUDE, "ab", "cd"

/* GM-53, GM-55: a source's timer runs out; the last takes the group with it. */
static void include_sources_expire(struct bed *bed)
{
	record(bed, 1, MODE_IS_INCLUDE, "a");
	bed_run(bed, SEC(100));
	record(bed, 1, MODE_IS_INCLUDE, "b");
	assert_said(bed, "INC(a) INC(ab)");
	bed_run(bed, SEC(270) - 1);
	assert_said(bed, "");
	bed_run(bed, SEC(270));
	assert_said(bed, "INC(b)");
	assert_state(bed, "INC(b:100)");
	bed_run(bed, SEC(370) - 1);
	assert_said(bed, "");
	bed_run(bed, SEC(370));
	assert_said(bed, "INC()");
	assert_state(bed, "");
	assert_int_equal(bed->clock.n, 0);
}

/* GM-53, GM-55: in EXCLUDE a source whose timer ran out is blocked, and stays. */
static void exclude_sources_expire(struct bed *bed)
{
	record(bed, 1, MODE_IS_INCLUDE, "ab");
	bed_run(bed, SEC(200));
	record(bed, 2, MODE_IS_EXCLUDE, "bc");
	assert_said(bed, "INC(ab) EXC(c)");
	bed_run(bed, SEC(270) - 1);
	assert_said(bed, "");
	bed_run(bed, SEC(270));
	assert_said(bed, "EXC(bc)");
	assert_state(bed, "EXC(b:0 c:0) 200");
}

/* GM-52: sources whose timers run are what INCLUDE begins with. */
static void group_timer_expires(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "ab");
	bed_run(bed, SEC(100));
	record(bed, 2, MODE_IS_INCLUDE, "bc");
	assert_said(bed, "EXC(ab) EXC(a)");
	bed_run(bed, SEC(270) - 1);
	assert_said(bed, "");
	bed_run(bed, SEC(270));
	assert_said(bed, "INC(bc)");
	assert_state(bed, "INC(b:100 c:100)");
}

/* GM-52: without any, the group goes. */
static void group_timer_ends_all(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "ab");
	bed_run(bed, SEC(270));
	assert_said(bed, "EXC(ab) INC()");
	assert_state(bed, "");
	assert_int_equal(bed->clock.n, 0);
}

/* GM-54: as RV, QI and QRI say at that time. */
static void membership_interval(struct bed *bed)
{
	bed->t.settings.robustness = 3;
	bed->t.settings.query_interval = SEC(60);
	bed->t.settings.response_interval = SEC(5);
	record(bed, 1, MODE_IS_EXCLUDE, "");
	assert_state(bed, "EXC() 190");
	bed->t.settings.robustness = 1;
	record(bed, 1, MODE_IS_INCLUDE, "a");
	assert_state(bed, "EXC(a:70) 190");
}

/* GM-39, GM-45: what says nothing makes no group, nor is it refused one. */
static void nothing_makes_nothing(struct bed *bed)
{
	static const enum gm_record_type types[] = { MODE_IS_INCLUDE, CHANGE_TO_INCLUDE_MODE,
						     ALLOW_NEW_SOURCES, BLOCK_OLD_SOURCES };

	bed->t.settings.max_groups = 0;
	for (unsigned i = 0; i < NELEMS(types); i++)
		record(bed, 1, types[i], "");
	record(bed, 1, BLOCK_OLD_SOURCES, "ab");
	old(bed, GM_LEAVE, 2);
	assert_int_equal(bed->t.ngroups, 0);
	assert_int_equal(bed->t.counters.groups_refused, 0);
	record(bed, 1, 7, "ab");
	assert_int_equal(bed->t.ngroups, 0);
	assert_said(bed, "");
}

/* Any number of changes within a turn are one, none if all is as before. */
static void one_change_a_turn(struct bed *bed)
{
	record(bed, 1, ALLOW_NEW_SOURCES, "a");
	record(bed, 1, ALLOW_NEW_SOURCES, "b");
	assert_said(bed, "INC(ab)");
	record(bed, 1, ALLOW_NEW_SOURCES, "ab");
	assert_said(bed, "");
	bed->t.settings.fast_leave = true;
	record(bed, 1, BLOCK_OLD_SOURCES, "b");
	record(bed, 1, ALLOW_NEW_SOURCES, "b");
	assert_said(bed, "");
	record(bed, 1, BLOCK_OLD_SOURCES, "ab");
	record(bed, 1, ALLOW_NEW_SOURCES, "c");
	assert_said(bed, "INC(c)");
	record(bed, 1, BLOCK_OLD_SOURCES, "c");
	record(bed, 1, ALLOW_NEW_SOURCES, "b");
	assert_said(bed, "INC(b)");
}

/* GM-56: LMQC transmissions, the first at once, LMQI apart; then the group is left. */
static void group_query(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	bed_run(bed, SEC(10));
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() Q()");
	assert_state(bed, "EXC() 2");
	bed_run(bed, SEC(11) - 1);
	assert_said(bed, "");
	bed_run(bed, SEC(11));
	assert_said(bed, "Q()");
	bed_run(bed, SEC(12) - 1);
	assert_said(bed, "");
	bed_run(bed, SEC(12));
	assert_said(bed, "INC()");
	assert_int_equal(bed->clock.n, 0);
}

/* GM-56: who answers keeps the group; what is sent again then does not shorten its timer. */
static void group_query_answered(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() Q()");
	bed_run(bed, 500);
	record(bed, 2, MODE_IS_EXCLUDE, "");
	bed_run(bed, SEC(60));
	assert_said(bed, "QS()");
	assert_state(bed, "EXC() 210.5");
}

/* GM-56: tuned. */
static void group_query_tuned(struct bed *bed)
{
	bed->t.settings.last_member_count = 3;
	bed->t.settings.last_member_interval = 200;
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_state(bed, "EXC() 0.6");
	assert_said(bed, "EXC() Q()");
	bed_run(bed, 599);
	assert_said(bed, "Q() Q()");
	bed_run(bed, 600);
	assert_said(bed, "INC()");
}

/* GM-59: a host repeats its leave, and another leaves too: one chain of queries. */
static void leaves_are_merged(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	bed_run(bed, 300);
	record(bed, 2, CHANGE_TO_INCLUDE_MODE, "");
	bed_run(bed, 1700);
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	bed_run(bed, SEC(2) - 1);
	assert_said(bed, "EXC() Q() Q()");
	bed_run(bed, SEC(2));
	assert_said(bed, "INC()");
}

/* GM-59: after an answer, a leave is asked about anew. */
static void leave_after_an_answer(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	bed_run(bed, 300);
	record(bed, 2, MODE_IS_EXCLUDE, "");
	bed_run(bed, 600);
	record(bed, 2, CHANGE_TO_INCLUDE_MODE, "");
	assert_state(bed, "EXC() 2");
	assert_said(bed, "EXC() Q() Q()");
	bed_run(bed, 2599);
	assert_said(bed, "Q()");
	bed_run(bed, 2600);
	assert_said(bed, "INC()");
}

/* GM-56: a group timer that runs out sooner is not moved out. */
static void lowered_not_raised(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, MODE_IS_INCLUDE, "a");
	bed_run(bed, SEC(269));
	record(bed, 2, CHANGE_TO_INCLUDE_MODE, "");
	assert_state(bed, "EXC(a:1) 1");
	assert_said(bed, "EXC() Q()");
	bed_run(bed, SEC(300));
	assert_said(bed, "INC()");
}

/* GM-57, GM-58: sources that are left, LMQC times; what nobody wants goes. */
static void source_query(struct bed *bed)
{
	record(bed, 1, MODE_IS_INCLUDE, "abc");
	bed_run(bed, SEC(10));
	record(bed, 1, BLOCK_OLD_SOURCES, "ab");
	assert_said(bed, "INC(abc) Q(ab)");
	assert_state(bed, "INC(a:2 b:2 c:260)");
	bed_run(bed, SEC(11));
	assert_said(bed, "Q(ab)");
	bed_run(bed, SEC(12) - 1);
	assert_said(bed, "");
	bed_run(bed, SEC(12));
	assert_said(bed, "INC(c)");
}

/* GM-57: timers that run out by LMQT anyway are neither lowered nor asked about. */
static void source_query_too_late(struct bed *bed)
{
	record(bed, 1, MODE_IS_INCLUDE, "a");
	bed_run(bed, SEC(268));
	record(bed, 1, BLOCK_OLD_SOURCES, "a");
	assert_said(bed, "INC(a)");
	assert_state(bed, "INC(a:2)");
	bed_run(bed, SEC(270));
	assert_said(bed, "INC()");
}

/* GM-58: a round is two queries, of sources that somebody wants and of the others. */
static void source_query_answered(struct bed *bed)
{
	record(bed, 1, MODE_IS_INCLUDE, "abc");
	record(bed, 1, BLOCK_OLD_SOURCES, "abc");
	assert_said(bed, "INC(abc) Q(abc)");
	bed_run(bed, 500);
	record(bed, 2, MODE_IS_INCLUDE, "b");
	bed_run(bed, SEC(1));
	assert_said(bed, "QS(b) Q(ac)");
	bed_run(bed, SEC(1) + 1);
	record(bed, 2, MODE_IS_INCLUDE, "a");
	bed_run(bed, SEC(10));
	assert_said(bed, "INC(ab)");
}

/* GM-58: an empty one of the two is not sent. */
static void source_query_all_answered(struct bed *bed)
{
	record(bed, 1, MODE_IS_INCLUDE, "ab");
	record(bed, 1, BLOCK_OLD_SOURCES, "ab");
	bed_run(bed, 500);
	record(bed, 2, MODE_IS_INCLUDE, "ab");
	bed_run(bed, SEC(1));
	assert_said(bed, "INC(ab) Q(ab) QS(ab)");
}

/* GM-58: where the group is asked for too, sources that somebody wants are not. */
static void both_queries(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 2, MODE_IS_INCLUDE, "ab");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() Q(ab) Q()");
	bed_run(bed, 500);
	record(bed, 2, MODE_IS_INCLUDE, "a");
	bed_run(bed, SEC(1));
	assert_said(bed, "Q(b) Q()");
	bed_run(bed, SEC(2));
	assert_said(bed, "INC(a)");
}

/* GM-59: what is left while a query is pending joins it: one chain, at the pace of the last. */
static void queries_are_merged(struct bed *bed)
{
	bed->t.settings.last_member_count = 3;
	record(bed, 1, MODE_IS_INCLUDE, "abcd");
	record(bed, 1, BLOCK_OLD_SOURCES, "a");
	record(bed, 1, BLOCK_OLD_SOURCES, "b");
	assert_said(bed, "INC(abcd) Q(ab)");
	bed_run(bed, 400);
	record(bed, 1, BLOCK_OLD_SOURCES, "c");
	assert_said(bed, "Q(abc)");
	bed_run(bed, 1399);
	assert_said(bed, "");
	bed_run(bed, 1400);
	assert_said(bed, "Q(abc)");
	bed_run(bed, 2400);
	assert_said(bed, "Q(c)");
	bed_run(bed, SEC(3));
	assert_said(bed, "INC(cd)");
	bed_run(bed, 3400);
	assert_said(bed, "INC(d)");
}

/* GM-60: no query for any current-state record. */
static void current_state_asks_nothing(struct bed *bed)
{
	record(bed, 1, MODE_IS_INCLUDE, "ab");
	record(bed, 1, MODE_IS_INCLUDE, "c");
	record(bed, 1, MODE_IS_EXCLUDE, "ad");
	record(bed, 1, MODE_IS_INCLUDE, "");
	record(bed, 1, MODE_IS_EXCLUDE, "");
	bed_run(bed, SEC(10));
	assert_int_equal(bed->nqueries, 0);
}

static void heard(struct bed *bed, unsigned robustness, int64_t response, bool suppress,
		  const char *letters)
{
	struct ip source[MAXLETTERS];
	struct gm_message q = { .type = GM_QUERY,
				.version = 3,
				.group = group_of(bed->af, 0),
				.robustness = robustness,
				.max_response = response,
				.suppress = suppress,
				.source = source,
				.nsources = spell(bed->af, letters, source) };

	gm_groups_query(&bed->t, &q);
}

/* GM-32, GM-34: another querier's queries lower timers, to what it says of LMQI and LMQC. */
static void heard_queries(struct bed *bed)
{
	struct gm_message general = {
		.type = GM_QUERY, .version = 3, .group = ip_any(bed->af), .max_response = SEC(10)
	};

	bed->t.querier = false;
	heard(bed, 2, SEC(1), false, "");
	record(bed, 1, MODE_IS_EXCLUDE, "cd");
	record(bed, 2, MODE_IS_INCLUDE, "abe");
	heard(bed, 2, SEC(1), true, "");
	heard(bed, 2, SEC(1), true, "ab");
	gm_groups_query(&bed->t, &general);
	assert_state(bed, "EXC(a:270 b:270 c:0 d:0 e:270) 270");
	heard(bed, 2, SEC(1), false, "acf");
	assert_state(bed, "EXC(a:2 b:270 c:0 d:0 e:270) 270");
	heard(bed, 3, SEC(1), false, "ae");
	assert_state(bed, "EXC(a:2 b:270 c:0 d:0 e:3) 270");
	heard(bed, 3, 500, false, "");
	assert_state(bed, "EXC(a:2 b:270 c:0 d:0 e:3) 1.5");
	heard(bed, 0, SEC(1), false, "b");
	assert_state(bed, "EXC(a:2 b:2 c:0 d:0 e:3) 1.5");
	assert_said(bed, "EXC(cd)");
	bed_run(bed, 1500);
	assert_said(bed, "INC(abe)");
	heard(bed, 2, SEC(1), false, "");
	assert_state(bed, "INC(a:0.5 b:0.5 e:1.5)");
	bed_run(bed, SEC(2));
	assert_said(bed, "INC(e)");
}

/* GM-32, GM-59: what is blocked sooner by another's query is not asked about any more. */
static void heard_while_asking(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, BLOCK_OLD_SOURCES, "ab");
	heard(bed, 1, 500, false, "a");
	assert_said(bed, "EXC() Q(ab)");
	bed_run(bed, SEC(1));
	assert_said(bed, "EXC(a) Q(b)");
}

/* GM-32: who asks for an answer in no time ends nothing at once. */
static void heard_in_no_time(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	heard(bed, 2, 0, false, "");
	assert_state(bed, "EXC() 2");
}

/* GM-33: who is not querier hears reports, but no leaves, and asks nothing. */
static void not_querier(struct bed *bed)
{
	bed->t.querier = false;
	old(bed, GM_REPORT, 2);
	old(bed, GM_LEAVE, 2);
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	bed_run(bed, SEC(5));
	assert_said(bed, "EXC()");
	assert_state(bed, "EXC() 265");
}

/* GM-34: what was begun as querier is brought to its end. */
static void querier_no_more(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	bed_run(bed, 100);
	bed->t.querier = false;
	bed_run(bed, SEC(2));
	assert_said(bed, "EXC() Q() Q() INC()");
}

static unsigned version(const struct bed *bed)
{
	return gm_group_version(gm_group_find(&bed->t, group_of(bed->af, 0)));
}

/* GM-35, GM-62, GM-101: a report is IS_EX ({}), a leave TO_IN ({}). */
static void old_hosts(struct bed *bed)
{
	old(bed, GM_LEAVE, 2);
	assert_said(bed, "");
	old(bed, GM_REPORT, 2);
	assert_state(bed, "EXC() 270");
	assert_said(bed, "EXC()");
	old(bed, GM_LEAVE, 2);
	assert_state(bed, "EXC() 2");
	assert_said(bed, "Q()");
	bed_run(bed, 500);
	old(bed, GM_REPORT, 2);
	assert_state(bed, "EXC() 270");
	bed_run(bed, SEC(600));
	assert_said(bed, "QS() INC()");
}

/* GM-61, GM-62, GM-101: with v2 hosts, no source can be blocked. */
static void version_2(struct bed *bed)
{
	record(bed, 1, MODE_IS_EXCLUDE, "ab");
	assert_int_equal(version(bed), 3);
	old(bed, GM_REPORT, 2);
	assert_int_equal(version(bed), 2);
	assert_said(bed, "EXC()");
	record(bed, 1, BLOCK_OLD_SOURCES, "ab");
	record(bed, 1, CHANGE_TO_EXCLUDE_MODE, "ab");
	assert_state(bed, "EXC() 270");
	assert_int_equal(bed->t.counters.compat_ignored, 1);
	record(bed, 1, ALLOW_NEW_SOURCES, "a");
	assert_state(bed, "EXC(a:270) 270");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "b");
	assert_state(bed, "EXC(a:2 b:270) 2");
	assert_said(bed, "Q(a) Q()");
	record(bed, 1, MODE_IS_EXCLUDE, "");
	bed_run(bed, SEC(260) - 1);
	assert_int_equal(version(bed), 2);
	bed_run(bed, SEC(260));
	assert_int_equal(version(bed), 3);
	record(bed, 1, BLOCK_OLD_SOURCES, "b");
	assert_state(bed, "EXC(b:2) 10");
}

/* GM-63: with v1 hosts, nobody can leave either. */
static void version_1(struct bed *bed)
{
	old(bed, GM_REPORT, 2);
	bed_run(bed, SEC(100));
	old(bed, GM_REPORT, 1);
	assert_int_equal(version(bed), 1);
	bed->said[bed->len = 0] = '\0';
	old(bed, GM_LEAVE, 2);
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "a");
	record(bed, 1, BLOCK_OLD_SOURCES, "a");
	assert_int_equal(bed->t.counters.compat_ignored, 3);
	record(bed, 1, CHANGE_TO_EXCLUDE_MODE, "ab");
	assert_state(bed, "EXC() 270");
	bed_run(bed, SEC(300));
	assert_int_equal(version(bed), 1);
	old(bed, GM_REPORT, 2);
	bed_run(bed, SEC(360));
	assert_int_equal(version(bed), 2);
	assert_said(bed, "");
	old(bed, GM_LEAVE, 2);
	assert_said(bed, "Q()");
}

/* GM-64: older hosts are not listened to. */
static void old_hosts_ignored(struct bed *bed)
{
	bed->t.settings.oldest_host = 2;
	old(bed, GM_REPORT, 1);
	assert_state(bed, "");
	old(bed, GM_REPORT, 2);
	assert_state(bed, "EXC() 270");
	bed->t.settings.oldest_host = 3;
	old(bed, GM_LEAVE, 2);
	bed_run(bed, SEC(1));
	old(bed, GM_REPORT, 2);
	assert_state(bed, "EXC() 269");
	assert_int_equal(bed->t.counters.old_ignored, 3);
}

/* GM-66, GM-67, GM-68: source-specific groups have neither EXCLUDE nor older hosts. */
static void source_specific(struct bed *bed)
{
	struct ip group = ssm_of(bed->af, 0);
	struct gm_message report = { .type = GM_REPORT, .version = 2, .group = group };
	struct gm_message done = { .type = GM_LEAVE, .version = 2, .group = group };
	struct prefix range = { group_of(bed->af, 0), 16 };

	record_for(bed, 1, group, MODE_IS_EXCLUDE, "");
	record_for(bed, 1, group, CHANGE_TO_EXCLUDE_MODE, "a");
	gm_groups_report(&bed->t, host_of(bed->af, 1), &report);
	assert_int_equal(bed->t.ngroups, 0);
	record_for(bed, 1, group, ALLOW_NEW_SOURCES, "a");
	record_for(bed, 1, group, CHANGE_TO_EXCLUDE_MODE, "a");
	gm_groups_report(&bed->t, host_of(bed->af, 1), &report);
	gm_groups_report(&bed->t, host_of(bed->af, 1), &done);
	assert_int_equal(gm_group_version(gm_group_find(&bed->t, group)), 3);
	assert_said(bed, "INC(a)");
	assert_int_equal(bed->t.counters.ssm_ignored, 6);
	bed->t.settings.ssm = &range;
	bed->t.settings.nssm = 1;
	record_for(bed, 1, group, MODE_IS_EXCLUDE, "");
	record(bed, 1, MODE_IS_EXCLUDE, "");
	assert_state(bed, "");
	assert_said(bed, "EXC()");
}

/*
 * GM-112: lightweight hosts (RFC 5790 4) answer with ALLOW and TO_EX ({}): that goes on as it was,
 * and nobody is asked.
 */
static void lightweight_hosts(struct bed *bed)
{
	record(bed, 1, CHANGE_TO_EXCLUDE_MODE, "");
	assert_said(bed, "EXC()");
	bed_run(bed, SEC(100));
	record(bed, 1, CHANGE_TO_EXCLUDE_MODE, "");
	assert_state(bed, "EXC() 270");
	assert_said(bed, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "Q()");
	bed_run(bed, SEC(103));
	assert_said(bed, "Q() INC()");
	record(bed, 2, ALLOW_NEW_SOURCES, "ab");
	assert_said(bed, "INC(ab)");
	bed_run(bed, SEC(203));
	record(bed, 2, ALLOW_NEW_SOURCES, "ab");
	assert_state(bed, "INC(a:270 b:270)");
	assert_said(bed, "");
	record(bed, 2, BLOCK_OLD_SOURCES, "a");
	assert_said(bed, "Q(a)");
}

/* GM-67: the other records of the report count. */
static void source_specific_among_others(struct bed *bed)
{
	struct gm_record r[] = {
		{ MODE_IS_EXCLUDE, ssm_of(bed->af, 0), NULL, 0 },
		{ MODE_IS_EXCLUDE, group_of(bed->af, 1), NULL, 0 },
	};
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = r, .nrecords = 2 };

	gm_groups_report(&bed->t, host_of(bed->af, 1), &m);
	assert_said(bed, "1:EXC()");
}

/* GM-65: sources over the limit of a group are refused, those that are there keep their place. */
static void limit_of_sources(struct bed *bed)
{
	bed->t.settings.max_sources = 3;
	record(bed, 1, ALLOW_NEW_SOURCES, "de");
	record(bed, 2, ALLOW_NEW_SOURCES, "abde");
	assert_state(bed, "INC(a:270 d:270 e:270)");
	assert_int_equal(bed->t.counters.sources_refused, 1);
	record(bed, 1, CHANGE_TO_EXCLUDE_MODE, "bcfg");
	assert_state(bed, "EXC(b:0 c:0 f:0) 270");
	assert_int_equal(bed->t.counters.sources_refused, 2);
	record(bed, 1, ALLOW_NEW_SOURCES, "abcf");
	assert_state(bed, "EXC(b:270 c:270 f:270) 270");
	assert_int_equal(bed->t.counters.sources_refused, 3);
	bed->t.settings.max_sources = 1;
	record(bed, 1, ALLOW_NEW_SOURCES, "abc");
	assert_state(bed, "EXC(b:270 c:270 f:270) 270");
}

/* GM-65: and those over the limit of the interface. */
static void limit_of_all_sources(struct bed *bed)
{
	bed->t.settings.max_sources_all = 3;
	record_for(bed, 1, group_of(bed->af, 1), ALLOW_NEW_SOURCES, "ab");
	record(bed, 1, ALLOW_NEW_SOURCES, "abc");
	assert_state(bed, "INC(a:270)");
	assert_int_equal(bed->t.nsources, 3);
	assert_int_equal(bed->t.counters.sources_refused, 2);
	record(bed, 1, MODE_IS_EXCLUDE, "bc");
	assert_state(bed, "EXC(b:0) 270");
	bed->t.settings.max_sources_all = 1;
	record(bed, 1, ALLOW_NEW_SOURCES, "bc");
	assert_state(bed, "EXC(b:270) 270");
	bed_run(bed, SEC(270));
	assert_int_equal(bed->t.nsources, 0);
}

/* GM-65, GM-115: more groups than the limit are refused; those that are there are served. */
static void limit_of_groups(struct bed *bed)
{
	bed->t.settings.max_groups = 2;
	for (unsigned i = 0; i < 4; i++)
		record_for(bed, 1, group_of(bed->af, i), MODE_IS_EXCLUDE, "");
	assert_int_equal(bed->t.ngroups, 2);
	assert_int_equal(bed->t.counters.groups_refused, 2);
	record(bed, 1, ALLOW_NEW_SOURCES, "a");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "a");
	assert_int_equal(bed->t.counters.groups_refused, 2);
	bed_run(bed, SEC(2));
	record_for(bed, 1, group_of(bed->af, 1), BLOCK_OLD_SOURCES, "");
	bed_run(bed, SEC(280));
	record_for(bed, 1, group_of(bed->af, 3), MODE_IS_EXCLUDE, "");
	assert_int_equal(bed->t.ngroups, 1);
}

/* GM-115: who asks for groups without end leaves room for others. */
static void limit_of_a_host(struct bed *bed)
{
	bed->t.settings.max_groups = 5;
	bed->t.settings.max_host_groups = 3;
	for (unsigned i = 0; i < 5; i++)
		record_for(bed, 1, group_of(bed->af, i), MODE_IS_EXCLUDE, "");
	assert_int_equal(bed->t.ngroups, 3);
	assert_int_equal(bed->t.counters.shares_refused, 2);
	/* what another host wants too is the other's: each of them has one more */
	record_for(bed, 2, group_of(bed->af, 0), MODE_IS_EXCLUDE, "");
	record_for(bed, 2, group_of(bed->af, 3), MODE_IS_EXCLUDE, "");
	record_for(bed, 1, group_of(bed->af, 4), MODE_IS_EXCLUDE, "");
	assert_int_equal(bed->t.ngroups, 5);
	assert_int_equal(bed->t.counters.shares_refused, 2);
	assert_int_equal(bed->t.counters.groups_refused, 0);
	/* old hosts have the limit as well */
	record_for(bed, 1, group_of(bed->af, 4), CHANGE_TO_INCLUDE_MODE, "");
	bed_run(bed, SEC(3));
	assert_int_equal(bed->t.ngroups, 4);
	bed->t.settings.max_host_groups = 2;
	gm_groups_report(&bed->t, host_of(bed->af, 1),
			 &(struct gm_message){
				 .type = GM_REPORT, .version = 2, .group = group_of(bed->af, 4) });
	assert_int_equal(bed->t.ngroups, 4);
	assert_int_equal(bed->t.counters.shares_refused, 3);
	bed_run(bed, SEC(300));
	assert_int_equal(bed->t.ngroups, 0);
	assert_int_equal(bed->t.hosts.n, 0);
}

static unsigned sources_of(const struct bed *bed, unsigned group)
{
	const struct gm_group *g = gm_group_find(&bed->t, group_of(bed->af, group));

	return g ? g->nsources : 0;
}

/* GM-115: nor has one that names sources without end all of them. */
static void limit_of_a_hosts_sources(struct bed *bed)
{
	bed->t.settings.max_sources_all = 8;
	bed->t.settings.max_host_sources = 4;
	record_for(bed, 1, group_of(bed->af, 0), ALLOW_NEW_SOURCES, "abc");
	record_for(bed, 1, group_of(bed->af, 1), ALLOW_NEW_SOURCES, "abc");
	record_for(bed, 1, group_of(bed->af, 2), ALLOW_NEW_SOURCES, "a");
	assert_int_equal(sources_of(bed, 0) + sources_of(bed, 1) + sources_of(bed, 2), 4);
	assert_int_equal(bed->t.counters.sources_refused, 3);
	/* the same once more is nothing new, and what goes leaves room */
	record_for(bed, 1, group_of(bed->af, 0), ALLOW_NEW_SOURCES, "abc");
	assert_int_equal(bed->t.counters.sources_refused, 3);
	record_for(bed, 1, group_of(bed->af, 0), MODE_IS_EXCLUDE, "b");
	record_for(bed, 1, group_of(bed->af, 2), ALLOW_NEW_SOURCES, "ab");
	assert_int_equal(sources_of(bed, 2), 2);
	/* all of the group is the other's from then on */
	record_for(bed, 2, group_of(bed->af, 2), ALLOW_NEW_SOURCES, "abcde");
	assert_int_equal(sources_of(bed, 2), 4);
	record_for(bed, 1, group_of(bed->af, 1), ALLOW_NEW_SOURCES, "bcd");
	assert_int_equal(sources_of(bed, 1), 3);
	bed_run(bed, SEC(300));
	assert_int_equal(bed->t.nsources, 0);
	assert_int_equal(bed->t.hosts.n, 0);
}

/* GM-65, GM-115: whatever a host does, memory has a bound, and a group costs little. */
static void memory_is_bounded(struct bed *bed)
{
	struct ip source[512];
	struct gm_record r = { .source = source };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };
	size_t before = mallinfo2().uordblks, groups, all;

	bed->t.settings.max_groups = 2000;
	bed->t.settings.max_sources = 100;
	bed->t.settings.max_sources_all = 10000;
	bed->t.settings.max_tracked = 5000;
	for (unsigned i = 0; i < NELEMS(source); i++)
		source[i] = numbered(bed->af, "10.0.0.0", "2001:db8::", 256 + i);
	for (unsigned i = 0; i < 5000; i++)
		record_for(bed, 1, group_of(bed->af, i), MODE_IS_EXCLUDE, "");
	bed_settle(bed);
	groups = mallinfo2().uordblks - before;
	assert_int_equal(bed->t.ngroups, 2000);
	assert_true(groups < 2000 * 320);
	bed->t.settings.track = true;
	for (unsigned i = 0; i < 20000; i++) {
		r.type = 1 + i % 6;
		r.group = group_of(bed->af, i % 3000);
		r.nsources = i % NELEMS(source);
		gm_groups_report(&bed->t, host_of(bed->af, 1 + i % 7), &m);
		bed_settle(bed);
		assert_true(bed->t.ngroups <= 2000);
		assert_true(bed->t.nsources <= 10000);
		assert_true(bed->t.ntracked <= 5000);
	}
	all = mallinfo2().uordblks - before;
	assert_true(all < 2000 * 400 + 10000 * (sizeof(struct gm_source) + 16) +
				  5000 * sizeof(struct gm_tracked) + 100000);
	assert_true(bed->t.counters.groups_refused > 0 && bed->t.counters.sources_refused > 0 &&
		    bed->t.counters.hosts_refused > 0);
	bed_run(bed, SEC(1000));
	assert_int_equal(bed->t.ngroups + bed->t.nsources + bed->t.ntracked, 0);
	assert_int_equal(bed->clock.n, 0);
}

/* A leave is believed at once: the group, sources of INCLUDE, sources of EXCLUDE. */
static void fast_leave(struct bed *bed)
{
	bed->t.settings.fast_leave = true;
	bed_run(bed, SEC(10));
	old(bed, GM_REPORT, 2);
	old(bed, GM_LEAVE, 2);
	assert_said(bed, "");
	record(bed, 1, ALLOW_NEW_SOURCES, "abc");
	assert_said(bed, "INC(abc)");
	record(bed, 1, BLOCK_OLD_SOURCES, "b");
	assert_said(bed, "INC(ac)");
	record(bed, 1, CHANGE_TO_EXCLUDE_MODE, "cd");
	assert_said(bed, "EXC(cd)");
	record(bed, 1, BLOCK_OLD_SOURCES, "e");
	assert_said(bed, "EXC(cde)");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "ce");
	assert_said(bed, "INC(ce)");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "INC()");
	assert_int_equal(bed->nqueries, 0);
	assert_int_equal(bed->clock.n, 0);
}

/* Who comes back in the turn that it left in begins anew. */
static void fast_return(struct bed *bed)
{
	bed->t.settings.fast_leave = true;
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	record(bed, 1, MODE_IS_EXCLUDE, "a");
	assert_state(bed, "EXC(a:0) 270");
	assert_said(bed, "EXC(a)");
}

/* GM-110: the leave of the last host that is known is believed at once, others are asked about. */
static void tracking_groups(struct bed *bed)
{
	bed->t.settings.track = true;
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 2, CHANGE_TO_EXCLUDE_MODE, "");
	assert_int_equal(bed->t.ntracked, 2);
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() Q()");
	record(bed, 2, MODE_IS_EXCLUDE, "");
	bed_run(bed, SEC(10));
	assert_said(bed, "QS()");
	record(bed, 2, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "INC()");
	assert_int_equal(bed->t.ntracked, 0);
}

static void old_of(struct bed *bed, unsigned host, enum gm_type type)
{
	gm_groups_report(&bed->t, host_of(bed->af, host),
			 &(struct gm_message){
				 .type = type, .version = 2, .group = group_of(bed->af, 0) });
	bed_settle(bed);
}

/* GM-110: where a switch keeps older hosts apart, they are known as well. */
static void tracking_old_hosts(struct bed *bed)
{
	bed->t.settings.track = bed->t.settings.track_old = true;
	old_of(bed, 1, GM_REPORT);
	old_of(bed, 2, GM_REPORT);
	assert_int_equal(bed->t.ntracked, 2);
	old_of(bed, 1, GM_LEAVE);
	assert_int_equal(bed->t.ngroups, 1);
	assert_int_equal(gm_group_find(&bed->t, group_of(bed->af, 0))->queries, 1);
	old_of(bed, 2, GM_LEAVE);
	assert_int_equal(bed->t.ngroups, 0);
}

/* GM-110: the same with sources. */
static void tracking_sources(struct bed *bed)
{
	bed->t.settings.track = true;
	bed_run(bed, SEC(10));
	record(bed, 1, ALLOW_NEW_SOURCES, "abc");
	record(bed, 2, MODE_IS_INCLUDE, "bd");
	assert_int_equal(bed->t.ntracked, 5);
	record(bed, 1, BLOCK_OLD_SOURCES, "ab");
	assert_int_equal(bed->t.ntracked, 3);
	assert_said(bed, "INC(bcd) Q(b)");
	record(bed, 2, ALLOW_NEW_SOURCES, "b");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "INC(bd) Q(bd)");
	assert_int_equal(bed->t.ntracked, 2);
	record(bed, 2, MODE_IS_INCLUDE, "bd");
	bed_run(bed, SEC(20));
	assert_said(bed, "QS(bd)");
	record(bed, 2, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "INC()");
}

/* GM-110: who excludes others may want any but what it excludes itself. */
static void tracking_exclude(struct bed *bed)
{
	bed->t.settings.track = true;
	bed_run(bed, SEC(10));
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, BLOCK_OLD_SOURCES, "a");
	assert_said(bed, "EXC(a)");
	record(bed, 2, MODE_IS_EXCLUDE, "");
	record(bed, 1, BLOCK_OLD_SOURCES, "b");
	assert_said(bed, "EXC() Q(b)");
	record(bed, 2, CHANGE_TO_INCLUDE_MODE, "c");
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 2, MODE_IS_INCLUDE, "c");
	bed_run(bed, SEC(15));
	bed->said[bed->len = 0] = '\0';
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "d");
	assert_said(bed, "INC(cd) Q(c)");
}

/* GM-110: TO_IN in several records takes nothing back; TO_EX takes all. */
static void tracking_lists(struct bed *bed)
{
	bed->t.settings.track = true;
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "a");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "b");
	record(bed, 2, ALLOW_NEW_SOURCES, "a");
	record(bed, 2, BLOCK_OLD_SOURCES, "a");
	assert_said(bed, "INC(ab) Q(a)");
	record(bed, 1, CHANGE_TO_EXCLUDE_MODE, "");
	assert_int_equal(bed->t.ntracked, 1);
	bed->t.settings.track = false;
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_int_equal(bed->t.ntracked, 0);
	assert_said(bed, "EXC() Q()");
}

/* GM-110: hosts repeat what they want; who does not is forgotten, one by one. */
static void tracked_hosts_repeat(struct bed *bed)
{
	bed->t.settings.track = true;
	record(bed, 1, ALLOW_NEW_SOURCES, "a");
	record(bed, 2, ALLOW_NEW_SOURCES, "b");
	bed_run(bed, SEC(200));
	record(bed, 1, MODE_IS_INCLUDE, "a");
	assert_int_equal(bed->t.ntracked, 2);
	bed_run(bed, SEC(280));
	record(bed, 3, ALLOW_NEW_SOURCES, "c");
	assert_int_equal(bed->t.ntracked, 2);
	record(bed, 3, BLOCK_OLD_SOURCES, "a");
	assert_said(bed, "INC(ab) INC(a) INC(ac) Q(a)");
	bed_run(bed, SEC(480));
	record(bed, 3, ALLOW_NEW_SOURCES, "d");
	assert_int_equal(bed->t.ntracked, 2);
}

/* GM-110: a host that is silent for too long is no proof against a leave. */
static void tracked_hosts_expire(struct bed *bed)
{
	bed->t.settings.track = true;
	record(bed, 1, MODE_IS_EXCLUDE, "");
	bed_run(bed, SEC(100));
	record(bed, 2, MODE_IS_EXCLUDE, "");
	bed_run(bed, SEC(270));
	record(bed, 2, MODE_IS_EXCLUDE, "");
	assert_int_equal(bed->t.ntracked, 1);
	record(bed, 2, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() INC()");
}

/* GM-12, GM-110, GM-115: whoever is not known makes that others are asked about. */
static void tracking_is_blind(struct bed *bed)
{
	bed->t.settings.max_tracked = 1;
	record(bed, 1, MODE_IS_EXCLUDE, "");
	bed->t.settings.track = true;
	record(bed, 2, MODE_IS_EXCLUDE, "");
	record(bed, 2, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() Q()");
	bed_run(bed, SEC(10));
	assert_said(bed, "Q() INC()");

	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 0, MODE_IS_EXCLUDE, "");
	record(bed, 0, CHANGE_TO_INCLUDE_MODE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() Q()");
	assert_int_equal(bed->t.counters.hosts_refused, 0);
	bed_run(bed, SEC(15));
	assert_said(bed, "Q() INC()");

	record(bed, 0, ALLOW_NEW_SOURCES, "a");
	record(bed, 1, ALLOW_NEW_SOURCES, "a");
	record(bed, 1, BLOCK_OLD_SOURCES, "a");
	assert_said(bed, "INC(a) Q(a)");
	bed_run(bed, SEC(20));
	assert_said(bed, "Q(a) INC()");

	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 2, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() Q()");
	assert_int_equal(bed->t.counters.hosts_refused, 1);
	bed_run(bed, SEC(30));
	assert_said(bed, "Q() INC()");

	bed->t.settings.max_tracked = 10;
	record(bed, 1, MODE_IS_EXCLUDE, "");
	old(bed, GM_REPORT, 2);
	assert_int_equal(bed->t.ntracked, 1);
	bed_run(bed, SEC(295));
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "EXC() Q()");
	bed_run(bed, SEC(299));
	assert_said(bed, "Q() INC()");
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "");
	assert_said(bed, "");
	assert_int_equal(bed->t.ngroups, 0);
}

static void fix(struct bed *bed, enum filter_mode mode, const char *letters)
{
	struct ip source[MAXLETTERS];
	struct membership m = { group_of(bed->af, 0), mode, source,
				spell(bed->af, letters, source) };

	gm_groups_fix(&bed->t, &m);
}

/* Static groups: members that never expire, beside those that do. */
static void permanent_sources(struct bed *bed)
{
	fix(bed, FILTER_INCLUDE, "bd");
	assert_said(bed, "INC(bd)");
	record(bed, 1, MODE_IS_INCLUDE, "ab");
	assert_said(bed, "INC(abd)");
	record(bed, 1, CHANGE_TO_EXCLUDE_MODE, "bce");
	assert_said(bed, "EXC(ce) Q(b)");
	bed_run(bed, SEC(300));
	assert_said(bed, "Q(b) INC(bd)");
	assert_int_equal(bed->clock.n, 0);
	fix(bed, FILTER_INCLUDE, "d");
	assert_said(bed, "INC(d)");
	fix(bed, FILTER_INCLUDE, "");
	assert_said(bed, "INC()");
	assert_int_equal(bed->t.ngroups, 0);
	fix(bed, FILTER_INCLUDE, "");
	assert_said(bed, "");
}

static void permanent_group(struct bed *bed)
{
	bed->t.settings.max_groups = 0;
	fix(bed, FILTER_EXCLUDE, "a");
	assert_said(bed, "EXC()");
	record(bed, 1, MODE_IS_EXCLUDE, "ab");
	record(bed, 1, CHANGE_TO_INCLUDE_MODE, "c");
	bed_run(bed, SEC(300));
	assert_said(bed, "Q() Q()");
	record(bed, 1, MODE_IS_INCLUDE, "c");
	fix(bed, FILTER_INCLUDE, "");
	assert_said(bed, "INC(c)");
}

/* The interface went down: what was learned goes, what is configured stays. */
static void forget(struct bed *bed)
{
	bed->t.settings.track = true;
	record_for(bed, 1, group_of(bed->af, 1), MODE_IS_EXCLUDE, "a");
	record_for(bed, 1, group_of(bed->af, 1), ALLOW_NEW_SOURCES, "b");
	record(bed, 1, MODE_IS_EXCLUDE, "");
	record(bed, 1, MODE_IS_EXCLUDE, "");
	old(bed, GM_REPORT, 2);
	old(bed, GM_LEAVE, 2);
	record(bed, 2, MODE_IS_EXCLUDE, "");
	fix(bed, FILTER_INCLUDE, "b");
	assert_said(bed, "1:EXC(a) EXC() QS()");
	gm_groups_forget(&bed->t);
	assert_said(bed, "INC(b) 1:INC()");
	assert_int_equal(bed->t.ngroups, 1);
	assert_int_equal(bed->t.ntracked, 0);
	assert_int_equal(version(bed), 3);
	bed_run(bed, SEC(10));
	assert_said(bed, "");
	assert_int_equal(bed->clock.n, 0);
}

/* To look at, in order. */
static void groups_in_order(struct bed *bed)
{
	const struct gm_group *g = NULL;
	struct ip at = ip_any(bed->af);
	static const unsigned order[] = { 3, 0, 2, 1 };

	for (unsigned i = 0; i < NELEMS(order); i++)
		record_for(bed, 1, group_of(bed->af, order[i]), MODE_IS_EXCLUDE, "");
	for (unsigned i = 0; i < NELEMS(order); i++, at = g->ip) {
		g = gm_group_after(&bed->t, at);
		assert_true(ip_eq(g->ip, group_of(bed->af, i)));
	}
	assert_null(gm_group_after(&bed->t, at));
	assert_null(gm_group_find(&bed->t, group_of(bed->af, 4)));
	bed_settle(bed);
}

static void assert_reporter(const struct bed *bed, unsigned host, int64_t since)
{
	const struct gm_group *g = gm_group_find(&bed->t, group_of(bed->af, 0));

	assert_true(ip_eq(gm_group_reporter(g), host_of(bed->af, host)));
	assert_int_equal(g->since, since);
}

/* GM-114: who wanted the group last, and since when there is one. */
static void last_reporter(struct bed *bed)
{
	bed_run(bed, SEC(10));
	record(bed, 2, ALLOW_NEW_SOURCES, "ab");
	record(bed, 3, BLOCK_OLD_SOURCES, "a");
	record(bed, 4, CHANGE_TO_INCLUDE_MODE, "");
	assert_reporter(bed, 2, SEC(10));
	record(bed, 5, CHANGE_TO_INCLUDE_MODE, "c");
	bed_run(bed, SEC(20));
	assert_reporter(bed, 5, SEC(10));
	old(bed, GM_REPORT, 2);
	old(bed, GM_LEAVE, 2);
	assert_reporter(bed, 1, SEC(10));
	record(bed, 6, MODE_IS_EXCLUDE, "");
	assert_reporter(bed, 6, SEC(10));
	fix(bed, FILTER_EXCLUDE, "");
	gm_groups_forget(&bed->t);
	bed_settle(bed);
	assert_reporter(bed, 0, SEC(10));
}

static bool permits_none(const struct gm_groups *t, struct ip group, const struct ip *source)
{
	(void)t;
	(void)group;
	(void)source;
	return false;
}

/* All groups are forgotten in slices; what is heard meanwhile is not. */
static void forget_in_slices(struct bed *bed)
{
	for (unsigned i = 0; i < 6; i++)
		record_for(bed, 1, group_of(bed->af, i), MODE_IS_EXCLUDE, "");
	bed_settle(bed);
	assert_said(bed, "EXC() 1:EXC() 2:EXC() 3:EXC() 4:EXC() 5:EXC()");
	gm_groups_forget(&bed->t);
	record_for(bed, 1, group_of(bed->af, 5), ALLOW_NEW_SOURCES, "a");
	assert_true(gm_groups_settle(&bed->t, 2));
	record_for(bed, 1, group_of(bed->af, 4), MODE_IS_EXCLUDE, "");
	record_for(bed, 1, group_of(bed->af, 6), MODE_IS_EXCLUDE, "");
	bed_settle(bed);
	assert_said(bed, "5:INC(a) INC() 1:INC() 6:EXC() 2:INC() 3:INC()");
	assert_int_equal(bed->t.ngroups, 3);
}

/* One after the other: what was heard after the first began is looked at by the second. */
static void two_sweeps(struct bed *bed)
{
	for (unsigned i = 0; i < 4; i++)
		record_for(bed, 1, group_of(bed->af, i), MODE_IS_EXCLUDE, "");
	bed_settle(bed);
	bed->len = 0;
	gm_groups_forget(&bed->t);
	record(bed, 1, MODE_IS_EXCLUDE, "a");
	gm_groups_settle(&bed->t, 1);
	gm_groups_recheck(&bed->t, permits_none);
	record_for(bed, 1, group_of(bed->af, 3), MODE_IS_EXCLUDE, "b");
	bed_settle(bed);
	assert_int_equal(bed->t.ngroups, 1);
	assert_non_null(gm_group_find(&bed->t, group_of(bed->af, 3)));
}

/* Settling is done in slices, oldest first. */
static void slices(struct bed *bed)
{
	for (unsigned i = 0; i < 3; i++)
		record_for(bed, 1, group_of(bed->af, i), MODE_IS_EXCLUDE, "");
	assert_true(gm_groups_settle(&bed->t, 0));
	assert_int_equal(bed->nmembers, 0);
	assert_true(gm_groups_settle(&bed->t, 2));
	assert_int_equal(bed->nmembers, 2);
	assert_false(gm_groups_settle(&bed->t, 2));
	assert_said(bed, "EXC() 1:EXC() 2:EXC()");
	assert_false(gm_groups_settle(&bed->t, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CELL("GM-40: INC(A)+IS_IN(B)", INC, MODE_IS_INCLUDE, "bc", "INC(a:260 b:270 c:270)",
		     "", "INC(a:260 b:270 c:270)"),
		CELL("GM-41: INC(A)+IS_EX(B)", INC, MODE_IS_EXCLUDE, "bc", "EXC(b:260 c:0) 270", "",
		     "EXC(b:260 c:0) 270"),
		CELL("GM-42: EXC(X,Y)+IS_IN(A)", EXC, MODE_IS_INCLUDE, "bce",
		     "EXC(a:265 b:270 c:270 d:0 e:270) 260", "",
		     "EXC(a:265 b:270 c:270 d:0 e:270) 260"),
		CELL("GM-43: EXC(X,Y)+IS_EX(A)", EXC, MODE_IS_EXCLUDE, "bce",
		     "EXC(b:265 c:0 e:270) 270", "", "EXC(b:265 c:0 e:270) 270"),
		CELL("GM-44: INC(A)+ALLOW(B)", INC, ALLOW_NEW_SOURCES, "bc",
		     "INC(a:260 b:270 c:270)", "", "INC(a:260 b:270 c:270)"),
		CELL("GM-45: INC(A)+BLOCK(B)", INC, BLOCK_OLD_SOURCES, "bc", "INC(a:260 b:2)",
		     "Q(b)", "INC(a:260 b:260)"),
		CELL("GM-46: INC(A)+TO_EX(B)", INC, CHANGE_TO_EXCLUDE_MODE, "bc",
		     "EXC(b:2 c:0) 270", "Q(b)", "EXC(b:260 c:0) 270"),
		CELL("GM-47: INC(A)+TO_IN(B)", INC, CHANGE_TO_INCLUDE_MODE, "bc",
		     "INC(a:2 b:270 c:270)", "Q(a)", "INC(a:260 b:270 c:270)"),
		CELL("GM-48: EXC(X,Y)+ALLOW(A)", EXC, ALLOW_NEW_SOURCES, "bce",
		     "EXC(a:265 b:270 c:270 d:0 e:270) 260", "",
		     "EXC(a:265 b:270 c:270 d:0 e:270) 260"),
		CELL("GM-49: EXC(X,Y)+BLOCK(A)", EXC, BLOCK_OLD_SOURCES, "bce",
		     "EXC(a:265 b:2 c:0 d:0 e:2) 260", "Q(be)",
		     "EXC(a:265 b:265 c:0 d:0 e:260) 260"),
		CELL("GM-50: EXC(X,Y)+TO_EX(A)", EXC, CHANGE_TO_EXCLUDE_MODE, "bce",
		     "EXC(b:2 c:0 e:2) 270", "Q(be)", "EXC(b:265 c:0 e:260) 270"),
		CELL("GM-51: EXC(X,Y)+TO_IN(A)", EXC, CHANGE_TO_INCLUDE_MODE, "bce",
		     "EXC(a:2 b:270 c:270 d:0 e:270) 2", "Q(a) Q()",
		     "EXC(a:265 b:270 c:270 d:0 e:270) 260"),
		CHECK("GM-53, GM-55: sources of INCLUDE expire", include_sources_expire),
		CHECK("GM-53, GM-55: sources of EXCLUDE expire", exclude_sources_expire),
		CHECK("GM-52: the group timer expires, sources are left", group_timer_expires),
		CHECK("GM-52: the group timer expires, nothing is left", group_timer_ends_all),
		CHECK("GM-54: the membership interval", membership_interval),
		CHECK("GM-39: nothing makes nothing", nothing_makes_nothing),
		CHECK("one change a turn", one_change_a_turn),
		CHECK("GM-56: Q(G)", group_query),
		CHECK("GM-56: Q(G) that is answered", group_query_answered),
		CHECK("GM-56: Q(G), tuned", group_query_tuned),
		CHECK("GM-56: timers are not raised", lowered_not_raised),
		CHECK("GM-57, GM-58: Q(G,X)", source_query),
		CHECK("GM-57: Q(G,X) that comes too late", source_query_too_late),
		CHECK("GM-58: Q(G,X) that is answered in part", source_query_answered),
		CHECK("GM-58: Q(G,X) that is answered", source_query_all_answered),
		CHECK("GM-58: Q(G,X) beside Q(G)", both_queries),
		CHECK("GM-59: leaves are merged", leaves_are_merged),
		CHECK("GM-59: a leave after an answer", leave_after_an_answer),
		CHECK("GM-59: queries are merged", queries_are_merged),
		CHECK("GM-60: current state asks nothing", current_state_asks_nothing),
		CHECK("GM-32, GM-34: queries of others", heard_queries),
		CHECK("GM-32, GM-59: a query of another while asking", heard_while_asking),
		CHECK("GM-32: a query of another without time", heard_in_no_time),
		CHECK("GM-33: not the querier", not_querier),
		CHECK("GM-34: the querier no more", querier_no_more),
		CHECK("GM-35, GM-62, GM-101: old hosts", old_hosts),
		CHECK("GM-61, GM-62, GM-101: version 2", version_2),
		CHECK("GM-61, GM-63: version 1", version_1),
		CHECK("GM-64: old hosts are ignored", old_hosts_ignored),
		CHECK("GM-66, GM-67, GM-68: source-specific groups", source_specific),
		CHECK("GM-67: the rest of the report", source_specific_among_others),
		CHECK("GM-112: lightweight hosts", lightweight_hosts),
		CHECK("GM-65: limit of sources in a group", limit_of_sources),
		CHECK("GM-65: limit of sources in all groups", limit_of_all_sources),
		CHECK("GM-65, GM-115: limit of groups", limit_of_groups),
		CHECK("GM-115: more groups of one host than its limit", limit_of_a_host),
		CHECK("GM-115: the limit of a host's sources", limit_of_a_hosts_sources),
		CHECK("GM-65, GM-115: memory is bounded", memory_is_bounded),
		CHECK("fast leave", fast_leave),
		CHECK("fast leave and return", fast_return),
		CHECK("GM-110: tracking, groups", tracking_groups),
		CHECK("GM-110: the last tracked host of an older version leaves",
		      tracking_old_hosts),
		CHECK("GM-110: tracking, sources", tracking_sources),
		CHECK("GM-110: tracking, EXCLUDE", tracking_exclude),
		CHECK("GM-110: tracking, lists", tracking_lists),
		CHECK("GM-110: tracked hosts repeat", tracked_hosts_repeat),
		CHECK("GM-110: tracked hosts expire", tracked_hosts_expire),
		CHECK("GM-12, GM-110: hosts that are not known", tracking_is_blind),
		CHECK("permanent sources", permanent_sources),
		CHECK("permanent group", permanent_group),
		CHECK("forget", forget),
		CHECK("groups in order", groups_in_order),
		CHECK("GM-114: the last reporter", last_reporter),
		CHECK("slices", slices),
		CHECK("all is forgotten in slices", forget_in_slices),
		CHECK("one sweep after the other", two_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
