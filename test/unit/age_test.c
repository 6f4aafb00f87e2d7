/* age_test.c - many deadlines under one timer: order, slices, changed periods */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/age.h"
#include "lib/rng.h"

#define MAXMEMBERS 1000

struct bed;

struct member {
	struct age age;
	int64_t expired; /* when, -1: not yet */
};

struct bed {
	struct clock clock;
	struct age_queue q;
	struct member m[MAXMEMBERS];
	unsigned nexpired;
	struct member *order[MAXMEMBERS]; /* in which they expired, the first of them */
	void (*then)(struct bed *, struct member *);
};

static void expire(struct age_queue *q, struct age *a)
{
	struct bed *bed = container_of(q, struct bed, q);
	struct member *m = container_of(a, struct member, age);

	assert_int_equal(a->due, 0);
	m->expired = bed->clock.now;
	if (bed->nexpired < MAXMEMBERS)
		bed->order[bed->nexpired] = m;
	bed->nexpired++;
	if (bed->then)
		bed->then(bed, m);
}

/* Time starts at 0, where a deadline could be taken for none. */
static int setup(void **state)
{
	struct bed *bed = xcalloc(1, sizeof(*bed));

	clock_init(&bed->clock, 0);
	age_init(&bed->q, &bed->clock, 1000, expire);
	for (int i = 0; i < MAXMEMBERS; i++)
		bed->m[i].expired = -1;
	*state = bed;
	return 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;

	age_end(&bed->q);
	assert_true(clock_next(&bed->clock) == CLOCK_NEVER);
	clock_free(&bed->clock);
	free(bed);
	return 0;
}

static void add(struct bed *bed, int i)
{
	age_add(&bed->q, &bed->m[i].age);
}

static void advance(struct bed *bed, int64_t now)
{
	clock_advance(&bed->clock, now);
}

static void empty_queue_has_no_timer(void **state)
{
	struct bed *bed = *state;

	assert_true(clock_next(&bed->clock) == CLOCK_NEVER);
}

static void expires_after_the_period(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	advance(bed, 999);
	assert_int_equal(bed->nexpired, 0);
	advance(bed, 1000);
	assert_int_equal(bed->m[0].expired, 1000);
	advance(bed, 9000);
	assert_int_equal(bed->nexpired, 1);
	assert_true(clock_next(&bed->clock) == CLOCK_NEVER);
}

static void each_expires_at_its_own_time(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < 10; i++) {
		add(bed, i);
		advance(bed, 50 * (i + 1));
	}
	advance(bed, 5000);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(bed->m[i].expired, 1000 + 50 * i);
		assert_ptr_equal(bed->order[i], &bed->m[i]);
	}
}

static void ties_expire_in_order_of_their_start(void **state)
{
	static const int order[] = { 3, 0, 2, 1 };
	struct bed *bed = *state;

	for (int i = 0; i < 4; i++)
		add(bed, order[i]);
	advance(bed, 1000);
	for (int i = 0; i < 4; i++)
		assert_ptr_equal(bed->order[i], &bed->m[order[i]]);
}

static void adding_again_starts_the_wait_anew(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	add(bed, 1);
	advance(bed, 600);
	add(bed, 0);
	advance(bed, 1599);
	assert_int_equal(bed->m[1].expired, 1000);
	assert_int_equal(bed->m[0].expired, -1);
	advance(bed, 1600);
	assert_int_equal(bed->m[0].expired, 1600);
	assert_int_equal(bed->nexpired, 2);
}

static void sole_member_can_be_added_again(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	advance(bed, 600);
	add(bed, 0);
	assert_int_equal(clock_next(&bed->clock), 1600);
	advance(bed, 1600);
	assert_int_equal(bed->nexpired, 1);
}

static void removed_does_not_expire(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < 3; i++)
		add(bed, i);
	age_remove(&bed->q, &bed->m[1].age);
	assert_int_equal(bed->m[1].age.due, 0);
	advance(bed, 2000);
	assert_int_equal(bed->m[1].expired, -1);
	assert_int_equal(bed->nexpired, 2);
}

static void removing_the_last_stops_the_timer(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	age_remove(&bed->q, &bed->m[0].age);
	assert_true(clock_next(&bed->clock) == CLOCK_NEVER);
}

static void removing_the_first_moves_the_timer_to_the_next(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	advance(bed, 300);
	add(bed, 1);
	assert_int_equal(clock_next(&bed->clock), 1000);
	age_remove(&bed->q, &bed->m[0].age);
	assert_int_equal(clock_next(&bed->clock), 1300);
}

