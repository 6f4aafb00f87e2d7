/* pim_rp_test.c - which RP a group has: the hash, the order of mappings, and changes */
#include "pim-module/pim_conf.h"
#include "pim-module/rp.h"
#include "unit/pim.h"

/* Computed by the formula of RFC 7761 4.7.2 in integers of any length. */
static const struct {
	const char *group;
	unsigned hash_len;
	const char *rp;
	uint32_t value;
} hashes[] = {
	{ "239.1.1.1", 30, "10.0.0.1", 0x64193111 },
	{ "239.1.1.3", 30, "10.0.0.1", 0x64193111 },
	{ "239.1.1.4", 30, "10.0.0.1", 0x1ea39ab5 },
	{ "239.1.1.1", 30, "10.0.0.2", 0x296c1c58 },
	{ "239.1.1.1", 32, "10.0.0.1", 0x0e486854 },
	{ "239.1.1.1", 0, "10.0.0.1", 0x5415c811 },
	{ "224.0.1.40", 30, "192.168.255.254", 0x084ac08c },
	{ "239.255.255.255", 8, "255.255.255.254", 0x252449f4 },
	{ "ff0e::1:1", 126, "3ffe:b00:c18:1::10", 0x71b09041 },
	{ "ff0e::1:1", 126, "2001:db8::1", 0x58915fb9 },
	{ "ff0e::1:3", 126, "2001:db8::1", 0x58915fb9 },
	{ "ff0e::1:4", 126, "2001:db8::1", 0x00ed7ffd },
	{ "ff0e::1:1", 126, "::10.0.0.1", 0x733cc811 },
	{ "ff7e:140:2001:db8::1234", 128, "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe", 0x244b1890 },
	{ "ff0e::1:1", 0, "2001:db8::1", 0x12445fb9 },
	{ "239.1.1.1", 1, "10.0.0.1", 0x5415c811 },
	{ "239.129.64.200", 9, "172.16.5.4", 0x08cd7132 },
	{ "239.129.64.200", 16, "172.16.5.4", 0x4b367132 },
	{ "239.129.64.200", 24, "172.16.5.4", 0x09d0b132 },
	{ "239.129.64.201", 31, "172.16.5.4", 0x6429113a },
	{ "225.255.0.127", 25, "192.0.2.129", 0x5970d891 },
	{ "ff0e:1234:5678:9abc:def0:1234:5678:9abc", 1, "2001:db8:85a3::8a2e:370:7334",
	  0x2a872038 },
	{ "ff0e:1234:5678:9abc:def0:1234:5678:9abc", 33, "2001:db8:85a3::8a2e:370:7334",
	  0x6d00dacc },
	{ "ff0e:1234:5678:9abc:def0:1234:5678:9abc", 64, "2001:db8:85a3::8a2e:370:7334",
	  0x459c5000 },
	{ "ff0e:1234:5678:9abc:def0:1234:5678:9abc", 97, "2001:db8:85a3::8a2e:370:7334",
	  0x79a20a94 },
	{ "ff0e:1234:5678:9abc:def0:1234:5678:9abc", 112, "2001:db8:85a3::8a2e:370:7334",
	  0x6cda0a94 },
	{ "ff0e:1234:5678:9abc:def0:1234:5678:9abc", 128, "fd00::ffff:ffff:0:1", 0x67f649f4 },
	/* alike, since the highest bit of an address is lost */
	{ "239.1.1.1", 30, "138.0.0.1", 0x64193111 },
};

static void known_hashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(hashes); i++)
		assert_int_equal(rp_hash(ip(hashes[i].group), hashes[i].hash_len, ip(hashes[i].rp)),
				 hashes[i].value);
}

static struct rp_mapping mapping(const char *range, const char *rp, unsigned priority)
{
	struct rp_mapping m = { .rp = ip(rp), .priority = priority, .is_reachable = true };

	assert_true(prefix_parse(range, &m.range));
	m.hash_len = ip_family(m.rp) == V4 ? RP_HASH_LEN_V4 : RP_HASH_LEN_V6;
	return m;
}

