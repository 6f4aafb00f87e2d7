/* gm_engine_test.c - the engine of IGMP and MLD: interfaces, messages, configurations
 *
 * What there is of groups is tested by gm_group_test.c, who asks by gm_querier_test.c; here it is
 * how they go together. Words such as "Q(1)" are those of gm_bed.h.
 */
#include "gm_bed.h"

/* eth0 is followed, and the first queries are over. */
static void begin(struct bed *b, const char *conf)
{
	const char *error = bed_configure(b, conf);

	assert_null(error);
	bed_follow(b, 0, true);
	bed_run(b, 31250);
	b->said[b->len = 0] = '\0';
}

static void runs_where_it_is_wanted(struct bed *b)
{
	assert_null(bed_configure(b, "phyint eth1 igmp\nphyint eth0 igmp-robustness 3\n"));
	assert_said(b, "1:on 1:Q(1)");
	assert_true(ifset_eq(b->listened, ifset_of(1)));
	bed_follow(b, 0, true);
	assert_said(b, "on Q(1)");
	assert_true(ifset_eq(b->listened, (struct ifset){ 3 }));
	bed_follow(b, 1, true);
	bed_follow(b, 1, false);
	assert_said(b, "");
	assert_null(bed_configure(b, ""));
	assert_said(b, "1:off");
	assert_true(ifset_eq(b->listened, ifset_of(0)));
	bed_follow(b, 0, false);
	assert_said(b, "off");
	assert_true(ifset_empty(b->listened));
	assert_true(ifset_empty(b->e->module->slots(b->e)));
	assert_int_equal(b->clock.n, 0);
}

static void runs_when_it_can(struct bed *b)
{
	assert_null(bed_configure(b, "phyint eth2 igmp\n"));
	assert_said(b, "");
	bed_up(b, 2, 10);
	assert_said(b, "2:on 2:Q(1)");
	b->iface[2].enabled = false;
	bed_touch(b, 2);
	assert_said(b, "2:off");
	assert_false(ifset_has(b->listened, 2));
	b->iface[2].enabled = true;
	b->iface[2].multicast = false;
	bed_touch(b, 2);
	b->iface[2].multicast = true;
	b->iface[2].loopback = true;
	bed_touch(b, 2);
	assert_said(b, "");
	b->iface[2].loopback = false;
	bed_touch(b, 2);
	assert_said(b, "2:on 2:Q(1)");
}

/* What makes it querier comes in the turn in which the link goes down. */
static void asks_nowhere_that_is_down(struct bed *b)
{
	begin(b, "phyint eth0 igmp-no-querier\n");
	b->lazy = true;
	b->iface[0].up = false;
	b->e->module->iface(b->e, 0, &b->iface[0]);
	assert_null(bed_configure(b, ""));
	bed_settle(b);
	assert_said(b, "");
}

static void follows_patterns(struct bed *b)
{
	assert_null(bed_configure(b, "phyint eth+ igmp\nstatic-group from eth+ group "
				     "239.0.0.7\nstatic-group from eth+ group ff0e::7\n"));
	assert_said(b, "on Q(1) 1:on 1:Q(1) EXC(G7) 1:EXC(G7)");
	bed_up(b, 3, 10);
	assert_said(b, "3:on 3:Q(1) 3:EXC(G7)");
	bed_gone(b, 3);
	assert_said(b, "3:off 3:INC(G7)");
}

static void asks_at_startup(struct bed *b)
{
	assert_null(bed_configure(b, "phyint eth0 igmp igmp-startup-count 3 "
				     "igmp-startup-interval 0.5 igmp-startup-response 0.2\n"));
	assert_said(b, "on Q(0.2)");
	assert_true(ip_eq(b->sent.src, host_of(b, 0, 10)));
	bed_run(b, SEC(126));
	assert_said(b, "Q(0.2) Q(0.2) Q(10)");
}

static void link_comes_up_again(struct bed *b)
{
	begin(b, "");
	join(b, 1);
	assert_said(b, "EXC(G1)");
	b->iface[0].up = false;
	bed_touch(b, 0);
	assert_said(b, "off INC(G1)");
	assert_true(ifset_has(b->listened, 0));
	bed_run(b, SEC(300));
	assert_said(b, "");
	bed_up(b, 0, 10);
	bed_run(b, 31250);
	assert_said(b, "on Q(1) Q(1)");
	join(b, 1);
	bed_gone(b, 0);
	assert_said(b, "EXC(G1) off INC(G1)");
	assert_false(ifset_has(b->listened, 0));
	bed_up(b, 0, 10);
	assert_said(b, "on Q(1)");
}

static void other_address(struct bed *b)
{
	struct gm_message q = general(b);

	begin(b, "");
	join(b, 1);
	/* one more address is nothing to us */
	b->address[0][1] = (struct prefix){ host_of(b, 0, 5), 24 };
	b->iface[0].naddresses = 2;
	bed_touch(b, 0);
	assert_said(b, "EXC(G1)");
	bed_up(b, 0, 12);
	assert_said(b, "Q(1)");
	assert_true(ip_eq(b->sent.src, host_of(b, 0, 12)));
	hear(b, 0, 11, &q);
	assert_said(b, "off");
	bed_up(b, 0, 10);
	assert_said(b, "on Q(1)");
}

static void without_an_address(struct bed *b)
{
	struct gm_message q = general(b);

	begin(b, "");
	bed_up(b, 0, 0);
	if (b->af == V6) {
		assert_said(b, "off");
		return;
	}
	assert_said(b, "Q(1)");
	assert_true(ip_is_any(b->sent.src));
	/* ours again, or of one as poor as we are */
	hear(b, 0, 0, &q);
	assert_said(b, "");
	assert_int_equal(counted(b, "own-queries"), 1);
	hear(b, 0, 200, &q);
	assert_said(b, "off");
}

