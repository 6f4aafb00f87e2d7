/* config.h - what igmpproxy.conf says, in the grammar of smcroute.conf */
#ifndef SMCKIT_IGMPPROXY_CONFIG_H
#define SMCKIT_IGMPPROXY_CONFIG_H

#include "lib/translation.h"

/* The name of the one proxy that such a file describes. */
#define IGMPPROXY_NAME "igmpproxy"

/*
 * Translates a whole file; what is wrong with it are lines too. Without an error, what comes of
 * it is never refused for its grammar.
 */
void igmpproxy_translate(struct translation *t, const char *text, size_t len);

/* The USER or USER:GROUP that it wants the process to be, to be freed; NULL if it says nothing. */
char *igmpproxy_user(const char *text, size_t len);

#endif
