/* control_test.c - the clients' socket over sessions that echo: limits, backpressure, deaths */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/control.h"
#include "linux/store.h"

/*
 * A session that does requests of its own: "fill N" gives N bytes, "over" ends it, "busy" wants
 * nothing more for now, "ask" parts from all clients, all else comes back as it is.
 */
struct session {
	struct buf in, out;
	bool over, busy;
};

struct router {
	unsigned opened, closed, changes;
	struct session *last;
	bool may_change; /* the last one */
	struct control *control;
	int asker;
	const char *why;
	size_t left; /* for the last one, when it was parted from */
};

static struct router router;

struct session *session_open(struct router *r, bool may_change)
{
	struct session *s = xcalloc(1, sizeof(*s));

	r->opened++;
	r->last = s;
	r->may_change = may_change;
	return s;
}

void session_close(struct session *s)
{
	router.closed++;
	buf_free(&s->in);
	buf_free(&s->out);
	free(s);
}

static void request(struct session *s, const char *line)
{
	unsigned n;

	if (sscanf(line, "fill %u", &n) == 1) {
		memset(buf_room(&s->out, n), 'x', n);
		buf_grow(&s->out, n);
	} else if (!strcmp(line, "over")) {
		s->over = true;
	} else if (!strcmp(line, "busy")) {
		s->busy = true;
	} else if (!strcmp(line, "ask")) {
		router.asker = control_part(router.control, s, &router.why);
		router.left = buf_len(&router.last->out);
	} else {
		buf_printf(&s->out, "%s\n", line);
	}
}

void session_input(struct session *s, const char *data, size_t len)
{
	char *eol;

	buf_add(&s->in, data, len);
	while (buf_len(&s->in) && (eol = memchr(buf_at(&s->in), '\n', buf_len(&s->in)))) {
		*eol = '\0';
		request(s, buf_at(&s->in));
		buf_take(&s->in, eol + 1 - buf_at(&s->in));
	}
}

struct buf *session_output(struct session *s)
{
	return &s->out;
}

bool session_is_over(const struct session *s)
{
	return s->over;
}

bool session_is_busy(const struct session *s)
{
	return s->busy;
}

void store_changed(struct store *s)
{
	(void)s;
	router.changes++;
}

struct bed {
	struct linux_kern k;
	struct log log;
	char dir[32], path[64];
	char line[256]; /* logged last */
	int turns;
};

static void keep_line(struct log *log, enum log_level level, const char *line)
{
	struct bed *bed = container_of(log, struct bed, log);

	(void)level;
	snprintf(bed->line, sizeof(bed->line), "%s", line);
}