static void ipv6_asks_from_the_link(struct bed *b)
{
	struct ip global;

	if (b->af == V4)
		return;
	begin(b, "");
	assert_true(ip_parse("2001:db8::1", &global));
	b->address[0][1] = b->address[0][0];
	b->address[0][0] = (struct prefix){ global, 64 };
	b->iface[0].naddresses = 2;
	bed_touch(b, 0);
	bed_run(b, SEC(125));
	assert_said(b, "Q(10)");
	assert_true(ip_eq(b->sent.src, host_of(b, 0, 10)));
	b->iface[0].naddresses = 1;
	bed_touch(b, 0);
	assert_said(b, "off");
}

static void asks_only_as_querier(struct bed *b)
{
	struct gm_message q = general(b);

	begin(b, "");
	join(b, 1);
	leave(b, 1);
	assert_said(b, "EXC(G1) Q(1 G1)");
	/* RFC 2236 3: what was begun goes on */
	hear(b, 0, 3, &q);
	bed_run(b, SEC(2));
	assert_said(b, "off Q(1 G1) INC(G1)");
	join(b, 2);
	leave(b, 2);
	bed_run(b, SEC(30));
	assert_said(b, "EXC(G2)");
	bed_run(b, SEC(223));
	assert_said(b, "on Q(10)");
	leave(b, 2);
	assert_said(b, "Q(1 G2)");
}

static void heeds_specific_queries(struct bed *b)
{
	struct gm_message q = general(b);

	begin(b, "");
	join(b, 1);
	hear(b, 0, 3, &q);
	assert_said(b, "EXC(G1) off");
	q.group = group_of(b, 1);
	q.max_response = SEC(1);
	q.suppress = true;
	hear(b, 0, 3, &q);
	bed_run(b, SEC(10));
	assert_said(b, "");
	q.suppress = false;
	hear(b, 0, 3, &q);
	bed_run(b, SEC(2));
	assert_said(b, "INC(G1)");
}

/* GM-32: as querier, we do not: it may have come to us alone. */
static void asks_itself(struct bed *b)
{
	struct gm_message q = general(b);

	begin(b, "");
	join(b, 1);
	q.group = group_of(b, 1);
	q.max_response = 100;
	q.robustness = 1;
	hear(b, 0, 3, &q);
	bed_run(b, SEC(10));
	assert_said(b, "EXC(G1)");
	leave(b, 1);
	hear(b, 0, 3, &q);
	bed_run(b, SEC(2) - 1);
	assert_said(b, "Q(1 G1) Q(1 G1)");
	bed_run(b, 1);
	assert_said(b, "INC(G1)");
}

static void adopts_what_the_querier_says(struct bed *b)
{
	struct gm_message q = general(b);

	begin(b, "");
	q.robustness = 1;
	q.interval = SEC(20);
	hear(b, 0, 3, &q);
	assert_said(b, "off");
	join(b, 1);
	/* 1 * 20 + 2 * 10 */
	bed_run(b, SEC(25) - 1);
	assert_said(b, "EXC(G1)");
	bed_run(b, 1);
	assert_said(b, "on Q(10)");
	bed_run(b, SEC(15));
	assert_said(b, "INC(G1)");
	join(b, 1);
	bed_run(b, SEC(270) - 1);
	assert_said(b, "EXC(G1) Q(10) Q(10)");
	bed_run(b, 1);
	assert_said(b, "INC(G1)");
}

static void in_version_2(struct bed *b)
{
	begin(b, "phyint eth0 igmp-version 2\nphyint eth0 mld-version 1\n");
	bed_run(b, SEC(125));
	assert_said(b, "Q2(10)");
	old(b, GM_REPORT, 2, group_of(b, 1));
	old(b, GM_LEAVE, 2, group_of(b, 1));
	bed_run(b, SEC(2));
	assert_said(b, "EXC(G1) Q2(1 G1) Q2(1 G1) INC(G1)");
	assert_int_equal(counted(b, "reports"), 1);
	assert_int_equal(counted(b, "leaves"), 1);
	/* of sources nobody can be asked */
	record(b, ALLOW_NEW_SOURCES, group_of(b, 2), SOURCES(1, 2));
	record(b, BLOCK_OLD_SOURCES, group_of(b, 2), SOURCES(1));
	assert_said(b, "INC(G2 1 2) Q2(1 G2)");
	bed_run(b, SEC(2));
	assert_said(b, "Q2(1 G2) INC(G2 2)");
	/* nor need they be when somebody answered */
	record(b, BLOCK_OLD_SOURCES, group_of(b, 2), SOURCES(2));
	record(b, ALLOW_NEW_SOURCES, group_of(b, 2), SOURCES(2));
	bed_run(b, SEC(2));
	assert_said(b, "Q2(1 G2)");
	record(b, ALLOW_NEW_SOURCES, ssm_of(b, 3), SOURCES(1));
	record(b, BLOCK_OLD_SOURCES, ssm_of(b, 3), SOURCES(1));
	bed_run(b, SEC(2));
	assert_said(b, "INC(G3 1) INC(G3)");
}

static void in_version_1(struct bed *b)
{
	if (b->af == V6)
		return;
	begin(b, "phyint eth0 igmp-version 1\n");
	bed_run(b, SEC(125));
	assert_said(b, "Q1(10)");
	join(b, 1);
	old(b, GM_LEAVE, 2, group_of(b, 1));
	leave(b, 1);
	bed_run(b, SEC(100));
	assert_said(b, "EXC(G1)");
}

