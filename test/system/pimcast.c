/* pimcast.c - sends messages of PIM for system tests, as any router would, or as none may
 *
 *	pimcast IFNAME hello [OPTION]... [HOW]...
 *	pimcast IFNAME jp UPSTREAM {group GROUP {join | prune} ENTRY...}... [HOW]...
 *	pimcast IFNAME assert SOURCE GROUP [rpt] [preference N] [metric N] [HOW]...
 *	pimcast IFNAME register SOURCE GROUP [null] [size N] [inner-ttl N] [all-sum] [HOW]...
 *	pimcast IFNAME stop SOURCE GROUP [HOW]...
 *	pimcast IFNAME bsm BSR [tag N] [hash N] [bsr-priority N] [no-forward] RANGE... [HOW]...
 *	pimcast IFNAME candidate RP [seconds N] [rp-priority N] [range PREFIX]... [HOW]...
 *	pimcast IFNAME raw HEX [HOW]...
 *
 *	OPTION: seconds N, forever; delay MS MS [t]: propagation, override; dr N, genid N,
 *	refresh SEC, bidir, address ADDR, option TYPE HEX: any other
 *	ENTRY: star RP, rpt SOURCE, or a source; of jp also graft, ack, dense, seconds N, forever
 *	RANGE: range PREFIX {rp ADDR SECONDS PRIORITY}..., or zone PREFIX, the scope of them
 *	SOURCE: 0.0.0.0 or :: is any
 *
 *	from ADDR, to ADDR  not the interface's own, not where it belongs
 *	mac MAC, ttl N      that node alone gets it; not 1, or of what goes to one router 64
 *	version N           of the header, not 2
 *	badsum, asis        the checksum is wrong; that of HEX is not written anew
 *	cut N               the first N bytes of the message
 *	count N, rate N     more than one; so many a second, or as fast as can be
 *	every MS            again and again, until killed
 *	groups N            of as many groups, in turn; of a candidate as many RPs
 *	ranges N            of a candidate: each has one, of as many that are side by side
 *	mangle SEED         some bytes of each are random ones, the checksum is right
 *
 * What is right is encoded by the product's codec, the packet around it is made here. pimhear
 * prints messages in the words of this.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/cksum.h"
#include "lib/cursor.h"
#include "lib/util.h"
#include "pim-module/msg_assert.h"
#include "pim-module/msg_bsr.h"
#include "pim-module/msg_hello.h"
#include "pim-module/msg_jp.h"
#include "pim-module/msg_register.h"
#include "wire.h"

#define MAXGROUPS 512
#define MAXENTRIES 8192
#define MAXOPTIONS 1024
#define ROOM 65000

enum kind { HELLO, JP, ASSERT, REGISTER, STOP, BSM, CANDIDATE, RAW, NKINDS };

static const char *const kinds[NKINDS] = { "hello", "jp",  "assert",	"register",
					   "stop",  "bsm", "candidate", "raw" };

static struct {
	const char *ifname;
	enum kind kind;
	enum af af;
	struct ip from, to;
	bool has_from, has_to, has_mac, badsum, asis, all_sum, has_ttl, has_version;
	uint8_t mac[8];
	unsigned ttl, version, cut, count, rate, groups, ranges, every, size, inner_ttl;
	uint32_t mangle;

	struct msg_hello hello;
	struct ip secondary[MAXENTRIES];
	uint8_t option[MAXOPTIONS];
	size_t noptions;

	struct msg_jp jp;
	struct msg_jp_group group[MAXGROUPS];
	struct msg_jp_source entry[MAXENTRIES];
	unsigned nentries, *list; /* the list's count */

	struct msg_assert assert;
	struct msg_register reg;
	struct msg_bootstrap bsm;
	struct msg_candidate candidate;
	struct msg_rp_set set[MAXGROUPS];
	struct msg_range range[MAXGROUPS];
	struct msg_rp rp[MAXENTRIES];
	unsigned nrps;

	uint8_t data[ROOM];
	size_t len;
} job = {
	.count = 1,
	.groups = 1,
	.inner_ttl = 16,
	.hello = { .holdtime = 105000 },
	.jp = { .type = MSG_JOIN_PRUNE, .holdtime = 210000 },
	.assert = { .preference = 1, .metric = 1 },
	.bsm = { .hash_len = 30, .priority = 64 },
	.candidate = { .priority = 192, .holdtime = 150000 },
};

