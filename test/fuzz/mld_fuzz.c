/* mld_fuzz.c - messages of MLD */
#include "fuzz/gm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void *copy = fuzz_copy(data, len);

	read_message(V6, copy, len);
	free(copy);
	return 0;
}
