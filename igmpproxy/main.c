/* main.c - igmpproxy: options, and what of a configuration is for the process */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "igmpproxy/config.h"
#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "lib/translation.h"
#include "linux/daemon.h"
#include "linux/files.h"

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

/* The path as it is from any folder, to be freed. */
static char *absolute(const struct program *p, const char *path)
{
	struct buf text = { 0 };

	if (*path != '/')
		buf_printf(&text, "%s/", p->cwd ? p->cwd : "");
	buf_add(&text, path, strlen(path) + 1);
	return text.data;
}

static void keep_text(void *arg, const char *name, struct buf *text)
{
	struct buf *whole = arg;

	(void)name;
	buf_add(whole, buf_at(text), buf_len(text));
}

/* Prints what is wrong with the file, and warnings too if @all; whether there are errors. */
static bool is_wrong(const struct router_options *o, bool all)
{
	struct buf text = { 0 };
	unsigned n = daemon_check(o, &text);

	if (n || all)
		fwrite(buf_at(&text), 1, buf_len(&text), stderr);
	if (n)
		fputs("Unable to load config file...\n", stderr);
	buf_free(&text);
	return n;
}

/* One line, or what was noted of it. */
static void print_line(struct translation *t, struct origin from)
{
	const char *line = buf_at(&t->text);
	const char *eol = memchr(line, '\n', buf_len(&t->text));
	int len = eol - line;

	if (from.kind == LINE_STATEMENT)
		printf("%.*s\n", len, line);
	else
		printf("# line %u: %.*s\n", from.line, len, line);
	buf_take(&t->text, len + 1);
}

static void print_translation(const struct buf *text, const char *user)
{
	struct translation t = { 0 };
	struct origin from;

	igmpproxy_translate(&t, buf_at(text), buf_len(text));
	if (user)
		printf("# to be started by: smcrouted -p %s\n", user);
	while (translation_origin(&t.origins, &from))
		print_line(&t, from);
	translation_free(&t);
}

static int translate(const struct daemon_options *d, const struct buf *text)
{
	char *user;

	if (is_wrong(&d->router, true))
		return EXIT_FATAL;
	user = igmpproxy_user(buf_at(text), buf_len(text));
	print_translation(text, user);
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
	char *config = absolute(p, o->config), *sock = absolute(p, o->socket);
	struct buf text = { 0 };
	int code;

	if (getrandom(&d->router.seed, sizeof(d->router.seed), 0) < 0)
		d->router.seed = getpid();
	d->router.config = config;
	d->socket = sock;
	d->syslog = !o->to_stderr;
	files_read(NULL, config, keep_text, &text);
	code = o->translate ? translate(d, &text) : run(p, d, &text);
	buf_free(&text);
	free(config);
	free(sock);
	return code;
}

static bool parse_table(const char *text, uint32_t *table)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	*table = n;
	return *text >= '0' && *text <= '9' && !*end && !errno && n <= UINT32_MAX;
}

/* One option. -1 to go on, or the exit code. */
static int option(struct options *o, int c)
{
	struct daemon_options *d = &o->daemon;

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
		return parse_table(optarg, &d->table) ? -1
						      : usage("-t wants the number of a table");
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