static const struct {
	const char *name;
	unsigned *value;
} numbers[] = {
	{ "count", &job.count },	  { "rate", &job.rate },
	{ "groups", &job.groups },	  { "ranges", &job.ranges },
	{ "every", &job.every },	  { "cut", &job.cut },
	{ "mangle", &job.mangle },	  { "size", &job.size },
	{ "inner-ttl", &job.inner_ttl },  { "dr", &job.hello.dr_priority },
	{ "genid", &job.hello.genid },	  { "preference", &job.assert.preference },
	{ "metric", &job.assert.metric }, { "ttl", &job.ttl },
	{ "version", &job.version },
};

static const struct {
	const char *name;
	bool *value;
} flags[] = {
	{ "badsum", &job.badsum },   { "asis", &job.asis },
	{ "all-sum", &job.all_sum }, { "bidir", &job.hello.bidir },
	{ "rpt", &job.assert.rpt },  { "null", &job.reg.null },
	{ "dense", &job.jp.dense },  { "no-forward", &job.bsm.no_forward },
};

static void usage(const char *word)
{
	fprintf(stderr, "pimcast: %s: see the head of its source for the words\n", word);
	exit(2);
}

static const char *next(char ***arg)
{
	const char *word = **arg;

	if (!word)
		usage("too few");
	++*arg;
	return word;
}

static unsigned number(char ***arg)
{
	return strtoul(next(arg), NULL, 0);
}

static int64_t seconds(char ***arg)
{
	return number(arg) * INT64_C(1000);
}

static struct ip address(char ***arg)
{
	const char *word = next(arg);
	struct ip ip;

	if (!ip_parse(word, &ip))
		usage(word);
	job.af = ip_family(ip);
	return ip;
}

static size_t hex(const char *word, uint8_t *data, size_t room)
{
	unsigned byte;
	size_t len = 0;

	for (; len < room && sscanf(word, "%2x", &byte) == 1; word += 2)
		data[len++] = byte;
	return len;
}

/* What follows the name of the message at once */
static void read_kind(char ***arg)
{
	const char *word = next(arg);

	while (job.kind < NKINDS && strcmp(word, kinds[job.kind]))
		job.kind++;
	switch (job.kind) {
	case JP:
		job.jp.upstream = address(arg);
		break;
	case ASSERT:
		job.assert.sg.src = address(arg);
		job.assert.sg.grp = address(arg);
		break;
	case REGISTER:
	case STOP:
		job.reg.sg.src = address(arg);
		job.reg.sg.grp = address(arg);
		break;
	case BSM:
		job.bsm.bsr = address(arg);
		break;
	case CANDIDATE:
		job.candidate.rp = address(arg);
		break;
	case RAW:
		job.len = hex(next(arg), job.data, sizeof(job.data));
		break;
	case NKINDS:
		usage(word);
		break;
	default:
		break;
	}
}

/* Any option of a Hello, as it is */
static void add_option(char ***arg)
{
	struct wr w = wr_init(job.option + job.noptions, sizeof(job.option) - job.noptions);
	uint8_t value[MAXOPTIONS];
	unsigned type = number(arg);
	size_t len = hex(next(arg), value, sizeof(value));

	wr_u16(&w, type);
	wr_u16(&w, len);
	wr_bytes(&w, value, len);
	job.noptions += wr_len(&w);
}

static bool read_hello(const char *word, char ***arg)
{
	if (!strcmp(word, "delay")) {
		job.hello.has_lan_delay = true;
		job.hello.propagation_delay = number(arg);
		job.hello.override_interval = number(arg);
	} else if (!strcmp(word, "t")) {
		job.hello.no_suppression = true;
	} else if (!strcmp(word, "refresh")) {
		job.hello.has_refresh = true;
		job.hello.refresh_interval = number(arg);
	} else if (!strcmp(word, "address")) {
		job.secondary[job.hello.nsecondary++] = address(arg);
	} else if (!strcmp(word, "option")) {
		add_option(arg);
	} else {
		return false;
	}
	return true;
}

