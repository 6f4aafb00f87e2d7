/* gm_proxy_test.c - the engine of proxies: what is reported where, and forwarded where */
#include "gm_proxy.h"

#define ONE "proxy upstream wan0 downstream lan0 lan1"
#define TWO "proxy upstream wan0 upstream wan1 downstream lan0 lan1"

static void begin(struct world *w, const char *conf)
{
	assert_null(configure(w, conf));
	expect(w, "");
}

/* GM-75: what changes is said at once, and what does not is not said. */
static void change_is_reported(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	except(w, "lan0", 1);
	expect(w, "wan0 [TO_EX G1]\n");
	except(w, "lan0", 1);
	expect(w, "");
	rest(w);
	leave(w, "lan0", 1);
	expect(w, "wan0 [TO_IN G1]\n");
	rest(w);
	assert_false(proxy_module.settle(w->e, 1));
	assert_int_equal(proxies_of(w->e)->upstream[slot_of(w, "wan0")]->host.ngroups, 0);
}

/* GM-75: several that change at the same time are in one message, none is lost. */
static void changes_go_together(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	except(w, "lan0", 2);
	only(w, "lan1", 1, 5);
	only(w, "lan1", 2, 5);
	except(w, "lan0", 2);
	proxy_module.settle(w->e, 256);
	expect(w, "wan0 [ALLOW G1 S5] [TO_EX G2]\n");
}

/* GM-73, GM-74: what is wanted on several interfaces is wanted once. */
static void listeners_are_merged(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	only(w, "lan0", 1, 1, 2);
	expect(w, "wan0 [ALLOW G1 S1 S2]\n");
	rest(w);
	only(w, "lan1", 1, 2, 3);
	expect(w, "wan0 [ALLOW G1 S3]\n");
	rest(w);
	except(w, "lan1", 1, 2, 3);
	expect(w, "wan0 [TO_EX G1 S3]\n");
	rest(w);
	leave(w, "lan0", 1);
	expect(w, "wan0 [BLOCK G1 S2]\n");
}

/* GM-83, GM-102: what never leaves its link is not proxied. */
static void link_scope_stays(void **state)
{
	struct world *w = *state;

	begin(w, ONE " local none");
	want(w, "lan0", number(w->af, "224.0.0.0", "ff02::", 0xfb), FILTER_EXCLUDE, 0);
	want(w, "lan0", number(w->af, "224.0.0.0", "ff01::", 0xfc), FILTER_EXCLUDE, 0);
	want(w, "lan0", number(w->af, "224.0.0.0", "ff00::", 0xfd), FILTER_EXCLUDE, 0);
	expect(w, "");
	want(w, "lan0", number(w->af, "224.0.1.0", "ff03::", 0x101), FILTER_EXCLUDE, 0);
	expect(w, "wan0 [TO_EX G257]\n");
}

/* GM-83: local groups stay downstream; 239.255.0.0/16 is, unless something else is said. */
static void local_groups_stay(void **state)
{
	struct world *w = *state;
	struct ip ssdp = number(V4, "239.0.0.0", "", 0xfffffa);
	const char *conf = w->af == V4 ? ONE " local 225.0.1.0/24" : ONE " local ff0e::100/120";

	begin(w, conf);
	except(w, "lan0", 0x101);
	expect(w, "");
	stream(w, 0x101, "wan0");
	assert_string_equal(routed(w), "none");
	stream(w, 0x101, "lan1");
	assert_string_equal(routed(w), "lan1: lan0");
	except(w, "lan0", 0x201);
	expect(w, "wan0 [TO_EX G513]\n");
	if (w->af == V6)
		return;
	want(w, "lan0", ssdp, FILTER_EXCLUDE, 0);
	expect(w, "");
	assert_null(configure(w, ONE " local none"));
	expect(w, "wan0 [TO_EX G257] [TO_EX G16777210]\n");
}

/* GM-76: a querier of an older version hears its own, and nothing of sources. */
static void older_querier(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	query(w, "wan0", 2, true);
	only(w, "lan0", 1, 1);
	expect(w, "wan0 report2 G1\n");
	rest(w);
	only(w, "lan0", 1, 2);
	expect(w, "");
	leave(w, "lan0", 1);
	expect(w, "wan0 leave2 G1\n");
}

/* GM-81: no more than the configured version is spoken. */
static void configured_version(void **state)
{
	struct world *w = *state;

	w->iface[slot_of(w, "wan0")].version = 2;
	begin(w, ONE);
	only(w, "lan0", 1, 1);
	expect(w, "wan0 report2 G1\n");
}

