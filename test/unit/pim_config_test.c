/* pim_config_test.c - pimd.conf in our grammar: each statement, each alias, any text */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "igmpproxy/gm.h"
#include "lib/rng.h"
#include "pim-module/config.h"
#include "pim-module/systems.h"
#include "sim/pim_bed.h"

static const char *ifname(void *arg, struct ip address)
{
	(void)arg;
	return ip_eq(address, ip_v4(0x0a000001)) ? "eth0" : NULL;
}

static bool disabled;

static void translate(struct translation *t, const char *text, size_t len)
{
	pimd_translate(&(struct pimd_translation){ disabled, ifname, NULL }, t, text, len);
}

/* What is said of the text, a line each; it lives until the next one. */
static const char *translated(const char *text)
{
	static const char *const kinds[] = { [LINE_STATEMENT] = "", [LINE_WARNING] = "warning: " };
	static struct buf out;
	struct translation t = { 0 };
	struct origin from;

	buf_free(&out);
	translate(&t, text, strlen(text));
	while (translation_origin(&t.origins, &from)) {
		const char *line = buf_at(&t.text);
		size_t n = (const char *)memchr(line, '\n', buf_len(&t.text)) - line;

		assert_true(from.kind == LINE_STATEMENT || from.kind == LINE_WARNING);
		buf_printf(&out, "%u:%u %s%.*s\n", from.line, from.column, kinds[from.kind], (int)n,
			   line);
		buf_take(&t.text, n + 1);
	}
	assert_int_equal(buf_len(&t.text), 0);
	translation_free(&t);
	buf_add(&out, "", 1);
	return buf_at(&out);
}

/* Our lines alone, without the first one; they live until the next call. */
static const char *ours(const char *text)
{
	static struct buf out;
	struct translation t = { 0 };
	const char *first = "module pim\n";

	buf_free(&out);
	translate(&t, text, strlen(text));
	assert_memory_equal(buf_at(&t.text), first, strlen(first));
	buf_take(&t.text, strlen(first));
	buf_add(&out, buf_at(&t.text), buf_len(&t.text));
	buf_add(&out, "", 1);
	translation_free(&t);
	return buf_at(&out);
}

#define TOP "1:1 module pim\n1:1 phyint + pim4\n"