/* Entries follow, of the list that was begun. */
static bool read_entry(const char *word, char ***arg)
{
	struct msg_jp_source *s = job.entry + job.nentries;

	s->kind = JP_SG;
	if (!strcmp(word, "star") || !strcmp(word, "rpt")) {
		s->kind = *word == 's' ? JP_STAR_G : JP_SG_RPT;
		word = next(arg);
	}
	if (!job.list || !ip_parse(word, &s->ip))
		return false;
	job.nentries++;
	++*job.list;
	return true;
}

static bool read_jp(const char *word, char ***arg)
{
	struct msg_jp_group *g = job.group + job.jp.ngroups;

	if (!strcmp(word, "group")) {
		g->group = address(arg);
		job.jp.ngroups++;
	} else if (!strcmp(word, "join") && job.jp.ngroups) {
		g[-1].join = job.entry + job.nentries;
		job.list = &g[-1].njoins;
	} else if (!strcmp(word, "prune") && job.jp.ngroups) {
		g[-1].prune = job.entry + job.nentries;
		job.list = &g[-1].nprunes;
	} else if (!strcmp(word, "graft")) {
		job.jp.type = MSG_GRAFT;
	} else if (!strcmp(word, "ack")) {
		job.jp.type = MSG_GRAFT_ACK;
	} else {
		return read_entry(word, arg);
	}
	return true;
}

static bool read_bsr(const char *word, char ***arg)
{
	struct msg_rp_set *set = job.set + job.bsm.nsets;

	if (!strcmp(word, "range") || !strcmp(word, "zone")) {
		if (!prefix_parse(next(arg), &set->range.prefix))
			usage(word);
		set->range.zone = *word == 'z';
		job.range[job.candidate.nranges++] = set->range;
		set->rp = job.rp + job.nrps;
		job.bsm.nsets++;
	} else if (!strcmp(word, "rp") && job.bsm.nsets) {
		struct msg_rp *rp = job.rp + job.nrps++;

		rp->ip = address(arg);
		rp->holdtime = seconds(arg);
		rp->priority = number(arg);
		set[-1].all = ++set[-1].nrps;
	} else if (!strcmp(word, "tag")) {
		job.bsm.tag = number(arg);
	} else if (!strcmp(word, "hash")) {
		job.bsm.hash_len = number(arg);
	} else if (!strcmp(word, "bsr-priority")) {
		job.bsm.priority = number(arg);
	} else if (!strcmp(word, "rp-priority")) {
		job.candidate.priority = number(arg);
	} else {
		return false;
	}
	return true;
}

static bool read_value(const char *word, char ***arg)
{
	for (unsigned i = 0; i < NELEMS(numbers); i++) {
		if (!strcmp(word, numbers[i].name)) {
			*numbers[i].value = number(arg);
			job.hello.has_dr_priority |= !strcmp(word, "dr");
			job.hello.has_genid |= !strcmp(word, "genid");
			job.has_ttl |= !strcmp(word, "ttl");
			job.has_version |= !strcmp(word, "version");
			return true;
		}
	}
	for (unsigned i = 0; i < NELEMS(flags); i++) {
		if (!strcmp(word, flags[i].name))
			return *flags[i].value = true;
	}
	return false;
}

static void read_how(const char *word, char ***arg)
{
	if (!strcmp(word, "pim6")) {
		job.af = V6;
	} else if (!strcmp(word, "seconds")) {
		job.hello.holdtime = job.jp.holdtime = job.candidate.holdtime = seconds(arg);
	} else if (!strcmp(word, "forever")) {
		job.hello.holdtime = job.jp.holdtime = MSG_FOREVER;
	} else if (!strcmp(word, "from")) {
		job.from = address(arg);
		job.has_from = true;
	} else if (!strcmp(word, "to")) {
		job.to = address(arg);
		job.has_to = true;
	} else if (!strcmp(word, "mac")) {
		job.has_mac = sscanf(next(arg), "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &job.mac[0],
				     &job.mac[1], &job.mac[2], &job.mac[3], &job.mac[4],
				     &job.mac[5]) == 6;
	} else {
		usage(word);
	}
}

