/* module_sim.c - modules that a configuration opens: they come, go, and leave nothing behind
 *
 * What is opened is test/module/probe.so, as the daemon would. Others are the same under other
 * names.
 */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "igmpproxy/gm.h"
#include "sim/bed.h"
#include "static/static.h"

#define PROBE "probe from eth0 source 10.0.0.2 group 239.1.1.1 to eth1\n"
#define PROBE6 "probe from eth0 source fd00::2 group ff05::1 to eth1\n"

static const struct module *const built_in[] = { &static_module, &gm_module, NULL };

static const char ok[] = "{\"ok\":true}\n";

/* What can be opened. */
static struct module twin[10];
static const struct module *modules[2 + NELEMS(twin)];

static int open_modules(void **state)
{
	static char name[NELEMS(twin)][8];
	char path[PATH_MAX] = "", file[PATH_MAX + 32];
	void *opened;

	(void)state;
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	snprintf(file, sizeof(file), "%s/../module/probe.so", dirname(path));
	opened = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!opened)
		print_error("%s\n", dlerror());
	assert_non_null(opened);
	modules[0] = dlsym(opened, MODULE_SYMBOL);
	assert_non_null(modules[0]);
	for (unsigned i = 0; i < NELEMS(twin); i++) {
		snprintf(name[i], sizeof(name[i]), "twin%u", i);
		twin[i] = *modules[0];
		twin[i].name = name[i];
		modules[1 + i] = &twin[i];
	}
	return 0;
}

static struct bed *new_bed(const char *conf)
{
	struct bed *b = xcalloc(1, sizeof(*b));

	bed_begin(b, built_in, conf);
	b->k->modules = modules;
	router_start(b->r);
	bed_work(b);
	return b;
}

static void free_bed(struct bed *b)
{
	bed_end(b);
	free(b);
}

static bool reload(struct bed *b, const char *conf)
{
	sim_file(b->k, BED_CONF, conf);
	*b->said = '\0';
	return bed_reload(b);
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part))
		return;
	print_error("'%s' is not in: %s\n", part, text);
	fail();
}

static void assert_lacks(const char *text, const char *part)
{
	if (!strstr(text, part))
		return;
	print_error("'%s' is in: %s\n", part, text);
	fail();
}

/* What a session was told since the last time; it lives until the next one. */
static const char *told(struct session *s)
{
	static struct buf text;
	struct buf *out = session_output(s);

	buf_free(&text);
	buf_add(&text, buf_at(out), buf_len(out));
	buf_add(&text, "", 1);
	buf_take(out, buf_len(out));
	return buf_at(&text);
}

static void ask(struct session *s, const char *request)
{
	session_input(s, request, strlen(request));
	session_input(s, "\n", 1);
}

/* Nothing in the kernel, and nothing to be waited for: what the probe had is given back. */
static void assert_nothing(struct bed *b)
{
	unsigned long lookups = b->k->lookups;
	struct prefix to = { .ip = bed_ip("10.0.0.0"), .len = 8 };
	struct sim_route route = { .to = to, .nhops = 1, .hop = { { .ifindex = 3 } } };

	for (enum af af = V4; af <= V6; af++) {
		assert_int_equal(sim_nentries(b->k, af), 0);
		for (unsigned ifindex = 1; ifindex <= 4; ifindex++) {
			assert_int_equal(sim_vif_of(b->k, af, ifindex), NOVIF);
			assert_false(sim_listens(b->k, af, ifindex, LISTEN_PIM));
			assert_false(sim_listens(b->k, af, ifindex, LISTEN_MEMBERS));
		}
	}
	assert_null(sim_member(b->k, 1, bed_ip("239.1.1.1")));
	assert_null(sim_member(b->k, 1, bed_ip("ff05::1")));
	assert_null(sim_route_set(b->k, &route));
	bed_work(b);
	assert_int_equal(b->k->lookups, lookups);
	assert_int_equal(clock_next(&b->clock), CLOCK_NEVER);
	assert_lacks(bed_ask(b, "show interfaces"), "\"slot\":0");
	sim_route_del(b->k, to, 0);
}

