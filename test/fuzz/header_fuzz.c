/* header_fuzz.c - packets of other hosts and what the kernel says beside them
 *
 * The input is an IPv4 packet, a header of IPv6 options, and ancillary data of an IPv6 packet.
 */
#include "linux/header.c"
#include "linux/sock.h"

#include "fuzz/fuzz.h"

static void read_packet(const char *copy, size_t len)
{
	struct packet packet;
	const char *data;

	if (!header_ip4(rd_init(copy, len), &packet))
		return;
	data = packet.data;
	MUST(data >= copy + 20 && data + packet.len <= copy + len);
	MUST(ip_family(packet.src) == V4 && ip_family(packet.dst) == V4);
}

/* How much of it the kernel could have said: each piece ends where all does, or before. */
static size_t fuzz_control(const void *copy, size_t len)
{
	struct cmsghdr c;
	size_t at = 0;

	while (at < len && len - at >= sizeof(c)) {
		memcpy(&c, (const char *)copy + at, sizeof(c));
		if (c.cmsg_len < sizeof(c) || c.cmsg_len > len - at)
			break;
		at += CMSG_ALIGN(c.cmsg_len);
	}
	return at < len ? at : len;
}

static void read_beside(void *copy, size_t len)
{
	struct msghdr msg = { .msg_control = copy, .msg_controllen = fuzz_control(copy, len) };
	struct packet packet = { .dst = ip_any(V6) };

	header_beside6(&msg, &packet);
	sock_arrival(&msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void *copy = fuzz_copy(data, len);

	read_packet(copy, len);
	has_alert6(rd_init(copy, len));
	read_beside(copy, len);
	free(copy);
	return 0;
}
