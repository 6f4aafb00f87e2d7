/* kern.h - the kernel as a simulated router has it: its multicast routing, modelled
 *
 * A second implementation of core/kern.h for both families, without a system call: time is the
 * struct clock that many kernels may share, and the same calls give the same result again. What
 * it does, the real kernel does: test/sim/kernel/ has the steps that are run on both. Beyond
 * core/kern.h there are the hands of the world (devices, packets, faults) and eyes for a checker.
 */
#ifndef SMCKIT_SIM_KERN_H
#define SMCKIT_SIM_KERN_H

#include "core/kern.h"
#include "core/router.h"

/* Packets kept for an unresolved (S,G), how long it lives, and a wrong-interface token's time. */
#define SIM_QUEUED 4
#define SIM_UNRESOLVED_TIME SEC(10)
#define SIM_WRONGIF_TIME SEC(3)

/* The number of the first TUNNEL_NAME; each one made again has the next. */
#define SIM_TUNNEL_IFINDEX 30001

struct sim_kern;
struct sim_state;

/* A data packet, as it arrives or leaves. */
struct sim_packet {
	enum af af;
	struct sg sg;
	uint8_t ttl;
	unsigned len; /* of the IP packet, for the byte counters */
	uint64_t id;  /* the owner's own, kept in every copy */
	uint8_t passed[32];
};

/* The calls of struct kern_ops that can be made to fail. */
enum sim_call {
	SIM_FAMILY,
	SIM_VIF_ADD,
	SIM_VIF_DEL,
	SIM_MFC_SET,
	SIM_MFC_DEL,
	SIM_COUNTERS,
	SIM_ROUTE,
	SIM_JOIN,
	SIM_LISTEN,
	SIM_TUNNEL,
	SIM_SEND,
	SIM_READ,
	SIM_MODULE,
	SIM_NCALLS
};

struct sim_kern {
	struct kern kern;	 /* &k->kern is what router_new() takes */
	struct clock *clock;	 /* not ours */
	struct sim_state *state; /* owned: the kernel's inside */

	/* Set by the owner at any time; all may be NULL. */
	struct router *router; /* who hears of devices, packets and upcalls */
	void (*out)(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet);
	void (*tunnelled)(struct sim_kern *k, struct sim_packet *copy); /* may be changed */
	void *arg;							/* the owner's own */
	const struct module *const *modules; /* that can be opened, NULL at the end */

	/*
	 * Takes what the router sends; without it, packets are kept in @sent. @data of @packet
	 * lives for the call only. @ifindex is 0 for a routed packet.
	 */
	enum send_result (*send)(struct sim_kern *k, enum af af, unsigned ifindex,
				 const struct packet *packet, unsigned *mtu);

	/*
	 * What changed in the tables: an entry, NULL if it is gone now; and what the engines
	 * together want of a group, INCLUDE of none if nothing. Must not call the model.
	 */
	void (*wrote)(struct sim_kern *k, enum af af, struct sg sg, const struct mfc_entry *entry);
	void (*member)(struct sim_kern *k, unsigned ifindex, const struct membership *m);

	/*
	 * False: the router hears of upcalls, devices and addresses at once, from within the call
	 * below that caused them; of what the router's own call caused, when the clock is advanced
	 * next. True: all of it waits for sim_deliver(), as for a busy daemon.
	 */
	bool hold;
	unsigned max_upcalls; /* that wait in a family's socket; more are lost */
	unsigned max_news;    /* that wait; more are an overrun */

	/*
	 * How long duplicate address detection takes, 0: there is none. Meanwhile an IPv6 address
	 * is not told and not to be sent from, and so it stays if @is_duplicate, unless NULL, says
	 * at the end that a neighbor has it.
	 */
	int64_t dad;
	bool (*is_duplicate)(struct sim_kern *k, unsigned ifindex, struct ip ip);