static void put(struct rp_set *set, const char *range, const char *rp, unsigned priority)
{
	struct rp_mapping m = mapping(range, rp, priority);

	rp_set_put(set, &m);
}

static void put_learned(struct rp_set *set, const char *range, const char *rp, unsigned priority)
{
	struct rp_mapping m = mapping(range, rp, priority);

	m.origin = RP_BSR;
	rp_set_put(set, &m);
}

static void drop(struct rp_set *set, const char *range, const char *rp)
{
	struct rp_mapping m = mapping(range, rp, 0);

	rp_set_drop(set, RP_STATIC, m.range, m.rp);
}

static void assert_rp(const struct rp_set *set, const char *group, const char *rp)
{
	const struct rp_mapping *m = rp_choose(set, ip(group));

	assert_string_equal(m ? ip_str(m->rp) : "none", rp);
}

/* The longest range, be its priority what it may. */
static void longest_range(void **state)
{
	struct rp_set set;

	(void)state;
	rp_set_init(&set);
	assert_rp(&set, "239.1.1.1", "none");
	put(&set, "224.0.0.0/4", "10.0.0.1", 0);
	put(&set, "239.0.0.0/8", "10.0.0.2", 9);
	put(&set, "239.1.0.0/16", "10.0.0.3", 200);
	put(&set, "239.1.1.1", "10.0.0.4", 255);
	put(&set, "239.1.1.2/31", "10.0.0.5", 255);
	assert_rp(&set, "224.1.1.1", "10.0.0.1");
	assert_rp(&set, "238.255.255.255", "10.0.0.1");
	assert_rp(&set, "239.0.255.255", "10.0.0.2");
	assert_rp(&set, "239.2.0.0", "10.0.0.2");
	assert_rp(&set, "239.1.255.255", "10.0.0.3");
	assert_rp(&set, "239.1.1.1", "10.0.0.4");
	assert_rp(&set, "239.1.1.3", "10.0.0.5");
	assert_rp(&set, "239.1.1.4", "10.0.0.3");
	assert_rp(&set, "225.0.0.0", "10.0.0.1");
	drop(&set, "239.1.0.0/16", "10.0.0.3");
	assert_rp(&set, "239.1.255.255", "10.0.0.2");
	assert_int_equal(set.nmappings, 4);
	rp_set_free(&set);
}

static void best_priority(void **state)
{
	struct rp_set set;

	(void)state;
	rp_set_init(&set);
	put(&set, "239.0.0.0/8", "10.0.0.9", 2);
	put(&set, "239.0.0.0/8", "10.0.0.1", 1);
	put(&set, "239.0.0.0/8", "10.0.0.2", 255);
	for (unsigned i = 0; i < 32; i += 4)
		assert_rp(&set, ip_str(ip_v4(0xef010000 + i)), "10.0.0.1");
	put(&set, "239.0.0.0/8", "10.0.0.2", 0);
	assert_int_equal(set.nmappings, 3);
	assert_rp(&set, "239.1.0.0", "10.0.0.2");
	rp_set_free(&set);
}

/* Groups are shared among those that are alike, four at a time. */
static void highest_hash(void **state)
{
	static const char *const v4[] = { "3", "2", "2", "3", "3", "2" };
	static const char *const v6[] = { "3", "2", "3", "3", "3", "2" };
	struct rp_set set4, set6;
	char group[IP_STRLEN], rp[IP_STRLEN];

	(void)state;
	rp_set_init(&set4);
	rp_set_init(&set6);
	for (unsigned i = 1; i <= 3; i++) {
		snprintf(rp, sizeof(rp), "10.0.0.%u", i);
		put(&set4, "224.0.0.0/4", rp, 1);
		snprintf(rp, sizeof(rp), "2001:db8::%u", i);
		put(&set6, "ff00::/8", rp, 1);
	}
	for (unsigned i = 0; i < 24; i++) {
		snprintf(group, sizeof(group), "239.1.0.%u", i);
		snprintf(rp, sizeof(rp), "10.0.0.%s", v4[i / 4]);
		assert_rp(&set4, group, rp);
		snprintf(group, sizeof(group), "ff0e::1:%x", i);
		snprintf(rp, sizeof(rp), "2001:db8::%s", v6[i / 4]);
		assert_rp(&set6, group, rp);
	}
	rp_set_free(&set4);
	rp_set_free(&set6);
}