static void removing_what_is_not_in_is_harmless(void **state)
{
	struct bed *bed = *state;

	age_remove(&bed->q, &bed->m[0].age);
	add(bed, 1);
	age_remove(&bed->q, &bed->m[0].age);
	age_remove(&bed->q, &bed->m[1].age);
	age_remove(&bed->q, &bed->m[1].age);
	advance(bed, 2000);
	assert_int_equal(bed->nexpired, 0);
}

static void expired_can_be_removed_and_added_again(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	advance(bed, 1000);
	age_remove(&bed->q, &bed->m[0].age);
	add(bed, 0);
	advance(bed, 2000);
	assert_int_equal(bed->m[0].expired, 2000);
	assert_int_equal(bed->nexpired, 2);
}

static void end_forgets_the_members(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	age_end(&bed->q);
	advance(bed, 5000);
	assert_int_equal(bed->nexpired, 0);
	add(bed, 1);
	advance(bed, 9000);
	assert_int_equal(bed->nexpired, 1);
	assert_int_equal(bed->m[0].expired, -1);
}

/* Callbacks */

static void add_again(struct bed *bed, struct member *m)
{
	if (bed->nexpired < 5)
		age_add(&bed->q, &m->age);
}

static void expire_may_add_the_member_again(void **state)
{
	struct bed *bed = *state;

	bed->then = add_again;
	add(bed, 0);
	advance(bed, 3500);
	assert_int_equal(bed->nexpired, 3);
	assert_int_equal(bed->m[0].expired, 3000);
	advance(bed, 9000);
	assert_int_equal(bed->nexpired, 5);
}

static void remove_others(struct bed *bed, struct member *m)
{
	(void)m;
	age_remove(&bed->q, &bed->m[1].age);
	age_remove(&bed->q, &bed->m[3].age);
}

static void expire_may_remove_others_that_are_due(void **state)
{
	struct bed *bed = *state;

	bed->then = remove_others;
	for (int i = 0; i < 4; i++)
		add(bed, i);
	advance(bed, 1000);
	assert_int_equal(bed->nexpired, 2);
	assert_ptr_equal(bed->order[1], &bed->m[2]);
}

static void stand_still(struct bed *bed, struct member *m)
{
	(void)m;
	age_set_period(&bed->q, 0);
}

static void expire_may_end_all_expiring(void **state)
{
	struct bed *bed = *state;

	bed->then = stand_still;
	for (int i = 0; i < 4; i++)
		add(bed, i);
	advance(bed, 9000);
	assert_int_equal(bed->nexpired, 1);
}

struct heap_member {
	struct age age;
	unsigned *freed;
};

static void free_member(struct age_queue *q, struct age *a)
{
	struct heap_member *m = container_of(a, struct heap_member, age);

	(void)q;
	++*m->freed;
	free(m);
}

static void expire_may_free_the_member(void **state)
{
	struct bed *bed = *state;
	unsigned freed = 0;

	bed->q.expire = free_member;
	for (int i = 0; i < 5; i++) {
		struct heap_member *m = xcalloc(1, sizeof(*m));

		m->freed = &freed;
		age_add(&bed->q, &m->age);
	}
	advance(bed, 1000);
	assert_int_equal(freed, 5);
}

/* Slices */

static void many_expire_in_slices(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < MAXMEMBERS; i++)
		add(bed, i);
	advance(bed, 1000);
	assert_in_range(bed->nexpired, 1, MAXMEMBERS / 2);
	assert_int_equal(clock_next(&bed->clock), 1001);
	advance(bed, 1010);
	assert_int_equal(bed->nexpired, MAXMEMBERS);
	for (int i = 0; i < MAXMEMBERS; i++)
		assert_ptr_equal(bed->order[i], &bed->m[i]);
}

/* Periods */

static void longer_period_is_for_those_to_come(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	advance(bed, 100);
	age_set_period(&bed->q, 5000);
	add(bed, 1);
	advance(bed, 9000);
	assert_int_equal(bed->m[0].expired, 1000);
	assert_int_equal(bed->m[1].expired, 5100);
}

static void shorter_period_is_for_all(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	advance(bed, 500);
	add(bed, 1);
	advance(bed, 850);
	add(bed, 2);
	advance(bed, 900);
	age_set_period(&bed->q, 200);
	add(bed, 3);
	advance(bed, 9000);
	assert_int_equal(bed->m[0].expired, 1000); /* was nearer than that */
	assert_int_equal(bed->m[1].expired, 1100);
	assert_int_equal(bed->m[2].expired, 1100);
	assert_int_equal(bed->m[3].expired, 1100);
}

