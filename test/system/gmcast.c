/* gmcast.c - sends messages of IGMP and MLD for system tests, as any host would, or as none may
 *
 *	gmcast IFNAME query [GROUP [SOURCE]...] [HOW]...    v3; query1, query2: of older queriers
 *	gmcast IFNAME report1 | report2 | leave GROUP [HOW]...
 *	gmcast IFNAME {is_in | is_ex | to_in | to_ex | allow | block GROUP [SOURCE]...}... [HOW]...
 *	gmcast IFNAME raw HEX [HOW]...
 *
 *	mld                 of IPv6, where no address says so
 *	from ADDR, to ADDR  not the interface's own, not where it belongs
 *	mac MAC             that node alone gets it
 *	ttl N, noalert      not 1; without Router Alert
 *	badsum, asis        the checksum is wrong; that of HEX is not written anew
 *	cut N               the first N bytes of the message
 *	mrt MS, qrv N, qqi SEC, s       what a query says
 *	count N, rate N     more than one; so many a second, or as fast as can be
 *	groups N, hosts N   of as many groups, or from as many hosts, in turn
 *	mangle SEED         some bytes of each are random ones, the checksum is right
 *
 * What is right is encoded by the product's codec; the packet around it is made here, and handed
 * to the device below the kernel's IP, so that nothing is asked of addresses and routes.
 */
#include "cast.h"
#include "igmpproxy/codec.h"
#include "lib/cursor.h"
#include "lib/util.h"
#include "wire.h"

#define MAXRECORDS 64
#define MAXSOURCES 4096
#define ROOM 1500

struct job {
	struct cast how;
	bool raw, alert;
	unsigned ttl, hosts;
	struct gm_message m;
	struct gm_record record[MAXRECORDS];
	struct ip source[MAXSOURCES];
	unsigned nsources;
	uint8_t data[UINT16_MAX];
	size_t len;
};

static struct job job = {
	.how = { .count = 1, .groups = 1 },
	.ttl = 1,
	.alert = true,
	.hosts = 1,
	.m = { .version = 3, .max_response = 10000, .robustness = 2, .interval = 125000 },
};

static const struct {
	const char *name;
	enum gm_type type;
	unsigned version;
} types[] = {
	{ "query1", GM_QUERY, 1 },   { "query2", GM_QUERY, 2 },	  { "query", GM_QUERY, 3 },
	{ "report1", GM_REPORT, 1 }, { "report2", GM_REPORT, 2 }, { "leave", GM_LEAVE, 2 },
};

static const char *const records[] = {
	[MODE_IS_INCLUDE] = "is_in",	    [MODE_IS_EXCLUDE] = "is_ex",
	[CHANGE_TO_INCLUDE_MODE] = "to_in", [CHANGE_TO_EXCLUDE_MODE] = "to_ex",
	[ALLOW_NEW_SOURCES] = "allow",	    [BLOCK_OLD_SOURCES] = "block",
};

/* The addresses that follow. */
static const struct ip *sources(char ***arg, unsigned *n)
{
	const struct ip *first = job.source + job.nsources;
	struct ip ip;

	for (*n = 0; **arg && ip_parse(**arg, &ip) && job.nsources < MAXSOURCES; ++*n, ++*arg)
		job.source[job.nsources++] = ip;
	return first;
}

static bool read_type(const char *word, char ***arg)
{
	struct ip ip;

	for (unsigned i = 0; i < NELEMS(types); i++) {
		if (strcmp(word, types[i].name))
			continue;
		job.m.type = types[i].type;
		job.m.version = types[i].version;
		if (job.m.type != GM_QUERY || (**arg && ip_parse(**arg, &ip)))
			job.m.group = cast_address(&job.how, arg);
		job.m.source = sources(arg, &job.m.nsources);
		return true;
	}
	return false;
}

static bool read_record(const char *word, char ***arg)
{
	struct gm_record *r = job.record + job.m.nrecords;

	for (unsigned type = MODE_IS_INCLUDE; type < NELEMS(records); type++) {
		if (strcmp(word, records[type]) || job.m.nrecords == MAXRECORDS)
			continue;
		r->type = type;
		r->group = cast_address(&job.how, arg);
		r->source = sources(arg, &r->nsources);
		job.m.type = GM_REPORT_V3;
		job.m.record = job.record;
		job.m.nrecords++;
		return true;
	}
	return false;
}

static void read_how(const char *word, char ***arg)
{
	if (!strcmp(word, "mld")) {
		job.how.af = V6;
	} else if (!strcmp(word, "ttl")) {
		job.ttl = cast_number(arg);
	} else if (!strcmp(word, "hosts")) {
		job.hosts = cast_number(arg);
	} else if (!strcmp(word, "noalert")) {
		job.alert = false;
	} else if (!strcmp(word, "mrt")) {
		job.m.max_response = cast_number(arg);
	} else if (!strcmp(word, "qrv")) {
		job.m.robustness = cast_number(arg);
	} else if (!strcmp(word, "qqi")) {
		job.m.interval = cast_number(arg) * 1000;
	} else if (!strcmp(word, "s")) {
		job.m.suppress = true;
	} else if (!strcmp(word, "raw")) {
		job.raw = true;
		job.len = cast_hex(arg, job.data, sizeof(job.data));
	} else if (!cast_read(&job.how, word, arg)) {
		cast_usage(word);
	}
}

/* All packets of the message, from that host. */
static void send_message(const struct gm_message *m, struct ip from)
{
	struct gm_place at = { 0 };
	uint8_t data[UINT16_MAX];
	size_t len = job.len;

	memcpy(data, job.data, job.len);
	while (job.raw || (len = gm_encode(job.how.af, m, &at, data, gm_room(job.how.af, ROOM)))) {
		struct packet p = gm_packet(job.how.af, m, data, job.how.cut ? job.how.cut : len);

		p.src = from;
		p.ttl = job.ttl;
		p.router_alert = job.alert;
		if (job.how.has_to)
			p.dst = job.how.to;
		if (job.how.mangle)
			wire_mangle(&job.how.mangle, data, p.len);
		cast_checksum(&job.how, &p, data, p.len);
		wire_send(job.how.ifname, job.how.has_mac ? job.how.mac : NULL, &p);
		if (job.raw)
			return;
	}
}

static void send_all(void)
{
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; i < job.how.count; i++) {
		struct gm_message m = job.m;
		struct gm_record record[MAXRECORDS];

		if (job.how.rate)
			wire_pace(&start, i, job.how.rate);
		memcpy(record, job.record, sizeof(record));
		for (unsigned n = 0; n < m.nrecords; n++)
			record[n].group = wire_advance(record[n].group, i % job.how.groups);
		m.record = record;
		if (!ip_is_any(m.group))
			m.group = wire_advance(m.group, i % job.how.groups);
		send_message(&m, wire_advance(job.how.from, i % job.hosts));
	}
}

int main(int argc, char **argv)
{
	char **arg = argv + 2;

	if (argc < 3)
		cast_usage("too few");
	job.how.ifname = argv[1];
	while (*arg) {
		const char *word = cast_next(&arg);

		if (!read_type(word, &arg) && !read_record(word, &arg))
			read_how(word, &arg);
	}
	if (ip_is_any(job.m.group))
		job.m.group = ip_any(job.how.af);
	if (job.raw && !job.how.has_to)
		cast_usage("to");
	if (!job.how.has_from)
		job.how.from = wire_address(job.how.ifname, job.how.af);
	send_all();
	return 0;
}
