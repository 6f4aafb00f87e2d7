/* script_test.c - calls of the script: order, limits in number and time, what it is given */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/script.h"

struct bed {
	struct linux_kern k;
	struct log log;
	struct priv user;
	struct script *script;
	char dir[32], path[64], told[64];
	char said[4096]; /* the log's errors, warnings and notices */
};

static void keep_line(struct log *log, enum log_level level, const char *line)
{
	struct bed *bed = container_of(log, struct bed, log);
	size_t len = strlen(bed->said);

	if (level <= LEVEL_NOTICE)
		snprintf(bed->said + len, sizeof(bed->said) - len, "%s\n", line);
}

/* The script's file, behind a line that notes the call. */
static void write_script(const struct bed *bed, const char *text)
{
	FILE *f = fopen(bed->path, "we");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\necho \"$* $source $group $iif $oifs $owner $family\" >>%s\n%s\n",
		bed->told, text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(bed->path, 0755), 0);
}

static struct bed *bed_new(const char *text)
{
	struct bed *bed = xcalloc(1, sizeof(*bed));
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	strcpy(bed->dir, "/tmp/smckit-script-XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	snprintf(bed->path, sizeof(bed->path), "%s/script", bed->dir);
	snprintf(bed->told, sizeof(bed->told), "%s/told", bed->dir);
	write_script(bed, text);
	log_init(&bed->log, LEVEL_DEBUG, keep_line);
	bed->k.log = log_area(&bed->log, "test");
	clock_init(&bed->k.clock, 1000);
	assert_null(priv_parse(&bed->user, NULL));
	bed->script = script_open(&bed->k, bed->path, &bed->user);
	return bed;
}

static void bed_free(struct bed *bed)
{
	script_close(bed->script, NULL);
	assert_int_equal(clock_next(&bed->k.clock), CLOCK_NEVER);
	clock_free(&bed->k.clock);
	log_free(&bed->log);
	unlink(bed->path);
	unlink(bed->told);
	assert_int_equal(rmdir(bed->dir), 0);
	free(bed);
}

static void await_child(struct bed *bed)
{
	struct timespec patience = { .tv_sec = 20 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	assert_int_equal(sigtimedwait(&child, NULL, &patience), SIGCHLD);
	script_reap(bed->script);
}

static void make_calls(struct bed *bed, unsigned n)
{
	while (n--) {
		script_work(bed->script);
		await_child(bed);
	}
}

static void assert_told(struct bed *bed, const char *lines)
{
	char text[4096] = "";
	int fd = open(bed->told, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		assert_true(read(fd, text, sizeof(text) - 1) >= 0);
		close(fd);
	}
	assert_string_equal(text, lines);
}

static void hook(struct bed *bed, enum hook_kind kind, const char *src, const char *grp)
{
	struct hook h = { .kind = kind, .iif = "eth0", .oifs = "eth1 eth2", .owner = "static" };

	assert_true(ip_parse(src, &h.sg.src));
	assert_true(ip_parse(grp, &h.sg.grp));
	h.af = ip_family(h.sg.grp);
	script_hook(bed->script, &h);
}

static void calls_in_order(void **state)
{
	struct bed *bed = bed_new("");

	(void)state;
	script_say(bed->script, "start");
	hook(bed, HOOK_INSTALL, "10.0.0.1", "239.1.1.1");
	hook(bed, HOOK_CHANGE, "fd00::1", "ff0e::1");
	hook(bed, HOOK_REMOVE, "10.0.0.1", "239.1.1.1");
	assert_int_equal(script_waiting(bed->script), 3);
	assert_told(bed, "");
	make_calls(bed, 4);
	script_work(bed->script);
	assert_told(bed, "start      \n"
			 "install 10.0.0.1 239.1.1.1 eth0 eth1 eth2 static ipv4\n"
			 "change fd00::1 ff0e::1 eth0 eth1 eth2 static ipv6\n"
			 "remove 10.0.0.1 239.1.1.1 eth0 eth1 eth2 static ipv4\n");
	assert_int_equal(script_waiting(bed->script), 0);
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_RUN][V4], 4);
	assert_string_equal(bed->said, "");
	bed_free(bed);
}

static void one_at_a_time(void **state)
{
	struct bed *bed = bed_new("");

	(void)state;
	script_say(bed->script, "start");
	hook(bed, HOOK_INSTALL, "10.0.0.1", "239.1.1.1");
	for (int i = 0; i < 3; i++)
		script_work(bed->script);
	assert_int_equal(script_waiting(bed->script), 1);
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_RUN][V4], 1);
	await_child(bed);
	make_calls(bed, 1);
	bed_free(bed);
}

