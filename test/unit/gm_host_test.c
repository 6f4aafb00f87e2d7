/* gm_host_test.c - the host side of IGMP and MLD, section by section
 *
 * RFC 3376 is cited; RFC 3810 says the same in its section 6, but where a test says otherwise.
 */
#include "gm_host_bed.h"

/* RFC 3376 5.1, first table: each change of an empty host, or of one that said all it had to. */
static void change_of_filter(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	expect(b, "[TO_EX G1]\n");
	pass(b, SEC(2));
	clear(b);

	except(b, 1, 1, 2);
	settle(b);
	expect(b, "[BLOCK G1 S1 S2]\n");
	pass(b, SEC(2));
	clear(b);

	except(b, 1, 2, 3);
	settle(b);
	expect(b, "[ALLOW G1 S1][BLOCK G1 S3]\n");
	pass(b, SEC(2));
	clear(b);

	only(b, 1, 4, 5);
	settle(b);
	expect(b, "[TO_IN G1 S4 S5]\n");
	pass(b, SEC(2));
	clear(b);

	only(b, 1, 5, 6);
	settle(b);
	expect(b, "[ALLOW G1 S6][BLOCK G1 S4]\n");
	pass(b, SEC(2));
	clear(b);

	except(b, 1, 6);
	settle(b);
	expect(b, "[TO_EX G1 S6]\n");
	pass(b, SEC(2));
	clear(b);

	leave(b, 1);
	settle(b);
	expect(b, "[TO_IN G1]\n");
	pass(b, SEC(2));
	clear(b);

	only(b, 1, 1);
	settle(b);
	expect(b, "[ALLOW G1 S1]\n");
	pass(b, SEC(2));
	clear(b);

	leave(b, 1);
	settle(b);
	expect(b, "[BLOCK G1 S1]\n");
	pass(b, SEC(2));
	assert_true(gm_host_is_idle(&b->host));
	assert_int_equal(b->host.ngroups, 0);
}

/* GM-75: the first report is sent in the same instant, and what did not change is not said. */
static void change_is_said_at_once(void **state)
{
	struct bed *b = *state;

	assert_false(gm_host_settle(&b->host, 1));
	except(b, 1);
	expect(b, "");
	settle(b);
	assert_int_equal(b->at[0], b->clock.now);
	expect(b, "[TO_EX G1]\n");
	except(b, 1);
	settle(b);
	expect(b, "");
}

/* GM-75: changes within a turn count as one; none if it ends as it was. */
static void change_within_a_turn(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	only(b, 1, 2, 1, 2);
	except(b, 2);
	leave(b, 2);
	settle(b);
	expect(b, "[ALLOW G1 S1 S2]\n");
	assert_int_equal(b->host.ngroups, 1);
	pass(b, SEC(2));
	expect(b, "[ALLOW G1 S1 S2]\n");
}

/* GM-87: RV - 1 more times, each in (0, 1 s] of the one before. */
static void change_is_repeated(void **state)
{
	struct bed *b = *state;
	int64_t least = SEC(1), most = 0;

	for (int i = 0; i < 200; i++) {
		b->host.conf.robustness = 2 + i % 3;
		except(b, 1);
		settle(b);
		pass(b, SEC(10));
		assert_int_equal(b->nmessages, 2 + i % 3);
		for (unsigned j = 1; j < b->nmessages; j++) {
			int64_t gap = b->at[j] - b->at[j - 1];

			least = gap < least ? gap : least;
			most = gap > most ? gap : most;
		}
		leave(b, 1);
		settle(b);
		pass(b, SEC(10));
		assert_int_equal(b->nmessages, 2 * (2 + i % 3));
		clear(b);
		pass(b, i);
	}
	assert_true(least > 0 && least < 100);
	assert_true(most <= SEC(1) && most > 900);
}

/* RFC 3376 8.1: with a robustness of 1, nothing is said twice. */
static void robustness_of_one(void **state)
{
	struct bed *b = *state;

	b->host.conf.robustness = 1;
	except(b, 1);
	settle(b);
	expect(b, "[TO_EX G1]\n");
	assert_true(gm_host_is_idle(&b->host));
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
}

/* GM-87: a change of sources is merged with what is still to be said of earlier ones. */
static void sources_are_merged(void **state)
{
	struct bed *b = *state;

	b->host.conf.robustness = 3;
	only(b, 1, 1, 2);
	settle(b);
	expect(b, "[ALLOW G1 S1 S2]\n");
	only(b, 1, 2, 3);
	settle(b);
	expect(b, "[ALLOW G1 S2 S3][BLOCK G1 S1]\n");
	only(b, 1, 2, 3, 4);
	settle(b);
	expect(b, "[ALLOW G1 S2 S3 S4][BLOCK G1 S1]\n");
	pass(b, SEC(10));
	expect(b, "[ALLOW G1 S3 S4][BLOCK G1 S1]\n[ALLOW G1 S4]\n");
}

/* GM-87: the mode is said RV times after it changed, whatever sources change; then they are. */
static void mode_goes_first(void **state)
{
	struct bed *b = *state;

	b->host.conf.robustness = 3;
	only(b, 1, 1);
	settle(b);
	expect(b, "[ALLOW G1 S1]\n");
	except(b, 1, 2);
	settle(b);
	expect(b, "[TO_EX G1 S2]\n");
	except(b, 1, 2, 3);
	settle(b);
	expect(b, "[TO_EX G1 S2 S3]\n");
	pass(b, SEC(10));
	expect(b, "[TO_EX G1 S2 S3]\n[BLOCK G1 S3]\n");
}

/* GM-87: a group that was left and is wanted again is said as it is now. */
static void left_and_joined_again(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	leave(b, 1);
	settle(b);
	expect(b, "[TO_EX G1]\n[TO_IN G1]\n");
	except(b, 1);
	settle(b);
	pass(b, SEC(10));
	expect(b, "[TO_EX G1]\n[TO_EX G1]\n");
}

/* GM-87: nothing changed in the end, and what was to be repeated still is. */
static void change_taken_back(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	expect(b, "[TO_EX G1]\n");
	leave(b, 1);
	except(b, 1);
	settle(b);
	expect(b, "");
	pass(b, SEC(10));
	expect(b, "[TO_EX G1]\n");
}

