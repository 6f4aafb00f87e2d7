/* steps.h - what the steps of test/sim/kernel are carried out on: the model, or the real kernel */
#ifndef SMCKIT_SIM_STEPS_H
#define SMCKIT_SIM_STEPS_H

#include "sim/kern.h"

#define MAXDEVICES 40

/* The tunnel's device, which is not there at first. */
#define STEPS_TUN MAXDEVICES

/* What a packet can have; the least is for what tells them apart. */
#define STEPS_MINLEN 100
#define STEPS_MAXLEN 1500

/* Any parent, for steps_ops.del. */
#define STEPS_ANY NOVIF

/* A copy of a packet that came out of a device. */
struct steps_out {
	unsigned dev;
	uint8_t ttl;
	uint64_t id;
};

struct steps_upcall {
	enum upcall_kind kind;
	struct sg sg;
	unsigned vif;
};

enum steps_link { LINK_ADD, LINK_DEL, LINK_UP, LINK_DOWN, LINK_RENAME, LINK_PLUG, LINK_UNPLUG };

enum steps_news_kind { NEWS_UP, NEWS_DOWN, NEWS_GONE, NEWS_HAS, NEWS_LOST };

/* What a router is told of a device, or of an address there. */
struct steps_news {
	enum steps_news_kind kind;
	unsigned dev;
	struct ip address;
};

enum steps_address { ADDRESS_ADD, ADDRESS_DUPLICATE, ADDRESS_DEL };

struct backend;

/* Devices are numbers. Calls that answer text answer NULL or why it was refused. */
struct steps_ops {
	void (*close)(struct backend *b);
	const char *(*vif_add)(struct backend *b, unsigned vif, unsigned dev);
	const char *(*vif_del)(struct backend *b, unsigned vif);

	/* @proxy: keyed by the parent too. */
	const char *(*set)(struct backend *b, const struct mfc_entry *entry, bool proxy);
	const char *(*del)(struct backend *b, struct sg sg, unsigned parent);
	bool (*counters)(struct backend *b, struct sg sg, struct counters *counters);
	void (*link)(struct backend *b, enum steps_link what, unsigned dev, const char *name);

	/* So many upcalls may wait. */
	void (*limit)(struct backend *b, unsigned n);
	void (*packet)(struct backend *b, unsigned dev, const struct sim_packet *packet);

	/* The next of what happened by now; false: no more. */
	bool (*upcall)(struct backend *b, struct steps_upcall *upcall);
	bool (*out)(struct backend *b, struct steps_out *out);
	void (*wait)(struct backend *b, unsigned ms);

	/* From the first call on, the next news; after some seconds, if need be. False: no more. */
	bool (*news)(struct backend *b, struct steps_news *news, bool wait);

	/* Of link scope or of a prefix; one that is a duplicate is a neighbor's too. */
	void (*address)(struct backend *b, enum steps_address what, unsigned dev, struct ip ip);

	/* Sends a packet to a group of the link. */
	const char *(*send)(struct backend *b, unsigned dev, struct ip src);
};

struct backend {
	const struct steps_ops *op;
	enum af af;
};

/* Of an address that a device is given. */
static inline struct prefix steps_prefix(struct ip ip)
{
	return (struct prefix){ ip, ip_family(ip) == V4 ? 24 : 64 };
}

/* How long duplicate address detection takes: one to two seconds on a real kernel. */
#define STEPS_DAD 1500

/* News come within that time. */
#define STEPS_NEWS_TIME SEC(4)

/* A table of that family, and that many devices, r0 and on, all of them up. */
struct backend *model_open(enum af af, unsigned ndevices);

/* The same in a network namespace of its own; ends the program when it cannot be made. */
struct backend *real_open(enum af af, unsigned ndevices);

/* Hundreds of random steps on both; true if there was no difference. */
bool random_run(enum af af, uint64_t seed);

#endif