static const struct {
	const char *text, *want;
} lines[] = {
	{ "", "" },
	{ "# comment\n\n   \t\n", "" },
	{ "\r\n", "" },
	{ "default-route-distance 101 # x", "1:24 default-route-distance 101\n" },
	{ "\n\tDefault-Route-Distance\t255\r", "2:25 default-route-distance 255\n" },
	{ "default_source_preference 1", "1:27 default-route-distance 1\n" },
	{ "default-route-metric 1024", "1:22 default-route-metric 1024\n" },
	{ "default_source_metric 1", "1:23 default-route-metric 1\n" },
	{ "hello-interval 18724", "1:16 hello-interval 18724\n" },
	{ "hello_period 30", "1:14 hello-interval 30\n" },
	{ "igmp-query-interval 12", "1:21 igmp-query-interval 12\n" },
	{ "default_igmp_query_interval 60", "1:29 igmp-query-interval 60\n" },
	{ "igmp-query-interval 5", "1:21 igmp-query-interval 5\n" },
	{ "igmp-query-interval 65535",
	  "1:21 warning: taken for 31744, the longest that can be told\n"
	  "1:21 igmp-query-interval 31744\n" },
	{ "igmp-querier-timeout 42\nigmp-query-interval 12",
	  "2:21 igmp-query-interval 12\n1:22 igmp-querier-timeout 42\n" },
	{ "default_igmp_querier_timeout 126", "1:30 igmp-querier-timeout 126\n" },
	{ "igmp-querier-timeout 125", "1:22 warning: must be longer than igmp-query-interval\n" },
	{ "phyint eth0", "" },
	{ "phyint eth0 enable", "1:13 phyint eth0 pim4\n" },
	{ "phyint 10.0.0.1 disable", "1:17 phyint eth0 no-pim\n" },
	{ "phyint 10.0.0.2 disable", "1:8 warning: no interface has the address 10.0.0.2\n" },
	{ "phyint", "1:1 warning: the name of an interface is missing\n" },
	{ "phyint waytoolonganinterface",
	  "1:8 warning: 'waytoolonganinterface' cannot be the name of an interface\n" },
	{ "phyint eth0 igmpv2", "1:13 phyint eth0 igmp-version 2\n" },
	{ "phyint eth0 igmpv3", "1:13 phyint eth0 igmp-version 3\n" },
	{ "phyint eth0 dr-priority 4294967294", "1:25 phyint eth0 dr-priority 4294967294\n" },
	{ "phyint eth0 ttl-threshold 255", "1:27 phyint eth0 ttl-threshold 255\n" },
	{ "phyint eth0 threshold 1", "1:23 phyint eth0 ttl-threshold 1\n" },
	{ "phyint eth0 distance 1", "1:22 phyint eth0 distance 1\n" },
	{ "phyint eth0 preference 255", "1:24 phyint eth0 distance 255\n" },
	{ "phyint eth0 metric 1024", "1:20 phyint eth0 metric 1024\n" },
	{ "phyint eth0 altnet 10.7.0.0/16",
	  "1:20 phyint eth0 altnet 10.7.0.0/16\n1:20 altnet eth0 10.7.0.0/16\n" },
	{ "phyint eth0 altnet 10.7.9.9 masklen 16",
	  "1:37 phyint eth0 altnet 10.7.0.0/16\n1:37 altnet eth0 10.7.0.0/16\n" },
	{ "phyint eth0 altnet 239.0.0.0/8", "1:20 warning: 239.0.0.0/8 are no hosts of a link\n" },
	{ "phyint eth0 altnet 0.0.0.0/0", "1:20 warning: 0.0.0.0/0 are no hosts of a link\n" },
	{ "phyint eth0 scoped 239.255.0.0 masklen 16", "1:40 phyint eth0 scoped 239.255.0.0/16\n" },
	{ "phyint eth0 scoped 10.0.0.0/8", "1:20 warning: 10.0.0.0/8 are no multicast groups\n" },
	{ "phyint eth0 disable frob enable",
	  "1:13 phyint eth0 no-pim\n1:21 warning: unknown word 'frob' of phyint\n"
	  "1:26 phyint eth0 pim4\n" },
	{ "phyint eth0 dr-priority 4294967296",
	  "1:25 warning: dr-priority wants a number from 0 to 4294967295\n" },
	{ "rp-address 10.0.0.1", "1:12 rp-address 10.0.0.1 224.0.0.0/4 priority 1\n" },
	{ "rp_address 10.0.0.1 239.1.2.3", "1:12 rp-address 10.0.0.1 239.1.0.0/16 priority 1\n" },
	{ "rp-address 10.0.0.1 239.1.2.3/32 priority 7",
	  "1:12 rp-address 10.0.0.1 239.1.2.3/32 priority 7\n" },
	{ "rp-address 10.0.0.1 239.0.0.0 masklen 8 priority 0",
	  "1:12 rp-address 10.0.0.1 239.0.0.0/8 priority 0\n" },
	{ "rp-address 10.0.0.1 priority 9", "1:12 rp-address 10.0.0.1 224.0.0.0/4 priority 9\n" },
	{ "rp-address 10.0.0.1\nrp-address 10.0.0.1 224.0.0.0/4",
	  "1:12 rp-address 10.0.0.1 224.0.0.0/4 priority 1\n"
	  "2:21 warning: 10.0.0.1 is an RP of these groups already\n" },
	{ "rp-address 239.1.1.1", "1:12 warning: rp-address wants the address of a router\n" },
	{ "rp-address fd00::1", "1:12 warning: rp-address wants the address of a router\n" },
	{ "rp-address 10.0.0.1 10.0.0.0/8", "1:21 warning: 10.0.0.0/8 are no multicast groups\n" },
	{ "rp-address 169.254.0.1 232.0.0.0/8", "" },
	{ "rp-address 169.254.0.1 239.9.0.0/16", "1:24 ssm-range 232.0.0.0/8 239.9.0.0/16\n" },
	{ "spt-threshold packets 0 interval 100", "1:1 spt-threshold packets 0 interval 100\n" },
	{ "spt_threshold rate 128", "1:1 spt-threshold rate 128 interval 100\n" },
	{ "switch_data_threshold rate 50 interval 20", "1:1 spt-threshold rate 50 interval 20\n" },
	{ "spt-threshold infinity", "1:1 spt-threshold infinity interval 100\n" },
	{ "spt-threshold rate 1 interval 4",
	  "1:31 warning: interval wants a number from 5 to 65535\n" },
	{ "switch_register_threshold rate 50", "1:1 spt-threshold rate 50 interval 100\n" },
	{ "bsr-candidate", "1:1 bsr-candidate priority 0 interval 30\n" },
	{ "cand_bootstrap_router 10.0.0.1", "1:1 bsr-candidate 10.0.0.1 priority 0 interval 30\n" },
	{ "BSR-Candidate ETH0 Priority 255 Interval 10",
	  "1:1 bsr-candidate eth0 priority 255 interval 10\n" },
	{ "bsr-candidate interval 26214 priority 3 eth0",
	  "1:1 bsr-candidate eth0 priority 3 interval 26214\n" },
	{ "bsr-candidate priority 256 interval 9",
	  "1:24 warning: taken for 255, priority is from 0 to 255\n"
	  "1:37 warning: taken for 10, interval is from 10 to 26214\n"
	  "1:1 bsr-candidate priority 255 interval 10\n" },
	{ "bsr-candidate priority x interval",
	  "1:24 warning: priority wants a number from 0 to 255\n"
	  "1:26 warning: interval wants a number from 10 to 26214\n"
	  "1:1 bsr-candidate priority 0 interval 30\n" },
	{ "bsr-candidate 10.0.0.2", "1:15 warning: no interface has the address 10.0.0.2 yet\n"
				    "1:1 bsr-candidate 10.0.0.2 priority 0 interval 30\n" },
	{ "bsr-candidate 239.1.1.1", "1:15 warning: no address that a candidate can have\n"
				     "1:1 bsr-candidate priority 0 interval 30\n" },
	{ "bsr-candidate fd00::1", "1:15 warning: no address that a candidate can have\n"
				   "1:1 bsr-candidate priority 0 interval 30\n" },
	{ "bsr-candidate eth+", "1:15 warning: neither an address nor the name of an interface\n"
				"1:1 bsr-candidate priority 0 interval 30\n" },
	{ "bsr-candidate x/y priority 7",
	  "1:15 warning: neither an address nor the name of an interface\n"
	  "1:1 bsr-candidate priority 7 interval 30\n" },
	{ "bsr-candidate scope", "1:15 warning: neither an address nor the name of an interface\n"
				 "1:1 bsr-candidate priority 0 interval 30\n" },
	{ "rp-candidate time:1", "1:14 warning: neither an address nor the name of an interface\n"
				 "1:1 rp-candidate priority 0 interval 60\n" },
	{ "bsr-candidate hash-mask-len",
	  "1:15 warning: neither an address nor the name of an interface\n"
	  "1:1 bsr-candidate priority 0 interval 30\n" },
	{ "bsr-candidate eth0 eth1", "1:20 warning: 'eth1' is too much\n"
				     "1:1 bsr-candidate eth0 priority 0 interval 30\n" },
	{ "bsr-candidate 10.0.0.1 priority 5\nbsr-candidate eth1",
	  "2:1 bsr-candidate eth1 priority 0 interval 30\n" },
	{ "rp-candidate", "1:1 rp-candidate priority 0 interval 60\n" },
	{ "cand_rp 10.0.0.1 time 30 priority 20",
	  "1:1 rp-candidate 10.0.0.1 priority 20 interval 30\n" },
	{ "rp-candidate eth0 interval 16383", "1:1 rp-candidate eth0 priority 0 interval 16383\n" },
	{ "rp-candidate time 20000", "1:19 warning: taken for 16383, time is from 10 to 16383\n"
				     "1:1 rp-candidate priority 0 interval 16383\n" },
	{ "rp-candidate eth0\nrp-candidate priority 9",
	  "2:1 rp-candidate priority 9 interval 60\n" },
	{ "group-prefix 239.1.2.3", "1:14 group-prefix 239.1.0.0/16\n" },
	{ "group_prefix 239.1.2.3/32", "1:14 group-prefix 239.1.2.3/32\n" },
	{ "group-prefix 224.0.0.0 masklen 4", "1:32 group-prefix 224.0.0.0/4\n" },
	{ "group-prefix 224.0.0.0/3", "1:14 warning: 224.0.0.0/3 are no multicast groups\n" },
	{ "group-prefix 10.0.0.0/8", "1:14 warning: 10.0.0.0/8 are no multicast groups\n" },
	{ "group-prefix 239.1.0.0/16 priority 4", "1:14 group-prefix 239.1.0.0/16\n"
						  "1:27 warning: 'priority' is too much\n" },
	{ "hello-interval", "1:1 warning: hello-interval wants a number from 1 to 18724\n" },
	{ "hello-interval 30 31", "1:16 hello-interval 30\n1:19 warning: '31' is too much\n" },
	{ "frob 1 2", "1:1 warning: unknown statement 'frob'\n" },
	{ "no frob", "1:1 warning: unknown statement 'no'\n" },
	{ "frob \001", "1:1 warning: control character 0x01\n" },
};