/* RFC 3376 5.1: what changed together is repeated together. */
static void repetitions_are_packed(void **state)
{
	struct bed *b = *state;

	except(b, 2);
	only(b, 1, 7);
	settle(b);
	expect(b, "[TO_EX G2][ALLOW G1 S7]\n");
	pass(b, SEC(2));
	expect(b, "[TO_EX G2][ALLOW G1 S7]\n");
}

/* GM-17, GM-102: of these groups nothing is ever said. */
static void never_reported(void **state)
{
	struct bed *b = *state;
	static const char *const groups[][NFAMILIES] = { { "224.0.0.1", "ff02::1" },
							 { "224.0.0.1", "ff01::5" },
							 { "224.0.0.1", "ff10::7" } };

	for (unsigned i = 0; i < NELEMS(groups); i++) {
		struct membership m = { .mode = FILTER_EXCLUDE };

		assert_true(ip_parse(groups[i][b->af], &m.group));
		assert_true(gm_host_set(&b->host, &m));
	}
	settle(b);
	query(b, 3, 0, SEC(1));
	pass(b, SEC(10));
	expect(b, "");
}

/* GM-88: a general query is answered once in (0, MRT], with all groups; never at once. */
static void general_query(void **state)
{
	struct bed *b = *state;
	int64_t least = SEC(10), most = 0;

	except(b, 2, 9);
	only(b, 1, 1, 2);
	except(b, 3);
	settle(b);
	leave(b, 3);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	for (int i = 0; i < 200; i++) {
		int64_t asked = b->clock.now;

		query(b, 3, 0, SEC(10));
		pass(b, SEC(10));
		assert_int_equal(b->nmessages, 1);
		least = b->at[0] - asked < least ? b->at[0] - asked : least;
		most = b->at[0] - asked > most ? b->at[0] - asked : most;
		expect(b, "[IS_IN G1 S1 S2][IS_EX G2 S9]\n");
	}
	assert_true(least > 0 && least < 500);
	assert_true(most <= SEC(10) && most > 9500);
	query(b, 3, 0, 0);
	expect(b, "");
	pass(b, 1);
	expect(b, "[IS_IN G1 S1 S2][IS_EX G2 S9]\n");
}

/* RFC 3376 5.2: without a group there is nothing to answer. */
static void query_of_nothing(void **state)
{
	struct bed *b = *state;

	query(b, 3, 0, SEC(10));
	query(b, 3, 1, SEC(10));
	query(b, 3, 1, SEC(10), 5);
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
	assert_int_equal(b->host.counts.queries, 3);

	except(b, 1);
	settle(b);
	leave(b, 1);
	settle(b);
	query(b, 3, 1, SEC(100));
	except(b, 1);
	settle(b);
	pass(b, SEC(2));
	clear(b);
	pass(b, SEC(100));
	expect(b, "");
}

/* RFC 3376 5.2 (1), (2): one answer to several general queries, as early as the most urgent. */
static void general_queries_are_merged(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	query(b, 3, 0, SEC(100));
	query(b, 3, 0, SEC(1));
	query(b, 3, 0, SEC(1000));
	pass(b, SEC(1));
	expect(b, "[IS_EX G1]\n");
	pass(b, SEC(2000));
	expect(b, "");
}

/* GM-88: a query of one group, in (0, MRT]. */
static void group_query(void **state)
{
	struct bed *b = *state;

	except(b, 1, 1);
	only(b, 2, 2);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	for (int i = 0; i < 100; i++) {
		query(b, 3, 1, SEC(1));
		expect(b, "");
		pass(b, SEC(1));
		expect(b, "[IS_EX G1 S1]\n");
	}
	query(b, 3, 2, SEC(1));
	query(b, 3, 3, SEC(1));
	pass(b, SEC(1));
	expect(b, "[IS_IN G2 S2]\n");
}

/* RFC 3376 5.2, the table: INCLUDE (A) says IS_IN (A*B), EXCLUDE (A) IS_IN (B-A); none if empty */
static void source_query(void **state)
{
	struct bed *b = *state;

	only(b, 1, 1, 2, 3);
	except(b, 2, 1, 2, 3);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	query(b, 3, 1, SEC(1), 2, 3, 4);
	pass(b, SEC(1));
	expect(b, "[IS_IN G1 S2 S3]\n");
	query(b, 3, 2, SEC(1), 2, 3, 4, 5);
	pass(b, SEC(1));
	expect(b, "[IS_IN G2 S4 S5]\n");
	query(b, 3, 1, SEC(1), 4, 5);
	query(b, 3, 2, SEC(1), 1);
	pass(b, SEC(1));
	expect(b, "");
}

/* RFC 3376 5.2: the answer is of the filter as it is when it is sent. */
static void answer_is_of_now(void **state)
{
	struct bed *b = *state;

	only(b, 1, 1, 2);
	except(b, 2);
	settle(b);
	pass(b, SEC(5));
	query(b, 3, 1, SEC(100), 1, 2);
	query(b, 3, 2, SEC(100));
	only(b, 1, 2);
	leave(b, 2);
	settle(b);
	pass(b, SEC(2));
	clear(b);
	pass(b, SEC(100));
	expect(b, "[IS_IN G1 S2]\n");
}

/* What is not settled yet is not known to others, and no answer says it either. */
static void answer_is_of_what_was_said(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	except(b, 3, 1);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	leave(b, 1);
	except(b, 2);
	only(b, 3, 2);
	query(b, 3, 0, 1);
	query(b, 3, 2, 2);
	query(b, 3, 3, 2, 1, 4);
	pass(b, 2);
	expect(b, "[IS_EX G1][IS_EX G3 S1]\n");
	except(b, 3, 1);
	settle(b);
	expect(b, "[TO_IN G1][TO_EX G2]\n");
}

/* RFC 3376 5.2 (1): a pending answer to a general query, if sooner, is enough. */
static void general_answer_is_enough(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	query(b, 3, 0, 1);
	query(b, 3, 1, SEC(1000));
	query(b, 3, 1, SEC(1000), 4);
	pass(b, SEC(2000));
	expect(b, "[IS_EX G1]\n");
	query(b, 3, 0, SEC(1000));
	pass(b, 1);
	query(b, 3, 1, 1);
	pass(b, 1);
	expect(b, "[IS_EX G1]\n");
	pass(b, SEC(1000));
	expect(b, "[IS_EX G1]\n");
}

