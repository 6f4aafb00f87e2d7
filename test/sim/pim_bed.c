/* pim_bed.c - a router with PIM over the modelled kernel, for tests of its engine */
#include <ctype.h>
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "igmpproxy/codec.h"
#include "igmpproxy/gm.h"
#include "pim-module/msg_bsr.h"
#include "sim/datagram.h"
#include "sim/net_state.h"
#include "sim/pim_bed.h"
#include "static/static.h"

/* dummy0 */
#define DUMMY 5

/* Nodes from this number on are hosts. */
#define HOST 100

/* A Hello that says no more: the first genid, to which the number of the node is added. */
#define GENID 1000

static struct ip v6(unsigned net, unsigned host)
{
	return (struct ip){ { 0x20, 1, 0xd, 0xb8, [5] = net, [14] = host >> 8, [15] = host } };
}

static struct ip v6_link(unsigned net, unsigned host)
{
	return (struct ip){ { 0xfe, 0x80, [13] = net, [14] = host >> 8, [15] = host } };
}

static struct ip v6_group(uint8_t scope, unsigned n)
{
	return (struct ip){ { 0xff, scope, [13] = 1, [14] = n >> 8, [15] = n } };
}

static struct ip v4(unsigned second, unsigned third, unsigned n)
{
	return ip_v4(10 << 24 | second << 16 | third << 8 | n);
}

static struct ip secondary(enum af af, unsigned net, unsigned n)
{
	return af == V4 ? v4(1, net, n) : v6(net, n);
}

static struct ip on_link(enum af af, unsigned net, unsigned n)
{
	if (af == V4)
		return v4(0, net, n);
	return n < HOST ? v6_link(net, n) : v6(net, n);
}

/* Whether the text begins with a word of that length; numbers are read behind blanks, too. */
static bool is_word(const char *text, int len)
{
	return len && !isalnum((unsigned char)text[len]) && strcspn(text, " ") >= (size_t)len;
}

/* How long the name at the beginning of the text is, 0: there is none. */
static size_t name_at(enum af af, const char *text, struct ip *ip)
{
	unsigned net, n;
	int len = 0;

	if (sscanf(text, "eth%u.%u%n", &net, &n, &len) == 2) {
		*ip = on_link(af, net, n);
	} else if (sscanf(text, "eth%u/%u%n", &net, &n, &len) == 2) {
		*ip = secondary(af, net, n);
	} else if (sscanf(text, "rp%u%n", &n, &len) == 1) {
		*ip = af == V4 ? v4(8, 0, n) : v6(8, n);
	} else if (sscanf(text, "s%u%n", &n, &len) == 1) {
		*ip = af == V4 ? v4(9, 0, n) : v6(9, n);
	} else if (sscanf(text, "ssm%u%n", &n, &len) == 1) {
		*ip = af == V4 ? ip_v4(0xe8010000 + n) : v6_group(0x3e, n);
	} else if (sscanf(text, "g%u%n", &n, &len) == 1) {
		*ip = af == V4 ? ip_v4(0xef010000 + n) : v6_group(0x0e, n);
	} else if (!strncmp(text, "own", 3)) {
		*ip = af == V4 ? v4(7, 0, 1) : v6(7, 1);
		len = 3;
	}
	return is_word(text, len) ? len : 0;
}

/* A range of groups of that name: how long the name at the beginning of the text is, 0: none. */
static size_t range_at(enum af af, const char *text, struct prefix *range)
{
	unsigned n, part;
	int len = 0;

	if (!strncmp(text, "all", 3)) {
		*range = pim_all_groups(af);
		len = 3;
	} else if (sscanf(text, "range%u%n", &n, &len) == 1) {
		range->ip = af == V4 ? ip_v4(0xe1000000 + (n << 16))
				     : (struct ip){ { 0xff, 0x0e, n >> 8, n } };
		range->len = af == V4 ? 16 : 32;
	} else if (sscanf(text, "zone%u.%u%n", &n, &part, &len) == 2) {
		range->ip = af == V4 ? ip_v4(0xee000000 + (n << 16) + (part << 8))
				     : (struct ip){ { 0xff, n, part >> 8, part } };
		range->len = af == V4 ? 24 : 32;
	} else if (sscanf(text, "zone%u%n", &n, &len) == 1) {
		range->ip = af == V4 ? ip_v4(0xee000000 + (n << 16)) : (struct ip){ { 0xff, n } };
		range->len = 16;
	}
	return is_word(text, len) ? len : 0;
}

struct ip pim_bed_ip(const struct pim_bed *p, const char *name)
{
	struct ip ip;

	if (!strcmp(name, "*"))
		return ip_any(p->af);
	if (!name_at(p->af, name, &ip))
		assert_true(ip_parse(name, &ip));
	return ip;
}

