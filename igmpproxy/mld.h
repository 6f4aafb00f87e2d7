/* mld.h - MLDv1 and v2 on the wire: what codec.c calls, and has the contract of */
#ifndef SMCKIT_GM_MLD_H
#define SMCKIT_GM_MLD_H

#include "lib/cursor.h"
#include "codec.h"

enum gm_bad mld_decode(const void *data, size_t len, struct arena *arena, struct gm_message *m);

/* The next message, of what must be left; the cursor is full if there is no room. */
void mld_encode(struct wr *w, const struct gm_message *m, struct gm_place *at);

#endif
