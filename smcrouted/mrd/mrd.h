/* mrd.h - the engine of multicast router discovery */
#ifndef SMCKIT_MRD_H
#define SMCKIT_MRD_H

#include "lib/module.h"

/* Seconds between Advertisements (RFC 4286 3.1.1). */
#define MRD_INTERVAL 20
#define MRD_MIN_INTERVAL 4
#define MRD_MAX_INTERVAL 180

extern const struct module mrd_module;

#endif
