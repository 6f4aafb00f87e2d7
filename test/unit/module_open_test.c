/* module_open_test.c - opening modules: what is taken, and why the others are not */
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/module.h"

static char built[PATH_MAX + 32]; /* where modules were built */
static char dir[] = "/tmp/smckit-module-XXXXXX";

static int setup(void **state)
{
	char path[PATH_MAX] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	snprintf(built, sizeof(built), "%s/../module", dirname(path));
	assert_non_null(mkdtemp(dir));
	setenv("SMCKIT_MODULES", dir, 1);
	return 0;
}

static int teardown(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

/* A module of that name is, for now, a copy of that file. */
static void put(const char *name, const char *file)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "cp %s %s/%s.so.new && mv %s/%s.so.new %s/%s.so", file,
		 dir, name, dir, name, dir, name);
	assert_int_equal(system(command), 0);
}

static void put_built(const char *name, const char *module)
{
	char file[PATH_MAX + 64];

	snprintf(file, sizeof(file), "%s/%s.so", built, module);
	put(name, file);
}

/* What is said of a module that is not taken; it lives until the next one. */
static const char *refusal(const char *name)
{
	static char text[1024];
	struct buf why = { 0 };

	assert_null(module_open(NULL, name, &why));
	assert_true(buf_len(&why) < sizeof(text));
	memcpy(text, buf_at(&why), buf_len(&why));
	text[buf_len(&why)] = '\0';
	buf_free(&why);
	assert_int_equal(strncmp(text, dir, strlen(dir)), 0);
	return text + strlen(dir);
}

static const struct module *open_probe(void)
{
	struct buf why = { 0 };
	const struct module *m = module_open(NULL, "probe", &why);

	assert_int_equal(buf_len(&why), 0);
	assert_non_null(m);
	return m;
}

static void a_module_that_is_not_there(void **state)
{
	(void)state;
	assert_string_equal(refusal("nosuch"), "/nosuch.so: cannot open shared object file: "
					       "No such file or directory");
}

static void a_file_that_is_no_module(void **state)
{
	char library[200];

	(void)state;
	put("text", "/etc/passwd");
	assert_non_null(strstr(refusal("text"), "/text.so: "));
	snprintf(library, sizeof(library),
		 "$(ldd /proc/%d/exe | sed -n 's/.*=> \\([^ ]*libcmocka[^ ]*\\).*/\\1/p')",
		 getpid());
	put("library", library);
	assert_string_equal(refusal("library"), "/library.so: is no module of this program");
}

static void a_module_of_another_version(void **state)
{
	(void)state;
	put_built("probe", "stale");
	assert_string_equal(refusal("probe"),
			    "/probe.so: is made for another version of this program");
}

static void a_module_of_another_name(void **state)
{
	(void)state;
	put_built("other", "probe");
	assert_string_equal(refusal("other"), "/other.so: is the module 'probe'");
}

/* What was refused is looked at again, what was taken stays. */
static void a_module_is_opened_once(void **state)
{
	const struct module *m;

	(void)state;
	put_built("probe", "stale");
	refusal("probe");
	put_built("probe", "probe");
	m = open_probe();
	assert_string_equal(m->name, "probe");
	assert_string_equal(m->version, PACKAGE_STRING);
	assert_ptr_equal(open_probe(), m);
	put_built("probe", "stale");
	assert_ptr_equal(open_probe(), m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_that_is_not_there),
		cmocka_unit_test(a_file_that_is_no_module),
		cmocka_unit_test(a_module_of_another_version),
		cmocka_unit_test(a_module_of_another_name),
		cmocka_unit_test(a_module_is_opened_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
