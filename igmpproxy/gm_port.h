/* gm_port.h - an interface where listeners are asked and heard */
#ifndef SMCKIT_GM_PORT_H
#define SMCKIT_GM_PORT_H

#include "gm_engine.h"

/* Not running, with the defaults. */
struct gm_port *gm_port_new(struct gm *gm, unsigned slot);

/* Leaves no timer and no byte, and tells nothing. */
void gm_port_free(struct gm_port *p);

/*
 * What follows from the words of `phyint` and from the interface. NULL: the port is not wanted any
 * more, and is empty when its groups are settled.
 */
void gm_port_derive(struct gm_port *p, const struct gm_port_fields *fields,
		    const struct iface *iface);

/* Of whatever is listened for there. */
void gm_port_hear(struct gm_port *p, const struct packet *packet);

#endif
