/* spawn.c - how long processes take, from fork() until they have ended
 *
 *	spawn COUNT COMMAND [ARG...] [-- COMMAND [ARG...]]...
 *
 * Runs the commands in turn, that often and some times more beforehand, and prints the
 * microseconds of each, a line a command: the mean of the middle half, so that what else the
 * machine does is left out. An @ in an argument stands for two bytes of an address, which are
 * others each time. What they print is dropped; one that fails ends it all.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAXCOMMANDS 8
#define MAXARGS 32
#define WARM_UP 20

struct command {
	char *arg[MAXARGS]; /* NULL behind the last */
	int64_t *took;	    /* ns, by run */
};

static void fail(const char *what)
{
	fprintf(stderr, "spawn: ");
	perror(what);
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static char *fill_in(char *arg, unsigned i)
{
	char *at = strchr(arg, '@'), *text;

	if (!at)
		return arg;
	if (asprintf(&text, "%.*s%u.%u%s", (int)(at - arg), arg, 1 + i / 250, 1 + i % 250, at + 1) <
	    0)
		fail("text");
	return text;
}

/* The nanoseconds of run number @i. */
static int64_t run(struct command *c, unsigned i, int null)
{
	char *argv[MAXARGS] = { NULL };
	int64_t start, took;
	int status;
	pid_t pid;

	for (int n = 0; c->arg[n]; n++)
		argv[n] = fill_in(c->arg[n], i);
	start = now_ns();
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid) {
		dup2(null, STDOUT_FILENO);
		execv(argv[0], argv);
		fail(argv[0]);
	}
	if (waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "spawn: %s: status %d\n", argv[0], status);
		exit(1);
	}
	took = now_ns() - start;
	for (int n = 0; c->arg[n]; n++) {
		if (argv[n] != c->arg[n])
			free(argv[n]);
	}
	return took;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int64_t middle(int64_t *took, unsigned n)
{
	unsigned from = n / 4, to = n - from;
	int64_t sum = 0;

	qsort(took, n, sizeof(*took), by_size);
	for (unsigned i = from; i < to; i++)
		sum += took[i];
	return sum / (to - from);
}

int main(int argc, char **argv)
{
	struct command command[MAXCOMMANDS] = { 0 };
	unsigned count = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int n = 0, args = 0;

	if (!count) {
		fprintf(stderr, "spawn: see the head of its source for the words\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--")) {
			n++;
			args = 0;
		} else if (n < MAXCOMMANDS && args < MAXARGS - 1) {
			command[n].arg[args++] = argv[i];
		}
	}
	for (int k = 0; k <= n; k++) {
		command[k].took = calloc(count, sizeof(int64_t));
		if (!command[k].took)
			fail("memory");
	}
	for (unsigned i = 0; i < count + WARM_UP; i++) {
		for (int k = 0; k <= n; k++) {
			int64_t took = run(&command[k], i, null);

			if (i >= WARM_UP)
				command[k].took[i - WARM_UP] = took;
		}
	}
	for (int k = 0; k <= n; k++)
		printf("%ld\n", (long)(middle(command[k].took, count) / 1000));
	return 0;
}
