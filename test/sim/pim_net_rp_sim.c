/* pim_net_rp_sim.c - networks of PIM routers: the RP in every place, Registers, another RP
 *
 * As in net_sim.c.
 */
#include "sim/net_scenario.h"

static const char *const groups[] = { "239.1.1.1", "ff0e::1:1" };

static void join(struct net *n, const char *host)
{
	for (enum af af = V4; af <= V6; af++)
		net_join(n, host, "*", groups[af]);
}

static void leave(struct net *n, const char *host)
{
	for (enum af af = V4; af <= V6; af++)
		net_leave(n, host, groups[af]);
}

static void send_every(struct net *n, const char *host, int64_t ms)
{
	for (enum af af = V4; af <= V6; af++)
		net_send(n, host, groups[af], ms);
}

/* Where the RP is: the address of a router, whose link and node have these numbers. */
struct place {
	const char *name;
	unsigned link, node;
};

static const struct place places[] = {
	{ "first hop, on the source's link", 1, 1 },
	{ "first hop", 2, 1 },
	{ "transit", 3, 1 },
	{ "last hop", 3, 2 },
	{ "last hop, on the listener's link", 5, 1 },
	{ "off the path", 6, 1 },
};

static const char *conf_for(const struct place *rp, const char *more)
{
	static char conf[256];

	snprintf(conf, sizeof(conf),
		 "module pim\nphyint + pim\nrp-address 10.0.%u.%u\nrp-address fd00:0:0:%u::%u\n%s",
		 rp->link, rp->node, rp->link, rp->node, more);
	return conf;
}

/*
 *	s src first m1 middle m2 last dst h
 *	               stub
 *	               aside end h2
 */
static struct net *chain(const struct place *rp, const char *more)
{
	struct net *n = net_begin();
	const char *conf = conf_for(rp, more);

	net_routing(n, 1, 1, 0);
	net_router(n, "first", "src m1", conf);
	net_router(n, "middle", "m1 m2 stub", conf);
	net_router(n, "last", "m2 dst", conf);
	net_router(n, "aside", "stub end", conf);
	net_host(n, "s", "src");
	net_host(n, "h", "dst");
	net_host(n, "h2", "end");
	net_run(n, SEC(40));
	return n;
}

static void all_leave(struct net *n)
{
	send_every(n, "s", 0);
	leave(n, "h");
	leave(n, "h2");
	net_run(n, SEC(700));
	net_check_idle(n);
	net_finish(n);
}

/* Nothing is lost of a stream that begins when listeners are there; others come, and it goes. */
static void the_listener_first(const struct place *rp, const char *more)
{
	struct net *n = chain(rp, more);

	join(n, "h");
	net_run(n, SEC(2));
	net_strict(n, true);
	net_check_listeners(n, SEC(1));
	send_every(n, "s", 50);
	net_check_listeners(n, SEC(10));
	net_check(n, SEC(10));
	join(n, "h2");
	net_run(n, SEC(1));
	net_check(n, SEC(10));
	leave(n, "h");
	net_run(n, SEC(4));
	net_check(n, SEC(10));
	all_leave(n);
}

/* The RP knows of a stream that nobody wanted until now: it is there at once. */
static void the_source_first(const struct place *rp, const char *more)
{
	struct net *n = chain(rp, more);

	send_every(n, "s", 50);
	net_check(n, SEC(300));
	join(n, "h");
	net_run(n, 100);
	net_strict(n, true);
	net_check_listeners(n, SEC(1));
	net_check(n, SEC(10));
	all_leave(n);
}

struct check {
	void (*run)(const struct place *rp, const char *more);
	const struct place *rp;
	const char *more;
};

static void run(void **state)
{
	const struct check *check = *state;

	check->run(check->rp, check->more);
}

/* How often the text stands in the log. */
static unsigned times(struct net *n, const char *text)
{
	unsigned count = 0;

	for (const char *at = net_log_text(n); (at = strstr(at, text)); at++)
		count++;
	return count;
}

