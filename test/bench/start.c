/* start.c - starts a daemon as a service manager does, and says when it was ready
 *
 *	start COMMAND [ARG...]
 *
 * Prints "MICROSECONDS PID" when the daemon says READY=1: the time since its execve(). Stays as
 * its parent, so that it may be waited for, and ends as it does.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "start: ");
	perror(what);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A socket with a name of its own, which is put into the environment. */
static int open_notify(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char name[64];
	int len = snprintf(name, sizeof(name), "@bench-start-%d", getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(sun.sun_path + 1, name + 1, len - 1);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&sun, offsetof(struct sockaddr_un, sun_path) + len))
		fail("socket");
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

/* The child's clock is read last, so that nothing of ours is measured. */
static pid_t run(char **argv, int64_t *started)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	*started = now_us();
	execvp(argv[0], argv);
	fail(argv[0]);
	return -1;
}

static void read_message(int fd, pid_t pid, const int64_t *started)
{
	static int ready;
	int64_t now = now_us();
	char text[4096];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		fail("receive");
	text[n] = '\0';
	if (ready || !strstr(text, "READY=1"))
		return;
	ready = 1;
	printf("%ld %d\n", (long)(now - *started), pid);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct pollfd watch[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int64_t *started;
	int status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: start COMMAND [ARG...]\n");
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	started = mmap(NULL, sizeof(*started), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (started == MAP_FAILED)
		fail("mmap");
	watch[0].fd = open_notify();
	pid = run(argv + 1, started);
	watch[1].fd = syscall(SYS_pidfd_open, pid, 0);
	if (watch[1].fd < 0)
		fail("pidfd");
	while (poll(watch, 2, -1) > 0 || errno == EINTR) {
		if (watch[0].revents)
			read_message(watch[0].fd, pid, started);
		if (watch[1].revents)
			break;
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
