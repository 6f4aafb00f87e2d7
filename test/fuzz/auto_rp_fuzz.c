/* auto_rp_fuzz.c - messages of Auto-RP: what is read is sound, and the same when it is written
 *
 * The input is what is behind the UDP header.
 */
#include "fuzz/fuzz.h"
#include "pim-module/msg_auto.h"

static bool is_same(const struct msg_auto *a, const struct msg_auto *b)
{
	bool same = a->type == b->type && a->holdtime == b->holdtime && a->nrps == b->nrps;

	for (unsigned i = 0; same && i < a->nrps; i++) {
		const struct msg_auto_rp *x = &a->rp[i], *y = &b->rp[i];

		same = ip_eq(x->ip, y->ip) && x->versions == y->versions &&
		       x->nranges == y->nranges;
		for (unsigned j = 0; same && j < x->nranges; j++)
			same = ip_eq(x->range[j].prefix.ip, y->range[j].prefix.ip) &&
			       x->range[j].prefix.len == y->range[j].prefix.len &&
			       x->range[j].negative == y->range[j].negative;
	}
	return same;
}

static void must_be_sound(const struct msg_auto *m)
{
	for (unsigned i = 0; i < m->nrps; i++) {
		MUST(msg_is_host(m->rp[i].ip) && ip_family(m->rp[i].ip) == V4);
		for (unsigned j = 0; j < m->rp[i].nranges; j++) {
			const struct prefix *range = &m->rp[i].range[j].prefix;

			MUST(ip_family(range->ip) == V4 && ip_is_multicast(range->ip));
			MUST(range->len >= 4 && range->len <= 32);
			MUST(ip_eq(ip_mask(range->ip, range->len), range->ip));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t wire[UINT16_MAX];
	struct arena arena = arena_init(MSG_ARENA), other = arena_init(MSG_ARENA);
	void *copy = fuzz_copy(data, len);
	struct msg_auto m, again;
	size_t n;

	if (msg_auto_decode(rd_init(copy, len), &arena, &m) == MSG_GOOD) {
		must_be_sound(&m);
		n = msg_auto_encode(&m, wire, sizeof(wire));
		MUST(n && n <= len);
		MUST(msg_auto_decode(rd_init(wire, n), &other, &again) == MSG_GOOD);
		MUST(is_same(&m, &again));
		MUST(!msg_auto_encode(&m, wire, n - 1));
	}
	free(copy);
	arena_free(&arena);
	arena_free(&other);
	return 0;
}
