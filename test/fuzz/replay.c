/* replay.c - gives a fuzz target what was kept for it: every file, and every beginning of it
 *
 * usage: NAME_fuzz [DIR|FILE ...]; without any, test/fuzz/corpus/NAME of the sources. What ends
 * the program was made of the file that it named last.
 */
#include <dirent.h>
#include <libgen.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

/* Longer files are given whole alone, since each beginning is an input more. */
#define MAX_CUT 512

static unsigned long inputs;

static void give(const uint8_t *data, size_t len)
{
	uint8_t *copy = fuzz_copy(data, len);

	LLVMFuzzerTestOneInput(copy, len);
	inputs++;
	free(copy);
}

static void replay_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(path, "r");
	size_t len;

	MUST(file);
	printf("# %s\n", path);
	fflush(stdout);
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	give(data, len);
	for (size_t cut = 0; cut < len && len <= MAX_CUT; cut++)
		give(data, cut);
}

/* The files of a folder in order of their names; how many there are. */
static int replay_dir(const char *dir)
{
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), files = 0;

	for (int i = 0; i < n; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		if (*list[i]->d_name != '.') {
			replay_file(path);
			files++;
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return files;
}

static int replay(const char *path)
{
	struct stat st;

	if (stat(path, &st) || S_ISDIR(st.st_mode))
		return replay_dir(path);
	replay_file(path);
	return 1;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	char *name = basename(argv[0]), *end = strstr(name, "_fuzz"), dir[4096];
	int len = end ? end - name : (int)strlen(name), files = 0;

	for (int i = 1; i < argc; i++)
		files += replay(argv[i]);
	if (argc == 1) {
		snprintf(dir, sizeof(dir), "%s/test/fuzz/corpus/%.*s", srcdir ? srcdir : ".", len,
			 name);
		files = replay(dir);
	}
	printf("# %d files, %lu inputs\n", files, inputs);
	printf("%s 1 - %.*s\n1..1\n", files ? "ok" : "not ok", len, name);
	return files ? EXIT_SUCCESS : EXIT_FAILURE;
}