static int setup(void **state)
{
	struct bed *bed = xcalloc(1, sizeof(*bed));

	router = (struct router){ .asker = -1 };
	strcpy(bed->dir, "/tmp/smckit-control-XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	chmod(bed->dir, 0755);
	snprintf(bed->path, sizeof(bed->path), "%s/sock", bed->dir);
	log_init(&bed->log, LEVEL_DEBUG, keep_line);
	bed->k.log = log_area(&bed->log, "test");
	clock_init(&bed->k.clock, 0);
	assert_int_equal(loop_init(&bed->k.loop, &bed->k.clock), 0);
	bed->k.router = &router;
	bed->k.control = control_open(&bed->k, bed->path, geteuid(), getegid());
	assert_non_null(bed->k.control);
	router.control = bed->k.control;
	control_serve(bed->k.control);
	*state = bed;
	return 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;

	if (bed->k.control)
		control_close(bed->k.control);
	assert_int_equal(router.opened, router.closed);
	loop_end(&bed->k.loop);
	clock_free(&bed->k.clock);
	log_free(&bed->log);
	assert_int_equal(rmdir(bed->dir), 0);
	free(bed);
	return 0;
}

static bool a_turn(void *arg)
{
	struct bed *bed = arg;

	control_flush(bed->k.control, false);
	bed->k.loop.stop = --bed->turns <= 0;
	return true;
}

/* The daemon's side has its turns. */
static void turns(struct bed *bed, int n)
{
	bed->turns = n;
	bed->k.loop.stop = false;
	loop_run(&bed->k.loop, a_turn, bed);
}

static int try_dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	strcpy(address.sun_path, path);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

static int dial(struct bed *bed)
{
	int fd = try_dial(bed->path);

	assert_true(fd >= 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What there is to read, which is @text; then the end if @end. */
static void hear(int fd, const char *text, bool end)
{
	char got[512] = "";
	ssize_t n = *text ? recv(fd, got, sizeof(got) - 1, 0) : 0;

	assert_int_equal(n, strlen(text));
	assert_string_equal(got, text);
	n = recv(fd, got, sizeof(got), 0);
	assert_int_equal(n, end ? 0 : -1);
}

/* Reads all there is; how much it was. */
static size_t drink(int fd)
{
	char got[65536];
	size_t sum = 0;
	ssize_t n;

	while ((n = recv(fd, got, sizeof(got), 0)) > 0)
		sum += n;
	return sum;
}

static void requests_in_order(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);

	say(fd, "one\ntwo\nthr");
	turns(bed, 3);
	hear(fd, "one\ntwo\n", false);
	say(fd, "ee\n");
	turns(bed, 2);
	hear(fd, "three\n", false);
	assert_true(router.may_change);
	assert_true(router.changes > 0);
	close(fd);
	turns(bed, 2);
	assert_int_equal(router.closed, 1);
}

/* It sends no more, but wants its replies. */
static void half_closed(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);

	say(fd, "fill 1000000\nlast\n");
	shutdown(fd, SHUT_WR);
	turns(bed, 4);
	assert_int_equal(router.closed, 0);
	for (size_t sum = 0; sum < 1000005;) {
		size_t n = drink(fd);

		assert_true(n > 0);
		sum += n;
		assert_true(sum <= 1000005);
		turns(bed, 2);
	}
	turns(bed, 2);
	assert_int_equal(router.closed, 1);
	close(fd);
}

/* While its replies are not read, a client's requests are not read either. */
static void backpressure(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed), other;
	const size_t reply = 1000000;
	struct session *s;
	size_t sum;

	turns(bed, 1);
	s = router.last;
	for (int i = 0; i < 10; i++) {
		say(fd, "fill 1000000\n");
		turns(bed, 3);
		assert_true(buf_len(&s->out) < reply);
	}
	other = dial(bed);
	say(other, "others are served\n");
	turns(bed, 3);
	hear(other, "others are served\n", false);

	/* One request was done, the other nine wait in the kernel. */
	sum = drink(fd);
	assert_true(sum < reply);
	for (int i = 0; i < 200 && sum < 10 * reply; i++) {
		turns(bed, 2);
		sum += drink(fd);
	}
	assert_int_equal(sum, 10 * reply);
	close(fd);
	close(other);
}

static void stops_reading(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);
	unsigned before;
	size_t sum = 0;

	say(fd, "fill 1000000\n");
	turns(bed, 3);
	before = router.changes;
	say(fd, "later\n");
	turns(bed, 3);
	assert_int_equal(router.changes, before);
	for (int i = 0; i < 50 && sum < 1000006; i++) {
		sum += drink(fd);
		turns(bed, 2);
	}
	assert_int_equal(sum, 1000006);
	assert_int_equal(router.changes, before + 1);
	close(fd);
}

/* A session that has enough to do is not given more, and goes on by itself. */
static void busy(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);
	unsigned before;

	say(fd, "busy\n");
	turns(bed, 3);
	before = router.changes;
	say(fd, "later\n");
	turns(bed, 3);
	assert_int_equal(router.changes, before);
	router.last->busy = false;
	turns(bed, 3);
	hear(fd, "later\n", false);
	close(fd);
}

/* A client that dies before it reads: what it asked for before is done all the same. */
static void dies_after_asking(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);
	char text[20000];
	unsigned before;

	/* More than is read at once. */
	memset(text, 'x', sizeof(text));
	for (size_t i = 99; i < sizeof(text); i += 100)
		text[i] = '\n';
	assert_int_equal(send(fd, text, sizeof(text), 0), sizeof(text));
	close(fd);
	before = router.changes;
	turns(bed, 6);
	assert_true(router.changes - before >= 3);
	assert_int_equal(router.closed, 1);
}

static void dies_while_reading(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);
	char some[100];

	say(fd, "fill 3000000\n");
	turns(bed, 3);
	assert_int_equal(recv(fd, some, sizeof(some), 0), sizeof(some));
	close(fd);
	turns(bed, 3);
	assert_int_equal(router.closed, 1);
}

static void over_is_dropped_when_sent(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);

	say(fd, "bye\nover\n");
	turns(bed, 3);
	hear(fd, "bye\n", true);
	assert_int_equal(router.closed, 1);
	close(fd);
}

/* One that does not read is dropped after a while, whatever is left. */
static void over_is_not_waited_for(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);

	say(fd, "fill 3000000\nover\n");
	turns(bed, 3);
	assert_int_equal(router.closed, 0);
	clock_advance(&bed->k.clock, bed->k.clock.now + SEC(5));
	assert_int_equal(router.closed, 1);
	close(fd);
}

