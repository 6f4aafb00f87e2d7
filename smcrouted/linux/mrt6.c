/* mrt6.c - the IPv6 multicast forwarding cache: socket options and upcalls of linux/mroute6.h */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/icmp6.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/mroute6.h>
#include <linux/rtnetlink.h>

#include "linux/mrt_af.h"
#include "linux/sock.h"

static struct sockaddr_in6 sockaddr(struct ip ip)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	memcpy(&sin6.sin6_addr, ip_wire(&ip, V6), sizeof(sin6.sin6_addr));
	return sin6;
}

/* Upcalls pass whatever the filter says; MLD is read from another socket. */
static int prepare(int fd)
{
	struct icmp6_filter nothing;

	ICMP6_FILTER_SETBLOCKALL(&nothing);
	return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &nothing, sizeof(nothing));
}

/* What stands behind the header of an upcall without a packet is not initialised. */
static enum mrt_message read_message(const uint8_t *message, size_t len, struct mrt_upcall *upcall)
{
	struct mrt6msg msg;

	if (len < sizeof(msg))
		return MRT_BAD;
	memcpy(&msg, message, sizeof(msg));
	if (msg.im6_mbz)
		return MRT_BAD;

	switch (msg.im6_msgtype) {
	case MRT6MSG_NOCACHE:
		upcall->kind = UPCALL_NOROUTE;
		break;
	case MRT6MSG_WRONGMIF:
		upcall->kind = UPCALL_WRONGIF;
		break;
	default:
		return MRT_OTHER;
	}
	upcall->vif = msg.im6_mif;
	upcall->sg = (struct sg){ ip_from_wire(V6, &msg.im6_src), ip_from_wire(V6, &msg.im6_dst) };
	return MRT_UPCALL;
}

static int vif_add(int fd, unsigned vif, unsigned ifindex)
{
	struct mif6ctl mc = { .mif6c_mifi = vif, .vifc_threshold = 1, .mif6c_pifi = ifindex };

	/* That field has 16 bits, and cutting the number would make it another device. */
	if (mc.mif6c_pifi != ifindex) {
		errno = EOVERFLOW;
		return -1;
	}
	return setsockopt(fd, IPPROTO_IPV6, MRT6_ADD_MIF, &mc, sizeof(mc));
}

static int vif_del(int fd, unsigned vif)
{
	mifi_t mif = vif;

	return setsockopt(fd, IPPROTO_IPV6, MRT6_DEL_MIF, &mif, sizeof(mif));
}

static bool vif_exists(int fd, unsigned vif)
{
	struct sioc_mif_req6 req = { .mifi = vif };

	return !ioctl(fd, SIOCGETMIFCNT_IN6, &req);
}

static int set(int fd, const struct mfc_entry *entry)
{
	struct mf6cctl mc = {
		.mf6cc_origin = sockaddr(entry->sg.src),
		.mf6cc_mcastgrp = sockaddr(entry->sg.grp),
		.mf6cc_parent = entry->parent,
	};

	/* IF_SET() shifts an int into its sign */
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		if (entry->ttl[vif])
			mc.mf6cc_ifset.ifs_bits[vif / NIFBITS] |= UINT32_C(1) << vif % NIFBITS;
	}
	return setsockopt(fd, IPPROTO_IPV6,
			  ip_is_any(entry->sg.src) ? MRT6_ADD_MFC_PROXY : MRT6_ADD_MFC, &mc,
			  sizeof(mc));
}

static int del(int fd, struct sg sg, unsigned parent)
{
	struct mf6cctl mc = {
		.mf6cc_origin = sockaddr(sg.src),
		.mf6cc_mcastgrp = sockaddr(sg.grp),
		.mf6cc_parent = parent,
	};

	return setsockopt(fd, IPPROTO_IPV6,
			  names_parent(sg, parent) ? MRT6_DEL_MFC_PROXY : MRT6_DEL_MFC, &mc,
			  sizeof(mc));
}

static int counters(int fd, struct sg sg, struct counters *c)
{
	struct sioc_sg_req6 req = { .src = sockaddr(sg.src), .grp = sockaddr(sg.grp) };

	if (ioctl(fd, SIOCGETSGCNT_IN6, &req))
		return -1;
	*c = (struct counters){ req.pktcnt, req.bytecnt, req.wrong_if };
	return 0;
}

const struct mrt_family mrt6 = {
	.protocol = IPPROTO_ICMPV6,
	.level = IPPROTO_IPV6,
	.set_table = MRT6_TABLE,
	.init = MRT6_INIT,
	.pim = MRT6_PIM,
	.assert = MRT6_ASSERT,
	.dump_family = RTNL_FAMILY_IP6MR,
	.default_table = RT_TABLE_MAIN,
	.prepare = prepare,
	.read = read_message,
	.vif_add = vif_add,
	.vif_del = vif_del,
	.vif_exists = vif_exists,
	.set = set,
	.del = del,
	.counters = counters,
};
