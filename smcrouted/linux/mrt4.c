/* mrt4.c - the IPv4 multicast forwarding cache: socket options and upcalls of linux/mroute.h */
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/mroute.h>
#include <linux/rtnetlink.h>

#include "linux/mrt_af.h"
#include "linux/sock.h"

static struct in_addr in_addr(struct ip ip)
{
	struct in_addr addr;

	memcpy(&addr, ip_wire(&ip, V4), sizeof(addr));
	return addr;
}

/* IGMP comes in here too, and only this says where. */
static int prepare(int fd)
{
	return sock_set(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

/* A message has the shape of an IP header, whose protocol is 0 in upcalls. */
static enum mrt_message read_message(const uint8_t *message, size_t len, struct mrt_upcall *upcall)
{
	struct igmpmsg msg;

	if (len < sizeof(msg))
		return MRT_BAD;
	memcpy(&msg, message, sizeof(msg));
	if (msg.im_mbz)
		return MRT_PACKET;

	switch (msg.im_msgtype) {
	case IGMPMSG_NOCACHE:
		upcall->kind = UPCALL_NOROUTE;
		break;
	case IGMPMSG_WRONGVIF:
		upcall->kind = UPCALL_WRONGIF;
		break;
	default:
		return MRT_OTHER;
	}
	upcall->vif = msg.im_vif | msg.im_vif_hi << 8;
	upcall->sg = (struct sg){ ip_from_wire(V4, &msg.im_src), ip_from_wire(V4, &msg.im_dst) };
	return MRT_UPCALL;
}

static int vif_add(int fd, unsigned vif, unsigned ifindex)
{
	struct vifctl vc = {
		.vifc_vifi = vif,
		.vifc_flags = VIFF_USE_IFINDEX,
		.vifc_threshold = 1,
		.vifc_lcl_ifindex = ifindex,
	};

	return setsockopt(fd, IPPROTO_IP, MRT_ADD_VIF, &vc, sizeof(vc));
}

static int vif_del(int fd, unsigned vif)
{
	struct vifctl vc = { .vifc_vifi = vif };

	return setsockopt(fd, IPPROTO_IP, MRT_DEL_VIF, &vc, sizeof(vc));
}

static bool vif_exists(int fd, unsigned vif)
{
	struct sioc_vif_req req = { .vifi = vif };

	return !ioctl(fd, SIOCGETVIFCNT, &req);
}

static int set(int fd, const struct mfc_entry *entry)
{
	struct mfcctl mc = {
		.mfcc_origin = in_addr(entry->sg.src),
		.mfcc_mcastgrp = in_addr(entry->sg.grp),
		.mfcc_parent = entry->parent,
	};

	memcpy(mc.mfcc_ttls, entry->ttl, sizeof(mc.mfcc_ttls));
	return setsockopt(fd, IPPROTO_IP,
			  ip_is_any(entry->sg.src) ? MRT_ADD_MFC_PROXY : MRT_ADD_MFC, &mc,
			  sizeof(mc));
}

static int del(int fd, struct sg sg, unsigned parent)
{
	struct mfcctl mc = {
		.mfcc_origin = in_addr(sg.src),
		.mfcc_mcastgrp = in_addr(sg.grp),
		.mfcc_parent = parent,
	};

	return setsockopt(fd, IPPROTO_IP,
			  names_parent(sg, parent) ? MRT_DEL_MFC_PROXY : MRT_DEL_MFC, &mc,
			  sizeof(mc));
}

static int counters(int fd, struct sg sg, struct counters *c)
{
	struct sioc_sg_req req = { .src = in_addr(sg.src), .grp = in_addr(sg.grp) };

	if (ioctl(fd, SIOCGETSGCNT, &req))
		return -1;
	*c = (struct counters){ req.pktcnt, req.bytecnt, req.wrong_if };
	return 0;
}

const struct mrt_family mrt4 = {
	.protocol = IPPROTO_IGMP,
	.level = IPPROTO_IP,
	.set_table = MRT_TABLE,
	.init = MRT_INIT,
	.pim = MRT_PIM,
	.assert = MRT_ASSERT,
	.dump_family = RTNL_FAMILY_IPMR,
	.default_table = RT_TABLE_DEFAULT,
	.prepare = prepare,
	.read = read_message,
	.vif_add = vif_add,
	.vif_del = vif_del,
	.vif_exists = vif_exists,
	.set = set,
	.del = del,
	.counters = counters,
};
