/* net_sim.c - scenarios of networks: what happens in each, and the log that it is to leave
 *
 * The log of a scenario that is kept is log/NAME.log; UPDATE=1 writes it anew. LOG=all prints the
 * whole of each log, PCAP=FOLDER writes a file for each link.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/net.h"

#define G "239.1.1.1"
#define G6 "ff0e::1"
#define SSM "232.1.1.1"

static struct net *net_begin(void)
{
	struct net_options options = { .seed = 1, .log = NET_LOG_CHANGES };

	options.pcap = getenv("PCAP");
	if (getenv("LOG"))
		options.log = NET_LOG_ALL;
	return net_new(&options);
}

static char *read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	struct buf text = { 0 };
	size_t len;

	while (file && (len = fread(buf_room(&text, 4096), 1, 4096, file)))
		buf_grow(&text, len);
	if (file)
		fclose(file);
	buf_add(&text, "", 1);
	return text.data;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		fail_msg("%s: cannot be written", name);
}

/* Complains with the first line that differs. */
static void compare(const char *name, const char *is, const char *expected)
{
	size_t same = 0;
	unsigned line = 1;

	for (size_t i = 0; is[i] && is[i] == expected[i]; i++) {
		if (is[i] == '\n') {
			same = i + 1;
			line++;
		}
	}
	if (strcmp(is, expected))
		fail_msg("%s:%u: expected is\n%.*s\nbut it was\n%.*s", name, line,
			 (int)strcspn(expected + same, "\n"), expected + same,
			 (int)strcspn(is + same, "\n"), is + same);
}

/* The log is to be the one that is kept under that name. */
static void check_log(struct net *n, const char *name)
{
	const char *srcdir = getenv("srcdir");
	char file[512], *expected;

	if (getenv("LOG"))
		return;
	snprintf(file, sizeof(file), "%s/test/sim/log/%s.log", srcdir ? srcdir : ".", name);
	if (getenv("UPDATE"))
		write_file(file, net_log_text(n));
	expected = read_file(file);
	compare(file, net_log_text(n), expected);
	free(expected);
}

/* All ends; nothing was wrong until now, and nothing is left. */
static void net_finish(struct net *n)
{
	net_end(n);
	if (getenv("LOG"))
		fputs(net_log_text(n), stderr);
	assert_string_equal(net_complaints(n), "");
	net_free(n);
}

/* One router after another, with a stream of each family through all of them. */
static void a_chain_of_static_routes(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_static(n);
	net_router(n, "r1", "a b",
		   "mroute from a group 239.1.0.0/16 to b\n"
		   "mroute from a group ff0e::/16 to b\n");
	net_router(n, "r2", "b c",
		   "mroute from b group 239.1.0.0/16 to c\n"
		   "mroute from b group ff0e::/16 to c\n");
	net_router(n, "r3", "c d",
		   "mroute from c group 239.1.0.0/16 to d\n"
		   "mroute from c group ff0e::/16 to d\n");
	net_host(n, "s", "a");
	net_host(n, "h", "d");
	net_join(n, "h", "*", G);
	net_join(n, "h", "*", G6);
	net_send(n, "s", G, 100);
	net_send(n, "s", G6, 100);
	net_check(n, SEC(3));
	net_kill(n, "r2", NET_CRASH_KEPT);
	net_run(n, SEC(1));
	net_start(n, "r2");
	net_check(n, SEC(3));
	net_send(n, "s", G, 0);
	net_send(n, "s", G6, 0);
	net_run(n, SEC(200));
	net_check_idle(n);
	check_log(n, "a_chain_of_static_routes");
	net_finish(n);
}

/* One sends to many, of whom some leave and come. */
static void a_tree_of_static_routes(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_static(n);
	net_router(n, "root", "top x y", "mroute from top group 239.1.1.1 to x y\n");
	net_router(n, "left", "x a b", "mroute from x group 239.1.1.1 to a b\n");
	net_router(n, "right", "y c d", "mroute from y group 239.1.1.1 to c d\n");
	net_host(n, "s", "top");
	net_host(n, "ha", "a");
	net_host(n, "hb", "b");
	net_host(n, "hc", "c");
	net_host(n, "hd", "d");
	net_join(n, "ha", "*", G);
	net_join(n, "hb", "s", SSM);
	net_join(n, "hd", "*", G);
	net_send(n, "s", G, 200);
	net_check(n, SEC(2));
	net_join(n, "hc", "*", G);
	net_leave(n, "hd", G);
	net_check(n, SEC(2));
	net_configure(n, "right", "mroute from y group 239.1.1.1 to c\n");
	net_check(n, SEC(2));
	net_kill(n, "left", NET_CRASH);
	net_check(n, SEC(2));
	net_start(n, "left");
	net_link(n, "y", false);
	net_check(n, SEC(2));
	net_link(n, "y", true);
	net_check(n, SEC(2));
	check_log(n, "a_tree_of_static_routes");
	net_finish(n);
}

/* Both ways around a triangle, and what comes in the wrong way goes nowhere. */
static void a_triangle_of_static_routes(void **state)
{
	struct net *n = net_begin();

	(void)state;
	net_static(n);
	net_router(n, "r1", "a ab ac", "mroute from a group 239.1.1.1 to ab ac\n");
	net_router(n, "r2", "b ab bc", "mroute from ab group 239.1.1.1 to b bc\n");
	net_router(n, "r3", "c ac bc", "mroute from ac group 239.1.1.1 to c bc\n");
	net_host(n, "s", "a");
	net_host(n, "h2", "b");
	net_host(n, "h3", "c");
	net_join(n, "h2", "*", G);
	net_join(n, "h3", "*", G);
	net_send(n, "s", G, 1000);
	net_check(n, SEC(10));
	check_log(n, "a_triangle_of_static_routes");
	net_finish(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_of_static_routes),
		cmocka_unit_test(a_tree_of_static_routes),
		cmocka_unit_test(a_triangle_of_static_routes),
	};

	return cmocka_run_group_tests_name("net_sim", tests, NULL, NULL);
}