static void read_words(char **arg)
{
	job.ifname = next(&arg);
	read_kind(&arg);
	while (*arg) {
		const char *word = next(&arg);

		if (!(job.kind == JP && read_jp(word, &arg)) && !read_value(word, &arg) &&
		    !read_hello(word, &arg) && !read_bsr(word, &arg))
			read_how(word, &arg);
	}
}

/* RFC 768: what the source of a Register sent, of which pimcast's user says the size. */
static size_t inner(const struct msg_register *reg, uint8_t *data, size_t room)
{
	struct wr w = wr_init(data, room);
	size_t len = 8 + job.size;
	uint8_t *start, *udp;
	uint32_t sum = 0;
	struct wr at;

	if (job.af == V4) {
		wr_u32(&w, 0x45000000 | (20 + len));
		wr_u32(&w, 0);
		wr_u32(&w, job.inner_ttl << 24 | PROTO_UDP << 16);
		start = w.p;
		wr_ip(&w, V4, reg->sg.src);
		wr_ip(&w, V4, reg->sg.grp);
		at = wr_init(start - 2, 2);
		wr_u16(&at, cksum_end(cksum_add(0, data, 20)));
	} else {
		wr_u32(&w, 6 << 28);
		wr_u32(&w, len << 16 | PROTO_UDP << 8 | job.inner_ttl);
		wr_ip(&w, V6, reg->sg.src);
		wr_ip(&w, V6, reg->sg.grp);
	}
	udp = w.p;
	wr_u32(&w, 5000 << 16 | 5000);
	wr_u32(&w, len << 16);
	for (unsigned i = 0; i < job.size; i++)
		wr_u8(&w, 'x');
	if (job.af == V6) {
		sum = cksum_add_pseudo6(0, reg->sg.src, reg->sg.grp, len, PROTO_UDP);
		at = wr_init(udp + 6, 2);
		wr_u16(&at, cksum_end(cksum_add(sum, udp, len)));
	}
	return w.full ? 0 : wr_len(&w);
}

/* RFC 7761 4.9 */
static void checksum(const struct msg_ends *ends, uint8_t *data, size_t len)
{
	struct wr at = wr_init(data + 2, 2);
	uint32_t sum = 0;

	if (len < 4 || job.asis)
		return;
	if (len > 8 && (data[0] & 15) == MSG_REGISTER && !job.all_sum)
		len = 8;
	data[2] = data[3] = 0;
	if (job.af == V6)
		sum = cksum_add_pseudo6(0, ends->src, ends->dst, len, PROTO_PIM);
	wr_u16(&at, cksum_end(cksum_add(sum, data, len)) ^ (job.badsum ? 0x5555 : 0));
}

static void send_bytes(const struct msg_ends *ends, uint8_t *data, size_t len)
{
	struct packet p = { .proto = PROTO_PIM, .tos = 0xc0, .src = ends->src, .dst = ends->dst };

	p.ttl = job.has_ttl ? job.ttl : ip_is_multicast(p.dst) ? 1 : 64;
	p.data = data;
	p.len = job.cut ? job.cut : len;
	if (job.has_version)
		data[0] = job.version << 4 | (data[0] & 15);
	if (job.mangle)
		wire_mangle(&job.mangle, data, p.len);
	checksum(ends, data, p.len);
	wire_send(job.ifname, job.has_mac ? job.mac : NULL, &p);
}

static void send_hello(const struct msg_ends *ends)
{
	uint8_t data[ROOM];
	size_t len;

	job.hello.secondary = job.secondary;
	len = msg_hello_encode(ends, &job.hello, data, sizeof(data) - job.noptions);
	memcpy(data + len, job.option, job.noptions);
	send_bytes(ends, data, len + job.noptions);
}