/* RFC 3376 5.2 (4): a query of the whole group makes one answer of all. */
static void group_query_takes_all(void **state)
{
	struct bed *b = *state;

	only(b, 1, 1, 2);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	query(b, 3, 1, SEC(1), 1);
	query(b, 3, 1, SEC(1000));
	pass(b, SEC(1));
	expect(b, "[IS_IN G1 S1 S2]\n");
	query(b, 3, 1, SEC(1000));
	query(b, 3, 1, SEC(1), 1);
	pass(b, SEC(1));
	expect(b, "[IS_IN G1 S1 S2]\n");
	pass(b, SEC(1000));
	expect(b, "");
}

/* RFC 3376 5.2 (5): the sources of several queries are answered together, at the earliest. */
static void source_queries_are_merged(void **state)
{
	struct bed *b = *state;

	only(b, 1, 1, 2, 3);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	query(b, 3, 1, SEC(1), 3, 9);
	query(b, 3, 1, SEC(1000), 1, 3);
	pass(b, SEC(1));
	expect(b, "[IS_IN G1 S1 S3]\n");
	query(b, 3, 1, SEC(1000), 3);
	query(b, 3, 1, SEC(1), 1);
	pass(b, SEC(1));
	expect(b, "[IS_IN G1 S1 S3]\n");
	pass(b, SEC(1000));
	expect(b, "");
}

/* RFC 3376 5.2, at the end: when all of the group was reported, its list of sources is cleared. */
static void list_is_cleared(void **state)
{
	struct bed *b = *state;

	only(b, 1, 1, 2);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	query(b, 3, 1, SEC(1000), 1);
	query(b, 3, 0, 1);
	pass(b, 1);
	expect(b, "[IS_IN G1 S1 S2]\n");
	pass(b, SEC(1000));
	expect(b, "[IS_IN G1 S1 S2]\n");
}

/* GM-115: of a group that very many sources are asked for, all is said. */
static void too_many_asked(void **state)
{
	struct bed *b = *state;

	only(b, 1, 1, 2);
	settle(b);
	pass(b, SEC(5));
	clear(b);
	for (unsigned i = 0; i < 1000; i++)
		query(b, 3, 1, SEC(1000), 3 * i + 10, 3 * i + 11, 3 * i + 12);
	pass(b, SEC(1000));
	expect(b, "[IS_IN G1 S1 S2]\n");
}

/* RFC 3376 4.1.6: the querier's robustness is taken over; if it says none, ours holds again. */
static void robustness_is_adopted(void **state)
{
	struct bed *b = *state;
	struct gm_message m = { .type = GM_QUERY, .version = 3, .group = ip_any(b->af) };

	m.max_response = 1;
	m.robustness = 4;
	gm_host_receive(&b->host, &m);
	assert_int_equal(gm_host_robustness(&b->host), 4);
	except(b, 1);
	settle(b);
	pass(b, SEC(10));
	assert_int_equal(b->nmessages, 4);
	m.robustness = 0;
	gm_host_receive(&b->host, &m);
	assert_int_equal(gm_host_robustness(&b->host), 2);
}

/* GM-90: as many records a report as fit in, as few reports as hold them, in linear time. */
static void many_groups(void **state)
{
	struct bed *b = *state;
	unsigned n = 10000, per_report = b->af == V4 ? 183 : 72;

	for (unsigned i = 1; i <= n; i++)
		except(b, i);
	settle(b);
	assert_int_equal(b->nmessages, (n + per_report - 1) / per_report);
	assert_int_equal(b->nrecords, n);
	pass(b, SEC(2));
	assert_int_equal(b->nmessages, 2 * ((n + per_report - 1) / per_report));
	assert_int_equal(b->nrecords, 2 * n);
	clear(b);
	gm_host_leave(&b->host);
	settle(b);
	assert_int_equal(b->nmessages, (n + per_report - 1) / per_report);
	pass(b, SEC(2));
	assert_int_equal(b->host.ngroups, 0);
}

/* What changed is said in slices. */
static void slices(void **state)
{
	struct bed *b = *state;

	for (unsigned i = 1; i <= 5; i++)
		except(b, i);
	assert_true(gm_host_settle(&b->host, 2));
	expect(b, "[TO_EX G1][TO_EX G2]\n");
	assert_true(gm_host_settle(&b->host, 2));
	expect(b, "[TO_EX G3][TO_EX G4]\n");
	assert_false(gm_host_settle(&b->host, 2));
	expect(b, "[TO_EX G5]\n");
	pass(b, SEC(2));
	assert_int_equal(b->nrecords, 5);
}

/* Many that change one by one are repeated together. */
static void many_turns(void **state)
{
	struct bed *b = *state;

	for (unsigned i = 1; i <= 5000; i++) {
		except(b, i);
		settle(b);
	}
	assert_int_equal(b->nmessages, 5000);
	pass(b, SEC(2));
	assert_int_equal(b->nrecords, 10000);
	assert_true(b->nmessages < 5200);
}

static void join_many(struct bed *b, unsigned n)
{
	for (unsigned i = 1; i <= n; i++)
		except(b, i);
	settle(b);
	pass(b, SEC(5));
	clear(b);
}

/*
 * GM-88, RFC 3376 5.2: answers of a host of many groups are spread over the response time; each
 * tenth of it has its share.
 */
static void general_answers_are_spread(void **state)
{
	struct bed *b = *state;
	unsigned n = 4000, per_report = b->af == V4 ? 183 : 72;
	unsigned expected = (n + per_report - 1) / per_report, in[10] = { 0 };
	int64_t asked;

	join_many(b, n);
	asked = b->clock.now;
	query(b, 3, 0, SEC(10));
	pass(b, SEC(10));
	assert_int_equal(b->nmessages, expected);
	assert_int_equal(b->nrecords, n);
	for (unsigned i = 0; i < b->nmessages; i++) {
		assert_true(b->at[i] > asked);
		in[(b->at[i] - asked - 1) / SEC(1)]++;
	}
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(in[i], expected / 10 - 1, expected / 10 + 2);
	clear(b);
	pass(b, SEC(100));
	expect(b, "");
}

