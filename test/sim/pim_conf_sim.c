/* pim_conf_sim.c - what can be said of PIM, what is wrong with it, and what it does */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "sim/bed.h"
#include "sim/pim_bed.h"
#include "static/static.h"

static const struct module *const built_in[] = { &static_module, &gm_module, &proxy_module, NULL };

/* A router that has proxies too, and the module that the bed opens. */
static struct bed *new_bed(const char *conf)
{
	struct pim_bed *p = pim_bed_new(V4, NULL);
	struct bed *b = xcalloc(1, sizeof(*b));

	bed_begin(b, built_in, conf);
	b->k->modules = p->bed.k->modules;
	pim_bed_free(p);
	router_start(b->r);
	bed_work(b);
	return b;
}

static void free_bed(struct bed *b)
{
	bed_end(b);
	free(b);
}

static void assert_has(const char *reply, const char *text)
{
	if (strstr(reply, text))
		return;
	print_error("'%s' is not in: %s\n", text, reply);
	fail();
}

static void assert_has_not(const char *reply, const char *text)
{
	if (!strstr(reply, text))
		return;
	print_error("'%s' is in: %s\n", text, reply);
	fail();
}

/* What is said of the text, behind `module pim`. */
static const char *check(struct bed *b, const char *text)
{
	char conf[2000];

	snprintf(conf, sizeof(conf), "module pim\n%s\n", text);
	sim_file(b->k, BED_CONF, conf);
	return bed_ask(b, "check " BED_CONF);
}

