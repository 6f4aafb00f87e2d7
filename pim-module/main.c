/* main.c - pimd: options, and what of them is asked of a daemon that runs */
#include <errno.h>
#include <getopt.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "igmpproxy/gm.h"
#include "lib/translation.h"
#include "linux/front.h"
#include "pim-module/config.h"
#include "pim-module/systems.h"

#define NAME "pimd"

/* PIM itself is a module that the configuration opens. */
static const struct module *const modules[] = { &gm_module, NULL };

/* Seconds until an unused route of a source without an own tree goes. */
#define CACHE_IDLE 60

#define MAX_TABLE 999999999

/* What of the state is printed, and written at SIGUSR1. */
static const char state[] = "show pim\nshow pim tree\nshow igmp\nshow groups\nshow routes\n";

/* What holds without a configuration file, in its grammar. */
static const char defaults[] = "bsr-candidate priority 5\nrp-candidate priority 20 time 30\n";

static const char help[] =
	"usage: pimd [-fhnNv] [-c FILE] [-d[SYS,...]] [-i NAME] [-p FILE] [-s LEVEL] [-t ID]\n"
	"            [-u FILE] [-w SEC]\n"
	"       pimd -l | -q | -r | -T\n"
	"\n"
	"  -c, --config=FILE     configuration [" SYSCONFDIR "/NAME.conf]\n"
	"  -d[SYS,...]           log all that happens, or of these parts\n"
	"  -f, --foreground      stay in the foreground, log to standard error; -n is the same\n"
	"  -h, --help            this text\n"
	"  -i NAME               identity, of files and in the log [" NAME "]\n"
	"  -l                    have the one that runs read its configuration\n"
	"  -N, --disable-vifs    only interfaces that the configuration enables\n"
	"  -p FILE               PID file [" RUNSTATEDIR "/NAME.pid]\n"
	"  -q                    have the one that runs end\n"
	"  -r                    print the state of the one that runs\n"
	"  -s LEVEL              none, err, warning, notice, info or debug [notice]\n"
	"  -t ID                 the kernel's multicast routing table of that number [0]\n"
	"  -T                    print the configuration in the words of smcroute.conf and exit\n"
	"  -u FILE               control socket [" RUNSTATEDIR "/NAME.sock]\n"
	"  -v, --version         the version\n"
	"  -w SEC                wait that long before anything else\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' }, { "disable-vifs", no_argument, NULL, 'N' },
	{ "foreground", no_argument, NULL, 'f' },   { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },	    { 0 },
};

struct options {
	const char *name, *config, *socket, *pidfile;
	int ask; /* the letter of what is asked of the one that runs, or T; 0: nothing */
	struct daemon_options daemon;
};

/* Of the command line; translate() has no other way to know. */
static bool disabled;

static int usage(void)
{
	fputs(help, stderr);
	return EX_USAGE;
}

/* The interface of an address. */
static const char *ifname_of(void *arg, struct ip address)
{
	const char *name = NULL;

	for (const struct ifaddrs *a = arg; a && !name; a = a->ifa_next) {
		struct sockaddr_in in;

		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&in, a->ifa_addr, sizeof(in));
		if (ip_eq(address, ip_v4(ntohl(in.sin_addr.s_addr))))
			name = a->ifa_name;
	}
	return name;
}

static void translate(struct translation *t, const char *text, size_t len)
{
	struct ifaddrs *all = NULL;
	struct pimd_translation how = { disabled, ifname_of, NULL };

	if (!getifaddrs(&all))
		how.arg = all;
	pimd_translate(&how, t, text, len);
	if (all)
		freeifaddrs(all);
}

/* The client asks the one that runs, in the place of this program. */
static int ask(const char *sock, int what)
{
	int fd = dump_input(what == 'l' ? "reload\n" : what == 'q' ? "kill\n" : state);

	if (fd >= 0 && dup2(fd, STDIN_FILENO) >= 0)
		execlp(DUMP_CLIENT, DUMP_CLIENT, "-u", sock, "-b", (char *)NULL);
	fprintf(stderr, NAME ": " DUMP_CLIENT ": %s\n", strerror(errno));
	return EX_OSERR;
}

/* 0, or the exit code; the configuration is printed if that is asked for. */
static int check(const struct router_options *o, bool print)
{
	struct buf text = { 0 };
	const char *why = front_read(o, &text);
	int code = EX_OK;

	if (why) {
		fprintf(stderr, NAME ": %s: %s\n", o->config, why);
		code = EX_NOINPUT;
	} else if (!front_check(o, print)) {
		code = EX_CONFIG;
	} else if (print) {
		front_print(o, &text);
	}
	buf_free(&text);
	return code;
}

