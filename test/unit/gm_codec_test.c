/* gm_codec_test.c - where messages of IGMP and MLD go, in what packets, and why they are dropped */
#include "igmpproxy/codec.h"
#include "unit/gm.h"

/* GM-20, GM-98 */
static void destinations(void **state)
{
	static const struct {
		enum gm_type type;
		const char *group, *dst;
	} rows[] = {
		{ GM_QUERY, "0.0.0.0", "224.0.0.1" },	   { GM_QUERY, "239.1.2.3", "239.1.2.3" },
		{ GM_REPORT, "239.1.2.3", "239.1.2.3" },   { GM_LEAVE, "239.1.2.3", "224.0.0.2" },
		{ GM_REPORT_V3, "0.0.0.0", "224.0.0.22" }, { GM_QUERY, "::", "ff02::1" },
		{ GM_QUERY, "ff05::2", "ff05::2" },	   { GM_REPORT, "ff05::2", "ff05::2" },
		{ GM_LEAVE, "ff05::2", "ff02::2" },	   { GM_REPORT_V3, "::", "ff02::16" },
	};

	(void)state;
	for (unsigned i = 0; i < NELEMS(rows); i++) {
		struct gm_message m = { .type = rows[i].type, .group = ip(rows[i].group) };

		assert_string_equal(ip_str(gm_destination(ip_family(m.group), &m)), rows[i].dst);
	}
	assert_string_equal(ip_str(gm_all_systems(V4)), "224.0.0.1");
	assert_string_equal(ip_str(gm_all_systems(V6)), "ff02::1");
}

/* GM-1, GM-93: TTL, Router Alert, precedence; GM-22: of the interface's own address */
static void packets(void **state)
{
	(void)state;
	for (enum af af = V4; af <= V6; af++) {
		struct gm_message m = { .type = GM_QUERY, .group = ip_any(af) };
		struct packet p = gm_packet(af, &m, "x", 1);

		assert_int_equal(p.proto, af == V4 ? 2 : 58);
		assert_int_equal(p.ttl, 1);
		assert_int_equal(p.tos, 0xc0);
		assert_int_equal(p.slot, NOSLOT);
		assert_true(p.router_alert);
		assert_ip(p.src, ip_any(af));
		assert_ip(p.dst, gm_all_systems(af));
		assert_string_equal(p.data, "x");
		assert_int_equal(p.len, 1);
	}
}

/* An IP header with Router Alert: 24 bytes, or 40 and 8 */
static void room_in_a_packet(void **state)
{
	(void)state;
	assert_int_equal(gm_room(V4, 1500), 1476);
	assert_int_equal(gm_room(V4, 25), 1);
	assert_int_equal(gm_room(V4, 24), 0);
	assert_int_equal(gm_room(V4, 0), 0);
	assert_int_equal(gm_room(V6, 1280), 1232);
	assert_int_equal(gm_room(V6, 48), 0);
	assert_int_equal(gm_room(V6, 20), 0);
}

static void reasons_have_names_of_their_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < GM_NBAD; i++) {
		assert_true(*gm_bad_name(i) && *gm_bad_help(i));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(gm_bad_name(i), gm_bad_name(j));
	}
	assert_string_equal(gm_bad_name(GM_BAD_TTL), "ttl");
	assert_string_equal(gm_bad_name(GM_NBAD), "unknown");
	assert_string_equal(gm_bad_help(GM_NBAD), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(destinations),
		cmocka_unit_test(packets),
		cmocka_unit_test(room_in_a_packet),
		cmocka_unit_test(reasons_have_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
