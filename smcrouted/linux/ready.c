/* ready.c - the service manager: what it is told, and the descriptors that it keeps for us */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "linux/ready.h"

/* More cannot be meant: no process may have that many descriptors. */
#define MAXPASSED 1000000

int ready_open(struct ready *r, const char *address)
{
	struct timeval patience = { .tv_sec = 1 };
	size_t len = address ? strlen(address) : 0;

	*r = (struct ready){ .fd = -1, .address.sun_family = AF_UNIX };
	if (!len)
		return 0;
	if ((*address != '/' && *address != '@') || len >= sizeof(r->address.sun_path)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(r->address.sun_path, address, len);
	if (*address == '@') /* an abstract name, which is all of the bytes */
		r->address.sun_path[0] = '\0';
	r->len = offsetof(struct sockaddr_un, sun_path) + len + (*address == '/');
	r->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (r->fd < 0)
		return -1;
	setsockopt(r->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return 0;
}

void ready_close(struct ready *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

/* One datagram, with a descriptor unless @fd is -1. */
static int send_message(struct ready *r, char *text, size_t len, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec iov = { .iov_base = text, .iov_len = len };
	struct sockaddr_un address = r->address;
	struct msghdr message = {
		.msg_name = &address, .msg_namelen = r->len, .msg_iov = &iov, .msg_iovlen = 1
	};

	if (r->fd < 0)
		return 0;
	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	if (sendmsg(r->fd, &message, MSG_NOSIGNAL | (r->is_slow ? MSG_DONTWAIT : 0)) < 0) {
		r->is_slow = errno == EAGAIN;
		return -1;
	}
	r->is_slow = false;
	return 0;
}

int ready_notify(struct ready *r, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return send_message(r, text, strlen(text), -1);
}

int ready_store(struct ready *r, const char *name, int fd)
{
	char text[320];

	/* Without FDPOLL=0 the manager drops a socket that has a pending error. */
	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	return send_message(r, text, strlen(text), fd);
}

int ready_unstore(struct ready *r, const char *name)
{
	return ready_notify(r, "FDSTOREREMOVE=1\nFDNAME=%s", name);
}

/* A whole decimal number from 1 to @max, else 0. */
static long number(const char *text, long max)
{
	char *end;
	long n;

	if (!text || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	n = strtol(text, &end, 10);
	return errno || *end || n > max ? 0 : n;
}

bool passed_parse(struct passed *p, int self, const char *pid, const char *fds, const char *names)
{
	long n = number(fds, MAXPASSED);
	char *rest;

	*p = (struct passed){ 0 };
	if (!n || number(pid, INT32_MAX) != self)
		return false;
	p->n = n;
	p->fd = xcalloc(n, sizeof(*p->fd));
	p->names = xstrdup(names ? names : "");
	rest = p->names;
	for (unsigned i = 0; i < p->n; i++) {
		const char *name = rest ? strsep(&rest, ":") : "";

		p->fd[i].name = *name ? name : "unknown";
		p->fd[i].fd = PASSED_FIRST + i;
	}
	return true;
}

bool passed_take(struct passed *p)
{
	bool any = passed_parse(p, getpid(), getenv("LISTEN_PID"), getenv("LISTEN_FDS"),
				getenv("LISTEN_FDNAMES"));

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	unsetenv("LISTEN_PIDFDID");
	for (unsigned i = 0; i < p->n; i++) {
		if (fcntl(p->fd[i].fd, F_SETFD, FD_CLOEXEC))
			p->fd[i].fd = -1;
	}
	return any;
}

int passed_claim(struct passed *p, const char *name)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (p->fd[i].fd >= 0 && !strcmp(p->fd[i].name, name)) {
			int fd = p->fd[i].fd;

			p->fd[i].fd = -1;
			return fd;
		}
	}
	return -1;
}

void passed_free(struct passed *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (p->fd[i].fd >= 0)
			close(p->fd[i].fd);
	}
	free(p->fd);
	free(p->names);
	*p = (struct passed){ 0 };
}
