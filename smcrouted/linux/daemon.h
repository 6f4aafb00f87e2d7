/* daemon.h - the process around a router: start, signals, end; what every front end runs */
#ifndef SMCKIT_DAEMON_H
#define SMCKIT_DAEMON_H

#include "linux/linux.h"
#include "linux/priv.h"
#include "linux/program.h"

struct daemon_options {
	const char *ident;	      /* in front of log lines */
	const char *socket, *pidfile; /* absolute, as all paths: the folder is changed to / */
	const char *script;	      /* NULL: none; else router.hooks is set */
	struct router_options router;
	struct priv user;
	uint32_t table;
	enum log_level level;
	int64_t delay, lifetime; /* ms; 0: none, for ever */
	bool foreground, syslog;
};

/*
 * Runs until it is told to end; in the background it returns in the parent too, when the
 * configuration is in the kernel. The exit code, one of sysexits.h.
 */
int daemon_run(const struct program *program, const struct daemon_options *options);

/* Reads the configuration as a router would, over no kernel, and prints what is wrong with it. */
int daemon_check(const struct router_options *options);

#endif