/* Two addresses of IPv6 have one digest, two of IPv4 one hash. */
static void highest_address(void **state)
{
	struct rp_set set;

	(void)state;
	rp_set_init(&set);
	put(&set, "ff00::/8", "2001:db8::1", 1);
	put(&set, "ff00::/8", "2001:db8:0:0:0:1::", 1);
	put(&set, "ff00::/8", "2001:db8:0:1::", 1);
	assert_rp(&set, "ff0e::1:1", "2001:db8:0:1::");
	drop(&set, "ff00::/8", "2001:db8:0:1::");
	assert_rp(&set, "ff0e::1:1", "2001:db8::1:0:0");
	put(&set, "239.0.0.0/8", "138.0.0.1", 1);
	put(&set, "239.0.0.0/8", "10.0.0.1", 1);
	assert_rp(&set, "239.1.1.1", "138.0.0.1");
	drop(&set, "239.0.0.0/8", "138.0.0.1");
	assert_rp(&set, "239.1.1.1", "10.0.0.1");
	rp_set_free(&set);
}

/* RFC 6226: length over all origins, then what was learned; or else static ones, whatever. */
static void origins(void **state)
{
	struct rp_set set;
	uint64_t version;

	(void)state;
	rp_set_init(&set);
	put(&set, "239.0.0.0/8", "10.0.0.1", 0);
	put_learned(&set, "239.0.0.0/8", "10.0.0.2", 192);
	put(&set, "239.1.0.0/16", "10.0.0.3", 1);
	put_learned(&set, "239.2.0.0/16", "10.0.0.4", 192);
	assert_rp(&set, "239.9.1.1", "10.0.0.2");
	assert_rp(&set, "239.1.1.1", "10.0.0.3");
	assert_rp(&set, "239.2.1.1", "10.0.0.4");
	version = set.version;
	rp_set_static_first(&set, true);
	assert_true(set.version != version);
	assert_rp(&set, "239.9.1.1", "10.0.0.1");
	assert_rp(&set, "239.2.1.1", "10.0.0.1");
	drop(&set, "239.0.0.0/8", "10.0.0.1");
	assert_rp(&set, "239.2.1.1", "10.0.0.4");
	rp_set_free(&set);
}

static void put_as(struct rp_set *set, const char *range, const char *rp, enum rp_origin origin,
		   enum rp_mode mode, unsigned priority)
{
	struct rp_mapping m = mapping(range, rp, priority);

	m.origin = origin;
	m.mode = mode;
	rp_set_put(set, &m);
}

static const struct rp_mapping *find(const struct rp_set *set, const char *rp)
{
	const struct rp_mapping *m = rp_first(set);

	while (m && strcmp(ip_str(m->rp), rp))
		m = rp_next(m);
	assert_non_null(m);
	return m;
}

static void assert_judged(const struct rp_set *set, const char *rp, enum rp_verdict verdict)
{
	struct ip group = ip("239.1.1.1");

	assert_int_equal(rp_judge(set, find(set, rp), rp_choose(set, group), group), verdict);
}

/*
 * RFC 6226 6, step by step: each of these is better than the ones before it, by one step alone,
 * and what it wins by is said of them.
 */
