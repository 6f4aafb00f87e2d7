/* networks.c - an hour of a large network in the simulator, and the log of a random one
 *
 *	networks hour ROUTERS LISTENERS STREAMS
 *	networks log SEED
 *
 * The first prints what happened; how long it took is its caller's to measure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net_plan.h"

struct name {
	char text[16];
};

static const char *name(struct name *name, const char *kind, unsigned number)
{
	snprintf(name->text, sizeof(name->text), "%s%u", kind, number);
	return name->text;
}

#define NAME(kind, number) name(&(struct name){ { 0 } }, kind, number)

/* Three proxies below each one, each with two links of its own. */
static void make_routers(struct net *n, unsigned nrouters)
{
	for (unsigned i = 0; i < nrouters; i++) {
		char links[64], conf[256], up[16];

		snprintf(up, sizeof(up), "%s", i ? NAME("a", (i - 1) / 3) : "top");
		snprintf(links, sizeof(links), "%s a%u b%u", up, i, i);
		snprintf(conf, sizeof(conf), "proxy upstream %s downstream a%u b%u\n", up, i, i);
		net_router(n, NAME("r", i), links, conf);
		net_upstream(n, NAME("r", i), up);
	}
}

static const char *group(char text[32], unsigned i)
{
	snprintf(text, 32, i % 2 ? "ff0e::%u" : "239.1.1.%u", i + 1);
	return text;
}

/* Listeners come and go: each is a member of something half of the time. */
static void pass_hour(struct net *n, unsigned nhosts, unsigned nstreams)
{
	char text[32];
	struct rng rng;

	rng_seed(&rng, 1);
	for (unsigned minute = 0; minute < 60; minute++) {
		for (unsigned i = 0; i < nhosts; i++) {
			const char *host = NAME("h", i), *g;

			g = group(text, rng_below(&rng, nstreams));
			if (rng_below(&rng, 10))
				continue;
			if (rng_below(&rng, 3))
				net_join(n, host, "*", g);
			else
				net_leave(n, host, g);
		}
		net_run(n, SEC(60));
	}
}

static int hour(unsigned nrouters, unsigned nhosts, unsigned nstreams)
{
	struct net *n = net_new(&(struct net_options){ .seed = 1 });
	struct net_figures f;
	char text[32];
	int status;

	make_routers(n, nrouters);
	for (unsigned i = 0; i < nhosts; i++)
		net_host(n, NAME("h", i), NAME(i % 2 ? "a" : "b", i / 2 % nrouters));
	for (unsigned i = 0; i < nstreams; i++) {
		net_host(n, NAME("s", i), i % 3 ? "top" : NAME("b", i % nrouters));
		net_send(n, NAME("s", i), group(text, i), 1000);
	}
	for (unsigned i = 0; i < nhosts; i++)
		net_join(n, NAME("h", i), "*", group(text, i % nstreams));
	pass_hour(n, nhosts, nstreams);
	net_check(n, SEC(10));
	net_end(n);
	f = net_figures(n);
	printf("%lu events, %lu packets of control, %lu of data, %lu received\n", f.events,
	       f.control, f.data, f.received);
	fputs(net_complaints(n), stdout);
	status = *net_complaints(n) ? 1 : 0;
	net_free(n);
	return status;
}

static int print_log(uint64_t seed)
{
	struct plan_result result;
	struct plan plan;
	int status;

	plan_draw(&plan, seed);
	result = plan_play(&plan, NET_LOG_ALL, NULL, NULL);
	fwrite(buf_at(&result.log), 1, buf_len(&result.log), stdout);
	status = result.failed;
	plan_result_free(&result);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "hour"))
		return hour(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	if (argc == 3 && !strcmp(argv[1], "log"))
		return print_log(strtoull(argv[2], NULL, 0));
	fputs("usage: networks hour ROUTERS LISTENERS STREAMS | networks log SEED\n", stderr);
	return 2;
}
