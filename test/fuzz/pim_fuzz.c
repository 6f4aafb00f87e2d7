/* pim_fuzz.c - messages of PIM
 *
 * The input is the family, 4 or 6, and what is behind the IP header, whose checksum is put right.
 * What was read is sound, and what is written of it is read as the same.
 */
#include "fuzz/fuzz.h"
#include "lib/cksum.h"
#include "pim-module/msg_assert.h"
#include "pim-module/msg_bsr.h"
#include "pim-module/msg_df.h"
#include "pim-module/msg_hello.h"
#include "pim-module/msg_jp.h"
#include "pim-module/msg_refresh.h"
#include "pim-module/msg_register.h"

/* Room for what is written: a Null-Register can become longer than it was. */
#define ROOM 4096

static const struct ip routers[NFAMILIES] = { { { [10] = 0xff, 0xff, 10, 0, 0, 1 } },
					      { { 0xfe, 0x80, [15] = 1 } } };

static void must_be_host(enum af af, struct ip ip)
{
	MUST(ip_family(ip) == af && msg_is_host(ip));
}

static void must_be_host_or_any(enum af af, struct ip ip)
{
	MUST(ip_family(ip) == af && (ip_is_any(ip) || msg_is_host(ip)));
}

static void must_be_group(enum af af, struct ip ip)
{
	MUST(ip_family(ip) == af && msg_is_group(ip));
}

static void must_be_range(enum af af, const struct msg_range *range)
{
	MUST(ip_family(range->prefix.ip) == af && ip_is_multicast(range->prefix.ip));
	MUST(range->prefix.len <= af_bits(af));
	MUST(ip_eq(ip_mask(range->prefix.ip, range->prefix.len), range->prefix.ip));
}

static enum msg_bad hello(struct msg_rd *r, struct arena *arena, uint8_t *out, size_t *len)
{
	struct msg_hello m;
	enum msg_bad bad = msg_hello_decode(r, arena, &m);

	if (bad)
		return bad;
	MUST(m.holdtime >= 0 && m.propagation_delay < 1 << 15);
	for (unsigned i = 0; i < m.nsecondary; i++) {
		must_be_host(msg_af(&r->ends), m.secondary[i]);
		MUST(!ip_eq(m.secondary[i], r->ends.src));
	}
	*len = msg_hello_encode(&r->ends, &m, out, ROOM);
	return MSG_GOOD;
}

static enum msg_bad packets(struct msg_rd *r, uint8_t *out, size_t *len)
{
	struct msg_register m;
	enum msg_bad bad = msg_register_decode(r, &m);

	if (bad)
		return bad;
	must_be_host(msg_af(&r->ends), m.sg.src);
	must_be_group(msg_af(&r->ends), m.sg.grp);
	MUST(m.null == !m.data && m.null == !m.len);
	*len = msg_register_encode(&r->ends, &m, out, ROOM);
	return MSG_GOOD;
}

static enum msg_bad stop(struct msg_rd *r, uint8_t *out, size_t *len)
{
	struct msg_register_stop m;
	enum msg_bad bad = msg_register_stop_decode(r, &m);

	if (bad)
		return bad;
	must_be_host_or_any(msg_af(&r->ends), m.sg.src);
	must_be_group(msg_af(&r->ends), m.sg.grp);
	*len = msg_register_stop_encode(&r->ends, &m, out, ROOM);
	return MSG_GOOD;
}

static void must_be_entries(enum af af, const struct msg_jp_source *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (s[i].kind == JP_STAR_G)
			must_be_host_or_any(af, s[i].ip);
		else
			must_be_host(af, s[i].ip);
		MUST(!i || s[i - 1].kind < s[i].kind ||
		     (s[i - 1].kind == s[i].kind && ip_cmp(s[i - 1].ip, s[i].ip) < 0));
	}
}