static void step_by_step(void **state)
{
	static const struct {
		const char *range, *rp;
		uint8_t origin, mode, priority, verdict;
	} steps[] = {
		{ "239.0.0.0/8", "10.0.0.5", RP_BSR, RP_BIDIR, 0, RP_SHORTER },
		{ "239.1.0.0/16", "10.0.0.9", RP_STATIC, RP_SPARSE, 0, RP_BY_MODE },
		{ "239.1.0.0/16", "10.0.0.1", RP_AUTO, RP_SPARSE, 1, RP_BY_MODE },
		{ "239.1.0.0/16", "10.0.0.2", RP_AUTO, RP_SPARSE, 1, RP_BY_MODE },
		{ "239.1.0.0/16", "10.0.0.11", RP_BSR, RP_SPARSE, 193, RP_BY_MODE },
		{ "239.1.0.0/16", "10.0.0.3", RP_BSR, RP_SPARSE, 192, RP_BY_MODE },
		{ "239.1.0.0/16", "10.0.0.8", RP_STATIC, RP_BIDIR, 0, RP_BY_ORIGIN },
		{ "239.1.0.0/16", "10.0.0.7", RP_AUTO, RP_BIDIR, 9, RP_BY_ORIGIN },
		{ "239.1.0.0/16", "10.0.0.10", RP_BSR, RP_BIDIR, 9, RP_BY_PRIORITY },
		{ "239.1.0.0/16", "10.0.0.4", RP_BSR, RP_BIDIR, 8, RP_BY_ADDRESS },
		{ "239.1.0.0/16", "10.0.0.6", RP_BSR, RP_BIDIR, 8, RP_HOLDS },
	};
	struct rp_set set;

	(void)state;
	rp_set_init(&set);
	for (size_t i = 0; i < NELEMS(steps); i++) {
		put_as(&set, steps[i].range, steps[i].rp, steps[i].origin, steps[i].mode,
		       steps[i].priority);
		assert_rp(&set, "239.1.1.1", steps[i].rp);
	}
	for (size_t i = 0; i < NELEMS(steps); i++)
		assert_judged(&set, steps[i].rp, steps[i].verdict);
	rp_set_free(&set);
}

/* A hash is for bootstrap and configuration, not for bidirectional groups nor Auto-RP. */
static void where_a_hash_counts(void **state)
{
	/* by hash it is 10.0.0.1: 64193111, 296c1c58 */
	static const struct {
		uint8_t origin, mode;
		const char *rp;
		uint8_t verdict;
	} cases[] = {
		{ RP_BSR, RP_SPARSE, "10.0.0.1", RP_BY_HASH },
		{ RP_STATIC, RP_SPARSE, "10.0.0.1", RP_BY_HASH },
		{ RP_BSR, RP_BIDIR, "10.0.0.2", RP_BY_ADDRESS },
		{ RP_AUTO, RP_SPARSE, "10.0.0.2", RP_BY_ADDRESS },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		const char *other = strcmp(cases[i].rp, "10.0.0.1") ? "10.0.0.1" : "10.0.0.2";
		struct rp_set set;

		rp_set_init(&set);
		put_as(&set, "239.0.0.0/8", "10.0.0.1", cases[i].origin, cases[i].mode, 1);
		put_as(&set, "239.0.0.0/8", "10.0.0.2", cases[i].origin, cases[i].mode, 1);
		assert_rp(&set, "239.1.1.1", cases[i].rp);
		assert_judged(&set, other, cases[i].verdict);
		rp_set_free(&set);
	}
}

/* They answer whether they can be reached or not: their groups are of no shorter range. */
static void other_modes(void **state)
{
	struct rp_set set;

	(void)state;
	rp_set_init(&set);
	put(&set, "224.0.0.0/4", "10.0.0.1", 1);
	put_as(&set, "239.1.0.0/16", "10.0.0.2", RP_BSR, RP_BIDIR, 1);
	put_as(&set, "239.2.0.0/16", "0.0.0.0", RP_AUTO, RP_DENSE, 0);
	put_as(&set, "239.2.0.0/16", "10.0.0.3", RP_AUTO, RP_SPARSE, 0);
	rp_set_reachable(&set, ip("10.0.0.2"), false);
	assert_int_equal(rp_choose(&set, ip("239.1.1.1"))->mode, RP_BIDIR);
	assert_int_equal(rp_choose(&set, ip("239.2.1.1"))->mode, RP_DENSE);
	assert_rp(&set, "239.3.1.1", "10.0.0.1");
	put_as(&set, "239.2.0.0/16", "10.0.0.4", RP_BSR, RP_SPARSE, 0);
	assert_rp(&set, "239.2.1.1", "10.0.0.4");
	rp_set_free(&set);
}

