/* attr.h - attributes of the kernel's netlink messages, by their number */
#ifndef SMCKIT_ATTR_H
#define SMCKIT_ATTR_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "lib/util.h"

/* Of a route, which has numbers as high as all others that are looked at. */
struct attrs {
	const struct nlattr *attr[RTA_MAX + 1];
};

/* For mnl_attr_parse(), with a zeroed struct attrs; the last of a number counts. */
static inline int attr_keep(const struct nlattr *attr, void *data)
{
	struct attrs *attrs = data;

	if (mnl_attr_get_type(attr) < NELEMS(attrs->attr))
		attrs->attr[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

/* The number in it; if it is NULL, or no number of 32 bits, @otherwise. */
static inline uint32_t attr_u32(const struct nlattr *attr, uint32_t otherwise)
{
	if (!attr || mnl_attr_get_payload_len(attr) != sizeof(uint32_t))
		return otherwise;
	return mnl_attr_get_u32(attr);
}

#endif