static void each_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(lines); i++) {
		char want[1000];

		snprintf(want, sizeof(want), TOP "%s", lines[i].want);
		assert_string_equal(translated(lines[i].text), want);
	}
}

/* More ranges than one message can name are left out. */
static void ranges_are_255(void **state)
{
	struct buf text = { 0 };
	const char *said;

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		buf_printf(&text, "group-prefix 239.0.%u.0/24\n", i);
	buf_add(&text, "", 1);
	said = translated(buf_at(&text));
	assert_non_null(strstr(said, "255:14 group-prefix 239.0.254.0/24\n"
				     "256:14 warning: more than 255 lines of group-prefix\n"));
	buf_free(&text);
}

static void only_what_is_enabled(void **state)
{
	(void)state;
	assert_string_equal(translated("phyint eth0 enable\nno phyint\n"),
			    "1:1 module pim\n1:13 phyint eth0 pim4\n");
	assert_string_equal(translated("DISABLE-VIFS\n"), "1:1 module pim\n");
	disabled = true;
	assert_string_equal(translated("phyint eth1 enable\n"),
			    "1:1 module pim\n1:13 phyint eth1 pim4\n");
	disabled = false;
}

/* A router alone that is both candidates, as without a file, soon has all groups. */
static void both_candidates_make_an_rp(void **state)
{
	const char *text = "bsr-candidate priority 5\nrp-candidate priority 20 time 30\n", *shown;
	struct pim_bed *p = pim_bed_new(V4, "");
	struct buf want = { 0 };

	(void)state;
	buf_printf(&want, "\"rp_address\":\"%s\",\"origin\":\"bsr\"", ip_str(pim_bed_ip(p, "own")));
	buf_add(&want, "", 1);
	pim_bed_reload(p, ours(text));
	pim_bed_run(p, SEC(30));
	shown = bed_ask(&p->bed, "show pim rp 239.1.1.1");
	if (!strstr(shown, buf_at(&want)))
		fail_msg("no %s in: %s", buf_at(&want), shown);
	assert_null(strstr(bed_ask(&p->bed, "show pim bsr"), "IPv6"));
	assert_null(strstr(bed_ask(&p->bed, "show pim rp-candidate"), "IPv6"));
	buf_free(&want);
	pim_bed_free(p);
}

