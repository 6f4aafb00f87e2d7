/* embedded.h - RPs that groups of IPv6 have within them (RFC 3956) */
#ifndef SMCKIT_PIM_EMBEDDED_H
#define SMCKIT_PIM_EMBEDDED_H

#include "pim.h"

/* Whether the group is of the form that has an RP within. Pure. */
bool embedded_has(struct ip group);

/* The RP within such a group; ip_any(V6) if its address is one that no RP has. Pure. */
struct ip embedded_in(struct ip group);

/* Whether the group has its RP within, and no other one whatever others say of it. */
bool embedded_is(const struct pim *pim, struct ip group);

/* That RP; ip_any(V6): it is not believed, or one too many. */
struct ip embedded_rp(const struct pim *pim, struct ip group);

/* The same, whether there is room for it or not; and whether there is. */
struct ip embedded_believed(const struct pim *pim, struct ip group);
bool embedded_has_room(const struct pim *pim, struct ip rp);

/* embedded_use.c */
void embedded_init(struct pim *pim);
void embedded_free(struct pim *pim);

/* An RP within a group is in use by the entry now, or no more. */
void embedded_settle(struct entry *e);

/* If there is no room for the RP within the group, who asks is to be told when there is. */
void embedded_wait(struct pim *pim, struct ip group);

/* The entry goes. */
void embedded_end(struct entry *e);

#endif