	/* For checkers to read, and to set back to 0. */
	unsigned long writes;	 /* vif_add, vif_del, mfc_set, mfc_del that were not refused */
	unsigned long noops;	 /* of these: entries set to what they were */
	unsigned long refused;	 /* calls of any kind that were answered by a reason */
	unsigned long lookups;	 /* calls of route() */
	unsigned long told;	 /* upcalls, news and packets out of the tunnel that it was given */
	unsigned long malformed; /* packets that it sent to the tunnel: no right datagrams */
	unsigned nreloading;	 /* calls of reloading() */
	unsigned nready;	 /* calls of ready(): a configuration came into force */
	unsigned nrefused;	 /* or did not */
	struct buf hooks;	 /* a line for each call of hook(), to be taken by the checker */
};

/* A kernel without devices and files. The clock must outlive it. */
struct sim_kern *sim_kern_new(struct clock *clock);
void sim_kern_free(struct sim_kern *k);

/*
 * A device, new or changed in any way; ifindexes are the caller's choice, from 1. Names are
 * copied. A device that went takes its vifs, memberships and listeners with it, but entries keep
 * its bits: the next device to be given such a vif inherits them. One that is set down loses its
 * IPv6 addresses, which sim_link() lets it keep; both lose routes, which one that has only lost its
 * carrier keeps.
 */
void sim_link(struct sim_kern *k, const struct link *link);
void sim_link_gone(struct sim_kern *k, unsigned ifindex);
void sim_link_down(struct sim_kern *k, unsigned ifindex);
void sim_carrier(struct sim_kern *k, unsigned ifindex, bool on);
void sim_address(struct sim_kern *k, unsigned ifindex, const struct prefix *address, bool on);

/*
 * The router's process is gone, and with it all that it had in the kernel: entries, packets that
 * wait for one, vifs, memberships, the tunnel, what it listened for, and what waited for it.
 */
void sim_process_gone(struct sim_kern *k);

/*
 * Another process goes on with the memberships and the tunnel of the one before, and listens
 * where it says itself; and what it did not ask for anew until then goes.
 */
void sim_inherit_members(struct sim_kern *k);
void sim_drop_unclaimed(struct sim_kern *k);

/* The usual device: up, multicast, MTU 1500. */
void sim_link_up(struct sim_kern *k, unsigned ifindex, const char *name);

/* Next hops that a modelled route can have. */
#define SIM_MAXHOPS 16

/* A unicast route, as another program sets it. Addresses make those to their own links. */
struct sim_route {
	struct prefix to;
	uint32_t metric;
	uint8_t preference;
	unsigned mtu;	/* 0: that of the links */
	unsigned nhops; /* 0: a blackhole */
	struct kern_hop hop[SIM_MAXHOPS];
};

/*
 * A route in the place of the one to the same prefix with the same metric, and its end. It needs
 * links that are up, and is forgotten when the last of them goes down. NULL, or why not.
 */
const char *sim_route_set(struct sim_kern *k, const struct sim_route *route);
void sim_route_del(struct sim_kern *k, struct prefix to, uint32_t metric);

/* As kern_ops.route, but for what sim_refuse() does to it. */
bool sim_route(const struct sim_kern *k, struct ip to, struct kern_route *route);

/* Tells the router all devices and addresses anew, as at its start or after lost news. */
void sim_resync(struct sim_kern *k);

/* The device of that number or NULL, and of that name or 0. */
const struct link *sim_link_find(const struct sim_kern *k, unsigned ifindex);
unsigned sim_link_index(const struct sim_kern *k, const char *name);

/*
 * A data packet arrives on the device. Each copy that is forwarded goes to k->out, one hop older,
 * from the highest vif to the lowest; at once, or when an entry resolves the packet. Those to the
 * tunnel go to the router, as bytes (datagram.h), by way of k->tunnelled.
 */
void sim_packet(struct sim_kern *k, unsigned ifindex, const struct sim_packet *packet);

/* A protocol packet arrives; true if the router listens there, and was given it. */
bool sim_receive(struct sim_kern *k, unsigned ifindex, const struct packet *packet);

/*
 * Gives the router what waits: first all upcalls, those included that arise meanwhile, then what
 * is in the tunnel, then the news of devices, each in their order. The number of all.
 * sim_upcalls() gives upcalls alone, at most @max of them.
 */
unsigned sim_deliver(struct sim_kern *k);
unsigned sim_upcalls(struct sim_kern *k, unsigned max);

/* Gives it the next packet out of the tunnel, the next news; false: there is none. */
bool sim_tunnelled(struct sim_kern *k);
bool sim_news(struct sim_kern *k);

