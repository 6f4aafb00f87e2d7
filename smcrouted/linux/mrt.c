/* mrt.c - the kernel's multicast forwarding cache: opening it, upcalls, vifs, reading it back
 *
 * The mroute socket owns the cache of its table: what it added goes when its last descriptor is
 * closed. What differs between the families is in mrt4.c and mrt6.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "linux/attr.h"
#include "linux/mrt.h"
#include "linux/mrt_af.h"
#include "linux/raw.h"
#include "linux/sock.h"

/*
 * Bytes of the receive buffer. It bounds the kernel's list of unresolved entries, which is
 * walked for each packet: more would be worse.
 */
#define RCVBUF (1 << 20)

/* Messages that are read before other descriptors have their turn. */
#define BATCH 64

struct mrt {
	struct linux_kern *kern; /* not ours */
	const struct mrt_family *family;
	enum af af;
	int fd;
	struct loop_fd watch;
	unsigned ifindex[MAXVIFS]; /* by vif; 0: none */
	struct log_limit bad;
	uint8_t message[65536];
};

static const struct mrt_family *const families[NFAMILIES] = { [V4] = &mrt4, [V6] = &mrt6 };

static const char *open_reason(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "another process does multicast routing in this table";
	case ENOPROTOOPT:
	case EOPNOTSUPP:
		return "the kernel was built without multicast routing";
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
		return "the kernel does not have this protocol";
	case EPERM:
	case EACCES:
		return "not permitted, it needs CAP_NET_ADMIN and CAP_NET_RAW";
	default:
		return reason(error);
	}
}

/* Makes the socket the owner of the table. */
static const char *take_table(struct mrt *mrt)
{
	const struct mrt_family *family = mrt->family;
	uint32_t table = mrt->kern->table;

	if (table && setsockopt(mrt->fd, family->level, family->set_table, &table, sizeof(table)))
		return errno == ENOPROTOOPT ? "the kernel has only one multicast routing table"
					    : open_reason(errno);
	if (sock_set(mrt->fd, family->level, family->init, 1))
		return open_reason(errno);
	return NULL;
}

/*
 * Upcalls for packets on wrong interfaces, from whichever vif they come. The table remembers
 * the setting of a former owner, and what kind of upcalls it wanted, unless 0 is written first.
 */
static void want_wrong(struct mrt *mrt)
{
	const struct mrt_family *family = mrt->family;

	sock_set(mrt->fd, family->level, family->pim, 0);
	if (sock_set(mrt->fd, family->level, family->pim, 1))
		sock_set(mrt->fd, family->level, family->assert, 1);
}

/*
 * The source must be one host's and the group a group; a local one may be forwarded by nobody. An
 * IPv6 address must not look like one of IPv4, as which it would be kept.
 */
static void upcall(struct mrt *mrt, const struct mrt_upcall *u)
{
	struct linux_kern *k = mrt->kern;
	enum count_id bad = NCOUNTS;

	if (u->vif >= MAXVIFS)
		bad = COUNT_UPCALL_VIF;
	else if (!ip_is_multicast(u->sg.grp) || ip_family(u->sg.grp) != mrt->af)
		bad = COUNT_UPCALL_GROUP;
	else if (ip_is_multicast(u->sg.src) || ip_is_any(u->sg.src) ||
		 ip_family(u->sg.src) != mrt->af)
		bad = COUNT_UPCALL_SOURCE;
	if (bad != NCOUNTS) {
		count_af(&k->counts, bad, mrt->af);
		log_limited(k->log, &mrt->bad, &k->clock, LEVEL_DEBUG,
			    "%s: upcall of no use, %s on vif %u", af_name(mrt->af), sg_str(&u->sg),
			    u->vif);
		return;
	}
	router_upcall(k->router, mrt->af, u->kind, u->sg, u->vif);
}