static void a_module_does_what_its_lines_say(void **state)
{
	struct bed *b = new_bed("module probe\n"
				"phyint eth0 probe-level 7\n" PROBE PROBE6 "probe-rows 2\n");

	(void)state;
	assert_string_equal(b->said, "");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_string_equal(bed_send(b, 1, "fd00::2", "ff05::1"), "2");
	assert_non_null(sim_member(b->k, 1, bed_ip("239.1.1.1")));
	assert_true(sim_listens(b->k, V4, 1, LISTEN_PIM));
	assert_true(sim_listens(b->k, V4, 2, LISTEN_MEMBERS)); /* gm's, since it is followed */
	assert_has(bed_ask(b, "show wishes"), "\"route\":\"(10.0.0.2,239.1.1.1)\",\"iif\":\"eth0\","
					      "\"level\":7,\"packets\":1");
	assert_has(bed_ask(b, "show routes"), "\"owner\":\"probe\"");
	assert_has(bed_ask(b, "show log"), "\"area\":\"probe\"");
	assert_has(bed_ask(b, "show events"), "\"kind\":\"probed\"");
	assert_has(bed_ask(b, "help"), "\"words\":\"show wishes\"");
	assert_string_equal(bed_ask(b, "probe it"), ok);
	assert_has(bed_ask(b, "show config"), "{\"line\":\"module probe\"}\n"
					      "{\"line\":\"phyint eth0 probe-level 7\"}\n");
	assert_has(bed_ask(b, "show config"), "{\"line\":\"probe from eth0 source 10.0.0.2");
	assert_has(bed_ask(b, "show modules"),
		   "{\"name\":\"static\",\"state\":\"built-in\",\"version\":\"test\"}\n"
		   "{\"name\":\"gm\",\"state\":\"built-in\",\"version\":\"test\"}\n"
		   "{\"name\":\"probe\",\"state\":\"opened\",\"version\":\"" PACKAGE_STRING "\"}\n"
		   "{\"ok\":true}\n");
	free_bed(b);
}

static void what_cannot_be_opened_is_one_error(void **state)
{
	static const char six[] = "module twin0\nmodule twin1\nmodule twin2\nmodule twin3\n"
				  "module twin4\nmodule twin5\n";
	static const struct {
		const char *conf, *error;
	} wrong[] = {
		{ "module\n", "1:7: the name of a module is missing" },
		{ "\nmodule nosuch\n", "2:8: nosuch: No such file or directory" },
		{ "  module  a/b\n", "1:11: 'a/b' is no module: names are up to 15 letters" },
		{ "module ..\n", "1:8: '..' is no module" },
		{ "module probe.so\n", "1:8: 'probe.so' is no module" },
		{ "module sixteen-letters-\n", "1:8: 'sixteen-letters-' is no module" },
		{ "module probe\nmodule probe\n", "2:8: the module 'probe' is there already" },
		{ "module gm\n", "1:8: the module 'gm' is there already" },
		{ "module probe twin0\n", "1:14: 'twin0' is too much" },
		{ "probe-rows 1\nmodule probe\n", "1:1: unknown statement 'probe-rows'" },
		{ "phyint eth0 probe-level 1\nmodule probe\n", "1:13: unknown word 'probe-level'" },
		{ "module probe\nprobe-rows x\n", "2:12: probe-rows wants a number" },
		{ "module probe\nprobe-refuse\n", "1:1: probe-refuse says so" },
	};
	struct bed *b = new_bed("");
	char conf[200];

	(void)state;
	for (unsigned i = 0; i < NELEMS(wrong); i++) {
		assert_false(reload(b, wrong[i].conf));
		assert_has(b->said, BED_CONF ":");
		assert_has(b->said, wrong[i].error);
		assert_has(b->said, ": nothing was changed: 1 errors");
	}
	assert_true(reload(b, six));
	snprintf(conf, sizeof(conf), "%smodule probe\n", six);
	assert_false(reload(b, conf));
	assert_has(b->said, "7:8: 'probe' is one module too many, there can be 8");
	free_bed(b);
}

