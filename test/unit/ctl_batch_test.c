/* ctl_batch_test.c - batches over a socket pair: lines however they are cut, errors, sizes */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../smcroutectl/batch.h"

/* What came of a batch. */
struct outcome {
	int status;
	char requests[4096]; /* as the daemon got them */
	char errors[1024];   /* as people got them */
};

static int saved_stderr, errors_fd;

static void capture(void)
{
	errors_fd = memfd_create("errors", 0);
	saved_stderr = dup(STDERR_FILENO);
	dup2(errors_fd, STDERR_FILENO);
}

static void release(char *errors, size_t size)
{
	ssize_t n;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	n = pread(errors_fd, errors, size - 1, 0);
	errors[n > 0 ? n : 0] = '\0';
	close(errors_fd);
}

/* A process that answers each request with the next line of @answers and notes it in @requests. */
static int daemon_with(const char *answers, int requests)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	if (!fork()) {
		FILE *in = fdopen(pair[1], "r");
		char line[256];

		close(pair[0]);
		while (fgets(line, sizeof(line), in)) {
			const char *end = strchr(answers, '\n');

			if (!end || write(requests, line, strlen(line)) < 0 ||
			    write(pair[1], answers, end + 1 - answers) < 0)
				break;
			answers = end + 1;
		}
		_exit(0);
	}
	close(pair[1]);
	return pair[0];
}

/* A process that writes the input in pieces; each is what one read() gets. */
static int input_from(const char *input, size_t piece)
{
	int in[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, in), 0);
	if (!fork()) {
		close(in[0]);
		for (size_t at = 0; at < strlen(input); at += piece) {
			size_t left = strlen(input) - at;

			if (write(in[1], input + at, left < piece ? left : piece) < 0)
				break;
		}
		_exit(0);
	}
	close(in[1]);
	return in[0];
}

static struct outcome batch(bool keep_going, size_t piece, const char *input, const char *answers)
{
	const struct options options = { .keep_going = keep_going };
	struct client c = { .options = &options, .printer.options = &options };
	int requests = memfd_create("requests", 0), in;
	struct outcome o = { 0 };

	c.fd = daemon_with(answers, requests);
	in = input_from(input, piece);
	capture();
	o.status = batch_run(&c, in);
	release(o.errors, sizeof(o.errors));
	client_free(&c);
	close(in);
	while (wait(NULL) > 0)
		;
	assert_true(pread(requests, o.requests, sizeof(o.requests) - 1, 0) >= 0);
	close(requests);
	return o;
}

#define OK "{\"ok\":true}\n"
#define BAD "{\"error\":\"no \\\"such\\\" thing\",\"column\":5}\n"

static void lines_are_cut_wherever_the_pieces_end(void **state)
{
	static const char input[] =
		"add a b c\n\n# nothing\n   \n\t  del  x y\r\nr\njoin eth0 225.1.1.1";

	(void)state;
	for (size_t piece = 1; piece < sizeof(input); piece++) {
		struct outcome o = batch(true, piece, input, OK OK OK OK);

		assert_int_equal(o.status, 0);
		assert_string_equal(o.requests,
				    "add a b c\nremove x y\r\nreload \njoin eth0 225.1.1.1\n");
		assert_string_equal(o.errors, "");
	}
}

static void the_daemon_is_told_to_stop_first(void **state)
{
	struct outcome o = batch(false, 1000, "add a b c\n", OK OK);

	(void)state;
	assert_int_equal(o.status, 0);
	assert_string_equal(o.requests, "batch stop\nadd a b c\n");
}

static void the_first_error_ends_it_with_its_line(void **state)
{
	struct outcome o = batch(false, 1000, "add a\n\nadd b\nadd c\nadd d\n", OK OK BAD BAD BAD);

	(void)state;
	assert_int_equal(o.status, 1);
	assert_string_equal(o.errors, "line 3: no \"such\" thing\n");
}