/* In as many messages as it takes, with groups that are so far behind those that were said. */
static void send_jp(const struct msg_ends *ends, unsigned by)
{
	struct msg_jp_group group[MAXGROUPS];
	struct msg_jp jp = job.jp;
	struct msg_jp_place at = { 0 };
	uint8_t data[ROOM];
	size_t len;

	for (unsigned i = 0; i < jp.ngroups; i++) {
		group[i] = job.group[i];
		group[i].group = wire_advance(group[i].group, by);
	}
	jp.group = group;
	while ((len = msg_jp_encode(ends, &jp, &at, data, msg_room(job.af, 1500))))
		send_bytes(ends, data, len);
}

static void send_register(const struct msg_ends *ends, unsigned by)
{
	struct msg_register reg = job.reg;
	uint8_t data[ROOM], packet[ROOM];

	reg.sg.grp = wire_advance(reg.sg.grp, by);
	if (!reg.null) {
		reg.len = inner(&reg, packet, sizeof(packet));
		reg.data = packet;
	}
	send_bytes(ends, data, msg_register_encode(ends, &reg, data, sizeof(data)));
}

static void send_bsm(const struct msg_ends *ends)
{
	struct msg_bootstrap_place at = { 0 };
	uint8_t data[ROOM];
	size_t len;

	job.bsm.set = job.set;
	while ((len = msg_bootstrap_encode(ends, &job.bsm, &at, data, msg_room(job.af, 1500))))
		send_bytes(ends, data, len);
}

/* The RP that is so far behind the one that was said; its range, so many behind in turn */
static void send_candidate(const struct msg_ends *ends, unsigned by)
{
	struct msg_candidate candidate = job.candidate;
	struct prefix *range = &job.range[0].prefix;
	uint8_t data[ROOM];
	unsigned at = 0;
	size_t len;

	candidate.rp = wire_advance(candidate.rp, by);
	candidate.range = job.range;
	if (job.ranges)
		range->ip = wire_advance(job.set[0].range.prefix.ip,
					 by % job.ranges << (af_bits(job.af) - range->len));
	while ((len = msg_candidate_encode(ends, &candidate, &at, data, msg_room(job.af, 1500))))
		send_bytes(ends, data, len);
}

static void send_one(const struct msg_ends *ends, unsigned by)
{
	struct msg_assert assert = job.assert;
	struct msg_register_stop stop = { job.reg.sg };
	uint8_t data[ROOM];

	switch (job.kind) {
	case HELLO:
		send_hello(ends);
		break;
	case JP:
		send_jp(ends, by);
		break;
	case ASSERT:
		assert.sg.grp = wire_advance(assert.sg.grp, by);
		send_bytes(ends, data, msg_assert_encode(ends, &assert, data, sizeof(data)));
		break;
	case REGISTER:
		send_register(ends, by);
		break;
	case STOP:
		stop.sg.grp = wire_advance(stop.sg.grp, by);
		send_bytes(ends, data, msg_register_stop_encode(ends, &stop, data, sizeof(data)));
		break;
	case BSM:
		send_bsm(ends);
		break;
	case CANDIDATE:
		send_candidate(ends, by);
		break;
	default:
		memcpy(data, job.data, job.len);
		send_bytes(ends, data, job.len);
		break;
	}
}

static void send_all(const struct msg_ends *ends)
{
	double rate = job.every ? 1000.0 / job.every : job.rate;
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; job.every || i < job.count; i++) {
		if (rate)
			wire_pace(&start, i, rate);
		send_one(ends, i % job.groups);
	}
}

int main(int argc, char **argv)
{
	struct msg_ends ends;

	if (argc < 3)
		usage("too few");
	read_words(argv + 1);
	if (!job.has_from)
		job.from = wire_address(job.ifname, job.af);
	if (!job.has_to && (job.kind == REGISTER || job.kind == STOP || job.kind == CANDIDATE))
		usage("to");
	ends.src = job.from;
	ends.dst = job.has_to ? job.to : msg_all_routers(job.af);
	send_all(&ends);
	return 0;
}
