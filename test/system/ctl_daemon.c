/* ctl_daemon.c - the daemon's side of the control protocol, with canned answers
 *
 * usage: ctl_daemon SOCKET LOG [ROWS]. What changes something is written to LOG; a request with
 * the word "bad" fails, and kill closes the connection without an answer. Reads and writes block:
 * a client that does not read its answers while it sends stands still with it. "show routes" has
 * ROWS rows in the kernel's table, 2 by default. Says "ready" when it listens, which it does
 * CTL_DAEMON_LATE milliseconds after its socket is there.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static FILE *out, *request_log;
static int client;
static long rows = 2;
static bool stop, failed;

/* A record, with ' for ". */
static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	for (char *p = line; *p; p++)
		if (*p == '\'')
			*p = '"';
	fprintf(out, "%s\n", line);
}

static void show_routes(bool detail)
{
	say("{'table':'asm','width':4}");
	say("{'source':null,'group':'225.3.3.0/24','iif':'a1','oifs':['a2','b1'],'origin':'file'}");
	say("{'source':'10.0.0.0/24','group':'225.5.5.5','iif':'a1','oifs':['b1','b9'],"
	    "'pending':['b9'],'origin':'command'}");
	say("{'table':'ssm','width':4}");
	say("{'table':'kernel','width':4}");
	for (long i = 0; i < rows; i++) {
		char counters[128] = "";

		if (detail)
			snprintf(counters, sizeof(counters),
				 ",'packets':%ld,'bytes':%ld,'wrong':0,'wants':['static learned']",
				 i * 10, i * 1000);
		say("{'source':'10.%ld.%ld.%ld','group':'225.5.5.5','iif':'%s',"
		    "'oifs':['b1','b2'],'owner':'static','state':'%s'%s}",
		    i >> 16 & 255, i >> 8 & 255, i & 255, i ? "eth9" : "a1",
		    i == 1 ? "refused','reason':'table full" : "forward", counters);
	}
}

static void show_groups(void)
{
	say("{'table':'groups','width':4}");
	say("{'source':null,'group':'225.1.1.1','iif':'a1','state':'joined','origin':'file'}");
	say("{'source':'2001:db8::1','group':'ff3e::1','iif':'b9','state':'pending',"
	    "'origin':'file'}");
}

static void show_interfaces(void)
{
	say("{'table':'interfaces','width':8}");
	say("{'index':1,'name':'lo','up':true,'vif':null,'mif':null,'slot':null}");
	say("{'index':27,'name':'eth-long','up':false,'vif':0,'mif':3,'slot':5}");
}

static void help(void)
{
	say("{'table':'help'}");
	say("{'words':'add','args':'IIF GROUP OIF...','help':'hidden','change':true}");
	say("{'words':'show neighbors','args':'[detail]','help':'who is there','change':false}");
}

static bool fail(const char *error)
{
	failed = true;
	say("{'error':'%s','column':5}", error);
	return false;
}

static void events(void)
{
	char c;

	say("{'event':'route','time':12345,'group':'225.1.1.1','iif':'a1'}");
	say("{'event':'interface','time':70001,'name':'a\\u001b[1m','list':['x','y']}");
	fflush(out);
	while (read(client, &c, 1) > 0)
		;
}

/* True if ok is the answer's last line. */
static bool answer(char *line)
{
	if (stop && failed)
		return fail("skipped");
	if (strstr(line, "bad"))
		return fail("bad is no group");
	if (!strncmp(line, "batch stop", 10))
		stop = true;
	else if (!strncmp(line, "show routes", 11))
		show_routes(strstr(line, "detail"));
	else if (!strncmp(line, "show groups", 11))
		show_groups();
	else if (!strncmp(line, "show interfaces", 15))
		show_interfaces();
	else if (!strncmp(line, "show neighbors", 14))
		say("{'table':'neighbors'}\n{'address':'10.0.0.2','oifs':['a','b']}");
	else if (!strncmp(line, "show", 4))
		return fail("unknown request");
	else if (!strncmp(line, "help", 4))
		help();
	else if (!strncmp(line, "version", 7))
		say("{'version':'smckit 9.9.9'}");
	else if (!strncmp(line, "monitor", 7))
		events();
	else
		fprintf(request_log, "%s\n", line);
	return true;
}

/* Answers to what came in one piece go in one piece, as far as it goes. */
static void serve(int fd)
{
	static char data[65536];
	size_t len = 0;
	ssize_t n;

	out = fdopen(dup(fd), "w");
	client = fd;
	stop = failed = false;
	while ((n = read(fd, data + len, sizeof(data) - 1 - len)) > 0) {
		char *line = data, *end;

		len += n;
		while ((end = memchr(line, '\n', data + len - line))) {
			*end = '\0';
			if (!strcmp(line, "kill "))
				goto out;
			if (answer(line))
				say("{'ok':true}");
			line = end + 1;
		}
		len = data + len - line;
		memmove(data, line, len);
		fflush(request_log);
		if (fflush(out))
			break;
	}
out:
	fclose(out);
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc < 3)
		return 64;
	if (argc > 3)
		rows = atol(argv[3]);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", argv[1]);
	request_log = fopen(argv[2], "w");
	if (!request_log || bind(fd, (void *)&sun, sizeof(sun)))
		return 71;
	if (getenv("CTL_DAEMON_LATE"))
		usleep(atoi(getenv("CTL_DAEMON_LATE")) * 1000);
	if (listen(fd, 5))
		return 71;
	puts("ready");
	fflush(stdout);
	signal(SIGPIPE, SIG_IGN);
	while ((client = accept(fd, NULL, NULL)) >= 0)
		serve(client);
	return 0;
}