static void too_many(void **state)
{
	struct bed *bed = *state;
	int fd[MAXCLIENTS], more;

	for (int i = 0; i < MAXCLIENTS; i++) {
		fd[i] = dial(bed);
		turns(bed, 1);
	}
	more = dial(bed);
	turns(bed, 1);
	hear(more, "{\"error\":\"too many clients are connected\",\"column\":0}\n", true);
	close(more);

	/* The others are served, and when one goes there is room. */
	say(fd[MAXCLIENTS - 1], "x\n");
	turns(bed, 2);
	hear(fd[MAXCLIENTS - 1], "x\n", false);
	close(fd[0]);
	turns(bed, 2);
	fd[0] = dial(bed);
	say(fd[0], "y\n");
	turns(bed, 3);
	hear(fd[0], "y\n", false);
	for (int i = 0; i < MAXCLIENTS; i++)
		close(fd[i]);
}

static void live_daemon_is_an_error(void **state)
{
	struct bed *bed = *state;
	char want[128];

	errno = 0;
	assert_null(control_open(&bed->k, bed->path, geteuid(), getegid()));
	assert_int_equal(errno, EADDRINUSE);
	snprintf(want, sizeof(want), "another smcrouted answers on %s", bed->path);
	assert_string_equal(bed->line, want);
	close(dial(bed));
	turns(bed, 2);
}

static void dead_daemon_is_replaced(void **state)
{
	struct bed *bed = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct control *c;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/dead", bed->dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(try_dial(address.sun_path), -1);

	c = control_open(&bed->k, address.sun_path, geteuid(), getegid());
	assert_non_null(c);
	fd = try_dial(address.sun_path);
	assert_true(fd >= 0);
	close(fd);
	control_close(c);
	assert_int_equal(access(address.sun_path, F_OK), -1);
}

static void no_socket_is_left_alone(void **state)
{
	struct bed *bed = *state;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/file", bed->dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_null(control_open(&bed->k, path, geteuid(), getegid()));
	assert_int_equal(errno, EEXIST);
	assert_int_equal(unlink(path), 0);
}

static void path_too_long(void **state)
{
	struct bed *bed = *state;
	char path[200];

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_null(control_open(&bed->k, path, geteuid(), getegid()));
	assert_int_equal(errno, ENAMETOOLONG);
}

/* Another daemon took the path meanwhile: its socket stays. */
static void only_our_own_is_removed(void **state)
{
	struct bed *bed = *state;
	struct control *other;

	assert_int_equal(unlink(bed->path), 0);
	other = control_open(&bed->k, bed->path, geteuid(), getegid());
	assert_non_null(other);
	control_close(bed->k.control);
	assert_int_equal(access(bed->path, F_OK), 0);
	bed->k.control = other;
}

static void adopted(void **state)
{
	struct bed *bed = *state;
	int fd = dup(control_fd(bed->k.control)), wrong[2], client = dial(bed);
	char away[64];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control *c;

	/* A pipe, the socket of another path, a connection, a socket that does not listen. */
	assert_int_equal(pipe(wrong), 0);
	assert_null(control_adopt(&bed->k, bed->path, wrong[0]));
	close(wrong[0]);
	assert_null(control_adopt(&bed->k, bed->path, client));
	wrong[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/other", bed->dir);
	assert_int_equal(bind(wrong[0], (struct sockaddr *)&address, sizeof(address)), 0);
	assert_null(control_adopt(&bed->k, address.sun_path, fd));
	assert_null(control_adopt(&bed->k, address.sun_path, wrong[0]));
	assert_int_equal(unlink(address.sun_path), 0);
	c = control_adopt(&bed->k, bed->path, fd);
	assert_non_null(c);

	/* As if the process before were gone, but not in order: nothing was removed. */
	snprintf(away, sizeof(away), "%s/away", bed->dir);
	assert_int_equal(rename(bed->path, away), 0);
	control_close(bed->k.control);
	assert_int_equal(rename(away, bed->path), 0);
	bed->k.control = c;
	control_serve(c);
	say(client, "still there\n");
	turns(bed, 3);
	hear(client, "still there\n", false);
	close(client);
	close(wrong[0]);
	close(wrong[1]);
}

/* The one who asks for a restart: earlier replies are sent first, the connection is told. */
static void asker(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed), copy;

	say(fd, "before\nask\n");
	turns(bed, 3);
	hear(fd, "before\n", false);
	assert_null(router.why);
	assert_true(router.asker >= 0);

	/* The new process answers it. */
	copy = dup(router.asker);
	control_asked(bed->k.control, copy);
	control_answer(bed->k.control);
	hear(fd, "{\"ok\":true}\n", false);

	/* Once; the descriptor's number may be somebody else's by now. */
	assert_int_equal(dup(fd), copy);
	control_answer(bed->k.control);
	hear(fd, "", false);
	assert_int_equal(close(copy), 0);
	close(fd);
}

