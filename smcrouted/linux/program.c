/* program.c - the program itself: started anew in the place of this process
 *
 * The environment tells the new process that it is not to go to the background: it is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/linux.h"
#include "linux/program.h"

#define AGAIN "SMCKIT_RESTART"

/* ms that the program may take to tell its options. */
#define TRY_TIME 2000

/*
 * Buffers for the longest of packets are hardly ever filled: what the kernel maps takes up as much
 * as is used of it, and a table that grew leaves no hole. So there is never that much room in the
 * heap, in bytes: which it would have from the first allocation on.
 */
#define MAPPED 32768

/* What is freed is joined at once: of 100,000 entries that takes 20 ms if it waits for the last. */
static void spare_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, MAPPED);
	mallopt(M_TOP_PAD, MAPPED / 2);
	mallopt(M_MXFAST, 0);
}

void program_init(struct program *p, int argc, char **argv)
{
	static const char deleted[] = " (deleted)";
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	ssize_t tail = sizeof(deleted) - 1;

	spare_memory();
	path[n > 0 ? n : 0] = '\0';
	/* Its file was replaced before we looked: the new one has the name. */
	if (n > tail && !strcmp(path + n - tail, deleted))
		path[n - tail] = '\0';
	*p = (struct program){ .path = xstrdup(path), .cwd = getcwd(NULL, 0) };
	p->argv = xcalloc(argc + 1, sizeof(*p->argv));
	memcpy(p->argv, argv, argc * sizeof(*p->argv));
	p->again = getenv(AGAIN);
	unsetenv(AGAIN);
}

void program_free(struct program *p)
{
	free(p->path);
	free(p->argv);
	free(p->cwd);
	*p = (struct program){ 0 };
}

/* A child with nothing of ours: no descriptors, no blocked signals. */
static int spawn(const char *path, pid_t *pid)
{
	char name[] = "program", help[] = "-h";
	char *argv[] = { name, help, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, ignored;
	int error;

	sigemptyset(&none);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, 0, 1);
	posix_spawn_file_actions_adddup2(&files, 0, 2);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &ignored);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(pid, path, &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

/* Waits for it, for a while. */
static bool ends_well(pid_t pid)
{
	struct pollfd p = { .fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int status;

	if (p.fd >= 0 && poll(&p, 1, TRY_TIME) != 1)
		kill(pid, SIGKILL);
	if (p.fd >= 0)
		close(p.fd);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

const char *program_try(const struct program *p)
{
	pid_t pid;
	int error;

	if (access(p->path, X_OK))
		return reason(errno);
	error = spawn(p->path, &pid);
	if (error)
		return reason(error);
	return ends_well(pid) ? NULL : "the program does not run";
}

static void set_number(const char *name, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	setenv(name, text, 1);
}

static void set_environment(const struct passed_fd *fd, unsigned n)
{
	struct buf names = { 0 };

	for (unsigned i = 0; i < n; i++)
		buf_printf(&names, "%s%s", i ? ":" : "", fd[i].name);
	buf_add(&names, "", 1);
	set_number("LISTEN_PID", getpid());
	set_number("LISTEN_FDS", n);
	setenv("LISTEN_FDNAMES", buf_at(&names), 1);
	setenv(AGAIN, "1", 1);
	buf_free(&names);
}

static void clear_environment(void)
{
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	unsetenv(AGAIN);
}

/* A place that a descriptor is passed on in, and what was there before. */
struct place {
	int source;	  /* what is to come there, out of the way of all places */
	int saved, flags; /* what was there; -1 if nothing was */
	bool taken;
};

static int take_place(struct place *place, int at, int above)
{
	place->flags = fcntl(at, F_GETFD);
	place->saved = place->flags < 0 ? -1 : fcntl(at, F_DUPFD_CLOEXEC, above);
	if (place->flags >= 0 && place->saved < 0)
		return -1;
	if (dup2(place->source, at) < 0)
		return -1;
	place->taken = true;
	return 0;
}

static void give_place_back(struct place *place, int at)
{
	if (place->taken && place->flags < 0)
		close(at);
	else if (place->taken)
		dup3(place->saved, at, place->flags & FD_CLOEXEC ? O_CLOEXEC : 0);
	if (place->saved >= 0)
		close(place->saved);
	if (place->source >= 0)
		close(place->source);
}

static int take_places(struct place *place, const struct passed_fd *fd, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		place[i] = (struct place){ .source = -1, .saved = -1 };
	for (unsigned i = 0; i < n; i++) {
		place[i].source = fcntl(fd[i].fd, F_DUPFD_CLOEXEC, PASSED_FIRST + n);
		if (place[i].source < 0)
			return -1;
	}
	for (unsigned i = 0; i < n; i++) {
		if (take_place(&place[i], PASSED_FIRST + i, PASSED_FIRST + n))
			return -1;
	}
	return 0;
}

const char *program_exec(const struct program *p, const struct passed_fd *fd, unsigned n)
{
	struct place *place = xcalloc(n, sizeof(*place));
	char *cwd = getcwd(NULL, 0);
	int error;

	if (!take_places(place, fd, n)) {
		set_environment(fd, n);
		if (p->cwd && chdir(p->cwd))
			errno = 0; /* matters only to names that are relative to it */
		execv(p->path, p->argv);
	}
	error = errno;
	clear_environment();
	if (cwd && chdir(cwd))
		error = error ? error : errno;
	for (unsigned i = 0; i < n; i++)
		give_place_back(&place[i], PASSED_FIRST + i);
	free(cwd);
	free(place);
	return reason(error);
}