/* Words of the grammar, and what is nearly one. */
static const char *const tokens[] = {
	"default-route-distance",
	"default-route-metric",
	"hello-interval",
	"igmp-query-interval",
	"igmp-querier-timeout",
	"no",
	"phyint",
	"disable-vifs",
	"rp-address",
	"spt-threshold",
	"bsr-candidate",
	"rp-candidate",
	"group-prefix",
	"time",
	"scope",
	"hash-mask-len",
	"enable",
	"disable",
	"igmpv2",
	"dr-priority",
	"threshold",
	"distance",
	"metric",
	"altnet",
	"scoped",
	"masklen",
	"priority",
	"rate",
	"packets",
	"infinity",
	"interval",
	"eth0",
	"eth1",
	"10.0.0.1",
	"10.0.0.2",
	"169.254.0.1",
	"239.1.0.0/16",
	"224.0.0.0/4",
	"239.1.1.1",
	"0",
	"1",
	"5",
	"16",
	"32",
	"200",
	"65535",
	"0.0.0.0",
	"127.0.0.1",
	"255.255.255.255",
	"232.0.0.0/8",
	"x/y",
	"eth0:1",
	"+",
	"fd00::1",
	"\n",
	"\n",
	"\n",
	"\n",
};

/* Whatever stands there, our grammar takes what comes of it. */
static void any_text_is_taken(void **state)
{
	static const struct module *const built_in[] = { &gm_module, NULL };
	struct pim_bed *p = pim_bed_new(V4, NULL);
	struct bed *b = xcalloc(1, sizeof(*b));
	struct rng rng;

	(void)state;
	rng_seed(&rng, 7);
	b->translate = translate;
	bed_begin(b, built_in, "");
	b->k->modules = p->bed.k->modules;
	pim_bed_free(p);
	router_start(b->r);
	bed_work(b);
	for (unsigned round = 0; round < 3000; round++) {
		struct buf text = { 0 }, errors = { 0 };
		unsigned n = 1 + rng_below(&rng, 40);

		for (unsigned i = 0; i < n; i++)
			buf_printf(&text, "%s ", tokens[rng_below(&rng, NELEMS(tokens))]);
		buf_add(&text, "", 1);
		sim_file(b->k, BED_CONF, buf_at(&text));
		if (router_check(b->r, &errors))
			print_error("%s\n%.*s", buf_at(&text), (int)buf_len(&errors),
				    buf_at(&errors));
		assert_int_equal(router_check(b->r, &errors), 0);
		buf_free(&text);
		buf_free(&errors);
	}
	bed_end(b);
	free(b);
}