/* What others were answered is on its way to them too. */
static void others_when_asked(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed), other;

	turns(bed, 1);
	other = dial(bed);
	turns(bed, 1);
	say(other, "reply\n");
	say(fd, "ask\n");
	router.left = 99;
	turns(bed, 1);
	assert_int_equal(router.left, 0);
	assert_true(router.asker >= 0);
	hear(other, "reply\n", false);
	close(fd);
	close(other);
	turns(bed, 2);
}

static void asker_that_does_not_read(void **state)
{
	struct bed *bed = *state;
	int fd = dial(bed);

	say(fd, "fill 3000000\nask\n");
	turns(bed, 2);
	assert_string_equal(router.why, "the replies to earlier requests are not being read");
	assert_int_equal(router.asker, -1);
	assert_int_equal(control_part(bed->k.control, NULL, &router.why), -1);
	close(fd);
	turns(bed, 2);
}

/* In a child: says "x" as that user, and waits for the reply. */
static int be_user(const char *path, uid_t uid, gid_t gid, gid_t extra, int said, const char *want)
{
	struct timeval patience = { .tv_sec = 5 };
	char got[256] = "";
	int fd;

	if (seteuid(0) || setgroups(extra ? 1 : 0, &extra) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		return 1;
	fd = try_dial(path);
	if (fd < 0 || fcntl(fd, F_SETFL, 0) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		return 2;
	if (send(fd, "x\n", 2, MSG_NOSIGNAL) != 2 || write(said, "", 1) != 1)
		return 3;
	return recv(fd, got, strlen(want), MSG_WAITALL) <= 0 || strcmp(got, want) ? 4 : 0;
}

/* What a user of these ids hears who says "x". */
static void as_user(struct bed *bed, uid_t uid, gid_t gid, gid_t extra, const char *want)
{
	int said[2], status;
	pid_t child;
	char c;

	assert_int_equal(pipe(said), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(be_user(bed->path, uid, gid, extra, said[1], want));
	close(said[1]);
	assert_int_equal(read(said[0], &c, 1), 1);
	turns(bed, 3);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(said[0]);
}

static void who_may_what(void **state)
{
	struct bed *bed = *state;

	if (geteuid())
		skip();
	assert_int_equal(chmod(bed->path, 0777), 0);
	as_user(bed, 0, 0, 0, "x\n");
	assert_true(router.may_change);
	as_user(bed, 65534, 65534, 0, "{\"error\":\"permission denied\",\"column\":0}\n");
	as_user(bed, 65534, 0, 0, "{\"error\":\"permission denied\",\"column\":0}\n");
	assert_int_equal(router.opened, 1);

	assert_int_equal(setegid(4321), 0);
	as_user(bed, 65534, 4321, 0, "x\n");
	assert_false(router.may_change);
	as_user(bed, 65534, 65534, 4321, "x\n");
	assert_false(router.may_change);
	as_user(bed, 65534, 65534, 4322, "{\"error\":\"permission denied\",\"column\":0}\n");

	assert_int_equal(seteuid(4444), 0);
	as_user(bed, 4444, 65534, 0, "x\n");
	assert_int_equal(seteuid(0), 0);
	assert_true(router.may_change);
	assert_int_equal(setegid(0), 0);
	turns(bed, 2);
}

static void modes(void **state)
{
	struct bed *bed = *state;
	struct control *c;
	struct stat st;
	char path[64];

	if (geteuid())
		skip();
	assert_int_equal(stat(bed->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	snprintf(path, sizeof(path), "%s/group", bed->dir);
	c = control_open(&bed->k, path, 65534, 4321);
	assert_non_null(c);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0775);
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_gid, 4321);
	control_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(half_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(backpressure, setup, teardown),
		cmocka_unit_test_setup_teardown(stops_reading, setup, teardown),
		cmocka_unit_test_setup_teardown(busy, setup, teardown),
		cmocka_unit_test_setup_teardown(dies_after_asking, setup, teardown),
		cmocka_unit_test_setup_teardown(dies_while_reading, setup, teardown),
		cmocka_unit_test_setup_teardown(over_is_dropped_when_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(over_is_not_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(live_daemon_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(dead_daemon_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(no_socket_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(path_too_long, setup, teardown),
		cmocka_unit_test_setup_teardown(only_our_own_is_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(adopted, setup, teardown),
		cmocka_unit_test_setup_teardown(asker, setup, teardown),
		cmocka_unit_test_setup_teardown(others_when_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(asker_that_does_not_read, setup, teardown),
		cmocka_unit_test_setup_teardown(who_may_what, setup, teardown),
		cmocka_unit_test_setup_teardown(modes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
