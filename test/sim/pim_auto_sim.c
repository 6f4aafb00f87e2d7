/* pim_auto_sim.c - Auto-RP: what mapping agents tell, and its groups, which are flooded
 *
 * Agents are s1, s2 and s3, towards which eth0.2 leads; eth1 and eth2 have routers, eth3 has none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/cursor.h"
#include "sim/pim_bed.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nphyint eth3 pim\n"
#define CONF IFACES "auto-rp\n"

#define DISCOVERY "224.0.1.40"
#define ANNOUNCED "224.0.1.39"

static void ways(struct pim_bed *p)
{
	static const char *const neighbors[] = { "eth0.2", "eth1.3", "eth2.3" };
	static const char *const far[] = { "s1", "s2", "s3", "rp1", "rp2" };

	for (unsigned i = 0; i < NELEMS(far); i++)
		pim_bed_route(p, far[i], "eth0.2");
	for (unsigned i = 0; i < NELEMS(neighbors); i++)
		pim_bed_hear(p, neighbors[i], "Hello holdtime forever genid 1 priority 0");
	pim_bed_run(p, SEC(5));
	pim_bed_said(p);
}

/* The agent says so, "RP[!VERSIONS] RANGE -RANGE ...", of one RP; whether that was heard. */
static bool tells(struct pim_bed *p, const char *agent, unsigned holdtime, const char *rp,
		  const char *ranges)
{
	uint8_t data[1500], *count;
	struct wr w = wr_init(data, sizeof(data));
	char word[64], *text = strdup(ranges), *save = NULL;
	struct packet packet = {
		.proto = PROTO_UDP,
		.ttl = 13,
		.src = pim_bed_ip(p, agent),
		.dst = ip_v4(0xe0000128),
		.sport = AUTO_RP_PORT,
		.dport = AUTO_RP_PORT,
		.data = data,
	};
	bool heard;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(rp, "!"), rp);
	wr_u32(&w, 0x12010000 | holdtime);
	wr_u32(&w, 0);
	wr_ip(&w, V4, pim_bed_ip(p, word));
	wr_u8(&w, strchr(rp, '!') ? atoi(strchr(rp, '!') + 1) : 2);
	count = wr_take(&w, 1);
	*count = 0;
	for (char *at = strtok_r(text, " ", &save); at; at = strtok_r(NULL, " ", &save)) {
		struct prefix range;

		assert_true(prefix_parse(at + (*at == '-'), &range));
		wr_u8(&w, *at == '-');
		wr_u8(&w, range.len);
		wr_ip(&w, V4, range.ip);
		++*count;
	}
	packet.len = wr_len(&w);
	heard = sim_receive(p->bed.k, 1, &packet);
	bed_work(&p->bed);
	free(text);
	return heard;
}

/* All RPs of the set that were told by agents: "224.0.0.0/4 rp1 239.0.0.0/8 none". */
static void assert_rps(struct pim_bed *p, const char *want)
{
	char *reply = strdup(bed_ask(&p->bed, "show pim rp")), *at = reply;
	struct buf all = { 0 };

	while ((at = strstr(at, "\"group\":\""))) {
		char *range = at + 9, *end = strchr(range, '}');
		char *rp;

		assert_non_null(end);
		*end = '\0';
		at = end;
		rp = strstr(range, "\"rp_address\":\"");
		if (strstr(range, "\"origin\":\"auto-rp\"")) {
			struct ip ip;
			char text[64];

			range[strcspn(range, "\"")] = '\0';
			buf_printf(&all, "%s%s ", buf_len(&all) ? " " : "", range);
			if (rp) {
				snprintf(text, sizeof(text), "%.*s", (int)strcspn(rp + 14, "\""),
					 rp + 14);
				assert_true(ip_parse(text, &ip));
			}
			buf_puts(&all, rp ? pim_bed_name(p, ip) : "none");
		}
		at++;
	}
	buf_add(&all, "", 1);
	assert_string_equal(buf_at(&all), want);
	buf_free(&all);
	free(reply);
}

