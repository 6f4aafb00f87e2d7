/* sink.c - where log lines go: standard error, syslog, or both */
#include <stdio.h>
#include <syslog.h>

#include "linux/sink.h"

static const int priority[] = {
	[LEVEL_NONE] = LOG_DEBUG,    [LEVEL_ERR] = LOG_ERR,   [LEVEL_WARNING] = LOG_WARNING,
	[LEVEL_NOTICE] = LOG_NOTICE, [LEVEL_INFO] = LOG_INFO, [LEVEL_DEBUG] = LOG_DEBUG,
};

static void write_line(struct log *log, enum log_level level, const char *line)
{
	struct sink *s = container_of(log, struct sink, log);

	if (s->to_stderr)
		fprintf(stderr, "%s: %s\n", s->ident, line);
	if (s->to_syslog)
		syslog(priority[level], "%s", line);
}

void sink_open(struct sink *s, const char *ident, enum log_level level, int facility)
{
	*s = (struct sink){ .ident = ident };
	log_init(&s->log, level, write_line);
	openlog(ident, LOG_PID, facility);
}

void sink_close(struct sink *s)
{
	closelog();
	log_free(&s->log);
}
