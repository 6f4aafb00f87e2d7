/* pidfile.c - the file that tells others our process id */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/pidfile.h"
#include "linux/priv.h"

bool pidfile_is_ours(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char text[16] = "";
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 && atoi(text) == getpid();
}

/* A new file, so that it belongs to the user that we are by now. */
static int create(const char *path)
{
	mode_t mask = umask(022);
	int fd, error;

	priv_borrow(true);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	error = errno;
	priv_borrow(false);
	umask(mask);
	errno = error;
	return fd;
}

int pidfile_write(const char *path)
{
	int fd, bad, error;

	if (pidfile_is_ours(path))
		return utimensat(AT_FDCWD, path, NULL, 0);
	fd = create(path);
	if (fd < 0)
		return -1;
	bad = dprintf(fd, "%d\n", getpid()) < 0;
	error = errno;
	bad |= close(fd);
	errno = error;
	return bad ? -1 : 0;
}

void pidfile_remove(const char *path)
{
	if (!pidfile_is_ours(path) || !unlink(path))
		return;
	if (truncate(path, 0))
		return;
}
