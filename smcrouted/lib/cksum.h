/* cksum.h - the Internet checksum (RFC 1071) */
#ifndef SMCKIT_CKSUM_H
#define SMCKIT_CKSUM_H

#include "ip.h"

/*
 * Adds @len bytes to a partial sum that starts at 0. Parts may be added one after another as
 * long as all but the last are of even length.
 */
uint32_t cksum_add(uint32_t sum, const void *data, size_t len);

/* Adds the IPv6 pseudo header (RFC 8200 8.1) for @len bytes of protocol @proto. */
uint32_t cksum_add_pseudo6(uint32_t sum, struct ip src, struct ip dst, uint32_t len, uint8_t proto);

/* The checksum of a sum in host byte order; 0 when the summed data held a right one. */
uint16_t cksum_end(uint32_t sum);

#endif
