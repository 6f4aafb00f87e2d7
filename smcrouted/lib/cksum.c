/* cksum.c - the Internet checksum (RFC 1071) */
#include "cksum.h"

static uint32_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

uint32_t cksum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t total = sum;

	for (; len > 1; p += 2, len -= 2)
		total += p[0] << 8 | p[1];
	if (len)
		total += p[0] << 8;
	return fold(total);
}

uint32_t cksum_add_pseudo6(uint32_t sum, struct ip src, struct ip dst, uint32_t len, uint8_t proto)
{
	sum = cksum_add(sum, src.b, sizeof(src.b));
	sum = cksum_add(sum, dst.b, sizeof(dst.b));
	return fold((uint64_t)sum + (len >> 16) + (len & 0xffff) + proto);
}

uint16_t cksum_end(uint32_t sum)
{
	return ~fold(sum);
}
