/* pim_bed.h - a router with PIM over the modelled kernel, and all that it hears and says, as text
 *
 * The router has eth0 to eth3, whose numbers are 1 to 4, and listeners by IGMP and MLD. A test is
 * one for both families: it knows addresses by names, in configurations, routes and messages.
 *
 *	eth0.1		the router's on eth0: 10.0.0.1, fe80::1
 *	eth0.2		a neighbor's there: 10.0.0.2, fe80::2
 *	eth0.100	from 100 on, a host's there: 10.0.0.100, 2001:db8::64
 *	eth0/2		the secondary one: 10.1.0.2, 2001:db8::2; the router has eth0/1
 *	own		the router's on dummy0, where no PIM is: 10.7.0.1, 2001:db8:7::1
 *	s1 rp1		elsewhere: 10.9.0.1, 2001:db8:9::1; 10.8.0.1, 2001:db8:8::1
 *	g1 ssm1		groups: 239.1.0.1, ff0e::1:1; 232.1.0.1, ff3e::1:1
 *	all range1	ranges of groups: 224.0.0.0/4, ff00::/8; 225.1.0.0/16, ff0e:1::/32
 *	zone5		one of a scope: 238.5.0.0/16, ff05::/16
 *	zone5.1		one within: 238.5.1.0/24, ff05:1::/32
 *
 * Whatever goes wrong in here fails the test at work.
 */
#ifndef SMCKIT_SIM_PIM_BED_H
#define SMCKIT_SIM_PIM_BED_H

#include "pim-module/pim.h"
#include "sim/bed.h"

struct pim_bed {
	struct bed bed; /* first */
	enum af af;
	bool hellos;	    /* what is said has Hellos, too; may be set at any time */
	struct pim *pim;    /* not ours: the engine of the family, to look into */
	struct buf said;    /* owned; a line a message, to be taken */
	unsigned nsaid;	    /* lines ever */
	struct arena arena; /* owned */
	uint32_t genid[8];  /* that the router said last, by ifindex, and how many there were */
	unsigned ngenids[8];
	bool tunnelled; /* a copy went to the tunnel */
	bool holds;	/* messages and routes are one turn, until time goes on, be it by 0 ms */

	/* What else is to be done with a packet that is said; NULL: nothing. */
	void (*pass)(struct pim_bed *p, const struct packet *packet);
	void *arg;
};

/* Started; time stands still. @conf is behind `module pim`; NULL: eth0 to eth2 have PIM. */
struct pim_bed *pim_bed_new(enum af af, const char *conf);

/* Nothing is left of it. */
void pim_bed_free(struct pim_bed *p);

/* The same for both families: test(p) with such a router. */
void pim_bed_both(const char *conf, void (*test)(struct pim_bed *p));

/* That as a row of cmocka's table: PIM_TEST("PIM-27: a Hello everywhere", NULL, hello) */
struct pim_bed_case {
	const char *conf;
	void (*test)(struct pim_bed *p);
};

void pim_bed_test(void **state);

#define PIM_TEST(text, conf, test)                                     \
	{                                                              \
		text, pim_bed_test, NULL, NULL, &(struct pim_bed_case) \
		{                                                      \
			conf, test                                     \
		}                                                      \
	}

/* Another process goes on in the place of this one, as after an upgrade or a crash. */
void pim_bed_restart(struct pim_bed *p);

/* Another configuration; false if it is refused. */
bool pim_bed_try(struct pim_bed *p, const char *conf);

/* One that must not be refused. */
void pim_bed_reload(struct pim_bed *p, const char *conf);

/* Time goes on; whatever is due happens when it is. */
void pim_bed_run(struct pim_bed *p, int64_t ms);

/* The same until the router says something, @ms at most: how long that took. */
int64_t pim_bed_wait(struct pim_bed *p, int64_t ms);

/* The address of that name, and the name of an address, which lives until the call after next. */
struct ip pim_bed_ip(const struct pim_bed *p, const char *name);
const char *pim_bed_name(const struct pim_bed *p, struct ip ip);

/*
 * A Join/Prune of eth1.2 to us, of so many groups, all in one message; bed_work() is left to the
 * caller.
 */
#define PIM_BED_GROUPS 30
void pim_bed_hear_groups(struct pim_bed *p, const struct msg_jp_group *group, unsigned n,
			 int64_t holdtime);