static unsigned null_registers(struct net *n)
{
	return times(n, " null\n");
}

/* A stream that nobody wants is registered until the first answer, and asked about from then on. */
static void nobody_listens(void **state)
{
	struct net *n = chain(&places[5], "");

	(void)state;
	send_every(n, "s", 100);
	net_check(n, SEC(1000));
	/* an RST is 25 to 85 seconds, and 5 of a probe are cut short; of two families */
	assert_in_range(null_registers(n), 2 * 11, 2 * 40);
	assert_int_equal(times(n, "Register to"), null_registers(n) + 2);
	assert_int_equal(times(n, "Register-Stop to"), null_registers(n) + 2);
	all_leave(n);
}

/* It knows nothing any more: those who joined do it again, and DRs ask sooner or later. */
static void an_rp_that_restarts(void **state)
{
	struct net *n = chain(&places[5], "spt-threshold infinity\n");

	(void)state;
	join(n, "h");
	send_every(n, "s", 50);
	net_run(n, SEC(10));
	net_check(n, SEC(5));
	net_kill(n, "aside", NET_CRASH);
	net_run(n, SEC(5));
	net_start(n, "aside");
	net_run(n, SEC(95));
	net_check(n, SEC(10));
	all_leave(n);
}

/*
 * All learn of another RP, one after the other. Who has the source's own tree loses nothing; a Join
 * that named the RP too early is repeated.
 */
static void another_rp(const struct place *rp, const char *more)
{
	static const char *const routers[] = { "last", "aside", "middle", "first" };
	struct net *n = chain(rp, more);

	join(n, "h");
	send_every(n, "s", 50);
	net_run(n, SEC(10));
	net_strict(n, !*more);
	for (unsigned i = 0; i < NELEMS(routers); i++) {
		net_configure(n, routers[i], conf_for(&places[rp == places ? 5 : 0], more));
		net_run(n, 10);
	}
	net_run(n, *more ? SEC(65) : SEC(1));
	net_check_listeners(n, SEC(10));
	net_run(n, SEC(200));
	net_check(n, SEC(10));
	join(n, "h2");
	net_run(n, SEC(1));
	net_check(n, SEC(10));
	all_leave(n);
}

/* The way to the RP is gone for a while; streams that flow by their own trees do not need it. */
static void an_rp_out_of_reach(void **state)
{
	struct net *n = chain(&places[5], "");

	(void)state;
	join(n, "h");
	send_every(n, "s", 50);
	net_run(n, SEC(10));
	net_strict(n, true);
	net_link(n, "stub", false);
	net_check_listeners(n, SEC(300));
	net_link(n, "stub", true);
	net_run(n, SEC(100));
	join(n, "h2");
	net_run(n, SEC(1));
	net_check(n, SEC(10));
	all_leave(n);
}

/* A router alone: first hop, RP, last hop. */
static void all_in_one(void **state)
{
	static const struct place own = { "alone", 1, 1 };
	struct net *n = net_begin();

	(void)state;
	net_routing(n, 1, 1, 0);
	net_router(n, "r", "src dst", conf_for(&own, ""));
	net_host(n, "s", "src");
	net_host(n, "h", "dst");
	net_host(n, "h2", "src");
	net_run(n, SEC(10));
	join(n, "h");
	join(n, "h2");
	net_run(n, SEC(1));
	net_strict(n, true);
	send_every(n, "s", 50);
	net_check(n, SEC(300));
	assert_int_equal(times(n, "Register"), 0);
	all_leave(n);
}

