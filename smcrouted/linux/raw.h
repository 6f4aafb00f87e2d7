/* raw.h - protocol packets: IGMP, MLD, PIM, UDP */
#ifndef SMCKIT_RAW_H
#define SMCKIT_RAW_H

#include "linux/linux.h"

struct raw *raw_new(struct linux_kern *k);
void raw_free(struct raw *raw);

/* As kern_ops.listen; LISTEN_DATA is nothing to do here. */
const char *raw_listen(struct raw *raw, enum af af, unsigned ifindex, enum listen_what what,
		       bool on);

/*
 * The socket that Registers of PIM wait in while that is listened to, -1 if it was not yet. It may
 * be one of a former process, which goes on hearing as it did until the router has started, and is
 * read once it is wanted. If it is not, it is dropped then; false if none was.
 */
int raw_registers(const struct raw *raw, enum af af);
void raw_inherit_registers(struct raw *raw, enum af af, int fd);
bool raw_started(struct raw *raw, enum af af);

/* The device is gone: nothing is listened to there any more. */
void raw_link_gone(struct raw *raw, unsigned ifindex);

/*
 * The device has IPv6 again, or still: one whose MTU was too short for it for a while has lost what
 * was joined there.
 */
void raw_link_renewed(struct raw *raw, unsigned ifindex);

/* As kern_ops.send. */
enum send_result raw_send(struct raw *raw, enum af af, unsigned ifindex,
			  const struct packet *packet, unsigned *mtu);

/* An IGMP packet that came in on the IPv4 mroute socket, with its IP header. */
void raw_igmp(struct raw *raw, unsigned ifindex, const uint8_t *packet, size_t len);

#endif
