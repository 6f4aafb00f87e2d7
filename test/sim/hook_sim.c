/* hook_sim.c - what a script is told of learned routes, and what it is not */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/bed.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, NULL };

static struct bed *bed_new(const char *conf)
{
	struct bed *b = xcalloc(1, sizeof(*b));

	b->hooks = true;
	bed_begin(b, modules, conf);
	router_start(b->r);
	return b;
}

static void bed_free(struct bed *b)
{
	bed_end(b);
	free(b);
}

/* What was told since the last time, just that. */
static void assert_told(struct bed *b, const char *lines)
{
	buf_add(&b->k->hooks, "", 1);
	assert_string_equal(buf_at(&b->k->hooks), lines);
	buf_take(&b->k->hooks, buf_len(&b->k->hooks));
}

static void a_learned_route_is_told_from_install_to_remove(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1 eth2\n"
				"mroute from eth0 group ff0e::1 to eth3\n");

	(void)state;
	assert_told(b, "");
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	assert_told(b, "install (10.0.0.1,239.1.1.1) from eth0 to eth1 eth2 by static\n");
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	assert_told(b, "");
	bed_send(b, 1, "fd00::1", "ff0e::1");
	assert_told(b, "install (fd00::1,ff0e::1) from eth0 to eth3 by static\n");
	bed_advance(b, SEC(61));
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	bed_advance(b, SEC(61));
	assert_told(b, "remove (fd00::1,ff0e::1) from eth0 to eth3 by \n");
	bed_ask(b, "remove eth0 239.1.1.1");
	assert_told(b, "remove (10.0.0.1,239.1.1.1) from eth0 to eth1 eth2 by \n");
	bed_free(b);
}

static void the_kernel_knows_before_the_script(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1\n");

	(void)state;
	sim_refuse(b->k, SIM_MFC_SET, "no", 1);
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	assert_told(b, "");
	bed_advance(b, SEC(11));
	assert_told(b, "install (10.0.0.1,239.1.1.1) from eth0 to eth1 by static\n");
	bed_free(b);
}

static void exact_routes_and_unwanted_sources_are_not_told(void **state)
{
	struct bed *b = bed_new("mroute from eth0 source 10.0.0.1 group 239.1.1.1 to eth1\n"
				"mroute from eth0 group 239.1.0.0/16 to eth2\n"
				"mroute from eth0 group 239.1.2.1\n");

	(void)state;
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	bed_send(b, 1, "10.0.0.1", "239.2.1.1"); /* nobody's */
	bed_send(b, 2, "10.0.0.1", "239.1.3.1"); /* from nowhere that is named */
	bed_ask(b, "add eth0 10.0.0.3 239.3.1.1 eth1");
	assert_told(b, "");

	/* it is one no longer when it is named whole, and one again */
	bed_send(b, 1, "10.0.0.2", "239.1.1.1");
	assert_told(b, "install (10.0.0.2,239.1.1.1) from eth0 to eth2 by static\n");
	bed_ask(b, "add eth0 10.0.0.2 239.1.1.1 eth1");
	assert_told(b, "remove (10.0.0.2,239.1.1.1) from eth0 to eth2 by static\n");
	bed_ask(b, "remove eth0 10.0.0.2 239.1.1.1");
	assert_told(b, "install (10.0.0.2,239.1.1.1) from eth0 to eth2 by static\n");
	bed_free(b);
}

/* The kernel forwards by itself; what it had queued before is no route of its own. */
static void streams_of_the_kernels_own_entries_are_not_told(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1\n");

	(void)state;
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	assert_told(b, "install (10.0.0.1,239.1.1.1) from eth0 to eth1 by static\n");
	b->k->hold = true;
	bed_send(b, 1, "10.0.0.2", "239.1.1.1");
	sim_file(b->k, BED_CONF, "mroute from eth0 group 239.1.1.1 kernel to eth1\n");
	bed_reload(b);
	b->k->hold = false;
	bed_work(b);
	bed_advance(b, SEC(1));
	assert_told(b, "remove (10.0.0.1,239.1.1.1) from eth0 to eth1 by static\n");
	assert_string_equal(bed_send(b, 1, "10.0.0.3", "239.1.1.1"), "2");
	assert_told(b, "");
	bed_free(b);
}

