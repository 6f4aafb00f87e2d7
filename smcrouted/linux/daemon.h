/* daemon.h - the process around a router: start, signals, end; what every front end runs */
#ifndef SMCKIT_DAEMON_H
#define SMCKIT_DAEMON_H

#include "linux/dump.h"
#include "linux/linux.h"
#include "linux/priv.h"
#include "linux/program.h"

struct daemon_options {
	const char *ident;   /* in front of log lines */
	const char *socket;  /* absolute, as all paths: the folder is changed to / */
	const char *pidfile; /* NULL: none */
	const char *script;  /* NULL: none; else router.hooks is set */
	struct dump dump;    /* at SIGUSR1; without a file that does nothing */
	struct router_options router;
	struct priv user;
	uint32_t table;
	enum log_level level;
	struct buf debug;	 /* areas of the log that tell all, each with a NUL behind */
	int64_t delay, lifetime; /* ms; 0: none, for ever */
	int facility;		 /* of syslog(3) */
	bool foreground, syslog;
	bool only_v4; /* IPv6 is left to others */
	bool deaf;    /* it goes on where the socket is not to be had */
};

/*
 * Runs until it is told to end; in the background it returns in the parent too, when the
 * configuration is in the kernel. The exit code, one of sysexits.h.
 */
int daemon_run(const struct program *program, const struct daemon_options *options);

/*
 * Reads the configuration as a router would, over no kernel; the number of errors. They and
 * warnings are told in a line each.
 */
unsigned daemon_check(const struct router_options *options, struct buf *text);

#endif