/* GM-87, GM-90: as often as the configuration says, in packets of the link's size. */
static void robustness_and_mtu(void **state)
{
	struct world *w = *state;

	w->iface[slot_of(w, "wan0")].robustness = 3;
	w->iface[slot_of(w, "wan0")].mtu = 1280;
	begin(w, ONE);
	for (unsigned g = 1; g <= 60; g++)
		only(w, "lan0", g, 1, 2, 3, 4);
	while (proxy_module.settle(w->e, 1000))
		;
	assert_int_equal(w->nsent, w->af == V4 ? 2 : 5);
	clock_advance(&w->clock, w->clock.now + SEC(1));
	clock_advance(&w->clock, w->clock.now + SEC(1));
	clock_advance(&w->clock, w->clock.now + SEC(1));
	assert_int_equal(w->nsent, 3 * (w->af == V4 ? 2 : 5));
}

/* What others say takes no memory. */
static void many_messages(void **state)
{
	struct world *w = *state;
	struct gm_record r = { MODE_IS_EXCLUDE, group(w, 9), NULL, 0 };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };
	struct count count;

	begin(w, ONE);
	for (int i = 0; i < 10000; i++)
		hear(w, "wan0", number(w->af, "192.168.0.0", "fe80::", 99), true, &m);
	assert_true(proxy_module.count(w->e, 2, &count));
	assert_int_equal(count.value, 0);
}

/* GM-88: queries are answered. */
static void query_is_answered(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	except(w, "lan0", 1);
	turn(w);
	rest(w);
	query(w, "wan0", 3, true);
	expect(w, "");
	clock_advance(&w->clock, w->clock.now + 1000);
	expect(w, "wan0 [IS_EX G1]\n");
}

/* GM-91, GM-94: what is not in order is dropped, and counted. */
static void bad_query_is_dropped(void **state)
{
	struct world *w = *state;
	struct count count;

	w->iface[slot_of(w, "wan0")].require_alert = true;
	begin(w, ONE);
	except(w, "lan0", 1);
	turn(w);
	rest(w);
	query(w, "wan0", 3, false);
	clock_advance(&w->clock, w->clock.now + 1000);
	expect(w, "");
	query_with(w, "wan0", 3, true, 5);
	assert_true(proxy_module.count(w->e, 2, &count));
	assert_string_equal(count.name, "dropped");
	assert_int_equal(count.value, 2);
	assert_non_null(strstr(w->told, "wan0: query of "));

	w->iface[slot_of(w, "wan0")].any_ttl = true;
	assert_null(configure(w, ONE));
	query_with(w, "wan0", 3, true, 5);
	assert_true(proxy_module.count(w->e, 2, &count));
	assert_int_equal(count.value, w->af == V4 ? 2 : 3);

	w->iface[slot_of(w, "wan0")].require_alert = false;
	assert_null(configure(w, ONE));
	query(w, "wan0", 3, false);
	assert_true(proxy_module.count(w->e, 2, &count));
	assert_int_equal(count.value, w->af == V4 ? 2 : 4);
	assert_false(proxy_module.count(w->e, 4, &count));
}

static uint64_t sent(struct world *w)
{
	struct count count;

	assert_true(proxy_module.count(w->e, 0, &count));
	assert_string_equal(count.name, "sent");
	return count.value;
}

/* What is sent is counted, nothing else, and is not forgotten with its interface. */
static void counts_what_is_sent(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	except(w, "lan0", 1);
	turn(w);
	rest(w);
	assert_int_equal(sent(w), 2);
	down(w, "wan0", true);
	turn(w);
	except(w, "lan0", 2);
	turn(w);
	rest(w);
	assert_int_equal(sent(w), 2);
	assert_null(configure(w, ""));
	assert_int_equal(sent(w), 2);
}

/* GM-77, GM-80: from upstream to who wants it, whenever that changes. */
static void forwarded_downstream(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	stream(w, 1, "wan0");
	assert_string_equal(routed(w), "none");
	except(w, "lan0", 1);
	turn(w);
	assert_string_equal(routed(w), "wan0: lan0");
	only(w, "lan1", 1, 2);
	turn(w);
	assert_string_equal(routed(w), "wan0: lan0");
	only(w, "lan1", 1, 1);
	turn(w);
	assert_string_equal(routed(w), "wan0: lan0 lan1");
	except(w, "lan0", 1, 1);
	turn(w);
	assert_string_equal(routed(w), "wan0: lan1");
	leave(w, "lan1", 1);
	turn(w);
	assert_string_equal(routed(w), "none");
}

static void set_querier(struct world *w, const char *name, bool on)
{
	w->iface[slot_of(w, name)].querier = on;
	proxy_module.querier(w->e, slot_of(w, name), on);
	turn(w);
}