/* In messages of little room: all of it is said, but for prunes that are cut. */
static void joins_in_parts(const struct msg_rd *r, const struct msg_jp *m, unsigned entries)
{
	struct msg_jp_place at = { 0 };
	unsigned said = 0;
	uint8_t out[120];
	size_t len;

	while ((len = msg_jp_encode(&r->ends, m, &at, out, sizeof(out)))) {
		struct arena arena = arena_init(MSG_ARENA);
		struct msg_rd again;
		struct msg_jp part;

		MUST(!msg_open(&r->ends, out, len, &again));
		MUST(!msg_jp_decode(&again, &arena, &part) && !part.skipped && part.ngroups);
		for (unsigned i = 0; i < part.ngroups; i++)
			said += part.group[i].njoins + part.group[i].nprunes;
		arena_free(&arena);
	}
	MUST(at.end && said + at.cut == entries);
}

static enum msg_bad joins(struct msg_rd *r, struct arena *arena, uint8_t *out, size_t *len)
{
	enum af af = msg_af(&r->ends);
	struct msg_jp_place at = { 0 };
	struct msg_jp m;
	enum msg_bad bad = msg_jp_decode(r, arena, &m);
	unsigned entries = 0;

	if (bad)
		return bad;
	MUST(m.holdtime >= 0 && ip_family(m.upstream) == af && !ip_is_multicast(m.upstream));
	for (unsigned i = 0; i < m.ngroups; i++) {
		must_be_group(af, m.group[i].group);
		must_be_entries(af, m.group[i].join, m.group[i].njoins);
		must_be_entries(af, m.group[i].prune, m.group[i].nprunes);
		entries += m.group[i].njoins + m.group[i].nprunes;
	}
	joins_in_parts(r, &m, entries);
	*len = msg_jp_encode(&r->ends, &m, &at, out, ROOM);
	MUST(at.end && !at.cut);
	return MSG_GOOD;
}

/* In fragments of little room: all RPs are there. */
static void bootstrap_in_parts(const struct msg_rd *r, const struct msg_bootstrap *m, unsigned rps)
{
	struct msg_bootstrap_place at = { 0 };
	unsigned said = 0;
	uint8_t out[110];
	size_t len;

	while ((len = msg_bootstrap_encode(&r->ends, m, &at, out, sizeof(out)))) {
		struct arena arena = arena_init(MSG_ARENA);
		struct msg_bootstrap part;
		struct msg_rd again;

		MUST(!msg_open(&r->ends, out, len, &again));
		MUST(!msg_bootstrap_decode(&again, &arena, &part));
		MUST(part.no_forward == m->no_forward && part.tag == m->tag);
		for (unsigned i = 0; i < part.nsets; i++)
			said += part.set[i].nrps;
		arena_free(&arena);
	}
	MUST(at.end && said == rps);
}

static enum msg_bad bootstrap(struct msg_rd *r, struct arena *arena, uint8_t *out, size_t *len)
{
	enum af af = msg_af(&r->ends);
	struct msg_bootstrap_place at = { 0 };
	struct msg_bootstrap m;
	enum msg_bad bad = msg_bootstrap_decode(r, arena, &m);
	unsigned rps = 0;

	if (bad)
		return bad;
	must_be_host(af, m.bsr);
	MUST(m.hash_len <= af_bits(af));
	for (unsigned i = 0; i < m.nsets; i++) {
		must_be_range(af, &m.set[i].range);
		MUST(m.set[i].nrps <= m.set[i].all);
		for (unsigned j = 0; j < m.set[i].nrps; j++)
			must_be_host(af, m.set[i].rp[j].ip);
		rps += m.set[i].nrps;
	}
	bootstrap_in_parts(r, &m, rps);
	*len = msg_bootstrap_encode(&r->ends, &m, &at, out, ROOM);
	MUST(at.end);
	return MSG_GOOD;
}

static enum msg_bad candidate(struct msg_rd *r, struct arena *arena, uint8_t *out, size_t *len)
{
	struct msg_candidate m;
	enum msg_bad bad = msg_candidate_decode(r, arena, &m);
	unsigned at = 0;

	if (bad)
		return bad;
	must_be_host(msg_af(&r->ends), m.rp);
	for (unsigned i = 0; i < m.nranges; i++)
		must_be_range(msg_af(&r->ends), &m.range[i]);
	*len = msg_candidate_encode(&r->ends, &m, &at, out, ROOM);
	MUST(at == m.nranges);
	return MSG_GOOD;
}

static enum msg_bad claim(struct msg_rd *r, uint8_t *out, size_t *len)
{
	struct msg_assert m;
	enum msg_bad bad = msg_assert_decode(r, &m);