/*
 * News were lost: those that wait, and that come until it is delivered to, are not told. Instead
 * the router is told all anew.
 */
void sim_overrun(struct sim_kern *k);

/* Upcalls that wait for the family. */
unsigned sim_upcalls_waiting(const struct sim_kern *k, enum af af);

/* (S,G) without an entry whose upcall was made, and whose packets wait. */
unsigned sim_unresolved(const struct sim_kern *k, enum af af);

/*
 * The next @count calls of that kind fail, @reason says why and must stay valid; UINT_MAX: until
 * another word, 0: no more. Of SIM_COUNTERS, SIM_ROUTE and SIM_SEND the reason is not seen.
 */
void sim_refuse(struct sim_kern *k, enum sim_call call, const char *reason, unsigned count);

/* A file that read() finds, in the place of an earlier one; without @text it is gone. */
void sim_file(struct sim_kern *k, const char *name, const char *text);

/* An entry of the kernel. Oifs whose vif is gone, or never was, have ifindex 0. */
struct sim_entry {
	struct sg sg;
	uint8_t parent;		  /* vif */
	uint8_t ttl[MAXVIFS];	  /* by vif, 0: not an outgoing interface */
	struct counters counters; /* as kern_ops.counters answers; bytes are of all packets */
	unsigned iif;		  /* ifindex of the parent */
	unsigned oif[MAXVIFS];	  /* ifindexes by vif, 0 where there is none */
};

/* The entry of that very key, the youngest if parents tell several apart; false: none. */
bool sim_entry(const struct sim_kern *k, enum af af, struct sg sg, struct sim_entry *entry);

/* Calls @each for each entry in order of group and source; the youngest of one key first. */
void sim_entries(const struct sim_kern *k, enum af af,
		 void (*each)(void *arg, const struct sim_entry *entry), void *arg);
unsigned sim_nentries(const struct sim_kern *k, enum af af);

/* Whether a packet of (S,G) that arrives on @iif now would be sent to @oif: by any entry. */
bool sim_forwards(const struct sim_kern *k, struct sg sg, unsigned iif, unsigned oif);

/* The device that a vif is, 0: none; and the vif that a device is, NOVIF: none. */
unsigned sim_vif(const struct sim_kern *k, enum af af, unsigned vif);
unsigned sim_vif_of(const struct sim_kern *k, enum af af, unsigned ifindex);

/*
 * What any program may do to the table: MRT_ADD_MFC and MRT_DEL_MFC, whose key is (S,G), and
 * MRT_ADD_MFC_PROXY and MRT_DEL_MFC_PROXY, whose key is (S,G) and the parent. kern_ops.mfc_set is
 * the latter for wildcards, else the former.
 */
const char *sim_plain_set(struct sim_kern *k, enum af af, const struct mfc_entry *entry);
const char *sim_plain_del(struct sim_kern *k, enum af af, struct sg sg);
const char *sim_proxy_set(struct sim_kern *k, enum af af, const struct mfc_entry *entry);
const char *sim_proxy_del(struct sim_kern *k, enum af af, struct sg sg, unsigned parent);

/*
 * The membership of one engine, and what the kernel makes of all engines' ones: that is what the
 * host side reports. NULL: none. Lives until the next call of either or the next change.
 */
const struct membership *sim_joined(struct sim_kern *k, unsigned who, unsigned ifindex,
				    struct ip group);
const struct membership *sim_member(struct sim_kern *k, unsigned ifindex, struct ip group);

/* Calls @each for each group that the device is a member of, in order, with the merged filter. */
void sim_members(struct sim_kern *k, unsigned ifindex, enum af af,
		 void (*each)(void *arg, const struct membership *m), void *arg);

bool sim_listens(const struct sim_kern *k, enum af af, unsigned ifindex, enum listen_what what);

/* What the router sent, oldest first, while there is no k->send. */
struct sim_sent {
	TAILQ_ENTRY(sim_sent) link;
	int64_t at;
	enum af af;
	unsigned ifindex;
	struct packet packet; /* with its data */
};

/* The oldest that was not taken yet, to be freed by free(); NULL: no more. */
struct sim_sent *sim_sent(struct sim_kern *k);

#endif
