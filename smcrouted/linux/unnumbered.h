/* unnumbered.h - IPv4 packets of an interface without an address, from 0.0.0.0 */
#ifndef SMCKIT_UNNUMBERED_H
#define SMCKIT_UNNUMBERED_H

#include "lib/module.h"

/* Bytes of an IPv4 option that asks routers to look (RFC 2113). */
#define ROUTER_ALERT4_LEN 4
extern const uint8_t router_alert4[ROUTER_ALERT4_LEN];

/*
 * Sends what goes to a group from 0.0.0.0. *fd is the socket for it, opened when it is -1, and the
 * caller's to close. 0, or the error: EMSGSIZE if it is too long for the device.
 */
int unnumbered_send(int *fd, unsigned ifindex, bool ethernet, const struct packet *packet);

#endif