/* The one that is learned wins; the other one is there when that has gone. */
static void static_ones_survive(void **state)
{
	struct rp_set set;
	struct prefix range = mapping("239.0.0.0/8", "10.0.0.1", 0).range;

	(void)state;
	rp_set_init(&set);
	put(&set, "239.0.0.0/8", "10.0.0.1", 1);
	for (unsigned i = 0; i < 2; i++) {
		const char *rp = i ? "10.0.0.1" : "10.0.0.2";

		put_learned(&set, "239.0.0.0/8", rp, 192);
		assert_int_equal(set.nmappings, 2);
		assert_rp(&set, "239.1.1.1", rp);
		assert_int_equal(rp_choose(&set, ip("239.1.1.1"))->origin, RP_BSR);
		rp_set_drop(&set, RP_AUTO, range, ip(rp));
		assert_int_equal(set.nmappings, 2);
		rp_set_drop(&set, RP_BSR, range, ip(rp));
		assert_rp(&set, "239.1.1.1", "10.0.0.1");
		assert_int_equal(rp_choose(&set, ip("239.1.1.1"))->origin, RP_STATIC);
	}
	rp_set_free(&set);
}

/* Who may be RP of what, but for static ones. */
static void filtered(void **state)
{
	struct pim_rp_filter filter[] = {
		{ mapping("10.0.0.0/24", "10.0.0.1", 0).range,
		  mapping("239.1.0.0/16", "10.0.0.1", 0).range },
		{ mapping("10.0.1.0/24", "10.0.0.1", 0).range,
		  mapping("224.0.0.0/4", "10.0.0.1", 0).range },
	};
	struct rp_set set;
	uint64_t version;

	(void)state;
	rp_set_init(&set);
	put_learned(&set, "239.0.0.0/8", "10.0.0.1", 1);
	put_learned(&set, "224.0.0.0/4", "10.0.1.1", 1);
	put_learned(&set, "239.1.1.1", "10.0.2.1", 1);
	assert_rp(&set, "239.1.1.1", "10.0.2.1");
	version = set.version;
	rp_set_filter(&set, filter, 2);
	assert_true(version != set.version);
	assert_rp(&set, "239.1.1.1", "10.0.0.1");
	assert_rp(&set, "239.2.1.1", "10.0.1.1");
	assert_judged(&set, "10.0.2.1", RP_REFUSED);
	version = set.version;
	rp_set_filter(&set, filter, 2);
	assert_int_equal(version, set.version);
	rp_set_filter(&set, filter, 1);
	assert_rp(&set, "239.2.1.1", "none");
	put(&set, "239.2.0.0/16", "10.0.2.1", 1);
	assert_rp(&set, "239.2.1.1", "10.0.2.1");
	assert_true(rp_is_believed(&set, ip("10.0.0.9"), filter[1].groups));
	assert_false(
		rp_is_believed(&set, ip("10.0.0.9"), mapping("239.2.0.0/16", "10.0.0.1", 0).range));
	rp_set_filter(&set, NULL, 0);
	assert_rp(&set, "239.1.1.1", "10.0.2.1");
	rp_set_free(&set);
}

static void tell(void *arg, const struct rp_mapping *m, bool is_there)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 200 - len, "%c%s %s\n", is_there ? '+' : '-', ip_str(m->rp),
		 prefix_str(&m->range));
}

static void assert_told(struct rp_set *set, const char *expected)
{
	char text[200] = "";

	rp_set_tell(set, tell, text);
	assert_string_equal(text, expected);
}

