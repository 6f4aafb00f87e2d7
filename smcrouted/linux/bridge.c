/* bridge.c - bridges that vifs are on are told that there is a multicast router behind them
 *
 * The port of a bridge that is its own device is made one that a router is known to be behind, for
 * as long as there is a vif on it, or on a VLAN of it. What it was before is kept, and written
 * down by the store before anything is changed.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libite/queue.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "linux/attr.h"
#include "linux/bridge.h"

/* Modes of IFLA_BR_MCAST_ROUTER: never, as is found out, always. */
enum { ROUTER_ALWAYS = 2 };

/* Devices upon devices that the kernel allows. */
#define MAXDEPTH 8

struct bridge {
	TAILQ_ENTRY(bridge) link;
	unsigned ifindex;
	uint8_t was; /* the mode before ours */
};

struct bridges {
	struct linux_kern *kern; /* not ours */
	TAILQ_HEAD(bridge_list, bridge) list;
	struct bridge *of[NFAMILIES][MAXVIFS]; /* of vifs on one that was changed */
	struct log_limit limit;
};

/* What the kernel says of a device. */
struct about {
	bool is_bridge;
	uint8_t mode;
	unsigned lower; /* the device that this one is upon, 0: none, or in another namespace */
	bool is_upon, is_foreign;
};

struct bridges *bridges_new(struct linux_kern *k)
{
	struct bridges *b = xcalloc(1, sizeof(*b));

	b->kern = k;
	TAILQ_INIT(&b->list);
	return b;
}

static struct bridge *bridge_find(const struct bridges *b, unsigned ifindex)
{
	struct bridge *at;

	TAILQ_FOREACH(at, &b->list, link) {
		if (at->ifindex == ifindex)
			break;
	}
	return at;
}

static struct bridge *bridge_add(struct bridges *b, unsigned ifindex, uint8_t was)
{
	struct bridge *at = xcalloc(1, sizeof(*at));

	*at = (struct bridge){ .ifindex = ifindex, .was = was };
	TAILQ_INSERT_TAIL(&b->list, at, link);
	return at;
}

/* Of a bridge that does not snoop in any way there is no mode. */
static void read_info(const struct nlattr *info, struct about *about)
{
	struct attrs a = { { NULL } }, data = { { NULL } };
	const struct nlattr *kind, *mode;

	mnl_attr_parse_nested(info, attr_keep, &a);
	kind = a.attr[IFLA_INFO_KIND];
	if (!kind || mnl_attr_validate(kind, MNL_TYPE_NUL_STRING))
		return;
	about->is_upon = !strcmp(mnl_attr_get_str(kind), "vlan") ||
			 !strcmp(mnl_attr_get_str(kind), "macvlan");
	if (strcmp(mnl_attr_get_str(kind), "bridge") || !a.attr[IFLA_INFO_DATA])
		return;
	mnl_attr_parse_nested(a.attr[IFLA_INFO_DATA], attr_keep, &data);
	mode = data.attr[IFLA_BR_MCAST_ROUTER];
	if (!mode || mnl_attr_get_payload_len(mode) != sizeof(about->mode))
		return;
	about->is_bridge = true;
	about->mode = mnl_attr_get_u8(mode);
}

static int read_attr(const struct nlattr *attr, void *data)
{
	struct about *about = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_LINK:
		about->lower = attr_u32(attr, 0);
		break;
	case IFLA_LINK_NETNSID:
		about->is_foreign = true;
		break;
	case IFLA_LINKINFO:
		read_info(attr, about);
		break;
	}
	return MNL_CB_OK;
}

static int read_device(const struct nlmsghdr *nlh, void *data)
{
	struct about *about = data;

	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct ifinfomsg))
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(struct ifinfomsg), read_attr, about);
	if (!about->is_upon || about->is_foreign)
		about->lower = 0;
	return MNL_CB_STOP;
}

/* A request about a device, in @buf. */
static struct nlmsghdr *put_request(char *buf, uint16_t type, uint16_t flags, unsigned ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	ifi->ifi_index = ifindex;
	return nlh;
}

/* Sends the request and reads the answer into its place; 0, or the error. */
static int talk(struct nlmsghdr *nlh, size_t size, struct about *about)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int error = 0;
	ssize_t n;

	if (!nl)
		return errno;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0 ||
	    (n = mnl_socket_recvfrom(nl, nlh, size)) < 0 ||
	    mnl_cb_run(nlh, n, 0, mnl_socket_get_portid(nl), read_device, about) < 0)
		error = errno;
	mnl_socket_close(nl);
	return error;
}

