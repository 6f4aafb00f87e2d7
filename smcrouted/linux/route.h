/* route.h - unicast routes: the kernel is asked for each address, and its news are hints */
#ifndef SMCKIT_ROUTE_H
#define SMCKIT_ROUTE_H

#include "linux/linux.h"

/* Follows changes, as hints to the router. NULL and *routes set, or why not. */
const char *routes_open(struct linux_kern *k, struct routes **routes);
void routes_close(struct routes *rs);

/* As kern_ops.route. */
bool routes_find(struct routes *rs, enum af af, struct ip ip, struct kern_route *route);

#endif