static const struct {
	const char *line, *error;
} wrong[] = {
	{ "rp-address", "2:11: the address of a router is missing" },
	{ "rp-address 239.1.1.1", "2:12: '239.1.1.1' is no address of a router" },
	{ "rp-address 169.254.0.1 232.0.0.0/8", "2:12: 169.254.0.1 is known on its link alone" },
	{ "rp-address fe80::1", "2:12: fe80::1 is known on its link alone" },
	{ "rp-address 10.0.0.1 10.0.0.0/8", "2:21: 10.0.0.0/8 are no multicast groups" },
	{ "rp-address 10.0.0.1 224.0.0.0/3", "2:21: 224.0.0.0/3 are no multicast groups" },
	{ "rp-address fd00::1 ff00::/7", "2:20: fe00::/7 are no multicast groups" },
	{ "rp-address 10.0.0.1 239.0.0.0/33", "2:21: '239.0.0.0/33' is no address" },
	{ "rp-address 10.0.0.1 ff0e::/16", "2:21: the groups are of another family than the RP" },
	{ "rp-address 10.0.0.1 priority 256", "2:30: priority wants a number from 0 to 255" },
	{ "rp-address 10.0.0.1 239.0.0.0/8 prio 3", "2:33: 'prio' is too much" },
	{ "rp-address 10.0.0.1\nrp-address 10.0.0.1 224.0.0.0/4",
	  "3:21: 10.0.0.1 is an RP of 224.0.0.0/4 already" },
	{ "rp-address 10.0.0.1 239.0.0.0 masklen 33", "2:39: masklen wants a number from 0 to 32" },
	{ "rp-address 10.0.0.1 239.0.0.0/8 masklen 8", "2:33: 'masklen' is too much" },
	{ "group-prefix ff05:: masklen 7", "2:29: fe00::/7 are no multicast groups" },
	{ "phyint eth0 altnet 10.1.0.0 masklen", "2:36: masklen wants a number from 0 to 32" },
	{ "phyint 10.0.0.1 pim",
	  "2:8: '10.0.0.1' is an address, phyint wants the name of an interface" },
	{ "phyint eth0 preference 0", "2:24: preference wants a number from 1 to 255" },
	{ "phyint eth0 threshold 256", "2:23: threshold wants a number from 1 to 255" },
	{ "disable-vifs now", "2:14: 'now' is too much" },
	{ "no phyint eth0", "2:11: 'eth0' is too much" },
	{ "no", "2:1: unknown statement 'no'" },
	{ "rp-static-first now", "2:17: 'now' is too much" },
	{ "spt-threshold fast", "2:15: 'fast' is too much" },
	{ "spt-threshold rate", "2:19: rate wants a number" },
	{ "spt-threshold packets -1", "2:23: packets wants a number" },
	{ "spt-threshold packets 1 interval 4", "2:34: interval wants seconds from 5" },
	{ "ssm-range 10.0.0.0/8", "2:11: 10.0.0.0/8 is no multicast group" },
	{ "ssm-range 224.0.0.0/3", "2:11: 224.0.0.0/3 are no multicast groups" },
	{ "rpf 239.1.1.1 via 10.0.0.2", "2:5: 239.1.1.1 are groups, no hosts" },
	{ "rpf 10.1.0.0/16", "2:16: 'via ADDRESS' is missing" },
	{ "rpf 10.1.0.0/16 via eth0", "2:21: 'eth0' is no address of a router" },
	{ "rpf 10.1.0.0/16 via fe80::1", "2:21: fe80::1 is of another family" },
	{ "hello-interval 18725", "2:16: hello-interval wants seconds from 0.1 to 18724" },
	{ "hello-interval 0.05", "2:16: hello-interval wants seconds from 0.1 to 18724" },
	{ "default-route-distance 0", "2:24: default-route-distance wants a number from 1 to 255" },
	{ "default-route-metric 0", "2:22: default-route-metric wants a number from 1" },
	{ "keepalive-period 0", "2:18: keepalive-period wants seconds from 1" },
	{ "neighbor-filter", "2:16: an address is missing" },
	{ "neighbor-filter 10.0.0.1 x", "2:26: 'x' is no address" },
	{ "register-filter 224.0.0.0/4", "2:17: 224.0.0.0/4 are groups, no hosts" },
	{ "pim-limit", "2:10: 'entries', 'joins', 'registers' or 'neighbors' is missing" },
	{ "pim-limit entries 0", "2:19: entries wants a number from 1" },
	{ "pim-limit neighbors 1 entries 1", "2:23: 'entries' is too much" },
	{ "phyint eth0 dr-priority 4294967296", "2:25: dr-priority wants a number from 0" },
	{ "phyint eth0 hello-interval 18725", "2:28: hello-interval wants seconds" },
	{ "phyint eth0 propagation-delay 32.768", "2:31: propagation-delay wants seconds" },
	{ "phyint eth0 propagation-delay 0.001",
	  "2:31: propagation-delay wants seconds from 0.01" },
	{ "phyint eth0 override-interval 65.536", "2:31: override-interval wants seconds" },
	{ "phyint eth0 distance 256", "2:22: distance wants a number from 1 to 255" },
	{ "phyint eth0 altnet 239.0.0.0/8", "2:20: 239.0.0.0/8 are groups, no hosts" },
	{ "phyint eth0 altnet 0.0.0.0/0", "2:20: altnet cannot be that of all sources" },
	{ "phyint eth0 scoped 10.0.0.0/8", "2:20: 10.0.0.0/8 are no multicast groups" },
	{ "rp-filter", "2:10: an address is missing" },
	{ "rp-filter 239.0.0.0/8", "2:11: 239.0.0.0/8 are groups, no hosts" },
	{ "rp-filter 10.0.0.0/8 10.0.0.0/8", "2:22: 10.0.0.0/8 are no multicast groups" },
	{ "rp-filter 10.0.0.0/8 ff0e::/16", "2:22: the groups are of another family than the RP" },
	{ "rp-filter 10.0.0.1 239.0.0.0/8 x", "2:32: 'x' is too much" },
	{ "bsr-candidate eth+", "2:15: 'eth+' may be several interfaces" },
	{ "bsr-candidate eth0 eth1", "2:20: 'eth1' is too much" },
	{ "bsr-candidate 239.1.1.1", "2:15: '239.1.1.1' is no address of a router" },
	{ "bsr-candidate fe80::1", "2:15: fe80::1 is known on its link alone" },
	{ "bsr-candidate priority 256", "2:24: priority wants a number from 0 to 255" },
	{ "bsr-candidate interval 0.9", "2:24: interval wants seconds from 1 to 26214" },
	{ "bsr-candidate 10.0.0.1 hash-mask-len 33", "2:38: hash-mask-len of IPv4 is 32 at most" },
	{ "bsr-candidate hash-mask-len 126", "2:29: hash-mask-len of IPv4 is 32 at most" },
	{ "bsr-candidate fd00::1 hash-mask-len 129",
	  "2:37: hash-mask-len wants a number from 0 to 128" },
	{ "bsr-candidate scope", "2:20: an address is missing" },
	{ "bsr-candidate scope 10.0.0.0/8", "2:21: 10.0.0.0/8 are no multicast groups" },
	{ "bsr-candidate scope 224.0.0.0/24", "2:21: 224.0.0.0/24 do not leave their link" },
	{ "bsr-candidate scope ff12::/16", "2:21: ff12::/16 do not leave their link" },
	{ "bsr-candidate scope ff00::/12", "2:21: a zone of IPv6 is a scope, such as ff05::/16" },
	{ "bsr-candidate scope ff05:1::/32", "2:21: a zone of IPv6 is a scope, such as ff05::/16" },
	{ "bsr-candidate 10.0.0.1 scope ff05::/16",
	  "2:30: the address is of another family than the scope" },
	{ "bsr-candidate\nbsr-candidate eth0", "3:15: there is one of 224.0.0.0/4 already" },
	{ "bsr-candidate scope ff05::/16\nbsr-candidate priority 7 scope ff15::/16",
	  "3:32: there is one of ff05::/16 already" },
	{ "bsr-filter", "2:11: an address is missing" },
	{ "bsr-filter 10.0.0.1 239.1.1.1", "2:21: 239.1.1.1 are groups, no hosts" },
	{ "rp-candidate 10.0.0.1 hash-mask-len 3", "2:23: 'hash-mask-len' is too much" },
	{ "rp-candidate eth0 priority", "2:27: priority wants a number from 0 to 255" },
	{ "rp-candidate time 26215", "2:19: time wants seconds from 1 to 26214" },
	{ "rp-candidate eth0\nrp-candidate eth0 priority 3", "3:28: that is a candidate already" },
	{ "group-prefix", "2:13: an address is missing" },
	{ "group-prefix 10.0.0.1", "2:14: 10.0.0.1 are no multicast groups" },
	{ "rp-candidate-filter 10.0.0.1 10.0.0.2", "2:30: 10.0.0.2 are no multicast groups" },
	{ "auto-rp fd00::1", "2:9: there is no Auto-RP of IPv6" },
	{ "embedded-rp", "2:12: 'off' or 'limit' is missing" },
	{ "embedded-rp on", "2:13: 'off' or 'limit' is missing" },
	{ "embedded-rp limit 0", "2:19: limit wants a number from 1" },
	{ "anycast-rp 10.0.0.1", "2:20: the address of a router is missing" },
	{ "anycast-rp 10.0.0.1 fd00::1", "2:21: fd00::1 is of another family than the RP" },
	{ "anycast-rp 10.0.0.1 10.0.0.1", "2:21: a member needs an address that it alone has" },

	{ "igmp-query-interval 31745", "2:21: igmp-query-interval wants a number from 1 to 31744" },
	{ "igmp-querier-timeout 300 s", "2:26: 's' is too much" },

	/* What lines say together */
	{ "igmp-querier-timeout 125",
	  "1:1: igmp-querier-timeout must be longer than igmp-query-interval" },
	{ "mld-query-interval 300\nmld-querier-timeout 300",
	  "1:1: mld-querier-timeout must be longer than mld-query-interval" },
	{ "igmp-query-interval 10\nphyint eth+ igmp-response-interval 10",
	  "1:1: eth+: igmp-query-interval must be longer than igmp-response-interval" },
	{ "igmp-query-interval 60\nphyint eth1 igmp-querier-timeout 60",
	  "1:1: eth1: igmp-querier-timeout must be longer than igmp-query-interval" },
	{ "register-probe 30",
	  "1:1: register-probe must be less than half of register-suppression" },
	{ "register-suppression 10",
	  "1:1: register-probe must be less than half of register-suppression" },
	{ "phyint eth0 hello-holdtime 30",
	  "1:1: eth0: hello-holdtime must be longer than hello-interval" },
	{ "hello-interval 60\nphyint eth0 hello-holdtime 59",
	  "1:1: eth0: hello-holdtime must be longer than hello-interval" },
	{ "phyint eth+ assert-time 3",
	  "1:1: eth+: assert-override-interval must be shorter than assert-time" },
	{ "phyint eth0 pim\nproxy upstream eth0 downstream eth1",
	  "1:1: eth0: proxy and pim cannot both be at work there" },
	{ "phyint eth+ pim6\nproxy upstream eth0 downstream eth1",
	  "1:1: eth1: proxy and pim cannot both be at work there" },
};

