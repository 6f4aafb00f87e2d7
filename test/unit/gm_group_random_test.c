/* gm_group_random_test.c - groups at random, against a model that is as plain as the RFCs' text
 *
 * The model has one group, sources as an array indexed by letter, and time that goes on half a
 * second at a time; each row of the tables is written out with sets of letters as bits. SEED=n
 * does that one alone, SEEDS=n those from 1 to n.
 */
#include <string.h>

#include "lib/rng.h"
#include "unit/gm_group.h"

#define TICK 500
#define NLETTERS 8
#define ALL ((1u << NLETTERS) - 1)

typedef unsigned letters;

struct model {
	int64_t now;
	bool exclude, querier;
	int64_t group_due;
	letters known; /* X and Y */
	int64_t due[NLETTERS];
	unsigned again[NLETTERS]; /* transmissions to come */
	unsigned group_again;
	bool asked;
	int64_t query_at, host1, host2;
	int64_t gmi, older, lmqi;
	unsigned lmqc;
	letters told;
	bool told_exclude;
	struct bed *bed; /* where it says what should have been said */
};

static letters running(const struct model *m)
{
	letters x = 0;

	for (unsigned i = 0; i < NLETTERS; i++) {
		if (m->known & 1u << i && m->due[i] > m->now)
			x |= 1u << i;
	}
	return x;
}

static void set_timers(struct model *m, letters set, int64_t due)
{
	for (unsigned i = 0; i < NLETTERS; i++) {
		if (set & 1u << i)
			m->due[i] = due;
	}
}

static void set_known(struct model *m, letters set)
{
	for (unsigned i = 0; i < NLETTERS; i++) {
		if (!(set & 1u << i))
			m->again[i] = 0;
	}
	m->known = set;
}

static void query_sources(struct model *m, letters set)
{
	int64_t lmqt = m->lmqc * m->lmqi;

	for (unsigned i = 0; m->querier && i < NLETTERS; i++) {
		if (!(set & 1u << i) || m->due[i] <= m->now + lmqt)
			continue;
		m->due[i] = m->now + lmqt;
		m->again[i] = m->lmqc;
		m->query_at = m->now;
	}
}

static void query_group(struct model *m)
{
	int64_t lmqt = m->lmqc * m->lmqi;

	if (!m->querier || m->asked)
		return;
	if (m->group_due > m->now + lmqt)
		m->group_due = m->now + lmqt;
	m->group_again = m->lmqc;
	m->asked = true;
	m->query_at = m->now;
}

static void restart(struct model *m)
{
	m->exclude = true;
	m->group_due = m->now + m->gmi;
	m->asked = false;
}

/* The tables in INCLUDE (A). */
static void include_record(struct model *m, enum gm_record_type type, letters b)
{
	letters a = m->known;

	switch (type) {
	case MODE_IS_INCLUDE:
	case ALLOW_NEW_SOURCES:
		set_known(m, a | b);
		set_timers(m, b, m->now + m->gmi);
		break;
	case MODE_IS_EXCLUDE:
		set_known(m, (a & b) | (b & ~a));
		set_timers(m, b & ~a, 0);
		restart(m);
		break;
	case BLOCK_OLD_SOURCES:
		query_sources(m, a & b);
		break;
	case CHANGE_TO_EXCLUDE_MODE:
		set_known(m, (a & b) | (b & ~a));
		set_timers(m, b & ~a, 0);
		query_sources(m, a & b);
		restart(m);
		break;
	case CHANGE_TO_INCLUDE_MODE:
		set_known(m, a | b);
		set_timers(m, b, m->now + m->gmi);
		query_sources(m, a & ~b);
		break;
	}
}

/* The tables in EXCLUDE (X,Y). */
static void exclude_record(struct model *m, enum gm_record_type type, letters a)
{
	letters x = running(m), y = m->known & ~x;

	switch (type) {
	case MODE_IS_INCLUDE:
	case ALLOW_NEW_SOURCES:
		set_known(m, x | a | (y & ~a));
		set_timers(m, a, m->now + m->gmi);
		break;
	case MODE_IS_EXCLUDE:
		set_known(m, (a & ~y) | (y & a));
		set_timers(m, a & ~x & ~y, m->now + m->gmi);
		restart(m);
		break;
	case BLOCK_OLD_SOURCES:
		set_known(m, x | (a & ~y) | y);
		set_timers(m, a & ~x & ~y, m->group_due);
		query_sources(m, a & ~y);
		break;
	case CHANGE_TO_EXCLUDE_MODE:
		set_known(m, (a & ~y) | (y & a));
		set_timers(m, a & ~x & ~y, m->group_due);
		query_sources(m, a & ~y);
		restart(m);
		break;
	case CHANGE_TO_INCLUDE_MODE:
		set_known(m, x | a | (y & ~a));
		set_timers(m, a, m->now + m->gmi);
		query_sources(m, x & ~a);
		query_group(m);
		break;
	}
}

