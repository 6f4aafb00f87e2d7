/* daemon.c - the process around a router: start, signals, end
 *
 * The order of the start: what could be in the way of another daemon (the control socket), then
 * the kernel's tables, then privileges, then all else of the kernel, then the configuration; when
 * that is in force, we are ready, the pid file is there, and the parent may exit.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "linux/control.h"
#include "linux/daemon.h"
#include "linux/kern.h"
#include "linux/pidfile.h"
#include "linux/ready.h"
#include "linux/script.h"
#include "linux/sink.h"
#include "linux/store.h"

struct daemon {
	struct linux_kern k;
	const struct program *program;	      /* not ours */
	const struct daemon_options *options; /* not ours */
	struct sink sink;
	struct ready manager;
	struct loop_fd signals;
	struct timer timer; /* of the delay, then of the lifetime */
	int parent;	    /* pipe to the parent that waits for us to be ready, or -1 */
	bool is_ready;
	bool told_to_end; /* by a signal: the service manager may start another one */
};

static struct daemon *daemon_of(struct linux_kern *k)
{
	return container_of(k, struct daemon, k);
}

/* The parent's exit code is what the child says, or what became of it before it could. */
static int wait_for_child(pid_t child, int pipe)
{
	unsigned char code;
	int status;
	ssize_t n;

	do
		n = read(pipe, &code, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return code;
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		return WEXITSTATUS(status);
	return EX_SOFTWARE;
}

/*
 * A daemon keeps nothing open of the one who started it, who may wait for the end of a pipe. The
 * descriptor that is to stay moves down behind the standard ones; its new number.
 */
static int close_others(int fd)
{
	int first = STDERR_FILENO + 1;

	if (fd != first)
		fd = dup3(fd, first, O_CLOEXEC);
	close_range(first + 1, ~0U, 0);
	return fd;
}

/* True in the child, which has the pipe; else *code is the exit code. */
static bool go_to_background(struct daemon *d, int *code)
{
	int fd[2];
	pid_t child;

	if (pipe2(fd, O_CLOEXEC) || (child = fork()) < 0) {
		perror(d->options->ident);
		*code = EX_OSERR;
		return false;
	}
	if (child) {
		close(fd[1]);
		*code = wait_for_child(child, fd[0]);
		return false;
	}
	d->parent = close_others(fd[1]);
	return true;
}

static void tell_parent(struct daemon *d, unsigned char code)
{
	if (d->parent < 0)
		return;
	while (write(d->parent, &code, 1) < 0 && errno == EINTR)
		;
	close(d->parent);
	d->parent = -1;
}

/* Lets go of the terminal; from now on there is only syslog. */
static void detach(struct daemon *d)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int i = 0; fd >= 0 && i <= STDERR_FILENO; i++)
		dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
	d->sink.to_stderr = false;
}

static void write_pidfile(struct daemon *d)
{
	if (d->options->pidfile && pidfile_write(d->options->pidfile))
		log_warning(d->k.log, "%s: cannot be written: %s", d->options->pidfile,
			    reason(errno));
}

/* kern_ops.ready: the configuration is in force, or the one before still is. */
static void on_ready(struct linux_kern *k, bool good)
{
	struct daemon *d = daemon_of(k);

	store_changed(k->store);
	if (!good) {
		ready_notify(&d->manager, "READY=1\nSTATUS=running, the last reload was refused");
		return;
	}
	write_pidfile(d);
	ready_notify(&d->manager, "READY=1\nSTATUS=running\nMAINPID=%d", getpid());
	script_say(k->script, d->is_ready ? "reload" : "start");
	if (d->is_ready)
		return;
	d->is_ready = true;
	priv_settle();
	if (d->parent >= 0) {
		tell_parent(d, EX_OK);
		detach(d);
	}
}

static void notify_reloading(struct daemon *d)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ready_notify(&d->manager, "RELOADING=1\nMONOTONIC_USEC=%lld",
		     t.tv_sec * 1000000LL + t.tv_nsec / 1000);
}

static const char *pass_on(struct daemon *d, int client)
{
	const char *why;
	unsigned n;
	struct passed_fd *fd = store_pass(d->k.store, 2 + KERN_PASSED, &n, &why);

	if (!fd)
		return why;
	if (d->k.control)
		fd[n++] = (struct passed_fd){ STORE_CONTROL, control_fd(d->k.control) };
	n += kern_pass(&d->k, fd + n);
	if (client >= 0)
		fd[n++] = (struct passed_fd){ STORE_CLIENT, client };
	if (script_waiting(d->k.script))
		log_warning(d->k.log, "restart: %u calls of the script were not made yet",
			    script_waiting(d->k.script));
	notify_reloading(d);
	priv_pass_on(&d->options->user, true);
	why = program_exec(d->program, fd, n);
	priv_pass_on(&d->options->user, false);
	ready_notify(&d->manager, "READY=1");
	free(fd);
	return why;
}

