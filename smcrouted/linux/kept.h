/* kept.h - sockets that are kept over a restart, by their cookies */
#ifndef SMCKIT_KEPT_H
#define SMCKIT_KEPT_H

#include <stdbool.h>
#include <stdint.h>

struct kept_socket {
	uint64_t cookie;
	int fd;
};

struct kept {
	struct kept_socket *at; /* owned, ascending by cookie */
	unsigned n, size;
};

/* What the kernel knows the socket by, as long as one process has it. */
bool kept_cookie(int fd, uint64_t *cookie);

/* Adds one, behind the others; kept_sort() puts them in order, in which kept_find() looks. */
void kept_add(struct kept *h, uint64_t cookie, int fd);
void kept_sort(struct kept *h);
struct kept_socket *kept_find(const struct kept *h, uint64_t cookie);

/* As joins_save() tells of its own, @arg is a struct kept. */
void kept_add_fd(void *arg, int fd, const char *name);

#endif
