/* holder.c - sockets that hold memberships, as many each as the kernel allows */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/util.h"
#include "linux/holder.h"
#include "linux/sock.h"

void holders_init(struct holders *holders)
{
	TAILQ_INIT(&holders->roomy);
	TAILQ_INIT(&holders->full);
}

static struct holder_list *list_of(struct holders *holders, const struct holder *h)
{
	return h->full ? &holders->full : &holders->roomy;
}

static struct holder *holder_new(struct holders *holders, int fd, enum af af)
{
	struct holder *h = xcalloc(1, sizeof(*h));

	h->fd = fd;
	h->af = af;
	TAILQ_INSERT_TAIL(&holders->roomy, h, link);
	return h;
}

struct holder *holder_adopt(struct holders *holders, int fd, enum af af)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return holder_new(holders, fd, af);
}

struct holder *holder_find(const struct holders *holders, int fd)
{
	struct holder *h;

	TAILQ_FOREACH(h, &holders->roomy, link) {
		if (h->fd == fd)
			return h;
	}
	TAILQ_FOREACH(h, &holders->full, link) {
		if (h->fd == fd)
			return h;
	}
	return NULL;
}

struct holder *holder_open(struct holders *holders, enum af af)
{
	int fd = sock_open(af, SOCK_DGRAM, 0);

	return fd < 0 ? NULL : holder_new(holders, fd, af);
}

void holder_set_full(struct holders *holders, struct holder *h, bool full)
{
	if (h->full == full)
		return;
	TAILQ_REMOVE(list_of(holders, h), h, link);
	h->full = full;
	TAILQ_INSERT_TAIL(list_of(holders, h), h, link);
}

void holder_close(struct holders *holders, struct holder *h)
{
	TAILQ_REMOVE(list_of(holders, h), h, link);
	close(h->fd);
	free(h);
}

static int set_group(const struct holder *h, int option, unsigned ifindex, struct ip group)
{
	struct group_req req = { .gr_interface = ifindex };

	sock_addr(&req.gr_group, group, 0);
	return setsockopt(h->fd, sock_level(h->af), option, &req, sizeof(req));
}

static int set_source(const struct holder *h, int option, unsigned ifindex, struct ip group,
		      struct ip source)
{
	struct group_source_req req = { .gsr_interface = ifindex };

	sock_addr(&req.gsr_group, group, 0);
	sock_addr(&req.gsr_source, source, 0);
	return setsockopt(h->fd, sock_level(h->af), option, &req, sizeof(req));
}

int holder_join(const struct holder *h, unsigned ifindex, struct ip group, const struct ip *source)
{
	return source ? set_source(h, MCAST_JOIN_SOURCE_GROUP, ifindex, group, *source)
		      : set_group(h, MCAST_JOIN_GROUP, ifindex, group);
}

int holder_leave(const struct holder *h, unsigned ifindex, struct ip group, const struct ip *source)
{
	return source ? set_source(h, MCAST_LEAVE_SOURCE_GROUP, ifindex, group, *source)
		      : set_group(h, MCAST_LEAVE_GROUP, ifindex, group);
}

int holder_exclude(const struct holder *h, unsigned ifindex, struct ip group,
		   const struct ip *source, unsigned n)
{
	size_t size = GROUP_FILTER_SIZE(n);
	struct group_filter *filter = xcalloc(1, size > sizeof(*filter) ? size : sizeof(*filter));
	int result, error;

	filter->gf_interface = ifindex;
	filter->gf_fmode = MCAST_EXCLUDE;
	filter->gf_numsrc = n;
	sock_addr(&filter->gf_group, group, 0);
	for (unsigned i = 0; i < n; i++)
		sock_addr(&filter->gf_slist[i], source[i], 0);
	result = setsockopt(h->fd, sock_level(h->af), MCAST_MSFILTER, filter, size);
	error = errno;
	free(filter);
	errno = error;
	return result;
}

bool holder_is_full(int error)
{
	return error == ENOBUFS || error == ENOMEM;
}