static int run(const struct program *p, struct options *o)
{
	const struct router_options *r = &o->daemon.router;
	int code;

	if (o->ask == 'T')
		return check(r, true);
	/* A process that took over goes on, whatever became of the file meanwhile. */
	code = p->again ? EX_OK : check(r, false);
	return code ? code : daemon_run(p, &o->daemon);
}

static int act(const struct program *p, struct options *o)
{
	struct daemon_options *d = &o->daemon;
	char *config = front_file(p, o->config, SYSCONFDIR, o->name, "conf");
	char *sock = front_file(p, o->socket, RUNSTATEDIR, o->name, "sock");
	char *pidfile = front_file(p, o->pidfile, RUNSTATEDIR, o->name, "pid");
	struct buf dump = { 0 };
	int code;

	buf_printf(&dump, RUNSTATEDIR "/%s/%s.dump", o->name, o->name);
	buf_add(&dump, "", 1);

	d->router.seed = front_seed();
	d->ident = o->name;
	d->router.config = config;
	d->socket = sock;
	d->pidfile = pidfile;
	d->dump = (struct dump){ buf_at(&dump), state };
	if (o->ask && o->ask != 'T')
		code = ask(sock, o->ask);
	else
		code = run(p, o);
	free(config);
	free(sock);
	free(pidfile);
	buf_free(&dump);
	return code;
}

static int wrong(int letter, const char *what)
{
	fprintf(stderr, NAME ": -%c wants %s\n", letter, what);
	return EX_USAGE;
}

/* Of those that have an argument. -1 to go on, or the exit code. */
static int option_with(struct options *o, int c, const char *arg)
{
	struct daemon_options *d = &o->daemon;
	int64_t n;

	switch (c) {
	case 'c':
		o->config = arg;
		break;
	case 'i':
		o->name = arg;
		return strchr(arg, '/') || !*arg ? wrong(c, "a name without a slash") : -1;
	case 'p':
		o->pidfile = arg;
		break;
	case 's':
		return log_level_parse(arg, &d->level) ? -1 : wrong(c, "a level of the log");
	case 't':
		if (!front_number(arg, MAX_TABLE, &n))
			return wrong(c, "the number of a table");
		d->table = n;
		break;
	case 'u':
		o->socket = arg;
		break;
	case 'w':
		if (!front_number(arg, INT32_MAX, &n))
			return wrong(c, "seconds");
		d->delay = SEC(n);
		break;
	}
	return -1;
}

/* Of which parts, all without a list. */
static int debug(struct options *o, const char *systems)
{
	bool all = !systems;

	if (systems && !pimd_systems(systems, &o->daemon.debug, &all))
		return wrong('d', "names of parts, as pimd(8) lists them");
	if (all)
		o->daemon.level = LEVEL_DEBUG;
	return -1;
}

/* One option. -1 to go on, or the exit code. */
static int option(struct options *o, int c)
{
	switch (c) {
	case 'd':
		return debug(o, optarg);
	case 'f':
	case 'n':
		o->daemon.foreground = true;
		return -1;
	case 'h':
		fputs(help, stdout);
		return EX_OK;
	case 'l':
	case 'q':
	case 'r':
	case 'T':
		o->ask = c;
		return -1;
	case 'N':
		disabled = true;
		return -1;
	case 'v':
		puts(PACKAGE_STRING);
		return EX_OK;
	case '?':
		return usage();
	default:
		return option_with(o, c, optarg);
	}
}

/* -1 to go on, or the exit code. */
static int read_options(struct options *o, int argc, char **argv)
{
	static const char letters[] = "c:d::fhi:lnNp:qrs:t:Tu:vw:";
	int c, code = -1;

	while (code < 0 && (c = getopt_long(argc, argv, letters, long_options, NULL)) != -1)
		code = option(o, c);
	if (code < 0 && optind < argc) {
		fprintf(stderr, NAME ": '%s' is too much\n", argv[optind]);
		code = usage();
	}
	return code;
}

int main(int argc, char **argv)
{
	struct options o = {
		.name = NAME,
		.daemon = {
			.level = LEVEL_NOTICE,
			.facility = LOG_DAEMON,
			.only_v4 = true,
			.router = { .translate = translate,
				    .fallback = defaults,
				    .cache_idle = SEC(CACHE_IDLE),
				    .modules = modules,
				    .version = PACKAGE_STRING },
		},
	};
	struct program program;
	int code;

	program_init(&program, argc, argv);
	code = read_options(&o, argc, argv);
	if (code < 0)
		code = act(&program, &o);
	program_free(&program);
	buf_free(&o.daemon.debug);
	return code;
}
