/* script.c - the operator's script, run on events
 *
 * The child gets nothing of ours but what is meant for it: descriptors are closed by exec, input
 * is /dev/null, output goes where standard error goes, signals are as by default, and the variables
 * that a service manager talks to us by are left out. It leads a process group, so that what it
 * started ends with it when its time is over.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libite/queue.h>

#include "linux/child.h"
#include "linux/script.h"

/* A call that waits. */
struct call {
	TAILQ_ENTRY(call) link;
	const char *what; /* not ours: the argument */
	bool is_route;
	struct buf env; /* NAME=VALUE, each with its end */
};

struct script {
	struct linux_kern *k;	 /* not ours */
	const char *path;	 /* not ours */
	const struct priv *user; /* not ours */
	struct log_area *log;
	int null; /* /dev/null */
	TAILQ_HEAD(calls, call) calls;
	unsigned nroutes;     /* calls for routes that wait */
	uint64_t dropped;     /* and that found no room, since it was last told */
	struct call *running; /* owned; NULL: none */
	pid_t pid;
	bool killed;
	struct timer limit;
	struct log_limit full, failed;
};

const char *script_check(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return reason(errno);
	if (!S_ISREG(st.st_mode))
		return "not a file";
	return access(path, X_OK) ? "not executable" : NULL;
}

static void call_free(struct call *c)
{
	buf_free(&c->env);
	free(c);
}

/* The stream that the call is for, or nothing. */
static const char *about(const struct call *c)
{
	return c->is_route ? buf_at(&c->env) : "";
}

static void time_is_over(struct timer *timer)
{
	struct script *s = container_of(timer, struct script, limit);

	log_warning(s->log, "%s %s: killed, it took more than %u s", s->path, s->running->what,
		    (unsigned)(SCRIPT_TIME / 1000));
	count(&s->k->counts, COUNT_SCRIPT_KILLED);
	s->killed = true;
	kill(-s->pid, SIGKILL);
}

struct script *script_open(struct linux_kern *k, const char *path, const struct priv *user)
{
	struct script *s = xcalloc(1, sizeof(*s));

	*s = (struct script){ .k = k, .path = path, .user = user };
	s->log = log_area(k->log->log, "script");
	TAILQ_INIT(&s->calls);
	timer_init(&s->limit, time_is_over);
	s->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* Whoever started us may have left others open; ours close by themselves. */
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	if (access(path, X_OK))
		log_err(s->log, "%s: cannot be run by this user: %s", path, reason(errno));
	return s;
}

static void add_variable(struct call *c, const char *name, const char *value)
{
	buf_printf(&c->env, "%s=%s", name, value);
	buf_add(&c->env, "", 1);
}

static struct call *call_new(struct script *s, const char *what)
{
	struct call *c = xcalloc(1, sizeof(*c));

	c->what = what;
	TAILQ_INSERT_TAIL(&s->calls, c, link);
	return c;
}

void script_hook(struct script *s, const struct hook *hook)
{
	static const char *const what[] = {
		[HOOK_INSTALL] = "install", [HOOK_CHANGE] = "change", [HOOK_REMOVE] = "remove"
	};
	struct call *c;

	if (s->nroutes == SCRIPT_QUEUE) {
		s->dropped++;
		count(&s->k->counts, COUNT_SCRIPT_DROPPED);
		log_limited(s->log, &s->full, &s->k->clock, LEVEL_WARNING,
			    "%s: too slow, %u calls wait: not called for %s of %s", s->path,
			    s->nroutes, what[hook->kind], sg_str(&hook->sg));
		return;
	}
	c = call_new(s, what[hook->kind]);
	c->is_route = true;
	s->nroutes++;
	add_variable(c, "source", ip_str(hook->sg.src));
	add_variable(c, "group", ip_str(hook->sg.grp));
	add_variable(c, "iif", hook->iif);
	add_variable(c, "oifs", hook->oifs);
	add_variable(c, "owner", hook->owner);
	add_variable(c, "family", hook->af == V4 ? "ipv4" : "ipv6");
}

void script_say(struct script *s, const char *what)
{
	struct call *c;

	if (!s)
		return;
	TAILQ_FOREACH(c, &s->calls, link) {
		if (!strcmp(c->what, what))
			return;
	}
	call_new(s, what);
}

/* Whether a variable of our own environment is no business of the script's, or is set anew. */
static bool is_withheld(const char *variable)
{
	static const char *const name[] = {
		"NOTIFY_SOCKET=", "LISTEN_", "WATCHDOG_", "SMCKIT_", "source=",	 "group=",
		"iif=",		  "oifs=",   "owner=",	  "family=", "FDSTORE=", "MAINPID=",
	};

	for (unsigned i = 0; i < NELEMS(name); i++) {
		if (!strncmp(variable, name[i], strlen(name[i])))
			return true;
	}
	return false;
}