/* 600 sources, in reports of 300. */
static void many_sources(struct bed *b, enum gm_record_type type)
{
	struct ip source[600];

	for (unsigned i = 0; i < 600; i++)
		source[i] = source_of(b, i + 1);
	for (unsigned i = 0; i < 600; i += 60) {
		struct gm_record r = { type, group_of(b, 1), source + i, 60 };
		struct gm_message m = { GM_REPORT_V3, 3, .record = &r, .nrecords = 1 };

		hear(b, 0, 20, &m);
	}
}

static void splits_to_the_mtu(struct bed *b)
{
	begin(b, "");
	b->quiet = true;
	many_sources(b, ALLOW_NEW_SOURCES);
	b->nqueries = 0;
	leave(b, 1);
	/* 366 or 89 in each */
	assert_int_equal(b->nqueries, b->af == V4 ? 2 : 7);
	assert_int_equal(b->mtu_sent, b->af == V4 ? 1500 - 24 : 1500 - 48);
	b->iface[0].mtu = 600;
	b->nqueries = b->mtu_sent = 0;
	bed_run(b, SEC(1));
	assert_int_equal(b->nqueries, b->af == V4 ? 5 : 19);
	assert_true(b->mtu_sent <= 600 - (b->af == V4 ? 24 : 48));
	/* nor are queries larger than most networks would take */
	join(b, 1);
	many_sources(b, ALLOW_NEW_SOURCES);
	b->iface[0].mtu = 9000;
	b->nqueries = b->mtu_sent = 0;
	leave(b, 1);
	assert_int_equal(b->mtu_sent, b->af == V4 ? 1500 - 24 : 1500 - 48);
}

static void own_messages(struct bed *b)
{
	struct gm_record r = { CHANGE_TO_EXCLUDE_MODE, group_of(b, 1), NULL, 0 };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };
	struct gm_message q = general(b);

	begin(b, "");
	b->address[0][1] = (struct prefix){ host_of(b, 0, 5), b->af == V4 ? 24 : 64 };
	b->iface[0].naddresses = 2;
	hear(b, 0, 10, &q);
	hear(b, 0, 5, &q);
	assert_said(b, "");
	assert_int_equal(counted(b, "own-queries"), 2);
	assert_int_equal(counted(b, "queries"), 0);
	hear(b, 0, 10, &m);
	assert_said(b, "EXC(G1)");
}

static void drops_what_is_wrong(struct bed *b)
{
	struct gm_record r = { CHANGE_TO_EXCLUDE_MODE, group_of(b, 1), NULL, 0 };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };
	struct packet p;
	uint8_t wire[100];

	begin(b, "");
	p = packet_of(b, 0, 20, &m, wire, sizeof(wire));
	p.ttl = 2;
	hear_packet(b, &p);
	assert_int_equal(counted(b, "ttl"), 1);
	p = packet_of(b, 0, 20, &m, wire, sizeof(wire));
	p.len--;
	hear_packet(b, &p);
	assert_int_equal(counted(b, b->af == V4 ? "checksum" : "length"), 1);
	p = packet_of(b, 0, 20, &m, wire, sizeof(wire));
	p.dst = host_of(b, 0, 99);
	hear_packet(b, &p);
	assert_int_equal(counted(b, "destination"), 1);
	p.router_alert = false;
	hear_packet(b, &p);
	assert_int_equal(counted(b, "router-alert"), b->af == V6);
	/* nobody asked for it there */
	p = packet_of(b, 1, 20, &m, wire, sizeof(wire));
	hear_packet(b, &p);
	assert_said(b, "");
	assert_int_equal(counted(b, "reports"), 0);
}

static void hears_of_other_networks(struct bed *b)
{
	struct gm_record r = { CHANGE_TO_EXCLUDE_MODE, group_of(b, 1), NULL, 0 };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };

	if (b->af == V6)
		return;
	begin(b, "");
	hear(b, 0, 256 + 20, &m);
	assert_said(b, "");
	assert_int_equal(counted(b, "off-link"), 1);
	assert_null(bed_configure(b, "altnet eth+ 10.7.0.0/16 10.0.1.0/24\n"));
	hear(b, 0, 256 + 20, &m);
	assert_said(b, "EXC(G1)");
	r.group = group_of(b, 2);
	assert_null(bed_configure(b, ""));
	hear(b, 0, 256 + 20, &m);
	assert_int_equal(counted(b, "off-link"), 2);
	assert_null(bed_configure(b, "phyint eth0 igmp-any-network\n"));
	hear(b, 0, 256 + 20, &m);
	assert_said(b, "EXC(G2)");
}

static void is_strict_as_it_is_told(struct bed *b)
{
	struct gm_record r = { CHANGE_TO_EXCLUDE_MODE, group_of(b, 1), NULL, 0 };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };
	struct packet p;
	uint8_t wire[100];

	if (b->af == V6)
		return;
	begin(b, "phyint eth0 igmp-require-alert igmp-any-ttl\n");
	p = packet_of(b, 0, 20, &m, wire, sizeof(wire));
	p.router_alert = false;
	p.ttl = 7;
	hear_packet(b, &p);
	assert_said(b, "");
	assert_int_equal(counted(b, "router-alert"), 1);
	p.router_alert = true;
	hear_packet(b, &p);
	assert_said(b, "EXC(G1)");
}