/* The RP that joins of the group are for, or none. */
static void assert_rp(struct pim_bed *p, const char *group, const char *rp)
{
	const char *reply;
	char want[128];

	snprintf(want, sizeof(want), "show pim rp %s", ip_str(pim_bed_ip(p, group)));
	reply = bed_ask(&p->bed, want);
	snprintf(want, sizeof(want), "\"rp_address\":\"%s\"", ip_str(pim_bed_ip(p, rp)));
	assert_non_null(strstr(reply, want));
	assert_non_null(strstr(reply, "\"chosen\":true"));
}

/* It is told, and followed at once. */
static void told(struct pim_bed *p)
{
	ways(p);
	assert_true(tells(p, "s1", 181, "rp1", "224.0.0.0/4"));
	assert_rps(p, "224.0.0.0/4 rp1");
	assert_rp(p, "g1", "rp1");
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_run(p, 1);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
	assert_int_equal(p->pim->counters.auto_received, 1);
}

/* A range has one RP: another one takes its place; ranges of a message before stay. */
static void told_otherwise(struct pim_bed *p)
{
	told(p);
	tells(p, "s1", 181, "rp2", "224.0.0.0/4 239.2.0.0/16");
	assert_rps(p, "239.2.0.0/16 rp2 224.0.0.0/4 rp2");
	tells(p, "s1", 181, "rp1", "224.0.0.0/4");
	assert_rps(p, "239.2.0.0/16 rp2 224.0.0.0/4 rp1");
}

static void it_expires(struct pim_bed *p)
{
	told(p);
	pim_bed_run(p, SEC(100));
	tells(p, "s1", 181, "rp2", "239.2.0.0/16");
	pim_bed_run(p, SEC(81) - 2);
	assert_rps(p, "239.2.0.0/16 rp2 224.0.0.0/4 rp1");
	pim_bed_run(p, 2);
	assert_rps(p, "239.2.0.0/16 rp2");
	pim_bed_run(p, SEC(100));
	assert_rps(p, "");
	assert_int_equal(p->pim->nagents, 0);
}

static void it_never_expires(struct pim_bed *p)
{
	ways(p);
	tells(p, "s1", 0, "rp1", "224.0.0.0/4");
	pim_bed_run(p, SEC(100000));
	assert_rps(p, "224.0.0.0/4 rp1");
	tells(p, "s1", 10, "rp1", "224.0.0.0/4");
	pim_bed_run(p, SEC(10));
	assert_rps(p, "");
}

/* Groups of a negative range have no RP, though a shorter one would have. */
static void negative(struct pim_bed *p)
{
	ways(p);
	tells(p, "s1", 181, "rp1", "224.0.0.0/4 -239.1.0.0/16");
	assert_rps(p, "239.1.0.0/16 none 224.0.0.0/4 rp1");
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_run(p, 1);
	assert_said(p, "");
	tells(p, "s1", 181, "rp2", "239.1.0.0/16");
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp2\n");
}

/* Who lets few be RP has not allowed the one of the shorter range for these groups. */
static void negative_and_filtered(struct pim_bed *p)
{
	ways(p);
	tells(p, "s1", 181, "rp1", "224.0.0.0/4 -239.1.0.0/16");
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_run(p, 1);
	assert_said(p, "");
	pim_bed_join(p, "eth1", "*", "239.2.0.1");
	pim_bed_run(p, 1);
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,239.2.0.1) rp rp1\n");
	assert_int_equal(p->pim->counters.rp_filtered, 0);
}

/* Who speaks PIM version 1 alone cannot be ours, nor is another one the group's. */
static void versions(struct pim_bed *p)
{
	ways(p);
	tells(p, "s1", 181, "rp1!1", "239.1.0.0/16");
	tells(p, "s1", 181, "rp1!0", "239.2.0.0/16");
	tells(p, "s1", 181, "rp1!3", "239.3.0.0/16");
	assert_rps(p, "239.1.0.0/16 none 239.2.0.0/16 rp1 239.3.0.0/16 rp1");
}