/* What came and went meanwhile is no news. */
static void news(void **state)
{
	struct rp_set set;

	(void)state;
	rp_set_init(&set);
	put(&set, "239.0.0.0/8", "10.0.0.1", 1);
	put(&set, "239.0.0.0/8", "10.0.0.2", 1);
	assert_told(&set, "+10.0.0.1 239.0.0.0/8\n+10.0.0.2 239.0.0.0/8\n");
	assert_told(&set, "");
	drop(&set, "239.0.0.0/8", "10.0.0.1");
	put(&set, "239.0.0.0/8", "10.0.0.1", 9);
	put(&set, "239.0.0.0/8", "10.0.0.3", 9);
	drop(&set, "239.0.0.0/8", "10.0.0.3");
	assert_told(&set, "");
	drop(&set, "239.0.0.0/8", "10.0.0.1");
	put(&set, "239.0.0.0/8", "10.0.0.4", 9);
	assert_told(&set, "+10.0.0.4 239.0.0.0/8\n-10.0.0.1 239.0.0.0/8\n");
	drop(&set, "239.0.0.0/8", "10.0.0.4");
	rp_set_free(&set);
}

/* RPs of sparse mode, each once, in order. */
static void rps_in_order(void **state)
{
	struct ip rp = ip_any(V6);
	struct rp_set set;

	(void)state;
	rp_set_init(&set);
	put(&set, "239.0.0.0/8", "10.0.0.2", 1);
	put(&set, "239.1.0.0/16", "10.0.0.2", 1);
	put_as(&set, "239.2.0.0/16", "0.0.0.0", RP_AUTO, RP_DENSE, 0);
	put_as(&set, "239.2.0.0/16", "10.0.0.3", RP_BSR, RP_BIDIR, 0);
	put_learned(&set, "239.0.0.0/8", "10.0.0.1", 1);
	assert_true(rp_set_next(&set, &rp));
	assert_string_equal(ip_str(rp), "10.0.0.1");
	assert_true(rp_set_next(&set, &rp));
	assert_string_equal(ip_str(rp), "10.0.0.2");
	assert_false(rp_set_next(&set, &rp));
	rp_set_free(&set);
}

/* Of a set as large as they come, no use takes time by its square. */
static void large(void **state)
{
	enum { RANGES = 255, RPS = 16 };
	struct rp_mapping *m = xcalloc(RANGES * RPS, sizeof(*m));
	struct rp_set set;
	struct ip rp = ip_any(V6);
	unsigned n = 0, nrps = 0;

	(void)state;
	rp_set_init(&set);
	for (unsigned i = 0; i < RANGES; i++) {
		for (unsigned k = 0; k < RPS; k++)
			m[n++] = (struct rp_mapping){
				.range = { ip_v4(0xef000000 | i << 8), 24 },
				.rp = ip_v4(0x0a000000 | (i * RPS + k) % 1021),
				.hash_len = 30,
				.origin = RP_BSR,
				.is_reachable = true,
			};
	}
	for (unsigned round = 0; round < 50; round++) {
		rp_set_replace(&set, RP_BSR, m, n);
		assert_int_equal(set.nmappings, n);
		nrps = 0;
		for (rp = ip_any(V6); rp_set_next(&set, &rp); nrps++)
			rp_set_reachable(&set, rp, round & 1);
		assert_int_equal(nrps, 1021);
		for (unsigned i = 0; i < n; i++)
			assert_non_null(rp_choose(&set, ip_v4(0xef000000 | i << 4)));
	}
	rp_set_replace(&set, RP_BSR, NULL, 0);
	rp_set_free(&set);
	free(m);
}