static void warns_of_other_versions(struct bed *b)
{
	struct gm_message q = general(b);

	begin(b, "");
	hear(b, 0, 11, &q);
	assert_string_equal(b->logged, "");
	q.version = 2;
	for (unsigned i = 0; i < 100; i++)
		hear(b, 0, 11, &q);
	assert_int_equal(counted(b, "other-version"), 100);
	assert_non_null(strstr(b->logged, b->af == V4 ? "eth0: 10.0.0.11 asks in IGMPv2, here it is"
						      : "eth0: fe80::b asks in MLDv1, here it is"));
	/* no more than LOG_BURST of them */
	assert_true(strlen(b->logged) < 11 * 80);
}

/* Each of them wins: a host could go on as it likes. */
static void elections_are_logged_within_limits(struct bed *b)
{
	struct gm_message q = general(b);

	begin(b, "");
	b->quiet = true;
	q.robustness = 1;
	q.interval = SEC(1);
	for (unsigned i = 0; i < 10; i++) {
		for (unsigned n = 9; n; n--)
			hear(b, 0, n, &q);
		bed_run(b, SEC(6));
	}
	assert_true(b->nnotices > 50 && b->nnotices < 80);
}

static void ssm_range_by_configuration(struct bed *b)
{
	begin(b, "");
	record(b, CHANGE_TO_EXCLUDE_MODE, ssm_of(b, 1), NULL);
	old(b, GM_REPORT, 2, ssm_of(b, 1));
	assert_said(b, "");
	assert_int_equal(counted(b, "ssm"), 2);
	assert_null(bed_configure(b, "ssm-range 239.0.0.0/16\nssm-range ff0e::/64\n"));
	record(b, CHANGE_TO_EXCLUDE_MODE, ssm_of(b, 1), NULL);
	old(b, GM_REPORT, 2, group_of(b, 2));
	assert_said(b, "EXC(G1)");
	assert_int_equal(counted(b, "ssm"), 3);
	/* so it is on interfaces that come later */
	bed_follow(b, 0, false);
	bed_follow(b, 0, true);
	old(b, GM_REPORT, 2, group_of(b, 2));
	assert_int_equal(counted(b, "ssm"), 4);
	b->said[b->len = 0] = '\0';
	/* and at once, before the turn ends */
	b->lazy = true;
	assert_null(bed_configure(b, ""));
	old(b, GM_REPORT, 2, group_of(b, 2));
	bed_settle(b);
	assert_said(b, "EXC(G2)");
	assert_null(bed_configure(b, "ssm-range 239.0.0.0/16\nssm-range ff0e::/64\n"));
	old(b, GM_REPORT, 2, group_of(b, 3));
	bed_settle(b);
	assert_said(b, "");
}

static const char maps[] = "ssm-map group 232.0.0.0/24 source 192.0.0.2 192.0.0.1\n"
			   "ssm-map group 232.0.0.0/8 source 192.0.0.2\n"
			   "ssm-map group ff3e::/120 source 2001:db8::2 2001:db8::1\n"
			   "ssm-map group ff3e::/32 source 2001:db8::2\n";

static void maps_to_sources(struct bed *b)
{
	begin(b, maps);
	old(b, GM_REPORT, 2, ssm_of(b, 1));
	old(b, GM_REPORT, 2, ssm_of(b, 257));
	old(b, GM_REPORT, 2, group_of(b, 3));
	assert_said(b, "INC(G1 1 2) INC(G257 2) EXC(G3)");
	old(b, GM_LEAVE, 2, ssm_of(b, 1));
	bed_run(b, SEC(2));
	assert_said(b, "Q(1 G1 1 2) Q(1 G1 1 2) INC(G1)");
	/* hosts of version 3 name sources themselves */
	record(b, CHANGE_TO_EXCLUDE_MODE, ssm_of(b, 1), NULL);
	assert_said(b, "");
}

static void maps_where_nobody_can_be_asked(struct bed *b)
{
	char conf[1024];

	snprintf(conf, sizeof(conf), "%sphyint eth0 igmp-version 2\nphyint eth0 mld-version 1\n",
		 maps);
	begin(b, conf);
	old(b, GM_REPORT, 2, ssm_of(b, 1));
	old(b, GM_LEAVE, 2, ssm_of(b, 1));
	bed_run(b, SEC(10));
	assert_said(b, "INC(G1 1 2)");
	assert_int_equal(counted(b, "leaves-ignored"), 1);
	bed_run(b, SEC(260));
	assert_said(b, "Q2(10) Q2(10) INC(G1)");
}

static void filters_deny(struct bed *b)
{
	begin(b, "group-filter eth+ deny group 239.0.0.0/25\ngroup-filter eth0 permit group "
		 "239.0.0.7\ngroup-filter eth1 deny group 224.0.0.0/4\n"
		 "group-filter eth+ deny group ff0e::/121\ngroup-filter eth0 permit group "
		 "ff0e::7\ngroup-filter eth1 deny group ff00::/8\n");
	join(b, 1);
	join(b, 7);
	/* where something is permitted, nothing else is */
	join(b, 200);
	old(b, GM_REPORT, 2, group_of(b, 1));
	assert_said(b, "EXC(G7)");
	assert_int_equal(counted(b, "filtered"), 3);
	leave(b, 7);
	assert_said(b, "Q(1 G7)");
	assert_null(bed_configure(b, "group-filter eth0 deny group 239.0.0.1\n"
				     "group-filter eth0 deny group ff0e::1\n"));
	join(b, 1);
	join(b, 200);
	assert_said(b, "EXC(G200)");
	/* the last line decides */
	assert_null(bed_configure(b, "group-filter eth0 permit group 239.0.0.1\n"
				     "group-filter eth0 deny group 239.0.0.0/24\n"
				     "group-filter eth0 permit group ff0e::1\n"
				     "group-filter eth0 deny group ff0e::/112\n"));
	join(b, 1);
	assert_said(b, "INC(G7) INC(G200)");
}