static void a_route_that_moves_is_installed_anew(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.0.0/16 to eth1\n"
				"mroute from eth2 group 239.1.0.0/16 to eth1 eth3\n");

	(void)state;
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	assert_told(b, "install (10.0.0.1,239.1.1.1) from eth0 to eth1 by static\n");
	for (unsigned i = 0; i < 3; i++) {
		bed_advance(b, SEC(4));
		bed_send(b, 3, "10.0.0.1", "239.1.1.1");
	}
	assert_told(b, "install (10.0.0.1,239.1.1.1) from eth2 to eth1 eth3 by static\n");
	bed_free(b);
}

static void other_outgoing_interfaces_are_a_change(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1 eth2\n");

	(void)state;
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	assert_told(b, "install (10.0.0.1,239.1.1.1) from eth0 to eth1 eth2 by static\n");
	bed_ask(b, "add eth0 239.1.0.0/16 eth3");
	assert_told(b, "change (10.0.0.1,239.1.1.1) from eth0 to eth1 eth2 eth3 by static\n");
	sim_link_gone(b->k, 3);
	bed_work(b);
	assert_told(b, "change (10.0.0.1,239.1.1.1) from eth0 to eth1 eth3 by static\n");
	sim_link_gone(b->k, 1);
	bed_work(b);
	assert_told(b, "remove (10.0.0.1,239.1.1.1) from eth0 to eth1 eth3 by static\n");
	bed_free(b);
}

static void without_a_script_nothing_is_told(void **state)
{
	struct bed *b = xcalloc(1, sizeof(*b));

	(void)state;
	bed_begin(b, modules, "mroute from eth0 group 239.1.1.1 to eth1\n");
	router_start(b->r);
	assert_string_equal(bed_send(b, 1, "10.0.0.1", "239.1.1.1"), "2");
	assert_told(b, "");
	bed_free(b);
}

static void a_restart_tells_only_what_is_new(void **state)
{
	struct bed *b = bed_new("mroute from eth0 group 239.1.1.1 to eth1\n"
				"mroute from eth0 source 10.0.0.9 group 239.1.9.1 to eth1\n");

	(void)state;
	bed_send(b, 1, "10.0.0.1", "239.1.1.1");
	bed_send(b, 1, "10.0.0.2", "239.1.1.1");
	bed_send(b, 1, "10.0.0.1", "239.2.2.2"); /* nobody's */
	buf_take(&b->k->hooks, buf_len(&b->k->hooks));
	bed_restart(b, modules);
	bed_advance(b, SEC(2));
	assert_told(b, "");

	/* what the old process told of and the new one drops */
	for (unsigned i = 0; i < 3; i++) {
		bed_send(b, 1, "10.0.0.1", "239.1.1.1");
		bed_advance(b, SEC(50));
	}
	assert_told(b, "remove (10.0.0.2,239.1.1.1) from eth0 to eth1 by \n");

	/* another outgoing interface, and none that is wanted */
	sim_file(b->k, BED_CONF,
		 "mroute from eth0 group 239.1.1.1 to eth2\n"
		 "mroute from eth0 source 10.0.0.9 group 239.1.9.1 to eth1\n");
	bed_restart(b, modules);
	assert_told(b, "change (10.0.0.1,239.1.1.1) from eth0 to eth2 by static\n");
	sim_file(b->k, BED_CONF, "mroute from eth0 source 10.0.0.9 group 239.1.9.1 to eth1\n");
	bed_restart(b, modules);
	bed_advance(b, SEC(2));
	assert_told(b, "remove (10.0.0.1,239.1.1.1) from eth0 to eth2 by \n");
	bed_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_learned_route_is_told_from_install_to_remove),
		cmocka_unit_test(the_kernel_knows_before_the_script),
		cmocka_unit_test(exact_routes_and_unwanted_sources_are_not_told),
		cmocka_unit_test(streams_of_the_kernels_own_entries_are_not_told),
		cmocka_unit_test(a_route_that_moves_is_installed_anew),
		cmocka_unit_test(other_outgoing_interfaces_are_a_change),
		cmocka_unit_test(without_a_script_nothing_is_told),
		cmocka_unit_test(a_restart_tells_only_what_is_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
