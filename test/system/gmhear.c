/* gmhear.c - prints the IGMP and MLD of a link, and with `udp` multicast data, as it passes
 *
 *	gmhear IFNAME [udp]
 *
 * It says "hearing" when it does; then each packet, whoever sent it, is a line:
 *
 *	SECONDS SOURCE > DESTINATION ttl N [tos 0xN] [alert] WHAT
 *
 *	query vN [GROUP [SOURCE]...] mrt MS [qrv N qqi SEC [s]]
 *	report vN GROUP    leave GROUP    report v3 [KIND GROUP [SOURCE]...;]...
 *	udp SIZE    bad REASON
 *
 * Times are those of the kernel, in microseconds. Messages are read by the product's codec.
 */
#include <stdio.h>

#include "igmpproxy/codec.h"
#include "lib/cksum.h"
#include "wire.h"

static struct arena arena;
static bool udp;

static void print_sources(const struct ip *source, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		printf(" %s", ip_str(source[i]));
}

static void print_query(const struct gm_message *m)
{
	printf("query v%u", m->version);
	if (!ip_is_any(m->group))
		printf(" %s", ip_str(m->group));
	print_sources(m->source, m->nsources);
	printf(" mrt %d", (int)m->max_response);
	if (m->version == 3)
		printf(" qrv %u qqi %d%s", m->robustness, (int)(m->interval / 1000),
		       m->suppress ? " s" : "");
}

static void print_message(const struct gm_message *m)
{
	static const char *const kinds[] = { "",      "is_in", "is_ex", "to_in",
					     "to_ex", "allow", "block" };

	switch (m->type) {
	case GM_QUERY:
		print_query(m);
		break;
	case GM_REPORT:
		printf("report v%u %s", m->version, ip_str(m->group));
		break;
	case GM_LEAVE:
		printf("leave %s", ip_str(m->group));
		break;
	case GM_REPORT_V3:
		printf("report v3");
		for (unsigned i = 0; i < m->nrecords; i++) {
			const struct gm_record *r = m->record + i;

			printf(" %s %s", kinds[r->type], ip_str(r->group));
			print_sources(r->source, r->nsources);
			printf(";");
		}
		break;
	}
}

static void print_what(enum af af, const struct packet *p)
{
	struct gm_message m;
	enum gm_bad bad = gm_decode(af, p->data, p->len, &arena, &m);

	if (af == V6 && cksum_end(cksum_add(cksum_add_pseudo6(0, p->src, p->dst, p->len, p->proto),
					    p->data, p->len)))
		bad = GM_BAD_CHECKSUM;
	if (bad)
		printf("bad %s", gm_bad_name(bad));
	else
		print_message(&m);
	arena_reset(&arena);
}

/* Of ICMPv6 what is MLD, and of UDP what goes to a group and is asked for. */
static bool is_wanted(const struct packet *p)
{
	uint8_t type = p->len ? *(const uint8_t *)p->data : 0;

	switch (p->proto) {
	case PROTO_IGMP:
		return true;
	case PROTO_ICMPV6:
		return (type >= 130 && type <= 132) || type == 143;
	case PROTO_UDP:
		return udp && ip_is_multicast(p->dst);
	default:
		return false;
	}
}

static void heard(const struct timespec *at, enum af af, const struct packet *p)
{
	if (!is_wanted(p))
		return;
	wire_print(at, p);
	if (p->proto == PROTO_UDP) {
		printf(" udp %zu\n", p->len);
		return;
	}
	printf(" tos 0x%x%s ", p->tos, p->router_alert ? " alert" : "");
	print_what(af, p);
	printf("\n");
}

int main(int argc, char **argv)
{
	if (argc < 2 || (argc > 2 && strcmp(argv[2], "udp"))) {
		fprintf(stderr, "gmhear: see the head of its source for the words\n");
		return 2;
	}
	udp = argc > 2;
	arena = arena_init(GM_ARENA);
	wire_hear(argv[1], heard);
}