/* Names in the text become addresses. */
static void put_addresses(const struct pim_bed *p, const char *text, struct buf *out)
{
	char before = ' ';

	while (*text) {
		bool begins = !isalnum((unsigned char)before);
		struct prefix range;
		struct ip ip;
		size_t len = begins ? name_at(p->af, text, &ip) : 0;
		size_t range_len = begins && !len ? range_at(p->af, text, &range) : 0;

		if (range_len)
			buf_puts(out, prefix_str(&range));
		else if (len)
			buf_puts(out, ip_str(ip));
		len += range_len;
		if (!len)
			buf_add(out, text, len = 1);
		text += len;
		before = text[-1];
	}
	buf_add(out, "", 1);
}

/* The name of an address, or its text. */
static const char *name_of(enum af af, struct ip ip, char name[IP_STRLEN])
{
	static const char *const kinds[] = { "eth0.", "eth0/", "eth1.", "eth1/", "eth2.", "eth2/",
					     "eth3.", "eth3/", "rp",	"s",	 "g",	  "ssm" };
	unsigned n = af == V4 ? ip.b[15] : ip.b[14] << 8 | ip.b[15];
	struct ip other;

	for (unsigned i = 0; i < NELEMS(kinds); i++) {
		snprintf(name, IP_STRLEN, "%s%u", kinds[i], n);
		if (name_at(af, name, &other) && ip_eq(ip, other))
			return name;
	}
	name_at(af, "own", &other);
	return ip_eq(ip, other) ? "own" : ip_format(name, ip);
}

const char *pim_bed_name(const struct pim_bed *p, struct ip ip)
{
	static char name[2][IP_STRLEN];
	static unsigned i;

	return name_of(p->af, ip, name[i++ % NELEMS(name)]);
}

/* The name of a range, or its text. */
static void put_range(enum af af, const char *text, struct buf *out)
{
	char name[32] = "all";
	struct prefix range, other;

	assert_true(prefix_parse(text, &range));
	for (unsigned n = 0; n < 3000; n++) {
		if (range_at(af, name, &other) && prefix_eq(&range, &other)) {
			buf_puts(out, name);
			return;
		}
		if (n < 2000)
			snprintf(name, sizeof(name), "range%u", n);
		else if (n % 100 == 0)
			snprintf(name, sizeof(name), "zone%u", n / 100 % 10);
		else
			snprintf(name, sizeof(name), "zone%u.%u", n / 100 % 10, n % 100);
	}
	buf_puts(out, text);
}

/* Addresses in the text become names. */
static void put_names(const struct pim_bed *p, const char *text, struct buf *out)
{
	while (*text) {
		size_t len = strspn(text, "0123456789abcdef.:");
		char word[PREFIX_STRLEN], name[IP_STRLEN];
		struct ip ip;

		if (len && text[len] == '/') {
			len += 1 + strspn(text + len + 1, "0123456789");
			snprintf(word, sizeof(word), "%.*s", (int)len, text);
			put_range(p->af, word, out);
			text += len;
			continue;
		}

		if (!len) {
			buf_add(out, text++, 1);
			continue;
		}
		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		if (len < sizeof(word) && strpbrk(word, ".:") && ip_parse(word, &ip))
			buf_puts(out, name_of(p->af, ip, name));
		else
			buf_add(out, text, len);
		text += len;
	}
}

/* What the router sends */

/* Genids are random: those of an interface are numbered. */
static void put_line(struct pim_bed *p, unsigned ifindex, const char *line)
{
	const char *at = strstr(line, "genid 0x");
	uint32_t genid;

	if (at) {
		genid = strtoul(at + 6, NULL, 16);
		p->ngenids[ifindex] += !p->ngenids[ifindex] || p->genid[ifindex] != genid;
		p->genid[ifindex] = genid;
		buf_printf(&p->said, "%.*sgenid %u", (int)(at - line), line, p->ngenids[ifindex]);
		line = at + 6 + strcspn(at + 6, " ");
	}
	put_names(p, line, &p->said);
	buf_puts(&p->said, "\n");
	p->nsaid++;
}

/* What is decoded is all that a Hello says: it has nothing that is read over. */
static void check_hello(struct pim_bed *p, const struct packet *packet)
{
	struct msg_ends ends = { packet->src, packet->dst };
	struct msg_hello m;
	struct msg_rd r;
	uint8_t data[2000];

	assert_int_equal(msg_open(&ends, packet->data, packet->len, &r), MSG_GOOD);
	if (r.type != MSG_HELLO)
		return;
	arena_reset(&p->arena);
	assert_int_equal(msg_hello_decode(&r, &p->arena, &m), MSG_GOOD);
	assert_int_equal(msg_hello_encode(&ends, &m, data, sizeof(data)), packet->len);
	assert_memory_equal(data, packet->data, packet->len);
}