static int64_t answered[4001];

static void note_answers(struct bed *b, const struct gm_message *m)
{
	for (unsigned i = 0; i < m->nrecords; i++)
		answered[numbered(m->record[i].group)] = b->clock.now;
}

static int64_t longest_ago(void)
{
	int64_t least = INT64_MAX;

	for (unsigned i = 1; i < NELEMS(answered); i++)
		least = answered[i] < least ? answered[i] : least;
	return least;
}

/* RFC 3376 5.2: a query that comes amid the answers has each group answered in time for both. */
static void general_query_amid_answers(void **state)
{
	struct bed *b = *state;
	unsigned n = NELEMS(answered) - 1;
	int64_t first, second, third;

	join_many(b, n);
	b->hear = note_answers;
	first = b->clock.now;
	query(b, 3, 0, SEC(10));
	pass(b, SEC(5));
	assert_in_range(b->nrecords, n / 2 - 200, n / 2 + 200);
	second = b->clock.now;
	query(b, 3, 0, SEC(10));
	pass(b, SEC(5));
	assert_true(longest_ago() > first);
	pass(b, SEC(2));
	third = b->clock.now;
	query(b, 3, 0, SEC(2));
	pass(b, SEC(2));
	assert_true(longest_ago() > third);
	assert_true(third > second);
	pass(b, SEC(100));
	assert_in_range(b->nrecords, n * 22 / 10 - 200, n * 22 / 10 + 200);
}

/* RFC 3376 5.2 (1): amid the answers, what the walk has passed is not pending any more. */
static void group_query_amid_answers(void **state)
{
	struct bed *b = *state;
	unsigned n = NELEMS(answered) - 1;
	int64_t asked;

	join_many(b, n);
	query(b, 3, 0, SEC(10));
	pass(b, SEC(5));
	query(b, 3, 1, SEC(1000));
	query(b, 3, n, SEC(1000));
	pass(b, SEC(5));
	clear(b);
	pass(b, SEC(1000));
	expect(b, "[IS_EX G1]\n");

	b->hear = note_answers;
	asked = b->clock.now;
	query(b, 3, 0, SEC(100));
	for (unsigned i = n - 50; i <= n; i++)
		query(b, 3, i, SEC(10));
	pass(b, SEC(10));
	for (unsigned i = n - 50; i <= n; i++)
		assert_true(answered[i] > asked);
}

/* RFC 3376 5.2 (1): whichever of both answers is sooner; if it is the group's, both are sent. */
static void group_query_before_answer(void **state)
{
	struct bed *b = *state;
	unsigned both = 0;

	except(b, 1);
	settle(b);
	pass(b, SEC(2));
	for (int i = 0; i < 100; i++) {
		clear(b);
		query(b, 3, 0, SEC(10));
		query(b, 3, 1, SEC(10));
		pass(b, SEC(10));
		assert_in_range(b->nmessages, 1, 2);
		both += b->nmessages == 2;
	}
	assert_in_range(both, 25, 75);
}

/* RFC 3376 5.2: all is answered in time, even if records fill reports badly. */
static void answers_that_pack_badly(void **state)
{
	struct bed *b = *state;
	unsigned nsources = b->af == V4 ? 190 : 46;
	struct ip ip[200];

	for (unsigned i = 1; i <= 10; i++) {
		struct membership m = { .group = group(b, i), .source = ip };

		while (m.nsources < nsources) {
			ip[m.nsources] = source(b, m.nsources + 1);
			m.nsources++;
		}
		gm_host_set(&b->host, &m);
	}
	settle(b);
	pass(b, SEC(2));
	clear(b);
	query(b, 3, 0, SEC(10));
	pass(b, SEC(10));
	assert_int_equal(b->nmessages, 10);
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
}

/* A flood of queries keeps no group from being answered. */
static void queries_in_a_flood(void **state)
{
	struct bed *b = *state;
	unsigned n = 2000;

	join_many(b, n);
	for (unsigned i = 0; i < 100; i++) {
		query(b, 3, 0, SEC(10));
		pass(b, 100);
	}
	assert_in_range(b->nrecords, n * 9 / 10, n * 12 / 10);
	pass(b, SEC(20));
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
}

/* Groups that come and go while the answers are on their way. */
static void groups_change_amid_answers(void **state)
{
	struct bed *b = *state;
	unsigned n = 2000;

	join_many(b, n);
	query(b, 3, 0, SEC(10));
	for (unsigned i = 1; i <= n; i++) {
		leave(b, i);
		except(b, n + i);
		settle(b);
		pass(b, 5);
	}
	pass(b, SEC(10));
	assert_int_equal(b->host.nmembers, n);
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
	gm_host_leave(&b->host);
	query(b, 3, 0, SEC(10));
	pass(b, SEC(10));
	settle(b);
	pass(b, SEC(10));
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
}

static void set_many_sources(struct bed *b, enum filter_mode mode, unsigned from, unsigned to)
{
	struct ip ip[5000];
	struct membership m = { .group = group(b, 1), .mode = mode, .source = ip };

	while (from <= to)
		ip[m.nsources++] = source(b, from++);
	gm_host_set(&b->host, &m);
	settle(b);
}

/* GM-90: a record too large is split over reports, of ALLOW, BLOCK, TO_IN and IS_IN. */
static void large_record_is_split(void **state)
{
	struct bed *b = *state;
	unsigned per_report = b->af == V4 ? 365 : 89;

	b->host.conf.robustness = 1;
	set_many_sources(b, FILTER_INCLUDE, 1, 1000);
	assert_int_equal(b->nmessages, (1000 + per_report - 1) / per_report);
	assert_int_equal(b->nrecords, b->nmessages);
	assert_int_equal(b->nsources, 1000);
	clear(b);
	query(b, 3, 0, SEC(1));
	pass(b, SEC(1));
	assert_int_equal(b->nmessages, (1000 + per_report - 1) / per_report);
	assert_int_equal(b->nsources, 1000);
	clear(b);
	set_many_sources(b, FILTER_INCLUDE, 501, 1500);
	assert_int_equal(b->nsources, 1000);
	set_many_sources(b, FILTER_EXCLUDE, 1, 0);
	clear(b);
	set_many_sources(b, FILTER_INCLUDE, 1, 1000);
	assert_int_equal(b->nmessages, (1000 + per_report - 1) / per_report);
	assert_int_equal(b->nsources, 1000);
}

