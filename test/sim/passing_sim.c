/* passing_sim.c - wishes that go with their packets, and engines that are as if they were not there
 *
 * Two made-up engines note what they hear and wish what the tests say. "keeper" is always there,
 * "guest" has nothing to route as long as its configuration says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/bed.h"

#define SRC "10.0.0.1"
#define GRP "239.1.1.1"

struct probe {
	struct engine engine; /* first */
	char heard[512];      /* upcalls, a line each */
	bool configured;
};

struct pair {
	struct bed bed;
	struct probe *keeper, *guest; /* of IPv4 */
	bool idle;		      /* the guest, by its configuration */
	int eth0, eth1, eth2;
};

static struct pair *making;

static struct probe *probe_of(struct engine *e)
{
	return container_of(e, struct probe, engine);
}

static struct engine *probe_create(void)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	return &p->engine;
}

static void probe_destroy(struct engine *e)
{
	free(probe_of(e));
}

static void keeper_start(struct engine *e)
{
	making->eth0 = e->host->op->slot(e->host, "eth0");
	making->eth1 = e->host->op->slot(e->host, "eth1");
	making->eth2 = e->host->op->slot(e->host, "eth2");
	if (e->af == V4)
		making->keeper = probe_of(e);
}

static void guest_start(struct engine *e)
{
	if (e->af == V4)
		making->guest = probe_of(e);
}

static void *conf_new(void)
{
	return xcalloc(1, 1);
}

static void probe_configure(struct engine *e, void *conf, bool keep)
{
	(void)conf;
	(void)keep;
	probe_of(e)->configured = true;
}

static void probe_upcall(struct engine *e, const struct upcall *u)
{
	static const char *const kind[] = { "no route", "wrong interface", "recalled" };
	struct probe *p = probe_of(e);
	size_t len = strlen(p->heard);

	snprintf(p->heard + len, sizeof(p->heard) - len, "%s on %s\n", kind[u->kind],
		 e->host->op->ifname(e->host, u->arrival));
}

static bool guest_is_idle(struct engine *e)
{
	return making->idle || !probe_of(e)->configured;
}

static struct ifset all_slots(struct engine *e)
{
	(void)e;
	return (struct ifset){ 7 };
}

static const struct module keeper = {
	.name = "keeper",
	.conf_new = conf_new,
	.conf_free = free,
	.create = probe_create,
	.start = keeper_start,
	.destroy = probe_destroy,
	.configure = probe_configure,
	.upcall = probe_upcall,
	.slots = all_slots,
};

static const struct module guest = {
	.name = "guest",
	.conf_new = conf_new,
	.conf_free = free,
	.create = probe_create,
	.start = guest_start,
	.destroy = probe_destroy,
	.configure = probe_configure,
	.upcall = probe_upcall,
	.is_idle = guest_is_idle,
};

static const struct module *const modules[] = { &keeper, &guest, NULL };

static struct pair *pair_new(bool idle, bool forever)
{
	struct pair *b = xcalloc(1, sizeof(*b));

	making = b;
	b->idle = idle;
	b->bed.forever = forever;
	bed_begin(&b->bed, modules, "");
	router_start(b->bed.r);
	return b;
}

static void pair_free(struct pair *b)
{
	bed_end(&b->bed);
	free(b);
}

static const char *heard(struct probe *p)
{
	static char text[sizeof(p->heard)];

	memcpy(text, p->heard, sizeof(text));
	*p->heard = '\0';
	return text;
}

static void want(struct pair *b, struct probe *p, int iif, int oif, enum rank rank, bool passing)
{
	struct route route = {
		.sg = bed_sg(SRC, GRP),
		.iif = iif,
		.oifs = ifset_of(oif),
		.rank = rank,
		.passing = passing,
	};

	p->engine.host->op->route(&p->engine, &route);
	bed_work(&b->bed);
}

static void pass(struct pair *b, struct probe *p, int iif, int oif)
{
	want(b, p, iif, oif, RANK_PROXY, true);
}

static void listen(struct pair *b, struct probe *p, int slot)
{
	p->engine.host->op->listen(&p->engine, slot, LISTEN_DATA, true);
	bed_work(&b->bed);
}

static bool is_routed(struct probe *p)
{
	struct route route;

	return p->engine.host->op->routed(&p->engine, bed_sg(SRC, GRP), &route);
}

static bool is_in_kernel(struct pair *b)
{
	struct sim_entry entry;

	return sim_entry(b->bed.k, V4, bed_sg(SRC, GRP), &entry);
}