static void filters_sources(struct bed *b)
{
	begin(b, "group-filter eth0 deny source 192.0.0.2/31 group 239.0.0.0/24\n"
		 "group-filter eth0 deny source 2001:db8::2/127 group ff0e::/120\n");
	record(b, ALLOW_NEW_SOURCES, group_of(b, 1), SOURCES(1, 2, 3, 4));
	record(b, MODE_IS_INCLUDE, group_of(b, 2), SOURCES(2, 3));
	record(b, ALLOW_NEW_SOURCES, group_of(b, 256), SOURCES(2));
	/* such a line is none of all sources */
	join(b, 3);
	assert_said(b, "INC(G1 1 4) INC(G256 2) EXC(G3)");
	assert_int_equal(counted(b, "filtered"), 1);
	record(b, CHANGE_TO_INCLUDE_MODE, group_of(b, 1), SOURCES(2));
	record(b, BLOCK_OLD_SOURCES, group_of(b, 3), SOURCES(2));
	assert_said(b, "Q(1 G1 1 4) Q(1 G3 2)");
}

static void filters_what_is_known(struct bed *b)
{
	begin(b, "");
	join(b, 1);
	record(b, ALLOW_NEW_SOURCES, group_of(b, 1), SOURCES(1, 2));
	record(b, ALLOW_NEW_SOURCES, group_of(b, 2), SOURCES(1, 2));
	join(b, 3);
	assert_said(b, "EXC(G1) INC(G2 1 2) EXC(G3)");
	assert_null(bed_configure(b, "group-filter eth0 deny group 239.0.0.1\n"
				     "group-filter eth0 permit source 192.0.0.2 group 239.0.0.1\n"
				     "group-filter eth0 permit source 192.0.0.1 group 239.0.0.2\n"
				     "group-filter eth0 permit group 239.0.0.3\n"
				     "group-filter eth0 deny group ff0e::1\n"
				     "group-filter eth0 permit source 2001:db8::2 group ff0e::1\n"
				     "group-filter eth0 permit source 2001:db8::1 group ff0e::2\n"
				     "group-filter eth0 permit group ff0e::3\n"));
	assert_said(b, "INC(G1 2) INC(G2 1)");
	/* who leaves may */
	old(b, GM_LEAVE, 2, group_of(b, 1));
	assert_said(b, "Q(1 G1 2)");
}

/* What hosts did not want to hear is not what they want. */
static void filters_what_is_blocked(struct bed *b)
{
	begin(b, "");
	record(b, MODE_IS_EXCLUDE, group_of(b, 1), SOURCES(1));
	assert_said(b, "EXC(G1 1)");
	assert_null(bed_configure(b,
				  "group-filter eth0 deny group 239.0.0.1\n"
				  "group-filter eth0 permit source 192.0.0.1 group 239.0.0.1\n"
				  "group-filter eth0 deny group ff0e::1\n"
				  "group-filter eth0 permit source 2001:db8::1 group ff0e::1\n"));
	assert_said(b, "INC(G1)");
}

static void permanent_groups(struct bed *b)
{
	static const char conf[] = "static-group from eth0 source 192.0.0.2 group 232.0.0.1\n"
				   "static-group from eth0 source 192.0.0.1 group 232.0.0.1\n"
				   "static-group from eth0 group 239.0.0.2\n"
				   "static-group from eth0 source 192.0.0.1 group 239.0.0.2\n"
				   "static-group from eth1 group 239.0.0.3\n"
				   "static-group from eth0 source 2001:db8::2 group ff3e::1\n"
				   "static-group from eth0 source 2001:db8::1 group ff3e::1\n"
				   "static-group from eth0 group ff0e::2\n"
				   "static-group from eth0 source 2001:db8::1 group ff0e::2\n"
				   "static-group from eth1 group ff0e::3\n";
	char said[100];

	assert_null(bed_configure(b, conf));
	assert_said(b, "");
	bed_follow(b, 0, true);
	/* in the order of groups */
	snprintf(said, sizeof(said), "on Q(1) %s",
		 b->af == V4 ? "INC(G1 1 2) EXC(G2)" : "EXC(G2) INC(G1 1 2)");
	assert_said(b, said);
	assert_null(bed_configure(b, conf));
	bed_run(b, SEC(31));
	bed_gone(b, 0);
	bed_up(b, 0, 10);
	assert_said(b, "off on Q(1)");
	assert_null(bed_configure(b, "static-group from eth0 source 192.0.0.2 group 232.0.0.1\n"
				     "static-group from eth0 source 2001:db8::2 group ff3e::1\n"));
	assert_said(b, "INC(G1 2) INC(G2)");
	bed_follow(b, 0, false);
	assert_said(b, "off INC(G1)");
	bed_follow(b, 0, true);
	assert_said(b, "on Q(1) INC(G1 2)");
}

static void old_hosts_are_ignored(struct bed *b)
{
	begin(b, "phyint eth0 igmp-ignore-v1\n");
	if (b->af == V4) {
		old(b, GM_REPORT, 1, group_of(b, 1));
		assert_said(b, "");
		old(b, GM_REPORT, 2, group_of(b, 1));
		assert_said(b, "EXC(G1)");
		assert_null(bed_configure(b, "phyint eth0 igmp-ignore-v2\n"));
		old(b, GM_REPORT, 1, group_of(b, 2));
	}
	old(b, GM_REPORT, 2, group_of(b, 2));
	assert_said(b, "");
	assert_int_equal(counted(b, "old-version"), b->af == V4 ? 3 : 1);
	join(b, 3);
	assert_said(b, "EXC(G3)");
}