/* GM-90: of TO_EX and IS_EX as much is said as fits, the same each time. */
static void large_exclude_is_truncated(void **state)
{
	struct bed *b = *state;
	unsigned per_report = b->af == V4 ? 365 : 89;
	char *first;

	b->host.conf.robustness = 1;
	set_many_sources(b, FILTER_EXCLUDE, 1, 1000);
	assert_int_equal(b->nmessages, 1);
	assert_int_equal(b->nsources, per_report);
	first = strchr(b->said, ' ');
	assert_non_null(first);
	first = strcpy(xcalloc(1, strlen(first) + 1), first);
	clear(b);
	query(b, 3, 1, SEC(1));
	pass(b, SEC(1));
	assert_int_equal(b->nmessages, 1);
	assert_string_equal(strchr(b->said, ' '), first);
	free(first);
}

/* GM-90: what a report holds follows from the MTU. */
static void mtu(void **state)
{
	struct bed *b = *state;
	struct gm_host_conf conf = b->host.conf;

	conf.robustness = 1;
	conf.mtu = 1280;
	gm_host_configure(&b->host, &conf);
	for (unsigned i = 1; i <= 305; i++)
		except(b, i);
	settle(b);
	assert_int_equal(b->nmessages, b->af == V4 ? 2 : 5);
	gm_host_leave(&b->host);
	settle(b);
	clear(b);
	conf.mtu = 65536;
	gm_host_configure(&b->host, &conf);
	for (unsigned i = 1; i <= 2000; i++)
		except(b, i);
	settle(b);
	assert_int_equal(b->nmessages, b->af == V4 ? 2 : 5);
	gm_host_leave(&b->host);
	settle(b);
	clear(b);
	conf.mtu = b->af == V4 ? 68 : 1280;
	gm_host_configure(&b->host, &conf);
	only(b, 1, 1, 2, 3, 4, 5, 6, 7, 8);
	settle(b);
	assert_int_equal(b->nmessages, b->af == V4 ? 2 : 1);
}

/* GM-115: groups over the limit are refused, and taken when there is room again. */
static void limit_of_groups(void **state)
{
	struct bed *b = *state;

	b->host.conf.max_groups = 2;
	assert_true(except(b, 1));
	assert_true(except(b, 2));
	assert_false(except(b, 3));
	assert_true(only(b, 2, 1));
	assert_int_equal(b->host.counts.refused, 1);
	settle(b);
	expect(b, "[TO_EX G1][ALLOW G2 S1]\n");
	assert_true(leave(b, 1));
	assert_true(except(b, 3));
	settle(b);
	expect(b, "[TO_IN G1][TO_EX G3]\n");
}

/* GM-115: memory stays bounded when somebody joins and leaves very many groups. */
static void limit_of_groups_left(void **state)
{
	struct bed *b = *state;

	b->host.conf.max_groups = 100;
	for (unsigned i = 1; i <= 100000; i++) {
		clear(b);
		if (i > 100)
			assert_true(leave(b, i - 100));
		assert_true(except(b, i));
		settle(b);
		assert_true(b->host.ngroups <= 201);
	}
	pass(b, SEC(2));
	assert_int_equal(b->host.ngroups, b->host.nmembers);
}

static bool set_ssm(struct bed *b, unsigned nsources)
{
	struct ip ip[] = { source(b, 3), source(b, 2), source(b, 1) };
	struct membership m = { .group = ssm_group(b, 1), .source = ip, .nsources = nsources };

	return gm_host_set(&b->host, &m);
}

/* GM-65, GM-115: too many sources: all are heard; of a source-specific group as many as may be. */
static void limit_of_sources(void **state)
{
	struct bed *b = *state;

	b->host.conf.max_sources = 2;
	only(b, 1, 1, 2, 2, 1);
	except(b, 2, 1, 2);
	settle(b);
	expect(b, "[ALLOW G1 S1 S2][TO_EX G2 S1 S2]\n");
	only(b, 1, 1, 2, 3);
	except(b, 2, 1, 2, 3);
	set_ssm(b, 3);
	settle(b);
	assert_int_equal(b->host.counts.shortened, 3);
	expect(b, "[TO_EX G1][TO_EX G2][ALLOW G1 S1 S2]\n");
}

/* GM-89, RFC 3376 7.2.1, RFC 3810 8.2.1: reports of version 2, at once and again within 10 s. */
static void version_2(void **state)
{
	struct bed *b = *state;
	int64_t most = 0;

	for (unsigned i = 0; i < 100; i++) {
		query(b, 2, 0, SEC(10));
		assert_int_equal(gm_host_version(&b->host), 2);
		only(b, 1, 5);
		settle(b);
		assert_int_equal(b->nmessages, 1);
		pass(b, SEC(10));
		assert_int_equal(b->nmessages, 2);
		most = b->at[1] - b->at[0] > most ? b->at[1] - b->at[0] : most;
		expect(b, "report2 G1\nreport2 G1\n");
		leave(b, 1);
		settle(b);
		expect(b, "leave2 G1\n");
	}
	assert_in_range(most, SEC(9), SEC(10));
	only(b, 1, 5);
	settle(b);
	pass(b, SEC(10));
	clear(b);
	only(b, 1, 5, 6);
	settle(b);
	except(b, 1);
	settle(b);
	expect(b, "");
	leave(b, 1);
	settle(b);
	expect(b, "leave2 G1\n");
	pass(b, SEC(20));
	expect(b, "");
}

/* GM-76: a change of sources says nothing, and does not hurry what is to be repeated. */
static void version_2_says_nothing_of_sources(void **state)
{
	struct bed *b = *state;

	query(b, 2, 0, SEC(10));
	only(b, 1, 5);
	settle(b);
	expect(b, "report2 G1\n");
	except(b, 1);
	settle(b);
	expect(b, "");
	pass(b, SEC(10));
	expect(b, "report2 G1\n");
	leave(b, 1);
	only(b, 1, 7);
	settle(b);
	expect(b, "");
}

