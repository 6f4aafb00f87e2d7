/* linux_probe.c - the kernel side without a router, driven by words on its standard input
 *
 * Stands where the router would: what the kernel side tells is printed, a line an event, and
 * each line of input is a call to it, answered by a line that begins with "= ". Families are 4
 * and 6, devices are named, * is any source, a list of vifs is that of outgoing ones.
 */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/join.h"
#include "linux/mrt.h"
#include "linux/netlink.h"
#include "linux/raw.h"
#include "linux/route.h"
#include "linux/tun.h"

#define MAXFDS 256

struct router {
	struct linux_kern kern;
	struct log log;
	struct loop_fd input;
	struct buf pending;
	struct words words;
	struct mfc_entry answer[NFAMILIES]; /* to no-route upcalls on its parent, if not NOVIF */
	unsigned upcalls;
	bool quiet; /* upcalls are counted, not printed */
	int fd[MAXFDS];
	unsigned nfds;
};

static struct router probe;

static void say(const char *fmt, ...) PRINTF(1, 2);

static void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static const char *ifname(unsigned ifindex)
{
	static char name[IF_NAMESIZE];

	return if_indextoname(ifindex, name) ? name : "?";
}

static void print_bytes(const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		printf("%02x", p[i]);
	putchar('\n');
}

/* What the kernel side tells */

void router_link(struct router *r, const struct link *l)
{
	(void)r;
	say("link %s %s%s%s%s mtu %u", l->name, l->up ? "up" : "down",
	    l->multicast ? " multicast" : "", l->loopback ? " loopback" : "", l->ptp ? " ptp" : "",
	    l->mtu);
}

void router_link_gone(struct router *r, unsigned ifindex)
{
	(void)r;
	say("gone %u", ifindex);
}

void router_address(struct router *r, unsigned ifindex, const struct prefix *address, bool on)
{
	(void)r;
	say("address %s %s/%u %s", ifname(ifindex), ip_str(address->ip), address->len,
	    on ? "on" : "off");
}

void router_routes_changed(struct router *r, enum af af)
{
	(void)r;
	say("routes %s", af_name(af));
}

void router_resync_begin(struct router *r)
{
	(void)r;
	say("resync begin");
}

void router_resync_end(struct router *r)
{
	(void)r;
	say("resync end");
}

void router_upcall(struct router *r, enum af af, enum upcall_kind kind, struct sg sg, unsigned vif)
{
	struct mfc_entry entry = r->answer[af];
	const char *why;

	r->upcalls++;
	if (!r->quiet)
		say("upcall %s %s vif %u", kind == UPCALL_NOROUTE ? "noroute" : "wrongif",
		    sg_str(&sg), vif);
	if (kind != UPCALL_NOROUTE || entry.parent != vif)
		return;
	entry.sg = sg;
	why = mrt_set(r->kern.mrt[af], &entry);
	if (why)
		say("answer: %s", why);
}

void router_packet(struct router *r, unsigned ifindex, const struct packet *p)
{
	(void)r;
	printf("packet %s proto %d %s %s ttl %u tos %u%s ", ifname(ifindex), p->proto,
	       ip_str(p->src), ip_str(p->dst), p->ttl, p->tos, p->router_alert ? " alert" : "");
	print_bytes(p->data, p->len);
}

/* Words of a request; each dies on what it cannot read, since tests are to be right */

static void die(const char *what)
{
	say("= bad request: %s", what);
	exit(2);
}

static const char *word(void)
{
	const char *w = words_next(&probe.words);

	if (!w)
		die("a word is missing");
	return w;
}

static long number(void)
{
	return strtol(word(), NULL, 0);
}

static enum af family(void)
{
	return *word() == '6' ? V6 : V4;
}

static unsigned device(void)
{
	const char *name = word();
	unsigned ifindex;

	if (!strcmp(name, "-"))
		return 0;
	ifindex = if_nametoindex(name);
	return ifindex ? ifindex : (unsigned)atoi(name);
}