static void limits(struct bed *b)
{
	begin(b, "phyint eth0 igmp-max-groups 2 igmp-max-sources 3\n");
	join(b, 1);
	record(b, ALLOW_NEW_SOURCES, group_of(b, 2), SOURCES(1, 2, 3, 4));
	join(b, 3);
	assert_said(b, "EXC(G1) INC(G2 1 2 3)");
	assert_int_equal(counted(b, "groups-limit"), 1);
	assert_int_equal(counted(b, "sources-limit"), 1);
	assert_non_null(strstr(b->logged, "has more groups than there may be"));
	assert_non_null(strstr(b->logged, "has more sources than there may be"));
	/* what the port counted stays when it goes */
	bed_follow(b, 0, false);
	assert_int_equal(counted(b, "groups-limit"), 1);
	assert_int_equal(counted(b, "reports"), 3);
}

static void rate_is_limited(struct bed *b)
{
	begin(b, "phyint eth0 igmp-max-rate 10\n");
	for (unsigned i = 0; i < 15; i++)
		join(b, i);
	assert_int_equal(b->nmembers, 10);
	assert_int_equal(counted(b, "rate-limit"), 5);
	bed_run(b, 250);
	for (unsigned i = 10; i < 15; i++)
		join(b, i);
	assert_int_equal(b->nmembers, 12);
	bed_run(b, SEC(100));
	for (unsigned i = 12; i < 30; i++)
		join(b, i);
	assert_int_equal(b->nmembers, 22);
	bed_run(b, SEC(100));
	join(b, 30);
	bed_run(b, 900);
	for (unsigned i = 31; i < 50; i++)
		join(b, i);
	assert_int_equal(b->nmembers, 33);
	b->said[b->len = 0] = '\0';
}

static void leaves_are_fast(struct bed *b)
{
	begin(b, "phyint eth0 igmp-fast-leave\n");
	join(b, 1);
	leave(b, 1);
	assert_said(b, "EXC(G1) INC(G1)");
	assert_null(bed_configure(b, "phyint eth0 igmp-track\n"));
	join(b, 1);
	leave(b, 1);
	assert_said(b, "EXC(G1) INC(G1)");
	assert_null(bed_configure(b, "phyint eth0 igmp-last-member-count 3 "
				     "igmp-last-member-interval 0.5\n"));
	join(b, 1);
	leave(b, 1);
	bed_run(b, 1500);
	assert_said(b, "EXC(G1) Q(0.5 G1) Q(0.5 G1) Q(0.5 G1) INC(G1)");
}

static void never_querier(struct bed *b)
{
	assert_null(bed_configure(b, "phyint eth0 igmp igmp-no-querier\n"));
	bed_run(b, SEC(300));
	join(b, 1);
	leave(b, 1);
	assert_said(b, "EXC(G1)");
	assert_false(b->e->module->is_querier(b->e, 0));
}

static void reload_changes_nothing(struct bed *b)
{
	static const char conf[] = "phyint eth0 igmp\nphyint eth0 igmp-query-interval 60\n"
				   "group-filter eth0 deny group 239.0.0.9\n"
				   "group-filter eth0 deny group ff0e::9\n";

	begin(b, conf);
	join(b, 1);
	assert_said(b, "EXC(G1)");
	for (unsigned i = 10; i < 100; i++)
		record(b, ALLOW_NEW_SOURCES, group_of(b, i), SOURCES(1));
	b->said[b->len = 0] = '\0';
	assert_null(bed_configure(b, conf));
	assert_said(b, "");
	/* it does not even look at groups */
	assert_true(b->slices < 10);
	for (unsigned i = 10; i < 100; i++)
		leave(b, i);
	bed_run(b, SEC(2));
	b->said[b->len = 0] = '\0';
	join(b, 1);
	/* nor do other values forget a group */
	assert_null(bed_configure(b, "phyint eth0 igmp-robustness 3 igmp-response-interval 5 "
				     "igmp-query-interval 30 igmp-track\n"));
	assert_said(b, "");
	bed_run(b, SEC(30));
	assert_said(b, "Q(5)");
	/* by the time that it was given, then by that of a newer report */
	bed_run(b, SEC(2 * 60 + 20 - 30) - 1);
	assert_said(b, "Q(5) Q(5) Q(5)");
	join(b, 1);
	bed_run(b, SEC(3 * 30 + 2 * 5) - 1);
	assert_said(b, "Q(5) Q(5) Q(5)");
	bed_run(b, 1);
	assert_said(b, "INC(G1)");
}