/* One packet from the device each 20 seconds for so many minutes. */
static void run(struct pair *b, unsigned ifindex, unsigned minutes)
{
	for (unsigned i = 0; i < 3 * minutes; i++) {
		bed_send(&b->bed, ifindex, SRC, GRP);
		bed_advance(&b->bed, SEC(20));
	}
}

static void it_stays_with_its_packets_and_goes_without(void **state)
{
	struct pair *b = pair_new(false, false);
	struct session *monitor = session_open(b->bed.r, false);

	(void)state;
	listen(b, b->guest, b->eth0);
	session_input(monitor, "monitor expired\n", 16);
	pass(b, b->guest, b->eth0, b->eth1);
	b->bed.k->writes = 0;
	run(b, 1, 10);
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "2");
	assert_int_equal(b->bed.k->writes, 0);
	assert_string_equal(heard(b->guest), "");
	bed_advance(&b->bed, SEC(59));
	assert_true(is_routed(b->guest));
	bed_advance(&b->bed, SEC(61));
	assert_false(is_routed(b->guest));
	assert_int_equal(sim_nentries(b->bed.k, V4), 0);
	assert_int_equal(sim_vif_of(b->bed.k, V4, 2), NOVIF);
	assert_non_null(memmem(buf_at(session_output(monitor)), buf_len(session_output(monitor)),
			       "\"event\":\"expired\"", 17));
	session_close(monitor);

	/* and the next one is told */
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "");
	assert_string_equal(heard(b->guest), "no route on eth0\n");
	pass(b, b->guest, b->eth0, b->eth1);
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "2");
	pair_free(b);
}

static void a_wish_that_gets_no_packet_at_all_goes_in_time(void **state)
{
	struct pair *b = pair_new(false, false);

	(void)state;
	pass(b, b->guest, b->eth0, b->eth1);
	bed_advance(&b->bed, SEC(59));
	assert_true(is_routed(b->guest));
	bed_advance(&b->bed, SEC(1));
	assert_false(is_routed(b->guest));
	pair_free(b);
}

static void said_again_it_is_neither_written_nor_younger(void **state)
{
	struct pair *b = pair_new(false, false);

	(void)state;
	pass(b, b->guest, b->eth0, b->eth1);
	b->bed.k->writes = 0;
	for (unsigned i = 0; i < 5; i++) {
		bed_advance(&b->bed, SEC(10));
		pass(b, b->guest, b->eth0, b->eth1);
	}
	assert_int_equal(b->bed.k->writes, 0);
	bed_advance(&b->bed, SEC(5));
	pass(b, b->guest, b->eth0, b->eth2); /* to others: the stream is no younger */
	assert_true(sim_forwards(b->bed.k, bed_sg(SRC, GRP), 1, 3));
	bed_advance(&b->bed, SEC(5));
	assert_false(is_routed(b->guest));

	/* from elsewhere it is another stream */
	pass(b, b->guest, b->eth0, b->eth1);
	bed_advance(&b->bed, SEC(50));
	pass(b, b->guest, b->eth2, b->eth1);
	bed_advance(&b->bed, SEC(59));
	assert_true(is_routed(b->guest));
	pair_free(b);
}

static void what_was_before_it_does_not_count(void **state)
{
	struct pair *b = pair_new(false, false);

	(void)state;
	want(b, b->keeper, b->eth0, b->eth1, RANK_STATIC, false);
	bed_send(&b->bed, 1, SRC, GRP);
	pass(b, b->guest, b->eth0, b->eth1);
	bed_advance(&b->bed, SEC(59));
	assert_true(is_routed(b->guest));
	bed_advance(&b->bed, SEC(1));
	assert_false(is_routed(b->guest));
	pair_free(b);

	/* an unwanted source, until then */
	b = pair_new(false, false);
	listen(b, b->guest, b->eth0);
	bed_send(&b->bed, 1, SRC, GRP);
	bed_advance(&b->bed, SEC(50));
	pass(b, b->guest, b->eth0, b->eth1);
	bed_advance(&b->bed, SEC(59));
	assert_true(is_routed(b->guest));
	bed_advance(&b->bed, SEC(1));
	assert_false(is_routed(b->guest) || is_in_kernel(b));
	pair_free(b);
}

static void packets_on_other_interfaces_do_not_keep_it(void **state)
{
	struct pair *b = pair_new(false, false);

	(void)state;
	listen(b, b->guest, b->eth2);
	pass(b, b->guest, b->eth0, b->eth1);
	run(b, 3, 2);
	assert_false(is_routed(b->guest));
	pair_free(b);
}

