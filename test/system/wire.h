/* wire.h - packets of system tests as they are on a link: sent below the kernel's IP, and heard */
#ifndef SMCKIT_SYSTEM_WIRE_H
#define SMCKIT_SYSTEM_WIRE_H

#include <time.h>

#include "lib/module.h"

/* Ends the program, with errno's text. */
_Noreturn void fail(const char *what);

/* The device's first address of the family; of IPv6 that of its link. 0.0.0.0 if there is none. */
struct ip wire_address(const char *ifname, enum af af);

/* The address that many behind it. */
struct ip wire_advance(struct ip ip, uint32_t by);

/*
 * Sends the packet, whose header says what it says: to @mac, if it is not NULL, or to where groups
 * are on a link. To one address without @mac it goes the way that the kernel finds.
 */
void wire_send(const char *ifname, const uint8_t *mac, const struct packet *p);

/* When message number @i of @rate in a second is due, it returns. */
void wire_pace(const struct timespec *start, unsigned i, double rate);

/* Changes some bytes, as @seed has it, which moves on. */
void wire_mangle(uint32_t *seed, uint8_t *data, size_t len);

/* Prints the beginning of a packet's line: SECONDS SOURCE > DESTINATION ttl N */
void wire_print(const struct timespec *at, const struct packet *p);

/*
 * Says "hearing", then calls @heard for each packet that passes the device, with the kernel's time,
 * until killed. What is sent to oneself passes no wire.
 */
_Noreturn void wire_hear(const char *ifname, void (*heard)(const struct timespec *at, enum af af,
							   const struct packet *p));

#endif
