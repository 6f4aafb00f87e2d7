/* mrd_fuzz.c - messages of multicast router discovery: what is read, and read again when written
 *
 * The input is what is behind the IP header, of either family.
 */
#include "fuzz/fuzz.h"
#include "mrd/message.h"

static bool is_same(const struct mrd_message *a, const struct mrd_message *b)
{
	return a->type == b->type && a->interval == b->interval &&
	       a->query_interval == b->query_interval && a->robustness == b->robustness;
}

static void read_message(enum af af, const void *copy, size_t len)
{
	struct packet packet = {
		.src = af == V4 ? ip_v4(0x0a000001) : (struct ip){ { 0xfe, 0x80, [15] = 1 } },
		.dst = mrd_all_snoopers(af),
		.data = copy,
		.len = len,
	};
	struct mrd_message m, again;
	uint8_t wire[MRD_SIZE];

	mrd_is_sound(&packet);
	if (!mrd_decode(af, copy, len, &m))
		return;
	packet.len = mrd_encode(af, packet.src, packet.dst, &m, wire, sizeof(wire));
	packet.data = wire;
	MUST(packet.len && packet.len <= len && mrd_is_sound(&packet));
	MUST(mrd_decode(af, wire, packet.len, &again) && is_same(&m, &again));
	MUST(!mrd_decode(af, wire, packet.len - 1, &again));
	MUST(!mrd_encode(af, packet.src, packet.dst, &m, wire, packet.len - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void *copy = fuzz_copy(data, len);

	read_message(V4, copy, len);
	read_message(V6, copy, len);
	free(copy);
	return 0;
}