/* RFC 2236 3: general and group queries are answered by a report a group; sources do not matter. */
static void version_2_answers(void **state)
{
	struct bed *b = *state;

	only(b, 1, 5);
	settle(b);
	query(b, 2, 0, SEC(10));
	clear(b);
	pass(b, SEC(10));
	expect(b, "report2 G1\n");
	for (int i = 0; i < 2; i++) {
		query(b, 2, 1, SEC(1));
		query(b, 2, 2, SEC(1));
		pass(b, 0);
		expect(b, "");
		pass(b, SEC(1));
		expect(b, "report2 G1\n");
	}
	query(b, 2, 1, SEC(100));
	query(b, 2, 0, SEC(1));
	pass(b, SEC(100));
	expect(b, "report2 G1\n");
	query(b, 3, 1, SEC(1), 9);
	query(b, 3, 0, 1);
	pass(b, SEC(1));
	expect(b, "report2 G1\n");
}

/* RFC 2236 3: reports to a general query are at random in (0, MRT], each of its own. */
static void version_2_answers_are_spread(void **state)
{
	struct bed *b = *state;
	unsigned n = 4000, in[10] = { 0 };
	int64_t asked;

	join_many(b, n);
	asked = b->clock.now;
	query(b, 2, 0, SEC(10));
	pass(b, SEC(10));
	assert_int_equal(b->nmessages, n);
	for (unsigned i = 0; i < b->nmessages; i++) {
		assert_true(b->at[i] > asked);
		in[(b->at[i] - asked - 1) / SEC(1)]++;
	}
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(in[i], n / 10 - 1, n / 10 + 1);
}

/* RFC 2236 3: of two groups each comes first now and then. */
static void version_2_order_is_random(void **state)
{
	struct bed *b = *state;
	unsigned first = 0;

	except(b, 1);
	except(b, 2);
	settle(b);
	for (int i = 0; i < 100; i++) {
		query(b, 2, 0, SEC(10));
		clear(b);
		pass(b, SEC(10));
		assert_int_equal(b->nmessages, 2);
		first += !strcmp(b->said, "report2 G1\nreport2 G2\n");
	}
	assert_in_range(first, 25, 75);
}

/* RFC 2236 6: a report of another host stops ours, and then no leave is sent. */
static void version_2_suppression(void **state)
{
	struct bed *b = *state;

	query(b, 2, 0, SEC(10));
	except(b, 1);
	except(b, 2);
	settle(b);
	pass(b, SEC(20));
	clear(b);
	query(b, 2, 0, SEC(10));
	report(b, 2, 1);
	report(b, 2, 3);
	assert_int_equal(b->host.counts.suppressed, 1);
	pass(b, SEC(10));
	expect(b, "report2 G2\n");
	query(b, 2, 1, SEC(1));
	report(b, 1, 1);
	pass(b, SEC(10));
	expect(b, "");
	except(b, 4);
	settle(b);
	report(b, 2, 4);
	pass(b, SEC(10));
	expect(b, "report2 G4\n");
	report(b, 2, 2);
	leave(b, 1);
	leave(b, 2);
	leave(b, 4);
	settle(b);
	expect(b, "leave2 G2\n");
}

/* RFC 2236 6: who answers again is the last to have reported again. */
static void version_2_leave_of_the_last(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	query(b, 2, 0, SEC(10));
	report(b, 2, 1);
	query(b, 2, 1, SEC(1));
	pass(b, SEC(10));
	clear(b);
	leave(b, 1);
	settle(b);
	expect(b, "leave2 G1\n");
}

/* RFC 3376 7.2.1: what was heard of other hosts does not outlive the querier. */
static void version_2_leave_after_another_querier(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	query(b, 2, 0, SEC(10));
	report(b, 2, 1);
	pass(b, SEC(300));
	assert_int_equal(gm_host_version(&b->host), 3);
	query(b, 2, 0, SEC(10));
	clear(b);
	leave(b, 1);
	settle(b);
	expect(b, "leave2 G1\n");
}

/* RFC 2236 3: a timer that runs is set anew only if the query gives it less time. */
static void version_2_timer_is_shortened(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	query(b, 2, 0, SEC(10));
	pass(b, SEC(10));
	clear(b);
	query(b, 2, 1, SEC(1));
	query(b, 2, 1, SEC(100));
	pass(b, SEC(1));
	expect(b, "report2 G1\n");
	query(b, 2, 1, SEC(1000));
	query(b, 2, 1, SEC(1));
	pass(b, SEC(1));
	expect(b, "report2 G1\n");
	query(b, 2, 0, SEC(100));
	query(b, 2, 1, SEC(1));
	pass(b, SEC(1));
	expect(b, "report2 G1\n");
	pass(b, SEC(100));
	expect(b, "");
}

/* RFC 4604 2.2.1: reports of a source-specific group are not suppressed. */
static void ssm_is_not_suppressed(void **state)
{
	struct bed *b = *state;
	struct gm_message m = { .type = GM_REPORT, .version = 2, .group = ssm_group(b, 1) };

	set_ssm(b, 1);
	settle(b);
	query(b, 2, 0, SEC(10));
	clear(b);
	gm_host_receive(&b->host, &m);
	pass(b, SEC(10));
	expect(b, "report2 G1\n");
}

/* RFC 3376 7.2.2: in version 3 a report of another host suppresses nothing. */
static void version_3_is_not_suppressed(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	clear(b);
	query(b, 3, 1, SEC(1));
	report(b, 2, 1);
	pass(b, SEC(2));
	assert_int_equal(b->nmessages, 2);
}

/* GM-89: version 1 has no leave, and its query means 10 s; MLD has no such version. */
static void version_1(void **state)
{
	struct bed *b = *state;

	query(b, 1, 0, 0);
	assert_int_equal(gm_host_version(&b->host), 1);
	except(b, 1);
	settle(b);
	pass(b, SEC(10));
	expect(b, "report1 G1\nreport1 G1\n");
	query(b, 1, 0, 0);
	pass(b, 1);
	expect(b, "");
	pass(b, SEC(10));
	expect(b, "report1 G1\n");
	leave(b, 1);
	settle(b);
	expect(b, "");
	assert_int_equal(b->host.ngroups, 0);
}

