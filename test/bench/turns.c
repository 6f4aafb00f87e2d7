/* turns.c - how long a daemon keeps others waiting
 *
 *	turns SOCKET
 *
 * Asks it for its version again and again, 1 ms after each answer, and prints "ready" when it
 * answered once. A line on standard input is answered by how long the longest answer took since the
 * last one, in microseconds, and how many came. It is as long as a turn of the daemon's loop.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool.h"

static int talk_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || strlen(path) >= sizeof(sun.sun_path))
		fail(path);
	strcpy(sun.sun_path, path);
	if (connect(fd, (void *)&sun, sizeof(sun)))
		fail(path);
	return fd;
}

/* An answer ends with a line that says so. */
static int64_t ask(int fd)
{
	static const char end[] = "{\"ok\":true}\n";
	const size_t len = sizeof(end) - 1;
	int64_t start = now_ns();
	char answer[4096];
	size_t n = 0;

	if (write(fd, "version\n", 8) != 8)
		fail("asking");
	while (n < len || memcmp(answer + n - len, end, len)) {
		ssize_t more = read(fd, answer + n, sizeof(answer) - n);

		if (more <= 0)
			fail("the answer");
		n += more;
	}
	return now_ns() - start;
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	int64_t longest = 0;
	unsigned n = 0;
	char line[80];
	int fd;

	if (argc != 2)
		fail("turns SOCKET");
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = talk_to(argv[1]);
	ask(fd);
	printf("ready\n");
	for (;;) {
		int64_t took = ask(fd);

		n++;
		if (took > longest)
			longest = took;
		if (!poll(&input, 1, 1))
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return 0;
		printf("%.0f %u\n", longest / 1000.0, n);
		longest = n = 0;
	}
}
