/* bridge_fuzz.c - what the kernel says of a device that may be a bridge
 *
 * The input is what one read of the socket gives, any number of messages.
 */
#include "linux/bridge.c"

#include "fuzz/netlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct about about = { 0 };
	void *copy;

	len = fuzz_messages(data, len);
	copy = fuzz_copy(data, len);
	mnl_cb_run(copy, len, 0, 0, read_device, &about);
	MUST(!about.lower || (about.is_upon && !about.is_foreign));
	free(copy);
	return 0;
}