/*
 * Unicast routing: the way to an address leads over these neighbors, with blanks between, or to
 * that interface ("eth1") itself. There is one route to an address of each metric.
 */
void pim_bed_route(struct pim_bed *p, const char *to, const char *via);
void pim_bed_route_as(struct pim_bed *p, const char *to, const char *via, unsigned preference,
		      unsigned metric);
void pim_bed_unroute(struct pim_bed *p, const char *to, unsigned metric);

/* What pim_bed_route() sets. */
#define PIM_BED_PREFERENCE 110
#define PIM_BED_METRIC 20

/* The interface's carrier, and addresses: "eth0.9". */
void pim_bed_link(struct pim_bed *p, const char *ifname, bool up);
void pim_bed_address(struct pim_bed *p, const char *ifname, const char *name, bool on);

/*
 * A message comes from that address, on its own link or, "rp1@eth0", on another one. Messages are
 * written as they are said (below), with arguments as of printf(). Where something is left out, it
 * is usual or absent: of Hellos it is "Hello holdtime 105 genid 0x3e8 priority 1 delay 500 override
 * 2500", with another genid for each node, but once anything is said of them but the holdtime, only
 * what is said is there.
 *
 *	Hello holdtime 105 genid 0x1 priority 1 delay 500 override 2500 no-suppression secondary A B
 *	Join/Prune to eth0.1 holdtime 210: J(*,g1) rp rp1 P(s1,g1,rpt) J(s2,g1)
 *	Assert (s1,g1) preference 110 metric 20		Assert (*,g1) rpt cancel
 *	Register to own (s1,g1) 100 bytes		Register to own (s1,g1) null
 *	Register-Stop to eth0/1 (s1,g1)
 *	Bootstrap bsr rp9 priority 64 tag 1 hash 30 [all rp1 192 holdtime 150 rp2 0]
 *	Bootstrap to eth0.1 bsr rp9 no-forward [zone5 zone] [range1 bidir rp1 192 of 2]
 *	Candidate-RP-Advertisement to own rp rp1 priority 192 holdtime 150 all range1 bidir
 *
 * "of 2": a fragment, in which not all of so many are.
 */
void pim_bed_hear(struct pim_bed *p, const char *from, const char *message, ...) PRINTF(3, 4);

/* The usual Hello. */
void pim_bed_hello(struct pim_bed *p, const char *from);

/* Any bytes behind the IP header, with any TTL; to all PIM routers, if there is no @to. */
void pim_bed_hear_bytes(struct pim_bed *p, const char *from, const char *to, unsigned ttl,
			const void *data, size_t len);

/*
 * What was said since the last time, a line each:
 *
 *	eth0 Join/Prune to eth0.2 holdtime 210: J(*,g1) rp rp1
 *	routed from eth1/1 Register to rp1 (eth1.100,g1) 100 bytes
 *
 * It lives until the next call. Genids are numbered, those of each interface from 1. "from"
 * is left out where it is the interface's first address, the TTL of what is routed if it is 64.
 */
const char *pim_bed_said(struct pim_bed *p);

#define assert_said(p, text) assert_string_equal(pim_bed_said(p), text)

/*
 * A host on the interface reports: it wants the source or, by "*", all; or no longer. Or all but
 * one.
 */
void pim_bed_join(struct pim_bed *p, const char *ifname, const char *source, const char *group);
void pim_bed_leave(struct pim_bed *p, const char *ifname, const char *source, const char *group);
void pim_bed_exclude(struct pim_bed *p, const char *ifname, const char *source, const char *group);

/* Data comes in there: where copies of it left, "eth1 eth2 pimreg". Lives until the next one. */
const char *pim_bed_data(struct pim_bed *p, const char *ifname, const char *source,
			 const char *group);

/* The kernel's entry: "eth0 > eth1 eth2"; "none". Lives until the next call. */
const char *pim_bed_entry(struct pim_bed *p, const char *source, const char *group);

#define assert_entry(p, source, group, text) \
	assert_string_equal(pim_bed_entry(p, source, group), text)

/*
 * The engine's state; NULL: none. @source is "*" for (*,G). It is in a file of its own, so its
 * functions cannot be called.
 */
struct pim_iface *pim_bed_iface(struct pim_bed *p, const char *ifname);
struct entry *pim_bed_find(struct pim_bed *p, const char *source, const char *group);
struct branch *pim_bed_branch(struct pim_bed *p, const char *source, const char *group,
			      const char *ifname);

#endif
