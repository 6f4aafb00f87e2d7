/* codec.c - messages of IGMP and MLD to and from the wire, for whichever family */
#include "codec.h"
#include "igmp.h"
#include "mld.h"

/* RFC 3376 4, RFC 3810 5: an IP header, and what holds the Router Alert option. */
static const struct {
	enum protocol proto;
	size_t header;
	struct ip all_systems, all_routers, all_v3_routers;
} families[NFAMILIES] = {
	[V4] = { PROTO_IGMP,
		 20 + 4,
		 { { [10] = 0xff, 0xff, 224, 0, 0, 1 } },
		 { { [10] = 0xff, 0xff, 224, 0, 0, 2 } },
		 { { [10] = 0xff, 0xff, 224, 0, 0, 22 } } },
	[V6] = { PROTO_ICMPV6,
		 40 + 8,
		 { { 0xff, 2, [15] = 1 } },
		 { { 0xff, 2, [15] = 2 } },
		 { { 0xff, 2, [15] = 0x16 } } },
};

/* Internetwork control (RFC 3376 4). */
#define TOS 0xc0

enum gm_bad gm_decode(enum af af, const void *data, size_t len, struct arena *arena,
		      struct gm_message *m)
{
	return (af == V4 ? igmp_decode : mld_decode)(data, len, arena, m);
}

size_t gm_encode(enum af af, const struct gm_message *m, struct gm_place *at, void *data,
		 size_t size)
{
	struct wr w = wr_init(data, size < UINT16_MAX ? size : UINT16_MAX);
	struct gm_place next = *at;

	at->end |= m->type == GM_REPORT_V3 && !m->nrecords;
	if (at->end)
		return 0;
	(af == V4 ? igmp_encode : mld_encode)(&w, m, &next);
	if (w.full)
		return 0;
	*at = next;
	return wr_len(&w);
}

size_t gm_room(enum af af, unsigned mtu)
{
	return mtu > families[af].header ? mtu - families[af].header : 0;
}

struct ip gm_all_systems(enum af af)
{
	return families[af].all_systems;
}

struct ip gm_destination(enum af af, const struct gm_message *m)
{
	switch (m->type) {
	case GM_QUERY:
		return ip_is_any(m->group) ? families[af].all_systems : m->group;
	case GM_LEAVE:
		return families[af].all_routers;
	case GM_REPORT_V3:
		return families[af].all_v3_routers;
	default:
		return m->group;
	}
}

struct packet gm_packet(enum af af, const struct gm_message *m, const void *data, size_t len)
{
	return (struct packet){
		.proto = families[af].proto,
		.slot = NOSLOT,
		.ttl = 1,
		.tos = TOS,
		.router_alert = true,
		.src = ip_any(af),
		.dst = gm_destination(af, m),
		.data = data,
		.len = len,
	};
}
