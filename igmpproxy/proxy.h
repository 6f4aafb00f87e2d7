/* proxy.h - the engine of IGMP and MLD proxies (RFC 4605) */
#ifndef SMCKIT_GM_PROXY_H
#define SMCKIT_GM_PROXY_H

#include "lib/module.h"

extern const struct module proxy_module;

#endif
