/* igmp_fuzz.c - messages of IGMP: as they are, and with the checksum that they should have */
#include "fuzz/gm.h"
#include "lib/cksum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy;
	uint16_t sum;

	read_message(V4, data, len);
	if (len < 4)
		return 0;
	copy = fuzz_copy(data, len);
	copy[2] = copy[3] = 0;
	sum = cksum_end(cksum_add(0, copy, len));
	copy[2] = sum >> 8;
	copy[3] = sum;
	read_message(V4, copy, len);
	free(copy);
	return 0;
}
