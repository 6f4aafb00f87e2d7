/* static.h - the engine of configured routes and memberships */
#ifndef SMCKIT_STATIC_H
#define SMCKIT_STATIC_H

#include "lib/module.h"

extern const struct module static_module;

#endif