/* GM-89: an IGMPv2 query of one group tells nothing of the querier; an MLDv1 one does. */
static void version_of_group_query(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	pass(b, SEC(2));
	clear(b);
	query(b, 2, 1, SEC(1));
	assert_int_equal(gm_host_version(&b->host), b->af == V4 ? 3 : 2);
	pass(b, SEC(1));
	expect(b, b->af == V4 ? "[IS_EX G1]\n" : "report2 G1\n");
	pass(b, SEC(259) - 1);
	assert_int_equal(gm_host_version(&b->host), b->af == V4 ? 3 : 2);
	pass(b, 1);
	assert_int_equal(gm_host_version(&b->host), 3);
}

/* GM-89, RFC 3376 8.12, RFC 3810 9.12: RV * QI + QRI after its last query, 2 * 125 + 10 s. */
static void older_querier_times_out(void **state)
{
	struct bed *b = *state;
	struct gm_message m = { .type = GM_QUERY, .version = 3, .group = ip_any(b->af) };

	query(b, 2, 0, SEC(10));
	pass(b, SEC(100));
	query(b, 2, 0, SEC(10));
	pass(b, SEC(260) - 1);
	assert_int_equal(gm_host_version(&b->host), 2);
	pass(b, 1);
	assert_int_equal(gm_host_version(&b->host), 3);
	m.robustness = 3;
	m.interval = SEC(20);
	m.max_response = SEC(5);
	gm_host_receive(&b->host, &m);
	query(b, 2, 0, SEC(7));
	pass(b, SEC(67) - 1);
	assert_int_equal(gm_host_version(&b->host), 2);
	pass(b, 1);
	assert_int_equal(gm_host_version(&b->host), 3);
}

/* RFC 3376 7.2.1, the table: version 1 while its timer runs, then 2, then 3. */
static void older_queriers_of_both_versions(void **state)
{
	struct bed *b = *state;

	query(b, 1, 0, 0);
	pass(b, SEC(100));
	query(b, 2, 0, SEC(10));
	assert_int_equal(gm_host_version(&b->host), 1);
	pass(b, SEC(160));
	assert_int_equal(gm_host_version(&b->host), 2);
	pass(b, SEC(100));
	assert_int_equal(gm_host_version(&b->host), 3);
}

/* RFC 3376 7.2.1: a change of the version cancels what is pending, but the answer to the query. */
static void change_of_version_cancels(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	except(b, 2);
	except(b, 3);
	settle(b);
	leave(b, 3);
	settle(b);
	query(b, 3, 0, SEC(100));
	query(b, 3, 2, 50, 7);
	clear(b);
	query(b, 2, 0, SEC(10));
	assert_int_equal(b->host.ngroups, 2);
	assert_true(gm_host_is_idle(&b->host));
	pass(b, 50);
	expect(b, "");
	pass(b, SEC(200) - 50);
	assert_int_equal(b->nmessages, 2);
	clear(b);

	pass(b, SEC(60) - 10);
	except(b, 4);
	settle(b);
	query(b, 2, 1, SEC(1));
	clear(b);
	if (b->af == V6)
		pass(b, SEC(259));
	pass(b, SEC(2));
	assert_int_equal(gm_host_version(&b->host), 3);
	pass(b, SEC(100));
	assert_true(b->nmessages <= (b->af == V4 ? 2 : 3));
	assert_true(gm_host_is_idle(&b->host));
}

/* RFC 3376 7.2.1: what is not said yet is said in the new version. */
static void change_of_version_within_a_turn(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	settle(b);
	clear(b);
	except(b, 2);
	leave(b, 1);
	query(b, 2, 0, 1);
	settle(b);
	expect(b, "report2 G2\nleave2 G1\n");
}

/* GM-81: the version may be limited by the configuration. */
static void version_is_configured(void **state)
{
	struct bed *b = *state;
	struct gm_host_conf conf = b->host.conf;

	except(b, 1);
	settle(b);
	expect(b, "[TO_EX G1]\n");
	conf.version = 2;
	gm_host_configure(&b->host, &conf);
	pass(b, SEC(10));
	expect(b, "");
	except(b, 2);
	settle(b);
	expect(b, "report2 G2\n");
	query(b, 1, 0, 0);
	assert_int_equal(gm_host_version(&b->host), 1);
	pass(b, SEC(260));
	assert_int_equal(gm_host_version(&b->host), 2);
}

/* GM-86: on a new link all is joined again, and of the old one's querier nothing is known. */
static void restart(void **state)
{
	struct bed *b = *state;
	struct gm_message m = { .type = GM_QUERY, .version = 3, .group = ip_any(b->af) };

	m.robustness = 7;
	gm_host_receive(&b->host, &m);
	query(b, 2, 0, SEC(10));
	only(b, 1, 1);
	except(b, 2);
	except(b, 3);
	settle(b);
	leave(b, 3);
	except(b, 4);
	only(b, 5, 1);
	settle(b);
	only(b, 5, 2);
	except(b, 6);
	leave(b, 6);
	clear(b);
	gm_host_restart(&b->host);
	expect(b, "");
	assert_int_equal(gm_host_version(&b->host), 3);
	settle(b);
	assert_int_equal(b->nmessages, 1);
	assert_int_equal(b->nrecords, 4);
	assert_non_null(strstr(b->said, "[ALLOW G1 S1]"));
	assert_non_null(strstr(b->said, "[TO_EX G2]"));
	assert_non_null(strstr(b->said, "[TO_EX G4]"));
	assert_non_null(strstr(b->said, "[ALLOW G5 S2]"));
	clear(b);
	pass(b, SEC(2));
	assert_int_equal(b->nrecords, 4);
	assert_int_equal(b->host.ngroups, 4);
	except(b, 7);
	settle(b);
	query(b, 2, 0, SEC(10));
	assert_true(gm_host_is_idle(&b->host));
}