static void period_0_expires_nothing(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	age_set_period(&bed->q, 0);
	add(bed, 1);
	assert_true(clock_next(&bed->clock) == CLOCK_NEVER);
	advance(bed, 1000000);
	assert_int_equal(bed->nexpired, 0);
}

static void members_stay_members_under_period_0(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	age_set_period(&bed->q, 0);
	add(bed, 1);
	add(bed, 0);
	add(bed, 1);
	age_remove(&bed->q, &bed->m[0].age);
	age_set_period(&bed->q, 1000);
	advance(bed, 9000);
	assert_int_equal(bed->nexpired, 1);
	assert_int_equal(bed->m[1].expired, 1000);
}

static void wait_starts_anew_when_period_0_ends(void **state)
{
	struct bed *bed = *state;

	add(bed, 0);
	advance(bed, 500);
	age_set_period(&bed->q, 0);
	add(bed, 1);
	advance(bed, 20000);
	age_set_period(&bed->q, 300);
	assert_int_equal(bed->nexpired, 0);
	add(bed, 2);
	advance(bed, 20299);
	assert_int_equal(bed->nexpired, 0);
	advance(bed, 20300);
	assert_int_equal(bed->nexpired, 3);
}

static void queue_may_begin_with_period_0(void **state)
{
	struct bed *bed = *state;

	age_end(&bed->q);
	age_init(&bed->q, &bed->clock, 0, expire);
	add(bed, 0);
	advance(bed, 5000);
	assert_int_equal(bed->nexpired, 0);
	age_set_period(&bed->q, 1);
	advance(bed, 5001);
	assert_int_equal(bed->m[0].expired, 5001);
}

/* Random adds, removes and periods against a deadline a member. */
static void random_operations_against_a_plain_model(void **state)
{
	struct bed *bed = *state;
	int64_t due[100], period = 1000;
	struct rng rng = { 1 };
	unsigned total = 0;

	for (int i = 0; i < 100; i++)
		due[i] = -1;
	for (int round = 0; round < 20000; round++) {
		int i = rng_below(&rng, 100);
		int64_t now = bed->clock.now;

		switch (rng_below(&rng, 100)) {
		case 0:
			period = 1 + rng_below(&rng, 3000);
			age_set_period(&bed->q, period);
			for (int k = 0; k < 100; k++)
				due[k] = due[k] > now + period ? now + period : due[k];
			break;
		case 1 ... 40:
			age_remove(&bed->q, &bed->m[i].age);
			due[i] = -1;
			break;
		default:
			add(bed, i);
			due[i] = now + period;
			break;
		}
		if (rng_below(&rng, 4))
			continue;
		advance(bed, now + rng_below(&rng, 100));
		for (int k = 0; k < 100; k++) {
			bool expired = due[k] >= 0 && due[k] <= bed->clock.now;

			if (expired)
				assert_int_equal(bed->m[k].expired, due[k]);
			due[k] = expired ? -1 : due[k];
			assert_int_equal(bed->m[k].age.due, due[k] < 0 ? 0 : due[k]);
			total += expired;
		}
		assert_int_equal(bed->nexpired, total);
	}
	assert_true(total > 1000);
}

#define fact(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fact(empty_queue_has_no_timer),
		fact(expires_after_the_period),
		fact(each_expires_at_its_own_time),
		fact(ties_expire_in_order_of_their_start),
		fact(adding_again_starts_the_wait_anew),
		fact(sole_member_can_be_added_again),
		fact(removed_does_not_expire),
		fact(removing_the_last_stops_the_timer),
		fact(removing_the_first_moves_the_timer_to_the_next),
		fact(removing_what_is_not_in_is_harmless),
		fact(expired_can_be_removed_and_added_again),
		fact(end_forgets_the_members),
		fact(expire_may_add_the_member_again),
		fact(expire_may_remove_others_that_are_due),
		fact(expire_may_end_all_expiring),
		fact(expire_may_free_the_member),
		fact(many_expire_in_slices),
		fact(longer_period_is_for_those_to_come),
		fact(shorter_period_is_for_all),
		fact(period_0_expires_nothing),
		fact(members_stay_members_under_period_0),
		fact(wait_starts_anew_when_period_0_ends),
		fact(queue_may_begin_with_period_0),
		fact(random_operations_against_a_plain_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