static void model_record(struct model *m, enum gm_record_type type, letters set)
{
	if (m->exclude)
		exclude_record(m, type, set);
	else
		include_record(m, type, set);
}

/* RFC 3376 7.3.2: hosts of version @host say it. */
static void model_report(struct model *m, unsigned host, enum gm_record_type type, letters set)
{
	unsigned version = m->now < m->host1 ? 1 : m->now < m->host2 ? 2 : 3;

	if (version < 3 && type == BLOCK_OLD_SOURCES)
		return;
	if (version < 3 && type == CHANGE_TO_EXCLUDE_MODE)
		set = 0;
	if (version == 1 && type == CHANGE_TO_INCLUDE_MODE)
		return;
	model_record(m, type, set);
	if (host == 1)
		m->host1 = m->now + m->older;
	if (host == 2)
		m->host2 = m->now + m->older;
}

static void model_heard(struct model *m, letters set)
{
	int64_t until = m->now + m->lmqc * m->lmqi;

	if (!set && m->exclude && m->group_due > until)
		m->group_due = until;
	for (unsigned i = 0; i < NLETTERS; i++) {
		if (set & running(m) & 1u << i && m->due[i] > until)
			m->due[i] = until;
	}
}

static void model_say(struct model *m, const char *what, letters set)
{
	struct ip source[NLETTERS];
	unsigned n = 0;

	for (unsigned i = 0; i < NLETTERS; i++) {
		if (set & 1u << i)
			source[n++] = source_of(m->bed->af, 'a' + i);
	}
	say_sources(m->bed, group_of(m->bed->af, 0), what, source, n);
}

/* RFC 3376 6.5, 6.3. */
static void model_expire(struct model *m)
{
	if (m->exclude && m->group_due <= m->now) {
		m->exclude = m->asked = false;
		m->group_again = 0;
	}
	for (unsigned i = 0; i < NLETTERS; i++) {
		if (!(running(m) & 1u << i))
			m->again[i] = 0;
	}
	if (!m->exclude)
		set_known(m, running(m));
	if (!m->exclude && !m->known) {
		m->host1 = m->host2 = 0;
		m->query_at = INT64_MAX;
	}
}

static void model_tell(struct model *m)
{
	letters filter = m->exclude ? m->known & ~running(m) : m->known;

	if (m->exclude == m->told_exclude && filter == m->told)
		return;
	m->told_exclude = m->exclude;
	m->told = filter;
	model_say(m, m->exclude ? "EXC" : "INC", filter);
}

/* RFC 3376 6.6.3. */
static void model_query(struct model *m)
{
	int64_t lmqt = m->lmqc * m->lmqi;
	letters set[2] = { 0, 0 };
	bool more = false;

	if (m->query_at > m->now)
		return;
	for (unsigned i = 0; i < NLETTERS; i++) {
		if (!m->again[i])
			continue;
		set[m->due[i] > m->now + lmqt] |= 1u << i;
		more |= --m->again[i] > 0;
	}
	if (set[1] && !m->group_again)
		model_say(m, "QS", set[1]);
	if (set[0])
		model_say(m, "Q", set[0]);
	if (m->group_again) {
		model_say(m, m->group_due > m->now + lmqt ? "QS" : "Q", 0);
		more |= --m->group_again > 0;
	}
	m->query_at = more ? m->now + m->lmqi : INT64_MAX;
}

static void model_run(struct model *m, int64_t to)
{
	model_tell(m);
	model_query(m);
	while (m->now < to) {
		m->now += TICK;
		model_expire(m);
		model_tell(m);
		model_query(m);
	}
}

/* What is known, as state() writes it. */
static const char *model_state(const struct model *m, char text[1024])
{
	char *at = text;
	bool first = true;

	*at = '\0';
	if (!m->exclude && !m->known)
		return text;
	at += sprintf(at, m->exclude ? "EXC(" : "INC(");
	for (unsigned i = 0; i < NLETTERS; i++) {
		if (!(m->known & 1u << i))
			continue;
		at += sprintf(at, "%s%c:%g", first ? "" : " ", 'a' + i,
			      running(m) & 1u << i ? (m->due[i] - m->now) / 1000. : 0);
		first = false;
	}
	at += sprintf(at, ")");
	if (m->exclude)
		sprintf(at, " %g", (m->group_due - m->now) / 1000.);
	return text;
}