/* Reads and answers one message; false when there is none left. */
static bool receive(struct mrt *mrt)
{
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct iovec iov = { mrt->message, sizeof(mrt->message) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct linux_kern *k = mrt->kern;
	struct mrt_upcall u;
	ssize_t n = recvmsg(mrt->fd, &msg, 0);

	if (n < 0)
		return errno == EINTR;
	switch (mrt->family->read(mrt->message, n, &u)) {
	case MRT_UPCALL:
		upcall(mrt, &u);
		break;
	case MRT_PACKET:
		raw_igmp(k->raw, sock_arrival(&msg), mrt->message, n);
		break;
	case MRT_BAD:
		count_af(&k->counts, COUNT_UPCALL_SHORT, mrt->af);
		log_limited(k->log, &mrt->bad, &k->clock, LEVEL_DEBUG,
			    "%s: %zd bytes that are no upcall", af_name(mrt->af), n);
		break;
	case MRT_OTHER:
		break;
	}
	return true;
}

static void ready(struct loop_fd *w, uint32_t events)
{
	struct mrt *mrt = container_of(w, struct mrt, watch);

	(void)events;
	for (int i = 0; i < BATCH && receive(mrt); i++)
		;
}

const char *mrt_open(struct linux_kern *k, enum af af, int fd, struct mrt **result)
{
	struct mrt *mrt = xcalloc(1, sizeof(*mrt));
	const char *why = NULL;
	int error;

	/* member by member: @message is not to be touched before it is used */
	mrt->kern = k;
	mrt->family = families[af];
	mrt->af = af;
	mrt->fd = fd;
	mrt->watch.fd = -1;
	if (fd < 0) {
		mrt->fd = sock_open(af, SOCK_RAW, mrt->family->protocol);
		why = mrt->fd < 0 ? open_reason(errno) : take_table(mrt);
	} else if (fcntl(fd, F_SETFD, FD_CLOEXEC) ||
		   fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)) {
		why = reason(errno);
	}
	if (why)
		goto fail;

	want_wrong(mrt);
	sock_rcvbuf(mrt->fd, RCVBUF);
	if (mrt->family->prepare(mrt->fd) ||
	    loop_watch(&k->loop, &mrt->watch, mrt->fd, EPOLLIN, true, ready)) {
		why = reason(errno);
		goto fail;
	}
	*result = mrt;
	return NULL;
fail:
	error = errno;
	mrt_close(mrt);
	errno = error;
	return why;
}

void mrt_close(struct mrt *mrt)
{
	if (!mrt)
		return;
	loop_unwatch(&mrt->kern->loop, &mrt->watch);
	if (mrt->fd >= 0)
		close(mrt->fd);
	free(mrt);
}

int mrt_fd(const struct mrt *mrt)
{
	return mrt->fd;
}

uint32_t mrt_overruns(const struct mrt *mrt)
{
	return sock_drops(mrt->fd);
}

const char *mrt_vif_add(struct mrt *mrt, unsigned vif, unsigned ifindex)
{
	if (vif >= MAXVIFS)
		return "the kernel has 32 vifs, and all are in use";
	if (mrt->family->vif_add(mrt->fd, vif, ifindex)) {
		switch (errno) {
		case EADDRNOTAVAIL:
			return "there is no such device, or not for this protocol";
		case EOVERFLOW:
			return "the kernel takes no device with an index above 65535";
		default:
			return reason(errno);
		}
	}
	mrt->ifindex[vif] = ifindex;
	return NULL;
}

/* The kernel takes a vif back by itself when its device goes. */
const char *mrt_vif_del(struct mrt *mrt, unsigned vif)
{
	if (vif >= MAXVIFS)
		return reason(EINVAL);
	mrt->ifindex[vif] = 0;
	if (mrt->family->vif_del(mrt->fd, vif) && errno != EADDRNOTAVAIL)
		return reason(errno);
	return NULL;
}

unsigned mrt_vif_ifindex(const struct mrt *mrt, unsigned vif)
{
	return vif < MAXVIFS ? mrt->ifindex[vif] : 0;
}

bool mrt_vif_inherit(struct mrt *mrt, unsigned vif, unsigned ifindex)
{
	if (vif >= MAXVIFS || !mrt->family->vif_exists(mrt->fd, vif))
		return false;
	mrt->ifindex[vif] = ifindex;
	return true;
}

const char *mrt_set(struct mrt *mrt, const struct mfc_entry *entry)
{
	return mrt->family->set(mrt->fd, entry) ? reason(errno) : NULL;
}

const char *mrt_del(struct mrt *mrt, struct sg sg, unsigned parent)
{
	if (mrt->family->del(mrt->fd, sg, parent) && errno != ENOENT)
		return reason(errno);
	return NULL;
}

bool mrt_counters(struct mrt *mrt, struct sg sg, struct counters *counters)
{
	if (mrt->family->counters(mrt->fd, sg, counters))
		return false;
	counters->packets -= counters->packets < counters->wrong ? counters->packets
								 : counters->wrong;
	return true;
}

