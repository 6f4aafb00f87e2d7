/* mrule_fuzz.c - the kernel's listing of policy rules for multicast routing
 *
 * The input is what one read of the socket gives, any number of messages.
 */
#include "linux/mrule.c"

#include "fuzz/netlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint32_t tables[] = { 100, 253, 1000 };
	void *copy;

	len = fuzz_messages(data, len);
	copy = fuzz_copy(data, len);
	for (unsigned i = 0; i < NELEMS(tables); i++) {
		struct rules r = { .table = tables[i] };

		mnl_cb_run(copy, len, 0, 0, look_at_rule, &r);
		MUST(len || !r.leads);
	}
	free(copy);
	return 0;
}