static void a_reload_opens_it_and_another_ends_it(void **state)
{
	struct bed *b = new_bed("");

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		assert_nothing(b);
		assert_has(bed_ask(b, "show wishes"), "unknown command");
		assert_has(bed_ask(b, "monitor probed"), "there is no event");
		assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "");
		assert_string_equal(bed_ask(b, "clear"), ok);
		assert_true(reload(b, i % 2 ? "module probe\n" PROBE PROBE6
					    : "module twin1\nmodule probe\nmodule twin2\n" PROBE));
		assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
		bed_advance(b, SEC(15));
		assert_true(reload(b, "phyint eth0 enable\n"));
	}
	assert_nothing(b);
	assert_lacks(bed_ask(b, "show modules"), "probe");
	assert_lacks(bed_ask(b, "show config"), "module");
	free_bed(b);
}

static void a_reload_that_is_refused_changes_nothing(void **state)
{
	struct bed *b = new_bed("");
	struct session *s = session_open(b->r, true);

	(void)state;
	/* it does not come */
	assert_false(reload(b, "module probe\n" PROBE "frob\n"));
	assert_nothing(b);
	assert_has(bed_ask(b, "show wishes"), "unknown command");
	sim_file(b->k, "/x", "module probe\n" PROBE "phyint eth0 probe-level 1\n");
	assert_string_equal(bed_ask(b, "check /x"), ok);
	assert_nothing(b);
	assert_lacks(bed_ask(b, "show modules"), "probe");
	/* it does not go */
	assert_true(reload(b, "module probe\n" PROBE));
	ask(s, "monitor probe");
	told(s);
	assert_false(reload(b, "frob\n"));
	assert_false(reload(b, PROBE));
	sim_file(b->k, "/x", "");
	assert_string_equal(bed_ask(b, "check /x"), ok);
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_has(bed_ask(b, "show modules"), "probe");
	assert_string_equal(told(s), "");
	assert_true(reload(b, ""));
	assert_has(told(s), "\"event\":\"probe-ends\"");
	session_close(s);
	free_bed(b);
}

/* At a start the good lines are used. */
static void at_a_start_without_it_the_rest_is_in_force(void **state)
{
	struct bed *b = new_bed("module nosuch\n"
				"mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1\n");

	(void)state;
	assert_has(b->said, ":1:8: nosuch: No such file or directory\n");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_has(bed_ask(b, "show errors"), "nosuch");
	free_bed(b);
}

static void rows(struct bed *b, struct session *s)
{
	ask(s, "show wishes");
	bed_work(b);
	assert_in_range(buf_len(session_output(s)), 60000, 70000);
}

/* The rest, when the first has been read. */
static const char *rest(struct bed *b, struct session *s)
{
	assert_lacks(told(s), "ok");
	bed_work(b);
	return told(s);
}

/* A client that does not read has its table half way when what gives it goes. */
static void a_table_ends_with_the_module_that_gives_it(void **state)
{
	struct bed *b = new_bed("module probe\nprobe-rows 20000\n");
	struct session *s = session_open(b->r, true);
	struct command later[] = {
		modules[0]->commands[2], modules[0]->commands[2], modules[0]->commands[0], { 0 }
	};
	const char *text;

	(void)state;
	rows(b, s);
	assert_true(reload(b, ""));
	assert_string_equal(rest(b, s), ok);
	/* another one, be it in the same place, begins its own */
	assert_true(reload(b, "module probe\nprobe-rows 20000\n"));
	rows(b, s);
	assert_true(reload(b, ""));
	twin[0].commands = modules[0]->commands + 2; /* without that table */
	assert_true(reload(b, "module twin0\nprobe-rows 1\n"));
	assert_string_equal(rest(b, s), ok);
	twin[0].commands = modules[0]->commands;
	/* whatever stood there in the table of the other */
	twin[1].commands = later;
	assert_true(reload(b, ""));
	assert_true(reload(b, "module twin1\nprobe-rows 20000\n"));
	rows(b, s);
	assert_true(reload(b, ""));
	assert_true(reload(b, "module probe\nprobe-rows 5\n"));
	assert_has(rest(b, s), "{\"row\":0}\n{\"row\":1}\n{\"row\":2}\n{\"row\":3}\n"
			       "{\"row\":4}\n{\"ok\":true}\n");
	twin[1].commands = modules[0]->commands;
	/* the same one goes on where it was */
	assert_true(reload(b, "module probe\nprobe-rows 20000\n"));
	rows(b, s);
	assert_true(reload(b, "module twin0\nprobe-rows 1\n"));
	assert_true(reload(b, "module probe\nprobe-rows 20000\n"));
	text = rest(b, s);
	assert_has(text, "{\"row\":");
	assert_lacks(text, "{\"row\":0}");
	while (!strstr(text, ok)) {
		bed_work(b);
		text = told(s);
	}
	session_close(s);
	free_bed(b);
}