/* All is said anew in slices; what changes meanwhile is said as a change, or with the rest. */
static void restart_in_slices(void **state)
{
	struct bed *b = *state;

	for (unsigned i = 1; i <= 6; i++)
		except(b, i);
	settle(b);
	leave(b, 1);
	settle(b);
	leave(b, 2);
	clear(b);
	gm_host_restart(&b->host);
	assert_true(gm_host_settle(&b->host, 3));
	assert_true(strstr(b->said, "[TO_EX G3]") && !strstr(b->said, "G4"));
	assert_false(strstr(b->said, "G1") || strstr(b->said, "G2"));
	leave(b, 4);
	only(b, 5, 1);
	assert_false(gm_host_is_idle(&b->host));
	clear(b);
	settle(b);
	assert_non_null(strstr(b->said, "[ALLOW G5 S1]"));
	assert_non_null(strstr(b->said, "[TO_EX G6]"));
	assert_false(strstr(b->said, "G1") || strstr(b->said, "G2") || strstr(b->said, "G3"));
	pass(b, SEC(2));
	assert_true(gm_host_is_idle(&b->host));
	assert_int_equal(b->host.ngroups, 3);
}

/* All of them, once more: who was left is still said to be. */
static void renew_all(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	except(b, 2);
	settle(b);
	pass(b, SEC(2));
	leave(b, 1);
	settle(b);
	clear(b);
	gm_host_renew_all(&b->host);
	settle(b);
	expect(b, "[TO_EX G2]\n");
	pass(b, SEC(2));
	assert_non_null(strstr(b->said, "[TO_IN G1]"));
}

/* GM-85: all groups are left at once, in as few reports as hold them. */
static void leave_of_all(void **state)
{
	struct bed *b = *state;

	except(b, 1);
	only(b, 2, 1, 2);
	settle(b);
	clear(b);
	gm_host_leave(&b->host);
	settle(b);
	expect(b, "[TO_IN G1][BLOCK G2 S1 S2]\n");
	assert_false(gm_host_is_idle(&b->host));
	pass(b, SEC(1));
	expect(b, "[TO_IN G1][BLOCK G2 S1 S2]\n");
	assert_true(gm_host_is_idle(&b->host));
	assert_true(clock_next(&b->clock) == CLOCK_NEVER);
}

/* An end at any time leaves no timer and no byte, which teardown() and the sanitizers look at. */
static void end_amid_everything(void **state)
{
	struct bed *b = *state;

	query(b, 1, 0, 0);
	query(b, 2, 0, SEC(10));
	gm_host_restart(&b->host);
	query(b, 2, 0, SEC(10));
	pass(b, SEC(260));
	except(b, 1, 1, 2);
	only(b, 2, 3);
	settle(b);
	leave(b, 2);
	query(b, 3, 0, SEC(10));
	query(b, 3, 1, 1, 4, 5);
	only(b, 1, 4);
}

/* What is reported can be listed, in order. */
static void list_of_groups(void **state)
{
	struct bed *b = *state;
	struct membership m;

	assert_false(gm_host_next(&b->host, ip_any(b->af), &m));
	except(b, 2, 7);
	only(b, 1, 5);
	except(b, 3);
	settle(b);
	leave(b, 3);
	assert_true(gm_host_next(&b->host, ip_any(b->af), &m));
	assert_int_equal(numbered(m.group), 1);
	assert_int_equal(m.mode, FILTER_INCLUDE);
	assert_true(gm_host_next(&b->host, m.group, &m));
	assert_int_equal(numbered(m.group), 2);
	assert_int_equal(m.mode, FILTER_EXCLUDE);
	assert_int_equal(m.nsources, 1);
	assert_int_equal(numbered(m.source[0]), 7);
	assert_false(gm_host_next(&b->host, m.group, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(change_of_filter),
		BOTH(change_is_said_at_once),
		BOTH(change_within_a_turn),
		BOTH(change_is_repeated),
		BOTH(robustness_of_one),
		BOTH(sources_are_merged),
		BOTH(mode_goes_first),
		BOTH(left_and_joined_again),
		BOTH(change_taken_back),
		BOTH(repetitions_are_packed),
		BOTH(never_reported),
		BOTH(general_query),
		BOTH(query_of_nothing),
		BOTH(general_queries_are_merged),
		BOTH(group_query),
		BOTH(source_query),
		BOTH(answer_is_of_now),
		BOTH(answer_is_of_what_was_said),
		BOTH(general_answer_is_enough),
		BOTH(group_query_takes_all),
		BOTH(source_queries_are_merged),
		BOTH(list_is_cleared),
		BOTH(too_many_asked),
		BOTH(robustness_is_adopted),
		BOTH(many_groups),
		BOTH(slices),
		BOTH(many_turns),
		BOTH(general_answers_are_spread),
		BOTH(general_query_amid_answers),
		BOTH(group_query_amid_answers),
		BOTH(group_query_before_answer),
		BOTH(answers_that_pack_badly),
		BOTH(queries_in_a_flood),
		BOTH(groups_change_amid_answers),
		BOTH(large_record_is_split),
		BOTH(large_exclude_is_truncated),
		BOTH(mtu),
		BOTH(limit_of_groups),
		BOTH(limit_of_groups_left),
		BOTH(limit_of_sources),
		BOTH(version_2),
		BOTH(version_2_says_nothing_of_sources),
		BOTH(version_2_answers),
		BOTH(version_2_answers_are_spread),
		BOTH(version_2_order_is_random),
		BOTH(version_2_suppression),
		BOTH(version_2_leave_of_the_last),
		BOTH(version_2_leave_after_another_querier),
		BOTH(version_2_timer_is_shortened),
		BOTH(ssm_is_not_suppressed),
		BOTH(version_3_is_not_suppressed),
		BOTH(version_1),
		BOTH(version_of_group_query),
		BOTH(older_querier_times_out),
		BOTH(older_queriers_of_both_versions),
		BOTH(change_of_version_cancels),
		BOTH(change_of_version_within_a_turn),
		BOTH(version_is_configured),
		BOTH(restart),
		BOTH(restart_in_slices),
		BOTH(renew_all),
		BOTH(leave_of_all),
		BOTH(end_amid_everything),
		BOTH(list_of_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