static void what_is_wrong(void **state)
{
	struct bed *b = new_bed("");

	(void)state;
	for (size_t i = 0; i < NELEMS(wrong); i++) {
		const char *reply = check(b, wrong[i].line);

		assert_has(reply, wrong[i].error);
		assert_has(reply, "\"error\":");
	}
	free_bed(b);
}

/* What is right, and does nothing. */
static void what_is_of_no_use(void **state)
{
	struct bed *b = new_bed("");

	(void)state;
	assert_has(check(b, "rp-address 10.0.0.1\nphyint eth0 no-pim"),
		   "1:1: warning: PIM runs nowhere, no phyint line says pim\"}\n{\"ok\":true}");
	assert_has(
		check(b, "phyint eth0 pim\ngroup-prefix 239.1.1.1 ff0e::/16"),
		"1:1: warning: group-prefix is about rp-candidate, which nobody says\"}\n{\"ok\"");
	assert_has(check(b, "phyint eth0 pim\nbsr-candidate interval 121"),
		   "3:24: warning: others give up a bootstrap router that is silent for 130 s");
	assert_string_equal(check(b, "phyint eth0 pim6\nrp-candidate\ngroup-prefix ff0e::/16"),
			    "{\"ok\":true}\n");
	assert_string_equal(check(b, ""), "{\"ok\":true}\n");
	free_bed(b);
}

/* eth0 is the first, and so on. */
static int slot(struct host *host, const char *name)
{
	(void)host;
	return name[strlen(name) - 1] - '0';
}

/* The statement of PIM that the line begins with, or none. */
static const struct statement *statement_of(struct bed *b, const char *line)
{
	const struct statement *s = b->k->modules[0]->statements;
	size_t len = strcspn(line, " ");

	while (s->name && (strncmp(s->name, line, len) || s->name[len]))
		s++;
	return s;
}

/* Reads one statement of PIM; whether it was right. */
static bool read_line(struct bed *b, const char *line, struct pim_conf *conf)
{
	static const struct host_ops ops = { .slot = slot };
	struct host host = { .op = &ops };
	struct reader r = { .host = &host };
	const struct statement *s = statement_of(b, line);
	char text[200];
	bool is_right;

	snprintf(text, sizeof(text), "%s", line);
	assert_true(words_split(&r.words, text, strlen(text)));
	assert_non_null(s->name);
	words_next(&r.words);
	is_right = !s->parse(&r, conf);
	words_free(&r.words);
	return is_right;
}

/* A line has all of its effects or none. */
static void wrong_lines_do_nothing(void **state)
{
	struct bed *b = new_bed("module pim\n");
	const struct module *pim = b->k->modules[0];
	struct pim_conf *empty = pim->conf_new();
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < NELEMS(wrong); i++) {
		struct pim_conf *conf;

		if (!statement_of(b, wrong[i].line)->name || strchr(wrong[i].line, '\n') ||
		    !strncmp(wrong[i].error, "1:1:", 4))
			continue;
		conf = pim->conf_new();
		assert_false(read_line(b, wrong[i].line, conf));
		if (memcmp(conf, empty, sizeof(*conf)))
			fail_msg("not without effect: %s", wrong[i].line);
		pim->conf_free(conf);
		n++;
	}
	assert_true(n > 50);
	pim->conf_free(empty);
	free_bed(b);
}

/* What is said without a family is said of both. */
static void candidates_of_families(void **state)
{
	struct bed *b = new_bed("module pim\n");
	const struct module *pim = b->k->modules[0];
	struct pim_conf *conf = pim->conf_new();

	(void)state;
	assert_true(read_line(b, "bsr-candidate eth0 priority 9 interval 30", conf));
	assert_true(read_line(b, "bsr-candidate 10.0.0.1 scope 239.255.0.0/16", conf));
	assert_true(read_line(b, "bsr-candidate scope ff35::/16 hash-mask-len 100", conf));
	assert_true(read_line(b, "rp-candidate", conf));
	assert_true(read_line(b, "rp-candidate fd00::1 time 2 priority 0", conf));
	assert_true(read_line(b, "group-prefix 239.1.0.0/16 ff0e::/16 239.1.7.7/16", conf));
	for (enum af af = V4; af <= V6; af++) {
		const struct pim_bsr *bsr = conf->af[af].bsr;
		const struct pim_candidate *c = conf->af[af].candidate;

		assert_int_equal(conf->af[af].nbsrs, 2);
		assert_true(ip_is_any(bsr->ip) && bsr->slot == 0);
		assert_int_equal(bsr->priority, 9);
		assert_int_equal(bsr->period, SEC(30));
		assert_int_equal(bsr->hash_len, af == V4 ? 30 : 126);
		assert_string_equal(prefix_str(&bsr->scope), af == V4 ? "224.0.0.0/4" : "ff00::/8");
		assert_int_equal(conf->af[af].ncandidates, 1 + af);
		assert_true(ip_is_any(c->ip) && ip_family(c->ip) == af && c->slot == NOSLOT);
		assert_int_equal(c->priority, PIM_CANDIDATE_PRIORITY);
		assert_int_equal(c->period, SEC(60));
		assert_int_equal(conf->af[af].ngroups, 1);
	}
	assert_string_equal(prefix_str(&conf->af[V4].bsr[1].scope), "239.255.0.0/16");
	assert_int_equal(conf->af[V4].bsr[1].slot, NOSLOT);
	assert_int_equal(conf->af[V4].bsr[1].priority, PIM_BSR_PRIORITY);
	assert_string_equal(prefix_str(&conf->af[V6].bsr[1].scope), "ff05::/16");
	assert_int_equal(conf->af[V6].bsr[1].hash_len, 100);
	assert_int_equal(conf->af[V6].candidate[1].period, SEC(2));
	pim->conf_free(conf);
	free_bed(b);
}

