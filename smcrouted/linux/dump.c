/* dump.c - the state in a file, as the client prints it
 *
 * Tables are the client's to draw. It is a child, and asks us by the control socket as any other,
 * so that nobody waits for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/util.h"
#include "linux/child.h"
#include "linux/dump.h"
#include "linux/linux.h"

int dump_input(const char *commands)
{
	size_t len = strlen(commands);
	int fd[2];
	bool good;

	if (pipe2(fd, O_CLOEXEC))
		return -1;
	good = write(fd[1], commands, len) == (ssize_t)len;
	close(fd[1]);
	if (good)
		return fd[0];
	close(fd[0]);
	return -1;
}

/* A new file, whatever there was of that name; -1 with errno. */
static int create(const char *file)
{
	char *folder = xstrdup(file);
	int fd;

	mkdir(dirname(folder), 0755);
	free(folder);
	unlink(file);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd;
}

const char *dump_write(const struct dump *dump, const char *socket, const struct priv *user)
{
	char *const argv[] = { DUMP_CLIENT, "-u", (char *)socket, "-b", NULL };
	int in = dump_input(dump->commands), out = in < 0 ? -1 : create(dump->file);
	int error = errno;
	pid_t pid;

	if (out >= 0)
		error = child_start(&pid, user, argv, environ, in, out);
	if (out >= 0)
		close(out);
	if (in >= 0)
		close(in);
	return error ? reason(error) : NULL;
}
