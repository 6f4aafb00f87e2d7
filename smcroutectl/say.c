/* say.c - the client's words on standard error, and that its standard streams are what they seem */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "say.h"

static void print(char *text)
{
	for (char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	}
	fprintf(stderr, "%s\n", text);
}

void say(const char *fmt, ...)
{
	char text[512] = "smcroutectl: ";
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + len, sizeof(text) - len, fmt, args);
	va_end(args);
	print(text);
}

void say_line(unsigned line, const char *what)
{
	char text[512];

	snprintf(text, sizeof(text), "line %u: %s", line, what);
	print(text);
}

void open_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", mode);
	}
}

int flush_standard_output(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	say("cannot write: %s", strerror(errno));
	return EX_OSERR;
}