static struct ip address(enum af af)
{
	const char *w = word();
	struct ip ip;

	if (!strcmp(w, "*") || !strcmp(w, "-"))
		return ip_any(af);
	if (!ip_parse(w, &ip))
		die(w);
	return ip;
}

static struct sg read_sg(enum af af)
{
	struct ip src = address(af);

	return (struct sg){ src, address(af) };
}

/* PARENT [VIF | VIF:TTL]... */
static void read_vifs(struct mfc_entry *entry)
{
	const char *w;

	entry->parent = number();
	while ((w = words_next(&probe.words))) {
		const char *ttl = strchr(w, ':');

		entry->ttl[atoi(w) % MAXVIFS] = ttl ? atoi(ttl + 1) : 1;
	}
}

static void answer(const char *why)
{
	say("= %s", why ? why : "ok");
}

static struct mrt *mrt(enum af af)
{
	if (!probe.kern.mrt[af])
		die("not open");
	return probe.kern.mrt[af];
}

static void do_open(void)
{
	enum af af = family();

	answer(mrt_open(&probe.kern, af, -1, &probe.kern.mrt[af]));
}

static void do_table(void)
{
	probe.kern.table = number();
	answer(NULL);
}

static void do_close(void)
{
	enum af af = family();

	mrt_close(mrt(af));
	probe.kern.mrt[af] = NULL;
	answer(NULL);
}

static void do_vif(void)
{
	enum af af = family();
	unsigned vif = number();

	answer(mrt_vif_add(mrt(af), vif, device()));
}

static void do_unvif(void)
{
	enum af af = family();

	answer(mrt_vif_del(mrt(af), number()));
}

static void do_set(void)
{
	enum af af = family();
	struct mfc_entry entry = { .sg = read_sg(af) };

	read_vifs(&entry);
	answer(mrt_set(mrt(af), &entry));
}

/* FAMILY COUNT GROUP PARENT [VIF]...: that many entries for sources from 10.99.0.0 or ::1:0:0 on */
static void do_fill(void)
{
	enum af af = family();
	long count = number();
	struct mfc_entry entry = { .sg.src = ip_any(af), .sg.grp = address(af) };
	const char *why = NULL;

	read_vifs(&entry);
	for (long i = 0; i < count && !why; i++) {
		if (af == V4)
			entry.sg.src = ip_v4(0x0a630000 + i);
		else
			entry.sg.src.b[11] = 1, entry.sg.src.b[14] = i >> 8, entry.sg.src.b[15] = i;
		why = mrt_set(mrt(af), &entry);
	}
	answer(why);
}

static void do_del(void)
{
	enum af af = family();
	struct sg sg = read_sg(af);

	answer(mrt_del(mrt(af), sg, words_peek(&probe.words) ? number() : NOVIF));
}

static void do_counters(void)
{
	enum af af = family();
	struct counters c;

	if (mrt_counters(mrt(af), read_sg(af), &c))
		say("= packets %" PRIu64 " bytes %" PRIu64 " wrong %" PRIu64, c.packets, c.bytes,
		    c.wrong);
	else
		say("= no entry");
}

/* From now on no-route upcalls on the vif are answered with an entry. */
static void do_answer(void)
{
	enum af af = family();

	probe.answer[af] = (struct mfc_entry){ .parent = NOVIF };
	if (words_peek(&probe.words))
		read_vifs(&probe.answer[af]);
	answer(NULL);
}

static void print_entry(void *arg, const struct mfc_entry *entry)
{
	(*(unsigned *)arg)++;
	if (probe.quiet)
		return;
	printf("entry %s parent %u", sg_str(&entry->sg), entry->parent);
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		if (entry->ttl[vif])
			printf(" %u:%u", vif, entry->ttl[vif]);
	}
	putchar('\n');
}

static void do_dump(void)
{
	unsigned n = 0;
	const char *why = mrt_dump(mrt(family()), print_entry, &n);

	if (why)
		answer(why);
	else
		say("= %u entries", n);
}

