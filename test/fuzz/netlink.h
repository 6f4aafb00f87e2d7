/* netlink.h - what libmnl may be given of an input, for the targets that read netlink messages */
#ifndef SMCKIT_FUZZ_NETLINK_H
#define SMCKIT_FUZZ_NETLINK_H

#include <libmnl/libmnl.h>

#include "fuzz/fuzz.h"

/*
 * How many bytes of the input are whole messages, with the padding that the kernel sends along. Of
 * others libmnl leaves out those that are cut off, but it reads the padding, and takes lengths
 * from 2^31 for negative ones.
 */
static inline size_t fuzz_messages(const void *data, size_t len)
{
	size_t at = 0;
	struct nlmsghdr nlh;

	while (len - at >= sizeof(nlh)) {
		memcpy(&nlh, (const char *)data + at, sizeof(nlh));
		if (nlh.nlmsg_len < sizeof(nlh) || nlh.nlmsg_len > len - at ||
		    MNL_ALIGN(nlh.nlmsg_len) > len - at)
			break;
		at += MNL_ALIGN(nlh.nlmsg_len);
	}
	return at;
}

#endif
