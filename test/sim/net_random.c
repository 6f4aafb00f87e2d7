/* net_random.c - random networks from seeds: many of them on all processors, or one to be looked at
 *
 *	SEEDS=n		1 to that many, or as many from FIRST=n on, JOBS=n at a time; failing ones
 *			are told as they are found
 *	SEED=n		one, with its whole log; PCAP=FOLDER: and a file for each link;
 *			PICTURE="SECONDS HOST GROUP FILE": where that stream goes then, for dot.
 *			If it fails, what is not needed for that is taken out
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/net_plan.h"

/* The program is compiled three times: the others have networks of PIM, and RPs that change. */
#ifdef RP
#define DRAW plan_draw_rp
#define NAME "rp_random"
#define SHARE 3
#elif defined PIM
#define DRAW plan_draw_pim
#define NAME "pim_random"
#define SHARE 1
#else
#define DRAW plan_draw
#define NAME "net_random"
#define SHARE 1
#endif

/* Under sanitizers each takes ten times as long; with RPs that change three times. */
#ifdef __SANITIZE_ADDRESS__
#define USUAL (100 / SHARE)
#else
#define USUAL (300 / SHARE)
#endif
#define MAXJOBS 64
#define MAXTOLD 10

/* What a worker says: it begins a seed, or has done it. */
struct word {
	unsigned job;
	bool done, failed;
	uint64_t seed;
	char why[256];
};

struct job {
	pid_t pid;
	uint64_t seed; /* at work */
	bool done;
};

static uint64_t number(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void say(int fd, const struct word *word)
{
	if (write(fd, word, sizeof(*word)) != sizeof(*word))
		_exit(1);
}

static void work(unsigned job, unsigned jobs, uint64_t seed, uint64_t last, int fd)
{
	for (; seed <= last; seed += jobs) {
		struct word word = { .job = job, .seed = seed };
		struct plan_result result;
		struct plan plan;

		say(fd, &word);
		DRAW(&plan, seed);
		result = plan_play(&plan, NET_LOG_NONE, NULL, NULL);
		word.done = true;
		word.failed = result.failed;
		if (result.failed)
			snprintf(word.why, sizeof(word.why), "%.*s",
				 (int)strcspn(buf_at(&result.complaints), "\n"),
				 buf_at(&result.complaints));
		plan_result_free(&result);
		say(fd, &word);
	}
	_exit(0);
}

struct run {
	unsigned jobs, running;
	struct job job[MAXJOBS];
	uint64_t n, last, ndone, nfailed;
	int fd[2];
};

static void spawn(struct run *run, unsigned job, uint64_t seed)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		close(run->fd[0]);
		work(job, run->jobs, seed, run->last, run->fd[1]);
	}
	run->job[job] = (struct job){ .pid = pid, .seed = seed };
	run->running++;
}

static void failed(struct run *run, uint64_t seed, const char *why)
{
	if (run->nfailed++ < MAXTOLD)
		print_error("SEED=%llu: %s\n", (unsigned long long)seed, why);
}

static void heard(struct run *run, const struct word *word)
{
	struct job *job = &run->job[word->job];

	job->seed = word->seed;
	job->done = word->done;
	if (!word->done)
		return;
	run->ndone++;
	if (word->failed)
		failed(run, word->seed, word->why);
	if (isatty(2) && !(run->ndone % 16))
		fprintf(stderr, "\r%llu of %llu, %llu failed ", (unsigned long long)run->ndone,
			(unsigned long long)run->n, (unsigned long long)run->nfailed);
}

/* A worker that ended; one that broke down goes on behind the seed that it was at. */
static void reap(struct run *run)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	for (unsigned i = 0; pid > 0 && i < run->jobs; i++) {
		struct job *job = &run->job[i];

		if (job->pid != pid)
			continue;
		job->pid = 0;
		run->running--;
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			return;
		failed(run, job->seed, "broke down");
		run->ndone++;
		if (job->seed + run->jobs <= run->last)
			spawn(run, i, job->seed + run->jobs);
		return;
	}
}

static bool hear(struct run *run)
{
	struct word word;
	fd_set set;
	struct timeval wait = { .tv_usec = 100000 };

	FD_ZERO(&set);
	FD_SET(run->fd[0], &set);
	if (select(run->fd[0] + 1, &set, NULL, NULL, &wait) <= 0)
		return false;
	if (read(run->fd[0], &word, sizeof(word)) != sizeof(word))
		return false;
	heard(run, &word);
	return true;
}

static void many(uint64_t first, uint64_t n)
{
	struct run run = { .n = n, .last = first + n - 1 };

	run.jobs = number("JOBS", sysconf(_SC_NPROCESSORS_ONLN));
	run.jobs = run.jobs < 1 ? 1 : run.jobs > MAXJOBS ? MAXJOBS : run.jobs;
	assert_int_equal(pipe(run.fd), 0);
	fflush(NULL);
	for (unsigned i = 0; i < run.jobs && i < n; i++)
		spawn(&run, i, first + i);
	while (run.running) {
		while (hear(&run))
			;
		reap(&run);
	}
	while (hear(&run))
		;
	close(run.fd[0]);
	close(run.fd[1]);
	if (isatty(2))
		fputs("\r\n", stderr);
	assert_int_equal(run.ndone, n);
	if (run.nfailed)
		fail_msg("%llu of %llu seeds failed", (unsigned long long)run.nfailed,
			 (unsigned long long)n);
}

static void print_plan(const struct plan *p)
{
	struct buf text = { 0 };

	plan_print(p, &text);
	buf_add(&text, "", 1);
	fputs(buf_at(&text), stdout);
	buf_free(&text);
}

/* Prints the plan, what happens and what was wrong. */
static bool one(const struct plan *p)
{
	struct plan_result result;
	bool failed;

	print_plan(p);
	fflush(stdout);
	result = plan_play(p, NET_LOG_ALL, getenv("PCAP"), getenv("PICTURE"));
	buf_add(&result.log, "", 1);
	buf_add(&result.complaints, "", 1);
	fputs(buf_at(&result.log), stdout);
	printf("%llu s, %lu events, %lu packets of control and %lu of data\n%s",
	       (unsigned long long)result.lasted / 1000, result.figures.events,
	       result.figures.control, result.figures.data, buf_at(&result.complaints));
	failed = result.failed;
	plan_result_free(&result);
	return failed;
}

static void random_networks(void **state)
{
	uint64_t seed = number("SEED", 0);
	struct plan plan;
	unsigned plays;

	(void)state;
	if (!seed) {
		many(number("FIRST", 1), number("SEEDS", USUAL));
		return;
	}
	DRAW(&plan, seed);
	if (!one(&plan))
		return;
	plays = plan_shrink(&plan);
	printf("After %u plays this is left:\n", plays);
	one(&plan);
	fail_msg("SEED=%llu failed", (unsigned long long)seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_networks),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