/* The highest agent is believed, and the next one when all that it said is over. */
static void agents(struct pim_bed *p)
{
	ways(p);
	tells(p, "s2", 100, "rp2", "224.0.0.0/4");
	tells(p, "s1", 181, "rp1", "224.0.0.0/4 239.2.0.0/16");
	assert_rps(p, "224.0.0.0/4 rp2");
	tells(p, "s3", 50, "rp1", "239.3.0.0/16");
	assert_rps(p, "239.3.0.0/16 rp1");
	pim_bed_run(p, SEC(50));
	assert_rps(p, "224.0.0.0/4 rp2");
	pim_bed_run(p, SEC(50));
	assert_rps(p, "239.2.0.0/16 rp1 224.0.0.0/4 rp1");
}

static void not_believed(struct pim_bed *p)
{
	ways(p);
	tells(p, "s1", 181, "rp1", "224.0.0.0/4");
	assert_rps(p, "");
	assert_int_equal(p->pim->counters.auto_filtered, 1);
	tells(p, "s2", 181, "rp2", "224.0.0.0/4");
	assert_rps(p, "224.0.0.0/4 rp2");
	pim_bed_reload(p, IFACES "auto-rp s1\n");
	assert_rps(p, "");
}

static void off(struct pim_bed *p)
{
	told(p);
	pim_bed_reload(p, IFACES);
	assert_rps(p, "");
	assert_false(sim_listens(p->bed.k, V4, 1, LISTEN_AUTO_RP));
	assert_false(tells(p, "s1", 181, "rp1", "224.0.0.0/4"));
	pim_bed_reload(p, CONF);
	assert_true(tells(p, "s1", 181, "rp1", "224.0.0.0/4"));
	assert_rps(p, "224.0.0.0/4 rp1");
}

/* Over the border of a zone that has its groups, nothing is taken. */
static void over_a_border(struct pim_bed *p)
{
	ways(p);
	tells(p, "s1", 181, "rp1", "224.0.0.0/4");
	assert_rps(p, "");
	assert_int_equal(p->pim->counters.auto_filtered, 1);
}

static void bad_messages(struct pim_bed *p)
{
	struct packet packet = {
		.proto = PROTO_UDP,
		.src = pim_bed_ip(p, "s1"),
		.dst = ip_v4(0xe0000128),
		.dport = AUTO_RP_PORT,
		.data = "\x11\0\0\xb5\0\0\0\0",
		.len = 8,
	};

	ways(p);
	sim_receive(p->bed.k, 1, &packet);
	packet.len = 7;
	sim_receive(p->bed.k, 1, &packet);
	packet.data = "\x12\1\0\xb5\0\0\0\0";
	packet.len = 8;
	sim_receive(p->bed.k, 1, &packet);
	bed_work(&p->bed);
	assert_int_equal(p->pim->counters.auto_bad, 3);
	assert_rps(p, "");
	packet.data = "\x12\0\0\xb5\0\0\0\0";
	sim_receive(p->bed.k, 1, &packet);
	assert_int_equal(p->pim->counters.auto_received, 1);
	assert_int_equal(p->pim->nagents, 0);
}

/* More than can be sensible takes no more room. */
static void limits(struct pim_bed *p)
{
	const char *said;
	char text[64];

	ways(p);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "10.9.1.%u", i + 1);
		tells(p, text, 181, "rp1", "224.0.0.0/4");
	}
	assert_int_equal(p->pim->nagents, 16);
	assert_int_equal(p->pim->counters.limited, 4);
	/* those that are invented, and say nothing or are lower, are in nobody's way */
	tells(p, "10.9.1.30", 181, "rp1", "");
	tells(p, "10.9.1.1", 181, "rp1", "224.0.0.0/4");
	assert_int_equal(p->pim->nagents, 16);
	assert_int_equal(p->pim->counters.limited, 5);
	said = bed_ask(&p->bed, "show pim auto-rp");
	assert_non_null(strstr(said, "\"10.9.1.20\""));
	assert_non_null(strstr(said, "\"10.9.1.5\""));
	assert_null(strstr(said, "\"10.9.1.4\""));
	for (unsigned i = 0; i < 1100; i++) {
		snprintf(text, sizeof(text), "239.%u.%u.0/24", i / 256, i % 256);
		tells(p, "10.9.1.20", 181, "rp1", text);
	}
	assert_int_equal(p->pim->rps.nmappings, 1024);
}

/* The groups themselves */

