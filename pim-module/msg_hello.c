/* msg_hello.c - Hello: what a router says of itself on a link */
#include "msg_hello.h"

enum {
	HOLDTIME = 1,
	LAN_PRUNE_DELAY = 2,
	DR_PRIORITY = 19,
	GENERATION_ID = 20,
	STATE_REFRESH = 21,
	BIDIR_CAPABLE = 22,
	ADDRESS_LIST = 24,
};

/* T bit of the LAN Prune Delay option; the version of State Refresh (RFC 3973 4.7.5.4). */
#define TBIT 0x8000
#define REFRESH_VERSION 1

/* Bytes before the value of an option. */
#define OPTION 4

/* RFC 7761 4.3.4: the sender's primary address is not expected among them, and left out. */
static void decode_addresses(struct msg_rd *v, struct arena *arena, struct msg_hello *hello)
{
	unsigned n = rd_left(&v->rd) / msg_unicast_size(V4);
	struct ip *list = arena_take(arena, n, sizeof(*list)), ip;

	hello->secondary = list;
	hello->nsecondary = 0;
	if (n && !list)
		msg_fail(v, MSG_BAD_MEMORY);
	while (rd_left(&v->rd)) {
		if (msg_rd_any_unicast(v, &ip) && msg_is_host(ip) && !ip_eq(ip, v->ends.src))
			list[hello->nsecondary++] = ip;
	}
}

static void decode_lan_delay(struct rd *v, struct msg_hello *hello)
{
	uint16_t delay = rd_u16(v);

	hello->has_lan_delay = true;
	hello->no_suppression = delay & TBIT;
	hello->propagation_delay = delay & ~TBIT;
	hello->override_interval = rd_u16(v);
}

/* RFC 3973 4.7.5.4; what a later version would say is unknown. */
static void decode_refresh(struct rd *v, struct msg_hello *hello)
{
	hello->has_refresh = rd_u8(v) == REFRESH_VERSION;
	hello->refresh_interval = hello->has_refresh ? rd_u8(v) : 0;
}

/* The value is a cursor of its own. */
static void decode_option(struct msg_rd *v, uint16_t type, struct arena *arena,
			  struct msg_hello *hello)
{
	switch (type) {
	case HOLDTIME:
		hello->holdtime = msg_rd_holdtime(&v->rd);
		break;
	case LAN_PRUNE_DELAY:
		decode_lan_delay(&v->rd, hello);
		break;
	case DR_PRIORITY:
		hello->has_dr_priority = true;
		hello->dr_priority = rd_u32(&v->rd);
		break;
	case GENERATION_ID:
		hello->has_genid = true;
		hello->genid = rd_u32(&v->rd);
		break;
	case STATE_REFRESH:
		decode_refresh(&v->rd, hello);
		break;
	case BIDIR_CAPABLE:
		hello->bidir = true;
		break;
	case ADDRESS_LIST:
		decode_addresses(v, arena, hello);
		break;
	}
}

enum msg_bad msg_hello_decode(struct msg_rd *r, struct arena *arena, struct msg_hello *hello)
{
	*hello = (struct msg_hello){ .holdtime = MSG_HELLO_HOLDTIME };
	while (rd_left(&r->rd)) {
		uint16_t type = rd_u16(&r->rd), len = rd_u16(&r->rd);
		struct msg_rd value = *r;

		value.rd = rd_sub(&r->rd, len);
		decode_option(&value, type, arena, hello);
		if (msg_end(&value))
			msg_fail(r, msg_end(&value));
	}
	return msg_end(r);
}

static void wr_option(struct wr *w, uint16_t type, uint16_t len)
{
	wr_u16(w, type);
	wr_u16(w, len);
}

static void encode_addresses(struct wr *w, enum af af, const struct msg_hello *hello)
{
	size_t size = msg_unicast_size(af), left = wr_left(w);
	unsigned room = left > OPTION ? (left - OPTION) / size : 0;
	unsigned n = hello->nsecondary < room ? hello->nsecondary : room;

	if (!n)
		return;
	wr_option(w, ADDRESS_LIST, n * size);
	for (unsigned i = 0; i < n; i++)
		msg_wr_unicast(w, hello->secondary[i]);
}

size_t msg_hello_encode(const struct msg_ends *ends, const struct msg_hello *hello, void *data,
			size_t size)
{
	struct wr w = msg_begin(MSG_HELLO, 0, data, size);

	wr_option(&w, HOLDTIME, 2);
	msg_wr_holdtime(&w, hello->holdtime);
	if (hello->has_lan_delay) {
		wr_option(&w, LAN_PRUNE_DELAY, 4);
		wr_u16(&w, (hello->no_suppression ? TBIT : 0) | (hello->propagation_delay & ~TBIT));
		wr_u16(&w, hello->override_interval);
	}
	if (hello->has_dr_priority) {
		wr_option(&w, DR_PRIORITY, 4);
		wr_u32(&w, hello->dr_priority);
	}
	if (hello->has_genid) {
		wr_option(&w, GENERATION_ID, 4);
		wr_u32(&w, hello->genid);
	}
	if (hello->has_refresh) {
		wr_option(&w, STATE_REFRESH, 4);
		wr_u8(&w, REFRESH_VERSION);
		wr_u8(&w, hello->refresh_interval);
		wr_u16(&w, 0);
	}
	if (hello->bidir)
		wr_option(&w, BIDIR_CAPABLE, 0);
	encode_addresses(&w, msg_af(ends), hello);
	return msg_close(ends, &w);
}
