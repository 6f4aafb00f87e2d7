/* message.c - the messages of multicast router discovery (RFC 4286 3.2, 4.1, 5.1) */
#include "lib/cksum.h"
#include "lib/cursor.h"
#include "message.h"

/* The types of the wire, in the order of enum mrd_type. */
static const uint8_t first_type[NFAMILIES] = { [V4] = 0x30, [V6] = 151 };

struct ip mrd_all_snoopers(enum af af)
{
	return af == V4 ? ip_v4(0xe000006a) : (struct ip){ { 0xff, 2, [15] = 0x6a } };
}

struct ip mrd_all_routers(enum af af)
{
	return af == V4 ? ip_v4(0xe0000002) : (struct ip){ { 0xff, 2, [15] = 2 } };
}

/* RFC 4286 2: what is beyond the fixed format is ignored. */
bool mrd_decode(enum af af, const void *data, size_t len, struct mrd_message *m)
{
	struct rd r = rd_init(data, len);
	unsigned type = rd_u8(&r) - first_type[af];

	*m = (struct mrd_message){ .type = type, .interval = rd_u8(&r) };
	rd_skip(&r, 2);
	if (type == MRD_ADVERTISEMENT) {
		m->query_interval = rd_u16(&r);
		m->robustness = rd_u16(&r);
	} else {
		m->interval = 0; /* RFC 4286 4.1.2, 5.1.2: reserved, and ignored */
	}
	return !r.bad && type <= MRD_TERMINATION;
}

/* RFC 4286 3.2.3 */
static uint16_t checksum(enum af af, struct ip src, struct ip dst, const void *data, size_t len)
{
	uint32_t sum = af == V6 ? cksum_add_pseudo6(0, src, dst, len, PROTO_ICMPV6) : 0;

	return cksum_end(cksum_add(sum, data, len));
}

size_t mrd_encode(enum af af, struct ip src, struct ip dst, const struct mrd_message *m, void *data,
		  size_t size)
{
	struct wr w = wr_init(data, size), sum;

	wr_u8(&w, first_type[af] + m->type);
	wr_u8(&w, m->type == MRD_ADVERTISEMENT ? m->interval : 0);
	wr_u16(&w, 0);
	if (m->type == MRD_ADVERTISEMENT) {
		wr_u16(&w, m->query_interval);
		wr_u16(&w, m->robustness);
	}
	if (w.full)
		return 0;
	sum = wr_init(w.start + 2, 2);
	wr_u16(&sum, checksum(af, src, dst, data, wr_len(&w)));
	return wr_len(&w);
}

bool mrd_is_sound(const struct packet *packet)
{
	return !checksum(ip_family(packet->src), packet->src, packet->dst, packet->data,
			 packet->len);
}
