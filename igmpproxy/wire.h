/* wire.h - what IGMPv3 and MLDv2 have in common: codes, source lists, records
 *
 * From the group of a query and from the header of a report on, both families put the same on the
 * wire, but for the size of an address (RFC 3376 4.1, 4.2; RFC 3810 5.1, 5.2). For igmp.c and
 * mld.c; host.c asks for wire_is_group() alone.
 */
#ifndef SMCKIT_GM_WIRE_H
#define SMCKIT_GM_WIRE_H

#include "lib/arena.h"
#include "lib/cursor.h"
#include "codec.h"

/* Bits of mantissa in a code of 8 bits and in one of 16, behind which stand 3 of exponent. */
enum { CODE8 = 4, CODE16 = 12 };

/* RFC 3376 4.1.1, 4.1.7; RFC 3810 5.1.3, 5.1.9 */
uint32_t wire_code_value(unsigned code, unsigned mantissa);

/* RFC 3376 8.8: the code of the value, or of the next lower that has one. */
unsigned wire_code(int64_t value, unsigned mantissa);

/* Whether listeners may report the group: neither all of them are in it, nor is it of one node. */
bool wire_is_group(enum af af, struct ip group);

/* The next address, which may be of the other family: mapped. That is no error of the cursor. */
struct ip wire_ip(struct rd *r, enum af af);

/* The group of a query, which all versions have; a message that is too short has none, or any. */
enum gm_bad wire_decode_group(struct rd *r, enum af af, struct gm_message *m);

/* What is behind the group of a v3 query, m->group. */
enum gm_bad wire_decode_query(struct rd *r, enum af af, struct arena *arena, struct gm_message *m);

/* The v3 report behind its checksum. */
enum gm_bad wire_decode_report(struct rd *r, enum af af, struct arena *arena, struct gm_message *m);

/*
 * They write the same from @at on, where something must be left, and move @at behind what there
 * was room for; the cursor is full if that was nothing.
 */
void wire_encode_query(struct wr *w, enum af af, const struct gm_message *m, struct gm_place *at);
void wire_encode_report(struct wr *w, enum af af, const struct gm_message *m, struct gm_place *at);

#endif
