/* files_test.c - reading files by pattern, as the configuration's include does */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/files.h"
#include "lib/util.h"

struct bed {
	char dir[40];
	char heard[1024]; /* "name:text," for each file */
	size_t len;	  /* of the last */
};

static int setup(void **state)
{
	struct bed *bed = xcalloc(1, sizeof(*bed));

	strcpy(bed->dir, "/tmp/smckit-files-XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	*state = bed;
	return 0;
}

static int teardown(void **state)
{
	struct bed *bed = *state;
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", bed->dir);
	assert_int_equal(system(command), 0);
	free(bed);
	return 0;
}

static const char *path(const struct bed *bed, const char *name)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s/%s", bed->dir, name);
	return text;
}

static void put(const struct bed *bed, const char *name, const char *text)
{
	FILE *f = fopen(path(bed, name), "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* The text and the byte behind it are ours to write to. */
static void hear(void *arg, const char *name, struct buf *buf)
{
	struct bed *bed = arg;
	size_t at = strlen(bed->heard), len = buf_len(buf);
	char *text = buf->data + buf->start;

	bed->len = len;
	text[len] = '\0';
	snprintf(bed->heard + at, sizeof(bed->heard) - at, "%s:%s,", strrchr(name, '/') + 1, text);
	memset(text, 'x', len + 1);
}

static const char *read_files(struct bed *bed, const char *name)
{
	return files_read(NULL, path(bed, name), hear, bed);
}

static void one_file(void **state)
{
	struct bed *bed = *state;

	put(bed, "a", "one\ntwo");
	assert_null(read_files(bed, "a"));
	assert_string_equal(bed->heard, "a:one\ntwo,");
}

static void empty_file(void **state)
{
	struct bed *bed = *state;

	put(bed, "a", "");
	assert_null(read_files(bed, "a"));
	assert_string_equal(bed->heard, "a:,");
}

static void plain_name_must_be_there(void **state)
{
	struct bed *bed = *state;

	assert_string_equal(read_files(bed, "a"), "No such file or directory");
	assert_string_equal(bed->heard, "");
}

static void pattern_need_not_match(void **state)
{
	struct bed *bed = *state;

	assert_null(read_files(bed, "*.conf"));
	assert_null(read_files(bed, "none/[ab]?"));
	assert_string_equal(bed->heard, "");
}

static void in_order_of_names(void **state)
{
	struct bed *bed = *state;

	put(bed, "20.conf", "c");
	put(bed, "10.conf", "b");
	put(bed, "1.conf", "a");
	put(bed, "30.off", "-");
	put(bed, ".hidden.conf", "-");
	assert_null(read_files(bed, "*.conf"));
	assert_string_equal(bed->heard, "1.conf:a,10.conf:b,20.conf:c,");
}

/* The others are read all the same. */
static void one_cannot_be_read(void **state)
{
	struct bed *bed = *state;

	put(bed, "1", "a");
	assert_int_equal(mkdir(path(bed, "2"), 0755), 0);
	put(bed, "3", "c");
	assert_string_equal(read_files(bed, "[1-3]"), "Is a directory");
	assert_string_equal(bed->heard, "1:a,3:c,");
	assert_string_equal(read_files(bed, "2"), "Is a directory");
}

static void longer_than_a_read(void **state)
{
	struct bed *bed = *state;
	const size_t size = 200000;
	char *text = xcalloc(size + 1, 1);

	memset(text, 'a', size);
	put(bed, "a", text);
	free(text);
	assert_null(read_files(bed, "a"));
	assert_int_equal(bed->len, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_file, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_file, setup, teardown),
		cmocka_unit_test_setup_teardown(plain_name_must_be_there, setup, teardown),
		cmocka_unit_test_setup_teardown(pattern_need_not_match, setup, teardown),
		cmocka_unit_test_setup_teardown(in_order_of_names, setup, teardown),
		cmocka_unit_test_setup_teardown(one_cannot_be_read, setup, teardown),
		cmocka_unit_test_setup_teardown(longer_than_a_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