static void upcalls_keep_one_whose_interface_does_not_hold(void **state)
{
	struct pair *b = pair_new(false, false);

	(void)state;
	want(b, b->keeper, b->eth2, b->eth1, RANK_STATIC, false);
	pass(b, b->guest, b->eth0, b->eth1);
	run(b, 1, 10);
	assert_true(is_routed(b->guest));

	/* those of the one that does, do not */
	run(b, 3, 2);
	assert_false(is_routed(b->guest));
	assert_true(is_routed(b->keeper));
	assert_string_equal(bed_send(&b->bed, 3, SRC, GRP), "2");
	pair_free(b);
}

static void beside_one_who_waits_it_is_looked_at_more_often(void **state)
{
	struct pair *b = pair_new(false, false);

	(void)state;
	listen(b, b->keeper, b->eth0);
	pass(b, b->guest, b->eth0, b->eth1);
	run(b, 1, 5);
	assert_true(is_routed(b->guest));
	assert_non_null(strstr(heard(b->keeper), "recalled on eth0\n"));
	bed_advance(&b->bed, SEC(49));
	assert_true(is_routed(b->guest));
	bed_advance(&b->bed, SEC(1));
	assert_false(is_routed(b->guest));
	pass(b, b->guest, b->eth0, b->eth1);
	bed_advance(&b->bed, SEC(59));
	assert_true(is_routed(b->guest));
	bed_advance(&b->bed, SEC(1));
	assert_false(is_routed(b->guest));
	pair_free(b);
}

static void the_other_wish_stays(void **state)
{
	struct pair *b = pair_new(false, false);

	(void)state;
	listen(b, b->guest, b->eth0);
	want(b, b->keeper, b->eth0, b->eth2, RANK_STATIC, false);
	pass(b, b->guest, b->eth0, b->eth1);
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "2 3");
	heard(b->guest);
	bed_advance(&b->bed, SEC(120));
	assert_false(is_routed(b->guest));
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "3");

	/* of which the kernel says nothing, so that it is looked at */
	bed_advance(&b->bed, SEC(10));
	assert_string_equal(heard(b->guest), "recalled on eth0\n");
	pair_free(b);
}

static void its_own_wish_can_be_asked_for(void **state)
{
	struct pair *b = pair_new(false, false);
	struct engine *e = &b->guest->engine;
	struct route route = { 0 };

	(void)state;
	want(b, b->keeper, b->eth2, b->eth1, RANK_STATIC, false);
	assert_false(e->host->op->routed(e, bed_sg(SRC, GRP), &route));
	assert_false(e->host->op->routed(e, bed_sg(SRC, "239.1.1.2"), &route));
	pass(b, b->guest, b->eth0, b->eth1);
	assert_true(e->host->op->routed(e, bed_sg(SRC, GRP), &route));
	assert_true(sg_eq(route.sg, bed_sg(SRC, GRP)) && route.iif == b->eth0);
	assert_true(ifset_eq(route.oifs, ifset_of(b->eth1)));
	assert_true(route.kind == ROUTE_WANT && route.rank == RANK_PROXY && route.passing);
	e->host->op->unroute(e, bed_sg(SRC, GRP), NOSLOT);
	assert_false(e->host->op->routed(e, bed_sg(SRC, GRP), &route));
	pair_free(b);
}

static void it_stays_where_nothing_is_ever_idle(void **state)
{
	struct pair *b = pair_new(false, true);

	(void)state;
	listen(b, b->keeper, b->eth0);
	pass(b, b->guest, b->eth0, b->eth1);
	bed_advance(&b->bed, SEC(100000));
	assert_true(is_routed(b->guest) && is_in_kernel(b));
	pair_free(b);
}

static void it_is_cleared_with_what_was_learned(void **state)
{
	struct pair *b = pair_new(false, false);

	(void)state;
	want(b, b->keeper, b->eth0, b->eth2, RANK_STATIC, false);
	pass(b, b->guest, b->eth0, b->eth1);
	bed_ask(&b->bed, "clear 239.1.1.2");
	assert_true(is_routed(b->guest));
	bed_ask(&b->bed, "clear " GRP);
	assert_false(is_routed(b->guest));
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "3");
	pair_free(b);
}

/* An entry of the former process, whose packets nobody wants by the configuration. */
static struct pair *with_heritage(bool idle)
{
	struct pair *b = pair_new(idle, false);

	want(b, b->keeper, b->eth0, b->eth1, RANK_STATIC, false);
	bed_restart(&b->bed, modules);
	return b;
}

static void an_idle_engine_is_no_heir(void **state)
{
	struct pair *b = with_heritage(true);

	(void)state;
	assert_true(is_in_kernel(b));
	bed_advance(&b->bed, SEC(1));
	assert_false(is_in_kernel(b));
	pair_free(b);
}

