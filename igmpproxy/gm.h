/* gm.h - the engine of IGMP and MLD, routers' side: who listens on our links */
#ifndef SMCKIT_GM_H
#define SMCKIT_GM_H

#include "lib/module.h"

extern const struct module gm_module;

#endif
