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
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "igmpproxy/codec.h"
#include "lib/cksum.h"
#include "lib/cursor.h"
#include "lib/util.h"

#define MAXRECORDS 64
#define MAXSOURCES 4096
#define ROOM 1500

struct job {
	const char *ifname;
	enum af af;
	struct ip from, to;
	bool has_from, has_to, has_mac, raw, alert, badsum, asis;
	uint8_t mac[8];
	unsigned ttl, count, rate, groups, hosts, cut;
	uint32_t mangle;
	struct gm_message m;
	struct gm_record record[MAXRECORDS];
	struct ip source[MAXSOURCES];
	unsigned nsources;
	uint8_t data[UINT16_MAX];
	size_t len;
};

static struct job job = {
	.ttl = 1,
	.alert = true,
	.count = 1,
	.groups = 1,
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

static const struct {
	const char *name;
	unsigned *value;
} numbers[] = {
	{ "ttl", &job.ttl },	   { "count", &job.count }, { "rate", &job.rate },
	{ "groups", &job.groups }, { "hosts", &job.hosts }, { "cut", &job.cut },
	{ "mangle", &job.mangle },
};

static void fail(const char *what)
{
	fprintf(stderr, "gmcast: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void usage(const char *word)
{
	fprintf(stderr, "gmcast: %s: see the head of its source for the words\n", word);
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

static struct ip address(char ***arg)
{
	const char *word = next(arg);
	struct ip ip;

	if (!ip_parse(word, &ip))
		usage(word);
	job.af = ip_family(ip);
	return ip;
}

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
			job.m.group = address(arg);
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
		r->group = address(arg);
		r->source = sources(arg, &r->nsources);
		job.m.type = GM_REPORT_V3;
		job.m.record = job.record;
		job.m.nrecords++;
		return true;
	}
	return false;
}

static bool read_number(const char *word, char ***arg)
{
	for (unsigned i = 0; i < NELEMS(numbers); i++) {
		if (!strcmp(word, numbers[i].name)) {
			*numbers[i].value = number(arg);
			return true;
		}
	}
	return false;
}

static void read_hex(const char *hex)
{
	unsigned byte;

	for (job.raw = true; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		job.data[job.len++] = byte;
}

static void read_how(const char *word, char ***arg)
{
	if (!strcmp(word, "mld")) {
		job.af = V6;
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
	} else if (!strcmp(word, "noalert")) {
		job.alert = false;
	} else if (!strcmp(word, "badsum")) {
		job.badsum = true;
	} else if (!strcmp(word, "asis")) {
		job.asis = true;
	} else if (!strcmp(word, "mrt")) {
		job.m.max_response = number(arg);
	} else if (!strcmp(word, "qrv")) {
		job.m.robustness = number(arg);
	} else if (!strcmp(word, "qqi")) {
		job.m.interval = number(arg) * 1000;
	} else if (!strcmp(word, "s")) {
		job.m.suppress = true;
	} else if (!strcmp(word, "raw")) {
		read_hex(next(arg));
	} else {
		usage(word);
	}
}

/* The device's first address of the family; of IPv6 that of its link. 0.0.0.0 if there is none. */
static struct ip own_address(void)
{
	struct ip found = ip_any(job.af);
	struct ifaddrs *all, *i;

	if (getifaddrs(&all))
		fail("addresses");
	for (i = all; i && ip_is_any(found); i = i->ifa_next) {
		struct sockaddr_in sin;
		struct sockaddr_in6 sin6;

		if (!i->ifa_addr || strcmp(i->ifa_name, job.ifname))
			continue;
		if (job.af == V4 && i->ifa_addr->sa_family == AF_INET) {
			memcpy(&sin, i->ifa_addr, sizeof(sin));
			found = ip_from_wire(V4, &sin.sin_addr);
		} else if (job.af == V6 && i->ifa_addr->sa_family == AF_INET6) {
			memcpy(&sin6, i->ifa_addr, sizeof(sin6));
			found = ip_from_wire(V6, &sin6.sin6_addr);
			if (!ip_is_link_local(found))
				found = ip_any(V6);
		}
	}
	freeifaddrs(all);
	return found;
}

/* The address that many behind it. */
static struct ip advance(struct ip ip, uint32_t by)
{
	uint32_t low;

	memcpy(&low, ip.b + 12, sizeof(low));
	low = htonl(ntohl(low) + by);
	memcpy(ip.b + 12, &low, sizeof(low));
	return ip;
}

static uint32_t random_number(void)
{
	job.mangle = job.mangle * 1664525 + 1013904223;
	return job.mangle >> 8;
}

static void mangle(uint8_t *data, size_t len)
{
	for (unsigned n = 1 + random_number() % 4; n; n--)
		data[random_number() % len] = random_number();
}

static void checksum(const struct packet *p, uint8_t *data, size_t len)
{
	uint32_t sum = 0;
	uint16_t wrong = job.badsum ? 0x5555 : 0;
	struct wr at = wr_init(data + 2, 2);

	if (len < 4 || job.asis)
		return;
	data[2] = data[3] = 0;
	if (job.af == V6)
		sum = cksum_add_pseudo6(0, p->src, p->dst, len, p->proto);
	wr_u16(&at, cksum_end(cksum_add(sum, data, len)) ^ wrong);
}

/* RFC 791 3.1, RFC 2113 */
static void header4(struct wr *w, const struct packet *p)
{
	uint8_t *start = w->start + wr_len(w);
	unsigned words = p->router_alert ? 6 : 5;
	struct wr at = wr_init(start + 10, 2);

	wr_u8(w, 0x40 | words);
	wr_u8(w, p->tos);
	wr_u16(w, words * 4 + p->len);
	wr_u32(w, 0);
	wr_u8(w, p->ttl);
	wr_u8(w, p->proto);
	wr_u16(w, 0);
	wr_ip(w, V4, p->src);
	wr_ip(w, V4, p->dst);
	if (p->router_alert)
		wr_u32(w, 0x94040000);
	wr_u16(&at, cksum_end(cksum_add(0, start, words * 4)));
}

/* RFC 8200 3, RFC 2711 2.1 */
static void header6(struct wr *w, const struct packet *p)
{
	wr_u32(w, 0x60000000 | p->tos << 20);
	wr_u16(w, (p->router_alert ? 8 : 0) + p->len);
	wr_u8(w, p->router_alert ? 0 : p->proto);
	wr_u8(w, p->ttl);
	wr_ip(w, V6, p->src);
	wr_ip(w, V6, p->dst);
	if (p->router_alert) {
		wr_u8(w, p->proto);
		wr_u8(w, 0);
		wr_u32(w, 0x05020000);
		wr_u16(w, 0x0100);
	}
}

/* RFC 1112 6.4, RFC 2464 7 */
static void link_address(struct sockaddr_ll *to, struct ip dst)
{
	static const uint8_t prefix4[] = { 0x01, 0x00, 0x5e };

	to->sll_halen = 6;
	if (job.has_mac) {
		memcpy(to->sll_addr, job.mac, 6);
	} else if (job.af == V4) {
		memcpy(to->sll_addr, prefix4, 3);
		memcpy(to->sll_addr + 3, dst.b + 13, 3);
		to->sll_addr[3] &= 0x7f;
	} else {
		memset(to->sll_addr, 0x33, 2);
		memcpy(to->sll_addr + 2, dst.b + 12, 4);
	}
}

static void send_packet(int fd, const struct packet *p)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(job.af == V4 ? ETH_P_IP : ETH_P_IPV6),
				  .sll_ifindex = if_nametoindex(job.ifname) };
	uint8_t bytes[UINT16_MAX + 64];
	struct wr w = wr_init(bytes, sizeof(bytes));

	(job.af == V4 ? header4 : header6)(&w, p);
	wr_bytes(&w, p->data, p->len);
	link_address(&to, p->dst);
	if (sendto(fd, bytes, wr_len(&w), 0, (struct sockaddr *)&to, sizeof(to)) < 0 &&
	    errno != ENOBUFS)
		fail("send");
}

/* All packets of the message, from that host. */
static void send_message(int fd, const struct gm_message *m, struct ip from)
{
	struct gm_place at = { 0 };
	uint8_t data[UINT16_MAX];
	size_t len = job.len;

	memcpy(data, job.data, job.len);
	while (job.raw || (len = gm_encode(job.af, m, &at, data, gm_room(job.af, ROOM)))) {
		struct packet p = gm_packet(job.af, m, data, job.cut ? job.cut : len);

		p.src = from;
		p.ttl = job.ttl;
		p.router_alert = job.alert;
		if (job.has_to)
			p.dst = job.to;
		if (job.mangle)
			mangle(data, p.len);
		checksum(&p, data, p.len);
		send_packet(fd, &p);
		if (job.raw)
			return;
	}
}

/* When the message number @i is due. */
static void pace(const struct timespec *start, unsigned i)
{
	uint64_t ns = start->tv_nsec + 1000000000ull * i / job.rate;
	struct timespec due = { start->tv_sec + ns / 1000000000, ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static void send_all(int fd)
{
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; i < job.count; i++) {
		struct gm_message m = job.m;
		struct gm_record record[MAXRECORDS];

		if (job.rate)
			pace(&start, i);
		memcpy(record, job.record, sizeof(record));
		for (unsigned n = 0; n < m.nrecords; n++)
			record[n].group = advance(record[n].group, i % job.groups);
		m.record = record;
		if (!ip_is_any(m.group))
			m.group = advance(m.group, i % job.groups);
		send_message(fd, &m, advance(job.from, i % job.hosts));
	}
}

int main(int argc, char **argv)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	char **arg = argv + 2;

	if (argc < 3)
		usage("too few");
	if (fd < 0)
		fail("socket");
	job.ifname = argv[1];
	while (*arg) {
		const char *word = next(&arg);

		if (!read_type(word, &arg) && !read_record(word, &arg) && !read_number(word, &arg))
			read_how(word, &arg);
	}
	if (ip_is_any(job.m.group))
		job.m.group = ip_any(job.af);
	if (job.raw && !job.has_to)
		usage("to");
	if (!job.has_from)
		job.from = own_address();
	send_all(fd);
	return 0;
}
