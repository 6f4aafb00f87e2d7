/* passed_fuzz.c - what a service manager says of the descriptors that it passes on
 *
 * The input is lines: LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES.
 */
#include "fuzz/fuzz.h"
#include "linux/ready.h"

#define SELF 4711

static void claim_all(struct passed *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		MUST(p->fd[i].fd == PASSED_FIRST + (int)i && *p->fd[i].name);
		MUST(!strchr(p->fd[i].name, ':'));
	}
	for (unsigned i = 0; i < p->n && i < 64; i++) {
		int fd = passed_claim(p, p->fd[i].name);

		MUST(fd >= PASSED_FIRST && fd <= PASSED_FIRST + (int)i);
	}
	for (unsigned i = 0; i < p->n; i++) /* they are none of ours, to be closed */
		p->fd[i].fd = -1;
	MUST(passed_claim(p, "state") == -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_text(data, len), *rest = text;
	const char *pid = strsep(&rest, "\n"), *fds = strsep(&rest, "\n"), *names = rest;
	struct passed p;

	if (passed_parse(&p, SELF, pid, fds, names)) {
		MUST(atoi(pid) == SELF && p.n == (unsigned)atoi(fds) && p.n);
		MUST(fds[strspn(fds, "0123456789")] == '\0');
		claim_all(&p);
	}
	passed_free(&p);
	free(text);
	return 0;
}