/* From the way to the source to all other neighbors, and nowhere else. */
static void flooded(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", DISCOVERY), "eth1 eth2");
	assert_string_equal(pim_bed_data(p, "eth0", "s1", ANNOUNCED), "eth1 eth2");
	assert_string_equal(pim_bed_data(p, "eth1", "s1", DISCOVERY), "");
	assert_entry(p, "s1", DISCOVERY, "eth0 > eth1 eth2");
	/* though there is an RP */
	tells(p, "s1", 181, "rp1", "224.0.0.0/4");
	pim_bed_run(p, SEC(1));
	assert_entry(p, "s1", DISCOVERY, "eth0 > eth1 eth2");
	pim_bed_said(p);
	pim_bed_run(p, SEC(100));
	assert_said(p, "");
}

static void flooded_to_new_neighbors(struct pim_bed *p)
{
	flooded(p);
	pim_bed_hear(p, "eth3.2", "Hello holdtime 20 genid 1 priority 0");
	assert_entry(p, "s1", DISCOVERY, "eth0 > eth1 eth2 eth3");
	pim_bed_run(p, SEC(20));
	assert_entry(p, "s1", DISCOVERY, "eth0 > eth1 eth2");
	pim_bed_join(p, "eth3", "*", DISCOVERY);
	pim_bed_run(p, 1);
	assert_entry(p, "s1", DISCOVERY, "eth0 > eth1 eth2 eth3");
}

/* Routers listen to it too, which is no reason to speak for the group on the way to the source. */
static void flooded_to_ourselves(struct pim_bed *p)
{
	ways(p);
	pim_bed_join(p, "eth0", "*", DISCOVERY);
	pim_bed_join(p, "eth1", "*", DISCOVERY);
	pim_bed_run(p, SEC(1));
	assert_string_equal(pim_bed_data(p, "eth0", "s1", DISCOVERY), "eth1 eth2");
	pim_bed_run(p, SEC(100));
	assert_said(p, "");
}

static void flooded_the_other_way(struct pim_bed *p)
{
	flooded(p);
	pim_bed_route(p, "s1", "eth1.3");
	assert_entry(p, "s1", DISCOVERY, "eth1 > eth0 eth2");
	pim_bed_unroute(p, "s1", PIM_BED_METRIC);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", DISCOVERY), "");
}

/* From our own link, as DR or not. Nothing is registered. */
static void flooded_from_a_link(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth3", "eth3.100", ANNOUNCED), "eth0 eth1 eth2");
	pim_bed_hear(p, "eth3.2", "Hello holdtime 105 genid 1 priority 9");
	pim_bed_run(p, SEC(5));
	assert_string_equal(pim_bed_data(p, "eth3", "eth3.100", ANNOUNCED), "eth0 eth1 eth2");
	assert_said(p, "");
}

static void flooded_within_borders(struct pim_bed *p)
{
	ways(p);
	assert_string_equal(pim_bed_data(p, "eth0", "s1", DISCOVERY), "eth1");
	assert_string_equal(pim_bed_data(p, "eth2", "eth2.100", DISCOVERY), "");
}

/* As long as it flows it is known, and then no more. */
static void flooded_for_a_while(struct pim_bed *p)
{
	flooded(p);
	for (unsigned i = 0; i < 10; i++) {
		pim_bed_run(p, SEC(60));
		assert_string_equal(pim_bed_data(p, "eth0", "s1", DISCOVERY), "eth1 eth2");
	}
	pim_bed_run(p, SEC(421));
	assert_null(pim_bed_find(p, "s1", DISCOVERY));
	assert_entry(p, "s1", DISCOVERY, "none");
}

/* Two would flood one link: one of them does. */
static void one_floods(struct pim_bed *p)
{
	flooded(p);
	pim_bed_run(p, SEC(3));
	pim_bed_data(p, "eth1", "s1", DISCOVERY);
	assert_string_equal(pim_bed_said(p),
			    "eth1 Assert (s1,224.0.1.40) preference 110 metric 20\n");
	pim_bed_hear(p, "eth1.3", "Assert (s1,224.0.1.40) preference 110 metric 10");
	assert_entry(p, "s1", DISCOVERY, "eth0 > eth2");
	pim_bed_hear(p, "eth2.3", "Assert (s1,224.0.1.40) preference 110 metric 30");
	assert_entry(p, "s1", DISCOVERY, "eth0 > eth2");
	pim_bed_run(p, SEC(181));
	assert_entry(p, "s1", DISCOVERY, "eth0 > eth1 eth2");
}

