/* engine.h - an instance of the engine of multicast router discovery: what its files share */
#ifndef SMCKIT_MRD_ENGINE_H
#define SMCKIT_MRD_ENGINE_H

#include "lib/module.h"

/* What `phyint` says of an interface. */
struct mrd_settings {
	bool on;
	int64_t interval;	  /* AdvertisementInterval */
	int64_t initial_interval; /* MaxInitialAdvertisementInterval */
	uint8_t initial;	  /* MaxInitialAdvertisements */
	uint8_t rate;		  /* MaxMessageRate */
};

enum port_state {
	PORT_OFF,	 /* not configured, or not any more */
	PORT_ABSENT,	 /* there is no such interface */
	PORT_DISABLED,	 /* multicast routing does not use it */
	PORT_UNSUITABLE, /* it does no multicast */
	PORT_DOWN,
	PORT_NO_ADDRESS, /* to send from */
	PORT_INITIAL,	 /* the first Advertisements */
	PORT_PERIODIC,
};

/* Why a Solicitation was not heard. */
enum port_drop {
	DROP_LENGTH,
	DROP_CHECKSUM,
	DROP_DESTINATION,
	DROP_TTL,
	DROP_ALERT,
	DROP_SOURCE,
	NDROPS
};

/* An interface where Advertisements are sent, or will be. */
struct port {
	struct mrd *mrd; /* not ours */
	uint8_t slot;
	enum port_state state;
	struct mrd_settings settings;
	struct ip src;
	unsigned epoch;	    /* of the interface */
	struct timer timer; /* to the next Advertisement; running in the last two states */
	unsigned initial;   /* Advertisements left of the initial ones */
	bool announced;	    /* one was sent that no Termination took back */
	uint64_t advertisements, terminations, failed;
	uint64_t solicitations, dropped[NDROPS];
};

struct mrd {
	struct engine engine; /* first */

	struct port *port[MAXSLOTS]; /* owned; by slot, NULL: none */
	struct ifset named;	 /* that the configuration says something of, patterns as such */
	struct ifset changed;	 /* slots to be looked at */
	int64_t quiet[MAXSLOTS]; /* no Advertisement before */
	struct log_limit limit;
};

static inline struct mrd *mrd_of(struct engine *e)
{
	return container_of(e, struct mrd, engine);
}

static inline bool port_runs(const struct port *p)
{
	return p->state >= PORT_INITIAL;
}

const char *port_state_name(enum port_state state);

/* As struct command's show. */
bool mrd_show(struct show *s, struct engines engines);

#endif