/* The areas of -d, with blanks between; NULL: it is refused. */
static const char *areas_of(const char *list)
{
	static char text[200];
	struct buf areas = { 0 };
	bool all = false, good = pimd_systems(list, &areas, &all);

	*text = '\0';
	for (size_t at = 0; at < buf_len(&areas); at += strlen(buf_at(&areas) + at) + 1)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s",
			 (const char *)buf_at(&areas) + at);
	if (all)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " all");
	buf_free(&areas);
	return good ? text : NULL;
}

static void parts_are_areas_of_the_log(void **state)
{
	(void)state;
	assert_string_equal(areas_of("all"), " all");
	assert_string_equal(areas_of("asserts,kernel"), " pim-assert linux mfc");
	assert_string_equal(areas_of("pim_jp,timers"), " pim-downstream pim-upstream");
	assert_string_equal(areas_of("neigh"), " pim-neighbor");
	assert_null(areas_of(""));
	assert_null(areas_of("rpf,"));
	assert_null(areas_of("frob"));
	assert_null(areas_of("assertsx"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line),
		cmocka_unit_test(ranges_are_255),
		cmocka_unit_test(only_what_is_enabled),
		cmocka_unit_test(both_candidates_make_an_rp),
		cmocka_unit_test(any_text_is_taken),
		cmocka_unit_test(parts_are_areas_of_the_log),
	};

	return cmocka_run_group_tests_name("pim_config_test", tests, NULL, NULL);
}
