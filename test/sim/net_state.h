/* net_state.h - what a network is made of, for the files of net.h
 *
 * The event queue is the clock of the network: packets under way are timers of it, and each node
 * has one there, to the next timer of its own clock. So a node is at work only when something
 * comes in or is due there, and all that it sends arrives later, in an event of its own.
 */
#ifndef SMCKIT_SIM_NET_STATE_H
#define SMCKIT_SIM_NET_STATE_H

#include <libite/queue.h>

#include "lib/arena.h"
#include "igmpproxy/host.h"
#include "sim/net.h"

/* Routers that one network can have: bits of struct sim_packet; and links, with bounds. */
#define NET_MAXROUTERS (8 * (int)sizeof(((struct sim_packet *)0)->passed))
#define NET_MAXLINKS 1024

struct net_link;
struct net_node;
struct net_host;
struct net_router;

/* A packet on its way: one of data, or one of a protocol with its bytes behind. */
struct net_frame {
	unsigned refs;
	bool control;
	struct sim_packet data;
	struct packet packet;
};

/* Where a node is on a link. */
struct net_port {
	TAILQ_ENTRY(net_port) on_link, on_node;
	struct net_link *link;	      /* not ours */
	struct net_node *node;	      /* not ours */
	unsigned number;	      /* on the link, from 1: the end of its addresses */
	unsigned ifindex;	      /* of a router */
	bool up;		      /* its carrier, as far as it is its own */
	bool apart;		      /* on the other side of a link that fell in two */
	bool upstream;		      /* packets go there unasked */
	int64_t last;		      /* when the last packet in order arrives */
	struct net_gm *gm[NFAMILIES]; /* owned: who reports memberships of the node */
	unsigned *carried;	      /* owned: packets sent in the time of a check, by stream */
	unsigned ncarried;
};

TAILQ_HEAD(net_ports, net_port);

struct net_link {
	TAILQ_ENTRY(net_link) link;
	char name[16];
	unsigned number; /* from 1 */
	struct net_quality quality;
	bool up;
	unsigned cost, mtu;
	struct net_ports ports; /* owned, by number */
	unsigned nports;
	unsigned long ncontrol, ndata;
	void *pcap;		   /* owned: FILE */
	struct net_copies *copies; /* owned: of net_bound.c */
	unsigned mark;
};

struct net_node {
	TAILQ_ENTRY(net_node) link;
	struct net *net; /* not ours */
	char name[16];
	struct clock clock;
	struct timer due; /* to the next timer of the clock */
	struct net_ports ports;
	struct net_router *router; /* what it is: one of these */
	struct net_host *host;
	unsigned mark;
};

/* The host side of IGMP or MLD of a node on a link. */
struct net_gm {
	struct net_port *port; /* not ours */
	struct gm_host host;
};

struct net_router {
	struct net_node node;
	unsigned number; /* from 0 */
	unsigned nports;
	struct rng rng;
	struct sim_kern *k;
	struct router *r; /* NULL: there is no process */
	struct log log;
	struct buf kept; /* what a process that crashed left to the next */
	bool inherits;
	int64_t died;
	struct timer unclaimed;	 /* until memberships of the former process go */
	struct timer converged;	 /* in the clock of the network */
	struct net_paths *paths; /* owned by net_route.c */
	struct net_mtu *mtus;	 /* owned by net_unicast.c: of paths */
	unsigned nmtus;
};

/* An address of several routers. */
struct net_anycast {
	struct ip ip;
	bool has[NET_MAXROUTERS]; /* by number */
};

/* What a host wants of a group. */
struct net_want {
	TAILQ_ENTRY(net_want) link;
	struct membership m; /* sources owned */
};

/* What is due at a host of a stream. */
struct net_due {
	struct net_ways *ways; /* not ours; NULL: nothing was so far */
	int64_t from;	       /* when packets are due again */
	bool wants;
	bool said;	 /* by net_is_due */
	unsigned epoch;	 /* when that was so */
	uint8_t *packet; /* owned: by number */
	uint32_t size;
};

struct net_count;

