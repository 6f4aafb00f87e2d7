/* route_fuzz.c - what the kernel answers to a look for a route, and its news of routes
 *
 * The input is what one read of the socket gives, any number of messages.
 */
#include "linux/route.c"

#include "fuzz/netlink.h"

/* Hops are in order, each once, and all lead somewhere. */
static void judge(const struct kern_route *route)
{
	MUST(route->nhops <= MAXHOPS);
	for (unsigned i = 0; i < route->nhops; i++) {
		const struct kern_hop *hop = &route->hop[i];
		int cmp = i ? ip_cmp(hop[-1].gateway, hop->gateway) : -1;

		MUST(hop->ifindex);
		MUST(cmp < 0 || (!cmp && hop[-1].ifindex < hop->ifindex));
	}
}

static void read_as_answer(const void *copy, size_t len, enum af af, bool bare)
{
	struct kern_route route = { 0 };
	struct reading rd = { .route = &route, .af = af, .bare = bare };

	mnl_cb_run(copy, len, 0, 0, read_answer, &rd);
	judge(&route);
	MUST(rd.known || !route.nhops);
	MUST(!bare || (!route.own && !route.len && !route.metric));
}

static void read_as_news(const void *copy, size_t len)
{
	struct linux_kern k = { 0 };
	struct routes rs = { .kern = &k };
	struct hint hint = { .routes = &rs };

	clock_init(&k.clock, 1000);
	timer_init(&rs.settle, settled);
	mnl_cb_run(copy, len, 0, 0, read_news, &hint);
	timer_stop(&k.clock, &rs.settle);
	MUST(clock_next(&k.clock) == CLOCK_NEVER);
	clock_free(&k.clock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void *copy;

	len = fuzz_messages(data, len);
	copy = fuzz_copy(data, len);

	for (enum af af = V4; af <= V6; af++) {
		read_as_answer(copy, len, af, false);
		read_as_answer(copy, len, af, true);
	}
	read_as_news(copy, len);
	free(copy);
	return 0;
}
