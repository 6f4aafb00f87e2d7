/* kern_state.h - the inside of the modelled kernel, for the files of kern.h */
#ifndef SMCKIT_SIM_KERN_STATE_H
#define SMCKIT_SIM_KERN_STATE_H

#include "sim/member.h"
#include "sim/mroute.h"
#include "sim/route.h"

struct address {
	TAILQ_ENTRY(address) link;
	struct prefix prefix;
	bool is_tentative; /* duplicate address detection has not passed it, or found it twice */
	struct timer dad;
	struct device *device; /* not ours */
};

struct device {
	RB_ENTRY(device) node;
	struct link link; /* its name is the one below */
	char name[16];
	struct sim_kern *kern; /* not ours */
	bool has_ipv6;	       /* it was up since it was last set down */
	TAILQ_HEAD(, address) addresses;
	uint8_t listens[NFAMILIES]; /* bits by enum listen_what */
};

struct file {
	TAILQ_ENTRY(file) link;
	char *name, *text;
};

/* An upcall on its way, or news of a device. */
struct upcall_waiting {
	TAILQ_ENTRY(upcall_waiting) link;
	enum af af;
	enum upcall_kind kind;
	struct sg sg;
	unsigned vif;
};

struct news {
	TAILQ_ENTRY(news) link;
	enum { NEWS_LINK, NEWS_GONE, NEWS_ADDRESS, NEWS_ROUTES } kind;
	enum af af;
	struct link device;
	char name[16];
	struct prefix address;
	bool on;
};

/* A packet in the tunnel, on its way to the router. */
struct tunnelled {
	TAILQ_ENTRY(tunnelled) link;
	struct sim_packet packet;
};

struct tunnel {
	unsigned ifindex, last; /* 0: there is none; that of the one before */
	bool is_claimed;	/* by the process at work */
	unsigned nwaiting;
	TAILQ_HEAD(, tunnelled) waiting;
};

struct refusal {
	const char *reason;
	unsigned count;
};

RB_HEAD(device_tree, device);
RB_PROTOTYPE(device_tree, device, node, device_cmp)

/* A table and the way back from it. */
struct table {
	struct mroute mroute;
	struct sim_kern *kern;
	unsigned nwaiting;
};

struct sim_state {
	struct table table[NFAMILIES];
	struct device_tree devices;
	struct members members;
	struct routes routes[NFAMILIES];
	struct tunnel tunnel;
	TAILQ_HEAD(, file) files; /* by name */
	TAILQ_HEAD(, upcall_waiting) upcalls;
	TAILQ_HEAD(, news) news;
	unsigned nnews;
	bool overrun; /* news were lost */
	TAILQ_HEAD(, sim_sent) sent;
	struct refusal refusal[SIM_NCALLS];
	struct timer soon; /* what arose in a call of the router's */
	struct sim_kern *kern;
	bool delivering;
};

static inline struct mroute *kern_mroute(const struct sim_kern *k, enum af af)
{
	return &k->state->table[af].mroute;
}

static inline struct counters kern_counters(const struct mfc *c)
{
	return (struct counters){
		.packets = c->packets - c->wrong,
		.bytes = c->bytes,
		.wrong = c->wrong,
	};
}

/* kern_tell.c */

/* After something happened: the router hears of it now, unless it is to wait or at it already. */
void kern_happened(struct sim_kern *k);

/* The same from within a call of the router: once that is over. kern_soon() is the timer's. */
void kern_tell_soon(struct sim_kern *k);
void kern_soon(struct timer *timer);

void kern_report(struct sim_kern *k, const struct news *news);
void kern_forget_news(struct sim_state *s);

/* What a router may forward; linux/tun.c keeps the rest from either side. */
bool tunnel_takes(struct sg sg);

/* Takes what is next out of the tunnel; NULL: it is empty. */
struct tunnelled *tunnel_take(struct tunnel *t);

/* For struct mroute. */
void kern_out(struct mroute *m, unsigned ifindex, const struct sim_packet *packet);
bool kern_upcall(struct mroute *m, enum upcall_kind kind, struct sg sg, unsigned vif);

/* kern_device.c */
struct device *device_find(const struct sim_kern *k, unsigned ifindex);
void device_free(struct sim_kern *k, struct device *d);

/* The device's address, tentative or not; NULL: it has no such. */
const struct address *device_address(const struct device *d, struct ip ip);

/* As sim_link() and sim_link_gone(), but the router hears of it later. */
void device_set(struct sim_kern *k, const struct link *link);
void device_gone(struct sim_kern *k, unsigned ifindex);

/* Makes the device of the tunnel. */
void tunnel_begin(struct sim_kern *k);

#endif