/* GM-79: only where we are querier, unless phyint says otherwise; it is reported nevertheless. */
static void querier_forwards(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	except(w, "lan0", 1);
	expect(w, "wan0 [TO_EX G1]\n");
	rest(w);
	stream(w, 1, "wan0");
	set_querier(w, "lan0", false);
	assert_string_equal(routed(w), "none");
	expect(w, "");
	set_querier(w, "lan0", true);
	assert_string_equal(routed(w), "wan0: lan0");
	set_querier(w, "lan0", false);
	w->iface[slot_of(w, "lan0")].forward = true;
	assert_null(configure(w, ONE));
	assert_string_equal(routed(w), "wan0: lan0");
}

/* GM-78: from downstream to upstream, and to who wants it on other interfaces. */
static void forwarded_upstream(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	stream(w, 1, "lan0");
	assert_string_equal(routed(w), "lan0: wan0");
	except(w, "lan1", 1);
	except(w, "lan0", 1);
	turn(w);
	assert_string_equal(routed(w), "lan0: wan0 lan1");
	assert_null(configure(w, ONE " receive-only"));
	assert_string_equal(routed(w), "lan0: lan1");
	leave(w, "lan1", 1);
	turn(w);
	assert_string_equal(routed(w), "none");
}

/* GM-82: what comes in downstream as well goes on as it comes from upstream; and is told of. */
static void loop_is_guarded(void **state)
{
	struct world *w = *state;
	struct count count;

	begin(w, ONE);
	except(w, "lan1", 1);
	stream(w, 1, "wan0");
	assert_string_equal(routed(w), "wan0: lan1");
	*w->told = 0;
	upcall(w, UPCALL_WRONGIF, "lan0");
	assert_string_equal(routed(w), "wan0: lan1");
	assert_non_null(strstr(w->told, "comes in from lan0 downstream, but upstream is wan0"));
	assert_true(proxy_module.count(w->e, 3, &count));
	assert_int_equal(count.value, 1);
	upcall(w, UPCALL_RECALL, "lan0");
	assert_true(proxy_module.count(w->e, 3, &count));
	assert_int_equal(count.value, 1);

	stream(w, 1, "lan0");
	assert_string_equal(routed(w), "lan0: wan0 lan1");
	upcall(w, UPCALL_WRONGIF, "wan0");
	assert_string_equal(routed(w), "wan0: lan1");
}

/* GM-82: what comes in elsewhere alone, and that twice, has moved. */
static void stream_moves(void **state)
{
	struct world *w = *state;

	begin(w, TWO " all");
	except(w, "lan1", 1);
	stream(w, 1, "wan0");
	for (int i = 0; i < 5; i++) {
		w->packets++;
		clock_advance(&w->clock, w->clock.now + SEC(3));
		upcall(w, UPCALL_WRONGIF, "wan1");
		assert_string_equal(routed(w), "wan0: lan1");
	}
	clock_advance(&w->clock, w->clock.now + SEC(3));
	upcall(w, UPCALL_WRONGIF, "wan1");
	assert_string_equal(routed(w), "wan1: lan1");

	upcall(w, UPCALL_WRONGIF, "lan0");
	assert_string_equal(routed(w), "lan0: wan0 wan1 lan1");
	stream(w, 2, "wan0");
	except(w, "lan1", 2);
	upcall(w, UPCALL_NOROUTE, "wan0");
	upcall(w, UPCALL_WRONGIF, "wan1");
	assert_string_equal(routed(w), "wan0: lan1");
	clock_advance(&w->clock, w->clock.now + SEC(10));
	upcall(w, UPCALL_WRONGIF, "wan1");
	assert_string_equal(routed(w), "wan0: lan1");
}

/* GM-82: the kernel has no entry any more: the next packet says where it comes in. */
static void route_is_lost(void **state)
{
	struct world *w = *state;

	begin(w, TWO " all\nproxy upstream wan2 downstream lan2");
	plug(w, "lan2");
	plug(w, "wan2");
	except(w, "lan1", 1);
	stream(w, 1, "wan0");
	assert_string_equal(routed(w), "wan0: lan1");
	upcall(w, UPCALL_NOROUTE, "lan0");
	assert_string_equal(routed(w), "lan0: wan0 wan1 lan1");
	upcall(w, UPCALL_NOROUTE, "wan1");
	assert_string_equal(routed(w), "wan1: lan1");

	/* another proxy's interfaces have it only if it comes there alone */
	except(w, "lan2", 1);
	upcall(w, UPCALL_WRONGIF, "wan2");
	assert_string_equal(routed(w), "wan1: lan1");
	upcall(w, UPCALL_NOROUTE, "wan2");
	assert_string_equal(routed(w), "wan2: lan2");
}