/* Whoever follows events by name goes on to hear of these, and of no others. */
static void events_keep_their_meaning(void **state)
{
	struct bed *b = new_bed("");
	struct session *vif = session_open(b->r, true), *probed = session_open(b->r, true);

	(void)state;
	ask(vif, "monitor vif vif");
	assert_true(reload(b, "module probe\n" PROBE));
	assert_has(told(vif), "\"event\":\"vif\"");
	ask(probed, "monitor probed");
	told(probed);
	assert_string_equal(bed_ask(b, "probe one"), ok);
	assert_has(told(probed), "\"word\":\"one\"");
	assert_string_equal(told(vif), "");
	assert_true(reload(b, ""));
	assert_has(told(vif), "\"event\":\"vif\"");
	assert_string_equal(told(probed), "");
	assert_true(reload(b, "module twin3\n" PROBE));
	assert_string_equal(bed_ask(b, "probe two"), ok);
	assert_has(told(probed), "\"word\":\"two\"");
	session_close(vif);
	session_close(probed);
	free_bed(b);
}

/* One in the place of another that wants the same: the kernel is told nothing of it. */
static void one_takes_over_from_another(void **state)
{
	struct bed *b = new_bed("module probe\n" PROBE PROBE6);

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	b->k->writes = 0;
	assert_true(reload(b, "module twin0\n" PROBE PROBE6));
	assert_int_equal(b->k->writes, 0);
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_non_null(sim_member(b->k, 1, bed_ip("239.1.1.1")));
	assert_has(bed_ask(b, "show routes detail"), "\"wants\":[\"twin0\"]");
	/* those that stay do not notice */
	assert_true(reload(b, "module twin1\nmodule twin0\n"
			      "mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1\n"));
	assert_int_equal(b->k->writes, 1 + 2); /* that of IPv6, and its vifs */
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	free_bed(b);
}

/* All modules that there can be, in the place of as many: wishes of both are there for a while. */
static void all_are_exchanged_at_once(void **state)
{
	struct bed *b = new_bed("module twin0\nmodule twin1\nmodule twin2\nmodule twin3\n"
				"module twin4\nmodule probe\n" PROBE);

	(void)state;
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_true(reload(b, "module twin9\nmodule twin8\nmodule twin7\nmodule twin6\n"
			      "module twin5\nmodule probe\n" PROBE));
	assert_string_equal(b->said, "");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_has(bed_ask(b, "show modules"), "{\"name\":\"twin5\"");
	assert_lacks(bed_ask(b, "show modules"), "{\"name\":\"twin4\"");
	free_bed(b);
}

/* An engine that wants thousands of routes. */
static struct engine *greedy;

static void greedy_configure(struct engine *e, void *conf, bool keep)
{
	(void)conf;
	(void)keep;
	greedy = e->af == V4 ? e : greedy;
}

#define GREEDY 3000

static void greedy_wants(unsigned slot_in, unsigned slot_out)
{
	for (unsigned i = 0; i < GREEDY; i++) {
		struct route route = { .iif = slot_in, .rank = RANK_PIM };
		char source[32];

		snprintf(source, sizeof(source), "10.1.%u.%u", i / 200, 1 + i % 200);
		route.sg = bed_sg(source, "239.1.1.1");
		route.oifs = ifset_of(slot_out);
		greedy->host->op->route(greedy, &route);
	}
}