static void do_upcalls(void)
{
	say("= %u upcalls", probe.upcalls);
}

static void do_quiet(void)
{
	probe.quiet = true;
	answer(NULL);
}

/* WHO DEVICE GROUP include|exclude [SOURCE]... */
static void do_join(void)
{
	unsigned who = number(), ifindex = device();
	struct ip source[256];
	struct membership m = { .group = address(V4), .source = source };

	m.mode = !strcmp(word(), "exclude") ? FILTER_EXCLUDE : FILTER_INCLUDE;
	while (words_peek(&probe.words) && m.nsources < NELEMS(source))
		source[m.nsources++] = address(V4);
	answer(joins_set(probe.kern.joins, who, ifindex, &m));
}

/* WHO DEVICE FIRST COUNT include|exclude: memberships of COUNT groups one after another */
static void do_joinmany(void)
{
	unsigned who = number(), ifindex = device();
	struct membership m = { .group = address(V4) };
	long count = number();
	const char *why = NULL;

	m.mode = !strcmp(word(), "exclude") ? FILTER_EXCLUDE : FILTER_INCLUDE;
	for (long i = 0; i < count && !why; i++) {
		why = joins_set(probe.kern.joins, who, ifindex, &m);
		m.group.b[15]++;
	}
	answer(why);
}

/* Keeps a copy of the descriptor, as the one who holds it over a restart does. */
static void keep_fd(void *arg, int fd, const char *name)
{
	(void)arg;
	(void)name;
	if (probe.nfds < MAXFDS)
		probe.fd[probe.nfds++] = dup(fd);
}

static void count_fd(void *arg, int fd, const char *name)
{
	(void)fd;
	(void)name;
	(*(unsigned *)arg)++;
}

static void do_sockets(void)
{
	struct buf text = { 0 };
	unsigned n = 0;

	joins_save(probe.kern.joins, count_fd, &n, &text);
	buf_free(&text);
	say("= %u sockets", n);
}

static int fd_of(const char *cookie)
{
	for (unsigned i = 0; i < probe.nfds; i++) {
		uint64_t value;
		socklen_t len = sizeof(value);

		if (!getsockopt(probe.fd[i], SOL_SOCKET, SO_COOKIE, &value, &len) &&
		    value == strtoull(cookie, NULL, 10))
			return probe.fd[i];
	}
	return -1;
}

static bool inherit_line(char *line, size_t len)
{
	struct words w = { 0 };
	bool good;

	words_split(&w, line, len);
	words_accept(&w, "join");
	good = words_peek(&w) && joins_inherit(probe.kern.joins, fd_of(words_peek(&w)), &w);
	words_free(&w);
	return good;
}

/* The memberships change hands: as over a restart, but in one process. */
static void do_rejoin(void)
{
	struct linux_kern *k = &probe.kern;
	struct buf text = { 0 };
	unsigned good = 0, bad = 0;
	char *line, *end;

	probe.nfds = 0;
	joins_save(k->joins, keep_fd, NULL, &text);
	joins_free(k->joins);
	k->joins = joins_new(k);
	buf_add(&text, "", 1);
	for (line = text.data + text.start; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (inherit_line(line, end - line))
			good++;
		else
			bad++;
	}
	buf_free(&text);
	say("= %u inherited, %u not", good, bad);
}

static void do_drop(void)
{
	bool more = joins_drop_unclaimed(probe.kern.joins, number());

	say("= %s", more ? "more" : "done");
}

/* The forwarding cache changes hands; FAMILY [VIF DEVICE]... is what is inherited. */
static void do_pass(void)
{
	enum af af = family();
	int fd = dup(mrt_fd(mrt(af)));
	const char *why;

	mrt_close(mrt(af));
	probe.kern.mrt[af] = NULL;
	why = mrt_open(&probe.kern, af, fd, &probe.kern.mrt[af]);
	if (why) {
		answer(why);
		return;
	}
	while (words_peek(&probe.words)) {
		unsigned vif = number(), ifindex = device();

		say("inherit %u %s", vif,
		    mrt_vif_inherit(mrt(af), vif, ifindex) ? ifname(mrt_vif_ifindex(mrt(af), vif))
							   : "none");
	}
	answer(NULL);
}

