/* sock.h - sockets for either family: addresses, options, filters */
#ifndef SMCKIT_SOCK_H
#define SMCKIT_SOCK_H

#include <sys/socket.h>

#include "lib/ip.h"

/* AF_INET or AF_INET6, and the level of its socket options. */
int sock_domain(enum af af);
int sock_level(enum af af);

/* The address as the kernel takes it; @ifindex is the scope of link-local ones. */
socklen_t sock_addr(struct sockaddr_storage *sa, struct ip ip, unsigned ifindex);

void sock_port(struct sockaddr_storage *sa, uint16_t port);

/* The other way round, for an address of family @af. */
struct ip sock_ip(enum af af, const struct sockaddr_storage *sa);

/* A non-blocking descriptor that exec closes; -1 with errno set. */
int sock_open(enum af af, int type, int protocol);

/* An option that is a number; 0, or -1 with errno set. */
int sock_set(int fd, int level, int option, int value);

/* A receive buffer of @bytes, if we may beyond what the system allows by default. */
void sock_rcvbuf(int fd, int bytes);

/* How many messages found the receive buffer full since it was opened. */
uint32_t sock_drops(int fd);

/* Lets nothing through to the socket: it only sends. */
int sock_deafen(int fd);

/* Of what comes in: an IPv4 mroute socket's upcalls pass in any case. */
enum sock_part { SOCK_ALL, SOCK_UPCALLS, SOCK_REGISTERS, SOCK_NO_REGISTERS };

/*
 * Lets through that part of what comes in by one of the devices, SOCK_MAXDEVICES at most; by any,
 * if @ifindex is NULL. Of a VRF, packets come in by the device of that. 0, or -1 with errno set.
 */
#define SOCK_MAXDEVICES 128
int sock_hear(int fd, enum af af, enum sock_part part, const unsigned *ifindex, unsigned n);

/* The membership of any source in a group on a device; 0, or -1 with errno set. */
int sock_join(int fd, unsigned ifindex, struct ip group);

/* The device an IPv4 message came in by, from IP_PKTINFO; 0 if that is not there. */
unsigned sock_arrival(struct msghdr *msg);

#endif
