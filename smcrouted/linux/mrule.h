/* mrule.h - policy rules, which lead packets into a multicast routing table */
#ifndef SMCKIT_MRULE_H
#define SMCKIT_MRULE_H

#include "linux/linux.h"

/* Warns if no rule makes packets of a family that we have be looked up in our table (-t). */
void mrule_check(struct linux_kern *k);

#endif