static int device_read(unsigned ifindex, struct about *about)
{
	_Alignas(struct nlmsghdr) char buf[16384];
	struct nlmsghdr *nlh = put_request(buf, RTM_GETLINK, 0, ifindex);

	*about = (struct about){ 0 };
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return talk(nlh, sizeof(buf), about);
}

static int set_mode(unsigned ifindex, uint8_t mode)
{
	_Alignas(struct nlmsghdr) char buf[1024] = { 0 };
	struct nlmsghdr *nlh = put_request(buf, RTM_NEWLINK, NLM_F_ACK, ifindex);
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u8(nlh, IFLA_BR_MCAST_ROUTER, mode);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return talk(nlh, sizeof(buf), NULL);
}

/* One that is gone needs nothing any more. */
static void change(struct bridges *b, const struct bridge *at, uint8_t mode)
{
	struct linux_kern *k = b->kern;
	int error = set_mode(at->ifindex, mode);
	char name[IF_NAMESIZE] = "?";

	if (error == ENODEV)
		return;
	if_indextoname(at->ifindex, name);
	if (error)
		log_limited(k->log, &b->limit, &k->clock, LEVEL_WARNING,
			    "%s: the bridge cannot be set to multicast router mode %u: %s", name,
			    mode, reason(error));
	else
		log_debug(k->log, "%s: multicast router mode %u", name, mode);
}

/* The bridge that the device is, or is upon; 0 if there is none. */
static unsigned bridge_under(unsigned ifindex, struct about *about)
{
	for (unsigned i = 0; ifindex && i < MAXDEPTH; i++) {
		if (device_read(ifindex, about))
			return 0;
		if (about->is_bridge)
			return ifindex;
		ifindex = about->lower;
	}
	return 0;
}

/* One that has the mode already, and not by us, is none of our business. */
void bridges_vif_comes(struct bridges *b, enum af af, unsigned vif, unsigned ifindex)
{
	struct about about;
	unsigned bridge = vif < MAXVIFS ? bridge_under(ifindex, &about) : 0;
	struct bridge *at = bridge ? bridge_find(b, bridge) : NULL;

	if (!bridge || (!at && about.mode == ROUTER_ALWAYS))
		return;
	if (!at)
		at = bridge_add(b, bridge, about.mode);
	else if (about.mode != ROUTER_ALWAYS)
		at->was = about.mode;
	b->of[af][vif] = at;
}

void bridges_vif_made(struct bridges *b, enum af af, unsigned vif)
{
	if (vif < MAXVIFS && b->of[af][vif])
		change(b, b->of[af][vif], ROUTER_ALWAYS);
}

/* Gives it back, and forgets it. */
static void bridge_leave(struct bridges *b, struct bridge *at)
{
	struct about about;

	if (!device_read(at->ifindex, &about) && about.is_bridge && about.mode == ROUTER_ALWAYS)
		change(b, at, at->was);
	TAILQ_REMOVE(&b->list, at, link);
	free(at);
}

static bool is_used(const struct bridges *b, const struct bridge *at)
{
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned vif = 0; vif < MAXVIFS; vif++) {
			if (b->of[af][vif] == at)
				return true;
		}
	}
	return false;
}

void bridges_vif_gone(struct bridges *b, enum af af, unsigned vif)
{
	struct bridge *at = vif < MAXVIFS ? b->of[af][vif] : NULL;

	if (!at)
		return;
	b->of[af][vif] = NULL;
	if (!is_used(b, at))
		bridge_leave(b, at);
}

void bridges_free(struct bridges *b)
{
	struct bridge *at;

	while ((at = TAILQ_FIRST(&b->list)))
		bridge_leave(b, at);
	free(b);
}

void bridges_save(const struct bridges *b, struct buf *text)
{
	const struct bridge *at;

	TAILQ_FOREACH(at, &b->list, link)
		buf_printf(text, "bridge %u %u\n", at->ifindex, at->was);
}

bool bridges_inherit(struct bridges *b, struct words *w)
{
	int64_t ifindex, was;

	words_accept(w, "bridge");
	if (words_number(w, "device", 1, INT32_MAX, &ifindex) ||
	    words_number(w, "mode", 0, UINT8_MAX, &was))
		return false;
	if (!bridge_find(b, ifindex))
		bridge_add(b, ifindex, was);
	return true;
}

void bridges_inherited(struct bridges *b)
{
	struct bridge *at, *next;

	TAILQ_FOREACH_SAFE(at, &b->list, link, next) {
		if (!is_used(b, at))
			bridge_leave(b, at);
	}
}
