/* child.c - programs that the daemon starts */
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <unistd.h>

#include "linux/child.h"

/* Descriptors that a child may have by default: programs that use select() take no more. */
#define CHILD_NOFILE 1024

static int spawn(pid_t *pid, char *const *argv, char *const *env, int in, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	error = posix_spawnp(pid, argv[0], &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

/* Limits and capabilities are taken over from us. */
int child_start(pid_t *pid, const struct priv *user, char *const *argv, char *const *env, int in,
		int out)
{
	struct rlimit ours, its;
	int error;

	getrlimit(RLIMIT_NOFILE, &ours);
	its = ours;
	if (its.rlim_cur > CHILD_NOFILE)
		its.rlim_cur = CHILD_NOFILE;
	setrlimit(RLIMIT_NOFILE, &its);
	priv_pass_on(user, true);
	error = spawn(pid, argv, env, in, out);
	priv_pass_on(user, false);
	setrlimit(RLIMIT_NOFILE, &ours);
	return error;
}
