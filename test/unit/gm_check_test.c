/* gm_check_test.c - which packets may bring a message of IGMP or MLD */
#include "igmpproxy/check.h"
#include "unit/gm.h"

/* eth0 has two networks, a tunnel an address with the other end's, a third interface has none. */
static struct prefix addresses[3], other;
static struct iface eth0, tunnel, none;
static const struct gm_checks strict, any_ttl = { .any_ttl = true },
				      alert = { .alert_required = true },
				      any_network = { .any_network = true };

static void networks(enum af af, const char *const text[3])
{
	for (unsigned i = 0; i < 3; i++)
		assert_true(prefix_parse(text[i], &addresses[i]));
	eth0 = (struct iface){ .name = "eth0", .present = true, .address = addresses };
	tunnel = none = eth0;
	eth0.naddresses = 2;
	tunnel.ptp = true;
	tunnel.address = addresses + 2;
	tunnel.naddresses = 1;
	assert_true(prefix_parse(af == V4 ? "192.168.7.0/24" : "2001:db8:7::/64", &other));
}

static void ipv4(void)
{
	networks(V4, (const char *const[]){ "10.0.0.1/24", "10.1.0.1/16", "10.9.9.1/32" });
}

static void ipv6(void)
{
	networks(V6, (const char *const[]){ "fe80::1/64", "2001:db8::1/64", "fe80::9/64" });
}

static struct packet packet(const char *src, const char *dst)
{
	return (struct packet){ .ttl = 1, .router_alert = true, .src = ip(src), .dst = ip(dst) };
}

static struct gm_message report(unsigned version)
{
	return (struct gm_message){ .type = version == 3 ? GM_REPORT_V3 : GM_REPORT,
				    .version = version,
				    .group = ip(version == 3 ? "0.0.0.0" : "239.1.2.3") };
}

static struct gm_message query(const char *group)
{
	return (struct gm_message){ .type = GM_QUERY, .version = 3, .group = ip(group) };
}

static void assert_report(enum gm_bad want, const char *src, const struct iface *iface,
			  const struct gm_checks *checks)
{
	struct packet p = packet(src, "224.0.0.22");

	for (unsigned version = 1; version <= 3; version++) {
		struct gm_message m = report(version);

		assert_int_equal(gm_check(&p, &m, iface, checks), want);
	}
}

/* GM-11: any address of the interface, and any group; but a general query is for all systems */
static void destinations_of_igmp(void **state)
{
	static const struct {
		const char *dst;
		enum gm_bad report, specific, general;
	} rows[] = {
		{ "224.0.0.1", GM_GOOD, GM_GOOD, GM_GOOD },
		{ "224.0.0.22", GM_GOOD, GM_GOOD, GM_BAD_DESTINATION },
		{ "239.1.2.3", GM_GOOD, GM_GOOD, GM_BAD_DESTINATION },
		{ "10.0.0.1", GM_GOOD, GM_GOOD, GM_GOOD },
		{ "10.1.0.1", GM_GOOD, GM_GOOD, GM_GOOD },
		{ "10.0.0.2", GM_BAD_DESTINATION, GM_BAD_DESTINATION, GM_BAD_DESTINATION },
		{ "10.9.9.1", GM_BAD_DESTINATION, GM_BAD_DESTINATION, GM_BAD_DESTINATION },
		{ "255.255.255.255", GM_BAD_DESTINATION, GM_BAD_DESTINATION, GM_BAD_DESTINATION },
		{ "0.0.0.0", GM_BAD_DESTINATION, GM_BAD_DESTINATION, GM_BAD_DESTINATION },
	};
	struct gm_message v3 = report(3), v2 = report(2), specific = query("239.1.2.3"),
			  general = query("0.0.0.0");

	(void)state;
	ipv4();
	for (unsigned i = 0; i < NELEMS(rows); i++) {
		struct packet p = packet("10.0.0.9", rows[i].dst);

		assert_int_equal(gm_check(&p, &v3, &eth0, &strict), rows[i].report);
		assert_int_equal(gm_check(&p, &v2, &eth0, &strict), rows[i].report);
		assert_int_equal(gm_check(&p, &specific, &eth0, &strict), rows[i].specific);
		assert_int_equal(gm_check(&p, &general, &eth0, &strict), rows[i].general);
	}
}