/* Nobody says who is RP but the group: in every place, with and without the source's own tree. */
static void within_the_group(void **state)
{
	const char *more = *state;

	for (unsigned i = 0; i < NELEMS(places); i++) {
		struct net *n = chain(&places[i], "");
		char group[64], conf[100];

		snprintf(conf, sizeof(conf), "module pim\nphyint + pim\n%s", more);
		net_configure(n, "first", conf);
		net_configure(n, "middle", conf);
		net_configure(n, "last", conf);
		net_configure(n, "aside", conf);
		snprintf(group, sizeof(group), "ff7e:%x40:fd00:0:0:%x:0:1234", places[i].node,
			 places[i].link);
		net_join(n, "h", "*", group);
		net_run(n, SEC(2));
		net_strict(n, true);
		net_check_listeners(n, SEC(1));
		net_send(n, "s", group, 50);
		net_check_listeners(n, SEC(10));
		net_check(n, SEC(10));
		net_join(n, "h2", "*", group);
		net_run(n, SEC(1));
		net_check(n, SEC(100));
		net_leave(n, "h", group);
		net_leave(n, "h2", group);
		net_run(n, SEC(4));
		net_check(n, SEC(300));
		net_join(n, "h2", "*", group);
		net_run(n, 100);
		net_check_listeners(n, SEC(1));
		net_check(n, SEC(10));
		net_leave(n, "h2", group);
		net_send(n, "s", group, 0);
		net_run(n, SEC(700));
		net_check_idle(n);
		net_finish(n);
	}
}

static void logged(void **state)
{
	struct net *n = chain(&places[5], "");

	(void)state;
	send_every(n, "s", 50);
	net_run(n, SEC(1));
	join(n, "h");
	net_run(n, SEC(1));
	check_log(n, "a_stream_by_way_of_an_rp");
	all_leave(n);
}

#define CHECK(name, test, place, more)                 \
	{                                              \
		name, run, NULL, NULL, &(struct check) \
		{                                      \
			test, &places[place], more     \
		}                                      \
	}

#define EVERYWHERE(name, test, more)                                                    \
	CHECK(name ", the RP first hop, on the source's link", test, 0, more),          \
		CHECK(name ", the RP first hop", test, 1, more),                        \
		CHECK(name ", the RP transit", test, 2, more),                          \
		CHECK(name ", the RP last hop", test, 3, more),                         \
		CHECK(name ", the RP last hop, on the listener's link", test, 4, more), \
		CHECK(name ", the RP off the path", test, 5, more)

#define NEVER "spt-threshold infinity\n"

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVERYWHERE("PIM-54, PIM-67, PIM-69: the listener first", the_listener_first, ""),
		EVERYWHERE("PIM-69: the listener first, no SPT", the_listener_first, NEVER),
		EVERYWHERE("PIM-67, PIM-68: the source first", the_source_first, ""),
		EVERYWHERE("PIM-69: the source first, no SPT", the_source_first, NEVER),
		{ "PIM-55, PIM-56, PIM-57: nobody listens", nobody_listens, NULL, NULL, NULL },
		{ "PIM-68: an RP that restarts", an_rp_that_restarts, NULL, NULL, NULL },
		CHECK("PIM-58, PIM-128: another RP", another_rp, 0, ""),
		CHECK("PIM-58, PIM-128: another RP, the other way", another_rp, 5, ""),
		CHECK("PIM-58, PIM-128: another RP, no SPT", another_rp, 0, NEVER),
		CHECK("PIM-58, PIM-128: another RP, the other way, no SPT", another_rp, 5, NEVER),
		{ "an RP out of reach", an_rp_out_of_reach, NULL, NULL, NULL },
		{ "PIM-67: all in one", all_in_one, NULL, NULL, NULL },
		{ "PIM-194, PIM-195: within the group", within_the_group, NULL, NULL, (void *)"" },
		{ "PIM-194, PIM-195: within the group, no SPT", within_the_group, NULL, NULL,
		  (void *)NEVER },
		{ "PIM-54, PIM-67: a stream by way of an RP", logged, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_net_rp_sim", tests, NULL, NULL);
}