static void wishes_go_in_slices(void **state)
{
	const char *rule = "mroute from eth2 group 239.2.2.2 to eth3\n";
	struct bed *b;
	char conf[200];
	unsigned slices = 0, worst = 0;

	(void)state;
	twin[6].configure = greedy_configure;
	snprintf(conf, sizeof(conf), "module twin6\n%s", rule);
	b = new_bed(conf);
	greedy_wants(greedy->host->op->slot(greedy->host, "eth0"),
		     greedy->host->op->slot(greedy->host, "eth1"));
	bed_work(b);
	assert_int_equal(sim_nentries(b->k, V4), GREEDY);
	sim_file(b->k, BED_CONF, rule);
	router_reload(b->r);
	while (sim_nentries(b->k, V4) > slices) {
		unsigned before = sim_nentries(b->k, V4), now;
		struct sim_packet packet = { .af = V4, .ttl = 8, .len = 100 };
		char source[32];

		assert_true(router_work(b->r));
		now = sim_nentries(b->k, V4);
		worst = before - now < worst ? worst : before - now;
		snprintf(source, sizeof(source), "10.2.0.%u", ++slices);
		packet.sg = bed_sg(source, "239.2.2.2");
		sim_packet(b->k, 3, &packet);
		assert_int_equal(b->out[4], slices);
	}
	assert_in_range(worst, 1, 256);
	bed_work(b);
	assert_int_equal(sim_vif_of(b->k, V4, 1), NOVIF);
	twin[6].configure = modules[0]->configure;
	free_bed(b);
}

static void a_restart_opens_it_again(void **state)
{
	const char *rule = "mroute from eth2 group 239.2.2.2 to eth3\n";
	struct bed *b = new_bed("module twin5\nmodule probe\n");
	char conf[300];

	(void)state;
	snprintf(conf, sizeof(conf), "module probe\n%s" PROBE, rule);
	assert_true(reload(b, conf));
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_string_equal(bed_send(b, 3, "10.2.0.2", "239.2.2.2"), "4");
	sim_file(b->k, BED_CONF,
		 "module probe\n" PROBE "mroute from eth2 group 239.3.3.3 to eth3\n");
	bed_restart(b, built_in);
	bed_work(b);
	assert_string_equal(b->said, "");
	assert_int_equal(b->k->writes, 0);
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2");
	assert_has(bed_ask(b, "show routes"), "\"owner\":\"probe\"");
	/* it may learn that it wants more of what was inherited, */
	bed_advance(b, SEC(10));
	assert_string_equal(bed_send(b, 3, "10.2.0.2", "239.2.2.2"), "4");
	/* but when it goes, what it had is not kept, nor is what nobody else can want */
	assert_true(reload(b, "mroute from eth2 group 239.3.3.3 to eth3\n"));
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "");
	assert_string_equal(bed_send(b, 3, "10.2.0.2", "239.2.2.2"), "4");
	bed_advance(b, SEC(2));
	assert_string_equal(bed_send(b, 3, "10.2.0.2", "239.2.2.2"), "");
	free_bed(b);
}

/* What it does not know yet of a source that runs, it is told. */
static void one_that_comes_late_hears_of_sources(void **state)
{
	struct bed *b = new_bed("");

	(void)state;
	assert_true(reload(b, "mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth2\n"));
	bed_send(b, 1, "10.0.0.2", "239.1.1.1");
	assert_true(reload(b, "mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth2\n"
			      "module probe\n" PROBE));
	assert_has(bed_ask(b, "show wishes"), "\"upcalls\":1");
	assert_string_equal(bed_send(b, 1, "10.0.0.2", "239.1.1.1"), "2 3");
	free_bed(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_does_what_its_lines_say),
		cmocka_unit_test(what_cannot_be_opened_is_one_error),
		cmocka_unit_test(a_reload_opens_it_and_another_ends_it),
		cmocka_unit_test(a_reload_that_is_refused_changes_nothing),
		cmocka_unit_test(at_a_start_without_it_the_rest_is_in_force),
		cmocka_unit_test(a_table_ends_with_the_module_that_gives_it),
		cmocka_unit_test(events_keep_their_meaning),
		cmocka_unit_test(one_takes_over_from_another),
		cmocka_unit_test(all_are_exchanged_at_once),
		cmocka_unit_test(wishes_go_in_slices),
		cmocka_unit_test(a_restart_opens_it_again),
		cmocka_unit_test(one_that_comes_late_hears_of_sources),
	};

	return cmocka_run_group_tests(tests, open_modules, NULL);
}