/* Of an RP, members follow one another, each once, whatever the order of lines. */
static void members_of_anycast(void **state)
{
	struct bed *b = new_bed("module pim\n");
	const struct module *pim = b->k->modules[0];
	struct pim_conf *conf = pim->conf_new();
	const struct pim_family *f = &conf->af[V4];
	struct buf text = { 0 };

	(void)state;
	assert_true(read_line(b, "anycast-rp 10.0.0.1 10.0.1.1 10.0.1.1", conf));
	assert_true(read_line(b, "anycast-rp 10.0.0.2 10.0.2.1", conf));
	assert_true(read_line(b, "anycast-rp 10.0.0.1 10.0.1.2 10.0.1.1", conf));
	assert_true(read_line(b, "anycast-rp 10.0.0.2 10.0.2.2", conf));
	assert_true(read_line(b, "anycast-rp fd00::1 fd00::2", conf));
	for (unsigned i = 0; i < f->nanycast; i++)
		buf_printf(&text, "%s %s,", ip_str(f->anycast[i].rp), ip_str(f->anycast[i].member));
	buf_add(&text, "", 1);
	assert_string_equal(buf_at(&text), "10.0.0.1 10.0.1.1,10.0.0.1 10.0.1.2,"
					   "10.0.0.2 10.0.2.1,10.0.0.2 10.0.2.2,");
	assert_int_equal(conf->af[V6].nanycast, 1);
	buf_free(&text);
	pim->conf_free(conf);
	free_bed(b);
}

static const char *const right[] = {
	"igmp-query-interval 60",
	"igmp-querier-timeout 125",
	"mld-query-interval 70",
	"mld-querier-timeout 135",
	"rp-address 10.0.0.1",
	"rp-address 10.0.0.1 239.1.2.3",
	"rp-address 10.0.0.2 239.0.0.0/8 priority 0",
	"rp-address 10.0.0.2 priority 255",
	"rp-address fd00::1 ff0e::/16",
	"rp-address 10.0.0.3 239.4.0.0 masklen 16 priority 3",
	"rp-static-first",
	"rp-filter 10.0.0.0/8",
	"rp-filter fd00::/16 ff0e::/16",
	"bsr-candidate priority 0 interval 30",
	"bsr-candidate eth0 hash-mask-len 0 scope 239.255.0.0/16",
	"bsr-candidate fd00::1 hash-mask-len 128 scope ff15::/16 priority 255",
	"bsr-filter 10.0.0.0/8 fd00::1",
	"rp-candidate",
	"rp-candidate lo time 30 priority 0",
	"rp-candidate 10.0.0.1 interval 1.5",
	"rp-candidate fd00::1",
	"group-prefix 239.0.0.0/8 ff0e::/16",
	"group-prefix 224.0.0.0/4",
	"group-prefix 239.5.0.0 masklen 16 ff05:: masklen 16",
	"rp-candidate-filter 10.0.0.0/8 239.0.0.0/8",
	"auto-rp",
	"auto-rp 10.0.0.1 10.1.0.0/16",
	"embedded-rp limit 10",
	"embedded-rp off",
	"anycast-rp 10.0.0.1 10.0.0.2 10.0.0.3",
	"anycast-rp fd00::1 fd00::2",
	"anycast-rp 10.0.0.1 10.0.0.4",
	"spt-threshold",
	"spt-threshold infinity",
	"spt-threshold rate 128 interval 5",
	"spt-threshold packets 0 interval 100",
	"spt-threshold interval 7.5",
	"rpf 10.1.0.0/16 via 10.0.0.2",
	"rpf 0.0.0.0/0 via 10.0.0.2",
	"rpf fd00:1::/32 via fe80::2",
	"hello-interval 0.1",
	"default-route-distance 101",
	"default-route-metric 1024",
	"keepalive-period 210",
	"register-suppression 60",
	"register-probe 5",
	"neighbor-filter 10.0.0.0/8 fe80::/10",
	"neighbor-filter 0.0.0.0/0",
	"register-filter 10.0.0.0/8 fd00::1",
	"pim-limit entries 10 registers 20 neighbors 30",
	"pim-limit neighbors 1",
};

static void lines_are_shown_again(void **state)
{
	struct buf conf = { 0 };
	struct bed *b;
	const char *shown;

	(void)state;
	buf_puts(&conf, "module pim\nssm-range 232.0.0.0/8\n");
	for (size_t i = 0; i < NELEMS(right); i++)
		buf_printf(&conf, "%s\n", right[i]);
	buf_puts(&conf, "phyint eth0 pim passive dr-priority 4294967295 hello-interval 0.5 "
			"hello-holdtime 2 hello-delay 0 propagation-delay 0.01 "
			"override-interval 65.535 track-joins join-prune-interval 30 "
			"assert-time 100.5 assert-override-interval 1 distance 1 metric 1 altnet "
			"10.7.0.0/16 altnet fd07::/32 scoped 239.255.0.0/16 scoped ff05::/16 "
			"bsr-border bsr-once bsr-unicast\n");
	buf_puts(&conf, "phyint eth+ pim4\nphyint eth1 pim6 no-pim\n");
	buf_add(&conf, "", 1);
	b = new_bed(buf_at(&conf));
	assert_string_equal(b->said, "");
	shown = bed_ask(b, "show config");
	for (size_t i = 0; i < NELEMS(right); i++) {
		char line[200];

		snprintf(line, sizeof(line), "{\"line\":\"%s\"}\n", right[i]);
		assert_has(shown, line);
	}
	assert_has(shown, "{\"line\":\"ssm-range 232.0.0.0/8\"}\n");
	assert_has_not(strstr(shown, "ssm-range") + 1, "ssm-range");
	assert_has(shown, " altnet fd07::/32 scoped 239.255.0.0/16");
	buf_free(&conf);
	free_bed(b);
}

