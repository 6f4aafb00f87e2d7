/* config_iface.h - interfaces as igmpproxy.conf describes them, and what comes of them */
#ifndef SMCKIT_IGMPPROXY_CONFIG_IFACE_H
#define SMCKIT_IGMPPROXY_CONFIG_IFACE_H

#include "lib/ifname.h"
#include "lib/ip.h"
#include "lib/translation.h"

enum conf_role { DISABLED, DOWNSTREAM, UPSTREAM, UPDOWNSTREAM };
enum conf_list { ALTNET, WHITELIST, BLACKLIST };

/* One network of a list. */
struct conf_net {
	struct conf_net *next;
	struct origin from;
	enum conf_list list;
	struct prefix net;
};

struct conf_iface {
	struct conf_iface *next;
	struct origin from;
	char name[IFNAME_SIZE];
	enum conf_role role;
	bool ignored;	       /* its name is wrong, or another one of the name holds */
	bool labelled;	       /* it is an address of the interface, eth0:1 */
	bool untracked;	       /* quickleave is not for it */
	struct buf words;      /* owned; what our `phyint` is to say of it */
	struct conf_net *nets; /* owned; in the order of the file, as the last that matches holds */
	struct conf_net **last;
};

struct conf_ifaces {
	struct conf_iface *others; /* owned, all; those that are not named, in front of the named */
	struct conf_iface **last;
	bool quickleave, proxylocalmc;
};

void conf_begin(struct conf_ifaces *all);
void conf_free(struct conf_ifaces *all);

/* One more, which begins as those that are not named. */
struct conf_iface *conf_add(struct conf_ifaces *all, const char *name, struct origin from);

/* The one of that name that holds so far, or NULL. */
struct conf_iface *conf_find(const struct conf_ifaces *all, const char *name);

/* A network of one of its lists, whose host bits are 0. */
void conf_add_net(struct conf_iface *i, enum conf_list list, struct prefix net, struct origin from);

/* The groups within a network; false if there are none. */
bool conf_groups(const struct prefix *net, struct prefix *groups);

/* How many there are; one that is to be both is an upstream. */
unsigned conf_upstreams(const struct conf_ifaces *all);
unsigned conf_downstreams(const struct conf_ifaces *all);

/* The lines for all of them. Without an upstream or a downstream, there is no proxy. */
void conf_translate(const struct conf_ifaces *all, struct translation *t);

#endif