/* GM-82: a source that moves from one downstream interface to another is followed. */
static void source_moves(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	except(w, "lan1", 1);
	stream(w, 1, "lan0");
	upcall(w, UPCALL_WRONGIF, "lan1");
	assert_string_equal(routed(w), "lan1: wan0");
	upcall(w, UPCALL_WRONGIF, "wan1");
	assert_string_equal(routed(w), "lan1: wan0");
}

/* GM-86: what one upstream interface had goes to the next, and comes back; so do the routes. */
static void upstream_fails_over(void **state)
{
	struct world *w = *state;

	begin(w, TWO);
	for (unsigned g = 1; g <= 10; g++)
		except(w, "lan0", g);
	proxy_module.settle(w->e, 256);
	assert_string_equal(w->said, ""); /* the kernel is to forward before that */
	proxy_module.settle(w->e, 256);
	expect(w, "wan0 [TO_EX G1] [TO_EX G2] [TO_EX G3] [TO_EX G4] [TO_EX G5] [TO_EX G6] "
		  "[TO_EX G7] [TO_EX G8] [TO_EX G9] [TO_EX G10]\n");
	rest(w);
	stream(w, 10, "wan1");
	assert_string_equal(routed(w), "none");
	stream(w, 10, "wan0");
	assert_string_equal(routed(w), "wan0: lan0");

	down(w, "wan0", true);
	turn(w);
	assert_string_equal(routed(w), "wan1: lan0");
	expect(w, "wan1 [TO_EX G1] [TO_EX G2] [TO_EX G3]\n"
		  "wan1 [TO_EX G4] [TO_EX G5] [TO_EX G6]\n"
		  "wan1 [TO_EX G7] [TO_EX G8] [TO_EX G9]\n"
		  "wan1 [TO_EX G10]\n");
	assert_int_equal(w->nfollows, 2);
	rest(w);

	down(w, "wan0", false);
	proxy_module.settle(w->e, 256);
	assert_string_equal(routed(w), "wan1: lan0");
	turn(w);
	assert_string_equal(routed(w), "wan0: lan0");
	assert_non_null(strstr(w->said, "wan0 [TO_EX G1]"));
	assert_non_null(strstr(w->said, "[TO_EX G10]"));
	assert_non_null(strstr(w->said, "wan1 [TO_IN G1]"));
	assert_non_null(strstr(w->told, "upstream interface wan0 family"));
	rest(w);
	upcall(w, UPCALL_WRONGIF, "wan1");
	assert_string_equal(routed(w), "wan0: lan0");
}

/* GM-86: an interface that comes back, or whose address is another one, has all joined anew. */
static void upstream_is_redialled(void **state)
{
	struct world *w = *state;
	struct fake_iface *wan = &w->iface[slot_of(w, "wan0")];

	begin(w, ONE);
	except(w, "lan0", 1);
	turn(w);
	rest(w);
	wan->present = false;
	iface_changed(w, "wan0");
	expect(w, "");
	except(w, "lan0", 2);
	leave(w, "lan0", 1);
	only(w, "lan1", 3, 1);
	expect(w, "");
	wan->present = true;
	wan->naddresses = 0;
	iface_changed(w, "wan0");
	expect(w, "");
	plug(w, "wan0");
	expect(w, "wan0 [TO_EX G2] [ALLOW G3 S1]\n");
	rest(w);

	address(w, "wan0", 77);
	iface_changed(w, "wan0");
	expect(w, "wan0 [TO_EX G2] [ALLOW G3 S1]\n");
	rest(w);
	iface_changed(w, "wan0");
	expect(w, "");

	/* gone and back within a turn */
	wan->present = false;
	iface_changed(w, "wan0");
	wan->present = true;
	iface_changed(w, "wan0");
	expect(w, "wan0 [TO_EX G2] [ALLOW G3 S1]\n");
}

/* GM-89: what a querier speaks is known of the link, whatever address we have there. */
static void other_address_keeps_version(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	query(w, "wan0", 2, true);
	except(w, "lan0", 1);
	expect(w, "wan0 report2 G1\n");
	rest(w);
	w->iface[slot_of(w, "wan0")].naddresses = 0;
	iface_changed(w, "wan0");
	expect(w, "");
	address(w, "wan0", 77);
	iface_changed(w, "wan0");
	expect(w, "wan0 report2 G1\n");
	rest(w);
	w->iface[slot_of(w, "wan0")].naddresses = 0;
	iface_changed(w, "wan0");
	except(w, "lan0", 2);
	expect(w, "");
	address(w, "wan0", 77);
	iface_changed(w, "wan0");
	expect(w, "wan0 report2 G1\nwan0 report2 G2\n");
	rest(w);
	leave(w, "lan0", 2);
	turn(w);
	rest(w);
	down(w, "wan0", true);
	down(w, "wan0", false);
	expect(w, "wan0 [TO_EX G1]\n");
}

