/* pim_net_anycast_sim.c - networks of PIM routers with an anycast RP (RFC 4610)
 *
 * As in net_sim.c.
 */
#include "sim/net_scenario.h"

static const char *const groups[] = { "239.1.1.1", "ff0e::1:1" };

#define EDGE "module pim\nphyint + pim\nrp-address 10.99.0.1\nrp-address fd00:99::1\n"
#define MEMBER                                                   \
	EDGE "anycast-rp 10.99.0.1 10.0.1.1 10.0.4.1 10.0.6.1\n" \
	     "anycast-rp fd00:99::1 fd00:0:0:1::1 fd00:0:0:4::1 fd00:0:0:6::1\n"

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

/*
 *	own1 rp1 up1 e1 dst1
 *	own2 rp2 up2 e2 dst2
 *	own3 rp3 up3 e3 dst3
 *
 * The three members are on one link more, the edges behind them on another, which costs more. Hosts
 * h1 to h3 are on the edges' links, and the source s beside h1; another one is on a link of rp1.
 */
static struct net *network(const char *more)
{
	static char conf[1024], edge[512];
	struct net *n = net_begin();

	snprintf(conf, sizeof(conf), "%s%s", MEMBER, more);
	snprintf(edge, sizeof(edge), "%s%s", EDGE, more);
	net_routing(n, 1, 100, 50);
	net_router(n, "rp1", "own1 core up1", conf);
	net_router(n, "rp2", "own2 core up2", conf);
	net_router(n, "rp3", "own3 core up3", conf);
	net_router(n, "e1", "up1 ring dst1", edge);
	net_router(n, "e2", "up2 ring dst2", edge);
	net_router(n, "e3", "up3 ring dst3", edge);
	net_cost(n, "ring", 5);
	net_anycast(n, "rp1 rp2 rp3", "10.99.0.1");
	net_anycast(n, "rp1 rp2 rp3", "fd00:99::1");
	net_host(n, "s", "dst1");
	net_host(n, "h1", "dst1");
	net_host(n, "h2", "dst2");
	net_host(n, "h3", "dst3");
	net_host(n, "own", "own1");
	net_run(n, SEC(40));
	return n;
}

static void all_leave(struct net *n)
{
	static const char *const hosts[] = { "h1", "h2", "h3" };

	send_every(n, "s", 0);
	send_every(n, "own", 0);
	for (unsigned i = 0; i < NELEMS(hosts); i++)
		leave(n, hosts[i]);
	net_run(n, SEC(700));
	net_check_idle(n);
	net_finish(n);
}

/* Each joins at another member; a source at one of them is heard at all. */
static void listeners_first(const char *more)
{
	struct net *n = network(more);

	join(n, "h2");
	join(n, "h3");
	net_run(n, SEC(2));
	net_strict(n, true);
	send_every(n, "s", 50);
	net_check_listeners(n, SEC(10));
	join(n, "h1");
	net_run(n, SEC(1));
	net_check(n, SEC(10));
	all_leave(n);
}

/* All members know it, though nobody wants it: it is there as soon as somebody joins. */
static void source_first(const char *more)
{
	struct net *n = network(more);

	send_every(n, "s", 50);
	net_check(n, SEC(300));
	join(n, "h3");
	net_run(n, 200);
	net_strict(n, true);
	net_check(n, SEC(10));
	join(n, "h2");
	net_run(n, 200);
	net_check(n, SEC(10));
	all_leave(n);
}

/* The source is on a link of a member, which is DR. */
static void source_at_a_member(const char *more)
{
	struct net *n = network(more);

	join(n, "h2");
	net_run(n, SEC(2));
	net_strict(n, true);
	send_every(n, "own", 50);
	net_check(n, SEC(300));
	join(n, "h3");
	net_run(n, 200);
	net_check(n, SEC(10));
	all_leave(n);
}

/* It dies while data flows, and the others are the RP: joins and Registers go to them. */
static void a_member_dies(const char *more)
{
	struct net *n = network(more);

	join(n, "h2");
	join(n, "h3");
	send_every(n, "s", 50);
	net_run(n, SEC(10));
	net_check(n, SEC(10));
	net_kill(n, "rp1", NET_CRASH);
	/* a kernel that told of the other way too early tells of it again after 3 seconds */
	net_run(n, SEC(4));
	net_check_listeners(n, SEC(10));
	join(n, "h1");
	net_run(n, SEC(1));
	net_check_listeners(n, SEC(300));
	net_start(n, "rp1");
	net_run(n, SEC(5));
	net_check_listeners(n, SEC(300));
	net_check(n, SEC(10));
	all_leave(n);
}

/* The one where listeners joined dies; the source registers with another one. */
static void another_member_dies(const char *more)
{
	struct net *n = network(more);

	join(n, "h2");
	join(n, "h3");
	send_every(n, "s", 50);
	net_run(n, SEC(10));
	net_check(n, SEC(10));
	net_kill(n, "rp3", NET_CRASH);
	net_run(n, SEC(2));
	net_check_listeners(n, SEC(100));
	leave(n, "h3");
	net_run(n, SEC(10));
	net_start(n, "rp3");
	net_run(n, SEC(5));
	/* it was told of the source as soon as it could be reached */
	join(n, "h3");
	net_run(n, SEC(1));
	net_check_listeners(n, SEC(100));
	net_check(n, SEC(10));
	all_leave(n);
}

struct check {
	void (*run)(const char *more);
	const char *more;
};

static void run(void **state)
{
	const struct check *check = *state;

	check->run(check->more);
}

static void logged(void **state)
{
	struct net *n = network("");

	(void)state;
	join(n, "h2");
	join(n, "h3");
	send_every(n, "s", 500);
	net_run(n, SEC(5));
	net_kill(n, "rp1", NET_CRASH);
	net_run(n, SEC(5));
	net_start(n, "rp1");
	net_run(n, SEC(10));
	check_log(n, "a_member_of_an_anycast_rp_dies");
	all_leave(n);
}

#define CHECK(name, test, more)                        \
	{                                              \
		name, run, NULL, NULL, &(struct check) \
		{                                      \
			test, more                     \
		}                                      \
	}

#define BOTH(name, test) \
	CHECK(name, test, ""), CHECK(name ", no SPT", test, "spt-threshold infinity\n")

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH("PIM-197: listeners at other members", listeners_first),
		BOTH("PIM-197: the source first", source_first),
		BOTH("PIM-197: a source at a member", source_at_a_member),
		BOTH("PIM-197: a member dies", a_member_dies),
		BOTH("PIM-197: another member dies", another_member_dies),
		{ "PIM-197: a member dies and comes back", logged, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_net_anycast_sim", tests, NULL, NULL);
}
