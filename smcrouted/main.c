/* main.c - smcrouted: options, and which engines are built in */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "linux/front.h"
#include "linux/script.h"
#include "mrd/mrd.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, &mrd_module, &gm_module,
						&proxy_module, NULL };

/* Seconds until an unused learned route goes, if -c does not say otherwise. */
#define CACHE_IDLE 60

static const char help[] =
	"usage: smcrouted [-hnNsv] [-c SEC] [-d SEC] [-D SEC] [-e SCRIPT] [-f FILE] [-F FILE]\n"
	"                 [-i NAME] [-l LEVEL] [-m SEC] [-p USER[:GROUP]] [-P FILE] [-t ID]\n"
	"                 [-u FILE]\n"
	"\n"
	"  -c SEC    forget learned routes that were not used for that long, 0 is never [60]\n"
	"  -d SEC    wait before doing anything\n"
	"  -D SEC    end after that time\n"
	"  -e SCRIPT run it when the configuration is in force and when a route is learned\n"
	"  -f FILE   configuration [" SYSCONFDIR "/NAME.conf]\n"
	"  -F FILE   check a configuration and exit\n"
	"  -h        this text\n"
	"  -i NAME   names the configuration, pid file and control socket [smcroute]\n"
	"  -l LEVEL  none, err, warning, notice, info or debug [notice]\n"
	"  -m SEC    between Multicast Router Advertisements (mrdisc), 4 to 180 [20]\n"
	"  -n        stay in the foreground, log to standard error\n"
	"  -N        interfaces of a phyint line take part only if it says enable\n"
	"  -p USER[:GROUP]  run as this user, with the network capabilities alone\n"
	"  -P FILE   pid file [" RUNSTATEDIR "/NAME.pid]\n"
	"  -s        log to syslog in the foreground too\n"
	"  -t ID     the kernel's multicast routing table of that number [0, the default one]\n"
	"  -u FILE   control socket [" RUNSTATEDIR "/NAME.sock]\n"
	"  -v        the version\n";

struct options {
	const char *name, *config, *check, *pidfile, *script, *socket, *user;
	bool has_name;
	struct daemon_options daemon;
};

static int usage(void)
{
	fputs(help, stderr);
	return EX_USAGE;
}

static int wrong(const char *option, const char *text, const char *why)
{
	fprintf(stderr, "smcrouted: -%s %s: %s\n", option, text, why);
	return usage();
}

static bool seconds(const char *text, int64_t *ms)
{
	if (!front_number(text, INT32_MAX, ms))
		return false;
	*ms *= 1000;
	return true;
}

/* A name that files are named by. */
static bool name_is_good(const char *name)
{
	return *name && !strchr(name, '/') && strlen(name) < 64;
}

/* One option. 0, or the exit code. */
static int option(struct options *o, int c, const char *arg)
{
	struct daemon_options *d = &o->daemon;
	char letter[2] = { c };
	int64_t n;

	switch (c) {
	case 'c':
		return seconds(arg, &d->router.cache_idle) ? 0 : wrong(letter, arg, "not a time");
	case 'd':
		return seconds(arg, &d->delay) ? 0 : wrong(letter, arg, "not a time");
	case 'D':
		return seconds(arg, &d->lifetime) ? 0 : wrong(letter, arg, "not a time");
	case 'e':
		o->script = arg;
		return 0;
	case 'f':
		o->config = arg;
		return 0;
	case 'F':
		o->check = arg;
		return 0;
	case 'i':
	case 'I':
		o->name = d->ident = arg;
		return name_is_good(arg) ? 0 : wrong(letter, arg, "not a name for files");
	case 'l':
		return log_level_parse(arg, &d->level) ? 0 : wrong(letter, arg, "not a log level");
	case 'm':
		if (!front_number(arg, MRD_MAX_INTERVAL, &n) || n < MRD_MIN_INTERVAL)
			return wrong(letter, arg, "not from 4 to 180 seconds");
		d->router.mrd_interval = SEC(n);
		return 0;
	case 'n':
		d->foreground = true;
		return 0;
	case 'N':
		d->router.only_enabled = true;
		return 0;
	case 'p':
		o->user = arg;
		return 0;
	case 'P':
		o->pidfile = arg;
		return 0;
	case 's':
		d->syslog = true;
		return 0;
	case 't':
		if (!front_number(arg, UINT32_MAX, &n))
			return wrong(letter, arg, "not a table");
		d->table = n;
		return 0;
	case 'u':
		o->socket = arg;
		return 0;
	default:
		return usage();
	}
}