	if (bad)
		return bad;
	must_be_host_or_any(msg_af(&r->ends), m.sg.src);
	must_be_group(msg_af(&r->ends), m.sg.grp);
	MUST(m.preference >> 31 == 0);
	*len = msg_assert_encode(&r->ends, &m, out, ROOM);
	return MSG_GOOD;
}

static enum msg_bad refresh(struct msg_rd *r, uint8_t *out, size_t *len)
{
	struct msg_refresh m;
	enum msg_bad bad = msg_refresh_decode(r, &m);

	if (bad)
		return bad;
	must_be_host(msg_af(&r->ends), m.sg.src);
	must_be_group(msg_af(&r->ends), m.sg.grp);
	must_be_host(msg_af(&r->ends), m.originator);
	MUST(m.mask_len <= af_bits(msg_af(&r->ends)));
	*len = msg_refresh_encode(&r->ends, &m, out, ROOM);
	return MSG_GOOD;
}

static enum msg_bad election(struct msg_rd *r, uint8_t *out, size_t *len)
{
	struct msg_df m;
	enum msg_bad bad = msg_df_decode(r, &m);

	if (bad)
		return bad;
	must_be_host(msg_af(&r->ends), m.rp);
	if (m.kind >= DF_BACKOFF)
		must_be_host(msg_af(&r->ends), m.other);
	*len = msg_df_encode(&r->ends, &m, out, ROOM);
	return MSG_GOOD;
}

/* Reads a message of any type, and writes what it says; its length, 0 if nothing is to be said. */
static enum msg_bad through(struct msg_rd *r, struct arena *arena, uint8_t *out, size_t *len)
{
	switch (r->type) {
	case MSG_HELLO:
		return hello(r, arena, out, len);
	case MSG_REGISTER:
		return packets(r, out, len);
	case MSG_REGISTER_STOP:
		return stop(r, out, len);
	case MSG_BOOTSTRAP:
		return bootstrap(r, arena, out, len);
	case MSG_ASSERT:
		return claim(r, out, len);
	case MSG_CANDIDATE_RP:
		return candidate(r, arena, out, len);
	case MSG_STATE_REFRESH:
		return refresh(r, out, len);
	case MSG_DF_ELECTION:
		return election(r, out, len);
	default:
		return joins(r, arena, out, len);
	}
}

/* From one router, to where such a message is sent. */
static struct msg_ends ends_of(enum af af, uint8_t first)
{
	static const uint16_t unicast = 1 << MSG_REGISTER | 1 << MSG_REGISTER_STOP |
					1 << MSG_GRAFT | 1 << MSG_CANDIDATE_RP;
	struct msg_ends ends = { routers[af], msg_all_routers(af) };

	if (unicast >> (first & 0xf) & 1) {
		ends.dst = routers[af];
		ends.dst.b[15]++;
	}
	return ends;
}

static void seal(const struct msg_ends *ends, uint8_t *p, size_t len)
{
	struct wr w = wr_init(p, len);

	if (len >= 4 && (p[0] & 0xf) == MSG_REGISTER && len < 8)
		return;
	if (len >= 4) {
		p[2] = p[3] = 0;
		w.p += len;
		msg_close(ends, &w);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena arena = arena_init(MSG_ARENA);
	size_t written = 0, again = 0;
	enum af af = len && data[0] == 6 ? V6 : V4;
	uint8_t *copy, out[2][ROOM];
	struct msg_ends ends;
	struct msg_rd r;

	if (len < 2 || len > ROOM)
		return 0;
	copy = fuzz_copy(data + 1, len - 1);
	ends = ends_of(af, copy[0]);
	msg_open(&ends, copy, len - 1, &r);
	seal(&ends, copy, len - 1);
	if (msg_open(&ends, copy, len - 1, &r) || through(&r, &arena, out[0], &written))
		goto end;
	if (!written)
		goto end;
	arena_reset(&arena);
	MUST(!msg_open(&ends, out[0], written, &r));
	MUST(!through(&r, &arena, out[1], &again));
	MUST(again == written);
	MUST(!memcmp(out[0], out[1], written));
end:
	free(copy);
	arena_free(&arena);
	return 0;
}