/* GM-86: one that is up again before all went elsewhere has all of it. */
static void upstream_flaps(void **state)
{
	struct world *w = *state;

	begin(w, "proxy upstream wan1 upstream wan0 downstream lan0");
	for (unsigned g = 1; g <= 10; g++)
		except(w, "lan0", g);
	turn(w);
	rest(w);
	down(w, "wan1", true);
	proxy_module.settle(w->e, 4);
	assert_non_null(strstr(w->said, "wan0 [TO_EX G1]"));
	down(w, "wan1", false);
	turn(w);
	assert_int_equal(proxies_of(w->e)->upstream[slot_of(w, "wan0")]->host.nmembers, 0);
	assert_int_equal(proxies_of(w->e)->upstream[slot_of(w, "wan1")]->host.nmembers, 10);
}

/* Groups and sources are shared as the words of the upstream interfaces say. */
static void upstreams_share(void **state)
{
	struct world *w = *state;

	begin(w, w->af == V4 ? "proxy upstream wan0 group 225.0.0.0/24 except 225.0.0.5 "
			       "upstream wan1 downstream lan0 lan1"
			     : "proxy upstream wan0 group ff0e::/120 except ff0e::5 "
			       "upstream wan1 downstream lan0 lan1");
	except(w, "lan0", 1);
	expect(w, "wan0 [TO_EX G1]\n");
	except(w, "lan0", 5);
	expect(w, "wan1 [TO_EX G5]\n");
	except(w, "lan0", 0x101);
	expect(w, "wan1 [TO_EX G257]\n");
	stream(w, 5, "wan0");
	assert_string_equal(routed(w), "none");
	stream(w, 5, "wan1");
	assert_string_equal(routed(w), "wan1: lan0");
	stream(w, 5, "lan1");
	assert_string_equal(routed(w), "lan1: wan1 lan0");
}

/* Priority goes before what is written first. */
static void priority_holds(void **state)
{
	struct world *w = *state;

	begin(w, "proxy name a upstream wan0 priority 200 downstream lan0\n"
		 "proxy name a upstream wan1 downstream lan1");
	except(w, "lan1", 1);
	expect(w, "wan1 [TO_EX G1]\n");
}

/* With `all`, every one that lives has it, and it is taken from where it comes. */
static void all_upstreams(void **state)
{
	struct world *w = *state;

	begin(w, TWO " all");
	except(w, "lan0", 1);
	expect(w, "wan0 [TO_EX G1]\nwan1 [TO_EX G1]\n");
	stream(w, 1, "wan1");
	assert_string_equal(routed(w), "wan1: lan0");
	upcall(w, UPCALL_WRONGIF, "wan0");
	assert_string_equal(routed(w), "wan1: lan0");
	stream(w, 1, "lan1");
	assert_string_equal(routed(w), "lan1: wan0 wan1 lan0");
	stream(w, 1, "wan1");
	down(w, "wan1", true);
	turn(w);
	assert_string_equal(routed(w), "wan0: lan0");
}

/* A configuration as before says nothing; one that differs changes what differs. */
static void reload(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	except(w, "lan0", 1);
	except(w, "lan1", 2);
	turn(w);
	rest(w);
	w->nfollows = 0;
	assert_null(configure(w, ONE));
	expect(w, "");
	assert_int_equal(w->nfollows, 0);

	assert_null(configure(w, "proxy upstream wan0 downstream lan0"));
	expect(w, "wan0 [TO_IN G2]\n");
	rest(w);
	assert_null(configure(w, "proxy upstream wan0 upstream wan1 downstream lan0 lan1"));
	expect(w, "wan0 [TO_EX G2]\n");
	rest(w);
	assert_null(configure(w, "proxy upstream wan1 downstream lan0 lan1"));
	assert_non_null(strstr(w->said, "wan0 [TO_IN G1] [TO_IN G2]"));
	assert_non_null(strstr(w->said, "wan1 [TO_EX G1] [TO_EX G2]"));
	rest(w);
	assert_null(proxies_of(w->e)->upstream[slot_of(w, "wan0")]);
	assert_true(ifset_eq(w->data, ifset_or(ifset_of(slot_of(w, "wan1")),
					       ifset_or(ifset_of(slot_of(w, "lan0")),
							ifset_of(slot_of(w, "lan1"))))));
	assert_null(configure(w, ""));
	assert_true(proxy_module.is_idle(w->e));
	assert_true(ifset_empty(ifset_or(w->data, ifset_or(w->members, w->follow))));
	rest(w);
	assert_true(ifset_empty(proxy_module.slots(w->e)));
}