/* Those that cannot be reached are passed over, but for want of another. */
static void reachable(void **state)
{
	struct rp_set set;
	uint64_t version;

	(void)state;
	rp_set_init(&set);
	put(&set, "224.0.0.0/4", "10.0.0.1", 1);
	put(&set, "239.0.0.0/8", "10.0.0.2", 1);
	put(&set, "239.0.0.0/8", "10.0.0.3", 2);
	assert_rp(&set, "239.1.1.1", "10.0.0.2");
	version = set.version;
	rp_set_reachable(&set, ip("10.0.0.2"), false);
	assert_true(set.version != version);
	assert_rp(&set, "239.1.1.1", "10.0.0.3");
	rp_set_reachable(&set, ip("10.0.0.3"), false);
	assert_rp(&set, "239.1.1.1", "10.0.0.1");
	rp_set_reachable(&set, ip("10.0.0.1"), false);
	assert_rp(&set, "239.1.1.1", "10.0.0.2");
	rp_set_reachable(&set, ip("10.0.0.3"), true);
	assert_rp(&set, "239.1.1.1", "10.0.0.3");
	version = set.version;
	rp_set_reachable(&set, ip("10.0.0.3"), true);
	rp_set_reachable(&set, ip("10.0.0.9"), false);
	assert_int_equal(set.version, version);
	rp_set_free(&set);
}

static void unreachable_static_first(void **state)
{
	struct rp_set set;

	(void)state;
	rp_set_init(&set);
	rp_set_static_first(&set, true);
	put(&set, "224.0.0.0/4", "10.0.0.1", 1);
	put_learned(&set, "239.0.0.0/8", "10.0.0.2", 1);
	rp_set_reachable(&set, ip("10.0.0.1"), false);
	assert_rp(&set, "239.1.1.1", "10.0.0.2");
	rp_set_reachable(&set, ip("10.0.0.2"), false);
	assert_rp(&set, "239.1.1.1", "10.0.0.1");
	rp_set_free(&set);
}

/* What stays the same is no change, and is known to be unreachable still. */
static void replaced(void **state)
{
	struct rp_mapping m[] = { mapping("239.0.0.0/8", "10.0.0.1", 1),
				  mapping("239.0.0.0/8", "10.0.0.2", 2),
				  mapping("239.1.0.0/16", "10.0.0.3", 1) };
	struct rp_set set;
	uint64_t version;

	(void)state;
	rp_set_init(&set);
	put_learned(&set, "239.0.0.0/8", "10.0.0.9", 1);
	rp_set_replace(&set, RP_STATIC, m, 3);
	assert_int_equal(set.nmappings, 4);
	rp_set_reachable(&set, ip("10.0.0.1"), false);
	version = set.version;
	rp_set_replace(&set, RP_STATIC, m, 3);
	assert_int_equal(set.version, version);
	assert_rp(&set, "239.9.1.1", "10.0.0.9");
	rp_set_replace(&set, RP_STATIC, m, 2);
	assert_true(set.version != version);
	assert_int_equal(set.nmappings, 3);
	rp_set_replace(&set, RP_BSR, NULL, 0);
	assert_rp(&set, "239.1.1.1", "10.0.0.2");
	rp_set_replace(&set, RP_STATIC, NULL, 0);
	assert_rp(&set, "239.1.1.1", "none");
	assert_null(rp_first(&set));
	rp_set_free(&set);
}

/* From any mapping on, be it there or not. */
static void in_order(void **state)
{
	static const char *const order[] = { "10.0.0.5", "10.0.0.9", "10.0.0.4", "10.0.0.2" };
	struct rp_mapping gone = mapping("239.0.0.0/8", "10.0.0.3", 1);
	const struct rp_mapping *m;
	struct rp_set set;
	unsigned n = 0;

	(void)state;
	rp_set_init(&set);
	put(&set, "239.0.0.0/8", "10.0.0.2", 2);
	put(&set, "239.0.0.0/8", "10.0.0.4", 1);
	put_learned(&set, "239.0.0.0/8", "10.0.0.9", 9);
	put(&set, "239.1.0.0/16", "10.0.0.5", 7);
	for (m = rp_first(&set); m; m = rp_behind(&set, m))
		assert_string_equal(ip_str(m->rp), order[n++]);
	assert_int_equal(n, NELEMS(order));
	assert_string_equal(ip_str(rp_behind(&set, &gone)->rp), "10.0.0.4");
	rp_set_free(&set);
}