struct net_host {
	struct net_node node;
	struct net_port *port;
	struct rng rng;
	unsigned version[NFAMILIES];
	TAILQ_HEAD(, net_want) wants;
	int64_t asked;		  /* when it last wanted something else */
	struct net_count *counts; /* owned: by stream */
	unsigned ncounts;
};

/* What a host got of a stream. */
struct net_count {
	unsigned long received;	    /* that it wanted */
	uint8_t *copies;	    /* owned: by number of the packet in the time of a check */
	uint32_t begin, size, last; /* the first of these, how many */
	struct net_due due;
};

/* Packets of one host to one group. */
struct net_stream {
	struct net_host *host; /* not ours */
	struct sg sg;
	unsigned number;
	int64_t every; /* 0: it pauses */
	bool begins;   /* with the next packet */
	int64_t begun;
	struct timer next;
	uint32_t sent;	     /* packets, which are numbered from 1 */
	uint32_t begin, end; /* those of the last check: from begin to before end */
	int64_t *at;	     /* owned: with bounds, when each was sent, by number */
	uint32_t nat;
};

struct net {
	struct net_options options;
	const struct module *modules[17]; /* that routers can open, NULL at the end */
	struct clock clock;
	struct rng rng;
	struct arena arena; /* of the message at work */
	struct gm_message message;
	TAILQ_HEAD(, net_link) links;
	TAILQ_HEAD(, net_node) nodes;
	struct net_router *routers[NET_MAXROUTERS];
	unsigned nlinks, nrouters;
	struct net_anycast *anycast; /* owned */
	unsigned nanycast;
	struct net_stream **streams; /* owned */
	unsigned nstreams;
	bool checking; /* streams number packets for a check, ports count them */
	bool may_circle;
	bool is_strict; /* no packet may be missed or come twice */
	bool has_old;	/* who does not speak the last version */
	bool is_static; /* routes are configured: links carry what nobody wants */
	unsigned mark;
	struct {
		bool on;
		unsigned ecmp;
		int64_t delay, spread;
	} routing;
	struct {
		bool on;
		struct net_bounds of;
		int64_t since, doubled;		 /* links may double packets, until then */
		unsigned epoch;			 /* another one, another network */
		net_is_due *is_due;		 /* NULL: always */
		void *arg;			 /* of it */
		TAILQ_HEAD(, net_ways) ways;	 /* owned */
		TAILQ_HEAD(, net_touch) touches; /* owned */
	} bound;
	struct net_figures figures;
	TAILQ_HEAD(, net_picture) pictures; /* owned */
	struct buf log, complaints;
	unsigned ncomplaints;
	struct buf reply;
};

/* net.c */

/* By name; without one the program ends. */
struct net_node *net_node_find(struct net *n, const char *name);
struct net_router *net_router_find(struct net *n, const char *name);
struct net_host *net_host_find(struct net *n, const char *name);
struct net_port *net_port_find(struct net_node *node, const char *link);
void __attribute__((noreturn)) net_die(const char *what, const char *name);

void net_node_init(struct net *n, struct net_node *node, const char *name);

/* Around whatever happens to a node: its clock goes on to now; what follows is done. */
void net_enter(struct net_node *node);
void net_leave_node(struct net_node *node);

/* The next word of a list with blanks between, into @word; false: no more. */
bool net_word(const char **list, char word[64]);

/* net_link.c */
struct net_link *net_link_of(struct net *n, const char *name); /* made if it is new */
struct net_port *net_port_new(struct net_node *node, const char *link);
void net_link_free(struct net *n, struct net_link *l);

/* Whether packets of the port reach the other one, if they are not lost. */
bool net_reaches(const struct net_port *from, const struct net_port *to);
bool net_is_up(const struct net_port *port);

/* The port's address, in the link's network or, @local, of link scope. */
struct ip net_address(const struct net_port *port, enum af af, bool local);

/* Sends a copy, the second with its data, from the port to all others of the link. */
void net_send_data(struct net_port *port, const struct sim_packet *packet);
void net_send_packet(struct net_port *port, enum af af, const struct packet *packet);

/* The same to another port of the link alone, or to itself; NULL: there is none, it is lost. */
void net_send_to(struct net_port *port, struct net_port *to, enum af af,
		 const struct packet *packet, enum net_log_level level);