/* FAMILY DEVICE members|pim|mrd|auto-rp on|off */
static void do_listen(void)
{
	enum af af = family();
	unsigned ifindex = device();
	const char *kind = word();
	enum listen_what what = !strcmp(kind, "pim")	   ? LISTEN_PIM
				: !strcmp(kind, "mrd")	   ? LISTEN_MRD
				: !strcmp(kind, "auto-rp") ? LISTEN_AUTO_RP
							   : LISTEN_MEMBERS;

	answer(raw_listen(probe.kern.raw, af, ifindex, what, !strcmp(word(), "on")));
}

/*
 * FAMILY DEVICE PROTOCOL SOURCE DEST TTL TOS plain|alert|fragment BYTES [SPORT DPORT]; BYTES are
 * hexadecimal, or +N of 0
 */
static void do_send(void)
{
	enum af af = family();
	unsigned ifindex = device(), mtu = 0;
	struct packet p = { .proto = number(), .slot = NOSLOT };
	static uint8_t data[65536];
	const char *kind, *hex;

	p.src = address(af);
	p.dst = address(af);
	p.ttl = number();
	p.tos = number();
	kind = word();
	p.router_alert = !strcmp(kind, "alert");
	p.fragment = !strcmp(kind, "fragment");
	hex = word();
	memset(data, 0, sizeof(data));
	p.data = data;
	if (*hex == '+') {
		p.len = atoi(hex + 1);
	} else {
		for (unsigned byte; sscanf(hex, "%2x", &byte) == 1 && hex[1]; hex += 2)
			data[p.len++] = byte;
	}
	if (words_peek(&probe.words)) {
		p.sport = number();
		p.dport = number();
	}
	switch (raw_send(probe.kern.raw, af, ifindex, &p, &mtu)) {
	case SENT:
		answer(NULL);
		break;
	case SEND_TOO_BIG:
		say("= too big, mtu %u", mtu);
		break;
	case SEND_FAILED:
		say("= failed");
		break;
	}
}

/* FAMILY ADDRESS: "= own|via [GATEWAY] DEVICE... /LEN pref PREFERENCE metric METRIC mtu MTU" */
static void do_route(void)
{
	enum af af = family();
	struct kern_route route = { 0 };

	if (!routes_find(probe.kern.routes, af, address(af), &route)) {
		say("= not reachable");
		return;
	}
	printf("= %s", route.own ? "own" : "via");
	for (unsigned i = 0; i < route.nhops; i++) {
		if (!ip_is_any(route.hop[i].gateway))
			printf(" %s", ip_str(route.hop[i].gateway));
		printf(" %s", ifname(route.hop[i].ifindex));
	}
	say(" /%u pref %u metric %u mtu %u", route.len, route.preference, route.metric, route.mtu);
}

/* on|off */
static void do_tunnel(void)
{
	answer(tun_set(probe.kern.tun, !strcmp(word(), "on")));
}

/* The tunnel changes hands. */
static void do_passtunnel(void)
{
	struct linux_kern *k = &probe.kern;
	int fd = dup(tun_fd(k->tun));

	tun_free(k->tun);
	k->tun = tun_new(k, fd);
	answer(NULL);
}

/* What a former process left is let go, if it was not wanted since. */
static void do_droptunnel(void)
{
	answer(tun_drop_unclaimed(probe.kern.tun) ? NULL : "nothing");
}

/* AREA NAME: of both families */
static void do_count(void)
{
	const char *area = word(), *name = word();
	struct count c;
	uint64_t n = 0;

	for (unsigned i = 0; counts_at(&probe.kern.counts, i, &c); i++) {
		if (!strcmp(c.area, area) && !strcmp(c.name, name))
			n += c.value;
	}
	say("= %" PRIu64, n);
}

