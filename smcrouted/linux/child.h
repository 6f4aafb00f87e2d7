/* child.h - programs that the daemon starts */
#ifndef SMCKIT_CHILD_H
#define SMCKIT_CHILD_H

#include <sys/types.h>

#include "linux/priv.h"

/*
 * Starts a program, which is looked for in PATH if it is no path, with these descriptors as input
 * and output, and standard error as ours; all others are to close by themselves. Signals are as by
 * default, capabilities those for a child of @user. It leads a process group, so that what it
 * started can end with it. 0, or an errno; its end is SIGCHLD.
 */
int child_start(pid_t *pid, const struct priv *user, char *const *argv, char *const *env, int in,
		int out);

#endif