static char *pidfile_of(const struct program *p, const struct options *o)
{
	if (o->pidfile && !strchr(o->pidfile, '/'))
		return front_file(p, NULL, RUNSTATEDIR, o->pidfile, "pid");
	return front_file(p, o->pidfile, RUNSTATEDIR, o->name, "pid");
}

/* 0, or the exit code. A process that took over goes on, whatever became of the file meanwhile. */
static int check_script(const struct program *p, const char *script)
{
	const char *why = script ? script_check(script) : NULL;

	if (!why || p->again)
		return 0;
	fprintf(stderr, "smcrouted: -e %s: %s\n", script, why);
	return EX_USAGE;
}

static int run(const struct program *p, struct options *o)
{
	struct daemon_options *d = &o->daemon;
	const char *why = priv_parse(&d->user, o->user);
	char *config, *pidfile, *script, *sock;
	int code;

	if (why) {
		fprintf(stderr, "smcrouted: -p %s: %s\n", o->user, why);
		return EX_USAGE;
	}
	d->script = script = o->script ? front_path(p, o->script) : NULL;
	d->router.hooks = script;
	d->router.seed = front_seed();
	d->router.config = config = front_file(p, o->config, SYSCONFDIR, o->name, "conf");
	d->pidfile = pidfile = pidfile_of(p, o);
	d->socket = sock = front_file(p, o->socket, RUNSTATEDIR, o->name, "sock");
	code = check_script(p, script);
	if (!code)
		code = daemon_run(p, d);
	free(config);
	free(pidfile);
	free(script);
	free(sock);
	return code;
}

static int check(const struct router_options *o)
{
	struct buf text = { 0 };
	unsigned n = daemon_check(o, &text);

	fwrite(buf_at(&text), 1, buf_len(&text), stdout);
	buf_free(&text);
	return n ? EX_CONFIG : EX_OK;
}

/* -1 to go on, or the exit code. */
static int read_options(struct options *o, int argc, char **argv)
{
	int c, code = EX_OK;

	while ((c = getopt(argc, argv, "c:d:D:e:f:F:hi:I:l:m:nNp:P:st:u:v")) != -1 && !code) {
		if (c == 'h') {
			fputs(help, stdout);
			return EX_OK;
		}
		if (c == 'v') {
			puts(PACKAGE_STRING);
			return EX_OK;
		}
		code = option(o, c, optarg);
	}
	if (!code && optind < argc) {
		fprintf(stderr, "smcrouted: '%s' is too much\n", argv[optind]);
		code = usage();
	}
	return code ? code : -1;
}

int main(int argc, char **argv)
{
	struct options o = {
		.name = "smcroute",
		.daemon = {
			.ident = "smcrouted",
			.level = LEVEL_NOTICE,
			.facility = LOG_DAEMON,
			.router = { .cache_idle = SEC(CACHE_IDLE),
				    .modules = modules,
				    .version = PACKAGE_STRING },
		},
	};
	struct program program;
	int code;

	program_init(&program, argc, argv);
	code = read_options(&o, argc, argv);
	if (code < 0 && o.check) {
		o.daemon.router.config = o.check;
		code = check(&o.daemon.router);
	} else if (code < 0) {
		code = run(&program, &o);
	}
	program_free(&program);
	return code;
}
