/* header.h - headers of protocol packets, as the kernel gives and takes them */
#ifndef SMCKIT_HEADER_H
#define SMCKIT_HEADER_H

#include <stdalign.h>
#include <sys/socket.h>

#include "lib/cursor.h"
#include "lib/module.h"

/* RFC 791 3.1; *packet is meaningless unless this returns true. */
bool header_ip4(struct rd r, struct packet *packet);

/* What is behind the header of UDP; false if that is not right. */
bool header_udp(struct packet *packet);

/* What the kernel says beside an IPv6 packet; the device, 0 if it does not. */
unsigned header_beside6(struct msghdr *msg, struct packet *packet);

/* Ancillary data to be sent along. */
struct control {
	alignas(struct cmsghdr) char data[256];
	size_t len;
};

/* What the header is to be: of a packet that leaves by the device, if not 0, from @src. */
void control_make(struct control *c, enum af af, unsigned ifindex, struct ip src,
		  const struct packet *packet);

#endif