static void what_waits_is_not_said_twice(void **state)
{
	struct bed *bed = bed_new("");

	(void)state;
	script_say(bed->script, "reload");
	script_say(bed->script, "reload");
	make_calls(bed, 1);
	script_say(bed->script, "reload");
	make_calls(bed, 1);
	script_work(bed->script);
	assert_told(bed, "reload      \nreload      \n");
	bed_free(bed);
}

static void more_than_can_wait(void **state)
{
	struct bed *bed = bed_new("");

	(void)state;
	for (unsigned i = 0; i < SCRIPT_QUEUE + 5; i++)
		hook(bed, HOOK_INSTALL, "10.0.0.1", "239.1.1.1");
	assert_int_equal(script_waiting(bed->script), SCRIPT_QUEUE);
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_DROPPED][V4], 5);
	assert_non_null(strstr(bed->said, "too slow, 1000 calls wait"));
	/* what is said of the daemon itself always finds room */
	script_say(bed->script, "reload");
	make_calls(bed, 2);
	hook(bed, HOOK_REMOVE, "10.0.0.1", "239.1.1.1");
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_DROPPED][V4], 5);
	bed_free(bed);
}

static void too_long(void **state)
{
	struct bed *bed = bed_new("[ $1 = reload ] || sleep 1000");

	(void)state;
	script_say(bed->script, "start");
	script_say(bed->script, "reload");
	script_work(bed->script);
	clock_advance(&bed->k.clock, bed->k.clock.now + SCRIPT_TIME - 1);
	assert_string_equal(bed->said, "");
	clock_advance(&bed->k.clock, bed->k.clock.now + 1);
	await_child(bed);
	assert_non_null(strstr(bed->said, "start: killed, it took more than 10 s"));
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_KILLED][V4], 1);
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_FAILED][V4], 0);
	make_calls(bed, 1);
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_RUN][V4], 2);
	bed_free(bed);
}

static void bad_ends(void **state)
{
	struct bed *bed = bed_new("[ $1 = start ] && exit 7; kill -USR1 $$");
	FILE *f;

	(void)state;
	script_say(bed->script, "start");
	hook(bed, HOOK_INSTALL, "10.0.0.1", "239.1.1.1");
	make_calls(bed, 2);
	assert_non_null(strstr(bed->said, "start : exit status 7"));
	assert_non_null(strstr(bed->said, "install source=10.0.0.1: ended by signal 10"));
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_FAILED][V4], 2);

	f = fopen(bed->path, "we");
	assert_non_null(f);
	fputs("no program\n", f);
	fclose(f);
	script_say(bed->script, "start");
	script_say(bed->script, "reload");
	script_work(bed->script);
	assert_non_null(strstr(bed->said, "start: cannot be run: Exec format error"));
	unlink(bed->path);
	script_work(bed->script);
	assert_non_null(strstr(bed->said, "reload: cannot be run: No such file or directory"));
	assert_int_equal(bed->k.counts.n[COUNT_SCRIPT_FAILED][V4], 4);
	bed_free(bed);
}

static void the_last_call(void **state)
{
	struct bed *bed = bed_new("");

	(void)state;
	hook(bed, HOOK_INSTALL, "10.0.0.1", "239.1.1.1");
	hook(bed, HOOK_INSTALL, "10.0.0.2", "239.1.1.1");
	script_work(bed->script);
	script_close(bed->script, "stop");
	bed->script = script_open(&bed->k, bed->path, &bed->user);
	assert_told(bed, "install 10.0.0.1 239.1.1.1 eth0 eth1 eth2 static ipv4\nstop      \n");
	bed_free(bed);
}

static void what_can_be_a_script(void **state)
{
	struct bed *bed = bed_new("");

	(void)state;
	assert_null(script_check(bed->path));
	assert_string_equal(script_check(bed->dir), "not a file");
	assert_string_equal(script_check("/nonexistent/script"), "No such file or directory");
	chmod(bed->path, 0644);
	assert_string_equal(script_check(bed->path), "not executable");
	bed_free(bed);
}

static void without_one(void **state)
{
	(void)state;
	script_say(NULL, "start");
	script_work(NULL);
	script_reap(NULL);
	assert_int_equal(script_waiting(NULL), 0);
	script_close(NULL, "stop");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_in_order),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(what_waits_is_not_said_twice),
		cmocka_unit_test(more_than_can_wait),
		cmocka_unit_test(too_long),
		cmocka_unit_test(bad_ends),
		cmocka_unit_test(the_last_call),
		cmocka_unit_test(what_can_be_a_script),
		cmocka_unit_test(without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
