/* fdstore.c - a small service manager: it keeps descriptors, and starts what was killed again
 *
 *	fdstore SOCKET PROGRAM [ARG...]
 *
 * The program is told SOCKET as NOTIFY_SOCKET, and gets at each start the descriptors that it
 * stored, as sd_listen_fds(3) has it. What happens is a line each: "start PID", "ready",
 * "store NAME", "remove NAME", "killed SIGNAL". When the program is killed it is started again
 * at once; when it exits, so does this, with its status. SIGTERM ends the program, SIGHUP ends it
 * to start it again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAXKEPT 256
#define FIRST 3

struct kept {
	char name[64];
	int fd;
};

static struct kept kept[MAXKEPT];
static unsigned nkept;
static pid_t pid;
static bool again; /* it was ended to be started again */

static void fail(const char *what)
{
	fprintf(stderr, "fdstore: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool is_same(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void store(const char *name, int fd)
{
	for (unsigned i = 0; i < nkept; i++) {
		if (is_same(kept[i].fd, fd)) {
			close(fd);
			return;
		}
	}
	if (nkept == MAXKEPT) {
		errno = ENOSPC;
		fail("store");
	}
	snprintf(kept[nkept].name, sizeof(kept[nkept].name), "%s", name);
	kept[nkept++].fd = fd;
	printf("store %s\n", name);
}

static void forget(const char *name)
{
	unsigned n = 0;

	for (unsigned i = 0; i < nkept; i++) {
		if (strcmp(kept[i].name, name)) {
			kept[n++] = kept[i];
			continue;
		}
		close(kept[i].fd);
		printf("remove %s\n", name);
	}
	nkept = n;
}

/* A message is lines; its descriptor, -1 if there is none, is stored or closed. */
static void message(char *text, int fd)
{
	bool stores = false, removes = false;
	const char *name = "stored";

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strcmp(line, "READY=1"))
			printf("ready\n");
		else if (!strcmp(line, "FDSTORE=1"))
			stores = true;
		else if (!strcmp(line, "FDSTOREREMOVE=1"))
			removes = true;
		else if (!strncmp(line, "FDNAME=", 7))
			name = line + 7;
	}
	if (removes)
		forget(name);
	if (stores && fd >= 0)
		store(name, fd);
	else if (fd >= 0)
		close(fd);
}

/* Reads one message; false when there is none left. */
static bool receive(int sock)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char text[4096];
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c;
	int fd = -1;

	if (n < 0)
		return errno == EINTR;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	text[n] = '\0';
	message(text, fd);
	return true;
}

/* In the child: the descriptors come to lie side by side, and the environment tells of them. */
static void pass_on(void)
{
	char names[MAXKEPT * sizeof(kept->name)] = "", number[16];
	int away[MAXKEPT];
	size_t at = 0;

	for (unsigned i = 0; i < nkept; i++)
		away[i] = fcntl(kept[i].fd, F_DUPFD_CLOEXEC, FIRST + MAXKEPT);
	for (unsigned i = 0; i < nkept; i++) {
		if (dup2(away[i], FIRST + i) < 0)
			fail("dup2");
		at += snprintf(names + at, sizeof(names) - at, "%s%s", i ? ":" : "", kept[i].name);
	}
	if (!nkept)
		return;
	snprintf(number, sizeof(number), "%d", getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof(number), "%u", nkept);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

static void start(char **argv)
{
	sigset_t none;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid) {
		printf("start %d\n", pid);
		return;
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	pass_on();
	execvp(*argv, argv);
	fail(*argv);
}

/* What it had to say before it ended comes first. */
static void ended(int sock, int status, char **argv)
{
	while (receive(sock))
		;
	if (WIFEXITED(status))
		printf("exited %d\n", WEXITSTATUS(status));
	else
		printf("killed %d\n", WTERMSIG(status));
	if (WIFEXITED(status) && !again)
		exit(WEXITSTATUS(status));
	again = false;
	start(argv);
}

static void on_signal(int signals, int sock, char **argv)
{
	struct signalfd_siginfo info;
	int status;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	again |= info.ssi_signo == SIGHUP;
	if (info.ssi_signo != SIGCHLD)
		kill(pid, SIGTERM);
	else if (waitpid(pid, &status, WNOHANG) == pid)
		ended(sock, status, argv);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof(address)) ||
	    chmod(path, 0777))
		fail(path);
	setenv("NOTIFY_SOCKET", path, 1);
	return sock;
}

int main(int argc, char **argv)
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	sigset_t set;

	if (argc < 3) {
		fprintf(stderr, "usage: fdstore SOCKET PROGRAM [ARG...]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	p[0].fd = listen_at(argv[1]);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p[1].fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (p[1].fd < 0)
		fail("signalfd");
	start(argv + 2);
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			fail("poll");
		while (p[0].revents && receive(p[0].fd))
			;
		if (p[1].revents)
			on_signal(p[1].fd, p[0].fd, argv + 2);
	}
}
