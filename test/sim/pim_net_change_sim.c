/* pim_net_change_sim.c - networks of PIM routers: another RP while streams flow, packet by packet
 *
 *	             one
 *	       d1 /   |   \ m1
 *	s src d       n1    m ml last dst h
 *	       d2 \   |   / m2
 *	             two
 *	              n2
 *	              n end h2
 *
 * n is on n1 and n2. The first RP is an address of one, the second of two. As in net_sim.c.
 */
#include "sim/net_scenario.h"

#define NEVER "spt-threshold infinity\n"

static const char *const groups[] = { "239.1.1.1", "ff0e::1:1" };
static const char *const routers[] = { "d", "one", "two", "m", "last", "n" };

/* What becomes of the streams of both families, at both hosts. */
struct tally {
	unsigned long sent, got, twice;
	unsigned every;
};

/* The first RP, in both families: on a loopback, so to say, or on the link m1. */
static const char *const far[] = { "10.9.0.1", "fd00:9::1" };
static const char *const near[] = { "10.0.4.1", "fd00:0:0:4::1" };

static const char *conf_at(const char *const rp1[2], unsigned best, const char *more)
{
	static char conf[512];

	snprintf(conf, sizeof(conf),
		 "module pim\nphyint + pim\n"
		 "rp-address %s priority %u\nrp-address %s priority %u\n"
		 "rp-address 10.9.0.2 priority %u\nrp-address fd00:9::2 priority %u\n%s",
		 rp1[0], best, rp1[1], best, 3 - best, 3 - best, more);
	return conf;
}

static const char *conf_of(unsigned best, const char *more)
{
	return conf_at(far, best, more);
}

static struct net *network(const char *conf)
{
	struct net *n = net_begin();

	net_routing(n, 1, 1, 0);
	net_router(n, "d", "src d1 d2", conf);
	net_router(n, "one", "d1 m1 n1", conf);
	net_router(n, "two", "d2 m2 n2", conf);
	net_router(n, "m", "m1 m2 ml", conf);
	net_router(n, "last", "ml dst", conf);
	net_router(n, "n", "n1 n2 end", conf);
	net_anycast(n, "one", "10.9.0.1");
	net_anycast(n, "one", "fd00:9::1");
	net_anycast(n, "two", "10.9.0.2");
	net_anycast(n, "two", "fd00:9::2");
	net_host(n, "s", "src");
	net_host(n, "h", "dst");
	net_host(n, "h2", "end");
	net_quality(n, "*", .delay = 3);
	return n;
}

static void flow(struct net *n, unsigned every)
{
	for (enum af af = V4; af <= V6; af++) {
		net_join(n, "h", "*", groups[af]);
		net_join(n, "h2", "*", groups[af]);
		net_send(n, "s", groups[af], every);
	}
	net_run(n, SEC(10));
}

static struct net *flowing(const char *conf, unsigned every)
{
	struct net *n = network(conf);

	net_run(n, SEC(40));
	flow(n, every);
	return n;
}

static unsigned long received(struct net *n)
{
	unsigned long all = 0;

	for (enum af af = V4; af <= V6; af++)
		all += net_received(n, "h", "s", groups[af]) +
		       net_received(n, "h2", "s", groups[af]);
	return all;
}

static unsigned long twice(struct net *n)
{
	unsigned long count = 0;

	for (const char *at = net_log_text(n); (at = strstr(at, "late or twice")); at++)
		count++;
	return count;
}

static struct tally begin(struct net *n, unsigned every)
{
	return (struct tally){
		.sent = net_now(n), .got = received(n), .twice = twice(n), .every = every
	};
}

/* Since then, of four streams: so many are missing at most, and none came twice. */
static void end(struct net *n, const struct tally *t, long lost)
{
	unsigned long sent = 4 * (net_now(n) - t->sent) / t->every;
	long missing = (long)sent - (long)(received(n) - t->got);

	if (getenv("TALLY"))
		print_message("%ld missing of %lu, %lu twice\n", missing, sent,
			      twice(n) - t->twice);
	assert_in_range(missing + 4, 0, lost + 4);
	assert_int_equal(twice(n), t->twice);
}

/* In the end all is well, and nothing is left. */
static void all_well(struct net *n)
{
	net_run(n, SEC(200));
	net_check(n, SEC(2));
	for (enum af af = V4; af <= V6; af++) {
		net_send(n, "s", groups[af], 0);
		net_leave(n, "h", groups[af]);
		net_leave(n, "h2", groups[af]);
	}
	net_run(n, SEC(700));
	net_check_idle(n);
	net_finish(n);
}

/* An operator says the other order to one router after the other. */
struct reload {
	const char *more;
	unsigned gap;  /* ms between two of them */
	unsigned lost; /* of each stream, at most */
};

