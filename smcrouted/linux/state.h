/* state.h - a text in a memfd that a reader finds whole at any moment, whoever was killed when
 *
 * The descriptor is passed on over a restart or kept by the service manager, and tells the next
 * process what the kernel cannot.
 */
#ifndef SMCKIT_STATE_H
#define SMCKIT_STATE_H

#include "lib/util.h"

/* A new, empty one, close-on-exec; -1 with errno set. */
int state_new(void);

/*
 * Puts the text in the place of the former one: it is written beside it, and then one write makes
 * it the valid one. 0, or -1 with errno set, and the former text stands.
 */
int state_write(int fd, const char *text, size_t len);

/*
 * The valid text, to be freed, with a writable byte behind it; NULL if there is none, be it empty
 * or damaged.
 */
char *state_read(int fd, size_t *len);

#endif
