/* pidfile_test.c - the pid file: written, renewed, removed, and only if it is ours */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/pidfile.h"

struct bed {
	char dir[40], path[64];
};

static int setup(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	strcpy(bed->dir, "/tmp/smckit-pid-XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	snprintf(bed->path, sizeof(bed->path), "%s/pid", bed->dir);
	*state = bed;
	return 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;

	unlink(bed->path);
	assert_int_equal(rmdir(bed->dir), 0);
	free(bed);
	return 0;
}

static void put(const struct bed *bed, const char *text)
{
	FILE *f = fopen(bed->path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void expect(const struct bed *bed, const char *text)
{
	char got[64] = "";
	FILE *f = fopen(bed->path, "r");

	assert_non_null(f);
	assert_true(fread(got, 1, sizeof(got) - 1, f) == strlen(text));
	fclose(f);
	assert_string_equal(got, text);
}

static void written_and_removed(void **state)
{
	struct bed *bed = *state;
	char want[32];
	mode_t mask = umask(077);
	struct stat st;

	snprintf(want, sizeof(want), "%d\n", getpid());
	assert_false(pidfile_is_ours(bed->path));
	assert_int_equal(pidfile_write(bed->path), 0);
	assert_true(umask(mask) == 077);
	expect(bed, want);
	assert_true(pidfile_is_ours(bed->path));
	assert_int_equal(stat(bed->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	pidfile_remove(bed->path);
	assert_int_equal(access(bed->path, F_OK), -1);
}

/* After a reload only its time changes: whoever has it open sees the same file. */
static void renewed(void **state)
{
	struct bed *bed = *state;
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct stat before, after;
	int fd;

	assert_int_equal(pidfile_write(bed->path), 0);
	fd = open(bed->path, O_RDONLY);
	assert_int_equal(utimensat(AT_FDCWD, bed->path, old, 0), 0);
	assert_int_equal(stat(bed->path, &before), 0);
	assert_int_equal(pidfile_write(bed->path), 0);
	assert_int_equal(stat(bed->path, &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_true(after.st_mtime > 1000);
	close(fd);
}

static void of_a_dead_daemon(void **state)
{
	struct bed *bed = *state;

	put(bed, "1\n");
	assert_false(pidfile_is_ours(bed->path));
	assert_int_equal(pidfile_write(bed->path), 0);
	assert_true(pidfile_is_ours(bed->path));
}

/* Another daemon wrote its own meanwhile. */
static void not_ours_stays(void **state)
{
	struct bed *bed = *state;

	assert_int_equal(pidfile_write(bed->path), 0);
	put(bed, "1\n");
	pidfile_remove(bed->path);
	expect(bed, "1\n");
}

static void nonsense(void **state)
{
	static const char *const text[] = { "", "x\n", "-1\n", "99999999999999999999\n" };
	struct bed *bed = *state;

	for (unsigned i = 0; i < sizeof(text) / sizeof(*text); i++) {
		put(bed, text[i]);
		assert_false(pidfile_is_ours(bed->path));
	}
}

static void cannot_be_written(void **state)
{
	(void)state;
	assert_int_equal(pidfile_write("/nonexistent/folder/pid"), -1);
	assert_int_equal(errno, ENOENT);
	pidfile_remove("/nonexistent/folder/pid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_and_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(renewed, setup, teardown),
		cmocka_unit_test_setup_teardown(of_a_dead_daemon, setup, teardown),
		cmocka_unit_test_setup_teardown(not_ours_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense, setup, teardown),
		cmocka_unit_test(cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
