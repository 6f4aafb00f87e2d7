/* rival.h - which process may have the multicast routing that cannot be had */
#ifndef SMCKIT_RIVAL_H
#define SMCKIT_RIVAL_H

#include "lib/buf.h"
#include "lib/ip.h"

/*
 * Appends ": NAME (process PID)", or ": one of" several such, of other processes that have the kind
 * of socket that multicast routing takes, in this network. Nothing if none is to be seen, and no
 * more than can be found in a moment.
 */
void rival_name(enum af af, struct buf *text);

#endif