/* GM-12: hosts without an address, on whatever interface */
static void reports_without_an_address(void **state)
{
	(void)state;
	ipv4();
	assert_report(GM_GOOD, "0.0.0.0", &eth0, &strict);
	assert_report(GM_GOOD, "0.0.0.0", &tunnel, &strict);
	assert_report(GM_GOOD, "0.0.0.0", &none, &strict);
}

/* GM-13: from the networks of the interface, unless it is said otherwise */
static void reports_from_other_networks(void **state)
{
	struct gm_checks altnet = { .altnet = &other, .naltnets = 1 };

	(void)state;
	ipv4();
	assert_report(GM_GOOD, "10.0.0.9", &eth0, &strict);
	assert_report(GM_GOOD, "10.1.255.9", &eth0, &strict);
	assert_report(GM_BAD_OFF_LINK, "10.0.1.9", &eth0, &strict);
	assert_report(GM_BAD_OFF_LINK, "10.2.0.9", &eth0, &strict);
	assert_report(GM_BAD_OFF_LINK, "192.168.7.9", &eth0, &strict);
	assert_report(GM_GOOD, "192.168.7.9", &eth0, &altnet);
	assert_report(GM_GOOD, "10.0.0.9", &eth0, &altnet);
	assert_report(GM_BAD_OFF_LINK, "192.168.8.9", &eth0, &altnet);
	assert_report(GM_GOOD, "192.168.8.9", &eth0, &any_network);
}

/* GM-13: leaves as well; queriers may be of another network */
static void leaves_and_queries_from_other_networks(void **state)
{
	struct packet p = packet("192.168.7.9", "224.0.0.1");
	struct gm_message leave = report(2), general = query("0.0.0.0");

	(void)state;
	ipv4();
	leave.type = GM_LEAVE;
	assert_int_equal(gm_check(&p, &leave, &eth0, &strict), GM_BAD_OFF_LINK);
	assert_int_equal(gm_check(&p, &general, &eth0, &strict), GM_GOOD);
}

/* GM-14: the source says nothing where there is no network, or just one host at the other end */
static void unnumbered_interfaces(void **state)
{
	(void)state;
	ipv4();
	assert_report(GM_GOOD, "172.16.0.9", &none, &strict);
	assert_report(GM_GOOD, "172.16.0.9", &tunnel, &strict);
}

/* GM-15: required where it is said so, but v1 has none */
static void router_alert_of_igmp(void **state)
{
	struct packet p = packet("10.0.0.9", "239.1.2.3");

	(void)state;
	ipv4();
	for (unsigned version = 1; version <= 3; version++) {
		struct gm_message m = report(version), q = query("239.1.2.3");

		q.version = version;
		p.router_alert = false;
		assert_int_equal(gm_check(&p, &m, &eth0, &strict), GM_GOOD);
		assert_int_equal(gm_check(&p, &q, &eth0, &strict), GM_GOOD);
		assert_int_equal(gm_check(&p, &m, &eth0, &alert),
				 version == 1 ? GM_GOOD : GM_BAD_ALERT);
		assert_int_equal(gm_check(&p, &q, &eth0, &alert),
				 version == 1 ? GM_GOOD : GM_BAD_ALERT);
		p.router_alert = true;
		assert_int_equal(gm_check(&p, &m, &eth0, &alert), GM_GOOD);
		assert_int_equal(gm_check(&p, &q, &eth0, &alert), GM_GOOD);
	}
}

/* GM-16: 1, unless it is said otherwise */
static void ttl_of_igmp(void **state)
{
	struct packet p = packet("10.0.0.9", "239.1.2.3");
	struct gm_message m = report(2), q = query("239.1.2.3");

	(void)state;
	ipv4();
	for (unsigned ttl = 0; ttl < 256; ttl++) {
		enum gm_bad want = ttl == 1 ? GM_GOOD : GM_BAD_TTL;

		p.ttl = ttl;
		assert_int_equal(gm_check(&p, &m, &eth0, &strict), want);
		assert_int_equal(gm_check(&p, &q, &eth0, &strict), want);
		assert_int_equal(gm_check(&p, &m, &eth0, &any_ttl), GM_GOOD);
	}
}

