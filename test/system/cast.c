/* cast.c - the words of gmcast and pimcast, and what both are told of how to send */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cast.h"
#include "lib/cksum.h"
#include "lib/cursor.h"
#include "lib/util.h"

void cast_usage(const char *word)
{
	fprintf(stderr, "%s: %s: see the head of its source for the words\n",
		program_invocation_short_name, word);
	exit(2);
}

const char *cast_next(char ***arg)
{
	const char *word = **arg;

	if (!word)
		cast_usage("too few");
	++*arg;
	return word;
}

unsigned cast_number(char ***arg)
{
	return strtoul(cast_next(arg), NULL, 0);
}

size_t cast_hex(char ***arg, uint8_t *data, size_t room)
{
	const char *word = cast_next(arg);
	unsigned byte;
	size_t len = 0;

	for (; len < room && sscanf(word, "%2x", &byte) == 1; word += 2)
		data[len++] = byte;
	return len;
}

struct ip cast_address(struct cast *c, char ***arg)
{
	const char *word = cast_next(arg);
	struct ip ip;

	if (!ip_parse(word, &ip))
		cast_usage(word);
	c->af = ip_family(ip);
	return ip;
}

bool cast_read(struct cast *c, const char *word, char ***arg)
{
	const struct {
		const char *name;
		unsigned *value;
	} numbers[] = {
		{ "cut", &c->cut },	  { "count", &c->count },   { "rate", &c->rate },
		{ "groups", &c->groups }, { "mangle", &c->mangle },
	};

	for (unsigned i = 0; i < NELEMS(numbers); i++) {
		if (!strcmp(word, numbers[i].name)) {
			*numbers[i].value = cast_number(arg);
			return true;
		}
	}
	if (!strcmp(word, "from")) {
		c->from = cast_address(c, arg);
		c->has_from = true;
	} else if (!strcmp(word, "to")) {
		c->to = cast_address(c, arg);
		c->has_to = true;
	} else if (!strcmp(word, "mac")) {
		c->has_mac = sscanf(cast_next(arg), "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &c->mac[0],
				    &c->mac[1], &c->mac[2], &c->mac[3], &c->mac[4],
				    &c->mac[5]) == 6;
	} else if (!strcmp(word, "badsum")) {
		c->badsum = true;
	} else if (!strcmp(word, "asis")) {
		c->asis = true;
	} else {
		return false;
	}
	return true;
}

void cast_checksum(const struct cast *c, const struct packet *p, uint8_t *data, size_t len)
{
	struct wr at = wr_init(data + 2, 2);
	uint32_t sum = 0;

	if (len < 4 || c->asis)
		return;
	data[2] = data[3] = 0;
	if (c->af == V6)
		sum = cksum_add_pseudo6(0, p->src, p->dst, len, p->proto);
	wr_u16(&at, cksum_end(cksum_add(sum, data, len)) ^ (c->badsum ? 0x5555 : 0));
}