static const char *spelled(letters set, char text[NLETTERS + 1])
{
	unsigned n = 0;

	for (unsigned i = 0; i < NLETTERS; i++) {
		if (set & 1u << i)
			text[n++] = 'a' + i;
	}
	text[n] = '\0';
	return text;
}

static void heard(struct bed *bed, const char *text)
{
	struct ip source[MAXLETTERS];
	struct gm_message q = { .type = GM_QUERY,
				.version = 3,
				.group = group_of(bed->af, 0),
				.source = source,
				.nsources = spell(bed->af, text, source) };

	gm_groups_query(&bed->t, &q);
}

/* Something happens, to both. */
static void step(struct bed *bed, struct model *m, struct rng *rng)
{
	static const int64_t waits[] = { 0, 500, 500, 1000, 1500, 30000, 125000, 300000 };
	letters set = rng_u64(rng) & rng_u64(rng) & ALL;
	enum gm_record_type type = 1 + rng_below(rng, 6);
	char text[NLETTERS + 1];
	unsigned host;

	switch (rng_below(rng, 16)) {
	case 0:
		host = 1 + rng_below(rng, 2);
		old(bed, GM_REPORT, host);
		model_report(m, host, MODE_IS_EXCLUDE, 0);
		break;
	case 1:
		old(bed, GM_LEAVE, 2);
		if (m->querier)
			model_report(m, 3, CHANGE_TO_INCLUDE_MODE, 0);
		break;
	case 2:
		heard(bed, spelled(set, text));
		model_heard(m, set);
		break;
	case 3:
		bed->t.querier = m->querier = rng_below(rng, 4);
		break;
	default:
		record(bed, 1, type, spelled(set, text));
		model_report(m, 3, type, set);
	}
	if (rng_below(rng, 3)) {
		int64_t to = m->now + waits[rng_below(rng, NELEMS(waits))];

		model_run(m, to);
		bed_run(bed, to);
	}
}

static void assert_same(const struct bed *bed, const struct model *m, unsigned long seed,
			unsigned n)
{
	char a[1024], b[1024];

	state(bed, a);
	model_state(m, b);
	if (strcmp(a, b) || strcmp(bed->said, m->bed->said))
		fail_msg("SEED=%lu, step %u: %s, not %s; said %s, not %s", seed, n, a, b, bed->said,
			 m->bed->said);
}

static void one_seed(unsigned long seed)
{
	struct bed bed, said;
	struct model m = { .lmqi = 1000, .query_at = INT64_MAX };
	struct gm_group_settings *set = &bed.t.settings;
	struct rng rng;

	rng_seed(&rng, seed);
	bed_init(&bed, seed & 1 ? V4 : V6);
	said = bed;
	set->robustness = 1 + rng_below(&rng, 3);
	set->last_member_count = rng_below(&rng, 4);
	set->last_member_interval = m.lmqi = TICK * (1 + rng_below(&rng, 3));
	m.lmqc = set->last_member_count ? set->last_member_count : set->robustness;
	m.gmi = set->robustness * SEC(125) + 2 * SEC(10);
	m.older = set->robustness * SEC(125) + SEC(10);
	m.querier = true;
	m.bed = &said;
	for (unsigned i = 0; i < 200; i++) {
		step(&bed, &m, &rng);
		bed_settle(&bed);
		model_run(&m, m.now);
		assert_same(&bed, &m, seed, i);
		bed.said[bed.len = 0] = said.said[said.len = 0] = '\0';
	}
	model_run(&m, m.now + SEC(1000));
	bed_run(&bed, m.now);
	assert_same(&bed, &m, seed, 200);
	assert_int_equal(bed.t.ngroups, 0);
	bed_free(&bed);
}

/* GM-39 to GM-63. */
static void as_the_model_does(void **arg)
{
	const char *one = getenv("SEED"), *many = getenv("SEEDS");
	unsigned long n = many ? strtoul(many, NULL, 0) : 300;

	(void)arg;
	if (one) {
		one_seed(strtoul(one, NULL, 0));
		return;
	}
	for (unsigned long seed = 1; seed <= n; seed++)
		one_seed(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_model_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
