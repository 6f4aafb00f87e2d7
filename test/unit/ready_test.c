/* ready_test.c - messages to a service manager, and descriptors that it passes on */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/ready.h"

/* A manager that listens, and a name for it as NOTIFY_SOCKET has it. */
struct manager {
	int fd;
	char name[64], file[64];
};

static void manager_open(struct manager *m, bool abstract)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = offsetof(struct sockaddr_un, sun_path);

	*m = (struct manager){ 0 };
	if (abstract) {
		snprintf(m->name, sizeof(m->name), "@smckit-ready-test-%d", getpid());
		memcpy(address.sun_path, m->name, strlen(m->name));
		address.sun_path[0] = '\0';
		len += strlen(m->name);
	} else {
		snprintf(m->file, sizeof(m->file), "/tmp/smckit-ready-test-%d", getpid());
		snprintf(m->name, sizeof(m->name), "%s", m->file);
		strcpy(address.sun_path, m->file);
		len += strlen(m->name) + 1;
	}
	m->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_true(m->fd >= 0);
	assert_int_equal(bind(m->fd, (struct sockaddr *)&address, len), 0);
}

static void manager_close(struct manager *m)
{
	close(m->fd);
	if (*m->file)
		unlink(m->file);
}

/* The next message; its descriptor goes to *passed, -1 if it has none. */
static void expect(struct manager *m, const char *text, int *passed)
{
	char got[512] = "", space[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { got, sizeof(got) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = space,
			      .msg_controllen = sizeof(space) };
	struct cmsghdr *c;

	assert_true(recvmsg(m->fd, &msg, MSG_DONTWAIT) >= 0);
	assert_string_equal(got, text);
	c = CMSG_FIRSTHDR(&msg);
	*passed = -1;
	if (c) {
		assert_int_equal(c->cmsg_type, SCM_RIGHTS);
		memcpy(passed, CMSG_DATA(c), sizeof(*passed));
	}
}

static void messages_to(bool abstract)
{
	struct manager m;
	struct ready r;
	struct stat a, b;
	int fd[2], got;

	manager_open(&m, abstract);
	assert_int_equal(ready_open(&r, m.name), 0);
	assert_int_equal(ready_notify(&r, "READY=1\nMAINPID=%d", 7), 0);
	expect(&m, "READY=1\nMAINPID=7", &got);
	assert_int_equal(got, -1);

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(ready_store(&r, "join-9", fd[0]), 0);
	expect(&m, "FDSTORE=1\nFDNAME=join-9\nFDPOLL=0", &got);
	assert_true(got >= 0);
	assert_int_equal(fstat(fd[0], &a), 0);
	assert_int_equal(fstat(got, &b), 0);
	assert_true(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	close(got);

	assert_int_equal(ready_unstore(&r, "join-9"), 0);
	expect(&m, "FDSTOREREMOVE=1\nFDNAME=join-9", &got);
	assert_int_equal(got, -1);
	close(fd[0]);
	close(fd[1]);
	ready_close(&r);
	manager_close(&m);
}

static void to_a_path(void **state)
{
	(void)state;
	messages_to(false);
}

static void to_an_abstract_name(void **state)
{
	(void)state;
	messages_to(true);
}

static void nobody_listens(void **state)
{
	static const char *const none[] = { NULL, "" };

	(void)state;
	for (unsigned i = 0; i < NELEMS(none); i++) {
		struct ready r;

		assert_int_equal(ready_open(&r, none[i]), 0);
		assert_int_equal(r.fd, -1);
		assert_int_equal(ready_notify(&r, "READY=1"), 0);
		assert_int_equal(ready_store(&r, "x", 0), 0);
		ready_close(&r);
	}
}

static void addresses_that_are_none(void **state)
{
	char longer[sizeof(((struct sockaddr_un *)0)->sun_path) + 2];
	const char *const bad[] = { "relative", "vsock:2:1234", longer };

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	for (unsigned i = 0; i < NELEMS(bad); i++) {
		struct ready r;

		assert_int_equal(ready_open(&r, bad[i]), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(ready_notify(&r, "READY=1"), 0);
	}
}

static void manager_is_gone(void **state)
{
	struct manager m;
	struct ready r;

	(void)state;
	manager_open(&m, false);
	assert_int_equal(ready_open(&r, m.name), 0);
	manager_close(&m);
	assert_int_equal(ready_notify(&r, "READY=1"), -1);
	ready_close(&r);
}

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* A manager that reads no more is waited for once, not for each of many messages. */
static void manager_is_slow(void **state)
{
	struct manager m;
	struct ready r;
	int64_t start;
	int got;

	(void)state;
	manager_open(&m, true);
	assert_int_equal(ready_open(&r, m.name), 0);
	for (int i = 0; i < 100000 && !ready_notify(&r, "STATUS=%d", i); i++)
		;
	assert_int_equal(errno, EAGAIN);
	start = milliseconds();
	for (int i = 0; i < 20; i++)
		assert_int_equal(ready_notify(&r, "STATUS=again"), -1);
	assert_true(milliseconds() - start < 900);

	expect(&m, "STATUS=0", &got);
	assert_int_equal(ready_notify(&r, "STATUS=there"), 0);
	assert_false(r.is_slow);
	ready_close(&r);
	manager_close(&m);
}

static void parse_names(void **state)
{
	struct passed p;

	(void)state;
	assert_true(passed_parse(&p, 42, "42", "3", "state:control:join-7"));
	assert_int_equal(p.n, 3);
	assert_int_equal(p.fd[0].fd, 3);
	assert_int_equal(passed_claim(&p, "join-7"), 5);
	assert_int_equal(passed_claim(&p, "join-7"), -1);
	assert_int_equal(passed_claim(&p, "other"), -1);
	assert_int_equal(passed_claim(&p, "state"), 3);
	assert_int_equal(passed_claim(&p, "control"), 4);
	passed_free(&p);
}

static void parse_same_names(void **state)
{
	struct passed p;

	(void)state;
	assert_true(passed_parse(&p, 1, "1", "2", "a:a"));
	assert_int_equal(passed_claim(&p, "a"), 3);
	assert_int_equal(passed_claim(&p, "a"), 4);
	passed_free(&p);
}

/* systemd says "unknown" too for descriptors that nobody named. */
static void parse_missing_names(void **state)
{
	static const char *const names[] = { NULL, "", "unknown", ":", "unknown:" };

	(void)state;
	for (unsigned i = 0; i < NELEMS(names); i++) {
		struct passed p;

		assert_true(passed_parse(&p, 5, "5", "2", names[i]));
		assert_string_equal(p.fd[0].name, "unknown");
		assert_string_equal(p.fd[1].name, "unknown");
		p.fd[0].fd = p.fd[1].fd = -1;
		passed_free(&p);
	}
}

static void parse_refuses(void **state)
{
	static const struct {
		const char *pid, *fds;
	} bad[] = {
		{ NULL, "1" },	     { "42", NULL }, { "43", "1" },
		{ "42", "0" },	     { "42", "-1" }, { "42", "1x" },
		{ "42", "" },	     { "42x", "1" }, { "", "1" },
		{ " 42", "1" },	     { "42", "+1" }, { "42", "99999999999999999999" },
		{ "42", "2000000" },
	};

	(void)state;
	for (unsigned i = 0; i < NELEMS(bad); i++) {
		struct passed p;

		assert_false(passed_parse(&p, 42, bad[i].pid, bad[i].fds, "a"));
		assert_int_equal(p.n, 0);
		assert_int_equal(passed_claim(&p, "a"), -1);
		passed_free(&p);
	}
}

static void take_clears_the_environment(void **state)
{
	char pid[16];
	struct passed p;
	int fd[2], keep = dup(3);

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(dup2(fd[0], 3), 3);
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "control", 1);
	assert_true(passed_take(&p));
	assert_null(getenv("LISTEN_PID"));
	assert_null(getenv("LISTEN_FDS"));
	assert_null(getenv("LISTEN_FDNAMES"));
	assert_int_equal(fcntl(3, F_GETFD), FD_CLOEXEC);

	/* Nobody claims it: it is closed. */
	passed_free(&p);
	assert_int_equal(fcntl(3, F_GETFD), -1);
	if (keep >= 0) {
		dup2(keep, 3);
		close(keep);
	}
	if (fd[0] != 3)
		close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_a_path),
		cmocka_unit_test(to_an_abstract_name),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(addresses_that_are_none),
		cmocka_unit_test(manager_is_gone),
		cmocka_unit_test(manager_is_slow),
		cmocka_unit_test(parse_names),
		cmocka_unit_test(parse_same_names),
		cmocka_unit_test(parse_missing_names),
		cmocka_unit_test(parse_refuses),
		cmocka_unit_test(take_clears_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