/* A group that no upstream interface took is asked for when the words say so. */
static void reload_takes_more(void **state)
{
	struct world *w = *state;

	begin(w, w->af == V4 ? ONE "\nproxy name b upstream wan1 group 226.0.0.0/8 downstream lan2"
			     : ONE "\nproxy name b upstream wan1 group ff1e::/16 downstream lan2");
	plug(w, "lan2");
	except(w, "lan2", 1);
	expect(w, "");
	assert_null(configure(w, ONE "\nproxy name b upstream wan1 downstream lan2"));
	expect(w, "wan1 [TO_EX G1]\n");
}

/* Interfaces that a pattern takes in come and go. */
static void patterns(void **state)
{
	struct world *w = *state;

	begin(w, "proxy upstream ppp+ upstream wan0 downstream + local none");
	except(w, "lan0", 1);
	expect(w, "wan0 [TO_EX G1]\n");
	rest(w);
	plug(w, "ppp1");
	turn(w);
	assert_non_null(strstr(w->said, "ppp1 [TO_EX G1]"));
	assert_non_null(strstr(w->said, "wan0 [TO_IN G1]"));
	rest(w);
	plug(w, "ppp0");
	turn(w);
	assert_non_null(strstr(w->said, "ppp0 [TO_EX G1]"));
	rest(w);
	w->iface[slot_of(w, "ppp0")].present = false;
	iface_changed(w, "ppp0");
	expect(w, "ppp1 [TO_EX G1]\n");
	/* wan1 is downstream here */
	except(w, "wan1", 2);
	expect(w, "ppp1 [TO_EX G2]\n");
}

/* The kernel is the host, and is told once of what changes. */
static void kernel_joins(void **state)
{
	struct world *w = *state;

	begin(w, ONE " kernel");
	except(w, "lan0", 1);
	only(w, "lan1", 2, 1, 2);
	expect(w, "");
	except(w, "lan0", 1);
	turn(w);
	assert_string_equal(w->joined, "wan0 exclude G1 0\nwan0 include G2 2\n");
	*w->joined = 0;
	leave(w, "lan0", 1);
	turn(w);
	assert_string_equal(w->joined, "wan0 include G1 0\n");
	*w->joined = 0;
	assert_true(ifset_empty(w->members));
	assert_null(configure(w, ONE));
	expect(w, "wan0 [ALLOW G2 S1 S2]\n");
	assert_string_equal(w->joined, "wan0 include G2 0\n");
}

static void hear_own(struct world *w, enum gm_record_type type, unsigned g, unsigned s)
{
	struct ip ip = source(w, s);
	struct gm_record r = { type, group(w, g), &ip, s != 0 };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };

	hear(w, "wan0", w->iface[slot_of(w, "wan0")].address[w->af == V6].ip, true, &m);
}

/* A program of this host leaves what listeners want: it is said again, but nothing of our own. */
static void own_leave_is_corrected(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	except(w, "lan0", 1);
	only(w, "lan0", 2, 1);
	turn(w);
	rest(w);
	hear_own(w, CHANGE_TO_EXCLUDE_MODE, 1, 0);
	hear_own(w, ALLOW_NEW_SOURCES, 2, 1);
	hear_own(w, CHANGE_TO_INCLUDE_MODE, 2, 1);
	hear_own(w, BLOCK_OLD_SOURCES, 2, 2);
	hear_own(w, CHANGE_TO_INCLUDE_MODE, 3, 0);
	expect(w, "");
	hear_own(w, CHANGE_TO_INCLUDE_MODE, 2, 2);
	expect(w, "wan0 [ALLOW G2 S1]\n");
	rest(w);
	hear_own(w, CHANGE_TO_INCLUDE_MODE, 1, 0);
	expect(w, "wan0 [TO_EX G1]\n");
	rest(w);
	hear_own(w, BLOCK_OLD_SOURCES, 2, 1);
	expect(w, "wan0 [ALLOW G2 S1]\n");
	rest(w);
	hear(w, "wan0", w->iface[slot_of(w, "wan0")].address[w->af == V6].ip, true,
	     &(struct gm_message){ .type = GM_LEAVE, .version = 2, .group = group(w, 1) });
	expect(w, "wan0 [TO_EX G1]\n");
}

/* GM-85: all is left at the end. */
static void stop_leaves(void **state)
{
	struct world *w = *state;

	begin(w, TWO);
	except(w, "lan0", 1);
	only(w, "lan1", 2, 1);
	turn(w);
	rest(w);
	proxy_module.stop(w->e);
	assert_string_equal(w->said, "wan0 [TO_IN G1] [BLOCK G2 S1]\n");
}