/* A Bootstrap message to a new neighbor alone. */
static bool is_primer(const struct packet *packet)
{
	return (*(const uint8_t *)packet->data & 0xf) == MSG_BOOTSTRAP &&
	       !ip_is_multicast(packet->dst);
}

static enum send_result keep(struct sim_kern *k, enum af af, unsigned ifindex,
			     const struct packet *packet, unsigned *mtu)
{
	struct pim_bed *p = k->arg;
	struct buf line = { 0 };
	char name[IP_STRLEN];

	(void)mtu;
	if (af != p->af || packet->proto != PROTO_PIM)
		return SENT;
	if (ifindex && !ip_is_link_local(packet->dst) && !is_primer(packet)) {
		assert_true(ip_eq(packet->dst, msg_all_routers(af)));
		assert_int_equal(packet->ttl, 1);
		assert_true(packet->len + (af == V4 ? 20 : 40) <= sim_link_find(k, ifindex)->mtu);
		check_hello(p, packet);
	}
	if (p->pass)
		p->pass(p, packet);
	assert_true(net_pim(&p->arena, packet, &line));
	buf_add(&line, "", 1);
	if (!p->hellos && !strncmp(buf_at(&line), "PIM Hello", 9)) {
		buf_free(&line);
		return SENT;
	}
	buf_puts(&p->said, ifindex ? sim_link_find(k, ifindex)->name : "routed");
	if (!ifindex && packet->ttl != 64)
		buf_printf(&p->said, " ttl %u", packet->ttl);
	if (!ifindex || !ip_eq(packet->src, on_link(af, ifindex - 1, 1)))
		buf_printf(&p->said, " from %s", name_of(af, packet->src, name));
	put_line(p, ifindex, strchr(buf_at(&line), ' '));
	buf_free(&line);
	return SENT;
}

const char *pim_bed_said(struct pim_bed *p)
{
	static struct buf text;

	buf_free(&text);
	buf_add(&text, buf_at(&p->said), buf_len(&p->said));
	buf_add(&text, "", 1);
	buf_take(&p->said, buf_len(&p->said));
	return buf_at(&text);
}

/* Its life */

static void out(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet)
{
	struct pim_bed *p = k->arg;

	if (packet->af == p->af && ifindex < NELEMS(p->bed.out))
		p->bed.out[ifindex]++;
}

static void tunnelled(struct sim_kern *k, struct sim_packet *copy)
{
	struct pim_bed *p = k->arg;

	p->tunnelled |= copy->af == p->af;
}

static const struct module *const built_in[] = { &static_module, &gm_module, NULL };

/* The engines that were made last, of whom a bed asks for its own. */
static struct engine *made[NFAMILIES];

static void (*start_pim)(struct engine *e);

static void start(struct engine *e)
{
	made[e->af] = e;
	if (start_pim)
		start_pim(e);
}

/* The shipped module, opened as the daemon does, but that its engines are made known. */
static const struct module *open_pim(void)
{
	static struct module pim;
	char path[PATH_MAX] = "", file[PATH_MAX + 32];
	const struct module *m;
	void *opened;

	if (pim.name)
		return &pim;
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	snprintf(file, sizeof(file), "%s/../../pim-module/pim.so", dirname(path));
	opened = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!opened)
		fail_msg("%s", dlerror());
	m = dlsym(opened, MODULE_SYMBOL);
	assert_non_null(m);
	pim = *m;
	start_pim = m->start;
	pim.start = start;
	return &pim;
}

static void address(struct pim_bed *p, unsigned ifindex, struct ip ip, unsigned len, bool on)
{
	sim_address(p->bed.k, ifindex, &(struct prefix){ ip, len }, on);
	bed_work(&p->bed);
}

static void addresses(struct pim_bed *p)
{
	sim_link_up(p->bed.k, DUMMY, "dummy0");
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned net = 0; net < 4; net++) {
			address(p, net + 1, on_link(af, net, 1), af == V4 ? 24 : 64, true);
			address(p, net + 1, secondary(af, net, 1), af == V4 ? 24 : 64, true);
		}
		address(p, DUMMY, af == V4 ? v4(7, 0, 1) : v6(7, 1), af_bits(af), true);
	}
}

static void set_conf(struct pim_bed *p, const char *conf)
{
	struct buf text = { 0 };

	buf_puts(&text, "module pim\n");
	put_addresses(p, conf, &text);
	sim_file(p->bed.k, BED_CONF, buf_at(&text));
	buf_free(&text);
}

struct pim_bed *pim_bed_new(enum af af, const char *conf)
{
	static const struct module *modules[2];
	struct pim_bed *p = xcalloc(1, sizeof(*p));

