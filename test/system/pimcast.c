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
#include "cast.h"
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
	struct cast how;
	enum kind kind;
	bool all_sum, has_ttl, has_version;
	unsigned ttl, version, ranges, every, size, inner_ttl;

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
	.how = { .count = 1, .groups = 1 },
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
	{ "ranges", &job.ranges },
	{ "every", &job.every },
	{ "size", &job.size },
	{ "inner-ttl", &job.inner_ttl },
	{ "dr", &job.hello.dr_priority },
	{ "genid", &job.hello.genid },
	{ "preference", &job.assert.preference },
	{ "metric", &job.assert.metric },
	{ "ttl", &job.ttl },
	{ "version", &job.version },
};

static const struct {
	const char *name;
	bool *value;
} flags[] = {
	{ "all-sum", &job.all_sum }, { "bidir", &job.hello.bidir },
	{ "rpt", &job.assert.rpt },  { "null", &job.reg.null },
	{ "dense", &job.jp.dense },  { "no-forward", &job.bsm.no_forward },
};

static int64_t seconds(char ***arg)
{
	return cast_number(arg) * INT64_C(1000);
}

/* What follows the name of the message at once */
static void read_kind(char ***arg)
{
	const char *word = cast_next(arg);

	while (job.kind < NKINDS && strcmp(word, kinds[job.kind]))
		job.kind++;
	switch (job.kind) {
	case JP:
		job.jp.upstream = cast_address(&job.how, arg);
		break;
	case ASSERT:
		job.assert.sg.src = cast_address(&job.how, arg);
		job.assert.sg.grp = cast_address(&job.how, arg);
		break;
	case REGISTER:
	case STOP:
		job.reg.sg.src = cast_address(&job.how, arg);
		job.reg.sg.grp = cast_address(&job.how, arg);
		break;
	case BSM:
		job.bsm.bsr = cast_address(&job.how, arg);
		break;
	case CANDIDATE:
		job.candidate.rp = cast_address(&job.how, arg);
		break;
	case RAW:
		job.len = cast_hex(arg, job.data, sizeof(job.data));
		break;
	case NKINDS:
		cast_usage(word);
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
	unsigned type = cast_number(arg);
	size_t len = cast_hex(arg, value, sizeof(value));

	wr_u16(&w, type);
	wr_u16(&w, len);
	wr_bytes(&w, value, len);
	job.noptions += wr_len(&w);
}

static bool read_hello(const char *word, char ***arg)
{
	if (!strcmp(word, "delay")) {
		job.hello.has_lan_delay = true;
		job.hello.propagation_delay = cast_number(arg);
		job.hello.override_interval = cast_number(arg);
	} else if (!strcmp(word, "t")) {
		job.hello.no_suppression = true;
	} else if (!strcmp(word, "refresh")) {
		job.hello.has_refresh = true;
		job.hello.refresh_interval = cast_number(arg);
	} else if (!strcmp(word, "address")) {
		job.secondary[job.hello.nsecondary++] = cast_address(&job.how, arg);
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
		word = cast_next(arg);
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
		g->group = cast_address(&job.how, arg);
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
		if (!prefix_parse(cast_next(arg), &set->range.prefix))
			cast_usage(word);
		set->range.zone = *word == 'z';
		job.range[job.candidate.nranges++] = set->range;
		set->rp = job.rp + job.nrps;
		job.bsm.nsets++;
	} else if (!strcmp(word, "rp") && job.bsm.nsets) {
		struct msg_rp *rp = job.rp + job.nrps++;

		rp->ip = cast_address(&job.how, arg);
		rp->holdtime = seconds(arg);
		rp->priority = cast_number(arg);
		set[-1].all = ++set[-1].nrps;
	} else if (!strcmp(word, "tag")) {
		job.bsm.tag = cast_number(arg);
	} else if (!strcmp(word, "hash")) {
		job.bsm.hash_len = cast_number(arg);
	} else if (!strcmp(word, "bsr-priority")) {
		job.bsm.priority = cast_number(arg);
	} else if (!strcmp(word, "rp-priority")) {
		job.candidate.priority = cast_number(arg);
	} else {
		return false;
	}
	return true;
}

static bool read_value(const char *word, char ***arg)
{
	for (unsigned i = 0; i < NELEMS(numbers); i++) {
		if (!strcmp(word, numbers[i].name)) {
			*numbers[i].value = cast_number(arg);
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
		job.how.af = V6;
	} else if (!strcmp(word, "seconds")) {
		job.hello.holdtime = job.jp.holdtime = job.candidate.holdtime = seconds(arg);
	} else if (!strcmp(word, "forever")) {
		job.hello.holdtime = job.jp.holdtime = MSG_FOREVER;
	} else if (!cast_read(&job.how, word, arg)) {
		cast_usage(word);
	}
}

static void read_words(char **arg)
{
	job.how.ifname = cast_next(&arg);
	read_kind(&arg);
	while (*arg) {
		const char *word = cast_next(&arg);

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

	if (job.how.af == V4) {
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
	if (job.how.af == V6) {
		sum = cksum_add_pseudo6(0, reg->sg.src, reg->sg.grp, len, PROTO_UDP);
		at = wr_init(udp + 6, 2);
		wr_u16(&at, cksum_end(cksum_add(sum, udp, len)));
	}
	return w.full ? 0 : wr_len(&w);
}

/* RFC 7761 4.9 */
static size_t summed(const uint8_t *data, size_t len)
{
	return len > 8 && (data[0] & 15) == MSG_REGISTER && !job.all_sum ? 8 : len;
}

static void send_bytes(const struct msg_ends *ends, uint8_t *data, size_t len)
{
	struct packet p = { .proto = PROTO_PIM, .tos = 0xc0, .src = ends->src, .dst = ends->dst };

	p.ttl = job.has_ttl ? job.ttl : ip_is_multicast(p.dst) ? 1 : 64;
	p.data = data;
	p.len = job.how.cut ? job.how.cut : len;
	if (job.has_version)
		data[0] = job.version << 4 | (data[0] & 15);
	if (job.how.mangle)
		wire_mangle(&job.how.mangle, data, p.len);
	cast_checksum(&job.how, &p, data, summed(data, p.len));
	wire_send(job.how.ifname, job.how.has_mac ? job.how.mac : NULL, &p);
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
	while ((len = msg_jp_encode(ends, &jp, &at, data, msg_room(job.how.af, 1500))))
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
	while ((len = msg_bootstrap_encode(ends, &job.bsm, &at, data, msg_room(job.how.af, 1500))))
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
					 by % job.ranges << (af_bits(job.how.af) - range->len));
	while ((len = msg_candidate_encode(ends, &candidate, &at, data,
					   msg_room(job.how.af, 1500))))
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
	double rate = job.every ? 1000.0 / job.every : job.how.rate;
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; job.every || i < job.how.count; i++) {
		if (rate)
			wire_pace(&start, i, rate);
		send_one(ends, i % job.how.groups);
	}
}

int main(int argc, char **argv)
{
	struct msg_ends ends;

	if (argc < 3)
		cast_usage("too few");
	read_words(argv + 1);
	if (!job.how.has_from)
		job.how.from = wire_address(job.how.ifname, job.how.af);
	if (!job.how.has_to && (job.kind == REGISTER || job.kind == STOP || job.kind == CANDIDATE))
		cast_usage("to");
	ends.src = job.how.from;
	ends.dst = job.how.has_to ? job.how.to : msg_all_routers(job.how.af);
	send_all(&ends);
	return 0;
}
