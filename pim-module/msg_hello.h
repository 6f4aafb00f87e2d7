/* msg_hello.h - Hello: what a router says of itself on a link */
#ifndef SMCKIT_PIM_MSG_HELLO_H
#define SMCKIT_PIM_MSG_HELLO_H

#include "msg.h"

/* Default_Hello_Holdtime (RFC 7761 4.11) in ms, for one who does not say it. */
#define MSG_HELLO_HOLDTIME 105000

/*
 * RFC 7761 4.9.2, RFC 3973 4.7.5.4, RFC 5015 3.7.4. @secondary are in the order in which they
 * came; the sender's own address is not among them, nor is one that nobody can have.
 */
struct msg_hello {
	int64_t holdtime; /* ms; 0: it is going; MSG_FOREVER */
	bool has_lan_delay;
	bool no_suppression;	    /* T bit: it can do without suppression of Joins */
	uint16_t propagation_delay; /* ms, 15 bits */
	uint16_t override_interval; /* ms */
	bool has_dr_priority;
	uint32_t dr_priority;
	bool has_genid;
	uint32_t genid;
	bool has_refresh;	  /* can do State Refresh */
	uint8_t refresh_interval; /* s */
	bool bidir;
	const struct ip *secondary; /* not ours */
	unsigned nsecondary;
};

/*
 * Options that are unknown are skipped, as are bytes behind the value of one that is known
 * (RFC 7761 4.9.2). Of several options of a kind the last one holds. @secondary is the arena's.
 */
enum msg_bad msg_hello_decode(struct msg_rd *r, struct arena *arena, struct msg_hello *hello);

/*
 * The length, 0 if there is no room for it. Of secondary addresses there are as many as fit: one
 * link of that MTU has to take all of a Hello in one packet.
 */
size_t msg_hello_encode(const struct msg_ends *ends, const struct msg_hello *hello, void *data,
			size_t size);

#endif