	modules[0] = open_pim();
	p->af = af;
	p->arena = arena_init(MSG_ARENA);
	bed_begin(&p->bed, built_in, "");
	p->bed.k->modules = modules;
	p->bed.k->send = keep;
	p->bed.k->out = out;
	p->bed.k->tunnelled = tunnelled;
	addresses(p);
	set_conf(p, conf ? conf : "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n");
	router_start(p->bed.r);
	bed_work(&p->bed);
	assert_string_equal(p->bed.said, "");
	p->pim = pim_of(made[af]);
	return p;
}

void pim_bed_free(struct pim_bed *p)
{
	bed_end(&p->bed);
	buf_free(&p->said);
	arena_free(&p->arena);
	free(p);
}

void pim_bed_both(const char *conf, void (*test)(struct pim_bed *p))
{
	for (enum af af = V4; af <= V6; af++) {
		struct pim_bed *p = pim_bed_new(af, conf);

		test(p);
		pim_bed_free(p);
	}
}

void pim_bed_test(void **state)
{
	const struct pim_bed_case *c = *state;

	pim_bed_both(c->conf, c->test);
}

void pim_bed_restart(struct pim_bed *p)
{
	bed_restart(&p->bed, built_in);
	bed_work(&p->bed);
	p->pim = pim_of(made[p->af]);
}

bool pim_bed_try(struct pim_bed *p, const char *conf)
{
	bool taken;

	set_conf(p, conf);
	taken = bed_reload(&p->bed);
	p->pim = pim_of(made[p->af]);
	return taken;
}

void pim_bed_reload(struct pim_bed *p, const char *conf)
{
	assert_true(pim_bed_try(p, conf));
}

void pim_bed_run(struct pim_bed *p, int64_t ms)
{
	int64_t at = p->bed.clock.now + ms;

	bed_work(&p->bed);
	while (clock_next(&p->bed.clock) <= at) {
		clock_advance(&p->bed.clock, clock_next(&p->bed.clock));
		bed_work(&p->bed);
	}
	clock_advance(&p->bed.clock, at);
	bed_work(&p->bed);
}

int64_t pim_bed_wait(struct pim_bed *p, int64_t ms)
{
	struct clock *clock = &p->bed.clock;
	int64_t from = clock->now;
	unsigned n = p->nsaid;

	while (p->nsaid == n && clock_next(clock) <= from + ms) {
		clock_advance(clock, clock_next(clock));
		bed_work(&p->bed);
	}
	if (p->nsaid == n)
		clock_advance(clock, from + ms);
	return clock->now - from;
}

/* The world */

static unsigned ifindex_of(const struct pim_bed *p, const char *ifname)
{
	char name[16];
	unsigned ifindex;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(ifname, "./"), ifname);
	ifindex = sim_link_index(p->bed.k, name);
	assert_int_not_equal(ifindex, 0);
	return ifindex;
}

void pim_bed_hear_groups(struct pim_bed *p, const struct msg_jp_group *group, unsigned n,
			 int64_t holdtime)
{
	struct packet packet = {
		.proto = PROTO_PIM,
		.ttl = 1,
		.src = pim_bed_ip(p, "eth1.2"),
		.dst = msg_all_routers(p->af),
	};
	struct msg_ends ends = { packet.src, packet.dst };
	struct msg_jp m = {
		.type = MSG_JOIN_PRUNE,
		.upstream = pim_bed_ip(p, "eth1.1"),
		.holdtime = holdtime,
		.group = group,
		.ngroups = n,
	};
	struct msg_jp_place at = { 0 };
	uint8_t data[1400];

	packet.data = data;
	packet.len = msg_jp_encode(&ends, &m, &at, data, sizeof(data));
	assert_true(packet.len);
	assert_true(sim_receive(p->bed.k, 2, &packet));
}

void pim_bed_route_as(struct pim_bed *p, const char *to, const char *via, unsigned preference,
		      unsigned metric)
{
	struct sim_route route = {
		.to = { pim_bed_ip(p, to), af_bits(p->af) },
		.preference = preference,
		.metric = metric,
	};

	for (; *via; via += strcspn(via, " "), via += *via == ' ') {
		struct kern_hop *hop = &route.hop[route.nhops++];

		hop->ifindex = ifindex_of(p, via);
		if (!name_at(p->af, via, &hop->gateway))
			hop->gateway = ip_any(p->af);
	}
	assert_null(sim_route_set(p->bed.k, &route));
	if (!p->holds)
		bed_work(&p->bed);
}

void pim_bed_route(struct pim_bed *p, const char *to, const char *via)
{
	pim_bed_route_as(p, to, via, PIM_BED_PREFERENCE, PIM_BED_METRIC);
}

void pim_bed_unroute(struct pim_bed *p, const char *to, unsigned metric)
{
	sim_route_del(p->bed.k, (struct prefix){ pim_bed_ip(p, to), af_bits(p->af) }, metric);
	bed_work(&p->bed);
}

void pim_bed_link(struct pim_bed *p, const char *ifname, bool up)
{
	struct link link = *sim_link_find(p->bed.k, ifindex_of(p, ifname));

	link.up = up;
	sim_link(p->bed.k, &link);
	bed_work(&p->bed);
}

