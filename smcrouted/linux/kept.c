/* kept.c - sockets that are kept over a restart, by their cookies */
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/util.h"
#include "linux/kept.h"

bool kept_cookie(int fd, uint64_t *cookie)
{
	socklen_t len = sizeof(*cookie);

	return !getsockopt(fd, SOL_SOCKET, SO_COOKIE, cookie, &len);
}

void kept_add(struct kept *h, uint64_t cookie, int fd)
{
	if (h->n == h->size) {
		h->size = h->size ? h->size * 2 : 16;
		h->at = xrealloc(h->at, h->size * sizeof(*h->at));
	}
	h->at[h->n++] = (struct kept_socket){ cookie, fd };
}

static int by_cookie(const void *a, const void *b)
{
	const struct kept_socket *x = a, *y = b;

	return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

void kept_sort(struct kept *h)
{
	if (h->n)
		qsort(h->at, h->n, sizeof(*h->at), by_cookie);
}

struct kept_socket *kept_find(const struct kept *h, uint64_t cookie)
{
	struct kept_socket key = { .cookie = cookie };

	return h->n ? bsearch(&key, h->at, h->n, sizeof(key), by_cookie) : NULL;
}

void kept_add_fd(void *arg, int fd, const char *name)
{
	uint64_t cookie;

	(void)name;
	if (kept_cookie(fd, &cookie))
		kept_add(arg, cookie, fd);
}
