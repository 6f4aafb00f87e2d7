/* program_test.c - starting anew: what is passed on, and that a failure disturbs nothing */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/program.h"

#define NFDS 8

/* What a descriptor number stands for: nothing, or an open file with its flags. */
struct open_file {
	int flags;
	ino_t ino;
};

static struct open_file look(int fd)
{
	struct open_file f = { .flags = fcntl(fd, F_GETFD) };
	struct stat st;

	if (f.flags >= 0 && !fstat(fd, &st))
		f.ino = st.st_ino;
	return f;
}

/* A program whose file is @path, called as it would be from /. */
static struct program program_of(const char *path, char **argv)
{
	return (struct program){ .path = (char *)path, .argv = argv, .cwd = (char *)"/" };
}

/*
 * Pipes at low numbers, to be passed on in another order: each is in another's place, and one
 * place in the middle is free.
 */
static void open_pipes(struct passed_fd fd[NFDS], int other[NFDS])
{
	int hole = -1;

	for (int i = 0; i < NFDS; i++) {
		int p[2];

		assert_int_equal(pipe2(p, O_CLOEXEC), 0);
		if (i == 1)
			hole = dup(0);
		fd[NFDS - 1 - i] = (struct passed_fd){ "pipe", p[0] };
		other[i] = p[1];
	}
	close(hole);
}

static void close_pipes(struct passed_fd fd[NFDS], int other[NFDS])
{
	for (int i = 0; i < NFDS; i++) {
		close(fd[i].fd);
		close(other[i]);
	}
}

static void failure_disturbs_nothing(void **state)
{
	char *argv[] = { (char *)"x", NULL };
	struct program p = program_of("/nonexistent/program", argv);
	struct epoll_event event = { .events = EPOLLIN };
	struct open_file before[64];
	struct passed_fd fd[NFDS];
	int other[NFDS], epoll = epoll_create1(EPOLL_CLOEXEC);
	char cwd[256], now[256];

	(void)state;
	open_pipes(fd, other);
	fcntl(fd[2].fd, F_SETFD, 0);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, fd[0].fd, &event), 0);
	for (int i = 0; i < 64; i++)
		before[i] = look(i);
	assert_non_null(getcwd(cwd, sizeof(cwd)));

	assert_string_equal(program_exec(&p, fd, NFDS), "No such file or directory");

	for (int i = 0; i < 64; i++) {
		struct open_file after = look(i);

		assert_int_equal(before[i].flags, after.flags);
		assert_true(before[i].ino == after.ino);
	}
	assert_non_null(getcwd(now, sizeof(now)));
	assert_string_equal(cwd, now);
	assert_null(getenv("LISTEN_PID"));
	assert_null(getenv("LISTEN_FDS"));

	/* Even what epoll watches is as it was. */
	for (int i = 0; i < NFDS; i++)
		assert_int_equal(write(other[i], "x", 1), 1);
	assert_int_equal(epoll_wait(epoll, &event, 1, 0), 1);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_DEL, fd[0].fd, NULL), 0);
	close(epoll);
	close_pipes(fd, other);
}

static void one_is_not_open(void **state)
{
	char *argv[] = { (char *)"x", NULL };
	struct program p = program_of("/bin/false", argv);
	struct passed_fd fd[NFDS];
	int other[NFDS];

	(void)state;
	open_pipes(fd, other);
	fd[NFDS - 1].name = "bad";
	close(fd[NFDS - 1].fd);
	assert_string_equal(program_exec(&p, fd, NFDS), "Bad file descriptor");
	for (int i = 0; i < NFDS - 1; i++)
		assert_int_equal(fcntl(fd[i].fd, F_GETFD), FD_CLOEXEC);
	fd[NFDS - 1].fd = -1;
	close_pipes(fd, other);
}

/* A shell in the child tells what came through: "0 1 2 ..." in the order of the list. */
static void passed_in_order(void **state)
{
	char script[512] = "[ $LISTEN_PID = $$ ] && [ $LISTEN_FDS = 8 ] && [ $SMCKIT_RESTART = 1 ] "
			   "&& [ $LISTEN_FDNAMES = n0:n1:n2:n3:n4:n5:n6:n7 ] && [ \"$PWD\" = / ]";
	char *argv[] = { (char *)"sh", (char *)"-c", script, NULL };
	struct program p = program_of("/bin/sh", argv);
	static const char *const name[NFDS] = { "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7" };
	struct passed_fd fd[NFDS];
	int other[NFDS], status;
	pid_t child;

	(void)state;
	open_pipes(fd, other);
	for (int i = 0; i < NFDS; i++) {
		size_t len = strlen(script);
		char text[16];

		fd[i].name = name[i];
		snprintf(text, sizeof(text), "%d\n", i);
		assert_true(write(other[NFDS - 1 - i], text, strlen(text)) > 0);
		/* Numbers above 9 are for a shell to read from /proc alone. */
		snprintf(script + len, sizeof(script) - len,
			 " && read x </proc/self/fd/%d && [ $x = %d ]", PASSED_FIRST + i, i);
	}
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		program_exec(&p, fd, NFDS);
		_exit(99);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close_pipes(fd, other);
}

static void tried_first(void **state)
{
	char *argv[] = { (char *)"x", NULL };
	struct program good = program_of("/bin/true", argv);
	struct program bad = program_of("/bin/false", argv);
	struct program none = program_of("/nonexistent", argv);
	struct program folder = program_of("/tmp", argv);

	(void)state;
	assert_null(program_try(&good));
	assert_string_equal(program_try(&bad), "the program does not run");
	assert_string_equal(program_try(&none), "No such file or directory");
	assert_string_equal(program_try(&folder), "Permission denied");
}

static void knows_itself(void **state)
{
	char *argv[] = { (char *)"a", (char *)"b", NULL };
	struct program p;
	struct stat a, b;

	(void)state;
	setenv("SMCKIT_RESTART", "1", 1);
	program_init(&p, 2, argv);
	assert_true(p.again);
	assert_null(getenv("SMCKIT_RESTART"));
	assert_int_equal(stat(p.path, &a), 0);
	assert_int_equal(stat("/proc/self/exe", &b), 0);
	assert_true(a.st_ino == b.st_ino);
	argv[0] = NULL;
	assert_string_equal(p.argv[0], "a");
	assert_string_equal(p.argv[1], "b");
	assert_null(p.argv[2]);
	program_free(&p);
	program_init(&p, 2, argv);
	assert_false(p.again);
	program_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failure_disturbs_nothing),
		cmocka_unit_test(one_is_not_open),
		cmocka_unit_test(passed_in_order),
		cmocka_unit_test(tried_first),
		cmocka_unit_test(knows_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