/* An interface may be a proxy's in one family and PIM's in the other. */
static void shared_interfaces(void **state)
{
	struct bed *b = new_bed("");

	(void)state;
	assert_string_equal(check(b, "phyint eth0 pim6\nproxy upstream eth0 downstream eth1 igmp"),
			    "{\"ok\":true}\n");
	assert_string_equal(check(b, "phyint eth+ pim\nphyint eth0 no-pim\nphyint eth1 no-pim\n"
				     "proxy upstream eth0 downstream eth1"),
			    "{\"ok\":true}\n");
	free_bed(b);
}

/* What others have read already, PIM cannot. */
static void statements_of_two(void **state)
{
	struct bed *b = new_bed("");

	(void)state;
	sim_file(b->k, BED_CONF, "ssm-range 239.1.0.0/16\nmodule pim\n");
	assert_has(bed_ask(b, "check " BED_CONF),
		   "2:8: this must stand before 'ssm-range', which pim reads too");
	sim_file(b->k, BED_CONF, "ssm-map group 239.1.1.1 source 10.0.0.1\nmodule pim\n");
	assert_string_equal(bed_ask(b, "check " BED_CONF), "{\"ok\":true}\n");
	free_bed(b);
}

static const char *ask(struct pim_bed *p, const char *request)
{
	return bed_ask(&p->bed, request);
}

static void families(struct pim_bed *p)
{
	const char *shown = ask(p, "show pim interface");

	assert_has(shown, "{\"interface\":\"eth0\",\"family\":\"IPv4\",\"state\":\"up\"");
	assert_has(shown, "{\"interface\":\"eth0\",\"family\":\"IPv6\",\"state\":\"up\"");
	assert_has(shown, "{\"interface\":\"eth1\",\"family\":\"IPv4\",\"state\":\"up\"");
	assert_has_not(shown, "{\"interface\":\"eth1\",\"family\":\"IPv6\"");
	assert_has(shown, "{\"interface\":\"eth2\",\"family\":\"IPv6\",\"state\":\"up\"");
	assert_has_not(shown, "{\"interface\":\"eth2\",\"family\":\"IPv4\"");
	assert_has_not(shown, "{\"interface\":\"eth3\"");
}

static void words_of_families(void **state)
{
	(void)state;
	pim_bed_both("phyint eth+ pim\nphyint eth1 no-pim pim4\nphyint eth2 no-pim pim6\n"
		     "phyint eth3 no-pim\n",
		     families);
}

static void listeners_of_all(void **state)
{
	struct pim_bed *p = pim_bed_new(V4, "igmp-query-interval 60\nphyint eth0 pim\n"
					    "phyint eth1 pim igmp-query-interval 70\n");
	const char *shown = ask(p, "show igmp");

	(void)state;
	assert_has(strstr(shown, "\"eth0\""), "\"query_interval\":60000");
	assert_has(strstr(shown, "\"eth1\""), "\"query_interval\":70000");
	assert_has(ask(p, "show mld"), "\"query_interval\":125000");
	pim_bed_reload(p, "phyint eth0 pim\n");
	assert_has(ask(p, "show igmp"), "\"query_interval\":125000");
	pim_bed_free(p);
}

/* Those of pimd that have other names here. */
static void words_of_pimd(void **state)
{
	struct pim_bed *p =
		pim_bed_new(V4, "mld-query-interval 60\nphyint eth0 pim igmpv2 mldv1 preference 7\n"
				"phyint eth1 pim igmp-version 1 igmpv3 mld-version 1 mldv2\n"
				"rp-address 10.0.0.3 239.4.0.0 masklen 16\n");
	const char *shown = ask(p, "show igmp");

	(void)state;
	assert_has(strstr(shown, "\"eth0\""), "\"version\":2");
	assert_has(strstr(shown, "\"eth1\""), "\"version\":3");
	shown = ask(p, "show mld");
	assert_has(strstr(shown, "\"eth0\""), "\"version\":1");
	assert_has(strstr(shown, "\"eth0\""), "\"query_interval\":60000");
	assert_has(strstr(shown, "\"eth1\""), "\"version\":2");
	shown = ask(p, "show pim rp 239.4.255.1");
	assert_has(shown, "\"rp_address\":\"10.0.0.3\"");
	assert_has(ask(p, "show pim rp 239.5.0.1"), "\"rp_address\":null");
	pim_bed_free(p);
}

/* The tunnel is no interface that is meant. */
static void all_are_disabled(void **state)
{
	static const char *const words[] = { "disable-vifs\n", "no phyint\n",
					     "phyint + disable\n" };

	(void)state;
	for (size_t i = 0; i < NELEMS(words); i++) {
		struct pim_bed *p = pim_bed_new(V4, NULL);
		char conf[200];
		const char *shown;

		snprintf(conf, sizeof(conf), "%sphyint eth+ pim\nphyint eth1 enable\n%s%s",
			 i == 2 ? words[i] : "", i < 2 ? words[i] : "", "rp-address 10.0.1.1\n");
		pim_bed_reload(p, conf);
		pim_bed_run(p, SEC(2));
		shown = ask(p, "show pim interface");
		assert_has(shown,
			   "\"interface\":\"eth0\",\"family\":\"IPv4\",\"state\":\"disabled\"");
		assert_has(shown, "\"interface\":\"eth1\",\"family\":\"IPv4\",\"state\":\"up\"");
		shown = ask(p, "show interfaces");
		assert_has_not(strstr(shown, "\"pimreg\""), "\"vif\":null");
		pim_bed_free(p);
	}
}

