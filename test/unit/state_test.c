/* state_test.c - a text in a memfd: round trips, and whatever is torn or damaged */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/rng.h"
#include "linux/state.h"

static int setup(void **state)
{
	static int fd;

	fd = state_new();
	assert_true(fd >= 0);
	*state = &fd;
	return 0;
}

static int teardown(void **state)
{
	return close(*(int *)*state);
}

static void write_text(int fd, const char *text)
{
	assert_int_equal(state_write(fd, text, strlen(text)), 0);
}

static void expect(int fd, const char *text)
{
	size_t len = 0;
	char *got = state_read(fd, &len);

	assert_non_null(got);
	assert_int_equal(len, strlen(text));
	assert_string_equal(got, text);
	free(got);
}

static void expect_none(int fd)
{
	size_t len;

	assert_null(state_read(fd, &len));
}

static void nothing_was_written(void **state)
{
	expect_none(*(int *)*state);
}

static void empty_is_none(void **state)
{
	int fd = *(int *)*state;

	write_text(fd, "");
	expect_none(fd);
	write_text(fd, "a");
	expect(fd, "a");
	write_text(fd, "");
	expect_none(fd);
}

static void one_after_another(void **state)
{
	int fd = *(int *)*state;

	write_text(fd, "vif 4 0 2\n");
	expect(fd, "vif 4 0 2\n");
	write_text(fd, "vif 4 0 2\nvif 4 1 3\nvif 6 0 2\n");
	expect(fd, "vif 4 0 2\nvif 4 1 3\nvif 6 0 2\n");
	write_text(fd, "x");
	expect(fd, "x");
}

/* The file grows with the text, not with the number of changes. */
static void stays_small(void **state)
{
	int fd = *(int *)*state;
	char text[1001];
	struct rng rng;
	struct stat st;

	rng_seed(&rng, 1);
	for (int i = 0; i < 2000; i++) {
		size_t len = 1 + rng_below(&rng, sizeof(text) - 1);

		memset(text, 'a' + i % 26, len);
		text[len] = '\0';
		write_text(fd, text);
		expect(fd, text);
		assert_int_equal(fstat(fd, &st), 0);
		assert_true(st.st_size < 4000);
	}
}

/* What a long text took is given back. */
static void shrinks(void **state)
{
	int fd = *(int *)*state;
	char text[100001];
	struct stat st;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	write_text(fd, text);
	write_text(fd, "x");
	write_text(fd, "y");
	expect(fd, "y");
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size < 100);
}

/* sizeof(struct header) of state.c */
#define HEADER 40

/* Killed when the new text was written but not the header: the old one stands. */
static void killed_before_the_header(void **state)
{
	int fd = *(int *)*state;

	for (int i = 1; i < 12; i++) {
		char text[16], before[256], after[256];
		ssize_t old, new;

		memset(text, 'a' + i, sizeof(text));
		text[i] = '\0';
		write_text(fd, text);
		old = pread(fd, before, sizeof(before), 0);
		write_text(fd, "newer");
		new = pread(fd, after, sizeof(after), 0);
		assert_true(old > HEADER && new > HEADER);

		assert_int_equal(pwrite(fd, before, old, 0), old);
		assert_int_equal(pwrite(fd, after + HEADER, new - HEADER, HEADER), new - HEADER);
		expect(fd, text);
	}
}

/* Every byte of the header and the text counts. */
static void damaged(void **state)
{
	int fd = *(int *)*state;
	struct stat st;

	write_text(fd, "vif 4 0 2\nrouter\nadd v1 239.1.1.1 v2\n");
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 0; at < st.st_size; at++) {
		char was, is;

		assert_int_equal(pread(fd, &was, 1, at), 1);
		is = was ^ 0x10;
		assert_int_equal(pwrite(fd, &is, 1, at), 1);
		expect_none(fd);
		assert_int_equal(pwrite(fd, &was, 1, at), 1);
	}
	expect(fd, "vif 4 0 2\nrouter\nadd v1 239.1.1.1 v2\n");
}

static void truncated(void **state)
{
	int fd = *(int *)*state;
	struct stat st;

	write_text(fd, "vif 4 0 2\n");
	assert_int_equal(fstat(fd, &st), 0);
	while (st.st_size-- > 0) {
		assert_int_equal(ftruncate(fd, st.st_size), 0);
		expect_none(fd);
	}
	write_text(fd, "again");
	expect(fd, "again");
}

static void no_file_at_all(void **state)
{
	(void)state;
	assert_int_equal(state_write(-1, "x", 1), -1);
	expect_none(-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_was_written, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(one_after_another, setup, teardown),
		cmocka_unit_test_setup_teardown(stays_small, setup, teardown),
		cmocka_unit_test_setup_teardown(shrinks, setup, teardown),
		cmocka_unit_test_setup_teardown(killed_before_the_header, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(truncated, setup, teardown),
		cmocka_unit_test(no_file_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
