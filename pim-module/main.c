/* main.c - pimd: options, and what of them is asked of a daemon that runs */
#include <errno.h>
#include <getopt.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "igmpproxy/gm.h"
#include "lib/translation.h"
#include "linux/daemon.h"
#include "pim-module/config.h"
#include "pim-module/systems.h"

#define NAME "pimd"
#define CLIENT "smcroutectl"

/* PIM itself is a module that the configuration opens. */
static const struct module *const modules[] = { &gm_module, NULL };

/* Seconds until an unused route of a source without an own tree goes. */
#define CACHE_IDLE 60

#define MAX_TABLE 999999999

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

/* The path as it is from any folder, or that of the name; to be freed. */
static char *path_of(const struct program *p, const char *path, const char *dir, const char *name,
		     const char *suffix)
{
	struct buf text = { 0 };

	if (!path)
		buf_printf(&text, "%s/%s.%s", dir, name, suffix);
	else if (*path == '/')
		buf_puts(&text, path);
	else
		buf_printf(&text, "%s/%s", p->cwd ? p->cwd : "", path);
	buf_add(&text, "", 1);
	return text.data;
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

static bool can_read(const char *path)
{
	if (!access(path, R_OK))
		return true;
	fprintf(stderr,
		NAME ": %s: %s; without a configuration there would have to be a bootstrap "
		     "router, which is not there yet\n",
		path, strerror(errno));
	return false;
}

/* Whether it can be put in force; what is wrong is printed, and warnings too if @all. */
static bool is_good(const struct router_options *o, bool all)
{
	struct buf text = { 0 };
	unsigned n = daemon_check(o, &text);

	if (n || all)
		fwrite(buf_at(&text), 1, buf_len(&text), stderr);
	buf_free(&text);
	return !n;
}

static void print(const struct buf *text)
{
	struct translation t = { 0 };
	struct origin from;

	translate(&t, buf_at(text), buf_len(text));
	while (translation_origin(&t.origins, &from)) {
		const char *line = buf_at(&t.text);
		int len = (const char *)memchr(line, '\n', buf_len(&t.text)) - line;

		if (from.kind == LINE_STATEMENT)
			printf("%.*s\n", len, line);
		else
			printf("# line %u: %.*s\n", from.line, len, line);
		buf_take(&t.text, len + 1);
	}
	translation_free(&t);
}

static int print_translation(const struct router_options *o)
{
	struct buf text = { 0 };
	FILE *f = fopen(o->config, "re");
	size_t n;

	while (f && (n = fread(buf_room(&text, BUFSIZ), 1, BUFSIZ, f)))
		buf_grow(&text, n);
	if (f)
		fclose(f);
	print(&text);
	buf_free(&text);
	return EX_OK;
}

/* Commands for the client, which is to read them from its standard input. */
static bool put_input(const char *commands)
{
	int fd[2];
	size_t len = strlen(commands);

	if (pipe(fd) || write(fd[1], commands, len) != (ssize_t)len)
		return false;
	close(fd[1]);
	return dup2(fd[0], STDIN_FILENO) >= 0;
}

/* The client asks the one that runs, in the place of this program. */
static int ask(const char *sock, int what)
{
	const char *commands = what == 'l'   ? "reload\n"
			       : what == 'q' ? "kill\n"
					     : "show pim\nshow pim tree\nshow igmp\nshow groups\n"
					       "show routes\n";

	if (put_input(commands))
		execlp(CLIENT, CLIENT, "-u", sock, "-b", (char *)NULL);
	fprintf(stderr, NAME ": " CLIENT ": %s\n", strerror(errno));
	return EX_OSERR;
}

static int run(const struct program *p, struct options *o)
{
	struct daemon_options *d = &o->daemon;

	if (!can_read(d->router.config))
		return EX_NOINPUT;
	if (!is_good(&d->router, o->ask == 'T'))
		return EX_CONFIG;
	if (o->ask == 'T')
		return print_translation(&d->router);
	return daemon_run(p, d);
}

static int act(const struct program *p, struct options *o)
{
	struct daemon_options *d = &o->daemon;
	char *config = path_of(p, o->config, SYSCONFDIR, o->name, "conf");
	char *sock = path_of(p, o->socket, RUNSTATEDIR, o->name, "sock");
	char *pidfile = path_of(p, o->pidfile, RUNSTATEDIR, o->name, "pid");
	int code;

	if (getrandom(&d->router.seed, sizeof(d->router.seed), 0) < 0)
		d->router.seed = getpid();
	d->ident = o->name;
	d->router.config = config;
	d->socket = sock;
	d->pidfile = pidfile;
	if (o->ask && o->ask != 'T')
		code = ask(sock, o->ask);
	else if (p->again)
		code = daemon_run(p, d);
	else
		code = run(p, o);
	free(config);
	free(sock);
	free(pidfile);
	return code;
}

static bool parse_number(const char *text, unsigned long max, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *n <= max;
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
	unsigned long n;

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
		if (!parse_number(arg, MAX_TABLE, &n))
			return wrong(c, "the number of a table");
		d->table = n;
		break;
	case 'u':
		o->socket = arg;
		break;
	case 'w':
		if (!parse_number(arg, INT32_MAX, &n))
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