/* What a dump has found so far. */
struct dump {
	struct mrt *mrt;
	struct mfc_entry *entry; /* owned */
	size_t n, size;
};

static unsigned vif_of(const struct mrt *mrt, unsigned ifindex)
{
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		if (ifindex && mrt->ifindex[vif] == ifindex)
			return vif;
	}
	return NOVIF;
}

static struct ip attr_ip(enum af af, const struct nlattr *attr)
{
	if (!attr || mnl_attr_get_payload_len(attr) != af_size(af))
		return ip_any(af);
	return ip_from_wire(af, mnl_attr_get_payload(attr));
}

/* One struct rtnexthop after another, each with its own length. */
static void read_oifs(const struct mrt *mrt, const struct nlattr *attr, struct mfc_entry *entry)
{
	const char *p = mnl_attr_get_payload(attr);
	size_t left = mnl_attr_get_payload_len(attr);
	struct rtnexthop hop;

	while (left >= sizeof(hop)) {
		size_t step;
		unsigned vif;

		memcpy(&hop, p, sizeof(hop));
		step = RTNH_ALIGN(hop.rtnh_len);
		if (hop.rtnh_len < sizeof(hop))
			return;
		vif = vif_of(mrt, hop.rtnh_ifindex);
		if (vif < MAXVIFS)
			entry->ttl[vif] = hop.rtnh_hops;
		if (step >= left)
			return;
		p += step;
		left -= step;
	}
}

static bool is_ours(const struct mrt *mrt, const struct rtmsg *rtm, const struct nlattr *table)
{
	uint32_t ours = mrt->kern->table ? mrt->kern->table : mrt->family->default_table;

	return attr_u32(table, rtm->rtm_table) == ours;
}

static int dump_entry(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = { { NULL } };
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct dump *d = data;
	struct mfc_entry *entry;

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm))
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*rtm), attr_keep, &a);
	if (rtm->rtm_family != d->mrt->family->dump_family ||
	    !is_ours(d->mrt, rtm, a.attr[RTA_TABLE]) || rtm->rtm_flags & RTNH_F_UNRESOLVED)
		return MNL_CB_OK;

	if (d->n == d->size) {
		d->size = d->size ? d->size * 2 : 256;
		d->entry = xrealloc(d->entry, d->size * sizeof(*d->entry));
	}
	entry = &d->entry[d->n++];
	*entry = (struct mfc_entry){
		.sg = { attr_ip(d->mrt->af, a.attr[RTA_SRC]),
			attr_ip(d->mrt->af, a.attr[RTA_DST]) },
		.parent = vif_of(d->mrt, attr_u32(a.attr[RTA_IIF], 0)),
	};
	if (ip_family(entry->sg.src) != d->mrt->af || ip_family(entry->sg.grp) != d->mrt->af)
		entry->parent = NOVIF;
	if (a.attr[RTA_MULTIPATH])
		read_oifs(d->mrt, a.attr[RTA_MULTIPATH], entry);
	return MNL_CB_OK;
}

/* Asks for the family's entries and reads the answer whole; 0, or -1 with errno set. */
static int dump_all(struct mnl_socket *nl, struct dump *d)
{
	char buf[32768];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	ssize_t n;
	int more = MNL_CB_OK;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	rtm->rtm_family = d->mrt->family->dump_family;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -1;
	while (more > MNL_CB_STOP) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0)
			return -1;
		more = mnl_cb_run(buf, n, 0, mnl_socket_get_portid(nl), dump_entry, d);
	}
	return more;
}

/*
 * The calls come after the dump, so that they may change the cache. An entry whose incoming
 * device is gone or unknown would only hide its source: it is deleted, as is one of IPv6 whose
 * addresses look like those of IPv4.
 */
const char *mrt_dump(struct mrt *mrt, void (*each)(void *arg, const struct mfc_entry *entry),
		     void *arg)
{
	struct dump d = { .mrt = mrt };
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	const char *why = NULL;

	if (!nl)
		return reason(errno);
	if (dump_all(nl, &d))
		why = reason(errno);
	mnl_socket_close(nl);

	for (size_t i = 0; !why && i < d.n; i++) {
		if (d.entry[i].parent < MAXVIFS)
			each(arg, &d.entry[i]);
		else
			mrt_del(mrt, d.entry[i].sg, NOVIF);
	}
	free(d.entry);
	return why;
}