static void do_resync(void)
{
	netlink_resync(probe.kern.netlink);
	answer(NULL);
}

static void do_ifindex(void)
{
	say("= %u", netlink_ifindex(probe.kern.netlink, word()));
}

static void do_quit(void)
{
	probe.kern.loop.stop = true;
	answer(NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} requests[] = {
	{ "answer", do_answer },
	{ "close", do_close },
	{ "count", do_count },
	{ "counters", do_counters },
	{ "del", do_del },
	{ "drop", do_drop },
	{ "droptunnel", do_droptunnel },
	{ "dump", do_dump },
	{ "fill", do_fill },
	{ "ifindex", do_ifindex },
	{ "join", do_join },
	{ "joinmany", do_joinmany },
	{ "listen", do_listen },
	{ "open", do_open },
	{ "pass", do_pass },
	{ "passtunnel", do_passtunnel },
	{ "quiet", do_quiet },
	{ "quit", do_quit },
	{ "rejoin", do_rejoin },
	{ "resync", do_resync },
	{ "route", do_route },
	{ "send", do_send },
	{ "set", do_set },
	{ "sockets", do_sockets },
	{ "table", do_table },
	{ "tunnel", do_tunnel },
	{ "unvif", do_unvif },
	{ "upcalls", do_upcalls },
	{ "vif", do_vif },
};

static void run_line(char *line, size_t len)
{
	const char *name;

	words_split(&probe.words, line, len);
	name = words_next(&probe.words);
	for (unsigned i = 0; name && i < NELEMS(requests); i++) {
		if (!strcmp(requests[i].name, name)) {
			requests[i].run();
			return;
		}
	}
	if (name)
		die(name);
}

static void input(struct loop_fd *w, uint32_t events)
{
	struct buf *pending = &probe.pending;
	ssize_t n = read(w->fd, buf_room(pending, 4096), 4096);
	char *line, *end;

	(void)events;
	if (n <= 0) {
		probe.kern.loop.stop = true;
		return;
	}
	buf_grow(pending, n);
	while (buf_len(pending) && (end = memchr(buf_at(pending), '\n', buf_len(pending)))) {
		size_t len = end - buf_at(pending);

		line = pending->data + pending->start;
		run_line(line, len);
		buf_take(pending, len + 1);
	}
}

static void write_log(struct log *log, enum log_level level, const char *line)
{
	(void)log;
	say("log %s %s", log_level_name(level), line);
}

static bool no_work(void *arg)
{
	(void)arg;
	return false;
}

int main(void)
{
	struct linux_kern *k = &probe.kern;
	const char *why;

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_init(&probe.log, LEVEL_DEBUG, write_log);
	clock_init(&k->clock, 0);
	k->log = log_area(&probe.log, "kern");
	k->router = &probe;
	probe.answer[V4].parent = probe.answer[V6].parent = NOVIF;
	if (loop_init(&k->loop, &k->clock))
		return 1;
	k->joins = joins_new(k);
	k->raw = raw_new(k);
	k->tun = tun_new(k, -1);
	why = routes_open(k, &k->routes);
	why = why ? why : netlink_open(k, &k->netlink);
	if (why || loop_watch(&k->loop, &probe.input, STDIN_FILENO, EPOLLIN, false, input)) {
		say("cannot start: %s", why ? why : "no input");
		return 1;
	}
	say("ready");
	loop_run(&k->loop, no_work, NULL);
	loop_unwatch(&k->loop, &probe.input);
	netlink_close(k->netlink);
	routes_close(k->routes);
	raw_free(k->raw);
	tun_free(k->tun);
	joins_free(k->joins);
	mrt_close(k->mrt[V4]);
	mrt_close(k->mrt[V6]);
	loop_end(&k->loop);
	clock_free(&k->clock);
	words_free(&probe.words);
	buf_free(&probe.pending);
	log_free(&probe.log);
	return 0;
}
