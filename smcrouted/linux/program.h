/* program.h - the program itself: started anew in the place of this process */
#ifndef SMCKIT_PROGRAM_H
#define SMCKIT_PROGRAM_H

#include "linux/ready.h"

struct program {
	char *path;  /* of the file, as it was at the start */
	char **argv; /* owned, the strings are not */
	char *cwd;
	bool again; /* this is a restart in place */
};

/* To be called first in main(), before anybody reorders @argv. Errors show in program_exec(). */
void program_init(struct program *p, int argc, char **argv);
void program_free(struct program *p);

/* Whether the file that would be started runs at all, by its -h. NULL, or why not. */
const char *program_try(const struct program *p);

/*
 * Starts it in the place of this process with these descriptors, as a service manager would.
 * Returns only if that fails, with the reason, and with all as it was.
 */
const char *program_exec(const struct program *p, const struct passed_fd *fd, unsigned n);

#endif
