/* datagram.h - a modelled data packet as bytes: IP and UDP, and what the simulator knows it by */
#ifndef SMCKIT_SIM_DATAGRAM_H
#define SMCKIT_SIM_DATAGRAM_H

#include "sim/kern.h"

/*
 * Bytes of the packet: those that it says it has, or as many as it takes to tell its id, its length
 * and where it passed.
 */
size_t datagram_size(const struct sim_packet *packet);

/* Writes all of them, with right checksums. */
void datagram_write(const struct sim_packet *packet, uint8_t *to);

/*
 * False if it is none of these packets, or one that a host on the way would drop; then @packet has
 * no more than the addresses, if there are any.
 */
bool datagram_read(const void *data, size_t len, struct sim_packet *packet);

#endif