void pim_bed_address(struct pim_bed *p, const char *ifname, const char *name, bool on)
{
	address(p, ifindex_of(p, ifname), pim_bed_ip(p, name), p->af == V4 ? 24 : 64, on);
}

/* What it hears */

void pim_bed_hear_bytes(struct pim_bed *p, const char *from, const char *to, unsigned ttl,
			const void *data, size_t len)
{
	const char *at = strchr(from, '@');
	struct packet packet = {
		.proto = PROTO_PIM,
		.ttl = ttl,
		.src = pim_bed_ip(p, from),
		.dst = to ? pim_bed_ip(p, to) : msg_all_routers(p->af),
		.data = data,
		.len = len,
	};

	sim_receive(p->bed.k, ifindex_of(p, at ? at + 1 : from), &packet);
	if (!p->holds)
		bed_work(&p->bed);
}

/* The words of a message, with addresses in the place of names. */
struct reading {
	const struct pim_bed *p;
	char *text, *next; /* owned; its next word */
};

/* Whether the next word is this one; it is taken then. */
static bool take(struct reading *r, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(r->next, word, len) || (r->next[len] && r->next[len] != ' '))
		return false;
	r->next += len;
	r->next += *r->next == ' ';
	return true;
}

/* The next word, which is taken; it ends at a blank or any of these. */
static const char *word(struct reading *r, const char *end)
{
	char *at = r->next;
	size_t len = strcspn(at, end);

	assert_int_not_equal(len, 0);
	r->next += len;
	if (*r->next) {
		*r->next++ = '\0';
		r->next += *r->next == ' ';
	}
	return at;
}

static struct ip read_ip(struct reading *r, const char *end)
{
	const char *text = word(r, end);
	struct ip ip = ip_any(r->p->af);

	if (strcmp(text, "*"))
		assert_true(ip_parse(text, &ip));
	return ip;
}

/* It may end with a colon of its own. */
static struct ip read_upstream(struct reading *r)
{
	char text[IP_STRLEN + 1];
	struct ip ip = ip_any(r->p->af);
	size_t len;

	snprintf(text, sizeof(text), "%s", word(r, " "));
	len = strlen(text);
	if (!ip_parse(text, &ip)) {
		text[len - 1] = '\0';
		assert_true(ip_parse(text, &ip));
	}
	return ip;
}

/* With the word before it: if that is not there, what is usual. */
static unsigned long number(struct reading *r, const char *name, unsigned long usual)
{
	return take(r, name) ? strtoul(word(r, " "), NULL, 0) : usual;
}

static int64_t holdtime(struct reading *r, unsigned seconds)
{
	if (!take(r, "holdtime"))
		return SEC(seconds);
	return take(r, "forever") || take(r, "forever:") ? MSG_FOREVER
							 : SEC(strtoul(word(r, " :"), NULL, 0));
}

/* Only what is said is in it, but for one of which nothing is said. */
static size_t hello(struct reading *r, const struct msg_ends *ends, void *data, size_t size)
{
	struct ip secondary[16];
	struct msg_hello m = { .holdtime = holdtime(r, 105), .secondary = secondary };
	bool usual = !*r->next;

	take(r, "alone");
	m.has_genid = usual || !strncmp(r->next, "genid", 5);
	m.genid = number(r, "genid", GENID + ends->src.b[15]);
	m.has_dr_priority = usual || !strncmp(r->next, "priority", 8);
	m.dr_priority = number(r, "priority", 1);
	m.has_lan_delay = usual || !strncmp(r->next, "delay", 5);
	m.propagation_delay = number(r, "delay", PIM_PROPAGATION_DELAY);
	m.override_interval = number(r, "override", PIM_OVERRIDE_INTERVAL);
	m.no_suppression = take(r, "no-suppression");
	if (take(r, "secondary")) {
		while (*r->next)
			secondary[m.nsecondary++] = read_ip(r, " ");
	}
	return msg_hello_encode(ends, &m, data, size);
}

struct jp_reading {
	struct msg_jp jp;
	struct msg_jp_group group[16];
	struct msg_jp_source join[16][64], prune[16][64];
};