/* kern_ops.upgrade: from here on another program runs, or nothing was disturbed. */
static const char *on_upgrade(struct linux_kern *k, struct session *asker)
{
	struct daemon *d = daemon_of(k);
	const char *why = program_try(d->program);
	int client = -1;

	if (!why && k->control)
		client = control_part(k->control, asker, &why);
	if (!why) {
		log_notice(k->log, "restart: %s takes over", d->program->path);
		why = pass_on(d, client);
	}
	log_err(k->log, "restart: %s: %s", d->program->path, why);
	return why;
}

/* kern_ops.reloading */
static void on_reloading(struct linux_kern *k)
{
	log_info(k->log, "reloading the configuration");
	notify_reloading(daemon_of(k));
}

static void write_dump(struct daemon *d)
{
	const struct daemon_options *o = d->options;
	const char *why = dump_write(&o->dump, o->socket, &o->user);

	if (why)
		log_warning(d->k.log, "%s: cannot be written: %s", o->dump.file, why);
	else
		log_info(d->k.log, "%s: written anew", o->dump.file);
}

static void on_signal(struct loop_fd *w, uint32_t events)
{
	struct daemon *d = container_of(w, struct daemon, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		if (d->k.router)
			router_reload(d->k.router);
		return;
	}
	if (info.ssi_signo == SIGUSR1) {
		write_dump(d);
		return;
	}
	if (info.ssi_signo == SIGCHLD) {
		script_reap(d->k.script);
		return;
	}
	log_info(d->k.log, "told to end by signal %u", info.ssi_signo);
	d->told_to_end = true;
	d->k.loop.stop = true;
}

static int watch_signals(struct daemon *d)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, d->options->dump.file ? SIG_DFL : SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* ignored, children would leave no status */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (d->options->dump.file)
		sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -1 : loop_watch(&d->k.loop, &d->signals, fd, EPOLLIN, false, on_signal);
}

static void time_is_up(struct timer *timer)
{
	struct daemon *d = container_of(timer, struct daemon, timer);

	d->k.loop.stop = true;
}

static bool nothing(void *arg)
{
	(void)arg;
	return false;
}

/* False if it was told to end meanwhile. */
static bool delay(struct daemon *d)
{
	if (!d->options->delay || d->program->again)
		return true;
	timer_start(&d->k.clock, &d->timer, d->options->delay);
	loop_run(&d->k.loop, nothing, NULL);
	timer_stop(&d->k.clock, &d->timer);
	d->k.loop.stop = false;
	return !d->told_to_end;
}

/* A slice of work. True if more remains. */
static bool work(void *arg)
{
	struct daemon *d = arg;
	bool more = router_work(d->k.router);

	store_settle(d->k.store);
	if (d->k.control)
		more |= control_flush(d->k.control, more);
	script_work(d->k.script);
	if (router_is_done(d->k.router))
		d->k.loop.stop = true;
	return more;
}

/* As many descriptors as there may be: one for each twenty memberships or so. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* The process before left its socket, or a new one is bound. 0, or an exit code. */
static int open_control(struct daemon *d)
{
	const struct daemon_options *o = d->options;
	int fd = store_claim(d->k.store, STORE_CONTROL);

	if (fd >= 0) {
		d->k.control = control_adopt(&d->k, o->socket, fd);
		if (d->k.control)
			return 0;
		close(fd);
		store_drop(d->k.store, STORE_CONTROL);
	}
	d->k.control = control_open(&d->k, o->socket, o->user.uid, o->user.gid);
	if (d->k.control) {
		store_keep(d->k.store, STORE_CONTROL, control_fd(d->k.control));
		return 0;
	}
	/* Traffic that is being forwarded is worth more than a way to ask about it. */
	if (d->program->again || o->deaf)
		return 0;
	return errno == EADDRINUSE ? EX_UNAVAILABLE : EX_OSERR;
}

/* The client that asked for the restart. */
static void open_asker(struct daemon *d)
{
	int fd = store_claim(d->k.store, STORE_CLIENT);

	if (fd < 0)
		return;
	if (d->k.control)
		control_asked(d->k.control, fd);
	else
		close(fd);
}

