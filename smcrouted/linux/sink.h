/* sink.h - where log lines go: standard error, syslog, or both */
#ifndef SMCKIT_SINK_H
#define SMCKIT_SINK_H

#include "lib/log.h"

struct sink {
	struct log log;
	const char *ident; /* not ours; in front of each line */
	bool to_stderr, to_syslog;
};

/* @facility is one of syslog(3). */
void sink_open(struct sink *s, const char *ident, enum log_level level, int facility);
void sink_close(struct sink *s);

#endif