/* Rows of an RP begin so; what follows is how it is reached. */
static void assert_rp(struct pim_bed *p, const char *group, const char *rp)
{
	char request[100], want[100];

	snprintf(request, sizeof(request), "show pim rp %s", ip_str(pim_bed_ip(p, group)));
	if (rp)
		snprintf(want, sizeof(want), "\"rp_address\":\"%s\"", ip_str(pim_bed_ip(p, rp)));
	else
		snprintf(want, sizeof(want), "\"rp_address\":null");
	assert_has(ask(p, request), want);
}

/* The way to an RP that has gone is noticed, and so is the next configuration. */
static void rps(struct pim_bed *p)
{
	struct session *s = session_open(p->bed.r, true);
	char want[200];

	assert_rp(p, "g1", "rp1");
	pim_bed_route(p, "rp1", "eth0");
	pim_bed_route(p, "rp2", "eth0");
	pim_bed_run(p, 1);
	assert_rp(p, "g1", "rp1");
	session_input(s, "monitor rp\n", 11);
	pim_bed_unroute(p, "rp1", PIM_BED_METRIC);
	pim_bed_run(p, 1);
	snprintf(want, sizeof(want), "\"address\":\"%s\",\"state\":\"unreachable\"}\n",
		 ip_str(pim_bed_ip(p, "rp1")));
	buf_add(session_output(s), "", 1);
	assert_has(buf_at(session_output(s)), want);
	session_close(s);
	assert_rp(p, "g1", "rp2");
	pim_bed_route(p, "rp1", "eth0");
	pim_bed_run(p, 1);
	assert_rp(p, "g1", "rp1");
	pim_bed_reload(p, "phyint eth0 pim\nrp-address rp2\nrp-address rp1 g2\n");
	pim_bed_run(p, 1);
	assert_rp(p, "g1", "rp2");
	assert_rp(p, "g2", "rp1");
	assert_rp(p, "ssm1", NULL);
	pim_bed_reload(p, "ssm-range g2\nphyint eth0 pim\nrp-address rp2\nrp-address rp1 g2\n");
	pim_bed_run(p, 1);
	assert_rp(p, "g2", NULL);
	assert_rp(p, "ssm1", "rp2");
	pim_bed_reload(p, "phyint eth0 pim\n");
	pim_bed_run(p, 1);
	assert_rp(p, "g1", NULL);
}

static void rps_by_configuration(void **state)
{
	(void)state;
	pim_bed_both("phyint eth0 pim\nrp-address rp1\nrp-address rp2 priority 2\n", rps);
}

#define SCOPED "phyint eth+ pim\nphyint eth3 no-pim\nrp-address rp1\n"

/* What is said of the group there counts, and is of use as soon as it passes. */
static void scoped_downstream(struct pim_bed *p)
{
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth1.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1 holdtime 210: J(*,g1) rp rp1");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1 holdtime 210: J(*,g9) rp rp1");
	pim_bed_run(p, SEC(1));
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g9) rp rp1\n");
	pim_bed_reload(p, SCOPED);
	pim_bed_run(p, SEC(1));
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1\n");
	pim_bed_reload(p, SCOPED "phyint eth1 scoped g2 scoped g1\n");
	pim_bed_run(p, SEC(1));
	assert_said(p, "eth0 Join/Prune to eth0.2 holdtime 210: P(*,g1) rp rp1\n");
}