/* From no host, whatever else is allowed */
static void senders_of_igmp(void **state)
{
	static const char *const bad[] = { "224.0.0.1", "239.1.2.3", "127.0.0.1",
					   "255.255.255.255" };
	struct gm_message general = query("0.0.0.0");

	(void)state;
	ipv4();
	for (unsigned i = 0; i < NELEMS(bad); i++) {
		struct packet p = packet(bad[i], "224.0.0.1");

		assert_report(GM_BAD_SENDER, bad[i], &eth0, &any_network);
		assert_int_equal(gm_check(&p, &general, &eth0, &any_network), GM_BAD_SENDER);
	}
}

/* GM-93, GM-94, GM-95: hop limit, Router Alert and a link-local source, in all of MLD */
static void mld_comes_from_the_link(void **state)
{
	static const struct gm_checks lax = { .any_ttl = true, .any_network = true };
	static const char *const bad[] = { "::", "2001:db8::9", "::1", "fec0::1", "ff02::1" };
	const struct gm_message messages[] = { query("::"), query("ff05::2"), report(2),
					       report(3) };

	(void)state;
	ipv6();
	for (unsigned i = 0; i < NELEMS(messages); i++) {
		struct packet p = packet("fe80::2", "ff02::1");
		const struct gm_message *m = &messages[i];

		assert_int_equal(gm_check(&p, m, &eth0, &strict), GM_GOOD);
		assert_int_equal(gm_check(&p, m, &none, &strict), GM_GOOD);
		p.router_alert = false;
		assert_int_equal(gm_check(&p, m, &eth0, &lax), GM_BAD_ALERT);
		p.router_alert = true;
		for (unsigned ttl = 0; ttl < 256; ttl++) {
			p.ttl = ttl;
			assert_int_equal(gm_check(&p, m, &eth0, &lax),
					 ttl == 1 ? GM_GOOD : GM_BAD_TTL);
		}
		p.ttl = 1;
		for (unsigned j = 0; j < NELEMS(bad); j++) {
			p.src = ip(bad[j]);
			assert_int_equal(gm_check(&p, m, &eth0, &lax), GM_BAD_SENDER);
		}
	}
}

/* RFC 3810 5.1.15, 5.2.14 */
static void destinations_of_mld(void **state)
{
	static const struct {
		const char *dst;
		enum gm_bad report, general;
	} rows[] = {
		{ "ff02::1", GM_GOOD, GM_GOOD },
		{ "ff02::16", GM_GOOD, GM_BAD_DESTINATION },
		{ "ff05::2", GM_GOOD, GM_BAD_DESTINATION },
		{ "fe80::1", GM_GOOD, GM_GOOD },
		{ "2001:db8::1", GM_GOOD, GM_GOOD },
		{ "fe80::2", GM_BAD_DESTINATION, GM_BAD_DESTINATION },
		{ "::", GM_BAD_DESTINATION, GM_BAD_DESTINATION },
	};
	struct gm_message v2 = report(3), general = query("::");

	(void)state;
	ipv6();
	for (unsigned i = 0; i < NELEMS(rows); i++) {
		struct packet p = packet("fe80::2", rows[i].dst);

		assert_int_equal(gm_check(&p, &v2, &eth0, &strict), rows[i].report);
		assert_int_equal(gm_check(&p, &general, &eth0, &strict), rows[i].general);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(destinations_of_igmp),
		cmocka_unit_test(reports_without_an_address),
		cmocka_unit_test(reports_from_other_networks),
		cmocka_unit_test(leaves_and_queries_from_other_networks),
		cmocka_unit_test(unnumbered_interfaces),
		cmocka_unit_test(router_alert_of_igmp),
		cmocka_unit_test(ttl_of_igmp),
		cmocka_unit_test(senders_of_igmp),
		cmocka_unit_test(mld_comes_from_the_link),
		cmocka_unit_test(destinations_of_mld),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