/* What a list says that is looked at from its beginning to its end. */
static const struct rp_mapping *slow_choose(const struct rp_mapping *list, unsigned n,
					    struct ip group)
{
	const struct rp_mapping *best = NULL;

	for (int reachable = 1; reachable >= 0 && !best; reachable--) {
		for (unsigned i = 0; i < n; i++) {
			const struct rp_mapping *m = &list[i];
			int64_t better;

			if (!prefix_has(&m->range, group) || (reachable && !m->is_reachable))
				continue;
			better = best ? m->range.len - best->range.len : 1;
			if (!better)
				better = (m->origin == RP_BSR) - (best->origin == RP_BSR);
			if (!better)
				better = best->priority - m->priority;
			if (!better)
				better = (int64_t)rp_hash(group, m->hash_len, m->rp) -
					 rp_hash(group, best->hash_len, best->rp);
			if (!better)
				better = ip_cmp(m->rp, best->rp);
			if (better > 0)
				best = m;
		}
	}
	return best;
}

static void at_random(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	for (unsigned round = 0; round < 200; round++) {
		struct rp_mapping list[24];
		struct rp_set set;
		bool reachable[9];
		unsigned n = 0;

		for (unsigned i = 0; i < NELEMS(reachable); i++)
			reachable[i] = rng_below(&rng, 4);
		rp_set_init(&set);
		while (n < NELEMS(list)) {
			struct rp_mapping m = {
				.range = { ip_v4(0xe0000000 + (rng_u64(&rng) & 0x0f0f0f0f)),
					   4 + rng_below(&rng, 29) },
				.rp = ip_v4(0x0a000001 + rng_below(&rng, 8)),
				.priority = rng_below(&rng, 2),
				.hash_len = 30,
				.origin = rng_below(&rng, 2) ? RP_BSR : RP_STATIC,
			};
			unsigned i = 0;

			m.is_reachable = reachable[m.rp.b[15]];
			m.range.ip = ip_mask(m.range.ip, m.range.len);
			while (i < n && !(list[i].origin == m.origin && ip_eq(list[i].rp, m.rp) &&
					  list[i].range.len == m.range.len &&
					  ip_eq(list[i].range.ip, m.range.ip)))
				i++;
			list[i] = m;
			n += i == n;
			rp_set_put(&set, &m);
		}
		assert_int_equal(set.nmappings, n);
		for (unsigned i = 0; i < 100; i++) {
			struct ip group = ip_v4(0xe0000000 + (rng_u64(&rng) & 0x0f0f0f0f));
			const struct rp_mapping *is = rp_choose(&set, group),
						*should = slow_choose(list, n, group);

			assert_string_equal(is ? ip_str(is->rp) : "none",
					    should ? ip_str(should->rp) : "none");
		}
		rp_set_free(&set);
	}
}

#define CHECK(name, test)                    \
	{                                    \
		name, test, NULL, NULL, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK("PIM-126, PIM-127: hashes that are known", known_hashes),
		CHECK("PIM-125: the longest range", longest_range),
		CHECK("PIM-125: the best priority", best_priority),
		CHECK("PIM-125, PIM-126: the highest hash", highest_hash),
		CHECK("PIM-125: the highest address", highest_address),
		CHECK("PIM-196: origins", origins),
		CHECK("PIM-196: step by step", step_by_step),
		CHECK("PIM-196: where a hash counts", where_a_hash_counts),
		CHECK("PIM-164, PIM-193, PIM-203: other modes", other_modes),
		CHECK("PIM-213: static ones survive", static_ones_survive),
		CHECK("PIM-196: filtered", filtered),
		CHECK("news", news),
		CHECK("RPs in order", rps_in_order),
		CHECK("large", large),
		CHECK("PIM-124: those that are reachable", reachable),
		CHECK("PIM-124, PIM-196: static ones first", unreachable_static_first),
		CHECK("PIM-128: others in their place", replaced),
		CHECK("in order", in_order),
		CHECK("PIM-125, PIM-129: at random", at_random),
	};

	return cmocka_run_group_tests_name("pim_rp_test", tests, NULL, NULL);
}