/* "J(*,G) rp A", "P(S,G,rpt)"; of a group that is another than the last one, a set of its own. */
static void jp_source(struct reading *r, struct jp_reading *jp)
{
	struct msg_jp_source s = { .kind = JP_SG };
	bool prune = *r->next++ == 'P';
	struct msg_jp_group *g;
	struct ip group;
	size_t len;

	assert_int_equal(*r->next++, '(');
	s.ip = read_ip(r, ",");
	len = strcspn(r->next, ",)");
	if (r->next[len] == ',')
		s.kind = JP_SG_RPT;
	group = read_ip(r, ",)");
	if (s.kind == JP_SG_RPT)
		assert_string_equal(word(r, ")"), "rpt");
	r->next += *r->next == ' ';
	if (ip_is_any(s.ip)) {
		s.kind = JP_STAR_G;
		if (take(r, "rp"))
			s.ip = read_ip(r, " ");
	}
	if (!jp->jp.ngroups || !ip_eq(jp->group[jp->jp.ngroups - 1].group, group)) {
		assert_true(jp->jp.ngroups < NELEMS(jp->group));
		g = &jp->group[jp->jp.ngroups];
		g->group = group;
		g->join = jp->join[jp->jp.ngroups];
		g->prune = jp->prune[jp->jp.ngroups++];
	}
	g = &jp->group[jp->jp.ngroups - 1];
	if (prune)
		jp->prune[jp->jp.ngroups - 1][g->nprunes++] = s;
	else
		jp->join[jp->jp.ngroups - 1][g->njoins++] = s;
	assert_true(g->njoins < NELEMS(jp->join[0]) && g->nprunes < NELEMS(jp->prune[0]));
}

static size_t join_prune(struct reading *r, const struct msg_ends *ends, void *data, size_t size)
{
	struct jp_reading *jp = xcalloc(1, sizeof(*jp));
	struct msg_jp_place at = { 0 };
	size_t len;

	jp->jp.type = MSG_JOIN_PRUNE;
	jp->jp.group = jp->group;
	assert_true(take(r, "to"));
	jp->jp.upstream = read_upstream(r);
	jp->jp.holdtime = holdtime(r, 210);
	while (*r->next)
		jp_source(r, jp);
	for (unsigned i = 0; i < jp->jp.ngroups; i++) {
		jp->group[i].njoins = msg_jp_sort(jp->join[i], jp->group[i].njoins);
		jp->group[i].nprunes = msg_jp_sort(jp->prune[i], jp->group[i].nprunes);
	}
	len = msg_jp_encode(ends, &jp->jp, &at, data, size);
	assert_true(at.end || !msg_jp_encode(ends, &jp->jp, &at, data, 0));
	free(jp);
	return len;
}

/* "(S,G)" */
static struct sg read_sg(struct reading *r)
{
	struct sg sg;

	assert_int_equal(*r->next++, '(');
	sg.src = read_ip(r, ",");
	sg.grp = read_ip(r, ")");
	return sg;
}

static size_t asserts(struct reading *r, const struct msg_ends *ends, void *data, size_t size)
{
	struct msg_assert m = { .sg = read_sg(r), .rpt = take(r, "rpt") };

	if (take(r, "cancel")) {
		m = msg_assert_cancel(m.sg);
	} else {
		m.preference = number(r, "preference", PIM_BED_PREFERENCE);
		m.metric = number(r, "metric", PIM_BED_METRIC);
	}
	return msg_assert_encode(ends, &m, data, size);
}

static size_t registers(struct reading *r, const struct msg_ends *ends, void *data, size_t size)
{
	struct msg_register m = { .sg = read_sg(r) };
	struct sim_packet inner = { .af = r->p->af, .sg = m.sg, .ttl = 63 };
	uint8_t bytes[1500];

	m.null = take(r, "null");
	if (!m.null) {
		inner.len = strtoul(word(r, " "), NULL, 10);
		assert_true(take(r, "bytes"));
		m.len = datagram_size(&inner);
		assert_true(m.len <= sizeof(bytes));
		datagram_write(&inner, bytes);
		m.data = bytes;
	}
	return msg_register_encode(ends, &m, data, size);
}

static size_t register_stop_of(struct reading *r, const struct msg_ends *ends, void *data,
			       size_t size)
{
	struct msg_register_stop m = { .sg = read_sg(r) };

	return msg_register_stop_encode(ends, &m, data, size);
}

static struct msg_range read_range(struct reading *r)
{
	struct msg_range range = { 0 };

	assert_true(prefix_parse(word(r, " "), &range.prefix));
	range.bidir = take(r, "bidir");
	range.zone = take(r, "zone");
	return range;
}

struct bootstrap_reading {
	struct msg_bootstrap m;
	struct msg_rp_set set[300];
	struct msg_rp rp[2000];
	unsigned nrps;
};

static void bootstrap_set(struct reading *r, struct bootstrap_reading *b)
{
	struct msg_rp_set *set = &b->set[b->m.nsets++];

	assert_true(take(r, "["));
	set->range = read_range(r);
	set->rp = &b->rp[b->nrps];
	while (!take(r, "]")) {
		struct msg_rp *rp = &b->rp[b->nrps++];

		set->all = number(r, "of", 0);
		if (take(r, "]"))
			break;
		rp->ip = read_ip(r, " ");
		rp->priority = strtoul(word(r, " "), NULL, 0);
		rp->holdtime = holdtime(r, 150);
		set->nrps++;
	}
	set->all = set->all ? set->all : set->nrps;
	assert_true(b->m.nsets < NELEMS(b->set) && b->nrps < NELEMS(b->rp));
}