static void events_are_sent(struct bed *b)
{
	struct gm_message q = general(b);
	char said[512];

	begin(b, "");
	b->monitored = true;
	join(b, 1);
	record(b, ALLOW_NEW_SOURCES, group_of(b, 1), SOURCES(1));
	snprintf(said, sizeof(said), "EXC(G1) +join(eth0 %s %s %s)", af_name(b->af),
		 ip_str(group_of(b, 1)), ip_str(host_of(b, 0, 20)));
	assert_said(b, said);
	hear(b, 0, 3, &q);
	snprintf(said, sizeof(said), "+querier(eth0 %s %s non-querier) off", af_name(b->af),
		 ip_str(host_of(b, 0, 3)));
	assert_said(b, said);
	hear(b, 0, 3, &q);
	assert_said(b, "");
	hear(b, 0, 2, &q);
	snprintf(said, sizeof(said), "+querier(eth0 %s %s non-querier)", af_name(b->af),
		 ip_str(host_of(b, 0, 2)));
	assert_said(b, said);
	record(b, ALLOW_NEW_SOURCES, group_of(b, 2), SOURCES(1));
	b->said[b->len = 0] = '\0';
	record(b, ALLOW_NEW_SOURCES, group_of(b, 2), SOURCES(2));
	assert_said(b, "INC(G2 1 2)");
	record(b, CHANGE_TO_EXCLUDE_MODE, group_of(b, 2), NULL);
	assert_said(b, "EXC(G2)");
	bed_gone(b, 0);
	snprintf(said, sizeof(said),
		 "+querier(eth0 %s - non-querier) INC(G1) +leave(eth0 %s %s -) INC(G2) "
		 "+leave(eth0 %s %s -)",
		 af_name(b->af), af_name(b->af), ip_str(group_of(b, 1)), af_name(b->af),
		 ip_str(group_of(b, 2)));
	assert_said(b, said);
}

static void is_a_database(struct bed *b)
{
	const struct module *module = b->e->module;
	struct ip at = { { 0 } };
	struct membership m;

	begin(b, "");
	b->quiet = true;
	for (unsigned i = 1; i <= 50; i++)
		join(b, i);
	record(b, ALLOW_NEW_SOURCES, group_of(b, 60), SOURCES(4, 5));
	for (unsigned i = 1; i <= 50; i++) {
		assert_true(module->next_group(b->e, 0, at, &at));
		assert_int_equal(number_of(at), i);
		module->membership(b->e, 0, at, &m);
		assert_int_equal(m.mode, FILTER_EXCLUDE);
	}
	assert_true(module->next_group(b->e, 0, at, &at));
	module->membership(b->e, 0, at, &m);
	assert_int_equal(m.nsources, 2);
	assert_true(ip_eq(m.source[1], source_of(b, 5)));
	assert_false(module->next_group(b->e, 0, at, &at));
	/* what was not told yet is not known */
	b->lazy = true;
	join(b, 70);
	assert_false(module->next_group(b->e, 0, at, &at));
	bed_settle(b);
	assert_true(module->next_group(b->e, 0, at, &at));
	assert_false(module->next_group(b->e, 1, (struct ip){ { 0 } }, &at));
	module->membership(b->e, 1, group_of(b, 1), &m);
	assert_true(m.mode == FILTER_INCLUDE && !m.nsources);
	module->membership(b->e, 0, group_of(b, 99), &m);
	assert_true(m.mode == FILTER_INCLUDE && !m.nsources);
	assert_true(module->is_querier(b->e, 0));
	assert_false(module->is_querier(b->e, 1));
}

/* Nobody wants it any more while many listen. */
static void ends_in_slices(struct bed *b)
{
	unsigned slices = 0;

	begin(b, "");
	b->quiet = true;
	for (unsigned i = 0; i < 1000; i++)
		join(b, i);
	assert_int_equal(b->nmembers, 1000);
	b->e->module->followed(b->e, 0, false);
	while (b->e->module->settle(b->e, 10))
		slices++;
	assert_true(slices >= 99);
	assert_int_equal(b->nmembers, 2000);
	assert_true(ifset_empty(b->e->module->slots(b->e)));
	assert_int_equal(b->clock.n, 0);
}

/* It is wanted again before all was told. */
static void ends_and_begins(struct bed *b)
{
	begin(b, "");
	b->quiet = true;
	for (unsigned i = 0; i < 100; i++)
		join(b, i);
	b->e->module->followed(b->e, 0, false);
	b->e->module->settle(b->e, 10);
	b->quiet = false;
	bed_follow(b, 0, true);
	assert_memory_equal(b->said, "on Q(1)", 7);
	b->said[b->len = 0] = '\0';
	assert_int_equal(b->nmembers, 200);
	join(b, 1);
	assert_said(b, "EXC(G1)");
}

/* The busiest interface does not keep others from their turn. */
static void ports_take_turns(struct bed *b)
{
	struct gm_record r = { CHANGE_TO_EXCLUDE_MODE, group_of(b, 7), NULL, 0 };
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = &r, .nrecords = 1 };
	struct packet p;
	uint8_t wire[100];

	begin(b, "phyint eth1 igmp\n");
	b->quiet = true;
	for (unsigned i = 0; i < 100; i++)
		join(b, i);
	b->iface[0].up = false;
	b->e->module->iface(b->e, 0, &b->iface[0]);
	p = packet_of(b, 1, 20, &m, wire, sizeof(wire));
	b->e->module->packet(b->e, &p);
	b->nmembers = 0;
	b->e->module->settle(b->e, 5);
	b->e->module->settle(b->e, 5);
	assert_true(b->e->module->next_group(b->e, 1, (struct ip){ { 0 } }, &r.group));
	assert_true(b->nmembers < 20);
	bed_settle(b);
}

static void contradictions_are_refused(struct bed *b)
{
	const char *error = bed_configure(b, "phyint eth+ igmp igmp-query-interval 20\n"
					     "phyint eth0 igmp-response-interval 20\n");

	assert_non_null(error);
	assert_string_equal(error, b->af == V4 ? "eth0: igmp-query-interval must be longer than "
						 "igmp-response-interval"
					       : "eth0: mld-query-interval must be longer than "
						 "mld-response-interval");
	assert_null(bed_configure(b, "phyint eth0 igmp-response-interval 9.9 "
				     "igmp-query-interval 10\n"));
}