/* Nothing is asked for there, taken from there, or registered over there; within, it flows. */
static void scoped_upstream(struct pim_bed *p)
{
	pim_bed_hello(p, "eth0.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
	pim_bed_join(p, "eth2", "*", "g1");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	assert_string_equal(pim_bed_data(p, "eth0", "eth0.100", "g1"), "");
	assert_string_equal(pim_bed_data(p, "eth1", "eth1.100", "g1"), "eth2");
	pim_bed_run(p, SEC(1));
	assert_said(p, "");
	pim_bed_reload(p, SCOPED);
	pim_bed_run(p, SEC(1));
	assert_has(pim_bed_said(p), "J(*,g1) rp rp1");
}

static void scopes(void **state)
{
	(void)state;
	pim_bed_both(SCOPED "phyint eth1 scoped g2 scoped g1\n", scoped_downstream);
	pim_bed_both(SCOPED "phyint eth0 scoped g1\n", scoped_upstream);
}

static void assert_vif(struct pim_bed *p, bool on)
{
	const char *row = strstr(ask(p, "show interfaces"), "\"name\":\"eth3\""), *null;

	assert_non_null(row);
	null = strstr(row, p->af == V4 ? "\"vif\":null" : "\"mif\":null");
	assert_int_equal(!null || null > strchr(row, '\n'), on);
}

/* Interfaces without an address are many where all have PIM, and vifs are few. */
static void no_address(struct pim_bed *p)
{
	pim_bed_address(p, "eth3", "eth3.1", false);
	pim_bed_address(p, "eth3", "eth3/1", false);
	pim_bed_reload(p, "phyint eth+ pim\n");
	assert_has(ask(p, "show pim interface"), "\"state\":\"no address\"");
	assert_vif(p, false);
	pim_bed_address(p, "eth3", "eth3.1", true);
	assert_vif(p, true);
	pim_bed_link(p, "eth3", false);
	assert_vif(p, true);
	pim_bed_address(p, "eth3", "eth3.1", false);
	pim_bed_link(p, "eth3", true);
	assert_vif(p, true);
	pim_bed_reload(p, "phyint eth0 pim\n");
	assert_vif(p, false);
}

static void vifs(void **state)
{
	(void)state;
	pim_bed_both("phyint eth0 pim\n", no_address);
}

/* There is room for two entries, and the third one is counted; what goes makes room. */
static void full(struct pim_bed *p)
{
	pim_bed_hello(p, "eth1.2");
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1 holdtime 210: J(s1,g1) J(s2,g1) J(s3,g1)");
	pim_bed_run(p, SEC(1));
	assert_int_equal(p->pim->nentries, 2);
	assert_int_equal(p->pim->counters.limited, 1);
	assert_has(ask(p, "show counters"), "\"name\":\"limit\"");
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1 holdtime 210: P(s1,g1)");
	pim_bed_run(p, SEC(5));
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1 holdtime 210: J(s3,g1)");
	pim_bed_run(p, SEC(1));
	assert_null(pim_bed_find(p, "s1", "g1"));
	assert_non_null(pim_bed_find(p, "s3", "g1"));
}

/* Listeners that were refused are served when there is room, though they say nothing new. */
static void refused(struct pim_bed *p)
{
	pim_bed_join(p, "eth1", "*", "g1");
	pim_bed_join(p, "eth1", "*", "g2");
	pim_bed_join(p, "eth1", "s1", "g3");
	assert_non_null(pim_bed_find(p, "*", "g1"));
	assert_int_equal(p->pim->nentries, 1);
	pim_bed_leave(p, "eth1", "*", "g1");
	pim_bed_run(p, SEC(10));
	assert_non_null(pim_bed_find(p, "*", "g2"));
	assert_int_equal(p->pim->nentries, 1);
	pim_bed_reload(p, "phyint eth1 pim\nrp-address rp1\n");
	assert_non_null(pim_bed_find(p, "*", "g2"));
	assert_non_null(pim_bed_find(p, "s1", "g3"));
}

/* Neighbors have an end, too. */
static void crowded(struct pim_bed *p)
{
	pim_bed_hello(p, "eth1.2");
	pim_bed_hello(p, "eth1.3");
	pim_bed_hello(p, "eth2.2");
	pim_bed_run(p, SEC(1));
	assert_int_equal(pim_bed_iface(p, "eth1")->nneighbors, 1);
	assert_int_equal(pim_bed_iface(p, "eth2")->nneighbors, 1);
	assert_int_equal(p->pim->counters.limited, 1);
}

static void limits(void **state)
{
	(void)state;
	pim_bed_both("phyint eth1 pim\npim-limit entries 2\n", full);
	pim_bed_both("phyint eth1 pim\npim-limit entries 1\nrp-address rp1\n", refused);
	pim_bed_both("phyint eth+ pim\npim-limit neighbors 1\n", crowded);
}

/* Sources of another network of the link are the DR's to register. */
static void direct(struct pim_bed *p)
{
	pim_bed_hello(p, "eth0.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_route(p, "s1", "eth1");
	pim_bed_run(p, SEC(10));
	pim_bed_said(p);
	pim_bed_data(p, "eth1", "s1", "g1");
	pim_bed_data(p, "eth1", "s1", "g1");
	assert_has(pim_bed_said(p), "Register to rp1 (s1,g1)");
}

static void other_networks(void **state)
{
	(void)state;
	pim_bed_both(SCOPED "phyint eth1 altnet s1\n", direct);
	pim_bed_both(SCOPED "phyint eth+ altnet s1\n", direct);
}

/* What is wanted and cannot be done is not shown as if it were. */
static void unable(struct pim_bed *p)
{
	const char *shown;

	sim_refuse(p->bed.k, SIM_TUNNEL, "there is no /dev/net/tun", UINT_MAX);
	pim_bed_reload(p, "phyint eth+ pim\nrp-address rp1\n");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_hello(p, "eth0.2");
	pim_bed_run(p, SEC(10));
	pim_bed_data(p, "eth1", "eth1.100", "g1");
	pim_bed_run(p, SEC(1));
	shown = ask(p, "show pim tree");
	assert_has(shown, "\"interface\":\"pimreg\",\"out\":false,"
			  "\"reason\":\"there is no device to register by\"");
	assert_has(ask(p, "show pim register"), "\"refused\":true");
	assert_has_not(ask(p, "show pim interface"), "\"refused\":true");

	pim_bed_reload(p, "");
	sim_refuse(p->bed.k, SIM_TUNNEL, NULL, 0);
	sim_refuse(p->bed.k, SIM_VIF_ADD, "all 32 are in use", UINT_MAX);
	pim_bed_reload(p, "phyint eth+ pim\nrp-address rp1\n");
	pim_bed_run(p, SEC(5));
	pim_bed_join(p, "eth2", "s1", "ssm1");
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_hello(p, "eth0.2");
	pim_bed_run(p, SEC(1));
	assert_has(ask(p, "show pim tree"), "\"interface\":\"eth2\",\"out\":false,"
					    "\"reason\":\"the kernel has no room for it\"");
	assert_has(ask(p, "show pim interface"), "\"refused\":true");
}

static void what_cannot_be_done_is_shown(void **state)
{
	(void)state;
	pim_bed_both("", unable);
}

/* What was said of a tree is seen again, and why data goes where it does. */
static void tree(struct pim_bed *p)
{
	const char *shown;

	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth1.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_route(p, "s1", "eth0.2");
	pim_bed_run(p, SEC(10));
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1 holdtime 210: J(*,g1) rp rp1");
	pim_bed_join(p, "eth2", "s1", "ssm1");
	pim_bed_run(p, SEC(1));
	shown = ask(p, "show pim tree");
	assert_has(shown, "{\"table\":\"pim_tree\",\"width\":4}\n{\"source\":");
	assert_has(shown, "\"upstream\":\"Joined\",\"rpf_interface\":\"eth0\"");
	assert_has(shown, "\"interface\":\"eth1\",\"out\":true,\"reason\":\"joined\","
			  "\"listeners\":false,\"join\":\"Join\",\"expiry\":209000}\n");
	assert_has(shown, "\"interface\":\"eth2\",\"out\":true,\"reason\":\"listeners\"");
	assert_has(ask(p, "show pim tree 239.9.9.9"),
		   "{\"table\":\"pim_tree\",\"width\":4}\n{\"ok\":true}\n");
	shown = ask(p, "show pim neighbor");
	assert_has(shown, "\"interface\":\"eth0\"");
	assert_has(shown, ip_str(pim_bed_ip(p, "eth0.2")));
	assert_has(shown, ip_str(pim_bed_ip(p, "eth1.2")));
	assert_has(ask(p, "show pim rpf"), "\"kind\":\"rp\",\"reachable\":true,\"own\":false,"
					   "\"interface\":\"eth0\"");
	shown = ask(p, "show pim statistics");
	assert_has(shown, "\"message\":\"Join/Prune\",\"received\":1,\"sent\":");
	assert_has(ask(p, "show counters"), "\"area\":\"pim\"");
}

static void assert_reason(struct pim_bed *p, const char *source, const char *reason)
{
	bool is_star = !strcmp(source, "*");
	char text[300], quoted[60];

	snprintf(quoted, sizeof(quoted), "\"%s\"", ip_str(pim_bed_ip(p, source)));
	snprintf(text, sizeof(text),
		 "{\"source\":%s,\"group\":\"%s\",\"interface\":\"eth1\","
		 "\"out\":%s,\"reason\":\"%s\"",
		 is_star ? "null" : quoted, ip_str(pim_bed_ip(p, "g1")),
		 strcmp(reason, "joined") ? "false" : "true", reason);
	assert_has(ask(p, "show pim tree"), text);
}

/* What is wanted, and does not flow yet. */
static void waits(struct pim_bed *p)
{
	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth1.2");
	pim_bed_hello(p, "eth1.3");
	pim_bed_route(p, "s2", "eth0.2");
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1: J(eth2.100,g1) J(s1,g1) J(s2,g1)");
	assert_reason(p, "eth2.100", "the source sends nothing");
	assert_reason(p, "s1", "no way leads to the source");
	assert_reason(p, "s2", "its tree brought nothing yet");
	assert_string_equal(pim_bed_data(p, "eth2", "eth2.100", "g1"), "eth1 pimreg");
	assert_reason(p, "eth2.100", "joined");
	assert_string_equal(pim_bed_data(p, "eth0", "s2", "g1"), "eth1");
	assert_reason(p, "s2", "joined");
	pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1: J(*,g1) rp rp1");
	assert_reason(p, "*", "no way leads to the rendezvous point");
	pim_bed_route(p, "rp1", "eth0.2");
	assert_reason(p, "*", "joined");
	pim_bed_reload(p, "phyint eth+ pim\n");
	assert_reason(p, "*", "no rendezvous point is known");
}

static void trees_are_shown(void **state)
{
	(void)state;
	pim_bed_both("phyint eth+ pim\nrp-address rp1\n", waits);
	pim_bed_both("phyint eth+ pim\nrp-address rp1\n", tree);
}

/* Tables that take more than a slice have each row once. */
static void many(struct pim_bed *p)
{
	const char *shown;
	unsigned n = 0;

	pim_bed_hello(p, "eth0.2");
	pim_bed_hello(p, "eth1.2");
	pim_bed_route(p, "rp1", "eth0.2");
	pim_bed_run(p, SEC(10));
	for (unsigned i = 1; i <= 80; i++)
		pim_bed_hear(p, "eth1.2", "Join/Prune to eth1.1 holdtime 210: J(*,g%u) rp rp1", i);
	pim_bed_run(p, SEC(1));
	shown = ask(p, "show pim tree");
	for (const char *at = shown; (at = strstr(at, "\"upstream\":")); at++)
		n++;
	assert_int_equal(n, 80);
	for (unsigned i = 1; i <= 80; i++) {
		char name[20], want[100];
		const char *at;

		snprintf(name, sizeof(name), "g%u", i);
		snprintf(want, sizeof(want), "\"group\":\"%s\",\"rp_address\"",
			 ip_str(pim_bed_ip(p, name)));
		at = strstr(shown, want);
		assert_non_null(at);
		assert_null(strstr(at + 1, want));
	}
}

static void long_tables(void **state)
{
	(void)state;
	pim_bed_both("phyint eth+ pim\nrp-address rp1\n", many);
}

static void wrong_tables(void **state)
{
	struct pim_bed *p = pim_bed_new(V4, NULL);

	(void)state;
	assert_has(ask(p, "show pim foo"), "{\"error\":\"there is no table 'foo'\",\"column\":10}");
	assert_has(ask(p, "show pim tree 10.0.0.1"), "{\"error\":\"'10.0.0.1' is no group\"");
	assert_has(ask(p, "show pim rp 239.1.1.1 more"), "{\"error\":\"'more' is too much\"");
	assert_has(ask(p, "show pim assert 239.1.1.1"), "{\"error\":\"'239.1.1.1' is too much\"");
	assert_has(ask(p, "show pim"), "{\"table\":\"pim_rp\",\"width\":4}\n{\"ok\":true}\n");
	pim_bed_free(p);
}

#define CHECK(name, test)                    \
	{                                    \
		name, test, NULL, NULL, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK("PIM-72, PIM-146: what is wrong", what_is_wrong),
		CHECK("what is of no use", what_is_of_no_use),
		CHECK("wrong lines do nothing", wrong_lines_do_nothing),
		CHECK("candidates of families", candidates_of_families),
		CHECK("members of an anycast RP", members_of_anycast),
		CHECK("lines are shown again", lines_are_shown_again),
		CHECK("an interface of a proxy", shared_interfaces),
		CHECK("statements of two modules", statements_of_two),
		CHECK("words of families", words_of_families),
		CHECK("listeners of all interfaces", listeners_of_all),
		CHECK("words of pimd", words_of_pimd),
		CHECK("all interfaces are disabled, but the tunnel", all_are_disabled),
		CHECK("PIM-124, PIM-128, PIM-130: RPs by configuration", rps_by_configuration),
		CHECK("interfaces that take a vif", vifs),
		CHECK("limits", limits),
		CHECK("groups that do not pass", scopes),
		CHECK("PIM-75: networks that are on a link too", other_networks),
		CHECK("trees are shown", trees_are_shown),
		CHECK("what cannot be done is shown", what_cannot_be_done_is_shown),
		CHECK("long tables", long_tables),
		CHECK("wrong tables", wrong_tables),
	};

	return cmocka_run_group_tests_name("pim_conf_sim", tests, NULL, NULL);
}