static void with_k_it_goes_on(void **state)
{
	struct outcome o = batch(true, 1000, "add a\nfrob\nadd b\nadd c\n", OK BAD OK);

	(void)state;
	assert_int_equal(o.status, 1);
	assert_string_equal(o.requests, "add a\nadd b\nadd c\n");
	assert_string_equal(o.errors, "line 2: there is no command 'frob', see smcroutectl help\n"
				      "line 3: no \"such\" thing\n");
}

static void an_error_of_ours_is_told_after_those_before_it(void **state)
{
	struct outcome o = batch(false, 1000, "add a\nfrob\nadd b\n", OK OK);

	(void)state;
	assert_int_equal(o.status, 1);
	assert_string_equal(o.requests, "batch stop\nadd a\n");
	assert_string_equal(o.errors, "line 2: there is no command 'frob', see smcroutectl help\n");

	o = batch(false, 1000, "add a\nfrob\nadd b\n", OK BAD);
	assert_int_equal(o.status, 1);
	assert_string_equal(o.errors, "line 1: no \"such\" thing\n");
}

static void nonsense_and_silence_end_it(void **state)
{
	struct outcome o = batch(true, 1000, "add a\n", "what?\n");

	(void)state;
	assert_int_equal(o.status, 1);
	assert_string_equal(o.errors, "line 1: smcrouted's answer cannot be understood\n");

	o = batch(true, 1000, "add a\n", "");
	assert_int_equal(o.status, 1);
	assert_string_equal(o.errors, "line 1: smcrouted closed the connection\n");
}

/* Every request has an answer ten times its size; both sides' sockets are full most of the time. */
static void answers_larger_than_all_buffers_do_not_block(void **state)
{
	static const int requests = 20000;
	const struct options options = { .keep_going = true };
	struct client c = { .options = &options, .printer.options = &options };
	int pair[2], status;
	FILE *input = tmpfile();

	(void)state;
	for (int i = 0; i < requests; i++)
		fprintf(input, "add eth0 10.0.%d.%d 225.1.1.1 eth1\n", i / 256, i % 256);
	rewind(input);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	if (!fork()) {
		char line[256], answer[400];
		FILE *in = fdopen(pair[1], "r");
		int n = 0;

		close(pair[0]);
		memset(answer, 'x', sizeof(answer));
		memcpy(answer, "{\"error\":\"", 10);
		memcpy(answer + sizeof(answer) - 3, "\"}\n", 3);
		while (n < requests && fgets(line, sizeof(line), in)) {
			if (write(pair[1], answer, sizeof(answer)) != sizeof(answer))
				_exit(1);
			n++;
		}
		_exit(n != requests);
	}
	close(pair[1]);
	c.fd = pair[0];
	capture();
	assert_int_equal(batch_run(&c, fileno(input)), 1);
	release((char[16]){ 0 }, 16);
	assert_int_equal(c.nask, 0);
	client_free(&c);
	fclose(input);
	wait(&status);
	assert_int_equal(status, 0);
}

/* The input stands still, but what was asked is answered. */
static void a_line_is_executed_before_the_next_one_comes(void **state)
{
	const struct options options = { 0 };
	struct client c = { .options = &options, .printer.options = &options };
	int in[2];
	char errors[100];

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(write(in[1], "add a\n", 6), 6);
	c.fd = daemon_with(OK BAD, open("/dev/null", O_WRONLY | O_CLOEXEC));
	capture();
	assert_int_equal(batch_run(&c, in[0]), 1);
	release(errors, sizeof(errors));
	assert_string_equal(errors, "line 1: no \"such\" thing\n");
	client_free(&c);
	close(in[0]);
	close(in[1]);
	wait(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_cut_wherever_the_pieces_end),
		cmocka_unit_test(the_daemon_is_told_to_stop_first),
		cmocka_unit_test(the_first_error_ends_it_with_its_line),
		cmocka_unit_test(with_k_it_goes_on),
		cmocka_unit_test(an_error_of_ours_is_told_after_those_before_it),
		cmocka_unit_test(nonsense_and_silence_end_it),
		cmocka_unit_test(answers_larger_than_all_buffers_do_not_block),
		cmocka_unit_test(a_line_is_executed_before_the_next_one_comes),
	};

	return cmocka_run_group_tests_name("smcroutectl batches", tests, NULL, NULL);
}
