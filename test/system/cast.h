/* cast.h - the words of gmcast and pimcast, and what both are told of how to send */
#ifndef SMCKIT_SYSTEM_CAST_H
#define SMCKIT_SYSTEM_CAST_H

#include "lib/module.h"

/* Ends the program: a word is wrong. */
_Noreturn void cast_usage(const char *word);

/* The next word, which must be there; as it is, as a number, as bytes: how many there are. */
const char *cast_next(char ***arg);
unsigned cast_number(char ***arg);
size_t cast_hex(char ***arg, uint8_t *data, size_t room);

struct cast {
	const char *ifname;
	enum af af; /* of the last address that was said */
	struct ip from, to;
	bool has_from, has_to, has_mac, badsum, asis;
	uint8_t mac[8];
	unsigned cut, count, rate, groups;
	uint32_t mangle;
};

struct ip cast_address(struct cast *c, char ***arg);

/* from, to, mac, badsum, asis, cut, count, rate, groups, mangle; false if it is none of these. */
bool cast_read(struct cast *c, const char *word, char ***arg);

/* Writes the checksum of a message, in its third and fourth byte, as it is to be. */
void cast_checksum(const struct cast *c, const struct packet *p, uint8_t *data, size_t len);

#endif