static void wrong_lines_are_refused(struct bed *b)
{
	static const struct {
		const char *line, *error;
	} wrong[] = {
		{ "static-group eth0 group 239.1.1.1", "'from IFNAME' is missing" },
		{ "static-group from eth0", "'group ADDRESS' is missing" },
		{ "static-group from eth0 group 10.0.0.1", "10.0.0.1 is no multicast group" },
		{ "static-group from eth0 group 239.1.1.0/24",
		  "one group and one source are wanted, no range" },
		{ "static-group from eth0 source ff0e::1 group ff0e::1",
		  "ff0e::1 is a group, not a source" },
		{ "static-group from eth0 source fd00::1 group 239.1.1.1",
		  "source and group are of different families" },
		{ "group-filter eth0 group 239.1.1.1", "'permit' or 'deny' is missing" },
		{ "group-filter eth0 permit", "'group ADDRESS' is missing" },
		{ "group-filter eth0 deny group x", "'x' is no address" },
		{ "group-filter eth0 deny group 239.1.1.1 to", "unknown word 'to'" },
		{ "altnet eth0", "an address is missing" },
		{ "altnet eth0 fd00::/64",
		  "altnet is for IPv4: hosts of IPv6 have addresses of their link" },
		{ "ssm-range", "an address is missing" },
		{ "ssm-range 10.0.0.0/8", "10.0.0.0/8 is no multicast group" },
		{ "ssm-map 239.1.1.1", "'group ADDRESS' is missing" },
		{ "ssm-map group 239.1.1.1", "'source ADDRESS' is missing" },
		{ "ssm-map group 239.1.1.1 source", "an address is missing" },
		{ "ssm-map group 239.1.1.1 source 10.0.0.0/8",
		  "10.0.0.0/8 is no source of the group" },
		{ "ssm-map group 239.1.1.1 source fd00::1", "fd00::1 is no source of the group" },
		{ "phyint eth0 mld-version 3", "mld-version wants a number from 1 to 2, not '3'" },
		{ "phyint eth0 mld-robustness 0",
		  "mld-robustness wants a number from 1 to 255, not '0'" },
	};

	for (unsigned i = 0; i < NELEMS(wrong); i++) {
		const char *error = bed_configure(b, wrong[i].line);

		assert_non_null(error);
		assert_string_equal(error, wrong[i].error);
	}
}

struct check {
	void (*run)(struct bed *bed);
};

static void both(void **arg)
{
	const struct check *check = *arg;

	for (enum af af = V4; af <= V6; af++) {
		struct bed *b = xcalloc(1, sizeof(*b));

		bed_init(b, af);
		check->run(b);
		b->quiet = true;
		bed_free(b);
		free(b);
	}
}

#define CHECK(name, run)                                \
	{                                               \
		name, both, NULL, NULL, &(struct check) \
		{                                       \
			run                             \
		}                                       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK("runs where it is wanted", runs_where_it_is_wanted),
		CHECK("runs when it can", runs_when_it_can),
		CHECK("asks nowhere that is down", asks_nowhere_that_is_down),
		CHECK("follows patterns", follows_patterns),
		CHECK("GM-20, GM-22, GM-24, GM-93, GM-98: startup", asks_at_startup),
		CHECK("GM-107: the link comes up again", link_comes_up_again),
		CHECK("GM-22, GM-27: another address", other_address),
		CHECK("GM-22, GM-30: no address", without_an_address),
		CHECK("GM-93: from a link-local address", ipv6_asks_from_the_link),
		CHECK("GM-28, GM-33, GM-34: specific queries", asks_only_as_querier),
		CHECK("GM-32, GM-34: those of others", heeds_specific_queries),
		CHECK("GM-32: those of others, as querier", asks_itself),
		CHECK("GM-31, GM-54, GM-100: adopted values", adopts_what_the_querier_says),
		CHECK("GM-36, GM-69, GM-106: version 2", in_version_2),
		CHECK("GM-36: version 1", in_version_1),
		CHECK("GM-21, GM-103: split to the MTU", splits_to_the_mtu),
		CHECK("own messages", own_messages),
		CHECK("GM-2, GM-15, GM-16, GM-19, GM-115: dropped", drops_what_is_wrong),
		CHECK("GM-13: other networks", hears_of_other_networks),
		CHECK("GM-15, GM-16: strict as told", is_strict_as_it_is_told),
		CHECK("GM-37: other versions", warns_of_other_versions),
		CHECK("GM-115: elections are logged within limits",
		      elections_are_logged_within_limits),
		CHECK("GM-66, GM-67, GM-68: range", ssm_range_by_configuration),
		CHECK("GM-71: mapped", maps_to_sources),
		CHECK("GM-69, GM-71: mapped, in version 2", maps_where_nobody_can_be_asked),
		CHECK("filters", filters_deny),
		CHECK("filters of sources", filters_sources),
		CHECK("filters of what is known", filters_what_is_known),
		CHECK("filters of what is blocked", filters_what_is_blocked),
		CHECK("permanent groups", permanent_groups),
		CHECK("GM-64: old hosts", old_hosts_are_ignored),
		CHECK("GM-65, GM-115: limits", limits),
		CHECK("GM-115: rate", rate_is_limited),
		CHECK("GM-110: fast leave, tracking, tuning", leaves_are_fast),
		CHECK("never querier", never_querier),
		CHECK("GM-54: reload", reload_changes_nothing),
		CHECK("events", events_are_sent),
		CHECK("database", is_a_database),
		CHECK("ends in slices", ends_in_slices),
		CHECK("ends and begins", ends_and_begins),
		CHECK("ports take turns", ports_take_turns),
		CHECK("GM-26: contradictions", contradictions_are_refused),
		CHECK("wrong lines", wrong_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
