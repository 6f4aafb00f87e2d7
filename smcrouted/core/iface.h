/* iface.h - the system's devices, the slots that name interfaces, and vifs on demand
 *
 * A slot is given to a name when an engine first uses it, whether the device exists or not, and
 * freed when nobody names it any more. A vif is taken for a slot while somebody needs it.
 */
#ifndef SMCKIT_IFACE_H
#define SMCKIT_IFACE_H

#include <libite/queue.h>

#include "core/kern.h"
#include "core/phyint.h"

struct link;
struct router;

/* A device of the system. */
struct device {
	TAILQ_ENTRY(device) link; /* ascending by index */
	unsigned ifindex;
	char name[IFNAME_SIZE];
	bool up, multicast, loopback, ptp;
	unsigned mtu;
	struct prefix *address[NFAMILIES]; /* owned; the oldest first */
	unsigned naddresses[NFAMILIES];
	bool seen, is_moved;	     /* by the listing in progress; an address has another place */
	unsigned nlisted[NFAMILIES]; /* addresses that it named */
	uint8_t slot;		     /* NOSLOT if nobody uses it */
};

enum vif_state {
	VIF_NONE,
	VIF_LIVE,
	VIF_LEAVING, /* entries are being rewritten without it; then it goes */
};

struct slot_vif {
	unsigned need; /* wishes that name the slot */
	uint8_t number;
	uint8_t state;	     /* enum vif_state */
	unsigned ifindex;    /* of the device that the vif was made of */
	const char *refused; /* why there is no vif; NULL if none was refused */
};

struct slot {
	char name[IFNAME_SIZE]; /* empty: the slot is free */
	struct device *device;	/* NULL while there is none of that name */
	unsigned epoch;		/* as in struct iface */
	struct slot_vif vif[NFAMILIES];
	struct phyint_core phyint; /* what the configuration says of it */
};

struct ifaces {
	TAILQ_HEAD(devices, device) devices;
	struct slot slot[MAXSLOTS];
	struct phyints phyints;			 /* owned */
	uint8_t slot_of_vif[NFAMILIES][MAXVIFS]; /* NOSLOT: the number is free */
	struct ifset patterns;			 /* the slots whose names are patterns */
	struct log_limit too_many;		 /* for them */
	unsigned next_vif[NFAMILIES];
	unsigned epochs;		   /* that were given */
	struct ifset inherited[NFAMILIES]; /* vifs held over a restart until they are wanted */
	bool listing;			   /* of devices and addresses, anew */
	bool changed;			   /* vifs may have to be made or taken back */
	bool sweep;			   /* slots may have fallen out of use */
};

void iface_init(struct ifaces *ifs);

/* Frees devices; vifs must have gone. */
void iface_free(struct ifaces *ifs);

/* The name's slot, given now if it has none; -1 if all are in use. */
int iface_slot(struct router *r, const char *name);

/* As in host_ops. */
struct ifset iface_present(const struct ifaces *ifs);
struct ifset iface_expand(const struct ifaces *ifs, struct ifset set);
struct ifset iface_named_by(const struct ifaces *ifs, unsigned slot);

struct device *iface_device(struct router *r, unsigned ifindex);

/* The slot that the vif stands for, NOSLOT if it is none of ours or on its way out. */
unsigned iface_of_vif(struct router *r, enum af af, unsigned vif);

/* The number of the slot's live vif, NOVIF if it has none. */
static inline unsigned iface_vif(const struct ifaces *ifs, enum af af, unsigned slot)
{
	const struct slot_vif *v;

	if (slot >= MAXSLOTS)
		return NOVIF;
	v = &ifs->slot[slot].vif[af];
	return v->state == VIF_LIVE ? v->number : NOVIF;
}

/* One wish more or less names the slot: the first takes a vif, after the last it is given back. */
void iface_need(struct router *r, enum af af, unsigned slot, int change);

/* If the slot was refused a vif, the client whose request is at work is told. */
void iface_tell_refused(struct router *r, enum af af, unsigned slot);

/* What an engine of that family is told about the slot's interface. */
struct iface iface_describe(const struct router *r, enum af af, unsigned slot);

/* Takes over what the configuration says of names, in the place of what it said before. */
void iface_configure(struct router *r, struct phyints *phyints);

/* Vifs that a former process made stay only if somebody needs them by now. */
void iface_release_inherited(struct router *r, enum af af);

/* Makes the vifs that are needed and can be had. */
void iface_make_vifs(struct router *r);

/* Takes back the vifs that no entry names any more. */
void iface_drop_vifs(struct router *r);

/* Frees slots that nobody names. */
void iface_sweep(struct router *r);

#endif