/* 0, or an exit code. */
static int open_all(struct daemon *d)
{
	const struct daemon_options *o = d->options;
	struct passed passed;
	const char *why;
	int code;

	if (ready_open(&d->manager, getenv("NOTIFY_SOCKET")))
		log_warning(d->k.log, "NOTIFY_SOCKET: %s", reason(errno));
	passed_take(&passed);
	d->k.store = store_new(&d->k, &d->manager, &passed);
	code = open_control(d);
	if (code)
		return code;
	open_asker(d);
	code = kern_take_tables(&d->k);
	if (code)
		return code;
	why = priv_drop(&o->user);
	if (why) {
		log_err(d->k.log, "%s: cannot become this user: %s", o->user.user, why);
		return EX_NOPERM;
	}
	if (o->script)
		d->k.script = script_open(&d->k, o->script, &o->user);
	return kern_open(&d->k, &d->sink.log, &o->router) ? EX_OSERR : 0;
}

/* A slice of what puts the first configuration in force. */
static bool start_work(void *arg)
{
	struct daemon *d = arg;
	bool more = router_work(d->k.router);

	if (!more)
		d->k.loop.stop = true;
	return more;
}

/* Upcalls do not wait for all memberships of the configuration, clients do. */
static void start(struct daemon *d)
{
	router_begin(d->k.router);
	loop_run(&d->k.loop, start_work, d);
	d->k.loop.stop = d->told_to_end;
	if (d->told_to_end)
		return;
	store_started(d->k.store);
	kern_started(&d->k);
	if (d->k.control) {
		control_serve(d->k.control);
		control_answer(d->k.control);
	}
	if (d->options->lifetime)
		timer_start(&d->k.clock, &d->timer, d->options->lifetime);
	log_notice(d->k.log, "%s %s", d->options->router.version,
		   d->program->again ? "took over" : "started");
}

static void close_all(struct daemon *d)
{
	bool keep = d->manager.fd >= 0 && (d->told_to_end || !d->is_ready);
	int signals = d->signals.fd;

	if (d->is_ready) {
		log_notice(d->k.log, "ends");
		ready_notify(&d->manager, "STOPPING=1");
	}
	if (d->k.control) {
		store_drop(d->k.store, STORE_CONTROL);
		control_close(d->k.control);
	}
	if (d->k.store)
		kern_close(&d->k, keep);
	store_free(d->k.store);
	if (d->is_ready && d->options->pidfile)
		pidfile_remove(d->options->pidfile);
	script_close(d->k.script, d->is_ready ? "stop" : NULL);
	timer_stop(&d->k.clock, &d->timer);
	loop_unwatch(&d->k.loop, &d->signals);
	if (signals >= 0)
		close(signals);
	loop_end(&d->k.loop);
	clock_free(&d->k.clock);
	ready_close(&d->manager);
}

static int live(struct daemon *d)
{
	int code;

	raise_limit();
	if (chdir("/"))
		log_warning(d->k.log, "/: %s", reason(errno));
	if (loop_init(&d->k.loop, &d->k.clock) || watch_signals(d)) {
		log_err(d->k.log, "no event loop to be had: %s", reason(errno));
		code = EX_OSERR;
	} else if (!delay(d)) {
		code = EX_OK;
	} else {
		code = open_all(d);
		if (!code) {
			start(d);
			loop_run(&d->k.loop, work, d);
		}
	}
	close_all(d);
	return code;
}

static void tell_all_of(struct log *log, const struct buf *areas)
{
	for (size_t at = 0; at < buf_len(areas); at += strlen(buf_at(areas) + at) + 1)
		log_area(log, buf_at(areas) + at)->level = LEVEL_DEBUG;
}

int daemon_run(const struct program *program, const struct daemon_options *o)
{
	struct daemon *d = xcalloc(1, sizeof(*d));
	bool background = !o->foreground && !program->again;
	int code = EX_OK;

	d->program = program;
	d->options = o;
	d->parent = d->signals.fd = d->manager.fd = d->k.loop.epoll = -1;
	d->k.loop.timer = d->k.loop.urgent = -1;
	if (!priv_suffices()) {
		fprintf(stderr, "%s: must be root, or have CAP_NET_ADMIN and CAP_NET_RAW\n",
			o->ident);
		free(d);
		return EX_NOPERM;
	}
	if (!background || go_to_background(d, &code)) {
		clock_init(&d->k.clock, 0);
		timer_init(&d->timer, time_is_up);
		sink_open(&d->sink, o->ident, o->level, o->facility);
		tell_all_of(&d->sink.log, &o->debug);
		d->sink.to_stderr = o->foreground ? !o->syslog : background;
		d->sink.to_syslog = !o->foreground || o->syslog;
		d->k.log = log_area(&d->sink.log, "linux");
		d->k.table = o->table;
		d->k.only_v4 = o->only_v4;
		d->k.reloading = on_reloading;
		d->k.ready = on_ready;
		d->k.upgrade = on_upgrade;
		code = live(d);
		tell_parent(d, code);
		sink_close(&d->sink);
	}
	free(d);
	return code;
}