/* Our environment and the call's, to be freed; the strings are not. */
static char **environment(const struct call *c)
{
	char *own = c->env.data + c->env.start, *end = own + buf_len(&c->env);
	char **env, **at;
	unsigned n = 1;

	for (char **v = environ; *v; v++)
		n++;
	for (char *v = own; v < end; v += strlen(v) + 1)
		n++;
	env = at = xcalloc(n, sizeof(*env));
	for (char **v = environ; *v; v++) {
		if (!is_withheld(*v))
			*at++ = *v;
	}
	for (char *v = own; v < end; v += strlen(v) + 1)
		*at++ = v;
	return env;
}

/* 0, or an errno. */
static int spawn(struct script *s, const struct call *c)
{
	char *const argv[] = { (char *)s->path, (char *)c->what, NULL };
	char **env = environment(c);
	int error = child_start(&s->pid, s->user, argv, env, s->null, STDERR_FILENO);

	free(env);
	return error;
}

static struct call *next_call(struct script *s)
{
	struct call *c = TAILQ_FIRST(&s->calls);

	if (!c)
		return NULL;
	TAILQ_REMOVE(&s->calls, c, link);
	s->nroutes -= c->is_route;
	if (!s->nroutes && s->dropped) {
		log_warning(s->log, "%s: was not called %llu times", s->path,
			    (unsigned long long)s->dropped);
		s->dropped = 0;
	}
	return c;
}

void script_work(struct script *s)
{
	struct call *c = s && !s->running ? next_call(s) : NULL;
	int error;

	if (!c)
		return;
	error = spawn(s, c);
	if (error) {
		count(&s->k->counts, COUNT_SCRIPT_FAILED);
		log_limited(s->log, &s->failed, &s->k->clock, LEVEL_ERR, "%s %s: cannot be run: %s",
			    s->path, c->what, reason(error));
		call_free(c);
		return;
	}
	log_debug(s->log, "%s %s %s: runs as process %d", s->path, c->what, about(c), s->pid);
	count(&s->k->counts, COUNT_SCRIPT_RUN);
	s->running = c;
	s->killed = false;
	timer_start(&s->k->clock, &s->limit, SCRIPT_TIME);
}

/* How the running call ended. */
static void ended(struct script *s, int status)
{
	struct call *c = s->running;

	if (status && !s->killed)
		count(&s->k->counts, COUNT_SCRIPT_FAILED);
	if (WIFSIGNALED(status) && !s->killed)
		log_limited(s->log, &s->failed, &s->k->clock, LEVEL_NOTICE,
			    "%s %s %s: ended by signal %d", s->path, c->what, about(c),
			    WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status))
		log_limited(s->log, &s->failed, &s->k->clock, LEVEL_NOTICE,
			    "%s %s %s: exit status %d", s->path, c->what, about(c),
			    WEXITSTATUS(status));
	else
		log_debug(s->log, "%s %s %s: done", s->path, c->what, about(c));
	timer_stop(&s->k->clock, &s->limit);
	s->running = NULL;
	call_free(c);
}

/* One that a former program in our place had started is nobody's, and has ended as well. */
void script_reap(struct script *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (s && s->running && pid == s->pid)
			ended(s, status);
	}
}

/* Waits for the running call, but not for longer. */
static void wait_for_end(struct script *s, int64_t ms)
{
	struct timespec patience = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	script_reap(s);
	while (s->running && sigtimedwait(&child, NULL, &patience) >= 0)
		script_reap(s);
	if (!s->running)
		return;
	log_warning(s->log, "%s %s: killed at the end", s->path, s->running->what);
	kill(-s->pid, SIGKILL);
	s->killed = true;
	while (s->running && sigtimedwait(&child, NULL, &patience) >= 0)
		script_reap(s);
}

void script_close(struct script *s, const char *what)
{
	struct call *c;

	if (!s)
		return;
	while ((c = next_call(s)))
		call_free(c);
	if (what) {
		wait_for_end(s, SCRIPT_LAST_TIME);
		script_say(s, what);
		script_work(s);
		wait_for_end(s, SCRIPT_LAST_TIME);
	}
	timer_stop(&s->k->clock, &s->limit);
	if (s->running)
		call_free(s->running);
	if (s->null >= 0)
		close(s->null);
	free(s);
}

unsigned script_waiting(const struct script *s)
{
	return s ? s->nroutes : 0;
}