/* Without the word they are groups like others. */
static void not_flooded(struct pim_bed *p)
{
	flooded(p);
	pim_bed_reload(p, IFACES);
	pim_bed_run(p, SEC(1));
	assert_string_equal(pim_bed_data(p, "eth0", "s1", DISCOVERY), "");
	pim_bed_reload(p, CONF);
	pim_bed_run(p, SEC(1));
	assert_string_equal(pim_bed_data(p, "eth0", "s1", DISCOVERY), "eth1 eth2");
}

static void shown(struct pim_bed *p)
{
	const char *reply;

	agents(p);
	tells(p, "s2", 0, "rp2", "224.0.0.0/4 -239.4.0.0/16");
	reply = bed_ask(&p->bed, "show pim auto-rp");
	assert_non_null(strstr(reply, "\"agent\":\"10.9.0.2\",\"in_force\":true,\"heard\":0,"
				      "\"group\":\"224.0.0.0/4\",\"rp_address\":\"10.8.0.2\","
				      "\"expiration\":null"));
	assert_non_null(strstr(reply, "\"group\":\"239.4.0.0/16\",\"rp_address\":null"));
	assert_non_null(strstr(reply, "\"agent\":\"10.9.0.1\",\"in_force\":false,"
				      "\"heard\":100000,\"group\":\"239.2.0.0/16\","
				      "\"rp_address\":\"10.8.0.1\",\"expiration\":81000"));
}

/* There is no Auto-RP of IPv6. */
static void not_of_ipv6(void **state)
{
	struct pim_bed *p = pim_bed_new(V6, CONF);

	(void)state;
	assert_false(sim_listens(p->bed.k, V6, 1, LISTEN_AUTO_RP));
	pim_bed_free(p);
}

static void run(void **state)
{
	const struct pim_bed_case *c = *state;
	struct pim_bed *p = pim_bed_new(V4, c->conf);

	c->test(p);
	pim_bed_free(p);
}

#define TEST(text, conf, test)                                            \
	{                                                                 \
		"PIM-203: " text, run, NULL, NULL, &(struct pim_bed_case) \
		{                                                         \
			conf, test                                        \
		}                                                         \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("RPs are told", CONF, told),
		TEST("other RPs are told", CONF, told_otherwise),
		TEST("what was told expires", CONF, it_expires),
		TEST("or does not", CONF, it_never_expires),
		TEST("negative ranges", CONF, negative),
		TEST("negative ranges, others filtered", CONF "rp-filter rp1\n",
		     negative_and_filtered),
		TEST("versions of PIM", CONF, versions),
		TEST("several agents", CONF, agents),
		TEST("agents that are not believed", IFACES "auto-rp s2 10.9.3.0/24\n",
		     not_believed),
		TEST("off and on", CONF, off),
		TEST("over a border", CONF "phyint eth0 scoped 224.0.1.0/24\n", over_a_border),
		TEST("bad messages", CONF, bad_messages),
		TEST("limits", CONF, limits),
		TEST("flooded", CONF, flooded),
		TEST("flooded, neighbors come and go", CONF, flooded_to_new_neighbors),
		TEST("flooded, another way to the source", CONF, flooded_the_other_way),
		TEST("flooded, routers listen", CONF, flooded_to_ourselves),
		TEST("flooded, a source of an own link", CONF, flooded_from_a_link),
		TEST("flooded within borders", CONF "phyint eth2 scoped 224.0.1.40/32\n",
		     flooded_within_borders),
		TEST("flooded as long as it flows", CONF, flooded_for_a_while),
		TEST("one of two routers floods", CONF, one_floods),
		TEST("flooded no longer", CONF, not_flooded),
		TEST("agents are shown", CONF, shown),
		{ "PIM-203: not of IPv6", not_of_ipv6, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_auto_sim", tests, NULL, NULL);
}