static size_t bootstrap(struct reading *r, const struct msg_ends *ends, void *data, size_t size)
{
	struct bootstrap_reading *b = xcalloc(1, sizeof(*b));
	struct msg_bootstrap_place at = { 0 };
	size_t len;

	assert_true(take(r, "bsr"));
	b->m.bsr = read_ip(r, " ");
	b->m.priority = number(r, "priority", PIM_BSR_PRIORITY);
	b->m.tag = number(r, "tag", 1);
	b->m.hash_len = number(r, "hash", r->p->af == V4 ? RP_HASH_LEN_V4 : RP_HASH_LEN_V6);
	b->m.no_forward = take(r, "no-forward");
	b->m.set = b->set;
	while (*r->next)
		bootstrap_set(r, b);
	len = msg_bootstrap_encode(ends, &b->m, &at, data, size);
	assert_true(at.end);
	free(b);
	return len;
}

static size_t candidate(struct reading *r, const struct msg_ends *ends, void *data, size_t size)
{
	struct msg_range range[255] = { 0 };
	struct msg_candidate m = { .range = range };
	unsigned at = 0;

	assert_true(take(r, "rp"));
	m.rp = read_ip(r, " ");
	m.priority = number(r, "priority", PIM_CANDIDATE_PRIORITY);
	m.holdtime = holdtime(r, 150);
	while (*r->next && m.nranges < NELEMS(range))
		range[m.nranges++] = read_range(r);
	return msg_candidate_encode(ends, &m, &at, data, size);
}

/* Whether a message says to whom it goes, if not to all routers of the link. */
enum addressed { TO_ALL, TO_ONE, TO_EITHER };

static const struct {
	const char *name;
	size_t (*encode)(struct reading *r, const struct msg_ends *ends, void *data, size_t size);
	enum addressed to;
} kinds[] = {
	{ "Hello", hello, TO_ALL },
	{ "Join/Prune", join_prune, TO_ALL },
	{ "Assert", asserts, TO_ALL },
	{ "Register", registers, TO_ONE },
	{ "Register-Stop", register_stop_of, TO_ONE },
	{ "Bootstrap", bootstrap, TO_EITHER },
	{ "Candidate-RP-Advertisement", candidate, TO_ONE },
};

/* Blanks around brackets, which are words then. */
static char *spread(const char *text)
{
	struct buf out = { 0 };
	char *copy;

	for (; *text; text++) {
		if (*text == ']')
			buf_puts(&out, " ");
		buf_add(&out, text, 1);
		if (*text == '[')
			buf_puts(&out, " ");
	}
	buf_add(&out, "", 1);
	copy = xstrdup(buf_at(&out));
	buf_free(&out);
	return copy;
}

void pim_bed_hear(struct pim_bed *p, const char *from, const char *message, ...)
{
	struct buf said = { 0 }, text = { 0 };
	struct reading r = { .p = p };
	struct msg_ends ends = { pim_bed_ip(p, from), msg_all_routers(p->af) };
	uint8_t data[2000];
	size_t len = 0;
	va_list args;

	va_start(args, message);
	buf_vprintf(&said, message, args);
	va_end(args);
	put_addresses(p, buf_at(&said), &text);
	r.text = r.next = spread(buf_at(&text));
	for (unsigned i = 0; i < NELEMS(kinds); i++) {
		if (!take(&r, kinds[i].name))
			continue;
		if (kinds[i].to != TO_ALL && take(&r, "to"))
			ends.dst = read_ip(&r, " ");
		else
			assert_int_not_equal(kinds[i].to, TO_ONE);
		len = kinds[i].encode(&r, &ends, data, sizeof(data));
		break;
	}
	assert_int_not_equal(len, 0);
	assert_string_equal(r.next, "");
	pim_bed_hear_bytes(p, from, ip_str(ends.dst), ip_is_multicast(ends.dst) ? 1 : 63, data,
			   len);
	free(r.text);
	buf_free(&text);
	buf_free(&said);
}

void pim_bed_hello(struct pim_bed *p, const char *from)
{
	pim_bed_hear(p, from, "Hello");
}

/* Listeners and data */

static void report(struct pim_bed *p, const char *ifname, enum gm_record_type type,
		   const char *group, const char *source)
{
	struct ip sources[1] = { source ? pim_bed_ip(p, source) : ip_any(p->af) };
	struct gm_record record = { type, pim_bed_ip(p, group), sources, source ? 1 : 0 };
	struct gm_message m = {
		.type = GM_REPORT_V3, .version = 3, .record = &record, .nrecords = 1
	};
	unsigned ifindex = ifindex_of(p, ifname);
	struct gm_place at = { 0 };
	uint8_t data[1500];
	size_t len = gm_encode(p->af, &m, &at, data, sizeof(data));
	struct packet packet = gm_packet(p->af, &m, data, len);

	packet.src = p->af == V4 ? on_link(V4, ifindex - 1, HOST) : v6_link(ifindex - 1, HOST);
	assert_true(sim_receive(p->bed.k, ifindex, &packet));
	bed_work(&p->bed);
}

