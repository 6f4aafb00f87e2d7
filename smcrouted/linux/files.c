/* files.c - reading files by pattern */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "linux/files.h"
#include "linux/linux.h"

/* Reads to the end, be it a file or a pipe. NULL, or why not. */
static const char *read_all(int fd, struct buf *text)
{
	const size_t step = 65536;
	ssize_t n;

	do {
		n = read(fd, buf_room(text, step), step - 1);
		if (n > 0)
			buf_grow(text, n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? reason(errno) : NULL;
}

static const char *read_file(const char *name,
			     void (*file)(void *arg, const char *name, struct buf *text), void *arg)
{
	struct buf text = { 0 };
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	const char *why;

	if (fd < 0)
		return reason(errno);
	why = read_all(fd, &text);
	close(fd);
	if (!why)
		file(arg, name, &text);
	buf_free(&text);
	return why;
}

const char *files_read(struct kern *k, const char *pattern,
		       void (*file)(void *arg, const char *name, struct buf *text), void *arg)
{
	const char *why = NULL;
	glob_t found = { 0 };
	int result;

	(void)k;
	if (!strpbrk(pattern, "*?[\\"))
		return read_file(pattern, file, arg);
	result = glob(pattern, 0, NULL, &found);
	for (size_t i = 0; !result && i < found.gl_pathc; i++) {
		const char *trouble = read_file(found.gl_pathv[i], file, arg);

		why = why ? why : trouble;
	}
	globfree(&found);
	return result == GLOB_NOSPACE ? reason(ENOMEM) : why;
}