static void one_that_gets_work_is_waited_for(void **state)
{
	struct pair *b = with_heritage(false);

	(void)state;
	bed_advance(&b->bed, SEC(29));
	assert_true(is_in_kernel(b));

	/* no longer, when it has none any more */
	b->idle = true;
	assert_true(bed_reload(&b->bed));
	bed_advance(&b->bed, SEC(1));
	assert_false(is_in_kernel(b));
	pair_free(b);
}

static void beside_an_idle_one_inherited_interfaces_go_at_once(void **state)
{
	struct pair *b = with_heritage(true);

	(void)state;
	want(b, b->keeper, b->eth0, b->eth2, RANK_STATIC, false);
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "3");
	pair_free(b);

	b = with_heritage(false);
	want(b, b->keeper, b->eth0, b->eth2, RANK_STATIC, false);
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "2 3");
	pair_free(b);
}

/* As when a listener leaves that was there before the restart, and was heard since. */
static void what_an_heir_gives_up_is_not_inherited(void **state)
{
	struct pair *b = with_heritage(false);
	struct engine *e;

	(void)state;
	want(b, b->keeper, b->eth0, b->eth1, RANK_STATIC, false);
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "2");
	want(b, b->keeper, b->eth0, b->eth2, RANK_STATIC, false);
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "3");
	pair_free(b);

	b = with_heritage(false);
	want(b, b->keeper, b->eth0, b->eth1, RANK_STATIC, false);
	e = &b->keeper->engine;
	e->host->op->unroute(e, bed_sg(SRC, GRP), NOSLOT);
	bed_work(&b->bed);
	assert_string_equal(bed_send(&b->bed, 1, SRC, GRP), "");
	pair_free(b);
}

static void an_idle_engine_misses_nothing(void **state)
{
	struct pair *b = pair_new(true, false);

	(void)state;
	listen(b, b->guest, b->eth0);
	want(b, b->keeper, b->eth0, b->eth1, RANK_STATIC, false);
	run(b, 1, 1);
	assert_string_equal(heard(b->guest), "");

	b->idle = false;
	assert_true(bed_reload(&b->bed));
	bed_advance(&b->bed, SEC(10));
	assert_string_equal(heard(b->guest), "recalled on eth0\n");

	b->idle = true;
	assert_true(bed_reload(&b->bed));
	bed_advance(&b->bed, SEC(60));
	run(b, 1, 1);
	assert_string_equal(heard(b->guest), "");
	pair_free(b);
}

/* The kernel's own entry of a group stands where an idle engine listens. */
static void an_idle_engine_is_in_nobodys_way(void **state)
{
	struct pair *b = pair_new(true, false);
	struct engine *e = &b->keeper->engine;
	struct route route = { .sg = bed_sg("0.0.0.0", GRP), .iif = b->eth0 };

	(void)state;
	route.oifs = ifset_of(b->eth1);
	listen(b, b->guest, b->eth0);
	e->host->op->route(e, &route);
	bed_work(&b->bed);
	assert_int_equal(sim_nentries(b->bed.k, V4), 1);
	b->idle = false;
	assert_true(bed_reload(&b->bed));
	assert_int_equal(sim_nentries(b->bed.k, V4), 0);
	b->idle = true;
	assert_true(bed_reload(&b->bed));
	assert_int_equal(sim_nentries(b->bed.k, V4), 1);
	pair_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_stays_with_its_packets_and_goes_without),
		cmocka_unit_test(a_wish_that_gets_no_packet_at_all_goes_in_time),
		cmocka_unit_test(said_again_it_is_neither_written_nor_younger),
		cmocka_unit_test(what_was_before_it_does_not_count),
		cmocka_unit_test(packets_on_other_interfaces_do_not_keep_it),
		cmocka_unit_test(upcalls_keep_one_whose_interface_does_not_hold),
		cmocka_unit_test(beside_one_who_waits_it_is_looked_at_more_often),
		cmocka_unit_test(the_other_wish_stays),
		cmocka_unit_test(its_own_wish_can_be_asked_for),
		cmocka_unit_test(it_stays_where_nothing_is_ever_idle),
		cmocka_unit_test(it_is_cleared_with_what_was_learned),
		cmocka_unit_test(an_idle_engine_is_no_heir),
		cmocka_unit_test(one_that_gets_work_is_waited_for),
		cmocka_unit_test(beside_an_idle_one_inherited_interfaces_go_at_once),
		cmocka_unit_test(what_an_heir_gives_up_is_not_inherited),
		cmocka_unit_test(an_idle_engine_misses_nothing),
		cmocka_unit_test(an_idle_engine_is_in_nobodys_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