void pim_bed_join(struct pim_bed *p, const char *ifname, const char *source, const char *group)
{
	if (strcmp(source, "*"))
		report(p, ifname, ALLOW_NEW_SOURCES, group, source);
	else
		report(p, ifname, CHANGE_TO_EXCLUDE_MODE, group, NULL);
}

void pim_bed_leave(struct pim_bed *p, const char *ifname, const char *source, const char *group)
{
	if (strcmp(source, "*"))
		report(p, ifname, BLOCK_OLD_SOURCES, group, source);
	else
		report(p, ifname, CHANGE_TO_INCLUDE_MODE, group, NULL);
}

void pim_bed_exclude(struct pim_bed *p, const char *ifname, const char *source, const char *group)
{
	report(p, ifname, CHANGE_TO_EXCLUDE_MODE, group, source);
}

static struct sg sg_of(const struct pim_bed *p, const char *source, const char *group)
{
	return (struct sg){ pim_bed_ip(p, source), pim_bed_ip(p, group) };
}

const char *pim_bed_data(struct pim_bed *p, const char *ifname, const char *source,
			 const char *group)
{
	static struct buf text;
	struct sim_packet packet = {
		.af = p->af, .sg = sg_of(p, source, group), .ttl = 8, .len = 100
	};

	memset(p->bed.out, 0, sizeof(p->bed.out));
	p->tunnelled = false;
	sim_packet(p->bed.k, ifindex_of(p, ifname), &packet);
	bed_work(&p->bed);
	buf_free(&text);
	for (unsigned i = 1; i < NELEMS(p->bed.out); i++) {
		for (unsigned n = 0; n < p->bed.out[i]; n++)
			buf_printf(&text, "%s%s", buf_len(&text) ? " " : "",
				   sim_link_find(p->bed.k, i)->name);
	}
	if (p->tunnelled)
		buf_printf(&text, "%s%s", buf_len(&text) ? " " : "", TUNNEL_NAME);
	buf_add(&text, "", 1);
	return buf_at(&text);
}

struct looking {
	struct pim_bed *p;
	struct sg sg;
	struct buf *text;
};

static const char *device_name(const struct pim_bed *p, unsigned ifindex)
{
	const struct link *link = sim_link_find(p->bed.k, ifindex);

	return link ? link->name : "nowhere";
}

static void look(void *arg, const struct sim_entry *entry)
{
	struct looking *l = arg;

	if (!sg_eq(entry->sg, l->sg))
		return;
	buf_printf(l->text, "%s >", device_name(l->p, entry->iif));
	for (unsigned ifindex = 1; ifindex <= SIM_TUNNEL_IFINDEX + 9; ifindex++) {
		for (unsigned vif = 0; vif < MAXVIFS; vif++) {
			if (entry->ttl[vif] && entry->oif[vif] == ifindex)
				buf_printf(l->text, " %s", device_name(l->p, ifindex));
		}
	}
}

const char *pim_bed_entry(struct pim_bed *p, const char *source, const char *group)
{
	static struct buf text;
	struct looking l = { p, sg_of(p, source, group), &text };

	buf_free(&text);
	sim_entries(p->bed.k, p->af, look, &l);
	if (!buf_len(&text))
		buf_puts(&text, "none");
	buf_add(&text, "", 1);
	return buf_at(&text);
}

/* The engine */

struct pim_iface *pim_bed_iface(struct pim_bed *p, const char *ifname)
{
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (p->pim->iface[slot] && !strcmp(pim_ifname(p->pim, slot), ifname))
			return p->pim->iface[slot];
	}
	return NULL;
}

struct entry *pim_bed_find(struct pim_bed *p, const char *source, const char *group)
{
	struct sg sg = sg_of(p, source, group);
	struct tree_node *node = tree_min(&p->pim->entries.tree);

	for (; node; node = tree_next(node)) {
		struct entry *e = container_of(node, struct entry, order);

		if (sg_eq(e->sg, sg))
			return e;
	}
	return NULL;
}

struct branch *pim_bed_branch(struct pim_bed *p, const char *source, const char *group,
			      const char *ifname)
{
	const struct entry *e = pim_bed_find(p, source, group);
	const struct pim_iface *i = pim_bed_iface(p, ifname);

	struct branch *b;

	if (!e || !i)
		return NULL;
	SLIST_FOREACH(b, &e->branches, link) {
		if (b->slot == i->slot)
			break;
	}
	return b;
}