/* A proxy is for both families, or for one. */
static void one_family(void **state)
{
	struct world *w = *state;

	begin(w, w->af == V4 ? ONE " mld" : ONE " igmp");
	assert_true(proxy_module.is_idle(w->e));
	begin(w, w->af == V4 ? ONE " igmp" : ONE " mld");
	assert_false(proxy_module.is_idle(w->e));
	begin(w, "proxy name a upstream wan0 downstream lan0 mld\n"
		 "proxy name b upstream wan1 downstream lan0 igmp");
	except(w, "lan0", 1);
	expect(w, w->af == V4 ? "wan1 [TO_EX G1]\n" : "wan0 [TO_EX G1]\n");
	rest(w);
	assert_null(configure(w, "proxy name a upstream wan0 downstream lan0 igmp\n"
				 "proxy name b upstream wan1 downstream lan0 mld"));
}

static void wrong(struct world *w, const char *conf, const char *error)
{
	const char *why = configure(w, conf);

	assert_non_null(why);
	assert_string_equal(why, error);
}

/* What a configuration cannot say. */
static void wrong_lines(void **state)
{
	struct world *w = *state;

	begin(w, ONE);
	wrong(w, "proxy upstream", "the name of an interface is missing");
	wrong(w, "proxy downstream lan0", "'upstream IFNAME' is missing");
	wrong(w, "proxy upstream wan0", "proxy wan0 has no downstream interface");
	wrong(w, "proxy name a downstream lan0", "proxy a has no upstream interface");
	w->iface[slot_of(w, "lan0")].asks = w->iface[slot_of(w, "wan9")].asks = true;
	wrong(w, "proxy upstream wan0 upstream wan9 downstream lan0",
	      "wan9 is upstream of proxy wan0: 'phyint' must not say 'mld' of it");
	assert_null(configure(w, "proxy upstream wan0 upstream wan9 downstream lan0 igmp"));
	assert_null(configure(w, ONE));
	wrong(w, "proxy upstream lan0 downstream lan0", "lan0 is both upstream and downstream");
	wrong(w, ONE "\nproxy upstream wan1 downstream lan1", "lan1 is in another proxy");
	wrong(w, ONE "\nproxy upstream wan0 downstream lan3", "wan0 is in another proxy");
	wrong(w, "proxy upstream wan0 group 10.0.0.1 downstream lan0",
	      "'10.0.0.1' is no group's address");
	wrong(w, "proxy upstream wan0 group 239.0.0.0/3 downstream lan0",
	      "'239.0.0.0/3' is no group's address");
	wrong(w, "proxy upstream wan0 source 239.0.0.1 downstream lan0",
	      "'239.0.0.1' is no source's address");
	wrong(w, "proxy upstream wan0 source 0.0.0.0/0 downstream lan0",
	      "'0.0.0.0/0' is no source's address");
	wrong(w, "proxy upstream wan0 group", "the address of a group is missing");
	wrong(w, "proxy upstream wan0 group x downstream lan0", "'x' is no address");
	wrong(w, "proxy group 239.1.1.1 upstream wan0", "this is said of an 'upstream'");
	wrong(w, "proxy upstream wan0 lan0", "unknown word 'lan0'");
	wrong(w, "proxy upstream wan0 priority x downstream lan0",
	      "priority wants a number from 0 to 4294967295, not 'x'");
	assert_false(proxy_module.is_idle(w->e));
}

/* What was marked for a configuration that has gone is not looked at. */
static void marks_are_dropped(void **state)
{
	struct world *w = *state;

	begin(w, ONE "\nproxy upstream wan1 downstream lan2");
	plug(w, "lan2");
	except(w, "lan2", 1);
	assert_null(configure(w, ""));
	expect(w, "");
	assert_true(TREE_EMPTY(&proxies_of(w->e)->marks));
}

/* An interface that is left says so as often as is due, and wakes the engine to end. */
static void leave_is_repeated(void **state)
{
	struct world *w = *state;
	unsigned slot = slot_of(w, "wan0");

	begin(w, ONE);
	except(w, "lan0", 1);
	turn(w);
	rest(w);
	assert_null(configure(w, ""));
	expect(w, "wan0 [TO_IN G1]\n");
	assert_true(ifset_has(proxy_module.slots(w->e), slot));
	w->nwakes = 0;
	clock_advance(&w->clock, w->clock.now + SEC(1));
	assert_int_equal(w->nwakes, 1);
	expect(w, "wan0 [TO_IN G1]\n");
	assert_false(ifset_has(proxy_module.slots(w->e), slot));

	/* wanted again meanwhile, and gone meanwhile */
	assert_null(configure(w, ONE));
	expect(w, "wan0 [TO_EX G1]\n");
	assert_null(configure(w, ""));
	assert_null(configure(w, ONE));
	rest(w);
	assert_true(ifset_has(w->data, slot));
	except(w, "lan0", 2);
	expect(w, "wan0 [TO_EX G2]\n");
	assert_null(configure(w, ""));
	w->iface[slot].present = false;
	iface_changed(w, "wan0");
	*w->said = 0;
	expect(w, "");
	assert_null(proxies_of(w->e)->upstream[slot]);
}