/* Its bytes, with the IP header. */
unsigned net_size(enum af af, const struct packet *packet);

/* net_unicast.c: sends by the routes of the kernel; what came in goes on, true if it does. */
enum send_result net_unicast(struct net_router *r, unsigned ifindex, const struct packet *packet,
			     unsigned *mtu);
bool net_unicast_on(struct net_port *port, const struct packet *packet);

/* net_router.c, net_host.c */
void net_router_receive(struct net_port *port, const struct net_frame *f);
void net_router_device(struct net_port *port); /* another MTU, or carrier */
void net_router_carrier(struct net_port *port);
void net_router_work(struct net_router *r);
void net_router_end(struct net_router *r);
void net_router_free(struct net_router *r);
void net_host_receive(struct net_port *port, const struct net_frame *f);
void net_host_work(struct net_host *h);
void net_host_end(struct net_host *h);
void net_host_free(struct net_host *h);
void net_streams_free(struct net *n);
bool net_wants(const struct net_host *h, struct sg sg);
bool net_wants_any(const struct net_host *h, struct ip group); /* some source of it */

/* net_gm.c: the host side of a port, made at the first need; then what it does. */
struct net_gm *net_gm(struct net_port *port, enum af af, unsigned version, struct rng *rng);
void net_gm_receive(struct net_port *port, const struct packet *packet);
void net_gm_work(struct net_port *port);
void net_gm_restart(struct net_port *port);
void net_gm_free(struct net_port *port);

/* net_route.c */
void net_routes_stale(struct net *n);	    /* the network is another one */
void net_routes_lost(struct net_router *r); /* the kernel forgot some: a link went */
void net_routes_free(struct net_router *r);

/* net_check.c */
void __attribute__((format(printf, 2, 3))) net_complain(struct net *n, const char *fmt, ...);
void net_check_sent(struct net_port *port, const struct sim_packet *packet);
void net_check_wants(struct net_host *h); /* something else than before */
void net_check_got(struct net_host *h, const struct sim_packet *packet);
void net_check_forwarded(struct net_router *r, const struct sim_packet *packet);

struct net_count *net_count_of(struct net_host *h, unsigned stream);

/* net_bound.c: a source begins; a packet leaves, comes, is carried; a host wants another filter. */
void net_bound_begins(struct net_stream *s);
void net_bound_sent(struct net_stream *s);
void net_bound_got(struct net_host *h, const struct net_stream *s, uint32_t number);
void net_bound_carried(struct net_port *port, const struct sim_packet *packet);
void net_bound_wants(struct net_host *h);

/* The network is another one there, for all streams or those that begin; @r or @l may be NULL. */
enum net_touched { NET_ALL, NET_BEGINS };
void net_bound_touch(struct net *n, const struct net_router *r, const struct net_link *l,
		     int64_t ms, enum net_touched how);

void net_bound_quality(struct net *n, const struct net_link *l);

/* Whether packets of the stream are due at the host, as net_due() has it. */
bool net_bound_due(struct net_host *h, const struct net_stream *s);
void net_bound_free(struct net *n);

/* net_log.c */
void __attribute__((format(printf, 3, 4)))
net_log(struct net *n, const char *who, const char *fmt, ...);
void net_log_packet(struct net_port *port, const struct packet *packet, enum net_log_level level);

/* net_pim.c: whether it is a message of PIM; @line, if any, is given what it says. */
bool net_pim(struct arena *arena, const struct packet *packet, struct buf *line);
static inline bool net_logs(const struct net *n, enum net_log_level level)
{
	return n->options.log >= level;
}

/* The message in a packet of IGMP or MLD, until the next one; NULL: it has none, or a bad one. */
const struct gm_message *net_decode(struct net *n, const struct packet *packet);
bool net_is_gm(const struct packet *packet);

/* net_module.c */
void net_modules_linked(struct net *n);
void net_modules_of(struct net *n, const char *conf);

/* net_dot.c */
void net_pictures_free(struct net *n);

/* net_pcap.c */
void net_pcap(struct net_link *l, int64_t now, const struct net_frame *f);
void net_pcap_open(struct net *n, struct net_link *l);
void net_pcap_close(struct net_link *l);

#endif
