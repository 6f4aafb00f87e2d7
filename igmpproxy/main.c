/* main.c - igmpproxy: options, and what of a configuration is for the process */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "igmpproxy/config.h"
#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "linux/front.h"

#define IDENT "igmpproxy"

/* The codes that scripts know. */
#define EXIT_USAGE 1
#define EXIT_FATAL 255

static const struct module *const modules[] = { &gm_module, &proxy_module, NULL };

/* Seconds until an unused learned route goes. */
#define CACHE_IDLE 60

static const char help[] =
	"usage: igmpproxy [-dhnvV] [-t ID] [-u FILE] CONFIGFILE\n"
	"       igmpproxy -T CONFIGFILE\n"
	"\n"
	"  -d       stay in the foreground, log to standard error\n"
	"  -h       this text\n"
	"  -n       stay in the foreground, log to syslog\n"
	"  -t ID    the kernel's multicast routing table of that number [0, the default one]\n"
	"  -T       print the configuration in the words of smcroute.conf and exit\n"
	"  -u FILE  control socket [" RUNSTATEDIR "/" IDENT ".sock]\n"
	"  -v       log more; -vv logs everything\n"
	"  -V       the version\n";

struct options {
	const char *config, *socket;
	bool to_stderr, translate;
	struct daemon_options daemon;
};

static int usage(const char *why)
{
	fprintf(stderr, "%s\n%s", why, help);
	return EXIT_USAGE;
}

/* Warnings too if @all. */
static bool is_wrong(const struct router_options *o, bool all)
{
	bool is_bad = !front_check(o, all);

	if (is_bad)
		fputs("Unable to load config file...\n", stderr);
	return is_bad;
}

static int translate(const struct daemon_options *d, const struct buf *text)
{
	char *user;

	if (is_wrong(&d->router, true))
		return EXIT_FATAL;
	user = igmpproxy_user(buf_at(text), buf_len(text));
	if (user)
		printf("# to be started by: smcrouted -p %s\n", user);
	front_print(&d->router, text);
	free(user);
	return EX_OK;
}

/* What daemon_run() says, as igmpproxy would. */
static int exit_code(int code)
{
	if (code == EX_OK)
		return EX_OK;
	return code == EX_NOPERM ? EXIT_USAGE : EXIT_FATAL;
}

static int run(const struct program *p, struct daemon_options *d, const struct buf *text)
{
	char *user = igmpproxy_user(buf_at(text), buf_len(text));
	const char *why = priv_parse(&d->user, user);
	bool is_bad = false;
	int code;

	/* A process that took over goes on, whatever became of the file meanwhile. */
	if (!p->again && priv_suffices())
		is_bad = is_wrong(&d->router, false);
	if (!p->again && !is_bad && why) {
		fprintf(stderr, IDENT ": user %s: %s\n", user, why);
		is_bad = true;
	}
	code = is_bad ? EXIT_FATAL : exit_code(daemon_run(p, d));
	free(user);
	return code;
}

static int act(const struct program *p, struct options *o)
{
	struct daemon_options *d = &o->daemon;
	char *config = front_path(p, o->config), *sock = front_path(p, o->socket);
	struct buf text = { 0 };
	int code;

	d->router.seed = front_seed();
	d->router.config = config;
	d->socket = sock;
	d->syslog = !o->to_stderr;
	front_read(&d->router, &text);
	code = o->translate ? translate(d, &text) : run(p, d, &text);
	buf_free(&text);
	free(config);
	free(sock);
	return code;
}

/* One option. -1 to go on, or the exit code. */
static int option(struct options *o, int c)
{
	struct daemon_options *d = &o->daemon;
	int64_t n;

	switch (c) {
	case 'd':
		o->to_stderr = d->foreground = true;
		return -1;
	case 'h':
		fputs(help, stderr);
		return EX_OK;
	case 'n':
		d->foreground = true;
		return -1;
	case 't':
		if (!front_number(optarg, UINT32_MAX, &n))
			return usage("-t wants the number of a table");
		d->table = n;
		return -1;
	case 'T':
		o->translate = true;
		return -1;
	case 'u':
		o->socket = optarg;
		return -1;
	case 'v':
		d->level = d->level == LEVEL_INFO ? LEVEL_DEBUG : LEVEL_INFO;
		return -1;
	case 'V':
		puts(PACKAGE_STRING);
		return EX_OK;
	default:
		return EXIT_USAGE;
	}
}

/* -1 to go on, or the exit code. */
static int read_options(struct options *o, int argc, char **argv)
{
	int c, code = -1;

	while (code < 0 && (c = getopt(argc, argv, "dhnt:Tu:vV")) != -1)
		code = option(o, c);
	if (code >= 0)
		return code;
	if (optind + 1 != argc)
		return usage("You must specify the configuration file.");
	o->config = argv[optind];
	return -1;
}

int main(int argc, char **argv)
{
	struct options o = {
		.socket = RUNSTATEDIR "/" IDENT ".sock",
		.daemon = {
			.ident = IDENT,
			.level = LEVEL_WARNING,
			.facility = LOG_USER,
			.only_v4 = true,
			.deaf = true,
			.router = { .translate = igmpproxy_translate,
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
	return code;
}