/* A configuration that is not in force yet names its slots. */
static void incoming_names_slots(void **state)
{
	struct world *w = *state;
	struct reader r = { .host = &w->host };
	char line[] = "proxy upstream wan5 downstream lan5 ";
	void *conf = proxy_module.conf_new();

	assert_true(words_split(&r.words, line, sizeof(line) - 2));
	words_next(&r.words);
	assert_int_equal(proxy_module.statements[0].parse(&r, conf), 0);
	proxy_module.configure(w->e, conf, false);
	proxy_module.configure(w->e, conf, false);
	proxy_module.conf_free(conf);
	words_free(&r.words);
	assert_true(ifset_has(proxy_module.slots(w->e), slot_of(w, "lan5")));
}

/* What is named as such, or was written first, goes before what a pattern takes in. */
static void names_go_before_patterns(void **state)
{
	struct world *w = *state;

	begin(w, "proxy name a upstream wan+ downstream lan0\n"
		 "proxy name b upstream wan1 downstream lan+");
	except(w, "lan0", 1);
	expect(w, "wan0 [TO_EX G1]\n");
	except(w, "lan1", 2);
	expect(w, "wan1 [TO_EX G2]\n");
	assert_null(configure(w, ""));
	rest(w);
	assert_null(configure(w, "proxy upstream wan+ upstream wan0 priority 200 downstream lan0"));
	expect(w, "wan1 [TO_EX G1]\n");
}

/* Where a pattern takes in an interface no more, nobody listens. */
static void downstream_goes(void **state)
{
	struct world *w = *state;

	begin(w, "proxy upstream wan0 downstream lan+");
	except(w, "lan0", 1);
	except(w, "lan1", 1);
	except(w, "lan1", 2);
	turn(w);
	rest(w);
	stream(w, 1, "wan0");
	assert_string_equal(routed(w), "wan0: lan0 lan1");
	w->iface[slot_of(w, "lan1")].present = false;
	iface_changed(w, "lan1");
	expect(w, "wan0 [TO_IN G2]\n");
	assert_string_equal(routed(w), "wan0: lan0");
}

/* Many groups take no memory of ours, and no time to speak of. */
static void many_groups(void **state)
{
	struct world *w = *state;
	struct proxies *s = proxies_of(w->e);
	unsigned slot = slot_of(w, "lan0");

	begin(w, TWO);
	w->known[0] = (struct known){ .slot = slot, .mode = FILTER_EXCLUDE };
	w->nknown = 1;
	for (unsigned g = 1; g <= 100000; g++) {
		struct membership m;

		w->known[0].group = group(w, g);
		m = membership_of(&w->known[0]);
		proxy_module.member(w->e, slot, &m);
		proxy_module.settle(w->e, 256);
	}
	assert_true(TREE_EMPTY(&s->marks));
	assert_int_equal(s->upstream[slot_of(w, "wan0")]->host.nmembers, 100000);
	w->nknown = 0;
	proxy_module.stop(w->e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(change_is_reported),
		BOTH(changes_go_together),
		BOTH(listeners_are_merged),
		BOTH(link_scope_stays),
		BOTH(local_groups_stay),
		BOTH(older_querier),
		BOTH(configured_version),
		BOTH(robustness_and_mtu),
		BOTH(many_messages),
		BOTH(query_is_answered),
		BOTH(bad_query_is_dropped),
		BOTH(counts_what_is_sent),
		BOTH(forwarded_downstream),
		BOTH(querier_forwards),
		BOTH(forwarded_upstream),
		BOTH(loop_is_guarded),
		BOTH(stream_moves),
		BOTH(route_is_lost),
		BOTH(source_moves),
		BOTH(upstream_fails_over),
		BOTH(upstream_is_redialled),
		BOTH(other_address_keeps_version),
		BOTH(upstream_flaps),
		BOTH(upstreams_share),
		BOTH(priority_holds),
		BOTH(all_upstreams),
		BOTH(reload),
		BOTH(reload_takes_more),
		BOTH(patterns),
		BOTH(kernel_joins),
		BOTH(own_leave_is_corrected),
		BOTH(stop_leaves),
		BOTH(one_family),
		BOTH(wrong_lines),
		BOTH(marks_are_dropped),
		BOTH(leave_is_repeated),
		BOTH(incoming_names_slots),
		BOTH(names_go_before_patterns),
		BOTH(downstream_goes),
		BOTH(many_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