static void reloaded(void **state)
{
	const struct reload *r = *state;

	for (unsigned first = 0; first < NELEMS(routers); first += 2) {
		struct net *n = flowing(conf_of(1, r->more), 10);
		struct tally t = begin(n, 10);

		for (unsigned best = 2; best; best--) {
			for (unsigned i = 0; i < NELEMS(routers); i++) {
				net_configure(n, routers[(i + first) % NELEMS(routers)],
					      conf_of(best, r->more));
				net_run(n, r->gap);
			}
			net_run(n, SEC(80));
		}
		end(n, &t, 2 * 4 * r->lost);
		all_well(n);
	}
}

/* Its address has no route any more: the next one has its groups. */
static void unreachable(void **state)
{
	const char *more = *state;
	struct net *n = flowing(conf_of(1, more), 10);
	struct tally t = begin(n, 10);

	net_link(n, "d1", false);
	net_link(n, "m1", false);
	net_link(n, "n1", false);
	net_run(n, SEC(10));
	end(n, &t, 4 * 3);
	net_link(n, "d1", true);
	net_link(n, "m1", true);
	net_link(n, "n1", true);
	all_well(n);
}

/* It is dead, but unicast routing does not know; others say who is RP now. */
static void dead(void **state)
{
	struct net *n = flowing(conf_at(near, 1, NEVER), 10);
	struct tally t;

	(void)state;
	net_kill(n, "one", NET_CRASH);
	net_run(n, SEC(1));
	for (unsigned i = 0; i < NELEMS(routers); i++) {
		if (strcmp(routers[i], "one") != 0)
			net_configure(n, routers[i], conf_at(near, 2, NEVER));
		net_run(n, 10);
	}
	t = begin(n, 10);
	net_run(n, SEC(10));
	end(n, &t, 4 * 50);
	net_start(n, "one");
	all_well(n);
}

#define BSR "module pim\nphyint + pim\n"

/* A candidate RP goes with a word, and comes back; the bootstrap router is another one. */
static void by_bootstrap(void **state)
{
	char one[256], two[256], last[256];
	const char *more = *state;
	struct net *n = network("");
	struct tally t;

	for (unsigned i = 0; i < NELEMS(routers); i++) {
		snprintf(last, sizeof(last), BSR "%s", more);
		net_configure(n, routers[i], last);
	}
	snprintf(one, sizeof(one),
		 BSR "rp-candidate 10.9.0.1 priority 1\nrp-candidate fd00:9::1 priority 1\n%s",
		 more);
	snprintf(two, sizeof(two),
		 BSR "rp-candidate 10.9.0.2 priority 2\nrp-candidate fd00:9::2 priority 2\n%s",
		 more);
	snprintf(last, sizeof(last), BSR "bsr-candidate\n%s", more);
	net_configure(n, "one", one);
	net_configure(n, "two", two);
	net_configure(n, "last", last);
	net_run(n, SEC(300));
	flow(n, 10);
	t = begin(n, 10);
	net_configure(n, "one", BSR);
	net_run(n, SEC(30));
	end(n, &t, 4 * 2);
	t = begin(n, 10);
	net_configure(n, "one", one);
	net_run(n, SEC(120));
	end(n, &t, 4 * 2);
	all_well(n);
}

static void logged(void **state)
{
	struct net *n = flowing(conf_of(1, NEVER), 500);

	(void)state;
	for (unsigned i = 0; i < NELEMS(routers); i++) {
		net_configure(n, routers[i], conf_of(2, NEVER));
		net_run(n, 100);
	}
	net_run(n, SEC(5));
	check_log(n, "another_rp_for_a_stream");
	all_well(n);
}

#define RELOAD(name, ...)                                    \
	{                                                    \
		name, reloaded, NULL, NULL, &(struct reload) \
		{                                            \
			__VA_ARGS__                          \
		}                                            \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RELOAD("PIM-58, PIM-128: reloaded, each with its own tree", "", 1, 0),
		RELOAD("PIM-58, PIM-128: reloaded within 2 s, each with its own tree", "", 300, 0),
		RELOAD("PIM-79, PIM-129: reloaded within 10 s, own trees", "", 1500, 0),
		RELOAD("PIM-58, PIM-94, PIM-211: reloaded, on the shared tree", NEVER, 1, 1),
		RELOAD("PIM-79, PIM-129, PIM-211: reloaded within 2 s, shared tree", NEVER, 300, 2),
		{ "PIM-124: unreachable, own trees", unreachable, NULL, NULL, (void *)"" },
		{ "PIM-124, PIM-211: unreachable, shared tree", unreachable, NULL, NULL,
		  (void *)NEVER },
		{ "PIM-128: dead", dead, NULL, NULL, NULL },
		{ "PIM-128: by bootstrap, own trees", by_bootstrap, NULL, NULL, (void *)"" },
		{ "PIM-128, PIM-211: by bootstrap, shared tree", by_bootstrap, NULL, NULL,
		  (void *)NEVER },
		{ "PIM-58, PIM-211: logged", logged, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_net_change_sim", tests, NULL, NULL);
}
